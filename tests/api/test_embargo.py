"""An outcome under embargo changes no answer of the API, for its named readers either, until it is published."""

import pytest

from accounts.viewer import Viewer
from cases.actions import add_recommendations, flag_overdue, name_reader
from cases.models import Flag, Milestone, Recommendation
from improvement.actions import open_interventions
from inspections.models import Inspection
from tests.api.conftest import TODAY, Caller, problem
from tests.dashboards.conftest import in_intervention
from tests.factories import RecommendationFactory, SourceFactory
from tests.inspections.entered import RECEIVED, around_a_council, enter, publish
from tests.plans import make_plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
WHO = ["approver", "leader", "principal", "lead", "dfe"]
ASKED = [
    "councils/?region={region}",
    "councils/?region={region}&stage=any",
    "councils/?region={region}&grade=inadequate",
    "councils/?region={region}&on=2026-10-06&by=inspected",
    "councils/{council}/",
    "england/",
    "inspections/",
    "inspections/?latest=yes&lowest=inadequate",
    "inspections/?by=inspected",
    "interventions/",
    "interventions/?on=2026-08-04",
    "milestones/",
    "milestones/?overdue=yes",
    "milestones/?standing=closed",
    "flags/",
    "recommendations/",
    "plans/",
    "plan-versions/",
    "planned-actions/",
    "plan-replies/",
    "approval-steps/",
    "contacts/",
]


@pytest.fixture
def around():
    return around_a_council()


@pytest.fixture(params=["a council at peace", "a council in intervention"])
def callers(request, client, around):
    """Callers by name; the council has an open case, with a recommendation, or none."""
    make_plan(around.council, standing="sent", recommendations=1)
    if request.param == "a council in intervention":
        in_intervention(around.council)
        RecommendationFactory(source=SourceFactory(council=around.council), number=1)
        night()
    return {name: Caller(client, around.people[name]) for name in WHO}


def night():
    """What runs by itself: episodes open, flags are raised."""
    open_interventions(by=Viewer.system(TODAY), on=TODAY)
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)


def told(callers, around):
    """Return every answer that anybody gets, and each list as CSV, with the version of what has one."""
    answers = {}
    for name, caller in callers.items():
        for asked in ASKED:
            path = "/api/v1/" + asked.format(region=around.region.slug, council=around.council.slug)
            for media_type in ("application/json", "text/csv")[: 1 if "?" in asked else 2]:
                response = caller.get(path, accept=media_type)
                content = b"".join(response.streaming_content) if response.streaming else response.content
                answers[name, asked, media_type] = response.status_code, response.get("ETag"), content
    return answers


def enter_under_embargo(around):
    """Enter an inadequate outcome with readers on both sides, recommendations and milestones long overdue."""
    entry = enter(around)
    by = {"by": around.viewer("approver"), "on": RECEIVED}
    name_reader(entry.source, person=around.people["principal"], **by)
    add_recommendations(entry.source, items=[("12", "Improve")], **by)
    night()
    return entry


def test_no_answer_changes_by_an_outcome_under_embargo(callers, around):
    before = told(callers, around)
    entry = enter_under_embargo(around)
    after = told(callers, around)
    assert [key for key in before if before[key] != after[key]] == []
    publish(entry, around, on=TODAY)
    night()
    published = told(callers, around)
    changed = {
        (name, asked) for name, asked, _ in before if before[name, asked, _] != published[name, asked, _]
    }
    assert {("leader", "inspections/"), ("leader", "councils/{council}/"), ("lead", "england/")} <= changed


def test_nothing_of_it_is_at_an_address_of_its_own(callers, around):
    entry = enter_under_embargo(around)
    of_it = {
        "milestones": Milestone.objects.filter(source=entry.source),
        "flags": Flag.objects.filter(milestone__source=entry.source),
        "recommendations": Recommendation.objects.filter(source=entry.source),
    }
    assert all(rows.exists() for rows in of_it.values())
    for caller in callers.values():
        for name, rows in of_it.items():
            for pk in rows.values_list("pk", flat=True):
                problem(caller.get(f"/api/v1/{name}/{pk}/"), 404)
        for pk in of_it["milestones"].values_list("pk", flat=True):
            for what in ("met", "move", "pause", "resume"):
                tag = f'"milestone-{pk}-1"'
                problem(caller.post(f"/api/v1/milestones/{pk}/{what}/", {"reason": "x"}, etag=tag), 404)
        for pk in of_it["recommendations"].values_list("pk", flat=True):
            tag = f'"recommendation-{pk}-1"'
            problem(caller.send("PATCH", f"/api/v1/recommendations/{pk}/", {"text": "x"}, etag=tag), 404)
            problem(caller.post(f"/api/v1/recommendations/{pk}/reopen/", {"note": "x"}, etag=tag), 404)
        listed = caller.get("/api/v1/inspections/", {"council": around.council.slug}).json()["results"]
        known = {row["id"] for row in listed}
        for pk in set(Inspection.objects.values_list("pk", flat=True)) - known:
            problem(caller.get(f"/api/v1/inspections/{pk}/"), 404)
