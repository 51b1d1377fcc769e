"""What stands in a hexagon tells its council from every other of the region."""

import pytest

from dashboards.presenters.maps import short_names


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["Bolton", "Bury"], ["Bolt", "Bury"]),
        (["Cheshire East", "Cheshire West and Chester"], ["Ch E", "Ch WC"]),
        (["Blackburn with Darwen", "Blackpool"], ["Blackb", "Blackp"]),
        (["Leicester", "Leicestershire"], ["Leic", "Leics"]),
        (["North Tyneside", "Northumberland"], ["No T", "Northu"]),
        (["North Lincolnshire", "North East Lincolnshire"], ["No L", "No EL"]),
    ],
)
def test_names_that_begin_alike_are_told_apart(names, short):
    assert list(short_names(names).values()) == short
