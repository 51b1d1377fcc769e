"""Small files in the layouts that are published, built by the tests. What they say is invented."""

import csv
import zipfile
from datetime import date
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


def write_csv(path, rows):
    """Write a table and return the path."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(rows)
    return path
