"""What a council does to its update: opened, filled in, sent for approval or back, submitted, corrected."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused, Stale
from cases.models import DateChange, Force, Milestone, Owes
from history.models import Event
from improvement.actions import updates as actions
from improvement.actions.way_out import approve
from improvement.models import (
    ActionReport,
    Board,
    BoardMeeting,
    Delivery,
    Impact,
    PlannedAction,
    PlanVersion,
    Reading,
    Update,
)
from improvement.queries.updates import read_asked
from improvement.rules.plans import digest
from tests.factories import CouncilFactory, person_with, viewer_with
from tests.plans import make_plan

TODAY = date(2026, 2, 3)
SYSTEM = Viewer.system(TODAY)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def version(council):
    """Approved on 12 January; its actions fall due from 12 April."""
    return make_plan(council, priorities=2, actions=4, measures=2, standing=PlanVersion.Standing.APPROVED)


@pytest.fixture
def contributor(council):
    return viewer_with(Role.COUNCIL_CONTRIBUTOR, council=council, today=TODAY)


@pytest.fixture
def approver(council):
    return viewer_with(Role.COUNCIL_APPROVER, council=council, today=TODAY)


@pytest.fixture
def update(version):
    return opened(version, TODAY)


def opened(version, on):
    actions.open_updates(councils=[version.plan.council_id], by=Viewer.system(on), on=on)
    return Update.objects.filter(plan=version.plan).latest("period_on", "number")


def fill_in(update, by, on=TODAY, **answers):
    """Answer all that an update asks for: on track, with readings, and words for the whole."""
    asked = read_asked(update, on)
    for priority in asked.priorities:
        for action in priority.actions:
            if action.answer is None and not action.is_carried:
                said = {"delivery": "on-track", "percent": 40, "impact": "early-signs", **answers}
                actions.report_action(update, action.key, **said, revision=0, by=by, on=on)
        for measure in priority.measures:
            if not measure.answer.is_answered:
                actions.report_measure(update, measure.key, value=Decimal(70), revision=0, by=by, on=on)
        told = {"delivery": "on-track", "text": "As planned", "revision": priority.revision}
        actions.report_priority(update, priority.key, **told, by=by, on=on)
    update.refresh_from_db()
    actions.write_overall(update, overall="A steady month", revision=update.revision, by=by, on=on)
    update.refresh_from_db()
    return update


def first_action(update):
    return PlannedAction.objects.filter(version=update.version).order_by("priority__place", "place")[0]


class TestOpening:
    def test_the_period_of_the_approval_opens_when_it_has_ended(self, version):
        assert actions.open_updates(by=SYSTEM, on=date(2026, 1, 31)) == []
        (update,) = actions.open_updates(by=SYSTEM, on=date(2026, 2, 1))
        assert (update.period_on, update.version, update.number) == (date(2026, 1, 1), version, 1)

    def test_its_milestone_is_the_councils_and_counts_with_what_else_it_owes(self, update):
        milestone = update.milestone
        assert milestone.label == "Update for January 2026 of the improvement plan"
        assert (milestone.owes, milestone.force, milestone.of_plan) == (Owes.COUNCIL, Force.AGREED, False)
        assert milestone.due_on == milestone.computed_due == update.due_on == date(2026, 2, 13)

    def test_opening_again_opens_nothing(self, version):
        first = actions.open_updates(by=SYSTEM, on=date(2026, 4, 2))
        assert [update.period_on.month for update in first] == [1, 2, 3]
        assert actions.open_updates(by=SYSTEM, on=date(2026, 4, 2)) == []
        assert Milestone.objects.filter(update__plan=version.plan).count() == 3

    def test_a_plan_that_no_version_of_is_approved_opens_none(self, council):
        make_plan(council, standing=PlanVersion.Standing.FOR_APPROVAL)
        assert actions.open_updates(by=SYSTEM, on=date(2026, 6, 1)) == []

    def test_a_plan_no_longer_worked_to_opens_none(self, version):
        version.plan.closed_on = date(2026, 2, 1)
        version.plan.save()
        assert actions.open_updates(by=SYSTEM, on=date(2026, 2, 1)) == []

    def test_it_is_due_with_the_papers_of_the_board_that_follows_and_moves_with_them(self, version):
        board = Board.objects.create(plan=version.plan)
        early = {"meets_on": date(2026, 2, 5), "papers_due_on": date(2026, 1, 29)}
        BoardMeeting.objects.create(board=board, **early)
        meeting = BoardMeeting.objects.create(
            board=board, meets_on=date(2026, 3, 5), papers_due_on=date(2026, 2, 26)
        )
        (update,) = actions.open_updates(by=SYSTEM, on=TODAY)
        assert (update.due_on, update.meeting) == (date(2026, 2, 26), meeting)
        assert update.milestone.stated_in == "the papers deadline of the board of 5 March 2026"
        meeting.papers_due_on = date(2026, 2, 24)
        meeting.save()
        actions.open_updates(by=SYSTEM, on=TODAY)
        change = DateChange.objects.get(milestone=update.milestone)
        assert (change.reason, change.new_due_on) == ("board-moved", date(2026, 2, 24))
        update.refresh_from_db()
        assert update.due_on == update.milestone.due_on == date(2026, 2, 24)

    def test_what_is_being_filled_in_follows_the_live_version(self, update, version):
        later = PlanVersion.objects.create(
            plan=version.plan, number=2, begun_on=TODAY, standing="approved", approved_on=TODAY
        )
        actions.open_updates(by=SYSTEM, on=TODAY)
        update.refresh_from_db()
        assert update.version == later

    def test_many_plans_cost_as_many_queries_as_few(self, version, django_assert_max_num_queries):
        with CaptureQueriesContext(connection) as for_one:
            actions.open_updates(by=SYSTEM, on=TODAY)
        for _ in range(6):
            make_plan(CouncilFactory(), actions=1, standing=PlanVersion.Standing.APPROVED)
        with django_assert_max_num_queries(len(for_one)):
            assert len(actions.open_updates(by=SYSTEM, on=TODAY)) == 6


class TestFillingIn:
    def test_a_draft_takes_what_is_incomplete(self, update, contributor):
        action = first_action(update).action
        told = {"delivery": "slipping", "revision": 0, "by": contributor, "on": TODAY}
        report = actions.report_action(update, action, **told)
        assert (report.delivery, report.reason, report.reported_by) == ("slipping", "", contributor.person)
        event = Event.objects.get(kind="action-reported")
        assert event.data == {"plan": update.plan.reference, "period": "2026-01", "about": action.pk}

    def test_past_its_date_and_not_complete_it_cant_be_on_track(self, update, contributor):
        planned = first_action(update)
        on = planned.due_on + timedelta(days=1)
        told = {"delivery": "on-track", "revision": 0, "by": contributor}
        actions.report_action(update, planned.action, **{**told, "delivery": "slipping"}, on=on)
        with pytest.raises(Refused, match=r"Action 1\.1 is past its date and not complete") as refused:
            actions.report_action(update, planned.action, **{**told, "revision": 1}, on=on)
        assert refused.value.field == "delivery"
        actions.report_action(update, planned.action, **{**told, "revision": 1}, on=planned.due_on)

    def test_the_second_of_two_who_save_is_refused_with_what_the_first_wrote(self, update, contributor):
        action = first_action(update).action
        save = {"revision": 0, "by": contributor, "on": TODAY}
        actions.report_action(update, action, delivery="on-track", done="What the first wrote", **save)
        with pytest.raises(Stale) as stale:
            actions.report_action(update, action, delivery="slipping", done="What the second wrote", **save)
        assert stale.value.current.done == "What the first wrote"

    def test_saving_the_same_again_changes_nothing(self, update, contributor):
        action = first_action(update).action
        told = {"delivery": "on-track", "by": contributor, "on": TODAY}
        actions.report_action(update, action, **told, revision=0)
        again = actions.report_action(update, action, **told, revision=1)
        assert (again.revision, Event.objects.filter(kind="action-reported").count()) == (1, 1)

    def test_an_identifier_of_a_child_is_refused(self, update, contributor):
        told = {"done": "Seen: NHS 943 476 5919", "revision": 0, "by": contributor, "on": TODAY}
        with pytest.raises(Refused, match="NHS number"):
            actions.report_action(update, first_action(update).action, **told)

    def test_an_owner_reports_on_their_own_action_and_no_other(self, update, council):
        owner = person_with(Role.ACTION_OWNER, council=council)
        mine, other = PlannedAction.objects.filter(version=update.version).order_by("pk")[:2]
        PlannedAction.objects.filter(pk=mine.pk).update(owner=owner)
        by = Viewer.of(owner, TODAY)
        assert actions.report_action(update, mine.action, delivery="on-track", revision=0, by=by, on=TODAY).pk
        with pytest.raises(PermissionDenied):
            actions.report_action(update, other.action, delivery="on-track", revision=0, by=by, on=TODAY)
        with pytest.raises(PermissionDenied):
            actions.say_no_change(update, by=by, on=TODAY)

    def test_strangers_report_nothing(self, update):
        stranger = viewer_with(Role.COUNCIL_APPROVER, council=CouncilFactory(), today=TODAY)
        reader = viewer_with(Role.COUNCIL_LEADERSHIP, council=update.plan.council, today=TODAY)
        for by in (stranger, reader):
            with pytest.raises(PermissionDenied):
                actions.report_action(update, first_action(update).action, revision=0, by=by, on=TODAY)

    def test_of_a_page_all_is_saved_or_nothing(self, update, contributor):
        one, two = PlannedAction.objects.filter(version=update.version).order_by("pk")[:2]
        late = {"delivery": "on-track", "percent": 120, "revision": 0}
        page = actions.PageAnswers(
            actions={one.action_id: {"delivery": "on-track", "revision": 0}, two.action_id: late}
        )
        with pytest.raises(actions.NotReported) as refused:
            actions.report_page(update, page, by=contributor, on=TODAY)
        assert list(refused.value.problems) == [("action", two.action_id)]
        assert not ActionReport.objects.exists()

    def test_the_overall_words_come_last(self, update, contributor):
        with pytest.raises(Refused, match="every priority first"):
            actions.write_overall(update, overall="Well", revision=update.revision, by=contributor, on=TODAY)


class TestNoChange:
    def test_it_answers_for_what_was_on_track_and_only_that(self, update, contributor, approver):
        slipping = first_action(update).action
        said = {"delivery": "slipping", "reason": "Agency", "recovery": "Recruit"}
        actions.report_action(update, slipping, **said, revision=0, by=contributor, on=TODAY)
        actions.submit_update(fill_in(update, contributor), by=approver, on=TODAY)
        march = opened(update.version, date(2026, 3, 2))
        asked = read_asked(march, date(2026, 3, 2))
        assert not asked.unchanged, "readings are due"
        for measure in [one for priority in asked.priorities for one in priority.measures]:
            told = {"value": Decimal(71), "revision": 0, "by": contributor, "on": date(2026, 3, 2)}
            actions.report_measure(march, measure.key, **told)
        assert actions.say_no_change(march, by=contributor, on=date(2026, 3, 2)) == 3
        rows = ActionReport.objects.filter(update=march)
        assert {row.unchanged for row in rows} == {True}
        assert slipping.pk not in {row.action_id for row in rows}
        assert {(row.delivery, row.percent) for row in rows} == {("on-track", 40)}

    def test_after_two_updates_without_change_it_asks_what_difference_was_made(
        self, version, contributor, approver
    ):
        on = TODAY
        actions.submit_update(fill_in(opened(version, on), contributor), by=approver, on=on)
        for month in (3, 4):
            on = date(2026, month, 2)
            update = opened(version, on)
            for measure in [one for each in read_asked(update, on).priorities for one in each.measures]:
                actions.report_measure(
                    update, measure.key, value=Decimal(72), revision=0, by=contributor, on=on
                )
            assert actions.say_no_change(update, by=contributor, on=on) == 4
            actions.submit_update(fill_in(update, contributor, on), by=approver, on=on)
        update = opened(version, date(2026, 5, 1))
        asked = read_asked(update, date(2026, 5, 1))
        assert all(action.asks_difference for action in asked.actions)
        assert not asked.unchanged


class TestSendingOn:
    def test_what_lacks_answers_is_not_sent(self, update, contributor, approver):
        with pytest.raises(actions.NotWhole, match=r"priority 1, priority 2, the words for the whole"):
            actions.send_update_for_approval(update, by=contributor, on=TODAY)
        with pytest.raises(actions.NotWhole):
            actions.submit_update(update, by=approver, on=TODAY)

    def test_sent_for_approval_it_waits_and_sent_back_it_says_why(self, update, contributor, approver):
        fill_in(update, contributor)
        actions.send_update_for_approval(update, by=contributor, on=TODAY)
        with pytest.raises(Refused, match="sent for approval"):
            actions.report_action(update, first_action(update).action, revision=1, by=contributor, on=TODAY)
        with pytest.raises(PermissionDenied):
            actions.send_update_back(update, note="Say more", by=contributor, on=TODAY)
        back = actions.send_update_back(update, note="Say more", by=approver, on=TODAY)
        assert (back.standing, back.sent_back_note) == (Update.Standing.DRAFT, "Say more")
        # It is the council's own, and goes out with no update: the approver may submit one that was sent back.
        done = actions.submit_update(back, by=approver, on=TODAY)
        done.refresh_from_db()
        assert (done.standing, done.sent_back_note) == (Update.Standing.SUBMITTED, "")

    def test_a_contributor_does_not_submit(self, update, contributor):
        with pytest.raises(PermissionDenied):
            actions.submit_update(fill_in(update, contributor), by=contributor, on=TODAY)

    def test_submitted_it_is_frozen_with_its_digest_readings_and_milestone(
        self, update, contributor, approver
    ):
        done = actions.submit_update(fill_in(update, contributor), by=approver, on=TODAY)
        done.refresh_from_db()
        assert done.digest == digest(done.content)
        assert done.content["priorities"][0]["actions"][0]["delivery_words"] == "On track"
        assert {(one.on, one.value) for one in Reading.objects.filter(update=done)} == {
            (date(2026, 1, 31), Decimal(70))
        }
        done.milestone.refresh_from_db()
        assert (done.milestone.outcome, done.milestone.met_on) == ("met", TODAY)
        for change in (
            lambda: Update.objects.filter(pk=done.pk).update(overall="Otherwise"),
            lambda: ActionReport.objects.filter(update=done).update(done="Otherwise"),
            lambda: connection.cursor().execute("DELETE FROM improvement_priorityreport"),
        ):
            with pytest.raises(Error, match="frozen"), transaction.atomic():
                change()

    def test_it_meets_what_is_complete_and_moves_what_gets_a_new_date(self, update, contributor, approver):
        one, two = [row.action for row in PlannedAction.objects.filter(version=update.version)[:2]]
        for action in (one, two):
            action.milestone = Milestone.objects.create(
                council=update.plan.council,
                label="Action of the improvement plan",
                owes=Owes.COUNCIL,
                force=Force.AGREED,
                due_on=date(2026, 4, 12),
                entered_on=TODAY,
                of_plan=True,
            )
            action.save()
        say = {"revision": 0, "by": contributor, "on": TODAY}
        actions.report_action(update, one, delivery=Delivery.COMPLETE, impact=Impact.SUSTAINED, **say)
        moved = {"new_due_on": date(2026, 6, 1), "date_reason": "The supplier withdrew"}
        late = {"delivery": "slipping", "reason": "Supplier", "recovery": "Tender again"}
        actions.report_action(update, two, **late, **moved, **say)
        actions.submit_update(fill_in(update, contributor), by=approver, on=TODAY)
        one.milestone.refresh_from_db()
        two.milestone.refresh_from_db()
        assert (one.milestone.outcome, one.milestone.met_on) == ("met", TODAY)
        assert two.milestone.due_on == date(2026, 6, 1)
        change = two.milestone.changes.get()
        assert (change.reason, change.note) == ("other", "Action 1.2: The supplier withdrew")
        march = read_asked(opened(update.version, date(2026, 3, 2)), date(2026, 3, 2))
        by_key = {action.key: action for action in march.actions}
        assert by_key[one.pk].is_carried and not by_key[one.pk].needs(date(2026, 3, 2))
        assert by_key[two.pk].due_on == date(2026, 6, 1)

    def test_a_correction_is_a_new_revision_and_the_old_stays(self, update, contributor, approver):
        old = actions.submit_update(fill_in(update, contributor), by=approver, on=TODAY)
        new = actions.correct_update(old, by=contributor, on=TODAY)
        assert (new.number, new.corrects, new.standing) == (2, old, Update.Standing.DRAFT)
        assert ActionReport.objects.filter(update=new).count() == 4
        with pytest.raises(Refused, match="exists already"):
            actions.correct_update(old, by=contributor, on=TODAY)
        key = read_asked(new, TODAY).priorities[0].measures[0].key
        actions.report_measure(new, key, value=Decimal(65), revision=1, by=contributor, on=TODAY)
        actions.submit_update(new, by=approver, on=TODAY)
        restated = Reading.objects.get(update=new)
        assert restated.restates.value == Decimal(70)
        assert list(Update.objects.filter(plan=old.plan).latest_revisions()) == [new]
        old.refresh_from_db()
        assert old.content["priorities"][0]["measures"][0]["value"] == "70"

    def test_a_late_correction_does_not_undo_what_a_later_update_did(self, version, contributor, approver):
        planned = first_action(opened(version, TODAY))
        milestone = Milestone.objects.create(
            council=version.plan.council,
            label="Action 1.1 of the improvement plan",
            owes=Owes.COUNCIL,
            force=Force.AGREED,
            due_on=planned.due_on,
            entered_on=TODAY,
            of_plan=True,
        )
        planned.action.milestone = milestone
        planned.action.save()
        first = actions.submit_update(fill_in(opened(version, TODAY), contributor), by=approver, on=TODAY)
        march = date(2026, 3, 2)
        later = fill_in(opened(version, march), contributor, march, delivery="complete")
        actions.submit_update(later, by=approver, on=march)
        milestone.refresh_from_db()
        assert milestone.outcome == "met"
        actions.submit_update(actions.correct_update(first, by=contributor, on=march), by=approver, on=march)
        milestone.refresh_from_db()
        assert milestone.outcome == "met"
        actions.correct_update(later, by=contributor, on=march)
        new = Update.objects.get(corrects=later)
        told = {"delivery": "on-track", "revision": 1, "by": contributor, "on": march}
        actions.report_action(new, planned.action, **told)
        actions.submit_update(new, by=approver, on=march)
        milestone.refresh_from_db()
        assert (milestone.outcome, milestone.closed_on, milestone.met_on) == ("", None, None)


@pytest.mark.parametrize("size", [12, 120])
def test_reading_an_update_costs_the_same_for_few_and_many_actions(council, size, django_assert_num_queries):
    version = make_plan(council, actions=size, measures=size // 4, standing=PlanVersion.Standing.APPROVED)
    update = opened(version, TODAY)
    update = Update.objects.select_related("plan").get(pk=update.pk)
    with django_assert_num_queries(8):
        asked = read_asked(update, TODAY)
    assert len(asked.actions) == size


def test_approving_a_version_lets_the_draft_report_on_it_at_once(update, version, approver):
    later = PlanVersion.objects.create(plan=version.plan, number=2, begun_on=TODAY, standing="for-approval")
    approve(later, by=approver, on=TODAY)
    update.refresh_from_db()
    assert update.version == later
