"""When notes lock and are deleted, and what a note's text may hold. Pure. Rule: section 6, point 4."""

import unicodedata
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MOST_CHARACTERS = 50_000
END_OF_DAY = time(23, 59)
SATURDAY = 5
# Beyond these a moment is a slip of the pen, or a way to keep notes for ever.
MOST_DAYS_TO_LOCK = 28
MOST_WEEKS_KEPT = 26


def cleaned(text):
    """Return the text as it is kept: lines end in one way, no control characters, no halves of characters.

    Marks of direction and joiners stay: right-to-left words and emoji need them.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(filter(_may_stand, text)).strip()


def _may_stand(character):
    if character in "\n\t":
        return True
    if unicodedata.category(character) in ("Cc", "Cs"):
        return False
    return ord(character) & 0xFFFE != 0xFFFE  # U+FFFE and U+FFFF of each plane: no document may hold them


def default_lock_at(last_day, working_days, calendar):
    """Return the end of the given working day after the last day on site, in London. Raises BeyondTheTable."""
    return datetime.combine(calendar.add_working_days(last_day, working_days), END_OF_DAY, LONDON)


def default_delete_on(final_on, weeks):
    """Return the day on which notes are deleted, so many weeks after the final report."""
    return final_on + timedelta(weeks=weeks)


def is_locked(lock_at, now):
    """Say whether notes are locked at `now`; at the very moment they are. No moment locks nothing."""
    return lock_at is not None and now >= lock_at


def day_words_on_site(first_day, last_day, today):
    """Return "day 2 of 4" while on site, and where today is to it otherwise; "" where no days are set.

    Saturdays and Sundays are no days on site: on one within them it is "after day 1 of 4".
    """
    if first_day is None:
        return ""
    if today > last_day:
        return "after the days on site"
    days = [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)]
    on_site = [day for day in days if day.weekday() < SATURDAY] or days
    so_far = sum(day <= today for day in on_site)
    if not so_far:
        return f"on site from {on_site[0].day} {on_site[0]:%B}"
    return f"{'' if today in on_site else 'after '}day {so_far} of {len(on_site)}"
