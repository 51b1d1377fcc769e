"""Measures with their latest reading, and readings: listed, recorded, restated."""

from collections import defaultdict

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import DayField, NumberField, WordsField
from api.finding import MOST, named
from api.problems import Problem
from api.rows import Row
from api.views import NOT_HERE, Added, Adding, Listing, Single, address_of
from cases.actions import Refused
from improvement.actions.measures import record_reading, restate_reading
from improvement.api.answers import told_of
from improvement.api.updates import COUNCIL_CODE
from improvement.models import Measure, PlannedMeasure, PlanVersion, Reading
from improvement.rules.measures import (
    Direction,
    Figure,
    Stands,
    against_target,
    direction_of_travel,
    standing_figures,
)
from improvement.update_filters import MeasureFilters, ReadingFilters


class LatestRow(serializers.Serializer):
    """The latest figure of a measure, and what it says."""

    in_cell = ("reading_on", "value", "direction")

    reading = serializers.IntegerField(help_text="The reading's number.")
    reading_on = serializers.DateField()
    value = serializers.DecimalField(max_digits=12, decimal_places=3)
    direction = serializers.ChoiceField(
        choices=[(str(each), each.label) for each in Direction],
        help_text="Which way it went since the figure before, by the measure's polarity.",
    )
    stands = serializers.ChoiceField(
        choices=[(str(each), each.label) for each in Stands], help_text="Beside its target."
    )


class MeasureRow(Row):
    """A measure of a plan, as the version says it that you see first: the latest approved, else the latest."""

    id = serializers.IntegerField(source="measure_id")
    plan = serializers.CharField(source="version.plan.reference", help_text="The plan's reference.")
    council = serializers.CharField(source="version.plan.council.la_code", help_text=COUNCIL_CODE)
    version = serializers.IntegerField(source="version.number")
    priority = serializers.IntegerField(source="priority.priority_id", allow_null=True)
    name = serializers.CharField()
    unit = serializers.CharField()
    baseline = serializers.DecimalField(max_digits=12, decimal_places=3, allow_null=True)
    baseline_on = serializers.DateField(allow_null=True)
    target = serializers.DecimalField(max_digits=12, decimal_places=3, allow_null=True)
    target_on = serializers.DateField(allow_null=True)
    tolerance = serializers.DecimalField(max_digits=12, decimal_places=3, allow_null=True)
    polarity = serializers.ChoiceField(choices=[("", "Not said"), *PlannedMeasure.Polarity.choices])
    frequency = serializers.ChoiceField(choices=PlannedMeasure.Frequency.choices)
    benchmark = serializers.CharField()
    latest = LatestRow(allow_null=True, help_text="Null: no reading that you may read.")


class OfMeasures:
    tag = "Measures"
    row = MeasureRow

    def queryset(self):
        readable = PlanVersion.objects.visible_to(self.viewer).filter(plan=OuterRef("version__plan"))
        first = [each.order_by("-number").values("pk")[:1] for each in (readable.approved(), readable)]
        return PlannedMeasure.objects.filter(version=Coalesce(*(Subquery(each) for each in first)))

    def completed(self, rows, keys):
        """Tell each measure's latest reading: one query for all."""
        figures = defaultdict(list)
        readings = Reading.objects.visible_to(self.viewer).filter(measure__in=[row["id"] for row in rows])
        told = readings.values_list("measure_id", "pk", "on", "value", "recorded_on", "restates_id")
        for measure, key, on, value, recorded_on, restates in told:
            figures[measure].append(Figure(key, on, value, recorded_on, restates=restates))
        for row in rows:
            row["latest"] = _latest(row, standing_figures(figures[row["id"]]))


def _latest(row, standing):
    if not standing:
        return None
    latest = standing[-1]
    before = standing[-2].value if len(standing) > 1 else row["baseline"]
    target = {name: row[name] for name in ("polarity", "target", "tolerance")}
    return {
        "reading": latest.figure.key,
        "reading_on": latest.on,
        "value": latest.value,
        "direction": str(direction_of_travel(before, latest.value, **target)),
        "stands": str(against_target(latest.value, **target)),
    }


class Measures(OfMeasures, Listing):
    about = {
        "get": (
            "List measures",
            "Of the plans of which you may read a version, each with its latest reading and direction of travel.",
        )
    }
    name = "measures"
    filters = MeasureFilters


class OneMeasure(OfMeasures, Single):
    about = {"get": ("Read a measure", "With its latest reading and direction of travel.")}
    kind, key = "measure", "measure"


class ReadingRow(Row):
    """A measure's figure for a day. Never altered: a restated figure is a new reading."""

    id = serializers.IntegerField()
    measure = serializers.IntegerField(source="measure_id")
    plan = serializers.CharField(source="measure.plan.reference", help_text="The plan's reference.")
    reading_on = serializers.DateField(source="on", help_text="The day that the figure describes.")
    value = serializers.DecimalField(max_digits=12, decimal_places=3)
    update = serializers.IntegerField(
        source="update_id", allow_null=True, help_text="The update that reported it, if one did."
    )
    restates = serializers.IntegerField(source="restates_id", allow_null=True)
    restated = serializers.BooleanField(help_text="Whether a later reading has taken its place.")
    note = serializers.CharField()
    recorded_on = serializers.DateField()


class OfReadings:
    tag = "Measures"
    row = answers = ReadingRow

    def queryset(self):
        """Tell as restated what a reading that the viewer may read restates: no later one is given away."""
        seen = Reading.objects.visible_to(self.viewer)
        return seen.annotate(restated=Exists(seen.filter(restates=OuterRef("pk"))))


class ReadingBody(serializers.Serializer):
    measure = serializers.IntegerField(min_value=1, max_value=MOST)
    reading_on = DayField(help_text="The day that the figure describes, today or earlier.")
    value = NumberField()
    note = WordsField(max_length=500, required=False, default="", allow_blank=True)


class Readings(OfReadings, Adding):
    about = {
        "get": ("List readings", "Those that you may read, the restated ones too."),
        "post": (
            "Record a reading",
            "For a day that no update asks about. A day that has a figure is restated instead.",
        ),
    }
    name = "readings"
    filters = ReadingFilters
    asks = ReadingBody
    example = {"measure": 12, "reading_on": "2026-09-30", "value": "71.5"}
    refused = Refused
    one = "reading"

    def may_add(self):
        return self.viewer.may(Ability.DRAFT_PLANS)

    def prepared(self, answers):
        theirs = Measure.objects.filter(self.viewer.council_filter(Ability.DRAFT_PLANS, "plan__council"))
        nothing = "There is no such measure of a plan that you draft."
        return answers | {"measure": named(theirs, "measure", nothing, pk=answers["measure"])}

    def add(self, prepared):
        return record_reading(**prepared, **self.by_and_on()).pk


class OneReading(OfReadings, Single):
    about = {"get": ("Read a reading", "One that you may read.")}
    kind = "reading"


class RestateBody(serializers.Serializer):
    value = NumberField()
    note = WordsField(max_length=500, help_text="Why the figure has changed.")


class Restate(OfReadings, Added):
    about = {
        "post": (
            "Restate a reading",
            "Both figures stay; the new one takes its place. 400 names the figure that somebody restated it to "
            "meanwhile.",
        )
    }
    asks = RestateBody
    example = {"value": "70.9", "note": "Late returns."}
    kind = "reading"
    refused = Refused

    def its(self):
        seen = self.queryset().select_related("measure__plan").filter(**self.kwargs).first()
        if seen is None:
            raise Problem(404, "not-found", NOT_HERE)
        return seen

    def found(self):
        return self.its()

    def allowed(self):
        return self.viewer.may_at(Ability.DRAFT_PLANS, self.its().measure.plan.council_id)

    def act(self, answers):
        return restate_reading(self.its(), **answers, **self.by_and_on())

    def made_row(self, made):
        return told_of(ReadingRow, self.queryset().filter(pk=made.pk))

    def location(self, made):
        return address_of(self.request, "reading", made.pk)
