"""Who holds a council's posts and who runs it: one after the other, corrected, and never named in an event."""

import json
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.permissions import Role
from cases.actions import Refused, Stale, appoint, correct_control, correct_post, end_post, set_control
from cases.presenters import day_words
from councils.models import Office, PoliticalControl, PostHolder
from history.models import Event
from tests.factories import (
    TODAY,
    CouncilFactory,
    PoliticalControlFactory,
    PostHolderFactory,
    RegionFactory,
    person_with,
    viewer_with,
)

pytestmark = pytest.mark.django_db

LAST_YEAR = TODAY - timedelta(days=400)
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
def holder(council):
    """Corin Sandpiper, director since 1 January 2026."""
    return PostHolderFactory(council=council)


def appointed(council, by, **changes):
    given = {"office": Office.DCS, "name": "Calla Reed", "terms": "interim", "from_on": TODAY}
    return appoint(council=council, **given | changes, by=by, on=TODAY)


def corrected(holder, by, **changes):
    given = {name: getattr(holder, name) for name in ("name", "terms", "from_on", "until_on", "revision")}
    return correct_post(holder, **given | changes, by=by, on=TODAY)


def refusal(act, *args, **changes):
    with pytest.raises(Refused) as refused:
        act(*args, **changes)
    return refused.value.field, refused.value.message


# Appointing


def test_a_new_holder_ends_the_one_before_on_that_day(council, adviser, holder):
    made = appointed(council, adviser)
    holder.refresh_from_db()
    assert (holder.until_on, holder.revision) == (TODAY, 2)
    assert list(PostHolder.objects.on(TODAY)) == [made]
    assert list(PostHolder.objects.on(TODAY - A_DAY)) == [holder]


def test_a_post_is_vacant_without_a_name_and_held_with_one(council, adviser):
    assert refusal(appointed, council, adviser, name="")[0] == "name"
    assert refusal(appointed, council, adviser, terms="vacant")[0] == "name"
    assert refusal(appointed, council, adviser, terms="acting")[0] == "terms"
    assert refusal(appointed, council, adviser, office="mayor")[0] == "office"
    assert appointed(council, adviser, name="", terms="vacant").name == ""


def test_an_announced_holder_leaves_the_present_one_in_post_until_the_day(council, adviser, holder):
    appointed(council, adviser, from_on=TODAY + timedelta(days=60))
    assert PostHolder.objects.on(TODAY).get() == holder


@pytest.mark.parametrize(
    ("from_on", "words"),
    [
        (date(2026, 1, 1), "Corin Sandpiper is recorded from that day"),
        (TODAY + timedelta(days=367), "within a year"),
        (date(2019, 3, 31), "The council began on 1 April 2019"),
        (date(2027, 10, 1), "The council ended on 1 October 2027"),
    ],
)
def test_a_wrong_day_is_refused_in_words(council, adviser, holder, from_on, words):
    council.from_on, council.until_on = date(2019, 4, 1), date(2027, 10, 1)
    council.save()
    field, message = refusal(appointed, council, adviser, from_on=from_on)
    assert field == "from_on" and words in message
    assert PostHolder.objects.get().until_on is None


def test_a_day_of_which_nobody_is_recorded_is_filled_until_the_next(council, adviser, holder):
    made = appointed(council, adviser, from_on=LAST_YEAR)
    assert (made.from_on, made.until_on) == (LAST_YEAR, holder.from_on)
    field, message = refusal(appointed, council, adviser, name="Kit Moss", from_on=LAST_YEAR + A_DAY)
    assert field == "from_on" and "Calla Reed is recorded until 31 December 2025" in message


def test_who_has_not_read_the_latest_entry_is_told_of_it_and_changes_nothing(council, adviser, holder):
    with pytest.raises(Stale) as stale:
        appointed(council, adviser, seen="")
    assert stale.value.current == holder
    with pytest.raises(Stale):
        appointed(council, adviser, seen=f"{holder.pk}.7")
    assert PostHolder.objects.count() == 1
    appointed(council, adviser, seen=f"{holder.pk}.1")


# Correcting and ending


def test_a_corrected_first_day_takes_the_day_before_with_it(council, adviser, holder):
    made = appointed(council, adviser)
    corrected(made, adviser, from_on=TODAY - timedelta(days=10), terms="permanent")
    holder.refresh_from_db()
    made.refresh_from_db()
    assert holder.until_on == made.from_on == TODAY - timedelta(days=10)
    assert (made.terms, made.revision) == ("permanent", 2)


def test_what_is_corrected_stays_between_those_before_and_after(council, adviser, holder):
    made = appointed(council, adviser)
    holder.refresh_from_db()
    assert refusal(corrected, made, adviser, from_on=holder.from_on)[0] == "from_on"
    assert refusal(corrected, holder, adviser, until_on=None)[0] == "until_on"
    assert refusal(corrected, holder, adviser, until_on=TODAY + A_DAY)[0] == "until_on"
    assert refusal(corrected, holder, adviser, until_on=holder.from_on)[0] == "until_on"
    earlier = corrected(holder, adviser, until_on=TODAY - timedelta(days=30))
    field, message = refusal(corrected, made, adviser, from_on=TODAY - timedelta(days=31))
    assert field == "from_on" and "until 2 October 2026" in message
    assert earlier.until_on == TODAY - timedelta(days=30)


def test_a_stale_correction_is_refused_with_what_it_has_become(council, adviser, holder):
    corrected(holder, adviser, name="Corin Sandpiper-Wren")
    with pytest.raises(Stale) as stale:
        corrected(holder, adviser, name="Corin Piper")
    assert stale.value.current.name == "Corin Sandpiper-Wren"


def test_a_post_ended_is_held_by_nobody_known(council, adviser, holder):
    end_post(holder, until_on=TODAY, by=adviser, on=TODAY, revision=1)
    assert not PostHolder.objects.on(TODAY).exists()
    holder.refresh_from_db()
    assert refusal(end_post, holder, until_on=TODAY, by=adviser, on=TODAY, revision=2)[0] == "until_on"


# Control


def control_set(council, by, **changes):
    given = {"control": "labour", "detail": "", "from_on": TODAY, "next_election_on": date(2027, 5, 6)}
    return set_control(council=council, **given | changes, by=by, on=TODAY)


def test_new_control_ends_what_stood_before_and_what_stands_is_corrected(council, adviser):
    before = PoliticalControlFactory(council=council)
    made = control_set(council, adviser)
    before.refresh_from_db()
    assert before.until_on == TODAY
    correct_control(
        made,
        control="green",
        from_on=TODAY,
        next_election_on=date(2027, 5, 13),
        by=adviser,
        on=TODAY,
        revision=1,
    )
    made.refresh_from_db()
    assert (made.control, made.next_election_on) == ("green", date(2027, 5, 13))
    with pytest.raises(Stale):
        correct_control(made, control="labour", from_on=TODAY, by=adviser, on=TODAY, revision=1)


def test_an_election_before_control_began_is_refused(council, adviser):
    assert refusal(control_set, council, adviser, next_election_on=TODAY - A_DAY)[0] == "next_election_on"
    assert refusal(control_set, council, adviser, control="whig")[0] == "control"
    assert not PoliticalControl.objects.exists()


# Who may, and what is recorded


def test_those_who_keep_a_council_keep_its_posts_and_nobody_else(council, region, holder):
    for role, reach in (
        (Role.LGA_ADVISER, {"region": region}),
        (Role.PRINCIPAL_ADVISER, {"region": region}),
        (Role.COUNCIL_APPROVER, {"council": council}),
    ):
        by = viewer_with(role, **reach)
        holder = corrected(holder, by, name=f"Corrected by {role}")
    for role, reach in (
        (Role.COUNCIL_LEADERSHIP, {"council": council}),
        (Role.DFE_ADVISER, {"council": council}),
        (Role.NATIONAL_LEAD, {}),
        (Role.COUNCIL_APPROVER, {"council": CouncilFactory(region=region)}),
    ):
        by = viewer_with(role, **reach)
        for act in (lambda by=by: appointed(council, by), lambda by=by: corrected(holder, by)):
            with pytest.raises(PermissionDenied):
                act()
        with pytest.raises(PermissionDenied):
            control_set(council, by)


def test_events_tell_the_post_the_terms_and_the_dates_and_no_name(council, adviser, holder):
    made = appointed(council, adviser)
    made = corrected(made, adviser, name="Calla Reed-Ash")
    end_post(made, until_on=TODAY + A_DAY, by=adviser, on=TODAY, revision=made.revision)
    events = list(Event.objects.filter(council_code=council.la_code).order_by("id"))
    assert [event.kind for event in events] == ["post-recorded", "post-corrected", "post-ended"]
    assert events[0].data == {
        "post": "dcs",
        "terms": "interim",
        "from_on": TODAY.isoformat(),
        "ended": holder.pk,
    }
    told = json.dumps([event.data for event in events])
    assert "Calla" not in told and "Corin" not in told


# The pages


def address(name, council, *more):
    return reverse(name, args=[council.slug, *more])


def day(name, value):
    return {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year}


def text(response):
    return " ".join(response.content.decode().split())


def signed_in(client, role, **reach):
    client.force_login(person_with(role, **reach))
    return client


def test_who_holds_a_post_is_public_to_everybody_signed_in_as_at_a_day(client, council, adviser, holder):
    appointed(council, adviser, name="", terms="vacant", from_on=TODAY - timedelta(days=5))
    appointed(council, adviser, from_on=TODAY + timedelta(days=5))
    signed_in(client, Role.PEER, council=CouncilFactory())
    people = text(client.get(address("council_people", council)))
    assert f"As at today, {day_words(TODAY)}" in people
    assert "Nobody" in people and "Vacant" in people
    assert "Corin Sandpiper, permanent, 1 January 2026 to 27 October 2026" in people
    assert "Announced: Calla Reed, interim, from 7 November 2026" in people
    assert address("post_holder", council, "dcs") not in people
    page = council.get_absolute_url()
    assert "Corin Sandpiper" not in text(client.get(page))
    earlier = text(client.get(page, {"on": "2026-10-27"}))
    assert "Corin Sandpiper" in earlier and "Calla Reed" not in earlier


def test_a_new_holder_is_entered_on_the_posts_page(client, council, region, holder):
    signed_in(client, Role.LGA_ADVISER, region=region)
    asked = client.get(address("post_holder", council, "dcs"))
    assert f'name="seen" value="{holder.pk}.1"' in text(asked)
    sent = {"name": "Calla Reed", "terms": "interim", **day("from_on", TODAY), "seen": f"{holder.pk}.1"}
    response = client.post(address("post_holder", council, "dcs"), sent, follow=True)
    words = "Director of children’s services: Calla Reed, interim, from 2 November 2026."
    assert words in text(response)
    assert PostHolder.objects.on(TODAY).get().name == "Calla Reed"


def test_what_is_refused_stands_beside_its_field_and_what_was_typed_is_kept(client, council, region, holder):
    signed_in(client, Role.LGA_ADVISER, region=region)
    sent = {"name": "Calla Reed", "terms": "vacant", **day("from_on", TODAY), "seen": f"{holder.pk}.1"}
    page = text(client.post(address("post_holder", council, "dcs"), sent))
    assert page.count("Clear the name where the post is vacant") == 2
    assert 'value="Calla Reed"' in page and "<title>Error: " in page


def test_two_who_enter_at_once_see_both_texts(client, council, region, adviser, holder):
    signed_in(client, Role.LGA_ADVISER, region=region)
    sent = {"name": "Calla Reed", "terms": "interim", **day("from_on", TODAY), "seen": f"{holder.pk}.1"}
    other = appointed(council, adviser, name="Kit Moss", from_on=TODAY - A_DAY)
    response = client.post(address("post_holder", council, "dcs"), sent)
    page = text(response)
    assert response.status_code == 409
    assert "Kit Moss" in page and 'value="Calla Reed"' in page
    assert f'name="seen" value="{other.pk}.1"' in page
    sent["seen"] = f"{other.pk}.1"
    assert client.post(address("post_holder", council, "dcs"), sent).status_code == 302


def test_an_entry_is_corrected_and_ended_by_its_last_day(client, council, region, holder):
    signed_in(client, Role.LGA_ADVISER, region=region)
    page = address("post_correct", council, "dcs", holder.pk)
    sent = {"name": holder.name, "terms": holder.terms, **day("from_on", holder.from_on), "revision": 1}
    early = {**sent, **day("last_on", date(2025, 12, 1))}
    assert "The last day must not be before the first" in text(client.post(page, early))
    assert client.post(page, {**sent, **day("last_on", TODAY)}).status_code == 302
    holder.refresh_from_db()
    assert holder.until_on == TODAY + A_DAY
    assert Event.objects.filter(kind="post-ended").count() == 1
    stale = client.post(page, {**sent, "name": "Typed with care"})
    assert stale.status_code == 409 and "Typed with care" in text(stale)
    again = {**sent, "name": "Typed with care", "revision": 2, **day("last_on", TODAY)}
    assert client.post(page, again).status_code == 302
    assert Event.objects.filter(kind="post-corrected").count() == 1


def test_control_is_recorded_corrected_and_changed_on_one_page(client, council):
    signed_in(client, Role.COUNCIL_APPROVER, council=council)
    page = address("political_control", council)
    assert "What do you want to record?" not in text(client.get(page))
    sent = {"control": "labour", "detail": "", **day("from_on", date(2026, 5, 8)), "seen": ""}
    assert client.post(page, sent).status_code == 302
    made = PoliticalControl.objects.get()
    assert "What do you want to record?" in text(client.get(page))
    sent |= {"doing": "corrected", "seen": f"{made.pk}.1", **day("next_election_on", date(2027, 5, 6))}
    assert client.post(page, sent).status_code == 302
    made.refresh_from_db()
    assert made.next_election_on == date(2027, 5, 6)
    stale = client.post(page, {**sent, "detail": "Typed with care"})
    assert stale.status_code == 409
    assert "Typed with care" in text(stale) and "6 May 2027" in text(stale)
    changed = {
        **sent,
        "doing": "changed",
        "control": "green",
        **day("from_on", TODAY),
        "seen": f"{made.pk}.2",
    }
    assert client.post(page, changed).status_code == 302
    assert PoliticalControl.objects.on(TODAY).get().control == "green"
    page = text(client.get(address("council_people", council)))
    assert "Green" in page and "Labour, 8 May 2026 to 1 November 2026" in page


def test_a_post_or_a_council_that_is_not_there_is_not_found(client, council, region):
    signed_in(client, Role.LGA_ADVISER, region=region)
    assert client.get(f"/councils/{council.slug}/people/mayor/").status_code == 404
    assert client.get("/councils/atlantis/people/").status_code == 404
    elsewhere = PostHolderFactory(council=CouncilFactory(region=region))
    assert client.get(address("post_correct", council, "dcs", elsewhere.pk)).status_code == 404


def test_the_people_page_takes_the_same_queries_however_long_the_history(
    client, council, region, django_assert_num_queries
):
    signed_in(client, Role.LGA_ADVISER, region=region)
    with django_assert_num_queries(7):
        client.get(address("council_people", council))
    for number in range(30):
        PostHolderFactory(
            council=council,
            from_on=LAST_YEAR + timedelta(days=number),
            until_on=LAST_YEAR + timedelta(days=number + 1),
        )
    with django_assert_num_queries(7):
        client.get(address("council_people", council))
