"""Findings and lessons in Chromium: with axe, with keys alone, at 320 pixels, and without scripts."""

import pytest
from django.utils import timezone

from accounts.viewer import Viewer
from peer_reviews.actions import findings as actions
from peer_reviews.actions import lessons
from tests.factories import CouncilFactory, RegionFactory
from tests.peer_reviews.reviews import make_review
from tests.peer_reviews.test_findings import activity_of, note_of


@pytest.fixture
def made(transactional_db):
    region = RegionFactory(name="The Marshes")
    council = CouncilFactory(name="Ashfen", official_name="Ashfen Borough Council", region=region)
    return make_review(council, region=region, today=timezone.localdate())


@pytest.fixture
def pair(made):
    """Two findings of one line, the first agreed, at risk and dissented from."""
    today, now = timezone.localdate(), timezone.now()
    peer, other = made.viewer(made.peers[0]), made.viewer(made.peers[1])
    line = made.review.lines.first().pk
    both = [
        actions.add_finding(
            made.review,
            kind="consideration",
            wording=words,
            line=line,
            severity="high",
            notes=[note_of(made, activity=activity_of(made), text=f"Heard of {words}").pk],
            by=peer,
            on=today,
            now=now,
        )
        for words in ("Supervision is rare", "Partners don’t hear " + "x" * 120)
    ]
    first = actions.agree_wording(both[0], by=peer, on=today, revision=1)
    first = actions.mark_risk(first, by=peer, on=today, revision=first.revision)
    actions.dissent(first, text="I heard otherwise", by=other, on=today)
    return [first, both[1]]


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_every_page_of_findings_passes_axe_and_fits_320_pixels(visit, violations, made, pair):
    findings = f"/reviews/{made.review.reference}/findings/"
    one = f"{findings}{pair[0].pk}/"
    pages = [
        findings,
        f"{findings}add/",
        one,
        f"{one}change/",
        f"{one}notes/",
        f"{one}history/",
        f"{one}risk/",
    ]
    pages += [f"{one}dissent/", f"{one}drop/", f"/reviews/{made.review.reference}/pre-brief/"]
    page = visit(made.peers[0], width=320)
    wrong = {}
    for address in pages:
        page.goto(address)
        found = violations(page) + ([] if fits(page) else ["scrolls sideways"])
        if found:
            wrong[address] = found
    assert wrong == {}


def test_findings_are_put_in_order_with_keys_alone_and_the_buttons_are_large(visit, made, pair):
    page = visit(made.peers[0], scripts=False)
    page.goto(f"/reviews/{made.review.reference}/findings/")
    up = page.get_by_role("button", name="Move up")
    assert up.bounding_box()["height"] >= 44
    up.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"#finding-{pair[1].pk}")
    assert page.locator(".up-finding__words").first.inner_text().startswith("Partners")


def test_a_finding_is_made_of_notes_and_agreed_without_a_script(visit, made):
    note = note_of(made, activity=activity_of(made), text="Heard it said")
    page = visit(made.peers[1], scripts=False, width=375)
    page.goto(f"/reviews/{made.review.reference}/findings/add/?note={note.pk}")
    page.get_by_label("Area for further consideration").check()
    page.get_by_label("What the team found").fill("It was said")
    page.get_by_role("button", name="Save the finding").click()
    page.get_by_role("link", name="It was said").click()
    assert "Not triangulated: one group’s word, 1 note" in page.locator(".up-lede").inner_text()
    page.get_by_role("button", name="The team agrees this wording").click()
    assert "Wording agreed on" in page.locator(".up-lede").inner_text()


def test_a_lesson_goes_to_the_sector_without_a_script_and_its_pages_pass_axe(visit, violations, made):
    manager = visit(made.manager, scripts=False, width=320)
    manager.goto("/lessons/")
    manager.get_by_role("link", name="Write a lesson").click()
    manager.get_by_label("Whose practice it is").select_option(label=made.council.name)
    manager.get_by_label("Title").fill("Meet every fortnight")
    manager.get_by_label("What others can learn").fill(f"In {made.council.name} they met")
    manager.get_by_role("button", name="Save as a draft").click()
    manager.get_by_role("button", name="Check it, and send it to the council").click()
    assert manager.locator("h1").inner_text() == "Some words may give the council away"
    assert fits(manager)
    manager.get_by_label("is harmless here").check()
    manager.get_by_role("button", name="Send it to the council").click()
    approver = visit(made.approver, width=320)
    approver.goto("/lessons/")
    found = violations(approver)
    approver.get_by_role("link", name="Open it").click()
    found += violations(approver)
    approver.get_by_role("button", name="Agree or refuse").click()
    found += violations(approver)
    approver.get_by_label("Yes, tell the sector").check()
    approver.get_by_role("button", name="Send the answer").click()
    approver.goto("/lessons/?q=fortnight")
    found += violations(approver)
    assert (found, fits(approver)) == ([], True)
    assert approver.locator("h1").inner_text() == "1 lesson on “fortnight”"


def test_a_check_of_a_draft_passes_axe(visit, violations, made):
    by = Viewer.of(made.manager, timezone.localdate())
    given = {"title": "T", "text": f"In {made.council.name}", "by": by, "on": by.today}
    lesson = lessons.write_lesson(made.council, **given)
    page = visit(made.manager)
    for part in ("send", "change", "withdraw"):
        page.goto(f"/lessons/{lesson.pk}/{part}/")
        assert violations(page) == []
