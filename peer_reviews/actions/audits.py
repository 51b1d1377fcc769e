"""The cases that the team audits, by reference alone: its grade, and the council's own."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.refusals import Refused, Stale
from peer_reviews.actions.review import locked, tell
from peer_reviews.models import AuditedCase, LineOfEnquiry, PeerReview, TeamMember
from peer_reviews.rules.references import is_case_reference, reference_of

NOT_A_REFERENCE = (
    "Enter the case’s reference: letters and digits, such as A12 or AUD-0042. Never a name, a date or a number of "
    "the child’s own."
)


@transaction.atomic
def record_audit(review, *, reference, team_grade, council_grade="", line=None, by, on):
    """Record a case that the team audited, and return the AuditedCase. The team alone may (else PermissionDenied).

    `council_grade`: "" where the council has not graded it. Raises Refused on the field that is wrong.
    """
    review = locked(review, among=PeerReview.objects.of_team(by))
    audited = AuditedCase(
        review=review,
        auditor=TeamMember.objects.serving(by).filter(review=review).first(),
        audited_on=on,
    )
    _fill(audited, reference, team_grade, council_grade, line)
    audited.save()
    tell("review-case-audited", review, by=by, on=on, subject=audited)
    return audited


@transaction.atomic
def change_audit(audited, *, reference, team_grade, council_grade="", line=None, revision, by, on):
    """Change what was recorded of an audited case. Raises Refused, Stale and PermissionDenied."""
    audited = _locked_audit(audited, revision, by)
    _fill(audited, reference, team_grade, council_grade, line)
    audited.revision += 1
    audited.save()
    tell("review-audit-changed", audited.review, by=by, on=on, subject=audited)
    return audited


@transaction.atomic
def remove_audit(audited, *, revision, by, on):
    """Delete a case that was recorded by mistake. Raises Stale and PermissionDenied."""
    audited = _locked_audit(audited, revision, by)
    tell("review-audit-removed", audited.review, by=by, on=on, subject=audited)
    audited.delete()


def checked_reference(typed, field="reference"):
    """Return a case's reference as it is kept. Raises Refused on `field` where it could be a name, date or number."""
    reference = reference_of(typed)
    refuse_identifiers(**{field: reference})
    if not is_case_reference(reference):
        raise Refused(NOT_A_REFERENCE, field)
    return reference


def _locked_audit(audited, revision, by):
    review = locked(audited.review, among=PeerReview.objects.of_team(by))
    current = AuditedCase.objects.select_for_update().filter(pk=audited.pk, review=review).first()
    if current is None:
        raise PermissionDenied
    if current.revision != revision:
        raise Stale(current)
    current.review = review
    return current


def _fill(audited, reference, team_grade, council_grade, line):
    reference = checked_reference(reference)
    if team_grade not in AuditedCase.Grade.values:
        raise Refused("Select the team’s grade", "team_grade")
    if council_grade and council_grade not in AuditedCase.Grade.values:
        raise Refused("Select the council’s own grade", "council_grade")
    if line is not None and not LineOfEnquiry.objects.filter(pk=line.pk, review=audited.review).exists():
        raise Refused("Choose a line of enquiry of this review", "line")
    others = AuditedCase.objects.filter(review=audited.review, reference=reference).exclude(pk=audited.pk)
    if others.exists():
        raise Refused(f"{reference} is recorded already", "reference")
    audited.reference, audited.line = reference, line
    audited.team_grade, audited.council_grade = team_grade, council_grade
