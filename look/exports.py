"""Tables as CSV: what every download of a page and every list of the API is written by."""

import csv
import re
from datetime import date
from io import StringIO
from itertools import islice
from types import NoneType

from django.http import StreamingHttpResponse

# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Values that the writer puts down as `cell` would: nothing for None, days in ISO form.
AS_THEY_ARE = frozenset({int, date, NoneType})
TEXT_TOO = AS_THEY_ARE | {str}
LIKE_A_FORMULA = re.compile(r"^[=+\-@\t\r]", re.MULTILINE)
# Lines sent at once: one by one, sending them costs more than writing them.
BLOCK = 500


def csv_response(name, headings, rows):
    """Return a streamed CSV download called `name`, for spreadsheets: UTF-8 with its mark, formulas made inert."""
    response = StreamingHttpResponse(_blocks(headings, iter(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _blocks(headings, rows):
    """Yield the text of the headings and then of every `BLOCK` rows."""
    text = StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(headings)
    while block := list(islice(rows, BLOCK)):
        writer.writerows(_cells(block))
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    if text.tell():
        yield text.getvalue()


def _cells(block):
    """Return the rows of a block as cells.

    Column by column, because nearly every column is as it is written: forty thousand rows are a million cells, and a
    call for each is most of the time that a download takes.
    """
    return zip(*(_column(values) for values in zip(*block, strict=True)), strict=True)


def _column(values):
    kinds = set(map(type, values))
    if kinds <= AS_THEY_ARE:
        return values
    # Each text once: a column says the same few again and again.
    if kinds <= TEXT_TOO and not LIKE_A_FORMULA.search(
        "\n".join(value for value in set(values) if type(value) is str)
    ):
        return values
    return [cell(value) for value in values]


def cell(value):
    """Return `value` as a cell: dates in ISO form, nothing for None, text that can't run as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value
