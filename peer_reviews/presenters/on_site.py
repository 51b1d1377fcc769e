"""The pages before and on site in words."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import time

from django.template.defaultfilters import filesizeformat

from cases.models import Document
from cases.presenters import count_of, day_words
from peer_reviews.models import Activity, Request
from peer_reviews.rules.timetable import days_in_order

HALF_HOUR = 30
DAY_BEGINS, DAY_ENDS = time(8, 30), time(17, 30)

# How a file's scan stands: in a tag, the tag's colour, and what that means for who wants to open it.
SCANS = {
    Document.Scan.WAITING: ("Being scanned", "due", "It can be opened once that is done."),
    Document.Scan.CLEAN: ("Scanned, nothing found", "done", ""),
    Document.Scan.REFUSED: (
        "Refused",
        "overdue",
        "A scanner found harmful software in it, and it was deleted.",
    ),
    Document.Scan.NOT_SCANNED: ("Not scanned", "quiet", "No scanner is set up here."),
}
STANDINGS = {
    Activity.Standing.HELD: ("Held", "done"),
    Activity.Standing.NOT_HELD: ("Did not happen", "overdue"),
}


@dataclass(frozen=True)
class Paper:
    """A document of the room, as its list shows it. `can_open`: a link leads to it."""

    key: int
    document: int
    title: str
    about: str
    given: str
    can_open: bool
    scan: str
    tag: str
    scan_means: str
    for_request: str


def papers(rows):
    """Return (the position statement's papers, the others) of RoomDocument rows."""
    statement = [_paper(one) for one in rows if one.position_statement]
    return statement, [_paper(one) for one in rows if not one.position_statement]


def _paper(one):
    document = one.document
    is_file = bool(document.upload)
    scan, tag, means = SCANS[document.scan] if is_file else ("", "", "")
    return Paper(
        key=one.pk,
        document=document.pk,
        title=document.title,
        about=f"{document.name}, {filesizeformat(document.size)}" if is_file else document.url,
        given=f"Put here on {day_words(document.given_on)}",
        can_open=document.may_be_downloaded or not is_file,
        scan=scan,
        tag=tag,
        scan_means=means,
        for_request=one.request.text if one.request else "",
    )


def room_heading(review, statement, others):
    """Return what is in the room, or that it was emptied."""
    if review.room_emptied_on and not statement and not others:
        return f"The document room was emptied on {day_words(review.room_emptied_on)}"
    if not statement and not others:
        return "The document room is empty"
    total = count_of(len(statement) + len(others), "document")
    return f"{total} in the room, {'with' if statement else 'without'} the position statement"


@dataclass(frozen=True)
class Asked:
    """A request as its list shows it: how it stands in a tag, what was asked for, and the answer."""

    key: int
    revision: int
    kind: str
    text: str
    words: str
    tag: str
    asked: str
    answer: str
    documents: list


def asked(requests, today):
    """Return requests as they are shown, in the order given."""
    return [_asked(one, today) for one in requests]


def _asked(one, today):
    words, tag = _request_standing(one, today)
    documents = [each.document for each in one.documents.all()]
    return Asked(
        key=one.pk,
        revision=one.revision,
        kind=one.get_kind_display(),
        text=one.text,
        words=words,
        tag=tag,
        asked=_asked_words(one),
        answer=one.answer,
        documents=documents,
    )


def _asked_words(one):
    words = f"Asked on {day_words(one.asked_on)}"
    if one.due_on:
        words += f", wanted by {day_words(one.due_on)}"
    if not one.outcome:
        return words
    how = "withdrawn" if one.outcome == Request.Outcome.WITHDRAWN else "answered"
    return f"{words}, {how} on {day_words(one.answered_on)}"


def _request_standing(one, today):
    if one.outcome:
        tag = {Request.Outcome.GIVEN: "done", Request.Outcome.CANNOT: "due"}.get(one.outcome, "quiet")
        return one.get_outcome_display(), tag
    if one.due_on is None:
        return "Open", "quiet"
    days = (today - one.due_on).days
    if days > 0:
        return f"Overdue by {count_of(days, 'day')}", "overdue"
    return ("Wanted today" if days == 0 else f"Wanted by {one.due_on.day} {one.due_on:%B}"), "due"


def requests_heading(waiting, today):
    """Return how many requests are open, and how many of them are late."""
    if not waiting:
        return "Nothing that the team asked for is open"
    late = sum(1 for one in waiting if one.due_on and one.due_on < today)
    return f"{count_of(len(waiting), 'request')} open" + (f", {late} overdue" if late else "")


@dataclass(frozen=True)
class Card:
    """An activity on the timetable."""

    activity: Activity
    when: str
    about: str
    who: list
    lines: str
    standing: str
    tag: str
    clashes: list
    may_say_held: bool


@dataclass(frozen=True)
class Row:
    """A half hour of a day: its cards, none where it is free."""

    starts_at: str
    cards: list


@dataclass(frozen=True)
class Day:
    """A day of the timetable, with each of its half hours."""

    iso: str
    name: str
    words: str
    is_today: bool
    rows: list = field(default_factory=list)
    number: int = 0


def timetable_days(activities, on_site, clashes, today, *, writes):
    """Return the days of the timetable, today's first: those on site, and any other that holds an activity."""
    cards = _cards(activities, clashes, today, writes)
    held = {activity.on for activity in activities}
    halves = _half_hours(activities)
    days = []
    for day in days_in_order(held | set(on_site), today):
        of_day = defaultdict(list)
        for card in cards[day]:
            of_day[_half_hour(card.activity.starts_at)].append(card)
        days.append(
            Day(
                iso=day.isoformat(),
                name=_day_name(day),
                words=_day_heading(day, today),
                is_today=day == today,
                rows=[Row(_time(half), of_day.get(half, [])) for half in halves],
                number=len(cards[day]),
            )
        )
    return days


def _day_name(day):
    return f"{day:%A} {day.day} {day:%B}"


def _day_heading(day, today):
    words = _day_name(day)
    if day == today:
        return f"Today, {words}"
    return f"{words}, past" if day < today else words


def _cards(activities, clashes, today, writes):
    named = {one.pk: one for one in activities}
    against = defaultdict(list)
    for clash in clashes:
        for here, there in ((clash.first, clash.second), (clash.second, clash.first)):
            against[here].append(_clash_words(clash, named[here], named[there]))
    cards = defaultdict(list)
    for one in activities:
        standing, tag = STANDINGS.get(one.standing, ("", ""))
        cards[one.on].append(
            Card(
                activity=one,
                when=when_words(one),
                about=f"{one.get_source_type_display()}, {_lower(one.get_voice_display())}",
                who=_who(one),
                lines=", ".join(line.title for line in one.lines.all()),
                standing=standing,
                tag=tag,
                clashes=against[one.pk],
                may_say_held=writes and (one.on <= today or one.standing != Activity.Standing.PLANNED),
            )
        )
    return cards


def when_words(activity):
    """Return "09:00 to 10:30"."""
    return f"{_time(activity.starts_at)} to {_time(activity.ends_at)}"


def day_and_time(activity):
    """Return "Tuesday 3 November, 09:00 to 10:30"."""
    return f"{activity.on:%A} {activity.on.day} {activity.on:%B}, {when_words(activity)}"


def moved_words(activity):
    """Return "“Focus group” is on Tuesday 3 November, 09:00 to 10:30": what is said aloud when one has moved."""
    return f"“{activity.title}” is on {day_and_time(activity)}"


def timetable_heading(activities, clashes):
    """Return how many activities on how many days, and how many clashes."""
    if not activities:
        return "The timetable is empty"
    days = len({one.on for one in activities})
    words = f"{count_of(len(activities), 'activity', 'activities')} on {count_of(days, 'day')}"
    return f"{words}, {count_of(len(clashes), 'clash', 'clashes')}" if clashes else words


def timetable_lede(activities, now):
    """Return what of today is still to come at `now` (of the clock in London), or "" on a day without any."""
    today = [one for one in activities if one.on == now.date()]
    if not today:
        return ""
    to_come = [
        one for one in today if one.starts_at > now.time() and one.standing == Activity.Standing.PLANNED
    ]
    words = f"Today: {count_of(len(today), 'activity', 'activities')}."
    return f"{words} Next at {_time(to_come[0].starts_at)}: {to_come[0].title}." if to_come else words


def _clash_words(clash, here, there):
    what = f"“{there.title}”, {when_words(there)}"
    words = [f"{_name_of(person, here, there)} is also at {what}" for person in sorted(clash.people)]
    return ". ".join([*words, f"Same room as {what}"] if clash.same_room else words)


def _name_of(number, here, there):
    members = (here.lead, here.note_taker, there.lead, there.note_taker)
    return next(member.name for member in members if member is not None and member.pk == number)


def _who(one):
    return [
        f"{words}: {member.name}" if member else f"{words}: nobody yet"
        for words, member in (("Lead", one.lead), ("Notes", one.note_taker))
    ]


def _half_hours(activities):
    earliest = min([DAY_BEGINS, *(_half_hour(one.starts_at) for one in activities)])
    latest = max([DAY_ENDS, *(_half_hour(one.starts_at) for one in activities)])
    first, last = (_minutes(each) // HALF_HOUR for each in (earliest, latest))
    return [time(*divmod(number * HALF_HOUR, 60)) for number in range(first, last + 1)]


def _half_hour(at):
    return time(at.hour, at.minute - at.minute % HALF_HOUR)


def _minutes(at):
    return at.hour * 60 + at.minute


def _time(at):
    return f"{at:%H:%M}"


def _lower(words):
    return words[:1].lower() + words[1:]


def tally_heading(tally):
    """Return "8 audited, 6 of 7 graded agree"."""
    if not tally.audited:
        return "No case is audited yet"
    if not tally.graded:
        return f"{tally.audited} audited, none graded by the council"
    agree = "agrees" if tally.graded == 1 and tally.agree == 1 else "agree"
    return f"{tally.audited} audited, {tally.agree} of {tally.graded} graded {agree}"


def tally_words(tally):
    """Return which way the council's grades differ, or "" where none does."""
    ways = ((tally.council_higher, "higher"), (tally.council_lower, "lower"))
    words = [f"{count_of(number, 'case')} {way}" for number, way in ways if number]
    return f"The council graded {' and '.join(words)} than the team." if words else ""


def agreement(audited):
    """Return (words, tag) of how the council's grade of a case compares."""
    if not audited.council_grade:
        return "Not graded by the council", "quiet"
    return ("Agree", "done") if audited.council_grade == audited.team_grade else ("Differ", "due")


def word_heading(said, waits, today):
    """Return whether today's word with the director is recorded, or how many are."""
    if waits:
        return "Today’s word with the director is not recorded yet"
    if said and said[0].on == today:
        return "Today’s word with the director is recorded"
    return (
        f"{count_of(len(said), 'word')} with the director"
        if said
        else "No word with the director is recorded"
    )


def director_words(holder):
    """Return who the director is, as far as the record knows."""
    if holder is None:
        return "Who holds the post is not on record here: ask the council’s organiser."
    if holder.terms == holder.Terms.VACANT:
        return "The post is on record as vacant: tell whoever stands in, and if nobody does, the chief executive."
    interim = " (interim)" if holder.terms == holder.Terms.INTERIM else ""
    return f"On record: {holder.name}{interim}."
