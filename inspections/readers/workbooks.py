"""Opening a file safely: what it is, how large it would become, and its sheets as rows of cells."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from inspections.readers.told import NotReadable

ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
START_OF_ZIP = b"PK\x03\x04"
CSV_NAME = "the file"

# Ofsted's workbook of 2023 is 2 MB and unpacks to 40 MB; seven times that is room enough.
LARGEST_FILE = 50_000_000
LARGEST_UNPACKED = 300_000_000
MOST_PARTS = 2_000
# The largest sheet of Ofsted's workbook of 2023 has 113,000 cells. An Excel sheet is laid out in memory from its
# first cell to its last, so that two cells far apart would end the process.
MOST_CELLS = 2_000_000
EXCEL_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/_rels/workbook\.xml\.rels|"
    r"xl/(?:workbook|styles|sharedStrings)\.xml|xl/worksheets/[^/]+\.xml"
)
EXCEL_CELL = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])([^>]*)>")
PLACE_OF_CELL = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
# Sheets declare a million empty rows and thousands of empty columns; no filled one is repeated like that.
FILLED_ROW_REPEATED = re.compile(
    rb'<table:table-row\b[^>]*table:number-rows-repeated="\d{5,}"[^>]*>'
    rb"(?:(?!</table:table-row>).)*?office:value-type",
    re.DOTALL,
)
FILLED_CELL_REPEATED = re.compile(
    rb'<table:table-cell\b(?=[^>]*table:number-columns-repeated="\d{4,}")[^>]*office:value-type'
)


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name and its rows, the empty ones included, so that rows keep their numbers."""

    name: str
    rows: list[list]


def sheets_of(path: Path) -> Iterator[Sheet]:
    """The sheets of an ODS or Excel workbook, or the one table of a CSV. Raises NotReadable."""
    if not path.is_file() or not os.access(path, os.R_OK):
        raise NotReadable(f"There is no file that can be opened at {path}.")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise NotReadable(
            f"The file is {size // 1_000_000} MB. An Ofsted workbook is about 2 MB, and nothing over "
            f"{LARGEST_FILE // 1_000_000} MB is opened. Check that it is the right file."
        )
    if not size:
        raise NotReadable("The file is empty. Download it again.")
    if zipfile.is_zipfile(path):
        return _packed_sheets(path)
    with path.open("rb") as file:
        if file.read(len(START_OF_ZIP)) == START_OF_ZIP:
            raise NotReadable("The file begins like a workbook but is cut off. Download it again.")
    return iter([Sheet(CSV_NAME, _csv_rows(path))])


def _packed_sheets(path: Path) -> Iterator[Sheet]:
    try:
        with zipfile.ZipFile(path) as packed:
            parts = {part.filename for part in _sparing(packed.infolist())}
            if {"mimetype", "content.xml"} <= parts and _start(packed, "mimetype", 100) == ODS_TYPE:
                content = _whole(packed, "content.xml", LARGEST_UNPACKED)
                return _sheets_in(_ods(content), "an OpenDocument spreadsheet")
            if "xl/workbook.xml" in parts:
                return _sheets_in(_excel(packed, parts), "an Excel workbook")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise NotReadable(
            "The file is packed like a workbook, but can't be unpacked: it is damaged, or protected by a "
            "password. Download it again, or save it without a password."
        ) from error
    raise NotReadable(
        "The file is a zip file, but neither an OpenDocument spreadsheet (.ods), the form in which Ofsted "
        "publishes its workbooks, nor an Excel workbook (.xlsx). Unpack it, and use the workbook in it."
    )


def _sparing(parts: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The parts of a file that says of itself that it unpacks to a size that can be borne. Raises NotReadable."""
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
        raise NotReadable(_too_large(unpacked))
    return parts


def _sheets_in(workbook: io.BytesIO, kind: str) -> Iterator[Sheet]:
    try:
        opened = CalamineWorkbook.from_filelike(workbook)
        return iter(
            [
                Sheet(name, opened.get_sheet_by_name(name).to_python(skip_empty_area=False))
                for name in opened.sheet_names
            ]
        )
    except CalamineError as error:
        raise NotReadable(
            f"The file calls itself {kind}, but its content can't be read. It may be cut off or damaged: download "
            "it again."
        ) from error


def _ods(content: bytes) -> io.BytesIO:
    """A workbook of this content alone.

    The spreadsheet library never sees the file as it came, whose parts may be other than they were declared.
    """
    if FILLED_ROW_REPEATED.search(content) or FILLED_CELL_REPEATED.search(content):
        raise NotReadable(
            "The workbook repeats a filled row or cell thousands of times, which no published file does. "
            "It was not read. Download it again from where it was published."
        )
    return _packed(
        {"mimetype": ODS_TYPE, "META-INF/manifest.xml": b"<manifest:manifest/>", "content.xml": content}
    )


def _excel(packed: zipfile.ZipFile, parts: Iterable[str]) -> io.BytesIO:
    """A workbook of the sheets alone, once each is known to be laid out in little space."""
    kept, room = {}, LARGEST_UNPACKED
    for name in sorted(filter(EXCEL_PARTS.fullmatch, parts)):
        kept[name] = _whole(packed, name, room)
        room -= len(kept[name])
        if name.startswith("xl/worksheets/"):
            _refuse_sprawling(kept[name])
    return _packed(kept)


def _refuse_sprawling(sheet: bytes) -> None:
    """Refuse a sheet that Excel's programs don't write: its cells without their places, or far apart."""
    width = height = 0
    for cell in EXCEL_CELL.finditer(sheet):
        place = PLACE_OF_CELL.search(cell[1])
        if place is None:
            raise NotReadable(
                "A sheet of the Excel workbook does not say where its cells stand. Open it in a spreadsheet "
                "program, save it anew, and use the new copy."
            )
        width, height = max(width, _column(place[1])), max(height, int(place[2]))
    if width * height > MOST_CELLS or b"\0" in sheet:
        raise NotReadable(
            f"A sheet of the Excel workbook spreads over more than {MOST_CELLS:,} cells, most of them empty. It was "
            "not read. Copy the table alone to a new workbook, and use that."
        )


def _column(letters: bytes) -> int:
    """The number of a column, from 1: AA is 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number


def _packed(parts: Mapping[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as workbook:
        for name, content in parts.items():
            workbook.writestr(name, content)
    file.seek(0)
    return file


def _whole(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A part, at most so many bytes of it whatever the file says about itself. Raises NotReadable beyond them."""
    content = _start(packed, name, most + 1)
    if len(content) > most:
        raise NotReadable(_too_large(len(content)))
    return content


def _start(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    with packed.open(name) as part:
        return part.read(most)


def _too_large(unpacked: int) -> str:
    return (
        f"The file would unpack to {unpacked // 1_000_000} MB or more. Ofsted's largest workbook unpacks to "
        f"about 40 MB, and nothing over {LARGEST_UNPACKED // 1_000_000} MB is unpacked. Nothing was read. "
        "Check that it is the right file."
    )


def _csv_rows(path: Path) -> list[list]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="cp1252", errors="replace")
    try:
        if "\0" in text:
            raise csv.Error("binary")
        return list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise NotReadable(
            "The file is neither a workbook (.ods, .xlsx) nor a table of comma-separated values (.csv), or it is "
            "protected by a password. Download it again from where it was published."
        ) from error
