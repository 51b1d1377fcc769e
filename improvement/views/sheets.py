"""A plan by spreadsheet: the empty one and a version's own out; one in, looked at row by row before it is loaded."""

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.generic import View

from cases.actions import Refused
from cases.uploads import read_workbook
from improvement.actions.sheets import NotLoaded, load_sheet, preview_sheet
from improvement.forms.sheets import SheetForm
from improvement.models import PlanVersion
from improvement.presenters.sheets import SheetPage
from improvement.queries.plans import read_version
from improvement.readers.plan_sheets import as_plain, from_plain, read_plan_sheet
from improvement.writers.plan_sheets import CONTENT_TYPE, plan_workbook

SALT = "improvement.plan-sheet"
# What was previewed goes with the form that confirms it, signed; below what Django takes of a form.
LONGEST_TOKEN = 2_000_000
SECONDS_TO_CONFIRM = 24 * 60 * 60


@require_safe
def empty_sheet(request):
    """The empty spreadsheet, with its instructions."""
    return _workbook("upstream-plan-empty.xlsx", plan_workbook())


@require_safe
def plan_sheet_out(request, reference, number):
    """A version as a spreadsheet, for whoever may read it."""
    version = _version(request, reference, number)
    document = read_version(version, request.viewer.today)
    return _workbook(f"{reference}-version-{number}.xlsx", plan_workbook(document))


class PlanSheet(View):
    """Upload a spreadsheet into a draft, see what it would do, and have it loaded.

    404 for whoever may not read the version, 403 for whoever doesn't draft. 409 where the draft has changed since the
    preview so that it would do something else: the new preview is shown, nothing is loaded.
    """

    def dispatch(self, request, reference, number):
        self.version = _version(request, reference, number)
        if not PlanVersion.objects.draftable_by(request.viewer).filter(pk=self.version.pk).exists():
            raise PermissionDenied
        return super().dispatch(request)

    def get(self, request):
        return self._show(SheetForm())

    def post(self, request):
        return self._confirm(request) if "preview" in request.POST else self._look(request)

    def _look(self, request):
        form = SheetForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form)
        try:
            sheet = read_plan_sheet(read_workbook(form.cleaned_data["upload"]))
            return self._preview(sheet, preview_sheet(self.version, sheet, **self._by_and_on()))
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
            return self._show(form)

    def _preview(self, sheet, preview, *, status=200):
        token = ""
        if not preview.problems:
            token = signing.dumps(
                {"sheet": as_plain(sheet), "digest": preview.digest, "for": self._for()},
                salt=SALT,
                compress=True,
            )
            if len(token) > LONGEST_TOKEN:
                raise Refused(
                    "The spreadsheet holds too much text to be loaded at once. Split it, and upload one part after "
                    "the other.",
                    "upload",
                )
        page = SheetPage(preview, sheet.notes)
        return self._show(SheetForm(), page=page, token=token, moved_on=status == 409, status=status)

    def _confirm(self, request):
        try:
            told = signing.loads(request.POST["preview"], salt=SALT, max_age=SECONDS_TO_CONFIRM)
        except signing.BadSignature:
            told = {}
        if told.get("for") != self._for():
            form = SheetForm({}, {})
            form.errors.clear()
            form.add_error(None, "What you looked at is no longer known. Upload the spreadsheet again.")
            return self._show(form)
        sheet = from_plain(told["sheet"])
        try:
            loaded = load_sheet(self.version, sheet, digest=told["digest"], **self._by_and_on())
        except NotLoaded as failure:
            return self._preview(sheet, failure.preview, status=409)
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect(self._address("plan_version"))
        messages.success(request, SheetPage(loaded, ()).done)
        return redirect(self._address("plan_version"))

    def _by_and_on(self):
        return {"by": self.request.viewer, "on": self.request.viewer.today}

    def _for(self):
        return [self.version.pk, self.request.viewer.person_id]

    def _address(self, name):
        return reverse(name, args=[self.version.plan.reference, self.version.number])

    def _show(self, form, *, page=None, token="", moved_on=False, status=200):
        context = {
            "form": form,
            "page": page,
            "token": token,
            "moved_on": moved_on,
            "version": self.version,
            "plan": self.version.plan,
            "council": self.version.plan.council,
            "answers_none": self.version.can_change and not self.version.plan.recommendations.exists(),
        }
        return render(self.request, "improvement/sheets/sheet.html", context, status=status)


def _version(request, reference, number):
    versions = PlanVersion.objects.visible_to(request.viewer).select_related("plan__council")
    return get_object_or_404(versions, plan__reference=reference, number=number)


def _workbook(name, content):
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
