"""What the database refuses of regions and councils, whoever asks."""

from datetime import date

import pytest

from councils.models import (
    Council,
    CouncilCode,
    CouncilName,
    DeliveryArrangement,
    DeliveryBody,
    PoliticalControl,
    PostHolder,
    Region,
    RegionMembership,
    Succession,
)
from tests.constraints import broken
from tests.factories import CouncilFactory, RegionFactory

pytestmark = pytest.mark.django_db

THEN = date(2019, 4, 1)


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def trust():
    return DeliveryBody.objects.create(slug="a-trust", name="A trust", kind=DeliveryBody.Kind.TRUST)


def test_two_regions_with_one_slug(region):
    with broken("councils_region_slug", columns=["slug"]):
        Region.objects.create(slug=region.slug, name="Another")


@pytest.mark.parametrize("field", ["la_code", "slug"])
def test_two_councils_with_one_code_or_slug(council, field):
    fields = {"la_code": "new", "slug": "new", field: getattr(council, field)}
    with broken(f"councils_council_{field}", columns=[field]):
        Council.objects.create(name="Another", official_name="Another", kind="unitary", **fields)


def test_a_council_that_ends_before_it_begins():
    with broken("council_dates_in_order"):
        CouncilFactory(from_on=THEN, until_on=THEN)


def test_one_code_of_two_councils(council):
    CouncilCode.objects.create(council=council, scheme="gss", code="E1")
    with broken("council_code_is_of_one_council", columns=["scheme", "code"]):
        CouncilCode.objects.create(council=CouncilFactory(), scheme="gss", code="E1")


def test_a_code_that_ends_before_it_begins(council):
    with broken("council_code_dates_in_order"):
        CouncilCode.objects.create(council=council, scheme="gss", code="E1", from_on=THEN, until_on=THEN)


def test_one_name_of_a_council_twice(council):
    CouncilName.objects.create(council=council, alias="Here", folded="here")
    with broken("council_name_once", columns=["council_id", "folded"]):
        CouncilName.objects.create(council=council, alias="HERE", folded="here")


def test_one_name_may_be_two_councils(council):
    for owner in (council, CouncilFactory()):
        CouncilName.objects.create(council=owner, alias="Here", folded="here")


def test_a_council_in_two_regions_at_once(council, region):
    RegionMembership.objects.create(council=council, region=region)
    with broken("council_in_one_region_at_a_time", columns=["council_id", "scheme"]):
        RegionMembership.objects.create(council=council, region=RegionFactory(), from_on=THEN)


def test_a_council_in_two_regions_since_the_same_day(council, region):
    RegionMembership.objects.create(council=council, region=region, until_on=THEN)
    with broken("membership_once"):
        RegionMembership.objects.create(council=council, region=RegionFactory())


def test_a_council_may_change_its_region(council, region):
    RegionMembership.objects.create(council=council, region=region, until_on=THEN)
    RegionMembership.objects.create(council=council, region=RegionFactory(), from_on=THEN)


def test_a_membership_that_ends_before_it_begins(council, region):
    with broken("membership_dates_in_order"):
        RegionMembership.objects.create(council=council, region=region, from_on=THEN, until_on=THEN)


def test_one_succession_twice(council):
    successor = CouncilFactory()
    Succession.objects.create(predecessor=council, successor=successor, on=THEN)
    with broken("succession_once", columns=["predecessor_id", "successor_id"]):
        Succession.objects.create(predecessor=council, successor=successor, on=THEN)


def test_a_council_that_succeeds_itself(council):
    with broken("succession_of_another"):
        Succession.objects.create(predecessor=council, successor=council, on=THEN)


@pytest.mark.parametrize("since", [None, THEN])
def test_one_arrangement_twice_even_where_its_start_is_unknown(council, trust, since):
    DeliveryArrangement.objects.create(council=council, body=trust, from_on=since)
    with broken("arrangement_once"):
        DeliveryArrangement.objects.create(council=council, body=trust, from_on=since)


def test_an_arrangement_that_ends_before_it_begins(council, trust):
    with broken("arrangement_dates_in_order"):
        DeliveryArrangement.objects.create(council=council, body=trust, from_on=THEN, until_on=THEN)


def test_one_trust_may_serve_several_councils(council, trust):
    for served in (council, CouncilFactory()):
        DeliveryArrangement.objects.create(council=served, body=trust)
    assert trust.arrangements.on(THEN).count() == 2


def test_an_arrangement_holds_until_the_day_it_ends(council, trust):
    DeliveryArrangement.objects.create(council=council, body=trust, from_on=date(2014, 9, 1), until_on=THEN)
    assert council.arrangements.on(date(2019, 3, 31)).exists()
    assert not council.arrangements.on(THEN).exists()
    assert not council.arrangements.on(date(2014, 8, 31)).exists()


def holder(council, **fields):
    return PostHolder.objects.create(
        **{
            "council": council,
            "office": "dcs",
            "name": "Wren Holloway",
            "terms": "permanent",
            "from_on": THEN,
        }
        | fields
    )


def test_a_post_that_two_people_hold_at_once(council):
    holder(council)
    holder(council, office="leader")
    with broken("one_holder_of_a_post", columns=["council_id", "office"]):
        holder(council, from_on=date(2020, 1, 1))
    with broken("post_holder_once", columns=["council_id", "office", "from_on"]):
        holder(council, until_on=date(2020, 1, 1))


@pytest.mark.parametrize(("terms", "name"), [("vacant", "Wren Holloway"), ("interim", "")])
def test_a_vacant_post_with_a_name_or_a_held_one_without(council, terms, name):
    with broken("post_named_unless_vacant"):
        holder(council, terms=terms, name=name)


def test_a_post_or_a_control_that_ends_before_it_begins(council):
    with broken("post_holder_dates_in_order"):
        holder(council, until_on=THEN)
    with broken("control_dates_in_order"):
        PoliticalControl.objects.create(council=council, control="labour", from_on=THEN, until_on=THEN)


def test_two_controls_of_a_council_at_once(council):
    PoliticalControl.objects.create(council=council, control="labour", from_on=THEN)
    with broken("one_control_of_a_council", columns=["council_id"]):
        PoliticalControl.objects.create(council=council, control="green", from_on=date(2020, 1, 1))
    with broken("control_once", columns=["council_id", "from_on"]):
        PoliticalControl.objects.create(
            council=council, control="green", from_on=THEN, until_on=date(2020, 1, 1)
        )
