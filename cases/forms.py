"""What is asked about one milestone, or about all that a case has to confirm, and the due-date calculator."""

from django import forms

from cases.actions.milestones import REASONS, Confirmation, Refused
from cases.models import Answer
from cases.presenters import day_words, status
from cases.queries import assignable_people
from look.forms import DateField

ANSWERED_MEANWHILE = "Answered by somebody else while you were writing"
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


class ReopenForm(MilestoneForm):
    note = forms.CharField(label="Why it is reopened", widget=NOTE, max_length=2000)


class ConfirmationForm(MilestoneForm):
    """One of several milestones to confirm; with nothing chosen it is left. Its errors name the milestone."""

    outcome = forms.ChoiceField(
        choices=[("met", "Met"), ("not-met", "Not met"), ("not-known", "Not known"), ("", "Leave for now")],
        widget=forms.RadioSelect,
        required=False,
    )
    met_on = DateField(label="The date it was met", required=False)

    def prepare(self, milestone, today):
        self.milestone, self.today = milestone, today
        # Sending it again after it was told to be stale is a decision about the milestone as it is now.
        self.sent_revision = self.data.get(self.add_prefix("revision")) if self.is_bound else None
        self.is_waiting = milestone.to_confirm and milestone.closed_on is None

    @property
    def name(self):
        return f"{self.milestone.label}, due {day_words(self.milestone.due_on)}"

    @property
    def is_answered(self):
        return self.is_bound and bool(self["outcome"].data)

    @property
    def is_stale(self):
        return self.is_answered and self.sent_revision != str(self.milestone.revision)

    @property
    def typed(self):
        """The answer in words, for where it can no longer be given."""
        return dict(self.fields["outcome"].choices).get(self["outcome"].data, "")

    @property
    def now(self):
        return status(self.milestone, self.today).words

    def clean(self):
        answers = super().clean()
        outcome, met_on = answers.get("outcome"), answers.get("met_on")
        if outcome == "met" and met_on is None and "met_on" not in self.errors:
            self.add_error("met_on", "Enter the date it was met")
        if outcome != "met" and met_on is not None:
            self.add_error("outcome", "Select “Met”, or clear the date")
        if self.is_stale and self.is_waiting:
            self.add_error(
                "outcome", "Changed by somebody else while you were writing; check it and save again"
            )
        return answers

    def add_error(self, field, error):
        messages = error.messages if isinstance(error, forms.ValidationError) else [error]
        for message in messages:
            super().add_error(field, f"{message}: {self.name}")

    def confirmation(self):
        """Return the answer of a valid row, as `confirm_all` takes it."""
        cleaned = self.cleaned_data
        return Confirmation(self.milestone, cleaned["outcome"], cleaned["met_on"], cleaned["revision"])


class ConfirmationsForm:
    """All that one case has to confirm, a `ConfirmationForm` a row, asked and sent as one.

    `milestones` are those waiting and those sent: of the latter, one that somebody else has answered since is
    no longer asked, and what was chosen for it is told. Drawn like a form: it has errors, and fields by iteration.
    """

    def __init__(self, milestones, *, today, data=None):
        sent = set(data.getlist("milestone")) if data is not None else set()
        every = [
            ConfirmationForm(
                data if str(milestone.pk) in sent else None,
                prefix=f"milestone-{milestone.pk}",
                milestone=milestone,
                today=today,
            )
            for milestone in milestones
        ]
        self.rows = [row for row in every if row.is_waiting]
        self.answered_meanwhile = [row for row in every if row.is_answered and not row.is_waiting]
        self.is_stale = bool(self.answered_meanwhile) or any(row.is_stale for row in self.rows)
        self.non_field_errors = [f"{ANSWERED_MEANWHILE}: {row.name}" for row in self.answered_meanwhile]
        if data is not None and not any(row.is_answered for row in every) and not self._row_errors:
            self.non_field_errors.append("Answer at least one, or go back")

    def __iter__(self):
        return (field for row in self.rows for field in row.visible_fields())

    @property
    def _row_errors(self):
        return [row.errors for row in self.rows if row.errors]

    @property
    def errors(self):
        return self.non_field_errors + self._row_errors

    def is_valid(self):
        return not self.errors

    @property
    def left(self):
        return sum(not row.is_answered for row in self.rows)

    def confirmations(self):
        return [row.confirmation() for row in self.rows if row.is_answered]

    def add_refusals(self, problems):
        """Put what the action refused ({milestone's number: Refused or Stale}) beside its field.

        What is stale, a form of milestones read anew says by itself.
        """
        for row in self.rows:
            problem = problems.get(row.milestone.pk)
            if isinstance(problem, Refused):
                row.add_error(problem.field or "outcome", problem.message)


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
