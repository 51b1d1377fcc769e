"""The page of a plan's measures: what each shape and row says, and a figure entered or restated there."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from improvement.actions.measures import record_reading, restate_reading
from improvement.models import PlannedMeasure, PlanVersion, Reading
from improvement.presenters.measures import heading, inspected, measure_shown
from improvement.queries.measures import inspections_of, read_measures, readings_for, version_shown
from tests.factories import CouncilFactory, person_with
from tests.improvement.conftest import TODAY
from tests.improvement.test_measures import submitted
from tests.plans import make_plan


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(f"{TODAY.isoformat()}T12:00:00+00:00", tick=False):
        yield


@pytest.fixture
def version(council):
    return make_plan(council, measures=2, standing=PlanVersion.Standing.SHARED)


@pytest.fixture
def contributor(council):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def planned(version):
    return version.measures.first()


@pytest.fixture
def enter(planned, contributor):
    def enter(day, value, of=None, **more):
        return record_reading(
            (of or planned).measure,
            reading_on=day,
            value=Decimal(value),
            by=Viewer.of(contributor, TODAY),
            on=TODAY,
            **more,
        )

    return enter


@pytest.fixture
def shown(version, contributor):
    def shown(number=0):
        viewer = Viewer.of(contributor, TODAY)
        inspections = inspected(inspections_of(version.plan.council, TODAY))
        read = read_measures(version, readings_for(viewer))
        return [measure_shown(one, inspections, TODAY) for one in read][number]

    return shown


def address(version):
    return reverse("plan_measures", args=[version.plan.reference])


def open_as(client, person, where):
    client.force_login(person)
    return client.get(where)


def test_a_higher_figure_stands_higher_and_a_later_one_further_right(enter, shown):
    enter(date(2026, 8, 31), "70")
    enter(date(2026, 9, 30), "86")
    chart = shown().chart
    first, last = chart.marks
    assert first.x < last.x and first.y > last.y
    assert chart.target < last.y < chart.target + chart.band[1], "86 is within 5 of 90"
    assert chart.baseline.y > first.y and chart.baseline.x < first.x
    assert (first.latest, last.latest) == (False, True)


def test_the_first_reading_is_judged_from_the_baseline(enter, shown):
    enter(date(2026, 8, 31), "55")
    one = shown()
    assert (one.stands.label, one.direction.label) == ("Off target", "Declined off target")


def test_labels_never_cover_one_another(enter, shown):
    enter(date(2026, 8, 31), "90")
    upper, lower = shown().chart.labels
    assert lower.y - upper.y >= 15


def test_a_measure_without_spread_is_drawn_all_the_same(council, contributor):
    version = make_plan(council, measures=1)
    planned = version.measures.get()
    PlannedMeasure.objects.filter(pk=planned.pk).update(
        baseline=None, baseline_on=None, target=None, target_on=None, tolerance=None
    )
    Reading.objects.create(measure=planned.measure, on=TODAY, value=5, recorded_on=TODAY)
    (read,) = read_measures(version, readings_for(Viewer.of(contributor, TODAY)))
    one = measure_shown(read, [], TODAY)
    assert one.chart.band is None and one.chart.target is None and one.chart.baseline is None
    assert one.stands.label == "No target"


def test_a_restated_figure_is_marked_and_says_what_it_was(enter, shown, contributor):
    old = enter(date(2026, 8, 31), "70")
    restate_reading(
        old, value=Decimal("72.5"), note="Late returns", by=Viewer.of(contributor, TODAY), on=TODAY
    )
    one = shown()
    assert [mark.restated for mark in one.chart.marks] == [True]
    (row,) = one.rows
    assert (row.figure, row.note) == ("72.5%", "Late returns")
    assert row.restated == ("70% until restated on 2 November 2026",)
    assert "1 restated" in one.said


def test_inspections_published_by_today_are_marked_on_the_day_they_began(enter, shown, council, inspect):
    inspect(council, date(2026, 9, 20), "inadequate")
    inspect(council, TODAY + timedelta(days=1), "good")
    enter(date(2026, 9, 30), "70")
    one = shown()
    assert len(one.chart.inspections) == 1
    row = next(row for row in one.rows if row.words)
    assert (row.on, "inadequate" in row.words) == (date(2026, 8, 11), True)
    assert "inadequate" in one.said


def test_the_heading_counts_measures_by_where_they_stand(enter, shown):
    assert heading([]) == "This plan has no measures"
    enter(date(2026, 9, 30), "70")
    assert heading([shown(0), shown(1)]) == "2 measures: 1 off target, 1 without a reading"


def test_the_page_shows_each_measure_and_lets_drafters_enter_figures(client, enter, version, contributor):
    reading = enter(date(2026, 9, 30), "70")
    body = open_as(client, contributor, address(version)).content.decode()
    assert "2 measures: 1 off target, 1 without a reading" in body
    assert body.count('<svg class="up-chart"') == 1
    assert reverse("reading_restate", args=[version.plan.reference, reading.pk]) in body
    assert " style=" not in body


def test_readers_see_charts_and_no_way_to_write(client, enter, version, council, planned):
    reading = enter(date(2026, 9, 30), "70")
    submitted(version)
    adviser = person_with(Role.LGA_ADVISER, council=council)
    body = open_as(client, adviser, address(version)).content.decode()
    assert "70%" in body and "/restate/" not in body and "/reading/" not in body
    plan = version.plan.reference
    assert client.get(reverse("measure_reading", args=[plan, planned.measure_id])).status_code == 403
    assert client.post(reverse("reading_restate", args=[plan, reading.pk])).status_code == 403


def test_strangers_get_404_everywhere(client, enter, version, region, planned):
    reading = enter(date(2026, 9, 30), "70")
    plan = version.plan.reference
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory(region=region))
    for where in (
        address(version),
        reverse("measure_reading", args=[plan, planned.measure_id]),
        reverse("reading_restate", args=[plan, reading.pk]),
    ):
        assert open_as(client, stranger, where).status_code == 404


def test_an_adviser_sees_no_measure_of_a_version_still_drafted(client, version, council, planned):
    adviser = Viewer.of(person_with(Role.LGA_ADVISER, council=council), TODAY)
    draft = PlanVersion.objects.create(plan=version.plan, number=2, begun_on=TODAY)
    assert version_shown(version.plan, adviser) == version
    PlanVersion.objects.filter(pk=draft.pk).update(standing="approved", approved_on=TODAY)
    assert version_shown(version.plan, adviser) == version


@pytest.mark.parametrize("measures", [3, 40])
def test_the_page_costs_the_same_queries_however_many_measures(client, council, contributor, measures):
    version = make_plan(council, measures=measures, standing=PlanVersion.Standing.SHARED)
    for planned in version.measures.all():
        for month in (7, 8, 9):
            Reading.objects.create(
                measure_id=planned.measure_id, on=date(2026, month, 28), value=70 + month, recorded_on=TODAY
            )
    client.force_login(contributor)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address(version)).status_code == 200
    assert len(asked) <= 14, [query["sql"][:120] for query in asked]


def day(prefix, on):
    return {f"{prefix}_day": on.day, f"{prefix}_month": on.month, f"{prefix}_year": on.year}


def test_a_figure_is_entered_as_people_type_it(client, version, planned, contributor):
    client.force_login(contributor)
    where = reverse("measure_reading", args=[version.plan.reference, planned.measure_id])
    sent = {**day("reading_on", date(2026, 9, 30)), "value": " 1,082.5% ", "note": ""}
    response = client.post(where, sent, follow=True)
    assert "Measure 1: 1082.5% for 30 September 2026 saved." in response.content.decode()
    assert Reading.objects.get().value == Decimal("1082.5")


def test_what_is_refused_stands_beside_its_field_and_what_was_typed_is_kept(
    client, version, planned, contributor, enter
):
    enter(date(2026, 9, 30), "70")
    client.force_login(contributor)
    where = reverse("measure_reading", args=[version.plan.reference, planned.measure_id])
    sent = {**day("reading_on", date(2026, 9, 30)), "value": "71", "note": "Typed words"}
    body = client.post(where, sent).content.decode()
    assert "already (70): restate it" in body and "Typed words" in body
    body = client.post(where, {**sent, "value": "about 70"}).content.decode()
    assert "Enter the figure as a number, such as 82 or 82.5" in body and "about 70" in body


def test_a_figure_is_restated_with_its_reason(client, version, contributor, enter):
    reading = enter(date(2026, 9, 30), "70")
    client.force_login(contributor)
    where = reverse("reading_restate", args=[version.plan.reference, reading.pk])
    body = client.post(where, {"value": "66"}).content.decode()
    assert "Enter why it has changed" in body
    body = client.post(where, {"value": "66", "note": "Late returns"}, follow=True).content.decode()
    assert "66%, restated from 70%" in body
    assert Reading.objects.count() == 2


def test_a_reading_of_another_plan_is_not_found_under_this_one(client, version, contributor, council, enter):
    other = make_plan(council, measures=1)
    reading = enter(date(2026, 9, 30), "70", of=other.measures.get())
    client.force_login(contributor)
    where = reverse("reading_restate", args=[version.plan.reference, reading.pk])
    assert client.get(where).status_code == 404
