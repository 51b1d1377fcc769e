"""Inspections that the world knows of, with their judgements. What is under embargo has no row here."""

from collections import defaultdict

from rest_framework import serializers

from api.rows import Row
from api.views import Listing, Single
from cases.models import not_restricted
from inspections.filters import InspectionFilters
from inspections.models import Grade, Inspection, Judgement

STEPS = [(grade.value, grade.label) for grade in Grade if grade is not Grade.NO_CASES]


class JudgementRow(serializers.Serializer):
    """The grade of one area in one inspection."""

    in_cell = ("area", "grade")

    area = serializers.CharField(help_text="The area's code: the same across forms where the area is.")
    name = serializers.CharField()
    grade = serializers.ChoiceField(choices=Grade.choices)
    word = serializers.CharField(help_text="As the source prints it: adequate, requires improvement …")
    restated = serializers.BooleanField(help_text="Whether Ofsted restated an older word.")
    is_overall = serializers.BooleanField()
    counts_for_lowest = serializers.BooleanField()


class InspectionRow(Row):
    """One published inspection or visit of one council."""

    id = serializers.IntegerField()
    council = serializers.CharField(source="council.la_code", help_text="The council's three-digit DfE code.")
    council_name = serializers.CharField(source="council.name")
    framework = serializers.CharField(source="framework.family", help_text="slac, cp, tlac, sif or ilacs.")
    form = serializers.CharField(source="framework.slug", help_text="The form of the framework.")
    kind = serializers.ChoiceField(choices=Inspection.Kind.choices)
    area = serializers.CharField(help_text="Of a re-inspection of one area; else empty.")
    inspected_on = serializers.DateField(allow_null=True, help_text="The first day on site.")
    ended_on = serializers.DateField(allow_null=True)
    published_on = serializers.DateField(allow_null=True)
    known_on = serializers.DateField(
        help_text="Publication; where unknown, the release of the file that tells it."
    )
    source = serializers.IntegerField(
        source="source_id",
        allow_null=True,
        help_text="The number of its report, by which recommendations name it.",
    )
    url = serializers.CharField(
        source="source.url", allow_null=True, help_text="Where the report is published."
    )
    overall = serializers.ChoiceField(
        source="headline",
        choices=STEPS,
        allow_null=True,
        help_text="The published overall grade. Null: not graded overall. It is never computed.",
    )
    lowest = serializers.ChoiceField(
        choices=STEPS, allow_null=True, help_text="The lowest grade among the areas; never called overall."
    )
    judgements = JudgementRow(many=True)


class Told:
    """What the list and the single inspection share."""

    tag = "Inspections"
    row = InspectionRow

    def known(self):
        return Inspection.objects.filter(not_restricted())

    def completed(self, rows, keys):
        """Add the judgements, in the framework's order. One query."""
        names = (
            "area__code",
            "area__name",
            "grade",
            "word",
            "restated",
            "area__is_overall",
            "area__counts_for_lowest",
        )
        found = defaultdict(list)
        judgements = Judgement.objects.filter(inspection__in=keys).order_by("area__order", "pk")
        for inspection, *values in judgements.values_list("inspection", *names):
            found[inspection].append(dict(zip(JudgementRow().fields, values, strict=True)))
        for row, key in zip(rows, keys, strict=True):
            row["judgements"] = found[key]


class Inspections(Told, Listing):
    about = {
        "get": (
            "List inspections",
            "Published inspections and visits with their judgements: public, so everybody signed in sees all of them. "
            "With `latest=yes` each council's latest. Inspections of 1 April 2026 or later have no overall grade.",
        )
    }
    name = "inspections"
    filters = InspectionFilters

    def queryset(self):
        return self.known()


class OneInspection(Told, Single):
    about = {"get": ("Read an inspection", "One published inspection or visit, with its judgements.")}
    kind = "inspection"

    def queryset(self):
        return self.known().known(self.viewer.today).with_grades()
