"""Which council a published file means."""

import csv
from datetime import date

import pytest

from councils.models import Council, CouncilName
from councils.names import CouncilMatcher, fold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def matcher(reference):
    return CouncilMatcher.load()


@pytest.mark.parametrize(
    ("name", "la_code"),
    [
        ("Bedford Borough", "822"),
        ("bedford", "822"),
        ("Bristol, City of", "801"),
        ("  Bristol ", "801"),
        ("St. Helens", "342"),
        ("St Helens", "342"),
        ("london corporation", "201"),
        ("durham", "840"),
        ("North  Somerset\nCouncil", "802"),
        ("Barking & Dagenham", "301"),
    ],
)
def test_names_that_differ_between_files_mean_the_same_council(matcher, name, la_code):
    assert matcher.match(name).la_code == la_code


def test_dorset_is_the_county_until_31_march_2019_and_the_new_council_from_then(matcher):
    assert matcher.match("Dorset", on=date(2019, 3, 31)).la_code == "835"
    assert matcher.match("dorset", on=date(2019, 4, 1)).la_code == "838"


def test_dorset_without_a_day_is_nobody_rather_than_a_guess(matcher):
    assert matcher.match("Dorset") is None


def test_a_name_that_means_one_council_is_found_whatever_the_day(matcher):
    assert matcher.match("Cumbria", on=date(2024, 1, 1)).la_code == "909"


def test_an_unknown_name_is_nobody(matcher):
    assert matcher.match("Barsetshire") is None
    assert matcher.match(None) is None
    assert matcher.match("") is None


@pytest.mark.parametrize("la_code", ["340", 340, 340.0, " 340 "])
def test_the_dfe_code_decides_however_a_spreadsheet_writes_it(matcher, la_code):
    assert matcher.match("Liverpool", la_code=la_code).name == "Knowsley"


def test_an_ofsted_urn_is_a_code_too(matcher):
    assert matcher.match(urn=2532283).slug == "dorset"
    assert matcher.match("nonsense", urn="80450").name == "City of London"


def test_an_invented_council_is_never_meant(reference):
    invented = Council.objects.create(
        la_code="D99",
        slug="d99",
        name="Invented",
        official_name="Invented",
        kind="unitary",
        demonstration=True,
    )
    CouncilName.objects.create(council=invented, alias="Invented", folded="invented")
    matcher = CouncilMatcher.load()
    assert matcher.match("Invented") is None
    assert matcher.match(la_code="D99") is None


def test_reading_all_names_takes_three_queries(reference, django_assert_num_queries):
    with django_assert_num_queries(3):
        CouncilMatcher.load()


def test_every_name_and_official_name_is_found_by_itself(matcher):
    for council in Council.objects.real():
        on = council.from_on or date(2015, 1, 1)
        assert matcher.match(council.official_name, on=on) == council
        assert matcher.match(council.name, on=on) == council


def test_every_published_alias_is_found(matcher, shared_data):
    with (shared_data / "councils" / "name_aliases.csv").open(encoding="utf-8") as file:
        aliases = list(csv.DictReader(file))
    assert len(aliases) == 866
    for row in aliases:
        if fold(row["alias"]) != "dorset":
            assert matcher.match(row["alias"]).la_code == row["la_code"], row["alias"]
