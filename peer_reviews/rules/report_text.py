"""The text of a report: its numbers, its digest, where a paragraph moves, and how one version became the next. Pure."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from cases.comparing import Kept, words


class Became(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Text:
    """A paragraph as far as its version is read: its key, its kind and its words."""

    key: object
    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """How a paragraph became what it is: `words` as `cases.comparing.words` gives them; `moved` past others."""

    became: Became
    key: object
    kind: str
    words: tuple
    moved: bool = False


def digest_of(title, paragraphs):
    """Return the SHA-256 of a version's title and of each paragraph's kind and words, in order, as 64 hex digits."""
    said = [title, [[str(one.kind), one.text] for one in paragraphs]]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def numbered(paragraphs):
    """Return {key: number} of all paragraphs but headings, from 1 in their order: what a comment refers to."""
    told = [one.key for one in paragraphs if one.kind != "heading"]
    return {key: number for number, key in enumerate(told, 1)}


def recommendations_numbered(paragraphs):
    """Return {key: number} of the recommendations, from 1 in their order: the number they keep once final."""
    told = [one.key for one in paragraphs if one.kind == "recommendation"]
    return {key: number for number, key in enumerate(told, 1)}


def compare(before, after):
    """Return the `Change`s from one version to the next: in the order of `after`, what was removed where it stood."""
    old = {one.key: one for one in before}
    kept = {one.key for one in after} & set(old)
    stayed = _in_order([one.key for one in before if one.key in kept], [one.key for one in after])
    gone_after = _removed_by_predecessor(before, kept)
    changes = [_removed(one) for one in gone_after.get(None, ())]
    for one in after:
        was = old.get(one.key)
        if was is None:
            changes.append(Change(Became.ADDED, one.key, one.kind, ((Kept.INSERTED, one.text),)))
            continue
        same = (was.kind, was.text) == (one.kind, one.text)
        parts = ((Kept.SAME, one.text),) if was.text == one.text else words(was.text, one.text)
        became = Became.SAME if same else Became.CHANGED
        changes.append(Change(became, one.key, one.kind, parts, one.key not in stayed))
        changes += [_removed(gone) for gone in gone_after.get(one.key, ())]
    return changes


def _removed(one):
    return Change(Became.REMOVED, one.key, one.kind, ((Kept.DELETED, one.text),))


def _removed_by_predecessor(before, kept):
    """Return {key of the last kept one before them, or None: the removed ones}."""
    found, last = {}, None
    for one in before:
        if one.key in kept:
            last = one.key
        else:
            found.setdefault(last, []).append(one)
    return found


def _in_order(old, new):
    """Return the keys of a longest run that stands in the same order in both: the others moved."""
    place = {key: number for number, key in enumerate(old)}
    there = [key for key in new if key in place]
    best = []
    for index, key in enumerate(there):
        earlier = [best[other] for other in range(index) if place[there[other]] < place[key]]
        longest = max(earlier, key=len, default=())
        best.append((*longest, key))
    return set(max(best, key=len, default=()))
