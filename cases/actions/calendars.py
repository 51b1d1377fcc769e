"""Bank holidays: adding one moves the open milestones that it falls within, with the change recorded."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions.clocks import take_correction
from cases.models import BankHoliday, ClockRule, DateChange, Milestone, Unit
from cases.queries import working_calendars
from cases.rules import BeyondTheTable, reckon
from history.actions import record_event


def add_bank_holiday(day, name, *, calendar="england-and-wales", by, on):
    """Add one bank holiday, as on 10 September 2022 for the 19th. Return the milestones that it moved.

    Needs the ability to keep the field's reference data (PermissionDenied).
    """
    return _add({day: name}, calendar, by=by, on=on)[1]


def add_bank_holidays(days, *, calendar="england-and-wales", by, on):
    """Add those of `days` ({day: name}) that are missing, and return the days added."""
    return _add(days, calendar, by=by, on=on)[0]


@transaction.atomic
def _add(days, calendar, *, by, on):
    if not by.may(Ability.MANAGE_REFERENCE_DATA):
        raise PermissionDenied
    present = set(BankHoliday.objects.filter(calendar=calendar).values_list("on", flat=True))
    added = sorted(set(days) - present)
    if not added:
        return [], []
    BankHoliday.objects.bulk_create(BankHoliday(calendar=calendar, on=day, name=days[day]) for day in added)
    moved = _count_again(calendar, by=by, on=on)
    record_event(
        "bank-holidays-added",
        by=by,
        on=on,
        data={"calendar": calendar, "days": [day.isoformat() for day in added], "moved": len(moved)},
    )
    return added, moved


def _count_again(calendar, *, by, on):
    """Recompute the open milestones counted in working days of `calendar`, and what runs from their dates."""
    table = working_calendars()[calendar]
    counted = Milestone.objects.select_for_update(of=("self",)).filter(
        closed_on=None, rule__calendar=calendar, rule__unit=Unit.WORKING_DAYS, started_on__isnull=False
    )
    moved = []
    for milestone in counted.select_related("rule", "council", "case"):
        before = milestone.due_on
        if _recount(milestone, milestone.started_on, table, by=by, on=on):
            moved.append(milestone)
            moved += _shift_what_runs_from(milestone, before, table, by=by, on=on)
    return moved


def _recount(milestone, started_on, table, *, by, on):
    """Compute the date of `milestone` anew from `started_on`. Return whether it changed."""
    rule = milestone.rule
    try:
        computed = reckon(started_on, rule.length, rule.unit, table, times=milestone.series_no)
    except BeyondTheTable:
        return False
    wanted = Milestone(
        started_on=started_on,
        started_by=milestone.started_by,
        computed_due=computed,
        opens_on=milestone.opens_on,
    )
    return take_correction(milestone, wanted, reason=DateChange.Reason.BANK_HOLIDAY, by=by, on=on)


def _shift_what_runs_from(milestone, before, table, *, by, on):
    """Move what runs from the due date of `milestone`, where that date moved."""
    if before is None or milestone.due_on == before:
        return []
    followers = Milestone.objects.select_for_update(of=("self",)).filter(
        closed_on=None,
        council=milestone.council_id,
        case=milestone.case_id,
        source=milestone.source_id,
        started_on=before,
        rule__starts_from=ClockRule.StartsFrom.MILESTONE,
    )
    return [
        follower
        for follower in followers.select_related("rule", "council", "case")
        if milestone.rule.slug in follower.rule.applies_when.get("rules", [])
        and _recount(follower, milestone.due_on, table, by=by, on=on)
    ]
