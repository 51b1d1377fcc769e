"""The page of one review."""

from django.shortcuts import render

from peer_reviews.presenters import reviews as shown
from peer_reviews.queries.home import for_page, home_of
from peer_reviews.views.finding import review_or_404


def review(request, reference):
    """Show where a review stands, what is next for its viewer, its facts, and how it went.

    Whoever reads it only because the council has published it learns that it was, and where.
    """
    viewer = request.viewer
    found = review_or_404(viewer, reference, for_page(viewer))
    home = home_of(found, viewer)
    context = {"review": found, "heading": shown.heading(home), "lede": shown.lede(home, viewer.today)}
    if found.is_inside:
        context |= {
            "inside": True,
            "needs": shown.needs(home, viewer.today),
            "steps": shown.steps_shown(home, viewer.today),
            "lines": home.lines,
            "agreed": shown.agreed_words(found),
            "facts": shown.facts(home),
            "tools": shown.tools(home, viewer.today),
            "history": shown.history_shown(home),
            "declined_because": found.answer_reason if found.stage == "declined" else "",
        }
    return render(request, "peer_reviews/review.html", context)
