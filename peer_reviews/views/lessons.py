"""Lessons: found by whoever signs in; written, agreed and withdrawn by their two sides.

404 to whoever may not read one; 403 to whoever may read it and not do what is asked.
"""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from cases.asking import AskView
from peer_reviews.actions import lessons as actions
from peer_reviews.forms import lessons as forms
from peer_reviews.models import Finding, Lesson
from peer_reviews.presenters import lessons as shown
from peer_reviews.queries import lessons as queries

LESSONS_A_PAGE = 20


class Lessons(View):
    """Search what the sector has learned; first what waits for the viewer."""

    def get(self, request):
        viewer = request.viewer
        search = forms.SearchForm(request.GET)
        asked = search.asked()
        page = Paginator(queries.found(**asked), LESSONS_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "search": search,
            "heading": shown.lessons_heading(page.paginator.count, asked),
            "page": page,
            "lessons": [shown.lesson_shown(one, asked["words"]) for one in page],
            "waiting": [(one, shown.standing(one)) for one in queries.waiting_for(viewer)],
            "may_write": viewer.may(Ability.RUN_REVIEWS),
        }
        return render(request, "peer_reviews/lessons/lessons.html", context)


class LessonPage(View):
    """One lesson; to its two sides, whose it is and how it stands."""

    def get(self, request, pk):
        viewer = request.viewer
        lesson = _lesson_or_404(viewer, pk)
        known = Lesson.objects.whose_council_is_known_to(viewer).filter(pk=pk).exists()
        context = {"lesson": lesson, "about": shown.about(lesson), "known": known}
        if known:
            runs = viewer.may_at(Ability.RUN_REVIEWS, lesson.council_id)
            answers = viewer.may_at(Ability.ANSWER_REVIEWS, lesson.council_id)
            context |= {
                "standing": shown.standing(lesson),
                "may_change": runs and lesson.stage in actions.MAY_CHANGE,
                "may_send": runs and lesson.stage == Lesson.Stage.DRAFT,
                "may_answer": answers and lesson.stage == Lesson.Stage.WITH_COUNCIL,
                "may_withdraw": (runs or answers) and lesson.stage != Lesson.Stage.WITHDRAWN,
            }
        return render(request, "peer_reviews/lessons/lesson.html", context)


def _lesson_or_404(viewer, pk):
    found = Lesson.objects.visible_to(viewer).select_related("council", "review__case")
    return get_object_or_404(found.prefetch_related("themes"), pk=pk)


class AskOfLesson(AskView):
    """Ask one thing about a lesson, of one who may do it at its council."""

    template = "peer_reviews/lessons/ask.html"
    abilities = (Ability.RUN_REVIEWS,)

    def setup_for(self, request, pk):
        self.lesson = _lesson_or_404(request.viewer, pk)
        if not any(request.viewer.may_at(one, self.lesson.council_id) for one in self.abilities):
            raise PermissionDenied

    def next_page(self):
        return reverse("lesson", args=[self.lesson.pk])

    def context(self):
        return {"lesson": self.lesson}

    def form(self, data=None):
        return forms.LessonRevisionForm(data, lesson=self.lesson)

    def form_as_it_is_now(self, typed, current):
        self.lesson = _lesson_or_404(self.request.viewer, current.pk)
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [
            ("Title", current.title),
            ("What others can learn", current.text),
            ("It is", current.get_stage_display()),
        ]

    def show_both(self, request, current):
        form = self.form_as_it_is_now(request.POST.copy(), current)
        form.is_valid()
        return self.ask(form, "peer_reviews/lessons/changed.html", 409, facts=self.facts(self.lesson))


class WriteLesson(AskView):
    """Write a lesson of a council's practice, or of a finding of a review whose report is final."""

    template = "peer_reviews/lessons/ask.html"
    title = "What can others learn?"
    button = "Save as a draft"
    guidance = (
        "The LGA’s advisers of the council alone read a draft; the sector, what the council agrees to tell."
    )
    lesson = None

    def setup_for(self, request):
        viewer = request.viewer
        if not viewer.may(Ability.RUN_REVIEWS):
            raise PermissionDenied
        self.councils = queries.councils_to_write_of(viewer, viewer.today)
        self.council = self.councils.filter(slug=request.GET.get("council", "")).first()
        self.finding = self._finding(request.GET.get("finding", ""))

    def _finding(self, number):
        if not number:
            return None
        found = Finding.objects.visible_to(self.request.viewer).select_related("review__case__council")
        finding = found.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
        if finding is None:
            raise Http404
        self.council = finding.review.case.council
        return finding

    def next_page(self):
        return reverse("lesson", args=[self.lesson.pk]) if self.lesson else reverse("lessons")

    def form(self, data=None):
        return forms.LessonForm(data, councils=self.councils, council=self.council, finding=self.finding)

    def act(self, form):
        self.lesson = actions.write_lesson(**form.cleaned_data, **self.by_and_on())
        return "Saved as a draft."


class ChangeLesson(AskOfLesson):
    title = "Change the lesson"

    @property
    def guidance(self):
        if self.lesson.stage == Lesson.Stage.DRAFT:
            return ""
        return "It becomes a draft again, for the council to agree anew."

    def form(self, data=None):
        return forms.LessonForm(data, lesson=self.lesson)

    def act(self, form):
        actions.change_lesson(self.lesson, **form.cleaned_data, **self.by_and_on())
        return "Saved as a draft."


class SendLesson(AskOfLesson):
    """Check that nothing gives the council away, and send the lesson to it."""

    template = "peer_reviews/lessons/send.html"
    button = "Send it to the council"

    @property
    def title(self):
        if self.given_away:
            return "Some words may give the council away"
        return "Send it to the council, to agree?"

    def setup_for(self, request, pk):
        super().setup_for(request, pk)
        self.given_away = actions.given_away(self.lesson)

    def context(self):
        return super().context() | {"given_away": self.given_away}

    def form(self, data=None):
        return forms.SendForm(data, lesson=self.lesson, given_away=self.given_away)

    def form_as_it_is_now(self, typed, current):
        self.given_away = actions.given_away(current)
        return super().form_as_it_is_now(typed, current)

    def act(self, form):
        actions.send_to_council(self.lesson, **form.cleaned_data, **self.by_and_on())
        return "Sent. The council’s approver agrees or refuses."


class AnswerLesson(AskOfLesson):
    abilities = (Ability.ANSWER_REVIEWS,)
    title = "May the sector learn from this?"
    button = "Send the answer"
    guidance = "Nobody is told that it is the council’s own. You can withdraw it at any time."

    def form(self, data=None):
        return forms.AnswerForm(data, lesson=self.lesson)

    def act(self, form):
        asked = form.cleaned_data
        agrees = asked["answer"] == forms.AnswerForm.AGREES
        given = {"reason": asked["reason"], "revision": asked["revision"]}
        actions.answer_lesson(self.lesson, agrees=agrees, **given, **self.by_and_on())
        return "Told to the sector." if agrees else "The LGA’s adviser reads why."


class WithdrawLesson(AskOfLesson):
    abilities = (Ability.RUN_REVIEWS, Ability.ANSWER_REVIEWS)
    title = "Withdraw this lesson?"
    button = "Withdraw it"
    guidance = "From then on only the council and the LGA’s advisers read it."

    def act(self, form):
        actions.withdraw_lesson(self.lesson, **form.cleaned_data, **self.by_and_on())
        return "Withdrawn."
