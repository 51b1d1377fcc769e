"""Improvement plans and their versions: read by whoever may, drafted by their council."""

from collections import defaultdict

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    ExpressionWrapper,
    F,
    OuterRef,
    Subquery,
    Value,
    When,
)
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import NUMBER, DayField, WordsField, numbers_field
from api.finding import named, stubs
from api.rows import Row, as_dicts
from api.views import Adding, Change, Listing, Posted, Single
from cases import actions as of_cases
from cases.models import Case as CaseOfCouncil
from cases.models import Recommendation, not_restricted
from councils.models import Council
from improvement.actions import drafting
from improvement.api.documents import DocumentRow
from improvement.filters import PlanFilters, PlanVersionFilters, SnapshotFilters
from improvement.models import Handover, Plan, PlanVersion, Snapshot
from improvement.models.plans import between_council_and_lga
from improvement.queries.plans import read_version, to_read
from improvement.rules.plans import as_json
from improvement.rules.way_out import left_the_house

# Plans


class PlanRow(Row):
    """A council's improvement plan. What it says stands in its versions."""

    reference = serializers.CharField()
    council = serializers.CharField(source="council.la_code", help_text="The council's three-digit DfE code.")
    council_name = serializers.CharField(source="council.name")
    intervention = serializers.CharField(
        source="case_seen", allow_null=True, help_text="The case that it answers, if you see it."
    )
    title = serializers.CharField()
    scale = serializers.ChoiceField(choices=Plan.Scale.choices, help_text="How status is shown.")
    months = serializers.IntegerField(help_text="How many months one update covers.")
    sign_off_by = serializers.CharField(help_text="Who signs actions off.")
    begun_on = serializers.DateField()
    closed_on = serializers.DateField(allow_null=True)
    latest_version = serializers.IntegerField(
        allow_null=True, help_text="The number, for addresses, of the latest version that you may read."
    )
    standing = serializers.ChoiceField(
        choices=PlanVersion.Standing.choices, allow_null=True, help_text="How that version stands."
    )
    recommendations = serializers.ListField(
        child=serializers.IntegerField(), help_text="The recommendations that it answers."
    )
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class PlanBody(serializers.Serializer):
    council = WordsField(max_length=50, help_text="The council's DfE code or slug.")
    title = WordsField(max_length=160)
    intervention = WordsField(
        max_length=20, required=False, allow_null=True, help_text="The reference of the case that it answers."
    )
    recommendations = numbers_field(required=False, help_text="Open recommendations that it answers.")
    template = WordsField(max_length=50, required=False, help_text="Start from a template.")
    from_version = serializers.IntegerField(
        **NUMBER, required=False, help_text="Start from what a version says that you may read."
    )


class ChangePlanBody(serializers.Serializer):
    title = WordsField(max_length=160, required=False)
    scale = serializers.ChoiceField(choices=Plan.Scale.choices, required=False)
    months = serializers.IntegerField(min_value=1, max_value=12, required=False)
    sign_off_by = WordsField(max_length=120, required=False)


def plans_told(viewer):
    """Return the plans that the viewer may read, with what `PlanRow` tells of each."""
    latest = PlanVersion.objects.visible_to(viewer).filter(plan=OuterRef("pk")).order_by("-number")
    seen = CaseOfCouncil.objects.visible_to(viewer).filter(pk=OuterRef("case"))
    return Plan.objects.visible_to(viewer).annotate(
        case_seen=Subquery(seen.values("reference")[:1]),
        latest_version=Subquery(latest.values("pk")[:1]),
        standing=Subquery(latest.values("standing")[:1]),
    )


class OfPlans:
    """What the list of plans and one of them share."""

    tag = "Plans"
    row = PlanRow

    def queryset(self):
        return plans_told(self.viewer)

    def completed(self, rows, keys):
        told = defaultdict(list)
        known = Recommendation.objects.filter(not_restricted()).values("pk")
        links = Plan.recommendations.through.objects.filter(plan__in=keys, recommendation__in=known)
        for plan, one in links.order_by("recommendation").values_list("plan", "recommendation"):
            told[plan].append(one)
        for row, key in zip(rows, keys, strict=True):
            row["recommendations"] = told[key]


class Plans(OfPlans, Adding):
    about = {
        "get": (
            "List plans",
            "Those of which you may read a version, and those of your own council from their first draft.",
        ),
        "post": (
            "Start a plan",
            "For a council whose plans you draft, with its first version: from nothing, from a template or from a "
            "version.",
        ),
    }
    name = "plans"
    filters = PlanFilters
    asks = PlanBody
    answers = PlanRow
    example = {"council": "9901", "title": "Improvement plan 2026"}
    refused = of_cases.Refused
    one, named_by = "plan", "reference"

    def may_add(self):
        return self.viewer.may(Ability.DRAFT_PLANS)

    def prepared(self, answers):
        theirs = Council.objects.filter(self.viewer.council_filter(Ability.DRAFT_PLANS, "pk"))
        code = answers.pop("council")
        by = {"la_code": code} if theirs.filter(la_code=code).exists() else {"slug": code}
        council = named(theirs, "council", "There is no such council whose plans you draft.", **by)
        reference, version = answers.pop("intervention", None), answers.pop("from_version", None)
        if reference is not None:
            cases = CaseOfCouncil.objects.visible_to(self.viewer).filter(council=council)
            answers["case"] = named(
                cases, "intervention", "There is no such intervention of this council.", reference=reference
            )
        if version is not None:
            readable = PlanVersion.objects.visible_to(self.viewer)
            answers["from_version"] = named(
                readable, "from_version", "There is no such version that you may read.", pk=version
            )
        answers["recommendations"] = stubs(Recommendation, answers.pop("recommendations", []))
        return answers | {"council": council}

    def add(self, prepared):
        return drafting.start_plan(**prepared, **self.by_and_on()).plan_id


class OfPlan(OfPlans):
    """What the views of one plan share."""

    kind = "plan"
    key = "reference"
    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        reach = self.viewer.council_filter(Ability.DRAFT_PLANS)
        return Plan.objects.filter(reach, **self.kwargs).exists()

    def its(self):
        return get_object_or_404(Plan, **self.kwargs)


class OnePlan(OfPlan, Single, Change):
    about = {
        "get": ("Read a plan", "With the ETag that a change to it asks for."),
        "patch": (
            "Change a plan",
            "Its title, its scale, its months or who signs off; what is not sent stays.",
        ),
    }
    asks = ChangePlanBody
    example = {"title": "Improvement plan 2026 to 2028"}

    def patch(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self._save, self.asks))

    def _save(self, revision, answers):
        drafting.save_plan(self.its(), **answers, revision=revision, **self.by_and_on())


class ChooseBody(serializers.Serializer):
    recommendations = numbers_field(help_text="All that it answers from now on.")


class Choose(OfPlan, Posted):
    about = {
        "post": (
            "Choose the recommendations that a plan answers",
            "Open ones of its council that you see. One left out leaves the draft's actions too; one that a version "
            "no longer drafted answers stays.",
        )
    }
    asks = ChooseBody
    example = {"recommendations": []}

    def act(self, revision, answers):
        told = stubs(Recommendation, answers["recommendations"])
        drafting.choose_recommendations(
            self.its(), recommendations=told, revision=revision, **self.by_and_on()
        )


# Versions


class VersionRow(Row):
    """One version of a plan, and how far it has come."""

    id = serializers.IntegerField()
    plan = serializers.CharField(source="plan.reference")
    council = serializers.CharField(
        source="plan.council.la_code", help_text="The council's three-digit DfE code."
    )
    council_name = serializers.CharField(source="plan.council.name")
    number = serializers.IntegerField()
    standing = serializers.ChoiceField(choices=PlanVersion.Standing.choices)
    begun_on = serializers.DateField()
    approved_on = serializers.DateField(allow_null=True)
    statutory_on = serializers.DateField(allow_null=True, help_text="The day by which it must be sent.")
    change_note = serializers.CharField(help_text="What this version changes.")
    sent_back_note = serializers.CharField(
        source="note_seen", help_text="What the council's approver asked to change; empty for others."
    )
    revision = serializers.IntegerField(help_text="Goes up with every change to the version itself.")


class SnapshotOfVersion(serializers.Serializer):
    in_cell = ("reference",)

    reference = serializers.CharField()
    reason = serializers.ChoiceField(choices=Snapshot.Reason.choices)
    taken_on = serializers.DateField()
    digest = serializers.CharField()


class WholeVersionRow(VersionRow):
    """A version with the whole of what it says, and what was kept of it when it left the council."""

    snapshots = SnapshotOfVersion(many=True)
    document = DocumentRow()


class VersionBody(serializers.Serializer):
    plan = WordsField(max_length=20, help_text="The plan's reference.")
    change_note = WordsField(max_length=2000, help_text="What this version changes.")


class ChangeVersionBody(serializers.Serializer):
    introduction = WordsField(
        max_length=20000, required=False, allow_blank=True, help_text="Why we are here."
    )
    change_note = WordsField(max_length=2000, required=False, allow_blank=True)
    statutory_on = DayField(required=False, allow_null=True)


class OfVersions:
    tag = "Plan versions"
    row = VersionRow

    def queryset(self):
        inside = ExpressionWrapper(between_council_and_lga(self.viewer, "plan"), output_field=BooleanField())
        return (
            PlanVersion.objects.visible_to(self.viewer)
            .annotate(inside=inside)
            .annotate(
                note_seen=Case(
                    When(inside=True, then=F("sent_back_note")), default=Value(""), output_field=CharField()
                )
            )
        )


class PlanVersions(OfVersions, Adding):
    about = {
        "get": (
            "List the versions of plans",
            "Those that you may read; what each says stands at its own address.",
        ),
        "post": (
            "Begin a new version",
            "With what the latest says, and the same priorities, actions and measures. One is in work at a time.",
        ),
    }
    name = "plan-versions"
    filters = PlanVersionFilters
    asks = VersionBody
    answers = VersionRow
    example = {"plan": "PLAN-2026-0003", "change_note": "Answers Ofsted's letter of 3 November"}
    refused = of_cases.Refused
    one = "plan-version"

    def may_add(self):
        return self.viewer.may(Ability.DRAFT_PLANS)

    def prepared(self, answers):
        theirs = Plan.objects.visible_to(self.viewer).filter(self.viewer.council_filter(Ability.DRAFT_PLANS))
        plan = named(theirs, "plan", "There is no such plan that you draft.", reference=answers["plan"])
        return answers | {"plan": plan}

    def add(self, prepared):
        return drafting.new_version(**prepared, **self.by_and_on()).pk


class OfVersion(OfVersions):
    """What the views of one version share."""

    kind = "plan-version"
    row = WholeVersionRow
    refused, stale = of_cases.Refused, of_cases.Stale
    ability = Ability.DRAFT_PLANS

    def allowed(self):
        reach = self.viewer.council_filter(self.ability, "plan__council")
        return PlanVersion.objects.filter(reach, **self.kwargs).exists()

    def its(self):
        return get_object_or_404(PlanVersion.objects.select_related("plan__council"), **self.kwargs)

    def completed(self, rows, keys):
        columns = ("reference", "reason", "taken_on", "digest")
        for row, key in zip(rows, keys, strict=True):
            kept = Snapshot.objects.visible_to(self.viewer).filter(version=key).order_by("pk")
            row["snapshots"] = as_dicts(columns, kept.values_list(*columns))
            version = to_read(PlanVersion.objects, self.viewer.today).get(pk=key)
            row["document"] = as_json(read_version(version, self.viewer.today))


class OnePlanVersion(OfVersion, Single, Change):
    about = {
        "get": ("Read a version of a plan", "The whole of it, with the ETag that a change to it asks for."),
        "patch": (
            "Change a draft",
            "Its introduction, what it changes or its statutory day; what is not sent stays. Its rows have addresses "
            "and versions of their own.",
        ),
    }
    asks = ChangeVersionBody
    example = {"introduction": "Ofsted inspected us in May."}

    def patch(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self._save, self.asks))

    def _save(self, revision, answers):
        drafting.save_version(self.its(), **answers, revision=revision, **self.by_and_on())


# Snapshots


class SnapshotRow(Row):
    """A version as it left the council. It never changes."""

    id = serializers.IntegerField()
    reference = serializers.CharField()
    plan = serializers.CharField(source="version.plan.reference")
    version = serializers.IntegerField(source="version_id", help_text="The version's number for addresses.")
    version_number = serializers.IntegerField(source="version.number")
    reason = serializers.ChoiceField(choices=Snapshot.Reason.choices)
    taken_on = serializers.DateField()
    digest = serializers.CharField(
        help_text="The SHA-256 of `content` in its canonical form: JSON with the keys in order, no spaces between, "
        "nothing escaped, as UTF-8."
    )


class HandoverRow(serializers.Serializer):
    in_cell = ("to", "on")

    to = serializers.ChoiceField(choices=Handover.To.choices)
    on = serializers.DateField()
    to_whom = serializers.CharField()
    their_reference = serializers.CharField()


class WholeSnapshotRow(SnapshotRow):
    """A snapshot with what was kept, and to whom it was given."""

    handovers = HandoverRow(many=True)
    content = serializers.DictField(help_text="What left the council: as `document` of a version.")


class OfSnapshots:
    tag = "Snapshots"

    def queryset(self):
        return Snapshot.objects.visible_to(self.viewer)


class Snapshots(OfSnapshots, Listing):
    about = {"get": ("List snapshots", "Of the plans that you may read as they were shared, or sent.")}
    name = "snapshots"
    row = SnapshotRow
    filters = SnapshotFilters


class OneSnapshot(OfSnapshots, Single):
    about = {"get": ("Read a snapshot", "Word by word what left the council.")}
    kind = "snapshot"
    key = "reference"
    row = WholeSnapshotRow

    def completed(self, rows, keys):
        columns = ("to", "on", "to_whom", "their_reference")
        for row, key in zip(rows, keys, strict=True):
            snapshot = Snapshot.objects.get(pk=key)
            given = snapshot.handovers.all()
            inside = between_council_and_lga(self.viewer, "plan")
            if not PlanVersion.objects.filter(inside, pk=snapshot.version_id).exists():
                given = given.exclude(to=Handover.To.LGA)
            row["handovers"] = as_dicts(columns, given.values_list(*columns))
            row["content"] = left_the_house(snapshot.content)
