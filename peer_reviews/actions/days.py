"""When a review is on site, and what follows from it: its steps' dates, and when its notes lock."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from cases.presenters import day_words
from cases.queries import working_calendars
from cases.refusals import Refused
from cases.rules import BeyondTheTable
from peer_reviews.actions.steps import set_steps
from peer_reviews.models import PeerReview, Stage
from peer_reviews.rules.days import why_not
from peer_reviews.rules.steps import CALENDAR

LONDON = ZoneInfo("Europe/London")


def refuse_days(council, first_day, last_day, *, confirmed, on, review=None):
    """Raise Refused where a review of `council` can't be on site on these days, both included.

    Days of another review of the council are refused until they are `confirmed`.
    """
    try:
        refused = why_not(first_day, last_day, on, working_calendars()[CALENDAR])
    except BeyondTheTable as beyond:
        raise Refused(str(beyond), "first_day") from beyond
    if refused:
        raise Refused(refused[1], refused[0])
    if council.until_on and last_day >= council.until_on:
        raise Refused(f"{council} ends on {day_words(council.until_on)}: choose days before it", "last_day")
    others = PeerReview.objects.running().exclude(stage=Stage.POSTPONED)
    if review is not None:
        others = others.exclude(pk=review.pk)
    clash = (
        others.filter(case__council=council, first_day__lte=last_day, last_day__gte=first_day)
        .select_related("kind")
        .first()
    )
    if clash and not confirmed:
        days = f"{day_words(clash.first_day)} to {day_words(clash.last_day)}"
        raise Refused(f"Another review of {council} is on site from {days} ({clash.kind})", "confirmed")


def put_days(review, first_day, last_day, *, by, on, resumed=False):
    """Set the days of a locked review, unsaved, and move what follows from them.

    The time at which notes lock moves with the days, unless the manager has set another.
    """
    usual = default_lock(review)
    review.first_day, review.last_day = first_day, last_day
    if review.notes_lock_at in (None, usual):
        review.notes_lock_at = default_lock(review)
    set_steps(review, by=by, on=on, resumed=resumed)


def default_lock(review):
    """Return when notes lock unless the manager says otherwise; None without days.

    The end, in London, of so many working days after the last day on site. Rule: section 6, point 4.
    """
    if review.last_day is None:
        return None
    try:
        calendar = working_calendars()[CALENDAR]
        day = calendar.add_working_days(review.last_day, review.kind.lock_working_days)
    except BeyondTheTable as beyond:
        raise Refused(str(beyond), "last_day") from beyond
    return datetime.combine(day, time(23, 59), LONDON)
