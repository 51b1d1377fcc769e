"""Interventions open, are joined and are withdrawn by the merged record alone."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from cases.actions import assign, mark_met, move_date
from cases.models import Case, Milestone
from history.models import Event
from improvement.actions import open_interventions, record_instrument
from improvement.models import Appointment, Instrument, Intervention, Trigger
from improvement.tasks import nightly
from inspections.models import Judgement
from inspections.signals import outcomes_published
from tests.factories import CouncilFactory, person_with, viewer_with

pytestmark = pytest.mark.django_db

PUBLISHED = date(2026, 5, 13)


@pytest.fixture
def run(system, today):
    """Open interventions, today or on another day."""
    return lambda on=today, **rest: open_interventions(by=system, on=on, **rest)


@pytest.fixture
def judged(council, inspect):
    return inspect(council, PUBLISHED, "inadequate")


def milestones(council):
    return {m.rule.slug: m for m in Milestone.objects.filter(council=council).select_related("rule")}


def events(council):
    return list(
        Event.objects.filter(council_code=council.la_code).order_by("pk").values_list("kind", flat=True)
    )


def test_an_inadequate_overall_opens_a_case_with_its_milestones(council, judged, run, today, intervention_of):
    result = run()

    case = intervention_of(council)
    assert result.opened == (case.reference,)
    assert (case.standing, case.entered_on) == ("open", today)
    assert (case.intervention.opened_from, case.intervention.began_on) == ("judgement", PUBLISHED)
    assert list(case.triggers.values_list("inspection", "on")) == [(judged.pk, PUBLISHED)]
    made = milestones(council)
    assert made["improvement-plan"].due_on == date(2026, 8, 13)
    assert made["action-plan"].start_assumed
    assert {"case-opened", "intervention-opened", "milestone-made"} <= set(events(council))


def test_what_fell_due_before_the_case_was_entered_is_to_confirm(council, judged, run):
    run()
    made = milestones(council)
    assert made["improvement-plan"].to_confirm
    assert not made["six-month-point"].to_confirm


def test_running_it_again_changes_nothing(council, judged, inspect, published_notice, run):
    inspect(CouncilFactory(), PUBLISHED, "good")
    published_notice(CouncilFactory(), PUBLISHED)
    run()
    before = [list(model.objects.values()) for model in (Case, Intervention, Trigger, Milestone, Event)]

    again = run()

    assert str(again) == "opened 0 joined 0 withdrawn 0 to confirm 0"
    assert [
        list(model.objects.values()) for model in (Case, Intervention, Trigger, Milestone, Event)
    ] == before


@pytest.mark.parametrize("overall", ["outstanding", "good", "requires-improvement", None])
def test_no_other_grade_opens_a_case(council, inspect, run, overall):
    inspect(council, PUBLISHED, overall, areas={"leaders": "inadequate"})
    assert run().opened == ()


def test_only_the_latest_full_inspection_counts(council, inspect, run):
    inspect(council, PUBLISHED - timedelta(days=900), "inadequate")
    inspect(council, PUBLISHED, "requires-improvement")
    inspect(council, PUBLISHED + timedelta(days=60), "inadequate", kind="focused-visit")
    assert run().opened == ()


def test_one_not_yet_published_on_the_day_opens_nothing(council, judged, run):
    assert run(on=PUBLISHED - timedelta(days=1)).opened == ()
    assert len(run(on=PUBLISHED).opened) == 1


def test_a_council_that_has_ended_gets_no_case(region, inspect, run, today):
    ended = CouncilFactory(region=region, until_on=today)
    inspect(ended, PUBLISHED, "inadequate")
    assert run().opened == ()


def test_it_keeps_to_the_councils_it_is_given(council, judged, region, inspect, run):
    other = CouncilFactory(region=region)
    inspect(other, PUBLISHED, "inadequate")
    run(councils={other.pk})
    assert set(Case.objects.values_list("council", flat=True)) == {other.pk}


def test_looked_after_services_under_slac_are_not_the_councils_overall(council, inspect, run):
    inspect(
        council,
        date(2012, 5, 1),
        areas={"safeguarding_overall": "good", "looked_after_overall": "inadequate"},
        family="slac",
        kind="full",
    )
    assert run().opened == ()


def test_a_new_inadequate_overall_joins_the_open_case_as_another_source(council, judged, inspect, run, today):
    run(on=PUBLISHED)
    again = inspect(council, PUBLISHED + timedelta(days=150), "inadequate")

    result = run()

    case = Case.objects.get(council=council)
    assert result.joined == (case.reference,)
    assert set(case.triggers.values_list("inspection", flat=True)) == {judged.pk, again.pk}
    plans = Milestone.objects.filter(case=case, rule__slug="action-plan")
    assert set(plans.values_list("source", flat=True)) == {judged.source_id, again.source_id}


def test_a_better_grade_published_afterwards_never_withdraws(council, judged, inspect, run):
    run(on=PUBLISHED)
    inspect(council, PUBLISHED + timedelta(days=150), "good")
    assert run().withdrawn == ()
    assert Case.objects.get(council=council).standing == "open"


def test_one_followed_before_it_was_entered_is_withdrawn(council, inspect, run, today):
    inspect(council, PUBLISHED - timedelta(days=900), "inadequate")
    run()
    inspect(council, PUBLISHED, "good")

    result = run()

    case = Case.objects.get(council=council)
    assert result.withdrawn == (case.reference,)
    assert (case.standing, case.closed_on) == ("withdrawn", today)
    assert not case.triggers.filter(withdrawn_on=None).exists()
    assert set(Milestone.objects.filter(case=case).values_list("outcome", flat=True)) == {"withdrawn"}
    assert "intervention-withdrawn" in events(council)


def test_one_whose_judgement_was_wrong_is_withdrawn_and_opens_again_if_it_was_right(council, judged, run):
    run()
    overall = Judgement.objects.filter(inspection=judged)
    overall.update(grade="good")
    assert len(run().withdrawn) == 1
    overall.update(grade="inadequate")
    assert len(run().opened) == 1
    assert Trigger.objects.filter(withdrawn_on=None).count() == 1


def test_one_whose_inspection_is_gone_is_withdrawn(council, judged, run):
    run()
    judged.delete()
    assert len(run().withdrawn) == 1


def test_a_wrong_judgement_that_joined_goes_alone_and_the_case_stands_on_the_other(
    council, judged, inspect, run, today
):
    run(on=PUBLISHED)
    joined = inspect(council, PUBLISHED + timedelta(days=150), "inadequate")
    run()
    joined.judgements.update(grade="requires-improvement")

    result = run()

    assert (result.withdrawn, result.opened) == ((), ())
    case = Case.objects.get(council=council)
    assert case.standing == "open"
    assert list(case.triggers.filter(withdrawn_on=None)) == [case.triggers.get(inspection=judged)]
    of_the_wrong_one = Milestone.objects.filter(case=case, source=joined.source)
    assert set(of_the_wrong_one.values_list("outcome", flat=True)) == {"withdrawn"}
    assert Milestone.objects.get(case=case, rule__slug="action-plan", source=judged.source).outcome == ""
    assert "intervention-source-withdrawn" in events(council)
    assert str(run()) == "opened 0 joined 0 withdrawn 0 to confirm 0"


def test_a_later_reinspection_of_looked_after_services_alone_follows_no_judgement(council, inspect, run):
    inspect(
        council, date(2012, 5, 1), areas={"safeguarding_overall": "inadequate"}, family="slac", kind="full"
    )
    run()
    inspect(
        council,
        date(2013, 5, 1),
        areas={"looked_after_overall": "good"},
        family="slac",
        kind="reinspection",
        area="looked-after",
    )
    assert run().withdrawn == ()


@pytest.mark.parametrize("touch", ["met", "moved", "assigned", "instrument"])
def test_a_case_that_somebody_has_worked_on_is_never_withdrawn(council, judged, run, touch, region, today):
    run()
    adviser = viewer_with(Role.PRINCIPAL_ADVISER, region=region, today=today)
    milestone = milestones(council)["six-month-point"]
    by = {"by": adviser, "on": today, "revision": milestone.revision}
    match touch:
        case "met":
            mark_met(milestone, met_on=today, **by)
        case "moved":
            move_date(milestone, to=today + timedelta(days=90), reason="agreed-dfe", **by)
        case "assigned":
            assign(milestone, person=person_with(Role.LGA_ADVISER, region=region), **by)
        case "instrument":
            record_instrument(council, kind="notice", issued_on=today, by=adviser, on=today)
    judged.judgements.update(grade="good")

    assert run().withdrawn == ()


def test_an_import_by_a_person_does_not_count_as_work_on_the_case(council, judged, today, run):
    open_interventions(by=viewer_with(Role.NATIONAL_LEAD, today=today), on=today)
    judged.judgements.update(grade="good")
    assert len(run().withdrawn) == 1


def test_a_corrected_publication_moves_the_trigger_and_its_milestones(council, judged, run):
    run()
    for model, field in ((judged, "published_on"), (judged, "known_on"), (judged.source, "published_on")):
        setattr(model, field, PUBLISHED + timedelta(days=30))
    judged.save()
    run()
    assert Trigger.objects.get().on == PUBLISHED + timedelta(days=30)
    assert milestones(council)["improvement-plan"].due_on == date(2026, 9, 12)
    assert Intervention.objects.get().began_on == PUBLISHED + timedelta(days=30)


def test_an_intervention_begins_with_its_first_row_whichever_came_into_the_record_first(
    council, published_notice, inspect, run
):
    published_notice(council, PUBLISHED + timedelta(days=60))
    run()
    inspect(council, PUBLISHED, "inadequate")
    assert len(run().opened) == 1
    assert Intervention.objects.get().began_on == PUBLISHED


def test_a_notice_without_an_end_makes_an_episode_to_confirm(council, published_notice, run, today):
    notice = published_notice(council, date(2023, 11, 30))

    result = run()

    case = Case.objects.get(council=council)
    assert result.to_confirm == (case.reference,)
    assert (case.standing, case.intervention.opened_from) == ("unconfirmed", "record")
    assert case.intervention.began_on == date(2023, 11, 30)
    notice.refresh_from_db()
    assert notice.case == case
    assert not Milestone.objects.filter(case=case).exists()


def test_a_notice_that_has_ended_makes_no_episode(council, published_notice, run):
    published_notice(council, date(2022, 3, 31), date(2023, 12, 21))
    assert run().to_confirm == ()


def test_an_episode_to_confirm_becomes_the_case_of_a_new_inadequate_judgement(
    council, published_notice, inspect, run, today
):
    published_notice(council, date(2023, 11, 30))
    run(on=PUBLISHED - timedelta(days=30))
    inspect(council, PUBLISHED, "inadequate")

    result = run()

    case = Case.objects.get(council=council)
    assert result.opened == (case.reference,)
    assert (case.standing, case.entered_on) == ("open", today)
    assert (case.intervention.opened_from, case.intervention.confirmed_on) == ("judgement", today)
    assert "improvement-plan-notice" in milestones(council)


def test_published_instruments_attach_to_the_judgements_case_if_they_belong(
    council, judged, published_notice, run
):
    in_force = published_notice(council, PUBLISHED - timedelta(days=400), PUBLISHED + timedelta(days=30))
    since = published_notice(council, PUBLISHED + timedelta(days=30), kind="direction")
    before = published_notice(council, PUBLISHED - timedelta(days=4000), PUBLISHED - timedelta(days=3000))
    run()
    held = set(Instrument.objects.exclude(case=None).values_list("pk", flat=True))
    assert held == {in_force.pk, since.pk}
    before.refresh_from_db()
    assert before.case is None


def test_a_commissioner_of_years_before_without_an_end_in_the_record_does_not_belong(
    council, judged, run, today
):
    _old, since = (
        Appointment.objects.create(
            council=council, role="commissioner", from_on=day, partial=True, recorded_on=today
        )
        for day in (date(2016, 1, 5), PUBLISHED)
    )
    run()
    assert list(Appointment.objects.exclude(case=None)) == [since]


def test_a_withdrawn_case_lets_go_of_the_published_record(
    council, judged, published_notice, run, intervention_of
):
    published_notice(council, PUBLISHED)
    run()
    judged.judgements.update(grade="good")

    result = run()

    assert len(result.withdrawn) == len(result.to_confirm) == 1
    assert Instrument.objects.get().case == intervention_of(council)


@pytest.fixture
def visit(council, inspect):
    """Tell of a monitoring visit, published that day, that began 40 days before."""
    return lambda day: inspect(council, day, kind="monitoring-visit")


def test_the_last_monitoring_visit_sets_the_window_of_the_next(council, judged, visit, run, today):
    visit(PUBLISHED - timedelta(days=10))
    run()
    assert {slug for slug in milestones(council) if "monitoring" in slug} == {"first-monitoring-visit"}
    visit(date(2026, 10, 10))
    last = visit(date(2026, 10, 31))

    run()

    made = milestones(council)
    assert made["first-monitoring-visit"].outcome == "superseded"
    following = made["monitoring-visit"]
    assert (following.started_on, following.force) == (last.begun_on, "window")
    assert following.due_on == date(2026, 12, 21)
    assert Milestone.objects.filter(council=council, rule__slug="monitoring-visit").count() == 1
    run()
    assert Milestone.objects.filter(council=council, rule__slug="monitoring-visit").count() == 1


def test_a_council_without_a_case_has_no_window_for_a_monitoring_visit(council, inspect, visit, run):
    inspect(council, PUBLISHED, "good")
    visit(date(2026, 10, 31))
    run()
    assert set(milestones(council)) == {"next-inspection"}


def test_a_start_whose_day_is_not_known_exactly_is_assumed_and_says_so(
    council, judged, published_notice, run
):
    published_notice(council, PUBLISHED + timedelta(days=14), issued_precision="month")
    run()
    made = milestones(council)
    for slug in ("improvement-plan-notice", "progress-review-instrument"):
        assert made[slug].start_assumed
        assert made[slug].started_by == "the improvement notice, taken to be the last day its date can mean"
    assert made["action-plan"].started_by == "receipt of the final report, taken to be the day of publication"


def test_reviews_run_from_the_instrument_where_there_is_one(council, judged, published_notice, run):
    published_notice(council, PUBLISHED + timedelta(days=14))
    run()
    review = milestones(council)["progress-review-instrument"]
    assert (review.started_on, review.due_on) == (PUBLISHED + timedelta(days=14), date(2026, 11, 27))


def test_reviews_run_from_the_plans_due_date_where_nothing_came_of_it(council, judged, run):
    run(on=PUBLISHED)
    assert "progress-review" not in milestones(council)
    run(on=date(2026, 8, 13))
    assert milestones(council)["progress-review"].due_on == date(2027, 2, 13)


def test_a_plan_whose_date_was_moved_buys_no_time(council, judged, run, system):
    run(on=PUBLISHED)
    plan = milestones(council)["improvement-plan"]
    move_date(
        plan, to=date(2026, 10, 1), reason="agreed-dfe", by=system, on=PUBLISHED, revision=plan.revision
    )
    run(on=date(2026, 8, 13))
    assert milestones(council)["progress-review"].started_on == date(2026, 8, 13)


def test_a_notice_that_comes_later_takes_over_the_reviews(council, judged, run, system, today):
    run(on=date(2026, 8, 13))
    record_instrument(council, kind="notice", issued_on=date(2026, 9, 1), by=system, on=today)
    made = milestones(council)
    assert made["progress-review"].outcome == "superseded"
    assert made["progress-review-instrument"].started_on == date(2026, 9, 1)


@pytest.mark.parametrize("grade", ["outstanding", "good", "requires-improvement"])
def test_every_council_expects_its_next_inspection(council, inspect, run, grade):
    inspection = inspect(council, date(2025, 3, 3), grade)
    run()
    window = milestones(council)["next-inspection"]
    assert window.started_on == inspection.inspected_on == date(2025, 1, 22)
    assert (window.opens_on, window.due_on, window.case) == (date(2027, 7, 22), date(2028, 7, 22), None)


def test_after_inadequate_the_next_inspection_has_no_date(council, judged, run):
    run()
    assert milestones(council)["next-inspection-after-inadequate"].due_on is None


def test_a_new_full_inspection_supersedes_the_old_window(council, inspect, run):
    inspect(council, date(2023, 3, 3), "good")
    run(on=date(2024, 1, 1))
    inspect(council, PUBLISHED, "good")
    run()
    old, new = Milestone.objects.filter(council=council, rule__slug="next-inspection").order_by("started_on")
    assert (old.outcome, new.outcome) == ("superseded", "")
    assert "milestone-superseded" in events(council)


def test_what_an_inspection_started_ends_with_it_where_it_turns_out_to_be_another(council, inspect, run):
    same = inspect(council, date(2025, 3, 3), "good")
    twice = inspect(council, date(2025, 5, 3), "good")
    run()
    twice.delete()

    run()

    (window,) = Milestone.objects.filter(council=council, closed_on=None)
    assert (window.rule.slug, window.source) == ("next-inspection", same.source)
    assert Milestone.objects.get(source=twice.source).outcome == "withdrawn"


def test_history_without_a_case_makes_only_the_window_and_what_is_still_due(council, inspect, run, today):
    inspect(council, date(2024, 3, 3), "requires-improvement")
    run()
    assert set(milestones(council)) == {"next-inspection"}
    other = CouncilFactory()
    inspect(other, today - timedelta(days=20), "requires-improvement")
    run()
    assert set(milestones(other)) == {"next-inspection", "report-published", "action-plan"}


def test_it_opens_inside_the_transaction_that_publishes(council, judged, system, today):
    outcomes_published.send(None, councils={council.pk}, by=system, on=today)
    assert Case.objects.filter(council=council).exists()


def test_the_night_repairs_a_missed_signal(council, judged):
    nightly()
    assert Case.objects.filter(council=council, standing="open").exists()


def test_only_those_who_may_import_may_run_it(council, region, today):
    with pytest.raises(PermissionDenied):
        open_interventions(by=viewer_with(Role.PRINCIPAL_ADVISER, region=region, today=today), on=today)


def test_a_night_without_news_takes_the_same_few_queries_for_many_councils(region, inspect, run):
    def queries(count):
        for _ in range(count):
            inspect(CouncilFactory(region=region), PUBLISHED, "inadequate")
        run()
        with CaptureQueriesContext(connection) as captured:
            run()
        return len(captured)

    assert queries(3) == queries(30) <= 60
