"""What the pages of a board read: its meetings, members, decisions, and what was signed off."""

from collections import defaultdict

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery

from accounts.models import Grant, Person
from accounts.permissions import Scope
from councils.models import RegionMembership
from improvement.models import (
    ActionReport,
    Board,
    BoardDecision,
    BoardMeeting,
    Delivery,
    PlannedAction,
    PlanVersion,
    SignOff,
    Update,
)


def who_may_sit(council, on):
    """Return the active people with a role for `council` on `on`: its own, a chair, the LGA’s, the DfE’s."""
    region = RegionMembership.objects.on(on).filter(council=council).values("region")
    grants = Grant.objects.in_force(on).filter(
        Q(scope=Scope.COUNCIL, council=council) | Q(scope=Scope.REGION, region__in=region)
    )
    return Person.objects.filter(pk__in=grants.values("person"), is_active=True).order_by("name", "pk")


def board_of(plan, viewer):
    """Return the plan's board with `may_keep`: whether the viewer writes of its meetings; None where there is none."""
    kept = Board.objects.kept_by(viewer).filter(pk=OuterRef("pk"))
    return (
        Board.objects.visible_to(viewer)
        .filter(plan=plan)
        .select_related("plan__council")
        .annotate(may_keep=Exists(kept))
        .first()
    )


def meetings_of(board):
    """Return the board's meetings, the latest first, with who was present and what was decided."""
    decisions = BoardDecision.objects.select_related("action").order_by("pk")
    return (
        BoardMeeting.objects.filter(board=board)
        .prefetch_related("present", Prefetch("decisions", decisions))
        .order_by("-meets_on")
    )


def live_version(plan, viewer):
    """Return the latest version approved that the viewer may read, or None."""
    return PlanVersion.objects.visible_to(viewer).approved().filter(plan=plan).order_by("-number").first()


def actions_to_sign_off(version, viewer):
    """Return the version's actions in its order, each with what its latest submitted report says and its sign-off.

    `delivery`, `sign_off` (its number), `sign_off_state` and `sign_off_on`: "" or None where there is none. One query.
    """
    reports = ActionReport.objects.filter(
        update__in=Update.objects.visible_to(viewer).filter(standing=Update.Standing.SUBMITTED).values("pk"),
        action=OuterRef("action"),
    ).order_by("-update__period_on", "-update__number")
    latest = SignOff.objects.filter(action=OuterRef("action")).order_by("-pk")
    return (
        PlannedAction.objects.filter(version=version)
        .select_related("priority")
        .annotate(
            delivery=Subquery(reports.values("delivery")[:1]),
            sign_off=Subquery(latest.values("pk")[:1]),
            sign_off_state=Subquery(latest.values("state")[:1]),
            sign_off_on=Subquery(latest.values("on")[:1]),
        )
        .order_by("priority__place", "place", "pk")
    )


def sign_off_counts(version, viewer):
    """Return (actions, reported complete and not signed off, signed off) of a version. One query."""
    stands = actions_to_sign_off(version, viewer)
    signed = Q(sign_off_state=SignOff.State.SIGNED_OFF)
    waiting = Q(delivery=Delivery.COMPLETE) & (Q(sign_off_state=None) | ~signed)
    counted = stands.order_by().aggregate(
        of=Count("pk"), waiting=Count("pk", filter=waiting), signed=Count("pk", filter=signed)
    )
    return counted["of"], counted["waiting"], counted["signed"]


def priorities_of(version):
    """Return the numbers of a version's priorities in its order; [] where there is no version."""
    return list(version.priorities.values_list("pk", flat=True)) if version else []


def numbered(version):
    """Return [(action's key, "2.3", its text)] of a version; [] where there is none. Two queries."""
    if version is None:
        return []
    numbers = {priority: number for number, priority in enumerate(priorities_of(version), 1)}
    places, found = defaultdict(int), []
    rows = PlannedAction.objects.filter(version=version).order_by("priority__place", "place", "pk")
    for key, priority, text in rows.values_list("action", "priority", "text"):
        places[priority] += 1
        found.append((key, f"{numbers[priority]}.{places[priority]}", text))
    return found


def numbers_of(version):
    """Return {action's key: "2.3"} of a version."""
    return {key: number for key, number, _ in numbered(version)}


def action_choices(version):
    """Return the version's actions as the choices of a field."""
    return [(key, f"{number} {text[:70]}") for key, number, text in numbered(version)]
