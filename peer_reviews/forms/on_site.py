"""What is asked before and on site: documents, requests, activities, audits, the daily word, and worries."""

from datetime import date, datetime

from django import forms
from django.utils import timezone

from cases.uploads import ACCEPTED, EVIDENCE, LARGEST_FILE
from councils.models import Office
from look.forms import DateField
from peer_reviews.models import Activity, AuditedCase, Request
from peer_reviews.models.on_site import SourceType, Voice
from peer_reviews.rules.references import LONGEST_REFERENCE, REFERENCE_HINT

NO_CHILD = "Nothing that identifies a child: give the case reference only."
NO_NAMES = f"Groups and posts, not names. {NO_CHILD}"
TIMES = ["%H:%M", "%H:%M:%S", "%H.%M", "%H%M", "%I:%M%p", "%I.%M%p", "%I%p"]


class TimeField(forms.TimeField):
    """A time of the day; a browser that has a clock of its own shows it, and any other takes 9:30, 0930 or 2:15pm."""

    def __init__(self, **kwargs):
        shown = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "govuk-input--width-5"})
        label = kwargs["label"]
        errors = {
            "invalid": f"{label} must be a time, such as 09:30",
            "required": f"Enter a time for “{label}”",
        }
        super().__init__(widget=shown, input_formats=TIMES, error_messages=errors, **kwargs)

    def to_python(self, value):
        return super().to_python("".join(value.split()).upper() if isinstance(value, str) else value)


class Nothing(forms.Form):
    """A button alone."""


class AboutRevision(forms.Form):
    """A button; the revision says what was seen."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, about, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"revision": about.revision}


class GivenForm(forms.Form):
    """A file or a link."""

    upload = forms.FileField(
        label="A file",
        required=False,
        help_text=f"{ACCEPTED}, {LARGEST_FILE // 1_000_000} MB at most.",
        # What is wrong with a file the action says, for whoever sends one.
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(EVIDENCE)}),
    )
    url = forms.CharField(
        label="Or a link to it",
        required=False,
        help_text="The whole address, such as https://www.example.org/audit.",
    )
    title = forms.CharField(
        label="Title",
        required=False,
        help_text="What the team would call it. Without one it has the file’s name.",
    )


class RoomForm(GivenForm):
    PART, WHOLE, OTHER = "part", "whole", "other"

    what = forms.ChoiceField(
        label="What is it?",
        choices=[
            (OTHER, "A document that the team asked for, or will want"),
            (PART, "Part of our position statement: more follows"),
            (WHOLE, "Our position statement, or the last part of it"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select what it is"},
    )

    field_order = ["what", "upload", "url", "title"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # One of the two is wanted, and the label of the second says so.
        for name in ("upload", "url"):
            self.fields[name].optional_is_said = True

    def answers(self):
        """Return what `put_in_room` takes."""
        given = dict(self.cleaned_data)
        what = given.pop("what")
        return {**given, "position_statement": what != self.OTHER, "complete": what == self.WHOLE}


class RequestForm(forms.Form):
    kind = forms.ChoiceField(
        label="What do you need?",
        choices=Request.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what you need"},
    )
    text = forms.CharField(
        label="In a sentence or two",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"The council reads this. {NO_CHILD}",
        error_messages={"required": "Enter what you need"},
    )
    due_on = DateField(label="Wanted by", required=False)

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = today


class AnswerForm(GivenForm):
    outcome = forms.ChoiceField(
        label="Does the team get it?",
        choices=[
            (Request.Outcome.GIVEN, "Yes: here it is, or when and where"),
            (Request.Outcome.CANNOT, "No, it can’t be given"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether the team gets it"},
    )
    answer = forms.CharField(
        label="Answer",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"Why not, where it can’t be given. {NO_CHILD}",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ["outcome", "answer", "upload", "url", "title", "revision"]

    def __init__(self, *args, about, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"revision": about.revision}
        self.fields["upload"].label = "A file, if there is one"


class DayField(forms.TypedChoiceField):
    """One of a review's days, the days on site first."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", "Day")
        super().__init__(coerce=date.fromisoformat, error_messages={"required": "Select the day"}, **kwargs)

    def offer(self, on_site, before, *others):
        choices = [("On site", [_day_choice(day) for day in on_site])]
        if before:
            choices.append(("Before", [_day_choice(day) for day in before]))
        more = [day for day in others if day and day not in on_site and day not in before]
        if more:
            choices.append(("As it is now", [_day_choice(day) for day in more]))
        self.choices = choices


def _day_choice(day):
    return day.isoformat(), f"{day:%A} {day.day} {day:%B}"


class ActivityForm(forms.Form):
    title = forms.CharField(
        label="What", max_length=160, help_text=NO_NAMES, error_messages={"required": "Enter what it is"}
    )
    on_day = DayField()
    starts_at = TimeField(label="From")
    ends_at = TimeField(label="Until")
    source_type = forms.ChoiceField(label="Kind of source", choices=[("", ""), *SourceType.choices])
    voice = forms.ChoiceField(label="Whose voice", choices=[("", ""), *Voice.choices])
    room = forms.CharField(label="Where", max_length=120, required=False)
    lead = forms.ModelChoiceField(label="Who leads", queryset=None, required=False, empty_label="Nobody yet")
    note_taker = forms.ModelChoiceField(
        label="Who takes notes", queryset=None, required=False, empty_label="Nobody yet"
    )
    lines = forms.ModelMultipleChoiceField(
        label="Lines of enquiry", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, team, lines, days, today, activity=None, **kwargs):
        super().__init__(*args, **kwargs)
        on_site, before = days
        self.fields["on_day"].offer(on_site, before, activity and activity.on)
        for name in ("lead", "note_taker"):
            self.fields[name].queryset = team
            self.fields[name].label_from_instance = _member_words
        self.fields["lines"].queryset = lines
        if activity is None:
            day = today if today in on_site else on_site[0] if on_site else None
            self.initial = {"on_day": day and day.isoformat()}
        else:
            self.initial = {
                "title": activity.title,
                "on_day": activity.on.isoformat(),
                "starts_at": activity.starts_at,
                "ends_at": activity.ends_at,
                "source_type": activity.source_type,
                "voice": activity.voice,
                "room": activity.room,
                "lead": activity.lead_id,
                "note_taker": activity.note_taker_id,
                "lines": [line.pk for line in activity.lines.all()],
                "revision": activity.revision,
            }


def _member_words(member):
    return f"{member.name}, {member.get_role_display().lower()}"


class MoveForm(forms.Form):
    on_day = DayField()
    starts_at = TimeField(label="From")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, days, activity, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["on_day"].offer(*days, activity.on)
        self.initial = {
            "on_day": activity.on.isoformat(),
            "starts_at": activity.starts_at,
            "revision": activity.revision,
        }


class HeldForm(forms.Form):
    standing = forms.ChoiceField(
        label="Was it held?",
        choices=[
            (Activity.Standing.HELD, "Yes"),
            (Activity.Standing.NOT_HELD, "No, it did not happen"),
            (Activity.Standing.PLANNED, "Not yet: it is still planned"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether it was held"},
    )
    who_came = forms.CharField(
        label="Who came",
        required=False,
        max_length=300,
        help_text="Groups and how many, such as “6 social workers, 1 manager”. Never names.",
    )
    why_not = forms.CharField(
        label="Why it did not happen", required=False, max_length=300, help_text=f"If it didn’t. {NO_CHILD}"
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, activity, **kwargs):
        super().__init__(*args, **kwargs)
        planned = activity.standing == Activity.Standing.PLANNED
        self.initial = {
            "standing": "" if planned else activity.standing,
            "who_came": activity.who_came,
            "why_not": activity.why_not,
            "revision": activity.revision,
        }


class WordForm(forms.Form):
    """The daily word with the director."""

    on_day = DateField(label="Day", error_messages={"required": "Enter the day"})
    office = forms.ChoiceField(label="With", choices=Office.choices)
    said = forms.CharField(
        label="What was said",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"What the team told them and what they said, for the team alone. {NO_CHILD}",
        error_messages={"required": "Enter what was said"},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, today, word=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"on_day": today, "office": Office.DCS}
        if word is not None:
            self.initial = {
                "on_day": word.on,
                "office": word.office,
                "said": word.said,
                "revision": word.revision,
            }


class AuditForm(forms.Form):
    reference = forms.CharField(
        label="Case reference",
        max_length=LONGEST_REFERENCE,
        help_text=REFERENCE_HINT,
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-10", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": "Enter the case’s reference"},
    )
    team_grade = forms.ChoiceField(
        label="The team’s grade",
        choices=AuditedCase.Grade.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select the team’s grade"},
    )
    council_grade = forms.ChoiceField(
        label="The council’s own grade",
        choices=[("", "It has not graded it, or we don’t know"), *AuditedCase.Grade.choices],
        widget=forms.RadioSelect,
        required=False,
    )
    line = forms.ModelChoiceField(
        label="Line of enquiry", queryset=None, required=False, empty_label="None in particular"
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, lines, audited=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].queryset = lines
        # What is given, with or without a grade of the council's, is one answer of several: none is "optional".
        self.fields["council_grade"].optional_is_said = True
        if audited is not None:
            self.initial = {
                "reference": audited.reference,
                "team_grade": audited.team_grade,
                "council_grade": audited.council_grade,
                "line": audited.line_id,
                "revision": audited.revision,
            }


class WorryForm(forms.Form):
    """When, to whom, and which case: nothing else is asked."""

    told_to = forms.ChoiceField(label="Whom you told", choices=Office.choices, initial=Office.DCS)
    told_on = DateField(label="Day you told them", error_messages={"required": "Enter the day you told them"})
    told_time = TimeField(label="Time you told them")
    case_reference = forms.CharField(
        label="Case reference",
        max_length=LONGEST_REFERENCE,
        help_text=REFERENCE_HINT,
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-10", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": "Enter the case’s reference"},
    )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["told_on"].initial = today

    def answers(self):
        """Return what `record_worry` takes: the moment, of the clock in London."""
        asked = self.cleaned_data
        return {
            "told_at": timezone.make_aware(datetime.combine(asked["told_on"], asked["told_time"])),
            "told_to": asked["told_to"],
            "case_reference": asked["case_reference"],
        }
