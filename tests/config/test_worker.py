"""A real Celery worker, in a process of its own, does the work: on files with SQLite, on Redis with PostgreSQL.

Every test has an Upstream of its own: a database, a queue and the processes that it starts, as `make run` or
docs/running.md start them.
"""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg2
import pytest
import redis
from celery.beat import PersistentScheduler
from celery.schedules import crontab
from django.utils.module_loading import import_string

from config import serve
from config import settings as as_shipped
from config.celery import app

ROOT = Path(__file__).resolve().parent.parent.parent
LONDON = ZoneInfo("Europe/London")
SECONDS_TO_WAIT = 30

LOAD_RULES = """
from datetime import date
from accounts.viewer import Viewer
from cases.loaders import load_bank_holidays, load_rules
for load in (load_bank_holidays, load_rules):
    load(by=Viewer.system(date(2010, 1, 1)), on=date(2010, 1, 1))
"""
MAKE_OVERDUE = """
from datetime import timedelta
from django.utils import timezone
from improvement.models import Intervention
from tests.factories import CaseFactory, ClockRuleFactory, CouncilFactory, MilestoneFactory
yesterday = timezone.localdate() - timedelta(days=1)
council = CouncilFactory(la_code="{name}", slug="{name}")
case = CaseFactory(council=council, reference="INT-2026-{name}", entered_on=yesterday)
Intervention.objects.create(case=case, opened_from="hand", began_on=yesterday, recorded_on=yesterday)
rule = ClockRuleFactory(slug="{name}", repeats=True)
MilestoneFactory(case=case, rule=rule, label="{name}", started_on=yesterday - timedelta(days=90), due_on=yesterday)
"""
SEND = """
from cases.tasks import flag_overdue
from improvement.tasks import nightly
for task in {tasks}:
    print(task.delay().id)
"""
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
FLAGGED = """
SELECT cases_milestone.label FROM cases_flag
JOIN cases_milestone ON cases_milestone.id = cases_flag.milestone_id
WHERE cleared_on IS NULL AND level = 'overdue'
"""
NEXT_OF_SERIES = "SELECT count(*) FROM cases_milestone WHERE series_no = 2"


def until(true, what):
    """Wait until `true()` is; fail, naming `what` was waited for, when that takes too long."""
    end = time.monotonic() + SECONDS_TO_WAIT
    while not true():
        assert time.monotonic() < end, f"waited {SECONDS_TO_WAIT} s for: {what}"
        time.sleep(0.05)


def end_groups(processes, number):
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


class Upstream:
    """An Upstream beside the tests' own; `environment` is what its processes run in."""

    def __init__(self, folder, **environment):
        self.folder = folder
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "UPSTREAM_VAR": str(folder),
            "UPSTREAM_DATABASE_URL": "",
            "UPSTREAM_REDIS_URL": "",
            **environment,
        }
        self.processes = []

    def prepare(self):
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=self.environment, check=True)
        self.run(LOAD_RULES)

    def start(self, *command, **streams):
        """Start a process that leads its own group and ends with the test."""
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, start_new_session=True, text=True, **streams
        )
        self.processes.append(process)
        return process

    def start_code(self, code):
        code = f"import django\ndjango.setup()\n{code}"
        return self.start(sys.executable, "-c", code, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, code):
        """Run Python within this Upstream, in a process that has ended when this returns; return its lines."""
        process = self.start_code(code)
        lines = process.communicate()[0].splitlines()
        assert process.returncode == 0
        return lines

    def make_overdue(self, name):
        self.run(MAKE_OVERDUE.format(name=name))

    def send(self, tasks="[flag_overdue]"):
        """Ask for tasks, as any process may, and return the ids of the messages."""
        return self.run(SEND.format(tasks=tasks))

    def start_worker(self):
        with open(self.folder / "worker.log", "a") as log:
            return self.start(*self.worker_command, stderr=log)

    def stop(self):
        """End what was started, with all that it started itself; soon, since nothing of it is kept."""
        end_groups(self.processes, signal.SIGTERM)
        end = time.monotonic() + 1
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0, end - time.monotonic()))
        end_groups(self.processes, signal.SIGKILL)
        for process in self.processes:
            process.communicate()

    def ask(self, sql):
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchall()

    def is_waiting(self, words):
        """Return whether a message with `words` in it is in the queue: no worker has taken it."""
        return any(words in message for message in self.waiting())

    def flagged(self):
        return {label for (label,) in self.ask(FLAGGED)}

    def wait_until_flagged(self, *labels):
        until(lambda: self.flagged() >= set(labels), f"{labels} flagged")

    @contextlib.contextmanager
    def sweeps_held_back(self):
        """Hold a lock that every sweep waits for."""
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(self.lock)
            yield
            connection.rollback()


class Embedded(Upstream):
    lock = "BEGIN IMMEDIATE"
    worker_command = serve.commands(port=0)["worker"]

    def connect(self):
        return sqlite3.connect(self.folder / "upstream.sqlite3", timeout=SECONDS_TO_WAIT)

    def waiting(self):
        for message in (self.folder / "queue" / "messages").glob("*.celery.msg"):
            with contextlib.suppress(FileNotFoundError):  # taken meanwhile
                yield message.read_text()

    def lose_messages(self):
        shutil.rmtree(self.folder / "queue")


class Served(Upstream):
    lock = "SELECT * FROM cases_flagrule FOR UPDATE"
    worker_command = (sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker", "--concurrency", "1")

    def __init__(self, folder, database_url, redis_url):
        super().__init__(folder, UPSTREAM_DATABASE_URL=database_url, UPSTREAM_REDIS_URL=redis_url)
        self.redis = redis.Redis.from_url(redis_url)

    def connect(self):
        return psycopg2.connect(self.environment["UPSTREAM_DATABASE_URL"])

    def waiting(self):
        return [message.decode() for message in self.redis.lrange("celery", 0, -1)]

    def lose_messages(self):
        self.redis.flushdb()


@contextlib.contextmanager
def scratch_database(template="template1"):
    """Make a database of its own name where the settings' is, give its address, and drop it afterwards."""
    server, name = urlsplit(as_shipped.DATABASE_URL), f"upstream_worker_{uuid4().hex[:12]}"
    with contextlib.closing(psycopg2.connect(server._replace(path="/postgres").geturl())) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield server._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def scratch_redis():
    """Give the address of an empty database of the settings' Redis, and leave it empty."""
    server = urlsplit(as_shipped.REDIS_URL)
    for number in range(15, -1, -1):
        url = server._replace(path=f"/{number}").geturl()
        with redis.Redis.from_url(url) as client:
            # So that two runs at once don't both find it empty.
            if not client.set("taken-by-a-test", 1, nx=True, ex=600):
                continue
            if client.dbsize() == 1:
                try:
                    yield url
                finally:
                    client.flushdb()
                return
            client.delete("taken-by-a-test")
    pytest.fail("none of Redis's databases is empty")


# Each run starts what it is set to: two kinds of worker in one would take twice the time.
IS_SERVED = bool(as_shipped.REDIS_URL) and as_shipped.DATABASE_URL.startswith("postgres")


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
