"""A version's way out: who takes each step, what it changes, and what is refused."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused, Stale
from cases.models import Assignment, DateChange, Milestone
from history.models import Event
from improvement.actions import open_interventions, record_decision
from improvement.actions.drafting import new_version
from improvement.actions.way_out import (
    Planned,
    answer_comment,
    approve,
    comment,
    plan_route,
    record_reply,
    say_ready,
    send,
    send_back,
    send_for_approval,
    settle_comment,
    share,
    step_done,
)
from improvement.models import (
    Board,
    Comment,
    Decision,
    Handover,
    PlannedAction,
    PlannedPriority,
    PlanVersion,
    Reply,
    Snapshot,
)
from improvement.queries.way_out import default_statutory_day, somebody_waits_for
from improvement.rules.plans import digest
from improvement.rules.way_out import left_the_house
from tests.factories import CaseFactory, CouncilFactory, RegionFactory, person_with, viewer_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)
Standing = PlanVersion.Standing


@pytest.fixture
def today():
    return TODAY


@pytest.fixture
def people(council, region):
    """Return the viewer of a role on a day: `people(role)`, the same person each time."""
    held = {}

    def viewer(role, on=TODAY):
        if role not in held:
            reach = (
                {"region": region}
                if role in (Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER)
                else {"council": council}
            )
            reach = {} if role == Role.NATIONAL_LEAD else reach
            held[role] = person_with(role, **reach)
        return Viewer.of(held[role], on)

    return viewer


@pytest.fixture
def case(council):
    return CaseFactory(council=council, entered_on=date(2026, 1, 5))


@pytest.fixture
def by(people):
    def named(role=Role.COUNCIL_APPROVER, on=TODAY):
        return {"by": people(role, on), "on": on}

    return named


@pytest.fixture
def at(council, case):
    """Return a version that stands as asked."""

    def made(standing, **rest):
        rest.setdefault("case", case)
        return make_plan(council, standing=standing, **rest)

    return made


@pytest.fixture
def sent(at, by):
    version = at(Standing.SHARED)
    send(version, handovers=both(TODAY), **by())
    version.refresh_from_db()
    return version


def both(on):
    return [("ofsted", on, "The regional director", "O-1"), ("dfe", on, "The improvement unit", "D-1")]


def standing(version):
    return PlanVersion.objects.get(pk=version.pk).standing


def next_version(version, *, on):
    """Return a new draft with the same actions, as drafting makes one."""
    made = PlanVersion.objects.create(
        plan=version.plan, number=version.number + 1, begun_on=on, made_from=version
    )
    for priority in version.priorities.all():
        actions = list(priority.actions.all())
        priority = PlannedPriority.objects.create(
            version=made, priority=priority.priority, place=priority.place, title=priority.title
        )
        PlannedAction.objects.bulk_create(
            PlannedAction(
                version=made,
                action_id=one.action_id,
                priority=priority,
                place=one.place,
                text=one.text,
                owner_post=one.owner_post,
                start_on=one.start_on,
                due_on=one.due_on,
            )
            for one in actions
        )
    return made


class TestApproval:
    def test_a_contributor_sends_it_and_the_approver_sends_it_back_with_what_to_change(self, at, by):
        version = at(Standing.DRAFTING)
        send_for_approval(version, **by(Role.COUNCIL_CONTRIBUTOR))
        assert standing(version) == Standing.FOR_APPROVAL
        send_back(version, note="Priority 2 names no owner", **by())
        version.refresh_from_db()
        assert (version.standing, version.sent_back_note) == (Standing.DRAFTING, "Priority 2 names no owner")
        assert not Milestone.objects.filter(of_plan=True).exists()

    def test_the_note_that_sends_it_back_is_asked_for_and_holds_no_child(self, at, by):
        version = at(Standing.FOR_APPROVAL)
        for note in ("  ", "See DOB 12/03/2014"):
            with pytest.raises(Refused) as refused:
                send_back(version, note=note, **by())
            assert refused.value.field == "note"
        assert standing(version) == Standing.FOR_APPROVAL

    def test_approving_makes_every_action_with_a_date_a_milestone_that_is_counted_apart(self, at, by, case):
        version = at(Standing.FOR_APPROVAL)
        PlannedAction.objects.filter(version=version, place=1, priority__place=1).update(due_on=None)
        approve(version, **by())
        version.refresh_from_db()
        assert (version.standing, version.approved_on) == (Standing.APPROVED, TODAY)
        assert version.approved_by is not None
        made = Milestone.objects.filter(of_plan=True)
        assert made.count() == 11
        one = PlannedAction.objects.get(version=version, priority__place=2, place=3)
        milestone = one.action.milestone
        assert milestone.label == "Action 2.3 of the improvement plan"
        assert (milestone.due_on, milestone.owes, milestone.force) == (one.due_on, "council", "agreed")
        assert (milestone.case, milestone.council, milestone.to_confirm) == (case, case.council, False)
        assert one.text not in milestone.label

    def test_it_may_have_been_approved_before_today_and_neither_in_the_future_nor_before_it_was_begun(
        self, at, by
    ):
        version = at(Standing.FOR_APPROVAL)
        for day in (TODAY + timedelta(days=1), version.begun_on - timedelta(days=1)):
            with pytest.raises(Refused) as refused:
                approve(version, approved_on=day, **by())
            assert refused.value.field == "approved_on"
        assert approve(
            version, approved_on=TODAY - timedelta(days=4), **by()
        ).approved_on == TODAY - timedelta(4)

    def test_an_empty_draft_is_not_sent(self, at, by):
        version = at(Standing.DRAFTING, actions=0)
        with pytest.raises(Refused, match="no actions"):
            send_for_approval(version, **by())

    @pytest.mark.parametrize("act", [send_for_approval, approve, share])
    def test_a_stale_revision_is_refused(self, at, by, act):
        before = {
            send_for_approval: Standing.DRAFTING,
            approve: Standing.FOR_APPROVAL,
            share: Standing.APPROVED,
        }
        version = at(before[act])
        with pytest.raises(Stale) as stale:
            act(version, revision=version.revision - 1, **by())
        assert stale.value.current == version
        assert standing(version) == before[act]

    @pytest.mark.parametrize(
        ("act", "wrong"),
        [
            (send_for_approval, Standing.APPROVED),
            (approve, Standing.DRAFTING),
            (approve, Standing.APPROVED),
            (share, Standing.FOR_APPROVAL),
            (share, Standing.SHARED),
            (share, Standing.SENT),
        ],
    )
    def test_a_step_out_of_turn_is_refused_in_words(self, at, by, act, wrong):
        version = at(wrong)
        with pytest.raises(Refused, match="This one stands as"):
            act(version, **by())
        assert standing(version) == wrong

    def test_whoever_may_not_is_refused_whatever_the_standing(self, at, by):
        version = at(Standing.FOR_APPROVAL)
        for role in set(Role) - {Role.COUNCIL_APPROVER, Role.ADMINISTRATOR}:
            with pytest.raises(PermissionDenied):
                approve(version, **by(role))
            with pytest.raises(PermissionDenied):
                send_back(version, note="No", **by(role))
            with pytest.raises(PermissionDenied):
                share(version, **by(role))
            with pytest.raises(PermissionDenied):
                send(version, handovers=both(TODAY), **by(role))
        assert standing(version) == Standing.FOR_APPROVAL

    def test_an_approver_elsewhere_approves_nothing_here(self, at):
        version = at(Standing.FOR_APPROVAL)
        elsewhere = viewer_with(Role.COUNCIL_APPROVER, council=CouncilFactory(), today=TODAY)
        with pytest.raises(PermissionDenied):
            approve(version, by=elsewhere, on=TODAY)

    def test_each_step_leaves_its_event_without_a_word_of_the_plan(self, at, by):
        version = at(Standing.DRAFTING)
        send_for_approval(version, **by())
        send_back(version, note="Say who leads", **by())
        send_for_approval(version, **by())
        approve(version, **by())
        share(version, note="For Thursday", **by())
        told = Event.objects.filter(subject_kind="planversion").order_by("pk")
        assert [event.kind for event in told] == [
            "plan-sent-for-approval",
            "plan-sent-back",
            "plan-sent-for-approval",
            "plan-approved",
            "plan-shared",
        ]
        assert all(event.council_code and event.by_id for event in told)
        assert not any(words in str(event.data) for event in told for words in ("who leads", "Thursday"))


class TestLive:
    @pytest.fixture
    def first(self, at, by):
        version = at(Standing.FOR_APPROVAL)
        approve(version, **by())
        return version

    @pytest.fixture
    def approved_again(self, first, by):
        """Approve a second version, changed by the function given."""

        def changed(change):
            second = next_version(first, on=TODAY)
            change(second)
            later = TODAY + timedelta(days=30)
            send_for_approval(second, **by(on=later))
            approve(second, **by(on=later))
            return second

        return changed

    def of(self, version, priority, place):
        return version.actions.get(priority__place=priority, place=place)

    def test_a_date_that_a_later_version_moves_is_moved_and_the_promised_one_kept(
        self, first, approved_again
    ):
        action = self.of(first, 1, 2).action
        old = action.milestone.due_on
        new = old + timedelta(days=40)
        approved_again(lambda second: second.actions.filter(action=action).update(due_on=new))
        action.milestone.refresh_from_db()
        assert action.milestone.due_on == new
        [change] = DateChange.objects.all()
        assert (change.milestone_id, change.old_due_on, change.new_due_on) == (action.milestone_id, old, new)
        assert change.reason == "other" and "Version 2" in change.note

    def test_a_date_that_an_update_moved_since_stays_where_the_version_says_nothing_new(
        self, first, approved_again
    ):
        milestone = self.of(first, 1, 2).action.milestone
        moved = milestone.due_on + timedelta(days=10)
        Milestone.objects.filter(pk=milestone.pk).update(due_on=moved)
        approved_again(lambda second: None)
        milestone.refresh_from_db()
        assert milestone.due_on == moved
        assert not DateChange.objects.exists()

    def test_one_left_out_is_closed_as_superseded_and_stands_again_when_it_is_back(
        self, first, approved_again, by
    ):
        action = self.of(first, 2, 1).action
        second = approved_again(lambda made: made.actions.filter(action=action).delete())
        action.milestone.refresh_from_db()
        assert action.milestone.outcome == "superseded"
        third = next_version(second, on=TODAY + timedelta(days=40))
        PlannedAction.objects.create(
            version=third,
            action=action,
            priority=third.priorities.get(place=2),
            place=9,
            text="Again",
            due_on=action.milestone.due_on,
        )
        later = by(on=TODAY + timedelta(days=50))
        send_for_approval(third, **later)
        approve(third, **later)
        action.milestone.refresh_from_db()
        assert (action.milestone.outcome, action.milestone.closed_on) == ("", None)

    def test_one_that_has_been_met_stays_met_and_a_number_that_moved_is_said_anew(
        self, first, approved_again
    ):
        met = self.of(first, 1, 1).action.milestone
        Milestone.objects.filter(pk=met.pk).update(outcome="met", met_on=TODAY, closed_on=TODAY)
        moved = self.of(first, 1, 3).action

        def change(second):
            second.actions.filter(priority__place=1, place=2).delete()

        approved_again(change)
        met.refresh_from_db()
        moved.milestone.refresh_from_db()
        assert met.outcome == "met"
        assert moved.milestone.label == "Action 1.2 of the improvement plan"

    def test_a_new_action_gets_one_and_the_others_are_not_made_twice(self, first, approved_again):
        from improvement.models import Action

        def change(second):
            PlannedAction.objects.create(
                version=second,
                action=Action.objects.create(plan=second.plan),
                priority=second.priorities.get(place=1),
                place=9,
                text="New",
                due_on=date(2026, 12, 1),
            )

        approved_again(change)
        assert Milestone.objects.filter(of_plan=True).count() == 13

    def test_120_actions_are_made_live_in_sets(self, region, by):
        def statements(actions):
            council = CouncilFactory(region=region)
            version = make_plan(council, standing=Standing.FOR_APPROVAL, actions=actions, on=TODAY)
            approver = viewer_with(Role.COUNCIL_APPROVER, council=council, today=TODAY)
            with CaptureQueriesContext(
                connection,
            ) as run:
                approve(version, by=approver, on=TODAY)
            assert Milestone.objects.filter(council=council, of_plan=True).count() == actions
            return len(run)

        # A few more where a database takes few values in one statement, never one for each action.
        assert statements(12) <= statements(120) <= 30


class TestRoute:
    @pytest.fixture
    def due(self, council, case):
        from cases.models import ClockRule
        from tests.factories import MilestoneFactory

        return MilestoneFactory(
            case=case, rule=ClockRule.objects.get(slug="improvement-plan"), due_on=date(2026, 4, 30)
        )

    def test_it_is_worked_back_from_the_plans_own_date_with_seven_days_of_call_in(self, at, by, due):
        version = at(Standing.DRAFTING)
        assert default_statutory_day(version.plan) == date(2026, 4, 30)
        steps = plan_route(version, **by(Role.COUNCIL_CONTRIBUTOR))
        assert [(step.kind, step.planned_on) for step in steps] == [
            ("dcs", date(2026, 3, 30)),  # Good Friday and Easter Monday lie between
            ("board", date(2026, 4, 8)),
            ("scrutiny", date(2026, 4, 15)),
            ("cabinet", date(2026, 4, 22)),
            ("call-in", date(2026, 4, 29)),
        ]
        version.refresh_from_db()
        assert version.statutory_on == date(2026, 4, 30)

    def test_a_date_given_stays_and_what_comes_before_is_worked_back_from_it(self, at, by, due):
        steps = plan_route(
            at(Standing.DRAFTING), steps=[Planned("dcs"), Planned("board", date(2026, 3, 20))], **by()
        )
        assert [step.planned_on for step in steps] == [date(2026, 3, 13), date(2026, 3, 20)]

    def test_steps_done_stay_and_the_rest_are_planned_anew(self, at, by, due):
        version = at(Standing.DRAFTING)
        first = plan_route(version, **by())[0]
        step_done(first, done_on=TODAY, note="Read and agreed", revision=first.revision, **by())
        steps = plan_route(version, statutory_on=date(2026, 5, 29), **by())
        assert [step.kind for step in steps] == ["dcs", "board", "scrutiny", "cabinet", "call-in"]
        assert (steps[0].pk, steps[0].done_on) == (first.pk, TODAY)
        assert steps[-1].planned_on == date(2026, 5, 28)

    def test_what_can_not_be_planned_is_refused_by_its_field(self, at, by):
        version = at(Standing.DRAFTING)
        wrong = [
            ({}, "statutory_on"),
            ({"statutory_on": date(2035, 1, 1)}, "statutory_on"),
            ({"statutory_on": TODAY, "steps": [Planned("moon")]}, "steps"),
            ({"statutory_on": TODAY, "steps": [Planned("other")]}, "label"),
        ]
        for asked, field in wrong:
            with pytest.raises(Refused) as refused:
                plan_route(version, **asked, **by())
            assert refused.value.field == field

    def test_a_step_done_tomorrow_or_changed_meanwhile_is_refused(self, at, by, due):
        step = plan_route(at(Standing.DRAFTING), **by())[0]
        with pytest.raises(Refused, match="today or earlier"):
            step_done(step, done_on=TODAY + timedelta(days=1), **by())
        step_done(step, done_on=TODAY, **by())
        with pytest.raises(Stale):
            step_done(step, done_on=None, revision=step.revision, **by())

    def test_readers_plan_nothing(self, at, by, due):
        version = at(Standing.DRAFTING)
        for role in (Role.COUNCIL_LEADERSHIP, Role.LGA_ADVISER, Role.NATIONAL_LEAD):
            with pytest.raises(PermissionDenied):
                plan_route(version, **by(role))


class TestSharing:
    def test_it_takes_a_snapshot_whose_hash_anybody_can_work_out_again(self, at, by):
        version = at(Standing.APPROVED)
        snapshot = share(version, note="Before the board on Thursday", **by())
        assert snapshot.reference == f"{version.plan.reference}-V1-SHARED"
        kept = Snapshot.objects.get(pk=snapshot.pk)
        assert kept.digest == digest(left_the_house(kept.content))
        assert len(kept.content["priorities"][0]["actions"]) == 4
        assert kept.content["check"]["of"] > 5
        [handover] = kept.handovers.all()
        assert (handover.to, handover.on, handover.note) == ("lga", TODAY, "Before the board on Thursday")
        assert standing(version) == Standing.SHARED

    def test_a_later_version_is_shared_again_under_a_reference_of_its_own(self, at, by):
        first = at(Standing.APPROVED)
        share(first, **by())
        second = next_version(first, on=TODAY)
        PlanVersion.objects.filter(pk=second.pk).update(standing=Standing.APPROVED, approved_on=TODAY)
        assert share(second, **by()).reference.endswith("-V2-SHARED")

    def test_it_costs_at_most_fifteen_queries_for_12_actions_and_for_120(self, region):
        def queries(actions):
            council = CouncilFactory(region=region)
            version = make_plan(council, standing=Standing.APPROVED, actions=actions, recommendations=40)
            Board.objects.create(plan=version.plan)
            approver = viewer_with(Role.COUNCIL_APPROVER, council=council, today=TODAY)
            with CaptureQueriesContext(connection) as run:
                share(version, by=approver, on=TODAY)
            return len(run)

        assert queries(12) == queries(120) <= 15


class TestComments:
    @pytest.fixture
    def shared(self, at):
        return at(Standing.SHARED)

    def test_the_adviser_comments_on_an_action_the_council_answers_and_it_is_settled(self, shared, by):
        action = shared.actions.first().action
        asked = comment(shared, text="Who chairs it?", action=action, **by(Role.LGA_ADVISER))
        answer = answer_comment(asked, text="The director", **by(Role.COUNCIL_CONTRIBUTOR))
        assert (answer.answers, answer.action) == (asked, action)
        settle_comment(asked, **by(Role.LGA_ADVISER))
        asked.refresh_from_db()
        assert asked.settled_on == TODAY
        with pytest.raises(Refused, match="settled"):
            answer_comment(asked, text="And more", **by(Role.COUNCIL_CONTRIBUTOR))
        with pytest.raises(Refused, match="settled already"):
            settle_comment(asked, **by(Role.LGA_ADVISER))

    def test_an_adviser_assigned_to_the_case_comments_from_another_region(self, shared, case):
        viewer = viewer_with(Role.LGA_ADVISER, region=RegionFactory(), today=TODAY)
        with pytest.raises(PermissionDenied):
            comment(shared, text="Who?", by=viewer, on=TODAY)
        Assignment.objects.create(case=case, person=viewer.person, role=Role.LGA_ADVISER, from_on=TODAY)
        assert comment(shared, text="Who?", by=viewer, on=TODAY)

    def test_nobody_else_comments_or_settles_and_nobody_outside_answers(self, shared, by):
        asked = comment(shared, text="Who?", **by(Role.LGA_ADVISER))
        advisers = {Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER}
        drafters = {Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_APPROVER}
        for role in set(Role) - advisers - {Role.ADMINISTRATOR}:
            with pytest.raises(PermissionDenied):
                comment(shared, text="Mine", **by(role))
            with pytest.raises(PermissionDenied):
                settle_comment(asked, **by(role))
            with pytest.raises(PermissionDenied):
                say_ready(shared, **by(role))
            if role not in drafters:
                with pytest.raises(PermissionDenied):
                    answer_comment(asked, text="Mine", **by(role))

    def test_the_council_and_the_lga_alone_read_them_and_that_it_is_ready(self, shared, by, people):
        comment(shared, text="Who?", **by(Role.LGA_ADVISER))
        say_ready(shared, note="Send it", **by(Role.LGA_ADVISER))
        send(shared, handovers=both(TODAY), **by())
        read = {
            role
            for role in set(Role) - {Role.ADMINISTRATOR}
            if Comment.objects.visible_to(people(role)).exists()
        }
        assert read == {
            Role.COUNCIL_CONTRIBUTOR,
            Role.COUNCIL_APPROVER,
            Role.COUNCIL_LEADERSHIP,
            Role.SHADOW_TEAM,
            Role.LGA_ADVISER,
            Role.PRINCIPAL_ADVISER,
            Role.NATIONAL_LEAD,
        }
        ready = Reply.objects.filter(kind="ready")
        assert ready.visible_to(people(Role.LGA_ADVISER)).exists()
        assert not ready.visible_to(people(Role.DFE_ADVISER)).exists()

    def test_what_was_not_shared_not_in_it_empty_or_about_a_child_is_refused(self, at, shared, by, council):
        elsewhere = make_plan(council, standing=Standing.DRAFTING)
        adviser = by(Role.LGA_ADVISER)
        with pytest.raises(Refused, match="shared"):
            comment(elsewhere, text="Who?", **adviser)
        with pytest.raises(Refused) as refused:
            comment(shared, text="Who?", action=elsewhere.actions.first().action, **adviser)
        assert refused.value.field == "action"
        for text in (" ", "Ann Other, born 12/3/2014"):
            with pytest.raises(Refused) as refused:
                comment(shared, text=text, **adviser)
            assert refused.value.field == "text"

    def test_ready_is_said_once_and_before_it_is_sent(self, shared, by):
        say_ready(shared, **by(Role.LGA_ADVISER))
        with pytest.raises(Refused, match="already"):
            say_ready(shared, **by(Role.LGA_ADVISER))
        send(shared, handovers=both(TODAY), **by())
        with pytest.raises(Refused, match="not yet sent"):
            say_ready(shared, **by(Role.LGA_ADVISER))


class TestSending:
    @pytest.fixture
    def milestones(self, case):
        from cases.models import ClockRule
        from tests.factories import MilestoneFactory

        return {
            slug: MilestoneFactory(
                case=case,
                rule=ClockRule.objects.get(slug=slug),
                started_on=date(2026, 1, 5),
                due_on=due,
                label=slug,
                force="statutory",
            )
            for slug, due in (("action-plan", date(2026, 4, 30)), ("improvement-plan", date(2026, 2, 27)))
        }

    def test_it_meets_the_plans_milestones_on_that_day_and_one_met_late_stays_late(
        self, at, by, milestones, people
    ):
        version = at(Standing.SHARED)
        snapshot = send(version, handovers=both(TODAY), **by())
        assert snapshot.reference.endswith("-V1-SENT")
        assert standing(version) == Standing.SENT
        for milestone in milestones.values():
            milestone.refresh_from_db()
            assert (milestone.outcome, milestone.met_on) == ("met", TODAY)
        late = Event.objects.get(kind="milestone-met", subject_id=milestones["improvement-plan"].pk)
        assert late.data["days_late"] == 3
        assert late.by_id == people(Role.COUNCIL_APPROVER).person_id
        told = Handover.objects.filter(snapshot=snapshot).values_list(
            "to", "on", "to_whom", "their_reference"
        )
        assert set(told) == set(both(TODAY))

    def test_what_is_owed_to_both_is_met_when_the_second_has_it(self, at, by, milestones):
        version = at(Standing.SHARED)
        first = send(version, handovers=[("dfe", date(2026, 2, 26), "", "")], **by())
        for milestone in milestones.values():
            milestone.refresh_from_db()
        assert milestones["improvement-plan"].met_on == date(2026, 2, 26)
        assert milestones["action-plan"].met_on is None
        second = send(version, handovers=[("ofsted", TODAY, "", "")], **by())
        milestones["action-plan"].refresh_from_db()
        assert milestones["action-plan"].met_on == TODAY
        assert first == second and first.handovers.count() == 2
        with pytest.raises(Refused, match="already"):
            send(version, handovers=[("dfe", TODAY, "", "")], **by())

    def test_it_may_go_without_having_been_shared_and_not_without_approval(self, at, by):
        unshared = at(Standing.APPROVED)
        send(unshared, handovers=both(TODAY), **by())
        assert standing(unshared) == Standing.SENT
        for wrong in (Standing.DRAFTING, Standing.FOR_APPROVAL):
            version = at(wrong)
            with pytest.raises(Refused, match="approved"):
                send(version, handovers=both(TODAY), **by())

    def test_a_plan_that_answers_no_intervention_is_sent_to_nobody(self, council, by):
        version = make_plan(council, standing=Standing.SHARED)
        assert not somebody_waits_for(version.plan)
        with pytest.raises(Refused, match="no intervention"):
            send(version, handovers=both(TODAY), **by())

    def test_but_one_for_which_a_statutory_clock_of_the_council_runs_is(self, council, by):
        from cases.models import ClockRule
        from tests.factories import MilestoneFactory

        version = make_plan(council, standing=Standing.SHARED)
        owed = MilestoneFactory(
            case=None,
            council=council,
            rule=ClockRule.objects.get(slug="action-plan"),
            started_on=date(2026, 1, 5),
            due_on=date(2026, 4, 30),
        )
        send(version, handovers=both(TODAY), **by())
        owed.refresh_from_db()
        assert owed.met_on == TODAY

    @pytest.mark.parametrize(
        ("handovers", "field"),
        [
            ([], ""),
            ([("lga", TODAY, "", "")], ""),
            ([("dfe", TODAY + timedelta(days=1), "", "")], "dfe_on"),
            ([("ofsted", date(2026, 1, 2), "", "")], "ofsted_on"),
            ([("dfe", TODAY, "Ann Other, born 12/3/2014", "")], "dfe_whom"),
        ],
    )
    def test_what_can_not_have_been_is_refused_by_its_field(self, at, by, handovers, field):
        version = at(Standing.SHARED)
        with pytest.raises(Refused) as refused:
            send(version, handovers=handovers, **by())
        assert refused.value.field == field
        assert standing(version) == Standing.SHARED
        assert not Snapshot.objects.exists()

    def test_a_clock_that_began_after_it_was_sent_is_not_met_by_it(self, at, by, milestones):
        Milestone.objects.filter(pk=milestones["action-plan"].pk).update(started_on=date(2026, 2, 27))
        send(at(Standing.SHARED), handovers=both(date(2026, 2, 26)), **by())
        milestones["action-plan"].refresh_from_db()
        assert milestones["action-plan"].met_on is None

    def test_an_intervention_for_which_no_plan_was_asked_still_shows_that_one_was_sent(self, at, by, case):
        send(at(Standing.SHARED), handovers=both(TODAY), **by())
        [made] = Milestone.objects.filter(case=case, rule__slug="improvement-plan")
        assert (made.met_on, made.due_on) == (TODAY, None)


class TestLetters:
    def answer(self, version, by, kind="returned", dated_on=TODAY, role=Role.LGA_ADVISER, **rest):
        return record_reply(version, kind=kind, dated_on=dated_on, **rest, **by(role))

    def test_the_dfes_acceptance_is_its_decision_too_recorded_once(self, sent, by, case):
        reply = self.answer(sent, by, "accepted", title="Letter of 2 March", role=Role.COUNCIL_APPROVER)
        assert standing(sent) == Standing.ACCEPTED
        [decision] = Decision.objects.all()
        assert (decision.case, decision.kind, decision.on) == (case, "plan-accepted", TODAY)
        assert decision.source == reply.source
        assert reply.source.title == "Letter of 2 March"

    def test_one_that_the_interventions_page_recorded_first_is_not_recorded_twice(self, sent, by, council):
        record_decision(council, kind="plan-accepted", decided_on=TODAY, **by(Role.PRINCIPAL_ADVISER))
        self.answer(sent, by, "accepted")
        assert Decision.objects.count() == 1
        assert standing(sent) == Standing.ACCEPTED

    def test_ofsteds_reflects_accepts_nothing_and_its_does_not_reflect_returns_it(self, sent, by):
        self.answer(sent, by, "reflects")
        assert standing(sent) == Standing.SENT
        self.answer(sent, by, "does-not-reflect")
        assert standing(sent) == Standing.RETURNED

    def test_the_latest_dated_letter_decides_in_whatever_order_they_are_recorded(self, sent, by):
        later = TODAY + timedelta(days=10)
        record_reply(sent, kind="accepted", dated_on=later, **by(Role.LGA_ADVISER, later))
        record_reply(sent, kind="does-not-reflect", dated_on=TODAY, **by(Role.LGA_ADVISER, later))
        assert standing(sent) == Standing.ACCEPTED

    def test_a_return_opens_a_resubmission_as_stated_that_the_next_version_meets(self, sent, by):
        again_by = TODAY + timedelta(days=30)
        self.answer(sent, by, resubmit_by=again_by)
        milestone = Milestone.objects.get(label="Resubmit the improvement plan")
        assert (milestone.due_on, milestone.stated_due, milestone.stated_in) == (
            again_by,
            again_by,
            "the DfE’s response",
        )
        second = next_version(sent, on=TODAY)
        late = again_by + timedelta(days=5)
        send_for_approval(second, **by(on=late))
        approve(second, **by(on=late))
        send(second, handovers=both(late), **by(on=late))
        milestone.refresh_from_db()
        assert (milestone.met_on, milestone.met_on - milestone.due_on) == (late, timedelta(days=5))

    def test_the_version_after_a_return_is_worked_back_from_the_day_that_the_letter_states(self, sent, by):
        PlanVersion.objects.filter(pk=sent.pk).update(statutory_on=TODAY + timedelta(days=2))
        again_by = TODAY + timedelta(days=30)
        self.answer(sent, by, resubmit_by=again_by)
        second = new_version(sent.plan, change_note="As the letter asks", **by())
        assert second.statutory_on == again_by
        send_for_approval(second, **by())
        approve(second, **by())
        send(second, handovers=both(TODAY), **by())
        third = new_version(sent.plan, change_note="Our own wish", **by())
        assert third.statutory_on is None

    def test_an_acceptance_after_a_return_leaves_nothing_to_resubmit(self, sent, by):
        self.answer(sent, by, "does-not-reflect", resubmit_by=TODAY + timedelta(days=9))
        later = TODAY + timedelta(days=3)
        record_reply(sent, kind="accepted", dated_on=later, **by(Role.LGA_ADVISER, later))
        assert Milestone.objects.get(label="Resubmit the improvement plan").outcome == "superseded"

    def test_a_return_recorded_after_the_next_version_went_is_met_by_it(self, sent, by):
        second = next_version(sent, on=TODAY)
        later = TODAY + timedelta(days=20)
        send_for_approval(second, **by(on=later))
        approve(second, **by(on=later))
        send(second, handovers=both(later), **by(on=later))
        record_reply(
            sent,
            kind="returned",
            dated_on=TODAY,
            resubmit_by=TODAY + timedelta(days=15),
            **by(Role.LGA_ADVISER, later),
        )
        assert Milestone.objects.get(label="Resubmit the improvement plan").met_on == later

    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            ({"kind": "ready"}, "kind"),
            ({"dated_on": TODAY + timedelta(days=1)}, "dated_on"),
            ({"dated_on": TODAY - timedelta(days=1)}, "dated_on"),
            ({"received_on": TODAY - timedelta(days=1)}, "received_on"),
            ({"kind": "accepted", "resubmit_by": TODAY}, "resubmit_by"),
            ({"resubmit_by": TODAY - timedelta(days=1)}, "resubmit_by"),
            ({"note": "DOB 12.03.2014"}, "note"),
            ({"url": "javascript:alert(1)"}, "url"),
        ],
    )
    def test_a_letter_that_can_not_be_is_refused_by_its_field(self, sent, by, asked, field):
        with pytest.raises(Refused) as refused:
            self.answer(sent, by, **asked)
        assert refused.value.field == field
        assert standing(sent) == Standing.SENT
        assert not Reply.objects.exists()

    def test_the_same_letter_is_recorded_once_and_of_a_plan_not_sent_none(self, sent, by, at):
        self.answer(sent, by)
        with pytest.raises(Refused, match="recorded already"):
            self.answer(sent, by)
        with pytest.raises(Refused, match="sent"):
            self.answer(at(Standing.SHARED), by)

    def test_the_approver_and_the_advisers_alone_record_letters(self, sent, by):
        may = {Role.COUNCIL_APPROVER, Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER}
        for role in set(Role) - may - {Role.ADMINISTRATOR}:
            with pytest.raises(PermissionDenied):
                self.answer(sent, by, role=role)
        assert standing(sent) == Standing.SENT

    def test_a_stale_page_records_nothing(self, sent, by):
        with pytest.raises(Stale):
            self.answer(sent, by, revision=sent.revision - 1)


def test_an_inadequate_judgement_and_a_letter_at_a_link_reach_the_case_through_the_same_doors(
    council, inspect, system, by
):
    inspect(council, date(2026, 1, 20), "inadequate")
    open_interventions(by=system, on=date(2026, 1, 20))
    case = council.cases.get()
    version = make_plan(council, case=case, standing=Standing.SHARED, on=date(2026, 1, 26))
    send(version, handovers=both(TODAY), **by())
    reply = record_reply(
        version, kind="accepted", dated_on=TODAY, url="https://www.example.org/letter", **by(Role.LGA_ADVISER)
    )
    assert reply.document.url == "https://www.example.org/letter"
    # Reviews run from the acceptance, which came before the plan was due.
    assert Milestone.objects.get(rule__slug="progress-review").due_on == date(2026, 9, 2)
