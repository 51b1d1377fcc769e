"""A letter about a plan that was recorded by mistake is withdrawn: it stays on record, and counts nowhere."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused, Stale
from cases.models import Milestone
from history.models import Event
from improvement.actions import open_interventions, record_decision
from improvement.actions.way_out import record_reply, send, withdraw_reply
from improvement.models import Decision, PlanVersion, Reply
from improvement.queries.way_out import RESUBMIT
from tests.factories import person_with
from tests.plans import make_plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TODAY = date(2026, 3, 2)
LATER = TODAY + timedelta(days=5)
Standing = PlanVersion.Standing


@pytest.fixture
def today():
    return TODAY


@pytest.fixture
def people(council):
    return {
        role: person_with(role, council=council) for role in (Role.COUNCIL_APPROVER, Role.COUNCIL_CONTRIBUTOR)
    }


@pytest.fixture
def by(people):
    return lambda on=TODAY: {"by": Viewer.of(people[Role.COUNCIL_APPROVER], on), "on": on}


@pytest.fixture
def case(council, inspect, system):
    inspect(council, date(2026, 1, 20), "inadequate")
    open_interventions(by=system, on=date(2026, 1, 20))
    return council.cases.get()


@pytest.fixture
def sent(council, case, by):
    version = make_plan(council, case=case, standing=Standing.SHARED, on=date(2026, 1, 26))
    to = [("ofsted", TODAY, "", ""), ("dfe", TODAY, "", "")]
    send(version, handovers=to, **by())
    version.refresh_from_db()
    return version


def standing(version):
    return PlanVersion.objects.get(pk=version.pk).standing


def running(case):
    """Return what runs on the case, as (rule, due), but for what a letter gave its own words."""
    open_ones = Milestone.objects.filter(case=case, closed_on=None)
    return sorted(open_ones.values_list("rule__slug", "label", "due_on"), key=str)


def test_an_acceptance_takes_its_decision_and_its_clocks_with_it(sent, case, by):
    before = running(case)
    reply = record_reply(sent, kind="accepted", dated_on=TODAY, **by())
    assert running(case) != before and Decision.objects.filter(case=case).count() == 1
    withdraw_reply(reply, **by(LATER))
    assert standing(sent) == Standing.SENT
    assert not Decision.objects.exists()
    assert running(case) == before
    kept = Reply.recorded.get()
    assert (kept.withdrawn_on, kept.kind, kept.withdrawn_by_id) == (LATER, "accepted", by()["by"].person_id)
    assert not Reply.objects.exists() and not sent.replies.exists()
    told = Event.objects.get(kind="plan-answer-withdrawn")
    assert told.data["kind"] == "accepted" and told.source_id == reply.source_id
    assert Event.objects.filter(kind="decision-withdrawn", case_reference=case.reference).count() == 1


def test_the_same_letter_can_be_recorded_again_rightly(sent, by, case):
    mistaken = record_reply(sent, kind="accepted", dated_on=TODAY, **by())
    following = running(case)
    withdraw_reply(mistaken, **by())
    record_reply(sent, kind="accepted", dated_on=TODAY, **by())
    assert running(case) == following
    assert standing(sent) == Standing.ACCEPTED and Decision.objects.count() == 1


def test_a_decision_that_the_interventions_page_recorded_stays(sent, by, case, council, region):
    adviser = Viewer.of(person_with(Role.PRINCIPAL_ADVISER, region=region), TODAY)
    record_decision(council, kind="plan-accepted", decided_on=TODAY, by=adviser, on=TODAY)
    withdraw_reply(record_reply(sent, kind="accepted", dated_on=TODAY, **by()), **by())
    assert Decision.objects.count() == 1 and standing(sent) == Standing.SENT


def test_what_a_return_asked_for_is_withdrawn_unless_it_was_met(sent, by):
    reply = record_reply(sent, kind="returned", dated_on=TODAY, resubmit_by=LATER, **by())
    withdraw_reply(reply, **by())
    assert Milestone.objects.get(label=RESUBMIT).outcome == "withdrawn"
    again = record_reply(sent, kind="does-not-reflect", dated_on=TODAY, resubmit_by=LATER, **by())
    met = Milestone.objects.filter(label=RESUBMIT, source=again.source)
    met.update(outcome="met", met_on=TODAY, closed_on=TODAY)
    withdraw_reply(again, **by())
    assert met.get().outcome == "met" and standing(sent) == Standing.SENT


def test_what_an_acceptance_had_closed_is_to_be_sent_again_after_all(sent, by):
    record_reply(sent, kind="returned", dated_on=TODAY, resubmit_by=LATER, **by())
    mistaken = record_reply(sent, kind="accepted", dated_on=LATER, **by(LATER))
    assert Milestone.objects.get(label=RESUBMIT).outcome == "superseded"
    withdraw_reply(mistaken, **by(LATER))
    milestone = Milestone.objects.get(label=RESUBMIT)
    assert (milestone.outcome, milestone.closed_on, standing(sent)) == ("", None, Standing.RETURNED)


def test_of_two_acceptances_the_one_that_stands_keeps_its_decision(sent, by, case):
    record_reply(sent, kind="accepted", dated_on=LATER, **by(LATER))
    first = Decision.objects.get()
    mistaken = record_reply(sent, kind="accepted", dated_on=TODAY, **by(LATER))
    withdraw_reply(mistaken, **by(LATER))
    assert Decision.objects.get() == first and standing(sent) == Standing.ACCEPTED


def test_the_latest_recorded_goes_first_once_and_by_whoever_records_letters(sent, by, people):
    one = record_reply(sent, kind="reflects", dated_on=TODAY, **by())
    two = record_reply(sent, kind="returned", dated_on=TODAY, **by())
    with pytest.raises(Refused, match="withdraw that one first"):
        withdraw_reply(one, **by())
    with pytest.raises(PermissionDenied):
        withdraw_reply(two, by=Viewer.of(people[Role.COUNCIL_CONTRIBUTOR], TODAY), on=TODAY)
    with pytest.raises(Stale):
        withdraw_reply(two, revision=sent.revision, **by())
    withdraw_reply(two, **by())
    with pytest.raises(Refused, match="withdrawn already"):
        withdraw_reply(two, **by())
    withdraw_reply(one, **by())
    assert standing(sent) == Standing.SENT


class TestPage:
    @pytest.fixture
    def letter(self, sent, by):
        record_reply(sent, kind="reflects", dated_on=TODAY, **by())
        return record_reply(sent, kind="returned", dated_on=TODAY, resubmit_by=LATER, **by())

    @pytest.fixture
    def page(self, sent):
        return reverse("plan_letter", args=[sent.plan.reference, sent.number])

    def test_the_button_withdraws_the_last_and_the_page_says_who_did(
        self, client, people, page, letter, sent
    ):
        client.force_login(people[Role.COUNCIL_APPROVER])
        html = client.get(page).content.decode()
        assert html.count("Withdraw this letter") == 1 and f'name="withdraw" value="{letter.pk}"' in html
        revision = PlanVersion.objects.get(pk=sent.pk).revision
        done = client.post(page, {"withdraw": letter.pk, "revision": revision}, follow=True).content.decode()
        assert "withdrawn." in done and f"by {people[Role.COUNCIL_APPROVER]}, recorded by mistake" in done
        assert "Ofsted: the plan reflects the findings" in done and standing(sent) == Standing.SENT
        again = client.post(page, {"withdraw": letter.pk}, follow=True).content.decode()
        assert "This letter has been withdrawn already" in again

    def test_a_page_from_before_another_change_withdraws_nothing(self, client, people, page, letter, sent):
        client.force_login(people[Role.COUNCIL_APPROVER])
        answer = client.post(page, {"withdraw": letter.pk, "revision": sent.revision}, follow=True)
        assert "has changed meanwhile" in answer.content.decode() and standing(sent) == Standing.RETURNED

    def test_who_only_reads_has_no_button_and_is_refused(self, client, people, page, letter):
        client.force_login(people[Role.COUNCIL_CONTRIBUTOR])
        assert "Withdraw this letter" not in client.get(page).content.decode()
        assert client.post(page, {"withdraw": letter.pk}).status_code == 403
        client.force_login(people[Role.COUNCIL_APPROVER])
        for wrong in ("", "x", "999999"):
            again = client.post(page, {"withdraw": wrong}, follow=True).content.decode()
            assert "There is no such letter about this version" in again
        assert Reply.objects.count() == 2
