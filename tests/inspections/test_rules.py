"""What makes one inspection out of many rows, whatever their order."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.rules import Form, Judged, Matching, Row, form_for, reconcile

MATCHING = Matching(180, 180, 270)
OLD = frozenset({"overall", "leaders", "help_and_protection", "in_care"})
FORMS = (
    Form("slac", "slac", frozenset({"safeguarding_overall", "looked_after_overall"}), date(2009, 4, 1)),
    Form("sif", "sif", OLD | {"care_leavers", "lscb"}, date(2013, 11, 1)),
    Form("ilacs-2018", "ilacs", OLD, date(2018, 1, 1), date(2023, 1, 1), MATCHING),
    Form("ilacs-2023", "ilacs", OLD | {"care_leavers"}, date(2023, 1, 1), date(2026, 4, 1), MATCHING),
    Form("ilacs-2026", "ilacs", (OLD | {"care_leavers"}) - {"overall"}, date(2026, 4, 1), None, MATCHING),
)
EARLY, LATE = date(2023, 7, 6), date(2025, 9, 25)


def judged(**grades):
    return {area: Judged(grade, grade) for area, grade in grades.items()}


def row(key, *, family="ilacs", kind="standard", released_on=LATE, overall=None, **more):
    judgements = (
        {**judged(overall=overall), **more.pop("judgements", {})} if overall else more.pop("judgements", {})
    )
    return Row(key=(key,), family=family, kind=kind, released_on=released_on, judgements=judgements, **more)


def merged(*rows):
    return reconcile(rows, forms=FORMS)


class TestForms:
    @pytest.mark.parametrize(
        ("day", "form"),
        [
            (date(2022, 12, 31), "ilacs-2018"),
            (date(2023, 1, 1), "ilacs-2023"),
            (date(2026, 3, 31), "ilacs-2023"),
            (date(2026, 4, 1), "ilacs-2026"),
        ],
    )
    def test_the_form_of_ilacs_follows_the_first_day_on_site(self, day, form):
        assert form_for(FORMS, "ilacs", day).slug == form

    def test_no_form_covers_a_day_before_the_framework(self):
        assert form_for(FORMS, "ilacs", date(2017, 12, 31)) is None

    def test_inspected_in_january_and_published_in_may_2026_keeps_its_overall(self):
        (one,) = merged(
            row("a", inspected_on=date(2026, 1, 12), published_on=date(2026, 5, 21), overall="good")
        )
        assert (one.form, one.judgements["overall"].grade) == ("ilacs-2023", "good")

    def test_publication_decides_where_the_first_day_is_unknown(self):
        (one,) = merged(row("a", published_on=date(2026, 6, 17)))
        assert one.form == "ilacs-2026"

    def test_a_judgement_that_the_form_does_not_have_is_reported_and_not_kept(self):
        (one,) = merged(
            row("ofsted", inspected_on=date(2022, 7, 11), overall="inadequate"),
            row(
                "derived",
                is_ofsted=False,
                published_on=date(2022, 9, 5),
                judgements=judged(care_leavers="inadequate"),
            ),
        )
        assert "care_leavers" not in one.judgements
        assert [(stray.row, stray.area) for stray in one.not_of_the_form] == [(("derived",), "care_leavers")]

    def test_an_overall_is_never_kept_where_the_form_has_none(self):
        (one,) = merged(
            row("a", inspected_on=date(2026, 4, 27), overall="good", judgements=judged(leaders="good"))
        )
        assert set(one.judgements) == {"leaders"}


class TestTheSameInspection:
    BEGAN = date(2022, 3, 7)

    @pytest.mark.parametrize(("days", "inspections"), [(-181, 2), (-180, 1), (0, 1), (180, 1), (181, 2)])
    def test_first_days_up_to_180_days_apart_are_one(self, days, inspections):
        other = self.BEGAN + timedelta(days)
        assert len(merged(row("a", inspected_on=self.BEGAN), row("b", inspected_on=other))) == inspections

    @pytest.mark.parametrize(("days", "inspections"), [(180, 1), (181, 2)])
    def test_publications_up_to_180_days_apart_are_one(self, days, inspections):
        other = self.BEGAN + timedelta(days)
        assert len(merged(row("a", published_on=self.BEGAN), row("b", published_on=other))) == inspections

    @pytest.mark.parametrize(("days", "inspections"), [(-1, 2), (0, 1), (270, 1), (271, 2)])
    def test_a_publication_up_to_270_days_after_a_first_day_is_of_it(self, days, inspections):
        published = self.BEGAN + timedelta(days)
        assert len(merged(row("a", inspected_on=self.BEGAN), row("b", published_on=published))) == inspections

    def test_two_rows_that_only_a_third_connects_are_one_inspection(self):
        rows = [
            row("a", inspected_on=date(2022, 7, 11)),
            row("b", published_on=date(2023, 5, 1)),
            row("c", inspected_on=date(2022, 9, 1), published_on=date(2023, 3, 1)),
        ]
        assert len(merged(*rows[:2])) == 2
        assert len(merged(*rows)) == 1

    def test_two_re_inspections_published_on_one_day_are_two(self):
        day = date(2011, 2, 25)
        rows = [
            row(area, family="slac", kind="reinspection", area=area, published_on=day)
            for area in ("safeguarding", "looked-after")
        ]
        assert [one.area for one in merged(*rows)] == ["looked-after", "safeguarding"]

    def test_older_frameworks_are_told_apart_by_their_day_of_publication(self):
        rows = [
            row("a", family="sif", kind="full", published_on=date(2016, 5, 1)),
            row("b", family="sif", kind="full", published_on=date(2016, 5, 2)),
        ]
        assert len(merged(*rows)) == 2

    def test_visits_are_told_apart_by_kind_and_day_and_never_join_an_inspection(self):
        day = date(2022, 3, 7)
        rows = [
            row("a", inspected_on=day),
            row("b", kind="focused-visit", inspected_on=day),
            row("c", kind="monitoring-visit", inspected_on=day),
            row("d", kind="focused-visit", inspected_on=day + timedelta(1)),
            row("e", kind="focused-visit", inspected_on=day),
        ]
        assert sorted(one.kind for one in merged(*rows)) == [
            "focused-visit",
            "focused-visit",
            "monitoring-visit",
            "standard",
        ]


class TestWhoseWordCounts:
    DAY = date(2022, 2, 28)

    def test_ofsted_is_believed_over_a_later_derived_file(self):
        (one,) = merged(
            row("ofsted", inspected_on=self.DAY, kind="short", released_on=EARLY, overall="good"),
            row("derived", inspected_on=self.DAY, is_ofsted=False, released_on=LATE, overall="outstanding"),
        )
        assert (one.kind, one.judgements["overall"].grade) == ("short", "good")

    def test_a_later_release_is_believed_over_an_earlier(self):
        (one,) = merged(
            row("early", inspected_on=self.DAY, published_on=date(2022, 11, 5), released_on=EARLY),
            row("late", inspected_on=self.DAY, published_on=date(2022, 9, 5), released_on=LATE),
        )
        assert one.published_on == date(2022, 9, 5)
        assert one.taken_from["published_on"] == ("late",)

    def test_within_a_file_the_fuller_sheet_is_believed(self):
        (one,) = merged(
            row("in_year", inspected_on=date(2022, 9, 21), rank=2),
            row("position", inspected_on=date(2022, 9, 20), rank=1),
        )
        assert one.inspected_on == date(2022, 9, 20)

    def test_a_blank_never_overrides(self):
        (one,) = merged(
            row("late", inspected_on=self.DAY, kind="full", released_on=LATE),
            row(
                "early",
                inspected_on=self.DAY,
                ended_on=self.DAY + timedelta(4),
                kind="short",
                released_on=EARLY,
                overall="good",
            ),
        )
        assert (one.kind, one.ended_on, one.judgements["overall"].row) == (
            "short",
            self.DAY + timedelta(4),
            ("early",),
        )

    def test_an_end_that_lies_before_the_believed_first_day_is_not_taken(self):
        (one,) = merged(
            row("ofsted", inspected_on=self.DAY),
            row(
                "derived",
                is_ofsted=False,
                inspected_on=self.DAY - timedelta(7),
                ended_on=self.DAY - timedelta(3),
            ),
        )
        assert one.ended_on is None

    def test_an_unknown_publication_means_by_the_first_release_that_tells_of_it(self):
        (one,) = merged(
            row("late", inspected_on=self.DAY, released_on=LATE),
            row("early", inspected_on=self.DAY, released_on=EARLY),
        )
        assert (one.published_on, one.known_on) == (None, EARLY)

    def test_a_restated_word_is_kept_with_its_mark(self):
        told = {
            "safeguarding_overall": Judged("requires-improvement", "Requires improvement to be good", True)
        }
        (one,) = merged(row("a", family="slac", kind="full", published_on=date(2010, 5, 1), judgements=told))
        assert one.judgements["safeguarding_overall"].restated


DAYS = st.dates(date(2018, 1, 1), date(2026, 11, 1))
ROWS = st.lists(
    st.builds(
        Row,
        key=st.uuids().map(lambda key: (str(key),)),
        family=st.just("ilacs"),
        kind=st.sampled_from(["full", "standard", "short", "focused-visit"]),
        released_on=st.sampled_from([EARLY, LATE]),
        is_ofsted=st.booleans(),
        rank=st.integers(0, 3),
        inspected_on=DAYS,
        published_on=st.none() | DAYS,
        judgements=st.dictionaries(
            st.sampled_from(["overall", "leaders", "care_leavers"]),
            st.builds(Judged, st.sampled_from(["good", "inadequate"]), st.just("word")),
        ),
    ),
    max_size=8,
)


@given(ROWS, st.randoms())
def test_the_order_of_rows_never_matters_and_no_row_is_lost(rows, chance):
    shuffled = list(rows)
    chance.shuffle(shuffled)
    inspections = merged(*rows)

    assert merged(*shuffled) == inspections
    assert sorted(key for one in inspections for key in one.rows) == sorted(row.key for row in rows)


@given(ROWS)
def test_the_same_rows_told_twice_change_nothing_but_their_support(rows):
    again = [replace(row, key=(*row.key, "again")) for row in rows]
    plain = [(one.form, one.kind, one.inspected_on, one.published_on) for one in merged(*rows)]

    assert [
        (one.form, one.kind, one.inspected_on, one.published_on) for one in merged(*rows, *again)
    ] == plain


class TestByHand:
    """What people entered is a row like another: after Ofsted's file, before a derived one."""

    DAY = date(2026, 3, 16)

    def entered(self, key="hand", **more):
        shared = {"is_ofsted": False, "by_hand": True, "inspected_on": self.DAY, "released_on": EARLY}
        return row(key, **{**shared, **more})

    def test_its_word_counts_between_ofsteds_and_a_derived_one(self):
        derived = row("derived", is_ofsted=False, inspected_on=self.DAY, published_on=LATE, overall="good")
        hand = self.entered(published_on=LATE, overall="inadequate")
        ofsted = row("ofsted", inspected_on=self.DAY, overall="outstanding")
        (one,) = merged(derived, hand)
        assert (one.judgements["overall"].grade, one.by_hand) == ("inadequate", ("hand",))
        (one,) = merged(derived, hand, ofsted)
        assert one.judgements["overall"].grade == "outstanding"

    def test_alone_and_unpublished_it_makes_no_inspection(self):
        assert merged(self.entered(unpublished=True), self.entered("other", unpublished=True)) == []

    def test_a_published_row_makes_one_with_it(self):
        (one,) = merged(
            self.entered(unpublished=True, overall="inadequate", ended_on=self.DAY + timedelta(days=11)),
            row("file", published_on=date(2026, 7, 1)),
        )
        assert (one.published_on, one.inspected_on) == (date(2026, 7, 1), self.DAY)
        assert one.judgements["overall"].grade == "inadequate"

    def test_one_far_away_joins_nothing(self):
        (one,) = merged(self.entered(unpublished=True), row("file", published_on=date(2023, 7, 1)))
        assert (one.rows, one.by_hand) == ((("file",),), None)

    def test_entered_twice_one_stands_the_published_first_and_none_of_the_others_words_are_taken(self):
        (one,) = merged(
            self.entered("first", unpublished=True, overall="good"),
            self.entered("second", published_on=LATE, judgements=judged(leaders="inadequate")),
        )
        assert (one.by_hand, one.entered_again) == (("second",), (("first",),))
        assert set(one.judgements) == {"leaders"}

    def test_what_people_entered_never_says_when_a_file_made_it_known(self):
        (one,) = merged(self.entered(unpublished=True), row("file", inspected_on=self.DAY, released_on=LATE))
        assert one.known_on == LATE
