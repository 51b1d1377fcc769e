"""How many independent sources notes come from, and what the evidence still lacks."""

from dataclasses import dataclass
from datetime import date
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from peer_reviews.rules.coverage import gaps_of, independent, rows_of
from peer_reviews.rules.notes import day_words_on_site

MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)


@dataclass(frozen=True)
class Told:
    """A note as far as the rules read it."""

    pk: int
    activity_id: int | None
    source_type: str
    voice: str
    on: date = MONDAY
    merged_into: object = None

    @property
    def merged_into_id(self):
        return self.merged_into.pk if self.merged_into else None


def by_brute_force(notes):
    """Try every set of notes, the largest first, for one of which no two share an activity or a voice."""
    for size in range(len(notes), 0, -1):
        for some in combinations(notes, size):
            if all(_apart(one, other) for one, other in combinations(some, 2)):
                return size
    return 0


def _apart(one, other):
    if one.voice == other.voice:
        return False
    if one.activity_id is None and other.activity_id is None:
        return (one.source_type, one.voice, one.on) != (other.source_type, other.voice, other.on)
    return one.activity_id != other.activity_id


some_notes = st.lists(
    st.builds(
        Told,
        pk=st.integers(),
        activity_id=st.sampled_from([None, 1, 2, 3, 4]),
        source_type=st.sampled_from(["interview", "document"]),
        voice=st.sampled_from(["children", "health", "police", "records"]),
        on=st.sampled_from([MONDAY, TUESDAY]),
    ),
    max_size=7,
    unique_by=lambda note: note.pk,
)


@settings(max_examples=300, deadline=None)
@given(some_notes)
def test_independent_sources_are_the_largest_set_of_which_no_two_share_activity_or_voice(notes):
    assert independent(notes) == by_brute_force(notes)


def test_two_notes_of_one_focus_group_are_one_source():
    notes = [Told(1, 7, "focus-group", "social-workers"), Told(2, 7, "focus-group", "team-managers")]
    assert independent(notes) == 1


def test_one_group_heard_twice_is_one_source():
    assert independent([Told(1, 7, "interview", "police"), Told(2, 8, "interview", "police")]) == 1


def test_a_busy_activity_gives_way_where_another_has_only_its_voice():
    notes = [
        Told(1, 7, "interview", "health"),
        Told(2, 7, "interview", "police"),
        Told(3, 8, "interview", "health"),
    ]
    assert independent(notes) == 2


def test_a_merged_note_counts_as_the_one_it_was_merged_into():
    kept = Told(1, 7, "interview", "health")
    assert independent([kept, Told(2, 8, "interview", "police", merged_into=kept)]) == 1
    assert independent([Told(2, 8, "interview", "police", merged_into=kept)]) == 1


def test_each_line_says_what_it_has_nothing_from():
    rows = rows_of(
        [(1, "Leadership"), (2, "Practice")], [(1, "interview", 2), (1, "data", 1), (None, "document", 4)]
    )
    assert [(row.title, row.groups, row.gaps) for row in rows] == [
        ("Leadership", [2, 0, 0, 1], ["seen", "documents"]),
        ("Practice", [0, 0, 0, 0], ["people", "seen", "documents", "data"]),
        ("No line of enquiry", [0, 0, 4, 0], ["people", "seen", "data"]),
    ]
    assert gaps_of(rows) == 6


def test_days_on_site_are_counted_without_the_weekend_between_them():
    friday, wednesday = date(2026, 11, 20), date(2026, 11, 25)
    said = [day_words_on_site(friday, wednesday, date(2026, 11, day)) for day in (19, 20, 21, 22, 23, 25, 26)]
    assert said == [
        "on site from 20 November",
        "day 1 of 4",
        "after day 1 of 4",
        "after day 1 of 4",
        "day 2 of 4",
        "day 4 of 4",
        "after the days on site",
    ]
    assert day_words_on_site(None, None, friday) == ""
