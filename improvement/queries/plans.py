"""A version of a plan read whole, in the same number of queries whatever its size."""

from collections import defaultdict

from django.db.models import OuterRef, Prefetch, Subquery

from cases.models import Recommendation, not_restricted
from improvement.models import ApprovalStep, PlannedAction, PlanVersion
from improvement.rules.plans import (
    ActionPlanned,
    MeasurePlanned,
    PlanDocument,
    PriorityPlanned,
    RiskPlanned,
    Told,
)


def read_version(version, on):
    """Return the `PlanDocument` of a version, with which of its recommendations are open on `on`. Nine queries; eight
    for a version that came from `to_read`.

    `version`: one that the viewer may read: this asks nobody. Recommendations of a source under embargo are left out.
    """
    if not hasattr(version, "board_approved_on"):
        version = to_read(PlanVersion.objects, on).get(pk=version.pk)
    plan = version.plan
    told = (
        Recommendation.objects.filter(not_restricted(), plans=plan)
        .select_related("source")
        .order_by("source__dated_on", "source", "number")
    )
    told_keys = {one.pk for one in told}
    by_priority = defaultdict(list)
    planned = list(version.priorities.all())
    numbers = {priority.pk: place for place, priority in enumerate(planned, 1)}
    actions = PlannedAction.objects.filter(version=version).prefetch_related(
        Prefetch("recommendations", Recommendation.objects.only("pk")), "measures"
    )
    for action in actions.order_by("priority__place", "place", "pk"):
        by_priority[action.priority_id].append(action)
    board = getattr(plan, "board", None)
    members = board.members.on(on) if board else ()
    return PlanDocument(
        council_code=plan.council.la_code,
        council=plan.council.name,
        reference=plan.reference,
        title=plan.title,
        number=version.number,
        standing=version.standing,
        introduction=version.introduction,
        change_note=version.change_note,
        scale=plan.scale,
        sign_off_by=plan.sign_off_by,
        statutory_on=version.statutory_on,
        approved_on=version.approved_on,
        recommendations=tuple(_told(one, on) for one in told),
        priorities=tuple(
            PriorityPlanned(
                key=priority.priority_id,
                number=numbers[priority.pk],
                title=priority.title,
                enabler=priority.enabler,
                outcome=priority.outcome,
                lead=priority.lead,
                actions=tuple(
                    _action(action, f"{numbers[priority.pk]}.{place}", told_keys)
                    for place, action in enumerate(by_priority[priority.pk], 1)
                ),
            )
            for priority in planned
        ),
        measures=tuple(_measure(one) for one in version.measures.select_related("priority")),
        risks=tuple(
            RiskPlanned(one.text, one.likelihood, one.impact, one.mitigation, one.owner_post)
            for one in version.risks.all()
        ),
        board=tuple(f"{member.post}, chair" if member.chairs else member.post for member in members),
        board_approved_on=version.board_approved_on,
    )


def to_read(versions, on):
    """Return `versions` (a queryset) with what `read_version` needs of each itself: it then fetches none anew."""
    by_board = ApprovalStep.objects.filter(
        version=OuterRef("pk"), kind=ApprovalStep.Kind.BOARD, done_on__lte=on
    )
    return versions.select_related("plan__council", "plan__board").annotate(
        board_approved_on=Subquery(by_board.order_by("done_on").values("done_on")[:1])
    )


def _told(one, on):
    return Told(
        key=one.pk,
        number=one.number,
        text=one.text,
        paragraph=one.paragraph,
        framework_reference=one.framework_reference,
        of=one.source.title,
        closed=one.closed_on is not None and one.closed_on <= on,
    )


def _action(action, number, told):
    return ActionPlanned(
        key=action.action_id,
        number=number,
        text=action.text,
        owner_post=action.owner_post,
        owner_body=action.owner_body,
        owner_id=action.owner_id,
        start_on=action.start_on,
        due_on=action.due_on,
        success=action.success,
        resources=action.resources,
        aim=action.aim,
        by_measures=action.by_measures,
        by_audit=action.by_audit,
        by_voice=action.by_voice,
        recommendations=tuple(sorted(one.pk for one in action.recommendations.all() if one.pk in told)),
        measures=tuple(sorted(one.pk for one in action.measures.all())),
    )


def _measure(one):
    return MeasurePlanned(
        key=one.measure_id,
        name=one.name,
        unit=one.unit,
        priority=one.priority.priority_id if one.priority else None,
        baseline=one.baseline,
        baseline_on=one.baseline_on,
        target=one.target,
        target_on=one.target_on,
        tolerance=one.tolerance,
        polarity=one.polarity,
        frequency=one.frequency,
        benchmark=one.benchmark,
    )
