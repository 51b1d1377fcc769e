"""The offer of a review, the council's answer, who endorses, prepares and pays; and the agreement on one page."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.permissions import Ability
from cases.asking import AskView
from cases.presenters import day_words
from councils.models import Council
from peer_reviews.actions import offers as actions
from peer_reviews.forms import offers as forms
from peer_reviews.models import PeerReview, ReviewKind
from peer_reviews.presenters.agreement import agreement_of
from peer_reviews.presenters.reviews import kind_within, page_of_review
from peer_reviews.queries.home import for_page, home_of
from peer_reviews.queries.people import managers_to_choose, possible_organisers
from peer_reviews.views.finding import review_or_404
from peer_reviews.views.setting_up import AboutReview, AsksToConfirm


class MakeOffer(AsksToConfirm, AskView):
    """Offer a council a review: to be done in minutes."""

    template = "peer_reviews/set_up/offer.html"
    button = "Make the offer"

    def setup_for(self, request, slug):
        viewer = request.viewer
        seen = viewer.council_filter(Ability.READ_REVIEWS, "pk") | viewer.council_filter(
            Ability.RUN_REVIEWS, "pk"
        )
        self.council = get_object_or_404(Council.objects.filter(seen), slug=slug)
        if not viewer.may_at(Ability.RUN_REVIEWS, self.council):
            raise PermissionDenied

    @property
    def title(self):
        return f"Offer {self.council} a peer review"

    def form(self, data=None):
        viewer = self.request.viewer
        return forms.OfferForm(
            data,
            kinds=ReviewKind.objects.on(viewer.today),
            managers=managers_to_choose(self.council, viewer.today),
            organisers=possible_organisers(self.council, viewer.today),
            viewer=viewer,
        )

    def act(self, form):
        self.made = actions.offer(self.council, **form.cleaned_data, **self.by_and_on())
        return f"{self.made.kind} offered to {self.council}. Its approver answers here."

    def next_page(self):
        made = getattr(self, "made", None)
        return made.get_absolute_url() if made else reverse("reviews")

    def context(self):
        running = PeerReview.objects.visible_to(self.request.viewer).running()
        running = running.filter(case__council=self.council).select_related("kind", "case")
        return {"council": self.council, "running": running}


class AnswerOffer(AboutReview):
    """The council's approver accepts or declines."""

    template = "peer_reviews/set_up/answer.html"
    button = "Send the answer"

    def may(self):
        return self.review.is_answered

    @property
    def title(self):
        return f"Does {self.review.council} accept the {kind_within(self.review)}?"

    def form(self, data=None):
        organisers = possible_organisers(self.review.council, self.request.viewer.today)
        return forms.AnswerForm(data, review=self.review, organisers=organisers)

    def act(self, form):
        asked = dict(form.cleaned_data)
        accept = asked.pop("answer") == forms.AnswerForm.ACCEPT
        actions.answer_offer(self.review, accept=accept, **asked, **self.by_and_on())
        return "You have accepted the offer." if accept else "You have declined the offer. The LGA reads why."

    def facts(self, current):
        return [
            *super().facts(current),
            ("Answered", day_words(current.answered_on) or "Not yet"),
        ]


class EndorseReview(AboutReview):
    title = "Record an endorsement"
    button = "Record it"

    def may(self):
        return self.review.is_run or self.review.is_answered

    def form(self, data=None):
        there = set(self.review.endorsements.values_list("office", flat=True))
        missing = [office for office in actions.ENDORSING if office not in there]
        return forms.EndorseForm(data, today=self.request.viewer.today, missing=missing)

    def act(self, form):
        made = actions.endorse(self.review, **form.cleaned_data, **self.by_and_on())
        return f"{made.get_office_display()}: endorsed on {day_words(made.on)}."


class NameOrganiser(AboutReview):
    title = "Who organises it at the council?"

    def may(self):
        return self.review.is_run or self.review.is_answered

    def form(self, data=None):
        organisers = possible_organisers(self.review.council, self.request.viewer.today)
        return forms.OrganiserForm(data, review=self.review, organisers=organisers)

    def act(self, form):
        review = actions.name_organiser(self.review, **form.cleaned_data, **self.by_and_on())
        return f"{review.organiser or 'Nobody'} organises it at {review.council}."


class SetSubsidy(AboutReview):
    title = "Who pays for the review?"

    def form(self, data=None):
        return forms.SubsidyForm(data, review=self.review)

    def act(self, form):
        review = actions.set_subsidy(self.review, **form.cleaned_data, **self.by_and_on())
        return f"{review.get_subsidy_display()}."

    def facts(self, current):
        return [
            ("Who pays", current.get_subsidy_display() or "Not recorded"),
            ("On what basis", current.subsidy_basis or "Not recorded"),
        ]


def agreement(request, reference):
    """Show the agreement between the LGA and the council, on one page that prints."""
    review = review_or_404(request.viewer, reference, for_page(request.viewer).filter(Q(is_inside=True)))
    if review.from_past:
        raise Http404
    files = (("As a Word file", "agreement_docx"), ("As a PDF", "agreement_pdf"))
    context = {
        "review": review,
        "agreement": agreement_of(home_of(review, request.viewer)),
        "downloads": [(words, page_of_review(name, review)) for words, name in files],
    }
    return render(request, "peer_reviews/set_up/agreement.html", context)
