"""Recording what the DfE did, as its letter or notice says: instruments, appointments and decisions.

The DfE decides; an LGA adviser records. Each starts the clocks that follow from it. `letter` and `url` are the title
and the address of what it rests on; `case` is the intervention that the person records it with, where not the one
that runs. What is recorded of a case that has closed starts nothing. A day that is not known exactly is given as the
last it can mean, with its `precision`.
"""

from django.db import transaction

from cases.actions import mark_met
from cases.models import Milestone, Source
from cases.refusals import Refused
from improvement.actions.clocks import (
    SERIES_OF_INSTRUMENT,
    appointment_start,
    decision_start,
    instrument_start,
)
from improvement.actions.recording import (
    case_of,
    close_case,
    create_once,
    first_row_of,
    iso,
    last_closed,
    locked_row,
    refuse_future,
    refuse_wrong_words,
    source_of,
    start,
    supersede,
    tell,
)
from improvement.models import Appointment, Decision, Instrument, Precision, Strand
from improvement.rules.reviews import Awaited, answered_by

REVIEWS = (Decision.Kind.SUFFICIENT, Decision.Kind.INSUFFICIENT, Decision.Kind.NOT_DECIDED)
REVIEW_RULES = (SERIES_OF_INSTRUMENT, "progress-review")


@transaction.atomic
def record_instrument(
    council,
    *,
    kind,
    issued_on,
    precision=Precision.DAY,
    strand=Strand.SOCIAL_CARE,
    replaces=None,
    expires_on=None,
    stated=None,
    letter="",
    url="",
    detail="",
    case=None,
    by,
    on,
):
    """Record a notice or direction, with the case of the council that runs, and return the instrument.

    `replaces`: the instrument of that council that it replaces, which ends that day; one of the same kind is a
    revision. `expires_on`: as it states; it ends nothing by itself. `stated`: {rule slug: (date, "the letter that
    states it")}, for what it dates itself. Raises PermissionDenied or Refused.
    """
    case = case_of(council, by, case=case, day=issued_on, until=False)
    refuse_future(issued_on, on, "issued_on")
    refuse_wrong_words(detail=detail, letter=letter)
    if expires_on is not None and expires_on <= issued_on:
        raise Refused("It must expire after it was issued", "expires_on")
    if replaces is not None:
        _end_instrument(replaces, council, issued_on, "issued_on", by=by, on=on)
    instrument = create_once(
        Instrument,
        council=council,
        case=case,
        kind=kind,
        issued_on=issued_on,
        issued_precision=precision,
        expires_on=expires_on,
        strand=strand,
        replaces=replaces,
        detail=detail,
        source=source_of(council, kind, Instrument.Kind(kind).label, issued_on, letter=letter, url=url),
        recorded_on=on,
    )
    tell(
        "instrument-recorded",
        instrument,
        by,
        on,
        kind=str(kind),
        issued_on=issued_on.isoformat(),
        expires_on=iso(expires_on),
        replaces=replaces.pk if replaces else None,
    )
    start(case, instrument_start(instrument, stated=stated), by=by, on=on)
    first_row_of(case)
    return instrument


@transaction.atomic
def lift_instrument(
    instrument, *, lifted_on, precision=Precision.DAY, letter="", url="", by, on, revision=None
):
    """Record that a notice or direction ended on `lifted_on`. The end of a case's last one closes the case.

    `revision`: as the person has read it, where they have; Stale where somebody changed it since.
    """
    instrument, case = locked_row(Instrument, instrument, by, revision=revision)
    refuse_future(lifted_on, on, "lifted_on")
    refuse_wrong_words(letter=letter)
    title = f"Letter: {instrument.get_kind_display().lower()} lifted"
    instrument.end_source = _letter_of_end(instrument.council, title, lifted_on, letter, url)
    instrument.lifted_precision = precision
    _end_instrument(instrument, instrument.council, lifted_on, "lifted_on", by=by, on=on)
    tell(
        "instrument-lifted",
        instrument,
        by,
        on,
        source=instrument.end_source,
        lifted_on=lifted_on.isoformat(),
    )
    if case is not None and not Instrument.objects.filter(case=case, lifted_on=None).exists():
        close_case(case, lifted_on, by=by, on=on)
    return instrument


@transaction.atomic
def record_appointment(
    council,
    *,
    role,
    from_on,
    precision=Precision.DAY,
    strand=Strand.SOCIAL_CARE,
    name="",
    body="",
    terms="",
    serving_dcs_of=None,
    runs_improvement_partner=False,
    person=None,
    access_from_on=None,
    access_until_on=None,
    stated=None,
    letter="",
    url="",
    detail="",
    case=None,
    by,
    on,
):
    """Record an appointment and return it. A commissioner's starts the clock of the first report.

    `body`: whom they work for. `serving_dcs_of`: the council whose director they are. Access dates, first day in
    and first day out, are written down alone: an administrator gives the access.
    """
    case = case_of(council, by, case=case, day=from_on, until=False)
    refuse_future(from_on, on, "from_on")
    refuse_wrong_words(name=name, body=body, terms=terms, detail=detail, letter=letter)
    if access_until_on is not None and (access_from_on is None or access_until_on <= access_from_on):
        raise Refused("Access must end after it begins", "access_until_on")
    appointment = create_once(
        Appointment,
        council=council,
        case=case,
        role=role,
        from_on=from_on,
        from_precision=precision,
        strand=strand,
        name=name.strip(),
        body=body.strip(),
        terms=terms.strip(),
        serving_dcs_of=serving_dcs_of,
        runs_improvement_partner=runs_improvement_partner,
        person=person,
        access_from_on=access_from_on,
        access_until_on=access_until_on,
        detail=detail,
        source=source_of(
            council, Source.Kind.LETTER, appointment_title(role), from_on, letter=letter, url=url
        ),
        recorded_on=on,
    )
    tell("appointment-recorded", appointment, by, on, role=str(role), from_on=from_on.isoformat())
    start(case, appointment_start(appointment, stated=stated), by=by, on=on)
    first_row_of(case)
    return appointment


@transaction.atomic
def end_appointment(appointment, *, until_on, letter="", url="", by, on, revision=None):
    """Record the first day on which an appointment no longer held. `revision` as in `lift_instrument`."""
    appointment, _case = locked_row(Appointment, appointment, by, revision=revision)
    refuse_future(until_on, on, "until_on")
    refuse_wrong_words(letter=letter)
    if appointment.until_on is not None:
        raise Refused("It has ended already")
    if until_on <= appointment.from_on:
        raise Refused("The end must be after the appointment", "until_on")
    title = f"{appointment.get_role_display()}’s appointment ends"
    appointment.end_source = _letter_of_end(appointment.council, title, until_on, letter, url)
    appointment.until_on = until_on
    appointment.revision += 1
    appointment.save(update_fields=["until_on", "end_source", "revision"])
    tell(
        "appointment-ended",
        appointment,
        by,
        on,
        source=appointment.end_source,
        until_on=until_on.isoformat(),
    )
    return appointment


@transaction.atomic
def record_decision(
    council,
    *,
    kind,
    decided_on,
    precision=Precision.DAY,
    strand=Strand.SOCIAL_CARE,
    reasons="",
    answers=None,
    stated=None,
    letter="",
    url="",
    detail="",
    case=None,
    by,
    on,
):
    """Record a decision of the DfE or its minister, as its letter says, and return it.

    A closing letter closes the case. The result of a progress review marks the review it answers as met on that
    day: `answers` (a milestone of the case) where the person has chosen it, else `improvement.rules.reviews` says
    which, and maybe none. Support agreed belongs to the case that closed last where none runs.
    """
    if case is None and kind == Decision.Kind.SUPPORT_AGREED:
        case = _case_after(council)
    case = case_of(council, by, case=case, day=decided_on)
    refuse_future(decided_on, on, "decided_on")
    refuse_wrong_words(reasons=reasons, detail=detail, letter=letter)
    refuse_support_before_the_end(kind, decided_on, case)
    decision = note_decision(
        council,
        case,
        kind=kind,
        decided_on=decided_on,
        precision=precision,
        strand=strand,
        reasons=reasons,
        detail=detail,
        stated=stated,
        source=source_of(
            council,
            Source.Kind.LETTER,
            decision_title(kind),
            decided_on,
            letter=letter,
            url=url,
        ),
        by=by,
        on=on,
    )
    if kind in REVIEWS and case is not None and case.standing == case.Standing.OPEN:
        _meet_review(case, decided_on, answers, by=by, on=on)
    return decision


@transaction.atomic
def note_decision(
    council,
    case,
    *,
    kind,
    decided_on,
    source,
    precision=Precision.DAY,
    strand=Strand.SOCIAL_CARE,
    reasons="",
    detail="",
    stated=None,
    by,
    on,
):
    """Write a decision that rests on `source`, with what follows from it, and return it.

    A part of the action that knows what was decided, and asks whether `by` may.
    """
    decision = create_once(
        Decision,
        council=council,
        case=case,
        kind=kind,
        on=decided_on,
        precision=precision,
        strand=strand,
        reasons=reasons.strip(),
        detail=detail,
        source=source,
        recorded_on=on,
    )
    tell("decision-recorded", decision, by, on, kind=str(kind), decided_on=decided_on.isoformat())
    start(case, decision_start(decision, stated=stated), by=by, on=on)
    first_row_of(case)
    if case is not None and kind == Decision.Kind.CLOSING_LETTER:
        close_case(case, decided_on, by=by, on=on)
    return decision


def appointment_title(role):
    """What the letter of an appointment is called where nobody gives its title."""
    return f"{Appointment.Role(role).label}’s appointment"


def decision_title(kind):
    """What the letter of a decision is called where nobody gives its title."""
    return f"DfE letter: {Decision.Kind(kind).label}"


def reviews_awaited(case):
    """Return the progress reviews of a case that nobody has answered for, the earliest due first."""
    return Milestone.objects.filter(
        case=case, rule__slug__in=REVIEW_RULES, closed_on=None, due_on__isnull=False
    ).order_by("due_on", "pk")


def review_answered(case, held_on):
    """Return the milestone that a review held on `held_on` answers, or None."""
    awaited = {one.pk: one for one in reviews_awaited(case).select_related("rule")}
    key = answered_by((Awaited(pk, one.started_on, one.due_on) for pk, one in awaited.items()), held_on)
    return awaited.get(key)


def _meet_review(case, held_on, chosen, *, by, on):
    if chosen is not None and not reviews_awaited(case).filter(pk=chosen.pk).exists():
        raise Refused("This review has been answered already", "answers")
    milestone = chosen or review_answered(case, held_on)
    if milestone is not None:
        mark_met(milestone, met_on=held_on, by=by, on=on, revision=milestone.revision)


def _case_after(council):
    """The case that support after it belongs to where none runs."""
    running = council.cases.filter(kind="intervention", standing="open").exists()
    return None if running else last_closed(council)


def refuse_support_before_the_end(kind, day, case):
    """Refuse support after an intervention that is agreed before its case closed."""
    closed_on = case.closed_on if case is not None and kind == Decision.Kind.SUPPORT_AGREED else None
    if closed_on is not None and day < closed_on:
        raise Refused("Support after intervention is agreed on the day it ended, or later", "decided_on")


def _letter_of_end(council, title, day, letter, url):
    """Keep the letter that ends something, where the person names one."""
    if not letter.strip() and not url:
        return None
    return source_of(council, Source.Kind.LETTER, title, day, letter=letter, url=url)


def _end_instrument(instrument, council, day, field, *, by, on):
    held = Instrument.objects.select_for_update().get(pk=instrument.pk)
    if held.council_id != council.pk:
        raise Refused("It is another council’s")
    if held.lifted_on is not None:
        raise Refused("It has ended already")
    if held.issued_on is not None and day < held.issued_on:
        raise Refused("It can’t end before it was issued", field)
    instrument.lifted_on, instrument.revision = day, held.revision + 1
    instrument.save(update_fields=["lifted_on", "lifted_precision", "end_source", "revision"])
    supersede(Milestone.objects.filter(clause__instrument=instrument), by=by, on=on)
