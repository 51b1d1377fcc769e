"""What left the house stays as it left: by code and by SQL, on either database, and for the role that runs Upstream."""

import json
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.permissions import Role
from config import database_roles
from history.models import Event
from improvement.actions.way_out import approve, send, send_for_approval, share
from improvement.models import (
    Action,
    ActionReport,
    Handover,
    PlannedAction,
    PlanVersion,
    Reading,
    SignOff,
    Snapshot,
    Update,
)
from tests.factories import CaseFactory, viewer_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)
RUNNER = "upstream_runner_in_a_test"
# Rows of these are never altered; of those, from some moment on.
APPEND_ONLY = (
    "history_event",
    "improvement_snapshot",
    "improvement_handover",
    "improvement_reading",
    "improvement_signoff",
)
OF_A_SHARED_VERSION = (
    "improvement_plannedpriority",
    "improvement_plannedmeasure",
    "improvement_plannedaction",
    "improvement_risk",
    "improvement_plannedaction_recommendations",
    "improvement_plannedaction_measures",
)
OF_A_SUBMITTED_UPDATE = (
    "improvement_priorityreport",
    "improvement_actionreport",
    "improvement_measurereport",
)
FROZEN = (*OF_A_SHARED_VERSION, *OF_A_SUBMITTED_UPDATE, "improvement_update", "improvement_planversion")


@pytest.fixture
def sent(council):
    """A version sent to the DfE, shared before that, with a submitted update, a reading and a sign-off."""
    version = make_plan(council, case=CaseFactory(council=council))
    approver = viewer_with(Role.COUNCIL_APPROVER, council=council, today=TODAY)
    by = {"by": approver, "on": TODAY}
    send_for_approval(version, **by)
    approve(version, **by)
    share(version, **by)
    send(version, handovers=[("dfe", TODAY, "", "")], **by)
    plan = version.plan
    action, measure, priority = plan.actions.first(), plan.measures.first(), plan.priorities.first()
    update = Update.objects.create(
        plan=plan, version=version, period_on=date(2026, 2, 1), due_on=TODAY, opened_on=TODAY
    )
    update.priority_reports.create(priority=priority, text="As planned")
    update.action_reports.create(action=action, delivery="on-track")
    update.measure_reports.create(measure=measure, value=70, reading_on=TODAY)
    Update.objects.filter(pk=update.pk).update(
        standing="submitted", submitted_on=TODAY, content={"plan": 1}, digest="0" * 64
    )
    Reading.objects.create(measure=measure, on=TODAY, value=70, update=update, recorded_on=TODAY)
    SignOff.objects.create(action=action, state="evidenced", on=TODAY, recorded_on=TODAY)
    version.refresh_from_db()
    return version


@pytest.fixture
def draft(sent):
    """The next version of the same plan, still being drafted."""
    made = PlanVersion.objects.create(plan=sent.plan, number=2, begun_on=TODAY)
    priority = made.priorities.create(priority=sent.plan.priorities.first(), place=1, title="Priority 1")
    PlannedAction.objects.create(
        version=made, priority=priority, action=sent.plan.actions.first(), place=1, text="Do it"
    )
    return made


@pytest.fixture
def runner(sent):
    """The role that runs a served Upstream, with what `grant_runner` gives it; this test's connection is it."""
    with connection.cursor() as cursor:
        database_roles.make_if_missing(cursor, RUNNER, "of no use outside this test")
        database_roles.grant(cursor, RUNNER)
        cursor.execute(f"SET LOCAL ROLE {RUNNER}")
        yield cursor
        cursor.execute("RESET ROLE")


def refuses(sql, *given, says=None):
    """Expect the database to refuse a statement; where `says` is given, in these words."""
    with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, given)


def rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return cursor.fetchall()


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_neither_sql_alters_nor_deletes_what_is_append_only(sent, table):
    before = rows(table)
    assert before
    for statement in ("UPDATE {} SET id = id", "DELETE FROM {}"):
        refuses(statement.format(table), says="append-only")
    assert rows(table) == before


def frozen_rows(table, sent):
    if table == "improvement_planversion":
        return "id = %s", sent.pk
    if table == "improvement_update":
        return "plan_id = %s", sent.plan_id
    if table in OF_A_SUBMITTED_UPDATE:
        return "update_id = %s", sent.updates.get().pk
    if table.startswith("improvement_plannedaction_"):
        return "plannedaction_id IN (SELECT id FROM improvement_plannedaction WHERE version_id = %s)", sent.pk
    return "version_id = %s", sent.pk


@pytest.mark.parametrize("table", [*OF_A_SHARED_VERSION, *OF_A_SUBMITTED_UPDATE, "improvement_update"])
def test_nor_what_is_frozen(sent, table):
    where, key = frozen_rows(table, sent)
    before = rows(table)
    assert before
    refuses(f"UPDATE {table} SET id = id WHERE {where}", key, says="frozen")
    refuses(f"DELETE FROM {table} WHERE {where}", key, says="frozen")
    assert rows(table) == before


@pytest.mark.parametrize("table", OF_A_SHARED_VERSION)
def test_nothing_is_added_to_a_shared_version_or_moved_into_it(sent, draft, table):
    """Once more the same row under another number, and a row of the draft."""
    with connection.cursor() as cursor:
        where, key = frozen_rows(table, sent)
        cursor.execute(f"SELECT * FROM {table} WHERE {where} LIMIT 1", [key])
        columns = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
    others = ", ".join(f'"{name}"' for name in columns if name != "id")
    refuses(
        f"INSERT INTO {table} (id, {others}) SELECT id + 100000, {others} FROM {table} WHERE {where} LIMIT 1",
        key,
        says="frozen",
    )
    if table == "improvement_plannedaction":
        refuses(f"UPDATE {table} SET version_id = %s WHERE version_id = %s", sent.pk, draft.pk, says="frozen")


def test_a_shared_version_keeps_its_words_and_never_becomes_a_draft_again(sent):
    for change in (
        "standing = 'drafting', approved_on = NULL",
        "standing = 'approved'",
        "introduction = 'Otherwise'",
        "change_note = 'Otherwise'",
        "number = 9",
        "approved_on = '2026-01-01'",
    ):
        refuses(f"UPDATE improvement_planversion SET {change} WHERE id = %s", sent.pk, says="frozen")
    refuses("DELETE FROM improvement_planversion WHERE id = %s", sent.pk)
    PlanVersion.objects.filter(pk=sent.pk).update(standing="returned")


def test_what_still_changes_may(sent, draft):
    assert draft.actions.update(text="Do it better") == 1
    draft.actions.all().delete()
    draft.priorities.all().delete()
    draft.delete()
    again = Update.objects.create(
        plan=sent.plan, version=sent, period_on=date(2026, 3, 1), due_on=TODAY, opened_on=TODAY
    )
    report = again.action_reports.create(action=sent.plan.actions.first())
    assert ActionReport.objects.filter(pk=report.pk).update(percent=50) == 1
    report.delete()
    again.delete()


def test_code_can_do_no_more_than_sql(sent):
    for change in (
        lambda: Snapshot.objects.update(digest=""),
        lambda: Snapshot.objects.first().delete(),
        lambda: Handover.objects.update(on=date(2026, 1, 1)),
        lambda: Handover.objects.first().delete(),
        lambda: Event.objects.update(kind="otherwise"),
        lambda: Reading.objects.update(value=99),
        lambda: sent.actions.update(text="Otherwise"),
        lambda: sent.actions.first().recommendations.clear(),
        lambda: sent.risks.all().delete(),
        lambda: Update.objects.filter(standing="submitted").update(overall="Otherwise"),
        lambda: ActionReport.objects.update(percent=100),
        lambda: Action.objects.filter(plan=sent.plan).first().planned.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_snapshot_is_what_its_hash_says(sent):
    import hashlib

    for snapshot in Snapshot.objects.filter(version=sent):
        left = {key: value for key, value in snapshot.content.items() if key != "check"}
        written = json.dumps(left, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(written.encode()).hexdigest() == snapshot.digest


@pytest.mark.postgres
class TestByTheRoleThatRuns:
    @pytest.mark.parametrize("table", APPEND_ONLY)
    @pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
    def test_it_has_no_right_to_alter_what_is_append_only(self, runner, table, statement):
        refuses(statement.format(table), says="permission denied")

    @pytest.mark.parametrize("table", FROZEN)
    def test_what_is_frozen_is_refused_to_it_too(self, runner, sent, table):
        where, key = frozen_rows(table, sent)
        change = "introduction = 'x'" if table == "improvement_planversion" else "id = id"
        refuses(f"UPDATE {table} SET {change} WHERE {where}", key, says="frozen")
        refuses(f"DELETE FROM {table} WHERE {where}", key, says="frozen")
        refuses(f"TRUNCATE {table} CASCADE", says="permission denied")

    @pytest.mark.parametrize("table", [*APPEND_ONLY, *FROZEN])
    def test_it_can_neither_drop_nor_disable_a_trigger_nor_step_round_it(self, runner, table):
        runner.execute(
            "SELECT tgname, proname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table],
        )
        triggers = runner.fetchall()
        assert triggers
        for trigger, function in triggers:
            refuses(f"DROP TRIGGER {trigger} ON {table}", says="must be owner")
            refuses(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}", says="must be owner")
            refuses(f"DROP FUNCTION {function}() CASCADE", says="must be owner")
            refuses(
                f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
                " AS 'BEGIN RETURN NEW; END'",
                says="permission denied",
            )
        refuses(f"ALTER TABLE {table} DISABLE TRIGGER ALL", says="must be owner")
        refuses(f"DROP TABLE {table} CASCADE", says="must be owner")
        refuses("SET session_replication_role = replica", says="permission denied")

    def test_it_still_writes_what_may_change(self, runner, sent):
        made = PlanVersion.objects.create(plan=sent.plan, number=2, begun_on=TODAY)
        made.introduction = "Why we are here"
        made.save()
        priority = made.priorities.create(priority=sent.plan.priorities.first(), place=1, title="Priority 1")
        one = made.actions.create(priority=priority, action=sent.plan.actions.first(), place=1, text="Do it")
        one.recommendations.set(sent.plan.recommendations.all())
        one.recommendations.clear()
        assert made.actions.update(text="Do it better") == 1
        assert made.actions.all().delete()[0] == 1
        assert PlanVersion.objects.filter(pk=sent.pk).update(standing="returned") == 1
