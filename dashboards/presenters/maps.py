"""The hexagon map of councils: each with its letter, its colour and what it says aloud."""

from dataclasses import dataclass

from dashboards.hexagons import hex_map


@dataclass(frozen=True)
class Place:
    name: str
    short: str
    slug: str
    letter: str
    says: str
    url: str


def council_map(lines, suffix):
    """Return the `HexMap` of the lines' councils by the grade they show, or None where none has a place."""
    return hex_map([(each.council.map_q, each.council.map_r, _place(each, suffix)) for each in lines])


def _place(line, suffix):
    note = f", {line.grade.note}" if line.grade.note else ""
    return Place(
        name=line.council.name,
        short=line.council.name[:4].strip(),
        slug=line.grade.slug,
        letter=line.grade.letter,
        says=f"{line.council.name}: {line.grade.word.lower()}{note}",
        url=f"{line.council.get_absolute_url()}{suffix}",
    )
