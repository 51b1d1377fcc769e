"""Settings come through one table; a served Upstream without what it needs, or open to all, doesn't start."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import environment

ROOT = Path(__file__).resolve().parent.parent.parent
SERVED = {
    "UPSTREAM_HOSTS": "upstream.example.org",
    "UPSTREAM_SECRET_KEY": "r4nd0m-" * 10,
    "UPSTREAM_DATABASE_URL": "postgres://runner:secret@127.0.0.1:1/upstream",
    "UPSTREAM_REDIS_URL": "redis://127.0.0.1:1/0",
    "UPSTREAM_EMAIL_URL": "smtp+tls://person:p%40ss@mail.example.org:587",
    "UPSTREAM_FROM_EMAIL": "upstream@example.org",
}
NEEDED = {setting.name for setting in environment.TABLE if setting.needed}


@pytest.fixture
def run(tmp_path):
    """Return a function that runs Python with these variables of ours and no other."""

    def run_with(variables, *command):
        others = {name: value for name, value in os.environ.items() if not name.startswith("UPSTREAM_")}
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**others, "UPSTREAM_VAR": str(tmp_path), **variables},
            capture_output=True,
            text=True,
        )

    return run_with


def test_the_table_holds_every_variable_that_the_code_reads_and_no_other():
    names = re.compile(r"\bUPSTREAM_[A-Z_]+\b")
    read = set()
    for path in [*ROOT.glob("config/**/*.py"), ROOT / "manage.py"]:
        if path.name != "environment.py":
            read |= set(re.findall(r'environment\.read\(\s*"(\w+)"', path.read_text()))
            assert "os.environ.get" not in path.read_text() and "os.getenv" not in path.read_text(), path
    read |= set(re.findall(r'read\("(\w+)"\)', (ROOT / "config/environment.py").read_text()))
    assert read == {setting.name for setting in environment.TABLE}
    assert all(names.fullmatch(name) for name in read)


def test_the_page_about_running_has_the_table_as_it_is():
    page = (ROOT / "docs/running.md").read_text()
    rows = [
        f"| `{each.name}` | {'yes' if each.needed else ''} | {each.default and f'`{each.default}`'} | {each.purpose} |"
        for each in environment.TABLE
    ]
    assert "\n".join(rows) in page


class TestServing:
    def test_all_that_is_missing_is_named_in_one_message(self, run):
        for command in (
            ["manage.py", "migrate"],
            ["-m", "gunicorn", "--config", "python:config.gunicorn", "x:x"],
        ):
            refused = run({"UPSTREAM_HOSTS": "upstream.example.org"}, *command)
            assert refused.returncode != 0
            message = refused.stderr[refused.stderr.index("Upstream can't be served") :]
            assert set(re.findall(r"^  (\w+) is missing: .+\.$", message, re.MULTILINE)) == NEEDED

    @pytest.mark.parametrize(
        ("variables", "words"),
        [
            ({"UPSTREAM_SECRET_KEY": "too short"}, "UPSTREAM_SECRET_KEY is too short"),
            ({"UPSTREAM_SECRET_KEY": "a" * 80}, "UPSTREAM_SECRET_KEY is too short"),
            ({"UPSTREAM_DATABASE_URL": "sqlite:///var/x"}, "UPSTREAM_DATABASE_URL must begin postgres://"),
            ({"UPSTREAM_DEMONSTRATION": "1"}, "UPSTREAM_DEMONSTRATION=1 is for trying"),
            ({"UPSTREAM_DEBUG": "1"}, "UPSTREAM_DEBUG=1 is for developing"),
            ({"UPSTREAM_FROM_EMAIL": ""}, "UPSTREAM_FROM_EMAIL is missing"),
        ],
    )
    def test_what_would_open_it_to_all_or_not_work_is_refused(self, monkeypatch, variables, words):
        for name, value in {**SERVED, **variables}.items():
            monkeypatch.setenv(name, value)
        assert [problem[: len(words)] for problem in environment.problems()] == [words]

    def test_with_what_it_needs_it_is_not_refused(self, monkeypatch):
        monkeypatch.delenv("UPSTREAM_DEMONSTRATION", raising=False)
        for name, value in SERVED.items():
            monkeypatch.setenv(name, value)
        assert environment.problems() == []

    def test_where_upstream_is_tried_nothing_is_needed(self, monkeypatch):
        for setting in environment.TABLE:
            monkeypatch.delenv(setting.name, raising=False)
        assert environment.problems() == []

    def test_djangos_own_checks_for_serving_find_nothing(self, run):
        checked = run(SERVED, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
        assert checked.returncode == 0, checked.stderr
        assert "no issues" in checked.stdout

    def test_it_is_https_alone_with_cookies_that_no_neighbour_can_set(self, run):
        names = [
            *("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"),
            *("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEMONSTRATION", "EMAIL_HOST_PASSWORD"),
            *("EMAIL_USE_TLS", "SECURE_PROXY_SSL_HEADER", "CSRF_TRUSTED_ORIGINS"),
        ]
        code = f"from django.conf import settings as s; print([getattr(s, n, None) for n in {names}])"
        asked = run({**SERVED, "DJANGO_SETTINGS_MODULE": "config.settings"}, "-c", code)
        origins = ["https://upstream.example.org"]
        expected = [
            True,
            31536000,
            True,
            True,
            "__Host-session",
            "__Host-csrf",
            False,
            "p@ss",
            True,
            None,
            origins,
        ]
        assert asked.stdout.strip() == str(expected), asked.stderr


def test_a_commands_owner_is_taken_only_where_one_is_named(monkeypatch):
    monkeypatch.setenv("UPSTREAM_DATABASE_URL", "postgres://runner@db/upstream")
    monkeypatch.delenv("UPSTREAM_OWNER_DATABASE_URL", raising=False)
    monkeypatch.setattr(environment, "_acting_as_owner", True)
    assert environment.database_url() == "postgres://runner@db/upstream"
    monkeypatch.setenv("UPSTREAM_OWNER_DATABASE_URL", "postgres://owner@db/upstream")
    assert environment.database_url() == "postgres://owner@db/upstream"
    monkeypatch.setattr(environment, "_acting_as_owner", False)
    assert environment.database_url() == "postgres://runner@db/upstream"
