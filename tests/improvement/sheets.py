"""Spreadsheets for tests, made as people's programs make them."""

import io

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

HEADINGS = (
    "Priority",
    "Outcome",
    "Recommendations",
    "Action",
    "Owner",
    "Start",
    "Due",
    "Success",
    "Evidence",
    "Aim",
)


def workbook(rows, *, name="Actions", file_name="plan.xlsx", more=None):
    """Return an uploaded xlsx with one sheet of `rows`; `more` (book, sheet) adds to it."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "default_date_format": "dd/mm/yyyy"}
    )
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, place, value)
            elif value is not None:
                sheet.write(number, place, value)
    if more is not None:
        more(book, sheet)
    book.close()
    return SimpleUploadedFile(file_name, file.getvalue())


def table(text, *, file_name="plan.csv", encoding="utf-8"):
    return SimpleUploadedFile(file_name, text.encode(encoding))
