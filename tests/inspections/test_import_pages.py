"""The pages of imports: who sees them, every state in words, errors, two people, and downloads."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from inspections import actions
from inspections.actions import importing, runs
from inspections.models import ImportLine, ImportRun, Inspection
from inspections.tasks import carry_on_imports
from tests.factories import RegionFactory, person_with
from tests.inspections import files
from tests.inspections.files import HISTORY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

BEGAN, PUBLISHED = date(2024, 6, 10), date(2024, 7, 23)
ROWS = [
    files.history_row("Barnet", BEGAN, PUBLISHED),
    files.history_row("York", BEGAN, PUBLISHED, overall="Inadequate"),
    files.history_row("Atlantis", BEGAN, PUBLISHED),
]
State = ImportRun.State


@pytest.fixture(autouse=True)
def _no_messages(monkeypatch):
    monkeypatch.setattr(runs, "wake_worker", lambda: None)


@pytest.fixture
def lead(client):
    person = person_with(Role.NATIONAL_LEAD, name="Nell Lowe")
    client.force_login(person)
    return person


@pytest.fixture
def path(tmp_path):
    return files.write_ods(tmp_path / "Outcomes.ods", {"Cover": files.cover(), "History": [HISTORY, *ROWS]})


def send(client, path):
    with path.open("rb") as file:
        return client.post(reverse("imports"), {"upload": file})


@pytest.fixture
def previewed(client, lead, path):
    send(client, path)
    carry_on_imports()
    return ImportRun.objects.get()


def text(response):
    return " ".join(response.content.decode().split())


def show(client, run, **query):
    return client.get(reverse("import_run", args=[run.pk]), query)


def decide(client, name, run, revision=None):
    return client.post(reverse(name, args=[run.pk]), {"revision": revision or run.revision})


def now(run):
    return ImportRun.objects.get(pk=run.pk)


def a_run(**facts):
    return ImportRun.objects.create(**{"name": "Outcomes.ods", "sha256": "0" * 64, **facts})


class TestWho:
    @pytest.mark.parametrize("role", [Role.PRINCIPAL_ADVISER, Role.LGA_ADVISER])
    def test_others_are_refused_and_find_no_link(self, client, role):
        client.force_login(person_with(role, region=RegionFactory()))
        run = a_run(state=State.PREVIEWED)
        for name in ("import_run", "import_confirm", "import_cancel"):
            assert client.get(reverse(name, args=[run.pk])).status_code == 403
            assert decide(client, name, run).status_code == 403
        assert client.get(reverse("imports")).status_code == 403
        assert reverse("imports") not in text(client.get("/england/"))
        assert now(run).state == "previewed"

    def test_nobody_is_told_of_a_run_that_is_not_there_but_who_may_import(self, client):
        client.force_login(person_with(Role.PRINCIPAL_ADVISER, region=RegionFactory()))
        assert client.get(reverse("import_run", args=[999])).status_code == 403

    def test_a_national_lead_finds_the_way_in_the_header(self, client, lead):
        assert f'href="{reverse("imports")}"' in text(client.get("/england/"))
        assert client.get(reverse("import_run", args=[999])).status_code == 404

    def test_every_national_lead_sees_every_import(self, client, lead, previewed):
        client.force_login(person_with(Role.NATIONAL_LEAD))
        assert "Nell Lowe" in text(client.get(reverse("imports")))
        assert show(client, previewed).status_code == 200


class TestUpload:
    def test_it_leads_to_the_page_of_its_run(self, client, lead, path):
        response = send(client, path)
        run = ImportRun.objects.get()
        assert response.url == reverse("import_run", args=[run.pk])
        page = text(client.get(response.url))
        assert "Reading the file" in page
        assert "data-look-again" in page and "See how far it is" in page
        assert "Leave it alone" in page and "Import it" not in page

    @pytest.mark.parametrize(
        ("upload", "words"),
        [
            (None, "Choose a file"),
            (SimpleUploadedFile("report.pdf", b"%PDF"), "Choose a file that ends in .ods, .xlsx or .csv"),
            (SimpleUploadedFile("a.ods", b""), "The file is empty. Download it again"),
        ],
    )
    def test_an_error_names_the_field_and_the_remedy(self, client, lead, upload, words):
        response = client.post(reverse("imports"), {"upload": upload} if upload else {})
        page = text(response)
        assert response.status_code == 200
        assert page.count(words) == 2
        assert "<title>Error: Imports" in page and 'href="#id_upload"' in page
        assert not ImportRun.objects.exists()

    def test_a_file_that_can_not_be_read_says_why_and_what_to_do(self, client, lead, tmp_path):
        send(client, files.write_csv(tmp_path / "fruit.csv", [["Fruit"], ["Apple"]]))
        carry_on_imports()
        page = text(show(client, ImportRun.objects.get()))
        assert "The file was not imported" in page
        assert "The file holds no list of inspections that is known. Looked for:" in page
        assert "Upload another file" in page and "Import it" not in page

    def test_the_name_of_a_file_is_shown_as_text(self, client, lead):
        run = a_run(name="<b>bold</b>.ods")
        for page in (client.get(reverse("imports")), show(client, run)):
            assert "&lt;b&gt;bold" in text(page) and "<b>bold" not in text(page)


class TestPreview:
    def test_it_says_what_would_change_what_would_follow_and_what_of_each_row(self, client, previewed):
        page = text(show(client, previewed))
        assert "It would add 2 inspections" in page
        assert "Nothing has been changed" in page
        assert '<a class="govuk-link" href="/councils/york/">York</a>: opens a case.' in page
        assert "INT-" not in page
        assert "25 September 2025, as the file says" in page
        assert '<dt>added</dt><dd><a class="govuk-link" href="?outcome=added#rows">2</a></dd>' in page
        assert "<dt>as they were</dt><dd>0</dd>" in page
        for words in ("All (4)", "Added (2)", "Not read (1)", "Skipped (1)"):
            assert words in page
        assert "No council is known as “Atlantis”" in page
        assert "Import it" in page and "Leave it alone" in page
        assert "data-look-again" not in page
        assert not Inspection.objects.exists()

    def test_rows_are_shown_by_what_became_of_them(self, client, previewed):
        page = text(show(client, previewed, outcome="not read"))
        assert "Atlantis" in page and "Barnet:" not in page
        assert '?outcome=not+read#rows" aria-current="true"' in page
        assert show(client, previewed, outcome="eaten").status_code == 400

    def test_a_file_that_is_in_the_record_already_says_so(self, client, lead, path, previewed):
        assert "in the record already" not in text(show(client, previewed))
        decide(client, "import_confirm", previewed)
        carry_on_imports()
        send(client, path)
        carry_on_imports()
        page = text(show(client, ImportRun.objects.first()))
        assert "It would change nothing" in page
        assert "This very file is in the record already, since" in page
        assert "There is no need to import it again" in page

    def test_the_list_says_that_it_waits_for_a_decision(self, client, previewed):
        page = text(client.get(reverse("imports")))
        assert "1 file waits to be confirmed" in page
        assert "Ready to confirm" in page and "would be: 2 added" in page


class TestConfirmed:
    def test_it_is_imported_in_steps_that_the_page_tells_in_words_and_numbers(
        self, client, previewed, monkeypatch
    ):
        monkeypatch.setattr(importing, "ROWS_A_STEP", 2)
        response = decide(client, "import_confirm", previewed)
        assert response.url == reverse("import_run", args=[previewed.pk])
        told = [text(client.get(response.url))]
        while actions.carry_on(previewed, on=timezone.localdate()):
            told.append(text(client.get(response.url)))
        done = text(client.get(response.url))

        waiting, reading, rebuilding = told
        assert "It waits for its turn" in waiting
        assert "2 of 3 rows kept" in reading and '<progress id="progress" value="2" max="3">' in reading
        assert "All 3 rows are kept" in rebuilding
        for page in told:
            assert "Importing the file" in page and "data-look-again" in page
            assert "See how far it is" in page and "Leave it alone" not in page
        assert "Imported: added 2 inspections" in done
        assert ">York</a>: opens a case, INT-" in done
        assert "What became of each row" in done and "data-look-again" not in done
        assert "3, 2 of them not read before" in done
        assert Inspection.objects.count() == 2

    def test_left_alone_nothing_is_changed(self, client, previewed):
        response = decide(client, "import_cancel", previewed)
        assert response.url == reverse("imports")
        page = text(client.get(response.url))
        assert "Outcomes.ods was left alone. Nothing was changed." in page and "Not imported" in page
        assert "The file was left alone" in text(show(client, previewed))
        assert not Inspection.objects.exists()

    @pytest.mark.parametrize("second", ["import_confirm", "import_cancel"])
    @pytest.mark.parametrize("first", ["import_confirm", "import_cancel"])
    def test_the_second_of_two_people_is_told_how_it_stands_now(self, client, previewed, first, second):
        decide(client, first, previewed)
        state = now(previewed).state
        client.force_login(person_with(Role.NATIONAL_LEAD))
        response = decide(client, second, previewed)
        page = text(response)
        assert response.status_code == 409
        assert "This import has moved on since you opened the page" in page
        assert ("It waits for its turn" if state == "confirmed" else "The file was left alone") in page
        assert now(previewed).state == state

    def test_a_decision_without_its_revision_decides_nothing(self, client, previewed):
        response = client.post(reverse("import_confirm", args=[previewed.pk]), {"revision": "x"})
        assert response.status_code == 200
        assert now(previewed).state == "previewed"

    def test_where_no_worker_has_given_a_sign_for_minutes_the_page_says_so(self, client, lead):
        run = a_run(state=State.READING, alive_at=timezone.now(), rows_kept=1, rows_in_all=9)
        silent = "There has been no sign of work for some minutes"
        assert silent not in text(show(client, run))
        with time_machine.travel(timezone.now() + timedelta(minutes=4)):
            client.force_login(lead)
            assert silent in text(show(client, run))


def lines_of(run, count):
    """Let a run have so many lines, of two outcomes."""
    ImportLine.objects.bulk_create(
        ImportLine(
            run=run,
            preview=False,
            order=number,
            outcome="left" if number % 3 else "not read",
            sheet="=History",
            row=number,
            message=f"Row {number}",
        )
        for number in range(1, count + 1)
    )


class TestManyRows:
    def test_the_page_asks_the_same_for_3_lines_and_for_300(self, client, lead):
        asked = {}
        for count in (3, 300):
            run = a_run(state=State.DONE, by=lead)
            lines_of(run, count)
            for query in ({}, {"outcome": "left"}):
                with CaptureQueriesContext(connection) as queries:
                    assert show(client, run, **query).status_code == 200
                asked[count, str(query)] = len(queries)
        assert len(set(asked.values())) == 1
        assert set(asked.values()).pop() <= 8

    def test_the_list_asks_the_same_for_3_runs_and_for_30(self, client, lead):
        asked = []
        for count in (3, 30):
            for _ in range(count):
                a_run(by=person_with(Role.NATIONAL_LEAD))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("imports"))
            asked.append(len(queries))
        assert asked[0] == asked[1] <= 8

    def test_a_hundred_are_shown_at_a_time(self, client, lead):
        run = a_run(state=State.DONE)
        lines_of(run, 250)
        first, last = text(show(client, run)), text(show(client, run, page=3))
        assert "Page 1 of 3" in first and 'href="?page=2"' in first
        assert ">Row 100<" in first and ">Row 101<" not in first
        assert ">Row 201<" in last and ">Row 250<" in last
        assert "Page 3 of 3" in text(show(client, run, page=99))
        assert "Page 1 of 1" not in text(show(client, run, outcome="not read"))
        assert "?outcome=left#rows" in last

    @pytest.mark.parametrize(("query", "count"), [({}, 250), ({"outcome": "not read"}, 83)])
    def test_all_of_them_are_downloaded_as_a_stream(self, client, lead, query, count):
        run = a_run(state=State.DONE)
        lines_of(run, 250)
        response = show(client, run, format="csv", **query)
        assert response.streaming
        rows = list(csv.reader(StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
        assert rows[0] == ["Sheet", "Row", "What became of it", "What it tells"]
        assert len(rows) == count + 1
        assert rows[1][0] == "'=History"

    def test_uploads_beyond_fifty_are_on_the_next_page(self, client, lead):
        for number in range(51):
            a_run(name=f"File {number}.ods")
        assert "File 0.ods" not in text(client.get(reverse("imports")))
        assert "File 0.ods" in text(client.get(reverse("imports"), {"page": 2}))
