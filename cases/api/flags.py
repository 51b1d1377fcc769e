"""Flags: the levels of lateness that the sweep raised and cleared."""

from rest_framework import serializers

from api.rows import Row
from api.views import Listing, Single
from cases.filters import FlagFilters
from cases.models import Flag, FlagRule, Owes


class FlagRow(Row):
    """A level of lateness of one milestone, from the day it was raised until it was cleared."""

    id = serializers.IntegerField()
    milestone = serializers.IntegerField(source="milestone_id", help_text="The milestone's number.")
    council = serializers.CharField(source="milestone.council.la_code", help_text="The council's DfE code.")
    council_name = serializers.CharField(source="milestone.council.name")
    case = serializers.CharField(source="milestone.case.reference", allow_null=True)
    label = serializers.CharField(source="milestone.label", help_text="The milestone's.")
    owes = serializers.ChoiceField(source="milestone.owes", choices=Owes.choices)
    level = serializers.ChoiceField(choices=FlagRule.Level.choices)
    due_on = serializers.DateField(help_text="The due date for which it was raised.")
    raised_on = serializers.DateField()
    cleared_on = serializers.DateField(allow_null=True, help_text="Null while it is raised.")


class Flags(Listing):
    tag = "Flags"
    about = {
        "get": (
            "List flags",
            "Of the milestones that you see. A milestone has one raised flag at most: a higher level replaces the "
            "lower. A flag is cleared when its milestone is met, paused or moved, never by hand.",
        )
    }
    name = "flags"
    row = FlagRow
    filters = FlagFilters

    def queryset(self):
        return Flag.objects.visible_to(self.viewer)


class OneFlag(Single):
    tag = "Flags"
    about = {"get": ("Read a flag", "One flag of a milestone that you see.")}
    kind = "flag"
    row = FlagRow

    def queryset(self):
        return Flag.objects.visible_to(self.viewer)
