"""In Chromium: an intervention's page, and an adviser who records what the DfE decided, with scripts and without."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.viewer import Viewer
from cases.models import Case
from improvement.actions import (
    ClauseGiven,
    record_appointment,
    record_arrangement,
    record_clauses,
    record_decision,
    record_instrument,
    record_report,
)
from improvement.models import Appointment, CommissionerReport, Instrument

LETTER = "Letter to the leader of the council"


@pytest.fixture
def case(demonstration):
    """Saltmarsh's intervention with one of every row."""
    case = Case.objects.get(council__slug="saltmarsh", standing="open")
    on = timezone.localdate()
    by = {"by": Viewer.system(on), "on": on}
    council = case.council
    direction = record_instrument(
        council,
        kind="direction",
        issued_on=on - timedelta(days=60),
        expires_on=on - timedelta(days=1),
        detail="After the monitoring visit of the spring.",
        **by,
    )
    record_clauses(
        direction,
        items=[
            ClauseGiven(
                "1", "Keep an improvement board with an independent chair, which meets every six weeks."
            ),
            ClauseGiven(
                "3(b)",
                "Send a revised plan to the Secretary of State.",
                on + timedelta(days=20),
                recommend=True,
            ),
        ],
        **by,
    )
    commissioner = record_appointment(
        council,
        role="commissioner",
        name="Wren Dale",
        body="Dunlin Borough Council",
        terms="Three days a week.\nReports to the Secretary of State after three months.",
        serving_dcs_of=council.__class__.objects.get(slug="holme"),
        from_on=on - timedelta(days=50),
        url="https://example.org/a-very-long-address-of-a-letter/that-would-not-fit-a-narrow-screen.pdf",
        **by,
    )
    record_report(commissioner, stated_due_on=on + timedelta(days=30), stated_in="the direction", **by)
    record_decision(
        council, kind="not-decided", decided_on=on - timedelta(days=5), reasons="Too early to say.", **by
    )
    record_decision(council, kind="keeps-control", decided_on=on - timedelta(days=2), **by)
    record_arrangement(
        council, name="Tern Children’s Trust", kind="trust", from_on=on - timedelta(days=1), **by
    )
    return case


def addresses(case):
    direction = Instrument.objects.filter(case=case, kind="direction", partial=False).latest("pk")
    commissioner = Appointment.objects.filter(case=case, role="commissioner").latest("pk")
    named = [
        ("intervention",),
        ("trigger_record",),
        ("instrument_record",),
        ("appointment_record",),
        ("review_record",),
        ("decision_record",),
        ("arrangement_record",),
        ("instrument_lift", direction.pk),
        ("clauses_record", direction.pk),
        ("clause_change", direction.clauses.latest("pk").pk),
        ("appointment_end", commissioner.pk),
        ("report_record", commissioner.pk),
        ("report_change", CommissionerReport.objects.latest("pk").pk),
        ("arrangement_end", case.council.arrangements.latest("pk").pk),
        ("instrument_correct", direction.pk),
        ("appointment_correct", commissioner.pk),
        ("decision_correct", case.decisions.filter(partial=False).latest("pk").pk),
    ]
    return [reverse(name, args=[case.reference, *rest]) for name, *rest in named]


def test_axe_finds_nothing_wrong_with_any_page_of_it_and_none_is_wide(visit, violations, adviser, case):
    """Every page, and every form with nothing in it sent."""
    page = visit(adviser, width=320)
    opening = reverse("intervention_open", args=["thornley"])
    for address in [*addresses(case), opening]:
        page.goto(address)
        assert page.locator("h1").count() == 1, address
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        form = page.locator("main form[method=post]")
        if not form.count():
            continue
        for box in form.locator("input[type=text], input[type=url], textarea").all():
            box.fill("")
        form.locator("button").last.click()
        assert page.locator(".govuk-error-summary").count() == 1, address
        assert violations(page) == [], f"{address} in error"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{address} in error"
    page.goto(reverse("intervention", args=[case.reference]))
    page.screenshot(path="/tmp/w/h1/intervention-320.png", full_page=True)
    wide = visit(adviser)
    for name, address in zip(
        ["page", "open"], [reverse("intervention", args=[case.reference]), opening], strict=True
    ):
        wide.goto(address)
        assert violations(wide) == [], address
        wide.screenshot(path=f"/tmp/w/h1/{name}.png", full_page=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_adviser_records_a_review_a_conflicted_appointment_and_clauses(visit, adviser, case, scripts):
    page = visit(adviser, scripts=scripts)
    page.goto("/councils/saltmarsh/")
    page.locator("#intervention ~ .moj-timeline").get_by_role("link", name=case.reference).first.click()
    today = timezone.localdate()

    page.get_by_role("link", name="A progress review’s result").click()
    page.get_by_label("Insufficient progress").check()
    type_date(page, "decided_on", today)
    page.get_by_label("The DfE’s reasons").fill("Caseloads have not fallen.")
    page.get_by_role("button", name="Record it").click()
    assert (
        "Enter the title of the letter, or its address" in page.locator(".govuk-error-summary").inner_text()
    )
    assert page.get_by_label("The DfE’s reasons").input_value() == "Caseloads have not fallen."
    page.get_by_label("Title of the letter").fill(LETTER)
    page.get_by_role("button", name="Record it").click()
    assert "review: insufficient progress" in page.get_by_role("alert").inner_text()
    assert "Insufficient: DfE decision awaited." in page.locator("main").inner_text()
    assert "Caseloads have not fallen." in page.locator("main").inner_text()

    page.get_by_role("link", name="An appointment", exact=True).click()
    page.get_by_label("Improvement adviser").check()
    type_date(page, "from_on", today)
    page.locator("[name=name]").fill("Linnet Moor")
    page.get_by_label("Runs the improvement partner").check()
    page.get_by_label("Title of the letter").fill(LETTER)
    page.get_by_role("button", name="Record it").click()
    assert "Runs the improvement partner." in page.get_by_role("status").inner_text()
    page.screenshot(path=f"/tmp/w/h1/conflict-{scripts}.png", full_page=True)
    page.get_by_role("button", name="Record it all the same").click()
    assert "Conflict of interest. Runs the improvement partner." in page.locator("main").inner_text()

    page.get_by_role("link", name="Record clauses of the direction").click()
    for number in ("4", "5"):
        page.get_by_label("Number of the clause").fill(number)
        page.get_by_label("What it says").fill(f"Do thing {number}.")
        page.get_by_role("button", name="Save this clause").click()
        assert page.get_by_label("Number of the clause").input_value() == ""
    assert "4 clauses recorded" in page.locator("main").inner_text()
    page.screenshot(path=f"/tmp/w/h1/clauses-{scripts}.png", full_page=True)
    page.get_by_role("link", name="Done: back to the intervention").click()
    assert "Do thing 5." in page.locator("main").inner_text()


def type_date(page, name, day):
    for part in ("day", "month", "year"):
        page.locator(f"[name={name}_{part}]").fill(str(getattr(day, part)))
