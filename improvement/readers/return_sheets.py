"""A return sheet that came back: what each line of it answers, or what is wrong with it, by row and column."""

from dataclasses import dataclass
from datetime import date, datetime

from cases.refusals import Refused
from cases.uploads import check_upload, read_workbook
from improvement.models import Delivery, Impact
from improvement.writers.return_sheets import COLUMNS, FIRST_ROW, MARK, SHEET, sheet_name_of

NAMES = [name for name, _width in COLUMNS]
LONGEST = {
    "What was done": ("done", 4000),
    "What difference it has made": ("difference", 4000),
    "Why it is not on track": ("reason", 2000),
    "What brings it back on track": ("recovery", 2000),
    "Why the date moves": ("date_reason", 2000),
}


class NotRead(Exception):
    """The sheet can't be taken as it is. `problems` is a list of sentences, each naming row, column and remedy."""

    def __init__(self, problems):
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True)
class Returned:
    """A line that answers: the row that it stands in, the action's key, and what `report_action` takes."""

    row: int
    key: int
    answer: dict


def read_return_sheet(upload, update, actions):
    """Return (who filled it in, [`Returned`]) of a return sheet for an update; `actions` are those it asks about.

    Lines without an answer are left out. Raises Refused where the file is none, NotRead where lines are wrong.
    """
    check_upload(upload, endings=(".xlsx",), field="sheet")
    rows = _sheet(read_workbook(upload, field="sheet"))
    _refuse_other(rows, update)
    by_key = {action.key: action for action in actions}
    by = _text(_at(rows, 2, 1))
    found, problems, seen = [], [], {}
    for place, cells in enumerate(rows[FIRST_ROW - 1 :], FIRST_ROW):
        line = dict(zip(NAMES, [*cells, *[""] * len(NAMES)], strict=False))
        if not any(_text(value) for value in cells):
            continue
        key = _key(line["Key"])
        if key not in by_key:
            problems.append(
                f"Row {place}, column Key: this line is about no action of the update. Start from a new sheet"
            )
            continue
        if key in seen:
            problems.append(f"Row {place}: action {by_key[key].number} stands in row {seen[key]} already")
        seen[key] = place
        answer = _answer(line, place, problems)
        if any(value not in ("", None) for value in answer.values()):
            found.append(Returned(place, key, answer))
    if not by:
        problems.insert(
            0, "Row 3: beside “Filled in by” nobody’s post is written. Enter it and save the sheet"
        )
    elif len(by) > 160:
        problems.insert(0, "Row 3: “Filled in by” must be 160 characters or fewer")
    if problems:
        raise NotRead(problems)
    if not found:
        raise Refused("The sheet has no answers yet: fill in at least one line.", "sheet")
    return by, found


def _sheet(sheets):
    named = [sheet for sheet in sheets if sheet.name == SHEET]
    if not named:
        raise Refused(
            f"The file has no sheet called “{SHEET}”. Start from the sheet of this update.", "sheet"
        )
    if named[0].formulas:
        places = ", ".join(named[0].formulas[:3])
        raise Refused(
            f"Cells of the sheet hold formulas ({places}). Put their results there as plain text or numbers.",
            "sheet",
        )
    return named[0].rows


def _refuse_other(rows, update):
    if _text(_at(rows, 0, 0)) != MARK:
        raise Refused("This is not a return sheet. Start from the sheet of this update.", "sheet")
    of = _text(_at(rows, 0, 1))
    if of != sheet_name_of(update):
        raise Refused(f"The sheet is for {of or 'nothing'}, not for {sheet_name_of(update)}.", "sheet")
    headings = [_text(value) for value in (rows[FIRST_ROW - 2] if len(rows) >= FIRST_ROW - 1 else [])]
    for place, name in enumerate(NAMES):
        if place >= len(headings) or headings[place] != name:
            raise Refused(
                f"Row {FIRST_ROW - 1}, column {place + 1}: the heading should be “{name}”. "
                "Start from a new sheet, without adding, removing or moving columns.",
                "sheet",
            )


def _answer(line, row, problems):
    answer = {
        "delivery": _choice(line, "Status", Delivery, row, problems),
        "percent": _percent(line, row, problems),
        "impact": _choice(line, "What it has changed", Impact, row, problems),
        "new_due_on": _day(line, row, problems),
    }
    for heading, (name, longest) in LONGEST.items():
        answer[name] = _text(line[heading])
        if len(answer[name]) > longest:
            problems.append(f"Row {row}, column {heading}: shorten it to {longest} characters")
    return answer


def _choice(line, heading, choices, row, problems):
    said = _text(line[heading])
    for value, label in choices.choices:
        if said.casefold() in (value, str(label).casefold()):
            return value
    if said:
        wanted = ", ".join(f"“{label}”" for label in choices.labels)
        problems.append(f"Row {row}, column {heading}: “{said[:40]}” is none of the list. Choose {wanted}")
    return ""


def _percent(line, row, problems):
    said = line["Per cent done"]
    if isinstance(said, str):
        said = said.strip().removesuffix("%").strip()
        if not said:
            return None
        said = int(said) if said.isdecimal() else None
    is_number = isinstance(said, (int, float)) and not isinstance(said, bool)
    if is_number and 0 <= said <= 100 and said == int(said):
        return int(said)
    problems.append(f"Row {row}, column Per cent done: enter a whole number from 0 to 100, such as 40")
    return None


def _day(line, row, problems):
    said = line["New date"]
    if isinstance(said, datetime):
        return said.date()
    if isinstance(said, date):
        return said
    text = _text(said)
    if not text:
        return None
    for layout in ("%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, layout).date()  # noqa: DTZ007
        except ValueError:
            continue
    problems.append(f"Row {row}, column New date: “{text[:30]}” is not a date. Enter it as 27/11/2026")
    return None


def _key(value):
    text = _text(value).removesuffix(".0")
    return int(text) if text.isdecimal() and len(text) < 12 else None


def _at(rows, row, column):
    return rows[row][column] if len(rows) > row and len(rows[row]) > column else ""


def _text(value):
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return str(value if value is not None else "").strip()
