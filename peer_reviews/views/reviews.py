"""The list of reviews, and the page of one."""

from django.shortcuts import render

from peer_reviews.models import PeerReview
from peer_reviews.views.finding import review_or_404


def reviews(request):
    """List the reviews that the viewer may read."""
    found = PeerReview.objects.visible_to(request.viewer).select_related("case__council", "kind")
    return render(request, "peer_reviews/reviews.html", {"reviews": found})


def review(request, reference):
    """Show where a review stands, and what is next."""
    found = review_or_404(request.viewer, reference)
    return render(request, "peer_reviews/review.html", {"review": found})
