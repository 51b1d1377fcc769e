"""The latest inspection as at a day, by either reading, and its grades."""

from datetime import date

import pytest

from inspections.models import Framework, Inspection, Judgement
from tests.factories import CouncilFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

DAY = date(2024, 6, 10)


def inspected(council, form, published_on, *, inspected_on=None, kind="full", area="", **grades):
    framework = Framework.objects.get(slug=form)
    inspection = Inspection.objects.create(
        council=council,
        framework=framework,
        kind=kind,
        area=area,
        inspected_on=inspected_on,
        published_on=published_on,
        known_on=published_on,
        begun_on=inspected_on or published_on,
    )
    for code, grade in grades.items():
        Judgement.objects.create(
            inspection=inspection, area=framework.areas.get(code=code), grade=grade, word=grade
        )
    return inspection


@pytest.fixture
def council():
    return CouncilFactory()


def test_the_two_readings_differ_between_the_first_day_and_publication(council):
    old = inspected(council, "sif", date(2016, 5, 1))
    new = inspected(council, "ilacs-2023", date(2024, 9, 2), inspected_on=DAY, kind="standard")

    assert Inspection.objects.latest(DAY, "published").get() == old
    assert Inspection.objects.latest(DAY, "inspected").get() == new
    assert Inspection.objects.latest(date(2024, 9, 2), "published").get() == new


def test_inspected_by_a_day_leaves_out_what_is_not_published_today(council):
    inspected(council, "ilacs-2023", date(2024, 9, 2), inspected_on=DAY, kind="standard")

    assert not Inspection.objects.latest(DAY, "inspected", today=date(2024, 9, 1)).exists()
    assert Inspection.objects.latest(DAY, "inspected", today=date(2024, 9, 2)).exists()


def test_visits_targeted_inspections_and_other_families_are_passed_over(council):
    full = inspected(council, "ilacs-2023", date(2024, 9, 2), inspected_on=DAY, kind="standard")
    inspected(council, "ilacs-2023", date(2025, 9, 2), inspected_on=date(2025, 7, 1), kind="focused-visit")
    inspected(council, "tlac", date(2013, 8, 23), kind="targeted")
    today = date(2026, 1, 1)

    assert Inspection.objects.latest(today).get() == full
    assert not Inspection.objects.latest(today, framework="sif").exists()
    assert Inspection.objects.latest(today, framework="tlac").exists()


def test_under_slac_the_safeguarding_overall_counts_and_looked_after_alone_is_passed_over(council):
    inspected(
        council, "slac", date(2009, 11, 6), safeguarding_overall="inadequate", looked_after_overall="good"
    )
    day = date(2011, 2, 25)
    again = inspected(
        council,
        "slac",
        day,
        kind="reinspection",
        area="safeguarding",
        safeguarding_overall="requires-improvement",
    )
    inspected(council, "slac", day, kind="reinspection", area="looked-after", looked_after_overall="good")
    latest = Inspection.objects.latest(day, framework="slac").with_grades().get()

    assert (latest, latest.headline) == (again, "requires-improvement")


def test_a_filter_after_latest_chooses_among_the_latest(council):
    inspected(council, "sif", date(2016, 5, 1), overall="inadequate")
    inspected(council, "ilacs-2023", date(2024, 9, 2), kind="standard", overall="good")
    latest = Inspection.objects.latest(date(2026, 1, 1)).with_grades()

    assert not latest.filter(headline="inadequate").exists()
    assert latest.filter(headline="good").exists()


def test_no_overall_is_ever_made_from_the_areas_and_the_lowest_leaves_out_the_board(council):
    inspected(
        council, "ilacs-2026", date(2026, 6, 17), kind="short", leaders="good", in_care="requires-improvement"
    )
    inspected(council, "sif", date(2016, 5, 1), overall="good", in_care="good", lscb="inadequate")
    latest = Inspection.objects.latest(date(2026, 7, 1)).with_grades().get()
    before = Inspection.objects.latest(date(2020, 1, 1)).with_grades().get()

    assert (latest.headline, latest.lowest) == (None, "requires-improvement")
    assert (before.headline, before.lowest) == ("good", "good")
