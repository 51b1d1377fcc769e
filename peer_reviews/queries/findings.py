"""Findings as their pages and the report need them, read in sets."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Prefetch, Q

from peer_reviews.models import Dissent, Finding, Gathered, Note, PreBrief, Wording
from peer_reviews.rules.coverage import independent
from peer_reviews.rules.triangulation import is_triangulated


@dataclass(frozen=True)
class Sources:
    """On how much a finding rests: independent sources, and notes. Frozen once its review's notes are locked."""

    count: int
    notes: int
    # Of findings, where it is a recommendation that rests on those.
    findings: int = 0

    @property
    def is_triangulated(self):
        return is_triangulated(self.count)


@dataclass(frozen=True)
class _Told:
    """What the counting of sources reads of a note."""

    pk: int
    activity_id: int | None
    source_type: str
    voice: str
    on: date
    merged_into_id: int | None = None


_READ = ("pk", "activity_id", "source_type", "voice", "on")
_OF_NOTE = [f"note__{name}" for name in _READ]
# A note merged into another counts as that other, once.
_OF_MERGED = [f"note__merged_into__{name}" for name in _READ]


def sources_of(findings):
    """Return {finding's number: (independent sources, notes)} of those that gathered any note. One query."""
    gathered = defaultdict(dict)
    rows = Gathered.objects.filter(finding__in=findings)
    for finding, *told in rows.values_list("finding_id", *_OF_NOTE, *_OF_MERGED):
        own, merged = told[: len(_READ)], told[len(_READ) :]
        note = _Told(*(own if merged[0] is None else merged))
        gathered[finding][note.pk] = note
    return {number: (independent(notes.values()), len(notes)) for number, notes in gathered.items()}


def findings_of(review, viewer):
    """Return the findings of a review that the viewer may read, by line of enquiry and place, dropped ones too.

    Each has its `rests` (a `Sources`) and `dissents` (how many stand). Four queries, however many there are.
    """
    found = (
        Finding.objects.visible_to(viewer)
        .filter(review=review)
        .select_related("line", "support")
        .prefetch_related(
            Prefetch("rests_on", Finding.objects.order_by("place", "pk").only("pk", "review_id"))
        )
        .annotate(dissents=Count("dissent", filter=Q(dissent__withdrawn_on=None)))
        .order_by(F("line__place").asc(nulls_last=True), "place", "pk")
    )
    return with_sources(list(found))


def with_sources(findings):
    """Give each of the findings its `rests`, and return them. One query; a recommendation adds what it rests on."""
    uncounted = [finding.pk for finding in findings if finding.sources is None]
    counted = sources_of(uncounted) if uncounted else {}
    for finding in findings:
        count, notes = counted.get(finding.pk, (0, 0))
        if finding.sources is not None:
            count, notes = finding.sources, finding.notes_gathered or 0
        finding.rests = Sources(count, notes, len(finding.rests_on.all()))
    return findings


def finding_with_all(pk, review, viewer):
    """Return one finding with its `rests`, what it rests on and leads to and its dissent; None where there is none."""
    found = (
        Finding.objects.visible_to(viewer)
        .filter(review=review, pk=pk)
        .select_related("line", "support")
        .prefetch_related(
            Prefetch("rests_on", Finding.objects.order_by("place", "pk")),
            Prefetch("leads_to", Finding.objects.standing().order_by("place", "pk")),
            Prefetch("dissent", Dissent.objects.select_related("made_by__peer", "made_by__person")),
        )
        .first()
    )
    return with_sources([found])[0] if found else None


def notes_of(finding, viewer):
    """Return the notes that a finding rests on, for one who may read notes; to everybody else there are none.

    One merged into another stands as that other.
    """
    gathered = Gathered.objects.filter(finding=finding)
    merged = Q(pk__in=gathered.filter(note__merged_into__isnull=False).values("note__merged_into"))
    notes = Note.objects.visible_to(viewer).standing()
    return (
        notes.filter(Q(pk__in=gathered.values("note")) | merged)
        .select_related("line", "activity")
        .order_by("-written_at", "-pk")
    )


def notes_to_gather(review, viewer, *, without=None, words="", line=None, kind=""):
    """Return the shared notes of a review that a finding may still gather, narrowed by what is asked.

    `without` is the finding that may have some already; `words` must all occur.
    """
    notes = Note.objects.visible_to(viewer).standing().filter(review=review, shared_at__isnull=False)
    if without is not None:
        gathered = Gathered.objects.filter(finding=without)
        notes = notes.exclude(pk__in=gathered.values("note")).exclude(
            merged__in=gathered.filter(note__merged_into__isnull=False).values("note")
        )
    for word in words.split():
        notes = notes.filter(text__icontains=word)
    if line:
        notes = notes.filter(line=line)
    if kind:
        notes = notes.filter(kind=kind)
    return notes.select_related("line", "activity").order_by("-written_at", "-pk")


def chosen_notes(review, viewer, numbers):
    """Return the shared notes with these numbers, as `notes_to_gather` would."""
    return notes_to_gather(review, viewer).filter(pk__in=numbers)


def notes_not_gathered(review, viewer):
    """Return how many shared notes no standing finding rests on."""
    gathered = Gathered.objects.filter(finding__review=review, finding__dropped_on__isnull=True)
    return notes_to_gather(review, viewer).exclude(pk__in=gathered.values("note")).count()


def wordings_of(finding):
    """Return what a finding has said, the first wording first, each with who made it."""
    return list(
        Wording.objects.filter(finding=finding)
        .select_related("made_by__peer", "made_by__person")
        .order_by("pk")
    )


def agreed_findings(review):
    """Return the standing findings whose wording the team has agreed, by line of enquiry and place.

    For the slides and the report, whose actions ask who may. Each has its `rests`.
    """
    found = (
        Finding.objects.standing()
        .filter(review=review, agreed_on__isnull=False)
        .select_related("line")
        .prefetch_related("rests_on")
        .order_by(F("line__place").asc(nulls_last=True), "place", "pk")
    )
    return with_sources(list(found))


def pre_brief_of(review):
    """Return how the council's director, chief executive and leader were told first; None where it isn't recorded."""
    return PreBrief.objects.filter(review=review).first()
