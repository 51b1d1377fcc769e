"""The notes of a review as its pages need them: for one of its team, in few queries."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import Left, Length

from peer_reviews.models import Activity, Note, TeamMember
from peer_reviews.rules.notes import cleaned

# What a list shows of a note; the rest is on its own page.
SHOWN = 600
JUST_NOW = 8
# What committed later than what carries a later stamp is looked for again, this far back.
OVERLAP = timedelta(seconds=10)
MOST_NEW = 100
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def member_of(review, viewer):
    """Return the viewer's place on the team of the review today, or None."""
    return TeamMember.objects.serving(viewer).filter(review=review).select_related("peer", "person").first()


def for_a_list(notes):
    """Return notes with what a list shows of them: the `start` of their text and its `length`, line, source, author."""
    return (
        notes.defer("text", "text_before")
        .annotate(start=Left("text", SHOWN), length=Length("text"))
        .select_related("line", "activity", "author__peer", "author__person")
    )


def shared_of(review, viewer):
    """Return the notes that stand and that the team shares."""
    return Note.objects.visible_to(viewer).filter(review=review, shared_at__isnull=False).standing()


def shared_just_now(review, viewer):
    """Return the latest shared notes, the last first. One query."""
    return list(for_a_list(shared_of(review, viewer)).order_by("-shared_at", "-pk")[:JUST_NOW])


def found(
    review,
    viewer,
    *,
    q="",
    line=None,
    kind="",
    source="",
    voice="",
    peer=None,
    day=None,
    mine="",
    late=False,
):
    """Return the notes of the review that the viewer may read, that stand and that fit; the latest first.

    `q`: words that must all occur in the text. `line`: its number, 0 for none. `peer`: the number of a place on the
    team. `mine`: "mine", or "private" for those not shared.
    """
    notes = Note.objects.visible_to(viewer).filter(review=review).standing()
    for word in cleaned(q).split()[:10]:
        notes = notes.filter(text__icontains=word)
    if line is not None:
        notes = notes.filter(line=line) if line else notes.filter(line__isnull=True)
    for field, value in (
        ("kind", kind),
        ("source_type", source),
        ("voice", voice),
        ("author", peer),
        ("on", day),
    ):
        if value:
            notes = notes.filter(**{field: value})
    if mine:
        notes = notes.written_by(viewer)
    if mine == "private":
        notes = notes.filter(shared_at__isnull=True)
    if late:
        notes = notes.filter(late=True)
    return for_a_list(notes.annotate(merged_count=Count("merged"))).order_by("-written_at", "-pk")


def days_with_notes(review, viewer):
    """Return the days that the notes which the viewer may read tell of, in order."""
    notes = Note.objects.visible_to(viewer).filter(review=review)
    return list(notes.order_by("on").values_list("on", flat=True).distinct())


def activities_of(review):
    """Return the review's activities that a note may come from, in their order."""
    return list(
        Activity.objects.filter(review=review)
        .exclude(standing=Activity.Standing.NOT_HELD)
        .prefetch_related("lines")
        .order_by("on", "starts_at", "pk")
    )


@dataclass(frozen=True, order=True)
class Cursor:
    """How far a page has been told what changed: up to the note of this number, at this moment."""

    at: datetime = BEGINNING
    pk: int = 0

    @classmethod
    def of(cls, text):
        """Read what `str` of a cursor gave. Raises ValueError."""
        at, _, pk = text.partition("-")
        if not (at.isascii() and at.isdigit() and pk.isascii() and pk.isdigit()) or len(text) > 40:
            raise ValueError(text)
        try:
            return cls(BEGINNING + timedelta(microseconds=int(at)), int(pk))
        except OverflowError:
            raise ValueError(text) from None

    def __str__(self):
        return f"{(self.at - BEGINNING) // timedelta(microseconds=1)}-{self.pk}"


def cursor_now(review, viewer):
    """Return the cursor of whoever has seen all that is shared so far. One query."""
    latest = Note.objects.visible_to(viewer).filter(review=review, shared_at__isnull=False)
    latest = latest.order_by("-changed_at", "-pk").values_list("changed_at", "pk").first()
    return Cursor(*latest) if latest else Cursor()


def changed_since(review, viewer, cursor):
    """Return (the shared notes that changed after the cursor, the cursor then, whether there is more). One query.

    Those of the last moments before it come again: what was committed late is among them, and whoever has a note at
    its revision already leaves it out. At most `MOST_NEW` are new; the cursor then stands at the last of them.
    """
    since = cursor.at - OVERLAP if cursor.at > BEGINNING + OVERLAP else BEGINNING
    notes = Note.objects.visible_to(viewer).filter(
        review=review, shared_at__isnull=False, changed_at__gte=since
    )
    changed, new, stands_at = [], 0, cursor
    for note in for_a_list(notes).order_by("changed_at", "pk"):
        place = Cursor(note.changed_at, note.pk)
        if place > cursor:
            if new == MOST_NEW:
                return changed, stands_at, True
            new, stands_at = new + 1, place
        changed.append(note)
    return changed, stands_at, False
