"""A plan as a spreadsheet, read: its headings found, each cell understood or said to be wrong, by row and column.

Pure: it takes the sheets that `cases.uploads.read_workbook` gives, and knows no plan. docs/plan-spreadsheet.md is the
layout for people; `ACTIONS` and `MEASURES` are the same for the writer of the empty one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from cases.refusals import Refused
from cases.uploads import place_of
from improvement.models import PlannedMeasure

# Headings under which a number is that of a paragraph, not that of a recommendation.
_PARAGRAPHS = ("paragraph", "ofsted para no", "ofsted paragraph")
MOST_ACTIONS = 300
MOST_MEASURES = 200
HEADER_WITHIN = 20
INSTRUCTIONS, RECOMMENDATIONS = "instructions", "recommendations"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_IN_WORDS = r"(?:[A-Za-z]+,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]+([A-Za-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2})"
_LAYOUT = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Column:
    """A column: its heading, the name of what it fills, how a cell is read, other headings that mean it, a hint."""

    heading: str
    name: str
    kind: str = "text"
    also: tuple[str, ...] = ()
    hint: str = ""
    width: int = 18
    needed: bool = False


EVIDENCE_WORDS = {
    "by_measures": ("measures", "measure", "kpi", "kpis", "data", "performance data"),
    "by_audit": ("audit", "case audit", "audits", "case audits", "case file audit"),
    "by_voice": ("voice", "views", "feedback", "voice of children families and staff", "surveys", "survey"),
}
ACTIONS = (
    Column(
        "No", "number", "ignored", ("number", "ref", "reference", "action no"), "Counted anew; not read.", 7
    ),
    Column(
        "Priority",
        "priority",
        also=("theme", "workstream", "priority area", "objective"),
        hint="The priority’s title, in every row. Rows with the same title belong to one priority.",
        width=28,
        needed=True,
    ),
    Column(
        "Outcome",
        "outcome",
        also=("what good looks like", "intended outcome", "outcomes"),
        hint="What good looks like for the priority: in one of its rows.",
        width=34,
    ),
    Column(
        "Recommendations",
        "recommendations",
        "references",
        also=(
            "recommendation",
            "ofsted para no",
            "ofsted paragraph",
            "paragraph",
            "ofsted recommendation no",
        ),
        hint="Those that the plan answers, as the sheet Recommendations names them, with a semicolon between: 1; 3. "
        "A paragraph works too: para 12.",
    ),
    Column(
        "Action",
        "text",
        also=("actions", "action required", "what we will do", "task"),
        hint="What is to be done. A row without one describes its priority alone.",
        width=50,
        needed=True,
    ),
    Column(
        "Owner",
        "owner_post",
        also=(
            "owner post",
            "lead",
            "lead officer",
            "action owner",
            "who",
            "responsible",
            "accountable owner",
        ),
        hint="The one accountable post, not a person’s name.",
        width=24,
    ),
    Column(
        "Body",
        "owner_body",
        also=("owner body", "organisation", "partner"),
        hint="Where not the council itself.",
    ),
    Column("Start", "start_on", "date", ("start date", "from"), "A date such as 12/01/2026.", 13),
    Column(
        "Due", "due_on", "date", ("by when", "due date", "deadline", "end date", "timescale"), "A date.", 13
    ),
    Column(
        "Success",
        "success",
        also=(
            "how we shall know",
            "success measure",
            "success criteria",
            "what success looks like",
            "impact",
        ),
        hint="How you will know that it has worked.",
        width=36,
    ),
    Column("Resources", "resources", also=("resource", "resources needed", "cost"), width=24),
    Column(
        "Evidence",
        "evidence",
        "evidence",
        ("evidence kinds", "kinds of evidence"),
        "Any of measures, audit, voice, with a semicolon between.",
    ),
    Column("Aim", "aim", also=("stated aim",), hint="Where no recommendation asks for it.", width=28),
    Column(
        "Measures",
        "measures",
        "references",
        ("measure no", "kpi no"),
        "Numbers of the sheet Measures, with a semicolon between: M1; M3.",
        14,
    ),
    Column("Id", "key", "key", ("upstream id",), "Leave as it is; empty for a new row.", 9),
)
MEASURES = (
    Column("No", "number", "text", ("number", "ref", "measure no"), "M1, M2 …: what actions refer to.", 7),
    Column(
        "Measure", "name", also=("kpi", "indicator", "name"), width=40, needed=True, hint="What is measured."
    ),
    Column("Priority", "priority", also=("theme",), hint="The title of a priority of the plan.", width=28),
    Column("Unit", "unit", hint="Such as % or per 10,000.", width=12),
    Column("Baseline", "baseline", "decimal", hint="A number alone: 85, not 85%.", width=11),
    Column("Baseline date", "baseline_on", "date", ("date of baseline",), "A date.", 14),
    Column("Target", "target", "decimal", hint="A number alone.", width=11),
    Column("Target date", "target_on", "date", ("date of target", "target by"), "A date.", 14),
    Column("Tolerance", "tolerance", "decimal", hint="How far off target is still acceptable.", width=11),
    Column("Better", "polarity", "polarity", ("polarity", "good is"), "Higher, lower or neither.", 12),
    Column(
        "Frequency", "frequency", "frequency", ("how often",), "Every month, quarter, six months or year.", 16
    ),
    Column("Benchmark", "benchmark", also=("compared with",), hint="What it is compared with.", width=24),
    Column("Id", "key", "key", ("upstream id",), "Leave as it is; empty for a new row.", 9),
)
POLARITIES = {
    "higher": PlannedMeasure.Polarity.HIGHER,
    "higher is better": PlannedMeasure.Polarity.HIGHER,
    "up": PlannedMeasure.Polarity.HIGHER,
    "lower": PlannedMeasure.Polarity.LOWER,
    "lower is better": PlannedMeasure.Polarity.LOWER,
    "down": PlannedMeasure.Polarity.LOWER,
    "neither": PlannedMeasure.Polarity.NEUTRAL,
    "neutral": PlannedMeasure.Polarity.NEUTRAL,
}
FREQUENCIES = {
    **dict.fromkeys(("month", "monthly", "every month"), PlannedMeasure.Frequency.MONTHLY),
    **dict.fromkeys(("quarter", "quarterly", "every quarter"), PlannedMeasure.Frequency.QUARTERLY),
    **dict.fromkeys(
        ("six months", "six monthly", "half yearly", "every six months"), PlannedMeasure.Frequency.HALF_YEARLY
    ),
    **dict.fromkeys(("year", "yearly", "annual", "annually", "every year"), PlannedMeasure.Frequency.YEARLY),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell, or with a row where `column` is "": for the person, with what to do."""

    sheet: str
    row: int
    column: str
    message: str

    @property
    def where(self):
        place = f"Row {self.row}" + (f", {self.column}" if self.column else "")
        return f"{self.sheet}, {place[0].lower()}{place[1:]}" if self.sheet else place


@dataclass(frozen=True)
class SheetRow:
    """A row: the sheet's name, its number for the person, and what its cells say, by the names of the columns.

    A column that the sheet has not is not among them; an empty cell is "", None or an empty list.
    """

    sheet: str
    row: int
    values: dict = field(hash=False)


@dataclass(frozen=True)
class PlanSheet:
    """A spreadsheet as read. `problems`: nothing of it may be loaded. `notes`: what the person should know."""

    actions: tuple[SheetRow, ...] = ()
    measures: tuple[SheetRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def read_plan_sheet(sheets, *, field="upload"):
    """Return the `PlanSheet` of a workbook's sheets. Refused where there is no table of actions to read at all."""
    actions = _sheet_of_actions(sheets, field)
    rows, problems, notes = _read(actions, ACTIONS, "text", MOST_ACTIONS, field)
    measures = next((one for one in sheets if _plain(one.name) == "measures" and one is not actions), None)
    measured = ()
    if measures is not None:
        measured, wrong, more = _read(measures, MEASURES, "name", MOST_MEASURES, field)
        problems, notes = problems + wrong, notes + more
    if not rows and not measured and not problems:
        raise Refused(
            "The sheet has headings and no rows below them. Fill in a row for each action, and upload it again.",
            field,
        )
    known = {"measures", "actions", INSTRUCTIONS, RECOMMENDATIONS}
    left = [
        one.name
        for one in sheets
        if one not in (actions, measures) and _plain(one.name) not in known and one.rows
    ]
    if left:
        notes += (f"Not read: {_among('the sheet', left)}.",)
    problems = sorted(problems, key=lambda one: (one.sheet != actions.name, one.sheet, one.row))
    return PlanSheet(tuple(rows), tuple(measured), tuple(problems), tuple(notes))


def as_plain(sheet):
    """Return the rows of a `PlanSheet` as plain values that JSON can hold: for the form that confirms it."""
    return {
        name: [
            [row.sheet, row.row, {key: _as_json(value) for key, value in row.values.items()}] for row in rows
        ]
        for name, rows in (("actions", sheet.actions), ("measures", sheet.measures))
    }


def from_plain(content):
    """Return the `PlanSheet` that `as_plain` was given."""
    read = {
        name: tuple(
            SheetRow(sheet, row, {key: _from_json(columns[key], value) for key, value in values.items()})
            for sheet, row, values in content[name]
        )
        for name, columns in (("actions", _kinds(ACTIONS)), ("measures", _kinds(MEASURES)))
    }
    return PlanSheet(**read)


def _kinds(columns):
    return {column.name: column.kind for column in columns}


def _as_json(value):
    return (
        value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
    )


def _from_json(kind, value):
    if value in (None, ""):
        return value
    return date.fromisoformat(value) if kind == "date" else Decimal(value) if kind == "decimal" else value


# Finding the table


def _sheet_of_actions(sheets, field):
    named = [one for one in sheets if _plain(one.name) == "actions"]
    others = [one for one in sheets if _plain(one.name) not in ("measures", INSTRUCTIONS, RECOMMENDATIONS)]
    shown = [one for one in others if not one.hidden and one.rows]
    found = named[0] if named else shown[0] if len(shown) == 1 else None
    if found is None and len(shown) > 1:
        raise Refused(
            f"The workbook has {len(shown)} sheets ({_list([one.name for one in shown])}). Name the one with the plan "
            "“Actions”, and upload it again.",
            field,
        )
    if found is None or not found.rows:
        raise Refused(
            "There is nothing to read: no sheet “Actions” with rows. Use the empty spreadsheet, and upload it filled "
            "in.",
            field,
        )
    if found.hidden:
        raise Refused(f"The sheet “{found.name}” is hidden. Show it, check it, and upload it again.", field)
    return found


def _read(sheet, columns, needed, most, field):
    """Return (rows, problems, notes) of a sheet."""
    header, places, unknown = _header(sheet, columns, field)
    rows, problems = [], []
    for number, cells in enumerate(sheet.rows[header:], header + 1):
        if not any(_is_filled(cell) for cell in cells):
            continue
        values = {}
        for column, place in places.items():
            cell = cells[place] if place < len(cells) else ""
            try:
                values[column.name] = _understood(column, cell)
                if column.name == "recommendations" and _plain(sheet.rows[header - 1][place]) in _PARAGRAPHS:
                    values[column.name] = [
                        one if _plain(one).startswith("p") else f"para {one}" for one in values[column.name]
                    ]
            except ValueError as wrong:
                where = f"column {place_of('', place + 1)} ({column.heading})"
                problems.append(Problem(sheet.name, number, where, str(wrong)))
                values[column.name] = "" if column.kind in ("text", "ignored") else None
        values.pop("number" if columns is ACTIONS else "", None)
        # A row of a number alone, or of totals under the columns that are read, says nothing.
        if any(value not in ("", None, []) for name, value in values.items() if name != "number"):
            rows.append(SheetRow(sheet.name, number, values))
    if len(rows) > most:
        raise Refused(
            f"{_named(sheet)} has {len(rows):,} rows, and {most} can be loaded at once. Split it, or leave out what is "
            "not part of the plan.",
            field,
        )
    notes = ()
    if unknown:
        notes += (f"Not read{_in(sheet)}: {_among('the column', unknown)}.",)
    if sheet.formulas:
        some = ", ".join(sheet.formulas[:8]) + (" …" if len(sheet.formulas) > 8 else "")
        cells = "Cell" if len(sheet.formulas) == 1 else "Cells"
        verb = "holds a formula" if len(sheet.formulas) == 1 else "hold formulas"
        notes += (f"{cells} {some}{_in(sheet)} {verb}: the result last saved was read, not the formula.",)
    if sheet.hidden:
        notes += (f"{_named(sheet)} is hidden, and was read all the same.",)
    return rows, problems, notes


def _header(sheet, columns, field):
    """Return (the number of rows above and with the headings, {column: its place}, headings that mean nothing)."""
    meaning = {_plain(word): column for column in columns for word in (column.heading, *column.also)}
    best, where = {}, None
    for number, cells in enumerate(sheet.rows[:HEADER_WITHIN]):
        found = [(meaning.get(_plain(cell)), place) for place, cell in enumerate(cells)]
        known = {column.name for column, _place in found if column}
        if len(known) > len(best):
            best, where = known, number
    wanted = [column for column in columns if column.needed]
    missing = [column.heading for column in wanted if column.name not in best]
    if where is None or missing:
        lacking = _list(missing or [column.heading for column in wanted])
        raise Refused(
            f"{_named(sheet)} has no heading {lacking}. Put the headings in one row above the table, as in the empty "
            "spreadsheet, and upload it again.",
            field,
        )
    places, unknown, before = {}, [], None
    for place, cell in enumerate(sheet.rows[where]):
        heading = str(cell).strip()
        column = meaning.get(_plain(cell))
        # A heading over merged cells stands in each of them.
        if not heading or heading == before:
            continue
        before = heading
        if column is None:
            unknown.append(heading[:40])
        elif column in places:
            raise Refused(
                f"{_named(sheet)} has two columns for {column.heading}: “{sheet.rows[where][places[column]]}” "
                f"({place_of('', places[column] + 1)}) and “{heading}” ({place_of('', place + 1)}). Keep one of them.",
                field,
            )
        else:
            places[column] = place
    return where + 1, places, unknown


def _plain(text):
    return _LAYOUT.sub(" ", str(text).lower().replace("’", "").replace("'", "")).strip()


def _is_filled(cell):
    return cell is not None and str(cell).strip() != ""


def _named(sheet):
    return f"The sheet “{sheet.name}”" if sheet.name else "The file"


def _in(sheet):
    return f" in the sheet “{sheet.name}”" if sheet.name else ""


def _list(names):
    return (
        " and ".join(f"“{name}”" for name in names)
        if len(names) < 3
        else ", ".join(f"“{name}”" for name in names)
    )


def _among(what, names):
    return f"{what}{'s' if len(names) > 1 else ''} {_list(names)}"


# Understanding a cell: each returns its value or raises ValueError in words


def _understood(column, cell):
    return _READERS[column.kind](cell)


def _text(cell):
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time().isoformat() == "00:00:00" else cell
    return cell.isoformat() if isinstance(cell, date) else "" if cell is None else str(cell).strip()


def _day(cell):
    if not _is_filled(cell):
        return None
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        found = _day_of_text(str(cell).strip())
    if found is None:
        remedy = "write a day such as 12/01/2026, or leave it empty"
        raise ValueError(f"“{str(cell)[:40]}” is not a date: {remedy}.")
    if not 2000 <= found.year <= 2100:
        raise ValueError(f"The year {found.year} can’t be right: write a day such as 12/01/2026.")
    return found


def _day_of_text(text):
    parts = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T.*)?", text)
    if parts:
        year, month, day = map(int, parts.groups())
    elif parts := re.fullmatch(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d{2})", text):
        day, month, year = map(int, parts.groups())
    elif parts := re.fullmatch(_IN_WORDS, text):
        if parts[2][:3].lower() not in _MONTHS:
            return None
        day, month, year = int(parts[1]), _MONTHS.index(parts[2][:3].lower()) + 1, int(parts[3])
    else:
        return None
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def _decimal(cell):
    if not _is_filled(cell):
        return None
    written = str(cell).strip().replace(",", "").replace(" ", "").removesuffix("%").removeprefix("£")
    try:
        number = Decimal(written)
    except InvalidOperation:
        number = None
    if isinstance(cell, (bool, date)) or number is None or not number.is_finite():
        raise ValueError(
            f"“{str(cell)[:40]}” is not a number: write a number alone such as 85, or leave it empty."
        )
    if abs(number) >= Decimal(10) ** 9:
        raise ValueError("The number has more than nine digits. Check it.")
    return round(number, 3).normalize() + 0 if number else Decimal(0)


def _references(cell):
    if isinstance(cell, (date, bool)) or (isinstance(cell, float) and not cell.is_integer()):
        raise ValueError(
            f"“{cell}” is not a list of numbers: write them with a semicolon between, such as 1; 3, and format the "
            "cell as text."
        )
    return [part for part in (one.strip(" .") for one in re.split(r"[;,\n&]|\band\b", _text(cell))) if part]


def _evidence(cell):
    """Return the names of the kinds of evidence, in their order."""
    found = set()
    for word in _references(cell):
        name = next((name for name, words in EVIDENCE_WORDS.items() if _plain(word) in words), None)
        if name is None:
            raise ValueError(f"“{word[:40]}” is not a kind of evidence: write measures, audit or voice.")
        found.add(name)
    return [name for name in EVIDENCE_WORDS if name in found]


def _key(cell):
    written = _text(cell)
    if not written:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", written):
        raise ValueError(
            f"“{written[:40]}” is not an Id: leave it as it was downloaded, or empty for a new row."
        )
    return int(written)


def _one_of(choices, words):
    def read(cell):
        written = _plain(_text(cell))
        if written and written not in choices:
            raise ValueError(f"“{_text(cell)[:40]}” is none of the choices: write {words}.")
        return str(choices[written]) if written else ""

    return read


_READERS = {
    "ignored": lambda cell: "",
    "text": _text,
    "date": _day,
    "decimal": _decimal,
    "references": _references,
    "evidence": _evidence,
    "key": _key,
    "polarity": _one_of(POLARITIES, "higher, lower or neither"),
    "frequency": _one_of(FREQUENCIES, "every month, every quarter, every six months or every year"),
}
