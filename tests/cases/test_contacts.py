"""Contacts: logged in one form, for the LGA alone, and gone at their day with nothing left of their words."""

import json
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import (
    Refused,
    Stale,
    change_contact,
    delete_contact,
    delete_expired_contacts,
    followed_up,
    log_contact,
)
from cases.models import Contact, RetentionRule
from cases.rules import add_months
from history.models import Event
from improvement.tasks import nightly
from tests.factories import (
    TODAY,
    CaseFactory,
    ContactFactory,
    CouncilFactory,
    RegionFactory,
    person_with,
    viewer_with,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

SAID = "The director is worried about the budget for placements."
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        yield


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def council(region):
    return CouncilFactory(slug="saltmarsh", name="Saltmarsh", region=region)


@pytest.fixture
def adviser(region):
    return viewer_with(Role.LGA_ADVISER, region=region)


@pytest.fixture
def contact(council):
    return ContactFactory(council=council, said=SAID)


GIVEN = {"contacted_on": TODAY, "channel": "call", "post": "dcs", "said": SAID, "nature": "fact"}


def logged(council, by, **changes):
    return log_contact(council=council, **GIVEN | changes, by=by, on=TODAY)


def changed(contact, by, **changes):
    return change_contact(contact, **GIVEN | {"revision": 1} | changes, by=by, on=TODAY)


def refusal(act, *args, **changes):
    with pytest.raises(Refused) as refused:
        act(*args, **changes)
    return refused.value.field


# What is written down


def test_a_contact_is_kept_as_long_as_the_rule_of_its_day_says(council, adviser):
    assert logged(council, adviser).retain_until == add_months(TODAY, 24)
    earlier = TODAY - timedelta(days=100)
    assert logged(council, adviser, contacted_on=earlier).retain_until == add_months(earlier, 24)
    RetentionRule.objects.filter(kind="contact").update(until_on=TODAY)
    RetentionRule.objects.create(kind="contact", months=6, from_on=TODAY)
    assert logged(council, adviser).retain_until == add_months(TODAY, 6)
    assert logged(council, adviser, contacted_on=earlier).retain_until == add_months(earlier, 24)


def test_one_contact_may_be_kept_shorter_or_longer(council, adviser):
    for until in (TODAY + A_DAY, date(2032, 1, 1)):
        assert logged(council, adviser, retain_until=until).retain_until == until
    contact = logged(council, adviser)
    assert changed(contact, adviser, retain_until=TODAY + A_DAY).retain_until == TODAY + A_DAY


def test_what_cannot_be_is_refused_at_its_field(council, adviser):
    assert refusal(logged, council, adviser, contacted_on=TODAY + A_DAY) == "contacted_on"
    assert refusal(logged, council, adviser, follow_up_on=TODAY - A_DAY) == "follow_up_on"
    assert refusal(logged, council, adviser, said="  ") == "said"
    assert refusal(logged, council, adviser, channel="pigeon") == "channel"
    assert refusal(logged, council, adviser, post="mayor") == "post"
    assert refusal(logged, council, adviser, nature="rumour") == "nature"
    assert refusal(logged, council, adviser, retain_until=TODAY) == "retain_until"
    long_ago = add_months(TODAY, -24)
    assert refusal(logged, council, adviser, contacted_on=long_ago) == "retain_until"
    RetentionRule.objects.all().delete()
    assert refusal(logged, council, adviser) == "retain_until"
    assert not Contact.objects.exists()


def test_a_stale_change_is_refused_with_what_it_has_become(contact, adviser):
    changed(contact, adviser, said="It was the chief executive who said so.", post="chief-executive")
    for act in (
        lambda: changed(contact, adviser),
        lambda: followed_up(contact, by=adviser, on=TODAY, revision=1),
        lambda: delete_contact(contact, reason="Twice", by=adviser, on=TODAY, revision=1),
    ):
        with pytest.raises(Stale) as stale, transaction.atomic():
            act()
        assert stale.value.current.post == "chief-executive"


def test_a_colleague_may_change_what_an_adviser_wrote(council, region, adviser):
    contact = logged(council, adviser)
    colleague = viewer_with(Role.PRINCIPAL_ADVISER, region=region)
    assert changed(contact, colleague, said="Mended").made_by_id == adviser.person_id


# Following up


def test_a_follow_up_is_due_from_its_day_until_it_is_done_as_at_any_day(council, adviser):
    contact = logged(council, adviser, follow_up_on=TODAY)
    later = logged(council, adviser, follow_up_on=TODAY + A_DAY)
    logged(council, adviser)
    assert list(Contact.objects.follow_ups_due(TODAY)) == [contact]
    assert set(Contact.objects.follow_ups_due(TODAY + A_DAY)) == {contact, later}
    assert not Contact.objects.follow_ups_due(TODAY - A_DAY).exists()
    followed_up(contact, by=adviser, on=TODAY + A_DAY, revision=1)
    assert list(Contact.objects.follow_ups_due(TODAY)) == [contact], "as it was on that day"
    assert list(Contact.objects.follow_ups_due(TODAY + A_DAY)) == [later]


def test_once_followed_up_it_is_not_again_until_another_day_is_set(council, adviser):
    contact = followed_up(logged(council, adviser, follow_up_on=TODAY), by=adviser, on=TODAY, revision=1)
    with pytest.raises(Refused):
        followed_up(contact, by=adviser, on=TODAY, revision=2)
    contact = changed(contact, adviser, follow_up_on=TODAY, said="Mended", revision=2)
    assert contact.followed_up_on == TODAY
    contact = changed(contact, adviser, follow_up_on=TODAY + A_DAY, revision=3)
    assert contact.followed_up_on is None
    with pytest.raises(Refused):
        followed_up(logged(council, adviser), by=adviser, on=TODAY, revision=1)


# How it goes


def test_deleted_its_row_goes_and_its_day_channel_and_reason_stay(contact, adviser):
    with pytest.raises(Refused), transaction.atomic():
        delete_contact(contact, reason=" ", by=adviser, on=TODAY, revision=1)
    delete_contact(contact, reason="Entered twice", by=adviser, on=TODAY, revision=1)
    assert not Contact.objects.exists()
    event = Event.objects.get(kind="contact-deleted")
    assert event.data == {"contacted_on": "2026-10-26", "channel": "call", "reason": "Entered twice"}


def test_what_is_no_longer_kept_goes_in_the_night_and_only_that(council):
    ContactFactory(council=council, retain_until=TODAY)
    kept = ContactFactory(council=council, retain_until=TODAY + A_DAY)
    nightly()
    assert list(Contact.objects.all()) == [kept]
    event = Event.objects.get(kind="contact-deleted")
    assert (event.by_id, event.data["reason"], event.on) == (None, "retention date", TODAY)
    assert delete_expired_contacts(by=Viewer.system(TODAY), on=TODAY) == 0


def test_what_is_no_longer_kept_is_not_shown_though_the_night_has_not_come(council, adviser):
    late = ContactFactory(council=council, retain_until=TODAY)
    assert not Contact.objects.visible_to(adviser).exists()
    with pytest.raises(PermissionDenied):
        changed(late, adviser)


def test_nobody_but_upstream_itself_deletes_what_has_expired(adviser):
    with pytest.raises(PermissionDenied):
        delete_expired_contacts(by=adviser, on=TODAY)


def test_no_event_holds_what_was_said(council, adviser):
    contact = logged(council, adviser, follow_up_on=TODAY)
    contact = changed(contact, adviser, said="It was the leader who said so.", follow_up_on=TODAY)
    contact = followed_up(contact, by=adviser, on=TODAY, revision=2)
    delete_contact(contact, reason="Not needed", by=adviser, on=TODAY, revision=3)
    events = Event.objects.filter(council_code=council.la_code).order_by("id")
    assert [event.kind for event in events] == [
        "contact-logged",
        "contact-changed",
        "contact-followed-up",
        "contact-deleted",
    ]
    told = json.dumps([event.data for event in events])
    assert "director" not in told and "leader" not in told


# Who


def somebody(role, council, region):
    reach = {
        Role.LGA_ADVISER: {"region": region},
        Role.PRINCIPAL_ADVISER: {"region": region},
        Role.NATIONAL_LEAD: {},
        Role.ADMINISTRATOR: {},
    }
    return person_with(role, **reach.get(role, {"council": council}))


OF_THE_LGA = {Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER, Role.NATIONAL_LEAD}


@pytest.mark.parametrize("role", [role for role in Role if role not in OF_THE_LGA])
def test_councils_and_the_dfe_never_see_a_contact_anywhere(client, council, region, adviser, role):
    """Not on pages, their tables, the brief or the history, before and after it is followed up and deleted."""
    CaseFactory(council=council)
    contact = logged(council, adviser, follow_up_on=TODAY)
    gone = logged(council, adviser, said="Said and deleted.")
    delete_contact(gone, reason="A reason of the LGA's", by=adviser, on=TODAY, revision=1)
    client.force_login(somebody(role, council, region))
    addresses = [
        "/",
        "/england/",
        f"/regions/{region.slug}/",
        *(f"/councils/saltmarsh/{page}" for page in ("", "people/", "history/", "brief/")),
    ]
    tables = ["judgements", "visits", "intervention", "milestones", "people"]
    addresses += ["/?format=csv", "/councils/saltmarsh/history/?format=csv"]
    addresses += [f"/councils/saltmarsh/?format=csv&table={table}" for table in tables]
    for address in addresses:
        response = client.get(address)
        assert response.status_code in (200, 404), address
        body = b"".join(response.streaming_content) if response.streaming else response.content
        told = body.decode().lower()
        for word in (SAID.lower(), "contact", "a reason of the lga", "said and deleted"):
            assert word not in told, (address, word)
    for name, argument in (
        ("council_contacts", "saltmarsh"),
        ("contact_change", contact.pk),
        ("contact_followed_up", contact.pk),
        ("contact_delete", contact.pk),
    ):
        path = reverse(name, args=[argument])
        assert (client.get(path).status_code, client.post(path).status_code) == (404, 404), name
    with pytest.raises(PermissionDenied):
        logged(council, Viewer.of(somebody(role, council, region), TODAY))


def test_the_owner_and_a_colleague_see_and_write_the_national_lead_reads_a_stranger_finds_nothing(
    client, council, region, adviser
):
    logged(council, adviser)
    page = reverse("council_contacts", args=["saltmarsh"])
    for role in (Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER):
        client.force_login(somebody(role, council, region))
        assert SAID in text(client.get(page)) and SAID in text(client.get("/councils/saltmarsh/"))
        assert "Log a contact" in text(client.get(page))
    client.force_login(somebody(Role.NATIONAL_LEAD, council, region))
    shown = text(client.get(page))
    assert SAID in shown and "Log a contact" not in shown
    assert client.post(page, sent()).status_code == 403
    assert "Log a contact" not in text(client.get("/councils/saltmarsh/"))
    client.force_login(person_with(Role.LGA_ADVISER, region=RegionFactory()))
    assert client.get(page).status_code == 404
    assert SAID not in text(client.get("/councils/saltmarsh/"))
    with pytest.raises(PermissionDenied):
        logged(council, viewer_with(Role.LGA_ADVISER, region=RegionFactory()))


def test_the_lga_finds_contacts_in_the_history_and_who_sees_no_lga_matter_does_not(
    client, council, region, adviser
):
    logged(council, adviser)
    client.force_login(somebody(Role.PRINCIPAL_ADVISER, council, region))
    assert "Contact logged" in text(client.get("/councils/saltmarsh/history/"))
    Event.objects.create(kind="council-allocated", on=TODAY, council_code=council.la_code)
    client.force_login(somebody(Role.COUNCIL_APPROVER, council, region))
    history = text(client.get("/councils/saltmarsh/history/"))
    assert "Contact" not in history and "allocated" not in history


# The pages


def text(response):
    return " ".join(response.content.decode().split())


def day(name, value):
    return {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year}


def sent(**changes):
    given = {"channel": "call", "post": "dcs", "nature": "fact", "said": SAID}
    return given | day("contacted_on", TODAY) | changes


@pytest.fixture
def signed_in(client, council, region):
    client.force_login(person_with(Role.LGA_ADVISER, region=region, name="Linnet Oakes"))
    return client


PAGE = "/councils/saltmarsh/contacts/"


def test_the_form_stands_first_filled_in_but_for_what_was_said_which_has_the_focus(signed_in, contact):
    response = signed_in.get(PAGE)
    form, page = response.context["form"], text(response)
    filled = {name: form[name].value() for name in ("contacted_on", "channel", "post", "nature", "said")}
    assert filled == {
        "contacted_on": TODAY,
        "channel": "call",
        "post": "dcs",
        "nature": "fact",
        "said": None,
    }
    assert page.count("autofocus") == 1 and "autofocus" in page.split('name="said"')[1].split(">")[0]
    assert page.index('name="said"') < page.index(SAID)
    assert "posts, not names" in page and "Nothing about a child" in page
    assert "kept until 2 November 2028" in page


def test_logged_it_says_until_when_it_is_kept_and_stands_on_top(signed_in, contact):
    page = text(signed_in.post(PAGE, sent(said="Said today."), follow=True))
    assert "Contact of 2 November 2026 logged. It is kept until 2 November 2028." in page
    assert page.index("Said today.") < page.index(SAID)
    assert "Logged by Linnet Oakes" in page


def test_an_error_keeps_what_was_typed(signed_in):
    page = text(signed_in.post(PAGE, sent(said="Typed with care", **day("follow_up_on", TODAY - A_DAY))))
    assert page.count("The day to follow up must not be before the contact") == 2
    assert "Typed with care" in page and "<title>Error: " in page
    assert "Enter what was said" in text(signed_in.post(PAGE, sent(said="")))
    assert not Contact.objects.exists()


def test_changed_on_its_own_page_and_refused_with_both_texts_when_stale(signed_in, contact, adviser):
    page = reverse("contact_change", args=[contact.pk])
    assert SAID in text(signed_in.get(page))
    changed(contact, adviser, said="As a colleague has it.")
    mine = sent(said="Typed with care", revision=1, **day("retain_until", date(2027, 1, 1)))
    response = signed_in.post(page, mine)
    both = text(response)
    assert response.status_code == 409
    assert "As a colleague has it." in both and "Typed with care" in both
    assert 'name="revision" value="2"' in both
    assert signed_in.post(page, {**mine, "revision": 2}).status_code == 302
    contact.refresh_from_db()
    assert (contact.said, contact.retain_until) == ("Typed with care", date(2027, 1, 1))


def test_followed_up_and_deleted_each_on_a_page_that_shows_it(signed_in, council, adviser):
    contact = logged(council, adviser, follow_up_on=TODAY)
    assert "1 to follow up" in text(signed_in.get(PAGE))
    page = reverse("contact_followed_up", args=[contact.pk])
    assert SAID in text(signed_in.get(page))
    done = text(signed_in.post(page, {"revision": 1}, follow=True))
    assert "Followed up on 2 November 2026" in done and "1 to follow up" not in done
    page = reverse("contact_delete", args=[contact.pk])
    assert "Enter why it is deleted" in text(signed_in.post(page, {"revision": 2}))
    gone = text(signed_in.post(page, {"revision": 2, "reason": "Entered twice"}, follow=True))
    assert "2 November 2026, telephone: Entered twice (deleted 2 November 2026)" in gone
    assert SAID not in gone
    assert signed_in.get(page).status_code == 404


def test_a_council_page_tells_what_is_to_follow_up_first_as_at_the_day(signed_in, council):
    old = ContactFactory(
        council=council, on=date(2026, 3, 2), said="Long ago.", follow_up_on=date(2026, 10, 30)
    )
    for number in range(6):
        ContactFactory(council=council, on=TODAY - timedelta(days=number), said=f"Said {number}.")
    page = text(signed_in.get("/councils/saltmarsh/"))
    assert page.index("Long ago.") < page.index("Said 0.") < page.index("Said 4.")
    assert "Said 5." not in page
    earlier = text(signed_in.get("/councils/saltmarsh/", {"on": "2026-10-27"}))
    assert "Said" not in earlier.split('id="contacts"')[1].split("</section>")[0]
    assert old.said in earlier


def test_many_contacts_are_paged_in_the_same_number_of_queries(
    signed_in, council, adviser, django_assert_num_queries
):
    for _ in range(3):
        ContactFactory(council=council, made_by_id=adviser.person_id)
    with django_assert_num_queries(10):
        signed_in.get(PAGE)
    for _ in range(30):
        ContactFactory(council=council, made_by_id=adviser.person_id)
    with django_assert_num_queries(10):
        page = text(signed_in.get(PAGE))
    assert "33 contacts" in page and "Page 1 of 2" in page
    assert text(signed_in.get(PAGE, {"page": 2})).count('<li class="up-contact"') == 8


def test_a_change_typed_while_somebody_deletes_the_contact_is_kept_to_be_logged_anew(
    signed_in, council, contact, adviser
):
    page = reverse("contact_change", args=[contact.pk])
    number = contact.pk
    delete_contact(contact, reason="Logged twice", by=adviser, on=TODAY, revision=contact.revision)
    typed = {"said": "What I had typed", "channel": "email", "post": "leader", "nature": "judgement"}
    days = {"contacted_on_0": "2", "contacted_on_1": "11", "contacted_on_2": "2026"}
    answer = signed_in.post(page, {**typed, **days, "revision": 1})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody deleted this contact" in text and "What I had typed" in text
    assert f'action="{PAGE}"' in text and not Contact.objects.filter(pk=number).exists()
    assert signed_in.get(page).status_code == 404


def test_that_a_contact_was_deleted_is_told_to_nobody_but_the_lga(client, council, contact, adviser):
    delete_contact(contact, reason="Logged twice", by=adviser, on=TODAY, revision=contact.revision)
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
    assert client.post(reverse("contact_change", args=[contact.pk]), {}).status_code == 404
