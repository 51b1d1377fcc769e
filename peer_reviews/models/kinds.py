"""The kinds of peer review, as data: their themes, the shape of the team, and what falls due when."""

from django.db import models
from django.db.models import Q

from cases.models import Force, Owes
from councils.models import DatedQuerySet, dates_in_order


class TeamRole(models.TextChoices):
    """What somebody does on a team. Rule: section 6, point 3."""

    LEAD = "lead", "Lead peer"
    MEMBER = "member", "Member peer"
    OPERATIONAL = "operational", "Operational peer"
    AUDITOR = "auditor", "Case auditor"
    HEALTH = "health", "Health peer"
    SPECIALIST = "specialist", "Specialist peer"
    MANAGER = "manager", "Review manager"


class ReviewKind(models.Model):
    """A kind of peer review that the LGA offers, or once offered."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True, max_length=1000)
    days_on_site = models.PositiveSmallIntegerField()
    counts_for_offer = models.BooleanField(
        default=True, help_text="One of these answers the aim of a review every four years."
    )
    lock_working_days = models.PositiveSmallIntegerField(
        default=2, help_text="Working days after the last day on site, at the end of which notes lock."
    )
    keep_notes_weeks = models.PositiveSmallIntegerField(
        default=6, help_text="Weeks after the final report, when notes are deleted."
    )
    letter = models.BooleanField(default=False, help_text="It ends in a letter, not a report.")
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True, help_text="First day it was no longer offered.")
    order = models.PositiveSmallIntegerField(default=0)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(days_on_site__gte=1), name="review_kind_takes_a_day"),
            dates_in_order("review_kind_dates_in_order"),
        ]

    def __str__(self):
        return self.name


class KindTheme(models.Model):
    """A default theme of a kind: each review has its own lines of enquiry."""

    kind = models.ForeignKey(ReviewKind, on_delete=models.CASCADE, related_name="themes")
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    question = models.TextField(blank=True, max_length=1000)

    class Meta:
        ordering = ["kind", "place"]
        constraints = [models.UniqueConstraint(fields=["kind", "place"], name="kind_theme_once")]

    def __str__(self):
        return self.title


class KindPlace(models.Model):
    """How many of a role the team of a kind has."""

    kind = models.ForeignKey(ReviewKind, on_delete=models.CASCADE, related_name="places")
    role = models.CharField(max_length=12, choices=TeamRole.choices)
    number = models.PositiveSmallIntegerField()
    expertise = models.ForeignKey(
        "PeerWord", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "role"], name="kind_place_once")]

    def __str__(self):
        return f"{self.number} × {self.get_role_display()}"


class StepKind(models.TextChoices):
    """What falls due in a review, in its order. Rule: section 3, the row of peer reviews."""

    POSITION_STATEMENT = "position-statement", "Position statement and documents"
    ON_SITE = "on-site", "On site"
    FEEDBACK = "feedback", "Feedback to the council"
    DRAFT = "draft", "Draft report"
    FACTUAL_ACCURACY = "factual-accuracy", "Factual accuracy comments"
    FINAL = "final", "Final report"
    ACTION_PLAN = "action-plan", "Action plan"
    FOLLOW_UP = "follow-up", "Follow-up"


class KindStep(models.Model):
    """When a step of a kind falls due: so many of a unit after (negative: before) a day of the review."""

    class Anchor(models.TextChoices):
        FIRST_DAY = "first-day", "the first day on site"
        LAST_DAY = "last-day", "the last day on site"
        DRAFT_SENT = "draft-sent", "the draft report sent"
        FINAL = "final", "the final report"

    class Unit(models.TextChoices):
        DAYS = "days", "days"
        WORKING_DAYS = "working-days", "working days"
        WEEKS = "weeks", "weeks"
        MONTHS = "months", "calendar months"

    kind = models.ForeignKey(ReviewKind, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=20, choices=StepKind.choices)
    anchor = models.CharField(max_length=12, choices=Anchor.choices)
    length = models.SmallIntegerField(help_text="Negative: before.")
    unit = models.CharField(max_length=12, choices=Unit.choices)
    owes = models.CharField(max_length=20, choices=Owes.choices)
    force = models.CharField(max_length=20, choices=Force.choices, default=Force.AGREED)
    authority = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "step"], name="kind_step_once")]

    def __str__(self):
        return f"{self.kind}: {self.get_step_display()}"
