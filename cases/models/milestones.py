"""Milestones, how their dates came to be, and the flags that the sweep raises."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Case as OneOf
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Now

from accounts.permissions import Ability
from cases.models.cases import Case, answered_by
from cases.models.rules import BINDING, ClockRule, FlagRule, Force, Owes, since_ever
from cases.models.sources import Source, not_restricted
from councils.models import Council, DatedQuerySet, held_on


class MilestoneQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Milestones follow their case; those of a council without a case follow the council.

        What rests on a source under embargo is left out, whoever looks: see `in_confidence_to`.
        """
        return self.within_reach_of(viewer).filter(not_restricted())

    def in_confidence_to(self, viewer):
        """Return those of sources of which the viewer is a named reader: for the inspection’s own page alone."""
        sources = Source.objects.read_in_confidence_by(viewer)
        return self.filter(source__in=sources.values("pk"))

    def readable_by(self, viewer):
        """Return what the viewer may see anywhere: what actions look for the row they change among."""
        in_confidence = self.in_confidence_to(viewer).values("pk")
        return self.filter(Q(pk__in=self.visible_to(viewer).values("pk")) | Q(pk__in=in_confidence))

    def within_reach_of(self, viewer):
        """Return those of the viewer's councils and cases, embargo or not. Pages and lists ask `visible_to`."""
        councils = viewer.council_filter(Ability.SEE_CASES)
        return self.filter(
            Q(case__isnull=True) & councils | Q(case__in=Case.objects.visible_to(viewer).values("pk")),
            Q(of_plan=False) | _reading_plans(viewer),
            Q(of_review=False) | Q(case__isnull=False) | viewer.council_filter(Ability.READ_REVIEWS),
        )

    def answerable_by(self, viewer):
        """Return those the viewer may act on: the ability reaches the council, or comes with the case."""
        return self.filter(_answerable(viewer))

    def with_answerable(self, viewer):
        """Annotate `answerable`: whether the viewer may act on it."""
        return self.annotate(answerable=OneOf(When(_answerable(viewer), then=True), default=False))

    def as_at(self, on, today=None):
        """Annotate `due_then` and `paused_then`: the due date and pause as the record had them on `on`.

        A moved date or a pause counts from the day it was made, not before. Where `on` is `today`, the row itself
        says it, which is far cheaper: nothing is made after today.
        """
        paused = Exists(Pause.objects.on(on).filter(milestone=OuterRef("pk")))
        if on == today:
            return self.annotate(due_then=F("due_on"), paused_then=paused)
        later = DateChange.objects.filter(milestone=OuterRef("pk"), made_on__gt=on).order_by("made_on", "pk")
        return self.annotate(
            due_then=OneOf(
                When(Exists(later), then=Subquery(later.values("old_due_on")[:1])), default=F("due_on")
            ),
            paused_then=paused,
        )

    def standing_on(self, on):
        """Return milestones of the record on `on`: entered, not closed, of a council that existed then, and
        their case, if they have one, open then."""
        return self.filter(
            Q(closed_on__isnull=True) | Q(closed_on__gt=on),
            Q(case__isnull=True) & held_on(on, "council__") | Q(case__in=Case.objects.open(on).values("pk")),
            entered_on__lte=on,
        )

    def open(self, on):
        """Return milestones to be met as at `on`, with `due_then` and `paused_then`; none to confirm."""
        return self.as_at(on).standing_on(on).filter(to_confirm=False)

    def awaiting_confirmation(self, on):
        """Return what fell due before its case was entered and nobody has answered for, as at `on`."""
        return self.as_at(on).standing_on(on).filter(to_confirm=True)

    def overdue(self, on):
        """Return what is overdue as at `on`: binding, not met, not paused, due before that day."""
        return self.binding_due_by(on - timedelta(days=1), on)

    def binding_due_by(self, day, on):
        """Return what, as at `on`, is binding, not met, not paused and due on `day` or earlier.

        The first filter says nothing that `due_then` doesn't: it spares reading the history of every other row.
        """
        moved_since = DateChange.objects.filter(made_on__gt=on, old_due_on__lte=day)
        return (
            self.filter(Q(due_on__lte=day) | Q(pk__in=moved_since.values("milestone")))
            .open(on)
            .filter(force__in=BINDING, due_then__lte=day, paused_then=False)
        )


def _reading_plans(viewer):
    """Return the Q of councils of whose plans the viewer sees the actions: its own people and the LGA's."""
    reach = viewer.council_filter(Ability.READ_DRAFTS) | viewer.council_filter(Ability.READ_SHARED_PLANS)
    return reach | Q(case__in=answered_by(viewer))


def _answerable(viewer):
    councils = viewer.council_filter(Ability.ANSWER_MILESTONES)
    return councils | Q(case__in=answered_by(viewer))


class Milestone(models.Model):
    """A date by which something must, or is expected to, have happened, and what set it.

    `due_on` is the date in force: stated, else computed, unless moved since. `closed_on` is the first day on
    which it no longer stood; `outcome` says why. A milestone that fell due before its case was entered is
    `to_confirm` until somebody answers.
    """

    class Outcome(models.TextChoices):
        MET = "met", "Met"
        NOT_KNOWN = "not-known", "Not known"
        PASSED_ON = "passed-on", "Passed on to a successor"
        SUPERSEDED = "superseded", "Superseded"
        WITHDRAWN = "withdrawn", "Withdrawn"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="milestones")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="milestones")
    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.PROTECT, related_name="milestones"
    )
    rule = models.ForeignKey(
        ClockRule, null=True, blank=True, on_delete=models.PROTECT, related_name="milestones"
    )
    series_no = models.PositiveSmallIntegerField(default=1)
    label = models.CharField(max_length=160)
    owes = models.CharField(max_length=20, choices=Owes.choices)
    force = models.CharField(max_length=20, choices=Force.choices)
    started_on = models.DateField(null=True, blank=True, help_text="Day 0: the event it runs from.")
    started_by = models.CharField(max_length=160, blank=True, help_text="The event, in words.")
    start_assumed = models.BooleanField(default=False, help_text="Its event or day is taken for granted.")
    computed_due = models.DateField(null=True, blank=True)
    stated_due = models.DateField(null=True, blank=True)
    stated_in = models.CharField(max_length=200, blank=True, help_text="The letter that states the date.")
    opens_on = models.DateField(null=True, blank=True, help_text="First day of an expected window.")
    due_on = models.DateField(null=True, blank=True, help_text="Last day; empty: no date, said so on screen.")
    entered_on = models.DateField(help_text="First day it stood in the record.")
    to_confirm = models.BooleanField(default=False)
    met_on = models.DateField(null=True, blank=True)
    outcome_note = models.TextField(blank=True, max_length=2000)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="milestones"
    )
    of_plan = models.BooleanField(
        default=False,
        db_default=False,
        help_text="An action of a plan: counted apart from what else is late.",
    )
    of_review = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Of a peer review, or that one is to be offered: the council's and the LGA's alone.",
    )
    revision = models.PositiveIntegerField(default=1)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(closed_on=None), name="milestone_open_by_due"),
            models.Index(fields=["council", "closed_on"]),
        ]
        constraints = [
            models.UniqueConstraint(
                "case",
                "rule",
                Coalesce("source", Value(0)),
                "series_no",
                since_ever("started_on"),
                condition=Q(case__isnull=False, rule__isnull=False),
                name="milestone_once_per_case_rule_source",
            ),
            models.UniqueConstraint(
                "council",
                "rule",
                Coalesce("source", Value(0)),
                condition=Q(case__isnull=True, rule__isnull=False),
                name="milestone_once_per_council_rule_source",
            ),
            models.CheckConstraint(
                name="milestone_closed_with_an_outcome",
                condition=Q(outcome="", closed_on__isnull=True)
                | (~Q(outcome="") & Q(closed_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="milestone_met_on_when_met",
                condition=Q(outcome="met", met_on__isnull=False)
                | (~Q(outcome="met") & Q(met_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="milestone_window_in_order",
                condition=Q(opens_on__isnull=True) | Q(due_on__isnull=True) | Q(due_on__gte=F("opens_on")),
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def is_binding(self):
        return self.force in BINDING


class FollowsMilestone(models.QuerySet):
    """Rows that are seen by whoever sees their milestone."""

    def visible_to(self, viewer):
        return self.filter(milestone__in=Milestone.objects.visible_to(viewer).values("pk"))


class DateChange(models.Model):
    """A due date moved: from, to, when, by whom and why. Append-only."""

    class Reason(models.TextChoices):
        LETTER = "letter", "A letter states another date"
        AGREED_WITH_OFSTED = "agreed-ofsted", "Agreed with Ofsted"
        AGREED_WITH_DFE = "agreed-dfe", "Agreed with the DfE"
        BOARD_MOVED = "board-moved", "The improvement board moved"
        INSPECTION_IN_PROGRESS = "inspection", "An inspection or visit is in progress"
        RESUMED = "resumed", "Resumed after a pause"
        BANK_HOLIDAY = "bank-holiday", "A bank holiday was added"
        CORRECTION = "correction", "The earlier date was wrong"
        OTHER = "other", "Another reason, in the note"

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="changes")
    old_due_on = models.DateField(null=True)
    new_due_on = models.DateField()
    made_on = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    note = models.TextField(blank=True, max_length=2000)

    objects = FollowsMilestone.as_manager()

    class Meta:
        ordering = ["made_on", "pk"]

    def __str__(self):
        return f"{self.old_due_on} to {self.new_due_on}"


class PauseQuerySet(DatedQuerySet, FollowsMilestone):
    pass


class Pause(models.Model):
    """A milestone hidden from `from_on` until resumed on `until_on` (exclusive). Its date does not move."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="pauses")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    reason = models.TextField(max_length=2000)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    objects = PauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["milestone"], condition=Q(until_on=None), name="one_open_pause"),
            models.CheckConstraint(
                name="pause_dates_in_order",
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
            ),
        ]

    def __str__(self):
        return f"paused from {self.from_on}"


class Answer(models.Model):
    """What the person asked said: not known, or asked on a day. It clears nothing. Append-only."""

    class Kind(models.TextChoices):
        NOT_KNOWN = "not-known", "Not known"
        ASKED = "asked", "Asked"

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    asked_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    made_on = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    objects = FollowsMilestone.as_manager()

    class Meta:
        ordering = ["made_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="asked_on_when_asked",
                condition=Q(kind="asked", asked_on__isnull=False)
                | Q(kind="not-known", asked_on__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.made_on}"


class FlagQuerySet(FollowsMilestone):
    def raised(self):
        """Return flags not cleared."""
        return self.filter(cleared_on=None)


class Flag(models.Model):
    """A level of lateness, raised and cleared by the sweep. One open flag per milestone."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="flags")
    level = models.CharField(max_length=20, choices=FlagRule.Level.choices)
    due_on = models.DateField(help_text="The due date for which it was raised.")
    raised_on = models.DateField()
    cleared_on = models.DateField(null=True, blank=True)
    raised_in = models.UUIDField(help_text="The run of the sweep that raised it.")
    cleared_in = models.UUIDField(null=True, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["milestone"], condition=Q(cleared_on__isnull=True), name="one_open_flag_per_milestone"
            ),
            models.CheckConstraint(
                name="flag_cleared_on_when_cleared",
                condition=Q(cleared_on__isnull=True, cleared_in__isnull=True)
                | Q(cleared_on__isnull=False, cleared_in__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.get_level_display()}, raised {self.raised_on}"


class SweepRun(models.Model):
    """One run of the sweep, whether or not it had anything to do: how anybody knows that flags are up to date."""

    run = models.UUIDField(unique=True, help_text="What the flags that it raised and cleared name.")
    on = models.DateField(help_text="The day as at which it swept.")
    at = models.DateTimeField(db_default=Now(), editable=False)
    raised = models.PositiveIntegerField()
    cleared = models.PositiveIntegerField()
    left = models.PositiveIntegerField(help_text="Flags open before and still.")

    class Meta:
        indexes = [models.Index(fields=["-at"], name="sweep_run_latest")]

    def __str__(self):
        return f"{self.on}: raised {self.raised} cleared {self.cleared} left {self.left}"
