"""What the team has asked the council for, as both read it."""

from django.db.models import F

from peer_reviews.models import Request


def open_requests(review, viewer):
    """Return the review's unanswered requests that the viewer may read: by the day wanted, so overdue ones first.

    Each with its room documents at hand. Those without a day come last.
    """
    return _of(review, viewer).filter(outcome="").order_by(F("due_on").asc(nulls_last=True), "pk")


def answered_requests(review, viewer):
    """Return those that were answered or withdrawn, the latest first."""
    return _of(review, viewer).exclude(outcome="").order_by("-answered_on", "-pk")


def overdue_requests(review, viewer):
    """Return the unanswered ones whose day is past."""
    return open_requests(review, viewer).filter(due_on__lt=viewer.today)


def _of(review, viewer):
    return (
        Request.objects.visible_to(viewer)
        .filter(review=review)
        .select_related("review__case")
        .prefetch_related("documents__document")
    )
