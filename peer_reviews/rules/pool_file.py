"""A pool of peers as a CSV file: its columns, and what is wrong with a row. Pure."""

import csv
from dataclasses import dataclass, field
from datetime import date
from io import StringIO

COLUMNS = (
    "name",
    "email",
    "roles",
    "council",
    "employer",
    "post",
    "post_from",
    "political_group",
    "words",
    "regions",
    "days_a_year",
    "joined_on",
)
NEEDED = ("name", "roles")
MOST_ROWS = 2000


class NotAPool(Exception):
    """The file can't be read as a pool of peers; the message is for the person."""


@dataclass
class Line:
    """A row of the file: its line, what each column says, and what is wrong with it in words."""

    number: int
    says: dict
    wrong: list = field(default_factory=list)


def read_pool(content):
    """Return the `Line`s of a CSV file (bytes in UTF-8). Raises NotAPool."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAPool("Save the file as CSV in UTF-8") from None
    try:
        rows = list(csv.reader(StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise NotAPool("This is not a CSV file") from None
    if not rows:
        raise NotAPool("The file is empty")
    headings = [heading.strip().lower().replace(" ", "_") for heading in rows[0]]
    missing = [column for column in NEEDED if column not in headings]
    if missing:
        raise NotAPool(f"The first row must name the columns; it lacks {' and '.join(missing)}")
    unknown = [heading for heading in headings if heading and heading not in COLUMNS]
    if unknown:
        raise NotAPool(f"The column “{unknown[0][:40]}” is not known. Columns are {', '.join(COLUMNS)}")
    lines = [
        Line(number, _says(headings, row))
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    if not lines:
        raise NotAPool("The file holds no peer")
    if len(lines) > MOST_ROWS:
        raise NotAPool(f"A file may hold {MOST_ROWS} peers at most")
    return lines


def _says(headings, row):
    cells = dict(zip(headings, (cell.strip() for cell in row), strict=False))
    return {column: cells.get(column, "") for column in COLUMNS}


def several(cell):
    """Return the things that a cell lists, separated by semicolons."""
    return [one.strip() for one in cell.split(";") if one.strip()]


def day(cell):
    """Return the date of a cell in the form 2026-11-30, None where it is empty. Raises ValueError."""
    return date.fromisoformat(cell) if cell else None
