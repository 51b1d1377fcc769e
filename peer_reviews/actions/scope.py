"""What a review looks at: its scope and key lines of enquiry, written by either side and agreed by both."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.refusals import Refused
from peer_reviews.actions.review import locked, save, tell
from peer_reviews.models import LineOfEnquiry, PeerReview, Stage
from peer_reviews.rules.stages import has_reached

MOST_LINES = 12
# While lines are renumbered none may take the place that another still has.
ASIDE = 1000


@dataclass(frozen=True)
class Line:
    """A line of enquiry as it is wanted: `pk` of the one that it was, None for a new one."""

    title: str
    question: str = ""
    pk: int | None = None


@transaction.atomic
def set_scope(review, *, scope, lines, by, on, revision):
    """Set the scope and the lines of enquiry, `Line`s in their order; return whether an agreement was cleared by it.

    Whoever runs the review may, and the council's own who prepare it, until feedback is given. A line with notes,
    findings or requests can't be removed. Any change clears both agreements. Raises Refused, Stale, PermissionDenied.
    """
    review = locked(review, among=may_write_scope(by), revision=revision)
    refuse_settled(review)
    _refuse_lines(lines)
    refuse_identifiers(scope=scope, **{f"line-{place}": each.question for place, each in enumerate(lines)})
    changed = review.scope != scope.strip()
    review.scope = scope.strip()
    changed |= _take_lines(review, lines)
    if not changed:
        return False
    was_agreed = bool(review.scope_agreed_by_council_on or review.scope_agreed_by_lga_on)
    review.scope_agreed_by_council = review.scope_agreed_by_council_on = None
    review.scope_agreed_by_lga = review.scope_agreed_by_lga_on = None
    save(review)
    tell(
        "review-scope-changed", review, by=by, on=on, lines=len(lines), agreements_cleared=was_agreed or None
    )
    return was_agreed


def may_write_scope(viewer):
    """Return the reviews whose scope the viewer may write."""
    return PeerReview.objects.run_by(viewer) | PeerReview.objects.prepared_by(viewer)


def refuse_settled(review):
    """Raise Refused where the scope of `review` is settled: it is over, postponed, or feedback has been given."""
    if review.stage == Stage.POSTPONED:
        raise Refused("The review is postponed: resume it first")
    if review.stage not in Stage.values or not _is_before_feedback(review):
        raise Refused("The scope is settled once feedback has been given")


def _is_before_feedback(review):
    return has_reached(review.stage, Stage.OFFERED) and not has_reached(review.stage, Stage.FEEDBACK_GIVEN)


def _refuse_lines(lines):
    if len(lines) > MOST_LINES:
        raise Refused(f"A review has {MOST_LINES} lines of enquiry at most")
    titles = [each.title.strip() for each in lines]
    if not all(titles):
        raise Refused("Every line of enquiry needs its words")
    if len({title.casefold() for title in titles}) < len(titles):
        raise Refused("Two lines of enquiry have the same words")


def _take_lines(review, lines):
    """Make the review's lines those wanted, in their order; return whether anything changed."""
    there = {line.pk: line for line in review.lines.select_for_update()}
    kept = [each.pk for each in lines if each.pk is not None]
    if len(set(kept)) < len(kept) or not there.keys() >= set(kept):
        raise Refused("One of these lines is no longer there: load the page again")
    removed = [line for pk, line in there.items() if pk not in kept]
    for line in removed:
        _refuse_removal(line)
    before = [(line.pk, line.title, line.question) for line in there.values()]
    after = [(each.pk, each.title.strip(), each.question.strip()) for each in lines]
    if before == after:
        return False
    LineOfEnquiry.objects.filter(pk__in=[line.pk for line in removed]).delete()
    for line in there.values():
        line.place += ASIDE
    LineOfEnquiry.objects.bulk_update([there[pk] for pk in kept], ["place"])
    for place, each in enumerate(lines, 1):
        line = there[each.pk] if each.pk else LineOfEnquiry(review=review)
        line.place, line.title, line.question = place, each.title.strip(), each.question.strip()
        line.save()
    return True


def _refuse_removal(line):
    # The council may ask too, and isn't told what the team has: only that it has worked on the line.
    if line.notes.exists() or line.findings.exists() or line.activities.exists():
        raise Refused(
            f"The team has work on “{line.title}”, so it can’t be removed: change its words instead"
        )


@transaction.atomic
def agree_scope(review, *, by, on, revision):
    """Record that the viewer's side agrees to the scope and lines as they are; return the side: "lga" or "council".

    Whoever runs the review agrees for the LGA, the council's approver for the council. Raises Refused, Stale and
    PermissionDenied.
    """
    among = PeerReview.objects.run_by(by) | PeerReview.objects.answered_by(by)
    review = locked(review, among=among, revision=revision)
    refuse_settled(review)
    if review.stage == Stage.OFFERED:
        raise Refused("The council has not answered the offer yet")
    if not review.scope or not review.lines.exists():
        raise Refused("Write the scope and at least one line of enquiry first")
    side = side_of(review, by)
    if getattr(review, f"scope_agreed_by_{side}_on"):
        raise Refused("Your side has agreed to it already")
    setattr(review, f"scope_agreed_by_{side}_id", by.person_id)
    setattr(review, f"scope_agreed_by_{side}_on", on)
    save(review)
    tell("review-scope-agreed", review, by=by, on=on, side=side)
    return side


def side_of(review, viewer):
    """Return the side for which the viewer agrees: "council" or "lga". Raises PermissionDenied for neither."""
    if PeerReview.objects.answered_by(viewer).filter(pk=review.pk).exists():
        return "council"
    if PeerReview.objects.run_by(viewer).filter(pk=review.pk).exists():
        return "lga"
    raise PermissionDenied
