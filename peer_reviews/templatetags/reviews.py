"""The navigation of a review, for its pages' frame."""

from django import template
from django.urls import reverse

from peer_reviews.presenters.navigation import review_navigation

register = template.Library()


@register.inclusion_tag("peer_reviews/_navigation.html", takes_context=True)
def review_pages(context, review):
    """List the pages of `review` that the viewer is offered, the present one marked."""
    here = context["request"].path
    pages = [
        (reverse(name, kwargs={"reference": review.case.reference}), words)
        for name, words in review_navigation(review, context["request"].viewer)
    ]
    return {"pages": [(address, words, address == here) for address, words in pages]}
