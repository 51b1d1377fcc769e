"""Feedback heard in private and first by the director, chief executive and leader. Rule: section 6, point 6."""

from django.db import transaction
from django.utils.timezone import localdate

from cases.identifiers import refuse_identifiers
from cases.refusals import Refused, Stale
from peer_reviews.actions.review import locked, tell
from peer_reviews.models import PeerReview, PreBrief
from peer_reviews.rules.stages import has_reached


@transaction.atomic
def record_pre_brief(
    review, *, held_at, dcs, chief_executive, leader, why_not_all="", by, on, now, revision=None
):
    """Record when the pre-brief was held and which of the three heard it, or correct that; return the PreBrief.

    `why_not_all` says why not all three did. Once the review is on site, for its team. Raises PermissionDenied,
    Refused, and Stale where somebody else has recorded or corrected it meanwhile.
    """
    review = locked(review, among=PeerReview.objects.of_team(by))
    if not has_reached(review.stage, "on-site", stage_before=review.stage_before):
        raise Refused("The pre-brief is recorded once the team is on site")
    if held_at > now:
        raise Refused("The time must have passed", "held_at")
    if review.first_day and localdate(held_at) < review.first_day:
        raise Refused("It can’t have been before the first day on site", "held_on")
    why_not_all = why_not_all.strip()
    heard_by_all = dcs and chief_executive and leader
    if not (dcs or chief_executive or leader):
        raise Refused("Select who heard it", "heard")
    if not heard_by_all and not why_not_all:
        raise Refused("Enter why not all three heard it", "why_not_all")
    refuse_identifiers(why_not_all=why_not_all)
    brief = PreBrief.objects.select_for_update().filter(review=review).first()
    if brief is not None and brief.revision != revision:
        raise Stale(brief)
    if brief is None:
        brief = PreBrief(review=review, revision=0)
    brief.held_at = held_at
    brief.dcs, brief.chief_executive, brief.leader = dcs, chief_executive, leader
    brief.why_not_all = "" if heard_by_all else why_not_all
    brief.recorded_by_id = by.person_id
    brief.revision += 1
    brief.save()
    tell("review-pre-brief-held", review, by=by, on=on, subject=brief, held_at=held_at.isoformat())
    return brief
