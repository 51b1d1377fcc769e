"""One page of paper to read before a call: who they are, how they stand, what is due, what was said last.

Every list is cut to what one page holds, and says how much more there is: the council's page has it all.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.text import Truncator

from cases.presenters import contact_shown, count_of, day_words
from dashboards.presenters import grades
from dashboards.presenters.council import VISITS, CouncilPage
from dashboards.presenters.reviews import last_review_words
from dashboards.rules import Standing, standing
from inspections.models import Inspection

MOST_LATE, MOST_NEXT, MOST_RECOMMENDATIONS, MOST_INSPECTIONS, MOST_FOLLOW_UPS = 5, 6, 8, 7, 2
LETTERS_OF_RECOMMENDATION, LETTERS_OF_CONTACT, LETTERS_OF_FOLLOW_UP, LETTERS_OF_MILESTONE = 130, 320, 110, 80


@dataclass(frozen=True)
class Cut:
    """The first of a list, and how many more there are."""

    rows: list
    more: int

    @classmethod
    def of(cls, rows, most):
        return cls(rows[:most], max(len(rows) - most, 0))


@dataclass(frozen=True)
class Date:
    """A milestone in a few words: what, how it stands, due on, owed by whom."""

    label: str
    stands: str
    due_on: date
    owed: str

    @classmethod
    def of(cls, row):
        milestone = row.milestone
        label = Truncator(milestone.label).chars(LETTERS_OF_MILESTONE)
        return cls(label, row.tag.words, milestone.due_then, row.owed)


@dataclass(frozen=True)
class Said:
    """A contact in a few words."""

    words: str
    said: str
    follow_up: str


class BriefPage(CouncilPage):
    """The council's page, cut to one sheet. What is under embargo was never in it."""

    def __init__(self, record, recommendations, *, as_at):
        super().__init__(record, as_at=as_at)
        self._recommendations = recommendations

    @property
    def areas(self):
        """The latest judgement by area: "Leaders: inadequate"."""
        if self.record.latest is None:
            return []
        return [f"{each.area.short_name}: {grades.word(each).lower()}" for each in self.record.latest.areas]

    @property
    def last_review(self):
        """The council's last peer review in one line, for those who may read it; "" without one."""
        return last_review_words(self.record.reviews)

    @property
    def history(self):
        """A line for each inspection that judged the council, under every framework, the latest first."""
        judged = [one for one in self.record.inspections if one.inspection.kind not in VISITS]
        judged.sort(key=lambda one: one.inspection.begun_on, reverse=True)
        return Cut.of([self._line(one) for one in judged], MOST_INSPECTIONS)

    def _line(self, one):
        inspection = one.inspection
        day = (
            f"inspected {day_words(inspection.inspected_on)}"
            if inspection.inspected_on
            else _known(inspection)
        )
        name = f"{inspection.framework.short_name} {inspection.get_kind_display().lower()}"
        theirs = (
            "" if inspection.council_id == self.council.pk else f" of {self._name_of(inspection.council_id)}"
        )
        return f"{name}{theirs}, {day}: {_judged(one)}"

    @property
    def late(self):
        return Cut.of(self._standing(Standing.OVERDUE), MOST_LATE)

    @property
    def next_dates(self):
        coming = self._standing(Standing.DUE_SOON, Standing.LATER, Standing.OFFER_DUE, Standing.WINDOW_OPEN)
        coming.sort(key=lambda each: each.due_on)
        return Cut.of(coming, MOST_NEXT)

    def _standing(self, *wanted):
        return [
            Date.of(row)
            for row in self.milestones
            if row.is_open
            and not row.milestone.to_confirm
            and standing(row.milestone, self.as_at.on) in wanted
        ]

    @property
    def recommendations(self):
        """Return (paragraph, text cut short, its source) of the open ones."""
        told = [
            (each.paragraph, Truncator(each.text).chars(LETTERS_OF_RECOMMENDATION), each.source.title)
            for each in self._recommendations
        ]
        return Cut.of(told, MOST_RECOMMENDATIONS)

    @property
    def sources(self):
        """The reports and letters that make them, each once: their pages have every word."""
        return list({each.source_id: each.source for each in self._recommendations}.values())

    @property
    def recommendations_heading(self):
        return count_of(len(self._recommendations), "open recommendation")

    @property
    def last_contact(self):
        """The latest contact in a few words, for the LGA; None where there is none."""
        return self._said(self.record.contacts[0], LETTERS_OF_CONTACT) if self.record.contacts else None

    @property
    def follow_ups(self):
        last = self.record.contacts[0] if self.record.contacts else None
        due = [each for each in self.record.follow_ups or [] if each != last]
        return Cut.of([self._said(each, LETTERS_OF_FOLLOW_UP) for each in due], MOST_FOLLOW_UPS)

    def _said(self, contact, most):
        shown = contact_shown(contact, self.as_at.on)
        nature = " (judgement)" if contact.nature == contact.Nature.JUDGEMENT else ""
        return Said(f"{shown.words}{nature}", Truncator(contact.said).chars(most), shown.follow_up)


def _known(inspection):
    if inspection.published_on:
        return f"published {day_words(inspection.published_on)}"
    return f"known by {day_words(inspection.known_on)}"


def _judged(one):
    if one.overall is not None:
        return grades.word(one.overall).lower()
    if one.inspection.kind not in Inspection.FULL:
        return ", ".join(
            f"{each.area.short_name.lower()} {grades.word(each).lower()}" for each in one.judgements
        )
    lowest = grades.lowest_in_words(one)
    return f"not graded overall{f', {lowest}' if lowest else ''}"
