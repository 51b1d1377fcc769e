"""What an ending council leaves is decided on one page, in parts, with and without a script; its team is let in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.permissions import Role
from cases.models import Case
from councils.models import Council, RegionMembership, Succession
from improvement.models import Succeeding
from tests.factories import CouncilFactory, person_with

PAGE = "/councils/saltmarsh/succession/"


@pytest.fixture
def ending(demonstration):
    """Saltmarsh ends in ninety days and has two successors, one with somebody at work already."""
    ends_on = timezone.localdate() + timedelta(days=90)
    Council.objects.filter(slug="saltmarsh").update(until_on=ends_on)
    council = Council.objects.get(slug="saltmarsh")
    RegionMembership.objects.filter(council=council).update(until_on=ends_on)
    for name in ("Saltmarsh East", "Saltmarsh West"):
        made = CouncilFactory(
            name=name, slug=name.lower().replace(" ", "-"), region=demonstration, from_on=ends_on
        )
        Succession.objects.create(predecessor=council, successor=made, on=ends_on)
    person_with(Role.COUNCIL_CONTRIBUTOR, council=made, name="Wren Calloway")
    return council


def narrow(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scripts", [True, False])
def test_an_adviser_decides_a_part_is_told_what_is_wrong_and_finds_it_saved(
    visit, violations, adviser, ending, scripts
):
    page = visit(adviser, scripts=scripts)
    page.goto(PAGE)
    assert "still to decide" in page.locator("h1").inner_text()
    case = Case.objects.get(council=ending, standing="open")
    row = page.locator(f"#case-{case.pk}")
    row.get_by_label("What becomes of it").select_option("passed-on")
    row.get_by_label("Note").fill("Both take it over")
    page.get_by_role("button", name="Save decisions").click()
    assert f"Choose to which successor: {case.reference}" in page.locator(".govuk-error-summary").inner_text()
    assert row.get_by_label("Note").input_value() == "Both take it over"
    if scripts:
        assert violations(page) == []
    row.get_by_label("Saltmarsh East").check()
    row.get_by_label("Saltmarsh West").check()
    page.get_by_role("button", name="Save decisions").click()
    assert "Saltmarsh: 1 decided" in page.locator("main").inner_text()
    assert "Passed to a successor: Saltmarsh East and Saltmarsh West" in row.inner_text()
    assert Succeeding.objects.get().note == "Both take it over"


def test_axe_finds_nothing_wrong_at_any_width_or_with_somebody_elses_decision(
    visit, violations, adviser, ending
):
    page = visit(adviser)
    page.goto(PAGE)
    assert violations(page) == []
    case = Case.objects.get(council=ending, standing="open")
    row = page.locator(f"#case-{case.pk}")
    row.get_by_label("What becomes of it").select_option("ended")
    other = Succeeding.objects.create(
        predecessor=ending, case=case, fate="awaiting", decided_on=timezone.localdate()
    )
    page.get_by_role("button", name="Save decisions").click()
    assert "Somebody else decided this" in page.locator(".govuk-error-summary").inner_text()
    assert "Awaiting the DfE" in row.inner_text()
    assert row.get_by_label("What becomes of it").input_value() == "ended"
    assert violations(page) == []
    page.get_by_role("button", name="Save decisions").click()
    assert Succeeding.objects.exclude(pk=other.pk).get().fate == "ended"
    small = visit(adviser, width=320)
    small.goto(PAGE)
    assert narrow(small)


def test_the_approver_lets_somebody_in_and_ends_it(visit, violations, approver, ending):
    page = visit(approver, width=320)
    page.goto("/councils/saltmarsh/shadow-team/")
    assert narrow(page) and violations(page) == []
    page.get_by_role("link", name="Let somebody in").click()
    assert narrow(page) and violations(page) == []
    page.get_by_role("button", name="Let them in").click()
    assert violations(page) == []
    page.get_by_label("Who").select_option(label="Wren Calloway")
    page.get_by_role("button", name="Let them in").click()
    assert "Wren Calloway reads from" in page.locator("main").inner_text()
    assert narrow(page) and violations(page) == []
    page.get_by_role("link", name="End access of Wren Calloway").click()
    page.get_by_role("button", name="End access").click()
    assert "Wren Calloway reads until" in page.locator("main").inner_text()
