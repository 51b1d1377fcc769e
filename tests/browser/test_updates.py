"""An update in Chromium: from the task list to its submission, without scripts too, on a narrow screen, by keyboard."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.rules import add_months
from councils.models import Council
from improvement.actions import updates as actions
from improvement.models import (
    ActionReport,
    Board,
    BoardMeeting,
    PlannedAction,
    PlannedPriority,
    PlanVersion,
    Update,
)
from improvement.queries.updates import read_asked
from tests.browser.conftest import with_password
from tests.factories import person_with
from tests.improvement.test_updates import fill_in
from tests.plans import make_plan

TITLES = (
    "Leadership and oversight",
    "Front door and thresholds",
    "Quality of practice",
    "Workforce",
    "Voice of children and families",
)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def update(demonstration, approver, today):
    """The second update of a plan of five priorities: the first was submitted; one action is past its date."""
    council = Council.objects.get(slug="saltmarsh")
    begun = add_months(today.replace(day=1), -2)
    approved = PlanVersion.Standing.APPROVED
    version = make_plan(council, priorities=5, actions=14, measures=4, standing=approved, on=begun)
    for row, title in zip(PlannedPriority.objects.filter(version=version), TITLES, strict=True):
        PlannedPriority.objects.filter(pk=row.pk).update(title=title)
    board = Board.objects.create(plan=version.plan)
    meets = {"meets_on": today + timedelta(days=11), "papers_due_on": today + timedelta(days=4)}
    BoardMeeting.objects.create(board=board, **meets)
    system, by = Viewer.system(today), Viewer.of(approver, today)
    first_on = add_months(begun, 1)
    actions.open_updates(councils=[council.pk], by=Viewer.system(first_on), on=first_on)
    first = Update.objects.get(plan=version.plan)
    actions.submit_update(fill_in(first, by, first_on), by=by, on=first_on)
    actions.open_updates(councils=[council.pk], by=system, on=today)
    second = Update.objects.get(plan=version.plan, standing=Update.Standing.DRAFT)
    late = PlannedAction.objects.filter(version=version, priority__place=2).first()
    PlannedAction.objects.filter(pk=late.pk).update(due_on=today - timedelta(days=3))
    # The actions of the last three priorities rest on no measure: "no change" may be said of these eight.
    links = PlannedAction.measures.through.objects.filter(plannedaction__version=version)
    links.filter(plannedaction__priority__place__gte=3).delete()
    return second


@pytest.fixture
def contributor(demonstration):
    council = Council.objects.get(slug="saltmarsh")
    return with_password(person_with(Role.COUNCIL_CONTRIBUTOR, council=council, name="Linnet Marsh"))


def address(update, *more):
    return "/".join([f"/plans/{update.plan.reference}/updates/{update.period_on:%Y-%m}", *map(str, more), ""])


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_update_is_filled_in_and_submitted(
    visit, violations, update, contributor, approver, today, tmp_path
):
    asked = read_asked(update, today)
    page = visit(contributor)
    page.goto(address(update))
    assert "0 of 5 sections filled in" in page.locator("h1").inner_text()
    assert violations(page) == []
    page.screenshot(path=tmp_path / "task_list.png", full_page=True)
    for name, text in (("1", "done"), ("2", "late")):
        page.goto(address(update))
        page.get_by_role("link", name=f"{name} {TITLES[int(name) - 1]}").click()
        assert violations(page) == [], text
        page.screenshot(path=tmp_path / f"priority_{name}.png", full_page=True)
    # Past its date it can't be on track: what was typed is kept.
    late = asked.priorities[1].actions[0]
    row = page.locator(f"#action-{late.key}")
    row.get_by_label("On track", exact=True).check()
    row.get_by_label("What was done").fill("We moved the team")
    page.get_by_role("button", name="Save", exact=True).click()
    assert "There is a problem" in page.locator("main").inner_text()
    assert f"Action {late.number} is past its date" in page.locator(".govuk-error-summary").inner_text()
    assert row.get_by_label("What was done").input_value() == "We moved the team"
    assert violations(page) == []
    page.screenshot(path=tmp_path / "error.png", full_page=True)
    row.get_by_label("Some slippage").check()
    row.get_by_label("Why it is not on track").fill("The building was late")
    row.get_by_label("What brings it back on track").fill("A second site")
    soon = today + timedelta(days=30)
    for part in ("day", "month", "year"):
        row.locator(f"[name$=new_due_on_{part}]").fill(str(getattr(soon, part)))
    row.get_by_label("Why the date moves").fill("The lease begins later")
    page.get_by_role("button", name="Save", exact=True).click()
    assert ActionReport.objects.get(update=update).done == "We moved the team"
    fill_in(update, Viewer.of(contributor, today), today)
    page.goto(address(update))
    assert "is filled in" in page.locator("h1").inner_text()
    page.screenshot(path=tmp_path / "filled_in.png", full_page=True)
    page.goto(address(update, "overall"))
    assert violations(page) == []
    page.goto(address(update, "check"))
    assert violations(page) == []
    page.screenshot(path=tmp_path / "check.png", full_page=True)
    page.get_by_role("button", name="Send for approval").click()
    boss = visit(approver)
    boss.goto(address(update))
    assert violations(boss) == []
    boss.screenshot(path=tmp_path / "approve.png", full_page=True)
    boss.get_by_role("button", name="Submit the update").click()
    assert "submitted" in boss.locator("h1").inner_text()
    assert violations(boss) == []
    boss.screenshot(path=tmp_path / "submitted.png", full_page=True)
    boss.goto(f"/plans/{update.plan.reference}/updates/")
    assert violations(boss) == []
    boss.screenshot(path=tmp_path / "updates.png", full_page=True)


def test_on_a_narrow_screen_without_scripts_and_with_two_writers(
    visit, violations, update, contributor, approver, today, tmp_path
):
    asked = read_asked(update, today)
    priority = asked.priorities[0]
    page = visit(contributor, width=320, scripts=False)
    plain = visit(contributor, width=320)
    for path in ("", f"priorities/{priority.key}", "overall", "check", "sheet"):
        plain.goto(address(update, *[path] if path else []))
        assert fits(plain), path
        assert violations(plain) == [], path
        plain.screenshot(path=tmp_path / f"narrow_{path.replace('/', '_') or 'list'}.png", full_page=True)
    action = priority.actions[0]
    page.goto(address(update, "priorities", priority.key))
    row = page.locator(f"#action-{action.key}")
    row.get_by_label("What was done").fill("What I typed")
    by = Viewer.of(approver, today)
    told = {"done": "What they wrote", "delivery": "on-track", "revision": 0, "by": by, "on": today}
    actions.report_action(update, action.key, **told)
    page.get_by_role("button", name="Save", exact=True).click()
    assert "What they wrote" in page.locator("main").inner_text()
    assert row.get_by_label("What was done").input_value() == "What I typed"
    assert fits_without_script(page)
    page.screenshot(path=tmp_path / "both.png", full_page=True)
    page.get_by_role("button", name="Save all the same").click()
    assert ActionReport.objects.get(update=update).done == "What I typed"


def fits_without_script(page):
    return page.locator("main").bounding_box()["width"] <= 320


def test_an_owner_by_keyboard_and_no_change_with_one_press(
    visit, violations, update, contributor, today, tmp_path
):
    council = update.plan.council
    owner = with_password(person_with(Role.ACTION_OWNER, council=council, name="Wren Holt"))
    stay = next(action for action in read_asked(update, today).actions if not action.is_past(today))
    PlannedAction.objects.filter(version=update.version, action=stay.key).update(owner=owner)
    page = visit(owner)
    page.goto("/my-actions/")
    assert "Your action is to be reported on" in page.locator("h1").inner_text()
    assert violations(page) == []
    page.screenshot(path=tmp_path / "my_actions.png", full_page=True)
    page.get_by_role("link", name=stay.text, exact=True).click()
    assert violations(page) == []
    page.screenshot(path=tmp_path / "my_action.png", full_page=True)
    page.get_by_label("On track", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("What was done").focus()
    page.keyboard.type("Hired four people")
    save = page.get_by_role("button", name="Save", exact=True)
    save.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    report = ActionReport.objects.get(update=update)
    assert (report.delivery, report.done, report.reported_by) == ("on-track", "Hired four people", owner)
    window = visit(contributor)
    window.goto(address(update))
    window.get_by_role("button", name="Say “no change” for the 8").click()
    assert "“No change” said for 8 actions" in window.locator("main").inner_text()
    assert ActionReport.objects.filter(update=update, unchanged=True).count() == 8
    assert violations(window) == []
    window.screenshot(path=tmp_path / "no_change.png", full_page=True)
    window.goto(address(update, "sheet"))
    assert violations(window) == []
    window.screenshot(path=tmp_path / "sheet.png", full_page=True)
