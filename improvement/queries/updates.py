"""An update read as a task list, in the same number of queries whatever the size of the plan."""

from collections import defaultdict

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.db.models import Value as V
from django.db.models.functions import Coalesce

from accounts.permissions import Ability
from improvement.models import (
    ActionReport,
    AdviserStatus,
    Evidence,
    MeasureReport,
    PlannedAction,
    PlannedMeasure,
    PlannedPriority,
    PlanVersion,
    PriorityReport,
    Question,
    Reading,
    Update,
)
from improvement.rules.updates import (
    UNCHANGED_BEFORE_ASKING,
    ActionAnswer,
    ActionAsked,
    MeasureAnswer,
    MeasureAsked,
    PriorityAsked,
    UpdateAsked,
    reading_due,
)

ANSWERS = (
    "delivery",
    "percent",
    "impact",
    "done",
    "difference",
    "reason",
    "recovery",
    "new_due_on",
    "date_reason",
)


def live_version_of(plan):
    """Return the latest version of a plan (a `Plan`, or an outer reference to one) that the council approved."""
    return PlanVersion.objects.approved().filter(plan=plan).order_by("-number")


def action_answer(report):
    """Return what a report of an action says, as the rules read it."""
    return ActionAnswer(**{name: getattr(report, name) for name in ANSWERS}, unchanged=report.unchanged)


def measure_answer(report):
    return MeasureAnswer(report.value, report.reading_on, report.expected_on, report.note)


def read_asked(update, on):
    """Return the `UpdateAsked` of an update as at `on`. Eight queries.

    `update`: one that the viewer may work on, with `plan`: this asks nobody.
    """
    reports = {report.action_id: report for report in ActionReport.objects.filter(update=update)}
    of_priorities = {report.priority_id: report for report in PriorityReport.objects.filter(update=update)}
    priorities = list(PlannedPriority.objects.filter(version=update.version_id))
    actions = list(_planned_actions(update))
    linked = defaultdict(list)
    links = PlannedAction.measures.through.objects.filter(plannedaction__version=update.version_id)
    for planned, measure in links.values_list("plannedaction_id", "measure_id"):
        linked[planned].append(measure)
    before, unchanged = _before(update)
    measures, belongs_to = _measures(update, actions, linked)
    owed = {measure.key for measure in measures if measure.is_needed}
    numbers = {priority.pk: place for place, priority in enumerate(priorities, 1)}
    asked = defaultdict(list)
    for action in actions:
        place = len(asked[action.priority_id]) + 1
        report = reports.get(action.action_id)
        asked[action.priority_id].append(
            ActionAsked(
                key=action.action_id,
                number=f"{numbers[action.priority_id]}.{place}",
                text=action.text,
                owner=", ".join(filter(None, (action.owner_post, action.owner_body))),
                owner_id=action.owner_id,
                due_on=due_in_force(action),
                success=action.success,
                before=before.get(action.action_id),
                unchanged_before=unchanged[action.action_id],
                readings_due=sum(measure in owed for measure in linked[action.pk]),
                evidence=action.attached,
                answer=action_answer(report) if report else None,
                by_sheet=report.by_sheet if report else "",
                revision=report.revision if report else 0,
            )
        )
    return UpdateAsked(
        on=on,
        priorities=tuple(
            PriorityAsked(
                key=priority.priority_id,
                number=numbers[priority.pk],
                title=priority.title,
                outcome=priority.outcome,
                actions=tuple(asked[priority.pk]),
                measures=tuple(one for one in measures if belongs_to[one.key] == priority.pk),
                **_whole(of_priorities.get(priority.priority_id)),
            )
            for priority in priorities
        ),
        measures=tuple(one for one in measures if belongs_to[one.key] is None),
        overall=update.overall,
    )


def due_in_force(planned):
    """Return the date in force of a planned action: its milestone's, which updates move, else as the version says."""
    milestone = planned.action.milestone
    return milestone.due_on if milestone is not None else planned.due_on


def _planned_actions(update):
    attached = (
        Evidence.objects.filter(action=OuterRef("action"), removed_on=None)
        .order_by()
        .values("action")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return (
        PlannedAction.objects.filter(version=update.version_id)
        .select_related("action__milestone", "priority")
        .annotate(attached=Coalesce(Subquery(attached), V(0)))
        .order_by("priority__place", "priority", "place", "pk")
    )


def _whole(report):
    if report is None:
        return {}
    return {"delivery": report.delivery, "text": report.text, "revision": report.revision}


def submitted_before(update):
    """Return the submitted updates of earlier periods, corrections in place of what they correct, the latest first."""
    return (
        Update.objects.filter(
            plan=update.plan_id, standing=Update.Standing.SUBMITTED, period_on__lt=update.period_on
        )
        .latest_revisions()
        .order_by("-period_on", "-number")
    )


def _before(update):
    """Return {action: what the last submitted update said} and {action: for how many in a row it had no change}."""
    earlier = submitted_before(update).values("pk")[:UNCHANGED_BEFORE_ASKING]
    reports = (
        ActionReport.objects.filter(update__in=earlier)
        .annotate(period=F("update__period_on"))
        .order_by("-period")
    )
    before, unchanged, ended = {}, defaultdict(int), set()
    latest = None
    for report in reports:
        latest = latest or report.period
        if report.period == latest:
            before[report.action_id] = action_answer(report)
        if report.unchanged and report.action_id not in ended:
            unchanged[report.action_id] += 1
        else:
            ended.add(report.action_id)
    return before, unchanged


def _measures(update, actions, linked):
    """Return the measures as asked, and {measure: the planned priority on whose page it is asked for, or None}."""
    answers = {report.measure_id: report for report in MeasureReport.objects.filter(update=update)}
    latest = Reading.objects.standing().filter(measure=OuterRef("measure")).order_by("-on", "-pk")
    planned = PlannedMeasure.objects.filter(version=update.version_id).annotate(
        latest_on=Subquery(latest.values("on")[:1]), latest=Subquery(latest.values("value")[:1])
    )
    serves = {}
    for action in actions:
        for measure in linked[action.pk]:
            serves.setdefault(measure, action.priority_id)
    found, belongs_to = [], {}
    for one in planned:
        report = answers.get(one.measure_id)
        belongs_to[one.measure_id] = one.priority_id or serves.get(one.measure_id)
        known_on, known = max_by_day((one.latest_on, one.latest), (one.baseline_on, one.baseline))
        found.append(
            MeasureAsked(
                key=one.measure_id,
                name=one.name,
                unit=one.unit,
                due=reading_due(known_on, one.frequency, update.period_on, update.plan.months),
                frequency=one.frequency,
                target=one.target,
                latest=known,
                latest_on=known_on,
                answer=measure_answer(report) if report else MeasureAnswer(),
                revision=report.revision if report else 0,
            )
        )
    return found, belongs_to


def max_by_day(*readings):
    """Return the later of (day, figure) pairs; (None, None) where none has a day."""
    dated = [reading for reading in readings if reading[0] is not None]
    return max(dated, key=lambda reading: reading[0]) if dated else (None, None)


def updates_for(viewer, reference):
    """Return the updates of a plan that the viewer may read, each with `may_draft`, `may_approve` and `live`.

    `live` is the number of the plan's live version: a draft that reports on another is behind.
    """
    drafts = viewer.council_filter(Ability.DRAFT_PLANS, "plan__council")
    approves = viewer.council_filter(Ability.APPROVE_PLANS, "plan__council")
    return (
        Update.objects.visible_to(viewer)
        .filter(plan__reference=reference)
        .annotate(
            may_draft=Case(When(drafts, then=True), default=False),
            may_approve=Case(When(approves, then=True), default=False),
            live=Subquery(live_version_of(OuterRef("plan")).values("pk")[:1]),
        )
        .select_related("plan__council", "plan__case", "version", "meeting", "submitted_by")
    )


def adviser_view(update, viewer):
    """Return (the last submitted update, {priority: the adviser's status of it}, open questions). Three queries."""
    last = submitted_before(update).first()
    if last is None:
        return None, {}, []
    statuses = AdviserStatus.objects.visible_to(viewer).filter(update=last)
    questions = Question.objects.visible_to(viewer).filter(update__plan=update.plan_id, answered_on=None)
    return last, {one.priority_id: one for one in statuses}, list(questions.select_related("update"))


def owned_actions(viewer):
    """Return the planned actions that the viewer owns, in the live version of each plan still worked to."""
    return (
        PlannedAction.objects.owned_by(viewer)
        .filter(
            Q(version__plan__closed_on=None) | Q(version__plan__closed_on__gt=viewer.today),
            version=Subquery(live_version_of(OuterRef("version__plan")).values("pk")[:1]),
        )
        .select_related("version__plan__council", "action__milestone", "priority")
        .order_by("version__plan", "priority__place", "place", "pk")
    )


def reportable_updates(viewer, *, sent_on=False):
    """Return the updates in which the viewer, as an action's owner, has something to report: those being filled in.

    With `sent_on` also those that are not filled in any more.
    """
    owned = PlannedAction.objects.owned_by(viewer).filter(version=OuterRef("version"))
    standings = Update.Standing.values if sent_on else [Update.Standing.DRAFT]
    return (
        Update.objects.filter(Exists(owned), standing__in=standings)
        .select_related("plan__council", "version", "meeting")
        .order_by("plan", "period_on", "number")
    )
