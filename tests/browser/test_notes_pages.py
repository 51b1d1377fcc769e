"""In Chromium: notes written without a script and by keys; every page of theirs read by axe, by thumb and at 320 px."""

from uuid import uuid4

import pytest
from django.utils import timezone

from councils.models import Council
from peer_reviews.actions import notes as actions
from peer_reviews.models import Note
from tests.browser.conftest import with_password
from tests.peer_reviews.reviews import make_review

PAGES = ("notes/add/", "notes/", "notes/?q=nothing+fits", "needed/", "notes/lock/")
OF_NOTE = ("", "change/", "share/", "delete/")
# What is pressed in the page itself, and smaller than a thumb; a tick box is pressed by its label too.
TOO_SMALL = """() => [...document.querySelectorAll(
    "main a, main button, main summary, main select, main textarea, main input:not([type=hidden])"
)].filter((each) => each.offsetParent && !each.closest(".govuk-error-summary, .govuk-notification-banner"))
  .map((each) => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.5 || box.width < 43.5).map(([html]) => html)"""


@pytest.fixture
def made(demonstration):
    saltmarsh = Council.objects.get(slug="saltmarsh")
    made = make_review(saltmarsh, today=timezone.localdate(), region=demonstration)
    for person in (made.manager, *made.peers):
        with_password(person)
    return made


def write(made, person, text, *, share=True):
    return actions.write(
        made.review,
        key=uuid4(),
        kind="strength",
        line=made.review.lines.first(),
        text=text,
        source_type="interview",
        voice="police",
        day=made.today,
        written_at=timezone.now(),
        share=share,
        by=made.viewer(person),
        on=made.today,
        now=timezone.now(),
    )


def go(page, made, name):
    page.goto(f"/reviews/{made.review.reference}/{name}")


def test_a_note_is_written_without_a_script_and_what_is_wrong_with_it_is_said_beside_it(visit, made):
    page = visit(made.peers[0], scripts=False)
    go(page, made, "notes/add/")
    page.get_by_label("Strength").check(force=True)
    page.get_by_label("Line 2").check(force=True)
    page.get_by_label("Note", exact=True).fill("The child is 943 476 5919.")
    page.get_by_label("Kind of source").select_option("focus-group")
    page.get_by_label("Whose voice").select_option("social-workers")
    page.get_by_role("button", name="Share with the team").click()
    assert page.locator(".govuk-error-summary").inner_text().count("NHS number") == 1
    assert page.get_by_label("Note", exact=True).input_value() == "The child is 943 476 5919."
    page.get_by_label("Note", exact=True).fill("Case A12 is reviewed weekly.")
    page.get_by_role("button", name="Share with the team").click()
    assert "Case A12 is reviewed weekly." in page.locator("#shared-notes").inner_text()
    # What comes next is most likely of the same line and source; what it says is new.
    assert page.get_by_label("Line 2").is_checked()
    assert page.get_by_label("Note", exact=True).input_value() == ""
    assert Note.objects.get().line.title == "Line 2"


def test_every_page_of_notes_is_right_by_axe_by_thumb_and_at_320_px(visit, violations, made):
    write(made, made.peers[0], "Shared " + "w" * 400)
    other = write(made, made.peers[0], "Shared too.")
    own = write(made, made.manager, "The manager's own.", share=False)
    pages = [
        *PAGES,
        *(f"notes/{own.pk}/{name}" for name in OF_NOTE),
        f"notes/merge/?note={other.pk}&note={own.pk}",
    ]
    wrong = []
    for width in (1280, 320):
        page = visit(made.manager, width=width)
        for name in pages:
            go(page, made, name)
            wrong += [(width, name, each) for each in violations(page)]
            wrong += [(width, name, "small", each) for each in page.evaluate(TOO_SMALL)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append((width, name, "scrolls sideways"))
    assert wrong == []
