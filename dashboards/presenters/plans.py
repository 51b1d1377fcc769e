"""What of plans and updates waits for somebody, as lines of My work; and a council's plan in a few words."""

from dataclasses import dataclass

from django.urls import reverse

from cases.presenters import DUE, count_of, day_words
from dashboards import plans
from dashboards.presenters.milestones import Need, Tag
from improvement.models import PlanVersion, Update
from improvement.presenters import updates as update_words
from improvement.presenters.plans import STANDS, TAGS
from improvement.rules.updates import period_words, short_period_words


class PlansAtWork:
    """What My work says of plans: its heading where something of the viewer's own is due, and what to do."""

    def __init__(self, work, *, today):
        self.work, self.today = work, today
        self.needs = [self._need(one) for one in work.waiting]
        # Their updates stand here with how far they are filled in, and not a second time as milestones.
        self.milestones = {one.milestone for one in work.waiting if one.milestone}
        self.readable = work.readable

    @property
    def heading(self):
        """The answer, where it is of the viewer's own plan: "Your October update: 3 of 5 sections filled in, due …"."""
        first = next((one for one in self.work.waiting if one.kind in HEADED), None)
        return HEADED[first.kind](self, first) if first else ""

    def _need(self, one):
        tag, what, why, action, url = LINES[one.kind](self, one)
        return Need(tag, one.council, what, why, action, url)

    def _heading_to_fill_in(self, one):
        return f"{update_words.heading(self.work.update, self.work.asked)}, due {self._day(one.day)}"

    def _heading_to_approve(self, one):
        if one.period_on:
            return f"The {_month(one)} update waits for your approval, due {self._day(one.day)}"
        return f"Version {one.number} of the plan waits for your approval"

    def _heading_of_owner(self, one):
        return f"{count_of(one.count, 'action')} of yours to report on, by {self._day(one.day)}"

    def _day(self, day):
        return f"{day:%A} {day.day} {day:%B}" if day.year == self.today.year else day_words(day)

    def _fill_in(self, one):
        done = "still to be filled in"
        if self.work.update and self.work.update.pk == one.update:
            asked = self.work.asked
            done = f"{len(asked.whole)} of {count_of(len(asked.priorities), 'section')} filled in"
            if asked.is_whole:
                done = "filled in, and not yet submitted"
        return self._due(one), f"the {_month(one)} update", self._why(one, done), "Fill it in", _update(one)

    def _to_approve(self, one):
        since = f", sent to you on {day_words(one.day)}" if one.day else ""
        why = f"{one.title}{since}. Until you approve it nothing of it is worked to."
        return (
            Tag("To approve", DUE),
            f"version {one.number} of the plan",
            why,
            "Read and decide",
            _version("plan_approval", one),
        )

    def _update_to_approve(self, one):
        return (
            self._due(one),
            f"the {_month(one)} update waits for your approval",
            self._why(one),
            "Check and submit",
            _update(one, "update_check"),
        )

    def _with_approver(self, one):
        return (
            Tag("With the approver"),
            f"the {_month(one)} update",
            self._why(one, "sent for approval"),
            "See it",
            _update(one, "update_check"),
        )

    def _returned(self, one):
        why = f"{one.title}. The letters say why; the next version starts from this one."
        return (
            Tag("Returned", "overdue"),
            f"version {one.number} of the plan was returned",
            why,
            "See the letters",
            _version("plan_letter", one),
        )

    def _report(self, one):
        what = f"{count_of(one.count, 'action')} of yours to report on for {_month(one)}"
        return self._due(one), what, self._why(one), "Report on them", reverse("owned_actions")

    def _questions(self, one):
        why = f"{one.title}. Read by the council and the LGA alone."
        return (
            Tag("To answer", DUE),
            f"{count_of(one.count, 'question')} from your adviser",
            why,
            "Answer",
            _update(one, "update_answer"),
        )

    def _comments(self, one):
        why = f"{one.title}, version {one.number}. Read by the council and the LGA alone."
        return (
            Tag("To answer", DUE),
            f"{count_of(one.count, 'comment')} on the plan",
            why,
            "Answer",
            _version("plan_comments", one),
        )

    def _unread(self, one):
        why = f"{one.title}. Submitted on {day_words(one.day)}: read it, ask, say how you see each priority."
        return (
            Tag("To read", DUE),
            f"the update for {period_words(one.period_on, one.months)}",
            why,
            "Read and answer",
            _update(one, "update_answer"),
        )

    def _shared(self, one):
        since = f" Shared with you on {day_words(one.day)}." if one.day else ""
        said = (
            f" {count_of(one.count, 'comment')} made; “ready” is not yet said."
            if one.count
            else " Nobody has answered yet."
        )
        return (
            Tag("Ready?", DUE),
            f"version {one.number} of the plan",
            f"{one.title}.{since}{said}",
            "Comment, or say “ready”",
            _version("plan_comments", one),
        )

    def _due(self, one):
        if one.day < self.today:
            return Tag(f"{count_of((self.today - one.day).days, 'day')} late", "overdue")
        days = (one.day - self.today).days
        return Tag("Due today" if not days else f"Due in {count_of(days, 'day')}", DUE)

    def _why(self, one, done=""):
        return f"{one.title}. {done[:1].upper()}{done[1:]}{'. ' if done else ''}Due {self._day(one.day)}."


HEADED = {
    plans.TO_APPROVE: PlansAtWork._heading_to_approve,
    plans.UPDATE_TO_APPROVE: PlansAtWork._heading_to_approve,
    plans.FILL_IN: PlansAtWork._heading_to_fill_in,
    plans.REPORT: PlansAtWork._heading_of_owner,
}
LINES = {
    plans.TO_APPROVE: PlansAtWork._to_approve,
    plans.UPDATE_TO_APPROVE: PlansAtWork._update_to_approve,
    plans.RETURNED: PlansAtWork._returned,
    plans.FILL_IN: PlansAtWork._fill_in,
    plans.REPORT: PlansAtWork._report,
    plans.QUESTIONS: PlansAtWork._questions,
    plans.COMMENTS: PlansAtWork._comments,
    plans.UNREAD: PlansAtWork._unread,
    plans.SHARED: PlansAtWork._shared,
    plans.WITH_APPROVER: PlansAtWork._with_approver,
}


def _month(one):
    return short_period_words(one.period_on, one.months)


def _update(one, page="update"):
    return reverse(page, args=[one.reference, f"{one.period_on:%Y-%m}"])


def _version(page, one):
    return reverse(page, args=[one.reference, one.number])


@dataclass(frozen=True)
class PlanShown:
    """A plan on its council's page: its title and address, how its version stands, and its latest update."""

    title: str
    url: str
    stands: Tag
    version: str
    update: str
    update_url: str


def plan_shown(version):
    """Return the `PlanShown` of a version as `plans_of` found it."""
    plan = version.plan
    update = update_url = ""
    if version.update_on:
        stands = Update.Standing(version.update_stands).label.lower()
        due = (
            ""
            if version.update_stands == Update.Standing.SUBMITTED
            else f", due {day_words(version.update_due)}"
        )
        update = f"{period_words(version.update_on, plan.months)}: {stands}{due}"
        update_url = reverse("update", args=[plan.reference, f"{version.update_on:%Y-%m}"])
    standing = PlanVersion.Standing(version.standing)
    words = STANDS[standing]
    return PlanShown(
        title=plan.title,
        url=reverse("plan", args=[plan.reference]),
        stands=Tag(words[:1].upper() + words[1:], TAGS[standing]),
        version=f"Version {version.number}",
        update=update,
        update_url=update_url,
    )
