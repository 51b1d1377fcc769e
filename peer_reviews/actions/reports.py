"""Slides and report: given, begun, written, sent to the council, and made final.

Who runs the review writes the report. A version that was sent never changes: the next is made from it.
"""

import hashlib
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, Max

from cases.actions.recommendations import MOST_AT_ONCE, write_recommendations
from cases.identifiers import refuse_identifiers
from cases.models import Recommendation, Source
from cases.presenters import count_of
from cases.queries import working_calendars
from cases.refusals import Refused, Stale
from cases.rules import BeyondTheTable
from peer_reviews.actions import steps
from peer_reviews.actions.review import go_to, locked, save, tell
from peer_reviews.actions.teams import end_service
from peer_reviews.models import (
    FactualComment,
    FeedbackSlides,
    Paragraph,
    PeerReview,
    PreBrief,
    Report,
    Stage,
    StepKind,
)
from peer_reviews.queries.findings import agreed_findings
from peer_reviews.queries.report_content import first_paragraphs, report_title, slides_content
from peer_reviews.queries.report_files import slides_pptx
from peer_reviews.queries.reports import may_leave_out_the_check
from peer_reviews.rules import steps as step_rules
from peer_reviews.rules.report_text import digest_of, numbered

COMMENT_WORKING_DAYS = 10
LONGEST = {
    Paragraph.Kind.HEADING: 200,
    # A recommendation becomes one of the council's, which holds so much.
    Paragraph.Kind.RECOMMENDATION: Recommendation._meta.get_field("text").max_length,
}
LONGEST_PARAGRAPH = Paragraph._meta.get_field("text").max_length
LONGEST_TITLE = Report._meta.get_field("title").max_length
MOST_PARAGRAPHS = 1000
SENT_ALREADY = "This version was sent, and a sent version never changes"


# Slides


@transaction.atomic
def give_slides(review, *, now, by, on, revision=None):
    """Freeze the slides of the last day as given at the moment `now`, and take the review to feedback given.

    By the review's manager, once the director, chief executive and leader have heard it. Returns the FeedbackSlides.
    Raises PermissionDenied, Refused and Stale. Rule: section 6, point 6.
    """
    among = PeerReview.objects.run_by(by) & PeerReview.objects.of_team(by)
    review = locked(review, among=among, revision=revision)
    if FeedbackSlides.objects.filter(review=review).exists():
        raise Refused("Feedback was given already, and its slides stay as they were")
    if review.stage != Stage.ON_SITE:
        raise Refused("Feedback is given while the team is on site")
    pre_brief = PreBrief.objects.filter(review=review).first()
    if pre_brief is None or pre_brief.held_at > now:
        raise Refused(
            "Record first when the director, the chief executive and the leader heard it in private"
        )
    if not agreed_findings(review):
        raise Refused("The team has agreed no finding yet")
    content = slides_content(review, on)
    file = slides_pptx(review, content, on)
    given = FeedbackSlides(
        review=review,
        content=content,
        digest=hashlib.sha256(file).hexdigest(),
        given_at=now,
        given_by_id=by.person_id,
    )
    given.upload.save(f"{uuid4().hex}.pptx", ContentFile(file), save=False)
    try:
        given.save(force_insert=True)
        go_to(review, Stage.FEEDBACK_GIVEN, by=by, on=on)
    except BaseException:
        given.upload.storage.delete(given.upload.name)
        raise
    tell("review-slides-given", review, by=by, on=on, slides=len(content["slides"]), digest=given.digest)
    return given


# Writing


@transaction.atomic
def begin_report(review, *, by, on):
    """Begin the next version of a review's report and return it.

    The first from the agreed findings, once feedback was given; a later one from the one that the council has
    commented on. Raises PermissionDenied and Refused.
    """
    review = locked(review, among=PeerReview.objects.run_by(by))
    latest = review.reports.order_by("number").last()
    if latest is None:
        return _first_version(review, by, on)
    if latest.stage == Report.Stage.DRAFT:
        raise Refused(f"Version {latest.number} is a draft already")
    if latest.stage == Report.Stage.FINAL:
        raise Refused("The report is final")
    if latest.comments_closed_on is None:
        raise Refused("The council has not finished its comments yet")
    return _next_version(latest, by, on)


def _first_version(review, by, on):
    if review.stage != Stage.FEEDBACK_GIVEN:
        raise Refused("The report begins once feedback was given to the council")
    report = Report.objects.create(
        review=review,
        number=1,
        title=report_title(review)[:LONGEST_TITLE],
        begun_on=on,
        begun_by_id=by.person_id,
    )
    Paragraph.objects.bulk_create(
        Paragraph(report=report, place=place, kind=kind, text=text, finding=finding)
        for place, (kind, text, finding) in enumerate(first_paragraphs(review), 1)
    )
    go_to(review, Stage.DRAFT_REPORT, by=by, on=on)
    tell("review-report-begun", review, by=by, on=on, subject=report, number=1)
    return report


def _next_version(sent, by, on):
    report = Report.objects.create(
        review=sent.review,
        number=sent.number + 1,
        title=sent.title,
        begun_on=on,
        begun_by_id=by.person_id,
    )
    Paragraph.objects.bulk_create(
        Paragraph(
            report=report,
            key=one.key,
            place=place,
            kind=one.kind,
            text=one.text,
            finding_id=one.finding_id,
        )
        for place, one in enumerate(sent.paragraphs.order_by("place", "pk"), 1)
    )
    tell("review-report-begun", sent.review, by=by, on=on, subject=report, number=report.number)
    return report


@transaction.atomic
def change_title(report, *, title, revision, by, on):
    """Change the title of a draft. Raises PermissionDenied, Refused and Stale."""
    report = _draft(report, by, revision)
    title = " ".join(title.split())
    if not title:
        raise Refused("Enter the title", "title")
    if len(title) > LONGEST_TITLE:
        raise Refused(f"The title must be {LONGEST_TITLE} characters or fewer", "title")
    refuse_identifiers(title=title)
    report.title = title
    return _save(report, "title", by, on)


@transaction.atomic
def change_paragraph(report, *, key, kind, text, revision, by, on):
    """Change a paragraph of a draft and return it; one that somebody removed meanwhile is put back at the end.

    Raises PermissionDenied, Refused and Stale.
    """
    report = _draft(report, by, revision)
    kind, text = _checked(kind, text)
    paragraph = report.paragraphs.filter(key=key).first()
    if paragraph is None:
        paragraph = Paragraph(report=report, key=key, place=_last_place(report) + 1)
    paragraph.kind, paragraph.text = kind, text
    paragraph.save()
    _save(report, "paragraph-changed", by, on)
    return paragraph


@transaction.atomic
def add_paragraph(report, *, kind, text, after=None, revision, by, on):
    """Add a paragraph to a draft and return it: below the paragraph with the key `after`, at the end without one.

    Raises PermissionDenied, Refused and Stale.
    """
    report = _draft(report, by, revision)
    kind, text = _checked(kind, text)
    if report.paragraphs.count() >= MOST_PARAGRAPHS:
        raise Refused(f"A report can have {MOST_PARAGRAPHS:,} paragraphs", "text")
    above = report.paragraphs.filter(key=after).first() if after else None
    place = above.place if above else _last_place(report)
    report.paragraphs.filter(place__gt=place).update(place=F("place") + 1)
    paragraph = Paragraph.objects.create(report=report, place=place + 1, kind=kind, text=text)
    _save(report, "paragraph-added", by, on)
    return paragraph


@transaction.atomic
def move_paragraph(report, *, key, up, revision, by, on):
    """Move a paragraph of a draft past the one above it (`up`), or below it. At an end it stays.

    Raises PermissionDenied, Refused and Stale.
    """
    report = _draft(report, by, revision)
    paragraphs = list(report.paragraphs.order_by("place", "pk"))
    index = next((index for index, one in enumerate(paragraphs) if one.key == key), None)
    if index is None:
        raise Refused("Somebody has removed this paragraph")
    other = index - 1 if up else index + 1
    if 0 <= other < len(paragraphs):
        paragraphs[index], paragraphs[other] = paragraphs[other], paragraphs[index]
        for place, one in enumerate(paragraphs, 1):
            one.place = place
        Paragraph.objects.bulk_update(paragraphs, ["place"])
        _save(report, "paragraph-moved", by, on)
    return report


@transaction.atomic
def remove_paragraph(report, *, key, revision, by, on):
    """Remove a paragraph from a draft. Raises PermissionDenied, Refused and Stale."""
    report = _draft(report, by, revision)
    gone, _ = report.paragraphs.filter(key=key).delete()
    if gone:
        _save(report, "paragraph-removed", by, on)
    return report


def _draft(report, by, revision):
    """Return the draft again under its lock, with its review locked before it."""
    review = locked(report.review, among=PeerReview.objects.run_by(by))
    current = Report.objects.select_for_update().get(pk=report.pk)
    current.review = review
    if current.stage != Report.Stage.DRAFT:
        raise Refused(SENT_ALREADY)
    if current.revision != revision:
        raise Stale(current)
    return current


def _checked(kind, text):
    text = text.replace("\r\n", "\n").strip()
    if kind not in Paragraph.Kind.values:
        raise Refused("Select what the paragraph is", "kind")
    if not text:
        raise Refused("Enter what the paragraph says", "text")
    longest = LONGEST.get(kind, LONGEST_PARAGRAPH)
    if len(text) > longest:
        named = Paragraph.Kind(kind).label.lower()
        raise Refused(f"This has {len(text):,} characters. Shorten the {named} to {longest:,}", "text")
    refuse_identifiers(text=text)
    return kind, text


def _last_place(report):
    return report.paragraphs.aggregate(last=Max("place"))["last"] or 0


def _save(report, what, by, on):
    report.revision += 1
    report.save()
    tell("review-report-changed", report.review, by=by, on=on, subject=report, number=report.number, did=what)
    return report


# Out


def comments_due(review, on):
    """Return the day by which the council comments on a draft sent on `on`: by its kind, else 10 working days."""
    calendar = working_calendars()[step_rules.CALENDAR]
    asked = review.kind.steps.filter(step=StepKind.FACTUAL_ACCURACY, anchor="draft-sent").first()
    length, unit = (asked.length, asked.unit) if asked else (COMMENT_WORKING_DAYS, "working-days")
    try:
        return step_rules.due(on, length, unit, calendar)
    except BeyondTheTable as beyond:
        raise Refused(str(beyond), "comments_due_on") from beyond


@transaction.atomic
def send_report(report, *, comments_due_on=None, revision, by, on):
    """Send a draft to the council for factual accuracy: it is frozen, with the digest of its text.

    `comments_due_on`: by the kind's own time where it isn't given. Raises PermissionDenied, Refused and Stale.
    """
    report = _draft(report, by, revision)
    review = report.review
    if review.stage not in (Stage.DRAFT_REPORT, Stage.FACTUAL_ACCURACY):
        raise Refused("This review is not at its report")
    _refuse_unanswered(review)
    due = comments_due_on or comments_due(review, on)
    if due < on:
        raise Refused("The council needs until today or later", "comments_due_on")
    _freeze(report, Report.Stage.FACTUAL_ACCURACY, by, on)
    report.comments_due_on = due
    report.save()
    review.draft_sent_on = review.draft_sent_on or on
    if review.stage == Stage.DRAFT_REPORT:
        go_to(review, Stage.FACTUAL_ACCURACY, by=by, on=on)
    else:
        save(review)
    steps.set_steps(review, by=by, on=on)
    tell(
        "review-report-sent",
        review,
        by=by,
        on=on,
        subject=report,
        number=report.number,
        digest=report.digest,
        due=due.isoformat(),
    )
    return report


def _freeze(report, stage, by, on):
    paragraphs = list(report.paragraphs.order_by("place", "pk"))
    if not paragraphs:
        raise Refused("The report has no paragraphs yet")
    report.digest = digest_of(report.title, paragraphs)
    report.stage, report.sent_on, report.sent_by_id = stage, on, by.person_id
    report.revision += 1


def _refuse_unanswered(review):
    waiting = FactualComment.objects.filter(paragraph__report__review=review, answer="").count()
    if waiting:
        comments = count_of(waiting, "comment")
        raise Refused(f"{comments} of the council {'is' if waiting == 1 else 'are'} not answered yet")


@transaction.atomic
def make_final(report, *, revision, by, on):
    """Make a draft the final report, once each comment of the council is answered.

    Its recommendations become the council's, the team's service ends, and the clock of the next offer starts. Returns
    the Report. Raises PermissionDenied, Refused and Stale. Rule: section 6, points 4 and 6.
    """
    report = _draft(report, by, revision)
    review = report.review
    _refuse_not_final(review)
    _freeze(report, Report.Stage.FINAL, by, on)
    report.save()
    review.final_on = on
    review.source = _make_source(report, on)
    go_to(review, Stage.FINAL, by=by, on=on)
    steps.set_steps(review, by=by, on=on)
    made = _recommend(report, by, on)
    end_service(review, on=on)
    tell(
        "review-report-final",
        review,
        by=by,
        on=on,
        subject=report,
        number=report.number,
        digest=report.digest,
        recommendations=len(made),
    )
    return report


def _refuse_not_final(review):
    if review.stage not in (Stage.DRAFT_REPORT, Stage.FACTUAL_ACCURACY):
        raise Refused("This review is not at its report")
    rounds = review.reports.filter(stage=Report.Stage.FACTUAL_ACCURACY)
    if not rounds.exists() and not may_leave_out_the_check(review):
        raise Refused("The council has not seen it for factual accuracy yet")
    if rounds.filter(comments_closed_on=None).exists():
        raise Refused("The council has not finished its comments yet")
    _refuse_unanswered(review)


def _make_source(report, on):
    """Keep the report as what its recommendations rest on: the council's and the LGA's until it is published."""
    return Source.objects.create(
        council=report.review.case.council,
        kind=Source.Kind.PEER_REVIEW,
        title=report.title,
        dated_on=on,
        received_on=on,
        received_assumed=False,
        access=Source.Access.UNPUBLISHED,
    )


def _recommend(report, by, on):
    paragraphs = list(report.paragraphs.order_by("place", "pk"))
    numbers = numbered(paragraphs)
    items = [
        (str(numbers[one.key]), one.text) for one in paragraphs if one.kind == Paragraph.Kind.RECOMMENDATION
    ]
    if len(items) > MOST_AT_ONCE:
        raise Refused(f"A report can have {MOST_AT_ONCE} recommendations")
    return write_recommendations(report.review.source, items, by=by, on=on) if items else []
