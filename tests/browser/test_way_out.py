"""A version's way out in Chromium, as the council's contributor and approver and the LGA's adviser in turn."""

import os
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from improvement.models import Comment, PlanVersion, Snapshot
from tests.factories import CaseFactory, CouncilFactory, MilestoneFactory, RegionFactory, person_with
from tests.plans import make_plan


@pytest.fixture
def plan(chromium, transactional_db, reference):
    """A draft of a council in intervention, whose plan is due in four weeks.

    Chromium is there first: what Django keeps for a thread is another thing once Playwright’s loop runs in it.
    """
    from cases.models import ClockRule

    today = timezone.localdate()
    region = RegionFactory(name="Estuary", record_began_on=today - timedelta(days=400))
    council = CouncilFactory(region=region, name="Saltmarsh", slug="saltmarsh")
    case = CaseFactory(council=council, entered_on=today - timedelta(days=60))
    MilestoneFactory(
        case=case,
        rule=ClockRule.objects.get(slug="improvement-plan"),
        started_on=today - timedelta(days=60),
        due_on=today + timedelta(days=28),
    )
    version = make_plan(council, case=case, on=today - timedelta(days=40), title="Improvement plan")
    version.people = {
        Role.COUNCIL_CONTRIBUTOR: person_with(
            Role.COUNCIL_CONTRIBUTOR, council=council, name="Bea Lark", from_on=today - timedelta(days=90)
        ),
        Role.COUNCIL_APPROVER: person_with(
            Role.COUNCIL_APPROVER, council=council, name="Ada Fell", from_on=today - timedelta(days=90)
        ),
        Role.LGA_ADVISER: person_with(
            Role.LGA_ADVISER, region=region, name="Peregrine Ash", from_on=today - timedelta(days=90)
        ),
        Role.SCRUTINY_MEMBER: person_with(
            Role.SCRUTINY_MEMBER, council=council, name="Kit Moss", from_on=today - timedelta(days=90)
        ),
    }
    return version


def address(name, version, *more):
    return reverse(name, args=[version.plan.reference, version.number, *more])


def fill_day(page, name, day):
    for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.locator(f"[name={name}_{part}]").fill(str(value))


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def shoot(page, name):
    """Keep a picture of the whole page where a folder for them is named."""
    if folder := os.environ.get("UPSTREAM_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_plan_leaves_the_house_by_keyboard_and_button_and_comes_back_with_a_letter(plan, visit, violations):
    today = timezone.localdate()

    def looked_at(page, name):
        assert violations(page) == [], name
        shoot(page, name)

    contributor = visit(plan.people[Role.COUNCIL_CONTRIBUTOR])
    contributor.goto(address("plan_approval", plan))
    assert "Version 1 is being drafted" in contributor.locator("h1").inner_text()
    looked_at(contributor, "approval-draft")
    contributor.get_by_role("link", name="Plan the steps of its approval").click()
    contributor.get_by_label("Scrutiny").first.uncheck()
    fill_day(contributor, "scrutiny_on", today)
    contributor.get_by_role("button", name="Plan the route").click()
    assert "There is a problem" in contributor.locator(".govuk-error-summary").inner_text()
    looked_at(contributor, "route-error")
    contributor.get_by_label("Scrutiny").first.check()
    fill_day(contributor, "scrutiny_on", today + timedelta(days=24))
    contributor.get_by_role("button", name="Plan the route").click()
    looked_at(contributor, "approval-route")
    assert "too late" in contributor.locator("table").inner_text()
    contributor.get_by_role("link", name="Send it for approval").click()
    contributor.get_by_role("button", name="Send for approval").click()

    approver = visit(plan.people[Role.COUNCIL_APPROVER])
    approver.goto(address("plan_approval", plan))
    approver.get_by_role("link", name="Approve it").click()
    looked_at(approver, "approve")
    approver.get_by_role("button", name="Approve this version").click()
    looked_at(approver, "approval-approved")
    approver.get_by_role("link", name="Share it with the LGA adviser").click()
    looked_at(approver, "share")
    assert "This does not send it to Ofsted or the DfE." in approver.locator("main").inner_text()
    approver.get_by_role("button", name="Share with the LGA adviser").focus()
    with approver.expect_navigation():
        approver.keyboard.press("Enter")

    adviser = visit(plan.people[Role.LGA_ADVISER])
    adviser.goto(address("plan_comments", plan))
    adviser.get_by_role("button", name="Comment").click()
    looked_at(adviser, "comments-error")
    adviser.get_by_label("What it is about").select_option(index=2)
    adviser.get_by_label("Your comment").fill("Who chairs this group, and from when?")
    adviser.get_by_role("button", name="Comment").click()
    contributor.goto(address("plan_comments", plan))
    contributor.get_by_role("link", name="Answer the comment").click()
    looked_at(contributor, "answer")
    contributor.get_by_label("Your answer").fill("The director, from January.")
    contributor.get_by_role("button", name="Answer").click()
    looked_at(contributor, "comments-answered")
    adviser.goto(address("plan_comments", plan))
    adviser.get_by_role("button", name="Settle it").click()
    assert Comment.objects.get(answers=None).settled_on == today
    adviser.get_by_role("link", name="Say that it is ready").click()
    adviser.get_by_role("button", name="It is ready").click()
    looked_at(adviser, "comments-ready")

    approver.goto(address("plan_send", plan))
    approver.get_by_role("button", name="Record that it was sent").click()
    looked_at(approver, "send-error")
    for to in ("ofsted", "dfe"):
        fill_day(approver, f"{to}_on", today)
        approver.locator(f"[name={to}_whom]").fill("The improvement unit")
    approver.get_by_role("button", name="Record that it was sent").click()
    looked_at(approver, "approval-sent")

    adviser.goto(address("plan_letter_add", plan))
    adviser.get_by_role("button", name="Record the letter").click()
    looked_at(adviser, "letter-error")
    adviser.get_by_label("The DfE returns the plan").check()
    fill_day(adviser, "dated_on", today)
    fill_day(adviser, "resubmit_by", today + timedelta(days=30))
    adviser.get_by_label("The letter, as a file").set_input_files(
        {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"We return the plan."}
    )
    adviser.get_by_role("button", name="Record the letter").click()
    looked_at(adviser, "letters")
    assert "Resubmit the improvement plan" in adviser.locator("main").inner_text()
    assert PlanVersion.objects.get(pk=plan.pk).standing == "returned"
    adviser.get_by_text("The letter recorded last is there by mistake").click(no_wait_after=True)
    assert adviser.get_by_role("button", name="Withdraw this letter").is_visible()
    looked_at(adviser, "letters-withdraw")

    sent = Snapshot.objects.get(version=plan, reason="sent")
    adviser.goto(reverse("snapshot", args=[sent.reference]))
    looked_at(adviser, "snapshot")
    assert sent.digest in adviser.locator("main").inner_text()

    approver.goto(reverse("plan_releases", args=[plan.plan.reference]))
    approver.get_by_role("button", name="Release it").click()
    looked_at(approver, "releases-error")
    approver.get_by_label("What is released").select_option(index=1)
    approver.get_by_label("Scrutiny").check()
    approver.get_by_role("button", name="Release it").click()
    looked_at(approver, "releases")
    scrutiny = visit(plan.people[Role.SCRUTINY_MEMBER])
    scrutiny.goto(reverse("plans"))
    assert "1 plan that you may read" in scrutiny.locator("h1").inner_text()
    looked_at(scrutiny, "plans")

    narrow = visit(plan.people[Role.COUNCIL_APPROVER], width=320, scripts=False)
    for name, where in [
        ("approval", address("plan_approval", plan)),
        ("route", address("plan_route", plan)),
        ("comments", address("plan_comments", plan)),
        ("send", address("plan_send", plan)),
        ("letters", address("plan_letter", plan)),
        ("letter", address("plan_letter_add", plan)),
        ("releases", reverse("plan_releases", args=[plan.plan.reference])),
        ("snapshot", reverse("snapshot", args=[sent.reference])),
        ("plans", reverse("plans")),
    ]:
        answer = narrow.goto(where)
        if name == "route":  # a version that was sent has no route to plan any more
            assert answer.status == 403
            continue
        assert answer.status == 200, name
        assert fits(narrow), name
        shoot(narrow, f"narrow-{name}")


def test_without_a_script_and_on_a_narrow_screen_a_version_is_planned_approved_and_shared(
    plan, visit, violations
):
    narrow = visit(plan.people[Role.COUNCIL_APPROVER], width=320, scripts=False)
    narrow.goto(address("plan_route", plan))
    assert fits(narrow)
    shoot(narrow, "narrow-route")
    narrow.get_by_role("button", name="Plan the route").click()
    assert fits(narrow)
    narrow.get_by_role("link", name="Send it for approval").click()
    narrow.get_by_role("button", name="Send for approval").click()
    narrow.get_by_role("link", name="Send it back to be changed").click()
    narrow.get_by_role("button", name="Send back").click()
    assert "Enter what has to change" in narrow.locator("main").inner_text()
    assert fits(narrow)
    narrow.go_back()
    narrow.goto(address("plan_approve", plan))
    assert fits(narrow)
    narrow.get_by_role("button", name="Approve this version").click()
    narrow.get_by_role("link", name="Share it with the LGA adviser").click()
    assert fits(narrow)
    narrow.get_by_role("button", name="Share with the LGA adviser").click()
    assert PlanVersion.objects.get(pk=plan.pk).standing == "shared"
    assert fits(narrow)
