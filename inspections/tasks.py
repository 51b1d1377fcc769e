"""What wakes the imports. What is to be done is in the runs, so a lost message costs a minute."""

from celery import shared_task
from django.utils import timezone

from inspections.actions.runs import carry_on_all


@shared_task(name="inspections.tasks.carry_on_imports")
def carry_on_imports():
    """Work at every run that waits, until none has a step left."""
    carry_on_all(on=timezone.localdate())
