"""Correcting what was written down wrongly of a notice, an appointment or a decision: its day, its strand, its words.

What it is stays: a direction is no notice. Clocks that run from its day run from the corrected one. What came with the
published record is corrected there.
"""

from django.db import IntegrityError, transaction

from cases.actions import mark_met, reopen
from cases.models import Case, Milestone
from cases.refusals import Refused
from improvement.actions.clocks import (
    SERIES_OF_INSTRUMENT,
    appointment_start,
    decision_start,
    instrument_start,
    series_start,
)
from improvement.actions.letters import REVIEW_RULES, REVIEWS, refuse_support_before_the_end
from improvement.actions.recording import (
    first_row_of,
    iso,
    locked_row,
    refuse_future,
    refuse_wrong_words,
    start,
    supersede,
    tell,
)
from improvement.models import Appointment, Decision, Instrument


@transaction.atomic
def correct_instrument(instrument, *, issued_on, strand, expires_on=None, detail="", by, on, revision):
    """Correct the day, the strand, the stated expiry and the words of a notice or direction, and return it.

    One that it replaced ended on the corrected day. Raises PermissionDenied, Refused or Stale.
    """
    instrument, case = _again(Instrument, instrument, by, revision, "replaces")
    refuse_future(issued_on, on, "issued_on")
    refuse_wrong_words(detail=detail)
    before = instrument.replaces
    if before is not None and before.issued_on is not None and issued_on < before.issued_on:
        raise Refused("It can’t be issued before the one that it replaces", "issued_on")
    if instrument.lifted_on is not None and issued_on > instrument.lifted_on:
        raise Refused("It can’t be issued after it ended", "issued_on")
    if expires_on is not None and expires_on <= issued_on:
        raise Refused("It must expire after it was issued", "expires_on")
    if before is not None:
        before.lifted_on = issued_on
        before.save(update_fields=["lifted_on"])
    old, instrument.issued_on = instrument.issued_on, issued_on
    instrument.issued_precision = "day"
    instrument.strand, instrument.expires_on, instrument.detail = strand, expires_on, detail
    _save(instrument, old, issued_on)
    tell("instrument-corrected", instrument, by, on, old=iso(old), new=issued_on.isoformat())
    if old != issued_on:
        _begin_reviews_anew(instrument, case, old, by=by, on=on)
    start(case, instrument_start(instrument), by=by, on=on)
    first_row_of(case)
    return instrument


@transaction.atomic
def correct_appointment(
    appointment,
    *,
    from_on,
    strand,
    name="",
    body="",
    terms="",
    serving_dcs_of=None,
    runs_improvement_partner=False,
    access_from_on=None,
    access_until_on=None,
    by,
    on,
    revision,
):
    """Correct an appointment, all of it as it should stand, and return it. Raises as `correct_instrument` does."""
    appointment, case = _again(Appointment, appointment, by, revision)
    refuse_future(from_on, on, "from_on")
    refuse_wrong_words(name=name, body=body, terms=terms)
    if appointment.until_on is not None and from_on >= appointment.until_on:
        raise Refused("It must begin before it ended", "from_on")
    if access_until_on is not None and (access_from_on is None or access_until_on <= access_from_on):
        raise Refused("Access must end after it begins", "access_until_on")
    old, appointment.from_on = appointment.from_on, from_on
    appointment.from_precision, appointment.strand = "day", strand
    appointment.name, appointment.body, appointment.terms = name.strip(), body.strip(), terms.strip()
    appointment.serving_dcs_of = serving_dcs_of
    appointment.runs_improvement_partner = runs_improvement_partner
    appointment.access_from_on, appointment.access_until_on = access_from_on, access_until_on
    _save(appointment, old, from_on)
    tell("appointment-corrected", appointment, by, on, old=iso(old), new=from_on.isoformat())
    start(case, appointment_start(appointment), by=by, on=on)
    first_row_of(case)
    return appointment


@transaction.atomic
def correct_decision(decision, *, decided_on, strand, reasons="", by, on, revision):
    """Correct the day, the strand and the reasons of a decision, and return it. Raises as `correct_instrument` does.

    A review that it answered was held on the corrected day; a case that it closed, closed on it.
    """
    decision, case = _again(Decision, decision, by, revision)
    refuse_future(decided_on, on, "decided_on")
    refuse_wrong_words(reasons=reasons)
    refuse_support_before_the_end(decision.kind, decided_on, case)
    old, decision.on = decision.on, decided_on
    decision.precision, decision.strand, decision.reasons = "day", strand, reasons.strip()
    _save(decision, old, decided_on)
    tell("decision-corrected", decision, by, on, old=iso(old), new=decided_on.isoformat())
    if old != decided_on and case is not None:
        _move_what_it_did(decision, case, old, by=by, on=on)
    start(case, decision_start(decision), by=by, on=on)
    first_row_of(case)
    return decision


def _again(model, row, by, revision, *related):
    """Return the row under its lock, and its case."""
    found, case = locked_row(model, row, by, *related, revision=revision)
    if found.partial:
        raise Refused("It came with the published record, and is corrected there")
    return found, case


def _save(row, old, new):
    """Save a corrected row, and the day of the letter that it rests on where that was the same."""
    row.revision += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Refused("Another of the same is recorded for that day") from clash
    source = row.source
    if source is not None and source.dated_on == old and old != new:
        source.dated_on = source.received_on = new
        source.save(update_fields=["dated_on", "received_on"])


def _begin_reviews_anew(instrument, case, old, *, by, on):
    """Let the reviews that ran from the wrong day run from the right one."""
    if case is None or instrument.source is None:
        return
    series = Milestone.objects.filter(
        case=case, source=instrument.source, rule__slug=SERIES_OF_INSTRUMENT, started_on=old, closed_on=None
    )
    if series.exists():
        supersede(series, by=by, on=on)
        start(case, series_start(instrument), by=by, on=on)


def _move_what_it_did(decision, case, old, *, by, on):
    if decision.kind in REVIEWS:
        met = Milestone.objects.filter(case=case, rule__slug__in=REVIEW_RULES, met_on=old).first()
        if met is not None:
            note = "The day of the review has been corrected."
            again = reopen(met, note=note, by=by, on=on, revision=met.revision)
            mark_met(again, met_on=decision.on, by=by, on=on, revision=again.revision)
    elif decision.kind == Decision.Kind.CLOSING_LETTER and case.closed_on == old:
        Case.objects.filter(pk=case.pk).update(closed_on=decision.on, revision=case.revision + 1)
        case.refresh_from_db()
