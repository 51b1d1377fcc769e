"""A plan looked at as a whole: coverage, the credibility check, two versions compared; on screen, narrow, on paper."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from councils.models import Council
from improvement.models import PlannedAction, PlanVersion
from tests.improvement.test_checks import next_version
from tests.plans import make_plan

A3_LANDSCAPE = (1190.55, 841.89)


@pytest.fixture
def large(demonstration):
    """120 actions and 40 recommendations of Saltmarsh, some late, three of them served by nothing."""
    saltmarsh = Council.objects.get(slug="saltmarsh")
    version = make_plan(saltmarsh, priorities=6, actions=120, recommendations=40, measures=12)
    rows = PlannedAction.objects.filter(version=version)
    for row in rows.filter(recommendations__number__in=[7, 21, 40]):
        row.recommendations.clear()
    for row in rows.filter(recommendations__number=9)[1:]:
        row.recommendations.clear()
    late = [row.pk for row in rows.order_by("pk")[:15]]
    rows.filter(pk__in=late).update(due_on=timezone.localdate() - timedelta(days=3), start_on=None)
    rows.update(text="Strengthen oversight of assessments so that every child is seen and heard in time")
    return version


def address(version, which):
    return f"/plans/{version.plan.reference}/versions/{version.number}/{which}/"


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_the_matrix_answers_in_its_heading_and_scrolls_in_a_frame_of_its_own(
    visit, violations, approver, large
):
    page = visit(approver)
    page.goto(address(large, "coverage"))
    assert page.locator("h1").inner_text() == "3 of 40 recommendations are not covered"
    assert violations(page) == []
    frame = page.locator(".up-matrix-frame")
    frame.focus()
    page.keyboard.press("End")
    frame.evaluate("frame => frame.scrollTo(4000, 900)")
    corner = page.locator(".up-matrix__corner").bounding_box()
    within = frame.bounding_box()
    assert abs(corner["x"] - within["x"]) < 3
    assert abs(corner["y"] - within["y"]) < 3
    row = page.get_by_role("rowheader").filter(has_text="21.").first
    assert "not covered" in row.inner_text()
    page.get_by_role("link", name="As a list").click()
    assert violations(page) == []
    assert page.get_by_text("No action serves it.").count() == 3


@pytest.mark.parametrize("which", ["coverage", "coverage/?as=list", "check", "compare/1"])
def test_each_is_read_without_scripts_on_a_narrow_screen(visit, approver, large, which):
    page = visit(approver, width=320, scripts=False)
    page.goto(address(large, which.removesuffix("/?as=list")) + ("?as=list" if "?" in which else ""))
    assert page.locator("h1").count() == 1
    assert fits(page)


def test_the_matrix_prints_on_a3_across(visit, approver, large, tmp_path):
    page = visit(approver)
    page.goto(address(large, "coverage"))
    printed = page.pdf(path=tmp_path / "coverage.pdf", prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox ?\[ ?0 0 ([\d.]+) ([\d.]+)", printed)
    assert boxes
    for width, height in boxes:
        assert abs(float(width) - A3_LANDSCAPE[0]) < 2
        assert abs(float(height) - A3_LANDSCAPE[1]) < 2
    page.set_viewport_size({"width": 1511, "height": 1000})
    page.emulate_media(media="print")
    table = page.locator(".up-matrix").bounding_box()
    assert table["width"] <= 1511


def test_the_check_leads_to_what_mends_it(visit, violations, approver, large):
    page = visit(approver)
    page.goto(address(large, "check"))
    assert "points of the credibility check" in page.locator("h1").inner_text()
    assert violations(page) == []
    dated = page.locator("#dated")
    dated.locator("summary").click()
    dated.get_by_role("link", name="Action 1.1", exact=True).click()
    assert f"/versions/{large.number}/actions/" in page.url


def test_two_versions_are_chosen_and_compared(visit, violations, approver, large):
    second = next_version(large)
    changed = PlannedAction.objects.filter(version=second).order_by("pk").first()
    PlannedAction.objects.filter(pk=changed.pk).update(
        text="Strengthen the oversight of assessments so that each child is seen and heard in time",
        owner_post="Director of children’s services",
    )
    PlannedAction.objects.filter(version=second).order_by("pk")[5].delete()
    page = visit(approver)
    page.goto(address(second, "compare/1"))
    assert page.locator("h1").inner_text() == "1 action dropped and 1 changed"
    assert page.locator("ins").filter(has_text="each").count() == 1
    assert violations(page) == []
    page.get_by_label("From").select_option("2")
    page.get_by_role("button", name="Compare").click()
    assert page.locator("h1").inner_text() == "Nothing differs between the two"
    assert violations(page) == []


def test_the_adviser_reads_the_same_check_and_mends_nothing(visit, adviser, large):
    PlanVersion.objects.filter(pk=large.pk).update(
        standing=PlanVersion.Standing.SHARED, approved_on=large.begun_on
    )
    page = visit(adviser)
    page.goto(address(large, "check"))
    assert "points of the credibility check" in page.locator("h1").inner_text()
    assert page.locator("main a[href*='/actions/']").count() == 0
