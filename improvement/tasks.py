"""Scheduled work. Each task only wakes an action; what is to be done is in the database."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from accounts.viewer import Viewer
from api.actions import forget_answers
from cases.actions import delete_expired_contacts, flag_overdue, make_next_of_series
from cases.actions.documents import forget_stray_uploads
from improvement.actions import open_interventions
from improvement.actions.abolition import abolish_ended
from improvement.actions.updates import open_updates


@shared_task
def nightly():
    """Close what ended with its council, repair what was left out, make what comes next, flag what is late, delete
    what expired.
    """
    on = timezone.localdate()
    by = Viewer.system(on)
    abolish_ended(by=by, on=on)
    with transaction.atomic():
        open_interventions(by=by, on=on)
        make_next_of_series(by=by, on=on)
    open_updates(by=by, on=on)
    flag_overdue(by=by, on=on)
    delete_expired_contacts(by=by, on=on)
    forget_answers(now=timezone.now())
    forget_stray_uploads(now=timezone.now())
