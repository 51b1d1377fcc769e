"""The tables that are known: which headings make them, and what each column holds.

A table is recognised by its headings alone, wherever they stand: not by the file's name, nor the sheet's, nor
the row. A heading row may come again further down, and then begins another table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inspections.readers.cells import is_filled, plain, text_of

# Fields of a row that are not grades; every other field is the code of a judgement area.
COUNCIL = "council"
FACTS = frozenset({"la_code", "ofsted_urn", "inspected_on", "ended_on", "published_on", "kind", "url"})

# What a file calls an inspection, and the kind it is. `full`: ILACS, length not given.
KINDS = {
    "ilacs standard inspection": "standard",
    "ilacs short inspection": "short",
    "ilacs focused visit": "focused-visit",
    "la monitoring visit": "monitoring-visit",
    "ilacs monitoring visit": "monitoring-visit",
    "standard": "standard",
    "short": "short",
}


@dataclass(frozen=True)
class Column:
    """A heading, as a pattern on its plain form, and what stands below it."""

    heading: re.Pattern
    field: str
    part: str = ""
    optional: bool = False
    shown: str = ""


@dataclass(frozen=True)
class Part:
    """One inspection of the several that a row may tell of."""

    family: str
    kind: str = "full"
    area: str = ""


@dataclass(frozen=True, eq=False)
class Layout:
    """A known kind of table."""

    slug: str
    title: str
    columns: tuple[Column, ...]
    parts: dict[str, Part]
    derived: bool = False


def _column(heading: str, field: str, part: str = "", *, optional: bool = False, shown: str = "") -> Column:
    return Column(re.compile(heading), field, part, optional, shown or _shown(heading))


def _shown(pattern: str) -> str:
    """A pattern as a person would write the heading."""
    return re.sub(r"\(\?:([^)|]*)\)\?", r"\1", pattern).replace(".*", "…").replace("\\", "")


_COUNCIL_NAME = _column(r"local authority(?: name)?", COUNCIL, shown="Local authority name")
_LISTED_GRADES = (
    _column(r"overall effectiveness", "overall", shown="Overall effectiveness"),
    _column(r"(?:the )?impact of leaders.*", "leaders", shown="Impact of leaders"),
    _column(
        r"(?:the )?experiences? and progress of children who need help and protection",
        "help_and_protection",
        shown="Experiences and progress of children who need help and protection",
    ),
    _column(
        r"(?:the )?experiences? and progress of children in care(?: and care leavers)?",
        "in_care",
        shown="Experiences and progress of children in care",
    ),
    _column(
        r"(?:the )?experiences? and progress of (?:children )?care leavers", "care_leavers", optional=True
    ),
)
_PUBLICATION = _column(r"(?:inspection )?publication date", "published_on", optional=True)

HISTORY = Layout(
    slug="history",
    title="a list of inspections, one row an inspection",
    columns=(
        _COUNCIL_NAME,
        _column(r"inspection date", "inspected_on", shown="Inspection date"),
        _column(r"inspection type", "kind", shown="Inspection type"),
        _PUBLICATION,
        *_LISTED_GRADES,
    ),
    parts={"": Part("ilacs")},
)
IN_YEAR = Layout(
    slug="in_year",
    title="the inspections and visits of one year",
    columns=(
        _COUNCIL_NAME,
        _column(r"inspection ?/ ?visit date", "inspected_on", shown="Inspection/Visit date"),
        _column(r"inspection ?/ ?visit type", "kind", shown="Inspection/Visit type"),
        _PUBLICATION,
        *_LISTED_GRADES,
    ),
    parts={"": Part("ilacs")},
)
POSITION = Layout(
    slug="position",
    title="the latest inspection of each council",
    columns=(
        _COUNCIL_NAME,
        _column(r"inspection date", "inspected_on", shown="Inspection date"),
        _PUBLICATION,
        *_LISTED_GRADES,
    ),
    parts={"": Part("ilacs")},
)
LATEST = Layout(
    slug="latest",
    title="Data to Insight's latest ILACS outcomes",
    derived=True,
    columns=(
        _column(r"local_authority", COUNCIL),
        _column(r"la_code", "la_code"),
        _column(r"urn", "ofsted_urn", optional=True),
        _column(r"inspection_link", "url", optional=True),
        _column(r"inspection_framework", "kind"),
        _column(r"inspection_start_date", "inspected_on"),
        _column(r"inspection_end_date", "ended_on", optional=True),
        _column(r"publication_date", "published_on"),
        _column(r"overall_effectiveness_grade", "overall"),
        _column(r"impact_of_leaders_grade", "leaders"),
        _column(r"help_and_protection_grade", "help_and_protection"),
        _column(r"in_care_grade", "in_care"),
        _column(r"care_leavers_grade", "care_leavers", optional=True),
    ),
    parts={"": Part("ilacs")},
)


def _wide_sif(part: str, called: str, *, first: bool) -> tuple[Column, ...]:
    """The columns of one single inspection; the safeguarding board was reviewed with the first alone."""
    board = (_column("lscb overall effectiveness", "lscb", part, optional=True),) if first else ()
    return (
        _column(rf"single inspection of .*{called} publication date", "published_on", part),
        _column(rf"{called} overall judgement", "overall", part),
        _column(rf"{called} children who need help and protection", "help_and_protection", part),
        _column(rf"{called} children looked after and achieving permanence", "in_care", part),
        _column(rf"{called} cla sub: adoption performance", "adoption", part),
        _column(rf"{called} cla sub: experiences and progress of care leavers", "care_leavers", part),
        _column(rf"{called} leadership, management and governance", "leaders", part),
        *board,
    )


def _wide_ilacs(part: str, called: str) -> tuple[Column, ...]:
    progress = rf"{called}ilacs framework experiences and progress of"
    return (
        _column(rf"{called}ilacs framework inspection type", "kind", part),
        _column(rf"{called}ilacs framework publication date", "published_on", part),
        _column(rf"{called}ilacs framework overall effectiveness", "overall", part),
        _column(rf"{called}ilacs framework impact of leaders", "leaders", part),
        _column(rf"{progress} children who need help and protection", "help_and_protection", part),
        _column(rf"{progress} children in care(?: and care leavers)?", "in_care", part),
        _column(rf"{progress} care leavers", "care_leavers", part, optional=True),
    )


WIDE = Layout(
    slug="wide",
    title="the history of each council from 2009, one row a council",
    columns=(
        _COUNCIL_NAME,
        _column(r"safeguarding & looked after .* inspection publication date", "published_on", "slac"),
        _column(r"slac safeguarding overall effectiveness", "safeguarding_overall", "slac"),
        _column(r"slac looked after children overall effectiveness", "looked_after_overall", "slac"),
        _column(
            r"slac re-inspection of safeguarding publication date", "published_on", "slac-safeguarding-again"
        ),
        _column(r"slac re-inspection safeguarding", "safeguarding_overall", "slac-safeguarding-again"),
        _column(
            r"slac re-inspection of services for children looked after publication date",
            "published_on",
            "slac-looked-after-again",
        ),
        _column(
            r"slac re-inspection of services children looked after",
            "looked_after_overall",
            "slac-looked-after-again",
        ),
        _column(r"child protection inspections \(cpi\) publication date", "published_on", "cp"),
        _column(r"cpi overall effectiveness", "overall", "cp"),
        _column(r"child protection re-inspection \(cpri\) publication date", "published_on", "cp-again"),
        _column(r"cpri overall effectiveness", "overall", "cp-again"),
        _column(r"targeted looked after .* inspection publication date", "published_on", "tlac"),
        _column(r"tlac overall effectiveness", "overall", "tlac"),
        *_wide_sif("sif", "first sif", first=True),
        *_wide_sif("sif-again", "sif re-inspection", first=False),
        *_wide_ilacs("ilacs-1", "(?:first )?"),
        *_wide_ilacs("ilacs-2", "second "),
        *_wide_ilacs("ilacs-3", "third "),
    ),
    parts={
        "slac": Part("slac"),
        "slac-safeguarding-again": Part("slac", "reinspection", "safeguarding"),
        "slac-looked-after-again": Part("slac", "reinspection", "looked-after"),
        "cp": Part("cp"),
        "cp-again": Part("cp", "reinspection"),
        "tlac": Part("tlac", "targeted"),
        "sif": Part("sif"),
        "sif-again": Part("sif", "reinspection"),
        "ilacs-1": Part("ilacs"),
        "ilacs-2": Part("ilacs"),
        "ilacs-3": Part("ilacs"),
    },
)

# The first that fits a heading row is taken: HISTORY has all that POSITION has, and more.
LAYOUTS = (LATEST, IN_YEAR, HISTORY, POSITION, WIDE)
# Any heading of any layout: most rows are not heading rows, and this says so at once.
ANY_HEADING = re.compile(
    "|".join(sorted({f"(?:{column.heading.pattern})" for layout in LAYOUTS for column in layout.columns}))
)

PROVIDER_HEADING = "provision type"
# Headings whose columns nothing here needs.
NOT_NEEDED = re.compile(
    r"web link|(?:ofsted |la )?region|visit theme|local authority (?:area code|status)|la authority type"
    r"|region_code|ltla23cd|stat_neighbours|stat_neighbour_judgement|local_link_to_all_inspections"
)
# A row with so many known headings was meant as a heading row.
MEANT_AS_HEADINGS = 3


@dataclass(frozen=True)
class Table:
    """A layout found in a sheet: which column holds what, and what is amiss with its headings."""

    layout: Layout
    columns: dict[int, Column]
    unread: tuple[str, ...]
    incomplete: dict[str, tuple[str, ...]]

    def columns_of(self, part: str) -> list[tuple[int, Column]]:
        """The columns of one of the row's inspections, from left to right."""
        return [
            (place, column)
            for place, column in self.columns.items()
            if column.part == part and column.field != COUNCIL
        ]

    @property
    def council_place(self) -> int:
        """Where the council's name stands."""
        return next(place for place, column in self.columns.items() if column.field == COUNCIL)

    @property
    def parts(self) -> list[str]:
        """The inspections that the headings name in full."""
        found = {column.part for column in self.columns.values() if column.field != COUNCIL}
        return [part for part in self.layout.parts if part in found and part not in self.incomplete]


@dataclass(frozen=True)
class NearMiss:
    """A heading row that comes close to a layout: what it lacks, and what stands there unknown."""

    layout: Layout
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def heading_of(cell) -> str:
    """A heading for comparing: as `plain`, without the mark that an overall is one."""
    return re.sub(r" ?(?:\(oe\)|\boe)$", "", plain(cell))


def is_provider_heading_row(cells: Sequence) -> bool:
    """Whether the row heads a table of children's homes and other providers."""
    return any(heading_of(cell) == PROVIDER_HEADING for cell in cells if is_filled(cell))


def recognise(cells: Sequence) -> Table | NearMiss | None:
    """The table that this row heads, what it nearly heads, or None where it is no heading row."""
    headings = {place: heading_of(cell) for place, cell in enumerate(cells) if is_filled(cell)}
    if sum(bool(ANY_HEADING.fullmatch(heading)) for heading in headings.values()) < MEANT_AS_HEADINGS:
        return None
    fits = [_fit(layout, cells, headings) for layout in LAYOUTS]
    tables = [fit for fit in fits if isinstance(fit, Table)]
    if tables:
        return tables[0]
    misses = [fit for fit in fits if isinstance(fit, NearMiss)]
    return min(misses, key=lambda miss: len(miss.missing), default=None)


def _fit(layout: Layout, cells: Sequence, headings: dict[int, str]) -> Table | NearMiss | None:
    columns: dict[int, Column] = {}
    for place, heading in headings.items():
        column = _column_for(layout, heading)
        if column and column not in columns.values():
            columns[place] = column
    incomplete = _incomplete_parts(layout, columns)
    named = {column.part for column in columns.values() if column.field != COUNCIL}
    has_council = any(column.field == COUNCIL for column in columns.values())
    unknown = tuple(
        " ".join(text_of(cells[place]).split())
        for place, heading in headings.items()
        if place not in columns and not NOT_NEEDED.fullmatch(heading)
    )
    if has_council and named - set(incomplete):
        return Table(layout, columns, unknown, incomplete)
    if len(columns) < MEANT_AS_HEADINGS:
        return None
    missing = tuple(name for names in incomplete.values() for name in names)
    return NearMiss(layout, (*(() if has_council else (_council_heading(layout),)), *missing), unknown)


def _column_for(layout: Layout, heading: str) -> Column | None:
    return next((column for column in layout.columns if column.heading.fullmatch(heading)), None)


def _incomplete_parts(layout: Layout, columns: dict[int, Column]) -> dict[str, tuple[str, ...]]:
    """For each inspection that is begun but lacks a needed column: the headings that were looked for."""
    found = set(columns.values())
    begun = {column.part for column in found if column.field != COUNCIL}
    missing = {
        part: tuple(
            column.shown
            for column in layout.columns
            if column.part == part and column.field != COUNCIL and not column.optional and column not in found
        )
        for part in layout.parts
        if part in begun
    }
    return {part: names for part, names in missing.items() if names}


def _council_heading(layout: Layout) -> str:
    return next(column.shown for column in layout.columns if column.field == COUNCIL)


def looked_for() -> str:
    """What every layout needs, for the message that refuses a file."""
    return "; ".join(
        f"{layout.title} (headings such as “{_council_heading(layout)}” and "
        f"“{next(c.shown for c in layout.columns if c.field != COUNCIL and not c.optional)}”)"
        for layout in LAYOUTS
    )
