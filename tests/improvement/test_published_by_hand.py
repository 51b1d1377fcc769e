"""A publication confirmed by hand opens an intervention as an import does, with the clocks that ran since receipt."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.viewer import Viewer
from cases.actions import flag_overdue, mark_met, move_date, name_reader
from cases.models import Case, Flag, Milestone
from history.models import Event
from improvement.actions import confirm_episode, open_interventions, record_instrument
from improvement.models import Instrument, Trigger
from inspections.actions import change_inspection, withdraw_inspection
from tests.inspections.entered import (
    INADEQUATE,
    PLAN_BY,
    PUBLISHED_BY,
    RECEIVED,
    TODAY,
    VISIT,
    around_a_council,
    enter,
    publish,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)
FROM_RECEIPT = {"report-published", "draft-plan", "action-plan"}


@pytest.fixture
def around():
    return around_a_council()


@pytest.fixture
def entry(around):
    """An inadequate outcome received in August, of which the principal adviser has been told."""
    entry = enter(around)
    name_reader(entry.source, person=around.people["principal"], by=around.viewer("approver"), on=RECEIVED)
    return entry


def night(on=TODAY):
    flags = flag_overdue(by=Viewer.system(on), on=on)
    return open_interventions(by=Viewer.system(on), on=on), flags


def of(entry, slug):
    return Milestone.objects.get(source=entry.source_id, rule__slug=slug)


def standing(council):
    """The rules of what stands open of a council, each as often as it stands."""
    return sorted(
        Milestone.objects.filter(council=council, closed_on=None).values_list("rule__slug", flat=True)
    )


def test_it_opens_the_case_with_the_same_milestones_on_the_same_dates(around, entry):
    before = dict(Milestone.objects.values_list("pk", "due_on"))

    publish(entry, around)

    case = Case.objects.get(council=around.council)
    assert (case.standing, case.entered_on, case.intervention.opened_from) == ("open", TODAY, "judgement")
    taken = Milestone.objects.filter(source=entry.source_id, rule__slug__in=FROM_RECEIPT)
    assert dict(taken.values_list("pk", "due_on")) == before
    assert set(taken.values_list("case", flat=True)) == {case.pk}
    assert not any(taken.values_list("to_confirm", flat=True)), "it was late under embargo, and is late now"
    assert standing(around.council) == sorted(
        [
            *FROM_RECEIPT,
            "first-monitoring-visit",
            "improvement-plan",
            "next-inspection-after-inadequate",
            "six-month-point",
        ]
    )
    assert of(entry, "improvement-plan").started_on == TODAY
    assert Event.objects.filter(kind="milestone-joined-case", case_reference=case.reference).count() == 3


def test_a_night_after_changes_nothing(around, entry):
    publish(entry, around)
    night()
    before = list(Milestone.objects.order_by("pk").values())
    opened, _flags = night()
    assert str(opened) == "opened 0 joined 0 withdrawn 0 to confirm 0"
    assert list(Milestone.objects.order_by("pk").values()) == before


def test_nights_under_embargo_neither_open_a_case_nor_touch_its_clocks(around, entry):
    night()
    assert not Case.objects.exists()
    assert set(standing(around.council)) == FROM_RECEIPT


def test_a_flag_raised_under_embargo_stands_when_it_is_published(around, entry):
    night(PUBLISHED_BY + 5 * DAY)
    flag = Flag.objects.raised().get(milestone=of(entry, "report-published"))
    publish(entry, around, on=PUBLISHED_BY + 6 * DAY)
    night(PUBLISHED_BY + 7 * DAY)
    assert Flag.objects.raised().get(milestone=of(entry, "report-published")) == flag
    assert (
        Flag.objects.visible_to(around.viewer("leader", PUBLISHED_BY + 7 * DAY)).filter(pk=flag.pk).exists()
    )


def test_what_was_met_or_moved_under_embargo_stays_so(around, entry):
    by = {"by": around.viewer("principal"), "on": RECEIVED, "revision": 1}
    mark_met(of(entry, "draft-plan"), met_on=RECEIVED, **by)
    moved = PLAN_BY + 14 * DAY
    move_date(of(entry, "action-plan"), to=moved, reason="agreed-ofsted", **by)

    publish(entry, around)

    assert of(entry, "draft-plan").outcome == "met"
    assert of(entry, "action-plan").due_on == moved
    assert of(entry, "action-plan").case == of(entry, "draft-plan").case == Case.objects.get()


def test_another_grade_leaves_them_with_the_council_and_makes_none_twice(around):
    entry = enter(around, judgements=dict.fromkeys(INADEQUATE, "requires-improvement"))
    before = set(Milestone.objects.values_list("pk", "due_on", "case"))
    publish(entry, around)
    night()
    assert not Case.objects.exists()
    assert before <= set(Milestone.objects.values_list("pk", "due_on", "case"))
    assert standing(around.council) == ["action-plan", "next-inspection", "report-published"]


def test_without_an_overall_no_case_opens_and_none_is_made_twice(around):
    entry = enter(
        around,
        notified_on=None,
        inspected_on=date(2026, 4, 13),
        ended_on=None,
        judgements={"leaders": "inadequate", "in_care": "good"},
    )
    publish(entry, around)
    night()
    assert not Case.objects.exists()
    assert standing(around.council) == [
        "action-plan",
        "draft-plan",
        "first-monitoring-visit",
        "next-inspection-after-inadequate",
        "report-published",
    ]


def test_a_visits_plan_stays_with_the_council_once_published(around):
    facts = {"judgements": None, "notified_on": None, "ended_on": None, "draft_received_on": None, **VISIT}
    publish(enter(around, **facts), around)
    night()
    assert standing(around.council) == ["action-plan-visit", "draft-plan-visit"]


class TestDirectionFirst:
    """Solihull: the direction came before the publication; Herefordshire: the same day."""

    def direct(self, around, on):
        return record_instrument(
            around.council, kind="direction", issued_on=on, by=around.viewer("principal", on), on=on
        )

    def test_the_publication_joins_the_case_that_runs(self, around, entry):
        self.direct(around, TODAY - 10 * DAY)
        night(TODAY - 9 * DAY)
        case = Case.objects.get()
        confirm_episode(case, by=around.viewer("principal", TODAY - 9 * DAY), on=TODAY - 9 * DAY)

        publish(entry, around)

        assert Case.objects.get().standing == "open"
        assert list(Trigger.objects.values_list("case", "inspection__source")) == [(case.pk, entry.source_id)]
        assert of(entry, "action-plan").case == case
        assert len(standing(around.council)) == len(set(standing(around.council)))

    @pytest.mark.parametrize("days_before", [10, 0])
    def test_the_episode_to_confirm_becomes_the_publications_case(self, around, entry, days_before):
        direction = self.direct(around, TODAY - days_before * DAY)
        if days_before:
            night(TODAY - DAY)
            assert Case.objects.get().standing == "unconfirmed"

        publish(entry, around)
        night()

        case = Case.objects.get()
        assert (case.standing, Instrument.objects.get().case) == ("open", case)
        assert case.intervention.began_on == direction.issued_on
        assert of(entry, "action-plan").case == case
        assert "progress-review-instrument" in standing(around.council)
        assert len(standing(around.council)) == len(set(standing(around.council)))


class TestMistakes:
    def correct(self, entry, around):
        return change_inspection(
            entry,
            facts={"judgements": dict.fromkeys(INADEQUATE, "good")},
            by=around.viewer("approver", TODAY),
            on=TODAY,
            revision=entry.revision,
        )

    def test_a_wrong_grade_corrected_withdraws_a_case_that_nobody_has_worked_on(self, around, entry):
        entry = publish(entry, around)
        self.correct(entry, around)
        assert Case.objects.get().standing == "withdrawn"

    def test_work_done_under_embargo_is_work_on_the_case(self, around, entry):
        mark_met(
            of(entry, "draft-plan"), met_on=RECEIVED, by=around.viewer("principal"), on=RECEIVED, revision=1
        )
        entry = publish(entry, around)
        self.correct(entry, around)
        assert Case.objects.get().standing == "open"

    def test_a_publication_that_never_was_is_withdrawn_with_its_case(self, around, entry):
        entry = publish(entry, around)
        by = around.viewer("approver", TODAY)
        withdraw_inspection(entry, note="Published by mistake", by=by, on=TODAY, revision=entry.revision)
        assert Case.objects.get().standing == "withdrawn"
        assert standing(around.council) == []


def test_only_who_enters_inspections_there_may_open_for_a_council(around):
    other = around_a_council()
    for who, council in (("approver", other), ("leader", around), ("dfe", around)):
        with pytest.raises(PermissionDenied):
            open_interventions({council.council.pk}, by=around.viewer(who), on=RECEIVED)
    with pytest.raises(PermissionDenied):
        open_interventions(by=around.viewer("approver"), on=RECEIVED)
    open_interventions({around.council.pk}, by=around.viewer("approver"), on=RECEIVED)
