"""A team member's timetable as a calendar that their own calendar program reads from a secret address."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event

from accounts.actions import digest_of
from accounts.viewer import Viewer
from history.models import Event as HistoryEvent
from peer_reviews.models import Activity, PeerFeed, TeamMember
from peer_reviews.queries.timetable import in_calendar_of

PRODUCT = "-//Upstream//Review timetable//EN"
ASKED_AGAIN_AFTER = timedelta(hours=1)


def feed_of(member):
    """Return the feed that the member has now, or None."""
    return PeerFeed.objects.filter(member=member, revoked_at=None).first()


def member_of(secret, today):
    """Return the TeamMember whose feed has this secret, or None.

    None too where they no longer serve, may no longer sign in, or lack the second factor that a role requires.
    """
    feed = (
        PeerFeed.objects.filter(digest=digest_of(secret), revoked_at=None, member__person__is_active=True)
        .select_related("member__person")
        .first()
    )
    if feed is None:
        return None
    viewer = Viewer.of(feed.member.person, today)
    if viewer.second_factor_missing:
        return None
    serving = TeamMember.objects.serving(viewer).filter(pk=feed.member_id)
    return serving.select_related("review__case__council", "review__kind").first()


def calendar_of(member, *, absolute):
    """Return the text of the member's calendar; `absolute` makes a whole address of a path."""
    review = member.review
    name = f"{review.council.name}: {review.kind}"
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    # What RFC 7986 says of how often to ask again, and what older programs read.
    calendar.add("refresh-interval", ASKED_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    page = absolute(reverse("timetable", kwargs={"reference": review.reference}))
    told = HistoryEvent.objects.filter(subject_kind="activity", subject_id=OuterRef("pk")).order_by("-at")
    for activity in in_calendar_of(member).annotate(told_at=Subquery(told.values("at")[:1])):
        calendar.add_component(_entry(activity, member, page))
    return calendar.to_ical()


def _entry(activity, member, page):
    changed = (activity.told_at or _moment(activity.on, time.min)).astimezone(UTC).replace(microsecond=0)
    entry = Event()
    entry.add("uid", f"review-activity-{activity.pk}@upstream")
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("sequence", activity.revision)
    entry.add("summary", activity.title)
    entry.add("dtstart", _moment(activity.on, activity.starts_at))
    entry.add("dtend", _moment(activity.on, activity.ends_at))
    if activity.room:
        entry.add("location", activity.room)
    entry.add("description", f"{_part_of(member, activity)} {activity.get_source_type_display()}.\n{page}")
    entry.add("url", page)
    not_held = activity.standing == Activity.Standing.NOT_HELD
    entry.add("status", "CANCELLED" if not_held else "CONFIRMED")
    entry.add("class", "PRIVATE")
    return entry


def _part_of(member, activity):
    if activity.lead_id == member.pk:
        return "You lead it."
    if activity.note_taker_id == member.pk:
        return "You take the notes."
    return "The whole team."


def _moment(day, at):
    """Return a time of the clock in London as a moment: the same one in every calendar, whatever its zone."""
    return timezone.make_aware(datetime.combine(day, at)).astimezone(UTC)
