"""What changed since somebody last looked, in words: by council, the latest first."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Contact, DateChange
from cases.presenters import count_of, day_words, status, weekday_words
from councils.models import Office
from dashboards import changes as kinds
from dashboards.presenters import grades
from dashboards.presenters.milestones import within_a_sentence
from dashboards.queries import Graded
from improvement.models import Handover, PlanVersion, Question, Reply, Update
from improvement.presenters.way_out import IN_SHORT
from improvement.rules.updates import period_words
from inspections.models import Inspection
from peer_reviews.models import PeerReview, Stage
from peer_reviews.presenters.reviews import days_words

REPORT, MOVED, MET, CASE, CONTACT = "Published", "Date moved", "Met", "Intervention", "Contact"
PLAN, UPDATE, SAID, REVIEW = "Plan", "Update", "Question or comment", "Peer review"
# How many of each, in the order of the sentence that sums them up.
COUNTED = {
    REPORT: ("report or letter published", "reports or letters published"),
    MOVED: ("date moved", "dates moved"),
    MET: ("milestone met", "milestones met"),
    CASE: ("intervention opened, ended or to confirm", "interventions opened, ended or to confirm"),
    PLAN: ("step of a plan", "steps of plans"),
    UPDATE: ("update submitted or released", "updates submitted or released"),
    SAID: ("question, answer or comment", "questions, answers or comments"),
    REVIEW: ("step of a peer review", "steps of peer reviews"),
    CONTACT: ("contact", "contacts"),
}


@dataclass(frozen=True)
class Line:
    """One change in words: what kind, what of, and its detail; who recorded it, and when."""

    council: object
    kind: str
    what: str
    detail: str
    url: str
    who: str
    at: object

    @property
    def when(self):
        local = timezone.localtime(self.at)
        return f"{day_words(local.date())}, {local:%H:%M}"


class ChangesShown:
    """What My work opens with: the changes since the reader's last look."""

    AT_MOST = 10

    def __init__(self, found, *, today, every=False):
        self.found, self.every = found, every
        self.lines = [_line(change, today) for change in found.changes]

    def __len__(self):
        return len(self.lines)

    @property
    def heading(self):
        return "Since you last looked" if self.found.looked else "In the last week"

    @property
    def since(self):
        """Say from when: "Friday 20 November 2026 at 08:55", or the day alone where nobody said so."""
        local = timezone.localtime(self.found.since)
        day = weekday_words(local.date())
        return f"{day} at {local:%H:%M}" if self.found.looked else day

    @property
    def until(self):
        """The moment to which the reader has read when they say so, for the button that does."""
        return self.found.until.isoformat()

    @property
    def summary(self):
        """Return "1 report published, 3 dates moved"."""
        counts = Counter(line.kind for line in self.lines)
        parts = [count_of(counts[kind], *words) for kind, words in COUNTED.items() if counts[kind]]
        return ", ".join(parts)

    @property
    def shown(self):
        return self.lines if self.every else self.lines[: self.AT_MOST]

    @property
    def left_out(self):
        return len(self.lines) - len(self.shown)

    @property
    def by_council(self):
        """Return (council, its lines) for what is shown: the council with the latest change first."""
        groups = {}
        for line in self.shown:
            groups.setdefault(line.council, []).append(line)
        return list(groups.items())

    def table(self):
        """Return the headings and rows of the download: every change, shown or not."""
        headings = ["Council", "Change", "What", "Detail", "By", "Recorded"]
        return headings, (
            [
                line.council.name,
                line.kind,
                line.what,
                line.detail,
                line.who,
                timezone.localtime(line.at).replace(microsecond=0, tzinfo=None),
            ]
            for line in self.lines
        )


def _line(change, today):
    event, about = change.event, change.about
    if isinstance(about, Graded):
        words = _report(about)
    elif isinstance(about, Contact):
        words = _contact(event, about)
    elif isinstance(about, Case):
        words = _case(event, about)
    elif isinstance(about, PlanVersion):
        words = _plan(event, about)
    elif isinstance(about, Update):
        words = _update(event, about)
    elif isinstance(about, Question):
        words = _question(event, about)
    elif isinstance(about, PeerReview):
        words = _review(event, about)
    elif event.kind == kinds.MET:
        words = _met(event, about, today)
    else:
        words = _moved(event, about)
    return Line(change.council, *words, who=event.by_name or "Upstream", at=event.at)


def _report(graded):
    """An inspection's report with its grade in its framework's word; a visit's letter has none."""
    one = graded.inspection
    kind = f"{one.framework.short_name} {within_a_sentence(one.get_kind_display())}"
    published = f"published {day_words(one.published_on or one.known_on)}"
    page = one.council.get_absolute_url()
    if one.kind not in Inspection.FULL:
        return REPORT, kind, published, f"{page}#visits"
    grade = grades.shown(graded)
    note = f" ({grade.note})" if grade.note else ""
    return REPORT, kind, f"{grade.word}{note}, {published}", f"{page}#judgements"


def _moved(event, milestone):
    old, new = (_day(event.data[name]) for name in ("old", "new"))
    reason = event.data.get("reason") or DateChange.Reason.RESUMED
    why = within_a_sentence(DateChange.Reason(reason).label)
    moved = f"from {day_words(old) or 'no date'} to {day_words(new) or 'no date'}: {why}"
    return MOVED, milestone.label, moved, _page_of(milestone)


def _met(event, milestone, today):
    late = status(milestone, today).words.removeprefix("met").strip()
    detail = ", ".join(filter(None, [_on(milestone.met_on, event), late]))
    return MET, milestone.label, detail, _page_of(milestone)


def _case(event, case):
    if case.standing == Case.Standing.UNCONFIRMED:
        words = "to confirm: a notice or direction is on record"
    elif case.standing == Case.Standing.CLOSED:
        words = f"ended {day_words(case.closed_on)}"
    elif event.kind == "intervention-joined":
        words = "judged inadequate again while it is open"
    else:
        words = "opened"
    return CASE, case.reference, words, f"{case.council.get_absolute_url()}#intervention"


def _plan(event, version):
    reference, number = version.plan.reference, version.number
    what = f"{version.plan.title}, version {number}"
    if event.kind == kinds.ANSWERED:
        said = within_a_sentence(Reply.Kind(event.data["kind"]).label)
        dated = day_words(_day(event.data["dated_on"]))
        return PLAN, what, f"{said}, in a letter of {dated}", reverse("plan_letter", args=[reference, number])
    if event.kind in (COMMENTED, READY):
        words = "commented on" if event.kind == COMMENTED else "the adviser says that it is ready"
        return SAID, what, words, reverse("plan_comments", args=[reference, number])
    return PLAN, what, _step(event), reverse("plan_version", args=[reference, number])


COMMENTED, READY = "plan-commented", "plan-said-ready"
STEPS = {
    "plan-approved": "approved by the council",
    "plan-shared": "shared with the LGA adviser",
    kinds.RELEASED: "released to you",
}


def _step(event):
    if event.kind in STEPS:
        return STEPS[event.kind]
    days = {
        IN_SHORT[to]: event.data[to] for to in (Handover.To.OFSTED, Handover.To.DFE) if event.data.get(to)
    }
    return "sent " + " and ".join(f"to {whom} on {day_words(_day(day))}" for whom, day in days.items())


def _update(event, update):
    page = reverse("update", args=[update.plan.reference, f"{update.period_on:%Y-%m}"])
    told = "released to you" if event.kind == kinds.RELEASED else "submitted"
    if update.number > 1 and event.kind == kinds.SUBMITTED:
        told = "submitted anew, corrected"
    return UPDATE, _update_words(update), told, page


def _question(event, question):
    update = question.update
    page = reverse("update_answer", args=[update.plan.reference, f"{update.period_on:%Y-%m}"])
    told = "the adviser asks" if event.kind == kinds.ASKED else "the council has answered a question"
    return SAID, _update_words(update), told, page


STAGES = {
    Stage.ACCEPTED: "accepted by the council",
    Stage.DECLINED: "declined by the council",
    Stage.SCOPED: "scope agreed by both sides",
    Stage.TEAM_CONFIRMED: "team confirmed",
    Stage.PREPARING: "being prepared",
    Stage.ON_SITE: "the team is on site",
    Stage.FEEDBACK_GIVEN: "feedback given to the council",
    Stage.DRAFT_REPORT: "report begun",
    Stage.FACTUAL_ACCURACY: "draft report sent to the council, to check facts",
    Stage.FINAL: "final report, not published",
    Stage.ACTION_PLAN: "the council writes its action plan",
    Stage.FOLLOW_UP: "follow-up",
    Stage.CLOSED: "closed",
    Stage.POSTPONED: "postponed",
    Stage.CANCELLED: "cancelled",
    Stage.OFFERED: "offered again",
}


def _review(event, review):
    """A step of a review. Nothing of what its team wrote is in it."""
    what = f"{review.kind}, {review.case.reference}"
    page = review.get_absolute_url()
    if event.kind == kinds.PUBLISHED:
        return REVIEW, what, f"published by the council, {day_words(review.published_on)}", page
    if event.kind == kinds.OFFERED:
        days = days_words(review)
        return REVIEW, what, "offered to the council" + (f", on site {days}" if days else ""), page
    after = Stage(event.data["after"])
    words = f"resumed: {after.label.lower()}" if event.data.get("before") == "postponed" else STAGES[after]
    return REVIEW, what, words, page


def _update_words(update):
    return f"Update for {period_words(update.period_on, update.plan.months)}, {update.plan.title}"


def _contact(event, contact):
    """The post and the channel of a contact; what was said stays on its own page."""
    page = reverse("council_contacts", args=[contact.council.slug])
    return CONTACT, contact_words(contact), _on(contact.on, event), page


def contact_words(contact):
    """Return "Video call, director of children’s services": how, and with which post."""
    post = dict(Office.choices).get(contact.post, contact.post)
    return f"{contact.get_channel_display()}, {within_a_sentence(post)}"


def _on(day, event):
    """Return "on 3 November 2026", or nothing for the day on which it was recorded, which stands beside it."""
    return "" if day == timezone.localdate(event.at) else f"on {day_words(day)}"


def _day(text):
    return date.fromisoformat(text) if text else None


def _page_of(milestone):
    return reverse("milestone", args=[milestone.pk])
