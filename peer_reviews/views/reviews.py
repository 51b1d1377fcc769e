"""The page of one review."""

from django.shortcuts import render

from peer_reviews.views.finding import review_or_404


def review(request, reference):
    """Show where a review stands, and what is next."""
    found = review_or_404(request.viewer, reference)
    return render(request, "peer_reviews/review.html", {"review": found})
