"""`manage.py prepare`: bring the database and the gathered files in line with this release. Safe to repeat."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from config import environment


class Command(BaseCommand):
    help = "Migrate, let the running role in, gather static files and load reference data. Once for each release."

    def handle(self, *args, **options):
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        if environment.read("UPSTREAM_OWNER_DATABASE_URL"):
            call_command("grant_runner", stdout=self.stdout)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("load_reference", stdout=self.stdout)
