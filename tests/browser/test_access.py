"""Every page, full, empty and in error: nothing that axe finds wrong, and no page wider than a narrow screen."""

import pytest

from cases.models import Milestone
from councils.models import Region

FULL = [
    "/",
    "/england/",
    "/england/?show=lowest",
    "/regions/",
    "/regions/demonstration/",
    "/councils/saltmarsh/",
    "/councils/northbridge/",
    "/councils/saltmarsh/history/",
]
EMPTY = [
    "/regions/demonstration/?q=nobody",
    "/england/?grade=not-inspected&framework=tlac&on=2005-01-01",
    "/regions/nowhere/",
    "/councils/thornley/",
    "/regions/demonstration/?on=2010-01-01",
    "/councils/saltmarsh/?on=2010-01-01",
]
IN_ERROR = [
    "/?on=soon",
    "/england/?on=2031-01-01",
    "/regions/?by=hearsay",
    "/regions/demonstration/?on=1066-10-14",
    "/councils/saltmarsh/?on=2026-02-30",
    "/regions/demonstration/?grade=splendid",
    "/regions/atlantis/",
]
NARROW = [*FULL, *EMPTY[:1], *IN_ERROR[:4]]


@pytest.fixture
def empty_region(demonstration):
    return Region.objects.create(slug="nowhere", name="Nowhere", order=99, demonstration=True)


def wrong_with(page, addresses, violations):
    """Return {address: what axe finds} for the addresses with anything wrong."""
    found = {}
    for address in addresses:
        page.goto(address)
        if wrong := violations(page):
            found[address] = wrong
    return found


def test_axe_finds_nothing_wrong_with_any_page_full_empty_or_in_error(
    visit, violations, adviser, empty_region
):
    milestone = Milestone.objects.get(label="Written statement published", council__slug="saltmarsh")
    of_milestone = [f"/milestones/{milestone.pk}/", f"/milestones/{milestone.pk}/met/"]
    page = visit(adviser)
    assert wrong_with(page, FULL + of_milestone + EMPTY + IN_ERROR, violations) == {}
    page.goto(of_milestone[1])
    page.get_by_label("Day", exact=True).fill("99")
    page.get_by_role("button", name="Mark as met").click()
    assert page.locator(".govuk-error-summary").count() == 1
    assert violations(page) == []


def test_axe_finds_nothing_wrong_with_what_others_see(visit, violations, approver, peer):
    assert (
        wrong_with(visit(approver), ["/", "/regions/demonstration/", "/councils/saltmarsh/"], violations)
        == {}
    )
    assert wrong_with(visit(peer), ["/", "/england/", "/councils/saltmarsh/"], violations) == {}
    assert wrong_with(visit(), ["/accounts/login/"], violations) == {}


@pytest.mark.parametrize("width", [320, 375])
def test_no_page_is_wider_than_a_narrow_screen_or_one_enlarged_fourfold(visit, adviser, width):
    page = visit(adviser, width=width)
    wide = {}
    for address in NARROW:
        page.goto(address)
        if (across := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[address] = across
    assert wide == {}


def test_words_of_a_stacked_row_keep_their_distance(visit, adviser):
    page = visit(adviser, width=375)
    page.goto("/regions/demonstration/")
    apart = page.locator("#councils ~ .up-scroll td > small").evaluate_all(
        "notes => notes.map(note => getComputedStyle(note, '::before').content)"
    )
    assert set(apart) == {'" "'}
