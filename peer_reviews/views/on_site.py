"""What every page before and on site begins with: the review, and what its viewer is to it."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases.asking import AskView
from peer_reviews.models import PeerReview
from peer_reviews.queries.on_site import Part, shared_with
from peer_reviews.views.finding import review_or_404


def found_between(request, reference):
    """Return (the review, the viewer's Part) where they read what is between team and council. Raises Http404."""
    review = review_or_404(request.viewer, reference, shared_with(request.viewer))
    return review, Part.of(review, request.viewer)


def found_of_team(request, reference):
    """Return (the review, the viewer's Part) where they are on its team. Raises Http404."""
    review = review_or_404(request.viewer, reference, PeerReview.objects.of_team(request.viewer))
    return review, Part.of(review, request.viewer)


class AskOnSite(AskView):
    """Ask one thing about a review before or on site. A subclass says who may (`may`), and finds what it is about."""

    template = "peer_reviews/on_site/ask.html"
    find_review = staticmethod(found_between)
    # The page that it came from and goes back to, and that page's name.
    back, back_words = "timetable", "Timetable"
    multipart = False
    warning = ""

    def setup_for(self, request, reference, **named):
        self.review, self.part = self.find_review(request, reference)
        self.find(**named)
        if not self.may():
            raise PermissionDenied

    def find(self):
        pass

    def may(self):
        return self.part.on_team

    def page(self, name, *args):
        return reverse(name, args=[self.review.reference, *args])

    def next_page(self):
        return self.page(self.back)

    def context(self):
        return {
            "review": self.review,
            "part": self.part,
            "council": self.review.council,
            "about": [(self.back_words, self.next_page())],
            "multipart": self.multipart,
            "warning": self.warning,
        }
