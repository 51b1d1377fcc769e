"""Readings of measures: what a figure says, how it is written down and restated, who reads it."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from accounts.permissions import Role
from cases.actions import Refused
from history.models import Event
from improvement.actions.measures import record_reading, restate_reading
from improvement.models import PlanVersion, Reading, Update
from improvement.rules.measures import (
    Direction,
    Figure,
    Stands,
    against_target,
    direction_of_travel,
    standing_figures,
)
from tests.factories import CouncilFactory, viewer_with
from tests.improvement.conftest import TODAY
from tests.plans import make_plan


def figure(key, day, value, restates=None, recorded_on=TODAY):
    return Figure(key, day, Decimal(value), recorded_on, restates=restates)


@pytest.mark.parametrize(
    "polarity, before, now, target, tolerance, expected",
    [
        ("higher", None, 70, 90, 5, Direction.FIRST),
        ("higher", 70, 70, 90, 5, Direction.STABLE),
        ("higher", 70, 71, 90, 5, Direction.IMPROVED),
        ("higher", 95, 91, 90, 5, Direction.WORSE_WITHIN),
        ("higher", 95, 85, 90, 5, Direction.WORSE_WITHIN),
        ("higher", 95, 84, 90, 5, Direction.WORSE_OFF_TARGET),
        ("higher", 95, 84, None, None, Direction.WORSE),
        ("lower", 20, 19, 10, 2, Direction.IMPROVED),
        ("lower", 9, 12, 10, 2, Direction.WORSE_WITHIN),
        ("lower", 9, 13, 10, 2, Direction.WORSE_OFF_TARGET),
        ("lower", 9, 11, 10, None, Direction.WORSE_OFF_TARGET),
        ("neutral", 40, 42, 41, 5, Direction.UP),
        ("neutral", 42, 40, None, None, Direction.DOWN),
        ("", 40, 42, 41, 5, Direction.UP),
    ],
)
def test_the_direction_of_travel_is_judged_by_polarity(polarity, before, now, target, tolerance, expected):
    assert expected == direction_of_travel(before, now, polarity=polarity, target=target, tolerance=tolerance)


@pytest.mark.parametrize(
    "polarity, value, target, tolerance, expected",
    [
        ("higher", 90, 90, 5, Stands.ON_TARGET),
        ("higher", 89, 90, 5, Stands.WITHIN),
        ("higher", 85, 90, 5, Stands.WITHIN),
        ("higher", 84, 90, 5, Stands.OFF_TARGET),
        ("higher", 89, 90, None, Stands.OFF_TARGET),
        ("lower", 8, 10, 2, Stands.ON_TARGET),
        ("lower", 12, 10, 2, Stands.WITHIN),
        ("neutral", 38, 40, 2, Stands.WITHIN),
        ("neutral", 43, 40, 2, Stands.OFF_TARGET),
        ("higher", 84, None, 5, Stands.NO_TARGET),
    ],
)
def test_tolerance_reaches_to_the_worse_side_of_the_target(polarity, value, target, tolerance, expected):
    assert expected == against_target(value, polarity=polarity, target=target, tolerance=tolerance)


def test_the_last_restatement_of_a_day_holds_and_names_what_it_replaced():
    first, second, third = (
        figure(1, TODAY, 70),
        figure(2, TODAY, 71, restates=1),
        figure(3, TODAY, 72, restates=2),
    )
    other = figure(4, date(2026, 9, 30), 60)
    september, october = standing_figures([third, other, first, second])
    assert (september.figure, september.is_restated) == (other, False)
    assert (october.figure, october.earlier) == (third, (first, second))


def test_a_figure_whose_restatement_one_may_not_read_still_holds():
    (only,) = standing_figures([figure(1, TODAY, 70)])
    assert only.value == 70


@pytest.fixture
def version(council):
    return make_plan(council, measures=2, standing=PlanVersion.Standing.SHARED)


@pytest.fixture
def measure(version):
    return version.measures.first().measure


@pytest.fixture
def contributor(council):
    return viewer_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def enter(measure, contributor):
    def enter(value="70", reading_on=date(2026, 9, 30), by=None, on=TODAY, **more):
        return record_reading(
            measure, reading_on=reading_on, value=Decimal(value), by=by or contributor, on=on, **more
        )

    return enter


def submitted(version, period_on=date(2026, 10, 1), submitted_on=TODAY, **values):
    return Update.objects.create(
        plan=version.plan,
        version=version,
        period_on=period_on,
        due_on=submitted_on,
        opened_on=period_on,
        standing=Update.Standing.SUBMITTED,
        submitted_on=submitted_on,
        content={},
        digest="x" * 64,
        **values,
    )


def test_a_reading_is_written_with_its_event_which_holds_no_words(enter, measure, contributor):
    reading = enter(note="Counted by hand")
    assert (reading.measure, reading.value, reading.note) == (measure, 70, "Counted by hand")
    assert (reading.recorded_on, reading.by) == (TODAY, contributor.person)
    event = Event.objects.get(kind="reading-recorded")
    assert event.subject_id == measure.pk
    assert event.data == {"plan": measure.plan.reference, "reading_on": "2026-09-30"}


def test_a_restated_figure_is_a_new_reading_and_the_old_one_stays(enter, contributor):
    old = enter()
    new = restate_reading(
        old, value=Decimal("66.5"), note="Late returns", by=contributor, on=date(2026, 11, 9)
    )
    old.refresh_from_db()
    assert (old.value, old.recorded_on) == (70, TODAY)
    assert (new.restates, new.on, new.recorded_on) == (old, old.on, date(2026, 11, 9))
    newest = restate_reading(
        new, value=Decimal(67), note="Later returns", by=contributor, on=date(2026, 11, 10)
    )
    assert list(Reading.objects.standing()) == [newest]
    assert Event.objects.filter(kind="reading-restated").count() == 2


def test_the_database_refuses_to_alter_or_delete_a_reading(enter):
    reading = enter()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Reading.objects.filter(pk=reading.pk).update(value=99)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        reading.delete()


@pytest.mark.parametrize(
    "how, field, words",
    [
        ({"reading_on": date(2026, 11, 3)}, "reading_on", "today or earlier"),
        ({"value": "1000000000"}, "value", "below 1,000,000,000"),
        ({"value": "NaN"}, "value", "must be a number"),
        ({"value": "1.2345"}, "value", "three decimal places"),
        ({"note": "NHS number 943 476 5919"}, "note", "NHS number"),
    ],
)
def test_a_figure_that_can_not_be_is_refused_and_nothing_is_written(enter, how, field, words):
    with pytest.raises(Refused, match=words) as refusal:
        enter(**how)
    assert refusal.value.field == field
    assert not Reading.objects.exists()


def test_a_second_figure_for_a_day_is_refused_and_told_to_be_restated(enter):
    enter()
    with pytest.raises(Refused, match=r"30 September 2026 already \(70\): restate it"):
        enter("71")


@pytest.mark.parametrize(
    "value, note, words", [("70", "Same", "70 already"), ("71", " ", "Say why the figure has changed")]
)
def test_a_restatement_needs_another_figure_and_a_reason(enter, contributor, value, note, words):
    with pytest.raises(Refused, match=words):
        restate_reading(enter(), value=Decimal(value), note=note, by=contributor, on=TODAY)


def test_of_two_who_restate_one_figure_the_second_is_told_what_it_has_become(enter, contributor):
    old = enter()
    restate_reading(old, value=Decimal(71), note="Late returns", by=contributor, on=TODAY)
    with pytest.raises(Refused, match="it is now 71"):
        restate_reading(old, value=Decimal(72), note="Other returns", by=contributor, on=TODAY)


def test_an_update_restates_what_was_entered_before_it_and_reports_an_equal_figure_once(enter, version):
    entered = enter()
    update = submitted(version)
    reported = enter(update=update)
    assert (reported.restates, reported.update) == (entered, update)
    correction = submitted(version, number=2, corrects=update)
    assert enter(update=correction) == reported
    assert enter("72", update=correction).restates == reported


@pytest.mark.parametrize("role", [Role.COUNCIL_LEADERSHIP, Role.LGA_ADVISER, Role.DFE_ADVISER])
def test_none_but_the_council_s_drafters_writes_a_reading(enter, council, role):
    with pytest.raises(PermissionDenied):
        enter(by=viewer_with(role, council=council))


def test_a_contributor_of_another_council_writes_none(enter, region):
    other = viewer_with(Role.COUNCIL_CONTRIBUTOR, council=CouncilFactory(region=region))
    with pytest.raises(PermissionDenied):
        enter(by=other)


def test_the_adviser_reads_what_the_council_held_when_it_submitted_and_nothing_later(enter, version, council):
    adviser = viewer_with(Role.LGA_ADVISER, council=council)
    early = enter(on=date(2026, 10, 20))
    assert not Reading.objects.visible_to(adviser).exists()
    submitted(version, submitted_on=date(2026, 10, 28))
    enter(reading_on=date(2026, 10, 31), on=TODAY)
    assert list(Reading.objects.visible_to(adviser)) == [early]
