"""What is counted with and by: bank holidays, clock rules, levels of lateness, how long notes are kept."""

from datetime import date

from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce

from councils.models import DatedQuerySet, dates_in_order


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
        PEER_REVIEW = "peer-review", "a peer review's last day on site"

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


class RetentionRule(models.Model):
    """How long notes of a kind are kept, counted from their own day."""

    kind = models.SlugField()
    months = models.PositiveSmallIntegerField()
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", since_ever("from_on"), name="retention_rule_once"),
            dates_in_order("retention_rule_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.kind}: {self.months} months"
