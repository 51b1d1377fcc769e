"""Opening cases, and the references people call them by."""

from django.db import transaction

from cases.models import Case, ReferenceCounter
from history.actions import event_of, record_events

PREFIXES = {Case.Kind.INTERVENTION: "INT", Case.Kind.PEER_REVIEW: "PR"}


def open_case(kind, council, *, by, on, standing=Case.Standing.OPEN):
    """Open one case, entered on `on`, and return it. See `open_cases`."""
    return open_cases(kind, [council], by=by, on=on, standing=standing)[0]


@transaction.atomic
def open_cases(kind, councils, *, by, on, standing=Case.Standing.OPEN):
    """Open a case of `kind` for each council, in their order, with the next references of the year.

    A part of the action that opens an intervention or a review, which asks whether `by` may.
    """
    references = _next_references(kind, on.year, len(councils))
    cases = Case.objects.bulk_create(
        Case(kind=kind, council=council, reference=reference, standing=standing, entered_on=on)
        for council, reference in zip(councils, references, strict=True)
    )
    record_events(
        event_of(
            "case-opened",
            by=by,
            on=on,
            subject=case,
            council_code=case.council.la_code,
            case_reference=case.reference,
            data={"standing": str(standing)},
        )
        for case in cases
    )
    return cases


def _next_references(kind, year, count):
    """Take the next `count` references. The counter's row is locked until the transaction ends."""
    ReferenceCounter.objects.get_or_create(kind=kind, year=year)
    counter = ReferenceCounter.objects.select_for_update().get(kind=kind, year=year)
    first = counter.last + 1
    counter.last += count
    counter.save(update_fields=["last"])
    return [f"{PREFIXES[kind]}-{year}-{number:04}" for number in range(first, first + count)]
