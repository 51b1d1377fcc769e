"""Whose work a milestone is, and how it stands on a day. Pure: facts and a day in, answers out."""

from datetime import timedelta
from enum import StrEnum

from accounts.permissions import Role, Scope
from cases.rules import BeyondTheTable

COUNCIL, DFE, COMMISSIONER, LGA = "council", "dfe", "commissioner", "lga"
WINDOW = "window"

# What a role's own side owes is that role's work. Of what others owe, the levels of lateness tell an adviser.
OWN_SIDE = {
    Role.COUNCIL_CONTRIBUTOR: {COUNCIL},
    Role.COUNCIL_APPROVER: {COUNCIL},
    Role.COUNCIL_LEADERSHIP: {COUNCIL},
    Role.DFE_ADVISER: {DFE, COMMISSIONER},
    Role.PRINCIPAL_ADVISER: {LGA},
}


class Standing(StrEnum):
    """How an open milestone stands on a day. Only a binding one is ever overdue; a window passes, an aim is due."""

    PAUSED = "paused"
    UNDATED = "undated"
    OVERDUE = "overdue"
    WINDOW_PASSED = "window-passed"
    OFFER_DUE = "offer-due"
    WINDOW_OPEN = "window-open"
    DUE_SOON = "due-soon"
    LATER = "later"


def standing(milestone, on):
    """Return how an open `milestone` stood on `on`, annotated with its due date and pause as at that day.

    `soon_days` is how many days before its due date a milestone is due soon, that day included.
    """
    due = milestone.due_then
    if milestone.paused_then:
        return Standing.PAUSED
    if due is None:
        return Standing.UNDATED
    if due < on:
        return _past(milestone)
    if milestone.force == WINDOW and milestone.opens_on and milestone.opens_on <= on:
        return Standing.WINDOW_OPEN
    return Standing.DUE_SOON if (due - on).days <= milestone.soon_days else Standing.LATER


def _past(milestone):
    if milestone.is_binding:
        return Standing.OVERDUE
    return Standing.WINDOW_PASSED if milestone.force == WINDOW else Standing.OFFER_DUE


def is_own(milestone, viewer):
    """Say whether a milestone is the viewer's to meet: assigned to them, or owed by the side they are on.

    An action of a plan is its assignee's alone: to the rest of its council it is one of a count.
    """
    if viewer.person_id and milestone.assignee_id == viewer.person_id:
        return True
    return not milestone.of_plan and any(
        milestone.owes in OWN_SIDE.get(grant.role, ()) and _covers(grant, milestone)
        for grant in viewer.grants
    )


def told_on(milestone, viewer, levels, calendar):
    """Return the first day on which lateness makes a milestone the viewer's work, or None where it never does.

    Each level in `levels` begins `days` after the due date and tells one role, some working days later. An action of
    a plan tells only the person assigned: it is raised like the rest and counted apart. Rule: section 3, overdue.
    """
    if milestone.of_plan:
        return None
    days = [
        _later(milestone.due_then + timedelta(days=level.days), level.tells_after_working_days, calendar)
        for level in levels
        if milestone.is_binding
        and milestone.due_then
        and any(grant.role == level.tells and _covers(grant, milestone) for grant in viewer.grants)
    ]
    return min(days, default=None)


def _later(day, working_days, calendar):
    """Return the working day so many after `day`; `day` itself where bank holidays aren't known for it."""
    try:
        return calendar.add_working_days(day, working_days)
    except BeyondTheTable:
        return day


def _covers(grant, milestone):
    """Say whether a grant reaches the milestone's council; `region_pk` is its region on the viewer's day."""
    if grant.scope == Scope.REGION:
        return grant.region_id == milestone.region_pk
    return grant.scope == Scope.ENGLAND or grant.council_id == milestone.council_id
