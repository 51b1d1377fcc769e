"""The brief before a call: what is on it as at a day, for whom, how it is cut, and what is never on it."""

import re
from datetime import date, timedelta

import pytest

from accounts.permissions import Role
from cases.models import Force, Source
from councils.models import DeliveryArrangement, DeliveryBody
from tests.dashboards.conftest import TODAY, in_intervention, judged
from tests.factories import (
    ContactFactory,
    CouncilFactory,
    MilestoneFactory,
    PoliticalControlFactory,
    PostHolderFactory,
    RecommendationFactory,
    SourceFactory,
    person_with,
)

pytestmark = pytest.mark.django_db

PAGE = "/councils/saltmarsh/brief/"
EARLIER = date(2026, 9, 1)


def words(response):
    assert response.status_code == 200, response.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def sign_in_as(client, role, **reach):
    client.force_login(person_with(role, **reach))


@pytest.fixture
def told(council):
    """A council in intervention of which everything that the brief has room for is known."""
    in_intervention(council)
    judged(council, overall="good", leaders="good", form="ilacs-2018", published=date(2021, 3, 12))
    PostHolderFactory(council=council, terms="interim", from_on=date(2026, 10, 1))
    PostHolderFactory(
        council=council, name="Marina Fenn", from_on=date(2022, 9, 1), until_on=date(2026, 10, 1)
    )
    PostHolderFactory(council=council, office="leader", name="", terms="vacant", from_on=EARLIER)
    PoliticalControlFactory(council=council, next_election_on=date(2027, 5, 6))
    body = DeliveryBody.objects.create(slug="trust", name="Saltmarsh Children’s Trust", kind="trust")
    DeliveryArrangement.objects.create(council=council, body=body, from_on=date(2024, 4, 1))
    source = SourceFactory(council=council)
    RecommendationFactory(source=source, paragraph="12", text="Supervise more often.")
    RecommendationFactory(source=source, text="Long since done.", outcome="met", closed_on=date(2026, 11, 1))
    MilestoneFactory(case=council.cases.get(), label="Progress review 1", due_on=TODAY + timedelta(days=20))
    ContactFactory(council=council, on=date(2026, 11, 10), said="The board meets on Thursday.")
    return council


def test_it_says_who_they_are_how_they_stand_what_is_due_and_what_was_said(client, region, told):
    sign_in_as(client, Role.LGA_ADVISER, region=region)
    page = words(client.get(PAGE))
    for known in (
        "Saltmarsh: inadequate, in intervention",
        "Leaders: inadequate",
        "Corin Sandpiper , interim, from 1 October 2026",
        "Leader Vacant , from 1 September 2026",
        "Principal social worker Not recorded",
        "No overall control, from 1 January 2026",
        "Next election 6 May 2027",
        "Saltmarsh Children’s Trust, since 1 April 2024",
        "Plan due since",
        "ILACS 2023 standard inspection, inspected 22 April 2026: inadequate",
        "ILACS 2018 standard inspection, inspected 31 January 2021: good",
        "9 days overdue: Written statement published, due 11 November 2026. Agreed, owed by the council.",
        "10 December 2026: Progress review 1 (due in 20 days)",
        "10 November 2026, telephone, with the director of children’s services. The board meets on Thursday.",
        "1 open recommendation",
        "12 Supervise more often.",
    ):
        assert known in page, known
    report = told.sources.get(recommendations__text="Supervise more often.")
    assert f'href="/inspections/{report.pk}/"' in client.get(PAGE).content.decode()
    for gone in ("Marina Fenn", "Long since done"):
        assert gone not in page


def test_as_at_an_earlier_day_it_says_what_held_then(client, region, told):
    sign_in_as(client, Role.LGA_ADVISER, region=region)
    page = words(client.get(PAGE, {"on": EARLIER}))
    for known in ("Marina Fenn , 1 September 2022 to 30 September 2026", "Long since done."):
        assert known in page, known
    assert "Corin Sandpiper" not in page and "The board meets" not in page
    assert "None is logged" in page and "Nothing is overdue" in page


@pytest.mark.parametrize(
    "role", [Role.COUNCIL_APPROVER, Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_LEADERSHIP, Role.DFE_ADVISER]
)
def test_those_who_see_its_cases_see_it_without_what_is_the_lgas_alone(client, told, role):
    sign_in_as(client, role, council=told)
    page = words(client.get(PAGE))
    assert "Supervise more often." in page and "Written statement published" in page
    assert "contact" not in page.lower() and "The board meets" not in page and "LGA’s alone" not in page


@pytest.mark.parametrize("role", [Role.PEER, Role.SCRUTINY_MEMBER, Role.ADMINISTRATOR])
def test_to_a_stranger_there_is_none(client, told, role):
    sign_in_as(client, role, **({} if role == Role.ADMINISTRATOR else {"council": told}))
    assert client.get(PAGE).status_code == 404
    sign_in_as(client, Role.COUNCIL_APPROVER, council=CouncilFactory())
    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/councils/saltmarsh/").content.decode()


@pytest.mark.parametrize("access", [Source.Access.EMBARGOED, Source.Access.NEVER])
def test_what_is_under_embargo_is_never_on_it_for_its_named_readers_too(client, region, told, access):
    reader = person_with(Role.LGA_ADVISER, region=region)
    secret = SourceFactory(council=told, access=access)
    secret.readers.create(person=reader, side="lga", from_on=EARLIER)
    RecommendationFactory(source=secret, text="Nobody knows of this.")
    MilestoneFactory(
        case=told.cases.get(), source=secret, label="A secret plan", due_on=TODAY - timedelta(days=3)
    )
    client.force_login(reader)
    for address in (PAGE, "/councils/saltmarsh/"):
        page = words(client.get(address))
        assert "Nobody knows" not in page and "A secret plan" not in page
        assert "1 open recommendation" in page


def test_every_list_is_cut_and_says_how_much_more_there_is(client, region, told):
    case = told.cases.get()
    for number in range(12):
        MilestoneFactory(case=case, label=f"Late {number}", due_on=TODAY - timedelta(days=30 + number))
        MilestoneFactory(case=case, label=f"Next {number}", due_on=TODAY + timedelta(days=30 + number))
        RecommendationFactory(source=told.recommendations.first().source, text="Again and again. " * 60)
        ContactFactory(council=told, on=EARLIER, follow_up_on=TODAY, said="To be asked again. " * 60)
    sign_in_as(client, Role.PRINCIPAL_ADVISER, region=region)
    page = words(client.get(PAGE))
    assert "and 8 more" in page.split("Last contact")[0], "13 late, 5 told"
    assert "and 7 more" in page.split("Last contact")[0], "13 ahead, 6 told"
    assert "and 10 more to follow up" in page, "12 of them, 2 told"
    assert "13 open recommendations" in page and "and 5 more" in page
    assert "To be asked again. " * 12 not in page and "Again and again. " * 12 not in page
    assert len(page) < 6000


def test_a_window_passed_or_a_date_to_confirm_is_not_called_overdue(client, region, council):
    late = in_intervention(council, days_late=-9)
    MilestoneFactory(case=late.case, label="A visit", force=Force.WINDOW, due_on=TODAY - timedelta(days=2))
    MilestoneFactory(case=late.case, label="An old date", to_confirm=True, due_on=date(2025, 5, 1))
    sign_in_as(client, Role.LGA_ADVISER, region=region)
    page = words(client.get(PAGE))
    assert "Nothing is overdue" in page and "A visit" not in page and "An old date" not in page
    assert "1 date from before the record began to confirm" in page


def test_before_the_record_began_it_says_that_nothing_was_recorded(client, region, council):
    in_intervention(council)
    sign_in_as(client, Role.LGA_ADVISER, region=region)
    page = words(client.get(PAGE, {"on": "2025-06-01"}))
    assert "Milestones were not recorded before 1 January 2026" in page
    assert "Nothing is overdue" not in page
    response = client.get(PAGE, {"on": "soon"})
    assert response.status_code == 400 and "The day must be a real date" in response.content.decode()
