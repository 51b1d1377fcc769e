"""What ships of the published files holds what they tell, and England's figures, wherever the tests run."""

from collections import Counter
from datetime import date

import pytest

from accounts.viewer import Viewer
from councils.models import Council
from inspections import loaders
from inspections.actions import rebuild_inspections
from inspections.models import Inspection, Judgement
from tests.conftest import savepoint
from tests.inspections.test_published_files import ALL_827, by_kind

# On one core, so that all of it is loaded once.
pytestmark = [pytest.mark.xdist_group("shipped"), pytest.mark.usefixtures("db")]

TODAY = date(2026, 11, 2)
SYSTEM = Viewer.system(TODAY)


@pytest.fixture(scope="module")
def shipped(db_of_module):
    with savepoint():
        loaders.load_inspections(by=SYSTEM, on=TODAY)
        yield


@pytest.fixture
def db(shipped):
    """Undo what a test did, and leave what was loaded."""
    with savepoint():
        yield


class TestWhatTheyTellDifferently:
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
