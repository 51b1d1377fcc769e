"""Words for approaches to councils."""

from dataclasses import dataclass
from itertools import groupby

from cases.presenters import day_words
from councils.models import Office
from peer_reviews.models import Approach


@dataclass(frozen=True)
class ApproachShown:
    """An approach as a line of a list."""

    approach: Approach
    words: str


def approach_shown(approach):
    """Return the `ApproachShown`: "3 November 2026, professional network, to the director of children’s services"."""
    office = Office(approach.office).label
    words = f"{day_words(approach.on)}, {approach.network} network, to the {office[:1].lower()}{office[1:]}"
    return ApproachShown(approach, words)


def by_region(approaches):
    """Return (region, its `ApproachShown`s) of approaches that are in the order of their regions."""
    return [
        (name or "No region", [approach_shown(each) for each in rows])
        for name, rows in groupby(approaches, key=lambda each: each.region_name)
    ]
