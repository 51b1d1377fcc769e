"""`manage.py backup FILE`: write the database and the uploads to one file."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import archive


class Command(BaseCommand):
    help = "Write the database and the uploads to one file, with what each table held. Upstream may run meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("file", help="where to write it; it must not be there yet")

    def handle(self, *args, file, **options):
        try:
            manifest = archive.back_up(file, at=timezone.now())
        except archive.Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{file}: {len(manifest.tables)} tables with {manifest.rows} rows, {len(manifest.uploads)} uploads"
        )
