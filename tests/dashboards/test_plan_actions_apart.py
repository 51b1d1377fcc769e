"""Actions of a plan that are late are counted apart, and told one by one to whom they are assigned alone."""

import csv
from datetime import timedelta

import pytest

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Force
from dashboards.calendars import milestones_in_calendar
from tests.dashboards.conftest import TODAY, in_intervention
from tests.factories import MilestoneFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan_actions(council):
    """One milestone of the council late; of its plan two actions late, one due soon and one met late."""
    late = in_intervention(council)
    shape = {"case": late.case, "of_plan": True, "force": Force.AGREED, "entered_on": late.entered_on}
    made = [
        MilestoneFactory(
            label=f"Action 1.{n} of the improvement plan", due_on=TODAY + timedelta(days), **shape
        )
        for n, days in enumerate((-9, -3, 4, -20), 1)
    ]
    made[3].outcome, made[3].met_on, made[3].closed_on = "met", TODAY - timedelta(1), TODAY - timedelta(1)
    made[3].save()
    return made


def rows_of(response):
    return list(csv.DictReader(response.getvalue().decode("utf-8-sig").splitlines()))


@pytest.fixture
def adviser(client, region):
    person = person_with(Role.PRINCIPAL_ADVISER, region=region)
    client.force_login(person)
    return person


def test_a_region_counts_them_apart_in_its_words_its_table_and_its_download(client, adviser, plan_actions):
    page = client.get("/regions/wolds/")
    assert "1 council milestone</a> is overdue" in page.content.decode()
    assert "2 plan actions</a> are late" in page.content.decode()
    assert "2 plan actions late</a>" in page.content.decode()
    assert [need.what for need in page.context["page"].needs] == ["written statement published"]
    (row,) = [
        each for each in rows_of(client.get("/regions/wolds/?format=csv")) if each["Council"] == "Saltmarsh"
    ]
    assert (row["Overdue, owed by the council"], row["Plan actions late"]) == ("1", "2")


def test_england_and_its_figures_by_machine_count_them_apart(client, region, plan_actions):
    client.force_login(person_with(Role.NATIONAL_LEAD))
    assert "2 plan actions</a> are late" in client.get("/england/").content.decode()
    figures = client.get("/api/v1/england/").json()
    assert (figures["overdue"], figures["plan_actions_late"]) == (1, 2)
    told = client.get("/api/v1/councils/saltmarsh/").json()
    assert (told["overdue"], told["plan_actions_late"]) == (1, 2)


def test_a_council_s_page_and_brief_count_them_apart(client, adviser, plan_actions):
    page = client.get("/councils/saltmarsh/")
    assert "1 milestone</a> is overdue" in page.content.decode()
    assert "2 plan actions</a> are late" in page.content.decode()
    assert [row.milestone.label for row in page.context["page"].milestones] == ["Written statement published"]
    assert (
        "2 plan actions are late, counted apart" in client.get("/councils/saltmarsh/brief/").content.decode()
    )
    told = rows_of(client.get("/councils/saltmarsh/?format=csv&table=milestones"))
    assert [each["Plan action"] for each in told] == ["no", "yes", "yes"]


@pytest.mark.parametrize("role", [Role.PRINCIPAL_ADVISER, Role.NATIONAL_LEAD, Role.COUNCIL_APPROVER])
def test_my_work_counts_them_and_lists_none(client, region, council, plan_actions, role):
    reach = {Role.PRINCIPAL_ADVISER: {"region": region}, Role.COUNCIL_APPROVER: {"council": council}}
    client.force_login(person_with(role, **reach.get(role, {})))
    page = client.get("/").context["page"]
    assert page.plan_actions_late == 2
    assert {item[1].of_plan for item in page.must + page.theirs + page.rest} == {False}


def test_my_work_and_the_calendar_tell_whom_one_is_assigned_to(client, council, plan_actions):
    person = person_with(Role.COUNCIL_CONTRIBUTOR, council=council)
    plan_actions[0].assignee = person
    plan_actions[0].save()
    client.force_login(person)
    page = client.get("/").context["page"]
    assert [item[1] for item in page.must if item[1].of_plan] == [plan_actions[0]]
    assert page.plan_actions_late == 1
    told = milestones_in_calendar(Viewer.of(person, TODAY))
    assert [each for each in told if each.of_plan] == [plan_actions[0]]


def test_the_dfe_s_adviser_is_told_of_none(client, council, plan_actions):
    client.force_login(person_with(Role.DFE_ADVISER, council=council))
    assert client.get("/").context["page"].plan_actions_late == 0
    assert "plan action" not in client.get("/councils/saltmarsh/").content.decode()
