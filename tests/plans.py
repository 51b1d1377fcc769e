"""A made plan, written straight into the tables: for tests about what becomes of one."""

from datetime import date, timedelta

from cases.models import Source
from improvement.models import (
    Action,
    Measure,
    Plan,
    PlannedAction,
    PlannedMeasure,
    PlannedPriority,
    PlanVersion,
    Priority,
    Risk,
)
from tests.factories import RecommendationFactory, SourceFactory

BEGUN = date(2026, 1, 12)


def make_plan(
    council,
    *,
    priorities=3,
    actions=12,
    recommendations=4,
    measures=3,
    standing=PlanVersion.Standing.DRAFTING,
    case=None,
    on=BEGUN,
    title="Improvement plan",
):
    """Return the first version of a new plan: `actions` shared out over `priorities`, each serving a recommendation.

    Standing `approved` or later is approved on `on`. `version.plan` is the plan.
    """
    in_work = standing in (PlanVersion.Standing.DRAFTING, PlanVersion.Standing.FOR_APPROVAL)
    number = Plan.objects.count() + 1
    plan = Plan.objects.create(
        council=council, case=case, reference=f"PLAN-{on:%Y}-{number:04}", title=title, begun_on=on
    )
    version = PlanVersion.objects.create(plan=plan, number=1, begun_on=on)
    told = _recommendations(council, recommendations, on)
    plan.recommendations.set(told)
    planned = _priorities(version, priorities)
    measured = _measures(version, planned, measures)
    _actions(version, planned, actions, told, measured, on)
    Risk.objects.create(version=version, place=1, text="Agency cover runs out", likelihood=3, impact=4)
    PlanVersion.objects.filter(pk=version.pk).update(
        standing=standing, approved_on=None if in_work else on, approved_by=None
    )
    version.refresh_from_db()
    return version


def _recommendations(council, wanted, on):
    if not wanted:
        return []
    source = SourceFactory(
        council=council, kind=Source.Kind.INSPECTION_REPORT, title="Inspection report", dated_on=on
    )
    return [
        RecommendationFactory(
            council=council, source=source, number=n, text=f"Improve matter {n}", entered_on=on
        )
        for n in range(1, wanted + 1)
    ]


def _priorities(version, wanted):
    made = Priority.objects.bulk_create(Priority(plan=version.plan) for _ in range(wanted))
    return PlannedPriority.objects.bulk_create(
        PlannedPriority(
            version=version, priority=one, place=n, title=f"Priority {n}", outcome=f"Good looks like {n}"
        )
        for n, one in enumerate(made, 1)
    )


def _measures(version, planned, wanted):
    made = Measure.objects.bulk_create(Measure(plan=version.plan) for _ in range(wanted))
    PlannedMeasure.objects.bulk_create(
        PlannedMeasure(
            version=version,
            measure=one,
            priority=planned[n % len(planned)] if planned else None,
            place=n + 1,
            name=f"Measure {n + 1}",
            unit="%",
            baseline=60,
            baseline_on=version.begun_on,
            target=90,
            target_on=version.begun_on + timedelta(days=365),
            tolerance=5,
            polarity=PlannedMeasure.Polarity.HIGHER,
        )
        for n, one in enumerate(made)
    )
    return made


def _actions(version, planned, wanted, told, measured, on):
    made = Action.objects.bulk_create(Action(plan=version.plan) for _ in range(wanted))
    rows = PlannedAction.objects.bulk_create(
        PlannedAction(
            version=version,
            action=one,
            priority=planned[n % len(planned)],
            place=n // len(planned) + 1,
            text=f"Do thing {n + 1}",
            owner_post="Assistant director",
            start_on=on,
            due_on=on + timedelta(days=90 + n),
            success=f"Thing {n + 1} is done well",
            by_measures=True,
        )
        for n, one in enumerate(made)
    )
    for n, row in enumerate(rows):
        if told:
            row.recommendations.add(told[n % len(told)])
        if measured:
            row.measures.add(measured[n % len(measured)])
