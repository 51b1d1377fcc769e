"""Feedback to the council, the follow-up, what people thought of a review, and the templates of its files."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.generic import View

from accounts.permissions import Ability
from cases.asking import AskView
from cases.presenters import day_words
from cases.uploads import safe_name
from peer_reviews.actions import follow_up as following
from peer_reviews.actions.feedback import say_feedback
from peer_reviews.actions.report_templates import add_template, end_template
from peer_reviews.actions.reports import give_slides
from peer_reviews.forms import reports as forms
from peer_reviews.models import FeedbackSlides, ReportTemplate, Stage
from peer_reviews.presenters import reports as shown
from peer_reviews.queries import reports as queries
from peer_reviews.queries.feedback import all_feedback, feedback_review, is_asked_for, own_feedback, side_of
from peer_reviews.queries.report_content import slides_content
from peer_reviews.queries.report_files import ENDINGS, own_template_of
from peer_reviews.views.finding import review_or_404
from peer_reviews.views.report_files import file_response


def between_or_404(viewer, reference):
    """Return (review, Part) for its team, whoever runs it and those who read reviews of its council."""
    review = review_or_404(viewer, reference)
    part = queries.part_of(review, viewer)
    if not (part.runs or part.on_team or part.reads_for_council):
        raise Http404
    return review, part


class Slides(AskView):
    """The slides of the last day: as given, or for the team as they would be given, with the button that does it."""

    template = "peer_reviews/report/slides.html"
    button = "Give feedback: freeze the slides"

    def setup_for(self, request, reference):
        self.review, self.part = between_or_404(request.viewer, reference)
        self.given = FeedbackSlides.objects.visible_to(request.viewer).filter(review=self.review).first()
        self.may_give = (
            self.given is None and self.part.runs and self.part.on_team and self.review.stage == Stage.ON_SITE
        )
        if request.method == "POST" and not (self.part.runs and self.part.on_team):
            raise PermissionDenied

    @property
    def title(self):
        if self.given:
            return f"Feedback was given on {day_words(timezone.localtime(self.given.given_at).date())}"
        if not self.part.on_team:
            return "Feedback has not been given yet"
        if self.has_pre_brief:
            return "Feedback is ready to be given"
        return "Feedback: first in private, then to everybody"

    @property
    def has_pre_brief(self):
        return queries.has_pre_brief(self.review, timezone.now())

    def form(self, data=None):
        return forms.RevisionForm(data, revision=self.review.revision)

    def act(self, form):
        give_slides(
            self.review, now=timezone.now(), revision=form.cleaned_data["revision"], **self.by_and_on()
        )
        return "Feedback is given. The slides stay as they are, and the council can download them."

    def next_page(self):
        return reverse("slides", kwargs={"reference": self.review.case.reference})

    def context(self):
        content = self.given.content if self.given else None
        if content is None and self.part.on_team:
            content = slides_content(self.review, self.request.viewer.today)
        return {
            "review": self.review,
            "given": self.given,
            "content": content,
            "may_give": self.may_give,
            "council": self.review.case.council,
            "about": [(str(self.review.kind), self.review.get_absolute_url())],
            "needs_pre_brief": self.given is None and self.part.on_team and not self.has_pre_brief,
            "frame": "peer_reviews/base.html",
        }

    def form_as_it_is_now(self, typed, current):
        self.review = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [("Stage", current.get_stage_display())]


# Follow-up


class FollowUp(View):
    """What has come of each recommendation of the review."""

    def get(self, request, reference):
        review, part = between_or_404(request.viewer, reference)
        told = queries.followed_up(review, request.viewer)
        at_follow_up = review.stage == Stage.FOLLOW_UP
        context = {
            "review": review,
            "heading": shown.follow_up_heading(told, review)
            if review.final_on
            else "The follow-up comes after the final report",
            "told": [(one, shown.progress_tag(one.found)) for one in told],
            "may_write": part.runs and at_follow_up,
            "may_end": part.runs and at_follow_up and all(one.found for one in told),
            "held_on": queries.follow_up_held_on(review) if part.runs and at_follow_up else None,
            "before": bool(review.final_on) and review.stage in (Stage.FINAL, Stage.ACTION_PLAN),
        }
        return render(request, "peer_reviews/report/follow_up.html", context)


class OfFollowUp(AskView):
    template = "peer_reviews/report/ask.html"

    def setup_for(self, request, reference, **named):
        self.review, self.part = between_or_404(request.viewer, reference)
        self.find(**named)
        if not self.part.runs:
            raise PermissionDenied

    def find(self):
        pass

    def next_page(self):
        return reverse("follow_up", kwargs={"reference": self.review.case.reference})

    def context(self):
        return {
            "council": self.review.case.council,
            "review": self.review,
            "about": [(str(self.review.kind), self.review.get_absolute_url())],
            "frame": "peer_reviews/base.html",
        }


class RecordProgress(OfFollowUp):
    def find(self, number):
        told = queries.followed_up(self.review, self.request.viewer)
        self.recommendation = next((one for one in told if one.number == number), None)
        if self.recommendation is None:
            raise Http404
        self.progress = self.recommendation.found

    @property
    def title(self):
        return f"Recommendation {self.recommendation.number}: what was seen"

    @property
    def guidance(self):
        return self.recommendation.text

    def form(self, data=None):
        return forms.ProgressForm(data, progress=self.progress)

    def act(self, form):
        following.record_progress(self.review, self.recommendation, **form.cleaned_data, **self.by_and_on())
        return f"Recommendation {self.recommendation.number} saved."

    def next_page(self):
        return f"{super().next_page()}#r-{self.recommendation.number}"

    def form_as_it_is_now(self, typed, current):
        self.progress = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [("Progress", current.get_answer_display()), ("What was seen", current.text)]


class HoldFollowUp(OfFollowUp):
    title = "When was the follow-up held?"
    guidance = "This meets its milestone. The review is closed from its own page."

    def form(self, data=None):
        return forms.HeldForm(data, today=self.request.viewer.today)

    def act(self, form):
        following.hold_follow_up(self.review, **form.cleaned_data, **self.by_and_on())
        return "The follow-up is recorded."


# What people thought of it


class ReviewFeedbackPage(AskView):
    """What one thought of the review; for the LGA, what everybody did. A peer comes here after the final report too."""

    template = "peer_reviews/report/feedback.html"

    def setup_for(self, request, reference):
        viewer = request.viewer
        self.review = feedback_review(viewer, reference)
        if self.review is None:
            raise Http404
        self.part = queries.part_of(self.review, viewer)
        self.side = side_of(self.review, viewer)
        self.reads_all = viewer.may_at(Ability.SEE_LGA_ONLY, self.review.case.council_id)
        if not self.side and not (self.reads_all and request.method in ("GET", "HEAD")):
            raise PermissionDenied
        self.said = own_feedback(self.review, viewer)

    @property
    def title(self):
        return shown.feedback_heading(self.side, self.said, self.everybody, is_asked_for(self.review))

    @property
    def everybody(self):
        if not hasattr(self, "_everybody"):
            self._everybody = all_feedback(self.review, self.request.viewer) if self.reads_all else []
        return self._everybody

    def form(self, data=None):
        return forms.FeedbackForm(data, said=self.said)

    def act(self, form):
        say_feedback(self.review, **form.cleaned_data, **self.by_and_on())
        return "Thank you. You can change this later."

    def next_page(self):
        return reverse("review_feedback", kwargs={"reference": self.review.case.reference})

    def context(self):
        return {
            "review": self.review,
            "frame": "peer_reviews/base.html" if self.part.visible else "base.html",
            "asked": bool(self.side) and is_asked_for(self.review),
            "everybody": self.everybody,
            "reads_all": self.reads_all,
            "council": self.review.case.council,
            "about": [],
        }

    def form_as_it_is_now(self, typed, current):
        self.said = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        fields = ("useful", "well_run", "right_team")
        told = [
            (
                current._meta.get_field(name).verbose_name.capitalize(),
                getattr(current, f"get_{name}_display")(),
            )
            for name in fields
        ]
        return [*told, ("What has changed", current.changed), ("What would be better", current.better)]


# Templates


def _keeper(request):
    """Refuse whoever does not keep the field's reference data: the LGA's readers by 403, others by 404."""
    viewer = request.viewer
    if not viewer.may(Ability.MANAGE_REFERENCE_DATA):
        if viewer.may(Ability.RUN_REVIEWS):
            raise PermissionDenied
        raise Http404


class Templates(View):
    """The templates that stand in the place of Upstream's own, and those that did."""

    def get(self, request):
        _keeper(request)
        today = request.viewer.today
        templates = list(ReportTemplate.objects.visible_to(request.viewer).select_related("kind"))
        current = [one for one in templates if one.until_on is None or one.until_on > today]
        context = {
            "current": current,
            "former": [one for one in templates if one not in current],
            "own": [use.label for use in ENDINGS if not any(one.use == use for one in current)],
            "uses": list(ENDINGS),
        }
        return render(request, "peer_reviews/report/templates.html", context)


class OfTemplates(AskView):
    template = "peer_reviews/report/ask.html"

    def setup_for(self, request, **named):
        _keeper(request)
        self.find(**named)

    def find(self):
        pass

    def next_page(self):
        return reverse("report_templates")

    def context(self):
        return {"about": [("Templates", reverse("report_templates"))], "frame": "base.html"}


class AddTemplate(OfTemplates):
    title = "Put a template of your own in place"
    button = "Use this template"
    guidance = (
        "It is tried with a few words first, and refused where they can’t be written. Begin with Upstream’s own, from "
        "the page before."
    )

    def form(self, data=None):
        return forms.TemplateForm(data, self.request.FILES if data is not None else None)

    def act(self, form):
        made = add_template(**form.cleaned_data, **self.by_and_on())
        return f"“{made.name}” is used from today."

    def ask(self, form, template=None, status=200, **more):
        if form.is_bound and form.errors and self.request.FILES.get("upload") and "upload" not in form.errors:
            form.add_error("upload", "Choose the file again: it isn’t kept while something else is wrong")
        return super().ask(form, template, status, **more)


class EndTemplate(OfTemplates):
    button = "Stop using it"

    def find(self, pk):
        self.found = get_object_or_404(ReportTemplate.objects.visible_to(self.request.viewer), pk=pk)

    @property
    def title(self):
        return f"Stop using “{self.found.name}”?"

    guidance = "What was made with it stays as it is."

    def form(self, data=None):
        return forms.EmptyForm(data)

    def act(self, form):
        end_template(self.found, **self.by_and_on())
        return f"“{self.found.name}” is used no more."


@require_safe
def own_template(request, use):
    """Send Upstream's own template of a use, to begin from, to whoever keeps them."""
    _keeper(request)
    if use not in ENDINGS:
        raise Http404
    return file_response(own_template_of(use), f"upstream-{use}{ENDINGS[use]}")


@require_safe
def template_file(request, pk):
    """Send a template's file to whoever keeps them."""
    _keeper(request)
    found = get_object_or_404(ReportTemplate.objects.visible_to(request.viewer), pk=pk)
    try:
        with found.upload.open("rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise Http404 from None
    ending = ENDINGS[found.use]
    stem = safe_name(found.name).removesuffix(ending).encode("ascii", "ignore").decode() or "template"
    return file_response(content, f"{stem}{ending}".replace('"', ""))
