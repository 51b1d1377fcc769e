"""`/healthz` and `/readyz`: open to anybody, at any host name, and plain about what does not work."""

from datetime import timedelta

import pytest
from celery import Celery
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.permissions import Role
from cases.actions import flag_overdue
from cases.models import SweepRun
from config import health
from tests.factories import TODAY, viewer_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker_down(monkeypatch):
    monkeypatch.setattr(health, "broker", lambda: "not reached")


@pytest.fixture
def swept():
    flag_overdue(by=viewer_with(Role.NATIONAL_LEAD), on=TODAY)


def ready(client):
    response = client.get("/readyz")
    assert response["Cache-Control"] == "no-store"
    return response.status_code, response.json()


def test_it_is_alive_without_asking_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"alive\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_answers_anybody_at_any_host_name_over_http(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    response = client.get(path, headers={"host": "10.0.0.7:8000"})
    assert response.status_code == 200
    assert client.get("/", headers={"host": "10.0.0.7:8000"}).status_code == 400


def test_all_that_works_is_said_in_words(client, swept):
    assert ready(client) == (
        200,
        {"status": "ready", "database": "works", "broker": "works", "last_sweep": "works"},
    )


def test_without_its_database_it_is_not_ready(client, monkeypatch):
    def fail(self):
        raise OperationalError("could not connect to server at db.example.org")

    monkeypatch.setattr("django.db.migrations.recorder.MigrationRecorder.applied_migrations", fail)
    status, said = ready(client)
    assert (status, said["status"], said["database"]) == (503, "unavailable", "not reached")
    assert "last_sweep" not in said and "example.org" not in str(said)


def test_with_a_migration_still_to_run_it_is_not_ready(client, swept):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'cases' AND name = '0005_sweep_run'")
    status, said = ready(client)
    assert (status, said["status"], said["database"]) == (503, "unavailable", "1 migrations still to run")


def test_without_its_broker_it_is_ready_and_says_degraded(client, swept, broker_down):
    status, said = ready(client)
    assert (status, said["status"], said["broker"], said["last_sweep"]) == (
        200,
        "degraded",
        "not reached",
        "works",
    )


def test_a_broker_that_refuses_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(health, "app", Celery(broker="redis://127.0.0.1:1/0", set_as_current=False))
    assert health.broker().startswith("not reached")


def test_a_sweep_that_is_late_is_named_with_its_hour(client, swept):
    assert ready(client)[1]["status"] == "ready"
    SweepRun.objects.update(at=timezone.now() - timedelta(hours=2, minutes=1))
    status, said = ready(client)
    assert (status, said["status"]) == (200, "degraded")
    at = timezone.localtime(SweepRun.objects.get().at)
    assert said["last_sweep"].startswith(f"ran last at {at:%H:%M on %-d %B %Y}")


def test_before_the_first_sweep_it_says_so(client):
    assert ready(client)[1]["last_sweep"] == "has not run yet"


def test_every_sweep_is_recorded_though_nothing_was_late():
    for _ in range(2):
        flag_overdue(by=viewer_with(Role.NATIONAL_LEAD), on=TODAY)
    runs = SweepRun.objects.values_list("on", "raised", "cleared", "left")
    assert list(runs) == [(TODAY, 0, 0, 0)] * 2
