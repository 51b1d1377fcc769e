"""The pool of peers as its pages show it: the search, one peer, the days that councils lend."""

from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, FloatField, Max, Min, OuterRef, Q, Subquery, Sum, Window
from django.db.models.functions import Cast, Coalesce

from councils.models import held_on
from peer_reviews.models import (
    DaysLent,
    Peer,
    PeerFeedback,
    PeerPost,
    PeerReview,
    PeerRole,
    TeamMember,
)
from peer_reviews.queries.teams import away_between, busy_between, lent_in_year

ON_A_PAGE = 25


@dataclass(frozen=True)
class Wanted:
    """What is searched for; what is empty is not asked. `words`: numbers of PeerWords, every one of which is wanted."""

    q: str = ""
    role: str = ""
    words: tuple = ()
    region: int | None = None
    political_group: str = ""
    free_from: object = None
    free_until: object = None
    within_days: bool = False
    left: bool = False


@dataclass
class Page:
    """One page of the search. `total`: of all pages."""

    peers: list = field(default_factory=list)
    total: int = 0
    number: int = 1

    @property
    def pages(self):
        return max(1, -(-self.total // ON_A_PAGE))

    @property
    def before(self):
        return self.number - 1

    @property
    def after(self):
        return self.number + 1


def search(wanted, viewer, *, page=1):
    """Return the `Page` of peers whom the viewer may see, by name, as at the viewer's today. At most four queries."""
    today = viewer.today
    pool = Peer.objects.visible_to(viewer)
    pool = pool.filter(left_on__lte=today) if wanted.left else pool.in_pool(today)
    for word in wanted.q.split():
        posts = PeerPost.objects.filter(held_on(today), peer=OuterRef("pk")).filter(
            Q(title__icontains=word)
            | Q(council__name__icontains=word)
            | Q(body__name__icontains=word)
            | Q(employer__icontains=word)
        )
        pool = pool.filter(Q(name__icontains=word) | Q(about__icontains=word) | Exists(posts))
    if wanted.role:
        pool = pool.filter(Exists(PeerRole.objects.filter(peer=OuterRef("pk"), role=wanted.role)))
    for word in wanted.words:
        pool = pool.filter(Exists(Peer.words.through.objects.filter(peer=OuterRef("pk"), peerword=word)))
    if wanted.region:
        asked = Peer.regions.through.objects.filter(peer=OuterRef("pk"))
        pool = pool.filter(Exists(asked.filter(region=wanted.region)) | ~Exists(asked))
    if wanted.political_group:
        pool = pool.filter(political_group=wanted.political_group)
    if wanted.free_from:
        last = wanted.free_until or wanted.free_from
        pool = pool.filter(~away_between(wanted.free_from, last), ~busy_between(wanted.free_from, last))
    pool = pool.annotate(lent=Cast(lent_in_year(today), FloatField()))
    if wanted.within_days:
        pool = pool.filter(lent__lt=F("days_a_year"))
    first = (page - 1) * ON_A_PAGE
    rows = pool.annotate(total=Window(Count("*")), **_post_on(today)).order_by("name", "pk")
    found = list(rows.prefetch_related("roles", "words")[first : first + ON_A_PAGE])
    if not found and page > 1:
        return search(wanted, viewer, page=1)
    return Page(found, found[0].total if found else 0, page)


def _post_on(day):
    posts = PeerPost.objects.filter(held_on(day), peer=OuterRef("pk"))
    posts = posts.order_by(F("from_on").desc(nulls_last=True), "-pk")
    return {
        "post_title": Subquery(posts.values("title")[:1]),
        "employer_name": Coalesce(
            Subquery(posts.values("council__name")[:1]),
            Subquery(posts.values("body__name")[:1]),
            Subquery(posts.values("employer")[:1]),
        ),
    }


@dataclass
class OnePeer:
    """What the page of a peer shows. `feedback` and `days`: empty where the viewer may not know."""

    peer: Peer
    posts: list
    ties: list
    unavailable: list
    training: list
    places: list
    elsewhere: int
    feedback: list
    days: list
    lent: float


def one_peer(peer, viewer):
    """Return the `OnePeer` of a peer that the viewer may see. Ten queries."""
    lga = DaysLent.objects.visible_to(viewer).filter(peer=peer)
    served = TeamMember.objects.filter(peer=peer, from_on__isnull=False)
    seen = (
        TeamMember.objects.visible_to(viewer)
        .filter(peer=peer)
        .select_related("review__case__council", "review__kind")
        .order_by("-review__first_day", "-pk")
    )
    places = [one for one in seen if one.from_on is not None or one.left_on is None]
    visible = PeerReview.objects.visible_to(viewer).values("pk")
    feedback = PeerFeedback.objects.none()
    if Peer.objects.visible_to(viewer).exclude(person=viewer.person_id or 0).filter(pk=peer.pk).exists():
        feedback = (
            PeerFeedback.objects.filter(peer=peer)
            .select_related("review__case__council", "review__kind")
            .annotate(may_open=Exists(visible.filter(pk=OuterRef("review"))))
        )
    days = list(lga.select_related("council", "host", "review__case").order_by("-on", "-pk"))
    return OnePeer(
        peer=peer,
        posts=list(peer.posts.select_related("council", "body")),
        ties=list(peer.ties.select_related("council").order_by("council__name", "pk")),
        unavailable=list(peer.unavailable.filter(until_on__gt=viewer.today)),
        training=list(peer.training.all()),
        places=places,
        elsewhere=max(0, served.count() - sum(1 for one in places if one.from_on is not None)),
        feedback=list(feedback),
        days=days,
        lent=Peer.objects.filter(pk=peer.pk).values_list(
            Cast(lent_in_year(viewer.today), FloatField()), flat=True
        )[0],
    )


def days_lent(viewer, first, after, *, council=None):
    """Return the days lent from `first` until `after` that stand, latest first, for the LGA. `council`: who lent."""
    rows = DaysLent.objects.visible_to(viewer).filter(on__gte=first, on__lt=after)
    if council is not None:
        rows = rows.filter(council=council)
    return rows.select_related("council", "host", "peer", "review__case").order_by("-on", "-pk")


def totals_lent(viewer, first, after):
    """Return a row for each council that lent days from `first` until `after`: its days by work, and all. One query."""
    rows = DaysLent.objects.visible_to(viewer).filter(on__gte=first, on__lt=after, withdrawn_on__isnull=True)
    sums = {
        f"for_{work}": Coalesce(
            Cast(Sum("days", filter=Q(work=work)), FloatField()), 0.0, output_field=FloatField()
        )
        for work in DaysLent.Work.values
    }
    rows = rows.order_by().values("council", "council__la_code", "council__name", "council__slug")
    return list(
        rows.annotate(
            **sums,
            total=Cast(Sum("days"), FloatField()),
            peers=Count("peer", distinct=True),
        ).order_by("-total", "council__name")
    )


def years_lent(viewer):
    """Return the first and last day on which days lent end, or (None, None). One query."""
    ends = DaysLent.objects.visible_to(viewer).aggregate(first=Min("on"), last=Max("on"))
    return ends["first"], ends["last"]
