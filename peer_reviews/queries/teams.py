"""Who may not go on a review, who would fit it, and what its team looks like, in sets."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import (
    Avg,
    Case,
    Count,
    DateField,
    DecimalField,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from accounts.models import Grant
from accounts.permissions import ABILITIES, Ability, Role
from cases.conflicts import appointed_at
from councils.models import (
    Council,
    DeliveryArrangement,
    DeliveryBody,
    Neighbour,
    PoliticalControl,
    RegionMembership,
    Succession,
    held_on,
)
from peer_reviews.models import (
    DaysLent,
    KindPlace,
    Objection,
    Peer,
    PeerFeedback,
    PeerPost,
    PeerReview,
    PeerRole,
    PeerWord,
    Stage,
    TeamMember,
    Tie,
    Training,
    Unavailable,
)
from peer_reviews.rules import conflicts as rules
from peer_reviews.rules import fit as fits

NOT_HELD = (Stage.DECLINED, Stage.CANCELLED, Stage.POSTPONED)
ON_A_PAGE = 20


def stretch_of(review, today):
    """Return the `Stretch` of a review: its days on site and today."""
    return rules.Stretch.of(review.first_day, review.last_day, today)


def excluded(review, *, on, peers=None):
    """Return {peer number: [reason, …]} of everybody who may not go on the review. At most five queries.

    As at the day `on`. `peers`: numbers, where only theirs are asked. Rule: section 6, point 3.
    """
    stretch = stretch_of(review, on)
    about = around(review, stretch)
    posts, ties = _posts_and_ties(about, peers)
    found = rules.reasons_of(about, posts=posts, ties=ties, stretch=stretch)
    for peer, words in _appointed(about, peers):
        if words not in found.setdefault(peer, []):
            found[peer].append(words)
    return found


def around(review, stretch):
    """Return the `Around` of the review's councils. One query."""
    nothing = _no_number()
    no_day = Cast(Value(None), DateField())
    joint = PeerReview.joint_with.through.objects.filter(peerreview=review.pk)
    of_review = Council.objects.filter(
        Q(pk=review.case.council_id) | Q(pk__in=joint.values("council"))
    ).order_by()
    neighbours = newest_neighbours(of_review.values("pk"))
    objected = Objection.objects.filter(review=review.pk, council__in=neighbours.values("neighbour"))
    rows = (
        _as(of_review, "host", F("pk"), nothing, nothing, no_day, no_day)
        .union(
            _as(Succession.objects, "succession", F("predecessor"), F("successor"), nothing, no_day, no_day),
            _as(
                DeliveryArrangement.objects,
                "arrangement",
                F("council"),
                F("body"),
                F("body__council"),
                F("from_on"),
                F("until_on"),
            ),
            _as(
                DeliveryBody.objects.filter(council__isnull=False),
                "body",
                F("pk"),
                F("council"),
                nothing,
                no_day,
                no_day,
            ),
            _as(objected, "objected", F("council"), nothing, nothing, no_day, no_day),
            all=True,
        )
        .order_by()
    )
    told = {name: [] for name in ("host", "succession", "arrangement", "body", "objected")}
    for what, *values in rows:
        told[what].append(values)
    return rules.around(
        [row[0] for row in told["host"]],
        successions=[(row[0], row[1]) for row in told["succession"]],
        arrangements=[rules.Arrangement(*row) for row in told["arrangement"]],
        bodies=[(row[0], row[1]) for row in told["body"]],
        objected=[row[0] for row in told["objected"]],
        stretch=stretch,
    )


def newest_neighbours(councils):
    """Return the statistical neighbours of councils, by the newest model that has each of them."""
    newest = (
        Neighbour.objects.filter(council=OuterRef("council")).order_by("-model_year").values("model_year")[:1]
    )
    found = Neighbour.objects.filter(council__in=councils, model_year=Subquery(newest))
    return found.order_by("council", "rank")


def _as(rows, what, a, b, c, begins, ends):
    return (
        rows.order_by()
        .annotate(
            what_it_is=Value(what),
            number_a=Cast(a, IntegerField()),
            number_b=Cast(b, IntegerField()),
            number_c=Cast(c, IntegerField()),
            day_a=begins,
            day_b=ends,
        )
        .values_list("what_it_is", "number_a", "number_b", "number_c", "day_a", "day_b")
    )


def _no_number():
    return Cast(Value(None), IntegerField())


def _posts_and_ties(about, peers):
    """Return ([Post], [Tied]) that may keep somebody away: the posts and ties at the councils around. One query."""
    councils, bodies = about.employers
    posts = PeerPost.objects.filter(
        Q(council__in=councils | about.objected) | Q(body__in=bodies | _of(about))
    )
    ties = Tie.objects.filter(council__in=about.reviewed)
    advised = Peer.objects.filter(
        person__grants__role=Role.DFE_ADVISER, person__grants__council__in=about.reviewed
    )
    if peers is not None:
        posts, ties = posts.filter(peer__in=peers), ties.filter(peer__in=peers)
        advised = advised.filter(pk__in=peers)
    fields = ("what", "a_peer", "a_council", "a_body", "council_it_is", "a_kind", "begins", "ends")
    nothing = _no_number()
    rows = (
        _named(posts, "post", F("peer"), F("council"), F("body"), F("body__council"), Value(""))
        .values_list(*fields)
        .union(
            _named(ties, "tie", F("peer"), F("council"), nothing, nothing, F("kind")).values_list(*fields),
            _named(
                advised,
                "tie",
                F("pk"),
                F("person__grants__council"),
                nothing,
                nothing,
                Value("dfe-adviser"),
                "person__grants__",
            ).values_list(*fields),
            all=True,
        )
        .order_by()
    )
    found = ([], [])
    for what, peer, council, body, council_it_is, kind, begins, ends in rows:
        if what == "post":
            found[0].append(rules.Post(peer, council, body, council_it_is, begins, ends))
        else:
            found[1].append(rules.Tied(peer, council, kind, begins, ends))
    return found


def _of(about):
    """Return the bodies that are a council to which the host objected."""
    return {body for body, council in about.bodies_that_are.items() if council in about.objected}


def _named(rows, what, peer, council, body, council_it_is, kind, prefix=""):
    return rows.order_by().annotate(
        what=Value(what),
        a_peer=Cast(peer, IntegerField()),
        a_council=Cast(council, IntegerField()),
        a_body=Cast(body, IntegerField()),
        council_it_is=Cast(council_it_is, IntegerField()),
        a_kind=kind,
        begins=F(f"{prefix}from_on"),
        ends=F(f"{prefix}until_on"),
    )


def _appointed(about, peers):
    """Yield (peer, reason) of those whom the DfE appointed there: by who signs in, or by name. At most two queries."""
    appointed = appointed_at(about.reviewed)
    if not appointed:
        return
    people, names = {}, {}
    for one in appointed:
        words = f"was appointed there by the DfE: {one.role}"
        if one.person_id:
            people[one.person_id] = words
        if one.name.strip():
            names[rules.folded(one.name)] = words
    pool = Peer.objects.order_by() if peers is None else Peer.objects.filter(pk__in=peers).order_by()
    if not names:
        pool = pool.filter(person__in=people)
    for peer, person, name in pool.values_list("pk", "person", "name"):
        words = people.get(person) or names.get(rules.folded(name))
        if words:
            yield peer, words


@dataclass(frozen=True)
class Host:
    """What a suggestion is weighed against. `control` is a slug of PoliticalControl, "" where none is recorded."""

    first: object
    last: object
    dated: bool
    region: int | None
    control: str
    expertise: int | None
    number: int


@dataclass
class Suggested:
    """A peer suggested for a place, with what speaks for and against."""

    peer: Peer
    facts: fits.Facts
    fit: int
    lends: str
    title: str
    words: list = field(default_factory=list)
    reasons: list = field(default_factory=list)
    warnings: list = field(default_factory=list)

    @property
    def who(self):
        return ", ".join(filter(None, [self.title, self.lends])) or "No post at a council on record"


@dataclass
class Suggestions:
    """One page of suggestions. `left_out`: how many of the pool a conflict keeps away."""

    rows: list
    page: int
    has_next: bool
    left_out: int
    host: Host

    @property
    def before(self):
        return self.page - 1

    @property
    def after(self):
        return self.page + 1


def suggestions(review, role, viewer, *, wanted=(), q="", page=1):
    """Return the peers who may take `role` on the review, best fit first, as `Suggestions`. At most eight queries.

    `wanted`: numbers of words to look for besides the place's own; `q`: words of a name. Whom a conflict keeps away,
    who is on the team and whom the council has refused are never among them.
    """
    kept_away = excluded(review, on=viewer.today)
    host = _host(review, role, viewer.today)
    wanted = {*wanted, host.expertise} - {None}
    pool = Peer.objects.visible_to(viewer).in_pool(viewer.today)
    pool = pool.filter(Exists(PeerRole.objects.filter(peer=OuterRef("pk"), role=role)))
    for word in q.split():
        pool = pool.filter(name__icontains=word)
    on_it = TeamMember.objects.filter(review=review.pk, peer=OuterRef("pk"))
    pool = pool.filter(~Exists(on_it.filter(Q(left_on__isnull=True) | Q(refused=True))))
    pool = pool.exclude(pk__in=sorted(kept_away))
    facts = _facts(review, role, host, wanted)
    ranked = pool.alias(**facts).annotate(fit=_fit()).order_by("-fit", "lent", "name", "pk")
    first = (page - 1) * ON_A_PAGE
    found = dict(ranked.values_list("pk", "fit")[first : first + ON_A_PAGE + 1])
    shown = list(found)[:ON_A_PAGE]
    # What is shown is asked for those on the page alone: asked with the ranking, it would be found twice for everybody.
    peers = Peer.objects.annotate(**facts, **_posts_shown(host)).in_bulk(shown)
    names = _words_of(shown, wanted)
    rows = [_suggested(peers[pk], found[pk], host, names.get(pk, [])) for pk in shown]
    return Suggestions(rows, page, len(found) > ON_A_PAGE, len(kept_away), host)


def _host(review, role, today):
    """One query."""
    first, last = review.first_day or today, review.last_day or today
    regions = RegionMembership.objects.on_or_last(today).filter(
        council=OuterRef("case__council"), scheme=RegionMembership.LGA
    )
    controls = PoliticalControl.objects.on(today).filter(council=OuterRef("case__council"))
    places = KindPlace.objects.filter(kind=OuterRef("kind"), role=role)
    region, control, expertise, number = (
        PeerReview.objects.filter(pk=review.pk)
        .values_list(
            Subquery(regions.values("region")[:1]),
            Subquery(controls.values("control")[:1]),
            Subquery(places.values("expertise")[:1]),
            Subquery(places.values("number")[:1]),
        )
        .get()
    )
    return Host(first, last, review.first_day is not None, region, control or "", expertise, number or 0)


def lends_on(day):
    """Return the posts, newest first, in which a council employs the peer of an outer query on `day`."""
    held = PeerPost.objects.filter(held_on(day), peer=OuterRef("pk"), council__isnull=False)
    return held.order_by(F("from_on").desc(nulls_last=True), "-pk")


def lent_in_year(on):
    """Return the expression of the days lent in the financial year of `on` by the peer of an outer query."""
    first, after = fits.financial_year(on)
    lent = DaysLent.objects.filter(
        peer=OuterRef("pk"), withdrawn_on__isnull=True, on__gte=first, on__lt=after
    )
    total = lent.order_by().values("peer").annotate(total=Sum("days")).values("total")
    return Coalesce(Subquery(total), Value(0), output_field=DecimalField(max_digits=6, decimal_places=1))


def away_between(first, last):
    """Return the condition that the peer of an outer query can't go on a day from `first` to `last`."""
    return Exists(Unavailable.objects.filter(peer=OuterRef("pk"), from_on__lte=last, until_on__gt=first))


def busy_between(first, last, *, but=None):
    """Return the condition that they are on the team of a review on those days, `but` for one."""
    places = TeamMember.objects.filter(
        peer=OuterRef("pk"), left_on__isnull=True, review__first_day__lte=last, review__last_day__gte=first
    ).exclude(review__stage__in=NOT_HELD)
    return Exists(places.exclude(review=but) if but else places)


def _facts(review, role, host, wanted):
    """Return {name: expression} of what is known of a peer for the place: the fields of `rules.fit.Facts`."""
    accredited = Training.objects.filter(peer=OuterRef("pk"), accreditation=True)
    in_date = accredited.filter(Q(expires_on__isnull=True) | Q(expires_on__gt=host.last))
    lately = TeamMember.objects.filter(
        peer=OuterRef("pk"),
        from_on__isnull=False,
        left_on__isnull=True,
        review__last_day__gte=host.first - timedelta(days=fits.RESTED_DAYS),
        review__last_day__lt=host.first,
    )
    links = Peer.words.through.objects.filter(peer=OuterRef("pk"), peerword__in=sorted(wanted))
    regions = Peer.regions.through.objects.filter(peer=OuterRef("pk"))
    known = role == "member" and host.control
    return {
        "matches": _counted(links) if wanted else Value(0),
        "away": away_between(host.first, host.last) if host.dated else Value(False),
        "busy": busy_between(host.first, host.last, but=review.pk) if host.dated else Value(False),
        "political": _is(political_group=host.control) if known else Value(False),
        "lent": Cast(lent_in_year(host.first), FloatField()),
        "accredited": Exists(in_date),
        "ever_accredited": Exists(accredited),
        "rating": Subquery(_ratings().values("mean"), output_field=FloatField()),
        "lately": Exists(lately),
        "region_named": Exists(regions.filter(region=host.region or 0)),
        "region_asked": Exists(regions),
        "lends": Subquery(lends_on(host.first).values("council")[:1]),
        "twice": _is(lends__in=_lending_in_quarter(host.first)),
    }


def _posts_shown(host):
    lends = lends_on(host.first)
    return {
        "lends_name": Subquery(lends.values("council__name")[:1]),
        "post_title": Subquery(lends.values("title")[:1]),
    }


def _ratings():
    """Return the mean rating of the peer of an outer query."""
    ratings = PeerFeedback.objects.filter(peer=OuterRef("pk")).order_by().values("peer")
    return ratings.annotate(mean=Avg("rating"))


def _counted(rows):
    counted = rows.order_by().values("peer").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


def _is(**condition):
    return Case(When(then=Value(True), **condition), default=Value(False))


def _fit():
    """Return the worth of the facts together: `rules.fit.fit_of` in SQL, each fact found once."""
    worth = fits.WORTH
    nothing = Value(0)

    def either(*cases, otherwise=nothing):
        cases = [When(condition, then=Value(worth[name])) for condition, name in cases]
        return Case(*cases, default=otherwise, output_field=IntegerField())

    # In the order in which most are done with soonest: each condition adds up the days lent again.
    lent = Case(
        When(lent=0, then=Value(worth["none_lent"]) + either((Q(days_a_year=0), "over"))),
        When(lent__gte=F("days_a_year"), then=Value(worth["over"])),
        When(lent__lte=F("days_a_year") / Value(2.0), then=Value(worth["few_lent"])),
        default=nothing,
        output_field=IntegerField(),
    )
    liked = either((Q(mean__gte=fits.LIKED), "liked"), (Q(mean__lt=fits.NOT_LIKED), "not_liked"))
    return (
        F("matches") * Value(worth["match"])
        + either((Q(away=True), "away"))
        + either((Q(busy=True), "busy"))
        + either((Q(political=True), "political"))
        + either((Q(accredited=True), "accredited"), (Q(ever_accredited=True), "lapsing"))
        + lent
        + Coalesce(Subquery(_ratings().annotate(worth=liked).values("worth")), nothing)
        + either(
            (Q(region_named=True), "region"),
            (Q(region_asked=True), "elsewhere"),
            otherwise=Value(worth["anywhere"]),
        )
        + either((Q(lately=False), "rested"))
        + either((Q(twice=True), "twice"))
    )


def _lending_in_quarter(day):
    """Return the councils that lend somebody to a review of the quarter of `day`, to be asked within another query."""
    first, after = fits.quarter(day)
    places = TeamMember.objects.on_team().filter(
        lent_by__isnull=False, review__first_day__gte=first, review__first_day__lt=after
    )
    return places.exclude(review__stage__in=NOT_HELD).order_by().values("lent_by")


def _words_of(peers, wanted):
    """Return {peer: [name of a wanted word that is theirs]}. One query, or none."""
    if not wanted or not peers:
        return {}
    links = Peer.words.through.objects.filter(peer__in=peers, peerword__in=sorted(wanted))
    found = {}
    for peer, kind, name in links.order_by("peerword__name").values_list(
        "peer", "peerword__kind", "peerword__name"
    ):
        speaks = kind == PeerWord.Kind.LANGUAGE
        found.setdefault(peer, []).append(f"Speaks {name}" if speaks else name)
    return found


def _suggested(peer, fit, host, words):
    region = "named" if peer.region_named else "elsewhere" if peer.region_asked else "anywhere"
    facts = fits.Facts(
        matches=peer.matches,
        political=bool(peer.political),
        region=region,
        away=bool(peer.away),
        busy=bool(peer.busy),
        days_lent=peer.lent,
        days_a_year=peer.days_a_year,
        accredited=peer.accredited,
        lapsing=peer.ever_accredited and not peer.accredited,
        rating=peer.rating,
        lately=peer.lately,
        twice=bool(peer.twice),
    )
    lends = peer.lends_name or ""
    return Suggested(
        peer,
        facts,
        fit,
        lends,
        peer.post_title or "",
        words,
        fits.reasons(facts, words=words, control=peer.get_political_group_display(), dated=host.dated),
        fits.warnings(facts, lends=lends),
    )


@dataclass
class Member:
    """A place on a team as its page shows it, with what waits and what has arisen since."""

    member: TeamMember
    title: str
    employer: str
    conflicts: list
    warnings: list
    signs_in: bool


def members(review, viewer, *, with_lga_facts):
    """Return the `Member`s of the review's team that the viewer may see, those who left included, in their order.

    `with_lga_facts`: what the LGA alone is told: conflicts that have arisen, warnings, and who can sign in.
    """
    day = review.first_day or viewer.today
    posts = PeerPost.objects.filter(held_on(day), peer=OuterRef("peer"))
    posts = posts.order_by(F("from_on").desc(nulls_last=True), "-pk")
    rows = list(
        TeamMember.objects.visible_to(viewer)
        .filter(review=review.pk)
        .select_related("peer", "person", "lent_by", "review__case")
        .annotate(
            post_title=Subquery(posts.values("title")[:1]),
            employer=Coalesce(
                Subquery(posts.values("council__name")[:1]),
                Subquery(posts.values("body__name")[:1]),
                Subquery(posts.values("employer")[:1]),
            ),
        )
        .order_by("pk")
    )
    on_it = [row.peer_id for row in rows if row.peer_id and row.left_on is None]
    conflicts, against, signing_in = {}, {}, set()
    if with_lga_facts:
        conflicts = excluded(review, on=viewer.today, peers=on_it)
        against = _against(review, on_it, viewer.today)
        signing_in = _who_may_serve([row.person_id for row in rows if row.person_id], viewer.today)
    return [
        Member(
            row,
            row.post_title or ("LGA review manager" if row.role == "manager" else ""),
            row.employer or ("" if row.role != "manager" else "Local Government Association"),
            conflicts.get(row.peer_id, []) if row.left_on is None else [],
            against.get(row.peer_id, []) if row.left_on is None else [],
            row.person_id in signing_in,
        )
        for row in rows
    ]


def _against(review, peers, today):
    """Return {peer: warnings} of those who are on the team. Two queries."""
    first, last = review.first_day or today, review.last_day or today
    lending = list(
        TeamMember.objects.on_team()
        .filter(
            lent_by__isnull=False,
            review__first_day__gte=fits.quarter(first)[0],
            review__first_day__lt=fits.quarter(first)[1],
        )
        .exclude(review__stage__in=NOT_HELD)
        .values_list("lent_by", "peer")
    )
    accredited = Training.objects.filter(peer=OuterRef("pk"), accreditation=True)
    rows = Peer.objects.filter(pk__in=peers).annotate(
        away=away_between(first, last),
        busy=busy_between(first, last, but=review.pk),
        lapsing=Case(
            When(
                Exists(accredited) & ~Exists(accredited.filter(Q(expires_on=None) | Q(expires_on__gt=last))),
                then=Value(True),
            ),
            default=Value(False),
        ),
        lends=Subquery(lends_on(first).values("council")[:1]),
        lends_name=Subquery(lends_on(first).values("council__name")[:1]),
    )
    found = {}
    for peer in rows:
        twice = any(council == peer.lends and other != peer.pk for council, other in lending)
        facts = fits.Facts(
            away=bool(review.first_day and peer.away),
            busy=bool(review.first_day and peer.busy),
            lapsing=bool(peer.lapsing),
            twice=twice,
        )
        found[peer.pk] = fits.warnings(facts, lends=peer.lends_name or "")
    return found


def _who_may_serve(people, today):
    serving = [role for role, abilities in ABILITIES.items() if Ability.SERVE_ON_REVIEWS in abilities]
    running = [role for role, abilities in ABILITIES.items() if Ability.RUN_REVIEWS in abilities]
    grants = Grant.objects.in_force(today).filter(
        person__in=people, person__is_active=True, role__in=[*serving, *running]
    )
    return set(grants.values_list("person", flat=True))


def places(review):
    """Return the kind's places, (role, number), and how many of each are taken and agreed. Two queries."""
    shape = list(KindPlace.objects.filter(kind=review.kind_id).exclude(role="manager").order_by("pk"))
    taken = dict(
        TeamMember.objects.on_team()
        .filter(review=review.pk)
        .order_by()
        .values_list("role")
        .annotate(number=Count("pk"))
    )
    return [(one.role, one.get_role_display(), one.number, taken.get(one.role, 0)) for one in shape]
