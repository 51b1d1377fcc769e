"""What a timetable says of itself: who is wanted in two places, what is on now, where a move ends. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations

# What somebody writes in the hour after an interview is most often about it.
WRITTEN_UP_WITHIN = timedelta(minutes=60)


@dataclass(frozen=True)
class Slot:
    """An activity as the rules see it. `people`: numbers of the team members who lead it or take its notes."""

    key: int
    on: date
    starts_at: time
    ends_at: time
    people: frozenset = frozenset()
    room: str = ""


@dataclass(frozen=True)
class Clash:
    """Two activities that overlap and want the same: `people`, the numbers of whoever both name; `same_room`."""

    first: int
    second: int
    people: frozenset
    same_room: bool


def overlap(one, other):
    """Say whether two slots share any time. One that begins as the other ends does not."""
    return one.on == other.on and one.starts_at < other.ends_at and other.starts_at < one.ends_at


def same_room(one, other):
    """Say whether two slots name one room, however it is written. No room is no room."""
    here, there = (" ".join(slot.room.casefold().split()) for slot in (one, other))
    return bool(here) and here == there


def clashes(slots):
    """Return each `Clash` among the slots, in the order of their days and times."""
    in_order = sorted(slots, key=lambda slot: (slot.on, slot.starts_at, slot.key))
    found = []
    for one, other in combinations(in_order, 2):
        if not overlap(one, other):
            continue
        people, room = one.people & other.people, same_room(one, other)
        if people or room:
            found.append(Clash(one.key, other.key, people, room))
    return found


def moved_until(starts_at, ends_at, begins):
    """Return when an activity of this length ends that begins at `begins`; None where that is past midnight."""
    some_day = date(2000, 1, 1)
    lasts = datetime.combine(some_day, ends_at) - datetime.combine(some_day, starts_at)
    ends = datetime.combine(some_day, begins) + lasts
    return ends.time() if ends.date() == some_day else None


def on_now(slots, member, at):
    """Return the slot that `member` is in at the moment `at` (of the clock in London, without a zone), or None.

    Their own that is on; else their own that ended within the hour; else one on now that names nobody, which is the
    whole team's. Of several, the one that began last.
    """
    today = [slot for slot in slots if slot.on == at.date() and slot.starts_at <= at.time()]
    own = [slot for slot in today if member in slot.people]
    on = [slot for slot in own if at.time() < slot.ends_at]
    just = [slot for slot in own if at - datetime.combine(slot.on, slot.ends_at) <= WRITTEN_UP_WITHIN]
    of_all = [slot for slot in today if not slot.people and at.time() < slot.ends_at]
    for found in (on, just, of_all):
        if found:
            return max(found, key=lambda slot: (slot.starts_at, slot.ends_at, slot.key))
    return None


def days_in_order(days, today):
    """Return the days as people on site look for them: today's first, then what is to come, then what is past."""
    return sorted(days, key=lambda day: (day < today, day))
