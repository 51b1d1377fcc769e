"""My work says what of plans waits for whom: first what is due, with how far it is; nothing of it to others."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from improvement.models import (
    Board,
    BoardMember,
    Comment,
    Delivery,
    PlannedAction,
    PlanVersion,
    PriorityReport,
    Question,
    Update,
    UpdateRead,
)
from tests.factories import MilestoneFactory, person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db
Standing = PlanVersion.Standing
OCTOBER, DUE = date(2026, 10, 1), date(2026, 11, 26)


def update_of(version, **more):
    shape = {"period_on": OCTOBER, "due_on": DUE, "opened_on": date(2026, 11, 1)}
    return Update.objects.create(plan=version.plan, version=version, **shape | more)


def submitted(version, **more):
    done = {"standing": "submitted", "submitted_on": date(2026, 11, 19), "content": {}, "digest": "d" * 64}
    return update_of(version, **done | more)


def work_of(client, role, **reach):
    person = person_with(role, **reach)
    client.force_login(person)
    return client.get("/").context["page"]


@pytest.fixture
def plan(council):
    return make_plan(council, standing=Standing.APPROVED, actions=6)


def test_a_contributor_s_heading_is_how_far_their_update_is_and_when_it_is_due(client, council, plan):
    milestone = MilestoneFactory(council=council, case=None, due_on=DUE, label="Update for October 2026")
    update = update_of(plan, milestone=milestone)
    PlannedAction.objects.filter(version=plan).update(due_on=date(2027, 1, 1))
    page = work_of(client, Role.COUNCIL_CONTRIBUTOR, council=council)
    assert page.heading == "Your October update: 0 of 3 sections filled in, due Thursday 26 November"
    assert [need.what for need in page.needs] == ["the October update"]
    assert page.needs[0].url == f"/plans/{update.plan.reference}/updates/2026-10/"


def test_an_approver_is_first_told_of_what_waits_for_approval(client, council, plan):
    update_of(plan, standing="for-approval")
    second = PlanVersion.objects.create(
        plan=plan.plan, number=2, standing="for-approval", begun_on=OCTOBER, sent_for_approval_on=DUE
    )
    page = work_of(client, Role.COUNCIL_APPROVER, council=council)
    assert page.heading == "Version 2 of the plan waits for your approval"
    assert [need.action for need in page.needs] == ["Read and decide", "Check and submit"]
    assert page.needs[0].url == f"/plans/{second.plan.reference}/versions/2/approval/"
    told = work_of(client, Role.COUNCIL_CONTRIBUTOR, council=council)
    assert [(need.tag.words, need.action) for need in told.needs] == [("With the approver", "See it")]


def test_a_contributor_is_told_of_questions_and_of_comments_to_which_nobody_has_answered(
    client, council, region
):
    version = make_plan(council, standing=Standing.SHARED)
    update = submitted(version)
    adviser = person_with(Role.LGA_ADVISER, region=region)
    for text in ("Why?", "By whom?"):
        Question.objects.create(update=update, text=text, asked_by=adviser, asked_on=OCTOBER)
    asked = Comment.objects.create(version=version, text="Who chairs?", by=adviser, made_on=OCTOBER)
    person = person_with(Role.COUNCIL_CONTRIBUTOR, council=council)
    client.force_login(person)
    whats = [need.what for need in client.get("/").context["page"].needs]
    assert whats == ["2 questions from your adviser", "1 comment on the plan"]
    Comment.objects.create(version=version, answers=asked, text="She does.", by=person, made_on=OCTOBER)
    Question.objects.update(answer="So", answered_on=OCTOBER)
    assert client.get("/").context["page"].needs == []


def test_an_adviser_is_told_of_updates_unread_and_of_versions_that_wait_for_ready(
    client, council, region, neighbour
):
    version = make_plan(council, standing=Standing.SHARED)
    update = submitted(version)
    make_plan(neighbour, standing=Standing.APPROVED)
    person = person_with(Role.LGA_ADVISER, region=region)
    client.force_login(person)
    needs = client.get("/").context["page"].needs
    assert [(need.council.name, need.tag.words) for need in needs] == [
        ("Saltmarsh", "To read"),
        ("Saltmarsh", "Ready?"),
    ]
    UpdateRead.objects.create(update=update, by=person, on=OCTOBER)
    assert [need.tag.words for need in client.get("/").context["page"].needs] == ["Ready?"]


def test_an_owner_is_told_how_many_of_their_actions_to_report_on(client, council, plan):
    update_of(plan)
    person = person_with(Role.ACTION_OWNER, council=council)
    own = plan.actions.all()[:2]
    PlannedAction.objects.filter(pk__in=[one.pk for one in own]).update(owner=person)
    client.force_login(person)
    response = client.get("/")
    assert response.context["page"].heading == "2 actions of yours to report on, by Thursday 26 November"
    assert 'href="/my-actions/"' in response.content.decode()
    assert work_of(client, Role.ACTION_OWNER, council=council).needs == []


def test_a_board_s_chair_is_led_to_the_plan_that_they_may_read(client, council):
    version = make_plan(council, standing=Standing.APPROVED)
    chair = person_with(Role.BOARD_CHAIR, council=council)
    board = Board.objects.create(plan=version.plan, name="Board")
    BoardMember.objects.create(board=board, person=chair, chairs=True, from_on=OCTOBER, post="Chair")
    client.force_login(chair)
    response = client.get("/")
    assert response.context["page"].heading == "1 plan for you to read"
    assert f'href="/plans/{version.plan.reference}/versions/1/"' in response.content.decode()


@pytest.mark.parametrize("role", [Role.DFE_ADVISER, Role.COUNCIL_LEADERSHIP, Role.SCRUTINY_MEMBER, Role.PEER])
def test_nobody_else_is_asked_for_anything(client, council, plan, role):
    update_of(plan)
    page = work_of(client, role, council=council)
    assert page.needs == []
    assert page.readable == ()


@pytest.mark.parametrize(("plans", "actions"), [(1, 6), (3, 24)])
def test_what_waits_costs_the_same_however_large_the_plan_and_however_many_there_are(
    client, council, plans, actions
):
    for number in range(plans):
        version = make_plan(council, standing=Standing.APPROVED, actions=actions, title=f"Plan {number}")
        update = update_of(version)
        for one in version.priorities.all():
            PriorityReport.objects.create(update=update, priority=one.priority, delivery=Delivery.ON_TRACK)
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
    client.get("/")
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200
    assert len(asked) <= 20


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (Role.COUNCIL_CONTRIBUTOR, "Version 2"),
        (Role.COUNCIL_LEADERSHIP, "Version 2"),
        (Role.LGA_ADVISER, "Version 1"),
        (Role.DFE_ADVISER, ""),
    ],
)
def test_a_council_s_page_says_where_its_plan_stands_to_whoever_may_read_it(
    client, council, region, role, told
):
    version = make_plan(council, standing=Standing.SHARED)
    PlanVersion.objects.create(plan=version.plan, number=2, begun_on=OCTOBER)
    update_of(version)
    client.force_login(
        person_with(role, **({"region": region} if role == Role.LGA_ADVISER else {"council": council}))
    )
    page = client.get("/councils/saltmarsh/")
    assert [one.version for one in page.context["page"].plans] == ([told] if told else [])
    text = page.content.decode()
    assert ('id="plan"' in text) == bool(told)
    assert ("October 2026: being filled in, due 26 November 2026" in text) == (told == "Version 2")
    assert ('href="/councils/saltmarsh/plans/"' in text) == (role == Role.COUNCIL_CONTRIBUTOR)


@pytest.mark.parametrize(
    ("role", "links"),
    [
        (Role.COUNCIL_CONTRIBUTOR, ["Plans"]),
        (Role.LGA_ADVISER, ["Plans"]),
        (Role.BOARD_CHAIR, ["Plans"]),
        (Role.ACTION_OWNER, ["My actions"]),
        (Role.PEER, []),
        (Role.ADMINISTRATOR, []),
    ],
)
def test_the_bar_leads_to_plans_and_own_actions_by_role(client, council, role, links):
    client.force_login(person_with(role, **({} if role == Role.ADMINISTRATOR else {"council": council})))
    bar = client.get("/regions/").content.decode().split("</nav>")[0]
    assert [words for words in ("Plans", "My actions") if f">{words}</a>" in bar] == links
