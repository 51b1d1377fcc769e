"""Published reports and letters: what recommendations come from. One that Upstream doesn't know is kept by a post."""

from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import DayField, WordsField
from api.problems import in_fields
from api.rows import Row
from api.views import Adding, Single
from cases.actions import Refused
from cases.actions.sources import KINDS, LONGEST_TITLE, LONGEST_URL, keep_source
from cases.filters import SourceFilters
from cases.models import Source
from councils.models import Council


class SourceRow(Row):
    """A report, letter, notice or direction that is published."""

    id = serializers.IntegerField()
    council = serializers.CharField(source="council.la_code", help_text="The council's three-digit DfE code.")
    council_name = serializers.CharField(source="council.name")
    kind = serializers.ChoiceField(choices=Source.Kind.choices)
    title = serializers.CharField()
    dated_on = serializers.DateField(allow_null=True)
    published_on = serializers.DateField(allow_null=True)
    url = serializers.CharField()


class SourceBody(serializers.Serializer):
    council = WordsField(max_length=50, help_text="The council's DfE code or slug.")
    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in KINDS])
    title = WordsField(max_length=LONGEST_TITLE)
    dated_on = DayField(help_text="The day that it bears, today or earlier.")
    url = WordsField(
        max_length=LONGEST_URL,
        required=False,
        default="",
        allow_blank=True,
        help_text="Where it is published.",
    )


class OfSources:
    tag = "Recommendations"
    row = answers = SourceRow

    def queryset(self):
        reach = self.viewer.council_filter(Ability.SEE_CASES)
        return Source.objects.filter(reach, access=Source.Access.PUBLIC)


class Sources(OfSources, Adding):
    about = {
        "get": (
            "List reports and letters",
            "Those that are published, of the councils whose cases you see: what recommendations come from.",
        ),
        "post": (
            "Keep a report or letter",
            "One that is published, such as a peer review’s report, a visit’s letter or a court’s judgment, so that "
            "its recommendations can be added. An inspection’s report comes with its inspection.",
        ),
    }
    name = "sources"
    filters = SourceFilters
    asks = SourceBody
    example = {
        "council": "9901",
        "kind": "peer-review",
        "title": "Peer review of care leavers",
        "dated_on": "2026-10-12",
    }
    refused = Refused
    one = "source"

    def may_add(self):
        return self.viewer.may(Ability.ENTER_INSPECTIONS)

    def prepared(self, answers):
        theirs = Council.objects.filter(self.viewer.council_filter(Ability.ENTER_INSPECTIONS, "pk"))
        code = answers["council"]
        council = theirs.filter(la_code=code).first() or theirs.filter(slug=code).first()
        if council is None:
            nothing = "There is no such council for which you enter reports."
            raise in_fields([{"field": "council", "detail": nothing}])
        return answers | {"council": council}

    def add(self, prepared):
        return keep_source(**prepared, **self.by_and_on()).pk


class OneSource(OfSources, Single):
    about = {"get": ("Read what a report or letter is", "One that is published.")}
    kind = "source"
