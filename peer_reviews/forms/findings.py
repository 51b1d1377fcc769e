"""What is asked about a finding, and about the pre-brief."""

from datetime import datetime

from django import forms
from django.utils.timezone import get_current_timezone, localtime

from look.forms import DateField
from peer_reviews.actions.findings import MOST_SUPPORT_DAYS, SUPPORT_DAYS
from peer_reviews.models import Finding, Note

NO_CHILD = (
    "Nothing by which a child or family could be known; a case by its reference only. Posts, not names."
)
REVISION = {"widget": forms.HiddenInput, "required": False}


class FindingForm(forms.Form):
    """A finding's words and what they are. `notes` are the numbers of those that it gathers from the start."""

    kind = forms.ChoiceField(label="It is", choices=Finding.Kind.choices, widget=forms.RadioSelect)
    wording = forms.CharField(
        label="What the team found",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=NO_CHILD,
    )
    line = forms.TypedChoiceField(label="Line of enquiry", coerce=int, empty_value=None, required=False)
    severity = forms.ChoiceField(
        label="How severe it is",
        choices=[("", "Not said"), *Finding.Severity.choices],
        required=False,
        widget=forms.RadioSelect,
        help_text="Of an area for consideration or a recommendation.",
    )
    rests_on = forms.TypedMultipleChoiceField(
        label="Findings that a recommendation rests on",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    notes = forms.TypedMultipleChoiceField(coerce=int, required=False, widget=forms.MultipleHiddenInput)
    revision = forms.IntegerField(**REVISION)

    def __init__(self, *args, lines, findings=(), notes=(), finding=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [("", "None in particular"), *((one.pk, one.title) for one in lines)]
        self.fields["rests_on"].choices = [(one.pk, shortly(one.wording)) for one in findings]
        if not findings:
            del self.fields["rests_on"]
        self.fields["notes"].choices = [(number, number) for number in notes]
        self.initial = {"notes": list(notes)}
        if finding is not None:
            del self.fields["notes"]
            self.initial = {
                "kind": finding.kind,
                "wording": finding.wording,
                "line": finding.line_id or "",
                "severity": finding.severity,
                "rests_on": [one.pk for one in finding.rests_on.all()],
                "revision": finding.revision,
            }
        else:
            del self.fields["revision"]


def shortly(words, most=110):
    """Return the words, cut at a space where they are long."""
    if len(words) <= most:
        return words
    return words[:most].rsplit(" ", 1)[0] + " …"


class RevisionForm(forms.Form):
    """A button that does one thing to a finding as it was read."""

    revision = forms.IntegerField(**REVISION)

    def __init__(self, *args, finding, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"revision": finding.revision}


class DissentForm(forms.Form):
    text = forms.CharField(
        label="How you see it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"The team reads it beside the finding, and it is kept. {NO_CHILD}",
    )


class RiskForm(RevisionForm):
    days = forms.IntegerField(
        label="Days within which support is to be offered",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
        min_value=1,
        max_value=MOST_SUPPORT_DAYS,
        error_messages={
            "required": "Enter within how many days support is to be offered",
            "invalid": "Days must be a whole number, such as 10",
            "min_value": "Days must be 1 or more",
            "max_value": f"Days must be {MOST_SUPPORT_DAYS} or fewer",
        },
    )

    def __init__(self, *args, finding, **kwargs):
        super().__init__(*args, finding=finding, **kwargs)
        self.initial["days"] = SUPPORT_DAYS


class Numbers(forms.Field):
    """The numbers of ticked boxes, as they were sent."""

    widget = forms.MultipleHiddenInput

    def clean(self, value):
        return [int(one) for one in value or () if str(one).isdecimal() and len(str(one)) < 19]


class GatherForm(forms.Form):
    """Which notes to add to a finding and which to take away: the page draws their boxes beside the notes."""

    add = Numbers(required=False)
    remove = Numbers(required=False)


class NoteFilterForm(forms.Form):
    """Which of the team's notes to look through."""

    q = forms.CharField(label="Words", required=False, max_length=100)
    line = forms.TypedChoiceField(label="Line of enquiry", coerce=int, empty_value=None, required=False)
    kind = forms.ChoiceField(label="It is", choices=[("", "Any"), *Note.Kind.choices], required=False)

    def __init__(self, *args, lines, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [("", "Any"), *((one.pk, one.title) for one in lines)]
        for field in self.fields.values():
            field.optional_is_said = True

    def asked(self):
        """Return what to narrow by; what makes no sense narrows nothing."""
        self.is_valid()
        asked = self.cleaned_data
        return {"words": asked.get("q", ""), "line": asked.get("line"), "kind": asked.get("kind", "")}


class PreBriefForm(forms.Form):
    HEARD = [
        ("dcs", "Director of children’s services"),
        ("chief_executive", "Chief executive"),
        ("leader", "Leader"),
    ]

    held_on = DateField(label="Day", error_messages={"required": "Enter the day it was held"})
    time = forms.TimeField(
        label="Time",
        input_formats=["%H:%M", "%H.%M", "%H%M"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "text", "class": "govuk-input--width-5"}),
        help_text="For example, 09:30 or 14:00.",
        error_messages={"invalid": "Time must be like 09:30", "required": "Enter the time it was held"},
    )
    heard = forms.MultipleChoiceField(
        label="Who heard it",
        choices=HEARD,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select who heard it"},
    )
    why_not_all = forms.CharField(
        label="Why not all three, if so",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Posts, not names.",
    )
    revision = forms.IntegerField(**REVISION)

    def __init__(self, *args, brief=None, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"held_on": today}
        if brief is not None:
            held_at = localtime(brief.held_at)
            self.initial = {
                "held_on": held_at.date(),
                "time": held_at.time(),
                "heard": [name for name, _ in self.HEARD if getattr(brief, name)],
                "why_not_all": brief.why_not_all,
                "revision": brief.revision,
            }
        self.fields["why_not_all"].optional_is_said = True

    def asked(self):
        """Return what the action takes."""
        asked = self.cleaned_data
        moment = datetime.combine(asked["held_on"], asked["time"], tzinfo=get_current_timezone())
        return {
            "held_at": moment,
            **{name: name in asked["heard"] for name, _ in self.HEARD},
            "why_not_all": asked["why_not_all"],
            "revision": asked["revision"],
        }
