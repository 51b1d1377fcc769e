"""Load regions, councils, their codes, names, memberships, succession and statistical neighbours from our own files."""

import csv
import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from councils.models import (
    Council,
    CouncilCode,
    CouncilName,
    Neighbour,
    Region,
    RegionMembership,
    Succession,
)
from councils.names import fold
from history.actions import record_event
from history.models import Event

DATA = Path(__file__).parent / "data"
FILES = ("regions", "councils", "codes", "names", "memberships", "successions", "neighbours")
LOADED = "councils-loaded"


@dataclass(frozen=True)
class Loaded:
    """How many rows a load added, changed and left as they were."""

    added: int = 0
    changed: int = 0
    left: int = 0

    def __add__(self, other):
        return Loaded(self.added + other.added, self.changed + other.changed, self.left + other.left)

    def __str__(self):
        return f"added {self.added} changed {self.changed} left {self.left}"


@transaction.atomic
def load_councils(*, by, on):
    """Bring regions and councils in line with `councils/data` and return a `Loaded`.

    Safe to repeat: rows are found by their natural keys. Files that have not changed since the last load are
    left alone, so that a correction made by an administrator stays. The first load of a region sets the day
    its record began to `on`; a later one never moves it.
    """
    files = {name: (DATA / f"{name}.csv").read_bytes() for name in FILES}
    digest = hashlib.sha256(b"".join(files.values())).hexdigest()
    if _already_loaded(digest):
        return Loaded(left=sum(len(_rows(content)) for content in files.values()))
    rows = {name: _rows(content) for name, content in files.items()}
    loaded = _load_regions(rows["regions"], on) + _load_councils(rows["councils"])
    loaded += _load_facts_of_councils(rows)
    record_event(
        LOADED, by=by, on=on, data={"sha256": digest, "added": loaded.added, "changed": loaded.changed}
    )
    return loaded


def _already_loaded(digest):
    last = Event.objects.filter(kind=LOADED).order_by("-pk").first()
    return last is not None and last.data["sha256"] == digest


def _load_regions(rows, on):
    loaded = bring_in_line(
        Region, [{"slug": r["slug"], "name": r["name"], "order": int(r["order"])} for r in rows], key=["slug"]
    )
    new = Region.objects.filter(slug__in=[r["slug"] for r in rows], record_began_on=None)
    new.update(record_began_on=on)
    return loaded


def _load_councils(rows):
    return bring_in_line(
        Council,
        [
            {
                "la_code": r["la_code"],
                "slug": r["slug"],
                "name": r["name"],
                "official_name": r["official_name"],
                "kind": r["kind"],
                "map_q": int(r["map_q"]) if r["map_q"] else None,
                "map_r": int(r["map_r"]) if r["map_r"] else None,
            }
            | _dates(r)
            for r in rows
        ],
        key=["la_code"],
    )


def _load_facts_of_councils(rows):
    council = dict(Council.objects.values_list("la_code", "pk"))
    region = dict(Region.objects.values_list("slug", "pk"))
    codes = [
        {"scheme": r["scheme"], "code": r["code"], "council_id": council[r["la_code"]]} | _dates(r)
        for r in rows["codes"]
    ]
    names = [
        {"council_id": council[r["la_code"]], "folded": fold(r["alias"]), "alias": r["alias"]}
        for r in rows["names"]
    ]
    memberships = [
        {"council_id": council[r["la_code"]], "scheme": r["scheme"], "region_id": region[r["region"]]}
        | _dates(r)
        for r in rows["memberships"]
    ]
    successions = [
        {
            "predecessor_id": council[r["predecessor"]],
            "successor_id": council[r["successor"]],
            "on": date.fromisoformat(r["on"]),
            "note": r["note"],
        }
        for r in rows["successions"]
    ]
    neighbours = [
        {
            "council_id": council[r["la_code"]],
            "neighbour_id": council[r["neighbour"]],
            "model_year": int(r["model_year"]),
            "rank": int(r["rank"]),
        }
        for r in rows["neighbours"]
    ]
    return (
        bring_in_line(CouncilCode, codes, key=["scheme", "code"])
        + bring_in_line(CouncilName, names, key=["council_id", "folded"])
        + bring_in_line(RegionMembership, memberships, key=["council_id", "scheme", "from_on"])
        + bring_in_line(Succession, successions, key=["predecessor_id", "successor_id"])
        + bring_in_line(Neighbour, neighbours, key=["council_id", "model_year", "rank"])
    )


def bring_in_line(model, rows, *, key):
    """Make `model` hold `rows` (dicts of column and value), found by the columns in `key`; return a `Loaded`.

    Rows of the table that are not among `rows` are left alone.
    """
    rest = [column for column in rows[0] if column not in key]
    held = {tuple(getattr(row, column) for column in key): row for row in model.objects.all()}
    new, changed = [], []
    for values in rows:
        row = held.get(tuple(values[column] for column in key))
        if row is None:
            new.append(model(**values))
        elif any(getattr(row, column) != values[column] for column in rest):
            for column in rest:
                setattr(row, column, values[column])
            changed.append(row)
    model.objects.bulk_create(new, batch_size=500)
    if changed:
        model.objects.bulk_update(changed, [column.removesuffix("_id") for column in rest], batch_size=200)
    return Loaded(len(new), len(changed), len(rows) - len(new) - len(changed))


def _rows(content):
    return list(csv.DictReader(content.decode("utf-8").splitlines()))


def _dates(row):
    return {
        column: date.fromisoformat(row[column]) if row[column] else None for column in ("from_on", "until_on")
    }
