"""What is asked about one milestone, one thing at a time, and the due-date calculator."""

from django import forms

from cases.actions.milestones import REASONS
from cases.models import Answer
from cases.queries import assignable_people
from look.forms import DateField

NOTE = forms.Textarea(attrs={"rows": 3})


class MilestoneForm(forms.Form):
    """A form about `milestone`, that remembers which revision of it the person has read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, milestone, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = milestone.revision
        self.prepare(milestone, today)

    def prepare(self, milestone, today):
        """Fill in what depends on the milestone."""


class MetForm(MilestoneForm):
    met_on = DateField(label="The date it was met")
    note = forms.CharField(label="Note", widget=NOTE, required=False, max_length=2000)

    def prepare(self, milestone, today):
        self.fields["met_on"].initial = today


class MoveForm(MilestoneForm):
    to = DateField(label="The new date")
    reason = forms.ChoiceField(
        label="Why it moves", choices=[(r.value, r.label) for r in REASONS], widget=forms.RadioSelect
    )
    stated_in = forms.CharField(
        label="The letter that states the date",
        required=False,
        max_length=200,
        help_text="For example, the direction",
    )
    note = forms.CharField(label="Note", widget=NOTE, required=False, max_length=2000)


class PauseForm(MilestoneForm):
    reason = forms.CharField(label="Why it is paused", widget=NOTE, max_length=2000)


class ResumeForm(MilestoneForm):
    due_on = DateField(label="The date it is due now")
    note = forms.CharField(label="Note", widget=NOTE, required=False, max_length=2000)

    def prepare(self, milestone, today):
        self.fields["due_on"].initial = milestone.due_on


class AnswerForm(MilestoneForm):
    kind = forms.ChoiceField(label="What is known", choices=Answer.Kind.choices, widget=forms.RadioSelect)
    asked_on = DateField(label="The day it was asked", required=False)
    note = forms.CharField(label="Note", widget=NOTE, required=False, max_length=2000)


class AssignForm(MilestoneForm):
    person = forms.ModelChoiceField(label="Person", queryset=None, required=False, empty_label="Nobody")

    def prepare(self, milestone, today):
        self.fields["person"].queryset = assignable_people(milestone, today)
        self.fields["person"].initial = milestone.assignee_id


class ConfirmForm(MilestoneForm):
    outcome = forms.ChoiceField(
        label="Was it met?",
        choices=[("met", "Met"), ("not-met", "Not met: it is overdue"), ("not-known", "Not known: close it")],
        widget=forms.RadioSelect,
    )
    met_on = DateField(label="The date it was met", required=False)


class DueDateForm(forms.Form):
    """Day 0, how many, of what."""

    day_0 = DateField(label="The day it was received", help_text="Day 0; the count begins after it.")
    count = forms.IntegerField(
        label="How many",
        min_value=0,
        max_value=4000,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
    )
    unit = forms.ChoiceField(
        label="Of what",
        choices=[("working-days", "Working days"), ("months", "Calendar months")],
        widget=forms.RadioSelect,
    )
