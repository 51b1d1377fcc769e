"""How a review goes from stage to stage by hand, when it is on site, and how it is postponed, resumed or cancelled."""

from datetime import timedelta

from django.db import transaction

from cases.identifiers import refuse_identifiers
from cases.refusals import Refused
from councils.models import Council
from peer_reviews.actions.days import put_days, refuse_days
from peer_reviews.actions.review import go_to, locked, save, tell
from peer_reviews.actions.steps import pause_steps, resume_steps
from peer_reviews.models import ENDED, PeerReview, Stage
from peer_reviews.rules.readiness import DONE_ELSEWHERE, Standing, lacking, next_stages
from peer_reviews.rules.stages import has_reached


def standing_of(review):
    """Return the `Standing` of a review: what `lacking` asks about. Two queries."""
    return Standing(
        stage=review.stage,
        first_day=review.first_day,
        has_manager=review.manager_id is not None,
        has_organiser=review.organiser_id is not None,
        has_scope=bool(review.scope),
        lines=review.lines.count(),
        agreed_by_council=review.scope_agreed_by_council_on is not None,
        agreed_by_lga=review.scope_agreed_by_lga_on is not None,
        endorsed=frozenset(review.endorsements.values_list("office", flat=True)),
    )


@transaction.atomic
def go_on(review, to, *, by, on, revision, reason=""):
    """Take the review on to the stage `to` by hand. Whoever runs it may.

    Refused while something is missing; what may be explained wants a `reason`, which is kept with the stage. Stages
    that something else brings about are refused here. Raises Refused, Stale and PermissionDenied.
    """
    review = locked(review, among=PeerReview.objects.run_by(by), revision=revision)
    if to in DONE_ELSEWHERE:
        raise Refused(DONE_ELSEWHERE[to][1], "to")
    if to not in next_stages(review.stage):
        stage = Stage(to).label.lower() if to in Stage.values else to
        raise Refused(f"A review that is {review.get_stage_display().lower()} can’t become {stage}", "to")
    refuse_identifiers(reason=reason)
    lacks = lacking(standing_of(review), to, on)
    unexplained = [lack.words for lack in lacks if not lack.may_be_explained]
    if unexplained:
        raise Refused(f"Still missing: {', '.join(unexplained)}")
    if lacks and not reason.strip():
        words = " and ".join(lack.words for lack in lacks)
        raise Refused(f"Enter why it goes on without {words}", "reason")
    go_to(review, Stage(to), by=by, on=on, reason=reason.strip())
    return review


@transaction.atomic
def set_days(review, *, first_day, last_day, confirmed=False, by, on, revision):
    """Set the days on site, both included, and move what follows from them. Whoever runs the review may.

    Once on site the first day stands. `confirmed`: although another review of the council is on site then. Raises
    Refused, Stale and PermissionDenied.
    """
    review = locked(review, among=PeerReview.objects.run_by(by), revision=revision)
    if review.stage == Stage.POSTPONED:
        raise Refused("The review is postponed: resume it, with its new days")
    if review.stage in ENDED or has_reached(review.stage, Stage.FEEDBACK_GIVEN):
        raise Refused("The days stand once feedback has been given")
    if review.stage == Stage.ON_SITE and first_day != review.first_day:
        raise Refused("The review is on site, so its first day stands", "first_day")
    before = (review.first_day, review.last_day)
    if before == (first_day, last_day):
        raise Refused("These are its days already", "first_day")
    _refuse_days(review, first_day, last_day, confirmed, on)
    # What falls due is made once the council has accepted.
    if review.stage == Stage.OFFERED:
        review.first_day, review.last_day = first_day, last_day
    else:
        put_days(review, first_day, last_day, by=by, on=on)
    save(review)
    tell("review-days-set", review, by=by, on=on, **_days_told(before, first_day, last_day))
    return review


@transaction.atomic
def postpone(review, *, reason, by, on, revision):
    """Put the review off, for a reason, until it is resumed; what it still owes is paused. Whoever runs it may."""
    review = locked(review, among=PeerReview.objects.run_by(by), revision=revision)
    put_off(review, _reason(reason, "Enter why it is postponed"), by, on)
    return review


def put_off(review, reason, by, on):
    """Postpone a locked review: a part of the actions that do."""
    go_to(review, Stage.POSTPONED, by=by, on=on, reason=reason)
    pause_steps(review, reason=reason, by=by, on=on)


@transaction.atomic
def resume(review, *, first_day=None, last_day=None, confirmed=False, by, on, revision):
    """Resume a postponed review where it was. Whoever runs it may.

    With new days on site, where feedback had not been given; they move what falls due, and the change is kept.
    Raises Refused, Stale and PermissionDenied.
    """
    review = locked(review, among=PeerReview.objects.run_by(by), revision=revision)
    if review.stage != Stage.POSTPONED:
        raise Refused("It is not postponed")
    before = (review.first_day, review.last_day)
    go_to(review, Stage(review.stage_before), by=by, on=on)
    resume_steps(review, by=by, on=on)
    if asks_for_days(review.stage):
        if first_day is None or last_day is None:
            missing = "first_day" if first_day is None else "last_day"
            raise Refused(f"Enter the new {missing.replace('_', ' ')} on site", missing)
        _refuse_days(review, first_day, last_day, confirmed, on)
        if review.stage == Stage.OFFERED:
            review.first_day, review.last_day = first_day, last_day
        else:
            put_days(review, first_day, last_day, by=by, on=on, resumed=True)
        save(review)
    tell("review-resumed", review, by=by, on=on, **_days_told(before, review.first_day, review.last_day))
    return review


def asks_for_days(stage):
    """Say whether a review resumed to `stage` needs new days: feedback has not been given yet."""
    return not has_reached(stage, Stage.FEEDBACK_GIVEN)


@transaction.atomic
def cancel(review, *, reason, by, on, revision):
    """Cancel the review, for a reason: what it still owes is withdrawn, and its team's time ends."""
    review = locked(review, among=PeerReview.objects.run_by(by), revision=revision)
    stop_for_good(review, _reason(reason, "Enter why it is cancelled"), by, on)
    return review


def stop_for_good(review, reason, by, on):
    """Cancel a locked review: a part of the actions that do."""
    # What was noted goes as it would after a final report, and nobody reads it in the meantime.
    if review.notes_delete_on is None:
        review.notes_delete_on = on + timedelta(weeks=review.kind.keep_notes_weeks)
    go_to(review, Stage.CANCELLED, by=by, on=on, reason=reason)
    review.team.filter(from_on__isnull=False, until_on=None).update(until_on=on)


def _reason(reason, message):
    reason = reason.strip()
    if not reason:
        raise Refused(message, "reason")
    refuse_identifiers(reason=reason)
    return reason


def _refuse_days(review, first_day, last_day, confirmed, on):
    # Two reviews of a council that are given days at once queue on it, so that each sees the other's.
    council = Council.objects.select_for_update(no_key=True).get(pk=review.case.council_id)
    refuse_days(council, first_day, last_day, confirmed=confirmed, on=on, review=review)


def _days_told(before, first_day, last_day):
    days = {"was_first": before[0], "was_last": before[1], "first": first_day, "last": last_day}
    return {name: day.isoformat() for name, day in days.items() if day}
