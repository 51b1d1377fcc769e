"""Recording what the DfE did, as its letter or notice says: instruments, appointments and decisions.

The DfE decides; an LGA adviser records. Each starts the clocks that follow from it.
"""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.permissions import Ability
from cases.actions import Refused, start_clocks
from cases.models import Case, Source
from history.actions import record_event
from improvement.actions.clocks import appointment_start, decision_start, instrument_start, keep_case_clocks
from improvement.models import Appointment, Decision, Instrument, Strand


@transaction.atomic
def record_instrument(
    council,
    *,
    kind,
    issued_on,
    strand=Strand.SOCIAL_CARE,
    replaces=None,
    stated=None,
    url="",
    detail="",
    by,
    on,
):
    """Record a notice or direction, with the case of the council that runs, and return the instrument.

    `replaces`: the instrument of that council that it replaces, which ends that day. `stated`: {rule slug: (date,
    "the letter that states it")}, for what it dates itself. Raises PermissionDenied or Refused.
    """
    case = _running_case(council, by)
    _refuse_future(issued_on, on, "issued_on")
    if replaces is not None:
        _end_instrument(replaces, council, issued_on)
    instrument = _create(
        Instrument,
        council=council,
        case=case,
        kind=kind,
        issued_on=issued_on,
        strand=strand,
        replaces=replaces,
        detail=detail,
        source=_source(council, kind, Instrument.Kind(kind).label, issued_on, url),
        recorded_on=on,
    )
    _record("instrument-recorded", instrument, by, on, kind=str(kind), issued_on=issued_on.isoformat())
    _start(case, instrument_start(instrument, stated=stated), by=by, on=on)
    return instrument


@transaction.atomic
def lift_instrument(instrument, *, lifted_on, detail="", by, on):
    """Record that a notice or direction ended on `lifted_on`. The end of a case's last one closes the case."""
    case = _running_case(instrument.council, by)
    _refuse_future(lifted_on, on, "lifted_on")
    _end_instrument(instrument, instrument.council, lifted_on)
    _record("instrument-lifted", instrument, by, on, lifted_on=lifted_on.isoformat(), detail=detail)
    if case is not None and not Instrument.objects.filter(case=case, lifted_on=None).exists():
        _close(case, lifted_on, by=by, on=on)
    return instrument


@transaction.atomic
def record_appointment(
    council, *, role, from_on, strand=Strand.SOCIAL_CARE, stated=None, url="", detail="", by, on
):
    """Record an appointment and return it. A commissioner's starts the clock of the first report."""
    case = _running_case(council, by)
    _refuse_future(from_on, on, "from_on")
    title = f"{Appointment.Role(role).label}’s appointment"
    appointment = _create(
        Appointment,
        council=council,
        case=case,
        role=role,
        from_on=from_on,
        strand=strand,
        detail=detail,
        source=_source(council, Source.Kind.LETTER, title, from_on, url),
        recorded_on=on,
    )
    _record("appointment-recorded", appointment, by, on, role=str(role), from_on=from_on.isoformat())
    _start(case, appointment_start(appointment, stated=stated), by=by, on=on)
    return appointment


@transaction.atomic
def end_appointment(appointment, *, until_on, by, on):
    """Record the first day on which an appointment no longer held."""
    _running_case(appointment.council, by)
    _refuse_future(until_on, on, "until_on")
    if until_on <= appointment.from_on:
        raise Refused("The end must be after the appointment", "until_on")
    appointment.until_on = until_on
    appointment.save(update_fields=["until_on"])
    _record("appointment-ended", appointment, by, on, until_on=until_on.isoformat())
    return appointment


@transaction.atomic
def record_decision(
    council, *, kind, decided_on, strand=Strand.SOCIAL_CARE, stated=None, url="", detail="", by, on
):
    """Record a decision of the DfE or its minister, as its letter says, and return it.

    A closing letter closes the case.
    """
    case = _running_case(council, by)
    _refuse_future(decided_on, on, "decided_on")
    label = Decision.Kind(kind).label
    decision = _create(
        Decision,
        council=council,
        case=case,
        kind=kind,
        on=decided_on,
        strand=strand,
        detail=detail,
        source=_source(council, Source.Kind.LETTER, f"DfE letter: {label}", decided_on, url),
        recorded_on=on,
    )
    _record("decision-recorded", decision, by, on, kind=str(kind), decided_on=decided_on.isoformat())
    _start(case, decision_start(decision, stated=stated), by=by, on=on)
    if case is not None and kind == Decision.Kind.CLOSING_LETTER:
        _close(case, decided_on, by=by, on=on)
    return decision


def _running_case(council, by):
    """Return the council's open intervention, locked, or None. PermissionDenied outside the person's reach."""
    if not by.may_at(Ability.ANSWER_MILESTONES, council):
        raise PermissionDenied
    running = Case.objects.filter(council=council, kind=Case.Kind.INTERVENTION, standing=Case.Standing.OPEN)
    return running.select_for_update().first()


def _refuse_future(day, on, field):
    if day > on:
        raise Refused("The date must be today or earlier", field)


def _source(council, kind, title, dated_on, url):
    return Source.objects.create(
        council=council,
        kind=kind,
        title=title,
        dated_on=dated_on,
        received_on=dated_on,
        received_assumed=True,
        url=url,
    )


def _create(model, **values):
    try:
        with transaction.atomic():
            return model.objects.create(**values)
    except IntegrityError as clash:
        raise Refused("This is recorded already") from clash


def _end_instrument(instrument, council, day):
    if instrument.council_id != council.pk:
        raise Refused("It is another council’s")
    if instrument.lifted_on is not None:
        raise Refused("It has ended already")
    if instrument.issued_on is not None and day < instrument.issued_on:
        raise Refused("It can’t end before it was issued", "lifted_on")
    instrument.lifted_on = day
    instrument.save(update_fields=["lifted_on"])


def _start(case, start, *, by, on):
    if case is None:
        return
    start_clocks([start], by=by, on=on)
    keep_case_clocks([case.council_id], by=by, on=on)


def _close(case, closed_on, *, by, on):
    case.standing, case.closed_on = Case.Standing.CLOSED, closed_on
    case.revision += 1
    case.save()
    _record("intervention-closed", case, by, on, closed_on=closed_on.isoformat())


def _record(event, subject, by, on, **data):
    case = subject if isinstance(subject, Case) else subject.case
    record_event(
        event,
        by=by,
        on=on,
        subject=subject,
        council_code=subject.council.la_code,
        case_reference=case.reference if case else "",
        data={key: value for key, value in data.items() if value},
    )
