"""A version of a plan as one document, as the API tells it: what `improvement.rules.plans.as_json` gives."""

from rest_framework import serializers

from improvement.models import ENABLERS, Plan, PlannedMeasure, PlanVersion


class ToldRow(serializers.Serializer):
    """A recommendation that the plan answers."""

    key = serializers.IntegerField(help_text="The recommendation's number.")
    number = serializers.IntegerField(help_text="Its place in its source, from 1.")
    text = serializers.CharField()
    paragraph = serializers.CharField()
    framework_reference = serializers.CharField()
    of = serializers.CharField(help_text="The title of the report or letter that makes it.")
    closed = serializers.BooleanField()


class ActionInDocument(serializers.Serializer):
    key = serializers.IntegerField(help_text="Its number across versions: `action` of a planned action.")
    number = serializers.CharField(help_text="Such as 2.3.")
    text = serializers.CharField()
    owner_post = serializers.CharField()
    owner_body = serializers.CharField(help_text="Empty: the council itself.")
    owner_id = serializers.IntegerField(allow_null=True)
    start_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    success = serializers.CharField(help_text="How success will be known.")
    resources = serializers.CharField()
    aim = serializers.CharField()
    by_measures = serializers.BooleanField()
    by_audit = serializers.BooleanField()
    by_voice = serializers.BooleanField()
    recommendations = serializers.ListField(child=serializers.IntegerField())
    measures = serializers.ListField(child=serializers.IntegerField())


class PriorityInDocument(serializers.Serializer):
    key = serializers.IntegerField(help_text="Its number across versions.")
    number = serializers.IntegerField()
    title = serializers.CharField()
    enabler = serializers.ChoiceField(choices=[("", "None named"), *ENABLERS])
    outcome = serializers.CharField()
    lead = serializers.CharField()
    actions = ActionInDocument(many=True)


class MeasureInDocument(serializers.Serializer):
    key = serializers.IntegerField(help_text="Its number across versions: `measure` of a planned measure.")
    name = serializers.CharField()
    unit = serializers.CharField()
    priority = serializers.IntegerField(allow_null=True, help_text="The priority's number across versions.")
    baseline = serializers.CharField(allow_null=True, help_text="A number as text.")
    baseline_on = serializers.DateField(allow_null=True)
    target = serializers.CharField(allow_null=True, help_text="A number as text.")
    target_on = serializers.DateField(allow_null=True)
    tolerance = serializers.CharField(allow_null=True, help_text="A number as text.")
    polarity = serializers.ChoiceField(choices=[("", "Not said"), *PlannedMeasure.Polarity.choices])
    frequency = serializers.ChoiceField(choices=PlannedMeasure.Frequency.choices)
    benchmark = serializers.CharField()


class RiskInDocument(serializers.Serializer):
    text = serializers.CharField()
    likelihood = serializers.IntegerField(allow_null=True, help_text="1 to 5.")
    impact = serializers.IntegerField(allow_null=True, help_text="1 to 5.")
    mitigation = serializers.CharField()
    owner_post = serializers.CharField()


class DocumentRow(serializers.Serializer):
    """A version whole: its priorities with their actions in order, its measures, risks and board."""

    council_code = serializers.CharField()
    council = serializers.CharField()
    reference = serializers.CharField()
    title = serializers.CharField()
    number = serializers.IntegerField()
    standing = serializers.ChoiceField(choices=PlanVersion.Standing.choices)
    introduction = serializers.CharField()
    change_note = serializers.CharField()
    scale = serializers.ChoiceField(choices=Plan.Scale.choices)
    sign_off_by = serializers.CharField()
    statutory_on = serializers.DateField(allow_null=True)
    approved_on = serializers.DateField(allow_null=True)
    recommendations = ToldRow(many=True)
    priorities = PriorityInDocument(many=True)
    measures = MeasureInDocument(many=True)
    risks = RiskInDocument(many=True)
    board = serializers.ListField(child=serializers.CharField(), help_text="The posts that sit on it.")
    board_approved_on = serializers.DateField(allow_null=True)
