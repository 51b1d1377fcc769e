"""The forms of notes: writing one, finding some, merging, and when they lock."""

import uuid
from datetime import date, datetime

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cases.refusals import Refused
from look.forms import DateField
from peer_reviews.models import Note
from peer_reviews.models.on_site import SourceType, Voice
from peer_reviews.presenters.notes import activity_words
from peer_reviews.rules.notes import LONDON, cleaned

AS_THE_ACTIVITY = "As the activity says"


class NoteText(forms.CharField):
    """The text of a note, as it is kept: what a keyboard or a paste puts between its words refuses nothing."""

    def __init__(self, **kwargs):
        super().__init__(strip=False, error_messages={"required": "Write the note"}, **kwargs)

    def to_python(self, value):
        return cleaned(super().to_python(value))


class NoteForm(forms.Form):
    """A note. What may stand in it is asked by the action, so that a device is told the same."""

    kind = forms.ChoiceField(
        label="It is",
        choices=Note.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what it is"},
    )
    line = forms.ChoiceField(label="Line of enquiry", required=False, widget=forms.RadioSelect)
    text = NoteText(label="Note", widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}))
    activity = forms.ChoiceField(label="Activity", required=False)
    source_type = forms.ChoiceField(label="Kind of source", required=False)
    voice = forms.ChoiceField(label="Whose voice", required=False)

    def __init__(self, *args, lines, activities, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = {str(line.pk): line for line in lines}
        self.activities = {str(activity.pk): activity for activity in activities}
        self.fields["line"].choices = [
            *((pk, line.title) for pk, line in self.lines.items()),
            ("", "None yet"),
        ]
        self.fields["activity"].choices = [
            ("", "None of these"),
            *((pk, activity_words(activity)) for pk, activity in self.activities.items()),
        ]
        self.fields["source_type"].choices = [("", AS_THE_ACTIVITY), *SourceType.choices]
        self.fields["voice"].choices = [("", AS_THE_ACTIVITY), *Voice.choices]
        for name in ("line", "activity", "source_type", "voice"):
            self.fields[name].optional_is_said = True  # each has a choice that says so

    def given(self):
        """Return what the actions take of a valid form."""
        typed = self.cleaned_data
        return {
            "kind": typed["kind"],
            "line": self.lines.get(typed["line"]),
            "text": typed["text"],
            "activity": self.activities.get(typed["activity"]),
            "source_type": typed["source_type"],
            "voice": typed["voice"],
        }


class NewNoteForm(NoteForm):
    """A new note, with the key by which it is taken once however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class ChangeNoteForm(NoteForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)


class RevisionForm(forms.Form):
    """A button that asks nothing."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class FindNotesForm(forms.Form):
    """What a list of notes is narrowed by. What is not understood narrows nothing."""

    MINE = [("", "Everybody’s"), ("mine", "Mine"), ("private", "Mine, not shared")]

    q = forms.CharField(label="Words", required=False, max_length=200)
    line = forms.TypedChoiceField(label="Line of enquiry", required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label="It is", required=False, choices=[("", "Anything"), *Note.Kind.choices])
    source = forms.ChoiceField(label="Source", required=False, choices=[("", "Any"), *SourceType.choices])
    voice = forms.ChoiceField(label="Voice", required=False, choices=[("", "Any"), *Voice.choices])
    peer = forms.TypedChoiceField(label="Written by", required=False, coerce=int, empty_value=None)
    day = forms.TypedChoiceField(label="Day", required=False, coerce=date.fromisoformat, empty_value=None)
    mine = forms.ChoiceField(label="Whose", required=False, choices=MINE)
    late = forms.BooleanField(label="Arrived after the lock", required=False)

    def __init__(self, *args, lines, team, days, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.optional_is_said = True  # whoever looks for something leaves most of it open
        self.fields["line"].choices = [("", "Any"), *((one.pk, one.title) for one in lines), (0, "None yet")]
        self.fields["peer"].choices = [("", "Anybody"), *((one.pk, one.name) for one in team)]
        self.fields["day"].choices = [
            ("", "Any"),
            *((day.isoformat(), f"{day.day} {day:%B}") for day in days),
        ]

    def wanted(self):
        """Return what `queries.notes.found` takes."""
        self.is_valid()
        return self.cleaned_data


class MergeForm(forms.Form):
    """Which note is kept, and what it says from then on."""

    kept = forms.ChoiceField(label="Keep", widget=forms.RadioSelect)
    text = NoteText(label="What it says from now on", widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}))

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = choices


class LockForm(forms.Form):
    """When notes lock, and when they are deleted."""

    lock_on = DateField(
        label="Notes lock on", error_messages={"required": "Enter the day on which the notes lock"}
    )
    lock_at = forms.TimeField(
        label="At",
        help_text="For example, 17:00. After it nothing changes; a note written before is still taken, and marked.",
        widget=forms.TimeInput(format="%H:%M", attrs={"class": "govuk-input--width-5"}),
        error_messages={
            "required": "Enter the time at which the notes lock",
            "invalid": "Enter a time, such as 17:00",
        },
    )
    delete_on = DateField(label="Notes are deleted on", required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def given(self):
        """Return what `actions.notes.set_lock` takes."""
        typed = self.cleaned_data
        return {
            "lock_at": datetime.combine(typed["lock_on"], typed["lock_at"], LONDON),
            "delete_on": typed["delete_on"],
            "revision": typed["revision"],
        }


def sent_note(entry, *, lines, activities):
    """Return what `actions.notes.write` takes of one note that a device sent, a dict from anywhere.

    `lines`, `activities`: those of the review by number. An activity that is no more is left out, where the note
    says its source itself. Raises Refused, naming what is wrong by its name in the JSON.
    """
    key = _key(entry.get("key"))
    line = entry.get("line")
    if line is not None and _number(line, "line") not in lines:
        raise Refused("Select a line of enquiry of this review", "line")
    activity = entry.get("activity")
    revision = entry.get("revision")
    return {
        "key": key,
        "kind": _words(entry, "kind"),
        "line": lines[line] if line is not None else None,
        "text": _words(entry, "text"),
        "activity": activities.get(_number(activity, "activity")) if activity is not None else None,
        "source_type": _words(entry, "source_type"),
        "voice": _words(entry, "voice"),
        "day": _day(entry.get("on")),
        "written_at": _moment(entry.get("written_at")),
        "share": entry.get("share") is True,
        "revision": None if revision is None else _number(revision, "revision"),
    }


def _key(value):
    try:
        return uuid.UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise Refused("A note needs a key of its own", "key") from None


def _words(entry, name):
    value = entry.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused("This must be text", name)
    return value


def _number(value, name):
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**53:
        raise Refused("This must be a number", name)
    return value


def _day(value):
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise Refused("Enter the day it tells of", "on") from None


def _moment(value):
    try:
        moment = parse_datetime(value)
        if moment is None:
            raise ValueError(value)
        moment = moment if timezone.is_aware(moment) else moment.replace(tzinfo=LONDON)
        moment.astimezone(LONDON)  # the first and the last day of all may not be one in London
    except (ValueError, TypeError, OverflowError):
        raise Refused("Say when it was written", "written_at") from None
    return moment
