"""Advice on persistent and systemic failure: with its evidence, on both bases, for the LGA alone."""

from datetime import date

import pytest

from accounts.permissions import Role
from accounts.viewer import Viewer
from councils.models import Council
from improvement.loaders import load_advice_rules
from improvement.models import AdviceRule
from improvement.presenters.advice import advice_context
from improvement.queries.advice import advice_on
from improvement.rules.advice import Answer, Judged, apart, persistent, systemic
from inspections.actions import import_ofsted
from tests.constraints import broken
from tests.factories import RegionFactory, viewer_with

YES, NO, NOT_COMPUTABLE = Answer.YES, Answer.NO, Answer.NOT_COMPUTABLE
FIVE_YEARS = 60


def judged(published=None, inspected=None, overall="inadequate", **areas):
    return Judged(published, inspected, overall, areas or {"Leaders": "inadequate"})


def answers(*all_judged):
    found = persistent(all_judged, FIVE_YEARS)
    return found.by_publication.answer, found.by_inspection.answer


def test_twice_within_five_years_is_persistent_and_the_fifth_anniversary_counts():
    first = judged(date(2018, 3, 1), date(2018, 1, 1))
    assert answers(first, judged(date(2023, 3, 1), date(2023, 1, 1))) == (YES, YES)
    assert answers(first, judged(date(2023, 3, 2), date(2023, 1, 2))) == (NO, NO)


def test_the_two_bases_may_disagree():
    devon = judged(date(2020, 3, 17), date(2020, 1, 20)), judged(date(2025, 5, 13), date(2024, 9, 23))
    assert answers(*devon) == (NO, YES)
    assert persistent(devon, FIVE_YEARS).disagree


def test_one_inadequate_or_none_is_not_persistent_and_a_better_one_between_changes_nothing():
    good = judged(date(2021, 1, 1), date(2020, 11, 1), "good", Leaders="good")
    assert answers() == (NO, NO)
    assert answers(judged(date(2018, 3, 1), date(2018, 1, 1)), good) == (NO, NO)
    assert answers(
        judged(date(2019, 3, 1), date(2019, 1, 1)), good, judged(date(2023, 3, 1), date(2023, 1, 1))
    ) == (
        YES,
        YES,
    )


def test_where_an_overall_is_missing_it_is_not_computable_unless_that_changes_nothing():
    before = judged(date(2023, 3, 1), date(2023, 1, 1))
    ungraded = judged(date(2026, 8, 1), date(2026, 6, 1), None, Leaders="inadequate")
    assert answers(before, ungraded) == (NOT_COMPUTABLE, NOT_COMPUTABLE)
    long_ago = judged(date(2013, 3, 1), date(2013, 1, 1))
    assert answers(long_ago, ungraded) == (NO, NO)
    none_inadequate = judged(date(2026, 8, 1), date(2026, 6, 1), None, Leaders="good")
    assert answers(before, none_inadequate) == (NO, NO)
    nothing_known = judged(date(2026, 8, 1), date(2026, 6, 1), None, Leaders=None)
    assert answers(before, nothing_known) == (NOT_COMPUTABLE, NOT_COMPUTABLE)


def test_a_day_that_is_not_known_makes_its_own_basis_not_computable():
    assert answers(judged(date(2018, 3, 1)), judged(date(2022, 3, 1), date(2022, 1, 1))) == (
        YES,
        NOT_COMPUTABLE,
    )


def test_systemic_is_every_key_judgement():
    assert systemic(judged(Leaders="inadequate", Care="inadequate")).answer is YES
    assert systemic(judged(Leaders="inadequate", Care="good")).answer is NO
    assert systemic(judged(Leaders="good", Care=None)).answer is NO
    assert systemic(judged(Leaders="inadequate", Care=None)).answer is NOT_COMPUTABLE
    assert systemic(None).answer is NOT_COMPUTABLE


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (date(2020, 3, 17), date(2025, 5, 13), "5 years 1 month"),
        (date(2020, 3, 13), date(2025, 5, 13), "5 years 2 months"),
        (date(2020, 1, 31), date(2020, 2, 29), "1 month"),
        (date(2020, 1, 1), date(2020, 1, 20), "less than a month"),
    ],
)
def test_how_far_two_days_are_apart(first, second, words):
    assert apart(first, second) == words


@pytest.mark.django_db
def test_under_sif_adoption_and_care_leavers_do_not_count(council, inspect, system, today):
    three = dict.fromkeys(("help_and_protection", "in_care", "leaders"), "inadequate")
    others = {"adoption": "good", "care_leavers": "requires-improvement"}
    inspect(council, date(2016, 5, 1), "inadequate", areas=three | others, family="sif")
    told = advice_on(council, today, system).systemic
    assert told.answer is YES
    assert len(told.judged.areas) == 3


@pytest.mark.django_db
def test_it_is_for_the_lga_alone_and_within_reach(council, region, inspect, today):
    inspect(council, date(2026, 5, 1), "inadequate")
    for role in (Role.COUNCIL_APPROVER, Role.COUNCIL_LEADERSHIP, Role.DFE_ADVISER):
        viewer = viewer_with(role, council=council, today=today)
        assert advice_context(council, today, viewer) == {"advice": None}
    elsewhere = viewer_with(Role.PRINCIPAL_ADVISER, region=RegionFactory(), today=today)
    here = viewer_with(Role.PRINCIPAL_ADVISER, region=region, today=today)
    assert advice_on(council, today, elsewhere) is None
    assert advice_on(council, today, here) is not None


@pytest.mark.django_db
def test_a_council_never_inadequate_gets_no_advice(council, inspect, system, today):
    inspect(council, date(2026, 5, 1), "good")
    assert advice_on(council, today, system) is None


@pytest.mark.django_db
def test_what_counts_as_often_is_data(council, inspect, system, today):
    inspect(council, date(2020, 5, 1), "inadequate")
    inspect(council, date(2023, 5, 1), "inadequate")
    assert advice_on(council, today, system).persistent.by_publication.answer is YES
    AdviceRule.objects.update(months=24)
    assert advice_on(council, today, system).persistent.by_publication.answer is NO
    assert load_advice_rules(by=system, on=today) == 0
    with broken("advice_rule_once"):
        AdviceRule.objects.create(kind="persistent", months=12)
    with broken("advice_rule_dates_in_order"):
        AdviceRule.objects.create(kind="persistent", months=12, from_on=today, until_on=today)
    AdviceRule.objects.all().delete()
    assert advice_on(council, today, system).persistent is None


@pytest.mark.django_db
def test_the_page_of_a_council_shows_it_to_the_lga_and_to_nobody_else(
    client, council, region, inspect, today
):
    inspect(council, date(2021, 5, 1), "inadequate", areas={"leaders": "inadequate"})
    inspect(council, date(2023, 5, 1), "inadequate", areas={"leaders": "inadequate"})
    client.force_login(viewer_with(Role.PRINCIPAL_ADVISER, region=region).person)
    assert "Advice: Failure is persistent" in client.get(council.get_absolute_url()).content.decode()
    client.force_login(viewer_with(Role.COUNCIL_APPROVER, council=council).person)
    words = client.get(council.get_absolute_url()).content.decode()
    assert "ersistent" not in words and "ystemic" not in words


@pytest.fixture
def published(reference, shared_data):
    on = date(2026, 11, 2)
    by = Viewer.system(on)
    for path in sorted((shared_data / "ofsted").iterdir()):
        import_ofsted(path=path, by=by, on=on)
    return lambda slug, day: advice_on(Council.objects.get(slug=slug), day, by)


@pytest.mark.django_db
def test_of_the_published_files_bradford_is_persistent_and_devon_by_inspection_alone(published):
    day = date(2026, 11, 2)
    bradford = published("bradford", day)
    basis = bradford.persistent.by_publication
    assert basis.answer is YES
    assert [one.published_on for one in (basis.first, basis.second)] == [
        date(2018, 10, 29),
        date(2023, 1, 31),
    ]
    assert bradford.persistent.by_inspection.answer is YES
    assert published("bradford", date(2023, 1, 30)).persistent.by_publication.answer is NO

    devon = published("devon", day).persistent
    assert (devon.by_publication.answer, devon.by_inspection.answer) == (NO, YES)
    first, second = devon.by_publication.first, devon.by_publication.second
    assert (first.published_on, second.published_on) == (date(2020, 3, 17), date(2025, 5, 13))
    by_inspection = devon.by_inspection.first.inspected_on, devon.by_inspection.second.inspected_on
    assert apart(*by_inspection) == "4 years 8 months"
    # Halton's report of 12 July 2024: inadequate in all.
    assert published("halton", day).systemic.answer is YES
