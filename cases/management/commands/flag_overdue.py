"""Raise and clear the flags of milestones that are due soon or overdue."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.viewer import Viewer
from cases.actions import flag_overdue
from cases.rules import iso_day


class Command(BaseCommand):
    help = "Raise and clear the flags of milestones, as at a day. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--on", metavar="DATE", help="YYYY-MM-DD; today if not given.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, and do nothing.")

    def handle(self, *, on: str | None, dry_run: bool, **options):
        today = timezone.localdate()
        try:
            on = today if on is None else iso_day(on)
        except ValueError as error:
            raise CommandError(str(error)) from None
        if on > today and not dry_run:
            raise CommandError(
                f"{on} is in the future: flags can be tried for it with --dry-run, not raised."
            )
        with transaction.atomic():
            result = flag_overdue(by=Viewer.system(today), on=on)
            transaction.set_rollback(dry_run)
        self.stdout.write(str(result))
