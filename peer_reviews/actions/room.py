"""The document room: what the council gives the team to read before it comes, all of it deleted on closing."""

from django.db import transaction

from cases.actions.documents import forget_upload, keep_document
from cases.models import Document
from cases.refusals import Refused
from peer_reviews.actions.review import locked, save, tell
from peer_reviews.actions.steps import meet
from peer_reviews.models import ENDED, PeerReview, RoomDocument, StepKind
from peer_reviews.rules.stages import has_reached


@transaction.atomic
def put_in_room(
    review, *, upload=None, url="", title="", position_statement=False, complete=False, by, on, request=None
):
    """Put a file (Django's `File`) or a link in the review's room, and return the RoomDocument.

    `position_statement`: it is part of the council's position statement; with `complete` its last part, which meets
    the step's milestone. `request`: what of the team's it answers. The council's contributors and approvers may (else
    PermissionDenied), from acceptance until closing. Raises Refused on the field that is wrong.
    """
    review = locked(review, among=PeerReview.objects.prepared_by(by))
    refuse_shut(review)
    document = None
    try:
        document = keep_document(review.council, upload=upload, url=url, title=title, by=by, on=on)
        _refuse_again(document, review)
        kept = RoomDocument.objects.create(
            review=review, document=document, request=request, position_statement=position_statement
        )
        tell(
            "review-room-document-added",
            review,
            by=by,
            on=on,
            subject=kept,
            position_statement=position_statement or None,
            request=request.pk if request else None,
        )
        if position_statement and complete:
            meet(review, StepKind.POSITION_STATEMENT, met_on=on, by=by, on=on)
    except BaseException:
        forget_upload(document)
        raise
    return kept


@transaction.atomic
def take_from_room(kept, *, by, on):
    """Take a document out of the room: its row and its file are deleted for good; that it was there stays on record.

    The council's contributors and approvers may, and whoever runs the review: something about a child that went up by
    mistake must be able to go. Raises PermissionDenied, and Refused where it has gone already.
    """
    among = PeerReview.objects.prepared_by(by) | PeerReview.objects.run_by(by)
    review = locked(kept.review, among=among)
    kept = RoomDocument.objects.filter(pk=kept.pk, review=review).select_related("document").first()
    if kept is None:
        raise Refused("It has been taken out already.")
    tell("review-room-document-removed", review, by=by, on=on, subject=kept)
    _delete([kept])


@transaction.atomic
def empty_room(review, *, by, on):
    """Delete all that the room of a review holds, files and rows, once it is closed, cancelled or declined.

    Returns how many documents that were. Safe to repeat: an empty room is left as it is. Whoever runs the review may,
    and the system (else PermissionDenied). Raises Refused while the review is going on.
    """
    among = PeerReview.objects.all() if by.is_system else PeerReview.objects.run_by(by)
    review = locked(review, among=among)
    if review.stage not in ENDED:
        raise Refused("The room is emptied when the review is closed.")
    return clear_room(review, by=by, on=on)


def clear_room(review, *, by, on):
    """Empty the room of a locked review that has ended: a part of the actions that end one. Return how many."""
    kept = list(review.room.select_related("document"))
    if not kept:
        return 0
    links = sum(1 for one in kept if one.document.url)
    still_elsewhere = _delete(kept)
    review.room_emptied_on = on
    save(review)
    tell(
        "review-room-emptied",
        review,
        by=by,
        on=on,
        documents=len(kept),
        files=len(kept) - links,
        links=links,
        kept_as_evidence=still_elsewhere or None,
    )
    return len(kept)


def empty_closed_rooms(*, by, on):
    """Empty the rooms of the reviews that have ended and still hold something. Return how many documents those held.

    Each room is a transaction of its own, so that one that fails leaves the others emptied.
    """
    ended = PeerReview.objects.filter(stage__in=ENDED, room__isnull=False).distinct().order_by("pk")
    return sum(empty_room(review, by=by, on=on) for review in ended)


def refuse_shut(review):
    """Raise Refused outside the time in which the room is open: from acceptance until closing."""
    if review.stage in ENDED:
        raise Refused(
            f"This review is {review.get_stage_display().lower()}: nothing more is put in its room."
        )
    if not has_reached(review.stage, "accepted", stage_before=review.stage_before):
        raise Refused("The room opens when the council accepts the review.")


def _delete(kept):
    """Delete room documents with their files, but for what is evidence of a plan too. Return how many those were."""
    documents = [one.document for one in kept]
    RoomDocument.objects.filter(pk__in=[one.pk for one in kept]).delete()
    elsewhere = {document.pk for document in documents if _held_otherwise(document)}
    gone = [document for document in documents if document.pk not in elsewhere]
    Document.objects.filter(pk__in=[document.pk for document in gone]).delete()
    transaction.on_commit(lambda: [forget_upload(document) for document in gone])
    return len(elsewhere)


def _held_otherwise(document):
    return any(
        relation.related_model.objects.filter(**{relation.field.name: document.pk}).exists()
        for relation in Document._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    )


def _refuse_again(document, review):
    """Refuse what the room holds already: a press too many, or the same file under another name."""
    held = review.room.select_related("document")
    same = held.filter(document__digest=document.digest, document__url=document.url).first()
    if same is not None:
        what = "file" if document.digest else "link"
        raise Refused(
            f"This {what} is in the room already, as “{same.document.title}”. Nothing was added.",
            "upload" if document.digest else "url",
        )
