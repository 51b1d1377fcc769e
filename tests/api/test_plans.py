"""A council's own system drafts a plan through the API, and takes it to Ofsted and the DfE: the pages' own actions."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Source
from history.models import Event
from improvement.actions.way_out import share
from improvement.models import Comment, Plan, PlannedAction, PlanVersion
from improvement.rules.plans import digest
from tests.api.conftest import TODAY, Caller, problem
from tests.factories import CaseFactory, RecommendationFactory, SourceFactory, person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def approver(client, council):
    return Caller(client, person_with(Role.COUNCIL_APPROVER, council=council))


@pytest.fixture
def contributor(client, council):
    return Caller(client, person_with(Role.COUNCIL_CONTRIBUTOR, council=council))


@pytest.fixture
def told(council):
    return RecommendationFactory(source=SourceFactory(council=council), number=1, text="Visit sooner")


def one(caller, path):
    """Return (what is there, its ETag)."""
    response = caller.get(API + path)
    assert response.status_code == 200, response.content
    return response.json(), response["ETag"]


def added(caller, path, body, **headers):
    response = caller.post(API + path, body, **headers)
    assert response.status_code == 201, response.content
    return response.json()


def done(caller, path, body=None):
    """Post to what stands under a resource, with the version of it that stands."""
    of = "/".join(path.split("/")[:2]) + "/"
    response = caller.post(API + path, body, etag=one(caller, of)[1])
    assert response.status_code == 200, response.content
    return response.json()


def drafted(caller, told):
    """Draft a plan with a priority, a measure, a risk and an action that answers `told`; return its version."""
    plan = added(caller, "plans/", {"council": "9901", "title": "Improve", "recommendations": [told.pk]})
    version = plan["latest_version"]
    priority = added(caller, "planned-priorities/", {"version": version, "title": "Practice"})
    measure = added(
        caller,
        "planned-measures/",
        {"version": version, "priority": priority["id"], "name": "Visits in time", "target": "92.5"},
    )
    added(caller, "plan-risks/", {"version": version, "text": "Agency cover runs out", "likelihood": 3})
    added(
        caller,
        "planned-actions/",
        {
            "version": version,
            "priority": priority["id"],
            "text": "Visit within five days",
            "due_on": "2027-03-31",
            "by_audit": True,
            "recommendations": [told.pk],
            "measures": [measure["measure"]],
        },
    )
    return version


def test_a_plan_is_drafted_and_read_whole(contributor, told):
    version = drafted(contributor, told)
    whole, _ = one(contributor, f"plan-versions/{version}/")
    document = whole["document"]
    [priority] = document["priorities"]
    [action] = priority["actions"]
    assert (action["number"], action["text"], action["due_on"]) == (
        "1.1",
        "Visit within five days",
        "2027-03-31",
    )
    assert action["recommendations"] == [told.pk] == [each["key"] for each in document["recommendations"]]
    assert [each["target"] for each in document["measures"]] == ["92.500"]
    assert action["measures"] == [document["measures"][0]["key"]]
    assert [risk["likelihood"] for risk in document["risks"]] == [3]
    assert Event.objects.filter(kind="draft-action-added", by_id=contributor.person.pk).count() == 1


def test_a_change_is_made_to_the_version_read_and_the_other_text_is_told(contributor, approver, told):
    version = drafted(contributor, told)
    [row] = contributor.get(API + "planned-actions/", {"version": version}).json()["results"]
    path = f"{API}planned-actions/{row['id']}/"
    read = contributor.get(path)["ETag"]
    first = approver.send("PATCH", path, {"text": "Visit within three days"}, etag=read)
    assert first.status_code == 200 and first.json()["recommendations"] == [told.pk]
    response = contributor.send("PATCH", path, {"text": "Visit within a week"}, etag=read)
    current = problem(response, 412)["current"]
    assert (current["text"], current["revision"]) == ("Visit within three days", 2)
    problem(contributor.send("PATCH", path, {"text": "Visit within a week"}), 428)
    again = contributor.send("PATCH", path, {"text": "Visit within a week"}, etag=response["ETag"])
    assert again.json()["text"] == PlannedAction.objects.get().text == "Visit within a week"


def test_a_post_repeated_by_its_key_adds_once(contributor, told):
    version = drafted(contributor, told)
    priority = PlanVersion.objects.get(pk=version).priorities.get()
    body = {"version": version, "priority": priority.pk, "text": "Audit ten cases a month"}
    first = contributor.post(API + "planned-actions/", body, key="k-1")
    again = contributor.post(API + "planned-actions/", body, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert first["Location"].endswith(f"/planned-actions/{first.json()['id']}/")
    assert PlannedAction.objects.filter(version=version).count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "Do", "due_on": "2027-01-01", "start_on": "2027-02-01"}, "due_on"),
        ({"text": "Do", "recommendations": [999_999]}, "recommendations"),
        ({"text": "Do", "measures": [999_999]}, "measures"),
        ({"text": "Do", "owner": 999_999}, "owner"),
        ({"text": "Do", "priority": 999_999}, "priority"),
        ({"text": ""}, "text"),
        ({"text": "Do", "by_audit": "yes"}, "by_audit"),
        ({"text": "Do", "colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_names_its_field(contributor, told, body, field):
    version = drafted(contributor, told)
    priority = PlanVersion.objects.get(pk=version).priorities.get()
    sent = {"version": version, "priority": priority.pk, **body}
    told_of = problem(contributor.post(API + "planned-actions/", sent), 400)
    assert [each["field"] for each in told_of["errors"]] == [field]
    assert PlannedAction.objects.count() == 1


def test_a_number_that_is_no_text_is_refused_by_name(contributor, told):
    version = drafted(contributor, told)
    body = {"version": version, "name": "Visits", "baseline": "sixty"}
    assert problem(contributor.post(API + "planned-measures/", body), 400)["errors"][0]["field"] == "baseline"


def test_a_measure_changed_meanwhile_is_told_with_its_numbers(contributor, told):
    drafted(contributor, told)
    [row] = contributor.get(API + "planned-measures/").json()["results"]
    path = f"{API}planned-measures/{row['id']}/"
    tag = contributor.get(path)["ETag"]
    assert contributor.send("PATCH", path, {"target": "95"}, etag=tag).json()["target"] == "95.000"
    current = problem(contributor.send("PATCH", path, {"target": "90"}, etag=tag), 412)["current"]
    assert current["target"] == "95.000"


def test_rows_are_moved_merged_and_removed(contributor, told):
    version = drafted(contributor, told)
    kept = PlannedAction.objects.get()
    second = added(
        contributor, "planned-actions/", {"version": version, "priority": kept.priority_id, "text": "Second"}
    )
    assert second["place"] == 2
    assert done(contributor, f"planned-actions/{second['id']}/move/", {"place": 1})["place"] == 1
    merged = done(
        contributor,
        f"planned-actions/{second['id']}/take-in/",
        {"other": kept.pk, "other_revision": 1, "text": "The two as one"},
    )
    assert (merged["text"], merged["recommendations"], merged["by_audit"]) == (
        "The two as one",
        [told.pk],
        True,
    )
    path = f"planned-actions/{second['id']}/"
    gone = contributor.send("DELETE", API + path, {}, etag=one(contributor, path)[1])
    assert gone.status_code == 204 and not PlannedAction.objects.exists()
    problem(contributor.get(API + path), 404)


def test_a_plan_is_changed_in_what_is_sent_alone(contributor, told):
    drafted(contributor, told)
    plan = Plan.objects.get()
    path = f"plans/{plan.reference}/"
    _, tag = one(contributor, path)
    response = contributor.send("PATCH", API + path, {"months": 3}, etag=tag)
    assert (response.json()["months"], response.json()["title"]) == (3, "Improve")
    problem(contributor.send("PATCH", API + path, {"months": 2}, etag=tag), 412)
    assert done(contributor, path + "recommendations/", {"recommendations": []})["recommendations"] == []


def test_no_recommendation_under_embargo_is_chosen_or_told(contributor, told, council):
    drafted(contributor, told)
    plan = Plan.objects.get()
    hidden = RecommendationFactory(
        source=SourceFactory(council=council, access=Source.Access.EMBARGOED), number=1, text="Kittiwake"
    )
    path = f"plans/{plan.reference}/"
    _, tag = one(contributor, path)
    body = {"recommendations": [told.pk, hidden.pk]}
    refused = problem(contributor.post(f"{API}{path}recommendations/", body, etag=tag), 400)
    assert refused["errors"][0]["field"] == "recommendations"
    problem(
        contributor.post(API + "plans/", {"council": "9901", "title": "x", "recommendations": [hidden.pk]}),
        400,
    )
    # One that was chosen, and whose report came under embargo after that.
    Source.objects.filter(pk=told.source_id).update(access=Source.Access.EMBARGOED)
    assert one(contributor, path)[0]["recommendations"] == []
    [row] = contributor.get(API + "planned-actions/").json()["results"]
    assert row["recommendations"] == []
    assert told.text not in str(one(contributor, f"plan-versions/{row['version']}/")[0])


def test_a_draft_is_its_councils_alone_and_a_reader_changes_nothing(
    contributor, adviser, stranger, told, client
):
    version = drafted(contributor, told)
    leader = Caller(client, person_with(Role.COUNCIL_LEADERSHIP, council=Plan.objects.get().council))
    path = f"plan-versions/{version}/"
    for caller in (adviser, stranger):
        problem(caller.get(API + path), 404)
        assert caller.get(API + "plans/").json()["results"] == []
        assert caller.get(API + "planned-actions/").json()["results"] == []
        problem(caller.post(API + "planned-actions/", {"version": version, "priority": 1, "text": "x"}), 403)
    tag = one(leader, path)[1]
    problem(leader.send("PATCH", API + path, {"introduction": "x"}, etag=tag), 403)


LISTS = (
    "plans/",
    "plan-versions/",
    "planned-priorities/",
    "planned-actions/",
    "planned-measures/",
    "plan-risks/",
    "snapshots/",
    "approval-steps/",
    "plan-comments/",
    "plan-replies/",
    "releases/",
    "plan-boards/",
    "board-members/",
    "board-meetings/",
    "board-decisions/",
    "sign-offs/",
)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_for_three_rows_and_for_many(approver, council, path):
    make_plan(council, priorities=1, actions=1, recommendations=1, measures=1)
    approver.get(API + path)
    few = _queries(approver, path)
    for _ in range(3):
        make_plan(council, priorities=4, actions=30, recommendations=5, measures=8)
    assert _queries(approver, path) == few <= 12


def _queries(caller, path):
    with CaptureQueriesContext(
        connection,
    ) as told:
        assert caller.get(API + path).status_code == 200
    return len(told)


def test_a_list_is_had_as_csv_with_its_numbers_in_one_cell(approver, council):
    version = make_plan(council, actions=1, recommendations=1)
    row = version.actions.get()
    response = approver.get(API + "planned-actions/", accept="text/csv")
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[0].endswith("by_voice,revision,recommendations,measures")
    assert lines[1].endswith(f",1,{row.recommendations.get().pk},{row.measures.get().pk}")


# The way out


@pytest.fixture
def case(council):
    return CaseFactory(council=council, reference="INT-2026-0901", entered_on=date(2026, 3, 2))


@pytest.fixture
def shared(council, case):
    """A version shared with the LGA, the pages' way."""
    version = make_plan(council, recommendations=1, case=case, standing=PlanVersion.Standing.APPROVED)
    by = Viewer.of(person_with(Role.COUNCIL_APPROVER, council=council), TODAY)
    share(version, by=by, on=TODAY)
    version.refresh_from_db()
    return version


def test_a_plan_takes_its_whole_way_out(contributor, approver, adviser, told, case):
    version = drafted(contributor, told)
    Plan.objects.update(case=case)
    path = f"plan-versions/{version}/"
    done(contributor, path + "route/", {"statutory_on": "2027-02-26"})
    [first, *_] = contributor.get(API + "approval-steps/", {"version": version}).json()["results"]
    step = done(contributor, f"approval-steps/{first['id']}/done/", {"done_on": "2026-11-19"})
    assert step["done_on"] == "2026-11-19"
    assert done(contributor, path + "send-for-approval/")["standing"] == "for-approval"
    problem(contributor.post(API + path + "approve/", etag=one(contributor, path)[1]), 403)
    back = done(approver, path + "send-back/", {"note": "Name an owner"})
    assert (back["standing"], back["sent_back_note"]) == ("drafting", "Name an owner")
    done(contributor, path + "send-for-approval/")
    assert done(approver, path + "approve/")["approved_on"] == "2026-11-20"
    problem(adviser.get(API + path), 404)
    [kept] = done(approver, path + "share/")["snapshots"]
    comment = added(adviser, "plan-comments/", {"version": version, "text": "How will you know?"})
    answer = done(contributor, f"plan-comments/{comment['id']}/answer/", {"text": "By audit"})
    assert answer["revision"] == 2
    assert done(adviser, f"plan-comments/{comment['id']}/settle/")["settled_on"] == "2026-11-20"
    done(adviser, path + "ready/", {})
    sent = done(approver, path + "send/", {"handovers": [{"to": "ofsted", "on": "2026-11-20"}]})
    assert sent["standing"] == "sent" and len(sent["snapshots"]) == 2
    letter = {"kind": "reflects", "dated_on": "2026-11-20"}
    done(adviser, path + "replies/", letter)
    kinds = [row["kind"] for row in approver.get(API + "plan-replies/").json()["results"]]
    assert kinds == ["ready", "reflects"]
    whole, _ = one(approver, f"snapshots/{kept['reference']}/")
    assert digest(whole["content"]) == whole["digest"] == kept["digest"]
    assert [given["to"] for given in whole["handovers"]] == ["lga"]


def test_an_approval_of_an_older_version_is_refused_with_how_it_stands(approver, contributor, told):
    path = f"plan-versions/{drafted(contributor, told)}/"
    _, old = one(approver, path)
    done(contributor, path + "send-for-approval/")
    current = problem(approver.post(API + path + "approve/", etag=old), 412)["current"]
    assert current["standing"] == "for-approval"


def test_a_post_that_was_done_is_answered_as_it_was(approver, council):
    version = make_plan(council, standing=PlanVersion.Standing.APPROVED)
    path = f"{API}plan-versions/{version.pk}/"
    tag = approver.get(path)["ETag"]
    first = approver.post(path + "share/", {}, etag=tag, key="share-1")
    again = approver.post(path + "share/", {}, etag=tag, key="share-1")
    assert (first.status_code, again.status_code) == (200, 200) and first.content == again.content
    assert Event.objects.filter(kind="plan-shared").count() == 1


def test_what_the_way_out_refuses_names_a_field_of_the_body(approver, shared):
    path = f"{API}plan-versions/{shared.pk}/send/"
    tag = approver.get(f"{API}plan-versions/{shared.pk}/")["ETag"]
    late = {"handovers": [{"to": "ofsted", "on": "2026-11-21"}]}
    assert problem(approver.post(path, late, etag=tag), 400)["errors"][0]["field"] == "handovers"
    nobody = {"handovers": [{"to": "lga", "on": "2026-11-20"}]}
    assert problem(approver.post(path, nobody, etag=tag), 400)["errors"][0]["field"] == "handovers.0.to"


def test_a_comment_changed_meanwhile_takes_no_answer_to_the_older_one(adviser, contributor, shared):
    comment = added(adviser, "plan-comments/", {"version": shared.pk, "text": "Why?"})
    path = f"{API}plan-comments/{comment['id']}/"
    tag = contributor.get(path)["ETag"]
    assert contributor.post(path + "answer/", {"text": "As told"}, etag=tag).status_code == 200
    told_of = problem(contributor.post(path + "answer/", {"text": "Again"}, etag=tag), 412)
    assert told_of["current"]["revision"] == 2
    assert Comment.objects.count() == 2


def test_comments_and_steps_are_the_councils_and_the_lgas_alone(client, adviser, shared, council):
    comment = added(adviser, "plan-comments/", {"version": shared.pk, "text": "Why?"})
    PlanVersion.objects.filter(pk=shared.pk).update(standing="sent")
    government = Caller(client, person_with(Role.DFE_ADVISER, council=council))
    assert one(government, f"plan-versions/{shared.pk}/")[0]["standing"] == "sent"
    problem(government.get(f"{API}plan-comments/{comment['id']}/"), 404)
    for path in ("plan-comments/", "approval-steps/", "releases/"):
        assert government.get(API + path).json()["results"] == []


def test_a_version_is_released_and_taken_back(client, approver, contributor, shared, council):
    scrutiny = Caller(client, person_with(Role.SCRUTINY_MEMBER, council=council))
    problem(scrutiny.get(f"{API}plan-versions/{shared.pk}/"), 404)
    body = {"audience": "scrutiny", "version": shared.pk}
    problem(contributor.post(API + "releases/", body), 403)
    made = added(approver, "releases/", body)
    assert one(scrutiny, f"plan-versions/{shared.pk}/")[0]["id"] == shared.pk
    assert problem(approver.post(API + "releases/", body), 400)["errors"][0]["field"] == "audience"
    taken = done(approver, f"releases/{made['id']}/withdraw/")
    assert taken["withdrawn_on"] == "2026-11-20"
    problem(scrutiny.get(f"{API}plan-versions/{shared.pk}/"), 404)
    assert problem(approver.post(API + "releases/", {"audience": "scrutiny"}), 400)


def test_an_action_that_was_dropped_is_put_back(contributor, approver, shared):
    made = added(contributor, "plan-versions/", {"plan": shared.plan.reference, "change_note": "Again"})
    gone = PlannedAction.objects.filter(version=made["id"]).first()
    path = f"planned-actions/{gone.pk}/"
    tag = one(contributor, path)[1]
    asked = problem(contributor.send("DELETE", API + path, {}, etag=tag), 400)
    assert asked["errors"][0]["field"] == "note"
    contributor.send("DELETE", API + path, {"note": "Done elsewhere"}, etag=tag)
    done(contributor, f"plan-versions/{made['id']}/put-back/", {"action": gone.action_id})
    assert PlannedAction.objects.filter(version=made["id"], action=gone.action_id).exists()


# The board


def test_a_board_is_kept_meets_challenges_and_signs_off(client, approver, contributor, shared, council):
    made = {"plan": shared.plan.reference, "name": "Improvement board", "papers_days": 5}
    board = added(contributor, "plan-boards/", made)
    again = problem(contributor.post(API + "plan-boards/", made), 400)
    assert again["errors"][0]["field"] == "plan"
    path = f"plan-boards/{board['id']}/"
    tag = one(contributor, path)[1]
    assert contributor.send("PATCH", API + path, {"papers_days": 3}, etag=tag).json()["papers_days"] == 3
    problem(contributor.send("PATCH", API + path, {"papers_days": 4}, etag=tag), 412)
    chairing = person_with(Role.BOARD_CHAIR, council=council)
    chair = Caller(client, chairing)
    problem(chair.get(API + path), 404)
    member = {"post": "Independent chair", "person": chairing.pk, "chairs": True, "from_on": "2026-11-01"}
    sits = added(contributor, "board-members/", {"board": board["id"], **member})
    meeting = added(chair, "board-meetings/", {"board": board["id"], "meets_on": "2026-11-18"})
    assert meeting["papers_due_on"] == "2026-11-13"
    path = f"board-meetings/{meeting['id']}/"
    moved = chair.send("PATCH", API + path, {"meets_on": "2026-11-19"}, etag=one(chair, path)[1])
    assert moved.json()["papers_due_on"] == "2026-11-16"
    held = done(chair, path + "record/", {"held": True, "present": [sits["id"]]})
    assert (held["held"], held["present"]) == (True, [sits["id"]])
    body = {"meeting": meeting["id"], "kind": "challenge", "text": "Why is it late?"}
    challenge = added(chair, "board-decisions/", body)
    answered = done(contributor, f"board-decisions/{challenge['id']}/answer/", {"answer": "It is not"})
    assert answered["answered_on"] == "2026-11-20"
    action = shared.plan.actions.first().pk
    signed = {"action": action, "state": "signed-off", "seen": 0, "meeting": meeting["id"]}
    assert added(chair, "sign-offs/", signed)["on"] == "2026-11-19"
    late = problem(approver.post(API + "sign-offs/", {**signed, "state": "withdrawn"}), 400)
    assert late["errors"][0]["field"] == "seen"
    left = done(contributor, f"board-members/{sits['id']}/end/", {"until_on": "2026-11-20"})
    assert left["until_on"] == "2026-11-20"
    problem(chair.get(f"{API}plan-boards/{board['id']}/"), 404)


def test_a_board_is_round_its_plan_alone(client, adviser, contributor, council, shared, stranger):
    board = added(
        contributor, "plan-boards/", {"plan": shared.plan.reference, "name": "Board", "papers_days": 5}
    )
    body = {"board": board["id"], "meets_on": "2026-12-10"}
    problem(adviser.post(API + "board-meetings/", body), 403)
    assert one(adviser, f"plan-boards/{board['id']}/")[0]["name"] == "Board"
    elsewhere = Caller(client, person_with(Role.BOARD_CHAIR, council=council))
    problem(elsewhere.post(API + "board-meetings/", body), 403)
    for caller in (stranger, elsewhere):
        problem(caller.get(f"{API}plan-boards/{board['id']}/"), 404)
        assert caller.get(API + "plan-boards/").json()["results"] == []
