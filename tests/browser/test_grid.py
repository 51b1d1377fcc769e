"""In Chromium: the grid by keyboard, saved as one goes and by button; nothing typed is lost, whatever happens."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from councils.models import Council
from improvement.actions import drafting
from improvement.models import PlannedAction
from tests.browser.conftest import with_password
from tests.browser.test_journeys import focused
from tests.factories import person_with
from tests.plans import make_plan


@pytest.fixture
def saltmarsh(demonstration):
    return Council.objects.get(slug="saltmarsh")


@pytest.fixture
def contributor(saltmarsh):
    return with_password(person_with(Role.COUNCIL_CONTRIBUTOR, council=saltmarsh, name="Ottilie Sedge"))


@pytest.fixture
def version(saltmarsh):
    version = make_plan(saltmarsh, on=timezone.localdate(), title="Improvement plan for Saltmarsh")
    for planned in version.actions.all():
        planned.text = (
            "Agree one threshold document with health, police and schools, train every front-door worker in it, "
            "and look at twenty contacts a month together to see that it is followed."
        )
        planned.success = "Fewer contacts without need, and partners say that they know what to send."
        planned.owner_body = "Saltmarsh Health Trust" if planned.place == 2 else ""
        planned.save()
    return version


def grid_of(version):
    return f"/plans/{version.plan.reference}/versions/{version.number}/grid/"


def box(page, planned, name):
    return page.locator(f"[name='{planned.action_id}-{name}']")


def state(page, planned, words):
    page.locator(f"#action-{planned.action_id} [data-state]", has_text=words).wait_for()


def now(planned):
    return PlannedAction.objects.get(pk=planned.pk)


def elsewhere(planned, **given):
    today = timezone.localdate()
    drafting.save_action(
        now(planned), revision=now(planned).revision, by=Viewer.system(today), on=today, **given
    )


def test_the_grid_is_written_and_reordered_by_keyboard_and_saves_as_one_goes(
    visit, violations, contributor, version
):
    first, second = version.actions.all()[:2]
    page = visit(contributor)
    page.goto(grid_of(version))
    assert violations(page) == []
    box(page, first, "owner_post").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Head of the front door")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == f"{second.action_id}-owner_post"
    state(page, first, "Saved")
    assert re.search(r"Saved \d\d:\d\d", page.get_by_role("status").first.inner_text())
    assert now(first).owner_post == "Head of the front door"

    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.name") == f"{first.action_id}-success"
    page.keyboard.press("Alt+ArrowDown")
    page.get_by_text("Moved: it is action 1.2 now").wait_for()
    assert page.evaluate("document.activeElement.name") == f"{first.action_id}-success"
    assert (now(first).place, now(second).place) == (2, 1)

    priority = version.priorities.first()
    page.locator(f"[name='new-{priority.pk}-text']").fill("One more thing to do")
    page.keyboard.press("Tab")
    page.get_by_role("rowheader", name="1.5").wait_for()
    made = priority.actions.last()
    assert made.text == "One more thing to do"
    assert page.evaluate("document.activeElement.name") == f"{made.action_id}-success"
    page.keyboard.type("It is done")
    page.keyboard.press("Tab")
    state(page, made, "Saved")
    assert now(made).success == "It is done"
    assert page.locator(f"[name='new-{priority.pk}-text']").input_value() == ""

    box(page, first, "due_on").fill("2020-01-01")
    state(page, first, "Not saved: The due date must not be before the start")
    assert violations(page) == []
    box(page, first, "due_on").fill("")
    state(page, first, "Saved")
    assert now(first).due_on is None


def test_of_two_who_write_in_one_action_the_second_sees_both_texts_and_chooses(
    visit, violations, contributor, version
):
    first, second = version.actions.all()[:2]
    page = visit(contributor)
    page.goto(grid_of(version))
    for planned, mine in ((first, "Mine, kept"), (second, "Mine, given up")):
        elsewhere(planned, text="As a colleague has it", resources="Two days a week")
        box(page, planned, "text").fill(mine)
        state(page, planned, "Not saved: somebody changed it meanwhile")
    both = page.locator(".up-grid__both")
    assert both.count() == 2
    assert "As a colleague has it" in both.first.inner_text() and "Mine, kept" in both.first.inner_text()
    assert violations(page) == []
    keep = page.get_by_role("button", name="Keep mine in action 1.1")
    keep.focus()
    page.keyboard.press("Enter")
    state(page, first, "Saved")
    page.get_by_role("button", name="Take theirs in action 1.2").focus()
    page.keyboard.press("Enter")
    state(page, second, "Theirs taken")
    assert (now(first).text, now(second).text) == ("Mine, kept", "As a colleague has it")
    assert now(first).resources == "Two days a week"
    assert box(page, second, "text").input_value() == "As a colleague has it"
    assert both.count() == 0


def test_a_connection_cut_in_mid_save_loses_nothing_and_is_made_up_for(visit, contributor, version):
    first, second = version.actions.all()[:2]
    page = visit(contributor)
    page.goto(grid_of(version))
    page.context.set_offline(True)
    box(page, first, "text").fill("Typed on a train")
    page.keyboard.press("Tab")
    state(page, first, "Not saved: no connection")
    page.context.set_offline(False)
    state(page, first, "Saved")
    assert now(first).text == "Typed on a train"

    # The save arrives, its answer doesn't, and the window is closed.
    page.route("**/grid/*/", lambda route: (route.fetch(), route.abort()))
    box(page, second, "text").fill("Typed in a tunnel")
    state(page, second, "Not saved: no connection")
    page.unroute("**/grid/*/")
    page.goto(grid_of(version))
    assert box(page, second, "text").input_value() == "Typed in a tunnel"
    assert now(second).text == "Typed in a tunnel"
    assert page.locator(".up-grid__both").count() == 0


def test_what_is_typed_after_being_signed_out_is_there_after_signing_in_again_and_for_nobody_else(
    visit, violations, contributor, approver, version, sign_in
):
    first = version.actions.first()
    page = visit(contributor)
    page.goto(grid_of(version))
    Session.objects.all().delete()
    box(page, first, "text").fill("Typed while signed out")
    state(page, first, "Not saved: you are signed out")
    assert violations(page) == []

    other = page.context.new_page()
    sign_in(other, approver)
    other.goto(grid_of(version))
    assert "Typed while signed out" not in other.content()
    assert "Typed while signed out" not in box(other, first, "text").input_value()
    Session.objects.all().delete()

    page.get_by_role("link", name="Sign in again").click()
    page.locator("input[name=login]").fill(contributor.email)
    page.get_by_label("Password").fill("a-password-for-tests-alone")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{grid_of(version)}")
    assert "and was not saved is back" in page.locator("[data-kept]").inner_text()
    assert box(page, first, "text").input_value() == "Typed while signed out"
    state(page, first, "Saved")
    assert now(first).text == "Typed while signed out"
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_signing_out_on_purpose_saves_first_and_leaves_nothing_in_the_browser(visit, contributor, version):
    first = version.actions.first()
    page = visit(contributor)
    page.goto(grid_of(version))
    page.evaluate("localStorage.setItem('upstream-typed:0:0', 'of an earlier day')")
    box(page, first, "text").fill("Typed, and gone at once")
    page.get_by_role("button", name="Sign out").click()
    assert now(first).text == "Typed, and gone at once"
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_without_script_the_grid_is_saved_by_button_and_a_sign_out_loses_nothing(
    visit, violations, contributor, version
):
    first, second = version.actions.all()[:2]
    page = visit(contributor, scripts=False)
    page.goto(grid_of(version))
    box(page, first, "text").fill("By button alone")
    page.get_by_role("button", name="Save", exact=True).click()
    assert "1 action saved" in page.locator("main").inner_text()
    elsewhere(second, text="As a colleague has it")
    box(page, second, "text").fill("Mine by button")
    page.get_by_role("button", name="Save", exact=True).click()
    assert "Mine by button" in page.locator(".up-grid__both").inner_text()
    assert "As a colleague has it" in page.locator(".up-grid__both").inner_text()

    Session.objects.all().delete()
    page.get_by_role("button", name="Keep mine in action 1.2").click()
    assert "what you typed is still here" in page.locator("h1").inner_text()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click(no_wait_after=True)
    window = opened.value
    window.locator("input[name=login]").fill(contributor.email)
    window.get_by_label("Password").fill("a-password-for-tests-alone")
    window.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send it again").click()
    assert now(second).text == "Mine by button"


def test_no_page_of_a_plan_is_wide_or_wrong_at_320_pixels(visit, violations, contributor, version):
    reference, here = version.plan.reference, f"/plans/{version.plan.reference}/versions/1/"
    action, priority = version.actions.first(), version.priorities.first()
    pages = [
        "/councils/saltmarsh/plans/",
        "/councils/saltmarsh/plans/start/",
        f"/plans/{reference}/",
        f"/plans/{reference}/change/",
        f"/plans/{reference}/recommendations/",
        here,
        f"{here}about/",
        f"{here}grid/",
        f"{here}priorities/add/",
        f"{here}priorities/{priority.pk}/",
        f"{here}measures/",
        f"{here}risks/",
        f"{here}actions/{action.action_id}/",
        f"{here}actions/{action.action_id}/merge/",
        f"{here}actions/{action.action_id}/remove/",
    ]
    page = visit(contributor, width=320)
    for address in pages:
        page.goto(address)
        assert page.locator("h1").count() == 1, address
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    page.goto(f"{here}priorities/add/")
    page.get_by_role("button", name="Save").click()
    assert focused(page) is not None and page.locator(".govuk-error-summary").count() == 1
    assert violations(page) == []
