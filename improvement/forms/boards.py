"""What is asked about an improvement board."""

import re
from datetime import timedelta

from django import forms

from improvement.actions.boards import MOST_PAPERS_DAYS
from improvement.models import BoardDecision, SignOff
from improvement.rules.boards import MOST_MEETINGS, Every
from look.forms import DateField

ONE_DAY = timedelta(days=1)
NO_CHILD = "Posts, not names; nothing by which a child or family could be known."


class BoardForm(forms.Form):
    name = forms.CharField(label="Name", max_length=160)
    papers_days = forms.IntegerField(
        label="Working days before a meeting by which papers are due",
        min_value=0,
        max_value=MOST_PAPERS_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
        help_text="Updates are due by then too. A meeting may have a day of its own.",
        error_messages={
            "required": "Enter how many working days before a meeting its papers are due",
            "invalid": "Working days must be a whole number, such as 5",
            "min_value": "Working days must be 0 or more",
            "max_value": f"Working days must be {MOST_PAPERS_DAYS} or fewer",
        },
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, board=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"name": "Improvement board", "papers_days": 5}
        if board is not None:
            self.initial = {"name": board.name, "papers_days": board.papers_days, "revision": board.revision}


class MemberForm(forms.Form):
    post = forms.CharField(
        label="Post", max_length=120, help_text="Such as “Independent chair” or “Director of nursing”."
    )
    name = forms.CharField(label="Name", max_length=120, required=False)
    body = forms.CharField(
        label="Body", max_length=120, required=False, help_text="Blank for the council itself."
    )
    chairs = forms.BooleanField(label="Chairs the board", required=False)
    person = forms.ModelChoiceField(
        label="Who it is, if they sign in here",
        queryset=None,
        required=False,
        empty_label="Nobody who signs in",
        help_text="A chair who holds the role of board chair reads the plan and its updates from then on.",
    )
    from_on = DateField(label="From", error_messages={"required": "Enter the first day on the board"})

    def __init__(self, *args, people, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people
        self.fields["from_on"].initial = today


class EndMemberForm(forms.Form):
    last_on = DateField(
        label="Last day on the board", error_messages={"required": "Enter the last day on the board"}
    )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["last_on"].initial = today


class MeetingsForm(forms.Form):
    """One meeting, a run of them, or a list of days."""

    ONCE, LISTED = "once", "listed"

    how = forms.ChoiceField(
        label="How often",
        choices=[
            (ONCE, "Once"),
            (Every.MONTH, "Every month"),
            (Every.SIX_WEEKS, "Every 6 weeks"),
            (Every.QUARTER, "Every 3 months"),
            (LISTED, "On the days that I list"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select how often the board meets"},
    )
    meets_on = DateField(
        label="The meeting, or the first of them",
        required=False,
        help_text="One of a run that falls on a weekend or bank holiday moves to the next working day.",
    )
    count = forms.IntegerField(
        label="How many meetings",
        help_text="Of a run.",
        required=False,
        initial=6,
        min_value=1,
        max_value=MOST_MEETINGS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
        error_messages={
            "invalid": "The number of meetings must be a whole number",
            "min_value": "The number of meetings must be 1 or more",
            "max_value": f"The number of meetings must be {MOST_MEETINGS} or fewer",
        },
    )
    days = forms.CharField(
        label="Days, where you list them",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Each on a line of its own, such as 12 March 2027.",
    )

    optional_is_said = ("meets_on", "count", "days")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.optional_is_said:
            self.fields[name].optional_is_said = True

    def clean_days(self):
        lines = [line.strip() for line in self.cleaned_data["days"].splitlines()]
        return [_day(line, place) for place, line in enumerate(lines, 1) if line]

    def clean(self):
        asked = super().clean()
        how = asked.get("how")
        if how == self.LISTED and not asked.get("days") and "days" not in self.errors:
            self.add_error("days", "Enter at least one day")
        if how and how != self.LISTED and not asked.get("meets_on") and "meets_on" not in self.errors:
            self.add_error("meets_on", "Enter the day of the meeting")
        if how in tuple(Every) and not asked.get("count") and "count" not in self.errors:
            self.add_error("count", "Enter how many meetings")
        return asked


def _day(line, place):
    parts = re.split(r"[\s/.,-]+", line.strip(" .,"))
    if len(parts[0]) == 4:
        parts.reverse()
    try:
        if len(parts) != 3:
            raise forms.ValidationError("")
        return DateField(label=line).to_python(parts)
    except forms.ValidationError:
        raise forms.ValidationError(
            f"Line {place}, “{line[:40]}”, must be a real date, such as 12 March 2027"
        ) from None


class ChangeMeetingForm(forms.Form):
    meets_on = DateField(
        label="Day of the meeting", error_messages={"required": "Enter the day of the meeting"}
    )
    papers_due_on = DateField(
        label="Papers due by", required=False, help_text="Blank: worked out from the board’s working days."
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {
            "meets_on": meeting.meets_on,
            "papers_due_on": meeting.papers_due_on,
            "revision": meeting.revision,
        }


class RecordMeetingForm(forms.Form):
    HELD, NOT_HELD = "yes", "no"

    held = forms.ChoiceField(
        label="Did the board meet?",
        choices=[(HELD, "Yes"), (NOT_HELD, "No, it was called off")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether the board met"},
    )
    present = forms.ModelMultipleChoiceField(
        label="Who was present", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=NO_CHILD,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, meeting, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["present"].queryset = members
        self.fields["present"].label_from_instance = member_words
        held = {True: self.HELD, False: self.NOT_HELD}.get(meeting.held)
        present = [member.pk for member in meeting.present.all()] if meeting.pk else []
        self.initial = {
            "held": held,
            "present": present,
            "note": meeting.note,
            "revision": meeting.revision,
        }


def member_words(member):
    """Return "Director of nursing, Saltmarsh Health (Ada Fell)", as far as it is known."""
    words = ", ".join(filter(None, [member.post, member.body]))
    return f"{words} ({member.name})" if member.name else words


class DecisionForm(forms.Form):
    kind = forms.ChoiceField(
        label="What it is",
        choices=[
            (BoardDecision.Kind.DECISION, "A decision"),
            (BoardDecision.Kind.CHALLENGE, "A challenge, which the council is to answer"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select a decision or a challenge"},
    )
    text = forms.CharField(
        label="What the board decided or asked",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=NO_CHILD,
        error_messages={"required": "Enter what the board decided or asked"},
    )
    action = forms.TypedChoiceField(
        label="The action that it is about", required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args, actions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", "None in particular"), *actions]


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label="What came of it",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=NO_CHILD,
        error_messages={"required": "Enter the answer"},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, decision, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"answer": decision.answer, "revision": decision.revision}


class SignOffForm(forms.Form):
    state = forms.ChoiceField(
        label="What was found",
        choices=[
            (SignOff.State.EVIDENCED, "Evidenced: the evidence shows that it was done"),
            (SignOff.State.SIGNED_OFF, "Signed off: done, evidenced and closed"),
            (SignOff.State.WITHDRAWN, "The sign-off is withdrawn"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select what was found"},
    )
    meeting = forms.ModelChoiceField(
        label="At the meeting of", queryset=None, required=False, empty_label="No meeting"
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=NO_CHILD,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, meetings, seen, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings
        self.fields["meeting"].label_from_instance = lambda one: f"{one.meets_on.day} {one.meets_on:%B %Y}"
        self.fields["seen"].initial = seen
        if not seen:
            self.fields["state"].choices = self.fields["state"].choices[:-1]
