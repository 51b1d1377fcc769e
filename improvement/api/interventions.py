"""Interventions: the cases that the asker sees, each with its stage per strand."""

from rest_framework import serializers

from api.problems import Problem
from api.views import NOT_HERE, Reckoned, Single
from cases.models import Case
from improvement.filters import STAGES, STANDINGS, InterventionFilters
from improvement.models import Intervention, Precision, Strand
from improvement.queries.stages import episodes_on


class StageRow(serializers.Serializer):
    """Where one strand of an intervention stands, derived from dated rows."""

    in_cell = ("strand", "stage")

    strand = serializers.ChoiceField(choices=[("", "Of the case"), *Strand.choices])
    stage = serializers.ChoiceField(choices=STAGES)
    words = serializers.CharField(help_text="The stage in words.")
    since = serializers.DateField(allow_null=True, help_text="Null: start unknown.")
    precision = serializers.ChoiceField(choices=Precision.choices, help_text="How exact that date is.")


class InterventionRow(serializers.Serializer):
    """One case of intervention: the LGA's record, not the DfE's list."""

    reference = serializers.CharField()
    council = serializers.CharField(help_text="The council's three-digit DfE code.")
    council_slug = serializers.CharField()
    council_name = serializers.CharField()
    standing = serializers.ChoiceField(choices=STANDINGS, help_text="How it stood on the day asked about.")
    opened_from = serializers.ChoiceField(choices=Intervention.Opened.choices)
    began_on = serializers.DateField(help_text="The day of its first row.")
    closed_on = serializers.DateField(allow_null=True)
    recorded = serializers.BooleanField(
        help_text="False: before the region's record began there are no stages."
    )
    stages = StageRow(many=True)


def row_of(episode):
    """Return an `Episode` as the API tells it."""
    stage = episode.stage
    return {
        "reference": episode.reference,
        "council": episode.council.la_code,
        "council_slug": episode.council.slug,
        "council_name": episode.council.name,
        "standing": episode.standing,
        "opened_from": episode.opened_from,
        "began_on": episode.began_on,
        "closed_on": episode.closed_on,
        "recorded": stage is not None,
        "stages": [_stage_row(each) for each in (stage, *stage.also)] if stage is not None else [],
    }


def _stage_row(stage):
    return {
        "strand": str(stage.strand),
        "stage": str(stage.slug),
        "words": stage.label,
        "since": stage.since,
        "precision": str(stage.since_precision),
    }


class Interventions(Reckoned):
    tag = "Interventions"
    about = {
        "get": (
            "List interventions",
            "The cases that you see, closed ones too, each with its stage per strand as at a day. It is the LGA's "
            "record, and not the DfE's list.",
        )
    }
    name = "interventions"
    row = InterventionRow
    filters = InterventionFilters
    key = "reference"

    def rows(self, filters):
        return filters.chosen(row_of(each) for each in episodes_on(filters.on, self.viewer))


class OneIntervention(Single):
    tag = "Interventions"
    about = {"get": ("Read an intervention", "One case that you see, with its stage per strand as at today.")}
    kind = "intervention"
    key = "reference"
    row = InterventionRow

    def found(self):
        reference = self.kwargs["reference"]
        if Case.objects.visible_to(self.viewer).filter(reference=reference).exists():
            for each in episodes_on(self.viewer.today, self.viewer):
                if each.reference == reference:
                    return row_of(each)
        raise Problem(404, "not-found", NOT_HERE)
