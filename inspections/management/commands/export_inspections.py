from pathlib import Path

from django.core.management.base import BaseCommand

from inspections.loaders import DATA, export_inspections


class Command(BaseCommand):
    help = "Write the imported rows as the tidy files that ship with the project (inspections/data)."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", default=str(DATA))

    def handle(self, *args, folder, **options):
        rows = export_inspections(Path(folder))
        self.stdout.write(f"{rows} rows written to {folder}")
