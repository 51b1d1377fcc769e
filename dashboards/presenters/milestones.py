"""Milestones in words: how late, what, who owes it and why that day."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from cases.models import Force, Owes
from dashboards.rules import Standing

OVERDUE, DUE, DONE, QUIET = "overdue", "due", "done", "quiet"

OWED_BY = {
    Owes.COUNCIL: "the council",
    Owes.DFE: "the DfE",
    Owes.OFSTED: "Ofsted",
    Owes.COMMISSIONER: "the commissioner",
    Owes.BOARD_CHAIR: "the board chair",
    Owes.LGA: "the LGA",
}
FORCES = {
    Force.STATUTORY: "Statutory",
    Force.INSTRUMENT: "By the notice or direction",
    Force.AGREED: "Agreed",
    Force.WINDOW: "Expected",
    Force.AIM: "LGA aim",
}


@dataclass(frozen=True)
class Tag:
    words: str
    kind: str = QUIET


@dataclass(frozen=True)
class Need:
    """One thing to do: how late, for which council, what, why, and one action."""

    tag: Tag
    council: object
    what: str
    why: str
    action: str
    url: str


def day(on, today=None):
    """Return a day in words, "11 November", with its year where that is not `today`'s."""
    words = f"{on.day} {on:%B}"
    return words if today and on.year == today.year else f"{words} {on.year}"


def days(count):
    return "1 day" if count == 1 else f"{count} days"


def tag(milestone, standing, on):
    """Return how a milestone stands in words and tint. Only what binds is ever called overdue."""
    due = milestone.due_then
    match standing:
        case Standing.OVERDUE:
            return Tag(f"{days((on - due).days)} overdue", OVERDUE)
        case Standing.DUE_SOON:
            return Tag({0: "Due today", 1: "Due tomorrow"}.get((due - on).days, f"Due in {(due - on).days} days"), DUE)
        case Standing.WINDOW_PASSED:
            return Tag("Window passed")
        case Standing.WINDOW_OPEN:
            return Tag("Window open")
        case Standing.OFFER_DUE:
            return Tag("Offer due")
        case Standing.PAUSED:
            return Tag("Paused")
        case Standing.UNDATED:
            return Tag("No date")
    return Tag("Later")


def why(milestone, on, *, reader_pk=None):
    """Return the reason line: "Statutory, owed by the council. Due 11 November." Dates say why."""
    parts = [f"{FORCES[milestone.force]}, owed by {OWED_BY[milestone.owes]}.", due_in_words(milestone, on)]
    if milestone.assignee_id:
        parts.append("Assigned to you." if milestone.assignee_id == reader_pk else f"Assigned to {milestone.assignee}.")
    return " ".join(filter(None, parts))


def due_in_words(milestone, on):
    """Return "Due 16 November, as the direction states; 15 November by rule." or the window it is expected in."""
    due, computed = milestone.due_then, milestone.computed_due
    if due is None:
        return "No date."
    if milestone.force == Force.WINDOW and milestone.opens_on:
        return f"Between {day(milestone.opens_on)} and {day(due)}."
    words = f"Due {day(due, on)}"
    if milestone.stated_due and milestone.stated_due == due:
        words += f", as {milestone.stated_in or 'the letter'} states"
    elif milestone.stated_due or (computed and computed != due):
        words += ", moved"
    if computed and computed != due:
        words += f"; {day(computed, on)} by rule"
    return f"{words}."


def need(milestone, standing, on, *, may_answer, reader_pk=None):
    """Return a `Need` for an open milestone, with one action: to answer it, or to read about it."""
    action, url = ("Record what you know", _page("milestone", milestone)) if may_answer else ("", None)
    if not url:
        action, url = "See the council", f"{milestone.council.get_absolute_url()}#milestone-{milestone.pk}"
    return Need(
        tag(milestone, standing, on),
        milestone.council,
        within_a_sentence(milestone.label),
        why(milestone, on, reader_pk=reader_pk),
        action,
        url,
    )


def to_confirm(milestone, on):
    """Return a `Need` for a milestone that fell due before its case was entered."""
    return Need(
        Tag("To confirm"),
        milestone.council,
        within_a_sentence(milestone.label),
        f"Fell due {day(milestone.due_then, on)}, before its case was entered. Met, not met, or not known?",
        "Confirm",
        _page("milestone_confirm", milestone) or milestone.council.get_absolute_url(),
    )


def within_a_sentence(label):
    """Return a label with a small first letter, unless its first word is a name such as DfE."""
    first = label.partition(" ")[0]
    return label if any(letter.isupper() for letter in first[1:]) else label[:1].lower() + label[1:]


def _page(name, milestone):
    try:
        return reverse(name, args=[milestone.pk])
    except NoReverseMatch:
        return None
