"""The Celery application: `celery -A config worker` and `celery -A config beat`."""

import os

from celery import Celery
from celery.bootsteps import StartStopStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("upstream")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.steps["consumer"].add
class CatchUp(StartStopStep):
    """Ask for the nightly work and for imports whenever a worker starts, or finds the broker again.

    Nights and sweeps may have been missed meanwhile, or lost with a worker that was killed half way.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, consumer):
        from cases.tasks import wake
        from improvement.tasks import nightly
        from inspections.tasks import carry_on_imports

        wake(carry_on_imports)
        wake(nightly)
