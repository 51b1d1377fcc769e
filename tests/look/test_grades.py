"""A grade is never a colour alone."""

import pytest
from django.template import Context, Template


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
