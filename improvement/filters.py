"""What the list of interventions can be narrowed by."""

import django_filters as filters

from api.filters import Day, ListFilters
from cases.models import Case
from improvement.models import Strand
from improvement.queries.stages import CLOSED, OPEN, UNCONFIRMED
from improvement.rules.stages import LABELS, Stage

STANDINGS = [
    (OPEN, "Open"),
    (UNCONFIRMED, "To confirm: from published notices and directions alone"),
    (CLOSED, "Closed"),
]
STAGES = [(str(stage), LABELS[stage]) for stage in Stage]


class InterventionFilters(ListFilters):
    on = Day(method="as_asked", help_text="As at this day, today or earlier; today where not given.")
    council = filters.CharFilter(method="as_asked", help_text="The council's DfE code or slug.")
    standing = filters.ChoiceFilter(
        choices=STANDINGS, method="as_asked", help_text="How the case stood that day."
    )
    stage = filters.ChoiceFilter(
        choices=STAGES, method="as_asked", help_text="The stage of one of its strands."
    )
    strand = filters.ChoiceFilter(choices=Strand.choices, method="as_asked")

    class Meta:
        model = Case
        fields = []

    def as_asked(self, queryset, name, value):
        """The rows are reckoned, and narrowed by `chosen`."""
        return queryset

    def chosen(self, rows):
        """Return the rows that are asked for."""
        asked = self.form.cleaned_data
        return [
            row
            for row in rows
            if (not asked["council"] or asked["council"] in (row["council"], row["council_slug"]))
            and (not asked["standing"] or asked["standing"] == row["standing"])
            and (not asked["stage"] or any(each["stage"] == asked["stage"] for each in row["stages"]))
            and (not asked["strand"] or any(each["strand"] == asked["strand"] for each in row["stages"]))
        ]
