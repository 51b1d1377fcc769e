"""What the readers make of each layout, and of each kind of damage."""

import struct
import zipfile
from datetime import date

import pytest

from inspections.readers import NotReadable, read_file, workbooks
from inspections.readers.cells import WrongCell, day, grade
from tests.inspections import files
from tests.inspections.files import HISTORY, IN_YEAR, LATEST, LINK, POSITION, PROVIDERS, RI, WIDE

TODAY = date(2026, 11, 2)


def read(path):
    return read_file(path, today=TODAY)


def history(tmp_path, *rows, headings=HISTORY, **more):
    sheets = {"Cover": files.cover(), "History": [["Title"], [], headings, *rows], **more}
    return files.write_ods(tmp_path / "history.ods", sheets)


def said(problems):
    return [(problem.sheet, problem.row) for problem in problems]


class TestLayouts:
    def test_a_history_is_read_with_the_row_numbers_that_a_person_sees(self, tmp_path):
        path = history(
            tmp_path,
            files.history_row(
                "Northdale", date(2024, 6, 10), date(2024, 7, 23), kind="ILACS Short Inspection"
            ),
            [],
            files.history_row("Southdale", date(2019, 2, 18), date(2019, 4, 1), overall=RI),
        )
        first, second = read(path).rows

        assert (first.sheet, first.number, first.layout) == ("History", 4, "history")
        assert (first.council_name, first.family, first.kind) == ("Northdale", "ilacs", "short")
        assert (first.inspected_on, first.published_on) == (date(2024, 6, 10), date(2024, 7, 23))
        assert second.number == 6
        assert {area: one.code for area, one in second.grades.items()} == {
            "overall": "requires-improvement",
            "leaders": "requires-improvement",
            "help_and_protection": "requires-improvement",
            "in_care": "requires-improvement",
        }

    def test_a_position_has_no_kind_and_no_publication_date(self, tmp_path):
        row = [LINK, "Northdale", "South West", date(2022, 2, 28), "Good", "Good", RI, "Good", None]
        path = files.write_ods(tmp_path / "p.ods", {"Cover": files.cover(), "Position": [POSITION, row]})
        (found,) = read(path).rows

        assert (found.layout, found.kind, found.published_on) == ("position", "full", None)
        assert "care_leavers" not in found.grades

    def test_a_year_lists_visits_without_grades(self, tmp_path):
        rows = [
            [
                LINK,
                "Northdale",
                "London",
                date(2022, 5, 4),
                None,
                "ILACS Focused Visit",
                *[None] * 5,
                "Front door",
            ],
            [
                LINK,
                "Northdale",
                "London",
                date(2022, 6, 4),
                None,
                "LA Monitoring visit",
                *[None] * 5,
                "Permanence",
            ],
        ]
        path = files.write_ods(tmp_path / "y.ods", {"Cover": files.cover(), "In year": [IN_YEAR, *rows]})
        found = read(path).rows

        assert [row.kind for row in found] == ["focused-visit", "monitoring-visit"]
        assert all(row.layout == "in_year" and not row.grades for row in found)

    def test_a_wide_row_tells_of_every_inspection_since_2009_and_a_second_table_follows(self, tmp_path):
        slac = [date(2009, 10, 23), "Inadequate", " -"]
        again = [date(2011, 2, 25), RI, date(2011, 2, 25), RI]
        protection, targeted = [date(2013, 3, 20), "Good"], [None, None]
        sif = [date(2016, 6, 27), RI, "Good", "Good", "Outstanding", RI, "Good", "Inadequate"]
        ilacs = ["ILACS Short Inspection", date(2019, 12, 19), "Good", "Outstanding", "Good", "Good"]
        row = [LINK, "Northdale", "London", "Unitary", *slac, *again, *protection, *targeted, *sif, *ilacs]
        ceased = [LINK, "Southdale", "London", "County", date(2011, 5, 6), "Good", "Good"]
        headings = [heading.replace("First ILACS", "ILACS") for heading in WIDE]
        sheet = [[], [], [], [], WIDE, row, [], ["Table 2"], headings, ceased]
        path = files.write_ods(tmp_path / "w.ods", {"Cover": files.cover(), "Wide": sheet})
        read_all = read(path)
        found = {row.part: row for row in read_all.rows if row.council_name == "Northdale"}

        assert not read_all.problems
        assert list(found) == [
            "slac",
            "slac-safeguarding-again",
            "slac-looked-after-again",
            "cp",
            "sif",
            "ilacs-1",
        ]
        assert found["slac"].grades["looked_after_overall"].code == "no-cases"
        assert (found["slac-looked-after-again"].kind, found["slac-looked-after-again"].area) == (
            "reinspection",
            "looked-after",
        )
        assert found["sif"].grades["lscb"].code == "inadequate"
        assert found["sif"].grades["care_leavers"].code == "requires-improvement"
        assert found["ilacs-1"].kind == "short"
        assert [(r.council_name, r.number, r.part) for r in read_all.rows][-1] == ("Southdale", 10, "slac")

    def test_the_derived_table_mixes_forms_of_dates_and_its_release_is_its_latest_publication(self, tmp_path):
        path = files.write_csv(
            tmp_path / "any name.txt",
            [
                LATEST,
                files.latest_row("301", "northdale", "11/09/2023", "27/10/23", ended="15/09/2023"),
                files.latest_row(
                    "302",
                    "southdale",
                    "",
                    "05/09/2022",
                    kind="",
                    grades=("", "good", "good", "good", "inspection_pre_dates_judgement"),
                ),
            ],
        )
        file = read(path)
        first, second = file.rows

        assert file.derived
        assert file.released_on == date(2023, 10, 27)
        assert (first.la_code, first.ended_on, first.number) == ("301", date(2023, 9, 15), 2)
        assert first.url == "https://files.example.org/301"
        assert (second.kind, second.inspected_on) == ("full", None)
        assert set(second.grades) == {"leaders", "help_and_protection", "in_care"}

    def test_the_release_is_what_the_cover_says(self, tmp_path):
        assert read(history(tmp_path, ROW)).released_on == date(2025, 9, 25)

    def test_sheets_of_providers_are_skipped_by_name(self, tmp_path):
        providers = [PROVIDERS, [LINK, "SC1", "Children's home", "REDACTED", "Northdale", "Good"]]
        file = read(history(tmp_path, ROW, **{"Provider level": providers}))

        assert ("Provider level", "lists children's homes and other providers, not councils") in [
            (skipped.sheet, skipped.reason) for skipped in file.skipped
        ]
        assert len(file.rows) == 1


ROW = files.history_row("Northdale", date(2024, 6, 10), date(2024, 7, 23))


class TestCells:
    @pytest.mark.parametrize(
        "cell",
        [date(2019, 2, 18), "18/02/2019", "18/02/19", "2019-02-18", "18 February 2019", " 18/02/2019 "],
    )
    def test_a_day_is_read_in_every_form_in_use(self, cell):
        assert day(cell) == date(2019, 2, 18)

    @pytest.mark.parametrize("cell", ["31/02/2019", "soon", "02/2019", 43514.0, "18/02/219"])
    def test_what_is_no_day_is_refused_with_its_text(self, cell):
        with pytest.raises(WrongCell, match="is not a date"):
            day(cell)

    @pytest.mark.parametrize(
        ("word", "code"),
        [
            ("Outstanding", "outstanding"),
            ("adequate", "requires-improvement"),
            ("Requires Improvement", "requires-improvement"),
            ("to requires improvement", "requires-improvement"),
            (" -", "no-cases"),
        ],
    )
    def test_every_word_for_a_grade_counts_as_one_step(self, word, code):
        assert grade(word, "ilacs", derived=False).code == code

    @pytest.mark.parametrize(
        ("family", "word", "derived", "restated"),
        [
            ("slac", RI, False, True),
            ("slac", "Adequate", False, False),
            ("sif", RI, False, True),
            ("ilacs", RI, False, False),
            ("ilacs", "requires improvement", True, False),
            ("slac", "Good", False, False),
        ],
    )
    def test_a_word_that_ofsted_put_for_another_is_marked_restated(self, family, word, derived, restated):
        assert grade(word, family, derived=derived).restated is restated


class TestDamage:
    def test_a_wrong_date_is_named_with_its_place_and_the_rest_still_load(self, tmp_path):
        file = read(history(tmp_path, files.history_row("Southdale", "31/02/2024", date(2024, 7, 23)), ROW))

        assert [row.council_name for row in file.rows] == ["Northdale"]
        assert said(file.problems) == [("History", 4)]
        assert "“31/02/2024” is not a date" in file.problems[0].message

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            (files.history_row("Southdale", date(2024, 6, 10), date(2099, 1, 1)), "lies in the future"),
            (files.history_row("Southdale", date(2024, 6, 10), date(2024, 1, 1)), "before it began"),
            (files.history_row("Southdale", None, None), "has no date"),
            (files.history_row("Southdale", date(2024, 6, 10), None, overall=None), "no grade"),
            (
                files.history_row("Southdale", date(2024, 6, 10), None, overall="Godo"),
                "“Godo” is not a grade",
            ),
            (
                files.history_row("Southdale", date(2024, 6, 10), None, kind="ILACS Look"),
                "not a kind of inspection",
            ),
            (files.history_row("", date(2024, 6, 10), date(2024, 7, 23)), "names no council"),
        ],
    )
    def test_a_row_that_cannot_be_read_is_named_and_the_rest_still_load(self, tmp_path, row, message):
        file = read(history(tmp_path, row, ROW))

        assert [row.council_name for row in file.rows] == ["Northdale"]
        assert said(file.problems) == [("History", 4)]
        assert message in file.problems[0].message

    def test_a_wrong_date_in_a_wide_row_loses_that_inspection_alone(self, tmp_path):
        row = [
            LINK,
            "Northdale",
            "London",
            "Unitary",
            "2011",
            "Good",
            "Good",
            *[None] * 4,
            date(2013, 3, 20),
            RI,
        ]
        path = files.write_ods(tmp_path / "w.ods", {"Cover": files.cover(), "Wide": [WIDE, row]})
        file = read(path)

        assert [row.part for row in file.rows] == ["cp"]
        assert said(file.problems) == [("Wide", 2)]

    @pytest.mark.parametrize("cell", ["Not yet inspected", None])
    def test_a_council_not_yet_inspected_is_no_problem_and_no_row(self, tmp_path, cell):
        row = [LINK, "Southdale", "London", cell, *[None] * 5]
        inspected = [LINK, "Northdale", "London", date(2022, 2, 28), "Good", "Good", RI, "Good", None]
        path = files.write_ods(tmp_path / "p.ods", {"Cover": files.cover(), "P": [POSITION, row, inspected]})
        file = read(path)

        assert [row.council_name for row in file.rows] == ["Northdale"]
        assert not file.problems
        assert [one.council_name for one in file.not_yet_inspected] == ["Southdale"]

    def test_a_sheet_with_renamed_headings_is_named_with_what_was_looked_for(self, tmp_path):
        renamed = ["Overall" if heading == "Overall effectiveness" else heading for heading in HISTORY]
        good = [HISTORY, ROW]
        file = read(history(tmp_path, ROW, headings=renamed, Good=good))

        assert [row.sheet for row in file.rows] == ["Good"]
        assert said(file.problems) == [("History", 3)]
        assert "“Overall effectiveness”" in file.problems[0].message
        assert "“Overall”" in file.problems[0].message

    def test_an_optional_column_that_was_renamed_is_named_too(self, tmp_path):
        renamed = ["Made public" if heading == "Publication date" else heading for heading in HISTORY]
        file = read(history(tmp_path, ROW, headings=renamed))

        assert file.rows[0].published_on is None
        assert "“Made public” is not one that is known" in file.problems[0].message

    def test_wide_columns_without_one_of_their_headings_are_left_out_and_named(self, tmp_path):
        renamed = ["CPI" if heading.startswith("CPI") else heading for heading in WIDE]
        row = [LINK, "Northdale", "London", "Unitary", date(2011, 5, 6), "Good", "Good"]
        row += [*[None] * 4, date(2013, 3, 20), RI]
        path = files.write_ods(tmp_path / "w.ods", {"Cover": files.cover(), "Wide": [renamed, row]})
        file = read(path)

        assert [row.part for row in file.rows] == ["slac"]
        assert {problem.field for problem in file.problems} == {"cp", "CPI"}

    def test_an_empty_sheet_is_named(self, tmp_path):
        file = read(history(tmp_path, ROW, Empty=[]))

        assert ("Empty", None) in said(file.problems)
        assert len(file.rows) == 1

    def test_a_sheet_with_headings_and_nothing_below_is_named(self, tmp_path):
        file = read(history(tmp_path, ROW, Bare=[HISTORY]))

        assert ("Bare", None) in said(file.problems)

    def test_a_file_that_is_none_of_these_is_refused_with_what_was_looked_for(self, tmp_path):
        path = files.write_csv(tmp_path / "x.csv", [["Fruit", "Price"], ["Apple", "1"]])

        with pytest.raises(NotReadable, match=r"Looked for: .*“la_code”.*“Local authority name”"):
            read(path)

    def test_a_file_whose_every_heading_row_is_damaged_is_refused_with_the_near_miss(self, tmp_path):
        renamed = ["Council" if heading == "Local authority name" else heading for heading in HISTORY]

        with pytest.raises(NotReadable, match=r"no heading “Local authority name”.*“Council”"):
            read(history(tmp_path, ROW, headings=renamed))

    def test_a_zip_that_is_not_a_workbook_is_refused(self, tmp_path):
        path = tmp_path / "x.ods"
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("hello.txt", "hello")

        with pytest.raises(NotReadable, match="neither an OpenDocument spreadsheet"):
            read(path)

    @pytest.mark.parametrize("xml", ["", "no XML", files.content({"A": [["x"]]})[:-30]])
    def test_a_workbook_whose_content_is_damaged_is_refused(self, tmp_path, xml):
        with pytest.raises(NotReadable):
            read(files.write_ods(tmp_path / "x.ods", xml=xml))

    def test_a_file_that_is_cut_off_says_so(self, tmp_path):
        path = tmp_path / "x.ods"
        whole = files.write_ods(tmp_path / "whole.ods", {"History": [HISTORY]}).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])

        with pytest.raises(NotReadable, match="cut off"):
            read(path)

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x00\x01\x02\x03", b"\xff\xfe\x00"])
    def test_a_file_of_no_known_kind_is_refused(self, tmp_path, content):
        path = tmp_path / "x.ods"
        path.write_bytes(content)

        with pytest.raises(NotReadable):
            read(path)

    def test_a_missing_file_or_a_folder_is_refused(self, tmp_path):
        for path in (tmp_path / "none.ods", tmp_path):
            with pytest.raises(NotReadable, match="no file"):
                read(path)


class TestBombs:
    def test_a_workbook_that_unpacks_to_2_gb_is_refused_unopened(self, tmp_path, monkeypatch):
        path = tmp_path / "bomb.ods"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            with packed.open("content.xml", "w", force_zip64=True) as part:
                for _ in range(125):
                    part.write(b" " * 16_000_000)
        monkeypatch.setattr(workbooks, "_start", _never)

        with pytest.raises(NotReadable, match="would unpack to 2000 MB"):
            read(path)

    def test_a_workbook_that_declares_less_than_it_holds_is_never_unpacked_beyond_that(self, tmp_path):
        path = files.write_ods(tmp_path / "bomb.ods", xml=files.OPENED + " " * 5_000_000 + files.CLOSED)
        _declare(path, "content.xml", 1000)

        with pytest.raises(NotReadable, match="damaged"):
            read(path)

    def test_what_is_unpacked_is_bounded_whatever_is_declared(self, tmp_path, monkeypatch):
        path = files.write_ods(tmp_path / "bomb.ods", xml=files.OPENED + " " * 5_000_000 + files.CLOSED)
        _declare(path, "content.xml", 900_000)
        monkeypatch.setattr(workbooks, "LARGEST_UNPACKED", 1_000_000)

        with pytest.raises(NotReadable):
            read(path)

    @pytest.mark.parametrize(
        "repeated",
        [
            '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
            'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>',
            '<table:table-row><table:table-cell table:number-columns-repeated="16384" '
            'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>',
        ],
    )
    def test_a_filled_cell_repeated_a_million_times_is_refused(self, tmp_path, repeated):
        xml = f'{files.OPENED}<table:table table:name="A">{repeated}</table:table>{files.CLOSED}'

        with pytest.raises(NotReadable, match="repeats a filled row or cell"):
            read(files.write_ods(tmp_path / "bomb.ods", xml=xml))

    def test_empty_rows_repeated_a_million_times_are_no_bomb(self, tmp_path):
        xml = files.content({"Cover": files.cover(), "History": [HISTORY, ROW]})
        empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        xml = xml.replace(
            "</table:table></office:spreadsheet>", f"{empty}</table:table></office:spreadsheet>"
        )

        assert len(read(files.write_ods(tmp_path / "x.ods", xml=xml)).rows) == 1


def _never(*args):
    raise AssertionError("the file was opened")


def _declare(path, name, size):
    """Make the zip's directory declare another unpacked size for a part than it has."""
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(name.encode()))
    struct.pack_into("<I", data, at + 24, size)
    path.write_bytes(data)
