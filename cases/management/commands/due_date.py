"""Print the date that lies so many working days or months after another."""

from django.core.management.base import BaseCommand, CommandError

from cases.queries import working_calendars
from cases.rules import due_after, iso_day


class Command(BaseCommand):
    help = "Print the date N working days or N calendar months after DATE (day 0), as YYYY-MM-DD."

    def add_arguments(self, parser):
        parser.add_argument("date", help="Day 0, as YYYY-MM-DD.")
        length = parser.add_mutually_exclusive_group(required=True)
        length.add_argument("--working-days", type=int, metavar="N")
        length.add_argument("--months", type=int, metavar="N")

    def handle(self, *, date, working_days, months, **options):
        count, unit = (months, "months") if working_days is None else (working_days, "working-days")
        try:
            due = due_after(iso_day(date), count, unit, working_calendars()["england-and-wales"])
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(due.isoformat())
