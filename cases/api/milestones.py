"""Milestones: lists of them, one of them, and what can be done to it. Nothing here rests on an embargo."""

from django.db.models import Case as OneOf
from django.db.models import DateField, F, TextField, Value, When
from rest_framework import serializers

from api.fields import DayField, WordsField
from api.rows import Row
from api.views import Listing, Posted, Single
from cases import actions
from cases.actions.milestones import REASONS
from cases.filters import MilestoneFilters, told_on
from cases.models import Force, Milestone, Owes


class MilestoneRow(Row):
    """A date by which something must, or is expected to, have happened."""

    id = serializers.IntegerField()
    council = serializers.CharField(source="council.la_code", help_text="The council's three-digit DfE code.")
    council_name = serializers.CharField(source="council.name")
    case = serializers.CharField(
        source="case.reference", allow_null=True, help_text="The case's reference; null: the council's own."
    )
    label = serializers.CharField()
    owes = serializers.ChoiceField(choices=Owes.choices, help_text="Who owes it.")
    force = serializers.ChoiceField(
        choices=Force.choices, help_text="What binds them. A window or an aim is never overdue."
    )
    rule = serializers.CharField(source="rule.slug", allow_null=True, help_text="The clock rule that set it.")
    series_no = serializers.IntegerField(help_text="Its place in a series, from 1.")
    started_on = serializers.DateField(allow_null=True, help_text="Day 0: the event it runs from.")
    started_by = serializers.CharField(help_text="That event, in words.")
    start_assumed = serializers.BooleanField(help_text="Whether the event or its day is taken for granted.")
    computed_due = serializers.DateField(allow_null=True)
    stated_due = serializers.DateField(allow_null=True, help_text="The date that a letter states: it wins.")
    stated_in = serializers.CharField(help_text="That letter.")
    opens_on = serializers.DateField(allow_null=True, help_text="The first day of an expected window.")
    due_on = serializers.DateField(
        source="due_then", allow_null=True, help_text="The date in force on the day asked about."
    )
    paused = serializers.BooleanField(source="paused_then")
    to_confirm = serializers.BooleanField(
        help_text="Fell due before its case was entered, and nobody has answered for it."
    )
    outcome = serializers.ChoiceField(
        source="outcome_then",
        choices=[("", "Open"), *Milestone.Outcome.choices],
        help_text="How it was closed; empty while it is open.",
    )
    met_on = serializers.DateField(source="met_then", allow_null=True)
    closed_on = serializers.DateField(
        source="closed_then", allow_null=True, help_text="The first day on which it no longer stood."
    )
    outcome_note = serializers.CharField(source="note_then")
    assignee = serializers.CharField(
        source="assignee.name", allow_null=True, help_text="The person who sees to it."
    )
    revision = serializers.IntegerField(help_text="Goes up with every change.")


def told(milestones, on, today):
    """Annotate what the fields of `MilestoneRow` read: how each milestone was closed, if it was by `on`."""
    closing = {
        "outcome_then": ("outcome", TextField(), ""),
        "met_then": ("met_on", DateField(), None),
        "closed_then": ("closed_on", DateField(), None),
        "note_then": ("outcome_note", TextField(), ""),
    }
    if on == today:
        return milestones.annotate(**{name: F(field) for name, (field, _, _) in closing.items()})
    return milestones.annotate(
        **{
            name: OneOf(
                When(closed_on__gt=on, then=Value(empty, output_field=kind)),
                default=F(field),
                output_field=kind,
            )
            for name, (field, kind, empty) in closing.items()
        }
    )


class Milestones(Listing):
    tag = "Milestones"
    about = {
        "get": (
            "List milestones",
            "Those of the councils and cases that you see, by number. What rests on an inspection under embargo is "
            "left out, for its named readers too.",
        )
    }
    name = "milestones"
    row = MilestoneRow
    filters = MilestoneFilters

    def queryset(self):
        return Milestone.objects.visible_to(self.viewer)

    def told(self, queryset, filters):
        return told(queryset, filters.on, self.viewer.today)


class OfMilestone:
    """What the views of one milestone share."""

    tag = "Milestones"
    kind = "milestone"
    row = MilestoneRow
    refused, stale = actions.Refused, actions.Stale

    def queryset(self):
        today = self.viewer.today
        return told(told_on(Milestone.objects.visible_to(self.viewer), today, today), today, today)

    def allowed(self):
        return Milestone.objects.answerable_by(self.viewer).filter(**self.kwargs).exists()

    def its(self):
        return Milestone(pk=self.kwargs["pk"])


class OneMilestone(OfMilestone, Single):
    about = {"get": ("Read a milestone", "As it stands today, with the ETag that a change to it asks for.")}


class MetBody(serializers.Serializer):
    met_on = DayField(help_text="The day it was met, today or earlier.")
    note = WordsField(max_length=2000, required=False, default="", allow_blank=True)


class Met(OfMilestone, Posted):
    about = {
        "post": (
            "Mark a milestone met",
            "A pause ends, and what follows from its being met starts: the next of its series, other clocks.",
        )
    }
    asks = MetBody
    example = {"met_on": "2026-11-03", "note": "Sent by post"}

    def act(self, revision, answers):
        actions.mark_met(self.its(), **answers, revision=revision, **self.by_and_on())


class MoveBody(serializers.Serializer):
    to = DayField(help_text="The new date.")
    reason = serializers.ChoiceField(choices=[(reason.value, reason.label) for reason in REASONS])
    stated_in = WordsField(
        max_length=200,
        required=False,
        default="",
        allow_blank=True,
        help_text="The letter that states the date: needed with the reason `letter`.",
    )
    note = WordsField(
        max_length=2000,
        required=False,
        default="",
        allow_blank=True,
        help_text="Needed with the reason `other`.",
    )


class Move(OfMilestone, Posted):
    about = {
        "post": (
            "Move a milestone's date",
            "The date that was promised stays in the history, beside the new one.",
        )
    }
    asks = MoveBody
    example = {"to": "2026-12-01", "reason": "letter", "stated_in": "The direction of 3 November"}

    def act(self, revision, answers):
        actions.move_date(self.its(), **answers, revision=revision, **self.by_and_on())


class PauseBody(serializers.Serializer):
    reason = WordsField(max_length=2000, help_text="Why it is paused.")


class PauseIt(OfMilestone, Posted):
    about = {
        "post": (
            "Pause a milestone",
            "A pause hides it from lists of what is due and from counts. Its date does not move.",
        )
    }
    asks = PauseBody
    example = {"reason": "A judicial review is in hand"}

    def act(self, revision, answers):
        actions.pause(self.its(), **answers, revision=revision, **self.by_and_on())


class ResumeBody(serializers.Serializer):
    due_on = DayField(help_text="The date that now holds: the old one, or another.")
    note = WordsField(max_length=2000, required=False, default="", allow_blank=True)


class Resume(OfMilestone, Posted):
    about = {"post": ("Resume a milestone", "Ends the pause, with the date that now holds.")}
    asks = ResumeBody
    example = {"due_on": "2026-12-24"}

    def act(self, revision, answers):
        actions.resume(self.its(), **answers, revision=revision, **self.by_and_on())
