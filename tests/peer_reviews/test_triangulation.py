"""On how many independent sources a finding rests, held against trying every set of its notes."""

from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, count

from hypothesis import given
from hypothesis import strategies as st

from peer_reviews.rules.coverage import activity_of, independent
from peer_reviews.rules.triangulation import is_triangulated

DAY = date(2026, 11, 2)
NUMBERS = count(1)


@dataclass
class Told:
    activity_id: int | None
    source_type: str
    voice: str
    on: date = DAY
    merged_into_id: int | None = None
    pk: int = field(default_factory=lambda: next(NUMBERS))


TOLD = st.builds(
    Told,
    activity_id=st.none() | st.integers(1, 4),
    source_type=st.sampled_from(["document", "data", "interview"]),
    voice=st.sampled_from(["children", "social-workers", "dcs", "records"]),
)


def by_trying_every_set(notes):
    def differ(one, other):
        return activity_of(one) != activity_of(other) and one.voice != other.voice

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


def test_fifteen_hundred_notes_are_counted_at_once():
    voices = ["children", "families", "social-workers", "dcs", "members", "health"]
    notes = [Told(number % 40 + 1, "interview", voices[number % 6]) for number in range(1500)]
    assert independent(notes) == 6
