"""The scope and lines of enquiry of a review: written in one form, agreed by both sides."""

from django.urls import reverse

from cases.presenters import count_of, day_words
from peer_reviews.actions import scope as actions
from peer_reviews.forms.offers import RevisionForm
from peer_reviews.forms.scope import ScopeForm
from peer_reviews.presenters.reviews import agreed_words
from peer_reviews.views.setting_up import AboutReview

MORE = "more"


class WriteScope(AboutReview):
    template = "peer_reviews/set_up/scope.html"
    title = "Scope and lines of enquiry"

    def may(self):
        return self.review.is_run or self.review.is_prepared

    def post(self, request):
        if MORE in request.POST:
            return self.ask(self._with_one_more(request.POST.copy()))
        return super().post(request)

    def _with_one_more(self, typed):
        typed["rows"] = ScopeForm(None, review=self.review, lines=[], typed=typed).count + 1
        return ScopeForm(None, review=self.review, lines=[], typed=typed)

    def form(self, data=None):
        return ScopeForm(data, review=self.review, lines=list(self.review.lines.all()))

    def act(self, form):
        asked = {name: form.cleaned_data[name] for name in ("scope", "lines", "revision")}
        cleared = actions.set_scope(self.review, **asked, **self.by_and_on())
        if cleared:
            return (
                "Saved. Both sides had agreed, or one had: as it has changed, both are asked to agree again."
            )
        return f"Saved: {count_of(len(asked['lines']), 'line')} of enquiry."

    def context(self):
        return {**super().context(), "agreed": agreed_words(self.review)}

    def form_as_it_is_now(self, typed, current):
        there = {str(pk) for pk in current.lines.values_list("pk", flat=True)}
        for name in [name for name in typed if name.endswith("-pk")]:
            # A line that somebody removed meanwhile is, if it is kept, a new one.
            typed[name] = typed[name] if typed[name] in there else ""
        return super().form_as_it_is_now(typed, current)

    def facts(self, current):
        lines = [
            (f"Line {line.place}", f"{line.title}\n{line.question}".strip()) for line in current.lines.all()
        ]
        return [("Scope", current.scope or "Not written yet"), *lines]


class AgreeScope(AboutReview):
    template = "peer_reviews/set_up/agree.html"
    button = "Agree to it"

    def may(self):
        return self.review.is_run or self.review.is_answered

    @property
    def title(self):
        if self.review.is_answered:
            return f"Does {self.review.council} agree to the scope?"
        return "Does the LGA agree to the scope?"

    def form(self, data=None):
        return RevisionForm(data, review=self.review)

    def act(self, form):
        side = actions.agree_scope(self.review, **form.cleaned_data, **self.by_and_on())
        who = self.review.council if side == "council" else "The LGA"
        return f"{who} agrees to the scope and lines of enquiry."

    def context(self):
        return {
            **super().context(),
            "lines": self.review.lines.all(),
            "agreed": agreed_words(self.review),
            "write": reverse("review_scope", args=[self.review.reference]),
        }

    def facts(self, current):
        return [
            ("Scope", current.scope or "Not written yet"),
            *((f"Line {line.place}", line.title) for line in current.lines.all()),
            ("Agreed by the council", day_words(current.scope_agreed_by_council_on) or "Not yet"),
            ("Agreed by the LGA", day_words(current.scope_agreed_by_lga_on) or "Not yet"),
        ]
