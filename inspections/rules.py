"""What makes an inspection out of the rows that tell of it. Pure: rows in, inspections out.

Several files tell of the same inspection, and not alike. `reconcile` takes every row about one council and
rebuilds its inspections from them, so that neither the order of imports nor what was stored before matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

VISITS = frozenset({"focused-visit", "monitoring-visit"})

# Within one file the fuller sheet wins: history, then position, then the year's, then the wide sheet.
LAYOUT_RANK = {"latest": 0, "history": 0, "position": 1, "in_year": 2, "wide": 3}


@dataclass(frozen=True)
class Matching:
    """How far apart two rows may be and still tell of one full inspection. Days, inclusive."""

    inspected_within: int
    published_within: int
    published_after_inspection: int


@dataclass(frozen=True)
class Form:
    """A framework, or one form of it: the areas it grades and the first days on site that it is for.

    `from_on` is inclusive, `until_on` exclusive; None is open. `matching` None: two rows tell of one inspection
    only where they agree on its publication.
    """

    slug: str
    family: str
    areas: frozenset[str]
    from_on: date | None = None
    until_on: date | None = None
    matching: Matching | None = None

    def covers(self, day: date) -> bool:
        """Whether an inspection of that day is of this form."""
        return (self.from_on is None or self.from_on <= day) and (
            self.until_on is None or day < self.until_on
        )


@dataclass(frozen=True)
class Judged:
    """A grade, the word as found, whether Ofsted restated it, and the key of the row it is taken from."""

    grade: str
    word: str
    restated: bool = False
    row: object = None


@dataclass(frozen=True)
class Row:
    """One row about one council. `key` is the row's identity and must sort alike in every database.

    `released_on` is its file's release, `is_ofsted` whether the file is Ofsted's own, `rank` the place of its
    sheet in that file (lower wins). `judgements` is by area. A row `by_hand` is what people entered, released on
    the day they did; `unpublished` while nobody has confirmed its publication, and then `happened_by` is the last
    day that they enter.
    """

    key: tuple
    family: str
    kind: str
    released_on: date
    is_ofsted: bool = True
    rank: int = 0
    area: str = ""
    inspected_on: date | None = None
    ended_on: date | None = None
    published_on: date | None = None
    url: str = ""
    judgements: Mapping[str, Judged] = field(default_factory=dict)
    by_hand: bool = False
    unpublished: bool = False
    happened_by: date | None = None

    @property
    def begun_on(self) -> date:
        """First day on site; publication where that is unknown."""
        return self.inspected_on or self.published_on

    @property
    def authority(self) -> tuple:
        """Sorts the row whose word counts first: Ofsted's file, then what people entered, then a derived file."""
        weight = 1 if self.by_hand else 0 if self.is_ofsted else 2
        return (weight, self.unpublished, -self.released_on.toordinal(), self.rank, self.key)


@dataclass(frozen=True)
class NotOfTheForm:
    """A judgement that a row gives for an area which the inspection's form does not grade."""

    row: tuple
    form: str
    area: str
    word: str


@dataclass(frozen=True)
class Merged:
    """One inspection, from every row that tells of it.

    `known_on` is publication, or where unknown the first release that tells of it. `begun_on` is the first
    day on site, or where unknown publication. `rows` are the keys of its rows, the weightiest first,
    and `taken_from` says for each field which row gave it. `by_hand` is the key of the row that people entered,
    and `entered_again` those of others that tell of it by hand too, none of whose words are taken.
    """

    form: str
    family: str
    kind: str
    area: str
    inspected_on: date | None
    ended_on: date | None
    published_on: date | None
    known_on: date
    begun_on: date
    url: str
    judgements: Mapping[str, Judged]
    rows: tuple[tuple, ...]
    taken_from: Mapping[str, tuple]
    not_of_the_form: tuple[NotOfTheForm, ...] = ()
    by_hand: tuple | None = None
    entered_again: tuple[tuple, ...] = ()


def form_for(forms: Iterable[Form], family: str, begun_on: date) -> Form | None:
    """The form under which an inspection of this family was made, by its first day; None where none was used.

    The family comes from the file. Only ILACS has several forms, and only there does the day decide.
    """
    return next((form for form in forms if form.family == family and form.covers(begun_on)), None)


def reconcile(rows: Iterable[Row], *, forms: Sequence[Form]) -> list[Merged]:
    """The inspections of one council, by first day, from every row about it, whatever their order.

    Rows of a day on which their framework was not in use give no inspection; refuse them on the way in. Nor do
    unpublished rows alone: the world may not know. One that a published row joins has been published by it.
    """
    merged = [_merge(group, forms) for group in _same_inspection(rows, forms)]
    return sorted(
        (one for one in merged if one is not None),
        key=lambda one: (one.begun_on, one.family, one.kind, one.area),
    )


def _same_inspection(rows: Iterable[Row], forms: Sequence[Form]) -> list[list[Row]]:
    """The rows in groups, each about one inspection, the row that counts most first.

    What nobody has published comes last and joins one group at most: it can't make one of two that the world knows.
    """
    groups: dict[tuple, list[list[Row]]] = {}
    for row in sorted(rows, key=lambda row: (row.unpublished, row.authority)):
        matching = _matching(row, forms)
        if matching is None:
            groups.setdefault(_identity(row), [[]])[0].append(row)
            continue
        known = groups.setdefault((row.family,), [])
        near = [
            group
            for group in known
            if any(_near(row, one, matching) for one in group) and _may_be(row, group)
        ]
        if row.unpublished:
            near = sorted(near, key=lambda group: _days_between(row, group))[:1]
        joined = [row, *(one for group in near for one in group)]
        groups[(row.family,)] = [*(group for group in known if group not in near), joined]
    return [sorted(group, key=lambda row: row.authority) for grouped in groups.values() for group in grouped]


def _may_be(row: Row, group: Sequence[Row]) -> bool:
    """Whether an unpublished row can tell of what a group tells of: nothing of it happens after publication.

    A first day typed with a wrong year must not publish what was received since.
    """
    published = [one.published_on for one in group if one.published_on]
    return not (row.unpublished and row.happened_by and published and max(published) < row.happened_by)


def _days_between(row: Row, group: Sequence[Row]) -> int:
    return min(abs((row.begun_on - one.begun_on).days) for one in group)


def _matching(row: Row, forms: Sequence[Form]) -> Matching | None:
    form = None if row.kind in VISITS else form_for(forms, row.family, row.begun_on)
    return form.matching if form else None


def _identity(row: Row) -> tuple:
    if row.kind in VISITS:
        return (row.family, row.kind, row.inspected_on)
    return (row.family, row.kind, row.area, row.published_on)


def _near(one: Row, other: Row, matching: Matching) -> bool:
    return (
        _apart(one.inspected_on, other.inspected_on, matching.inspected_within)
        or _apart(one.published_on, other.published_on, matching.published_within)
        or _follows(one.published_on, other.inspected_on, matching.published_after_inspection)
        or _follows(other.published_on, one.inspected_on, matching.published_after_inspection)
    )


def _apart(one: date | None, other: date | None, days: int) -> bool:
    return bool(one and other) and abs((one - other).days) <= days


def _follows(published: date | None, inspected: date | None, days: int) -> bool:
    return bool(published and inspected) and 0 <= (published - inspected).days <= days


def _merge(group: list[Row], forms: Sequence[Form]) -> Merged | None:
    """One inspection from its rows, the row that counts most first. A blank never overrides."""
    if all(row.unpublished for row in group):
        return None
    entered = [row for row in group if row.by_hand]
    group = [row for row in group if row not in entered[1:]]
    taken: dict[str, tuple] = {}

    def first(name: str, allowed: Callable = bool):
        for row in group:
            value = getattr(row, name)
            if allowed(value):
                taken[name] = row.key
                return value
        return None

    kind = first("kind", lambda kind: kind != "full") or "full"
    inspected_on, published_on = first("inspected_on"), first("published_on")
    ended_on = first("ended_on", lambda day: bool(day) and (inspected_on is None or day >= inspected_on))
    begun_on = inspected_on or published_on
    form = form_for(forms, group[0].family, begun_on)
    if form is None:
        return None
    judgements, strangers = _judgements(group, form)
    return Merged(
        form=form.slug,
        family=form.family,
        kind=kind,
        area=group[0].area,
        inspected_on=inspected_on,
        ended_on=ended_on,
        published_on=published_on,
        known_on=published_on or _first_release(group),
        begun_on=begun_on,
        url=first("url") or "",
        judgements=judgements,
        rows=tuple(row.key for row in group),
        taken_from=taken,
        not_of_the_form=strangers,
        by_hand=entered[0].key if entered else None,
        entered_again=tuple(row.key for row in entered[1:]),
    )


def _judgements(group: list[Row], form: Form) -> tuple[dict[str, Judged], tuple[NotOfTheForm, ...]]:
    judgements: dict[str, Judged] = {}
    strangers = []
    for row in group:
        for area, judged in sorted(row.judgements.items()):
            if area not in form.areas:
                strangers.append(NotOfTheForm(row.key, form.slug, area, judged.word))
            elif area not in judgements:
                judgements[area] = Judged(judged.grade, judged.word, judged.restated, row.key)
    return dict(sorted(judgements.items())), tuple(strangers)


def _first_release(group: list[Row]) -> date:
    """The day by which the world knew of an inspection whose publication date no file gives."""
    of_files = [row for row in group if not row.by_hand] or group
    releases = [row.released_on for row in of_files if row.is_ofsted] or [row.released_on for row in of_files]
    return min(releases)
