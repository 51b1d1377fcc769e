"""Two sides measured against each other in turns, so that what else the machine does falls on both alike."""

import gc
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter


@dataclass(frozen=True)
class Side:
    """One way to do a thing. `run` is timed; what `around` does before and after it is not."""

    name: str
    run: Callable[[], object]
    around: Callable[[], AbstractContextManager] = nullcontext
    # What of the outcome must be equal on both sides; read after `run`, within `around`.
    outcome: Callable[[object], object] = field(default=lambda result: result)


@dataclass(frozen=True)
class Comparison:
    """How long two sides took, in seconds, each time one after the other; `most` is the ratio asked for."""

    what: str
    ours: Side
    other: Side
    times: list[tuple[float, float]]
    most: float | None = None
    note: str = ""

    @property
    def ours_took(self):
        return median(ours for ours, _ in self.times)

    @property
    def other_took(self):
        return median(other for _, other in self.times)

    @property
    def ratios(self):
        return sorted(ours / other for ours, other in self.times)

    @property
    def ratio(self):
        return median(self.ratios)

    @property
    def middle_half(self):
        """Return the ratios between which half of all lie; of a single one, itself twice."""
        if len(self.times) == 1:
            return self.ratios[0], self.ratios[0]
        low, _, high = quantiles(self.ratios, n=4, method="inclusive")
        return low, high


class Unequal(AssertionError):
    """The two sides don't do the same: their times are not worth comparing."""


def compare(what, ours, other, *, repeat, most=None, note="", warm=True):
    """Run both sides in turns and return their `Comparison`.

    The first round shows that both have the same outcome (else `Unequal`). It is not counted, for it warms
    what is warm later on, unless `warm` is False.
    """
    times, outcomes = [], {}
    for turn in range(repeat + warm):
        took = {}
        # Whoever comes second finds the tables in memory: so each does, every other time.
        for side in (ours, other) if turn % 2 else (other, ours):
            took[side], outcome = _once(side, read=turn == 0)
            outcomes.setdefault(side, outcome)
        if turn == 0 and outcomes[ours] != outcomes[other]:
            raise Unequal(f"{what}: {first_difference(outcomes[ours], outcomes[other])}")
        if turn >= warm:
            times.append((took[ours], took[other]))
    return Comparison(what, ours, other, times, most, note)


def _once(side, *, read):
    with side.around():
        gc.collect()
        began = perf_counter()
        result = side.run()
        took = perf_counter() - began
        return took, side.outcome(result) if read else None


def first_difference(ours, other):
    """Say where two outcomes first differ, shortly."""
    if isinstance(ours, dict) and isinstance(other, dict):
        key = next((key for key in ours | other if ours.get(key) != other.get(key)), None)
        return f"{key}: {first_difference(ours.get(key), other.get(key))}"
    if isinstance(ours, list | tuple) and isinstance(other, list | tuple):
        if len(ours) != len(other):
            return f"{len(ours)} against {len(other)}"
        place = next(place for place, pair in enumerate(zip(ours, other, strict=True)) if pair[0] != pair[1])
        return f"number {place}: {first_difference(ours[place], other[place])}"
    return f"{str(ours)[:300]!r} is not {str(other)[:300]!r}"
