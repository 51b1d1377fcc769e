"""Slides, reports and agreements as files: by the template that is in force, else by Upstream's own."""

from contextlib import contextmanager

from django.db.models import F, Q

from peer_reviews import writers
from peer_reviews.models import ReportTemplate
from peer_reviews.queries.report_content import agreement_content, report_content, report_word
from peer_reviews.writers.slides import slides_template

Use = ReportTemplate.Use
# The ending of each use's template, and what is written for it.
ENDINGS = {Use.AGREEMENT: ".docx", Use.SLIDES: ".pptx", Use.REPORT: ".docx", Use.LETTER: ".docx"}


def template_in_force(use, kind, on):
    """Return the ReportTemplate of `use` on the day `on`: the latest for the kind, else for all; None without one."""
    return (
        ReportTemplate.objects.on(on)
        .filter(Q(kind=kind) | Q(kind=None), use=use)
        .order_by(F("kind").desc(nulls_last=True), "-from_on", "-pk")
        .first()
    )


@contextmanager
def _opened(use, kind, on):
    template = template_in_force(use, kind, on)
    if template is None:
        yield None
        return
    with template.upload.open("rb") as file:
        yield file


def slides_pptx(review, content, on):
    """Return the bytes of the slides that say `content`."""
    with _opened(Use.SLIDES, review.kind, on) as template:
        return writers.slides_pptx(content, template=template)


def report_docx(report, on):
    """Return the bytes of a version in Word."""
    use = Use.LETTER if report.review.kind.letter else Use.REPORT
    with _opened(use, report.review.kind, on) as template:
        return writers.report_docx(report_content(report), template=template)


def report_pdf(report):
    """Return the bytes of a version as PDF, tagged."""
    return writers.report_pdf(report_content(report))


def agreement_docx(review, on):
    with _opened(Use.AGREEMENT, review.kind, on) as template:
        return writers.agreement_docx(review, agreement_content(review), template=template)


def agreement_pdf(review):
    return writers.agreement_pdf(review, agreement_content(review))


def file_name(review, what, ending, number=None):
    """Return what a download is called: "PR-2026-0001-report-v2.docx"."""
    version = f"-v{number}" if number else ""
    return f"{review.case.reference}-{what}{version}{ending}"


def report_file_name(report, ending):
    return file_name(report.review, report_word(report.review.kind), ending, report.number)


def own_template_of(use):
    """Return the bytes of Upstream's own template of a use."""
    if use == Use.SLIDES:
        return slides_template()
    return writers.agreement_template() if use == Use.AGREEMENT else writers.report_template()


def try_template(use, file):
    """Write a trial with a template, an open binary file; whatever is wrong with it is raised."""
    if use == Use.SLIDES:
        return writers.slides_pptx(TRIAL_SLIDES, template=file)
    if use == Use.AGREEMENT:
        return writers.agreement_docx(None, TRIAL_AGREEMENT, template=file)
    return writers.report_docx(TRIAL_REPORT, template=file)


TRIAL_REPORT = {
    "title": "A trial",
    "council": "Saltmarsh Council",
    "kind": "Peer challenge",
    "date": "2 November 2026",
    "language": "en-GB",
    "number": 1,
    "standing": "Draft",
    "paragraphs": [
        {"kind": kind, "text": f"Words of a {kind} & <its> marks"}
        for kind in ("heading", "text", "strength", "consideration", "recommendation")
    ],
}
TRIAL_SLIDES = {
    "title": "A trial",
    "council": "Saltmarsh Council",
    "date": "2 November 2026",
    "language": "en-GB",
    "slides": [
        {"title": "Peer challenge", "bullets": [{"kind": "text", "text": "Saltmarsh Council"}]},
        {
            "title": "Leaders: strengths",
            "bullets": [{"kind": "strength", "text": "Words of a strength & <its> marks"}],
        },
    ],
}
TRIAL_AGREEMENT = {
    "title": "A trial: agreement",
    "reference": "PR-2026-0001",
    "council": "Saltmarsh Council",
    "kind": "Peer challenge",
    "language": "en-GB",
    "with_councils": [],
    "first_day": "2 November 2026",
    "last_day": "5 November 2026",
    "scope": "What it looks at & <what not>",
    "lines": [{"title": "Leaders", "question": "How well?"}],
    "team": [{"role": "Lead peer", "number": 1}],
    "steps": [{"step": "Draft report", "due": "30 November 2026"}],
    "subsidy": "Fully subsidised",
    "subsidy_basis": "",
    "endorsed": [],
    "agreed_by_council_on": "",
    "agreed_by_lga_on": "",
}
