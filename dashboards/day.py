"""The day that a page shows, and the reading of inspections on it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from urllib.parse import urlencode

PUBLISHED, INSPECTED = "published", "inspected"
READINGS = {PUBLISHED: "published by that day", INSPECTED: "inspected by that day"}
WRITTEN = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y")
# Nothing that Upstream holds is older, and sums of days stay within the calendar.
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class AsAt:
    """A day, and whether inspections count as published by it or as inspected by it."""

    on: date
    by: str
    today: date

    @property
    def is_today(self):
        return self.on == self.today

    @property
    def params(self):
        """What an address must carry to stay on this day; nothing for today as published."""
        on = {} if self.is_today else {"on": self.on.isoformat()}
        return on if self.by == PUBLISHED else on | {"by": self.by}

    @cached_property
    def suffix(self):
        """The same as the end of an address: "?on=2026-06-29", or nothing."""
        return f"?{urlencode(self.params)}" if self.params else ""


def day_written(text, today):
    """Return the day that `text` means, between `EARLIEST` and `today`, both included.

    Raises ValueError with a message for whoever typed it.
    """
    day = next((found for form in WRITTEN if (found := _parsed(text, form))), None)
    if day is None:
        raise ValueError("The day must be a real date, such as 2026-06-29 or 29 June 2026")
    if day > today:
        raise ValueError("The day must be today or in the past: there is no record of the future")
    if day < EARLIEST:
        raise ValueError(f"The day must be in {EARLIEST.year} or later")
    return day


def _parsed(text, form):
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007  a day as typed has no time zone
    except ValueError:
        return None
