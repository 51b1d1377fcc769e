"""The clocks that an intervention's rows start, and those that every council's latest inspection starts."""

from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery

from cases.actions import start_clocks
from cases.models import Case, ClockRule, Milestone
from cases.rules import Start
from improvement.models import Appointment, Decision, Instrument, Precision, Trigger
from inspections.actions.clocks import outcome_facts, receipt_start
from inspections.models import Grade, Inspection

From = ClockRule.StartsFrom
PLAN_RULE = "improvement-plan"
SERIES_OF_INSTRUMENT = "progress-review-instrument"
# What the progress reviews of a case without a notice or direction run from.
ACCEPTANCE = "the plan’s acceptance"


def graded_overall():
    """Return the full inspections of any framework, but for re-inspections of looked after services alone."""
    return Inspection.objects.full().exclude(area="looked-after")


def latest_inspections(councils, on):
    """Return the latest full inspection of each of `councils` (a queryset) known by `on`, with its grades."""
    known = graded_overall().known(on).filter(council=OuterRef("pk"))
    latest = Subquery(known.newest_first().values("pk")[:1])
    ids = councils.order_by().annotate(latest=latest).values("latest")
    return Inspection.objects.filter(pk__in=ids).with_grades().select_related("council", "source")


def inspection_starts(inspection, case=None):
    """Return what starts with an inspection's report: its receipt, and its publication."""
    source = inspection.source
    facts = outcome_facts(inspection.kind, headline=inspection.headline, lowest=inspection.lowest)
    shared = {"council_id": inspection.council_id, "source": source, "facts": facts}
    publication = Start(
        event=From.PUBLICATION,
        on=inspection.known_on,
        case=case,
        words="the report’s publication",
        inspected_on=inspection.begun_on,
        **shared,
    )
    if case is None and inspection.headline == Grade.INADEQUATE:
        # An intervention that has ended starts nothing of its own again; the next inspection is expected all the same.
        return [Start(event=From.INSPECTED, on=inspection.begun_on, words="the inspection", **shared)]
    return [receipt_start(known_on=inspection.known_on, case=case, **shared), publication]


def instrument_start(instrument, *, stated=None):
    """Return what starts with a notice or direction; None where it is known by its end alone."""
    if instrument.issued_on is None:
        return None
    kinds = [instrument.kind] + ([instrument.replaces.kind] if instrument.replaces else [])
    return Start(
        event=From.INSTRUMENT,
        on=instrument.issued_on,
        council_id=instrument.council_id,
        case=instrument.case,
        source=instrument.source,
        # A revised notice asks for no plan of its own; a revised direction may state dates anew.
        facts={"instruments": "revised" if kinds == ["notice", "notice"] else instrument.kind},
        words=_as_dated(f"the {instrument.get_kind_display().lower()}", instrument.issued_precision),
        assumed=_is_inexact(instrument.issued_precision),
        stated=stated or {},
    )


def appointment_start(appointment, *, stated=None):
    return Start(
        event=From.APPOINTMENT,
        on=appointment.from_on,
        council_id=appointment.council_id,
        case=appointment.case,
        source=appointment.source,
        facts={"roles": appointment.role},
        words=_as_dated(f"the {appointment.get_role_display()}’s appointment", appointment.from_precision),
        assumed=_is_inexact(appointment.from_precision),
        stated=stated or {},
    )


def decision_start(decision, *, stated=None):
    return Start(
        event=From.DECISION,
        on=decision.on,
        council_id=decision.council_id,
        case=decision.case,
        source=decision.source,
        facts={"decisions": decision.kind},
        words=_as_dated(f"the DfE’s decision: {decision.get_kind_display().lower()}", decision.precision),
        assumed=_is_inexact(decision.precision),
        stated=stated or {},
    )


def visit_starts(triggers, on):
    """Return what starts with the latest monitoring visit, known by `on`, to each council since it was judged.

    `triggers`: live ones, each with its case.
    """
    judged = {}
    for trigger in triggers:
        since = judged.get(trigger.case, trigger.on)
        judged[trigger.case] = max(since, trigger.on)
    councils = [case.council_id for case in judged]
    visits = Inspection.objects.filter(kind=Inspection.Kind.MONITORING_VISIT, council__in=councils).known(on)
    last = {visit.council_id: visit for visit in visits.order_by("begun_on")}
    return [
        Start(
            event=From.INSPECTION,
            on=visit.begun_on,
            council_id=case.council_id,
            case=case,
            # Known by its day, not by its letter: a visit that is entered by hand later on is the same visit.
            facts={"kinds": visit.kind},
            words="the last monitoring visit",
        )
        for case, since in judged.items()
        if (visit := last.get(case.council_id)) is not None and visit.begun_on > since
    ]


def _is_inexact(precision):
    return precision != Precision.DAY


def _as_dated(words, precision):
    """Say with an event whose day is not known exactly which day stands for it."""
    return f"{words}, taken to be the last day its date can mean" if _is_inexact(precision) else words


def keep_case_clocks(councils, *, by, on):
    """Start what the notices, directions, appointments and decisions of open cases start. Safe to repeat.

    `councils`: a queryset or ids. What has ended by `on` starts nothing.
    """
    held = {"case__in": Case.objects.open(on).filter(council__in=councils)}
    instruments = Instrument.objects.filter(**held).filter(Q(lifted_on=None) | Q(lifted_on__gt=on))
    appointments = Appointment.objects.filter(**held).filter(Q(until_on=None) | Q(until_on__gt=on))
    decisions = Decision.objects.filter(**held).select_related("case", "source")
    starts = [
        *(instrument_start(row) for row in instruments.select_related("case", "source", "replaces")),
        *(appointment_start(row) for row in appointments.select_related("case", "source")),
        *(decision_start(row) for row in decisions),
    ]
    start_clocks([start for start in starts if start is not None], by=by, on=on)
    _start_reviews(councils, by=by, on=on)


def _start_reviews(councils, *, by, on):
    """Begin the progress reviews of open cases that have come to that point.

    They run from the first notice or direction; else from the plan's acceptance; where there is neither by the
    plan's due date, from that date, so that a late plan never buys time.
    """
    of_instrument = Milestone.objects.filter(case=OuterRef("pk"), rule__slug=SERIES_OF_INSTRUMENT)
    plans = Milestone.objects.filter(rule__slug=PLAN_RULE).exclude(outcome=Milestone.Outcome.WITHDRAWN)
    cases = (
        Case.objects.open(on)
        .filter(kind=Case.Kind.INTERVENTION, council__in=councils)
        .exclude(Exists(of_instrument))
        .prefetch_related(
            Prefetch("instruments", Instrument.objects.exclude(issued_on=None).select_related("source")),
            Prefetch("decisions", Decision.objects.filter(kind=Decision.Kind.PLAN_ACCEPTED)),
            Prefetch("milestones", plans, to_attr="plan_milestones"),
        )
    )
    starts = [start for case in cases if (start := _series_start(case, on)) is not None]
    start_clocks(starts, by=by, on=on)


def _series_start(case, on):
    instruments = case.instruments.all()
    if instruments:
        return series_start(instruments[0])
    accepted = min((decision.on for decision in case.decisions.all()), default=date.max)
    # The date as promised: moving it later doesn't move the reviews.
    promised = min(
        (day for plan in case.plan_milestones if (day := plan.stated_due or plan.computed_due)),
        default=date.max,
    )
    if accepted <= promised and accepted <= on:
        return _series(case, accepted, ACCEPTANCE)
    if promised <= on:
        return _series(case, promised, "the improvement plan’s due date")
    return None


def series_start(instrument):
    """Return what begins the progress reviews of a case with its notice or direction, of which the day is known."""
    return _series(
        instrument.case, instrument.issued_on, instrument_start(instrument).words, instrument=instrument
    )


def _series(case, day_0, words, *, instrument=None):
    return Start(
        event=From.SERIES,
        on=day_0,
        council_id=case.council_id,
        case=case,
        source=instrument.source if instrument else None,
        facts={"instruments": instrument.kind if instrument else ""},
        words=words,
        assumed=bool(instrument) and _is_inexact(instrument.issued_precision),
    )


def keep_council_clocks(councils, *, by, on):
    """Start what every council's latest full inspection starts, its next inspection above all. Safe to repeat.

    `councils`: a queryset of those that exist on `on`. An inspection that is a live trigger starts its clocks with
    its case, and so does the latest monitoring visit since; others with the council alone, where only what is still
    to come is made.
    """
    inspections = latest_inspections(councils, on)
    open_cases = Case.objects.open(on).filter(council__in=councils)
    triggers = list(Trigger.objects.filter(withdrawn_on=None, case__in=open_cases).select_related("case"))
    cases = {trigger.inspection_id: trigger.case for trigger in triggers}
    starts = [start for one in inspections for start in inspection_starts(one, cases.get(one.pk))]
    start_clocks([*starts, *visit_starts(triggers, on)], by=by, on=on)
