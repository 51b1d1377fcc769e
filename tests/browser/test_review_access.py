"""Peer reviews for everybody: each list, the pool and the team; each form posted empty, or late; by keys, by thumb.

Pages that have a browser test of their own are walked there: setting up, on site, notes, findings, the report.
"""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from peer_reviews.actions import peers as pool
from peer_reviews.actions import requests, teams, timetable
from peer_reviews.models import Activity, KindPlace, Peer, PeerReview, PeerRole, Request, Stage, TeamMember
from tests.factories import CouncilFactory, RegionFactory
from tests.peer_reviews.reviews import make_peer, make_review

# Chromium first: what it starts decides which connection the tables are emptied by.
pytestmark = pytest.mark.usefixtures("chromium", "transactional_db", "reference")

EMPTY_IT = """form => [...form.elements].forEach(field => {
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = false
    else if (field.matches("select")) field.selectedIndex = 0
    else if (field.matches("textarea, input:not([type=hidden], [type=file])")) field.value = ""
})"""
# What the summary names: each leads to a field of the page.
LEADS_NOWHERE = """() => [...document.querySelectorAll(".govuk-error-summary a")]
    .filter(link => !document.getElementById(link.hash.slice(1))).map(link => link.textContent)"""
# What a person can press or fill in, other than a radio button beside the one that keys reach first.
PRESSABLE = """() => [...document.querySelectorAll(
    "main a[href], main button, main select, main textarea, main summary, main input:not([type=hidden], [type=radio])"
)].filter(each => each.checkVisibility()).length"""
STANDS_OUT = """() => {
    const seen = (element) => {
        const style = getComputedStyle(element)
        return (style.outlineStyle != "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow != "none"
    }
    const at = document.activeElement
    const drawn = (label) => getComputedStyle(label, "::before").boxShadow != "none"
    return seen(at) || [...(at.labels || [])].some(label => seen(label) || drawn(label))
}"""


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def made(today):
    """A review on site."""
    region = RegionFactory(name="The Marshes")
    made = make_review(CouncilFactory(name="Ashfen", region=region), region=region, today=today)
    KindPlace.objects.create(kind=made.review.kind, role="operational", number=3)
    return made


@pytest.fixture
def building(today):
    """A review whose team is put together; one peer is put forward, and two more would fit."""
    region = RegionFactory(name="The Marshes")
    council = CouncilFactory(name="Ashfen", region=region)
    made = make_review(council, stage=Stage.SCOPED, peers=0, region=region, today=today)
    days = {"first_day": today + timedelta(days=70), "last_day": today + timedelta(days=73)}
    PeerReview.objects.filter(pk=made.review.pk).update(**days)
    made.review.refresh_from_db()
    KindPlace.objects.create(kind=made.review.kind, role="lead", number=1)
    for name in ("Kit Moss", "Wren Alder", "Juniper Vale"):
        PeerRole.objects.create(peer=make_peer(name), role="lead")
    teams.put_forward(
        made.review,
        peer=Peer.objects.get(name="Kit Moss"),
        role="lead",
        by=made.viewer(made.manager),
        on=today,
    )
    return made


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"]


@pytest.fixture
def walk(visit, violations):
    """Return what is wrong with pages as a person sees them 320 pixels wide, and the titles that they bear."""

    def look(person, addresses):
        page, found, titles = visit(person, width=320), {}, []
        for address in addresses:
            answer = page.goto(address)
            wrong = violations(page) + ["too wide"] * too_wide(page)
            if answer.status != 200 or page.locator("h1").count() != 1:
                wrong.append(f"{answer.status}, {page.locator('h1').count()} headings")
            found[address] = wrong
            titles.append(page.title())
        return {address: wrong for address, wrong in found.items() if wrong}, titles

    return look


@pytest.fixture
def post_empty(visit, violations):
    """Return {address: what is wrong} of forms sent with nothing in them: said first, in a summary with the focus."""

    def look(person, addresses):
        page, found = visit(person, width=320), {}
        for address in addresses:
            page.goto(address)
            form = page.locator("main form[method=post]").first
            form.evaluate(EMPTY_IT)
            with page.expect_navigation():
                form.evaluate("form => form.requestSubmit()")
            if not page.locator(".govuk-error-summary li").count():
                found[address] = ["no summary"]
                continue
            wrong = violations(page) + ["too wide"] * too_wide(page)
            wrong += [f"leads nowhere: {words}" for words in page.evaluate(LEADS_NOWHERE)]
            if not page.evaluate("document.activeElement.closest('.govuk-error-summary') !== null"):
                wrong.append("the summary has no focus")
            if not page.title().startswith("Error: "):
                wrong.append(page.title())
            found[address] = wrong
        return {address: wrong for address, wrong in found.items() if wrong}

    return look


def peer_with_everything(made, today):
    """A peer with a post, what keeps them away, days away and training; return their page and each row's."""
    by = {"by": made.viewer(made.manager), "on": today}
    peer = make_peer("Merrily Oxbow", about="Long in practice. " + "z" * 200)
    home = peer.get_absolute_url()
    tie = pool.add_tie(peer, council=made.council, kind="conflict", note="Lives there", **by)
    away = pool.add_unavailable(peer, from_on=today, until_on=today + timedelta(days=9), note="", **by)
    course = pool.add_training(
        peer, name="Two days", trained_on=today, accreditation=False, expires_on=None, **by
    )
    rows = [f"ties/{tie.pk}/end/", f"ties/{tie.pk}/take-back/", f"unavailable/{away.pk}/remove/"]
    rows += [f"training/{course.pk}/remove/", f"posts/{peer.posts.get().pk}/end/"]
    return home, [home + row for row in rows]


ASKED_OF_PEER = (
    "change/",
    "left/",
    "posts/add/",
    "ties/add/",
    "unavailable/add/",
    "training/add/",
    "days-lent/record/",
)


def test_lists_the_pool_and_its_forms_pass_axe_fit_320_pixels_and_each_says_in_its_title_what_it_is(
    walk, post_empty, made, today
):
    home, rows = peer_with_everything(made, today)
    forms = [home + name for name in ASKED_OF_PEER]
    pages = ["/reviews/", "/reviews/calendar/", "/reviews/due/", "/reviews/past/", "/approaches/", "/peers/"]
    pages += [
        "/peers/add/",
        "/peers/import/",
        "/peers/days-lent/",
        "/lessons/",
        "/lessons/write/",
        home,
        *rows,
        *forms,
    ]
    wrong, titles = walk(made.manager, pages)
    assert wrong == {}
    assert len(set(titles)) == len(titles)
    nothing = [
        "/reviews/?year=1999",
        "/peers/?q=nobody",
        "/lessons/?q=nothing",
        "/reviews/calendar/?from=2031-01-06",
    ]
    assert walk(made.manager, nothing)[0] == {}
    asked = [*forms, rows[-1], "/reviews/past/", "/peers/add/", "/peers/import/", "/lessons/write/"]
    assert post_empty(made.manager, asked) == {}


def test_the_team_is_built_and_agreed_on_pages_that_pass_axe_and_fit_320_pixels(walk, post_empty, building):
    home = f"/reviews/{building.review.reference}/"
    member = TeamMember.objects.get(peer__name="Kit Moss")
    one = f"{home}team/members/{member.pk}/"
    forms = [f"{home}team/manager/", f"{one}stand-down/"]
    wrong, titles = walk(
        building.manager, [f"{home}team/", f"{home}team/lead/suggestions/", f"{home}team/confirm/", *forms]
    )
    assert wrong == {}
    assert len(set(titles)) == len(titles)
    assert walk(building.approver, [f"{home}team/", f"{home}team/objections/", f"{one}agree/"])[0] == {}
    assert post_empty(building.manager, forms) == {}
    assert post_empty(building.approver, [f"{one}agree/"]) == {}


def test_each_form_of_a_review_posted_empty_says_what_is_missing_where_it_is_missing(post_empty, made, today):
    by = {"by": made.viewer(made.peers[0]), "on": today}
    asked = requests.ask_for(made.review, kind="document", text="The last audit", due_on=today, **by)
    home = f"/reviews/{made.review.reference}/"
    of_manager = [
        "scope/",
        "days/",
        "postpone/",
        "cancel/",
        "endorse/",
        "subsidy/",
        "ofsted-call/",
        "notes/lock/",
    ]
    of_team = ["timetable/add/", "requests/ask/", "audits/add/", "keep-in-touch/add/", "worried/"]
    of_team += ["findings/add/", "pre-brief/"]
    assert post_empty(made.manager, [home + name for name in of_manager]) == {}
    assert post_empty(made.peers[0], [home + name for name in of_team]) == {}
    assert post_empty(made.approver, [f"{home}requests/{asked.pk}/answer/", f"{home}room/add/"]) == {}


def test_whoever_saves_second_is_shown_both_texts_on_a_page_that_passes_axe(visit, violations, made, today):
    activity = timetable.add_activity(
        made.review,
        on_day=today,
        starts_at=time(9, 0),
        ends_at=time(10, 0),
        title="Focus group",
        source_type="focus-group",
        voice="social-workers",
        by=made.viewer(made.manager),
        on=today,
    )
    peer = make_peer("Merrily Oxbow")
    home = f"/reviews/{made.review.reference}/"
    late = {
        f"{home}scope/": (PeerReview, made.review.pk),
        f"{home}timetable/{activity.pk}/change/": (Activity, activity.pk),
        f"{peer.get_absolute_url()}change/": (Peer, peer.pk),
    }
    PeerRole.objects.create(peer=peer, role="lead")
    page = visit(made.manager, width=320)
    for address, (model, pk) in late.items():
        page.goto(address)
        if page.get_by_label("Scope", exact=True).count():
            page.get_by_label("Scope", exact=True).fill("The front door")
        row = model.objects.get(pk=pk)
        model.objects.filter(pk=pk).update(revision=row.revision + 1)
        with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            page.locator("main form[method=post] button").first.click()
        assert answered.value.status == 409, address
        assert violations(page) == [], address
        assert not too_wide(page), address


def test_a_request_and_a_place_on_the_team_are_asked_for_and_answered_without_a_script(visit, made, today):
    home = f"/reviews/{made.review.reference}/"
    peer = visit(made.peers[0], scripts=False, width=375)
    peer.goto(f"{home}requests/ask/")
    peer.locator("main input[type=radio]").first.check()
    peer.locator("main textarea").first.fill("Supervision notes of two teams")
    peer.locator("main form[method=post] button").click()
    asked = Request.objects.get()
    assert asked.text == "Supervision notes of two teams"
    council = visit(made.contributor, scripts=False, width=375)
    council.goto(f"{home}requests/{asked.pk}/answer/")
    council.locator("main input[type=radio]").first.check()
    council.locator("main textarea").first.fill("In the room")
    council.locator("main form[method=post] button").click()
    asked.refresh_from_db()
    assert asked.answer == "In the room"


def test_a_peer_is_put_forward_and_agreed_to_without_a_script(visit, building):
    home = f"/reviews/{building.review.reference}/"
    manager = visit(building.manager, scripts=False)
    manager.goto(f"{home}team/lead/suggestions/")
    manager.get_by_role("button", name="Put forward Wren Alder").click()
    if manager.url.endswith("/add/"):
        manager.locator("main form[method=post] button").first.click()
    member = TeamMember.objects.get(peer__name="Wren Alder")
    approver = visit(building.approver, scripts=False)
    approver.goto(f"{home}team/members/{member.pk}/agree/")
    approver.locator("main input[type=radio]").first.check()
    approver.locator("main form[method=post] button").first.click()
    member.refresh_from_db()
    assert member.council_agreed_on is not None


def reached_by_tab(page):
    """Press Tab from the top of the page to its end; return how much of `main` it reached, and what was unseen."""
    reached, unseen = set(), []
    page.evaluate("document.activeElement.blur()")
    for _ in range(120):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => {
                const at = document.activeElement
                if (!at || at == document.body) return null
                const all = [...document.querySelectorAll("*")]
                return [all.indexOf(at), Boolean(at.closest("main")), at.outerHTML.slice(0, 100), at.type || ""]
            }"""
        )
        if at is None or (at[0] in reached and at[1]):
            break
        if at[1]:
            reached.add(at[0])
            if not page.evaluate(STANDS_OUT):
                unseen.append(at[2])
    radios = page.evaluate(
        "() => new Set([...document.querySelectorAll('main [type=radio]')].map(r => r.name)).size"
    )
    return len(reached), page.evaluate(PRESSABLE) + radios, unseen


@pytest.mark.parametrize("where", ["notes/add/", "team/lead/suggestions/"])
def test_keys_alone_reach_everything_on_the_note_page_and_the_team_builder_and_one_sees_where_one_is(
    visit, made, building, where
):
    review = made if where.startswith("notes") else building
    page = visit(review.manager)
    page.goto(f"/reviews/{review.review.reference}/{where}")
    reached, pressable, unseen = reached_by_tab(page)
    assert unseen == []
    assert reached >= pressable > 4
