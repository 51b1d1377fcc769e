"""In Chromium: a contact logged by keyboard alone, every page of people and contacts, and a brief of one sheet."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.viewer import Viewer
from cases.actions import change_contact
from cases.models import Contact, Recommendation
from councils.models import Council, DeliveryArrangement, PostHolder
from tests.browser.test_journeys import focused, tab_to
from tests.factories import ContactFactory, MilestoneFactory, SourceFactory

CONTACTS = "/councils/saltmarsh/contacts/"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_contact_is_logged_by_keyboard_alone_by_typing_what_was_said_and_pressing_save(
    visit, adviser, scripts
):
    page = visit(adviser, scripts=scripts)
    page.goto("/councils/saltmarsh/")
    tab_to(page, "Log a contact")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{CONTACTS}")
    assert focused(page) == "What was said"
    page.keyboard.type("The board meets on Thursday.")
    page.keyboard.press("Tab")
    assert focused(page) == "Save"
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert").inner_text()
    assert "logged" in alert and "It is kept until" in alert
    made = Contact.objects.get(said="The board meets on Thursday.")
    today = timezone.localdate()
    assert (made.on, made.channel, made.post, made.nature) == (today, "call", "dcs", "fact")
    assert made.made_by == adviser
    assert "The board meets on Thursday." in page.locator(".up-contacts li").first.inner_text()


def test_axe_finds_nothing_wrong_with_any_page_of_people_and_contacts_and_none_is_wide(
    visit, violations, adviser
):
    """Every page, full and empty, and every form with nothing in it sent."""
    holder = PostHolder.objects.filter(council__slug="saltmarsh", office="dcs").latest("from_on")
    contact = Contact.objects.follow_ups_due(timezone.localdate()).get(council__slug="saltmarsh")
    full = ["/councils/saltmarsh/people/", "/councils/saltmarsh/brief/", "/councils/wexcombe/brief/"]
    empty = ["/councils/thornley/people/", "/councils/thornley/brief/", "/councils/thornley/contacts/"]
    forms = [
        "/councils/saltmarsh/people/dcs/",
        "/councils/thornley/people/leader/",
        f"/councils/saltmarsh/people/dcs/{holder.pk}/",
        "/councils/saltmarsh/control/",
        "/councils/thornley/control/",
        CONTACTS,
        f"/contacts/{contact.pk}/",
        f"/contacts/{contact.pk}/followed-up/",
        f"/contacts/{contact.pk}/delete/",
    ]
    page = visit(adviser, width=320)
    for address in full + empty + forms:
        page.goto(address)
        assert page.locator("h1").count() == 1, address
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    for address in forms:
        page.goto(address)
        if not clear(page):
            continue
        page.locator("main form[method=post] button").last.click()
        assert page.locator(".govuk-error-summary").count() == 1, address
        assert violations(page) == [], f"{address} in error"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{address} in error"


def clear(page):
    """Empty what can be typed in the form, and say whether there was anything."""
    boxes = page.locator("main form[method=post]").locator("input[type=text], textarea").all()
    for box in boxes:
        box.fill("")
    return bool(boxes)


def test_of_two_who_change_one_contact_the_second_sees_both_texts(visit, violations, adviser):
    today = timezone.localdate()
    contact = Contact.objects.filter(council__slug="saltmarsh").latest("on")
    page = visit(adviser, width=320)
    page.goto(f"/contacts/{contact.pk}/")
    change_contact(
        contact,
        contacted_on=contact.on,
        channel="visit",
        post="leader",
        said="As a colleague has it.",
        nature="judgement",
        by=Viewer.system(today),
        on=today,
        revision=contact.revision,
    )
    page.get_by_label("What was said").fill("Typed with care.")
    page.get_by_role("button", name="Save").click()
    assert page.locator("h1").inner_text() == "Somebody changed this while you were writing"
    assert "As a colleague has it." in page.locator("main").inner_text()
    assert page.get_by_label("What was said").input_value() == "Typed with care."
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Save all the same").click()
    contact.refresh_from_db()
    assert contact.said == "Typed with care."


def test_of_two_who_write_of_one_post_or_of_control_the_second_sees_both_texts(visit, violations, adviser):
    holder = PostHolder.objects.filter(council__slug="saltmarsh", office="dcs").latest("from_on")
    page = visit(adviser, width=320)
    for address, seen in (
        ("/councils/saltmarsh/people/dcs/", "seen"),
        (f"/councils/saltmarsh/people/dcs/{holder.pk}/", "revision"),
        ("/councils/saltmarsh/control/", "seen"),
    ):
        page.goto(address)
        form = page.locator("main form[method=post]")
        if form.get_by_label("Name").count():
            form.get_by_label("Name").fill("Ottilie Sedge")
            form.get_by_label("Permanent").check()
        form.locator(f"[name={seen}]").evaluate("field => field.value = '0'")
        form.get_by_role("button").click()
        assert page.locator("h1").inner_text() == "Somebody changed this while you were writing", address
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_a_council_keeps_its_own_people_and_a_stranger_reads_them(visit, approver, peer):
    page = visit(approver)
    page.goto("/councils/saltmarsh/")
    assert not page.get_by_text("contact", exact=False).count()
    page.get_by_role("link", name="Change who holds a post").click()
    page.get_by_role("row", name="Chief executive").get_by_role("link").click()
    page.get_by_label("Name").fill("Ottilie Sedge")
    page.get_by_label("Interim").check()
    page.get_by_role("button", name="Save").click()
    assert "Chief executive: Ottilie Sedge, interim" in page.get_by_role("alert").inner_text()
    theirs = visit(peer)
    theirs.goto("/councils/saltmarsh/people/")
    assert "Ottilie Sedge" in theirs.get_by_role("row", name="Chief executive").inner_text()
    assert not theirs.get_by_role("link", name="Change").count()


def sheets(page):
    """How many sheets of A4 the page shown prints on."""
    return len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True)))


def test_every_brief_prints_on_one_sheet_of_a4_the_fullest_too(visit, adviser, demonstration):
    page = visit(adviser)
    for slug in Council.objects.filter(demonstration=True).values_list("slug", flat=True):
        page.goto(f"/councils/{slug}/brief/")
        assert sheets(page) == 1, slug
    saltmarsh = Council.objects.get(slug="saltmarsh")
    fill(saltmarsh)
    page.goto("/councils/saltmarsh/brief/")
    told = page.locator("main").inner_text()
    assert "more to follow up" in told and told.count("more") >= 4
    assert sheets(page) == 1
    assert "Date calculator" not in printed(page)


def fill(council):
    """Give a council more, and longer, of everything than a sheet could ever hold."""
    today, case = timezone.localdate(), council.cases.get()
    source = SourceFactory(council=council)
    for number in range(15):
        due = {"case": case, "label": "A plan of many words sent to all who have asked for it " * 2}
        MilestoneFactory(**due, due_on=today - timedelta(days=40 + number), entered_on=today)
        MilestoneFactory(**due, due_on=today + timedelta(days=40 + number))
        Recommendation.objects.create(
            council=council, source=source, number=number + 1, text="So many words. " * 60, entered_on=today
        )
        ContactFactory(council=council, on=today, follow_up_on=today, said="So much to say. " * 200)
    PostHolder.objects.filter(council=council).exclude(name="").update(
        name="Theophania Longstaff-Wetherby " * 3
    )
    council.controls.update(
        detail="Of many parties that agree on little but the day of the next election, " * 2
    )
    body = DeliveryArrangement.objects.filter(council__slug="wexcombe").get().body
    body.name = "The Children’s Services Improvement Company of Many Councils Limited by Guarantee"
    body.save()
    DeliveryArrangement.objects.create(council=council, body=body, from_on=today)


def printed(page):
    """The words that stand on paper."""
    page.emulate_media(media="print")
    return page.locator("body").inner_text()
