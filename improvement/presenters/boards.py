"""Words for the pages of an improvement board."""

from collections import defaultdict
from dataclasses import dataclass

from cases.presenters import DONE, DUE, QUIET, count_of, day_words, weekday_words
from improvement.models import BoardDecision, Delivery, SignOff

NO_BOARD = "No improvement board is recorded"


@dataclass(frozen=True)
class MeetingShown:
    meeting: object
    tag: tuple[str, str] | None
    present: str
    decisions: str


def next_meeting(meetings, today):
    """Return the next meeting that has not been called off, or None."""
    ahead = [one for one in meetings if one.meets_on >= today and one.held is None]
    return min(ahead, key=lambda one: one.meets_on, default=None)


def board_heading(board, meeting, today):
    """Return the answer: when the board next meets, and by when its papers are due."""
    if meeting is None:
        return f"No meeting of the {_within(board.name)} is planned"
    when = "meets today" if meeting.meets_on == today else f"meets on {weekday_words(meeting.meets_on)}"
    due = meeting.papers_due_on
    if due == today:
        papers = "its papers are due today"
    elif due < today:
        papers = f"its papers were due on {day_words(due)}"
    else:
        papers = f"its papers are due by {day_words(due)}"
    return f"The {_within(board.name)} {when}; {papers}"


def _within(name):
    return name[:1].lower() + name[1:] if name.lower() == "improvement board" else name


def board_lede(meetings, challenges, today):
    """Return what waits to be written down or answered."""
    unrecorded = sum(one.held is None and one.meets_on < today for one in meetings)
    parts = []
    if unrecorded:
        said = "meeting waits" if unrecorded == 1 else "meetings wait"
        parts.append(f"{unrecorded} past {said} to be written up.")
    if challenges:
        said = "challenge waits" if len(challenges) == 1 else "challenges wait"
        parts.append(f"{len(challenges)} {said} for an answer.")
    return " ".join(parts)


def meeting_shown(meeting, today):
    decisions = list(meeting.decisions.all())
    challenges = sum(one.kind == BoardDecision.Kind.CHALLENGE for one in decisions)
    said = [count_of(len(decisions) - challenges, "decision")] if len(decisions) > challenges else []
    said += [count_of(challenges, "challenge")] if challenges else []
    present = count_of(len(meeting.present.all()), "member") if meeting.held else ""
    return MeetingShown(meeting, _meeting_tag(meeting, today), present, ", ".join(said))


def _meeting_tag(meeting, today):
    if meeting.held:
        return ("met", DONE)
    if meeting.held is False:
        return ("called off", QUIET)
    if meeting.meets_on < today:
        return ("to be written up", DUE)
    return None


def meeting_heading(meeting, today):
    """Return the answer: what is known of one meeting."""
    day = day_words(meeting.meets_on)
    if meeting.held:
        shown = meeting_shown(meeting, today)
        return ", ".join(filter(None, [f"The board met on {day}: {shown.present} present", shown.decisions]))
    if meeting.held is False:
        return f"The meeting of {day} was called off"
    if meeting.meets_on < today:
        return f"The meeting of {day} is to be written up"
    return f"The board meets on {weekday_words(meeting.meets_on)}"


STATES = {
    SignOff.State.EVIDENCED: ("evidenced", DUE),
    SignOff.State.SIGNED_OFF: ("signed off", DONE),
    SignOff.State.WITHDRAWN: ("withdrawn", QUIET),
}


@dataclass(frozen=True)
class ToSignOff:
    key: int
    number: str
    text: str
    owner: str
    delivery: str
    tag: tuple[str, str] | None
    on: object
    waits: bool


def actions_shown(rows, priorities):
    """Return a version's actions with how delivery and sign-off stand, numbered as the plan numbers them.

    `priorities`: the numbers of the version's priorities, in its order.
    """
    numbers = {priority: number for number, priority in enumerate(priorities, 1)}
    shown, places = [], defaultdict(int)
    for row in rows:
        places[row.priority_id] += 1
        shown.append(
            ToSignOff(
                key=row.action_id,
                number=f"{numbers[row.priority_id]}.{places[row.priority_id]}",
                text=row.text,
                owner=row.owner_post,
                delivery=dict(Delivery.choices).get(row.delivery, "Not reported yet"),
                tag=STATES.get(row.sign_off_state),
                on=row.sign_off_on,
                waits=row.delivery == Delivery.COMPLETE and row.sign_off_state != SignOff.State.SIGNED_OFF,
            )
        )
    return shown


def sign_off_heading(shown, sign_off_by):
    """Return the answer: how many actions are signed off, and how many wait."""
    signed = sum(one.tag == STATES[SignOff.State.SIGNED_OFF] for one in shown)
    waiting = sum(one.waits for one in shown)
    said = f"{signed} of {count_of(len(shown), 'action')} {'is' if signed == 1 else 'are'} signed off"
    if waiting:
        said += f", {waiting} reported complete {'waits' if waiting == 1 else 'wait'}"
    return said
