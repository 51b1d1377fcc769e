"""Every number that is a link leads to rows, and there are as many as it says; within the reader's scope."""

import html
import re
from datetime import date, timedelta

import pytest

from accounts.permissions import Role
from cases.models import Case, Owes
from councils.models import Region
from improvement.models import Instrument, Intervention
from tests.dashboards.conftest import TODAY, in_intervention, judged
from tests.dashboards.test_pages import rows_of
from tests.factories import CaseFactory, CouncilFactory, MilestoneFactory, RegionFactory, person_with

pytestmark = pytest.mark.django_db

LINK = re.compile(r'<a class="govuk-link" href="([^"]*#councils)">\s*(\d+)\b(.*?)</a>', re.S)
MILESTONES = "Overdue, owed by the council"


@pytest.fixture
def mixed(region, council, neighbour):
    """Two regions: councils late, in time, at other stages, to confirm, of other grades and of other frameworks."""
    other = RegionFactory(slug="fens", name="Fens", record_began_on=date(2026, 1, 1))
    Region.objects.filter(record_began_on=None).update(record_began_on=date(2026, 1, 1))
    late = in_intervention(council)
    MilestoneFactory(case=late.case, due_on=TODAY - timedelta(days=2))
    in_intervention(neighbour, days_late=-30)
    in_intervention(CouncilFactory(region=other), days_late=3)
    in_intervention(CouncilFactory(region=other), owes=Owes.DFE)
    judged(CouncilFactory(region=region), overall="good", leaders="good", form="ilacs-2018")
    judged(CouncilFactory(region=other), overall=None, form="ilacs-2026")
    CouncilFactory(region=other)
    to_confirm(CouncilFactory(region=region))
    to_confirm(CouncilFactory(region=other))


def to_confirm(council):
    case = CaseFactory(council=council, standing=Case.Standing.UNCONFIRMED, entered_on=date(2026, 1, 1))
    Intervention.objects.create(
        case=case,
        opened_from=Intervention.Opened.RECORD,
        began_on=date(2024, 5, 1),
        recorded_on=date(2026, 1, 1),
    )
    Instrument.objects.create(
        council=council,
        case=case,
        kind="notice",
        issued_on=date(2024, 5, 1),
        recorded_on=date(2026, 1, 1),
    )


def counted_links(client, address):
    """Return (address, number, words) of each number on a page that leads to councils."""
    response = client.get(address)
    assert response.status_code == 200, address
    path = address.partition("?")[0]
    for href, number, words in LINK.findall(response.content.decode()):
        target = html.unescape(href).removesuffix("#councils")
        yield (path + target if target.startswith("?") else target or path), int(number), words


def rows_behind(client, address):
    """Count what an address lists: councils, or where milestones are counted those of the councils listed."""
    table = "format=csv&table=councils"
    rows = rows_of(client.get(f"{address}{'&' if '?' in address else '?'}{table}"))
    return sum(int(row[MILESTONES]) for row in rows) if "overdue=yes" in address else len(rows)


@pytest.mark.parametrize(
    "page",
    [
        "/england/",
        "/england/?show=lowest",
        "/england/?framework=ilacs",
        "/england/?grade=good&stage=ended&q=zzz&overdue=no&under=ilacs-2018&sort=name",
        "/england/?on=2026-06-15&by=inspected",
        "/england/?on=2025-12-31",
        "/regions/",
        "/regions/wolds/",
        "/regions/wolds/?show=lowest&grade=good&q=zzz&stage=any",
        "/regions/wolds/?on=2026-06-15",
        "/regions/fens/",
    ],
)
@pytest.mark.parametrize(
    "role", [Role.NATIONAL_LEAD, Role.PRINCIPAL_ADVISER, Role.COUNCIL_APPROVER, Role.PEER]
)
def test_every_number_leads_to_as_many_rows(client, region, council, mixed, page, role):
    reach = {
        Role.PRINCIPAL_ADVISER: {"region": region},
        Role.COUNCIL_APPROVER: {"council": council},
        Role.PEER: {"council": council},
    }
    client.force_login(person_with(role, **reach.get(role, {})))
    found = list(counted_links(client, page))
    behind = {address: rows_behind(client, address) for address, *_ in found}
    for address, number, words in found:
        assert behind[address] == number, (page, address, words)
    if role is Role.NATIONAL_LEAD and page in {"/england/", "/regions/"}:
        asked = " ".join(address for address, *_ in found)
        assert all(part in asked for part in ("grade=inadequate", "stage=any", "overdue=yes")), asked
