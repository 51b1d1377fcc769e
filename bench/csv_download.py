"""Every milestone as the API streams them for a spreadsheet, beside PostgreSQL's own COPY, and the memory it takes."""

import csv
import subprocess
import sys
from io import BytesIO, StringIO

from django.db import connection
from django.utils import timezone

from accounts.models import Person
from accounts.viewer import Viewer
from bench.csv_memory import ADDRESS
from bench.filling import empty
from bench.many_milestones import BY_HAND, by_hand, fill
from bench.timing import Side, compare

# How much more memory ten times the rows may take, in MB: held at once they would take over sixty.
FLAT = 8

# COPY writes t and f; a download says true and false.
COPY = """
COPY (SELECT id, council, council_name, "case", label, owes, force, rule, series_no, started_on, started_by,
             start_assumed::text AS start_assumed, computed_due, stated_due, stated_in, opens_on, due_on,
             paused::text AS paused, to_confirm::text AS to_confirm, outcome, met_on, closed_on, outcome_note, assignee,
             revision
        FROM ({}) AS listed) TO STDOUT WITH (FORMAT csv, HEADER)
"""


class TakesMemory(AssertionError):
    """The memory that a download takes grows with its rows."""


def compare_all(*, small=False, repeat=None):
    """Return the comparison of the download with COPY, its note the memory it takes."""
    rows, on = 2_000 if small else 40_000, timezone.localdate()
    note = "" if small else _memory_at(rows // 10, rows, on)
    client = fill(rows, on)
    viewer = Viewer.of(Person.objects.get(), on)
    ours = Side("download", lambda: b"".join(client.get(ADDRESS).streaming_content), outcome=_rows)
    copy = Side("COPY", lambda: _copy(viewer), outcome=_rows)
    what = f"CSV of {rows:,} milestones"
    return [compare(what, ours, copy, repeat=repeat or (2 if small else 9), most=4, note=note)]


def _memory_at(few, many, on):
    """Say how much memory the download of `few` and of `many` rows takes; leave the tables empty."""
    took = []
    for rows in (few, many):
        fill(rows, on)
        took.append(_memory())
        empty()
    if took[1] - took[0] > FLAT:
        raise TakesMemory(f"{took[0]:.1f} MB for {few:,} rows, {took[1]:.1f} MB for {many:,}")
    return f"CSV, memory of the process at its peak: {took[0]:.0f} MB for {few:,} rows, {took[1]:.0f} MB for {many:,}."


def _copy(viewer):
    out = BytesIO()
    with connection.cursor() as cursor:
        inner = cursor.mogrify(BY_HAND, by_hand(viewer)).decode()
        cursor.copy_expert(COPY.format(inner), out)
    return out.getvalue()


def _rows(text):
    return list(csv.reader(StringIO(text.decode("utf-8-sig"))))


def _memory():
    """Return the most memory, in MB, that a process of its own takes to serve the download once."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.csv_memory"], capture_output=True, text=True, check=True
    )
    return float(told.stdout)
