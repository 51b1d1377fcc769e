"""What the bodies sent name by number, found within what the sender may see."""

from django.shortcuts import get_object_or_404

from api.fields import MOST
from api.problems import in_fields

__all__ = ["MOST", "hold_at", "named", "stubs"]


def named(queryset, field, detail, **by):
    """Return the one row of `queryset`. Raises Problem (400) naming the field of the body where there is none."""
    found = queryset.filter(**by).first()
    if found is None:
        raise in_fields([{"field": field, "detail": detail}])
    return found


def stubs(model, numbers):
    """Return rows of which nothing but the number is known: the action says whether there are such."""
    return [model(pk=number) for number in numbers]


def hold_at(rows, pk, revision, stale):
    """Lock the row of an action that compares no revision, and compare it here. Raises `stale`.

    `rows`: a queryset with `revision`, a column or an annotation. Within the transaction that the request is done in.
    """
    list(rows.model.objects.select_for_update(of=("self",)).filter(pk=pk).values_list("pk"))
    current = get_object_or_404(rows, pk=pk)
    if current.revision != revision:
        raise stale(current)
