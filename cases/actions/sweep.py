"""The sweep: flags raised and cleared for a whole day, in one transaction of set-based statements.

However often it runs, by however many workers, after whatever absence or crash, it ends in the same state.
The partial unique index on open flags decides who raises one, and only the run that did writes its event.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import connection, models, transaction
from django.db.models import Case as OneOf
from django.db.models import Exists, OuterRef, Value, When
from django.db.models.functions import Cast, Coalesce, JSONObject

from cases.models import Flag, FlagRule, Milestone, SweepRun
from history.models import Event


@dataclass(frozen=True)
class SweepResult:
    """`left`: flags open before and still. A level that replaces another is one raised and one cleared."""

    raised: int
    cleared: int
    left: int

    def __str__(self):
        return f"raised {self.raised} cleared {self.cleared} left {self.left}"


@transaction.atomic
def flag_overdue(*, by, on):
    """Raise and clear flags until they stand as they should on `on`, by the flag rules in force that day."""
    run = uuid4()
    # Read under a lock: sweeps that meet queue here, instead of waiting on each other's rows.
    rules = list(FlagRule.objects.on(on).select_for_update().order_by("-rank"))
    due = _milestones_to_flag(rules, on)
    before = Flag.objects.raised().count()
    cleared = _clear(due, run, on)
    raised = _raise(due, run, on)
    _write_events("flag-raised", _touched("raised_in", run), by, on)
    _write_events("flag-cleared", _touched("cleared_in", run), by, on)
    result = SweepResult(raised=raised, cleared=cleared, left=before - cleared)
    SweepRun.objects.create(run=run, on=on, **asdict(result))
    return result


def _milestones_to_flag(rules, on):
    """Return the milestones that should be flagged on `on`, each with `due_then` and its highest `level`."""
    if not rules:
        return Milestone.objects.as_at(on).annotate(level=Value("")).none()
    last_due = {str(rule.level): on - timedelta(days=rule.days) for rule in rules}
    level = OneOf(
        *[When(due_then__lte=day, then=Value(level)) for level, day in last_due.items()],
        output_field=models.CharField(),
    )
    return Milestone.objects.binding_due_by(max(last_due.values()), on).annotate(level=level).order_by("pk")


def _clear(due, run, on):
    """Clear open flags whose milestone is met, paused, moved or closed, or at another level now."""
    still_so = due.filter(pk=OuterRef("milestone_id"), due_then=OuterRef("due_on"), level=OuterRef("level"))
    return Flag.objects.raised().filter(~Exists(still_so)).update(cleared_on=on, cleared_in=run)


def _raise(due, run, on):
    """Flag what is due and not flagged, in one statement (measured: NOT EXISTS costs 26 times as much)."""
    rows = due.values_list(
        "pk",
        "level",
        "due_then",
        Value(on, output_field=models.DateField()),
        Value(run, output_field=models.UUIDField()),
    )
    columns = ["milestone_id", "level", "due_on", "raised_on", "raised_in"]
    return _insert(Flag, columns, rows, "ON CONFLICT (milestone_id) WHERE cleared_on IS NULL DO NOTHING")


def _touched(field, run):
    """Return the flags that this run raised or cleared.

    Compared as text: of a number that no row had when PostgreSQL last took its statistics it expects a single
    row, and goes through all councils and cases for each (measured: three times as long for 20,000).
    """
    of_run = Cast(Value(run, output_field=models.UUIDField()), models.TextField())
    return Flag.objects.annotate(of_run=Cast(field, models.TextField())).filter(of_run=of_run)


def _write_events(kind, flags, by, on):
    """Write the event of each of `flags`, in one statement."""
    rows = flags.order_by("pk").values_list(
        Value(kind),
        Value(on, output_field=models.DateField()),
        Cast(Value(by.person_id), models.BigIntegerField()),
        "milestone__council__la_code",
        Coalesce("milestone__case__reference", Value("")),
        Value("milestone"),
        "milestone_id",
        "milestone__source_id",
        JSONObject(level="level", due="due_on"),
    )
    columns = [
        *("kind", "on", "by_id", "council_code", "case_reference"),
        *("subject_kind", "subject_id", "source_id", "data"),
    ]
    _insert(Event, columns, rows)


def _insert(model, columns, rows, ending=""):
    """Insert what the query `rows` selects into `columns` of the model's table. Return how many."""
    if rows.query.is_empty():
        return 0
    sql, params = rows.query.sql_with_params()
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({names}) {sql} {ending}", params)
        return cursor.rowcount
