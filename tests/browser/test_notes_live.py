"""In Chromium: what one of the team shares appears for another without reloading."""

import re

import pytest

from peer_reviews.models import Note
from tests.browser.test_notes_offline import (
    activity,
    address,
    began,
    box,
    in_order_received,
    made,
    press,
    says,
    until,
    write,
)

__all__ = ["activity", "address", "made"]


def told(page):
    """What a screen reader was told of new notes."""
    return page.locator("main > p[role=status]").inner_text()


def test_a_note_that_one_shares_appears_for_another_and_the_counts_with_it(visit, made, address):
    writer, reader = visit(made.peers[0]), visit(made.manager)
    for page in (writer, reader):
        page.goto(address)
        began(page)
    reader.evaluate("window.notReloaded = true")
    box(reader).fill("Half a sent")
    before = reader.locator("#needed tbody tr", has_text="Line 2").inner_text()
    write(writer, "Kept to myself", line="Line 2")
    press(writer, "Next note")
    says(writer, "^Saved")
    write(writer, "Police and health describe one process", line="Line 2")
    press(writer, "Share with the team")
    shared = reader.locator("#shared-notes li", has_text="Police and health describe one process")
    shared.wait_for()
    assert reader.locator("#shared-notes", has_text="Kept to myself").count() == 0
    assert shared.evaluate("item => item === item.parentElement.firstElementChild")
    assert reader.locator("#needed tbody tr", has_text="Line 2").inner_text() != before
    assert reader.evaluate("window.notReloaded")
    assert box(reader).input_value() == "Half a sent"
    assert reader.evaluate("document.activeElement.name") == "text"
    until(reader, lambda: told(reader), "1 new note of the team")
    assert reader.locator("#shared-notes").get_attribute("aria-live") == "off"


def test_many_notes_at_once_are_read_out_as_one_sentence(visit, made, address):
    writer, reader = visit(made.peers[0]), visit(made.peers[1])
    reader.goto(address)
    began(reader)
    reader.evaluate("""() => {
        window.told = [];
        new MutationObserver(() => window.told.push(document.querySelector("main > p[role=status]").textContent))
            .observe(document.querySelector("main > p[role=status]"), { childList: true });
    }""")
    writer.goto(address)
    began(writer)
    writer.context.set_offline(True)
    for number in range(5):
        write(writer, f"Shared {number}")
        press(writer, "Share with the team")
        says(writer, "^Offline")
    writer.context.set_offline(False)
    reader.locator("#shared-notes li", has_text="Shared 4").wait_for()
    until(reader, lambda: reader.locator("#shared-notes li").count(), 5)
    assert len(reader.evaluate("window.told")) <= 2
    first = reader.locator("#shared-notes li").first
    assert "Shared 4" in first.inner_text()


def test_the_list_of_notes_takes_what_comes_and_keeps_what_is_ticked(visit, made, address):
    writer, reader = visit(made.peers[0]), visit(made.peers[1])
    writer.goto(address)
    began(writer)
    write(writer, "The first of them")
    press(writer, "Share with the team")
    until(writer, lambda: in_order_received(made), ["The first of them"])
    reader.goto(address.removesuffix("add/"))
    tick = reader.locator("#notes-found input[type=checkbox]").first
    tick.check(force=True)
    write(writer, "The second of them", kind="To test")
    press(writer, "Share with the team")
    reader.locator("#notes-found li", has_text="The second of them").wait_for()
    reader.get_by_role("heading", level=1, name=re.compile("2 notes")).wait_for()
    assert reader.locator("#notes-found li", has_text="The first of them").locator("input").is_checked()


def test_a_list_that_shows_a_selection_takes_only_what_belongs_in_it(visit, made, address):
    writer, reader = visit(made.peers[0]), visit(made.peers[1])
    reader.goto(address.removesuffix("add/") + "?kind=to-test")
    writer.goto(address)
    began(writer)
    for kind in ("Strength", "To test"):
        write(writer, f"Of the kind {kind}", kind=kind)
        press(writer, "Share with the team")
    reader.locator("#notes-found li", has_text="Of the kind To test").wait_for()
    assert reader.locator("#notes-found", has_text="Of the kind Strength").count() == 0


def test_a_page_that_nobody_looks_at_asks_nothing(visit, made, address):
    page = visit(made.peers[0])
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/notes/new/" in request.url else None)
    page.goto(address)
    began(page)
    page.evaluate("""() => {
        Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.wait_for_timeout(1500)
    asked.clear()
    page.wait_for_timeout(9000)
    assert asked == []


@pytest.mark.parametrize("status", [401, 500])
def test_asking_slows_down_where_there_is_no_answer(visit, made, address, status):
    page = visit(made.peers[0])
    asked = []
    page.route("**/notes/new/**", lambda route: (asked.append(1), route.fulfill(status=status)))
    page.goto(address)
    began(page)
    page.wait_for_timeout(20_000)
    assert 1 <= len(asked) <= 3
    assert not Note.objects.exists()
