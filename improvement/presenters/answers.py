"""The adviser's answer in words, and council's and adviser's view drawn over periods."""

from dataclasses import dataclass

from cases.presenters import count_of
from improvement.models import AdviserStatus, Question
from improvement.presenters.highlights import delivery_words
from improvement.rules.highlights import PriorityTold
from improvement.rules.updates import period_words, short_period_words

# The chart's own units. From the best status down to the worst.
LEVELS = {"complete": 18, "on-track": 48, "not-started": 78, "slipping": 108, "off-track": 138}
FIRST_X, LAST_X = 122, 346
# As many periods as a chart has room for; the table holds them all.
DRAWN = 12


@dataclass(frozen=True)
class PriorityAnswered:
    """A priority of an update: what the council says, what the adviser says, and what was asked of it."""

    told: PriorityTold
    council: str
    adviser: str
    given: AdviserStatus | None
    stands: bool
    open_questions: int

    @property
    def differ(self):
        return bool(self.given and self.told.delivery) and self.given.delivery != self.told.delivery


@dataclass(frozen=True)
class QuestionShown:
    question: Question
    about: str


def priorities_answered(told, answered):
    """Return a `PriorityAnswered` for each priority of an `UpdateTold`."""
    open_on = {}
    for question in answered.questions:
        if question.answered_on is None and question.priority_id:
            open_on[question.priority_id] = open_on.get(question.priority_id, 0) + 1
    return [_priority_answered(one, answered.statuses.get(one.key), told, open_on) for one in told.priorities]


def _priority_answered(priority, given, told, open_on):
    return PriorityAnswered(
        told=priority,
        council=delivery_words(priority.delivery),
        adviser=delivery_words(given.delivery) if given else "",
        given=given,
        stands=given is not None and given.update_id == told.update.pk,
        open_questions=open_on.get(priority.key, 0),
    )


def questions_shown(told, questions):
    """Return each question with what it is about, those without an answer first."""
    names = {one.key: f"Priority {one.number}, {one.title}" for one in told.priorities}
    actions = {one.key: f"Action {one.number}" for one in told.actions}
    shown = [QuestionShown(one, _about(one, names, actions)) for one in questions]
    return sorted(shown, key=lambda one: one.question.answered_on is not None)


def _about(question, names, actions):
    if question.action_id:
        return actions.get(question.action_id, "An action no longer in the plan")
    if question.priority_id:
        return names.get(question.priority_id, "A priority no longer in the plan")
    return "The update as a whole"


@dataclass(frozen=True)
class Point:
    x: float
    council: int | None
    adviser: int | None
    label: str

    @property
    def differ(self):
        return None not in (self.council, self.adviser) and self.council != self.adviser

    @property
    def top(self):
        return min(self.council, self.adviser)

    @property
    def bottom(self):
        return max(self.council, self.adviser)


@dataclass(frozen=True)
class ViewRow:
    period: str
    council: str
    adviser: str
    differ: bool
    note: str


@dataclass(frozen=True)
class ViewShown:
    """A priority over periods: the points of its chart, the lines through them, and its table."""

    key: int
    title: str
    points: tuple[Point, ...]
    council_line: str
    adviser_line: str
    rows: tuple[ViewRow, ...]
    said: str
    differ_now: bool


def view_shown(priority, months):
    """Return how council's and adviser's view of a `PrioritySeen` is drawn; `months` is the length of a period."""
    drawn = priority.seen[-DRAWN:]
    points = tuple(_point(one, place, len(drawn), months) for place, one in enumerate(drawn))
    rows = tuple(_view_row(one, months) for one in reversed(priority.seen))
    differ = sum(one.differ for one in priority.seen)
    return ViewShown(
        key=priority.key,
        title=priority.title,
        points=points,
        council_line=_line((point.x, point.council) for point in points),
        adviser_line=_line((point.x, point.adviser) for point in points),
        rows=rows,
        said=(
            f"{count_of(len(priority.seen), 'period')}; council and adviser differ in {differ or 'none'}. "
            "The table below holds every word."
        ),
        differ_now=bool(priority.seen) and priority.seen[-1].differ,
    )


def _point(seen, place, drawn, months):
    step = (LAST_X - FIRST_X) / max(drawn - 1, 1)
    return Point(
        x=round(FIRST_X + place * step, 1),
        council=LEVELS.get(seen.council),
        adviser=LEVELS.get(seen.adviser),
        label=short_period_words(seen.period_on, months),
    )


def _line(points):
    return " ".join(f"{x},{y}" for x, y in points if y is not None)


def _view_row(seen, months):
    return ViewRow(
        period=period_words(seen.period_on, months),
        council=delivery_words(seen.council),
        adviser=delivery_words(seen.adviser) if seen.adviser else "No view given",
        differ=seen.differ,
        note=seen.note,
    )


def views_heading(views, seen, months):
    """Return "October 2026: council and adviser differ on 2 of 5 priorities"."""
    if not seen or not seen[0].seen:
        return "No update has been submitted yet"
    period = period_words(seen[0].seen[-1].period_on, months)
    if not any(one.seen[-1].adviser for one in seen):
        return f"{period}: the adviser has given no view yet"
    differ = sum(view.differ_now for view in views)
    if not differ:
        return f"{period}: council and adviser see every priority alike"
    return f"{period}: council and adviser differ on {differ} of {count_of(len(views), 'priority', 'priorities')}"
