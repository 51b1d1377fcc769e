"""In Chromium: a timetable moved by drag and by keys, told aloud, by form without a script; pages for fingers."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from councils.models import Council
from peer_reviews.actions import audits, keep_in_touch, requests, timetable, worries
from peer_reviews.models import Activity
from tests.browser.conftest import with_password
from tests.peer_reviews.reviews import make_review

HANDLE = "[data-activity='{}'] [data-handle]"


@pytest.fixture
def made(demonstration):
    """A review on site, seen on its second day."""
    saltmarsh = Council.objects.get(slug="saltmarsh")
    made = make_review(saltmarsh, today=timezone.localdate(), region=demonstration)
    for person in [made.manager, made.contributor, *made.peers]:
        with_password(person)
    return made


def add(made, **given):
    given = {
        "on_day": made.today,
        "starts_at": time(9, 0),
        "ends_at": time(10, 30),
        "title": "Focus group",
        "source_type": "focus-group",
        "voice": "social-workers",
        "lead": made.members[1],
        **given,
    }
    return timetable.add_activity(made.review, **given, by=made.viewer(made.manager), on=made.today)


@pytest.fixture
def group(made):
    add(made, title="Interview", starts_at=time(9, 30), ends_at=time(10, 30), source_type="interview")
    add(made, title="Visit", on_day=made.today + timedelta(days=1), lead=None)
    return add(made)


def page_of(visit, made, person, name="timetable/", **options):
    page = visit(person, **options)
    page.goto(f"/reviews/{made.review.reference}/{name}")
    return page


def handle(page, activity):
    return page.locator(HANDLE.format(activity.pk))


def told(page, words):
    page.locator("[data-said]", has_text=words).wait_for()


def now(activity):
    return Activity.objects.get(pk=activity.pk)


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_keys_move_an_activity_by_half_an_hour_or_a_day_and_the_page_says_where_it_is(visit, made, group):
    page = page_of(visit, made, made.peers[0])
    handle(page, group).focus()
    page.keyboard.press("ArrowDown")
    told(page, "09:30 to 11:00")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    told(page, "10:30 to 12:00")
    page.keyboard.press("ArrowRight")
    tomorrow = made.today + timedelta(days=1)
    told(page, f"{tomorrow:%A} {tomorrow.day} {tomorrow:%B}, 10:30 to 12:00")
    assert page.evaluate(
        "key => document.activeElement.closest('[data-activity]').dataset.activity == key", str(group.pk)
    )
    assert (now(group).on, now(group).starts_at, now(group).ends_at) == (tomorrow, time(10, 30), time(12, 0))
    page.keyboard.press("ArrowRight")
    told(page, "10:30 to 12:00")
    page.keyboard.press("ArrowRight")
    told(page, "This is the last day.")


def test_it_is_dragged_to_another_half_hour_of_another_day(visit, made, group):
    page = page_of(visit, made, made.manager)
    tomorrow = made.today + timedelta(days=1)
    target = page.locator(f"[data-day='{tomorrow.isoformat()}'] [data-slot='14:00']")
    target.scroll_into_view_if_needed()
    handle(page, group).scroll_into_view_if_needed()
    page.mouse.move(*middle(handle(page, group)))
    page.mouse.down()
    page.mouse.move(*middle(target), steps=8)
    assert target.evaluate("slot => slot.classList.contains('up-half--over')")
    page.mouse.up()
    told(page, "14:00 to 15:30")
    assert (now(group).on, now(group).starts_at) == (tomorrow, time(14, 0))
    assert page.url.endswith("/timetable/")
    page.locator(
        f"[data-day='{tomorrow.isoformat()}'] [data-slot='14:00'] [data-activity='{group.pk}']"
    ).wait_for()


def test_what_is_dropped_nowhere_stays_and_a_press_without_a_drag_opens_the_form(visit, made, group):
    page = page_of(visit, made, made.manager)
    page.mouse.move(*middle(handle(page, group)))
    page.mouse.down()
    page.mouse.move(5, 5, steps=4)
    page.mouse.up()
    assert now(group).revision == 1 and page.url.endswith("/timetable/")
    handle(page, group).click()
    page.get_by_role("heading", name="Move “Focus group”").wait_for()


def test_the_second_of_two_who_move_it_is_told_and_sees_where_it_is(visit, made, group):
    page = page_of(visit, made, made.manager)
    timetable.move_activity(
        now(group),
        on_day=made.today,
        starts_at=time(16, 0),
        revision=1,
        by=made.viewer(made.peers[0]),
        on=made.today,
    )
    handle(page, group).focus()
    page.keyboard.press("ArrowDown")
    told(page, "Not moved: somebody changed it meanwhile.")
    assert now(group).starts_at == time(16, 0)
    page.keyboard.press("ArrowUp")
    told(page, "15:30 to 17:00")


def test_without_a_script_the_handle_is_a_link_to_a_form_that_moves_it(visit, made, group):
    page = page_of(visit, made, made.manager, scripts=False)
    handle(page, group).click()
    page.get_by_label("Day").select_option((made.today + timedelta(days=1)).isoformat())
    page.get_by_label("From").fill("15:00")
    page.get_by_role("button", name="Move it").click()
    assert (now(group).on, now(group).starts_at) == (made.today + timedelta(days=1), time(15, 0))


@pytest.fixture
def kept(made, group):
    """Something on every page."""
    by, on = made.viewer(made.peers[0]), made.today
    council_grade = {"A1": "good", "A2": "inadequate", "A3": ""}
    for reference, grade in council_grade.items():
        audits.record_audit(
            made.review, reference=reference, team_grade="good", council_grade=grade, by=by, on=on
        )
    keep_in_touch.record_word(made.review, on_day=on, said="Supervision was good.", by=by, on=on)
    requests.ask_for(made.review, kind="document", text="The last audit", due_on=on, by=by, on=on)
    asked = requests.ask_for(made.review, kind="interview", text="One more social worker", by=by, on=on)
    given = {"outcome": "given", "answer": "Tomorrow at ten", "revision": 1}
    requests.answer(asked, **given, by=made.viewer(made.contributor), on=on)
    when = timezone.now()
    worries.record_worry(
        made.review, told_at=when - timedelta(minutes=5), case_reference="A2", now=when, by=by, on=on
    )
    return made


SMALL = """() => [...document.querySelectorAll("main a, main button, main select, main input:not([type=hidden])")]
    .filter(each => each.offsetParent && !each.closest("p.up-notice, .govuk-error-summary"))
    .map(each => (each.matches("[type=radio], [type=checkbox]") ? each.parentElement : each))
    .filter(each => each.getBoundingClientRect().height < 44)
    .map(each => each.outerHTML.slice(0, 120))"""
OF_TEAM = [
    "timetable/",
    "timetable/add/",
    "timetable/print/",
    "timetable/calendar/",
    "room/",
    "requests/",
    "requests/ask/",
    "audits/",
    "audits/add/",
    "keep-in-touch/",
    "keep-in-touch/add/",
    "worried/",
]
OF_COUNCIL = ["timetable/", "room/", "room/add/", "requests/"]


def test_every_page_passes_axe_fits_320_pixels_and_is_made_for_fingers(visit, violations, kept):
    found = []
    for person, names in ((kept.peers[0], OF_TEAM), (kept.contributor, OF_COUNCIL)):
        page = visit(person, width=320)
        for name in names:
            page.set_viewport_size({"width": 320, "height": 900})
            page.goto(f"/reviews/{kept.review.reference}/{name}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [(name, f"{wide} wide")] * (wide > 320)
            found += [(name, words) for words in violations(page) + page.evaluate(SMALL)]
            page.set_viewport_size({"width": 1280, "height": 900})
            found += [(name, words) for words in violations(page)]
    assert found == []
