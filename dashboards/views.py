"""The pages that only read: my work, England, regions, councils. Every one shows a day, and its tables as CSV."""

from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from councils.models import Region
from dashboards import queries
from dashboards.changes import changes
from dashboards.forms import CouncilsForm, DayForm, RegionForm
from dashboards.plans import plan_work
from dashboards.presenters.brief import BriefPage
from dashboards.presenters.changes import ChangesShown
from dashboards.presenters.council import CouncilPage, HistoryPage
from dashboards.presenters.england import EnglandPage
from dashboards.presenters.plans import PlansAtWork
from dashboards.presenters.region import RegionPage
from dashboards.presenters.reviews import ReviewsAtWork
from dashboards.presenters.work import WorkPage
from dashboards.reviews import review_work
from look.exports import csv_response


def my_work(request):
    """What changed since the person last looked, what they must do, what is coming and what is to confirm."""
    form = DayForm(request.GET, today=request.viewer.today)
    changed = _changes(request) if form.as_at.is_today else None
    found = queries.work(on=form.as_at.on, viewer=request.viewer)
    plans = PlansAtWork(plan_work(request.viewer), today=form.as_at.on) if form.as_at.is_today else None
    reviews = None
    if form.as_at.is_today:
        waiting = review_work(request.viewer, found.calendar)
        reviews = ReviewsAtWork(waiting, now=timezone.localtime(), today=form.as_at.on)
    page = WorkPage(
        found, as_at=form.as_at, viewer=request.viewer, changes=changed, plans=plans, reviews=reviews
    )
    tables = {"work": page.table} | ({"changes": changed.table} if changed else {})
    return respond(request, "dashboards/my_work.html", page, form, tables=tables)


def _changes(request):
    """What changed since the person last looked. Looking moves nothing: they say when they have read it."""
    found = changes(viewer=request.viewer)
    return ChangesShown(found, today=request.viewer.today, every=request.GET.get("changes") == "all")


def regions(request):
    """One row a region, with the demonstration's beside them."""
    page, form = _england(request)
    return respond(
        request, "dashboards/regions.html", page, form, tables={"regions": page.tables()["regions"]}
    )


def region(request, slug):
    """One region: what needs doing in it and one row a council."""
    shown = get_object_or_404(Region, slug=slug)
    form = RegionForm(request.GET, today=request.viewer.today)
    as_at = form.as_at
    rows = queries.region_as_at(
        shown, on=as_at.on, by=as_at.by, framework=form.framework_asked, viewer=request.viewer
    )
    page = RegionPage(shown, rows, as_at=as_at, form=form, viewer=request.viewer)
    return respond(request, "dashboards/region.html", page, form, tables={"councils": page.table})


def england(request):
    """England: councils by grade, interventions within the reader's scope, one row a region, and the councils."""
    page, form = _england(request)
    return respond(request, "dashboards/england.html", page, form, tables=page.tables())


def council(request, slug):
    """One council: facts, judgements across frameworks, the record of intervention, and its milestones."""
    form = DayForm(request.GET, today=request.viewer.today)
    as_at = form.as_at
    record = queries.council_record(slug, on=as_at.on, by=as_at.by, viewer=request.viewer)
    if record is None:
        raise Http404
    page = CouncilPage(record, as_at=as_at)
    return respond(request, "dashboards/council.html", page, form, tables=page.tables())


def council_brief(request, slug):
    """What to know before a call with a council, on one page of paper: for those who see its cases."""
    form = DayForm(request.GET, today=request.viewer.today)
    asked = {"on": form.as_at.on, "viewer": request.viewer}
    record = queries.council_record(slug, by=form.as_at.by, **asked)
    if record is None or not record.in_scope:
        raise Http404
    recommendations = queries.open_recommendations(record.council, **asked)
    page = BriefPage(record, recommendations, as_at=form.as_at)
    return respond(request, "dashboards/brief.html", page, form, tables=page.tables())


def council_history(request, slug):
    """What was done about a council, by whom and when: for those who see its cases."""
    page = HistoryPage(get_object_or_404(queries.council_with_history(slug, request.viewer)))
    page.events = queries.history(page.council, viewer=request.viewer, limit=HistoryPage.AT_MOST)
    form = DayForm({}, today=request.viewer.today)
    return respond(request, "dashboards/history.html", page, form, tables={"history": page.table})


def _england(request):
    form = CouncilsForm(request.GET, today=request.viewer.today)
    as_at = form.as_at
    found = queries.england(
        on=as_at.on, by=as_at.by, framework=form.framework_asked, viewer=request.viewer, show=form.shown
    )
    return EnglandPage(found, as_at=as_at, form=form), form


def respond(request, template, page, form, *, tables):
    """Render a page, or one of its tables as CSV where `?format=csv` asks for it (`&table=` names which).

    With something in the address that can't be read the page says so and has status 400.
    """
    if request.GET.get("format") == "csv" and form.is_valid():
        name = request.GET.get("table") or next(iter(tables))
        if name not in tables:
            return HttpResponseBadRequest("There is no such table.", content_type="text/plain; charset=utf-8")
        headings, rows = tables[name]()
        return csv_response(f"upstream-{name}-{form.as_at.on}", headings, rows)
    context = {"page": page, "form": form, "as_at": form.as_at}
    return render(request, template, context, status=200 if form.is_valid() else 400)
