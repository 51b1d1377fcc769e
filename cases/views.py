"""Pages about one milestone, and the due-date calculator."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import View

from accounts.permissions import Ability
from cases import actions, forms
from cases.models import Case, Milestone
from cases.presenters import day_words, due_words, owed_words, rule_words, status, weekday_words
from cases.queries import milestone_history, milestones_to_confirm, working_calendars
from cases.rules import due_after


def _milestone_of(request, pk):
    """Return the milestone as at today, or 404 for whoever may not see it."""
    milestones = (
        Milestone.objects.visible_to(request.viewer)
        .as_at(request.viewer.today)
        .select_related("council", "case", "rule", "source", "assignee")
    )
    return get_object_or_404(milestones, pk=pk)


def _may_answer(request, milestone):
    return Milestone.objects.answerable_by(request.viewer).filter(pk=milestone.pk).exists()


def _facts(request, milestone):
    return {
        "milestone": milestone,
        "status": status(milestone, request.viewer.today),
        "due": due_words(milestone),
        "owed": owed_words(milestone),
    }


def _what_may_be_done(request, milestone):
    """Say whether the viewer may answer it, or undo the answer that closed it."""
    if not _may_answer(request, milestone):
        return {}
    by_mistake = milestone.outcome in (Milestone.Outcome.MET, Milestone.Outcome.NOT_KNOWN)
    return {"may_answer": milestone.closed_on is None, "may_reopen": by_mistake}


def _next_page(request, council):
    """Return where the person asked to go next, if that is here; else the council's page."""
    asked = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return asked
    return council.get_absolute_url()


def milestone(request, pk):
    """One milestone: how it stands, what may be done, and how its date came to be."""
    shown = _milestone_of(request, pk)
    context = {
        **_facts(request, shown),
        **_what_may_be_done(request, shown),
        **milestone_history(shown),
    }
    return render(request, "cases/milestone.html", context)


class MilestoneFormView(View):
    """Ask one thing about a milestone and do it: 404 to a stranger, 403 to a reader, 409 when it has changed."""

    form_class = None
    title = ""
    button = "Save"
    guidance = ""
    about_closed = False
    heading = "cases/_heading.html"

    def find(self, request, pk):
        """Return the milestone asked about, or 404 for whoever may not see it."""
        return _milestone_of(request, pk)

    def act(self, shown, answers):
        """Call the action with the cleaned `answers`, and return the message for the person."""
        raise NotImplementedError

    def dispatch(self, request, pk):
        self.shown = self.find(request, pk)
        if not _may_answer(request, self.shown):
            raise PermissionDenied
        return super().dispatch(request)

    def get(self, request):
        return self._ask(self._form())

    def post(self, request):
        form = self._form(request.POST)
        if not form.is_valid():
            return self._ask(form)
        try:
            message = self.act(self.shown, form.cleaned_data)
        except actions.Refused as refused:
            form.add_error(refused.field or None, refused.message)
            return self._ask(form)
        except actions.Stale:
            return self._show_both(request, form)
        messages.success(request, message)
        return redirect(self._next_page())

    def by_and_on(self):
        return {"by": self.request.viewer, "on": self.request.viewer.today}

    def _form(self, data=None):
        return self.form_class(data, milestone=self.shown, today=self.request.viewer.today)

    def _ask(self, form, template="cases/milestone_form.html", status=200):
        context = {
            **_facts(self.request, self.shown),
            "form": form,
            "title": self.title,
            "button": self.button,
            "guidance": self.guidance,
            "cancel": self._next_page(),
            "heading": self.heading,
            "can_be_saved": (self.shown.closed_on is not None) == self.about_closed,
        }
        return render(self.request, template, context, status=status)

    def _show_both(self, request, form):
        """Show what was typed beside what it has become; sending it again is then a decision."""
        self.shown = self.find(request, self.shown.pk)
        typed = request.POST.copy()
        typed["revision"] = self.shown.revision
        again = self._form(typed)
        again.is_valid()
        return self._ask(again, template="cases/milestone_stale.html", status=409)

    def _next_page(self):
        return _next_page(self.request, self.shown.council)


class Met(MilestoneFormView):
    form_class = forms.MetForm
    title = "When was it met?"
    button = "Mark as met"

    def act(self, shown, answers):
        met = actions.mark_met(shown, **answers, **self.by_and_on())
        return f"{met.label}: met on {day_words(met.met_on)}."


class Move(MilestoneFormView):
    form_class = forms.MoveForm
    title = "Move the date"
    button = "Move the date"
    guidance = "The date that was promised stays in the history, beside the new one and the reason."

    def act(self, shown, answers):
        moved = actions.move_date(shown, **answers, **self.by_and_on())
        return f"{moved.label}: moved to {day_words(moved.due_on)}."


class PauseIt(MilestoneFormView):
    form_class = forms.PauseForm
    title = "Pause it"
    button = "Pause"
    guidance = "A pause hides it from lists and counts. Its date does not move."

    def act(self, shown, answers):
        paused = actions.pause(shown, **answers, **self.by_and_on())
        return f"{paused.label}: paused."


class Resume(MilestoneFormView):
    form_class = forms.ResumeForm
    title = "Resume it"
    button = "Resume"

    def act(self, shown, answers):
        resumed = actions.resume(shown, **answers, **self.by_and_on())
        return f"{resumed.label}: resumed, due {day_words(resumed.due_on)}."


class AnswerIt(MilestoneFormView):
    form_class = forms.AnswerForm
    title = "What do we know?"
    guidance = "This is recorded. It does not clear what is overdue."

    def act(self, shown, answers):
        answers = {key: value for key, value in answers.items() if key != "revision"}
        answered = actions.answer(shown, **answers, **self.by_and_on())
        return f"{answered.label}: answer recorded."


class Assign(MilestoneFormView):
    form_class = forms.AssignForm
    title = "Who sees to it?"
    button = "Assign"

    def act(self, shown, answers):
        assigned = actions.assign(shown, **answers, **self.by_and_on())
        return f"{assigned.label}: assigned to {assigned.assignee or 'nobody'}."


class Confirm(MilestoneFormView):
    form_class = forms.ConfirmForm
    title = "It fell due before our record began"
    button = "Confirm"

    def act(self, shown, answers):
        confirmed = actions.confirm(shown, **answers, **self.by_and_on())
        return f"{confirmed.label}: confirmed."


class Reopen(MilestoneFormView):
    form_class = forms.ReopenForm
    title = "Recorded by mistake?"
    button = "Reopen it"
    guidance = "It stands again on its date. What was recorded, and that it was undone, stay in the history."
    about_closed = True

    def act(self, shown, answers):
        reopened = actions.reopen(shown, **answers, **self.by_and_on())
        return f"{reopened.label}: reopened."


class ToConfirm(View):
    """Ask about all that a case has to confirm, on one page, and save the answers together.

    404 to whoever may not see the case, 403 to whoever may only read it, 409 when an answer is about what
    somebody else has changed: then nothing is saved, and nothing typed is lost.
    """

    def dispatch(self, request, reference):
        cases = Case.objects.visible_to(request.viewer).select_related("council")
        self.case = get_object_or_404(cases, reference=reference)
        if not Case.objects.answerable_by(request.viewer).filter(pk=self.case.pk).exists():
            raise PermissionDenied
        return super().dispatch(request)

    def get(self, request):
        return self._ask(self._form())

    def post(self, request):
        form = self._form(request.POST)
        if not form.is_valid():
            return self._ask(form)
        try:
            confirmed = actions.confirm_all(form.confirmations(), by=request.viewer, on=request.viewer.today)
        except actions.NotConfirmed as refused:
            # Read anew, the form knows what is stale.
            form = self._form(request.POST)
            form.add_refusals(refused.problems)
            return self._ask(form)
        messages.success(request, f"{self.case.council.name}: {len(confirmed)} answered, {form.left} left.")
        return redirect(_next_page(request, self.case.council))

    def _form(self, data=None):
        sent = [int(pk) for pk in data.getlist("milestone") if pk.isdecimal()] if data is not None else []
        milestones = milestones_to_confirm(self.case, self.request.viewer, sent=sent)
        return forms.ConfirmationsForm(milestones, today=self.request.viewer.today, data=data)

    def _ask(self, form):
        context = {
            "case": self.case,
            "form": form,
            "rows": [
                (row, due_words(row.milestone), owed_words(row.milestone), rule_words(row.milestone))
                for row in form.rows
            ],
            "cancel": _next_page(self.request, self.case.council),
        }
        return render(self.request, "cases/to_confirm.html", context, status=409 if form.is_stale else 200)


def due_date(request):
    """Work out a due date, with the days that are not counted and why."""
    if not request.viewer.may(Ability.USE_DATE_CALCULATOR):
        raise PermissionDenied
    form = forms.DueDateForm(request.GET or None)
    context = {"form": form}
    if form.is_valid():
        context |= _worked_out(form)
    return render(request, "cases/due_date.html", context)


def _worked_out(form):
    """Return what the page shows of the date asked for; what can't be counted becomes an error of the form."""
    asked = form.cleaned_data
    calendar = working_calendars()["england-and-wales"]
    try:
        due = due_after(asked["day_0"], asked["count"], asked["unit"], calendar)
        in_days = asked["unit"] == "working-days"
        not_counted = calendar.days_not_counted(asked["day_0"], due) if in_days else []
    except ValueError as error:
        form.add_error("day_0", str(error))
        return {}
    return {
        "due": due,
        "due_words": weekday_words(due),
        "day_0_words": weekday_words(asked["day_0"]),
        "not_counted": [(day_words(day), why) for day, why in not_counted],
        **_advice(due, calendar, in_days),
    }


def _advice(due, calendar, in_days):
    """A month clock keeps a date that is not a working day, and says which the next one is."""
    if in_days:
        return {}
    try:
        why = calendar.why_not_counted(due)
        return (
            {"not_working": why, "next_working": weekday_words(calendar.add_working_days(due, 1))}
            if why
            else {}
        )
    except ValueError:
        return {}
