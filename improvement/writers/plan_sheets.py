"""A plan as a spreadsheet to fill in or to change: instructions, actions, measures, and what the plan answers.

Every text is written as text: one that begins like a formula is none.
"""

import io
from datetime import date
from decimal import Decimal

import xlsxwriter

from improvement.models import PlannedMeasure
from improvement.readers.plan_sheets import ACTIONS, MEASURES

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EMPTY_ROWS = 200
BETTER = {
    PlannedMeasure.Polarity.HIGHER: "higher",
    PlannedMeasure.Polarity.LOWER: "lower",
    PlannedMeasure.Polarity.NEUTRAL: "neither",
}
OFTEN = {
    PlannedMeasure.Frequency.MONTHLY: "every month",
    PlannedMeasure.Frequency.QUARTERLY: "every quarter",
    PlannedMeasure.Frequency.HALF_YEARLY: "every six months",
    PlannedMeasure.Frequency.YEARLY: "every year",
}
INSTRUCTIONS = (
    "Fill in the sheet Actions: one row for each action. The sheet Measures is for figures that you will watch.",
    "Upload it on the plan’s page. You see what would be added and changed, row by row, before anything is.",
    "Where a cell is wrong you are told its row, its column and what to do; nothing is loaded until all are right.",
    "A row with an Id changes that action; one without is added, unless its priority and action are word for word in "
    "the plan already. An empty cell empties what the plan says; a column that you leave out changes nothing.",
    "Nothing is removed by a spreadsheet: an action that it leaves out stays in the plan.",
    "The headings may stand in any order, and other columns are left alone. Don’t write about a child: refer to cases "
    "by their reference only.",
)


def references_of(recommendations):
    """Return {key: "1" or "B2"}: by what a spreadsheet names each recommendation (`Told`) that a plan answers.

    Its number in its source; with several sources, after a letter for each source in the order of the plan.
    """
    sources = list(dict.fromkeys(one.of for one in recommendations))
    if len(sources) == 1 and len({one.number for one in recommendations}) == len(recommendations):
        return {one.key: str(one.number) for one in recommendations}
    letters, place, found, before = {}, 0, {}, set()
    for one in recommendations:
        # Two sources may have one title; their numbers begin anew.
        if one.of not in letters or (one.of, one.number) in before:
            letters[one.of] = _letters(place)
            place += 1
        before.add((one.of, one.number))
        found[one.key] = f"{letters[one.of]}{one.number}"
    return found


def plan_workbook(document=None):
    """Return the bytes of the workbook of a `PlanDocument`, or of the empty one."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    formats = {
        "heading": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8F0EE"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "as_text": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        "date": book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
    }
    named = references_of(document.recommendations) if document else {}
    _instructions(book, document, formats)
    _table(book, "Actions", ACTIONS, _actions(document, named) if document else [], formats)
    measures = _table(book, "Measures", MEASURES, _measures(document) if document else [], formats)
    _choices(measures)
    if document:
        _recommendations(book, document, named, formats)
    book.close()
    return file.getvalue()


def _instructions(book, document, formats):
    sheet = book.add_worksheet("Instructions")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    about = (
        f"{document.council}: {document.title}, version {document.number}"
        if document
        else "An improvement plan"
    )
    sheet.write_string(0, 0, about, formats["title"])
    row = 2
    for number, line in enumerate(INSTRUCTIONS, 1):
        sheet.write_number(row, 0, number, formats["text"])
        sheet.write_string(row, 1, line, formats["text"])
        row += 1
    for name, columns in (("Actions", ACTIONS), ("Measures", MEASURES)):
        row += 1
        sheet.write_string(row, 0, f"Columns of {name}", formats["heading"])
        sheet.write_string(row, 1, "What goes in", formats["heading"])
        for column in columns:
            row += 1
            needed = "Needed. " if column.needed else ""
            sheet.write_string(row, 0, column.heading, formats["text"])
            sheet.write_string(row, 1, needed + column.hint, formats["text"])
        row += 1


def _table(book, name, columns, rows, formats):
    sheet = book.add_worksheet(name)
    for place, column in enumerate(columns):
        cells = "date" if column.kind == "date" else "as_text" if column.kind == "references" else "text"
        sheet.set_column(place, place, column.width, formats[cells])
        sheet.write_string(0, place, column.heading, formats["heading"])
    for number, row in enumerate(rows, 1):
        for place, column in enumerate(columns):
            _write(sheet, number, place, row.get(column.name), formats)
    sheet.freeze_panes(1, 0)
    return sheet


def _write(sheet, row, place, value, formats):
    if value in (None, ""):
        return
    if isinstance(value, date):
        sheet.write_datetime(row, place, value, formats["date"])
    elif isinstance(value, (int, Decimal)):
        sheet.write_number(row, place, value, formats["text"])
    else:
        sheet.write_string(row, place, str(value), formats["text"])


def _actions(document, named):
    places = {one.key: f"M{place}" for place, one in enumerate(document.measures, 1)}
    for priority in document.priorities:
        about = {"priority": priority.title, "outcome": priority.outcome}
        if not priority.actions:
            yield {"number": str(priority.number), **about}
        for action in priority.actions:
            kinds = (("measures", action.by_measures), ("audit", action.by_audit), ("voice", action.by_voice))
            yield {
                **about,
                "number": action.number,
                "recommendations": "; ".join(named[one] for one in action.recommendations if one in named),
                "text": action.text,
                "owner_post": action.owner_post,
                "owner_body": action.owner_body,
                "start_on": action.start_on,
                "due_on": action.due_on,
                "success": action.success,
                "resources": action.resources,
                "evidence": "; ".join(name for name, is_so in kinds if is_so),
                "aim": action.aim,
                "measures": "; ".join(places[one] for one in action.measures if one in places),
                "key": action.key,
            }
            about = {"priority": priority.title}


def _measures(document):
    titles = {one.key: one.title for one in document.priorities}
    for place, one in enumerate(document.measures, 1):
        yield {
            "number": f"M{place}",
            "name": one.name,
            "priority": titles.get(one.priority, ""),
            "unit": one.unit,
            "baseline": one.baseline,
            "baseline_on": one.baseline_on,
            "target": one.target,
            "target_on": one.target_on,
            "tolerance": one.tolerance,
            "polarity": BETTER.get(one.polarity, ""),
            "frequency": OFTEN.get(one.frequency, ""),
            "benchmark": one.benchmark,
            "key": one.key,
        }


def _choices(sheet):
    for name, words in (("polarity", BETTER), ("frequency", OFTEN)):
        place = next(place for place, column in enumerate(MEASURES) if column.name == name)
        sheet.data_validation(
            1,
            place,
            EMPTY_ROWS,
            place,
            {"validate": "list", "source": list(words.values()), "ignore_blank": True},
        )


def _recommendations(book, document, named, formats):
    sheet = book.add_worksheet("Recommendations")
    for place, (heading, width) in enumerate(
        (("No", 8), ("Paragraph", 12), ("Recommendation", 80), ("From", 40))
    ):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, heading, formats["heading"])
    for row, one in enumerate(document.recommendations, 1):
        for place, value in enumerate((named[one.key], one.paragraph, one.text, one.of)):
            _write(sheet, row, place, value, formats)
    sheet.freeze_panes(1, 0)


def _letters(place):
    return chr(ord("A") + place) if place < 26 else _letters(place // 26 - 1) + chr(ord("A") + place % 26)
