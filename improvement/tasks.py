"""Scheduled work. Each task only wakes an action; what is to be done is in the database."""

from celery import shared_task
from celery.signals import worker_ready
from django.db import transaction
from django.utils import timezone

from accounts.viewer import Viewer
from cases.actions import flag_overdue, make_next_of_series
from improvement.actions import open_interventions


@shared_task
def nightly():
    """Repair what a missed signal left out, make the next of each series, then flag what is late."""
    on = timezone.localdate()
    by = Viewer.system(on)
    with transaction.atomic():
        open_interventions(by=by, on=on)
        make_next_of_series(by=by, on=on)
    flag_overdue(by=by, on=on)


@worker_ready.connect
def catch_up_at_start(**kwargs):
    """Catch up after an absence: nights and sweeps missed, or lost with a worker that was killed."""
    nightly.delay()
