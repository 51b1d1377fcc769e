"""An update as it is told to a board, in the same number of queries whatever the size of the plan."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from improvement.models import (
    ActionReport,
    MeasureReport,
    PlannedAction,
    PriorityReport,
    Reading,
    SignOff,
    Update,
)
from improvement.queries.measures import MeasureRead, read_measures
from improvement.queries.updates import action_answer, due_in_force, submitted_before
from improvement.rules.highlights import ActionTold, PriorityTold
from improvement.rules.measures import Figure, Standing
from improvement.rules.updates import period_end


@dataclass(frozen=True)
class UpdateTold:
    """An update as it stood on `on`: the day it was submitted; of one still filled in, the day asked about."""

    update: Update
    on: date
    is_first: bool
    priorities: tuple[PriorityTold, ...]
    measures: tuple[MeasureRead, ...]
    expected: dict

    @property
    def is_draft(self):
        return self.update.standing != Update.Standing.SUBMITTED

    @property
    def actions(self):
        return tuple(action for priority in self.priorities for action in priority.actions)


def updates_read_by(viewer):
    """Return the updates that the viewer may read, with what every page about one needs."""
    return Update.objects.visible_to(viewer).select_related("plan__council", "version", "meeting__board")


def tell(update, today):
    """Return the `UpdateTold` of an update. Twelve queries.

    `update`: one that the viewer may read: this asks nobody.
    """
    on = update.submitted_on or today
    earlier = list(submitted_before(update).order_by("period_on", "number").values_list("pk", flat=True))
    return UpdateTold(
        update=update,
        on=on,
        is_first=not earlier,
        priorities=tuple(_priorities(update, earlier, on)),
        measures=tuple(_measures(update, on)),
        expected=_expected(update),
    )


def _priorities(update, earlier, on):
    actions = _actions(update, earlier, on)
    now = {report.priority_id: report for report in PriorityReport.objects.filter(update=update)}
    before = dict(PriorityReport.objects.filter(update__in=earlier[-1:]).values_list("priority", "delivery"))
    for number, planned in enumerate(update.version.priorities.all(), 1):
        report = now.get(planned.priority_id)
        yield PriorityTold(
            key=planned.priority_id,
            number=number,
            title=planned.title,
            delivery=report.delivery if report else "",
            before=before.get(planned.priority_id, ""),
            text=report.text if report else "",
            actions=tuple(
                _told(one, f"{number}.{place}", actions)
                for place, one in enumerate(actions.planned[planned.pk], 1)
            ),
        )


@dataclass(frozen=True)
class _Actions:
    """What is known of the actions of a plan, by their keys; `planned` by priority."""

    planned: dict
    now: dict
    before: dict
    submitted_due: dict
    signed_off: set

    def due_on(self, planned):
        """Return the action's date before this update moved it."""
        told = self.submitted_due.get(planned.action_id)
        return date.fromisoformat(told) if told else due_in_force(planned)


def _actions(update, earlier, on):
    planned = defaultdict(list)
    for one in (
        PlannedAction.objects.filter(version=update.version_id)
        .select_related("action__milestone")
        .order_by("place", "pk")
    ):
        planned[one.priority_id].append(one)
    before = {}
    reports = ActionReport.objects.filter(update__in=earlier).order_by("update__period_on")
    for report in reports:
        before[report.action_id] = report
    return _Actions(
        planned=planned,
        now={report.action_id: report for report in ActionReport.objects.filter(update=update)},
        before=before,
        submitted_due=_due_before(update),
        signed_off=_signed_off(update, on),
    )


def _due_before(update):
    """Return {action: its date before this period's update moved any}, in ISO form, as it was submitted; {} of a draft.

    A correction finds the dates moved already, so that the first revision tells them.
    """
    content = update.content
    if update.number > 1:
        first = Update.objects.filter(plan=update.plan_id, period_on=update.period_on, number=1)
        content = first.values_list("content", flat=True).first()
    told = (content or {}).get("priorities", ())
    return {action["key"]: action["due_on"] for priority in told for action in priority["actions"]}


def _signed_off(update, on):
    """Return the actions whose latest sign-off by `on` says that they are done."""
    latest = {}
    for action, state in (
        SignOff.objects.filter(action__plan=update.plan_id, on__lte=on)
        .order_by("on", "pk")
        .values_list("action", "state")
    ):
        latest[action] = state
    return {action for action, state in latest.items() if state == SignOff.State.SIGNED_OFF}


def _told(planned, number, actions):
    key = planned.action_id
    now, before = actions.now.get(key), actions.before.get(key)
    return ActionTold(
        key=key,
        number=number,
        text=planned.text,
        owner=", ".join(filter(None, [planned.owner_post, planned.owner_body])),
        due_on=actions.due_on(planned),
        answer=action_answer(now) if now else None,
        before=action_answer(before) if before else None,
        signed_off=key in actions.signed_off,
    )


def _measures(update, on):
    """Yield the measures with the figures that the council held on `on`; a draft's own answers among them."""
    held = read_measures(update.version, Reading.objects.filter(recorded_on__lte=on))
    if update.standing == Update.Standing.SUBMITTED:
        return held
    typed = {
        report.measure_id: report
        for report in MeasureReport.objects.filter(update=update, value__isnull=False)
    }
    return [_with_typed(read, typed.get(read.planned.measure_id), update, on) for read in held]


def _with_typed(read, report, update, on):
    """Return the measure with the figure that a draft gives it, in place of one held for the same day."""
    if report is None:
        return read
    day = report.reading_on or period_end(update.period_on, update.plan.months)
    typed = Standing(Figure(key=0, on=day, value=report.value, recorded_on=on, note=report.note))
    others = [standing for standing in read.standing if standing.on != day]
    return MeasureRead(read.planned, tuple(sorted([*others, typed], key=lambda each: each.on)))


def _expected(update):
    """Return {measure: the day on which its figure is expected} of those not yet available."""
    reports = MeasureReport.objects.filter(update=update, expected_on__isnull=False)
    return dict(reports.values_list("measure", "expected_on"))
