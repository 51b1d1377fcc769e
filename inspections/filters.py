"""What the list of inspections can be narrowed by."""

import django_filters as filters

from api.filters import Day, YesNo
from cases.filters import OfCouncils
from inspections.models import Grade, Inspection

READINGS = [
    ("published", "Published by that day"),
    ("inspected", "Begun by that day, and published by today"),
]
FAMILIES = [
    ("ilacs", "ILACS"),
    ("sif", "SIF"),
    ("tlac", "TLAC"),
    ("cp", "Child protection"),
    ("slac", "SLAC"),
]
STEPS = [(grade.value, grade.label) for grade in Grade if grade is not Grade.NO_CASES]


class InspectionFilters(OfCouncils):
    """`on` and `by` say which are known; the rest narrows those, after the latest of each council is chosen."""

    on = Day(method="as_at", help_text="As at this day, today or earlier; today where not given.")
    by = filters.ChoiceFilter(choices=READINGS, method="as_at", help_text="`published` where not given.")
    latest = YesNo(
        method="as_at",
        help_text="`yes`: each council's latest full inspection alone, of `framework`, or of SIF and ILACS.",
    )
    framework = filters.ChoiceFilter(choices=FAMILIES, field_name="framework__family")
    form = filters.CharFilter(
        field_name="framework__slug", help_text="A form of a framework, such as ilacs-2023."
    )
    kind = filters.ChoiceFilter(choices=Inspection.Kind.choices)
    overall = filters.ChoiceFilter(
        choices=[*STEPS, ("none", "Not graded overall, visits too")],
        method="graded_overall",
        help_text="The published overall grade; never computed.",
    )
    lowest = filters.ChoiceFilter(choices=STEPS, help_text="The lowest grade among the areas.")

    class Meta:
        model = Inspection
        fields = []

    @property
    def reading(self):
        return self.form.cleaned_data.get("by") or "published"

    def filter_queryset(self, queryset):
        asked, today = self.form.cleaned_data, self.viewer.today
        if asked["latest"] == "yes":
            known = queryset.latest(self.on, self.reading, asked["framework"] or None, today=today)
        else:
            known = queryset.known(self.on, self.reading, today=today)
        return super().filter_queryset(known.with_grades())

    def as_at(self, queryset, name, value):
        return queryset

    def graded_overall(self, queryset, name, value):
        return queryset.filter(headline=None if value == "none" else value)
