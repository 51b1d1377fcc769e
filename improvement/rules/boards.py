"""When a board meets and by when its papers are due. Pure."""

from datetime import timedelta
from enum import StrEnum

from cases.rules import ONE_DAY, add_months

MOST_MEETINGS = 24


class Every(StrEnum):
    """How often a board meets: real ones every month, or every 42 days. Source: REFERENCE 4.3."""

    MONTH = "month"
    SIX_WEEKS = "six-weeks"
    QUARTER = "quarter"


def papers_due(meets_on, papers_days, calendar):
    """Return the day that many working days before a meeting; none: the day of the meeting.

    Raises BeyondTheTable. Rule: section 5, point 6.
    """
    day = meets_on
    while papers_days:
        day -= ONE_DAY
        if calendar.is_working_day(day):
            papers_days -= 1
    return day


def run_of_meetings(first_on, every, count, calendar):
    """Return `count` days from `first_on`, counted from it in one go; one that is no working day moves to the next.

    Raises BeyondTheTable.
    """
    return [_working(_nth(first_on, every, n), calendar) for n in range(count)]


def _nth(first_on, every, n):
    if every == Every.SIX_WEEKS:
        return first_on + timedelta(weeks=6 * n)
    return add_months(first_on, n * (3 if every == Every.QUARTER else 1))


def _working(day, calendar):
    while not calendar.is_working_day(day):
        day += ONE_DAY
    return day
