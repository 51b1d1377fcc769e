"""An Upstream beside the tests' own, with a database, a queue and processes of its own, each real.

Embedded: SQLite and a queue of files. Served: PostgreSQL and Redis, where the tests are given both.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import psycopg2
import pytest
import redis

from config import serve
from config import settings as as_shipped

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_WAIT = 30

# Each run starts what it is set to: two kinds of worker in one would take twice the time.
IS_SERVED = bool(as_shipped.REDIS_URL) and as_shipped.DATABASE_URL.startswith("postgres")

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
FLAGGED = """
SELECT cases_milestone.label FROM cases_flag
JOIN cases_milestone ON cases_milestone.id = cases_flag.milestone_id
WHERE cleared_on IS NULL AND level = 'overdue'
"""


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
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=self.environment, check=True
        )
        self.run(LOAD_RULES)

    def manage(self, *arguments, fails=False):
        """Run one of `manage.py`'s commands; return what it printed, or why it refused where it is to fail."""
        ran = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert (ran.returncode != 0) == fails, ran.stderr
        return ran.stderr if fails else ran.stdout

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
    worker_command = (
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "--quiet",
        "worker",
        "--concurrency",
        "1",
    )

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


HOST = "upstream.example.org"


class Deployment(Upstream):
    """An Upstream as docs/running.md has it served: two roles on PostgreSQL, a Redis that can go, three processes."""

    def __init__(self, folder, name, server):
        self.runner, self.owner = f"{name}_runner", f"{name}_owner"
        self.web_port, self.redis_port = free_port(), free_port()

        def address(role):
            return server._replace(
                netloc=f"{role}:secret@{server.hostname}:{server.port}", path=f"/{name}"
            ).geturl()

        super().__init__(
            folder,
            UPSTREAM_HOSTS=HOST,
            UPSTREAM_SECRET_KEY=uuid4().hex * 2,
            UPSTREAM_DATABASE_URL=address(self.runner),
            UPSTREAM_OWNER_DATABASE_URL=address(self.owner),
            UPSTREAM_REDIS_URL=f"redis://127.0.0.1:{self.redis_port}/0",
            UPSTREAM_EMAIL_URL="smtp://127.0.0.1:1",
            UPSTREAM_FROM_EMAIL="upstream@example.org",
            UPSTREAM_PROXY_HEADER="X-Forwarded-Proto",
            UPSTREAM_DEMONSTRATION="0",
        )

    def connect(self, *, owner=False):
        return psycopg2.connect(
            self.environment["UPSTREAM_OWNER_DATABASE_URL" if owner else "UPSTREAM_DATABASE_URL"]
        )

    def start_redis(self):
        self.redis = self.start("redis-server", "--port", str(self.redis_port), "--save", "", "--appendonly", "no",
                                "--bind", "127.0.0.1", "--logfile", str(self.folder / "redis.log"))  # fmt: skip
        until(lambda: is_open(self.redis_port), "Redis")

    def stop_redis(self):
        self.redis.terminate()
        self.redis.wait()

    def start_all(self):
        """Start the three processes with their logs in the folder, and wait until pages are served."""
        more = {"web": ["--bind", f"127.0.0.1:{self.web_port}"], "worker": ["--concurrency", "1"]}
        for name, command in serve.PROCESSES.items():
            with open(self.folder / f"{name}.log", "a") as log:
                self.start(*serve.PYTHON, *command, *more.get(name, []), stderr=log)
        until(lambda: is_open(self.web_port), "the web process")

    def ask_web(self, path, *, session="", form=None):
        """Ask for a page as a proxy would that speaks https with people; return the status and the text."""
        token = "a" * 32
        headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "Referer": f"https://{HOST}/",
            "Cookie": f"__Host-session={session}; __Host-csrf={token}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with contextlib.closing(HTTPConnection("127.0.0.1", self.web_port, timeout=SECONDS_TO_WAIT)) as web:
            body = urlencode({**form, "csrfmiddlewaretoken": token}) if form else None
            web.request("POST" if form else "GET", path, body, headers)
            answer = web.getresponse()
            return answer.status, answer.read().decode()

    def lines(self, name):
        """Return the lines that a process logged: each is JSON."""
        return [json.loads(line) for line in (self.folder / f"{name}.log").read_text().splitlines()]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def deployment(folder):
    """Make a database with two roles on the settings' server, give a Deployment on it, and drop all of it."""
    server, name = urlsplit(as_shipped.DATABASE_URL), f"upstream_{uuid4().hex[:10]}"
    server = server._replace(netloc=server.netloc if server.port else f"{server.netloc}:5432")
    upstream = Deployment(folder, name, server)
    with contextlib.closing(psycopg2.connect(server._replace(path="/postgres").geturl())) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"CREATE ROLE {upstream.owner} LOGIN CREATEROLE PASSWORD 'secret'")
        cursor.execute(f"CREATE DATABASE {name} OWNER {upstream.owner}")
        try:
            yield upstream
        finally:
            upstream.stop()
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            cursor.execute(f"DROP ROLE IF EXISTS {upstream.runner}")
            cursor.execute(f"DROP ROLE {upstream.owner}")
