"""Which of a case's progress reviews one that was held answers. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Awaited:
    """A progress review that is awaited: its key, day 0 of its series, and the day it is due."""

    key: object
    started_on: date | None
    due_on: date


# A review held more than half an interval of six months before it is due is another one, of before the record.
EARLY_DAYS = 92


def answered_by(awaited: Iterable[Awaited], held_on: date) -> object | None:
    """Return the key of the review that one held on `held_on` answers; None where it answers none.

    The latest that was due by then; else the earliest to come, if it comes within half an interval.
    """
    begun = [one for one in awaited if one.started_on is None or one.started_on <= held_on]
    due = [one for one in begun if one.due_on <= held_on]
    if due:
        return max(due, key=lambda one: one.due_on).key
    to_come = min(begun, key=lambda one: one.due_on, default=None)
    if to_come is None or (to_come.due_on - held_on).days > EARLY_DAYS:
        return None
    return to_come.key
