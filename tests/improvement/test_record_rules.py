"""What the published record's dates mean, and what makes an episode. Pure."""

from datetime import date

import pytest

from improvement.models import Precision
from improvement.rules.stages import Issued, Told, belongs, episodes, instruments_of, last_day


@pytest.mark.parametrize(
    ("written", "precision", "day"),
    [
        ("2022-08-05", "day", date(2022, 8, 5)),
        ("2013-04", "month", date(2013, 4, 30)),
        ("2024-02", "month", date(2024, 2, 29)),
        ("2021", "year", date(2021, 12, 31)),
        ("2018-03-16", "announced", date(2018, 3, 16)),
        ("2016-01-08", "press_date", date(2016, 1, 8)),
        ("2024-04-09", "page_update", date(2024, 4, 9)),
        ("2016-01-05", "on_or_before", date(2016, 1, 5)),
        ("2022-09", "planned_by", date(2022, 9, 30)),
        ("2020-11-08", "as_at", date(2020, 11, 8)),
        ("2016-04", "after", date(2016, 4, 30)),
        ("2016-04-05", "after", date(2016, 4, 30)),
        ("2016-04-05", "month", date(2016, 4, 30)),
    ],
)
def test_a_date_means_the_last_day_it_can(written, precision, day):
    assert last_day(written, precision) == day


def test_every_precision_that_can_be_stored_can_be_read():
    assert all(last_day("2016-04-05", precision) for precision in Precision.values)


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("2013-04", "day"),
        ("2013", "month"),
        ("2013-13", "month"),
        ("2013-02-30", "day"),
        ("soon", "day"),
        ("2013", "?"),
    ],
)
def test_a_date_that_says_less_than_its_precision_is_refused(written, precision):
    with pytest.raises(ValueError):
        last_day(written, precision)


def told(*events):
    return instruments_of(Told(fact, date.fromisoformat(on), strand=strand) for fact, on, strand in events)


def brief(instruments):
    return [(one.kind, one.issued_on, one.lifted_on) for one in instruments]


def test_a_replaced_direction_ends_the_one_before_and_begins_another():
    first, second = told(
        ("direction-issued", "2016-09-16", "to-confirm"), ("direction-replaced", "2017-09-12", "to-confirm")
    )
    assert brief([first, second]) == [
        ("direction", date(2016, 9, 16), date(2017, 9, 12)),
        ("direction", date(2017, 9, 12), None),
    ]
    assert second.replaces == first.key


def test_a_direction_replaced_by_a_notice_is_known_by_its_end_where_its_start_is_not_told():
    direction, notice = told(("direction-replaced-by-notice", "2022-08-05", "to-confirm"))
    assert brief([direction, notice]) == [
        ("direction", None, date(2022, 8, 5)),
        ("notice", date(2022, 8, 5), None),
    ]
    assert notice.replaces == direction.key


def test_a_notice_closed_or_a_direction_revoked_ends_its_own_kind_alone():
    instruments = told(
        ("notice-issued", "2022-07-31", "to-confirm"),
        ("direction-issued", "2023-01-01", "to-confirm"),
        ("notice-lifted", "2024-03-31", "to-confirm"),
    )
    assert brief(instruments) == [
        ("notice", date(2022, 7, 31), date(2024, 3, 31)),
        ("direction", date(2023, 1, 1), None),
    ]


def test_a_direction_that_replaces_several_ends_them_all():
    instruments = told(
        ("direction-issued", "2017-10-31", "send"),
        ("direction-issued", "2020-05-31", "to-confirm"),
        ("direction-replaced", "2021-04-01", "to-confirm"),
    )
    assert [one.lifted_on for one in instruments] == [date(2021, 4, 1), date(2021, 4, 1), None]


def test_a_direction_of_another_strand_ends_nothing():
    instruments = told(
        ("direction-issued", "2022-04-30", "social-care"), ("direction-replaced", "2024-12-31", "send")
    )
    assert instruments[0].lifted_on is None


def test_councils_that_help_others_trusts_and_commissioners_make_no_instrument():
    facts = (
        "partner-in-practice",
        "arrangement-started",
        "arrangement-in-operation",
        "commissioner-appointed",
    )
    assert told(*((fact, "2018-03-16", "to-confirm") for fact in facts)) == []


def issued(key, began, ended=None):
    return Issued(key, "notice", date.fromisoformat(began), date.fromisoformat(ended) if ended else None)


def test_instruments_that_overlap_or_follow_on_make_one_episode():
    (episode,) = episodes([issued(1, "2014-01-01", "2015-01-01"), issued(2, "2015-01-01")])
    assert (episode.began_on, episode.ended_on, episode.instruments) == (date(2014, 1, 1), None, (1, 2))


def test_an_instrument_after_the_end_of_all_before_begins_another_episode():
    first, second = episodes([issued(2, "2018-01-01"), issued(1, "2014-01-01", "2015-01-01")])
    assert (first.ended_on, second.began_on) == (date(2015, 1, 1), date(2018, 1, 1))


def test_a_row_belongs_to_a_case_if_it_began_since_or_was_still_in_force():
    since = date(2024, 2, 13)
    assert belongs(issued(1, "2024-02-13", "2024-03-01"), since=since)
    assert belongs(issued(1, "2022-07-31", "2024-03-31"), since=since)
    assert belongs(issued(1, "2016-07-31"), since=since)
    assert not belongs(issued(1, "2022-07-31", "2024-02-13"), since=since)
