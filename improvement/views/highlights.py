"""The highlight report for the board: as a page that prints, and as a PDF of the same words."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from improvement.documents import highlight_pdf
from improvement.presenters.highlights import paper_of
from improvement.queries.highlights import tell, updates_read_by


def revision_of(updates, request, reference, period):
    """Return the latest revision of a period's update among `updates`, or that which `?number=` names. 404 for none."""
    revisions = updates.filter(plan__reference=reference, period_on=period)
    number = request.GET.get("number", "")
    if number:
        if not (number.isascii() and number.isdigit()) or len(number) > 4:
            raise Http404
        revisions = revisions.filter(number=int(number))
    update = revisions.order_by("-number").first()
    if update is None:
        raise Http404
    return update


class HighlightReport(View):
    """Of a submitted update for whoever may read it; of one being filled in for the council, marked as a draft."""

    def get(self, request, reference, period):
        update = revision_of(updates_read_by(request.viewer), request, reference, period)
        paper = paper_of(tell(update, request.viewer.today))
        context = {
            "paper": paper,
            "late": enumerate(paper.late),
            "off_track": enumerate(paper.off_track),
            "update": update,
            "plan": update.plan,
            "council": update.plan.council,
        }
        return render(request, "improvement/highlights/report.html", context)


class HighlightPdf(View):
    def get(self, request, reference, period):
        update = revision_of(updates_read_by(request.viewer), request, reference, period)
        paper = paper_of(tell(update, request.viewer.today))
        response = HttpResponse(highlight_pdf(paper), content_type="application/pdf")
        draft = "-draft" if paper.is_draft else ""
        name = f"{update.plan.reference}-highlight-report-{period:%Y-%m}{draft}.pdf"
        response["Content-Disposition"] = f'inline; filename="{name}"'
        return response
