"""In Chromium: notes written without a connection are neither lost nor sent twice, and stand sealed on the device."""

import re
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from peer_reviews.models import Activity, Note
from peer_reviews.views import notes_sent
from tests.browser.conftest import with_password
from tests.peer_reviews.reviews import make_review

MARKER = "Heliotrope supervision"
RAW = """async () => {
    const found = [];
    const words = value => {
        if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
            return new TextDecoder("latin1").decode(value) + new TextDecoder("utf-16le").decode(value);
        }
        if (value instanceof CryptoKey) return `key extractable ${value.extractable}`;
        if (!value || typeof value !== "object") return String(value);
        return Object.entries(value).map(([name, each]) => name + words(each)).join();
    };
    for (const { name, version } of await indexedDB.databases()) {
        const database = await new Promise(done => {
            indexedDB.open(name, version).onsuccess = event => done(event.target.result);
        });
        for (const store of database.objectStoreNames) {
            const all = database.transaction(store).objectStore(store).getAll();
            await new Promise(done => all.onsuccess = done);
            found.push(...all.result.map(words));
        }
        database.close();
    }
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            found.push(request.url + await (await cache.match(request)).text());
        }
    }
    return found.concat(words({...localStorage}), words({...sessionStorage}));
}"""
LEFT = """async () => [
    (await indexedDB.databases()).map(each => each.name), await caches.keys(), {...localStorage},
    (await navigator.serviceWorker.getRegistrations()).length,
]"""


@pytest.fixture
def made(transactional_db):
    made = make_review(today=timezone.localdate())
    for person in (*made.peers, made.manager):
        with_password(person)
    return made


@pytest.fixture
def activity(made):
    """What the timetable says of the whole of today: whence a note comes."""
    return Activity.objects.create(
        review=made.review,
        on=made.today,
        starts_at="00:00",
        ends_at="23:59",
        title="Focus group of social workers",
        source_type="focus-group",
        voice="social-workers",
    )


@pytest.fixture
def address(made, activity):
    return f"/reviews/{made.review.case.reference}/notes/add/"


OPENS_OFFLINE = """async () => Boolean(navigator.serviceWorker.controller) && (await caches.keys()).length === 1
    && (await (await caches.open((await caches.keys())[0])).keys()).length > 5"""


def ready(page, address):
    """Open the note page, and wait until it opens without a connection too."""
    page.goto(address)
    began(page)
    until(page, lambda: page.evaluate(OPENS_OFFLINE), True)
    return page


def began(page):
    page.locator("#note-form[data-ready=yes]").wait_for()


def box(page):
    return page.locator("#note-form [name=text]")


def write(page, text, *, kind="Strength", line="Line 1"):
    page.get_by_role("radio", name=kind, exact=True).check()
    page.get_by_role("radio", name=line, exact=True).check()
    box(page).fill(text)


def press(page, words):
    page.get_by_role("button", name=words).click(no_wait_after=True)


def says(page, words):
    state = page.locator("#note-state")
    for _ in range(60):
        if re.search(words, state.inner_text()):
            return
        page.wait_for_timeout(250)
    assert state.inner_text() == words


def texts(made):
    return list(
        Note.objects.filter(review=made.review).order_by("written_at", "pk").values_list("text", flat=True)
    )


def in_order_received(made):
    return list(Note.objects.filter(review=made.review).order_by("pk").values_list("text", flat=True))


def until(page, found, wanted):
    for _ in range(120):
        if found() == wanted:
            return
        page.wait_for_timeout(400)
    assert found() == wanted


def test_a_note_is_saved_as_it_is_typed_and_goes_on_in_the_tab_opened_next(visit, made, address):
    page = ready(visit(made.peers[0]), address)
    write(page, "Managers describe weekly")
    says(page, r"^Saved \d\d:\d\d$")
    assert texts(made) == ["Managers describe weekly"]
    box(page).press_sequentially(" supervision")
    until(page, lambda: texts(made), ["Managers describe weekly supervision"])
    again = page.context.new_page()
    page.close()
    again.goto(address)
    began(again)
    assert box(again).input_value() == "Managers describe weekly supervision"
    assert again.get_by_role("radio", name="Strength").is_checked()
    press(again, "Share with the team")
    says(again, r"^Shared \d\d:\d\d$")
    assert box(again).input_value() == ""
    note = Note.objects.get()
    assert note.shared_at is not None
    assert (note.source_type, note.voice, note.line.title) == ("focus-group", "social-workers", "Line 1")


def test_twenty_notes_without_a_connection_and_a_tab_closed_and_opened_arrive_in_order_once_each(
    visit, made, address
):
    page = ready(visit(made.peers[0]), address)
    context = page.context
    twenty = [f"Note {number} of twenty" for number in range(1, 21)]
    for text in twenty[:4]:
        write(page, text)
        press(page, "Next note")
    until(page, lambda: in_order_received(made), twenty[:4])
    says(page, "^Saved")  # the answer to the last of them has come
    until(page, lambda: page.locator("#kept-notes li").count(), 0)

    context.set_offline(True)
    for text in twenty[4:12]:
        write(page, text)
        press(page, "Share with the team" if text in twenty[6:8] else "Next note")
        says(page, "^Offline")
    says(page, "^Offline: 8 notes kept on this tablet; they will be sent when the connection returns$")
    page.close()

    page = context.new_page()
    page.goto(address)
    began(page)
    assert page.get_by_role("heading", name="Add a note").is_visible()
    until(page, lambda: page.locator("#kept-notes li").count(), 8)
    for text in twenty[12:]:
        write(page, text)
        press(page, "Next note")
    says(page, "16 notes kept on this tablet")
    assert in_order_received(made) == twenty[:4]

    context.set_offline(False)
    until(page, lambda: in_order_received(made), twenty)
    assert texts(made) == twenty
    page.reload()
    began(page)
    page.wait_for_timeout(1500)
    assert in_order_received(made) == twenty
    shared = Note.objects.filter(shared_at__isnull=False).order_by("pk")
    assert [note.text for note in shared] == twenty[6:8]


def test_what_is_typed_in_the_moment_a_tab_closes_is_kept(visit, made, address):
    page = ready(visit(made.peers[0]), address)
    page.context.set_offline(True)
    write(page, "Typed and closed at once")
    page.close(run_before_unload=True)
    page = page.context.new_page()
    page.goto(address)
    began(page)
    assert box(page).input_value() == "Typed and closed at once"
    page.context.set_offline(False)
    until(page, lambda: texts(made), ["Typed and closed at once"])


def test_several_tabs_send_each_note_once(visit, made, address):
    first = ready(visit(made.peers[0]), address)
    tabs = [first, *(first.context.new_page() for _ in range(2))]
    for tab in tabs[1:]:
        tab.goto(address)
        began(tab)
    first.context.set_offline(True)
    for number, tab in enumerate(tabs * 2):
        write(tab, f"Note {number}")
        press(tab, "Next note")
        says(tab, "^Offline")
    first.context.set_offline(False)
    until(first, lambda: in_order_received(made), [f"Note {number}" for number in range(6)])


def test_an_answer_lost_after_the_note_was_taken_is_asked_for_again_and_nothing_doubles(
    visit, made, address, monkeypatch
):
    real, asked = notes_sent.notes_send, []

    def answers_too_late(request, reference):
        response = real(request, reference)
        asked.append(response.status_code)
        return HttpResponse(status=500) if len(asked) in (1, 2) else response

    replace_view(monkeypatch, "notes_send", answers_too_late)
    page = ready(visit(made.peers[0]), address)
    write(page, "Taken, and the answer lost")
    says(page, "^Not sent")
    box(page).fill("Taken, and the answer lost. And more")
    says(page, r"^Saved \d\d:\d\d$")
    assert texts(made) == ["Taken, and the answer lost. And more"]
    assert len(asked) >= 3
    assert 200 in asked[:2]  # it was taken, and nobody on the device knew


def test_what_the_server_refuses_is_kept_and_shown_with_its_words(visit, made, address):
    page = ready(visit(made.peers[0]), address)
    write(page, "NHS number 943 476 5919")
    says(page, "^Not saved: ")
    press(page, "Next note")
    kept = page.locator("#kept-notes li")
    kept.get_by_text("NHS number 943 476 5919").wait_for()
    assert "Not taken" in kept.inner_text()
    write(page, "The next one goes")
    says(page, "^Saved")
    until(page, lambda: texts(made), ["The next one goes"])
    kept.get_by_role("button", name="Change").click(no_wait_after=True)
    box(page).fill("Case A12")
    until(page, lambda: sorted(texts(made)), ["Case A12", "The next one goes"])
    until(page, lambda: page.locator("#kept-notes li").count(), 0)


def test_of_a_note_changed_on_another_device_both_texts_are_shown(visit, made, address):
    page = ready(visit(made.peers[0]), address)
    write(page, "As it began")
    says(page, "^Saved")
    with transaction.atomic():
        Note.objects.update(text="As the laptop has it", revision=7)
    box(page).fill("As the tablet has it")
    says(page, "Both texts are below")
    assert "As the laptop has it" in page.locator("#kept-notes").inner_text()
    page.get_by_role("button", name="Keep mine").click(no_wait_after=True)
    until(page, lambda: texts(made), ["As the tablet has it"])


def test_signed_out_meanwhile_it_is_kept_and_sent_after_signing_in(visit, made, address, sign_in):
    page = ready(visit(made.peers[0]), address)
    page.context.clear_cookies()
    write(page, "Written after the session ended")
    says(page, "Sign in to send")
    assert texts(made) == []
    sign_in(page, made.peers[0])
    until(page, lambda: texts(made), ["Written after the session ended"])


def test_another_person_who_signs_in_neither_reads_nor_sends_it(visit, made, address, sign_in):
    page = ready(visit(made.peers[0]), address)
    page.context.set_offline(True)
    write(page, MARKER)
    press(page, "Next note")
    says(page, "1 note kept")
    page.context.clear_cookies()
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    sign_in(page, made.peers[1])
    ready(page, address)
    page.get_by_text("1 note of somebody else waits on this tablet, sealed").wait_for()
    assert MARKER not in page.content()
    page.wait_for_timeout(1000)
    assert texts(made) == []
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, made.peers[0])
    until(page, lambda: texts(made), [MARKER])
    assert Note.objects.get().author.person_id == made.peers[0].pk


def test_a_page_left_open_never_sends_as_somebody_who_signed_in_since(visit, made, address, sign_in):
    page = ready(visit(made.peers[0]), address)
    other = page.context.new_page()
    page.context.clear_cookies()
    sign_in(other, made.peers[1])
    write(page, "Mine and not theirs")
    says(page, "somebody else has signed in")
    assert texts(made) == []


def test_nothing_of_a_note_or_a_review_stands_readable_on_the_device(visit, made, address):
    page = ready(visit(made.peers[0]), address)
    page.context.set_offline(True)
    write(page, MARKER)
    press(page, "Next note")
    says(page, "1 note kept")
    found = page.evaluate(RAW)
    assert any("key extractable false" in each for each in found)
    assert len(found) > 8
    secret = [
        MARKER,
        "Heliotrope",
        str(made.council),
        made.review.case.reference,
        "Line 1",
        made.peers[0].name,
    ]
    assert [word for word in secret for each in found if word in each] == []


def test_signing_out_sends_first_and_leaves_nothing(visit, made, address):
    page = ready(visit(made.peers[0]), address)
    write(page, "Not yet a pause in the typing")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    assert texts(made) == ["Not yet a pause in the typing"]
    assert page.evaluate(LEFT) == [[], [], {}, 0]


def test_signing_out_without_a_connection_says_what_would_be_lost_and_waits(visit, made, address, violations):
    page = ready(visit(made.peers[0]), address)
    page.context.set_offline(True)
    for text in ("One", "Two", "Three"):
        write(page, text)
        press(page, "Next note")
    says(page, "3 notes kept")
    button = page.get_by_role("button", name="Sign out", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="3 notes on this tablet have not been sent")
    dialog.wait_for()
    assert violations(page) == []
    assert page.evaluate("document.activeElement.textContent") == "Stay signed in"
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    says(page, "3 notes kept")

    page.keyboard.press("Enter")  # the focus is back on the button
    dialog.wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Sign out and lose 3 notes"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What this tablet kept is wiped").wait_for()
    databases, names, stored, workers = page.evaluate(LEFT)
    assert (databases, names, workers) == ([], [], 0)
    assert list(stored) == ["upstream-sign-out"]
    page.context.set_offline(False)
    page.wait_for_url("**/accounts/login/**")
    assert texts(made) == []
    assert page.evaluate(LEFT) == [[], [], {}, 0]


def test_staying_keeps_the_notes_and_they_are_sent_when_the_connection_returns(visit, made, address):
    page = ready(visit(made.peers[0]), address)
    page.context.set_offline(True)
    write(page, "Kept")
    press(page, "Next note")
    says(page, "1 note kept")
    page.get_by_role("button", name="Sign out").click(no_wait_after=True)
    page.get_by_role("button", name="Stay signed in").click(no_wait_after=True)
    page.context.set_offline(False)
    until(page, lambda: texts(made), ["Kept"])


def test_on_any_page_signing_out_sends_first(visit, made, address):
    page = ready(visit(made.peers[0]), address)
    page.context.set_offline(True)
    write(page, "Written before going elsewhere")
    press(page, "Next note")
    says(page, "1 note kept")
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto("/reviews/")
    until(page, lambda: texts(made), ["Written before going elsewhere"])
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate(LEFT) == [[], [], {}, 0]


def test_the_page_of_a_device_keeps_to_axe_and_to_320_pixels(visit, made, address, violations):
    page = ready(visit(made.peers[0], width=320), address)
    page.context.set_offline(True)
    page.reload()
    began(page)
    write(page, "On a small screen")
    press(page, "Next note")
    says(page, "1 note kept")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def replace_view(monkeypatch, name, view):
    """Answer an address by another view, as long as the test lasts."""
    from django.urls import get_resolver

    def patterns(resolver):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from patterns(pattern)
            else:
                yield pattern

    (found,) = [pattern for pattern in patterns(get_resolver()) if pattern.name == name]
    monkeypatch.setattr(found, "callback", view)


def test_the_page_without_a_review_says_so(visit, made, address):
    page = ready(visit(made.peers[0]), address)
    page.context.set_offline(True)
    page.goto(f"/reviews/{uuid4()}/notes/add/")
    page.get_by_text("This tablet keeps nothing of this review").wait_for()
