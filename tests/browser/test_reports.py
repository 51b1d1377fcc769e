"""Slides, report and follow-up in Chromium: with axe, with keys alone, at 320 pixels, and without scripts."""

import pytest
from django.utils import timezone

from accounts.permissions import Role
from peer_reviews.actions import factual
from peer_reviews.actions import reports as actions
from peer_reviews.models import PeerReview
from tests.factories import person_with
from tests.peer_reviews.reporting import again, by, drafted, final, sent

# Chromium first: what it starts decides which connection the tables are emptied by.
pytestmark = pytest.mark.usefixtures("chromium", "transactional_db", "reference")


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.fixture
def wrong(visit, violations):
    """Return {address: what is wrong} of pages as a person sees them, 320 pixels wide."""

    def look(person, addresses):
        page, found = visit(person, width=320), {}
        for address in addresses:
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            found[address] = violations(page) + ([] if fits(page) else ["scrolls sideways"])
        return {address: said for address, said in found.items() if said}

    return look


def test_every_page_of_a_draft_passes_axe_and_fits_320_pixels(wrong):
    made, report = drafted(today=timezone.localdate())
    actions.add_paragraph(report, kind="strength", text="x" * 300, revision=report.revision, **by(made))
    home = f"/reviews/{made.review.reference}/"
    key = report.paragraphs.first().key
    pages = [f"{home}slides/", f"{home}report/", f"{home}report/send/", f"{home}report/title/"]
    pages += [f"{home}report/final/", f"{home}report/paragraphs/add/", f"{home}feedback/"]
    pages += [f"{home}report/paragraphs/{key}/{end}" for end in ("", "move/", "remove/")]
    assert wrong(made.manager, pages) == {}


def test_every_page_of_the_check_of_facts_passes_axe_and_fits_320_pixels(wrong):
    made, report = sent(today=timezone.localdate())
    one = report.paragraphs.get(kind="strength")
    comment = factual.comment(one, text="There are 12 teams. " + "y" * 200, **by(made, made.contributor))
    home = f"/reviews/{made.review.reference}/report/"
    pages = [home, f"{home}paragraphs/{one.key}/comment/", f"{home}comments/close/"]
    pages += [f"{home}comments/{comment.pk}/change/"]
    assert wrong(made.approver, pages) == {}
    factual.close_comments(report, **by(made, made.approver))
    actions.begin_report(again(made).review, **by(made))
    pages = [home, f"{home}?version=1", f"{home}comments/{comment.pk}/answer/", f"{home}2/changes/"]
    assert wrong(made.manager, pages) == {}


def test_every_page_after_the_final_report_passes_axe_and_fits_320_pixels(wrong):
    made, _report = final(today=timezone.localdate())
    home = f"/reviews/{made.review.reference}/"
    pages = [f"{home}{end}" for end in ("report/", "report/publish/", "slides/", "feedback/", "follow-up/")]
    assert wrong(made.approver, pages) == {}
    PeerReview.objects.filter(pk=made.review.pk).update(stage="follow-up")
    pages = [f"{home}follow-up/", f"{home}follow-up/1/", f"{home}follow-up/held/", f"{home}feedback/"]
    assert wrong(made.manager, pages) == {}
    assert wrong(made.peers[0], [f"{home}report/", f"{home}feedback/"]) == {}
    lead = person_with(Role.NATIONAL_LEAD)
    assert wrong(lead, ["/report-templates/", "/report-templates/add/", f"{home}report/"]) == {}


def test_a_paragraph_is_changed_and_moved_with_keys_alone_and_no_script(visit):
    made, report = drafted(today=timezone.localdate())
    page = visit(made.manager, scripts=False)
    page.goto(f"/reviews/{made.review.reference}/report/")
    change = page.locator("summary", has_text="paragraph 1").first
    change.focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("What it says").nth(1)
    box.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Typed with keys.")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    changed = report.paragraphs.get(text="Typed with keys.")
    assert page.url.endswith(f"#p-{changed.key}")
    page.locator("summary", has_text="paragraph 1").first.click()
    up = page.locator(f"#p-{changed.key}").get_by_role("button", name="Move up")
    assert up.bounding_box()["height"] >= 44
    up.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    changed.refresh_from_db()
    assert changed.place == 1
