"""When a step of a review falls due, and which steps a stage meets. Pure. Rule: section 3, the row of peer reviews."""

from datetime import timedelta

from cases.rules import ONE_DAY, add_months

# The bank holidays by which a review's working days are counted.
CALENDAR = "england-and-wales"
# What has happened once a review has come to a stage; what the council gives beforehand is met when it is given.
MET_ON_ENTERING = {
    "on-site": ("on-site",),
    "feedback-given": ("feedback",),
    "factual-accuracy": ("draft",),
    "final": ("draft", "final"),
}
# Stages whose step is met by going on from them, and is wanted no more where they are left out.
OF_THE_STAGE = ("factual-accuracy", "action-plan", "follow-up")


def due(anchor, length, unit, calendar):
    """Return the day `length` of `unit` after `anchor`, before it where `length` is negative.

    Working days are counted by `calendar` (cases.rules.WorkingCalendar); BeyondTheTable past the years it knows.
    """
    if unit == "working-days":
        return _working_days_from(anchor, length, calendar)
    if unit == "months":
        return add_months(anchor, length)
    return anchor + timedelta(days=length * (7 if unit == "weeks" else 1))


def _working_days_from(anchor, length, calendar):
    step = ONE_DAY if length >= 0 else -ONE_DAY
    day, left = anchor, abs(length)
    while left:
        day += step
        left -= calendar.is_working_day(day)
    return day


def working_days(first, last, calendar):
    """Return the working days from `first` to `last`, both included."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if calendar.is_working_day(day)]
