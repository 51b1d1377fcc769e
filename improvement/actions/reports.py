"""A commissioner's report: stated due, sent, published, and what the minister decided. Stated and actual stay apart.

It is often unpublished, and not held here: its dates are.
"""

from django.db import transaction

from cases.actions import mark_met, move_date, reopen
from cases.actions.clocks import milestone_event
from cases.models import DateChange, Force, Milestone, Owes
from cases.refusals import Refused, Stale
from history.actions import record_events
from improvement.actions.recording import iso, locked_row, refuse_future, refuse_wrong_words, tell
from improvement.models import Appointment, CommissionerReport

RULE = "commissioner-report"
LABEL = "Commissioner’s report to the Secretary of State"


@transaction.atomic
def record_report(
    appointment,
    *,
    stated_due_on=None,
    stated_in="",
    sent_on=None,
    published_on=None,
    url="",
    decision=None,
    note="",
    by,
    on,
):
    """Record what is known of a report of a commissioner's appointment, and return it.

    `stated_due_on`, as `stated_in` states it, becomes the stated date of the milestone by which the report is
    awaited; `sent_on` marks that as met. `decision`: the minister's, of the same council. Raises PermissionDenied or
    Refused.
    """
    appointment, case = locked_row(Appointment, appointment, by)
    if appointment.role != Appointment.Role.COMMISSIONER:
        raise Refused("Only a commissioner’s report is recorded here")
    given = {
        "stated_due_on": stated_due_on,
        "sent_on": sent_on,
        "published_on": published_on,
        "url": url,
        "decision": decision,
        "note": note.strip(),
    }
    _refuse_wrong(appointment, given, stated_in, on)
    report = CommissionerReport.objects.create(
        appointment=appointment, milestone=_awaited(appointment), recorded_on=on, **given
    )
    _keep_milestone(report, case, stated_in, by=by, on=on)
    _tell("commissioner-report-recorded", report, by, on)
    return report


@transaction.atomic
def change_report(
    report,
    *,
    stated_due_on=None,
    stated_in="",
    sent_on=None,
    published_on=None,
    url="",
    decision=None,
    note="",
    by,
    on,
    revision,
):
    """Add to or correct what is known of a report: all of it, as it should stand. Raises Stale where it changed."""
    appointment, case = locked_row(Appointment, report.appointment, by)
    report = (
        CommissionerReport.objects.select_related("milestone")
        .select_for_update(of=("self",))
        .get(pk=report.pk)
    )
    report.appointment = appointment
    if report.revision != revision:
        raise Stale(report)
    given = {
        "stated_due_on": stated_due_on,
        "sent_on": sent_on,
        "published_on": published_on,
        "url": url,
        "decision": decision,
        "note": note.strip(),
    }
    _refuse_wrong(appointment, given, stated_in, on)
    sent_before = report.sent_on
    for name, value in given.items():
        setattr(report, name, value)
    report.revision += 1
    report.save()
    _reopen_if_corrected(report, sent_before, by=by, on=on)
    _keep_milestone(report, case, stated_in, by=by, on=on)
    _tell("commissioner-report-changed", report, by, on)
    return report


def _refuse_wrong(appointment, given, stated_in, on):
    sent_on, published_on, decision = given["sent_on"], given["published_on"], given["decision"]
    if not any([given["stated_due_on"], sent_on, published_on, decision]):
        raise Refused("Enter at least one date, or choose the minister’s decision", "stated_due_on")
    for name in ("sent_on", "published_on"):
        if given[name]:
            refuse_future(given[name], on, name)
    if given["stated_due_on"] and given["stated_due_on"] < appointment.from_on:
        raise Refused("It can’t be due before the commissioner was appointed", "stated_due_on")
    if sent_on and sent_on < appointment.from_on:
        raise Refused("It can’t be sent before the commissioner was appointed", "sent_on")
    if sent_on and published_on and published_on < sent_on:
        raise Refused("It can’t be published before it was sent", "published_on")
    if decision is not None and decision.council_id != appointment.council_id:
        raise Refused("It is a decision about another council", "decision")
    refuse_wrong_words(note=given["note"], letter=stated_in)


def _awaited(appointment):
    """Return the milestone of the commissioner's first report, where no other report of theirs has taken it."""
    taken = CommissionerReport.objects.filter(appointment=appointment, milestone__isnull=False)
    return (
        Milestone.objects.filter(case=appointment.case_id, source=appointment.source_id, rule__slug=RULE)
        .exclude(pk__in=taken.values("milestone"))
        .exclude(outcome__in=[Milestone.Outcome.WITHDRAWN, Milestone.Outcome.SUPERSEDED])
        .first()
        if appointment.case_id and appointment.source_id
        else None
    )


def _keep_milestone(report, case, stated_in, *, by, on):
    """Let the milestone say what the report's dates say: when it is stated due, and that it was sent."""
    if case is None or case.standing != case.Standing.OPEN:
        return
    if report.milestone is None:
        _make_milestone(report, case, stated_in, by=by, on=on)
    if report.milestone is None:
        return
    milestone = Milestone.objects.get(pk=report.milestone_id)
    if milestone.closed_on is None and report.stated_due_on and report.stated_due_on != milestone.due_on:
        milestone = move_date(
            milestone,
            to=report.stated_due_on,
            reason=DateChange.Reason.LETTER,
            stated_in=stated_in or milestone.stated_in or "the commissioner’s terms",
            by=by,
            on=on,
            revision=milestone.revision,
        )
    if milestone.closed_on is None and report.sent_on:
        mark_met(milestone, met_on=report.sent_on, by=by, on=on, revision=milestone.revision)


def _reopen_if_corrected(report, sent_before, *, by, on):
    """Let the milestone stand again that was met by the day on which the report had been said to be sent."""
    milestone = report.milestone
    if milestone is None or sent_before is None or report.sent_on == sent_before:
        return
    if milestone.met_on == sent_before:
        note = "The day on which the report was sent has been corrected."
        reopen(milestone, note=note, by=by, on=on, revision=milestone.revision)


def _make_milestone(report, case, stated_in, *, by, on):
    """Make the milestone of a further report that a letter dates; no rule asks for one."""
    if report.stated_due_on is None:
        return
    appointment = report.appointment
    report.milestone = Milestone.objects.create(
        council=appointment.council,
        case=case,
        source=appointment.source,
        label=LABEL,
        owes=Owes.COMMISSIONER,
        force=Force.INSTRUMENT,
        started_on=appointment.from_on,
        started_by="the Commissioner’s appointment",
        stated_due=report.stated_due_on,
        stated_in=stated_in or "the commissioner’s terms",
        due_on=report.stated_due_on,
        entered_on=on,
        to_confirm=report.stated_due_on < case.entered_on,
    )
    report.save(update_fields=["milestone"])
    record_events([milestone_event("milestone-made", report.milestone, by=by, on=on)])


def _tell(kind, report, by, on):
    tell(
        kind,
        report,
        by,
        on,
        case=report.appointment.case,
        council=report.appointment.council,
        source=report.appointment.source,
        stated_due_on=iso(report.stated_due_on),
        sent_on=iso(report.sent_on),
        published_on=iso(report.published_on),
        decision=report.decision_id,
    )
