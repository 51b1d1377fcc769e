"""What is said to the LGA of persistent and systemic failure. Advice with its evidence; nobody acts on it by itself.

Pure: judgements and a day in, answers out. Rule: section 4, point 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cases.rules import add_months

INADEQUATE = "inadequate"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_COMPUTABLE = "not-computable"


@dataclass(frozen=True)
class Judged:
    """A full inspection: its days, its published overall (None: it has none) and its key judgements.

    `areas` maps the name of each key judgement to its grade, None where the form grades it and no grade is known.
    """

    published_on: date | None
    inspected_on: date | None
    overall: str | None
    areas: dict[str, str | None]
    framework: str = ""

    @property
    def inadequate(self) -> bool:
        return self.overall == INADEQUATE

    @property
    def overall_is_missing(self) -> bool:
        """Without an overall it might have been inadequate: an area of it is, or none is known."""
        return self.overall is None and (INADEQUATE in self.areas.values() or not any(self.areas.values()))


@dataclass(frozen=True)
class Basis:
    """The answer by one kind of date: the two days it compares, and what is missing where it can't be computed."""

    answer: Answer
    first: Judged | None = None
    second: Judged | None = None
    missing: tuple[Judged, ...] = ()


@dataclass(frozen=True)
class Persistent:
    """Inadequate overall more than once within `months`, by publication and by inspection."""

    months: int
    by_publication: Basis
    by_inspection: Basis

    @property
    def disagree(self) -> bool:
        return self.by_publication.answer is not self.by_inspection.answer


@dataclass(frozen=True)
class Systemic:
    """Whether every key judgement of the latest full inspection is inadequate; `areas` are those it rests on."""

    answer: Answer
    judged: Judged | None = None
    missing: tuple[str, ...] = ()


def persistent(judged: Iterable[Judged], months: int) -> Persistent:
    """Say on both bases whether the latest two inadequate overalls lie within `months` of each other.

    Where they don't, and an inspection without an overall could change that, it is not computable.
    """
    judged = list(judged)
    return Persistent(
        months,
        _by(judged, months, lambda one: one.published_on),
        _by(judged, months, lambda one: one.inspected_on),
    )


def _by(judged: list[Judged], months: int, day) -> Basis:
    inadequate = [one for one in judged if one.inadequate]
    pair = _latest_pair(inadequate, months, day)
    if pair and _within(*pair, months, day):
        return Basis(Answer.YES, *pair)
    undated = tuple(one for one in inadequate if day(one) is None)
    if undated and len(inadequate) > 1:
        return Basis(Answer.NOT_COMPUTABLE, missing=undated)
    missing = tuple(one for one in judged if one.overall_is_missing and day(one) is not None)
    could = _latest_pair([*inadequate, *missing], months, day)
    if could and _within(*could, months, day):
        return Basis(Answer.NOT_COMPUTABLE, *(pair or ()), missing=missing)
    return Basis(Answer.NO, *(pair or ()))


def _latest_pair(judged: list[Judged], months: int, day) -> tuple[Judged, Judged] | None:
    dated = sorted((one for one in judged if day(one) is not None), key=day)
    return (dated[-2], dated[-1]) if len(dated) > 1 else None


def _within(first: Judged, second: Judged, months: int, day) -> bool:
    return day(second) <= add_months(day(first), months)


def systemic(latest: Judged | None) -> Systemic:
    """Say whether every key judgement of the latest full inspection is inadequate (under SIF without 2.1 and 2.2).

    Not computable where the form grades no key judgement apart, or a grade is not known and the rest are inadequate.
    """
    if latest is None or not latest.areas:
        return Systemic(Answer.NOT_COMPUTABLE, latest)
    missing = tuple(name for name, grade in latest.areas.items() if grade is None)
    if any(grade not in (None, INADEQUATE) for grade in latest.areas.values()):
        return Systemic(Answer.NO, latest)
    if missing:
        return Systemic(Answer.NOT_COMPUTABLE, latest, missing)
    return Systemic(Answer.YES, latest)


def apart(first: date, second: date) -> str:
    """Say how long after `first` the day `second` is, in whole months: "5 years 2 months"."""
    months = (second.year - first.year) * 12 + second.month - first.month
    years, months = divmod(months - (add_months(first, months) > second), 12)
    parts = [
        f"{number} {unit}" if number == 1 else f"{number} {unit}s"
        for number, unit in ((years, "year"), (months, "month"))
        if number
    ]
    return " ".join(parts) or "less than a month"
