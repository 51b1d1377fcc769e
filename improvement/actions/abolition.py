"""What becomes of a council's things when it ends: decided one by one by a person, done on the day it ends.

Rule: section 4, point 9. What nobody has decided stays to decide; until then nothing of it is lost, and nothing of it
is overdue.
"""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.actions import end_roles_at
from accounts.models import Grant
from accounts.permissions import Ability
from cases.actions.clocks import milestone_event
from cases.identifiers import refuse_identifiers
from cases.models import Allocation, Case, Milestone, Pause
from cases.refusals import Refused, Stale
from councils.models import Council
from history.actions import event_of, record_event, record_events
from history.models import Event
from improvement.actions.handing_on import Hands
from improvement.models import Plan, Succeeding
from improvement.queries.succession import ENDED, is_closed, legacy_of

Fate = Succeeding.Fate
TO_SUCCESSORS = (Fate.PASSED_ON, Fate.COPIED)
NOTE_AT_MOST = 500


@dataclass(frozen=True)
class Decided:
    """The choice for one thing: its key (`Left.key`), the fate, to which successors, and the last decision read."""

    key: str
    fate: str
    successors: tuple = ()
    note: str = ""
    seen: int | None = None


class NotDecided(Exception):
    """Some of several choices can't be saved, so none is. `problems` is {key: Stale or Refused}."""

    def __init__(self, problems):
        super().__init__(f"{len(problems)} choices can't be saved.")
        self.problems = problems


@transaction.atomic
def decide_fates(council, decisions, *, by, on):
    """Write down what becomes of things that the council leaves, all or none; return the rows of `Succeeding`.

    `decisions`: `Decided` ones, in any number and as often as minds change before the council has ended. Of a council
    whose record is closed they are done at once. Raises PermissionDenied and NotDecided.
    """
    council = _locked(council, by)
    legacy = legacy_of(council, by)
    if legacy is None:
        raise Refused("No successor of this council is on record")
    problems = {}
    for one in decisions:
        problem = _problem(one, legacy)
        if problem is not None:
            problems[one.key] = problem
    if problems:
        raise NotDecided(problems)
    rows = [_write(council, one, by=by, on=on) for one in decisions]
    if legacy.is_closed:
        _carry_out(council, legacy, rows, by=by, on=on)
    return rows


def decide_fate(council, *, key, fate, successors=(), note="", seen=None, by, on):
    """Decide of one thing: see `decide_fates`. Raises Refused or Stale of it alone."""
    one = Decided(key, fate, tuple(successors), note, seen)
    try:
        return decide_fates(council, [one], by=by, on=on)[0]
    except NotDecided as refused:
        raise refused.problems[key] from refused


@transaction.atomic
def abolish(council, *, by, on):
    """Close the record of a council that has ended: safe to repeat, and done at night by itself.

    Its open milestones close as passed on, its cases close, its plans are no longer worked to, its people's roles and
    its adviser's care end, all on the day it ended; what was decided of its things is done. Returns whether it was
    still to do. Raises PermissionDenied, and Refused for a council that has not ended or has no successor.
    """
    council = _locked(council, by)
    if council.until_on is None or council.until_on > on:
        raise Refused("The council has not ended: its last day is kept with the reference data")
    legacy = legacy_of(council, by)
    if legacy is None:
        raise Refused("No successor of this council is on record")
    if legacy.is_closed:
        return False
    rows = [one.decided for one in legacy.left if one.decided is not None]
    passed = _pass_milestones_on(council, by=by, on=on)
    closed = _close_cases(council, by=by, on=on)
    plans = Plan.objects.filter(council=council, closed_on=None).update(closed_on=council.until_on)
    roles = end_roles_at(council, until_on=council.until_on, by=by, on=on)
    Allocation.objects.filter(council=council, until_on=None, from_on__lte=council.until_on).update(
        until_on=council.until_on
    )
    record_event(
        ENDED,
        by=by,
        on=on,
        subject=council,
        council_code=council.la_code,
        data={
            "ended_on": council.until_on.isoformat(),
            "milestones": passed,
            "cases": closed,
            "plans": plans,
            "roles": roles,
        },
    )
    _carry_out(council, legacy, rows, by=by, on=on)
    return True


def abolish_ended(*, by, on):
    """Close the record of each council that has ended by `on` and still holds anything open; return how many."""
    done = Event.objects.filter(kind=ENDED, council_code=OuterRef("la_code"))
    ended = Council.objects.filter(until_on__lte=on, successions__isnull=False).filter(
        Q(Exists(Milestone.objects.filter(council=OuterRef("pk"), closed_on=None)))
        | Q(Exists(Case.objects.filter(council=OuterRef("pk"), closed_on=None)))
        | Q(Exists(Plan.objects.filter(council=OuterRef("pk"), closed_on=None)))
        | Q(Exists(Grant.objects.filter(council=OuterRef("pk"), until_on=None)))
        | Q(Exists(Succeeding.objects.filter(predecessor=OuterRef("pk"), applied_on=None)))
    )
    return sum(abolish(council, by=by, on=on) for council in ended.exclude(Exists(done)).distinct())


def _locked(council, by):
    if not by.may_at(Ability.RECORD_INTERVENTION, council):
        raise PermissionDenied
    return Council.objects.select_for_update().get(pk=council.pk)


def _problem(one, legacy):
    """Return what is wrong with a choice, as the exception it is, or None."""
    left = legacy.by_key.get(one.key)
    if left is None:
        return Refused("The council leaves no such thing any more")
    if (left.decided.pk if left.decided else None) != one.seen:
        return Stale(left)
    if left.is_done and left.decided.fate != Fate.AWAITING:
        return Refused("This has been done already")
    if one.fate not in Fate.values:
        return Refused("Choose what becomes of it", "fate")
    wanted = {each.pk for each in one.successors}
    if one.fate in TO_SUCCESSORS and not wanted:
        return Refused("Choose to which successor", "successors")
    if one.fate not in TO_SUCCESSORS and wanted:
        return Refused(
            "Leave the successors empty, or choose that it is passed on or copied to them", "successors"
        )
    if wanted - {each.pk for each in legacy.successors}:
        return Refused(f"Choose among the successors of {legacy.council.name}", "successors")
    if len(one.note) > NOTE_AT_MOST:
        return Refused(f"Shorten the note to {NOTE_AT_MOST} characters", "note")
    try:
        refuse_identifiers(note=one.note)
    except Refused as refused:
        return refused
    return None


def _write(council, one, *, by, on):
    kind, _, pk = one.key.partition("-")
    row = Succeeding.objects.create(
        predecessor=council,
        fate=one.fate,
        decided_on=on,
        decided_by_id=by.person_id,
        note=one.note.strip(),
        **{f"{kind}_id": int(pk)},
    )
    row.successors.set(one.successors)
    record_event(
        "succession-decided",
        by=by,
        on=on,
        subject=row,
        council_code=council.la_code,
        case_reference=row.case.reference if row.case else "",
        source_id=row.recommendation.source_id if row.recommendation else None,
        data={
            "of": kind,
            "number": int(pk),
            "fate": str(one.fate),
            "to": sorted(each.la_code for each in one.successors),
        },
    )
    return row


def _pass_milestones_on(council, *, by, on):
    """Close every open milestone on the day the council ended: none of them is overdue after it."""
    day = council.until_on
    milestones = list(
        Milestone.objects.filter(council=council, closed_on=None)
        .select_related("council", "case")
        .select_for_update(of=("self",))
    )
    Pause.objects.filter(milestone__in=milestones, until_on=None, from_on__lte=day).update(until_on=day)
    for one in milestones:
        one.outcome, one.closed_on, one.to_confirm = Milestone.Outcome.PASSED_ON, day, False
        one.outcome_note = f"{council.name} ended"
        one.revision += 1
    Milestone.objects.bulk_update(
        milestones, ["outcome", "closed_on", "to_confirm", "outcome_note", "revision"], batch_size=500
    )
    record_events(milestone_event("milestone-passed-on", one, by=by, on=on) for one in milestones)
    return len(milestones)


def _close_cases(council, *, by, on):
    """Close the council's open cases; one that nobody has confirmed never counted, and is withdrawn."""
    running = [Case.Standing.OPEN, Case.Standing.UNCONFIRMED]
    held = Case.objects.filter(council=council, kind=Case.Kind.INTERVENTION, standing__in=running)
    cases = list(held.select_for_update(of=("self",)))
    for case in cases:
        is_open = case.standing == Case.Standing.OPEN
        case.standing = Case.Standing.CLOSED if is_open else Case.Standing.WITHDRAWN
        case.closed_on = council.until_on
        case.revision += 1
        case.save()
    record_events(
        event_of(
            "case-ended-with-council",
            by=by,
            on=on,
            subject=case,
            council_code=council.la_code,
            case_reference=case.reference,
            data={"closed_on": council.until_on.isoformat()},
        )
        for case in cases
    )
    return len(cases)


def _carry_out(council, legacy, rows, *, by, on):
    """Do what was decided and is not yet done. What awaits the DfE waits."""
    to_do = [row for row in rows if row.applied_on is None]
    hands = Hands(council, legacy.ends_on, by=by, on=on)
    # Cases first, for what else is passed on joins them; actions last, for they answer recommendations.
    for kind in ("case", "recommendation", "milestone", "action"):
        of_kind = [row for row in to_do if getattr(row, f"{kind}_id")]
        hands.take(kind, [row for row in of_kind if row.fate in TO_SUCCESSORS])
        hands.end(kind, [row for row in of_kind if row.fate == Fate.ENDED])
    done = [row.pk for row in to_do if row.fate != Fate.AWAITING]
    Succeeding.objects.filter(pk__in=done).update(applied_on=on)


__all__ = [
    "Decided",
    "NotDecided",
    "abolish",
    "abolish_ended",
    "decide_fate",
    "decide_fates",
    "is_closed",
]
