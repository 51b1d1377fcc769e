"""Reads about people and their reach."""

from django.db.models import Q

from accounts.permissions import Scope
from councils.models import Region, RegionMembership


def regions_of(viewer):
    """Return the regions that a viewer's pages begin with, in order: their own, else all.

    Their own are those of their grants, and of the councils of their grants, today.
    """
    regions = {grant.region_id for grant in viewer.grants if grant.scope == Scope.REGION}
    councils = {grant.council_id for grant in viewer.grants if grant.scope == Scope.COUNCIL}
    if not regions and not councils:
        return Region.objects.all()
    members = RegionMembership.objects.on_or_last(viewer.today).filter(
        council__in=councils, scheme=RegionMembership.LGA
    )
    return Region.objects.filter(Q(pk__in=regions) | Q(pk__in=members.values("region")))
