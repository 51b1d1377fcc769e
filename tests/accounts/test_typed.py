"""What is sent while signed out, or with a token that is no longer good, is given back and can be sent again."""

import re

import pytest
from django.test import Client

from accounts.permissions import Role
from tests.factories import CouncilFactory, person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

OURS = {"origin": "http://testserver"}


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def page(council):
    plan = make_plan(council).plan
    return f"/plans/{plan.reference}/versions/1/risks/"


def token_in(answer):
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.content.decode())[1]


def test_what_is_sent_while_signed_out_is_given_back_and_goes_through_after_signing_in(council, page):
    person = person_with(Role.COUNCIL_CONTRIBUTOR, council=council)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    token = token_in(browser.get(page))
    browser.logout()
    browser.cookies["csrftoken"] = token

    typed = {"text": "Typed with <care> & time", "likelihood": "2"}
    answer = browser.post(page, typed | {"csrfmiddlewaretoken": token}, headers=OURS)
    html = answer.content.decode()
    assert answer.status_code == 401 and "Sign in again" in html
    assert 'name="text" value="Typed with &lt;care&gt; &amp; time"' in html

    browser.force_login(person)
    browser.get(page)
    stale = browser.post(page, typed | {"csrfmiddlewaretoken": "x" * 64}, headers=OURS)
    assert stale.status_code == 403 and 'name="likelihood" value="2"' in stale.content.decode()
    done = browser.post(page, typed | {"csrfmiddlewaretoken": token_in(stale)}, headers=OURS)
    assert done.status_code == 302
    assert "Typed with &lt;care&gt;" in browser.get(page).content.decode()


def test_what_another_site_sends_is_not_given_back(council, page):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person_with(Role.COUNCIL_CONTRIBUTOR, council=council))
    for headers in ({"origin": "https://elsewhere.example"}, {}):
        answer = browser.post(page, {"text": "Words of another site"}, headers=headers)
        assert answer.status_code == 403 and "Words of another site" not in answer.content.decode()


def test_passwords_are_never_given_back(client, page):
    answer = client.post(page, {"text": "Kept so", "password": "a secret of somebody"})
    assert "Kept so" in answer.content.decode() and "a secret" not in answer.content.decode()


def test_a_form_that_signs_in_is_not_given_back(db):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/accounts/login/", {"login": "ada fell", "password": "x"}, headers=OURS)
    assert answer.status_code == 403 and "ada fell" not in answer.content.decode()
