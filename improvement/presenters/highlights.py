"""The highlight report in words: one paper, which the page and the PDF both print."""

import re
from dataclasses import asdict, dataclass, field

from cases.presenters import count_of, day_words
from improvement.models import Delivery, Plan
from improvement.presenters.measures import figure_words
from improvement.rules.highlights import changes, counts, late, letter, off_track
from improvement.rules.measures import against_target, direction_of_travel
from improvement.rules.updates import COMPLETE, period_words

# How much of what people wrote fits a line of a board's paper; the update holds the rest.
ACTION_CUT, REASON_CUT = 160, 360


@dataclass(frozen=True)
class Status:
    """A status in words, with the letter of the plan's own scale where it has one."""

    words: str
    letter: str = ""


@dataclass(frozen=True)
class Line:
    """An action late or off track: why, and what brings it back."""

    number: str
    text: str
    owner: str
    when: str
    status: Status
    reason: str
    recovery: str


@dataclass(frozen=True)
class ChangeLine:
    number: str
    text: str
    was: str
    now: str
    letter: str = ""


@dataclass(frozen=True)
class PriorityLine:
    number: int
    title: str
    status: Status
    before: str
    text: str


@dataclass(frozen=True)
class MeasureLine:
    name: str
    figure: str
    on: str
    before: str
    target: str
    stands: str
    direction: str


@dataclass(frozen=True)
class Paper:
    """A highlight report, every word of it."""

    title: str
    council: str
    plan: str
    reference: str
    period: str
    standing: str
    is_draft: bool
    meeting: str
    heading: str
    counted: str
    overall: str
    decisions: str
    since: str
    changes: tuple[ChangeLine, ...] = ()
    late: tuple[Line, ...] = ()
    off_track: tuple[Line, ...] = ()
    measures: tuple[MeasureLine, ...] = ()
    priorities: tuple[PriorityLine, ...] = ()
    key: str = field(default="")

    def as_data(self):
        """Return plain values, for what is typeset of them."""
        return asdict(self)


def paper_of(told):
    """Return the `Paper` of an `UpdateTold`. Nothing of the adviser's is in it: the board's paper is the council's."""
    update, plan = told.update, told.update.plan
    words = _Words(by_letter=plan.scale == Plan.Scale.BRAG, on=told.on)
    actions = told.actions
    lines_late, lines_off = late(actions, told.on), off_track(actions, told.on)
    period = period_words(update.period_on, plan.months)
    return Paper(
        title=f"Highlight report, {period}",
        council=plan.council.name,
        plan=f"{plan.title}, version {update.version.number}",
        reference=plan.reference,
        period=period,
        standing=_standing(told),
        is_draft=told.is_draft,
        meeting=_meeting(update),
        heading=_heading(period, lines_late, lines_off),
        counted=_counted(actions),
        overall=update.overall.strip(),
        decisions=update.decisions_needed.strip(),
        since="This is the first update: there is nothing to compare it with." if told.is_first else "",
        changes=()
        if told.is_first
        else tuple(words.change(one) for one in changes(told.priorities, told.on)),
        late=tuple(words.line(one) for one in lines_late),
        off_track=tuple(words.line(one) for one in lines_off),
        measures=tuple(_measure(read, told.expected) for read in told.measures),
        priorities=tuple(words.priority(one) for one in told.priorities),
        key=(
            "B: complete and signed off. G: on track, or complete and not yet signed off. A: some slippage. "
            "R: off track or past its date. No letter: not started."
            if words.by_letter
            else ""
        ),
    )


@dataclass(frozen=True)
class _Words:
    by_letter: bool
    on: object

    def status(self, action):
        words = delivery_words(action.delivery)
        if action.delivery == COMPLETE:
            words += ", signed off" if action.signed_off else ", not yet signed off"
        return Status(words, action.letter(self.on) if self.by_letter else "")

    def line(self, action):
        return Line(
            number=action.number,
            text=cut(action.text, ACTION_CUT),
            owner=action.owner,
            when=self._when(action),
            status=self.status(action),
            reason=cut(action.said.reason, REASON_CUT),
            recovery=cut(action.said.recovery, REASON_CUT),
        )

    def _when(self, action):
        if action.due_on is None:
            return "No date"
        words = f"due {day_words(action.due_on)}"
        if action.is_late(self.on):
            words = f"{words}, {count_of(action.days_late(self.on), 'day')} late"
        new = action.said.new_due_on
        return f"{words}; new date {day_words(new)}" if new and new != action.due_on else words

    def change(self, change):
        is_date = not isinstance(change.now, str)
        say = _date_words if is_date else delivery_words
        return ChangeLine(
            change.number,
            cut(change.text, ACTION_CUT),
            say(change.was) if change.was else ("no date" if is_date else "not reported before"),
            say(change.now),
            change.letter if self.by_letter else "",
        )

    def priority(self, priority):
        given = letter(priority.delivery) if self.by_letter else ""
        return PriorityLine(
            priority.number,
            priority.title,
            Status(delivery_words(priority.delivery), given),
            delivery_words(priority.before) if priority.before else "",
            cut(priority.text, REASON_CUT),
        )


def delivery_words(delivery):
    """Return "On track"; of nothing said, "Not yet reported"."""
    return Delivery(delivery).label if delivery else "Not yet reported"


def _date_words(day):
    return f"due {day_words(day)}"


def cut(text, length):
    """Return a text on one line, cut between words where it is longer, with an ellipsis."""
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) <= length:
        return text
    kept = text[:length]
    return f"{kept.rsplit(' ', 1)[0] if ' ' in kept[length // 2 :] else kept}…"


def _standing(told):
    update = told.update
    if told.is_draft:
        return f"Draft of {day_words(told.on)}: not yet approved and submitted"
    words = f"Submitted {day_words(update.submitted_on)}"
    return f"{words}, correction {update.number - 1}" if update.number > 1 else words


def _meeting(update):
    if update.meeting is None:
        return ""
    return f"{update.meeting.board.name}, {day_words(update.meeting.meets_on)}"


def _heading(period, lines_late, lines_off):
    parts = [f"{count_of(len(lines_late), 'action')} late"] if lines_late else []
    if lines_off:
        parts.append(f"{len(lines_off)} off track or slipping")
    return f"{period}: {', '.join(parts)}" if parts else f"{period}: nothing late, nothing off track"


def _counted(actions):
    words = [f"{number} {delivery_words(delivery).lower()}" for delivery, number in counts(actions)]
    return f"{count_of(len(actions), 'action')}: {', '.join(words)}." if actions else "No actions."


def _measure(read, expected):
    planned, latest = read.planned, read.latest
    judged = {"polarity": planned.polarity, "target": planned.target, "tolerance": planned.tolerance}
    waits = expected.get(planned.measure_id)
    awaited = f"the next not yet available, expected {day_words(waits)}" if waits else ""
    figure = figure_words(latest.value, planned.unit) if latest else "No reading yet"
    return MeasureLine(
        name=planned.name,
        figure=figure,
        on="; ".join(filter(None, [day_words(latest and latest.on), awaited])),
        before=figure_words(read.before, planned.unit) if latest else "",
        target=figure_words(planned.target, planned.unit),
        stands=against_target(latest.value, **judged).label if latest else "",
        direction=direction_of_travel(read.before, latest.value, **judged).label if latest else "",
    )
