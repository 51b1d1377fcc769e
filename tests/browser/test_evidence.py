"""Evidence and the plan's spreadsheet, as a council's contributor does them: axe, 320 px, no script, what is wrong."""

import os
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.permissions import Role
from councils.models import Council
from improvement.models import Evidence, Update
from tests.factories import person_with
from tests.improvement.sheets import HEADINGS, workbook
from tests.plans import make_plan

PDF = b"%PDF-1.7\nan audit\n%%EOF\n"
PICTURES = os.environ.get("UPSTREAM_PICTURES")


@pytest.fixture
def contributor(demonstration):
    return person_with(
        Role.COUNCIL_CONTRIBUTOR, council=Council.objects.get(slug="saltmarsh"), name="Cora Lunt"
    )


@pytest.fixture
def version(demonstration):
    return make_plan(Council.objects.get(slug="saltmarsh"), on=timezone.localdate())


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(page, name, width):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"h8-{name}-{width}.png", full_page=True)


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (320, False)])
def test_evidence_is_attached_refused_where_it_is_about_a_child_downloaded_and_removed(
    visit, violations, contributor, version, files, width, scripts
):
    page = visit(contributor, width=width, scripts=scripts)

    def look(name):
        if scripts:
            assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        picture(page, name, width)

    update = Update.objects.create(
        plan=version.plan,
        version=version,
        period_on=date(2026, 10, 1),
        due_on=timezone.localdate(),
        opened_on=timezone.localdate(),
    )
    action = version.actions.order_by("priority__place", "place").first().action_id
    page.goto(f"/plans/{version.plan.reference}/actions/{action}/evidence/?update={update.period_on:%Y-%m}")
    assert page.locator("h1").inner_text() == "Action 1.1 has no evidence yet"
    assert "Never upload anything about a child" in page.locator(".govuk-warning-text").inner_text()
    look("evidence-none")
    page.get_by_role("button", name="Attach it").click()
    page.get_by_role("link", name="Select what it shows").wait_for()
    page.get_by_label("Case audit").check()
    page.get_by_label("A file").set_input_files(
        {"name": "audit.pdf", "mimeType": "application/pdf", "buffer": b"<html>no PDF</html>"}
    )
    page.get_by_label("What it shows").fill("Nine of ten plans were good")
    page.get_by_role("button", name="Attach it").click()
    assert "is not a PDF, whatever its name says" in page.locator(".govuk-error-summary").inner_text()
    assert page.get_by_label("What it shows").input_value() == "Nine of ten plans were good"
    look("evidence-refused")
    long = "A_report_of_the_audit_" * 4 + ".pdf"
    page.get_by_label("A file").set_input_files({"name": long, "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_label("Title").fill("Ann Other, born 12/3/2014")
    page.get_by_role("button", name="Attach it").click()
    assert "Refer to the case by its reference only" in page.locator(".govuk-error-summary").inner_text()
    page.get_by_label("A file").set_input_files({"name": long, "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_label("Title").fill("Audit of ten cases")
    page.get_by_role("button", name="Attach it").click()
    assert page.locator("h1").inner_text() == "1 piece of evidence for action 1.1"
    page.get_by_label("Voice").check()
    page.get_by_label("Or a link to it").fill("https://www.example.org/survey-of-families")
    page.get_by_role("button", name="Attach it").click()
    assert page.locator("h1").inner_text() == "2 pieces of evidence for action 1.1"
    look("evidence")
    with page.expect_download() as download:
        page.get_by_role("link", name="Audit of ten cases", exact=True).click(no_wait_after=True)
    assert download.value.suggested_filename == long and Path(download.value.path()).read_bytes() == PDF
    page.get_by_role("link", name="Remove Audit of ten cases").click()
    assert page.locator("h1").inner_text() == "Remove “Audit of ten cases”?"
    look("evidence-remove")
    page.get_by_role("button", name="Remove it").click()
    assert page.locator("h1").inner_text() == "1 piece of evidence for action 1.1"
    assert Evidence.objects.filter(action=action, removed_on=None).count() == 1
    assert not [path for path in files.rglob("*.pdf") if path.read_bytes() == PDF]


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (320, False)])
def test_a_plan_is_loaded_from_a_spreadsheet_after_what_is_wrong_was_put_right(
    visit, violations, contributor, version, files, width, scripts
):
    page = visit(contributor, width=width, scripts=scripts)
    first = version.actions.order_by("priority__place", "place").first()
    home = first.priority.title

    def look(name):
        if scripts:
            assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        picture(page, name, width)

    def upload(*rows):
        file = workbook([(*HEADINGS, "Id", "R/A/G"), *rows])
        page.get_by_label("The spreadsheet").set_input_files(
            {"name": "plan.xlsx", "mimeType": "application/octet-stream", "buffer": file.read()}
        )
        page.get_by_role("button", name="See what it would change").click()

    page.goto(f"/plans/{version.plan.reference}/versions/1/sheet/")
    assert page.locator("h1").inner_text() == "Load the plan from a spreadsheet"
    with page.expect_download() as download:
        page.get_by_role("link", name="An empty spreadsheet").click(no_wait_after=True)
    assert download.value.suggested_filename == "upstream-plan-empty.xlsx"
    page.get_by_role("button", name="See what it would change").click()
    assert "Choose a file" in page.locator(".govuk-error-summary").inner_text()
    look("sheet-nothing-chosen")
    upload(
        (home, "", "1", "Visit within ten days", "Team manager", None, "Ongoing"),
        (home, "", "77", "", "Team manager"),
    )
    assert page.locator("h1").inner_text() == "2 things to put right before it can be loaded"
    assert page.get_by_role("button", name="Load it into the draft").count() == 0
    look("sheet-problems")
    changed = (
        home,
        "",
        "1; 2",
        "Do it better than before",
        "Head of service",
        date(2026, 12, 1),
        date(2027, 3, 31),
    )
    upload(
        (
            home,
            "",
            "1",
            "Visit within ten days",
            "Team manager",
            None,
            date(2027, 1, 31),
            "Visits are in time",
        ),
        (*changed, "", "voice", "", first.action_id, "Amber"),
    )
    assert page.locator("h1").inner_text() == "It would add 1 row and change 1 row"
    look("sheet-preview")
    page.get_by_role("button", name="Load it into the draft").click()
    assert "The spreadsheet was loaded: 1 row added, 1 row changed." in page.get_by_role("alert").inner_text()
    first.refresh_from_db()
    assert first.text == "Do it better than before" and version.actions.count() == 13
