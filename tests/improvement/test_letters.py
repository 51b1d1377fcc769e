"""What advisers record of the DfE's letters, and what follows from it."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.permissions import Role
from cases.actions import Refused
from cases.models import Case, Milestone
from history.models import Event
from improvement.actions import (
    end_appointment,
    lift_instrument,
    open_interventions,
    record_appointment,
    record_decision,
    record_instrument,
)
from improvement.actions.live import go_live
from improvement.actions.updates import open_updates
from improvement.models import Instrument
from tests.factories import CouncilFactory, RegionFactory, viewer_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

PUBLISHED = date(2026, 5, 13)


@pytest.fixture
def case(council, inspect, system):
    inspect(council, PUBLISHED, "inadequate")
    open_interventions(by=system, on=PUBLISHED)
    return Case.objects.get(council=council)


@pytest.fixture
def adviser(region, today):
    return viewer_with(Role.PRINCIPAL_ADVISER, region=region, today=today)


@pytest.fixture
def by(adviser, today):
    return {"by": adviser, "on": today}


def due(case, slug):
    return Milestone.objects.get(case=case, rule__slug=slug, closed_on=None).due_on


def kinds(case):
    return set(Event.objects.filter(case_reference=case.reference).values_list("kind", flat=True))


def test_a_notice_starts_its_plan_and_the_reviews_and_belongs_to_the_case(case, council, by):
    notice = record_instrument(council, kind="notice", issued_on=date(2026, 8, 31), **by)
    assert notice.case == case
    assert due(case, "improvement-plan-notice") == date(2026, 11, 30)
    assert due(case, "progress-review-instrument") == date(2027, 2, 28)
    assert "instrument-recorded" in kinds(case)


def test_a_stated_date_wins_and_both_are_kept(case, council, by):
    stated = {"improvement-plan-notice": (date(2026, 11, 16), "the improvement notice")}
    record_instrument(council, kind="notice", issued_on=date(2026, 8, 31), stated=stated, **by)
    plan = Milestone.objects.get(rule__slug="improvement-plan-notice")
    assert (plan.due_on, plan.stated_due, plan.computed_due) == (
        date(2026, 11, 16),
        date(2026, 11, 16),
        date(2026, 11, 30),
    )
    assert plan.stated_in == "the improvement notice"


def test_a_chair_reports_only_where_the_direction_says_when(case, council, by):
    first = record_instrument(council, kind="direction", issued_on=date(2026, 6, 1), **by)
    assert not Milestone.objects.filter(rule__slug="board-chair-report").exists()
    record_instrument(
        council,
        kind="direction",
        issued_on=date(2026, 9, 1),
        replaces=first,
        stated={"board-chair-report": (date(2026, 12, 1), "the revised direction")},
        **by,
    )
    assert due(case, "board-chair-report") == date(2026, 12, 1)


def test_a_revised_notice_asks_for_no_second_plan_and_ends_the_first(case, council, by):
    first = record_instrument(council, kind="notice", issued_on=date(2026, 6, 1), **by)
    record_instrument(council, kind="notice", issued_on=date(2026, 9, 1), replaces=first, **by)
    first.refresh_from_db()
    assert first.lifted_on == date(2026, 9, 1)
    assert Milestone.objects.filter(rule__slug="improvement-plan-notice").count() == 1


def test_a_commissioner_reports_after_three_months(case, council, by):
    record_appointment(council, role="commissioner", from_on=date(2026, 9, 2), **by)
    assert due(case, "commissioner-report") == date(2026, 12, 2)


def test_other_appointments_start_nothing(case, council, system, by, today):
    open_interventions(by=system, on=today)
    before = Milestone.objects.count()
    for role in ("dfe-adviser", "board-chair", "improvement-partner", "lga-adviser"):
        record_appointment(council, role=role, from_on=date(2026, 9, 2), **by)
    assert Milestone.objects.count() == before


def test_a_council_that_keeps_control_is_checked_after_six_and_twelve_months(case, council, by):
    record_decision(council, kind="keeps-control", decided_on=date(2026, 8, 31), **by)
    assert (due(case, "check-6-months"), due(case, "check-12-months")) == (
        date(2027, 2, 28),
        date(2027, 8, 31),
    )


def test_reviews_run_from_the_plans_acceptance_where_it_comes_before_the_plan_is_due(case, council, by):
    record_decision(council, kind="plan-accepted", decided_on=date(2026, 7, 1), **by)
    assert due(case, "progress-review") == date(2027, 1, 1)


def test_a_closing_letter_closes_the_case(case, council, by):
    record_decision(council, kind="closing-letter", decided_on=date(2026, 10, 1), **by)
    case.refresh_from_db()
    assert (case.standing, case.closed_on) == ("closed", date(2026, 10, 1))
    assert "intervention-closed" in kinds(case)


def test_the_plan_goes_on_as_the_councils_own_when_its_intervention_ends(case, council, by, today):
    version = make_plan(council, actions=3, case=case, standing="approved", on=date(2026, 6, 1))
    go_live(version, **by)
    open_updates(councils=[council.pk], **by)
    plans = Milestone.objects.filter(Q(of_plan=True) | Q(update__isnull=False))
    before = plans.count()
    assert set(plans.values_list("case", flat=True)) == {case.pk}
    record_decision(council, kind="closing-letter", decided_on=today, **by)
    assert before > 3
    assert plans.filter(case=None).standing_on(today).count() == before
    later = date(2027, 3, 1)
    assert {one.milestone.case for one in open_updates(councils=[council.pk], by=by["by"], on=later)} == {
        None
    }


def test_the_end_of_the_last_instrument_closes_the_case_and_of_another_does_not(case, council, by):
    notice = record_instrument(council, kind="notice", issued_on=date(2026, 6, 1), **by)
    direction = record_instrument(council, kind="direction", issued_on=date(2026, 7, 1), **by)
    lift_instrument(notice, lifted_on=date(2026, 8, 1), **by)
    case.refresh_from_db()
    assert case.standing == "open"
    lift_instrument(direction, lifted_on=date(2026, 9, 1), **by)
    case.refresh_from_db()
    assert (case.standing, case.closed_on) == ("closed", date(2026, 9, 1))


def test_a_better_grade_does_not_close_it(case, council, inspect, system, today):
    inspect(council, date(2026, 10, 1), "good")
    open_interventions(by=system, on=today)
    case.refresh_from_db()
    assert case.standing == "open"


def test_without_a_case_it_is_recorded_and_starts_nothing_of_its_own(region, by):
    council = CouncilFactory(region=region)
    assert record_instrument(council, kind="notice", issued_on=date(2026, 8, 31), **by).case is None
    assert not Milestone.objects.exists()


@pytest.mark.parametrize("field", ["issued_on", "from_on", "decided_on"])
def test_a_date_in_the_future_is_refused_by_its_field(case, council, by, field):
    tomorrow = date(2026, 11, 3)
    record = {
        "issued_on": lambda: record_instrument(council, kind="notice", issued_on=tomorrow, **by),
        "from_on": lambda: record_appointment(council, role="commissioner", from_on=tomorrow, **by),
        "decided_on": lambda: record_decision(council, kind="sufficient", decided_on=tomorrow, **by),
    }
    with pytest.raises(Refused) as refused:
        record[field]()
    assert refused.value.field == field


def test_what_is_recorded_already_ended_or_of_another_council_is_refused(case, council, region, by):
    notice = record_instrument(council, kind="notice", issued_on=date(2026, 6, 1), **by)
    with pytest.raises(Refused, match="recorded already"):
        record_instrument(council, kind="notice", issued_on=date(2026, 6, 1), **by)
    with pytest.raises(Refused, match="before it was issued"):
        lift_instrument(notice, lifted_on=date(2026, 5, 31), **by)
    other = CouncilFactory(region=region)
    with pytest.raises(Refused, match="another council"):
        record_instrument(other, kind="notice", issued_on=date(2026, 6, 1), replaces=notice, **by)
    record_instrument(council, kind="direction", issued_on=date(2026, 6, 2), **by)
    lift_instrument(notice, lifted_on=date(2026, 6, 1), **by)
    with pytest.raises(Refused, match="ended already"):
        lift_instrument(notice, lifted_on=date(2026, 7, 1), **by)


def test_an_appointment_ends_after_it_began(case, council, by):
    appointment = record_appointment(council, role="commissioner", from_on=date(2026, 6, 1), **by)
    with pytest.raises(Refused):
        end_appointment(appointment, until_on=date(2026, 6, 1), **by)


@pytest.mark.parametrize("role", [Role.COUNCIL_APPROVER, Role.DFE_ADVISER])
def test_councils_and_the_dfe_do_not_record(case, council, today, role):
    viewer = viewer_with(role, council=council, today=today)
    with pytest.raises(PermissionDenied):
        record_instrument(council, kind="notice", issued_on=today, by=viewer, on=today)
    assert not Instrument.objects.exists()


def test_an_adviser_of_another_region_does_not_record(case, council, today):
    viewer = viewer_with(Role.LGA_ADVISER, region=RegionFactory(), today=today)
    for record in (
        lambda: record_appointment(council, role="commissioner", from_on=today, by=viewer, on=today),
        lambda: record_decision(council, kind="closing-letter", decided_on=today, by=viewer, on=today),
    ):
        with pytest.raises(PermissionDenied):
            record()
