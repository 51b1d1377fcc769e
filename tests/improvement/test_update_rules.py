"""When an update is due, what an answer may say, and for what "no change" may be said."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cases.rules import WorkingCalendar, add_months
from improvement.rules.updates import (
    ActionAnswer,
    ActionAsked,
    MeasureAnswer,
    MeasureAsked,
    Meeting,
    Need,
    PriorityAsked,
    UpdateAsked,
    contradiction,
    due_of,
    measure_contradiction,
    needs_of,
    period_end,
    period_words,
    periods_to_open,
    reading_due,
    short_period_words,
)

ON = date(2026, 11, 12)
CALENDAR = WorkingCalendar({date(2025, 12, 25): "Christmas Day", date(2027, 1, 1): "New Year"})
DAYS = some.dates(date(2020, 1, 1), date(2030, 12, 31))
DELIVERIES = some.sampled_from(["", "not-started", "on-track", "slipping", "off-track", "complete"])
ANSWERS = some.builds(
    ActionAnswer,
    delivery=DELIVERIES,
    difference=some.sampled_from(["", "Fewer waits"]),
    unchanged=some.booleans(),
)


def asked(**values):
    return ActionAsked(key=1, number="2.3", text="Do it", **values)


class TestPeriods:
    def test_the_first_is_that_of_the_approval_and_opens_when_it_has_ended(self):
        approved = date(2026, 9, 20)
        assert periods_to_open(approved, 1, date(2026, 9, 30)) == ()
        assert periods_to_open(approved, 1, date(2026, 10, 1)) == (date(2026, 9, 1),)
        assert periods_to_open(approved, 1, ON) == (date(2026, 9, 1), date(2026, 10, 1))
        assert periods_to_open(approved, 1, ON, after=date(2026, 9, 1)) == (date(2026, 10, 1),)

    @given(DAYS, some.integers(1, 6), some.integers(0, 1500))
    def test_they_follow_one_another_without_gap_and_none_before_it_has_ended(self, first_on, months, later):
        on = first_on + timedelta(days=later)
        found = periods_to_open(first_on, months, on)
        for earlier, after in pairwise(found):
            assert period_end(earlier, months) + timedelta(days=1) == after
        assert all(period_end(each, months) < on for each in found)
        following = add_months(found[-1], months) if found else first_on.replace(day=1)
        assert period_end(following, months) >= on

    def test_their_words(self):
        assert period_words(date(2026, 10, 1)) == "October 2026"
        assert period_words(date(2026, 10, 1), 3) == "October to December 2026"
        assert period_words(date(2026, 11, 1), 3) == "November 2026 to January 2027"
        assert short_period_words(date(2026, 10, 1), 3) == "October to December"


class TestDue:
    def test_with_the_papers_of_the_first_meeting_whose_papers_follow_the_period(self):
        too_early = Meeting(1, date(2026, 11, 5), date(2026, 10, 29))
        wanted = Meeting(2, date(2026, 12, 3), date(2026, 11, 26))
        later = Meeting(3, date(2027, 1, 14), date(2027, 1, 7))
        found = due_of(date(2026, 10, 1), 1, [later, wanted, too_early], 10, CALENDAR)
        assert found == (date(2026, 11, 26), wanted)

    def test_without_a_board_so_many_working_days_after_the_period(self):
        assert due_of(date(2026, 10, 1), 1, [], 10, CALENDAR) == (date(2026, 11, 13), None)


class TestReadingDue:
    @pytest.mark.parametrize(
        ("frequency", "latest_on", "due"),
        [
            ("monthly", date(2026, 10, 1), False),
            ("monthly", date(2026, 9, 30), True),
            ("quarterly", date(2026, 8, 31), False),
            ("quarterly", date(2026, 7, 31), True),
            ("half-yearly", date(2026, 5, 1), False),
            ("half-yearly", date(2026, 4, 30), True),
            ("yearly", date(2025, 11, 1), False),
            ("yearly", date(2025, 10, 31), True),
            ("monthly", None, True),
        ],
    )
    def test_of_october(self, frequency, latest_on, due):
        assert reading_due(latest_on, frequency, date(2026, 10, 1), 1) is due


class TestAnswers:
    @given(ANSWERS, DAYS, DAYS)
    def test_past_due_and_not_complete_is_never_on_track(self, answer, due_on, on):
        if answer.delivery == "on-track" and due_on < on:
            words, field = contradiction(answer, "2.3", due_on, on)
            assert field == "delivery" and "Action 2.3 is past its date" in words
            assert Need.NOT_ON_TRACK in needs_of(answer, past=True)
        else:
            assert contradiction(answer, "2.3", due_on, on) is None

    @pytest.mark.parametrize("delivery", ["slipping", "off-track"])
    def test_slipping_or_off_track_needs_a_reason_and_a_recovery(self, delivery):
        assert needs_of(ActionAnswer(delivery), past=False) == (Need.REASON, Need.RECOVERY)
        told = ActionAnswer(delivery, reason="Agency", recovery="Recruit")
        assert needs_of(told, past=False) == ()

    def test_past_its_date_it_needs_a_new_one_too(self):
        told = ActionAnswer("slipping", reason="Agency", recovery="Recruit")
        assert needs_of(told, past=True) == (Need.PAST_ITS_DATE,)
        assert needs_of(ActionAnswer("complete"), past=True) == ()

    def test_a_new_date_needs_its_reason_and_lies_ahead(self):
        moved = ActionAnswer("on-track", new_due_on=date(2027, 1, 31))
        assert needs_of(moved, past=False) == (Need.DATE_REASON,)
        back = ActionAnswer("slipping", new_due_on=ON - timedelta(days=1))
        assert contradiction(back, "2.3", date(2027, 1, 1), ON)[1] == "new_due_on"

    @pytest.mark.parametrize(
        ("answer", "field"),
        [
            (MeasureAnswer(value=Decimal(1), expected_on=date(2026, 12, 1)), "expected_on"),
            (MeasureAnswer(value=Decimal(1), reading_on=date(2026, 11, 13)), "reading_on"),
            (MeasureAnswer(expected_on=date(2026, 11, 11)), "expected_on"),
            (MeasureAnswer(value=Decimal("1.2345")), "value"),
            (MeasureAnswer(value=Decimal("NaN")), "value"),
        ],
    )
    def test_of_a_measure_that_contradict_themselves_are_refused(self, answer, field):
        assert measure_contradiction(answer, "Re-referrals", ON)[1] == field


class TestNoChange:
    @given(
        answer=some.none() | ANSWERS,
        before=some.none() | ANSWERS,
        due_on=some.none() | DAYS,
        readings_due=some.integers(0, 2),
        unchanged_before=some.integers(0, 3),
        on=DAYS,
    )
    def test_it_never_covers_what_is_past_its_date_or_owes_a_reading(
        self, answer, before, due_on, readings_due, unchanged_before, on
    ):
        action = asked(
            answer=answer,
            before=before,
            due_on=due_on,
            readings_due=readings_due,
            unchanged_before=unchanged_before,
        )
        if action.may_stay(on):
            assert before.delivery == "on-track"
            assert due_on is None or due_on >= on
            assert not readings_due and unchanged_before < 2 and answer is None
            # So said, it is a whole answer.
            assert not needs_of(ActionAnswer("on-track", unchanged=True), past=action.is_past(on))

    def test_after_two_updates_without_change_it_asks_what_difference_was_made(self):
        same = asked(before=ActionAnswer("on-track"), unchanged_before=2, answer=ActionAnswer("on-track"))
        assert same.needs(ON) == (Need.DIFFERENCE,)
        told = asked(unchanged_before=2, answer=ActionAnswer("on-track", difference="Fewer waits"))
        assert told.needs(ON) == ()


class TestWhole:
    def test_what_was_reported_complete_before_asks_for_nothing(self):
        done = asked(before=ActionAnswer("complete", 100, "sustained"), due_on=date(2026, 1, 1))
        assert done.needs(ON) == () and done.said.impact == "sustained"

    def test_a_section_is_filled_in_when_its_actions_measures_and_word_are(self):
        told = asked(answer=ActionAnswer("on-track"))
        known = MeasureAsked(1, "Re-referrals", answer=MeasureAnswer(expected_on=date(2026, 12, 1)))
        whole = PriorityAsked(1, 1, "Practice", actions=(told,), measures=(known,), delivery="on-track")
        assert whole.is_whole(ON)
        for lacking in (
            {"actions": (asked(),)},
            {"measures": (MeasureAsked(1, "Re-referrals"),)},
            {"delivery": ""},
        ):
            values = {"actions": (told,), "measures": (known,), "delivery": "on-track", **lacking}
            assert not PriorityAsked(1, 1, "Practice", **values).is_whole(ON)

    def test_the_words_for_the_whole_come_last(self):
        unfinished = PriorityAsked(1, 1, "Practice", actions=(asked(),))
        update = UpdateAsked(on=ON, priorities=(unfinished,), overall="Too early")
        assert not update.overall_can_start and not update.is_whole
