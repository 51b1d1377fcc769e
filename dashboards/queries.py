"""What the pages read. Each function answers for all the councils asked about in a fixed number of queries."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case as OneOf
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.functions import Coalesce, JSONObject

from accounts.models import Person
from accounts.permissions import Ability
from cases.models import (
    Allocation,
    Case,
    Contact,
    FlagRule,
    Force,
    Milestone,
    Owes,
    Recommendation,
    not_restricted,
)
from cases.queries import EVENTS_OF_ITS_READERS_ALONE, EVENTS_OF_THE_LGA_ALONE, working_calendars
from cases.rules import WorkingCalendar
from councils.models import (
    Council,
    CouncilCode,
    DeliveryArrangement,
    PoliticalControl,
    PostHolder,
    Region,
    RegionMembership,
    Succession,
)
from councils.statements import put_together_once
from dashboards.allocation import advisers_of
from dashboards.plans import plans_of
from dashboards.reviews import reviews_of
from dashboards.rules import Standing, standing
from history.models import Event
from improvement.models import PlanVersion
from improvement.queries.advice import Advice, advice_of
from improvement.queries.events import untold
from improvement.queries.stages import (
    InterventionCounts,
    Stage,
    TimelineRow,
    decisions_awaited,
    record_of,
    seen_by,
    stages_of,
    tally,
)
from inspections.models import COUNTED_TOGETHER, HEADLINE_AREAS, GradeWord, Inspection, Judgement
from peer_reviews.models import PeerReview
from peer_reviews.queries.events import untold as untold_of_reviews

ENGLAND_AND_WALES = "england-and-wales"
NOT_GRADED = "not-graded"
NOT_INSPECTED = "not-inspected"
# Best to worst; a council of no grade stands last.
STEPS = ("outstanding", "good", "requires-improvement", "inadequate")
SLUGS = (*STEPS, NOT_GRADED, NOT_INSPECTED)


@dataclass
class Graded:
    """A council's latest full inspection as at a day, with its judgements in the framework's order.

    An overall is published or absent, and never computed; the lowest area is named, and never called overall.
    """

    inspection: Inspection
    judgements: list[Judgement]

    @property
    def overall(self):
        return next((j for j in self.judgements if j.area.code in HEADLINE_AREAS), None)

    @property
    def areas(self):
        return [j for j in self.judgements if j.area.counts_for_lowest]

    @property
    def apart(self):
        """Grades that never count as the council's: the safeguarding children board's."""
        return [j for j in self.judgements if not j.area.is_overall and not j.area.counts_for_lowest]

    @property
    def lowest(self):
        """The judgements that share the lowest grade among the areas; none where no area was graded."""
        graded = [j for j in self.areas if j.grade in STEPS]
        worst = max((STEPS.index(j.grade) for j in graded), default=None)
        return [j for j in graded if STEPS.index(j.grade) == worst]

    def slug(self, show="overall"):
        shown = self.overall if show == "overall" else next(iter(self.lowest), None)
        return shown.grade if shown is not None and shown.grade in STEPS else NOT_GRADED


@dataclass
class CouncilAsAt:
    """One council on a page: what is public, and what the viewer may see of its cases.

    `stage` is None where the record of its region had not begun; out of scope nothing of its cases is set.
    """

    council: Council
    region: Region | None
    in_scope: bool = False
    graded: Graded | None = None
    stage: Stage | None = None
    awaits: str = ""
    milestones: list[Milestone] = field(default_factory=list)
    overdue: int = 0
    overdue_of_others: int = 0
    plan_late: int = 0
    to_confirm: int = 0
    adviser: Person | None = None

    def slug(self, show="overall"):
        """Return the grade that the council counts under, by latest overall or by lowest area."""
        return self.graded.slug(show) if self.graded else NOT_INSPECTED

    @property
    def in_intervention(self):
        return self.stage is not None and self.stage.in_intervention


@dataclass(frozen=True)
class Figures:
    """How many councils there were on a day, by grade; how many in intervention and what they owed late.

    The last two are None for days before the record began.
    """

    councils: int
    grades: Counter
    in_intervention: int | None
    overdue: int | None

    @property
    def not_inspected(self):
        return self.grades[NOT_INSPECTED]

    @property
    def inspected(self):
        return self.councils - self.not_inspected


@dataclass
class England:
    """Every real council as at a day, and the figures counted from those very rows."""

    rows: list[CouncilAsAt]
    regions: list[Region]
    figures: Figures
    interventions: InterventionCounts | None
    demonstration: Region | None = None


def england(*, on, by, framework, viewer, show="overall"):
    """Return `England` as at `on` by the reading `by`, for a family of frameworks (None: SIF and ILACS).

    Grades are public. Interventions and what is overdue are counted within the viewer's scope alone. The
    demonstration is outside every count.
    """
    every = list(Region.objects.order_by("order", "name"))
    regions = [region for region in every if not region.demonstration]
    rows = councils_on(on, regions, viewer=viewer)
    with_grades(rows, on=on, by=by, framework=framework, viewer=viewer)
    stages = with_stages(rows, on=on, viewer=viewer)
    with_overdue(rows, on=on, viewer=viewer)
    recorded = all(began_by(region, on) for region in regions)
    figures = Figures(
        councils=len(rows),
        grades=Counter(row.slug(show) for row in rows),
        in_intervention=sum(row.in_intervention for row in rows) if recorded else None,
        overdue=sum(row.overdue for row in rows) if recorded else None,
    )
    demonstration = next((region for region in every if region.demonstration), None)
    return England(rows, regions, figures, tally(stages) if recorded else None, demonstration)


def region_as_at(region, *, on, by, framework, viewer):
    """Return a `CouncilAsAt` for each council of `region` on `on`, with all that the region's page shows."""
    rows = councils_on(on, [region], region=region, viewer=viewer)
    with_grades(rows, on=on, by=by, framework=framework, viewer=viewer)
    with_stages(rows, on=on, viewer=viewer)
    with_milestones(rows, on=on, viewer=viewer)
    with_decisions_awaited(rows, on=on, viewer=viewer)
    with_advisers(rows, on=on, viewer=viewer)
    return rows


def councils_told(region_slug, *, on, by, framework, viewer):
    """Return a `CouncilAsAt` for each real council, or for each of one region, as the API tells it. Eight queries."""
    regions = list(Region.objects.all())
    region = next((each for each in regions if each.slug == region_slug), None)
    if region_slug and region is None:
        return []
    rows = councils_on(on, regions, region=region, viewer=viewer)
    return _told(rows, on=on, by=by, framework=framework, viewer=viewer)


def council_told(slug, *, on, by, viewer):
    """Return the `CouncilAsAt` of one council, ended or not, or None where there is none of that slug."""
    council = _placed(Council.objects.filter(slug=slug), on, viewer).first()
    if council is None:
        return None
    region = Region.objects.filter(pk=council.region_pk).first()
    row = CouncilAsAt(council, region, in_scope=council.seen and council.existed_on(on))
    return _told([row], on=on, by=by, framework=None, viewer=viewer)[0]


def _told(rows, *, on, by, framework, viewer):
    with_grades(rows, on=on, by=by, framework=framework, viewer=viewer)
    with_stages(rows, on=on, viewer=viewer)
    with_overdue(rows, on=on, viewer=viewer)
    with_decisions_awaited(rows, on=on, viewer=viewer)
    return rows


def began_by(region, on):
    """Say whether the region's record of interventions and milestones had begun on `on`."""
    return region.record_began_on is not None and region.record_began_on <= on


def councils_on(on, regions, *, viewer, region=None):
    """Return a `CouncilAsAt` for each real council that existed on `on`, or for each of `region`'s, by name.

    `regions` are those to name. One query.
    """
    by_pk = {each.pk: each for each in regions}
    return [
        CouncilAsAt(each, by_pk.get(each.region_pk), in_scope=each.seen)
        for each in _councils_of(region, on, viewer)
    ]


@put_together_once
def _councils_of(region, on, viewer):
    councils = _placed(Council.objects.on(on), on, viewer)
    councils = councils.in_region(region, on) if region else councils.real()
    return councils.order_by("name", "la_code")


def _placed(councils, on, viewer):
    """Annotate councils with their region on `on`, and whether the viewer sees their cases."""
    seen = OneOf(When(seen_by(viewer), then=True), default=False)
    return councils.annotate(region_pk=region_of("pk", on), seen=seen)


def region_of(path, on):
    """Return the expression for the region, on `on`, of the council at `path`."""
    held = RegionMembership.objects.on(on).filter(scheme=RegionMembership.LGA, council=OuterRef(path))
    return Subquery(held.values("region")[:1])


def with_grades(rows, *, on, by, framework, viewer):
    """Set `graded` on `rows`: the latest full inspection of `framework` (None: SIF and ILACS). Two queries."""
    latest = _latest_of(tuple(_councils(rows)), on, by, framework, viewer.today)
    found = {one.council_id: Graded(one, list(one.judgements.all())) for one in latest}
    for row in rows:
        row.graded = found.get(row.council.pk)


@put_together_once
def _latest_of(councils, on, by, framework, today):
    inspections = Inspection.objects.filter(council__in=councils)
    return with_judgements(inspections.latest(on, by, framework, today=today))


def with_judgements(inspections):
    """Fetch inspections with their framework, and judgements in its order, each with the word it `printed`."""
    word = GradeWord.objects.filter(framework=OuterRef("inspection__framework"), grade=OuterRef("grade"))
    judgements = Judgement.objects.select_related("area").annotate(printed=Subquery(word.values("word")[:1]))
    return inspections.select_related("framework").prefetch_related(
        Prefetch("judgements", judgements.order_by("area__order"))
    )


def with_stages(rows, *, on, viewer):
    """Set `stage` on `rows` and return the stages by council, of those in scope. Two queries."""
    began = {row.council.pk: row.region and row.region.record_began_on for row in rows if row.in_scope}
    stages = stages_of(began, on, viewer)
    for row in rows:
        row.stage = stages.get(row.council.pk)
    return stages


def with_decisions_awaited(rows, *, on, viewer):
    """Set `awaits` on `rows` where a decision of the DfE is awaited and the viewer may know it. One query."""
    awaited = decisions_awaited(on, viewer, _councils(rows))
    for row in rows:
        row.awaits = awaited.get(row.council.pk, "")


def with_advisers(rows, *, on, viewer):
    """Set `adviser` on `rows`: who of the LGA looked after them on `on`, as the LGA alone sees. One query."""
    held = advisers_of([row.council for row in rows], on=on, viewer=viewer)
    for row in rows:
        row.adviser = held.get(row.council.pk)


def with_overdue(rows, *, on, viewer):
    """Set the counts of what is overdue on `rows`: what the council owes, apart what others owe, and apart the
    actions of plans that are late. One query. Rule: section 3, overdue.
    """
    late = Milestone.objects.visible_to(viewer).filter(council__in=_councils(rows)).overdue(on)
    told = late.order_by().values_list("council", "owes", "of_plan").annotate(count=Count("pk"))
    counts = {(council, owes, of_plan): count for council, owes, of_plan, count in told}
    for row in rows:
        owed = {owes: counts.get((row.council.pk, owes, False), 0) for owes in Owes.values}
        row.overdue = owed.pop(Owes.COUNCIL)
        row.overdue_of_others = sum(owed.values())
        row.plan_late = sum(counts.get((row.council.pk, owes, True), 0) for owes in Owes.values)


def with_milestones(rows, *, on, viewer):
    """Set `milestones` on `rows`: those to be met as at `on`, within scope, the earliest due first. One query.

    The counts of what is overdue are taken from them. What fell due before its case was entered is none of
    them: of that, `to_confirm` counts what the viewer may answer for. Nor are actions of plans: `plan_late` counts
    those that are late.
    """
    by_council, waiting, of_plans = defaultdict(list), Counter(), Counter()
    councils = {row.council.pk: row.council for row in rows}
    for milestone in _standing_in(tuple(councils), on, viewer):
        milestone.council = councils[milestone.council_id]
        if milestone.to_confirm:
            waiting[milestone.council_id] += milestone.answerable
        elif milestone.of_plan:
            of_plans[milestone.council_id] += standing(milestone, on) is Standing.OVERDUE
        else:
            by_council[milestone.council_id].append(milestone)
    for row in rows:
        row.milestones = by_council[row.council.pk]
        row.to_confirm = waiting[row.council.pk]
        row.plan_late = of_plans[row.council.pk]
        late = [each for each in row.milestones if standing(each, on) is Standing.OVERDUE]
        row.overdue = sum(each.owes == Owes.COUNCIL for each in late)
        row.overdue_of_others = len(late) - row.overdue


@put_together_once
def _standing_in(councils, on, viewer):
    """The milestones of `councils` (numbers) that stood on `on`, the earliest due first, without their councils."""
    visible = Milestone.objects.visible_to(viewer).filter(council__in=councils)
    standing_then = visible.as_at(on, viewer.today).standing_on(on).filter(_told_of_plans(on))
    stood = _soon(standing_then, on).with_answerable(viewer)
    return stood.select_related("rule", "assignee").order_by(F("due_then").asc(nulls_last=True), "pk")


def _told_of_plans(on):
    """Return the Q of the milestones told one by one, and of the actions of plans that may be late, or to confirm."""
    return Q(of_plan=False) | Q(to_confirm=True) | Q(due_then__lt=on)


@dataclass
class CouncilRecord:
    """All that one council's page shows as at a day. Milestones and stage are within the viewer's scope.

    Contacts and what is to be followed up of them are the LGA's alone: None to others.
    """

    council: Council
    predecessors: list[Council]
    successors: list[Council]
    inspections: list[Graded]
    latest: Graded | None
    stage: Stage
    timeline: list[TimelineRow]
    milestones: list[Milestone]
    awaits: str
    posts: list[PostHolder]
    control: PoliticalControl | None
    contacts: list[Contact] | None
    follow_ups: list[Contact] | None
    advice: Advice | None
    plans: list[PlanVersion]
    reviews: list[PeerReview]

    @property
    def in_scope(self):
        return self.council.in_scope

    @property
    def recorded(self):
        return self.council.region_began is not None


def council_record(slug, *, on, by, viewer):
    """Return the `CouncilRecord` of the council with `slug`, or None where there is none. Seventeen queries at most.

    Its predecessors' inspections are in it, for a successor starts without any of its own.
    """
    family = _with_neighbours(slug, on, viewer)
    council = next((each for each in family if each.slug == slug), None)
    if council is None:
        return None
    predecessors = [each for each in family if each.succeeded_on]
    known = Inspection.objects.filter(council__in=[council, *predecessors]).known(on, by, today=viewer.today)
    inspections = [Graded(one, list(one.judgements.all())) for one in with_judgements(known)]
    stage, timeline = record_of(council, viewer, on)
    contacts, follow_ups = _contacts_told(council, on=on, viewer=viewer)
    return CouncilRecord(
        council=council,
        predecessors=predecessors,
        successors=[each for each in family if each.took_over_on],
        inspections=inspections,
        latest=_latest([one for one in inspections if one.inspection.council_id == council.pk], by),
        stage=stage,
        timeline=timeline,
        milestones=list(_milestones_told(council, on=on, viewer=viewer)),
        awaits=decisions_awaited(on, viewer, [council.pk]).get(council.pk, ""),
        posts=list(PostHolder.objects.on(on).filter(council=council)),
        control=_control_told(council),
        contacts=contacts,
        follow_ups=follow_ups,
        advice=_advice_told(council, inspections, on),
        plans=plans_of(council, viewer) if on == viewer.today and council.reads_plans else [],
        reviews=_reviews_told(council, on, viewer),
    )


def _reviews_told(council, on, viewer):
    """The council's reviews as they stand today, for those who read them; a page of another day has none."""
    reads = council.reads_reviews or viewer.may(Ability.SERVE_ON_REVIEWS)
    return reviews_of(council, viewer) if on == viewer.today and reads else []


def _advice_told(council, inspections, on):
    """The advice on persistent and systemic failure; None but for the LGA."""
    if not council.sees_lga_only:
        return None
    return advice_of([one.inspection for one in inspections if one.inspection.council_id == council.pk], on)


LATEST_CONTACTS = 5
_DAYS_OF_CONTROL = ("from_on", "until_on", "next_election_on")


def _contacts_told(council, *, on, viewer):
    """The latest contacts written down by `on`, and those then to be followed up; (None, None) but for the LGA."""
    if not council.sees_lga_only:
        return None, None
    theirs = Contact.objects.visible_to(viewer).filter(council=council)
    due = theirs.follow_ups_due(on)
    latest = theirs.known_on(on).order_by("-on", "-pk")[:LATEST_CONTACTS]
    told = theirs.filter(Q(pk__in=latest.values("pk")) | Q(pk__in=due.values("pk"))).order_by("-on", "-pk")
    waits = OneOf(When(pk__in=due.values("pk"), then=True), default=False)
    contacts = list(told.select_related("made_by").annotate(waits=waits))
    follow_ups = sorted((one for one in contacts if one.waits), key=lambda one: (one.follow_up_on, one.pk))
    return contacts[:LATEST_CONTACTS], follow_ups


def _control_told(council):
    """The `PoliticalControl` of a council from what `_with_neighbours` read of it, or None."""
    told = council.controlled
    if told is None:
        return None
    days = {name: told[name] and date.fromisoformat(told[name]) for name in _DAYS_OF_CONTROL}
    return PoliticalControl(**told | days)


def open_recommendations(council, *, on, viewer):
    """Return the recommendations to a council that were open on `on`, of its latest source first. One query."""
    told = Recommendation.objects.visible_to(viewer).filter(council=council).open(on)
    return list(
        told.select_related("source").order_by(
            F("source__dated_on").desc(nulls_last=True), "-source", "number"
        )
    )


def _with_neighbours(slug, on, viewer):
    """Fetch a council with its predecessors and successors, and what a page says of each. One query."""
    before = Succession.objects.filter(successor__slug=slug, predecessor=OuterRef("pk"))
    after = Succession.objects.filter(predecessor__slug=slug, successor=OuterRef("pk"))
    member = RegionMembership.objects.on_or_last(on).filter(
        scheme=RegionMembership.LGA, council=OuterRef("pk")
    )
    member = member.order_by("-from_on")
    began = member.filter(region__record_began_on__lte=on)
    delivered = DeliveryArrangement.objects.on(on).filter(council=OuterRef("pk")).order_by("-from_on")
    code = CouncilCode.objects.on(on).filter(council=OuterRef("pk")).values("code")
    cases = Case.objects.visible_to(viewer).filter(council=OuterRef("pk"))
    controlled = PoliticalControl.objects.on(on).filter(council=OuterRef("pk")).order_by("-from_on")
    controlled = controlled.values(
        told=JSONObject(control="control", detail="detail", **{day: day for day in _DAYS_OF_CONTROL})
    )
    told = Recommendation.objects.visible_to(viewer).filter(council=OuterRef("pk")).open(on)
    counted = told.order_by().values("council").annotate(count=Count("pk")).values("count")

    def held(ability):
        reach = viewer.council_filter(ability, "pk")
        return Exists(Council.objects.filter(reach, pk=OuterRef("pk")))

    reads_plans = Exists(PlanVersion.objects.visible_to(viewer).filter(plan__council=OuterRef("pk")))
    return list(
        Council.objects.filter(
            Q(slug=slug)
            | Q(pk__in=Succession.objects.filter(successor__slug=slug).values("predecessor"))
            | Q(pk__in=Succession.objects.filter(predecessor__slug=slug).values("successor"))
        ).annotate(
            succeeded_on=Subquery(before.values("on")[:1]),
            took_over_on=Subquery(after.values("on")[:1]),
            region_slug=Subquery(member.values("region__slug")[:1]),
            region_name=Subquery(member.values("region__name")[:1]),
            region_record_began_on=Subquery(member.values("region__record_began_on")[:1]),
            region_began=Subquery(began.values("region__record_began_on")[:1]),
            delivered_by=Subquery(delivered.values("body__name")[:1]),
            delivered_since=Subquery(delivered.values("from_on")[:1]),
            delivered_since_precision=Subquery(delivered.values("from_precision")[:1]),
            gss_code=Subquery(code.filter(scheme=CouncilCode.Scheme.GSS)[:1]),
            ofsted_urn=Subquery(code.filter(scheme=CouncilCode.Scheme.OFSTED)[:1]),
            in_scope=held(Ability.SEE_CASES) | Exists(cases),
            sees_lga_only=held(Ability.SEE_LGA_ONLY),
            logs_contacts=held(Ability.LOG_CONTACTS),
            keeps_posts=held(Ability.KEEP_POSTS),
            reads_plans=reads_plans,
            drafts_plans=held(Ability.DRAFT_PLANS),
            reads_reviews=held(Ability.READ_REVIEWS),
            runs_reviews=held(Ability.RUN_REVIEWS),
            controlled=Subquery(controlled[:1]),
            open_recommendations=Coalesce(Subquery(counted), 0),
        )
    )


def _latest(inspections, by):
    """Return the latest full inspection under SIF or ILACS, as `Inspection.objects.latest` chooses it."""
    counted = [
        one
        for one in inspections
        if one.inspection.kind in Inspection.FULL and one.inspection.framework.family in COUNTED_TOGETHER
    ]

    def moment(one):
        begun_known = (one.inspection.begun_on, one.inspection.known_on)
        return (begun_known if by == "inspected" else begun_known[::-1], one.inspection.pk)

    return max(counted, key=moment, default=None)


def _milestones_told(council, *, on, viewer):
    """The milestones on a council's page: of its open cases and its own, with those met or closed by `on`."""
    milestones = Milestone.objects.visible_to(viewer).filter(council=council, entered_on__lte=on)
    told = milestones.exclude(case__standing__in=[Case.Standing.UNCONFIRMED, Case.Standing.WITHDRAWN])
    told = told.exclude(outcome=Milestone.Outcome.WITHDRAWN).as_at(on)
    # Of a plan's actions the page tells how many are late: the plan's own pages tell of each.
    told = told.filter(Q(of_plan=False) | Q(closed_on=None) | Q(closed_on__gt=on)).filter(_told_of_plans(on))
    return dated(told, on=on, viewer=viewer).order_by(F("due_then").asc(nulls_last=True), "pk")


def council_with_history(slug, viewer):
    """Return the query of the council with `slug` where the viewer sees its cases.

    With `sees_lga_only` and `reads_reviews`, as `history` asks.
    """
    seen = Council.objects.filter(viewer.council_filter(Ability.SEE_CASES, "pk"), slug=slug)

    def held(ability):
        return OneOf(When(viewer.council_filter(ability, "pk"), then=True), default=False)

    return seen.annotate(sees_lga_only=held(Ability.SEE_LGA_ONLY), reads_reviews=held(Ability.READ_REVIEWS))


def history(council, *, viewer, limit):
    """Return the latest events of a council that the viewer may know of, each with the name of whoever did it.

    What rests on a source under embargo is left out, whoever looks, and who its readers were once it is published;
    what is the LGA's alone, where the viewer doesn't see it; what is drafted; and what a review's team does among
    itself. Five queries at most, the fewer where `council` comes from `council_with_history`; `by_name` is the name.
    """
    name = Person.objects.filter(pk=OuterRef("by_id")).values("name")[:1]
    events = Event.objects.filter(not_restricted("source_id"), council_code=council.la_code).annotate(
        by_name=Subquery(name)
    )
    events = events.exclude(untold(viewer, council)).exclude(kind__in=EVENTS_OF_ITS_READERS_ALONE)
    told = getattr(council, "sees_lga_only", None)
    of_the_lga = viewer.may_at(Ability.SEE_LGA_ONLY, council) if told is None else told
    reads = getattr(council, "reads_reviews", None)
    reads = viewer.may_at(Ability.READ_REVIEWS, council) if reads is None else reads
    events = events.exclude(untold_of_reviews(council, reads=reads, of_the_lga=of_the_lga))
    if not of_the_lga:
        events = events.exclude(kind__in=EVENTS_OF_THE_LGA_ALONE)
    return list(events[:limit])


@dataclass
class Work:
    """What a person may see of milestones on a day, what lateness tells whom, and what they look after."""

    milestones: list[Milestone]
    to_confirm: list[Milestone]
    episodes: list[Case]
    awaited: list[Council]
    allocated: list[Council]
    follow_ups: list[Contact]
    levels: list[FlagRule]
    calendar: WorkingCalendar


def work(*, on, viewer):
    """Return the `Work` of a viewer as at `on`, the earliest due first. Nine queries."""
    # What rests on a report under embargo is answered on the inspection's own page alone.
    answerable = Milestone.objects.visible_to(viewer).answerable_by(viewer)
    confirmable = Case.objects.visible_to(viewer).filter(viewer.council_filter(Ability.CONFIRM_EPISODES))
    return Work(
        milestones=list(_open_work(on, viewer).filter(_told_of_plans(on) | Q(assignee=viewer.person_id))),
        to_confirm=list(
            dated(answerable.awaiting_confirmation(on), on=on, viewer=viewer).order_by(
                "council__name", "case", "due_then", "pk"
            )
        ),
        episodes=list(
            confirmable.filter(standing=Case.Standing.UNCONFIRMED, entered_on__lte=on)
            .select_related("council", "intervention")
            .order_by("council__name")
        ),
        awaited=_councils_awaiting(on, viewer),
        allocated=list(_allocated_to(viewer, on)),
        follow_ups=list(_follow_ups(viewer, on)),
        levels=list(FlagRule.objects.on(on).exclude(tells="")),
        calendar=working_calendars()[ENGLAND_AND_WALES],
    )


def milestones_of_work(*, on, viewer):
    """Return the open milestones that My work and the calendar tell a viewer of as at `on`, the earliest due first.

    The window of a council's next inspection is nobody's work; of a case's windows, people want to know. Of a plan's
    actions, those assigned to the viewer alone: the plan and its updates are where the others are worked on.
    """
    return _open_work(on, viewer).filter(Q(of_plan=False) | Q(assignee=viewer.person_id))


def _open_work(on, viewer):
    theirs = Milestone.objects.visible_to(viewer).exclude(force=Force.WINDOW, case=None)
    return dated(theirs.open(on), on=on, viewer=viewer).order_by("due_then", "pk")


def _allocated_to(viewer, on):
    """The councils that the viewer looked after on `on` and sees as the LGA does today: allocation brings no sight."""
    theirs = Allocation.objects.on(on).filter(person=viewer.person_id)
    reach = viewer.council_filter(Ability.SEE_LGA_ONLY, "pk")
    return Council.objects.filter(reach, pk__in=theirs.values("council")).order_by("name", "la_code")


def _follow_ups(viewer, on):
    """The contacts to follow up by `on`: the viewer's own, and those with councils that they look after."""
    theirs = Allocation.objects.on(on).filter(person=viewer.person_id)
    due = Contact.objects.visible_to(viewer).follow_ups_due(on).select_related("council")
    return due.filter(Q(made_by=viewer.person_id) | Q(council__in=theirs.values("council"))).order_by(
        "follow_up_on", "pk"
    )


def _councils_awaiting(on, viewer):
    """The councils for which the viewer would record a decision of the DfE that is awaited, with why (`awaits`)."""
    awaited = decisions_awaited(on, viewer)
    advised = Council.objects.filter(viewer.council_filter(Ability.ANSWER_MILESTONES, "pk"), pk__in=awaited)
    councils = list(advised)
    for council in councils:
        council.awaits = awaited[council.pk]
    return councils


def dated(milestones, *, on, viewer):
    """Annotate milestones as at `on`: their council's region, how many days ahead they are due soon, and whether
    the viewer may answer them. With what a page says of each."""
    told = _soon(milestones, on).with_answerable(viewer).annotate(region_pk=region_of("council", on))
    return told.select_related("council", "case", "rule", "assignee")


def _soon(milestones, on):
    """Annotate `soon_days`: how many days before its due date a milestone is due soon, as on `on`."""
    before = FlagRule.objects.on(on).filter(level=FlagRule.Level.DUE_SOON).values(soon=-F("days"))
    return milestones.annotate(soon_days=Coalesce(Subquery(before[:1]), 0))


def _councils(rows):
    return [row.council.pk for row in rows]
