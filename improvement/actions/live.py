"""Making a version the plan that a council works to: each action with a due date has a milestone, and only those."""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F

from cases.actions.clocks import milestone_event
from cases.models import Case, DateChange, Force, Milestone, Owes
from history.actions import record_events
from improvement.models import Action, PlannedAction, PlanVersion
from improvement.queries.way_out import numbered_actions

Outcome = Milestone.Outcome


@dataclass
class _Found:
    """What is to be done about the milestones of a plan's actions."""

    new: list = field(default_factory=list)
    moved: list = field(default_factory=list)
    closed: list = field(default_factory=list)
    again: list = field(default_factory=list)
    renamed: list = field(default_factory=list)


@transaction.atomic
def go_live(version, *, by, on):
    """Bring the milestones of a plan's actions in line with `version`, which the council has just approved.

    One is made for each action with a due date, owed by the council and counted apart from what else is late; moved
    where this version moves the date that the one before gave; closed as superseded where the action was dropped or
    merged, or has no date any more; and stands again where the action does. A date that an update has moved since
    stays where this version says nothing new. What has been met stays met. In the same number of statements for
    twelve actions and for a hundred and twenty.

    A part of the action that approves, which asks whether `by` may.
    """
    planned = {one.action_id: one for one in numbered_actions(version)}
    before = _dates_before(version)
    actions = list(
        Action.objects.filter(plan=version.plan).select_related("milestone").select_for_update(of=("self",))
    )
    found = _Found()
    for action in actions:
        _sort(action, planned.get(action.pk), before, version, found, on)
    _make(found.new, version, by=by, on=on)
    _move(found.moved, version, by=by, on=on)
    _close(found.closed, version, by=by, on=on)
    _stand_again(found.again, version, by=by, on=on)
    Milestone.objects.bulk_update(found.renamed, ["label"], batch_size=500)


def label_of(number):
    """Return what the milestone of the action of that number is called: its number and nothing of its text."""
    return f"Action {number} of the improvement plan"


def _dates_before(version):
    """Return {action: due date} of the version that the council approved before this one."""
    last = PlanVersion.objects.approved().filter(plan=version.plan, number__lt=version.number).last()
    if last is None:
        return {}
    return dict(PlannedAction.objects.filter(version=last).values_list("action", "due_on"))


def _sort(action, planned, before, version, found, on):
    milestone = action.milestone
    due = planned.due_on if planned is not None and action.closed_on is None else None
    if milestone is None:
        if due is not None:
            found.new.append((action, _milestone(planned, version, on)))
        return
    if due is None:
        if milestone.closed_on is None:
            found.closed.append(milestone)
        return
    if milestone.closed_on is not None:
        if milestone.outcome != Outcome.SUPERSEDED:
            return
        found.again.append(milestone)
    if label_of(planned.number) != milestone.label:
        milestone.label = label_of(planned.number)
        found.renamed.append(milestone)
    if due != milestone.due_on and due != before.get(action.pk):
        found.moved.append((milestone, due))


def running_case(plan):
    """Return the intervention that the plan's milestones belong to; None without one, or once it has ended."""
    return plan.case if plan.case and plan.case.standing == Case.Standing.OPEN else None


def _milestone(planned, version, on):
    case = running_case(version.plan)
    return Milestone(
        council=version.plan.council,
        case=case,
        label=label_of(planned.number),
        owes=Owes.COUNCIL,
        force=Force.AGREED,
        started_on=version.approved_on,
        started_by="the council approved the plan",
        stated_due=planned.due_on,
        stated_in="the improvement plan",
        due_on=planned.due_on,
        entered_on=on,
        to_confirm=case is not None and planned.due_on < case.entered_on,
        of_plan=True,
    )


def _make(pairs, version, *, by, on):
    made = Milestone.objects.bulk_create([milestone for _, milestone in pairs], batch_size=500)
    for action, milestone in pairs:
        action.milestone = milestone
    Action.objects.bulk_update([action for action, _ in pairs], ["milestone"], batch_size=500)
    _tell("milestone-made", made, version, by=by, on=on)


def _move(pairs, version, *, by, on):
    DateChange.objects.bulk_create(
        DateChange(
            milestone=milestone,
            old_due_on=milestone.due_on,
            new_due_on=due,
            made_on=on,
            made_by_id=by.person_id,
            reason=DateChange.Reason.OTHER,
            note=f"Version {version.number} of the plan, approved by the council, has this date.",
        )
        for milestone, due in pairs
    )
    for milestone, due in pairs:
        milestone.old_due_on, milestone.due_on, milestone.stated_due = milestone.due_on, due, due
        milestone.revision += 1
    moved = [milestone for milestone, _ in pairs]
    Milestone.objects.bulk_update(moved, ["due_on", "stated_due", "revision"], batch_size=500)
    record_events(
        milestone_event(
            "milestone-moved",
            _with(milestone, version),
            by=by,
            on=on,
            data={
                "old": milestone.old_due_on.isoformat() if milestone.old_due_on else None,
                "new": milestone.due_on.isoformat(),
                "reason": str(DateChange.Reason.OTHER),
            },
        )
        for milestone in moved
    )


def _close(milestones, version, *, by, on):
    _update(milestones, outcome=Outcome.SUPERSEDED, closed_on=on)
    _tell("milestone-superseded", milestones, version, by=by, on=on)


def _stand_again(milestones, version, *, by, on):
    _update(milestones, outcome="", closed_on=None)
    _tell("milestone-stands-again", milestones, version, by=by, on=on)


def _update(milestones, **values):
    if milestones:
        Milestone.objects.filter(pk__in=[one.pk for one in milestones]).update(
            revision=F("revision") + 1, **values
        )


def _tell(kind, milestones, version, *, by, on):
    record_events(
        milestone_event(
            kind,
            _with(one, version),
            by=by,
            on=on,
            data={"label": one.label, "due": one.due_on.isoformat() if one.due_on else None},
        )
        for one in milestones
    )


def _with(milestone, version):
    """Give the milestone the council and case that are at hand, so that telling of it reads neither again."""
    milestone.council, milestone.case = version.plan.council, version.plan.case
    return milestone
