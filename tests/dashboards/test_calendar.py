"""A person's milestones as a calendar: from a secret address, what My work shows them today and nothing more."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from accounts.actions import make_calendar_feed, revoke_calendar_feed
from accounts.models import CalendarFeed, RolePolicy
from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import log_contact, pause
from cases.models import EmbargoAccess, Force, Source
from history.models import Event
from tests.dashboards.conftest import TODAY, in_intervention
from tests.factories import CaseFactory, CouncilFactory, MilestoneFactory, SourceFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def adviser(region):
    return person_with(Role.PRINCIPAL_ADVISER, region=region, name="Peregrine Ash")


def address_of(person):
    viewer = Viewer.of(person, TODAY)
    return f"/calendar/{make_calendar_feed(now=timezone.now(), by=viewer, on=TODAY)}.ics"


def entries(client, address):
    """Return {summary: entry} of the calendar at an address, as a calendar program parses it."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return {str(entry["summary"]): entry for entry in Calendar.from_ical(response.content).walk("VEVENT")}


def test_a_milestone_is_an_entry_of_a_whole_day_that_leads_to_its_page(client, council, adviser):
    milestone = MilestoneFactory(
        case=CaseFactory(council=council), due_on=TODAY + timedelta(days=20), label="Plan sent", revision=4
    )
    (entry,) = entries(client, address_of(adviser)).values()
    assert entry["summary"] == "Saltmarsh: plan sent"
    assert entry.decoded("dtstart") == milestone.due_on
    assert entry.decoded("dtend") == milestone.due_on + timedelta(days=1)
    assert entry["uid"] == f"milestone-{milestone.pk}@upstream"
    assert entry["sequence"] == 4
    assert entry["url"] == f"http://testserver/milestones/{milestone.pk}/"
    assert entry["dtstamp"].dt == entry["last-modified"].dt


def test_what_is_overdue_says_so_and_an_expected_window_spans_its_days(client, council, adviser):
    case = in_intervention(council, label="Statement published").case
    opens, closes = TODAY + timedelta(days=30), TODAY + timedelta(days=60)
    MilestoneFactory(case=case, label="First visit", force=Force.WINDOW, opens_on=opens, due_on=closes)
    found = entries(client, address_of(adviser))
    assert set(found) == {
        "Overdue: Saltmarsh: statement published",
        "Saltmarsh: first visit (expected window)",
    }
    window = found["Saltmarsh: first visit (expected window)"]
    assert (window.decoded("dtstart"), window.decoded("dtend")) == (opens, closes + timedelta(days=1))


def test_long_words_and_signs_come_through_folded_and_escaped(client, council, adviser):
    label = "Adolygiad o “gymorth cynnar”; plan, â nodiadau \\ and " + "very " * 18 + "long"
    MilestoneFactory(case=CaseFactory(council=council), due_on=TODAY, label=label)
    address = address_of(adviser)
    (summary,) = entries(client, address)
    assert summary == f"Saltmarsh: {label[:1].lower()}{label[1:]}"
    assert all(len(line) <= 75 for line in client.get(address).content.split(b"\r\n"))


def test_it_holds_what_my_work_shows_and_leaves_out_what_is_paused_to_confirm_met_or_out_of_reach(
    client, council, adviser
):
    case = CaseFactory(council=council)
    day = TODAY + timedelta(days=5)
    MilestoneFactory(case=case, label="Shown", due_on=day)
    paused = MilestoneFactory(case=case, label="Paused", due_on=day)
    viewer = Viewer.of(adviser, TODAY)
    pause(paused, reason="An inspection", by=viewer, on=TODAY, revision=1)
    MilestoneFactory(case=case, label="To confirm", due_on=day, to_confirm=True)
    MilestoneFactory(case=case, label="Met", due_on=day, outcome="met", met_on=TODAY, closed_on=TODAY)
    MilestoneFactory(case=None, council=council, label="Next inspection", force=Force.WINDOW, due_on=day)
    MilestoneFactory(case=CaseFactory(), label="Elsewhere", due_on=day)
    assert set(entries(client, address_of(adviser))) == {"Saltmarsh: shown"}


def test_what_rests_on_a_restricted_source_is_left_out_for_its_named_readers_too(client, council, adviser):
    source = SourceFactory(council=council, access=Source.Access.EMBARGOED)
    EmbargoAccess.objects.create(source=source, person=adviser, side="lga", from_on=date(2026, 1, 1))
    MilestoneFactory(case=CaseFactory(council=council), source=source, due_on=TODAY)
    address = address_of(adviser)
    assert entries(client, address) == {}
    Source.objects.update(access=Source.Access.PUBLIC)
    assert len(entries(client, address)) == 1


def test_nothing_of_the_lgas_own_is_in_it(client, council, adviser):
    log_contact(
        council=council,
        contacted_on=TODAY,
        channel="call",
        post="dcs",
        said="Said in confidence",
        nature="fact",
        follow_up_on=TODAY,
        retain_until=TODAY + timedelta(days=90),
        by=Viewer.of(adviser, TODAY),
        on=TODAY,
    )
    assert entries(client, address_of(adviser)) == {}


def test_it_is_read_without_signing_in_and_kept_and_told_nowhere(client, council, adviser):
    response = client.get(address_of(adviser))
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    calendar = Calendar.from_ical(response.content)
    assert calendar["refresh-interval"].dt == timedelta(hours=6)
    assert calendar["version"] == "2.0"


def test_an_unknown_or_revoked_address_is_not_found_and_a_new_one_revokes_the_old(client, council, adviser):
    first = address_of(adviser)
    second = address_of(adviser)
    assert client.get("/calendar/guessed.ics").status_code == 404
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    revoke_calendar_feed(now=timezone.now(), by=Viewer.of(adviser, TODAY), on=TODAY)
    assert client.get(second).status_code == 404
    assert client.post(second).status_code == 405


def test_somebody_who_may_not_sign_in_or_has_no_required_second_factor_has_no_feed(client, council, adviser):
    address = address_of(adviser)
    RolePolicy.objects.update_or_create(
        role=Role.PRINCIPAL_ADVISER, defaults={"second_factor_required": True}
    )
    assert client.get(address).status_code == 404
    Authenticator.objects.create(user=adviser, type=Authenticator.Type.TOTP, data={})
    assert client.get(address).status_code == 200
    adviser.is_active = False
    adviser.save()
    assert client.get(address).status_code == 404


def test_a_role_that_has_ended_empties_it(client, council, adviser):
    MilestoneFactory(case=CaseFactory(council=council), due_on=TODAY)
    address = address_of(adviser)
    assert len(entries(client, address)) == 1
    adviser.grants.update(until_on=TODAY)
    assert entries(client, address) == {}


def test_the_secret_is_shown_once_and_kept_nowhere(client, council, adviser):
    client.force_login(adviser)
    made = client.post("/calendar/", {"do": "make"})
    secret = made.context["address"].rpartition("/")[2].removesuffix(".ics")
    assert len(secret) >= 43 and secret in made.content.decode()
    assert made["Cache-Control"] == "private, no-store"
    assert secret not in client.get("/calendar/").content.decode()
    kept = [str(row) for model in (CalendarFeed, Event) for row in model.objects.values()]
    kept += [str(dict(client.session))]
    assert not any(secret in row for row in kept)
    assert CalendarFeed.objects.get(revoked_at=None).person == adviser
    assert Event.objects.get(kind="calendar-feed-made").by_id == adviser.pk


def test_it_is_revoked_on_its_page(client, council, adviser):
    address = address_of(adviser)
    client.force_login(adviser)
    response = client.post("/calendar/", {"do": "revoke"}, follow=True)
    assert "The calendar feed is revoked" in response.content.decode()
    client.logout()
    assert client.get(address).status_code == 404


def test_three_milestones_or_three_hundred_cost_the_same_queries(client, region, council, adviser):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            count = len(entries(client, address))
        return len(asked), count

    address = address_of(adviser)
    case = CaseFactory(council=council)
    for number in range(3):
        MilestoneFactory(case=case, label=f"Thing {number}", due_on=TODAY)
    few = queries()
    for part in range(3):
        case = CaseFactory(council=CouncilFactory(region=region))
        for number in range(99):
            MilestoneFactory(case=case, label=f"Thing {part} {number}", due_on=TODAY)
    assert few == (3, 3)
    assert queries() == (3, 300)
