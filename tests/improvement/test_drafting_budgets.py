"""The grid costs the same number of queries for 12 actions and for 120, and stays small enough for a poor line."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from improvement.models import PlannedAction
from tests.factories import person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

MOST_QUERIES, MOST_BYTES = 15, 500_000


@pytest.fixture
def asked(client, council):
    """Return a function that opens a page of a version: its queries, and its size in bytes."""
    client.force_login(person_with(Role.COUNCIL_CONTRIBUTOR, council=council))

    def ask(name, version):
        with CaptureQueriesContext(
            connection,
        ) as told:
            page = client.get(reverse(name, args=[version.plan.reference, version.number]))
        assert page.status_code == 200
        return len(told), len(page.content)

    return ask


@pytest.mark.parametrize("name", ["plan_grid", "plan_version"])
def test_a_page_of_a_plan_costs_as_many_queries_for_120_actions_as_for_12(name, asked, council):
    small = make_plan(council, actions=12, recommendations=4)
    large = make_plan(council, actions=120, recommendations=40, priorities=7, measures=30)
    few, _ = asked(name, small)
    many, _ = asked(name, large)
    assert few == many <= MOST_QUERIES


def test_the_grid_of_120_actions_in_full_sentences_and_40_recommendations_stays_under_500_kb(asked, council):
    version = make_plan(council, actions=120, recommendations=40, priorities=7, measures=30)
    PlannedAction.objects.filter(version=version).update(
        text="Sentences of a plan. " * 24, success="It is so. " * 20
    )
    version.plan.recommendations.update(text="What Ofsted asks for. " * 20)
    _, size = asked("plan_grid", version)
    assert size < MOST_BYTES
