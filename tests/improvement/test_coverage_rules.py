"""The coverage matrix, from the document alone."""

import pytest

from improvement.rules.coverage import coverage
from improvement.rules.plans import ActionPlanned, PlanDocument, PriorityPlanned, Told


def plan(told, actions):
    """`actions`: key → the keys of what it serves."""
    planned = tuple(
        ActionPlanned(key, f"1.{n}", f"Do {key}", recommendations=tuple(serves))
        for n, (key, serves) in enumerate(actions.items(), 1)
    )
    return PlanDocument(
        "901",
        "Saltmarsh",
        "PLAN-2026-0001",
        "Plan",
        1,
        "drafting",
        recommendations=tuple(told),
        priorities=(PriorityPlanned(1, 1, "Practice", actions=planned),),
    )


TOLD = [Told(1, 1, "One"), Told(2, 2, "Two"), Told(3, 3, "Three"), Told(4, 4, "Four", closed=True)]


def test_it_tells_what_is_uncovered_what_leans_on_one_and_which_action_nobody_asked_for():
    found = coverage(plan(TOLD, {10: [1, 2], 11: [1], 12: []}))
    assert [row.told.key for row in found.uncovered] == [3]
    assert [row.told.key for row in found.leaning] == [2]
    assert [action.key for action in found.unasked] == [12]
    assert [row.actions for row in found.rows] == [(10, 11), (10,), (), ()]
    assert len(found.open_rows) == 3


@pytest.mark.parametrize(
    ("late", "complete", "rows_late"),
    [
        ([], [], []),
        ([10], [], [2]),
        ([10, 11], [], [1, 2]),
        ([10], [11], [1, 2]),
        ([], [10, 11], []),
        ([10], [10], []),
    ],
)
def test_a_recommendation_is_late_where_nothing_that_serves_it_is_on_time(late, complete, rows_late):
    found = coverage(plan(TOLD, {10: [1, 2], 11: [1]}), late=late, complete=complete)
    assert [row.told.key for row in found.late_rows] == rows_late


def test_a_closed_recommendation_is_neither_late_nor_missing():
    found = coverage(plan(TOLD, {10: [4]}), late=[10])
    assert found.late_rows == ()
    assert 4 not in [row.told.key for row in (*found.uncovered, *found.leaning)]
    assert [action.key for action in found.late_actions] == [10]


def test_what_an_action_serves_of_another_plan_makes_no_row():
    found = coverage(plan(TOLD[:1], {10: [99]}))
    assert [row.actions for row in found.rows] == [()]
    assert [action.key for action in found.unasked] == [10]
