"""What people upload, looked at before anything is kept: its name, its size, what it is, and its sheets as rows.

Everything is refused in the person's words (`Refused`), and nothing of a file is believed: neither its name's ending,
nor the sizes that a zip file declares, nor that a workbook's cells lie close together.
"""

import csv
import hashlib
import io
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import puremagic
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from cases.refusals import Refused

LARGEST_FILE = 25_000_000
LONGEST_NAME = 120
_DOCUMENT_TYPE = "application/vnd.openxmlformats-officedocument"

# By the ending of the name: what it is in words, and the type it is served as.
KINDS = {
    ".pdf": ("a PDF", "application/pdf"),
    ".docx": ("a Word document", f"{_DOCUMENT_TYPE}.wordprocessingml.document"),
    ".xlsx": ("an Excel workbook", f"{_DOCUMENT_TYPE}.spreadsheetml.sheet"),
    ".pptx": ("a PowerPoint presentation", f"{_DOCUMENT_TYPE}.presentationml.presentation"),
    ".png": ("a PNG picture", "image/png"),
    ".jpg": ("a JPEG picture", "image/jpeg"),
    ".jpeg": ("a JPEG picture", "image/jpeg"),
    ".csv": ("a CSV table", "text/csv; charset=utf-8"),
    ".txt": ("a plain text", "text/plain; charset=utf-8"),
}
EVIDENCE = tuple(KINDS)
SHEETS = (".xlsx", ".csv")
ACCEPTED = "pdf, docx, xlsx, pptx, png, jpeg, csv or txt"

# Of the kinds above that are zip files: the part that makes it one.
_MAIN_PARTS = {
    ".docx": "wordprocessingml.document.main+xml",
    ".xlsx": "spreadsheetml.sheet.main+xml",
    ".pptx": "presentationml.presentation.main+xml",
}
_SIGNATURES = {
    ".pdf": b"%PDF-",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    **dict.fromkeys(_MAIN_PARTS, b"PK\x03\x04"),
}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|script|svg|\?xml|iframe)\b", re.IGNORECASE)
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)

# A file of 25 MB of text and pictures unpacks to a few times that; what goes beyond is made to fill a disk.
LARGEST_UNPACKED = 250_000_000
MOST_RATIO = 200  # of a part that is large at all
LARGE_PART = 5_000_000
MOST_PARTS = 5_000
LARGEST_TYPES = 2_000_000

# A sheet is laid out from its first cell to its last, so two cells far apart would fill the memory.
LARGEST_SHEETS = 60_000_000
LARGEST_TABLE = 5_000_000
MOST_LINES = 50_000
# One text that many cells share is laid out for each of them.
MOST_TEXT = 100_000_000
MOST_MERGED = 1_000_000
MOST_CELLS = 400_000
MOST_ROWS = 2_000
LONGEST_CELL = 32_767
_CELL = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])([^>]*)>")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_VALUE = re.compile(rb"<(?:[\w.-]+:)?v\b[^>]*>([^<]*)")
_SHARED = re.compile(rb"<(?:[\w.-]+:)?si[\s>/]")
_FORMULA = re.compile(
    rb"""<(?:[\w.-]+:)?c(?=\s)[^>]*?\sr\s*=\s*["']([A-Za-z]{1,3}\d{1,7})["'][^>]*>\s*<(?:[\w.-]+:)?f[\s/>]"""
)
_SHEET_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/_rels/workbook\.xml\.rels|"
    r"xl/(?:workbook|styles|sharedStrings)\.xml|xl/worksheets/[^/]+\.xml"
)


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its safe name, the name's ending, the type it is served as, bytes and SHA-256."""

    name: str
    ending: str
    content_type: str
    size: int
    digest: str


@dataclass(frozen=True)
class Sheet:
    """A sheet as rows of cells: text, numbers, dates, True or False, and "" for nothing.

    `rows` begin at the sheet's first row, the empty ones too, so that the n-th is row n for the person. What stands in
    a merged cell stands in each cell of it. `formulas` are the places ("D7") whose last result was read.
    """

    name: str
    rows: list[list]
    hidden: bool = False
    formulas: tuple[str, ...] = field(default=())


def check_upload(upload, *, endings=EVIDENCE, field="upload"):
    """Return the `Checked` of an uploaded file (Django's `File`, with its name), or raise Refused on `field`.

    The file is left at its beginning.
    """
    name = safe_name(upload.name or "")
    ending = PurePosixPath(name).suffix.lower()
    if ending not in endings:
        wanted = ACCEPTED if endings == EVIDENCE else " or ".join(one[1:] for one in endings)
        said = f"“{name}” is not a kind of file that can be uploaded here"
        raise Refused(f"{said}. Save it as {wanted} and upload that.", field)
    _refuse_size(name, upload.size, field)
    digest = hashlib.sha256()
    size = 0
    upload.seek(0)
    for block in upload.chunks():
        digest.update(block)
        size += len(block)
        _refuse_size(name, size, field)
    upload.seek(0)
    _refuse_other_content(upload, name, ending, field)
    upload.seek(0)
    return Checked(name, ending, KINDS[ending][1], size, digest.hexdigest())


def safe_name(name):
    """Return a file's name that is safe to show and to give back: no path, no marks that hide or turn text.

    At most 120 characters, its ending kept. "document" where nothing is left of it.
    """
    name = unicodedata.normalize("NFC", str(name)).replace("\\", "/").rpartition("/")[2]
    name = "".join(" " if one in "\t\n\r" else one for one in name if one in "\t\n\r" or _shows(one))
    name = re.sub(r"\s+", " ", re.sub(r'[<>:"|?*%;]', "-", name)).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        stem, ending = name, ""
    stem = stem.strip(" .") or "document"
    ending = f".{ending}" if ending else ""
    return stem[: LONGEST_NAME - len(ending)].rstrip(" .") + ending


def _shows(one):
    return unicodedata.category(one) not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def _refuse_size(name, size, field):
    if not size:
        raise Refused(f"“{name}” is empty. Check that it was saved, and choose it again.", field)
    if size > LARGEST_FILE:
        most = LARGEST_FILE // 1_000_000
        raise Refused(
            f"“{name}” is {size / 1_000_000:.0f} MB and a file can have {most} MB at most. Save it with smaller "
            "pictures, split it, or give a link to it.",
            field,
        )


def _refuse_other_content(upload, name, ending, field):
    """Refuse a file whose content is not what its name says."""
    head = upload.read(4096)
    if head.startswith(_OLD_OFFICE):
        raise Refused(
            f"“{name}” is protected by a password, or is in an older format of Office. Save it without a password as "
            "docx, xlsx or pptx, and upload that.",
            field,
        )
    if ending in _SIGNATURES:
        if not head.startswith(_SIGNATURES[ending]):
            raise Refused(_other(name, ending, head), field)
        if ending in _MAIN_PARTS:
            _refuse_unfit_package(upload, name, ending, field)
        return
    if _is_binary(head) or _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise Refused(_other(name, ending, head), field)
    upload.seek(0)
    _as_text(upload.read(), name, field)


def _is_binary(head):
    return head.startswith((b"PK\x03\x04", b"%PDF-", b"MZ", b"\x7fELF", b"{\\rtf", *_SIGNATURES.values()))


def _other(name, ending, head):
    words, _type = KINDS[ending]
    really = _really(head)
    is_like = f": its content is that of {really}" if really else ""
    return (
        f"“{name}” is not {words}, whatever its name says{is_like}. Save it anew as {words}, and upload that."
    )


def _really(head):
    """Return what content is in words, or "" where nobody knows."""
    if _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "a web page"
    for ending, signature in _SIGNATURES.items():
        if head.startswith(signature):
            return "a zip file" if ending in _MAIN_PARTS else KINDS[ending][0]
    try:
        [found, *_others] = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    return f"another kind ({found.name})" if found.name and found.confidence >= 0.4 else ""


def _as_text(content, name, field):
    """Return content as text: UTF-8, or Windows-1252 as Excel and Notepad write it. Refused where it is neither."""
    if b"\0" in content:
        raise Refused(
            f"“{name}” is not plain text. In Excel, save it as “CSV UTF-8”; in Notepad, choose the encoding UTF-8.",
            field,
        )
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(f"“{name}” holds characters that can’t be read. Save it as UTF-8, and upload that.", field)


def _refuse_unfit_package(upload, name, ending, field):
    """Refuse an Office file that is damaged, locked, of another kind, with macros, or made to fill a disk."""
    words, _type = KINDS[ending]
    damaged = Refused(
        f"“{name}” is damaged or was cut off on its way: it can’t be opened. Open it yourself, save it again, and "
        "upload that.",
        field,
    )
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as packed:
            parts = packed.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise Refused(
                    f"“{name}” is protected by a password. Save it without one, and upload that.", field
                )
            _refuse_bomb(parts, name, field)
            if any(part.filename.startswith("/") or ".." in part.filename.split("/") for part in parts):
                raise damaged
            if "[Content_Types].xml" not in packed.NameToInfo:
                raise Refused(
                    f"“{name}” is not {words}, whatever its name says: its content is that of a zip file. Unpack it, "
                    "and upload what is in it.",
                    field,
                )
            types = _part(packed, "[Content_Types].xml", LARGEST_TYPES, name, field)
            _refuse_declarations(packed, parts, name, field)
            if b"macroEnabled" in types or any(
                part.filename.lower().endswith(("vbaproject.bin", "vbadata.xml")) for part in parts
            ):
                raise Refused(
                    f"“{name}” holds macros, which are not taken. Save it without them as {ending[1:]}, and upload "
                    "that.",
                    field,
                )
            if _MAIN_PARTS[ending].encode() not in types:
                other = next(
                    (KINDS[one][0] for one, part in _MAIN_PARTS.items() if part.encode() in types), ""
                )
                is_like = f": its content is that of {other}" if other else ""
                raise Refused(f"“{name}” is not {words}, whatever its name says{is_like}.", field)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError):
        raise damaged from None


def _refuse_bomb(parts, name, field):
    unpacked = sum(part.file_size for part in parts)
    swollen = any(
        part.file_size > LARGE_PART and part.file_size > MOST_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if unpacked > LARGEST_UNPACKED or len(parts) > MOST_PARTS or swollen:
        raise Refused(
            f"“{name}” would unpack to {max(unpacked // 1_000_000, 1):,} MB, far more than a document of its kind "
            "holds. It was not opened. Copy what you need to a new file, and upload that.",
            field,
        )


def _refuse_declarations(packed, parts, name, field):
    """Refuse XML that declares a document type: Office writes none, and entities are a way to fill the memory."""
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            with packed.open(part) as opened:
                head = opened.read(4096).replace(b"\0", b"")
            if _DECLARES.search(head):
                raise Refused(
                    f"“{name}” holds declarations that no Office program writes. Open it, save it anew, and upload "
                    "that.",
                    field,
                )


def _part(packed, part, most, name, field):
    """Return a part whole, at most `most` bytes of it whatever the file says about itself."""
    with packed.open(part) as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise Refused(
            f"“{name}” is larger inside than such a file is. It was not opened. Copy the table alone to a new file.",
            field,
        )
    return content


# Sheets


def read_workbook(upload, *, most_rows=MOST_ROWS, field="upload"):
    """Return the sheets of an uploaded xlsx, hidden ones marked, or the one table of a csv as a sheet named "".

    Raises Refused, with the sheet and cell where it is about one. A csv may be parted by commas, semicolons or tabs,
    in UTF-8 or Windows-1252. Formulas are read as the results last saved; a caller says so to the person.
    """
    checked = check_upload(upload, endings=SHEETS, field=field)
    if checked.ending == ".csv":
        sheets = [Sheet("", _csv_rows(_as_text(upload.read(), checked.name, field), checked.name, field))]
    else:
        sheets = _excel_sheets(upload, checked.name, field)
    upload.seek(0)
    for sheet in sheets:
        _refuse_unreadable(sheet, checked.name, most_rows, field)
    return sheets


def place_of(row, column):
    """Return a cell's place as people say it: row 3, column 28 (both from 1) is "AB3"."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def _csv_rows(text, name, field):
    if len(text) > LARGEST_TABLE or text.count("\n") > MOST_LINES:
        raise Refused(
            f"“{name}” is far longer than a table that can be read at once. Leave out what is not part of the table, "
            "and upload it again.",
            field,
        )
    first = next((line for line in text.splitlines() if line.strip()), "")
    parted = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=parted, strict=True))
    except csv.Error:
        raise Refused(
            f"“{name}” can’t be read as a table: a quotation mark is left open, or a cell is too long. Open it in a "
            "spreadsheet program, save it as xlsx, and upload that.",
            field,
        ) from None
    return [[_tidy(cell) for cell in row] for row in rows]


def _excel_sheets(upload, name, field):
    try:
        with zipfile.ZipFile(upload) as packed:
            kept, room = {}, LARGEST_SHEETS
            for part in sorted(filter(_SHEET_PARTS.fullmatch, packed.namelist())):
                kept[part] = _part(packed, part, room, name, field)
                room -= len(kept[part])
                _refuse_odd_markup(kept[part], name, field)
                if part.startswith("xl/worksheets/"):
                    _refuse_sprawl(kept[part], name, field)
        _refuse_flood(kept, name, field)
        workbook = CalamineWorkbook.from_filelike(_packed(kept))
        formulas = _formulas(workbook, kept)
        return [
            Sheet(
                one.name,
                _rows(workbook.get_sheet_by_name(one.name)),
                hidden=one.visible != SheetVisibleEnum.Visible,
                formulas=formulas.get(one.name, ()),
            )
            for one in workbook.sheets_metadata
        ]
    except (CalamineError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        raise Refused(
            f"“{name}” calls itself an Excel workbook, but its sheets can’t be read. Open it in Excel, save it anew as "
            "xlsx, and upload that.",
            field,
        ) from None


def _packed(parts):
    """Return a workbook of these parts alone: the library never sees the file as it came."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as workbook:
        for name, content in parts.items():
            workbook.writestr(name, content)
    file.seek(0)
    return file


def _refuse_sprawl(sheet, name, field):
    width = height = 0
    for cell in _CELL.finditer(sheet):
        place = _PLACE.search(cell[1])
        if place is None:
            raise Refused(
                f"“{name}” does not say where its cells stand. Open it in Excel, save it anew, and upload that.",
                field,
            )
        width, height = max(width, _column(place[1])), max(height, int(place[2]))
    if width * height > MOST_CELLS:
        raise Refused(
            f"A sheet of “{name}” spreads over {width * height:,} cells, most of them empty or too many to read. Copy "
            "the table alone to a new workbook, and upload that.",
            field,
        )


def _refuse_odd_markup(part, name, field):
    """Refuse what hides from our own look at a part: another encoding, comments, sections, declarations."""
    if b"\0" in part or b"<!" in part:
        raise Refused(
            f"“{name}” is written as no Office program writes. Open it in Excel, save it anew, and upload that.",
            field,
        )


def _refuse_flood(parts, name, field):
    """Refuse a workbook of which many cells share long texts, so that it would be far larger laid out than it is."""
    shared = [len(one) for one in _SHARED.split(parts.get("xl/sharedStrings.xml", b""))[1:]]
    longest, room = max(shared, default=0), MOST_TEXT
    for part, content in parts.items():
        if not longest or not part.startswith("xl/worksheets/"):
            continue
        for value in _VALUE.finditer(content):
            said = value[1].strip()
            if said.isdigit() and len(said) < 10:
                room -= shared[int(said)] if int(said) < len(shared) else 0
            elif b"&" in said:
                room -= longest
    if room < 0:
        raise Refused(
            f"“{name}” repeats long texts in so many cells that it can’t be read. Copy the table alone to a new "
            "workbook, and upload that.",
            field,
        )


def _column(letters):
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number


def _formulas(workbook, parts):
    """Return {sheet: places of its formulas}: parts are numbered in the order in which Excel writes its sheets."""
    places = {
        part: tuple(match[1].decode().upper() for match in _FORMULA.finditer(content))
        for part, content in parts.items()
        if part.startswith("xl/worksheets/")
    }
    targets = dict(_relations(parts.get("xl/_rels/workbook.xml.rels", b"")))
    found = {}
    for sheet in re.finditer(rb"<(?:[\w.-]+:)?sheet\s[^>]*>", parts.get("xl/workbook.xml", b"")):
        relation = re.search(rb"""\s[\w.-]+:id\s*=\s*["']([^"']+)["']""", sheet[0])
        number = len(found)
        if relation and number < len(workbook.sheet_names):
            part = targets.get(relation[1].decode(), "").removeprefix("/xl/").removeprefix("xl/")
            found[workbook.sheet_names[number]] = places.get(f"xl/{part}", ())
    return found


def _relations(content):
    for relation in re.finditer(rb"<(?:[\w.-]+:)?Relationship\s[^>]*>", content):
        named = dict(re.findall(rb"""\s(Id|Target)\s*=\s*["']([^"']*)["']""", relation[0]))
        if len(named) == 2:
            yield named[b"Id"].decode(), named[b"Target"].decode()


def _rows(sheet):
    rows = [[_tidy(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    room = MOST_MERGED
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        room -= (min(bottom, len(rows)) - top + 1) * (right - left + 1)
        if room < 0:
            raise ValueError("merged cells lie over each other")
        for row in range(top, min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, len(rows[row]) - 1) + 1):
                rows[row][column] = rows[top][left]
    return rows


def _tidy(cell):
    """Return text without what hides or turns it, its lines kept; whole numbers as such; all else as it is."""
    if isinstance(cell, str):
        cell = (
            unicodedata.normalize("NFC", cell)
            .replace("\r\n", "\n")
            .replace("\r", "\n")
            .replace("\u00a0", " ")
        )
        return "".join(one for one in cell if one in "\t\n" or _shows(one)).strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    return cell


def _refuse_unreadable(sheet, name, most_rows, field):
    while sheet.rows and not any(cell != "" for cell in sheet.rows[-1]):
        sheet.rows.pop()
    said = f"Sheet “{sheet.name}”" if sheet.name else f"“{name}”"
    if len(sheet.rows) > most_rows:
        raise Refused(
            f"{said} has {len(sheet.rows):,} rows, and {most_rows:,} can be read at once. Leave out what is not part "
            "of the table, and upload it again.",
            field,
        )
    for number, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row, 1):
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                raise Refused(
                    f"{said}, cell {place_of(number, column)}: the text has {len(cell):,} characters, more than a "
                    "cell can have. Shorten it, and upload the sheet again.",
                    field,
                )
