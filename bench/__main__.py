"""`python -m bench`: set up a database of its own, run the benchmarks, print their table."""

import argparse
import os
import sys
import tempfile
from importlib import import_module
from time import monotonic

from bench.database import NoDatabase, own_database

BENCHMARKS = ("sweep", "region_page", "api_list", "csv_download", "sharing", "peers")


def main():
    asked = _arguments()
    try:
        with own_database() as address, tempfile.TemporaryDirectory() as var:
            _set_up(address, var)
            print(run(asked))
    except NoDatabase as problem:
        sys.exit(str(problem))


def _arguments():
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", choices=BENCHMARKS, action="append", help="run this one; may be given again"
    )
    parser.add_argument("--repeat", type=int, help="how many times each pair is measured")
    parser.add_argument("--small", action="store_true", help="few rows: shows that both sides agree, no more")
    parser.add_argument("--write", metavar="FILE", help="put the table between the marks in FILE too")
    return parser.parse_args()


def _set_up(address, var):
    """Point the settings at the database as a served Upstream is, with nothing else of this shell's, and fill it."""
    for name in [name for name in os.environ if name.startswith("UPSTREAM_")]:
        del os.environ[name]
    os.environ |= {
        "UPSTREAM_DATABASE_URL": address,
        "UPSTREAM_VAR": var,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
    }
    import django

    django.setup()
    from bench.filling import prepare

    prepare()


def run(asked):
    """Run the benchmarks asked for and return their table, written into a file too where that was asked."""
    from django.utils import timezone

    from bench import report
    from bench.filling import empty
    from bench.machine import machine

    comparisons = []
    for name in asked.only or BENCHMARKS:
        began = monotonic()
        empty()
        comparisons += import_module(f"bench.{name}").compare_all(small=asked.small, repeat=asked.repeat)
        print(f"{name}: {monotonic() - began:.0f} s", file=sys.stderr)
    text = report.table(comparisons, machine(timezone.localdate()))
    if asked.write:
        report.write(text, asked.write)
    return text


if __name__ == "__main__":
    main()
