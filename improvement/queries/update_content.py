"""What a submitted update says, as plain values: frozen with a digest, and what its readers are shown."""

from django.db.models import Q

from improvement.models import Delivery, Evidence, Impact, Update
from improvement.rules.updates import period_end, period_words


def content_of(update, asked):
    """Return what an update says, read as `asked`: JSON values, dates in ISO form; a draft as far as it is filled in.

    One query, for the evidence attached to its actions.
    """
    plan = update.plan
    evidence = {}
    # What goes with another update that is still filled in goes with that one.
    rows = Evidence.objects.filter(
        Q(update=None) | Q(update=update) | Q(update__standing=Update.Standing.SUBMITTED),
        action__in=[action.key for action in asked.actions],
        removed_on=None,
    )
    for row in rows.select_related("document"):
        told = {"title": row.document.title, "kind": row.kind, "document": row.document_id}
        evidence.setdefault(row.action_id, []).append(told)
    return {
        "plan": plan.reference,
        "title": plan.title,
        "council": plan.council.name,
        "scale": plan.scale,
        "version": update.version.number,
        "period_on": update.period_on.isoformat(),
        "period_end": period_end(update.period_on, plan.months).isoformat(),
        "period": period_words(update.period_on, plan.months),
        "number": update.number,
        "due_on": update.due_on.isoformat(),
        "submitted_on": _iso(update.submitted_on),
        "overall": update.overall,
        "decisions_needed": update.decisions_needed,
        "priorities": [
            {
                "key": priority.key,
                "number": priority.number,
                "title": priority.title,
                "delivery": priority.delivery,
                "delivery_words": _label(Delivery, priority.delivery),
                "text": priority.text,
                "actions": [_action(action, evidence.get(action.key, [])) for action in priority.actions],
                "measures": [_measure(measure) for measure in priority.measures],
            }
            for priority in asked.priorities
        ],
        "measures": [_measure(measure) for measure in asked.measures],
    }


def _action(action, evidence):
    said = action.said
    return {
        "key": action.key,
        "number": action.number,
        "text": action.text,
        "owner": action.owner,
        "due_on": _iso(action.due_on),
        "delivery": said.delivery,
        "delivery_words": _label(Delivery, said.delivery),
        "percent": said.percent,
        "impact": said.impact,
        "impact_words": _label(Impact, said.impact),
        "done": said.done,
        "difference": said.difference,
        "reason": said.reason,
        "recovery": said.recovery,
        "new_due_on": _iso(said.new_due_on),
        "date_reason": said.date_reason,
        "unchanged": said.unchanged,
        "by_sheet": action.by_sheet,
        "evidence": evidence,
    }


def _measure(measure):
    answer = measure.answer
    return {
        "key": measure.key,
        "name": measure.name,
        "unit": measure.unit,
        "target": _text(measure.target),
        "value": _text(answer.value),
        "reading_on": _iso(answer.reading_on),
        "expected_on": _iso(answer.expected_on),
        "note": answer.note,
        "before": _text(measure.latest),
        "before_on": _iso(measure.latest_on),
    }


def _label(choices, value):
    return choices(value).label if value else ""


def _iso(day):
    return day.isoformat() if day else None


def _text(figure):
    return None if figure is None else format(figure.normalize(), "f")
