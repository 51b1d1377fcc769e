"""What the worker does: wake up and call one action. State is in the database, so none is lost."""

from celery import shared_task
from django.utils import timezone

from accounts.viewer import Viewer
from cases import actions


@shared_task(name="cases.tasks.flag_overdue")
def flag_overdue():
    """Raise and clear flags as at today, as Upstream itself."""
    today = timezone.localdate()
    return str(actions.flag_overdue(by=Viewer.system(today), on=today))
