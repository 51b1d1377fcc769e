"""Bad files, given as evidence and as a plan's spreadsheet: a message in the person's words, and nothing changed.

Those that are merely odd are taken cleanly, and what is kept of them is asserted.
"""

import io
import struct
import zipfile
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.permissions import Role
from cases.models import Document
from tests.factories import person_with
from tests.improvement.sheets import table, workbook
from tests.plans import make_plan

HEADINGS = ("Priority", "Action", "Due")
ROW = ("Practice", "Audit ten cases", date(2026, 6, 30))
BOMB = b"0" * 30_000_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
HEADER_ALONE = b"%PDF-1.7\n%%EOF\n"


def good(*rows, **rest):
    return workbook([HEADINGS, *(rows or [ROW])], **rest)


def content(upload):
    upload.seek(0)
    return upload.read()


def named(upload, name):
    return SimpleUploadedFile(name, content(upload))


def repacked(upload, *, change=None, add=None, name="plan.xlsx"):
    """Return the workbook with parts changed ({name: function of its content}) or added ({name: content})."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content(upload))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, (change or {}).get(part, lambda it: it)(old.read(part)))
        for part, its in (add or {}).items():
            new.writestr(part, its)
    return SimpleUploadedFile(name, out.getvalue())


def encrypted():
    """A zip file whose parts say that they are locked, as archivers lock them."""
    packed = bytearray(content(good()))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := packed.find(mark, at + 1)) >= 0:
            flags = struct.unpack_from("<H", packed, at + place)[0]
            struct.pack_into("<H", packed, at + place, flags | 1)
    return SimpleUploadedFile("plan.xlsx", bytes(packed))


def two_sheets(book, sheet):
    book.add_worksheet("Sheet B").write_row(0, 0, HEADINGS)


def hide(book, sheet):
    book.add_worksheet("Notes").activate()
    sheet.hide()


def far_apart(book, sheet):
    sheet.write_string(1_000_000, 16_000, "far away")


def share_one_text(book, sheet):
    for row in range(1, 300):
        for place in range(20):
            sheet.write_string(row, place, "x" * 32_000)


def merge_all_over_each_other(part):
    cells = b"".join(b'<mergeCell ref="A1:XFD%d"/>' % (100_000 + n) for n in range(200))
    return part.replace(b"</sheetData>", b'</sheetData><mergeCells count="200">%s</mergeCells>' % cells)


def declare(part):
    return ENTITIES + part[part.index(b"?>") + 2 :]


# name: (the file, what evidence says of it, what the plan's sheet says); None: it is taken there.
BAD = {
    "empty": (
        lambda: SimpleUploadedFile("plan.xlsx", b""),
        "“plan.xlsx” is empty. Check that it was saved, and choose it again.",
        "“plan.xlsx” is empty. Check that it was saved, and choose it again.",
    ),
    "a web page with the name of a workbook": (
        lambda: SimpleUploadedFile("plan.xlsx", b"<!DOCTYPE html><table><tr><td>1</table>"),
        "“plan.xlsx” is not an Excel workbook, whatever its name says: its content is that of a web page.",
        "“plan.xlsx” is not an Excel workbook, whatever its name says: its content is that of a web page.",
    ),
    "a web page with the name of a text": (
        lambda: SimpleUploadedFile("note.txt", b"\n <html><script>alert(1)</script>"),
        "“note.txt” is not a plain text, whatever its name says: its content is that of a web page.",
        "“note.txt” is not a kind of file that can be uploaded here. Save it as xlsx or csv and upload that.",
    ),
    "a program with the name of a PDF": (
        lambda: SimpleUploadedFile("audit.pdf", b"MZ\x90\x00" + b"\0" * 500),
        "“audit.pdf” is not a PDF, whatever its name says",
        "“audit.pdf” is not a kind of file that can be uploaded here.",
    ),
    "a program": (
        lambda: SimpleUploadedFile("audit.exe", b"MZ\x90\x00" + b"\0" * 500),
        "“audit.exe” is not a kind of file that can be uploaded here. Save it as pdf, docx, xlsx, pptx, png, jpeg, csv",
        "“audit.exe” is not a kind of file that can be uploaded here. Save it as xlsx or csv",
    ),
    "a workbook with the name of a document": (
        lambda: named(good(), "report.docx"),
        "“report.docx” is not a Word document, whatever its name says: its content is that of an Excel workbook.",
        "“report.docx” is not a kind of file that can be uploaded here.",
    ),
    "a picture with the name of a picture of another kind": (
        lambda: SimpleUploadedFile("chart.png", b"\xff\xd8\xff\xe0" + b"\0" * 100),
        "“chart.png” is not a PNG picture, whatever its name says: its content is that of a JPEG picture.",
        "“chart.png” is not a kind of file that can be uploaded here.",
    ),
    "an old workbook": (
        lambda: SimpleUploadedFile("plan.xls", OLE),
        "“plan.xls” is not a kind of file that can be uploaded here.",
        "“plan.xls” is not a kind of file that can be uploaded here. Save it as xlsx or csv and upload that.",
    ),
    "a workbook with a password": (
        lambda: SimpleUploadedFile("plan.xlsx", OLE),
        "“plan.xlsx” is protected by a password, or is in an older format of Office.",
        "“plan.xlsx” is protected by a password, or is in an older format of Office.",
    ),
    "a zip file with a password": (
        encrypted,
        "“plan.xlsx” is protected by a password. Save it without one, and upload that.",
        "“plan.xlsx” is protected by a password. Save it without one, and upload that.",
    ),
    "a zip file": (
        lambda: repacked_zip({"letter.pdf": HEADER_ALONE}),
        "its content is that of a zip file. Unpack it, and upload what is in it.",
        "its content is that of a zip file. Unpack it, and upload what is in it.",
    ),
    "a workbook cut off on its way": (
        lambda: SimpleUploadedFile("plan.xlsx", content(good())[:-400]),
        "“plan.xlsx” is damaged or was cut off on its way: it can’t be opened.",
        "“plan.xlsx” is damaged or was cut off on its way: it can’t be opened.",
    ),
    "a zip bomb": (
        lambda: repacked(good(), add={"xl/media/image1.png": BOMB}),
        "“plan.xlsx” would unpack to 30 MB, far more than a document of its kind holds. It was not opened.",
        "“plan.xlsx” would unpack to 30 MB, far more than a document of its kind holds. It was not opened.",
    ),
    "an entity bomb": (
        lambda: repacked(good(), change={"xl/worksheets/sheet1.xml": declare}),
        "“plan.xlsx” holds declarations that no Office program writes.",
        "“plan.xlsx” holds declarations that no Office program writes.",
    ),
    "a workbook with macros": (
        lambda: repacked(good(), add={"xl/vbaProject.bin": b"\0" * 100}),
        "“plan.xlsx” holds macros, which are not taken. Save it without them as xlsx",
        "“plan.xlsx” holds macros, which are not taken. Save it without them as xlsx",
    ),
    "a file of 26 MB": (
        lambda: SimpleUploadedFile("audit.pdf", HEADER_ALONE + b"0" * 26_000_000),
        "“audit.pdf” is 26 MB and a file can have 25 MB at most.",
        "“audit.pdf” is not a kind of file that can be uploaded here.",
    ),
    "binary with the name of a table": (
        lambda: SimpleUploadedFile("plan.csv", "Priority,Action\nA,B\n".encode("utf-16")),
        "“plan.csv” is not plain text. In Excel, save it as “CSV UTF-8”",
        "“plan.csv” is not plain text. In Excel, save it as “CSV UTF-8”",
    ),
    "bytes that are no text": (
        lambda: SimpleUploadedFile("plan.csv", b"Priority,Action\nA,\x81\x8d\n"),
        "“plan.csv” holds characters that can’t be read. Save it as UTF-8",
        "“plan.csv” holds characters that can’t be read. Save it as UTF-8",
    ),
    "two sheets of which none is called Actions": (
        lambda: good(name="Sheet A", more=two_sheets),
        None,
        "The workbook has 2 sheets (“Sheet A” and “Sheet B”). Name the one with the plan “Actions”",
    ),
    "a hidden sheet": (
        lambda: good(more=hide),
        None,
        "The sheet “Actions” is hidden. Show it, check it, and upload it again.",
    ),
    "10,000 rows": (
        lambda: good(*(("Practice", f"Do {n}", None) for n in range(10_000))),
        None,
        "Sheet “Actions” has 10,001 rows, and 2,000 can be read at once.",
    ),
    "1,000 rows": (
        lambda: good(*(("Practice", f"Do {n}", None) for n in range(1000))),
        None,
        "The sheet “Actions” has 1,000 rows, and 300 can be loaded at once.",
    ),
    "two cells a million rows apart": (
        lambda: good(more=far_apart),
        None,
        "spreads over 16,001,016,001 cells",
    ),
    "one long text in six thousand cells": (
        lambda: good(more=share_one_text),
        None,
        "“plan.xlsx” repeats long texts in so many cells that it can’t be read.",
    ),
    "merged cells over each other": (
        lambda: repacked(good(), change={"xl/worksheets/sheet1.xml": merge_all_over_each_other}),
        None,
        "“plan.xlsx” calls itself an Excel workbook, but its sheets can’t be read.",
    ),
    "comments within a sheet": (
        lambda: repacked(good(), change={"xl/worksheets/sheet1.xml": lambda it: it + b"<!-- hidden -->"}),
        None,
        "“plan.xlsx” is written as no Office program writes.",
    ),
    "a table of 60,000 lines": (
        lambda: table("Priority,Action\n" + "P,A\n" * 60_000),
        None,
        "“plan.csv” is far longer than a table that can be read at once.",
    ),
    "a cell of 100,000 characters": (
        lambda: table("Priority,Action\nPractice," + "x" * 100_000),
        None,
        "“plan.csv”, cell B2: the text has 100,000 characters, more than a cell can have.",
    ),
    "no heading": (
        lambda: workbook([("Theme", "Progress"), ("Practice", "Begun")]),
        None,
        "The sheet “Actions” has no heading “Action”. Put the headings in one row above the table",
    ),
    "a heading twice": (
        lambda: workbook([("Priority", "Action", "Due", "By when"), (*ROW, ROW[2])]),
        None,
        "The sheet “Actions” has two columns for Due: “Due” (C) and “By when” (D). Keep one of them.",
    ),
    "headings alone": (
        lambda: workbook([HEADINGS]),
        None,
        "The sheet has headings and no rows below them.",
    ),
    "no sheet with anything": (
        lambda: workbook([]),
        None,
        "There is nothing to read: no sheet “Actions” with rows.",
    ),
    "words for a date": (
        lambda: good(("Practice", "Audit ten cases", "ongoing")),
        None,
        "“ongoing” is not a date: write a day such as 12/01/2026, or leave it empty.",
    ),
    "a day that there is not": (
        lambda: good(("Practice", "Audit ten cases", "31/02/2026")),
        None,
        "“31/02/2026” is not a date",
    ),
    "a quotation mark left open": (
        lambda: table('Priority,Action\nPractice,"Audit ten cases\n'),
        None,
        "“plan.csv” can’t be read as a table: a quotation mark is left open",
    ),
    "a child's date of birth in a cell": (
        lambda: good(("Practice", "Visit Ann Other, born 12/3/2014", None)),
        None,
        "This holds what looks like a date of birth. Refer to the case by its reference only.",
    ),
    "an NHS number in the name": (
        lambda: named(good(), "943 476 5919.xlsx"),
        "The file’s name: This holds what looks like an NHS number. Refer to the case by its reference only.",
        None,
    ),
}


def repacked_zip(parts, name="plan.xlsx"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for part, its in parts.items():
            packed.writestr(part, its)
    return SimpleUploadedFile(name, out.getvalue())


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda: sorted(path for path in Path(tmp_path).rglob("*") if path.is_file())


@pytest.fixture
def version(council):
    return make_plan(council, priorities=1, actions=1, measures=1, recommendations=1)


@pytest.fixture
def person(council):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def give_evidence(client, person, version):
    client.force_login(person)
    action = version.actions.get().action_id
    address = reverse("action_evidence", args=[version.plan.reference, action])
    return lambda upload: client.post(address, {"kind": "audit", "upload": upload, "note": "What I typed"})


@pytest.fixture
def give_sheet(client, person, version):
    client.force_login(person)
    address = reverse("plan_sheet", args=[version.plan.reference, version.number])
    return lambda upload: client.post(address, {"upload": upload})


def counts():
    """Return how many rows every table holds, but for who is signed in."""
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.managed and model._meta.app_label != "sessions"
    }


def text_of(response):
    return " ".join(response.content.decode().split()).replace("&#x27;", "'").replace("&quot;", '"')


def test_there_are_at_least_twenty_for_each():
    assert sum(said is not None for _make, said, _sheet in BAD.values()) >= 18
    assert sum(said is not None for _make, _said, said in BAD.values()) >= 20


@pytest.mark.parametrize("name", [name for name, (_make, said, _sheet) in BAD.items() if said])
def test_as_evidence_it_is_refused_in_words_and_changes_nothing(name, give_evidence, files):
    make, said, _sheet = BAD[name]
    before = counts()
    response = give_evidence(make())
    text = text_of(response)
    assert response.status_code == 200 and said in text
    assert "What I typed" in text and 'href="#id_upload"' in text
    assert counts() == before and files() == []


@pytest.mark.parametrize("name", [name for name, (_make, _said, said) in BAD.items() if said])
def test_as_a_plans_spreadsheet_it_is_refused_in_words_and_changes_nothing(name, give_sheet, files):
    make, _said, said = BAD[name]
    before = counts()
    response = give_sheet(make())
    text = text_of(response)
    assert response.status_code == 200 and said in text
    assert "Load it into the draft" not in text
    assert counts() == before and files() == []


# Odd, and taken: (the file, the actions that it would add with their dates, a note).
def merged(book, sheet):
    sheet.merge_range(1, 0, 2, 0, "Practice")


def formula(book, sheet):
    sheet.write_formula(1, 1, '="Audit "&"ten cases"', None, "Audit ten cases")


def text_date(book, sheet):
    sheet.write_string(1, 2, "30th June 2026")


ODD = {
    "two sheets": (lambda: good(more=two_sheets), [ROW], "Not read: the sheet “Sheet B”."),
    "merged cells": (
        lambda: good(("", "Audit ten cases", ROW[2]), ("", "Audit twenty", None), more=merged),
        [ROW, ("Practice", "Audit twenty", None)],
        "",
    ),
    "a formula": (
        lambda: good(more=formula),
        [ROW],
        "Cell B2 in the sheet “Actions” holds a formula: the result last saved was read, not the formula.",
    ),
    "dates as text": (lambda: good(more=text_date), [ROW], ""),
    "empty rows in between": (
        lambda: good((), ROW, (), ("", "", ""), ("Practice", "Audit twenty", None), ()),
        [ROW, ("Practice", "Audit twenty", None)],
        "",
    ),
    "a title above the headings": (
        lambda: workbook([("Improvement plan",), (), HEADINGS, ROW], name="Plan v9 FINAL"),
        [ROW],
        "",
    ),
    "semicolons": (lambda: table("Priority;Action;Due\nPractice;Audit ten cases;30.6.26\n"), [ROW], ""),
    "tabs, and the mark of UTF-8": (
        lambda: table("\ufeffPriority\tAction\tDue\nPractice\tAudit ten cases\t2026-06-30\n"),
        [ROW],
        "",
    ),
    "Windows-1252": (
        lambda: table("Priority,Action\nPractice,“Café” – a visit’s note\n", encoding="cp1252"),
        [("Practice", "“Café” – a visit’s note", None)],
        "",
    ),
    "right-to-left marks": (
        lambda: good(("Prac\u200ftice", "Audit \u202eten\u202c cases", ROW[2])),
        [ROW],
        "",
    ),
    "a path in the name": (lambda: named(good(), "../../etc/plan.xlsx"), [ROW], ""),
    "a name of 300 characters": (lambda: named(good(), "p" * 300 + ".xlsx"), [ROW], ""),
    "text that begins like a formula": (
        lambda: good(("Practice", "=HYPERLINK(1)", None)),
        [("Practice", "=HYPERLINK(1)", None)],
        "",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_merely_odd_is_read_and_what_is_loaded_is_what_it_says(
    name, give_sheet, client, version, files
):
    make, rows, note = ODD[name]
    response = give_sheet(make())
    text = text_of(response)
    assert note in text and files() == []
    version.actions.all().delete()
    address = reverse("plan_sheet", args=[version.plan.reference, version.number])
    again = client.post(address, {"upload": make()})
    client.post(address, {"preview": again.context["token"]})
    loaded = version.actions.order_by("priority__place", "place")
    assert [(one.priority.title, one.text, one.due_on) for one in loaded] == rows
    assert files() == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/audit.pdf", "audit.pdf"),
        ("au\u202efdp.pdf", "aufdp.pdf"),
        ("a" * 250 + ".pdf", "a" * 116 + ".pdf"),
        ("Prüfung 2026.PDF", "Prüfung 2026.PDF"),
    ],
)
def test_evidence_with_an_odd_name_is_kept_under_a_safe_one(given, name, give_evidence, files):
    give_evidence(SimpleUploadedFile(given, HEADER_ALONE))
    document = Document.objects.get()
    assert document.name == name
    [path] = files()
    assert path.parent.name == "documents" and len(path.stem) == 32


def test_a_text_in_windows_1252_is_kept_as_it_came(give_evidence, files):
    given = "“Café”".encode("cp1252")
    give_evidence(SimpleUploadedFile("note.txt", given))
    [path] = files()
    assert path.read_bytes() == given


@pytest.mark.parametrize("kind", ["docx", "pptx"])
def test_documents_and_presentations_are_known_by_their_main_part(kind, give_evidence, files):
    main = {"docx": b"wordprocessingml.document.main+xml", "pptx": b"presentationml.presentation.main+xml"}[
        kind
    ]
    give_evidence(repacked_zip({"[Content_Types].xml": main, "a.xml": b"<a/>"}, name=f"report.{kind}"))
    assert (
        Document.objects.get().content_type.startswith("application/vnd.openxmlformats") and len(files()) == 1
    )
