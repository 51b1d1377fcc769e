"""What councils are narrowed by, on the pages of a region and of England and in the API alike."""

import django_filters as filters

from api.filters import Day, ListFilters
from councils.models import Council
from dashboards.day import PUBLISHED, READINGS
from dashboards.queries import SLUGS
from improvement.rules.stages import LABELS, Stage
from look.templatetags.look import WORDS

FAMILIES = {
    "": "SIF and ILACS",
    "ilacs": "ILACS",
    "sif": "SIF",
    "tlac": "TLAC",
    "cp": "Child protection",
    "slac": "SLAC",
}
SHOWN = {"": "Overall", "lowest": "Lowest area"}
IN_INTERVENTION, TO_CONFIRM = "any", "to-confirm"
STAGES = [(str(stage), LABELS[stage]) for stage in Stage if stage is not Stage.NONE]


class CouncilFilters(filters.FilterSet):
    """Narrows councils as at a day (`presenters.councils.Line`): rows in memory, for no query gives a stage.

    Out of the reader's scope no stage and nothing overdue is known, so neither finds such a council.
    """

    q = filters.CharFilter(
        label="Council", max_length=80, method="named", help_text="In its name or DfE code."
    )
    grade = filters.ChoiceFilter(
        label="Grade",
        empty_label="Any",
        choices=[(slug, WORDS[slug]) for slug in SLUGS],
        method="graded",
        help_text="Its latest grade, as `show` says.",
    )
    stage = filters.ChoiceFilter(
        label="Stage",
        empty_label="Any",
        choices=[(IN_INTERVENTION, "In intervention"), *STAGES, (TO_CONFIRM, "To confirm")],
        method="at_stage",
        help_text="The stage of its intervention; `any`: in intervention.",
    )
    overdue = filters.ChoiceFilter(
        label="Overdue",
        empty_label="Any",
        choices=[("yes", "Some"), ("no", "None")],
        method="that_owe_late",
        help_text="Whether the council owes something late.",
    )
    under = filters.CharFilter(
        label="Framework of the latest inspection",
        max_length=50,
        method="inspected_under",
        help_text="A form of a framework, such as ilacs-2023.",
    )

    class Meta:
        model = Council
        fields = []

    @classmethod
    def chosen(cls, lines, asked):
        """Return the lines that `asked`, name to value, leaves; an empty value means any."""
        narrowing = cls({}, Council.objects.none())
        for name, value in asked.items():
            lines = narrowing.filters[name].filter(lines, value)
        return list(lines)

    def named(self, lines, name, value):
        sought = value.strip().casefold()
        return [
            each
            for each in lines
            if sought in f"{each.council.name} {each.council.official_name} {each.council.la_code}".casefold()
        ]

    def graded(self, lines, name, value):
        return [each for each in lines if each.grade.slug == value]

    def at_stage(self, lines, name, value):
        return [each for each in lines if _at_stage(each.row, value)]

    def that_owe_late(self, lines, name, value):
        return [each for each in lines if each.counted and (value == "yes") == bool(each.overdue)]

    def inspected_under(self, lines, name, value):
        return [
            each for each in lines if each.row.graded and each.row.graded.inspection.framework.slug == value
        ]


def _at_stage(row, stage):
    if stage == IN_INTERVENTION:
        return row.in_intervention
    if stage == TO_CONFIRM:
        return row.stage is not None and row.stage.standing == TO_CONFIRM
    slug = (
        row.stage.slug if row.stage is not None and row.stage.standing in {"open", "closed"} else Stage.NONE
    )
    return row.in_scope and slug == stage


NARROWING = tuple(CouncilFilters.base_filters)


class EnglandFilters(ListFilters):
    """What the figures are counted by."""

    on = Day(method="as_asked", help_text="As at this day, today or earlier; today where not given.")
    by = filters.ChoiceFilter(
        choices=list(READINGS.items()),
        method="as_asked",
        help_text="Inspections published by that day, or begun by it and published by today; `published` if not given.",
    )
    framework = filters.ChoiceFilter(
        choices=[(slug, words) for slug, words in FAMILIES.items() if slug],
        method="as_asked",
        help_text="Grades of this framework alone; SIF and ILACS together where not given.",
    )
    show = filters.ChoiceFilter(
        choices=[("overall", "Overall"), ("lowest", "Lowest area")],
        method="as_asked",
        help_text="Grades by latest overall, or by lowest area; `overall` where not given.",
    )

    class Meta:
        model = Council
        fields = []

    def as_asked(self, queryset, name, value):
        """Says how the rows are read, and narrows none."""
        return queryset

    @property
    def reading(self):
        return self.form.cleaned_data["by"] or PUBLISHED

    @property
    def framework_asked(self):
        return self.form.cleaned_data["framework"] or None

    @property
    def shown(self):
        return self.form.cleaned_data["show"] or "overall"


class CouncilListFilters(CouncilFilters, EnglandFilters):
    """The API's list of councils: the pages' filters, what the figures are counted by, and a region."""

    region = filters.CharFilter(method="as_asked", help_text="A region's slug: its councils on the day.")

    class Meta:
        model = Council
        fields = []

    def filter_queryset(self, queryset):
        """The rows are reckoned, and narrowed by `chosen`."""
        return queryset

    @property
    def narrowing(self):
        return {name: self.form.cleaned_data[name] for name in NARROWING}
