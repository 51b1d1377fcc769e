"""Recommendations out of a list that somebody pasted, or out of a spreadsheet, each with its paragraph."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from inspections.readers.cells import plain, text_of
from inspections.readers.told import NotReadable, Problem
from inspections.readers.workbooks import Sheet, sheets_of

LARGEST_FILE = 2_000_000
LARGEST_UNPACKED = 20_000_000
MOST_ROWS = 5_000
MOST_COLUMNS = 702  # ZZ, the last column of two letters
TOO_FAR = f"A cell stands beyond row {MOST_ROWS:,} or column ZZ, where nothing is read. Copy the list to a new file."
EXCEL_PLACE = re.compile(rb"""<(?:\w+:)?(?:c|row)\b(?:[^>"']|"[^"]*"|'[^']*')*?\sr\s*=\s*["']([^"']*)["']""")
NEAR_PLACE = re.compile(rb"[A-Za-z]{0,2}(\d{1,7})")
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
MOST = 200
LONGEST_TEXT = 4_000
LONGEST_PARAGRAPH = 40

NUMBER = r"\d{1,3}(?:\.\d{1,2})*"
NUMBERED = re.compile(rf"^\s*\(?({NUMBER})[.)](?=\s)\s*")
BULLET = re.compile(r"^\s*[-–—•·▪◦‣*](?:\s+|$)")
IN_BRACKETS = r"[(\[]\s*(?:paragraphs?|paras?\.?|pages?|p\.)\s*([^)\]]{1,40}?)\s*[)\]]"
BRACKET_FIRST = re.compile(rf"^\s*{IN_BRACKETS}[\s:.–-]*", re.IGNORECASE)
BRACKET_LAST = re.compile(rf"\s*{IN_BRACKETS}\s*\.?\s*$", re.IGNORECASE)
# A bare number at the end is a paragraph only after the end of a sentence: "by 12." is part of one.
NUMBER_LAST = re.compile(rf"(?<=[.;:!?])\s+\(?({NUMBER})[.)]*\s*$")
ENDS = (".", ";", "?", "!", ":")
# A line shorter than this was ended on purpose, not wrapped.
WRAPPED_AT = 60

PARAGRAPH_HEADINGS = ("paragraph", "para", "paragraph number", "paragraph no", "reference", "ref", "page")
TEXT_HEADINGS = ("recommendation", "recommendations", "what needs to improve", "text", "area for improvement")


def read_pasted(text: str) -> list[tuple[str, str]]:
    """The recommendations in a pasted list, each as (paragraph, text). Empty where there are none.

    Numbers, bullets or blank lines part them; lines that were wrapped are joined. "(paragraph 12)" or "12." at
    either end is the paragraph. Numbers that only count the list from 1 are not.
    """
    parts = [_numbered(part) for part in _parts(text)]
    counted = [number for number, _ in parts]
    own = len(parts) > 1 and counted == [str(place) for place in range(1, len(parts) + 1)]
    return [
        _with_paragraph("" if own else number, words)
        for number, words in parts
        if _with_paragraph("", words)[1]
    ]


def _parts(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    if any(_begins(line) for line in lines):
        return _joined(lines, starts=lambda line, before: _begins(line))
    if any(not line for line in "\n".join(lines).strip().split("\n")):
        return _joined(lines, starts=lambda line, before: before == "")
    return _joined(lines, starts=_follows_an_end)


def _begins(line: str) -> bool:
    return bool(NUMBERED.match(line) or BULLET.match(line))


def _follows_an_end(line: str, before: str) -> bool:
    return not line[:1].islower() and (before.endswith(ENDS) or len(before) < WRAPPED_AT)


def _joined(lines: Iterable[str], *, starts) -> list[str]:
    """The lines as one text for each recommendation; `starts(line, the one before)` says where one begins."""
    parts, before = [], ""
    for line in lines:
        if line and (not parts or starts(line, before)):
            parts.append(line)
        elif line:
            parts[-1] += f" {line}"
        before = line
    return parts


def _numbered(part: str) -> tuple[str, str]:
    part = BULLET.sub("", part, count=1)
    number = NUMBERED.match(part)
    return (number[1], part[number.end() :]) if number else ("", part)


def _with_paragraph(number: str, words: str) -> tuple[str, str]:
    """The paragraph and the words: one in brackets counts before a number that leads or ends them."""
    for pattern in (BRACKET_FIRST, BRACKET_LAST):
        if found := pattern.search(words):
            return found[1].strip(), (words[: found.start()] + words[found.end() :]).strip()
    if not number and (found := NUMBER_LAST.search(words)):
        return found[1], words[: found.start()].strip()
    return number, words.strip()


def read_spreadsheet(file) -> tuple[list[tuple[str, str]], list[Problem]]:
    """The recommendations in a table (.csv, .ods or .xlsx), each as (paragraph, text), and what is amiss with it.

    `file` is an upload, or the path of one. The heading row may stand anywhere; the first sheet that has one is
    read. Where anything is amiss nothing is returned to load: each problem names its row, its column and what to
    do.
    """
    try:
        sheets = _sheets(file)
    except NotReadable as refused:
        return [], [Problem("", None, "file", str(refused))]
    for sheet in sheets:
        found = _heading(sheet)
        if found is not None:
            return _read(sheet, *found)
    looked_for = "“Recommendation”, and one called “Paragraph” where you have them"
    return [], [
        Problem(
            "", None, "file", f"No column is called “Recommendation”. Add a heading row with {looked_for}."
        )
    ]


def _sheets(file) -> list[Sheet]:
    content = Path(file).read_bytes() if isinstance(file, str | Path) else file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise NotReadable(
            f"The file is larger than {LARGEST_FILE // 1_000_000} MB. A list of recommendations is far smaller: "
            "check that it is the right file, or paste the list instead."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(content)
        parts = _unpacked(path)
        if "xl/workbook.xml" in parts:
            _refuse_distant_cells(parts.values())
        if "content.xml" in parts:
            _refuse_wide_tables(parts["content.xml"])
        return [_within(sheet) for sheet in sheets_of(path)]


def _unpacked(path: Path) -> dict[str, bytes]:
    """The parts of a workbook by name, together at most LARGEST_UNPACKED; none where the file is not packed."""
    parts, left = {}, LARGEST_UNPACKED
    try:
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                with packed.open(name) as part:
                    parts[name] = part.read(left + 1)
                left -= len(parts[name])
                if left < 0:
                    raise NotReadable(
                        f"The file would unpack to more than {LARGEST_UNPACKED // 1_000_000} MB. Copy the list alone "
                        "to a new file."
                    )
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        return {}
    return parts


def _refuse_distant_cells(parts: Iterable[bytes]) -> None:
    """Refuse an Excel sheet with a cell far out: the library would make room for all that lies before it."""
    for part in parts:
        for cell in EXCEL_PLACE.findall(part):
            place = NEAR_PLACE.fullmatch(cell)
            if place is None or int(place[1]) > MOST_ROWS:
                raise NotReadable(TOO_FAR)


def _refuse_wide_tables(content: bytes) -> None:
    """The same for an OpenDocument sheet, which says how often a row or a cell is repeated."""
    rows = columns = 0
    filled = False
    try:
        for _, tag in ElementTree.iterparse(io.BytesIO(content)):
            if tag.tag == f"{TABLE}table-cell":
                columns += int(tag.get(f"{TABLE}number-columns-repeated", 1))
                if len(tag) or tag.get(f"{OFFICE}value-type"):
                    filled = True
                    if columns > MOST_COLUMNS:
                        raise NotReadable(TOO_FAR)
            elif tag.tag == f"{TABLE}table-row":
                rows += int(tag.get(f"{TABLE}number-rows-repeated", 1))
                if filled and rows > MOST_ROWS:
                    raise NotReadable(TOO_FAR)
                columns, filled = 0, False
                tag.clear()
            elif tag.tag == f"{TABLE}table":
                rows = 0
    except (ElementTree.ParseError, ValueError) as error:
        raise NotReadable("The workbook’s content can’t be read. It may be damaged: save it anew.") from error


def _within(sheet: Sheet) -> Sheet:
    if len(sheet.rows) > MOST_ROWS:
        raise NotReadable(
            f"The sheet “{sheet.name}” has {len(sheet.rows):,} rows; at most {MOST_ROWS:,} are read. Copy the list "
            "alone to a new file."
        )
    return sheet


def _heading(sheet: Sheet) -> tuple[int, int, int | None] | None:
    """Where the heading row stands, its column of words, and that of paragraphs if it has one."""
    for at, row in enumerate(sheet.rows):
        cells = [plain(cell).rstrip(".:") for cell in row]
        text = next((column for column, cell in enumerate(cells) if cell in TEXT_HEADINGS), None)
        if text is not None:
            paragraph = next(
                (column for column, cell in enumerate(cells) if cell in PARAGRAPH_HEADINGS), None
            )
            return at, text, paragraph
    return None


def _read(sheet: Sheet, at: int, text: int, paragraph: int | None) -> tuple[list, list[Problem]]:
    found, problems = [], []
    for number, row in enumerate(sheet.rows[at + 1 :], at + 2):
        words = " ".join(_cell(row, text).split())
        where = "" if paragraph is None else _cell(row, paragraph)
        if not words and not where:
            continue
        problems += _amiss(sheet.name, number, words, where)
        found.append((where, words) if paragraph is not None else _with_paragraph("", words))
    if not found:
        problems.append(
            Problem(sheet.name, at + 1, "recommendation", "No row below the heading has any words.")
        )
    if len(found) > MOST:
        problems.append(
            Problem(sheet.name, None, "file", f"These are {len(found)}. Add at most {MOST} at once.")
        )
    return ([], problems) if problems else (found, [])


def _cell(row: list, column: int) -> str:
    return text_of(row[column]) if column < len(row) else ""


def _amiss(sheet: str, row: int, words: str, where: str) -> list[Problem]:
    problems = []
    if not words:
        problems.append(
            Problem(
                sheet, row, "recommendation", "It has a paragraph and no words. Enter them, or empty the row."
            )
        )
    if len(words) > LONGEST_TEXT:
        problems.append(
            Problem(
                sheet,
                row,
                "recommendation",
                f"It is {len(words):,} characters long. Shorten it to {LONGEST_TEXT:,}.",
            )
        )
    if len(where) > LONGEST_PARAGRAPH:
        problems.append(
            Problem(
                sheet, row, "paragraph", f"Shorten it to {LONGEST_PARAGRAPH} characters or fewer, such as 12."
            )
        )
    return problems
