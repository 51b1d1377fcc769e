"""Filters of the page of a snapshot."""

from django import template

register = template.Library()


@register.filter
def named(names, key):
    """What a key stands for; nothing for one that is not there."""
    return names.get(key, "")


@register.filter
def lower_first(text):
    """The text as part of a sentence."""
    return text[:1].lower() + text[1:]


@register.filter
def figure(value):
    """A figure without the noughts that say nothing: 60, 72.5."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


@register.filter
def unit(words):
    """A unit as it follows its figure: "60%", "60 per 10,000"."""
    return words if words.startswith("%") else f" {words}" if words else ""
