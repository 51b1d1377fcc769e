"""The pages of one milestone and the due-date calculator, asked by the owner, the reader and the stranger."""

from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.permissions import Role
from cases.actions import pause
from cases.models import Milestone
from tests.factories import (
    TODAY,
    CaseFactory,
    CouncilFactory,
    MilestoneFactory,
    RegionFactory,
    person_with,
    viewer_with,
)

pytestmark = pytest.mark.django_db

FORMS = ["met", "move", "pause", "resume", "answer", "assign", "confirm", "reopen"]


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        yield


@pytest.fixture
def council():
    return CouncilFactory(region=RegionFactory())


@pytest.fixture
def milestone(council):
    return MilestoneFactory(case=CaseFactory(council=council), due_on=TODAY - timedelta(days=9))


@pytest.fixture
def adviser(client, council):
    """A principal adviser of the council's region, signed in."""
    person = person_with(Role.PRINCIPAL_ADVISER, region=council.memberships.get().region)
    client.force_login(person)
    return person


def address(name, milestone):
    return reverse(f"milestone_{name}" if name else "milestone", args=[milestone.pk])


def day(name, value):
    return {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year}


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("name", ["", *FORMS])
def test_a_stranger_gets_404_for_the_milestone_and_all_under_it(client, milestone, name):
    client.force_login(person_with(Role.PRINCIPAL_ADVISER, region=RegionFactory()))
    assert client.get(address(name, milestone)).status_code == 404
    if name:
        assert client.post(address(name, milestone), {"revision": 1}).status_code == 404


@pytest.mark.parametrize("name", FORMS)
def test_a_reader_sees_the_milestone_and_may_not_act_on_it(client, milestone, council, name):
    client.force_login(person_with(Role.COUNCIL_LEADERSHIP, council=council))
    shown = client.get(address("", milestone))
    assert shown.status_code == 200
    assert address("met", milestone) not in text(shown)
    assert client.get(address(name, milestone)).status_code == 403
    assert client.post(address(name, milestone), {"revision": 1}).status_code == 403


@pytest.mark.parametrize("name", FORMS)
def test_every_form_opens_for_the_adviser(client, adviser, milestone, name):
    response = client.get(address(name, milestone))
    assert response.status_code == 200
    assert 'name="revision"' in text(response)
    assert "9 days overdue" in text(response)


def test_marked_met_it_goes_back_to_the_council_with_a_message(client, adviser, milestone, council):
    sent = {"revision": 1, **day("met_on", TODAY), "note": "By e-mail"}
    response = client.post(address("met", milestone), sent)
    assert (response.status_code, response.url) == (302, council.get_absolute_url())
    milestone.refresh_from_db()
    assert (milestone.met_on, milestone.outcome_note) == (TODAY, "By e-mail")
    assert "met on 2 November 2026" in text(client.get(address("", milestone)))


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/?on=2026-11-01", "/?on=2026-11-01"),
        ("https://elsewhere.example/", None),
        ("//elsewhere.example", None),
    ],
)
def test_it_goes_where_it_was_asked_to_but_never_elsewhere(
    client, adviser, milestone, council, asked, leads_to
):
    sent = {"revision": 1, "reason": "Inspectors on site"}
    response = client.post(address("pause", milestone), sent, query_params={"next": asked})
    assert response.url == (leads_to or council.get_absolute_url())


def test_an_error_keeps_what_was_typed_and_says_what_to_do_at_the_top(client, adviser, milestone):
    sent = {
        "revision": 1,
        "to_day": "31",
        "to_month": "2",
        "to_year": "2027",
        "reason": "other",
        "note": "As agreed on the telephone",
    }
    page = text(client.post(address("move", milestone), sent))
    assert "There is a problem" in page and "The new date must be a real date" in page
    assert "<title>Error: " in page
    assert 'value="31"' in page and "As agreed on the telephone" in page
    assert not milestone.changes.exists()


def test_what_the_action_refuses_stands_beside_its_field(client, adviser, milestone):
    sent = {"revision": 1, **day("to", TODAY + timedelta(days=9)), "reason": "letter"}
    page = text(client.post(address("move", milestone), sent))
    assert page.count("Enter the letter that states the date") == 2


def test_moved_its_page_shows_the_date_promised_beside_what_it_became_and_why(client, adviser, milestone):
    sent = {
        "revision": 1,
        **day("to", date(2026, 12, 1)),
        "reason": "agreed-dfe",
        "note": "Asked on Monday",
    }
    client.post(address("move", milestone), sent)
    page = text(client.get(address("", milestone)))
    for words in ("24 October 2026", "1 December 2026", "Agreed with the DfE: Asked on Monday", adviser.name):
        assert words in page


def test_a_stale_form_is_refused_with_both_texts_and_can_be_sent_again(client, adviser, milestone, council):
    other = viewer_with(Role.PRINCIPAL_ADVISER, region=council.memberships.get().region)
    pause(milestone, reason="Inspectors on site", by=other, on=TODAY, revision=1)
    sent = {"revision": 1, **day("met_on", TODAY), "note": "Typed with care"}
    response = client.post(address("met", milestone), sent)
    page = text(response)
    assert response.status_code == 409
    assert "Paused" in page and "Typed with care" in page
    assert 'name="revision" value="2"' in page
    milestone.refresh_from_db()
    assert milestone.outcome == ""
    assert client.post(address("met", milestone), {**sent, "revision": 2}).status_code == 302


def test_a_stale_form_on_a_closed_milestone_offers_no_second_try(client, adviser, milestone):
    client.post(address("met", milestone), {"revision": 1, **day("met_on", TODAY)})
    sent = {"revision": 1, "reason": "Typed with care"}
    response = client.post(address("pause", milestone), sent)
    assert response.status_code == 409
    assert "Typed with care" in text(response) and "It is closed now" in text(response)


def test_paused_and_resumed(client, adviser, milestone):
    client.post(address("pause", milestone), {"revision": 1, "reason": "Inspectors on site"})
    page = text(client.get(address("", milestone)))
    assert address("resume", milestone) in page and "Inspectors on site" in page
    client.post(address("resume", milestone), {"revision": 2, **day("due_on", date(2026, 12, 1))})
    milestone.refresh_from_db()
    assert milestone.due_on == date(2026, 12, 1)


def test_answered_asked_on_a_day(client, adviser, milestone):
    sent = {"revision": 1, "kind": "asked", **day("asked_on", TODAY), "note": ""}
    assert client.post(address("answer", milestone), sent).status_code == 302
    assert "asked on 2 November 2026" in text(client.get(address("", milestone)))
    assert Milestone.objects.overdue(TODAY).exists()


def test_assigned_to_one_of_those_who_can_see_it(client, adviser, milestone, council):
    colleague = person_with(Role.COUNCIL_APPROVER, council=council, name="Ada Approver")
    person_with(Role.COUNCIL_APPROVER, council=CouncilFactory(), name="Stella Stranger")
    person_with(Role.ADMINISTRATOR, name="Adam Administrator")
    page = text(client.get(address("assign", milestone)))
    assert "Ada Approver" in page
    assert "Stella Stranger" not in page and "Adam Administrator" not in page
    client.post(address("assign", milestone), {"revision": 1, "person": colleague.pk})
    milestone.refresh_from_db()
    assert milestone.assignee == colleague


def test_confirmed_as_not_met(client, adviser, milestone):
    Milestone.objects.update(to_confirm=True)
    page = text(client.get(address("", milestone)))
    assert "To confirm" in page and address("confirm", milestone) in page
    client.post(address("confirm", milestone), {"revision": 1, "outcome": "not-met"})
    assert Milestone.objects.overdue(TODAY).exists()


def test_met_by_mistake_it_is_reopened_from_its_page_with_a_reason(client, adviser, milestone):
    assert address("reopen", milestone) not in text(client.get(address("", milestone)))
    client.post(address("met", milestone), {"revision": 1, **day("met_on", TODAY)})
    assert address("reopen", milestone) in text(client.get(address("", milestone)))
    assert "Enter why it is reopened" in text(client.post(address("reopen", milestone), {"revision": 2}))
    sent = {"revision": 2, "note": "The wrong one was ticked"}
    response = client.post(address("reopen", milestone), sent, follow=True)
    assert "Improvement plan sent to the DfE: reopened." in text(response)
    assert Milestone.objects.overdue(TODAY).get() == milestone


def test_a_stale_form_that_reopens_what_stands_again_offers_no_second_try(client, adviser, milestone):
    client.post(address("met", milestone), {"revision": 1, **day("met_on", TODAY)})
    sent = {"revision": 2, "note": "Typed with care"}
    client.post(address("reopen", milestone), sent)
    response = client.post(address("reopen", milestone), sent)
    assert response.status_code == 409
    assert "Typed with care" in text(response) and "It stands again now" in text(response)


def test_nobody_signed_in_is_asked_to_sign_in(client, milestone):
    assert reverse("account_login") in client.get(address("", milestone)).url


def test_a_milestones_page_takes_the_same_queries_however_long_its_history(
    client, adviser, milestone, django_assert_max_num_queries
):
    for revision in range(1, 6):
        sent = {"revision": revision, **day("to", TODAY + timedelta(days=revision)), "reason": "correction"}
        client.post(address("move", milestone), sent)
    with django_assert_max_num_queries(12):
        client.get(address("", milestone))


# The due-date calculator


@pytest.mark.usefixtures("reference")
class TestDueDates:
    def ask(self, client, day_0, count, unit):
        return client.get(reverse("due_date"), {**day("day_0", day_0), "count": count, "unit": unit})

    def test_it_gives_the_date_and_the_days_not_counted_and_why(self, client, adviser):
        page = text(self.ask(client, date(2026, 8, 3), 20, "working-days"))
        assert "Due Tuesday 1 September 2026" in page
        assert "9 days not counted" in page and "Summer bank holiday" in page

    def test_months_keep_a_day_off_and_name_the_next_working_day(self, client, adviser):
        page = text(self.ask(client, date(2026, 2, 3), 6, "months"))
        assert "Due Monday 3 August 2026" in page and "not a working day" not in page
        page = text(self.ask(client, date(2026, 1, 1), 12, "months"))
        assert "Due Friday 1 January 2027" in page
        assert "not a working day" in page and "Monday 4 January 2027" in page

    def test_beyond_the_table_it_says_which_years_are_known(self, client, adviser):
        assert "2012 to 2028" in text(self.ask(client, date(2028, 12, 1), 70, "working-days"))

    def test_it_opens_empty_and_without_errors(self, client, adviser):
        page = text(client.get(reverse("due_date")))
        assert "Work out a due date" in page and "There is a problem" not in page

    def test_those_who_advise_may_use_it_and_others_may_not(self, client, council):
        client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
        assert client.get(reverse("due_date")).status_code == 403

    @pytest.mark.parametrize(
        ("args", "printed"),
        [
            (["2026-08-03", "--working-days", "70"], "2026-11-10\n"),
            (["2026-08-03", "--working-days", "0"], "2026-08-03\n"),
            (["2025-08-31", "--months", "6"], "2026-02-28\n"),
        ],
    )
    def test_the_command_prints_the_date_and_nothing_else(self, args, printed):
        out = StringIO()
        call_command("due_date", *args, stdout=out)
        assert out.getvalue() == printed

    @pytest.mark.parametrize(
        "args",
        [
            ["3 August", "--months", "1"],
            ["2026-08-03"],
            ["2026-08-03", "--months", "1", "--working-days", "1"],
            ["2026-08-03", "--working-days", "many"],
            ["2028-12-01", "--working-days", "70"],
        ],
    )
    def test_the_command_refuses_what_it_cannot_count_in_one_line(self, args):
        with pytest.raises(CommandError) as refused:
            call_command("due_date", *args)
        assert "\n" not in str(refused.value)
