"""Pages that ask one thing about a review as it is set up and goes on: 404 to strangers, 403 to who may only read."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases.asking import AskView
from peer_reviews.presenters.reviews import days_words
from peer_reviews.queries.home import with_reader
from peer_reviews.views.finding import review_or_404


class AboutReview(AskView):
    """Ask one thing about a review. A subclass says who may (`may`), the form, and what the action does."""

    template = "peer_reviews/set_up/ask.html"

    def setup_for(self, request, reference):
        self.review = review_or_404(request.viewer, reference, with_reader(request.viewer))
        if not self.may():
            raise PermissionDenied

    def may(self):
        return self.review.is_run

    def next_page(self):
        return reverse("review", args=[self.review.reference])

    def context(self):
        return {"review": self.review, "council": self.review.council, "about": self._about()}

    def _about(self):
        return [(str(self.review.kind), self.next_page())]

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [
            ("Stage", current.get_stage_display()),
            ("On site", days_words(current) or "No days yet"),
            ("Manager", str(current.manager or "Nobody yet")),
            ("Organiser", str(current.organiser or "Nobody yet")),
        ]


class AsksToConfirm:
    """Before an `AskView`: its form's `confirmed` is asked only once what it confirms has been refused."""

    def ask(self, form, *args, **more):
        form.ask_only_when_refused()
        return super().ask(form, *args, **more)
