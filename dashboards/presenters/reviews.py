"""What of peer reviews waits for somebody, as lines of My work; and a council's reviews in a few words."""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from cases.models import Case
from cases.presenters import DUE, OVERDUE, count_of, day_words
from cases.rules import add_months
from dashboards.presenters.milestones import QUIET, Need, Tag
from peer_reviews.models import Stage, StepKind
from peer_reviews.presenters.reviews import days_words, kind_within, needs
from peer_reviews.rules.stages import has_reached

OFFER_RULE = "peer-review-offer"
# As on the page of who is to be offered one.
MONTHS_AHEAD = 6
LOCK_SOON = timedelta(days=3)
# What a review's own page names last stays there: My work has what is to be done.
LAST_RANK = 8
NAMED = 3
# Where the step of a review is done, by the label of its milestone.
PAGES = {
    StepKind.POSITION_STATEMENT.label: "room",
    StepKind.ON_SITE.label: "timetable",
    StepKind.FEEDBACK.label: "slides",
    StepKind.DRAFT.label: "report",
    StepKind.FACTUAL_ACCURACY.label: "report",
    StepKind.FINAL.label: "report",
    StepKind.ACTION_PLAN.label: "review",
    StepKind.FOLLOW_UP.label: "follow_up",
}


class ReviewsAtWork:
    """What My work says of reviews: to do before what falls due soon (`needs`), and what can wait (`later`)."""

    def __init__(self, work, *, now, today):
        self.work, self.now, self.today = work, now, today
        lines = [line for home in work.homes for line in self._of(home)]
        lines += [self._declined(review) for review in work.declined]
        lines.sort(key=lambda line: line.tag.kind != OVERDUE)
        self.needs = [line for line in lines if line.tag.kind != QUIET]
        self.later = [line for line in lines if line.tag.kind == QUIET]

    @property
    def heading(self):
        """The answer for somebody who serves on a team that is on site, and sees no council's work; or ""."""
        there = [
            home for home in self.work.homes if home.review.is_on_team and home.review.stage == Stage.ON_SITE
        ]
        if not there:
            return ""
        review, day = there[0].review, there[0].day
        if day is None:
            return f"{review.council}: on site {days_words(review)}"
        return f"{review.council}: day {day[0]} of {day[1]} on site"

    def take(self, url):
        """Return the line that leads to `url` and take it out, where one does: it is told with its milestone."""
        for lines in (self.needs, self.later):
            for line in lines:
                if line.url == url:
                    lines.remove(line)
                    return line
        return None

    def _of(self, home):
        review = home.review
        if review.is_on_team and review.stage == Stage.ON_SITE:
            yield from self._on_site(home)
        if review.is_run:
            yield from self._managed(review)
        for one in needs(home, self.today):
            if one.rank <= LAST_RANK and one.address and not self._is_told(review, one):
                tag = Tag("To do" if one.tag_class == DUE else "Next", one.tag_class)
                why = self._why(review, one)
                yield self._need(
                    tag, review, f"{one.what[:1].lower()}{one.what[1:]}", why, one.action, one.address
                )

    def _is_told(self, review, one):
        """Whether a line of the review's own page is told otherwise here, or waits for the other side."""
        if review.is_on_team and review.stage == Stage.ON_SITE and one.address in self._of_team(review):
            return True
        if review.stage != Stage.FACTUAL_ACCURACY:
            return False
        # While the round is open it is the council's to comment; once it is closed, the manager's to answer.
        for_council = one.what.startswith("Check the draft")
        return for_council != (review.comments_due is not None)

    @staticmethod
    def _of_team(review):
        return [reverse(name, args=[review.reference]) for name in ("note_add", "notes_needed")]

    def _why(self, review, one):
        why = f"{kind_name(review)}. {one.why}"
        if review.stage == Stage.FACTUAL_ACCURACY:
            if review.comments_due is not None:
                return f"{why} Comments are due {day_words(review.comments_due)}."
            if review.comments_open:
                return f"{why} {count_of(review.comments_open, 'comment')} not answered yet."
        return why

    def _on_site(self, home):
        """What a member of the team has to know today: what is held, and which notes are theirs alone."""
        review = home.review
        if review.activities_today:
            first = f", the first at {review.first_today:%H:%M}" if review.first_today else ""
            held = count_of(review.activities_today, "activity", "activities")
            day = f"day {home.day[0]} of {home.day[1]}" if home.day else "on site"
            why = f"{kind_name(review)}. {held} today{first}."
            yield self._need(Tag("Today", DUE), review, day, why, "Open the timetable", "timetable")
        yield self._need(
            Tag("On site", DUE),
            review,
            "write down what you hear",
            "A note is yours alone until you share it.",
            "Write a note",
            "note_add",
        )
        if review.own_unshared:
            what = f"{count_of(review.own_unshared, 'note')} of yours not shared"
            why = "The team sees a note, and can rest a finding on it, once you share it."
            yield self._need(Tag("To share", DUE), review, what, why, "See your notes", "notes")

    def _managed(self, review):
        """What only who manages a review is told."""
        kept_away = self.work.conflicts.get(review.pk)
        if kept_away:
            what = f"a conflict has arisen with {kept_away} of the team"
            why = f"{kind_name(review)}. They may not go: see why, and stand them down."
            yield self._need(Tag("Conflict", OVERDUE), review, what, why, "See the team", "team")
        lock_at = review.notes_lock_at
        if review.is_on_team and lock_at and self.now < lock_at <= self.now + LOCK_SOON:
            local = lock_at.astimezone(self.now.tzinfo)
            what = f"notes lock on {local:%A} at {local:%H:%M}"
            why = "After that nobody changes a note, and each finding keeps the number of its sources."
            yield self._need(Tag("Locks soon", DUE), review, what, why, "See the moment", "notes_lock")

    def _declined(self, review):
        why = f"{kind_name(review)}, declined on {day_words(review.answered_on)}: {review.answer_reason}"
        return self._need(Tag("Declined"), review, "a peer review declined", why, "See the review", "review")

    @staticmethod
    def _need(tag, review, what, why, action, page):
        url = page if page.startswith("/") else reverse(page, args=[review.reference])
        return Need(tag, review.council, what, why, action, url)


def kind_name(review):
    """Return the kind of a review with its reference: "Children’s services peer challenge, PR-2026-0004"."""
    return f"{review.kind}, {review.reference}"


def is_offer(milestone):
    """Say whether a milestone is the aim to offer a council a review."""
    return milestone.rule is not None and milestone.rule.slug == OFFER_RULE


def offers_in_one(milestones, today):
    """Return one `Need` for all the offers of a review due within half a year, or None. `milestones`: of offers."""
    soon = add_months(today, MONTHS_AHEAD)
    due = sorted((one for one in milestones if one.due_then <= soon), key=lambda one: one.due_then)
    if not due:
        return None
    names = [one.council.name for one in due]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    past = sum(one.due_then < today for one in due)
    why = "A review every four years: an aim of the LGA."
    what = "a peer review to offer"
    if len(due) > 1:
        why = f"{', '.join(names[:NAMED])}{more}. {why}"
        what = f"{what}, and {count_of(len(due) - 1, 'more council', 'more councils')} due one"
    words = "Offer due" if past else "Offer due soon"
    return Need(Tag(words, DUE), due[0].council, what, why, "Whom to offer one", reverse("reviews_due"))


def page_of_step(milestone):
    """Return where what a review's milestone asks for is done, or "" of a milestone of something else."""
    if milestone.case is None or milestone.case.kind != Case.Kind.PEER_REVIEW:
        return ""
    return reverse(PAGES.get(milestone.label, "review"), args=[milestone.case.reference])


def page_of_review(milestone):
    """Return the page of the review that a milestone is of, which all who read of it may open; or "" of others."""
    return reverse("review", args=[milestone.case.reference]) if page_of_step(milestone) else ""


@dataclass(frozen=True)
class ReviewShown:
    """A review on its council's page: what and when, how it stands, and its address."""

    title: str
    url: str
    stands: Tag
    detail: str


def review_shown(review):
    """Return the `ReviewShown` of a review as `reviews_of` found it."""
    stage = Stage(review.stage)
    days = days_words(review)
    detail = f"On site {days}" if days else ""
    if stage == Stage.OFFERED:
        detail = f"Offered on {day_words(review.offered_on)}" + (f", on site {days}" if days else "")
    elif stage == Stage.DECLINED:
        detail = f"Declined on {day_words(review.answered_on)}"
    elif review.published_on:
        detail += f", published {day_words(review.published_on)}"
    elif review.final_on:
        detail += f", final {day_words(review.final_on)}, not published"
    running = stage not in (Stage.DECLINED, Stage.CANCELLED, Stage.CLOSED)
    tint = DUE if running and not has_reached(stage, Stage.FINAL) else QUIET
    words = "Past" if review.from_past else stage.label
    return ReviewShown(str(review.kind), review.get_absolute_url(), Tag(words, tint), detail)


def last_review_words(reviews):
    """Return the last review that was on site, or goes on, in one line for a brief; "" where none is known."""
    known = [one for one in reviews if one.stage not in (Stage.DECLINED, Stage.CANCELLED)]
    if not known:
        return ""
    shown = review_shown(known[0])
    words = kind_within(known[0])
    return f"{words[:1].upper()}{words[1:]}: {shown.stands.words.lower()}" + (
        f". {shown.detail}" if shown.detail else ""
    )
