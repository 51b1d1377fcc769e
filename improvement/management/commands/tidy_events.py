"""`manage.py tidy_events FILE`: write `improvement/data/events.csv` anew from the compiled record."""

import csv
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from improvement.loaders import DATA, bodies_by_name
from improvement.readers import TIDY, read_compiled


class Command(BaseCommand):
    help = "Write the project's own events from a compiled record of notices, directions and trusts."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *args, **options):
        try:
            events = read_compiled(options["file"], bodies_by_name())
        except (OSError, ValueError) as problem:
            raise CommandError(str(problem)) from problem
        with (DATA / "events.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, TIDY, lineterminator="\n")
            writer.writeheader()
            writer.writerows(events)
        self.stdout.write(f"{len(events)} events written")
