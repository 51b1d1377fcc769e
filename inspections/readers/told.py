"""What a file tells us: the shapes that the readers hand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


class NotReadable(Exception):
    """The whole file is refused. The message says, in the reader's words, why, and what was looked for."""


@dataclass(frozen=True)
class Grade:
    """One judgement as a file gives it.

    `code` is the step it counts as (`outstanding`, `good`, `requires-improvement`, `inadequate`, `no-cases`),
    `word` the file's own word, `restated` whether that word is another than its framework used.
    """

    code: str
    word: str
    restated: bool = False


@dataclass(frozen=True)
class ReadRow:
    """One inspection or visit as one row of one sheet tells it.

    `number` is the row as a person sees it in the spreadsheet, from 1. A very wide row tells of several
    inspections, and `part` says which; it is empty elsewhere. `layout` is the kind of table it stands in,
    which decides whose word counts. `family` is the framework whatever its form (slac, cp, tlac, sif, ilacs);
    `area` says which service a SLAC re-inspection looked at.
    """

    sheet: str
    number: int
    part: str
    layout: str
    council_name: str
    family: str
    kind: str
    area: str = ""
    la_code: str = ""
    ofsted_urn: str = ""
    inspected_on: date | None = None
    ended_on: date | None = None
    published_on: date | None = None
    url: str = ""
    grades: Mapping[str, Grade] = field(default_factory=dict)

    @property
    def happened_on(self) -> date:
        """The first day on site, or the day of publication where the file gives no other."""
        return self.inspected_on or self.published_on


@dataclass(frozen=True)
class Problem:
    """What could not be read, where it stands, and what to do about it. `row` is None for a whole sheet."""

    sheet: str
    row: int | None
    field: str
    message: str


@dataclass(frozen=True)
class SkippedSheet:
    """A sheet that holds no inspections of councils, with the reason."""

    sheet: str
    reason: str


@dataclass(frozen=True)
class NotYetInspected:
    """A row that names a council and says that it has not been inspected."""

    sheet: str
    row: int
    council_name: str


@dataclass(frozen=True)
class FileRead:
    """A file that was read: its identity, its release and all that it says.

    `released_on` is the cover's "Published on", or else the file's latest publication date. `derived` is True
    for a table that somebody else read out of Ofsted's reports.
    """

    name: str
    sha256: str
    released_on: date
    derived: bool
    sheets: tuple[str, ...]
    rows: tuple[ReadRow, ...]
    problems: tuple[Problem, ...] = ()
    skipped: tuple[SkippedSheet, ...] = ()
    not_yet_inspected: tuple[NotYetInspected, ...] = ()
