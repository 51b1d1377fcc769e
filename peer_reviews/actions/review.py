"""What every action on a review begins and ends with: its row under a lock, its stage, its event."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied

from cases.models import Case
from cases.refusals import Refused, Stale
from history.actions import record_event
from peer_reviews.actions.offer_clock import start_offer_clock
from peer_reviews.actions.steps import follow_stage, withdraw_steps
from peer_reviews.models import ENDED, PeerReview, Stage, StageChange
from peer_reviews.rules.stages import may_go


def locked(review, *, among, revision=None):
    """Return the row of `review` again, locked, if it is in the queryset `among` (who may do this).

    Raises PermissionDenied where it isn't, and Stale where `revision` is given and no longer the row's.
    """
    current = (
        PeerReview.objects.filter(pk__in=among.values("pk"), pk=review.pk)
        .select_related("case__council", "kind")
        .select_for_update(of=("self",))
        .first()
    )
    if current is None:
        raise PermissionDenied
    if revision is not None and current.revision != revision:
        raise Stale(current)
    return current


def save(review):
    """Save a locked review as its next revision."""
    review.revision += 1
    review.save()


def go_to(review, stage, *, by, on, reason=""):
    """Take a locked review to `stage` on the day `on`, keep that, and save it. Raises Refused where it can't go.

    Its steps follow: what has been done by it is met, and what is wanted no more is withdrawn.
    """
    if not may_go(review.stage, stage, stage_before=review.stage_before):
        raise Refused(
            f"A review that is {review.get_stage_display().lower()} can’t become {Stage(stage).label.lower()}"
        )
    before = review.stage
    review.stage_before = before if stage == Stage.POSTPONED else ""
    review.stage = stage
    StageChange.objects.create(
        review=review, before=before, after=stage, on=on, made_by_id=by.person_id, reason=reason
    )
    if stage == Stage.FINAL and review.notes_delete_on is None:
        review.notes_delete_on = (review.final_on or on) + timedelta(weeks=review.kind.keep_notes_weeks)
    save(review)
    tell("review-stage-changed", review, by=by, on=on, before=str(before), after=str(stage))
    follow_stage(review, before, stage, by=by, on=on)
    if stage == Stage.FINAL:
        # Not before: the clock is told apart from that of an earlier review by the report that it rests on.
        start_offer_clock(review, by=by, on=on)
    if stage in ENDED:
        _end(review, by=by, on=on)


def _end(review, *, by, on):
    """Close the case of a review that is over: nothing of it is still owed, and its document room is emptied."""
    withdraw_steps(review, by=by, on=on)
    case = review.case
    case.standing, case.closed_on = Case.Standing.CLOSED, on
    case.revision += 1
    case.save(update_fields=["standing", "closed_on", "revision"])
    # The room's own actions begin here, so they are known only when one ends.
    from peer_reviews.actions.room import clear_room

    clear_room(review, by=by, on=on)


def tell(kind, review, /, *, by, on, subject=None, **data):
    """Record an event of a review. Its kind begins with "review-"; never a word of a note stands in it."""
    return record_event(
        kind,
        by=by,
        on=on,
        subject=subject or review,
        council_code=review.case.council.la_code,
        case_reference=review.case.reference,
        data={key: value for key, value in data.items() if value not in ("", None)},
    )
