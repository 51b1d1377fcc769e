"""From a file to what it says: every sheet, every table in it, every row, every inspection in a row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cases.presenters import day_words
from inspections.readers import layouts
from inspections.readers.cells import NOT_YET_INSPECTED, WrongCell, day, grade, is_filled, plain, text_of
from inspections.readers.layouts import FACTS, KINDS, NearMiss, Table
from inspections.readers.told import (
    FileRead,
    Grade,
    NotReadable,
    NotYetInspected,
    Problem,
    ReadRow,
    SkippedSheet,
)
from inspections.readers.workbooks import Sheet, sheets_of

RELEASE_HEADING = "published on"
# A kind that is not an inspection gives no grades; an inspection that lists none is not worth a row.
UNGRADED = frozenset({"focused-visit", "monitoring-visit"})


def read_file(path: str | Path, *, today: date) -> FileRead:
    """Read an Ofsted workbook or a derived table.

    `today` (inclusive) is the last day that anything in it can have happened on. Raises NotReadable where the
    file can't be opened safely or holds none of the known tables. Rows that can't be read are among the
    result's problems; the rest are among its rows.
    """
    path = Path(path)
    found = _Findings()
    for sheet in sheets_of(path):
        found.sheets.append(sheet.name)
        _read_sheet(sheet, found, today)
    if not found.layouts:
        raise NotReadable(_none_found(found))
    return FileRead(
        name=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        released_on=_release(found),
        derived=any(layout.derived for layout in found.layouts),
        sheets=tuple(found.sheets),
        rows=tuple(found.rows),
        problems=tuple(found.problems),
        skipped=tuple(found.skipped),
        not_yet_inspected=tuple(found.not_yet_inspected),
    )


@dataclass
class _Findings:
    """What has been found so far, sheet after sheet."""

    sheets: list[str] = field(default_factory=list)
    cover_date: date | None = None
    layouts: list = field(default_factory=list)
    rows: list[ReadRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[SkippedSheet] = field(default_factory=list)
    not_yet_inspected: list[NotYetInspected] = field(default_factory=list)


def _read_sheet(sheet: Sheet, found: _Findings, today: date) -> None:
    if not any(is_filled(cell) for row in sheet.rows for cell in row):
        found.problems.append(
            Problem(
                sheet.name,
                None,
                "",
                "The sheet is empty. If it should hold a table, download the file again.",
            )
        )
        return
    tables, nearest, providers, rows_before = 0, None, False, len(found.rows)
    table: Table | None = None
    for number, cells in enumerate(sheet.rows, start=1):
        heading = layouts.recognise(cells)
        if isinstance(heading, Table):
            table = heading
            tables += 1
            found.layouts.append(table.layout)
            found.problems.extend(_amiss(table, sheet.name, number))
        elif table is not None:
            _read_row(_Place(sheet.name, number, table, today), cells, found)
        elif layouts.is_provider_heading_row(cells):
            providers = True
            break
        elif isinstance(heading, NearMiss) and nearest is None:
            nearest = _near_miss(heading, sheet.name, number)
    if tables:
        if len(found.rows) == rows_before:
            found.problems.append(
                Problem(sheet.name, None, "", "The headings are there, but no row below them could be read.")
            )
    elif providers:
        found.skipped.append(
            SkippedSheet(sheet.name, "lists children's homes and other providers, not councils")
        )
    elif nearest is not None:
        found.problems.append(nearest)
    else:
        _read_cover(sheet, found)
        found.skipped.append(SkippedSheet(sheet.name, "holds no list of inspections"))


def _amiss(table: Table, sheet: str, number: int) -> Iterator[Problem]:
    for part, missing in table.incomplete.items():
        named = ", ".join(f"“{heading}”" for heading in missing)
        yield Problem(
            sheet,
            number,
            part,
            f"Without the heading {named} these columns can't be read and were left out. "
            "Give the column its published heading and import the file again.",
        )
    for heading in table.unread:
        yield Problem(
            sheet,
            number,
            heading,
            f"The column “{heading}” is not one that is known, so it was left out. "
            "Where it is a known column renamed, give it its published heading.",
        )


def _near_miss(miss: NearMiss, sheet: str, number: int) -> Problem:
    missing = ", ".join(f"“{heading}”" for heading in miss.missing)
    unknown = ", ".join(f"“{heading}”" for heading in miss.unknown)
    return Problem(
        sheet,
        number,
        "",
        f"The sheet looks like {miss.layout.title}, but has no heading {missing}"
        + (f"; it has {unknown}, which are not known" if unknown else "")
        + ". The sheet was not read. Give its columns their published headings and import the file again.",
    )


def _read_cover(sheet: Sheet, found: _Findings) -> None:
    """Take the release date from a sheet that is no table."""
    for number, cells in enumerate(sheet.rows, start=1):
        filled = [cell for cell in cells if is_filled(cell)]
        if len(filled) < 2 or plain(filled[0]).rstrip(":") != RELEASE_HEADING or found.cover_date:
            continue
        try:
            found.cover_date = day(filled[1])
        except WrongCell as wrong:
            found.problems.append(Problem(sheet.name, number, "published on", str(wrong)))


@dataclass(frozen=True)
class _Place:
    """Where a row stands, and in which table."""

    sheet: str
    number: int
    table: Table
    today: date

    def problem(self, heading: str, message: str) -> Problem:
        return Problem(self.sheet, self.number, heading, message)


def _read_row(place: _Place, cells: Sequence, found: _Findings) -> None:
    council = text_of(_cell(cells, place.table.council_place))
    told = {part: _told(place.table, part, cells) for part in place.table.parts}
    told = {part: facts for part, facts in told.items() if facts}
    if not council:
        if told:
            found.problems.append(place.problem("council", "The row names no council. Fill in its name."))
        return
    inspected = False
    for part, facts in told.items():
        try:
            row = _row(place, part, council, facts)
        except _Unreadable as unreadable:
            found.problems.append(unreadable.problem)
            inspected = True
            continue
        if row:
            found.rows.append(row)
            inspected = True
    if not inspected and len([cell for cell in cells if is_filled(cell)]) > 1:
        found.not_yet_inspected.append(NotYetInspected(place.sheet, place.number, council))


def _told(table: Table, part: str, cells: Sequence) -> dict[str, tuple[str, object]]:
    """The filled cells of one of the row's inspections: field → (heading, cell)."""
    return {
        column.field: (column.shown, _cell(cells, at))
        for at, column in table.columns_of(part)
        if is_filled(_cell(cells, at))
    }


def _cell(cells: Sequence, at: int):
    return cells[at] if at < len(cells) else None


class _Unreadable(Exception):
    def __init__(self, problem: Problem):
        self.problem = problem


def _row(place: _Place, part: str, council: str, told: dict) -> ReadRow | None:
    """One inspection, or None where the row says there has been none. Raises _Unreadable."""
    spec, layout = place.table.layout.parts[part], place.table.layout
    days = {name: _day(place, told, name) for name in ("inspected_on", "ended_on", "published_on")}
    kind = _kind(place, told, spec)
    grades = _grades(place, told, spec.family, derived=layout.derived)
    if not any(days.values()):
        if not grades and kind == spec.kind:
            return None
        raise _Unreadable(place.problem("date", f"This inspection of {council} has no date. Fill one in."))
    if not grades and kind not in UNGRADED:
        raise _Unreadable(
            place.problem("grades", f"There is a date for {council} but no grade. Fill in the grades.")
        )
    if kind in UNGRADED and days["inspected_on"] is None:
        raise _Unreadable(place.problem("date", "A visit needs the date of the visit. Fill it in."))
    _in_order(place, days)
    return ReadRow(
        sheet=place.sheet,
        number=place.number,
        part=part,
        layout=layout.slug,
        council_name=council,
        family=spec.family,
        kind=kind,
        area=spec.area,
        la_code=_text(told, "la_code"),
        ofsted_urn=_text(told, "ofsted_urn"),
        url=_text(told, "url"),
        grades={} if kind in UNGRADED else grades,
        **days,
    )


def _text(told: dict, name: str) -> str:
    return text_of(told[name][1]) if name in told else ""


def _day(place: _Place, told: dict, name: str) -> date | None:
    if name not in told:
        return None
    heading, cell = told[name]
    if plain(cell) == NOT_YET_INSPECTED:
        return None
    try:
        found = day(cell)
    except WrongCell as wrong:
        raise _Unreadable(place.problem(heading, str(wrong))) from wrong
    if found > place.today:
        raise _Unreadable(
            place.problem(heading, f"{day_words(found)} lies in the future. Correct the date in the file.")
        )
    return found


def _kind(place: _Place, told: dict, spec) -> str:
    if "kind" not in told:
        return spec.kind
    heading, cell = told["kind"]
    if plain(cell) == NOT_YET_INSPECTED:
        return spec.kind
    if plain(cell) not in KINDS:
        known = ", ".join(sorted(kind for kind in KINDS if " " in kind))
        raise _Unreadable(
            place.problem(heading, f"“{text_of(cell)}” is not a kind of inspection that is known ({known}).")
        )
    return KINDS[plain(cell)]


def _grades(place: _Place, told: dict, family: str, *, derived: bool) -> dict[str, Grade]:
    grades = {}
    for area, (heading, cell) in told.items():
        if area in FACTS:
            continue
        try:
            found = grade(cell, family, derived=derived)
        except WrongCell as wrong:
            raise _Unreadable(place.problem(heading, str(wrong))) from wrong
        if found:
            grades[area] = found
    return grades


def _in_order(place: _Place, days: dict[str, date | None]) -> None:
    began, ended, published = days["inspected_on"], days["ended_on"], days["published_on"]
    if began and ended and ended < began:
        raise _Unreadable(
            place.problem("date", f"It ends on {day_words(ended)}, before it begins on {day_words(began)}.")
        )
    if published and began and published < began:
        raise _Unreadable(
            place.problem(
                "date", f"It was published on {day_words(published)}, before it began on {day_words(began)}."
            )
        )


def _release(found: _Findings) -> date:
    if found.cover_date:
        return found.cover_date
    published = [row.published_on for row in found.rows if row.published_on]
    days = published or [row.inspected_on for row in found.rows if row.inspected_on]
    if not days:
        raise NotReadable(
            "The tables of the file are known, but not one row of them could be read: "
            + " ".join(problem.message for problem in found.problems[:3])
        )
    return max(days)


def _none_found(found: _Findings) -> str:
    near = " ".join(f"Sheet “{problem.sheet}”: {problem.message}" for problem in found.problems)
    looked_for = f"The file holds no list of inspections that is known. Looked for: {layouts.looked_for()}."
    return f"{looked_for} {near}".strip()
