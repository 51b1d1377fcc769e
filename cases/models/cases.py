"""The case, its reference, who is on it, and who looks after its council."""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from accounts.permissions import ABILITIES, Ability
from councils.models import Council, DatedQuerySet, dates_in_order, held_on


class CaseQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the cases of councils in the viewer's scope, and those assigned to the person today.

        A peer review is the council's and the LGA's; the DfE's adviser reads a published one on its own page alone.
        """
        reviews = Q(kind=Case.Kind.PEER_REVIEW)
        reach = viewer.council_filter(Ability.SEE_CASES) & ~reviews
        reach |= viewer.council_filter(Ability.READ_REVIEWS) & reviews
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


def answered_by(viewer):
    """Return the subquery for the cases whose milestones the viewer may act on."""
    somebody = viewer.person_id or viewer.is_system
    return _answered_by(viewer) if somebody else Case.objects.none().values("pk")


@lru_cache(maxsize=256)
def _answered_by(viewer):
    """Return the subquery as SQL, made once: a page of a plan asks it in every query."""
    return RawSQL(*Case.objects.answerable_by(viewer).values("pk").query.sql_with_params())


class Case(models.Model):
    """A piece of work with one council: an intervention or a peer review."""

    class Kind(models.TextChoices):
        INTERVENTION = "intervention", "Intervention"
        PEER_REVIEW = "peer-review", "Peer review"

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


class Allocation(models.Model):
    """The LGA adviser who looks after a council, from a day until a day. Brings no sight of its own."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="allocations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="allocations")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["council"], condition=Q(until_on=None), name="one_adviser_looks_after_a_council"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="allocation_dates_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.person} looks after {self.council}"
