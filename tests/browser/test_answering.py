"""A council answers an inadequate judgement, in Chromium: from its report to the end of the intervention.

Its contributor and approver and the LGA’s adviser take their turns over two years. Each day is begun by the nightly
task; after each step the stage, the milestones and the flags are those of that day.
"""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import flag_overdue
from cases.models import Case, Flag, Milestone
from improvement.actions import drafting
from improvement.models import (
    AdviserStatus,
    CommissionerReport,
    Delivery,
    Plan,
    PlannedAction,
    PlanVersion,
    Question,
    Snapshot,
    Update,
)
from improvement.queries.stages import council_stage, decisions_awaited, stages_on
from improvement.queries.updates import read_asked
from improvement.tasks import nightly
from inspections.actions import enter_inspection
from tests.factories import CouncilFactory, RegionFactory, person_with

RECEIVED, PUBLISHED = date(2024, 12, 16), date(2025, 1, 20)
FACTS = {
    "kind": "standard",
    "notified_on": date(2024, 10, 28),
    "inspected_on": date(2024, 11, 4),
    "ended_on": date(2024, 11, 15),
    "received_on": RECEIVED,
    "expected_on": PUBLISHED,
    "judgements": {
        "overall": "inadequate",
        "leaders": "inadequate",
        "help_and_protection": "inadequate",
        "in_care": "requires-improvement",
        "care_leavers": "requires-improvement",
    },
}
TOLD = "1. See children sooner. (paragraph 12)\n2. Decide within a day.\n3. Supervise staff.\n4. Audit what is done."
CONTRIBUTOR, APPROVER, ADVISER = Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_APPROVER, Role.LGA_ADVISER


class Journey:
    """A council, those who have to do with it, and the day it is for them."""

    def __init__(self, visit, clock):
        self._visit, self._clock = visit, clock
        began = date(2024, 1, 1)
        self.region = RegionFactory(name="Estuary", slug="estuary", record_began_on=began)
        self.council = CouncilFactory(region=self.region, name="Saltmarsh", slug="saltmarsh")
        reach = {"council": self.council, "from_on": began}
        self.people = {
            CONTRIBUTOR: person_with(CONTRIBUTOR, name="Linnet Marsh", **reach),
            APPROVER: person_with(APPROVER, name="Ada Fell", **reach),
            ADVISER: person_with(ADVISER, name="Peregrine Ash", region=self.region, from_on=began),
        }
        self.today, self._pages = None, {}

    def day(self, *day):
        """Let a day begin: whoever was signed in is no longer, and the night's work is done."""
        self.today = date(*day)
        self._clock.move_to(f"{self.today} 09:00")
        for page in self._pages.values():
            page.context.close()
        self._pages = {}
        nightly()

    def viewer(self, role):
        return Viewer.of(self.people[role], self.today)

    def by(self, role):
        return {"by": self.viewer(role), "on": self.today}

    def page(self, role, name="", *arguments):
        """The window of one of them today, at a page where one is named."""
        page = self._pages.get(role) or self._visit(self.people[role])
        self._pages[role] = page
        if name:
            page.goto(name if name.startswith("/") else reverse(name, args=arguments))
        return page

    @property
    def case(self):
        return Case.objects.get(council=self.council)

    @property
    def plan(self):
        return Plan.objects.get(council=self.council)

    def version(self, number=1):
        return PlanVersion.objects.get(plan__council=self.council, number=number)

    # What stands on the day

    def stage(self):
        """(slug, since) as derived; the page of the intervention says the same in its heading."""
        viewer = self.viewer(ADVISER)
        told = stages_on(self.today, viewer, [self.council.pk])[self.council.pk]
        assert council_stage(self.council, self.today, viewer).slug == told.slug
        page = self.page(ADVISER, "intervention", self.case.reference)
        since = f"{told.since:%-d %B %Y}"
        assert (
            page.locator("h1").inner_text()
            == f"Saltmarsh: {told.label[:1].lower()}{told.label[1:]} since {since}"
        )
        return told.slug, told.since

    def milestones(self, *slugs, **narrowed):
        """{rule slug, with its number in a series: its due date}."""
        return {name: one.due_on for name, one in self._milestones(slugs, **narrowed)}

    def met(self, *slugs):
        """{rule slug: (the day it was met, how many days late)}."""
        return {
            name: (one.met_on, max((one.met_on - one.due_on).days, 0))
            for name, one in self._milestones(slugs, outcome="met")
        }

    def _milestones(self, slugs, **narrowed):
        rows = Milestone.objects.filter(council=self.council, rule__isnull=False, **narrowed)
        for one in rows.select_related("rule").order_by("due_on", "pk"):
            name = one.rule.slug if one.series_no == 1 else f"{one.rule.slug}-{one.series_no}"
            if not slugs or name in slugs:
                yield name, one

    def flags(self):
        """{rule slug or label: level} of what is raised, once the sweep has seen the day’s work."""
        flag_overdue(by=Viewer.system(self.today), on=self.today)
        rows = Flag.objects.raised().filter(milestone__council=self.council).select_related("milestone__rule")
        return {
            row.milestone.rule.slug if row.milestone.rule else row.milestone.label: row.level for row in rows
        }

    def flags_by_rule(self):
        """The flags of what a rule asks for: not of the plan’s own actions and updates."""
        rules = set(self.milestones())
        return {name: level for name, level in self.flags().items() if name in rules}

    def awaits(self):
        return decisions_awaited(self.today, self.viewer(ADVISER)).get(self.council.pk)

    def of_plan(self):
        """{label of a milestone of the plan: (due date, how it ended)}."""
        rows = Milestone.objects.filter(council=self.council, of_plan=True).order_by("label")
        return {row.label.removesuffix(" of the improvement plan"): (row.due_on, row.outcome) for row in rows}


@pytest.fixture
def journey(chromium, transactional_db, reference, visit):
    with time_machine.travel(f"{RECEIVED} 09:00") as clock:
        yield Journey(visit, clock)


def fill_day(page, name, day):
    for part in ("day", "month", "year"):
        page.locator(f"[name={name}_{part}]").fill(str(getattr(day, part)))


def press(page, name):
    """Press a button that is expected to do what it says."""
    page.get_by_role("button", name=name, exact=True).click()
    summary = page.locator(".govuk-error-summary")
    assert summary.count() == 0, summary.inner_text()


def follow(page, name):
    page.get_by_role("link", name=name, exact=True).first.click()


def text_of(page):
    return page.locator("main").inner_text()


# What each of them does


def start_plan(journey, *, case=True):
    """Start a plan from a template, choose what it answers, and write three actions in the grid."""
    page = journey.page(CONTRIBUTOR, "plan_start", journey.council.slug)
    page.get_by_label("After an inadequate judgement").check()
    if case:
        assert page.get_by_label(f"Yes: {journey.case.reference}").is_checked()
    press(page, "Start it")
    if case:
        page.goto(reverse("plan_recommendations", args=[journey.plan.reference]))
        for box in page.locator("main input[type=checkbox]").all():
            box.check()
        press(page, "Save")
        assert journey.plan.recommendations.count() == 4
    page.goto(reverse("plan_change", args=[journey.plan.reference]))
    page.get_by_label("How many months one update covers").fill("3")
    press(page, "Save")
    version = journey.version()
    for priority in version.priorities.order_by("place")[2:]:
        drafting.remove_priority(priority, revision=priority.revision, **journey.by(CONTRIBUTOR))
    return version


def write_action(page, priority, number, **cells):
    """Write an action in the last row of a priority in the grid, which saves as one goes."""
    text = cells.pop("text")
    page.locator(f"[name='new-{priority.pk}-text']").fill(text)
    page.keyboard.press("Tab")
    page.get_by_role("rowheader", name=number, exact=True).wait_for()
    made = PlannedAction.objects.get(priority=priority, text=text)
    for name, typed in cells.items():
        box = page.locator(f"[name='{made.action_id}-{name}']")
        box.check() if typed is True else box.fill(typed)
    all_saved(page)
    return made


def all_saved(page):
    """Wait until the grid says that all is saved: nothing may be asked of the tables while it still writes."""
    page.get_by_role("button", name="Save", exact=True).click(no_wait_after=True)
    page.locator("[data-said]", has_text=re.compile(r"^Saved \d")).wait_for()


def approve(journey, version):
    page = journey.page(CONTRIBUTOR, "plan_approval", version.plan.reference, version.number)
    follow(page, "Send it for approval")
    press(page, "Send for approval")
    page = journey.page(APPROVER, "plan_approval", version.plan.reference, version.number)
    follow(page, "Approve it")
    press(page, "Approve this version")


def share(journey, version):
    page = journey.page(APPROVER, "plan_approval", version.plan.reference, version.number)
    follow(page, "Share it with the LGA adviser")
    assert "This does not send it to Ofsted or the DfE." in text_of(page)
    press(page, "Share with the LGA adviser")


def send(journey, version, *whom):
    page = journey.page(APPROVER, "plan_send", version.plan.reference, version.number)
    for to in whom:
        fill_day(page, f"{to}_on", journey.today)
        page.locator(f"[name={to}_whom]").fill("The improvement unit")
    press(page, "Record that it was sent")


def record_letter(journey, version, says, dated_on, resubmit_by=None):
    page = journey.page(ADVISER, "plan_letter_add", version.plan.reference, version.number)
    page.get_by_label(says).check()
    fill_day(page, "dated_on", dated_on)
    if resubmit_by:
        fill_day(page, "resubmit_by", resubmit_by)
    page.get_by_label("Or a link to it").fill("https://letters.example.org/saltmarsh")
    press(page, "Record the letter")


def report(journey, update, **answers):
    """Fill in an update from its task list and send it for approval: `answers` by action, the rest on track."""
    where = [update.plan.reference, f"{update.period_on:%Y-%m}"]
    page = journey.page(CONTRIBUTOR, "update", *where)
    asked = read_asked(update, journey.today)
    for priority in asked.priorities:
        page.goto(reverse("update", args=where))
        follow(page, f"{priority.number} {priority.title}")
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        for action in priority.actions:
            if not action.is_carried:
                _report_action(
                    page, page.locator(f"#action-{action.key}"), answers.get(f"a{action.number}", {})
                )
        for measure in priority.measures:
            page.locator(f"[name=m{measure.key}-value]").fill("72")
        whole = page.locator(".up-report").last
        whole.get_by_label("Some slippage").check()
        whole.get_by_label("What the board should know").fill("Vacancies are lower.")
        press(page, "Save")
    page.goto(reverse("update_overall", args=where))
    page.locator("textarea").first.fill("Practice is steadier than in the spring.")
    press(page, "Save")
    page.goto(reverse("update_check", args=where))
    press(page, "Send for approval")


def _report_action(page, row, answer):
    answer = {"delivery": "On track", **answer}
    row.get_by_label(answer.pop("delivery"), exact=True).check()
    row.get_by_label("How much is done").fill(answer.pop("percent", "40"))
    row.get_by_label("Early signs").check()
    row.get_by_label("What was done", exact=True).fill("Two teams were joined.")
    row.get_by_label("What difference").fill("Children are seen sooner.")
    if new_due_on := answer.pop("new_due_on", None):
        for part in ("day", "month", "year"):
            row.locator(f"[name$=new_due_on_{part}]").fill(str(getattr(new_due_on, part)))
    for label, typed in answer.items():
        row.get_by_label(label).fill(typed)


def submit(journey, update):
    page = journey.page(APPROVER, "update", update.plan.reference, f"{update.period_on:%Y-%m}")
    press(page, "Submit the update")
    update.refresh_from_db()
    return update


def answer(journey, update, *statuses, question):
    """Read an update as the adviser, ask about its first priority, and say how each stands."""
    page = journey.page(ADVISER, "update_answer", update.plan.reference, f"{update.period_on:%Y-%m}")
    press(page, "Mark as read")
    page.get_by_role("link", name="start with").click()
    for number, status in enumerate(statuses):
        page.get_by_label(status, exact=True).check()
        page.get_by_label("Why").fill("As the visits of this month found it.")
        if number == 0:
            page.get_by_label("Ask the council something about it").fill(question)
        press(page, "Save and go on")
    assert "You have given your view of every priority" in text_of(page)
    page = journey.page(CONTRIBUTOR, "update_answer", update.plan.reference, f"{update.period_on:%Y-%m}")
    page.get_by_role("link", name="Answer the question").click()
    page.get_by_label("Your answer").fill("That somebody listens.")
    press(page, "Send the answer")


def record(journey, link, day_name, *, letter="Letter to the leader of the council", checked=(), **typed):
    """Record a row of the intervention from its page, as the adviser; of today."""
    page = journey.page(ADVISER, "intervention", journey.case.reference)
    page.get_by_role("link", name=link, exact=True).first.click()
    for label in checked:
        page.get_by_label(label, exact=True).check()
    fill_day(page, day_name, journey.today)
    for name, value in typed.items():
        page.locator(f"[name={name}]").fill(value)
    if letter:
        page.get_by_label("Title of the letter").fill(letter)
    page.locator("main form button").last.click()
    assert page.locator(".govuk-error-summary").count() == 0, page.locator(
        ".govuk-error-summary"
    ).inner_text()
    return page


def mark_met(journey, slug, day):
    page = journey.page(
        ADVISER, "milestone_met", Milestone.objects.get(council=journey.council, rule__slug=slug).pk
    )
    fill_day(page, "met_on", day)
    page.locator("main form button").last.click()


def test_a_council_answers_an_inadequate_judgement_until_the_intervention_ends(journey):
    # The report is entered under embargo; published, it opens the case.
    journey.day(2024, 12, 17)
    entry = enter_inspection(council=journey.council, facts=FACTS, **journey.by(APPROVER))
    journey.day(2025, 1, 20)
    page = journey.page(APPROVER, "inspection_publication", entry.source_id)
    fill_day(page, "published_on", PUBLISHED)
    page.get_by_label("Where it is published").fill("https://reports.example.org/50000001")
    press(page, "Confirm publication")
    assert journey.stage() == ("plan_due", PUBLISHED)
    rules = (
        "report-published",
        "action-plan",
        "improvement-plan",
        "six-month-point",
        "first-monitoring-visit",
    )
    assert journey.milestones(*rules) == {
        "report-published": date(2025, 1, 30),
        "action-plan": date(2025, 3, 27),
        "improvement-plan": date(2025, 4, 20),
        "first-monitoring-visit": date(2025, 4, 24),
        "six-month-point": date(2025, 7, 20),
    }
    assert journey.flags() == {"report-published": "due-soon"}
    page = journey.page(APPROVER, "recommendations_add", entry.source_id)
    page.get_by_label("The list").fill(TOLD)
    press(page, "Check the list")
    press(page, "Save them")
    assert journey.council.recommendations.count() == 4

    # The plan is drafted: a template, three actions in the grid, each with what it answers.
    journey.day(2025, 1, 31)
    assert journey.flags() == {"report-published": "overdue"}
    mark_met(journey, "report-published", date(2025, 1, 29))
    assert journey.met() == {"report-published": (date(2025, 1, 29), 0)}
    assert journey.flags() == {}
    version = start_plan(journey)
    assert version.statutory_on == date(2025, 3, 27)
    leadership, door = version.priorities.order_by("place")
    grid = journey.page(CONTRIBUTOR, "plan_grid", journey.plan.reference, 1)
    common = {"owner_post": "Assistant director", "start_on": "2025-02-03", "by_audit": True}
    write_action(
        grid, leadership, "1.1", text="Join two teams", due_on="2025-06-30", answers="1, 2", **common
    )
    write_action(
        grid, leadership, "1.2", text="Supervise monthly", due_on="2025-08-31", answers="3", **common
    )
    write_action(grid, door, "2.1", text="Audit monthly", due_on="2025-12-31", answers="4", **common)
    drafting.add_measure(
        version,
        name="Seen in time",
        priority=leadership,
        baseline=Decimal(60),
        target=Decimal(90),
        **journey.by(CONTRIBUTOR),
    )
    page = journey.page(CONTRIBUTOR, "plan_coverage", journey.plan.reference, 1)
    assert page.locator("h1").inner_text() == "Every recommendation is covered"
    assert journey.of_plan() == {}
    assert journey.stage() == ("plan_due", PUBLISHED)

    # Approved by the council, it is live; shared, it is talked over; nothing has been sent yet.
    journey.day(2025, 3, 13)
    assert journey.flags() == {"action-plan": "due-soon"}
    approve(journey, version)
    assert journey.of_plan() == {
        "Action 1.1": (date(2025, 6, 30), ""),
        "Action 1.2": (date(2025, 8, 31), ""),
        "Action 2.1": (date(2025, 12, 31), ""),
    }
    share(journey, version)
    page = journey.page(ADVISER, "plan_comments", version.plan.reference, 1)
    page.get_by_label("What it is about").select_option(index=2)
    page.get_by_label("Your comment").fill("Who chairs it?")
    press(page, "Comment")
    follow(page, "Say that it is ready")
    press(page, "It is ready")
    assert journey.stage() == ("plan_due", PUBLISHED)
    assert journey.met("action-plan", "improvement-plan") == {}

    # Sent to Ofsted in time, to the DfE four days too late for what both must have.
    journey.day(2025, 3, 24)
    send(journey, version, "ofsted")
    assert journey.met("action-plan", "improvement-plan") == {}
    journey.day(2025, 3, 31)
    assert journey.flags() == {"action-plan": "overdue"}
    assert journey.stage() == ("plan_due", PUBLISHED)
    send(journey, version, "dfe")
    assert journey.met("action-plan", "improvement-plan") == {
        "action-plan": (date(2025, 3, 31), 4),
        "improvement-plan": (date(2025, 3, 31), 0),
    }
    assert journey.flags() == {}
    assert journey.stage() == ("plan_with_government", date(2025, 3, 31))

    # Ofsted's letter returns it: the statutory date stands, and a new one is stated for the next version.
    journey.day(2025, 5, 14)
    says = "Ofsted: the plan does not reflect the findings"
    record_letter(journey, version, says, date(2025, 5, 12), resubmit_by=date(2025, 6, 9))
    assert journey.version().standing == "returned"
    assert journey.milestones("action-plan") == {"action-plan": date(2025, 3, 27)}
    resubmit = Milestone.objects.get(council=journey.council, label="Resubmit the improvement plan")
    assert (resubmit.due_on, resubmit.stated_due, resubmit.met_on) == (
        date(2025, 6, 9),
        date(2025, 6, 9),
        None,
    )
    assert journey.stage() == ("plan_with_government", date(2025, 3, 31))
    page = journey.page(CONTRIBUTOR, "plan", journey.plan.reference)
    follow(page, "Begin a new version")
    page.get_by_label("What this version changes").fill("Supervision begins a month later.")
    press(page, "Begin it")
    second = journey.version(2)
    assert second.statutory_on == date(2025, 6, 9)
    moved = second.actions.get(text="Supervise monthly")
    grid = journey.page(CONTRIBUTOR, "plan_grid", journey.plan.reference, 2)
    grid.locator(f"[name='{moved.action_id}-due_on']").fill("2025-09-30")
    all_saved(grid)
    assert PlannedAction.objects.get(pk=moved.pk).due_on == date(2025, 9, 30)
    page = journey.page(CONTRIBUTOR, "plan_compare", journey.plan.reference, 2, 1)
    assert "1.2" in text_of(page)

    # Resubmitted in time, then accepted. Progress is reviewed from the day the plan was due, not from the acceptance.
    journey.day(2025, 6, 6)
    assert journey.flags() == {
        "Resubmit the improvement plan": "due-soon",
        "Update for March to May 2025 of the improvement plan": "due-soon",
    }
    first_update = Update.objects.get(plan=journey.plan)
    approve(journey, second)
    assert journey.of_plan()["Action 1.2"] == (date(2025, 9, 30), "")
    share(journey, second)
    send(journey, second, "ofsted", "dfe")
    resubmit.refresh_from_db()
    assert (resubmit.met_on, resubmit.due_on) == (date(2025, 6, 6), date(2025, 6, 9))
    journey.day(2025, 6, 23)
    record_letter(journey, second, "The DfE accepts the plan", date(2025, 6, 20))
    assert [row.standing for row in PlanVersion.objects.order_by("number")] == ["returned", "accepted"]
    assert journey.stage() == ("progress_reviews", date(2025, 6, 20))
    assert journey.milestones("progress-review") == {"progress-review": date(2025, 10, 20)}
    reasons = (
        Snapshot.objects.filter(version__plan=journey.plan).order_by("pk").values_list("reason", flat=True)
    )
    assert list(reasons) == ["shared", "sent", "shared", "sent"]

    # The first update, of March to May, opened in June and follows the version in force.
    first_update.refresh_from_db()
    assert (first_update.period_on, first_update.version) == (date(2025, 3, 1), second)
    # Ten working days after 31 May, which was a Saturday.
    assert (first_update.due_on, first_update.opened_on) == (date(2025, 6, 13), date(2025, 6, 6))
    later = date(2026, 1, 31)
    report(
        journey,
        first_update,
        **{
            "a1.1": {"delivery": "Reported complete", "percent": "100"},
            "a2.1": {
                "delivery": "Some slippage",
                "Why it is not on track": "No auditor yet",
                "What brings it back on track": "One begins in July",
                "new_due_on": later,
                "Why the date moves": "The post was vacant",
            },
        },
    )
    submit(journey, first_update)
    assert (first_update.submitted_on, first_update.milestone.met_on) == (journey.today, journey.today)
    assert journey.of_plan() == {
        "Action 1.1": (date(2025, 6, 30), "met"),
        "Action 1.2": (date(2025, 9, 30), ""),
        "Action 2.1": (later, ""),
    }
    answer(journey, first_update, "Off track", "On track", question="What do children say?")
    assert Question.objects.get().answered_by == journey.people[CONTRIBUTOR]
    assert AdviserStatus.objects.filter(update=first_update).count() == 2

    # The second, of June to August; what is past its date can't be on track.
    journey.day(2025, 10, 1)
    assert journey.flags() == {
        "Action 1.2 of the improvement plan": "overdue",
        "Update for June to August 2025 of the improvement plan": "overdue",
    }
    second_update = Update.objects.get(plan=journey.plan, period_on=date(2025, 6, 1))
    assert second_update.due_on == date(2025, 9, 12)
    report(
        journey,
        second_update,
        **{
            "a1.2": {
                "delivery": "Off track",
                "Why it is not on track": "Two managers left",
                "What brings it back on track": "Two began in September",
                "new_due_on": date(2025, 12, 20),
                "Why the date moves": "They need ten weeks",
            }
        },
    )
    submit(journey, second_update)
    assert second_update.milestone.met_on == journey.today
    answer(journey, second_update, "Off track", "Some slippage", question="Who supervises meanwhile?")
    assert AdviserStatus.objects.filter(update=second_update, delivery=Delivery.OFF_TRACK).count() == 1
    page = journey.page(ADVISER, "plan_views", journey.plan.reference)
    assert "differ" in page.locator("h1").inner_text()
    assert journey.of_plan()["Action 1.2"] == (date(2025, 12, 20), "")
    assert journey.flags() == {}

    # The review that the DfE owes is late; its result is insufficient, and a decision awaited until there is one.
    journey.day(2025, 10, 21)
    assert journey.flags() == {"progress-review": "overdue"}
    journey.day(2025, 11, 3)
    record(
        journey,
        "A progress review’s result",
        "decided_on",
        checked=["Insufficient progress"],
        reasons="Supervision has not begun.",
    )
    assert journey.met("progress-review") == {"progress-review": (date(2025, 11, 3), 14)}
    assert journey.milestones("progress-review-2") == {"progress-review-2": date(2026, 4, 20)}
    assert journey.stage() == ("progress_reviews", date(2025, 6, 20))
    assert journey.awaits() == "insufficient: DfE decision awaited"
    assert "Insufficient: DfE decision awaited." in text_of(journey.page(ADVISER, "region", "estuary"))
    page = journey.page(APPROVER, "intervention", journey.case.reference)
    assert "decision awaited" not in text_of(page)

    # A commissioner is appointed under a direction, which starts the reviews anew.
    journey.day(2025, 12, 1)
    record(journey, "A notice or direction", "issued_on", checked=["Direction"])
    record(journey, "An appointment", "from_on", checked=["Commissioner"], name="Wren Dale")
    assert journey.awaits() is None
    assert "DfE decision awaited" not in text_of(journey.page(ADVISER, "region", "estuary"))
    assert journey.stage() == ("commissioner_review", date(2025, 12, 1))
    assert journey.milestones("commissioner-report", "progress-review-instrument") == {
        "commissioner-report": date(2026, 3, 1),
        "progress-review-instrument": date(2026, 6, 1),
    }
    second_review = Milestone.objects.get(rule__slug="progress-review", series_no=2)
    assert (second_review.outcome, second_review.closed_on) == ("superseded", journey.today)

    # The report is sent in time and published later; the minister decides that the council keeps control.
    journey.day(2026, 2, 24)
    assert journey.flags_by_rule() == {"commissioner-report": "due-soon"}
    record(journey, "Record a report of the commissioner of 1 December 2025", "sent_on", letter="")
    assert journey.met("commissioner-report") == {"commissioner-report": (date(2026, 2, 24), 0)}
    assert journey.stage() == ("commissioner_review", date(2025, 12, 1))
    journey.day(2026, 3, 24)
    record(journey, "Another decision", "decided_on", checked=["Council keeps control"])
    page = journey.page(ADVISER, "report_change", journey.case.reference, CommissionerReport.objects.get().pk)
    fill_day(page, "published_on", journey.today)
    page.get_by_label("Address of the published report").fill("https://reports.example.org/commissioner")
    page.get_by_label("The minister’s decision on it").select_option(index=1)
    press(page, "Save")
    told = CommissionerReport.objects.get()
    assert (told.published_on, told.decision.kind) == (journey.today, "keeps-control")
    assert journey.stage() == ("council_keeps_control", date(2026, 3, 24))
    assert journey.milestones("check-6-months", "check-12-months") == {
        "check-6-months": date(2026, 9, 24),
        "check-12-months": date(2027, 3, 24),
    }

    # Checked after six months in time, after twelve a day late; then the direction is lifted, and it has ended.
    journey.day(2026, 9, 23)
    assert journey.flags_by_rule()["check-6-months"] == "due-soon"
    mark_met(journey, "check-6-months", journey.today)
    journey.day(2027, 3, 25)
    assert journey.flags_by_rule()["check-12-months"] == "overdue"
    mark_met(journey, "check-12-months", journey.today)
    assert journey.met("check-6-months", "check-12-months") == {
        "check-6-months": (date(2026, 9, 23), 0),
        "check-12-months": (date(2027, 3, 25), 1),
    }
    assert journey.stage() == ("council_keeps_control", date(2026, 3, 24))
    journey.day(2027, 4, 12)
    record(journey, "Lift the direction of 1 December 2025", "lifted_on")
    assert journey.stage() == ("ended", date(2027, 4, 12))
    assert (journey.case.standing, journey.case.closed_on) == ("closed", journey.today)
    assert journey.flags_by_rule() == {}
    # The plan is the council's own from now on, and what is late of it stays late.
    assert journey.flags()["Action 1.2 of the improvement plan"] == "long-overdue"
    assert "nothing of it is awaited" in text_of(
        journey.page(ADVISER, "intervention", journey.case.reference)
    )
    journey.day(2027, 5, 4)
    record(
        journey,
        "Another decision, such as support after intervention",
        "decided_on",
        checked=["Support after intervention agreed"],
    )
    assert journey.stage() == ("support_after", date(2027, 5, 4))


def test_a_plan_of_the_councils_own_has_no_clock_of_the_dfe_and_is_sent_to_nobody(journey):
    journey.day(2025, 1, 31)
    version = start_plan(journey, case=False)
    assert (journey.plan.case, version.statutory_on) == (None, None)
    leadership, door = version.priorities.order_by("place")
    grid = journey.page(CONTRIBUTOR, "plan_grid", journey.plan.reference, 1)
    write_action(grid, leadership, "1.1", text="Join two teams", due_on="2025-06-30", owner_post="Director")
    write_action(grid, door, "2.1", text="Audit monthly", due_on="2025-12-31", owner_post="Director")
    approve(journey, version)
    share(journey, version)
    assert journey.milestones() == {}
    assert journey.of_plan() == {
        "Action 1.1": (date(2025, 6, 30), ""),
        "Action 2.1": (date(2025, 12, 31), ""),
    }
    page = journey.page(APPROVER, "plan_approval", journey.plan.reference, 1)
    assert page.get_by_role("link", name="Record that it was sent to Ofsted or the DfE").count() == 0
    page = journey.page(APPROVER, "plan_send", journey.plan.reference, 1)
    assert "There is nothing to send." in text_of(page)
    told = stages_on(journey.today, journey.viewer(ADVISER), [journey.council.pk])[journey.council.pk]
    assert (told.slug, told.standing) == ("none", "none")

    # Its update opens once its first period, of January to March, has ended.
    journey.day(2025, 3, 31)
    assert not Update.objects.exists()
    journey.day(2025, 4, 1)
    update = Update.objects.get(plan=journey.plan)
    # Ten working days after 31 March: Good Friday was the 18th.
    assert (update.period_on, update.due_on) == (date(2025, 1, 1), date(2025, 4, 14))
    report(journey, update)
    submit(journey, update)
    assert update.milestone.met_on == journey.today
    answer(journey, update, "On track", "Some slippage", question="What do children say?")
    assert journey.milestones() == {}
    assert journey.flags() == {}
