"""Notes and what they cover, in words for the screen."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cases.presenters import count_of, day_words
from peer_reviews.models.on_site import SourceType, Voice
from peer_reviews.rules.coverage import SOURCE_GROUPS
from peer_reviews.rules.notes import day_words_on_site

PRIVACY = "Private until you share it. Nothing that could identify a child: give the case reference only."
BRIEF = 240
WORRY = "Worried about a child? Tell the DCS in person now"


def within(words):
    """Return words as they stand within a sentence; what is not a word with one capital, as it is: SEND."""
    first = words.partition(" ")[0]
    return words if any(letter.isupper() for letter in first[1:]) else words[:1].lower() + words[1:]


def where_words(review, today):
    """Return where the page stands: "safeguarding peer review · day 2 of 4", without the council."""
    day = day_words_on_site(review.first_day, review.last_day, today)
    return " · ".join(filter(None, [within(str(review.kind)), day]))


def needed_words(review, today):
    """Return the heading of what is still needed: of the day while on site."""
    day = day_words_on_site(review.first_day, review.last_day, today)
    return (
        f"What {day.partition(' of ')[0]} still needs" if day.startswith("day ") else "What is still needed"
    )


def activity_words(activity):
    """Return what an activity is, in a list to choose from: "3 Nov, 10:30: Social workers, east (focus group)"."""
    kind = within(activity.get_source_type_display())
    return f"{activity.on.day} {activity.on:%b}, {activity.starts_at:%H:%M}: {activity.title} ({kind})"


def source_words(source_type, voice, activity=None):
    """Return where a note comes from: "focus group at 10:30, social workers"."""
    if source_type not in SourceType.values or voice not in Voice.values:
        return ""
    at = f" at {activity.starts_at:%H:%M}" if activity else ""
    whose = "" if voice == Voice.RECORDS else f", {within(Voice(voice).label)}"
    return f"{within(SourceType(source_type).label)}{at}{whose}"


def moment_words(moment, today):
    """Return a moment: the time alone where it is of today, in London."""
    there = timezone.localtime(moment)
    at = f"{there:%H:%M}"
    return at if there.date() == today else f"{there.day} {there:%b}, {at}"


def lock_words(review, today):
    """Return when the notes of a review lock or locked, and when they are deleted, as far as that is set."""
    said = []
    if review.notes_lock_at:
        said.append(f"They lock at {moment_words(review.notes_lock_at, today)}.")
    if review.notes_delete_on:
        said.append(f"They are deleted on {day_words(review.notes_delete_on)}.")
    return " ".join(said)


@dataclass(frozen=True)
class NoteShown:
    """A note in a list."""

    note: object
    text: str
    is_cut: bool
    line: str
    source: str
    when: str
    author: str
    url: str
    is_own: bool
    merged: int

    @property
    def brief(self):
        """Return its first words, for the list beside the form."""
        return short(self.text, BRIEF)

    @property
    def marks(self):
        """Return the words that mark it: private, late, one of several."""
        marks = [] if self.note.shared_at else [("quiet", "Private to you")]
        if self.note.late:
            marks.append(("due", "Arrived after the lock"))
        if self.merged:
            marks.append(("quiet", f"{count_of(self.merged + 1, 'note')} in one"))
        return marks


def note_shown(note, viewer, reference):
    """Return a note of `queries.notes.for_a_list`, of the review of that reference, as a list shows it."""
    return NoteShown(
        note=note,
        text=note.start,
        is_cut=note.length > len(note.start),
        line=note.line.title if note.line else "No line of enquiry",
        source=source_words(note.source_type, note.voice, note.activity),
        when=moment_words(note.written_at, viewer.today),
        author=note.author.name,
        url=reverse("note", kwargs={"reference": reference, "pk": note.pk}),
        is_own=note.author.person_id == viewer.person_id,
        merged=getattr(note, "merged_count", 0),
    )


GAP_WORDS = {
    "people": "interviews or groups",
    "seen": "what was observed or audited",
    "documents": "documents",
    "data": "data",
}


def gap_words(row):
    """Return in words what a line of enquiry still has nothing from, or ""."""
    if not row.gaps:
        return ""
    if len(row.gaps) == len(SOURCE_GROUPS):
        return "Nothing yet"
    return f"Nothing yet from {'; '.join(GAP_WORDS[slug] for slug in row.gaps)}"


def needed_shown(coverage):
    """Return what the template of the small table needs."""
    return {
        # A soft hyphen: the narrow column breaks there, where it must.
        "columns": [words.replace("Documents", "Docu\u00adments") for _, words, _ in SOURCE_GROUPS],
        "rows": [(row.title, row.groups, gap_words(row)) for row in coverage.rows],
        "gaps": coverage.gaps,
        "single": [(finding, short(finding.wording)) for finding in coverage.single],
    }


def coverage_shown(coverage):
    """Return what the page of the whole coverage needs: each row by kind of source, and by day."""
    days = list(coverage.by_day)
    return {
        "sources": [label for _, label in SourceType.choices],
        "rows": [
            {
                "line": row.line,
                "title": row.title,
                "cells": [(slug, row.counts.get(slug, 0)) for slug in SourceType.values],
                "total": row.total,
                "gaps": gap_words(row) if row.line is not None else "",
            }
            for row in coverage.rows
        ],
        "days": days,
        "day_rows": [
            (row.title, [coverage.by_day[day].get(row.line, 0) for day in days]) for row in coverage.rows
        ],
        "single": [(finding, short(finding.wording)) for finding in coverage.single],
    }


def short(words, length=80):
    """Return the first words of a text, cut between two of them where there is a place to."""
    words = " ".join(words.split())
    if len(words) <= length:
        return words
    cut = words[:length].rsplit(" ", 1)[0]
    return f"{cut if len(cut) > length // 2 else words[:length]}…"


def worry_url(review):
    """Return where a worry about a child is told of; the review's own page until there is such a page."""
    try:
        return reverse("worry", kwargs={"reference": review.case.reference})
    except NoReverseMatch:
        return review.get_absolute_url()
