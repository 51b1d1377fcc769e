"""The actions of a draft: one accountable owner each, dates, how success will be known, what they answer.

Rule: section 5, points 3 and 4.
"""

from django.db import transaction
from django.db.models import Q

from cases.actions import Refused
from cases.models import Recommendation, not_restricted
from improvement.actions.drafting.editing import (
    lock_draft,
    lock_row,
    next_place,
    number_from_one,
    put,
    record,
    refuse_order,
    save,
    write,
)
from improvement.models import Action, Measure, PlannedAction, PlannedPriority
from improvement.queries.drafting import people_to_own

LABELS = {
    "text": "what is to be done",
    "owner_post": "the post of the owner",
    "owner_body": "the owner’s body",
    "start_on": "the start",
    "due_on": "the due date",
    "success": "how success will be known",
    "resources": "the resources",
    "aim": "the aim",
    "by_measures": "whether measures are evidence of it",
    "by_audit": "whether case audit is evidence of it",
    "by_voice": "whether voice is evidence of it",
}
MANY = ("recommendations", "measures")
FIELDS = (*LABELS, "owner", *MANY)


@transaction.atomic
def add_action(version, *, priority, text, place=None, by, on, **given):
    """Add an action to a PlannedPriority of the version, at the end or at `place`; return its PlannedAction.

    `given`: any of `FIELDS`; `recommendations` and `measures` are Recommendations of the plan and Measures (the
    identities) of the version. Raises PermissionDenied and Refused.
    """
    version = lock_draft(version, by)
    _refuse_elsewhere(priority, version)
    planned = PlannedAction(version=version, priority=priority, place=next_place(priority.actions))
    write_action(planned, {"text": text, **given}, version, on)
    planned.action = Action.objects.create(plan=version.plan)
    planned.save()
    _set_many(planned, given, version)
    if place is not None:
        put(planned, priority.actions.all(), place)
    record("draft-action-added", version, planned, by, on, action=planned.action_id)
    return planned


@transaction.atomic
def save_action(planned, *, revision, by, on, **given):
    """Change what is given, of `FIELDS`, and leave the rest. Returns the row with its new revision.

    The same again changes nothing. Raises PermissionDenied, Refused (with the field) and Stale.
    """
    planned, version = lock_row(planned, by, revision)
    changed = write_action(planned, given, version, on) + _set_many(planned, given, version)
    if changed:
        save(planned)
        record(
            "draft-action-saved", version, planned, by, on, action=planned.action_id, fields=sorted(changed)
        )
    return planned


@transaction.atomic
def move_action(planned, *, place, priority=None, revision=None, by, on):
    """Put it at `place` (from 1) of its priority, or of another PlannedPriority. What it says stays."""
    planned, version = lock_row(planned, by, revision)
    before = planned.priority
    if priority is not None and priority.pk != before.pk:
        _refuse_elsewhere(priority, version)
        planned.priority = priority
        planned.save(update_fields=["priority"])
        number_from_one(before.actions.all())
    put(planned, planned.priority.actions.all(), place)
    told = {"action": planned.action_id, "place": planned.place}
    record("draft-action-moved", version, planned, by, on, **told)
    return planned


@transaction.atomic
def remove_action(planned, *, revision, note="", by, on):
    """Take it out of the draft. One that the council had approved is closed as no longer needed: `note` says why."""
    planned, version = lock_row(planned, by, revision)
    _leave(planned, version, Action.Closed.DROPPED, note, None, by, on)


@transaction.atomic
def merge_action(planned, *, into, revision, text=None, note="", by, on):
    """Let `into` take over what it answers, its measures and kinds of evidence, and take it out; return `into`.

    `text`: what `into` says from now on, where the two are written as one. Closed as merged where the council had
    approved it. Raises PermissionDenied, Refused and Stale.
    """
    planned, version = lock_row(planned, by, revision)
    into, _ = lock_row(into, by)
    if into.pk == planned.pk:
        raise Refused("Choose another action to merge it with", "into")
    for name in MANY:
        getattr(into, name).add(*getattr(planned, name).all())
    for name in ("by_measures", "by_audit", "by_voice"):
        setattr(into, name, getattr(into, name) or getattr(planned, name))
    if text is not None:
        write_action(into, {"text": text}, version, on)
    save(into)
    _leave(planned, version, Action.Closed.MERGED, note or "Merged with another", into.action, by, on)
    return into


@transaction.atomic
def put_back_action(version, action, *, by, on):
    """Put an action that was dropped or merged back into the draft, as the version it was made from has it."""
    version = lock_draft(version, by)
    was = PlannedAction.objects.filter(version=version.made_from_id, action=action).first()
    if was is None or action.plan_id != version.plan_id:
        raise Refused("The version before has no such action")
    if version.actions.filter(action=action).exists():
        raise Refused("It is in this version already")
    home = version.priorities.filter(priority=was.priority.priority_id).first() or version.priorities.first()
    if home is None:
        raise Refused("Add a priority first")
    told, measured = list(was.recommendations.all()), list(was.measures.filter(planned__version=version))
    was.pk, was._state.adding = None, True
    was.version, was.priority, was.place, was.revision = version, home, next_place(home.actions), 1
    was.save()
    was.recommendations.set(told)
    was.measures.set(measured)
    Action.objects.filter(pk=action.pk).update(
        closed_on=None, closed_because="", closed_note="", merged_into=None
    )
    record("draft-action-put-back", version, was, by, on, action=action.pk)
    return was


def _refuse_elsewhere(priority, version):
    if not PlannedPriority.objects.filter(pk=priority.pk, version=version).exists():
        raise Refused("Choose a priority of this version", "priority")


def write_action(planned, given, version, on):
    """Set what is given, but for the many, on the row, unsaved; return the names of what changes. Raises Refused."""
    for name in given:
        if name not in FIELDS:
            raise TypeError(f"An action has no {name}")
    changed = write(planned, {name: given[name] for name in given if name in LABELS}, LABELS)
    if "owner" in given and planned.owner_id != getattr(given["owner"], "pk", None):
        planned.owner = _owner(given["owner"], version, on)
        changed.append("owner")
    refuse_order(planned.start_on, planned.due_on, "The due date must not be before the start", _later(given))
    return changed


def _later(given):
    return "start_on" if "start_on" in given and "due_on" not in given else "due_on"


def _owner(person, version, on):
    if person is not None and not people_to_own(version.plan.council, on).filter(pk=person.pk).exists():
        raise Refused("Choose somebody who answers for actions or plans of this council", "owner")
    return person


def _set_many(planned, given, version):
    """Set what it answers and what measures it, where given, and return the names of what that changes."""
    changed = []
    if "recommendations" in given and _set_recommendations(planned, given["recommendations"], version):
        changed.append("recommendations")
    if "measures" in given and _set_measures(planned, given["measures"], version):
        changed.append("measures")
    return changed


def _set_recommendations(planned, told, version):
    told, before = {one.pk for one in told}, set(planned.recommendations.values_list("pk", flat=True))
    # One under embargo again is shown to nobody here, and so taken away by nobody.
    hidden = Recommendation.objects.filter(pk__in=before).exclude(not_restricted())
    told |= set(hidden.values_list("pk", flat=True))
    if told - before - set(version.plan.recommendations.values_list("pk", flat=True)):
        raise Refused("Choose among the recommendations that this plan answers", "recommendations")
    planned.recommendations.set(told)
    return told != before


def _set_measures(planned, measures, version):
    wanted, before = {one.pk for one in measures}, set(planned.measures.values_list("pk", flat=True))
    if wanted - set(version.measures.values_list("measure", flat=True)):
        raise Refused("Choose among the measures of this version", "measures")
    planned.measures.set(Measure.objects.filter(pk__in=wanted))
    return wanted != before


def _leave(planned, version, because, note, into, by, on):
    """Take an action out of the draft; its identity stays closed where an approved version has it, else goes."""
    action, home = planned.action, planned.priority
    note = " ".join(note.split())
    known = action.planned.filter(version__approved_on__isnull=False).exists()
    if known and not note:
        raise Refused("Enter why it is no longer needed: the council has approved it before", "note")
    if len(note) > 500:
        raise Refused("Shorten why to 500 characters or fewer", "note")
    told = {"action": action.pk, "because": str(because)} | ({"into": into.pk} if into else {})
    record("draft-action-removed", version, planned, by, on, **told)
    planned.delete()
    kept = known or action.evidence.exists() or Action.objects.filter(Q(merged_into=action)).exists()
    if kept:
        action.closed_on, action.closed_because = on, because
        action.closed_note, action.merged_into = note, into
        action.save()
    else:
        action.delete()
    number_from_one(home.actions.all())
