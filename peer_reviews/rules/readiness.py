"""What a review lacks before it can go on to a stage. Pure. Rule: section 6, point 1."""

from dataclasses import dataclass
from datetime import date

# Stages that are come to by doing something else, and where: the page's name, and what is done there.
DONE_ELSEWHERE = {
    "accepted": ("offer_answer", "The council’s approver answers the offer"),
    "declined": ("offer_answer", "The council’s approver answers the offer"),
    "team-confirmed": ("team", "The team is confirmed on its own page"),
    "feedback-given": ("slides", "Feedback is given with its slides"),
    "draft-report": ("report", "The report is begun on its own page"),
    "factual-accuracy": ("report", "The draft is sent to the council from the report’s page"),
    "final": ("report", "The report is made final on its own page"),
}
# What remains, in one step or over those that a review may leave out.
BY_HAND = {
    "accepted": ("scoped",),
    "team-confirmed": ("preparing",),
    "preparing": ("on-site",),
    "final": ("action-plan", "follow-up", "closed"),
    "action-plan": ("follow-up", "closed"),
    "follow-up": ("closed",),
}


@dataclass(frozen=True)
class Standing:
    """What stands of a review, as far as a stage asks for it. `endorsed`: the offices that have endorsed it."""

    stage: str
    first_day: date | None
    has_manager: bool
    has_organiser: bool
    has_scope: bool
    lines: int
    agreed_by_council: bool
    agreed_by_lga: bool
    endorsed: frozenset


@dataclass(frozen=True)
class Lack:
    """Something that is missing: in words, where it is done, and whether a reason stands in for it."""

    words: str
    page: str
    may_be_explained: bool = False


def next_stages(stage):
    """Return the stages to which a review at `stage` is taken by hand, the usual one first."""
    return BY_HAND.get(stage, ())


def lacking(standing, to, on):
    """Return each `Lack` of a review that is to go on to the stage `to` on the day `on`."""
    return _ASKED.get(to, lambda standing, on: [])(standing, on)


def _for_scoped(standing, on):
    asked = [
        (standing.has_manager, Lack("a review manager", "team_manager")),
        (standing.first_day, Lack("the days on site", "review_days")),
        (standing.has_scope, Lack("the scope", "review_scope")),
        (standing.lines, Lack("a line of enquiry", "review_scope")),
        (standing.agreed_by_lga, Lack("the LGA’s agreement to the scope", "scope_agree")),
        (standing.agreed_by_council, Lack("the council’s agreement to the scope", "scope_agree")),
    ]
    for office, words in (("chief-executive", "chief executive"), ("leader", "leader")):
        lack = Lack(f"the {words}’s endorsement", "review_endorse", may_be_explained=True)
        asked.append((office in standing.endorsed, lack))
    return [lack for there, lack in asked if not there]


def _for_preparing(standing, on):
    lack = Lack("the council’s organiser", "review_organiser", may_be_explained=True)
    return [] if standing.has_organiser else [lack]


def _for_on_site(standing, on):
    asked = []
    if standing.first_day is None or standing.first_day > on:
        asked.append(Lack("the first day on site", "review_days"))
    if not standing.agreed_by_lga or not standing.agreed_by_council:
        asked.append(Lack("agreement to the scope as it was changed", "scope_agree", may_be_explained=True))
    return asked


def _for_closed(standing, on):
    if standing.stage == "follow-up":
        return []
    return [Lack("a follow-up", "review_go_on", may_be_explained=True)]


_ASKED = {
    "scoped": _for_scoped,
    "preparing": _for_preparing,
    "on-site": _for_on_site,
    "closed": _for_closed,
}
