"""What the team keeps daily, for itself alone: audits by reference, the word with the director, worries told."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.permissions import Role
from cases.refusals import Refused, Stale
from councils.models import Office, PostHolder
from history.models import Event
from peer_reviews.actions import audits, keep_in_touch, worries
from peer_reviews.models import AuditedCase, KeepInTouch, Stage, TeamMember, Worry
from peer_reviews.presenters.on_site import tally_heading, tally_words
from peer_reviews.queries.audits import audited_of, tally_of
from peer_reviews.queries.keep_in_touch import waits_today
from tests.factories import TODAY, CouncilFactory, person_with
from tests.peer_reviews.reviews import make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
NHS_NUMBER = "943 476 5919"
NOON = datetime.combine(TODAY, time(12, 0), UTC)


@pytest.fixture
def made():
    return make_review()


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON):
        yield


def audit(made, reference="A12", team="good", council="", person=None, **given):
    by = made.viewer(person or made.peers[0])
    return audits.record_audit(
        made.review, reference=reference, team_grade=team, council_grade=council, by=by, on=TODAY, **given
    )


def others(made):
    return {
        "the council": made.approver,
        "its contributor": made.contributor,
        "the principal adviser off the team": made.principal,
        "the national lead": person_with(Role.NATIONAL_LEAD),
        "a DfE adviser": person_with(Role.DFE_ADVISER, council=made.council),
        "a stranger": person_with(Role.PEER, council=CouncilFactory()),
    }


class TestAudits:
    def test_agreement_is_counted_among_those_that_the_council_graded(self, made):
        for number in range(6):
            audit(made, f"A{number}", "good", "good")
        audit(made, "A6", "requires-improvement", "good")
        audit(made, "A7", "inadequate")
        tally = tally_of(audited_of(made.review, made.viewer(made.peers[1])))
        assert tally_heading(tally) == "8 audited, 6 of 7 graded agree"
        assert tally_words(tally) == "The council graded 1 case higher than the team."

    @pytest.mark.parametrize("typed", ["Ann Other", NHS_NUMBER, "12/03/2014", "ANNOTHER", ""])
    def test_nothing_that_could_be_a_child_is_a_reference(self, made, typed):
        with pytest.raises(Refused) as refused:
            audit(made, typed)
        assert refused.value.field == "reference" and not AuditedCase.objects.exists()

    def test_a_case_is_audited_once_however_it_is_typed(self, made):
        assert audit(made, " a12 ").reference == "A12"
        with pytest.raises(Refused, match="A12 is recorded already"):
            audit(made, "A12", person=made.peers[1])

    def test_no_reference_stands_in_an_event(self, made):
        audit(made, "AUD-0042")
        event = Event.objects.get(kind="review-case-audited")
        assert "0042" not in str(event.data) and event.case_reference == made.review.reference

    def test_any_of_the_team_changes_and_deletes_it_and_the_second_of_two_is_told(self, made):
        one = audit(made)
        by = made.viewer(made.peers[1])
        given = {"reference": "A13", "team_grade": "inadequate", "by": by, "on": TODAY}
        assert audits.change_audit(one, revision=1, **given).reference == "A13"
        with pytest.raises(Stale):
            audits.change_audit(one, revision=1, **given)
        audits.remove_audit(one, revision=2, by=by, on=TODAY)
        assert not AuditedCase.objects.exists()

    def test_only_the_team_reads_and_writes_them(self, made):
        one = audit(made)
        for words, person in others(made).items():
            assert not AuditedCase.objects.visible_to(made.viewer(person)).exists(), words
            with pytest.raises(PermissionDenied):
                audit(made, "A99", person=person)
        TeamMember.objects.filter(person=made.peers[0]).update(until_on=TODAY)
        with pytest.raises(PermissionDenied):
            audits.remove_audit(one, revision=1, by=made.viewer(made.peers[0]), on=TODAY)


def word(made, person=None, **given):
    given = {"on_day": TODAY, "said": "Supervision was good; more on thresholds tomorrow.", **given}
    return keep_in_touch.record_word(made.review, **given, by=made.viewer(person or made.manager), on=TODAY)


class TestKeepInTouch:
    def test_todays_is_asked_for_on_site_until_it_is_recorded(self, made):
        viewer = made.viewer(made.peers[0])
        assert waits_today(made.review, viewer)
        assert not waits_today(made.review, made.viewer(made.contributor))
        word(made, on_day=TODAY - timedelta(days=1))
        assert waits_today(made.review, viewer)
        word(made)
        assert not waits_today(made.review, viewer)

    def test_it_is_not_asked_for_before_or_after(self):
        made = make_review(stage=Stage.PREPARING)
        assert not waits_today(made.review, made.viewer(made.peers[0]))

    def test_what_was_said_is_the_teams_alone_and_in_no_event(self, made):
        word(made)
        for words, person in others(made).items():
            assert not KeepInTouch.objects.visible_to(made.viewer(person)).exists(), words
            with pytest.raises(PermissionDenied):
                word(made, person)
        assert "thresholds" not in str(list(Event.objects.values("data")))

    def test_an_identifier_a_day_to_come_and_nothing_are_refused(self, made):
        for field, given in (
            ("said", {"said": f"About {NHS_NUMBER}"}),
            ("said", {"said": " "}),
            ("on_day", {"on_day": TODAY + timedelta(days=1)}),
        ):
            with pytest.raises(Refused) as refused:
                word(made, **given)
            assert refused.value.field == field

    def test_the_second_of_two_who_change_it_is_told(self, made):
        one = word(made)
        given = {"on_day": TODAY, "office": Office.DCS, "said": "More", "by": made.viewer(made.peers[0])}
        keep_in_touch.change_word(one, revision=1, on=TODAY, **given)
        with pytest.raises(Stale):
            keep_in_touch.change_word(one, revision=1, on=TODAY, **given)


def tell(made, person=None, **given):
    given = {"told_at": NOON - timedelta(minutes=10), "case_reference": "A12", "now": NOON, **given}
    return worries.record_worry(made.review, **given, by=made.viewer(person or made.peers[0]), on=TODAY)


class TestWorries:
    def test_when_to_whom_and_the_reference_are_kept_and_nothing_else(self, made):
        one = tell(made)
        assert (one.told_to, one.case_reference, one.acknowledged_at) == (Office.DCS, "A12", None)
        assert Event.objects.get(kind="review-worry-told").data == {"office": "dcs"}
        free = [field.name for field in Worry._meta.fields if field.get_internal_type() == "TextField"]
        assert free == []

    def test_a_reference_alone_and_no_time_to_come(self, made):
        for field, given in (
            ("case_reference", {"case_reference": "Ann Other"}),
            ("told_at", {"told_at": NOON + timedelta(minutes=1)}),
        ):
            with pytest.raises(Refused) as refused:
                tell(made, **given)
            assert refused.value.field == field and not Worry.objects.exists()

    def test_it_is_acknowledged_once(self, made):
        one = tell(made)
        given = {"now": NOON, "by": made.viewer(made.peers[1]), "on": TODAY}
        assert worries.acknowledge_worry(one, **given).acknowledged_at == NOON
        with pytest.raises(Refused):
            worries.acknowledge_worry(one, **given)

    def test_only_the_team_records_and_reads_them(self, made):
        tell(made)
        for words, person in others(made).items():
            assert not Worry.objects.visible_to(made.viewer(person)).exists(), words
            with pytest.raises(PermissionDenied):
                tell(made, person)


@pytest.mark.usefixtures("at_noon")
class TestPages:
    PAGES = ("audits", "audit_add", "keep_in_touch", "keep_in_touch_add", "worry")

    def address(self, made, name, **named):
        return reverse(name, kwargs={"reference": made.review.reference, **named})

    @pytest.mark.parametrize("name", PAGES)
    def test_the_team_opens_them_and_nobody_else_does(self, made, client, name):
        for person in (made.peers[0], made.manager):
            client.force_login(person)
            assert client.get(self.address(made, name)).status_code == 200
        for words, person in others(made).items():
            client.force_login(person)
            assert client.get(self.address(made, name)).status_code == 404, words

    def test_rows_are_changed_by_the_team_alone(self, made, client):
        rows = {
            "audit_change": audit(made).pk,
            "audit_remove": audit(made, "B1").pk,
            "keep_in_touch_change": word(made).pk,
            "worry_acknowledged": tell(made).pk,
        }
        for name, pk in rows.items():
            for person, status in ((made.peers[1], 200), (made.approver, 404), (made.principal, 404)):
                client.force_login(person)
                assert client.get(self.address(made, name, pk=pk)).status_code == status, name

    @pytest.mark.parametrize(
        "name", ["timetable", "room", "requests", "audits", "keep_in_touch", "activity_add", "request_make"]
    )
    def test_the_way_to_tell_of_a_worry_is_on_every_page_of_the_team(self, made, client, name):
        client.force_login(made.peers[0])
        page = client.get(self.address(made, name)).content.decode()
        assert "Worried about a child? Tell the DCS in person now" in page
        if name in ("timetable", "room", "requests"):
            client.force_login(made.contributor)
            assert "Worried about a child" not in client.get(self.address(made, name)).content.decode()

    def test_the_reviews_own_page_asks_the_team_for_todays_word_until_it_is_recorded(self, made, client):
        asked, address = "Record today’s word with the director", self.address(made, "review")
        client.force_login(made.peers[0])
        assert asked in client.get(address).content.decode()
        client.force_login(made.approver)
        assert asked not in client.get(address).content.decode()
        word(made)
        client.force_login(made.peers[0])
        assert asked not in client.get(address).content.decode()

    def test_the_page_says_who_the_director_is_and_what_to_do_first(self, made, client):
        client.force_login(made.peers[0])
        address = self.address(made, "worry")
        assert "not on record here" in client.get(address).content.decode()
        PostHolder.objects.create(
            council=made.council, office=Office.DCS, name="Ottilie Marsh", terms="interim", from_on=TODAY
        )
        page = client.get(address).content.decode()
        assert "On record: Ottilie Marsh (interim)." in page and "tel:999" in page
        assert "<textarea" not in page

    def test_a_worry_is_recorded_by_form_and_one_of_the_time_to_come_is_refused_beside_its_field(
        self, made, client
    ):
        client.force_login(made.peers[0])
        typed = {
            "told_to": "dcs",
            "told_on_day": TODAY.day,
            "told_on_month": TODAY.month,
            "told_on_year": TODAY.year,
            "told_time": "13:00",
            "case_reference": "a12",
        }
        page = client.post(self.address(made, "worry"), typed)
        assert page.status_code == 200 and "Tell the director first" in page.content.decode()
        assert client.post(self.address(made, "worry"), {**typed, "told_time": "11:45"}).status_code == 302
        assert Worry.objects.get().told_at == datetime.combine(TODAY, time(11, 45), UTC)
