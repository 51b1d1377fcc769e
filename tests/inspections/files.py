"""Small files in the layouts that are published, built by the tests. What they say is invented."""

import csv
import zipfile
from datetime import date
from string import ascii_uppercase
from xml.sax.saxutils import escape, quoteattr

OPENED = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
CLOSED = "</office:spreadsheet></office:body></office:document-content>"

AREAS = (
    "Impact of leaders",
    "Experiences and progress of children who need help and protection",
    "Experiences and progress of children in care",
    "Experiences and progress of care leavers",
)
HISTORY = (
    "Web link",
    "Local authority area code",
    "Local authority name",
    "Local authority status",
    "Ofsted region",
    "Inspection date",
    "Publication date",
    "Inspection type",
    "Overall effectiveness",
    *AREAS,
)
POSITION = (
    "Web link",
    "Local authority name",
    "Ofsted region",
    "Inspection date",
    "Overall effectiveness",
    *AREAS,
)
IN_YEAR = (
    "Web link",
    "Local authority name",
    "Region",
    "Inspection/Visit date",
    "Publication date",
    "Inspection/Visit type",
    "Overall effectiveness",
    *AREAS,
    "Visit Theme",
)
PROVIDERS = ("Web link", "URN", "Provision type", "Name", "Local authority", "Overall experiences")
SIF_AREAS = (
    "children who need help and protection ",
    "children looked after and achieving permanence ",
    "CLA Sub: Adoption Performance",
    "CLA Sub: Experiences and progress of care leavers",
    "leadership, management and governance",
)
WIDE = (
    "Web link",
    "Local authority name",
    "LA region",
    "LA Authority Type",
    "Safeguarding & Looked After Children (SLAC) Inspection publication date",
    "SLAC Safeguarding Overall effectiveness (OE)",
    "SLAC Looked After Children Overall Effectiveness (OE)",
    "SLAC re-inspection of Safeguarding publication date",
    "SLAC re-inspection Safeguarding OE",
    "SLAC re-inspection of services for Children Looked After publication date",
    "SLAC re-inspection of services Children Looked After OE",
    "Child Protection Inspections (CPI) publication date",
    "CPI Overall Effectiveness (OE)",
    "Targeted Looked After Children (TLAC) inspection publication date",
    "TLAC Overall Effectiveness (OE)",
    "Single Inspection of LA Children's Services (SIF)  First SIF publication date",
    " First SIF Overall Judgement\n(OE)",
    *(f" First SIF {area}" for area in SIF_AREAS),
    "LSCB Overall Effectiveness ",
    "First ILACS framework inspection type",
    "First ILACS framework publication date",
    "First ILACS framework overall effectiveness",
    "First ILACS framework impact of leaders",
    "First ILACS framework experiences and progress of children who need help and protection",
    "First ILACS framework experiences and progress of children in care and care leavers",
)
LATEST = (
    "urn",
    "la_code",
    "ltla23cd",
    "local_authority",
    "inspection_link",
    "overall_effectiveness_grade",
    "inspection_framework",
    "inspection_start_date",
    "inspection_end_date",
    "publication_date",
    "impact_of_leaders_grade",
    "help_and_protection_grade",
    "in_care_grade",
    "care_leavers_grade",
)
RI = "Requires improvement to be good"
LINK = "Ofsted Local Authority Webpage"


def cover(released_on=date(2025, 9, 25)):
    """A cover sheet with its release date."""
    return [["Local authority inspection outcomes"], ["Section", "Detail"], ["Published on:", released_on]]


def history_row(
    council, inspected, published, *, kind="ILACS Standard Inspection", overall="Good", areas=None
):
    """One row under HISTORY; its areas all have the overall's grade unless given."""
    areas = areas or [overall, overall, overall, None]
    return [LINK, "E06000000", council, "Current", "South West", inspected, published, kind, overall, *areas]


def latest_row(la_code, council, began, published, *, ended="", kind="standard", grades=("good",) * 5):
    """One row under LATEST: overall, leaders, help and protection, in care, care leavers."""
    overall, *areas = grades
    link = f"https://files.example.org/{la_code}"
    return ["80000", la_code, "E06000000", council, link, overall, kind, began, ended, published, *areas]


def content(sheets):
    """The XML of a workbook: `sheets` maps a name to its rows, each row to its cells."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>{''.join(map(_row, rows))}</table:table>"
        for name, rows in sheets.items()
    )
    return f"{OPENED}{tables}{CLOSED}"


def _row(cells):
    return f"<table:table-row>{''.join(map(_cell, cells))}</table:table-row>"


def _cell(value):
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, float | int):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def write_ods(path, sheets=None, *, xml=None):
    """Write a workbook of these sheets, or of this XML, and return the path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as ods:
        ods.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        ods.writestr("content.xml", content(sheets) if xml is None else xml)
    return path


EXCEL_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
EXCEL_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EXCEL_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
# What Excel counts its days from, with the 29 February 1900 that never was.
EXCEL_BEGAN = date(1899, 12, 30)


def write_xlsx(path, sheets=None, *, xml=None):
    """Write an Excel workbook of these sheets, or one sheet of this XML, and return the path."""
    written = [_excel_sheet(rows) for rows in (sheets or {}).values()] if xml is None else [xml]
    names = list(sheets or {"Sheet": None})
    numbers = range(1, len(written) + 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as xlsx:
        xlsx.writestr("[Content_Types].xml", f'<Types xmlns="{EXCEL_PACKAGE}content-types"/>')
        xlsx.writestr("_rels/.rels", _related([("officeDocument", "xl/workbook.xml")]))
        sheet_names = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="r{number}"/>'
            for number, name in zip(numbers, names, strict=True)
        )
        xlsx.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{EXCEL_MAIN}" xmlns:r="{EXCEL_OFFICE}"><sheets>{sheet_names}</sheets></workbook>',
        )
        xlsx.writestr(
            "xl/_rels/workbook.xml.rels",
            _related(
                [
                    *(("worksheet", f"worksheets/sheet{number}.xml") for number in numbers),
                    ("styles", "styles.xml"),
                ]
            ),
        )
        xlsx.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{EXCEL_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        )
        for number, sheet in zip(numbers, written, strict=True):
            xlsx.writestr(f"xl/worksheets/sheet{number}.xml", sheet)
    return path


def _related(targets):
    each = "".join(
        f'<Relationship Id="r{number}" Type="{EXCEL_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{EXCEL_PACKAGE}relationships">{each}</Relationships>'


def _excel_sheet(rows):
    told = "".join(
        f'<row r="{number}">{"".join(_excel_cells(number, cells))}</row>'
        for number, cells in enumerate(rows, 1)
    )
    return excel_sheet(told)


def excel_sheet(rows):
    """The XML of a sheet of these rows, themselves XML."""
    return f'<worksheet xmlns="{EXCEL_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def _excel_cells(number, cells):
    for letter, value in zip(ascii_uppercase, cells, strict=False):
        if isinstance(value, date):
            yield f'<c r="{letter}{number}" s="1"><v>{(value - EXCEL_BEGAN).days}</v></c>'
        elif value not in (None, ""):
            text = escape(str(value))
            yield f'<c r="{letter}{number}" t="inlineStr"><is><t>{text}</t></is></c>'


def write_csv(path, rows):
    """Write a table and return the path."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(rows)
    return path
