"""The factual accuracy round: what the council says of a paragraph, and what came of it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.presenters import day_words
from cases.refusals import Refused, Stale
from peer_reviews.actions import steps
from peer_reviews.actions.review import locked, tell
from peer_reviews.models import FactualComment, PeerReview, Report, Stage, StepKind

LONGEST_COMMENT = FactualComment._meta.get_field("text").max_length
LONGEST_REASON = FactualComment._meta.get_field("reason").max_length


@transaction.atomic
def comment(paragraph, *, text, by, on):
    """Say for the council what is not right in a paragraph, and return the FactualComment.

    By those who prepare its reviews, while the version is with them. Raises PermissionDenied and Refused.
    """
    report = _with_the_council(paragraph.report, by)
    made = FactualComment.objects.create(
        paragraph=paragraph, text=_checked(text), made_on=on, made_by_id=by.person_id
    )
    tell("review-factual-comment", report.review, by=by, on=on, subject=made, number=report.number)
    return made


@transaction.atomic
def change_comment(comment, *, text, revision, by, on):
    """Change what the council says of a paragraph. Raises PermissionDenied, Refused and Stale."""
    report = _with_the_council(comment.paragraph.report, by)
    current = _again(comment, revision)
    current.text = _checked(text)
    return _save(current, "review-factual-comment-changed", report, by, on)


@transaction.atomic
def close_comments(report, *, by, on):
    """Close the round: by the council's approver at any time, by who runs the review after its last day.

    Raises PermissionDenied and Refused.
    """
    answered, run = PeerReview.objects.answered_by(by), PeerReview.objects.run_by(by)
    review = locked(report.review, among=answered | run)
    report = Report.objects.select_for_update().get(pk=report.pk)
    report.review = review
    _refuse_not_with_the_council(report)
    if not answered.filter(pk=review.pk).exists() and report.comments_due_on >= on:
        raise Refused(f"The council has until {day_words(report.comments_due_on)}")
    report.comments_closed_on = on
    report.revision += 1
    report.save()
    steps.meet(review, StepKind.FACTUAL_ACCURACY, met_on=on, by=by, on=on)
    tell("review-factual-closed", review, by=by, on=on, subject=report, number=report.number)
    return report


@transaction.atomic
def answer_comment(comment, *, answer, reason, revision, by, on):
    """Say whether a comment is accepted, and why where it is not, or in part. It may be answered anew until final.

    Raises PermissionDenied, Refused and Stale.
    """
    review = locked(comment.paragraph.report.review, among=PeerReview.objects.run_by(by))
    report = Report.objects.get(pk=comment.paragraph.report_id)
    report.review = review
    if report.comments_closed_on is None:
        raise Refused("The council has not finished its comments yet")
    if review.stage != Stage.FACTUAL_ACCURACY:
        raise Refused("The report is final")
    current = _again(comment, revision)
    reason = reason.strip()
    if answer not in FactualComment.Answer.values:
        raise Refused("Select whether it is accepted", "answer")
    if not reason and answer != FactualComment.Answer.ACCEPTED:
        raise Refused("Enter the reason, which the council reads", "reason")
    if len(reason) > LONGEST_REASON:
        raise Refused(f"Shorten the reason to {LONGEST_REASON:,} characters", "reason")
    refuse_identifiers(reason=reason)
    current.answer, current.reason = answer, reason
    current.answered_on, current.answered_by_id = on, by.person_id
    return _save(current, "review-factual-answered", report, by, on, answer=str(answer))


def _with_the_council(report, by):
    """Return the report with its review locked, for whoever may comment, while it is with the council."""
    review = locked(report.review, among=PeerReview.objects.prepared_by(by))
    current = Report.objects.get(pk=report.pk)
    current.review = review
    if current.sent_on is None:
        raise PermissionDenied  # a draft is none of the council's
    _refuse_not_with_the_council(current)
    return current


def _refuse_not_with_the_council(report):
    if report.stage != Report.Stage.FACTUAL_ACCURACY or report.comments_closed_on is not None:
        raise Refused("The comments on this version are closed")
    if report.review.stage != Stage.FACTUAL_ACCURACY:
        raise Refused("This review is not at its factual accuracy check")


def _again(comment, revision):
    current = FactualComment.objects.select_for_update().get(pk=comment.pk)
    if current.revision != revision:
        raise Stale(current)
    return current


def _checked(text):
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("Enter what is not right", "text")
    if len(text) > LONGEST_COMMENT:
        raise Refused(f"Shorten the comment to {LONGEST_COMMENT:,} characters", "text")
    refuse_identifiers(text=text)
    return text


def _save(comment, kind, report, by, on, **data):
    comment.revision += 1
    comment.save()
    tell(kind, report.review, by=by, on=on, subject=comment, number=report.number, **data)
    return comment
