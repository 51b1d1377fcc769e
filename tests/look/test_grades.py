"""A grade is never a colour alone."""

from datetime import date

import pytest
from django.template import Context, Template

from dashboards.presenters.grades import Square


def drawn(source, **context):
    return Template("{% load look %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("slug", "letter"),
    [
        ("outstanding", "O"),
        ("good", "G"),
        ("requires-improvement", "R"),
        ("inadequate", "I"),
        ("not-graded", "N"),
        ("not-inspected", "-"),
        ("no-cases", "·"),
        (None, "·"),
    ],
)
def test_a_square_shows_its_letter_and_says_its_area_and_word(slug, letter):
    square = drawn('{% area slug "Leaders" %}', slug=slug)
    assert f'<span aria-hidden="true">{letter}</span>' in square
    assert '<span class="govuk-visually-hidden">Leaders: ' in square


def test_a_grade_shows_the_word_of_its_own_framework():
    assert ">Adequate</span>" in drawn('{% grade "requires-improvement" "Adequate" %}')
    assert ">Requires improvement</span>" in drawn('{% grade "requires-improvement" %}')


def test_a_council_without_a_grade_is_said_to_be_not_yet_inspected():
    assert ">Not yet inspected</span>" in drawn("{% grade nothing %}", nothing=None)


def test_a_name_from_a_file_cannot_become_markup():
    assert "<script>" not in drawn("{% area 'good' name %}", name="<script>alert(1)</script>")


def test_the_squares_of_a_row_stand_in_one_list_in_order():
    squares = [Square("good", "Leaders", "Good"), Square("", "In care", "not graded apart")]
    row = drawn("{% areas squares %}", squares=squares)
    assert row.startswith('<ul class="up-areas"><li class="up-area up-area--good" title="Leaders: good">')
    assert row.count("<li") == 2 and "In care: not graded apart</span></li></ul>" in row


def test_no_square_of_a_row_can_become_markup():
    assert "<b>" not in drawn("{% areas squares %}", squares=[Square("good", "<b>", "Good")])


def test_a_day_in_a_table_is_short_and_none_is_nothing():
    assert drawn("{{ day|short_day }}", day=date(2026, 9, 3)) == "3 Sep 2026"
    assert drawn("{{ day|short_day }}", day=None) == ""
