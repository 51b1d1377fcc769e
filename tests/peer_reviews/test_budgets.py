"""How many queries the pages of peer reviews take: within a stated number, and the same for few rows and for many.

Held elsewhere, and not again here:

- the search of the pool, eight, for 3 peers and for 30: `test_peers`
- the suggestions of a team, eight, for 2 peers and for 42: `test_teams` (here with the page around them, for 300)
- the list of notes with 1,500, twelve, and their news, four: `test_notes_pages`
- the findings with 1,500 notes, twelve, and the pages of one finding, sixteen: `test_findings`
- the report with 120 paragraphs and 60 comments, twelve: `test_report_pages`
- the timetable with 30 activities, fourteen: `test_timetable`
- the page of a review with all its steps, twelve, and the list of approaches, six: `test_setting_up_pages`
- the list of reviews and who is due an offer, nine: `test_lists`
- the search of lessons with 300, twelve: `test_lessons`
"""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from peer_reviews.models import (
    Activity,
    Note,
    Peer,
    PeerPost,
    PeerReview,
    PeerRole,
    PeerWord,
    Stage,
    TeamMember,
    Tie,
)
from peer_reviews.queries.peers import Wanted, search
from peer_reviews.queries.teams import suggestions
from tests.factories import TODAY, CouncilFactory, person_with
from tests.peer_reviews.reviews import make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NINE = datetime.combine(TODAY, time(9, 0), UTC)


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NINE):
        yield


def asked_by(do):
    """Return how many queries `do` takes the second time: what is kept from the first is not counted."""
    do()
    with CaptureQueriesContext(connection) as asked:
        do()
    return len(asked)


def asked_for(client, address, **given):
    def get():
        assert client.get(address, given).status_code == 200, address

    return asked_by(get)


def add_peers(first, last):
    """Put peers of these numbers in the pool, each with a post, a role, a word and a tie."""
    council = CouncilFactory()
    word, _ = PeerWord.objects.get_or_create(kind="expertise", slug="neglect", defaults={"name": "Neglect"})
    peers = Peer.objects.bulk_create(
        Peer(name=f"Peer {number:04}", joined_on=TODAY - timedelta(days=900)) for number in range(first, last)
    )
    PeerPost.objects.bulk_create(PeerPost(peer=peer, council=council, title="Director") for peer in peers)
    PeerRole.objects.bulk_create(PeerRole(peer=peer, role="operational") for peer in peers)
    Tie.objects.bulk_create(Tie(peer=peer, council=council, kind="conflict") for peer in peers)
    Peer.words.through.objects.bulk_create(Peer.words.through(peer=peer, peerword=word) for peer in peers)
    return word


def test_twenty_peers_and_three_hundred_are_searched_in_the_same_eight_queries():
    viewer = Viewer.of(person_with(Role.LGA_ADVISER), TODAY)
    word = add_peers(0, 20)
    wanted = Wanted(
        q="director",
        role="operational",
        words=(word.pk,),
        free_from=TODAY,
        free_until=TODAY + timedelta(days=3),
        within_days=True,
    )
    few = asked_by(lambda: search(wanted, viewer))
    add_peers(20, 300)
    assert search(wanted, viewer).total == 300
    assert asked_by(lambda: search(wanted, viewer)) == few <= 8


def test_twenty_peers_and_three_hundred_are_suggested_in_the_same_eight_queries(client):
    made = make_review(stage=Stage.SCOPED, peers=0)
    viewer = made.viewer(made.manager)
    review = PeerReview.objects.select_related("case").get(pk=made.review.pk)
    word = add_peers(0, 20)

    def suggest():
        return suggestions(review, "operational", viewer, wanted=[word.pk])

    page = reverse("team_suggest", args=[review.reference, "operational"])
    client.force_login(made.manager)
    few, few_on_page = asked_by(suggest), asked_for(client, page)
    add_peers(20, 300)
    assert (len(suggest().rows), suggest().has_next) == (20, True)
    assert asked_by(suggest) == few <= 8
    assert asked_for(client, page) == few_on_page <= 16


def add_notes(made, number):
    lines = list(made.review.lines.all())
    activities = Activity.objects.bulk_create(
        Activity(
            review=made.review,
            on=TODAY,
            starts_at=time(9, place % 50),
            ends_at=time(12, 0),
            title=f"Session {place}",
            source_type="focus-group",
            voice="health",
        )
        for place in range(number // 3)
    )
    Note.objects.bulk_create(
        Note(
            review=made.review,
            author=made.members[1 + place % 3],
            kind=Note.Kind.values[place % 3],
            line=lines[place % 3],
            text="Supervision is regular.",
            activity=activities[place % len(activities)],
            source_type="focus-group",
            voice="health",
            on=TODAY,
            written_at=NINE - timedelta(minutes=place),
            received_at=NINE,
            changed_at=NINE - timedelta(minutes=place),
            shared_at=NINE,
        )
        for place in range(number)
    )


ON_SITE = {
    "notes": 12,
    "note_add": 20,
    "notes_new": 10,
    "notes_setup": 14,
    "notes_needed": 14,
    "findings": 12,
    "finding_add": 16,
    "timetable": 14,
    "timetable_print": 12,
    "review": 12,
    "team": 20,
}


def test_pages_on_site_take_as_many_queries_for_six_notes_as_for_six_hundred(client):
    made = make_review(peers=4)
    client.force_login(made.peers[0])
    add_notes(made, 6)

    def counted():
        note = Note.objects.filter(review=made.review).first()
        at = {name: reverse(name, args=[made.review.reference]) for name in ON_SITE}
        found = {name: asked_for(client, address) for name, address in at.items()}
        return found | {"note": asked_for(client, reverse("note", args=[made.review.reference, note.pk]))}

    few = counted()
    add_notes(made, 600)
    assert counted() == few
    most = ON_SITE | {"note": 10}
    assert {name: number for name, number in few.items() if number > most[name]} == {}


def test_the_page_of_a_team_takes_as_many_queries_for_three_as_for_thirty(client):
    made = make_review(stage=Stage.SCOPED, peers=3)
    address = reverse("team", args=[made.review.reference])
    client.force_login(made.manager)
    few = asked_for(client, address)
    council = CouncilFactory()
    add_peers(0, 27)
    TeamMember.objects.bulk_create(
        TeamMember(review=made.review, role="operational", peer=peer, lent_by=council, put_forward_on=TODAY)
        for peer in Peer.objects.filter(name__startswith="Peer 00")
    )
    assert asked_for(client, address) == few <= 20


def test_the_home_of_the_pool_and_of_days_lent_take_as_many_for_a_few_as_for_many(client):
    client.force_login(person_with(Role.LGA_ADVISER))
    add_peers(0, 20)
    few = [asked_for(client, reverse(name)) for name in ("peers", "days_lent")]
    add_peers(20, 300)
    assert [asked_for(client, reverse(name)) for name in ("peers", "days_lent")] == few
    assert max(few) <= 8
