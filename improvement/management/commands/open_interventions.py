"""`manage.py open_interventions`: bring interventions in line with the record, as every night."""

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts.viewer import Viewer
from improvement.actions import open_interventions


class Command(BaseCommand):
    help = "Open, join or withdraw interventions by the published judgements. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would happen and change nothing."
        )

    def handle(self, *args, **options):
        on = timezone.localdate()
        with transaction.atomic():
            result = open_interventions(by=Viewer.system(on), on=on)
            if options["dry_run"]:
                transaction.set_rollback(True)
        self.stdout.write(str(result))
