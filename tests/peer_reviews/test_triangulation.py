"""On how many independent sources a finding rests, held against trying every set of its notes."""

from itertools import combinations
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from peer_reviews.rules.triangulation import independent, is_triangulated


class Told(NamedTuple):
    activity_id: int | None
    source_type: str
    voice: str


TOLD = st.builds(
    Told,
    activity_id=st.none() | st.integers(1, 4),
    source_type=st.sampled_from(["document", "data", "interview"]),
    voice=st.sampled_from(["children", "social-workers", "dcs", "records"]),
)


def by_trying_every_set(notes):
    def differ(one, other):
        where = one.activity_id or one.source_type, other.activity_id or other.source_type
        return where[0] != where[1] and one.voice != other.voice

    for size in range(len(notes), 0, -1):
        for chosen in combinations(notes, size):
            if all(differ(one, other) for one, other in combinations(chosen, 2)):
                return size
    return 0


@given(st.lists(TOLD, max_size=9))
def test_sources_are_counted_as_by_trying_every_set_of_notes(notes):
    assert independent(notes) == by_trying_every_set(notes)


@given(st.lists(TOLD, max_size=9), st.randoms())
def test_the_order_of_notes_and_the_same_note_again_change_nothing(notes, chance):
    shuffled = [*notes, *notes]
    chance.shuffle(shuffled)
    assert independent(shuffled) == independent(notes)


def test_one_group_heard_in_two_meetings_is_one_source():
    assert independent([Told(1, "interview", "dcs"), Told(2, "interview", "dcs")]) == 1


def test_two_groups_heard_in_one_meeting_are_one_source():
    assert independent([Told(1, "focus-group", "health"), Told(1, "focus-group", "police")]) == 1


def test_two_groups_heard_apart_are_two_sources_and_that_is_enough():
    sources = independent([Told(1, "focus-group", "health"), Told(2, "interview", "dcs")])
    assert (sources, is_triangulated(sources), is_triangulated(1)) == (2, True, False)


def test_a_thousand_notes_of_forty_activities_are_counted_at_once():
    voices = ["children", "families", "social-workers", "dcs", "members", "health"]
    notes = [Told(number % 40 + 1, "interview", voices[number % 6]) for number in range(1500)]
    assert independent(notes) == 6
