"""What changed of plans and updates is told to those who may read it: what left the house, and no draft."""

from datetime import date

import pytest
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from dashboards.changes import changes
from dashboards.presenters.changes import ChangesShown
from history.actions import record_event
from improvement.models import PlanVersion, Question, Reply, Update
from tests.factories import MilestoneFactory, person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    """Events are stamped by the database's clock, so these tests take the day as it is."""


@pytest.fixture
def told(council, region):
    """A version that was sent, with every kind of its events; return who is told what of them, in words."""
    today = timezone.localdate()
    version = make_plan(council, standing=PlanVersion.Standing.SENT)
    draft = PlanVersion.objects.create(plan=version.plan, number=2, begun_on=today)
    update = Update.objects.create(
        plan=version.plan,
        version=version,
        period_on=date(2026, 10, 1),
        due_on=today,
        opened_on=today,
        standing="submitted",
        submitted_on=today,
        content={},
        digest="d" * 64,
    )
    question = Question.objects.create(update=update, text="Why?", asked_on=today)
    Reply.objects.create(
        version=version, kind=Reply.Kind.RETURNED, dated_on=today, recorded_on=today, resubmit_by=today
    )
    by = Viewer.of(person_with(Role.NATIONAL_LEAD, name="Nuala Heron"), today)

    def tell(name, subject, **data):
        record_event(name, by=by, on=today, subject=subject, council_code=council.la_code, data=data)

    for kind in ("plan-approved", "plan-shared", "plan-commented", "plan-commented", "plan-said-ready"):
        tell(kind, version)
    tell("plan-sent", version, ofsted=today.isoformat(), dfe=today.isoformat())
    tell("plan-answered", version, kind="returned", dated_on=today.isoformat())
    tell("plan-answered", version, kind="accepted", dated_on="2020-01-01")
    for kind in ("plan-sent-for-approval", "draft-action-saved"):
        tell(kind, draft)
    tell("plan-shared", draft)
    tell("update-submitted", update)
    tell("update-questioned", question)
    tell("question-answered", question)
    tell(
        "milestone-met",
        MilestoneFactory(
            council=council, case=None, of_plan=True, outcome="met", met_on=today, closed_on=today
        ),
    )

    def of(role, **reach):
        viewer = Viewer.of(person_with(role, **reach), today)
        shown = ChangesShown(changes(viewer=viewer), today=today)
        return [(line.kind, line.detail.split(", in a")[0].split(" on ")[0]) for line in shown.lines]

    return of


SENT = [("Plan", "the DfE returns the plan"), ("Plan", "sent to Ofsted")]
SAID = [
    ("Question or comment", "the council has answered a question"),
    ("Question or comment", "the adviser asks"),
]
OF_THE_LGA = [
    *SAID,
    ("Update", "submitted"),
    *SENT,
    ("Question or comment", "the adviser says that it is ready"),
    ("Question or comment", "commented on"),
    ("Plan", "shared with the LGA adviser"),
    ("Plan", "approved by the council"),
]


def test_the_lga_s_adviser_is_told_what_was_shared_and_what_was_said(told, region):
    assert told(Role.LGA_ADVISER, region=region) == OF_THE_LGA


def test_the_council_s_own_people_are_told_of_every_version(told, council):
    shared = ("Plan", "shared with the LGA adviser")
    assert told(Role.COUNCIL_LEADERSHIP, council=council) == [
        *SAID,
        ("Update", "submitted"),
        shared,
        *OF_THE_LGA[3:],
    ]


def test_the_dfe_s_adviser_is_told_what_was_sent_and_answered_alone(told, council):
    assert told(Role.DFE_ADVISER, council=council) == SENT


def test_another_council_is_told_nothing(told, neighbour):
    assert told(Role.COUNCIL_APPROVER, council=neighbour) == []
