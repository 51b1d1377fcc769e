"""The team of a review: suggested, put forward, agreed, confirmed, stood down; and what stands in the way."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.refusals import Refused, Stale
from councils.models import DeliveryArrangement, DeliveryBody, Neighbour, Succession
from history.models import Event
from improvement.models import Appointment
from peer_reviews.actions import peers as pool
from peer_reviews.actions import teams as actions
from peer_reviews.models import (
    KindPlace,
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
from peer_reviews.queries.teams import excluded, suggestions
from peer_reviews.rules import fit as fits
from tests.factories import (
    TODAY,
    CouncilFactory,
    PoliticalControlFactory,
    RegionFactory,
    person_with,
)
from tests.peer_reviews.reviews import make_kind, make_peer, make_review

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def made():
    made = make_review(stage=Stage.SCOPED, peers=0)
    PeerReview.objects.filter(pk=made.review.pk).update(
        first_day=TODAY + timedelta(days=60), last_day=TODAY + timedelta(days=63)
    )
    made.review.refresh_from_db()
    KindPlace.objects.create(kind=made.review.kind, role="lead", number=1)
    return made


def peer_for(*roles, **fields):
    peer = make_peer(**fields)
    PeerRole.objects.bulk_create(PeerRole(peer=peer, role=role) for role in roles or ["operational"])
    return peer


def forward(made, peer, role="operational"):
    return actions.put_forward(made.review, peer=peer, role=role, by=made.viewer(made.manager), on=TODAY)


def agree(made, member, **answer):
    member.refresh_from_db()
    return actions.agree_to(
        member,
        **{"agrees": True, **answer},
        revision=member.revision,
        by=made.viewer(made.approver),
        on=TODAY,
    )


def confirm(made, on=TODAY):
    made.review.refresh_from_db()
    viewer = made.viewer(made.manager)
    return actions.confirm_team(made.review, by=viewer, on=on, revision=made.review.revision)


def suggested(made, role="operational", **asked):
    return suggestions(made.review, role, made.viewer(made.manager), **asked).rows


# ---- Who may not go


def test_the_staff_of_a_trust_stay_away_from_each_council_that_it_serves(made):
    trust = DeliveryBody.objects.create(slug="a-trust", name="A trust", kind="trust")
    DeliveryArrangement.objects.create(council=made.council, body=trust)
    peer = peer_for()
    PeerPost.objects.create(peer=peer, body=trust, from_on=TODAY - 9 * DAY)
    assert excluded(made.review, on=TODAY) == {peer.pk: ["works for the body that delivers its services"]}


def test_a_partner_stays_away_whichever_of_the_two_delivers(made):
    partner, served = CouncilFactory(), CouncilFactory()
    for council, is_council in ((made.council, partner), (served, made.council)):
        body = DeliveryBody.objects.create(
            slug=is_council.slug, name=is_council.name, kind="partner-council", council=is_council
        )
        DeliveryArrangement.objects.create(council=council, body=body)
    peers = {peer_for(council=partner).pk, peer_for(council=served).pk}
    assert set(excluded(made.review, on=TODAY)) == peers


def test_a_predecessor_of_a_predecessor_stays_away_and_a_council_joined_to_the_review_too(made):
    oldest, older, joint = CouncilFactory(), CouncilFactory(), CouncilFactory()
    Succession.objects.create(predecessor=oldest, successor=older, on=TODAY)
    Succession.objects.create(predecessor=older, successor=made.council, on=TODAY)
    made.review.joint_with.add(joint)
    peers = {peer_for(council=one).pk for one in (oldest, older, joint)}
    assert set(excluded(made.review, on=TODAY)) == peers


@pytest.mark.parametrize(("years", "away"), [(0, True), (1, False)])
def test_who_worked_there_in_the_three_years_before_the_first_day_stays_away(made, years, away):
    peer = peer_for()
    three_years_before = made.review.first_day.replace(year=made.review.first_day.year - 3)
    last_day_there = three_years_before - timedelta(days=years)
    PeerPost.objects.create(peer=peer, council=made.council, until_on=last_day_there + DAY)
    assert (peer.pk in excluded(made.review, on=TODAY)) is away


def test_an_objection_counts_for_statistical_neighbours_alone(made):
    near, far = CouncilFactory(), CouncilFactory()
    Neighbour.objects.create(council=made.council, neighbour=near, model_year=2025, rank=1)
    viewer = made.viewer(made.approver)
    with pytest.raises(Refused):
        actions.object_to(made.review, councils=[far], by=viewer, on=TODAY)
    actions.object_to(made.review, councils=[near], by=viewer, on=TODAY)
    theirs, others = peer_for(council=near), peer_for(council=far)
    assert set(excluded(made.review, on=TODAY)) == {theirs.pk}
    assert [one.peer.pk for one in suggested(made)] == [others.pk]
    actions.object_to(made.review, councils=[], by=viewer, on=TODAY)
    assert excluded(made.review, on=TODAY) == {}


def test_the_reasons_are_said_to_whoever_puts_somebody_forward_all_the_same(made):
    peer = peer_for()
    Tie.objects.create(peer=peer, council=made.council, kind=Tie.Kind.INSPECTED)
    with pytest.raises(Refused, match="may not go: inspected it for Ofsted"):
        forward(made, peer)
    assert not TeamMember.objects.filter(peer=peer).exists()


def test_a_conflict_declared_after_they_were_agreed_to_shows_and_stops_the_confirmation(made, client):
    peer = peer_for("lead")
    agree(made, forward(made, peer, "lead"))
    pool.add_tie(peer, council=made.council, kind="conflict", by=made.viewer(made.manager), on=TODAY)
    with pytest.raises(Refused, match="declared a conflict"):
        confirm(made)
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        client.force_login(made.manager)
        page = client.get(reverse("team", args=[made.review.reference])).content.decode()
    assert "a conflict has arisen" in page
    assert "declared a conflict of interest there" in page
    assert not TeamMember.objects.filter(review=made.review, peer=peer, from_on__isnull=False).exists()


# ---- Suggestions


def test_suggestions_are_ranked_by_fit_and_say_why(made):
    word = PeerWord.objects.get_or_create(
        kind="expertise", slug="front-door-x", defaults={"name": "Front door"}
    )[0]
    KindPlace.objects.create(kind=made.review.kind, role="operational", number=2, expertise=word)
    plain, fit, away = peer_for(name="A Plain"), peer_for(name="B Fit"), peer_for(name="C Away")
    fit.words.add(word)
    fit.regions.add(made.region)
    Training.objects.create(peer=fit, name="Peer training", accreditation=True, on=TODAY)
    Unavailable.objects.create(
        peer=away, from_on=made.review.last_day, until_on=made.review.last_day + DAY, note="Leave"
    )
    rows = suggested(made)
    assert [row.peer.pk for row in rows] == [fit.pk, plain.pk, away.pk]
    assert rows[0].reasons[:4] == [
        "Front door",
        "Free on the days on site",
        "Goes to this region",
        "Accreditation in date",
    ]
    assert "Not available on the days on site" in rows[2].warnings
    assert [row.fit for row in rows] == [fits.fit_of(row.facts) for row in rows]


def test_the_rank_is_worth_what_its_reasons_are_worth(made):
    elsewhere = RegionFactory()
    for number in range(8):
        peer = peer_for(name=f"Peer {number}")
        if number % 2:
            peer.regions.add(elsewhere)
        if number % 3 == 0:
            Training.objects.create(
                peer=peer,
                name="x",
                accreditation=True,
                on=TODAY - 400 * DAY,
                expires_on=made.review.last_day if number else made.review.last_day + DAY,
            )
        if number > 4:
            PeerFeedback.objects.create(peer=peer, review=made.review, rating=1 + number % 4, given_on=TODAY)
    rows = suggested(made)
    assert len(rows) == 8
    assert [row.fit for row in rows] == [fits.fit_of(row.facts) for row in rows]
    assert [row.fit for row in rows] == sorted((row.fit for row in rows), reverse=True)


def test_a_member_peer_of_the_group_that_runs_the_council_comes_first(made):
    PoliticalControlFactory(council=made.council, control="green")
    other = peer_for("member", name="A", political_group="labour")
    same = peer_for("member", name="B", political_group="green")
    rows = suggested(made, "member")
    assert [row.peer.pk for row in rows] == [same.pk, other.pk]
    assert "Green, as the council is run" in rows[0].reasons


def test_a_council_that_lends_twice_in_a_quarter_is_warned_of(made):
    lender = CouncilFactory()
    other = make_review(stage=Stage.SCOPED, peers=0)
    PeerReview.objects.filter(pk=other.review.pk).update(
        first_day=made.review.first_day + 10 * DAY, last_day=made.review.first_day + 11 * DAY
    )
    forward(other, peer_for(council=lender, name="Lent already"))
    second = peer_for(council=lender, name="Second")
    row = next(row for row in suggested(made) if row.peer.pk == second.pk)
    assert f"{lender} lends somebody else in the same quarter" in row.warnings


def test_a_clash_with_another_review_is_warned_of(made):
    other = make_review(stage=Stage.SCOPED, peers=0)
    PeerReview.objects.filter(pk=other.review.pk).update(
        first_day=made.review.first_day, last_day=made.review.last_day
    )
    peer = peer_for()
    forward(other, peer)
    assert "On another review on those days" in suggested(made)[0].warnings


def test_suggestions_take_the_same_eight_queries_whatever_the_pool(made):
    word = PeerWord.objects.get_or_create(kind="expertise", slug="word-x", defaults={"name": "Word"})[0]
    KindPlace.objects.create(kind=made.review.kind, role="operational", number=2, expertise=word)
    first = peer_for(name="Known by Name")
    first.words.add(word)
    Appointment.objects.create(
        council=made.council, role="commissioner", name=first.name, from_on=TODAY, recorded_on=TODAY
    )
    peer_for().words.add(word)
    viewer = made.viewer(made.manager)
    review = PeerReview.objects.select_related("case").get(pk=made.review.pk)
    with CaptureQueriesContext(connection) as few:
        suggestions(review, "operational", viewer)
    for number in range(40):
        peer = peer_for(name=f"Peer number {number}")
        peer.words.add(word)
        Tie.objects.create(peer=peer, council=CouncilFactory(), kind="conflict")
    with CaptureQueriesContext(connection) as many:
        assert len(suggestions(review, "operational", viewer).rows) == 20
    assert len(few) == len(many) <= 8


# ---- From put forward to confirmed


def test_a_team_is_confirmed_once_all_is_agreed_and_serves_from_that_day(made):
    lead = forward(made, peer_for("lead"), "lead")
    with pytest.raises(Refused, match="has not agreed"):
        confirm(made)
    agree(made, lead)
    assert {one.pk for one in confirm(made)} >= {lead.pk}
    lead.refresh_from_db()
    made.review.refresh_from_db()
    assert (lead.from_on, made.review.stage) == (TODAY, Stage.TEAM_CONFIRMED)
    assert Event.objects.filter(kind="review-team-confirmed", case_reference=made.review.reference).exists()


def test_a_team_without_a_lead_or_a_manager_is_not_confirmed(made):
    agree(made, forward(made, peer_for()))
    with pytest.raises(Refused, match="no lead peer"):
        confirm(made)
    agree(made, forward(made, peer_for("lead"), "lead"))
    TeamMember.objects.filter(review=made.review, role="manager").delete()
    PeerReview.objects.filter(pk=made.review.pk).update(manager=None)
    with pytest.raises(Refused, match="review manager"):
        confirm(made)


def test_a_member_peer_waits_for_the_group_office(made):
    lead = forward(made, peer_for("lead"), "lead")
    member = forward(made, peer_for("member", political_group="labour"), "member")
    agree(made, lead)
    agree(made, member)
    with pytest.raises(Refused, match="group office"):
        confirm(made)
    member.refresh_from_db()
    actions.record_group_office(
        member,
        agreed_on=TODAY,
        agreed_by="Labour Group office",
        revision=member.revision,
        by=made.viewer(made.manager),
        on=TODAY,
    )
    assert len(confirm(made)) >= 2
    member.refresh_from_db()
    assert member.political_group == "labour"


def test_the_council_refuses_with_a_reason_and_they_are_not_suggested_again(made):
    peer = peer_for()
    member = forward(made, peer)
    with pytest.raises(Refused) as refusal:
        agree(made, member, agrees=False, reason=" ")
    assert refusal.value.field == "reason"
    agree(made, member, agrees=False, reason="Worked with our director elsewhere")
    assert suggested(made) == []
    with pytest.raises(Refused, match="did not agree"):
        forward(made, peer)


def test_who_joins_late_serves_once_agreed_and_confirmed(made):
    agree(made, forward(made, peer_for("lead"), "lead"))
    confirm(made)
    late = forward(made, peer_for())
    assert late.from_on is None
    agree(made, late)
    assert [one.pk for one in confirm(made, TODAY + DAY)] == [late.pk]
    late.refresh_from_db()
    assert late.from_on == TODAY + DAY


def test_whoever_stands_down_serves_no_longer_from_that_day(made):
    person = person_with(Role.PEER, council=CouncilFactory())
    lead = forward(made, peer_for("lead", person=person), "lead")
    agree(made, lead)
    confirm(made)
    lead.refresh_from_db()
    assert TeamMember.objects.serving(Viewer.of(person, TODAY)).exists()
    viewer = made.viewer(made.manager)
    actions.stand_down(lead, reason="Ill", revision=lead.revision, by=viewer, on=TODAY + DAY)
    lead.refresh_from_db()
    assert (lead.left_on, lead.until_on) == (TODAY + DAY, TODAY + DAY)
    assert not TeamMember.objects.serving(Viewer.of(person, TODAY + DAY)).exists()


def test_a_peer_is_linked_by_e_mail_to_whoever_signs_in_by_it_when_the_team_is_confirmed(made):
    person = person_with(Role.PEER, council=CouncilFactory(), email="a.peer@example.org")
    lead = forward(made, peer_for("lead", email="a.peer@example.org"), "lead")
    agree(made, lead)
    confirm(made)
    lead.refresh_from_db()
    assert lead.person == person
    assert lead.peer.person == person


def test_service_ends_for_all_on_the_day_of_the_final_report():
    made = make_review(stage=Stage.FACTUAL_ACCURACY)
    assert actions.end_service(made.review, on=TODAY) == 4
    assert not TeamMember.objects.serving(made.viewer(made.peers[0])).exists()


def test_another_manager_takes_over_on_the_day():
    made = make_review()
    new = person_with(Role.LGA_ADVISER, council=made.council, name="New Manager")
    stranger = person_with(Role.LGA_ADVISER, council=CouncilFactory())
    by = made.viewer(made.principal)
    with pytest.raises(Refused):
        actions.name_manager(made.review, person=stranger, by=by, on=TODAY)
    actions.name_manager(made.review, person=new, by=by, on=TODAY)
    assert TeamMember.objects.serving(Viewer.of(new, TODAY)).exists()
    assert not TeamMember.objects.serving(made.viewer(made.manager)).exists()


def test_an_older_reading_of_a_member_is_stale(made):
    member = forward(made, peer_for())
    agree(made, member)
    with pytest.raises(Stale):
        actions.stand_down(member, reason="x", revision=1, by=made.viewer(made.manager), on=TODAY)


def test_only_whoever_runs_the_review_builds_and_only_the_approver_answers(made):
    peer = peer_for()
    for person in (made.approver, made.contributor):
        with pytest.raises(PermissionDenied):
            actions.put_forward(made.review, peer=peer, role="operational", by=made.viewer(person), on=TODAY)
    member = forward(made, peer)
    for person in (made.manager, made.contributor):
        with pytest.raises(PermissionDenied):
            actions.agree_to(member, agrees=True, revision=1, by=made.viewer(person), on=TODAY)


def test_a_peer_leaves_the_pool_or_lacks_the_role_and_is_not_put_forward(made):
    with pytest.raises(Refused, match="role"):
        forward(made, peer_for("lead"))
    gone = peer_for()
    gone.left_on = TODAY
    gone.save()
    with pytest.raises(Refused, match="pool"):
        forward(made, gone)


# ---- Pages


def pages_of(made, member):
    reference = made.review.reference
    return {
        "team": reverse("team", args=[reference]),
        "suggest": reverse("team_suggest", args=[reference, "operational"]),
        "add": reverse("team_add", args=[reference, "operational"]),
        "manager": reverse("team_manager", args=[reference]),
        "confirm": reverse("team_confirm", args=[reference]),
        "stand down": reverse("team_stand_down", args=[reference, member.pk]),
        "agree": reverse("team_agree", args=[reference, member.pk]),
        "objections": reverse("team_objections", args=[reference]),
    }


BUILDS = {"suggest", "add", "manager", "confirm", "stand down"}
ANSWERS = {"agree", "objections"}


def test_each_page_opens_to_whom_it_is_for_and_is_not_there_for_strangers(made, client):
    made.review.kind = make_kind("another")
    member = forward(made, peer_for(name="Ada Fell"))
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    dfe = person_with(Role.DFE_ADVISER, council=made.council)
    lead = person_with(Role.NATIONAL_LEAD)
    may = {
        made.manager: {"team"} | BUILDS,
        made.principal: {"team"} | BUILDS,
        made.approver: {"team"} | ANSWERS,
        made.contributor: {"team"},
        lead: {"team"},
        stranger: set(),
        dfe: set(),
    }
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        for person, opens in may.items():
            client.force_login(person)
            for name, address in pages_of(made, member).items():
                wanted = 200 if name in opens else 403 if opens else 404
                assert client.get(address).status_code == wanted, (person.name, name)


def test_the_council_reads_name_post_council_and_role_and_nothing_of_the_lga(made, client):
    lender = CouncilFactory(name="Lendershire")
    peer = peer_for(name="Ada Fell", council=lender)
    forward(made, peer)
    PeerFeedback.objects.create(peer=peer, review=made.review, rating=1, text="Talks a lot", given_on=TODAY)
    Training.objects.create(peer=peer, name="x", accreditation=True, on=TODAY - 9 * DAY, expires_on=TODAY)
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        client.force_login(made.approver)
        page = client.get(reverse("team", args=[made.review.reference])).content.decode()
    for words in ("Ada Fell", "Lendershire", "Assistant director", "Operational peer"):
        assert words in page
    for words in ("Talks a lot", "Read the feedback", "lapsed", "Stand down", peer.get_absolute_url()):
        assert words not in page


def test_the_approver_answers_on_the_page_and_a_second_answer_shows_both(made, client):
    member = forward(made, peer_for(name="Ada Fell"))
    address = reverse("team_agree", args=[made.review.reference, member.pk])
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        client.force_login(made.approver)
        assert client.post(address, {"agrees": "yes", "revision": 1}).status_code == 302
        assert client.post(address, {"agrees": "no", "reason": "x", "revision": 1}).status_code == 409
    member.refresh_from_db()
    assert member.council_agreed_on == TODAY
    assert not member.refused


# ---- The last wall


@pytest.mark.parametrize(
    "how", ["works there", "lent by it", "inspected it", "works at a council joined to it"]
)
def test_the_database_itself_refuses_who_is_of_the_council(made, how):
    peer = peer_for()
    lends = None
    if how == "works there":
        PeerPost.objects.create(peer=peer, council=made.council)
    elif how == "lent by it":
        lends = made.council
    elif how == "inspected it":
        Tie.objects.create(peer=peer, council=made.council, kind=Tie.Kind.INSPECTED)
    else:
        joint = CouncilFactory()
        made.review.joint_with.add(joint)
        PeerPost.objects.create(peer=peer, council=joint)
    with pytest.raises(DatabaseError), transaction.atomic():
        TeamMember.objects.create(
            review=made.review, role="operational", peer=peer, lent_by=lends, put_forward_on=TODAY
        )
    assert not TeamMember.objects.filter(peer=peer).exists()


def test_the_database_takes_who_has_left_the_council_long_ago(made):
    peer = peer_for()
    PeerPost.objects.create(peer=peer, council=made.council, until_on=TODAY)
    TeamMember.objects.create(review=made.review, role="operational", peer=peer, put_forward_on=TODAY)
