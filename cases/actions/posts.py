"""Who holds the posts of a council, and who runs it. The abilities are known here, above `councils`.

Each takes the council's lock first, so that of two people who write at once the second sees what the first
did. Events name the post, the terms and the dates, never a person: the name stands in the row alone.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions.milestones import Refused, Stale
from councils.models import Council, Office, PoliticalControl, PostHolder
from history.actions import record_event

# Somebody is announced months before they start, never years: a later day is a slip of the keyboard.
ANNOUNCED_AHEAD = timedelta(days=366)
ONE_DAY = timedelta(days=1)


@transaction.atomic
def appoint(*, council, office, name, terms, from_on, by, on, seen=None):
    """Record that `name` holds a post from `from_on`, or with the terms "vacant" and no name that nobody does.

    Whoever held it on that day ceases to on that day. On a day of which nobody is recorded, it holds until the
    next who is. `seen` is the `mark` of the latest entry as the person has read it, where they have. Returns
    the PostHolder. Raises Refused, Stale and PermissionDenied.
    """
    council = _locked(council, by)
    if office not in Office.values:
        raise Refused("Choose a post", "office")
    name = _name_that_fits(name, terms)
    _refuse_day_outside(council, from_on, on)
    entries = PostHolder.objects.filter(council=council, office=office)
    _refuse_unseen(entries, seen)
    ended, until_on = _make_room(entries, from_on)
    made = PostHolder.objects.create(
        council=council, office=office, name=name, terms=terms, from_on=from_on, until_on=until_on
    )
    _record_post("post-recorded", made, by, on, ended=ended.pk if ended else None)
    return made


@transaction.atomic
def correct_post(holder, *, name, terms, from_on, until_on, by, on, revision):
    """Correct one entry of a post; `until_on` is the first day it no longer held, None while it does.

    Where the entry before ended on the day this one began, it still does. Returns the PostHolder. Raises
    Refused, Stale and PermissionDenied.
    """
    holder = _again(holder, by, revision)
    _refuse_day_outside(holder.council, from_on, on)
    holder.name, holder.terms = _name_that_fits(name, terms), terms
    _move(holder, from_on, until_on, by=by, on=on)
    _record_post("post-corrected", holder, by, on)
    return holder


@transaction.atomic
def end_post(holder, *, until_on, by, on, revision):
    """Record that somebody holds a post no longer, from `until_on`, and that nobody is known to follow.

    That nobody does is another fact: see `appoint` with the terms "vacant". Raises as `correct_post` does.
    """
    holder = _again(holder, by, revision)
    if holder.until_on is not None:
        raise Refused("It has ended already", "until_on")
    _move(holder, holder.from_on, until_on, by=by, on=on)
    _record_post("post-ended", holder, by, on)
    return holder


@transaction.atomic
def set_control(*, council, control, detail="", from_on, next_election_on=None, by, on, seen=None):
    """Record who runs a council from `from_on`, which ends what stood before; return the PoliticalControl.

    `seen` as in `appoint`. Raises Refused, Stale and PermissionDenied.
    """
    council = _locked(council, by)
    _refuse_day_outside(council, from_on, on)
    _refuse_past_election(next_election_on, from_on)
    entries = PoliticalControl.objects.filter(council=council)
    _refuse_unseen(entries, seen)
    _, until_on = _make_room(entries, from_on)
    made = PoliticalControl.objects.create(
        council=council,
        control=_known_control(control),
        detail=detail,
        from_on=from_on,
        until_on=until_on,
        next_election_on=next_election_on,
    )
    _record_control("control-recorded", made, by, on)
    return made


@transaction.atomic
def correct_control(standing, *, control, detail="", from_on, next_election_on=None, by, on, revision):
    """Correct or complete one entry of a council's political control. Returns and raises as `correct_post`."""
    standing = _again(standing, by, revision)
    _refuse_day_outside(standing.council, from_on, on)
    _refuse_past_election(next_election_on, from_on)
    standing.control, standing.detail = _known_control(control), detail
    standing.next_election_on = next_election_on
    _move(standing, from_on, standing.until_on, by=by, on=on)
    _record_control("control-corrected", standing, by, on)
    return standing


def _locked(council, by):
    """Fetch the council under its lock. PermissionDenied where `by` may not keep its posts."""
    if not by.may_at(Ability.KEEP_POSTS, council):
        raise PermissionDenied
    return Council.objects.select_for_update().get(pk=council.pk)


def _again(row, by, revision):
    """Fetch an entry again, its council locked first. Stale when somebody has changed it."""
    _locked(row.council, by)
    current = type(row).objects.select_related("council").get(pk=row.pk)
    if current.revision != revision:
        raise Stale(current)
    return current


def mark(entry):
    """Return what tells an entry, as it is now, from another and from itself once changed; "" for none."""
    return f"{entry.pk}.{entry.revision}" if entry is not None else ""


def _refuse_unseen(entries, seen):
    """Refuse to follow an entry that the person has not read."""
    latest = entries.select_related("council").order_by("-from_on").first()
    if seen is not None and latest is not None and mark(latest) != seen:
        raise Stale(latest)


def _name_that_fits(name, terms):
    name = name.strip()
    if terms not in PostHolder.Terms.values:
        raise Refused("Select permanent, interim or vacant", "terms")
    if terms == PostHolder.Terms.VACANT and name:
        raise Refused("Clear the name where the post is vacant, or choose other terms", "name")
    if terms != PostHolder.Terms.VACANT and not name:
        raise Refused("Enter who holds the post, or choose “Vacant”", "name")
    return name


def _known_control(control):
    if control not in PoliticalControl.Control.values:
        raise Refused("Select who runs the council", "control")
    return control


def _refuse_day_outside(council, from_on, on):
    if from_on > on + ANNOUNCED_AHEAD:
        raise Refused("The day must be within a year from today", "from_on")
    if council.from_on and from_on < council.from_on:
        raise Refused(
            f"The council began on {_words(council.from_on)}: enter that day or a later one", "from_on"
        )
    if council.until_on and from_on >= council.until_on:
        raise Refused(f"The council ended on {_words(council.until_on)}: enter an earlier day", "from_on")


def _refuse_past_election(next_election_on, from_on):
    if next_election_on is not None and next_election_on < from_on:
        raise Refused("The next election must be after the day from which this holds", "next_election_on")


def _make_room(entries, from_on):
    """End what holds on `from_on`; return it, or None, and the first day that is taken by a later entry.

    Only the present entry gives way: one that has ended is history, and is corrected first.
    """
    following = entries.filter(from_on__gt=from_on).order_by("from_on").first()
    holding = entries.on(from_on).first()
    if holding is not None:
        if holding.from_on == from_on:
            raise Refused(
                f"{_told(holding)} is recorded from that day: correct that entry instead", "from_on"
            )
        if holding.until_on is not None:
            raise Refused(
                f"{_told(holding)} is recorded until {_words(holding.until_on - ONE_DAY)}: correct that entry "
                "first, or enter a later day",
                "from_on",
            )
        holding.until_on = from_on
        _save(holding)
    return holding, following.from_on if following else None


def _move(row, from_on, until_on, *, by, on):
    """Let an entry hold from a day until a day, where those before and after leave room, and save it."""
    others = _siblings(row).exclude(pk=row.pk)
    before = others.filter(from_on__lt=row.from_on).order_by("-from_on").first()
    after = others.filter(from_on__gt=row.from_on).order_by("from_on").first()
    if until_on is not None and until_on <= from_on:
        raise Refused("The last day must not be before the first", "until_on")
    if before is not None and from_on <= before.from_on:
        raise Refused(
            f"{_told(before)} is recorded from {_words(before.from_on)}: enter a later day", "from_on"
        )
    if after is not None and (until_on is None or until_on > after.from_on):
        raise Refused(
            f"{_told(after)} is recorded from {_words(after.from_on)}: it must end before", "until_on"
        )
    if before is not None and before.until_on != from_on:
        adjoined = before.until_on == row.from_on
        if not adjoined and before.until_on > from_on:
            last = _words(before.until_on - ONE_DAY)
            raise Refused(f"{_told(before)} is recorded until {last}: enter a later day", "from_on")
        if adjoined:
            before.until_on = from_on
            _save(before)
    row.from_on, row.until_on = from_on, until_on
    _save(row)


def _siblings(row):
    entries = type(row).objects.filter(council=row.council_id)
    return entries.filter(office=row.office) if isinstance(row, PostHolder) else entries


def _told(row):
    if isinstance(row, PoliticalControl):
        return row.get_control_display()
    return row.name or "The vacancy"


def _words(day):
    return f"{day.day} {day:%B %Y}"


def _save(row):
    row.revision += 1
    row.save()


def _record_post(kind, holder, by, on, **more):
    _record(kind, holder, by, on, post=holder.office, terms=holder.terms, **more)


def _record_control(kind, standing, by, on):
    election = standing.next_election_on.isoformat() if standing.next_election_on else None
    _record(kind, standing, by, on, control=standing.control, next_election_on=election)


def _record(kind, row, by, on, **data):
    data |= {
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat() if row.until_on else None,
    }
    record_event(
        kind,
        by=by,
        on=on,
        subject=row,
        council_code=row.council.la_code,
        data={key: value for key, value in data.items() if value is not None},
    )
