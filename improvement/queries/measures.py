"""A plan's measures with their readings, as a viewer may read them, in the same number of queries however many."""

from collections import defaultdict
from dataclasses import dataclass

from improvement.models import PlannedMeasure, PlanVersion, Reading
from improvement.rules.measures import Figure, Standing, standing_figures
from inspections.models import Inspection


@dataclass(frozen=True)
class MeasureRead:
    """A measure as a version has it, with the figures that hold, by day."""

    planned: PlannedMeasure
    standing: tuple[Standing, ...] = ()

    @property
    def latest(self):
        return self.standing[-1] if self.standing else None

    @property
    def before(self):
        """The figure before the latest: the one of the day before it, or the baseline where that came first."""
        if len(self.standing) > 1:
            return self.standing[-2].value
        return self.planned.baseline if self.standing else None


def version_shown(plan, viewer):
    """Return the version of a plan that the viewer sees first: the latest approved that they may read, else the latest.

    None where they may read none.
    """
    readable = PlanVersion.objects.visible_to(viewer).filter(plan=plan)
    return readable.approved().order_by("-number").first() or readable.order_by("-number").first()


def read_measures(version, readings):
    """Return the `MeasureRead`s of a version, in its order, of a queryset of readings. Two queries."""
    figures = defaultdict(list)
    planned = list(version.measures.select_related("priority"))
    for reading in readings.filter(measure__in=[one.measure_id for one in planned]):
        figures[reading.measure_id].append(
            Figure(
                key=reading.pk,
                on=reading.on,
                value=reading.value,
                recorded_on=reading.recorded_on,
                note=reading.note,
                restates=reading.restates_id,
            )
        )
    return [MeasureRead(one, tuple(standing_figures(figures[one.measure_id]))) for one in planned]


def readings_for(viewer):
    """Return the readings that the viewer may read."""
    return Reading.objects.visible_to(viewer)


def inspections_of(council, on):
    """Return the council's inspections and visits published by `on`, the first first, with their judgements."""
    known = Inspection.objects.known(on).filter(council=council)
    return known.select_related("framework").prefetch_related("judgements__area").order_by("begun_on")
