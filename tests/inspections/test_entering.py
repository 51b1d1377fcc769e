"""Inspections entered by hand: what may be said of one, and what its receipt starts."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.viewer import Viewer
from cases.actions import Refused, Stale, flag_overdue, mark_met, name_reader
from cases.models import Milestone, Source
from history.models import Event
from inspections.actions import (
    change_inspection,
    confirm_publication,
    enter_inspection,
    rebuild_inspections,
    withdraw_inspection,
)
from inspections.models import EnteredInspection, Inspection
from tests.inspections.entered import (
    DRAFT_BY,
    EXPECTED,
    FACTS,
    INADEQUATE,
    INSPECTED,
    PLAN_BY,
    PUBLISHED_BY,
    RECEIVED,
    TODAY,
    URL,
    VISIT,
    around_a_council,
    enter,
    publish,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)


@pytest.fixture
def around():
    return around_a_council()


def due(entry):
    """What runs from the receipt of an entry, by its rule."""
    milestones = Milestone.objects.filter(source=entry.source_id, closed_on=None)
    return {one.rule.slug: one.due_on for one in milestones.select_related("rule")}


def change(entry, around, *, by="approver", on=RECEIVED, **facts):
    return change_inspection(entry, facts=facts, by=around.viewer(by, on), on=on, revision=entry.revision)


class TestEntering:
    def test_it_is_under_embargo_with_whoever_entered_it_as_first_reader(self, around):
        entry = enter(around)

        assert (entry.source.access, entry.source.kind) == ("embargoed", "inspection-report")
        assert entry.source.title == "ILACS standard inspection report"
        assert (entry.source.received_on, entry.source.received_assumed) == (RECEIVED, False)
        reader = entry.source.readers.get()
        assert (reader.person, reader.side, reader.from_on) == (
            around.people["approver"],
            "council",
            RECEIVED,
        )
        assert not Inspection.objects.exists()

    def test_an_adviser_reads_what_they_enter_on_the_lgas_side(self, around):
        assert enter(around, by="adviser").source.readers.get().side == "lga"

    def test_the_word_of_a_grade_is_its_forms(self, around):
        entry = enter(around)
        assert entry.judgements["overall"] == ["inadequate", "Inadequate", False]
        assert entry.judgements["in_care"] == [
            "requires-improvement",
            "Requires improvement to be good",
            False,
        ]

    @pytest.mark.parametrize("name", ["leader", "contributor", "dfe", "lead"])
    def test_who_may_not_enter_is_refused(self, around, name):
        with pytest.raises(PermissionDenied):
            enter(around, by=name)

    def test_an_approver_of_another_council_is_refused(self, around):
        with pytest.raises(PermissionDenied):
            enter_inspection(
                council=around_a_council().council, facts=FACTS, by=around.viewer("approver"), on=RECEIVED
            )

    def test_the_first_call_is_enough_to_begin_with(self, around):
        facts = {"notified_on": RECEIVED}
        entry = enter_inspection(
            council=around.council, facts=facts, by=around.viewer("approver"), on=RECEIVED
        )
        assert (entry.kind, entry.inspected_on, entry.source.received_on) == ("", None, None)
        assert due(entry) == {}

    @pytest.mark.parametrize(
        ("wrong", "field", "message"),
        [
            (
                {"inspected_on": date(2026, 3, 8)},
                "inspected_on",
                "The first day on site can’t be before the day of",
            ),
            ({"ended_on": date(2026, 3, 15)}, "ended_on", "can’t be before the first day on site"),
            ({"draft_received_on": INSPECTED}, "draft_received_on", "can’t be before the last day on site"),
            (
                {"received_on": date(2026, 7, 12)},
                "received_on",
                "can’t be before the day the draft was received",
            ),
            ({"received_on": RECEIVED + DAY}, "received_on", "must be today or earlier"),
            ({"expected_on": INSPECTED - DAY}, "expected_on", "can’t be before the first day on site"),
            ({"kind": "raid"}, "kind", "Choose what kind"),
            ({"family": "raid"}, "family", "Choose the framework"),
            ({"inspected_on": date(2017, 1, 1), "notified_on": None}, "inspected_on", "ILACS was not in use"),
            ({"judgements": {"adoption": "good"}}, "judgements", "ILACS 2023 does not grade this area"),
            ({"judgements": {"overall": "middling"}}, "judgements", "Choose a grade"),
            ({"kind": "focused-visit"}, "judgements", "A focused visit gives no grades"),
            ({"kind": ""}, "kind", "Choose what kind of inspection it was"),
            ({"inspected_on": None, "ended_on": None}, "inspected_on", "Enter the first day on site"),
            ({"priority_action": True}, "priority_action", "Only the letter of a visit"),
            ({"never_published": True}, "never_published", "Only the letter of a visit"),
            ({"url": "http://example.org"}, "url", "beginning with https://"),
            ({"title": "x" * 201}, "title", "Shorten the title"),
        ],
    )
    def test_what_can_not_be_is_refused_in_words_with_its_field(self, around, wrong, field, message):
        with pytest.raises(Refused) as refused:
            enter(around, **wrong)
        assert refused.value.field == field
        assert message in refused.value.message
        assert not Source.objects.exists()

    def test_the_form_of_april_2026_has_no_overall(self, around):
        since = {"notified_on": None, "inspected_on": date(2026, 4, 13), "ended_on": None}
        with pytest.raises(Refused, match="ILACS 2026 gives no overall grade"):
            enter(around, **since)
        areas = {area: grade for area, grade in INADEQUATE.items() if area != "overall"}
        assert set(enter(around, **since, judgements=areas).judgements) == set(areas)


class TestClocks:
    def test_they_run_from_receipt_at_once_with_no_case_and_say_nothing_of_the_next_inspection(self, around):
        entry = enter(around)

        assert due(entry) == {
            "report-published": PUBLISHED_BY,
            "draft-plan": DRAFT_BY,
            "action-plan": PLAN_BY,
        }
        milestones = Milestone.objects.filter(council=around.council)
        assert {(one.case_id, one.source_id, one.start_assumed, one.to_confirm) for one in milestones} == {
            (None, entry.source_id, False, False)
        }
        assert {one.started_by for one in milestones} == {"receipt of the final report"}

    def test_without_an_overall_the_lowest_area_stands_in_and_says_so(self, around):
        entry = enter(around, judgements={"leaders": "good", "in_care": "inadequate"})
        plan = Milestone.objects.get(source=entry.source, rule__slug="action-plan")
        assert plan.start_assumed
        assert "the lowest area stands in" in plan.started_by

    def test_a_draft_alone_starts_nothing(self, around):
        assert due(enter(around, received_on=None)) == {}

    def test_a_visit_with_priority_action_asks_for_a_plan(self, around):
        facts = {
            **VISIT,
            "judgements": None,
            "notified_on": None,
            "ended_on": None,
            "draft_received_on": None,
        }
        entry = enter(around, **facts)
        assert entry.source.kind == "visit-letter"
        assert due(entry) == {"draft-plan-visit": DRAFT_BY, "action-plan-visit": PLAN_BY}
        assert due(change(entry, around, priority_action=False)) == {}

    def test_another_day_of_receipt_moves_them_with_the_change_kept(self, around):
        entry = enter(around)
        entry = change(entry, around, received_on=RECEIVED - 7 * DAY)
        plan = Milestone.objects.get(source=entry.source, rule__slug="action-plan")
        assert (plan.started_on, plan.due_on) == (RECEIVED - 7 * DAY, date(2026, 11, 3))
        assert plan.changes.get().old_due_on == PLAN_BY

    def test_what_the_grades_no_longer_ask_for_is_withdrawn_and_stands_again_when_they_do(self, around):
        entry = enter(around)
        good = change(entry, around, judgements=dict.fromkeys(INADEQUATE, "good"))
        assert due(good) == {"report-published": PUBLISHED_BY}
        again = change(good, around, judgements=INADEQUATE)
        assert set(due(again)) == {"report-published", "draft-plan", "action-plan"}
        assert Milestone.objects.filter(source=entry.source).count() == 3

    def test_receipt_taken_back_withdraws_them(self, around):
        assert due(change(enter(around), around, received_on=None)) == {}

    def test_entered_late_what_had_fallen_due_is_to_confirm_and_the_rest_runs(self, around):
        entry = enter(around, on=date(2026, 9, 20))
        to_confirm = {one.rule.slug: one.to_confirm for one in Milestone.objects.filter(source=entry.source)}
        assert to_confirm == {"report-published": True, "draft-plan": True, "action-plan": False}
        flag_overdue(by=Viewer.system(TODAY), on=TODAY)
        assert set(
            Milestone.objects.filter(flags__cleared_on=None, flags__isnull=False).values_list(
                "rule__slug", flat=True
            )
        ) == {"action-plan"}

    def test_what_is_to_confirm_can_be_corrected_too(self, around):
        entry = enter(around, on=date(2026, 9, 20))
        change(entry, around, on=date(2026, 9, 20), received_on=date(2026, 9, 18))
        assert not Milestone.objects.filter(source=entry.source, to_confirm=True).exists()

    def test_a_named_adviser_marks_one_met_and_nobody_who_is_not_named_can(self, around):
        entry = enter(around)
        plan = Milestone.objects.get(source=entry.source, rule__slug="draft-plan")
        met = {"met_on": RECEIVED, "on": RECEIVED, "revision": 1}
        with pytest.raises(PermissionDenied):
            mark_met(plan, by=around.viewer("principal"), **met)
        name_reader(
            entry.source, person=around.people["principal"], by=around.viewer("approver"), on=RECEIVED
        )
        assert mark_met(plan, by=around.viewer("principal"), **met).met_on == RECEIVED


class TestChanging:
    def test_facts_that_are_not_given_stay(self, around):
        entry = change(enter(around), around, expected_on=TODAY)
        assert (entry.expected_on, entry.inspected_on, entry.revision) == (TODAY, INSPECTED, 2)
        assert set(entry.judgements) == set(INADEQUATE)

    def test_a_stale_form_is_refused_with_what_stands_now(self, around):
        entry = enter(around)
        change(entry, around, expected_on=TODAY)
        with pytest.raises(Stale) as stale:
            change(entry, around, expected_on=RECEIVED)
        assert stale.value.current.expected_on == TODAY

    def test_who_may_enter_but_is_no_named_reader_may_not_change_it(self, around):
        entry = enter(around)
        with pytest.raises(PermissionDenied):
            change(entry, around, by="principal", expected_on=TODAY)

    def test_a_first_day_whose_form_does_not_grade_what_stands_is_refused(self, around):
        with pytest.raises(Refused, match="ILACS 2026 gives no overall grade"):
            change(enter(around), around, notified_on=None, inspected_on=date(2026, 4, 13), ended_on=None)

    def test_withdrawn_it_leaves_nothing_running_and_can_no_longer_be_changed(self, around):
        entry = enter(around)
        with pytest.raises(Refused, match="Enter why"):
            withdraw_inspection(entry, note=" ", by=around.viewer("approver"), on=RECEIVED, revision=1)
        gone = withdraw_inspection(
            entry, note="Another council", by=around.viewer("approver"), on=RECEIVED, revision=1
        )
        assert gone.withdrawn_on == RECEIVED
        assert due(entry) == {}
        with pytest.raises(Refused, match="withdrawn"):
            publish(gone, around)


class TestPublishing:
    def test_it_joins_the_record_with_its_judgements_and_the_embargo_ends(self, around):
        entry = publish(enter(around), around)

        inspection = Inspection.objects.get()
        assert inspection.source == entry.source
        assert (entry.inspection, entry.confirmed_on) == (inspection, TODAY)
        assert (inspection.known_on, inspection.begun_on, inspection.framework.slug) == (
            TODAY,
            INSPECTED,
            "ilacs-2023",
        )
        source = Source.objects.get()
        assert (source.access, source.published_on, source.url) == ("public", TODAY, URL)
        assert (source.received_on, source.received_assumed) == (RECEIVED, False)
        assert {one.area.code: one.grade for one in inspection.judgements.all()} == INADEQUATE

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"published_on": TODAY + DAY}, "published_on"),
            ({"published_on": INSPECTED - DAY}, "published_on"),
            ({"published_on": None}, "published_on"),
            ({"url": ""}, "url"),
            ({"url": "http://example.org/x"}, "url"),
        ],
    )
    def test_what_can_not_be_is_refused(self, around, wrong, field):
        entry = enter(around)
        said = {"published_on": TODAY, "url": URL, "revision": entry.revision} | wrong
        with pytest.raises(Refused) as refused:
            confirm_publication(entry, by=around.viewer("approver", TODAY), on=TODAY, **said)
        assert refused.value.field == field
        assert Source.objects.get().is_restricted

    @pytest.mark.parametrize(
        ("missing", "field"),
        [({"kind": "", "judgements": None}, "kind"), ({"inspected_on": None}, "inspected_on")],
    )
    def test_what_is_missing_comes_first(self, around, missing, field):
        with pytest.raises(Refused) as refused:
            publish(enter(around, **{"ended_on": None, "judgements": None} | missing), around)
        assert refused.value.field == field

    def test_a_letter_that_is_never_published_is_refused_until_that_is_changed(self, around):
        visit = {**VISIT, "kind": "monitoring-visit", "priority_action": False, "never_published": True}
        facts = {
            "judgements": None,
            "notified_on": None,
            "ended_on": None,
            "draft_received_on": None,
            **visit,
        }
        entry = enter(around, **facts)
        assert entry.source.access == "not-for-publication"
        with pytest.raises(Refused, match="not for publication"):
            publish(entry, around)
        entry = change(entry, around, never_published=False)
        assert publish(entry, around).inspection.source.access == "public"

    def test_a_wrong_day_or_address_is_corrected_by_saying_it_again(self, around):
        entry = publish(enter(around), around)
        entry = publish(entry, around, published_on=TODAY - DAY)
        assert entry.inspection.known_on == entry.source.published_on == TODAY - DAY
        assert entry.confirmed_on == TODAY

    def test_a_priority_visit_whose_receipt_nobody_knows_runs_from_publication_and_says_so(self, around):
        facts = {
            **VISIT,
            "judgements": None,
            "notified_on": None,
            "ended_on": None,
            "draft_received_on": None,
        }
        entry = enter(around, **{**facts, "received_on": None})
        publish(entry, around)
        plan = Milestone.objects.get(source=entry.source, rule__slug="action-plan-visit")
        assert (plan.started_on, plan.start_assumed) == (TODAY, True)

    def test_a_published_one_withdrawn_leaves_the_record_and_its_clocks(self, around):
        entry = publish(enter(around), around)
        withdraw_inspection(
            entry,
            note="Not published",
            by=around.viewer("approver", TODAY),
            on=TODAY,
            revision=entry.revision,
        )
        assert not Inspection.objects.exists()
        assert due(entry) == {}

    def test_after_publication_whoever_enters_inspections_there_may_correct_it(self, around):
        entry = publish(enter(around), around)
        change(entry, around, by="adviser", on=TODAY, judgements=dict.fromkeys(INADEQUATE, "good"))
        assert set(Inspection.objects.get().judgements.values_list("grade", flat=True)) == {"good"}
        assert set(due(entry)) == {"next-inspection"}

    def test_rebuilding_again_changes_nothing(self, around):
        publish(enter(around), around)
        again = rebuild_inspections({around.council.pk}, by=Viewer.system(TODAY), on=TODAY)
        assert str(again) == "added 0 changed 0 removed 0 left 1"


def test_no_event_of_an_entry_says_a_grade_and_every_one_rests_on_its_source(around):
    entry = enter(around)
    entry = change(entry, around, judgements={**INADEQUATE, "in_care": "good"}, expected_on=EXPECTED + DAY)
    flag_overdue(by=Viewer.system(EXPECTED), on=EXPECTED)
    withdraw_inspection(entry, note="x", by=around.viewer("approver", TODAY), on=TODAY, revision=2)

    events = Event.objects.filter(council_code=around.council.la_code)
    assert {
        "inspection-entered",
        "reader-named",
        "milestone-made",
        "flag-raised",
        "milestone-withdrawn",
    } <= set(events.values_list("kind", flat=True))
    assert set(events.values_list("source_id", flat=True)) == {entry.source_id}
    told = " ".join(str(data) for data in events.values_list("data", flat=True)).lower()
    assert not any(word in told for word in ("inadequate", "good", "requires", "outstanding"))
    assert EnteredInspection.objects.get().withdrawn_on == TODAY
