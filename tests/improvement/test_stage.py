"""The stage of an intervention, from dated rows alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.presenters.dates import since_words
from improvement.rules.stages import (
    GIVES,
    ORDER,
    Fact,
    Issued,
    Row,
    Span,
    Stage,
    by_strand,
    commissioner_rows,
    instrument_rows,
    stage,
)

DAY = date(2024, 5, 1)
LATER = date(2024, 9, 1)
LATEST = date(2025, 2, 1)


def row(fact, on=DAY, **rest):
    return Row(fact, on, strand="social-care", **rest)


def notice(issued_on, lifted_on=None, key="notice", **rest):
    return Issued(key, "notice", issued_on, lifted_on, **rest)


def direction(issued_on, lifted_on=None, key="direction", **rest):
    return Issued(key, "direction", issued_on, lifted_on, **rest)


def slug(rows, on):
    return stage(rows, on).slug


@pytest.mark.parametrize(
    ("fact", "given"),
    [
        (Fact.CASE_OPENED, "plan_due"),
        (Fact.INADEQUATE, "plan_due"),
        (Fact.PLAN_SENT, "plan_with_government"),
        (Fact.PLAN_ACCEPTED, "progress_reviews"),
        (Fact.REVIEW_HELD, "progress_reviews"),
        (Fact.COMMISSIONER_ENDED, "progress_reviews"),
        (Fact.COMMISSIONER_APPOINTED, "commissioner_review"),
        (Fact.KEEPS_CONTROL, "council_keeps_control"),
        (Fact.PARTNER_COUNCIL, "partner_council"),
        (Fact.ALTERNATIVE_DELIVERY, "alternative_delivery"),
        (Fact.DIRECTION_REPLACED_BY_NOTICE, "stepped_down"),
        (Fact.DIRECTION_LIFTED, "stepped_down"),
        (Fact.LAST_INSTRUMENT_LIFTED, "ended"),
        (Fact.CLOSING_LETTER, "ended"),
    ],
)
def test_each_row_gives_its_own_stage(fact, given):
    earlier = row(Fact.INSTRUMENT_ISSUED, DAY - timedelta(days=1))
    assert slug([earlier, row(fact)], DAY) == given


@pytest.mark.parametrize("fact", [Fact.INSTRUMENT_ISSUED, Fact.INSTRUMENT_REVISED, Fact.OTHER_APPOINTMENT])
def test_instruments_advisers_and_chairs_change_no_stage(fact):
    assert (
        slug([row(Fact.INADEQUATE), row(Fact.PLAN_SENT, LATER), row(fact, LATEST)], LATEST)
        == "plan_with_government"
    )


def test_the_first_row_of_a_case_makes_a_plan_due_whatever_it_says():
    now = stage([row(Fact.OTHER_APPOINTMENT)], DAY)
    assert (now.slug, now.since) == ("plan_due", DAY)


def test_there_is_no_stage_before_the_first_row():
    assert stage([row(Fact.INADEQUATE)], DAY - timedelta(days=1)).slug == "none"
    assert stage([], DAY).slug == "none"


def test_the_latest_row_decides_whatever_came_before():
    rows = [row(Fact.COMMISSIONER_APPOINTED, LATER), row(Fact.INADEQUATE), row(Fact.PLAN_SENT, LATEST)]
    assert [slug(rows, day) for day in (DAY, LATER, LATEST)] == [
        "plan_due",
        "commissioner_review",
        "plan_with_government",
    ]


def test_a_new_inadequate_judgement_makes_a_plan_due_again():
    assert slug([row(Fact.PLAN_SENT), row(Fact.INADEQUATE, LATER)], LATER) == "plan_due"


def test_on_one_day_the_later_stage_in_the_list_wins():
    rows = [row(fact) for fact in (Fact.KEEPS_CONTROL, Fact.INADEQUATE, Fact.REVIEW_HELD)]
    assert slug(rows, DAY) == "council_keeps_control"


def test_a_stage_has_held_since_the_first_row_of_its_unbroken_run():
    rows = [row(Fact.PLAN_ACCEPTED), row(Fact.REVIEW_HELD, LATER), row(Fact.REVIEW_HELD, LATEST)]
    now = stage(rows, LATEST)
    assert (now.since, now.row.on) == (DAY, LATEST)
    interrupted = [*rows, row(Fact.COMMISSIONER_APPOINTED, LATER + timedelta(days=1))]
    assert stage(interrupted, LATEST).since == LATEST


def test_what_was_already_so_has_no_known_start():
    rows = [row(Fact.INADEQUATE), row(Fact.ALTERNATIVE_DELIVERY, LATER, precision="as_at")]
    assert slug(rows, LATER - timedelta(days=1)) == "plan_due"
    assert stage(rows, LATER).since is None
    assert stage(rows, LATER).slug == "alternative_delivery"


def test_since_when_a_stage_has_held_is_said_as_exactly_as_it_is_known():
    notice_of_march = row(Fact.CASE_OPENED, date(2024, 3, 31), precision="month")
    judged = row(Fact.INADEQUATE, LATER)
    assert since_words(stage([notice_of_march, judged], LATEST)) == "since March 2024"
    assert since_words(stage([judged], LATEST)) == "since 1 September 2024"
    already_so = row(Fact.ALTERNATIVE_DELIVERY, LATER, precision="as_at")
    assert since_words(stage([already_so], LATER)) == ""


def test_support_counts_only_once_the_intervention_has_ended():
    agreed_early = [row(Fact.INADEQUATE), row(Fact.SUPPORT_AGREED, LATER)]
    assert slug(agreed_early, LATER) == "plan_due"
    assert slug([*agreed_early, row(Fact.CLOSING_LETTER, LATEST)], LATEST) == "ended"
    on_the_day = [row(Fact.SUPPORT_AGREED, LATEST), row(Fact.CLOSING_LETTER, LATEST)]
    assert slug([row(Fact.INADEQUATE), *on_the_day], LATEST) == "support_after"


def test_the_last_instrument_lifted_ends_it():
    rows = instrument_rows([notice(DAY, LATER)])
    assert (slug(rows, DAY), slug(rows, LATER)) == ("plan_due", "ended")


def test_a_notice_lifted_while_a_direction_is_in_force_changes_nothing():
    rows = instrument_rows([notice(DAY, LATEST), direction(LATER)])
    assert slug(rows, LATEST) == "plan_due"


def test_a_notice_that_ends_the_day_its_direction_is_issued_changes_nothing():
    assert slug(instrument_rows([notice(DAY, LATER), direction(LATER)]), LATER) == "plan_due"


def test_a_direction_lifted_while_a_notice_is_in_force_steps_down():
    rows = instrument_rows([notice(DAY), direction(LATER, LATEST)])
    assert slug(rows, LATEST) == "stepped_down"


def test_a_direction_that_another_takes_over_does_not_step_down():
    send = direction(DAY, LATER, key="send", strand="send")
    assert slug(instrument_rows([send, direction(LATER)]), LATER) == "plan_due"


def test_a_revised_direction_changes_no_stage():
    rows = instrument_rows([direction(DAY, LATER), direction(LATER, key="revised", replaces="direction")])
    assert slug(rows, LATER) == "plan_due"


def test_social_care_may_end_while_send_goes_on():
    rows = instrument_rows(
        [direction(DAY, LATER, strand="social-care"), direction(DAY, key="send", strand="send")]
    )
    split = by_strand(rows)
    assert {strand: slug(of, LATER) for strand, of in split.items()} == {
        "social-care": "ended",
        "send": "plan_due",
    }


def test_a_row_of_both_strands_stands_in_each():
    assert list(by_strand([Row(Fact.INADEQUATE, DAY, strand="both")])) == ["social-care", "send"]


def test_a_strand_to_confirm_is_read_with_social_care_where_the_case_is_about_that():
    unknown = Row(Fact.INSTRUMENT_ISSUED, DAY)
    assert list(by_strand([unknown])) == ["to-confirm"]
    assert by_strand([unknown, row(Fact.INADEQUATE, LATER)]) == {
        "social-care": [unknown, row(Fact.INADEQUATE, LATER)]
    }
    assert list(by_strand([unknown, Row(Fact.INSTRUMENT_ISSUED, LATER, strand="send")])) == [
        "to-confirm",
        "send",
    ]


def test_a_commissioner_who_ends_without_a_decision_returns_it_to_progress_reviews():
    rows = commissioner_rows([Span(DAY, LATER)], decided_on=[])
    assert (slug(rows, DAY), slug(rows, LATER)) == ("commissioner_review", "progress_reviews")


def test_a_commissioner_who_ends_while_another_stays_changes_no_stage():
    rows = commissioner_rows([Span(DAY, LATEST), Span(LATER)], decided_on=[])
    assert slug(rows, LATEST) == "commissioner_review"
    of_another_strand = [Span(DAY, LATEST, strand="social-care"), Span(LATER, strand="send")]
    assert Fact.COMMISSIONER_ENDED in {
        row.fact for row in commissioner_rows(of_another_strand, decided_on=[])
    }


def test_a_commissioner_who_ends_with_a_decision_leaves_what_was_decided():
    rows = [*commissioner_rows([Span(DAY, LATEST)], decided_on=[LATER]), row(Fact.KEEPS_CONTROL, LATER)]
    assert slug(rows, LATEST) == "council_keeps_control"


def test_hull_2019_to_2023_steps_down_while_still_graded_inadequate():
    rows = [
        row(Fact.INADEQUATE, date(2019, 5, 17)),
        *instrument_rows(
            [
                direction(date(2019, 6, 30), date(2022, 8, 5)),
                notice(date(2022, 8, 5), replaces="direction"),
            ]
        ),
        *commissioner_rows([Span(date(2019, 6, 30), date(2022, 8, 5))], decided_on=[]),
    ]
    assert [
        slug(rows, day) for day in (date(2019, 5, 17), date(2020, 1, 1), date(2022, 8, 5), date(2023, 6, 1))
    ] == [
        "plan_due",
        "commissioner_review",
        "stepped_down",
        "stepped_down",
    ]


def test_herefordshire_2021_to_2023_has_a_notice_before_any_inadequate_grade_and_a_direction_the_same_day():
    rows = [
        *instrument_rows([notice(date(2021, 5, 18)), direction(date(2022, 9, 21))]),
        row(Fact.INADEQUATE, date(2022, 9, 21)),
        *commissioner_rows([Span(date(2022, 9, 21))], decided_on=[date(2023, 2, 28)]),
        row(Fact.PLAN_SENT, date(2022, 12, 15)),
        row(Fact.KEEPS_CONTROL, date(2023, 2, 28)),
    ]
    days = [date(2021, 6, 1), date(2022, 9, 21), date(2022, 12, 20), date(2024, 1, 1)]
    assert [slug(rows, day) for day in days] == [
        "plan_due",
        "commissioner_review",
        "plan_with_government",
        "council_keeps_control",
    ]


def test_halton_2024_to_2025_returns_to_progress_reviews_when_an_adviser_follows_its_commissioner():
    rows = [
        *instrument_rows(
            [
                notice(date(2024, 3, 31)),
                direction(date(2024, 8, 30), date(2025, 2, 7)),
                direction(date(2025, 2, 7), key="revised", replaces="direction"),
            ]
        ),
        row(Fact.INADEQUATE, date(2024, 7, 12)),
        *commissioner_rows([Span(date(2024, 8, 30), date(2025, 2, 7))], decided_on=[]),
        row(Fact.OTHER_APPOINTMENT, date(2025, 2, 7)),
    ]
    assert [slug(rows, day) for day in (date(2024, 4, 1), date(2024, 9, 1), date(2025, 2, 7))] == [
        "plan_due",
        "commissioner_review",
        "progress_reviews",
    ]


def test_wakefield_2018_to_2022_keeps_control_and_ends_when_its_direction_is_revoked():
    rows = [
        row(Fact.INADEQUATE, date(2018, 7, 17)),
        *instrument_rows(
            [
                direction(date(2018, 8, 31), date(2018, 12, 13)),
                direction(date(2018, 12, 13), date(2022, 1, 13), key="revised", replaces="direction"),
            ]
        ),
        row(Fact.KEEPS_CONTROL, date(2018, 12, 13)),
    ]
    assert [slug(rows, day) for day in (date(2018, 9, 1), date(2018, 12, 13), date(2022, 1, 13))] == [
        "plan_due",
        "council_keeps_control",
        "ended",
    ]


def test_cumbria_2012_to_2015_has_one_notice_after_another_and_then_a_direction_and_no_other_stage():
    rows = instrument_rows(
        [
            notice(date(2012, 8, 3), date(2014, 1, 7), key=1),
            notice(date(2014, 1, 7), date(2015, 11, 9), key=2, replaces=1),
            direction(date(2015, 11, 9), key=3, replaces=2),
        ]
    )
    assert {slug(rows, day) for day in (date(2012, 8, 3), date(2014, 6, 1), date(2016, 1, 1))} == {"plan_due"}
    assert stage(rows, date(2016, 1, 1)).since == date(2012, 8, 3)


DAYS = st.dates(date(2020, 1, 1), date(2020, 3, 1))
ROWS = st.lists(st.builds(Row, st.sampled_from(Fact), DAYS), min_size=1, max_size=12)


@given(ROWS, DAYS, st.randoms())
def test_the_order_in_which_rows_are_read_does_not_matter(rows, on, shuffle):
    shuffled = list(rows)
    shuffle.shuffle(shuffled)
    assert (stage(rows, on).slug, stage(rows, on).since) == (
        stage(shuffled, on).slug,
        stage(shuffled, on).since,
    )


@given(ROWS, DAYS)
def test_rows_after_the_day_change_nothing(rows, on):
    known = [one for one in rows if one.on <= on]
    assert stage(rows, on) == stage(known, on)


@given(ROWS, DAYS)
def test_the_stage_is_given_by_a_row_of_the_latest_day_that_gives_one(rows, on):
    now = stage(rows, on)
    known = [one for one in rows if one.on <= on]
    if not known:
        assert now.slug == Stage.NONE
        return
    assert now.row in known
    assert now.since <= now.row.on <= on
    given_later = [one for one in known if one.fact in GIVES and one.on > now.row.on]
    assert all(one.fact == Fact.SUPPORT_AGREED for one in given_later)
    same_day = [GIVES[one.fact] for one in known if one.fact in GIVES and one.on == now.row.on]
    assert all(ORDER[one] <= ORDER[now.slug] for one in same_day if one != Stage.SUPPORT_AFTER)
