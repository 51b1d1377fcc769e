"""The hexagon map is laid out from columns and rows, odd rows half a step to the right, rows counted upwards."""

import pytest

from dashboards.hexagons import WIDTH, hex_map


def test_nothing_placed_is_no_map():
    assert hex_map([]) is None
    assert hex_map([(None, 3, "nowhere")]) is None


def test_an_odd_row_lies_half_a_hexagon_to_the_right_and_a_higher_row_further_up():
    by_subject = {
        each.subject: each for each in hex_map([(4, 2, "low"), (4, 3, "high"), (5, 2, "beside")]).hexagons
    }
    assert by_subject["high"].x - by_subject["low"].x == pytest.approx(WIDTH / 2, abs=0.01)
    assert by_subject["low"].y - by_subject["high"].y == pytest.approx(1.5, abs=0.01)
    assert by_subject["beside"].x - by_subject["low"].x == pytest.approx(WIDTH, abs=0.01)


def test_every_corner_lies_within_the_map():
    laid = hex_map([(q, r, (q, r)) for q in range(3, 9) for r in range(2, 7)])
    corners = [tuple(map(float, point.split(","))) for each in laid.hexagons for point in each.points.split()]
    assert all(0 <= x <= laid.width and 0 <= y <= laid.height for x, y in corners)


def test_hexagons_are_read_from_the_top_left():
    assert [each.subject for each in hex_map([(1, 0, "c"), (2, 1, "b"), (1, 1, "a")]).hexagons] == [
        "a",
        "b",
        "c",
    ]
