"""What the checks of a version ask of the tables besides the version itself."""

from django.db.models import Exists, OuterRef

from cases.models import Milestone
from improvement.models import (
    ActionReport,
    PlannedAction,
    PlanVersion,
    Snapshot,
    between_council_and_lga,
)


def versions_to_check(viewer, reference):
    """Return the versions of a plan that the viewer may read.

    Each with `may_draft`: whether they may change it now; and `shows_advice`: whether they are of the council or its
    advisers, to whom alone the credibility check is shown.
    """
    advised = PlanVersion.objects.filter(between_council_and_lga(viewer, "plan"), pk=OuterRef("pk"))
    drafts = PlanVersion.objects.draftable_by(viewer).in_work().filter(pk=OuterRef("pk"))
    return (
        PlanVersion.objects.visible_to(viewer)
        .filter(plan__reference=reference)
        .select_related("plan__council")
        .annotate(may_draft=Exists(drafts), shows_advice=Exists(advised))
    )


def late_and_complete(version, viewer):
    """Return the keys of the version's actions that are late today, and of those complete, as this viewer may know.

    Late: past due and not complete. Of an action that the plan is worked to, its milestone tells, to whoever sees
    that or an update that reports it; of any other the planned date alone. One query. Rule: section 5, point 5.
    """
    seen = Milestone.objects.visible_to(viewer).filter(pk=OuterRef("action__milestone"))
    reported = ActionReport.objects.visible_to(viewer).filter(action=OuterRef("action"))
    rows = (
        PlannedAction.objects.filter(version=version)
        .annotate(told=Exists(seen) | Exists(reported))
        .values_list(
            "action",
            "due_on",
            "action__milestone",
            "action__milestone__due_on",
            "action__milestone__met_on",
            "action__milestone__closed_on",
            "told",
        )
    )
    late, complete = set(), set()
    for key, planned_on, milestone, due_on, met_on, closed_on, told in rows:
        if milestone is None:
            is_late = planned_on is not None and planned_on < viewer.today
        elif not told:
            continue
        elif met_on is not None:
            complete.add(key)
            continue
        else:
            is_late = closed_on is None and due_on is not None and due_on < viewer.today
        if is_late:
            late.add(key)
    return frozenset(late), frozenset(complete)


def checks_recorded(version):
    """Return the snapshots of a version with the credibility check that each recorded, the latest last."""
    return [snapshot for snapshot in Snapshot.objects.filter(version=version) if "check" in snapshot.content]
