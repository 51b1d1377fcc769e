"""What people do to a milestone: met, moved, paused, resumed, answered, assigned, confirmed, reopened, withdrawn.

Each fetches the row again under its lock, within what `by` may act on, and refuses a stale revision.
"""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.viewer import Viewer
from cases.actions.clocks import change_date, make_next_of_series, milestone_event, start_clocks
from cases.models import Answer, ClockRule, DateChange, Milestone, Pause
from cases.refusals import Refused, Stale
from cases.rules import Start
from history.actions import record_event, record_events
from history.models import Event

# Reasons a person may give; the others are given by what they name.
REASONS = [
    reason
    for reason in DateChange.Reason
    if reason not in (DateChange.Reason.RESUMED, DateChange.Reason.BANK_HOLIDAY)
]


class NotConfirmed(Exception):
    """Some of several answers can't be saved, so none is. `problems` is {milestone's number: Stale or Refused}."""

    def __init__(self, problems):
        super().__init__(f"{len(problems)} answers can't be saved.")
        self.problems = problems


@dataclass(frozen=True)
class Confirmation:
    """The answer for one of several milestones to confirm: see `confirm`."""

    milestone: Milestone
    outcome: str
    met_on: date | None
    revision: int


@transaction.atomic
def mark_met(milestone, *, met_on, note="", by, on, revision):
    """Record that it was met on `met_on`, not after `on`. A pause ends; what follows from it starts."""
    milestone = _locked(milestone, by, revision)
    _refuse_closed(milestone)
    _refuse_future(met_on, on, "met_on")
    return meet(milestone, met_on=met_on, note=note, by=by, on=on)


def meet(milestone, *, met_on, note="", by, on):
    """Record that an open milestone, locked by the caller, was met on `met_on`. A pause ends; what follows starts.

    A part of the action that met it, which asks whether `by` may: somebody who sends a plan need not be one who
    answers milestones.
    """
    history = milestone.to_confirm
    milestone.to_confirm = False
    milestone.outcome_note = note
    _close(milestone, Milestone.Outcome.MET, met_on)
    milestone.met_on = met_on
    _save(milestone)
    milestone.pauses.filter(until_on=None).update(until_on=on)
    late = (met_on - milestone.due_on).days if milestone.due_on and met_on > milestone.due_on else 0
    told = {"met_on": met_on.isoformat(), "days_late": late, "note": note, "to_confirm": history or None}
    _record("milestone-met", milestone, by, on, **told)
    if not history:
        _start_what_follows(milestone, by=by, on=on)
    return milestone


@transaction.atomic
def move_date(milestone, *, to, reason, note="", stated_in="", by, on, revision):
    """Move the due date to `to`, for a reason of the closed list. The promised date stays in its history.

    Reason "letter" makes `to` the stated date and needs `stated_in`; reason "other" needs a note.
    """
    milestone = _locked(milestone, by, revision)
    _refuse_closed(milestone)
    if reason not in REASONS:
        raise Refused("Choose why the date moves", "reason")
    if to == milestone.due_on:
        raise Refused("This is already the date", "to")
    if reason == DateChange.Reason.LETTER and not stated_in:
        raise Refused("Enter the letter that states the date", "stated_in")
    if reason == DateChange.Reason.OTHER and not note:
        raise Refused("Enter a note that says why the date moves", "note")
    if reason == DateChange.Reason.LETTER:
        milestone.stated_due, milestone.stated_in = to, stated_in
    old = milestone.due_on
    change_date(milestone, to, reason=reason, note=note, by=by, on=on)
    _save(milestone)
    _record("milestone-moved", milestone, by, on, old=_iso(old), new=to.isoformat(), reason=reason)
    return milestone


@transaction.atomic
def pause(milestone, *, reason, by, on, revision):
    """Hide it from lists and counts until it is resumed. Its date does not move."""
    milestone = _locked(milestone, by, revision)
    _refuse_closed(milestone)
    if not reason:
        raise Refused("Enter why it is paused", "reason")
    if milestone.pauses.filter(until_on=None).exists():
        raise Refused("It is paused already")
    Pause.objects.create(milestone=milestone, from_on=on, reason=reason, made_by_id=by.person_id)
    _save(milestone)
    _record("milestone-paused", milestone, by, on)
    return milestone


@transaction.atomic
def resume(milestone, *, due_on, note="", by, on, revision):
    """End the pause, with the date that now holds: the old one, or another, kept as a change."""
    milestone = _locked(milestone, by, revision)
    _refuse_closed(milestone)
    if not milestone.pauses.filter(until_on=None).update(until_on=on):
        raise Refused("It is not paused")
    old = milestone.due_on
    if due_on != old:
        change_date(milestone, due_on, reason=DateChange.Reason.RESUMED, note=note, by=by, on=on)
    _save(milestone)
    _record("milestone-resumed", milestone, by, on, old=_iso(old), new=due_on.isoformat())
    return milestone


@transaction.atomic
def answer(milestone, *, kind, asked_on=None, note="", by, on):
    """Record "not known", or that it was asked about on `asked_on`. Neither clears anything."""
    milestone = _locked(milestone, by)
    _refuse_closed(milestone)
    if kind not in Answer.Kind.values:
        raise Refused("Choose an answer", "kind")
    if kind == Answer.Kind.ASKED:
        if asked_on is None:
            raise Refused("Enter the day it was asked", "asked_on")
        _refuse_future(asked_on, on, "asked_on")
    else:
        asked_on = None
    Answer.objects.create(
        milestone=milestone, kind=kind, asked_on=asked_on, note=note, made_on=on, made_by_id=by.person_id
    )
    _record("milestone-answered", milestone, by, on, answer=str(kind), asked_on=_iso(asked_on))
    return milestone


@transaction.atomic
def assign(milestone, *, person, by, on, revision):
    """Give it to `person`, who must be able to see it, or to nobody (None)."""
    milestone = _locked(milestone, by, revision)
    _refuse_closed(milestone)
    if person is not None:
        theirs = Milestone.objects.visible_to(Viewer.of(person, by.today))
        if not theirs.filter(pk=milestone.pk).exists():
            raise Refused("This person can't see the council's milestones", "person")
    milestone.assignee = person
    _save(milestone)
    _record("milestone-assigned", milestone, by, on, person=person.pk if person else None)
    return milestone


@transaction.atomic
def confirm(milestone, *, outcome, met_on=None, by, on, revision):
    """Answer for a milestone that fell due before its case was entered: "met", "not-met" or "not-known".

    Not met makes it overdue from its due date; not known closes it.
    """
    if outcome == "met":
        if met_on is None:
            raise Refused("Enter the day it was met", "met_on")
        return mark_met(milestone, met_on=met_on, by=by, on=on, revision=revision)
    milestone = _locked(milestone, by, revision)
    _refuse_closed(milestone)
    if not milestone.to_confirm:
        raise Refused("It has been confirmed already")
    if outcome == "not-met":
        milestone.to_confirm = False
    elif outcome == "not-known":
        # It stays "to confirm" in the record, so that no earlier day counts it as overdue.
        _close(milestone, Milestone.Outcome.NOT_KNOWN, on)
    else:
        raise Refused("Choose an answer", "outcome")
    _save(milestone)
    _record("milestone-confirmed", milestone, by, on, outcome=outcome)
    return milestone


@transaction.atomic
def confirm_all(confirmations, *, by, on):
    """Answer for several at once, all or none, and return them. Raises NotConfirmed with every problem found."""
    confirmed, problems = [], {}
    # In one order, so that two people answering at once queue instead of waiting on each other's rows.
    for each in sorted(confirmations, key=lambda each: each.milestone.pk):
        answer = {"outcome": each.outcome, "met_on": each.met_on, "revision": each.revision}
        try:
            confirmed.append(confirm(each.milestone, **answer, by=by, on=on))
        except (Stale, Refused) as problem:
            problems[each.milestone.pk] = problem
    if problems:
        raise NotConfirmed(problems)
    return confirmed


@transaction.atomic
def reopen(milestone, *, note, by, on, revision):
    """Undo a "met" or "not known" recorded by mistake: it stands as before, on its date, to confirm if it was.

    Both stay in the history. The next sweep flags it again where it is late. What its being met brought about
    stays too, because somebody may have worked on it: a pause that ended, clocks that run from it, the next of
    its series. Met again, it corrects those clocks and makes no second next one.
    """
    milestone = _locked(milestone, by, revision)
    if milestone.outcome not in (Milestone.Outcome.MET, Milestone.Outcome.NOT_KNOWN):
        raise Refused("It is not recorded as met or not known")
    if not note:
        raise Refused("Enter why it is reopened", "note")
    if _has_a_later_one(milestone):
        raise Refused("A later one stands in its place")
    undone, met_on = milestone.outcome, milestone.met_on
    milestone.to_confirm = milestone.to_confirm or _was_to_confirm(milestone)
    milestone.outcome, milestone.closed_on = "", None
    milestone.met_on, milestone.outcome_note = None, ""
    _save(milestone)
    _record("milestone-reopened", milestone, by, on, undone=str(undone), met_on=_iso(met_on), note=note)
    return milestone


def _has_a_later_one(milestone):
    """Say whether a council that has only the latest of its kind has a later one than `milestone`."""
    if milestone.rule is None or not milestone.rule.only_latest:
        return False
    return (
        Milestone.objects.filter(
            council=milestone.council_id,
            rule__only_latest=milestone.rule.only_latest,
            started_on__gt=milestone.started_on,
        )
        .exclude(outcome__in=[Milestone.Outcome.SUPERSEDED, Milestone.Outcome.WITHDRAWN])
        .exists()
    )


def _was_to_confirm(milestone):
    """Say whether it was to confirm when it was last met. Only the event knows: met, it counts on earlier days."""
    met = Event.objects.filter(
        kind="milestone-met", subject_kind="milestone", subject_id=milestone.pk
    ).first()
    return bool(met and met.data.get("to_confirm"))


@transaction.atomic
def withdraw_milestones(queryset, *, by, on):
    """Close the open ones of `queryset`: what set them turned out to be wrong. Return how many.

    A part of the action that withdraws a case or source, which asks whether `by` may.
    """
    milestones = list(
        queryset.filter(closed_on=None).select_related("council", "case").select_for_update(of=("self",))
    )
    Milestone.objects.filter(pk__in=[milestone.pk for milestone in milestones]).update(
        outcome=Milestone.Outcome.WITHDRAWN, closed_on=on
    )
    record_events(milestone_event("milestone-withdrawn", milestone, by=by, on=on) for milestone in milestones)
    return len(milestones)


@transaction.atomic
def restore_milestones(queryset, *, by, on):
    """Let those of `queryset` stand again that were withdrawn: what sets them turned out to be right after all.

    A part of the action that corrects their source, which asks whether `by` may. Return how many.
    """
    withdrawn = queryset.filter(outcome=Milestone.Outcome.WITHDRAWN)
    milestones = list(withdrawn.select_related("council", "case").select_for_update(of=("self",)))
    Milestone.objects.filter(pk__in=[milestone.pk for milestone in milestones]).update(
        outcome="", closed_on=None
    )
    record_events(
        milestone_event("milestone-stands-again", milestone, by=by, on=on) for milestone in milestones
    )
    return len(milestones)


def _locked(milestone, by, revision=None):
    """Fetch the row again under its lock. PermissionDenied where `by` may not act; Stale when changed."""
    current = (
        Milestone.objects.readable_by(by)
        .answerable_by(by)
        .select_related("council", "case", "rule", "source")
        .select_for_update(of=("self",))
        .filter(pk=milestone.pk)
        .first()
    )
    if current is None:
        raise PermissionDenied
    if revision is not None and current.revision != revision:
        raise Stale(current)
    return current


def _refuse_closed(milestone):
    if milestone.closed_on is not None:
        raise Refused(f"It is closed already: {milestone.get_outcome_display().lower()}")


def _refuse_future(day, on, field):
    if day > on:
        raise Refused("The date must be today or earlier", field)


def _close(milestone, outcome, closed_on):
    milestone.outcome = outcome
    milestone.closed_on = closed_on


def _save(milestone):
    milestone.revision += 1
    milestone.save()


def _start_what_follows(milestone, *, by, on):
    """Start the clocks that run from this milestone's being met, and make the next of its series."""
    if milestone.rule is None:
        return
    if milestone.rule.repeats and milestone.case:
        make_next_of_series(case=milestone.case, by=by, on=on)
    start = Start(
        event=ClockRule.StartsFrom.MET,
        on=milestone.met_on,
        council_id=milestone.council_id,
        case=milestone.case,
        source=milestone.source,
        facts={"rules": milestone.rule.slug},
        words=f"{milestone.label}, met",
        in_confidence=milestone.source is not None and milestone.source.is_restricted,
    )
    start_clocks([start], by=by, on=on)


def _record(kind, milestone, by, on, **data):
    record_event(
        kind,
        by=by,
        on=on,
        subject=milestone,
        council_code=milestone.council.la_code,
        case_reference=milestone.case.reference if milestone.case else "",
        source_id=milestone.source_id,
        data={key: value for key, value in data.items() if value not in ("", None)},
    )


def _iso(day):
    return day.isoformat() if day else None
