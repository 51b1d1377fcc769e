"""Ofsted calls the council in the week on site: whether the review stops, and who agreed. Rule: section 6, point 1."""

from datetime import timedelta

from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.refusals import Refused
from peer_reviews.actions.moving import put_off, stop_for_good
from peer_reviews.actions.review import locked, save, tell
from peer_reviews.models import OfstedCall, PeerReview, Stage

POSTPONE, CANCEL = "postpone", "cancel"
ENDS_IN = (POSTPONE, CANCEL)


@transaction.atomic
def record_ofsted_call(review, *, called_on, answer, agreed_by, note="", then="", by, on, revision):
    """Record that Ofsted called on `called_on`, what was agreed, and by which posts; return the OfstedCall.

    A review that stops, or stops and hands over, is postponed or cancelled, as `then` says. Whoever runs the review
    may. Raises Refused, Stale and PermissionDenied.
    """
    review = locked(review, among=PeerReview.objects.run_by(by), revision=revision)
    _refuse_day(review, called_on, on)
    if answer not in OfstedCall.Answer.values:
        raise Refused("Select what was agreed", "answer")
    if not agreed_by.strip():
        raise Refused("Enter the posts that agreed, not names", "agreed_by")
    refuse_identifiers(agreed_by=agreed_by, note=note)
    stops = answer != OfstedCall.Answer.CONTINUE
    if stops and then not in ENDS_IN:
        raise Refused("Select whether the review is postponed or cancelled", "then")
    call = OfstedCall.objects.create(
        review=review,
        called_on=called_on,
        answer=answer,
        agreed_by=agreed_by.strip(),
        note=note.strip(),
        made_by_id=by.person_id,
        made_on=on,
    )
    tell("review-ofsted-called", review, by=by, on=on, called_on=called_on.isoformat(), answer=str(answer))
    if not stops:
        save(review)
    else:
        reason = f"Ofsted called: {OfstedCall.Answer(answer).label.lower()}"
        (put_off if then == POSTPONE else stop_for_good)(review, reason, by, on)
    return call


def may_be_called(review, on):
    """Say whether a call on `on` would be in the review's week on site: from its Monday to its last day."""
    if review.stage not in (Stage.PREPARING, Stage.ON_SITE) or review.first_day is None:
        return False
    return monday_of(review.first_day) <= on <= review.last_day


def monday_of(day):
    return day - timedelta(days=day.weekday())


def _refuse_day(review, called_on, on):
    if review.stage not in (Stage.PREPARING, Stage.ON_SITE) or review.first_day is None:
        raise Refused("The review is not on site")
    if called_on > on:
        raise Refused("The day must be today or earlier", "called_on")
    if not monday_of(review.first_day) <= called_on <= review.last_day:
        raise Refused("Enter a day of the week on site", "called_on")
