"""What is asked about the team of a review."""

from django import forms

from look.forms import DateField
from peer_reviews.models import PeerWord


class LookForm(forms.Form):
    """What a suggestion should know or speak besides what the place asks for."""

    q = forms.CharField(label="Name", required=False, max_length=100)
    expertise = forms.TypedChoiceField(label="Expertise", required=False, coerce=int, empty_value=None)
    language = forms.TypedChoiceField(label="Language", required=False, coerce=int, empty_value=None)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        words = list(
            PeerWord.objects.exclude(kind="sector").order_by("name").values_list("kind", "pk", "name")
        )
        for kind, none in (("expertise", "As the place asks"), ("language", "Any")):
            self.fields[kind].choices = [("", none), *((pk, name) for of, pk, name in words if of == kind)]

    def wanted(self):
        """Return the numbers of the words asked for."""
        return [self.cleaned_data[kind] for kind in ("expertise", "language") if self.cleaned_data.get(kind)]


class PutForwardForm(forms.Form):
    """Who is put forward; the role stands in the address."""

    peer = forms.ModelChoiceField(queryset=None, widget=forms.HiddenInput)

    def __init__(self, *args, peers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["peer"].queryset = peers


class OfMember(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, member, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = member.revision


class StandDownForm(OfMember):
    reason = forms.CharField(
        label="Why they stand down",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Nothing that could identify a child.",
    )


class GroupOfficeForm(OfMember):
    agreed_by = forms.CharField(
        label="Which office agreed", max_length=120, help_text="Such as “Independent Group office, LGA”."
    )
    agreed_on = DateField(label="Day on which it agreed")

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agreed_on"].initial = today


class AgreeForm(OfMember):
    YES, NO = "yes", "no"

    agrees = forms.ChoiceField(
        label="Does the council agree?",
        choices=[(YES, "Yes"), (NO, "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether the council agrees"},
    )
    reason = forms.CharField(
        label="Why not",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Where the council does not agree. The LGA reads it; the peer doesn’t.",
    )


class ManagerForm(forms.Form):
    person = forms.ModelChoiceField(label="Review manager", queryset=None, empty_label="Select an adviser")

    def __init__(self, *args, people, held, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people
        self.fields["person"].initial = held


class ObjectionsForm(forms.Form):
    councils = forms.ModelMultipleChoiceField(
        label="Rather nobody from",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, neighbours, held, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["councils"].queryset = neighbours
        self.fields["councils"].initial = held


class ConfirmForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, review, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = review.revision
