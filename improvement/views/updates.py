"""Pages of a council's update: its task list, a page per priority, check answers, and how it is read once submitted."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from accounts.viewer import Viewer
from cases.actions import Refused, Stale
from cases.presenters import count_of, day_words
from improvement.actions import updates as actions
from improvement.forms.updates import (
    ActionForm,
    MeasureForm,
    OverallForm,
    Page,
    PriorityForm,
    SendBackForm,
    digest_of,
    shown_of,
)
from improvement.models import ActionReport, Plan, Update
from improvement.presenters import updates as words
from improvement.queries.answers import updates_to_answer
from improvement.queries.update_content import content_of
from improvement.queries.updates import (
    action_answer,
    adviser_view,
    measure_answer,
    owned_actions,
    read_asked,
    reportable_updates,
    updates_for,
)
from improvement.rules.updates import period_end, period_words

Standing = Update.Standing


def address(name, update, *more):
    """Return the address of a page about an update; of an earlier revision where this is one."""
    return reverse(name, args=[update.plan.reference, f"{update.period_on:%Y-%m}", *more])


class PlanUpdates(View):
    """The updates of a plan that the viewer may read, the latest first."""

    def get(self, request, reference):
        viewer = request.viewer
        plan = Plan.objects.visible_to(viewer).filter(reference=reference).select_related("council").first()
        may_draft = plan is not None and viewer.may_at(Ability.DRAFT_PLANS, plan.council_id)
        if may_draft:
            actions.open_updates(councils=[plan.council_id], by=Viewer.system(viewer.today), on=viewer.today)
        updates = list(updates_for(viewer, reference).order_by("-period_on", "-number"))
        if plan is None and not updates:
            raise Http404
        lines = [
            (
                update,
                period_words(update.period_on, update.plan.months),
                *words.standing_tag(update, viewer.today),
                f"{address('update', update)}?number={update.number}",
            )
            for update in updates
        ]
        waiting = [update for update in updates if update.standing != Standing.SUBMITTED]
        context = {
            "plan": plan or updates[0].plan,
            "lines": lines,
            "waiting": waiting[-1] if waiting else None,
            "waiting_words": words.possessive(waiting[-1]) if waiting else "",
            "submitted": len(updates) - len(waiting),
            "may_draft": may_draft,
        }
        return render(request, "improvement/updates/updates.html", context)


class OfUpdate(View):
    """A page about the update of a period: the latest revision that the viewer may read, or `?number=`.

    404 to strangers; to readers who may not write 403, where `for_drafters`.
    """

    for_drafters = True

    def dispatch(self, request, reference, period, **rest):
        found = updates_for(request.viewer, reference).filter(period_on=period)
        if (number := request.GET.get("number", "")).isdecimal() and len(number) < 5:
            found = found.filter(number=number)
        self.update = get_object_or_404(found.order_by("-number")[:1])
        if self.for_drafters and not self.update.may_draft:
            raise PermissionDenied
        self.plan, self.viewer = self.update.plan, request.viewer
        return super().dispatch(request, **rest)

    @property
    def by_and_on(self):
        return {"by": self.viewer, "on": self.viewer.today}

    def here(self, name, *more):
        return address(name, self.update, *more)

    def show(self, template, status=200, **context):
        context |= {
            "update": self.update,
            "plan": self.plan,
            "council": self.plan.council,
            "month": words.possessive(self.update),
            "period": f"{self.update.period_on:%Y-%m}",
            "caption": words.caption(self.update),
        }
        return render(self.request, f"improvement/updates/{template}", context, status=status)


class UpdatePage(OfUpdate):
    """The task list of an update that is being filled in; else what it says."""

    for_drafters = False

    def get(self, request):
        if self.update.standing == Standing.SUBMITTED:
            return self._read()
        if self.update.standing == Standing.FOR_APPROVAL or not self.update.may_draft:
            return redirect(self.here("update_check"))
        if self.update.live != self.update.version_id:
            actions.open_updates(
                councils=[self.plan.council_id], by=Viewer.system(self.viewer.today), on=self.viewer.today
            )
            self.update = updates_for(self.viewer, self.plan.reference).get(pk=self.update.pk)
        asked = read_asked(self.update, self.viewer.today)
        last, statuses, questions = adviser_view(self.update, self.viewer)
        return self.show(
            "task_list.html",
            heading=words.heading(self.update, asked),
            asked=asked,
            sections=words.sections(self.update, asked),
            unchanged=len(asked.unchanged),
            to_answer=words.to_answer(asked),
            last=last,
            last_month=words.possessive(last) if last else "",
            views=words.adviser_lines(last, statuses),
            questions=questions,
        )

    def post(self, request):
        """Say "no change" for all for which it may be said."""
        if not self.update.may_draft:
            raise PermissionDenied
        try:
            count = actions.say_no_change(self.update, **self.by_and_on)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, f"“No change” said for {count_of(count, 'action')}.")
        return redirect(self.here("update"))

    def _read(self):
        content = words.shown(self.update.content)
        corrected = Update.objects.filter(corrects=self.update).select_related("plan").first()
        return self.show(
            "read.html",
            content=content,
            submitted_words=day_words(self.update.submitted_on),
            corrected=corrected
            if corrected and (corrected.standing == Standing.SUBMITTED or self.update.may_draft)
            else None,
            corrects=self.update.number - 1,
            has_answer=updates_to_answer(self.viewer).filter(pk=self.update.pk).exists(),
        )


class Filling(OfUpdate):
    """A page of answers, saved together: 409 with both texts where somebody else changed one meanwhile."""

    template = ""

    def page(self, data=None):
        """Return the `Page` of forms, with what was sent where `data` is given."""
        raise NotImplementedError

    def title(self):
        raise NotImplementedError

    def next_page(self):
        return self.here("update")

    def context(self):
        return {}

    def get(self, request):
        if self.update.standing != Standing.DRAFT:
            return redirect(self.here("update"))
        self.asked = read_asked(self.update, self.viewer.today)
        return self.ask(self.page())

    def post(self, request):
        self.asked = read_asked(self.update, self.viewer.today)
        page = self.page(request.POST)
        if not page.is_valid():
            return self.ask(page)
        try:
            said = self.save(page)
        except actions.NotReported as refused:
            return self.show_problems(page, refused.problems)
        except Refused as refused:
            form = page.overall or page.forms[0]
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
            return self.ask(page)
        messages.success(request, said)
        return redirect(self.next_page())

    def save(self, page):
        """Save what was typed, and say “no change” for the rest of the page where that was pressed. Return the words.

        Raises NotReported or Refused: also where the update was sent on meanwhile. What was typed is shown again.
        """
        priority = page.priority
        answers = actions.PageAnswers(
            priority=(priority.about.key, _answer(priority)) if priority and priority.is_touched else None,
            actions={form.about.key: _answer(form) for form in page.actions if form.is_touched},
            measures={form.about.key: _answer(form) for form in page.measures if form.is_touched},
        )
        actions.report_page(self.update, answers, **self.by_and_on)
        if self.request.POST.get("then") != "no-change":
            return f"{self.title()}: saved."
        keys = [form.about.key for form in page.actions]
        count = actions.say_no_change(self.update, actions=keys, **self.by_and_on)
        return f"{self.title()}: saved, and “no change” said for {count_of(count, 'action')}."

    def show_problems(self, page, problems):
        """Show the page again with all that was typed; beside what has changed, what it says now."""
        by_form = {("action", form.about.key): form for form in page.actions}
        by_form |= {("measure", form.about.key): form for form in page.measures}
        if page.priority:
            by_form["priority", page.priority.about.key] = page.priority
        data, changed = self.request.POST.copy(), {}
        for about, problem in problems.items():
            if isinstance(problem, Stale):
                form, current = by_form[about], problem.current
                data[form.add_prefix("revision")] = current.revision
                data[form.add_prefix("was")] = digest_of(_shown(about[0], current))
                changed[about] = _facts(about[0], current)
        again = self.page(data) if changed else page
        again.is_valid()
        by_form = {("action", form.about.key): form for form in again.actions}
        by_form |= {("measure", form.about.key): form for form in again.measures}
        if again.priority:
            by_form["priority", again.priority.about.key] = again.priority
        for about, problem in problems.items():
            form = by_form[about]
            if isinstance(problem, Stale):
                form.now = changed[about]
            else:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        return self.ask(again, status=409 if changed else 200, changed=len(changed))

    def ask(self, page, status=200, **more):
        today = self.viewer.today
        for form in page.actions:
            form.needs = words.needs_words(form.about, today)
            form.before = words.before_words(form.about)
            form.may_stay = form.about.may_stay(today)
            form.is_late = form.about.is_past(today) and form.about.said.delivery != "complete"
            typed = form["delivery"].value() if form.is_bound else form.about.said.delivery
            form.is_open = bool(
                form.needs or form.errors or getattr(form, "now", None) or form.about.revision == 0
            )
            form.explains = bool(form.is_late or typed in ("slipping", "off-track") or form.errors)
            form.explains = form.explains or form.about.said.new_due_on is not None
        for form in page.measures:
            form.latest = words.figure_words(form.about.latest, form.about.unit)
            form.target = words.figure_words(form.about.target, form.about.unit)
        stay = sum(form.may_stay for form in page.actions)
        return self.show(
            self.template,
            status=status,
            form=page,
            title=self.title(),
            cancel=self.next_page(),
            may_stay=stay,
            **{**self.context(), **more},
        )

    def action_form(self, action, data):
        return ActionForm(data, action=action)

    def measure_form(self, measure, data):
        ends = period_end(self.update.period_on, self.plan.months)
        return MeasureForm(data, measure=measure, period_end=min(ends, self.viewer.today))


class PriorityPage(Filling):
    """One priority: its actions, its measures, and how it stands as a whole."""

    template = "priority.html"

    def dispatch(self, request, pk, **named):
        self.pk = pk
        return super().dispatch(request, **named)

    @property
    def priority(self):
        for priority in self.asked.priorities:
            if priority.key == self.pk:
                return priority
        raise Http404

    def page(self, data=None):
        priority = self.priority
        return Page(
            priority=PriorityForm(
                data,
                about=priority,
                shown={"delivery": priority.delivery, "text": priority.text},
                revision=priority.revision,
                prefix="whole",
            ),
            actions=[self.action_form(action, data) for action in priority.actions],
            measures=[self.measure_form(measure, data) for measure in priority.measures],
        )

    def title(self):
        return f"{self.priority.number} {self.priority.title}"

    def next_page(self):
        if self.request.POST.get("then") == "no-change":
            return self.here("update_priority", self.pk)
        return self.here("update")

    def context(self):
        needed = (
            ""
            if self.priority.is_whole(self.viewer.today)
            else words.needed_words(self.priority, self.update, self.viewer.today)
        )
        return {"priority": self.priority, "needed": words.within_a_sentence(needed)}


class ActionPage(Filling):
    """One action, for its named owner; whoever drafts finds it on its priority's page."""

    template = "action.html"

    def dispatch(self, request, reference, period, pk):
        # What was typed before the update was sent on is not lost: it is refused with its words.
        found = reportable_updates(request.viewer, sent_on=request.method == "POST")
        self.update = found.filter(plan__reference=reference, period_on=period).last()
        owned = {one.action_id for one in owned_actions(request.viewer)}
        if self.update is None or pk not in owned:
            raise Http404
        self.plan, self.viewer, self.pk = self.update.plan, request.viewer, pk
        return View.dispatch(self, request)

    @property
    def action(self):
        for action in self.asked.actions:
            if action.key == self.pk:
                return action
        raise Http404

    def page(self, data=None):
        return Page(actions=[self.action_form(self.action, data)])

    def title(self):
        return f"Action {self.action.number}"

    def next_page(self):
        return reverse("owned_actions")


class OverallPage(Filling):
    """The words for the whole, once every priority is filled in, with the measures of no priority."""

    template = "overall.html"

    def page(self, data=None):
        return Page(
            overall=OverallForm(
                data,
                about=self.update,
                shown={"overall": self.update.overall, "decisions_needed": self.update.decisions_needed},
                revision=self.update.revision,
                prefix="overall",
            ),
            measures=[self.measure_form(measure, data) for measure in self.asked.measures],
        )

    def title(self):
        return "The update as a whole"

    def context(self):
        today = self.viewer.today
        unfinished = [one for one in self.asked.priorities if not one.is_whole(today)]
        return {"can_start": self.asked.overall_can_start, "unfinished": unfinished}

    def post(self, request):
        try:
            return super().post(request)
        except Stale as stale:
            page = self.page(self._as_it_is_now(request.POST.copy(), stale.current))
            page.is_valid()
            page.overall.now = [
                ("The update as a whole", stale.current.overall),
                ("Decisions that the board is asked for", stale.current.decisions_needed or "None"),
            ]
            return self.ask(page, status=409, changed=1)

    def save(self, page):
        said = super().save(page)
        if page.overall.is_touched:
            actions.write_overall(self.update, **_answer(page.overall), **self.by_and_on)
        return said

    def _as_it_is_now(self, typed, current):
        typed["overall-revision"] = current.revision
        said = {"overall": current.overall, "decisions_needed": current.decisions_needed}
        typed["overall-was"] = digest_of(said)
        return typed


def _answer(form):
    return {**form.answer, "revision": form.cleaned_data["revision"]}


def _shown(kind, row):
    if kind == "priority":
        return {"delivery": row.delivery, "text": row.text}
    if kind == "measure":
        return shown_of(measure_answer(row))
    return shown_of(action_answer(row), leave_out=("unchanged",))


def _facts(kind, row):
    """Return (name, words) of what a row says now."""
    fields = {"priority": PriorityForm, "measure": MeasureForm, "action": ActionForm}[kind].base_fields
    facts = []
    for name, value in _shown(kind, row).items():
        if value in (None, ""):
            continue
        display = getattr(row, f"get_{name}_display", None)
        said = display() if display else day_words(value) if isinstance(value, date) else value
        facts.append((fields[name].label, said))
    return facts


class CheckPage(OfUpdate):
    """All answers on one page: sent for approval, submitted or sent back from here."""

    for_drafters = False

    def get(self, request):
        return self._ask(SendBackForm())

    def post(self, request):
        if not self.update.may_draft:
            raise PermissionDenied
        act = {"send": self._send, "submit": self._submit, "back": self._send_back}.get(
            request.POST.get("do"), self._ask_again
        )
        try:
            return act()
        except Refused as refused:
            messages.error(request, refused.message)
        except Stale:
            messages.error(request, "Somebody changed the update meanwhile: check the answers once more.")
        return redirect(self.here("update_check"))

    def _ask(self, form, status=200):
        if self.update.standing == Standing.SUBMITTED:
            return redirect(self.here("update"))
        today = self.viewer.today
        asked = read_asked(self.update, today)
        unfinished = [
            (one, words.within_a_sentence(words.needed_words(one, self.update, today)))
            for one in asked.priorities
            if not one.is_whole(today)
        ]
        return self.show(
            "check.html",
            status,
            content=words.shown(content_of(self.update, asked)),
            asked=asked,
            unfinished=unfinished,
            form=form,
            waits=self.update.standing == Standing.FOR_APPROVAL,
        )

    def _ask_again(self):
        return redirect(self.here("update_check"))

    def _send(self):
        actions.send_update_for_approval(self.update, **self.by_and_on)
        messages.success(self.request, "Sent for approval. It can be changed again if it is sent back.")
        return redirect(self.here("update_check"))

    def _submit(self):
        revision = self.request.POST.get("revision", "")
        if not revision.isdecimal():
            return self._ask_again()
        actions.submit_update(self.update, revision=int(revision), **self.by_and_on)
        messages.success(self.request, "Submitted. It never changes now: a correction is a new revision.")
        return redirect(self.here("update"))

    def _send_back(self):
        form = SendBackForm(self.request.POST)
        if not form.is_valid():
            return self._ask(form)
        try:
            actions.send_update_back(self.update, note=form.cleaned_data["note"], **self.by_and_on)
        except Refused as refused:
            if refused.field != "note":
                raise
            form.add_error("note", refused.message)
            return self._ask(form)
        messages.success(self.request, "Sent back to be mended.")
        return redirect(self.here("update_check"))


class CorrectPage(OfUpdate):
    """Begin a correction of a submitted update."""

    def get(self, request):
        return self.show("correct.html")

    def post(self, request):
        try:
            new = actions.correct_update(self.update, **self.by_and_on)
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect(self.here("update"))
        messages.success(request, "This is the correction. What was submitted before stays as it was.")
        return redirect(address("update", new))


class MyActions(View):
    """The actions of which the viewer is the named owner, and the updates in which to report on them."""

    def get(self, request):
        viewer = request.viewer
        if not viewer.may(Ability.REPORT_ACTIONS):
            raise PermissionDenied
        updates = {}
        for update in reportable_updates(viewer):
            updates.setdefault(update.plan_id, update)
        reported = _reported(updates.values())
        lines = []
        for planned in owned_actions(viewer):
            update = updates.get(planned.version.plan_id)
            report = reported.get(planned.action_id)
            milestone = planned.action.milestone
            lines.append(
                {
                    "planned": planned,
                    "plan": planned.version.plan,
                    "due_on": milestone.due_on if milestone else planned.due_on,
                    "report": report,
                    "update": update,
                    "month": words.possessive(update) if update else "",
                    "address": address("update_action", update, planned.action_id) if update else "",
                }
            )
        asked = [
            line for line in lines if line["update"] and not (line["report"] and line["report"].delivery)
        ]
        context = {"lines": lines, "to_report": len(asked), "today": viewer.today}
        return render(request, "improvement/updates/my_actions.html", context)


def _reported(updates):
    return {row.action_id: row for row in ActionReport.objects.filter(update__in=list(updates))}
