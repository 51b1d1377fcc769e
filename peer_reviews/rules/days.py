"""Which days on site a review can have. Pure."""

from datetime import timedelta

from cases.rules import BeyondTheTable
from peer_reviews.rules.steps import working_days

# Entered late is one thing, a slip in the year another.
MOST_DAYS_PAST = 31
MOST_WORKING_DAYS = 20


def why_not(first, last, on, calendar):
    """Return (field, message) why a review can't be on site from `first` to `last`, or None where it can.

    `on` is the day it is said. Raises BeyondTheTable outside the years whose bank holidays `calendar` knows.
    """
    if last < first:
        return "last_day", "The last day must be the first day or later"
    if first < on - timedelta(days=MOST_DAYS_PAST):
        return "first_day", f"The first day must be no more than {MOST_DAYS_PAST} days ago"
    for field, day in (("first_day", first), ("last_day", last)):
        if why := calendar.why_not_counted(day):
            return field, f"{day:%A} {day.day} {day:%B %Y} is not a working day ({why}): choose another"
    if len(working_days(first, last, calendar)) > MOST_WORKING_DAYS:
        return "last_day", f"A review is on site for {MOST_WORKING_DAYS} working days at most"
    return None


def day_of(day, first, last, calendar):
    """Return (number, how many) where `day` is a working day on site of those from `first` to `last`; else None.

    None too outside the years whose bank holidays `calendar` knows: a page can be shown without it.
    """
    try:
        days = working_days(first, last, calendar)
    except BeyondTheTable:
        return None
    return (days.index(day) + 1, len(days)) if day in days else None
