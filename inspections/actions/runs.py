"""Importing an uploaded file in steps: uploaded, previewed, confirmed, kept part by part, brought in line.

The state is in the run, and every step is one transaction that ends by writing it. A worker takes a step by the
lock on the run's row, which the database gives up when the worker dies: whoever comes next does that step anew.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.permissions import Ability
from accounts.viewer import Viewer
from cases.actions import Refused, Stale
from cases.tasks import wake
from history.actions import record_event
from inspections.actions import importing
from inspections.actions.importing import ImportResult, bring_in_line, keep_part, take_in
from inspections.actions.rebuilding import BATCH
from inspections.models import ImportLine, ImportRun
from inspections.readers import FileRead, NotReadable, read_file
from inspections.readers.workbooks import LARGEST_FILE

log = logging.getLogger(__name__)

State = ImportRun.State
FILE_ENDINGS = (".ods", ".xlsx", ".csv")
MOST_ATTEMPTS = 5

RIGHT_ENDED = (
    "Whoever asked for it may no longer import outcomes. Somebody who may has to upload the file again."
)
BEGUN_TOO_OFTEN = (
    f"It was begun {MOST_ATTEMPTS} times and each time it broke off. Check that it is the right file. If it is, ask "
    "whoever runs Upstream to look at the log before you upload it again."
)
FAULT_OF_OURS = (
    "Something went wrong in Upstream while it worked on the file, and no inspection was changed. Ask whoever runs "
    "Upstream to look at the log before you upload it again."
)
NOT_AS_UPLOADED = "The file that was kept is no longer the one that was uploaded. Upload it again."


def start_import(*, upload, by, on: date) -> ImportRun:
    """Keep an uploaded file, to be read by the worker, and return its run. `upload` is a Django `File`.

    Raises PermissionDenied, and Refused (field "upload") for what can't be one of the published files.
    """
    _must_import(by)
    ending = Path(upload.name).suffix.lower()
    _refuse_unfit(upload, ending)
    run = ImportRun(name=Path(upload.name).name[-200:], sha256=_sha256(upload), by_id=by.person_id)
    # Never under the name that somebody gave it.
    run.upload.save(f"{uuid4().hex}{ending}", upload, save=False)
    try:
        with transaction.atomic():
            run.save()
            _record("import-uploaded", run, by=by, on=on)
            transaction.on_commit(wake_worker)
    except BaseException:
        run.upload.delete(save=False)
        raise
    return run


def preview_import(run: ImportRun, *, by, on: date) -> ImportRun | None:
    """Import the file and undo it; keep what that would have done, or why the file is refused.

    Nothing but the run and its lines is changed. None where somebody else has it in hand, or has done it.
    """
    _must_import(by)
    with transaction.atomic():
        run = _taken(run)
        if run is None:
            return None
        try:
            read = _read(run)
        except NotReadable as refused:
            return refuse_import(run, str(refused), by=by, on=on)
        _keep_result(run, take_in(read, by=by, on=on, dry_run=True), preview=True)
        run.rows_in_all = len(read.rows)
        return _end_step(run, State.PREVIEWED)


@transaction.atomic
def confirm_import(run: ImportRun, *, by, on: date, revision: int) -> ImportRun:
    """Import what was previewed, in the name of `by`. Raises PermissionDenied, and Stale where it has moved on."""
    _must_import(by)
    run = _unchanged(run, revision, State.PREVIEWED)
    run.by_id = by.person_id
    run.rows_kept = run.rows_new = 0
    _end_step(run, State.CONFIRMED)
    _record("import-confirmed", run, by=by, on=on)
    transaction.on_commit(wake_worker)
    return run


@transaction.atomic
def cancel_import(run: ImportRun, *, by, on: date, revision: int) -> ImportRun:
    """Leave a file alone that has not been confirmed. Raises PermissionDenied, and Stale where it has moved on."""
    _must_import(by)
    run = _unchanged(run, revision, State.UPLOADED, State.PREVIEWED)
    _finish(run, State.CANCELLED)
    _record("import-cancelled", run, by=by, on=on)
    return run


def refuse_import(run: ImportRun, problem: str, *, by, on: date) -> ImportRun | None:
    """End a run, with the reason in words for the person. None where somebody else has it in hand."""
    with transaction.atomic():
        run = _taken(run)
        if run is None:
            return None
        run.problem = problem
        _finish(run, State.REFUSED)
        _record("import-refused", run, by=by, on=on)
        return run


def carry_on_all(*, on: date) -> None:
    """Work at every run that waits until none has a step left, and delete the files of those that ended."""
    seen = []
    while run := ImportRun.objects.waiting().exclude(pk__in=seen).first():
        while carry_on(run, on=on):
            pass
        seen.append(run.pk)
    forget_uploads()


def carry_on(run: ImportRun, *, on: date) -> bool:
    """Do the next step of a run and return whether there is another that this worker can do.

    It is done in the name of whoever uploaded or confirmed it, with the grants of `on`. A step whose worker died is
    done anew; one that fails ends the run, but where the database is away, which is raised.
    """
    run = _begin(run)
    if run is None:
        return False
    by = Viewer.of(run.by, on) if run.by_id else Viewer.system(on)
    try:
        if not by.may(Ability.IMPORT_OUTCOMES):
            run = refuse_import(run, RIGHT_ENDED, by=by, on=on)
        elif run.attempts > MOST_ATTEMPTS:
            run = refuse_import(run, BEGUN_TOO_OFTEN, by=by, on=on)
        elif run.state == State.UPLOADED:
            run = preview_import(run, by=by, on=on)
        else:
            run = _import_next(run, by=by, on=on)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("Import %s failed when %s.", run.pk, run.state)
        run = refuse_import(run, FAULT_OF_OURS, by=by, on=on)
    return run is not None and run.state in ImportRun.WAITING


def forget_uploads() -> None:
    """Delete the stored files of the runs that ended; their names and what became of each row stay."""
    for run in ImportRun.objects.finished().exclude(upload=""):
        run.upload.delete(save=False)
        ImportRun.objects.filter(pk=run.pk).update(upload="")


def wake_worker() -> None:
    """Ask a worker to look at the runs. Where the queue is down the schedule asks, within a minute."""
    from inspections.tasks import (
        carry_on_imports,
    )  # a task calls actions, so they can't import it at their top

    wake(carry_on_imports)


def _import_next(run: ImportRun, *, by, on: date) -> ImportRun | None:
    with transaction.atomic():
        run = _taken(run)
        if run is None:
            return None
        # Under the lock, so that no other worker begins the step meanwhile, which would count as an attempt.
        try:
            read = _read(run)
        except NotReadable as refused:
            return refuse_import(run, str(refused), by=by, on=on)
        if run.state == State.REBUILDING:
            return _bring_in_line(run, read, by=by, on=on)
        return _keep_next_part(run, read, on=on)


def _keep_next_part(run: ImportRun, read: FileRead, *, on: date) -> ImportRun:
    run.rows_new += keep_part(read, run.rows_kept, on=on)
    run.rows_kept = min(run.rows_kept + importing.ROWS_A_STEP, len(read.rows))
    return _end_step(run, State.READING if run.rows_kept < len(read.rows) else State.REBUILDING)


def _bring_in_line(run: ImportRun, read: FileRead, *, by, on: date) -> ImportRun:
    result = bring_in_line(read, run.rows_new, by=by, on=on)
    run.lines.all().delete()
    _keep_result(run, result, preview=False)
    return _finish(run, State.DONE)


def _keep_result(run: ImportRun, result: ImportResult, *, preview: bool) -> None:
    for name in ("released_on", "added", "changed", "removed", "left"):
        setattr(run, name, getattr(result, name))
    run.consequences = [asdict(one) for did in result.consequences for one in did.each]
    ImportLine.objects.bulk_create(
        (
            ImportLine(run=run, preview=preview, order=order, **asdict(line))
            for order, line in enumerate(result.lines, start=1)
        ),
        batch_size=BATCH,
    )


def _read(run: ImportRun) -> FileRead:
    """What the kept file says, as known on the day of its upload: later steps, a night later too, read the same."""
    if not run.upload.storage.exists(run.upload.name):
        raise NotReadable(NOT_AS_UPLOADED)
    read = read_file(run.upload.path, today=timezone.localdate(run.made_at))
    if read.sha256 != run.sha256:
        raise NotReadable(NOT_AS_UPLOADED)
    return replace(read, name=run.name)


def _begin(run: ImportRun) -> ImportRun | None:
    """The run as it is now, its attempt counted; None where it is in somebody's hands, or waits for nothing."""
    with transaction.atomic():
        mine = ImportRun.objects.waiting().select_for_update(skip_locked=True).filter(pk=run.pk).first()
        if mine is None:
            return None
        mine.attempts += 1
        ImportRun.objects.filter(pk=mine.pk).update(attempts=mine.attempts, alive_at=Now())
        return mine


def _taken(run: ImportRun) -> ImportRun | None:
    """The run under its lock, where it still is as it was read; None where somebody else has done its step.

    It waits for the lock. Passed over here, a worker could lose its step to one that only counts its attempt.
    """
    return (
        ImportRun.objects.select_for_update()
        .filter(pk=run.pk, state=run.state, rows_kept=run.rows_kept)
        .first()
    )


def _unchanged(run: ImportRun, revision: int, *states: State) -> ImportRun:
    """The run under its lock. Raises Stale where it is not what the person has looked at."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.revision != revision or run.state not in states:
        raise Stale(run)
    return run


def _end_step(run: ImportRun, state: State) -> ImportRun:
    """Write what the step did. A new state is a new revision; a part more of the rows is none."""
    if run.state != state:
        run.state, run.revision = state, run.revision + 1
    run.attempts = 0
    run.alive_at = Now()
    run.save()
    return run


def _finish(run: ImportRun, state: State) -> ImportRun:
    run.finished_at = Now()
    transaction.on_commit(forget_uploads)
    return _end_step(run, state)


def _must_import(by) -> None:
    if not by.may(Ability.IMPORT_OUTCOMES):
        raise PermissionDenied


def _refuse_unfit(upload, ending: str) -> None:
    if ending not in FILE_ENDINGS:
        raise Refused(
            f"Choose a file that ends in {', '.join(FILE_ENDINGS[:-1])} or {FILE_ENDINGS[-1]}", "upload"
        )
    if not upload.size:
        raise Refused("The file is empty. Download it again, and choose the new copy", "upload")
    if upload.size > LARGEST_FILE:
        raise Refused(
            f"The file is {upload.size // 1_000_000} MB. Choose one of {LARGEST_FILE // 1_000_000} MB at most: "
            "Ofsted's workbooks have about 2 MB",
            "upload",
        )


def _sha256(upload) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _record(kind: str, run: ImportRun, *, by, on: date) -> None:
    record_event(kind, by=by, on=on, subject=run, data={"sha256": run.sha256})
