"""A person's milestones as a calendar that their own calendar program reads from a secret address."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event

from accounts.actions import digest_of
from accounts.models import CalendarFeed
from accounts.viewer import Viewer
from cases.models import Force
from cases.presenters import due_words, owed_words
from dashboards.presenters.milestones import within_a_sentence
from dashboards.presenters.reviews import page_of_review
from dashboards.queries import milestones_of_work
from dashboards.rules import Standing, standing
from history.models import Event as HistoryEvent
from peer_reviews.models import StepKind

NAME = "Upstream"
PRODUCT = "-//Upstream//Milestones//EN"
ASKED_AGAIN_AFTER = timedelta(hours=6)
LEFT_OUT = {Standing.PAUSED, Standing.UNDATED, Standing.WINDOW_PASSED}


def feed_of(person_id):
    """Return the feed that the person has now, or None."""
    return CalendarFeed.objects.filter(person=person_id, revoked_at=None).first()


def viewer_of(secret, today):
    """Return the viewer, today, of whoever has the feed of this secret, or None.

    None too where the person may no longer sign in, or lacks the second factor that a role requires.
    """
    feed = (
        CalendarFeed.objects.filter(digest=digest_of(secret), revoked_at=None, person__is_active=True)
        .select_related("person")
        .first()
    )
    if feed is None:
        return None
    viewer = Viewer.of(feed.person, today)
    return None if viewer.second_factor_missing else viewer


def milestones_in_calendar(viewer):
    """Return what My work tells the viewer of today, dated and not paused, with when it last changed. One query.

    Of the LGA's own (contacts, allocations, what awaits a decision) nothing is in it: a calendar is read by
    programs elsewhere, and shared.
    """
    told = HistoryEvent.objects.filter(subject_kind="milestone", subject_id=OuterRef("pk")).order_by("-at")
    every = milestones_of_work(on=viewer.today, viewer=viewer).select_related("case__review")
    every = every.annotate(told_at=Subquery(told.values("at")[:1]))
    return [each for each in every if standing(each, viewer.today) not in LEFT_OUT]


def calendar_of(viewer, *, absolute):
    """Return the text of the viewer's calendar; `absolute` makes a whole address of a path."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", NAME)
    calendar.add("x-wr-calname", NAME)
    # What RFC 7986 says of how often to ask again, and what older programs read.
    calendar.add("refresh-interval", ASKED_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for milestone in milestones_in_calendar(viewer):
        calendar.add_component(_entry(milestone, viewer.today, absolute))
    return calendar.to_ical()


def _entry(milestone, today, absolute):
    """Return a milestone as an entry of whole days: its due date, or all of its window."""
    page = absolute(page_of_review(milestone) or reverse("milestone", args=[milestone.pk]))
    changed = _changed_at(milestone, today)
    entry = Event()
    entry.add("uid", f"milestone-{milestone.pk}@upstream")
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("sequence", milestone.revision)
    entry.add("summary", _summary(milestone, today))
    entry.add("description", f"{owed_words(milestone)}. Due: {due_words(milestone)}.\n{page}")
    entry.add("url", page)
    entry.add("dtstart", _first_day(milestone))
    # Of whole days, the end is the first day after.
    entry.add("dtend", _last_day(milestone) + timedelta(days=1))
    entry.add("transp", "TRANSPARENT")
    entry.add("class", "PRIVATE")
    return entry


def _summary(milestone, today):
    of_review = "peer review, " if page_of_review(milestone) else ""
    what = f"{milestone.council.name}: {of_review}{within_a_sentence(milestone.label)}"
    if milestone.force == Force.WINDOW:
        return f"{what} (expected window)"
    return f"Overdue: {what}" if standing(milestone, today) is Standing.OVERDUE else what


def _first_day(milestone):
    if milestone.force == Force.WINDOW and milestone.opens_on:
        return milestone.opens_on
    return milestone.due_then


def _last_day(milestone):
    """The due date; of a review that is on site, the last day of its team there."""
    review = getattr(milestone.case, "review", None) if page_of_review(milestone) else None
    if review is not None and milestone.label == StepKind.ON_SITE.label and review.last_day:
        return max(milestone.due_then, review.last_day)
    return milestone.due_then


def _changed_at(milestone, today):
    """Return the moment of its last change: what was done to it, or the night in which it became overdue."""
    moments = [milestone.told_at or _morning(milestone.entered_on)]
    if standing(milestone, today) is Standing.OVERDUE:
        moments.append(_morning(milestone.due_then + timedelta(days=1)))
    return max(moments).astimezone(UTC).replace(microsecond=0)


def _morning(day):
    return datetime.combine(day, time.min, timezone.get_default_timezone())
