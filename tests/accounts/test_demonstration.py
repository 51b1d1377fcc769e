"""The demonstration's people: one per role, in demonstration mode and never otherwise."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from accounts.demonstration import EVERYBODY, PASSWORD, SIGN_INS, load_people
from accounts.models import Grant, Person
from accounts.permissions import SCOPES, Role
from accounts.viewer import Viewer
from tests.factories import TODAY, CouncilFactory, RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

SYSTEM = Viewer.system(TODAY)


@pytest.fixture
def demonstration(settings):
    settings.DEMONSTRATION = True
    region = RegionFactory(slug="demonstration", name="Demonstration", demonstration=True)
    for name in ("Saltmarsh", "Northbridge"):
        CouncilFactory(name=name, demonstration=True, region=region)
    return region


def viewer_of(role):
    return Viewer.of(Person.objects.get(email=f"{role.value}@example.org"), TODAY)


def test_there_is_one_person_per_role_at_an_address_that_nobody_has(demonstration):
    load_people(by=SYSTEM, on=TODAY)
    assert {sign_in.role for sign_in in SIGN_INS} == set(Role) and len(SIGN_INS) == len(Role)
    assert all(sign_in.email.endswith("@example.org") for sign_in in SIGN_INS)
    assert len({sign_in.email for sign_in in EVERYBODY}) == len(EVERYBODY)
    for role in Role:
        assert viewer_of(role).roles == {role}


def test_each_person_signs_in_with_the_published_password(demonstration, client):
    load_people(by=SYSTEM, on=TODAY)
    for sign_in in EVERYBODY:
        assert client.login(email=sign_in.email, password=PASSWORD)


def test_the_principal_adviser_holds_a_real_region_and_the_demonstration(demonstration):
    load_people(by=SYSTEM, on=TODAY)
    grants = Grant.objects.filter(person__email="principal-adviser@example.org")
    assert set(grants.values_list("region__slug", flat=True)) == {"north-west", "demonstration"}


def test_people_of_councils_are_of_invented_ones(demonstration):
    load_people(by=SYSTEM, on=TODAY)
    councils = Grant.objects.filter(person__email__endswith="@example.org", council__isnull=False)
    assert councils.exists() and not councils.filter(council__demonstration=False).exists()
    assert councils.get(role=Role.DFE_ADVISER).council.name == "Northbridge"


def test_every_grant_is_one_that_its_role_can_have(demonstration):
    load_people(by=SYSTEM, on=TODAY)
    for grant in Grant.objects.filter(person__email__endswith="@example.org"):
        assert grant.scope in SCOPES[Role(grant.role)]


def test_loading_again_changes_nothing_not_even_a_role_ended_by_hand(demonstration):
    load_people(by=SYSTEM, on=TODAY)
    Grant.objects.filter(role=Role.PEER).update(until_on="2030-01-01")
    before = list(Grant.objects.order_by("pk").values())
    assert load_people(by=SYSTEM, on=TODAY) == f"added 0 left {len(EVERYBODY)}"
    assert list(Grant.objects.order_by("pk").values()) == before


def test_without_the_invented_councils_their_people_have_no_grant_until_they_come(settings):
    settings.DEMONSTRATION = True
    load_people(by=SYSTEM, on=TODAY)
    assert viewer_of(Role.COUNCIL_APPROVER).grants == ()
    CouncilFactory(name="Saltmarsh", demonstration=True)
    load_people(by=SYSTEM, on=TODAY)
    assert viewer_of(Role.COUNCIL_APPROVER).roles == {Role.COUNCIL_APPROVER}


def test_nobody_is_made_outside_demonstration_mode(settings):
    settings.DEMONSTRATION = False
    with pytest.raises(ImproperlyConfigured):
        load_people(by=SYSTEM, on=TODAY)
    assert not Person.objects.filter(email__endswith="@example.org").exists()


def test_the_sign_ins_are_printed_in_demonstration_mode_alone(settings, capsys):
    settings.DEMONSTRATION = True
    call_command("demonstration_signins")
    printed = capsys.readouterr().out
    assert all(sign_in.email in printed for sign_in in EVERYBODY) and PASSWORD in printed
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError):
        call_command("demonstration_signins")


def test_a_second_factor_can_be_set_up_by_a_demonstration_person(demonstration, client):
    load_people(by=SYSTEM, on=TODAY)
    client.post(reverse("account_login"), {"login": "national-lead@example.org", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
