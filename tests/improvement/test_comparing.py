"""Two versions compared: by identity, field by field, word by word."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from improvement.rules.comparing import Became, Kept, compare, out_of_order, words
from improvement.rules.plans import (
    ActionPlanned,
    MeasurePlanned,
    PlanDocument,
    PriorityPlanned,
    RiskPlanned,
    Told,
    as_json,
    from_json,
)

TEXT = st.text(alphabet="ab .,\n", max_size=60)


def action(key, **rest):
    return ActionPlanned(key, f"?.{key}", f"Do thing {key}", due_on=date(2026, 6, 1), **rest)


def plan(*priorities, **rest):
    """Each of `priorities`: (key, actions)."""
    return PlanDocument(
        "901",
        "Saltmarsh",
        "PLAN-2026-0001",
        "Plan",
        1,
        "drafting",
        priorities=tuple(
            PriorityPlanned(key, place, f"Priority {key}", actions=tuple(actions))
            for place, (key, actions) in enumerate(priorities, 1)
        ),
        **rest,
    )


A, B, C, D = (action(key) for key in (1, 2, 3, 4))


def became(comparison, what="action"):
    return {(change.after or change.before).key: str(change.became) for change in comparison.of(what)}


def test_the_same_version_twice_differs_in_nothing():
    assert compare(plan((1, [A, B])), plan((1, [A, B]))).is_empty


def test_a_new_number_alone_is_no_change():
    later = [replace(each, number=f"1.{n}") for n, each in enumerate((D, A, B, C), 1)]
    assert became(compare(plan((1, [A, B, C])), plan((1, later)))) == {4: "added"}


def test_actions_are_added_dropped_moved_and_changed_by_identity():
    found = compare(plan((1, [A, B]), (2, [C])), plan((1, [replace(A, owner_post="Director")]), (2, [B, D])))
    assert became(found) == {1: "changed", 2: "moved", 4: "added", 3: "dropped"}
    assert [field.name for field in found.of("action")[0].fields] == ["owner_post"]
    assert found.count("action", Became.MOVED) == 1


def test_what_moved_and_changed_tells_both():
    later = replace(B, due_on=date(2026, 9, 1))
    (found,) = compare(plan((1, [A, B]), (2, [])), plan((1, [A]), (2, [later]))).of("action")
    assert found.moved
    assert [(each.before, each.after) for each in found.fields] == [(date(2026, 6, 1), date(2026, 9, 1))]


def test_one_action_pulled_to_the_front_is_the_only_one_that_moved():
    assert became(compare(plan((1, [A, B, C, D])), plan((1, [D, A, B, C])))) == {4: "moved"}


def test_text_is_told_word_by_word_and_dates_whole():
    later = replace(A, text="Do another thing 1", due_on=None)
    (found,) = compare(plan((1, [A])), plan((1, [later]))).of("action")
    text, due = found.fields
    assert [part for part in text.words if part[0] != Kept.SAME] == [(Kept.INSERTED, "another ")]
    assert (due.before, due.after, due.words) == (date(2026, 6, 1), None, ())


def test_recommendations_measures_risks_and_the_plan_itself_are_compared_too():
    before = plan(
        recommendations=(Told(1, 1, "One"), Told(2, 2, "Two")),
        measures=(MeasurePlanned(1, "Visits", baseline=Decimal("60")),),
        risks=(RiskPlanned("Agency cover runs out", 3, 4), RiskPlanned("Data is late")),
        introduction="Why we are here",
    )
    after = plan(
        recommendations=(Told(2, 2, "Two"),),
        measures=(MeasurePlanned(1, "Visits", baseline=Decimal("61")),),
        risks=(RiskPlanned("Agency cover runs out early", 3, 4), RiskPlanned("Inspectors come")),
        introduction="Why we are still here",
    )
    found = compare(before, after)
    assert became(found, "recommendation") == {1: "dropped"}
    assert became(found, "measure") == {1: "changed"}
    assert [(str(each.became), (each.after or each.before).text) for each in found.of("risk")] == [
        ("changed", "Agency cover runs out early"),
        ("added", "Inspectors come"),
        ("dropped", "Data is late"),
    ]
    assert [each.name for each in found.plan] == ["introduction"]


@given(TEXT, TEXT)
def test_what_is_kept_and_inserted_is_the_later_text_and_what_is_kept_and_deleted_the_earlier(before, after):
    parts = words(before, after)
    assert "".join(text for kept, text in parts if kept != Kept.DELETED) == after
    earlier = "".join(text + " " for kept, text in parts if kept != Kept.INSERTED)
    assert earlier.split() == before.split()


@given(TEXT)
def test_a_text_compared_with_itself_is_all_the_same(text):
    assert {kept for kept, _ in words(text, text)} <= {Kept.SAME}


@given(st.permutations(range(8)))
def test_without_what_moved_the_order_is_as_before_and_no_fewer_could_have_moved(after):
    moved = out_of_order(range(8), after)
    stayed = [key for key in after if key not in moved]
    assert stayed == sorted(stayed)
    assert len(stayed) >= max(_rising_from(after, n) for n in range(8))


def _rising_from(keys, start):
    return 1 + max(
        (_rising_from(keys, n) for n in range(start + 1, len(keys)) if keys[n] > keys[start]), default=0
    )


def test_a_hundred_and_twenty_long_actions_all_changed_are_compared_in_a_moment():
    said = " ".join(f"word{n}" for n in range(400))
    long = [replace(action(n), text=said, success=said) for n in range(120)]
    short = [replace(each, text=said.replace("word7", "term"), success=said + " more") for each in long]
    began = perf_counter()
    assert len(compare(plan((1, long)), plan((1, short))).of("action")) == 120
    assert perf_counter() - began < 5


def test_the_same_word_ten_thousand_times_over_is_not_looked_through():
    began = perf_counter()
    words("x " + "a " * 9000, "y " + "a " * 9500 + "z")
    assert perf_counter() - began < 5


def test_a_stored_document_is_read_again_as_it_was():
    document = plan(
        (1, [replace(A, recommendations=(1,), measures=(5,), owner_id=3)]),
        recommendations=(Told(1, 1, "One", closed=True),),
        measures=(
            MeasurePlanned(5, "Visits", baseline=Decimal("60.500"), target_on=date(2027, 1, 1), priority=1),
        ),
        risks=(RiskPlanned("Data", 3, 4),),
        board=("Independent chair, chair",),
        statutory_on=date(2026, 4, 1),
    )
    stored = json.loads(json.dumps(as_json(document) | {"check": {"held": 3}}))
    assert from_json(stored) == document
