"""Imports in steps: the same tables by page and by command, a preview that changes nothing, who may, who is first."""

import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.urls import reverse
from kombu.exceptions import OperationalError as BrokerDown

from accounts.models import Grant
from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused, Stale
from cases.models import Case
from history.models import Event
from inspections.actions import (
    cancel_import,
    carry_on,
    carry_on_all,
    confirm_import,
    import_ofsted,
    importing,
    preview_import,
    runs,
    start_import,
)
from inspections.models import ImportLine, ImportRun, Inspection, SourceRow
from inspections.tasks import carry_on_imports
from tests.factories import person_with
from tests.inspections import files
from tests.inspections.files import HISTORY
from tests.inspections.tables import tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TODAY = date(2026, 11, 2)
SYSTEM = Viewer.system(TODAY)
BEGAN, PUBLISHED = date(2024, 6, 10), date(2024, 7, 23)
NAMES = ["Barnet", "York", "Leeds", "Kent", "Essex"]
ROWS = [
    files.history_row(name, BEGAN, PUBLISHED, overall="Inadequate" if name == "York" else "Good")
    for name in NAMES
]
UNKNOWN = files.history_row("Atlantis", BEGAN, PUBLISHED)


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """How often a worker was woken; no message is sent."""
    calls = []
    monkeypatch.setattr(runs, "wake_worker", lambda: calls.append(1))
    return calls


@pytest.fixture
def lead():
    return Viewer.of(person_with(Role.NATIONAL_LEAD), TODAY)


def workbook(path, *rows, released_on=date(2025, 9, 25)):
    return files.write_ods(path, {"Cover": files.cover(released_on), "History": [HISTORY, *rows]})


def upload_of(path):
    return SimpleUploadedFile(path.name, path.read_bytes())


@pytest.fixture
def path(tmp_path):
    return workbook(tmp_path / "Outcomes at March.ods", *ROWS, UNKNOWN)


@pytest.fixture
def run(path, lead):
    """An upload that has been read."""
    run = start_import(upload=upload_of(path), by=lead, on=TODAY)
    carry_on(run, on=TODAY)
    return as_now(run)


def as_now(run):
    return ImportRun.objects.get(pk=run.pk)


def confirmed(run, lead):
    return confirm_import(run, by=lead, on=TODAY, revision=run.revision)


def hashes():
    """Return a hash of every table but the two of imports."""
    return {
        model._meta.label: hashlib.sha256(
            repr(sorted(model.objects.values_list(), key=repr)).encode()
        ).hexdigest()
        for model in apps.get_models(include_auto_created=True)
        if model not in (ImportRun, ImportLine)
    }


class TestStart:
    def test_an_upload_is_kept_under_a_name_of_our_own(self, path, lead):
        run = start_import(upload=upload_of(path), by=lead, on=TODAY)

        assert (run.name, run.state, run.by_id) == (path.name, "uploaded", lead.person_id)
        assert run.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert run.upload.name.startswith("imports/")
        assert "March" not in run.upload.name
        assert run.upload.read() == path.read_bytes()
        assert Event.objects.filter(kind="import-uploaded", subject_id=run.pk, by_id=lead.person_id).exists()

    def test_a_worker_is_woken_once_the_upload_is_committed(
        self, path, lead, woken, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            start_import(upload=upload_of(path), by=lead, on=TODAY)
            assert woken == []
        assert woken == [1]

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("report.pdf", b"%PDF", "Choose a file that ends in .ods, .xlsx or .csv"),
            ("a.ods", b"", "The file is empty"),
            ("a.csv", b"123456", "Choose one of 0 MB at most"),
        ],
    )
    def test_what_can_be_none_of_the_files_is_refused_with_the_remedy(
        self, name, content, words, lead, monkeypatch
    ):
        monkeypatch.setattr(runs, "LARGEST_FILE", 5)
        with pytest.raises(Refused, match=words) as refused:
            start_import(upload=SimpleUploadedFile(name, content), by=lead, on=TODAY)
        assert refused.value.field == "upload"
        assert not ImportRun.objects.exists()

    def test_where_the_run_can_not_be_kept_neither_is_the_file(self, path, lead, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr(runs, "record_event", fail)
        before = stored()
        with pytest.raises(RuntimeError):
            start_import(upload=upload_of(path), by=lead, on=TODAY)
        assert stored() == before
        assert not ImportRun.objects.exists()

    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.NATIONAL_LEAD}))
    def test_only_a_national_lead_may(self, path, role, run, lead):
        from tests.factories import CouncilFactory, RegionFactory

        region = RegionFactory()
        reach = {
            Role.PRINCIPAL_ADVISER: {"region": region},
            Role.LGA_ADVISER: {"region": region},
            Role.ADMINISTRATOR: {},
        }.get(role)
        person = person_with(role, **({"council": CouncilFactory()} if reach is None else reach))
        by = Viewer.of(person, TODAY)
        acts = [
            lambda: start_import(upload=upload_of(path), by=by, on=TODAY),
            lambda: preview_import(run, by=by, on=TODAY),
            lambda: confirm_import(run, by=by, on=TODAY, revision=run.revision),
            lambda: cancel_import(run, by=by, on=TODAY, revision=run.revision),
        ]
        for act in acts:
            with pytest.raises(PermissionDenied):
                act()
        assert as_now(run).state == "previewed"


def stored():
    return set(default_storage.listdir("imports")[1]) if default_storage.exists("imports") else set()


class TestPreview:
    def test_it_changes_nothing_in_any_other_table(self, path, lead):
        run = start_import(upload=upload_of(path), by=lead, on=TODAY)
        before = hashes()
        carry_on(run, on=TODAY)

        assert as_now(run).state == "previewed"
        assert hashes() == before
        # It is what an import changes that is compared.
        import_ofsted(path=path, by=SYSTEM, on=TODAY)
        changed = {label for label, one in hashes().items() if one != before[label]}
        assert {"inspections.Inspection", "cases.Case", "cases.Milestone", "history.Event"} <= changed

    def test_it_tells_what_the_import_will_do(self, run, lead):
        assert (run.added, run.changed, run.removed, run.left) == (5, 0, 0, 0)
        assert (run.released_on, run.rows_in_all) == (date(2025, 9, 25), 6)
        assert [(one["council"], one["words"]) for one in run.consequences] == [("York", "opens a case")]
        foretold = list(run.lines.values_list("order", "outcome", "sheet", "row", "message"))
        assert len(foretold) == 7  # the cover too
        assert ImportLine.objects.filter(preview=False).count() == 0

        confirmed(run, lead)
        carry_on_all(on=TODAY)
        run = as_now(run)
        assert run.state == "done"
        assert (run.added, run.changed, run.removed, run.left) == (5, 0, 0, 0)
        assert [(one["council"], one["words"]) for one in run.consequences] == [("York", "opens a case")]
        assert run.consequences[0]["reference"] == Case.objects.get(council__name="York").reference
        assert list(run.lines.values_list("order", "outcome", "sheet", "row", "message")) == foretold
        assert not run.lines.filter(preview=True).exists()

    def test_it_is_done_once_though_asked_for_twice(self, run):
        lines = run.lines.count()
        assert not carry_on(run, on=TODAY)
        assert (
            preview_import(
                ImportRun(
                    pk=run.pk,
                    state="uploaded",
                    made_at=run.made_at,
                    upload=run.upload,
                    sha256=run.sha256,
                    name=run.name,
                ),
                by=SYSTEM,
                on=TODAY,
            )
            is None
        )
        assert run.lines.count() == lines

    def test_a_file_that_can_not_be_read_is_refused_in_the_readers_words(self, tmp_path, lead):
        path = files.write_csv(tmp_path / "fruit.csv", [["Fruit"], ["Apple"]])
        run = start_import(upload=upload_of(path), by=lead, on=TODAY)
        assert not carry_on(run, on=TODAY)
        run = as_now(run)
        assert run.state == "refused"
        assert run.problem.startswith("The file holds no list of inspections that is known.")
        assert run.finished_at


class TestSteps:
    @pytest.fixture(autouse=True)
    def _two_rows_a_step(self, monkeypatch):
        monkeypatch.setattr(importing, "ROWS_A_STEP", 2)

    def test_rows_are_kept_part_by_part_and_the_record_is_brought_in_line_once(self, run, lead):
        confirmed(run, lead)
        told = []
        while carry_on(run, on=TODAY):
            now = as_now(run)
            told.append((now.state, now.rows_kept, SourceRow.objects.count(), Inspection.objects.count()))
        now = as_now(run)

        # The sixth names no council that is known.
        assert told == [("reading", 2, 2, 0), ("reading", 4, 4, 0), ("rebuilding", 6, 5, 0)]
        assert (now.state, now.rows_new, Inspection.objects.count()) == ("done", 5, 5)
        assert Event.objects.get(kind="outcomes-imported").data["rows"] == 5
        assert Event.objects.get(kind="outcomes-imported").by_id == lead.person_id

    def test_every_new_state_is_a_new_revision_and_a_part_more_is_none(self, run, lead):
        seen = [run.revision, confirmed(run, lead).revision]
        while carry_on(run, on=TODAY):
            seen.append(as_now(run).revision)
        seen.append(as_now(run).revision)
        assert seen == [2, 3, 4, 4, 5, 6]

    def test_a_name_added_half_way_brings_in_its_row(self, run, lead):
        from councils.models import Council

        confirmed(run, lead)
        for _ in range(3):
            carry_on(run, on=TODAY)
        Council.objects.get(name="Bury").names.create(alias="Atlantis", folded="atlantis")
        carry_on_all(on=TODAY)
        assert as_now(run).state == "done"
        assert Inspection.objects.filter(council__name="Bury").exists()

    def test_rows_kept_by_a_run_that_broke_off_count_for_nothing_until_the_next_rebuild(
        self, run, lead, client, tmp_path
    ):
        client.force_login(lead.person)
        before = record_shown(client)
        confirmed(run, lead)
        carry_on(run, on=TODAY)
        assert SourceRow.objects.filter(inspection=None).count() == 2
        assert record_shown(client) == before

        later = workbook(tmp_path / "later.ods", ROWS[0], released_on=date(2026, 9, 24))
        result = import_ofsted(path=later, by=SYSTEM, on=TODAY)
        assert result.added == 1
        barnet = Inspection.objects.get()
        assert barnet.source_rows.count() == 2
        assert record_shown(client) != before

    def test_the_same_file_again_changes_nothing(self, run, path, lead):
        confirmed(run, lead)
        carry_on_all(on=TODAY)
        before = tables()
        again = start_import(upload=upload_of(path), by=lead, on=TODAY)
        carry_on_all(on=TODAY)
        confirmed(as_now(again), lead)
        carry_on_all(on=TODAY)
        assert (as_now(again).added, as_now(again).left, as_now(again).rows_new) == (0, 5, 0)
        assert tables() == before
        assert Event.objects.filter(kind="outcomes-imported").count() == 1


def record_shown(client):
    """Return what pages and downloads show of inspections, with nothing that is new at every request."""
    shown = []
    for page in ("/england/", "/regions/", "/regions/london/", "/councils/barnet/", "/councils/york/"):
        for query in ({}, {"format": "csv"}):
            response = client.get(page, query)
            content = b"".join(response.streaming_content) if response.streaming else response.content
            shown.append(without_tokens(content.decode()))
    return shown


def without_tokens(text):
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


class TestByPageAndByCommand:
    def by_page(self, client, path):
        """Return the tables after an import by page, and undo it."""
        with transaction.atomic():
            client.force_login(person_with(Role.NATIONAL_LEAD))
            with path.open("rb") as file:
                client.post(reverse("imports"), {"upload": file})
            carry_on_imports()
            run = ImportRun.objects.get()
            client.post(reverse("import_confirm", args=[run.pk]), {"revision": run.revision})
            carry_on_imports()
            assert as_now(run).state == "done"
            found = tables()
            transaction.set_rollback(True)
        return found

    def by_command(self, path):
        assert not any(tables().values())
        call_command("import_ofsted", str(path), stdout=StringIO())
        return tables()

    def test_a_small_file_gives_the_same_tables(self, client, path, monkeypatch):
        monkeypatch.setattr(importing, "ROWS_A_STEP", 2)
        by_page = self.by_page(client, path)
        assert by_page == self.by_command(path)
        assert len(by_page["Inspection"]) == 5
        assert by_page["Milestone"] and by_page["Trigger"] and by_page["Case"]

    def test_a_published_file_gives_the_same_tables(self, client, shared_data):
        path = shared_data / "ofsted" / "LA_Inspection_Outcomes_as_at_31_March_2025.ods"
        by_page = self.by_page(client, path)
        assert by_page == self.by_command(path)
        assert len(by_page["SourceRow"]) == 536


class TestInWhoseName:
    def test_the_one_who_confirms_imports(self, run):
        other = Viewer.of(person_with(Role.NATIONAL_LEAD), TODAY)
        confirmed(run, other)
        carry_on_all(on=TODAY)
        assert as_now(run).by == other.person
        assert Event.objects.get(kind="outcomes-imported").by_id == other.person_id

    @pytest.mark.parametrize("steps_before", [0, 1, 2])
    def test_a_role_that_ended_meanwhile_ends_the_import(self, run, lead, steps_before, monkeypatch):
        monkeypatch.setattr(importing, "ROWS_A_STEP", 4)
        confirmed(run, lead)
        for _ in range(steps_before):
            carry_on(run, on=TODAY)
        Grant.objects.filter(person=lead.person).update(until_on=TODAY)
        assert not carry_on(run, on=TODAY)
        assert (as_now(run).state, as_now(run).problem) == ("refused", runs.RIGHT_ENDED)
        assert not Inspection.objects.exists()

    def test_somebody_who_left_uploads_nothing_more(self, path, lead):
        run = start_import(upload=upload_of(path), by=lead, on=TODAY)
        lead.person.is_active = False
        lead.person.save()
        assert not carry_on(run, on=TODAY)
        assert as_now(run).state == "refused"


class TestTwoPeople:
    @pytest.mark.parametrize("second", [confirm_import, cancel_import])
    @pytest.mark.parametrize("first", [confirm_import, cancel_import])
    def test_the_second_is_told_that_it_has_moved_on(self, run, lead, first, second):
        first(run, by=lead, on=TODAY, revision=run.revision)
        state = as_now(run).state
        with pytest.raises(Stale) as stale:
            second(run, by=lead, on=TODAY, revision=run.revision)
        assert stale.value.current.state == state == as_now(run).state

    @pytest.mark.parametrize("act", [confirm_import, cancel_import])
    def test_what_somebody_looked_at_before_it_changed_is_not_decided(self, run, lead, act):
        with pytest.raises(Stale):
            act(run, by=lead, on=TODAY, revision=run.revision - 1)
        assert as_now(run).state == "previewed"

    def test_what_has_not_been_read_can_not_be_confirmed(self, path, lead):
        run = start_import(upload=upload_of(path), by=lead, on=TODAY)
        with pytest.raises(Stale):
            confirm_import(run, by=lead, on=TODAY, revision=run.revision)

    def test_cancelled_it_is_never_read(self, path, lead, django_capture_on_commit_callbacks):
        run = start_import(upload=upload_of(path), by=lead, on=TODAY)
        kept = run.upload.name
        with django_capture_on_commit_callbacks(execute=True):
            cancel_import(run, by=lead, on=TODAY, revision=run.revision)
        carry_on_all(on=TODAY)
        assert as_now(run).state == "cancelled"
        assert not default_storage.exists(kept)
        assert not Inspection.objects.exists()


class TestWhatGoesWrong:
    def test_a_step_that_fails_changes_nothing_and_ends_the_run_with_words(
        self, run, lead, monkeypatch, caplog
    ):
        confirmed(run, lead)
        carry_on(run, on=TODAY)

        def fail(*args, **kwargs):
            Inspection.objects.all().delete()
            raise RuntimeError("a secret of ours")

        monkeypatch.setattr(runs, "bring_in_line", fail)
        with caplog.at_level(logging.ERROR):
            assert not carry_on(run, on=TODAY)
        assert (as_now(run).state, as_now(run).problem) == ("refused", runs.FAULT_OF_OURS)
        assert "a secret of ours" in caplog.text
        assert Event.objects.filter(kind="import-refused").exists()

    def test_while_the_database_is_away_it_waits(self, run, lead, monkeypatch):
        confirmed(run, lead)

        def fail(*args, **kwargs):
            raise OperationalError

        monkeypatch.setattr(runs, "keep_part", fail)
        with pytest.raises(OperationalError):
            carry_on(run, on=TODAY)
        assert as_now(run).state == "confirmed"

    def test_a_file_that_ends_its_worker_every_time_is_given_up(self, run, lead):
        confirmed(run, lead)
        ImportRun.objects.filter(pk=run.pk).update(attempts=runs.MOST_ATTEMPTS)
        assert not carry_on(run, on=TODAY)
        assert (as_now(run).state, as_now(run).problem) == ("refused", runs.BEGUN_TOO_OFTEN)

    def test_a_step_that_ends_forgets_its_attempts(self, run, lead):
        confirmed(run, lead)
        ImportRun.objects.filter(pk=run.pk).update(attempts=runs.MOST_ATTEMPTS - 1)
        assert carry_on(run, on=TODAY)
        assert as_now(run).attempts == 0

    @pytest.mark.parametrize("how", ["gone", "altered"])
    def test_a_kept_file_that_is_not_what_was_uploaded_is_refused(self, run, lead, how, tmp_path):
        confirmed(run, lead)
        if how == "gone":
            default_storage.delete(run.upload.name)
        else:
            other = workbook(tmp_path / "other.ods", *ROWS)
            with default_storage.open(run.upload.name, "wb") as kept:
                kept.write(other.read_bytes())
        carry_on_all(on=TODAY)
        assert (as_now(run).state, as_now(run).problem) == ("refused", runs.NOT_AS_UPLOADED)

    def test_one_run_that_fails_leaves_the_others_to_be_done(self, run, path, lead, monkeypatch):
        default_storage.delete(run.upload.name)
        confirmed(run, lead)
        other = start_import(upload=upload_of(path), by=lead, on=TODAY)
        carry_on_all(on=TODAY)
        assert (as_now(run).state, as_now(other).state) == ("refused", "previewed")

    @pytest.mark.parametrize("down", [BrokerDown, ConnectionRefusedError])
    def test_a_queue_that_is_down_fails_nothing(self, monkeypatch, down):
        asked = []

        def fail(*args, **options):
            asked.append(args)
            raise down

        monkeypatch.undo()
        monkeypatch.setattr(carry_on_imports, "apply_async", fail)
        runs.wake_worker()
        assert len(asked) == 1

    def test_the_file_is_deleted_once_the_run_has_ended(self, run, lead):
        kept = run.upload.name
        confirmed(run, lead)
        assert default_storage.exists(kept)
        carry_on_all(on=TODAY)
        assert not default_storage.exists(kept)
        assert as_now(run).upload == ""


def test_a_night_between_upload_and_import_changes_nothing_of_what_is_read(run, lead):
    """Nothing in it can have happened after the day of its upload, whenever it is imported."""
    confirmed(run, lead)
    carry_on_all(on=TODAY + timedelta(days=1))
    assert as_now(run).state == "done"
    assert as_now(run).added == 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_one_run_each_step_is_done_by_one(path, lead, monkeypatch):
    monkeypatch.setattr(importing, "ROWS_A_STEP", 1)
    run = start_import(upload=upload_of(path), by=lead, on=TODAY)
    carry_on_all(on=TODAY)
    confirmed(as_now(run), lead)
    kept, keep_part = [], runs.keep_part

    def keep_and_tell(read, start, *, on):
        kept.append(start)
        return keep_part(read, start, on=on)

    monkeypatch.setattr(runs, "keep_part", keep_and_tell)
    together = Barrier(4)

    def work(_):
        try:
            together.wait()
            while as_now(run).state not in ImportRun.FINISHED:
                carry_on_all(on=TODAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert as_now(run).problem == ""
    assert sorted(kept) == [0, 1, 2, 3, 4, 5]
    assert (as_now(run).state, as_now(run).rows_new, Inspection.objects.count()) == ("done", 5, 5)
    assert Event.objects.filter(kind="outcomes-imported").count() == 1
