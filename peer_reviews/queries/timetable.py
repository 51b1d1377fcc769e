"""The timetable as pages, calendars and notes read it."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from peer_reviews.models import Activity, PeerReview, TeamMember
from peer_reviews.rules.timetable import Slot, clashes, on_now

# Interviews and audits that are held from afar come before the first day on site.
BEFORE_SITE = timedelta(days=14)
SATURDAY = 5


def activities_of(review, viewer):
    """Return the review's activities that the viewer may read, with who leads and their lines. Two queries."""
    return list(
        Activity.objects.visible_to(viewer)
        .filter(review=review)
        .select_related("lead__peer", "lead__person", "note_taker__peer", "note_taker__person")
        .prefetch_related("lines")
    )


def activity_now(review, member, now):
    """Return the Activity of `review` that the TeamMember is in at the moment `now` (with its zone), or None.

    Their own; within the hour after it, still; else one that names nobody. One that did not happen is none. What the
    page of a new note takes its source and voice from: see `rules.timetable.on_now`. One query.
    """
    at = timezone.localtime(now).replace(tzinfo=None)
    today = {
        one.pk: one
        for one in Activity.objects.filter(review=review, on=at.date()).exclude(
            standing=Activity.Standing.NOT_HELD
        )
    }
    found = on_now([slot_of(one) for one in today.values()], member.pk, at)
    return today[found.key] if found else None


def slot_of(activity):
    """Return an activity as the rules see it."""
    people = frozenset(filter(None, (activity.lead_id, activity.note_taker_id)))
    return Slot(
        activity.pk, activity.on, activity.starts_at, activity.ends_at, people=people, room=activity.room
    )


def clashes_of(activities):
    """Return each Clash among activities; what did not happen is in nobody's way."""
    return clashes(slot_of(one) for one in activities if one.standing != Activity.Standing.NOT_HELD)


def days_of(review):
    """Return (the days on site, the working days of the fortnight before them): [] and [] where none are set."""
    if review.first_day is None:
        return [], []
    length = (review.last_day - review.first_day).days + 1
    on_site = [review.first_day + timedelta(days=number) for number in range(length)]
    before = [review.first_day - timedelta(days=number) for number in range(BEFORE_SITE.days, 0, -1)]
    return on_site, [day for day in before if day.weekday() < SATURDAY]


def days_to_show(review):
    """Return the days on site without the weekend between them: nobody is seen then, and no column stands empty."""
    days, _before = days_of(review)
    working = [day for day in days if day.weekday() < SATURDAY]
    return working if days and {days[0], days[-1]} <= set(working) else days


def team_of(review):
    """Return the review's team members who were put forward and did not leave. One query."""
    return TeamMember.objects.on_team().filter(review=review).select_related("peer", "person")


def member_of(review, viewer):
    """Return the viewer's own place on the team today, or None."""
    return TeamMember.objects.serving(viewer).filter(review=review).first()


def in_calendar_of(member):
    """Return the activities of a member's calendar: those they lead or take notes of, and those of the whole team."""
    own = Q(lead=member) | Q(note_taker=member) | Q(lead=None, note_taker=None)
    return (
        Activity.objects.filter(own, review__in=PeerReview.objects.running(), review=member.review_id)
        .select_related("review__case__council", "lead__peer", "lead__person")
        .distinct()
    )
