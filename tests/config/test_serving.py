"""Upstream as it is served: PostgreSQL with two roles, Redis that goes and comes back, a backup that brings it back.

The same processes as in docker-compose.yml, natively, from nothing but the environment.
"""

import contextlib
import json

import psycopg2
import pytest
from django.urls import reverse

from tests.config.processes import deployment, until

# On one core, so that the deployment is prepared once.
pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("serving")]

APPEND_ONLY = (
    "history_event",
    "cases_answer",
    "cases_datechange",
    "cases_embargoview",
    "improvement_handover",
    "improvement_reading",
    "improvement_signoff",
    "improvement_snapshot",
    "peer_reviews_feedbackslides",
    "peer_reviews_stagechange",
    "peer_reviews_wording",
)
SIGN_IN = """
from django.conf import settings
from django.test import Client
from accounts.permissions import Role
from cases.models import Milestone
from tests.factories import person_with
person = person_with(Role.PRINCIPAL_ADVISER, council=Milestone.objects.get(label="{name}").council,
                     name="Ada Fell", email="ada.fell@example.org")
client = Client()
client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
milestone = Milestone.objects.get(label="{name}")
print(milestone.pk, milestone.revision, milestone.due_on)
"""
OPEN_FLAGS = """
SELECT milestone_id, count(*) FROM cases_flag WHERE cleared_on IS NULL GROUP BY 1
"""
RAISED = """
SELECT subject_id, data->>'level', count(*) FROM history_event WHERE kind = 'flag-raised' GROUP BY 1, 2
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A deployment, prepared as at its first release."""
    with deployment(tmp_path_factory.mktemp("served")) as upstream:
        upstream.said = upstream.manage("prepare")
        yield upstream


class TestTwoRoles:
    @pytest.fixture
    def runner(self, served):
        with contextlib.closing(served.connect()) as connection:
            yield connection.cursor()
            connection.rollback()

    def test_preparing_lets_the_runner_in_and_names_what_it_may_only_add_to(self, served):
        assert f"role {served.runner}: made" in served.said
        [line] = [line for line in served.said.splitlines() if "only new ones" in line]
        assert all(table in line for table in APPEND_ONLY)

    @pytest.mark.parametrize("table", APPEND_ONLY)
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE {table} SET id = id",
            "DELETE FROM {table}",
            "TRUNCATE {table}",
            "ALTER TABLE {table} DISABLE TRIGGER ALL",
            "DROP TRIGGER {table}_append_only ON {table}",
            "DROP TABLE {table}",
        ],
    )
    def test_the_runner_cannot_alter_what_has_been_recorded(self, runner, table, statement):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            runner.execute(statement.format(table=table))

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TABLE mine (id int)",
            "ALTER TABLE cases_milestone ADD COLUMN mine int",
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "TRUNCATE cases_flag",
            "DELETE FROM django_migrations",
        ],
    )
    def test_nor_the_shape_of_anything(self, runner, statement):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            runner.execute(statement)

    def test_it_may_read_and_write_the_rows_of_every_other_table(self, runner):
        for privilege, lacking in (
            ("UPDATE", {*APPEND_ONLY, "django_migrations"}),
            ("INSERT", {"django_migrations"}),
            ("SELECT", set()),
            ("DELETE", {*APPEND_ONLY, "django_migrations"}),
        ):
            runner.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                " AND NOT has_table_privilege(oid, %s)",
                [privilege],
            )
            assert {name for (name,) in runner.fetchall()} == lacking, privilege


def test_with_redis_stopped_pages_and_writes_work_and_when_it_is_back_the_sweep_catches_up_once(served):
    served.start_redis()
    served.start_all()
    until(lambda: json.loads(served.ask_web("/readyz")[1])["status"] == "ready", "all of it ready")
    until(lambda: nightlies(served) == 1, "the worker's first round")
    served.make_overdue("first")
    session, milestone = served.run(SIGN_IN.format(name="first"))
    pk, revision, due_on = milestone.split()

    served.stop_redis()
    served.make_overdue("second")
    for path in ("/", reverse("milestone", args=[pk]), reverse("milestone_met", args=[pk])):
        assert served.ask_web(path, session=session)[0] == 200, path
    year, month, day = due_on.split("-")
    met = {"met_on_day": day, "met_on_month": month, "met_on_year": year, "revision": revision}
    status, text = served.ask_web(reverse("milestone_met", args=[pk]), session=session, form=met)
    assert status == 302, text
    assert served.ask(f"SELECT met_on::text FROM cases_milestone WHERE id = {pk}") == [(due_on,)]
    status, said = served.ask_web("/readyz")
    said = json.loads(said)
    assert (status, said["status"], said["database"]) == (200, "degraded", "works")
    assert said["broker"].startswith("not reached")
    assert served.flagged() == set()

    served.start_redis()
    served.wait_until_flagged("second")
    until(lambda: json.loads(served.ask_web("/readyz")[1])["status"] == "ready", "ready again")
    until(lambda: nightlies(served) == 2, "the round that catches up")
    assert served.flagged() == {"second"}
    assert {count for *_, count in served.ask(OPEN_FLAGS)} == {1}
    assert {count for *_, count in served.ask(RAISED)} == {1}

    requests = [line for line in served.lines("web") if line["event"] == "request"]
    [post] = [line for line in requests if line["method"] == "POST"]
    assert (post["path"], post["status"]) == (reverse("milestone_met", args=[pk]), 302)
    assert isinstance(post["person"], int)
    served.lines("worker"), served.lines("beat")
    for name in ("web", "worker", "beat"):
        logged = (served.folder / f"{name}.log").read_text()
        for private in ("example.org", "Ada Fell", session, "secret@"):
            assert private not in logged, (name, private)


def nightlies(served):
    """Return how many times the nightly work has been done."""
    done = [line["event"] for line in served.lines("worker") if "succeeded" in line["event"]]
    return sum("improvement.tasks.nightly" in event for event in done)
