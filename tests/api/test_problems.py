"""Every error is a problem in JSON that says what to do: never a page, never a redirect."""

import pytest
from django.test import Client

from accounts.models import RolePolicy
from accounts.permissions import Role
from cases.api.milestones import Milestones
from tests.api.conftest import problem
from tests.api.test_changes import address, etag_of

pytestmark = pytest.mark.django_db


def test_nobody_is_told_to_sign_in_and_sent_nowhere(client, reference):
    response = client.get("/api/v1/milestones/")
    assert "token" in problem(response, 401)["detail"]
    assert response["WWW-Authenticate"] == "Token"
    problem(client.post("/api/v1/milestones/1/met/"), 401)
    problem(client.get("/api/v1/no-such-list/"), 401)


@pytest.mark.parametrize("secret", ["", "x", "0" * 64, "näh", "a b", "0" * 5000, "' OR 1=1"])
def test_what_is_no_token_of_ours_is_refused(client, reference, secret):
    problem(client.get("/api/v1/milestones/", headers={"Authorization": f"Token {secret}"}), 401)


@pytest.mark.parametrize(
    "path", ["no-such-list/", "milestones/0/", "milestones/99999999999999999999/", "milestones"]
)
def test_what_is_not_there_is_a_problem_too(adviser, path):
    problem(adviser.get(f"/api/v1/{path}"), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_method_that_is_not_taken_says_which_are(adviser, milestone, method):
    response = adviser.send(method, address(milestone))
    problem(response, 405)
    assert "GET" in response["Allow"]


def test_only_json_and_csv_can_be_had(adviser):
    assert (
        "application/json" in problem(adviser.get("/api/v1/milestones/", accept="text/html"), 406)["detail"]
    )


def test_only_json_is_taken(adviser, milestone):
    response = adviser.client.post(
        address(milestone, "met/"),
        {"met_on": "2026-11-18"},
        headers={
            "Authorization": f"Token {adviser.secret}",
            "If-Match": etag_of(adviser, milestone),
            "Idempotency-Key": "k",
        },
    )
    assert "JSON" in problem(response, 415)["detail"]


@pytest.mark.parametrize(
    "body",
    ["{", "", "nul", '{"met_on": "\\ud800"}', "[" * 100000, b"\xff\xfe", '{"met_on": NaN}'],
    ids=["cut off", "empty", "word", "surrogate", "deep", "bytes", "nan"],
)
def test_a_body_that_is_not_json_is_refused(adviser, milestone, body):
    response = adviser.client.generic(
        "POST",
        address(milestone, "met/"),
        body,
        content_type="application/json",
        headers={
            "Authorization": f"Token {adviser.secret}",
            "If-Match": etag_of(adviser, milestone),
            "Idempotency-Key": "k",
        },
    )
    problem(response, 400)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["met_on"]),
        ({"met_on": None}, ["met_on"]),
        ({"met_on": "18 November"}, ["met_on"]),
        ({"met_on": "1066-10-14"}, ["met_on"]),
        ({"met_on": 5}, ["met_on"]),
        ({"met_on": "2026-11-18", "note": "x" * 2001}, ["note"]),
        ({"met_on": "2026-11-18", "note": {"a": 1}}, ["note"]),
        ({"met_on": "2026-11-18", "note": "a\u0000b"}, ["note"]),
        ({"met_on": "2026-11-18", "notes": "typo"}, ["notes"]),
        ({"note": "x", "revision": 3}, ["met_on", "revision"]),
        (["met_on"], [""]),
    ],
)
def test_each_field_that_is_wrong_is_named(adviser, milestone, body, fields):
    response = adviser.post(address(milestone, "met/"), body, etag=etag_of(adviser, milestone))
    told = problem(response, 400)
    assert [error["field"] for error in told["errors"]] == fields
    assert all(error["detail"] for error in told["errors"])


def test_a_body_that_is_too_large_is_refused(adviser, milestone, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = adviser.post(address(milestone, "met/"), {"note": "x" * 200}, etag=etag_of(adviser, milestone))
    problem(response, 413)


def test_what_fails_here_is_a_problem_without_its_cause(adviser, monkeypatch):
    def broken(view):
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(Milestones, "queryset", broken)
    adviser.client.raise_request_exception = False
    response = adviser.get("/api/v1/milestones/")
    problem(response, 500)
    assert b"secret" not in response.content


def test_whoever_has_not_set_up_a_required_second_factor_is_refused_and_told(adviser, client, milestone):
    RolePolicy.objects.update_or_create(
        role=Role.PRINCIPAL_ADVISER, defaults={"second_factor_required": True}
    )
    for response in (adviser.get("/api/v1/milestones/"), adviser.get("/api/v1/schema/")):
        assert "second factor" in problem(response, 403)["detail"]
    client.force_login(adviser.person)
    assert "second factor" in problem(client.get("/api/v1/milestones/"), 403)["detail"]


def test_a_change_within_a_session_needs_its_csrf_token(adviser, milestone):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(adviser.person)
    assert strict.get("/api/v1/milestones/").status_code == 200
    response = strict.post(address(milestone, "met/"), content_type="application/json")
    assert "CSRF" in problem(response, 403)["detail"]
