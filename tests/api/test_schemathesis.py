"""The API keeps to its own description, whoever asks and whatever is sent: every operation, as each role.

Schemathesis makes what is sent from the description: what it allows, what it doesn't, and the description's own
examples. Each is sent in a savepoint of its own, so that every one meets the same council: one with a case, a
milestone that is paused and one that is not, flags, recommendations, a contact, and an outcome under embargo of which
no answer may tell anything.
"""

from copy import deepcopy
from datetime import date

import pytest
import schemathesis
import yaml
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.urls import resolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CoverageScenario
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from accounts.actions import make_token
from accounts.viewer import Viewer
from cases.actions import add_recommendations, close_recommendation, flag_overdue, name_reader
from cases.models import Contact, Milestone, Pause, Recommendation, RetentionRule
from improvement.actions.drafting import new_version
from improvement.actions.way_out import send
from improvement.models import PlanVersion
from inspections.actions import enter_inspection
from peer_reviews.models import Stage
from tests.api.conftest import TODAY
from tests.api.test_matrix import REVIEW_ROUTES, ROUTES, Place
from tests.api.test_schema import COMMITTED
from tests.factories import MilestoneFactory, RecommendationFactory
from tests.inspections.entered import FACTS, RECEIVED
from tests.peer_reviews.reviews import make_peer
from tests.plans import make_plan
from tests.review_addresses import PEER, PUT_FORWARD, ReviewPlace
from tests.test_permission_matrix import EVERYBODY, somebody, somebody_of_reviews

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
NOBODY = "nobody"
SECRET = "Kittiwake"
ALLOWED, WRONG = 1, 1
SERVER = "http://testserver"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
]
# What the description's own example doesn't hold, or can't: numbers of this place.
SENT = {
    "delete_one_contacts": lambda place: {"reason": "Logged twice"},
    "add_contacts": lambda place: {"council": place.council.slug},
    "add_recommendations": lambda place: {"source": place.arguments["source"][0]},
    "contacts_followed_up": lambda place: {},
    "add_plans": lambda place: {"council": place.council.slug},
    "add_plan_versions": lambda place: {"plan": place.stops["shared"].plan.reference},
    "add_planned_priorities": lambda place: {"version": place.stops["draft"].pk},
    "add_planned_actions": lambda place: {
        "version": place.stops["draft"].pk,
        "priority": place.stops["draft"].priorities.first().pk,
    },
    "planned_actions_take_in": lambda place: {"other": place.stops["draft"].actions.last().pk},
    "add_planned_measures": lambda place: {"version": place.stops["draft"].pk},
    "add_plan_risks": lambda place: {"version": place.stops["draft"].pk},
    "plan_versions_put_back": lambda place: {"action": place.stops["dropped"].pk},
    "add_plan_comments": lambda place: {"version": place.stops["shared"].pk},
    "add_releases": lambda place: {"version": place.stops["shared"].pk},
    "add_plan_boards": lambda place: {"plan": place.stops["draft"].plan.reference},
    "add_board_members": lambda place: {"board": place.stops["shared"].plan.board.pk},
    "add_board_meetings": lambda place: {"board": place.stops["shared"].plan.board.pk},
    "add_board_decisions": lambda place: {"meeting": place.arguments["board-meeting"][0]},
    "add_sign_offs": lambda place: {
        "action": place.stops["shared"].plan.actions.first().pk,
        "seen": place.arguments["sign-off"][0],
        "meeting": place.arguments["board-meeting"][0],
    },
    "add_readings": lambda place: {"measure": place.arguments["measure"][0]},
    "add_evidence": lambda place: {"action": place.arguments["update-action"][1]},
    "add_sources": lambda place: {"council": place.council.slug},
    "interventions_clauses": lambda place: {"instrument": place.arguments["instrument"][1]},
    "interventions_reports": lambda place: {"appointment": place.arguments["appointment"][1]},
    "add_reviews": lambda place: {
        "council": place.council.slug,
        "kind": place.reviews.reviews["on_site"].kind.slug,
        "manager": place.adviser.pk,
        "confirmed": True,
    },
    "reviews_days": lambda place: {"confirmed": True},
    "reviews_resume": lambda place: {"confirmed": True},
    "add_team_members": lambda place: {
        "review": place.arguments["scoped-review"][0],
        "peer": place.free_peer.pk,
    },
    "add_notes": lambda place: {"review": place.arguments["review"][0]},
    "add_findings": lambda place: {"review": place.arguments["review"][0]},
    "findings_gather": lambda place: {"add": place.arguments["note"]},
}
OF_ANOTHER = {
    "milestone-resume": "paused",
    "recommendation-reopen": "closed",
    "plan-version-put-back": "again",
    "plan-version-send-back": "for-approval",
    "plan-version-approve": "for-approval",
    "plan-version-share": "approved",
    "plan-version-send": "approved",
    "plan-version-replies": "sent",
    "review-answer": "offered-review",
    "review-days": "accepted-review",
    "review-go-on": "confirmed-review",
    "review-resume": "postponed-review",
    "review-confirm-team": "scoped-review",
    "team-member-group-office": "member-peer",
    "note-share": "private-note",
}
# What answers 2xx in a state that this place is not in, and is done by name in test_updates.py and test_recording.py:
# an update in work (the place's is submitted), a file sent in parts, a document that is a link, a council at peace.
DONE_ELSEWHERE = {
    "GET /api/v1/documents/{id}/",
    "PATCH /api/v1/updates/{id}/",
    "POST /api/v1/evidence/",
    "POST /api/v1/interventions/",
    "POST /api/v1/updates/{id}/no-change/",
    "POST /api/v1/updates/{id}/send-back/",
    "POST /api/v1/updates/{id}/send-for-approval/",
    "POST /api/v1/updates/{id}/submit/",
    "PUT /api/v1/updates/{id}/actions/{action}/",
    "PUT /api/v1/updates/{id}/measures/{measure}/",
    "PUT /api/v1/updates/{id}/priorities/{priority}/",
}


@pytest.fixture(autouse=True)
def _connection_stays_open():
    """Serve requests within the test's transaction, as Django's own test client does: the rest is undone after it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def schema():
    # 404: whoever may not see a thing is not told that a version of it is asked for.
    missing = {"missing_required_header": {"expected-statuses": [400, 401, 403, 404, 428]}}
    config = SchemathesisConfig.from_dict({"checks": missing})
    made = schemathesis.openapi.from_dict(yaml.safe_load(COMMITTED.read_text()), config=config)
    made.app = WSGIHandler()
    return made


@pytest.fixture(scope="module")
def operations(schema):
    return [each.ok() for each in schema.get_all_operations()]


@pytest.fixture(scope="module")
def made_up(operations):
    """A few cases of each operation that the description allows, and that it does not, made once for every asker."""
    return {
        operation.label: [
            *make_up(operation, GenerationMode.POSITIVE, ALLOWED),
            *make_up(operation, GenerationMode.NEGATIVE, WRONG),
        ]
        for operation in operations
    }


@pytest.fixture(scope="module")
def kept_from_nobody():
    """The operations that were found to refuse whoever has no token or a wrong one, whoever it was that did them."""
    return set()


@pytest.fixture
def place():
    made = Place.make()
    RetentionRule.objects.get_or_create(kind="contact", defaults={"months": 24})
    Contact.objects.update(follow_up_on=TODAY)
    paused = MilestoneFactory(case=made.milestone.case)
    Pause.objects.create(milestone=paused, from_on=date(2026, 11, 1), reason="In court")
    source = Recommendation.objects.get().source
    closed = RecommendationFactory(
        source=source, number=2, outcome="met", closed_on=date(2026, 11, 1), outcome_note="Found done"
    )
    made.arguments |= {"paused": [paused.pk], "closed": [closed.pk]}
    made.stops = _plans_on_their_way(made)
    for name in ("again", "for-approval", "approved", "sent"):
        made.arguments[name] = [made.stops[name].pk]
    _reviews_on_their_way(made)
    _enter_under_embargo(made)
    return made


def _reviews_on_their_way(place):
    """Put a review at each stage from which something is done, with members of its team who are asked about."""
    stages = {
        "offered": Stage.OFFERED,
        "accepted": Stage.ACCEPTED,
        "scoped": Stage.SCOPED,
        "confirmed": Stage.TEAM_CONFIRMED,
        "postponed": Stage.POSTPONED,
    }
    more = ReviewPlace.begin(place.council, place.region, stages)
    place.reviews.reviews |= more.reviews
    place.arguments |= {f"{name}-review": [more.reviews[name].reference] for name in stages}
    more.reviews["scoped"].team.update(council_agreed_on=TODAY, from_on=None)
    place.adviser = somebody("lga-adviser", place)
    place.free_peer = make_peer("A free peer")
    place.free_peer.roles.create(role="lead")
    member = place.reviews.reviews["on_site"].team.create(
        role="member", peer=more.peer_of[PUT_FORWARD], put_forward_on=TODAY
    )
    place.arguments |= {"member-peer": [member.pk], "private-note": place.reviews.about["private_note"][-1:]}


def _plans_on_their_way(place):
    """Return a version of a plan at each stop, by name, and an action that a later version dropped."""
    by = {"by": Viewer.of(somebody("council-approver", place), TODAY), "on": TODAY}
    how = {"recommendations": 0, "case": place.milestone.case}
    sent = make_plan(place.council, standing=PlanVersion.Standing.APPROVED, **how)
    send(sent, handovers=[("ofsted", date(2026, 11, 18), "", "")], **by)
    before = make_plan(place.council, standing=PlanVersion.Standing.APPROVED, **how)
    again = new_version(before.plan, change_note="Anew", **by)
    dropped = again.actions.last()
    dropped.delete()
    return {
        "draft": PlanVersion.objects.get(pk=place.arguments["plan-version"][0]),
        "shared": PlanVersion.objects.get(pk=place.arguments["shared-version"][0]),
        "for-approval": make_plan(place.council, standing=PlanVersion.Standing.FOR_APPROVAL, **how),
        "approved": make_plan(place.council, standing=PlanVersion.Standing.APPROVED, **how),
        "sent": sent,
        "again": again,
        "dropped": dropped.action,
    }


def _enter_under_embargo(place):
    """Enter an inadequate outcome in words that can be looked for, with what runs from it late."""
    adviser, approver = somebody("principal-adviser", place), somebody("council-approver", place)
    by = {"by": Viewer.of(adviser, RECEIVED), "on": RECEIVED}
    entry = enter_inspection(council=place.council, facts={**FACTS, "title": f"{SECRET} report"}, **by)
    name_reader(entry.source, person=approver, **by)
    add_recommendations(entry.source, items=[("12", f"{SECRET} plans"), ("13", f"{SECRET} visits")], **by)
    told = Recommendation.objects.filter(source=entry.source).last()
    close_recommendation(told, outcome="met", note=SECRET, revision=1, **by)
    Milestone.objects.filter(source=entry.source).update(label=f"{SECRET} plan")
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)


def says_nothing_of_the_embargo(ctx, response, case):
    assert SECRET not in f"{response.text}{response.headers}"


class Sender:
    """Somebody who sends cases to the operations of the API, about one place, and holds each answer to the checks."""

    def __init__(self, place, who):
        self.place = place
        self.headers = (
            {"Authorization": f"Token {_secret(somebody_of_reviews(who, place))}"} if who != NOBODY else {}
        )
        self.done, self.versions = set(), {}

    def send(self, case, *checks):
        """Send `case` and undo what it did. Every answer is held to `CHECKS` and `checks`."""
        point = transaction.savepoint()
        try:
            answer = case.call(base_url=SERVER, headers=self.headers)
            case.validate_response(
                answer,
                checks=[*CHECKS, says_nothing_of_the_embargo, *checks],
                headers=self.headers,
                transport_kwargs={"base_url": SERVER},
            )
        finally:
            transaction.savepoint_rollback(point)
        if answer.status_code < 300:
            self.done.add(case.operation.label)
        return answer

    def about_the_place(self, operation):
        """Return the parameters of the path, by which the operation is about what the place has."""
        name, route = _route(operation)
        values = self.place.arguments[OF_ANOTHER.get(name, route.argument)]
        return {each.name: value for each, value in zip(operation.path_parameters, values, strict=True)}

    def headers_of_a_change(self, operation, parameters):
        """Return the version of what is changed, as a GET of it tells, and a key."""
        if operation.label in self.versions:
            return self.versions[operation.label]
        headers = self.versions[operation.label] = {}
        names = {each.name for each in operation.headers}
        if "If-Match" in names:
            # What has a version is read at its own address, else at the nearest one above it.
            ways = {path for path, methods in operation.schema.items() if "get" in set(methods)}
            last = operation.path
            while last not in ways:
                last = last.rstrip("/").rpartition("/")[0] + "/"
            read = operation.schema[last]["GET"].Case(path_parameters=parameters)
            done = set(self.done)
            headers["If-Match"] = self.send(read).headers.get("etag", ['"none-1-1"'])[0]
            self.done = done  # what is read on the way may be another than what the table names
        if "Idempotency-Key" in names:
            headers["Idempotency-Key"] = "a-key"
        return headers


def _secret(person):
    _, secret = make_token(name="A program", by=Viewer.of(person, TODAY), on=TODAY)
    return secret


def _route(operation):
    """Return the name of the operation's address and its row of the matrix."""
    path = operation.path
    for each in operation.path_parameters:
        like = "1" if each.definition["schema"].get("type") == "integer" else "x"
        path = path.replace(f"{{{each.name}}}", like)
    name = resolve(path).url_name
    return name, ROUTES[operation.method.upper(), name]


def as_the_description_says(operation, sender):
    """Return the case of the description's own example, about what the place has."""
    identity = operation.definition.raw["operationId"]
    parameters = sender.about_the_place(operation)
    body = NOT_SET
    for content in operation.definition.raw.get("requestBody", {}).get("content", {}).values():
        examples = content.get("examples", {}).values()
        body = {**next((each["value"] for each in examples), {})}
        body |= SENT.get(identity, lambda place: {})(sender.place)
    return operation.Case(
        path_parameters=parameters,
        headers=sender.headers_of_a_change(operation, parameters),
        body=body,
        media_type=None if body is NOT_SET else "application/json",
    )


def _bring_about(case, parameters, headers):
    """Let a generated case be about what the place has, wherever what is wrong with it is elsewhere."""
    if not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters = dict(parameters)
    if not case.meta.is_negative_at(ParameterLocation.HEADER):
        case.headers = {**(case.headers or {}), **headers}


def make_up(operation, mode, how_many):
    """Return a few cases that the description allows, or that it doesn't, and of each if it is about the place."""
    made = []

    @settings(
        max_examples=how_many,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), about=st.booleans())
    def each(case, about):
        made.append((case, about))

    each()
    return made


def send_made_up(operation, sender, cases):
    """Send cases that were made up for every asker, half of them about what the place has."""
    parameters = sender.about_the_place(operation)
    headers = sender.headers_of_a_change(operation, parameters)
    for case, about in cases:
        sent = case.derive()
        sent._meta = deepcopy(case.meta)  # what is put into this one is no change of the next asker's
        if about:
            _bring_about(sent, parameters, headers)
        sender.send(sent)


# On one database of the two: it takes most of a minute, and what it holds to the description is the same code.
@pytest.mark.postgres
@pytest.mark.parametrize("who", [NOBODY, PEER, *sorted(EVERYBODY)])
def test_every_answer_is_one_that_the_description_tells_of(operations, made_up, kept_from_nobody, place, who):
    sender = Sender(place, who)
    if who == PEER:
        # Elsewhere they are any peer, who is asked of it all as one.
        reviews = {name for _, name in REVIEW_ROUTES}
        operations = [each for each in operations if _route(each)[0] in reviews]
    for operation in operations:
        checks = [] if operation.label in kept_from_nobody else [ignored_auth]
        sender.send(as_the_description_says(operation, sender), *checks)
        kept_from_nobody |= sender.done
        # What is made up may be about another row than the table's, such as a measure of a version that was shared.
        done = set(sender.done)
        send_made_up(operation, sender, made_up[operation.label])
        sender.done = done
    # Whoever may do something has done it: nothing above was 404 throughout.
    may = {each.label for each in operations if who in _route(each)[1].may}
    assert sender.done <= may
    assert sender.done >= may - DONE_ELSEWHERE


def wrong_in_each_way(schema, operation):
    """Return a case for each way in which what is sent can be at odds with the description: a value's type, form or
    length, a header or a field that is missing or unknown, a method that is not taken."""
    found = schema.iter_coverage_cases(
        operation,
        generation_modes=[GenerationMode.NEGATIVE],
        generation_config=schema.config.generation_for(operation=operation),
    )
    return {(case.method, *_what_is_wrong(case.meta.phase.data)): case for case in found}.values()


def _what_is_wrong(told):
    return told.scenario, told.parameter_location, told.parameter, told.description


def test_whatever_is_at_odds_with_the_description_is_refused(schema, operations, place):
    sender = Sender(place, "principal-adviser")
    for operation in operations:
        parameters = sender.about_the_place(operation)
        headers = sender.headers_of_a_change(operation, parameters)
        for case in wrong_in_each_way(schema, operation):
            _bring_about(case, parameters, headers)
            if case.meta.phase.data.scenario == CoverageScenario.UNSPECIFIED_HTTP_METHOD:
                case.query = {}
            sender.send(case)
