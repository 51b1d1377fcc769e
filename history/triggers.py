"""Tables whose rows the database itself refuses to alter: append-only ones, and those frozen from some moment on.

`guard(table)` and `freeze(table, when)` are the migration operations. Tests that empty every table lift them for
that moment.
"""

from django.db import migrations

_POSTGRES_GUARD = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only: rows are neither altered nor deleted', TG_TABLE_NAME; END $$;
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def statements(table, vendor, *, lift=False):
    """Return the SQL that guards `table`, or lifts the guard, for a database vendor."""
    if vendor == "postgresql":
        return (
            [f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"]
            if lift
            else [_POSTGRES_GUARD.format(table=table)]
        )
    names = [(f"{table}_no_{verb.lower()}", verb) for verb in ("UPDATE", "DELETE")]
    if lift:
        return [f"DROP TRIGGER IF EXISTS {name}" for name, _ in names]
    return [
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, '{table} is append-only: rows are neither altered nor deleted'); END"
        for name, verb in names
    ]


_POSTGRES_FREEZE = """
CREATE OR REPLACE FUNCTION {table}_refuse_{verb}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {when} THEN RAISE EXCEPTION '% is frozen: what left the house is not altered', TG_TABLE_NAME; END IF;
  RETURN {row};
END $$;
CREATE TRIGGER {table}_frozen_{verb} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_refuse_{verb}();
"""


def freezing_statements(table, when, vendor, *, verbs=("UPDATE", "DELETE"), lift=False):
    """Return the SQL that freezes rows of `table` for which `when` holds, or thaws them, for a database vendor."""
    if lift and vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_frozen_{verb.lower()} ON {table}" for verb in verbs]
    if lift:
        return [f"DROP TRIGGER IF EXISTS {table}_frozen_{verb.lower()}" for verb in verbs]
    found = []
    for verb in verbs:
        condition = when.format(row="NEW" if verb == "INSERT" else "OLD")
        if vendor == "postgresql":
            row = "OLD" if verb == "DELETE" else "NEW"
            found.append(_POSTGRES_FREEZE.format(table=table, verb=verb.lower(), when=condition, row=row))
        else:
            found.append(
                f"CREATE TRIGGER {table}_frozen_{verb.lower()} BEFORE {verb} ON {table} WHEN {condition} BEGIN "
                f"SELECT RAISE(ABORT, '{table} is frozen: what left the house is not altered'); END"
            )
    return found


def guard(table):
    """Return the migration operation that makes `table` append-only."""
    return _operation(lambda vendor, lift: statements(table, vendor, lift=lift))


def freeze(table, when, *, verbs=("UPDATE", "DELETE")):
    """Return the migration operation that refuses `verbs` on rows of `table` for which `when` holds.

    `when` is SQL that names the row `{row}`: as it is, or for an INSERT as it would be.
    """
    return _operation(lambda vendor, lift: freezing_statements(table, when, vendor, verbs=verbs, lift=lift))


def _operation(statements_for):
    def apply(schema_editor, *, lift):
        with schema_editor.connection.cursor() as cursor:
            for sql in statements_for(schema_editor.connection.vendor, lift):
                cursor.execute(sql)

    return migrations.RunPython(
        lambda apps, editor: apply(editor, lift=False),
        lambda apps, editor: apply(editor, lift=True),
    )
