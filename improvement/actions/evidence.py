"""Attaching what shows that an action was done and made a difference, and taking it away again."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions.documents import forget_upload, keep_document
from cases.identifiers import refuse_identifiers
from cases.models import Document
from cases.refusals import Refused
from history.actions import record_event
from improvement.models import Action, Evidence, Update

LONGEST_NOTE = 500


@transaction.atomic
def attach(action, *, document=None, upload=None, url="", kind, title="", note="", update=None, by, on):
    """Attach a file (Django's `File`), a link or a kept `Document` to an action, and return the Evidence.

    `kind`: one of `Evidence.Kind`. With `update`, one of the action's plan that is not yet submitted, it is read with
    that update; without, with the plan. Contributors, approvers and the action's own owner may (else PermissionDenied).
    Raises Refused on the field that is wrong. Rule: section 5, point 4.
    """
    action = _reported(action, by)
    note = note.strip()
    if kind not in Evidence.Kind.values:
        raise Refused("Say what kind of evidence it is: measures, a case audit, or somebody’s voice.", "kind")
    if len(note) > LONGEST_NOTE:
        raise Refused(f"The note must be {LONGEST_NOTE} characters or fewer.", "note")
    refuse_identifiers(note=note)
    if update is not None:
        update = _still_open(update, action)
    kept = None
    try:
        if document is None:
            document = kept = keep_document(
                action.plan.council, upload=upload, url=url, title=title, by=by, on=on
            )
        elif not _may_use(document, action, by):
            raise PermissionDenied
        _refuse_again(document, action)
        evidence = Evidence.objects.create(
            action=action,
            document=document,
            update=update,
            kind=kind,
            note=note,
            attached_by_id=by.person_id,
            attached_on=on,
        )
        _record("evidence-attached", evidence, by, on)
    except BaseException:
        forget_upload(kept)
        raise
    return evidence


@transaction.atomic
def remove(evidence, *, by, on):
    """Take evidence away. Its file is deleted once nothing else holds it; that it was there stays on record.

    Contributors and approvers may remove any of their council's, an action's owner what they attached. Whatever the
    update it was attached to: something about a child that went up by mistake must be able to go.
    Raises PermissionDenied, and Refused where it has been removed already.
    """
    evidence = (
        Evidence.objects.visible_to(by)
        .select_related("document", "action__plan__council", "action__plan__case", "update")
        .filter(pk=evidence.pk)
        .first()
    )
    if evidence is None or not may_remove(evidence, by):
        raise PermissionDenied
    _locked_action(evidence.action_id)
    if not Evidence.objects.filter(pk=evidence.pk, removed_on=None).update(removed_on=on):
        raise Refused("It has been removed already.")
    evidence.removed_on = on
    _record("evidence-removed", evidence, by, on)
    document = evidence.document
    if not document.evidence.filter(removed_on=None).exists() and not _held_otherwise(document):
        transaction.on_commit(lambda: forget_upload(document))
    return evidence


def may_remove(evidence, viewer, *, drafts=None):
    """Say whether the viewer may remove it; `drafts` says whether they draft for its council, where that is known."""
    if drafts is None:
        drafts = viewer.may_at(Ability.DRAFT_PLANS, evidence.action.plan.council_id)
    if drafts:
        return True
    own = viewer.person_id is not None and evidence.attached_by_id == viewer.person_id
    return own and Action.objects.reportable_by(viewer).filter(pk=evidence.action_id).exists()


def _reported(action, by):
    if not Action.objects.reportable_by(by).filter(pk=action.pk).exists():
        raise PermissionDenied
    return _locked_action(action.pk)


def _locked_action(pk):
    Action.objects.select_for_update().get(pk=pk)
    return Action.objects.select_related("plan__council", "plan__case").get(pk=pk)


def _still_open(update, action):
    update = Update.objects.select_for_update().filter(pk=update.pk, plan=action.plan_id).first()
    if update is None:
        raise PermissionDenied
    if update.standing == Update.Standing.SUBMITTED:
        raise Refused(
            "This update has been submitted and no longer changes. Attach it to the next one.", "update"
        )
    return update


def _may_use(document, action, by):
    same_council = document.council_id == action.plan.council_id
    return same_council and Document.objects.visible_to(by).filter(pk=document.pk).exists()


def _refuse_again(document, action):
    """Refuse what the action holds already: a press too many, or the same file under another name."""
    held = Evidence.objects.filter(action=action, removed_on=None)
    same = held.filter(document=document) | (
        held.filter(document__digest=document.digest)
        if document.digest
        else held.filter(document__url=document.url)
    )
    if before := same.select_related("document").first():
        what = "file" if document.digest else "link"
        raise Refused(
            f"This {what} is attached to the action already, as “{before.document.title}”. Nothing was added.",
            "upload" if document.digest else "url",
        )


def _held_otherwise(document):
    return any(
        relation.related_model.objects.filter(**{relation.field.name: document.pk}).exists()
        for relation in Document._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and relation.related_model is not Evidence
    )


def _record(kind, evidence, by, on):
    plan = evidence.action.plan
    record_event(
        kind,
        by=by,
        on=on,
        subject=evidence,
        council_code=plan.council.la_code,
        case_reference=plan.case.reference if plan.case else "",
        data={
            "plan": plan.reference,
            "action": evidence.action_id,
            "kind": evidence.kind,
            **({"period": f"{evidence.update.period_on:%Y-%m}"} if evidence.update else {}),
        },
    )
