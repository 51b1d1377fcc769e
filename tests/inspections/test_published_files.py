"""The real files where they are present: 827 inspections, whatever the order, and what ships is what they say."""

from collections import Counter
from datetime import date
from functools import cache
from itertools import permutations
from time import perf_counter

import pytest
from django.db import transaction

from accounts.viewer import Viewer
from cases.models import Case, Milestone, Source
from improvement.actions import open_interventions
from improvement.models import Trigger
from inspections import loaders
from inspections.actions import importing
from inspections.models import Inspection, Judgement, OfstedFile, SourceRow
from inspections.readers import read_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TODAY = date(2026, 11, 2)
SYSTEM = Viewer.system(TODAY)
# 40 MB of XML that declares a million rows takes under a second; the bound leaves room for a slow machine.
SECONDS_TO_READ = 10


@pytest.fixture(scope="module", autouse=True)
def _read_each_file_once():
    """Six orders read three files eighteen times: reading is not what they test."""
    read = importing.read_file
    importing.read_file = cache(lambda path, today: read(path, today=today))
    yield
    importing.read_file = read


@pytest.fixture
def published(shared_data):
    return sorted((shared_data / "ofsted").iterdir())


def load(paths):
    return [importing.import_ofsted(path=path, by=SYSTEM, on=TODAY) for path in paths]


def record():
    """Everything that imports make, by natural key."""
    return {
        "inspections": set(
            Inspection.objects.values_list(
                "council__la_code",
                "framework__slug",
                "kind",
                "area",
                "inspected_on",
                "ended_on",
                "published_on",
                "known_on",
                "begun_on",
                "source__title",
                "source__dated_on",
                "source__published_on",
                "source__url",
            )
        ),
        "judgements": set(
            Judgement.objects.values_list(
                "inspection__council__la_code",
                "inspection__begun_on",
                "inspection__kind",
                "inspection__area",
                "area__framework__slug",
                "area__code",
                "grade",
                "word",
                "restated",
                "row__file__sha256",
                "row__sheet",
                "row__row",
                "row__part",
            )
        ),
        "rows": set(
            SourceRow.objects.values_list(
                "file__sha256",
                "sheet",
                "row",
                "part",
                "council__la_code",
                "kind",
                "inspection__council__la_code",
                "inspection__begun_on",
                "inspection__kind",
                "inspection__area",
            )
        ),
        "counts": tuple(
            model.objects.count() for model in (Inspection, Judgement, Source, SourceRow, OfstedFile)
        ),
    }


def interventions():
    """What follows from the record once interventions are opened; withdrawn ones and references aside."""
    open_interventions(by=SYSTEM, on=TODAY)
    return {
        "cases": set(
            Case.objects.exclude(standing="withdrawn").values_list(
                "council__la_code",
                "standing",
                "entered_on",
                "intervention__opened_from",
                "intervention__began_on",
            )
        ),
        "triggers": set(
            Trigger.objects.filter(withdrawn_on=None).values_list(
                "case__council__la_code", "inspection__begun_on", "inspection__kind", "on"
            )
        ),
        "milestones": Counter(
            Milestone.objects.filter(closed_on=None).values_list(
                "council__la_code",
                "case__council__la_code",
                "source__published_on",
                "rule__slug",
                "series_no",
                "started_on",
                "started_by",
                "start_assumed",
                "opens_on",
                "due_on",
                "to_confirm",
            )
        ),
    }


def by_kind():
    return Counter(
        kind if kind.endswith("visit") else framework
        for framework, kind in Inspection.objects.values_list("framework__slug", "kind")
    )


ALL_827 = {
    "slac": 163,
    "cp": 51,
    "tlac": 5,
    "sif": 173,
    "ilacs-2018": 168,
    "ilacs-2023": 145,
    "ilacs-2026": 2,
    "focused-visit": 72,
    "monitoring-visit": 48,
}


def test_the_largest_workbook_is_read_in_seconds(published):
    (workbook,) = [path for path in published if "2023" in path.name]
    began = perf_counter()
    file = read_file(workbook, today=TODAY)

    assert perf_counter() - began < SECONDS_TO_READ
    assert (len(file.rows), file.problems, file.released_on) == (832, (), date(2023, 7, 6))
    assert sum("children's homes" in skipped.reason for skipped in file.skipped) == 4


def test_all_six_orders_give_the_same_827_and_the_same_interventions(published):
    records, followed = [], []
    for order in permutations(published):
        with transaction.atomic():
            load(order)
            records.append(record())
            assert by_kind() == ALL_827
            followed.append(interventions())
            transaction.set_rollback(True)

    assert all(one == records[0] for one in records)
    assert len(records[0]["inspections"]) == 827
    assert all(one == followed[0] for one in followed)
    assert len(followed[0]["triggers"]) == 13


def test_a_second_import_changes_no_row(published):
    load(published)
    before = record()
    again = load(published)

    assert [(result.added, result.changed, result.removed) for result in again] == [(0, 0, 0)] * 3
    assert record() == before


def test_what_ships_is_what_the_files_say(published):
    load(published)
    imported = record()
    with transaction.atomic():
        rebuilt = loaders.load_inspections(by=SYSTEM, on=TODAY)
        assert record() == imported
    assert str(rebuilt) == "added 0 changed 0 removed 0 left 827"


def test_the_files_import_over_what_ships_without_a_change(published):
    loaders.load_inspections(by=SYSTEM, on=TODAY)

    assert [(result.added, result.changed, result.removed) for result in load(published)] == [(0, 0, 0)] * 3


def test_a_judgement_that_the_form_does_not_have_is_reported_and_not_stored(published):
    (derived,) = [path for path in published if path.suffix == ".csv"]
    (result,) = load([derived])

    assert [(line.row, line.outcome) for line in result.lines if line.outcome.startswith("not")] == [
        (101, "not stored")
    ]
