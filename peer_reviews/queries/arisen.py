"""On whose teams somebody is whom a conflict keeps away by now: for many reviews at once, in three queries."""

from collections import defaultdict

from django.db.models import CharField, DateField, F, IntegerField, Value
from django.db.models.functions import Cast

from accounts.permissions import Role
from cases.conflicts import appointed_at
from councils.models import DeliveryArrangement, DeliveryBody, Succession
from peer_reviews.models import Objection, Peer, PeerPost, PeerReview, TeamMember, Tie
from peer_reviews.queries.teams import newest_neighbours, stretch_of
from peer_reviews.rules import conflicts as rules


def conflicts_arisen(reviews, *, on):
    """Return {review number: how many on its team may not go} of reviews with such people, as at the day `on`.

    The same rules as `peer_reviews.queries.teams.excluded`. `reviews`: PeerReviews with their cases. Three queries,
    none without reviews. Rule: section 6, point 3.
    """
    reviews = list(reviews)
    if not reviews:
        return {}
    told = _around([review.pk for review in reviews])
    teams = defaultdict(set)
    for review, peer in told["member"]:
        teams[review].add(peer)
    posts, ties, people = _of_peers(set().union(*teams.values()))
    abouts = {review.pk: (_about(review, told, on), stretch_of(review, on)) for review in reviews}
    appointed = appointed_at({council for about, _ in abouts.values() for council in about.reviewed})
    found = {}
    for pk, (about, stretch) in abouts.items():
        theirs = teams[pk]
        kept = rules.reasons_of(
            about,
            posts=[post for post in posts if post.peer in theirs],
            ties=[tie for tie in ties if tie.peer in theirs],
            stretch=stretch,
        )
        kept_away = set(kept) | {peer for peer in theirs if _is_appointed(people[peer], about, appointed)}
        if kept_away:
            found[pk] = len(kept_away)
    return found


def _about(review, told, on):
    hosts = {review.case.council_id} | {council for pk, council in told["joint"] if pk == review.pk}
    near = {neighbour for council, neighbour in told["neighbour"] if council in hosts}
    return rules.around(
        hosts,
        successions=told["succession"],
        arrangements=told["arrangement"],
        bodies=told["body"],
        objected={council for pk, council in told["objected"] if pk == review.pk} & near,
        stretch=stretch_of(review, on),
    )


def _is_appointed(person_and_name, about, appointed):
    person, name = person_and_name
    return any(
        one.council_id in about.reviewed
        and (
            (one.person_id and one.person_id == person)
            or (one.name.strip() and rules.folded(one.name) == rules.folded(name))
        )
        for one in appointed
    )


def _around(numbers):
    """Return by what they are the rows around reviews: who is on their teams, and what stands around councils."""
    hosts = PeerReview.objects.filter(pk__in=numbers).order_by()
    joint = PeerReview.joint_with.through.objects.filter(peerreview__in=numbers)
    objected = Objection.objects.filter(review__in=numbers)
    near = newest_neighbours(hosts.filter(objections__isnull=False).values("case__council"))
    rows = _rows(
        TeamMember.objects.on_team().filter(review__in=numbers, peer__isnull=False),
        "member",
        F("review"),
        F("peer"),
    ).union(
        _rows(joint, "joint", F("peerreview"), F("council")),
        _rows(objected, "objected", F("review"), F("council")),
        _rows(near, "neighbour", F("council"), F("neighbour")),
        _rows(Succession.objects, "succession", F("predecessor"), F("successor")),
        _rows(
            DeliveryArrangement.objects,
            "arrangement",
            F("council"),
            F("body"),
            F("body__council"),
            begins=F("from_on"),
            ends=F("until_on"),
        ),
        _rows(DeliveryBody.objects.filter(council__isnull=False), "body", F("pk"), F("council")),
        all=True,
    )
    told = defaultdict(list)
    for what, a, b, c, _, begins, ends in rows.order_by():
        told[what].append(rules.Arrangement(a, b, c, begins, ends) if what == "arrangement" else (a, b))
    return told


def _of_peers(peers):
    """Return ([Post], [Tied], {peer: (who signs in, name)}) of peers. One query."""
    pool = Peer.objects.filter(pk__in=peers)
    posts = PeerPost.objects.filter(peer__in=peers)
    ties = Tie.objects.filter(peer__in=peers)
    advised = pool.filter(person__grants__role=Role.DFE_ADVISER, person__grants__council__isnull=False)
    dated = {"begins": F("from_on"), "ends": F("until_on")}
    # A peer's post is the one row with four numbers: the peer stands in its text.
    rows = _rows(pool, "peer", F("pk"), F("person"), text=F("name")).union(
        _rows(posts, "post", F("council"), F("body"), F("body__council"), text=_text(F("peer")), **dated),
        _rows(ties, "tie", F("peer"), F("council"), text=F("kind"), **dated),
        _rows(
            advised,
            "tie",
            F("pk"),
            F("person__grants__council"),
            text=Value("dfe-adviser"),
            begins=F("person__grants__from_on"),
            ends=F("person__grants__until_on"),
        ),
        all=True,
    )
    posts, ties, people = [], [], {}
    for what, a, b, c, text, begins, ends in rows.order_by():
        if what == "peer":
            people[a] = (b, text)
        elif what == "post":
            posts.append(rules.Post(int(text), a, b, c, begins, ends))
        else:
            ties.append(rules.Tied(a, b, text, begins, ends))
    return posts, ties, people


def _rows(rows, what, a, b, c=None, *, text=None, begins=None, ends=None):
    no_number, no_day = Cast(Value(None), IntegerField()), Cast(Value(None), DateField())
    told = {
        "what": Value(what),
        "a": Cast(a, IntegerField()),
        "b": Cast(b, IntegerField()),
        "c": Cast(c, IntegerField()) if c is not None else no_number,
        "text": _text(text if text is not None else Value("")),
        "begins": begins if begins is not None else no_day,
        "ends": ends if ends is not None else no_day,
    }
    told = {f"told_{name}": expression for name, expression in told.items()}
    return rows.order_by().annotate(**told).values_list(*told)


def _text(expression):
    return Cast(expression, CharField())
