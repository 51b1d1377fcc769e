"""One page for all that a case has to confirm: who may open it, and what one Save does."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.permissions import Role
from cases.actions import Confirmation, NotConfirmed, confirm, confirm_all
from cases.models import Assignment, Case, Milestone
from history.models import Event
from tests.factories import (
    TODAY,
    CaseFactory,
    ClockRuleFactory,
    CouncilFactory,
    MilestoneFactory,
    PersonFactory,
    RegionFactory,
    person_with,
    viewer_with,
)

pytestmark = pytest.mark.django_db

ENTERED = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        yield


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def case(region):
    council = CouncilFactory(region=region, name="Saltmarsh")
    return CaseFactory(council=council, entered_on=ENTERED)


@pytest.fixture
def waiting(case):
    """Three milestones to confirm, the earliest due first."""
    return [to_confirm(case, label=label, days=days) for label, days in LABELS.items()]


LABELS = {"Draft plan": 90, "Written statement": 60, "Progress review 1": 30}


def to_confirm(case, *, label, days):
    due = ENTERED - timedelta(days=days)
    return MilestoneFactory(case=case, label=label, due_on=due, entered_on=ENTERED, to_confirm=True)


@pytest.fixture
def adviser(client, region):
    person = person_with(Role.PRINCIPAL_ADVISER, region=region)
    client.force_login(person)
    return person


@pytest.fixture
def colleague(region):
    """Another adviser of the region, as a viewer."""
    return viewer_with(Role.PRINCIPAL_ADVISER, region=region)


def page_of(case):
    return reverse("case_to_confirm", args=[case.reference])


def sent(*rows):
    """Return what the browser sends for `rows`: (milestone, outcome, date or None), each as it was read."""
    data = {"milestone": [milestone.pk for milestone, *_ in rows]}
    for milestone, outcome, met_on in rows:
        name = f"milestone-{milestone.pk}"
        data |= {f"{name}-revision": milestone.revision, f"{name}-outcome": outcome}
        for part in ("day", "month", "year"):
            data[f"{name}-met_on_{part}"] = getattr(met_on, part) if met_on else ""
    return data


def text(response):
    return response.content.decode()


def outcomes(milestones):
    return [
        (each.outcome, each.to_confirm)
        for each in Milestone.objects.filter(pk__in=[one.pk for one in milestones]).order_by("due_on")
    ]


UNTOUCHED = [("", True)] * 3


def test_a_stranger_finds_nothing(client, case, waiting):
    client.force_login(person_with(Role.PRINCIPAL_ADVISER, region=RegionFactory()))
    assert client.get(page_of(case)).status_code == 404
    assert client.post(page_of(case), sent((waiting[0], "not-known", None))).status_code == 404
    assert outcomes(waiting) == UNTOUCHED


@pytest.mark.parametrize("role", [Role.COUNCIL_APPROVER, Role.DFE_ADVISER])
def test_who_may_only_read_the_case_is_refused(client, case, waiting, role):
    client.force_login(person_with(role, council=case.council))
    assert client.get(page_of(case)).status_code == 403
    assert client.post(page_of(case), sent((waiting[0], "not-known", None))).status_code == 403
    assert outcomes(waiting) == UNTOUCHED


def test_an_adviser_put_on_the_case_alone_may_answer(client, case, waiting):
    person = PersonFactory()
    Assignment.objects.create(case=case, person=person, role=Role.LGA_ADVISER, from_on=ENTERED)
    client.force_login(person)
    assert client.post(page_of(case), sent((waiting[0], "not-known", None))).status_code == 302
    assert outcomes(waiting)[0] == ("not-known", True)


def test_each_row_shows_what_it_is_when_it_was_due_and_by_what_rule_and_is_left_unless_answered(
    client, adviser, case
):
    rule = ClockRuleFactory(label="Written statement")
    MilestoneFactory(
        case=case,
        rule=rule,
        label="Written statement",
        started_on=date(2026, 1, 14),
        due_on=date(2026, 4, 14),
        to_confirm=True,
    )
    MilestoneFactory(case=case, label="Not to confirm")
    to_confirm(
        CaseFactory(council=case.council, standing=Case.Standing.CLOSED, closed_on=TODAY),
        label="Other",
        days=1,
    )
    page = text(client.get(page_of(case)))
    assert "1 date from before the record began" in page and "before 1 June 2026" in page
    for words in ("Written statement", "14 April 2026", "Agreed, owed by the council"):
        assert words in page
    assert "3 calendar months from 14 January 2026: report published" in page
    assert "Not to confirm" not in page and "Other" not in page
    assert page.count("checked") == 1
    assert 'value=""' in page.partition("checked")[0][-100:]


def test_one_save_answers_what_was_answered_and_leaves_the_rest(client, adviser, case, waiting):
    draft, statement, review = waiting
    met_on = draft.due_on - timedelta(days=1)
    data = sent((draft, "met", met_on), (statement, "not-met", None), (review, "", None))
    response = client.post(page_of(case), data, follow=True)
    assert response.redirect_chain == [(case.council.get_absolute_url(), 302)]
    assert "Saltmarsh: 2 answered, 1 left." in text(response)
    assert outcomes(waiting) == [("met", False), ("", False), ("", True)]
    draft.refresh_from_db()
    assert (draft.met_on, draft.revision) == (met_on, 2)
    assert Milestone.objects.overdue(TODAY).get() == statement
    told = Event.objects.filter(subject_kind="milestone").values_list("kind", "subject_id", "by_id")
    assert set(told) == {
        ("milestone-met", draft.pk, adviser.pk),
        ("milestone-confirmed", statement.pk, adviser.pk),
    }


def test_it_goes_back_to_the_page_that_sent_the_person_there(client, adviser, case, waiting):
    response = client.post(
        page_of(case), sent((waiting[0], "not-known", None)), query_params={"next": "/?on=2026-11-02"}
    )
    assert response.url == "/?on=2026-11-02"


def test_an_error_names_its_row_saves_nothing_and_loses_nothing(client, adviser, case, waiting):
    draft, statement, review = waiting
    data = sent((draft, "not-known", None), (statement, "met", None), (review, "met", date(2026, 5, 2)))
    data[f"milestone-{review.pk}-met_on_day"] = "31st"
    response = client.post(page_of(case), data)
    page = text(response)
    assert response.status_code == 200
    assert "<title>Error: " in page
    for error in (
        "Enter the date it was met: Written statement, due 2 April 2026",
        "The date it was met must be a real date: Progress review 1, due 2 May 2026",
    ):
        assert page.count(error) == 2, error
    assert f'href="#id_milestone-{statement.pk}-met_on_day"' in page
    assert 'value="31st"' in page and page.count("checked") == 3
    assert outcomes(waiting) == UNTOUCHED


def test_a_date_to_come_is_refused_beside_its_row_and_nothing_is_saved(client, adviser, case, waiting):
    draft, statement, review = waiting
    data = sent((draft, "not-known", None), (statement, "met", TODAY + timedelta(days=1)), (review, "", None))
    page = text(client.post(page_of(case), data))
    assert page.count("The date must be today or earlier: Written statement, due 2 April 2026") == 2
    assert outcomes(waiting) == UNTOUCHED
    assert not Event.objects.filter(subject_kind="milestone").exists()


@pytest.mark.parametrize("outcome", ["", "not-met", "not-known"])
def test_a_date_without_met_is_asked_about_and_never_dropped(client, adviser, case, waiting, outcome):
    page = text(client.post(page_of(case), sent((waiting[0], outcome, date(2026, 3, 1)))))
    assert page.count("Select “Met”, or clear the date: Draft plan, due 3 March 2026") == 2
    assert outcomes(waiting) == UNTOUCHED


def test_with_nothing_answered_it_says_so(client, adviser, case, waiting):
    response = client.post(page_of(case), sent(*((each, "", None) for each in waiting)))
    assert response.status_code == 200
    assert "Answer at least one, or go back" in text(response)


def test_a_row_changed_meanwhile_is_refused_by_name_and_can_be_sent_again(
    client, adviser, colleague, case, waiting
):
    draft, statement, _ = waiting
    data = sent((draft, "not-known", None), (statement, "met", date(2026, 4, 1)))
    Milestone.objects.filter(pk=statement.pk).update(revision=2)
    response = client.post(page_of(case), data)
    page = text(response)
    assert response.status_code == 409
    assert page.count("check it and save again: Written statement, due 2 April 2026") == 2
    assert "check it and save again: Draft plan" not in page
    assert outcomes(waiting) == UNTOUCHED
    assert f'name="milestone-{statement.pk}-revision" value="2"' in page
    assert page.count("checked") == 3 and 'value="2026"' in page
    again = data | {f"milestone-{statement.pk}-revision": 2}
    assert client.post(page_of(case), again).status_code == 302
    assert outcomes(waiting)[:2] == [("not-known", True), ("met", False)]


def test_a_row_answered_meanwhile_is_told_and_the_rest_of_what_was_typed_is_kept(
    client, adviser, colleague, case, waiting
):
    draft, statement, _ = waiting
    data = sent((draft, "not-known", None), (statement, "met", date(2026, 4, 1)))
    confirm(draft, outcome="met", met_on=draft.due_on, by=colleague, on=TODAY, revision=1)
    response = client.post(page_of(case), data)
    page = text(response)
    assert response.status_code == 409
    assert "Answered by somebody else while you were writing: Draft plan, due 3 March 2026" in page
    assert "You had chosen “Not known”" in page
    assert f'name="milestone-{draft.pk}-outcome"' not in page
    assert outcomes(waiting) == [("met", False), ("", True), ("", True)]
    rest = sent((statement, "met", date(2026, 4, 1)))
    assert client.post(page_of(case), rest).status_code == 302
    assert outcomes(waiting)[1] == ("met", False)


def test_what_somebody_answered_meanwhile_does_not_matter_where_it_was_left(
    client, adviser, colleague, case, waiting
):
    draft, statement, _ = waiting
    confirm(draft, outcome="not-known", by=colleague, on=TODAY, revision=1)
    response = client.post(
        page_of(case), sent((draft, "", None), (statement, "not-known", None)), follow=True
    )
    assert "Saltmarsh: 1 answered, 1 left." in text(response)


def test_a_change_in_the_last_moment_is_refused_under_the_lock(client, adviser, case, waiting, monkeypatch):
    """Somebody saves after the form was read and before the action takes its locks."""
    from cases import actions

    act = actions.confirm_all

    def somebody_is_faster(*args, **kwargs):
        Milestone.objects.filter(pk=waiting[0].pk).update(revision=2)
        return act(*args, **kwargs)

    monkeypatch.setattr("cases.views.actions.confirm_all", somebody_is_faster)
    data = sent((waiting[0], "not-known", None), (waiting[1], "not-known", None))
    response = client.post(page_of(case), data)
    assert response.status_code == 409
    assert "check it and save again: Draft plan" in text(response)
    assert outcomes(waiting) == UNTOUCHED


def test_a_milestone_of_another_case_is_not_touched(client, adviser, case, waiting, region):
    other = to_confirm(CaseFactory(council=CouncilFactory(region=region)), label="Theirs", days=9)
    response = client.post(page_of(case), sent((waiting[0], "not-known", None), (other, "not-known", None)))
    assert response.status_code == 302
    other.refresh_from_db()
    assert other.outcome == ""


@pytest.mark.parametrize("forged", [{"milestone": "x"}, {"milestone-1-outcome": "met"}])
def test_what_no_browser_sends_answers_nothing(client, adviser, case, waiting, forged):
    assert client.post(page_of(case), forged).status_code == 200
    assert outcomes(waiting) == UNTOUCHED


def test_a_row_sent_without_its_revision_is_stale(client, adviser, case, waiting):
    data = sent((waiting[0], "not-known", None))
    del data[f"milestone-{waiting[0].pk}-revision"]
    assert client.post(page_of(case), data).status_code == 409
    assert outcomes(waiting) == UNTOUCHED


def test_with_nothing_to_confirm_the_page_says_so(client, adviser, case):
    page = text(client.get(page_of(case)))
    assert "Nothing is to confirm" in page and "Save answers" not in page


def test_it_reads_in_the_same_queries_for_few_and_for_many(
    client, adviser, case, waiting, django_assert_max_num_queries
):
    for days in range(1, 30):
        to_confirm(case, label=f"Progress review {days}", days=days)
    with django_assert_max_num_queries(8):
        client.get(page_of(case))


def test_all_are_saved_or_none_and_every_problem_is_told(colleague, case, waiting):
    draft, statement, review = waiting
    answers = [
        Confirmation(draft, "not-known", None, 1),
        Confirmation(statement, "met", None, 1),
        Confirmation(review, "not-met", None, 7),
    ]
    with pytest.raises(NotConfirmed) as refused:
        confirm_all(answers, by=colleague, on=TODAY)
    assert {pk: type(problem).__name__ for pk, problem in refused.value.problems.items()} == {
        statement.pk: "Refused",
        review.pk: "Stale",
    }
    assert outcomes(waiting) == UNTOUCHED
    assert not Event.objects.filter(subject_kind="milestone").exists()
