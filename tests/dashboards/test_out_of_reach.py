"""What lies out of a reader's reach changes nothing that they can see: no page, download, filter or order.

Each page is read twice, before and after a neighbour's case turns into something else altogether.
"""

import re
from datetime import date, timedelta
from itertools import product

import pytest

from accounts.permissions import Role
from cases.models import Case, Milestone
from improvement.models import Decision
from tests.dashboards.conftest import TODAY, in_intervention, judged
from tests.factories import CouncilFactory, person_with

pytestmark = pytest.mark.django_db

NARROWED = [
    *(f"stage={stage}" for stage in ("any", "plan_due", "ended", "to-confirm")),
    *(f"overdue={overdue}" for overdue in ("yes", "no")),
    *(f"sort={by}" for by in ("overdue", "-overdue", "stage", "next", "window")),
    "on=2026-11-01",
]
LISTS = [
    *(
        "/england/",
        "/regions/",
        "/regions/wolds/",
        "/regions/wolds/?stage=any",
        "/regions/wolds/?on=2026-11-01",
    ),
    *(f"{page}?{query}&format=csv" for page, query in product(["/england/", "/regions/wolds/"], NARROWED)),
    *(f"/england/?format=csv&table={table}" for table in ("regions", "stages")),
]
OF_THE_NEIGHBOUR = [
    "/councils/eastmere/",
    "/councils/eastmere/?on=2026-11-01",
    "/councils/eastmere/?format=csv&table=milestones",
    "/councils/eastmere/?format=csv&table=intervention",
]
PAGES = ["/", "/?format=csv", *LISTS, *OF_THE_NEIGHBOUR, "/councils/eastmere/history/"]


def seen(client, page):
    response = client.get(page)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", content)


def turn_round(neighbour):
    """Make a neighbour's late milestone one in time and another one late, and its case one that has ended."""
    late = neighbour.milestones.get()
    Milestone.objects.filter(pk=late.pk).update(due_on=TODAY + timedelta(days=3), label="Board meets")
    late.pk = None
    late.due_on = TODAY - timedelta(days=400)
    late.save()
    neighbour.cases.update(standing=Case.Standing.CLOSED, closed_on=date(2026, 10, 20))
    Decision.objects.create(
        council=neighbour,
        case=neighbour.cases.get(),
        kind=Decision.Kind.INSUFFICIENT,
        on=date(2026, 10, 1),
        recorded_on=date(2026, 10, 1),
    )


@pytest.fixture
def two_councils(council, neighbour, region):
    in_intervention(council)
    in_intervention(neighbour)
    judged(CouncilFactory(region=region), overall="good", leaders="good")


def changed_for(client, neighbour, pages):
    """Return the pages on which the turn of a neighbour's case is to be seen."""
    before = {page: seen(client, page) for page in pages}
    turn_round(neighbour)
    return [page for page in pages if seen(client, page) != before[page]]


# One who reads cases, one who advises, one whose role brings no case.
@pytest.mark.parametrize("role", [Role.COUNCIL_APPROVER, Role.LGA_ADVISER, Role.PEER])
def test_a_neighbours_case_shows_through_no_page_filter_order_or_download(
    client, two_councils, council, neighbour, role
):
    client.force_login(person_with(role, council=council))
    assert changed_for(client, neighbour, PAGES) == []


def test_it_shows_to_whoever_it_is_for(client, two_councils, region, neighbour):
    client.force_login(person_with(Role.PRINCIPAL_ADVISER, region=region))
    pages = ["/", "/england/", "/regions/", "/regions/wolds/?overdue=yes&format=csv", *OF_THE_NEIGHBOUR]
    assert changed_for(client, neighbour, pages) == pages
