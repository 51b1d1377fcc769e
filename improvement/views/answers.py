"""The adviser's answer to a submitted update, the council's reply, and how both have seen each priority over time."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from cases.asking import AskView
from improvement.actions.answers import answer_question, ask, give_status, read_update
from improvement.forms.answers import AnswerForm, QuestionForm, StatusForm
from improvement.models import Question, Update
from improvement.presenters.answers import (
    priorities_answered,
    questions_shown,
    view_shown,
    views_heading,
)
from improvement.presenters.highlights import cut, delivery_words, paper_of
from improvement.queries.answers import answered, plans_between, updates_to_answer, views_over_time
from improvement.queries.highlights import tell
from improvement.rules.highlights import late, off_track
from improvement.rules.updates import period_words
from improvement.views.highlights import revision_of

ABOUT_CUT = 80


def address(name, update, *more):
    return reverse(name, args=[update.plan.reference, update.period_on, *more])


class UpdateAnswer(View):
    """What a submitted update says, the most urgent first, with what the adviser says of it.

    For the council and the LGA alone: 404 to others, even to those who may read the update. The adviser marks it read
    by a button.
    """

    def dispatch(self, request, reference, period):
        self.update = revision_of(updates_to_answer(request.viewer), request, reference, period)
        self.may_answer = may_answer(self.update, request.viewer)
        return super().dispatch(request)

    def get(self, request):
        viewer = request.viewer
        told = tell(self.update, viewer.today)
        paper = paper_of(told)
        said = answered(self.update, viewer)
        priorities = priorities_answered(told, said)
        questions = questions_shown(told, said.questions)
        context = {
            "update": self.update,
            "plan": self.update.plan,
            "council": self.update.plan.council,
            "paper": paper,
            "late": _with_keys(late(told.actions, told.on), paper.late),
            "off_track": _with_keys(off_track(told.actions, told.on), paper.off_track),
            "priorities": priorities,
            "differ": [one for one in priorities if one.differ],
            "without_view": [one for one in priorities if not one.stands],
            "questions": questions,
            "open_questions": [one for one in questions if one.question.answered_on is None],
            "read": said.read,
            "may_answer": self.may_answer,
            "may_reply": viewer.may_at(Ability.DRAFT_PLANS, self.update.plan.council_id),
        }
        return render(request, "improvement/answers/answer.html", context)

    def post(self, request):
        if not self.may_answer:
            raise PermissionDenied
        read_update(self.update, by=request.viewer, on=request.viewer.today)
        messages.success(request, "Marked as read. The council sees that you have read it.")
        return redirect(address("update_answer", self.update))


def _with_keys(actions, lines):
    """Return (key, line) of each action, so that the adviser can ask about it."""
    return list(zip([action.key for action in actions], lines, strict=True))


def may_answer(update, viewer):
    """Say whether the viewer may answer this revision as the LGA's adviser: the latest, and within their reach."""
    return Update.objects.answerable_by(viewer).latest_revisions().filter(pk=update.pk).exists()


class OfUpdate(AskView):
    """Ask the adviser one thing about a submitted update: 404 to strangers, 403 to whoever may only read."""

    def find_update(self, request, reference, period):
        self.update = revision_of(updates_to_answer(request.viewer), request, reference, period)
        self.council = self.update.plan.council
        if not may_answer(self.update, request.viewer):
            raise PermissionDenied
        self.told = tell(self.update, request.viewer.today)

    def next_page(self):
        return address("update_answer", self.update)

    def context(self):
        period = period_words(self.update.period_on, self.update.plan.months)
        about = [(f"{self.update.plan.title}, update for {period}", address("update_answer", self.update))]
        return {"council": self.council, "about": about, "update": self.update}


class GiveStatus(OfUpdate):
    """The adviser's view of one priority, beside what the council says of it; saved, the next one follows."""

    template = "improvement/answers/priority.html"
    button = "Save and go on"
    asked_as = {"text": "question"}

    def setup_for(self, request, reference, period, pk):
        self.find_update(request, reference, period)
        self.priority = next((one for one in self.told.priorities if one.key == pk), None)
        if self.priority is None:
            raise Http404
        self.title = f"Priority {self.priority.number}: {self.priority.title}"
        said = answered(self.update, request.viewer)
        self.answered = priorities_answered(self.told, said)
        given = said.statuses.get(pk)
        self.status = given if given is not None and given.update_id == self.update.pk else None

    def form(self, data=None):
        return StatusForm(data, status=self.status)

    @transaction.atomic
    def act(self, form):
        given = form.cleaned_data
        subject = self.update.version.priorities.get(priority=self.priority.key).priority
        give_status(
            self.update,
            priority=subject,
            delivery=given["delivery"],
            note=given["note"],
            revision=given["revision"],
            **self.by_and_on(),
        )
        self.has_saved = True
        if given["question"].strip():
            ask(self.update, text=given["question"], priority=subject, **self.by_and_on())
            return f"{self.title}: your view and your question are with the council."
        return f"{self.title}: your view is with the council."

    has_saved = False

    def next_page(self):
        """Lead to the next priority without a view, once this one has it."""
        left = [one.told for one in self.answered if not one.stands and one.told.key != self.priority.key]
        if not self.has_saved or not left:
            return super().next_page()
        following = [one for one in left if one.number > self.priority.number] or left
        return address("update_answer_priority", self.update, following[0].key)

    def context(self):
        paper = paper_of(self.told)
        line = next(one for one in paper.priorities if one.number == self.priority.number)
        return {
            **super().context(),
            "priority": self.priority,
            "line": line,
            "actions": [(one, delivery_words(one.delivery)) for one in self.priority.actions],
            "cancel": address("update_answer", self.update),
            "place": f"{self.priority.number} of {len(self.told.priorities)}",
        }

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return StatusForm(typed, status=current)

    def facts(self, current):
        return [("How it is seen", current.get_delivery_display()), ("Why", current.note or "Nothing said")]


class AskQuestion(OfUpdate):
    title = "Ask the council about this update"
    button = "Ask"

    def setup_for(self, request, reference, period):
        self.find_update(request, reference, period)

    def form(self, data=None):
        subjects = []
        for priority in self.told.priorities:
            subjects.append(
                (f"p-{priority.key}", f"Priority {priority.number}: {cut(priority.title, ABOUT_CUT)}")
            )
            subjects += [
                (f"a-{action.key}", f"Action {action.number}: {cut(action.text, ABOUT_CUT)}")
                for action in priority.actions
            ]
        return QuestionForm(data, subjects=subjects, about=self.request.GET.get("about", ""))

    def act(self, form):
        kind, _, key = form.cleaned_data["about"].partition("-")
        version = self.update.version
        ask(
            self.update,
            text=form.cleaned_data["text"],
            priority=version.priorities.get(priority=key).priority if kind == "p" else None,
            action=version.actions.get(action=key).action if kind == "a" else None,
            **self.by_and_on(),
        )
        return "Your question is with the council."


class AnswerQuestion(AskView):
    """The council's answer to its adviser's question."""

    template = "improvement/answers/question.html"
    title = "Answer your adviser’s question"
    button = "Send the answer"

    def setup_for(self, request, reference, pk):
        asked = Question.objects.visible_to(request.viewer).filter(update__plan__reference=reference)
        self.question = get_object_or_404(
            asked.select_related("update__plan__council", "asked_by", "priority", "action"), pk=pk
        )
        self.council = self.question.update.plan.council
        if not request.viewer.may_at(Ability.DRAFT_PLANS, self.council):
            raise PermissionDenied

    def form(self, data=None):
        return AnswerForm(data, question=self.question)

    def act(self, form):
        answer_question(self.question, **form.cleaned_data, **self.by_and_on())
        return "Your answer is with your adviser."

    def next_page(self):
        return address("update_answer", self.question.update)

    def context(self):
        update = self.question.update
        period = period_words(update.period_on, update.plan.months)
        (shown,) = questions_shown(tell(update, self.request.viewer.today), [self.question])
        return {
            "council": self.council,
            "about": [(f"{update.plan.title}, update for {period}", self.next_page())],
            "shown": shown,
        }

    def form_as_it_is_now(self, typed, current):
        self.question = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [("Question", current.text), ("Answer", current.answer)]


class PlanViews(View):
    """How council and adviser have seen each priority, period by period. For the council and the LGA alone."""

    def get(self, request, reference):
        plan = get_object_or_404(plans_between(request.viewer), reference=reference)
        seen = views_over_time(plan, request.viewer)
        views = [view_shown(one, plan.months) for one in seen]
        context = {
            "plan": plan,
            "council": plan.council,
            "views": views,
            "heading": views_heading(views, seen, plan.months),
            "differ": [view for view in views if view.differ_now],
        }
        return render(request, "improvement/answers/views.html", context)
