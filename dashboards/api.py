"""Councils as at a day, and the figures of England: the very functions that the pages show them by."""

from rest_framework import serializers

from accounts.permissions import Ability
from api.problems import Problem
from api.views import NOT_HERE, Reckoned, Resource, Single
from cases.models import Case
from councils.models import Council
from dashboards import queries
from dashboards.day import PUBLISHED
from dashboards.filters import CouncilFilters, CouncilListFilters, EnglandFilters
from dashboards.forms import CouncilsForm
from dashboards.presenters.councils import line
from dashboards.presenters.england import EnglandPage
from improvement.filters import STAGES
from inspections.models import Inspection
from look.templatetags.look import WORDS

GRADES = [(slug, WORDS[slug]) for slug in queries.SLUGS]
STANDINGS = [
    ("open", "In intervention"),
    ("to-confirm", "To confirm: a notice or direction on record"),
    ("closed", "It has ended"),
    ("none", "None"),
]


class LatestInspection(serializers.Serializer):
    """The latest full inspection as at the day."""

    in_cell = ("id",)

    id = serializers.IntegerField()
    form = serializers.CharField(help_text="The form of its framework, such as ilacs-2023.")
    kind = serializers.ChoiceField(choices=Inspection.Kind.choices)
    inspected_on = serializers.DateField(allow_null=True)
    published_on = serializers.DateField(allow_null=True)


class CouncilRow(serializers.Serializer):
    """A council as at a day. What is of its cases is null unless you see them."""

    slug = serializers.CharField()
    code = serializers.CharField(
        help_text="The three-digit DfE code, by which everything else names a council."
    )
    name = serializers.CharField()
    official_name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Council.Kind.choices)
    region = serializers.CharField(allow_null=True, help_text="The slug of its region on the day.")
    region_name = serializers.CharField(allow_null=True)
    from_on = serializers.DateField(allow_null=True, help_text="Its first day; null: before the record.")
    until_on = serializers.DateField(
        allow_null=True, help_text="The first day on which it no longer existed."
    )
    grade = serializers.ChoiceField(
        choices=GRADES, help_text="The latest overall grade. `not-graded`: not graded overall; see `lowest`."
    )
    lowest = serializers.ChoiceField(
        choices=GRADES, allow_null=True, help_text="The lowest grade among its areas; never called overall."
    )
    lowest_areas = serializers.CharField(help_text="Which areas have it, with commas.")
    inspection = LatestInspection(allow_null=True)
    in_scope = serializers.BooleanField(help_text="Whether you see its cases.")
    intervention = serializers.ChoiceField(
        choices=STANDINGS,
        allow_null=True,
        help_text="Null: out of your scope, or a day before the record began.",
    )
    stage = serializers.ChoiceField(
        choices=STAGES, allow_null=True, help_text="The stage of its first strand."
    )
    case = serializers.CharField(allow_null=True, help_text="The reference of its intervention.")
    awaits = serializers.CharField(
        allow_null=True, help_text="For the LGA alone: that a decision of the DfE is awaited, in words."
    )
    overdue = serializers.IntegerField(allow_null=True, help_text="How much the council owes late.")
    overdue_of_others = serializers.IntegerField(allow_null=True, help_text="How much others owe it late.")
    plan_actions_late = serializers.IntegerField(
        allow_null=True, help_text="Actions of its plan that are late: in neither count."
    )


def row_of(row, viewer):
    """Return a `CouncilAsAt` as the API tells it."""
    council, graded, stage = row.council, row.graded, row.stage
    return {
        "slug": council.slug,
        "code": council.la_code,
        "name": council.name,
        "official_name": council.official_name,
        "kind": council.kind,
        "region": row.region.slug if row.region else None,
        "region_name": row.region.name if row.region else None,
        "from_on": council.from_on,
        "until_on": council.until_on,
        "grade": row.slug(),
        "lowest": graded.lowest[0].grade if graded and graded.lowest else None,
        "lowest_areas": ", ".join(each.area.short_name for each in graded.lowest) if graded else "",
        "inspection": _inspection_row(graded.inspection) if graded else None,
        "in_scope": row.in_scope,
        "intervention": stage.standing if stage else None,
        "stage": str(stage.slug) if stage else None,
        "case": (stage.case_reference or None) if stage else None,
        "awaits": row.awaits if viewer.may(Ability.SEE_LGA_ONLY) else None,
        "overdue": row.overdue if stage else None,
        "overdue_of_others": row.overdue_of_others if stage else None,
        "plan_actions_late": row.plan_late if stage else None,
    }


def _inspection_row(inspection):
    return {
        "id": inspection.pk,
        "form": inspection.framework.slug,
        "kind": inspection.kind,
        "inspected_on": inspection.inspected_on,
        "published_on": inspection.published_on,
    }


class Councils(Reckoned):
    tag = "Councils"
    about = {
        "get": (
            "List councils",
            "As at a day, each with its region, its latest judgement and, within your scope, its intervention and "
            "what is overdue. Invented councils of the demonstration are listed by `region=demonstration` alone.",
        )
    }
    name = "councils"
    row = CouncilRow
    filters = CouncilListFilters
    key = "slug"

    def rows(self, filters):
        found = queries.councils_told(
            filters.form.cleaned_data["region"],
            on=filters.on,
            by=filters.reading,
            framework=filters.framework_asked,
            viewer=self.viewer,
        )
        lines = [line(row, on=filters.on, show=filters.shown, columns=[]) for row in found]
        return [row_of(each.row, self.viewer) for each in CouncilFilters.chosen(lines, filters.narrowing)]


class OneCouncil(Single):
    tag = "Councils"
    about = {"get": ("Read a council", "As at today; one that has ended too.")}
    kind = "council"
    key = "slug"
    row = CouncilRow

    def found(self):
        viewer = self.viewer
        row = queries.council_told(self.kwargs["slug"], on=viewer.today, by=PUBLISHED, viewer=viewer)
        if row is None:
            raise Problem(404, "not-found", NOT_HERE)
        return row_of(row, viewer)


class CountsRow(serializers.Serializer):
    """How many councils have each grade."""

    def get_fields(self):
        return {slug.replace("-", "_"): serializers.IntegerField() for slug in queries.SLUGS}


class RegionFigures(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    councils = serializers.IntegerField()
    grades = CountsRow()
    in_scope = serializers.IntegerField(help_text="How many of its councils' cases you see.")
    in_intervention = serializers.IntegerField(
        allow_null=True, help_text="Of those; null: none, or not recorded."
    )
    overdue = serializers.IntegerField(allow_null=True)
    overdue_of_others = serializers.IntegerField(allow_null=True)
    plan_actions_late = serializers.IntegerField(allow_null=True)


class InterventionFigures(serializers.Serializer):
    from_judgement = serializers.IntegerField()
    otherwise = serializers.IntegerField()
    to_confirm = serializers.IntegerField()
    sentence = serializers.CharField(help_text="The counts in words, with what they are not.")


class EnglandFigures(serializers.Serializer):
    """The figures of England's page."""

    on = serializers.DateField()
    counted = serializers.CharField(help_text="What the grades are counted by, in words.")
    councils = serializers.IntegerField()
    inspected = serializers.IntegerField()
    grades = CountsRow()
    scope = serializers.CharField(help_text="What interventions and overdue milestones are counted within.")
    in_intervention = serializers.IntegerField(
        allow_null=True, help_text="Null: not recorded, or nothing in scope."
    )
    overdue = serializers.IntegerField(allow_null=True)
    plan_actions_late = serializers.IntegerField(allow_null=True)
    interventions = InterventionFigures(allow_null=True)
    regions = RegionFigures(many=True)


class England(Resource):
    tag = "England"
    about = {
        "get": (
            "Read the figures of England",
            "Councils by grade, public; interventions and what is overdue, counted within your scope alone.",
        )
    }
    row = EnglandFigures
    filters = EnglandFilters

    def known_parameters(self):
        return {*self.parameters, *self.filters.base_filters}

    def get(self, request):
        filters = self.filters(request.query_params, Case.objects.none(), request=request)
        filters.narrowed()
        found = queries.england(
            on=filters.on,
            by=filters.reading,
            framework=filters.framework_asked,
            viewer=self.viewer,
            show=filters.shown,
        )
        form = CouncilsForm(request.query_params, today=self.viewer.today)
        return self.json(figures_of(EnglandPage(found, as_at=form.as_at, form=form)))


def figures_of(page):
    """Return England's page as the API tells it."""
    figures, seen = page.figures, page.sees_cases
    counts = page.england.interventions if seen else None
    return {
        "on": page.as_at.on,
        "counted": page.how_counted,
        "councils": figures.councils,
        "inspected": figures.inspected,
        "grades": _counts(figures.grades),
        "scope": page.scope_in_words,
        "in_intervention": figures.in_intervention if seen else None,
        "overdue": figures.overdue if seen else None,
        "plan_actions_late": page.plan_late if seen and page.recorded else None,
        "interventions": {
            "from_judgement": counts.from_judgement,
            "otherwise": counts.otherwise,
            "to_confirm": counts.to_confirm,
            "sentence": counts.sentence,
        }
        if counts
        else None,
        "regions": [_region(each, recorded=page.recorded) for each in page.regions],
    }


def _region(row, *, recorded):
    told = recorded and row.in_scope
    return {
        "slug": row.region.slug,
        "name": row.region.name,
        "councils": row.councils,
        "grades": _counts(dict(row.grades)),
        "in_scope": row.in_scope,
        "in_intervention": row.in_intervention if told else None,
        "overdue": row.overdue if told else None,
        "overdue_of_others": row.overdue_of_others if told else None,
        "plan_actions_late": row.plan_late if told else None,
    }


def _counts(by_grade):
    return {slug.replace("-", "_"): by_grade.get(slug, 0) for slug in queries.SLUGS}
