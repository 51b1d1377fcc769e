"""The return sheet of an update: for owners who don't sign in, a workbook to fill in and send back."""

from io import BytesIO

import xlsxwriter

from improvement.models import Delivery, Impact

SHEET, GUIDE = "Actions", "How to fill in"
MARK = "Upstream return sheet"
FIRST_ROW = 5  # of the actions, counted from 1, below the headings
COLUMNS = (
    ("Key", 10),
    ("No", 6),
    ("Action", 50),
    ("Owner", 24),
    ("Due", 12),
    ("Status", 16),
    ("Per cent done", 10),
    ("What it has changed", 18),
    ("What was done", 40),
    ("What difference it has made", 40),
    ("Why it is not on track", 36),
    ("What brings it back on track", 36),
    ("New date", 12),
    ("Why the date moves", 36),
)
ANSWERS_FROM = 5  # the column of the first answer, counted from 0
INSTRUCTIONS = (
    "Fill in the white cells of the sheet “Actions”, one line for each action, and send the file back to the council.",
    "Write your post in the cell beside “Filled in by”. Leave a line empty to say nothing about its action.",
    "Status and “What it has changed” are chosen from the lists. Per cent is a whole number from 0 to 100.",
    "An action with slippage, off track or past its date needs a reason and what brings it back on track.",
    "A new date needs its reason. Past its date and not complete, an action can’t be on track.",
    "Nothing about a child or a family: no name, no date of birth, no number. Refer to cases by their reference only.",
    "Don’t add, remove or move lines or columns. The grey cells say what the council’s plan says.",
)


def sheet_name_of(update):
    """Return what a sheet says that it is of: "PLAN-2026-0003 2026-10"."""
    return f"{update.plan.reference} {update.period_on:%Y-%m}"


def write_return_sheet(update, actions, *, council, period):
    """Return the bytes of the xlsx file that asks about `actions` (`ActionAsked`) of an update."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": f"{council}: update for {period}"})
    asked = book.add_worksheet(SHEET)
    _write_actions(book, asked, update, actions, f"{council}: improvement plan, update for {period}")
    guide = book.add_worksheet(GUIDE)
    guide.set_column(0, 0, 110)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for row, words in enumerate(INSTRUCTIONS):
        guide.write_string(row, 0, words, wrap)
    guide.protect()
    book.close()
    return out.getvalue()


def _write_actions(book, sheet, update, actions, title):
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    given = book.add_format({"bg_color": "#EEEEEE", "text_wrap": True, "valign": "top"})
    given_day = book.add_format({"bg_color": "#EEEEEE", "num_format": "d mmm yyyy", "valign": "top"})
    typed = book.add_format({"locked": False, "text_wrap": True, "valign": "top"})
    typed_day = book.add_format({"locked": False, "num_format": "d mmm yyyy", "valign": "top"})
    sheet.write_row(0, 0, [MARK, sheet_name_of(update)])
    sheet.write_string(1, 0, title, book.add_format({"bold": True}))
    sheet.write_row(2, 0, ["Filled in by", ""])
    sheet.merge_range(2, 1, 2, 2, "", typed)
    for column, (name, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(FIRST_ROW - 2, column, name, bold)
    for row, action in enumerate(actions, FIRST_ROW - 1):
        sheet.write_number(row, 0, action.key, given)
        for column, words in enumerate((action.number, action.text, action.owner), 1):
            sheet.write_string(row, column, words, given)
        if action.due_on:
            sheet.write_datetime(row, 4, action.due_on, given_day)
        else:
            sheet.write_blank(row, 4, None, given)
        for column in range(ANSWERS_FROM, len(COLUMNS)):
            sheet.write_blank(row, column, None, typed_day if COLUMNS[column][0] == "New date" else typed)
    last = FIRST_ROW - 2 + max(len(actions), 1)
    for name, choices in (("Status", Delivery), ("What it has changed", Impact)):
        column = [heading for heading, _width in COLUMNS].index(name)
        labels = [str(label) for label in choices.labels]
        sheet.data_validation(FIRST_ROW - 1, column, last, column, {"validate": "list", "source": labels})
    sheet.freeze_panes(FIRST_ROW - 1, 3)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True})
