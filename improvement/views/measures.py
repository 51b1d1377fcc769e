"""A plan's measures as small charts, each with its table; and a figure entered or restated outside an update."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from cases.asking import AskView
from cases.presenters import day_words
from improvement.actions.measures import record_reading, restate_reading
from improvement.forms.measures import ReadingForm, RestateForm
from improvement.models import Plan
from improvement.presenters.measures import figure_words, heading, inspected, measure_shown
from improvement.queries.measures import inspections_of, read_measures, readings_for, version_shown
from improvement.rules.measures import Stands


class PlanMeasures(View):
    """What the measures of a plan say today, of the version that the viewer sees first. 404 to strangers."""

    def get(self, request, reference):
        viewer = request.viewer
        plan = plan_for(viewer, reference)
        version = version_shown(plan, viewer)
        if version is None:
            raise Http404
        inspections = inspected(inspections_of(plan.council, viewer.today))
        read = read_measures(version, readings_for(viewer))
        shown = [measure_shown(one, inspections, viewer.today) for one in read]
        context = {
            "plan": plan,
            "version": version,
            "council": plan.council,
            "heading": heading(shown),
            "measures": shown,
            "off_target": [one for one in shown if one.stands == Stands.OFF_TARGET],
            "without": [one for one in shown if one.stands is None],
            "may_enter": viewer.may_at(Ability.DRAFT_PLANS, plan.council_id),
        }
        return render(request, "improvement/measures/measures.html", context)


def plan_for(viewer, reference):
    return get_object_or_404(Plan.objects.visible_to(viewer).select_related("council"), reference=reference)


class OfMeasure(AskView):
    """Ask one thing about a measure: 404 to whoever may not read the plan, 403 to whoever may only read."""

    def find_measure(self, request, reference, measure):
        """Set the plan, and the measure as the version shown plans it. `measure`: its number."""
        self.plan = plan_for(request.viewer, reference)
        self.council = self.plan.council
        version = version_shown(self.plan, request.viewer)
        self.planned = get_object_or_404(version.measures, measure=measure)
        if not request.viewer.may_at(Ability.DRAFT_PLANS, self.council):
            raise PermissionDenied

    def next_page(self):
        return f"{reverse('plan_measures', args=[self.plan.reference])}#measure-{self.planned.measure_id}"

    def context(self):
        plan = reverse("plan_measures", args=[self.plan.reference])
        return {"council": self.council, "about": [(f"{self.plan.title}: measures", plan)]}


class EnterReading(OfMeasure):
    button = "Save this figure"
    guidance = (
        "Figures asked for by an update are entered there; this is for any other day, such as one a year ago. "
        "Your LGA adviser sees it with the next update that you submit."
    )

    def setup_for(self, request, reference, pk):
        self.find_measure(request, reference, pk)
        self.title = f"Enter a figure: {self.planned.name}"

    def form(self, data=None):
        return ReadingForm(data, planned=self.planned)

    def act(self, form):
        made = record_reading(self.planned.measure, **form.cleaned_data, **self.by_and_on())
        figure = figure_words(made.value, self.planned.unit)
        return f"{self.planned.name}: {figure} for {day_words(made.on)} saved."


class RestateReading(OfMeasure):
    button = "Restate it"
    guidance = "Both figures stay. Your LGA adviser sees the new one with the next update that you submit."

    def setup_for(self, request, reference, pk):
        self.reading = get_object_or_404(
            readings_for(request.viewer).filter(measure__plan__reference=reference), pk=pk
        )
        self.find_measure(request, reference, self.reading.measure_id)
        self.title = f"Restate a figure: {self.planned.name}"

    def form(self, data=None):
        return RestateForm(data, reading=self.reading)

    def act(self, form):
        made = restate_reading(self.reading, **form.cleaned_data, **self.by_and_on())
        was, now = (figure_words(value, self.planned.unit) for value in (self.reading.value, made.value))
        return f"{self.planned.name}, {day_words(made.on)}: {now}, restated from {was}."
