"""The clauses of a notice or direction: their words, the dates they state, and what they tell the council to do."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from cases.actions import move_date, withdraw_milestones
from cases.actions.clocks import milestone_event
from cases.actions.recommendations import write_recommendations
from cases.identifiers import refuse_identifiers
from cases.models import DateChange, Force, Milestone, Owes
from cases.refusals import Refused, Stale
from history.actions import record_events
from improvement.actions.recording import iso, locked_row, tell
from improvement.models import Clause, Instrument

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class ClauseGiven:
    """A clause as a person types it. `number` as printed; `owes`: who must do it, as `cases.models.Owes` has them;
    `recommend`: whether it becomes a recommendation, for plans to answer."""

    number: str
    text: str
    due_on: date | None = None
    owes: str = Owes.COUNCIL
    recommend: bool = False


@transaction.atomic
def record_clauses(instrument, *, items, by, on):
    """Record clauses (`ClauseGiven`) of a notice or direction, all or none, and return them in their order.

    One that states a date has a milestone on that day, of the instrument's force, where the instrument is in force;
    one that is to be a recommendation becomes one of the instrument's source. Raises PermissionDenied or Refused.
    """
    instrument, case = locked_row(Instrument, instrument, by)
    items = list(items)
    _refuse_wrong_items(items, instrument)
    made = [_make(instrument, case, item, by=by, on=on) for item in items]
    tell(
        "clauses-recorded",
        instrument,
        by,
        on,
        numbers=[one.number for one in made],
    )
    return made


@transaction.atomic
def change_clause(clause, *, number, text, due_on=None, owes=Owes.COUNCIL, recommend=False, by, on, revision):
    """Correct a clause, and its milestone with it; a recommendation keeps its words. Raises Stale where it changed."""
    instrument, case = locked_row(Instrument, clause.instrument, by)
    clause = Clause.objects.select_related("milestone").select_for_update(of=("self",)).get(pk=clause.pk)
    clause.instrument = instrument
    if clause.revision != revision:
        raise Stale(clause)
    given = ClauseGiven(number, text, due_on, owes, recommend)
    _refuse_wrong_items([given], instrument, but=clause)
    clause.number, clause.text, clause.due_on = number.strip(), text.strip(), due_on
    _follow_the_date(clause, case, given, by=by, on=on)
    if recommend and clause.recommendation_id is None:
        clause.recommendation = _recommendation(clause, by=by, on=on)
    clause.revision += 1
    clause.save()
    tell(
        "clause-changed",
        clause,
        by,
        on,
        case=instrument.case,
        council=instrument.council,
        source=instrument.source,
        number=clause.number,
        due_on=iso(due_on),
    )
    return clause


def _refuse_wrong_items(items, instrument, but=None):
    if not items:
        raise Refused("Enter at least one clause", "text")
    if len(items) > MOST_AT_ONCE:
        raise Refused(f"These are {len(items)}. Record at most {MOST_AT_ONCE} at once", "text")
    held = set(instrument.clauses.exclude(pk=but.pk if but else None).values_list("number", flat=True))
    for item in items:
        _refuse_wrong_item(item, instrument)
        if item.number.strip() in held:
            raise Refused(f"Clause {item.number.strip()} is recorded already", "number")
        held.add(item.number.strip())


def _refuse_wrong_item(item, instrument):
    number, text = item.number.strip(), item.text.strip()
    longest = {name: Clause._meta.get_field(name).max_length for name in ("number", "text")}
    if not number:
        raise Refused("Enter the number of the clause as printed, such as 3(b)", "number")
    if len(number) > longest["number"]:
        raise Refused(f"Shorten the number to {longest['number']} characters, such as 3(b)", "number")
    if not text:
        raise Refused("Enter what the clause says", "text")
    if len(text) > longest["text"]:
        raise Refused(
            f"Clause {number} is {len(text):,} characters long. Shorten it to {longest['text']:,}", "text"
        )
    refuse_identifiers(text=text)
    if item.owes not in Owes.values:
        raise Refused("Choose who must do it", "owes")
    if item.due_on and instrument.issued_on and item.due_on < instrument.issued_on:
        raise Refused("The date must not be before the notice or direction was issued", "due_on")


def _make(instrument, case, item, *, by, on):
    clause = Clause(
        instrument=instrument, number=item.number.strip(), text=item.text.strip(), due_on=item.due_on
    )
    if item.due_on:
        clause.milestone = _milestone(clause, case, item.owes, by=by, on=on)
    if item.recommend:
        clause.recommendation = _recommendation(clause, by=by, on=on)
    clause.save()
    return clause


def _recommendation(clause, *, by, on):
    """Write the clause down as a recommendation of the instrument's own source."""
    source = clause.instrument.source
    if source is None:
        raise Refused("Nothing is kept of the notice itself, so a recommendation has no source", "recommend")
    return write_recommendations(source, [(f"Clause {clause.number}", clause.text)], by=by, on=on)[0]


def _milestone(clause, case, owes, *, by, on):
    """Make the milestone of a stated date; None where the instrument is no longer in force, or its case has closed."""
    instrument = clause.instrument
    if instrument.lifted_on is not None or (case is not None and case.standing != case.Standing.OPEN):
        return None
    name = instrument.get_kind_display().lower()
    milestone = Milestone.objects.create(
        council=instrument.council,
        case=case,
        source=instrument.source,
        label=f"Clause {clause.number} of the {name}",
        owes=owes,
        force=Force.INSTRUMENT,
        started_on=instrument.issued_on,
        started_by=f"the {name}",
        stated_due=clause.due_on,
        stated_in=f"the {name}",
        due_on=clause.due_on,
        entered_on=on,
        to_confirm=case is not None and clause.due_on < case.entered_on,
    )
    record_events([milestone_event("milestone-made", milestone, by=by, on=on)])
    return milestone


def _follow_the_date(clause, case, given, *, by, on):
    """Bring the clause's milestone in line with its date, owner and number; one that is closed stays as it is."""
    milestone = clause.milestone
    if milestone is None or milestone.closed_on is not None:
        if given.due_on and milestone is None:
            clause.milestone = _milestone(clause, case, given.owes, by=by, on=on)
        return
    if given.due_on is None:
        withdraw_milestones(Milestone.objects.filter(pk=milestone.pk), by=by, on=on)
        clause.milestone = None
        return
    name = clause.instrument.get_kind_display().lower()
    Milestone.objects.filter(pk=milestone.pk).update(
        label=f"Clause {clause.number} of the {name}", owes=given.owes, stated_due=given.due_on
    )
    if milestone.due_on != given.due_on:
        milestone = move_date(
            milestone,
            to=given.due_on,
            reason=DateChange.Reason.CORRECTION,
            by=by,
            on=on,
            revision=milestone.revision,
        )
    clause.milestone = milestone
