"""Approaches to councils, as they are listed."""

from django.db.models import OuterRef, Subquery

from councils.models import RegionMembership
from peer_reviews.models import Approach


def approaches_by_region(viewer):
    """Return the approaches that the viewer may read with `region_name`, by region and the latest first in each."""
    members = RegionMembership.objects.on_or_last(viewer.today).filter(
        council=OuterRef("council"), scheme=RegionMembership.LGA
    )
    return (
        Approach.objects.visible_to(viewer)
        .select_related("council", "made_by")
        .annotate(
            region_order=Subquery(members.values("region__order")[:1]),
            region_name=Subquery(members.values("region__name")[:1]),
        )
        .order_by("region_order", "region_name", "-on", "-pk")
    )
