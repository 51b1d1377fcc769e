"""Words and tags for milestones and days."""

from dataclasses import dataclass
from datetime import date, timedelta

from cases.models import Contact, Force, Milestone
from councils.models import Office

# The look's tags (docs/look.md); "" is no tag, for a date that is not near.
OVERDUE, DUE, DONE, QUIET, NONE = "overdue", "due", "done", "quiet", ""
SOON_DAYS = 14


def day_words(day):
    """Return "16 November 2026", or "" for no day."""
    return f"{day.day} {day:%B %Y}" if day else ""


def weekday_words(day):
    """Return "Monday 16 November 2026"."""
    return f"{day:%A} {day_words(day)}"


def held_words(entry):
    """Say from when until when something dated held, both days included: "from 5 May 2026", "3 May 2024 to …"."""
    if entry.until_on is None:
        return f"from {day_words(entry.from_on)}"
    return f"{day_words(entry.from_on)} to {day_words(entry.until_on - timedelta(days=1))}"


def count_of(number, thing, things=None):
    """Return "1 day", "3 days"."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


@dataclass(frozen=True)
class Status:
    """How a milestone stands, in words, and the tag it is shown with."""

    words: str
    tag: str


def status(milestone, on, soon_days=SOON_DAYS):
    """Say how `milestone` stands as at `on`; from `due_then` and `paused_then` where `as_at(on)` gave them."""
    if milestone.closed_on is not None and milestone.closed_on <= on:
        return _closed(milestone)
    due = getattr(milestone, "due_then", milestone.due_on)
    if milestone.to_confirm:
        return Status("to confirm", QUIET)
    if getattr(milestone, "paused_then", False):
        return Status("paused", QUIET)
    if due is None:
        return Status("no date", QUIET)
    return _past(milestone, (on - due).days) if due < on else _ahead(milestone, due, on, soon_days)


def _closed(milestone):
    if milestone.outcome != Milestone.Outcome.MET:
        return Status(milestone.get_outcome_display().lower(), QUIET)
    late = (milestone.met_on - milestone.due_on).days if milestone.due_on else 0
    if late > 0 and milestone.is_binding:
        return Status(f"met {count_of(late, 'day')} late", DONE)
    return Status("met", DONE)


def _past(milestone, days):
    if milestone.is_binding:
        return Status(f"{count_of(days, 'day')} overdue", OVERDUE)
    return Status("offer due" if milestone.force == Force.AIM else "window passed", QUIET)


def _ahead(milestone, due, on, soon_days):
    days = (due - on).days
    if milestone.force == Force.WINDOW and milestone.opens_on:
        return Status(_window_words(milestone.opens_on, due, on), NONE)
    when = "today" if days == 0 else f"in {count_of(days, 'day')}"
    if milestone.force == Force.WINDOW:
        return Status(f"expected {when}", NONE)
    return Status(f"due {when}", DUE if days <= soon_days and milestone.is_binding else NONE)


def _window_words(opens_on, closes_on, on):
    """Nobody promised a day within a window, so its months are said and no days are counted."""
    if on < opens_on:
        return f"window opens {opens_on:%B %Y}"
    return f"window open until {closes_on:%B %Y}"


def due_words(milestone):
    """Return the date in force and what set it: "16 November 2026, as the direction states; 15 November by rule"."""
    due = getattr(milestone, "due_then", milestone.due_on)
    if due is None:
        return "No date"
    if milestone.opens_on:
        return f"{day_words(milestone.opens_on)} to {day_words(due)}"
    computed, stated = milestone.computed_due, milestone.stated_due
    words = day_words(due)
    if stated == due:
        words += f", as {milestone.stated_in or 'a letter'} states"
    elif stated:
        words += f"; {day_words(stated)} as {milestone.stated_in or 'a letter'} states"
    if computed and computed != due:
        words += f"; {_without_year_of(due, computed)} by rule"
    return words


def _without_year_of(due, day):
    return f"{day.day} {day:%B}" if day.year == due.year else day_words(day)


def owed_words(milestone):
    """Return "Statutory, owed by the council"."""
    name = milestone.get_owes_display()
    owner = name if name in {"DfE", "LGA"} else name.lower()
    return f"{milestone.get_force_display()}, owed by {'Ofsted' if name == 'Ofsted' else f'the {owner}'}"


def rule_words(milestone):
    """Return how long the date runs, and from what: "70 working days from 3 August 2026: report received"."""
    rule, start = milestone.rule, day_words(milestone.started_on)
    if rule is not None and rule.length:
        length = count_of(rule.length, rule.get_unit_display().removesuffix("s"))
        words = f"{'Every' if rule.repeats else ''} {length} from {start}".strip()
    else:
        words = f"From {start}"
    return f"{words}: {milestone.started_by}" if milestone.started_by else words


@dataclass(frozen=True)
class ContactShown:
    """A contact as a line of a list: when, how and with whom, and whether it is still to be followed up."""

    contact: Contact
    words: str
    nature: str
    follow_up: str
    is_waiting: bool
    is_due: bool


def contact_shown(contact, on):
    """Return the `ContactShown` of a contact as at `on`."""
    waiting = contact.follow_up_on is not None and (
        contact.followed_up_on is None or contact.followed_up_on > on
    )
    return ContactShown(
        contact=contact,
        words=contact_words(contact),
        nature=contact.nature,
        follow_up=_follow_up_words(contact, waiting),
        is_waiting=waiting,
        is_due=waiting and contact.follow_up_on <= on,
    )


def contact_words(contact):
    """Return "3 November 2026, telephone, with the director of children’s services"."""
    post = Office(contact.post).label
    return f"{day_words(contact.on)}, {contact.get_channel_display().lower()}, with the {post[:1].lower()}{post[1:]}"


def _follow_up_words(contact, waiting):
    if contact.follow_up_on is None:
        return ""
    if waiting:
        return f"follow up on {day_words(contact.follow_up_on)}"
    return f"followed up on {day_words(contact.followed_up_on)}"


def deletion_words(event):
    """Return what is left of a contact that was deleted: "3 November 2026, telephone: entered twice (deleted …)"."""
    contacted_on = date.fromisoformat(event.data["contacted_on"])
    channel = Contact.Channel(event.data["channel"]).label.lower()
    return f"{day_words(contacted_on)}, {channel}: {event.data['reason']} (deleted {day_words(event.on)})"
