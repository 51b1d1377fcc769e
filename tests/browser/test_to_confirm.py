"""All that a case has to confirm is answered at once: by keyboard, without a script, on a narrow screen."""

import re

import pytest

from cases.models import Milestone


@pytest.fixture
def waiting(demonstration):
    """The milestones that one case of the demonstration has to confirm, the earliest due first."""
    waiting = Milestone.objects.filter(council__slug="northbridge", to_confirm=True).order_by("due_on")
    assert len(waiting) > 1
    return list(waiting)


def row_of(page, milestone):
    return page.locator(f"#milestone-{milestone.pk}")


@pytest.mark.parametrize("scripts", [True, False])
def test_an_adviser_answers_what_is_known_and_leaves_the_rest(visit, adviser, waiting, scripts):
    first, *rest = waiting
    page = visit(adviser, scripts=scripts)
    page.goto("/")
    page.get_by_role("link", name=re.compile("Answer them.*Northbridge")).click()
    assert page.locator("h1").inner_text() == f"{len(waiting)} dates from before the record began"
    row_of(page, first).get_by_label("Met", exact=True).check()
    for part, value in (("Day", "1"), ("Month", "march"), ("Year", "2025")):
        row_of(page, first).get_by_label(part).fill(value)
    page.get_by_role("button", name="Save answers").click()
    assert f"Northbridge: 1 answered, {len(rest)} left." in page.locator("main").inner_text()
    first.refresh_from_db()
    assert first.outcome == "met"


def test_axe_finds_nothing_wrong_and_the_summary_leads_to_what_to_correct(
    visit, violations, adviser, waiting
):
    page = visit(adviser)
    page.goto(f"/cases/{waiting[0].case.reference}/to-confirm/")
    assert violations(page) == []
    row_of(page, waiting[1]).get_by_label("Met", exact=True).check()
    page.get_by_role("button", name="Save answers").click()
    assert violations(page) == []
    page.get_by_role("link", name=f"Enter the date it was met: {waiting[1].label}").click()
    focused = page.evaluate("document.activeElement.name")
    assert focused == f"milestone-{waiting[1].pk}-met_on_day"
    for milestone in waiting:
        Milestone.objects.filter(pk=milestone.pk).update(outcome="not-known", closed_on=milestone.entered_on)
    page.goto(page.url)
    assert violations(page) == []


def test_it_is_answered_by_keyboard_alone(visit, adviser, waiting):
    page = visit(adviser)
    page.goto(f"/cases/{waiting[0].case.reference}/to-confirm/")
    row_of(page, waiting[0]).get_by_label("Leave for now").focus()
    page.keyboard.press("ArrowUp")
    assert row_of(page, waiting[0]).get_by_label("Not known").is_checked()
    for key in ("Tab", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/councils/northbridge/")
    waiting[0].refresh_from_db()
    assert waiting[0].outcome == "not-known"


@pytest.mark.parametrize("width", [320, 375])
def test_it_is_no_wider_than_a_narrow_screen(visit, adviser, waiting, width):
    page = visit(adviser, width=width)
    page.goto(f"/cases/{waiting[0].case.reference}/to-confirm/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
