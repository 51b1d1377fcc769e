"""The improvement board in Chromium: set up, planned, written up and signed off; narrow, and without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.permissions import Role
from councils.models import Council
from improvement.models import Board, BoardDecision, BoardMeeting, BoardMember, PlanVersion
from tests.browser.conftest import with_password
from tests.factories import person_with
from tests.plans import make_plan


@pytest.fixture
def plan(demonstration):
    saltmarsh = Council.objects.get(slug="saltmarsh")
    return make_plan(saltmarsh, actions=9, standing=PlanVersion.Standing.SHARED).plan


@pytest.fixture
def chair(plan):
    return with_password(person_with(Role.BOARD_CHAIR, council=plan.council, name="Corin Reed"))


@pytest.fixture
def met(plan, chair):
    """A meeting of last month, with its chair and a member from the police; two to come."""
    today = timezone.localdate()
    board = Board.objects.create(plan=plan, papers_days=5)
    began = today - timedelta(days=200)
    BoardMember.objects.create(
        board=board, post="Independent chair", name="Corin Reed", person=chair, chairs=True, from_on=began
    )
    BoardMember.objects.create(
        board=board, post="Detective superintendent", body="Saltmarsh Police", from_on=began
    )
    for days in (-30, 12, 54):
        day = today + timedelta(days=days)
        BoardMeeting.objects.create(board=board, meets_on=day, papers_due_on=day - timedelta(days=7))
    return board.meetings.first()


def base(plan):
    return f"/plans/{plan.reference}/board/"


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_board_is_set_up_and_its_year_planned_without_a_script(visit, approver, plan):
    page = visit(approver, scripts=False, width=320)
    page.goto(base(plan))
    assert page.locator("h1").inner_text() == "No improvement board is recorded"
    page.get_by_role("button", name="Set up the board").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add a member").click()
    page.get_by_role("button", name="Add", exact=True).click()
    assert page.get_by_text("Enter post").count()
    assert fits(page)
    page.get_by_label("Post", exact=True).fill("Director of nursing")
    page.get_by_label("Body").fill("Saltmarsh Health")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Add meetings").click()
    page.get_by_label("Every 6 weeks").check()
    page.get_by_label("How many meetings").fill("4")
    day = timezone.localdate() + timedelta(days=20)
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_role("button", name="Add", exact=True).click()
    assert "4 meetings added." in page.locator("main").inner_text()
    assert page.locator("h1").inner_text().startswith("The improvement board meets on ")
    assert fits(page)


def test_its_chair_writes_a_meeting_up_asks_signs_off_and_is_answered(
    visit, violations, approver, chair, plan, met
):
    page = visit(chair)
    page.goto(base(plan))
    assert "1 past meeting waits to be written up." in page.locator("main").inner_text()
    assert violations(page) == []
    page.get_by_role("link", name="Write it up").click()
    page.get_by_role("button", name="Save").click()
    assert violations(page) == []
    page.get_by_label("Yes").check()
    page.get_by_label("Independent chair (Corin Reed)").check()
    page.get_by_role("button", name="Save").click()
    assert "1 member present" in page.locator("h1").inner_text()
    page.get_by_role("link", name="Add a decision or challenge").click()
    assert violations(page) == []
    page.get_by_label("A challenge").check()
    page.get_by_label("What the board decided or asked").fill("What difference has action 1.1 made?")
    page.get_by_label("The action that it is about").select_option(index=1)
    page.get_by_role("button", name="Save").click()
    assert violations(page) == []
    page.goto(f"{base(plan)}sign-off/")
    assert violations(page) == []
    page.get_by_role("link", name="1.1").click()
    page.get_by_role("button", name="Save").click()
    assert violations(page) == []
    page.get_by_label("Evidenced:").check()
    page.get_by_role("button", name="Save").click()
    assert "Action 1.1: evidenced." in page.locator("main").inner_text()
    answering = visit(approver)
    answering.goto(base(plan))
    assert "1 challenge waits for an answer." in answering.locator("main").inner_text()
    answering.get_by_role("link", name="Answer the challenge").click()
    answering.get_by_label("What came of it").fill("Fewer children are referred again")
    answering.get_by_role("button", name="Save").click()
    assert violations(answering) == []
    assert BoardDecision.objects.get(meeting=met).answer == "Fewer children are referred again"


@pytest.mark.parametrize(
    "page_of", ["", "meetings/{}/", "meetings/{}/record/", "meetings/add/", "sign-off/", "keep/"]
)
def test_each_is_no_wider_than_a_narrow_screen_and_axe_finds_nothing(
    visit, violations, approver, plan, met, page_of
):
    page = visit(approver, width=320)
    page.goto(base(plan) + page_of.format(met.pk))
    assert fits(page)
    assert violations(page) == []
