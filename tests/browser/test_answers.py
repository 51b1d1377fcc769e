"""In Chromium: measures as charts, the board's paper, and the adviser's answer to an update, on every width."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.rules import add_months
from councils.models import Council
from improvement.actions.answers import ask, give_status
from improvement.actions.measures import record_reading, restate_reading
from improvement.models import AdviserStatus, Plan, PlannedMeasure, PlanVersion, Question, Reading
from inspections.models import Inspection
from tests.browser.conftest import with_password
from tests.factories import person_with
from tests.improvement.updates import make_update
from tests.plans import make_plan

OFF = {
    "delivery": "off-track",
    "percent": 30,
    "reason": "Two team managers left in August and agency cover began late.",
    "recovery": "Interim managers from the 9th; the audit starts a week later.",
}
FINE = {"delivery": "on-track", "percent": 60, "done": "Weekly supervision in all teams."}


@pytest.fixture
def contributor(demonstration):
    saltmarsh = Council.objects.get(slug="saltmarsh")
    return with_password(person_with(Role.COUNCIL_CONTRIBUTOR, council=saltmarsh, name="Bryn Teasel"))


@pytest.fixture
def version(demonstration, contributor):
    """Saltmarsh's shared plan of five priorities, with a year of readings and two updates submitted."""
    saltmarsh = Council.objects.get(slug="saltmarsh")
    today = timezone.localdate()
    version = make_plan(
        saltmarsh,
        priorities=3,
        actions=9,
        measures=4,
        standing=PlanVersion.Standing.SHARED,
        on=add_months(today, -10),
    )
    Plan.objects.filter(pk=version.plan_id).update(scale=Plan.Scale.BRAG)
    by = Viewer.of(contributor, today)
    for planned, values in zip(
        version.measures.all(), ((62, 70, 74, 88), (91, 80, 70, 66), (60, 60)), strict=False
    ):
        for ago, value in enumerate(reversed(values), 1):
            day = add_months(today, -2 * ago)
            record_reading(planned.measure, reading_on=day, value=Decimal(value), by=by, on=today)
    restated = Reading.objects.get(measure__plan=version.plan, value=74)
    restate_reading(restated, value=Decimal("76.5"), note="Late returns from two teams", by=by, on=today)
    return version


@pytest.fixture
def update(version):
    today = timezone.localdate()
    this = add_months(today.replace(day=1), -1)
    make_update(
        version,
        add_months(this, -1),
        submitted_on=today - timedelta(days=30),
        priorities=[{"delivery": "on-track"}, {"delivery": "on-track"}, {"delivery": "slipping"}],
        actions=[FINE] * 9,
    )
    return make_update(
        version,
        this,
        submitted_on=today,
        overall="Practice is steadier; recruitment is not.",
        decisions_needed="Agree the new date for action 1.1.",
        priorities=[
            {"delivery": "slipping", "text": "Two gaps in management."},
            {"delivery": "on-track"},
            None,
        ],
        actions=[
            {**OFF, "new_due_on": today + timedelta(days=40)},
            FINE,
            OFF,
            FINE,
            FINE,
            {"delivery": "complete"},
        ],
    )


def is_sound(page, violations, address, width=320):
    assert page.locator("h1").count() == 1, address
    assert violations(page) == [], address
    assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_measures_are_read_and_a_figure_is_entered_and_restated(visit, version, contributor):
    saltmarsh = version.plan.council
    assert Inspection.objects.filter(council=saltmarsh).exists()
    measures = f"/plans/{version.plan.reference}/measures/"
    page = visit(contributor, width=320, scripts=False)
    page.goto(measures)
    page.locator("summary").first.click(no_wait_after=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("link", name="Enter a figure for Measure 4").click()
    page.get_by_role("button", name="Save this figure").click()
    assert "Enter the figure" in page.locator(".govuk-error-summary").inner_text()
    for part, value in zip(("Day", "Month", "Year"), (1, 1, 2026), strict=True):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label("Figure (%)").fill("71.5%")
    page.get_by_role("button", name="Save this figure").click()
    assert "Measure 4: 71.5% for 1 January 2026 saved." in page.get_by_role("alert").inner_text()
    page.locator(f"#measure-{measure(version, 4).measure_id} summary").click(no_wait_after=True)
    page.get_by_role("link", name="Restate 71.5% of 1 Jan 2026, Measure 4").click()
    page.get_by_label("The figure is now").fill("70")
    page.get_by_label("Why it has changed").fill("Late returns")
    page.get_by_role("button", name="Restate it").click()
    assert "70%, restated from 71.5%" in page.get_by_role("alert").inner_text()


def measure(version, place) -> PlannedMeasure:
    return version.measures.get(place=place)


def test_every_page_is_sound_on_a_telephone_and_wide(
    visit, violations, version, update, contributor, adviser
):
    today = timezone.localdate()
    by = Viewer.of(adviser, today)
    priorities = [planned.priority for planned in version.priorities.all()]
    give_status(update, priority=priorities[1], delivery="slipping", note="Too early", by=by, on=today)
    question = ask(update, text="What do children say of it?", priority=priorities[0], by=by, on=today)
    plan = f"/plans/{version.plan.reference}"
    this = f"{plan}/updates/{update.period_on:%Y-%m}"
    reading = Reading.objects.filter(measure__plan=version.plan, restated_by=None).first()
    for_council = [
        f"{plan}/measures/",
        f"{plan}/measures/{measure(version, 1).measure_id}/reading/",
        f"{plan}/readings/{reading.pk}/restate/",
        f"{this}/report/",
        f"{this}/answer/",
        f"{plan}/questions/{question.pk}/",
        f"{plan}/views/",
    ]
    for_adviser = [
        f"{plan}/measures/",
        f"{this}/answer/",
        f"{this}/answer/priorities/{priorities[0].pk}/",
        f"{this}/answer/ask/",
        f"{plan}/views/",
    ]
    for person, addresses in ((contributor, for_council), (adviser, for_adviser)):
        narrow, wide = visit(person, width=320), visit(person)
        for address in addresses:
            for page, width in ((narrow, 320), (wide, 1280)):
                assert page.goto(address).ok, address
                for summary in page.locator("main summary").all():
                    summary.click(no_wait_after=True)
                is_sound(page, violations, address, width)
        for address in addresses:
            narrow.goto(address)
            buttons = narrow.locator("main form[method=post] button")
            if not buttons.count() or address[-7:] == "answer/":
                continue
            for box in narrow.locator("main textarea, main input[type=text]").all():
                box.fill("")
            if narrow.locator("main input[type=radio]").count():
                continue
            buttons.last.click()
            assert narrow.locator(".govuk-error-summary").count() == 1, address
            is_sound(narrow, violations, f"{address} in error")


def test_an_adviser_answers_from_the_first_priority_to_the_last_without_a_script(
    visit, version, update, adviser, contributor
):
    this = f"/plans/{version.plan.reference}/updates/{update.period_on:%Y-%m}"
    page = visit(adviser, scripts=False)
    page.goto(f"{this}/answer/")
    page.get_by_role("button", name="Mark as read").click()
    assert "Marked as read" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="start with Priority 1").click()
    page.get_by_label("Off track").check()
    page.get_by_label("Why").fill("No evidence of what has changed for children")
    page.get_by_label("Ask the council something about it").fill("What do children say?")
    page.get_by_role("button", name="Save and go on").click()
    for _ in range(2):
        page.get_by_label("On track").check()
        page.get_by_role("button", name="Save and go on").click()
    assert "You have given your view of every priority" in page.locator(".up-lede").inner_text()
    assert AdviserStatus.objects.filter(update=update).count() == 3
    council = visit(contributor, scripts=False)
    council.goto(f"{this}/answer/")
    council.get_by_role("link", name="Answer the question about Priority 1").click()
    council.get_by_label("Your answer").fill("That they are seen alone, in eight of ten visits.")
    council.get_by_role("button", name="Send the answer").click()
    assert "That they are seen alone" in council.locator("#questions").locator("..").inner_text()
    assert Question.objects.get(update=update).answered_by == contributor
    council.goto(f"/plans/{version.plan.reference}/views/")
    assert "differ on" in council.locator("h1").inner_text()


def test_the_board_s_paper_prints_on_two_sheets(visit, version, update, contributor):
    page = visit(contributor)
    page.goto(f"/plans/{version.plan.reference}/updates/{update.period_on:%Y-%m}/report/")
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert 1 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 2
