"""The sweep: however often, by however many, after whatever absence or crash, every flag is raised once."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.viewer import Viewer
from cases.actions import flag_overdue, mark_met, move_date, pause
from cases.models import Case, Flag, FlagRule, Milestone
from history.models import Event
from tests.factories import TODAY, CaseFactory, CouncilFactory, MilestoneFactory

DAY = timedelta(days=1)
ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM = Viewer.system(TODAY)


def sweep(on=TODAY):
    return str(flag_overdue(by=SYSTEM, on=on))


def open_levels():
    return dict(Flag.objects.raised().values_list("milestone_id", "level"))


def events(kind="flag-raised"):
    return Event.objects.filter(kind=kind)


@pytest.mark.usefixtures("reference")
class TestOneSweep:
    @pytest.mark.parametrize(
        ("days", "level"),
        [
            (15, None),
            (14, "due-soon"),
            (0, "due-soon"),
            (-1, "overdue"),
            (-27, "overdue"),
            (-28, "long-overdue"),
        ],
    )
    def test_each_day_has_its_level(self, days, level):
        milestone = MilestoneFactory(due_on=TODAY + days * DAY)
        sweep()
        assert open_levels() == ({milestone.pk: level} if level else {})

    def test_windows_aims_and_to_confirm_are_never_flagged(self):
        MilestoneFactory(due_on=TODAY - DAY, force="window")
        MilestoneFactory(due_on=TODAY - DAY, force="aim")
        MilestoneFactory(due_on=TODAY - DAY, to_confirm=True)
        MilestoneFactory(due_on=None, computed_due=None)
        assert sweep() == "raised 0 cleared 0 left 0"

    def test_a_flag_has_its_event_which_names_the_council_and_case(self):
        milestone = MilestoneFactory(due_on=TODAY - DAY)
        sweep()
        event = events().get()
        assert (event.subject_kind, event.subject_id, event.on, event.by_id) == (
            "milestone",
            milestone.pk,
            TODAY,
            None,
        )
        assert event.council_code == milestone.council.la_code
        assert event.case_reference == milestone.case.reference
        assert event.data == {"level": "overdue", "due": (TODAY - DAY).isoformat()}

    def test_a_milestone_without_a_case_is_flagged_too(self):
        MilestoneFactory(case=None, due_on=TODAY - DAY)
        assert sweep() == "raised 1 cleared 0 left 0"
        assert events().get().case_reference == ""

    def test_a_second_sweep_changes_nothing_and_says_so(self):
        MilestoneFactory(due_on=TODAY - DAY)
        assert sweep() == "raised 1 cleared 0 left 0"
        assert sweep() == "raised 0 cleared 0 left 1"
        assert events().count() == 1

    def test_a_level_that_replaces_another_is_one_raised_and_one_cleared(self):
        milestone = MilestoneFactory(due_on=TODAY)
        sweep()
        assert sweep(TODAY + DAY) == "raised 1 cleared 1 left 0"
        assert open_levels() == {milestone.pk: "overdue"}
        assert events("flag-cleared").get().data["level"] == "due-soon"

    def test_after_seven_nights_missed_only_the_level_of_today_is_raised(self):
        milestones = [MilestoneFactory(due_on=TODAY + days * DAY) for days in range(-40, 30)]
        sweep()
        sweep(TODAY + 7 * DAY)
        expected = {}
        for milestone in milestones:
            late = (TODAY + 7 * DAY - milestone.due_on).days
            if late >= -14:
                expected[milestone.pk] = (
                    "long-overdue" if late >= 28 else "overdue" if late >= 1 else "due-soon"
                )
        assert open_levels() == expected
        assert events().count() == Flag.objects.count()

    def test_met_between_runs_clears_it(self):
        milestone = MilestoneFactory(due_on=TODAY - DAY)
        sweep()
        mark_met(milestone, met_on=TODAY, by=SYSTEM, on=TODAY, revision=1)
        assert sweep() == "raised 0 cleared 1 left 0"
        assert events("flag-cleared").get().subject_id == milestone.pk

    def test_paused_between_runs_clears_it(self):
        milestone = MilestoneFactory(due_on=TODAY - DAY)
        sweep()
        pause(milestone, reason="x", by=SYSTEM, on=TODAY, revision=1)
        assert sweep() == "raised 0 cleared 1 left 0"

    def test_moved_between_runs_clears_it_and_it_rises_again_when_that_date_comes(self):
        milestone = MilestoneFactory(due_on=TODAY - DAY)
        sweep()
        move_date(milestone, to=TODAY + 30 * DAY, reason="agreed-dfe", by=SYSTEM, on=TODAY, revision=1)
        assert sweep() == "raised 0 cleared 1 left 0"
        assert sweep(TODAY + 31 * DAY) == "raised 1 cleared 0 left 0"

    def test_moved_within_the_same_level_the_flag_names_the_new_date(self):
        milestone = MilestoneFactory(due_on=TODAY - 2 * DAY)
        sweep()
        move_date(milestone, to=TODAY - DAY, reason="agreed-dfe", by=SYSTEM, on=TODAY, revision=1)
        assert sweep() == "raised 1 cleared 1 left 0"
        assert Flag.objects.raised().get().due_on == TODAY - DAY

    def test_the_flags_of_a_case_that_closed_clear(self):
        case = CaseFactory()
        MilestoneFactory(case=case, due_on=TODAY - DAY)
        sweep()
        Case.objects.filter(pk=case.pk).update(standing="closed", closed_on=TODAY)
        assert sweep() == "raised 0 cleared 1 left 0"

    def test_the_levels_are_those_of_the_rules_in_force_that_day(self):
        milestone = MilestoneFactory(due_on=TODAY + 20 * DAY)
        FlagRule.objects.filter(level="due-soon").update(until_on=TODAY)
        FlagRule.objects.create(level="due-soon", rank=1, days=-21, from_on=TODAY)
        assert sweep(TODAY - DAY) == "raised 0 cleared 0 left 0"
        sweep()
        assert open_levels() == {milestone.pk: "due-soon"}

    def test_without_rules_every_flag_clears(self):
        MilestoneFactory(due_on=TODAY - DAY)
        sweep()
        FlagRule.objects.update(until_on=TODAY)
        assert sweep() == "raised 0 cleared 1 left 0"

    def test_it_takes_the_same_few_statements_for_many_as_for_one(self, django_assert_max_num_queries):
        council = CouncilFactory()
        for days in range(60):
            MilestoneFactory(case=None, council=council, due_on=TODAY - days * DAY)
        with django_assert_max_num_queries(9):
            sweep()
        assert Flag.objects.raised().count() == 60


@pytest.mark.usefixtures("reference")
class TestTheCommand:
    def run(self, *args):
        out = StringIO()
        call_command("flag_overdue", *args, stdout=out)
        return out.getvalue()

    def test_it_prints_the_three_counts_and_nothing_else(self):
        MilestoneFactory(due_on=TODAY - DAY)
        assert self.run("--on", TODAY.isoformat()) == "raised 1 cleared 0 left 0\n"

    def test_a_dry_run_says_the_same_and_does_nothing(self):
        MilestoneFactory(due_on=TODAY - DAY)
        assert self.run("--on", TODAY.isoformat(), "--dry-run") == "raised 1 cleared 0 left 0\n"
        assert not Flag.objects.exists() and not events().exists()

    def test_the_future_can_only_be_tried(self):
        future = (timezone.localdate() + 400 * DAY).isoformat()
        MilestoneFactory(due_on=timezone.localdate() + 30 * DAY)
        with pytest.raises(CommandError, match="--dry-run"):
            self.run("--on", future)
        assert self.run("--on", future, "--dry-run") == "raised 1 cleared 0 left 0\n"
        assert not Flag.objects.exists()

    @pytest.mark.parametrize("day", ["26-1-1", "2026-02-30", "soon", ""])
    def test_a_day_that_is_none_is_refused_in_words(self, day):
        with pytest.raises(CommandError, match="is not a date as YYYY-MM-DD"):
            self.run("--on", day)

    def test_the_task_is_the_same_action(self):
        from cases.tasks import flag_overdue as task

        MilestoneFactory(due_on=timezone.localdate() - DAY)
        assert task() == "raised 1 cleared 0 left 0"


MANY = 4000
SWEEP = """
import os, sys, time
import django
django.setup()
from datetime import date
from django.db import connection, transaction
from accounts.viewer import Viewer
from cases.actions import flag_overdue
on = date.fromisoformat(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
with transaction.atomic():
    print(flag_overdue(by=Viewer.system(on), on=on), flush=True)
    if len(sys.argv) > 2:
        time.sleep(60)
"""


def start_process(environment, *args):
    return subprocess.Popen(
        [sys.executable, "-c", SWEEP, TODAY.isoformat(), *args],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(*processes):
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def kill_half_way(environment):
    """Start a sweep, wait until all its statements have run and nothing is committed, and kill it with -9."""
    process = start_process(environment, "and wait")
    go(process)
    assert process.stdout.readline().startswith(f"raised {MANY} ")
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def make_many():
    council = CouncilFactory()
    case = CaseFactory(council=council)
    Milestone.objects.bulk_create(
        MilestoneFactory.build(case=case, council=council, due_on=TODAY - (n % 50) * DAY) for n in range(MANY)
    )


def assert_each_is_flagged_once():
    assert Flag.objects.raised().count() == Flag.objects.count() == MANY
    assert Flag.objects.values("milestone").distinct().count() == MANY
    assert events().count() == events().values("subject_id").distinct().count() == MANY


@pytest.mark.usefixtures("reference")
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestSeveralWorkers:
    """On the database that is served, with real processes."""

    @pytest.fixture
    def environment(self):
        at = connection.settings_dict
        host, port = at["HOST"] or "127.0.0.1", at["PORT"] or 5432
        password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
        url = f"postgresql://{at['USER']}{password}@{host}:{port}/{at['NAME']}"
        return {**os.environ, "UPSTREAM_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}

    def test_four_at_once_flag_every_due_milestone_once(self, environment):
        make_many()
        workers = [start_process(environment) for _ in range(4)]
        go(*workers)
        told = [worker.communicate()[0] for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0, 0, 0]
        assert sorted(told)[-1] == f"raised {MANY} cleared 0 left 0\n"
        assert_each_is_flagged_once()

    def test_killed_half_way_it_leaves_nothing_and_the_next_run_raises_all(self, environment):
        make_many()
        kill_half_way(environment)
        wait_until_rolled_back()
        assert not Flag.objects.exists()
        sweep()
        assert_each_is_flagged_once()


def wait_until_rolled_back():
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.1)


EMBEDDED = """
import sys
import django
django.setup()
from datetime import date
from tests.cases import test_sweep
from accounts.viewer import Viewer
from cases.loaders import load_rules
load_rules(by=Viewer.system(test_sweep.TODAY), on=test_sweep.TODAY)
{}
"""


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="has an embedded database of its own: unset UPSTREAM_DATABASE_URL"
)
def test_killed_half_way_on_the_embedded_database_it_leaves_nothing_and_the_next_run_raises_all(tmp_path):
    environment = {
        **os.environ,
        "UPSTREAM_VAR": str(tmp_path),
        "UPSTREAM_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    def run(*args):
        subprocess.run([sys.executable, *args], cwd=ROOT, env=environment, check=True)

    run("manage.py", "migrate", "-v0")
    run("-c", EMBEDDED.format("test_sweep.make_many()"))
    kill_half_way(environment)
    run(
        "-c",
        EMBEDDED.format(
            "assert not test_sweep.Flag.objects.exists(); test_sweep.sweep(); test_sweep.assert_each_is_flagged_once()"
        ),
    )


@pytest.mark.usefixtures("reference")
def test_a_sweep_that_fails_leaves_neither_flags_nor_events(monkeypatch):
    MilestoneFactory(due_on=TODAY - DAY)

    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr("cases.actions.sweep._write_events", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        sweep()
    assert not Flag.objects.exists() and not events().exists()
