"""What a version's way out is read from: the milestones it meets, to whom it was sent, what its route says."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Case as OneOf
from django.db.models import Count, Min, Q, When

from accounts.permissions import Ability
from cases.models import Milestone, answered_by, not_restricted
from improvement.models import Comment, Handover, PlannedAction, PlanVersion, Reply
from improvement.models.plans import between_council_and_lga
from improvement.rules.way_out import PLAN_RULES

RESUBMIT = "Resubmit the improvement plan"
TO_GOVERNMENT = (Handover.To.OFSTED, Handover.To.DFE)


def plan_milestones(plan):
    """Return the open milestones that the plan meets once it is sent: its case's, or its council's own.

    What rests on a source under embargo is left out, as everywhere.
    """
    theirs = Q(case=plan.case_id) if plan.case_id else Q(case=None)
    return Milestone.objects.filter(
        theirs | Q(case=None),
        not_restricted(),
        council=plan.council_id,
        rule__slug__in=PLAN_RULES,
        closed_on=None,
    ).order_by("due_on", "pk")


def resubmissions(plan):
    """Return the open milestones by which a returned version of the plan is to be sent again."""
    returned = Reply.objects.filter(version__plan=plan, kind__in=Reply.RETURNS)
    return Milestone.objects.filter(
        rule=None, label=RESUBMIT, closed_on=None, source__in=returned.values("source")
    ).order_by("due_on", "pk")


def asked_to_resubmit(version):
    """Return [(milestone, who asked for it)] of what earlier versions of the plan were returned for, each locked."""
    asked = {
        source: Handover.To.DFE if kind == Reply.Kind.RETURNED else Handover.To.OFSTED
        for source, kind in Reply.objects.filter(
            version__plan=version.plan, version__number__lt=version.number, kind__in=Reply.RETURNS
        ).values_list("source", "kind")
    }
    waiting = resubmissions(version.plan).filter(source__in=asked)
    locked = waiting.select_related("council", "case", "rule", "source").select_for_update(of=("self",))
    return [(milestone, asked[milestone.source_id]) for milestone in locked]


def default_statutory_day(plan):
    """Return the day by which the plan must be sent, as its milestones have it: the earliest; None without one."""
    ids = [
        *plan_milestones(plan).values_list("pk", flat=True),
        *resubmissions(plan).values_list("pk", flat=True),
    ]
    return Milestone.objects.filter(pk__in=ids).aggregate(first=Min("due_on"))["first"]


def somebody_waits_for(plan):
    """Say whether Ofsted or the DfE waits for the plan: it answers an intervention, or a clock of its council runs."""
    return plan.case_id is not None or plan_milestones(plan).exists()


def sent_to(version):
    """Return {recipient: day} of those in government to whom the version was sent."""
    sent = Handover.objects.filter(snapshot__version=version, to__in=TO_GOVERNMENT)
    return dict(sent.values_list("to", "on"))


@dataclass(frozen=True)
class Can:
    """What a viewer may do on a version's way out, whatever its standing.

    `inside`: of those between whom a plan is worked out, its council and the LGA.
    """

    inside: bool
    draft: bool
    approve: bool
    advise: bool
    record_letters: bool


def what_may_be_done(version, viewer):
    """Return the `Can` of a viewer at a version's council. One query."""
    plan = version.plan
    reach = {
        "inside": between_council_and_lga(viewer, "plan"),
        "draft": viewer.council_filter(Ability.DRAFT_PLANS, "plan__council"),
        "approve": viewer.council_filter(Ability.APPROVE_PLANS, "plan__council"),
        "answers": viewer.council_filter(Ability.ANSWER_PLANS, "plan__council"),
        "records": viewer.council_filter(Ability.RECORD_INTERVENTION, "plan__council"),
        "assigned": Q(plan__case__in=answered_by(viewer)),
    }
    asked = {name: OneOf(When(q, then=True), default=False) for name, q in reach.items()}
    found = PlanVersion.objects.filter(pk=version.pk).values(**asked)[0]
    assigned = found["assigned"] and plan.case_id is not None
    return Can(
        inside=found["inside"],
        draft=found["draft"],
        approve=found["approve"],
        advise=found["answers"] or assigned,
        record_letters=found["approve"] or found["records"] or assigned,
    )


def versions_on_their_way(viewer):
    """Return the versions whose way out the viewer may follow: those of the council and the LGA that work on it.

    Whoever else may read a version reads what it says, its snapshots and its letters, not how the council came to it.
    """
    return PlanVersion.objects.visible_to(viewer).filter(between_council_and_lga(viewer, "plan"))


def handovers_of(version):
    """Return to whom the version was given, the earliest first."""
    return list(Handover.objects.filter(snapshot__version=version).select_related("snapshot"))


def open_comments(version, viewer):
    """Return (how many comments are not settled, how many there are); None for whoever may not read them."""
    told = Comment.objects.visible_to(viewer).filter(version=version, answers=None)
    counted = told.aggregate(all=Count("pk"), left=Count("pk", filter=Q(settled_on=None)))
    return counted["left"], counted["all"]


def numbered_actions(version):
    """Return the version's actions in order, each with its `number`, such as "2.3"."""
    places = {pk: place for place, pk in enumerate(version.priorities.values_list("pk", flat=True), 1)}
    counted = defaultdict(int)
    planned = list(PlannedAction.objects.filter(version=version).order_by("priority__place", "place", "pk"))
    for one in planned:
        counted[one.priority_id] += 1
        one.number = f"{places[one.priority_id]}.{counted[one.priority_id]}"
    return planned


@dataclass(frozen=True)
class Thread:
    """A comment with its answers; `number` and `about` of the action it is about, "" for the whole plan."""

    first: Comment
    answers: list
    number: str = ""
    about: str = ""


def threads(version, viewer, actions):
    """Return the `Thread`s on a version: of the whole first, then in the order of its actions. One query."""
    told = Comment.objects.visible_to(viewer).filter(version=version).select_related("by")
    answers = defaultdict(list)
    firsts = []
    for comment in told.order_by("made_at", "pk"):
        (answers[comment.answers_id] if comment.answers_id else firsts).append(comment)
    places = {one.action_id: (place, one) for place, one in enumerate(actions)}
    found = [
        Thread(first, answers[first.pk], planned.number if planned else "", planned.text if planned else "")
        for first in firsts
        for _, planned in [places.get(first.action_id, (-1, None))]
    ]
    return sorted(found, key=lambda thread: places.get(thread.first.action_id, (-1, None))[0])
