"""The whole life of an intervention, as an adviser records it: what follows from each row, and what is refused."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Case, ClockRule, Milestone
from cases.refusals import Refused, Stale
from councils.models import DeliveryBody
from history.models import Event
from improvement.actions import (
    ClauseGiven,
    change_clause,
    change_report,
    confirm_episode,
    correct_appointment,
    correct_decision,
    correct_instrument,
    end_appointment,
    end_arrangement,
    lift_instrument,
    open_by_hand,
    open_interventions,
    record_appointment,
    record_arrangement,
    record_clauses,
    record_decision,
    record_instrument,
    record_report,
    record_trigger,
)
from improvement.models import Appointment, Clause, Decision, Instrument, Intervention, Trigger
from improvement.queries.stages import stage_of_case
from improvement.rules.conflicts import conflicts
from improvement.rules.reviews import Awaited, answered_by
from tests.constraints import broken
from tests.factories import CouncilFactory, RegionFactory, person_with, viewer_with

pytestmark = pytest.mark.django_db

PUBLISHED = date(2026, 5, 13)
NHS_NUMBER = "943 476 5919"


@pytest.fixture
def case(council, inspect, system):
    inspect(council, PUBLISHED, "inadequate")
    open_interventions(by=system, on=PUBLISHED)
    return Case.objects.get(council=council)


@pytest.fixture
def adviser(region, today):
    return viewer_with(Role.LGA_ADVISER, region=region, today=today)


@pytest.fixture
def by(adviser, today):
    return {"by": adviser, "on": today}


@pytest.fixture
def direction(case, council, by):
    return record_instrument(council, kind="direction", issued_on=date(2026, 6, 1), **by)


@pytest.fixture
def commissioner(case, council, by):
    return record_appointment(council, role="commissioner", from_on=date(2026, 9, 2), **by)


def milestone(case, slug, **narrower):
    return Milestone.objects.get(case=case, rule__slug=slug, **narrower)


def kinds(case):
    return list(Event.objects.filter(case_reference=case.reference).values_list("kind", flat=True))


def stage(case, viewer, on=None):
    return stage_of_case(case, on or viewer.today, viewer).slug


class TestWhoMayRecord:
    WRITES = {
        "instrument": lambda case, **by: record_instrument(
            case.council, kind="notice", issued_on=by["on"], **by
        ),
        "appointment": lambda case, **by: record_appointment(
            case.council, role="dfe-adviser", from_on=by["on"], **by
        ),
        "decision": lambda case, **by: record_decision(
            case.council, kind="keeps-control", decided_on=by["on"], **by
        ),
        "arrangement": lambda case, **by: record_arrangement(
            case.council, name="Tern Trust", kind="trust", from_on=by["on"], **by
        ),
        "trigger": lambda case, **by: record_trigger(case, kind="court", on_day=by["on"], **by),
        "clauses": lambda case, **by: record_clauses(
            Instrument.objects.get(case=case),
            items=[ClauseGiven("9", "Do it", by["on"], recommend=True)],
            **by,
        ),
        "report": lambda case, **by: record_report(
            Appointment.objects.get(case=case), sent_on=by["on"], **by
        ),
        "end": lambda case, **by: end_appointment(
            Appointment.objects.get(case=case), until_on=by["on"], **by
        ),
        "lift": lambda case, **by: lift_instrument(
            Instrument.objects.get(case=case), lifted_on=by["on"], **by
        ),
    }

    @pytest.mark.parametrize("write", WRITES)
    @pytest.mark.parametrize(
        "role", [Role.COUNCIL_APPROVER, Role.DFE_ADVISER, Role.COUNCIL_LEADERSHIP, Role.BOARD_CHAIR]
    )
    def test_the_councils_people_and_the_dfes_record_nothing(
        self, write, role, case, direction, commissioner, council, today
    ):
        stranger = viewer_with(role, council=council, today=today)
        with pytest.raises(PermissionDenied):
            self.WRITES[write](case, by=stranger, on=today)

    @pytest.mark.parametrize("write", WRITES)
    def test_an_adviser_of_another_region_records_nothing(self, write, case, direction, commissioner, today):
        elsewhere = viewer_with(Role.LGA_ADVISER, region=RegionFactory(), today=today)
        with pytest.raises(PermissionDenied):
            self.WRITES[write](case, by=elsewhere, on=today)

    @pytest.mark.parametrize("write", WRITES)
    def test_an_adviser_put_on_the_case_records_all_of_it(self, write, case, direction, commissioner, today):
        person = person_with(Role.LGA_ADVISER, region=RegionFactory())
        case.assignments.create(person=person, role=Role.LGA_ADVISER, from_on=today)
        self.WRITES[write](case, by=Viewer.of(person, today), on=today)

    def test_being_put_on_a_case_opens_none_elsewhere(self, case, region, today):
        person = person_with(Role.LGA_ADVISER, region=RegionFactory())
        case.assignments.create(person=person, role=Role.LGA_ADVISER, from_on=today)
        with pytest.raises(PermissionDenied):
            open_by_hand(
                CouncilFactory(region=region),
                kind="court",
                on_day=today,
                by=Viewer.of(person, today),
                on=today,
            )


class TestOpenedByHand:
    def test_from_a_court_judgment_it_is_a_case_of_its_own_with_a_source(self, council, by, adviser):
        case = open_by_hand(
            council, kind="court", on_day=date(2026, 3, 26), letter="The Queen on the application of X", **by
        )
        trigger = case.triggers.get()
        assert (trigger.kind, trigger.on, trigger.source.kind) == (
            "court",
            date(2026, 3, 26),
            "court-judgment",
        )
        assert trigger.source.title == "The Queen on the application of X"
        assert case.intervention.opened_from == Intervention.Opened.HAND
        assert (case.intervention.began_on, case.entered_on) == (date(2026, 3, 26), by["on"])
        assert stage(case, adviser) == "plan_due"
        assert "intervention-opened" in kinds(case)

    def test_a_nights_run_leaves_it_as_it_is(self, council, by, system):
        case = open_by_hand(council, kind="court", on_day=date(2026, 3, 26), **by)
        open_interventions(by=system, on=by["on"])
        case.refresh_from_db()
        assert (case.standing, case.triggers.filter(withdrawn_on=None).count()) == ("open", 1)

    def test_the_system_opens_none_that_the_next_run_withdraws(self, council, system, today):
        """Nobody's hand on it: nothing but the trigger says that it is no mistake."""
        case = open_by_hand(council, kind="visit", on_day=date(2026, 9, 1), by=system, on=today)
        open_interventions(by=system, on=today)
        case.refresh_from_db()
        assert case.standing == "open"

    def test_a_judgement_joins_it_and_taken_back_leaves_it(self, council, by, inspect, system, today):
        case = open_by_hand(council, kind="visit", on_day=date(2026, 3, 2), **by)
        judged = inspect(council, PUBLISHED, "inadequate")
        open_interventions(by=system, on=today)
        assert list(case.triggers.order_by("on").values_list("kind", flat=True)) == ["visit", "judgement"]
        judged.judgements.all().delete()
        open_interventions(by=system, on=today)
        case.refresh_from_db()
        assert case.standing == "open"
        assert list(case.triggers.filter(withdrawn_on=None).values_list("kind", flat=True)) == ["visit"]

    @pytest.mark.parametrize(("kind", "rules"), [("visit", 2), ("jtai", 1)])
    def test_a_letter_that_asks_for_priority_action_starts_the_plans_clocks(self, council, by, kind, rules):
        case = open_by_hand(council, kind=kind, on_day=date(2026, 9, 14), priority=True, **by)
        made = case.milestones.filter(rule__slug__in=["action-plan-visit", "draft-plan-visit"])
        assert made.count() == rules
        assert milestone(case, "action-plan-visit").due_on == date(2026, 12, 21)
        assert milestone(case, "action-plan-visit").start_assumed

    def test_one_that_asks_for_none_starts_none(self, council, by):
        case = open_by_hand(council, kind="visit", on_day=date(2026, 9, 14), **by)
        assert not case.milestones.exists()

    def test_of_a_notice_the_notice_itself_is_recorded_with_its_clocks(self, council, by):
        case = open_by_hand(
            council, kind="notice", on_day=date(2026, 8, 31), url="https://example.org/n", **by
        )
        notice = Instrument.objects.get(case=case)
        assert (notice.kind, notice.issued_on, notice.source.url) == (
            "notice",
            date(2026, 8, 31),
            "https://example.org/n",
        )
        assert case.triggers.get().source == notice.source
        assert milestone(case, "improvement-plan-notice").due_on == date(2026, 11, 30)

    def test_what_was_published_since_joins_it_and_is_not_recorded_twice(self, council, by, published_notice):
        closed = published_notice(council, date(2026, 8, 31), lifted_on=date(2026, 10, 1))
        case = open_by_hand(council, kind="notice", on_day=date(2026, 8, 31), **by)
        closed.refresh_from_db()
        assert closed.case == case and Instrument.objects.count() == 1

    def test_what_fell_due_before_today_is_to_confirm(self, council, by):
        case = open_by_hand(council, kind="notice", on_day=date(2025, 8, 31), **by)
        assert milestone(case, "improvement-plan-notice").to_confirm

    def test_its_visit_on_record_lends_it_its_milestones(self, council, by, inspect):
        visit = inspect(council, date(2026, 9, 14), kind="focused-visit")
        asked_for = Milestone.objects.create(
            council=council,
            source=visit.source,
            label="Draft action plan to Ofsted",
            owes="council",
            force="agreed",
            due_on=date(2026, 12, 1),
            entered_on=date(2026, 9, 14),
            rule=ClockRule.objects.get(slug="draft-plan-visit"),
        )
        case = open_by_hand(
            council, kind="visit", on_day=date(2026, 9, 14), inspection=visit, priority=True, **by
        )
        asked_for.refresh_from_db()
        assert asked_for.case == case
        assert case.milestones.count() == 1
        assert case.triggers.get().source == visit.source

    def test_a_second_case_an_unconfirmed_one_and_wrong_days_are_refused(
        self, council, by, region, today, published_notice, system
    ):
        open_by_hand(council, kind="court", on_day=today, **by)
        with pytest.raises(Refused, match="open already"):
            open_by_hand(council, kind="court", on_day=today, **by)
        told_of = CouncilFactory(region=region)
        published_notice(told_of, date(2026, 1, 5))
        open_interventions(by=system, on=today)
        with pytest.raises(Refused, match="say first whether it is open"):
            open_by_hand(told_of, kind="court", on_day=today, **by)
        other = CouncilFactory(region=region)
        with pytest.raises(Refused, match="today or earlier"):
            open_by_hand(other, kind="court", on_day=date(2026, 12, 1), **by)
        with pytest.raises(Refused, match="Choose what it is opened from"):
            open_by_hand(other, kind="judgement", on_day=today, **by)
        with pytest.raises(Refused, match="an NHS number"):
            open_by_hand(other, kind="court", on_day=today, detail=f"About {NHS_NUMBER}", **by)
        ended = CouncilFactory(region=region, until_on=date(2026, 4, 1))
        with pytest.raises((Refused, PermissionDenied)):
            open_by_hand(ended, kind="court", on_day=today, **by)

    def test_of_two_strands_each_has_its_stage(self, council, by, adviser, today):
        case = open_by_hand(council, kind="jtai", on_day=date(2026, 9, 1), strand="send", **by)
        assert stage_of_case(case, today, adviser).strand == "send"


class TestJoiningTriggers:
    def test_a_judgment_joins_an_open_case_and_changes_no_stage(self, case, by, adviser, council):
        record_decision(council, kind="sufficient", decided_on=date(2026, 10, 1), **by)
        record_trigger(case, kind="court", on_day=date(2026, 10, 20), **by)
        assert stage(case, adviser) == "progress_reviews"
        assert Trigger.objects.filter(case=case).count() == 2

    def test_a_notice_is_recorded_as_what_it_is(self, case, by, today):
        with pytest.raises(Refused, match="itself"):
            record_trigger(case, kind="notice", on_day=today, **by)


class TestClauses:
    def test_each_with_a_stated_date_has_a_milestone_of_the_instruments_force(self, case, direction, by):
        told = [
            ClauseGiven("1", "Appoint an independent chair."),
            ClauseGiven("3(b)", "Send a plan to the Secretary of State.", date(2026, 12, 1)),
            ClauseGiven("4", "Report each quarter.", date(2026, 11, 30), owes="board-chair"),
        ]
        chair, plan, report = record_clauses(direction, items=told, **by)
        assert chair.milestone is None
        assert (plan.milestone.label, plan.milestone.force, plan.milestone.owes) == (
            "Clause 3(b) of the direction",
            "instrument",
            "council",
        )
        assert (plan.milestone.due_on, plan.milestone.stated_due) == (date(2026, 12, 1), date(2026, 12, 1))
        assert plan.milestone.case == case and plan.milestone.source == direction.source
        assert report.milestone.owes == "board-chair"
        event = Event.objects.get(kind="clauses-recorded")
        assert event.data == {"numbers": ["1", "3(b)", "4"]} and "plan" not in str(event.data)

    def test_one_can_become_a_recommendation_of_the_directions_own_source(self, direction, by):
        (clause,) = record_clauses(direction, items=[ClauseGiven("2", "Keep a board.", recommend=True)], **by)
        assert clause.recommendation.source == direction.source
        assert (clause.recommendation.paragraph, clause.recommendation.text) == ("Clause 2", "Keep a board.")

    def test_replaced_or_lifted_its_open_dates_are_superseded_and_met_ones_stay(
        self, case, council, direction, by
    ):
        _open, second = record_clauses(
            direction,
            items=[ClauseGiven("1", "One", date(2026, 12, 1)), ClauseGiven("2", "Two", date(2026, 12, 2))],
            **by,
        )
        Milestone.objects.filter(pk=second.milestone_id).update(
            outcome="met", met_on=date(2026, 10, 1), closed_on=date(2026, 10, 1)
        )
        record_instrument(council, kind="direction", issued_on=date(2026, 10, 5), replaces=direction, **by)
        outcomes = Milestone.objects.filter(clause__instrument=direction).order_by("due_on")
        assert list(outcomes.values_list("outcome", flat=True)) == ["superseded", "met"]

    def test_of_an_instrument_that_has_ended_they_start_nothing(self, case, council, direction, by):
        record_instrument(council, kind="notice", issued_on=date(2026, 10, 5), replaces=direction, **by)
        (clause,) = record_clauses(direction, items=[ClauseGiven("1", "One", date(2026, 12, 1))], **by)
        assert clause.milestone is None

    @pytest.mark.parametrize(
        ("items", "message"),
        [
            ([], "at least one"),
            ([ClauseGiven(" ", "Words")], "number of the clause"),
            ([ClauseGiven("1", " ")], "what the clause says"),
            ([ClauseGiven("1", "x" * 4001)], "Shorten it to 4,000"),
            ([ClauseGiven("1", "One"), ClauseGiven("1 ", "Again")], "recorded already"),
            ([ClauseGiven("1", "One", date(2026, 5, 31))], "before the notice or direction was issued"),
            ([ClauseGiven("1", f"Help {NHS_NUMBER}")], "an NHS number"),
            ([ClauseGiven("1", "One", owes="nobody")], "who must do it"),
        ],
    )
    def test_what_is_wrong_is_refused_and_nothing_is_half_recorded(self, direction, by, items, message):
        with pytest.raises(Refused, match=message):
            record_clauses(direction, items=[ClauseGiven("8", "Right"), *items] if items else items, **by)
        assert not Clause.objects.exists()

    def test_a_number_stands_once_in_an_instrument(self, direction):
        Clause.objects.create(instrument=direction, number="1", text="One")
        with broken("clause_once", columns=("instrument_id", "number")):
            Clause.objects.create(instrument=direction, number="1", text="Two")

    def test_corrected_its_milestone_follows_and_the_promised_date_stays(self, direction, by):
        (clause,) = record_clauses(direction, items=[ClauseGiven("1", "One", date(2026, 12, 1))], **by)
        changed = change_clause(
            clause, number="1(a)", text="One", due_on=date(2026, 12, 8), owes="dfe", **by, revision=1
        )
        assert (changed.milestone.due_on, changed.milestone.stated_due) == (
            date(2026, 12, 8),
            date(2026, 12, 8),
        )
        assert (changed.milestone.label, changed.milestone.owes) == ("Clause 1(a) of the direction", "dfe")
        assert changed.milestone.changes.get().old_due_on == date(2026, 12, 1)
        cleared = change_clause(changed, number="1", text="One", **by, revision=2)
        assert cleared.milestone is None
        dated = change_clause(cleared, number="1", text="One", due_on=date(2026, 12, 9), **by, revision=3)
        assert dated.milestone.due_on == date(2026, 12, 9)
        with pytest.raises(Stale) as stale:
            change_clause(clause, number="1", text="Mine", **by, revision=1)
        assert stale.value.current.text == "One"


class TestInstruments:
    def test_expiry_is_kept_and_ends_nothing(self, case, council, by, system):
        notice = record_instrument(
            council, kind="notice", issued_on=date(2026, 6, 1), expires_on=date(2026, 9, 1), **by
        )
        open_interventions(by=system, on=by["on"])
        case.refresh_from_db()
        notice.refresh_from_db()
        assert (notice.expires_on, notice.lifted_on, case.standing) == (date(2026, 9, 1), None, "open")
        with pytest.raises(Refused, match="must expire after"):
            record_instrument(
                council, kind="direction", issued_on=date(2026, 6, 2), expires_on=date(2026, 6, 2), **by
            )

    def test_a_revision_is_of_the_same_kind_and_changes_no_stage(self, case, council, direction, by, adviser):
        revised = record_instrument(
            council, kind="direction", issued_on=date(2026, 8, 1), replaces=direction, **by
        )
        direction.refresh_from_db()
        assert (direction.lifted_on, revised.replaces) == (date(2026, 8, 1), direction)
        assert stage(case, adviser) == "plan_due"

    def test_a_direction_replaced_by_a_notice_steps_down_and_lifted_ends(
        self, case, council, direction, by, adviser
    ):
        notice = record_instrument(
            council, kind="notice", issued_on=date(2026, 8, 1), replaces=direction, **by
        )
        assert stage(case, adviser) == "stepped_down"
        lift_instrument(notice, lifted_on=date(2026, 10, 1), letter="Letter of 1 October", **by)
        notice.refresh_from_db()
        case.refresh_from_db()
        assert (notice.end_source.title, case.closed_on) == ("Letter of 1 October", date(2026, 10, 1))
        assert stage(case, adviser) == "ended"
        event = Event.objects.get(kind="instrument-lifted")
        assert event.source_id == notice.end_source_id and "Letter" not in str(event.data)

    def test_it_can_neither_be_replaced_twice_nor_on_a_day_before_it(self, case, council, direction, by):
        with pytest.raises(Refused) as before:
            record_instrument(council, kind="notice", issued_on=date(2026, 5, 30), replaces=direction, **by)
        assert before.value.field == "issued_on"
        record_instrument(council, kind="notice", issued_on=date(2026, 8, 1), replaces=direction, **by)
        with pytest.raises(Refused, match="ended already"):
            record_instrument(council, kind="notice", issued_on=date(2026, 9, 1), replaces=direction, **by)


class TestAppointments:
    def test_name_body_terms_and_access_are_kept_and_give_no_access(self, case, council, by, today):
        made = record_appointment(
            council,
            role="improvement-adviser",
            from_on=date(2026, 9, 2),
            name="Linnet Moor",
            body="Tern Associates",
            terms="Two days a week for a year.",
            access_from_on=date(2026, 9, 7),
            access_until_on=date(2027, 9, 7),
            **by,
        )
        made.refresh_from_db()
        assert (made.name, made.body, made.terms) == (
            "Linnet Moor",
            "Tern Associates",
            "Two days a week for a year.",
        )
        assert (made.access_from_on, made.access_until_on) == (date(2026, 9, 7), date(2027, 9, 7))
        event = Event.objects.get(kind="appointment-recorded")
        assert "Linnet" not in str(event.data)
        with pytest.raises(Refused, match="must end after it begins"):
            record_appointment(
                council, role="board-chair", from_on=today, access_until_on=date(2027, 1, 1), **by
            )

    def test_ended_once_and_after_it_began(self, commissioner, by):
        with pytest.raises(Refused, match="must be after"):
            end_appointment(commissioner, until_on=date(2026, 9, 2), **by)
        ended = end_appointment(commissioner, until_on=date(2026, 10, 2), url="https://example.org/e", **by)
        assert ended.end_source.url == "https://example.org/e"
        with pytest.raises(Refused, match="ended already"):
            end_appointment(commissioner, until_on=date(2026, 10, 3), **by)

    def test_conflicts_are_told_and_none_is_made_up(self):
        directors = [("Corin  Sandpiper", "Saltmarsh"), ("Ada Fell", "Holme")]
        assert conflicts(name="corin sandpiper", directors=directors) == [
            "Has the name of the serving director of children’s services of Saltmarsh."
        ]
        assert conflicts(name="Corin Sandpiper", serving_dcs_of="Holme", directors=directors) == [
            "Is the serving director of children’s services of Holme."
        ]
        assert conflicts(name="X", runs_improvement_partner=True) == ["Runs the improvement partner."]
        assert conflicts(name="", directors=[("", "Vacant")]) == []
        assert conflicts(name="Wren Dale", directors=directors) == []


class TestReviews:
    def test_which_review_one_that_was_held_answers(self):
        began, first, second = date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)
        awaited = [Awaited(1, began, first), Awaited(2, began, second)]
        assert answered_by(awaited, date(2026, 7, 1)) == 1
        assert answered_by(awaited, date(2026, 12, 31)) == 1
        assert answered_by(awaited, date(2027, 1, 1)) == 2
        assert answered_by([Awaited(2, began, second)], date(2026, 10, 1)) == 2
        assert answered_by([Awaited(2, began, second)], date(2026, 9, 30)) is None
        assert answered_by([Awaited(2, began, second)], date(2025, 12, 31)) is None
        assert answered_by([], first) is None

    @pytest.mark.parametrize("result", ["sufficient", "insufficient", "not-decided"])
    def test_its_result_meets_the_review_and_the_next_is_made(self, case, council, by, adviser, result):
        record_instrument(council, kind="notice", issued_on=date(2026, 3, 31), **by)
        awaited = milestone(case, "progress-review-instrument")
        assert awaited.due_on == date(2026, 9, 30)
        made = record_decision(
            council, kind=result, decided_on=date(2026, 10, 6), reasons="Caseloads fell.", **by
        )
        assert made.reasons == "Caseloads fell."
        awaited.refresh_from_db()
        assert (awaited.outcome, awaited.met_on) == ("met", date(2026, 10, 6))
        following = milestone(case, "progress-review-instrument", series_no=awaited.series_no + 1)
        assert (following.due_on, following.closed_on) == (date(2027, 3, 31), None)
        assert stage(case, adviser) == "progress_reviews"
        assert "Caseloads" not in str(list(Event.objects.values_list("data", flat=True)))

    def test_one_of_long_before_meets_none_unless_the_person_says_so(self, case, council, by):
        record_instrument(council, kind="notice", issued_on=date(2026, 5, 31), **by)
        awaited = milestone(case, "progress-review-instrument")
        record_decision(council, kind="sufficient", decided_on=date(2026, 7, 1), **by)
        awaited.refresh_from_db()
        assert awaited.closed_on is None
        record_decision(council, kind="insufficient", decided_on=date(2026, 7, 2), answers=awaited, **by)
        awaited.refresh_from_db()
        assert awaited.met_on == date(2026, 7, 2)
        with pytest.raises(Refused, match="answered already"):
            record_decision(council, kind="sufficient", decided_on=date(2026, 7, 3), answers=awaited, **by)
        assert not Decision.objects.filter(on=date(2026, 7, 3)).exists()

    def test_another_decision_meets_no_review(self, case, council, by):
        record_instrument(council, kind="notice", issued_on=date(2026, 3, 31), **by)
        record_decision(council, kind="keeps-control", decided_on=date(2026, 10, 6), **by)
        assert milestone(case, "progress-review-instrument").closed_on is None


class TestCommissionersReport:
    def test_stated_due_moves_the_milestone_sent_meets_it_and_both_stay_apart(self, case, commissioner, by):
        report = record_report(
            commissioner, stated_due_on=date(2026, 10, 30), stated_in="the direction", **by
        )
        awaited = milestone(case, "commissioner-report")
        assert (awaited.computed_due, awaited.stated_due, awaited.due_on) == (
            date(2026, 12, 2),
            date(2026, 10, 30),
            date(2026, 10, 30),
        )
        assert awaited.stated_in == "the direction"
        changed = change_report(
            report,
            stated_due_on=date(2026, 10, 30),
            sent_on=date(2026, 11, 1),
            note="Not held by the LGA.",
            **by,
            revision=1,
        )
        awaited.refresh_from_db()
        assert (awaited.outcome, awaited.met_on) == ("met", date(2026, 11, 1))
        assert (changed.stated_due_on, changed.sent_on) == (date(2026, 10, 30), date(2026, 11, 1))
        assert "held" not in str(list(Event.objects.values_list("data", flat=True)))

    def test_decided_on_it_says_by_which_decision(self, case, council, commissioner, by, adviser):
        decided = record_decision(council, kind="keeps-control", decided_on=date(2026, 10, 20), **by)
        report = record_report(
            commissioner, sent_on=date(2026, 10, 1), published_on=date(2026, 10, 20), decision=decided, **by
        )
        assert report.decision == decided
        assert milestone(case, "check-6-months").due_on == date(2027, 4, 20)
        assert milestone(case, "check-12-months").due_on == date(2027, 10, 20)
        assert stage(case, adviser) == "council_keeps_control"

    def test_a_corrected_day_of_sending_corrects_what_was_met(self, case, commissioner, by):
        report = record_report(commissioner, sent_on=date(2026, 10, 1), **by)
        change_report(report, sent_on=date(2026, 10, 3), **by, revision=1)
        assert milestone(case, "commissioner-report").met_on == date(2026, 10, 3)
        change_report(report, published_on=date(2026, 10, 3), **by, revision=2)
        assert milestone(case, "commissioner-report").closed_on is None
        with pytest.raises(Stale):
            change_report(report, sent_on=date(2026, 10, 4), **by, revision=1)

    def test_what_somebody_marked_met_by_hand_stays(self, case, commissioner, by):
        Milestone.objects.filter(rule__slug="commissioner-report").update(
            outcome="met", met_on=date(2026, 10, 1), closed_on=date(2026, 10, 1)
        )
        record_report(commissioner, stated_due_on=date(2026, 12, 2), **by)
        assert milestone(case, "commissioner-report").met_on == date(2026, 10, 1)

    def test_a_further_report_has_a_date_of_its_own(self, case, commissioner, by):
        record_report(commissioner, sent_on=date(2026, 10, 1), **by)
        second = record_report(commissioner, stated_due_on=date(2027, 3, 1), **by)
        assert (second.milestone.due_on, second.milestone.owes) == (date(2027, 3, 1), "commissioner")
        change_report(second, stated_due_on=date(2027, 3, 1), sent_on=by["on"], **by, revision=1)
        second.milestone.refresh_from_db()
        assert second.milestone.met_on == by["on"]

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({}, "stated_due_on"),
            ({"stated_due_on": date(2026, 9, 1)}, "stated_due_on"),
            ({"sent_on": date(2026, 9, 1)}, "sent_on"),
            ({"sent_on": date(2026, 12, 1)}, "sent_on"),
            ({"sent_on": date(2026, 10, 2), "published_on": date(2026, 10, 1)}, "published_on"),
            ({"sent_on": date(2026, 10, 2), "note": f"About {NHS_NUMBER}"}, "note"),
        ],
    )
    def test_dates_out_of_order_are_refused(self, commissioner, by, given, field):
        with pytest.raises(Refused) as refused:
            record_report(commissioner, **given, **by)
        assert refused.value.field == field

    def test_an_advisers_is_none(self, case, council, by):
        adviser = record_appointment(council, role="dfe-adviser", from_on=date(2026, 9, 2), **by)
        with pytest.raises(Refused, match="commissioner"):
            record_report(adviser, sent_on=date(2026, 10, 1), **by)


class TestArrangements:
    def test_a_trust_serves_two_councils_each_by_its_own_row(self, case, council, by, region, adviser):
        first = record_arrangement(
            council, name="Tern Children’s Trust", kind="trust", from_on=date(2026, 9, 1), **by
        )
        other = CouncilFactory(region=region)
        second = record_arrangement(other, body=first.body, from_on=date(2026, 10, 1), **by)
        assert first.body == second.body and first.body.slug == "tern-childrens-trust"
        assert stage(case, adviser) == "alternative_delivery"

    def test_a_partner_council_is_a_body_once(self, case, council, by, region, adviser):
        partner, third = CouncilFactory(region=region), CouncilFactory(region=region)
        first = record_arrangement(council, partner=partner, from_on=date(2026, 9, 1), **by)
        second = record_arrangement(third, partner=partner, from_on=date(2026, 9, 1), **by)
        assert first.body == second.body
        assert (first.body.kind, first.body.council) == ("partner-council", partner)
        assert stage(case, adviser) == "partner_council"

    def test_it_ends_on_a_day_after_it_began_and_once(self, case, council, by):
        made = record_arrangement(council, name="Tern Trust", kind="trust", from_on=date(2026, 9, 1), **by)
        with pytest.raises(Refused, match="delivers this council’s services already"):
            record_arrangement(council, body=made.body, from_on=date(2026, 9, 2), **by)
        with pytest.raises(Refused, match="after the start"):
            end_arrangement(made, until_on=date(2026, 9, 1), **by)
        ended = end_arrangement(made, until_on=date(2026, 10, 1), letter="Cabinet paper", case=case, **by)
        assert (ended.until_on, ended.source_text) == (date(2026, 10, 1), "ended: Cabinet paper")
        with pytest.raises(Refused, match="ended already"):
            end_arrangement(made, until_on=date(2026, 10, 2), **by)
        assert {"arrangement-recorded", "arrangement-ended"} <= set(kinds(case))

    def test_a_body_needs_a_name_a_kind_and_is_not_the_council_itself(self, case, council, by):
        DeliveryBody.objects.create(slug="dunlin", name="Dunlin Trust", kind="trust")
        day = {"from_on": date(2026, 9, 1)}
        for given, message in [
            ({}, "Choose a body"),
            ({"name": "New"}, "what kind"),
            ({"name": "dunlin trust", "kind": "trust"}, "known already"),
            ({"partner": council}, "own partner"),
        ]:
            with pytest.raises(Refused, match=message):
                record_arrangement(council, **given, **day, **by)


class TestAfterTheEnd:
    @pytest.fixture
    def closed(self, case, council, by):
        record_decision(council, kind="closing-letter", decided_on=date(2026, 10, 1), **by)
        case.refresh_from_db()
        return case

    def test_support_agreed_belongs_to_the_closed_case_and_is_its_stage(self, closed, council, by, adviser):
        made = record_decision(council, kind="support-agreed", decided_on=date(2026, 10, 20), **by)
        assert made.case == closed
        assert stage(closed, adviser) == "support_after"
        closed.refresh_from_db()
        assert (closed.standing, closed.closed_on) == ("closed", date(2026, 10, 1))

    def test_support_is_not_agreed_before_the_end(self, closed, council, by):
        with pytest.raises(Refused, match="on the day it ended, or later"):
            record_decision(council, kind="support-agreed", decided_on=date(2026, 9, 30), **by)

    def test_what_was_decided_while_it_ran_joins_it_and_starts_nothing(self, closed, council, by):
        before = Milestone.objects.count()
        made = record_decision(council, kind="keeps-control", decided_on=date(2026, 9, 1), **by)
        appointed = record_appointment(council, role="commissioner", from_on=date(2026, 7, 1), **by)
        assert made.case == closed and appointed.case == closed
        assert Milestone.objects.count() == before

    def test_what_comes_after_it_belongs_to_no_case_that_has_closed(self, closed, council, by):
        assert record_instrument(council, kind="notice", issued_on=date(2026, 10, 1), **by).case is None
        assert record_decision(council, kind="keeps-control", decided_on=date(2026, 10, 2), **by).case is None

    def test_an_episode_to_confirm_is_answered_first(self, region, by, published_notice, system, today):
        told_of = CouncilFactory(region=region)
        notice = published_notice(told_of, date(2026, 1, 5))
        open_interventions(by=system, on=today)
        notice.refresh_from_db()
        with pytest.raises(Refused, match="whether this intervention is open"):
            record_decision(told_of, kind="sufficient", decided_on=today, case=notice.case, **by)
        confirm_episode(notice.case, **by)
        assert record_decision(told_of, kind="sufficient", decided_on=today, case=notice.case, **by)

    def test_a_case_of_another_council_takes_none_of_this_ones_rows(self, closed, region, by, today):
        other = CouncilFactory(region=region)
        with pytest.raises(Refused, match="no intervention of this council"):
            record_decision(other, kind="sufficient", decided_on=today, case=closed, **by)


def test_a_life_from_judgement_to_support_has_each_stage_on_its_day(case, council, by, adviser):
    """As RULES section 4, point 3 has it: each row its own stage, the latest deciding."""
    direction = record_instrument(council, kind="direction", issued_on=date(2026, 5, 20), **by)
    record_decision(council, kind="plan-accepted", decided_on=date(2026, 6, 1), **by)
    record_decision(council, kind="insufficient", decided_on=date(2026, 6, 15), **by)
    commissioner = record_appointment(council, role="commissioner", from_on=date(2026, 7, 1), **by)
    decided = record_decision(council, kind="keeps-control", decided_on=date(2026, 8, 1), **by)
    record_report(commissioner, sent_on=date(2026, 7, 20), decision=decided, **by)
    end_appointment(commissioner, until_on=date(2026, 8, 2), **by)
    notice = record_instrument(council, kind="notice", issued_on=date(2026, 9, 1), replaces=direction, **by)
    lift_instrument(notice, lifted_on=date(2026, 10, 1), **by)
    record_decision(council, kind="support-agreed", decided_on=date(2026, 10, 10), **by)
    told = {
        date(2026, 5, 19): "plan_due",
        date(2026, 6, 1): "progress_reviews",
        date(2026, 6, 30): "progress_reviews",
        date(2026, 7, 1): "commissioner_review",
        date(2026, 8, 1): "council_keeps_control",
        date(2026, 8, 31): "council_keeps_control",
        date(2026, 9, 1): "stepped_down",
        date(2026, 10, 1): "ended",
        date(2026, 10, 10): "support_after",
    }
    assert {day: stage(case, adviser, day) for day in told} == told


class TestCorrections:
    def test_a_directions_day_moves_its_clocks_and_the_end_of_the_one_before(
        self, case, council, direction, by
    ):
        notice = record_instrument(
            council, kind="notice", issued_on=date(2026, 8, 31), replaces=direction, **by
        )
        given = {"strand": "social-care", "detail": "As issued.", "expires_on": date(2027, 8, 1)}
        corrected = correct_instrument(notice, issued_on=date(2026, 8, 1), **given, **by, revision=1)
        direction.refresh_from_db()
        assert (corrected.issued_on, direction.lifted_on) == (date(2026, 8, 1), date(2026, 8, 1))
        assert corrected.source.dated_on == date(2026, 8, 1)
        plan = milestone(case, "improvement-plan-notice")
        assert (plan.started_on, plan.due_on) == (date(2026, 8, 1), date(2026, 11, 1))
        with pytest.raises(Stale):
            correct_instrument(notice, issued_on=date(2026, 8, 2), strand="send", **by, revision=1)
        with pytest.raises(Refused, match="before the one that it replaces"):
            correct_instrument(notice, issued_on=date(2026, 5, 1), strand="send", **by, revision=2)

    def test_the_first_directions_day_moves_the_series_of_reviews(self, case, council, direction, by):
        correct_instrument(direction, issued_on=date(2026, 6, 8), strand="social-care", **by, revision=1)
        standing = case.milestones.filter(rule__slug="progress-review-instrument", closed_on=None)
        assert standing.get().due_on == date(2026, 12, 8)

    def test_a_commissioners_day_moves_the_report(self, case, commissioner, by, adviser):
        corrected = correct_appointment(
            commissioner, from_on=date(2026, 9, 9), strand="social-care", name="Wren Dale", **by, revision=1
        )
        assert (corrected.name, corrected.from_on) == ("Wren Dale", date(2026, 9, 9))
        assert milestone(case, "commissioner-report").due_on == date(2026, 12, 9)
        assert stage(case, adviser, date(2026, 9, 8)) == "plan_due"

    def test_a_reviews_day_is_the_day_on_which_it_was_met(self, case, council, by):
        record_instrument(council, kind="notice", issued_on=date(2026, 3, 31), **by)
        made = record_decision(council, kind="sufficient", decided_on=date(2026, 10, 6), **by)
        correct_decision(
            made, decided_on=date(2026, 10, 1), strand="social-care", reasons="R", **by, revision=1
        )
        met = case.milestones.get(rule__slug="progress-review-instrument", outcome="met")
        assert met.met_on == date(2026, 10, 1)
        assert case.milestones.filter(rule__slug="progress-review-instrument", closed_on=None).count() == 1

    def test_a_closing_letters_day_is_the_day_on_which_the_case_closed(self, case, council, by, adviser):
        made = record_decision(council, kind="closing-letter", decided_on=date(2026, 10, 6), **by)
        correct_decision(made, decided_on=date(2026, 10, 1), strand="social-care", **by, revision=1)
        case.refresh_from_db()
        assert case.closed_on == date(2026, 10, 1)
        assert stage(case, adviser, date(2026, 10, 1)) == "ended"

    def test_what_came_with_the_published_record_is_corrected_there(
        self, case, council, by, published_notice
    ):
        notice = published_notice(council, date(2026, 6, 1))
        with pytest.raises(Refused, match="published record"):
            correct_instrument(notice, issued_on=date(2026, 6, 2), strand="send", **by, revision=1)

    def test_two_of_the_same_day_are_refused(self, case, council, by):
        record_decision(council, kind="sufficient", decided_on=date(2026, 10, 1), **by)
        made = record_decision(council, kind="sufficient", decided_on=date(2026, 10, 6), **by)
        with pytest.raises(Refused, match="Another of the same"):
            correct_decision(made, decided_on=date(2026, 10, 1), strand="social-care", **by, revision=1)

    def test_the_councils_people_correct_nothing(self, direction, council, today):
        approver = viewer_with(Role.COUNCIL_APPROVER, council=council, today=today)
        with pytest.raises(PermissionDenied):
            correct_instrument(
                direction, issued_on=today, strand="send", by=approver, on=today, revision=direction.revision
            )

    def test_the_end_of_what_has_changed_meanwhile_is_asked_again(self, direction, commissioner, by, today):
        with pytest.raises(Stale):
            lift_instrument(direction, lifted_on=today, **by, revision=7)
        with pytest.raises(Stale):
            end_appointment(commissioner, until_on=today, **by, revision=7)


def test_an_older_row_that_is_recorded_later_is_the_cases_first(case, council, by):
    record_instrument(council, kind="notice", issued_on=date(2025, 12, 1), **by)
    case.intervention.refresh_from_db()
    assert case.intervention.began_on == date(2025, 12, 1)
