"""The on-site timetable: what is held when, who leads it and takes notes, what came of it; and its calendar feeds."""

import secrets
from datetime import datetime, time

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.actions import digest_of
from cases.identifiers import refuse_identifiers
from cases.presenters import day_words
from cases.refusals import Refused, Stale
from peer_reviews.actions.review import locked, tell
from peer_reviews.models import ENDED, Activity, LineOfEnquiry, PeerFeed, PeerReview, TeamMember
from peer_reviews.models.on_site import SourceType, Voice
from peer_reviews.queries.timetable import days_of
from peer_reviews.rules.stages import has_reached
from peer_reviews.rules.timetable import moved_until

TEXTS = {"title": 160, "room": 120}
LONGEST_WORD = 300


@transaction.atomic
def add_activity(
    review,
    *,
    on_day,
    starts_at,
    ends_at,
    title,
    source_type,
    voice,
    room="",
    lead=None,
    note_taker=None,
    lines=(),
    by,
    on,
):
    """Add an activity to the timetable and return it. Times are of the clock in London, `on_day` a day of the review.

    `lead` and `note_taker`: TeamMembers of the review; `lines`: its LinesOfEnquiry. The team and whoever runs the
    review may (else PermissionDenied). Clashes are shown, not refused. Raises Refused on the field that is wrong.
    """
    review = _review_for_writing(review, by)
    activity = Activity(review=review)
    _fill(
        activity,
        on_day=on_day,
        starts_at=starts_at,
        ends_at=ends_at,
        title=title,
        source_type=source_type,
        voice=voice,
        room=room,
        lead=lead,
        note_taker=note_taker,
    )
    activity.save()
    activity.lines.set(_lines(review, lines))
    _tell("review-activity-added", activity, by, on)
    return activity


@transaction.atomic
def change_activity(activity, *, lines=(), revision, by, on, **given):
    """Change an activity: takes what `add_activity` takes. Raises Refused, PermissionDenied and Stale."""
    activity = _locked_activity(activity, revision, by)
    _fill(activity, **given)
    _save(activity)
    activity.lines.set(_lines(activity.review, lines))
    _tell("review-activity-changed", activity, by, on)
    return activity


@transaction.atomic
def move_activity(activity, *, on_day, starts_at, revision, by, on):
    """Move an activity to a day and time; it lasts as long as before. Raises Refused, PermissionDenied and Stale."""
    activity = _locked_activity(activity, revision, by)
    _refuse_day(activity.review, on_day)
    ends_at = moved_until(activity.starts_at, activity.ends_at, starts_at)
    if ends_at is None:
        raise Refused("It would end after midnight: choose an earlier time", "starts_at")
    was = activity.on, activity.starts_at
    if was == (on_day, starts_at):
        return activity
    activity.on, activity.starts_at, activity.ends_at = on_day, starts_at, ends_at
    _save(activity)
    _tell(
        "review-activity-moved",
        activity,
        by,
        on,
        was_day=was[0].isoformat(),
        was_from=was[1].isoformat("minutes"),
    )
    return activity


@transaction.atomic
def say_if_held(activity, *, standing, who_came="", why_not="", revision, by, on):
    """Record that an activity was held and who came (groups and how many), or did not happen, with the reason.

    `standing`: one of `Activity.Standing`; "planned" takes it back. One of a coming day may be said not to happen, and
    not to have been held. Raises Refused, PermissionDenied and Stale.
    """
    activity = _locked_activity(activity, revision, by)
    if standing not in Activity.Standing.values:
        raise Refused("Select whether it was held", "standing")
    held, not_held = standing == Activity.Standing.HELD, standing == Activity.Standing.NOT_HELD
    if held and activity.on > on:
        raise Refused(f"It is on {day_words(activity.on)}, which is still to come", "standing")
    who_came, why_not = " ".join(who_came.split()), " ".join(why_not.split())
    if not_held and not why_not:
        raise Refused("Enter why it did not happen", "why_not")
    for field, text in (("who_came", who_came), ("why_not", why_not)):
        if len(text) > LONGEST_WORD:
            raise Refused(f"This must be {LONGEST_WORD} characters or fewer", field)
    refuse_identifiers(who_came=who_came, why_not=why_not)
    activity.standing = standing
    activity.who_came = who_came if held else ""
    activity.why_not = why_not if not_held else ""
    _save(activity)
    _tell("review-activity-held", activity, by, on, standing=standing)
    return activity


@transaction.atomic
def remove_activity(activity, *, revision, by, on):
    """Take an activity that was put in by mistake off the timetable. One with notes stays: it did not happen, or did.

    The team alone may, once it is confirmed: nobody else learns where notes come from. Raises Refused,
    PermissionDenied and Stale.
    """
    if not may_remove_activities(activity.review, by):
        raise PermissionDenied
    activity = _locked_activity(activity, revision, by)
    if activity.notes.exists():
        raise Refused("Notes say that they come from it, so it stays. Say that it did not happen instead.")
    _tell("review-activity-removed", activity, by, on)
    activity.delete()


def may_remove_activities(review, viewer):
    """Say whether the viewer may take activities off: the team; before it is confirmed, whoever runs the review."""
    if PeerReview.objects.of_team(viewer).filter(pk=review.pk).exists():
        return True
    confirmed = has_reached(review.stage, "team-confirmed", stage_before=review.stage_before)
    return not confirmed and PeerReview.objects.run_by(viewer).filter(pk=review.pk).exists()


@transaction.atomic
def make_peer_feed(member, *, now, by, on):
    """Make a team member's calendar feed and return its secret, which is kept nowhere. One they had is revoked.

    Nobody makes another's: PermissionDenied.
    """
    member = _own_place(member, by)
    revoke_peer_feed(member, now=now, by=by, on=on)
    secret = secrets.token_urlsafe(32)
    feed = PeerFeed.objects.create(member=member, digest=digest_of(secret))
    tell("review-feed-made", member.review, by=by, on=on, subject=feed)
    return secret


@transaction.atomic
def revoke_peer_feed(member, *, now, by, on):
    """End a team member's calendar feed, if they have one; return whether they had. Nobody ends another's."""
    return _revoke(_own_place(member, by).feeds, now=now, by=by, on=on) > 0


@transaction.atomic
def revoke_ended_feeds(*, by, on):
    """Revoke the feeds of members whose service has ended; return how many. By the system, at night.

    Their addresses show nothing from that day on already: a feed asks whether its member still serves.
    """
    if not by.is_system:
        raise PermissionDenied
    ended = TeamMember.objects.filter(left_on__isnull=False) | TeamMember.objects.filter(until_on__lte=on)
    morning = timezone.make_aware(datetime.combine(on, time.min))
    return _revoke(PeerFeed.objects.filter(member__in=ended.values("pk")), now=morning, by=by, on=on)


def _revoke(feeds, *, now, by, on):
    live = list(
        feeds.filter(revoked_at=None)
        .select_related("member__review__case__council")
        .select_for_update(of=("self",))
    )
    PeerFeed.objects.filter(pk__in=[feed.pk for feed in live]).update(revoked_at=now)
    for feed in live:
        tell("review-feed-revoked", feed.member.review, by=by, on=on, subject=feed)
    return len(live)


def _own_place(member, by):
    own = (
        TeamMember.objects.serving(by)
        .filter(pk=member.pk)
        .select_related("review__case__council")
        # Made twice at once, the second waits here, and the first is the one it revokes.
        .select_for_update(of=("self",))
        .first()
    )
    if own is None:
        raise PermissionDenied
    return own


def _review_for_writing(review, by):
    review = locked(review, among=PeerReview.objects.of_team(by) | PeerReview.objects.run_by(by))
    if review.stage in ENDED:
        raise Refused(f"This review is {review.get_stage_display().lower()}: its timetable stays as it is.")
    return review


def _locked_activity(activity, revision, by):
    review = _review_for_writing(activity.review, by)
    current = Activity.objects.select_for_update().filter(pk=activity.pk, review=review).first()
    if current is None:
        raise Refused("Somebody has taken it off the timetable.")
    if current.revision != revision:
        raise Stale(current)
    current.review = review
    return current


def _fill(activity, *, on_day, starts_at, ends_at, title, source_type, voice, room, lead, note_taker):
    _refuse_day(activity.review, on_day, activity.on)
    if ends_at <= starts_at:
        raise Refused("It must end later than it begins", "ends_at")
    texts = {"title": " ".join(title.split()), "room": " ".join(room.split())}
    if not texts["title"]:
        raise Refused("Enter what it is", "title")
    for field, text in texts.items():
        if len(text) > TEXTS[field]:
            raise Refused(f"This must be {TEXTS[field]} characters or fewer", field)
    refuse_identifiers(**texts)
    if source_type not in SourceType.values:
        raise Refused("Select the kind of source", "source_type")
    if voice not in Voice.values:
        raise Refused("Select whose voice it is", "voice")
    activity.on, activity.starts_at, activity.ends_at = on_day, starts_at, ends_at
    activity.title, activity.room = texts["title"], texts["room"]
    activity.source_type, activity.voice = source_type, voice
    activity.lead = _of_team(activity.review, lead, "lead")
    activity.note_taker = _of_team(activity.review, note_taker, "note_taker")


def _refuse_day(review, day, as_before=None):
    on_site, before = days_of(review)
    if not on_site:
        raise Refused("Set the days on site first", "on_day")
    if day not in on_site and day not in before and day != as_before:
        raise Refused(
            f"The day must be from {day_words(before[0])} to {day_words(on_site[-1])}: the days on site, or a "
            "working day of the fortnight before",
            "on_day",
        )


def _of_team(review, member, field):
    if member is None:
        return None
    if not TeamMember.objects.on_team().filter(pk=member.pk, review=review).exists():
        raise Refused("Choose somebody on the team", field)
    return member


def _lines(review, lines):
    wanted = {line.pk for line in lines}
    found = list(LineOfEnquiry.objects.filter(review=review, pk__in=wanted))
    if len(found) != len(wanted):
        raise Refused("Choose lines of enquiry of this review", "lines")
    return found


def _save(activity):
    activity.revision += 1
    activity.save()


def _tell(kind, activity, by, on, **data):
    tell(
        kind,
        activity.review,
        by=by,
        on=on,
        subject=activity,
        day=activity.on.isoformat(),
        **{"from": activity.starts_at.isoformat("minutes")},
        **data,
    )
