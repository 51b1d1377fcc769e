from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.viewer import Viewer
from cases.presenters import day_words
from inspections.actions import import_ofsted
from inspections.readers import NotReadable


class Command(BaseCommand):
    help = (
        "Import a published file of inspection outcomes: an Ofsted workbook (.ods, .xlsx) or Data to Insight's "
        "table (.csv). Prints, row by row, what it added, changed, left, skipped and could not read."
    )

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument(
            "--dry-run", action="store_true", help="Show what would happen, and change nothing."
        )

    def handle(self, *args, file, dry_run, **options):
        today = timezone.localdate()
        try:
            result = import_ofsted(path=file, by=Viewer.system(today), on=today, dry_run=dry_run)
        except NotReadable as refused:
            raise CommandError(f"{file} was not imported. {refused}") from refused
        for line in result.lines:
            place = f"{line.sheet}, row {line.row}" if line.row else line.sheet
            self.stdout.write(f"{line.outcome}: {place}: {line.message}")
        self.stdout.write(f"{result.name}, released {day_words(result.released_on)}")
        self.stdout.write(
            f"inspections: added {result.added} changed {result.changed} "
            f"removed {result.removed} left {result.left}"
        )
        self.stdout.write(
            f"rows and sheets: skipped {result.count('skipped')} "
            f"not stored {result.count('not stored')} not read {result.count('not read')}"
        )
        for consequences in result.consequences:
            self.stdout.write(str(consequences))
        if dry_run:
            self.stdout.write("Nothing was changed: this was a dry run.")
