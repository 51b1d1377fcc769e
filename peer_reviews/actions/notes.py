"""Every write about evidence notes: who wrote, shared and merged them, when they lock, and when they are deleted.

No event tells of a note: not that it was written, by whom or when. Rule: section 6, point 4.
"""

from datetime import datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, Q

from cases.identifiers import refuse_identifiers
from cases.presenters import day_words
from cases.refusals import Refused, Stale
from peer_reviews.actions.review import locked, save, tell
from peer_reviews.models import (
    AuditCount,
    AuditedCase,
    KeepInTouch,
    Note,
    NoteCount,
    PeerReview,
    Stage,
    StageChange,
    TeamMember,
)
from peer_reviews.models.findings import Gathered
from peer_reviews.models.on_site import SourceType, Voice
from peer_reviews.models.reviews import ENDED
from peer_reviews.rules.notes import (
    LONDON,
    MOST_CHARACTERS,
    MOST_DAYS_TO_LOCK,
    MOST_WEEKS_KEPT,
    cleaned,
    default_delete_on,
    is_locked,
)

CONTENT = ("kind", "line", "text", "activity", "source_type", "voice")


@transaction.atomic
def write(
    review,
    *,
    key,
    kind,
    line=None,
    text,
    activity=None,
    source_type="",
    voice="",
    day,
    written_at,
    share=False,
    revision=None,
    by,
    on,
    now,
):
    """Take a note of a member of the team, once by its `key`, and return it; it is private unless `share`d.

    The same again writes nothing. The same key with other words changes the note, where it is still as it was sent:
    at `revision`, or, where the sender never had an answer, as first taken. What is not said of the source is the
    activity's. After the lock, what was written before it is taken and marked late. Raises Refused, Stale and
    PermissionDenied.
    """
    review, author = _team_and_author(review, by)
    written_at = min(written_at, now)
    given = _with_activity(
        kind=kind, line=line, text=cleaned(text), activity=activity, source_type=source_type, voice=voice
    )
    note = Note.objects.select_for_update().filter(review=review, key=key).first()
    if note is not None and note.author_id != author.pk:
        raise Refused("This note can’t be taken: start a new one", "key")
    if note is None:
        _refuse_late_writing(review, written_at, now)
        _refuse_content(review, given, day, author, on)
        return Note.objects.create(
            review=review,
            key=key,
            author=author,
            on=day,
            written_at=written_at,
            received_at=now,
            changed_at=now,
            shared_at=now if share else None,
            late=is_locked(review.notes_lock_at, now),
            **given,
        )
    if not _says_the_same(note, given):
        if note.revision != (1 if revision is None else revision):
            raise Stale(note)
        _refuse_content(review, given, note.on, author, on)
        _alter(review, note, given, now)
    if share:
        _share(note, now)
    return note


@transaction.atomic
def change(note, *, kind, line=None, text, activity=None, source_type="", voice="", revision, by, on, now):
    """Change one's own note before the lock, and return it. Takes what `write` takes.

    Raises Refused, Stale and PermissionDenied.
    """
    review, author, note = _own(note, by, revision)
    given = _with_activity(
        kind=kind, line=line, text=cleaned(text), activity=activity, source_type=source_type, voice=voice
    )
    if not _says_the_same(note, given):
        _refuse_content(review, given, note.on, author, on)
        _alter(review, note, given, now)
    return note


@transaction.atomic
def share(note, *, by, on, now):
    """Show one's own note to the team for good, and return it; shared already, it stays as it is.

    After the lock too: its words don't change, and nobody else could give the team what only its author holds.
    Raises Refused and PermissionDenied.
    """
    _, _, note = _own(note, by)
    _share(note, now)
    return note


@transaction.atomic
def delete_own(note, *, revision, by, on, now):
    """Delete one's own note that was not shared, before the lock. Raises Refused, Stale and PermissionDenied."""
    review, _, note = _own(note, by, revision)
    _refuse_when_locked(review, now)
    if note.shared_at is not None:
        raise Refused("This note is shared: the team may rest on it. Merge it with another instead")
    note.delete()


@transaction.atomic
def merge(kept, others, *, text, revision, by, on, now):
    """Merge `others` into `kept`, which says `text` from then on, and return it: they count as one.

    Anybody on the team may, of notes that all of it sees or that are all their own. `revision`: that of the note
    kept. Raises Refused, Stale and PermissionDenied.
    """
    review, _ = _team_and_author(kept.review, by)
    _refuse_when_locked(review, now)
    seen = Note.objects.visible_to(by).filter(review=review)
    wanted = {kept.pk, *(other.pk for other in others)}
    notes = {
        note.pk: note
        for note in Note.objects.select_for_update(of=("self",))
        .filter(pk__in=seen.filter(pk__in=wanted).values("pk"))
        .order_by("pk")
    }
    if kept.pk not in notes:
        raise PermissionDenied
    kept = notes.pop(kept.pk)
    if kept.revision != revision:
        raise Stale(kept)
    if not notes or len(notes) != len(wanted) - 1:
        raise Refused("Select at least two notes that stand on this page now")
    if kept.merged_into_id or any(note.merged_into_id for note in notes.values()):
        raise Refused("One of these is merged into another already: look at the notes again")
    if len({note.shared_at is None for note in (kept, *notes.values())}) > 1:
        raise Refused("Share your note before you merge it with one that is shared")
    text = _checked_text(text)
    # A note that others were merged into brings them along: nothing points to what points elsewhere.
    moved = Q(pk__in=notes) | Q(merged_into__in=notes)
    Note.objects.filter(moved, review=review).update(
        merged_into=kept, changed_at=now, revision=F("revision") + 1
    )
    kept.text_before = kept.text_before or kept.text
    kept.text = text
    _save(kept, now)
    return kept


@transaction.atomic
def undo_merge(kept, *, revision, by, on, now):
    """Let the notes merged into `kept` stand by themselves again, and return it.

    It says again what it said before, where its author has not changed it since. Raises Refused, Stale and
    PermissionDenied.
    """
    review, _ = _team_and_author(kept.review, by)
    _refuse_when_locked(review, now)
    kept = Note.objects.select_for_update(of=("self",)).filter(
        pk__in=Note.objects.visible_to(by).filter(pk=kept.pk, review=review).values("pk")
    )
    kept = kept.first()
    if kept is None:
        raise PermissionDenied
    if kept.revision != revision:
        raise Stale(kept)
    if not kept.merged.exists():
        raise Refused("No note is merged into this one")
    kept.merged.update(merged_into=None, changed_at=now, revision=F("revision") + 1)
    kept.text, kept.text_before = kept.text_before or kept.text, ""
    _save(kept, now)
    return kept


@transaction.atomic
def set_lock(review, *, lock_at, delete_on=None, revision, by, on, now):
    """Set the moment at which notes lock and the day on which they are deleted, and return the review.

    Its manager alone. `delete_on`: None leaves it to the default, some weeks after the final report. What has
    locked stays locked. Raises Refused, Stale and PermissionDenied.
    """
    if not by.person_id:
        raise PermissionDenied
    among = PeerReview.objects.run_by(by).filter(manager=by.person_id)
    review = locked(review, among=among, revision=revision)
    if review.last_day is None:
        raise Refused("Set the days on site first: notes lock after the last of them")
    if review.notes_deleted_on is not None:
        raise Refused(f"The notes were deleted on {day_words(review.notes_deleted_on)}")
    if lock_at != review.notes_lock_at:
        _refuse_lock(review, lock_at, now)
    if delete_on is not None and delete_on != review.notes_delete_on:
        _refuse_deletion(review, lock_at, delete_on, on)
    review.notes_lock_at, review.notes_delete_on = lock_at, delete_on
    if delete_on is None and review.final_on is not None:
        review.notes_delete_on = default_delete_on(review.final_on, review.kind.keep_notes_weeks)
    save(review)
    tell(
        "review-notes-lock-set",
        review,
        by=by,
        on=on,
        lock_at=lock_at.isoformat(),
        delete_on=delete_on.isoformat() if delete_on else None,
    )
    return review


def _refuse_lock(review, lock_at, now):
    if is_locked(review.notes_lock_at, now):
        raise Refused("The notes are locked, and stay so", "lock_on")
    if lock_at <= now:
        raise Refused("The moment must be in the future", "lock_on")
    day = lock_at.astimezone(LONDON).date()
    if day < review.last_day:
        raise Refused(
            f"It must be on {day_words(review.last_day)}, the last day on site, or later", "lock_on"
        )
    latest = review.last_day + timedelta(days=MOST_DAYS_TO_LOCK)
    if day > latest:
        raise Refused(f"It must be on {day_words(latest)} or earlier", "lock_on")


def _refuse_deletion(review, lock_at, delete_on, on):
    earliest = max(on + timedelta(days=1), lock_at.astimezone(LONDON).date() + timedelta(days=1))
    latest = (review.final_on or review.last_day) + timedelta(weeks=MOST_WEEKS_KEPT)
    if delete_on < earliest:
        raise Refused(
            f"It must be {day_words(earliest)} or later: after the lock, and not today", "delete_on"
        )
    if delete_on > latest:
        raise Refused(f"Notes are not kept for longer than until {day_words(latest)}", "delete_on")


def lock_counts(*, by, on):
    """Count the sources of the findings of each review whose notes are locked; return of how many reviews.

    Each night again until the notes are deleted, because a late note may still be gathered.
    """
    if not by.is_system:
        raise PermissionDenied
    reviews = PeerReview.objects.filter(
        notes_lock_at__lt=datetime.combine(on, time.min, LONDON),
        notes_deleted_on__isnull=True,
        findings__isnull=False,
    ).distinct()
    for review in reviews:
        with transaction.atomic():
            _count_sources(review)
    return len(reviews)


def delete_notes(*, by, on):
    """Delete the notes of each review whose day has come, and what goes with them; return how many reviews.

    Their counts and the findings stay. A day that comes before the final report waits for it; a review that was
    cancelled, or is final without a day, keeps its notes for its kind's weeks. Rule: section 6, point 4.
    """
    if not by.is_system:
        raise PermissionDenied
    due = [review for review in _to_delete(on) if _deletion_due_on(review) <= on]
    return sum(_delete_of(review, by=by, on=on) for review in due)


def _to_delete(on):
    cancelled = PeerReview.objects.filter(stage=Stage.CANCELLED)
    return (
        PeerReview.objects.filter(
            Q(final_on__lte=on) | Q(pk__in=cancelled.values("pk")), notes_deleted_on__isnull=True
        )
        .filter(Q(notes__isnull=False) | Q(keep_in_touch__isnull=False) | Q(audited__isnull=False))
        .select_related("kind", "case__council")
        .distinct()
    )


def _deletion_due_on(review):
    if review.notes_delete_on is not None:
        return review.notes_delete_on
    over_on = review.final_on
    if over_on is None:
        changes = StageChange.objects.filter(review=review, after=Stage.CANCELLED).order_by("-pk")
        over_on = changes.values_list("on", flat=True).first() or review.last_day or review.offered_on
    return default_delete_on(over_on, review.kind.keep_notes_weeks)


@transaction.atomic
def _delete_of(review, *, by, on):
    """Count and delete what one review's team wrote; return whether there was anything left to do."""
    review = locked(review, among=PeerReview.objects.all())
    if review.notes_deleted_on is not None:
        return False
    _count_sources(review)
    notes = Note.objects.filter(review=review)
    # What the team shared, each merged note once.
    NoteCount.objects.filter(review=review).delete()
    counted = (
        notes.filter(shared_at__isnull=False)
        .standing()
        .order_by()
        .values_list("line__title", "kind", "source_type", "voice")
        .annotate(Count("pk"))
    )
    NoteCount.objects.bulk_create(
        NoteCount(review=review, line=line or "", kind=kind, source_type=source, voice=voice, count=count)
        for line, kind, source, voice, count in _of_one_title(counted)
    )
    audited = AuditedCase.objects.filter(review=review)
    sums = audited.aggregate(
        audited=Count("pk"),
        graded_by_council=Count("pk", filter=~Q(council_grade="")),
        agreed=Count("pk", filter=Q(council_grade=F("team_grade"))),
    )
    if sums["audited"]:
        AuditCount.objects.update_or_create(review=review, defaults=sums)
    kept_in_touch = KeepInTouch.objects.filter(review=review)
    told = {"notes": notes.count(), "keep_in_touch": kept_in_touch.count(), **sums}
    Gathered.objects.filter(note__review=review).delete()
    notes.update(merged_into=None)
    notes.delete()
    kept_in_touch.delete()
    audited.delete()
    review.notes_deleted_on = on
    save(review)
    tell("review-notes-deleted", review, by=by, on=on, **told)
    return True


def _of_one_title(counted):
    """Return the counts with lines of one title added up: what stays is by title."""
    sums = {}
    for line, kind, source, voice, count in counted:
        key = (line or "", kind, source, voice)
        sums[key] = sums.get(key, 0) + count
    return [(*key, count) for key, count in sums.items()]


def _count_sources(review):
    from peer_reviews.actions import findings

    findings.count_sources(review)


def _team_and_author(review, by):
    """Return the review, locked, and the viewer's place on its team. Raises PermissionDenied."""
    review = locked(review, among=PeerReview.objects.of_team(by))
    author = TeamMember.objects.serving(by).filter(review=review).first()
    if author is None:
        raise PermissionDenied
    return review, author


def _own(note, by, revision=None):
    """Return the review, locked, the viewer's place on its team, and their own note, locked."""
    review, author = _team_and_author(note.review, by)
    note = Note.objects.select_for_update().filter(pk=note.pk, review=review, author=author).first()
    if note is None:
        raise PermissionDenied
    if revision is not None and note.revision != revision:
        raise Stale(note)
    return review, author, note


def _with_activity(*, kind, line, text, activity, source_type, voice):
    """Return the content of a note, its source and voice those of the activity where nothing else is said."""
    return {
        "kind": kind,
        "line": line,
        "text": text,
        "activity": activity,
        "source_type": source_type or (activity.source_type if activity else ""),
        "voice": voice or (activity.voice if activity else ""),
    }


def _says_the_same(note, given):
    """Say whether the note holds `given`; an activity that was removed since takes nothing away."""
    activity = given["activity"]
    return (
        note.text == given["text"]
        and note.kind == given["kind"]
        and note.line_id == (given["line"].pk if given["line"] else None)
        and note.source_type == given["source_type"]
        and note.voice == given["voice"]
        and note.activity_id == (activity.pk if activity else None)
    )


def _refuse_late_writing(review, written_at, now):
    if review.notes_deleted_on is not None:
        raise Refused("The notes of this review are deleted, so none can be added")
    if review.stage in ENDED:
        raise Refused(f"This review is {review.get_stage_display().lower()}, so no note can be added")
    if is_locked(review.notes_lock_at, now) and written_at >= review.notes_lock_at:
        raise Refused(f"The notes locked {_moment_words(review.notes_lock_at)}: no new one can be added")


def _refuse_when_locked(review, now):
    if is_locked(review.notes_lock_at, now) or review.notes_deleted_on is not None:
        raise Refused(f"The notes locked {_moment_words(review.notes_lock_at)}: nothing changes any more")


def _moment_words(moment):
    if moment is None:
        return "before they were deleted"
    there = moment.astimezone(LONDON)
    return f"at {there:%H:%M} on {day_words(there.date())}"


def _refuse_content(review, given, day, author, on):
    if given["kind"] not in Note.Kind.values:
        raise Refused("Select what it is", "kind")
    for field in ("line", "activity"):
        if given[field] is not None and given[field].review_id != review.pk:
            raise Refused(
                f"Select {'a line of enquiry' if field == 'line' else 'an activity'} of this review", field
            )
    _checked_text(given["text"])
    if given["source_type"] not in SourceType.values:
        raise Refused("Select the kind of source, or an activity", "source_type")
    if given["voice"] not in Voice.values:
        raise Refused("Select whose voice it is, or an activity", "voice")
    if day > on:
        raise Refused("The day it tells of can’t be in the future", "on")
    if day < author.from_on:
        raise Refused(f"You joined the team on {day_words(author.from_on)}: it must be then or later", "on")


def _checked_text(text):
    text = cleaned(text)
    if not text:
        raise Refused("Write the note", "text")
    if len(text) > MOST_CHARACTERS:
        raise Refused(
            f"A note must be {MOST_CHARACTERS:,} characters or fewer: this is {len(text):,}", "text"
        )
    refuse_identifiers(text=text)
    return text


def _alter(review, note, given, now):
    _refuse_when_locked(review, now)
    if note.merged_into_id is not None:
        raise Refused("This note was merged into another, which stands in its place")
    for field in CONTENT:
        setattr(note, field, given[field])
    note.text_before = ""
    _save(note, now)


def _share(note, now):
    if note.shared_at is None:
        note.shared_at = now
        _save(note, now)


def _save(note, now):
    note.changed_at = now
    note.revision += 1
    note.save()
