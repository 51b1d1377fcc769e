"""Which adviser looks after which council, and who is on its case: what the LGA alone reads."""

from dataclasses import dataclass

from accounts.models import Person
from accounts.permissions import Ability, Role
from cases.models import Allocation, Assignment, Case
from cases.queries import advisers_on
from councils.models import Council
from councils.statements import put_together_once


@dataclass
class Allocated:
    """A council with who looks after it, its case if it has one, and who is on that; and who may be chosen."""

    council: Council
    adviser: Person | None
    case: Case | None
    case_adviser: Person | None
    may_look_after: list[Person]
    may_be_on_case: list[Person]


def allocated_in(region, *, viewer):
    """Return an `Allocated` for each council of `region` today that the viewer may allocate, by name. Five queries."""
    on = viewer.today
    reach = viewer.council_filter(Ability.ALLOCATE, "pk")
    councils = list(Council.objects.on(on).in_region(region, on).filter(reach).order_by("name", "la_code"))
    allocations = Allocation.objects.filter(council__in=councils, until_on=None).select_related("person")
    looks_after = {each.council_id: each.person for each in allocations}
    running = [Case.Standing.OPEN, Case.Standing.UNCONFIRMED]
    seen = Case.objects.visible_to(viewer).filter(kind=Case.Kind.INTERVENTION)
    cases = seen.filter(council__in=councils, standing__in=running)
    case_of = {case.council_id: case for case in cases.select_related("council")}
    assigned = Assignment.objects.filter(
        case__in=[case.pk for case in case_of.values()], role=Role.LGA_ADVISER, until_on=None
    )
    on_case = {each.case_id: each.person for each in assigned.select_related("person")}
    advisers = advisers_on(on)
    return [
        Allocated(
            council=council,
            adviser=looks_after.get(council.pk),
            case=(case := case_of.get(council.pk)),
            case_adviser=on_case.get(case.pk) if case else None,
            may_look_after=advisers.of(council.pk, region.pk),
            may_be_on_case=advisers.people if case else [],
        )
        for council in councils
    ]


def advisers_of(councils, *, on, viewer):
    """Return {council's number: person} of who looked after them on `on`, where the viewer sees what is the LGA's.

    One query, and none for whoever sees nothing of it.
    """
    held = _looked_after(tuple(council.pk for council in councils), on, viewer)
    return {each.council_id: each.person for each in held}


@put_together_once
def _looked_after(councils, on, viewer):
    held = Allocation.objects.on(on).filter(viewer.council_filter(Ability.SEE_LGA_ONLY), council__in=councils)
    return held.select_related("person")
