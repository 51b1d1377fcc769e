"""What a board needs to hear of an update: what changed, what is late, what is off track, and how each is told. Pure.

Rule: section 5, point 5 (delivery, sign-off and impact stay apart; past due and not complete is never green).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from improvement.rules.updates import COMPLETE, NOT_ON_TRACK, NOT_STARTED, ON_TRACK, ActionAnswer

SLIPPING, OFF_TRACK = "slipping", "off-track"
# The most urgent first.
ORDER = (OFF_TRACK, SLIPPING, NOT_STARTED, ON_TRACK, COMPLETE)


@dataclass(frozen=True)
class ActionTold:
    """An action as an update tells of it.

    `due_on` is its date before this update moved it. `answer` None: this update says nothing of it; `before`: what the
    last update that told of it said. `signed_off`: the board says that it is done.
    """

    key: int
    number: str
    text: str
    owner: str = ""
    due_on: date | None = None
    answer: ActionAnswer | None = None
    before: ActionAnswer | None = None
    signed_off: bool = False

    @property
    def said(self):
        """This update's answer. One reported complete before, of which nothing is said now, still is."""
        if self.answer is None and self.before is not None and self.before.delivery == COMPLETE:
            return ActionAnswer(delivery=COMPLETE)
        return self.answer or ActionAnswer()

    @property
    def delivery(self):
        return self.said.delivery

    def is_late(self, on):
        """Past its date on `on` and not reported complete, even where this update gives it another date."""
        return self.due_on is not None and self.due_on < on and self.delivery != COMPLETE

    def days_late(self, on):
        return (on - self.due_on).days

    def letter(self, on):
        return letter(self.delivery, is_late=self.is_late(on), signed_off=self.signed_off)


@dataclass(frozen=True)
class PriorityTold:
    """A priority: the council's own status of it as a whole now, and the last time."""

    key: int
    number: int
    title: str
    delivery: str = ""
    before: str = ""
    text: str = ""
    actions: tuple[ActionTold, ...] = ()


@dataclass(frozen=True)
class Change:
    """What is otherwise than the last time: a status, with its `letter`, or a date. `was` None: there was none."""

    number: str
    text: str
    was: str | date | None
    now: str | date
    letter: str = ""


def changes(priorities, on):
    """Return the `Change`s since the update before, as at `on`: of priorities' and actions' statuses, and of dates."""
    found = []
    for priority in priorities:
        if priority.before and priority.delivery and priority.delivery != priority.before:
            found.append(
                Change(
                    f"Priority {priority.number}",
                    priority.title,
                    priority.before,
                    priority.delivery,
                    letter(priority.delivery),
                )
            )
        for action in priority.actions:
            found += _changes_of(action, on)
    return found


def _changes_of(action, on):
    before = action.before.delivery if action.before else None
    if action.delivery and action.delivery != before:
        yield Change(action.number, action.text, before, action.delivery, action.letter(on))
    new = action.said.new_due_on
    if new is not None and new != action.due_on:
        yield Change(action.number, action.text, action.due_on, new)


def late(actions, on):
    """Return the actions past their date on `on` and not complete, the longest first. Rule: section 3, counting."""
    return sorted((one for one in actions if one.is_late(on)), key=lambda one: one.due_on)


def off_track(actions, on):
    """Return the actions off track, then those slipping, whose date is still to come."""
    found = [one for one in actions if one.delivery in NOT_ON_TRACK and not one.is_late(on)]
    return sorted(found, key=lambda one: ORDER.index(one.delivery))


def counts(actions):
    """Return [(delivery, how many)] of actions, the most urgent first; "" for those of which nothing is said."""
    counted = Counter(one.delivery for one in actions)
    return [(delivery, counted[delivery]) for delivery in (*ORDER, "") if counted[delivery]]


def letter(delivery, *, is_late=False, signed_off=False):
    """Return the letter that many boards print beside a status: B, R, A or G; "" for what hasn't begun.

    Blue is complete and signed off; complete and not yet signed off is green, and its words say so. Rule: section 5,
    point 5.
    """
    if delivery == COMPLETE:
        return "B" if signed_off else "G"
    if is_late or delivery == OFF_TRACK:
        return "R"
    return {SLIPPING: "A", ON_TRACK: "G"}.get(delivery, "")
