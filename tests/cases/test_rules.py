from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import (
    BeyondTheTable,
    Start,
    WorkingCalendar,
    add_months,
    applies,
    due_after,
    first_of_series_on_or_after,
    iso_day,
    reckon,
    window_around,
)

TABLE = BankHolidays(use_cached_holidays=True).get_holidays(division="england-and-wales")
CALENDAR = WorkingCalendar({row["date"]: row["title"] for row in TABLE})

days = st.dates(date(2012, 1, 1), date(2028, 6, 30))


@pytest.mark.parametrize(
    ("day_0", "count", "due"),
    [
        ("2018-01-30", 70, "2018-05-11"),
        ("2018-08-24", 70, "2018-12-03"),
        ("2019-01-29", 70, "2019-05-10"),
        ("2019-12-18", 70, "2020-03-30"),
        ("2022-02-22", 70, "2022-06-07"),  # across the Jubilee
        ("2023-01-06", 70, "2023-04-18"),
        ("2024-03-14", 70, "2024-06-26"),
        ("2025-02-27", 70, "2025-06-11"),
        ("2018-08-10", 20, "2018-09-10"),
        ("2026-08-03", 20, "2026-09-01"),
        ("2026-08-03", 70, "2026-11-10"),
    ],
)
def test_working_days_give_the_dates_printed_in_letters(day_0, count, due):
    assert CALENDAR.add_working_days(iso_day(day_0), count) == iso_day(due)


def test_day_0_is_not_counted_whether_or_not_it_is_a_working_day():
    friday, monday = date(2026, 10, 30), date(2026, 11, 2)
    assert CALENDAR.add_working_days(friday, 1) == monday
    assert CALENDAR.add_working_days(friday + timedelta(days=1), 1) == monday


@given(days, st.integers(1, 120))
def test_a_due_date_in_working_days_is_a_working_day(day_0, count):
    assert CALENDAR.is_working_day(CALENDAR.add_working_days(day_0, count))


@given(days, st.integers(0, 120))
def test_working_days_agree_with_a_count_day_by_day(day_0, count):
    holidays = {row["date"] for row in TABLE}
    due = CALENDAR.add_working_days(day_0, count)
    between = [day_0 + timedelta(days=n) for n in range(1, (due - day_0).days + 1)]
    assert sum(day.weekday() < 5 and day not in holidays for day in between) == count


@given(days, st.integers(0, 120))
def test_the_days_not_counted_and_those_counted_make_up_the_whole(day_0, count):
    due = CALENDAR.add_working_days(day_0, count)
    assert len(CALENDAR.days_not_counted(day_0, due)) + count == (due - day_0).days


def test_the_days_not_counted_say_why():
    passed_over = dict(CALENDAR.days_not_counted(date(2026, 4, 2), date(2026, 4, 7)))
    assert passed_over == {
        date(2026, 4, 3): "Good Friday",
        date(2026, 4, 4): "Saturday",
        date(2026, 4, 5): "Sunday",
        date(2026, 4, 6): "Easter Monday",
    }


@pytest.mark.parametrize("year", range(2012, 2029))
def test_christmas_day_and_good_friday_are_never_working_days(year):
    assert not CALENDAR.is_working_day(date(year, 12, 25))
    assert sum(name == "Good Friday" for day, name in CALENDAR.holidays.items() if day.year == year) == 1


@pytest.mark.parametrize("day_0", [date(2011, 12, 30), date(2028, 12, 1), date(2029, 1, 2)])
def test_a_count_beyond_the_table_is_refused_and_names_its_years(day_0):
    with pytest.raises(BeyondTheTable, match="2012 to 2028"):
        CALENDAR.add_working_days(day_0, 70)


def test_without_bank_holidays_working_days_are_refused_and_months_are_not():
    with pytest.raises(BeyondTheTable):
        WorkingCalendar({}).add_working_days(date(2026, 1, 1), 1)
    assert due_after(date(2026, 1, 31), 1, "months", WorkingCalendar({})) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2022, 9, 21), 3, date(2022, 12, 21)),
    ],
)
def test_months_clamp_to_the_end_of_the_month(start, months, due):
    assert add_months(start, months) == due


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(-600, 600))
def test_months_land_in_the_right_month_on_the_same_day_or_its_last(start, months):
    due = add_months(start, months)
    assert (due.year - start.year) * 12 + due.month - start.month == months
    assert due.day == start.day or (due.day < start.day and (due + timedelta(days=1)).day == 1)


def test_the_nth_of_a_series_is_counted_from_its_start_so_month_ends_do_not_drift():
    start = date(2025, 8, 31)
    dates = [reckon(start, 6, "months", CALENDAR, times=n) for n in (1, 2, 3)]
    assert dates == [date(2026, 2, 28), date(2026, 8, 31), date(2027, 2, 28)]


def test_the_next_of_a_series_is_the_first_due_on_the_day_or_after():
    start = date(2025, 1, 10)
    assert first_of_series_on_or_after(date(2026, 1, 10), start, 6, "months", CALENDAR) == 2
    assert first_of_series_on_or_after(date(2026, 1, 11), start, 6, "months", CALENDAR) == 3


def test_a_window_lies_either_side_of_its_day():
    assert window_around(date(2028, 8, 31), 6) == (date(2028, 2, 29), date(2029, 2, 28))
    assert window_around(date(2028, 8, 31), 0) == (None, date(2028, 8, 31))


def test_a_length_of_no_number_is_whatever_the_letter_states():
    assert reckon(date(2026, 1, 1), None, "stated", CALENDAR) is None


@pytest.mark.parametrize(
    ("count", "unit", "words"),
    [(-1, "months", "negative"), (999_999, "months", "too far"), (70, "working-days", "2012 to 2028")],
)
def test_what_cannot_be_counted_is_refused_in_words(count, unit, words):
    with pytest.raises(ValueError, match=words):
        due_after(date(2028, 12, 1), count, unit, CALENDAR)


@pytest.mark.parametrize(
    "text",
    [
        "20260803",
        "2026-8-3",
        "2026-08-03 ",
        "２０２６-08-03",
        "2026-W01-1",
        "3 August 2026",
        "2026-02-30",
        "",
    ],
)
def test_only_one_way_of_writing_a_day_is_read(text):
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        iso_day(text)


def rule(**facts):
    return SimpleNamespace(
        **{
            "slug": "plan",
            "starts_from": "publication",
            "from_on": None,
            "until_on": None,
            "applies_when": {},
        }
        | facts
    )


def start(on=date(2026, 8, 3), **facts):
    return Start(event="publication", on=on, council_id=1, facts=facts)


def test_a_rule_applies_by_the_date_of_the_event_first_day_in_last_day_out():
    dated = rule(from_on=date(2015, 12, 14), until_on=date(2026, 1, 1))
    assert not applies(dated, start(date(2015, 12, 13)))
    assert applies(dated, start(date(2015, 12, 14)))
    assert applies(dated, start(date(2025, 12, 31)))
    assert not applies(dated, start(date(2026, 1, 1)))


def test_a_rule_applies_when_every_condition_accepts_the_fact():
    strict = rule(applies_when={"grades": ["inadequate", "requires-improvement"], "lowest": [""]})
    assert applies(strict, start(grades="inadequate"))
    assert not applies(strict, start(grades="good"))
    assert not applies(strict, start(grades="inadequate", lowest="yes"))
    assert not applies(strict, start())
    assert not applies(rule(starts_from="instrument"), start())


def test_a_rule_may_apply_only_where_a_letter_states_its_date():
    only_stated = rule(applies_when={"stated": ["yes"]})
    assert not applies(only_stated, start())
    stated = Start(
        event="publication",
        on=date(2026, 8, 3),
        council_id=1,
        stated={"plan": (date(2026, 9, 1), "the direction")},
    )
    assert applies(only_stated, stated)
