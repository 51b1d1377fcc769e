"""What a version's way out is read from: the milestones it meets, to whom it was sent, what its route says."""

from django.db.models import Min, Q

from cases.models import Milestone, not_restricted
from improvement.models import Handover, Reply
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
