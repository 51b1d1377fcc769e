"""Files of a review: the agreement, the slides, a version of the report. Made when asked for, never cached."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from cases.uploads import KINDS
from peer_reviews.models import FeedbackSlides
from peer_reviews.queries import report_files as files
from peer_reviews.queries import reports as queries
from peer_reviews.queries.report_content import slides_content
from peer_reviews.views.finding import review_or_404
from peer_reviews.views.reports import review_and_part


def file_response(content, name):
    """Return a download of `content` (bytes, or an open file) called `name`, that no browser keeps or shows."""
    ending = name[name.rindex(".") :]
    response = HttpResponse(content, content_type=KINDS[ending][1])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def report_docx(request, reference, number):
    report = _version(request, reference, number)
    return file_response(
        files.report_docx(report, request.viewer.today), files.report_file_name(report, ".docx")
    )


@require_safe
def report_pdf(request, reference, number):
    report = _version(request, reference, number)
    return file_response(files.report_pdf(report), files.report_file_name(report, ".pdf"))


def _version(request, reference, number):
    review, _part = review_and_part(request.viewer, reference)
    found = [one for one in queries.versions_of(review, request.viewer) if one.number == number]
    if not found:
        raise Http404
    found[0].review = review
    return found[0]


@require_safe
def slides_pptx(request, reference):
    """The slides as they were given; before that, for the team alone, as they would be given today."""
    review = review_or_404(request.viewer, reference)
    given = FeedbackSlides.objects.visible_to(request.viewer).filter(review=review).first()
    if given is not None:
        try:
            with given.upload.open("rb") as file:
                return file_response(file.read(), files.file_name(review, "feedback", ".pptx"))
        except FileNotFoundError:
            raise Http404 from None
    if FeedbackSlides.objects.filter(review=review).exists():
        raise Http404
    if not queries.part_of(review, request.viewer).on_team:
        raise Http404
    on = request.viewer.today
    content = slides_content(review, on)
    return file_response(
        files.slides_pptx(review, content, on), files.file_name(review, "feedback-draft", ".pptx")
    )


@require_safe
def agreement_docx(request, reference):
    review = _agreed(request, reference)
    content = files.agreement_docx(review, request.viewer.today)
    return file_response(content, files.file_name(review, "agreement", ".docx"))


@require_safe
def agreement_pdf(request, reference):
    review = _agreed(request, reference)
    return file_response(files.agreement_pdf(review), files.file_name(review, "agreement", ".pdf"))


def _agreed(request, reference):
    """Return the review for those between whom it was agreed, and its team; to others there is no agreement."""
    review = review_or_404(request.viewer, reference)
    part = queries.part_of(review, request.viewer)
    if not (part.runs or part.on_team or part.reads_for_council):
        raise Http404
    return review
