"""Nobody whom a conflict keeps away is ever suggested, or comes on a team by any route.

Random worlds of councils, successions, trusts, arrangements, posts, ties, appointments and objections; beside them an
oracle in plain Python that shares no code with the product.
"""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Grant
from accounts.permissions import Role
from cases.refusals import Refused
from councils.models import DeliveryArrangement, DeliveryBody, Neighbour, Succession
from improvement.models import Appointment
from peer_reviews.actions.teams import put_forward
from peer_reviews.models import Objection, Peer, PeerPost, PeerRole, Stage, TeamMember, Tie
from peer_reviews.queries.teams import excluded, suggestions
from tests.factories import TODAY, CouncilFactory, PersonFactory
from tests.peer_reviews.reviews import make_review

pytestmark = pytest.mark.django_db

COUNCILS, BODIES, PEERS = 6, 3, 4
HOST = 0
ROLE = "operational"


# ---- What a world is made of: plain dicts, councils and bodies by their place.

days = st.integers(-1500, 200).map(lambda number: TODAY + timedelta(days=number))
maybe_day = st.one_of(st.none(), days)
council = st.integers(0, COUNCILS - 1)
body = st.integers(0, BODIES - 1)
# Who took over from whom: chains that end at the host, or lead away from it; drawn often enough to be long.
LINES = [(1, HOST), (2, 1), (3, 2), (HOST, 4), (5, HOST)]


@st.composite
def between(draw):
    """A dated row: from and until, either of which may be open."""
    begins, ends = draw(maybe_day), draw(maybe_day)
    if begins and ends and begins >= ends:
        begins, ends = (ends, begins) if begins > ends else (begins, begins + timedelta(days=30))
    return {"from": begins, "until": ends}


def dated(**fields):
    return st.tuples(st.fixed_dictionaries(fields), between()).map(lambda pair: pair[0] | pair[1])


@st.composite
def worlds(draw):
    first = draw(st.one_of(st.none(), st.integers(-10, 400)))
    first = TODAY + timedelta(days=first) if first is not None else None
    return {
        "first": first,
        "last": first + timedelta(days=draw(st.integers(0, 4))) if first else None,
        "joint": draw(st.sets(st.integers(1, COUNCILS - 1), max_size=1)),
        "successions": draw(st.sets(st.sampled_from(LINES), max_size=4)),
        "bodies": draw(st.lists(st.one_of(st.none(), council), min_size=BODIES, max_size=BODIES)),
        "arrangements": draw(st.lists(dated(council=council, body=body), max_size=4)),
        "neighbours": draw(st.sets(st.integers(1, COUNCILS - 1), max_size=3)),
        "neighbours_once": draw(st.sets(st.integers(1, COUNCILS - 1), max_size=2)),
        "objections": draw(st.sets(st.integers(1, COUNCILS - 1), max_size=3)),
        "posts": draw(
            st.lists(
                dated(
                    peer=st.integers(0, PEERS - 1),
                    at=st.one_of(
                        st.tuples(st.just("council"), council),
                        st.tuples(st.just("body"), body),
                        st.just(("else", 0)),
                    ),
                ),
                max_size=6,
            )
        ),
        "ties": draw(
            st.lists(
                dated(
                    peer=st.integers(0, PEERS - 1),
                    council=council,
                    kind=st.sampled_from(["conflict", "inspected", "dfe-adviser", "commissioner"]),
                ),
                max_size=3,
            )
        ),
        "advised": draw(st.lists(dated(peer=st.integers(0, PEERS - 1), council=council), max_size=2)),
        "appointed": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "peer": st.integers(0, PEERS - 1),
                        "council": council,
                        "by_name": st.booleans(),
                        "role": st.sampled_from(["commissioner", "dfe-adviser", "board-chair"]),
                    }
                ),
                max_size=2,
            )
        ),
    }


# ---- The oracle: who may not go, by reading the rule aloud.


def oracle(world):
    """Return the places of the peers who may not go on the review."""
    first, last = world["first"] or TODAY, world["last"] or TODAY
    on_site_and_today = {TODAY}
    day = first
    while day <= last:
        on_site_and_today.add(day)
        day += timedelta(days=1)

    def in_force_on_one_of(row, days):
        for day in days:
            started = row["from"] is None or not day < row["from"]
            ended = row["until"] is not None and not day < row["until"]
            if started and not ended:
                return True
        return False

    def from_today_to_the_end():
        day, end, found = min(TODAY, first), max(TODAY, last), []
        while day <= end:
            found.append(day)
            day += timedelta(days=1)
        return found

    while_it_matters = from_today_to_the_end()
    hosts = {HOST} | world["joint"]

    before = set()
    grew = True
    while grew:
        grew = False
        for predecessor, successor in world["successions"]:
            if successor in hosts | before and predecessor not in before:
                before.add(predecessor)
                grew = True

    forbidden_councils = set(hosts) | before
    forbidden_bodies = set()
    for row in world["arrangements"]:
        if not in_force_on_one_of(row, while_it_matters):
            continue
        is_council = world["bodies"][row["body"]]
        if row["council"] in hosts:
            forbidden_bodies.add(row["body"])
            if is_council is not None:
                forbidden_councils.add(is_council)
        if is_council is not None and is_council in hosts:
            forbidden_councils.add(row["council"])

    three_years_before = date(
        first.year - 3, first.month, min(first.day, 28) if first.month == 2 else first.day
    )
    neighbours = world["neighbours"] or world["neighbours_once"]
    unwanted = (world["objections"] & neighbours) - hosts

    out = set()
    for post in world["posts"]:
        kind, place = post["at"]
        is_council = place if kind == "council" else world["bodies"][place] if kind == "body" else None
        gone_long_ago = post["until"] is not None and post["until"] <= three_years_before
        forbidden = is_council in forbidden_councils if is_council is not None else False
        if kind == "body" and place in forbidden_bodies:
            forbidden = True
        if forbidden and not gone_long_ago:
            out.add(post["peer"])
        if is_council in unwanted and in_force_on_one_of(post, while_it_matters):
            out.add(post["peer"])
    reviewed = hosts | before
    for tie in world["ties"]:
        if tie["council"] in reviewed and (
            tie["kind"] != "conflict" or in_force_on_one_of(tie, while_it_matters)
        ):
            out.add(tie["peer"])
    out |= {row["peer"] for row in world["advised"] if row["council"] in reviewed}
    out |= {
        row["peer"]
        for row in world["appointed"]
        if row["council"] in reviewed and row["role"] != "board-chair"
    }
    return out


# ---- The same world as rows of the database.


def build(world):
    """Return (the made review, its peers in their places)."""
    councils = [CouncilFactory() for _ in range(COUNCILS)]
    made = make_review(councils[HOST], stage=Stage.SCOPED, peers=0)
    made.review.first_day, made.review.last_day = world["first"], world["last"]
    made.review.save()
    made.review.joint_with.set([councils[place] for place in world["joint"]])
    for predecessor, successor in world["successions"]:
        Succession.objects.create(
            predecessor=councils[predecessor], successor=councils[successor], on=date(2020, 4, 1)
        )
    bodies = [
        DeliveryBody.objects.create(
            slug=f"{made.review.reference.lower()}-{place}",
            name=f"Body {place}",
            kind="trust" if it is None else "partner-council",
            council=None if it is None else councils[it],
        )
        for place, it in enumerate(world["bodies"])
    ]
    for row in world["arrangements"]:
        DeliveryArrangement.objects.get_or_create(
            council=councils[row["council"]],
            body=bodies[row["body"]],
            from_on=row["from"],
            defaults={"until_on": row["until"]},
        )
    for year, places in ((2021, world["neighbours_once"]), (2025, world["neighbours"])):
        for rank, place in enumerate(sorted(places), start=1):
            Neighbour.objects.create(
                council=councils[HOST], neighbour=councils[place], model_year=year, rank=rank
            )
    for place in world["objections"]:
        Objection.objects.create(review=made.review, council=councils[place], made_on=TODAY)
    peers = [
        Peer.objects.create(
            name=f"Ségolène  Peer-{made.review.pk}-{place}",
            person=PersonFactory(),
            joined_on=TODAY - timedelta(days=2000),
        )
        for place in range(PEERS)
    ]
    PeerRole.objects.bulk_create(PeerRole(peer=peer, role=ROLE) for peer in peers)
    for row in world["posts"]:
        kind, place = row["at"]
        where = {"council": councils[place]} if kind == "council" else {"employer": "Elsewhere"}
        where = {"body": bodies[place]} if kind == "body" else where
        PeerPost.objects.create(peer=peers[row["peer"]], **where, from_on=row["from"], until_on=row["until"])
    for row in world["ties"]:
        Tie.objects.get_or_create(
            peer=peers[row["peer"]],
            council=councils[row["council"]],
            kind=row["kind"],
            from_on=row["from"],
            defaults={"until_on": row["until"]},
        )
    for row in world["advised"]:
        Grant.objects.get_or_create(
            person=peers[row["peer"]].person,
            role=Role.DFE_ADVISER,
            scope="council",
            council=councils[row["council"]],
            from_on=row["from"] or date(2010, 1, 1),
            defaults={"until_on": row["until"]},
        )
    for number, row in enumerate(world["appointed"]):
        peer = peers[row["peer"]]
        Appointment.objects.create(
            council=councils[row["council"]],
            role=row["role"],
            name=" ".join(peer.name.upper().split()) if row["by_name"] else "",
            person=None if row["by_name"] else peer.person,
            from_on=date(2024, 1, 1) + timedelta(days=number),
            until_on=date(2025, 1, 1),
            recorded_on=TODAY,
        )
    return made, peers


def without_twins(world):
    """Leave out rows that the database holds once: the first of them stands, as in `build`."""
    for name, key in (
        ("arrangements", ("council", "body", "from")),
        ("ties", ("peer", "council", "kind", "from")),
    ):
        seen, kept = set(), []
        for row in world[name]:
            which = tuple(row[column] for column in key)
            if which not in seen:
                seen.add(which)
                kept.append(row)
        world[name] = kept
    return world


COMMON = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


class Undo(Exception):
    """Ends the transaction of one world."""


def each_world(check):
    """Run `check` in a transaction of its own, undone after it."""
    try:
        with transaction.atomic():
            check()
            raise Undo
    except Undo:
        pass


@settings(max_examples=60, **COMMON)
@given(world=worlds())
def test_those_left_out_are_those_whom_the_rule_read_aloud_leaves_out(world):
    def check():
        wanted = oracle(without_twins(world))
        made, peers = build(world)
        found = excluded(made.review, on=TODAY)
        assert {place for place, peer in enumerate(peers) if peer.pk in found} == wanted
        assert all(reasons for reasons in found.values())
        suggested = {row.peer.pk for row in suggestions(made.review, ROLE, made.viewer(made.manager)).rows}
        assert suggested == {peer.pk for place, peer in enumerate(peers) if place not in wanted}

    each_world(check)


@settings(max_examples=25, **COMMON)
@given(world=worlds())
def test_nobody_left_out_comes_on_the_team_by_the_action_or_by_a_posted_form(client, world):
    def check():
        wanted = oracle(without_twins(world))
        made, peers = build(world)
        viewer = made.viewer(made.manager)
        with time_machine.travel(f"{TODAY} 08:59", tick=False):
            client.force_login(made.manager)
        address = reverse("team_add", args=[made.review.reference, ROLE])

        def posted(peer):
            with time_machine.travel(f"{TODAY} 09:00", tick=False):
                return client.post(address, {"peer": peer.pk})

        for place, peer in enumerate(peers):
            if place in wanted:
                with pytest.raises(Refused):
                    put_forward(made.review, peer=peer, role=ROLE, by=viewer, on=TODAY)
                answer = posted(peer)
                assert answer.status_code == 200
                assert "may not go" in answer.content.decode()
            else:
                assert posted(peer).status_code == 302
        on_it = set(
            TeamMember.objects.filter(review=made.review, peer__isnull=False).values_list("peer", flat=True)
        )
        assert on_it == {peer.pk for place, peer in enumerate(peers) if place not in wanted}

    each_world(check)
