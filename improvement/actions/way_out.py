"""A version's way out: approved within the council, shared with the LGA, sent to Ofsted and the DfE, answered.

Each asks whether `by` may, locks the version, and refuses a stale `revision` where one is given. Rule: section 5,
point 2.
"""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case as OneOf
from django.db.models import Q, Value, When

from accounts.permissions import Ability
from cases.actions import Refused, Stale, meet, start_clocks, withdraw_milestones
from cases.actions.clocks import milestone_event
from cases.actions.documents import keep_document
from cases.identifiers import refuse_identifiers
from cases.models import Case, ClockRule, Force, Milestone, Owes, Source
from cases.queries import working_calendars
from cases.rules import BeyondTheTable
from history.actions import record_event, record_events
from improvement.actions.clocks import ACCEPTANCE, PLAN_RULE, decision_start, keep_case_clocks
from improvement.actions.live import go_live
from improvement.actions.recording import supersede
from improvement.actions.updates import open_updates
from improvement.models import (
    ApprovalStep,
    Comment,
    Decision,
    Handover,
    PlannedAction,
    PlanVersion,
    Reply,
    Snapshot,
    Strand,
    Trigger,
)
from improvement.queries.plans import read_version, to_read
from improvement.queries.way_out import (
    RESUBMIT,
    asked_to_resubmit,
    default_statutory_day,
    plan_milestones,
    sent_to,
    somebody_waits_for,
)
from improvement.rules import approval, credibility
from improvement.rules.plans import as_json, digest
from improvement.rules.way_out import PLAN_RULES, left_the_house, met_by, standing_after

Standing = PlanVersion.Standing
To = Handover.To
Kind = Reply.Kind

# Who sends each letter.
OFSTEDS = (Kind.REFLECTS, Kind.DOES_NOT_REFLECT)
THE_DFES = (Kind.ACCEPTED, Kind.RETURNED)
LETTERS = (*OFSTEDS, *THE_DFES)
CALENDAR = "england-and-wales"


@dataclass(frozen=True)
class Planned:
    """A step of the route as asked for: `planned_on` None is worked back from the statutory day."""

    kind: str
    planned_on: date | None = None
    label: str = ""


@transaction.atomic
def plan_route(version, *, statutory_on=None, steps=None, by, on, revision=None):
    """Plan the steps by which the council approves a version, and return them (`ApprovalStep`) in their order.

    `statutory_on`: the day to work back from; None: the due date of the plan's own milestone. `steps`: `Planned`, in
    the order in which they are taken; None: director, board, scrutiny, cabinet, call-in. Steps done stay as they
    are; the others are planned anew. A step that can't be met in time is planned all the same, and said so where it
    is shown. Raises Refused where there is no day to work back from, or one can't be counted.
    """
    version = _locked(version, by, Ability.DRAFT_PLANS, revision)
    if version.standing in PlanVersion.SENT_ON:
        raise Refused("It has been sent already: there is nothing to work back from")
    statutory_on = statutory_on or version.statutory_on or default_statutory_day(version.plan)
    if statutory_on is None:
        raise Refused("Enter the day by which the plan must be sent", "statutory_on")
    asked = [Planned(kind) for kind in approval.USUAL] if steps is None else list(steps)
    _refuse_unknown(asked)
    refuse_identifiers(label=" ".join(one.label for one in asked))
    done = list(version.approval_steps.exclude(done_on=None))
    wanted = [one for one in asked if not any(_is_same(one, step) for step in done)]
    dated = _worked_back(wanted, statutory_on)
    version.approval_steps.filter(done_on=None).delete()
    ApprovalStep.objects.bulk_create(
        ApprovalStep(version=version, kind=one.kind, label=one.label, planned_on=one.planned_on)
        for one in dated
    )
    version.statutory_on = statutory_on
    _save(version, "statutory_on")
    _record("plan-route-planned", version, by, on, statutory_on=statutory_on.isoformat(), steps=len(dated))
    return list(version.approval_steps.all())


@transaction.atomic
def step_done(step, *, done_on, note="", by, on, revision=None):
    """Record that a step of the route was taken on `done_on`; None: that it was not after all."""
    refuse_identifiers(note=note)
    version = _locked(step.version, by, Ability.DRAFT_PLANS)
    current = ApprovalStep.objects.select_for_update().filter(pk=step.pk).first()
    if current is None:
        raise Refused("The route was planned anew, and this step is no longer in it")
    _refuse_stale(current, revision)
    if done_on is not None:
        _refuse_future(done_on, on, "done_on")
    current.done_on, current.note = done_on, note
    current.revision += 1
    current.save()
    _record("plan-step-done", version, by, on, step=current.kind, done_on=done_on and done_on.isoformat())
    return current


@transaction.atomic
def send_for_approval(version, *, by, on, revision=None):
    """Send a draft to the council's approver. From now on nobody edits it, unless it is sent back."""
    version = _locked(version, by, Ability.DRAFT_PLANS, revision)
    _refuse_unless(version, [Standing.DRAFTING], "Only a draft is sent for approval")
    if not PlannedAction.objects.filter(version=version).exists():
        raise Refused("It has no actions yet: add one first")
    version.sent_for_approval_on = on
    return _move(version, Standing.FOR_APPROVAL, "plan-sent-for-approval", by, on, "sent_for_approval_on")


@transaction.atomic
def send_back(version, *, note, by, on, revision=None):
    """Send a version that awaits approval back to its drafters, with what to change."""
    refuse_identifiers(note=note)
    version = _locked(version, by, Ability.APPROVE_PLANS, revision)
    _refuse_unless(version, [Standing.FOR_APPROVAL], "Only what was sent for approval is sent back")
    if not note.strip():
        raise Refused("Enter what has to change", "note")
    version.sent_back_note = note
    return _move(version, Standing.DRAFTING, "plan-sent-back", by, on, "sent_back_note")


@transaction.atomic
def approve(version, *, approved_on=None, by, on, revision=None):
    """Approve a version for the council, on `approved_on` (not after `on`; None: `on`), and let it go live.

    It shares nothing with the LGA and sends nothing to Ofsted or the DfE. Updates of periods that have ended since
    open, and one that is being filled in reports on this version from now on.
    """
    version = _locked(version, by, Ability.APPROVE_PLANS, revision)
    _refuse_unless(version, [Standing.FOR_APPROVAL], "Only what was sent for approval is approved")
    approved_on = approved_on or on
    _refuse_future(approved_on, on, "approved_on")
    if approved_on < version.begun_on:
        raise Refused("The council can’t have approved it before it was begun", "approved_on")
    version.approved_on, version.approved_by_id, version.sent_back_note = approved_on, by.person_id, ""
    fields = ("approved_on", "approved_by", "sent_back_note")
    _move(version, Standing.APPROVED, "plan-approved", by, on, *fields)
    go_live(version, by=by, on=on)
    open_updates(councils=[version.plan.council_id], by=by, on=on)
    return version


@transaction.atomic
def share(version, *, note="", by, on, revision=None):
    """Share an approved version with the LGA's adviser and return its `Snapshot`. It never changes after that.

    This sends it to nobody else: neither Ofsted nor the DfE. At most fifteen queries, whatever its size.
    """
    refuse_identifiers(note=note)
    version = _locked(version, by, Ability.APPROVE_PLANS, revision)
    _refuse_unless(
        version, [Standing.APPROVED], "Only an approved version that has not been shared is shared"
    )
    version.standing = Standing.SHARED
    _save(version, "standing")
    snapshot = _take(version, Snapshot.Reason.SHARED, by, on)
    Handover.objects.create(
        snapshot=snapshot, to=To.LGA, on=on, note=note, by_id=by.person_id, recorded_on=on
    )
    _record("plan-shared", version, by, on, snapshot=snapshot.reference)
    return snapshot


@transaction.atomic
def comment(version, *, text, action=None, by, on):
    """Comment on a shared version as the LGA's adviser: on one of its actions (`Action`), or on the whole."""
    refuse_identifiers(text=text)
    version = _advised(version, by)
    _refuse_unless(version, PlanVersion.SHARED, "Only a version shared with the LGA is commented on")
    _refuse_empty(text)
    if action is not None and not PlannedAction.objects.filter(version=version, action=action).exists():
        raise Refused("That action is not in this version", "action")
    made = Comment.objects.create(version=version, action=action, text=text, by_id=by.person_id, made_on=on)
    _record("plan-commented", version, by, on, comment=made.pk)
    return made


@transaction.atomic
def answer_comment(answered, *, text, by, on):
    """Answer a comment, for the council or for the LGA, and return the answer. A settled one takes no more."""
    refuse_identifiers(text=text)
    first = _first_of_thread(answered, by)
    plan = first.version.plan
    if not (by.may_at(Ability.DRAFT_PLANS, plan.council_id) or _advises(plan, by)):
        raise PermissionDenied
    if first.settled_on is not None:
        raise Refused("It has been settled: make a new comment instead")
    _refuse_empty(text)
    made = Comment.objects.create(
        version=first.version,
        action_id=first.action_id,
        answers=first,
        text=text,
        by_id=by.person_id,
        made_on=on,
    )
    _record("plan-comment-answered", first.version, by, on, comment=first.pk)
    return made


@transaction.atomic
def settle_comment(settled, *, by, on):
    """Say, for the LGA, that nothing more is asked about a comment."""
    first = _first_of_thread(settled, by)
    if not _advises(first.version.plan, by):
        raise PermissionDenied
    if first.settled_on is not None:
        raise Refused("It has been settled already")
    first.settled_on = on
    first.save(update_fields=["settled_on"])
    _record("plan-comment-settled", first.version, by, on, comment=first.pk)
    return first


@transaction.atomic
def say_ready(version, *, note="", by, on):
    """Say, as the LGA's adviser, that a shared version is ready to be sent, and return that `Reply`."""
    refuse_identifiers(note=note)
    version = _advised(version, by)
    _refuse_unless(
        version, [Standing.SHARED], "Only a version that is shared and not yet sent is said to be ready"
    )
    if version.replies.filter(kind=Kind.READY).exists():
        raise Refused("It has been said to be ready already")
    reply = Reply.objects.create(
        version=version, kind=Kind.READY, dated_on=on, note=note, recorded_by_id=by.person_id, recorded_on=on
    )
    _record("plan-said-ready", version, by, on)
    return reply


@transaction.atomic
def send(version, *, handovers, by, on, revision=None):
    """Record that an approved version was sent to Ofsted, the DfE or both, and return its `Snapshot`.

    `handovers`: (to, on, to whom, their reference) for each. Sharing it with the LGA first is usual and not asked
    for. Recorded later for the other of the two, it joins the same snapshot. Meets the plan's milestones on the
    dates given; one met late stays late. Raises Refused where nobody outside waits for the plan.
    """
    version = _locked(version, by, Ability.APPROVE_PLANS, revision)
    approved = [Standing.APPROVED, *PlanVersion.SHARED]
    _refuse_unless(version, approved, "Only a version that the council has approved is sent")
    if not somebody_waits_for(version.plan):
        raise Refused("This plan answers no intervention: nobody outside the council waits for it")
    already = sent_to(version)
    wanted = _handovers(handovers, version, already, on)
    first = not already
    if first:
        version.standing = Standing.SENT
        _save(version, "standing")
        snapshot = _take(version, Snapshot.Reason.SENT, by, on)
    else:
        snapshot = version.snapshots.get(reason=Snapshot.Reason.SENT)
        _save(version)
    for one in wanted:
        one.snapshot, one.by_id, one.recorded_on = snapshot, by.person_id, on
    Handover.objects.bulk_create(wanted)
    told = {str(one.to): one.on.isoformat() for one in wanted}
    _record("plan-sent", version, by, on, snapshot=snapshot.reference, **told)
    _meet_what_waited(version, already | {one.to: one.on for one in wanted}, first=first, by=by, on=on)
    return snapshot


@transaction.atomic
def record_reply(
    version,
    *,
    kind,
    dated_on,
    received_on=None,
    resubmit_by=None,
    upload=None,
    url="",
    title="",
    note="",
    by,
    on,
    revision=None,
):
    """Record Ofsted's letter or the DfE's response about a sent version, as its date and letter say; return it.

    For the council's approver and the LGA's advisers. Only these make a version accepted or returned: the latest
    dated decides. A return moves no milestone that stands: it opens one to resubmit by `resubmit_by`, met when a
    later version is sent. The DfE's acceptance is its decision on the intervention too, unless that is on record.
    `upload` or `url`: the letter itself.
    """
    refuse_identifiers(note=note, title=title)
    version = _locked(version, by, None, revision)
    if not _may_record_letters(version.plan, by):
        raise PermissionDenied
    _refuse_unless(version, PlanVersion.SENT_ON, "Only a version that was sent is answered")
    _refuse_reply(version, kind, dated_on, received_on, resubmit_by, on)
    source = _letter(version, kind, dated_on, received_on, url, title)
    reply = Reply.objects.create(
        version=version,
        kind=kind,
        dated_on=dated_on,
        received_on=received_on,
        resubmit_by=resubmit_by,
        source=source,
        document=_document(version, upload, url, source.title, by, on),
        note=note,
        recorded_by_id=by.person_id,
        recorded_on=on,
    )
    replies = version.replies.order_by("dated_on", "pk").values_list("kind", flat=True)
    version.standing = standing_after(replies)
    _save(version, "standing")
    _record(
        "plan-answered", version, by, on, kind=str(kind), dated_on=dated_on.isoformat(), source_id=source.pk
    )
    if kind in Reply.RETURNS:
        _open_resubmission(version, reply, by=by, on=on)
    if kind == Kind.ACCEPTED:
        _accept(version, reply, by=by, on=on)
    return reply


@transaction.atomic
def withdraw_reply(reply, *, by, on, revision=None):
    """Withdraw the letter about a version that was recorded last, and by mistake; return the version.

    The letter stays, withdrawn, and counts nowhere: the version stands as the others make it, an open milestone to
    resubmit that it asked for is withdrawn and one that it closed stands again, and the decision on the intervention
    that it brought goes, with the clocks that ran from it. `revision` is the version's. Raises PermissionDenied,
    Refused and Stale.
    """
    version = _locked(reply.version, by, None, revision)
    if not _may_record_letters(version.plan, by):
        raise PermissionDenied
    last = version.replies.filter(kind__in=LETTERS).order_by("pk").last()
    if not Reply.objects.filter(pk=reply.pk, kind__in=LETTERS).exists():
        raise Refused("This letter has been withdrawn already")
    if last.pk != reply.pk:
        raise Refused("A letter was recorded after it: withdraw that one first")
    last.withdrawn_on, last.withdrawn_by_id = on, by.person_id
    last.save(update_fields=["withdrawn_on", "withdrawn_by"])
    replies = version.replies.order_by("dated_on", "pk")
    version.standing = standing_after(replies.values_list("kind", flat=True))
    _save(version, "standing")
    told = {"kind": str(last.kind), "dated_on": last.dated_on.isoformat(), "source_id": last.source_id}
    _record("plan-answer-withdrawn", version, by, on, **told)
    withdraw_milestones(_asked_by([last]), by=by, on=on)
    if last.kind == Kind.ACCEPTED:
        _accept_no_more(version, last, by=by, on=on)
    accepted = replies.filter(kind=Kind.ACCEPTED).last()
    if accepted is not None:
        _accept(version, accepted, by=by, on=on)
    return version


def _asked_by(replies):
    """Return the milestones to resubmit that letters asked for."""
    sources = [one.source_id for one in replies]
    return Milestone.objects.filter(rule=None, label=RESUBMIT, source__in=sources)


def _accept_no_more(version, reply, *, by, on):
    """Undo what an acceptance did: what it closed stands again, its decision goes, and the clocks that ran from it."""
    if version.standing != Standing.ACCEPTED:
        closed = _asked_by(version.replies.filter(kind__in=Reply.RETURNS)).filter(
            outcome=Milestone.Outcome.SUPERSEDED, closed_on=reply.recorded_on
        )
        for milestone in closed.select_related("council", "case").select_for_update(of=("self",)):
            milestone.outcome, milestone.closed_on = "", None
            milestone.revision += 1
            milestone.save()
            record_events([milestone_event("milestone-stands-again", milestone, by=by, on=on)])
    case = version.plan.case
    if case is None:
        return
    list(Case.objects.filter(pk=case.pk).select_for_update().values_list("pk"))
    for decision in Decision.objects.filter(
        case=case, kind=Decision.Kind.PLAN_ACCEPTED, source=reply.source_id
    ):
        if decision.answers_reports.exists():
            raise Refused(
                "A commissioner’s report rests on this decision: correct it on the intervention’s page"
            )
        record_event(
            "decision-withdrawn",
            by=by,
            on=on,
            subject=decision,
            council_code=version.plan.council.la_code,
            case_reference=case.reference,
            source_id=reply.source_id,
            data={"kind": str(decision.kind), "decided_on": decision.on.isoformat()},
        )
        decision.delete()
    withdraw_milestones(
        Milestone.objects.filter(case=case, source=reply.source_id).exclude(rule=None), by=by, on=on
    )
    if not Decision.objects.filter(case=case, kind=Decision.Kind.PLAN_ACCEPTED).exists():
        # Superseded, not withdrawn: a series that is wanted again stands again.
        supersede(Milestone.objects.filter(case=case, started_by=ACCEPTANCE), by=by, on=on)
    keep_case_clocks([case.council_id], by=by, on=on)


def _locked(version, by, ability, revision=None):
    """Fetch the version again under its lock. PermissionDenied where `by` has not the ability; Stale when changed."""
    allowed = (
        Value(True)
        if ability is None
        else OneOf(When(by.council_filter(ability, "plan__council"), then=True), default=False)
    )
    current = (
        to_read(PlanVersion.objects, by.today)
        .select_related("plan__case")
        .annotate(allowed=allowed)
        .select_for_update(of=("self",))
        .get(pk=version.pk)
    )
    if not current.allowed:
        raise PermissionDenied
    _refuse_stale(current, revision)
    return current


def _advised(version, by):
    """Return the version, locked, for somebody who advises its council for the LGA; PermissionDenied otherwise."""
    version = _locked(version, by, None)
    if not _advises(version.plan, by):
        raise PermissionDenied
    return version


def _advises(plan, by):
    return by.may_at(Ability.ANSWER_PLANS, plan.council_id) or _is_assigned(plan, by)


def _is_assigned(plan, by):
    return plan.case_id is not None and Case.objects.answerable_by(by).filter(pk=plan.case_id).exists()


def _may_record_letters(plan, by):
    return (
        by.may_at(Ability.APPROVE_PLANS, plan.council_id)
        or by.may_at(Ability.RECORD_INTERVENTION, plan.council_id)
        or _is_assigned(plan, by)
    )


def _first_of_thread(comment, by):
    """Return the comment that begins the thread, locked, within what `by` may read."""
    first = (
        Comment.objects.visible_to(by)
        .select_related("version__plan__council", "version__plan__case")
        .select_for_update(of=("self",))
        .filter(pk=comment.answers_id or comment.pk)
        .first()
    )
    if first is None:
        raise PermissionDenied
    return first


def _refuse_stale(current, revision):
    if revision is not None and current.revision != revision:
        raise Stale(current)


def _refuse_unless(version, standings, otherwise):
    if version.standing not in standings:
        raise Refused(f"{otherwise}. This one stands as: {version.get_standing_display().lower()}")


def _refuse_future(day, on, field):
    if day > on:
        raise Refused("The date must be today or earlier", field)


def _refuse_empty(text):
    if not text.strip():
        raise Refused("Enter what you want to say", "text")


def _refuse_unknown(asked):
    if any(one.kind not in ApprovalStep.Kind.values for one in asked):
        raise Refused("Choose the steps from the list", "steps")
    if any(one.kind == ApprovalStep.Kind.OTHER and not one.label.strip() for one in asked):
        raise Refused("Enter what the other step is", "label")


def _is_same(asked, step):
    return asked.kind == step.kind and (asked.kind != ApprovalStep.Kind.OTHER or asked.label == step.label)


def _worked_back(wanted, statutory_on):
    steps = [approval.Step(one.kind, one.planned_on, one.label) for one in wanted]
    try:
        return approval.work_back(steps, statutory_on, working_calendars()[CALENDAR])
    except BeyondTheTable as error:
        raise Refused(str(error), "statutory_on") from None


def _move(version, standing, event, by, on, *fields):
    version.standing = standing
    _save(version, "standing", *fields)
    _record(event, version, by, on)
    return version


def _save(version, *fields):
    version.revision += 1
    version.save(update_fields=["revision", *fields])


def _take(version, reason, by, on):
    """Keep the version as it leaves the house, with the credibility check as it stands, and return the snapshot."""
    document = read_version(version, on)
    content = as_json(document)
    content["check"] = credibility.as_json(credibility.check(document))
    return Snapshot.objects.create(
        version=version,
        reason=reason,
        reference=f"{version.plan.reference}-V{version.number}-{reason.upper()}",
        content=content,
        digest=digest(left_the_house(content)),
        taken_on=on,
        taken_by_id=by.person_id,
    )


def _handovers(asked, version, already, on):
    wanted = [
        Handover(to=to, on=day, to_whom=whom, their_reference=theirs) for to, day, whom, theirs in asked
    ]
    if not wanted:
        raise Refused("Choose whom it was sent to")
    for one in wanted:
        if one.to not in (To.OFSTED, To.DFE):
            raise Refused("A plan is sent to Ofsted and to the DfE")
        field = f"{one.to}_on"
        refuse_identifiers(**{f"{one.to}_whom": one.to_whom})
        if one.to in already:
            raise Refused(f"It is recorded as sent to {one.get_to_display()} already", field)
        _refuse_future(one.on, on, field)
        if one.on < version.approved_on:
            raise Refused("It can’t have been sent before the council approved it", field)
    if len({one.to for one in wanted}) < len(wanted):
        raise Refused("Each is sent it once")
    return wanted


def _meet_what_waited(version, sent, *, first, by, on):
    """Meet the plan's milestones that are now answered, each on the day on which the last it names was sent it."""
    plan = version.plan
    note = f"{plan.reference}, version {version.number}"
    if first:
        _make_one_where_none_ran(version, sent, by=by, on=on)
    waiting = (
        plan_milestones(plan)
        .select_related("council", "case", "rule", "source")
        .select_for_update(of=("self",))
    )
    for milestone in waiting:
        met_on = met_by(PLAN_RULES[milestone.rule.slug], sent)
        if met_on and (milestone.started_on is None or milestone.started_on <= met_on):
            meet(milestone, met_on=met_on, note=note, by=by, on=on)
    for milestone, recipient in asked_to_resubmit(version):
        if recipient in sent:
            meet(milestone, met_on=sent[recipient], note=note, by=by, on=on)


def _make_one_where_none_ran(version, sent, *, by, on):
    """An intervention opened by hand may have started no plan's clock: what was sent is still what was sent."""
    case = version.plan.case
    if (
        case is None
        or case.milestones.filter(rule__slug__in=PLAN_RULES)
        .exclude(outcome=Milestone.Outcome.WITHDRAWN)
        .exists()
    ):
        return
    sent_on = max(sent.values())
    rule = ClockRule.objects.on(sent_on).get(slug=PLAN_RULE)
    made = Milestone.objects.create(
        council=version.plan.council,
        case=case,
        rule=rule,
        label=rule.label,
        owes=rule.owes,
        force=rule.force,
        started_by="no date was set for it",
        entered_on=on,
    )
    record_events(
        [milestone_event("milestone-made", made, by=by, on=on, data={"label": made.label, "due": None})]
    )
    meet(made, met_on=sent_on, by=by, on=on)


def _refuse_reply(version, kind, dated_on, received_on, resubmit_by, on):
    if kind not in LETTERS:
        raise Refused("Choose what the letter says", "kind")
    _refuse_future(dated_on, on, "dated_on")
    if dated_on < min(sent_to(version).values()):
        raise Refused("The letter can’t be older than the plan it answers was sent", "dated_on")
    if received_on is not None:
        _refuse_future(received_on, on, "received_on")
        if received_on < dated_on:
            raise Refused("It can’t have come before its own date", "received_on")
    if resubmit_by is not None:
        if kind not in Reply.RETURNS:
            raise Refused("Only a letter that returns the plan states when to send it again", "resubmit_by")
        if resubmit_by < dated_on:
            raise Refused("The day to send it again must be after the letter’s date", "resubmit_by")
    if version.replies.filter(kind=kind, dated_on=dated_on).exists():
        raise Refused("This letter is recorded already", "dated_on")


def _letter(version, kind, dated_on, received_on, url, title):
    return Source.objects.create(
        council=version.plan.council,
        kind=Source.Kind.LETTER,
        title=title or Kind(kind).label,
        dated_on=dated_on,
        received_on=received_on or dated_on,
        received_assumed=received_on is None,
        url=url,
    )


def _document(version, upload, url, title, by, on):
    if not (upload or url):
        return None
    return keep_document(
        version.plan.council, upload=upload, url="" if upload else url, title=title, by=by, on=on
    )


def _open_resubmission(version, reply, *, by, on):
    """Open the milestone to send the plan again; one that a later version has met already is met at once."""
    milestone = Milestone.objects.create(
        council=version.plan.council,
        case=version.plan.case,
        source=reply.source,
        label=RESUBMIT,
        owes=Owes.COUNCIL,
        force=Force.AGREED,
        started_on=reply.dated_on,
        started_by="Ofsted’s letter" if reply.kind in OFSTEDS else "the DfE’s response",
        stated_due=reply.resubmit_by,
        stated_in="Ofsted’s letter" if reply.kind in OFSTEDS else "the DfE’s response",
        due_on=reply.resubmit_by,
        entered_on=on,
    )
    due = reply.resubmit_by.isoformat() if reply.resubmit_by else None
    told = {"label": milestone.label, "due": due}
    record_events([milestone_event("milestone-made", milestone, by=by, on=on, data=told)])
    recipient = To.OFSTED if reply.kind in OFSTEDS else To.DFE
    later = (
        Handover.objects.filter(
            snapshot__version__plan=version.plan,
            snapshot__version__number__gt=version.number,
            to=recipient,
            on__gte=reply.dated_on,
        )
        .order_by("on")
        .first()
    )
    if later is not None:
        meet(milestone, met_on=later.on, by=by, on=on)


def _accept(version, reply, *, by, on):
    """Let the DfE's acceptance count: nothing is left to resubmit, and it is its decision on the intervention."""
    if version.standing == Standing.ACCEPTED:
        _close_resubmissions(version, by=by, on=on)
    case = version.plan.case
    if case is None:
        return
    # Under the case's lock, so that its own page doesn't record the same decision at this moment.
    list(Case.objects.filter(pk=case.pk).select_for_update().values_list("pk"))
    if _is_decided(version, case):
        return
    decision = Decision.objects.create(
        council=version.plan.council,
        case=case,
        kind=Decision.Kind.PLAN_ACCEPTED,
        on=reply.dated_on,
        strand=_strand_of(case),
        source=reply.source,
        recorded_on=on,
    )
    record_event(
        "decision-recorded",
        by=by,
        on=on,
        subject=decision,
        council_code=version.plan.council.la_code,
        case_reference=case.reference,
        source_id=reply.source_id,
        data={"kind": str(decision.kind), "decided_on": decision.on.isoformat()},
    )
    start_clocks([decision_start(decision)], by=by, on=on)
    keep_case_clocks([case.council_id], by=by, on=on)


def _is_decided(version, case):
    """Say whether the acceptance of this version stands with the case already, recorded on the intervention's page."""
    since = min(sent_to(version).values())
    answered = Reply.objects.filter(version__plan__case=case, kind=Kind.ACCEPTED).exclude(version=version)
    others = answered.values("dated_on")
    decisions = Decision.objects.filter(case=case, kind=Decision.Kind.PLAN_ACCEPTED, on__gte=since)
    return decisions.exclude(on__in=others).exists()


def _strand_of(case):
    trigger = Trigger.objects.filter(case=case, withdrawn_on=None).order_by("on").first()
    return trigger.strand if trigger is not None else Strand.SOCIAL_CARE


def _close_resubmissions(version, *, by, on):
    sources = version.replies.filter(kind__in=Reply.RETURNS).values("source")
    open_ones = Milestone.objects.filter(Q(label=RESUBMIT), rule=None, closed_on=None, source__in=sources)
    for milestone in open_ones.select_related("council", "case").select_for_update(of=("self",)):
        milestone.outcome, milestone.closed_on = Milestone.Outcome.SUPERSEDED, on
        milestone.revision += 1
        milestone.save()
        record_events([milestone_event("milestone-superseded", milestone, by=by, on=on)])


def _record(event, version, by, on, source_id=None, **data):
    plan = version.plan
    record_event(
        event,
        by=by,
        on=on,
        subject=version,
        council_code=plan.council.la_code,
        case_reference=plan.case.reference if plan.case else "",
        source_id=source_id,
        data={"plan": plan.reference, "version": version.number}
        | {key: value for key, value in data.items() if value not in ("", None)},
    )
