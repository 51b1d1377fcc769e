"""Measures in words and as small charts: where each shape stands, and the rows of the table that says the same."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from cases.presenters import count_of, day_words
from improvement.actions.measures import plain
from improvement.models import PlannedMeasure
from improvement.queries.measures import MeasureRead
from improvement.rules.measures import Direction, Stands, against_target, direction_of_travel
from inspections.presenters import kind_words, outcome_words

# The chart's own units; it is drawn as wide as there is room.
WIDTH, HEIGHT = 360, 180
LEFT, RIGHT, TOP, BOTTOM = 44, 292, 22, 152
# Labels at the right stand at least so far apart, and no higher or lower than this.
LABEL_STEP, LABEL_TOP, LABEL_BOTTOM = 15, 18, 154

STANDS_TAGS = {
    Stands.ON_TARGET: "done",
    Stands.WITHIN: "due",
    Stands.OFF_TARGET: "overdue",
    Stands.NO_TARGET: "quiet",
}


def figure_words(value, unit=""):
    """Return "82%", "52.5 per 10,000" or "7"; "" for no figure."""
    if value is None:
        return ""
    return f"{plain(value)}%" if unit == "%" else f"{plain(value)} {unit}".strip()


def _short(value, unit):
    """Return a figure for where there is little room: without its unit, but for a percentage."""
    return figure_words(value, "%" if unit == "%" else "")


@dataclass(frozen=True)
class Mark:
    """A shape at (x, y): of a reading, whether it was restated and is the latest."""

    x: float
    y: float
    restated: bool = False
    latest: bool = False

    @property
    def diamond(self):
        return f"{self.x},{self.y - 5} {self.x + 5},{self.y} {self.x},{self.y + 5} {self.x - 5},{self.y}"


@dataclass(frozen=True)
class Label:
    text: str
    y: float
    kind: str


@dataclass(frozen=True)
class Chart:
    """Where everything of one measure stands."""

    marks: tuple[Mark, ...]
    line: str
    band: tuple[float, float] | None
    target: float | None
    baseline: Mark | None
    inspections: tuple[float, ...]
    labels: tuple[Label, ...]
    begins: date
    ends: date


@dataclass(frozen=True)
class Row:
    """A row of the table: a reading or, without `figure`, an inspection. `key`: of the reading, to restate it."""

    on: date
    figure: str = ""
    stands: str = ""
    direction: str = ""
    note: str = ""
    restated: tuple[str, ...] = ()
    key: int | None = None
    words: str = ""


@dataclass(frozen=True)
class Inspected:
    on: date
    words: str


@dataclass(frozen=True)
class MeasureShown:
    planned: PlannedMeasure
    latest: str
    latest_on: date | None
    stands: Stands | None
    direction: Direction | None
    target: str
    baseline: str
    tolerance: str
    chart: Chart | None
    rows: tuple[Row, ...]
    said: str

    @property
    def baseline_label(self):
        """The baseline beside its mark, where there is little room."""
        return plain(self.planned.baseline)

    @property
    def tag(self):
        return STANDS_TAGS.get(self.stands, "quiet")


def inspected(inspections):
    """Return when each inspection began and what it found, of those read with their judgements."""
    found = []
    for one in inspections:
        outcome = outcome_words(list(one.judgements.all()), one.kind, has_overall=one.framework.has_overall)
        words = ", ".join(filter(None, [kind_words(one.kind), outcome]))
        found.append(Inspected(one.begun_on, words))
    return found


def measure_shown(read: MeasureRead, inspections, on):
    """Return how a measure is shown on `on`, with those inspections (`Inspected`) that lie within its chart's days."""
    planned = read.planned
    unit = planned.unit
    judged = {
        "polarity": planned.polarity,
        "target": planned.target,
        "tolerance": planned.tolerance,
    }
    latest = read.latest
    chart = _chart(read, inspections, on)
    within = [one for one in inspections if chart and chart.begins <= one.on <= chart.ends]
    return MeasureShown(
        planned=planned,
        latest=figure_words(latest.value, unit) if latest else "",
        latest_on=latest.on if latest else None,
        stands=against_target(latest.value, **judged) if latest else None,
        direction=direction_of_travel(read.before, latest.value, **judged) if latest else None,
        target=figure_words(planned.target, unit),
        baseline=figure_words(planned.baseline, unit),
        tolerance=figure_words(planned.tolerance, unit),
        chart=chart,
        rows=_rows(read, within, judged),
        said=_said(read, within),
    )


def _rows(read, inspections, judged):
    """Return the rows of the table, the latest day first."""
    rows = [Row(on=one.on, words=one.words) for one in inspections]
    before = read.planned.baseline
    for standing in read.standing:
        rows.append(
            Row(
                on=standing.on,
                figure=figure_words(standing.value, read.planned.unit),
                stands=against_target(standing.value, **judged).label,
                direction=direction_of_travel(before, standing.value, **judged).label,
                note=standing.figure.note,
                restated=_restated(standing, read.planned.unit),
                key=standing.figure.key,
            )
        )
        before = standing.value
    return tuple(sorted(rows, key=lambda row: (row.on, bool(row.words)), reverse=True))


def _restated(standing, unit):
    """Return in words what the figure was, and when it was written down anew."""
    figures = (*standing.earlier, standing.figure)
    return tuple(
        f"{figure_words(was.value, unit)} until restated on {day_words(became.recorded_on)}"
        for was, became in pairwise(figures)
    )


def _said(read, inspections):
    """Return the chart in a sentence or two, for whoever doesn't see it."""
    planned = read.planned
    said = []
    if planned.baseline is not None:
        since = f" on {day_words(planned.baseline_on)}" if planned.baseline_on else ""
        said.append(f"Baseline {figure_words(planned.baseline, planned.unit)}{since}.")
    if planned.target is not None:
        said.append(f"Target {figure_words(planned.target, planned.unit)}.")
    if read.standing:
        first, last = read.standing[0], read.standing[-1]
        words = [f"first {figure_words(first.value, planned.unit)} on {day_words(first.on)}"]
        if last is not first:
            words.append(f"latest {figure_words(last.value, planned.unit)} on {day_words(last.on)}")
        said.append(f"{count_of(len(read.standing), 'reading')}: {', '.join(words)}.")
    restated = sum(standing.is_restated for standing in read.standing)
    if restated:
        said.append(f"{restated} restated.")
    said += [f"{one.words}, begun {day_words(one.on)}." for one in inspections]
    return " ".join([*said, "The table below holds every figure."])


def _chart(read, inspections, on):
    """Return the geometry; None where there is no reading to draw."""
    planned = read.planned
    if not read.standing:
        return None
    days = [standing.on for standing in read.standing]
    days += [day for day in (planned.baseline_on, planned.target_on, on) if day]
    begins, ends = min(days), max(days)
    if begins == ends:
        begins -= timedelta(days=30)
    low, high = _range(read)

    def across(day):
        return _round(LEFT + (RIGHT - LEFT) * (day - begins).days / (ends - begins).days)

    def down(value):
        return _round(BOTTOM - (BOTTOM - TOP) * float((value - low) / (high - low)))

    marks = tuple(
        Mark(across(each.on), down(each.value), each.is_restated, each is read.latest)
        for each in read.standing
    )
    baseline = None
    if planned.baseline is not None:
        baseline = Mark(across(planned.baseline_on or begins), down(planned.baseline))
    labels = [Label(_short(read.latest.value, planned.unit), marks[-1].y, "latest")]
    if planned.target is not None:
        labels.append(Label(f"Target {plain(planned.target)}", down(planned.target), "target"))
    return Chart(
        marks=marks,
        line=" ".join(f"{mark.x},{mark.y}" for mark in marks),
        band=_band(planned, down),
        target=down(planned.target) if planned.target is not None else None,
        baseline=baseline,
        inspections=tuple(across(one.on) for one in inspections if begins <= one.on <= ends),
        labels=_apart(labels),
        begins=begins,
        ends=ends,
    )


def _range(read):
    """Return the lowest and the highest figure that the chart has room for; never one and the same."""
    planned = read.planned
    values = [standing.value for standing in read.standing]
    values += [value for value in (planned.baseline, planned.target) if value is not None]
    if planned.target is not None and planned.tolerance is not None:
        values += _ends_of_band(planned)
    low, high = min(values), max(values)
    margin = (high - low) * Decimal("0.08") or Decimal(1)
    return low - margin, high + margin


def _ends_of_band(planned):
    """Return the two figures between which a reading is within tolerance of its target, on the worse side of it."""
    target, tolerance = planned.target, planned.tolerance
    if planned.polarity == PlannedMeasure.Polarity.HIGHER:
        return target - tolerance, target
    if planned.polarity == PlannedMeasure.Polarity.LOWER:
        return target, target + tolerance
    return target - tolerance, target + tolerance


def _band(planned, down):
    if planned.target is None or not planned.tolerance:
        return None
    low, high = _ends_of_band(planned)
    return down(high), _round(down(low) - down(high))


def _apart(labels):
    """Return the labels, the upper first, moved so that none covers another."""
    placed = []
    for label in sorted(labels, key=lambda label: label.y):
        y = min(max(label.y + 4, LABEL_TOP), LABEL_BOTTOM)
        if placed and y - placed[-1].y < LABEL_STEP:
            y = placed[-1].y + LABEL_STEP
        placed.append(Label(label.text, _round(y), label.kind))
    return tuple(placed)


def _round(number):
    return round(float(number), 1)


def heading(shown):
    """Return "12 measures: 5 on target, 3 off target"; of none, that there is none."""
    if not shown:
        return "This plan has no measures"
    counts = Counter(one.stands for one in shown)
    order = (Stands.OFF_TARGET, Stands.WITHIN, Stands.ON_TARGET)
    words = [f"{counts[stands]} {stands.label.lower()}" for stands in order if counts[stands]]
    if counts[None]:
        words.append(f"{counts[None]} without a reading")
    return (
        f"{count_of(len(shown), 'measure')}: {', '.join(words)}" if words else count_of(len(shown), "measure")
    )
