"""Answering whether an episode that the published record alone makes is open."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions import Refused
from cases.models import Case
from history.actions import record_event
from improvement.actions.clocks import keep_case_clocks
from improvement.models import Intervention


@transaction.atomic
def confirm_episode(case, *, by, on):
    """Say that the episode is open. From `on` it counts as an intervention, and its clocks run.

    Raises PermissionDenied outside the person's reach, Refused where it has been answered already.
    """
    case = _to_answer(case, by)
    case.standing, case.entered_on = Case.Standing.OPEN, on
    _save(case)
    Intervention.objects.filter(case=case).update(confirmed_on=on)
    _record("episode-confirmed", case, by, on)
    keep_case_clocks([case.council_id], by=by, on=on)
    return case


@transaction.atomic
def reject_episode(case, *, by, on):
    """Say that the episode is not open. Its rows stand on the council's timeline; it has never counted."""
    case = _to_answer(case, by)
    case.standing, case.closed_on = Case.Standing.WITHDRAWN, on
    _save(case)
    _record("episode-rejected", case, by, on)
    return case


def _to_answer(case, by):
    if not by.may_at(Ability.CONFIRM_EPISODES, case.council_id):
        raise PermissionDenied
    current = Case.objects.select_related("council").select_for_update(of=("self",)).get(pk=case.pk)
    if current.standing != Case.Standing.UNCONFIRMED:
        raise Refused("Somebody has answered this already")
    return current


def _save(case):
    case.revision += 1
    case.save()


def _record(kind, case, by, on):
    record_event(
        kind,
        by=by,
        on=on,
        subject=case,
        council_code=case.council.la_code,
        case_reference=case.reference,
    )
