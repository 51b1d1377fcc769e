"""One council's page: what it is, how it was judged under each framework, and what is due."""

from dataclasses import dataclass
from itertools import groupby

from cases.models import Milestone
from cases.presenters import contact_shown, count_of, day_words, due_words, held_words, owed_words
from councils.models import Office, PostHolder
from dashboards.presenters import grades
from dashboards.presenters.councils import ago
from dashboards.presenters.milestones import OWED_BY, Tag, tag
from dashboards.presenters.plans import plan_shown
from dashboards.presenters.reviews import is_offer, review_shown
from dashboards.queries import STEPS
from dashboards.rules import Standing, standing
from improvement.presenters import advice
from improvement.presenters.dates import since_words, when
from inspections.models import Inspection

TO_CONFIRM = "to-confirm"
URGENCY = [
    Standing.OVERDUE,
    Standing.DUE_SOON,
    Standing.OFFER_DUE,
    TO_CONFIRM,
    Standing.LATER,
    Standing.PAUSED,
    Standing.WINDOW_PASSED,
    Standing.WINDOW_OPEN,
    Standing.UNDATED,
]
VISITS = {Inspection.Kind.FOCUSED_VISIT, Inspection.Kind.MONITORING_VISIT}


@dataclass(frozen=True)
class Cell:
    """A grade in the history: its slug for the colour, its framework's word, and what to add."""

    slug: str = ""
    word: str = ""
    note: str = ""


@dataclass(frozen=True)
class Judged:
    """One inspection in the history."""

    inspection: Inspection
    kind: str
    cells: list


@dataclass(frozen=True)
class Chapter:
    """The inspections of one council under one framework form, latest first, with the areas that it grades."""

    council: object
    framework: object
    areas: list
    rows: list


@dataclass(frozen=True)
class MilestoneRow:
    milestone: Milestone
    tag: Tag
    due: str
    owed: str
    is_open: bool
    may_answer: bool


@dataclass(frozen=True)
class PostRow:
    """A post of the council and who held it; `holder` is None where nobody is recorded."""

    office: Office
    holder: PostHolder | None
    who: str
    held: str

    @property
    def is_notable(self):
        """Whether the terms are worth a tag: interim, or vacant."""
        return self.holder is not None and self.holder.terms != PostHolder.Terms.PERMANENT


class CouncilPage:
    """What a council's page says, from its record as at a day."""

    def __init__(self, record, *, as_at):
        self.record, self.as_at = record, as_at
        self.council = record.council
        self.grade = grades.shown(record.latest)
        told = [each for each in record.milestones if each.to_confirm or not each.of_plan]
        self.milestones = sorted((self._milestone(each) for each in told), key=self._urgency)
        # Actions of plans that are late: counted apart. Rule: section 3, overdue.
        self.plan_late = [
            self._milestone(each)
            for each in record.milestones
            if each.of_plan and not each.to_confirm and standing(each, as_at.on) is Standing.OVERDUE
        ]

    def _milestone(self, milestone):
        on = self.as_at.on
        is_open = milestone.closed_on is None or milestone.closed_on > on
        return MilestoneRow(
            milestone=milestone,
            tag=tag(milestone, on),
            due=due_words(milestone),
            owed=owed_words(milestone),
            is_open=is_open,
            may_answer=milestone.answerable and milestone.closed_on is None,
        )

    def _urgency(self, row):
        """Sort what is late first, then what is due, to confirm and expected; what is closed comes last."""
        if not row.is_open:
            return len(URGENCY) + 1
        return URGENCY.index(
            TO_CONFIRM if row.milestone.to_confirm else standing(row.milestone, self.as_at.on)
        )

    @property
    def heading(self):
        """The answer: the latest grade, and the intervention where the reader may know of it."""
        words = f"{self.council.name}: {self.grade.word.lower()}"
        if not self.record.in_scope or not self.record.recorded:
            return words
        if self.record.stage.in_intervention:
            return f"{words}, in intervention"
        return words

    @property
    def inspected(self):
        """Say when the latest full inspection was, under what, and how long ago."""
        if self.record.latest is None:
            return "No full inspection under SIF or ILACS is on record."
        one = self.record.latest.inspection
        published = f", published {day_words(one.published_on)}" if one.published_on else ""
        begun = (
            f"Inspected {day_words(one.inspected_on)}" if one.inspected_on else "Inspected on a day unknown"
        )
        return f"{begun}{published} ({one.framework.short_name}), {ago(one.begun_on, self.as_at.on)}."

    @property
    def stage(self):
        """The stage of intervention in words, or nothing where there is none or it is not to be seen.

        It stands in dated rows, so a day before the record began has one too; only counts are not recorded then.
        """
        stage = self.record.stage
        if not self.record.in_scope or stage.slug == "none":
            return ""
        if stage.standing == "to-confirm":
            return "To confirm: published notices or directions are on record, and nobody has said that it is open."
        label = f"{stage.label} {since_words(stage)}".strip()
        also = "".join(f"; {each.strand_label}: {each.label.lower()}" for each in stage.also)
        reference = f" ({stage.case_reference})" if stage.case_reference else ""
        return f"{label}{also}{reference}."

    @property
    def advice(self):
        return self.record.advice and advice.shown(self.record.advice)

    @property
    def plans(self):
        """The plans that the reader may read, as they stand today."""
        return [plan_shown(version) for version in self.record.plans]

    @property
    def shows_plans(self):
        """Whether there is something of plans to say to this reader."""
        return bool(
            self.record.plans or self.plan_late or (self.council.drafts_plans and self.as_at.is_today)
        )

    @property
    def reviews(self):
        """The peer reviews that the reader may read, as they stand today."""
        return [review_shown(review) for review in self.record.reviews]

    @property
    def shows_reviews(self):
        """Whether there is something of peer reviews to say to this reader, of today."""
        return self.as_at.is_today and bool(self.record.reviews or self.council.reads_reviews)

    @property
    def next_offer(self):
        """Say when the next review is to be offered; "" where no date is on record, or the reader isn't told."""
        offers = [row.milestone for row in self.milestones if row.is_open and is_offer(row.milestone)]
        days = [one.due_then for one in offers if one.due_then]
        return day_words(min(days)) if days else ""

    @property
    def overdue(self):
        return self._count(Standing.OVERDUE, by_council=True)

    @property
    def overdue_of_others(self):
        return self._count(Standing.OVERDUE, by_council=False)

    @property
    def due_soon(self):
        return self._count(Standing.DUE_SOON, by_council=True) + self._count(
            Standing.DUE_SOON, by_council=False
        )

    @property
    def to_confirm(self):
        return sum(row.is_open and row.milestone.to_confirm for row in self.milestones)

    @property
    def asked_together(self):
        """Return the reference of the case that has several to confirm, where the reader may answer them now."""
        waiting = [
            row.milestone.case.reference
            for row in self.milestones
            if row.may_answer and row.milestone.to_confirm and self.as_at.is_today
        ]
        return waiting[0] if len(waiting) > 1 else ""

    def _count(self, wanted, *, by_council):
        return sum(
            row.is_open
            and not row.milestone.to_confirm
            and (row.milestone.owes == "council") == by_council
            and standing(row.milestone, self.as_at.on) is wanted
            for row in self.milestones
        )

    @property
    def may_answer(self):
        return any(row.may_answer for row in self.milestones)

    @property
    def not_recorded(self):
        began = self.council.region_record_began_on
        return f"not recorded before {day_words(began)}" if began else "not recorded"

    @property
    def existed(self):
        """Say when the council began or ended, where either is known."""
        began, ended = self.council.from_on, self.council.until_on
        parts = [f"from {day_words(began)}" if began else "", f"until {day_words(ended)}" if ended else ""]
        return " ".join(filter(None, parts))

    @property
    def delivery(self):
        if not self.council.delivered_by:
            return "In-house"
        began = self.council.delivered_since
        since = f"since {when(began, self.council.delivered_since_precision)}" if began else "start unknown"
        return f"{self.council.delivered_by}, {since}"

    @property
    def posts(self):
        """Every post, in the field's order, with who held it on the day."""
        by_office = {holder.office: holder for holder in self.record.posts}
        return [_post(office, by_office.get(office.value)) for office in Office]

    @property
    def control(self):
        """Say who runs the council and when it is next elected."""
        control = self.record.control
        if control is None:
            return "Not recorded"
        words = control.get_control_display() + (f" ({control.detail})" if control.detail else "")
        return f"{words}, {held_words(control)}"

    @property
    def next_election(self):
        control = self.record.control
        return day_words(control.next_election_on) if control and control.next_election_on else "Not recorded"

    @property
    def contacts(self):
        """The latest contacts and those to follow up, each once, the latter first."""
        due = self.record.follow_ups
        latest = [each for each in self.record.contacts if each not in due]
        return [contact_shown(each, self.as_at.on) for each in due + latest]

    @property
    def chapters(self):
        """The history by framework form, newest first; then the predecessors', as theirs."""
        own = [one for one in self.record.inspections if one.inspection.council_id == self.council.pk]
        theirs = [
            chapter
            for before in self.record.predecessors
            for chapter in _chapters(before, [one for one in self.record.inspections if _of(one, before)])
        ]
        return _chapters(self.council, own) + theirs

    @property
    def visits(self):
        return [one.inspection for one in self.record.inspections if one.inspection.kind in VISITS]

    def tables(self):
        """Return the downloads by name, each a function that gives headings and rows."""
        return {
            "judgements": self._judgements_table,
            "visits": self._visits_table,
            "intervention": self._timeline_table,
            "milestones": self._milestones_table,
            "people": self._people_table,
        }

    def _judgements_table(self):
        headings = [
            "Council",
            "Framework",
            "Kind",
            "Inspected",
            "Published",
            "Area",
            "Grade",
            "As printed",
            "Restated",
        ]
        return headings, (
            [
                chapter.council.name,
                chapter.framework.short_name,
                row.kind,
                row.inspection.inspected_on,
                row.inspection.published_on,
                judgement.area.name,
                grades.word(judgement),
                judgement.word,
                "yes" if judgement.restated else "no",
            ]
            for chapter in self.chapters
            for row in chapter.rows
            for judgement in row.inspection.judgements.all()
        )

    def _visits_table(self):
        headings = ["Council", "Kind", "First day on site", "Published", "Framework"]
        return headings, (
            [
                self._name_of(visit.council_id),
                visit.get_kind_display(),
                visit.inspected_on,
                visit.published_on,
                visit.framework.short_name,
            ]
            for visit in self.visits
        )

    def _timeline_table(self):
        headings = ["Date", "As known", "What", "Detail", "Strand", "Case", "Source", "From a partial record"]
        return headings, (
            [row.on, row.when, row.words, row.detail, row.strand, row.case_reference, row.source, row.partial]
            for row in self.record.timeline
        )

    def _milestones_table(self):
        headings = [
            "Milestone",
            "How it stands",
            "Due",
            "Why that day",
            "Owed by",
            "Met",
            "Case",
            "Assigned to",
            "Plan action",
        ]
        return headings, (
            [
                row.milestone.label,
                row.tag.words,
                row.milestone.due_then,
                row.due,
                OWED_BY[row.milestone.owes],
                row.milestone.met_on if not row.is_open else None,
                row.milestone.case.reference if row.milestone.case else "",
                row.milestone.assignee.name if row.milestone.assignee else "",
                "yes" if row.milestone.of_plan else "no",
            ]
            for row in self.milestones + self.plan_late
        )

    def _people_table(self):
        return ["Post", "Who", "Terms", "Held"], (
            [row.office.label, row.who, row.holder.get_terms_display() if row.holder else "", row.held]
            for row in self.posts
        )

    def _name_of(self, pk):
        return next(each.name for each in [self.council, *self.record.predecessors] if each.pk == pk)


def _post(office, holder):
    if holder is None:
        return PostRow(office, None, "Not recorded", "")
    return PostRow(office, holder, holder.name or "Nobody", held_words(holder))


def _of(graded, council):
    return graded.inspection.council_id == council.pk


def _chapters(council, inspections):
    """Group the inspections of one council, visits left out, by framework form, newest first."""
    judged = [one for one in inspections if one.inspection.kind not in VISITS]
    judged.sort(key=lambda one: (one.inspection.framework.order, one.inspection.begun_on), reverse=True)
    return [
        _chapter(council, list(group))
        for _, group in groupby(judged, key=lambda one: one.inspection.framework_id)
    ]


def _chapter(council, inspections):
    areas = {j.area.pk: j.area for one in inspections for j in one.judgements}
    areas = sorted(areas.values(), key=lambda area: area.order)
    framework = inspections[0].inspection.framework
    rows = [
        Judged(one.inspection, one.inspection.get_kind_display(), _cells(one, areas)) for one in inspections
    ]
    return Chapter(council, framework, areas, rows)


def _cells(graded, areas):
    by_area = {j.area_id: j for j in graded.judgements}
    return [_cell(by_area.get(area.pk)) for area in areas]


def _cell(judgement):
    if judgement is None:
        return Cell()
    note = f"restated by Ofsted as “{judgement.word}”" if judgement.restated else ""
    return Cell(judgement.grade if judgement.grade in STEPS else "", grades.word(judgement), note)


class HistoryPage:
    """What was done about one council, latest first."""

    AT_MOST = 500

    def __init__(self, council, events=()):
        self.council, self.events = council, events

    @property
    def heading(self):
        return f"{self.council.name}: {count_of(len(self.events), 'event')}"

    @property
    def rows(self):
        return [
            (event, event.kind.replace("-", " ").capitalize(), event.by_name or "Upstream")
            for event in self.events
        ]

    def table(self):
        """Return the headings and rows of the download."""
        headings = ["Day", "Recorded at", "What", "Case", "By"]
        return headings, (
            [event.on, event.at, words, event.case_reference, by] for event, words, by in self.rows
        )
