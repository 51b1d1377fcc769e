"""Every write about a plan's improvement board: who sits on it, when it meets, what it decided, what it signed off.

The council's drafters keep the board; they and its chair write what happened at its meetings.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions import Refused, Stale
from cases.identifiers import refuse_identifiers
from cases.presenters import day_words
from cases.queries import working_calendars
from cases.rules import BeyondTheTable
from history.actions import record_event
from improvement.models import (
    Action,
    Board,
    BoardDecision,
    BoardMeeting,
    BoardMember,
    Plan,
    PlannedAction,
    SignOff,
    chaired_by,
)
from improvement.queries.boards import who_may_sit
from improvement.rules.boards import MOST_MEETINGS, papers_due, run_of_meetings

CALENDAR = "england-and-wales"
# Papers more than eight weeks before a meeting would be due before the meeting before it.
MOST_PAPERS_DAYS = 40


@transaction.atomic
def keep_board(plan, *, name, papers_days, revision=None, by, on):
    """Set up the plan's board, or change its name and its papers deadline; return the Board.

    `papers_days`: working days before a meeting. Where it changes, the papers of coming meetings move with it, unless
    somebody gave them a day of their own. `revision`: that of the board as read; None to set one up. Raises Refused,
    Stale and PermissionDenied.
    """
    plan = _plan_for_drafter(plan, by)
    if not name.strip():
        raise Refused("Enter the board’s name", "name")
    if not 0 <= papers_days <= MOST_PAPERS_DAYS:
        raise Refused(f"Working days before a meeting must be from 0 to {MOST_PAPERS_DAYS}", "papers_days")
    board = Board.objects.select_for_update().filter(plan=plan).first()
    if board is None:
        board = Board.objects.create(plan=plan, name=name.strip(), papers_days=papers_days)
        _record("board-set-up", board, plan, by, on, papers_days=papers_days)
        return board
    if revision != board.revision:
        raise Stale(board)
    if papers_days != board.papers_days:
        _move_papers(board, papers_days, on)
    board.name, board.papers_days = name.strip(), papers_days
    _save(board)
    _record("board-changed", board, plan, by, on, papers_days=papers_days)
    return board


def _move_papers(board, papers_days, on):
    calendar = working_calendars()[CALENDAR]
    moved = []
    for meeting in board.meetings.filter(meets_on__gte=on).select_for_update():
        try:
            if meeting.papers_due_on == papers_due(meeting.meets_on, board.papers_days, calendar):
                meeting.papers_due_on = papers_due(meeting.meets_on, papers_days, calendar)
                meeting.revision += 1
                moved.append(meeting)
        except BeyondTheTable:
            continue  # its papers have a day that somebody gave
    BoardMeeting.objects.bulk_update(moved, ["papers_due_on", "revision"])


@transaction.atomic
def add_member(board, *, post, name="", body="", person=None, chairs=False, from_on, by, on):
    """Add somebody to the board from `from_on`, and return the BoardMember.

    `body`: empty for the council itself. `person`: who of those who sign in it is; a chair who holds that role reads
    the plan from then on. Raises Refused and PermissionDenied.
    """
    board = _board_for_drafter(board, by)
    if not post.strip():
        raise Refused("Enter the member’s post", "post")
    refuse_identifiers(post=post, name=name, body=body)
    if person is not None:
        if not who_may_sit(board.plan.council, on).filter(pk=person.pk).exists():
            raise Refused("Choose somebody who has a role for this council", "person")
        if board.members.on(max(from_on, on)).filter(person=person).exists():
            raise Refused(f"{person} sits on the board already", "person")
    member = BoardMember.objects.create(
        board=board,
        post=post.strip(),
        name=name.strip(),
        body=body.strip(),
        person=person,
        chairs=chairs,
        from_on=from_on,
    )
    _record(
        "board-member-added", member, board.plan, by, on, from_on=from_on.isoformat(), chairs=chairs or None
    )
    return member


@transaction.atomic
def end_member(member, *, until_on, by, on):
    """Record the first day on which a member no longer sat on the board. Raises Refused and PermissionDenied."""
    board = _board_for_drafter(member.board, by)
    member = board.members.select_for_update().get(pk=member.pk)
    if member.until_on is not None:
        raise Refused(f"This has ended already: the last day was {day_words(_last(member))}", "until_on")
    if until_on <= member.from_on:
        raise Refused(f"The last day must be {day_words(member.from_on)} or later", "until_on")
    member.until_on = until_on
    member.save(update_fields=["until_on"])
    _record("board-member-ended", member, board.plan, by, on, until_on=until_on.isoformat())
    return member


def _last(member):
    return member.until_on - timedelta(days=1)


class SignedOffMeanwhile(Stale):
    """Somebody else said how an action stands. `current` is that sign-off."""

    def __init__(self, current):
        Exception.__init__(self, f"Sign-off {current.pk if current else 0} stands now.")
        self.current = current


@dataclass(frozen=True)
class Added:
    """Meetings that are new, and the days of those that were there already."""

    meetings: list
    there_already: list


@transaction.atomic
def add_meeting(board, *, meets_on, papers_due_on=None, by, on):
    """Add a meeting and return it. Without `papers_due_on` its papers are due the board's working days before it.

    Raises Refused and PermissionDenied.
    """
    board = _board_for_keeper(board, by)
    if board.meetings.filter(meets_on=meets_on).exists():
        raise Refused(f"The board meets on {day_words(meets_on)} already", "meets_on")
    due = _papers_due(board, meets_on, papers_due_on)
    meeting = BoardMeeting.objects.create(board=board, meets_on=meets_on, papers_due_on=due)
    _record_meeting("board-meeting-added", meeting, board, by, on)
    return meeting


@transaction.atomic
def add_meetings(board, *, days, by, on):
    """Add a meeting on each of `days` and return what was `Added`; days on which it meets already are passed over.

    Raises Refused and PermissionDenied.
    """
    board = _board_for_keeper(board, by)
    if not days:
        raise Refused("Enter at least one day", "days")
    if len(days) > MOST_MEETINGS:
        raise Refused(f"Enter {MOST_MEETINGS} days at most", "days")
    there = set(board.meetings.filter(meets_on__in=days).values_list("meets_on", flat=True))
    calendar = working_calendars()[CALENDAR]
    made = BoardMeeting.objects.bulk_create(
        BoardMeeting(board=board, meets_on=day, papers_due_on=_papers_due(board, day, None, calendar))
        for day in sorted(set(days) - there)
    )
    for meeting in made:
        _record_meeting("board-meeting-added", meeting, board, by, on)
    return Added(made, sorted(there))


def days_of_run(first_on, every, count):
    """Return the days of a run of meetings, each a working day. Raises Refused beyond the bank holidays known."""
    if not 1 <= count <= MOST_MEETINGS:
        raise Refused(f"The number of meetings must be from 1 to {MOST_MEETINGS}", "count")
    try:
        return run_of_meetings(first_on, every, count, working_calendars()[CALENDAR])
    except BeyondTheTable as beyond:
        raise Refused(f"{beyond} Enter fewer meetings, or each day in a list.", "count") from beyond


@transaction.atomic
def change_meeting(meeting, *, meets_on, papers_due_on=None, revision, by, on):
    """Move a meeting that was not yet recorded, or its papers' deadline. Takes what `add_meeting` takes."""
    board, meeting = _meeting_for_keeper(meeting, by, revision)
    if meeting.held is not None:
        raise Refused("What happened at this meeting is recorded already, so its date stays")
    if board.meetings.filter(meets_on=meets_on).exclude(pk=meeting.pk).exists():
        raise Refused(f"The board meets on {day_words(meets_on)} already", "meets_on")
    was = meeting.meets_on
    meeting.papers_due_on = _papers_due(board, meets_on, papers_due_on)
    meeting.meets_on = meets_on
    _save(meeting)
    _record_meeting("board-meeting-changed", meeting, board, by, on, was_on=was.isoformat())
    return meeting


@transaction.atomic
def record_meeting(meeting, *, held, present=(), note="", revision, by, on):
    """Record whether a meeting was held, and which members were present. Raises Refused, Stale, PermissionDenied.

    `present`: members of the board on that day. A meeting may be called off ahead of its day.
    """
    board, meeting = _meeting_for_keeper(meeting, by, revision)
    refuse_identifiers(note=note)
    if held and meeting.meets_on > on:
        raise Refused(f"The board meets on {day_words(meeting.meets_on)}: say then that it did", "held")
    present = list(present)
    if present and not held:
        raise Refused("Nobody is present at a meeting that was not held", "present")
    sitting = set(board.members.on(meeting.meets_on).values_list("pk", flat=True))
    if not sitting.issuperset(member.pk for member in present):
        raise Refused("Choose from those who sat on the board that day", "present")
    if not held and meeting.decisions.exists():
        raise Refused("Decisions of this meeting are recorded, so it was held", "held")
    meeting.held, meeting.note = held, note.strip()
    _save(meeting)
    meeting.present.set(present)
    _record_meeting(
        "board-meeting-recorded", meeting, board, by, on, held="yes" if held else "no", present=len(present)
    )
    return meeting


@transaction.atomic
def record_board_decision(meeting, *, kind, text, action=None, by, on):
    """Record what the board decided, or the challenge it made, at a meeting; return the BoardDecision.

    `action`: one of the plan's that it is about. Raises Refused and PermissionDenied.
    """
    board, meeting = _meeting_for_keeper(meeting, by)
    if not text.strip():
        raise Refused("Enter what the board decided or asked", "text")
    refuse_identifiers(text=text)
    if meeting.meets_on > on:
        raise Refused(f"The board has not met yet: it meets on {day_words(meeting.meets_on)}", "text")
    if meeting.held is False:
        raise Refused("This meeting was not held", "text")
    if action is not None and action.plan_id != board.plan_id:
        raise Refused("Choose an action of this plan", "action")
    decision = BoardDecision.objects.create(
        meeting=meeting, kind=kind, text=text.strip(), action=action, recorded_by=by.person, recorded_on=on
    )
    _record("board-decision-recorded", decision, board.plan, by, on, kind=str(kind))
    return decision


@transaction.atomic
def answer_challenge(decision, *, answer, revision, by, on):
    """Record what came of a challenge; may be answered again. Raises Refused, Stale and PermissionDenied."""
    board, _ = _meeting_for_keeper(decision.meeting, by)
    current = BoardDecision.objects.select_for_update().get(pk=decision.pk)
    if current.revision != revision:
        raise Stale(current)
    if current.kind != BoardDecision.Kind.CHALLENGE:
        raise Refused("A decision asks for no answer")
    if not answer.strip():
        raise Refused("Enter the answer", "answer")
    refuse_identifiers(answer=answer)
    current.answer, current.answered_on = answer.strip(), on
    _save(current)
    _record("challenge-answered", current, board.plan, by, on)
    return current


@transaction.atomic
def sign_off(action, *, state, meeting=None, note="", seen=None, by, on):
    """Record that an action is evidenced or signed off, or that its sign-off is withdrawn; return the SignOff.

    The board's chair does so, or the council's approver for whom the plan names: for a board, at the `meeting` that
    did it. `seen`: the number of the sign-off that stood when read, 0 for none; None asks nothing. Raises Refused,
    Stale and PermissionDenied. Rule: section 5, point 5.
    """
    plan = Plan.objects.visible_to(by).select_related("council").filter(pk=action.plan_id).first()
    if plan is None:
        raise PermissionDenied
    is_chair = may_sign_off_as_chair(plan, by)
    if not is_chair and not by.may_at(Ability.APPROVE_PLANS, plan.council_id):
        raise PermissionDenied
    action = Action.objects.select_for_update().get(pk=action.pk)
    latest = action.sign_offs.order_by("-pk").first()
    if seen is not None and seen != (latest.pk if latest else 0):
        raise SignedOffMeanwhile(latest)
    _refuse_sign_off(action, plan, state, latest, is_chair, meeting, on)
    refuse_identifiers(note=note)
    made = SignOff.objects.create(
        action=action,
        state=state,
        on=meeting.meets_on if meeting else on,
        meeting=meeting,
        note=note.strip(),
        by=by.person,
        recorded_on=on,
    )
    _record("action-signed-off", action, plan, by, on, state=str(state))
    return made


def may_sign_off_as_chair(plan, viewer):
    return bool(viewer.person_id) and Plan.objects.filter(pk=plan.pk, pk__in=chaired_by(viewer)).exists()


def _refuse_sign_off(action, plan, state, latest, is_chair, meeting, on):
    stands = latest.state if latest else ""
    if state == SignOff.State.WITHDRAWN and stands in ("", SignOff.State.WITHDRAWN):
        raise Refused("There is no sign-off to withdraw", "state")
    if state == stands:
        raise Refused(f"It is {latest.get_state_display().lower()} already", "state")
    approved = PlannedAction.objects.filter(action=action, version__in=plan.versions.approved())
    if not approved.exists():
        raise Refused("The council has not approved a version with this action yet", "state")
    if meeting is not None and (meeting.board.plan_id != plan.pk or meeting.held is False):
        raise Refused("Choose a meeting that this board held", "meeting")
    if meeting is not None and meeting.meets_on > on:
        raise Refused(f"The board has not met yet: it meets on {day_words(meeting.meets_on)}", "meeting")
    if meeting is None and not is_chair and "board" in plan.sign_off_by.lower():
        raise Refused("Select the meeting at which the board did so", "meeting")


def _plan_for_drafter(plan, by):
    """Return the plan, locked: two who set up its board at once queue here."""
    plan = Plan.objects.visible_to(by).select_related("council", "case").filter(pk=plan.pk)
    plan = plan.select_for_update(of=("self",)).first()
    if plan is None or not by.may_at(Ability.DRAFT_PLANS, plan.council_id):
        raise PermissionDenied
    return plan


def _board_for_drafter(board, by):
    board = _board_for_keeper(board, by)
    if not by.may_at(Ability.DRAFT_PLANS, board.plan.council_id):
        raise PermissionDenied
    return board


def _board_for_keeper(board, by):
    theirs = Board.objects.visible_to(by).kept_by(by).select_related("plan__council", "plan__case")
    board = theirs.select_for_update(of=("self",)).filter(pk=board.pk).first()
    if board is None:
        raise PermissionDenied
    return board


def _meeting_for_keeper(meeting, by, revision=None):
    board = _board_for_keeper(meeting.board, by)
    current = board.meetings.select_for_update().get(pk=meeting.pk)
    if revision is not None and current.revision != revision:
        raise Stale(current)
    return board, current


def _papers_due(board, meets_on, papers_due_on, calendar=None):
    if papers_due_on is not None:
        if papers_due_on > meets_on:
            raise Refused("Papers must be due on the day of the meeting or before it", "papers_due_on")
        return papers_due_on
    try:
        return papers_due(meets_on, board.papers_days, calendar or working_calendars()[CALENDAR])
    except BeyondTheTable as beyond:
        raise Refused(f"{beyond} Enter the day by which papers are due.", "papers_due_on") from beyond


def _save(row):
    row.revision += 1
    row.save()


def _record_meeting(kind, meeting, board, by, on, **data):
    _record(
        kind,
        meeting,
        board.plan,
        by,
        on,
        meets_on=meeting.meets_on.isoformat(),
        papers_due_on=meeting.papers_due_on.isoformat(),
        **data,
    )


def _record(event, subject, plan, by, on, **data):
    record_event(
        event,
        by=by,
        on=on,
        subject=subject,
        council_code=plan.council.la_code,
        case_reference=plan.case.reference if plan.case else "",
        data={"plan": plan.reference} | {key: value for key, value in data.items() if value is not None},
    )
