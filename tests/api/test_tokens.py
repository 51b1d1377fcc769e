"""Tokens: made on a page and shown once, kept as a hash, and ended at once."""

from datetime import timedelta

import pytest
import time_machine

from accounts.actions import change_person, make_token
from accounts.models import ApiToken
from accounts.permissions import Role
from accounts.viewer import Viewer
from history.models import Event
from tests.api.conftest import TODAY, Caller, problem
from tests.factories import person_with, viewer_with

pytestmark = pytest.mark.django_db
PAGE = "/accounts/tokens/"


@pytest.fixture
def person(client, region):
    person = person_with(Role.PRINCIPAL_ADVISER, region=region)
    client.force_login(person)
    return person


def ask(client, secret):
    client.logout()
    return client.get("/api/v1/", headers={"Authorization": f"Token {secret}"})


def test_a_token_is_shown_once_and_only_its_hash_is_kept(client, person):
    response = client.post(PAGE, {"do": "make", "name": "the Monday spreadsheet"})
    secret = response.context["secret"]
    assert len(secret) == 64 and secret in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    later = client.get(PAGE).content.decode()
    assert secret not in later and "the Monday spreadsheet" in later and "Never" in later
    kept = ApiToken.objects.values().get()
    assert all(secret not in str(value) for value in kept.values())
    assert Event.objects.filter(kind="token-made", by_id=person.pk).count() == 1
    assert ask(client, secret).status_code == 200


def test_a_token_says_when_it_was_last_used(client, person):
    secret = client.post(PAGE, {"do": "make", "name": "Sheet"}).context["secret"]
    ask(client, secret)
    assert ApiToken.objects.get().last_used_on == TODAY


def test_a_revoked_token_opens_nothing(client, person):
    made = client.post(PAGE, {"do": "make", "name": "Sheet"})
    response = client.post(PAGE, {"do": "revoke", "token": made.context["tokens"][0][1]}, follow=True)
    assert "Sheet: the token is revoked" in response.content.decode()
    assert Event.objects.filter(kind="token-revoked").exists()
    problem(ask(client, made.context["secret"]), 401)


@pytest.mark.parametrize("token", ["", "0" * 16])
def test_what_is_no_token_of_ones_own_cannot_be_revoked(client, person, token):
    viewer = viewer_with(Role.NATIONAL_LEAD, today=TODAY)
    theirs, _ = make_token(name="Theirs", by=viewer, on=TODAY)
    assert client.post(PAGE, {"do": "revoke", "token": token or theirs.digest[:16]}).status_code == 404
    assert ApiToken.objects.count() == 1


def test_a_token_needs_to_say_what_it_is_for(client, person):
    response = client.post(PAGE, {"do": "make", "name": " "})
    assert "Enter what the token is for" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_nobody_has_more_than_ten(client, person):
    for number in range(10):
        client.post(PAGE, {"do": "make", "name": f"Sheet {number}"})
    assert "revoke one first" in client.post(PAGE, {"do": "make", "name": "One more"}).content.decode()
    assert ApiToken.objects.count() == 10


def test_a_token_ends_after_a_year(client, person):
    secret = client.post(PAGE, {"do": "make", "name": "Sheet"}).context["secret"]
    with time_machine.travel(f"{TODAY + timedelta(days=366)} 09:00", tick=False):
        problem(ask(client, secret), 401)


def test_the_tokens_of_somebody_who_may_no_longer_sign_in_stop_at_once(client, person):
    secret = client.post(PAGE, {"do": "make", "name": "Sheet"}).context["secret"]
    facts = {"email": person.email, "name": person.name, "post": person.post}
    by = viewer_with(Role.ADMINISTRATOR, today=TODAY)
    change_person(person, **facts, is_active=False, by=by, on=TODAY)
    problem(ask(client, secret), 401)
    # Let in again, they make a new one: the old may be with somebody else by now.
    change_person(person, **facts, is_active=True, by=by, on=TODAY)
    problem(ask(client, secret), 401)


def test_a_person_made_inactive_in_any_way_is_refused(client, person):
    secret = client.post(PAGE, {"do": "make", "name": "Sheet"}).context["secret"]
    person.is_active = False
    person.save()
    problem(ask(client, secret), 401)


def test_a_token_reaches_what_its_person_reaches_today(client, region, milestone):
    caller = Caller(client, person_with(Role.PRINCIPAL_ADVISER, region=region))
    path = f"/api/v1/milestones/{milestone.pk}/"
    assert caller.get(path).status_code == 200
    caller.person.grants.update(until_on=TODAY)
    problem(caller.get(path), 404)
    assert not Viewer.of(caller.person, TODAY).grants
