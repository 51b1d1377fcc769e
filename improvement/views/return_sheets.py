"""Return sheets: out for owners who don't sign in, and in again, looked at before anything is saved."""

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from cases.actions import Refused, Stale
from cases.presenters import count_of, day_words
from improvement.actions import updates as actions
from improvement.forms.updates import ActionForm, SheetForm
from improvement.models import Delivery, Impact, Update
from improvement.queries.updates import read_asked, updates_for
from improvement.readers.return_sheets import NotRead, read_return_sheet
from improvement.rules.updates import period_words
from improvement.views.updates import OfUpdate, address
from improvement.writers.return_sheets import write_return_sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SALT = "upstream.return-sheet"
HOURS_TO_CONFIRM = 12
MOST_PROBLEMS = 20


def sheet_out(request, reference, period):
    """The return sheet of all actions, of one owner (`?owner=`), or of one priority (`?priority=`)."""
    found = updates_for(request.viewer, reference).filter(period_on=period)
    update = get_object_or_404(found.order_by("-number")[:1])
    if not update.may_draft:
        raise PermissionDenied
    asked = read_asked(update, request.viewer.today)
    owner, priority = request.GET.get("owner"), request.GET.get("priority")
    chosen = [
        action
        for each in asked.priorities
        for action in each.actions
        if (owner is None or action.owner == owner) and (priority is None or str(each.key) == priority)
    ]
    if not chosen:
        raise Http404
    council = update.plan.council.name
    period_said = period_words(update.period_on, update.plan.months)
    content = write_return_sheet(update, chosen, council=council, period=period_said)
    response = HttpResponse(content, content_type=XLSX)
    name = f"return-sheet-{update.plan.reference}-{update.period_on:%Y-%m}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class SheetIn(OfUpdate):
    """Sheets to give out, and one that came back: shown as it was read, then confirmed. Nothing is saved before."""

    def get(self, request):
        return self._ask(SheetForm())

    def post(self, request):
        if self.update.standing != Update.Standing.DRAFT:
            messages.error(request, "The update can’t be changed now, so no sheet is taken.")
            return redirect(self.here("update"))
        if "taken" in request.POST:
            return self._take(request.POST["taken"])
        form = SheetForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._ask(form)
        asked = read_asked(self.update, self.viewer.today)
        try:
            by, returned = read_return_sheet(form.cleaned_data["sheet"], self.update, asked.actions)
        except Refused as refused:
            form.add_error("sheet", refused.message)
            return self._ask(form)
        except NotRead as refused:
            for problem in refused.problems[:MOST_PROBLEMS]:
                form.add_error(None, problem)
            if (more := len(refused.problems) - MOST_PROBLEMS) > 0:
                form.add_error(None, f"… and {count_of(more, 'more problem')}")
            return self._ask(form)
        return self._show(by, returned, asked)

    def _ask(self, form, status=200):
        asked = read_asked(self.update, self.viewer.today)
        owners = {}
        for action in asked.actions:
            owners[action.owner] = owners.get(action.owner, 0) + 1
        out = self.here("update_sheet_out")
        return self.show(
            "sheet.html",
            status,
            form=form,
            owners=[
                (owner or "No owner named", count, f"{out}?{urlencode({'owner': owner})}")
                for owner, count in sorted(owners.items())
            ],
            priorities=[
                (each.number, each.title, len(each.actions), f"{out}?{urlencode({'priority': each.key})}")
                for each in asked.priorities
                if each.actions
            ],
            out=out,
        )

    def _show(self, by, returned, asked):
        by_key = {action.key: action for action in asked.actions}
        taken = {
            "update": self.update.pk,
            "by": by,
            "lines": [
                [
                    each.row,
                    each.key,
                    by_key[each.key].revision,
                    {**each.answer, "new_due_on": _iso(each.answer)},
                ]
                for each in returned
            ],
        }
        lines = [
            (each.row, by_key[each.key], _facts(each.answer), by_key[each.key].answer is not None)
            for each in returned
        ]
        return self.show(
            "sheet_read.html",
            by=by,
            lines=lines,
            replaced=sum(replaces for *_rest, replaces in lines),
            taken=signing.dumps(taken, salt=SALT, compress=True),
        )

    def _take(self, sent):
        try:
            taken = signing.loads(sent, salt=SALT, max_age=HOURS_TO_CONFIRM * 3600)
        except signing.BadSignature:
            taken = {}
        if taken.get("update") != self.update.pk:
            messages.error(self.request, "The sheet was read too long ago. Choose it once more.")
            return redirect(self.here("update_sheet"))
        rows, answers = {}, {}
        for row, key, revision, answer in taken["lines"]:
            day = answer["new_due_on"]
            answer["new_due_on"] = date.fromisoformat(day) if day else None
            rows[key], answers[key] = row, {**answer, "by_sheet": taken["by"], "revision": revision}
        try:
            saved = actions.report_page(self.update, actions.PageAnswers(actions=answers), **self.by_and_on)
        except actions.NotReported as refused:
            problems = [_problem_words(rows[key], problem) for (_, key), problem in refused.problems.items()]
            return self._refuse(problems)
        except Refused as refused:
            return self._refuse([refused.message])
        messages.success(self.request, f"{count_of(saved, 'answer')} taken from the return sheet.")
        return redirect(address("update", self.update))

    def _refuse(self, problems):
        form = SheetForm({}, {})
        form.is_valid()
        form.errors.clear()
        for problem in problems:
            form.add_error(None, problem)
        return self._ask(form, 409)


def _problem_words(row, problem):
    if isinstance(problem, Stale):
        return f"Row {row}: somebody changed this answer since the sheet was read. Choose it once more"
    return f"Row {row}: {problem.message}"


def _iso(answer):
    day = answer["new_due_on"]
    return day.isoformat() if day else None


def _facts(answer):
    """Return (name, words) of each answer of a line."""
    labels = {"delivery": Delivery, "impact": Impact}
    facts = []
    for name, value in answer.items():
        if value in ("", None):
            continue
        said = (
            labels[name](value).label
            if name in labels
            else day_words(value)
            if name == "new_due_on"
            else value
        )
        facts.append((ActionForm.base_fields[name].label, said))
    return facts
