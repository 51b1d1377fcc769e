"""What a device asks and sends about notes, as JSON: its set-up, its notes, and what is new."""

import hashlib
import json
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cases.refusals import Refused, Stale
from peer_reviews.actions import notes as actions
from peer_reviews.forms.notes import sent_note
from peer_reviews.models import LineOfEnquiry, Note
from peer_reviews.models.on_site import SourceType, Voice
from peer_reviews.presenters import notes as words
from peer_reviews.queries import coverage as covered
from peer_reviews.queries import notes as queries
from peer_reviews.rules.notes import is_locked
from peer_reviews.views.finding import team_review_or_404

MOST_AT_ONCE = 50
# Fifty notes of the most characters, each of them escaped, are more than any device sends at once.
MOST_BYTES = 12_000_000


def of_team(view):
    """Call `view` with the review; answer 401 whoever is not signed in and 403 whoever is not on the team, in JSON.

    The same 403 whether or not there is such a review.
    """

    @wraps(view)
    def answer(request, reference):
        if not request.user.is_authenticated:
            return _problem(401, "You are signed out")
        try:
            review = team_review_or_404(request.viewer, reference)
        except Http404:
            return _problem(403, "You are not on this review’s team")
        return view(request, review)

    return login_not_required(never_cache(answer))


def _problem(status, message, **more):
    return JsonResponse({"error": message, **more}, status=status)


@require_POST
@of_team
def notes_send(request, review):
    """Take the notes that a device kept, in the order they were written; each by itself, none holding up another."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _problem(413, "This is too much at once: send fewer notes")
    try:
        sent = json.loads(body)
        entries = sent["notes"]
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        return _problem(400, "Send {“notes”: […]}")
    if sent.get("person", request.viewer.person_id) != request.viewer.person_id:
        # Somebody else signed in on the device since the page was opened: its notes are not theirs to send.
        return _problem(403, "Somebody else has signed in since", reason="other-person")
    if len(entries) > MOST_AT_ONCE:
        return _problem(413, f"Send {MOST_AT_ONCE} notes at once at most")
    answer = {"taken": [], "refused": [], "stale": []}
    lines = {line.pk: line for line in review.lines.all()}
    activities = {activity.pk: activity for activity in review.activities.all()}
    to_write = []
    for place, entry in enumerate(entries):
        try:
            given = sent_note(entry, lines=lines, activities=activities)
        except Refused as refused:
            answer["refused"].append(_refused(entry, refused))
        else:
            to_write.append((given["written_at"], place, entry, given))
    for _, _, entry, given in sorted(to_write, key=lambda one: one[:2]):
        try:
            note = actions.write(
                review, **given, by=request.viewer, on=request.viewer.today, now=timezone.now()
            )
        except Refused as refused:
            answer["refused"].append(_refused(entry, refused))
        except Stale as stale:
            answer["stale"].append(_as_it_is(entry, stale.current))
        except PermissionDenied:
            return _problem(403, "You are not on this review’s team")
        else:
            answer["taken"].append(_taken(entry, note))
    return JsonResponse(answer)


def _taken(entry, note):
    return {
        "key": entry["key"],
        "pk": note.pk,
        "revision": note.revision,
        "shared": note.shared_at is not None,
        "late": note.late,
        "changed_at": note.changed_at.isoformat(),
    }


def _refused(entry, refused):
    return {"key": entry.get("key"), "field": refused.field, "message": refused.message}


def _as_it_is(entry, note):
    return {
        "key": entry["key"],
        "pk": note.pk,
        "revision": note.revision,
        "kind": note.kind,
        "line": note.line_id,
        "text": note.text,
        "activity": note.activity_id,
        "source_type": note.source_type,
        "voice": note.voice,
        "shared": note.shared_at is not None,
    }


@require_safe
@of_team
def notes_new(request, review):
    """Tell what the team shared or changed after a cursor; without one, give the cursor of now."""
    viewer = request.viewer
    locked = is_locked(review.notes_lock_at, timezone.now())
    after = request.GET.get("after", "")
    if not after:
        cursor = queries.cursor_now(review, viewer)
        return _told(request, {"cursor": str(cursor), "notes": [], "gone": [], "locked": locked})
    try:
        cursor = queries.Cursor.of(after)
    except ValueError:
        return _problem(400, "This is no cursor of ours")
    changed, cursor, more = queries.changed_since(review, viewer, cursor)
    return _told(
        request,
        {
            "cursor": str(cursor),
            "more": more,
            "notes": [
                {"pk": note.pk, "revision": note.revision, "html": _html(note, review, viewer)}
                for note in changed
                if note.merged_into_id is None
            ],
            "gone": [note.pk for note in changed if note.merged_into_id is not None],
            "needed_html": render_to_string(
                "peer_reviews/notes/_needed.html",
                {
                    "needed": words.needed_shown(covered.needed(review, viewer)),
                    "needed_words": words.needed_words(review, viewer.today),
                    "review": review,
                },
            ),
            "locked": locked,
        },
    )


def _html(note, review, viewer):
    return render_to_string(
        "peer_reviews/notes/_note.html", {"shown": words.note_shown(note, viewer, review.case.reference)}
    )


def _told(request, answer):
    """Answer with its ETag; 304 where the device has the same already. It is in no cache: the script keeps the ETag."""
    body = json.dumps(answer, ensure_ascii=False)
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="application/json", headers={"ETag": etag})
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
@of_team
def notes_setup(request, review):
    """Give a device what it needs to write notes of this review without a connection."""
    viewer = request.viewer
    reference = review.case.reference
    return JsonResponse(
        {
            "review": review.pk,
            "reference": reference,
            "title": f"{review.case.council} · {words.within(str(review.kind))}",
            "day_words": words.where_words(review, viewer.today),
            "today": viewer.today.isoformat(),
            "person": viewer.person_id,
            "lines": [{"id": line.pk, "title": line.title} for line in _lines(review)],
            "kinds": Note.Kind.choices,
            "source_types": SourceType.choices,
            "voices": Voice.choices,
            "activities": [
                {
                    "id": activity.pk,
                    "on": activity.on.isoformat(),
                    "starts_at": f"{activity.starts_at:%H:%M}",
                    "ends_at": f"{activity.ends_at:%H:%M}",
                    "words": words.activity_words(activity),
                    "source_type": activity.source_type,
                    "voice": activity.voice,
                    "lines": [line.pk for line in activity.lines.all()],
                }
                for activity in queries.activities_of(review)
            ],
            "locked_at": review.notes_lock_at.isoformat() if review.notes_lock_at else None,
            "send_url": reverse("notes_send", kwargs={"reference": reference}),
            "new_url": reverse("notes_new", kwargs={"reference": reference}),
            "worry_url": words.worry_url(review),
            "worry_words": words.WORRY,
        }
    )


def _lines(review):
    return LineOfEnquiry.objects.filter(review=review)
