"""Approaches to councils about a review, for the LGA alone: listed by region, logged, changed, deleted."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.permissions import Ability
from cases.asking import AskView
from cases.presenters import day_words
from councils.models import Council
from peer_reviews.actions import approaches as actions
from peer_reviews.forms import offers as forms
from peer_reviews.models import Approach
from peer_reviews.presenters.approaches import approach_shown, by_region
from peer_reviews.queries.approaches import approaches_by_region

ON_A_PAGE = 50


def approaches(request):
    """List the approaches that the viewer may read, by region, the latest first in each."""
    viewer = request.viewer
    if not viewer.may(Ability.SEE_LGA_ONLY):
        raise Http404
    page = Paginator(approaches_by_region(viewer), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "regions": by_region(page), "may_log": viewer.may(Ability.RUN_REVIEWS)}
    return render(request, "peer_reviews/approaches/list.html", context)


class LogApproach(AskView):
    """Approaches to one council, the latest first; above them, for whoever may, the form for the next."""

    template = "peer_reviews/approaches/log.html"
    button = "Log it"

    def setup_for(self, request, slug):
        scope = request.viewer.council_filter(Ability.SEE_LGA_ONLY, "pk")
        self.council = get_object_or_404(Council.objects.filter(scope), slug=slug)
        if not request.viewer.may_at(Ability.RUN_REVIEWS, self.council):
            raise PermissionDenied

    @property
    def title(self):
        return f"Log an approach to {self.council}"

    def form(self, data=None):
        today = self.request.viewer.today
        return forms.LogApproachForm(data, today=today, kept=actions.kept_until(today))

    def act(self, form):
        made = actions.log_approach(council=self.council, **form.cleaned_data, **self.by_and_on())
        return (
            f"Approach of {day_words(made.on)} to {self.council} logged. "
            f"It is kept until {day_words(made.retain_until)}."
        )

    def next_page(self):
        return reverse("approach_log", args=[self.council.slug])

    def context(self):
        theirs = Approach.objects.visible_to(self.request.viewer).filter(council=self.council)
        page = Paginator(theirs.select_related("council", "made_by"), ON_A_PAGE).get_page(
            self.request.GET.get("page")
        )
        return {"council": self.council, "page": page, "approaches": [approach_shown(each) for each in page]}


class OfApproach(AskView):
    """Ask one thing about an approach: 404 to whoever may not see it, 403 to whoever may only read."""

    template = "peer_reviews/approaches/ask.html"

    def setup_for(self, request, pk):
        theirs = Approach.objects.visible_to(request.viewer).select_related("council", "made_by")
        self.approach = get_object_or_404(theirs, pk=pk)
        self.council = self.approach.council
        if not request.viewer.may_at(Ability.RUN_REVIEWS, self.council):
            raise PermissionDenied

    def next_page(self):
        return reverse("approach_log", args=[self.council.slug])

    def context(self):
        return {
            "council": self.council,
            "about": [("Approaches", self.next_page())],
            "approach": approach_shown(self.approach),
        }

    def form_as_it_is_now(self, typed, current):
        self.approach = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [
            ("Approach", approach_shown(current).words),
            ("What was said", current.said),
            ("Kept until", day_words(current.retain_until)),
        ]


class ChangeApproach(OfApproach):
    title = "Change what was written down"

    def form(self, data=None):
        return forms.ChangeApproachForm(data, approach=self.approach)

    def act(self, form):
        changed = actions.change_approach(self.approach, **form.cleaned_data, **self.by_and_on())
        return f"Approach of {day_words(changed.on)} changed."


class DeleteApproach(OfApproach):
    title = "Delete this approach"
    button = "Delete it for good"

    def form(self, data=None):
        return forms.DeleteApproachForm(data, approach=self.approach)

    def act(self, form):
        on = self.approach.on
        actions.delete_approach(self.approach, **form.cleaned_data, **self.by_and_on())
        return f"Approach of {day_words(on)} deleted. That it was, and why, stays in the history."
