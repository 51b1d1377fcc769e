"""What changed of peer reviews is told to those who read them; the opening of its case is no intervention."""

import pytest
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from dashboards.changes import changes
from dashboards.presenters.changes import ChangesShown
from history.actions import record_event
from peer_reviews.models import PeerReview, Stage
from tests.factories import MilestoneFactory, person_with
from tests.peer_reviews.reviews import make_review

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    """Events are stamped by the database's clock, so these tests take the day as it is."""


@pytest.fixture
def made(region, council):
    """A review whose every kind of news was told by somebody else today."""
    today = timezone.localdate()
    made = make_review(council, region=region, today=today, stage=Stage.FINAL)
    PeerReview.objects.filter(pk=made.review.pk).update(final_on=today)
    made.review.refresh_from_db()
    by = Viewer.of(person_with(Role.NATIONAL_LEAD, name="Nuala Heron"), today)

    def tell(kind, subject=made.review, /, **data):
        record_event(
            kind,
            by=by,
            on=today,
            subject=subject,
            council_code=council.la_code,
            case_reference=made.review.case.reference,
            data=data,
        )

    tell("case-opened", made.review.case, standing="open")
    tell("review-offered", kind="cspc")
    tell("review-stage-changed", before="offered", after="accepted")
    tell("review-stage-changed", before="draft-report", after="factual-accuracy")
    tell("review-stage-changed", before="factual-accuracy", after="final")
    tell("review-finding-made", notes=4)
    tell("review-case-audited")
    done = {
        "outcome": "met",
        "met_on": today,
        "closed_on": today,
        "of_review": True,
        "case": made.review.case,
    }
    tell("milestone-met", MilestoneFactory(council=council, label="Draft report", **done))
    tell("milestone-met", MilestoneFactory(council=council, label="Position statement and documents", **done))
    return made


def told(person):
    today = timezone.localdate()
    shown = ChangesShown(changes(viewer=Viewer.of(person, today)), today=today)
    return [
        (line.kind, line.what if line.kind == "Met" else line.detail.split(", on site")[0])
        for line in shown.lines
    ]


OF_THE_REVIEW = [
    ("Met", "Position statement and documents"),
    ("Peer review", "final report, not published"),
    ("Peer review", "draft report sent to the council, to check facts"),
    ("Peer review", "accepted by the council"),
    ("Peer review", "offered to the council"),
]


def test_the_lga_and_the_council_are_told_each_step_and_nothing_of_the_team(made):
    assert told(made.principal) == OF_THE_REVIEW
    assert told(made.approver) == OF_THE_REVIEW


def test_the_dfe_s_adviser_is_told_of_nothing_but_its_publication(made, council):
    adviser = person_with(Role.DFE_ADVISER, council=council)
    assert told(adviser) == []
    today = timezone.localdate()
    PeerReview.objects.filter(pk=made.review.pk).update(published_on=today)
    record_event(
        "review-published",
        by=Viewer.system(today),
        on=today,
        subject=made.review,
        council_code=council.la_code,
    )
    ((kind, detail),) = told(adviser)
    assert kind == "Peer review" and detail.startswith("published by the council")


def test_another_council_and_a_peer_off_the_team_are_told_nothing(made, neighbour):
    assert told(person_with(Role.COUNCIL_APPROVER, council=neighbour)) == []
    assert told(person_with(Role.PEER, council=neighbour)) == []
