"""What an update is about and when it is due, what an answer may say and what it still needs. Pure.

`improvement.queries.updates.read_asked` reads an update as an `UpdateAsked`; pages, checks and submission all ask that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from cases.rules import add_months

NOT_STARTED, ON_TRACK, COMPLETE = "not-started", "on-track", "complete"
NOT_ON_TRACK = frozenset({"slipping", "off-track"})
# After so many updates in a row that said "no change" an update asks what difference has been made.
UNCHANGED_BEFORE_ASKING = 2
LARGEST = Decimal(1_000_000_000)
MONTHS_BETWEEN_READINGS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}


def period_end(period_on, months):
    """Return the last day of the period that begins on `period_on`."""
    return add_months(period_on, months) - timedelta(days=1)


def periods_to_open(first_on, months, on, after=None):
    """Return the first days of the periods to be reported on by `on`: those that have ended.

    The first is the period in which `first_on` lies, the day that the council approved the plan; later ones follow
    every `months` months. `after`: only those later than this first day. Rule: section 5, point 6.
    """
    begins, found = first_on.replace(day=1), []
    while period_end(begins, months) < on:
        if after is None or begins > after:
            found.append(begins)
        begins = add_months(begins, months)
    return tuple(found)


@dataclass(frozen=True)
class Meeting:
    key: int
    meets_on: date
    papers_due_on: date


def due_of(period_on, months, meetings, days, calendar):
    """Return (due date, the `Meeting` it waits for or None) of the update for a period.

    Due with the papers of the first meeting whose papers are due after the period ends; where no such meeting is
    arranged, `days` working days after its end. Rule: section 5, point 6.
    """
    ended = period_end(period_on, months)
    for meeting in sorted(meetings, key=lambda meeting: (meeting.papers_due_on, meeting.meets_on)):
        if meeting.papers_due_on > ended:
            return meeting.papers_due_on, meeting
    return calendar.add_working_days(ended, days), None


def period_words(period_on, months=1):
    """Return "October 2026", "October to December 2026" or "November 2026 to January 2027"."""
    last = period_end(period_on, months)
    if (last.year, last.month) == (period_on.year, period_on.month):
        return f"{period_on:%B %Y}"
    first = f"{period_on:%B}" if last.year == period_on.year else f"{period_on:%B %Y}"
    return f"{first} to {last:%B %Y}"


def short_period_words(period_on, months=1):
    """Return "October", or "October to December"."""
    last = period_end(period_on, months)
    return f"{period_on:%B}" if months == 1 else f"{period_on:%B} to {last:%B}"


def reading_due(latest_on, frequency, period_on, months):
    """Say whether a measure owes a reading by the end of a period, its latest being of `latest_on` (None: none yet).

    A quarterly measure owes one where nothing describes the three months that end with the period; and so on.
    """
    last_month = period_end(period_on, months).replace(day=1)
    since = add_months(last_month, 1 - MONTHS_BETWEEN_READINGS[frequency])
    return latest_on is None or latest_on < since


class Need(StrEnum):
    """What an action's answer still lacks."""

    STATUS = "status"
    NOT_ON_TRACK = "not-on-track"
    PAST_ITS_DATE = "past-its-date"
    REASON = "reason"
    RECOVERY = "recovery"
    DATE_REASON = "date-reason"
    DIFFERENCE = "difference"


@dataclass(frozen=True)
class ActionAnswer:
    """What an update says of an action."""

    delivery: str = ""
    percent: int | None = None
    impact: str = ""
    done: str = ""
    difference: str = ""
    reason: str = ""
    recovery: str = ""
    new_due_on: date | None = None
    date_reason: str = ""
    unchanged: bool = False


@dataclass(frozen=True)
class MeasureAnswer:
    value: Decimal | None = None
    reading_on: date | None = None
    expected_on: date | None = None
    note: str = ""

    @property
    def is_answered(self):
        """A figure, or the day on which one is expected."""
        return self.value is not None or self.expected_on is not None


@dataclass(frozen=True)
class MeasureAsked:
    """A measure as an update asks about it. `due`: it owes a reading. `revision` 0: nothing is saved yet."""

    key: int
    name: str
    unit: str = ""
    due: bool = True
    frequency: str = "monthly"
    target: Decimal | None = None
    latest: Decimal | None = None
    latest_on: date | None = None
    answer: MeasureAnswer = MeasureAnswer()
    revision: int = 0

    @property
    def is_needed(self):
        return self.due and not self.answer.is_answered


@dataclass(frozen=True)
class ActionAsked:
    """An action as an update asks about it.

    `due_on` is the date in force. `before` is what the last submitted update said of it, and `unchanged_before` in how
    many updates in a row it then stood without change. `answer` None: nothing is saved yet, and `revision` is 0.
    """

    key: int
    number: str
    text: str
    owner: str = ""
    owner_id: int | None = None
    due_on: date | None = None
    success: str = ""
    before: ActionAnswer | None = None
    unchanged_before: int = 0
    readings_due: int = 0
    evidence: int = 0
    answer: ActionAnswer | None = None
    by_sheet: str = ""
    revision: int = 0

    @property
    def is_carried(self):
        """Reported complete before, and nobody says otherwise now: nothing is asked."""
        return self.answer is None and self.before is not None and self.before.delivery == COMPLETE

    @property
    def asks_difference(self):
        return self.unchanged_before >= UNCHANGED_BEFORE_ASKING and not self.is_carried

    @property
    def said(self):
        """Return the answer as it counts: this update's, that of a complete action from before, or an empty one."""
        if self.is_carried:
            return ActionAnswer(delivery=COMPLETE, percent=100, impact=self.before.impact)
        return self.answer or ActionAnswer()

    def is_past(self, on):
        return self.due_on is not None and self.due_on < on

    def may_stay(self, on):
        """Say whether "no change" answers for it with one press.

        Only for what was on track, is not past its date and owes no reading, of which nothing is said yet, and of
        which no difference is asked for. Rule: issue of updates; section 5, point 5.
        """
        return (
            self.answer is None
            and self.before is not None
            and self.before.delivery == ON_TRACK
            and not self.is_past(on)
            and not self.readings_due
            and not self.asks_difference
        )

    def needs(self, on):
        """Return the `Need`s that keep the answer from being whole, the gravest first."""
        if self.is_carried:
            return ()
        return needs_of(self.said, past=self.is_past(on), asks_difference=self.asks_difference)


def needs_of(answer, *, past, asks_difference=False):
    """Return the `Need`s of an answer about an action whose date is `past`. Rule: section 5, point 5."""
    late = past and answer.delivery != COMPLETE
    found = []
    if not answer.delivery:
        found.append(Need.STATUS)
    if late and answer.delivery == ON_TRACK:
        found.append(Need.NOT_ON_TRACK)
    if late and answer.new_due_on is None:
        found.append(Need.PAST_ITS_DATE)
    if late or answer.delivery in NOT_ON_TRACK:
        found += [Need.REASON] * (not answer.reason) + [Need.RECOVERY] * (not answer.recovery)
    if answer.new_due_on is not None and not answer.date_reason:
        found.append(Need.DATE_REASON)
    if asks_difference and answer.delivery != COMPLETE and not answer.difference:
        found.append(Need.DIFFERENCE)
    return tuple(found)


def contradiction(answer, number, due_on, on):
    """Return (words, field) of what an answer can't say even as a draft, naming the action; None where it may stand.

    Past due and not complete can't be on track. Rule: section 5, point 5.
    """
    if answer.delivery == ON_TRACK and due_on is not None and due_on < on:
        words = f"Action {number} is past its date and not complete, so it can’t be on track"
        return f"{words}: choose another status", "delivery"
    if answer.percent is not None and not 0 <= answer.percent <= 100:
        return f"Action {number}: the percentage must be from 0 to 100", "percent"
    if answer.new_due_on is not None and answer.new_due_on == due_on:
        return f"Action {number} has this date already", "new_due_on"
    if answer.new_due_on is not None and answer.new_due_on < on:
        return f"Action {number}: the new date must be today or later", "new_due_on"
    if answer.delivery == COMPLETE and answer.new_due_on is not None:
        return f"Action {number} is reported complete, so it needs no new date", "new_due_on"
    return None


def measure_contradiction(answer, name, on):
    """Return (words, field) of what an answer about a measure can't say; None where it may stand."""
    if answer.value is not None and not _is_figure(answer.value):
        return (
            f"{name}: the figure must be a number below 1,000,000,000 with at most 3 decimal places",
            "value",
        )
    if answer.value is not None and answer.expected_on is not None:
        return f"{name}: give a figure, or the day on which one is expected, not both", "expected_on"
    if answer.reading_on is not None and answer.reading_on > on:
        return f"{name}: the day that the figure describes must be today or earlier", "reading_on"
    if answer.expected_on is not None and answer.expected_on < on:
        return f"{name}: the day on which a figure is expected must be today or later", "expected_on"
    return None


def _is_figure(value):
    return value.is_finite() and abs(value) < LARGEST and value == round(value, 3)


@dataclass(frozen=True)
class PriorityAsked:
    """A section of an update. `delivery` and `text` are the council's own word on the priority as a whole."""

    key: int
    number: int
    title: str
    outcome: str = ""
    actions: tuple[ActionAsked, ...] = ()
    measures: tuple[MeasureAsked, ...] = ()
    delivery: str = ""
    text: str = ""
    revision: int = 0

    def is_whole(self, on):
        return (
            bool(self.delivery)
            and not any(action.needs(on) for action in self.actions)
            and not any(measure.is_needed for measure in self.measures)
        )


@dataclass(frozen=True)
class UpdateAsked:
    """An update as a task list. `measures`: those that belong to no priority, asked for with the overall words."""

    on: date
    priorities: tuple[PriorityAsked, ...] = ()
    measures: tuple[MeasureAsked, ...] = ()
    overall: str = ""

    @property
    def actions(self):
        return tuple(action for priority in self.priorities for action in priority.actions)

    @property
    def unchanged(self):
        """The actions for which "no change" may be said with one press."""
        return tuple(action for action in self.actions if action.may_stay(self.on))

    @property
    def whole(self):
        """The priorities that are filled in."""
        return tuple(priority for priority in self.priorities if priority.is_whole(self.on))

    @property
    def overall_can_start(self):
        """The words for the whole come last."""
        return len(self.whole) == len(self.priorities)

    @property
    def overall_is_whole(self):
        return bool(self.overall) and not any(measure.is_needed for measure in self.measures)

    @property
    def is_whole(self):
        return self.overall_can_start and self.overall_is_whole
