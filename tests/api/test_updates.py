"""A council's own system fills in an update, submits it, and meets what somebody else changed meanwhile."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import encode_multipart

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Document
from history.models import Event
from improvement.actions.updates import open_updates
from improvement.models import ActionReport, Evidence, PlannedAction, PlanVersion, Reading, Update
from tests.api.conftest import TODAY, Caller, problem
from tests.factories import CouncilFactory, person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db
UPDATES = "/api/v1/updates/"


@pytest.fixture
def version(council):
    approved = PlanVersion.Standing.APPROVED
    return make_plan(council, priorities=2, actions=4, measures=2, standing=approved, on=date(2026, 10, 5))


@pytest.fixture
def update(version):
    open_updates(by=Viewer.system(TODAY), on=TODAY)
    return Update.objects.get()


@pytest.fixture
def contributor(client, council):
    return Caller(client, person_with(Role.COUNCIL_CONTRIBUTOR, council=council))


@pytest.fixture
def approver(client, council):
    return Caller(client, person_with(Role.COUNCIL_APPROVER, council=council))


def of(update, then=""):
    return f"{UPDATES}{getattr(update, 'pk', update)}/{then}"


def whole(caller, update):
    response = caller.get(of(update))
    assert response.status_code == 200, response.content
    return response.json()


def put(caller, path, body, etag):
    return caller.send("PUT", path, body, etag=etag)


def fill_in(caller, update):
    """Answer all that an update asks for, as a program does: with the versions that it told."""
    for section in whole(caller, update)["priorities"]:
        for action in section["actions"]:
            said = {"delivery": "on-track", "percent": 40, "done": "Two teams trained."}
            saved = put(caller, of(update, f"actions/{action['action']}/"), said, action["etag"])
            assert saved.status_code == 200, saved.content
        for measure in section["measures"]:
            path = of(update, f"measures/{measure['measure']}/")
            assert put(caller, path, {"value": "71.5"}, measure["etag"]).status_code == 200
        path = of(update, f"priorities/{section['priority']}/")
        said = {"delivery": "on-track", "text": "As planned."}
        assert put(caller, path, said, section["etag"]).status_code == 200
    etag = caller.get(of(update))["ETag"]
    written = caller.send("PATCH", of(update), {"overall": "A steady month."}, etag=etag)
    assert written.status_code == 200 and written.json()["is_whole"] is True
    return written["ETag"]


def submitted(contributor, approver, update):
    sent = contributor.post(of(update, "send-for-approval/"), etag=fill_in(contributor, update))
    assert sent.status_code == 200, sent.content
    answer = approver.post(of(update, "submit/"), etag=sent["ETag"])
    assert answer.status_code == 200, answer.content
    return answer


def test_a_councils_own_system_fills_an_update_in_and_it_is_submitted(contributor, approver, update):
    told = submitted(contributor, approver, update).json()
    assert (told["standing"], told["submitted_on"]) == ("submitted", "2026-11-20")
    assert told["digest"] == Update.objects.get().digest
    assert {action["percent"] for each in told["priorities"] for action in each["actions"]} == {40}
    assert Reading.objects.filter(update=update).count() == 2
    assert Event.objects.get(kind="update-submitted").by_id == approver.person.pk
    assert whole(contributor, update) == told


def test_it_can_be_sent_back_with_what_to_mend(contributor, approver, update):
    sent = contributor.post(of(update, "send-for-approval/"), etag=fill_in(contributor, update))
    told = problem(approver.post(of(update, "send-back/"), {}, etag=sent["ETag"]), 400)
    assert told["errors"][0]["field"] == "note"
    back = approver.post(of(update, "send-back/"), {"note": "Say more of 1.2."}, etag=sent["ETag"])
    assert (back.json()["standing"], back.json()["sent_back_note"]) == ("draft", "Say more of 1.2.")


def test_what_lacks_answers_is_not_sent_on_and_is_told_what(contributor, update):
    etag = contributor.get(of(update))["ETag"]
    told = problem(contributor.post(of(update, "send-for-approval/"), etag=etag), 409)
    assert told["detail"] == "Not finished yet: priority 1, priority 2, the words for the whole."


def test_the_first_to_save_wins_and_the_other_is_told_what_stands(contributor, approver, update):
    action = whole(contributor, update)["priorities"][0]["actions"][0]
    path = of(update, f"actions/{action['action']}/")
    assert action["revision"] == 0 and contributor.get(path).json()["etag"] == action["etag"]
    first = put(contributor, path, {"delivery": "on-track", "done": "First"}, action["etag"])
    assert (first.status_code, first.json()["revision"]) == (200, 1)
    second = put(approver, path, {"delivery": "slipping", "done": "Second"}, action["etag"])
    told = problem(second, 412)
    assert (told["current"]["done"], told["current"]["etag"]) == ("First", first.json()["etag"])
    assert ActionReport.objects.get().done == "First"
    again = put(approver, path, {"delivery": "slipping", "done": "Second"}, second["ETag"])
    assert again.json()["done"] == "Second" and again.json()["needs"] == ["reason", "recovery"]
    problem(put(approver, path, {"delivery": "slipping"}, None), 428)


def test_an_answer_of_another_update_or_action_has_another_version(contributor, update):
    first, second = whole(contributor, update)["priorities"][0]["actions"]
    path = of(update, f"actions/{first['action']}/")
    problem(put(contributor, path, {"delivery": "on-track"}, second["etag"]), 412)


def test_an_answer_changed_since_keeps_the_update_from_being_sent_on(contributor, approver, update):
    read = fill_in(contributor, update)
    action = whole(contributor, update)["priorities"][0]["actions"][0]
    path = of(update, f"actions/{action['action']}/")
    changed = put(contributor, path, {"delivery": "on-track", "percent": 50}, action["etag"])
    assert changed.status_code == 200
    told = problem(approver.post(of(update, "submit/"), etag=read), 412)
    assert told["current"]["priorities"][0]["actions"][0]["percent"] == 50
    assert Update.objects.get().standing == "draft"


def test_a_post_that_is_repeated_is_done_once_and_answered_the_same(contributor, update):
    etag = fill_in(contributor, update)
    first = contributor.post(of(update, "send-for-approval/"), etag=etag, key="k-1")
    again = contributor.post(of(update, "send-for-approval/"), etag=etag, key="k-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert Event.objects.filter(kind="update-sent-for-approval").count() == 1


def test_what_a_rule_refuses_names_the_field_and_the_remedy(contributor, update, version):
    PlannedAction.objects.filter(version=version).update(due_on=date(2026, 11, 1))
    action = whole(contributor, update)["priorities"][0]["actions"][0]
    path = of(update, f"actions/{action['action']}/")
    told = problem(put(contributor, path, {"delivery": "on-track"}, action["etag"]), 400)
    assert told["errors"][0]["field"] == "delivery" and "choose another" in told["errors"][0]["detail"]
    told = problem(put(contributor, path, {"percent": 101, "when": "now"}, action["etag"]), 400)
    assert {each["field"] for each in told["errors"]} == {"percent", "when"}


def test_no_change_is_said_of_those_that_may_stay(contributor, approver, update):
    submitted(contributor, approver, update)
    with_december = Viewer.system(date(2026, 12, 1))
    open_updates(by=with_december, on=date(2026, 12, 1))
    december = Update.objects.latest("period_on")
    seen = whole(contributor, december)
    stay = [one["action"] for each in seen["priorities"] for one in each["actions"] if one["may_stay"]]
    etag = contributor.get(of(december))["ETag"]
    body = {"actions": stay[:1]}
    answer = contributor.post(of(december, "no-change/"), body, etag=etag)
    assert answer.status_code == 200
    assert ActionReport.objects.filter(update=december, unchanged=True).count() == len(stay[:1])


def test_a_correction_is_a_new_update_and_the_submitted_one_stays(contributor, approver, update):
    sent = submitted(contributor, approver, update)
    before = whole(contributor, update)
    told = contributor.post(of(update, "correct/"), etag=sent["ETag"])
    assert told.status_code == 200, told.content
    new = told.json()
    assert (new["number"], new["corrects"], new["standing"]) == (2, update.pk, "draft")
    assert told["ETag"] == contributor.get(of(new["id"]))["ETag"]
    assert whole(contributor, update) == before


def test_an_owner_saves_their_own_action_and_sees_no_other(client, council, contributor, update, version):
    owner = Caller(client, person_with(Role.ACTION_OWNER, council=council))
    mine, other = version.actions.order_by("pk")[:2]
    PlannedAction.objects.filter(pk=mine.pk).update(owner=owner.person)
    path = of(update, f"actions/{mine.action_id}/")
    read = owner.get(path)
    assert read.status_code == 200
    assert put(owner, path, {"delivery": "on-track"}, read["ETag"]).status_code == 200
    problem(owner.get(of(update, f"actions/{other.action_id}/")), 404)
    problem(owner.get(of(update)), 404)


def test_the_adviser_asks_and_gives_a_status_and_the_council_answers(contributor, approver, adviser, update):
    submitted(contributor, approver, update)
    priority = whole(adviser, update)["priorities"][0]["priority"]
    asked = adviser.post(of(update, "questions/"), {"text": "What of the backlog?", "priority": priority})
    assert asked.status_code == 201
    question = contributor.get(asked["Location"])
    answered = contributor.post(f"{asked['Location']}answer/", {"text": "It is down."}, etag=question["ETag"])
    assert answered.json()["answer"] == "It is down."
    listed = adviser.get(of(update, "questions/")).json()["results"]
    assert [each["answered_on"] for each in listed] == ["2026-11-20"]
    path = of(update, f"statuses/{priority}/")
    nothing = adviser.get(path)
    assert (nothing.json()["delivery"], nothing.json()["revision"]) == ("", 0)
    given = put(adviser, path, {"delivery": "slipping", "note": "Posts are vacant."}, nothing["ETag"])
    assert given.json()["delivery"] == "slipping"
    problem(put(adviser, path, {"delivery": "on-track"}, nothing["ETag"]), 412)
    problem(put(contributor, path, {"delivery": "on-track"}, given["ETag"]), 403)
    read = adviser.post(of(update, "read/"))
    assert (read.status_code, read.json()["read_on"]) == (201, "2026-11-20")
    assert contributor.get(of(update, "read/")).json() == read.json()


def test_a_draft_is_the_councils_alone(adviser, stranger, update):
    for caller in (adviser, stranger):
        problem(caller.get(of(update)), 404)
        assert caller.get(UPDATES).json()["results"] == []


def test_the_list_is_narrowed_and_is_had_as_csv(contributor, update):
    assert len(contributor.get(UPDATES, {"plan": update.plan.reference}).json()["results"]) == 1
    for query in ({"period": "2026-09"}, {"standing": "submitted"}, {"council": "9999"}, {"plan": "PLAN-1"}):
        assert contributor.get(UPDATES, query).json()["results"] == []
    problem(contributor.get(UPDATES, {"period": "October"}), 400)
    csv = b"".join(contributor.get(UPDATES, {"format": "csv"}).streaming_content).decode()
    assert update.plan.reference in csv


def test_a_large_update_costs_as_many_queries_as_a_small_one(client, django_assert_max_num_queries):
    for actions in (2, 40):
        council = CouncilFactory()
        approved = PlanVersion.Standing.APPROVED
        plan = make_plan(council, priorities=2, actions=actions, standing=approved, on=date(2026, 10, 5)).plan
        open_updates(by=Viewer.system(TODAY), on=TODAY)
        caller = Caller(client, person_with(Role.COUNCIL_CONTRIBUTOR, council=council))
        update = Update.objects.get(plan=plan)
        with django_assert_max_num_queries(20):
            whole(caller, update)


# Measures

READINGS = "/api/v1/readings/"


@pytest.fixture
def measure(version):
    return version.measures.first().measure


def test_a_reading_is_recorded_restated_and_told_with_its_direction(contributor, measure):
    body = {"measure": measure.pk, "reading_on": "2026-09-30", "value": "71.5"}
    first = contributor.post(READINGS, body, key="k-1")
    assert first.status_code == 201, first.content
    again = contributor.post(READINGS, body, key="k-1")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert Reading.objects.count() == 1
    told = problem(contributor.post(READINGS, body), 400)
    assert told["errors"][0]["field"] == "reading_on" and "restate it" in told["errors"][0]["detail"]
    new = contributor.post(f"{first['Location']}restate/", {"value": "55.25", "note": "Late returns."})
    assert new.status_code == 201 and new.json()["restates"] == first.json()["id"]
    assert contributor.get(first["Location"]).json()["restated"] is True
    row = contributor.get(f"/api/v1/measures/{measure.pk}/").json()
    assert row["latest"] == {
        "reading": new.json()["id"],
        "reading_on": "2026-09-30",
        "value": "55.250",
        "direction": "declined-off-target",
        "stands": "off-target",
    }
    listed = contributor.get("/api/v1/measures/", {"plan": measure.plan.reference}).json()["results"]
    assert row in listed and len(listed) == 2
    csv = contributor.get("/api/v1/measures/", {"format": "csv"}).streaming_content
    assert "declined-off-target" in b"".join(csv).decode()


def test_a_reading_is_of_a_measure_within_reach_and_a_number_as_text(contributor, adviser, measure):
    elsewhere = make_plan(CouncilFactory()).measures.first().measure
    body = {"measure": elsewhere.pk, "reading_on": "2026-09-30", "value": "71.5"}
    assert problem(contributor.post(READINGS, body), 400)["errors"][0]["field"] == "measure"
    told = problem(contributor.post(READINGS, {**body, "value": 71.5}), 400)
    assert told["errors"][0]["field"] == "value"
    problem(adviser.post(READINGS, {**body, "measure": measure.pk}), 403)
    assert not Reading.objects.exists()


def test_many_measures_cost_as_many_queries_as_few(contributor, council, django_assert_max_num_queries):
    for measures in (2, 30):
        make_plan(council, measures=measures, standing=PlanVersion.Standing.APPROVED)
        with django_assert_max_num_queries(8):
            assert len(contributor.get("/api/v1/measures/").json()["results"]) >= measures


# Evidence

EVIDENCE = "/api/v1/evidence/"


def form(caller, fields, *, key, boundary="first", content=b"month,value\n2026-09,71\n"):
    """Post a file with fields as a form; each program chooses its own boundary, another each time."""
    upload = SimpleUploadedFile("audit.csv", content, "text/csv")
    return caller.client.generic(
        "POST",
        EVIDENCE,
        encode_multipart(boundary, {**fields, "upload": upload}),
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={"Authorization": f"Token {caller.secret}", "Idempotency-Key": key},
    )


@pytest.fixture
def action(version):
    return version.actions.first().action


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_file_is_attached_to_an_update_once_and_downloaded_with_a_token(contributor, update, action):
    fields = {"action": action.pk, "update": update.pk, "kind": "audit", "title": "Audit of plans"}
    made = form(contributor, fields, key="k-1")
    assert made.status_code == 201, made.content
    again = form(contributor, fields, key="k-1", boundary="second")
    assert (again.content, again["Idempotency-Replayed"]) == (made.content, "true")
    assert Evidence.objects.count() == Document.objects.count() == 1
    problem(form(contributor, fields, key="k-1", content=b"month,value\n2026-09,99\n"), 422)
    told = made.json()
    assert (told["title"], told["name"], told["update"]) == ("Audit of plans", "audit.csv", update.pk)
    file = contributor.get(f"/api/v1/documents/{told['document']}/", accept="text/csv")
    assert b"".join(file.streaming_content) == b"month,value\n2026-09,71\n"
    assert "attachment" in file["Content-Disposition"]
    assert contributor.get(EVIDENCE, {"action": action.pk}).json()["results"] == [told]


def test_a_link_is_attached_and_taken_away(contributor, adviser, stranger, update, action):
    body = {"action": action.pk, "kind": "voice", "url": "https://www.example.org/survey"}
    made = contributor.post(EVIDENCE, {**body, "update": update.pk})
    assert made.status_code == 201, made.content
    path, document = made["Location"], made.json()["document"]
    assert contributor.get(f"/api/v1/documents/{document}/").status_code == 302
    for caller in (adviser, stranger):
        problem(caller.get(path), 404)
        problem(caller.get(f"/api/v1/documents/{document}/"), 404)
    problem(contributor.send("DELETE", path), 428)
    problem(contributor.send("DELETE", path, etag='"evidence-1-9"'), 412)
    assert contributor.send("DELETE", path, etag=contributor.get(path)["ETag"]).status_code == 204
    problem(contributor.get(path), 404)
    assert Event.objects.filter(kind="evidence-removed").exists()


def test_what_is_no_file_of_its_kind_is_refused_by_name(contributor, action):
    fields = {"action": action.pk, "kind": "audit"}
    told = problem(form(contributor, fields, key="k-1", content=b"MZ\x90\x00\x03binary"), 400)
    assert told["errors"][0]["field"] == "upload"
    told = problem(contributor.post(EVIDENCE, {"action": action.pk, "kind": "audit"}), 400)
    assert told["errors"][0]["field"] == "upload"
    assert not Evidence.objects.exists() and not Document.objects.exists()


def test_evidence_is_attached_by_who_reports_on_the_action_alone(adviser, contributor, action):
    body = {"action": action.pk, "kind": "voice", "url": "https://www.example.org/survey"}
    problem(adviser.post(EVIDENCE, body), 403)
    elsewhere = make_plan(CouncilFactory()).actions.first().action
    told = problem(contributor.post(EVIDENCE, {**body, "action": elsewhere.pk}), 400)
    assert told["errors"][0]["field"] == "action"
