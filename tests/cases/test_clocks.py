"""Starting clocks: which milestones follow from an event, and what happens when it is told again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from accounts.viewer import Viewer
from cases.actions import (
    add_bank_holiday,
    make_next_of_series,
    mark_met,
    move_date,
    open_case,
    start_clocks,
    withdraw_milestones,
)
from cases.models import BankHoliday, Case, Milestone, Source
from cases.rules import Start
from history.models import Event
from tests.factories import CouncilFactory, SourceFactory

pytestmark = pytest.mark.usefixtures("reference")

ENTERED = date(2026, 11, 2)


def by(day=ENTERED):
    return Viewer.system(day)


@pytest.fixture
def case(db):
    return open_case(Case.Kind.INTERVENTION, CouncilFactory(), by=by(), on=ENTERED)


@pytest.fixture
def report(case):
    return SourceFactory(council=case.council)


def published(case, source, on=date(2026, 9, 21), grade="inadequate", **more):
    """An inspection's report: received, as far as is known, on the day it was published."""
    common = {
        "on": on,
        "council_id": case.council_id if case else source.council_id,
        "case": case,
        "source": source,
        "facts": {"kinds": "standard", "grades": grade, **more.pop("facts", {})},
        "words": "report published",
    }
    return [
        Start(event="inspection", assumed=True, **common),
        Start(event="publication", **common, **more),
    ]


def made_by(starts, on=ENTERED):
    return {milestone.rule.slug: milestone for milestone in start_clocks(starts, by=by(on), on=on)}


def dues(milestones):
    return {slug: milestone.due_on for slug, milestone in milestones.items()}


def test_an_inadequate_report_starts_every_clock_of_its_table(case, report):
    made = made_by(published(case, report))
    assert dues(made) == {
        "report-published": date(2026, 11, 2),
        "draft-plan": date(2026, 10, 19),
        "action-plan": date(2026, 12, 30),
        "first-monitoring-visit": date(2027, 1, 27),
        "improvement-plan": date(2026, 12, 21),
        "six-month-point": date(2027, 3, 21),
        "next-inspection-after-inadequate": None,
    }
    assert made["action-plan"].force == "statutory"
    assert made["action-plan"].start_assumed
    assert made["first-monitoring-visit"].started_on == date(2026, 12, 30)
    assert not made["improvement-plan"].start_assumed


def test_what_fell_due_before_the_case_was_entered_is_to_confirm(case, report):
    made = made_by(published(case, report))
    assert {slug for slug, milestone in made.items() if milestone.to_confirm} == {"draft-plan"}


def test_the_next_inspection_stands_with_the_council_and_not_with_its_case(case, report):
    assert made_by(published(case, report))["next-inspection-after-inadequate"].case is None


def test_without_a_case_only_what_is_still_to_come_and_the_next_inspection_are_made(db):
    report = SourceFactory()
    old = made_by(published(None, report, on=date(2024, 3, 1), grade="good", inspected_on=date(2024, 1, 15)))
    assert set(old) == {"next-inspection"}
    assert (old["next-inspection"].opens_on, old["next-inspection"].due_on) == (
        date(2026, 7, 15),
        date(2027, 7, 15),
    )
    recent = made_by(published(None, SourceFactory(), on=date(2026, 10, 20), grade="requires-improvement"))
    assert set(recent) == {"report-published", "action-plan", "next-inspection"}


def test_a_publication_far_in_the_past_is_beyond_the_bank_holidays_and_makes_no_clock(db):
    made = made_by(published(None, SourceFactory(), on=date(2010, 3, 1), grade="requires-improvement"))
    assert set(made) == {"next-inspection"}


def test_before_14_december_2015_nothing_was_owed_to_the_dfe(case, report):
    before = made_by(published(case, report, on=date(2015, 12, 13)))
    assert "improvement-plan" not in before and "six-month-point" not in before
    after = made_by(published(case, SourceFactory(council=case.council), on=date(2015, 12, 14)))
    assert after["improvement-plan"].due_on == date(2016, 3, 14)


def test_where_the_lowest_area_stands_in_the_dfes_rows_wait_for_its_decision(case, report):
    made = made_by(published(case, report, facts={"lowest": "yes"}))
    assert "action-plan" in made
    assert "improvement-plan" not in made and "six-month-point" not in made


def test_a_stated_date_wins_and_both_are_kept(case, report):
    stated = {"improvement-plan": (date(2026, 12, 18), "the direction of 2 October")}
    plan = made_by(published(case, report, stated=stated))["improvement-plan"]
    assert (plan.due_on, plan.stated_due, plan.computed_due) == (
        date(2026, 12, 18),
        date(2026, 12, 18),
        date(2026, 12, 21),
    )
    assert plan.stated_in == "the direction of 2 October"


def event(kind, case, on=date(2026, 10, 1), **more):
    facts = more.pop("facts", {})
    return Start(event=kind, on=on, council_id=case.council_id, case=case, facts=facts, **more)


def test_a_notice_a_commissioner_and_a_decision_start_theirs(case):
    assert dues(made_by([event("instrument", case, facts={"instruments": "notice"})])) == {
        "improvement-plan-notice": date(2027, 1, 1)
    }
    assert dues(made_by([event("appointment", case, facts={"roles": "commissioner"})])) == {
        "commissioner-report": date(2027, 1, 1)
    }
    assert dues(made_by([event("decision", case, facts={"decisions": "keeps-control"})])) == {
        "check-6-months": date(2027, 4, 1),
        "check-12-months": date(2027, 10, 1),
    }
    assert made_by([event("appointment", case, facts={"roles": "dfe-adviser"})]) == {}


def test_the_board_chair_reports_only_where_the_direction_says(case):
    direction = {"instruments": "direction"}
    assert made_by([event("instrument", case, facts=direction)]) == {}
    stated = {"board-chair-report": (date(2027, 1, 5), "the direction")}
    assert dues(made_by([event("instrument", case, facts=direction, stated=stated)])) == {
        "board-chair-report": date(2027, 1, 5)
    }


def test_two_notices_known_without_a_letter_each_start_their_own_clock(case):
    starts = [
        event("instrument", case, on=on, facts={"instruments": "notice"})
        for on in (ENTERED, date(2026, 10, 1))
    ]
    assert len(start_clocks(starts, by=by(), on=ENTERED)) == 2
    assert start_clocks(starts, by=by(), on=ENTERED) == []


def test_told_twice_nothing_more_is_made_and_nothing_more_is_recorded(case, report):
    starts = published(case, report, series_from=date(2026, 9, 21))
    made_by(starts)
    events = Event.objects.count()
    assert made_by(starts, on=date(2027, 1, 1)) == {}
    assert Event.objects.count() == events


def test_every_milestone_made_has_its_event(case, report):
    made = made_by(published(case, report))
    told = Event.objects.filter(kind="milestone-made", council_code=case.council.la_code)
    assert {event.subject_id for event in told} == {milestone.pk for milestone in made.values()}


def test_a_corrected_publication_moves_open_dates_and_keeps_the_change(case, report):
    made_by(published(case, report))
    made_by(published(case, report, on=date(2026, 9, 28)))
    plan = Milestone.objects.get(case=case, rule__slug="improvement-plan")
    assert plan.due_on == date(2026, 12, 28)
    change = plan.changes.get()
    assert (change.old_due_on, change.new_due_on, change.reason) == (
        date(2026, 12, 21),
        date(2026, 12, 28),
        "correction",
    )


def test_a_correction_leaves_a_date_that_a_person_moved(case, report):
    plan = made_by(published(case, report))["improvement-plan"]
    moved = move_date(
        plan, to=date(2027, 1, 15), reason="agreed-dfe", by=by(), on=ENTERED, revision=plan.revision
    )
    made_by(published(case, report, on=date(2026, 9, 28)))
    moved.refresh_from_db()
    assert (moved.due_on, moved.computed_due) == (date(2027, 1, 15), date(2026, 12, 28))


def test_a_later_inspection_supersedes_the_window_of_the_one_before(db):
    first = SourceFactory()
    made_by(published(None, first, on=date(2022, 3, 1), grade="good"))
    second = SourceFactory(council=first.council)
    made_by(published(None, second, on=date(2025, 3, 1), grade="requires-improvement"))
    windows = Milestone.objects.filter(council=first.council, rule__only_latest="next-inspection")
    assert {window.source: window.outcome for window in windows} == {first: "superseded", second: ""}
    assert made_by(published(None, first, on=date(2022, 3, 1), grade="good")) == {}


def test_inspections_told_in_any_order_leave_the_window_of_the_latest(db):
    first = SourceFactory()
    second = SourceFactory(council=first.council)
    made_by(published(None, second, on=date(2025, 3, 1), grade="good"))
    assert made_by(published(None, first, on=date(2022, 3, 1), grade="good")) == {}
    assert Milestone.objects.get(council=first.council, closed_on=None).source == second


def test_a_grade_corrected_there_and_back_leaves_one_window_standing(db):
    report = SourceFactory()
    for grade in ("good", "inadequate", "good"):
        made_by(published(None, report, on=date(2025, 3, 1), grade=grade))
    assert [m.rule.slug for m in Milestone.objects.filter(council=report.council, closed_on=None)] == [
        "next-inspection"
    ]


def series(case, on, **more):
    return [event("series", case, on=on, **more)]


def test_of_a_series_only_the_next_is_made_and_numbered_from_its_start(case):
    review = made_by(series(case, date(2025, 8, 31)))["progress-review"]
    assert (review.series_no, review.due_on, review.label) == (3, date(2027, 2, 28), "Progress review 3")
    assert not review.to_confirm


def test_the_next_of_a_series_is_made_when_the_last_falls_due_even_after_a_long_absence(case):
    made_by(series(case, date(2026, 8, 31)))
    day = date(2027, 2, 27)
    assert make_next_of_series(by=by(day), on=day) == []
    day = date(2028, 3, 1)
    made = make_next_of_series(by=by(day), on=day)
    assert [(m.series_no, m.due_on) for m in made] == [
        (2, date(2027, 8, 31)),
        (3, date(2028, 2, 29)),
        (4, date(2028, 8, 31)),
    ]
    assert make_next_of_series(by=by(day), on=day) == []


def test_the_next_of_a_series_is_made_when_the_last_is_met_early(case):
    review = made_by(series(case, date(2026, 8, 31)))["progress-review"]
    mark_met(review, met_on=ENTERED, by=by(), on=ENTERED, revision=review.revision)
    following = Milestone.objects.get(case=case, rule=review.rule, series_no=2)
    assert (following.outcome, following.due_on) == ("", date(2027, 8, 31))
    assert make_next_of_series(by=by(), on=ENTERED) == []


def test_meeting_a_review_leaves_the_series_of_other_cases_to_the_night(case):
    other = open_case(Case.Kind.INTERVENTION, CouncilFactory(), by=by(), on=ENTERED)
    review, due = (made_by(series(each, date(2026, 8, 31)))["progress-review"] for each in (case, other))
    day = date(2027, 3, 1)
    mark_met(review, met_on=day, by=by(day), on=day, revision=review.revision)
    assert Milestone.objects.filter(case=other).get() == due


def test_moving_a_review_does_not_hold_the_next_one_back(case):
    review = made_by(series(case, date(2026, 8, 31)))["progress-review"]
    move_date(
        review, to=date(2027, 12, 1), reason="agreed-dfe", by=by(), on=ENTERED, revision=review.revision
    )
    day = date(2027, 2, 28)
    assert [m.due_on for m in make_next_of_series(by=by(day), on=day)] == [date(2027, 8, 31)]


def test_the_series_of_a_closed_case_goes_no_further(case):
    made_by(series(case, date(2026, 8, 31)))
    Case.objects.filter(pk=case.pk).update(standing="closed", closed_on=date(2027, 1, 1))
    day = date(2027, 6, 1)
    assert make_next_of_series(by=by(day), on=day) == []


def test_an_instrument_starts_the_series_anew_and_supersedes_the_one_that_ran(case):
    made_by(series(case, date(2026, 9, 1)))
    new = made_by(series(case, date(2026, 10, 1), facts={"instruments": "direction"}))
    assert dues(new) == {"progress-review-instrument": date(2027, 4, 1)}
    assert new["progress-review-instrument"].force == "instrument"
    assert Milestone.objects.get(case=case, rule__slug="progress-review").outcome == "superseded"


def test_a_series_begun_anew_goes_on_after_the_review_already_held(case):
    review = made_by(series(case, date(2026, 8, 31)))["progress-review"]
    held = date(2027, 2, 28)
    mark_met(review, met_on=held, by=by(held), on=held, revision=review.revision)
    make_next_of_series(by=by(held), on=held)
    again = made_by(series(case, date(2026, 9, 5)), on=held)["progress-review"]
    assert (again.series_no, again.due_on) == (2, date(2027, 9, 5))


def test_where_the_lowest_area_stands_in_what_depends_on_a_grade_is_assumed_and_says_so(case, report):
    lowest = {"lowest": "yes"}
    starts = published(
        case, report, grade="requires-improvement", facts=lowest, inspected_on=date(2026, 8, 3)
    )
    received = Start(**{**starts[0].__dict__, "assumed": False})
    made = made_by([received, starts[1]])
    assert {slug for slug, one in made.items() if one.start_assumed} == {"action-plan", "next-inspection"}
    window = made["next-inspection"]
    assert window.started_by == "the inspection; the lowest area stands in for an overall grade"
    assert "lowest area" not in made["report-published"].started_by


def test_the_next_inspection_says_whether_it_runs_from_the_inspection_or_its_publication(case, report):
    known = made_by(published(case, report, grade="good", inspected_on=date(2026, 8, 3)))["next-inspection"]
    assert (known.started_on, known.started_by) == (date(2026, 8, 3), "the inspection")
    unknown = made_by(published(case, SourceFactory(council=case.council), grade="good"))["next-inspection"]
    assert (unknown.started_on, unknown.started_by) == (date(2026, 9, 21), "report published")


def test_meeting_the_action_plan_starts_the_published_statement(case, report):
    plan = made_by(published(case, report))["action-plan"]
    mark_met(plan, met_on=ENTERED, by=by(), on=ENTERED, revision=plan.revision)
    statement = Milestone.objects.get(case=case, rule__slug="statement-published")
    assert (statement.started_on, statement.due_on, statement.force) == (ENTERED, None, "statutory")


def test_a_monitoring_visit_sets_the_next_and_supersedes_the_first(case, report):
    made_by(published(case, report))
    visit = SourceFactory(council=case.council, kind=Source.Kind.VISIT_LETTER)
    made = made_by(
        [event("inspection", case, on=date(2027, 2, 10), source=visit, facts={"kinds": "monitoring-visit"})],
        on=date(2027, 2, 12),
    )
    assert dues(made) == {"monitoring-visit": date(2027, 5, 10)}
    assert Milestone.objects.get(case=case, rule__slug="first-monitoring-visit").outcome == "superseded"


def test_a_focused_visit_starts_a_clock_only_with_a_priority_action(case):
    visit = {"kinds": "focused-visit"}
    assert made_by([event("inspection", case, facts=visit)]) == {}
    made = made_by([event("inspection", case, facts={**visit, "priority": "yes"})])
    assert set(made) == {"draft-plan-visit", "action-plan-visit"}


def test_a_bank_holiday_added_late_moves_open_dates_with_the_change_recorded(case, report):
    made = made_by(published(case, report))
    moved = add_bank_holiday(date(2026, 11, 20), "Funeral", by=by(), on=ENTERED)
    plan, visit = made["action-plan"], made["first-monitoring-visit"]
    plan.refresh_from_db(), visit.refresh_from_db()
    assert set(moved) == {plan, visit}
    assert plan.due_on == plan.computed_due == date(2026, 12, 31)
    assert visit.due_on == date(2027, 1, 28)
    assert plan.changes.get().reason == "bank-holiday"
    assert Event.objects.filter(kind="bank-holidays-added", data__days=["2026-11-20"]).exists()


def test_a_bank_holiday_leaves_a_stated_date_and_one_already_met(case, report):
    stated = {"action-plan": (date(2026, 12, 18), "Ofsted's letter")}
    report_starts = published(case, report)
    report_starts[0] = Start(**{**report_starts[0].__dict__, "stated": stated})
    made = made_by(report_starts)
    publish = made["report-published"]
    mark_met(publish, met_on=ENTERED, by=by(), on=ENTERED, revision=publish.revision)
    add_bank_holiday(date(2026, 10, 30), "Funeral", by=by(), on=ENTERED)
    plan = made["action-plan"]
    plan.refresh_from_db(), publish.refresh_from_db()
    assert (plan.due_on, plan.computed_due) == (date(2026, 12, 18), date(2026, 12, 31))
    assert publish.due_on == date(2026, 11, 2)


def test_only_who_keeps_reference_data_adds_a_bank_holiday(db):
    from django.core.exceptions import PermissionDenied

    from accounts.permissions import Role
    from tests.factories import RegionFactory, viewer_with

    adviser = viewer_with(Role.PRINCIPAL_ADVISER, region=RegionFactory())
    with pytest.raises(PermissionDenied):
        add_bank_holiday(date(2026, 11, 20), "Funeral", by=adviser, on=ENTERED)
    assert not BankHoliday.objects.filter(on=date(2026, 11, 20)).exists()


def test_withdrawn_milestones_close_with_an_event_and_others_stay(case, report):
    made = made_by(published(case, report))
    count = withdraw_milestones(Milestone.objects.filter(case=case), by=by(), on=ENTERED)
    assert count == 6
    assert Milestone.objects.get(pk=made["next-inspection-after-inadequate"].pk).closed_on is None
    assert Event.objects.filter(kind="milestone-withdrawn").count() == 6


def test_references_run_on_within_a_year_and_begin_anew_in_the_next(db):
    opened = [
        open_case(Case.Kind.INTERVENTION, CouncilFactory(), by=by(day), on=day).reference
        for day in (date(2031, 5, 1), date(2031, 6, 1), date(2032, 1, 1))
    ]
    assert opened == ["INT-2031-0001", "INT-2031-0002", "INT-2032-0001"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_cases_opened_at_once_never_share_a_reference_and_clocks_started_at_once_are_made_once():
    councils = [CouncilFactory() for _ in range(8)]
    shared = SourceFactory()
    starts = published(None, shared, on=date(2026, 10, 20), grade="good")

    def open_one(council):
        try:
            start_clocks(starts, by=by(), on=ENTERED)
            return open_case(Case.Kind.INTERVENTION, council, by=by(), on=ENTERED).reference
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        references = list(pool.map(open_one, councils))
    assert sorted(references) == [f"INT-2026-{n:04}" for n in range(1, 9)]
    assert Milestone.objects.filter(council=shared.council).count() == 2
