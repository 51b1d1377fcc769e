"""Every write about a council's update: opened, filled in, sent for approval or back, submitted, corrected.

Whoever drafts for the council fills it in; a named owner answers for their own actions alone; the approver submits.
A draft takes what is incomplete; only sending it on asks for the rest. Rule: section 5, points 5 to 8.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, Subquery

from accounts.permissions import Ability
from cases.actions import Refused, Stale, meet
from cases.actions.clocks import change_date, milestone_event
from cases.identifiers import refuse_identifiers
from cases.models import DateChange, Force, Milestone, Owes
from cases.presenters import day_words
from cases.queries import working_calendars
from councils.models import Council
from history.actions import event_of, record_events
from improvement.actions.live import running_case
from improvement.actions.measures import record_reading
from improvement.models import (
    ActionReport,
    BoardMeeting,
    Delivery,
    Impact,
    Measure,
    MeasureReport,
    Plan,
    PlannedAction,
    PlannedMeasure,
    PlannedPriority,
    PriorityReport,
    Update,
)
from improvement.queries.update_content import content_of
from improvement.queries.updates import due_in_force, live_version_of, read_asked
from improvement.rules.plans import digest
from improvement.rules.updates import (
    COMPLETE,
    ActionAnswer,
    MeasureAnswer,
    Meeting,
    contradiction,
    due_of,
    measure_contradiction,
    period_end,
    period_words,
    periods_to_open,
)

ENGLAND = "england-and-wales"
Standing = Update.Standing


class NotReported(Exception):
    """Some of the answers of a page can't be saved, so none is.

    `problems` is {("priority" | "action" | "measure", its number): Stale or Refused}.
    """

    def __init__(self, problems):
        super().__init__(f"{len(problems)} answers can't be saved.")
        self.problems = problems


class NotWhole(Refused):
    """The update lacks answers: `asked` is the `UpdateAsked` that says which."""

    def __init__(self, message, asked):
        super().__init__(message)
        self.asked = asked


@dataclass(frozen=True)
class PageAnswers:
    """What one page of an update says: each answer with the revision it was read at (0: nothing was saved then)."""

    priority: dict | None = None
    actions: dict = field(default_factory=dict)
    measures: dict = field(default_factory=dict)


# --- opened


@transaction.atomic
def open_updates(*, councils=None, by, on):
    """Open the updates of all periods that have ended since a plan's first approval, and return those that are new.

    Safe to repeat. What is being filled in follows the plan's live version and, while nobody has moved its date, the
    board's papers deadline. `councils` narrows it. Rule: section 5, point 6.
    """
    live = live_version_of(OuterRef("pk"))
    plans = Plan.objects.filter(
        Q(closed_on=None) | Q(closed_on__gt=on),
        Exists(live),
        council__in=Council.objects.on(on),
    )
    if councils is not None:
        plans = plans.filter(council__in=councils)
    # Runs that meet queue here; what is read after this, no other is about to change.
    locked = list(
        plans.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True)
    )
    plans = list(
        Plan.objects.filter(pk__in=locked)
        .select_related("council", "case")
        .annotate(
            live=Subquery(live.values("pk")[:1]),
            first_on=Min("versions__approved_on"),
            latest_period=Subquery(
                Update.objects.filter(plan=OuterRef("pk"))
                .order_by()
                .values("plan")
                .annotate(latest=Max("period_on"))
                .values("latest")
            ),
        )
        .order_by("pk")
    )
    meetings = _meetings(plans)
    calendar = working_calendars()[ENGLAND]
    _follow_the_plan(plans, by=by, on=on)
    _follow_the_board({plan.pk: plan for plan in plans}, meetings, calendar, by=by, on=on)
    wanted = []
    for plan in plans:
        for period_on in periods_to_open(plan.first_on, plan.months, on, plan.latest_period):
            due, meeting = due_of(period_on, plan.months, meetings[plan.pk], plan.update_days, calendar)
            wanted.append(_new(plan, period_on, due, meeting, on))
    milestones = Milestone.objects.bulk_create(update.milestone for update in wanted)
    for update, milestone in zip(wanted, milestones, strict=True):
        update.milestone = milestone
    made = Update.objects.bulk_create(wanted)
    told = [("milestone-made", update.milestone) for update in made] + [
        ("update-opened", one) for one in made
    ]
    record_events(
        milestone_event(
            kind, subject, by=by, on=on, data={"label": subject.label, "due": subject.due_on.isoformat()}
        )
        if kind == "milestone-made"
        else _event(kind, subject, by, on, due=subject.due_on.isoformat())
        for kind, subject in told
    )
    return made


def _meetings(plans):
    found = defaultdict(list)
    rows = BoardMeeting.objects.filter(board__plan__in=[plan.pk for plan in plans]).exclude(held=False)
    for plan, *meeting in rows.values_list("board__plan", "pk", "meets_on", "papers_due_on"):
        found[plan].append(Meeting(*meeting))
    return found


def _new(plan, period_on, due, meeting, on):
    ended = period_end(period_on, plan.months)
    words = period_words(period_on, plan.months)
    milestone = Milestone(
        council=plan.council,
        case=running_case(plan),
        label=f"Update for {words} of the improvement plan",
        owes=Owes.COUNCIL,
        force=Force.AGREED,
        started_on=ended,
        started_by=f"{words} ended",
        due_on=due,
        entered_on=on,
        **_reckoned(plan, due, meeting),
    )
    return Update(
        plan=plan,
        version_id=plan.live,
        period_on=period_on,
        meeting_id=meeting.key if meeting else None,
        milestone=milestone,
        due_on=due,
        opened_on=on,
    )


def _reckoned(plan, due, meeting):
    if meeting is None:
        return {"computed_due": due, "stated_due": None, "stated_in": ""}
    stated_in = f"the papers deadline of the board of {day_words(meeting.meets_on)}"
    return {"computed_due": None, "stated_due": due, "stated_in": stated_in}


def _follow_the_plan(plans, *, by, on):
    """Let what is being filled in report on the live version: reports stay with their action."""
    plans = {plan.pk: plan for plan in plans}
    live = [plan.live for plan in plans.values()]
    behind = Update.objects.filter(plan__in=plans, standing=Standing.DRAFT).exclude(version__in=live)
    told = []
    for update in behind.select_for_update(no_key=True):
        update.plan = plans[update.plan_id]
        update.version_id = update.plan.live
        update.revision += 1
        update.save(update_fields=["version", "revision"])
        told.append(_event("update-follows-version", update, by, on, version=update.version_id))
    record_events(told)


def _follow_the_board(plans, meetings, calendar, *, by, on):
    """Move the date of what is not submitted with the board's papers, unless a person moved it."""
    waiting = Update.objects.filter(
        plan__in=plans,
        number=1,
        standing__in=[Standing.DRAFT, Standing.FOR_APPROVAL],
        milestone__in=Milestone.objects.filter(closed_on=None),
    )
    for update in waiting.select_related("milestone").select_for_update(no_key=True, of=("self",)):
        plan = plans[update.plan_id]
        due, meeting = due_of(update.period_on, plan.months, meetings[plan.pk], plan.update_days, calendar)
        key = meeting.key if meeting else None
        if (due, key) == (update.due_on, update.meeting_id) or update.milestone.due_on != update.due_on:
            continue
        if due != update.due_on:
            milestone = (
                Milestone.objects.select_related("council", "case")
                .select_for_update(no_key=True, of=("self",))
                .get(pk=update.milestone_id)
            )
            moved = _reckoned(plan, due, meeting)
            _move(milestone, due, DateChange.Reason.BOARD_MOVED, "", by=by, on=on, **moved)
        update.due_on, update.meeting_id = due, key
        update.revision += 1
        update.save(update_fields=["due_on", "meeting", "revision"])


# --- filled in


@transaction.atomic
def report_priority(update, priority, *, delivery="", text="", revision, by, on):
    """Save what the update says of a priority as a whole, and return its `PriorityReport`.

    `revision`: as it was read, 0 where nothing was saved yet. Raises PermissionDenied, Refused or Stale.
    """
    update = _in_work(update, by)
    _must_be(delivery, Delivery, "delivery")
    refuse_identifiers(text=text)
    if not PlannedPriority.objects.filter(version=update.version_id, priority=priority).exists():
        raise Refused("This priority is not in the version that the update reports on")
    values = {"delivery": delivery, "text": text}
    return _save(PriorityReport, update, {"priority": priority}, revision, values, by, on)


@transaction.atomic
def report_action(
    update,
    action,
    *,
    delivery="",
    percent=None,
    impact="",
    done="",
    difference="",
    reason="",
    recovery="",
    new_due_on=None,
    date_reason="",
    by_sheet="",
    revision,
    by,
    on,
):
    """Save what the update says of an action, as far as it is known, and return its `ActionReport`.

    For whoever drafts, and for the action's named owner. `by_sheet`: who filled the return sheet, where one did.
    `revision`: as it was read, 0 where nothing was saved yet. Raises PermissionDenied, Refused (past its date and
    not complete, it can't be on track) or Stale. Rule: section 5, point 5.
    """
    update = _in_work(update, by, actions=[action])
    planned = _planned(update, action)
    _must_be(delivery, Delivery, "delivery")
    _must_be(impact, Impact, "impact")
    texts = {
        "done": done,
        "difference": difference,
        "reason": reason,
        "recovery": recovery,
        "date_reason": date_reason,
    }
    refuse_identifiers(**texts, by_sheet=by_sheet)
    if delivery == Delivery.COMPLETE:
        percent = 100
    answer = ActionAnswer(delivery, percent, impact, new_due_on=new_due_on, **texts)
    _refuse(contradiction(answer, _number(planned), due_in_force(planned), on))
    values = {
        "delivery": delivery,
        "percent": percent,
        "impact": impact,
        **texts,
        "new_due_on": new_due_on,
        "unchanged": False,
        "by_sheet": by_sheet,
    }
    made_by = {"reported_by_id": by.person_id}
    return _save(ActionReport, update, {"action": action}, revision, values, by, on, **made_by)


@transaction.atomic
def report_measure(
    update, measure, *, value=None, reading_on=None, expected_on=None, note="", revision, by, on
):
    """Save an update's answer about a measure: a figure and its day, or when one is expected. Return the report.

    A figure without a day describes the last day of the period. Becomes a reading when the update is submitted.
    """
    update = _in_work(update, by)
    if not PlannedMeasure.objects.filter(version=update.version_id, measure=measure).exists():
        raise Refused("This measure is not in the version that the update reports on")
    name = PlannedMeasure.objects.get(version=update.version_id, measure=measure).name
    refuse_identifiers(note=note)
    if value is None:
        reading_on = None
    elif reading_on is None:
        reading_on = min(period_end(update.period_on, update.plan.months), on)
    _refuse(measure_contradiction(MeasureAnswer(value, reading_on, expected_on), name, on))
    values = {"value": value, "reading_on": reading_on, "expected_on": expected_on, "note": note}
    return _save(MeasureReport, update, {"measure": measure}, revision, values, by, on)


@transaction.atomic
def report_page(update, answers, *, by, on):
    """Save the answers of a page, all or none, and return how many changed. Raises NotReported with every problem.

    `answers` is a `PageAnswers`; its values are what `report_priority`, `report_action` and `report_measure` take.
    """
    update = _in_work(update, by, actions=list(answers.actions))
    problems, saved = {}, 0
    asked = [("priority", report_priority, dict([answers.priority]) if answers.priority else {})]
    asked += [("action", report_action, answers.actions), ("measure", report_measure, answers.measures)]
    for kind, report, several in asked:
        for about, answer in several.items():
            try:
                with transaction.atomic():
                    report(update, about, **answer, by=by, on=on)
                saved += 1
            except (Stale, Refused) as problem:
                problems[kind, getattr(about, "pk", about)] = problem
    if problems:
        raise NotReported(problems)
    return saved


@transaction.atomic
def say_no_change(update, *, actions=None, by, on):
    """Answer "no change" for all actions for which it may be said, or those of `actions` among them. Return how many.

    Only what was on track in the last update, is not past its date, owes no reading and has no answer yet; after two
    updates without change it takes words on the difference made. Rule: section 5, points 5 and 6.
    """
    keys = None if actions is None else {getattr(action, "pk", action) for action in actions}
    update = _in_work(update, by, actions=keys)
    stay = [one for one in read_asked(update, on).unchanged if keys is None or one.key in keys]
    made = ActionReport.objects.bulk_create(
        ActionReport(
            update=update,
            action_id=one.key,
            delivery=one.before.delivery,
            percent=one.before.percent,
            impact=one.before.impact,
            unchanged=True,
            reported_by_id=by.person_id,
        )
        for one in stay
    )
    if made:
        _record("update-no-change", update, by, on, actions=[one.key for one in stay])
    return len(made)


@transaction.atomic
def write_overall(update, *, overall, decisions_needed="", revision, by, on):
    """Save the words for the whole, and the decisions that the board is asked for. They come last.

    `revision` is the update's own. Raises Refused until every priority is filled in.
    """
    update = _in_work(update, by)
    if update.revision != revision:
        raise Stale(update)
    refuse_identifiers(overall=overall, decisions_needed=decisions_needed)
    if not read_asked(update, on).overall_can_start:
        raise Refused("Fill in every priority first: the words for the whole come last", "overall")
    update.overall, update.decisions_needed = overall, decisions_needed
    _saved(update, "overall", "decisions_needed")
    _record("update-overall-written", update, by, on)
    return update


# --- sent on


@transaction.atomic
def send_update_for_approval(update, *, by, on):
    """Send a whole update to the approver, who submits it or sends it back. Raises NotWhole where it lacks answers."""
    update = _in_work(update, by)
    _refuse_unfinished(update, on)
    update.standing, update.sent_back_note = Standing.FOR_APPROVAL, ""
    _saved(update, "standing", "sent_back_note")
    _record("update-sent-for-approval", update, by, on)
    return update


@transaction.atomic
def send_update_back(update, *, note, by, on):
    """Send an update back to those who fill it in, with what to mend."""
    update = _locked(update)
    if not by.may_at(Ability.APPROVE_PLANS, update.plan.council_id):
        raise PermissionDenied
    if update.standing != Standing.FOR_APPROVAL:
        raise Refused("It is not waiting for approval")
    if not note:
        raise Refused("Enter what is to be mended", "note")
    refuse_identifiers(note=note)
    update.standing, update.sent_back_note = Standing.DRAFT, note
    _saved(update, "standing", "sent_back_note")
    _record("update-sent-back", update, by, on)
    return update


@transaction.atomic
def submit_update(update, *, revision=None, by, on):
    """Submit an update: what it says is frozen, readings recorded, dates moved and milestones met. Return it.

    For the approver. Raises PermissionDenied, Stale, NotWhole (it lacks answers, which are named) or Refused.
    Rule: section 5, point 6.
    """
    update = _locked(update)
    if not by.may_at(Ability.APPROVE_PLANS, update.plan.council_id):
        raise PermissionDenied
    if revision is not None and update.revision != revision:
        raise Stale(update)
    if update.standing == Standing.SUBMITTED:
        raise Refused("It has been submitted already")
    asked = _refuse_unfinished(update, on)
    _write_what_is_carried(update, asked)
    update.standing, update.submitted_on, update.submitted_by_id = Standing.SUBMITTED, on, by.person_id
    # What the approver asked to be mended is the council's own: it doesn't go out with the update.
    update.sent_back_note = ""
    update.content = content_of(update, asked)
    update.digest = digest(update.content)
    _record_readings(update, asked, by=by, on=on)
    if not Update.objects.filter(
        plan=update.plan_id, standing=Standing.SUBMITTED, period_on__gt=update.period_on
    ).exists():
        _tell_milestones(update, asked, by=by, on=on)
    _saved(update, "standing", "submitted_on", "submitted_by", "sent_back_note", "content", "digest")
    _meet_its_own_milestone(update, by=by, on=on)
    _record("update-submitted", update, by, on, digest=update.digest)
    return update


@transaction.atomic
def correct_update(update, *, by, on):
    """Begin a correction of a submitted update: a new revision with the same answers, to be changed and submitted.

    What was submitted stays as it is. Rule: section 5, point 6.
    """
    update = _locked(update)
    if not by.may_at(Ability.DRAFT_PLANS, update.plan.council_id):
        raise PermissionDenied
    if update.standing != Standing.SUBMITTED:
        raise Refused("It has not been submitted, so it can be changed as it is")
    if Update.objects.filter(corrects=update).exists():
        raise Refused("A correction of it exists already")
    new = Update.objects.create(
        plan=update.plan,
        version=live_version_of(update.plan).first(),
        period_on=update.period_on,
        number=update.number + 1,
        corrects=update,
        meeting_id=update.meeting_id,
        due_on=update.due_on,
        opened_on=on,
        overall=update.overall,
        decisions_needed=update.decisions_needed,
    )
    for model in (PriorityReport, ActionReport, MeasureReport):
        rows = list(model.objects.filter(update=update))
        for row in rows:
            row.pk, row.update, row.revision = None, new, 1
        model.objects.bulk_create(rows)
    _record("update-corrected", new, by, on, corrects=update.pk, number=new.number)
    return new


# --- parts


def _locked(update):
    return (
        Update.objects.select_related("plan__council", "plan__case")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=update.pk)
    )


def _in_work(update, by, *, actions=None):
    """Return the update under its lock, for who drafts, or for the owner of all of `actions`."""
    update = _locked(update)
    if not by.may_at(Ability.DRAFT_PLANS, update.plan.council_id) and not _owns(update, by, actions):
        raise PermissionDenied
    if update.standing == Standing.FOR_APPROVAL:
        raise Refused("It has been sent for approval: it can be changed once it is sent back")
    if update.standing == Standing.SUBMITTED:
        raise Refused("It has been submitted: make a correction to change it")
    return update


def _owns(update, by, actions):
    keys = {getattr(action, "pk", action) for action in actions or ()}
    owned = PlannedAction.objects.owned_by(by).filter(version=update.version_id, action__in=keys)
    return bool(keys) and owned.count() == len(keys)


def _planned(update, action):
    planned = (
        PlannedAction.objects.filter(version=update.version_id, action=action)
        .select_related("action__milestone", "priority")
        .first()
    )
    if planned is None:
        raise Refused("This action is not in the version that the update reports on")
    return planned


def _number(planned):
    """Return the number of an action as readers see it, such as "2.3"."""
    priorities = PlannedPriority.objects.filter(version=planned.version_id)
    before = Q(place__lt=planned.priority.place) | Q(place=planned.priority.place, pk__lt=planned.priority_id)
    earlier = Q(place__lt=planned.place) | Q(place=planned.place, pk__lt=planned.pk)
    beside = PlannedAction.objects.filter(version=planned.version_id, priority=planned.priority_id)
    return f"{priorities.filter(before).count() + 1}.{beside.filter(earlier).count() + 1}"


def _must_be(value, choices, name):
    if value and value not in choices.values:
        raise Refused("Choose one of the list", name)


def _refuse(found):
    if found is not None:
        raise Refused(*found)


def _save(model, update, about, revision, values, by, on, **more):
    """Make or change the row of `model` about something, if it says anything new. Stale where it has changed."""
    row = model.objects.select_for_update(no_key=True).filter(update=update, **about).first()
    if row is None:
        if not any(value not in ("", None, False) for value in values.values()):
            return model(update=update, **_ids(about), **values, revision=0)
        row = model(update=update, **_ids(about), **values, **more)
    elif row.revision != (revision or 0):
        raise Stale(row)
    elif all(getattr(row, name) == value for name, value in values.items()):
        return row
    else:
        for name, value in {**values, **more}.items():
            setattr(row, name, value)
        row.revision += 1
    row.save()
    kind = f"{next(iter(about))}-reported"
    key = next(iter(about.values()))
    _record(kind, update, by, on, about=getattr(key, "pk", key))
    return row


def _ids(about):
    return {f"{name}_id": getattr(value, "pk", value) for name, value in about.items()}


def _saved(update, *fields):
    update.revision += 1
    update.save(update_fields=[*fields, "revision"])


def _refuse_unfinished(update, on):
    asked = read_asked(update, on)
    if asked.is_whole:
        return asked
    unfinished = [priority for priority in asked.priorities if not priority.is_whole(on)]
    lacking = [f"priority {priority.number}" for priority in unfinished]
    if not asked.overall_is_whole:
        lacking.append("the words for the whole")
    raise NotWhole(f"Not finished yet: {', '.join(lacking)}", asked)


def _write_what_is_carried(update, asked):
    """Give each action that was reported complete before its row, so that every update says how all stand."""
    ActionReport.objects.bulk_create(
        ActionReport(
            update=update,
            action_id=action.key,
            delivery=COMPLETE,
            percent=100,
            impact=action.said.impact,
            unchanged=True,
        )
        for action in asked.actions
        if action.is_carried
    )


def _record_readings(update, asked, *, by, on):
    """Make a reading of each figure that is not on record so; another for the same day restates that one."""
    measures = [*asked.measures, *(one for priority in asked.priorities for one in priority.measures)]
    given = {one.key: one.answer for one in measures if one.answer.value is not None}
    for measure in Measure.objects.filter(pk__in=given).order_by("pk"):
        answer = given[measure.pk]
        figure = {"reading_on": answer.reading_on, "value": answer.value, "note": answer.note}
        record_reading(measure, **figure, update=update, by=by, on=on)


def _tell_milestones(update, asked, *, by, on):
    """Let the milestones of the actions say what the update reports: met, or moved with its reason.

    The council's own report meets them, so no adviser's ability is asked for.
    """
    said = {action.key: (action.number, action.said) for action in asked.actions}
    milestones = (
        Milestone.objects.filter(action__in=said)
        .select_related("council", "case", "action")
        .select_for_update(of=("self",), no_key=True)
    )
    for milestone in milestones:
        number, answer = said[milestone.action.pk]
        if answer.delivery == COMPLETE and milestone.closed_on is None:
            note = f"Reported complete in the update for {update.period_on:%B %Y}"
            meet(milestone, met_on=on, note=note, by=by, on=on)
        elif answer.delivery != COMPLETE and milestone.outcome == Milestone.Outcome.MET:
            _stand_again(milestone, by=by, on=on)
        if (
            answer.new_due_on is not None
            and milestone.closed_on is None
            and answer.new_due_on != milestone.due_on
        ):
            note = f"Action {number}: {answer.date_reason}"
            _move(milestone, answer.new_due_on, DateChange.Reason.OTHER, note[:2000], by=by, on=on)


def _meet_its_own_milestone(update, *, by, on):
    milestone = (
        Milestone.objects.filter(update=update, closed_on=None)
        .select_related("council", "case")
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    if milestone is not None:
        meet(milestone, met_on=on, by=by, on=on)


def _stand_again(milestone, *, by, on):
    milestone.outcome, milestone.closed_on, milestone.met_on, milestone.outcome_note = "", None, None, ""
    milestone.revision += 1
    milestone.save()
    record_events([milestone_event("milestone-reopened", milestone, by=by, on=on, data={"undone": "met"})])


def _move(milestone, to, reason, note, *, by, on, **reckoned):
    old = milestone.due_on
    change_date(milestone, to, reason=reason, note=note, by=by, on=on)
    for name, value in reckoned.items():
        setattr(milestone, name, value)
    milestone.revision += 1
    milestone.save()
    told = {"old": old.isoformat() if old else None, "new": to.isoformat(), "reason": str(reason)}
    record_events([milestone_event("milestone-moved", milestone, by=by, on=on, data=told)])


def _event(kind, update, by, on, **data):
    plan = update.plan
    return event_of(
        kind,
        by=by,
        on=on,
        subject=update,
        council_code=plan.council.la_code,
        case_reference=plan.case.reference if plan.case else "",
        data={"plan": plan.reference, "period": f"{update.period_on:%Y-%m}", **data},
    )


def _record(kind, update, by, on, **data):
    record_events([_event(kind, update, by, on, **data)])
