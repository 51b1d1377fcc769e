"""What the evidence of a review covers, and its independent sources. Pure. Rule: section 6, point 5."""

from collections import Counter
from dataclasses import dataclass

# The kinds of source as the note page puts them together: (slug, words, kinds of source).
SOURCE_GROUPS = (
    ("people", "Interviews, groups", ("interview", "focus-group")),
    ("seen", "Observed, audited", ("observation", "case-audit")),
    ("documents", "Documents", ("document",)),
    ("data", "Data", ("data",)),
)
GROUP_OF = {source: slug for slug, _, sources in SOURCE_GROUPS for source in sources}


def activity_of(note):
    """Return what stands for the activity a note comes from; without one: its kind of source, voice and day."""
    if note.activity_id is not None:
        return note.activity_id
    return (note.source_type, note.voice, note.on)


def independent(notes):
    """Return the largest number of `notes` of which no two share an activity or a voice: independent sources.

    Notes merged into another count as that one, once: their `merged_into` is read. Each note stands for an edge
    between its activity and its voice, and the answer is the size of the largest matching between the two.
    """
    voices = {}
    for note in {kept.pk: kept for kept in map(_kept, notes)}.values():
        voices.setdefault(activity_of(note), set()).add(note.voice)
    taken = {}

    def place(activity, tried):
        """Give the activity a voice, moving another to a voice it also has; False where there is none."""
        for voice in sorted(voices[activity] - tried):
            tried.add(voice)
            if voice not in taken or place(taken[voice], tried):
                taken[voice] = activity
                return True
        return False

    return sum(place(activity, set()) for activity in voices)


def _kept(note):
    return note.merged_into if note.merged_into_id is not None else note


@dataclass(frozen=True)
class Row:
    """What there is on one line of enquiry: notes by kind of source, and in all. `line` is None where none is said."""

    line: int | None
    title: str
    counts: dict[str, int]

    @property
    def total(self):
        return sum(self.counts.values())

    @property
    def groups(self):
        """Return the notes of each of `SOURCE_GROUPS`, in their order."""
        return [sum(self.counts.get(source, 0) for source in sources) for _, _, sources in SOURCE_GROUPS]

    @property
    def gaps(self):
        """Return each of `SOURCE_GROUPS` (its slug) from which there is nothing."""
        return [slug for (slug, _, _), count in zip(SOURCE_GROUPS, self.groups, strict=True) if not count]


def rows_of(lines, counted):
    """Return a Row for each of `lines` (number, title), whatever there is on it.

    `counted`: (line, kind of source, how many) in any order; what is on no line comes last, where there is any.
    """
    counts = {line: Counter() for line, _ in lines}
    for line, source_type, count in counted:
        counts.setdefault(line, Counter())[source_type] += count
    rows = [Row(line, title, dict(counts[line])) for line, title in lines]
    if counts.get(None):
        rows.append(Row(None, "No line of enquiry", dict(counts[None])))
    return rows


def gaps_of(rows):
    """Return how many cells of line × `SOURCE_GROUPS` hold nothing; notes on no line fill none."""
    return sum(len(row.gaps) for row in rows if row.line is not None)
