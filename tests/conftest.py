"""What every test stands on: the test database with its reference data, fast passwords, plain static files.

The tests run on SQLite in memory; with `UPSTREAM_DATABASE_URL` set, on PostgreSQL in a database of this run's
own.
"""

import contextlib
import gc
import os
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings

# The first day of every region's record in tests, early enough for any day that a test looks at. A test about
# days before the record began sets its own.
RECORD_BEGAN = date(2010, 1, 1)
SHARED_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def pytest_configure(config):
    config.addinivalue_line("markers", "postgres: needs PostgreSQL, as a served Upstream has")


def pytest_collection_modifyitems(items):
    if connection.vendor == "postgresql":
        return
    needs_postgres = pytest.mark.skip(reason="needs PostgreSQL: set UPSTREAM_DATABASE_URL")
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(needs_postgres)


def pytest_collection_finish():
    """Let the collector of garbage pass over all that was imported and collected: it stays, and looking takes long."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _settings_for_tests(tmp_path_factory):
    """Hash passwords quickly, serve static files as they are, keep uploads out of `var/`."""
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={
            **django_settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        MEDIA_ROOT=tmp_path_factory.mktemp("uploads"),
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
    ):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Name the PostgreSQL test database after this run, so that two runs at once don't meet."""
    if connection.vendor == "postgresql":
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:8]
        test = connection.settings_dict["TEST"]
        test["NAME"] = f"{test.get('NAME') or 'test_upstream'}_{run}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Make the test database once, with its reference data, and let tests empty it."""
    with django_db_blocker.unblock():
        _lift_triggers_to_flush()
        load_reference_data()


def load_reference_data():
    """Load bank holidays, councils, frameworks and rules, as `manage.py load_reference` does first."""
    from accounts.viewer import Viewer
    from config.management.commands.load_reference import REFERENCE_STEPS, run

    by = Viewer.system(RECORD_BEGAN)
    with transaction.atomic():
        for _name, path in REFERENCE_STEPS:
            run(path, by=by, on=RECORD_BEGAN)


def _lift_triggers_to_flush():
    """Let a test that commits empty the tables after it: SQLite's append-only triggers refuse that otherwise.

    PostgreSQL truncates, which the triggers on rows don't see.
    """
    flush = connection.ops.execute_sql_flush

    def flush_with_triggers_lifted(sql_list):
        with connection.cursor() as cursor:
            triggers = []
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            flush(sql_list)
            for _name, sql in triggers:
                cursor.execute(sql)
        cache.clear()  # its table is no model's, so flush leaves the counts of rate limits behind

    connection.ops.execute_sql_flush = flush_with_triggers_lifted


@pytest.fixture
def reference(db):
    """Bank holidays, councils, frameworks and rules are there; loaded anew after a test that committed."""
    if not _is_referenced():
        load_reference_data()


def _is_referenced():
    from councils.models import Region

    return Region.objects.exists()


@pytest.fixture(scope="module")
def db_of_module(django_db_setup, django_db_blocker):
    """One transaction around the tests of a module, for what takes long to make and is made once for all of them.

    Such a module marks no test as `django_db`: its own `db` is a `savepoint` within this transaction.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        if not _is_referenced():
            load_reference_data()
        yield
        transaction.set_rollback(True)


@contextlib.contextmanager
def savepoint():
    """Undo what a test did, and nothing of what its module made before it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def shared_data():
    """The folder of published files that some tests read; elsewhere those tests are listed as not run."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the published files in ../shared/data")
    return SHARED_DATA
