"""The hexagon map of councils: each with its letter, its colour and what it says aloud."""

from collections import Counter
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
    short = short_names([each.council.name for each in lines])
    return hex_map(
        [
            (each.council.map_q, each.council.map_r, _place(each, short[each.council.name], suffix))
            for each in lines
        ]
    )


def short_names(names):
    """Return {name: what stands in its hexagon}: its first four letters, or what tells it from others alike.

    A county beside its city takes an s ("Leic", "Leics"), names of several words their initials ("Ch E",
    "Ch WC"), and others six letters ("Blackb", "Blackp").
    """
    short = {name: name[:4].strip() for name in names}
    for tell_apart in (_county, _initials):
        times = Counter(short.values())
        short = {name: tell_apart(name) if times[word] > 1 else word for name, word in short.items()}
    return short


def _county(name):
    return f"{name[:4]}s" if name.endswith("shire") and " " not in name else name[:4].strip()


def _initials(name):
    first, *rest = name.split()
    if not rest or rest[0].islower():
        return first[:6]
    return f"{first[:2]} {''.join(word[0] for word in rest if not word.islower())}"


def _place(line, short, suffix):
    note = f", {line.grade.note}" if line.grade.note else ""
    return Place(
        name=line.council.name,
        short=short,
        slug=line.grade.slug,
        letter=line.grade.letter,
        says=f"{line.council.name}: {line.grade.word.lower()}{note}",
        url=f"{line.council.get_absolute_url()}{suffix}",
    )
