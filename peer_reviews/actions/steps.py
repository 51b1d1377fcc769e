"""The steps of a review and their milestones: made from its kind, moved with its days, met as it goes on.

Parts of the actions that set its days or take it to a stage, which ask whether `by` may.
"""

from django.db.models import Exists, OuterRef

from cases.actions.clocks import change_date, milestone_event
from cases.actions.milestones import meet as meet_milestone
from cases.actions.milestones import withdraw_milestones
from cases.models import DateChange, Milestone, Owes, Pause
from cases.queries import working_calendars
from cases.refusals import Refused
from cases.rules import BeyondTheTable
from history.actions import record_events
from peer_reviews.models import KindStep, Step
from peer_reviews.rules.stages import IN_ORDER
from peer_reviews.rules.steps import CALENDAR, MET_ON_ENTERING, OF_THE_STAGE, due

DAYS_MOVED = "The review’s days moved"


def set_steps(review, *, by, on, resumed=False):
    """Make the milestones of the review's steps whose day is known, and move those open whose day has moved.

    A stated date stands, and so does one that somebody moved by hand; a change is kept with its reason. Safe to
    repeat. Return the Steps that are new. Raises Refused beyond the bank holidays known.
    """
    dues = _dues(review)
    steps = {step.step: step for step in review.steps.select_related("milestone__council", "milestone__case")}
    new = [_made(review, asked, anchor, day, on) for asked, anchor, day in dues if asked.step not in steps]
    made = Milestone.objects.bulk_create(milestone for _, milestone in new)
    record_events(milestone_event("milestone-made", milestone, by=by, on=on) for milestone in made)
    for asked, anchor, day in dues:
        if asked.step in steps:
            _take(steps[asked.step].milestone, review, asked, anchor, day, by=by, on=on, resumed=resumed)
    return Step.objects.bulk_create(
        Step(review=review, step=step, milestone=milestone) for step, milestone in new
    )


def _dues(review):
    """Return (KindStep, the day it runs from, the day it falls due) of each step whose day is known."""
    days = {
        KindStep.Anchor.FIRST_DAY: review.first_day,
        KindStep.Anchor.LAST_DAY: review.last_day,
        KindStep.Anchor.DRAFT_SENT: review.draft_sent_on,
        KindStep.Anchor.FINAL: review.final_on,
    }
    calendar = working_calendars()[CALENDAR]
    asked = [(step, days[step.anchor]) for step in review.kind.steps.all() if days[step.anchor]]
    try:
        return [(step, day, due(day, step.length, step.unit, calendar)) for step, day in asked]
    except BeyondTheTable as beyond:
        raise Refused(str(beyond), "last_day") from beyond


def _made(review, asked, anchor, day, on):
    case = review.case
    milestone = Milestone(
        council=case.council,
        case=case,
        label=asked.get_step_display(),
        owes=asked.owes,
        force=asked.force,
        started_on=anchor,
        started_by=asked.get_anchor_display(),
        computed_due=day,
        due_on=day,
        entered_on=on,
        to_confirm=day < case.entered_on,
        assignee=_assignee(review, asked.owes),
        of_review=True,
    )
    return asked.step, milestone


def _assignee(review, owes):
    """Return who sees to a step: the council's organiser, or the LGA's manager."""
    return {Owes.COUNCIL: review.organiser, Owes.LGA: review.manager}.get(owes)


def _take(milestone, review, asked, anchor, day, *, by, on, resumed):
    """Bring an open milestone to what the review's days now make of it."""
    if milestone.closed_on is not None or (milestone.computed_due, milestone.started_on) == (day, anchor):
        return
    old = milestone.due_on
    follows = milestone.stated_due is None and old == milestone.computed_due
    milestone.computed_due, milestone.started_on = day, anchor
    if follows and day != old:
        reason = DateChange.Reason.RESUMED if resumed else DateChange.Reason.OTHER
        change_date(milestone, day, reason=reason, note=DAYS_MOVED, by=by, on=on)
        told = {"old": old.isoformat(), "new": day.isoformat(), "reason": str(reason)}
        record_events([milestone_event("milestone-moved", milestone, by=by, on=on, data=told)])
    milestone.revision += 1
    milestone.save()


def assign_steps(review, *, owes, before, person):
    """Give the open steps that `owes` owes to `person`, where they were nobody's or `before`'s."""
    former = [None] if before is None else [None, before.pk]
    for milestone in _open_milestones(review).filter(owes=owes):
        if milestone.assignee_id in former:
            milestone.assignee = person
            milestone.revision += 1
            milestone.save(update_fields=["assignee", "revision"])


def meet(review, step, *, met_on, by, on):
    """Record that a step was met on `met_on`. Nothing where the review has no such step open.

    Return its milestone, or None.
    """
    milestone = (
        _open_milestones(review)
        .filter(review_step__step=step)
        .select_related("council", "case", "rule", "source")
        .first()
    )
    return milestone and meet_milestone(milestone, met_on=met_on, by=by, on=on)


def follow_stage(review, before, after, *, by, on):
    """Record as met what a review has done by going forward from the stage `before` to `after`, on `on`.

    The step of a stage that was left out is withdrawn.
    """
    if before not in IN_ORDER or after not in IN_ORDER:
        return
    for step in MET_ON_ENTERING.get(after, ()):
        met_on = min(review.first_day or on, on) if step == "on-site" else on
        meet(review, step, met_on=met_on, by=by, on=on)
    if before in OF_THE_STAGE:
        meet(review, before, met_on=on, by=by, on=on)
    between = IN_ORDER[IN_ORDER.index(before) + 1 : IN_ORDER.index(after)]
    withdraw_steps(review, only=[stage for stage in between if stage in OF_THE_STAGE], by=by, on=on)


def pause_steps(review, *, reason, by, on):
    """Pause each open milestone of the review that is not paused already."""
    paused = Pause.objects.filter(milestone=OuterRef("pk"), until_on=None)
    milestones = list(_open_milestones(review).filter(~Exists(paused)))
    Pause.objects.bulk_create(
        Pause(milestone=milestone, from_on=on, reason=reason, made_by_id=by.person_id)
        for milestone in milestones
    )
    record_events(milestone_event("milestone-paused", milestone, by=by, on=on) for milestone in milestones)


def resume_steps(review, *, by, on):
    """End the pauses of the review's open milestones; their dates stay until its days move them."""
    pauses = Pause.objects.filter(milestone__in=_still_open(review).values("pk"), until_on=None)
    resumed = list(
        Milestone.objects.filter(pk__in=pauses.values("milestone")).select_related("council", "case")
    )
    pauses.update(until_on=on)
    record_events(milestone_event("milestone-resumed", milestone, by=by, on=on) for milestone in resumed)


def withdraw_steps(review, *, only=None, by, on):
    """Withdraw what is still open, of the steps `only` where they are given. Return how many."""
    steps = review.steps.all() if only is None else review.steps.filter(step__in=only)
    return withdraw_milestones(
        Milestone.objects.filter(pk__in=steps.values("milestone"), closed_on=None), by=by, on=on
    )


def _open_milestones(review):
    """Return the open milestones of the review's steps, locked: those of its case that are no step stay."""
    still_open = _still_open(review).select_related("council", "case")
    return still_open.select_for_update(of=("self",))


def _still_open(review):
    return Milestone.objects.filter(review_step__review=review, closed_on=None)
