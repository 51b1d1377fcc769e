"""Reads for the list of reviews, the calendar of on-site weeks, and who is to be offered one next."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.permissions import Ability
from cases.models import Milestone
from cases.rules import add_months
from councils.models import Council, RegionMembership, Succession
from peer_reviews.models import Approach, PeerReview, Stage
from peer_reviews.rules.stages import IN_ORDER

# A review every four years. Rule: section 3, the row of the offer.
MONTHS_BETWEEN = 48
SOON_MONTHS = 6
OVER = ("declined", "cancelled", "closed")
RUNNING = tuple(stage for stage in (*IN_ORDER, "postponed") if stage not in OVER)
OFFER_RULE = "peer-review-offer"


def listed(viewer, *, region="", kind="", stage="", year=None):
    """Return the reviews that the viewer may read, narrowed, those under way first, the latest first: one query.

    Each with `region_name`, and `next_label` and `next_due` of the earliest of its steps that is open. `stage` is one
    of `Stage`, or "running"; `year` that of the first day on site.
    """
    members = RegionMembership.objects.on_or_last(viewer.today).filter(
        council=OuterRef("case__council"), scheme=RegionMembership.LGA
    )
    due = Milestone.objects.filter(review_step__review=OuterRef("pk"), closed_on=None).order_by(
        "due_on", "pk"
    )
    found = (
        PeerReview.objects.visible_to(viewer)
        .select_related("case__council", "kind", "manager")
        .annotate(
            region_name=Subquery(members.values("region__name")[:1]),
            next_label=Subquery(due.values("label")[:1]),
            next_due=Subquery(due.values("due_on")[:1]),
        )
    )
    if region:
        found = found.filter(Exists(members.filter(region__slug=region)))
    if kind:
        found = found.filter(kind__slug=kind)
    if stage == "running":
        found = found.filter(stage__in=RUNNING)
    elif stage:
        found = found.filter(stage=stage)
    if year:
        found = found.filter(first_day__year=year)
    ended = Case(When(stage__in=OVER, then=1), default=0, output_field=IntegerField())
    return found.order_by(ended, F("first_day").desc(nulls_first=True), "-pk")


def on_site_between(viewer, first, last):
    """Return the reviews on site on some day from `first` to `last`, both included, in the order of their days."""
    return (
        PeerReview.objects.visible_to(viewer)
        .filter(first_day__lte=last, last_day__gte=first)
        .exclude(stage__in=[Stage.DECLINED, Stage.CANCELLED, Stage.POSTPONED])
        .select_related("case__council", "kind", "manager")
        .order_by("first_day", "case__council__name")
    )


@dataclass
class Due:
    """A council, its last review or its predecessor's, and what has been said of the next. Days in London."""

    council: Council
    last: PeerReview | None = None
    of_predecessor: bool = False
    due_on: date | None = None
    running: PeerReview | None = None
    declined: PeerReview | None = None
    approach: Approach | None = None
    region_name: str = ""


@dataclass
class Offers:
    """Whom to offer a review: councils whose four years are over or nearly so, and those of which none is known."""

    due: list[Due] = field(default_factory=list)
    none_known: list[Due] = field(default_factory=list)
    later: list[Due] = field(default_factory=list)
    declined: list[PeerReview] = field(default_factory=list)


def offers_due(viewer, *, region="", on):
    """Return `Offers` for the councils where the viewer sees what is the LGA's alone, as at `on`. Seven queries."""
    scope = Council.objects.on(on).filter(viewer.council_filter(Ability.SEE_LGA_ONLY, "pk"))
    members = RegionMembership.objects.on(on).filter(council=OuterRef("pk"), scheme=RegionMembership.LGA)
    if region:
        scope = scope.filter(Exists(members.filter(region__slug=region)))
    councils = list(
        scope.annotate(region_name=Coalesce(Subquery(members.values("region__name")[:1]), Value("")))
    )
    before = _predecessors()
    known = _reviews_by_council(viewer)
    due_on = dict(
        Milestone.objects.visible_to(viewer)
        .filter(rule__slug=OFFER_RULE, closed_on=None, due_on__isnull=False)
        .values_list("council", "due_on")
    )
    approaches = _latest_approaches(viewer)
    soon = add_months(on, SOON_MONTHS)
    offers = Offers()
    for council in councils:
        one = _due(council, known, before, approaches)
        one.due_on = due_on.get(council.pk) or (one.last and add_months(one.last.last_day, MONTHS_BETWEEN))
        if one.last is None:
            offers.none_known.append(one)
        elif one.due_on <= soon:
            offers.due.append(one)
        else:
            offers.later.append(one)
    offers.due.sort(key=lambda one: (one.due_on, one.council.name))
    offers.later.sort(key=lambda one: (one.due_on, one.council.name))
    here = {council.pk for council in councils}
    offers.declined = sorted(
        {review for rows in known.values() for review in rows if review.stage == Stage.DECLINED},
        key=lambda review: (review.answered_on, review.pk),
        reverse=True,
    )
    offers.declined = [review for review in offers.declined if review.case.council_id in here]
    return offers


def _due(council, known, before, approaches):
    own = known.get(council.pk, [])
    inherited = [review for pk in before.get(council.pk, ()) for review in known.get(pk, [])]
    one = Due(council, region_name=council.region_name, approach=approaches.get(council.pk))
    one.running = next((review for review in own if review.stage in RUNNING), None)
    one.declined = max(
        (review for review in own if review.stage == Stage.DECLINED),
        key=lambda r: r.answered_on,
        default=None,
    )
    for rows, of_predecessor in ((own, False), (inherited, True)):
        held = [review for review in rows if _was_held(review)]
        if held:
            one.last = max(held, key=lambda review: review.last_day)
            one.of_predecessor = of_predecessor
            break
    return one


def _was_held(review):
    """Say whether the team was there, and a review of this kind answers the aim of one every four years."""
    there = review.stage in IN_ORDER and IN_ORDER.index(review.stage) >= IN_ORDER.index("feedback-given")
    return review.kind.counts_for_offer and review.last_day is not None and there


def _reviews_by_council(viewer):
    found = defaultdict(list)
    rows = PeerReview.objects.visible_to(viewer).select_related("case__council", "kind")
    for review in rows.prefetch_related("joint_with"):
        for pk in {review.case.council_id, *(council.pk for council in review.joint_with.all())}:
            found[pk].append(review)
    return found


def _predecessors():
    """Return {council: every council that it took over from, directly or not}. One query."""
    direct = defaultdict(set)
    for successor, predecessor in Succession.objects.values_list("successor", "predecessor"):
        direct[successor].add(predecessor)
    found = {}
    for council in direct:
        seen, ahead = set(), list(direct[council])
        while ahead:
            one = ahead.pop()
            if one not in seen and one != council:
                seen.add(one)
                ahead += direct.get(one, ())
        found[council] = seen
    return found


def _latest_approaches(viewer):
    latest = {}
    for approach in Approach.objects.visible_to(viewer).order_by("on", "pk"):
        latest[approach.council_id] = approach
    return latest


def weeks_from(first, count):
    """Return the Mondays of `count` weeks, from that of the day `first` on."""
    monday = first - timedelta(days=first.weekday())
    return [monday + timedelta(weeks=number) for number in range(count)]


def councils_to_record(viewer):
    """Return the councils for which the viewer may record a review, those that have ended too."""
    return Council.objects.filter(viewer.council_filter(Ability.RUN_REVIEWS, "pk"))


def regions_listed(viewer):
    """Return (slug, name) of the regions of the reviews that the viewer may read."""
    councils = PeerReview.objects.visible_to(viewer).values("case__council")
    members = RegionMembership.objects.on_or_last(viewer.today).filter(
        council__in=councils, scheme=RegionMembership.LGA
    )
    return list(members.order_by("region__order").values_list("region__slug", "region__name").distinct())
