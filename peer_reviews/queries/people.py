"""Who can be what to a review: its manager, its organiser."""

from django.db.models import Q

from accounts.models import Grant, Person
from accounts.permissions import ABILITIES, Ability, Role
from cases.models import Assignment
from cases.queries import advisers_on
from councils.models import RegionMembership


def possible_managers(council, on, case=None):
    """Return the LGA's advisers whose role reaches `council` on `on`, and those put on `case`, by name."""
    members = RegionMembership.objects.on_or_last(on).filter(council=council, scheme=RegionMembership.LGA)
    advisers = advisers_on(on)
    reaching = advisers.of(council.pk, members.values_list("region", flat=True).first())
    assigned = set()
    if case is not None:
        roles = [Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER]
        held = Assignment.objects.on(on).filter(case=case, role__in=roles)
        assigned = set(held.values_list("person", flat=True))
    return [person for person in advisers.people if person in reaching or person.pk in assigned]


def possible_organisers(council, on):
    """Return the active people of `council` who may prepare its reviews on `on`, by name."""
    roles = [role for role, abilities in ABILITIES.items() if Ability.PREPARE_REVIEWS in abilities]
    grants = Grant.objects.in_force(on).filter(Q(council=council), role__in=roles)
    return Person.objects.filter(pk__in=grants.values("person"), is_active=True).order_by("name", "pk")


def managers_to_choose(council, on, case=None):
    """Return `possible_managers` as a query, for a form."""
    people = possible_managers(council, on, case)
    return Person.objects.filter(pk__in=[person.pk for person in people]).order_by("name", "pk")
