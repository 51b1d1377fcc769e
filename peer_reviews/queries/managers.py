"""Who may manage a review: the LGA's people who may run reviews at its council."""

from accounts.models import Grant, Person
from accounts.permissions import ABILITIES, Ability, Scope
from councils.models import RegionMembership

RUNNING = [role for role, abilities in ABILITIES.items() if Ability.RUN_REVIEWS in abilities]


def who_may_manage(review, on):
    """Return the people whose role on `on` lets them run the reviews of the review's council."""
    regions = RegionMembership.objects.on_or_last(on).filter(
        council=review.case.council_id, scheme=RegionMembership.LGA
    )
    held = Grant.objects.in_force(on).filter(role__in=RUNNING)
    reach = held.filter(scope=Scope.COUNCIL, council=review.case.council_id) | held.filter(
        scope=Scope.REGION, region__in=regions.values("region")
    )
    return Person.objects.filter(is_active=True, pk__in=reach.values("person"))
