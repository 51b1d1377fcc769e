"""The timetable: who changes it, what it refuses, what it says of clashes, and the calendar of each team member."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.refusals import Refused, Stale
from history.models import Event
from peer_reviews.actions import timetable as actions
from peer_reviews.actions.nightly import clear_away
from peer_reviews.models import Activity, Note, PeerFeed, PeerReview, Stage, TeamMember
from peer_reviews.queries.timetable import activities_of, activity_now, clashes_of, days_to_show
from tests.factories import TODAY, CouncilFactory, person_with
from tests.peer_reviews.reviews import make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
TOMORROW = TODAY + timedelta(days=1)
NHS_NUMBER = "943 476 5919"
WRITTEN = datetime.combine(TODAY, time(9, 40), UTC)
NOTE = {
    "kind": "strength",
    "source_type": "focus-group",
    "voice": "social-workers",
    "on": TODAY,
    "written_at": WRITTEN,
    "received_at": WRITTEN,
    "changed_at": WRITTEN,
}


@pytest.fixture
def made():
    return make_review()


def add(made, person=None, **given):
    given = {
        "on_day": TODAY,
        "starts_at": time(9, 0),
        "ends_at": time(10, 30),
        "title": "Focus group",
        "source_type": "focus-group",
        "voice": "social-workers",
        **given,
    }
    return actions.add_activity(made.review, **given, by=made.viewer(person or made.manager), on=TODAY)


def move(made, activity, person=None, **given):
    given = {"on_day": TOMORROW, "starts_at": time(14, 0), "revision": activity.revision, **given}
    return actions.move_activity(activity, **given, by=made.viewer(person or made.manager), on=TODAY)


def hold(made, activity, **given):
    given = {"revision": activity.revision, **given}
    return actions.say_if_held(activity, **given, by=made.viewer(made.peers[0]), on=TODAY)


class TestKeepingIt:
    def test_the_team_and_the_manager_add_and_the_event_says_when(self, made):
        lead, notes = made.members[1:3]
        lines = list(made.review.lines.all()[:2])
        one = add(made, made.peers[0], lead=lead, note_taker=notes, lines=lines, room=" Room  2 ")
        assert (one.lead, one.note_taker, one.room, set(one.lines.all())) == (
            lead,
            notes,
            "Room 2",
            set(lines),
        )
        event = Event.objects.get(kind="review-activity-added")
        assert event.data == {"day": TODAY.isoformat(), "from": "09:00"}

    @pytest.mark.parametrize("who", ["contributor", "approver"])
    def test_the_council_does_not(self, made, who):
        with pytest.raises(PermissionDenied):
            add(made, getattr(made, who))
        with pytest.raises(PermissionDenied):
            move(made, add(made), getattr(made, who))

    def test_a_stranger_and_a_peer_whose_service_ended_do_not(self, made):
        TeamMember.objects.filter(person=made.peers[1]).update(until_on=TODAY)
        for person in (person_with(Role.PEER, council=CouncilFactory()), made.peers[1]):
            with pytest.raises(PermissionDenied):
                add(made, person)

    @pytest.mark.parametrize(
        ("field", "given"),
        [
            ("ends_at", {"ends_at": time(9, 0)}),
            ("title", {"title": "  "}),
            ("title", {"title": f"Case {NHS_NUMBER}"}),
            ("room", {"room": f"Case {NHS_NUMBER}"}),
            ("on_day", {"on_day": TODAY + timedelta(days=3)}),
            ("on_day", {"on_day": TODAY - timedelta(days=30)}),
            ("source_type", {"source_type": "rumour"}),
            ("voice", {"voice": "Ann"}),
        ],
    )
    def test_what_can_t_be_is_refused_on_its_field(self, made, field, given):
        with pytest.raises(Refused) as refused:
            add(made, **given)
        assert refused.value.field == field and not Activity.objects.exists()

    def test_somebody_of_another_team_neither_leads_nor_takes_notes(self, made):
        other = make_review()
        for field in ("lead", "note_taker"):
            with pytest.raises(Refused) as refused:
                add(made, **{field: other.members[1]})
            assert refused.value.field == field
        with pytest.raises(Refused):
            add(made, lines=[other.review.lines.first()])

    def test_an_audit_from_afar_comes_in_the_fortnight_before(self, made):
        friday = made.review.first_day - timedelta(days=2)
        assert add(made, on_day=friday).on == friday

    def test_a_closed_review_keeps_its_timetable_as_it_is(self, made):
        activity = add(made)
        PeerReview.objects.filter(pk=made.review.pk).update(stage=Stage.CLOSED)
        with pytest.raises(Refused):
            move(made, activity)

    def test_changing_replaces_all_and_the_second_of_two_is_told(self, made):
        one = add(made, lines=made.review.lines.all())
        given = {
            "on_day": TOMORROW,
            "starts_at": time(11, 0),
            "ends_at": time(12, 0),
            "title": "Interview",
            "source_type": "interview",
            "voice": "dcs",
            "room": "",
            "lead": None,
            "note_taker": None,
            "by": made.viewer(made.peers[0]),
            "on": TODAY,
        }
        actions.change_activity(one, revision=1, **given)
        one.refresh_from_db()
        assert (one.on, one.title, one.lines.count(), one.revision) == (TOMORROW, "Interview", 0, 2)
        with pytest.raises(Stale):
            actions.change_activity(one, revision=1, **given)


class TestMoving:
    def test_it_lasts_as_long_as_before_and_where_it_was_is_kept(self, made):
        one = move(made, add(made))
        assert (one.on, one.starts_at, one.ends_at) == (TOMORROW, time(14, 0), time(15, 30))
        data = Event.objects.get(kind="review-activity-moved").data
        assert (data["was_day"], data["was_from"], data["from"]) == (TODAY.isoformat(), "09:00", "14:00")

    def test_to_where_it_is_changes_nothing(self, made):
        one = add(made)
        assert move(made, one, on_day=TODAY, starts_at=time(9, 0)).revision == 1
        assert not Event.objects.filter(kind="review-activity-moved").exists()

    def test_past_midnight_and_beyond_the_last_day_are_refused(self, made):
        one = add(made)
        for given, field in (
            ({"starts_at": time(23, 0)}, "starts_at"),
            ({"on_day": TODAY + timedelta(days=5)}, "on_day"),
        ):
            with pytest.raises(Refused) as refused:
                move(made, one, **given)
            assert refused.value.field == field

    def test_of_two_who_move_it_at_once_the_second_is_told(self, made):
        one = add(made)
        move(made, one)
        with pytest.raises(Stale):
            move(made, one, made.peers[0], starts_at=time(8, 0))


class TestHeld:
    def test_who_came_is_groups_and_numbers(self, made):
        one = hold(made, add(made), standing="held", who_came="6 social workers", why_not="left over")
        assert (one.standing, one.who_came, one.why_not) == ("held", "6 social workers", "")
        with pytest.raises(Refused) as refused:
            hold(made, one, standing="held", who_came=f"the worker of {NHS_NUMBER}")
        assert refused.value.field == "who_came"

    def test_what_did_not_happen_says_why_and_can_be_taken_back(self, made):
        one = add(made, on_day=TOMORROW)
        with pytest.raises(Refused) as refused:
            hold(made, one, standing="not-held", why_not=" ")
        assert refused.value.field == "why_not"
        one = hold(made, one, standing="not-held", why_not="Called to court")
        assert hold(made, one, standing="planned").why_not == ""

    def test_nothing_was_held_before_its_day(self, made):
        with pytest.raises(Refused):
            hold(made, add(made, on_day=TOMORROW), standing="held")


class TestRemoving:
    def test_what_was_put_in_by_mistake_goes(self, made):
        one = add(made)
        actions.remove_activity(one, revision=1, by=made.viewer(made.peers[0]), on=TODAY)
        assert not Activity.objects.exists() and Event.objects.filter(kind="review-activity-removed").exists()

    def test_whoever_runs_it_off_the_team_learns_of_no_note_by_trying(self, made):
        with pytest.raises(PermissionDenied):
            actions.remove_activity(add(made), revision=1, by=made.viewer(made.principal), on=TODAY)

    def test_what_notes_come_from_stays(self, made):
        one = add(made)
        Note.objects.create(
            review=made.review, author=made.members[1], activity=one, text="Supervision helps", **NOTE
        )
        with pytest.raises(Refused):
            actions.remove_activity(one, revision=1, by=made.viewer(made.manager), on=TODAY)


class TestReadingIt:
    def test_clashes_are_shown_and_not_refused_and_what_did_not_happen_is_in_nobodys_way(self, made):
        lead = made.members[1]
        one, other = (
            add(made, lead=lead),
            add(made, note_taker=lead, starts_at=time(10, 0), ends_at=time(11, 0)),
        )
        viewer = made.viewer(made.manager)
        (clash,) = clashes_of(activities_of(made.review, viewer))
        assert {clash.first, clash.second} == {one.pk, other.pk}
        hold(made, one, standing="not-held", why_not="Called off")
        assert clashes_of(activities_of(made.review, viewer)) == []

    def test_a_member_is_in_their_own_activity_now(self, made):
        member = made.members[1]
        add(made, lead=made.members[2])
        own = add(made, lead=member)
        called_off = add(made, lead=member)
        hold(made, called_off, standing="not-held", why_not="Called off")
        now = timezone.make_aware(datetime.combine(TODAY, time(9, 30)))
        assert activity_now(made.review, member, now) == own
        assert activity_now(made.review, member, now + timedelta(hours=3)) is None

    def test_now_is_of_the_clock_in_london(self, made):
        summer = made.review.first_day.replace(month=7)
        own = add(made, lead=made.members[1])
        Activity.objects.filter(pk=own.pk).update(on=summer)
        at = datetime.combine(summer, time(8, 15), UTC)
        assert activity_now(made.review, made.members[1], at) == own

    @pytest.mark.parametrize("number", [3, 30])
    def test_the_page_asks_as_often_for_many_as_for_few(self, made, client, number):
        for place in range(number):
            add(made, lead=made.members[place % 4], starts_at=time(9, place), ends_at=time(12, 0))
        client.force_login(made.manager)
        address = reverse("timetable", kwargs={"reference": made.review.reference})
        with time_machine.travel(datetime.combine(TODAY, time(9, 0), UTC)):
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
        assert len(asked) <= 14, [each["sql"][:90] for each in asked]


@pytest.fixture
def at_nine():
    with time_machine.travel(datetime.combine(TODAY, time(9, 0), UTC)):
        yield


def page_of(client, made, person, name="timetable", **named):
    client.force_login(person)
    return client.get(reverse(name, kwargs={"reference": made.review.reference, **named}))


@pytest.mark.usefixtures("at_nine")
class TestPages:
    def test_todays_day_comes_first(self, made, client):
        add(made)
        add(made, on_day=TODAY - timedelta(days=1))
        text = page_of(client, made, made.peers[0]).content.decode()
        first, second = (
            text.index(f'data-day="{day.isoformat()}"') for day in (TODAY, TODAY - timedelta(days=1))
        )
        assert first < second and "2 activities on 2 days" in text

    def test_the_council_sees_it_and_who_leads_without_a_way_to_change_it(self, made, client):
        one = add(made, lead=made.members[1])
        hold(made, one, standing="held", who_came="6 social workers")
        text = page_of(client, made, made.contributor).content.decode()
        assert "Lead: Peer 1" in text and "6 social workers" in text
        assert "data-handle" not in text and "timetable.js" not in text
        for name in ("activity_change", "activity_move", "activity_held", "activity_remove"):
            assert page_of(client, made, made.contributor, name, pk=one.pk).status_code == 403
        assert page_of(client, made, made.contributor, "activity_add").status_code == 403

    def test_a_stranger_finds_nothing(self, made, client):
        one = add(made)
        stranger = person_with(Role.PEER, council=CouncilFactory())
        for name in ("timetable", "timetable_print", "activity_add", "peer_feed_make"):
            assert page_of(client, made, stranger, name).status_code == 404
        for name in ("activity_change", "activity_move", "activity_held", "activity_remove"):
            assert page_of(client, made, stranger, name, pk=one.pk).status_code == 404

    def test_an_activity_of_another_review_is_not_found_through_this_one(self, made, client):
        one = add(made)
        other = make_review()
        assert page_of(client, other, other.manager, "activity_change", pk=one.pk).status_code == 404

    def test_an_activity_is_added_by_form(self, made, client):
        client.force_login(made.peers[0])
        address = reverse("activity_add", kwargs={"reference": made.review.reference})
        typed = {
            "title": "Focus group",
            "on_day": TODAY.isoformat(),
            "starts_at": "9.30",
            "ends_at": "11:00 am",
            "source_type": "focus-group",
            "voice": "social-workers",
            "lead": made.members[1].pk,
        }
        response = client.post(address, typed)
        assert response.status_code == 302, response.content.decode()
        one = Activity.objects.get()
        assert (one.starts_at, one.ends_at, one.lead) == (time(9, 30), time(11, 0), made.members[1])

    def test_it_is_moved_by_form_and_the_second_of_two_sees_both(self, made, client):
        one = add(made)
        client.force_login(made.manager)
        address = reverse("activity_move", kwargs={"reference": made.review.reference, "pk": one.pk})
        typed = {"on_day": TOMORROW.isoformat(), "starts_at": "14:00", "revision": 1}
        assert client.post(address, typed).status_code == 302
        response = client.post(address, {**typed, "starts_at": "16:00"})
        assert response.status_code == 409 and "14:00 to 15:30" in response.content.decode()
        one.refresh_from_db()
        assert (one.on, one.starts_at) == (TOMORROW, time(14, 0))

    def test_the_script_is_answered_in_json(self, made, client):
        one = add(made)
        client.force_login(made.manager)
        address = reverse("activity_move", kwargs={"reference": made.review.reference, "pk": one.pk})
        typed = {"on_day": TOMORROW.isoformat(), "starts_at": "14:00", "revision": 1}
        headers = {"Accept": "application/json"}
        moved = client.post(address, typed, headers=headers)
        assert moved.status_code == 200 and "14:00 to 15:30" in moved.json()["message"]
        stale = client.post(address, typed, headers=headers)
        assert stale.status_code == 409 and "Not moved" in stale.json()["message"]
        late = client.post(address, {**typed, "starts_at": "23:30", "revision": 2}, headers=headers)
        assert late.status_code == 400 and "midnight" in late.json()["message"]

    def test_it_prints_in_the_order_of_the_calendar(self, made, client):
        add(made)
        add(made, on_day=TODAY - timedelta(days=1), title="First of all")
        text = page_of(client, made, made.approver, "timetable_print").content.decode()
        assert text.index("First of all") < text.index("Focus group")


def entries(client, address):
    response = client.get(address)
    assert response.status_code == 200 and response["Cache-Control"] == "private, no-store"
    return {str(entry["summary"]): entry for entry in Calendar.from_ical(response.content).walk("VEVENT")}


@pytest.mark.usefixtures("at_nine")
class TestCalendar:
    def address(self, made, member):
        by = made.viewer(member.person)
        secret = actions.make_peer_feed(member, now=timezone.now(), by=by, on=TODAY)
        return reverse("peer_feed", args=[secret])

    def test_it_holds_ones_own_and_the_whole_teams_and_nobody_elses(self, made, client):
        member, other = made.members[1:3]
        add(made, title="Mine", lead=member, room="Room 2")
        add(made, title="My notes", note_taker=member)
        add(made, title="Everybody’s")
        add(made, title="Another’s", lead=other)
        found = entries(client, self.address(made, member))
        assert set(found) == {"Mine", "My notes", "Everybody’s"}
        mine = found["Mine"]
        assert mine.decoded("dtstart") == datetime.combine(TODAY, time(9, 0), UTC)
        assert mine.decoded("dtend") == datetime.combine(TODAY, time(10, 30), UTC)
        assert mine["location"] == "Room 2" and "You lead it." in mine["description"]

    def test_an_hour_in_summer_is_the_hour_of_london(self, made, client):
        one = add(made, lead=made.members[1])
        Activity.objects.filter(pk=one.pk).update(on=TODAY.replace(month=7))
        (entry,) = entries(client, self.address(made, made.members[1])).values()
        assert entry.decoded("dtstart").hour == 8

    def test_what_moves_keeps_its_place_and_what_did_not_happen_is_called_off(self, made, client):
        one = add(made, lead=made.members[1])
        address = self.address(made, made.members[1])
        (before,) = entries(client, address).values()
        one = move(made, one)
        (after,) = entries(client, address).values()
        assert after["uid"] == before["uid"] and after["sequence"] > before["sequence"]
        hold(made, one, standing="not-held", why_not="Called to court")
        (gone,) = entries(client, address).values()
        assert gone["status"] == "CANCELLED" and "court" not in gone.to_ical().decode()

    def test_its_secret_is_kept_nowhere_and_a_new_one_ends_the_old(self, made, client):
        first = self.address(made, made.members[1])
        second = self.address(made, made.members[1])
        assert client.get(first).status_code == 404 and client.get(second).status_code == 200
        secret = second.split("/")[-1].removesuffix(".ics")
        assert secret not in str([*PeerFeed.objects.values(), *Event.objects.values()])

    def test_it_is_the_members_own_to_make(self, made):
        with pytest.raises(PermissionDenied):
            actions.make_peer_feed(
                made.members[2], now=timezone.now(), by=made.viewer(made.peers[0]), on=TODAY
            )

    def test_it_ends_with_the_service_and_the_night_revokes_it(self, made, client):
        address = self.address(made, made.members[1])
        TeamMember.objects.filter(pk=made.members[1].pk).update(until_on=TODAY)
        assert client.get(address).status_code == 404
        by = Viewer.system(TODAY)
        assert clear_away(by=by, on=TODAY)["revoke_ended_feeds"] == 1
        assert clear_away(by=by, on=TODAY)["revoke_ended_feeds"] == 0
        assert PeerFeed.objects.get().revoked_at is not None

    def test_whoever_left_the_team_or_may_not_sign_in_shows_nothing(self, made, client):
        gone, barred = (self.address(made, member) for member in made.members[1:3])
        TeamMember.objects.filter(pk=made.members[1].pk).update(left_on=TODAY, left_reason="Ill")
        made.members[2].person.is_active = False
        made.members[2].person.save()
        assert [client.get(address).status_code for address in (gone, barred)] == [404, 404]

    def test_the_page_makes_and_revokes_it(self, made, client):
        address = reverse("peer_feed_make", kwargs={"reference": made.review.reference})
        client.force_login(made.peers[0])
        made_page = client.post(address, {"do": "make"})
        assert ".ics" in made_page.content.decode() and made_page["Cache-Control"] == "private, no-store"
        assert ".ics" not in client.get(address).content.decode()
        client.post(address, {"do": "revoke"})
        assert not PeerFeed.objects.filter(revoked_at=None).exists()

    def test_the_council_has_no_such_page(self, made, client):
        assert page_of(client, made, made.contributor, "peer_feed_make").status_code == 404


def test_a_weekend_between_the_days_on_site_is_no_column_of_the_timetable():
    friday, wednesday = date(2026, 11, 20), date(2026, 11, 25)
    shown = days_to_show(PeerReview(first_day=friday, last_day=wednesday))
    assert [day.day for day in shown] == [20, 23, 24, 25]
    assert days_to_show(PeerReview()) == []
