"""`manage.py load_reference`: bring the reference data in line with the files of this release."""

from time import monotonic

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.viewer import Viewer

# In the order in which each needs the one before. Each is an action that takes `by` and `on`.
REFERENCE_STEPS = [
    ("roles", "accounts.loaders.load_role_policies"),
    ("bank holidays", "cases.loaders.load_bank_holidays"),
    ("councils", "councils.loaders.load_councils"),
    ("frameworks", "inspections.loaders.load_frameworks"),
    ("rules", "cases.loaders.load_rules"),
    ("advice", "improvement.loaders.load_advice_rules"),
    ("peers' words", "peer_reviews.loaders.load_peer_words"),
    ("kinds of review", "peer_reviews.loaders.load_kinds"),
]
RECORD_STEPS = [
    ("inspections", "inspections.loaders.load_inspections"),
    ("events", "improvement.loaders.load_events"),
    ("interventions", "improvement.actions.open_interventions"),
]
DEMONSTRATION_STEPS = [
    ("demonstration", "improvement.demonstration.load_demonstration"),
    ("people", "accounts.demonstration.load_people"),
    ("advisers", "improvement.demonstration.allocate_advisers"),
    ("plans' people", "improvement.demonstration.put_people_on_plans"),
    ("peers", "peer_reviews.demonstration.load_pool"),
    ("reviews", "peer_reviews.demonstration.load_reviews"),
]
LAST_STEPS = [("overdue", "cases.actions.flag_overdue")]


def steps():
    """Return the (name, path of the action) pairs to run, in order; demonstration's only where it is on."""
    demonstration = DEMONSTRATION_STEPS if settings.DEMONSTRATION else []
    return REFERENCE_STEPS + RECORD_STEPS + demonstration + LAST_STEPS


def run(path, *, by, on):
    """Call the action at a dotted path in a transaction of its own and return what it returns."""
    with transaction.atomic():
        return import_string(path)(by=by, on=on)


class Command(BaseCommand):
    help = "Load reference data, open interventions and flag what is overdue. Safe to run again."

    def handle(self, *args, **options):
        call_command("createcachetable", verbosity=0)
        on = timezone.localdate()
        by = Viewer.system(on)
        for name, path in steps():
            began = monotonic()
            result = run(path, by=by, on=on)
            self.stdout.write(f"{name}: {_in_words(result)} ({monotonic() - began:.1f} s)")


def _in_words(result):
    """Return what a step did: as it says itself, or how many rows it added, or whether it had anything to do."""
    if isinstance(result, bool) or result is None:
        return "left as it was" if result is False else "done"
    if isinstance(result, list | tuple | set | dict):
        result = len(result)
    return f"added {result}" if isinstance(result, int) else str(result)
