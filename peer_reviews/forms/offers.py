"""What is asked of an offer, its answer, and who endorses, prepares and pays for a review."""

from django import forms

from councils.models import Office
from look.forms import DateField
from peer_reviews.actions.offers import ENDORSING
from peer_reviews.models import Approach, PeerReview

NO_CHILD = "Nothing that identifies a child: case references only."
PROMPT = (
    "Write it as if its subject will read it: posts, not names. Nothing about a child or a family, "
    "who are never identified here."
)
LGA_ALONE = "Seen by the LGA alone."


class Confirmable(forms.Form):
    """A form that may ask whether something is meant all the same: only once it has been refused."""

    confirmed = forms.BooleanField(label="Do it all the same", required=False)

    def ask_only_when_refused(self):
        if not self.is_bound or ("confirmed" not in self.errors and not self.data.get("confirmed")):
            del self.fields["confirmed"]


class DaysFields(forms.Form):
    first_day = DateField(
        label="First day on site",
        error_messages={"required": "Enter the first day on site"},
    )
    last_day = DateField(
        label="Last day on site",
        error_messages={"required": "Enter the last day on site"},
    )


class OfferForm(DaysFields, Confirmable):
    """An offer to a council: what, why now, by whom, and when it could be."""

    kind = forms.ModelChoiceField(
        label="Kind of review", queryset=None, empty_label="Choose a kind", widget=forms.Select
    )
    reason = forms.CharField(
        label="Why now",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"In words for the council, which reads them. {NO_CHILD}",
        error_messages={"required": "Enter why you offer it now"},
    )
    manager = forms.ModelChoiceField(label="Review manager", queryset=None, empty_label="Choose an adviser")
    organiser = forms.ModelChoiceField(
        label="The council’s organiser",
        queryset=None,
        required=False,
        empty_label="The council names one",
    )
    subsidy = forms.ChoiceField(
        label="Who pays", required=False, choices=[("", "To be agreed"), *PeerReview.Subsidy.choices]
    )
    subsidy_basis = forms.CharField(
        label="On what basis",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The risk-based grounds on which it is subsidised. The council reads this in the agreement.",
    )

    field_order = (
        "kind",
        "reason",
        "first_day",
        "last_day",
        "manager",
        "organiser",
        "subsidy",
        "subsidy_basis",
        "confirmed",
    )

    def __init__(self, *args, kinds, managers, organisers, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = kinds
        self.fields["manager"].queryset = managers
        self.fields["organiser"].queryset = organisers
        for name in ("first_day", "last_day"):
            self.fields[name].required = False
        self.fields["first_day"].help_text = "As proposed. Both days may be left until the scope is agreed."
        self.fields["confirmed"].label = "Offer it all the same"
        if viewer.person in list(managers):
            self.fields["manager"].initial = viewer.person_id


class AnswerForm(forms.Form):
    """The council's answer to an offer."""

    ACCEPT, DECLINE = "accept", "decline"

    answer = forms.ChoiceField(
        label="The council’s answer",
        choices=[(ACCEPT, "Accept the offer"), (DECLINE, "Decline it")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether the council accepts"},
    )
    reason = forms.CharField(
        label="If you decline, why",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"Read by the LGA and by your own council, and by nobody else. {NO_CHILD}",
    )
    organiser = forms.ModelChoiceField(
        label="If you accept, who will organise it at the council",
        queryset=None,
        required=False,
        empty_label="To be named later",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, review, organisers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organiser"].queryset = organisers
        for name in ("reason", "organiser"):
            self.fields[name].optional_is_said = True
        self.initial = {"organiser": review.organiser_id, "revision": review.revision}


class EndorseForm(forms.Form):
    office = forms.ChoiceField(
        label="Who endorses the review",
        choices=[(str(office), office.label) for office in ENDORSING],
        widget=forms.RadioSelect,
        error_messages={"required": "Select who endorses the review"},
    )
    endorsed_on = DateField(label="On", error_messages={"required": "Enter the day"})

    def __init__(self, *args, today, missing, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"endorsed_on": today, "office": missing[0] if len(missing) == 1 else None}


class RevisionForm(forms.Form):
    """Nothing but a button, about a review as it was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, review, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = review.revision


class OrganiserForm(RevisionForm):
    organiser = forms.ModelChoiceField(
        label="Who organises it at the council",
        queryset=None,
        required=False,
        empty_label="Nobody yet",
    )

    def __init__(self, *args, review, organisers, **kwargs):
        super().__init__(*args, review=review, **kwargs)
        self.fields["organiser"].queryset = organisers
        self.fields["organiser"].initial = review.organiser_id
        self.fields["organiser"].optional_is_said = True


class SubsidyForm(RevisionForm):
    subsidy = forms.ChoiceField(
        label="Who pays",
        choices=PeerReview.Subsidy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select who pays"},
    )
    subsidy_basis = forms.CharField(
        label="On what basis",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The council reads this in the agreement.",
    )

    def __init__(self, *args, review, **kwargs):
        super().__init__(*args, review=review, **kwargs)
        self.fields["subsidy"].initial = review.subsidy
        self.fields["subsidy_basis"].initial = review.subsidy_basis


class ApproachForm(forms.Form):
    """An approach to a council: when, by which network, to which post, what was said, how long it is kept."""

    approached_on = DateField(label="Date", error_messages={"required": "Enter the day of the approach"})
    network = forms.ChoiceField(
        label="By which network",
        choices=Approach.Network.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select the network"},
    )
    office = forms.ChoiceField(label="To which post", choices=Office.choices)
    retain_until = DateField(
        label="Keep until",
        required=False,
        error_messages={"required": "Enter the day until which it is kept"},
    )
    said = forms.CharField(
        label="What was said",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=PROMPT,
        error_messages={"required": "Enter what was said"},
    )


class LogApproachForm(ApproachForm):
    """A new approach, of today, unless told otherwise."""

    def __init__(self, *args, today, kept, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"approached_on": today, "office": Office.DCS}
        if kept is None:
            self.fields["retain_until"].required = True
        else:
            self.fields["retain_until"].help_text = f"Blank: {kept[1]} months, as for every approach."


class ChangeApproachForm(ApproachForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, approach, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["retain_until"].required = True
        self.initial = {
            "approached_on": approach.on,
            "network": approach.network,
            "office": approach.office,
            "retain_until": approach.retain_until,
            "said": approach.said,
            "revision": approach.revision,
        }


class DeleteApproachForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why it is deleted",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The reason stays, with the date and the network. What was said goes for good.",
    )

    def __init__(self, *args, approach, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = approach.revision
