"""The agreement between the LGA and a council, as facts: for its page, and for its Word and PDF files."""

from dataclasses import dataclass

from cases.presenters import day_words, owed_words
from councils.models import Office
from peer_reviews.presenters.reviews import agreed_words, days_words, kind_within


@dataclass(frozen=True)
class Agreement:
    """What both sides agreed, in words. `facts` and `steps` are (name, words); `lines` (title, what it asks)."""

    title: str
    council: str
    kind: str
    reference: str
    facts: list
    scope: str
    lines: list
    steps: list
    promises: list
    agreed: str


def agreement_of(home):
    """Return the `Agreement` of a review's `Home`."""
    review = home.review
    endorsed = {one.office: day_words(one.on) for one in home.endorsements}
    facts = [
        ("Council", review.council.official_name),
        ("Review", str(review.kind)),
        ("On site", days_words(review) or "To be agreed"),
        ("Review manager, for the LGA", str(review.manager or "To be named")),
        ("Organiser, for the council", str(review.organiser or "To be named")),
        ("Who pays", review.get_subsidy_display() or "To be agreed"),
    ]
    if review.subsidy_basis:
        facts.append(("On what basis", review.subsidy_basis))
    facts += [
        (f"Endorsed by the {words}", endorsed.get(office, "Not yet"))
        for office, words in ((Office.CHIEF_EXECUTIVE, "chief executive"), (Office.LEADER, "leader"))
    ]
    return Agreement(
        title=f"{review.council} and the LGA: {kind_within(review)}",
        council=review.council.official_name,
        kind=str(review.kind),
        reference=review.reference,
        facts=facts,
        scope=review.scope,
        lines=[(line.title, line.question) for line in home.lines],
        steps=[
            (milestone.label, f"{day_words(milestone.due_on)} ({owed_words(milestone).split(', ', 1)[1]})")
            for milestone in home.milestones
            if milestone.outcome != "withdrawn"
        ],
        promises=PROMISES,
        agreed=agreed_words(review),
    )


# Section 6 of the rules, in words for both sides.
PROMISES = [
    "The review is voluntary. The team comes as a critical friend, not to inspect.",
    "What people tell the team is not attributed to them. Its notes are the team’s alone, and are deleted.",
    "The council gives its position statement and the documents that the team asks for; they are deleted at the close.",
    "Findings rest on two independent sources. The director, chief executive and leader hear them first, in private.",
    "The council checks the draft for factual accuracy. The report is published only if the council publishes it.",
    "Nothing that identifies a child is recorded. A worry about a child goes to the director in person, the same day.",
]
