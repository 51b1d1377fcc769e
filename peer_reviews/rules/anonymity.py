"""What in a text would give away whose it is. Pure."""

import re

# Beside a name that is found, what it may be called with or without.
_STYLES = re.compile(
    r"^(?:the\s+)?(?:(?:royal\s+)?(?:london\s+)?(?:metropolitan\s+)?borough\s+of\s+|city\s+of\s+|county\s+of\s+)?(.+?)"
    r"(?:\s+(?:(?:metropolitan|borough|city|county|district|unitary|london)\s+)*council)?$",
    re.IGNORECASE,
)
# "Redcar and Cleveland" is told by either of them; "Bristol, City of" by its first part.
_PARTS = re.compile(r"\s+and\s+|\s*&\s*|\s*,\s*|\s+with\s+", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:[’'][^\W_]+)?")
# Parts of names that name no place, and are in every text; a direction alone is none, two are a region.
_STYLE = ("area", "borough", "city", "council", "county", "district", "of", "region", "royal", "the", "upon")
_COMMON = frozenset((*_STYLE, "children", "children's", "services", "trust"))
_DIRECTIONS = frozenset(("north", "south", "east", "west"))
_SHORTEST = 3


def gives_away(text, *, places=(), people=()):
    """Return what the text holds of names of places and bodies and of people, in its own words, each once.

    A place counts whole, without its style ("Borough Council") and by each part joined by "and"; a person by their
    whole name and by its last word. Case, hyphens, dots and spaces between the words of a name don't matter, so
    that an address on the web is found too; a name within another word is not one. In order of the text.
    """
    names = {part for place in places for part in _of_place(place)}
    names |= {part for person in people for part in _of_person(person)}
    if not names:
        return []
    patterns = sorted((_pattern(name) for name in names), key=len, reverse=True)
    found = re.finditer(rf"(?<![^\W_])(?:{'|'.join(patterns)})(?:[’']s)?(?![^\W_])", text, re.IGNORECASE)
    each = {}
    for match in found:
        each.setdefault(_folded(match[0]), match[0])
    return list(each.values())


def still_given_away(found, harmless):
    """Return those found that nobody has confirmed as harmless; case and spaces don't matter."""
    confirmed = {_folded(words) for words in harmless}
    return [words for words in found if _folded(words) not in confirmed]


def _of_place(place):
    whole = " ".join(place.split())
    short = _STYLES.match(whole)
    named = {whole, short[1] if short else whole}
    named |= {part.removeprefix("the ") for name in set(named) for part in _PARTS.split(name)}
    return {name for name in named if _names_something(name)}


def _of_person(person):
    words = person.split()
    named = {" ".join(words), words[-1]} if words else set()
    return {name for name in named if _names_something(name)}


def _names_something(name):
    telling = [word for word in _WORDS.findall(name.lower().replace("’", "'")) if word not in _COMMON]
    if len(telling) == 1 and telling[0] in _DIRECTIONS:
        return False
    return len("".join(telling)) >= _SHORTEST


def _pattern(name):
    return r"[\s._–-]*".join(
        re.escape(word).replace("’", "[’']?").replace("'", "[’']?") for word in _WORDS.findall(name)
    )


def _folded(words):
    return re.sub(r"[’']s$", "", re.sub(r"[\s._–-]+", " ", words.lower()))
