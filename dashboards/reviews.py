"""What of peer reviews waits for a viewer, and where those of a council stand."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.permissions import Ability
from councils.models import Office
from peer_reviews.models import (
    ENDED,
    Activity,
    Endorsement,
    FactualComment,
    LineOfEnquiry,
    Note,
    PeerReview,
    Report,
    Stage,
)
from peer_reviews.queries.arisen import conflicts_arisen
from peer_reviews.queries.home import Home, for_page
from peer_reviews.rules.days import day_of

# For so long a council's refusal is news to whoever offers.
DAYS_DECLINED_IS_NEWS = 60
OF_REVIEWS = (
    Ability.ANSWER_REVIEWS,
    Ability.PREPARE_REVIEWS,
    Ability.RUN_REVIEWS,
    Ability.SERVE_ON_REVIEWS,
)


@dataclass(frozen=True)
class ReviewWork:
    """What of reviews waits for a viewer: each review of theirs as its own page reads it, those declined lately, and
    how many of a review's team may not go by now."""

    homes: tuple[Home, ...] = ()
    declined: tuple[PeerReview, ...] = ()
    conflicts: dict = field(default_factory=dict)


def review_work(viewer, calendar):
    """Return the `ReviewWork` of a viewer, today, by the working days of `calendar`.

    One query, and three more for who manages a review with a team; none for who has nothing to do with reviews.
    """
    if not any(viewer.may(ability) for ability in OF_REVIEWS):
        return ReviewWork()
    homes, declined = [], []
    for review in _theirs(viewer):
        if review.stage == Stage.DECLINED:
            declined.append(review)
            continue
        # Who may run all the reviews of a region is told here of those that they manage.
        review.is_run = review.is_run and review.manager_id == viewer.person_id
        homes.append(_home(review, viewer.today, calendar))
    managed = [home.review for home in homes if home.review.is_run and home.review.team_count > 1]
    managed = [review for review in managed if review.final_on is None]
    return ReviewWork(tuple(homes), tuple(declined), conflicts_arisen(managed, on=viewer.today))


def _theirs(viewer):
    """The reviews that go on and are the viewer's to answer, prepare, manage or serve on, and those declined lately."""
    reach = Q(manager=viewer.person_id or 0) | Q(pk__in=PeerReview.objects.of_team(viewer).values("pk"))
    reach |= viewer.council_filter(Ability.ANSWER_REVIEWS, "case__council")
    reach |= viewer.council_filter(Ability.PREPARE_REVIEWS, "case__council")
    lately = viewer.today - timedelta(days=DAYS_DECLINED_IS_NEWS)
    declined = viewer.council_filter(Ability.RUN_REVIEWS, "case__council")
    declined &= Q(stage=Stage.DECLINED, answered_on__gt=lately)
    again = PeerReview.objects.filter(case__council=OuterRef("case__council"), pk__gt=OuterRef("pk"))
    own = Note.objects.written_by(viewer).filter(review=OuterRef("pk"), shared_at=None)
    today = Activity.objects.filter(review=OuterRef("pk"), on=viewer.today)
    rounds = Report.objects.filter(review=OuterRef("pk"), stage=Report.Stage.FACTUAL_ACCURACY)
    comments = FactualComment.objects.filter(paragraph__report__review=OuterRef("pk"), answer="")
    endorsed = Endorsement.objects.filter(review=OuterRef("pk"))
    return (
        for_page(viewer)
        .filter(reach & ~Q(stage__in=ENDED) | declined & ~Exists(again))
        .select_related("case__council", "kind", "manager")
        .annotate(
            lines_count=_count(LineOfEnquiry.objects.filter(review=OuterRef("pk")), "review"),
            by_chief_executive=Exists(endorsed.filter(office=Office.CHIEF_EXECUTIVE)),
            by_leader=Exists(endorsed.filter(office=Office.LEADER)),
            own_unshared=_count(own.order_by(), "review"),
            activities_today=_count(today, "review"),
            first_today=Subquery(today.order_by("starts_at").values("starts_at")[:1]),
            comments_due=Subquery(rounds.filter(comments_closed_on=None).values("comments_due_on")[:1]),
            comments_open=_count(comments, "paragraph__report__review"),
        )
        .order_by("first_day", "pk")
    )


def _count(rows, of):
    counted = rows.order_by().values(of).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def _home(review, today, calendar):
    """Return what the review's own page reads of it, as far as it says what waits. No query."""
    endorsed = {Office.CHIEF_EXECUTIVE: review.by_chief_executive, Office.LEADER: review.by_leader}
    on_site = review.stage == Stage.ON_SITE and review.first_day is not None
    return Home(
        review=review,
        milestones=[],
        lines=[None] * review.lines_count,
        endorsements=[Endorsement(office=office) for office, is_so in endorsed.items() if is_so],
        changes=[],
        calls=[],
        day=day_of(today, review.first_day, review.last_day, calendar) if on_site else None,
    )


def reviews_of(council, viewer):
    """Return the reviews of a council that the viewer may read more of than is published, the latest first. One query.

    Those that it has jointly with another are among them.
    """
    joint = PeerReview.joint_with.through.objects
    reads = joint.filter(viewer.council_filter(Ability.READ_REVIEWS)).values("peerreview")
    inside = viewer.council_filter(Ability.READ_REVIEWS, "case__council") | Q(pk__in=reads)
    inside |= Q(pk__in=PeerReview.objects.of_team(viewer).values("pk"))
    of_it = Q(case__council=council) | Q(pk__in=joint.filter(council=council).values("peerreview"))
    theirs = PeerReview.objects.visible_to(viewer).filter(inside, of_it)
    latest = Coalesce("first_day", "offered_on", "case__entered_on")
    return list(theirs.select_related("case", "kind").order_by(latest.desc(), "-pk"))
