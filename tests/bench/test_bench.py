"""The benchmarks: both sides do the same, nothing of anybody else's is dropped, and README holds their own table."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from bench import database, report
from bench.timing import Comparison, Side, Unequal, compare

ROOT = Path(__file__).resolve().parent.parent.parent


def address(name):
    """Return the address of a database on the server that the tests run on."""
    at = settings.DATABASES["default"]
    person = ":".join(filter(None, [at["USER"], at["PASSWORD"]]))
    return f"postgres://{person}@{at['HOST']}:{at['PORT'] or 5432}/{name}"


def bench(*arguments, address):
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env=os.environ | {"UPSTREAM_BENCH_DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=300,
    )


def comparison(*times, most=None, note=""):
    ours, other = Side("Upstream", int), Side("by hand", int)
    return Comparison("The sweep", ours, other, list(times), most, note)


class TestComparing:
    def test_sides_that_do_not_do_the_same_are_not_compared(self):
        with pytest.raises(Unequal, match="The sweep: number 1: '2' is not '3'"):
            compare("The sweep", Side("a", lambda: [1, 2]), Side("b", lambda: [1, 3]), repeat=1)

    def test_each_side_is_first_every_other_time(self, monkeypatch):
        # Of all that the other tests hold, that takes a second each time.
        monkeypatch.setattr("bench.timing.gc.collect", lambda: None)
        ran = []
        compare("x", Side("a", lambda: ran.append("a")), Side("b", lambda: ran.append("b")), repeat=3)
        assert "".join(ran) == "baabbaab"

    def test_the_ratio_is_the_median_of_those_taken_in_turns(self):
        assert comparison((2, 1), (30, 10), (10, 1)).ratio == 3


class TestTable:
    def test_a_row_has_both_times_the_ratio_and_its_spread(self):
        text = report.table(
            [comparison((0.02, 0.01), (0.03, 0.01), (0.04, 0.01), most=3, note="A note.")], "A machine"
        )
        assert "| The sweep | 30.0 ms | by hand: 10.0 ms | 3.00× (2.50–3.50) | under 3× |" in text
        assert text.startswith("A machine.") and text.endswith("- A note.")

    def test_it_is_written_between_its_marks_and_nowhere_else(self, tmp_path):
        page = tmp_path / "README.md"
        page.write_text(f"Before\n{report.BEGIN}\nold\n{report.END}\nAfter\n")
        report.write("new", page)
        assert page.read_text() == f"Before\n{report.BEGIN}\nnew\n{report.END}\nAfter\n"

    def test_a_file_without_the_marks_is_left_alone(self, tmp_path):
        page = tmp_path / "README.md"
        page.write_text("Before\n")
        with pytest.raises(ValueError, match="no <!-- bench -->"):
            report.write("new", page)

    def test_the_readme_holds_the_table_and_its_command(self):
        page = (ROOT / "README.md").read_text(encoding="utf-8")
        assert "make bench" in page.partition(report.BEGIN)[0].rpartition("\n## ")[2]
        held = page.partition(report.BEGIN)[2].partition(report.END)[0]
        heading = next(line for line in report.table([], "").splitlines() if line.startswith("| What"))
        assert heading in held
        for what in ("Sweep: 200,000", "Region page", "API: 100 milestones of 20,000", "CSV of 40,000"):
            assert f"| {what}" in held


def test_without_postgresql_one_line_says_what_is_missing():
    ran = bench("--small", address="postgres://nobody@127.0.0.1:1/upstream_bench")
    assert ran.returncode == 1
    assert "need PostgreSQL; set UPSTREAM_BENCH_DATABASE_URL" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


@pytest.mark.postgres
class TestOnPostgres:
    def test_both_sides_of_every_benchmark_give_the_same(self):
        ran = bench("--small", "--repeat", "1", address=address(f"upstream_bench_{os.getpid()}"))
        assert ran.returncode == 0, ran.stderr
        assert (
            sum(
                line.startswith(
                    (
                        "| Sweep",
                        "| Region",
                        "| API",
                        "| CSV",
                        "| Search",
                        "| Suggestions",
                        "| A review’s notes",
                    )
                )
                for line in ran.stdout.splitlines()
            )
            == 11
        )

    def test_a_database_of_somebody_else_is_not_dropped(self, monkeypatch):
        name = f"somebody_elses_{os.getpid()}"
        server = psycopg2.connect(address("postgres"))
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
            try:
                monkeypatch.setattr(database, "ADDRESS", address(name))
                with pytest.raises(database.NoDatabase, match="didn't make"), database.own_database():
                    pass
                cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
                assert cursor.fetchone() == (1,)
            finally:
                cursor.execute(f"DROP DATABASE {name}")
                server.close()
