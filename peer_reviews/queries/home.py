"""What the page of a review reads: what its viewer is to it, and all that it shows of it, in few queries."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.permissions import Ability
from cases.models import Milestone
from cases.queries import working_calendars
from peer_reviews.models import (
    Endorsement,
    KeepInTouch,
    LineOfEnquiry,
    PeerReview,
    Request,
    Stage,
    StageChange,
    TeamMember,
)
from peer_reviews.rules.days import day_of
from peer_reviews.rules.readiness import Standing
from peer_reviews.rules.steps import CALENDAR


def with_reader(viewer):
    """Return the reviews that the viewer may read, each with what they are to it.

    `is_run`, `is_on_team`, `is_answered`, `is_prepared`: by them. `is_inside`: they read more of it than what the
    council has published.
    """
    inside = (
        viewer.council_filter(Ability.READ_REVIEWS, "case__council")
        | Q(pk__in=PeerReview.objects.of_team(viewer).values("pk"))
        | Q(pk__in=PeerReview.objects.run_by(viewer).values("pk"))
        | Q(
            pk__in=PeerReview.joint_with.through.objects.filter(
                viewer.council_filter(Ability.READ_REVIEWS)
            ).values("peerreview")
        )
    )
    return PeerReview.objects.visible_to(viewer).annotate(
        is_run=_among(PeerReview.objects.run_by(viewer)),
        is_on_team=_among(PeerReview.objects.of_team(viewer)),
        is_answered=_among(PeerReview.objects.answered_by(viewer)),
        is_prepared=_among(PeerReview.objects.prepared_by(viewer)),
        is_inside=_among(PeerReview.objects.filter(inside)),
    )


def for_page(viewer):
    """Return the reviews of `with_reader` with what their page counts: the team, what waits for the council."""
    team = TeamMember.objects.filter(review=OuterRef("pk")).on_team()
    asked = Request.objects.filter(review=OuterRef("pk"), outcome="")
    words = KeepInTouch.objects.filter(review=OuterRef("pk"), on=viewer.today)
    return with_reader(viewer).annotate(
        team_count=_count(team),
        team_to_agree=_count(team.filter(council_agreed_on=None).exclude(role="manager")),
        requests_open=_count(asked),
        words_today=_count(words),
    )


def _among(reviews):
    return Exists(reviews.filter(pk=OuterRef("pk")))


def _count(rows):
    by_review = rows.order_by().values("review").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(by_review), 0)


@dataclass(frozen=True)
class Home:
    """A review as its page shows it. `day`: (number, how many) of today among its days on site, or None.

    `support`: the milestones of enhanced support to be offered, which tell nothing of why.
    """

    review: PeerReview
    milestones: list
    lines: list
    endorsements: list
    changes: list
    calls: list
    day: tuple | None
    support: tuple = ()

    @property
    def standing(self):
        """Return what `peer_reviews.rules.readiness.lacking` asks about."""
        review = self.review
        return Standing(
            stage=review.stage,
            first_day=review.first_day,
            has_manager=review.manager_id is not None,
            has_organiser=review.organiser_id is not None,
            has_scope=bool(review.scope),
            lines=len(self.lines),
            agreed_by_council=review.scope_agreed_by_council_on is not None,
            agreed_by_lga=review.scope_agreed_by_lga_on is not None,
            endorsed=frozenset(endorsement.office for endorsement in self.endorsements),
        )


def home_of(review, viewer):
    """Return the `Home` of a review found by `for_page`, for one who reads more than what is published. Six queries."""
    support = Milestone.objects.visible_to(viewer).filter(risk_finding__review=review)
    owed = Milestone.objects.filter(Q(review_step__review=review) | Q(pk__in=support.values("pk")))
    owed = owed.as_at(viewer.today, viewer.today).select_related("review_step", "assignee")
    owed = list(owed.order_by("due_on", "pk"))
    return Home(
        review=review,
        milestones=[milestone for milestone in owed if hasattr(milestone, "review_step")],
        lines=list(LineOfEnquiry.objects.filter(review=review)),
        endorsements=list(Endorsement.objects.filter(review=review)),
        changes=list(StageChange.objects.filter(review=review).select_related("made_by")),
        calls=list(review.ofsted_calls.all()),
        day=_day(review, viewer.today),
        support=tuple(milestone for milestone in owed if not hasattr(milestone, "review_step")),
    )


def _day(review, today):
    if review.stage != Stage.ON_SITE or review.first_day is None:
        return None
    return day_of(today, review.first_day, review.last_day, working_calendars()[CALENDAR])
