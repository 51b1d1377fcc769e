"""Every page reads in a fixed number of queries: the same for a few rows and for many."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import RolePolicy
from accounts.permissions import Role
from improvement.models import PlanVersion
from tests.dashboards.conftest import TODAY, in_intervention
from tests.factories import CouncilFactory, GrantFactory, MilestoneFactory, RegionFactory, person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

# The most that each page may ask, the three for session, person and roles among them.
BUDGETS = {
    "/": 19,
    "/england/": 12,
    "/regions/": 12,
    "/regions/wolds/": 13,
    # Two of these tell where its plans and its peer reviews stand, and to the LGA two of them its contacts and whether
    # its failure is persistent or systemic.
    "/councils/saltmarsh/": 20,
    # The page's queries, and the recommendations themselves.
    "/councils/saltmarsh/brief/": 21,
    # One of these asks whether what is the LGA's alone may be told.
    "/councils/saltmarsh/history/": 6,
}


def queries_of(client, page):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return [query["sql"] for query in asked]


@pytest.mark.parametrize("page", BUDGETS)
@pytest.mark.parametrize("role", [Role.PRINCIPAL_ADVISER, Role.NATIONAL_LEAD, Role.COUNCIL_APPROVER])
def test_a_page_stays_within_its_budget_however_many_rows_it_shows(
    client, region, council, neighbour, page, role
):
    in_intervention(council)
    in_intervention(neighbour)
    make_plan(council, standing=PlanVersion.Standing.SHARED, actions=3)
    reach = {Role.PRINCIPAL_ADVISER: {"region": region}, Role.COUNCIL_APPROVER: {"council": council}}
    client.force_login(person_with(role, **reach.get(role, {})))
    few = queries_of(client, page)
    for number in range(12):
        late = in_intervention(CouncilFactory(region=region), days_late=number)
        MilestoneFactory(case=late.case, due_on=TODAY + timedelta(days=number))
        MilestoneFactory(case=late.case, due_on=TODAY - timedelta(days=400), to_confirm=True)
    case = council.cases.get()
    for _ in range(2):
        make_plan(council, standing=PlanVersion.Standing.SHARED, actions=3)
    MilestoneFactory.create_batch(10, case=case, due_on=TODAY)
    many = queries_of(client, page)
    assert len(many) == len(few)
    assert len(many) <= BUDGETS[page], "\n".join(many)


@pytest.mark.parametrize("page", BUDGETS)
@pytest.mark.parametrize("role", [Role.PRINCIPAL_ADVISER, Role.NATIONAL_LEAD])
def test_neither_a_second_region_nor_a_required_second_factor_costs_a_query(
    client, region, council, page, role
):
    in_intervention(council)
    fens = RegionFactory(record_began_on=date(2026, 1, 1))
    in_intervention(CouncilFactory(region=fens))
    person = person_with(role, **({"region": region} if role == Role.PRINCIPAL_ADVISER else {}))
    if role == Role.PRINCIPAL_ADVISER:
        GrantFactory(person=person, role=role, scope="region", region=fens)
    RolePolicy.objects.update_or_create(role=role, defaults={"second_factor_required": True})
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    client.force_login(person)
    assert len(queries_of(client, page)) <= BUDGETS[page]
