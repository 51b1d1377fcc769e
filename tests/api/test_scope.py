"""What is of another council, or the LGA's alone, changes no answer: no list, count or version tells of it."""

from datetime import date

import pytest

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import flag_overdue
from improvement.models import Intervention
from tests.api.conftest import TODAY, Caller
from tests.dashboards.conftest import in_intervention, judged
from tests.factories import (
    CaseFactory,
    ContactFactory,
    CouncilFactory,
    GrantFactory,
    MilestoneFactory,
    RecommendationFactory,
    RegionFactory,
    SourceFactory,
    person_with,
)
from tests.peer_reviews.reviews import make_review
from tests.review_addresses import finding_on, note_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
ASKED = [
    "councils/",
    "councils/?region={region}",
    "councils/?region={region}&stage=any",
    "councils/?region={region}&overdue=no",
    "councils/{other}/",
    "england/",
    "interventions/",
    "milestones/",
    "milestones/?region={region}&overdue=yes",
    "milestones/?council={other}",
    "flags/",
    "recommendations/",
    "contacts/",
]
OF_REVIEWS = ["reviews/", "team-members/", "notes/", "findings/"]
OF_THE_COUNCIL = [Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_APPROVER, Role.COUNCIL_LEADERSHIP, Role.DFE_ADVISER]


@pytest.fixture
def region():
    return RegionFactory(slug="wolds")


@pytest.fixture
def own(region):
    """A council in intervention, with what is late, recommended and flagged."""
    council = CouncilFactory(region=region)
    in_intervention(council)
    RecommendationFactory(source=SourceFactory(council=council))
    return council


@pytest.fixture
def other(region):
    """A neighbour with a published judgement, which everybody knows of."""
    council = CouncilFactory(region=region)
    judged(council)
    return council


@pytest.fixture
def asks(client, own, other):
    """Return a function: everything that a person is answered, each list as CSV too."""

    def told(caller):
        answers = {}
        for asked in [*ASKED, *OF_REVIEWS]:
            path = "/api/v1/" + asked.format(region="wolds", other=other.slug)
            for media_type in ("application/json", "text/csv")[: 1 if "?" in asked else 2]:
                response = caller.get(path, accept=media_type)
                content = b"".join(response.streaming_content) if response.streaming else response.content
                answers[asked, media_type] = response.status_code, response.get("ETag"), content
        return answers

    return told


def changed(before, after):
    return sorted(
        {asked for asked, media_type in before if before[asked, media_type] != after[asked, media_type]}
    )


def open_a_case(council):
    """Give a council a case with something late, a recommendation, a flag and a contact."""
    case = CaseFactory(council=council, entered_on=date(2026, 6, 1))
    Intervention.objects.create(
        case=case, opened_from="judgement", began_on=date(2026, 6, 1), recorded_on=date(2026, 6, 1)
    )
    MilestoneFactory(case=case, entered_on=date(2026, 6, 1), due_on=date(2026, 7, 1))
    RecommendationFactory(source=SourceFactory(council=council))
    ContactFactory(council=council)
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)


@pytest.mark.parametrize("role", [*OF_THE_COUNCIL, Role.PEER, Role.ADMINISTRATOR])
def test_what_is_of_another_council_changes_no_answer(client, own, other, asks, role):
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)
    reach = {} if role == Role.ADMINISTRATOR else {"council": own}
    caller = Caller(client, person_with(role, **reach))
    before = asks(caller)
    open_a_case(other)
    assert changed(before, asks(caller)) == []


def test_to_whoever_looks_after_both_it_does(client, own, other, asks, region):
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)
    caller = Caller(client, person_with(Role.LGA_ADVISER, region=region))
    before = asks(caller)
    open_a_case(other)
    assert set(changed(before, asks(caller))) == set(ASKED)


def test_a_peer_review_of_its_own_council_changes_no_answer_of_the_dfe_s(client, own, asks, region):
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)
    caller = Caller(client, person_with(Role.DFE_ADVISER, council=own))
    before = asks(caller)
    made = make_review(own, region=region, peers=0, today=TODAY)
    MilestoneFactory(case=made.review.case, entered_on=date(2026, 6, 1), due_on=date(2026, 7, 1))
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)
    assert changed(before, asks(caller)) == []


def test_it_is_told_to_its_approver_but_for_the_team_s_notes_and_findings(client, own, asks):
    caller = Caller(client, person_with(Role.COUNCIL_APPROVER, council=own))
    before = asks(caller)
    made = make_review(own, today=TODAY)
    note_on(made.review, made.peers[0])
    finding_on(made.review)
    told = set(changed(before, asks(caller)))
    assert {"reviews/", "team-members/"} <= told and told.isdisjoint({"notes/", "findings/"})


@pytest.mark.parametrize("role", OF_THE_COUNCIL)
def test_contacts_with_a_council_change_no_answer_of_its_own(client, own, asks, role):
    caller = Caller(client, person_with(role, council=own))
    before = asks(caller)
    ContactFactory(council=own, follow_up_on=TODAY)
    assert changed(before, asks(caller)) == []


def test_that_a_decision_is_awaited_is_told_to_the_lga_alone(client, own, region):
    """Also to somebody who is an adviser elsewhere: what they hold here decides."""
    judged(own, overall=None, form="ilacs-2026", published=date(2026, 10, 1))
    adviser = Caller(client, person_with(Role.LGA_ADVISER, region=region))
    elsewhere = person_with(Role.COUNCIL_LEADERSHIP, council=own)
    GrantFactory(person=elsewhere, role=Role.LGA_ADVISER, scope="council", council=CouncilFactory())
    path = f"/api/v1/councils/{own.slug}/"
    assert adviser.get(path).json()["awaits"]
    assert not Caller(client, elsewhere).get(path).json()["awaits"]
