"""A file is uploaded, looked at and imported: with and without a script, by keyboard, on a narrow screen."""

from datetime import date

import pytest
from django.utils import timezone

from accounts.permissions import Role
from inspections.actions import carry_on, carry_on_all, importing, runs
from inspections.models import ImportRun, Inspection
from tests.factories import person_with
from tests.inspections import files
from tests.inspections.files import HISTORY

BEGAN, PUBLISHED = date(2024, 6, 10), date(2024, 7, 23)
NAMES = ["Barnet", "York", "Leeds", "Atlantis", "Bath and North East Somerset"]
State = ImportRun.State


@pytest.fixture
def lead(transactional_db, reference, monkeypatch):
    """A national lead, where the test itself is the worker and takes two rows a step."""
    monkeypatch.setattr(runs, "wake_worker", lambda: None)
    monkeypatch.setattr(importing, "ROWS_A_STEP", 2)
    return person_with(Role.NATIONAL_LEAD, name="Nell Lowe")


@pytest.fixture
def path(tmp_path):
    rows = [
        files.history_row(name, BEGAN, PUBLISHED, overall="Inadequate" if name == "York" else "Good")
        for name in NAMES
    ]
    name = "A_long_name_without_a_single_space_as_published_by_somebody_in_October_2025.ods"
    return files.write_ods(tmp_path / name, {"Cover": files.cover(), "ILACS_history": [HISTORY, *rows]})


def work():
    carry_on_all(on=timezone.localdate())


def one_step():
    carry_on(ImportRun.objects.get(), on=timezone.localdate())


def progress_of(page, words):
    return page.locator("label[for=progress]", has_text=words)


def upload(page, path):
    page.goto("/england/")
    page.get_by_role("link", name="Imports").click()
    page.get_by_label("The file").set_input_files(path)
    page.get_by_role("button", name="Upload it").click()
    page.get_by_role("heading", name="Reading the file").wait_for()


def test_with_a_script_the_page_follows_what_the_worker_does(visit, lead, path):
    page = visit(lead)
    upload(page, path)
    one_step()
    page.get_by_role("heading", name="It would add 4 inspections").wait_for()
    assert not Inspection.objects.exists()
    page.get_by_role("button", name="Import it").click()
    progress_of(page, "It waits for its turn.").wait_for()
    one_step()
    progress_of(page, "2 of 5 rows kept").wait_for()
    assert page.locator("progress").get_attribute("value") == "2"
    work()
    page.get_by_role("heading", name="Imported: added 4 inspections").wait_for()
    page.get_by_role("link", name="Not read (1)").click()
    assert "Atlantis" in page.locator("#rows ~ table").inner_text()
    page.get_by_role("link", name="York").first.click()
    page.wait_for_url("**/councils/york/")


def test_without_a_script_one_asks_how_far_it_is(visit, lead, path):
    page = visit(lead, scripts=False)
    upload(page, path)
    work()
    page.get_by_role("link", name="See how far it is").click()
    page.get_by_role("button", name="Import it").click()
    one_step()
    page.get_by_role("link", name="See how far it is").click()
    assert "2 of 5 rows kept" in page.locator("main").inner_text()
    work()
    page.get_by_role("link", name="See how far it is").click()
    assert page.locator("h1").inner_text() == "Imported: added 4 inspections"


def test_it_is_done_by_keyboard_alone(visit, lead, path):
    page = visit(lead)
    page.goto("/imports/")
    page.get_by_label("The file").set_input_files(path)
    page.get_by_label("The file").focus()
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    page.get_by_role("heading", name="Reading the file").wait_for()
    work()
    page.get_by_role("button", name="Import it").wait_for()
    page.get_by_role("link", name="Imports").last.focus()
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    page.get_by_role("heading", name="Importing the file").wait_for()
    assert ImportRun.objects.get().state == State.CONFIRMED


def test_the_summary_of_what_is_wrong_leads_to_the_file(visit, lead, violations):
    page = visit(lead)
    page.goto("/imports/")
    page.get_by_role("button", name="Upload it").click()
    assert violations(page) == []
    page.get_by_role("link", name="Choose a file").click()
    assert page.evaluate("document.activeElement.name") == "upload"


def every_state(page, path):
    """Lead a file through every state, and yield the words for each as its page is page."""
    upload(page, path)
    yield "uploaded"
    work()
    page.reload()
    yield "previewed"
    page.get_by_role("button", name="Import it").click()
    yield "confirmed"
    one_step()
    page.reload()
    yield "reading"
    work()
    page.reload()
    yield "done"
    run = ImportRun.objects.get()
    for state in (State.REBUILDING, State.REFUSED, State.CANCELLED):
        ImportRun.objects.filter(pk=run.pk).update(
            state=state, problem=f"The file is empty. {runs.FAULT_OF_OURS}"
        )
        page.reload()
        yield str(state)
    page.goto("/imports/")
    yield "the list"


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_wrong_with_any_state_nor_is_one_wider_than_a_narrow_screen(
    visit, violations, lead, path, width
):
    page = visit(lead, width=width)
    seen = []
    for state in every_state(page, path):
        seen.append(state)
        assert violations(page) == [], state
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state
    assert len(seen) == 9


def test_axe_finds_nothing_wrong_where_somebody_else_was_first(visit, violations, lead, path):
    page = visit(lead, width=320)
    upload(page, path)
    work()
    page.reload()
    ImportRun.objects.update(revision=99)
    page.get_by_role("button", name="Import it").click()
    page.get_by_text("This import has moved on").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
