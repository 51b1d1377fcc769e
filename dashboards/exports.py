"""Tables as CSV."""

import csv

from django.http import StreamingHttpResponse

# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line):
        return line


def csv_response(name, headings, rows):
    """Return a streamed CSV download called `name`, for spreadsheets: UTF-8 with its mark, formulas made inert."""
    writer = csv.writer(_Echo())

    def lines():
        yield "\ufeff"
        yield writer.writerow(headings)
        for row in rows:
            yield writer.writerow([cell(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def cell(value):
    """Return `value` as a cell: dates in ISO form, nothing for None, text that can't run as a formula."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value
