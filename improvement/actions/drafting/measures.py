"""The measures of a draft: baseline, target, tolerance and polarity. Readings stay with the measure's identity."""

from django.db import transaction

from cases.actions import Refused
from improvement.actions.drafting.editing import (
    lock_draft,
    lock_row,
    move,
    next_place,
    number_from_one,
    record,
    refuse_order,
    save,
    write,
)
from improvement.models import Measure, PlannedMeasure

LABELS = {
    "name": "the measure’s name",
    "unit": "the unit",
    "baseline": "the baseline",
    "baseline_on": "the date of the baseline",
    "target": "the target",
    "target_on": "the date of the target",
    "tolerance": "the tolerance",
    "polarity": "which way is better",
    "frequency": "how often it is read",
    "benchmark": "what it is compared with",
}


@transaction.atomic
def add_measure(version, *, name, priority=None, by, on, **given):
    """Add a measure after the others, to a PlannedPriority where given, and return its PlannedMeasure.

    `given`: any of `LABELS`; numbers are Decimals. Raises PermissionDenied and Refused.
    """
    version = lock_draft(version, by)
    planned = PlannedMeasure(version=version, place=next_place(version.measures))
    write_measure(planned, {"name": name, "priority": priority, **given}, version)
    planned.measure = Measure.objects.create(plan=version.plan)
    planned.save()
    record("draft-measure-added", version, planned, by, on, measure=planned.measure_id)
    return planned


@transaction.atomic
def save_measure(planned, *, revision, by, on, **given):
    """Change what is given, of `LABELS` and `priority`. Raises PermissionDenied, Refused and Stale."""
    planned, version = lock_row(planned, by, revision)
    changed = write_measure(planned, given, version)
    if changed:
        save(planned)
        record(
            "draft-measure-saved",
            version,
            planned,
            by,
            on,
            measure=planned.measure_id,
            fields=sorted(changed),
        )
    return planned


@transaction.atomic
def move_measure(planned, *, place, revision=None, by, on):
    return move(
        planned,
        lambda one: one.version.measures.all(),
        place,
        "draft-measure-moved",
        by=by,
        on=on,
        revision=revision,
    )


@transaction.atomic
def remove_measure(planned, *, revision, by, on):
    """Take it out of the draft, and off the actions that it measures. Its readings stay with earlier versions."""
    planned, version = lock_row(planned, by, revision)
    record("draft-measure-removed", version, planned, by, on, measure=planned.measure_id)
    identity = planned.measure
    for action in version.actions.filter(measures=identity):
        action.measures.remove(identity)
    planned.delete()
    if not identity.planned.exists() and not identity.readings.exists():
        identity.delete()
    number_from_one(version.measures.all())


def write_measure(planned, given, version):
    """Set what is given on the row, unsaved, and return the names of what that changes. Raises Refused."""
    given = dict(given)
    priority = given.pop("priority", planned.priority)
    changed = write(planned, given, LABELS)
    if priority != planned.priority:
        if priority is not None and priority.version_id != version.pk:
            raise Refused("Choose a priority of this version", "priority")
        planned.priority = priority
        changed.append("priority")
    if planned.tolerance is not None and planned.tolerance < 0:
        raise Refused("The tolerance must be 0 or more", "tolerance")
    refuse_order(
        planned.baseline_on,
        planned.target_on,
        "The date of the target must not be before that of the baseline",
        "target_on",
    )
    return changed
