"""What the receipt of a final report or letter starts: from the day it came, whether or not the world knows."""

from cases.actions import restore_milestones, start_clocks, withdraw_milestones
from cases.models import ClockRule, Milestone
from cases.rules import Start, applies
from inspections.models import FROM_WORST, HEADLINE_AREAS, Framework
from inspections.rules import VISITS

From = ClockRule.StartsFrom


def outcome_facts(kind, *, headline=None, lowest=None, priority=False):
    """Return what clock rules ask about an outcome (`cases.rules.Start.facts`).

    A grade here is the published overall; where there is none the lowest area stands in, and is marked so, which
    keeps the DfE's own clocks from starting before its decision. `priority`: a visit's letter asks for priority
    action.
    """
    facts = {"kinds": kind, "grades": headline or lowest or "", "lowest": "" if headline else "yes"}
    return {**facts, "priority": "yes"} if priority else facts


def receipt_start(*, council_id, source, facts, known_on=None, case=None, in_confidence=False):
    """Return the Start of what runs from a report's receipt; from publication (`known_on`), marked, where unknown.

    None where neither is known. `in_confidence`: the outcome is under embargo.
    """
    received_on = source.received_on if source else None
    if received_on is None and known_on is None:
        return None
    assumed = received_on is None or source.received_assumed
    return Start(
        event=From.INSPECTION,
        on=received_on or known_on,
        council_id=council_id,
        case=case,
        source=source,
        facts=facts,
        words="receipt of the final report" + (", taken to be the day of publication" if assumed else ""),
        assumed=assumed,
        in_confidence=in_confidence,
    )


def keep_receipt_clocks(entry, *, by, on):
    """Bring what runs from the receipt of an entered report or letter in line with the entry. Safe to repeat.

    Of an outcome under embargo, and of a visit, it starts what is missing and corrects what has moved; whatever
    the entry's outcome no longer asks for is withdrawn. What a published full inspection starts is its council's
    or its case's, and started with them. An entry withdrawn leaves nothing running.

    A part of the action that changes the entry, which asks whether `by` may.
    """
    start = None if entry.withdrawn_on else _start_of(entry)
    rules = ClockRule.objects.all() if start else ()
    wanted = [rule.pk for rule in rules if applies(rule, start)]
    held = Milestone.objects.filter(source=entry.source_id, case=None, rule__starts_from=From.INSPECTION)
    withdraw_milestones(held.exclude(rule__in=wanted), by=by, on=on)
    if start and (entry.source.is_restricted or entry.kind in VISITS):
        restore_milestones(held.filter(rule__in=wanted), by=by, on=on)
        start_clocks([start], by=by, on=on)


def _start_of(entry):
    headline, lowest = grades_told(entry)
    return receipt_start(
        council_id=entry.council_id,
        source=entry.source,
        facts=outcome_facts(entry.kind, headline=headline, lowest=lowest, priority=entry.priority_action),
        known_on=_known_on(entry),
        in_confidence=entry.source.is_restricted,
    )


def _known_on(entry):
    """The day that stands in for receipt: publication, and never while it is under embargo."""
    return None if entry.source.is_restricted else entry.source.published_on or entry.confirmed_on


def grades_told(entry):
    """Return the overall grade of an entry, or None, and the lowest of its areas, or None."""
    grades = {area: told[0] for area, told in entry.judgements.items()}
    headline = next((grades[area] for area in HEADLINE_AREAS if area in grades), None)
    if not grades or entry.inspected_on is None:
        return headline, None
    form = Framework.objects.filter(family=entry.family).on(entry.inspected_on).first()
    areas = form.areas.filter(counts_for_lowest=True).values_list("code", flat=True) if form else ()
    counted = {grades.get(area) for area in areas}
    return headline, next((grade for grade in FROM_WORST if grade in counted), None)
