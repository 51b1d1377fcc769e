"""Asking a worker for a task: a page that does so never fails, nor waits, where the broker is down."""

import logging

import pytest
from celery import Celery

from cases.tasks import flag_overdue, wake
from config.celery import app


@pytest.fixture
def published(monkeypatch):
    bodies = []
    monkeypatch.setattr(
        "kombu.messaging.Producer._publish", lambda self, *args, **kwargs: bodies.append(args)
    )
    return bodies


def test_the_broker_is_asked_once(published):
    assert wake(flag_overdue) is True
    assert len(published) == 1


def test_without_a_broker_it_says_so_and_goes_on(monkeypatch, caplog):
    gone = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    monkeypatch.setattr("cases.tasks.current_app", gone)
    with caplog.at_level(logging.WARNING):
        assert wake(flag_overdue) is False
    assert "broker not reached" in caplog.text and "cases.tasks.flag_overdue" in caplog.text


def test_what_the_schedule_sends_does_not_wait_for_the_broker_either_and_workers_wait_as_long_as_it_takes():
    assert app.conf.task_publish_retry is False
    assert app.conf.broker_connection_max_retries is None
