"""A change is made to the version that was read, or not at all; it is the pages' own action."""

from datetime import date

import pytest

from api.models import IdempotentAnswer
from cases.models import Contact, DateChange, Milestone, Recommendation, RetentionRule, Source
from history.models import Event
from tests.api.conftest import TODAY, problem
from tests.factories import CouncilFactory, MilestoneFactory, SourceFactory

pytestmark = pytest.mark.django_db
MET = {"met_on": "2026-11-18", "note": "Sent by post"}


def address(milestone, then=""):
    return f"/api/v1/milestones/{milestone.pk}/{then}"


def etag_of(caller, milestone):
    return caller.get(address(milestone))["ETag"]


def test_a_milestone_is_marked_met_and_answered_as_it_stands_then(adviser, milestone):
    response = adviser.post(address(milestone, "met/"), MET, etag=etag_of(adviser, milestone))
    assert response.status_code == 200
    told = response.json()
    assert (told["met_on"], told["outcome"], told["outcome_note"]) == ("2026-11-18", "met", "Sent by post")
    assert told["revision"] == 2
    assert response["ETag"] == etag_of(adviser, milestone)
    milestone.refresh_from_db()
    assert milestone.met_on == date(2026, 11, 18)
    event = Event.objects.get(kind="milestone-met")
    assert (event.subject_id, event.by_id) == (milestone.pk, adviser.person.pk)


def test_a_date_is_moved_and_the_promised_one_kept(adviser, milestone):
    body = {"to": "2026-12-01", "reason": "agreed-dfe"}
    response = adviser.post(address(milestone, "move/"), body, etag=etag_of(adviser, milestone))
    assert response.status_code == 200 and response.json()["due_on"] == "2026-12-01"
    change = DateChange.objects.get(milestone=milestone)
    assert (change.old_due_on, change.new_due_on) == (date(2026, 11, 9), date(2026, 12, 1))


def test_a_milestone_is_paused_and_resumed(adviser, milestone):
    paused = adviser.post(
        address(milestone, "pause/"), {"reason": "In court"}, etag=etag_of(adviser, milestone)
    )
    assert paused.json()["paused"] is True
    resumed = adviser.post(address(milestone, "resume/"), {"due_on": "2026-12-24"}, etag=paused["ETag"])
    assert resumed.json()["paused"] is False
    assert resumed.json()["due_on"] == "2026-12-24"


def test_a_change_without_the_version_read_is_refused(adviser, milestone):
    told = problem(adviser.post(address(milestone, "met/"), MET), 428)
    assert "If-Match" in told["detail"]
    assert Milestone.objects.get().met_on is None


def test_a_change_to_an_older_version_is_refused_with_the_current_one(adviser, milestone):
    old = etag_of(adviser, milestone)
    adviser.post(address(milestone, "move/"), {"to": "2026-12-01", "reason": "agreed-dfe"}, etag=old)
    response = adviser.post(address(milestone, "met/"), MET, etag=old)
    told = problem(response, 412)
    assert told["current"]["due_on"] == "2026-12-01" and told["current"]["revision"] == 2
    assert response["ETag"] == etag_of(adviser, milestone) != old
    assert Milestone.objects.get().met_on is None
    again = adviser.post(address(milestone, "met/"), MET, etag=response["ETag"])
    assert again.status_code == 200


@pytest.mark.parametrize("tag", ['"milestone-1"', '"council-1-1"', "nonsense", '"milestone-999999-1"'])
def test_a_tag_of_something_else_is_another_version(adviser, milestone, tag):
    problem(adviser.post(address(milestone, "met/"), MET, etag=tag), 412)


def test_what_an_action_refuses_names_the_field_and_the_remedy(adviser, milestone):
    body = {"met_on": "2026-11-21"}
    told = problem(adviser.post(address(milestone, "met/"), body, etag=etag_of(adviser, milestone)), 400)
    assert told["errors"] == [{"field": "met_on", "detail": "The date must be today or earlier"}]


def test_what_a_milestone_does_not_allow_now_is_a_conflict(adviser, milestone):
    met = adviser.post(address(milestone, "met/"), MET, etag=etag_of(adviser, milestone))
    told = problem(adviser.post(address(milestone, "pause/"), {"reason": "x"}, etag=met["ETag"]), 409)
    assert told["detail"] == "It is closed already: met."


def test_a_reader_is_refused_and_a_stranger_finds_nothing(reader, stranger, milestone):
    tag = etag_of(reader, milestone)
    problem(reader.post(address(milestone, "met/"), MET, etag=tag), 403)
    problem(stranger.post(address(milestone, "met/"), MET, etag=tag), 404)
    assert Milestone.objects.get().met_on is None


def test_what_rests_on_an_embargo_is_not_found_even_by_who_may_change_it(adviser, milestone):
    source = SourceFactory(council=milestone.council, access=Source.Access.EMBARGOED)
    kept_back = MilestoneFactory(case=milestone.case, source=source)
    problem(adviser.post(address(kept_back, "met/"), MET, etag=f'"milestone-{kept_back.pk}-1"'), 404)


# Recommendations

ADD = {"items": [{"paragraph": "12", "text": "Improve plans"}, {"text": "Visit sooner"}]}
RECOMMENDATIONS = "/api/v1/recommendations/"


@pytest.fixture
def source(council):
    return SourceFactory(council=council)


@pytest.fixture
def recommendation(council, source):
    return Recommendation.objects.create(
        council=council, source=source, number=1, paragraph="12", text="Improve plans", entered_on=TODAY
    )


def of(recommendation, then=""):
    return f"{RECOMMENDATIONS}{recommendation.pk}/{then}"


def test_recommendations_of_a_published_report_are_added_together(adviser, source):
    response = adviser.post(RECOMMENDATIONS, {"source": source.pk, **ADD})
    assert response.status_code == 201
    told = [(row["number"], row["paragraph"], row["text"]) for row in response.json()["results"]]
    assert told == [(1, "12", "Improve plans"), (2, "", "Visit sooner")]
    assert Event.objects.filter(kind="recommendations-added").count() == 1


@pytest.mark.parametrize("access", [Source.Access.EMBARGOED, Source.Access.NEVER])
def test_none_is_added_to_a_report_that_is_restricted(adviser, source, access):
    source.access = access
    source.save()
    told = problem(adviser.post(RECOMMENDATIONS, {"source": source.pk, **ADD}), 400)
    assert told["errors"][0]["field"] == "source"
    assert not Recommendation.objects.exists()


def test_none_is_added_to_a_report_of_a_council_out_of_reach(adviser):
    elsewhere = SourceFactory()
    problem(adviser.post(RECOMMENDATIONS, {"source": elsewhere.pk, **ADD}), 400)
    assert not Recommendation.objects.exists()


@pytest.mark.parametrize(
    ("items", "field"),
    [([], "items"), ([{"paragraph": "1"}], "items.0.text"), ([{"text": "x" * 4001}], "items.0.text")],
)
def test_what_is_wrong_within_a_list_is_named_by_its_place(adviser, source, items, field):
    told = problem(adviser.post(RECOMMENDATIONS, {"source": source.pk, "items": items}), 400)
    assert told["errors"][0]["field"] == field


def test_a_recommendation_is_corrected_in_what_is_sent_alone(adviser, recommendation):
    tag = adviser.get(of(recommendation))["ETag"]
    response = adviser.send("PATCH", of(recommendation), {"paragraph": "page 4"}, etag=tag)
    assert response.status_code == 200
    assert (response.json()["paragraph"], response.json()["text"]) == ("page 4", "Improve plans")
    told = problem(adviser.send("PATCH", of(recommendation), {"text": "Else"}, etag=tag), 412)
    assert told["current"]["paragraph"] == "page 4"
    problem(adviser.send("PATCH", of(recommendation), {"text": "Else"}), 428)


def test_a_recommendation_is_closed_and_opened_again(adviser, recommendation):
    tag = adviser.get(of(recommendation))["ETag"]
    body = {"outcome": "met", "note": "The visit of October found it done"}
    closed = adviser.post(of(recommendation, "close/"), body, etag=tag)
    assert (closed.json()["outcome"], closed.json()["closed_on"]) == ("met", "2026-11-20")
    opened = adviser.post(of(recommendation, "reopen/"), {"note": "By mistake"}, etag=closed["ETag"])
    assert opened.json()["outcome"] == "" and opened.json()["closed_on"] is None
    problem(adviser.post(of(recommendation, "reopen/"), {"note": "Again"}, etag=opened["ETag"]), 409)


def test_a_peer_reviews_recommendations_are_written_down_with_its_report_as_the_source(
    adviser, reader, council
):
    body = {
        "council": "9901",
        "kind": "peer-review",
        "title": "Review of care leavers",
        "dated_on": "2026-10-12",
    }
    made = adviser.post("/api/v1/sources/", body, key="k-1")
    assert made.status_code == 201, made.content
    again = adviser.post("/api/v1/sources/", body, key="k-1")
    assert again.json() == made.json() == adviser.get(made["Location"]).json()
    item = {"paragraph": "page 4", "text": "Find homes sooner", "framework_reference": "Outcome 4"}
    (row,) = reader.post(RECOMMENDATIONS, {"source": made.json()["id"], "items": [item]}).json()["results"]
    assert (row["source_title"], row["framework_reference"]) == ("Review of care leavers", "Outcome 4")
    assert problem(adviser.post("/api/v1/sources/", body), 400)["errors"][0]["field"] == "title"
    for wrong in ({"kind": "inspection-report"}, {"dated_on": "2026-11-21"}, {"url": "ftp://x"}):
        told = problem(adviser.post("/api/v1/sources/", {**body, "title": "Another", **wrong}), 400)
        assert told["errors"][0]["field"] == next(iter(wrong))
    elsewhere = {**body, "council": CouncilFactory().slug}
    assert problem(adviser.post("/api/v1/sources/", elsewhere), 400)["errors"][0]["field"] == "council"
    assert Source.objects.filter(kind="peer-review").count() == 1


# Contacts

CONTACTS = "/api/v1/contacts/"
SAID = {
    "council": "9901",
    "contacted_on": "2026-11-19",
    "channel": "call",
    "post": "dcs",
    "nature": "fact",
    "said": "The plan goes to cabinet",
}


@pytest.fixture
def _kept_for_two_years(db):
    RetentionRule.objects.get_or_create(kind="contact", defaults={"months": 24})


@pytest.mark.usefixtures("_kept_for_two_years")
def test_a_contact_is_logged_changed_followed_up_and_deleted(adviser, council):
    made = adviser.post(CONTACTS, {**SAID, "follow_up_on": "2026-11-20"}, key="k-1")
    assert made.status_code == 201
    path = made["Location"]
    read = adviser.get(path)
    assert read.json()["said"] == SAID["said"] and read.json()["retain_until"] > "2027"
    changed = adviser.send("PATCH", path, {"channel": "visit"}, etag=read["ETag"])
    assert (changed.json()["channel"], changed.json()["said"]) == ("visit", SAID["said"])
    followed = adviser.post(f"{path}followed-up/", {}, etag=changed["ETag"])
    assert followed.json()["followed_up_on"] == "2026-11-20"
    told = problem(adviser.send("DELETE", path, {}, etag=followed["ETag"]), 400)
    assert told["errors"][0]["field"] == "reason"
    problem(adviser.send("DELETE", path, {"reason": "Logged twice"}, etag=read["ETag"]), 412)
    deleted = adviser.send("DELETE", path, {"reason": "Logged twice"}, etag=followed["ETag"])
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert not Contact.objects.exists()
    assert Event.objects.get(kind="contact-deleted").data["reason"] == "Logged twice"


@pytest.mark.usefixtures("_kept_for_two_years")
def test_the_words_of_a_contact_stand_in_no_kept_answer(adviser, council):
    made = adviser.post(CONTACTS, {**SAID, "follow_up_on": "2026-11-20"}, key="k-1")
    again = adviser.post(CONTACTS, {**SAID, "follow_up_on": "2026-11-20"}, key="k-1")
    assert again.status_code == 201 and again["Location"] == made["Location"]
    assert Contact.objects.count() == 1
    followed = adviser.post(f"{made['Location']}followed-up/", {}, etag=adviser.get(made["Location"])["ETag"])
    assert followed["ETag"] == adviser.get(made["Location"])["ETag"]
    kept = IdempotentAnswer.objects.all()
    assert len(kept) == 2 and all(SAID["said"] not in each.body for each in kept)


def test_a_contact_with_a_council_out_of_reach_is_not_logged(adviser):
    elsewhere = CouncilFactory()
    told = problem(adviser.post(CONTACTS, {**SAID, "council": elsewhere.slug}), 400)
    assert told["errors"][0]["field"] == "council"
    assert not Contact.objects.exists()
