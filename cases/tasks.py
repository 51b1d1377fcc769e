"""What the worker does: wake up and call one action. State is in the database, so none is lost."""

import structlog
from celery import current_app, shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.viewer import Viewer
from cases import actions
from cases.actions.documents import scan_waiting

log = structlog.get_logger(__name__)
# A page that asks for work is on its way to a person: it waits no longer for the broker.
SECONDS_TO_REACH_THE_BROKER = 2


@shared_task(name="cases.tasks.flag_overdue")
def flag_overdue():
    """Raise and clear flags as at today, as Upstream itself."""
    today = timezone.localdate()
    return str(actions.flag_overdue(by=Viewer.system(today), on=today))


@shared_task(name="cases.tasks.scan_documents")
def scan_documents():
    """Ask the scanner about every file that waits for it. What it doesn't answer now is asked again."""
    today = timezone.localdate()
    scan_waiting(by=Viewer.system(today), on=today)


def wake(task, *args):
    """Ask a worker for `task` now. Return whether the broker took it; where it is down nothing is lost but time.

    What is to be done is in the database, and the schedule does it by the hour or the night.
    """
    seconds = SECONDS_TO_REACH_THE_BROKER
    options = {"socket_connect_timeout": seconds, "socket_timeout": seconds}
    if current_app.conf.broker_transport:  # the embedded queue: folders take no time
        options = {}
    try:
        with current_app.connection_for_write(transport_options=options) as connection:
            task.apply_async(args, connection=connection, retry=False)
    except (OperationalError, OSError) as failure:
        log.warning("broker not reached", wanted=task.name, because=type(failure).__name__)
        return False
    return True
