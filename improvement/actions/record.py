"""Where the published record belongs: rows that no case holds yet, and the episodes that they alone make."""

from collections import defaultdict

from django.db.models import Min, Q

from cases.actions import open_cases
from cases.models import Case
from history.actions import event_of, record_events
from improvement.models import Appointment, Decision, Instrument, Intervention, Trigger
from improvement.rules.stages import Issued, belongs, episodes

ROWS = (Instrument, Appointment, Decision)


def place_record(councils, *, by, on):
    """Attach rows of the record to running cases, and make an episode to confirm where there is none.

    `councils`: a queryset of those that exist on `on`. A row belongs to a running case where it began since the
    case did, or was still in force then; the rest stand on the council's timeline alone. A council with a notice
    or direction to which the record gives no end, and with no running case, gets an episode to confirm. Returns
    (instruments newly attached to open cases, episodes made).
    """
    loose = _loose_rows(councils)
    running = {
        case.council_id: case
        for case in Case.objects.filter(
            council__in=councils,
            kind=Case.Kind.INTERVENTION,
            standing__in=[Case.Standing.OPEN, Case.Standing.UNCONFIRMED],
        )
        .annotate(judged_on=Min("triggers__on", filter=Q(triggers__withdrawn_on=None)))
        .select_related("council", "intervention")
    }
    _attach_to_running(loose, running)
    return _make_episodes(loose, running, councils, by=by, on=on)


def _loose_rows(councils):
    """Council id → its rows that no case holds, of all three tables."""
    loose = defaultdict(list)
    for model in ROWS:
        for row in model.objects.filter(council__in=councils, case=None).select_related("source"):
            loose[row.council_id].append(row)
    return loose


def _attach_to_running(loose, running):
    attached = []
    for council_id, case in running.items():
        since = case.judged_on or case.intervention.began_on
        attached += _attach(case, [row for row in loose[council_id] if _belongs(row, since)])
    _save(attached)


def _attach(case, rows):
    for row in rows:
        row.case = case
    return rows


def _save(rows):
    """Write the rows' cases, and let each case begin with its first row."""
    for model in ROWS:
        model.objects.bulk_update([row for row in rows if isinstance(row, model)], ["case"])
    begin_with_first_row({row.case_id for row in rows})


def begin_with_first_row(cases):
    """Let each intervention of `cases` (ids) that has rows begin on the first day of any of them."""
    days = defaultdict(list)
    for case_id, day in Trigger.objects.filter(case__in=cases, withdrawn_on=None).values_list("case", "on"):
        days[case_id].append(day)
    for model in ROWS:
        for row in model.objects.filter(case__in=cases):
            days[row.case_id].append(_first_day(row))
    for intervention in Intervention.objects.filter(case__in=days):
        first = min(days[intervention.case_id])
        if first != intervention.began_on:
            Intervention.objects.filter(pk=intervention.pk).update(began_on=first)


def _first_day(row):
    if isinstance(row, Instrument):
        return row.issued_on or row.lifted_on
    return row.from_on if isinstance(row, Appointment) else row.on


def _belongs(row, since):
    if isinstance(row, Instrument):
        return belongs(as_issued(row), since=since)
    if isinstance(row, Appointment):
        # The record gives few ends, so an appointment without one says nothing about years later.
        return row.from_on >= since or (row.until_on is not None and row.until_on > since)
    return row.on >= since


def as_issued(instrument):
    return Issued(
        key=instrument.pk,
        kind=instrument.kind,
        issued_on=instrument.issued_on,
        lifted_on=instrument.lifted_on,
        strand=instrument.strand,
        replaces=instrument.replaces_id,
    )


def _make_episodes(loose, running, councils, *, by, on):
    unended = {}
    for council in councils.exclude(pk__in=running):
        instruments = [row for row in loose[council.pk] if isinstance(row, Instrument)]
        latest = next(reversed(episodes(as_issued(row) for row in instruments)), None)
        if latest is not None and latest.ended_on is None:
            unended[council] = latest
    cases = open_cases(
        Case.Kind.INTERVENTION, list(unended), by=by, on=on, standing=Case.Standing.UNCONFIRMED
    )
    Intervention.objects.bulk_create(
        Intervention(
            case=case,
            opened_from=Intervention.Opened.RECORD,
            began_on=unended[case.council].began_on,
            recorded_on=on,
        )
        for case in cases
    )
    attached = []
    for case in cases:
        episode = unended[case.council]
        attached += _attach(case, [row for row in loose[case.council_id] if _in_episode(row, episode)])
    _save(attached)
    record_events(
        event_of(
            "episode-to-confirm",
            by=by,
            on=on,
            subject=case,
            council_code=case.council.la_code,
            case_reference=case.reference,
            data={"began_on": unended[case.council].began_on.isoformat()},
        )
        for case in cases
    )
    return cases


def _in_episode(row, episode):
    if isinstance(row, Instrument):
        return row.pk in episode.instruments
    return episode.holds(_first_day(row))


def release_record(cases):
    """Let go of the rows of the published record that these cases hold; what people recorded stays with them."""
    for model in ROWS:
        model.objects.filter(case__in=cases, partial=True).update(case=None)
