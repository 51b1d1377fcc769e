"""The administration pages: who opens them, that every change goes through the actions, and that no case is there."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Grant, Person, RolePolicy
from accounts.permissions import ABILITY_WORDS, DESCRIPTIONS, Ability, Role, Scope
from accounts.viewer import Viewer
from cases.models import BankHoliday, ClockRule
from config.admin import site
from councils.models import Council, Region
from history.models import Event
from tests.factories import GrantFactory, PersonFactory, person_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def administrator():
    return person_with(Role.ADMINISTRATOR)


@pytest.fixture
def national_lead():
    return person_with(Role.NATIONAL_LEAD)


@pytest.fixture
def as_administrator(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def as_national_lead(client, national_lead):
    client.force_login(national_lead)
    return client


def change_page(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def add_page(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")


def fields_of(response, **changed):
    """Return what the page's form and its inlines would send, with `changed`."""
    page = response.context["adminform"].form
    forms = [page, *[form for inline in response.context["inline_admin_formsets"] for form in inline.formset]]
    managements = [inline.formset.management_form for inline in response.context["inline_admin_formsets"]]
    sent = {}
    for form in forms + managements:
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                sent[field.html_name] = field.field.prepare_value(value)
    return sent | changed


def test_there_is_no_page_for_cases_or_what_is_in_them():
    labels = {(model._meta.app_label, model._meta.model_name) for model in site._registry}
    assert labels == {
        ("accounts", "person"),
        ("accounts", "rolepolicy"),
        ("councils", "region"),
        ("councils", "council"),
        ("councils", "deliverybody"),
        ("councils", "deliveryarrangement"),
        ("cases", "bankholiday"),
        ("cases", "clockrule"),
        ("cases", "flagrule"),
        ("cases", "retentionrule"),
        ("improvement", "advicerule"),
        ("inspections", "framework"),
        ("peer_reviews", "peerword"),
        ("peer_reviews", "reviewkind"),
    }


def test_nobody_signed_in_is_sent_to_sign_in(client):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1] == (f"{reverse('account_login')}?next=/admin/", 302)


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.NATIONAL_LEAD)]
)
def test_other_roles_are_refused(client, role):
    client.force_login(GrantFactory(role=role).person)
    assert client.get("/admin/").status_code == 403


def test_an_administrator_sees_people_and_roles_alone(as_administrator):
    shown = {app["app_label"] for app in as_administrator.get("/admin/").context["app_list"]}
    assert shown == {"accounts"}
    assert as_administrator.get(reverse("admin:councils_council_changelist")).status_code == 403


def test_a_national_lead_sees_reference_data_alone(as_national_lead):
    shown = {app["app_label"] for app in as_national_lead.get("/admin/").context["app_list"]}
    assert shown == {"councils", "cases", "improvement", "inspections", "peer_reviews"}
    assert as_national_lead.get(reverse("admin:accounts_person_changelist")).status_code == 403


@pytest.mark.parametrize("model", list(site._registry), ids=lambda model: model._meta.model_name)
def test_every_list_and_row_opens_for_whoever_keeps_it_and_nothing_is_deleted(
    client, administrator, national_lead, model
):
    client.force_login(administrator if model._meta.app_label == "accounts" else national_lead)
    label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert client.get(reverse(f"{label}_changelist")).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert client.get(change_page(row)).status_code == 200
        assert client.get(reverse(f"{label}_history", args=[row.pk])).status_code == 200
        assert client.post(reverse(f"{label}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()


def test_an_administrator_invites_somebody_with_a_role(
    as_administrator, administrator, today, django_capture_on_commit_callbacks
):
    region = Region.objects.get(slug="north-west")
    page = as_administrator.get(add_page(Person))
    fields = fields_of(
        page,
        email="New@example.org",
        name="New Example",
        **{
            "grants-0-role": Role.PRINCIPAL_ADVISER.value,
            "grants-0-scope": Scope.REGION.value,
            "grants-0-region": region.pk,
            "grants-0-from_on": today.isoformat(),
        },
    )
    with django_capture_on_commit_callbacks(execute=True):
        response = as_administrator.post(add_page(Person), fields)
    assert response.status_code == 302, errors_of(response)
    person = Person.objects.get(email="new@example.org")
    assert [message.to for message in mail.outbox] == [["new@example.org"]]
    assert not person.has_usable_password()
    grant = person.grants.get()
    assert (grant.role, grant.region) == (Role.PRINCIPAL_ADVISER, region)
    kinds = Event.objects.filter(subject_kind="person", subject_id=person.pk).values_list("kind", "by_id")
    assert set(kinds) == {("person-added", administrator.pk), ("role-granted", administrator.pk)}


def test_a_role_that_cannot_reach_so_far_is_refused_beside_its_field(as_administrator, today):
    page = as_administrator.get(add_page(Person))
    fields = fields_of(
        page,
        email="new@example.org",
        name="New",
        **{
            "grants-0-role": Role.PRINCIPAL_ADVISER.value,
            "grants-0-scope": Scope.ENGLAND.value,
            "grants-0-from_on": today.isoformat(),
        },
    )
    response = as_administrator.post(add_page(Person), fields)
    assert response.status_code == 200 and "is a role for one region" in response.content.decode()
    assert not Person.objects.filter(email="new@example.org").exists()


def test_an_administrator_ends_a_role_from_a_later_day(as_administrator, today):
    grant = GrantFactory(role=Role.NATIONAL_LEAD)
    page = as_administrator.get(change_page(grant.person))
    until = today + timedelta(days=7)
    response = as_administrator.post(
        change_page(grant.person), fields_of(page, **{"grants-0-until_on": until.isoformat()})
    )
    assert response.status_code == 302, errors_of(response)
    grant.refresh_from_db()
    assert grant.until_on == until
    assert Event.objects.filter(kind="role-ended", subject_id=grant.person.pk).count() == 1


@pytest.mark.parametrize("until", ["", "2026-01-15"])
def test_a_role_is_not_ended_in_the_past_nor_revived(as_administrator, today, until):
    grant = GrantFactory(role=Role.NATIONAL_LEAD, until_on=today + timedelta(days=7))
    page = as_administrator.get(change_page(grant.person))
    response = as_administrator.post(
        change_page(grant.person), fields_of(page, **{"grants-0-until_on": until})
    )
    assert response.status_code == 200
    assert Grant.objects.get(pk=grant.pk).until_on == today + timedelta(days=7)


def test_an_administrator_stops_somebody_signing_in(as_administrator, client):
    person = PersonFactory(post="Director")
    page = as_administrator.get(change_page(person))
    fields = fields_of(page)
    del fields["is_active"]
    assert as_administrator.post(change_page(person), fields).status_code == 302
    person.refresh_from_db()
    assert not person.is_active
    assert Event.objects.get(kind="person-changed").data == {"changed": ["is_active"]}


def test_an_administrator_sends_an_invitation_again_and_takes_away_a_second_factor(
    as_administrator, django_capture_on_commit_callbacks
):
    person = PersonFactory()
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    people = reverse("admin:accounts_person_changelist")
    for action in ("invite_again", "remove_second_factor"):
        with django_capture_on_commit_callbacks(execute=True):
            as_administrator.post(people, {"action": action, "_selected_action": [person.pk]})
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert not Authenticator.objects.filter(user=person).exists()


def test_the_page_of_roles_says_what_each_may_do(as_administrator):
    page = as_administrator.get(reverse("admin:accounts_rolepolicy_changelist")).content.decode()
    assert DESCRIPTIONS[Role.DFE_ADVISER].replace("'", "&#x27;") in page
    assert ABILITY_WORDS[Ability.IMPORT_OUTCOMES].replace("'", "&#x27;") in page


def test_an_administrator_requires_a_second_factor_of_a_role(as_administrator, today):
    policy = RolePolicy.objects.get(role=Role.NATIONAL_LEAD)
    as_administrator.post(change_page(policy), {"second_factor_required": "on"})
    assert Viewer.of(person_with(Role.NATIONAL_LEAD), today).second_factor_required
    assert Event.objects.filter(kind="role-policy-changed").count() == 1


def test_a_correction_of_reference_data_is_recorded_with_what_changed(as_national_lead, national_lead):
    knowsley = Council.objects.get(la_code="340")
    page = as_national_lead.get(change_page(knowsley))
    response = as_national_lead.post(change_page(knowsley), fields_of(page, official_name="Knowsley Council"))
    assert response.status_code == 302, errors_of(response)
    knowsley.refresh_from_db()
    assert knowsley.official_name == "Knowsley Council"
    event = Event.objects.filter(kind="reference-changed").get()
    assert (event.subject_kind, event.subject_id, event.by_id) == ("council", knowsley.pk, national_lead.pk)
    assert event.data["changes"] == [{"changed": {"fields": ["Official name"]}}]


def test_a_bank_holiday_is_added_by_its_action(as_national_lead):
    as_national_lead.post(
        add_page(BankHoliday),
        {"calendar": "england-and-wales", "on": "2027-09-20", "name": "A day of thanks"},
    )
    assert BankHoliday.objects.filter(on="2027-09-20").exists()
    assert Event.objects.filter(kind="bank-holidays-added", data__days=["2027-09-20"]).exists()


def test_a_clock_rule_can_be_ended_on_a_day(as_national_lead):
    rule = ClockRule.objects.first()
    page = as_national_lead.get(change_page(rule))
    response = as_national_lead.post(change_page(rule), fields_of(page, until_on="2030-01-01"))
    assert response.status_code == 302, errors_of(response)
    assert Event.objects.filter(kind="reference-changed", subject_kind="clockrule").count() == 1


def errors_of(response):
    return response.context and response.context["errors"]
