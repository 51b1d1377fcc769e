"""That a worry about a child was told in person: when, to whom, by its case reference. Rule: section 6, point 7."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.refusals import Refused
from councils.models import Office
from peer_reviews.actions.audits import checked_reference
from peer_reviews.actions.review import locked, tell
from peer_reviews.models import PeerReview, Worry


@transaction.atomic
def record_worry(review, *, told_at, told_to=Office.DCS, case_reference, now, by, on):
    """Record that a worry was told in person at the moment `told_at`, and return the Worry.

    Nothing of what it was about is taken, and the event names no case. The team alone may (else PermissionDenied).
    Raises Refused on "told_at", "told_to" or "case_reference".
    """
    review = locked(review, among=PeerReview.objects.of_team(by))
    if told_at > now:
        raise Refused("Tell the director first, then record when you did", "told_at")
    if told_to not in Office.values:
        raise Refused("Select whom you told", "told_to")
    worry = Worry.objects.create(
        review=review,
        told_at=told_at,
        told_to=told_to,
        case_reference=checked_reference(case_reference, "case_reference"),
        told_by_id=by.person_id,
    )
    tell("review-worry-told", review, by=by, on=on, subject=worry, office=told_to)
    return worry


@transaction.atomic
def acknowledge_worry(worry, *, now, by, on):
    """Record that whoever was told has acknowledged it. Any of the team may; once. Raises Refused."""
    review = locked(worry.review, among=PeerReview.objects.of_team(by))
    worry = Worry.objects.select_for_update().filter(pk=worry.pk, review=review).first()
    if worry is None:
        raise PermissionDenied
    if worry.acknowledged_at is not None:
        raise Refused("It is recorded as acknowledged already.")
    worry.acknowledged_at = now
    worry.revision += 1
    worry.save()
    tell("review-worry-acknowledged", review, by=by, on=on, subject=worry, office=worry.told_to)
    return worry
