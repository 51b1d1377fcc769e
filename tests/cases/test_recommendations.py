"""Recommendations added, corrected, closed and opened again, and who may, under embargo and after."""

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions import (
    Refused,
    Stale,
    add_recommendations,
    change_recommendation,
    close_recommendation,
    reopen_recommendation,
)
from cases.models import Recommendation, Source
from history.models import Event
from tests.factories import SourceFactory
from tests.inspections.entered import RECEIVED, around_a_council

pytestmark = pytest.mark.django_db
ITEMS = [("12", "Improve the timeliness of assessments."), ("", "Hear children’s views.")]


@pytest.fixture
def around():
    return around_a_council()


@pytest.fixture
def source(around):
    return SourceFactory(council=around.council)


@pytest.fixture
def embargoed(around):
    source = SourceFactory(council=around.council, access=Source.Access.EMBARGOED)
    source.readers.create(person=around.people["approver"], side="council", from_on=RECEIVED)
    source.readers.create(person=around.people["leader"], side="council", from_on=RECEIVED)
    return source


def add(around, source, items=ITEMS, by="approver"):
    return add_recommendations(source, items=items, by=around.viewer(by), on=RECEIVED)


def test_numbers_go_on_after_the_last(around, source):
    add(around, source)
    add(around, source, [("p. 4", "Third")])
    assert list(source.recommendations.values_list("number", "paragraph")) == [
        (1, "12"),
        (2, ""),
        (3, "p. 4"),
    ]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "at least one"),
        ([("", "Good"), ("3", "  ")], "Recommendation 2 has no words"),
        ([("", "x" * 4001)], "Shorten it to 4,000"),
        ([("x" * 41, "x")], "the paragraph must be 40"),
        ([("", "x")] * 201, "at most 200"),
    ],
)
def test_one_that_can_not_be_keeps_all_out(around, source, items, message):
    with pytest.raises(Refused, match=message):
        add(around, source, items)
    assert not Recommendation.objects.exists()


@pytest.mark.parametrize("by", ["leader", "contributor", "dfe", "lead"])
def test_who_enters_no_inspections_adds_none(around, source, by):
    with pytest.raises(PermissionDenied):
        add(around, source, by=by)


@pytest.mark.parametrize("by", ["leader", "principal", "adviser"])
def test_under_embargo_only_a_named_reader_who_enters_inspections_may(around, embargoed, by):
    with pytest.raises(PermissionDenied):
        add(around, embargoed, by=by)
    (first, _second) = add(around, embargoed)
    with pytest.raises(PermissionDenied):
        change_recommendation(first, paragraph="1", text="x", by=around.viewer(by), on=RECEIVED, revision=1)


def test_changed_by_two_the_second_is_told(around, source):
    first, _second = add(around, source)
    said = {"paragraph": "13", "by": around.viewer("approver"), "on": RECEIVED, "revision": 1}
    assert change_recommendation(first, text="Sooner", **said).revision == 2
    with pytest.raises(Stale) as stale:
        change_recommendation(first, text="Later", **said)
    assert stale.value.current.text == "Sooner"


def test_closed_with_its_outcome_and_opened_again(around, source):
    first, _second = add(around, source)
    by = {"by": around.viewer("adviser"), "on": RECEIVED}
    with pytest.raises(Refused) as refused:
        close_recommendation(first, outcome="done", note="x", revision=1, **by)
    assert refused.value.field == "outcome"
    with pytest.raises(Refused) as refused:
        close_recommendation(first, outcome="met", note="", revision=1, **by)
    assert refused.value.field == "note"
    first = close_recommendation(first, outcome="met", note="Ofsted’s letter of July", revision=1, **by)
    assert (first.outcome, first.closed_on) == ("met", RECEIVED)
    assert not Recommendation.objects.open(RECEIVED).filter(pk=first.pk).exists()
    with pytest.raises(Refused, match="closed already"):
        close_recommendation(first, outcome="met", note="x", revision=2, **by)
    first = reopen_recommendation(first, note="Another council’s letter", revision=2, **by)
    assert (first.outcome, first.closed_on, first.revision) == ("", None, 3)


def test_no_event_holds_its_words_and_each_rests_on_the_source(around, embargoed):
    first, _second = add(around, embargoed)
    change_recommendation(
        first, paragraph="", text="Other words", by=around.viewer("approver"), on=RECEIVED, revision=1
    )
    events = Event.objects.filter(kind__startswith="recommendation")
    assert set(events.values_list("source_id", flat=True)) == {embargoed.pk}
    assert not any("words" in str(data) or "timeliness" in str(data) for data in events.values_list("data"))


def test_under_embargo_nobody_finds_one_in_a_list(around, embargoed):
    add(around, embargoed)
    for who in around.people:
        assert not Recommendation.objects.visible_to(around.viewer(who)).exists()
    assert Recommendation.objects.in_confidence_to(around.viewer("leader")).count() == 2
