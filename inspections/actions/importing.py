"""Importing a published file: its rows are kept, and the inspections they tell of are rebuilt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.presenters import day_words
from councils.models import Council
from councils.names import CouncilMatcher
from history.actions import record_event
from inspections.actions.rebuilding import (
    ADDED,
    BATCH,
    CHANGED,
    LEFT,
    Rebuilt,
    alter,
    forms_in_use,
    one_at_a_time,
    rebuild_inspections,
)
from inspections.models import Framework, Inspection, JudgementArea, OfstedFile, SourceRow
from inspections.readers import FileRead, Grade, Problem, ReadRow, read_file
from inspections.rules import form_for
from inspections.signals import Consequences, outcomes_published

# Few enough that somebody who watches sees it move; an Ofsted workbook has up to 832.
ROWS_A_STEP = 200


@dataclass(frozen=True)
class Line:
    """What became of a row: its inspection added, changed or left; or skipped, not stored, not read."""

    outcome: str
    sheet: str
    row: int | None
    message: str


@dataclass(frozen=True)
class ImportResult:
    """What an import did, row by row, and how many inspections it added, changed, removed and left.

    `consequences` are those of whom its outcomes concern: what they did in turn.
    """

    name: str
    released_on: date
    lines: tuple[Line, ...]
    added: int
    changed: int
    removed: int
    left: int
    consequences: tuple[Consequences, ...] = ()

    def count(self, outcome: str) -> int:
        """How many lines have this outcome."""
        return sum(line.outcome == outcome for line in self.lines)


def import_ofsted(*, path: str | Path, by, on: date, dry_run: bool = False) -> ImportResult:
    """Import one published file and return what it did; `on` is today, the last day it can tell of.

    The steps of a run (`carry_on`), one after the other in one transaction: all of it or nothing. Raises
    NotReadable where the whole file is refused, PermissionDenied where the viewer may not import. With `dry_run`
    all of it happens, what other rooms do about it included, and is rolled back.
    """
    if not by.may(Ability.IMPORT_OUTCOMES):
        raise PermissionDenied
    read = read_file(path, today=on)
    return take_in(read, by=by, on=on, dry_run=dry_run)


def take_in(read: FileRead, *, by, on: date, dry_run: bool = False) -> ImportResult:
    """Do every step of importing what was read, and with `dry_run` undo them; return what they did."""
    with transaction.atomic():
        # All at once, since the parts name councils in the file's order, in which two imports could cross.
        one_at_a_time({council.pk for _, council in _recognised(read.rows)[0]})
        kept = sum(keep_part(read, start, on=on) for start in range(0, len(read.rows), ROWS_A_STEP))
        result = bring_in_line(read, kept, by=by, on=on, preview=dry_run)
        if dry_run:
            transaction.set_rollback(True)
    return result


@transaction.atomic
def keep_part(read: FileRead, start: int, *, on: date) -> int:
    """Keep the part of the file's rows that begins at `start`; return how many were new or changed.

    Safe to repeat. What it keeps counts for nothing until `bring_in_line`.
    """
    rows, _ = _recognised(read.rows[start : start + ROWS_A_STEP])
    return _keep(_file_of(read, on), rows)


@transaction.atomic
def bring_in_line(read: FileRead, kept: int, *, by, on: date, preview: bool = False) -> ImportResult:
    """Rebuild the inspections of the councils that the file names, and tell the rooms above what changed.

    `kept` says how many rows its parts brought that were new or changed. In a `preview` what people have entered
    under embargo is left out: whoever imports may not know of it before the import publishes it.
    """
    rows, unread = _recognised(read.rows)
    file = _file_of(read, on)
    kept += _keep_what_is_missing(file, rows)
    rebuilt = rebuild_inspections({council.pk for _, council in rows}, by=by, on=on, preview=preview)
    if kept or rebuilt.councils:
        record_event(
            "outcomes-imported",
            by=by,
            on=on,
            subject=file,
            data={"sha256": file.sha256, "rows": kept, "councils": len(rebuilt.councils)},
        )
    told = (
        outcomes_published.send(OfstedFile, councils=rebuilt.councils, by=by, on=on)
        if rebuilt.councils
        else ()
    )
    return ImportResult(
        name=read.name,
        released_on=read.released_on,
        lines=tuple(_lines(read, unread, file, rebuilt)),
        added=rebuilt.count(ADDED),
        changed=rebuilt.count(CHANGED),
        removed=rebuilt.removed,
        left=rebuilt.count(LEFT),
        consequences=tuple(did for _, did in told if did),
    )


def _file_of(read: FileRead, on: date) -> OfstedFile:
    file, _ = OfstedFile.objects.get_or_create(
        sha256=read.sha256,
        defaults={
            "name": read.name[:200],
            "is_ofsted": not read.derived,
            "released_on": read.released_on,
            "imported_on": on,
        },
    )
    return file


def _keep(file: OfstedFile, rows: Iterable[tuple[ReadRow, Council]]) -> int:
    return keep_rows(file, [_source_row(file, row, council) for row, council in rows])


def _keep_what_is_missing(file: OfstedFile, rows: Iterable[tuple[ReadRow, Council]]) -> int:
    """Keep rows whose council was given the name that they use after their part had been kept."""
    kept = set(file.rows.values_list("sheet", "row", "part"))
    return _keep(
        file, [(row, council) for row, council in rows if (row.sheet, row.number, row.part) not in kept]
    )


def _recognised(rows: Iterable[ReadRow]) -> tuple[list[tuple[ReadRow, Council]], list[Problem]]:
    """The rows whose council is known and whose framework was in use; what is amiss with the rest."""
    matcher, forms = CouncilMatcher.load(), forms_in_use()
    recognised, problems = [], []
    for row in rows:
        named = matcher.match(name=row.council_name, on=row.happened_on)
        council = matcher.match(la_code=row.la_code) if row.la_code else named
        if council is None:
            problems.append(Problem(row.sheet, row.number, "council", _unknown(row)))
        elif named not in (None, council):
            problems.append(Problem(row.sheet, row.number, "council", _contradictory(row, council)))
        elif form_for(forms, row.family, row.happened_on) is None:
            problems.append(Problem(row.sheet, row.number, "date", _too_early(row)))
        else:
            recognised.append((row, council))
    return recognised, problems


def _unknown(row: ReadRow) -> str:
    named = f"“{row.council_name}”" + (f" with the DfE code {row.la_code}" if row.la_code else "")
    return f"No council is known as {named}. Correct it, or have the name added to the council's names."


def _contradictory(row: ReadRow, council: Council) -> str:
    return (
        f"“{row.council_name}” and the DfE code {row.la_code}, which is {council.name}’s, are two councils. "
        "Correct the name or the code."
    )


def _too_early(row: ReadRow) -> str:
    return (
        f"{day_words(row.happened_on)} lies before {row.family.upper()} came into use. "
        f"Correct the date of {row.council_name}."
    )


def _source_row(file: OfstedFile, row: ReadRow, council: Council) -> SourceRow:
    return SourceRow(
        file=file,
        sheet=row.sheet,
        row=row.number,
        part=row.part,
        layout=row.layout,
        council=council,
        council_name=row.council_name,
        family=row.family,
        kind=row.kind,
        area=row.area,
        inspected_on=row.inspected_on,
        ended_on=row.ended_on,
        published_on=row.published_on,
        judgements={area: grade_as_kept(grade) for area, grade in sorted(row.grades.items())},
        url=row.url,
    )


def grade_as_kept(grade: Grade) -> list:
    """A grade as a source row keeps it."""
    return [grade.code, grade.word, grade.restated]


FACTS_OF_A_ROW = (
    "layout",
    "council_id",
    "council_name",
    "family",
    "kind",
    "area",
    "inspected_on",
    "ended_on",
    "published_on",
    "judgements",
    "url",
)


def keep_rows(file: OfstedFile, wanted: Iterable[SourceRow]) -> int:
    """Bring the rows kept of a file in line with `wanted` and return how many were added or changed.

    None is removed: a row that a newer reading no longer finds stays.
    """
    wanted = list(wanted)
    one_at_a_time({row.council_id for row in wanted})
    kept = {(row.sheet, row.row, row.part): row for row in file.rows.all()}
    new, changed = [], []
    for row in wanted:
        old = kept.get((row.sheet, row.row, row.part))
        if old is None:
            new.append(row)
        elif alter(old, {name: getattr(row, name) for name in FACTS_OF_A_ROW}):
            changed.append(old)
    SourceRow.objects.bulk_create(new, batch_size=BATCH)
    SourceRow.objects.bulk_update(
        changed, [name.removesuffix("_id") for name in FACTS_OF_A_ROW], batch_size=BATCH
    )
    return len(new) + len(changed)


def _lines(read: FileRead, unread: list[Problem], file: OfstedFile, rebuilt: Rebuilt) -> list[Line]:
    """What became of every row and sheet of the file, in the file's order."""
    lines = [
        Line(rebuilt.outcomes[row.inspection_id], row.sheet, row.row, _named(row))
        for row in SourceRow.objects.filter(file=file, inspection__in=rebuilt.outcomes).select_related(
            "council"
        )
    ]
    lines += _not_stored(file, rebuilt)
    lines += [Line("not read", one.sheet, one.row, one.message) for one in (*read.problems, *unread)]
    lines += [Line("skipped", one.sheet, None, one.reason) for one in read.skipped]
    lines += [
        Line("skipped", one.sheet, one.row, f"{one.council_name}: not yet inspected")
        for one in read.not_yet_inspected
    ]
    order = {sheet: at for at, sheet in enumerate(read.sheets)}
    return sorted(lines, key=lambda line: (order.get(line.sheet, -1), line.row or 0))


def _not_stored(file: OfstedFile, rebuilt: Rebuilt) -> list[Line]:
    told = [one for one in rebuilt.not_of_the_form if one.row[0] == file.sha256]
    if not told:
        return []
    forms = dict(Framework.objects.values_list("slug", "short_name"))
    areas = dict(JudgementArea.objects.order_by("framework__order").values_list("code", "name"))
    rows = {(row.sheet, row.row, row.part): row for row in file.rows.select_related("council")}
    return [
        Line(
            "not stored",
            one.row[1],
            one.row[2],
            f"{rows[one.row[1:]].council.name}: {forms[one.form]} has no judgement “{areas[one.area]}”, so its "
            f"“{one.word}” is not stored.",
        )
        for one in told
    ]


def _named(row: SourceRow) -> str:
    kind = Inspection.Kind(row.kind).label.lower()
    when = (
        f"inspected {day_words(row.inspected_on)}"
        if row.inspected_on
        else f"published {day_words(row.published_on)}"
    )
    return f"{row.council.name}: {row.family.upper()} {kind}, {when}"
