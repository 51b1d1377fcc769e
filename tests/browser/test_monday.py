"""Monday at eight: what changed, who looks after whom, and one's dates in one's own calendar."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import LastLook
from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import allocate, log_contact, mark_met, move_date
from cases.models import Allocation, Milestone
from councils.models import Council
from tests.factories import person_with

ALLOCATION = "/regions/demonstration/allocation/"
ADVISER_FOR_SALTMARSH = "Adviser for Saltmarsh"


@pytest.fixture
def linnet(demonstration):
    return person_with(Role.LGA_ADVISER, region=demonstration, name="Linnet Oakes")


@pytest.fixture
def rowan(demonstration):
    return person_with(Role.LGA_ADVISER, region=demonstration, name="Rowan Pike")


@pytest.fixture
def saltmarsh(demonstration):
    return Council.objects.get(slug="saltmarsh")


@pytest.fixture
def news(saltmarsh, linnet):
    """What a colleague did since: a milestone met, a date moved, a contact with a follow-up."""
    today = timezone.localdate()
    by = Viewer.of(linnet, today)
    one, other = Milestone.objects.visible_to(by).filter(council=saltmarsh).open(today).order_by("due_on")[:2]
    mark_met(one, met_on=today, by=by, on=today, revision=one.revision)
    move_date(
        other,
        to=other.due_on.replace(year=other.due_on.year + 1),
        reason="board-moved",
        by=by,
        on=today,
        revision=other.revision,
    )
    log_contact(
        council=saltmarsh,
        contacted_on=today,
        channel="call",
        post="dcs",
        said="Words for the LGA",
        nature="fact",
        by=by,
        on=today,
    )
    return other


def allocated_to(council):
    return (
        Allocation.objects.filter(council=council, until_on=None)
        .values_list("person__name", flat=True)
        .first()
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_what_changed_is_read_and_said_to_be_read(visit, adviser, news, scripts):
    page = visit(adviser, scripts=scripts)
    page.goto("/")
    changed = page.locator("section", has=page.locator("#changed"))
    said = changed.inner_text()
    assert "Linnet Oakes" in said and news.label in said and "Words for the LGA" not in said
    page.get_by_role("button", name="I have read this").click()
    assert "Nothing has changed since you last looked" in page.locator("#changed").inner_text()
    assert LastLook.objects.get().person == adviser


def test_axe_finds_nothing_wrong_with_what_changed_at_any_width(visit, violations, adviser, news):
    for width in (1280, 320):
        page = visit(adviser, width=width)
        page.goto("/?changes=all")
        assert page.locator(".up-changes").count() == 1
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_changed_is_marked_read_by_keyboard_alone(visit, adviser, news):
    page = visit(adviser)
    page.goto("/")
    page.get_by_role("button", name="I have read this").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Nothing has changed since you last looked").wait_for()


@pytest.mark.parametrize("scripts", [True, False])
def test_councils_are_allocated_on_one_page(visit, adviser, linnet, saltmarsh, scripts):
    page = visit(adviser, scripts=scripts)
    page.goto("/regions/demonstration/")
    page.get_by_role("link", name="Allocate councils and cases").click()
    page.get_by_label(ADVISER_FOR_SALTMARSH).select_option("Linnet Oakes")
    page.get_by_label(re.compile("^Adviser on INT-.*Saltmarsh")).select_option("Linnet Oakes")
    page.get_by_role("button", name="Save").click()
    assert "2 allocations changed." in page.locator("main").inner_text()
    assert "Linnet Oakes" in page.locator("#saltmarsh").inner_text()
    assert allocated_to(saltmarsh) == "Linnet Oakes"


def test_two_who_allocate_at_once_lose_nothing(visit, violations, adviser, linnet, rowan, saltmarsh):
    page = visit(adviser, width=320)
    page.goto(ALLOCATION)
    assert violations(page) == []
    page.get_by_label(ADVISER_FOR_SALTMARSH).select_option("Linnet Oakes")
    today = timezone.localdate()
    allocate(council=saltmarsh, person=rowan, by=Viewer.of(adviser, today), on=today)
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.get_by_role("button", name="Save").click()
    assert answer.value.status == 409
    assert page.locator("h1").inner_text() == "Somebody changed this while you were choosing"
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator(".govuk-error-summary").get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == page.get_by_label(
        ADVISER_FOR_SALTMARSH
    ).get_attribute("id")
    assert page.locator("option:checked", has_text="Linnet Oakes").count() == 1
    assert allocated_to(saltmarsh) == "Rowan Pike"
    page.get_by_role("button", name="Save all the same").click()
    page.wait_for_url("**/regions/demonstration/")
    assert allocated_to(saltmarsh) == "Linnet Oakes"


def test_an_adviser_is_chosen_by_keyboard_alone(visit, adviser, linnet, saltmarsh):
    page = visit(adviser)
    page.goto(ALLOCATION)
    page.get_by_label(ADVISER_FOR_SALTMARSH).focus()
    page.keyboard.type("Linnet")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/regions/demonstration/")
    assert allocated_to(saltmarsh) == "Linnet Oakes"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_calendar_feed_is_made_read_and_revoked(visit, violations, live_server, adviser, scripts):
    page = visit(adviser, width=320, scripts=scripts)
    page.goto("/")
    page.get_by_role("link", name="Calendar feed").click()

    def nothing_wrong():
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert not scripts or violations(page) == []

    nothing_wrong()
    page.get_by_role("button", name="Make the feed").click()
    nothing_wrong()
    address = page.get_by_label("Its address, shown this once").input_value()
    assert address.startswith(f"{live_server.url}/calendar/") and address.endswith(".ics")
    anybody = Client()
    assert b"BEGIN:VEVENT" in anybody.get(address.removeprefix(live_server.url)).content
    page.goto("/calendar/")
    nothing_wrong()
    assert page.get_by_label("Its address").count() == 0
    page.get_by_role("button", name="Revoke the feed").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The calendar feed is revoked").wait_for()
    assert anybody.get(address.removeprefix(live_server.url)).status_code == 404
