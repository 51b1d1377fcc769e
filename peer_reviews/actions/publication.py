"""Publication of a final report: by the council alone."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.models import Source
from cases.presenters import day_words
from cases.refusals import Refused
from peer_reviews.actions.review import locked, save, tell
from peer_reviews.models import PeerReview

LONGEST_URL = PeerReview._meta.get_field("published_url").max_length
_is_address = URLValidator(schemes=["https"])


@transaction.atomic
def publish(review, *, published_on, url, revision, by, on):
    """Record that the council has published its final report on `published_on` at the address `url`.

    From then on the DfE's adviser reads it, and its recommendations. Raises PermissionDenied, Refused and Stale.
    Rule: section 6, point 6.
    """
    review = locked(review, among=PeerReview.objects.answered_by(by), revision=revision)
    if review.final_on is None or review.source_id is None:
        raise Refused("There is no final report yet")
    if review.published_on is not None:
        raise Refused(f"It was published on {day_words(review.published_on)} already")
    if published_on > on:
        raise Refused("Enter the day on which it was published: today or earlier", "published_on")
    if published_on < review.final_on:
        raise Refused(f"The report is final since {day_words(review.final_on)}", "published_on")
    url = _checked(url)
    review.published_on, review.published_url, review.published_by_id = published_on, url, by.person_id
    save(review)
    Source.objects.filter(pk=review.source_id).update(
        access=Source.Access.PUBLIC, published_on=published_on, url=url
    )
    tell("review-published", review, by=by, on=on, published_on=published_on.isoformat())
    return review


def _checked(url):
    url = url.strip()
    try:
        _is_address(url)
        parts = urlsplit(url)
    except (ValidationError, ValueError):
        parts = None
    if parts is None or parts.username is not None or len(url) > LONGEST_URL:
        raise Refused(
            "Enter the whole web address, beginning with https, such as https://www.example.org/report", "url"
        )
    refuse_identifiers(url=url)
    return url
