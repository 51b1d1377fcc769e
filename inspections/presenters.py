"""Words for the page of one inspection: what it found, how far it has come, and what is next."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.timezone import localtime

from cases.models import EmbargoAccess, Milestone, Source
from cases.presenters import Status, count_of, day_words, due_words, owed_words, status
from inspections.models import FROM_WORST, HEADLINE_AREAS, Inspection
from inspections.rules import VISITS

# What happens, in its order.
EVENTS = {
    "notified_on": "Notified",
    "inspected_on": "First day on site",
    "ended_on": "Last day on site",
    "draft_received_on": "Draft received for factual accuracy",
    "received_on": "Final report or letter received",
    "expected_on": "Publication expected",
    "published_on": "Published",
}
# Of a published one everybody may know these; the rest is between the council and the inspectorate.
PUBLIC_EVENTS = ("inspected_on", "ended_on", "published_on")


@dataclass(frozen=True)
class MilestoneRow:
    milestone: Milestone
    status: Status
    due: str
    owed: str
    flag: str
    may_answer: bool


def _look_words(day, times):
    """Return "3 November 2026, 09:12", or of several times "…, 3 looks, the last at 09:12"."""
    if len(times) == 1:
        return f"{day_words(day)}, {times[0]}"
    return f"{day_words(day)}, {count_of(len(times), 'look')}, the last at {times[0]}"


def kind_words(kind):
    """Return "Standard inspection"; of a kind not known yet, "Inspection"."""
    return Inspection.Kind(kind).label if kind else "Inspection"


def lowest_words(grades):
    """Return "lowest: inadequate (leaders)" of the areas that count, or "" where none is graded."""
    counted = [each for each in grades if each.area.counts_for_lowest and each.grade in FROM_WORST]
    if not counted:
        return ""
    worst = min(counted, key=lambda each: FROM_WORST.index(each.grade))
    areas = ", ".join(each.area.short_name for each in counted if each.grade == worst.grade)
    return f"lowest: {worst.word.lower()} ({areas.lower()})"


def outcome_words(grades, kind, *, has_overall, priority_action=False):
    """Say what it found: the published overall, never one that is worked out; "" while nothing is known."""
    if kind in VISITS:
        return "priority action" if priority_action else ""
    overall = next((each for each in grades if each.area.code in HEADLINE_AREAS), None)
    if overall is not None:
        return overall.word.lower()
    if not grades:
        return ""
    not_overall = "no overall yet" if has_overall else "not graded overall"
    return ", ".join(filter(None, [not_overall, lowest_words(grades)]))


def problem_words(problem):
    """Return "Sheet1, row 5: …" of what is amiss in a spreadsheet."""
    where = [problem.sheet, f"row {problem.row}" if problem.row else ""]
    where = capfirst(", ".join(filter(None, where)))
    return f"{where}: {problem.message}" if where else problem.message


class InspectionPage:
    """What the page of one inspection says to one reader."""

    def __init__(self, found, *, today, in_scope=True):
        self.found, self.today, self.in_scope = found, today, in_scope
        self.source, self.entry, self.inspection = found.source, found.entry, found.inspection
        self.council = self.source.council
        self.told = self.entry if self.is_restricted or self.inspection is None else self.inspection
        self.kind = self.told.kind
        self.grades = found.judgements
        self.milestones = [self._milestone(each) for each in found.milestones]

    @property
    def name(self):
        """What it is called where it is not the answer: "Standard inspection of Saltmarsh"."""
        return f"{kind_words(self.kind)} of {self.council.name}"

    @property
    def is_restricted(self):
        return self.source.is_restricted

    @property
    def is_never_published(self):
        return self.source.access == Source.Access.NEVER

    @property
    def is_visit(self):
        return self.kind in VISITS

    @property
    def is_withdrawn(self):
        return self.entry is not None and self.entry.withdrawn_on is not None

    @property
    def withdrawn(self):
        return day_words(self.entry.withdrawn_on)

    @property
    def may_be_changed(self):
        """Whether there is an entry of it that still counts."""
        return self.entry is not None and not self.is_withdrawn

    @property
    def heading(self):
        """The answer: what it found, or how far it has come."""
        return f"{self.name}: {self.outcome or self.progress}"

    @property
    def outcome(self):
        priority = self.entry is not None and self.entry.priority_action
        return outcome_words(self.grades, self.kind, has_overall=self.has_overall, priority_action=priority)

    @property
    def has_overall(self):
        return self.found.form is None or self.found.form.has_overall

    @property
    def progress(self):
        """Say the last thing known of it: "on site since 2 November 2026"."""
        if self.source.published_on:
            return f"published on {day_words(self.source.published_on)}"
        if self.source.received_on:
            return f"{self.letter} received on {day_words(self.source.received_on)}"
        for name, words in (
            ("draft_received_on", "draft received on"),
            ("ended_on", "ended on"),
            ("inspected_on", "on site since"),
            ("notified_on", "notified on"),
        ):
            if day := getattr(self.told, name, None):
                return f"{words} {day_words(day)}"
        return "nothing known yet"

    @property
    def lede(self):
        """What follows from the heading: withdrawn, expected, what the clocks count from, or when it was."""
        withdrawn = f"Withdrawn on {self.withdrawn}: it counts for nothing." if self.is_withdrawn else ""
        published = "" if self.is_restricted else self._published
        return " ".join(
            filter(None, [withdrawn, self.expected, published, self.clocks if self.in_scope else ""])
        )

    @property
    def _published(self):
        day = self.source.published_on
        return f"Published on {day_words(day)}." if day else "Published; the day is not known."

    @property
    def clocks(self):
        """Say what the milestones count from."""
        received = day_words(self.source.received_on)
        if self.source.received_on and not self.source.received_assumed:
            return f"The clocks run from {received}, the day the {self.letter} was received."
        if self.is_restricted:
            return f"No {self.letter} yet. Only the day it is received starts the clocks."
        return f"The day the {self.letter} was received is not known: publication stands in for it."

    @property
    def letter(self):
        return "letter" if self.is_visit else "final report"

    @property
    def expected(self):
        """Say how an expected publication stands, while it is not confirmed."""
        day = self.entry.expected_on if self.entry is not None else None
        if not self.is_restricted or self.is_never_published or day is None:
            return ""
        if day < self.today:
            return f"Expected on {day_words(day)}, not confirmed: still under embargo."
        return f"Expected on {day_words(day)}. The embargo ends when somebody confirms publication, not on a day."

    @property
    def facts(self):
        """Return (what, in words) of the framework and of each day that is known and that the reader may know."""
        rows = [("Framework", self.found.form.name)] if self.found.form else []
        rows += [(words, day_words(self._day(name))) for name, words in EVENTS.items() if self._day(name)]
        asked = self.entry is not None and self.entry.priority_action
        if self.is_visit and (asked or (self.entry is not None and self.source.received_on)):
            rows.append(("Priority action", "Asked for" if asked else "Not asked for"))
        return rows

    def _day(self, name):
        """The day of an event; none where the reader may not know, or another day only stands in for it."""
        if name not in PUBLIC_EVENTS and not self.in_scope:
            return None
        if name == "received_on":
            return None if self.source.received_assumed else self.source.received_on
        if name == "published_on":
            return self.source.published_on
        if name == "expected_on" and not self.is_restricted:
            return None
        return getattr(self.told, name, None) or getattr(self.entry, name, None)

    def _milestone(self, milestone):
        flag = next(iter(milestone.raised), None)
        return MilestoneRow(
            milestone=milestone,
            status=status(milestone, self.today),
            due=due_words(milestone),
            owed=owed_words(milestone),
            flag=f"{flag.get_level_display()}, flagged {day_words(flag.raised_on)}" if flag else "",
            may_answer=milestone.answerable and milestone.closed_on is None,
        )

    @property
    def may_answer(self):
        return any(row.may_answer for row in self.milestones)

    @property
    def recommendations(self):
        return self.found.recommendations

    @property
    def sides(self):
        """Return (side, its name, its readers) of both sides."""
        names = ((EmbargoAccess.Side.COUNCIL, self.council.name), (EmbargoAccess.Side.LGA, "LGA"))
        return [
            (side, name, [each for each in self.found.readers if each.side == side]) for side, name in names
        ]

    @property
    def readers_heading(self):
        return count_of(len(self.found.readers), "named reader")

    @property
    def looks(self):
        """Return (who, when) of those who looked, a row for each person and day, the latest first."""
        rows = defaultdict(list)
        for look in self.found.views:
            at = localtime(look.at)
            rows[look.person.name, at.date()].append(f"{at:%H:%M}")
        return [(name, _look_words(day, times)) for (name, day), times in rows.items()]

    @property
    def looks_heading(self):
        return f"Who looked at it: {count_of(len(self.found.views), 'look')}, latest first"

    @property
    def open_recommendations(self):
        return sum(each.closed_on is None for each in self.found.recommendations)

    @property
    def recommendations_heading(self):
        if not self.found.recommendations:
            return "Recommendations"
        return (
            f"{count_of(len(self.found.recommendations), 'recommendation')}, {self.open_recommendations} open"
        )

    @property
    def upon_publication(self):
        """Say, a sentence each, what confirming publication brings about."""
        name = self.council.name
        told = [
            "The embargo ends: everybody signed in will see its dates, its outcome and the link.",
            f"Its milestones and recommendations will be seen by whoever sees {name}’s cases. "
            + (
                f"Their dates stay: they count from {day_words(self.source.received_on)}."
                if self.source.received_on
                else "No receipt is on record, so the day of publication stands in for it."
            ),
        ]
        if not self.is_visit:
            told += self._what_inadequate_brings(name)
        return told

    def _what_inadequate_brings(self, name):
        inadequate = [each for each in self.grades if each.grade == FROM_WORST[0]]
        if any(each.area.code in HEADLINE_AREAS for each in inadequate):
            return [f"An intervention opens for {name}, or joins the one that is open."]
        if inadequate and not self.has_overall:
            return ["An area is inadequate and there is no overall: the LGA sees “DfE decision awaited”."]
        return []
