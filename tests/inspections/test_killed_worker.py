"""A real worker is killed in mid-import, at three places; another ends it with the tables of an import by command."""

import json
import signal
from datetime import date

import pytest
from django.utils import timezone

from accounts.viewer import Viewer
from inspections.actions import import_ofsted
from tests.config.processes import (
    IS_SERVED,
    Embedded,
    Served,
    end_groups,
    scratch_database,
    scratch_redis,
    until,
)
from tests.inspections import files
from tests.inspections.files import HISTORY
from tests.inspections.tables import tables

pytestmark = pytest.mark.django_db

PAUSING = "tests.inspections.pausing_worker"
BEGAN, PUBLISHED = date(2024, 6, 10), date(2024, 7, 23)
NAMES = ["Barnet", "York", "Leeds", "Kent", "Essex", "Devon", "Bury"]

CONFIRMED = """
from django.core.files import File
from django.utils import timezone
from accounts.viewer import Viewer
from accounts.permissions import Role
from inspections.actions import carry_on, confirm_import, start_import
from inspections.models import ImportRun
from tests.conftest import load_reference_data
from tests.factories import person_with
load_reference_data()
today = timezone.localdate()
lead = Viewer.of(person_with(Role.NATIONAL_LEAD), today)
with open("{path}", "rb") as file:
    run = start_import(upload=File(file, name="{name}"), by=lead, on=today)
carry_on(run, on=today)
run = ImportRun.objects.get()
confirm_import(run, by=lead, on=today, revision=run.revision)
"""
TABLES = """
import json
from tests.inspections.tables import tables
print(json.dumps(tables()))
"""
STANDS = "SELECT state, rows_kept FROM inspections_importrun"
KEPT = "SELECT count(*) FROM inspections_sourcerow"
TAKEN_IN = "SELECT count(*) FROM inspections_inspection"


@pytest.fixture
def upstream(tmp_path):
    """An Upstream beside the tests' own, empty, on the transport of this run."""
    if not IS_SERVED:
        upstream = Embedded(tmp_path)
        upstream.prepare()
        yield upstream
        upstream.stop()
        return
    with scratch_database() as database_url, scratch_redis() as redis_url:
        upstream = Served(tmp_path, database_url, redis_url)
        upstream.prepare()
        yield upstream
        upstream.stop()


def kill_a_worker(upstream, place):
    """Start a worker that stays at `place` of the import, and kill it there."""
    upstream.environment["TEST_PAUSES"] = place
    command = [PAUSING if part in ("config", "config.celery") else part for part in upstream.worker_command]
    with open(upstream.folder / "worker.log", "a") as log:
        worker = upstream.start(*command, stderr=log)
    until((upstream.folder / f"paused-{place}").exists, f"the worker {place}")
    stood = upstream.ask(STANDS)
    end_groups([worker], signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL
    assert upstream.ask(STANDS) == stood
    return stood[0]


@pytest.mark.usefixtures("reference")
def test_a_worker_killed_in_mid_import_leaves_what_another_ends(upstream, tmp_path):
    rows = [
        files.history_row(name, BEGAN, PUBLISHED, overall="Inadequate" if name == "York" else "Good")
        for name in NAMES
    ]
    path = files.write_ods(tmp_path / "Outcomes.ods", {"Cover": files.cover(), "History": [HISTORY, *rows]})
    upstream.run(CONFIRMED.format(path=path, name=path.name))
    assert upstream.ask(STANDS) == [("confirmed", 0)]

    assert kill_a_worker(upstream, "between") == ("reading", 2)
    assert upstream.ask(KEPT) == [(2,)]
    # The next two are kept in a transaction that never ends.
    assert kill_a_worker(upstream, "within") == ("reading", 2)
    assert upstream.ask(KEPT) == [(2,)]
    assert kill_a_worker(upstream, "at-the-end") == ("rebuilding", 7)
    assert upstream.ask(KEPT) == [(7,)]
    assert upstream.ask(TAKEN_IN) == [(0,)]

    upstream.start_worker()
    until(lambda: upstream.ask(STANDS) == [("done", 7)], "the import done")
    *_, found = upstream.run(TABLES)
    today = timezone.localdate()
    import_ofsted(path=path, by=Viewer.system(today), on=today)
    assert json.loads(found) == tables()
    assert upstream.ask(TAKEN_IN) == [(7,)]
