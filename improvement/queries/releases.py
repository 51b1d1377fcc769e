"""What a council has released and can release, and what anybody may read of plans."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q

from improvement.models import Plan, PlanVersion, Release, Update


def released_of(plan):
    """Return the releases of a plan's versions and updates, those in force first, the latest first."""
    found = (
        releases_of(plan).select_related("version", "update", "released_by").order_by("-released_on", "-pk")
    )
    return sorted(found, key=lambda one: one.withdrawn_on is not None)


def releases_of(plan):
    """Return every release of a plan's versions and updates, withdrawn ones too."""
    return Release.objects.filter(Q(version__plan=plan) | Q(update__plan=plan))


def releasable(plan):
    """Return ([versions], [updates]) of a plan that can be released: approved or later, submitted. Latest first."""
    versions = plan.versions.approved().order_by("-number")
    updates = (
        plan.updates.filter(standing=Update.Standing.SUBMITTED).latest_revisions().order_by("-period_on")
    )
    return list(versions), list(updates)


@dataclass(frozen=True)
class Readable:
    """A plan with the latest of its versions and updates that a viewer may read; either may be None."""

    plan: Plan
    version: PlanVersion | None
    update: Update | None


def plans_to_read(viewer):
    """Return the `Readable` plans of a viewer, by council. Three queries, whatever their number."""
    versions = PlanVersion.objects.visible_to(viewer).order_by("-number")
    updates = Update.objects.visible_to(viewer).order_by("-period_on", "-number")
    readable = Plan.objects.visible_to(viewer) | Plan.objects.filter(
        updates__in=updates.order_by().values("pk")
    )
    plans = (
        readable.distinct()
        .select_related("council")
        .prefetch_related(
            Prefetch("versions", versions, to_attr="versions_read"),
            Prefetch("updates", updates, to_attr="updates_read"),
        )
        .order_by("council__name", "-begun_on", "-pk")
    )
    return [
        Readable(plan, next(iter(plan.versions_read), None), next(iter(plan.updates_read), None))
        for plan in plans
    ]
