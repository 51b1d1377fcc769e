"""The credibility check: each point, what fails it, and how it is stored."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from improvement.rules.credibility import as_json, check, from_json
from improvement.rules.plans import (
    ActionPlanned,
    MeasurePlanned,
    PlanDocument,
    PriorityPlanned,
    RiskPlanned,
    Told,
)

ACTION = ActionPlanned(
    key=11,
    number="1.1",
    text="Audit every case",
    owner_post="Head of quality and performance",
    owner_body="Saltmarsh Police",
    start_on=date(2026, 1, 1),
    due_on=date(2026, 6, 1),
    resources="Two auditors",
    by_voice=True,
    recommendations=(1,),
    measures=(5,),
)
MEASURE = MeasurePlanned(key=5, name="Assessments in time", baseline=Decimal("60"), target=Decimal("90"))
RISK = RiskPlanned("Cover runs out", 3, 4, "Recruit", "Director")


def plan(action=ACTION, **rest):
    whole = {
        "recommendations": (Told(1, 1, "Audit cases", of="Inspection report"),),
        "priorities": (PriorityPlanned(7, 1, "Practice", actions=(action,)),),
        "measures": (MEASURE,),
        "risks": (RISK,),
        "board": ("Independent chair, chair",),
        "board_approved_on": date(2026, 1, 9),
    }
    return PlanDocument("901", "Saltmarsh", "PLAN-2026-0001", "Plan", 1, "drafting", **(whole | rest))


def failing(document):
    return {
        point.slug: [each.because for each in point.failing] for point in check(document) if not point.holds
    }


def test_a_plan_that_lacks_nothing_holds_in_every_point():
    assert failing(plan()) == {}


@pytest.mark.parametrize(
    ("lacks", "slug", "because"),
    [
        (
            {"recommendations": (), "aim": "Our own wish"},
            "covered",
            "no action serves it (Inspection report)",
        ),
        ({"owner_post": " "}, "owned", "no owner"),
        ({"owner_post": "TBC"}, "owned", "“TBC” names nobody"),
        ({"owner_post": "Head of care / Head of quality"}, "owned", "reads as more than one owner"),
        ({"start_on": None}, "dated", "no start date"),
        ({"start_on": None, "due_on": None}, "dated", "no start and no due date"),
        ({"measures": ()}, "measured", "no measure"),
        ({"by_voice": False, "by_audit": False, "by_measures": False}, "evidenced", "no kind of evidence"),
        ({"resources": ""}, "resourced", "no resources"),
        ({"owner_body": ""}, "partners", "no action is owned by a partner body"),
        ({"by_voice": False, "by_audit": True}, "voice", "no action is evidenced by the voice"),
    ],
)
def test_what_an_action_lacks_fails_its_point_and_is_named(lacks, slug, because):
    found = failing(plan(replace(ACTION, **lacks)))
    assert because in found[slug][0]
    assert set(found) <= {slug, "voice"}


@pytest.mark.parametrize(
    ("lacks", "slug", "because"),
    [
        ({"risks": ()}, "risks", ["it states no risk"]),
        (
            {"risks": (RISK, RiskPlanned("Data", None, 3))},
            "risks",
            ["no score and no mitigation and no owner"],
        ),
        (
            {"board": (), "board_approved_on": None},
            "board",
            ["no member of an improvement board is recorded", "no approval by the board is recorded"],
        ),
        ({"measures": (replace(MEASURE, target=None),)}, "measured", ["“Assessments in time” has no target"]),
    ],
)
def test_what_the_plan_lacks_is_named(lacks, slug, because):
    assert failing(plan(**lacks)) == {slug: because}


def test_an_action_without_recommendation_or_aim_is_not_traced():
    assert "traced" in failing(plan(replace(ACTION, recommendations=())))
    assert "traced" not in failing(plan(replace(ACTION, recommendations=(), aim="Stability")))


def test_a_closed_recommendation_asks_for_no_action():
    closed = Told(2, 2, "Was met", closed=True)
    assert "covered" not in failing(plan(recommendations=(*plan().recommendations, closed)))


def test_one_whole_measure_is_enough_for_an_action():
    action = replace(ACTION, measures=(5, 6))
    other = MeasurePlanned(key=6, name="Visits")
    assert failing(plan(action, measures=(MEASURE, other))) == {}


def test_an_empty_plan_holds_in_nothing_that_asks_about_actions():
    empty = plan(priorities=(), recommendations=())
    assert set(failing(empty)) >= {"traced", "owned", "dated", "measured", "evidenced", "resourced", "voice"}


def test_it_is_stored_as_plain_values_and_read_again():
    points = check(plan(replace(ACTION, resources="", owner_post="")))
    stored = json.loads(json.dumps(as_json(points)))
    assert (stored["held"], stored["of"]) == (9, 11)
    assert from_json(stored) == points
