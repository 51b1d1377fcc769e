"""Append-only tables: the database itself refuses to alter or delete a row.

`guard(table)` is the migration operation. Tests that empty every table lift the guard for that moment.
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


def guard(table):
    """Return the migration operation that makes `table` append-only."""

    def apply(schema_editor, *, lift):
        with schema_editor.connection.cursor() as cursor:
            for sql in statements(table, schema_editor.connection.vendor, lift=lift):
                cursor.execute(sql)

    return migrations.RunPython(
        lambda apps, editor: apply(editor, lift=False),
        lambda apps, editor: apply(editor, lift=True),
    )
