"""`manage.py grant_runner`: let the role that runs Upstream read and write rows, and nothing else."""

from urllib.parse import unquote, urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from config import database_roles, environment


class Command(BaseCommand):
    help = (
        "Give the running role (that of UPSTREAM_DATABASE_URL, or ROLE) what it needs: rows of every table, never "
        "its shape, and of append-only tables only new rows. Safe to repeat; `prepare` does it at each release."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "role", nargs="?", help="the running role; that of UPSTREAM_DATABASE_URL unless given"
        )

    def handle(self, *args, role, **options):
        if connection.vendor != "postgresql":
            raise CommandError("Roles are PostgreSQL's: this database has none.")
        address = urlsplit(environment.read("UPSTREAM_DATABASE_URL"))
        role = role or unquote(address.username or "")
        if not role or role == connection.settings_dict["USER"]:
            raise CommandError(
                "Name the role that runs Upstream, another than the one that owns its tables: "
                "UPSTREAM_OWNER_DATABASE_URL is the owner's, UPSTREAM_DATABASE_URL the runner's."
            )
        with transaction.atomic(), connection.cursor() as cursor:
            if database_roles.make_if_missing(cursor, role, unquote(address.password or "")):
                self.stdout.write(f"role {role}: made")
            kept = database_roles.grant(cursor, role)
        self.stdout.write(f"role {role}: may write rows; in {', '.join(kept)} only new ones")
