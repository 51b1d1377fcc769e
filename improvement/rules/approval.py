"""A version's approval within its council: steps worked back from the day by which it must be sent. Pure.

How long a step needs stands in `improvement/data/approval_steps.csv`, dated like every rule; a council sets its own
dates over it. Rule: section 5, point 2; REFERENCE 4.3.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from cases.rules import in_force

TABLE = Path(__file__).parent.parent / "data" / "approval_steps.csv"
CALL_IN = "call-in"
ONE_DAY = timedelta(days=1)
# In the order in which a council takes them.
USUAL = ("dcs", "board", "scrutiny", "cabinet", CALL_IN)


@dataclass(frozen=True)
class LeadTime:
    """How long a step needs: before the next step for most, after the decision for a call-in. `unit`: of `days`."""

    kind: str
    label: str
    days: int
    unit: str
    authority: str
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class Step:
    """A step as planned: `planned_on` None asks for it to be worked back; `done_on` once it was taken."""

    kind: str
    planned_on: date | None = None
    label: str = ""
    done_on: date | None = None


@cache
def lead_times():
    """Return every dated lead time of the table."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return tuple(_lead_time(row) for row in csv.DictReader(file))


def _lead_time(row):
    dated = {key: date.fromisoformat(row[key]) if row[key] else None for key in ("from_on", "until_on")}
    return LeadTime(
        row["kind"],
        row["label"],
        int(row["days"]),
        row["unit"],
        row["authority"],
        dated["from_on"],
        dated["until_on"],
    )


def lead_time(kind, on):
    """Return the `LeadTime` of a kind of step in force on `on`."""
    return next(one for one in lead_times() if one.kind == kind and in_force(one, on))


def work_back(steps, send_by, calendar):
    """Return `steps` (`Step`, in their order) with a date for each that had none, worked back from `send_by`.

    A date that was given stays, and what comes before it is worked back from it. Never a day that is not a working
    day. Raises `cases.rules.BeyondTheTable` outside the years for which bank holidays are known.
    """
    following, next_kind = _on_or_before(send_by, calendar), ""
    dated = []
    for step in reversed(steps):
        planned = (
            step.done_on or step.planned_on or _before(step.kind, next_kind, following, send_by, calendar)
        )
        dated.append(Step(step.kind, planned, step.label, step.done_on))
        following, next_kind = planned, step.kind
    return tuple(reversed(dated))


def latest_days(steps, send_by, calendar):
    """Return, for each of `steps` in their order, the last day on which it can be taken if it is to be sent in time."""
    asked = [Step(step.kind, None, step.label) for step in steps]
    return tuple(step.planned_on for step in work_back(asked, send_by, calendar))


def _before(kind, next_kind, following, on, calendar):
    """Return the last day for a step of `kind` that is followed by one of `next_kind` on `following`."""
    if next_kind == CALL_IN:
        return _on_or_before(following - timedelta(days=lead_time(CALL_IN, on).days), calendar)
    if kind == CALL_IN:
        # It ends by itself; what follows is the next working day's.
        return _working_days_before(following, 1, calendar)
    return _working_days_before(following, lead_time(kind, on).days, calendar)


def _on_or_before(day, calendar):
    while not calendar.is_working_day(day):
        day -= ONE_DAY
    return day


def _working_days_before(day, count, calendar):
    while count:
        day = _on_or_before(day - ONE_DAY, calendar)
        count -= 1
    return day
