"""Peer reviews by program: the pages' own actions and rules, with versions and keys; notes for the team alone."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from history.models import Event
from peer_reviews.models import Finding, KindPlace, Note, PeerReview, Stage, Tie
from tests.api.conftest import TODAY, Caller, problem
from tests.factories import CouncilFactory, person_with
from tests.peer_reviews.reviews import make_kind, make_peer, make_review

pytestmark = pytest.mark.django_db
API = "/api/v1/"
MARKER = "Zinnober-7391"


@pytest.fixture
def made(council, region):
    return make_review(council, region=region, today=TODAY)


@pytest.fixture
def calls(client):
    return lambda person: Caller(client, person)


def note_body(made, **more):
    return {
        "review": made.review.case.reference,
        "kind": "strength",
        "text": f"Supervision is weekly. {MARKER}",
        "line": made.review.lines.first().pk,
        "source_type": "focus-group",
        "voice": "social-workers",
        **more,
    }


def one(caller, path):
    response = caller.get(API + path)
    assert response.status_code == 200, response.content
    return response.json(), response["ETag"]


def done(caller, path, body=None):
    of = "/".join(path.split("/")[:2]) + "/"
    response = caller.post(API + path, body, etag=one(caller, of)[1])
    assert response.status_code == 200, response.content
    return response.json()


# Reviews


def test_an_adviser_offers_a_review_and_the_approver_accepts_it(calls, council, region):
    adviser = person_with(Role.LGA_ADVISER, region=region)
    approver = person_with(Role.COUNCIL_APPROVER, council=council)
    make_kind("cspc")
    body = {"council": "9901", "kind": "cspc", "reason": "Four years have passed.", "manager": adviser.pk}
    offered = calls(adviser).post(API + "reviews/", body)
    assert offered.status_code == 201, offered.content
    reference = offered.json()["reference"]
    assert offered["Location"].endswith(f"/reviews/{reference}/")
    told = done(calls(approver), f"reviews/{reference}/answer/", {"accept": True})
    assert told["stage"] == "accepted" and told["revision"] > offered.json()["revision"]
    again = calls(approver).post(
        f"{API}reviews/{reference}/answer/", {"accept": True}, etag='"review-x-1-0000000000"'
    )
    assert again.status_code == 412


def test_a_council_can_t_answer_for_another_and_a_contributor_not_at_all(calls, made):
    made.review.stage = Stage.OFFERED
    made.review.save()
    path = f"{API}reviews/{made.review.case.reference}/answer/"
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    assert calls(stranger).post(path, {"accept": True}).status_code == 404
    assert calls(made.contributor).post(path, {"accept": True}).status_code == 403


def test_the_same_key_offers_once(calls, council, region):
    adviser = person_with(Role.LGA_ADVISER, region=region)
    make_kind("cspc")
    body = {"council": "9901", "kind": "cspc", "reason": "Four years have passed.", "manager": adviser.pk}
    key = str(uuid4())
    first = calls(adviser).post(API + "reviews/", body, key=key)
    second = calls(adviser).post(API + "reviews/", body, key=key)
    assert first.json() == second.json() and PeerReview.objects.count() == 1


def test_days_postponing_and_resuming_go_by_the_version_that_was_read(calls, council, region):
    made = make_review(council, region=region, today=TODAY, stage=Stage.ACCEPTED)
    manager, path = calls(made.manager), f"reviews/{made.review.case.reference}/"
    days = {"first_day": "2027-03-01", "last_day": "2027-03-04"}
    assert done(manager, f"{path}days/", days)["first_day"] == "2027-03-01"
    assert done(manager, f"{path}postpone/", {"reason": "Ofsted called"})["stage"] == "postponed"
    later = {"first_day": "2027-05-04", "last_day": "2027-05-07"}
    assert done(manager, f"{path}resume/", later)["stage"] == "accepted"
    refused = manager.post(f"{API}{path}go-on/", {"to": "scoped"}, etag=one(manager, path)[1])
    assert refused.status_code in (400, 409) and b"issing" in refused.content
    assert (
        done(manager, f"{path}cancel/", {"reason": "The council is to be inspected"})["stage"] == "cancelled"
    )


def test_the_list_is_of_the_viewers_own_with_the_same_queries_for_one_and_for_ten(calls, council, region):
    make_review(council, region=region, peers=0, today=TODAY)
    caller = calls(person_with(Role.PRINCIPAL_ADVISER, region=region))
    caller.get(API + "reviews/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(caller.get(API + "reviews/").json()["results"]) == 1
    for _ in range(9):
        make_review(region=region, peers=0, today=TODAY)
    make_review(peers=0, today=TODAY)
    with CaptureQueriesContext(connection) as many:
        assert len(caller.get(API + "reviews/").json()["results"]) == 10
    assert len(many) == len(few)
    assert caller.get(API + "reviews/", {"stage": "closed"}).json()["results"] == []


# Teams and peers


def test_a_peer_is_put_forward_and_agreed_to_and_one_with_a_conflict_is_refused(calls, council, region):
    made = make_review(council, region=region, today=TODAY, stage=Stage.SCOPED, peers=0)
    KindPlace.objects.get_or_create(kind=made.review.kind, role="lead", defaults={"number": 1})
    good, tied = make_peer("Good Peer"), make_peer("Tied Peer")
    for peer in (good, tied):
        peer.roles.create(role="lead")
    Tie.objects.create(peer=tied, council=council, kind="conflict")
    manager = calls(made.manager)
    body = {"review": made.review.case.reference, "peer": good.pk, "role": "lead"}
    added = manager.post(API + "team-members/", body)
    assert added.status_code == 201, added.content
    refused = manager.post(API + "team-members/", {**body, "peer": tied.pk})
    assert refused.status_code in (400, 409) and b"conflict" in refused.content
    told = done(calls(made.approver), f"team-members/{added.json()['id']}/agree/", {"agrees": True})
    assert told["council_agreed_on"] == TODAY.isoformat()


def test_the_pool_is_the_lga_s_and_a_peer_finds_themselves(calls, made):
    pool = calls(made.principal).get(API + "peers/").json()["results"]
    assert len(pool) == 3 and all(row["council"] for row in pool)
    assert [row["name"] for row in calls(made.peers[0]).get(API + "peers/").json()["results"]] == ["Peer 1"]
    assert calls(made.approver).get(API + "peers/").json()["results"] == []
    body = {"name": "Rowan Vale", "roles": ["operational"], "joined_on": "2026-11-03", "employer": "A trust"}
    assert calls(made.approver).post(API + "peers/", body).status_code == 403
    added = calls(made.principal).post(API + "peers/", body)
    assert added.status_code == 201, added.content
    caller, path = calls(made.principal), f"peers/{added.json()['id']}/"
    changed = caller.send(
        "PATCH", API + path, {"name": "Rowan Vale", "roles": ["auditor"]}, etag=one(caller, path)[1]
    )
    assert changed.status_code == 200 and changed.json()["roles"] == ["auditor"]


# Notes and findings


def test_a_note_is_its_author_s_until_it_is_shared_and_then_the_team_s(calls, made):
    first, second = calls(made.peers[0]), calls(made.peers[1])
    added = first.post(API + "notes/", note_body(made))
    assert added.status_code == 201, added.content
    path = f"notes/{added.json()['id']}/"
    assert second.get(API + path).status_code == 404
    assert done(first, path + "share/")["shared_at"]
    assert second.get(API + path).json()["text"].endswith(MARKER)
    refused = second.send("PATCH", API + path, note_body(made), etag=one(second, path)[1])
    assert refused.status_code == 403


def test_a_note_sent_twice_under_its_own_key_is_taken_once(calls, made):
    body, caller = note_body(made, key=str(uuid4())), calls(made.peers[0])
    assert caller.post(API + "notes/", body).status_code == 201
    assert caller.post(API + "notes/", body).status_code == 201
    assert Note.objects.count() == 1
    other = caller.post(API + "notes/", {**body, "text": "Something else"})
    assert other.status_code in (201, 400) and Note.objects.count() == 1


def test_a_changed_note_goes_by_its_version(calls, made):
    caller = calls(made.peers[0])
    path = f"notes/{caller.post(API + 'notes/', note_body(made)).json()['id']}/"
    etag = one(caller, path)[1]
    body = {key: value for key, value in note_body(made, text="Monthly").items() if key != "review"}
    assert caller.send("PATCH", API + path, body, etag=etag).json()["text"] == "Monthly"
    stale = caller.send("PATCH", API + path, body, etag=etag)
    assert stale.status_code == 412 and stale.json()["current"]["text"] == "Monthly"


def test_nobody_off_the_team_reads_a_note_or_a_finding_and_none_as_csv(calls, made):
    team = calls(made.peers[0])
    note = team.post(API + "notes/", note_body(made, share=True)).json()
    finding = team.post(
        API + "findings/",
        {"review": made.review.case.reference, "kind": "strength", "wording": MARKER, "notes": [note["id"]]},
    )
    assert finding.status_code == 201, finding.content
    assert finding.json()["notes"] == [note["id"]]
    others = [
        made.approver,
        made.contributor,
        made.principal,
        person_with(Role.COUNCIL_LEADERSHIP, council=made.council),
        person_with(Role.DFE_ADVISER, council=made.council),
        person_with(Role.NATIONAL_LEAD),
        person_with(Role.ADMINISTRATOR),
        make_review(today=TODAY).peers[0],
    ]
    for person in others:
        caller = calls(person)
        for path in (f"notes/{note['id']}/", f"findings/{finding.json()['id']}/"):
            assert caller.get(API + path).status_code == 404, person
        for path in ("notes/", "findings/"):
            assert MARKER not in caller.get(API + path).content.decode()
        assert caller.post(API + "notes/", note_body(made)).status_code in (400, 403)
    assert team.get(API + "notes/", {"format": "csv"}).status_code in (400, 404, 406)
    assert MARKER not in str(list(Event.objects.values_list("data", flat=True)))


def test_a_finding_is_agreed_and_its_change_needs_agreeing_anew(calls, made):
    caller = calls(made.manager)
    body = {"review": made.review.case.reference, "kind": "consideration", "wording": "Supervision varies."}
    path = f"findings/{caller.post(API + 'findings/', body).json()['id']}/"
    assert done(caller, path + "agree/")["agreed_on"] == TODAY.isoformat()
    changed = caller.send(
        "PATCH",
        API + path,
        {"kind": "consideration", "wording": "Supervision is uneven."},
        etag=one(caller, path)[1],
    )
    assert changed.json()["agreed_on"] is None
    assert Finding.objects.get().wordings.count() == 2


def test_an_identifier_of_a_child_is_refused_by_field(calls, made):
    refused = calls(made.peers[0]).post(API + "notes/", note_body(made, text="NHS number 943 476 5919"))
    assert problem(refused, 400)["errors"][0]["field"] == "text"
