"""The description of the API: committed, true to the code, and enough to write a client from."""

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.urls import get_resolver

from tests.api.conftest import problem

COMMITTED = Path(__file__).resolve().parent.parent.parent / "docs" / "api" / "openapi.yaml"
WITHOUT_BODY = (
    "/followed-up/",
    "/no-change/",
    "/send-for-approval/",
    "/submit/",
    "/correct/",
    "/read/",
    "/settle/",
    "/withdraw/",
    "/confirm-team/",
    "/findings/{id}/agree/",
    "/notes/{id}/share/",
)
COMMAND = "python manage.py spectacular --file docs/api/openapi.yaml --validate --fail-on-warn"


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    made = tmp_path_factory.mktemp("api") / "openapi.yaml"
    call_command("spectacular", file=str(made), validate=True, fail_on_warn=True)
    return made.read_text()


@pytest.fixture(scope="module")
def operations(described):
    paths = yaml.safe_load(described)["paths"]
    return {(verb.upper(), path): each for path, verbs in paths.items() for verb, each in verbs.items()}


def test_the_committed_description_is_that_of_the_code(described):
    assert COMMITTED.read_text() == described, f"It has drifted. Write it anew: {COMMAND}"


def test_every_address_is_described(operations):
    _, resolver = get_resolver().namespace_dict["api"]
    names = {each.name: str(each.pattern) for each in resolver.url_patterns}
    ours = {name for name in names if name not in ("schema", "nothing-here")}
    assert len({path for _, path in operations}) == len(ours)


def test_every_operation_says_what_it_is_and_how_it_can_fail(operations):
    for (verb, path), each in operations.items():
        assert each["summary"] and each["description"] and each["tags"], path
        told = set(each["responses"])
        assert {"400", "401", "403"} <= told, path
        if "{" in path:
            assert "404" in told, path
        if verb != "GET":
            assert {"409", "415"} <= told, path
            assert "requestBody" in each or verb == "DELETE" or path.endswith(WITHOUT_BODY), path
        if verb == "POST":
            assert "422" in told, path
        if verb != "GET" and "{" in path and not adds(each):
            assert {"412", "428"} <= told, path


def adds(operation):
    """Say whether it makes something new: that has no version yet."""
    return "201" in operation["responses"]


def headers_of(operation):
    return {
        each["name"]: each.get("required", False)
        for each in operation["parameters"]
        if each["in"] == "header"
    }


def test_versions_and_keys_are_asked_for_where_they_are_needed(operations):
    for (verb, path), each in operations.items():
        headers = headers_of(each)
        changes = verb != "GET" and "{" in path and not adds(each)
        assert headers.get("If-Match", False) == changes, path
        assert headers.get("Idempotency-Key", False) == (verb == "POST"), path


def test_lists_say_their_filters_and_that_they_can_be_had_as_csv(operations):
    told = operations["GET", "/api/v1/milestones/"]
    names = {each["name"] for each in told["parameters"]}
    assert {
        "council",
        "region",
        "owes",
        "force",
        "overdue",
        "due_before",
        "due_after",
        "assignee",
        "case",
    } <= names
    assert {"after", "before", "page_size", "format", "on"} <= names
    assert "text/csv" in told["responses"]["200"]["content"]


def test_a_deletion_is_described_with_the_reason_that_it_asks_for(operations, described):
    body = operations["DELETE", "/api/v1/contacts/{id}/"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    asked = yaml.safe_load(described)["components"]["schemas"][body["$ref"].rsplit("/", 1)[1]]
    assert asked["required"] == ["reason"]


def test_what_is_sent_has_no_other_fields(described):
    components = yaml.safe_load(described)["components"]["schemas"]
    sent = {name: each for name, each in components.items() if name.endswith("Request")}
    assert sent and all(each["additionalProperties"] is False for each in sent.values())


@pytest.mark.django_db
def test_the_description_is_served_to_people_who_are_signed_in(adviser, client):
    assert yaml.safe_load(adviser.get("/api/v1/schema/").content)["openapi"].startswith("3.1")
    problem(client.get("/api/v1/schema/"), 401)
