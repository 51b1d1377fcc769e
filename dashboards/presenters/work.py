"""My work: what this person must do, what is coming, what is to confirm. The heading is the answer."""

from collections import Counter
from dataclasses import replace
from itertools import groupby

from django.urls import reverse

from accounts.permissions import NAMES, Ability
from cases.presenters import count_of, day_words, owed_words
from dashboards.presenters.changes import contact_words
from dashboards.presenters.milestones import Need, Tag, decision_awaited, need, to_confirm, within_a_sentence
from dashboards.presenters.reviews import is_offer, offers_in_one, page_of_review, page_of_step
from dashboards.rules import Standing, is_own, standing, told_on

LATE = (Standing.OVERDUE, Standing.OFFER_DUE)
SHOWN_AT_MOST = 8
SHOWN_IN_A_SENTENCE = 3


class WorkPage:
    """What My work says to a viewer, from what they may see on a day."""

    def __init__(self, work, *, as_at, viewer, changes=None, plans=None, reviews=None):
        """`changes`: the `ChangesShown` since the viewer last looked; `plans`, `reviews`: the `PlansAtWork` and
        `ReviewsAtWork`, what of these waits for them. None where the page is of another day."""
        self.as_at, self.viewer, self.changes, self.plans = as_at, viewer, changes, plans
        self.reviews = reviews
        self.councils = work.allocated
        # What the viewer must do; what is late with others, and coming, in councils they look after; elsewhere.
        self.must, self.theirs, self.rest = [], [], []
        # Actions of plans that are late are counted, and stand in no list but that of who they are assigned to.
        self.plan_late = Counter()
        # Reviews to offer: to whoever offers them, one line with how many.
        self.to_offer = []
        allocated = {council.pk for council in self.councils}
        for milestone in work.milestones:
            self._sort(milestone, work, allocated)
        # What is late first; to do, councils that the viewer looks after before others.
        self.must.sort(key=lambda item: item[1].council_id not in allocated)
        for items in (self.theirs, self.rest):
            items.sort(key=lambda item: item[0] is not Standing.OVERDUE)
        self.awaited = [
            decision_awaited(each, f"{each.awaits[:1].upper()}{each.awaits[1:]}. Seen by the LGA alone.")
            for each in work.awaited
        ]
        self.follow_ups = [_follow_up(contact) for contact in work.follow_ups]
        self.waiting = work.to_confirm
        self.episodes = [_episode(case) for case in work.episodes]
        by_case = groupby(work.to_confirm, key=lambda each: each.case)
        self.to_confirm = [_to_confirm(case, list(waiting)) for case, waiting in by_case] + self.episodes

    def _sort(self, milestone, work, allocated):
        """Put a milestone where it belongs: to do now, or coming, with the day on which it reaches the viewer."""
        on = self.as_at.on
        stands = standing(milestone, on)
        if self.plans and milestone.pk in self.plans.milestones:
            return
        if stands in {Standing.PAUSED, Standing.UNDATED, Standing.WINDOW_PASSED}:
            return
        own = is_own(milestone, self.viewer)
        if milestone.of_plan and not own:
            self.plan_late[milestone.council] += stands is Standing.OVERDUE
            return
        if is_offer(milestone) and self.viewer.may(Ability.RUN_REVIEWS):
            self.to_offer.append(milestone)
            return
        reaches = (
            told_on(milestone, self.viewer, work.levels, work.calendar)
            if stands is Standing.OVERDUE
            else None
        )
        told = reaches is not None and reaches <= on
        also = (
            f"Reaches you on {day_words(reaches)} unless it is met." if reaches and not (own or told) else ""
        )
        shown = need(milestone, on, reader_pk=self.viewer.person_id, also=also)
        if page := page_of_review(milestone):
            shown = replace(shown, action="Open the review", url=page)
        urgent = stands in LATE or stands is Standing.DUE_SOON
        coming = self.theirs if milestone.council_id in allocated else self.rest
        goes_to = self.must if told or (own and urgent) else coming
        if page and goes_to is self.must:
            shown = self._with_its_review(shown, milestone)
        goes_to.append((stands, milestone, shown))

    def _with_its_review(self, shown, milestone):
        """Return the line of a review's step in the words of what its review asks for, where that is the same."""
        page = page_of_step(milestone)
        line = self.reviews.take(page) if self.reviews else None
        if line is None:
            # Where a step is done is open to whom it is assigned.
            return replace(shown, url=page) if milestone.assignee_id == self.viewer.person_id else shown
        is_dated = day_words(milestone.due_then) in line.why
        why = line.why if is_dated else f"{line.why} {shown.why}"
        return replace(shown, what=line.what, why=why, action=line.action, url=line.url)

    @property
    def needs(self):
        """What to do, the most urgent first: what is late, whom to ring again, what awaits the DfE's word, what
        falls due, offers."""
        first = [shown for stands, _, shown in self.must if stands is Standing.OVERDUE]
        soon = [shown for stands, _, shown in self.must if stands is Standing.DUE_SOON]
        offers = [shown for stands, _, shown in self.must if stands is Standing.OFFER_DUE]
        of_plans = self.plans.needs if self.plans else []
        of_reviews = self.reviews.needs if self.reviews else []
        offers = offers + self.offers_of_reviews + (self.reviews.later if self.reviews else [])
        if self.has_plan_heading:
            return of_plans + first + of_reviews + self.follow_ups + self.awaited + soon + offers
        return first + of_reviews + self.follow_ups + self.awaited + of_plans + soon + offers

    @property
    def offers_of_reviews(self):
        """The offers of a review that fall due, all in one line, for whoever makes them."""
        one = offers_in_one(self.to_offer, self.as_at.on)
        return [one] if one else []

    @property
    def coming_there(self):
        """What is late and what is coming in the councils that the viewer looks after."""
        return _as_far_as_there_is_room(self.theirs)

    @property
    def coming(self):
        """What is late with others, all of it, then what is coming, as far as there is room."""
        return _as_far_as_there_is_room(self.rest)

    @property
    def late_there(self):
        return _late(self.theirs)

    @property
    def late_with_others(self):
        return _late(self.rest)

    @property
    def coming_more(self):
        return len(self.rest) - len(self.coming)

    @property
    def coming_there_more(self):
        return len(self.theirs) - len(self.coming_there)

    @property
    def coming_heading(self):
        late = any(stands in LATE for stands, _, _ in self.rest)
        words = "Late with others, and coming" if late else "Coming"
        return f"Elsewhere: {words[:1].lower()}{words[1:]}" if self.councils else words

    @property
    def heading(self):
        """The answer: what of the reader's own plan is due; else how the milestones stand."""
        of_team = self.reviews.heading if self.reviews and not self.viewer.may(Ability.SEE_CASES) else ""
        return (self.plans and self.plans.heading) or of_team or self.milestones_in_words

    @property
    def has_plan_heading(self):
        """Whether something of the reader's own plan is due: then it comes before what changed."""
        return bool(self.plans and self.plans.heading)

    @property
    def has_two_answers(self):
        """Whether the heading is of a plan, and there are milestones to speak of beside it."""
        return self.has_plan_heading and bool(self.must or self.late_with_others or self.late_there)

    @property
    def milestones_in_words(self):
        """How much is late and due soon; else that nothing is, and what comes next.

        Where something is late with others, only that nothing of the reader's own is; of the councils they look
        after, how much.
        """
        late = _late(self.must)
        soon = sum(stands is Standing.DUE_SOON for stands, _, _ in self.must)
        none = "Nothing of yours is late" if self.late_with_others else "Nothing is late"
        if self.late_there:
            none = f"{count_of(self.late_there, 'milestone')} overdue in your councils"
        if late:
            ahead = f", {soon} due in the next {self._soon_days} days" if soon else ""
            return f"{count_of(late, 'milestone')} overdue{ahead}"
        if soon:
            return f"{none}, {count_of(soon, 'milestone')} due in the next {self._soon_days} days"
        if self.needs:
            return f"{none}, {count_of(len(self.needs), 'thing')} to do"
        if self.next:
            return f"{none}. Next: {self.next.council.name}, {within_a_sentence(self.next.label)}"
        if self.readable and not self.sees_cases:
            return f"{count_of(len(self.readable), 'plan')} for you to read"
        return none if self.sees_cases else "Nothing here waits for you"

    @property
    def plans_late(self):
        """Return (council, how many actions of its plans are late), most first."""
        return [(council, late) for council, late in self.plan_late.most_common() if late]

    @property
    def plan_actions_late(self):
        return self.plan_late.total()

    @property
    def plans_late_elsewhere(self):
        return len(self.plans_late) - SHOWN_IN_A_SENTENCE

    @property
    def _soon_days(self):
        return self.must[0][1].soon_days

    @property
    def next(self):
        """The next milestone ahead, where nothing is to be done now."""
        ahead = [each for _, each, _ in self.theirs + self.rest if each.due_then >= self.as_at.on]
        return None if self.needs else min(ahead, key=lambda each: (each.due_then, each.pk), default=None)

    @property
    def sees_cases(self):
        return self.viewer.may(Ability.SEE_CASES) or bool(self.must or self.theirs or self.rest)

    @property
    def readable(self):
        """The plans to read of somebody who works on none."""
        return self.plans.readable if self.plans else ()

    @property
    def owns_actions(self):
        """Whether the reader may be the named owner of actions, and drafts no plan."""
        return self.viewer.may(Ability.REPORT_ACTIONS) and not self.viewer.may(Ability.DRAFT_PLANS)

    @property
    def roles(self):
        return [NAMES[role] for role in sorted(self.viewer.roles)]

    @property
    def manages_people(self):
        return self.viewer.may(Ability.MANAGE_PEOPLE)

    @property
    def _of_reviews(self):
        told = self.reviews.needs + self.reviews.later if self.reviews else []
        return told + self.offers_of_reviews

    def table(self):
        """Return the headings and rows of the download."""
        headings = ["Part", "Council", "Milestone", "How it stands", "Due", "Why"]
        parts = [("To do", self.must), ("Your councils", self.theirs), ("Coming", self.rest)]
        rows = [
            [part, each.council.name, each.label, shown.tag.words, each.due_then, shown.why]
            for part, items in parts
            for _, each, shown in items
        ]
        rows += [
            ["To do", one.council.name, one.what, one.tag.words, None, one.why]
            for one in self.follow_ups + self.awaited + self._of_reviews
        ]
        rows += [
            ["To confirm", each.council.name, each.label, "To confirm", each.due_then, owed_words(each)]
            for each in self.waiting
        ]
        rows += [
            ["To confirm", one.council.name, one.what, one.tag.words, None, one.why] for one in self.episodes
        ]
        return headings, rows


def _as_far_as_there_is_room(items):
    """Return all that is late, of items of which that comes first, and what follows up to so many."""
    return [shown for _, _, shown in items[: max(SHOWN_AT_MOST, _late(items))]]


def _late(items):
    return sum(stands is Standing.OVERDUE for stands, _, _ in items)


def _follow_up(contact):
    return Need(
        Tag("Follow up", "due"),
        contact.council,
        within_a_sentence(contact_words(contact)),
        f"Contact of {day_words(contact.on)}, to follow up on {day_words(contact.follow_up_on)}. "
        "Seen by the LGA alone.",
        "Open the contact",
        reverse("contact_change", args=[contact.pk]),
    )


def _to_confirm(case, waiting):
    """Return one `Need` for all that a case has to confirm, the earliest due first: a single one is asked by itself."""
    if len(waiting) == 1:
        return to_confirm(waiting[0])
    return Need(
        Tag("To confirm"),
        waiting[0].council,
        f"{len(waiting)} dates from before the record began (the first {day_words(waiting[0].due_then)})",
        f"{case.reference}: each met, not met, or not known?",
        "Answer them",
        f"{reverse('case_to_confirm', args=[case.reference])}?next=/",
    )


def _episode(case):
    began = case.intervention.began_on
    return Need(
        Tag("To confirm"),
        case.council,
        "is it in intervention?",
        f"{case.reference}: from published notices and directions alone, the first of {day_words(began)}.",
        "Confirm",
        reverse("episode_confirm", args=[case.reference]),
    )
