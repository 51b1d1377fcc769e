"""Words for a version's way out."""

from dataclasses import dataclass

from cases.presenters import DONE, DUE, NONE, OVERDUE, QUIET, count_of, day_words, due_words, weekday_words
from improvement.models import ApprovalStep, Handover, PlanVersion, Reply
from improvement.rules.approval import CALL_IN, Step, latest_days

Standing = PlanVersion.Standing
IN_SHORT = {Handover.To.OFSTED: "Ofsted", Handover.To.DFE: "the DfE", Handover.To.LGA: "the LGA adviser"}


@dataclass(frozen=True)
class Stop:
    """One stop of the way out: what it is, how far it got in words, its tag, and where to see more."""

    name: str
    words: str
    tag: str
    says: str
    address: str = ""


def heading(version, handed, replies):
    """Say how a version stands, with the day of it. `handed`: its handovers; `replies`: its letters."""
    number = f"Version {version.number}"
    if version.standing == Standing.DRAFTING:
        return f"{number} is being drafted"
    if version.standing == Standing.FOR_APPROVAL:
        since = f" since {day_words(version.sent_for_approval_on)}" if version.sent_for_approval_on else ""
        return f"{number} waits for the council’s approval{since}"
    if version.standing == Standing.APPROVED:
        return f"{number} was approved by the council on {day_words(version.approved_on)}"
    if version.standing == Standing.SHARED:
        shared = next((one for one in handed if one.to == Handover.To.LGA), None)
        on = f" on {day_words(shared.on)}" if shared else ""
        return f"{number} was shared with the LGA adviser{on}"
    if version.standing == Standing.SENT:
        return f"{number} was {sent_words(handed) or 'sent'}"
    decided = [one for one in replies if one.kind in DECIDING[version.standing]]
    on = f" on {day_words(decided[-1].dated_on)}" if decided else ""
    return f"{number} was {version.get_standing_display().lower()}{on}"


DECIDING = {
    Standing.ACCEPTED: (Reply.Kind.ACCEPTED,),
    Standing.RETURNED: (Reply.Kind.RETURNED, Reply.Kind.DOES_NOT_REFLECT),
}


def sent_words(handed):
    """Say to whom it was sent and when: "sent to Ofsted and the DfE on 2 March 2026"; "" where it was not."""
    sent = {one.to: one.on for one in handed if one.to != Handover.To.LGA}
    if not sent:
        return ""
    if len(set(sent.values())) == 1:
        whom = " and ".join(IN_SHORT[to] for to in (Handover.To.OFSTED, Handover.To.DFE) if to in sent)
        return f"sent to {whom} on {day_words(next(iter(sent.values())))}"
    return "sent to " + " and to ".join(
        f"{IN_SHORT[to]} on {day_words(day)}" for to, day in sorted(sent.items(), key=lambda one: one[1])
    )


def stops(version, handed, replies, *, comments, somebody_waits):
    """Return the `Stop`s of the way out in their order. `comments`: how many are open, of how many; None: not told."""
    shared = next((one for one in handed if one.to == Handover.To.LGA), None)
    ready = next((one for one in replies if one.kind == Reply.Kind.READY), None)
    letters = [one for one in replies if one.kind != Reply.Kind.READY]
    yield _approval(version)
    if shared is not None:
        words = f"on {day_words(shared.on)}"
        if ready is not None:
            words += f"; the adviser said on {day_words(ready.dated_on)} that it is ready"
        if comments is not None and comments[1]:
            words += f"; {count_of(comments[1], 'comment')}, {comments[0]} open"
        yield Stop("Shared with the LGA adviser", words, DONE, "done")
    else:
        yield Stop("Shared with the LGA adviser", "", QUIET, "not yet")
    if not somebody_waits:
        yield Stop(
            "Sent to Ofsted and the DfE",
            "nobody outside the council waits for this plan",
            QUIET,
            "not asked for",
        )
        return
    sent = sent_words(handed)
    yield Stop(
        "Sent to Ofsted and the DfE",
        sent.removeprefix("sent "),
        DONE if sent else QUIET,
        "done" if sent else "not yet",
    )
    yield Stop(
        "Their letters",
        "; ".join(letter_words(one) for one in letters),
        DONE if letters else QUIET,
        count_of(len(letters), "letter") if letters else "none yet",
    )


def _approval(version):
    if version.approved_on:
        who = f", by {version.approved_by}" if version.approved_by else ""
        return Stop("Approved by the council", f"on {day_words(version.approved_on)}{who}", DONE, "done")
    if version.standing == Standing.FOR_APPROVAL:
        return Stop(
            "Approved by the council",
            f"sent for approval on {day_words(version.sent_for_approval_on)}",
            DUE,
            "waiting",
        )
    return Stop("Approved by the council", "", QUIET, "not yet")


def letter_words(reply):
    """Return "The DfE accepts the plan, 3 June 2026"."""
    return f"{reply.get_kind_display()}, {day_words(reply.dated_on)}"


@dataclass(frozen=True)
class StepShown:
    """A step of the route: its name, when it is planned or was done, and in words whether that is in time."""

    step: ApprovalStep
    name: str
    when: str
    tag: str
    says: str
    why: str = ""


def route_shown(steps, send_by, today, calendar, *, over=False):
    """Return the steps of the route by date, each with whether it can still be met in time for `send_by`.

    `steps`: in the order in which they were asked for. `over`: the version was sent, and nothing is awaited any more.
    """
    if over:
        return [_over(step) for step in sorted(steps, key=lambda step: step.done_on or step.planned_on)]
    if send_by is None:
        latest = [step.planned_on for step in steps]
    else:
        asked = [Step(step.kind, step.planned_on, step.label) for step in steps]
        latest = latest_days(asked, send_by, calendar)
    shown = [_shown(step, last, send_by, today) for step, last in zip(steps, latest, strict=True)]
    return sorted(shown, key=lambda one: one.step.done_on or one.step.planned_on)


def _over(step):
    if step.done_on:
        return StepShown(step, str(step), day_words(step.done_on), DONE, "done", step.note)
    return StepShown(step, str(step), f"planned for {day_words(step.planned_on)}", QUIET, "not recorded")


def _shown(step, last, send_by, today):
    name = str(step)
    if step.done_on:
        return StepShown(step, name, day_words(step.done_on), DONE, "done", step.note)
    when = weekday_words(step.planned_on)
    if send_by is not None and step.planned_on > last:
        late = f"To be sent by {day_words(send_by)} it would have to be by {day_words(last)}."
        return StepShown(step, name, when, OVERDUE, "too late", late)
    if step.planned_on < today:
        return StepShown(step, name, when, OVERDUE, "passed", _passed(step, last, send_by, today))
    if step.kind == CALL_IN:
        return StepShown(step, name, when, NONE, "planned", "Seven days after the decision.")
    days = (step.planned_on - today).days
    return StepShown(
        step, name, when, DUE if days <= 14 else NONE, "today" if not days else f"in {count_of(days, 'day')}"
    )


def _passed(step, last, send_by, today):
    if send_by is None:
        return f"{day_words(step.planned_on)} has passed."
    if last >= today:
        return f"{day_words(step.planned_on)} has passed; it can still be taken until {day_words(last)}."
    return f"It had to be by {day_words(last)} to be sent by {day_words(send_by)}: it can’t be met in time any more."


def route_lede(shown, send_by):
    """Say in one sentence whether the route can be met; "" where there is none."""
    if not shown or send_by is None:
        return ""
    missed = [one for one in shown if one.tag == OVERDUE]
    if missed:
        return f"{count_of(len(missed), 'step')} can’t be met as planned if it is to be sent by {day_words(send_by)}."
    if all(one.step.done_on for one in shown):
        return "Every step of the route has been taken."
    return f"As planned, it can be sent by {day_words(send_by)}."


def milestone_words(milestone):
    """Return "Action plan sent …, due 30 April 2026"."""
    return (
        f"{milestone.label}: due {due_words(milestone)}"
        if milestone.due_on
        else f"{milestone.label}: no date"
    )


def letters_heading(letters):
    """Say what the latest letters came to."""
    if not letters:
        return "No letter about this version has been recorded"
    return letter_words(letters[-1])


def comments_heading(threads):
    """Say how many comments wait, of how many."""
    if not threads:
        return "No comments on this version"
    left = sum(thread.first.settled_on is None for thread in threads)
    stands = "all settled" if not left else f"{left} not settled"
    if len(threads) == 1:
        stands = "not settled" if left else "settled"
    return f"{count_of(len(threads), 'comment')}, {stands}"


def recommendations_served(document):
    """Return {key: "12 of Inspection report"} of the recommendations of a document."""
    return {told.key: f"{told.number} of {told.of}" for told in document.recommendations}


def measures_by_key(document):
    """Return {key: name} of the measures of a document."""
    return {measure.key: measure.name for measure in document.measures}
