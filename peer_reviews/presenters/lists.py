"""Words for the list of reviews, the calendar and the offers that are due."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from cases.presenters import count_of, day_words
from councils.models import Office
from peer_reviews.models import PeerReview, Stage
from peer_reviews.presenters.reviews import days_words
from peer_reviews.queries.lists import RUNNING

TAGS = {
    Stage.ON_SITE: "due",
    Stage.POSTPONED: "quiet",
    Stage.CANCELLED: "quiet",
    Stage.DECLINED: "quiet",
    Stage.CLOSED: "done",
    Stage.FINAL: "done",
}
PREPARED = ("scoped", "team-confirmed", "preparing")
REPORTED = ("feedback-given", "draft-report", "factual-accuracy")


@dataclass(frozen=True)
class Line:
    """A review as the list has it."""

    review: PeerReview
    days: str
    next: str
    next_due: date | None
    late: bool

    @property
    def is_over(self):
        return self.review.stage not in RUNNING

    @property
    def tag(self):
        return TAGS.get(self.review.stage, "")


def line(review, on):
    """Return the `Line` of a review of `listed`, as at the day `on`."""
    late = review.next_due is not None and review.next_due < on and review.stage != Stage.POSTPONED
    return Line(review, days_words(review), review.next_label or "", review.next_due, late)


def heading_of(reviews):
    """Return the answer: "7 peer reviews: 2 on site, 3 being prepared"."""
    stages = Counter(review.stage for review in reviews)
    parts = [
        (stages["offered"], "offered"),
        (stages["accepted"], "accepted"),
        (sum(stages[stage] for stage in PREPARED), "being prepared"),
        (stages["on-site"], "on site"),
        (sum(stages[stage] for stage in REPORTED), "being written up"),
    ]
    told = ", ".join(f"{number} {words}" for number, words in parts if number)
    running = sum(stages[stage] for stage in RUNNING)
    if not reviews:
        return "No peer reviews"
    whole = count_of(len(reviews), "peer review")
    return f"{whole}: {told}" if told else f"{whole}, {running} under way" if running else whole


@dataclass
class Week:
    """A week of the calendar, from its Monday, and the reviews on site in it."""

    monday: date
    reviews: list[PeerReview] = field(default_factory=list)

    @property
    def words(self):
        friday = self.monday + timedelta(days=4)
        first = (
            f"{self.monday.day} {self.monday:%B}" if friday.month != self.monday.month else self.monday.day
        )
        return f"{first} to {day_words(friday)}"

    def holds(self, day):
        return self.monday <= day < self.monday + timedelta(days=7)


def weeks(mondays, reviews):
    """Return a `Week` for each Monday, with the reviews whose days touch it."""
    found = [Week(monday) for monday in mondays]
    for week in found:
        sunday = week.monday + timedelta(days=6)
        week.reviews = [
            review for review in reviews if review.first_day <= sunday and review.last_day >= week.monday
        ]
    return found


def offer_words(due, on):
    """Say when the council is to be offered a review, and what has been said of it already."""
    if due.due_on is None:
        words = "no review on record"
    elif due.due_on <= on:
        words = f"offer due since {day_words(due.due_on)}"
    else:
        words = f"offer due {day_words(due.due_on)}"
    return words


def said_words(due):
    """Say what was last said of a review: one that runs, one that was declined, an approach."""
    if due.running:
        return f"{due.running.get_stage_display()}: {due.running.kind}"
    told = []
    if due.declined:
        told.append(f"declined on {day_words(due.declined.answered_on)}")
    if due.approach:
        office = Office(due.approach.office).label.lower()
        told.append(f"approached on {day_words(due.approach.on)}: {office}")
    return "; ".join(told)
