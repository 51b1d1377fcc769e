"""Logs: one line for each request under one id, and never a name, an address of e-mail or a secret address."""

import io
import json
import logging
import logging.config

import pytest
import structlog
from django.contrib.auth.tokens import default_token_generator
from django.urls import get_resolver, include, path, reverse

from accounts.permissions import Role
from cases.tasks import wake
from config import logs
from config.celery import app
from tests.factories import person_with

SECRET_PARTS = {"secret", "key", "uidb36", "token"}


@pytest.fixture
def lines():
    """Log as where Upstream is served; return a function that gives the lines so far."""
    stream = io.StringIO()
    as_served = logs.configuration(as_json=True, level="INFO")
    as_served["handlers"]["stderr"]["stream"] = stream
    root, named = logging.getLogger(), ("django", "django.server", "django.request")
    before = root.handlers, root.level
    levels = {name: (logging.getLogger(name).handlers, logging.getLogger(name).level) for name in named}
    logging.config.dictConfig(as_served)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = before
    for name, (handlers, level) in levels.items():
        logging.getLogger(name).handlers, logging.getLogger(name).level = handlers, level


def requests(lines):
    return [line for line in lines() if line["event"] == "request"]


class TestARequest:
    @pytest.mark.django_db
    def test_it_has_one_line_with_its_id_method_path_status_time_and_the_number_of_the_person(
        self, client, lines
    ):
        person = person_with(Role.NATIONAL_LEAD, name="Ada Fell", email="ada.fell@example.org")
        client.force_login(person)
        response = client.get("/", {"q": "what somebody typed"})
        [line] = requests(lines)
        assert line["request_id"] == response["X-Request-ID"]
        assert (line["method"], line["path"], line["status"]) == ("GET", "/", 200)
        assert line["person"] == person.pk
        assert line["ms"] >= 0 and line["level"] == "info" and line["timestamp"]
        for private in ("Ada Fell", "example.org", "typed"):
            assert private not in json.dumps(lines())

    @pytest.mark.django_db
    def test_the_line_asks_nothing_of_the_database(self, client, lines, django_assert_num_queries):
        with django_assert_num_queries(0):
            client.get("/nowhere/")
        assert requests(lines)[0]["person"] is None

    @pytest.mark.django_db
    @pytest.mark.parametrize("sent", ["0f8fad5b-d9cb-469f-a165-70867728950e", "Root.1-67891233-abcdef"])
    def test_an_id_that_the_proxy_gave_is_kept(self, client, lines, sent):
        assert client.get("/", headers={"x-request-id": sent})["X-Request-ID"] == sent
        assert requests(lines)[0]["request_id"] == sent

    @pytest.mark.django_db
    @pytest.mark.parametrize("sent", ["short", "a" * 65, 'forged"} {"event": "so', "ada@example.org"])
    def test_an_id_that_is_not_sane_is_replaced(self, client, lines, sent):
        given = client.get("/", headers={"x-request-id": sent})["X-Request-ID"]
        assert given != sent and logs.SANE_ID.fullmatch(given)

    @pytest.mark.django_db
    def test_one_that_fails_is_logged_with_where_and_without_what_was_typed(self, client, lines, settings):
        settings.ROOT_URLCONF = __name__
        client.raise_request_exception = False
        person = person_with(Role.NATIONAL_LEAD)
        client.force_login(person)
        assert client.get("/fails/ada.fell@example.org/").status_code == 500
        [line] = requests(lines)
        failure = next(each for each in lines() if "exception" in each)
        assert line["status"] == 500
        assert failure["request_id"] == line["request_id"]
        assert "ZeroDivisionError" in failure["exception"]
        assert "example.org" not in json.dumps(lines()) and "a note" not in json.dumps(lines())


def fail(request, typed):
    raise ZeroDivisionError(
        f"Key (email)=({typed}) already exists.\nDETAIL:  Failing row contains (1, a note)"
    )


urlpatterns = [path("fails/<typed>/", fail), path("", include("config.urls"))]


def secret_addresses(resolver=None):
    """Yield every address of ours of which one part lets in whoever has it."""
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from secret_addresses(entry)
        elif SECRET_PARTS & set(entry.pattern.regex.groupindex):
            yield entry


class TestWhatNeverShows:
    def test_the_address_of_every_calendar_and_of_every_link_that_lets_somebody_in_is_masked(self):
        addresses = list(secret_addresses())
        assert addresses
        for entry in addresses:
            parts = dict.fromkeys(entry.pattern.regex.groupindex, "Qx7zSecretPart")
            assert "Qx7z" not in logs.masked(reverse(entry.name, kwargs=parts)), entry.name

    def test_a_calendar_that_is_not_there_is_masked_too(self, client, lines, db):
        client.get("/calendar/Qx7zSecretPart.ics")
        client.get("/accounts/password/reset/key/1-Qx7zSecretPart/")
        assert len(requests(lines)) == 2
        assert "Qx7z" not in json.dumps(lines())

    @pytest.mark.django_db
    def test_a_link_that_sets_a_password_is_not_logged(self, client, lines):
        person = person_with(Role.NATIONAL_LEAD)
        key = default_token_generator.make_token(person)
        client.get(f"/accounts/password/reset/key/1-{key}/")
        assert key not in json.dumps(lines())

    def test_whoever_logs_addresses_of_email_they_are_taken_out(self, lines):
        logging.getLogger("a.library").warning("refused %s", "<Ada.Fell+upstream@mail.example.org>")
        structlog.get_logger("ours").warning("refused", recipient="ada@example.org")
        assert "example" not in json.dumps(lines())
        assert [line["event"] for line in lines()] == ["refused <[e-mail]>", "refused"]

    def test_what_postgresql_quotes_of_a_row_is_left_out(self):
        said = "duplicate key\nDETAIL:  Key (name)=(Ada Fell) already exists.\nCONTEXT: more"
        assert logs.masked(said) == "duplicate key\nDETAIL:  [left out]\nCONTEXT: more"

    def test_what_a_library_hands_along_is_left_out(self, lines):
        logging.getLogger("django.request").error("failed", extra={"request": object(), "status_code": 500})
        assert "request" not in lines()[0] or isinstance(lines()[0]["request"], str)


class TestATask:
    @pytest.fixture
    def task(self, lines):
        said = []

        @app.task(name="tests.say_id", shared=False)
        def say_id():
            said.append(structlog.contextvars.get_contextvars())

        yield say_id, said
        app.tasks.pop("tests.say_id")

    def test_it_carries_the_id_of_the_request_that_asked_for_it(self, task, monkeypatch):
        say_id, _said = task
        headers = []
        monkeypatch.setattr(
            "kombu.messaging.Producer._publish", lambda self, *args, **kwargs: headers.append(args[4])
        )
        with structlog.contextvars.bound_contextvars(request_id="of-the-request"):
            assert wake(say_id)
        assert headers[0]["request_id"] == "of-the-request"

    def test_in_it_every_line_has_that_id_and_after_it_none(self, task):
        say_id, said = task
        say_id.apply(headers={"request_id": "of-the-request"})
        assert said == [{"request_id": "of-the-request", "task": "tests.say_id"}]
        assert structlog.contextvars.get_contextvars() == {}

    def test_one_that_the_schedule_asked_for_has_its_own(self, task):
        say_id, said = task
        say_id.apply(task_id="of-the-task")
        assert said[0]["request_id"] == "of-the-task"


def test_where_upstream_is_tried_lines_are_for_people():
    form = logs.configuration(as_json=False, level="INFO")["formatters"]["line"]
    handler = logging.Formatter if form.get("format") else structlog.stdlib.ProcessorFormatter
    formatter = handler(foreign_pre_chain=form["foreign_pre_chain"], processors=form["processors"])
    record = logging.LogRecord("a.library", logging.INFO, "", 0, "ada@example.org came", (), None)
    line = formatter.format(record)
    assert "[e-mail] came" in line and not line.startswith("{")
