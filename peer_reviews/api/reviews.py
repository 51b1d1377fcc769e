"""Peer reviews by program: the list, an offer and its answer, the days on site, and the stages that follow."""

from collections import defaultdict

from django.db.models import F
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from accounts.models import Person
from accounts.permissions import Ability
from api.fields import NUMBER, DayField, TruthField, WordsField, words
from api.finding import named
from api.rows import Row
from api.views import Adding, Posted, Single
from cases import actions as of_cases
from councils.models import Council
from peer_reviews.actions import moving, offers, teams
from peer_reviews.filters import ReviewFilters
from peer_reviews.models import LineOfEnquiry, PeerReview, ReviewKind, Stage

REFERENCE = {"max_length": 20, "help_text": "The review's reference."}


class LineRow(serializers.Serializer):
    in_cell = ("place", "title")

    id = serializers.IntegerField()
    place = serializers.IntegerField()
    title = serializers.CharField()
    question = serializers.CharField()


class ReviewRow(Row):
    """A peer review of a council."""

    reference = serializers.CharField()
    council = serializers.CharField(
        source="case.council.la_code", help_text="The council's three-digit DfE code."
    )
    council_name = serializers.CharField(source="case.council.name")
    kind = serializers.CharField(source="kind.slug")
    kind_name = serializers.CharField(source="kind.name")
    stage = serializers.ChoiceField(choices=Stage.choices)
    offered_on = serializers.DateField(allow_null=True)
    first_day = serializers.DateField(allow_null=True, help_text="The first day on site.")
    last_day = serializers.DateField(allow_null=True, help_text="The last day on site.")
    scope = serializers.CharField()
    scope_agreed_by_council_on = serializers.DateField(allow_null=True)
    scope_agreed_by_lga_on = serializers.DateField(allow_null=True)
    final_on = serializers.DateField(allow_null=True, help_text="The day of the final report.")
    published_on = serializers.DateField(allow_null=True, help_text="By the council alone.")
    source = serializers.IntegerField(
        source="source_id", allow_null=True, help_text="The report that its recommendations come from."
    )
    lines = serializers.ListField(child=LineRow(), help_text="Its key lines of enquiry.")
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class OfferBody(serializers.Serializer):
    council = WordsField(max_length=50, help_text="The council's DfE code or slug.")
    kind = WordsField(max_length=50, help_text="The kind's slug, such as cspc.")
    reason = WordsField(max_length=2000, help_text="Why now, in words for the council.")
    manager = serializers.IntegerField(**NUMBER, help_text="The adviser who is to run it: their number.")
    first_day = DayField(required=False, allow_null=True)
    last_day = DayField(required=False, allow_null=True)
    subsidy = serializers.ChoiceField(choices=PeerReview.Subsidy.choices, required=False, allow_blank=True)
    subsidy_basis = words(2000)
    confirmed = TruthField(required=False, help_text="Although another review of the council runs.")


class OfReviews:
    """What the list of reviews and one of them share."""

    tag = "Peer reviews"
    row = ReviewRow

    def queryset(self):
        return PeerReview.objects.visible_to(self.viewer).annotate(reference=F("case__reference"))

    def completed(self, rows, keys):
        told = defaultdict(list)
        columns = ("review", "id", "place", "title", "question")
        for review, *values in LineOfEnquiry.objects.filter(review__in=keys).values_list(*columns):
            told[review].append(dict(zip(columns[1:], values, strict=True)))
        for row, key in zip(rows, keys, strict=True):
            row["lines"] = told[key]


class Reviews(OfReviews, Adding):
    about = {
        "get": (
            "List peer reviews",
            "Those that you may read: your councils’, and those on whose team you are.",
        ),
        "post": ("Offer a review", "To a council for which you run reviews."),
    }
    name = "reviews"
    answers = ReviewRow
    filters = ReviewFilters
    asks = OfferBody
    example = {"council": "9901", "kind": "cspc", "reason": "Four years have passed.", "manager": 12}
    refused = of_cases.Refused
    one, named_by = "review", "reference"

    def may_add(self):
        return self.viewer.may(Ability.RUN_REVIEWS)

    def prepared(self, answers):
        theirs = Council.objects.filter(self.viewer.council_filter(Ability.RUN_REVIEWS, "pk"))
        code = answers["council"]
        by = {"la_code": code} if theirs.filter(la_code=code).exists() else {"slug": code}
        return answers | {
            "council": named(theirs, "council", "There is no such council for which you run reviews.", **by),
            "kind": named(ReviewKind.objects, "kind", "There is no such kind.", slug=answers["kind"]),
            "manager": Person(pk=answers["manager"]),
        }

    def add(self, prepared):
        return offers.offer(prepared.pop("council"), **prepared, **self.by_and_on()).pk


class OfReview(OfReviews):
    """What the views of one review share. `among`: the queryset method that says who may do it."""

    kind = "review"
    key = "reference"
    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        return (
            PeerReview.objects.run_by(self.viewer).filter(case__reference=self.kwargs["reference"]).exists()
        )

    def its(self):
        reviews = PeerReview.objects.select_related("case__council", "kind")
        return get_object_or_404(reviews, case__reference=self.kwargs["reference"])

    def told(self, revision, answers):
        """Return what an action on the review is given."""
        return {**answers, "revision": revision, **self.by_and_on()}


class OneReview(OfReview, Single):
    about = {"get": ("Read a peer review", "With the ETag that a change to it asks for.")}


class AnswerOfferBody(serializers.Serializer):
    accept = TruthField()
    reason = words(2000, help_text="Needed to decline.")


class AnswerOffer(OfReview, Posted):
    about = {
        "post": ("Answer an offer", "As the council’s approver: accept it, or decline it with a reason.")
    }
    asks = AnswerOfferBody
    example = {"accept": True}

    def allowed(self):
        theirs = PeerReview.objects.answered_by(self.viewer)
        return theirs.filter(case__reference=self.kwargs["reference"]).exists()

    def act(self, revision, answers):
        offers.answer_offer(self.its(), **self.told(revision, answers))


class GoOnBody(serializers.Serializer):
    to = serializers.ChoiceField(choices=Stage.choices)
    reason = words(2000, help_text="Where something that may be left out is missing.")


class GoOn(OfReview, Posted):
    about = {"post": ("Take a review on to its next stage", "What is still missing is said in the refusal.")}
    asks = GoOnBody
    example = {"to": "preparing"}

    def act(self, revision, answers):
        moving.go_on(self.its(), **self.told(revision, answers))


class DaysBody(serializers.Serializer):
    first_day = DayField()
    last_day = DayField()
    confirmed = TruthField(
        required=False, help_text="Although another review of the council is on site then."
    )


class SetDays(OfReview, Posted):
    about = {"post": ("Set the days on site", "What falls due moves with them, and the change is kept.")}
    asks = DaysBody
    example = {"first_day": "2027-03-01", "last_day": "2027-03-04"}

    def act(self, revision, answers):
        moving.set_days(self.its(), **self.told(revision, answers))


class ReasonBody(serializers.Serializer):
    reason = WordsField(max_length=2000)


class Postpone(OfReview, Posted):
    about = {"post": ("Postpone a review", "What it still owes is paused until it is resumed.")}
    asks = ReasonBody
    example = {"reason": "Ofsted has called."}

    def act(self, revision, answers):
        moving.postpone(self.its(), **self.told(revision, answers))


class ResumeReviewBody(serializers.Serializer):
    first_day = DayField(required=False, allow_null=True)
    last_day = DayField(required=False, allow_null=True)
    confirmed = TruthField(required=False)


class ResumeReview(OfReview, Posted):
    about = {"post": ("Resume a postponed review", "With its new days, where feedback had not been given.")}
    asks = ResumeReviewBody
    example = {"first_day": "2027-03-01", "last_day": "2027-03-04"}

    def act(self, revision, answers):
        moving.resume(self.its(), **self.told(revision, answers))


class Cancel(OfReview, Posted):
    about = {"post": ("Cancel a review", "What it still owes is withdrawn, and its team’s time ends.")}
    asks = ReasonBody
    example = {"reason": "The council is to be inspected."}

    def act(self, revision, answers):
        moving.cancel(self.its(), **self.told(revision, answers))


class NothingBody(serializers.Serializer):
    pass


class ConfirmTeam(OfReview, Posted):
    about = {
        "post": (
            "Confirm a review’s team",
            "All agreed to and nobody with a conflict: they serve from today.",
        )
    }
    asks = NothingBody
    example = {}

    def act(self, revision, answers):
        teams.confirm_team(self.its(), **self.told(revision, answers))
