"""Grades on a page: never a colour without its word or its letter."""

from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join

register = template.Library()

WORDS = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires-improvement": "Requires improvement",
    "inadequate": "Inadequate",
    "not-graded": "Not graded overall",
    "not-inspected": "Not yet inspected",
}
LETTERS = {
    "outstanding": "O",
    "good": "G",
    "requires-improvement": "R",
    "inadequate": "I",
    "not-graded": "N",
    "not-inspected": "-",
}


@register.filter
def grade_letter(slug):
    """The letter of a grade, or a middle dot for an area that was not graded apart."""
    return LETTERS.get(slug, "·")


@register.filter
def grade_word(slug):
    """The word of a grade where its framework's own word is not at hand."""
    return WORDS.get(slug, "Not graded")


# The same few grades stand in every row of a table: each is put in words once.
@register.simple_tag
@lru_cache(maxsize=512)
def grade(slug, word=None):
    """A dot in the grade's colour, and its word: `word` is the framework's own ("Adequate") where given.

    No slug is a council that has not been inspected.
    """
    slug = slug or "not-inspected"
    return format_html('<span class="up-grade up-grade--{}">{}</span>', slug, word or grade_word(slug))


@register.simple_tag
@lru_cache(maxsize=512)
def area(slug, area_name, word=None):
    """One square of `<ul class="up-areas">`: the letter to see, the area and its word to hear."""
    said = f"{area_name}: {(word or WORDS.get(slug, 'not graded')).lower()}"
    return format_html(
        '<li class="up-area{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="govuk-visually-hidden">{}</span></li>',
        f" up-area--{slug}" if slug in LETTERS else "",
        said,
        grade_letter(slug),
        said,
    )


@register.simple_tag
def areas(squares):
    """The squares of a row, each with its `slug`, `area` and `word`."""
    return _list_of_areas(tuple(squares))


@lru_cache(maxsize=512)
def _list_of_areas(squares):
    items = ((area(square.slug, square.area, square.word),) for square in squares)
    return format_html('<ul class="up-areas">{}</ul>', format_html_join("", "{}", items))


@register.filter
@lru_cache(maxsize=2048)
def short_day(day):
    """A day in a table: "3 Nov 2026"; Django's own filter takes six times as long. Nothing for no day."""
    return f"{day.day} {day:%b %Y}" if day else ""
