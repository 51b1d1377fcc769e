"""Two roles on PostgreSQL: one owns the tables and migrates, another runs and may only read and write rows."""

from psycopg2 import sql

APPEND_ONLY = """
SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = current_schema() AND tgname = relname || '_append_only' ORDER BY relname
"""
# In order. Rights are taken first, so that a release can also take one away.
GRANTS = (
    "GRANT CONNECT ON DATABASE {database} TO {role}",
    "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
    "REVOKE ALL ON SCHEMA {schema} FROM {role}",
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    # Tables of a later release, until `prepare` has gone through them.
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)


def make_if_missing(cursor, role, password):
    """Make the role with its password where there is none and this connection may. Return whether it was made."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if cursor.fetchone():
        return False
    cursor.execute(
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
    )
    return True


def grant(cursor, role):
    """Let `role` read and write rows of every table, and none alter append-only ones. Return the latter's names."""
    cursor.execute("SELECT current_database(), current_schema()")
    database, schema = cursor.fetchone()
    names = {"role": role, "database": database, "schema": schema}
    named = {key: sql.Identifier(name) for key, name in names.items()}
    cursor.execute(APPEND_ONLY)
    append_only = [name for (name,) in cursor.fetchall()]
    for statement in GRANTS:
        cursor.execute(sql.SQL(statement).format(**named))
    for table in append_only:
        cursor.execute(
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(
                sql.Identifier(table), named["role"]
            )
        )
    return append_only
