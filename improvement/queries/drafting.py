"""What is asked while a plan is drafted."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch

from accounts.models import Grant, Person
from accounts.permissions import Role
from cases.models import Recommendation, not_restricted
from improvement.models import PlannedAction, PlannedPriority, PlanVersion, between_council_and_lga

OWNING = (Role.ACTION_OWNER, Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_APPROVER)


def people_to_own(council, on):
    """Return the people who may be named as the owner of an action of the council's plans on `on`."""
    grants = Grant.objects.in_force(on).filter(council=council, role__in=OWNING)
    return Person.objects.filter(is_active=True, pk__in=grants.values("person"))


def versions_to_read(viewer, reference):
    """Return the versions of a plan that the viewer may read, each with its plan, council and case.

    Each with `shows_advice`: whether they hear what the council and its LGA advisers say to each other.
    """
    advised = PlanVersion.objects.filter(between_council_and_lga(viewer, "plan"), pk=OuterRef("pk"))
    readable = PlanVersion.objects.visible_to(viewer).filter(plan__reference=reference)
    readable = readable.annotate(shows_advice=Exists(advised))
    return readable.select_related("plan__council", "plan__case", "approved_by")


def recommendations_of(plan):
    """Return what the plan answers, by source, the earliest first; what is under embargo left out."""
    told = Recommendation.objects.filter(not_restricted(), plans=plan).select_related("source")
    return list(told.order_by("source__dated_on", "source", "number"))


def left_out(version):
    """Return the planned actions of the version that a draft was made from which the draft has no more."""
    if version.made_from_id is None or version.made_from.plan_id != version.plan_id:
        return PlannedAction.objects.none()
    kept = version.actions.values("action")
    before = PlannedAction.objects.filter(version=version.made_from_id).exclude(action__in=kept)
    return before.select_related("action", "priority")


@dataclass
class Draft:
    """The priorities of a version with their actions, and the recommendations that these may answer."""

    priorities: list[tuple[PlannedPriority, list[PlannedAction]]]
    recommendations: list[Recommendation]


def read_draft(version):
    """Return the `Draft` of a version that the viewer may read, in four queries whatever its size."""
    actions = defaultdict(list)
    for planned in with_answers(version.actions):
        actions[planned.priority_id].append(planned)
    return Draft(
        [(priority, actions[priority.pk]) for priority in version.priorities.all()],
        recommendations_of(version.plan),
    )


def with_answers(actions):
    """Return planned actions with what each answers, for as long as the world may know of it."""
    known = Recommendation.objects.filter(not_restricted()).only("pk")
    return actions.prefetch_related(Prefetch("recommendations", known, to_attr="answered"))
