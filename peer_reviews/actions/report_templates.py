"""Word and PowerPoint files that the LGA puts in the place of Upstream's own. A template is code: each is tried."""

from uuid import uuid4

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.refusals import Refused
from cases.uploads import check_upload, safe_name
from history.actions import record_event
from peer_reviews.models import ReportTemplate
from peer_reviews.queries.report_files import ENDINGS, try_template

log = structlog.get_logger(__name__)
LONGEST_NAME = ReportTemplate._meta.get_field("name").max_length


@transaction.atomic
def add_template(*, use, kind=None, name, upload, by, on):
    """Take a template into force from today, for a kind of review or for all, and return the ReportTemplate.

    The one that was in force for the same ends. It is opened and written with a trial's words first, and refused where
    that fails. Raises PermissionDenied and Refused.
    """
    if not by.may(Ability.MANAGE_REFERENCE_DATA):
        raise PermissionDenied
    if use not in ENDINGS:
        raise Refused("Select what it is for", "use")
    if upload is None:
        raise Refused("Choose a file", "upload")
    name = " ".join(name.split()) or safe_name(upload.name or "")
    if len(name) > LONGEST_NAME:
        raise Refused(f"The name must be {LONGEST_NAME} characters or fewer", "name")
    checked = check_upload(upload, endings=(ENDINGS[use],))
    _refuse_unfit(use, upload)
    ended = []
    for former in ReportTemplate.objects.on(on).select_for_update().filter(use=use, kind=kind):
        ended.append(former.pk)
        _end(former, on)
    template = ReportTemplate(
        use=use, kind=kind, name=name, digest=checked.digest, given_by_id=by.person_id, from_on=on
    )
    template.upload.save(f"{uuid4().hex}{checked.ending}", upload, save=False)
    try:
        template.save(force_insert=True)
    except BaseException:
        template.upload.storage.delete(template.upload.name)
        raise
    _record("report-template-added", template, by, on, digest=checked.digest, ended=ended or None)
    return template


@transaction.atomic
def end_template(template, *, by, on):
    """End a template's time today: from now on the one before it for all kinds, or Upstream's own, is used.

    Raises PermissionDenied and Refused.
    """
    if not by.may(Ability.MANAGE_REFERENCE_DATA):
        raise PermissionDenied
    template = ReportTemplate.objects.select_for_update().get(pk=template.pk)
    if template.until_on is not None and template.until_on <= on:
        raise Refused("Its time has ended already")
    _end(template, on)
    _record("report-template-ended", template, by, on)
    return template


def _end(template, on):
    """End a template's time; one that began today goes, for it held on no day before."""
    if template.from_on < on:
        template.until_on = on
        template.save(update_fields=["until_on"])
        return
    upload = template.upload
    ReportTemplate.objects.filter(pk=template.pk).delete()
    transaction.on_commit(lambda: upload.storage.delete(upload.name))


def _refuse_unfit(use, upload):
    try:
        upload.seek(0)
        try_template(use, upload.file)
    except Refused:
        raise
    except Exception as wrong:
        log.info("report template refused", use=str(use), because=type(wrong).__name__)
        said = " ".join(str(wrong).split())[:200] or type(wrong).__name__
        raise Refused(
            f"Words could not be written with this template, so it was not taken. It says: {said}", "upload"
        ) from None
    finally:
        upload.seek(0)


def _record(kind, template, by, on, **data):
    told = {"use": str(template.use), "kind": template.kind.slug if template.kind else None, **data}
    record_event(
        kind,
        by=by,
        on=on,
        subject=template,
        data={key: value for key, value in told.items() if value is not None},
    )
