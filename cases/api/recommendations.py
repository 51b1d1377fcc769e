"""Recommendations: what reports and letters tell a council to do; read, added, corrected, closed, opened again."""

from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import WordsField
from api.idempotency import done_once
from api.problems import Problem, in_fields
from api.rows import Row, as_dicts
from api.views import Change, Listing, Posted, Single, refusal
from cases import actions
from cases.actions.embargo import may_write_of
from cases.filters import RecommendationFilters
from cases.models import Recommendation, Source


class RecommendationRow(Row):
    """Something a council has been told to do, by the report or letter that tells it."""

    id = serializers.IntegerField()
    council = serializers.CharField(source="council.la_code", help_text="The council's three-digit DfE code.")
    council_name = serializers.CharField(source="council.name")
    source = serializers.IntegerField(source="source_id", help_text="The number of the report or letter.")
    source_title = serializers.CharField(source="source.title")
    source_published_on = serializers.DateField(source="source.published_on", allow_null=True)
    number = serializers.IntegerField(help_text="Its place in the source, from 1.")
    paragraph = serializers.CharField(help_text="Where the source makes it; may be empty.")
    text = serializers.CharField()
    framework_reference = serializers.CharField(
        help_text="Of the Children’s Social Care National Framework, such as “Outcome 2”; may be empty."
    )
    entered_on = serializers.DateField()
    closed_on = serializers.DateField(allow_null=True)
    outcome = serializers.ChoiceField(
        choices=[("", "Open"), *Recommendation.Outcome.choices],
        help_text="Why it is closed; empty while open.",
    )
    outcome_note = serializers.CharField()
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class ItemBody(serializers.Serializer):
    paragraph = WordsField(
        max_length=40, required=False, default="", allow_blank=True, help_text="Such as “12” or “page 4”."
    )
    text = WordsField(max_length=4000)
    framework_reference = WordsField(
        max_length=80, required=False, default="", allow_blank=True, help_text="Such as “Outcome 2”."
    )


class RecommendationsBody(serializers.Serializer):
    source = serializers.IntegerField(
        min_value=1,
        max_value=2**53,
        help_text="The number of a published report or letter: of `sources/`, or `source` of an inspection.",
    )
    items = serializers.ListField(child=ItemBody(), min_length=1, max_length=200)


class RecommendationsAdded(serializers.Serializer):
    results = RecommendationRow(many=True)


class Recommendations(Listing):
    tag = "Recommendations"
    about = {
        "get": (
            "List recommendations",
            "Of the councils whose cases you see. Those of a report under embargo are left out.",
        ),
        "post": (
            "Add recommendations",
            "Adds recommendations of one published report or letter, with the numbers after the last: all or none.",
        ),
    }
    name = "recommendations"
    row = RecommendationRow
    filters = RecommendationFilters
    asks = RecommendationsBody
    example = {"source": 12, "items": [{"paragraph": "12", "text": "Improve the quality of plans."}]}
    answers = RecommendationsAdded

    def queryset(self):
        return Recommendation.objects.visible_to(self.viewer)

    def post(self, request):
        if not self.viewer.may(Ability.ENTER_INSPECTIONS):
            raise Problem(403, "not-allowed", "You may read recommendations, but not add any.")
        try:
            # Before an answer that was kept is given again: they may have lost the council since.
            answers = self.body_of(self.asks)
            source = self._source(answers["source"])
            return done_once(request, lambda: self._add(source, answers))
        except actions.Refused as refused:
            raise refusal(refused) from None

    def _add(self, source, answers):
        items = [(item["paragraph"], item["text"], item["framework_reference"]) for item in answers["items"]]
        added = actions.add_recommendations(source, items=items, **self.by_and_on())
        columns = self.row.columns()
        rows = self.queryset().filter(pk__in=[one.pk for one in added]).order_by("pk")
        return self.json({"results": as_dicts(columns, rows.values_list(*columns.values()))}, status=201)

    def _source(self, pk):
        """Return the published source of a council whose cases the viewer sees, if they may write of it."""
        reach = self.viewer.council_filter(Ability.SEE_CASES)
        source = Source.objects.filter(reach, access=Source.Access.PUBLIC, pk=pk).first()
        if source is None:
            raise in_fields(
                [{"field": "source", "detail": "There is no such published report or letter here."}]
            )
        if not may_write_of(source, self.viewer):
            raise Problem(403, "not-allowed", "You may read this report, but not add to it.")
        return source


class OfRecommendation:
    """What the views of one recommendation share."""

    tag = "Recommendations"
    kind = "recommendation"
    row = RecommendationRow
    refused, stale = actions.Refused, actions.Stale

    def queryset(self):
        return Recommendation.objects.visible_to(self.viewer)

    def allowed(self):
        one = Recommendation.objects.select_related("source").get(**self.kwargs)
        return may_write_of(one.source, self.viewer)

    def its(self):
        return Recommendation(pk=self.kwargs["pk"])


class ChangeBody(serializers.Serializer):
    paragraph = WordsField(max_length=40, required=False, allow_blank=True)
    text = WordsField(max_length=4000, required=False)
    framework_reference = WordsField(max_length=80, required=False, allow_blank=True)


class OneRecommendation(OfRecommendation, Single, Change):
    about = {
        "get": ("Read a recommendation", "With the ETag that a change to it asks for."),
        "patch": (
            "Correct a recommendation",
            "Its words, paragraph or framework reference; what is not sent stays.",
        ),
    }
    asks = ChangeBody
    example = {"paragraph": "page 4"}

    def patch(self, request, pk):
        return self.changed(lambda: self.acted_and_told(self._correct, self.asks))

    def _correct(self, revision, answers):
        held = self.found()
        told = {name: held[name] for name in ChangeBody().fields} | answers
        actions.change_recommendation(self.its(), **told, revision=revision, **self.by_and_on())


class CloseBody(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=Recommendation.Outcome.choices)
    note = WordsField(max_length=2000, help_text="How it is known.")


class Close(OfRecommendation, Posted):
    about = {"post": ("Close a recommendation", "From today: met, superseded or entered by mistake.")}
    asks = CloseBody
    example = {"outcome": "met", "note": "The focused visit of October found it done."}

    def act(self, revision, answers):
        actions.close_recommendation(self.its(), **answers, revision=revision, **self.by_and_on())


class ReopenBody(serializers.Serializer):
    note = WordsField(max_length=2000, help_text="Why it is opened again.")


class Reopen(OfRecommendation, Posted):
    about = {"post": ("Open a recommendation again", "One that was closed by mistake.")}
    asks = ReopenBody
    example = {"note": "It was closed by mistake."}

    def act(self, revision, answers):
        actions.reopen_recommendation(self.its(), **answers, revision=revision, **self.by_and_on())
