"""What the lists of updates, measures, readings and evidence can be narrowed by."""

import re
from datetime import date

import django_filters as filters
from django import forms

from api.filters import YES_NO, Day, ListFilters
from cases.filters import OfCouncils
from improvement.models import AdviserStatus, Evidence, Instrument, PlannedMeasure, Question, Reading, Update

PERIOD = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class _MonthField(forms.CharField):
    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        if PERIOD.fullmatch(text) is None:
            raise forms.ValidationError("Write a month as 2026-10.")
        return date.fromisoformat(f"{text}-01")


class Month(filters.Filter):
    """A month as 2026-10."""

    field_class = _MonthField


class UpdateFilters(OfCouncils):
    council_path = "plan__council"

    plan = filters.CharFilter(field_name="plan__reference", help_text="The reference of a plan.")
    standing = filters.ChoiceFilter(choices=Update.Standing.choices, help_text="How it stands.")
    period = Month(field_name="period_on", help_text="The first month of the period, as 2026-10.")
    latest = filters.ChoiceFilter(
        choices=YES_NO,
        method="of_latest",
        help_text="`yes`: without those that a correction has replaced; `no`: those alone.",
    )

    class Meta:
        model = Update
        fields = []

    def of_latest(self, queryset, name, value):
        standing = Update.objects.latest_revisions().values("pk")
        return queryset.filter(pk__in=standing) if value == "yes" else queryset.exclude(pk__in=standing)


class MeasureFilters(OfCouncils):
    council_path = "version__plan__council"

    plan = filters.CharFilter(field_name="version__plan__reference", help_text="The reference of a plan.")

    class Meta:
        model = PlannedMeasure
        fields = []


class ReadingFilters(OfCouncils):
    council_path = "measure__plan__council"

    plan = filters.CharFilter(field_name="measure__plan__reference", help_text="The reference of a plan.")
    measure = filters.NumberFilter(min_value=1, max_value=2**53, help_text="A measure's number.")
    since = Day(field_name="on", lookup_expr="gte", help_text="Of this day or later.")
    until = Day(field_name="on", lookup_expr="lte", help_text="Of this day or earlier.")
    standing = filters.ChoiceFilter(
        choices=YES_NO, method="that_stand", help_text="`yes`: those that hold; `no`: those restated since."
    )

    class Meta:
        model = Reading
        fields = []

    def that_stand(self, queryset, name, value):
        standing = Reading.objects.standing().values("pk")
        return queryset.filter(pk__in=standing) if value == "yes" else queryset.exclude(pk__in=standing)


class EvidenceFilters(OfCouncils):
    council_path = "action__plan__council"

    plan = filters.CharFilter(field_name="action__plan__reference", help_text="The reference of a plan.")
    action = filters.NumberFilter(min_value=1, max_value=2**53, help_text="An action's number.")
    update = filters.NumberFilter(min_value=1, max_value=2**53, help_text="An update's number.")
    kind = filters.ChoiceFilter(choices=Evidence.Kind.choices)

    class Meta:
        model = Evidence
        fields = []


class QuestionFilters(ListFilters):
    answered = filters.ChoiceFilter(choices=YES_NO, method="that_are_answered")

    class Meta:
        model = Question
        fields = []

    def that_are_answered(self, queryset, name, value):
        return queryset.filter(answered_on__isnull=value == "no")


class StatusFilters(ListFilters):
    priority = filters.NumberFilter(min_value=1, max_value=2**53, help_text="A priority's number.")

    class Meta:
        model = AdviserStatus
        fields = []


class Unfiltered(ListFilters):
    """Of a list that is short and whole: the rows of one intervention."""

    class Meta:
        model = Instrument
        fields = []
