"""What the team asks the council for, and what the council answers."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.refusals import Refused, Stale
from peer_reviews.actions.review import locked, tell
from peer_reviews.actions.room import put_in_room
from peer_reviews.models import ENDED, PeerReview, Request

LONGEST = 2000


@transaction.atomic
def ask_for(review, *, kind, text, due_on=None, by, on):
    """Ask the council for something, wanted by `due_on` if a day is given, and return the Request.

    `kind`: one of `Request.Kind`. The team and whoever runs the review may (else PermissionDenied), while the review
    goes on. Raises Refused on the field that is wrong.
    """
    review = locked(review, among=_asking(by))
    _refuse_ended(review)
    if kind not in Request.Kind.values:
        raise Refused("Select what you need", "kind")
    text = _said(text, "text", "Enter what you need")
    if due_on is not None and due_on < on:
        raise Refused("The day must be today or later", "due_on")
    made = Request.objects.create(
        review=review, kind=kind, text=text, due_on=due_on, asked_on=on, asked_by_id=by.person_id
    )
    tell("review-request-made", review, by=by, on=on, subject=made, asked=kind)
    return made


@transaction.atomic
def answer(request, *, outcome, answer="", upload=None, url="", title="", revision, by, on):
    """Answer a request for the council: given (a file, a link or words), or not to be had, with the reason.

    `outcome`: "given" or "cannot". A file or link goes into the document room. The council's contributors and
    approvers may (else PermissionDenied). Raises Refused, and Stale where it was answered or withdrawn meanwhile.
    """
    review = locked(request.review, among=PeerReview.objects.prepared_by(by))
    _refuse_ended(review)
    request = _open(request, revision)
    if outcome not in (Request.Outcome.GIVEN, Request.Outcome.CANNOT):
        raise Refused("Select whether the team gets it", "outcome")
    cannot = outcome == Request.Outcome.CANNOT
    if cannot and (upload or url.strip()):
        raise Refused("Say that it is given where you add a document", "outcome")
    if cannot:
        answer = _said(answer, "answer", "Enter why it can’t be given")
    elif not (upload or url.strip()):
        answer = _said(answer, "answer", "Enter an answer, or add a document")
    else:
        answer = _said(answer, "answer", "") if answer.strip() else ""
    request.outcome, request.answer = outcome, answer
    request.answered_on, request.answered_by_id = on, by.person_id
    _save(request)
    tell("review-request-answered", review, by=by, on=on, subject=request, outcome=outcome)
    if upload or url.strip():
        put_in_room(review, upload=upload, url=url, title=title, request=request, by=by, on=on)
    return request


@transaction.atomic
def withdraw(request, *, revision, by, on):
    """Say that the team no longer needs what was asked for. The team and whoever runs the review may.

    Raises PermissionDenied, and Stale where it was answered or withdrawn meanwhile.
    """
    review = locked(request.review, among=_asking(by))
    request = _open(request, revision)
    request.outcome, request.answered_on = Request.Outcome.WITHDRAWN, on
    request.answered_by_id = by.person_id
    _save(request)
    tell("review-request-withdrawn", review, by=by, on=on, subject=request)
    return request


def _asking(by):
    return PeerReview.objects.of_team(by) | PeerReview.objects.run_by(by)


def _refuse_ended(review):
    if review.stage in ENDED:
        raise Refused(f"This review is {review.get_stage_display().lower()}, so nothing is asked any more.")


def _open(request, revision):
    current = Request.objects.select_for_update().filter(pk=request.pk).first()
    if current is None:
        raise PermissionDenied
    if current.revision != revision:
        raise Stale(current)
    if current.outcome:
        raise Refused(
            f"It is answered already: {current.get_outcome_display().lower()}. Nothing was changed."
        )
    return current


def _said(text, field, missing):
    text = text.strip()
    if not text and missing:
        raise Refused(missing, field)
    if len(text) > LONGEST:
        raise Refused(f"This must be {LONGEST} characters or fewer", field)
    refuse_identifiers(**{field: text})
    return text


def _save(request):
    request.revision += 1
    request.save()
