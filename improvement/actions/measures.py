"""Readings of a plan's measures. Never altered: a restated figure is a new reading with its own date."""

from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions import Refused
from cases.identifiers import refuse_identifiers
from cases.presenters import day_words
from history.actions import record_event
from improvement.models import Measure, Reading

THOUSANDTH = Decimal("0.001")
LARGEST = Decimal("999999999.999")


@transaction.atomic
def record_reading(measure, *, reading_on, value, update=None, note="", by, on):
    """Write down a measure's figure for the day that it describes, and return the Reading.

    `value`: a Decimal of up to three places. `update`: the submitted update that reports it. For a day that has a
    figure already, an update's restates it; one equal to it that an update has reported is returned as it is. Outside
    an update such a day is refused: it is restated, with why. Raises Refused and PermissionDenied.
    """
    measure = _locked(measure, by)
    _refuse_figure(reading_on, value, note, on)
    standing = measure.readings.standing().filter(on=reading_on).first()
    if standing is None:
        return _write(measure, reading_on, value, update, None, note, by, on)
    if update is None:
        raise Refused(
            f"There is a figure for {day_words(reading_on)} already ({plain(standing.value)}): restate it",
            "reading_on",
        )
    if standing.value == value and standing.update_id is not None:
        return standing
    return _write(measure, reading_on, value, update, standing, note, by, on)


@transaction.atomic
def restate_reading(reading, *, value, note, by, on):
    """Write down what a figure has become, with why, and return the new Reading. The old one stays, and is named.

    Raises Refused and PermissionDenied.
    """
    measure = _locked(reading.measure, by)
    _refuse_figure(reading.on, value, note, on)
    later = Reading.objects.filter(restates=reading).first()
    if later is not None:
        raise Refused(
            f"Somebody restated this figure meanwhile: it is now {plain(later.value)}. Restate that one",
            "value",
        )
    if not note.strip():
        raise Refused("Say why the figure has changed", "note")
    if value == reading.value:
        raise Refused(f"The figure is {plain(value)} already", "value")
    return _write(measure, reading.on, value, None, reading, note, by, on)


def plain(value):
    """Return a figure as people write it: no zeros at the end of its decimals."""
    return f"{value.normalize():f}" if value else "0"


def _locked(measure, by):
    """Return the measure, locked, of a council for which the person drafts."""
    measure = (
        Measure.objects.select_for_update(of=("self",))
        .select_related("plan__council", "plan__case")
        .get(pk=measure.pk)
    )
    if not by.may_at(Ability.DRAFT_PLANS, measure.plan.council_id):
        raise PermissionDenied
    return measure


def _refuse_figure(reading_on, value, note, on):
    if reading_on > on:
        raise Refused("The day that the figure describes must be today or earlier", "reading_on")
    if not value.is_finite() or abs(value) > LARGEST:
        raise Refused("The figure must be a number below 1,000,000,000", "value")
    if value != value.quantize(THOUSANDTH):
        raise Refused("The figure must have no more than three decimal places", "value")
    refuse_identifiers(note=note)


def _write(measure, reading_on, value, update, restates, note, by, on):
    reading = Reading.objects.create(
        measure=measure,
        on=reading_on,
        value=value,
        update=update,
        restates=restates,
        note=note.strip(),
        by_id=by.person_id,
        recorded_on=on,
    )
    plan = measure.plan
    record_event(
        "reading-recorded" if restates is None else "reading-restated",
        by=by,
        on=on,
        subject=measure,
        council_code=plan.council.la_code,
        case_reference=plan.case.reference if plan.case else "",
        data={"plan": plan.reference, "reading_on": reading_on.isoformat()},
    )
    return reading
