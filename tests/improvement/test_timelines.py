"""What really happened to councils, told through the actions that people use, and the stage on each day.

The facts are public: notices, directions and reports of the councils named. A month alone is given as its last day.
"""

from datetime import date, timedelta

import pytest

from cases.actions import mark_met
from cases.models import Case, Milestone
from councils.models import Council, DeliveryArrangement, DeliveryBody
from improvement.actions import (
    end_appointment,
    lift_instrument,
    open_interventions,
    record_appointment,
    record_decision,
    record_instrument,
)
from improvement.actions.by_hand import open_by_hand
from improvement.models import Intervention, Trigger
from improvement.queries.stages import council_stage, decisions_awaited
from improvement.rules.stages import last_day
from tests.factories import CaseFactory

pytestmark = pytest.mark.django_db


class Story:
    """One council, each fact recorded on the day on which it was known."""

    def __init__(self, slug, system, inspect):
        self.council = Council.objects.get(slug=slug)
        self.system, self._inspect = system, inspect

    def on(self, day, precision="day"):
        day = last_day(day, precision)
        return day, {"precision": precision, "by": self.system, "on": day}

    def published(self, day, overall=None, **rest):
        day = date.fromisoformat(day)
        self._inspect(self.council, day, overall, **rest)
        open_interventions([self.council.pk], by=self.system, on=day)

    def opened(self, day, kind, precision="day"):
        day = last_day(day, precision)
        if kind != Trigger.Kind.NOTICE:
            return open_by_hand(self.council, kind=kind, on_day=day, by=self.system, on=day)
        # The notice that opens it follows, as exactly as its date is known.
        case = CaseFactory(council=self.council, entered_on=day)
        Intervention.objects.create(case=case, opened_from="hand", began_on=day, recorded_on=day)
        Trigger.objects.create(case=case, kind=kind, on=day)
        return case

    def instrument(self, kind, written, precision="day", **rest):
        day, told = self.on(written, precision)
        return record_instrument(self.council, kind=kind, issued_on=day, **told, **rest)

    def lifted(self, instrument, written, precision="day"):
        day, told = self.on(written, precision)
        return lift_instrument(instrument, lifted_on=day, **told)

    def appointed(self, role, written, precision="day", **rest):
        day, told = self.on(written, precision)
        return record_appointment(self.council, role=role, from_on=day, **told, **rest)

    def left(self, appointment, written):
        day = date.fromisoformat(written)
        return end_appointment(appointment, until_on=day, by=self.system, on=day)

    def decided(self, kind, written, precision="day", **rest):
        day, told = self.on(written, precision)
        return record_decision(self.council, kind=kind, decided_on=day, **told, **rest)

    def delivered_by(self, name, written):
        body = DeliveryBody.objects.get_or_create(slug=name, defaults={"name": name, "kind": "trust"})[0]
        # What ships with the project tells of it already; here it is told anew.
        DeliveryArrangement.objects.filter(council=self.council).delete()
        DeliveryArrangement.objects.create(
            council=self.council, body=body, from_on=date.fromisoformat(written)
        )

    def plan_sent(self, written):
        day = date.fromisoformat(written)
        rules = ["action-plan", "improvement-plan", "improvement-plan-notice"]
        for plan in Milestone.objects.filter(council=self.council, rule__slug__in=rules, closed_on=None):
            mark_met(plan, met_on=day, by=self.system, on=day, revision=plan.revision)

    def due(self, rule):
        return Milestone.objects.filter(council=self.council, rule__slug=rule).latest("pk").due_on

    def stage(self, day):
        return council_stage(self.council, date.fromisoformat(day), self.system)

    def stages(self, *days):
        return {day: str(self.stage(day).slug) for day in days}

    def strands(self, day):
        stage = self.stage(day)
        return {one.strand: str(one.slug) for one in (stage, *stage.also)}

    def says(self, expected):
        assert self.stages(*expected) == expected
        # A turn is a turn: the day before it said something else, or it is the same stage going on.
        for day, slug in expected.items():
            stage = self.stage(day)
            if stage.since == date.fromisoformat(day):
                before = council_stage(self.council, stage.since - timedelta(days=1), self.system)
                assert before.slug != slug, day


@pytest.fixture
def tell(reference, system, inspect):
    return lambda slug: Story(slug, system, inspect)


def test_herefordshire_a_court_a_notice_a_direction_on_the_day_of_the_report_and_control_kept(tell):
    story = tell("herefordshire")
    story.published("2018-07-20", "requires-improvement", areas={"leaders": "inadequate"})
    story.opened("2021-03-26", Trigger.Kind.COURT)
    notice = story.instrument("notice", "2021-05-18")
    story.appointed("dfe-adviser", "2021-05-18")
    story.appointed("board-chair", "2021-06", "month")
    story.plan_sent("2021-10-28")
    story.published("2022-09-21", "inadequate")
    direction = story.instrument("direction", "2022-09-21", replaces=notice)
    commissioner = story.appointed("commissioner", "2022-09-21")
    assert story.due("action-plan") == date(2022, 12, 30)
    story.plan_sent("2022-12-15")
    # The commissioner's report of February 2023 is no decision; the minister's came in the year.
    story.decided("keeps-control", "2023", "year")
    story.left(commissioner, "2024-02-29")
    story.published("2026-01-12", "good", areas={"leaders": "outstanding"})

    story.says(
        {
            "2018-07-21": "none",
            "2021-03-25": "none",
            "2021-03-26": "plan_due",
            "2021-05-18": "plan_due",
            "2021-06-30": "plan_due",
            "2021-10-27": "plan_due",
            "2021-10-28": "plan_with_government",
            "2022-09-20": "plan_with_government",
            "2022-09-21": "commissioner_review",
            "2022-12-14": "commissioner_review",
            "2022-12-15": "plan_with_government",
            "2023-12-30": "plan_with_government",
            "2023-12-31": "council_keeps_control",
            "2024-02-29": "council_keeps_control",
            # Better grades end nothing; only the end of the direction does.
            "2026-01-12": "council_keeps_control",
        }
    )
    story.lifted(direction, "2026-03-31")
    story.says({"2026-03-30": "council_keeps_control", "2026-03-31": "ended"})


def test_halton_a_notice_before_the_grade_and_an_adviser_instead_of_the_commissioner(tell):
    story = tell("halton")
    story.published("2020-04-20", "requires-improvement")
    story.opened("2024-03", Trigger.Kind.NOTICE, "month")
    notice = story.instrument("notice", "2024-03", "month")
    story.published("2024-07-12", "inadequate")
    direction = story.instrument("direction", "2024-08-30", replaces=notice)
    commissioner = story.appointed("commissioner", "2024-08-30")
    story.instrument("direction", "2025-02-07", replaces=direction)
    story.left(commissioner, "2025-02-07")
    story.appointed("improvement-adviser", "2025-02-07")

    story.says(
        {
            "2020-04-20": "none",
            "2024-03-30": "none",
            "2024-03-31": "plan_due",
            "2024-07-12": "plan_due",
            "2024-08-29": "plan_due",
            "2024-08-30": "commissioner_review",
            "2025-02-06": "commissioner_review",
            "2025-02-07": "progress_reviews",
            "2026-06-30": "progress_reviews",
        }
    )
    assert story.stage("2025-02-07").because == "Commissioner ended without a decision, 7 February 2025"


def test_hull_steps_down_to_a_notice_while_still_graded_inadequate(tell):
    story = tell("hull")
    story.published("2019-05-17", "inadequate")
    direction = story.instrument("direction", "2019", "year")
    # When the commissioner came isn't told: that there was one is, by the report of January 2022.
    commissioner = story.appointed("commissioner", "2022-01-31", "as_at")
    story.instrument("notice", "2022-08-05", replaces=direction)
    story.left(commissioner, "2022-08-05")
    story.published("2023-01-31", "requires-improvement")
    story.published("2026-05-18", "good")

    story.says(
        {
            "2019-05-16": "none",
            "2019-05-17": "plan_due",
            "2019-12-31": "plan_due",
            "2022-01-30": "plan_due",
            "2022-01-31": "commissioner_review",
            "2022-08-04": "commissioner_review",
            "2022-08-05": "stepped_down",
            "2023-01-31": "stepped_down",
            "2026-05-18": "stepped_down",
        }
    )
    assert story.stage("2022-03-01").since is None
    assert story.stage("2023-06-01").since == date(2022, 8, 5)


def test_bradford_loses_control_to_a_trust_after_a_second_inadequate_grade(tell):
    story = tell("bradford")
    story.published("2018-10-29", "inadequate")
    notice = story.instrument("notice", "2018-12", "month")
    story.appointed("commissioner", "2021-09", "month")
    story.decided("alternative-delivery", "2022-01", "month")
    direction = story.instrument("direction", "2022-02-09", replaces=notice)
    story.published("2023-01-31", "inadequate")
    story.delivered_by("a-trust", "2023-04-01")
    story.instrument("direction", "2023-04-03", replaces=direction)
    story.published("2026-05-21", "requires-improvement")

    story.says(
        {
            "2018-10-28": "none",
            "2018-10-29": "plan_due",
            "2018-12-31": "plan_due",
            "2021-09-29": "plan_due",
            "2021-09-30": "commissioner_review",
            "2022-01-30": "commissioner_review",
            "2022-01-31": "alternative_delivery",
            "2022-02-09": "alternative_delivery",
            "2023-01-30": "alternative_delivery",
            "2023-01-31": "plan_due",
            "2023-03-31": "plan_due",
            "2023-04-01": "alternative_delivery",
            "2023-04-03": "alternative_delivery",
            "2026-05-21": "alternative_delivery",
        }
    )


def test_solihull_a_notice_after_a_joint_inspection_and_a_direction_while_inspectors_are_on_site(tell):
    story = tell("solihull")
    story.opened("2022-01", Trigger.Kind.JTAI, "month")
    notice = story.instrument("notice", "2022-02", "month")
    direction = story.instrument("direction", "2022-11", "month", replaces=notice)
    story.appointed("commissioner", "2022-11", "month")
    story.published("2023-01-13", "inadequate")
    story.instrument("direction", "2023-03", "month", replaces=direction)
    story.published("2026-01-12", "good")

    story.says(
        {
            "2022-01-30": "none",
            "2022-01-31": "plan_due",
            "2022-02-28": "plan_due",
            "2022-11-29": "plan_due",
            "2022-11-30": "commissioner_review",
            "2023-01-12": "commissioner_review",
            "2023-01-13": "plan_due",
            "2023-03-31": "plan_due",
            "2026-01-12": "plan_due",
        }
    )
    assert story.stage("2022-12-01").since_precision == "month"


def test_trafford_a_plan_within_seventy_days_and_years_later_two_areas_without_an_overall(tell):
    story = tell("trafford")
    story.published("2015-05-20", "good", family="sif")
    story.published("2019-05-08", "inadequate")
    notice = story.instrument("notice", "2019-05-23")
    assert story.due("action-plan") == date(2019, 8, 15)
    story.plan_sent("2019-08-15")
    story.decided("sufficient", "2019-11-23")
    story.published("2023-01-31", "requires-improvement")
    story.lifted(notice, "2023-05-31")
    story.decided("support-agreed", "2023-06-30")

    story.says(
        {
            "2015-06-01": "none",
            "2019-05-07": "none",
            "2019-05-08": "plan_due",
            "2019-05-23": "plan_due",
            "2019-08-14": "plan_due",
            "2019-08-15": "plan_with_government",
            "2019-11-22": "plan_with_government",
            "2019-11-23": "progress_reviews",
            "2023-01-31": "progress_reviews",
            "2023-05-30": "progress_reviews",
            "2023-05-31": "ended",
            "2023-06-29": "ended",
            "2023-06-30": "support_after",
        }
    )
    areas = {"leaders": "inadequate", "in_care": "inadequate", "help_and_protection": "requires-improvement"}
    story.published("2026-08-03", areas=areas)
    # Nothing starts by itself: what the DfE decides is awaited, and said so.
    assert story.stages("2026-08-03", "2026-11-02") == {
        "2026-08-03": "support_after",
        "2026-11-02": "support_after",
    }
    awaited = decisions_awaited(date(2026, 8, 3), story.system, [story.council.pk])
    assert awaited == {story.council.pk: "DfE decision awaited"}
    assert decisions_awaited(date(2026, 8, 2), story.system, [story.council.pk]) == {}


def test_cumbria_one_notice_after_another_a_direction_and_no_council(tell):
    story = tell("cumbria")
    story.opened("2012-08-03", Trigger.Kind.NOTICE)
    first = story.instrument("notice", "2012-08-03")
    second = story.instrument("notice", "2014-01-07", replaces=first)
    story.instrument("direction", "2015-11-09", replaces=second)

    story.says(
        {
            "2012-08-02": "none",
            "2012-08-03": "plan_due",
            "2014-01-06": "plan_due",
            "2014-01-07": "plan_due",
            "2015-11-09": "plan_due",
            "2023-03-31": "plan_due",
            "2023-04-01": "none",
            "2026-11-02": "none",
        }
    )
    assert story.stage("2023-04-01").because == "Cumbria ended on 1 April 2023"
    assert story.stage("2023-03-31").since == date(2012, 8, 3)


def test_bournemouth_two_strands_run_side_by_side_and_one_ends_without_the_other(tell):
    story = tell("bournemouth-christchurch-and-poole")
    story.published("2022-02-11", "inadequate")
    direction = story.instrument("direction", "2022-04", "month", strand="social-care")
    story.appointed("improvement-adviser", "2022-04", "month")
    send = story.instrument("direction", "2024", "year", strand="send")
    story.published("2025-01-20", "good")
    story.lifted(direction, "2025-03-31")

    both = {"social-care": "plan_due", "send": "plan_due"}
    assert {
        day: story.strands(day)
        for day in ("2022-02-10", "2022-02-11", "2024-12-30", "2024-12-31", "2025-03-30")
    } == {
        "2022-02-10": {"": "none"},
        "2022-02-11": {"social-care": "plan_due"},
        "2024-12-30": {"social-care": "plan_due"},
        "2024-12-31": both,
        "2025-03-30": both,
    }
    assert story.strands("2025-03-31") == {"social-care": "ended", "send": "plan_due"}
    assert Case.objects.get(council=story.council).standing == "open"
    story.lifted(send, "2026-06-01")
    assert story.strands("2026-06-01") == {"social-care": "ended", "send": "ended"}
    assert Case.objects.get(council=story.council).closed_on == date(2026, 6, 1)


def test_wakefield_keeps_control_with_checks_until_its_direction_is_revoked(tell):
    story = tell("wakefield")
    story.published("2018-07-17", "inadequate")
    first = story.instrument("direction", "2018-08", "month")
    story.appointed("commissioner", "2018-08", "month")
    second = story.instrument("direction", "2018-12-13", replaces=first)
    story.decided("keeps-control", "2018-12-13")
    assert story.due("check-6-months") == date(2019, 6, 13)
    story.lifted(second, "2022-01-13")

    story.says(
        {
            "2018-07-17": "plan_due",
            "2018-08-31": "commissioner_review",
            "2018-12-12": "commissioner_review",
            "2018-12-13": "council_keeps_control",
            "2022-01-12": "council_keeps_control",
            "2022-01-13": "ended",
        }
    )


def test_a_day_before_anything_was_recorded_has_its_stage_and_says_that_no_case_counted_it(tell, system):
    story = tell("tameside")
    story.opened("2026-10-01", Trigger.Kind.NOTICE)
    today = date(2026, 10, 2)
    notice = record_instrument(story.council, kind="notice", issued_on=date(2022, 7, 31), by=system, on=today)
    assert notice.case is not None
    stage = story.stage("2022-08-01")
    assert (stage.slug, stage.since, stage.standing) == ("plan_due", date(2022, 7, 31), "none")
