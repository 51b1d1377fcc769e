"""What every case shares: the case, its sources, milestones, clock rules, flags and assignments.

Every dated row holds from `from_on` until `until_on` (exclusive). Dates are days in London.
"""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Case as OneOf
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.permissions import ABILITIES, Ability
from councils.models import Council, DatedQuerySet, dates_in_order, held_on


def since_ever(field):
    """Return the expression by which two rows without a first day are the same, on either database."""
    return Coalesce(field, Value(date.min, output_field=models.DateField()))


class BankHoliday(models.Model):
    """A day that is not a working day in a calendar (England and Wales)."""

    calendar = models.SlugField(default="england-and-wales")
    on = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["on"]
        constraints = [models.UniqueConstraint(fields=["calendar", "on"], name="bank_holiday_once")]

    def __str__(self):
        return f"{self.name}, {self.on}"


class Owes(models.TextChoices):
    COUNCIL = "council", "Council"
    DFE = "dfe", "DfE"
    OFSTED = "ofsted", "Ofsted"
    COMMISSIONER = "commissioner", "Commissioner"
    BOARD_CHAIR = "board-chair", "Board chair"
    LGA = "lga", "LGA"


class Force(models.TextChoices):
    STATUTORY = "statutory", "Statutory"
    INSTRUMENT = "instrument", "Instrument"
    AGREED = "agreed", "Agreed"
    WINDOW = "window", "Expected window"
    AIM = "aim", "LGA aim"


# Only these can be overdue; a window passes and an aim becomes an offer that is due.
BINDING = (Force.STATUTORY, Force.INSTRUMENT, Force.AGREED)


class Unit(models.TextChoices):
    WORKING_DAYS = "working-days", "working days"
    MONTHS = "months", "calendar months"
    WEEKS = "weeks", "weeks"
    STATED = "stated", "as stated"


class ClockRule(models.Model):
    """A milestone that follows from an event: what starts it, when it applies, how long it runs.

    `starts_from` names the event; `applies_when` narrows it: a JSON object whose keys are facts of the event
    (`kinds`, `grades`, `lowest`, `priority`, `instruments`, `roles`, `decisions`, `stated`, `rules`: see
    `cases.rules.Start`) and whose values list what is accepted; "" accepts an absent fact.
    A rule applies by the date of the event that starts it: `from_on` <= date < `until_on`.
    """

    class StartsFrom(models.TextChoices):
        INSPECTION = "inspection", "an inspection's report received"
        PUBLICATION = "publication", "an inspection's publication"
        INSPECTED = "inspected", "an inspection's first day on site"
        INSTRUMENT = "instrument", "a notice or direction"
        APPOINTMENT = "appointment", "an appointment"
        DECISION = "decision", "a decision of the DfE"
        SERIES = "series", "the start of a case's progress reviews"
        MILESTONE = "milestone", "another milestone's due date"
        MET = "met", "another milestone met"

    slug = models.SlugField()
    label = models.CharField(max_length=120)
    starts_from = models.CharField(max_length=20, choices=StartsFrom.choices)
    applies_when = models.JSONField(default=dict, blank=True)
    length = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: the date is stated.")
    unit = models.CharField(max_length=20, choices=Unit.choices)
    window_months = models.PositiveSmallIntegerField(
        default=0, help_text="Months either side of the date, for an expected window."
    )
    repeats = models.BooleanField(default=False, help_text="The next is made when this falls due or is met.")
    only_latest = models.SlugField(
        blank=True, help_text="Of a council's milestones with this word only the latest start's stands."
    )
    of_council = models.BooleanField(
        default=False, help_text="Stands with the council, whether or not it has a case, however long past."
    )
    owes = models.CharField(max_length=20, choices=Owes.choices)
    force = models.CharField(max_length=20, choices=Force.choices)
    calendar = models.SlugField(default="england-and-wales")
    authority = models.CharField(max_length=300, blank=True, help_text="The statute or letter it rests on.")
    order = models.PositiveSmallIntegerField(default=0)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["order", "slug"]
        constraints = [
            models.UniqueConstraint("slug", since_ever("from_on"), name="clock_rule_once"),
            dates_in_order("clock_rule_dates_in_order"),
        ]

    def __str__(self):
        return self.label


class FlagRule(models.Model):
    """A level of lateness, from `days` after the due date (negative: before). Higher `rank` replaces lower.

    `tells` names the role told, `tells_after_working_days` working days after the level began.
    """

    class Level(models.TextChoices):
        DUE_SOON = "due-soon", "Due soon"
        OVERDUE = "overdue", "Overdue"
        LONG_OVERDUE = "long-overdue", "Long overdue"

    level = models.CharField(max_length=20, choices=Level.choices)
    rank = models.PositiveSmallIntegerField()
    days = models.SmallIntegerField(help_text="Days after the due date from which the level holds.")
    tells = models.CharField(max_length=30, blank=True, help_text="Role told besides the person assigned.")
    tells_after_working_days = models.PositiveSmallIntegerField(default=0)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint("level", since_ever("from_on"), name="flag_rule_once"),
            dates_in_order("flag_rule_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.get_level_display()}, from {self.days} days after the due date"


class Source(models.Model):
    """A letter, report, notice or direction: what a date or a demand rests on."""

    class Kind(models.TextChoices):
        INSPECTION_REPORT = "inspection-report", "Inspection report"
        VISIT_LETTER = "visit-letter", "Visit letter"
        NOTICE = "notice", "Improvement notice"
        DIRECTION = "direction", "Direction"
        LETTER = "letter", "Letter"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="sources")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    title = models.CharField(max_length=200)
    dated_on = models.DateField(null=True, blank=True)
    received_on = models.DateField(null=True, blank=True)
    received_assumed = models.BooleanField(
        default=True, help_text="Receipt not known: publication stands in."
    )
    published_on = models.DateField(null=True, blank=True)
    url = models.URLField(max_length=500, blank=True)

    def __str__(self):
        return self.title


class CaseQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the cases of councils in the viewer's scope, and those assigned to the person today."""
        reach = viewer.council_filter(Ability.SEE_CASES)
        if viewer.person_id:
            assigned = Assignment.objects.on(viewer.today).filter(person=viewer.person_id)
            reach |= Q(pk__in=assigned.values("case"))
        return self.filter(reach)

    def answerable_by(self, viewer):
        """Return those whose milestones the viewer may act on: the ability reaches the council, or they advise it."""
        reach = viewer.council_filter(Ability.ANSWER_MILESTONES)
        if viewer.person_id:
            advising = [
                role for role, abilities in ABILITIES.items() if Ability.ANSWER_MILESTONES in abilities
            ]
            assigned = Assignment.objects.on(viewer.today).filter(person=viewer.person_id, role__in=advising)
            reach |= Q(pk__in=assigned.values("case"))
        return self.filter(reach)

    def open(self, on):
        """Return cases entered by `on` and not closed by then, of councils that existed then.

        One that is still to confirm is not open; one withdrawn was a mistake, and never was.
        """
        return self.exclude(standing__in=[Case.Standing.UNCONFIRMED, Case.Standing.WITHDRAWN]).filter(
            Q(closed_on__isnull=True) | Q(closed_on__gt=on), held_on(on, "council__"), entered_on__lte=on
        )


class Case(models.Model):
    """A piece of work with one council: an intervention, later a peer review."""

    class Kind(models.TextChoices):
        INTERVENTION = "intervention", "Intervention"

    class Standing(models.TextChoices):
        OPEN = "open", "Open"
        UNCONFIRMED = "unconfirmed", "To confirm"
        CLOSED = "closed", "Closed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    reference = models.CharField(max_length=20, unique=True)
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="cases")
    standing = models.CharField(max_length=20, choices=Standing.choices, default=Standing.OPEN)
    entered_on = models.DateField(help_text="The day the record of it began.")
    closed_on = models.DateField(null=True, blank=True, help_text="First day it was no longer open.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    revision = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["reference"]
        constraints = [
            models.CheckConstraint(
                condition=Q(standing__in=["closed", "withdrawn"], closed_on__isnull=False)
                | Q(standing__in=["open", "unconfirmed"], closed_on__isnull=True),
                name="case_closed_on_when_closed",
            ),
            models.UniqueConstraint(
                fields=["council", "kind"],
                condition=Q(kind="intervention", standing__in=["open", "unconfirmed"]),
                name="one_running_intervention_per_council",
            ),
        ]

    def __str__(self):
        return self.reference


class ReferenceCounter(models.Model):
    """The last number given to a case of a kind in a year. Its row is the lock on the next one."""

    kind = models.CharField(max_length=20, choices=Case.Kind.choices)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="reference_counter_once")]

    def __str__(self):
        return f"{self.kind} {self.year}: {self.last}"


class Assignment(models.Model):
    """A person put on a case, with dates: it brings sight of that case alone."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=30)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "person", "from_on"], name="assignment_once"),
            dates_in_order("assignment_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.person} on {self.case}"


class MilestoneQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Milestones follow their case; those of a council without a case follow the council."""
        councils = viewer.council_filter(Ability.SEE_CASES)
        return self.filter(
            Q(case__isnull=True) & councils | Q(case__in=Case.objects.visible_to(viewer).values("pk"))
        )

    def answerable_by(self, viewer):
        """Return those the viewer may act on: the ability reaches the council, or comes with the case."""
        councils = viewer.council_filter(Ability.ANSWER_MILESTONES)
        return self.filter(councils | Q(case__in=Case.objects.answerable_by(viewer).values("pk")))

    def as_at(self, on):
        """Annotate `due_then` and `paused_then`: the due date and pause as the record had them on `on`.

        A moved date or a pause counts from the day it was made, not before.
        """
        later = DateChange.objects.filter(milestone=OuterRef("pk"), made_on__gt=on).order_by("made_on", "pk")
        return self.annotate(
            due_then=OneOf(
                When(Exists(later), then=Subquery(later.values("old_due_on")[:1])), default=F("due_on")
            ),
            paused_then=Exists(Pause.objects.on(on).filter(milestone=OuterRef("pk"))),
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
