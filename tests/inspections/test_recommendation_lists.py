"""Recommendations read from a pasted list and from a spreadsheet."""

import csv
import io
import zipfile
from datetime import date

import pytest

from inspections.readers.recommendations import MOST, read_pasted, read_spreadsheet
from tests.inspections import files

FIRST, SECOND = "The timeliness of initial assessments.", "How well children’s voices are heard."


class TestPasted:
    @pytest.mark.parametrize(
        "text",
        [
            f"{FIRST}\n\n{SECOND}",
            f"- {FIRST}\n- {SECOND}",
            f"• {FIRST}\r\n\r\n• {SECOND}\r\n",
            f"1. {FIRST}\n2. {SECOND}",
            f"(1) {FIRST}\n(2) {SECOND}",
            f"{FIRST}\n{SECOND}",
            "The timeliness of\ninitial assessments.\n\nHow well children’s voices\n  are heard.",
            "- The timeliness of\n  initial assessments.\n- How well children’s\nvoices are heard.",
        ],
        ids=[
            "blank lines",
            "dashes",
            "bullets",
            "numbers",
            "bracketed",
            "lines",
            "wrapped",
            "wrapped bullets",
        ],
    )
    def test_a_list_in_any_form_is_the_same_list(self, text):
        assert read_pasted(text) == [("", FIRST), ("", SECOND)]

    @pytest.mark.parametrize(
        ("text", "paragraph"),
        [
            ("The plan (paragraph 12)", "12"),
            ("The plan (paragraphs 12 and 14).", "12 and 14"),
            ("(para 12) The plan", "12"),
            ("[page 4]: The plan", "4"),
            ("12. The plan", "12"),
            ("The plan. 12.", "12"),
            ("3.4) The plan", "3.4"),
        ],
    )
    def test_a_paragraph_is_found_at_either_end(self, text, paragraph):
        ((found, words),) = read_pasted(text)
        assert (found, words.rstrip(".")) == (paragraph, "The plan")

    def test_numbers_that_count_the_list_give_way_to_the_paragraphs_in_brackets(self):
        assert read_pasted("1. One (paragraph 12)\n2. Two (paragraph 30)") == [("12", "One"), ("30", "Two")]

    def test_numbers_that_do_not_count_from_one_are_paragraphs(self):
        assert read_pasted("12. One\n15. Two") == [("12", "One"), ("15", "Two")]

    def test_a_number_that_ends_a_sentence_is_part_of_it(self):
        assert read_pasted("Halve the caseloads of all teams to 12.") == [
            ("", "Halve the caseloads of all teams to 12.")
        ]

    @pytest.mark.parametrize("text", ["", "  \n\n ", "- \n"])
    def test_nothing_gives_nothing(self, text):
        assert read_pasted(text) == []


def as_csv(*rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def as_xlsx(rows, *, at=1):
    """A small Excel workbook of texts, whose first row is row `at`."""
    cells = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for place, cell in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate(rows, at)
    )
    return _packed(cells)


def _packed(cells):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        packed.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        packed.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="List" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        packed.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        packed.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        )
    out.seek(0)
    return out


class TestSpreadsheet:
    TABLE = (
        ["Inspection of Saltmarsh"],
        [],
        ["No", "Paragraph", "Recommendation"],
        ["1", "12", FIRST],
        [],
        ["2", "", SECOND],
    )

    def forms(self, tmp_path):
        ods = files.write_ods(tmp_path / "a.ods", {"Cover": [["x", date(2026, 8, 3)]], "List": self.TABLE})
        return {"csv": as_csv(*self.TABLE), "xlsx": as_xlsx(self.TABLE), "ods": ods.open("rb"), "path": ods}

    @pytest.mark.parametrize("form", ["csv", "xlsx", "ods", "path"])
    def test_the_heading_row_is_found_wherever_it_stands(self, tmp_path, form):
        assert read_spreadsheet(self.forms(tmp_path)[form]) == ([("12", FIRST), ("", SECOND)], [])

    def test_without_a_column_of_paragraphs_they_are_read_from_the_words(self):
        found, _ = read_spreadsheet(as_csv(["What needs to improve"], ["The plan (paragraph 12)"]))
        assert found == [("12", "The plan")]

    def test_cells_without_their_places_are_refused_before_room_is_made_for_them(self):
        row = f'<row r="1">{"<c><v>1</v></c>" * 100_000}</row>'
        _, [problem] = read_spreadsheet(_packed(row + '<row r="5000"><c><v>1</v></c></row>'))
        assert "does not say where its cells stand" in problem.message

    @pytest.mark.parametrize("make", [as_csv, lambda *rows: as_xlsx(rows)], ids=["csv", "xlsx"])
    def test_a_problem_names_its_row_its_column_and_what_to_do_and_nothing_is_loaded(self, make):
        rows = [["Recommendation", "Paragraph"], ["Good", "1"], ["", "12"], ["x" * 4001, ""], ["y", "z" * 41]]
        found, problems = read_spreadsheet(make(*rows))
        assert found == []
        assert [(one.row, one.field) for one in problems] == [
            (3, "recommendation"),
            (4, "recommendation"),
            (5, "paragraph"),
        ]
        assert "Enter them, or empty the row" in problems[0].message
        assert "Shorten it to 4,000" in problems[1].message

    @pytest.mark.parametrize(
        ("file", "message"),
        [
            (as_csv(["Fruit"], ["Apple"]), "No column is called “Recommendation”"),
            (as_csv(["Recommendation"], [""]), "No row below the heading"),
            (as_csv(["Recommendation"], *[["x"]] * (MOST + 1)), "at most 200 at once"),
            (as_csv(["Recommendation"], *[["x"]] * 5001), "at most 5,000 are read"),
            (io.BytesIO(b"x" * 2_000_001), "larger than 2 MB"),
            (io.BytesIO(b""), "empty"),
            (io.BytesIO(b"PK\x03\x04 cut off"), "cut off"),
            (io.BytesIO(b"\x00\x01"), "comma-separated"),
        ],
        ids=[
            "no heading",
            "no words",
            "too many",
            "too many rows",
            "too large",
            "empty",
            "cut off",
            "binary",
        ],
    )
    def test_a_file_that_is_not_a_list_is_refused_in_words(self, file, message):
        found, problems = read_spreadsheet(file)
        assert found == []
        assert message in problems[0].message

    def test_a_workbook_that_would_unpack_to_too_much_is_not_unpacked(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("xl/workbook.xml", b"0" * 20_000_001)
        out.seek(0)
        assert "more than 20 MB" in read_spreadsheet(out)[1][0].message

    @pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "AAA1", "&#65;1"])
    def test_a_cell_far_out_in_an_excel_sheet_is_refused_before_room_is_made_for_it(self, cell):
        far = f'<row><c s=">" r="{cell}" t="inlineStr"><is><t>x</t></is></c></row>'
        assert "Copy the list to a new file" in read_spreadsheet(_packed(far))[1][0].message

    @pytest.mark.parametrize(
        "rows",
        [
            '<table:table-row table:number-rows-repeated="6000"><table:table-cell office:value-type="string">'
            "<text:p>x</text:p></table:table-cell></table:table-row>",
            '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
            '<table:table-row><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
            "</table:table-row>",
            '<table:table-row><table:table-cell table:number-columns-repeated="900"/><table:table-cell '
            'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>',
        ],
        ids=["a row repeated", "far below", "far to the right"],
    )
    def test_so_is_one_in_an_open_document(self, tmp_path, rows):
        xml = f'{files.OPENED}<table:table table:name="A">{rows}</table:table>{files.CLOSED}'
        path = files.write_ods(tmp_path / "a.ods", xml=xml)
        assert "Copy the list to a new file" in read_spreadsheet(path)[1][0].message

    def test_empty_rows_and_cells_that_follow_the_list_are_nothing(self, tmp_path):
        rows = (
            '<table:table-row><table:table-cell office:value-type="string"><text:p>Recommendation</text:p>'
            '</table:table-cell><table:table-cell table:number-columns-repeated="16383"/></table:table-row>'
            '<table:table-row><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
            "</table:table-row>"
            '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
        )
        xml = f'{files.OPENED}<table:table table:name="A">{rows}</table:table>{files.CLOSED}'
        assert read_spreadsheet(files.write_ods(tmp_path / "a.ods", xml=xml)) == ([("", "x")], [])
