"""Who is asked what they thought of a review, and who reads it."""

from django.db.models import Q

from accounts.permissions import Ability
from peer_reviews.models import PeerReview, ReviewFeedback, TeamMember
from peer_reviews.rules.stages import has_reached


def is_asked_for(review):
    """Say whether the review has come so far that people are asked what they thought of it."""
    return has_reached(review.stage, "feedback-given", stage_before=review.stage_before)


def side_of(review, viewer):
    """Return for which side the viewer may say what they thought of a review: of its team, of its council, or "".

    Somebody who was on the team may after its service has ended too: there is nothing of the review to read there.
    """
    if viewer.person_id is None:
        return ""
    serves = viewer.may(Ability.SERVE_ON_REVIEWS) or viewer.may(Ability.RUN_REVIEWS)
    served = TeamMember.objects.filter(
        review=review,
        person=viewer.person_id,
        from_on__lte=viewer.today,
        left_on__isnull=True,
    )
    if serves and served.exists():
        return ReviewFeedback.Side.TEAM
    if PeerReview.objects.prepared_by(viewer).filter(pk=review.pk).exists():
        return ReviewFeedback.Side.COUNCIL
    return ""


def feedback_review(viewer, reference):
    """Return the review that the viewer may read, or may say what they thought of; None without one.

    Somebody who was on its team reads nothing of it here after the final report but whose it was.
    """
    served = TeamMember.objects.filter(
        person=viewer.person_id or 0, from_on__lte=viewer.today, left_on__isnull=True
    )
    visible = PeerReview.objects.visible_to(viewer)
    reach = Q(pk__in=visible.values("pk"))
    if viewer.may(Ability.SERVE_ON_REVIEWS) or viewer.may(Ability.RUN_REVIEWS):
        reach |= Q(pk__in=served.values("review"))
    return (
        PeerReview.objects.filter(reach, case__reference=reference)
        .select_related("case__council", "kind")
        .first()
    )


def own_feedback(review, viewer):
    """Return what the viewer has said of a review, or None."""
    return ReviewFeedback.objects.filter(review=review, given_by=viewer.person_id or 0).first()


def all_feedback(review, viewer):
    """Return what everybody has said of a review, for the LGA alone: to others there is nothing."""
    return list(
        ReviewFeedback.objects.filter(
            viewer.council_filter(Ability.SEE_LGA_ONLY, "review__case__council"), review=review
        ).order_by("side", "pk")
    )
