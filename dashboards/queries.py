"""What the pages read. Each function answers for all the councils asked about in a fixed number of queries."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce

from cases.models import FlagRule, Milestone, Owes
from councils.models import Council, Region, RegionMembership
from dashboards.rules import Standing, standing
from improvement.queries import InterventionCounts, Stage, decisions_awaited, stages_on, tally
from inspections.models import HEADLINE_AREAS, GradeWord, Inspection, Judgement

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


def england(*, on, by, framework, viewer, show="overall"):
    """Return `England` as at `on` by the reading `by`, for a family of frameworks (None: SIF and ILACS).

    Grades are public. Interventions and what is overdue are counted within the viewer's scope alone. The
    demonstration is outside every count.
    """
    regions = [region for region in Region.objects.order_by("order", "name") if not region.demonstration]
    rows = councils_on(on, regions)
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
    return England(rows, regions, figures, tally(stages) if recorded else None)


def region_as_at(region, *, on, by, framework, viewer):
    """Return a `CouncilAsAt` for each council of `region` on `on`, with all that the region's page shows."""
    rows = councils_on(on, [region], region=region)
    with_grades(rows, on=on, by=by, framework=framework, viewer=viewer)
    with_stages(rows, on=on, viewer=viewer)
    with_milestones(rows, on=on, viewer=viewer)
    with_decisions_awaited(rows, on=on, viewer=viewer)
    return rows


def began_by(region, on):
    """Say whether the region's record of interventions and milestones had begun on `on`."""
    return region.record_began_on is not None and region.record_began_on <= on


def councils_on(on, regions, *, region=None):
    """Return a `CouncilAsAt` for each real council that existed on `on`, or for each of `region`'s, by name.

    `regions` are those to name. One query.
    """
    by_pk = {each.pk: each for each in regions}
    councils = Council.objects.on(on).annotate(region_pk=region_of("pk", on))
    councils = councils.in_region(region, on) if region else councils.real()
    return [CouncilAsAt(each, by_pk.get(each.region_pk)) for each in councils.order_by("name", "la_code")]


def region_of(path, on):
    """Return the expression for the region, on `on`, of the council at `path`."""
    held = RegionMembership.objects.on(on).filter(scheme=RegionMembership.LGA, council=OuterRef(path))
    return Subquery(held.values("region")[:1])


def with_grades(rows, *, on, by, framework, viewer):
    """Set `graded` on `rows`: the latest full inspection of `framework` (None: SIF and ILACS). Two queries."""
    inspections = Inspection.objects.filter(council__in=_councils(rows))
    latest = with_judgements(inspections.latest(on, by, framework, today=viewer.today))
    found = {one.council_id: Graded(one, list(one.judgements.all())) for one in latest}
    for row in rows:
        row.graded = found.get(row.council.pk)


def with_judgements(inspections):
    """Fetch inspections with their framework, and judgements in its order, each with the word it `printed`."""
    word = GradeWord.objects.filter(framework=OuterRef("inspection__framework"), grade=OuterRef("grade"))
    judgements = Judgement.objects.select_related("area").annotate(printed=Subquery(word.values("word")[:1]))
    return inspections.select_related("framework").prefetch_related(
        Prefetch("judgements", judgements.order_by("area__order"))
    )


def with_stages(rows, *, on, viewer):
    """Set `stage` and `in_scope` on `rows` and return the stages by council. Three queries."""
    stages = stages_on(on, viewer, _councils(rows))
    for row in rows:
        row.in_scope = row.council.pk in stages
        row.stage = stages.get(row.council.pk)
    return stages


def with_decisions_awaited(rows, *, on, viewer):
    """Set `awaits` on `rows` where a decision of the DfE is awaited and the viewer may know it. One query."""
    awaited = decisions_awaited(on, viewer, _councils(rows))
    for row in rows:
        row.awaits = awaited.get(row.council.pk, "")


def with_overdue(rows, *, on, viewer):
    """Set the counts of what is overdue on `rows`: what the council owes, and apart what others owe. One query."""
    late = Milestone.objects.visible_to(viewer).filter(council__in=_councils(rows)).overdue(on)
    counts = {
        (council, owes): count
        for council, owes, count in late.order_by().values_list("council", "owes").annotate(count=Count("pk"))
    }
    for row in rows:
        owed = {owes: counts.get((row.council.pk, owes), 0) for owes in Owes.values}
        row.overdue = owed.pop(Owes.COUNCIL)
        row.overdue_of_others = sum(owed.values())


def with_milestones(rows, *, on, viewer):
    """Set `milestones` on `rows`, those open on `on` that the viewer may see, the earliest due first. One query.

    The counts of what is overdue are taken from them.
    """
    by_council = defaultdict(list)
    visible = Milestone.objects.visible_to(viewer).filter(council__in=_councils(rows))
    for milestone in dated(visible.open(on), on=on, viewer=viewer).order_by(F("due_then").asc(nulls_last=True), "pk"):
        by_council[milestone.council_id].append(milestone)
    for row in rows:
        row.milestones = by_council[row.council.pk]
        late = [each for each in row.milestones if standing(each, on) is Standing.OVERDUE]
        row.overdue = sum(each.owes == Owes.COUNCIL for each in late)
        row.overdue_of_others = len(late) - row.overdue


def dated(milestones, *, on, viewer):
    """Annotate milestones as at `on`: their council's region, how many days ahead they are due soon, and whether
    the viewer may answer them. With what a page says of each."""
    before = FlagRule.objects.on(on).filter(level=FlagRule.Level.DUE_SOON).values(soon=-F("days"))
    answerable = Milestone.objects.answerable_by(viewer).filter(pk=OuterRef("pk"))
    return milestones.annotate(
        region_pk=region_of("council", on),
        soon_days=Coalesce(Subquery(before[:1]), 0),
        answerable=Exists(answerable),
    ).select_related("council", "case", "rule", "assignee")


def _councils(rows):
    return [row.council.pk for row in rows]
