"""A real Celery worker, in a process of its own, does the work: on files with SQLite, on Redis with PostgreSQL.

Every test has an Upstream of its own: a database, a queue and the processes that it starts, as `make run` or
docs/running.md start them.
"""

import shutil
import signal
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from celery.beat import PersistentScheduler
from celery.schedules import crontab
from django.utils.module_loading import import_string

from config import serve
from config import settings as as_shipped
from config.celery import app
from tests.config.processes import (
    IS_SERVED,
    SECONDS_TO_WAIT,
    Embedded,
    Served,
    end_groups,
    scratch_database,
    scratch_redis,
    until,
)

# On one core, so that the database to copy is made once, and no worker has to share its time with another.
pytestmark = pytest.mark.xdist_group("worker")

LONDON = ZoneInfo("Europe/London")
WRITERS, WRITES_EACH = 3, 67
WRITE = f"""
from django.utils import timezone
from accounts.viewer import Viewer
from cases.actions import answer
from cases.models import Answer, Milestone
milestone, today = Milestone.objects.get(label="late"), timezone.localdate()
print("ready", flush=True)
input()
for number in range({WRITES_EACH}):
    answer(milestone, kind=Answer.Kind.ASKED, asked_on=today, note=str(number), by=Viewer.system(today), on=today)
"""
NEXT_OF_SERIES = "SELECT count(*) FROM cases_milestone WHERE series_no = 2"


@pytest.fixture(scope="module")
def migrated_file(tmp_path_factory):
    """The file of an embedded database with its rules, to copy."""
    if IS_SERVED:
        pytest.skip("runs embedded: unset UPSTREAM_DATABASE_URL and UPSTREAM_REDIS_URL")
    prepared = Embedded(tmp_path_factory.mktemp("migrated"))
    prepared.prepare()
    return prepared.folder / "upstream.sqlite3"


@pytest.fixture(scope="module")
def migrated_database(tmp_path_factory):
    """The name of a database on PostgreSQL with its rules, to copy."""
    if not IS_SERVED:
        pytest.skip("needs PostgreSQL and Redis: set UPSTREAM_DATABASE_URL and UPSTREAM_REDIS_URL")
    with scratch_database() as url:
        Served(tmp_path_factory.mktemp("migrated"), url, as_shipped.REDIS_URL).prepare()
        yield urlsplit(url).path[1:]


@pytest.fixture
def embedded(migrated_file, tmp_path):
    shutil.copy(migrated_file, tmp_path)
    upstream = Embedded(tmp_path)
    yield upstream
    upstream.stop()


@pytest.fixture
def served(migrated_database, tmp_path):
    with scratch_database(migrated_database) as database_url, scratch_redis() as redis_url:
        upstream = Served(tmp_path, database_url, redis_url)
        yield upstream
        upstream.stop()


@pytest.fixture(params=["embedded", "served"])
def upstream(request):
    return request.getfixturevalue(request.param)


def test_a_message_from_another_process_makes_the_worker_raise_the_flag(upstream):
    upstream.make_overdue("before")
    upstream.start_worker()
    upstream.wait_until_flagged("before")
    until(lambda: not list(upstream.waiting()), "the work of the start done")
    upstream.make_overdue("after")
    assert upstream.flagged() == {"before"}
    upstream.send()
    upstream.wait_until_flagged("before", "after")


def test_a_worker_that_starts_catches_up_without_any_message(upstream):
    upstream.make_overdue("late")
    upstream.start_worker()
    upstream.wait_until_flagged("late")
    until(lambda: upstream.ask(NEXT_OF_SERIES) == [(1,)], "the next of the series")


def test_a_worker_killed_half_way_and_its_message_lost_all_is_right_after_the_next_start(upstream):
    upstream.make_overdue("late")
    [message] = upstream.send()
    with upstream.sweeps_held_back():
        worker = upstream.start_worker()
        until(lambda: not upstream.is_waiting(message), "the worker has the message")
        end_groups([worker], signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
        upstream.lose_messages()
    assert upstream.flagged() == set()
    upstream.start_worker()
    upstream.wait_until_flagged("late")


def test_on_the_embedded_database_people_write_while_the_worker_works_and_neither_fails(embedded):
    embedded.make_overdue("late")
    writers = [embedded.start_code(WRITE) for _ in range(WRITERS)]
    first, *_others, last = embedded.send("[flag_overdue, nightly] * 15")
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    embedded.start_worker()
    until(lambda: not embedded.is_waiting(first), "the first task under way")
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert embedded.is_waiting(last)
    assert [writer.wait(SECONDS_TO_WAIT) for writer in writers] == [0] * WRITERS
    until(lambda: not embedded.is_waiting(last), "all tasks but the last done")
    assert embedded.ask("SELECT count(*) FROM cases_answer") == [(WRITERS * WRITES_EACH,)]
    assert embedded.flagged() == {"late"}
    assert "Traceback" not in (embedded.folder / "worker.log").read_text()


def test_beat_makes_up_for_a_night_when_it_did_not_run(embedded):
    schedule = PersistentScheduler(app, schedule_filename=str(embedded.folder / "beat-schedule"))
    schedule.schedule["nightly"].last_run_at -= timedelta(days=2)
    schedule.close()
    embedded.start(*serve.commands(port=0)["beat"])
    until(lambda: embedded.is_waiting("improvement.tasks.nightly"), "the nightly task sent")


@pytest.mark.parametrize("name", app.conf.beat_schedule)
def test_what_the_schedule_names_is_a_task_that_needs_no_arguments(name):
    entry = app.conf.beat_schedule[name]
    task = import_string(entry["task"])
    assert task.name == entry["task"]
    signature = task.signature(entry.get("args", ()), entry.get("kwargs", {}))
    task.__header__(*signature.args, **signature.kwargs)  # raises TypeError when an argument is missing


@pytest.mark.parametrize("day", ["2026-01-15", "2026-07-15", "2026-03-29", "2026-10-25"])
def test_the_night_is_at_a_quarter_past_two_in_london_on_days_when_the_clocks_change_too(day):
    before = datetime.fromisoformat(f"{day}T00:30").replace(tzinfo=LONDON)
    nightly = app.conf.beat_schedule["nightly"]["schedule"]
    at = crontab(nightly._orig_minute, nightly._orig_hour, app=app, nowfun=lambda: before)
    due = before.astimezone(ZoneInfo("UTC")) + at.remaining_estimate(before)
    assert due.astimezone(LONDON).isoformat()[:16] == f"{day}T02:15"


def test_what_a_task_returns_is_sent_nowhere():
    assert type(app.backend).__name__ == "DisabledBackend"
    assert app.conf.task_ignore_result
