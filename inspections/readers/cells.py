"""Single cells: dates and grades in every form that the published files use."""

from __future__ import annotations

import re
from datetime import date, datetime

from inspections.readers.told import Grade

NOT_YET_INSPECTED = "not yet inspected"

GRADE_WORDS = {
    "outstanding": "outstanding",
    "good": "good",
    "requires improvement": "requires-improvement",
    "requires improvement to be good": "requires-improvement",
    "to requires improvement": "requires-improvement",
    "adequate": "requires-improvement",
    "inadequate": "inadequate",
    "-": "no-cases",
}

# The framework's own word for the step between good and inadequate. Later releases restate it.
MIDDLE_WORDS = {
    "slac": "adequate",
    "cp": "adequate",
    "tlac": "adequate",
    "sif": "requires improvement",
    "ilacs": "requires improvement to be good",
}

# What stands in a grade's cell when the framework had no such judgement, or there is none.
NO_GRADE = {"", "inspection_pre_dates_judgement", "n/a", "not applicable", NOT_YET_INSPECTED}

DAY_FORMATS = ("%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")


class WrongCell(ValueError):
    """A filled cell that can't be what its column says. The message says what to do."""


def text_of(cell) -> str:
    """A cell as the reader of the spreadsheet sees it; whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()


def plain(cell) -> str:
    """A cell for comparing: lower case, straight quotes and dashes, single spaces, no note marks."""
    text = text_of(cell).casefold().replace("’", "'").replace("–", "-").replace("—", "-")
    return " ".join(re.sub(r"\[[^\]]*\]", " ", text).split())


def is_filled(cell) -> bool:
    """Whether anything stands in the cell."""
    return cell is not None and text_of(cell) != ""


def day(cell) -> date | None:
    """The day in a cell, None for an empty one. Two-digit years are of this century.

    Raises WrongCell for anything else, a bare number included: it may be a date without its format, or not.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    if not text:
        return None
    for form in DAY_FORMATS:
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 — a day has no time zone
        except ValueError:
            continue
        return found.replace(year=2000 + found.year % 100) if form.endswith("%y") else found
    raise WrongCell(f"“{text}” is not a date. Correct the cell to a date such as 31/03/2025.")


def grade(cell, family: str, *, derived: bool) -> Grade | None:
    """The grade in a cell, None for an empty one.

    A word that Ofsted puts for another, as "requires improvement to be good" for "adequate", is marked
    restated; the words of a derived table are nobody's restatement. Raises WrongCell.
    """
    word = plain(cell)
    if word in NO_GRADE:
        return None
    if word not in GRADE_WORDS:
        raise WrongCell(
            f"“{text_of(cell)}” is not a grade. Correct it to outstanding, good, requires improvement to be "
            "good, adequate or inadequate, or “-” where there were no cases."
        )
    code = GRADE_WORDS[word]
    restated = code == "requires-improvement" and not derived and word != MIDDLE_WORDS[family]
    return Grade(code=code, word=text_of(cell), restated=restated)
