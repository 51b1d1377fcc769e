"""Copying what one version says into the next: rows anew, identities the same; into another plan, both anew."""

from improvement.models import (
    Action,
    Measure,
    PlannedAction,
    PlannedMeasure,
    PlannedPriority,
    Priority,
    Risk,
)
from improvement.queries.drafting import people_to_own


def copy_content(source, version, *, on):
    """Copy priorities, measures, actions and risks of `source` into the empty `version`, in their order.

    Into a version of another plan everything gets an identity of its own; what a recommendation of another council
    asked, or the plan doesn't answer, is left out, and so is an owner who may not own an action there.
    """
    same_plan = source.plan_id == version.plan_id
    priorities = _copy_priorities(source, version, same_plan)
    measures = _copy_measures(source, version, priorities, same_plan)
    _copy_actions(source, version, priorities, measures, same_plan, on)
    Risk.objects.bulk_create(_anew(risk, version) for risk in source.risks.all())


def _anew(row, version):
    row.pk, row._state.adding = None, True
    row.version, row.revision = version, 1
    return row


def _identities(model, rows, name, plan, same_plan):
    """Return the identity of each row: its own, or a new one of `plan`."""
    if same_plan:
        return [getattr(row, f"{name}_id") for row in rows]
    return [one.pk for one in model.objects.bulk_create(model(plan=plan) for _ in rows)]


def _copy_priorities(source, version, same_plan):
    """Return {key of the old row: the new row}."""
    rows = list(source.priorities.all())
    before = [row.pk for row in rows]
    for row, identity in zip(
        rows, _identities(Priority, rows, "priority", version.plan, same_plan), strict=True
    ):
        _anew(row, version).priority_id = identity
    return dict(zip(before, PlannedPriority.objects.bulk_create(rows), strict=True))


def _copy_measures(source, version, priorities, same_plan):
    """Return {the measure's identity: the identity in the copy}."""
    rows = list(source.measures.all())
    before = [row.measure_id for row in rows]
    identities = _identities(Measure, rows, "measure", version.plan, same_plan)
    for row, identity in zip(rows, identities, strict=True):
        priority = priorities.get(row.priority_id)
        _anew(row, version).measure_id, row.priority = identity, priority
    PlannedMeasure.objects.bulk_create(rows)
    return dict(zip(before, identities, strict=True))


def _copy_actions(source, version, priorities, measures, same_plan, on):
    rows = list(source.actions.prefetch_related("recommendations", "measures"))
    told = [[one.pk for one in row.recommendations.all()] for row in rows]
    measured = [[one.pk for one in row.measures.all()] for row in rows]
    identities = _identities(Action, rows, "action", version.plan, same_plan)
    owners = set(people_to_own(version.plan.council, on).values_list("pk", flat=True))
    for row, identity in zip(rows, identities, strict=True):
        priority = priorities[row.priority_id]
        _anew(row, version).action_id, row.priority = identity, priority
        row.owner_id = row.owner_id if row.owner_id in owners else None
    made = PlannedAction.objects.bulk_create(rows)
    answered = told if same_plan else [[] for _ in told]
    _link(
        PlannedAction.recommendations.through,
        "recommendation_id",
        zip(made, answered, strict=True),
    )
    _link(
        PlannedAction.measures.through,
        "measure_id",
        (
            (row, [measures[one] for one in ones if one in measures])
            for row, ones in zip(made, measured, strict=True)
        ),
    )


def _link(through, column, pairs):
    through.objects.bulk_create(
        through(plannedaction_id=row.pk, **{column: one}) for row, ones in pairs for one in ones
    )
