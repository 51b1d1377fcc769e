"""The rows of a version: priorities, actions, measures and risks. Read with their version, written while it drafts."""

from collections import defaultdict

from django.shortcuts import get_object_or_404
from rest_framework import serializers

from accounts.models import Person
from accounts.permissions import Ability
from api.fields import NUMBER, DayField, NumberField, TruthField, WordsField, numbers_field, words
from api.finding import MOST, named, stubs
from api.rows import Row
from api.views import Adding, Change, Posted, Single
from cases import actions as of_cases
from cases.models import Enabler, Recommendation, not_restricted
from improvement.actions import drafting
from improvement.actions.drafting.editing import lock_row
from improvement.api.finding import draft_named
from improvement.filters import (
    PlannedActionFilters,
    PlannedMeasureFilters,
    PlannedPriorityFilters,
    PlanRiskFilters,
)
from improvement.models import (
    ENABLERS,
    Measure,
    PlannedAction,
    PlannedMeasure,
    PlannedPriority,
    PlanVersion,
    Risk,
)

OF_PRIORITY = "There is no such priority of a version that you draft."


class VersionNamed(serializers.Serializer):
    version = serializers.IntegerField(**NUMBER, help_text="A version that is being drafted.")


class MoveRowBody(serializers.Serializer):
    place = serializers.IntegerField(
        min_value=1, max_value=10_000, help_text="From 1; beyond the end is the end."
    )


class NothingBody(serializers.Serializer):
    pass


class OfDraft:
    """What the lists of rows and the views of one row share."""

    tag = "What a version says"
    model = None

    def queryset(self):
        return self.model.objects.visible_to(self.viewer)


class Rows(OfDraft, Adding):
    """The rows of one kind, of versions that the viewer may read; a post adds one to a draft."""

    refused = of_cases.Refused
    action = None

    def may_add(self):
        return self.viewer.may(Ability.DRAFT_PLANS)

    def prepared(self, answers):
        return with_objects(self.viewer, answers) | {"version": draft_named(self.viewer, answers["version"])}

    def add(self, prepared):
        return type(self).action(**prepared, **self.by_and_on()).pk


class OfRow(OfDraft):
    """What the views of one row share."""

    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        drafted = PlanVersion.objects.draftable_by(self.viewer).values("pk")
        return self.model.objects.filter(version__in=drafted, **self.kwargs).exists()

    def its(self):
        return get_object_or_404(self.model, **self.kwargs)


class OneRow(OfRow, Single, Change):
    save = remove = None
    asks_to_delete = NothingBody

    def patch(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self._save, self.asks))

    def delete(self, request, **kwargs):
        self.changed(lambda: self.acted(self._remove, self.asks_to_delete))
        return self.nothing()

    def _save(self, revision, answers):
        given = with_objects(self.viewer, answers)
        type(self).save(self.its(), **given, revision=revision, **self.by_and_on())

    def _remove(self, revision, answers):
        type(self).remove(self.its(), **answers, revision=revision, **self.by_and_on())


class MoveRow(OfRow, Posted):
    asks = MoveRowBody
    example = {"place": 1}
    move = None

    def act(self, revision, answers):
        given = with_objects(self.viewer, answers)
        type(self).move(self.its(), **given, revision=revision, **self.by_and_on())


def with_objects(viewer, answers):
    """Return the answers with what they name in place of its number; whether it fits, the action says."""
    found = dict(answers)
    if found.get("priority") is not None:
        readable = PlannedPriority.objects.visible_to(viewer)
        found["priority"] = named(readable, "priority", OF_PRIORITY, pk=found["priority"])
    if found.get("owner") is not None:
        found["owner"] = Person(pk=found["owner"])
    for name, model in (("recommendations", Recommendation), ("measures", Measure)):
        if name in found:
            found[name] = stubs(model, found[name])
    return found


class PlannedRow(Row):
    id = serializers.IntegerField()
    version = serializers.IntegerField(source="version_id", help_text="The version's number for addresses.")
    place = serializers.IntegerField(help_text="Its place, from 1.")


# Priorities


class PlannedPriorityRow(PlannedRow):
    """A priority as a version has it."""

    priority = serializers.IntegerField(source="priority_id", help_text="Its number across versions.")
    title = serializers.CharField()
    enabler = serializers.ChoiceField(choices=[("", "None named"), *ENABLERS])
    outcome = serializers.CharField(help_text="What good looks like.")
    lead = serializers.CharField(help_text="The post that leads it.")
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class SavePlannedPriorityBody(serializers.Serializer):
    title = WordsField(max_length=200, required=False)
    enabler = serializers.ChoiceField(choices=Enabler.choices, required=False, allow_blank=True)
    outcome = words(4000, help_text="What good looks like.")
    lead = words(120, help_text="The post that leads it.")


class PlannedPriorityBody(SavePlannedPriorityBody, VersionNamed):
    title = WordsField(max_length=200)


class PlannedPriorities(Rows):
    about = {
        "get": ("List the priorities of versions", "As each version that you may read has them."),
        "post": ("Add a priority", "After the others of a version that you draft."),
    }
    model = PlannedPriority
    name = "planned-priorities"
    row = answers = PlannedPriorityRow
    filters = PlannedPriorityFilters
    asks = PlannedPriorityBody
    example = {"version": 12, "title": "A stable workforce", "enabler": "workforce"}
    one = "planned-priority"
    action = drafting.add_priority


class OfPriority:
    model = PlannedPriority
    kind = "planned-priority"
    row = PlannedPriorityRow


class OnePlannedPriority(OfPriority, OneRow):
    about = {
        "get": ("Read a priority of a version", "With the ETag that a change to it asks for."),
        "patch": ("Change a priority of a draft", "What is not sent stays."),
        "delete": ("Remove a priority from a draft", "Once it has no actions."),
    }
    asks = SavePlannedPriorityBody
    example = {"outcome": "Children are seen, heard and safe."}
    save, remove = drafting.save_priority, drafting.remove_priority


class MovePlannedPriority(OfPriority, MoveRow):
    about = {"post": ("Move a priority of a draft", "Its actions are numbered by its place.")}
    move = drafting.move_priority


# Actions


class PlannedActionRow(PlannedRow):
    """An action as a version has it."""

    action = serializers.IntegerField(source="action_id", help_text="Its number across versions.")
    priority = serializers.IntegerField(
        source="priority_id", help_text="The planned priority it stands under."
    )
    priority_place = serializers.IntegerField(source="priority.place")
    text = serializers.CharField(help_text="What is to be done.")
    owner_post = serializers.CharField(help_text="The one accountable post.")
    owner_body = serializers.CharField(help_text="Empty: the council itself.")
    owner = serializers.IntegerField(source="owner_id", allow_null=True, help_text="If they sign in.")
    start_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    success = serializers.CharField(help_text="How success will be known.")
    resources = serializers.CharField()
    aim = serializers.CharField(help_text="Where no recommendation asks for it.")
    by_measures = serializers.BooleanField(help_text="Whether measures are evidence of it.")
    by_audit = serializers.BooleanField(help_text="Whether case audit is evidence of it.")
    by_voice = serializers.BooleanField(help_text="Whether voice is evidence of it.")
    recommendations = serializers.ListField(child=serializers.IntegerField(), help_text="What it answers.")
    measures = serializers.ListField(
        child=serializers.IntegerField(), help_text="What measures it: `measure` of planned measures."
    )
    revision = serializers.IntegerField(help_text="Goes up with every change; a move is none.")


class SavePlannedActionBody(serializers.Serializer):
    text = WordsField(max_length=4000, required=False, help_text="What is to be done.")
    owner_post = words(120, help_text="The one accountable post.")
    owner_body = words(120, help_text="Empty: the council itself.")
    owner = serializers.IntegerField(
        **NUMBER, required=False, allow_null=True, help_text="The number of a person who may own it."
    )
    start_on = DayField(required=False, allow_null=True)
    due_on = DayField(required=False, allow_null=True, help_text="Not before the start.")
    success = words(2000, help_text="How success will be known.")
    resources = words(2000)
    aim = words(300, help_text="Where no recommendation asks for it.")
    by_measures = TruthField(required=False)
    by_audit = TruthField(required=False)
    by_voice = TruthField(required=False)
    recommendations = numbers_field(required=False, help_text="Among those that the plan answers.")
    measures = numbers_field(required=False, help_text="Among those of the version: their `measure`.")


class PlannedActionBody(SavePlannedActionBody, VersionNamed):
    priority = serializers.IntegerField(**NUMBER, help_text="A planned priority of the version.")
    text = WordsField(max_length=4000, help_text="What is to be done.")
    place = serializers.IntegerField(
        min_value=1, max_value=10_000, required=False, help_text="From 1; at the end where not given."
    )


class OfActions:
    """Planned actions with what they answer and what measures them."""

    model = PlannedAction
    row = PlannedActionRow

    def completed(self, rows, keys):
        known = Recommendation.objects.filter(not_restricted()).values("pk")
        through = PlannedAction.recommendations.through.objects.filter(recommendation__in=known)
        told = _linked(through, "recommendation", keys)
        measured = _linked(PlannedAction.measures.through.objects, "measure", keys)
        for row, key in zip(rows, keys, strict=True):
            row["recommendations"], row["measures"] = told[key], measured[key]


def _linked(through, name, keys):
    """Return {planned action: the numbers of what is linked to it}. One query."""
    found = defaultdict(list)
    links = through.filter(plannedaction__in=keys).order_by(name).values_list("plannedaction", name)
    for key, one in links:
        found[key].append(one)
    return found


class PlannedActions(OfActions, Rows):
    about = {
        "get": (
            "List the actions of versions",
            "As each version that you may read has them; and those of live plans that name you as owner.",
        ),
        "post": ("Add an action", "Under a priority of a version that you draft, at the end or at a place."),
    }
    name = "planned-actions"
    answers = PlannedActionRow
    filters = PlannedActionFilters
    asks = PlannedActionBody
    example = {
        "version": 12,
        "priority": 31,
        "text": "Train every team manager in reflective supervision",
        "owner_post": "Principal social worker",
        "due_on": "2027-03-31",
        "by_audit": True,
    }
    one = "planned-action"
    action = drafting.add_action


class OfAction(OfActions):
    kind = "planned-action"


class RemovePlannedActionBody(serializers.Serializer):
    note = words(500, help_text="Why: needed where the council has approved it before.")


class OnePlannedAction(OfAction, OneRow):
    about = {
        "get": ("Read an action of a version", "With the ETag that a change to it asks for."),
        "patch": ("Change an action of a draft", "What is not sent stays."),
        "delete": (
            "Remove an action from a draft",
            "One that the council had approved is closed as no longer needed.",
        ),
    }
    asks = SavePlannedActionBody
    asks_to_delete = RemovePlannedActionBody
    example = {"due_on": "2027-04-30"}
    save, remove = drafting.save_action, drafting.remove_action


class MovePlannedActionBody(MoveRowBody):
    priority = serializers.IntegerField(
        **NUMBER,
        required=False,
        help_text="Another planned priority; where not given it stays under its own.",
    )


class MovePlannedAction(OfAction, MoveRow):
    about = {"post": ("Move an action of a draft", "Within its priority, or to another.")}
    asks = MovePlannedActionBody
    move = drafting.move_action


class TakeInBody(serializers.Serializer):
    other = serializers.IntegerField(**NUMBER, help_text="The planned action of the draft that goes.")
    other_revision = serializers.IntegerField(
        min_value=1, max_value=MOST, help_text="The `revision` of that as you have read it."
    )
    text = WordsField(max_length=4000, required=False, help_text="What the two say as one.")
    note = words(500, help_text="Why.")


class TakeIn(OfAction, OfRow, Posted):
    about = {
        "post": (
            "Merge another action into this one",
            "This takes over what the other answers, its measures and kinds of evidence; the other leaves the draft.",
        )
    }
    asks = TakeInBody
    example = {"other": 32, "other_revision": 1}

    def act(self, revision, answers):
        into, version = lock_row(self.its(), self.viewer, revision)
        of_this = PlannedAction.objects.filter(version=version)
        other = named(of_this, "other", "There is no such action in this version.", pk=answers.pop("other"))
        revision = answers.pop("other_revision")
        drafting.merge_action(other, into=into, **answers, revision=revision, **self.by_and_on())


# Measures


class PlannedMeasureRow(PlannedRow):
    """A measure as a version has it. Numbers are text, so that nothing is lost."""

    measure = serializers.IntegerField(source="measure_id", help_text="Its number across versions.")
    priority = serializers.IntegerField(
        source="priority_id", allow_null=True, help_text="A planned priority."
    )
    name = serializers.CharField()
    unit = serializers.CharField()
    baseline = serializers.DecimalField(max_digits=12, decimal_places=3, allow_null=True)
    baseline_on = serializers.DateField(allow_null=True)
    target = serializers.DecimalField(max_digits=12, decimal_places=3, allow_null=True)
    target_on = serializers.DateField(allow_null=True)
    tolerance = serializers.DecimalField(max_digits=12, decimal_places=3, allow_null=True)
    polarity = serializers.ChoiceField(choices=[("", "Not said"), *PlannedMeasure.Polarity.choices])
    frequency = serializers.ChoiceField(choices=PlannedMeasure.Frequency.choices)
    benchmark = serializers.CharField(help_text="What it is compared with.")
    revision = serializers.IntegerField(help_text="Goes up with every change; a move is none.")


class SavePlannedMeasureBody(serializers.Serializer):
    name = WordsField(max_length=200, required=False)
    priority = serializers.IntegerField(
        **NUMBER, required=False, allow_null=True, help_text="A planned priority of the version."
    )
    unit = words(40, help_text="Such as % or per 10,000.")
    baseline = NumberField(required=False, allow_null=True)
    baseline_on = DayField(required=False, allow_null=True)
    target = NumberField(required=False, allow_null=True)
    target_on = DayField(required=False, allow_null=True)
    tolerance = NumberField(required=False, allow_null=True)
    polarity = serializers.ChoiceField(
        choices=PlannedMeasure.Polarity.choices, required=False, allow_blank=True
    )
    frequency = serializers.ChoiceField(choices=PlannedMeasure.Frequency.choices, required=False)
    benchmark = words(200, help_text="What it is compared with.")


class PlannedMeasureBody(SavePlannedMeasureBody, VersionNamed):
    name = WordsField(max_length=200)


class PlannedMeasures(Rows):
    about = {
        "get": (
            "List the measures of versions",
            "As each version that you may read has them, not their readings.",
        ),
        "post": ("Add a measure", "After the others of a version that you draft."),
    }
    model = PlannedMeasure
    name = "planned-measures"
    row = answers = PlannedMeasureRow
    filters = PlannedMeasureFilters
    asks = PlannedMeasureBody
    example = {
        "version": 12,
        "name": "Visits in time",
        "unit": "%",
        "baseline": "64.5",
        "target": "90",
        "polarity": "higher",
    }
    one = "planned-measure"
    action = drafting.add_measure


class OfMeasure:
    model = PlannedMeasure
    kind = "planned-measure"
    row = PlannedMeasureRow


class OnePlannedMeasure(OfMeasure, OneRow):
    about = {
        "get": ("Read a measure of a version", "With the ETag that a change to it asks for."),
        "patch": ("Change a measure of a draft", "What is not sent stays."),
        "delete": (
            "Remove a measure from a draft",
            "And off its actions. Its readings stay with earlier versions.",
        ),
    }
    asks = SavePlannedMeasureBody
    example = {"target": "92.5"}
    save, remove = drafting.save_measure, drafting.remove_measure


class MovePlannedMeasure(OfMeasure, MoveRow):
    about = {"post": ("Move a measure of a draft", "To another place among the measures.")}
    move = drafting.move_measure


# Risks


class PlannedRiskRow(PlannedRow):
    """A risk to the plan as a version has it."""

    text = serializers.CharField()
    likelihood = serializers.IntegerField(allow_null=True, help_text="1 to 5.")
    impact = serializers.IntegerField(allow_null=True, help_text="1 to 5.")
    mitigation = serializers.CharField()
    owner_post = serializers.CharField()
    revision = serializers.IntegerField(help_text="Goes up with every change; a move is none.")


class SavePlannedRiskBody(serializers.Serializer):
    text = WordsField(max_length=2000, required=False)
    likelihood = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)
    impact = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)
    mitigation = words(2000, help_text="What is done about it.")
    owner_post = words(120)


class PlannedRiskBody(SavePlannedRiskBody, VersionNamed):
    text = WordsField(max_length=2000)


class PlanRisks(Rows):
    about = {
        "get": ("List the risks of versions", "As each version that you may read has them."),
        "post": ("Add a risk", "After the others of a version that you draft."),
    }
    model = Risk
    name = "plan-risks"
    row = answers = PlannedRiskRow
    filters = PlanRiskFilters
    asks = PlannedRiskBody
    example = {"version": 12, "text": "Agency cover runs out", "likelihood": 3, "impact": 4}
    one = "plan-risk"
    action = drafting.add_risk


class OfRisk:
    model = Risk
    kind = "plan-risk"
    row = PlannedRiskRow


class OnePlanRisk(OfRisk, OneRow):
    about = {
        "get": ("Read a risk of a version", "With the ETag that a change to it asks for."),
        "patch": ("Change a risk of a draft", "What is not sent stays."),
        "delete": ("Remove a risk from a draft", "The others move up."),
    }
    asks = SavePlannedRiskBody
    example = {"mitigation": "Convert agency posts by June"}
    save, remove = drafting.save_risk, drafting.remove_risk


class MovePlanRisk(OfRisk, MoveRow):
    about = {"post": ("Move a risk of a draft", "To another place among the risks.")}
    move = drafting.move_risk
