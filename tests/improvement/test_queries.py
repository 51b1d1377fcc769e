"""What pages read: stages, counts, decisions awaited and the timeline, within the viewer's scope."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from cases.actions import mark_met
from cases.models import Case, Milestone
from councils.models import Council, DeliveryArrangement, DeliveryBody
from improvement.actions import (
    confirm_episode,
    end_appointment,
    lift_instrument,
    open_interventions,
    record_appointment,
    record_decision,
    record_instrument,
)
from improvement.models import Appointment
from improvement.queries.stages import decisions_awaited, stages_on, tally, timeline
from tests.factories import CouncilFactory, RegionFactory, viewer_with

pytestmark = pytest.mark.django_db

PUBLISHED = date(2026, 5, 13)


@pytest.fixture
def opened(council, inspect, system):
    """A council whose case was opened the day its report was published."""
    inspect(council, PUBLISHED, "inadequate")
    open_interventions(by=system, on=PUBLISHED)
    return council


@pytest.fixture
def stage(system):
    return lambda council, on: stages_on(on, system)[council.pk]


def test_a_plan_is_due_from_publication(opened, stage, today):
    now = stage(opened, today)
    assert (now.slug, now.label, now.since, now.strand) == ("plan_due", "Plan due", PUBLISHED, "social-care")
    assert now.in_intervention
    assert now.case_reference == Case.objects.get().reference


def test_a_met_plan_milestone_is_with_government_from_that_day(opened, stage, system):
    plan = Milestone.objects.get(rule__slug="action-plan")
    mark_met(plan, met_on=date(2026, 8, 1), by=system, on=date(2026, 8, 5), revision=plan.revision)
    assert stage(opened, date(2026, 7, 31)).slug == "plan_due"
    assert (stage(opened, date(2026, 8, 1)).slug, stage(opened, date(2026, 8, 1)).since) == (
        "plan_with_government",
        date(2026, 8, 1),
    )


def test_a_met_review_is_progress_reviews(opened, stage, system, today):
    record_instrument(opened, kind="notice", issued_on=PUBLISHED, by=system, on=PUBLISHED)
    review = Milestone.objects.get(rule__slug="progress-review-instrument")
    mark_met(review, met_on=today, by=system, on=today, revision=review.revision)
    assert stage(opened, today).slug == "progress_reviews"


def test_a_commissioner_who_ends_without_a_decision_is_followed_by_progress_reviews(
    opened, stage, system, today
):
    commissioner = record_appointment(
        opened, role="commissioner", from_on=date(2026, 6, 1), by=system, on=today
    )
    assert stage(opened, date(2026, 6, 1)).slug == "commissioner_review"
    end_appointment(commissioner, until_on=date(2026, 9, 1), by=system, on=today)
    assert stage(opened, date(2026, 9, 1)).slug == "progress_reviews"
    record_decision(opened, kind="keeps-control", decided_on=date(2026, 8, 30), by=system, on=today)
    assert stage(opened, date(2026, 9, 1)).slug == "council_keeps_control"


@pytest.mark.parametrize(
    ("kind", "slug"), [("trust", "alternative_delivery"), ("partner-council", "partner_council")]
)
def test_an_arrangement_that_starts_within_the_case_gives_its_stage(opened, stage, today, kind, slug):
    body = DeliveryBody.objects.create(slug="body", name="Body", kind=kind)
    DeliveryArrangement.objects.create(council=opened, body=body, from_on=date(2026, 9, 1))
    assert stage(opened, date(2026, 8, 31)).slug == "plan_due"
    assert (stage(opened, today).slug, stage(opened, today).since) == (slug, date(2026, 9, 1))


def test_an_arrangement_already_so_has_no_known_start_and_one_older_than_the_case_gives_none(
    opened, stage, today
):
    body = DeliveryBody.objects.create(slug="body", name="Body", kind="trust")
    arrangement = DeliveryArrangement.objects.create(council=opened, body=body, recorded_on=date(2026, 9, 1))
    assert (stage(opened, today).slug, stage(opened, today).since) == ("alternative_delivery", None)
    arrangement.from_on = date(2020, 1, 1)
    arrangement.save()
    assert stage(opened, today).slug == "plan_due"


def test_a_council_without_a_case_has_none_and_a_day_before_the_record_is_not_recorded(council, stage):
    assert (stage(council, date(2025, 1, 1)).slug, stage(council, date(2025, 1, 1)).standing) == (
        "none",
        "none",
    )
    assert stage(council, date(2024, 12, 31)) is None


def test_before_a_case_was_entered_there_is_none(opened, stage):
    assert stage(opened, PUBLISHED - timedelta(days=1)).slug == "none"


def test_an_episode_to_confirm_has_a_stage_but_is_not_in_intervention_until_confirmed(
    council, published_notice, system, stage, today
):
    published_notice(council, date(2023, 11, 30))
    open_interventions(by=system, on=date(2026, 3, 1))
    confirm_episode(Case.objects.get(), by=system, on=date(2026, 6, 1))

    before, after = stage(council, date(2026, 5, 31)), stage(council, date(2026, 6, 1))
    assert (before.standing, before.in_intervention, before.slug) == ("to-confirm", False, "plan_due")
    assert "To confirm" in before.note
    assert (after.standing, after.in_intervention, after.since) == ("open", True, date(2023, 11, 30))
    assert stage(council, date(2026, 2, 28)).standing == "none"


def test_a_closed_case_shows_how_it_ended(opened, stage, system, today):
    record_decision(opened, kind="closing-letter", decided_on=date(2026, 9, 1), by=system, on=today)
    assert (stage(opened, date(2026, 8, 31)).standing, stage(opened, today).standing) == ("open", "closed")
    assert (stage(opened, today).slug, stage(opened, today).in_intervention) == ("ended", False)


def test_two_strands_have_a_stage_each(opened, stage, system, today):
    record_instrument(
        opened, kind="direction", strand="send", issued_on=date(2026, 9, 1), by=system, on=today
    )
    now = stage(opened, today)
    assert (now.strand, [(one.strand, one.since) for one in now.also]) == (
        "social-care",
        [("send", date(2026, 9, 1))],
    )


def test_stages_are_seen_within_scope_alone(opened, region, today):
    stranger = RegionFactory()
    CouncilFactory(region=stranger)
    inside = stages_on(today, viewer_with(Role.PRINCIPAL_ADVISER, region=region, today=today))
    outside = stages_on(today, viewer_with(Role.PRINCIPAL_ADVISER, region=stranger, today=today))
    assert inside[opened.pk].slug == "plan_due"
    assert opened.pk not in outside


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PEER, Role.SCRUTINY_MEMBER, Role.BOARD_CHAIR])
def test_a_role_that_may_not_see_cases_gets_no_stage(opened, today, role):
    reach = {} if role == Role.ADMINISTRATOR else {"council": opened}
    assert stages_on(today, viewer_with(role, today=today, **reach)) == {}


def test_stages_take_three_queries_for_any_number_of_councils(region, inspect, system, today):
    def queries(count):
        for _ in range(count):
            inspect(CouncilFactory(region=region), PUBLISHED, "inadequate")
        open_interventions(by=system, on=today)
        with CaptureQueriesContext(connection) as captured:
            stages_on(today, system)
        return len(captured)

    assert queries(3) == queries(30) == 3


def test_counts_tell_what_opened_from_what(opened, region, published_notice, system, today):
    published_notice(CouncilFactory(region=region), date(2023, 11, 30))
    confirmed = CouncilFactory(region=region)
    published_notice(confirmed, date(2023, 11, 30))
    open_interventions(by=system, on=today)
    confirm_episode(Case.objects.get(council=confirmed), by=system, on=today)

    counts = tally(stages_on(today, system, Council.objects.in_region(region, today).values("pk")))

    assert (counts.from_judgement, counts.otherwise, counts.to_confirm, counts.open) == (1, 1, 1, 2)
    assert counts.sentence == (
        "1 opened from an inadequate judgement; 1 opened otherwise; "
        "1 more with a notice or direction to confirm. Not the DfE’s list."
    )


def test_a_count_before_the_record_began_is_not_recorded_and_never_nought(opened, system):
    assert tally(stages_on(date(2024, 12, 31), system, [opened.pk])) is None
    assert tally(stages_on(date(2025, 1, 1), system, [opened.pk])).open == 0


def ungraded(inspect, council):
    areas = {"leaders": "inadequate", "in_care": "good"}
    return inspect(council, date(2026, 8, 3), areas=areas)


def test_a_decision_is_awaited_after_an_inadequate_area_without_an_overall(council, inspect, system, today):
    ungraded(inspect, council)
    assert decisions_awaited(today, system, [council.pk]) == {council.pk: "DfE decision awaited"}
    assert decisions_awaited(date(2026, 8, 2), system, [council.pk]) == {}
    assert open_interventions(by=system, on=today).opened == ()


@pytest.mark.parametrize("what", ["decision", "instrument", "appointment"])
def test_a_decision_is_awaited_no_longer_once_the_dfe_has_acted(council, inspect, system, today, what):
    ungraded(inspect, council)
    match what:
        case "decision":
            record_decision(council, kind="sufficient", decided_on=today, by=system, on=today)
        case "instrument":
            record_instrument(council, kind="notice", issued_on=today, by=system, on=today)
        case "appointment":
            record_appointment(council, role="dfe-adviser", from_on=today, by=system, on=today)
    assert decisions_awaited(today, system, [council.pk]) == {}


def test_an_inadequate_area_beside_an_overall_awaits_nothing(council, inspect, system, today):
    inspect(council, PUBLISHED, "requires-improvement", areas={"leaders": "inadequate"})
    assert decisions_awaited(today, system, [council.pk]) == {}


def test_insufficient_progress_awaits_a_decision_until_an_appointment_or_another(opened, system, today):
    record_decision(opened, kind="insufficient", decided_on=date(2026, 9, 1), by=system, on=today)
    assert decisions_awaited(today, system) == {opened.pk: "insufficient: DfE decision awaited"}
    record_appointment(opened, role="commissioner", from_on=date(2026, 9, 20), by=system, on=today)
    assert decisions_awaited(today, system) == {}
    assert decisions_awaited(date(2026, 9, 19), system) != {}


INSUFFICIENT = date(2026, 9, 1)
LATER = date(2026, 9, 20)


@pytest.fixture
def insufficient(opened, system, today):
    record_decision(opened, kind="insufficient", decided_on=INSUFFICIENT, by=system, on=today)
    return opened


@pytest.mark.parametrize("kind", ["not-decided", "insufficient"])
def test_a_review_that_decides_nothing_leaves_it_awaited(insufficient, system, today, kind):
    record_decision(insufficient, kind=kind, decided_on=LATER, by=system, on=today)
    assert decisions_awaited(today, system) == {insufficient.pk: "insufficient: DfE decision awaited"}


@pytest.mark.parametrize("role", ["commissioner", "dfe-adviser", "improvement-adviser"])
def test_whom_the_dfe_appoints_answers_it(insufficient, system, today, role):
    record_appointment(insufficient, role=role, from_on=LATER, by=system, on=today)
    assert decisions_awaited(today, system) == {}


@pytest.mark.parametrize("role", ["board-chair", "improvement-partner", "lga-adviser"])
def test_other_appointments_do_not(insufficient, system, today, role):
    record_appointment(insufficient, role=role, from_on=LATER, by=system, on=today)
    assert set(decisions_awaited(today, system)) == {insufficient.pk}


@pytest.mark.parametrize("kind", ["sufficient", "keeps-control", "alternative-delivery", "closing-letter"])
def test_another_decision_answers_it_even_where_it_came_on_the_same_day(insufficient, system, today, kind):
    record_decision(insufficient, kind=kind, decided_on=INSUFFICIENT, by=system, on=today)
    assert decisions_awaited(today, system) == {}


def test_a_notice_answers_it_and_its_end_answers_the_next(insufficient, system, today):
    notice = record_instrument(insufficient, kind="notice", issued_on=LATER, by=system, on=today)
    assert decisions_awaited(LATER - timedelta(days=1), system) != {}
    assert decisions_awaited(today, system) == {}
    record_decision(insufficient, kind="insufficient", decided_on=date(2026, 10, 1), by=system, on=today)
    assert decisions_awaited(today, system) != {}
    lift_instrument(notice, lifted_on=date(2026, 10, 20), by=system, on=today)
    assert decisions_awaited(today, system) == {}


def test_a_decision_on_send_does_not_answer_a_review_of_social_care(insufficient, system, today):
    record_decision(insufficient, kind="sufficient", strand="send", decided_on=LATER, by=system, on=today)
    assert set(decisions_awaited(today, system)) == {insufficient.pk}
    record_decision(insufficient, kind="keeps-control", strand="both", decided_on=LATER, by=system, on=today)
    assert decisions_awaited(today, system) == {}


def test_after_an_inadequate_area_a_review_not_decided_is_no_decision(council, inspect, system, today):
    ungraded(inspect, council)
    record_decision(council, kind="not-decided", decided_on=today, by=system, on=today)
    assert set(decisions_awaited(today, system, [council.pk])) == {council.pk}
    record_appointment(council, role="improvement-adviser", from_on=today, by=system, on=today)
    assert decisions_awaited(today, system, [council.pk]) == {}


def test_the_regions_page_shows_it_to_the_lga_on_every_later_day_until_it_is_dealt_with(
    client, insufficient, region, system, today
):
    client.force_login(viewer_with(Role.PRINCIPAL_ADVISER, region=region).person)

    def shown(on):
        page = client.get(f"/regions/{region.slug}/?on={on.isoformat()}").content.decode().lower()
        return "insufficient: dfe decision awaited" in page

    assert not shown(INSUFFICIENT - timedelta(days=1))
    assert shown(INSUFFICIENT) and shown(today)
    record_appointment(insufficient, role="improvement-adviser", from_on=LATER, by=system, on=today)
    assert shown(LATER - timedelta(days=1)) and not shown(LATER) and not shown(today)


@pytest.mark.parametrize("role", [Role.COUNCIL_APPROVER, Role.COUNCIL_LEADERSHIP, Role.DFE_ADVISER])
def test_what_is_awaited_is_for_the_lga_alone(council, inspect, today, role):
    ungraded(inspect, council)
    assert decisions_awaited(today, viewer_with(role, council=council, today=today)) == {}


def test_what_is_awaited_is_seen_within_scope_alone(council, region, inspect, today):
    ungraded(inspect, council)
    elsewhere = viewer_with(Role.PRINCIPAL_ADVISER, region=RegionFactory(), today=today)
    here = viewer_with(Role.PRINCIPAL_ADVISER, region=region, today=today)
    assert decisions_awaited(today, elsewhere) == {}
    assert set(decisions_awaited(today, here)) == {council.pk}


def words(rows):
    return [row.words for row in rows]


def test_the_timeline_shows_a_stranger_what_is_public_and_not_the_case(opened, system, today):
    record_instrument(opened, kind="notice", issued_on=date(2026, 6, 1), by=system, on=today)
    record_appointment(opened, role="commissioner", from_on=date(2026, 7, 1), by=system, on=today)
    record_decision(opened, kind="insufficient", decided_on=date(2026, 8, 1), by=system, on=today)
    stranger = viewer_with(Role.COUNCIL_APPROVER, council=CouncilFactory(), today=today)

    shown = timeline(opened, stranger, today)

    assert words(shown) == ["Commissioner appointed", "Improvement notice issued"]
    assert not any(row.case_reference for row in shown)
    assert words(timeline(opened, system, today)) == [
        "DfE: Review: insufficient progress",
        "Commissioner appointed",
        "Improvement notice issued",
        "Inadequate overall published (ILACS 2023)",
    ]


def test_the_timeline_stops_at_its_day_and_says_how_exact_its_dates_are(council, published_notice, system):
    notice = published_notice(council, date(2023, 11, 30), date(2024, 4, 9))
    notice.issued_precision, notice.lifted_precision = "month", "page_update"
    notice.save()
    rows = timeline(council, system, date(2026, 1, 1))
    assert [(row.when, row.words) for row in rows] == [
        ("9 April 2024 (page updated)", "Improvement notice ended"),
        ("November 2023", "Improvement notice issued"),
    ]
    assert words(timeline(council, system, date(2024, 4, 8))) == ["Improvement notice issued"]


def test_the_timeline_takes_as_many_queries_for_one_row_as_for_many(council, published_notice, system, today):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            timeline(council, system, today)
        return len(captured)

    published_notice(council, date(2020, 1, 1), date(2020, 6, 1))
    few = queries()
    for year in range(2001, 2019):
        published_notice(council, date(year, 1, 1), date(year, 6, 1))
        Appointment.objects.create(
            council=council, role="board-chair", from_on=date(year, 1, 1), recorded_on=today
        )
    assert queries() == few <= 6
