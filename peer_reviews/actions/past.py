"""Recording a review that is over: the aim of one every four years counts from it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions.opening import open_case
from cases.models import Case, Source
from cases.refusals import Refused
from peer_reviews.actions.offer_clock import start_offer_clock
from peer_reviews.actions.review import tell
from peer_reviews.models import PeerReview, Stage, StageChange


@transaction.atomic
def record_past_review(*, council, kind, first_day, last_day, by, on):
    """Record a review of `council` that was on site from `first_day` to `last_day`, both included; return it.

    It is closed from the start, and only its days and its kind are known. Raises PermissionDenied and Refused.
    """
    if not by.may_at(Ability.RUN_REVIEWS, council):
        raise PermissionDenied
    if last_day < first_day:
        raise Refused("The last day must be the first day or later", "last_day")
    if last_day >= on:
        raise Refused("The last day must be in the past: offer the council a review instead", "last_day")
    if council.from_on and first_day < council.from_on:
        raise Refused(f"{council} began on {council.from_on:%-d %B %Y}: choose its predecessor", "council")
    if council.until_on and last_day >= council.until_on:
        raise Refused(f"{council} ended on {council.until_on:%-d %B %Y}: choose its successor", "council")
    same = PeerReview.objects.filter(
        case__council=council, first_day__lte=last_day, last_day__gte=first_day
    ).exclude(stage__in=[Stage.DECLINED, Stage.CANCELLED])
    if same.exists():
        raise Refused("A review of this council on these days is on record already", "first_day")
    case = open_case(Case.Kind.PEER_REVIEW, council, by=by, on=on)
    review = PeerReview.objects.create(
        case=case,
        kind=kind,
        stage=Stage.CLOSED,
        from_past=True,
        first_day=first_day,
        last_day=last_day,
        source=Source.objects.create(
            council=council,
            kind=Source.Kind.PEER_REVIEW,
            title=f"{kind}, {council}",
            dated_on=last_day,
            access=Source.Access.UNPUBLISHED,
        ),
    )
    case.standing, case.closed_on = Case.Standing.CLOSED, on
    case.save(update_fields=["standing", "closed_on"])
    StageChange.objects.create(review=review, after=Stage.CLOSED, on=on, made_by_id=by.person_id)
    tell("review-recorded", review, by=by, on=on, kind=kind.slug, last_day=last_day.isoformat())
    start_offer_clock(review, by=by, on=on)
    return review
