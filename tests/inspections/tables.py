"""The tables that an import fills, as they can be compared between two databases: without numbers of rows."""

from cases.models import Case, Milestone, Source
from improvement.models import Trigger
from inspections.models import Inspection, Judgement, SourceRow

COMPARED = (SourceRow, Inspection, Judgement, Source, Trigger, Case, Milestone)
# What a number refers to, by what is the same in both databases.
BY_ITS_OWN = {
    "file": ("file__sha256", "file__name", "file__released_on", "file__is_ofsted"),
    "council": ("council__la_code",),
    "framework": ("framework__slug",),
    "area": ("area__framework__slug", "area__code"),
    "rule": ("rule__slug",),
    "inspection": ("inspection__council__la_code", "inspection__kind", "inspection__begun_on"),
    "source": ("source__council__la_code", "source__title", "source__dated_on"),
    "row": ("row__file__sha256", "row__sheet", "row__row", "row__part"),
    "case": ("case__reference",),
    "owner": ("owner__email",),
    "assignee": ("assignee__email",),
}


def tables():
    """Return {table: its rows, sorted}; each row is the text of its facts."""
    return {model.__name__: sorted(_rows(model)) for model in COMPARED}


def _rows(model):
    columns = [
        column
        for field in model._meta.concrete_fields
        if not field.primary_key
        for column in (BY_ITS_OWN[field.name] if field.is_relation else (field.name,))
    ]
    return [
        repr([(column, str(value)) for column, value in zip(columns, row, strict=True)])
        for row in model.objects.values_list(*columns)
    ]
