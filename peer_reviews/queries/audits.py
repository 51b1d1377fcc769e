"""The cases that a team audited, and how many of its grades agree with the council's own."""

from dataclasses import dataclass

from peer_reviews.models import AuditedCase

WORST_FIRST = list(AuditedCase.Grade.values)


@dataclass(frozen=True)
class Tally:
    """How many cases were audited, how many of them the council had graded, and how its grades compare."""

    audited: int
    graded: int
    agree: int
    council_higher: int
    council_lower: int


def audited_of(review, viewer):
    """Return the review's audited cases that the viewer may read, in the order of their references. One query."""
    return list(
        AuditedCase.objects.visible_to(viewer)
        .filter(review=review)
        .select_related("line", "auditor__peer", "auditor__person")
    )


def tally_of(cases):
    """Count audited cases."""
    differences = [
        WORST_FIRST.index(one.council_grade) - WORST_FIRST.index(one.team_grade)
        for one in cases
        if one.council_grade
    ]
    return Tally(
        audited=len(cases),
        graded=len(differences),
        agree=sum(each == 0 for each in differences),
        council_higher=sum(each > 0 for each in differences),
        council_lower=sum(each < 0 for each in differences),
    )
