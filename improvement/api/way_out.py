"""A version's way out: approved within the council, shared with the LGA, sent to Ofsted and the DfE, answered."""

from django.db.models import Case, Count, F, IntegerField, Value, When
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import NUMBER, DayField, WordsField, words
from api.finding import hold_at, named
from api.problems import in_fields
from api.rows import Row
from api.views import Adding, Listing, Posted, Single
from cases import actions as of_cases
from cases.models import Case as CaseOfCouncil
from improvement.actions import drafting, releases, way_out
from improvement.api.plans import OfVersion
from improvement.api.rows import NothingBody
from improvement.filters import ApprovalStepFilters, PlanCommentFilters, PlanReplyFilters, ReleaseFilters
from improvement.models import (
    Action,
    ApprovalStep,
    Comment,
    Handover,
    PlanVersion,
    Release,
    Reply,
    Update,
)
from improvement.queries.way_out import versions_on_their_way, what_may_be_done


class OnItsWay(OfVersion, Posted):
    """What is done with a version by whoever `may`: the name of a `Can`."""

    may = "approve"

    def allowed(self):
        return getattr(what_may_be_done(self.its(), self.viewer), self.may)

    def told_in(self, fields, act):
        """Call `act`; a refusal in a field that the body has not is told in the one of `fields` it is about."""
        try:
            act()
        except of_cases.Refused as refused:
            raise of_cases.Refused(refused.message, fields.get(refused.field, refused.field)) from None


class StepAsked(serializers.Serializer):
    kind = serializers.ChoiceField(choices=ApprovalStep.Kind.choices)
    planned_on = DayField(required=False, allow_null=True, help_text="Worked back where not given.")
    label = WordsField(max_length=120, required=False, allow_blank=True, help_text="What `other` is.")


class RouteBody(serializers.Serializer):
    statutory_on = DayField(
        required=False, allow_null=True, help_text="To work back from; else the plan's own milestone's."
    )
    steps = StepAsked(many=True, required=False, allow_null=True, max_length=20)


class PlanRoute(OnItsWay):
    about = {
        "post": (
            "Plan a version's approval",
            "The council's own steps, in their order, worked back from the day by which it must be sent: director, "
            "board, scrutiny, cabinet and call-in where `steps` is not sent. Steps done stay.",
        )
    }
    may = "draft"
    asks = RouteBody
    example = {"statutory_on": "2027-02-26", "steps": [{"kind": "dcs"}, {"kind": "cabinet"}]}

    def act(self, revision, answers):
        steps = answers.get("steps")
        if steps is not None:
            answers["steps"] = [way_out.Planned(**step) for step in steps]
        self.told_in(
            {"label": "steps"},
            lambda: way_out.plan_route(self.its(), **answers, revision=revision, **self.by_and_on()),
        )


class SendForApproval(OnItsWay):
    about = {"post": ("Send a draft for approval", "From then on nobody edits it, unless it is sent back.")}
    may = "draft"
    asks = NothingBody

    def act(self, revision, answers):
        way_out.send_for_approval(self.its(), revision=revision, **self.by_and_on())


class SendBackVersionBody(serializers.Serializer):
    note = WordsField(max_length=2000, help_text="What has to change.")


class SendBack(OnItsWay):
    about = {"post": ("Send a version back to its drafters", "One that awaits the council's approval.")}
    asks = SendBackVersionBody
    example = {"note": "Give action 2.3 an owner."}

    def act(self, revision, answers):
        way_out.send_back(self.its(), **answers, revision=revision, **self.by_and_on())


class ApproveBody(serializers.Serializer):
    approved_on = DayField(required=False, help_text="Today or earlier; today where not given.")


class Approve(OnItsWay):
    about = {
        "post": (
            "Approve a version for the council",
            "It goes live: its actions have milestones and updates open. It is shared with nobody by this.",
        )
    }
    asks = ApproveBody
    example = {}

    def act(self, revision, answers):
        way_out.approve(self.its(), **answers, revision=revision, **self.by_and_on())


class ShareBody(serializers.Serializer):
    note = words(2000)


class Share(OnItsWay):
    about = {
        "post": (
            "Share an approved version with the LGA adviser",
            "What it says never changes after that, and a snapshot keeps it. It is sent to nobody else.",
        )
    }
    asks = ShareBody
    example = {"note": "For your comments before cabinet"}

    def act(self, revision, answers):
        way_out.share(self.its(), **answers, revision=revision, **self.by_and_on())


class HandoverBody(serializers.Serializer):
    to = serializers.ChoiceField(
        choices=[(to.value, to.label) for to in (Handover.To.OFSTED, Handover.To.DFE)]
    )
    on = DayField(help_text="Today or earlier.")
    to_whom = WordsField(max_length=160, required=False, allow_blank=True, default="")
    their_reference = WordsField(max_length=80, required=False, allow_blank=True, default="")


class SendBody(serializers.Serializer):
    handovers = HandoverBody(many=True, min_length=1, max_length=2)


class Send(OnItsWay):
    about = {
        "post": (
            "Record that a version was sent",
            "To Ofsted, the DfE or both. A snapshot keeps it, and the plan's milestones are met on the days given.",
        )
    }
    asks = SendBody
    example = {"handovers": [{"to": "ofsted", "on": "2026-11-18"}, {"to": "dfe", "on": "2026-11-18"}]}

    def act(self, revision, answers):
        columns = ("to", "on", "to_whom", "their_reference")
        given = [tuple(one[name] for name in columns) for one in answers["handovers"]]
        self.told_in(
            dict.fromkeys(("ofsted_on", "dfe_on", "ofsted_whom", "dfe_whom"), "handovers"),
            lambda: way_out.send(self.its(), handovers=given, revision=revision, **self.by_and_on()),
        )


class ReplyBody(serializers.Serializer):
    kind = serializers.ChoiceField(
        choices=[(kind.value, kind.label) for kind in way_out.LETTERS], help_text="What the letter says."
    )
    dated_on = DayField(help_text="The letter's date.")
    received_on = DayField(required=False, allow_null=True)
    resubmit_by = DayField(required=False, allow_null=True, help_text="As a letter that returns it states.")
    url = serializers.URLField(max_length=500, required=False, help_text="Where the letter is.")
    title = words(200)
    note = words(2000)


class Answered(OnItsWay):
    about = {
        "post": (
            "Record a letter about a version that was sent",
            "Ofsted's or the DfE's, as its date and words say: the latest dated decides whether it is accepted.",
        )
    }
    may = "record_letters"
    asks = ReplyBody
    example = {"kind": "reflects", "dated_on": "2026-11-19"}

    def act(self, revision, answers):
        way_out.record_reply(self.its(), **answers, revision=revision, **self.by_and_on())


class Ready(OnItsWay):
    about = {"post": ("Say that a shared version is ready to be sent", "As the LGA's adviser.")}
    may = "advise"
    asks = ShareBody
    example = {"note": "All comments are settled."}

    def act(self, revision, answers):
        version = self.its()
        hold_at(PlanVersion.objects.all(), version.pk, revision, self.stale)
        way_out.say_ready(version, **answers, **self.by_and_on())


class PutBackBody(serializers.Serializer):
    action = serializers.IntegerField(**NUMBER, help_text="The action's number across versions.")


class PutBack(OnItsWay):
    about = {
        "post": (
            "Put an action back into a draft",
            "One that was dropped or merged, as the version has it that this one was made from.",
        )
    }
    may = "draft"
    asks = PutBackBody
    example = {"action": 12}

    def act(self, revision, answers):
        version = self.its()
        of_plan = Action.objects.filter(plan=version.plan)
        action = named(of_plan, "action", "There is no such action in this plan.", pk=answers["action"])
        hold_at(PlanVersion.objects.all(), version.pk, revision, self.stale)
        drafting.put_back_action(version, action, **self.by_and_on())


# Letters


class ReplyRow(Row):
    """What came back about a version."""

    id = serializers.IntegerField()
    version = serializers.IntegerField(source="version_id")
    plan = serializers.CharField(source="version.plan.reference")
    kind = serializers.ChoiceField(choices=Reply.Kind.choices)
    dated_on = serializers.DateField()
    received_on = serializers.DateField(allow_null=True)
    resubmit_by = serializers.DateField(allow_null=True)
    document = serializers.IntegerField(source="document_id", allow_null=True)
    note = serializers.CharField()
    recorded_on = serializers.DateField()


class PlanReplies(Listing):
    tag = "Letters about plans"
    about = {
        "get": (
            "List what came back about versions",
            "Ofsted's and the DfE's letters, of the versions that you may read; the adviser's “ready” for the council "
            "and the LGA.",
        )
    }
    name = "plan-replies"
    row = ReplyRow
    filters = PlanReplyFilters

    def queryset(self):
        return Reply.objects.visible_to(self.viewer)


# Steps of approval


class StepRow(Row):
    """A step of a version's approval within its council."""

    id = serializers.IntegerField()
    version = serializers.IntegerField(source="version_id")
    kind = serializers.ChoiceField(choices=ApprovalStep.Kind.choices)
    label = serializers.CharField()
    planned_on = serializers.DateField()
    done_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class OfSteps:
    tag = "Approval of plans"
    row = StepRow

    def queryset(self):
        versions = versions_on_their_way(self.viewer).values("pk")
        return ApprovalStep.objects.filter(version__in=versions)


class ApprovalSteps(OfSteps, Listing):
    about = {"get": ("List the steps of approval", "Of the versions whose way out you follow.")}
    name = "approval-steps"
    filters = ApprovalStepFilters


class OfStep(OfSteps):
    kind = "approval-step"
    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        drafted = PlanVersion.objects.draftable_by(self.viewer).values("pk")
        return ApprovalStep.objects.filter(version__in=drafted, **self.kwargs).exists()


class OneApprovalStep(OfStep, Single):
    about = {"get": ("Read a step of approval", "With the ETag that a change to it asks for.")}


class StepDoneBody(serializers.Serializer):
    done_on = DayField(allow_null=True, help_text="Today or earlier; null: it was not taken after all.")
    note = words(2000)


class StepDone(OfStep, Posted):
    about = {"post": ("Record that a step of approval was taken", "Or that it was not after all.")}
    asks = StepDoneBody
    example = {"done_on": "2026-11-18"}

    def act(self, revision, answers):
        step = get_object_or_404(ApprovalStep.objects.select_related("version"), **self.kwargs)
        way_out.step_done(step, **answers, revision=revision, **self.by_and_on())


# Comments


class CommentRow(Row):
    """What the council and its LGA advisers say to each other about a shared version. Nobody else reads it."""

    id = serializers.IntegerField()
    version = serializers.IntegerField(source="version_id")
    action = serializers.IntegerField(
        source="action_id", allow_null=True, help_text="The action's number across versions; null: the whole."
    )
    answers = serializers.IntegerField(
        source="answers_id", allow_null=True, help_text="The comment that this answers."
    )
    text = serializers.CharField()
    by = serializers.CharField(source="by.name", allow_null=True)
    made_on = serializers.DateField()
    settled_on = serializers.DateField(allow_null=True)
    revision = serializers.IntegerField(help_text="Goes up with every answer, and when it is settled.")


class OfComments:
    tag = "Comments on plans"
    row = CommentRow

    def queryset(self):
        settled = Case(When(settled_on=None, then=0), default=1, output_field=IntegerField())
        return Comment.objects.visible_to(self.viewer).annotate(
            revision=Count("replies") + settled + Value(1)
        )


class CommentBody(serializers.Serializer):
    version = serializers.IntegerField(**NUMBER, help_text="A version that is shared with the LGA.")
    action = serializers.IntegerField(
        **NUMBER, required=False, allow_null=True, help_text="The action's number across versions."
    )
    text = WordsField(max_length=4000)


class PlanComments(OfComments, Adding):
    about = {
        "get": ("List comments", "On the versions on which you, of the council or the LGA, work together."),
        "post": ("Comment on a version", "As the LGA's adviser: on one of its actions or on the whole."),
    }
    name = "plan-comments"
    filters = PlanCommentFilters
    asks = CommentBody
    answers = CommentRow
    example = {"version": 12, "text": "What will tell you that this works?"}
    refused = of_cases.Refused
    one = "plan-comment"

    def may_add(self):
        return (
            self.viewer.may(Ability.ANSWER_PLANS) or CaseOfCouncil.objects.answerable_by(self.viewer).exists()
        )

    def prepared(self, answers):
        readable = PlanVersion.objects.visible_to(self.viewer).select_related("plan")
        version = named(
            readable, "version", "There is no such version that you advise on.", pk=answers["version"]
        )
        action = answers.get("action")
        if action is not None:
            action = named(
                Action.objects.filter(plan=version.plan_id),
                "action",
                "There is no such action in this version.",
                pk=action,
            )
        return {"version": version, "action": action, "text": answers["text"]}

    def add(self, prepared):
        return way_out.comment(**prepared, **self.by_and_on()).pk


class OfComment(OfComments):
    """What the views of one comment share. Whoever reads it may answer it, but for those who only read."""

    kind = "plan-comment"
    refused, stale = of_cases.Refused, of_cases.Stale
    roles = ("draft", "advise")

    def its(self):
        return get_object_or_404(Comment.objects.select_related("version__plan"), **self.kwargs)

    def allowed(self):
        can = what_may_be_done(self.its().version, self.viewer)
        return any(getattr(can, role) for role in self.roles)


class OnePlanComment(OfComment, Single):
    about = {"get": ("Read a comment", "With the ETag that an answer to it asks for.")}


class AnswerCommentBody(serializers.Serializer):
    text = WordsField(max_length=4000)


class AnswerComment(OfComment, Posted):
    about = {"post": ("Answer a comment", "For the council or for the LGA; a settled one takes no more.")}
    asks = AnswerCommentBody
    example = {"text": "We shall audit ten cases a month."}

    def act(self, revision, answers):
        hold_at(self.queryset(), self.kwargs["pk"], revision, self.stale)
        way_out.answer_comment(self.its(), **answers, **self.by_and_on())


class SettleComment(OfComment, Posted):
    about = {"post": ("Settle a comment", "For the LGA: nothing more is asked about it.")}
    asks = NothingBody
    roles = ("advise",)

    def act(self, revision, answers):
        hold_at(self.queryset(), self.kwargs["pk"], revision, self.stale)
        way_out.settle_comment(self.its(), **self.by_and_on())


# Releases


class ReleaseRow(Row):
    """A version or an update that a council lets others read."""

    id = serializers.IntegerField()
    council = serializers.CharField(source="council.la_code", help_text="The council's three-digit DfE code.")
    plan = serializers.CharField(source="plan_reference")
    version = serializers.IntegerField(source="version_id", allow_null=True)
    update = serializers.IntegerField(source="update_id", allow_null=True)
    audience = serializers.ChoiceField(choices=Release.Audience.choices)
    released_on = serializers.DateField()
    withdrawn_on = serializers.DateField(allow_null=True, help_text="From this day they read it no more.")
    revision = serializers.IntegerField(help_text="2 once it is withdrawn.")


class OfReleases:
    tag = "Releases"
    row = ReleaseRow

    def queryset(self):
        return Release.objects.filter(self.viewer.council_filter(Ability.READ_DRAFTS)).annotate(
            plan_reference=Coalesce(F("version__plan__reference"), F("update__plan__reference")),
            revision=Case(When(withdrawn_on=None, then=1), default=2, output_field=IntegerField()),
        )


class ReleaseBody(serializers.Serializer):
    audience = serializers.ChoiceField(choices=Release.Audience.choices)
    version = serializers.IntegerField(**NUMBER, required=False, help_text="An approved version.")
    update = serializers.IntegerField(**NUMBER, required=False, help_text="Or an update that is submitted.")


class Releases(OfReleases, Adding):
    about = {
        "get": ("List releases", "Of the councils whose drafts you read, withdrawn ones too."),
        "post": (
            "Release a version or an update",
            "To scrutiny, to improvement partners or to the DfE's adviser, from today. Send one of the two.",
        ),
    }
    name = "releases"
    filters = ReleaseFilters
    asks = ReleaseBody
    answers = ReleaseRow
    example = {"audience": "scrutiny", "version": 12}
    refused = of_cases.Refused
    one = "release"

    def may_add(self):
        return self.viewer.may(Ability.APPROVE_PLANS)

    def prepared(self, answers):
        given = [name for name in ("version", "update") if name in answers]
        if len(given) != 1:
            raise in_fields([{"field": "version", "detail": "Send either a version or an update."}])
        model = {"version": PlanVersion, "update": Update}[given[0]]
        reach = self.viewer.council_filter(Ability.APPROVE_PLANS, "plan__council")
        theirs = model.objects.visible_to(self.viewer).filter(reach).select_related("plan__council")
        detail = f"There is no such {given[0]} that you may release."
        thing = named(theirs, given[0], detail, pk=answers[given[0]])
        return {"audience": answers["audience"], "thing": thing, "field": given[0]}

    def add(self, prepared):
        field = prepared.pop("field")
        try:
            return releases.release(**prepared, **self.by_and_on()).pk
        except of_cases.Refused as refused:
            told = field if refused.field == "thing" else refused.field
            raise of_cases.Refused(refused.message, told) from None


class OfRelease(OfReleases):
    kind = "release"
    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        reach = self.viewer.council_filter(Ability.APPROVE_PLANS)
        return Release.objects.filter(reach, **self.kwargs).exists()


class OneRelease(OfRelease, Single):
    about = {"get": ("Read a release", "With the ETag that its withdrawal asks for.")}


class Withdraw(OfRelease, Posted):
    about = {
        "post": ("Withdraw a release", "They read it no more from today; that they could stays on record.")
    }
    asks = NothingBody

    def act(self, revision, answers):
        hold_at(self.queryset(), self.kwargs["pk"], revision, self.stale)
        releases.withdraw_release(get_object_or_404(Release, **self.kwargs), **self.by_and_on())
