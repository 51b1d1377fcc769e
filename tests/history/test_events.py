"""Events are written with the change they record, and never altered."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.viewer import Viewer
from history.actions import event_of, record_event, record_events
from history.models import Event
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 29)


@pytest.fixture
def event():
    return record_event("tried", by=Viewer.system(TODAY), on=TODAY, data={"why": "to see"})


def test_an_event_says_what_happened_when_by_whom_and_to_what():
    person = PersonFactory()
    viewer = Viewer(person=person, today=TODAY)
    event = record_event(
        "invited", by=viewer, on=TODAY, subject=person, council_code="340", case_reference="INT-1"
    )
    event.refresh_from_db()
    assert (event.kind, event.on, event.by_id) == ("invited", TODAY, person.pk)
    assert (event.subject_kind, event.subject_id) == ("person", person.pk)
    assert (event.council_code, event.case_reference, event.data) == ("340", "INT-1", {})
    assert event.at is not None


def test_what_upstream_itself_did_has_no_person(event):
    assert event.by_id is None


def test_many_events_are_written_at_once(django_assert_num_queries):
    before = Event.objects.count()
    with django_assert_num_queries(1):
        record_events([event_of("tried", by=Viewer.system(TODAY), on=TODAY) for _ in range(20)])
    assert Event.objects.count() == before + 20


def test_the_database_refuses_to_alter_an_event(event):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(kind="other")
    event.refresh_from_db()
    assert event.kind == "tried"


def test_the_database_refuses_to_delete_an_event(event):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.delete()
    assert Event.objects.filter(kind="tried").exists()


def test_the_database_refuses_raw_statements_too(event):
    for statement in ("UPDATE history_event SET kind = 'other'", "DELETE FROM history_event"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["once", "again"])
def test_a_test_that_commits_leaves_an_empty_history_and_the_guard_in_place(time):
    assert not Event.objects.filter(kind="tried").exists()
    event = record_event("tried", by=Viewer.system(TODAY), on=TODAY)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.delete()


@pytest.mark.django_db(transaction=True)
def test_reference_data_is_there_again_after_a_test_that_committed(reference):
    from councils.models import Council

    assert Council.objects.real().count() == 158
