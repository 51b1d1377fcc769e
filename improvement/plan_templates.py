"""Templates that a plan may be started from, as `improvement/data/plan_templates.csv` has them."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "plan_templates.csv"


@dataclass(frozen=True)
class TemplatePriority:
    title: str
    enabler: str
    outcome: str


@dataclass(frozen=True)
class PlanTemplate:
    slug: str
    name: str
    hint: str
    priorities: tuple[TemplatePriority, ...]


@lru_cache(maxsize=1)
def plan_templates():
    """Return {slug: PlanTemplate}, in the order of the file."""
    found = {}
    with DATA.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            entry = found.setdefault(row["template"], (row["name"], row["hint"], []))
            entry[2].append(TemplatePriority(row["title"], row["enabler"], row["outcome"]))
    return {
        slug: PlanTemplate(slug, name, hint, tuple(priorities))
        for slug, (name, hint, priorities) in found.items()
    }
