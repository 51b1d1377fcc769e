"""What the team's evidence covers: lines of enquiry by kind of source, and findings that rest on one group."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q

from peer_reviews.models import Finding, LineOfEnquiry, Note, PeerReview
from peer_reviews.models.findings import Gathered
from peer_reviews.rules.coverage import gaps_of, independent, rows_of


@dataclass
class Coverage:
    """What there is, as rows by line of enquiry; `by_day`: {day: {line: how many}}; `single`: findings on one group."""

    rows: list
    single: list = field(default_factory=list)
    by_day: dict = field(default_factory=dict)

    @property
    def gaps(self):
        return gaps_of(self.rows)


def needed(review, viewer):
    """Return the Coverage of a review for a page that is open all day: no days. Two queries."""
    counted = (
        LineOfEnquiry.objects.filter(review=review, review__in=_of_team(viewer))
        .order_by("place")
        .values_list("pk", "title", "notes__source_type")
        .annotate(
            found=Count("notes", filter=Q(notes__shared_at__isnull=False, notes__merged_into__isnull=True))
        )
    )
    lines, counts = {}, []
    for line, title, source_type, count in counted:
        lines[line] = title
        if count:
            counts.append((line, source_type, count))
    return Coverage(rows_of(list(lines.items()), counts), on_one_group(review, viewer))


def coverage(review, viewer):
    """Return the whole Coverage of a review, notes on no line too, and by day. Three queries.

    What is shared and stands: what is private is nobody's evidence yet.
    """
    lines = list(
        LineOfEnquiry.objects.filter(review=review, review__in=_of_team(viewer)).values_list("pk", "title")
    )
    counted = (
        Note.objects.visible_to(viewer)
        .filter(review=review, shared_at__isnull=False)
        .standing()
        .order_by()
        .values_list("line", "source_type", "on")
        .annotate(Count("pk"))
    )
    by_day, counts = defaultdict(Counter), []
    for line, source_type, day, count in counted:
        counts.append((line, source_type, count))
        by_day[day][line] += count
    days = {day: dict(by_day[day]) for day in sorted(by_day)}
    return Coverage(rows_of(lines, counts), on_one_group(review, viewer), days)


def on_one_group(review, viewer):
    """Return the findings that stand and rest on notes of no two independent sources. One query."""
    gathered = defaultdict(list)
    rows = Gathered.objects.filter(
        finding__in=Finding.objects.visible_to(viewer).standing().filter(review=review).values("pk"),
        note__in=Note.objects.visible_to(viewer).values("pk"),
    )
    for row in rows.select_related("finding", "note__merged_into").defer(
        "note__text", "note__merged_into__text"
    ):
        gathered[row.finding].append(row.note)
    single = [finding for finding, notes in gathered.items() if independent(notes) < 2]
    return sorted(single, key=lambda finding: (finding.place, finding.pk))


def _of_team(viewer):
    return PeerReview.objects.of_team(viewer).values("pk")
