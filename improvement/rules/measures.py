"""What a measure's readings say: where the figure stands beside its target, and which way it went. Pure.

Rule: section 5, point 4 (polarity); the words are those of councils' own performance reports (reference, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

HIGHER, LOWER = "higher", "lower"


class Stands(StrEnum):
    """Where a figure stands beside its target."""

    ON_TARGET = "on-target"
    WITHIN = "within-tolerance"
    OFF_TARGET = "off-target"
    NO_TARGET = "no-target"

    @property
    def label(self):
        return _STANDS_WORDS[self]


class Direction(StrEnum):
    """Which way a figure went since the one before it."""

    IMPROVED = "improved"
    STABLE = "stable"
    WORSE_WITHIN = "declined-within-limits"
    WORSE = "declined"
    WORSE_OFF_TARGET = "declined-off-target"
    UP = "up"
    DOWN = "down"
    FIRST = "first"

    @property
    def label(self):
        return _DIRECTION_WORDS[self]


_STANDS_WORDS = {
    Stands.ON_TARGET: "On target",
    Stands.WITHIN: "Within tolerance",
    Stands.OFF_TARGET: "Off target",
    Stands.NO_TARGET: "No target",
}
_DIRECTION_WORDS = {
    Direction.IMPROVED: "Improved",
    Direction.STABLE: "Stable",
    Direction.WORSE_WITHIN: "Declined within limits",
    Direction.WORSE: "Declined",
    Direction.WORSE_OFF_TARGET: "Declined off target",
    Direction.UP: "Up, neither better nor worse",
    Direction.DOWN: "Down, neither better nor worse",
    Direction.FIRST: "First reading",
}


@dataclass(frozen=True)
class Figure:
    """A reading. `restates` is the key of the one it replaces, `recorded_on` the day it was written down."""

    key: int
    on: date
    value: Decimal
    recorded_on: date
    note: str = ""
    restates: int | None = None


@dataclass(frozen=True)
class Standing:
    """The figure that holds for a day, and those that it replaced, the first one first."""

    figure: Figure
    earlier: tuple[Figure, ...] = ()

    @property
    def on(self):
        return self.figure.on

    @property
    def value(self):
        return self.figure.value

    @property
    def is_restated(self):
        return bool(self.earlier)


def standing_figures(figures):
    """Return a `Standing` for each day that `figures` describe, in order of the days.

    Of figures that restate one another the last holds. One whose successor isn't among `figures` still holds: whoever
    may not read the later one reads the earlier.
    """
    by_key = {figure.key: figure for figure in figures}
    replaced = {figure.restates for figure in figures}
    standing = []
    for figure in figures:
        if figure.key in replaced:
            continue
        earlier = []
        before = by_key.get(figure.restates)
        while before is not None:
            earlier.append(before)
            before = by_key.get(before.restates)
        standing.append(Standing(figure, tuple(reversed(earlier))))
    return sorted(standing, key=lambda each: (each.on, each.figure.key))


def against_target(value, *, polarity, target, tolerance=None):
    """Say where `value` stands: on target, within `tolerance` on the worse side of it, or off target.

    With neither polarity, on target is the target itself, and the tolerance reaches to both sides.
    """
    if target is None:
        return Stands.NO_TARGET
    short_by = _short_by(value, target, polarity)
    if short_by <= 0:
        return Stands.ON_TARGET
    return Stands.WITHIN if short_by <= (tolerance or 0) else Stands.OFF_TARGET


def _short_by(value, target, polarity):
    """Return by how much a figure misses its target; nothing or less where it doesn't."""
    if polarity == HIGHER:
        return target - value
    if polarity == LOWER:
        return value - target
    return abs(value - target)


def direction_of_travel(before, now, *, polarity, target=None, tolerance=None):
    """Say which way a figure went from `before` (None: there is none) to `now`, by its polarity.

    A decline is within limits where the figure is still on target or within tolerance; without a target it is a
    decline and no more. Neither polarity: up or down, and no better or worse.
    """
    if before is None:
        return Direction.FIRST
    if now == before:
        return Direction.STABLE
    if polarity not in (HIGHER, LOWER):
        return Direction.UP if now > before else Direction.DOWN
    if (now > before) == (polarity == HIGHER):
        return Direction.IMPROVED
    stands = against_target(now, polarity=polarity, target=target, tolerance=tolerance)
    if stands == Stands.NO_TARGET:
        return Direction.WORSE
    return Direction.WORSE_OFF_TARGET if stands == Stands.OFF_TARGET else Direction.WORSE_WITHIN
