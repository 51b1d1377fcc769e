"""`manage.py picture --on DATE`: the counts that England's page shows a national lead."""

import json
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.viewer import Viewer
from dashboards.day import READINGS, day_written
from dashboards.forms import FAMILIES
from dashboards.queries import NOT_GRADED, NOT_INSPECTED, england
from look.templatetags.look import WORDS


class Command(BaseCommand):
    help = (
        "Print how many councils there were on a day, by latest overall grade, in intervention and overdue."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--on", required=True, metavar="DATE", help="The day, as YYYY-MM-DD; not in the future."
        )
        parser.add_argument("--by", choices=list(READINGS), default="published")
        parser.add_argument(
            "--framework",
            choices=[slug for slug in FAMILIES if slug],
            help="Left out: SIF and ILACS together.",
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, on, by, framework, format, **options):
        today = timezone.localdate()
        try:
            day = day_written(on, today)
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        figures = england(on=day, by=by, framework=framework, viewer=Viewer.system(today)).figures
        counts = picture(figures, on=day, by=by, framework=framework)
        self.stdout.write(json.dumps(counts) if format == "json" else in_words(counts))


def picture(figures, *, on: date, by, framework):
    """Return the figures as the command prints them in JSON. None: not recorded on that day."""
    return {
        "on": on.isoformat(),
        "by": by,
        "framework": framework,
        "councils": figures.councils,
        "inspected": figures.inspected,
        "not_inspected": figures.not_inspected,
        "outstanding": figures.grades["outstanding"],
        "good": figures.grades["good"],
        "requires_improvement": figures.grades["requires-improvement"],
        "inadequate": figures.grades["inadequate"],
        "not_graded": figures.grades[NOT_GRADED],
        "in_intervention": figures.in_intervention,
        "overdue": figures.overdue,
    }


def in_words(counts):
    """Return the same as lines of text."""
    reading = READINGS[counts["by"]]
    lines = [f"As at {counts['on']}, {FAMILIES[counts['framework'] or '']}, {reading}"]
    named = {
        "councils": "Councils",
        "inspected": "Inspected",
        "not_inspected": WORDS[NOT_INSPECTED],
        "outstanding": WORDS["outstanding"],
        "good": WORDS["good"],
        "requires_improvement": WORDS["requires-improvement"],
        "inadequate": WORDS["inadequate"],
        "not_graded": WORDS[NOT_GRADED],
        "in_intervention": "In intervention",
        "overdue": "Overdue, owed by councils",
    }
    for key, words in named.items():
        value = "not recorded" if counts[key] is None else counts[key]
        lines.append(
            f"{words + ':':<28}{value:>4}" if counts[key] is not None else f"{words + ':':<28}{value}"
        )
    return "\n".join(lines)
