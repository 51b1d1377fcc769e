"""Tables as CSV: safe to open in a spreadsheet, and true to their rows."""

import csv
from datetime import date
from io import StringIO

import pytest

from look.exports import cell, csv_response


@pytest.mark.parametrize("text", ["=1+1", "+44", "-3", "@SUM(A1)", "\tx", "\rx", "=cmd|' /C calc'!A0"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (0, 0),
        (-3, -3),
        ("", ""),
        ("Devon", "Devon"),
        (date(2026, 6, 9), "2026-06-09"),
        (True, "true"),
    ],
)
def test_other_cells_stay_as_they_are(value, written):
    assert cell(value) == written


def test_a_download_is_streamed_with_its_headings_and_name():
    response = csv_response(
        "upstream-regions-2026-06-29", ["Council", "Note"], iter([["Devon", 'a "b", c'], ["X", None]])
    )
    assert response.streaming
    assert response["Content-Disposition"] == 'attachment; filename="upstream-regions-2026-06-29.csv"'
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(StringIO(text))) == [["Council", "Note"], ["Devon", 'a "b", c'], ["X", ""]]


@pytest.mark.parametrize("text", ["=1+1", "-3", "\tx"])
def test_a_formula_is_found_among_many_rows_whatever_else_its_column_holds(text):
    rows = [[number, "Devon", None] for number in range(1200)]
    rows[700][1] = text
    rows[701][1], rows[702][2] = None, text
    streamed = b"".join(csv_response("x", ["n", "name", "note"], rows).streaming_content).decode("utf-8-sig")
    read = list(csv.reader(StringIO(streamed)))[1:]
    assert len(read) == 1200
    assert (read[700][1], read[701][1], read[702][2]) == (f"'{text}", "", f"'{text}")
    assert read[0] == ["0", "Devon", ""]
