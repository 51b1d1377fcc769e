"""How a milestone stands on a day, and whose work it is."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from accounts.permissions import Role, Scope
from accounts.viewer import HeldGrant, Viewer
from cases.rules import WorkingCalendar
from dashboards.rules import Standing, is_own, standing, told_on

ON = date(2026, 11, 20)  # a Friday
REGION, COUNCIL, PERSON = 7, 70, 700
CALENDAR = WorkingCalendar({date(2026, 1, 1): "New Year's Day", date(2027, 12, 27): "Christmas Day"})
LEVELS = [
    SimpleNamespace(days=1, tells="principal-adviser", tells_after_working_days=2),
    SimpleNamespace(days=28, tells="national-lead", tells_after_working_days=0),
]


def milestone(days, **facts):
    """A binding milestone owed by the council, due `days` after ON."""
    shape = {
        "due_then": None if days is None else ON + timedelta(days=days),
        "paused_then": False,
        "is_binding": True,
        "force": "agreed",
        "opens_on": None,
        "soon_days": 14,
        "owes": "council",
        "assignee_id": None,
        "region_pk": REGION,
        "council_id": COUNCIL,
        "of_plan": False,
    }
    return SimpleNamespace(**shape | facts)


def viewer(role, scope, **reach):
    return Viewer(person=SimpleNamespace(pk=PERSON), today=ON, grants=(HeldGrant(role, scope, **reach),))


@pytest.mark.parametrize(
    ("days", "stands"),
    [
        (-1, Standing.OVERDUE),
        (0, Standing.DUE_SOON),
        (14, Standing.DUE_SOON),
        (15, Standing.LATER),
        (None, Standing.UNDATED),
    ],
)
def test_a_binding_milestone_is_overdue_from_the_day_after_it_was_due(days, stands):
    assert standing(milestone(days), ON) is stands


def test_a_window_passes_and_an_aim_becomes_an_offer_but_neither_is_overdue():
    assert standing(milestone(-1, force="window", is_binding=False), ON) is Standing.WINDOW_PASSED
    assert standing(milestone(-1, force="aim", is_binding=False), ON) is Standing.OFFER_DUE


def test_a_window_is_open_from_its_first_day():
    window = {"force": "window", "is_binding": False}
    assert standing(milestone(60, opens_on=ON, **window), ON) is Standing.WINDOW_OPEN
    assert standing(milestone(60, opens_on=ON + timedelta(days=1), **window), ON) is Standing.LATER


def test_a_paused_milestone_is_never_overdue():
    assert standing(milestone(-30, paused_then=True), ON) is Standing.PAUSED


def test_what_is_assigned_to_a_person_is_theirs_whatever_their_role():
    adviser = viewer(Role.LGA_ADVISER, Scope.REGION, region_id=REGION)
    assert is_own(milestone(3, assignee_id=PERSON), adviser)
    assert not is_own(milestone(3, assignee_id=PERSON + 1), adviser)


def test_council_people_own_what_their_own_council_owes_and_nothing_else():
    approver = viewer(Role.COUNCIL_APPROVER, Scope.COUNCIL, council_id=COUNCIL)
    assert is_own(milestone(3), approver)
    assert not is_own(milestone(3, owes="dfe"), approver)
    assert not is_own(milestone(3, council_id=COUNCIL + 1), approver)


def test_what_the_lga_owes_is_the_principal_advisers_own():
    adviser = viewer(Role.PRINCIPAL_ADVISER, Scope.REGION, region_id=REGION)
    assert is_own(milestone(3, owes="lga"), adviser)
    assert not is_own(milestone(3), adviser)


def test_a_principal_adviser_is_told_two_working_days_after_it_fell_overdue():
    adviser = viewer(Role.PRINCIPAL_ADVISER, Scope.REGION, region_id=REGION)
    due_wednesday = milestone(-2)  # fell overdue on Thursday 19: Friday is one working day, Monday two
    assert told_on(due_wednesday, adviser, LEVELS, CALENDAR) == date(2026, 11, 23)


def test_the_national_lead_is_told_when_it_is_28_days_overdue():
    lead = viewer(Role.NATIONAL_LEAD, Scope.ENGLAND)
    assert told_on(milestone(-28), lead, LEVELS, CALENDAR) == ON
    assert told_on(milestone(-27), lead, LEVELS, CALENDAR) == ON + timedelta(days=1)


def test_lateness_in_another_region_or_of_what_does_not_bind_tells_nobody():
    adviser = viewer(Role.PRINCIPAL_ADVISER, Scope.REGION, region_id=REGION + 1)
    assert told_on(milestone(-40), adviser, LEVELS, CALENDAR) is None
    here = viewer(Role.PRINCIPAL_ADVISER, Scope.REGION, region_id=REGION)
    assert told_on(milestone(-40, force="window", is_binding=False), here, LEVELS, CALENDAR) is None


def test_where_bank_holidays_are_not_known_somebody_is_told_at_once_rather_than_never():
    adviser = viewer(Role.PRINCIPAL_ADVISER, Scope.REGION, region_id=REGION)
    assert told_on(milestone(-2), adviser, LEVELS, WorkingCalendar({})) == date(2026, 11, 19)


def test_an_action_of_a_plan_is_its_assignees_alone_and_tells_nobody_else():
    approver = viewer(Role.COUNCIL_APPROVER, Scope.COUNCIL, council_id=COUNCIL)
    assert not is_own(milestone(-3, of_plan=True), approver)
    assert is_own(milestone(-3, of_plan=True, assignee_id=PERSON), approver)
    lead = viewer(Role.NATIONAL_LEAD, Scope.ENGLAND)
    assert told_on(milestone(-28, of_plan=True), lead, LEVELS, CALENDAR) is None
