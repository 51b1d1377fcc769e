"""What the adviser said of updates, beside what the council says: read by the council and the LGA alone."""

from dataclasses import dataclass
from datetime import date

from improvement.models import (
    AdviserStatus,
    Plan,
    PlannedPriority,
    PlanVersion,
    PriorityReport,
    Question,
    Update,
    UpdateRead,
    between_council_and_lga,
)
from improvement.queries.highlights import updates_read_by


def updates_to_answer(viewer):
    """Return the submitted updates of which the viewer may read what the adviser said."""
    return updates_read_by(viewer).filter(
        between_council_and_lga(viewer, "plan"), standing=Update.Standing.SUBMITTED
    )


def plans_between(viewer):
    """Return the plans of which the viewer may read what council and adviser say to each other."""
    theirs = PlanVersion.objects.filter(between_council_and_lga(viewer, "plan"))
    return Plan.objects.visible_to(viewer).filter(pk__in=theirs.values("plan")).select_related("council")


@dataclass(frozen=True)
class Answered:
    """What the adviser said of a period, whichever revision of its update it was said of."""

    statuses: dict
    questions: tuple[Question, ...]
    read: UpdateRead | None


def answered(update, viewer):
    """Return the `Answered` of an update's period. Three queries.

    A status given to an earlier revision stands until one is given to the correction.
    """
    period = {"update__plan": update.plan_id, "update__period_on": update.period_on}
    statuses = AdviserStatus.objects.visible_to(viewer).filter(**period).select_related("by", "update")
    questions = (
        Question.objects.visible_to(viewer)
        .filter(**period)
        .select_related("asked_by", "answered_by", "priority", "action")
    )
    return Answered(
        statuses={status.priority_id: status for status in statuses.order_by("update__number")},
        questions=tuple(questions),
        read=UpdateRead.objects.filter(update=update).select_related("by").first(),
    )


@dataclass(frozen=True)
class Seen:
    """How a priority stood in a period: to the council, and to the adviser ("" where nothing was said)."""

    period_on: date
    council: str = ""
    adviser: str = ""
    note: str = ""

    @property
    def differ(self):
        return bool(self.council and self.adviser) and self.council != self.adviser


@dataclass(frozen=True)
class PrioritySeen:
    key: int
    title: str
    seen: tuple[Seen, ...]


def views_over_time(plan, viewer):
    """Return the `PrioritySeen`s of a plan, as its latest version that tells of each calls them. Four queries."""
    updates = Update.objects.visible_to(viewer).filter(plan=plan, standing=Update.Standing.SUBMITTED)
    latest = {update.pk: update.period_on for update in updates.latest_revisions().order_by("period_on")}
    council = {}
    for report in PriorityReport.objects.filter(update__in=latest):
        council[latest[report.update_id], report.priority_id] = report.delivery
    adviser = {}
    statuses = AdviserStatus.objects.visible_to(viewer).filter(update__plan=plan).select_related("update")
    for status in statuses.order_by("update__number"):
        adviser[status.update.period_on, status.priority_id] = status
    readable = PlanVersion.objects.visible_to(viewer).filter(plan=plan)
    titles = {}
    for planned in PlannedPriority.objects.filter(version__in=readable).order_by("version__number", "place"):
        titles.pop(planned.priority_id, None)
        titles[planned.priority_id] = planned.title
    return [
        PrioritySeen(
            key, title, tuple(_seen(day, key, council, adviser) for day in dict.fromkeys(latest.values()))
        )
        for key, title in titles.items()
    ]


def _seen(day, key, council, adviser):
    status = adviser.get((day, key))
    return Seen(
        period_on=day,
        council=council.get((day, key), ""),
        adviser=status.delivery if status else "",
        note=status.note if status else "",
    )
