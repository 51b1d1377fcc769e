"""The priorities of a draft, and the outcome that each is for."""

from django.db import transaction

from cases.actions import Refused
from improvement.actions.drafting.editing import (
    lock_draft,
    lock_row,
    move,
    next_place,
    number_from_one,
    record,
    save,
    write,
)
from improvement.models import PlannedPriority, Priority

LABELS = {
    "title": "the priority’s title",
    "enabler": "the enabler of improvement",
    "outcome": "the outcome",
    "lead": "the post that leads it",
}


@transaction.atomic
def add_priority(version, *, title, enabler="", outcome="", lead="", by, on):
    """Add a priority after the others and return its PlannedPriority. Raises PermissionDenied and Refused."""
    version = lock_draft(version, by)
    planned = PlannedPriority(version=version, place=next_place(version.priorities))
    write(planned, {"title": title, "enabler": enabler, "outcome": outcome, "lead": lead}, LABELS)
    planned.priority = Priority.objects.create(plan=version.plan)
    planned.save()
    record("draft-priority-added", version, planned, by, on)
    return planned


@transaction.atomic
def save_priority(planned, *, revision, by, on, **given):
    """Change what is given: title, enabler, outcome, lead. Raises PermissionDenied, Refused and Stale."""
    planned, version = lock_row(planned, by, revision)
    changed = write(planned, given, LABELS)
    if changed:
        save(planned)
        record("draft-priority-saved", version, planned, by, on, fields=changed)
    return planned


@transaction.atomic
def move_priority(planned, *, place, revision=None, by, on):
    """Put it at `place`, from 1: its actions are numbered by it."""
    return move(planned, _siblings, place, "draft-priority-moved", by=by, on=on, revision=revision)


@transaction.atomic
def remove_priority(planned, *, revision, by, on):
    """Take an empty priority out of the draft. Its actions are moved or removed first."""
    planned, version = lock_row(planned, by, revision)
    if planned.actions.exists():
        raise Refused("Move or remove its actions first: a priority with actions can’t be removed")
    record("draft-priority-removed", version, planned, by, on, priority=planned.priority_id)
    identity = planned.priority
    planned.delete()
    if not identity.planned.exists():
        identity.delete()
    number_from_one(version.priorities.all())


def _siblings(planned):
    return planned.version.priorities.all()
