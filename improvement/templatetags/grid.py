"""The cells of the grid of actions. A row has ten of them and a plan 120 rows: a template for each takes too long."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from improvement.forms.grid import DATES, NAMES, TICKS

register = template.Library()

TICK_WORDS = {"by_measures": "Measures", "by_audit": "Case audit", "by_voice": "Voice"}


@register.simple_tag
def cell(row, name, lines=0):
    """One cell: a box of some `lines`, a line, a date or a tick, named by its row's number and its column."""
    heading, value, wrong = NAMES[name], row.cells[name], row.wrong.get(name, "")
    told, message = "", ""
    if wrong:
        told = format_html(' aria-invalid="true" aria-describedby="e{}-{}"', row.key, name)
        message = format_html(
            '<span class="govuk-error-message" id="e{}-{}"><span class="govuk-visually-hidden">Error: </span>{}</span>',
            row.key,
            name,
            wrong,
        )
    if name in TICKS:
        return format_html(
            '<label class="up-cell up-cell--tick"><input type="checkbox" name="{}-{}"{}{}'
            ' aria-labelledby="n{} h-{}"><span>{}</span></label>{}',
            row.key,
            name,
            mark_safe(" checked") if value else "",
            told,
            row.key,
            name,
            TICK_WORDS[name],
            message,
        )
    if lines:
        box = format_html(
            '<textarea id="{0}-{1}" name="{0}-{1}" rows="{2}" aria-labelledby="n{0} h-{1}"{3}>\n{4}</textarea>',
            row.key,
            name,
            lines,
            told,
            value,
        )
    else:
        box = format_html(
            '<input id="{0}-{1}" type="{2}" name="{0}-{1}" value="{3}" aria-labelledby="n{0} h-{1}"{4}>',
            row.key,
            name,
            "date" if name in DATES else "text",
            value,
            told,
        )
    return format_html('<span class="up-cell" data-heading="{}">{}{}</span>', heading, box, message)
