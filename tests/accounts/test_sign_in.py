"""Signing in by e-mail: what works, what is refused, and what nobody learns by trying."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from accounts.actions import add_person, require_second_factor
from accounts.permissions import Role
from accounts.viewer import Viewer
from tests.factories import TODAY, GrantFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
SYSTEM = Viewer.system(TODAY)
SOMEWHERE = "/accounts/password/change/"


@pytest.fixture(autouse=True)
def _no_attempts_counted():
    cache.clear()


@pytest.fixture
def person():
    made = add_person(email="Robin@example.org", name="Robin Example", password=PASSWORD, by=SYSTEM, on=TODAY)
    GrantFactory(person=made, role=Role.NATIONAL_LEAD)
    return made


def sign_in(client, email="robin@example.org", password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": email, "password": password, **more})


def is_signed_in(client):
    return client.get(SOMEWHERE).status_code == 200


def test_somebody_signs_in_by_e_mail_and_password(client, person):
    response = sign_in(client)
    assert response.status_code == 302 and response.url == "/"
    assert is_signed_in(client)


def test_the_case_of_the_address_does_not_matter(client, person):
    sign_in(client, email="ROBIN@Example.org")
    assert is_signed_in(client)


def test_after_signing_in_one_arrives_where_one_was_going(client, person):
    response = client.get(SOMEWHERE)
    assert response.status_code == 302 and response.url == f"{reverse('account_login')}?next={SOMEWHERE}"
    assert sign_in(client, next=SOMEWHERE).url == SOMEWHERE


def test_signing_in_never_leads_to_another_site(client, person):
    assert sign_in(client, next="https://elsewhere.example").url == "/"


def test_a_wrong_password_is_refused(client, person):
    response = sign_in(client, password="not the password")
    assert response.status_code == 200
    assert "The e-mail address or the password is not right" in response.content.decode()
    assert not is_signed_in(client)


def test_an_unknown_address_is_refused_in_the_same_words_as_a_wrong_password(client, person):
    unknown = sign_in(client, email="nobody@example.org").context["form"].errors
    wrong = sign_in(client, password="not the password").context["form"].errors
    assert unknown == wrong and unknown


def test_somebody_who_may_no_longer_sign_in_is_refused(client, person):
    person.is_active = False
    person.save()
    sign_in(client)
    assert not is_signed_in(client)


def test_somebody_signed_in_who_may_no_longer_is_signed_out_at_once(client, person):
    sign_in(client)
    person.is_active = False
    person.save()
    assert not is_signed_in(client)


def test_the_sixth_wrong_password_in_five_minutes_shuts_out_even_the_right_one(client, person):
    for _ in range(5):
        sign_in(client, password="not the password")
    response = sign_in(client)
    assert response.status_code == 200
    assert "Too many attempts. Wait five minutes, then try again." in response.content.decode()
    assert not is_signed_in(client)


def test_attempts_are_counted_in_the_database(settings):
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"


def test_passwords_are_kept_by_argon2():
    from config import settings as project

    assert project.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_registers_themselves(client, method):
    fields = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    response = getattr(client, method)(reverse("account_signup"), fields)
    assert response.status_code == 200
    assert "account/signup_closed.html" in [template.name for template in response.templates]
    assert not EmailAddress.objects.filter(email="new@example.org").exists()


def test_a_forgotten_password_is_reset_by_a_link_in_a_mail(client, person):
    client.post(reverse("account_reset_password"), {"email": "robin@example.org"})
    assert [message.to for message in mail.outbox] == [["robin@example.org"]]
    choose_password(client, link_in(mail.outbox[0]), "another long password")
    sign_in(client, password="another long password")
    assert is_signed_in(client)


def test_a_link_works_once(client, person):
    client.post(reverse("account_reset_password"), {"email": "robin@example.org"})
    link = link_in(mail.outbox[0])
    choose_password(client, link, "another long password")
    choose_password(client, link, "yet another long password")
    sign_in(client, password="yet another long password")
    assert not is_signed_in(client)


def test_a_short_password_is_refused(client, person):
    client.post(reverse("account_reset_password"), {"email": "robin@example.org"})
    response = choose_password(client, link_in(mail.outbox[0]), "short")
    assert response.status_code == 200 and response.context["form"].errors


def test_asking_for_a_link_to_an_unknown_address_says_the_same_and_mails_nobody(client, person):
    known = client.post(reverse("account_reset_password"), {"email": "robin@example.org"})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [message.to for message in mail.outbox] == [["robin@example.org"]]


def test_asking_for_links_over_and_over_is_refused(client, person):
    for _ in range(5):
        client.post(reverse("account_reset_password"), {"email": "robin@example.org"})
    assert client.post(reverse("account_reset_password"), {"email": "robin@example.org"}).status_code == 429


def test_nobody_changes_the_address_that_signs_them_in(client, person):
    sign_in(client)
    client.post("/accounts/email/", {"email": "other@example.org", "action_add": ""})
    assert [address.email for address in EmailAddress.objects.filter(user=person)] == ["robin@example.org"]


# Second factor


def require(role=Role.NATIONAL_LEAD):
    require_second_factor(role, required=True, by=SYSTEM, on=TODAY)


def prove_who_one_is(client):
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def code_of(secret):
    """Return what an authenticator app would show now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_a_role_that_requires_a_second_factor_sends_people_to_set_it_up_first(client, person):
    sign_in(client)
    assert is_signed_in(client)
    require()
    for path in ("/", SOMEWHERE, "/admin/", "/england/", "/nowhere/"):
        response = client.get(path)
        assert (response.status_code, response.url) == (302, reverse("mfa_activate_totp")), path


def test_setting_up_signing_out_and_styles_stay_open_meanwhile(client, person):
    require()
    sign_in(client)
    prove_who_one_is(client)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    assert client.get("/static/nothing.css").status_code == 404
    assert client.post(reverse("account_logout")).url == "/"


def test_once_set_up_everything_is_open_and_there_are_recovery_codes(client, person):
    require()
    sign_in(client)
    prove_who_one_is(client)
    form = client.get(reverse("mfa_activate_totp")).context["form"]
    client.post(reverse("mfa_activate_totp"), {"code": code_of(form.secret)})
    assert is_signed_in(client)
    assert set(Authenticator.objects.filter(user=person).values_list("type", flat=True)) == {
        Authenticator.Type.TOTP,
        Authenticator.Type.RECOVERY_CODES,
    }


def test_signing_in_then_asks_for_a_code(client, person):
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    assert sign_in(client).url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_signed_in(client)


def test_a_second_factor_that_a_role_requires_cannot_be_switched_off(client, person):
    require()
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()


def test_the_page_offers_to_turn_a_second_factor_off_only_where_no_role_requires_it(client, person):
    TOTP.activate(person, generate_totp_secret())
    client.force_login(person)
    assert "Turn it off" in client.get("/accounts/2fa/").content.decode()
    require()
    page = client.get("/accounts/2fa/").content.decode()
    assert "Turn it off" not in page
    assert "Your role requires it." in page


def test_a_second_factor_required_of_another_role_asks_nothing_of_this_one(client, person):
    require(Role.ADMINISTRATOR)
    sign_in(client)
    assert is_signed_in(client)


def test_a_role_that_has_ended_requires_nothing(client, person):
    person.grants.update(until_on="2026-01-02")
    require()
    sign_in(client)
    assert is_signed_in(client)


def test_knowing_that_a_second_factor_is_required_costs_no_query_of_its_own(
    person, django_assert_num_queries
):
    require()
    with django_assert_num_queries(1):
        viewer = Viewer.of(person, TODAY)
        assert viewer.second_factor_required and viewer.second_factor_missing


def test_recovery_codes_alone_are_no_second_factor_and_an_authenticator_app_is(person):
    require()
    Authenticator.objects.create(user=person, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert Viewer.of(person, TODAY).second_factor_missing
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    viewer = Viewer.of(person, TODAY)
    assert viewer.second_factor_required and not viewer.second_factor_missing


def link_in(message):
    return re.search(r"https?://[^/]+(/\S+)", message.body).group(1)


def choose_password(client, link, password):
    page = client.get(link)
    fields = {"password1": password, "password2": password}
    return client.post(page.url, fields) if page.status_code == 302 else page
