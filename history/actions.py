"""Writing events. Always inside the transaction of the fact they record."""

from history.models import Event


def event_of(kind, *, by, on, subject=None, council_code="", case_reference="", source_id=None, data=None):
    """Return an unsaved Event; `by` is the viewer (its person may be None: the system).

    `source_id` is the number of the letter or report it rests on: whoever may not read that, may not read this.
    """
    return Event(
        kind=kind,
        on=on,
        by_id=by.person_id,
        council_code=council_code,
        case_reference=case_reference,
        subject_kind=subject._meta.model_name if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        source_id=source_id,
        data=data or {},
    )


def record_event(
    kind, *, by, on, subject=None, council_code="", case_reference="", source_id=None, data=None
):
    """Write one event and return it. Call inside the transaction of the change it records."""
    event = event_of(
        kind,
        by=by,
        on=on,
        subject=subject,
        council_code=council_code,
        case_reference=case_reference,
        source_id=source_id,
        data=data,
    )
    event.save(force_insert=True)
    return event


def record_events(events):
    """Write many unsaved events at once."""
    return Event.objects.bulk_create(events, batch_size=1000)
