"""The councils that the project ships: how many on a day, who follows whom, what a second load does."""

from datetime import date

import pytest
from django.db import connection
from django.db.models import Count, Q

from accounts.viewer import Viewer
from councils import loaders
from councils.loaders import load_councils
from councils.models import Council, CouncilCode, Region, RegionMembership, Succession
from history.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TODAY = date(2026, 6, 29)


def load_again(on=TODAY):
    return load_councils(by=Viewer.system(on), on=on)


@pytest.mark.parametrize(
    ("day", "councils"),
    [
        ("2012-01-01", 152),
        ("2019-03-31", 152),
        ("2019-04-01", 151),
        ("2021-03-31", 151),
        ("2021-04-01", 152),
        ("2023-03-31", 152),
        ("2023-04-01", 153),
        ("2026-06-29", 153),
    ],
)
def test_the_councils_that_existed_on_a_day_are_counted_as_of_that_day(day, councils):
    assert Council.objects.real().on(date.fromisoformat(day)).count() == councils


def test_158_councils_of_which_five_have_ended():
    assert Council.objects.real().count() == 158
    assert set(Council.objects.real().exclude(until_on=None).values_list("name", flat=True)) == {
        "Bournemouth", "Cumbria", "Dorset County Council", "Northamptonshire", "Poole",
    }  # fmt: skip


def test_every_council_is_in_exactly_one_of_nine_regions_on_every_day_it_exists():
    assert Region.objects.filter(demonstration=False).count() == 9
    for day in (date(2018, 1, 1), date(2020, 1, 1), date(2022, 1, 1), TODAY):
        members = RegionMembership.objects.on(day).filter(scheme="lga")
        councils = Council.objects.real().on(day)
        assert sorted(members.values_list("council", flat=True)) == sorted(
            councils.values_list("pk", flat=True)
        )


def test_a_council_leaves_its_region_on_the_day_it_ends():
    north_west = Region.objects.get(slug="north-west")
    before = Council.objects.in_region(north_west, date(2023, 3, 31))
    after = Council.objects.in_region(north_west, date(2023, 4, 1))
    assert before.filter(name="Cumbria").exists() and not after.filter(name="Cumbria").exists()
    assert {"Cumberland", "Westmorland and Furness"} <= set(after.values_list("name", flat=True))
    assert not before.filter(name="Cumberland").exists()


def test_succession_is_many_to_many():
    dorset_county = Council.objects.get(slug="dorset-county-council")
    bcp = Council.objects.get(la_code="839")
    assert {s.successor.la_code for s in dorset_county.successions.all()} == {"838", "839"}
    assert {s.predecessor.la_code for s in bcp.inheritances.all()} == {"835", "836", "837"}
    assert Succession.objects.count() == 8
    for succession in Succession.objects.select_related("predecessor", "successor"):
        assert succession.predecessor.until_on == succession.on == succession.successor.from_on


def test_two_councils_named_dorset_are_told_apart_by_slug():
    assert Council.objects.get(slug="dorset").la_code == "838"
    assert Council.objects.get(slug="dorset-county-council").la_code == "835"


def test_a_gss_code_changes_while_the_council_does_not():
    barnsley = Council.objects.get(la_code="370").codes.filter(scheme=CouncilCode.Scheme.GSS)
    assert barnsley.on(date(2025, 3, 31)).get().code == "E08000016"
    assert barnsley.on(date(2025, 4, 1)).get().code == "E08000038"


def test_every_council_has_exactly_one_gss_code_on_each_day_it_exists():
    for day in (date(2012, 1, 1), date(2019, 4, 1), date(2023, 3, 31), TODAY):
        codes = CouncilCode.objects.on(day).filter(scheme=CouncilCode.Scheme.GSS)
        councils = Council.objects.real().on(day).annotate(held=Count("codes", filter=Q(codes__in=codes)))
        assert {council.held for council in councils} == {1}


def test_each_of_todays_councils_has_a_hexagon_of_its_own():
    places = list(Council.objects.real().on(TODAY).values_list("map_q", "map_r"))
    assert len(set(places)) == 153 and (None, None) not in places


def test_names_carry_no_spare_space():
    for council in Council.objects.real():
        for name in (council.name, council.official_name):
            assert name == " ".join(name.split())


def test_a_second_load_changes_nothing_and_records_no_event():
    events = Event.objects.count()
    assert load_again().added == load_again().changed == 0
    assert Event.objects.count() == events


def test_a_second_load_never_moves_the_day_a_regions_record_began(monkeypatch):
    before = dict(Region.objects.values_list("slug", "record_began_on"))
    a_newer_file(monkeypatch)
    load_again()
    assert dict(Region.objects.values_list("slug", "record_began_on")) == before


def test_the_first_load_sets_the_day_each_regions_record_began(monkeypatch):
    Region.objects.update(record_began_on=None)
    a_newer_file(monkeypatch)
    load_again()
    assert set(Region.objects.values_list("record_began_on", flat=True)) == {TODAY}


def test_a_correction_made_by_hand_stays_until_a_newer_file_comes(monkeypatch):
    Council.objects.filter(la_code="340").update(official_name="Knowsley Council")
    load_again()
    assert Council.objects.get(la_code="340").official_name == "Knowsley Council"
    a_newer_file(monkeypatch)
    assert load_again().changed == 1
    assert Council.objects.get(la_code="340").official_name == "Knowsley Metropolitan Borough Council"


def test_a_newer_file_adds_what_is_missing_and_says_so_in_one_event(monkeypatch):
    Council.objects.get(la_code="340").names.all().delete()
    a_newer_file(monkeypatch)
    loaded = load_again()
    assert loaded.added > 0 and loaded.changed == 0
    event = Event.objects.filter(kind=loaders.LOADED).order_by("-pk")[0]
    assert event.data["added"] == loaded.added and event.by_id is None and event.on == TODAY


def test_a_load_takes_few_queries(monkeypatch, django_assert_max_num_queries):
    a_newer_file(monkeypatch)
    with django_assert_max_num_queries(14, connection=connection):
        load_again()


def a_newer_file(monkeypatch):
    """Make the files count as not yet loaded."""
    monkeypatch.setattr(loaders, "_already_loaded", lambda digest: False)
