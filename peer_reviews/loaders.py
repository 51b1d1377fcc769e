"""What ships with the project: the kinds of peer review, their themes, team shapes and timings, and peers' words."""

import csv
import hashlib
from pathlib import Path

from django.db import transaction

from councils.loaders import bring_in_line
from history.actions import record_event
from history.models import Event
from peer_reviews.models import KindPlace, KindStep, KindTheme, PeerWord, ReviewKind

DATA = Path(__file__).parent / "data"
KIND_FILES = ("kinds", "kind_themes", "kind_places", "kind_steps")
KINDS_LOADED = "review-kinds-loaded"


@transaction.atomic
def load_kinds(*, by, on):
    """Bring the kinds of review in line with `peer_reviews/data`; say whether the files were read.

    Safe to repeat. Files that have not changed since the last load are left alone, so that what somebody has
    corrected since stays.
    """
    digest = hashlib.sha256(b"".join((DATA / f"{name}.csv").read_bytes() for name in KIND_FILES)).hexdigest()
    last = Event.objects.filter(kind=KINDS_LOADED).order_by("-pk").first()
    if last is not None and last.data["sha256"] == digest:
        return False
    kinds = {row["slug"]: _kind(row, place) for place, row in enumerate(rows_of("kinds"), start=1)}
    _load_themes(kinds)
    for row in rows_of("kind_places"):
        KindPlace.objects.update_or_create(
            kind=kinds[row["kind"]], role=row["role"], defaults={"number": int(row["number"])}
        )
    _load_steps(kinds)
    record_event(KINDS_LOADED, by=by, on=on, data={"sha256": digest})
    return True


@transaction.atomic
def load_peer_words(*, by, on):
    """Bring the words by which peers are found in line with `data/peer_words.csv`; return a `Loaded`.

    Found by kind and slug; a word that is not in the file is left alone.
    """
    return bring_in_line(PeerWord, rows_of("peer_words"), key=["kind", "slug"])


def rows_of(name):
    """Return the rows of a file of `peer_reviews/data` as dicts of text."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _kind(row, order):
    return ReviewKind.objects.update_or_create(
        slug=row["slug"],
        defaults={
            "name": row["name"],
            "description": row["description"],
            "days_on_site": int(row["days_on_site"]),
            "counts_for_offer": row["counts_for_offer"] == "yes",
            "letter": row["letter"] == "yes",
            "until_on": row["until_on"] or None,
            "order": order,
        },
    )[0]


def _load_themes(kinds):
    places = dict.fromkeys(kinds, 0)
    for row in rows_of("kind_themes"):
        places[row["kind"]] += 1
        KindTheme.objects.update_or_create(
            kind=kinds[row["kind"]],
            place=places[row["kind"]],
            defaults={"title": row["title"], "question": row["question"]},
        )


def _load_steps(kinds):
    for row in rows_of("kind_steps"):
        timing = {"anchor": row["anchor"], "length": int(row["length"]), "unit": row["unit"]}
        for slug in row["kinds"].split():
            KindStep.objects.update_or_create(
                kind=kinds[slug],
                step=row["step"],
                defaults={**timing, "owes": row["owes"], "authority": row["authority"]},
            )
