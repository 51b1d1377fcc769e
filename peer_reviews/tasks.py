"""Scheduled work of peer reviews. It only wakes actions; what is to be done is in the database."""

from celery import shared_task
from django.utils import timezone

from accounts.viewer import Viewer
from peer_reviews.actions.nightly import clear_away


@shared_task
def nightly():
    """Delete what is no longer kept: notes, the rooms of closed reviews, approaches."""
    on = timezone.localdate()
    clear_away(by=Viewer.system(on), on=on)
