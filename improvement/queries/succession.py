"""What a council that ends leaves to its successors, and what was decided of each thing. Rule: section 4, point 9."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch

from accounts.models import Grant, Person
from accounts.permissions import OF_THE_COUNCIL, Role
from cases.models import Case, Milestone, Recommendation
from councils.models import Council
from history.models import Event
from improvement.models import PlannedAction, PlanVersion, Succeeding

ENDED = "council-abolished"
# The four kinds of thing, by the field of `Succeeding` that names one.
KINDS = ("case", "recommendation", "action", "milestone")


@dataclass(frozen=True)
class Left:
    """One thing that the council leaves: what it is in words, and what was decided of it last, if anything."""

    kind: str
    pk: int
    title: str
    about: str
    decided: Succeeding | None = None

    @property
    def key(self):
        return f"{self.kind}-{self.pk}"

    @property
    def is_done(self):
        return self.decided is not None and self.decided.applied_on is not None

    @property
    def revision(self):
        """The decision that a page has read: another one since makes it stale."""
        return self.decided.pk if self.decided else 0


@dataclass(frozen=True)
class Legacy:
    """A council that ends on `ends_on`, its successors, and all that it leaves, kind by kind."""

    council: Council
    ends_on: object
    successors: tuple[Council, ...]
    left: tuple[Left, ...] = field(default=())
    is_closed: bool = False

    @property
    def by_key(self):
        return {one.key: one for one in self.left}

    @property
    def undecided(self):
        return [one for one in self.left if one.decided is None]

    @property
    def awaiting(self):
        return [one for one in self.left if one.decided and one.decided.fate == Succeeding.Fate.AWAITING]


def successors_of(council):
    """Return (the day the council ends, its successors in their order); (None, ()) where none is on record."""
    successions = list(council.successions.select_related("successor").order_by("successor__name"))
    if not successions:
        return None, ()
    day = council.until_on or min(one.on for one in successions)
    return day, tuple(one.successor for one in successions)


def is_closed(council):
    """Say whether the record of an ended council has been closed: its milestones passed on, its roles ended."""
    return Event.objects.filter(kind=ENDED, council_code=council.la_code).exists()


def legacy_of(council, viewer):
    """Return the `Legacy` of a council with successors, as far as the viewer may see it, or None. Nine queries.

    What rests on a source under embargo is left out: nobody decides of it here before it is published.
    """
    ends_on, successors = successors_of(council)
    if not successors:
        return None
    decided = _decided(council)
    left = [
        *_cases(council, viewer, decided),
        *_recommendations(council, viewer, decided),
        *_actions(council, viewer, decided),
        *_milestones(council, viewer, decided),
    ]
    return Legacy(council, ends_on, successors, tuple(left), is_closed(council))


def _decided(council):
    """{(kind, number): what was decided of it last}."""
    rows = Succeeding.objects.filter(predecessor=council).prefetch_related("successors")
    return {
        (kind, getattr(row, f"{kind}_id")): row
        for row in rows.order_by("pk")
        for kind in KINDS
        if getattr(row, f"{kind}_id")
    }


def _cases(council, viewer, decided):
    running = [Case.Standing.OPEN, Case.Standing.UNCONFIRMED]
    cases = Case.objects.visible_to(viewer).filter(council=council, kind=Case.Kind.INTERVENTION)
    known = [pk for kind, pk in decided if kind == "case"]
    for case in cases.order_by("pk"):
        ended_with_it = case.standing == Case.Standing.CLOSED and case.closed_on == council.until_on
        if case.standing in running or ended_with_it or case.pk in known:
            about = f"Intervention, {case.get_standing_display().lower()}"
            yield Left("case", case.pk, case.reference, about, decided.get(("case", case.pk)))


def _recommendations(council, viewer, decided):
    found = Recommendation.objects.visible_to(viewer).filter(council=council).select_related("source")
    known = [pk for kind, pk in decided if kind == "recommendation"]
    for one in found.order_by("source", "number"):
        if one.closed_on is None or one.pk in known:
            yield Left(
                "recommendation", one.pk, one.text, one.source.title, decided.get(("recommendation", one.pk))
            )


def latest_planned(council, viewer):
    """Return the actions of the latest version that the viewer may read of each of the council's plans."""
    versions = PlanVersion.objects.visible_to(viewer).filter(plan__council=council)
    latest = {version.plan_id: version.pk for version in versions.order_by("plan", "number")}
    return (
        PlannedAction.objects.filter(version__in=latest.values())
        .select_related("version__plan", "action", "priority")
        .prefetch_related(Prefetch("recommendations"), Prefetch("measures"))
        .order_by("version__plan", "priority__place", "place", "pk")
    )


def _actions(council, viewer, decided):
    for one in latest_planned(council, viewer):
        held = decided.get(("action", one.action_id))
        if one.action.closed_on is None or held:
            about = f"{one.version.plan.title}, action {one.priority.place}.{one.place}"
            yield Left("action", one.action_id, one.text, about, held)


def _milestones(council, viewer, decided):
    """Open ones but for those of plan actions, which go where their action goes."""
    found = Milestone.objects.visible_to(viewer).filter(council=council, of_plan=False)
    known = [pk for kind, pk in decided if kind == "milestone"]
    for one in found.order_by("due_on", "pk"):
        if one.closed_on is None or one.outcome == Milestone.Outcome.PASSED_ON or one.pk in known:
            due = f"due {one.due_on:%-d %B %Y}" if one.due_on else "no date"
            about = f"{one.get_force_display()}, {due}"
            yield Left("milestone", one.pk, one.label, about, decided.get(("milestone", one.pk)))


def shadow_team(council, on):
    """Return the grants of the council's shadow team that hold on `on` or later, by their first day."""
    grants = Grant.objects.filter(council=council, role=Role.SHADOW_TEAM).exclude(until_on__lte=on)
    return list(grants.select_related("person").order_by("from_on", "person__name"))


def shadow_candidates(council, on):
    """Return the people of the council's successors whom it may let in, by name: those with a role there today."""
    _day, successors = successors_of(council)
    theirs = Grant.objects.in_force(on).filter(council__in=successors, role__in=OF_THE_COUNCIL)
    held = Grant.objects.filter(council=council, role=Role.SHADOW_TEAM).exclude(until_on__lte=on)
    people = Person.objects.filter(pk__in=theirs.values("person"), is_active=True)
    return people.exclude(pk__in=held.values("person")).order_by("name", "email")


def ended_this_year(region, on):
    """Return the region's councils that ended by `on` in the same council year, from 1 April. One query, or three."""
    began = date(on.year if (on.month, on.day) >= (4, 1) else on.year - 1, 4, 1)
    ended = Council.objects.filter(memberships__region=region, until_on__range=(began, on)).distinct()
    return list(ended.prefetch_related("successions__successor").order_by("-until_on", "name"))
