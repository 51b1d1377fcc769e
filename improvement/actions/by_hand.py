"""Opening an intervention by hand, and writing down what else brought it about."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions import open_case, start_clocks
from cases.models import Case, ClockRule, Source
from cases.refusals import Refused
from cases.rules import Start
from councils.models import Council
from improvement.actions.clocks import keep_case_clocks, keep_council_clocks
from improvement.actions.letters import record_instrument
from improvement.actions.opening import take_clocks_into_cases
from improvement.actions.record import begin_with_first_row, place_record
from improvement.actions.recording import (
    case_of,
    create_once,
    refuse_future,
    refuse_wrong_words,
    source_of,
    tell,
)
from improvement.models import Instrument, Intervention, Strand, Trigger

BY_HAND = (Trigger.Kind.VISIT, Trigger.Kind.JTAI, Trigger.Kind.COURT, Trigger.Kind.NOTICE)
# A joint inspection's letter is kept as a visit's: reports of inspections follow the inspections on record.
_SOURCES = {
    Trigger.Kind.VISIT: Source.Kind.VISIT_LETTER,
    Trigger.Kind.JTAI: Source.Kind.VISIT_LETTER,
    Trigger.Kind.COURT: Source.Kind.COURT_JUDGMENT,
}
_TITLES = {
    Trigger.Kind.VISIT: "Letter after a focused visit",
    Trigger.Kind.JTAI: "Letter after a joint targeted area inspection",
    Trigger.Kind.COURT: "Court judgment",
}
# What clock rules call the visit that a letter is about.
_VISITS = {Trigger.Kind.VISIT: "focused-visit", Trigger.Kind.JTAI: "jtai"}


@transaction.atomic
def open_by_hand(
    council,
    *,
    kind,
    on_day,
    strand=Strand.SOCIAL_CARE,
    detail="",
    letter="",
    url="",
    instrument=Instrument.Kind.NOTICE,
    inspection=None,
    priority=False,
    by,
    on,
):
    """Open an intervention from a visit, a JTAI, a court judgment or a notice of `on_day`, and return its case.

    Of a notice or direction (`instrument` says which) the row is recorded too, unless it stands on the published
    record. `inspection`: the visit on record that it is; its milestones join the case. `priority`: the letter asks
    for priority action, which starts the clocks of a plan where no visit is on record. What the published record
    holds since then joins the case. Rule: section 4, point 1. Raises PermissionDenied or Refused.
    """
    if not by.may_at(Ability.RECORD_INTERVENTION, council):
        raise PermissionDenied
    council = Council.objects.select_for_update(no_key=True).get(pk=council.pk)
    _refuse_wrong(council, kind, on_day, detail, letter, on)
    running = Case.objects.filter(
        council=council,
        kind=Case.Kind.INTERVENTION,
        standing__in=[Case.Standing.OPEN, Case.Standing.UNCONFIRMED],
    ).first()
    if running is not None:
        raise Refused(_why_not_two(running))
    case = open_case(Case.Kind.INTERVENTION, council, by=by, on=on)
    Intervention.objects.create(
        case=case, opened_from=Intervention.Opened.HAND, began_on=on_day, recorded_on=on
    )
    this_council = Council.objects.filter(pk=council.pk)
    place_record(this_council, by=by, on=on)
    trigger = _write_trigger(
        case, kind, on_day, strand, detail, letter, url, instrument, inspection, by=by, on=on
    )
    tell(
        "intervention-opened",
        case,
        by,
        on,
        source=trigger.source,
        trigger=str(kind),
        began=on_day.isoformat(),
    )
    _start_clocks_of(trigger, priority, by=by, on=on)
    take_clocks_into_cases(this_council, by=by, on=on)
    keep_council_clocks(this_council, by=by, on=on)
    keep_case_clocks([council.pk], by=by, on=on)
    return case


@transaction.atomic
def record_trigger(
    case,
    *,
    kind,
    on_day,
    strand=Strand.SOCIAL_CARE,
    detail="",
    letter="",
    url="",
    inspection=None,
    priority=False,
    by,
    on,
):
    """Record what else brought about a case that is open: a visit, a JTAI or a court judgment. Return the Trigger.

    A notice joins an open case as what it is: see `record_instrument`. It changes no stage.
    """
    council = case.council
    case = case_of(council, by, case=case)
    if kind == Trigger.Kind.NOTICE:
        raise Refused("Record the notice or direction itself", "kind")
    _refuse_wrong(council, kind, on_day, detail, letter, on)
    trigger = _write_trigger(case, kind, on_day, strand, detail, letter, url, None, inspection, by=by, on=on)
    tell("trigger-recorded", trigger, by, on, council=council, trigger=str(kind), began=on_day.isoformat())
    if case.standing == Case.Standing.OPEN:
        _start_clocks_of(trigger, priority, by=by, on=on)
        take_clocks_into_cases(Council.objects.filter(pk=council.pk), by=by, on=on)
    return trigger


def _refuse_wrong(council, kind, on_day, detail, letter, on):
    if kind not in BY_HAND:
        raise Refused("Choose what it is opened from", "kind")
    refuse_future(on_day, on, "on_day")
    if not Council.objects.on(on).filter(pk=council.pk).exists():
        raise Refused("This council has ended: nothing is opened for it any more")
    refuse_wrong_words(detail=detail, letter=letter)


def _why_not_two(running):
    if running.standing == Case.Standing.UNCONFIRMED:
        return f"{running.reference} stands on the published record: say first whether it is open"
    return f"{running.reference} is open already: record it there"


def _write_trigger(case, kind, on_day, strand, detail, letter, url, instrument, inspection, *, by, on):
    if inspection is not None and inspection.council_id != case.council_id:
        raise Refused("It is a visit to another council", "inspection")
    if kind == Trigger.Kind.NOTICE:
        source = _issued(case, instrument, on_day, strand, detail, letter, url, by=by, on=on).source
    elif inspection is not None and inspection.source_id and not inspection.source.is_restricted:
        source = inspection.source
    else:
        source = source_of(case.council, _SOURCES[kind], _TITLES[kind], on_day, letter=letter, url=url)
    trigger = create_once(
        Trigger,
        case=case,
        kind=kind,
        on=on_day,
        strand=strand,
        detail=detail,
        source=source,
        inspection=inspection,
    )
    begin_with_first_row({case.pk})
    return trigger


def _issued(case, kind, issued_on, strand, detail, letter, url, *, by, on):
    """Return the notice or direction of that day: as the published record has it, else recorded now."""
    known = Instrument.objects.filter(case=case, kind=kind, issued_on=issued_on).first()
    return known or record_instrument(
        case.council,
        kind=kind,
        issued_on=issued_on,
        strand=strand,
        detail=detail,
        letter=letter,
        url=url,
        case=case,
        by=by,
        on=on,
    )


def _start_clocks_of(trigger, priority, *, by, on):
    """Start what a letter that asks for priority action starts; a visit on record has started it already."""
    if trigger.kind not in _VISITS or trigger.inspection_id is not None or not priority:
        return
    begins = Start(
        event=ClockRule.StartsFrom.INSPECTION,
        on=trigger.on,
        council_id=trigger.case.council_id,
        case=trigger.case,
        source=trigger.source,
        facts={"kinds": _VISITS[trigger.kind], "priority": "yes"},
        words="receipt of the letter, taken to be its date",
        assumed=True,
    )
    start_clocks([begins], by=by, on=on)
