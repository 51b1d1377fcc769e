"""`manage.py stage COUNCIL`: print where a council's intervention stands, from its dated rows."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from accounts.viewer import Viewer
from cases.rules import iso_day
from councils.models import Council
from improvement.presenters.dates import since_words
from improvement.queries.stages import council_stage


class Command(BaseCommand):
    help = (
        "Print the stage of a council's intervention on a day, strand by strand, and the dated row that decided. "
        "A day before the region's record began has no count, but its stage stands in the rows all the same."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "council", help="Its slug, such as isles-of-scilly, or its DfE code, such as 420."
        )
        parser.add_argument("--on", metavar="DATE", help="As YYYY-MM-DD; today where not given.")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, council, on, format, **options):
        today = timezone.localdate()
        on = _day(on) if on else today
        found = Council.objects.filter(Q(slug=council.lower()) | Q(la_code=council.upper())).first()
        if found is None:
            raise CommandError(f"No council has the slug or the three-digit code {council!r}")
        stage = council_stage(found, on, Viewer.system(today))
        strands = [stage, *stage.also]
        if format == "json":
            told = [_as_json(found, on, each) for each in strands]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{found.name}, {on:%-d %B %Y}")
        for each in strands:
            self.stdout.write(_as_text(each))


def _day(written):
    try:
        return iso_day(written)
    except ValueError:
        raise CommandError(f"{written!r} is not a date: write it as YYYY-MM-DD, such as 2026-04-30") from None


def _as_json(council, on, stage):
    return {
        "council": council.slug,
        "on": on.isoformat(),
        "strand": stage.strand or None,
        "stage": str(stage.slug),
        "since": stage.since.isoformat() if stage.since else None,
        "because": stage.because,
    }


def _as_text(stage):
    strand = f"{stage.strand_label}: " if stage.strand else ""
    held = since_words(stage) or ("since a day unknown" if stage.strand else "")
    note = f" ({stage.note})" if stage.note else ""
    reference = f" [{stage.case_reference}]" if stage.case_reference else ""
    return f"{strand}{stage.label}{f' {held}' if held else ''}{reference}{note}\n  because: {stage.because}"
