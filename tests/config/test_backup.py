"""A backup brings everything back, row for row, on both databases; what is broken or not its own is refused."""

import contextlib
import json
import shutil
import stat
import tarfile

import pytest

from config import archive
from tests.config.processes import IS_SERVED, Embedded, deployment

# On one core, so that what is backed up is made once.
pytestmark = pytest.mark.xdist_group("backup")

DEMONSTRATION = """
from django.utils import timezone
from accounts.viewer import Viewer
from improvement.demonstration import load_demonstration
on = timezone.localdate()
load_demonstration(by=Viewer.system(on), on=on)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """An Upstream with the demonstration and two uploads, on the database that the tests are given."""
    folder = tmp_path_factory.mktemp("filled")
    if IS_SERVED:
        with deployment(folder) as upstream:
            fill(upstream)
            yield upstream
    else:
        upstream = Embedded(folder)
        fill(upstream)
        yield upstream


def fill(upstream):
    upstream.environment["UPSTREAM_DEMONSTRATION"] = "0"  # its people, whose passwords take long to hash
    upstream.manage("prepare")
    upstream.run(DEMONSTRATION)
    for name in ("letters/one.pdf", "two.ods"):
        path = upstream.folder / "uploads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 1000)


@pytest.fixture(scope="module")
def backup(filled, tmp_path_factory):
    path = tmp_path_factory.mktemp("backup") / "backup.tar"
    filled.manage("backup", str(path))
    return path


def held(upstream, tmp_path):
    """Return what every table and file holds now."""
    path = tmp_path / "now.tar"
    upstream.manage("backup", str(path))
    found = said_of(path)
    path.unlink()
    return found


def said_of(path):
    """Return what an archive says that every table and upload held; the file of a database is never twice the same."""
    said = manifest(path)
    return said["tables"], {
        name: digest for name, digest in said["files"].items() if name.startswith("uploads/")
    }


def manifest(path):
    with tarfile.open(path) as tar:
        return json.load(tar.extractfile("manifest.json"))


def altered(path, tmp_path, **changes):
    """Return a copy of the archive whose manifest or files are other: by name, their new content."""
    folder, copy = tmp_path / "altered", tmp_path / "altered.tar"
    with tarfile.open(path) as tar:
        tar.extractall(folder, filter="data")
    for name, content in changes.items():
        (folder / name.replace("__", ".")).write_text(content)
    with tarfile.open(copy, "w") as tar:
        for each in sorted(folder.rglob("*")):
            tar.add(each, each.relative_to(folder).as_posix(), recursive=False)
    return copy


def destroy(upstream):
    shutil.rmtree(upstream.folder / "uploads")
    if IS_SERVED:
        execute(upstream, "DROP OWNED BY CURRENT_USER CASCADE")
    else:
        for file in upstream.folder.glob("upstream.sqlite3*"):
            file.unlink()


def execute(upstream, sql):
    """Run SQL as who owns the tables."""
    with contextlib.closing(upstream.connect(owner=True) if IS_SERVED else upstream.connect()) as connection:
        connection.cursor().execute(sql)
        connection.commit()


def test_what_was_destroyed_comes_back_with_every_count_and_hash(filled, backup, tmp_path):
    before = tables, uploads = held(filled, tmp_path)
    assert tables["history_event"][0] > 100 and tables["cases_milestone"][0] > 20 and len(uploads) == 2
    destroy(filled)
    said = filled.manage("restore", str(backup))
    assert "every count and hash is as in the backup" in said
    assert held(filled, tmp_path) == before
    filled.manage("migrate", "--check")
    filled.manage("flag_overdue")  # which runs as the role that runs


def test_what_is_there_is_replaced_only_when_told_and_then_whole(filled, backup, tmp_path):
    refused = filled.manage("restore", str(backup), fails=True)
    assert "Replace them with --replace" in refused
    (filled.folder / "uploads" / "later.txt").write_text("later")
    for sql in ("CREATE TABLE later (id int)", "DELETE FROM cases_sweeprun"):
        execute(filled, sql)
    filled.manage("restore", str(backup), "--replace")
    assert held(filled, tmp_path) == said_of(backup)


def test_only_its_owner_may_read_it_and_it_is_not_written_over(filled, backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert "is there already" in filled.manage("backup", str(backup), fails=True)


def test_what_is_broken_is_refused_and_what_is_there_stays(filled, backup, tmp_path):
    before = held(filled, tmp_path)
    path = altered(backup, tmp_path, **{"uploads/two__ods": "other"})
    refused = filled.manage("restore", str(path), "--replace", fails=True)
    assert "uploads/two.ods is not what it was" in refused
    assert held(filled, tmp_path) == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "made by a later release"),
        ({"migrations": [["cases", "9999_later"]]}, "knows cases.9999_later"),
        ({"migrations": [["of_a_later_room", "0001_initial"]]}, "knows of_a_later_room.0001_initial"),
        ({"vendor": "oracle"}, "is of a oracle database"),
        ({"files": {"../outside": "0"}}, "no file of a backup"),
        ({"files": {"/etc/outside": "0"}}, "no file of a backup"),
        ({"files": {"uploads/none": "0"}}, "broken"),
        ({"tables": None, "more": 1}, "its manifest can't be read"),
    ],
)
def test_what_is_of_a_later_release_or_another_database_or_wants_out_is_refused(
    backup, tmp_path, changes, words
):
    path = altered(backup, tmp_path, manifest__json=json.dumps({**manifest(backup), **changes}))
    with pytest.raises(archive.Refused, match=words):
        archive.unpack(path, tmp_path / "unpacked")


def test_what_is_cut_short_or_not_there_is_refused(backup, tmp_path):
    short = tmp_path / "short.tar"
    short.write_bytes(backup.read_bytes()[:100_000])
    for path, words in (
        (short, "is broken"),
        (tmp_path / "none.tar", "There is no file"),
        (tmp_path, "is broken"),
    ):
        with pytest.raises(archive.Refused, match=words):
            archive.unpack(path, tmp_path / "unpacked")


def test_what_came_out_other_than_it_went_in_is_said(filled, backup, tmp_path):
    said = manifest(backup)
    said["tables"]["cases_milestone"][0] += 1
    path = altered(backup, tmp_path, manifest__json=json.dumps(said))
    refused = filled.manage("restore", str(path), "--replace", fails=True)
    assert "differs from the backup in cases_milestone" in refused
