"""Finding what a page is about, for the viewer who asks."""

from django.http import Http404

from peer_reviews.models import PeerReview


def review_or_404(viewer, reference, among=None):
    """Return the review that the viewer may read, with its case, council and kind; of `among`, where it is given.

    Raises Http404. Who may write is asked by the action.
    """
    found = PeerReview.objects.visible_to(viewer) if among is None else among
    review = (
        found.filter(case__reference=reference)
        .select_related("case__council", "kind", "manager", "organiser")
        .first()
    )
    if review is None:
        raise Http404
    return review


def team_review_or_404(viewer, reference):
    """Return the review on whose team the viewer is today: there is no such page for anybody else."""
    return review_or_404(viewer, reference, PeerReview.objects.of_team(viewer))
