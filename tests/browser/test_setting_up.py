"""In Chromium: a review from its offer to the week on site, by an adviser and a council's approver."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from cases.queries import working_calendars
from councils.models import Council
from peer_reviews.actions.approaches import log_approach
from peer_reviews.actions.steps import set_steps
from peer_reviews.models import KindStep, KindTheme, PeerReview, Stage
from peer_reviews.rules.steps import CALENDAR
from tests.browser.conftest import with_password
from tests.peer_reviews.reviews import make_kind, make_review

NARROW = 320
FITS = "document.documentElement.scrollWidth <= window.innerWidth"


@pytest.fixture
def kind(demonstration):
    kind = make_kind()
    for place, title in enumerate(("Leadership", "Practice", "Voice of the child"), 1):
        KindTheme.objects.create(kind=kind, place=place, title=title, question="How well, and who says so?")
    for step, anchor, length, unit, owes in (
        ("position-statement", "first-day", -3, "weeks", "council"),
        ("on-site", "first-day", 0, "days", "lga"),
        ("feedback", "last-day", 0, "days", "lga"),
        ("draft", "last-day", 4, "weeks", "lga"),
        ("action-plan", "last-day", 5, "months", "council"),
    ):
        KindStep.objects.create(kind=kind, step=step, anchor=anchor, length=length, unit=unit, owes=owes)
    return kind


def keep_picture(page, name):
    """Keep a picture of the page where a developer asks for one by UPSTREAM_PICTURES."""
    if folder := os.environ.get("UPSTREAM_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def pages_printed(page):
    """Return how many sheets of paper the page takes."""
    return page.pdf(format="A4").count(b"/Type /Page\n")


def enter_day(page, label, day):
    group = page.get_by_role("group", name=label)
    for part, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        group.get_by_label(part).fill(str(number))


def test_from_an_offer_to_a_scope_that_both_agree_without_a_script(
    visit, violations, kind, adviser, approver
):
    calendar = working_calendars()[CALENDAR]
    first = calendar.add_working_days(timezone.localdate(), 60)
    last = calendar.add_working_days(first, 3)
    lga, council = visit(adviser, scripts=False), visit(approver, scripts=False)

    lga.goto("/councils/saltmarsh/reviews/offer/")
    keep_picture(lga, "offer")
    lga.get_by_label("Kind of review").select_option(label=str(kind))
    lga.get_by_label("Why now").fill("Four years since the last, and a new director.")
    enter_day(lga, "First day on site", first)
    enter_day(lga, "Last day on site", last)
    lga.get_by_role("button", name="Make the offer").click()
    review = PeerReview.objects.get()

    council.goto(review.get_absolute_url())
    keep_picture(council, "home-offered-council")
    council.get_by_role("link", name="Accept or decline").click()
    keep_picture(council, "answer")
    council.get_by_label("Accept the offer").check()
    council.get_by_role("button", name="Send the answer").click()
    assert "accepted" in council.locator("h1").inner_text()

    lga.goto(review.get_absolute_url())
    keep_picture(lga, "home-accepted-manager")
    lga.get_by_role("link", name="Write them").click()
    lga.get_by_label("Scope", exact=True).fill("The front door and early help; not SEND.")
    row = lga.get_by_role("group", name="Line 1")
    row.get_by_label("Place").fill("3")
    lga.get_by_role("button", name="Add another line").click()
    lga.get_by_role("group", name="Line 6").get_by_label("Line of enquiry").fill("Care leavers")
    keep_picture(lga, "scope")
    lga.get_by_role("button", name="Save").click()
    titles = [line.title for line in review.lines.all()]
    assert titles == ["Practice", "Leadership", "Voice of the child", "Care leavers"]

    for page in (lga, council):
        page.goto(f"{review.get_absolute_url()}scope/agree/")
        keep_picture(page, "agree")
        page.get_by_role("button", name="Agree to it").click()
    assert "Agreed by Saltmarsh" in council.locator("main").inner_text()
    lga.goto(f"{review.get_absolute_url()}go-on/")
    keep_picture(lga, "go-on")
    lga.get_by_label("Why it goes on without that").fill("Both endorse it at the next cabinet.")
    lga.get_by_role("button", name="Go on: scoped").click()
    assert PeerReview.objects.get().stage == Stage.SCOPED


@pytest.mark.parametrize("width", [1280, NARROW])
def test_every_page_of_setting_up_is_accessible_and_never_wider_than_its_window(
    visit, violations, kind, demonstration, adviser, width
):
    today = timezone.localdate()
    saltmarsh = Council.objects.get(slug="saltmarsh")
    made = make_review(saltmarsh, today=today, region=demonstration, kind=kind, scope="The front door.")
    for person in (made.manager, made.approver, made.peers[0]):
        with_password(person)
    set_steps(made.review, by=made.viewer(made.manager), on=today)
    approach = log_approach(
        council=saltmarsh,
        approached_on=today - timedelta(days=3),
        network="political",
        office="leader",
        said="The leader is keen; the timing is the question.",
        by=made.viewer(made.manager),
        on=today,
    )
    base = made.review.get_absolute_url()
    lga = [
        ("home", base),
        *((name, f"{base}{name}/") for name in ("scope", "days", "go-on", "postpone", "cancel", "endorse")),
        *((name, f"{base}{name}/") for name in ("organiser", "subsidy", "agreement", "ofsted-call")),
        ("scope-agree", f"{base}scope/agree/"),
        ("offer-second", "/councils/saltmarsh/reviews/offer/"),
        ("approaches", "/approaches/"),
        ("approach-log", "/councils/saltmarsh/approaches/log/"),
        ("approach-change", f"/approaches/{approach.pk}/change/"),
        ("approach-delete", f"/approaches/{approach.pk}/delete/"),
    ]
    page = visit(made.manager, width=width)
    wrong = []
    for name, address in lga:
        assert page.goto(address).status == 200, name
        keep_picture(page, f"{name}-{width}")
        wrong += [f"{name}: {each}" for each in violations(page)]
        if not page.evaluate(FITS):
            wrong.append(f"{name} is wider than {width}")
        if name == "agreement" and pages_printed(page) != 1:
            wrong.append("the agreement does not print on one page")
    for who, person in (("peer", made.peers[0]), ("approver", made.approver)):
        page = visit(person, width=width)
        assert page.goto(base).status == 200
        keep_picture(page, f"home-{who}-{width}")
        wrong += [f"{who}: {each}" for each in violations(page)]
        if not page.evaluate(FITS):
            wrong.append(f"home of {who} is wider than {width}")
    assert wrong == []
