"""Who a viewer is to a review on its pages before and on site."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.permissions import Ability
from peer_reviews.models import PeerReview


def shared_with(viewer):
    """Return the reviews of which the viewer reads what is between the team and the council."""
    theirs = (
        Q(pk__in=PeerReview.objects.of_team(viewer).values("pk"))
        | Q(pk__in=PeerReview.objects.run_by(viewer).values("pk"))
        | viewer.council_filter(Ability.READ_REVIEWS, "case__council")
    )
    return PeerReview.objects.visible_to(viewer).filter(theirs)


@dataclass(frozen=True)
class Part:
    """What the viewer may do on a review's pages. `asks`: writes for the team; `prepares`: for the council."""

    on_team: bool
    runs: bool
    prepares: bool

    @property
    def asks(self):
        return self.on_team or self.runs

    @classmethod
    def of(cls, review, viewer):
        """Return the viewer's part in the review. One query."""
        chosen = PeerReview.objects.filter(pk=review.pk).annotate(
            is_on_team=Q(pk__in=PeerReview.objects.of_team(viewer).values("pk")),
            is_run=Q(pk__in=PeerReview.objects.run_by(viewer).values("pk")),
            is_prepared=Q(pk__in=PeerReview.objects.prepared_by(viewer).values("pk")),
        )
        return cls(*chosen.values_list("is_on_team", "is_run", "is_prepared").get())
