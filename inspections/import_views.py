"""The pages of imports, for national leads: upload a file, see what it would change, have it imported."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import View

from accounts.permissions import Ability
from cases.actions import Refused, Stale
from inspections import actions
from inspections.import_forms import DecisionForm, UploadForm
from inspections.import_presenters import OUTCOMES, ImportsPage, RunPage, table
from inspections.models import ImportRun, OfstedFile
from look.exports import csv_response

RUNS_A_PAGE = 50
LINES_A_PAGE = 100


class OfNationalLeads(View):
    """A page for whoever may import; 403 to others."""

    def dispatch(self, request, *args, **kwargs):
        if not request.viewer.may(Ability.IMPORT_OUTCOMES):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class Imports(OfNationalLeads):
    """What has been imported, and the form to upload a file."""

    def get(self, request):
        return self._show(UploadForm())

    def post(self, request):
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form)
        try:
            run = actions.start_import(
                upload=form.cleaned_data["upload"], by=request.viewer, on=request.viewer.today
            )
        except Refused as refused:
            form.add_error(refused.field, refused.message)
            return self._show(form)
        return redirect("import_run", run.pk)

    def _show(self, form):
        runs = Paginator(ImportRun.objects.select_related("by"), RUNS_A_PAGE)
        waiting = ImportRun.objects.filter(state=ImportRun.State.PREVIEWED).count()
        page = ImportsPage(runs.get_page(self.request.GET.get("page")), waiting)
        return render(self.request, "inspections/imports.html", {"form": form, "page": page})


class Run(OfNationalLeads):
    """One import, by its state: how far it is, what it would change, what it did, or why it was refused."""

    def get(self, request, pk):
        run = self._run(pk)
        if request.GET.get("outcome", "") not in ("", *OUTCOMES):
            return HttpResponseBadRequest(
                "There is no such outcome.", content_type="text/plain; charset=utf-8"
            )
        if request.GET.get("format") == "csv":
            return csv_response(
                f"upstream-import-{run.pk}", *table(self._lines(run).iterator(chunk_size=1000))
            )
        return self._show(run)

    def _run(self, pk):
        return get_object_or_404(ImportRun.objects.select_related("by"), pk=pk)

    def _lines(self, run):
        outcome = self.request.GET.get("outcome")
        return run.lines.filter(outcome=outcome) if outcome else run.lines.all()

    def _show(self, run, *, moved_on=False):
        outcome = self.request.GET.get("outcome", "")
        counts = dict(run.lines.order_by().values_list("outcome").annotate(Count("pk")))
        lines = Paginator(self._lines(run), LINES_A_PAGE)
        lines.count = counts.get(outcome, 0) if outcome else sum(counts.values())
        page = RunPage(
            run,
            counts,
            lines.get_page(self.request.GET.get("page")),
            outcome=outcome,
            now=timezone.now(),
            known_since=self._known_since(run),
        )
        context = {"page": page, "run": run, "moved_on": moved_on}
        return render(self.request, "inspections/import_run.html", context, status=409 if moved_on else 200)

    def _known_since(self, run):
        """The day on which the very same file was taken into the record; None where it was not."""
        files = OfstedFile.objects.filter(sha256=run.sha256, rows__inspection__isnull=False)
        return files.values_list("imported_on", flat=True).first()


class Decide(Run):
    """Confirm or cancel a run. 409 where it has moved on since the person looked at it: nothing is done."""

    def post(self, request, pk):
        run, form = self._run(pk), DecisionForm(request.POST)
        if not form.is_valid():
            return self._show(run)
        try:
            self.act(run, by=request.viewer, on=request.viewer.today, revision=form.cleaned_data["revision"])
        except Stale:
            return self._show(self._run(pk), moved_on=True)
        return self.leave(run)


class Confirm(Decide):
    act = staticmethod(actions.confirm_import)

    def leave(self, run):
        return redirect("import_run", run.pk)


class Cancel(Decide):
    act = staticmethod(actions.cancel_import)

    def leave(self, run):
        messages.success(self.request, f"{run.name} was left alone. Nothing was changed.")
        return redirect("imports")
