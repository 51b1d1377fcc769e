"""How dates are counted, which clock rules apply, and when a date is late. Pure: dates in, answers out."""

import calendar as months_of_the_year
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, date, timedelta

ONE_DAY = timedelta(days=1)


class BeyondTheTable(ValueError):
    """A count of working days left the years for which bank holidays are known."""


@dataclass(frozen=True)
class WorkingCalendar:
    """The bank holidays of one calendar, by day. It answers for whole years: its first to its last."""

    holidays: Mapping[date, str]

    @property
    def years(self):
        """Return (first year, last year) known."""
        if not self.holidays:
            raise BeyondTheTable("No bank holidays are loaded, so working days can't be counted.")
        return min(self.holidays).year, max(self.holidays).year

    def why_not_counted(self, day):
        """Return why `day` is not a working day ("Saturday", "Good Friday"), or "" where it is one.

        Raises BeyondTheTable for a day outside the years known.
        """
        first, last = self.years
        if not first <= day.year <= last:
            raise BeyondTheTable(
                f"Bank holidays are known for {first} to {last} only; {day} is outside them."
            )
        if day in self.holidays:
            return self.holidays[day]
        return {5: "Saturday", 6: "Sunday"}.get(day.weekday(), "")

    def is_working_day(self, day):
        return not self.why_not_counted(day)

    def add_working_days(self, day_0, count):
        """Return working day `count` after `day_0`, the day of receipt, which is itself never counted.

        Raises BeyondTheTable. Rule: SI 2007/462, "working day"; day 1 is the next working day.
        """
        self.why_not_counted(day_0)
        day = day_0
        while count:
            day += ONE_DAY
            if self.is_working_day(day):
                count -= 1
        return day

    def days_not_counted(self, day_0, due):
        """Return [(day, why)] for the days after `day_0`, up to `due` inclusive, that were passed over."""
        days = [day_0 + timedelta(days=n) for n in range(1, (due - day_0).days + 1)]
        return [(day, why) for day in days if (why := self.why_not_counted(day))]


def add_months(day, count):
    """Return `day` moved by `count` calendar months, clamped: 31 August + 6 is 28 or 29 February."""
    month = day.year * 12 + day.month - 1 + count
    year, month = month // 12, month % 12 + 1
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError
    last_day = months_of_the_year.monthrange(year, month)[1]
    return date(year, month, min(day.day, last_day))


def reckon(start, length, unit, calendar, *, times=1):
    """Return the date `times` lengths after `start`, or None where the length is whatever a letter states.

    Counted from the start in one go, so that month ends don't drift along a series.
    """
    if length is None:
        return None
    if unit == "working-days":
        return calendar.add_working_days(start, length * times)
    if unit == "months":
        return add_months(start, length * times)
    if unit == "weeks":
        return start + timedelta(weeks=length * times)
    raise ValueError(f"A length of {length} needs a unit that can be counted, not {unit!r}.")


def due_after(day_0, count, unit, calendar):
    """Return the date `count` (0 or more) working days or months after `day_0`.

    Raises ValueError, in words for a person, where it can't be counted (BeyondTheTable is one).
    """
    if count < 0:
        raise ValueError("The number of days or months can't be negative.")
    try:
        return reckon(day_0, count, unit, calendar)
    except OverflowError:
        raise ValueError("That date is too far away.") from None


def iso_day(text):
    """Read YYYY-MM-DD and nothing else; ValueError in words for a person."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date as YYYY-MM-DD.") from None


def window_around(day, months):
    """Return (first, last) day of the window `months` either side of `day`; (None, day) without one."""
    if day is None or not months:
        return None, day
    return add_months(day, -months), add_months(day, months)


def first_of_series_on_or_after(day, start, length, unit, calendar):
    """Return the number (from 1) of the first of a series that falls due on `day` or later."""
    number = 1
    while reckon(start, length, unit, calendar, times=number) < day:
        number += 1
    return number


@dataclass(frozen=True)
class Start:
    """An event that starts clocks.

    event       a `ClockRule.StartsFrom` value
    on          day 0; it also decides which rules are in force
    facts       what `ClockRule.applies_when` asks about; an absent fact is "":
                "kinds" of inspection, "grades" (the overall; else the lowest area, with "lowest": "yes"),
                "priority": "yes" for a visit with a priority action, "instruments", "roles", "decisions"
    words       the event in words, for "runs from …"
    assumed     the day is taken for granted, as `words` says: publication for receipt, the last day it can mean
    stated      {rule slug: (date, "the letter that states it")}: wins over the computed date
    inspected_on of a publication: the first day on site; publication stands in where it is not known
    in_confidence the event is under embargo: it starts nothing that would take the place of what others see
    series_from for an event that also begins the case's progress reviews: their day 0. A Start whose event is
                "series" says the same alone; its fact "instruments" is "" where no instrument began it.
    """

    event: str
    on: date
    council_id: int
    case: object | None = None
    source: object | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    assumed: bool = False
    stated: Mapping[str, tuple[date, str]] = field(default_factory=dict)
    inspected_on: date | None = None
    in_confidence: bool = False
    series_from: date | None = None

    def with_what_it_implies(self):
        """Return this start and those it brings: of a publication the inspection, and any series."""
        starts = [self]
        if self.event == "publication":
            words = "the inspection" if self.inspected_on else self.words
            starts.append(replace(self, event="inspected", on=self.inspected_on or self.on, words=words))
        if self.series_from and self.event != "series":
            starts.append(replace(self, event="series", on=self.series_from))
        return starts


def in_force(rule, day):
    """Say whether a dated rule holds on `day`: `from_on` inclusive, `until_on` exclusive."""
    return (rule.from_on is None or rule.from_on <= day) and (rule.until_on is None or day < rule.until_on)


def applies(rule, start):
    """Say whether `rule` applies to `start`: the same event, in force on its day, every condition met."""
    facts = {"stated": "yes" if rule.slug in start.stated else "", **start.facts}
    return (
        rule.starts_from == start.event
        and in_force(rule, start.on)
        and all(facts.get(fact, "") in accepted for fact, accepted in rule.applies_when.items())
    )
