"""Who gets what from every address and method of the API: one table by role, of their own and of another council.

It is written out by hand, not from the table of abilities, so that the one can be wrong about the other. An address
or a method that is not in it fails the tests.
"""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from django.urls import get_resolver, reverse

from cases.models import Case, Contact, Document, Flag, Recommendation
from improvement.models import (
    Appointment,
    Board,
    Decision,
    Evidence,
    Instrument,
    Intervention,
    PlanVersion,
    Priority,
    Question,
    Reading,
    SignOff,
    Snapshot,
    Update,
)
from improvement.queries.update_content import content_of
from improvement.queries.updates import read_asked
from tests.api.conftest import Caller, problem
from tests.dashboards.conftest import judged
from tests.factories import CaseFactory, CouncilFactory, MilestoneFactory, RegionFactory, SourceFactory
from tests.improvement.updates import make_update
from tests.plan_addresses import STAFF
from tests.plans import make_plan
from tests.review_addresses import (
    ANY_ADVISER,
    INSIDE,
    OF_TEAMS,
    ON_TEAM,
    PEER,
    POOL,
    RUNS,
    STAGES,
    ReviewPlace,
)
from tests.test_permission_matrix import (
    ADVISERS,
    ASSIGNED_ADVISER,
    ASSIGNED_PEER,
    COUNCIL_READERS,
    EVERYBODY,
    READERS,
    SEES_ALL_OF_ENGLAND,
    somebody,
    somebody_of_reviews,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

LONG_AGO = date(2000, 1, 1)
ON_A_CASE = {ASSIGNED_ADVISER, ASSIGNED_PEER}
OF_THE_LGA = ADVISERS | {"national-lead"}
MAY_ENTER = ADVISERS | {"council-approver"}
# A draft is the council's alone, and the national lead's; once shared, its LGA advisers' too.
DRAFTERS = {"council-contributor", "council-approver", STAFF}
DRAFT_READERS = COUNCIL_READERS | {"national-lead"}
ADVISING = ADVISERS | {ASSIGNED_ADVISER}
PLAN_READERS = DRAFT_READERS | ADVISERS | {ASSIGNED_ADVISER}
OK, GONE_ON, NO_VERSION, NO_KEY, REFUSED, HIDDEN = 200, 302, 428, 400, 403, 404


@dataclass(frozen=True)
class Route:
    """Who may use one method of one address, of their own council and of another; else 403 or 404.

    What is asked is sent without a body, version or key, so whoever may gets as far as `reached`.
    """

    argument: str = ""
    may: frozenset = frozenset(EVERYBODY)
    refused: frozenset = frozenset()
    may_of_other: frozenset = frozenset(EVERYBODY)
    refused_of_other: frozenset = frozenset()
    reached: int = OK

    def expected(self, who, which):
        may, refused = (
            (self.may, self.refused) if which == "own" else (self.may_of_other, self.refused_of_other)
        )
        if who in may:
            return self.reached
        return REFUSED if who in refused else HIDDEN


def to_all(argument=""):
    return Route(argument)


def to_readers(argument, *more):
    """Theirs to read, of their own; to the rest there is nothing. A list of it is everybody's, each with their own."""
    return Route(argument, may=frozenset(READERS | set(more)), may_of_other=frozenset(SEES_ALL_OF_ENGLAND))


def written(argument, by, seen_by, reached, *, seen_of_other=SEES_ALL_OF_ENGLAND):
    return Route(
        argument,
        may=frozenset(by),
        refused=frozenset(seen_by - by),
        may_of_other=frozenset(),
        refused_of_other=frozenset(seen_of_other),
        reached=reached,
    )


def added(by, refused):
    """What is added is of no address of a council: whoever may anywhere is asked for a key."""
    return Route(
        may=frozenset(by),
        refused=frozenset(refused),
        may_of_other=frozenset(by),
        refused_of_other=frozenset(refused),
        reached=NO_KEY,
    )


of_a_milestone = written("milestone", ADVISERS | {ASSIGNED_ADVISER}, READERS | ON_A_CASE, NO_KEY)
of_a_recommendation = written("recommendation", MAY_ENTER, READERS, NO_KEY)
of_a_contact = written("contact", ADVISERS, OF_THE_LGA, NO_VERSION)
contacts_read = Route("contact", may=frozenset(OF_THE_LGA), may_of_other=frozenset(SEES_ALL_OF_ENGLAND))


def recorded(argument, reached):
    """What the DfE decided is recorded by the LGA's advisers, and one who is put on the case."""
    return written(argument, ADVISING, READERS | ON_A_CASE, reached)


def read_by(argument, readers):
    return Route(argument, may=frozenset(readers), may_of_other=frozenset(SEES_ALL_OF_ENGLAND))


def of_a_draft(plural, single, argument, *more):
    """A kind of rows of a draft: listed for everybody, each with their own; written by its drafters."""
    posts = {
        ("POST", f"{single}-{what}"): written(argument, DRAFTERS, DRAFT_READERS, NO_KEY) for what in more
    }
    return posts | {
        ("GET", plural): to_all(),
        ("POST", plural): added(DRAFTERS, EVERYBODY - DRAFTERS),
        ("GET", single): read_by(argument, DRAFT_READERS),
        ("PATCH", single): written(argument, DRAFTERS, DRAFT_READERS, NO_VERSION),
    }


def removed(single):
    return {("DELETE", single): written(single, DRAFTERS, DRAFT_READERS, NO_VERSION)}


ROUTES = {
    ("GET", "root"): to_all(),
    ("GET", "schema"): to_all(),
    ("GET", "councils"): to_all(),
    ("GET", "council"): to_all("council"),
    ("GET", "england"): to_all(),
    ("GET", "inspections"): to_all(),
    ("GET", "inspection"): to_all("inspection"),
    ("GET", "interventions"): to_all(),
    ("GET", "intervention"): to_readers("intervention", *ON_A_CASE),
    ("GET", "milestones"): to_all(),
    ("GET", "milestone"): to_readers("milestone", *ON_A_CASE),
    ("POST", "milestone-met"): of_a_milestone,
    ("POST", "milestone-move"): of_a_milestone,
    ("POST", "milestone-pause"): of_a_milestone,
    ("POST", "milestone-resume"): of_a_milestone,
    ("GET", "flags"): to_all(),
    ("GET", "flag"): to_readers("flag", *ON_A_CASE),
    ("GET", "recommendations"): to_all(),
    ("POST", "recommendations"): added(MAY_ENTER, EVERYBODY - MAY_ENTER),
    ("GET", "recommendation"): to_readers("recommendation"),
    ("PATCH", "recommendation"): written("recommendation", MAY_ENTER, READERS, NO_VERSION),
    ("POST", "recommendation-close"): of_a_recommendation,
    ("POST", "recommendation-reopen"): of_a_recommendation,
    ("GET", "contacts"): Route(may=frozenset(OF_THE_LGA), may_of_other=frozenset(OF_THE_LGA)),
    ("POST", "contacts"): added(ADVISERS, {"national-lead"}),
    ("GET", "contact"): contacts_read,
    ("PATCH", "contact"): of_a_contact,
    ("DELETE", "contact"): of_a_contact,
    ("POST", "contact-followed-up"): written("contact", ADVISERS, OF_THE_LGA, NO_KEY),
    **of_a_draft("plans", "plan", "plan", "recommendations"),
    **of_a_draft("plan-versions", "plan-version", "plan-version"),
    **of_a_draft("planned-priorities", "planned-priority", "planned-priority", "move"),
    **of_a_draft("planned-actions", "planned-action", "planned-action", "move", "take-in"),
    **of_a_draft("planned-measures", "planned-measure", "planned-measure", "move"),
    **of_a_draft("plan-risks", "plan-risk", "plan-risk", "move"),
    **removed("planned-priority"),
    **removed("planned-action"),
    **removed("planned-measure"),
    **removed("plan-risk"),
    ("GET", "updates"): to_all(),
    ("GET", "update"): read_by("update", PLAN_READERS),
    ("PATCH", "update"): written("update", DRAFTERS, PLAN_READERS, NO_VERSION),
    ("POST", "update-no-change"): written("update", DRAFTERS, PLAN_READERS, NO_KEY),
    ("POST", "update-approval"): written("update", DRAFTERS, PLAN_READERS, NO_KEY),
    ("POST", "update-send-back"): written("update", {"council-approver"}, PLAN_READERS, NO_KEY),
    ("POST", "update-submit"): written("update", {"council-approver"}, PLAN_READERS, NO_KEY),
    ("POST", "update-correct"): written("update", DRAFTERS, PLAN_READERS, NO_KEY),
    **{
        (method, f"update-{what}"): route
        for what in ("priority", "action", "measure")
        for method, route in (
            ("GET", read_by(f"update-{what}", PLAN_READERS)),
            ("PUT", written(f"update-{what}", DRAFTERS, PLAN_READERS, NO_VERSION)),
        )
    },
    ("GET", "questions"): read_by("update", PLAN_READERS),
    ("POST", "questions"): written("update", ADVISING, PLAN_READERS, NO_KEY),
    ("GET", "question"): read_by("question", PLAN_READERS),
    ("POST", "question-answer"): written("question", DRAFTERS, PLAN_READERS, NO_KEY),
    ("GET", "statuses"): read_by("update", PLAN_READERS),
    ("GET", "status"): read_by("update-priority", PLAN_READERS),
    ("PUT", "status"): written("update-priority", ADVISING, PLAN_READERS, NO_VERSION),
    ("GET", "update-read"): read_by("update", PLAN_READERS),
    ("POST", "update-read"): written("update", ADVISING, PLAN_READERS, NO_KEY),
    ("GET", "measures"): to_all(),
    ("GET", "measure"): read_by("measure", DRAFT_READERS),
    ("GET", "readings"): to_all(),
    ("POST", "readings"): added(DRAFTERS, EVERYBODY - DRAFTERS),
    ("GET", "reading"): read_by("reading", PLAN_READERS),
    ("POST", "reading-restate"): written("reading", DRAFTERS, PLAN_READERS, NO_KEY),
    ("GET", "evidence"): to_all(),
    ("POST", "evidence"): added(DRAFTERS | {"action-owner"}, EVERYBODY - DRAFTERS - {"action-owner"}),
    ("GET", "one-evidence"): read_by("evidence", PLAN_READERS),
    ("DELETE", "one-evidence"): written("evidence", DRAFTERS, PLAN_READERS, NO_VERSION),
    ("GET", "document"): replace(read_by("document", PLAN_READERS), reached=GONE_ON),
    ("POST", "interventions"): added(ADVISERS, EVERYBODY - ADVISERS),
    **{
        ("GET", plural): to_readers("intervention", *ON_A_CASE)
        for plural in ("instruments", "clauses", "appointments", "decisions", "reports")
    },
    **{
        ("POST", plural): recorded("intervention", NO_KEY)
        for plural in ("instruments", "clauses", "appointments", "decisions", "reports")
    },
    **{
        ("GET", single): to_readers(single, *ON_A_CASE)
        for single in ("instrument", "clause", "appointment", "decision", "report")
    },
    **{
        ("PATCH", single): recorded(single, NO_VERSION)
        for single in ("instrument", "appointment", "decision")
    },
    ("PUT", "clause"): recorded("clause", NO_VERSION),
    ("PUT", "report"): recorded("report", NO_VERSION),
    ("POST", "instrument-lift"): recorded("instrument", NO_KEY),
    ("POST", "appointment-end"): recorded("appointment", NO_KEY),
    ("GET", "sources"): to_all(),
    ("POST", "sources"): added(MAY_ENTER, EVERYBODY - MAY_ENTER),
    ("GET", "source"): to_readers("source"),
    **{
        ("POST", f"plan-version-{what}"): written("plan-version", by, DRAFT_READERS, NO_KEY)
        for by, whats in (
            (DRAFTERS, ("route", "send-for-approval", "put-back")),
            ({"council-approver"}, ("send-back", "approve", "share", "send")),
        )
        for what in whats
    },
    ("POST", "plan-version-ready"): written("shared-version", ADVISING, PLAN_READERS, NO_KEY),
    ("POST", "plan-version-replies"): written(
        "shared-version", ADVISING | {"council-approver"}, PLAN_READERS, NO_KEY
    ),
    ("GET", "plan-replies"): to_all(),
    ("GET", "approval-steps"): to_all(),
    ("GET", "approval-step"): read_by("approval-step", DRAFT_READERS),
    ("POST", "approval-step-done"): written("approval-step", DRAFTERS, DRAFT_READERS, NO_KEY),
    ("GET", "plan-comments"): to_all(),
    ("POST", "plan-comments"): added(ADVISING, EVERYBODY - ADVISING),
    ("GET", "plan-comment"): read_by("plan-comment", PLAN_READERS),
    ("POST", "plan-comment-answer"): written("plan-comment", DRAFTERS | ADVISING, PLAN_READERS, NO_KEY),
    ("POST", "plan-comment-settle"): written("plan-comment", ADVISING, PLAN_READERS, NO_KEY),
    ("GET", "releases"): to_all(),
    ("POST", "releases"): added({"council-approver"}, EVERYBODY - {"council-approver"}),
    ("GET", "release"): read_by("release", DRAFT_READERS),
    ("POST", "release-withdraw"): written("release", {"council-approver"}, DRAFT_READERS, NO_KEY),
    **{
        ("GET", f"{what}s"): to_all()
        for what in ("plan-board", "board-member", "board-meeting", "board-decision", "sign-off")
    },
    **{
        ("GET", what): read_by(what, PLAN_READERS)
        for what in ("plan-board", "board-member", "board-meeting", "board-decision", "sign-off")
    },
    # A board's chair writes of its meetings too; here they chair none.
    **{
        ("POST", f"{what}s"): added(DRAFTERS, EVERYBODY - DRAFTERS)
        for what in ("plan-board", "board-member", "board-meeting", "board-decision")
    },
    ("POST", "sign-offs"): added({"council-approver"}, EVERYBODY - {"council-approver"}),
    ("PATCH", "plan-board"): written("plan-board", DRAFTERS, PLAN_READERS, NO_VERSION),
    ("PATCH", "board-meeting"): written("board-meeting", DRAFTERS, PLAN_READERS, NO_VERSION),
    ("POST", "board-member-end"): written("board-member", DRAFTERS, PLAN_READERS, NO_KEY),
    ("POST", "board-meeting-record"): written("board-meeting", DRAFTERS, PLAN_READERS, NO_KEY),
    ("POST", "board-decision-answer"): written("board-decision", DRAFTERS, PLAN_READERS, NO_KEY),
    ("GET", "snapshots"): to_all(),
    ("GET", "snapshot"): read_by("snapshot", PLAN_READERS),
}
# Those of the teams of reviews are asked of these alone: elsewhere they are who their role says.
ALL = EVERYBODY | OF_TEAMS


def to_each():
    """A list: everybody's, each with what they may read."""
    return Route(may=frozenset(ALL), may_of_other=frozenset(ALL))


def of_reviews(argument, by, seen_by, reached=NO_KEY):
    return written(argument, by, seen_by, reached, seen_of_other=SEES_ALL_OF_ENGLAND & seen_by)


def of_the_team(argument, by=frozenset(ON_TEAM), reached=NO_KEY):
    """The team's alone, whatever the role: to everybody else there is nothing."""
    return of_reviews(argument, by, frozenset(ON_TEAM), reached)


def of_the_pool(by, refused, reached=OK):
    """Of no council: the LGA's, wherever it is; a peer reads of themselves."""
    return Route(
        "peer",
        frozenset(by),
        frozenset(refused),
        frozenset(by) - {PEER},
        frozenset(refused) - {PEER},
        reached,
    )


REVIEW_ROUTES = {
    ("GET", "reviews"): to_each(),
    ("POST", "reviews"): added(ANY_ADVISER, ALL - ANY_ADVISER),
    ("GET", "review"): read_by("review", INSIDE),
    ("POST", "review-answer"): of_reviews("review", {"council-approver"}, INSIDE),
    **{
        ("POST", f"review-{what}"): of_reviews("review", RUNS, INSIDE)
        for what in ("days", "go-on", "postpone", "resume", "cancel", "confirm-team")
    },
    ("GET", "team-members"): to_each(),
    ("POST", "team-members"): added(ANY_ADVISER, ALL - ANY_ADVISER),
    ("GET", "team-member"): read_by("team-member", INSIDE),
    ("POST", "team-member-agree"): of_reviews("team-member", {"council-approver"}, INSIDE),
    ("POST", "team-member-group-office"): of_reviews("team-member", RUNS, INSIDE),
    ("POST", "team-member-stand-down"): of_reviews("team-member", RUNS, INSIDE),
    ("GET", "peers"): to_each(),
    ("POST", "peers"): added(ANY_ADVISER, ALL - ANY_ADVISER),
    ("GET", "peer"): of_the_pool(POOL | {PEER}, ()),
    ("PATCH", "peer"): of_the_pool(ANY_ADVISER, SEES_ALL_OF_ENGLAND | {PEER}, NO_VERSION),
    ("GET", "notes"): to_each(),
    ("POST", "notes"): added(ON_TEAM, ALL - ON_TEAM),
    ("GET", "note"): of_the_team("note", reached=OK),
    ("PATCH", "note"): of_the_team("note", {PEER}, NO_VERSION),
    ("POST", "note-share"): of_the_team("note", {PEER}),
    ("GET", "findings"): to_each(),
    ("POST", "findings"): added(ON_TEAM, ALL - ON_TEAM),
    ("GET", "finding"): of_the_team("finding", reached=OK),
    ("PATCH", "finding"): of_the_team("finding", reached=NO_VERSION),
    ("POST", "finding-agree"): of_the_team("finding"),
    ("POST", "finding-gather"): of_the_team("finding"),
}
ROUTES |= REVIEW_ROUTES
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def addresses():
    """Return the name of every address under the API's, but the one for all that isn't there."""
    _, resolver = get_resolver().namespace_dict["api"]
    return {each.name for each in resolver.url_patterns} - {"nothing-here"}


def test_every_address_is_in_the_table():
    assert {name for _, name in ROUTES} == addresses()


@dataclass
class Place:
    """A council with a case, a milestone with a flag, an inspection, a recommendation and a contact."""

    region: object
    council: object
    milestone: object
    unconfirmed: object
    arguments: dict
    reviews: ReviewPlace

    @classmethod
    def make(cls):
        region = RegionFactory()
        council = CouncilFactory(region=region)
        case = CaseFactory(council=council)
        closed = CaseFactory(council=council, standing=Case.Standing.CLOSED, closed_on=date(2026, 3, 1))
        Intervention.objects.create(case=case, opened_from="record", began_on=LONG_AGO, recorded_on=LONG_AGO)
        milestone = MilestoneFactory(case=case, entered_on=LONG_AGO)
        flag = Flag.objects.create(
            milestone=milestone,
            level="overdue",
            due_on=milestone.due_on,
            raised_on=LONG_AGO,
            raised_in="0" * 32,
        )
        told = Recommendation.objects.create(
            council=council,
            source=SourceFactory(council=council),
            number=1,
            text="Do it",
            entered_on=LONG_AGO,
        )
        contact = Contact.objects.create(
            council=council,
            on=LONG_AGO,
            channel="call",
            post="dcs",
            said="Hello",
            nature="fact",
            retain_until=date(2099, 1, 1),
            made_on=LONG_AGO,
        )
        reviews = ReviewPlace.begin(council, region, {name: STAGES[name] for name in ("on_site", "final")})
        arguments = {
            "": [],
            **reviews.of_the_api(),
            "council": [council.slug],
            "inspection": [judged(council).pk],
            "intervention": [case.reference],
            "milestone": [milestone.pk],
            "flag": [flag.pk],
            "recommendation": [told.pk],
            "source": [told.source_id],
            "contact": [contact.pk],
            **_planned(council, case),
            **_updated(council, case),
            **_recorded(council, case),
        }
        return cls(region, council, milestone, closed, arguments, reviews)


def _planned(council, case):
    """Return the arguments of a plan in draft, and of one that is shared with the LGA."""
    draft = make_plan(council, recommendations=0)
    shared = make_plan(council, recommendations=0, case=case, standing=PlanVersion.Standing.SHARED)
    snapshot = Snapshot.objects.create(
        version=shared,
        reason=Snapshot.Reason.SHARED,
        reference=f"{shared.plan.reference}-V1-SHARED",
        content={},
        digest="0" * 64,
        taken_on=LONG_AGO,
    )
    empty = draft.priorities.create(
        priority=Priority.objects.create(plan=draft.plan), place=9, title="Nothing yet"
    )
    step = draft.approval_steps.create(kind="dcs", planned_on=LONG_AGO)
    comment = shared.comments.create(text="How will you know?", made_on=LONG_AGO)
    approved = make_plan(council, recommendations=0, standing=PlanVersion.Standing.APPROVED)
    release = approved.releases.create(council=council, audience="scrutiny", released_on=LONG_AGO)
    board = Board.objects.create(plan=shared.plan)
    member = board.members.create(post="Independent chair", from_on=LONG_AGO)
    meeting = board.meetings.create(meets_on=date(2026, 11, 2), papers_due_on=date(2026, 10, 26))
    challenge = meeting.decisions.create(kind="challenge", text="Why is it late?", recorded_on=LONG_AGO)
    signed = SignOff.objects.create(
        action=shared.plan.actions.first(), state="evidenced", on=LONG_AGO, recorded_on=LONG_AGO
    )
    return {
        "plan-board": [board.pk],
        "board-member": [member.pk],
        "board-meeting": [meeting.pk],
        "board-decision": [challenge.pk],
        "sign-off": [signed.pk],
        "shared-version": [shared.pk],
        "approval-step": [step.pk],
        "plan-comment": [comment.pk],
        "release": [release.pk],
        "plan": [draft.plan.reference],
        "plan-version": [draft.pk],
        "planned-priority": [empty.pk],
        "planned-action": [draft.actions.first().pk],
        "planned-measure": [draft.measures.first().pk],
        "plan-risk": [draft.risks.get().pk],
        "snapshot": [snapshot.reference],
    }


def _recorded(council, case):
    """Return the arguments of what is recorded of an intervention, a row of each kind."""
    of_case = {"council": council, "case": case, "recorded_on": LONG_AGO}
    notice = Instrument.objects.create(kind="notice", issued_on=LONG_AGO, **of_case)
    clause = notice.clauses.create(number="1", text="Send a plan.")
    appointed = Appointment.objects.create(role="commissioner", from_on=LONG_AGO, **of_case)
    decision = Decision.objects.create(kind="insufficient", on=LONG_AGO, **of_case)
    report = appointed.reports.create(sent_on=LONG_AGO, recorded_on=LONG_AGO)
    rows = {
        "instrument": notice,
        "clause": clause,
        "appointment": appointed,
        "decision": decision,
        "report": report,
    }
    return {name: [case.reference, row.pk] for name, row in rows.items()}


def _updated(council, case):
    """Return the arguments of an update that is submitted, and of what is in it and said of it."""
    version = make_plan(council, recommendations=0, case=case, standing=PlanVersion.Standing.APPROVED)
    update = make_update(version, date(2026, 10, 1))
    content = content_of(update, read_asked(update, LONG_AGO))
    how = {"standing": "submitted", "submitted_on": LONG_AGO, "content": content, "digest": "0" * 64}
    Update.objects.filter(pk=update.pk).update(**how)
    priority, action = version.priorities.first().priority, version.actions.first().action
    measure = version.measures.first().measure
    question = Question.objects.create(update=update, text="Why?", asked_on=LONG_AGO)
    told = {"measure": measure, "update": update, "value": 70}
    reading = Reading.objects.create(**told, on=LONG_AGO, recorded_on=LONG_AGO)
    link = Document.objects.create(
        council=council, title="Audit", url="https://www.example.org/audit", given_on=LONG_AGO
    )
    evidence = Evidence.objects.create(
        action=action, document=link, update=update, kind="audit", attached_on=LONG_AGO
    )
    return {
        "update": [update.pk],
        "update-priority": [update.pk, priority.pk],
        "update-action": [update.pk, action.pk],
        "update-measure": [update.pk, measure.pk],
        "question": [update.pk, question.pk],
        "measure": [measure.pk],
        "reading": [reading.pk],
        "evidence": [evidence.pk],
        "document": [link.pk],
    }


@pytest.fixture
def own():
    return Place.make()


@pytest.fixture
def other():
    return Place.make()


def address(name, place, route):
    return reverse(f"api:{name}", args=place.arguments[route.argument])


@pytest.mark.parametrize("who", sorted(ALL))
def test_each_method_answers_as_the_table_says(client, own, other, who):
    caller = Caller(client, somebody_of_reviews(who, own))
    wrong = []
    for (method, name), route in (REVIEW_ROUTES if who in OF_TEAMS else ROUTES).items():
        for which, place in (("own", own), ("other", other)):
            response = caller.send(method, address(name, place, route))
            expected = route.expected(who, which)
            if response.status_code != expected:
                wrong.append(f"{method} {name} of {which}: {response.status_code}, not {expected}")
            elif expected not in (OK, GONE_ON):
                problem(response, expected)
    assert not wrong


def test_no_other_method_is_taken(client, own):
    caller = Caller(client, somebody("principal-adviser", own))
    for name in sorted(addresses()):
        route = next(route for (_, named), route in ROUTES.items() if named == name)
        for method in METHODS:
            if (method, name) not in ROUTES:
                response = caller.send(method, address(name, own, route))
                assert response.status_code == 405, f"{method} {name}: {response.status_code}"


def test_nobody_gets_anything(client, own):
    for (method, name), route in ROUTES.items():
        problem(client.generic(method, address(name, own, route)), 401)


LISTS = ("councils", "inspections", "interventions", "milestones", "flags", "recommendations", "contacts")


def told_by(caller):
    """Return the text of every list, as JSON and as CSV."""
    text = ""
    for name in LISTS:
        for query in ({}, {"format": "csv"}):
            response = caller.get(reverse(f"api:{name}"), query)
            if response.status_code != HIDDEN:
                assert response.status_code == OK, name
                content = b"".join(response.streaming_content) if response.streaming else response.content
                text += content.decode()
    return text


@pytest.mark.parametrize("who", sorted(EVERYBODY - SEES_ALL_OF_ENGLAND))
def test_lists_leave_out_what_is_of_others(client, own, other, who):
    text = told_by(Caller(client, somebody(who, own)))
    assert other.milestone.case.reference not in text


@pytest.mark.parametrize("who", sorted(READERS))
def test_lists_tell_whoever_may_see_it(client, own, who):
    assert own.milestone.case.reference in told_by(Caller(client, somebody(who, own)))
