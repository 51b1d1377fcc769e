"""What people do to one milestone, and who may."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import (
    Confirmation,
    Refused,
    Stale,
    answer,
    assign,
    confirm,
    confirm_all,
    flag_overdue,
    make_next_of_series,
    mark_met,
    move_date,
    pause,
    reopen,
    resume,
)
from cases.models import Assignment, DateChange, Milestone
from cases.presenters import due_words, status
from history.models import Event
from tests.factories import (
    TODAY,
    CaseFactory,
    ClockRuleFactory,
    CouncilFactory,
    GrantFactory,
    MilestoneFactory,
    PersonFactory,
    RegionFactory,
    SourceFactory,
    person_with,
    viewer_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def council(region):
    return CouncilFactory(region=region)


@pytest.fixture
def adviser(region):
    return viewer_with(Role.PRINCIPAL_ADVISER, region=region)


@pytest.fixture
def milestone(council):
    return MilestoneFactory(case=CaseFactory(council=council), due_on=TODAY - timedelta(days=9))


def told(kind):
    return Event.objects.get(kind=kind)


def test_met_late_stays_recorded_as_late_by_so_many_days(milestone, adviser):
    met = mark_met(
        milestone, met_on=TODAY - timedelta(days=6), note="Sent by post", by=adviser, on=TODAY, revision=1
    )
    assert (met.outcome, met.met_on, met.revision) == ("met", TODAY - timedelta(days=6), 2)
    assert status(met, TODAY).words == "met 3 days late"
    event = told("milestone-met")
    assert (event.by_id, event.subject_id, event.data["days_late"]) == (adviser.person.pk, milestone.pk, 3)
    assert not Milestone.objects.overdue(TODAY).exists()


def test_a_milestone_met_is_overdue_as_at_the_days_before(milestone, adviser):
    mark_met(milestone, met_on=TODAY - timedelta(days=6), by=adviser, on=TODAY, revision=1)
    assert Milestone.objects.overdue(TODAY - timedelta(days=7)).get() == milestone
    assert not Milestone.objects.overdue(TODAY - timedelta(days=6)).exists()


def test_it_cannot_be_met_in_the_future_nor_twice(milestone, adviser):
    with pytest.raises(Refused) as refused:
        mark_met(milestone, met_on=TODAY + timedelta(days=1), by=adviser, on=TODAY, revision=1)
    assert refused.value.field == "met_on"
    mark_met(milestone, met_on=TODAY, by=adviser, on=TODAY, revision=1)
    with pytest.raises(Refused, match="closed already: met"):
        mark_met(milestone, met_on=TODAY, by=adviser, on=TODAY, revision=2)


def test_moving_a_date_and_moving_it_back_leaves_both_in_the_history(milestone, adviser):
    old, new = milestone.due_on, TODAY + timedelta(days=30)
    move_date(milestone, to=new, reason="agreed-dfe", by=adviser, on=TODAY, revision=1)
    move_date(milestone, to=old, reason="correction", by=adviser, on=TODAY, revision=2)
    assert list(DateChange.objects.values_list("old_due_on", "new_due_on", "reason", "made_by")) == [
        (old, new, "agreed-dfe", adviser.person.pk),
        (new, old, "correction", adviser.person.pk),
    ]
    milestone.refresh_from_db()
    assert (milestone.due_on, milestone.computed_due) == (old, old)


def test_a_moved_date_counts_from_the_day_it_was_moved_and_not_before(milestone, adviser):
    move_date(milestone, to=TODAY + timedelta(days=30), reason="agreed-dfe", by=adviser, on=TODAY, revision=1)
    assert Milestone.objects.overdue(TODAY - timedelta(days=1)).get() == milestone
    assert not Milestone.objects.overdue(TODAY).exists()


def test_a_date_moved_twice_reads_on_each_day_as_it_was_then(milestone, adviser):
    first = milestone.due_on
    days = [TODAY, TODAY + timedelta(days=5)]
    for revision, day in enumerate(days, start=1):
        move_date(
            milestone, to=day + timedelta(days=30), reason="agreed-dfe", by=adviser, on=day, revision=revision
        )

    def due(on):
        return Milestone.objects.as_at(on).get().due_then

    assert [due(TODAY - timedelta(days=1)), due(TODAY), due(days[1])] == [
        first,
        TODAY + timedelta(days=30),
        days[1] + timedelta(days=30),
    ]


def test_a_milestone_that_had_no_date_had_none_as_at_the_days_before(milestone, adviser):
    Milestone.objects.update(due_on=None, computed_due=None)
    move_date(milestone, to=TODAY - timedelta(days=20), reason="agreed-dfe", by=adviser, on=TODAY, revision=1)
    assert Milestone.objects.as_at(TODAY - timedelta(days=1)).get().due_then is None
    assert not Milestone.objects.overdue(TODAY - timedelta(days=1)).exists()


def test_a_letter_states_the_date_and_both_are_shown(milestone, adviser):
    Milestone.objects.update(due_on=date(2026, 11, 15), computed_due=date(2026, 11, 15))
    moved = move_date(
        milestone,
        to=date(2026, 11, 16),
        reason="letter",
        stated_in="the direction",
        by=adviser,
        on=TODAY,
        revision=1,
    )
    assert (moved.stated_due, moved.computed_due) == (date(2026, 11, 16), date(2026, 11, 15))
    assert due_words(moved) == "16 November 2026, as the direction states; 15 November by rule"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"reason": "resumed"}, "reason"),
        ({"reason": "bank-holiday"}, "reason"),
        ({"reason": "letter"}, "stated_in"),
        ({"reason": "other"}, "note"),
        ({"reason": "agreed-dfe", "to": TODAY - timedelta(days=9)}, "to"),
    ],
)
def test_a_move_without_a_reason_of_the_list_or_what_it_needs_is_refused(milestone, adviser, answers, field):
    with pytest.raises(Refused) as refused:
        move_date(milestone, **{"to": TODAY, **answers}, by=adviser, on=TODAY, revision=1)
    assert refused.value.field == field
    assert not DateChange.objects.exists()


def test_a_window_moved_to_before_it_opens_opens_on_its_last_day(council, adviser):
    window = MilestoneFactory(
        case=None, council=council, force="window", opens_on=TODAY, due_on=TODAY + timedelta(days=90)
    )
    moved = move_date(
        window, to=TODAY - timedelta(days=5), reason="correction", by=adviser, on=TODAY, revision=1
    )
    assert moved.opens_on == moved.due_on == TODAY - timedelta(days=5)


def test_a_pause_hides_it_from_that_day_and_does_not_move_its_date(milestone, adviser):
    paused = pause(milestone, reason="Inspectors on site", by=adviser, on=TODAY, revision=1)
    assert paused.due_on == milestone.due_on
    assert not Milestone.objects.overdue(TODAY).exists()
    assert Milestone.objects.overdue(TODAY - timedelta(days=1)).exists()
    with pytest.raises(Refused, match="paused already"):
        pause(milestone, reason="Again", by=adviser, on=TODAY, revision=2)


def test_resuming_asks_for_a_date_and_keeps_the_change(milestone, adviser):
    pause(milestone, reason="Inspectors on site", by=adviser, on=TODAY, revision=1)
    later = TODAY + timedelta(days=7)
    resumed = resume(milestone, due_on=later, by=adviser, on=later, revision=2)
    assert resumed.changes.get().reason == "resumed"
    assert not Milestone.objects.overdue(later).exists()
    assert Milestone.objects.overdue(later + timedelta(days=1)).exists()
    with pytest.raises(Refused, match="not paused"):
        resume(milestone, due_on=later, by=adviser, on=later, revision=3)


def test_resumed_with_the_same_date_it_is_overdue_again_without_a_change(milestone, adviser):
    pause(milestone, reason="Inspectors on site", by=adviser, on=TODAY, revision=1)
    resume(milestone, due_on=milestone.due_on, by=adviser, on=TODAY, revision=2)
    assert Milestone.objects.overdue(TODAY).exists()
    assert not DateChange.objects.exists()


def test_meeting_a_paused_milestone_ends_the_pause(milestone, adviser):
    pause(milestone, reason="Inspectors on site", by=adviser, on=TODAY, revision=1)
    mark_met(milestone, met_on=TODAY, by=adviser, on=TODAY, revision=2)
    assert milestone.pauses.get().until_on == TODAY


@pytest.mark.parametrize(("kind", "asked_on"), [("not-known", None), ("asked", TODAY)])
def test_an_answer_is_recorded_and_clears_nothing(milestone, adviser, kind, asked_on):
    answer(milestone, kind=kind, asked_on=asked_on, by=adviser, on=TODAY)
    recorded = milestone.answers.get()
    assert (recorded.kind, recorded.asked_on, recorded.made_by) == (kind, asked_on, adviser.person)
    assert Milestone.objects.overdue(TODAY).get() == milestone


def test_asked_needs_its_day_and_not_one_to_come(milestone, adviser):
    for asked_on in (None, TODAY + timedelta(days=1)):
        with pytest.raises(Refused) as refused:
            answer(milestone, kind="asked", asked_on=asked_on, by=adviser, on=TODAY)
        assert refused.value.field == "asked_on"


def test_it_is_assigned_only_to_somebody_who_can_see_it(milestone, adviser, council):
    stranger = person_with(Role.LGA_ADVISER, council=CouncilFactory())
    with pytest.raises(Refused) as refused:
        assign(milestone, person=stranger, by=adviser, on=TODAY, revision=1)
    assert refused.value.field == "person"
    colleague = person_with(Role.COUNCIL_APPROVER, council=council)
    assert assign(milestone, person=colleague, by=adviser, on=TODAY, revision=1).assignee == colleague
    assert assign(milestone, person=None, by=adviser, on=TODAY, revision=2).assignee is None


@pytest.fixture
def backfilled(council):
    entered = TODAY - timedelta(days=30)
    return MilestoneFactory(
        case=CaseFactory(council=council, entered_on=entered),
        entered_on=entered,
        due_on=entered - timedelta(days=10),
        to_confirm=True,
    )


def test_to_confirm_counts_nowhere_until_answered(backfilled):
    assert not Milestone.objects.overdue(TODAY).exists()
    assert not Milestone.objects.open(TODAY).exists()
    assert Milestone.objects.awaiting_confirmation(TODAY).get() == backfilled


def test_confirmed_not_met_it_is_overdue_from_its_due_date_and_no_day_before_the_record(backfilled, adviser):
    confirm(backfilled, outcome="not-met", by=adviser, on=TODAY, revision=1)
    assert Milestone.objects.overdue(TODAY).exists()
    assert Milestone.objects.overdue(backfilled.entered_on).exists()
    assert not Milestone.objects.overdue(backfilled.entered_on - timedelta(days=1)).exists()
    assert status(Milestone.objects.get(), TODAY).words == "40 days overdue"


def test_confirmed_met_before_the_record_began_it_was_never_overdue(backfilled, adviser):
    confirm(
        backfilled,
        outcome="met",
        met_on=backfilled.due_on - timedelta(days=1),
        by=adviser,
        on=TODAY,
        revision=1,
    )
    assert not Milestone.objects.overdue(backfilled.entered_on).exists()
    assert not Milestone.objects.awaiting_confirmation(backfilled.entered_on).exists()


def test_confirmed_not_known_it_closes_and_was_overdue_on_no_day(backfilled, adviser):
    confirm(backfilled, outcome="not-known", by=adviser, on=TODAY, revision=1)
    backfilled.refresh_from_db()
    assert (backfilled.outcome, backfilled.closed_on) == ("not-known", TODAY)
    for days in range(31):
        assert not Milestone.objects.overdue(TODAY - timedelta(days=days)).exists()
    assert Milestone.objects.awaiting_confirmation(TODAY - timedelta(days=1)).exists()


def test_confirming_met_needs_the_day_and_confirming_twice_is_refused(backfilled, adviser):
    with pytest.raises(Refused) as refused:
        confirm(backfilled, outcome="met", by=adviser, on=TODAY, revision=1)
    assert refused.value.field == "met_on"
    confirm(backfilled, outcome="not-met", by=adviser, on=TODAY, revision=1)
    with pytest.raises(Refused, match="confirmed already"):
        confirm(backfilled, outcome="not-known", by=adviser, on=TODAY, revision=2)


def test_a_stale_revision_is_refused_with_the_milestone_as_it_is_now(milestone, adviser):
    pause(milestone, reason="Inspectors on site", by=adviser, on=TODAY, revision=1)
    with pytest.raises(Stale) as stale:
        mark_met(milestone, met_on=TODAY, by=adviser, on=TODAY, revision=1)
    assert stale.value.current.revision == 2
    assert not Event.objects.filter(kind="milestone-met").exists()


# Undone


def test_recorded_as_met_by_mistake_it_stands_again_and_both_stay_in_the_history(milestone, adviser):
    mark_met(milestone, met_on=TODAY, note="Sent", by=adviser, on=TODAY, revision=1)
    reopened = reopen(milestone, note="The wrong one", by=adviser, on=TODAY, revision=2)
    assert (reopened.outcome, reopened.met_on, reopened.closed_on) == ("", None, None)
    assert (reopened.outcome_note, reopened.to_confirm, reopened.revision) == ("", False, 3)
    assert Milestone.objects.overdue(TODAY).get() == milestone
    assert told("milestone-met").data["note"] == "Sent"
    event = told("milestone-reopened")
    assert event.by_id == adviser.person.pk
    assert event.data == {"undone": "met", "met_on": TODAY.isoformat(), "note": "The wrong one"}


def test_what_was_to_confirm_is_to_confirm_again_when_it_is_reopened(backfilled, adviser):
    confirm(backfilled, outcome="met", met_on=backfilled.due_on, by=adviser, on=TODAY, revision=1)
    assert reopen(backfilled, note="The wrong one", by=adviser, on=TODAY, revision=2).to_confirm
    confirm(backfilled, outcome="not-known", by=adviser, on=TODAY, revision=3)
    assert reopen(backfilled, note="The wrong one", by=adviser, on=TODAY, revision=4).to_confirm
    assert Milestone.objects.awaiting_confirmation(TODAY).get() == backfilled


def test_what_was_confirmed_as_not_met_and_then_met_is_overdue_again_when_it_is_reopened(backfilled, adviser):
    confirm(backfilled, outcome="not-met", by=adviser, on=TODAY, revision=1)
    mark_met(backfilled, met_on=TODAY, by=adviser, on=TODAY, revision=2)
    reopen(backfilled, note="The wrong one", by=adviser, on=TODAY, revision=3)
    assert Milestone.objects.overdue(TODAY).get() == backfilled


def test_only_what_is_recorded_as_met_or_not_known_is_reopened_and_with_a_reason(milestone, adviser):
    with pytest.raises(Refused, match="not recorded as met"):
        reopen(milestone, note="x", by=adviser, on=TODAY, revision=1)
    mark_met(milestone, met_on=TODAY, by=adviser, on=TODAY, revision=1)
    with pytest.raises(Refused) as refused:
        reopen(milestone, note="", by=adviser, on=TODAY, revision=2)
    assert refused.value.field == "note"
    Milestone.objects.update(outcome="withdrawn", met_on=None)
    with pytest.raises(Refused, match="not recorded as met"):
        reopen(milestone, note="x", by=adviser, on=TODAY, revision=2)


def test_reopened_it_is_flagged_again_by_the_next_sweep_and_never_twice(milestone, adviser, reference):
    flag_overdue(by=adviser, on=TODAY)
    mark_met(milestone, met_on=TODAY, by=adviser, on=TODAY, revision=1)
    reopen(milestone, note="x", by=adviser, on=TODAY, revision=2)
    assert flag_overdue(by=adviser, on=TODAY).left == 1  # undone before a sweep, its flag was never cleared
    mark_met(milestone, met_on=TODAY, by=adviser, on=TODAY, revision=3)
    assert flag_overdue(by=adviser, on=TODAY).cleared == 1
    reopen(milestone, note="x", by=adviser, on=TODAY, revision=4)
    assert flag_overdue(by=adviser, on=TODAY).raised == 1
    assert (milestone.flags.count(), milestone.flags.raised().count()) == (2, 1)


def test_the_next_of_a_series_stays_when_the_one_before_is_reopened_and_is_not_made_twice(council, adviser):
    rule = ClockRuleFactory(repeats=True, length=3)
    first = MilestoneFactory(
        case=CaseFactory(council=council), rule=rule, started_on=TODAY, due_on=date(2027, 2, 2)
    )
    mark_met(first, met_on=TODAY, by=adviser, on=TODAY, revision=1)
    following = Milestone.objects.get(rule=rule, series_no=2)
    reopen(first, note="x", by=adviser, on=TODAY, revision=2)
    assert make_next_of_series(by=adviser, on=TODAY) == []
    mark_met(first, met_on=TODAY, by=adviser, on=TODAY, revision=3)
    assert make_next_of_series(by=adviser, on=TODAY) == []
    following.refresh_from_db()
    assert (following.series_no, following.outcome, following.revision) == (2, "", 1)


def test_a_clock_that_runs_from_its_being_met_is_corrected_when_it_is_met_on_another_day(council, adviser):
    plan = ClockRuleFactory(slug="a-plan")
    follows = ClockRuleFactory(starts_from="met", applies_when={"rules": ["a-plan"]}, length=1)
    sent = MilestoneFactory(
        case=CaseFactory(council=council), rule=plan, source=SourceFactory(council=council)
    )
    mark_met(sent, met_on=TODAY, by=adviser, on=TODAY, revision=1)
    reopen(sent, note="x", by=adviser, on=TODAY, revision=2)
    mark_met(sent, met_on=TODAY - timedelta(days=1), by=adviser, on=TODAY, revision=3)
    assert Milestone.objects.get(rule=follows).due_on == date(2026, 12, 1)


def test_it_is_not_reopened_where_a_later_one_stands_in_its_place(council, adviser):
    rule = ClockRuleFactory(only_latest="next-inspection")
    case = CaseFactory(council=council)
    earlier = MilestoneFactory(case=case, rule=rule, started_on=date(2024, 1, 1))
    mark_met(earlier, met_on=TODAY, by=adviser, on=TODAY, revision=1)
    later = MilestoneFactory(case=case, rule=rule, started_on=date(2026, 1, 1))
    with pytest.raises(Refused, match="A later one stands in its place"):
        reopen(earlier, note="x", by=adviser, on=TODAY, revision=2)
    Milestone.objects.filter(pk=later.pk).update(outcome="withdrawn", closed_on=TODAY)
    assert reopen(earlier, note="x", by=adviser, on=TODAY, revision=2).closed_on is None


ACTS = {
    "met": lambda m, by: mark_met(m, met_on=TODAY, by=by, on=TODAY, revision=1),
    "move": lambda m, by: move_date(m, to=TODAY, reason="agreed-dfe", by=by, on=TODAY, revision=1),
    "pause": lambda m, by: pause(m, reason="x", by=by, on=TODAY, revision=1),
    "resume": lambda m, by: resume(m, due_on=TODAY, by=by, on=TODAY, revision=1),
    "answer": lambda m, by: answer(m, kind="not-known", by=by, on=TODAY),
    "assign": lambda m, by: assign(m, person=None, by=by, on=TODAY, revision=1),
    "confirm": lambda m, by: confirm(m, outcome="not-met", by=by, on=TODAY, revision=1),
    "confirm all": lambda m, by: confirm_all([Confirmation(m, "not-met", None, 1)], by=by, on=TODAY),
    "reopen": lambda m, by: reopen(m, note="x", by=by, on=TODAY, revision=1),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_reader_a_stranger_and_nobody_are_refused_by_the_action_itself(milestone, council, act):
    refused = [
        viewer_with(Role.COUNCIL_LEADERSHIP, council=council),
        viewer_with(Role.PRINCIPAL_ADVISER, region=RegionFactory()),
        viewer_with(Role.NATIONAL_LEAD),
        Viewer.of(None, TODAY),
    ]
    for viewer in refused:
        with pytest.raises(PermissionDenied):
            ACTS[act](milestone, viewer)
    assert not Event.objects.filter(subject_kind="milestone").exists()


def test_advising_one_council_gives_no_say_over_another_that_one_only_reads(milestone, council):
    person = person_with(Role.LGA_ADVISER, council=CouncilFactory())
    GrantFactory(person=person, role=Role.COUNCIL_LEADERSHIP, scope="council", council=council)
    viewer = Viewer.of(person, TODAY)
    assert Milestone.objects.visible_to(viewer).exists()
    with pytest.raises(PermissionDenied):
        ACTS["met"](milestone, viewer)


def test_an_adviser_assigned_to_the_case_may_act_until_the_assignment_ends(milestone):
    person = person_with(Role.LGA_ADVISER, council=CouncilFactory())
    Assignment.objects.create(
        case=milestone.case,
        person=person,
        role=Role.LGA_ADVISER,
        from_on=TODAY,
        until_on=TODAY + timedelta(days=1),
    )
    with pytest.raises(PermissionDenied):
        ACTS["pause"](milestone, Viewer.of(person, TODAY + timedelta(days=1)))
    assert ACTS["pause"](milestone, Viewer.of(person, TODAY)).revision == 2


def test_an_adviser_assigned_to_the_case_may_act_without_any_role_elsewhere(milestone):
    person = PersonFactory()
    Assignment.objects.create(case=milestone.case, person=person, role=Role.LGA_ADVISER, from_on=TODAY)
    assert ACTS["met"](milestone, Viewer.of(person, TODAY)).outcome == "met"
    peer = PersonFactory()
    Assignment.objects.create(case=milestone.case, person=peer, role=Role.PEER, from_on=TODAY)
    with pytest.raises(PermissionDenied):
        ACTS["reopen"](milestone, Viewer.of(peer, TODAY))


def test_a_failed_action_leaves_no_event_behind(milestone, adviser, monkeypatch):
    monkeypatch.setattr("cases.actions.milestones.record_event", _fails)
    with pytest.raises(RuntimeError):
        mark_met(milestone, met_on=TODAY, by=adviser, on=TODAY, revision=1)
    milestone.refresh_from_db()
    assert milestone.outcome == ""


def _fails(*args, **kwargs):
    raise RuntimeError
