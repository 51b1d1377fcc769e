"""One intervention in full: every dated row of its case, as at today, for whoever sees the case."""

from dataclasses import dataclass, field

from django.db.models import Prefetch, Q

from accounts.permissions import Ability
from cases.models import Case, Milestone
from councils.models import Council, DeliveryArrangement, Office, PostHolder
from improvement.models import (
    Appointment,
    Clause,
    CommissionerReport,
    Decision,
    Instrument,
    Intervention,
    Trigger,
)
from improvement.queries.stages import Stage, decisions_awaited, stage_of_case


@dataclass(frozen=True)
class Life:
    """What is on record of one intervention. `directors`: (name, council) of serving directors, for conflicts.

    `awaits`: what the LGA alone is told that the DfE has still to decide, "" otherwise.
    """

    case: Case
    intervention: Intervention
    stage: Stage
    may_record: bool
    may_confirm: bool
    awaits: str
    milestones: list[Milestone] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    instruments: list[Instrument] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    reports: list[CommissionerReport] = field(default_factory=list)
    arrangements: list[DeliveryArrangement] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    directors: list[tuple[str, str]] = field(default_factory=list)


def may_record(case, viewer):
    """Say whether the viewer may record on the case what the DfE decided: by a grant, or because it is theirs."""
    if viewer.may_at(Ability.RECORD_INTERVENTION, case.council_id):
        return True
    return Case.objects.answerable_by(viewer).filter(pk=case.pk).exists()


def life_of(case, viewer) -> Life:
    """Return all that is on record of an intervention that the viewer sees. At most 16 queries, however long."""
    on = viewer.today
    intervention = Intervention.objects.get(case=case)
    appointments = list(_rows(Appointment, case).select_related("source", "end_source", "serving_dcs_of"))
    return Life(
        case=case,
        intervention=intervention,
        stage=stage_of_case(case, on, viewer),
        may_confirm=_may_confirm(case, viewer),
        may_record=case.standing in (Case.Standing.OPEN, Case.Standing.CLOSED) and may_record(case, viewer),
        awaits=decisions_awaited(on, viewer, [case.council_id]).get(case.council_id, ""),
        milestones=_milestones(case, viewer),
        triggers=list(_triggers(case)),
        instruments=list(_instruments(case)),
        appointments=appointments,
        reports=_reports(case),
        arrangements=_arrangements(case, intervention.began_on),
        decisions=list(_rows(Decision, case).select_related("source")),
        directors=directors_called([one.name for one in appointments], on),
    )


def _may_confirm(case, viewer):
    """Say whether the viewer may answer whether a recorded episode is open."""
    waits = case.standing == Case.Standing.UNCONFIRMED
    return waits and viewer.may_at(Ability.CONFIRM_EPISODES, case.council_id)


def _rows(model, case):
    return model.objects.filter(case=case)


def _milestones(case, viewer):
    """What is still to be met or answered, and the checks after the council kept control however they stand."""
    standing = Q(closed_on=None) | Q(rule__slug__in=("check-6-months", "check-12-months"))
    return list(
        Milestone.objects.visible_to(viewer)
        .as_at(viewer.today, viewer.today)
        .with_answerable(viewer)
        .filter(standing, case=case, of_plan=False)
        .select_related("rule", "case")
        .order_by("due_on", "pk")
    )


def _triggers(case):
    return (
        Trigger.objects.filter(case=case, withdrawn_on=None)
        .select_related("inspection__framework", "source")
        .order_by("on", "pk")
    )


def _instruments(case):
    clauses = Clause.objects.select_related("milestone", "recommendation")
    return (
        _rows(Instrument, case)
        .select_related("source", "end_source", "replaces", "replaced_by")
        .prefetch_related(Prefetch("clauses", clauses.order_by("pk")))
        .order_by("issued_on", "pk")
    )


def _reports(case):
    return list(
        CommissionerReport.objects.filter(appointment__case=case).select_related(
            "appointment", "decision", "milestone"
        )
    )


def _arrangements(case, began_on):
    """Who has delivered the council's services since the case began."""
    since = Q(until_on=None) | Q(until_on__gt=began_on)
    held = DeliveryArrangement.objects.filter(since, council=case.council_id)
    return list(held.select_related("body").order_by("from_on", "pk"))


def directors_called(names, on):
    """Return (name, council) of the serving directors of children's services who have one of `names`."""
    names = [name for name in names if name.strip()]
    if not names:
        return []
    called = Q()
    for name in names:
        called |= Q(name__iexact=" ".join(name.split()))
    serving = PostHolder.objects.on(on).filter(called, office=Office.DCS, council__in=Council.objects.on(on))
    return list(serving.order_by("council__name").values_list("name", "council__name"))
