"""The improvement board: who sits, when it meets, what it decided, what it signed off, and who may write that."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused, Stale
from cases.queries import working_calendars
from history.models import Event
from improvement.actions import boards as actions
from improvement.actions.updates import open_updates
from improvement.models import (
    Action,
    Board,
    BoardDecision,
    BoardMeeting,
    BoardMember,
    PlanVersion,
    SignOff,
    Update,
)
from improvement.rules.boards import Every, papers_due, run_of_meetings
from tests.constraints import broken
from tests.factories import CouncilFactory, person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 2)
PAST = date(2026, 10, 1)


@pytest.fixture
def version(council):
    return make_plan(council, standing=PlanVersion.Standing.SHARED)


@pytest.fixture
def plan(version):
    return version.plan


@pytest.fixture
def contributor(council):
    return Viewer.of(person_with(Role.COUNCIL_CONTRIBUTOR, council=council), TODAY)


@pytest.fixture
def approver(council):
    return Viewer.of(person_with(Role.COUNCIL_APPROVER, council=council), TODAY)


@pytest.fixture
def board(plan, contributor):
    return actions.keep_board(plan, name="Improvement board", papers_days=5, by=contributor, on=TODAY)


@pytest.fixture
def meeting(board):
    return BoardMeeting.objects.create(board=board, meets_on=PAST, papers_due_on=PAST - timedelta(days=7))


@pytest.fixture
def chair(board, council):
    person = person_with(Role.BOARD_CHAIR, council=council, name="Corin Reed")
    BoardMember.objects.create(
        board=board, post="Independent chair", person=person, chairs=True, from_on=date(2026, 2, 1)
    )
    return Viewer.of(person, TODAY)


def did(viewer, action, /, *args, **asked):
    return action(*args, **asked, by=viewer, on=TODAY)


# --- when papers are due


@pytest.mark.parametrize(
    ("meets_on", "days", "due"),
    [
        (date(2026, 11, 12), 5, date(2026, 11, 5)),
        (date(2026, 11, 12), 0, date(2026, 11, 12)),
        (date(2027, 1, 5), 5, date(2026, 12, 24)),
        (date(2026, 4, 8), 3, date(2026, 4, 1)),
    ],
)
def test_papers_are_due_so_many_working_days_before_past_weekends_and_bank_holidays(
    reference, meets_on, days, due
):
    assert papers_due(meets_on, days, working_calendars()["england-and-wales"]) == due


def test_a_run_counts_from_its_first_day_and_moves_off_weekends_and_bank_holidays(reference):
    calendar = working_calendars()["england-and-wales"]
    assert run_of_meetings(date(2026, 10, 31), Every.MONTH, 4, calendar) == [
        date(2026, 11, 2),
        date(2026, 11, 30),
        date(2026, 12, 31),
        date(2027, 2, 1),
    ]
    six = run_of_meetings(date(2026, 11, 9), Every.SIX_WEEKS, 2, calendar)
    assert (six[1] - six[0]).days == 42


# --- the board


def test_it_is_set_up_once_and_changed_by_revision(plan, board, contributor):
    with pytest.raises(Stale):
        did(contributor, actions.keep_board, plan, name="Another", papers_days=5)
    changed = did(contributor, actions.keep_board, plan, name="Renamed", papers_days=7, revision=1)
    assert (changed.name, changed.papers_days, changed.revision) == ("Renamed", 7, 2)
    with pytest.raises(Stale):
        did(contributor, actions.keep_board, plan, name="Late", papers_days=7, revision=1)
    assert Board.objects.get().name == "Renamed"


@pytest.mark.parametrize("asked", [{"name": " ", "papers_days": 5}, {"name": "Board", "papers_days": 41}])
def test_a_board_without_a_name_or_with_papers_months_before_is_refused(plan, contributor, asked):
    with pytest.raises(Refused):
        did(contributor, actions.keep_board, plan, **asked)


def test_other_working_days_move_the_papers_of_coming_meetings_but_for_a_day_of_their_own(
    plan, board, contributor
):
    coming = did(contributor, actions.add_meeting, board, meets_on=date(2026, 11, 12))
    own = did(
        contributor,
        actions.add_meeting,
        board,
        meets_on=date(2026, 12, 10),
        papers_due_on=date(2026, 12, 1),
    )
    did(contributor, actions.keep_board, plan, name="Board", papers_days=7, revision=1)
    coming.refresh_from_db()
    own.refresh_from_db()
    assert coming.papers_due_on == date(2026, 11, 3)
    assert own.papers_due_on == date(2026, 12, 1)


# --- members


def test_a_chair_who_is_linked_and_holds_the_role_reads_the_plan_from_then_until_the_end(
    plan, board, council, contributor
):
    person = person_with(Role.BOARD_CHAIR, council=council)
    assert not type(plan).objects.visible_to(Viewer.of(person, TODAY)).exists()
    member = did(
        contributor,
        actions.add_member,
        board,
        post="Independent chair",
        person=person,
        chairs=True,
        from_on=PAST,
    )
    assert type(plan).objects.visible_to(Viewer.of(person, TODAY)).exists()
    did(contributor, actions.end_member, member, until_on=TODAY)
    assert not type(plan).objects.visible_to(Viewer.of(person, TODAY)).exists()


def test_nobody_without_a_role_for_the_council_is_linked(board, contributor):
    stranger = person_with(Role.COUNCIL_CONTRIBUTOR, council=CouncilFactory())
    with pytest.raises(Refused) as refused:
        did(contributor, actions.add_member, board, post="Chair", person=stranger, from_on=PAST)
    assert refused.value.field == "person"


def test_a_lga_adviser_of_the_region_may_sit_on_it(region, board, contributor):
    adviser = person_with(Role.LGA_ADVISER, region=region)
    member = did(contributor, actions.add_member, board, post="LGA adviser", person=adviser, from_on=PAST)
    assert member.person == adviser
    with pytest.raises(Refused):
        did(contributor, actions.add_member, board, post="LGA adviser", person=adviser, from_on=TODAY)


def test_a_member_ends_once_and_not_before_they_began(board, contributor):
    member = did(contributor, actions.add_member, board, post="Police", body="Police", from_on=PAST)
    with pytest.raises(Refused):
        did(contributor, actions.end_member, member, until_on=PAST)
    did(contributor, actions.end_member, member, until_on=TODAY)
    with pytest.raises(Refused):
        did(contributor, actions.end_member, member, until_on=TODAY)


# --- meetings


def test_a_meeting_has_its_papers_worked_back_or_given(board, contributor):
    made = did(contributor, actions.add_meeting, board, meets_on=date(2026, 11, 12))
    assert made.papers_due_on == date(2026, 11, 5)
    with pytest.raises(Refused) as refused:
        did(
            contributor,
            actions.add_meeting,
            board,
            meets_on=date(2026, 12, 10),
            papers_due_on=date(2026, 12, 11),
        )
    assert refused.value.field == "papers_due_on"
    with pytest.raises(Refused):
        did(contributor, actions.add_meeting, board, meets_on=date(2026, 11, 12))


def test_beyond_the_bank_holidays_known_it_asks_for_the_day(board, contributor):
    with pytest.raises(Refused) as refused:
        did(contributor, actions.add_meeting, board, meets_on=date(2099, 1, 9))
    assert refused.value.field == "papers_due_on"
    own = did(
        contributor, actions.add_meeting, board, meets_on=date(2099, 1, 9), papers_due_on=date(2099, 1, 2)
    )
    assert own.papers_due_on == date(2099, 1, 2)


def test_of_many_meetings_those_there_already_are_passed_over(board, contributor):
    did(contributor, actions.add_meeting, board, meets_on=date(2026, 11, 12))
    days = [date(2026, 11, 12), date(2026, 12, 10)]
    added = did(contributor, actions.add_meetings, board, days=days)
    assert [one.meets_on for one in added.meetings] == days[1:]
    assert added.there_already == days[:1]
    assert Event.objects.filter(kind="board-meeting-added").count() == 2


def test_the_database_holds_one_meeting_a_day_and_papers_before_it(board, meeting):
    with broken("board_meets_once_a_day", columns=["board_id", "meets_on"]):
        BoardMeeting.objects.create(board=board, meets_on=PAST, papers_due_on=PAST)
    with broken("papers_before_the_meeting"):
        BoardMeeting.objects.create(board=board, meets_on=TODAY, papers_due_on=TODAY + timedelta(days=1))


def test_a_meeting_moves_until_it_is_written_up(board, meeting, contributor):
    moved = did(contributor, actions.change_meeting, meeting, meets_on=date(2026, 10, 15), revision=1)
    assert moved.papers_due_on == date(2026, 10, 8)
    with pytest.raises(Stale):
        did(contributor, actions.change_meeting, meeting, meets_on=PAST, revision=1)
    did(contributor, actions.record_meeting, meeting, held=True, revision=2)
    with pytest.raises(Refused):
        did(contributor, actions.change_meeting, meeting, meets_on=PAST, revision=3)


def test_attendance_is_of_those_who_sat_that_day(board, meeting, contributor):
    sat = did(contributor, actions.add_member, board, post="Health", from_on=PAST)
    later = did(contributor, actions.add_member, board, post="Police", from_on=TODAY)
    with pytest.raises(Refused):
        did(contributor, actions.record_meeting, meeting, held=True, present=[sat, later], revision=1)
    did(contributor, actions.record_meeting, meeting, held=True, present=[sat], revision=1)
    assert list(meeting.present.all()) == [sat]


def test_a_meeting_ahead_can_be_called_off_but_not_have_been_held(board, contributor):
    ahead = did(contributor, actions.add_meeting, board, meets_on=date(2026, 11, 12))
    with pytest.raises(Refused):
        did(contributor, actions.record_meeting, ahead, held=True, revision=1)
    assert did(contributor, actions.record_meeting, ahead, held=False, revision=1).held is False


def test_a_meeting_called_off_asks_for_no_update(version, board, contributor):
    off = did(contributor, actions.add_meeting, board, meets_on=date(2026, 11, 12))
    did(contributor, actions.add_meeting, board, meets_on=date(2026, 12, 10))
    of_october = {"period_on": date(2026, 10, 1), "plan": version.plan}
    open_updates(by=Viewer.system(TODAY), on=TODAY)
    assert Update.objects.get(**of_october).due_on == off.papers_due_on
    did(contributor, actions.record_meeting, off, held=False, revision=1)
    open_updates(by=Viewer.system(TODAY), on=TODAY)
    assert Update.objects.get(**of_october).due_on == date(2026, 12, 3)


# --- decisions and challenges


def test_the_chair_records_a_decision_and_a_challenge_and_the_council_answers(
    version, meeting, chair, contributor
):
    action = version.actions.first().action
    decision = did(
        chair,
        actions.record_board_decision,
        meeting,
        kind=BoardDecision.Kind.CHALLENGE,
        text="What difference has it made?",
        action=action,
    )
    answered = did(contributor, actions.answer_challenge, decision, answer="Fewer repeats", revision=1)
    assert (answered.answer, answered.answered_on) == ("Fewer repeats", TODAY)
    with pytest.raises(Stale):
        did(chair, actions.answer_challenge, decision, answer="Other", revision=1)
    told = Event.objects.filter(kind__in=["board-decision-recorded", "challenge-answered"])
    assert told.count() == 2
    assert not any("difference" in str(event.data) for event in told)


@pytest.mark.parametrize(
    ("held", "meets_on", "text"),
    [
        (False, PAST, "Agreed"),
        (None, date(2026, 11, 12), "Agreed"),
        (True, PAST, " "),
        (True, PAST, "NHS 943 476 5919"),
    ],
)
def test_what_did_not_happen_says_nothing_or_names_a_child_is_no_decision(
    meeting, chair, held, meets_on, text
):
    BoardMeeting.objects.update(held=held, meets_on=meets_on)
    with pytest.raises(Refused):
        did(chair, actions.record_board_decision, meeting, kind="decision", text=text)


def test_an_action_of_another_plan_is_not_what_it_was_about(council, meeting, chair):
    other = make_plan(council, title="Another").actions.first().action
    with pytest.raises(Refused):
        did(chair, actions.record_board_decision, meeting, kind="decision", text="Agreed", action=other)


# --- sign-off


def test_the_chair_signs_off_and_withdraws_and_every_word_of_it_stays(version, chair):
    action = version.actions.first().action
    for state in ("evidenced", "signed-off", "withdrawn"):
        did(chair, actions.sign_off, action, state=state)
    assert [one.state for one in action.sign_offs.all()] == ["evidenced", "signed-off", "withdrawn"]
    with pytest.raises(Refused):
        did(chair, actions.sign_off, action, state="withdrawn")


def test_an_approver_signs_off_for_a_board_at_its_meeting_and_for_whom_else_the_plan_names(
    version, meeting, approver
):
    action = version.actions.first().action
    with pytest.raises(Refused) as refused:
        did(approver, actions.sign_off, action, state="signed-off")
    assert refused.value.field == "meeting"
    made = did(approver, actions.sign_off, action, state="evidenced", meeting=meeting)
    assert made.on == PAST
    type(version.plan).objects.update(sign_off_by="The director of children’s services")
    assert did(approver, actions.sign_off, action, state="signed-off").on == TODAY


def test_two_who_sign_off_at_once_see_each_other(version, chair, approver, meeting):
    action = version.actions.first().action
    did(chair, actions.sign_off, action, state="evidenced", seen=0)
    with pytest.raises(Stale) as stale:
        did(approver, actions.sign_off, action, state="signed-off", meeting=meeting, seen=0)
    assert stale.value.current == SignOff.objects.get()


def test_what_the_council_has_not_approved_is_not_signed_off(version, chair):
    unapproved = Action.objects.create(plan=version.plan)
    with pytest.raises(Refused):
        did(chair, actions.sign_off, unapproved, state="signed-off")


# --- who may


@pytest.mark.parametrize(
    "role",
    [Role.COUNCIL_LEADERSHIP, Role.SCRUTINY_MEMBER, Role.LGA_ADVISER, Role.DFE_ADVISER, Role.BOARD_CHAIR],
)
def test_who_neither_drafts_nor_chairs_writes_nothing(council, plan, board, meeting, version, role):
    viewer = Viewer.of(person_with(role, council=council), TODAY)
    action = version.actions.first().action
    for write, about, asked in (
        (actions.keep_board, plan, {"name": "Board", "papers_days": 1, "revision": 1}),
        (actions.add_member, board, {"post": "Chair", "from_on": PAST}),
        (actions.add_meeting, board, {"meets_on": date(2026, 11, 12)}),
        (actions.add_meetings, board, {"days": [date(2026, 11, 12)]}),
        (actions.change_meeting, meeting, {"meets_on": TODAY, "revision": 1}),
        (actions.record_meeting, meeting, {"held": True, "revision": 1}),
        (actions.record_board_decision, meeting, {"kind": "decision", "text": "Agreed"}),
        (actions.sign_off, action, {"state": "signed-off"}),
    ):
        with pytest.raises(PermissionDenied):
            did(viewer, write, about, **asked)


def test_a_chair_writes_of_meetings_and_not_of_who_sits(board, plan, chair):
    assert did(chair, actions.add_meeting, board, meets_on=date(2026, 11, 12)).pk
    with pytest.raises(PermissionDenied):
        did(chair, actions.add_member, board, post="Deputy", from_on=PAST)
    with pytest.raises(PermissionDenied):
        did(chair, actions.keep_board, plan, name="Mine", papers_days=1, revision=1)


def test_a_contributor_does_not_sign_off(version, contributor, meeting):
    with pytest.raises(PermissionDenied):
        did(contributor, actions.sign_off, version.actions.first().action, state="evidenced", meeting=meeting)


# --- pages


def board_pages(plan, meeting, decision, action):
    base = f"/plans/{plan.reference}/board/"
    return {
        "read": [base, f"{base}meetings/{meeting.pk}/", f"{base}sign-off/"],
        "keep": [
            f"{base}meetings/add/",
            f"{base}meetings/{meeting.pk}/change/",
            f"{base}meetings/{meeting.pk}/record/",
            f"{base}meetings/{meeting.pk}/decisions/add/",
            f"{base}challenges/{decision.pk}/answer/",
        ],
        "draft": [
            f"{base}keep/",
            f"{base}members/add/",
            f"{base}members/{meeting.board.members.first().pk}/end/",
        ],
        "sign": [f"{base}sign-off/{action.pk}/"],
    }


READS, KEEPS, DRAFTS, SIGNS = "read", "keep", "draft", "sign"


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.COUNCIL_CONTRIBUTOR, {READS, KEEPS, DRAFTS}),
        (Role.COUNCIL_APPROVER, {READS, KEEPS, DRAFTS, SIGNS}),
        (Role.COUNCIL_LEADERSHIP, {READS}),
        (Role.LGA_ADVISER, {READS}),
        (None, {READS, KEEPS, SIGNS}),
        (Role.DFE_ADVISER, None),
        (Role.SCRUTINY_MEMBER, None),
        (Role.BOARD_CHAIR, None),
        (Role.ADMINISTRATOR, None),
    ],
)
def test_each_page_of_the_board_is_for_its_readers_and_its_writers(
    client, council, region, plan, version, meeting, chair, role, may
):
    PlanVersion.objects.filter(pk=version.pk).update(standing=PlanVersion.Standing.SENT)
    decision = BoardDecision.objects.create(meeting=meeting, kind="challenge", text="Why?", recorded_on=TODAY)
    reach = {"region": region} if role == Role.LGA_ADVISER else {"council": council}
    if role == Role.ADMINISTRATOR:
        reach = {}
    client.force_login(chair.person if role is None else person_with(role, **reach))
    for kind, pages in board_pages(plan, meeting, decision, version.actions.first().action).items():
        for page in pages:
            wanted = 404 if may is None else 200 if kind in may else 403
            assert client.get(page).status_code == wanted, page


def test_the_heading_is_the_next_meeting_not_called_off_and_when_its_papers_are_due(
    client, plan, board, contributor
):
    client.force_login(contributor.person)
    day = timezone.localdate() + timedelta(days=60)
    due = day - timedelta(days=7)
    for meets_on, held in ((day + timedelta(days=30), None), (day, None), (day - timedelta(days=9), False)):
        BoardMeeting.objects.create(
            board=board, meets_on=meets_on, papers_due_on=meets_on - timedelta(days=7), held=held
        )
    text = client.get(f"/plans/{plan.reference}/board/").content.decode()
    meets, papers = f"{day:%A} {day.day} {day:%B %Y}", f"{due.day} {due:%B %Y}"
    assert f"The improvement board meets on {meets}; its papers are due by {papers}</h1>" in text


def test_without_a_board_it_says_so_and_leads_to_setting_one_up(client, plan, contributor):
    client.force_login(contributor.person)
    text = client.get(f"/plans/{plan.reference}/board/").content.decode()
    assert "No improvement board is recorded</h1>" in text
    assert "Set up the board" in text


def test_the_page_asks_the_same_for_one_meeting_and_for_many(client, plan, board, contributor):
    client.force_login(contributor.person)

    def add(day):
        meeting = BoardMeeting.objects.create(board=board, meets_on=day, papers_due_on=day)
        member = BoardMember.objects.create(board=board, post="Health", from_on=PAST)
        meeting.present.add(member)
        BoardDecision.objects.create(meeting=meeting, kind="challenge", text="Why?", recorded_on=TODAY)

    def asked():
        counts = []
        for page in ("", "sign-off/", f"meetings/{board.meetings.first().pk}/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/plans/{plan.reference}/board/{page}").status_code == 200
            counts.append(len(queries))
        return counts

    add(PAST)
    add(date(2030, 1, 2))
    few = asked()
    for n in range(12):
        add(PAST - timedelta(days=30 + n))
    assert asked() == few
    assert max(few) <= 15


def send(client, page, **asked):
    return client.post(page, asked)


def dated(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def test_a_run_of_meetings_is_added_from_one_form(client, plan, board, contributor):
    client.force_login(contributor.person)
    page = f"/plans/{plan.reference}/board/meetings/add/"
    sent = send(client, page, how="six-weeks", count="3", **dated("meets_on", date(2027, 1, 11)))
    assert sent.status_code == 302
    assert [one.meets_on for one in board.meetings.all()] == [
        date(2027, 1, 11),
        date(2027, 2, 22),
        date(2027, 4, 5),
    ]
    listed = "12 May 2027\n\n2027-06-09\n7/7/2027"
    assert send(client, page, how="listed", days=listed).status_code == 302
    assert board.meetings.count() == 6


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Select how often the board meets"),
        ({"how": "month", "count": "2"}, "Enter the day of the meeting"),
        ({"how": "listed"}, "Enter at least one day"),
        ({"how": "listed", "days": "12 May 2027\n31 Feb 2027"}, "Line 2, “31 Feb 2027”, must be a real date"),
        ({"how": "month", "count": "99", **dated("meets_on", date(2027, 1, 11))}, "must be 24 or fewer"),
        ({"how": "once", **dated("meets_on", date(2099, 1, 12))}, "Enter the day by which papers are due"),
    ],
)
def test_what_cannot_be_is_said_beside_what_was_typed(client, plan, board, contributor, asked, said):
    client.force_login(contributor.person)
    sent = send(client, f"/plans/{plan.reference}/board/meetings/add/", **asked)
    assert sent.status_code == 200
    assert said in sent.content.decode()
    assert asked.get("days", "") in sent.content.decode()
    assert not board.meetings.exists()


def test_the_second_of_two_who_write_up_a_meeting_sees_both(client, plan, meeting, contributor):
    client.force_login(contributor.person)
    page = f"/plans/{plan.reference}/board/meetings/{meeting.pk}/record/"
    assert send(client, page, held="yes", note="First", revision=1).status_code == 302
    sent = send(client, page, held="no", note="Second", revision=1)
    assert sent.status_code == 409
    text = sent.content.decode()
    assert "First" in text
    assert "Second" in text


def test_an_action_is_signed_off_and_a_stale_answer_is_shown_beside_what_stands(client, plan, version, chair):
    client.force_login(chair.person)
    action = version.actions.first().action
    page = f"/plans/{plan.reference}/board/sign-off/{action.pk}/"
    assert send(client, page, state="evidenced", seen=0).status_code == 302
    sent = send(client, page, state="signed-off", seen=0, note="Seen the audit")
    assert sent.status_code == 409
    assert "Evidenced" in sent.content.decode()
    assert "Seen the audit" in sent.content.decode()
    assert action.sign_offs.count() == 1
