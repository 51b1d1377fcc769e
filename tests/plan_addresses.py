"""Who gets what from every address of plans, boards, updates, evidence and interventions.

Written by hand from section 7 of the rules, not from the table of abilities, with a council that has one of each thing.
`tests/test_permission_matrix.py` walks it.
"""

from dataclasses import dataclass, field
from datetime import date

from accounts.models import Grant
from accounts.permissions import Role, Scope
from cases.models import Document
from councils.models import Council, DeliveryArrangement, DeliveryBody, Succession
from improvement.actions.drafting.copying import copy_content
from improvement.models import (
    Appointment,
    ApprovalStep,
    Board,
    BoardDecision,
    BoardMeeting,
    BoardMember,
    Clause,
    Comment,
    CommissionerReport,
    Decision,
    Evidence,
    Instrument,
    PlannedAction,
    PlanVersion,
    Question,
    Reading,
    Release,
    Reply,
    Snapshot,
    Update,
)
from improvement.queries.plans import read_version
from improvement.rules.plans import as_json, digest
from tests.factories import CouncilFactory, PersonFactory, person_with
from tests.plans import make_plan

LONG_AGO = date(2000, 1, 1)
STAFF, ASSIGNED_ADVISER, ASSIGNED_PEER = "delivery-body-staff", "assigned-adviser", "assigned-peer"

LEAD, OWNER, CHAIR, DFE, APPROVER = (
    {"national-lead"},
    {"action-owner"},
    {"board-chair"},
    {"dfe-adviser"},
    {"council-approver"},
)
RELEASED_TO = {"scrutiny-member", "improvement-partner"}
ADVISERS = {"lga-adviser", "principal-adviser"}
# An adviser put on the plan's case is one of its advisers; a peer put on it reads the case, and nothing of the plan.
ADVISING = ADVISERS | {ASSIGNED_ADVISER}
DRAFTERS = {"council-contributor", "council-approver", STAFF}
COUNCIL = DRAFTERS | {"council-leadership", "shadow-team"}

IN_DRAFT = COUNCIL | LEAD
INSIDE = IN_DRAFT | ADVISING
ROUND_THE_BOARD = INSIDE | CHAIR
ANY_READER = ROUND_THE_BOARD | DFE | RELEASED_TO
SEES_CASES = COUNCIL | ADVISERS | LEAD | DFE
ON_THE_CASE = SEES_CASES | {ASSIGNED_ADVISER, ASSIGNED_PEER}

PAGE, GONE_ON = 200, 302
# What comes of a form sent empty by whoever may: asked again, done, or shown beside what has changed.
TAKEN = {PAGE, GONE_ON, 409}


@dataclass(frozen=True)
class PlanAddress:
    """An address about one thing (`argument`), who is shown it, and who may post to it (None: it takes no POST).

    Whoever of `seen_by` is in neither is refused (403); everybody else finds nothing (404). Of another council only
    `shown_of_other` are shown it, and of whoever reads all of England a write is refused.
    """

    argument: str
    shown: frozenset
    posted_by: frozenset | None = None
    seen_by: frozenset = frozenset()
    shown_of_other: frozenset = frozenset()
    refused_of_other: frozenset = frozenset()
    gets: bool = True
    answers: frozenset = frozenset({PAGE})
    sent: dict = field(default_factory=dict, hash=False)

    @property
    def methods(self):
        return (["GET"] if self.gets else []) + ([] if self.posted_by is None else ["POST"])

    def expected(self, who, which, method="GET"):
        """Return the status codes that this person may get."""
        if which == "other":
            shown = self.shown_of_other if method == "GET" else frozenset()
            refused = self.refused_of_other | (self.shown_of_other if method == "POST" else frozenset())
        else:
            shown = self.shown if method == "GET" else self.posted_by
            refused = self.seen_by | self.shown
        if who in shown:
            return self.answers | (TAKEN if method == "POST" else set())
        return {403} if who in refused else {404}


def seen(argument, by, **more):
    """Read, and never written."""
    return PlanAddress(argument, frozenset(by), shown_of_other=frozenset(LEAD & by), **more)


def asked(argument, by, seen_by, **more):
    """A form: shown to whoever may send it, refused to whoever may only read what it is about."""
    return PlanAddress(
        argument,
        frozenset(by),
        frozenset(by),
        frozenset(seen_by),
        refused_of_other=frozenset(LEAD & seen_by),
        **more,
    )


def pressed(argument, by, seen_by, **more):
    """A button: it takes POST alone, and leads on."""
    return asked(argument, by, seen_by, gets=False, answers=frozenset({GONE_ON}), **more)


def both(argument, shown, posted_by, **more):
    """A page for many readers that some of them write on."""
    return PlanAddress(
        argument, frozenset(shown), frozenset(posted_by), shown_of_other=frozenset(LEAD & shown), **more
    )


GOES_ON = {"answers": frozenset({GONE_ON})}
MAY_GO_ON = {"answers": frozenset({PAGE, GONE_ON})}
DOWNLOADED = {"answers": frozenset({GONE_ON})}  # each document of the place is a link


def of_versions(**more):
    """A page that whoever may read a version reads: of a draft, of one shared, and of one sent and released."""
    return (
        seen("draft", IN_DRAFT, **more),
        seen("shared", ROUND_THE_BOARD, **more),
        seen("sent", ANY_READER, **more),
    )


def of_drafters(**more):
    return (
        asked("draft", DRAFTERS, IN_DRAFT, **more),
        asked("shared", DRAFTERS, ROUND_THE_BOARD, **more),
        asked("sent", DRAFTERS, ANY_READER, **more),
    )


def on_its_way(by):
    """A step of a version's way out, which is between the council and the LGA."""
    return asked("draft", by, IN_DRAFT), asked("shared", by, INSIDE), asked("sent", by, INSIDE)


def of_updates(**more):
    """Of one being filled in, of one submitted, and of one submitted and released."""
    return (
        seen("filling", IN_DRAFT, **more),
        seen("submitted", ROUND_THE_BOARD, **more),
        seen("released", ANY_READER, **more),
    )


def recorded(argument="episode", **more):
    return asked(argument, ADVISING, ON_THE_CASE, **more)


everybody = frozenset(
    ON_THE_CASE | ANY_READER | OWNER | {"peer", "administrator", "no-role"}
)  # whoever is signed in

PLAN_ADDRESSES = {
    "plans": PlanAddress("", everybody, shown_of_other=everybody),
    "plan_sheet_empty": PlanAddress("", everybody, shown_of_other=everybody),
    "owned_actions": PlanAddress(
        "",
        frozenset(OWNER | DRAFTERS),
        seen_by=everybody,
        shown_of_other=frozenset(OWNER | DRAFTERS),
        refused_of_other=everybody,
    ),
    # Drafting.
    "council_plans": seen("council", ANY_READER),
    "plan_start": asked("council", DRAFTERS, IN_DRAFT),
    "plan": seen("plan", ANY_READER),
    "plan_change": asked("plan", DRAFTERS, ANY_READER),
    "plan_recommendations": asked("plan", DRAFTERS, ANY_READER),
    "plan_version_new": asked("plan", DRAFTERS, ANY_READER),
    "plan_version": of_versions(),
    "plan_version_about": of_drafters(),
    "plan_grid": asked("draft", DRAFTERS, IN_DRAFT, **MAY_GO_ON),
    "plan_grid_row": asked("draft_row", DRAFTERS, IN_DRAFT, gets=False, sent={"person": "me"}),
    "plan_grid_move": asked(
        "draft_action", DRAFTERS, IN_DRAFT, gets=False, sent={"person": "me", "way": "up"}
    ),
    "plan_priority_add": of_drafters(),
    "plan_priority": asked("draft_priority", DRAFTERS, IN_DRAFT),
    "plan_priority_remove": asked("draft_priority", DRAFTERS, IN_DRAFT),
    "plan_version_measures": of_drafters(),
    "plan_measure": asked("draft_measure", DRAFTERS, IN_DRAFT),
    "plan_measure_remove": asked("draft_measure", DRAFTERS, IN_DRAFT),
    "plan_risks": of_drafters(),
    "plan_risk": asked("draft_risk", DRAFTERS, IN_DRAFT),
    "plan_risk_remove": asked("draft_risk", DRAFTERS, IN_DRAFT),
    "plan_action_put_back": of_drafters(),
    "plan_action": asked("draft_action", DRAFTERS, IN_DRAFT),
    "plan_action_merge": asked("draft_action", DRAFTERS, IN_DRAFT),
    "plan_sheet": of_drafters(),
    "plan_sheet_out": of_versions(),
    # Checks. The credibility check is advice to the council and its advisers.
    "plan_coverage": of_versions(),
    "plan_check": (seen("draft", IN_DRAFT), seen("shared", INSIDE), seen("sent", INSIDE)),
    "plan_compare": (
        seen("draft_shared", IN_DRAFT),
        seen("shared_sent", ROUND_THE_BOARD),
        seen("sent_sent", ANY_READER),
        seen("sent_draft", IN_DRAFT),
    ),
    "plan_compare_choose": seen("plan", ANY_READER, **GOES_ON),
    # The way out.
    "plan_approval": (seen("draft", IN_DRAFT), seen("shared", INSIDE), seen("sent", INSIDE)),
    "plan_route": on_its_way(DRAFTERS)[:2],
    "plan_step": asked("draft_step", DRAFTERS, IN_DRAFT),
    "plan_for_approval": on_its_way(DRAFTERS),
    "plan_send_back": on_its_way(APPROVER),
    "plan_approve": on_its_way(APPROVER),
    "plan_share": on_its_way(APPROVER),
    "plan_send": on_its_way(APPROVER),
    "plan_letter": of_versions(),
    "plan_letter_add": asked("sent", APPROVER | ADVISING, ANY_READER),
    "plan_comments": (
        both("draft", IN_DRAFT, set()),
        both("shared", INSIDE, ADVISING),
        both("sent", INSIDE, ADVISING),
    ),
    "plan_ready": asked("shared", ADVISING, INSIDE),
    "plan_comment_answer": asked("comment", DRAFTERS | ADVISING, INSIDE),
    "plan_comment_settle": pressed("comment", ADVISING, INSIDE),
    "snapshot": (
        seen("snapshot_shared", ROUND_THE_BOARD),
        seen("snapshot_sent", ANY_READER),
        seen("snapshot_shared_of_released", ROUND_THE_BOARD | RELEASED_TO),
    ),
    "snapshot_file": (
        seen("snapshot_shared", ROUND_THE_BOARD),
        seen("snapshot_sent", ANY_READER),
        seen("snapshot_shared_of_released", ROUND_THE_BOARD | RELEASED_TO),
    ),
    "plan_releases": both("plan", IN_DRAFT, APPROVER),
    # The board.
    "plan_board": seen("plan", ROUND_THE_BOARD),
    "board_keep": asked("plan", DRAFTERS, ROUND_THE_BOARD),
    "board_member_add": asked("plan", DRAFTERS, ROUND_THE_BOARD),
    "board_member_end": asked("member", DRAFTERS, ROUND_THE_BOARD),
    "board_meetings_add": asked("plan", DRAFTERS | CHAIR, ROUND_THE_BOARD),
    "board_meeting": seen("meeting", ROUND_THE_BOARD),
    "board_meeting_change": asked("meeting", DRAFTERS | CHAIR, ROUND_THE_BOARD),
    "board_meeting_record": asked("meeting", DRAFTERS | CHAIR, ROUND_THE_BOARD),
    "board_decision_add": asked("meeting", DRAFTERS | CHAIR, ROUND_THE_BOARD),
    "board_challenge_answer": asked("challenge", DRAFTERS | CHAIR, ROUND_THE_BOARD),
    "board_sign_offs": seen("plan", ROUND_THE_BOARD),
    "board_sign_off": asked("action", APPROVER | CHAIR, ROUND_THE_BOARD),
    # Updates.
    "plan_updates": seen("plan", ANY_READER),
    "update": (
        both("filling", IN_DRAFT, DRAFTERS, **MAY_GO_ON),
        both("submitted", ROUND_THE_BOARD, DRAFTERS, **MAY_GO_ON),
        both("released", ANY_READER, DRAFTERS, **MAY_GO_ON),
    ),
    "update_priority": (
        asked("filling_priority", DRAFTERS, IN_DRAFT, **MAY_GO_ON),
        asked("submitted_priority", DRAFTERS, ROUND_THE_BOARD, **MAY_GO_ON),
        asked("released_priority", DRAFTERS, ANY_READER, **MAY_GO_ON),
    ),
    # Of the action's named owner; whoever drafts finds it on its priority's page.
    "update_action": (
        asked("filling_action", OWNER, set(), **MAY_GO_ON),
        asked("filling_action_of_nobody", set(), set()),
    ),
    "update_overall": (
        asked("filling", DRAFTERS, IN_DRAFT, **MAY_GO_ON),
        asked("submitted", DRAFTERS, ROUND_THE_BOARD, **MAY_GO_ON),
    ),
    "update_check": (
        both("filling", IN_DRAFT, DRAFTERS, **MAY_GO_ON),
        both("submitted", ROUND_THE_BOARD, DRAFTERS, **MAY_GO_ON),
    ),
    "update_sheet_out": (
        PlanAddress(
            "filling", frozenset(DRAFTERS), seen_by=frozenset(IN_DRAFT), refused_of_other=frozenset(LEAD)
        ),
        PlanAddress(
            "released", frozenset(DRAFTERS), seen_by=frozenset(ANY_READER), refused_of_other=frozenset(LEAD)
        ),
    ),
    "update_sheet": asked("filling", DRAFTERS, IN_DRAFT),
    # Answers: between the council and the LGA.
    "update_answer": (
        both("submitted", INSIDE, ADVISING, **MAY_GO_ON),
        both("released", INSIDE, ADVISING, **MAY_GO_ON),
        both("filling", set(), set()),
    ),
    "update_answer_priority": (
        asked("submitted_priority", ADVISING, INSIDE),
        asked("released_priority", ADVISING, INSIDE),
    ),
    "update_ask": asked("submitted", ADVISING, INSIDE),
    "update_question": asked("question", DRAFTERS, INSIDE),
    "plan_views": seen("plan", INSIDE),
    "highlight_report": of_updates(),
    "highlight_pdf": of_updates(),
    # Measures.
    "plan_measures": seen("plan", ANY_READER),
    "measure_reading": asked("measure", DRAFTERS, ANY_READER),
    "reading_restate": asked("reading", DRAFTERS, ROUND_THE_BOARD),
    # Evidence. An owner attaches to their own action, and reads what is attached to it.
    "action_evidence": (
        both("action", ANY_READER | OWNER, DRAFTERS | OWNER),
        both("action_of_nobody", ANY_READER, DRAFTERS),
        both("action_in_draft", IN_DRAFT, DRAFTERS),
    ),
    "document": (
        seen("document_of_plan", ROUND_THE_BOARD | OWNER, **DOWNLOADED),
        seen("document_of_filling", IN_DRAFT | OWNER, **DOWNLOADED),
        seen("document_of_submitted", ROUND_THE_BOARD | OWNER, **DOWNLOADED),
        seen("document_of_released", ANY_READER | OWNER, **DOWNLOADED),
        seen("document_of_letter", ANY_READER, **DOWNLOADED),
    ),
    # Interventions. That there is a council is no secret.
    "intervention_open": PlanAddress(
        "council", frozenset(ADVISERS), frozenset(ADVISERS), everybody, refused_of_other=everybody
    ),
    "intervention_record": PlanAddress("council", everybody, shown_of_other=everybody, **GOES_ON),
    "intervention": seen("episode", ON_THE_CASE),
    "trigger_record": recorded(),
    "instrument_record": recorded(),
    "instrument_lift": recorded("instrument"),
    "instrument_correct": recorded("instrument"),
    "clauses_record": recorded("instrument"),
    "clause_change": recorded("clause"),
    "appointment_record": recorded(),
    "appointment_end": recorded("appointment"),
    "appointment_correct": recorded("appointment"),
    "report_record": recorded("appointment"),
    "report_change": recorded("report"),
    "review_record": recorded(),
    "decision_record": recorded(),
    "decision_correct": recorded("decision"),
    "arrangement_record": recorded(),
    "arrangement_end": recorded("arrangement"),
    # A council that ends. Who of its successors reads there is its own and the LGA's to know.
    "council_succession": asked("council", ADVISERS, SEES_CASES, **MAY_GO_ON),
    "council_abolish": pressed("council", ADVISERS, SEES_CASES),
    "shadow_team": seen("council", SEES_CASES - DFE),
    "shadow_team_admit": asked("council", APPROVER, SEES_CASES - DFE),
    "shadow_team_end": asked("access", APPROVER, SEES_CASES - DFE),
    # These do something at one press, so they come last.
    "plan_action_remove": asked("draft_action", DRAFTERS, IN_DRAFT),
    "plan_release_withdraw": pressed("release", APPROVER, IN_DRAFT),
    "update_correct": asked("submitted", DRAFTERS, ROUND_THE_BOARD, **MAY_GO_ON),
    "evidence_remove": asked("evidence", DRAFTERS, ROUND_THE_BOARD | OWNER, **MAY_GO_ON),
}


def plan_rows():
    """Yield (name, PlanAddress) of each address and each kind of thing that it can be about."""
    for name, about in PLAN_ADDRESSES.items():
        for one in about if isinstance(about, tuple) else (about,):
            yield name, one


@dataclass
class PlanPlace:
    """What a council has of plans: a version sent and released, one shared, one in draft, and what belongs to each.

    Its actions: one with a named owner, one of nobody, and one that the draft alone holds.
    """

    council: Council
    case: object
    owner: object
    versions: dict
    about: dict

    @classmethod
    def make(cls, council, case):
        owner = person_with(Role.ACTION_OWNER, council=council, from_on=LONG_AGO)
        versions = _versions(council, case, owner)
        made = cls(council, case, owner, versions, {})
        made.about |= _board(made) | _updates(made) | _said(made) | _evidence(made) | _episode(made)
        made.about |= _succession(made)
        return made

    @property
    def plan(self):
        return self.versions["sent"].plan

    def argument(self, kind):
        """Return the arguments of an address about a thing of a kind."""
        plan, numbers = self.plan.reference, {name: one.number for name, one in self.versions.items()}
        if kind in numbers:
            return [plan, numbers[kind]]
        if kind.count("_") == 1 and set(kind.split("_")) <= numbers.keys():
            return [plan, *(numbers[name] for name in kind.split("_"))]
        simple = {"": [], "council": [self.council.slug], "plan": [plan]}
        return simple[kind] if kind in simple else self.about[kind]

    def chaired_by(self, person):
        """Let a person chair the plan's board, and return them."""
        BoardMember.objects.create(
            board=self.plan.board, post="Chair", person=person, chairs=True, from_on=LONG_AGO
        )
        return person

    def employs(self, person):
        """Let a person be of the staff of the body that delivers the council's services, and return them."""
        body = DeliveryArrangement.objects.get(council=self.council).body
        Grant.objects.create(
            person=person,
            role=Role.COUNCIL_CONTRIBUTOR,
            scope=Scope.COUNCIL,
            council=self.council,
            body=body,
            from_on=LONG_AGO,
        )
        return person


def _versions(council, case, owner):
    on = date(2026, 8, 28)
    sent = make_plan(council, case=case, actions=3, priorities=2, measures=2, recommendations=2, on=on)
    PlannedAction.objects.filter(pk=sent.actions.order_by("pk").first().pk).update(owner=owner)
    made = {"sent": sent}
    PlanVersion.objects.filter(pk=sent.pk).update(standing="sent", approved_on=on)
    for number, (name, standing) in enumerate((("shared", "shared"), ("draft", "drafting")), 2):
        one = PlanVersion.objects.create(plan=sent.plan, number=number, begun_on=on, made_from=sent)
        copy_content(sent, one, on=on)
        if standing != "drafting":
            PlanVersion.objects.filter(pk=one.pk).update(standing=standing, approved_on=on)
        made[name] = one
    for one in made.values():
        one.refresh_from_db()
    return made


def _board(place):
    board = Board.objects.create(plan=place.plan)
    meeting = BoardMeeting.objects.create(
        board=board, meets_on=date(2026, 10, 1), papers_due_on=date(2026, 9, 24)
    )
    member = BoardMember.objects.create(board=board, post="A headteacher", from_on=LONG_AGO)
    challenge = BoardDecision.objects.create(
        meeting=meeting,
        kind="challenge",
        text=f"A challenge at {place.council}",
        recorded_on=meeting.meets_on,
    )
    here = place.plan.reference
    return {
        "meeting": [here, meeting.pk],
        "member": [here, member.pk],
        "challenge": [here, challenge.pk],
    }


PERIODS = {
    "released": (date(2026, 9, 1), date(2026, 10, 9)),
    "submitted": (date(2026, 10, 1), date(2026, 11, 6)),
    "filling": (date(2026, 11, 1), None),
}


def _updates(place):
    here, version, found = place.plan.reference, place.versions["shared"], {}
    priority = version.priorities.first().priority_id
    place.updates = {}
    for name, (period_on, submitted_on) in PERIODS.items():
        update = Update.objects.create(
            plan=place.plan,
            version=version,
            period_on=period_on,
            due_on=period_on,
            opened_on=period_on,
            overall=f"What {name} says of {place.council}",
        )
        if submitted_on:
            Update.objects.filter(pk=update.pk).update(
                standing="submitted", submitted_on=submitted_on, content=CONTENT, digest="0" * 64
            )
        place.updates[name] = update
        month = f"{period_on:%Y-%m}"
        found |= {name: [here, month], f"{name}_priority": [here, month, priority]}
        found |= {
            f"{name}_action": [here, month, version.actions.get(owner=place.owner).action_id],
            f"{name}_action_of_nobody": [here, month, version.actions.filter(owner=None).first().action_id],
        }
    return found


CONTENT = {
    "period": "A month",
    "scale": "words",
    "overall": "",
    "decisions_needed": "",
    "number": 1,
    "due_on": "2026-09-01",
    "period_on": "2026-09-01",
    "measures": [],
    "priorities": [],
}


def _said(place):
    """What is released, commented, asked, measured, answered and left the house."""
    here, versions, plan = place.plan.reference, place.versions, place.plan
    releases = [
        Release.objects.create(council=place.council, audience=audience, released_on=LONG_AGO, **thing)
        for audience in ("scrutiny", "partner")
        for thing in ({"version": versions["sent"]}, {"update": place.updates["released"]})
    ]
    Release.objects.create(
        council=place.council, audience="dfe", update=place.updates["released"], released_on=LONG_AGO
    )
    comment = Comment.objects.create(
        version=versions["shared"], text=f"A comment on {place.council}", made_on=date(2026, 9, 1)
    )
    question = Question.objects.create(
        update=place.updates["submitted"],
        text=f"A question to {place.council}",
        asked_on=date(2026, 11, 10),
    )
    measure = versions["shared"].measures.first().measure
    reading = Reading.objects.create(
        measure=measure,
        on=date(2026, 10, 31),
        value=70,
        update=place.updates["submitted"],
        recorded_on=date(2026, 11, 6),
    )
    letter = Document.objects.create(
        council=place.council, title="A letter", url="https://example.org/letter", given_on=LONG_AGO
    )
    Reply.objects.create(
        version=versions["sent"],
        kind="reflects",
        dated_on=date(2026, 9, 20),
        document=letter,
        recorded_on=date(2026, 9, 21),
    )
    step = ApprovalStep.objects.create(version=versions["draft"], kind="dcs", planned_on=date(2026, 11, 30))
    draft = versions["draft"]
    return {
        "release": [here, releases[0].pk],
        "comment": [here, versions["shared"].number, comment.pk],
        "question": [here, question.pk],
        "measure": [here, measure.pk],
        "reading": [here, reading.pk],
        "document_of_letter": [letter.pk],
        "snapshot_sent": [_snapshot(versions["sent"], "sent")],
        "snapshot_shared": [_snapshot(versions["shared"], "shared")],
        "snapshot_shared_of_released": [_snapshot(versions["sent"], "shared")],
        "draft_step": [here, draft.number, step.pk],
        "draft_priority": [here, draft.number, draft.priorities.first().pk],
        "draft_measure": [here, draft.number, draft.measures.first().pk],
        "draft_risk": [here, draft.number, draft.risks.first().pk],
        "draft_action": [here, draft.number, draft.actions.first().action_id],
        "draft_row": [here, draft.number, str(draft.actions.first().action_id)],
        "action": [here, versions["shared"].actions.get(owner=place.owner).action_id],
        "action_of_nobody": [here, versions["shared"].actions.filter(owner=None).first().action_id],
        "action_in_draft": [here, _action_of(draft, plan).action_id],
    }


def _action_of(draft, plan):
    """Return an action that the draft alone has."""
    return PlannedAction.objects.create(
        version=draft,
        action=plan.actions.create(),
        priority=draft.priorities.first(),
        place=9,
        text=f"A draft of {plan.council}",
    )


def _snapshot(version, reason):
    content = as_json(read_version(version, date(2026, 9, 1)))
    reference = f"{version.plan.reference}-V{version.number}-{reason.upper()}"
    Snapshot.objects.create(
        version=version,
        reason=reason,
        reference=reference,
        content=content,
        digest=digest(content),
        taken_on=date(2026, 9, 1),
    )
    return reference


def _evidence(place):
    """A document of the owner's action with each update, and one outside them all, attached after all that left."""
    here, action = place.plan.reference, place.versions["shared"].actions.get(owner=place.owner).action
    found = {}
    for name in ("plan", *PERIODS):
        document = Document.objects.create(
            council=place.council,
            title=f"Evidence of {name} at {place.council}",
            url=f"https://example.org/{name}",
            given_on=date(2026, 11, 20),
        )
        evidence = Evidence.objects.create(
            action=action,
            document=document,
            update=place.updates.get(name),
            kind="audit",
            attached_on=date(2026, 11, 20),
        )
        found[f"document_of_{name}"] = [document.pk]
        if name == "plan":
            found["evidence"] = [here, action.pk, evidence.pk]
    return found


def _episode(place):
    case, council, on = place.case, place.council, date(2026, 2, 2)
    rows = {"council": council, "case": case, "strand": "social-care", "recorded_on": on}
    instrument = Instrument.objects.create(kind="notice", issued_on=on, **rows)
    clause = Clause.objects.create(instrument=instrument, number="1", text="Keep a board")
    appointment = Appointment.objects.create(role="commissioner", from_on=on, **rows)
    report = CommissionerReport.objects.create(appointment=appointment, recorded_on=on)
    decision = Decision.objects.create(kind="keeps-control", on=on, **rows)
    body = DeliveryBody.objects.create(
        slug=f"trust-{council.pk}", name=f"Trust of {council}", kind=DeliveryBody.Kind.TRUST
    )
    arrangement = DeliveryArrangement.objects.create(council=council, body=body, from_on=LONG_AGO)
    here = case.reference
    return {"episode": [here]} | {
        name: [here, row.pk]
        for name, row in {
            "instrument": instrument,
            "clause": clause,
            "appointment": appointment,
            "report": report,
            "decision": decision,
            "arrangement": arrangement,
        }.items()
    }


def _succession(place):
    successor = CouncilFactory()
    Succession.objects.create(predecessor=place.council, successor=successor, on=date(2999, 4, 1))
    access = Grant.objects.create(
        person=PersonFactory(),
        role=Role.SHADOW_TEAM,
        scope=Scope.COUNCIL,
        council=place.council,
        from_on=LONG_AGO,
        until_on=date(2999, 4, 1),
    )
    return {"access": [place.council.slug, access.pk]}
