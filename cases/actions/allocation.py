"""Who of the LGA's advisers looks after a council, and who is on its case. For the LGA alone."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Person
from accounts.permissions import Ability, Role
from cases.actions.milestones import Refused
from cases.models import Allocation, Assignment, Case
from cases.queries import advisers_on
from councils.models import Council, RegionMembership
from history.actions import record_event

# Where nobody has read who holds it, whoever does may be replaced.
ANYBODY = object()


class Reallocated(Exception):
    """Somebody else has changed meanwhile who it is. `now` is the person, or None."""

    def __init__(self, now):
        super().__init__("Somebody else has allocated it meanwhile.")
        self.now = now


class NotAllocated(Exception):
    """Some of several allocations can't be saved, so none is.

    `problems` is {what it was about, a Council or a Case: Reallocated or Refused}.
    """

    def __init__(self, problems):
        super().__init__(f"{len(problems)} allocations can't be saved.")
        self.problems = problems


@dataclass(frozen=True)
class Wanted:
    """Who is to look after a council or be on a case (`of`), instead of whom, as the person who asks has read."""

    of: Council | Case
    person: Person | None
    instead_of: Person | None


@transaction.atomic
def allocate(*, council, person, by, on, instead_of=ANYBODY):
    """Let `person`, or nobody (None), look after `council` from `on`; return the Allocation, or None.

    An allocation brings no sight: only somebody whose role reaches the council can be given it. Raises
    PermissionDenied, Refused, and Reallocated where somebody other than `instead_of` looks after it by now.
    """
    _must_allocate(council.pk, by)
    # Two people allocating at once queue on the council.
    council = Council.objects.select_for_update(no_key=True).get(pk=council.pk)
    live = Allocation.objects.filter(council=council, until_on=None).select_related("person").first()
    held_by = live.person if live else None
    _refuse_changed(held_by, instead_of)
    if person == held_by:
        return live
    if person is not None and person not in advisers_on(on).of(council.pk, _region_of(council, on)):
        raise Refused("No role of this person as an adviser reaches the council today", "person")
    if live:
        live.until_on = on
        live.save(update_fields=["until_on"])
    made = Allocation.objects.create(council=council, person=person, from_on=on) if person else None
    _record("council-allocated", council, council.la_code, person, held_by, by, on)
    return made


@transaction.atomic
def assign_case(*, case, person, by, on, instead_of=ANYBODY):
    """Put `person`, or nobody (None), on `case` as its LGA adviser from `on`; return the Assignment, or None.

    It brings sight of that case to whoever advises for the LGA anywhere. Raises as `allocate` does.
    """
    _must_allocate(case.council_id, by)
    case = Case.objects.select_related("council").select_for_update(of=("self",)).get(pk=case.pk)
    if case.closed_on is not None:
        raise Refused("The case is closed", "person")
    live = (
        Assignment.objects.filter(case=case, role=Role.LGA_ADVISER, until_on=None)
        .select_related("person")
        .first()
    )
    held_by = live.person if live else None
    _refuse_changed(held_by, instead_of)
    if person == held_by:
        return live
    if person is not None and person not in advisers_on(on).people:
        raise Refused("This person does not advise for the LGA today", "person")
    if live:
        _end(live, on)
    made = (
        Assignment.objects.create(case=case, person=person, role=Role.LGA_ADVISER, from_on=on)
        if person
        else None
    )
    _record("case-assigned", case, case.council.la_code, person, held_by, by, on, reference=case.reference)
    return made


@transaction.atomic
def allocate_all(wanted, *, by, on):
    """Do several allocations at once, all or none. Raises NotAllocated with every problem found."""
    problems = {}
    # In one order, so that two people allocating at once queue instead of waiting on each other's rows.
    for each in sorted(wanted, key=lambda each: (isinstance(each.of, Case), each.of.pk)):
        asked = {"person": each.person, "instead_of": each.instead_of, "by": by, "on": on}
        try:
            if isinstance(each.of, Case):
                assign_case(case=each.of, **asked)
            else:
                allocate(council=each.of, **asked)
        except (Reallocated, Refused) as problem:
            problems[each.of] = problem
    if problems:
        raise NotAllocated(problems)


def _must_allocate(council_id, by):
    if not by.may_at(Ability.ALLOCATE, council_id):
        raise PermissionDenied


def _refuse_changed(held_by, instead_of):
    if instead_of is not ANYBODY and held_by != instead_of:
        raise Reallocated(held_by)


def _region_of(council, on):
    """Return the number of the region whose advisers reach the council on `on`, or None."""
    held = RegionMembership.objects.on_or_last(on).filter(council=council, scheme=RegionMembership.LGA)
    return held.values_list("region", flat=True).first()


def _end(assignment, on):
    """End it on `on`; one that held for no whole day is taken back, as the event remembers."""
    if assignment.from_on >= on:
        assignment.delete()
    else:
        assignment.until_on = on
        assignment.save(update_fields=["until_on"])


def _record(kind, subject, code, person, former, by, on, *, reference=""):
    record_event(
        kind,
        by=by,
        on=on,
        subject=subject,
        council_code=code,
        case_reference=reference,
        data={"person": person.pk if person else None, "former": former.pk if former else None},
    )
