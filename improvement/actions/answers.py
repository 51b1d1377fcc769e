"""The adviser's answer to a submitted update: read, asked about, seen otherwise; and the council's reply.

The LGA's advisers answer updates within their reach or of cases that they advise; what they say is read by the council
and the LGA alone. Rule: section 5, points 6 and 7; section 7.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions import Refused, Stale
from cases.identifiers import refuse_identifiers
from history.actions import record_event
from improvement.models import AdviserStatus, Delivery, Question, Update, UpdateRead


@transaction.atomic
def read_update(update, *, by, on):
    """Record that the adviser has read a submitted update, and return the UpdateRead: the first one, where there is.

    Raises PermissionDenied.
    """
    update = _locked(update, by)
    read, is_new = UpdateRead.objects.get_or_create(update=update, defaults={"by_id": by.person_id, "on": on})
    if is_new:
        _record("update-read", update, update, by, on)
    return read


@transaction.atomic
def ask(update, *, text, priority=None, action=None, by, on):
    """Ask the council something about a submitted update, and return the Question.

    `priority`, `action`: what of the plan it is about; neither, the update as a whole. Raises Refused and
    PermissionDenied.
    """
    update = _latest(update, by)
    if priority is not None and not update.version.priorities.filter(priority=priority).exists():
        raise Refused("Select a priority of this plan", "about")
    if action is not None and not update.version.actions.filter(action=action).exists():
        raise Refused("Select an action of this plan", "about")
    question = Question.objects.create(
        update=update,
        priority=priority,
        action=action,
        text=_written(text, "Enter your question", "text"),
        asked_by_id=by.person_id,
        asked_on=on,
    )
    _record("update-questioned", question, update, by, on)
    return question


@transaction.atomic
def answer_question(question, *, text, by, on, revision):
    """Answer, for the council, what its adviser asked, or answer anew, and return the Question.

    Raises Refused, Stale and PermissionDenied.
    """
    question = (
        Question.objects.select_for_update(of=("self",))
        .select_related("update__plan__council", "update__plan__case")
        .get(pk=question.pk)
    )
    if not by.may_at(Ability.DRAFT_PLANS, question.update.plan.council_id):
        raise PermissionDenied
    if question.revision != revision:
        raise Stale(question)
    question.answer = _written(text, "Enter your answer", "text")
    question.answered_by_id = by.person_id
    question.answered_on = on
    question.revision += 1
    question.save(update_fields=["answer", "answered_by", "answered_on", "revision"])
    _record("question-answered", question, question.update, by, on)
    return question


@transaction.atomic
def give_status(update, *, priority, delivery, note="", by, on, revision=None):
    """Give the adviser's own view of a priority in a period, or change it, and return the AdviserStatus.

    `delivery`: of `Delivery`. `revision`: of the status seen, None where none was. Raises Refused, Stale and
    PermissionDenied. Rule: section 5, point 7.
    """
    update = _latest(update, by)
    if delivery not in Delivery.values:
        raise Refused("Select how the priority stands", "delivery")
    if not update.version.priorities.filter(priority=priority).exists():
        raise Refused("Select a priority of this plan", "priority")
    refuse_identifiers(note=note)
    status = AdviserStatus.objects.select_for_update().filter(update=update, priority=priority).first()
    if status is None:
        status = AdviserStatus(update=update, priority=priority)
    elif status.revision != revision:
        raise Stale(status)
    else:
        status.revision += 1
    status.delivery, status.note = delivery, note.strip()
    status.by_id, status.on = by.person_id, on
    status.save()
    _record("adviser-status-given", status, update, by, on)
    return status


def _locked(update, by):
    """Return the submitted update, locked against another's answer. PermissionDenied outside the adviser's reach."""
    answerable = Update.objects.answerable_by(by).select_for_update(of=("self",))
    update = answerable.select_related("plan__council", "plan__case", "version").filter(pk=update.pk).first()
    if update is None:
        raise PermissionDenied
    return update


def _latest(update, by):
    update = _locked(update, by)
    if not Update.objects.filter(pk=update.pk).latest_revisions().exists():
        raise Refused("The council has corrected this update since: answer the correction")
    return update


def _written(text, missing, field):
    text = text.strip()
    if not text:
        raise Refused(missing, field)
    refuse_identifiers(**{field: text})
    return text


def _record(kind, subject, update, by, on):
    plan = update.plan
    record_event(
        kind,
        by=by,
        on=on,
        subject=subject,
        council_code=plan.council.la_code,
        case_reference=plan.case.reference if plan.case else "",
        data={"plan": plan.reference, "period_on": update.period_on.isoformat()},
    )
