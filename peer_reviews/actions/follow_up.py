"""The follow-up of a review: what was seen of each of its recommendations."""

from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.models import Recommendation
from cases.refusals import Refused, Stale
from peer_reviews.actions import steps
from peer_reviews.actions.review import locked, tell
from peer_reviews.models import PeerReview, Progress, Stage, StepKind

LONGEST_TEXT = Progress._meta.get_field("text").max_length


@transaction.atomic
def record_progress(review, recommendation, *, answer, text, revision=None, by, on):
    """Record what the follow-up found of a recommendation of the review, or change that; return the Progress.

    By who runs the review. `revision`: of what stands; None where nothing does. Raises PermissionDenied, Refused and
    Stale.
    """
    review = _at_follow_up(review, by)
    if recommendation.source_id != review.source_id or review.source_id is None:
        raise Refused("Choose one of this review’s recommendations")
    if recommendation.outcome == Recommendation.Outcome.WITHDRAWN:
        raise Refused("This recommendation was entered by mistake")
    found = Progress.objects.select_for_update().filter(review=review, recommendation=recommendation).first()
    if found is not None and found.revision != revision:
        raise Stale(found)
    if answer not in Progress.Answer.values:
        raise Refused("Select how much progress there is", "answer")
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("Enter what was seen", "text")
    if len(text) > LONGEST_TEXT:
        raise Refused(f"Shorten this to {LONGEST_TEXT:,} characters", "text")
    refuse_identifiers(text=text)
    if found is None:
        found = Progress(review=review, recommendation=recommendation, revision=0)
    found.answer, found.text, found.found_on, found.found_by_id = answer, text, on, by.person_id
    found.revision += 1
    found.save()
    tell(
        "review-progress-recorded",
        review,
        by=by,
        on=on,
        subject=found,
        number=recommendation.number,
        answer=str(answer),
    )
    return found


@transaction.atomic
def hold_follow_up(review, *, held_on, by, on):
    """Record that the follow-up was held on `held_on`, once each recommendation has its progress.

    Meets its milestone. Raises PermissionDenied and Refused.
    """
    review = _at_follow_up(review, by)
    if held_on > on:
        raise Refused("Enter a day that is today or earlier", "held_on")
    if review.final_on and held_on < review.final_on:
        raise Refused("The follow-up comes after the final report", "held_on")
    waiting = without_progress(review)
    if waiting:
        numbers = ", ".join(str(one.number) for one in waiting)
        raise Refused(f"Record first what was seen of recommendation {numbers}")
    steps.meet(review, StepKind.FOLLOW_UP, met_on=held_on, by=by, on=on)
    tell("review-follow-up-held", review, by=by, on=on, held_on=held_on.isoformat())
    return review


def without_progress(review):
    """Return the review's recommendations of which nothing is recorded; those entered by mistake are none."""
    told = Recommendation.objects.filter(source_id=review.source_id or 0)
    told = told.exclude(outcome=Recommendation.Outcome.WITHDRAWN)
    return list(told.exclude(pk__in=Progress.objects.filter(review=review).values("recommendation")))


def _at_follow_up(review, by):
    review = locked(review, among=PeerReview.objects.run_by(by))
    if review.stage != Stage.FOLLOW_UP:
        raise Refused("This review is not at its follow-up")
    return review
