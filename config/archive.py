"""One file that all of Upstream can be brought back from: its database, its uploads and what each of them held.

The archive is a tar of `manifest.json`, `database.sqlite3` or `database.dump` (pg_dump's own format) and
`uploads/…`. The manifest has the rows and a SHA-256 of every table, taken from the same snapshot as the database,
and a SHA-256 of every file. It holds what the database holds, so it is kept as the database is: nobody but its
owner may read the file.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
UPLOADS = "uploads/"
BLOCK = 1 << 20

# Everything of ours goes, so that nothing of a later release stays beside what is restored.
EMPTY = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE %I CASCADE', one.tablename);
  END LOOP;
  FOR one IN SELECT pg_proc.oid::regprocedure AS named FROM pg_proc
    JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname = current_schema()
      AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') LOOP
    EXECUTE format('DROP FUNCTION %s CASCADE', one.named);
  END LOOP;
END $$;
"""


class Refused(Exception):
    """An archive or a database that is left as it is, with the reason in words."""


@dataclass
class Manifest:
    """What an archive holds. `tables`: {name: [rows, SHA-256]}; `files`: {name within the archive: SHA-256}."""

    format: int
    made_at: str
    vendor: str
    migrations: list
    tables: dict
    files: dict = field(default_factory=dict)

    @property
    def rows(self):
        return sum(rows for rows, _digest in self.tables.values())

    @property
    def uploads(self):
        return [name for name in self.files if name.startswith(UPLOADS)]


def back_up(path, *, at):
    """Write the archive to `path`, which must not exist. Returns its manifest.

    The database is read in one snapshot, uploads after it: each row's file is there, and maybe one more.
    """
    path = Path(path)
    if path.exists():
        raise Refused(f"{path} is there already. Choose another name: backups are not written over.")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".upstream-backup-") as folder:
        database = Path(folder) / DATABASE[connection.vendor]
        copy = _copy_of_sqlite if connection.vendor == "sqlite" else _dump_of_postgresql
        tables, migrations = copy(database)
        files = {database.name: database}
        root = Path(settings.MEDIA_ROOT)
        for upload in sorted(root.rglob("*")):
            if upload.is_file():
                files[UPLOADS + upload.relative_to(root).as_posix()] = upload
        manifest = Manifest(FORMAT, at.isoformat(), connection.vendor, migrations, tables)
        unfinished = Path(folder) / "archive"
        with (
            open(unfinished, "xb", opener=_for_its_owner_alone) as out,
            tarfile.open(fileobj=out, mode="w") as tar,
        ):
            for name, source in files.items():
                if digest := _pack(tar, source, name):
                    manifest.files[name] = digest
            text = json.dumps(asdict(manifest), indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
            tar.close()
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(path)
    return manifest


def restore(path, *, replace):
    """Bring back the database and the uploads of the archive at `path`. Returns its manifest.

    What is there is written over only with `replace`. Refuses, before anything is changed, an archive that is
    broken, of a later release or of another kind of database; and afterwards says where what came out is not what
    went in.
    """
    with tempfile.TemporaryDirectory(prefix="upstream-restore-") as folder:
        folder = Path(folder)
        manifest = unpack(Path(path), folder)
        if not replace and (table_names() or any(Path(settings.MEDIA_ROOT).glob("*"))):
            raise Refused("There is a database or uploads here already. Replace them with --replace.")
        database = folder / DATABASE[connection.vendor]
        put = _put_sqlite if connection.vendor == "sqlite" else _put_postgresql
        put(database)
        _put_uploads(folder, manifest)
    _verify(manifest)
    return manifest


# What a database holds


def table_names():
    with connection.cursor() as cursor:
        return sorted(
            table.name for table in connection.introspection.get_table_list(cursor) if table.type == "t"
        )


def _tables_of_postgresql():
    """Return {table: [rows, SHA-256]} as the open transaction sees them, rows in the order of their keys."""
    found = {}
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in table_names():
            keys = connection.introspection.get_primary_key_columns(cursor, table) or ["ctid"]
            order = ", ".join(quote(key) for key in keys)
            sink = _Sink()
            cursor.copy_expert(f"COPY (SELECT * FROM {quote(table)} ORDER BY {order}) TO STDOUT", sink)
            found[table] = [cursor.rowcount, sink.digest.hexdigest()]
    return found


class _Sink:
    """A file that keeps only the digest of what is written to it."""

    def __init__(self):
        self.digest = hashlib.sha256()

    def write(self, data):
        self.digest.update(data)


def _tables_of_sqlite(opened):
    """Return {table: [rows, SHA-256]} of a connection of sqlite3, rows in the order of their keys."""
    names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    found = {}
    for (table,) in sorted(names.fetchall()):
        columns = opened.execute("SELECT name, pk FROM pragma_table_info(?)", [table]).fetchall()
        keys = [name for name, place in sorted(columns, key=lambda column: column[1]) if place] or ["rowid"]
        digest, rows = hashlib.sha256(), 0
        order = ", ".join(f'"{key}"' for key in keys)
        for row in opened.execute(f'SELECT * FROM "{table}" ORDER BY {order}'):
            digest.update(repr(row).encode())
            rows += 1
        found[table] = [rows, digest.hexdigest()]
    return found


# Taking it


def _open_sqlite():
    """Open the embedded database without Django's converters: values as they are kept."""
    connection.close()
    return closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=30))


def _copy_of_sqlite(path):
    with _open_sqlite() as ours, closing(sqlite3.connect(path)) as copy:
        ours.backup(copy)
        migrations = copy.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
        return _tables_of_sqlite(copy), [list(each) for each in migrations]


def _dump_of_postgresql(path):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        _run_postgresql(
            "pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--file={path}"
        )
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        return _tables_of_postgresql(), [list(each) for each in cursor.fetchall()]


def _run_postgresql(program, *arguments):
    """Run one of PostgreSQL's programs on our database; the password goes by its environment, which no other sees."""
    address = connection.settings_dict
    names = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    environment = {name: str(address[key]) for name, key in names.items() if address[key]}
    try:
        ran = subprocess.run(
            [program, *arguments], env={**os.environ, **environment}, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise Refused(f"{program} is not on this machine: install PostgreSQL's client programs.") from None
    if ran.returncode:
        raise Refused(f"{program} failed: {ran.stderr.strip()[-1000:]}")


def _pack(tar, source, name):
    """Pack a file and return its digest; None for an upload that was deleted since it was listed."""
    try:
        tar.add(source, name)
        return _digest_of(source)
    except FileNotFoundError:
        if not name.startswith(UPLOADS):
            raise
        return None


# Bringing it back


def unpack(path, folder):
    """Unpack what the manifest names into `folder`, each file with its digest held to it. Returns the manifest.

    Refuses an archive that is broken, of a later release or of another kind of database.
    """
    try:
        with tarfile.open(path) as tar:
            manifest = _read_manifest(tar, path)
            for name, digest in manifest.files.items():
                target = folder / _within(name)
                target.parent.mkdir(parents=True, exist_ok=True)
                with tar.extractfile(name) as packed, open(target, "wb") as out:
                    shutil.copyfileobj(packed, out, BLOCK)
                if _digest_of(target) != digest:
                    raise Refused(f"{path} is broken: {name} is not what it was when the backup was made.")
    except FileNotFoundError:
        raise Refused(f"There is no file {path}.") from None
    except (tarfile.TarError, KeyError, EOFError, AttributeError, OSError) as failure:
        raise Refused(f"{path} is broken or no backup of Upstream: {failure}.") from failure
    return manifest


def _read_manifest(tar, path):
    try:
        said = json.load(tar.extractfile(MANIFEST))
        if said["format"] > FORMAT:
            raise Refused(f"{path} was made by a later release: restore it with that one.")
        manifest = Manifest(**said)
    except (ValueError, TypeError) as failure:
        raise Refused(f"{path} is broken: its manifest can't be read.") from failure
    if manifest.vendor != connection.vendor:
        raise Refused(f"{path} is of a {manifest.vendor} database, and this one is {connection.vendor}.")
    _refuse_later_release(manifest)
    return manifest


def _within(name):
    """Return the path of an entry, which stays within the folder it is unpacked to."""
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or not (name in DATABASE.values() or name.startswith(UPLOADS))
    ):
        raise Refused(f"The archive names {name}, which is no file of a backup.")
    return path


def _refuse_later_release(manifest):
    ours = MigrationLoader(None).disk_migrations
    later = [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in ours]
    if later:
        raise Refused(
            f"The backup was made by a later release, which knows {later[0]}: restore it with that one."
        )


def _put_sqlite(database):
    with closing(sqlite3.connect(database)) as source, _open_sqlite() as ours:
        source.backup(ours)


def _put_postgresql(database):
    """Replace all tables in one transaction of psql: the old ones stay if anything fails."""
    empty, script = database.with_name("empty.sql"), database.with_name("restore.sql")
    empty.write_text(EMPTY)
    _run_postgresql("pg_restore", "--no-owner", "--no-acl", f"--file={script}", str(database))
    # Other processes' connections would be waited for; our own is closed.
    connection.close()
    _run_postgresql(
        "psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null",
        f"--file={empty}", f"--file={script}",
    )  # fmt: skip


def _put_uploads(folder, manifest):
    root = Path(settings.MEDIA_ROOT)
    if root.exists():
        for there in root.iterdir():
            shutil.rmtree(there) if there.is_dir() else there.unlink()
    for name in manifest.uploads:
        target = root / name.removeprefix(UPLOADS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, target)


def _verify(manifest):
    """Count and hash what is here now, and refuse to call it restored where it is not what the manifest says."""
    if connection.vendor == "sqlite":
        with _open_sqlite() as ours:
            tables = _tables_of_sqlite(ours)
    else:
        tables = _tables_of_postgresql()
    other = [
        name for name in sorted({*tables, *manifest.tables}) if tables.get(name) != manifest.tables.get(name)
    ]
    root = Path(settings.MEDIA_ROOT)
    other += [
        name
        for name in manifest.uploads
        if _digest_of(root / name.removeprefix(UPLOADS)) != manifest.files[name]
    ]
    if other:
        raise Refused(f"What was restored differs from the backup in {', '.join(other)}.")


def _digest_of(path):
    with open(path, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _for_its_owner_alone(path, flags):
    return os.open(path, flags, 0o600)
