"""Keeping what people give: a file looked at, named at random and scanned where a scanner is set up; or a link."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

from cases import scanner
from cases.identifiers import refuse_identifiers
from cases.models import Document
from cases.refusals import Refused
from cases.uploads import check_upload, safe_name
from history.actions import record_event

log = structlog.get_logger(__name__)
FOLDER = "documents"
STRAY_AFTER = timedelta(days=1)
LONGEST_TITLE = 200
LONGEST_URL = 500
_is_address = URLValidator(schemes=["http", "https"])


@transaction.atomic
def keep_document(council, *, upload=None, url="", title="", by, on):
    """Keep a file (Django's `File`) or a link for a council, and return its Document.

    Who may give one is for the caller to have asked: it is called within the action that attaches it, and what is
    attached says who may read it. Without a title a file has its name. The file is deleted again where keeping it
    fails; a caller that fails afterwards calls `forget_upload`. Raises Refused on "upload", "url" or "title".
    """
    url, title = url.strip(), " ".join(title.split())
    if bool(upload) == bool(url):
        raise Refused("Choose a file, or give a link: one of the two.", "upload")
    if len(title) > LONGEST_TITLE:
        raise Refused(f"The title must be {LONGEST_TITLE} characters or fewer.", "title")
    document = Document(council=council, title=title, given_by_id=by.person_id, given_on=on)
    refuse_identifiers(title=title)
    if url:
        _refuse_unfit_address(url)
        document.url = url
        document.title = title or (urlsplit(url).hostname or url)[:LONGEST_TITLE]
        document.save(force_insert=True)
    else:
        _keep_file(document, upload)
    _record("document-kept", document, by, on)
    return document


def forget_upload(document):
    """Delete the file of a document whose row does not come to stand."""
    if document is not None and document.upload:
        document.upload.storage.delete(document.upload.name)


def scan_waiting(*, by, on):
    """Ask the scanner about each file that waits, and keep what it says. Return how many it answered about.

    The first that it doesn't answer about ends it: the schedule asks again. Where no scanner is set up any more, they
    are marked as not scanned.
    """
    if not scanner.is_configured():
        Document.objects.to_scan().update(scan=Document.Scan.NOT_SCANNED)
        return 0
    answered = 0
    for document in Document.objects.to_scan():
        try:
            with document.upload.open("rb") as file:
                found = scanner.scan(file)
        except FileNotFoundError:
            log.error("uploaded file missing", document=document.pk)
            continue
        except scanner.NotAnswered as failure:
            log.warning("scanner not reached", document=document.pk, because=str(failure))
            break
        _keep_answer(document, found, by=by, on=on)
        answered += 1
    return answered


def forget_stray_uploads(*, now):
    """Delete files that no document has: left by a process that was ended, or a change that was undone.

    Only those older than a day, so that none is taken whose row is about to be. Returns how many.
    """
    storage = Document._meta.get_field("upload").storage
    try:
        _folders, names = storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    known = set(Document.objects.exclude(upload="").values_list("upload", flat=True))
    strays = [
        path
        for path in (f"{FOLDER}/{name}" for name in names)
        if path not in known and storage.get_modified_time(path) < now - STRAY_AFTER
    ]
    for path in strays:
        storage.delete(path)
    return len(strays)


def _keep_answer(document, found, *, by, on):
    clean = found is scanner.Found.NOTHING
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(pk=document.pk).first()
        if document is None or document.scan != Document.Scan.WAITING:
            return
        document.scan = Document.Scan.CLEAN if clean else Document.Scan.REFUSED
        document.scanned_at = timezone.now()
        document.save(update_fields=["scan", "scanned_at"])
        _record("document-scanned" if clean else "document-refused", document, by, on)
        if not clean:
            transaction.on_commit(lambda: forget_upload(document))


def _keep_file(document, upload):
    try:
        refuse_identifiers(upload=safe_name(upload.name or ""))
    except Refused as refused:
        raise Refused(
            f"The file’s name: {refused.message} Rename it, and choose it again.", "upload"
        ) from None
    checked = check_upload(upload)
    document.title = document.title or checked.name
    document.name, document.size = checked.name, checked.size
    document.content_type, document.digest = checked.content_type, checked.digest
    if scanner.is_configured():
        document.scan = Document.Scan.WAITING
    # Never under the name that somebody gave it.
    document.upload.save(f"{uuid4().hex}{checked.ending}", upload, save=False)
    try:
        document.save(force_insert=True)
    except BaseException:
        forget_upload(document)
        raise
    if scanner.is_configured():
        transaction.on_commit(_wake_scanner)


def _wake_scanner():
    # Tasks wake actions, so actions know of tasks only when they call one.
    from cases.tasks import scan_documents, wake

    wake(scan_documents)


def _refuse_unfit_address(url):
    try:
        _is_address(url)
        address = urlsplit(url)
    except (ValidationError, ValueError):
        address = None
    if address is None or len(url) > LONGEST_URL or address.username is not None:
        raise Refused(
            f"The link must be a whole web address of {LONGEST_URL} characters or fewer, such as "
            "https://www.example.org/audit.",
            "url",
        )
    refuse_identifiers(url=url)


def _record(kind, document, by, on):
    data = {"digest": document.digest} if document.digest else {}
    record_event(kind, by=by, on=on, subject=document, council_code=document.council.la_code, data=data)
