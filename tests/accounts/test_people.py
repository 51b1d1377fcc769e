"""Inviting people, giving and ending roles, requiring a second factor: who may, what is recorded, what is refused."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import ProtectedError

from accounts.actions import (
    add_person,
    change_person,
    end_grant,
    grant_role,
    invite,
    invite_again,
    remove_second_factor,
    require_second_factor,
)
from accounts.models import Grant, Person, RolePolicy
from accounts.permissions import SCOPES, Ability, Role, Scope
from accounts.viewer import Viewer
from history.models import Event
from tests.constraints import broken
from tests.factories import TODAY, CouncilFactory, GrantFactory, PersonFactory, RegionFactory, viewer_with

pytestmark = pytest.mark.django_db

SYSTEM = Viewer.system(TODAY)
ADDRESS = "https://upstream.example.org/"


@pytest.fixture
def administrator():
    return viewer_with(Role.ADMINISTRATOR)


def latest(kind):
    return Event.objects.filter(kind=kind).order_by("-pk").first()


def test_an_administrator_invites_somebody_who_then_sets_a_password(
    administrator, client, django_capture_on_commit_callbacks
):
    council = CouncilFactory()
    with django_capture_on_commit_callbacks(execute=True):
        person = invite(
            email=" New@Example.org ",
            name="New Example",
            post="Director",
            grants=[{"role": Role.COUNCIL_APPROVER, "scope": Scope.COUNCIL, "council": council}],
            address=ADDRESS,
            by=administrator,
            on=TODAY,
        )
    assert person.email == "new@example.org" and not person.has_usable_password()
    assert Viewer.of(person, TODAY).roles == {Role.COUNCIL_APPROVER}
    assert EmailAddress.objects.get(user=person).verified
    [message] = mail.outbox
    assert message.to == ["new@example.org"]
    [link] = [line for line in message.body.splitlines() if line.startswith(ADDRESS) and "key" in line]
    page = client.get(link.removeprefix(ADDRESS.rstrip("/")))
    client.post(page.url, {"password1": "a long enough password", "password2": "a long enough password"})
    assert client.login(email="new@example.org", password="a long enough password")


def test_an_invitation_is_recorded_without_name_or_address(administrator):
    person = invite(email="new@example.org", name="New Example", address=ADDRESS, by=administrator, on=TODAY)
    event = latest("person-added")
    assert (event.subject_id, event.by_id, event.on) == (person.pk, administrator.person_id, TODAY)
    for held in Event.objects.filter(subject_kind="person"):
        assert "new" not in str(held.data).lower()


def test_an_invitation_that_is_rolled_back_mails_nobody(administrator, django_capture_on_commit_callbacks):
    wrong = {"role": Role.NATIONAL_LEAD, "scope": Scope.COUNCIL}
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ValidationError):
        invite(
            email="new@example.org", name="New", grants=[wrong], address=ADDRESS, by=administrator, on=TODAY
        )
    assert not Person.objects.filter(email="new@example.org").exists()
    assert mail.outbox == []


def test_an_address_belongs_to_one_person_whatever_its_case(administrator):
    PersonFactory(email="taken@example.org")
    with pytest.raises(ValidationError):
        invite(email="Taken@example.org", name="Another", address=ADDRESS, by=administrator, on=TODAY)


def test_a_new_link_can_be_sent(administrator, django_capture_on_commit_callbacks):
    person = PersonFactory()
    with django_capture_on_commit_callbacks(execute=True):
        invite_again(person, address=ADDRESS, by=administrator, on=TODAY)
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert latest("person-invited-again").subject_id == person.pk


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_but_an_administrator_changes_people_or_roles(role):
    person = PersonFactory()
    grant = GrantFactory(person=person, role=Role.NATIONAL_LEAD)
    by = Viewer.of(GrantFactory(role=role).person, TODAY)
    attempts = [
        lambda: invite(email="new@example.org", name="New", address=ADDRESS, by=by, on=TODAY),
        lambda: invite_again(person, address=ADDRESS, by=by, on=TODAY),
        lambda: add_person(email="new@example.org", name="New", by=by, on=TODAY),
        lambda: grant_role(person=person, role=Role.NATIONAL_LEAD, scope=Scope.ENGLAND, by=by, on=TODAY),
        lambda: end_grant(grant, until_on=TODAY, by=by, on=TODAY),
        lambda: change_person(
            person, email=person.email, name="Other", post="", is_active=False, by=by, on=TODAY
        ),
        lambda: require_second_factor(role, required=True, by=by, on=TODAY),
        lambda: remove_second_factor(person, by=by, on=TODAY),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()


def test_a_role_given_is_recorded_with_its_reach_and_dates(administrator):
    council = CouncilFactory()
    person = PersonFactory()
    grant_role(
        person=person,
        role=Role.DFE_ADVISER,
        scope=Scope.COUNCIL,
        council=council,
        until_on=date(2027, 1, 1),
        by=administrator,
        on=TODAY,
    )
    event = latest("role-granted")
    assert event.subject_id == person.pk and event.council_code == council.la_code
    assert event.data["role"] == "dfe-adviser"
    assert (event.data["from_on"], event.data["until_on"]) == (TODAY.isoformat(), "2027-01-01")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("scope", list(Scope))
def test_a_role_is_given_only_over_what_it_can_reach(role, scope):
    fields = {
        "region": RegionFactory() if scope == Scope.REGION else None,
        "council": CouncilFactory() if scope == Scope.COUNCIL else None,
    }

    def give():
        return grant_role(person=PersonFactory(), role=role, scope=scope, **fields, by=SYSTEM, on=TODAY)

    if scope in SCOPES[role]:
        assert give().pk
    else:
        with pytest.raises(ValidationError):
            give()


def test_the_same_role_is_not_given_twice_from_one_day(administrator):
    person = PersonFactory()
    same = {"person": person, "role": Role.NATIONAL_LEAD, "scope": Scope.ENGLAND}
    grant_role(**same, by=administrator, on=TODAY)
    with pytest.raises(ValidationError):
        grant_role(**same, by=administrator, on=TODAY)


def test_a_role_ends_on_a_day_from_which_it_brings_nothing():
    grant = GrantFactory(role=Role.NATIONAL_LEAD)
    ends = TODAY + timedelta(days=30)
    end_grant(grant, until_on=ends, by=SYSTEM, on=TODAY)
    assert Viewer.of(grant.person, ends - timedelta(days=1)).may(Ability.SEE_CASES)
    assert not Viewer.of(grant.person, ends).may(Ability.SEE_CASES)
    assert latest("role-ended").data["until_on"] == ends.isoformat()


def test_a_role_is_not_ended_in_the_past():
    grant = GrantFactory(role=Role.NATIONAL_LEAD)
    with pytest.raises(ValueError, match="past"):
        end_grant(grant, until_on=TODAY - timedelta(days=1), by=SYSTEM, on=TODAY)


def test_a_role_given_by_mistake_is_taken_back_the_same_day():
    grant = GrantFactory(role=Role.NATIONAL_LEAD, from_on=TODAY)
    end_grant(grant, until_on=TODAY, by=SYSTEM, on=TODAY)
    assert not grant.person.grants.exists()
    assert latest("role-ended").subject_id == grant.person.pk


def test_a_person_is_corrected_and_the_event_says_what_but_not_to_what(administrator):
    person = add_person(email="old@example.org", name="Old", by=SYSTEM, on=TODAY)
    change_person(
        person, email="New@example.org", name="New", post="", is_active=True, by=administrator, on=TODAY
    )
    person.refresh_from_db()
    assert (person.email, person.name) == ("new@example.org", "New")
    assert EmailAddress.objects.get(user=person).email == "new@example.org"
    assert latest("person-changed").data == {"changed": ["email", "name"]}


def test_nothing_corrected_is_nothing_recorded(administrator):
    person = PersonFactory()
    change_person(
        person,
        email=person.email,
        name=person.name,
        post=person.post,
        is_active=True,
        by=administrator,
        on=TODAY,
    )
    assert latest("person-changed") is None


def test_a_second_factor_is_required_of_a_role_and_recorded_once(administrator):
    for _ in range(2):
        require_second_factor(Role.NATIONAL_LEAD, required=True, by=administrator, on=TODAY)
    assert RolePolicy.objects.get(role=Role.NATIONAL_LEAD).second_factor_required
    assert Event.objects.filter(kind="role-policy-changed").count() == 1


def test_a_second_factor_on_a_lost_telephone_is_taken_away(administrator):
    person = PersonFactory()
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    remove_second_factor(person, by=administrator, on=TODAY)
    assert not Authenticator.objects.filter(user=person).exists()
    assert latest("second-factor-removed").subject_id == person.pk


def test_the_first_administrator_is_invited_from_the_shell(django_capture_on_commit_callbacks, capsys):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("invite_administrator", "first@example.org", "First", "--address", ADDRESS)
    assert mail.outbox[0].to == ["first@example.org"]
    assert Grant.objects.get(person__email="first@example.org").role == Role.ADMINISTRATOR
    with pytest.raises(CommandError, match="exists"):
        call_command("invite_administrator", "first@example.org", "First", "--address", ADDRESS)


# What the database itself refuses


def test_the_database_refuses_an_address_in_capitals():
    with broken("person_email_in_lower_case"):
        Person.objects.create(email="Loud@example.org", name="Loud")


def test_the_database_refuses_an_address_twice():
    PersonFactory(email="one@example.org")
    with broken("accounts_person_email", columns=["email"]):
        Person.objects.create(email="one@example.org", name="Two")


@pytest.mark.parametrize(
    ("scope", "with_region", "with_council"),
    [
        (Scope.REGION, False, False),
        (Scope.REGION, True, True),
        (Scope.REGION, False, True),
        (Scope.COUNCIL, False, False),
        (Scope.COUNCIL, True, False),
        (Scope.COUNCIL, True, True),
        (Scope.ENGLAND, True, False),
        (Scope.ENGLAND, False, True),
        (Scope.SYSTEM, True, False),
        (Scope.SYSTEM, False, True),
    ],
)
def test_the_database_refuses_a_grant_without_exactly_the_field_of_its_scope(
    scope, with_region, with_council
):
    person = PersonFactory()
    region = RegionFactory() if with_region else None
    council = CouncilFactory() if with_council else None
    reach = {"scope": scope, "region": region, "council": council}
    with broken("grant_sets_the_field_of_its_scope"):
        Grant.objects.create(person=person, role=Role.LGA_ADVISER, from_on=TODAY, **reach)


@pytest.mark.parametrize("reach", ["england", "region", "council"])
def test_the_database_refuses_the_same_grant_twice_even_where_fields_are_empty(reach):
    fields = {
        "england": {"scope": Scope.ENGLAND},
        "region": {"scope": Scope.REGION, "region": RegionFactory()},
        "council": {"scope": Scope.COUNCIL, "council": CouncilFactory()},
    }[reach]
    person = PersonFactory()

    Grant.objects.create(person=person, role=Role.LGA_ADVISER, from_on=TODAY, **fields)
    with broken("grant_once"):
        Grant.objects.create(person=person, role=Role.LGA_ADVISER, from_on=TODAY, **fields)


@pytest.mark.parametrize("days", [0, -1])
def test_the_database_refuses_a_grant_that_ends_before_it_has_been_held_for_a_day(days):
    person = PersonFactory()
    with broken("grant_dates_in_order"):
        GrantFactory(person=person, from_on=TODAY, until_on=TODAY + timedelta(days=days))


def test_the_database_refuses_two_policies_for_a_role():
    RolePolicy.objects.get_or_create(role=Role.PEER)
    with broken("accounts_rolepolicy_role", columns=["role"]):
        RolePolicy.objects.create(role=Role.PEER)


def test_the_database_refuses_to_forget_a_person_who_held_a_role():
    person = GrantFactory().person
    with pytest.raises(ProtectedError):
        person.delete()
