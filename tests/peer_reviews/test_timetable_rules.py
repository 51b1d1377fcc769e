"""Rules of the timetable and of case references: who is in two places, what is on now, what may be a reference."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peer_reviews.rules.references import is_case_reference, reference_of
from peer_reviews.rules.timetable import Slot, clashes, days_in_order, moved_until, on_now, overlap

MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)


def slot(key, begins, ends, *people, on=MONDAY, room=""):
    return Slot(key, on, time(*begins), time(*ends), frozenset(people), room)


class TestClashes:
    def test_one_person_in_two_places_at_once_is_a_clash(self):
        (found,) = clashes([slot(1, (9, 0), (10, 0), 7), slot(2, (9, 30), (11, 0), 7, 8)])
        assert (found.first, found.second, found.people, found.same_room) == (1, 2, {7}, False)

    def test_one_that_begins_as_the_other_ends_does_not_clash(self):
        assert clashes([slot(1, (9, 0), (10, 0), 7), slot(2, (10, 0), (11, 0), 7)]) == []

    def test_the_same_hour_of_another_day_does_not_clash(self):
        assert clashes([slot(1, (9, 0), (10, 0), 7), slot(2, (9, 0), (10, 0), 7, on=TUESDAY)]) == []

    def test_a_room_is_the_same_however_it_is_written(self):
        one = slot(1, (9, 0), (10, 0), 7, room="Committee Room 2")
        (found,) = clashes([one, slot(2, (9, 0), (10, 0), 8, room=" committee  room 2 ")])
        assert found.same_room and found.people == frozenset()

    def test_no_room_is_not_the_same_room(self):
        assert clashes([slot(1, (9, 0), (10, 0), 7), slot(2, (9, 0), (10, 0), 8)]) == []

    @given(
        st.lists(
            st.builds(
                lambda begins, length, person, room: (begins, length, person, room),
                st.integers(0, 1300),
                st.integers(1, 100),
                st.integers(1, 3),
                st.sampled_from(["", "A", "B"]),
            ),
            max_size=8,
        )
    )
    def test_every_clash_overlaps_and_every_pair_that_wants_the_same_at_once_is_one(self, drawn):
        slots = [
            Slot(
                key,
                MONDAY,
                time(*divmod(begins, 60)),
                time(*divmod(begins + length, 60)),
                frozenset({who}),
                room,
            )
            for key, (begins, length, who, room) in enumerate(drawn)
        ]
        found = {frozenset((each.first, each.second)) for each in clashes(slots)}
        wanted = {
            frozenset((one.key, other.key))
            for one in slots
            for other in slots
            if one.key < other.key
            and overlap(one, other)
            and (one.people & other.people or (one.room and one.room == other.room))
        }
        assert found == wanted


class TestMoving:
    def test_it_lasts_as_long_as_before(self):
        assert moved_until(time(9, 15), time(10, 45), time(14, 0)) == time(15, 30)

    def test_past_midnight_is_nowhere(self):
        assert moved_until(time(9, 0), time(11, 0), time(22, 0)) is None


class TestWhatIsOnNow:
    def at(self, hour, minute):
        return datetime.combine(MONDAY, time(hour, minute))

    def test_it_is_ones_own_and_not_anothers(self):
        slots = [slot(1, (9, 0), (10, 0), 8), slot(2, (9, 0), (10, 0), 7)]
        assert on_now(slots, 7, self.at(9, 30)).key == 2

    def test_within_the_hour_it_is_still_the_one_before(self):
        slots = [slot(1, (9, 0), (10, 0), 7)]
        assert on_now(slots, 7, self.at(10, 59)).key == 1
        assert on_now(slots, 7, self.at(11, 1)) is None

    def test_what_is_on_comes_before_what_has_just_ended(self):
        slots = [slot(1, (9, 0), (10, 0), 7), slot(2, (10, 0), (11, 0), 7)]
        assert on_now(slots, 7, self.at(10, 0)).key == 2

    def test_what_names_nobody_is_the_whole_teams(self):
        slots = [slot(1, (9, 0), (10, 0)), slot(2, (9, 0), (10, 0), 8)]
        assert on_now(slots, 7, self.at(9, 0)).key == 1

    def test_another_day_is_not_now(self):
        assert on_now([slot(1, (9, 0), (10, 0), 7, on=TUESDAY)], 7, self.at(9, 30)) is None


def test_todays_day_comes_first_and_past_ones_last():
    first, second, third, fourth = (date(2026, 11, day) for day in (2, 3, 4, 5))
    assert days_in_order([first, second, third, fourth], third) == [third, fourth, first, second]


class TestReferences:
    @pytest.mark.parametrize("typed", ["A12", "aud-0042 ", "17", "CS/2026/118", "1200345", "EHM12345"])
    def test_what_counts_is_a_reference(self, typed):
        assert is_case_reference(reference_of(typed))

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "Ann",
            "Ann Other",
            "ANNOTHER1",
            "A 12",
            "12/03/2014",
            "12-03-14",
            "12-MAR-2014",
            "2014-03-12",
            "20140312",
            "12032014",
            "A12, aged 4",
            "A1" * 16,
        ],
    )
    def test_what_could_be_a_name_or_a_date_is_none(self, typed):
        assert not is_case_reference(reference_of(typed))
