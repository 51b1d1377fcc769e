"""How one text became another, word by word. Pure."""

import re
from collections import Counter
from difflib import SequenceMatcher
from enum import StrEnum

WORD = re.compile(r"\S+\s*|\s+")
# More pairs of equal words than this are not looked through: the text is then told as replaced whole.
MOST_PAIRS = 1_000_000


class Kept(StrEnum):
    SAME = "same"
    DELETED = "deleted"
    INSERTED = "inserted"


def words(before, after):
    """Return how `before` became `after`: (Kept, words) in reading order, each with the space that follows it.

    All but what was deleted is `after`, to the letter.
    """
    old, new = WORD.findall(before), WORD.findall(after)
    old_words, new_words = [one.strip() for one in old], [one.strip() for one in new]
    first = _same_from_start(old_words, new_words)
    last = _same_from_start(old_words[first:][::-1], new_words[first:][::-1])
    parts = [(Kept.SAME, "".join(new[:first]))]
    end_old, end_new = len(old) - last, len(new) - last
    for kept, i, j, k, m in _steps(old_words[first:end_old], new_words[first:end_new]):
        if kept == "equal":
            parts.append((Kept.SAME, "".join(new[first + k : first + m])))
            continue
        parts.append((Kept.DELETED, "".join(old[first + i : first + j])))
        parts.append((Kept.INSERTED, "".join(new[first + k : first + m])))
    parts.append((Kept.SAME, "".join(new[end_new:])))
    return tuple(part for part in parts if part[1])


def _same_from_start(one, other):
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _steps(old, new):
    counted = Counter(new)
    if sum(times * counted[word] for word, times in Counter(old).items()) > MOST_PAIRS:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
