"""The pool of peers: found, kept, their own page; and the days that councils lend."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from cases.refusals import Refused, Stale
from councils.models import Council, Neighbour
from history.models import Event
from peer_reviews.actions import days_lent as days
from peer_reviews.actions import peers as actions
from peer_reviews.actions.pool_import import import_peers
from peer_reviews.models import (
    DaysLent,
    Peer,
    PeerFeedback,
    PeerRole,
    PeerWord,
    Stage,
    Tie,
    Training,
    Unavailable,
)
from peer_reviews.queries.peers import Wanted, search, totals_lent
from peer_reviews.rules.fit import financial_year
from tests.factories import TODAY, CouncilFactory, RegionFactory, person_with, viewer_with
from tests.peer_reviews.reviews import make_peer, make_review

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def adviser():
    return person_with(Role.LGA_ADVISER, region=RegionFactory(), name="Adviser")


@pytest.fixture
def viewer():
    return viewer_with(Role.LGA_ADVISER, region=RegionFactory())


def at_nine():
    return time_machine.travel(f"{TODAY} 09:00", tick=False)


def found(viewer, **asked):
    return [peer.name for peer in search(Wanted(**asked), viewer).peers]


# ---- Search


def test_a_peer_is_found_by_words_in_name_post_and_about(viewer):
    one = make_peer("Ada Fell", about="Led a front door through three winters.")
    make_peer("Corin Teasel")
    post = one.posts.get()
    post.title = "Principal social worker"
    post.save()
    for q in ("fell", "FRONT", "principal winters", post.council.name):
        assert found(viewer, q=q) == ["Ada Fell"]
    assert found(viewer, q="fell nowhere") == []


def test_each_filter_narrows_the_search(viewer):
    word = PeerWord.objects.get_or_create(kind="language", slug="x", defaults={"name": "X"})[0]
    region = RegionFactory()
    fit = make_peer("A", political_group="green")
    fit.words.add(word)
    fit.regions.add(region)
    PeerRole.objects.create(peer=fit, role="member")
    other = make_peer("B")
    other.regions.add(RegionFactory())
    Unavailable.objects.create(peer=other, from_on=TODAY, until_on=TODAY + 3 * DAY)
    DaysLent.objects.create(
        peer=other, council=CouncilFactory(), work="audit", on=TODAY, days=5, recorded_on=TODAY
    )
    for asked in (
        {"role": "member"},
        {"words": (word.pk,)},
        {"region": region.pk},
        {"political_group": "green"},
        {"free_from": TODAY + 2 * DAY, "free_until": TODAY + 9 * DAY},
        {"within_days": True},
    ):
        assert found(viewer, **asked) == ["A"], asked
    assert found(viewer, free_from=TODAY + 3 * DAY) == ["A", "B"]


def test_who_left_the_pool_is_found_apart(viewer):
    make_peer("Stays")
    make_peer("Left", left_on=TODAY)
    assert found(viewer) == ["Stays"]
    assert found(viewer, left=True) == ["Left"]


def test_the_search_page_takes_eight_queries_however_many_peers(client, adviser):
    client.force_login(adviser)
    counts = []
    with at_nine():
        for number in range(30):
            peer = make_peer(f"Peer {number:02}")
            PeerRole.objects.create(peer=peer, role="lead")
            if number in (2, 29):
                client.get("/peers/")
                with CaptureQueriesContext(connection) as taken:
                    page = client.get("/peers/?role=lead").content.decode()
                counts.append(len(taken))
    assert "30 peers fit" in page
    assert "Page 1 of 2" in page
    assert counts[0] == counts[1] <= 8


# ---- Who may


def test_the_pool_is_the_lgas_and_a_peers_own_page_theirs(client, adviser):
    own = person_with(Role.PEER, council=CouncilFactory())
    peer, other = make_peer("Ada Fell", person=own), make_peer("Other")
    lead = person_with(Role.NATIONAL_LEAD)
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    pages = {
        "list": reverse("peers"),
        "page": reverse("peer", args=[peer.pk]),
        "other": reverse("peer", args=[other.pk]),
        "away": reverse("peer_unavailable_add", args=[peer.pk]),
        "tie": reverse("peer_tie_add", args=[peer.pk]),
        "change": reverse("peer_change", args=[peer.pk]),
        "feedback": reverse("peer_feedback", args=[peer.pk]),
        "add": reverse("peer_add"),
        "days": reverse("days_lent"),
        "csv": reverse("days_lent_csv"),
        "record": reverse("days_lent_record", args=[peer.pk]),
    }
    answers = {
        adviser: dict.fromkeys(pages, 200),
        lead: {name: 200 if name in ("list", "page", "other", "days", "csv") else 403 for name in pages},
        own: dict.fromkeys(pages, 404)
        | {"page": 200, "away": 200, "tie": 200, "change": 403, "feedback": 403, "record": 403},
        stranger: dict.fromkeys(pages, 404),
    }
    with at_nine():
        for person, wanted in answers.items():
            client.force_login(person)
            assert {name: client.get(address).status_code for name, address in pages.items()} == wanted


def test_a_peer_says_when_they_cant_go_and_declares_a_conflict_and_nothing_else(client):
    own = person_with(Role.PEER, council=CouncilFactory())
    peer, council = make_peer("Ada Fell", person=own), CouncilFactory()
    with at_nine():
        client.force_login(own)
        away = {"from_on_day": "1", "from_on_month": "2", "from_on_year": "2027"}
        away |= {"last_on_day": "5", "last_on_month": "2", "last_on_year": "2027"}
        assert client.post(reverse("peer_unavailable_add", args=[peer.pk]), away).status_code == 302
        asked = {"council": council.pk, "kind": "inspected"}
        assert client.post(reverse("peer_tie_add", args=[peer.pk]), asked).status_code == 302
    assert peer.unavailable.get().until_on.isoformat() == "2027-02-06"
    assert peer.ties.get().kind == Tie.Kind.CONFLICT


def test_feedback_is_not_told_to_the_peer(client, adviser):
    own = person_with(Role.PEER, council=CouncilFactory())
    made = make_review(stage=Stage.FINAL)
    peer = make_peer("Ada Fell", person=own)
    PeerFeedback.objects.create(peer=peer, review=made.review, rating=1, text="Talks a lot", given_on=TODAY)
    with at_nine():
        for person, told in ((adviser, True), (own, False)):
            client.force_login(person)
            page = client.get(reverse("peer", args=[peer.pk])).content.decode()
            assert ("Talks a lot" in page) is told
            assert made.council.name not in page


# ---- Kept


def test_a_peer_is_added_with_a_post_and_linked_to_who_signs_in_by_their_address(viewer):
    person = person_with(Role.PEER, council=CouncilFactory(), email="ada@example.org")
    peer = actions.add_peer(
        name="Ada Fell",
        email="Ada@example.org",
        roles=["lead"],
        joined_on=TODAY,
        council=CouncilFactory(),
        title="Director",
        by=viewer,
        on=TODAY,
    )
    assert peer.person == person
    assert peer.posts.get().title == "Director"
    assert Event.objects.filter(kind="peer-added", subject_id=peer.pk).exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"roles": []}, "roles"),
        ({"roles": ["member"]}, "political_group"),
        ({"employer": "Also elsewhere"}, "council"),
        ({"joined_on": TODAY + DAY}, "joined_on"),
        ({"about": "Her NHS number is 943 476 5919"}, "about"),
    ],
)
def test_what_is_wrong_with_a_new_peer_is_said_beside_its_field(viewer, given, field):
    fields = {"name": "Ada Fell", "roles": ["lead"], "joined_on": TODAY, "council": CouncilFactory()}
    with pytest.raises(Refused) as refusal:
        actions.add_peer(**fields | given, by=viewer, on=TODAY)
    assert refusal.value.field == field
    assert not Peer.objects.exists()


def test_a_change_from_an_older_reading_is_stale(viewer):
    peer = make_peer("Ada Fell")
    given = {"name": "Ada Fell", "roles": ["lead"], "by": viewer, "on": TODAY}
    actions.change_peer(peer, **given, revision=1)
    with pytest.raises(Stale):
        actions.change_peer(peer, **given, revision=1)


def test_whoever_may_only_read_the_pool_changes_nothing(viewer):
    peer, reader = make_peer("Ada Fell"), viewer_with(Role.NATIONAL_LEAD)
    for write in (
        lambda: actions.leave_pool(peer, left_on=TODAY, revision=1, by=reader, on=TODAY),
        lambda: actions.add_training(peer, name="x", trained_on=TODAY, by=reader, on=TODAY),
        lambda: actions.add_unavailable(peer, from_on=TODAY, until_on=TODAY + DAY, by=reader, on=TODAY),
        lambda: days.record_days(
            peer, council=CouncilFactory(), work="audit", lent_on=TODAY, days=1, by=reader, on=TODAY
        ),
    ):
        with pytest.raises(PermissionDenied):
            write()


def test_a_peers_page_says_which_training_has_lapsed(client, adviser):
    peer = make_peer("Ada Fell")
    Training.objects.create(
        peer=peer, name="Peer training", accreditation=True, on=TODAY - 900 * DAY, expires_on=TODAY
    )
    with at_nine():
        client.force_login(adviser)
        assert "lapsed on 2 November 2026" in client.get(reverse("peer", args=[peer.pk])).content.decode()


# ---- Days lent


def test_days_lent_are_totalled_by_council_and_financial_year(viewer):
    lender, peer = CouncilFactory(), make_peer("Ada Fell")
    first, after = financial_year(TODAY)
    given = {"council": lender, "by": viewer, "on": TODAY}
    days.record_days(peer, work="audit", lent_on=TODAY, days=Decimal("1.5"), **given)
    days.record_days(peer, work="mentoring", lent_on=first, days=2, **given)
    days.record_days(peer, work="mentoring", lent_on=first - DAY, days=9, **given)
    slip = days.record_days(peer, work="audit", lent_on=TODAY, days=7, **given)
    days.withdraw_days(slip, revision=1, by=viewer, on=TODAY)
    (row,) = totals_lent(viewer, first, after)
    assert (row["council__name"], row["total"], row["for_audit"], row["for_mentoring"]) == (
        lender.name,
        3.5,
        1.5,
        2,
    )
    assert Event.objects.filter(kind="days-lent-withdrawn").count() == 1


def test_days_on_a_review_are_recorded_once_for_whoever_served_on_it():
    made = make_review(stage=Stage.FEEDBACK_GIVEN)
    viewer, member = made.viewer(made.manager), made.members[1]
    given = {"work": "review", "review": made.review, "lent_on": TODAY, "by": viewer, "on": TODAY}
    lent = days.record_days(member.peer, council=member.lent_by, days=4, **given)
    assert lent.host == made.council
    with pytest.raises(Refused, match="already"):
        days.record_days(member.peer, council=member.lent_by, days=4, **given)
    with pytest.raises(Refused, match="did not serve"):
        days.record_days(make_peer("Elsewhere"), council=member.lent_by, days=4, **given)


@pytest.mark.parametrize("number", [0, -1, Decimal("1.3"), 100])
def test_days_are_whole_or_half(viewer, number):
    with pytest.raises(Refused) as refusal:
        days.record_days(
            make_peer("A"),
            council=CouncilFactory(),
            work="audit",
            lent_on=TODAY,
            days=number,
            by=viewer,
            on=TODAY,
        )
    assert refusal.value.field == "days"


def test_the_form_offers_the_weekdays_on_site_and_who_lends(client):
    made = make_review(stage=Stage.FEEDBACK_GIVEN)
    member = made.members[1]
    with at_nine():
        client.force_login(made.manager)
        address = reverse("days_lent_record", args=[member.peer_id])
        form = client.get(f"{address}?review={made.review.reference}").context["form"]
    # On site from Sunday 1 to Wednesday 4 November 2026.
    assert (form.initial["days"], form.initial["council"]) == (3, member.lent_by_id)


def test_the_csv_holds_a_row_for_each_record_that_stands(client, adviser, viewer):
    lender = CouncilFactory(name="=Lendershire")
    given = {"work": "audit", "lent_on": TODAY, "by": viewer, "on": TODAY}
    days.record_days(make_peer("Ada Fell"), council=lender, days=2, **given)
    slip = days.record_days(make_peer("Corin"), council=lender, days=1, **given)
    days.withdraw_days(slip, revision=1, by=viewer, on=TODAY)
    with at_nine():
        client.force_login(adviser)
        lines = b"".join(client.get(reverse("days_lent_csv")).streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("'=Lendershire,")
    assert lines[1].endswith(",2.0,2026-27")


# ---- Reference data


@pytest.mark.usefixtures("reference")
def test_each_council_of_today_has_ten_statistical_neighbours_of_the_newest_model():
    today = Council.objects.on(TODAY).filter(demonstration=False, neighbours__model_year=2025).distinct()
    assert Neighbour.objects.filter(model_year=2025).count() == 10 * today.count() == 1530
    assert Neighbour.objects.filter(model_year=2021).count() == 1560


# ---- A pool from a file


HEADINGS = "name,email,roles,council,employer,post,words,political_group"


def test_a_file_adds_all_its_peers_and_leaves_out_whose_address_is_there(client, adviser):
    council = CouncilFactory(name="Eastmere")
    PeerWord.objects.get_or_create(kind="expertise", slug="made-up", defaults={"name": "Made up"})
    make_peer("There", email="there@example.org")
    rows = [
        HEADINGS,
        "Ada Fell,ada@example.org,Lead peer;operational,eastmere,,Director,Made up,",
        "Corin Teasel,,member,,An NHS trust,,,Labour",
        "Again,THERE@example.org,lead,Eastmere,,,,",
    ]
    upload = SimpleUploadedFile("pool.csv", "\n".join(rows).encode("utf-8-sig"))
    with at_nine():
        client.force_login(adviser)
        assert client.post(reverse("peers_import"), {"upload": upload}).status_code == 302
    ada = Peer.objects.get(name="Ada Fell")
    assert {one.role for one in ada.roles.all()} == {"lead", "operational"}
    assert ada.posts.get().council == council
    assert [word.name for word in ada.words.all()] == ["Made up"]
    assert Peer.objects.get(name="Corin Teasel").posts.get().employer == "An NHS trust"
    assert Peer.objects.count() == 3


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Ada Fell,,pilot,,Elsewhere,,,", "line 3: “pilot” is no role"),
        ("Ada Fell,,lead,Nowhereshire,,,,", "line 3: “Nowhereshire” is not one council"),
        ("Ada Fell,ada,lead,,Elsewhere,,,", "line 3: The e-mail address is not one"),
        (",,lead,,Elsewhere,,,", "line 3: Enter the peer’s name"),
    ],
)
def test_a_file_with_anything_wrong_adds_nobody_and_says_where(viewer, row, said):
    content = f"{HEADINGS}\nCorin Teasel,,lead,,Elsewhere,,,\n{row}\n".encode()
    with pytest.raises(Refused) as refusal:
        import_peers(content, by=viewer, on=TODAY)
    assert said in refusal.value.message
    assert refusal.value.field == "upload"
    assert not Peer.objects.exists()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"a,b\n1,2", b"name,roles,salary\nA,lead,9", b"name,roles\n"]
)
def test_what_is_no_pool_of_peers_is_refused(viewer, content):
    with pytest.raises(Refused):
        import_peers(content, by=viewer, on=TODAY)
