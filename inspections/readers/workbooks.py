"""Opening a file safely: what it is, how large it would become, and its sheets as rows of cells."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterator
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
    """The sheets of an ODS workbook, or the one table of a CSV. Raises NotReadable."""
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
        return _ods_sheets(path)
    with path.open("rb") as file:
        if file.read(len(START_OF_ZIP)) == START_OF_ZIP:
            raise NotReadable("The file begins like a workbook but is cut off. Download it again.")
    return iter([Sheet(CSV_NAME, _csv_rows(path))])


def _ods_sheets(path: Path) -> Iterator[Sheet]:
    content = _content_of_ods(path)
    if FILLED_ROW_REPEATED.search(content) or FILLED_CELL_REPEATED.search(content):
        raise NotReadable(
            "The workbook repeats a filled row or cell thousands of times, which no published file does. "
            "It was not read. Download it again from where it was published."
        )
    try:
        workbook = CalamineWorkbook.from_filelike(_only(content))
        return iter(
            [
                Sheet(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))
                for name in workbook.sheet_names
            ]
        )
    except CalamineError as error:
        raise NotReadable(
            "The file calls itself an OpenDocument spreadsheet, but its content can't be read. "
            "It may be cut off or damaged: download it again."
        ) from error


def _content_of_ods(path: Path) -> bytes:
    """The workbook's XML, at most LARGEST_UNPACKED bytes whatever the file says about itself."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
                raise NotReadable(_too_large(unpacked))
            names = {part.filename for part in parts}
            if not {"mimetype", "content.xml"} <= names or _start(packed, "mimetype", 100) != ODS_TYPE:
                raise NotReadable(
                    "The file is a zip file, but not an OpenDocument spreadsheet (.ods), the form in which "
                    "Ofsted publishes its workbooks. Where it is an Excel workbook, save it as .ods."
                )
            content = _start(packed, "content.xml", LARGEST_UNPACKED + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise NotReadable(
            "The file is packed like a workbook, but can't be unpacked: it is damaged, or protected by a "
            "password. Download it again, or save it without a password."
        ) from error
    if len(content) > LARGEST_UNPACKED:
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


def _only(content: bytes) -> io.BytesIO:
    """A workbook of this content alone.

    The spreadsheet library never sees the file as it came, whose parts may be other than they were declared.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as ods:
        ods.writestr("mimetype", ODS_TYPE)
        ods.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
        ods.writestr("content.xml", content)
    packed.seek(0)
    return packed


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
            "The file is neither an OpenDocument spreadsheet (.ods) nor a table of comma-separated values "
            "(.csv). Download it again from where it was published."
        ) from error
