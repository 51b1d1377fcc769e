"""The pages of coverage, credibility and comparison."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Force, Milestone, Owes
from improvement.models import (
    Action,
    Board,
    PlannedAction,
    PlanVersion,
    Snapshot,
)
from improvement.queries.checks import late_and_complete
from improvement.queries.plans import read_version
from improvement.rules.credibility import as_json, check
from improvement.rules.plans import as_json as document_as_json
from tests.factories import CouncilFactory, person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

PAGES = ("coverage", "check", "compare/1")


@pytest.fixture
def contributor(client, council):
    person = person_with(Role.COUNCIL_CONTRIBUTOR, council=council)
    client.force_login(person)
    return person


def page(version, which):
    return f"/plans/{version.plan.reference}/versions/{version.number}/{which}/"


def text_of(response):
    return " ".join(response.content.decode().split())


def next_version(version):
    """A second version, the same to the letter but for what a test then changes."""
    PlanVersion.objects.filter(pk=version.pk, approved_on=None).update(
        standing=PlanVersion.Standing.APPROVED, approved_on=version.begun_on
    )
    made = PlanVersion.objects.create(
        plan=version.plan, number=version.number + 1, begun_on=version.begun_on, made_from=version
    )
    priorities = {}
    for row in version.priorities.all():
        old, row.pk, row.version = row.pk, None, made
        row.save()
        priorities[old] = row
    for row in version.actions.prefetch_related("recommendations", "measures"):
        serves, measured = list(row.recommendations.all()), list(row.measures.all())
        row.pk, row.version, row.priority = None, made, priorities[row.priority_id]
        row._prefetched_objects_cache = {}
        row.save()
        row.recommendations.set(serves)
        row.measures.set(measured)
    return made


@pytest.mark.parametrize("which", ["coverage", "coverage/?as=list", "check", "compare/1"])
def test_a_page_asks_the_same_for_a_dozen_actions_and_for_120(client, council, contributor, which):
    few, many = (
        make_plan(council, actions=12),
        make_plan(council, actions=120, recommendations=40, measures=30),
    )
    Board.objects.create(plan=many.plan)
    Board.objects.create(plan=few.plan)
    asked = []
    for version in (few, many):
        path = page(version, which.partition("?")[0].strip("/")) + ("?as=list" if "?" in which else "")
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path)
        assert response.status_code == 200
        asked.append(len(queries))
        size = len(response.content)
    assert asked[0] == asked[1]
    assert asked[1] <= (15 if "compare" not in which else 26)
    assert size < 500_000


@pytest.mark.parametrize("which", PAGES)
def test_a_stranger_finds_nothing_and_an_adviser_what_was_shared(client, region, council, which):
    draft = make_plan(council)
    shared = make_plan(council, standing=PlanVersion.Standing.SHARED)
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=CouncilFactory()))
    assert client.get(page(draft, which)).status_code == 404
    assert client.get(page(shared, which)).status_code == 404
    client.force_login(person_with(Role.LGA_ADVISER, region=region))
    assert client.get(page(draft, which)).status_code == 404
    assert client.get(page(shared, which)).status_code == 200
    client.force_login(person_with(Role.DFE_ADVISER, council=council))
    assert client.get(page(shared, which)).status_code == 404


def test_the_heading_says_what_is_not_covered_and_the_table_has_headings_both_ways(
    client, council, contributor
):
    version = make_plan(council, actions=6, recommendations=4)
    PlannedAction.objects.filter(version=version, recommendations__number=3).first().recommendations.clear()
    text = text_of(client.get(page(version, "coverage")))
    assert '<h1 class="up-answer">1 of 4 recommendations is not covered</h1>' in text
    assert "1 leans on one action." in text
    assert text.count('scope="row"') == 4
    assert text.count('scope="col"') == 7
    assert text.count('scope="colgroup"') == 3


def live(version, due_on, *, met_on=None):
    """The version's actions with milestones, as when it is worked to."""
    for action in Action.objects.filter(plan=version.plan):
        action.milestone = Milestone.objects.create(
            council=version.plan.council,
            label="Action of the improvement plan",
            owes=Owes.COUNCIL,
            force=Force.AGREED,
            due_on=due_on,
            entered_on=version.begun_on,
            of_plan=True,
            met_on=met_on,
            closed_on=met_on,
            outcome="met" if met_on else "",
        )
        action.save()


@pytest.mark.parametrize(
    ("due", "met", "late", "complete"),
    [(1, None, 0, 0), (0, None, 0, 0), (-1, None, 3, 0), (-1, -2, 0, 3)],
)
def test_late_is_past_due_and_not_complete(council, today, due, met, late, complete):
    version = make_plan(council, actions=3, standing=PlanVersion.Standing.APPROVED)
    live(version, today + timedelta(days=due), met_on=met and today + timedelta(days=met))
    viewer = Viewer.of(person_with(Role.COUNCIL_CONTRIBUTOR, council=council), today)
    found = late_and_complete(version, viewer)
    assert [len(keys) for keys in found] == [late, complete]


def test_before_it_is_worked_to_an_action_is_late_by_its_planned_date(council, today):
    version = make_plan(council, actions=2)
    viewer = Viewer.of(person_with(Role.COUNCIL_CONTRIBUTOR, council=council), today)
    PlannedAction.objects.filter(version=version).update(due_on=today)
    assert late_and_complete(version, viewer)[0] == frozenset()
    PlannedAction.objects.filter(version=version).update(due_on=today - timedelta(days=1))
    assert len(late_and_complete(version, viewer)[0]) == 2


def test_who_sees_no_progress_is_told_nothing_of_it_by_the_matrix(council, today):
    version = make_plan(council, actions=2, standing=PlanVersion.Standing.SENT)
    live(version, today - timedelta(days=9))
    dfe = Viewer.of(person_with(Role.DFE_ADVISER, council=council), today)
    assert late_and_complete(version, dfe) == (frozenset(), frozenset())


def test_the_check_tells_each_point_with_what_fails_it(client, council, contributor):
    version = make_plan(council, actions=4)
    PlannedAction.objects.filter(version=version).update(resources="Two auditors", by_voice=True)
    PlannedAction.objects.filter(version=version, text="Do thing 2").update(owner_post="")
    text = text_of(client.get(page(version, "check")))
    assert "7 of 11 points of the credibility check hold" in text
    assert "Action 2.1" in text
    assert "no owner" in text
    assert "Every action states its resources</li>" in text


def test_what_the_check_said_when_it_left_stays_beside_what_it_says_now(client, council, contributor, today):
    version = make_plan(council, standing=PlanVersion.Standing.SHARED)
    document = read_version(version, today)
    content = document_as_json(document) | {"check": as_json(check(document))}
    Snapshot.objects.create(
        version=version,
        reason="shared",
        reference="PLAN-1-SHARED",
        content=content,
        digest="0",
        taken_on=today,
    )
    text = text_of(client.get(page(version, "check")))
    assert "As it was when it left the council" in text
    assert "PLAN-1-SHARED" in text


def test_two_versions_are_compared_word_by_word_with_dates_and_owners(client, council, contributor):
    first = make_plan(council, actions=3)
    second = next_version(first)
    PlannedAction.objects.filter(version=second, text="Do thing 2").update(
        text="Do every thing 2", owner_post="Director", due_on=date(2027, 3, 1)
    )
    text = text_of(client.get(page(second, "compare/1")))
    assert '<h1 class="up-answer">1 action changed</h1>' in text
    assert "put in: </span>every<span" in text
    assert "taken out: </span>Assistant director<span" in text
    assert "put in: </span>1 March 2027<span" in text


def test_a_snapshot_is_compared_as_it_left(client, council, contributor, today):
    version = make_plan(council, actions=2)
    content = document_as_json(read_version(version, today))
    taken = Snapshot.objects.create(
        version=version,
        reason="shared",
        reference="PLAN-1-SHARED",
        content=content,
        digest="0",
        taken_on=today,
    )
    PlannedAction.objects.filter(version=version, text="Do thing 1").update(text="Do other thing 1")
    response = client.get(f"/plans/{version.plan.reference}/compare/?before={taken.reference}&after=1")
    assert response.headers["Location"].endswith(f"/versions/1/compare/1/?before={taken.reference}")
    text = text_of(client.get(response.headers["Location"]))
    assert '<h1 class="up-answer">1 action changed</h1>' in text
    assert client.get(page(version, "compare/1") + "?before=NONE").status_code == 404


def test_the_latest_two_versions_are_compared_unless_others_are_asked_for(client, council, contributor):
    second = next_version(make_plan(council, actions=1))
    response = client.get(f"/plans/{second.plan.reference}/compare/")
    assert response.headers["Location"] == page(second, "compare/1")
    for asked in ("before=x", "before=-1", "after=99999999999999999999", "before=7"):
        found = client.get(f"/plans/{second.plan.reference}/compare/?{asked}", follow=True)
        assert found.status_code == 404, asked


@pytest.mark.usefixtures("reference")
def test_the_check_is_advice_to_the_council_and_its_advisers_alone(client):
    council = CouncilFactory()
    plan = make_plan(council, standing=PlanVersion.Standing.SENT).plan
    here = (plan.reference, 1)

    def answers(role):
        client.force_login(person_with(role, council=council))
        ways = client.get(reverse("plan", args=here[:1])).content.decode()
        return (
            client.get(reverse("plan_coverage", args=here)).status_code,
            client.get(reverse("plan_check", args=here)).status_code,
            reverse("plan_check", args=here) in ways,
        )

    assert answers(Role.COUNCIL_LEADERSHIP) == answers(Role.LGA_ADVISER) == (200, 200, True)
    assert answers(Role.DFE_ADVISER) == (200, 404, False)
