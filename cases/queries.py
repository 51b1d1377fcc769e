"""Reads that join more than one model."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Grant, Person
from accounts.permissions import ABILITIES, Ability, Role, Scope
from cases.models import Assignment, BankHoliday, Milestone
from cases.rules import WorkingCalendar
from councils.models import Council, RegionMembership
from history.models import Event

# Told to the LGA alone, wherever a council's events are told. Rule: section 7.
EVENTS_OF_THE_LGA_ALONE = (
    "contact-logged",
    "contact-changed",
    "contact-followed-up",
    "contact-deleted",
    "approach-logged",
    "approach-changed",
    "approach-deleted",
    "council-allocated",
    "case-assigned",
)

# Told on the inspection's own page to its readers alone, after its publication too. Rule: section 2, point 5.
EVENTS_OF_ITS_READERS_ALONE = ("reader-named", "reader-struck")


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
    grants = Grant.objects.in_force(today).filter(
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


@dataclass(frozen=True)
class Advisers:
    """The LGA's advisers on a day, by the grants that make them so."""

    grants: list[Grant]

    @property
    def people(self):
        """Return each of them once, by name."""
        return list(dict.fromkeys(grant.person for grant in self.grants))

    def of(self, council_pk, region_pk):
        """Return those whose role reaches a council in a region, by name."""
        reaching = (
            grant.person
            for grant in self.grants
            if (grant.council_id is not None and grant.council_id == council_pk)
            or (grant.region_id is not None and grant.region_id == region_pk)
        )
        return list(dict.fromkeys(reaching))


def advisers_on(on):
    """Return the `Advisers` of `on`: who may sign in and advises or leads a region for the LGA. One query."""
    roles = [Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER]
    grants = Grant.objects.in_force(on).filter(role__in=roles, person__is_active=True)
    return Advisers(list(grants.select_related("person").order_by("person__name", "person__email", "pk")))


def council_of_deleted_contact(pk):
    """Return the council whose contact had the number `pk` until it was deleted; None where there was none."""
    deleted = Event.objects.filter(kind="contact-deleted", subject_kind="contact", subject_id=pk)
    return Council.objects.filter(la_code__in=deleted.values("council_code")).first()


def contacts_deleted(council, limit=10):
    """Return the latest deletions of contacts with a council, as events: the day, the channel and the reason."""
    return list(Event.objects.filter(kind="contact-deleted", council_code=council.la_code)[:limit])
