"""The page of a review in words: what it is and where it stands, what is next for its viewer, and its facts."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from cases.models import Owes
from cases.presenters import DONE, DUE, NONE, OVERDUE, QUIET, count_of, day_words, due_words, status
from councils.models import Office
from peer_reviews.models import ENDED, PeerReview, Stage
from peer_reviews.rules.readiness import DONE_ELSEWHERE, lacking, next_stages
from peer_reviews.rules.stages import IN_ORDER, has_reached

SOON_DAYS = 21


def page_of_review(name, review, *args):
    """Return the address of a page of the review."""
    return reverse(name, args=[review.case.reference, *args])


def kind_within(review):
    """Return the name of the review's kind within a sentence: "children’s services peer challenge", "SEND …"."""
    name = str(review.kind)
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def days_words(review):
    """Return "8 to 11 March 2027", as short as the days allow; "" without them."""
    first, last = review.first_day, review.last_day
    if first is None:
        return ""
    if first == last:
        return day_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_words(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%B} to {day_words(last)}"
    return f"{day_words(first)} to {day_words(last)}"


def agreed_words(review):
    """Return who has agreed to the scope, in one sentence."""
    sides = [
        (f"{review.council}", review.scope_agreed_by_council_on),
        ("the LGA", review.scope_agreed_by_lga_on),
    ]
    agreed = [f"{side} on {day_words(day)}" for side, day in sides if day]
    if not agreed:
        return "Neither side has agreed to it yet."
    words = " and ".join(agreed)
    return f"Agreed by {words}." if len(agreed) == 2 else f"Agreed by {words} so far."


def heading(home):
    """Return the answer: "Eastmere: children’s services peer challenge, on site, day 2 of 4"."""
    review = home.review
    words = f"{review.council}: {kind_within(review)}, {review.get_stage_display().lower()}"
    if home.day:
        return f"{words}, day {home.day[0]} of {home.day[1]}"
    return words


def lede(home, today):
    """Return one sentence on where it stands, from its stage and its days; "" where the heading says it all."""
    review = home.review
    days = days_words(review)
    if review.from_past:
        return f"On site {days}. Recorded afterwards: only its days and its kind are known."
    said = {
        Stage.OFFERED: f"Offered on {day_words(review.offered_on)}. The council’s approver answers.",
        Stage.DECLINED: f"The council declined on {day_words(review.answered_on)}.",
        Stage.POSTPONED: f"It was {Stage(review.stage_before).label.lower() if review.stage_before else ''}.",
        Stage.FINAL: f"The report is final since {day_words(review.final_on)}." if review.final_on else "",
    }.get(review.stage)
    if said is not None:
        return said
    if days and review.stage in IN_ORDER and not has_reached(review.stage, Stage.FEEDBACK_GIVEN):
        away = (review.first_day - today).days
        return f"On site {days}, in {count_of(away, 'day')}." if away > 0 else f"On site {days}."
    return f"It was on site {days}." if days else ""


@dataclass(frozen=True)
class Need:
    """Something for this viewer to do: a tag, what, why, and one action. `rank`: the lower, the more urgent."""

    rank: int
    tag: str
    tag_class: str
    what: str
    why: str
    action: str = ""
    address: str | None = None


def needs(home, today):
    """Return what is next for the viewer, the most urgent first: by what they are to the review."""
    review = home.review
    if review.from_past or review.stage in (Stage.DECLINED, Stage.CANCELLED):
        return []
    found = [
        *(_for_approver(home) if review.is_answered else ()),
        *(_for_organiser(home, today) if review.is_prepared else ()),
        *(_for_manager(home, today) if review.is_run else ()),
        *(_for_team(home, today) if review.is_on_team else ()),
    ]
    # A step that falls due and the next stage, or two sides of one person, may ask for the same page: once is enough.
    first = {}
    for need in sorted(found, key=lambda need: need.rank):
        first.setdefault(need.address or need.what, need)
    return list(first.values())


def _need(review, rank, tag, what, why, action, page):
    words = {OVERDUE: "late", DUE: "to do", QUIET: "next"}
    return Need(rank, words[tag], tag, what, why, action, page_of_review(page, review))


def _for_approver(home):
    review = home.review
    if review.stage == Stage.OFFERED:
        why = f"The LGA offers a {kind_within(review)}. {review.offer_reason}".strip()
        yield _need(review, 1, DUE, "Answer the offer", why, "Accept or decline", "offer_answer")
        return
    yield from _agreement_of(home, "council")
    if review.team_to_agree and review.stage in (Stage.ACCEPTED, Stage.SCOPED):
        why = f"{count_of(review.team_to_agree, 'peer')} put forward for the council to agree."
        yield _need(review, 3, DUE, "Agree the team", why, "See the team", "team")
    if review.stage == Stage.FACTUAL_ACCURACY:
        why = "The draft is with the council: say where a fact is wrong."
        yield _need(review, 2, DUE, "Check the draft for factual accuracy", why, "Read the draft", "report")
    if has_reached(review.stage, Stage.FINAL) and review.published_on is None:
        why = "The report stays unpublished unless the council publishes it."
        yield _need(
            review, 8, QUIET, "Publish the report, if the council wants to", why, "Publish", "publish"
        )


def _agreement_of(home, side):
    review = home.review
    standing = home.standing
    done = getattr(standing, f"agreed_by_{side}")
    before = has_reached(review.stage, Stage.ACCEPTED) and not has_reached(review.stage, Stage.FEEDBACK_GIVEN)
    if before and standing.has_scope and standing.lines and not done:
        why = agreed_words(review)
        yield _need(
            review, 2, DUE, "Agree the scope and lines of enquiry", why, "Read and agree", "scope_agree"
        )


def _for_organiser(home, today):
    review = home.review
    if review.requests_open:
        why = f"The team waits for {count_of(review.requests_open, 'answer')}."
        yield _need(review, 2, DUE, "Answer the team’s requests", why, "See the requests", "requests")
    yield from _steps_owed(home, today, Owes.COUNCIL, "room")


def _steps_owed(home, today, owes, page):
    """What one side owes and is late or soon."""
    review = home.review
    for milestone in home.milestones:
        if milestone.owes != owes or milestone.closed_on or milestone.due_on is None or milestone.paused_then:
            continue
        late = milestone.due_on < today
        if late or (milestone.due_on - today).days <= SOON_DAYS:
            stands = status(milestone, today)
            page_of = _PAGE_OF_STEP.get(milestone.review_step.step, page)
            address = page_of_review(page_of, review)
            yield Need(
                0 if late else 4,
                stands.words,
                OVERDUE if late else DUE,
                milestone.label,
                f"Due {day_words(milestone.due_on)}.",
                _TO_DO_AT.get(page_of, "See it") if address else "",
                address,
            )


def _support_to_offer(home, today):
    """The offers of enhanced support that a finding asks for and nobody has made yet."""
    for milestone in home.support:
        if milestone.closed_on:
            continue
        late = milestone.due_on < today
        yield Need(
            0 if late else 4,
            status(milestone, today).words,
            OVERDUE if late else DUE,
            milestone.label,
            f"Due {day_words(milestone.due_on)}. The review’s team asks for it.",
            "Open it",
            reverse("milestone", args=[milestone.pk]),
        )


_PAGE_OF_STEP = {
    "position-statement": "room",
    "on-site": "review_go_on",
    "feedback": "slides",
    "draft": "report",
    "factual-accuracy": "report",
    "final": "report",
    "action-plan": "follow_up",
    "follow-up": "follow_up",
}


_TO_DO_AT = {
    "room": "Open the room",
    "review_go_on": "Go on",
    "slides": "Prepare the slides",
    "report": "Open the report",
    "follow_up": "See the follow-up",
}


def _for_manager(home, today):
    review = home.review
    if review.stage == Stage.POSTPONED:
        why = _last_reason(home) or "It is postponed."
        yield _need(review, 1, DUE, "Resume the review, with its new days", why, "Resume it", "review_resume")
        return
    if review.stage == Stage.OFFERED:
        why = f"Offered on {day_words(review.offered_on)}."
        yield Need(5, "waiting", QUIET, "The council’s approver answers the offer", why)
        return
    yield from _agreement_of(home, "lga")
    yield from _to_go_on(home, today)
    yield from _support_to_offer(home, today)
    yield from _steps_owed(home, today, Owes.LGA, "review")
    yield from (need for need in _steps_owed(home, today, Owes.COUNCIL, "room") if need.tag_class == OVERDUE)
    if home.calls and home.calls[-1].answer == "continue" and review.stage == Stage.ON_SITE:
        return
    if home.day:
        why = "Stop, continue or hand over: who agreed is recorded."
        yield _need(
            review, 9, QUIET, "If Ofsted calls the council this week", why, "Record a call", "ofsted_call"
        )


def _to_go_on(home, today):
    """What is missing before the next stage, or the stage itself."""
    review = home.review
    stages = next_stages(review.stage)
    if not stages:
        after = IN_ORDER[IN_ORDER.index(review.stage) + 1] if review.stage in IN_ORDER[:-1] else None
        if after in _ELSEWHERE:
            rank, what, action, page = _ELSEWHERE[after]
            tag = DUE if review.stage != Stage.ON_SITE or today >= review.last_day else QUIET
            yield _need(review, rank, tag, what, DONE_ELSEWHERE[after][1] + ".", action, page)
        return
    to = stages[0]
    lacks = lacking(home.standing, to, today) if len(stages) == 1 else []
    pages = {}
    for lack in lacks:
        # Agreeing is asked of each side by itself, above.
        if lack.page != "scope_agree":
            pages.setdefault(lack.page, []).append(lack.words)
    for page, words in pages.items():
        what, action = _MISSING.get(page, (f"Still missing: {', '.join(words)}", "Do it"))
        why = f"Missing before it is {Stage(to).label.lower()}: {', '.join(words)}."
        tag = QUIET if page == "review_days" and to == Stage.ON_SITE else DUE
        yield _need(review, 3, tag, what, why, action, page)
    if not [lack for lack in lacks if not lack.may_be_explained]:
        label = "What comes next" if len(stages) > 1 else f"Go on to {Stage(to).label.lower()}"
        why = "Nothing is missing." if not lacks else "What is missing may be explained."
        yield _need(
            review, 3 if not lacks else 6, DUE if not lacks else QUIET, label, why, "Go on", "review_go_on"
        )


_MISSING = {
    "team_manager": ("Name the review manager", "Name one"),
    "review_days": ("Set the days on site", "Set the days"),
    "review_scope": ("Write the scope and lines of enquiry", "Write them"),
    "review_endorse": ("Record who endorses the review", "Record it"),
    "review_organiser": ("Name the council’s organiser", "Name one"),
}
_ELSEWHERE = {
    "team-confirmed": (3, "Put the team together", "Build the team", "team"),
    "feedback-given": (5, "Give the council its feedback", "Prepare the slides", "slides"),
    "draft-report": (3, "Begin the report", "Begin it", "report"),
    "factual-accuracy": (3, "Finish the draft and send it to the council", "Open the report", "report"),
    "final": (3, "Answer the council’s comments and make the report final", "Open the report", "report"),
}


def _for_team(home, today):
    review = home.review
    if review.stage == Stage.ON_SITE:
        yield _need(
            review,
            1,
            DUE,
            "Write down what you hear",
            "Private until you share it.",
            "Write a note",
            "note_add",
        )
        if home.day and not review.words_today:
            why = "Somebody of the team tells the director each day on site what it has heard."
            what = "Record today’s word with the director"
            yield _need(review, 2, DUE, what, why, "Record it", "keep_in_touch_add")
        why = "What each line of enquiry still lacks."
        yield _need(review, 6, QUIET, "See what is still needed", why, "See the gaps", "notes_needed")
    elif review.stage in (Stage.TEAM_CONFIRMED, Stage.PREPARING):
        why = "The council’s position statement and what the team has asked for."
        yield _need(review, 5, QUIET, "Read what the council has given", why, "Open the room", "room")
        why = "Who meets whom, and who takes notes."
        yield _need(review, 6, QUIET, "See the timetable", why, "See it", "timetable")
    elif review.stage in (Stage.FEEDBACK_GIVEN, Stage.DRAFT_REPORT, Stage.FACTUAL_ACCURACY):
        yield _need(review, 7, QUIET, "Read the findings", "As the team agreed them.", "See them", "findings")


def _last_reason(home):
    return next((change.reason for change in reversed(home.changes) if change.reason), "")


@dataclass(frozen=True)
class StepShown:
    """A step of the review as a row: what, when and why then, how it stands, and who sees to it."""

    label: str
    due: str
    why: str
    stands: str
    tag: str
    owes: str
    assignee: str


def span_words(start, due):
    """Say how far `due` is from `start`: "3 weeks before", "5 months after"; "On" where it is the same day."""
    days = (due - start).days
    if days == 0:
        return "On"
    months = (due.year - start.year) * 12 + due.month - start.month
    if months and due.day == start.day:
        length = count_of(abs(months), "month")
    elif days % 7 == 0:
        length = count_of(abs(days) // 7, "week")
    else:
        length = count_of(abs(days), "day")
    return f"{length} {'after' if days > 0 else 'before'}"


def steps_shown(home, today):
    """Return what falls due in the review as rows, the earliest first; what was withdrawn left out."""
    due = sorted(
        [*home.milestones, *home.support], key=lambda milestone: (milestone.due_on or date.max, milestone.pk)
    )
    return [_step(milestone, today) for milestone in due if milestone.outcome != "withdrawn"]


def _step(milestone, today):
    stands = status(milestone, today)
    owes = milestone.get_owes_display()
    return StepShown(
        label=milestone.label,
        due=due_words(milestone),
        why=f"{span_words(milestone.started_on, milestone.computed_due)} {milestone.started_by}",
        stands=stands.words,
        tag=stands.tag or (QUIET if stands.tag == NONE else DONE),
        owes=owes if owes in ("LGA", "DfE") else owes.lower(),
        assignee=str(milestone.assignee or ""),
    )


def facts(home):
    """Return (name, words) of each fact about the review for those inside it."""
    review = home.review
    endorsed = [f"{Office(one.office).label}, {day_words(one.on)}" for one in home.endorsements]
    rows = [
        ("On site", days_words(review) or "No days yet"),
        ("Review manager", str(review.manager or "Nobody yet")),
        ("Organiser at the council", str(review.organiser or "Nobody yet")),
        ("Team", count_of(review.team_count, "person", "people")),
        ("Who pays", review.get_subsidy_display() or "To be agreed"),
        ("Endorsed by", "; ".join(endorsed) or "Nobody yet"),
    ]
    if review.published_on:
        rows.append(("Published by the council", day_words(review.published_on)))
    return rows


def tools(home, today):
    """Return (words, address) of what whoever runs the review, or answers for the council, may also do."""
    review = home.review
    named = []
    before_feedback = review.stage not in ENDED and not has_reached(
        review.stage, Stage.FEEDBACK_GIVEN, stage_before=review.stage_before
    )
    is_live = review.stage not in ENDED
    if review.is_run or review.is_prepared:
        named += [("Scope and lines of enquiry", "review_scope")] * (
            before_feedback and review.stage != Stage.POSTPONED
        )
    if review.is_run:
        named += [("Days on site", "review_days")] * (before_feedback and review.stage != Stage.POSTPONED)
    if (review.is_run or review.is_answered) and is_live:
        named += [("Endorsements", "review_endorse"), ("Organiser", "review_organiser")]
    if review.is_run and is_live:
        named += [("Who pays", "review_subsidy")]
        named += [("Postpone", "review_postpone")] * (review.stage != Stage.POSTPONED)
        named += [("Cancel", "review_cancel")]
    if not review.from_past:
        named.append(("Agreement", "agreement"))
    return [(words, page_of_review(name, review)) for words, name in named]


@dataclass(frozen=True)
class Told:
    """A line of the review's history."""

    what: str
    on: str
    by: str
    reason: str


def history_shown(home):
    """Return the stages and calls of the review, the latest first."""
    calls = [
        (
            call.called_on,
            Told(
                f"Ofsted called: {call.get_answer_display().lower()}",
                day_words(call.called_on),
                f"agreed by {call.agreed_by}",
                call.note,
            ),
        )
        for call in home.calls
    ]
    changes = [
        (
            change.on,
            Told(
                change.get_after_display(),
                day_words(change.on),
                str(change.made_by or "Upstream"),
                change.reason,
            ),
        )
        for change in home.changes
    ]
    # Sorting keeps the order of what happened on one day.
    told = sorted([*changes, *calls], key=lambda each: each[0])
    return [each for _, each in reversed(told)]


def standing_tag(review: PeerReview):
    """Return the tag's class for the review's stage."""
    return {Stage.CANCELLED: QUIET, Stage.DECLINED: QUIET, Stage.POSTPONED: DUE, Stage.CLOSED: DONE}.get(
        review.stage, QUIET
    )
