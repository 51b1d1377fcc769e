"""Importing small files: what is stored, what is told, and what a second import or a dry run changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Source
from history.models import Event
from inspections.actions import import_ofsted
from inspections.models import Framework, Inspection, Judgement, OfstedFile, SourceRow
from inspections.readers import NotReadable
from inspections.signals import outcomes_published
from tests.constraints import broken
from tests.factories import person_with
from tests.inspections import files
from tests.inspections.files import HISTORY, LATEST, POSITION, RI

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TODAY = date(2026, 11, 2)
SYSTEM = Viewer.system(TODAY)
BEGAN, PUBLISHED = date(2024, 6, 10), date(2024, 7, 23)
BARNET = files.history_row("Barnet", BEGAN, PUBLISHED, kind="ILACS Short Inspection")
YORK = files.history_row("York", date(2025, 2, 24), date(2025, 4, 15), overall="Inadequate")


def history(path, *rows, released_on=date(2025, 9, 25)):
    return files.write_ods(path, {"Cover": files.cover(released_on), "History": [HISTORY, *rows]})


def run(path, **more):
    return import_ofsted(path=path, by=SYSTEM, on=TODAY, **more)


def counts():
    return [model.objects.count() for model in (Inspection, Judgement, Source, SourceRow, OfstedFile, Event)]


@pytest.fixture
def published():
    """Every sending of the signal while the test runs: the names of the councils."""
    sent = []

    def listen(sender, councils, by, on, **kwargs):
        sent.append((sorted(councils), by, on, transaction.get_connection().in_atomic_block))

    outcomes_published.connect(listen)
    yield sent
    outcomes_published.disconnect(listen)


def test_an_inspection_is_stored_with_its_judgements_its_report_and_its_row(tmp_path):
    result = run(history(tmp_path / "a.ods", BARNET))
    inspection = Inspection.objects.get()

    assert (result.added, result.changed, result.left) == (1, 0, 0)
    assert (inspection.council.name, inspection.framework.slug, inspection.kind) == (
        "Barnet",
        "ilacs-2023",
        "short",
    )
    assert (inspection.begun_on, inspection.known_on) == (BEGAN, PUBLISHED)
    assert inspection.source.kind == Source.Kind.INSPECTION_REPORT
    assert inspection.source.published_on == PUBLISHED
    assert inspection.source_rows.get().row == 2
    overall = inspection.judgements.get(area__code="overall")
    assert (overall.grade, overall.word, overall.row) == ("good", "Good", inspection.source_rows.get())


def test_a_visit_has_no_report_to_hang_milestones_on(tmp_path):
    row = files.history_row("Barnet", BEGAN, PUBLISHED, kind="ILACS Focused Visit", overall=None)
    run(history(tmp_path / "a.ods", row))

    assert Inspection.objects.get().source is None


def test_the_same_file_twice_changes_nothing(tmp_path, published):
    path = history(tmp_path / "a.ods", BARNET, YORK)
    run(path)
    before = counts()
    result = run(path)

    assert (result.added, result.changed, result.removed, result.left) == (0, 0, 0, 2)
    assert counts() == before
    assert len(published) == 1


def test_a_dry_run_tells_the_same_and_changes_nothing(tmp_path, published):
    path = history(tmp_path / "a.ods", BARNET, YORK)
    before = counts()
    result = run(path, dry_run=True)

    assert result.added == 2
    assert counts() == before
    assert len(published) == 1, "listeners take part, so that a dry run shows what they would do"
    assert run(path).added == 2


def test_outcomes_are_published_once_inside_the_transaction_with_the_councils_that_changed(
    tmp_path, published
):
    run(history(tmp_path / "a.ods", BARNET))
    run(history(tmp_path / "b.ods", BARNET, YORK))

    assert [councils for councils, *_ in published] == [
        [Inspection.objects.get(council__name=name).council_id] for name in ("Barnet", "York")
    ]
    assert published[0][1:] == (SYSTEM, TODAY, True)


def test_an_error_of_a_listener_rolls_the_import_back(tmp_path):
    def fail(**kwargs):
        raise RuntimeError

    outcomes_published.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            run(history(tmp_path / "a.ods", BARNET))
    finally:
        outcomes_published.disconnect(fail)
    assert not Inspection.objects.exists()
    assert not SourceRow.objects.exists()


def test_a_later_release_corrects_an_inspection_and_keeps_its_identity(tmp_path):
    run(history(tmp_path / "a.ods", BARNET))
    first = Inspection.objects.get()
    corrected = files.history_row("Barnet", BEGAN, PUBLISHED, overall=RI)
    result = run(history(tmp_path / "b.ods", corrected, released_on=date(2026, 9, 24)))
    inspection = Inspection.objects.get()

    assert (result.added, result.changed) == (0, 1)
    assert (inspection.pk, inspection.source_id, inspection.kind) == (first.pk, first.source_id, "standard")
    assert set(inspection.judgements.values_list("grade", flat=True)) == {"requires-improvement"}
    assert inspection.source_rows.count() == 2


def test_an_earlier_release_imported_later_changes_nothing_that_is_known(tmp_path):
    run(history(tmp_path / "b.ods", files.history_row("Barnet", BEGAN, PUBLISHED, overall=RI)))
    result = run(history(tmp_path / "a.ods", BARNET, released_on=date(2024, 9, 26)))

    assert (result.added, result.changed, result.left) == (0, 0, 1)


def test_two_inspections_that_a_later_row_shows_to_be_one_become_the_older(tmp_path):
    position = [files.LINK, "Barnet", "London", date(2022, 7, 11), "Good", "Good", "Good", "Good", None]
    run(
        files.write_ods(
            tmp_path / "a.ods", {"Cover": files.cover(date(2022, 8, 1)), "P": [POSITION, position]}
        )
    )
    run(
        files.write_csv(
            tmp_path / "b.csv", [LATEST, files.latest_row("302", "barnet", "", "01/05/23", kind="")]
        )
    )
    older = Inspection.objects.order_by("pk").first()
    assert Inspection.objects.count() == 2

    result = run(history(tmp_path / "c.ods", files.history_row("Barnet", date(2022, 9, 1), date(2023, 3, 1))))

    assert result.removed == 1
    assert Inspection.objects.get().pk == older.pk
    assert older.source_rows.count() == 3


def test_an_unknown_council_is_named_with_its_place_and_the_rest_still_load(tmp_path):
    result = run(history(tmp_path / "a.ods", files.history_row("Atlantis", BEGAN, PUBLISHED), BARNET))

    assert Inspection.objects.get().council.name == "Barnet"
    assert [(line.sheet, line.row) for line in result.lines if line.outcome == "not read"] == [("History", 2)]
    assert any("No council is known as “Atlantis”" in line.message for line in result.lines)


def test_the_derived_file_is_matched_by_code_alone(tmp_path):
    rows = [
        files.latest_row("302", "a name of its own", "10/06/2024", "23/07/24"),
        files.latest_row("999", "barnet", "10/06/2024", "23/07/24"),
    ]
    result = run(files.write_csv(tmp_path / "a.csv", [LATEST, *rows]))

    assert Inspection.objects.get().council.la_code == "302"
    assert [line.row for line in result.lines if line.outcome == "not read"] == [3]


def test_a_code_and_a_name_of_two_councils_are_not_read(tmp_path):
    row = files.latest_row("302", "York", "10/06/2024", "23/07/24")
    other = files.latest_row("373", "sheffield", "10/06/2024", "23/07/24")
    result = run(files.write_csv(tmp_path / "a.csv", [LATEST, row, other]))

    assert Inspection.objects.get().council.name == "Sheffield"
    (line,) = [line for line in result.lines if line.outcome == "not read"]
    assert line.row == 2
    assert "“York” and the DfE code 302, which is Barnet’s, are two councils" in line.message


def test_a_judgement_that_the_form_does_not_have_is_told_in_words(tmp_path):
    row = files.latest_row("302", "barnet", "11/07/2022", "05/09/22", grades=("good",) * 4 + ("inadequate",))
    result = run(files.write_csv(tmp_path / "a.csv", [LATEST, row]))

    (line,) = [line for line in result.lines if line.outcome == "not stored"]
    assert line.message == (
        "Barnet: ILACS 2018 has no judgement “The experiences and progress of care leavers”, so its “inadequate” "
        "is not stored."
    )


def test_how_far_apart_two_rows_may_be_is_the_frameworks(tmp_path):
    days = (BEGAN, PUBLISHED), (date(2024, 8, 10), date(2024, 9, 23))
    rows = [files.history_row("Barnet", began, published) for began, published in days]
    Framework.objects.filter(family="ilacs").update(
        inspected_within=30, published_within=30, published_after_inspection=30
    )
    run(file := history(tmp_path / "a.ods", *rows))
    assert Inspection.objects.count() == 2

    Framework.objects.filter(family="ilacs").update(inspected_within=61)
    run(file)
    assert Inspection.objects.get().source_rows.count() == 2


def test_dorset_is_the_county_before_april_2019_and_the_unitary_after(tmp_path):
    rows = [
        files.history_row("Dorset", date(2018, 6, 4), date(2018, 7, 16)),
        files.history_row("Dorset", date(2021, 9, 27), date(2021, 11, 19)),
    ]
    run(history(tmp_path / "a.ods", *rows))

    assert list(Inspection.objects.order_by("begun_on").values_list("council__la_code", flat=True)) == [
        "835",
        "838",
    ]


def test_a_day_before_the_framework_began_is_refused(tmp_path):
    result = run(history(tmp_path / "a.ods", files.history_row("Barnet", date(2012, 6, 10), None), YORK))

    assert Inspection.objects.get().council.name == "York"
    assert any("before ILACS came into use" in line.message for line in result.lines)


def test_a_damaged_copy_takes_nothing_away(tmp_path):
    run(history(tmp_path / "a.ods", BARNET, YORK))
    before = list(Inspection.objects.values_list("council", "kind", "begun_on", "judgements__grade"))
    damaged = files.history_row("York", "32/13/2025", None, overall="Inadequate")
    result = run(history(tmp_path / "b.ods", files.history_row("Atlantis", BEGAN, PUBLISHED), damaged))

    assert result.count("not read") == 2
    assert list(Inspection.objects.values_list("council", "kind", "begun_on", "judgements__grade")) == before


def test_a_row_that_could_not_be_matched_joins_once_its_council_has_the_name(tmp_path):
    from councils.models import Council

    path = history(tmp_path / "a.ods", files.history_row("Barnet-on-Sea", BEGAN, PUBLISHED), YORK)
    run(path)
    Council.objects.get(name="Barnet").names.create(alias="Barnet-on-Sea", folded="barnet-on-sea")
    result = run(path)

    assert (result.added, result.left) == (1, 1)


def test_who_may_not_import_is_refused_before_the_file_is_opened(tmp_path):
    adviser = Viewer.of(person_with(Role.PRINCIPAL_ADVISER), TODAY)

    with pytest.raises(PermissionDenied):
        import_ofsted(path=tmp_path / "none.ods", by=adviser, on=TODAY)


class TestCommand:
    def call(self, path, *options):
        out = StringIO()
        call_command("import_ofsted", str(path), *options, stdout=out)
        return out.getvalue()

    def test_it_prints_what_became_of_each_row_with_sheet_and_row(self, tmp_path):
        path = history(tmp_path / "a.ods", BARNET, files.history_row("Atlantis", BEGAN, PUBLISHED))
        out = self.call(path)

        assert "added: History, row 2: Barnet: ILACS short inspection, inspected 10 June 2024" in out
        assert "not read: History, row 3: No council is known as “Atlantis”" in out
        assert "skipped: Cover: holds no list of inspections" in out
        assert "inspections: added 1 changed 0 removed 0 left 0" in out
        assert "inspections: added 0 changed 0 removed 0 left 1" in self.call(path)

    def test_a_dry_run_says_that_nothing_was_changed(self, tmp_path):
        assert "Nothing was changed" in self.call(history(tmp_path / "a.ods", BARNET), "--dry-run")
        assert not Inspection.objects.exists()

    def test_a_refused_file_is_an_error_with_the_reason(self, tmp_path):
        path = files.write_csv(tmp_path / "x.csv", [["Fruit"], ["Apple"]])

        with pytest.raises(CommandError, match=r"was not imported\. The file holds no list of inspections"):
            self.call(path)

    def test_a_refused_file_leaves_nothing_behind(self, tmp_path):
        path = files.write_csv(tmp_path / "x.csv", [["Fruit"], ["Apple"]])
        before = counts()

        with pytest.raises(NotReadable):
            run(path)
        assert counts() == before


class TestPromises:
    """What the database itself refuses."""

    @pytest.fixture
    def inspection(self, tmp_path):
        run(history(tmp_path / "a.ods", BARNET))
        return Inspection.objects.get()

    @pytest.mark.parametrize(
        "change",
        [
            {"begun_on": date(2024, 6, 11)},
            {"known_on": date(2024, 6, 11)},
            {"ended_on": date(2024, 6, 9)},
            {"inspected_on": None},
        ],
    )
    def test_an_inspection_whose_dates_contradict_each_other(self, inspection, change):
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.filter(pk=inspection.pk).update(**change)

    def test_the_same_inspection_twice(self, inspection):
        inspection.pk, inspection.source = None, None
        with pytest.raises(IntegrityError), transaction.atomic():
            inspection.save()

    def test_two_judgements_of_one_area(self, inspection):
        judgement = inspection.judgements.first()
        judgement.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            judgement.save()

    def test_a_framework_that_says_half_of_how_rows_match(self):
        with broken("framework_matches_by_all_or_none"):
            Framework.objects.filter(slug="ilacs-2023").update(published_within=None)

    def test_one_source_row_kept_twice(self, inspection):
        row = inspection.source_rows.get()
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_councils_at_once_both_count_and_make_each_inspection_once(tmp_path):
    names = ["Barnet", "York", "Leeds", "Hull", "Kent", "Essex", "Devon", "Bury"]
    rows = [files.history_row(name, BEGAN, PUBLISHED) for name in names]
    paths = [
        history(tmp_path / "a.ods", *rows),
        history(tmp_path / "b.ods", *reversed(rows), released_on=date(2026, 9, 24)),
    ]

    def work(path):
        try:
            return run(path)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(work, paths))

    assert sorted(result.added for result in results) == [0, len(rows)]
    assert Inspection.objects.count() == len(rows)
    assert SourceRow.objects.exclude(inspection=None).count() == 2 * len(rows)
