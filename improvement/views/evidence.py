"""The page of an action's evidence: what is there, a form to attach more, and the way to take one away."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from cases.actions import Refused
from improvement.actions.evidence import attach, may_remove, remove
from improvement.forms.evidence import EvidenceForm
from improvement.models import Action, Evidence, PlanVersion, Update
from improvement.presenters.evidence import lines_of
from improvement.queries.evidence import evidence_of, latest_planned, number_of
from improvement.rules.updates import period_words


class ActionEvidence(View):
    """An action's evidence, for whoever may read the action; the form, for whoever reports on it.

    404 for whoever may not read it. `?update=2026-11` attaches to the update of that period.
    """

    def dispatch(self, request, reference, pk):
        self.planned = latest_planned(pk, reference, request.viewer)
        if self.planned is None:
            raise Http404
        self.plan = self.planned.version.plan
        self.reports = Action.objects.reportable_by(request.viewer).filter(pk=pk).exists()
        return super().dispatch(request)

    def get(self, request):
        update = self._update(request.GET.get("update", ""))
        return self._show(EvidenceForm(initial={"update": _period(update)}), update)

    def post(self, request):
        if not self.reports:
            raise PermissionDenied
        form = EvidenceForm(request.POST, request.FILES)
        update = self._update(request.POST.get("update", ""))
        if not form.is_valid():
            return self._again(form, update)
        given = form.cleaned_data
        try:
            evidence = attach(
                self.planned.action,
                upload=given["upload"],
                url=given["url"],
                kind=given["kind"],
                title=given["title"],
                note=given["note"],
                update=update,
                by=request.viewer,
                on=request.viewer.today,
            )
        except Refused as refused:
            visible = refused.field in form.fields and refused.field != "update"
            form.add_error(refused.field if visible else None, refused.message)
            return self._again(form, update)
        messages.success(request, f"“{evidence.document.title}” is attached.")
        query = f"?update={_period(update)}" if update else ""
        return redirect(
            reverse("action_evidence", args=[self.plan.reference, self.planned.action_id]) + query
        )

    def _again(self, form, update):
        """Ask again. A browser forgets the file that was chosen, and doesn't say so."""
        if self.request.FILES.get("upload") and "upload" not in form.errors:
            form.add_error("upload", "Choose the file again: it isn’t kept while something else is wrong")
        return self._show(form, update)

    def _update(self, period):
        """Return the update of the plan for a period such as "2026-11", the latest revision; None without one."""
        if not period:
            return None
        try:
            begun = date.fromisoformat(f"{period}-01")
        except ValueError:
            raise Http404 from None
        # Who reports on the action may attach to an update that they don't read as a whole.
        updates = Update.objects if self.reports else Update.objects.visible_to(self.request.viewer)
        update = updates.filter(plan=self.plan, period_on=begun).order_by("-number").first()
        if update is None:
            raise Http404
        return update

    def _show(self, form, update):
        viewer = self.request.viewer
        rows = evidence_of([self.planned.action_id], viewer)[self.planned.action_id]
        drafts = viewer.may_at(Ability.DRAFT_PLANS, self.plan.council_id)
        # An owner who attached a row reports on its action: that was asked once.
        removable = {
            one.pk for one in rows if drafts or (self.reports and one.attached_by_id == viewer.person_id)
        }
        context = {
            "plan": self.plan,
            "council": self.plan.council,
            "planned": self.planned,
            "number": number_of(self.planned),
            "reports": self.reports,
            "reads_plan": drafts or PlanVersion.objects.visible_to(viewer).filter(plan=self.plan).exists(),
            "update": update,
            "period": period_words(update.period_on, self.plan.months) if update else "",
            "lines": lines_of(rows, removable, self.plan.months),
            "form": form,
        }
        return render(self.request, "improvement/evidence/evidence.html", context)


class RemoveEvidence(View):
    """Ask before a piece of evidence is taken away: its file is deleted for good."""

    def dispatch(self, request, reference, pk, evidence):
        self.evidence = get_object_or_404(
            Evidence.objects.visible_to(request.viewer).select_related(
                "document", "action__plan__council", "update"
            ),
            pk=evidence,
            action=pk,
            action__plan__reference=reference,
            removed_on=None,
        )
        if not may_remove(self.evidence, request.viewer):
            raise PermissionDenied
        self.back = reverse("action_evidence", args=[reference, pk])
        return super().dispatch(request)

    def get(self, request):
        plan = self.evidence.action.plan
        context = {"evidence": self.evidence, "plan": plan, "council": plan.council, "back": self.back}
        return render(request, "improvement/evidence/remove.html", context)

    def post(self, request):
        try:
            remove(self.evidence, by=request.viewer, on=request.viewer.today)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, f"“{self.evidence.document.title}” was removed.")
        return redirect(self.back)


def _period(update):
    return f"{update.period_on:%Y-%m}" if update else ""
