"""The real files where they are present, and what ships of them: 827 inspections, whatever the order."""

from collections import Counter
from datetime import date
from functools import cache
from itertools import permutations
from time import perf_counter

import pytest
from django.db import transaction

from accounts.viewer import Viewer
from cases.models import Case, Milestone, Source
from councils.models import Council
from improvement.actions import open_interventions
from improvement.models import Trigger
from inspections import loaders
from inspections.actions import importing, rebuild_inspections
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


class TestWhatTheyTellDifferently:
    """From what ships, so that these hold wherever the tests run."""

    @pytest.fixture(autouse=True)
    def _loaded(self, reference):
        loaders.load_inspections(by=SYSTEM, on=TODAY)

    def one(self, council, **where):
        return Inspection.objects.get(council__name=council, kind__in=("standard", "short"), **where)

    def grades(self, inspection):
        return dict(inspection.judgements.values_list("area__code", "grade"))

    def test_nottingham_was_published_in_september_without_a_grade_for_care_leavers(self):
        inspection = self.one("Nottingham", begun_on__year=2022)

        assert inspection.published_on == date(2022, 9, 5)
        assert "care_leavers" not in self.grades(inspection)

    def test_merton_was_a_short_inspection(self):
        assert self.one("Merton", begun_on__year=2022).kind == "short"

    def test_cumbria_began_on_the_20th(self):
        assert self.one("Cumbria", begun_on__year=2022).begun_on == date(2022, 9, 20)

    def test_st_helens_has_ofsteds_own_grades(self):
        assert self.grades(self.one("St Helens", begun_on__year=2023)) == {
            "overall": "good",
            "leaders": "good",
            "help_and_protection": "requires-improvement",
            "in_care": "good",
            "care_leavers": "outstanding",
        }

    @pytest.mark.parametrize("council", ["Cornwall", "Warrington"])
    def test_two_re_inspections_on_one_day_are_two(self, council):
        again = Inspection.objects.filter(council__name=council, framework__slug="slac", kind="reinspection")

        assert sorted(again.values_list("area", "published_on")) == [
            ("looked-after", date(2011, 2, 25)),
            ("safeguarding", date(2011, 2, 25)),
        ]

    @pytest.mark.parametrize("council", ["Brent", "Somerset"])
    def test_an_inspection_of_april_2026_has_no_overall(self, council):
        inspection = self.one(council, begun_on=date(2026, 4, 27))

        assert set(self.grades(inspection)) == {"leaders", "help_and_protection", "in_care", "care_leavers"}

    def test_392_have_no_first_day_and_60_visits_no_publication(self):
        assert Inspection.objects.filter(inspected_on=None).count() == 392
        assert Inspection.objects.filter(published_on=None, kind__endswith="visit").count() == 60
        assert not Inspection.objects.filter(published_on=None).exclude(kind__endswith="visit").exists()

    def test_adequate_is_shown_as_restated(self):
        slac = Judgement.objects.filter(area__framework__slug="slac", grade="requires-improvement")

        assert slac.exists()
        assert not slac.filter(restated=False).exists()

    def test_rebuilding_every_council_changes_nothing(self):
        rebuilt = rebuild_inspections(
            Council.objects.real().values_list("pk", flat=True), by=SYSTEM, on=TODAY
        )

        assert str(rebuilt) == "added 0 changed 0 removed 0 left 827"


FIGURES = [
    (date(2016, 1, 21), "published", "sif", 152, {"good": 17, "requires-improvement": 41, "inadequate": 20}),
    (
        date(2025, 3, 31),
        "inspected",
        None,
        153,
        {"outstanding": 36, "good": 67, "requires-improvement": 31, "inadequate": 19},
    ),
    (
        date(2026, 6, 29),
        "published",
        None,
        153,
        {"outstanding": 46, "good": 63, "requires-improvement": 29, "inadequate": 13, None: 2},
    ),
]
THE_13 = (
    "Nottingham, South Tyneside, Liverpool, Isles of Scilly, Swindon, Peterborough, Tameside, Havering, "
    "Cheshire East, Halton, Knowsley, Harrow, Devon"
)


class TestFigures:
    """From what ships, too."""

    @pytest.fixture(autouse=True)
    def _loaded(self, reference):
        loaders.load_inspections(by=SYSTEM, on=TODAY)

    def test_827_ship(self):
        assert by_kind() == ALL_827

    @pytest.mark.parametrize(("on", "by", "framework", "councils", "grades"), FIGURES)
    def test_the_grades_of_england_on_a_day(self, on, by, framework, councils, grades):
        existing = Council.objects.real().on(on)
        latest = Inspection.objects.filter(council__in=existing).latest(on, by, framework, today=TODAY)

        assert existing.count() == councils
        assert Counter(latest.with_grades().values_list("headline", flat=True)) == grades

    def test_the_13_councils_that_are_inadequate(self):
        on = date(2026, 6, 29)
        existing = Inspection.objects.filter(council__in=Council.objects.real().on(on))
        latest = existing.latest(on).with_grades().filter(headline="inadequate")

        assert set(latest.values_list("council__name", flat=True)) == set(THE_13.split(", "))
