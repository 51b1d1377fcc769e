"""The document room as its page and the documents' own address read it."""

from peer_reviews.models import RoomDocument


def documents_of_rooms(viewer):
    """Return the numbers of the documents of the rooms that the viewer reads: `cases.models.readable_through`."""
    return RoomDocument.objects.visible_to(viewer).values("document")


def room_of(review, viewer):
    """Return the room's documents that the viewer may read, the position statement first. One query."""
    return list(
        RoomDocument.objects.visible_to(viewer)
        .filter(review=review)
        .select_related("document", "request")
        .order_by("-position_statement", "-document__given_on", "-pk")
    )
