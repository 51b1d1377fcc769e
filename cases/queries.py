"""Reads that join more than one model."""

from collections import defaultdict

from django.db.models import Q

from accounts.models import Grant, Person
from accounts.permissions import ABILITIES, Ability, Scope
from cases.models import Assignment, BankHoliday, Milestone
from cases.rules import WorkingCalendar
from councils.models import RegionMembership


def working_calendars():
    """Return {calendar slug: WorkingCalendar} of every bank holiday on record."""
    holidays = defaultdict(dict)
    for calendar, day, name in BankHoliday.objects.values_list("calendar", "on", "name"):
        holidays[calendar][day] = name
    return defaultdict(
        lambda: WorkingCalendar({}), {slug: WorkingCalendar(days) for slug, days in holidays.items()}
    )


def assignable_people(milestone, today):
    """Return the active people who may see `milestone` today, and so may be asked to see to it."""
    roles = [role for role, abilities in ABILITIES.items() if Ability.SEE_CASES in abilities]
    regions = RegionMembership.objects.on(today).filter(council=milestone.council_id).values("region")
    grants = Grant.objects.on(today).filter(
        Q(scope=Scope.ENGLAND) | Q(council=milestone.council_id) | Q(region__in=regions), role__in=roles
    )
    assigned = Assignment.objects.on(today).filter(case=milestone.case_id)
    return Person.objects.filter(
        Q(pk__in=grants.values("person")) | Q(pk__in=assigned.values("person")), is_active=True
    ).order_by("name")


def milestone_history(milestone):
    """Return how the milestone's date came to be: its changes, pauses, answers and flags, and who made them."""
    changes = list(milestone.changes.select_related("made_by"))
    return {
        "promised": changes[0].old_due_on if changes else milestone.due_on,
        "changes": changes,
        "pauses": milestone.pauses.select_related("made_by").order_by("from_on"),
        "answers": milestone.answers.select_related("made_by"),
        "flags": milestone.flags.order_by("raised_on", "pk"),
    }


def milestones_to_confirm(case, viewer, *, sent=()):
    """Return the milestones that `case` has to confirm today and `viewer` may answer for, the earliest due first.

    With them those of its milestones whose numbers are in `sent`, however they stand by now.
    """
    theirs = Milestone.objects.visible_to(viewer).answerable_by(viewer).filter(case=case)
    waiting = theirs.awaiting_confirmation(viewer.today).values("pk")
    return theirs.filter(Q(pk__in=waiting) | Q(pk__in=sent)).select_related("rule").order_by("due_on", "pk")
