"""What ships with the project: the frameworks, and the published outcomes as the project's own tidy rows."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.db import transaction

from councils.models import Council
from history.actions import record_event
from history.models import Event
from inspections.actions import Rebuilt, keep_rows, rebuild_inspections
from inspections.models import Framework, GradeWord, JudgementArea, OfstedFile, SourceRow
from inspections.readers.cells import grade

DATA = Path(__file__).parent / "data"
FRAMEWORK_FILES = ("frameworks", "areas", "grade_words")
MATCHING_COLUMNS = ("inspected_within", "published_within", "published_after_inspection")
FRAMEWORKS_LOADED = "frameworks-loaded"
ROW_COLUMNS = (
    "file",
    "sheet",
    "row",
    "part",
    "layout",
    "la_code",
    "council_name",
    "family",
    "kind",
    "area",
    "inspected_on",
    "ended_on",
    "published_on",
    "url",
)
FILE_COLUMNS = ("name", "sha256", "is_ofsted", "released_on")


@transaction.atomic
def load_frameworks(*, by, on: date) -> bool:
    """Bring frameworks, areas and grade words in line with `inspections/data`; say whether they were read.

    Safe to repeat. Files that have not changed since the last load are left alone, so that what somebody has
    corrected since stays.
    """
    digest = hashlib.sha256(
        b"".join((DATA / f"{name}.csv").read_bytes() for name in FRAMEWORK_FILES)
    ).hexdigest()
    if Event.objects.filter(kind=FRAMEWORKS_LOADED, data__sha256=digest).exists():
        return False
    for row in _read("frameworks"):
        Framework.objects.update_or_create(
            slug=row["slug"],
            defaults={
                "family": row["family"],
                "name": row["name"],
                "short_name": row["short_name"],
                "order": int(row["order"]),
                "has_overall": row["has_overall"] == "yes",
                "from_on": _day(row["from_on"]),
                "until_on": _day(row["until_on"]),
                **{name: int(row[name]) if row[name] else None for name in MATCHING_COLUMNS},
            },
        )
    frameworks = {framework.slug: framework for framework in Framework.objects.all()}
    for row in _read("areas"):
        JudgementArea.objects.update_or_create(
            framework=frameworks[row["framework"]],
            code=row["code"],
            defaults={
                "name": row["name"],
                "short_name": row["short_name"],
                "order": int(row["order"]),
                **{name: row[name] == "yes" for name in ("is_overall", "counts_as_key", "counts_for_lowest")},
            },
        )
    for row in _read("grade_words"):
        GradeWord.objects.update_or_create(
            framework=frameworks[row["framework"]],
            grade=row["grade"],
            defaults={"word": row["word"], "step": int(row["step"])},
        )
    record_event(FRAMEWORKS_LOADED, by=by, on=on, data={"sha256": digest})
    return True


@transaction.atomic
def load_inspections(*, by, on: date) -> Rebuilt:
    """Load the published outcomes that ship with the project and return what they changed.

    They are kept as the rows of the files they were read from, so that importing one of those files, or a
    later one, joins the same inspections by the same rules. Safe to repeat. Interventions are not opened:
    whoever loads does that once everything is there.
    """
    files = {
        row["name"]: OfstedFile.objects.get_or_create(
            sha256=row["sha256"],
            defaults={
                "name": row["name"],
                "is_ofsted": row["is_ofsted"] == "yes",
                "released_on": _day(row["released_on"]),
                "imported_on": on,
            },
        )[0]
        for row in _read("files")
    }
    councils = dict(Council.objects.real().values_list("la_code", "pk"))
    areas = sorted(set(JudgementArea.objects.values_list("code", flat=True)))
    rows = [_source_row(row, files[row["file"]], councils, areas) for row in _read("source_rows")]
    for file in files.values():
        keep_rows(file, [row for row in rows if row.file_id == file.pk])
    return rebuild_inspections({row.council_id for row in rows}, by=by, on=on)


def _source_row(
    row: dict[str, str], file: OfstedFile, councils: dict[str, int], areas: list[str]
) -> SourceRow:
    grades = {
        area: grade(row[area], row["family"], derived=not file.is_ofsted) for area in areas if row.get(area)
    }
    return SourceRow(
        file=file,
        sheet=row["sheet"],
        row=int(row["row"]),
        part=row["part"],
        layout=row["layout"],
        council_id=councils[row["la_code"]],
        council_name=row["council_name"],
        family=row["family"],
        kind=row["kind"],
        area=row["area"],
        inspected_on=_day(row["inspected_on"]),
        ended_on=_day(row["ended_on"]),
        published_on=_day(row["published_on"]),
        judgements={area: [one.code, one.word, one.restated] for area, one in grades.items()},
        url=row["url"],
    )


def export_inspections(folder: Path) -> int:
    """Write the files and rows in the record as `load_inspections` reads them; return how many rows."""
    areas = list(
        JudgementArea.objects.order_by("framework__order", "order").values_list("code", flat=True).distinct()
    )
    areas = list(dict.fromkeys(areas))
    with (folder / "files.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(FILE_COLUMNS)
        for file in OfstedFile.objects.order_by("released_on", "sha256"):
            writer.writerow((file.name, file.sha256, "yes" if file.is_ofsted else "no", file.released_on))
    with (folder / "source_rows.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow((*ROW_COLUMNS, *areas))
        rows = list(_tidy(areas))
        writer.writerows(rows)
    return len(rows)


def _tidy(areas: list[str]) -> Iterator[tuple]:
    rows = SourceRow.objects.select_related("file", "council").order_by(
        "file__released_on", "file__sha256", "sheet", "row", "part"
    )
    for row in rows:
        yield (
            row.file.name,
            row.sheet,
            row.row,
            row.part,
            row.layout,
            row.council.la_code,
            row.council_name,
            row.family,
            row.kind,
            row.area,
            row.inspected_on or "",
            row.ended_on or "",
            row.published_on or "",
            row.url,
            *(row.judgements[area][1] if area in row.judgements else "" for area in areas),
        )


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
