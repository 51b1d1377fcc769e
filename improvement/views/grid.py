"""The grid: all actions of a draft on one page. Saved row by row as one goes where there is script, else by button."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from cases.actions import Refused, Stale
from improvement.actions.drafting import add_action, move_action, save_action
from improvement.forms.grid import (
    ANSWERS,
    CELLS,
    cells_of,
    fingerprint,
    label_recommendations,
    read_cells,
    typed_alone,
    typed_in,
)
from improvement.models import PlannedAction
from improvement.presenters import grid as shown
from improvement.queries.drafting import read_draft, recommendations_of, versions_to_read, with_answers


@dataclass
class Outcome:
    """What came of a row that was sent: the action saved, or what is wrong, or what somebody else wrote."""

    saved: PlannedAction | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    current: PlannedAction | None = None


class OfDraft(View):
    """A page for whoever drafts: 404 for whoever may not read the version, 403 for whoever may read it alone."""

    def dispatch(self, request, reference, number, **named):
        self.version = get_object_or_404(versions_to_read(request.viewer, reference), number=number)
        if not request.viewer.may_at(Ability.DRAFT_PLANS, self.version.plan.council):
            raise PermissionDenied
        return self.refusal(request) or super().dispatch(request, **named)

    def refusal(self, request):
        """Return an answer that refuses what may be read and written, or None."""
        return None

    def by_and_on(self):
        return {"by": self.request.viewer, "on": self.request.viewer.today}

    def here(self):
        return [self.version.plan.reference, self.version.number]

    def save(self, planned, typed, revision, labels, told):
        """Save what was typed in some cells of an action's row, and return the `Outcome`."""
        given, wrong = read_cells(typed, labels, told)
        if wrong:
            return Outcome(wrong=wrong)
        try:
            return Outcome(saved=save_action(planned, revision=revision, **given, **self.by_and_on()))
        except Stale as stale:
            current = with_answers(PlannedAction.objects.filter(pk=stale.current.pk)).get()
            now = cells_of(current, labels)
            # An answer that was lost on its way is asked again: it was saved then.
            if all(now[name] == text for name, text in _as_kept(typed, given, labels).items()):
                return Outcome(saved=current)
            return Outcome(current=current)
        except Refused as refused:
            return Outcome(wrong={_cell(refused.field): refused.message})

    def add(self, priority, typed, labels, told):
        """Add an action from what was typed in the empty row of a priority, once, and return the `Outcome`."""
        given, wrong = read_cells(typed, labels, told)
        if wrong:
            return Outcome(wrong=wrong)
        given.setdefault("text", "")
        try:
            if given["text"] and (same := priority.actions.filter(text=given["text"]).first()):
                # It was added, and the answer was lost on its way.
                return Outcome(saved=save_action(same, revision=same.revision, **given, **self.by_and_on()))
            return Outcome(saved=add_action(self.version, priority=priority, **given, **self.by_and_on()))
        except Refused as refused:
            return Outcome(wrong={_cell(refused.field): refused.message})


def _cell(name):
    name = ANSWERS if name == "recommendations" else name
    return name if name in CELLS else "text"


def _as_kept(typed, given, labels):
    """Return the cells as they would be shown once kept: the same recommendations in the same order."""
    if ANSWERS not in typed:
        return typed
    keys = {one.pk for one in given["recommendations"]}
    return typed | {ANSWERS: ", ".join(label for key, label in labels.items() if key in keys)}


class Grid(OfDraft):
    """The whole grid. Sent by button, every row that was changed is saved; what can't be stays as typed."""

    def get(self, request):
        draft = read_draft(self.version)
        labels = label_recommendations(draft.recommendations)
        return self.show(shown.groups_of(draft, labels, can_change=self.version.can_change), draft, labels)

    def post(self, request):
        draft = read_draft(self.version)
        self.told, self.labels = draft.recommendations, label_recommendations(draft.recommendations)
        saved, left = self._save_all(draft, request.POST)
        groups = self._as_typed(left)
        stale = any(row.both for group in groups for row in group.rows)
        if not left:
            self._move(request.POST.get("move", ""))
            messages.success(request, _saved_words(saved))
            return redirect(reverse("plan_grid", args=self.here()) + _anchor(request.POST))
        return self.show(
            groups, self.draft, self.labels, status=409 if stale else 200, saved=saved, left=left
        )

    def _save_all(self, draft, data):
        """Save the rows that were changed; return how many, and {key: (typed, Outcome)} of those that were not."""
        saved, left = 0, {}
        for priority, actions in draft.priorities:
            for planned in actions:
                key = str(planned.action_id)
                typed = typed_in(data, key)
                if typed is None or data.get("take") == key or fingerprint(typed) == data.get(f"{key}-was"):
                    continue
                outcome = self.save(
                    planned, typed, _number(data.get(f"{key}-revision")), self.labels, self.told
                )
                saved, left = self._counted(key, typed, outcome, saved, left)
            key = f"new-{priority.pk}"
            typed = typed_in(data, key)
            if typed and any(typed.values()):
                outcome = self.add(priority, typed, self.labels, self.told)
                saved, left = self._counted(key, typed, outcome, saved, left)
        return saved, left

    def _counted(self, key, typed, outcome, saved, left):
        if outcome.saved is not None:
            return saved + 1, left
        return saved, left | {key: (typed, outcome)}

    def _as_typed(self, left):
        """Return the grid as it is now, with what was typed in the rows that were not saved."""
        self.draft = read_draft(self.version)
        groups = shown.groups_of(self.draft, self.labels)
        for row in [row for group in groups for row in group.rows if row.key in left]:
            typed, outcome = left[row.key]
            if outcome.current is not None:
                # Sent again, it is a decision: it was made beside what stands.
                row.both = shown.both_of(typed, row.cells)
            row.cells, row.wrong = typed, outcome.wrong
        return groups

    def _move(self, asked):
        key, _, way = asked.partition("-")
        if key.isdecimal() and way in WAYS:
            planned = get_object_or_404(self.version.actions, action=int(key))
            move_by_one(planned, WAYS[way], **self.by_and_on())

    def show(self, groups, draft, labels, status=200, **context):
        version, problems = (
            self.version,
            [each for group in groups for row in group.rows for each in row.problems],
        )
        context |= {
            "version": version,
            "plan": version.plan,
            "council": version.plan.council,
            "groups": groups,
            "heading": shown.heading(groups, version),
            "to_answer": shown.to_answer(draft.recommendations, labels),
            "problems": problems,
            "stale": [row for group in groups for row in group.rows if row.both],
        }
        return render(self.request, "improvement/plans/grid.html", context, status=status)


def _saved_words(saved):
    if not saved:
        return "Nothing was changed."
    return f"{saved} action{'s' if saved != 1 else ''} saved."


def _anchor(data):
    key = data.get("move", "").partition("-")[0] or data.get("take", "")
    return f"#action-{key}" if key.isdecimal() else ""


def _number(text):
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


WAYS = {"up": -1, "down": 1}


def move_by_one(planned, way, *, by, on):
    """Move an action one place up or down; from the end of a priority, into the next."""
    priorities = list(planned.version.priorities.all())
    home = [one.pk for one in priorities].index(planned.priority_id)
    count, place = planned.priority.actions.count(), planned.place + way
    if 1 <= place <= count:
        return move_action(planned, place=place, by=by, on=on)
    if not 0 <= home + way < len(priorities):
        return planned
    beside = priorities[home + way]
    place = 1 if way > 0 else beside.actions.count() + 1
    return move_action(planned, place=place, priority=beside, by=by, on=on)


class ByScript(OfDraft):
    """One thing done to one row, and told in JSON. Sent by whom it was typed, and by nobody else."""

    http_method_names = ("post",)

    def refusal(self, request):
        if request.method == "POST" and request.POST.get("person") != str(request.viewer.person_id):
            return JsonResponse({"said": "Somebody else is signed in."}, status=403)
        return None


class SaveRow(ByScript):
    """Save the changed cells of one row: 200, 400 with what is wrong, 409 with both texts, 410 where it is gone."""

    def post(self, request, row):
        told = recommendations_of(self.version.plan)
        labels = label_recommendations(told)
        typed = typed_alone(request.POST)
        if row.startswith("new-"):
            return self._added(row, typed, labels, told)
        planned = self.version.actions.filter(action=_number(row)).first()
        if planned is None:
            said = "Somebody has removed this action. What you typed stays here to be copied."
            return JsonResponse({"said": said}, status=410)
        return self._answer(
            self.save(planned, typed, _number(request.POST.get("revision")), labels, told), typed, labels
        )

    def _added(self, key, typed, labels, told):
        priority = self.version.priorities.filter(pk=_number(key.removeprefix("new-"))).first()
        if priority is None:
            said = "Somebody has removed this priority. What you typed stays here to be copied."
            return JsonResponse({"said": said}, status=410)
        outcome = self.add(priority, typed, labels, told)
        if outcome.saved is None:
            return self._answer(outcome, typed, labels)
        place = list(self.version.priorities.values_list("pk", flat=True)).index(priority.pk) + 1
        planned = with_answers(PlannedAction.objects.filter(pk=outcome.saved.pk)).get()
        row = shown.row_of(planned, f"{place}.{planned.place}", labels)
        context = {"row": row, "version": self.version, "plan": self.version.plan}
        return JsonResponse({"row": render_to_string("improvement/plans/_row.html", context, self.request)})

    def _answer(self, outcome, typed, labels):
        if outcome.saved is not None:
            return JsonResponse({"revision": outcome.saved.revision})
        if outcome.current is None:
            return JsonResponse({"wrong": outcome.wrong}, status=400)
        now = cells_of(outcome.current, labels)
        both = [vars(one) for one in shown.both_of(typed, now)]
        return JsonResponse({"revision": outcome.current.revision, "both": both, "now": now}, status=409)


class MoveRow(ByScript):
    """Move an action one place, and tell the order of them all."""

    def post(self, request, action):
        way = WAYS.get(request.POST.get("way"))
        planned = self.version.actions.select_related("version", "priority").filter(action=action).first()
        if way is None or planned is None:
            raise Http404
        try:
            move_by_one(planned, way, **self.by_and_on())
        except Refused as refused:
            return JsonResponse({"said": refused.message}, status=400)
        order = [
            [priority.pk, [planned.action_id for planned in actions]]
            for priority, actions in read_draft(self.version).priorities
        ]
        return JsonResponse({"order": order})
