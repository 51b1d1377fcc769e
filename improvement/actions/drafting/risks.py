"""The risks to a draft, scored from 1 to 5 both ways."""

from django.db import transaction

from cases.actions import Refused
from improvement.actions.drafting.editing import (
    lock_draft,
    lock_row,
    move,
    next_place,
    number_from_one,
    record,
    save,
    write,
)
from improvement.models import Risk

LABELS = {
    "text": "the risk",
    "likelihood": "the likelihood",
    "impact": "the impact",
    "mitigation": "what is done about it",
    "owner_post": "the post of the owner",
}


@transaction.atomic
def add_risk(version, *, text, by, on, **given):
    """Add a risk after the others and return it. `given`: any of `LABELS`. Raises PermissionDenied and Refused."""
    version = lock_draft(version, by)
    risk = Risk(version=version, place=next_place(version.risks))
    _write(risk, {"text": text, **given})
    risk.save()
    record("draft-risk-added", version, risk, by, on)
    return risk


@transaction.atomic
def save_risk(risk, *, revision, by, on, **given):
    """Change what is given, of `LABELS`. Raises PermissionDenied, Refused and Stale."""
    risk, version = lock_row(risk, by, revision)
    changed = _write(risk, given)
    if changed:
        save(risk)
        record("draft-risk-saved", version, risk, by, on, fields=sorted(changed))
    return risk


@transaction.atomic
def move_risk(risk, *, place, revision=None, by, on):
    return move(
        risk, lambda one: one.version.risks.all(), place, "draft-risk-moved", by=by, on=on, revision=revision
    )


@transaction.atomic
def remove_risk(risk, *, revision, by, on):
    risk, version = lock_row(risk, by, revision)
    record("draft-risk-removed", version, risk, by, on)
    risk.delete()
    number_from_one(version.risks.all())


def _write(risk, given):
    changed = write(risk, given, LABELS)
    for name in ("likelihood", "impact"):
        score = getattr(risk, name)
        if score is not None and score not in range(1, 6):
            raise Refused(f"The {name} must be a number from 1 to 5", name)
    return changed
