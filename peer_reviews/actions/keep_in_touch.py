"""The daily word with the director of children's services: what was said, for the team alone."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.refusals import Refused, Stale
from councils.models import Office
from peer_reviews.actions.review import locked, tell
from peer_reviews.models import KeepInTouch, PeerReview

LONGEST = 4000


@transaction.atomic
def record_word(review, *, on_day, office=Office.DCS, said, by, on):
    """Record what was said on a day, and return the KeepInTouch. The team alone may. Raises Refused.

    Nothing of it is in the event: it is deleted with the notes.
    """
    review = locked(review, among=PeerReview.objects.of_team(by))
    word = KeepInTouch(review=review, made_by_id=by.person_id)
    _fill(word, on_day, office, said, on)
    word.save()
    tell("review-kept-in-touch", review, by=by, on=on, subject=word, day=on_day.isoformat(), office=office)
    return word


@transaction.atomic
def change_word(word, *, on_day, office, said, revision, by, on):
    """Change what was recorded. Any of the team may. Raises Refused, Stale and PermissionDenied."""
    review = locked(word.review, among=PeerReview.objects.of_team(by))
    word = KeepInTouch.objects.select_for_update().filter(pk=word.pk, review=review).first()
    if word is None:
        raise PermissionDenied
    if word.revision != revision:
        raise Stale(word)
    _fill(word, on_day, office, said, on)
    word.revision += 1
    word.save()
    tell("review-kept-in-touch-changed", review, by=by, on=on, subject=word, day=on_day.isoformat())
    return word


def _fill(word, on_day, office, said, on):
    said = said.strip()
    if on_day > on:
        raise Refused("The day must be today or earlier", "on_day")
    if office not in Office.values:
        raise Refused("Select who it was with", "office")
    if not said:
        raise Refused("Enter what was said", "said")
    if len(said) > LONGEST:
        raise Refused(f"This must be {LONGEST} characters or fewer", "said")
    refuse_identifiers(said=said)
    word.on, word.office, word.said = on_day, office, said
