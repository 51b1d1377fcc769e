"""What a milestone asks for, as one line of a list: how late, what, who owes it and why that day."""

from dataclasses import dataclass

from django.urls import reverse

from cases.presenters import day_words, due_words, owed_words, status

QUIET = "quiet"
OWED_BY = {
    "council": "the council",
    "dfe": "the DfE",
    "ofsted": "Ofsted",
    "commissioner": "the commissioner",
    "board-chair": "the board chair",
    "lga": "the LGA",
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


def tag(milestone, on):
    """Return how a milestone stands on `on`, in words and tint. Only what binds is ever called overdue."""
    stands = status(milestone, on, getattr(milestone, "soon_days", 0))
    return Tag(stands.words[:1].upper() + stands.words[1:], stands.tag or QUIET)


def why(milestone, *, reader_pk=None):
    """Return the reason line: "Statutory, owed by the council. Due 11 November 2026." Dates say why."""
    due = due_words(milestone)
    parts = [owed_words(milestone), due if milestone.opens_on or milestone.due_then is None else f"Due {due}"]
    if milestone.assignee_id:
        parts.append(
            "Assigned to you" if milestone.assignee_id == reader_pk else f"Assigned to {milestone.assignee}"
        )
    return "".join(f"{part}. " for part in parts).strip()


def need(milestone, on, *, reader_pk=None, also=""):
    """Return the `Need` of an open milestone, with one action: to answer it, or to read about it."""
    return Need(
        tag(milestone, on),
        milestone.council,
        within_a_sentence(milestone.label),
        " ".join(filter(None, [why(milestone, reader_pk=reader_pk), also])),
        "Record what you know" if milestone.answerable else "See how it stands",
        reverse("milestone", args=[milestone.pk]),
    )


def to_confirm(milestone):
    """Return the `Need` of a milestone that fell due before its case was entered."""
    return Need(
        Tag("To confirm"),
        milestone.council,
        within_a_sentence(milestone.label),
        f"Fell due {day_words(milestone.due_then)}, before its case was entered. Met, not met, or not known?",
        "Confirm",
        reverse("milestone_confirm", args=[milestone.pk]),
    )


def decision_awaited(council, why):
    """Return the `Need` of a council for which a decision of the DfE is awaited."""
    return Need(
        Tag("Decision awaited"),
        council,
        "has the DfE written?",
        why,
        "See the council",
        council.get_absolute_url(),
    )


def within_a_sentence(label):
    """Return a label with a small first letter, unless its first word is a name such as DfE."""
    first = label.partition(" ")[0]
    return label if any(letter.isupper() for letter in first[1:]) else label[:1].lower() + label[1:]
