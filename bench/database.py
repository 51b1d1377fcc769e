"""The benchmarks' own PostgreSQL database: made before, dropped after, and never anybody else's."""

import os
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

ADDRESS = os.environ.get("UPSTREAM_BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/upstream_bench")
# What the database says of itself: only one that says so is dropped.
MARK = "Made by Upstream's benchmarks, which drop it."


class NoDatabase(Exception):
    """There is no PostgreSQL to measure on; the message says what is missing, in one line."""


@contextmanager
def own_database():
    """Make the database that `ADDRESS` names, and drop it at the end. Raise `NoDatabase` where that can't be."""
    name = urlsplit(ADDRESS).path.strip("/")
    try:
        server = psycopg2.connect(ADDRESS.removesuffix(name) + "postgres", connect_timeout=5)
    except psycopg2.OperationalError as problem:
        raise NoDatabase(
            "The benchmarks need PostgreSQL; set UPSTREAM_BENCH_DATABASE_URL to one where databases may be made "
            f"({str(problem).strip().splitlines()[0]})"
        ) from None
    server.autocommit = True
    with server.cursor() as cursor:
        _drop_our_own(cursor, name)
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        cursor.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(MARK))
        )
        try:
            yield ADDRESS
        finally:
            _drop_our_own(cursor, name)
            server.close()


def _drop_our_own(cursor, name):
    """Drop the database `name`, such as a run that was killed left behind; refuse one that isn't ours."""
    cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
    found = cursor.fetchone()
    if found is None:
        return
    if found[0] != MARK:
        raise NoDatabase(f"There is a database {name} that the benchmarks didn't make: name another")
    cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
