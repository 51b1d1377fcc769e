"""Interventions: an episode of formal DfE attention to one council, told by dated rows."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from cases.models import Case, Milestone, Recommendation, Source
from councils.models import Council, DatedQuerySet, dates_in_order, since
from inspections.models import Inspection


class Strand(models.TextChoices):
    SOCIAL_CARE = "social-care", "Social care"
    SEND = "send", "SEND"
    BOTH = "both", "Social care and SEND"
    TO_CONFIRM = "to-confirm", "To confirm"


class Precision(models.TextChoices):
    """How exact a date is. An imprecise one is stored as the last day it can mean."""

    DAY = "day", "that day"
    MONTH = "month", "some day that month"
    YEAR = "year", "some day that year"
    ANNOUNCED = "announced", "announced that day"
    PRESS_DATE = "press_date", "reported that day"
    PAGE_UPDATE = "page_update", "page updated that day"
    ON_OR_BEFORE = "on_or_before", "on or before that day"
    PLANNED_BY = "planned_by", "planned by that day"
    AS_AT = "as_at", "already so on that day, start unknown"
    AFTER = "after", "after an event of that month"


class FollowsCase(models.QuerySet):
    """Rows seen by whoever sees their case."""

    def visible_to(self, viewer):
        return self.filter(case__in=Case.objects.visible_to(viewer).values("pk"))


class Intervention(models.Model):
    """The LGA's case of an intervention. Open while its case is."""

    class Opened(models.TextChoices):
        JUDGEMENT = "judgement", "An inadequate judgement"
        RECORD = "record", "Published notices and directions"
        HAND = "hand", "By hand"

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="intervention")
    opened_from = models.CharField(max_length=20, choices=Opened.choices)
    began_on = models.DateField(help_text="The day of its first row.")
    recorded_on = models.DateField(help_text="The day it came into the record, to confirm or open.")
    confirmed_on = models.DateField(
        null=True, blank=True, help_text="The day a recorded episode began to count as open."
    )

    objects = FollowsCase.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True) | Q(confirmed_on__gte=models.F("recorded_on")),
                name="episode_confirmed_once_recorded",
            )
        ]

    def __str__(self):
        return f"{self.case}, {self.get_opened_from_display().lower()}"


class Trigger(models.Model):
    """What opened a case or joined an open one: an inadequate judgement, or what a person recorded."""

    class Kind(models.TextChoices):
        JUDGEMENT = "judgement", "An inadequate judgement"
        VISIT = "visit", "A focused visit"
        JTAI = "jtai", "A joint targeted area inspection"
        COURT = "court", "A court judgment"
        NOTICE = "notice", "A notice or direction"
        SUCCESSION = "succession", "A council that ended"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="triggers")
    kind = models.CharField(
        max_length=12, choices=Kind.choices, default=Kind.JUDGEMENT, db_default=Kind.JUDGEMENT.value
    )
    inspection = models.ForeignKey(Inspection, null=True, on_delete=models.SET_NULL, related_name="triggers")
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    strand = models.CharField(
        max_length=12,
        choices=Strand.choices,
        default=Strand.SOCIAL_CARE,
        db_default=Strand.SOCIAL_CARE.value,
    )
    detail = models.CharField(max_length=300, blank=True, db_default="")
    on = models.DateField(help_text="Publication, or the day of the visit letter, judgment or notice.")
    withdrawn_on = models.DateField(null=True, blank=True)

    objects = FollowsCase.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["inspection"], condition=Q(withdrawn_on=None), name="an_inspection_triggers_one_case"
            )
        ]

    def __str__(self):
        return f"{self.case}, judged on {self.on}"


class PublicRow(models.Model):
    """A dated row of the public record of intervention, attached to a case where there is one."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="%(class)ss")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss")
    strand = models.CharField(max_length=12, choices=Strand.choices, default=Strand.TO_CONFIRM)
    partial = models.BooleanField(default=False, help_text="From a compiled record that is not complete.")
    detail = models.CharField(max_length=300, blank=True)
    source_text = models.CharField(max_length=500, blank=True)
    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    recorded_on = models.DateField(help_text="The day it was entered here.")
    revision = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        abstract = True


class Instrument(PublicRow):
    """An improvement notice or a direction, from the day it was issued until it was lifted or replaced."""

    class Kind(models.TextChoices):
        NOTICE = "notice", "Improvement notice"
        DIRECTION = "direction", "Direction"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    issued_on = models.DateField(null=True, blank=True, help_text="Empty: known only by its end.")
    issued_precision = models.CharField(max_length=20, choices=Precision.choices, default=Precision.DAY)
    lifted_on = models.DateField(null=True, blank=True, help_text="First day it was no longer in force.")
    lifted_precision = models.CharField(max_length=20, choices=Precision.choices, default=Precision.DAY)
    expires_on = models.DateField(null=True, blank=True, help_text="As it states; it ends nothing by itself.")
    end_source = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The letter that lifts it.",
    )
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )

    class Meta:
        ordering = ["issued_on", "pk"]
        constraints = [
            # One known only by its end is told apart by that; SQLite has no NULLS NOT DISTINCT.
            models.UniqueConstraint(
                "council", "kind", "strand", Coalesce("issued_on", "lifted_on"), name="instrument_once"
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=False) | Q(lifted_on__isnull=False),
                name="instrument_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True)
                | Q(lifted_on__isnull=True)
                | Q(lifted_on__gte=models.F("issued_on")),
                name="instrument_dates_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.issued_on or self.lifted_on}"


class Clause(models.Model):
    """One clause of a notice or direction, with the date it states and what it tells the council to do."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="clauses")
    number = models.CharField(max_length=20, help_text="As printed, such as 3(b).")
    text = models.TextField(max_length=4000)
    due_on = models.DateField(null=True, blank=True, help_text="As the clause states.")
    recommendation = models.OneToOneField(
        Recommendation, null=True, blank=True, on_delete=models.PROTECT, related_name="clause"
    )
    milestone = models.OneToOneField(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="clause"
    )
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["instrument", "pk"]
        constraints = [models.UniqueConstraint(fields=["instrument", "number"], name="clause_once")]

    def __str__(self):
        return f"{self.number}. {self.text[:60]}"


class Appointment(PublicRow):
    """A commissioner, DfE adviser, board chair or other, appointed from a day until a day."""

    class Role(models.TextChoices):
        COMMISSIONER = "commissioner", "Commissioner"
        DFE_ADVISER = "dfe-adviser", "DfE adviser"
        IMPROVEMENT_ADVISER = "improvement-adviser", "Improvement adviser"
        BOARD_CHAIR = "board-chair", "Improvement board chair"
        IMPROVEMENT_PARTNER = "improvement-partner", "Improvement partner"
        LGA_ADVISER = "lga-adviser", "LGA adviser"

    # Those whom the DfE appoints.
    BY_DFE = (Role.COMMISSIONER, Role.DFE_ADVISER)

    role = models.CharField(max_length=24, choices=Role.choices)
    name = models.CharField(max_length=120, blank=True, db_default="")
    body = models.CharField(max_length=120, blank=True, db_default="", help_text="Whom they work for.")
    terms = models.TextField(max_length=4000, blank=True, db_default="")
    serving_dcs_of = models.ForeignKey(
        Council, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    runs_improvement_partner = models.BooleanField(default=False, db_default=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    access_from_on = models.DateField(null=True, blank=True, help_text="From when they may sign in here.")
    access_until_on = models.DateField(null=True, blank=True)
    from_on = models.DateField()
    from_precision = models.CharField(max_length=20, choices=Precision.choices, default=Precision.DAY)
    until_on = models.DateField(null=True, blank=True)
    end_source = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The letter that ends it.",
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["from_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["council", "role", "from_on"], name="appointment_once"),
            dates_in_order("appointment_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.get_role_display()}, {self.from_on}"


class Decision(PublicRow):
    """What the DfE or its minister decided, as its letter says. Recorded here, never made here."""

    class Kind(models.TextChoices):
        PLAN_ACCEPTED = "plan-accepted", "Plan accepted"
        SUFFICIENT = "sufficient", "Review: sufficient progress"
        INSUFFICIENT = "insufficient", "Review: insufficient progress"
        NOT_DECIDED = "not-decided", "Review: not decided"
        KEEPS_CONTROL = "keeps-control", "Council keeps control"
        PARTNER_COUNCIL = "partner-council", "Partner council"
        ALTERNATIVE_DELIVERY = "alternative-delivery", "Trust or other delivery model"
        CLOSING_LETTER = "closing-letter", "Closing letter"
        SUPPORT_AGREED = "support-agreed", "Support after intervention agreed"

    kind = models.CharField(max_length=24, choices=Kind.choices)
    reasons = models.TextField(max_length=4000, blank=True, db_default="")
    on = models.DateField()
    precision = models.CharField(max_length=20, choices=Precision.choices, default=Precision.DAY)

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["council", "kind", "strand", "on"], name="decision_once")
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.on}"


class CommissionerReport(models.Model):
    """A commissioner's report: when it was stated due, sent, published, and what the minister decided.

    Often unpublished and not held here: what is known is its dates. Stated and actual stay apart.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="reports")
    stated_due_on = models.DateField(null=True, blank=True)
    sent_on = models.DateField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    url = models.URLField(max_length=500, blank=True)
    decision = models.ForeignKey(
        Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="answers_reports"
    )
    note = models.TextField(blank=True, max_length=2000)
    milestone = models.ForeignKey(
        Milestone,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The date by which it is awaited.",
    )
    recorded_on = models.DateField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["appointment", "pk"]

    def __str__(self):
        return f"report of {self.appointment}"


class Succeeding(models.Model):
    """What a person decided of a thing that an abolished council leaves: to which successors it goes, or that it ends.

    One of `case`, `recommendation`, `action` and `milestone`. Rule: section 4, point 9.
    """

    class Fate(models.TextChoices):
        PASSED_ON = "passed-on", "Passed to a successor"
        COPIED = "copied", "Copied to a successor"
        ENDED = "ended", "Ended with the council"
        AWAITING = "awaiting", "Awaiting the DfE"

    predecessor = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="left")
    successors = models.ManyToManyField(Council, related_name="taken_over", blank=True)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recommendation = models.ForeignKey(
        Recommendation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.ForeignKey(
        "improvement.Action", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    fate = models.CharField(max_length=12, choices=Fate.choices)
    decided_on = models.DateField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    applied_on = models.DateField(
        null=True, blank=True, help_text="The day it was done: once the council has ended."
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.predecessor}: {self.get_fate_display()}"


class AdviceRule(models.Model):
    """How many months apart two findings of a kind still count together. A number of the field, kept as data."""

    class Kind(models.TextChoices):
        PERSISTENT = "persistent", "Persistent failure"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    months = models.PositiveSmallIntegerField()
    authority = models.CharField(max_length=300, blank=True, help_text="What it rests on.")
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", since(), name="advice_rule_once"),
            dates_in_order("advice_rule_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.months} months"
