"""A backup that meets a deleted upload goes on: evidence may be removed while it runs."""

import tarfile

import pytest

from config.archive import UPLOADS, _pack


def test_an_upload_that_is_gone_is_left_out_and_a_database_that_is_gone_is_not(tmp_path):
    (tmp_path / "kept.pdf").write_bytes(b"kept")
    with tarfile.open(tmp_path / "backup.tar", "w") as tar:
        assert _pack(tar, tmp_path / "kept.pdf", f"{UPLOADS}documents/kept.pdf")
        assert _pack(tar, tmp_path / "gone.pdf", f"{UPLOADS}documents/gone.pdf") is None
        with pytest.raises(FileNotFoundError):
            _pack(tar, tmp_path / "gone.sqlite3", "database.sqlite3")
        assert tar.getnames() == [f"{UPLOADS}documents/kept.pdf"]
