"""Staff of a delivery body: their role begins and ends with what the body does for the council."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.actions import grant_role
from accounts.models import Grant
from accounts.permissions import Ability, Role, Scope
from accounts.viewer import Viewer
from cases.models import Case, EmbargoAccess, Milestone, Source
from cases.queries import assignable_people
from councils.models import DeliveryArrangement, DeliveryBody
from history.models import Event
from improvement.models import PlanVersion
from improvement.queries.drafting import people_to_own
from tests.factories import (
    CaseFactory,
    CouncilFactory,
    MilestoneFactory,
    PersonFactory,
    SourceFactory,
    viewer_with,
)
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

BEGINS, ENDS = date(2026, 4, 1), date(2026, 10, 1)
BEFORE, LAST = BEGINS - timedelta(days=1), ENDS - timedelta(days=1)
INSIDE = date(2026, 7, 1)


@pytest.fixture
def system():
    return Viewer.system(BEFORE)


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def trust(council):
    body = DeliveryBody.objects.create(slug="trust", name="Children’s Trust", kind="trust")
    DeliveryArrangement.objects.create(council=council, body=body, from_on=BEGINS, until_on=ENDS)
    return body


@pytest.fixture
def member(council, trust, system):
    person = PersonFactory(name="Ottoline Reeve")
    grant_role(
        person=person,
        role=Role.COUNCIL_CONTRIBUTOR,
        scope=Scope.COUNCIL,
        council=council,
        body=trust,
        from_on=date(2026, 1, 1),
        by=system,
        on=BEFORE,
    )
    return person


def seen(what, viewer):
    return what.objects.visible_to(viewer).exists()


def test_the_role_holds_while_the_body_delivers_and_no_day_longer(council, member):
    version = make_plan(council, on=date(2026, 1, 12))
    case = CaseFactory(council=council)
    MilestoneFactory(case=case, council=council)
    for day, held in {BEFORE: False, BEGINS: True, LAST: True, ENDS: False}.items():
        viewer = Viewer.of(member, day)
        assert viewer.may_at(Ability.DRAFT_PLANS, council) is held, day
        assert [seen(what, viewer) for what in (Case, Milestone, PlanVersion)] == [held] * 3
    assert PlanVersion.objects.draftable_by(Viewer.of(member, INSIDE)).get() == version


def test_an_arrangement_extended_or_begun_anew_carries_the_role_with_it(council, trust, member):
    DeliveryArrangement.objects.update(until_on=None)
    assert Viewer.of(member, ENDS).may_at(Ability.SEE_CASES, council)
    DeliveryArrangement.objects.all().delete()
    assert not Viewer.of(member, INSIDE).may_at(Ability.SEE_CASES, council)


def test_a_body_that_delivers_for_two_councils_lets_its_staff_into_the_one_of_their_role(trust, member):
    neighbour = CouncilFactory()
    DeliveryArrangement.objects.create(council=neighbour, body=trust, from_on=BEGINS)
    assert not Viewer.of(member, INSIDE).may_at(Ability.SEE_CASES, neighbour)


def test_nobody_is_told_of_or_asked_for_what_they_no_longer_see(council, member):
    milestone = MilestoneFactory(case=CaseFactory(council=council), council=council)
    for day, held in {BEFORE: False, INSIDE: True, ENDS: False}.items():
        assert (member in assignable_people(milestone, day)) is held
        assert (member in people_to_own(council, day)) is held


def test_a_named_reader_of_what_is_under_embargo_reads_no_more_once_the_body_has_gone(council, member):
    source = SourceFactory(council=council, access="embargoed", published_on=None)
    EmbargoAccess.objects.create(source=source, person=member, side="council", from_on=BEGINS)
    for day, held in {INSIDE: True, LAST: True, ENDS: False}.items():
        viewer = Viewer.of(member, day)
        assert Source.objects.read_in_confidence_by(viewer).exists() is held


@pytest.mark.parametrize("role", [Role.COUNCIL_APPROVER, Role.SCRUTINY_MEMBER, Role.LGA_ADVISER])
def test_staff_of_a_body_hold_no_other_role(council, trust, system, role):
    with pytest.raises(ValidationError, match="Staff of a delivery body may be"):
        grant_role(
            person=PersonFactory(),
            role=role,
            scope=Scope.COUNCIL,
            council=council,
            body=trust,
            by=system,
            on=BEFORE,
        )


def test_a_body_that_has_never_delivered_for_the_council_is_refused(trust, system):
    with pytest.raises(ValidationError, match="No arrangement is on record"):
        grant_role(
            person=PersonFactory(),
            role=Role.COUNCIL_CONTRIBUTOR,
            scope=Scope.COUNCIL,
            council=CouncilFactory(),
            body=trust,
            by=system,
            on=BEFORE,
        )


def test_the_administrator_gives_it_on_the_persons_page_and_reads_it_there(client, council, trust):
    today = BEGINS
    DeliveryArrangement.objects.update(until_on=None)
    client.force_login(viewer_with(Role.ADMINISTRATOR, today=today).person)
    person = PersonFactory(name="Linus Fairbairn")
    page = f"/admin/accounts/person/{person.pk}/change/"
    answer = client.get(page)
    assert "Children’s Trust" in answer.content.decode()
    prefix = "grants-2" if "grants-2-TOTAL_FORMS" in answer.content.decode() else "grants"
    empty = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    sent = {"email": person.email, "name": person.name, "post": "", "is_active": "on"}
    for each in {"grants", prefix}:
        sent |= {f"{each}-{name}": value for name, value in empty.items()}
    sent |= {
        f"{prefix}-TOTAL_FORMS": 1,
        f"{prefix}-0-person": person.pk,
        f"{prefix}-0-role": Role.COUNCIL_CONTRIBUTOR,
        f"{prefix}-0-scope": Scope.COUNCIL,
        f"{prefix}-0-council": council.pk,
        f"{prefix}-0-body": trust.pk,
        f"{prefix}-0-from_on": "2026-04-01",
    }
    assert client.post(page, sent).status_code == 302
    grant = Grant.objects.get(person=person)
    assert grant.body == trust
    assert Event.objects.get(kind="role-granted", subject_id=person.pk).data["body"] == "trust"
    assert "Children’s Trust" in client.get(page).content.decode()
