"""An adviser's own system records what the DfE decided: once, on the version read, and for whoever may."""

import pytest

from cases.models import Case, Milestone
from improvement.models import Appointment, Clause, CommissionerReport, Decision, Instrument
from tests.api.conftest import problem

pytestmark = pytest.mark.django_db
INTERVENTIONS = "/api/v1/interventions/"
NOTICE = {"council": "9901", "kind": "notice", "on_day": "2026-10-05", "letter": "Improvement notice"}


@pytest.fixture
def opened(adviser, council):
    made = adviser.post(INTERVENTIONS, NOTICE, key="k-1")
    assert made.status_code == 201, made.content
    return made


def test_an_intervention_is_opened_by_hand_once(adviser, reader, opened):
    again = adviser.post(INTERVENTIONS, NOTICE, key="k-1")
    assert (again.content, again["Idempotency-Replayed"]) == (opened.content, "true")
    assert Case.objects.count() == Instrument.objects.count() == 1
    assert adviser.get(opened["Location"]).json() == opened.json()
    problem(reader.post(INTERVENTIONS, NOTICE), 403)
    told = problem(adviser.post(INTERVENTIONS, {**NOTICE, "council": "nowhere"}), 400)
    assert told["errors"][0]["field"] == "council"


def test_its_whole_life_is_recorded(adviser, opened):
    case = opened["Location"]
    (notice,) = adviser.get(f"{case}instruments/").json()["results"]
    clause = {"instrument": notice["id"], "number": "3(b)", "text": "Send a plan.", "due_on": "2026-12-01"}
    made = adviser.post(f"{case}clauses/", clause)
    assert made.status_code == 201, made.content
    assert Milestone.objects.get(pk=made.json()["milestone"]).due_on.isoformat() == "2026-12-01"
    read = adviser.get(made["Location"])
    later = {"number": "3(b)", "text": "Send a plan.", "due_on": "2026-12-08"}
    changed = adviser.send("PUT", made["Location"], later, etag=read["ETag"])
    assert changed.json()["due_on"] == "2026-12-08" and Clause.objects.get().revision == 2
    problem(adviser.send("PUT", made["Location"], later, etag=read["ETag"]), 412)

    body = {"role": "commissioner", "from_on": "2026-10-12", "name": "R. Ash", "serving_dcs_of": "9901"}
    appointed = adviser.post(f"{case}appointments/", body)
    assert appointed.status_code == 201, appointed.content
    assert appointed.json()["serving_dcs_of"] == "9901"
    read = adviser.get(appointed["Location"])
    corrected = adviser.send("PATCH", appointed["Location"], {"terms": "Two days"}, etag=read["ETag"])
    assert (corrected.json()["terms"], corrected.json()["name"]) == ("Two days", "R. Ash")
    report = adviser.post(
        f"{case}reports/", {"appointment": appointed.json()["id"], "stated_due_on": "2027-01-12"}
    )
    assert report.status_code == 201, report.content
    read = adviser.get(report["Location"])
    sent = adviser.send("PUT", report["Location"], {"sent_on": "2026-11-18"}, etag=read["ETag"])
    assert sent.json()["sent_on"] == "2026-11-18" and CommissionerReport.objects.count() == 1
    ended = adviser.post(f"{appointed['Location']}end/", {"until_on": "2026-11-18"}, etag=corrected["ETag"])
    assert ended.status_code == 200 and Appointment.objects.get().until_on.isoformat() == "2026-11-18"

    decided = adviser.post(
        f"{case}decisions/", {"kind": "insufficient", "decided_on": "2026-11-03"}, key="k-2"
    )
    again = adviser.post(f"{case}decisions/", {"kind": "insufficient", "decided_on": "2026-11-03"}, key="k-2")
    assert decided.status_code == 201 and again.content == decided.content
    assert Decision.objects.count() == 1
    read = adviser.get(decided["Location"])
    corrected = adviser.send("PATCH", decided["Location"], {"reasons": "Too slow."}, etag=read["ETag"])
    assert (corrected.json()["reasons"], corrected.json()["decided_on"]) == ("Too slow.", "2026-11-03")

    path = f"{case}instruments/{notice['id']}/"
    problem(adviser.post(f"{path}lift/", {"lifted_on": "2026-11-19"}), 428)
    told = problem(
        adviser.post(f"{path}lift/", {"lifted_on": "2026-11-21"}, etag=adviser.get(path)["ETag"]), 400
    )
    assert told["errors"][0]["field"] == "lifted_on"
    lifted = adviser.post(f"{path}lift/", {"lifted_on": "2026-11-19"}, etag=adviser.get(path)["ETag"])
    assert lifted.json()["lifted_on"] == "2026-11-19"
    assert Case.objects.get().standing == Case.Standing.CLOSED


def test_readers_read_it_and_strangers_find_nothing(reader, stranger, opened):
    case = opened["Location"]
    body = {"kind": "insufficient", "decided_on": "2026-11-03"}
    (notice,) = reader.get(f"{case}instruments/").json()["results"]
    path = f"{case}instruments/{notice['id']}/"
    problem(reader.post(f"{case}decisions/", body), 403)
    problem(reader.send("PATCH", path, {"detail": "x"}, etag=reader.get(path)["ETag"]), 403)
    for address in (path, f"{case}instruments/", f"{case}decisions/"):
        problem(stranger.get(address), 404)
    problem(stranger.post(f"{case}decisions/", body), 404)
    assert not Decision.objects.exists()


def test_what_is_named_is_of_this_intervention(adviser, opened):
    body = {"appointment": 999, "sent_on": "2026-11-18"}
    told = problem(adviser.post(f"{opened['Location']}reports/", body), 400)
    assert told["errors"][0]["field"] == "appointment"
