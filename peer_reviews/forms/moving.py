"""What is asked when a review goes on, gets its days, is put off, taken up again or cancelled, or Ofsted calls."""

from django import forms

from look.forms import DateField
from peer_reviews.actions.calls import CANCEL, POSTPONE
from peer_reviews.forms.offers import NO_CHILD, Confirmable, DaysFields, RevisionForm
from peer_reviews.models import OfstedCall, Stage


class GoOnForm(RevisionForm):
    """To which stage, where there is a choice; and why without what is missing, where that may be explained."""

    to = forms.ChoiceField(
        label="What comes next",
        widget=forms.RadioSelect,
        error_messages={"required": "Select what comes next"},
    )
    reason = forms.CharField(
        label="Why it goes on without that",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"Kept with the stage, and read by the council. {NO_CHILD}",
    )

    field_order = ("to", "reason", "revision")

    def __init__(self, *args, review, stages, asks_why, **kwargs):
        super().__init__(*args, review=review, **kwargs)
        self.fields["to"].choices = [(stage, Stage(stage).label) for stage in stages]
        if len(stages) == 1:
            self.fields["to"].widget = forms.HiddenInput()
            self.fields["to"].initial = stages[0]
        else:
            self.fields["reason"].label = "Why there is no follow-up, if you close it without one"
        if not asks_why:
            del self.fields["reason"]
        else:
            self.fields["reason"].optional_is_said = True


class DaysForm(DaysFields, Confirmable, RevisionForm):
    field_order = ("first_day", "last_day", "confirmed", "revision")

    def __init__(self, *args, review, **kwargs):
        super().__init__(*args, review=review, **kwargs)
        self.fields["first_day"].initial, self.fields["last_day"].initial = review.first_day, review.last_day
        self.fields["last_day"].help_text = f"{review.kind} usually takes {review.kind.days_on_site} days."
        self.fields["confirmed"].label = "Keep these days all the same"


class ResumeForm(DaysForm):
    def __init__(self, *args, review, asks_for_days, **kwargs):
        super().__init__(*args, review=review, **kwargs)
        for name in ("first_day", "last_day"):
            self.fields[name].initial = None
            if not asks_for_days:
                del self.fields[name]


class ReasonForm(RevisionForm):
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"The council and the team read it. {NO_CHILD}",
        error_messages={"required": "Enter why"},
    )


class CallForm(RevisionForm):
    called_on = DateField(
        label="When Ofsted called", error_messages={"required": "Enter the day on which Ofsted called"}
    )
    answer = forms.ChoiceField(
        label="What was agreed",
        choices=OfstedCall.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what was agreed"},
    )
    then = forms.ChoiceField(
        label="If it stops, the review is",
        choices=[(POSTPONE, "Postponed"), (CANCEL, "Cancelled")],
        widget=forms.RadioSelect,
        required=False,
    )
    agreed_by = forms.CharField(
        label="Who agreed",
        max_length=200,
        help_text="Posts, not names: “Director of children’s services, lead peer and review manager”.",
        error_messages={"required": "Enter the posts that agreed"},
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"What is handed over, and to whom. {NO_CHILD}",
    )

    def __init__(self, *args, review, today, **kwargs):
        super().__init__(*args, review=review, **kwargs)
        self.fields["called_on"].initial = today
        self.fields["then"].optional_is_said = True
