"""Files and links: kept out of reach, scanned where a scanner is set up, given out to whoever may read them."""

import hashlib
import io
import socketserver
import struct
import threading
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases import scanner
from cases.actions import Refused
from cases.actions.documents import forget_stray_uploads, keep_document, scan_waiting
from cases.models import Document
from cases.models.documents import _READABLE, readable_through
from cases.tasks import scan_documents
from cases.uploads import safe_name
from history.models import Event
from tests.factories import TODAY, CouncilFactory, person_with

PDF = b"%PDF-1.7\nan audit\n%%EOF\n"
EICAR_LIKE = b"%PDF-1.7\nHARMFUL\n%%EOF\n"


class FakeClamd(socketserver.BaseRequestHandler):
    """Speaks clamd's INSTREAM: chunks with their length before them, then an answer; finds the word HARMFUL."""

    def handle(self):
        command = b""
        while not command.endswith((b"\n", b"\0")):
            command += self.request.recv(1)
        assert command.strip(b"nz\n\0") == b"INSTREAM", command
        content = b""
        while size := struct.unpack("!L", self._exactly(4))[0]:
            content += self._exactly(size)
        self.server.seen.append(content)
        answer = b"stream: Test.Harmful FOUND" if b"HARMFUL" in content else b"stream: OK"
        self.request.sendall(self.server.answer or answer + b"\n")

    def _exactly(self, size):
        content = b""
        while len(content) < size:
            content += self.request.recv(size - len(content))
        return content


@contextmanager
def clamd(settings, answer=None):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), FakeClamd) as server:
        server.seen, server.answer = [], answer
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.CLAMAV = f"127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()


@pytest.fixture
def council(reference):
    return CouncilFactory()


@pytest.fixture
def person(council):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def by(person):
    return Viewer.of(person, TODAY)


@pytest.fixture
def readable():
    """Let everybody read every document, as something that they are all attached to would."""
    before = dict(_READABLE)
    readable_through("test", lambda viewer: Document.objects.values("pk"))
    yield
    _READABLE.clear()
    _READABLE.update(before)


@pytest.fixture
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def kept_files(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def pdf(name="audit.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


class TestKeeping:
    def test_a_file_is_kept_under_a_random_name_with_its_hash_and_what_it_is(self, council, by, folder):
        document = keep_document(council, upload=pdf(), title=" Case  audit ", by=by, on=TODAY)
        assert (document.title, document.name, document.size) == ("Case audit", "audit.pdf", len(PDF))
        assert document.content_type == "application/pdf"
        assert document.digest == hashlib.sha256(PDF).hexdigest()
        assert document.scan == Document.Scan.NOT_SCANNED and document.may_be_downloaded
        [path] = kept_files(folder)
        assert path.read_bytes() == PDF and path.parent.name == "documents"
        assert "audit" not in path.name and path.suffix == ".pdf"
        event = Event.objects.get(kind="document-kept")
        assert event.council_code == council.la_code and event.data == {"digest": document.digest}

    def test_a_link_is_kept_without_a_file(self, council, by, folder):
        document = keep_document(council, url="https://example.org/audit", by=by, on=TODAY)
        assert (document.url, document.title, document.digest) == (
            "https://example.org/audit",
            "example.org",
            "",
        )
        assert not document.may_be_downloaded and kept_files(folder) == []

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({}, "upload"),
            ({"upload": "a file", "url": "https://example.org/"}, "upload"),
            ({"url": "javascript:alert(1)"}, "url"),
            ({"url": "ftp://example.org/x"}, "url"),
            ({"url": "example.org"}, "url"),
            ({"url": "https://name:word@example.org/"}, "url"),
            ({"url": "https://example.org/" + "x" * 600}, "url"),
            ({"url": "https://example.org/?nhs=9434765919"}, "url"),
            ({"upload": "a file", "title": "x" * 201}, "title"),
            ({"upload": "a file", "title": "NHS 943 476 5919"}, "title"),
        ],
    )
    def test_what_is_neither_is_refused_and_leaves_nothing(self, council, by, folder, given, field):
        if "upload" in given:
            given = {**given, "upload": pdf()}
        with pytest.raises(Refused) as refused:
            keep_document(council, by=by, on=TODAY, **given)
        assert refused.value.field == field
        assert kept_files(folder) == [] and not Document.objects.exists()

    def test_an_identifier_in_the_name_of_a_file_is_refused(self, council, by, folder):
        with pytest.raises(Refused, match="The file’s name: This holds what looks like an NHS number"):
            keep_document(council, upload=pdf("audit 943 476 5919.pdf"), by=by, on=TODAY)
        assert kept_files(folder) == []

    @pytest.mark.parametrize(
        ("given", "safe"),
        [
            ("../../etc/audit.pdf", "audit.pdf"),
            ("C:\\Users\\someone\\audit.pdf", "audit.pdf"),
            ("au\u202edit\u200f.pdf", "audit.pdf"),
            ("au\x00d\x1bit.pdf", "audit.pdf"),
            ("a\nb\tc.pdf", "a b c.pdf"),
            ('a"b;c<d>.pdf', "a-b-c-d-.pdf"),
            ("", "document"),
            ("...", "document"),
            ("é" * 300 + ".docx", "é" * 115 + ".docx"),
        ],
    )
    def test_a_name_is_made_safe(self, given, safe):
        assert safe_name(given) == safe

    def test_a_file_without_a_row_goes_after_a_day_and_no_other(self, council, by, folder):
        keep_document(council, upload=pdf(), by=by, on=TODAY)
        (folder / "documents" / "stray.pdf").write_bytes(PDF)
        assert forget_stray_uploads(now=timezone.now()) == 0
        assert forget_stray_uploads(now=timezone.now() + timedelta(days=1, minutes=1)) == 1
        [kept] = kept_files(folder)
        assert kept.name != "stray.pdf"


class TestScanning:
    def test_a_file_waits_until_the_scanner_has_found_nothing(
        self, settings, council, by, folder, client, person, readable
    ):
        with clamd(settings) as server:
            document = keep_document(council, upload=pdf(), by=by, on=TODAY)
            assert document.scan == Document.Scan.WAITING and not document.may_be_downloaded
            client.force_login(person)
            waiting = client.get(reverse("document", args=[document.pk]))
            assert waiting.status_code == 409
            assert "This file can’t be opened yet" in waiting.content.decode()
            scan_documents()
            assert server.seen == [PDF]
        document.refresh_from_db()
        assert document.scan == Document.Scan.CLEAN and document.scanned_at
        assert Event.objects.filter(kind="document-scanned").count() == 1
        assert client.get(reverse("document", args=[document.pk])).status_code == 200

    def test_what_something_is_found_in_is_deleted_and_never_given_out(
        self, settings, council, by, folder, client, person, readable, django_capture_on_commit_callbacks
    ):
        with clamd(settings), django_capture_on_commit_callbacks(execute=True):
            document = keep_document(council, upload=pdf(content=EICAR_LIKE), by=by, on=TODAY)
            assert scan_waiting(by=by, on=TODAY) == 1
        document.refresh_from_db()
        assert document.scan == Document.Scan.REFUSED and kept_files(folder) == []
        client.force_login(person)
        refused = client.get(reverse("document", args=[document.pk]))
        assert refused.status_code == 409
        assert "This file was refused and deleted" in refused.content.decode()
        assert Event.objects.filter(kind="document-refused").count() == 1

    @pytest.mark.parametrize(
        "answer", [b"INSTREAM size limit exceeded. ERROR\n", b"stream: busy ERROR\n", b"?\n"]
    )
    def test_what_the_scanner_does_not_answer_about_waits_on(self, settings, council, by, folder, answer):
        with clamd(settings, answer):
            document = keep_document(council, upload=pdf(), by=by, on=TODAY)
            assert scan_waiting(by=by, on=TODAY) == 0
        document.refresh_from_db()
        assert document.scan == Document.Scan.WAITING
        with clamd(settings):
            assert scan_waiting(by=by, on=TODAY) == 1

    def test_what_is_deleted_while_it_is_scanned_is_gone_and_the_rest_is_scanned(
        self, settings, council, by, folder, monkeypatch
    ):
        with clamd(settings):
            gone = keep_document(council, upload=pdf(), by=by, on=TODAY)
            kept = keep_document(council, upload=pdf("other.pdf"), by=by, on=TODAY)
            ask = scanner.scan

            def scan(file):
                Document.objects.filter(pk=gone.pk).delete()
                return ask(file)

            monkeypatch.setattr(scanner, "scan", scan)
            scan_waiting(by=by, on=TODAY)
        kept.refresh_from_db()
        assert kept.scan == Document.Scan.CLEAN
        assert not Document.objects.filter(pk=gone.pk).exists()
        assert Event.objects.filter(kind="document-scanned").count() == 1

    def test_a_scanner_that_is_down_costs_only_time(self, settings, council, by, folder):
        settings.CLAMAV = "127.0.0.1:1"
        document = keep_document(council, upload=pdf(), by=by, on=TODAY)
        assert scan_waiting(by=by, on=TODAY) == 0
        document.refresh_from_db()
        assert document.scan == Document.Scan.WAITING

    def test_a_worker_is_woken_once_it_is_kept(
        self, settings, council, by, folder, monkeypatch, django_capture_on_commit_callbacks
    ):
        woken = []
        monkeypatch.setattr("cases.tasks.wake", woken.append)
        settings.CLAMAV = "127.0.0.1:1"
        with django_capture_on_commit_callbacks(execute=True):
            keep_document(council, upload=pdf(), by=by, on=TODAY)
            assert woken == []
        assert woken == [scan_documents]

    def test_without_a_scanner_any_more_what_waited_is_not_scanned(self, settings, council, by, folder):
        settings.CLAMAV = "127.0.0.1:1"
        document = keep_document(council, upload=pdf(), by=by, on=TODAY)
        settings.CLAMAV = ""
        scan_waiting(by=by, on=TODAY)
        document.refresh_from_db()
        assert document.scan == Document.Scan.NOT_SCANNED


class TestGivingOut:
    def test_it_is_sent_as_an_attachment_that_no_browser_runs_or_keeps(
        self, council, by, folder, client, person, readable
    ):
        document = keep_document(council, upload=pdf("año\u202e audit.pdf"), by=by, on=TODAY)
        client.force_login(person)
        response = client.get(reverse("document", args=[document.pk]))
        assert b"".join(response.streaming_content) == PDF
        assert response["Content-Disposition"] == "attachment; filename*=utf-8''a%C3%B1o%20audit.pdf"
        assert response["Content-Type"] == "application/pdf"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert response["Cache-Control"] == "private, no-store"

    def test_a_link_leads_where_it_points(self, council, by, client, person, readable):
        document = keep_document(council, url="https://example.org/audit", by=by, on=TODAY)
        client.force_login(person)
        assert client.get(reverse("document", args=[document.pk]))["Location"] == "https://example.org/audit"

    def test_what_is_attached_to_nothing_that_they_may_read_is_not_there(
        self, council, by, folder, client, person
    ):
        document = keep_document(council, upload=pdf(), by=by, on=TODAY)
        address = reverse("document", args=[document.pk])
        assert client.get(address).status_code == 302  # to sign in
        client.force_login(person)
        assert client.get(address).status_code == 404

    def test_a_file_that_is_gone_is_not_there(self, council, by, folder, client, person, readable):
        document = keep_document(council, upload=pdf(), by=by, on=TODAY)
        document.upload.storage.delete(document.upload.name)
        client.force_login(person)
        assert client.get(reverse("document", args=[document.pk])).status_code == 404

    def test_nothing_writes_by_its_address(self, council, by, folder, client, person, readable):
        document = keep_document(council, upload=pdf(), by=by, on=TODAY)
        client.force_login(person)
        assert client.post(reverse("document", args=[document.pk])).status_code == 405


def test_a_zip_that_lies_about_its_sizes_fills_nothing(council, by, folder):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", b"spreadsheetml.sheet.main+xml" + b" " * 10_000_000)
    content = packed.getvalue().replace(struct.pack("<L", 10_000_028), struct.pack("<L", 28))
    with pytest.raises(Refused):
        keep_document(council, upload=SimpleUploadedFile("plan.xlsx", content), by=by, on=TODAY)
    assert kept_files(folder) == []
