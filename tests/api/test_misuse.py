"""What the API is asked by mistake or in bad faith is refused by name: it never fails, and never tells too much."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.actions import revoke_token
from accounts.models import ApiToken, Grant
from accounts.viewer import Viewer
from cases.models import Contact, Recommendation, RetentionRule
from tests.api.conftest import TODAY, problem
from tests.api.test_changes import ADD, CONTACTS, MET, RECOMMENDATIONS, SAID, address, etag_of
from tests.factories import ContactFactory, CouncilFactory, GrantFactory, RecommendationFactory, SourceFactory

pytestmark = pytest.mark.django_db
MILESTONES = "/api/v1/milestones/"
LISTS = (
    "councils",
    "england",
    "inspections",
    "interventions",
    "milestones",
    "flags",
    "recommendations",
    "contacts",
)


def parameters():
    """Return (list, parameter) of every parameter of every list."""
    _, resolver = get_resolver().namespace_dict["api"]
    views = {each.name: each.callback.view_class() for each in resolver.url_patterns if each.name in LISTS}
    return [(name, known) for name in LISTS for known in sorted(views[name].known_parameters())]


@pytest.mark.parametrize("value", ["a\0b", "", " "])
def test_a_parameter_that_is_empty_or_no_text_is_refused_by_name(adviser, value):
    wrong = []
    for name, parameter in parameters():
        response = adviser.get(f"/api/v1/{name}/", {parameter: value})
        fields = [each["field"] for each in response.json().get("errors", ())]
        if (response.status_code, fields) != (400, [parameter]):
            wrong.append((name, parameter, response.status_code, fields))
    assert not wrong


@pytest.mark.parametrize(
    "value", [b"%ff", b"%ed%a0%80", b"%f0%9f%8e%84", b"9" * 5000, b"-1", b"1e9", b"%2500"]
)
def test_no_value_of_a_parameter_fails(adviser, value):
    for name, parameter in parameters():
        response = adviser.client.get(
            f"/api/v1/{name}/?{parameter}={value.decode()}",
            headers={"Authorization": f"Token {adviser.secret}"},
        )
        assert response.status_code in (200, 400), (name, parameter)


@pytest.mark.parametrize("size", ["201", "0", "-5", "1.5", "0000000019999999", "٥", "1_0", "+5", "5 "])
def test_a_page_is_never_larger_than_it_may_be(adviser, size):
    told = problem(adviser.get(MILESTONES, {"page_size": size}), 400)
    assert [each["field"] for each in told["errors"]] == ["page_size"]


@pytest.mark.parametrize("digits", [1, 18, 19, 20, 400, 5000])
@pytest.mark.parametrize("name", ["inspections", "milestones", "flags", "recommendations", "contacts"])
def test_a_number_however_large_is_of_nothing(adviser, name, digits):
    number = "9" * digits
    problem(adviser.get(f"/api/v1/{name}/{number}/"), 404)
    problem(adviser.post(f"/api/v1/{name}/{number}/met/", {}, etag=f'"milestone-{number}-1"'), 404)


@pytest.mark.parametrize("slug", ["x" * 5000, "%00", "a%00b", "%ff", "..%2f..", "é"])
def test_a_name_that_is_none_is_of_nothing(adviser, slug):
    problem(adviser.get(f"/api/v1/councils/{slug}/"), 404)
    problem(adviser.get(f"/api/v1/interventions/{slug}/"), 404)


BODIES = {
    "met/": {"met_on": "2026-11-18", "note": "x"},
    "move/": {"to": "2026-12-01", "reason": "letter", "stated_in": "x", "note": "x"},
    "pause/": {"reason": "x"},
    "resume/": {"due_on": "2026-12-01", "note": "x"},
}
WRONG = ["a\0b", 5, True, None, [], {}, 1.5, "9" * 5000, [[[[{}]]]], 2**70]


@pytest.mark.parametrize("what", BODIES)
def test_no_value_in_a_body_fails(adviser, milestone, what):
    for field in BODIES[what]:
        for value in WRONG:
            body = {**BODIES[what], field: value}
            told = problem(
                adviser.post(address(milestone, what), body, etag=etag_of(adviser, milestone)), 400
            )
            assert [each["field"] for each in told["errors"]] == [field], value


@pytest.fixture
def recommendation(council):
    return RecommendationFactory(source=SourceFactory(council=council))


@pytest.fixture
def contact(council):
    RetentionRule.objects.get_or_create(kind="contact", defaults={"months": 24})
    return ContactFactory(council=council)


def test_no_value_of_what_is_added_fails(adviser, recommendation, contact):
    for body, path in (
        ({"source": recommendation.source_id, "items": [{"text": "x"}]}, RECOMMENDATIONS),
        (SAID, CONTACTS),
    ):
        for field in body:
            for value in WRONG:
                told = problem(adviser.post(path, {**body, field: value}), 400)
                assert {each["field"].split(".")[0] for each in told["errors"]} == {field}, value
    for value in WRONG:
        problem(adviser.post(RECOMMENDATIONS, {"source": recommendation.source_id, "items": [value]}), 400)


def test_no_value_of_what_is_corrected_fails(adviser, recommendation, contact):
    of_a_contact = {name: value for name, value in SAID.items() if name != "council"}
    for body, path in (
        ({"paragraph": "1", "text": "x"}, f"{RECOMMENDATIONS}{recommendation.pk}/"),
        (
            {**of_a_contact, "follow_up_on": "2026-12-01", "retain_until": "2027-01-01"},
            f"{CONTACTS}{contact.pk}/",
        ),
    ):
        tag = adviser.get(path)["ETag"]
        for field in body:
            # Without a day to follow up, or to keep it until, is an answer too; so is no paragraph.
            for value in (
                WRONG
                if not field.endswith(("up_on", "until"))
                else [each for each in WRONG if each is not None]
            ):
                told = problem(adviser.send("PATCH", path, {field: value}, etag=tag), 400)
                assert [each["field"] for each in told["errors"]] == [field], value
            if field != "paragraph":
                problem(adviser.send("PATCH", path, {field: "  "}, etag=tag), 400)
        assert adviser.get(path)["ETag"] == tag


def test_every_change_within_a_session_needs_its_csrf_token(adviser, milestone, recommendation, contact):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(adviser.person)
    for method, path in (
        ("POST", address(milestone, "met/")),
        ("POST", CONTACTS),
        ("POST", RECOMMENDATIONS),
        ("PATCH", f"{RECOMMENDATIONS}{recommendation.pk}/"),
        ("PATCH", f"{CONTACTS}{contact.pk}/"),
        ("DELETE", f"{CONTACTS}{contact.pk}/"),
    ):
        headers = {"If-Match": strict.get(path).get("ETag", "x"), "Idempotency-Key": "k"}
        response = strict.generic(method, path, "{}", content_type="application/json", headers=headers)
        assert "CSRF" in problem(response, 403)["detail"], path


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_that_is_too_large_is_refused_unread(adviser, contact, settings, method):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    path = f"{CONTACTS}{contact.pk}/"
    body = {"said": "x" * 200} if method == "PATCH" else {"reason": "x" * 200}
    problem(adviser.send(method, path, body, etag=adviser.get(path)["ETag"]), 413)
    assert Contact.objects.get().said == contact.said


def test_a_body_of_very_many_fields_or_levels_is_refused(adviser, milestone):
    tag = etag_of(adviser, milestone)
    problem(adviser.post(address(milestone, "met/"), {f"field{n}": n for n in range(2000)}, etag=tag), 400)
    deep = []
    for _ in range(900):
        deep = [deep]
    problem(adviser.post(address(milestone, "met/"), {"met_on": deep}, etag=tag), 400)
    items = [{"text": "x"}] * 201
    problem(adviser.post(RECOMMENDATIONS, {"source": 1, "items": items}), 400)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("", 406),
        ("*/*", 200),
        ("application/*", 200),
        ("application/json; indent=4", 200),
        ("text/html, application/json;q=0.1", 200),
        ("application/problem+json", 406),
        ("*", 406),
        ("/", 406),
        (";;;,,,", 406),
        ("a/b/c", 406),
        ("näh", 406),
        (", ".join(["x/y"] * 2000), 406),
    ],
)
def test_no_accept_fails(adviser, accept, status):
    assert adviser.get(MILESTONES, accept=accept).status_code == status
    assert adviser.get("/api/v1/milestones/9/", accept=accept).status_code in (404, 406)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("application/json; charset=utf-16", 200),
        ("application/json; charset=no-such", 200),
        ("", 415),
        ("json", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
    ],
)
def test_a_content_type_is_json_or_refused(adviser, milestone, content_type, status):
    headers = {
        "Authorization": f"Token {adviser.secret}",
        "If-Match": etag_of(adviser, milestone),
        "Idempotency-Key": "k",
        "Content-Type": content_type,
    }
    response = adviser.client.generic(
        "POST", address(milestone, "met/"), '{"met_on": "2026-11-18"}', content_type, headers=headers
    )
    assert response.status_code == status, response.content


@pytest.mark.parametrize(
    "path", [MILESTONES, "/api/v1/milestones/9/", f"{MILESTONES}?format=csv", "/api/v1/x/"]
)
def test_no_answer_is_kept_by_whoever_passes_it_on(adviser, client, path):
    for response in (adviser.get(path), client.get(path)):
        assert response["Cache-Control"] == "private, no-cache"
        assert response["X-Content-Type-Options"] == "nosniff"


def test_a_form_within_a_session_is_no_json(adviser, milestone, contact):
    """Django reads a form for its CSRF token before anybody asks for the body."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(adviser.person)
    strict.cookies["csrftoken"] = "a" * 32
    form = {"csrfmiddlewaretoken": "a" * 32, "met_on": "2026-11-18"}
    for path in (address(milestone, "met/"), CONTACTS, RECOMMENDATIONS):
        headers = {"If-Match": strict.get(path).get("ETag", "x"), "Idempotency-Key": "k"}
        problem(strict.post(path, form, headers=headers), 415)


# Tokens


def test_a_token_ends_with_its_person_its_year_and_its_being_revoked(adviser, milestone):
    assert adviser.get(MILESTONES).status_code == 200
    adviser.person.is_active = False
    adviser.person.save()
    problem(adviser.get(MILESTONES), 401)
    adviser.person.is_active = True
    adviser.person.save()
    assert adviser.get(MILESTONES).status_code == 200
    ApiToken.objects.filter(pk=adviser.token.pk).update(expiry=timezone.now() - timedelta(seconds=1))
    problem(adviser.get(MILESTONES), 401)


def test_a_revoked_token_is_not_one_of_ours(adviser, milestone):
    revoke_token(adviser.token, by=Viewer.of(adviser.person, TODAY), on=TODAY)
    problem(adviser.get(MILESTONES), 401)
    problem(adviser.post(address(milestone, "met/"), MET, etag=f'"milestone-{milestone.pk}-1"'), 401)


def test_a_token_reaches_what_its_person_reaches_whoever_is_signed_in_beside_it(adviser, stranger, milestone):
    stranger.client.force_login(adviser.person)
    problem(stranger.get(f"{MILESTONES}{milestone.pk}/"), 404)
    assert stranger.get(MILESTONES).json()["results"] == []
    # A token that isn't one is refused, and the session beside it not asked instead.
    response = stranger.client.get(MILESTONES, headers={"Authorization": f"Token {'0' * 64}"})
    problem(response, 401)


# What was kept is answered again to whoever may still see it


def lose_the_region(caller):
    """Leave the caller their role, in another region than that of the council."""
    grant = Grant.objects.get(person=caller.person)
    elsewhere = CouncilFactory()
    GrantFactory(person=caller.person, role=grant.role, scope="council", region=None, council=elsewhere)
    Grant.objects.filter(pk=grant.pk).update(until_on=TODAY)


def test_a_post_is_not_answered_again_to_somebody_who_lost_the_council(
    adviser, milestone, recommendation, contact
):
    """Role for role they may still log and add, but not there."""
    followed = f"{CONTACTS}{contact.pk}/followed-up/"
    Contact.objects.update(follow_up_on=date(2026, 11, 19))
    added = {"source": recommendation.source_id, **ADD}
    posts = [
        (address(milestone, "met/"), MET, {"etag": etag_of(adviser, milestone)}, 404),
        (followed, {}, {"etag": adviser.get(f"{CONTACTS}{contact.pk}/")["ETag"]}, 404),
        (CONTACTS, SAID, {}, 400),
        (RECOMMENDATIONS, added, {}, 400),
    ]
    for number, (path, body, headers, _) in enumerate(posts):
        assert adviser.post(path, body, key=f"k-{number}", **headers).status_code in (200, 201), path
        again = adviser.post(path, body, key=f"k-{number}", **headers)
        assert again["Idempotency-Replayed"] == "true"
    lose_the_region(adviser)
    for number, (path, body, headers, status) in enumerate(posts):
        response = adviser.post(path, body, key=f"k-{number}", **headers)
        told = problem(response, status)
        assert "Idempotency-Replayed" not in response and "current" not in told
    assert Recommendation.objects.count() == 3 and Contact.objects.count() == 2
