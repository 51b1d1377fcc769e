"""The history of a council tells each reader of its plans what they may know of, and nothing of a draft."""

import pytest

from accounts.permissions import Role
from dashboards.queries import history
from history.models import Event
from improvement.actions import drafting
from improvement.actions.way_out import approve, send_for_approval, share
from improvement.queries.events import OF_PLANS
from tests.factories import TODAY, CouncilFactory, viewer_with
from tests.plans import make_plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def shared(council):
    by = viewer_with(Role.COUNCIL_APPROVER, council=council)
    version = make_plan(council, on=TODAY)
    drafting.add_risk(version, text="Cover runs out", by=by, on=TODAY)
    send_for_approval(version, by=by, on=TODAY)
    approve(version, by=by, on=TODAY)
    share(version, by=by, on=TODAY)


def told(role, council):
    events = history(council, viewer=viewer_with(role, council=council), limit=200)
    return {event.kind for event in events}


def test_the_council_is_told_all_of_it(council, shared):
    assert {"draft-risk-added", "plan-approved", "plan-shared", "milestone-made"} <= told(
        Role.COUNCIL_LEADERSHIP, council
    )


def test_the_lga_is_told_from_sharing_on(council, shared):
    known = told(Role.LGA_ADVISER, council)
    assert "plan-shared" in known and "milestone-made" in known
    assert not {kind for kind in known if kind.startswith("draft-")} | (known & {"plan-approved"})


def test_the_dfe_is_told_nothing_before_it_is_sent_nor_of_the_dates_of_actions(council, shared):
    assert not {kind for kind in told(Role.DFE_ADVISER, council) if kind.startswith(OF_PLANS)}
    actions = Event.objects.filter(kind="milestone-made", data__label__startswith="Action")
    known = history(council, viewer=viewer_with(Role.DFE_ADVISER, council=council), limit=500)
    assert not {event.pk for event in known} & set(actions.values_list("pk", flat=True))
