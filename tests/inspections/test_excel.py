"""Excel workbooks: read as the same tables in another form, and refused before they can end the process."""

import zipfile
from dataclasses import replace
from datetime import date

import pytest

from inspections.readers import NotReadable, read_file, workbooks
from tests.inspections import files
from tests.inspections.files import HISTORY

TODAY = date(2026, 11, 2)
SHEETS = {
    "Cover": files.cover(),
    "History": [
        [],
        ["Inspections & visits"],
        HISTORY,
        files.history_row("Barnet", date(2024, 6, 10), date(2024, 7, 23)),
        [],
        files.history_row("York", date(2025, 2, 24), date(2025, 4, 15), overall="Inadequate"),
    ],
}
FAR = '<row r="{row}"><c r="{column}{row}" t="inlineStr"><is><t>x</t></is></c></row>'
NEAR = FAR.format(row=1, column="A")
UNPLACED = "<c><v>1</v></c>"


def read(path):
    return read_file(path, today=TODAY)


def test_it_says_the_same_as_the_open_document_of_the_same_tables(tmp_path):
    excel = read(files.write_xlsx(tmp_path / "a.xlsx", SHEETS))
    assert replace(excel, name="", sha256="") == replace(
        read(files.write_ods(tmp_path / "a.ods", SHEETS)), name="", sha256=""
    )
    assert [(row.number, row.council_name, row.inspected_on) for row in excel.rows] == [
        (4, "Barnet", date(2024, 6, 10)),
        (6, "York", date(2025, 2, 24)),
    ]
    assert excel.released_on == date(2025, 9, 25)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (NEAR + FAR.format(row=1048576, column="XFD"), "spreads over more than"),
        (NEAR + FAR.format(row=1048576, column="xfd"), "spreads over more than"),
        (FAR.format(row=1, column="XFD") + FAR.format(row=1048576, column="A"), "spreads over more than"),
        (f'<row r="1">{UNPLACED * 9}</row>{FAR.format(row=1048576, column="A")}', "where its cells stand"),
        (NEAR + '<row r="1048576"><c a=">" r="XFD1048576"><v>1</v></c></row>', "where its cells stand"),
        (NEAR + '<row r="2"><c r="A99999999"><v>1</v></c></row>', "where its cells stand"),
        (
            NEAR.replace("<c ", "<x:c ") + FAR.format(row=1048576, column="XFD").replace("<c ", "<x:c "),
            "spreads",
        ),
    ],
)
def test_cells_far_apart_are_refused_before_room_is_made_for_what_lies_between(tmp_path, rows, words):
    with pytest.raises(NotReadable, match=words):
        read(files.write_xlsx(tmp_path / "a.xlsx", xml=files.excel_sheet(rows)))


def test_a_sheet_in_another_alphabet_of_bytes_is_not_looked_at(tmp_path):
    xml = files.excel_sheet(FAR.format(row=1048576, column="XFD")).encode("utf-16")
    with pytest.raises(NotReadable):
        read(files.write_xlsx(tmp_path / "a.xlsx", xml=xml))


@pytest.mark.parametrize("xml", ["", "no XML", files.excel_sheet(NEAR)[:-30]])
def test_a_damaged_one_is_refused(tmp_path, xml):
    with pytest.raises(NotReadable):
        read(files.write_xlsx(tmp_path / "a.xlsx", xml=xml))


def test_one_that_unpacks_to_too_much_is_refused_whatever_it_says_of_itself(tmp_path, monkeypatch):
    path = files.write_xlsx(tmp_path / "a.xlsx", xml=files.excel_sheet(NEAR * 20_000))
    monkeypatch.setattr(workbooks, "LARGEST_UNPACKED", 1_000_000)
    with pytest.raises(NotReadable, match="would unpack to 1 MB or more"):
        read(path)
    with zipfile.ZipFile(path) as packed:
        parts = set(packed.namelist())
        with pytest.raises(NotReadable, match="would unpack"):
            workbooks._excel(packed, parts)


def test_what_is_no_table_in_it_is_never_opened(tmp_path):
    path = files.write_xlsx(tmp_path / "a.xlsx", SHEETS)
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("xl/worksheets/../vbaProject.bin", "a program")
        packed.writestr("xl/drawings/drawing1.xml", "<x" * 9)
    with (
        zipfile.ZipFile(path) as packed,
        zipfile.ZipFile(workbooks._excel(packed, packed.namelist())) as kept,
    ):
        assert all("vba" not in name and "drawing" not in name for name in kept.namelist())
    assert len(read(path).rows) == 2
