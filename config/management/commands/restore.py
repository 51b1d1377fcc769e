"""`manage.py restore FILE`: bring the database and the uploads back from a file that `backup` wrote."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import archive, environment


class Command(BaseCommand):
    help = (
        "Bring the database and the uploads back from a backup, and hold every table and file to what it says. "
        "Stop Upstream first. Restore only what you backed up yourself: a database can hold code."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--replace", action="store_true", help="throw away what is here now")

    def handle(self, *args, file, replace, **options):
        try:
            manifest = archive.restore(file, replace=replace)
        except archive.Refused as refused:
            raise CommandError(str(refused)) from refused
        if environment.read("UPSTREAM_OWNER_DATABASE_URL"):
            call_command("grant_runner", stdout=self.stdout)
        self.stdout.write(
            f"restored as at {manifest.made_at}: {len(manifest.tables)} tables with {manifest.rows} rows, "
            f"{len(manifest.uploads)} uploads; every count and hash is as in the backup. Run `prepare` next."
        )
