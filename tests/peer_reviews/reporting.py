"""A review with its agreed findings, taken as far as a test wants it: slides, draft, with the council, final."""

from datetime import UTC, datetime, timedelta

from peer_reviews.actions import factual
from peer_reviews.actions import reports as actions
from peer_reviews.models import Finding, LineOfEnquiry, PeerReview, PreBrief, Stage
from tests.peer_reviews.reviews import make_review

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)


def agree_findings(made):
    """Give a review a strength and a consideration in its first line, and two recommendations; return them."""
    line = LineOfEnquiry.objects.filter(review=made.review).first()
    said = [
        ("strength", line, "Social workers know their children well."),
        ("consideration", line, "Supervision is not yet regular."),
        ("recommendation", None, "Make sure that supervision is held every month."),
        ("recommendation", None, "Ask families what has changed."),
    ]
    return [
        Finding.objects.create(
            review=made.review,
            kind=kind,
            line=of,
            place=place,
            wording=words,
            agreed_on=made.today,
        )
        for place, (kind, of, words) in enumerate(said, 1)
    ]


def brief(made):
    return PreBrief.objects.create(
        review=made.review,
        held_at=NOW - timedelta(hours=2),
        dcs=True,
        chief_executive=True,
        leader=True,
    )


def by(made, person=None):
    """Return the `by` and `on` of the review's manager, or of `person`."""
    return {"by": made.viewer(person or made.manager), "on": made.today}


def given(**fields):
    """Return a review whose feedback was given."""
    made = make_review(stage=Stage.ON_SITE, **fields)
    agree_findings(made)
    brief(made)
    actions.give_slides(made.review, now=NOW, **by(made))
    return again(made)


def again(made):
    made.review = PeerReview.objects.select_related("case__council", "kind").get(pk=made.review.pk)
    return made


def drafted(**fields):
    """Return (made, report) of a review with the first draft of its report."""
    made = given(**fields)
    report = actions.begin_report(made.review, **by(made))
    return again(made), report


def sent(**fields):
    """Return (made, report) of a review whose first version is with the council."""
    made, report = drafted(**fields)
    report = actions.send_report(report, revision=report.revision, **by(made))
    return again(made), report


def final(**fields):
    """Return (made, report) of a review whose report is final, after a round without comments."""
    made, report = sent(**fields)
    factual.close_comments(report, **by(made, made.approver))
    report = actions.begin_report(made.review, **by(made))
    report = actions.make_final(report, revision=report.revision, **by(made))
    return again(made), report
