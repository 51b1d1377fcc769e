"""The main job in a browser: from signing in to a milestone that leaves the list of what is late."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Milestone
from cases.presenters import day_words

LATE = "written statement published"


def needs(page):
    """The texts of the things that the page says need doing."""
    return [" ".join(text.split()) for text in page.locator(".up-needs__item").all_inner_texts()]


def fill_date(page, day):
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(part, exact=True).fill(str(value))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_adviser_finds_what_is_late_marks_it_met_and_sees_it_leave_the_list(
    visit, sign_in, adviser, scripts
):
    page = visit(scripts=scripts)
    sign_in(page, adviser)
    assert "overdue" in page.locator("h1").inner_text()
    page.get_by_role("link", name="Regions", exact=True).click()
    page.get_by_role("link", name="Demonstration region").click()
    before = needs(page)
    assert any(LATE in text for text in before)
    overdue = page.get_by_role("row", name="Saltmarsh").inner_text()
    assert "1 overdue" in overdue

    page.get_by_role("link", name=f"Saltmarsh, {LATE}").click()
    page.get_by_role("link", name="Mark as met").click()
    fill_date(page, timezone.localdate())
    page.get_by_role("button", name="Mark as met").click()
    assert "met on" in page.get_by_role("alert").inner_text()

    page.goto("/regions/demonstration/")
    after = needs(page)
    assert not any(LATE in text for text in after)
    assert len(after) == len(before) - 1
    assert "overdue" not in page.get_by_role("row", name="Saltmarsh").inner_text()


def test_a_region_is_filtered_sorted_and_shown_on_another_day_without_a_script(visit, adviser):
    page = visit(adviser, scripts=False)
    page.goto("/regions/demonstration/")
    page.get_by_label("Grade").select_option("inadequate")
    page.get_by_role("button", name="Filter").click()
    assert page.locator("tbody tr").count() == 2
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="Council", exact=True).click()
    names = page.locator("tbody th > a").all_inner_texts()
    assert names == sorted(names)
    page.get_by_role("link", name="Council", exact=True).click()
    assert page.locator("tbody th > a").all_inner_texts() == names[::-1]

    page.locator("summary").first.click()
    page.get_by_label("Day").fill("next week")
    page.get_by_role("button", name="Show that day").click()
    assert "There is a problem" in page.locator(".govuk-error-summary").inner_text()
    assert page.get_by_label("Day").input_value() == "next week"
    page.get_by_label("Day").fill("29 June 2026")
    page.get_by_role("button", name="Show that day").click()
    assert "29 June 2026" in page.locator("summary").first.inner_text()


def test_everything_can_be_done_by_keyboard_alone(visit, adviser):
    page = visit(adviser)
    page.goto("/regions/demonstration/")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")

    page.goto("/regions/demonstration/")
    walked = tab_to(page, f"Record what you know: Saltmarsh, {LATE}")
    assert {"Upstream", "My work", "Regions", "England"} <= set(walked)
    page.keyboard.press("Enter")
    page.wait_for_url("**/milestones/**")
    tab_to(page, "Mark as met")
    page.keyboard.press("Enter")
    page.wait_for_url("**/met/**")
    today = timezone.localdate()
    for part, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        tab_to(page, part)
        page.keyboard.type(str(value))
    tab_to(page, "Mark as met", selector="button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/councils/saltmarsh/**")
    assert "met on" in page.get_by_role("alert").inner_text()


def test_the_day_shown_is_changed_by_keyboard_alone(visit, adviser):
    page = visit(adviser)
    page.goto("/regions/demonstration/")
    today = page.locator("summary").first.inner_text()
    tab_to(page, today, selector="summary")
    page.keyboard.press("Enter")
    tab_to(page, "Day", selector="input")
    page.keyboard.press("Control+a")
    page.keyboard.type("29 June 2026")
    page.keyboard.press("Enter")
    page.wait_for_url("**on=29+June+2026**")
    assert "29 June 2026" in page.locator("summary").first.inner_text()


def test_of_two_people_who_change_one_milestone_the_second_sees_both_texts_and_loses_nothing(
    visit, violations, adviser, demonstration
):
    milestone = Milestone.objects.get(label="Written statement published", council__slug="saltmarsh")
    mine, theirs = visit(adviser, width=320), visit(adviser)
    theirs_on, mine_on = (timezone.localdate() + timedelta(days=days) for days in (10, 17))
    for page in (mine, theirs):
        page.goto(f"/milestones/{milestone.pk}/move/")
    move(theirs, theirs_on, note="")
    assert "moved to" in theirs.get_by_role("alert").inner_text()

    move(mine, mine_on, note="The board met a week later")
    assert mine.locator("h1").inner_text() == "Somebody changed this while you were writing"
    assert day_words(theirs_on) in mine.locator("main").inner_text()
    assert mine.get_by_label("Day", exact=True).input_value() == str(mine_on.day)
    assert mine.get_by_role("textbox", name="Note").input_value() == "The board met a week later"
    assert violations(mine) == []
    assert mine.evaluate("document.documentElement.scrollWidth") <= 320
    milestone.refresh_from_db()
    assert milestone.due_on == theirs_on


def move(page, day, *, note):
    """Fill in a new date, why it moves and a note, and send it."""
    fill_date(page, day)
    page.get_by_label("Agreed with the DfE").check()
    page.get_by_role("textbox", name="Note").fill(note)
    page.get_by_role("button", name="Move the date").click()


def focused(page):
    """The name of what has the focus: its label where it is a field, else its words."""
    return page.evaluate(
        """() => {
            const one = document.activeElement;
            const label = one.labels && one.labels.length ? one.labels[0].textContent : '';
            return (label || one.getAttribute('aria-label') || one.textContent || '').replace(/\\s+/g, ' ').trim();
        }"""
    )


def tab_to(page, name, *, selector="*"):
    """Press Tab until what is called `name` has the focus, which must be seen on everything on the way."""
    walked = []
    for _ in range(120):
        page.keyboard.press("Tab")
        words = focused(page)
        walked.append(words)
        if page.evaluate("document.activeElement === document.body"):
            continue
        assert shows_focus(page), f"no visible focus on {words!r}"
        if words == name and page.evaluate(f"document.activeElement.matches('{selector}')"):
            return walked
    raise AssertionError(f"{name!r} not reached; walked {walked}")


def shows_focus(page):
    """Whether what has the focus looks different from how it looks without."""
    return page.evaluate(
        """() => {
            const one = document.activeElement;
            const look = () => {
                const parts = [one, ...one.querySelectorAll('polygon')];
                return parts.map(part => {
                    const style = getComputedStyle(part);
                    return [style.outline, style.boxShadow, style.backgroundColor, style.color, style.fill,
                            style.border, style.textDecoration].join('|');
                }).join('#');
            };
            const focused = look();
            one.blur();
            const plain = look();
            one.focus();
            return focused !== plain;
        }"""
    )
