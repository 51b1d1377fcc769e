"""A review's report as its page shows it: its versions, paragraphs and comments, and what the viewer may do."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.permissions import Ability
from cases.models import Recommendation
from peer_reviews.models import (
    FactualComment,
    Paragraph,
    PeerReview,
    PreBrief,
    Progress,
    Report,
    StepKind,
)
from peer_reviews.rules.report_text import numbered, recommendations_numbered

Drafted, WithCouncil, Final = Report.Stage.DRAFT, Report.Stage.FACTUAL_ACCURACY, Report.Stage.FINAL


@dataclass(frozen=True)
class Part:
    """What the viewer is to a review's report: who runs it, is on its team, or answers or prepares for its council."""

    runs: bool = False
    on_team: bool = False
    answers: bool = False
    prepares: bool = False
    reads_for_council: bool = False
    visible: bool = False


def part_of(review, viewer):
    """Return the viewer's `Part`. One query."""
    reviews = PeerReview.objects
    asked = {
        "is_run": reviews.run_by(viewer),
        "is_of_team": reviews.of_team(viewer),
        "is_answered": reviews.answered_by(viewer),
        "is_prepared": reviews.prepared_by(viewer),
        "is_read": reviews.filter(viewer.council_filter(Ability.READ_REVIEWS, "case__council")),
        "is_visible": reviews.visible_to(viewer),
    }
    found = reviews.filter(pk=review.pk).annotate(
        **{name: Exists(rows.filter(pk=OuterRef("pk"))) for name, rows in asked.items()}
    )
    return Part(*found.values_list(*asked).get())


def report_review(viewer, reference):
    """Return the review whose report the viewer may read, or that they may read itself; None without one.

    A peer of its team at the follow-up reads the final report alone, and nothing else of the review.
    """
    theirs = Report.objects.visible_to(viewer).values("review")
    return (
        PeerReview.objects.filter(
            Q(pk__in=PeerReview.objects.visible_to(viewer).values("pk")) | Q(pk__in=theirs),
            case__reference=reference,
        )
        .select_related("case__council", "kind", "source")
        .first()
    )


@dataclass
class ParagraphShown:
    paragraph: Paragraph
    number: int | None
    recommendation: int | None
    comments: list = field(default_factory=list)
    first: bool = False
    last: bool = False


@dataclass
class ReportShown:
    """A version with its paragraphs, each with the comments that the viewer may read."""

    report: Report
    versions: list[Report]
    paragraphs: list[ParagraphShown]
    # The version that the comments were made on, where it is not this one.
    commented: Report | None
    comments: int
    unanswered: int
    # Comments on a paragraph that this version has no more.
    homeless: list = field(default_factory=list)


def may_leave_out_the_check(review):
    """Say whether the review's kind has no check of facts by the council, so that a draft may become final."""
    return not review.kind.steps.filter(step=StepKind.FACTUAL_ACCURACY).exists()


def versions_of(review, viewer):
    """Return the versions of a review's report that the viewer may read, the latest last."""
    return list(Report.objects.visible_to(viewer).filter(review=review).order_by("number"))


def report_shown(review, viewer, versions, number=None):
    """Return the version `number` of `versions`, the latest without one, as it is shown; None where it isn't there."""
    wanted = [one for one in versions if number in (None, one.number)]
    if not wanted:
        return None
    report = wanted[-1]
    report.review = review
    paragraphs = list(report.paragraphs.order_by("place", "pk"))
    commented = _commented(report, versions)
    comments = _comments_on(commented, viewer) if commented else {}
    numbers, advised = numbered(paragraphs), recommendations_numbered(paragraphs)
    shown = [
        ParagraphShown(one, numbers.get(one.key), advised.get(one.key), comments.pop(one.key, []))
        for one in paragraphs
    ]
    if shown:
        shown[0].first = shown[-1].last = True
    homeless = [one for ones in comments.values() for one in ones]
    told = homeless + [one for each in shown for one in each.comments]
    return ReportShown(
        report,
        versions,
        shown,
        commented if commented is not report else None,
        len(told),
        sum(not one.answer for one in told),
        homeless,
    )


def _commented(report, versions):
    """Return the version whose comments stand beside this one's paragraphs: itself, or the last sent before it."""
    sent = [one for one in versions if one.stage == WithCouncil and one.number <= report.number]
    return sent[-1] if sent else None


def _comments_on(report, viewer):
    """Return {key of a paragraph: the comments on it that the viewer may read}."""
    found = defaultdict(list)
    comments = FactualComment.objects.visible_to(viewer).filter(paragraph__report=report)
    for one in comments.select_related("paragraph").order_by("paragraph__place", "pk"):
        found[one.paragraph.key].append(one)
    return found


def comment_or_none(review, viewer, pk):
    return (
        FactualComment.objects.visible_to(viewer)
        .filter(paragraph__report__review=review, pk=pk)
        .select_related("paragraph__report__review__case__council", "paragraph__report__review__kind")
        .first()
    )


def slides_of(review):
    return getattr(review, "slides", None)


def has_pre_brief(review, now):
    """Say whether the director, chief executive and leader have heard the feedback by the moment `now`."""
    return PreBrief.objects.filter(review=review, held_at__lte=now).exists()


def followed_up(review, viewer):
    """Return the review's recommendations, each with `found`: its Progress that the viewer may read, or None."""
    progress = Progress.objects.visible_to(viewer).filter(review=review)
    told = list(
        Recommendation.objects.filter(source_id=review.source_id or 0)
        .exclude(outcome=Recommendation.Outcome.WITHDRAWN)
        .order_by("number")
        .prefetch_related(Prefetch("follow_up_progress", progress, to_attr="found_progress"))
    )
    for one in told:
        one.found = one.found_progress[0] if one.found_progress else None
    return told


def follow_up_held_on(review):
    """Return the day on which the follow-up was held, as its milestone has it, or None. One query."""
    held = review.steps.filter(step=StepKind.FOLLOW_UP).values_list("milestone__met_on", flat=True)
    return held.first()
