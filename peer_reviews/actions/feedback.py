"""What the council and the team thought of a review: each says it once, and may change it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.refusals import Refused, Stale
from peer_reviews.actions.review import tell
from peer_reviews.models import PeerReview, ReviewFeedback
from peer_reviews.queries.feedback import is_asked_for, side_of

LONGEST = ReviewFeedback._meta.get_field("changed").max_length


@transaction.atomic
def say_feedback(review, *, useful, well_run, right_team, changed="", better="", revision=None, by, on):
    """Record what `by` thought of a review, for the council or as one of its team; return the ReviewFeedback.

    Ratings: `ReviewFeedback.Rating`. `revision`: of what they said before; None the first time. Raises
    PermissionDenied, Refused and Stale.
    """
    side = side_of(review, by)
    if not side:
        raise PermissionDenied
    review = (
        PeerReview.objects.select_related("case__council").select_for_update(of=("self",)).get(pk=review.pk)
    )
    if not is_asked_for(review):
        raise Refused("Feedback on a review is asked for once the team has given its own")
    said = ReviewFeedback.objects.filter(review=review, given_by=by.person_id).first()
    if said is not None and said.revision != revision:
        raise Stale(said)
    ratings = {"useful": useful, "well_run": well_run, "right_team": right_team}
    for field, rating in ratings.items():
        if rating not in ReviewFeedback.Rating.values:
            raise Refused("Select how far", field)
    words = {"changed": changed.strip(), "better": better.strip()}
    for field, text in words.items():
        if len(text) > LONGEST:
            raise Refused(f"Shorten this to {LONGEST:,} characters", field)
    refuse_identifiers(**words)
    said = said or ReviewFeedback(review=review, given_by_id=by.person_id, revision=0)
    said.side, said.given_on = side, on
    for field, value in (ratings | words).items():
        setattr(said, field, value)
    said.revision += 1
    said.save()
    tell("review-feedback-said", review, by=by, on=on, subject=said, side=str(side))
    return said
