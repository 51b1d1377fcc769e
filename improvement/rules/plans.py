"""A version of a plan as one document, apart from the tables: what coverage, checks, prints and snapshots read. Pure.

`improvement.queries.plans.read_version` makes it. `as_json` is its canonical form, `from_json` reads that again, and
`digest` is its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Told:
    """A recommendation that the plan answers. `of` names its source; `closed`: no longer open on the day read."""

    key: int
    number: int
    text: str
    paragraph: str = ""
    framework_reference: str = ""
    of: str = ""
    closed: bool = False


@dataclass(frozen=True)
class ActionPlanned:
    """An action. `key` is its identity across versions; `number` such as "2.3"; the sets are keys of what it serves."""

    key: int
    number: str
    text: str
    owner_post: str = ""
    owner_body: str = ""
    owner_id: int | None = None
    start_on: date | None = None
    due_on: date | None = None
    success: str = ""
    resources: str = ""
    aim: str = ""
    by_measures: bool = False
    by_audit: bool = False
    by_voice: bool = False
    recommendations: tuple[int, ...] = ()
    measures: tuple[int, ...] = ()

    @property
    def evidence_kinds(self):
        """How many of the three kinds of evidence it names."""
        return sum((self.by_measures, self.by_audit, self.by_voice))


@dataclass(frozen=True)
class PriorityPlanned:
    key: int
    number: int
    title: str
    enabler: str = ""
    outcome: str = ""
    lead: str = ""
    actions: tuple[ActionPlanned, ...] = ()


@dataclass(frozen=True)
class MeasurePlanned:
    """A measure. `priority` is the key of the priority it belongs to, or None."""

    key: int
    name: str
    unit: str = ""
    priority: int | None = None
    baseline: Decimal | None = None
    baseline_on: date | None = None
    target: Decimal | None = None
    target_on: date | None = None
    tolerance: Decimal | None = None
    polarity: str = ""
    frequency: str = ""
    benchmark: str = ""


@dataclass(frozen=True)
class RiskPlanned:
    text: str
    likelihood: int | None = None
    impact: int | None = None
    mitigation: str = ""
    owner_post: str = ""


@dataclass(frozen=True)
class PlanDocument:
    """A version of a plan, whole."""

    council_code: str
    council: str
    reference: str
    title: str
    number: int
    standing: str
    introduction: str = ""
    change_note: str = ""
    scale: str = "words"
    sign_off_by: str = ""
    statutory_on: date | None = None
    approved_on: date | None = None
    recommendations: tuple[Told, ...] = ()
    priorities: tuple[PriorityPlanned, ...] = ()
    measures: tuple[MeasurePlanned, ...] = ()
    risks: tuple[RiskPlanned, ...] = ()
    board: tuple[str, ...] = field(default=())
    board_approved_on: date | None = None

    @property
    def actions(self):
        """All its actions, in the order of the plan."""
        return tuple(action for priority in self.priorities for action in priority.actions)


def as_json(document):
    """Return the document as plain values: dates in ISO form, decimals as text, so that it can be stored and read."""
    return json.loads(json.dumps(asdict(document), default=str))


def from_json(content):
    """Return the document that `as_json` wrote; what else stands in `content`, such as a check, is passed over."""
    parts = {
        "recommendations": Told,
        "priorities": PriorityPlanned,
        "measures": MeasurePlanned,
        "risks": RiskPlanned,
    }
    rows = {name: tuple(_read(kind, row) for row in content.get(name, ())) for name, kind in parts.items()}
    return _read(PlanDocument, content | rows)


def _read(kind, content):
    return kind(**{one.name: _value(one, content[one.name]) for one in fields(kind) if one.name in content})


def _value(of, stored):
    if stored is None or stored == "":
        return stored
    if of.type == "date | None":
        return date.fromisoformat(stored)
    if of.type == "Decimal | None":
        return Decimal(stored)
    if of.name == "actions":
        return tuple(_read(ActionPlanned, row) for row in stored)
    return tuple(stored) if isinstance(stored, list) else stored


def canonical(content):
    """Return plain values as the one text that is hashed: keys in order, no spaces between, nothing escaped."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(content):
    """Return the SHA-256, in hexadecimal, of plain values in their canonical form, as UTF-8."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
