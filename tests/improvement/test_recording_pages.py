"""The page of one intervention and the forms about it: who sees what, what they say, and that nothing typed is lost."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts.permissions import Role
from cases.models import Case
from improvement.actions import (
    ClauseGiven,
    change_clause,
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
from improvement.models import Appointment, Clause, CommissionerReport, Decision, Instrument
from tests.factories import CouncilFactory, PostHolderFactory, RegionFactory, person_with

pytestmark = pytest.mark.django_db

PUBLISHED = date(2026, 5, 13)
LETTER = {"letter": "Letter to the leader"}


@pytest.fixture(autouse=True)
def _today(today):
    with time_machine.travel(f"{today} 09:00", tick=False):
        yield


@pytest.fixture
def by(system, today):
    return {"by": system, "on": today}


@pytest.fixture
def case(council, inspect, system):
    inspect(council, PUBLISHED, "inadequate")
    open_interventions(by=system, on=PUBLISHED)
    return Case.objects.get(council=council)


@pytest.fixture
def adviser(region):
    return person_with(Role.LGA_ADVISER, region=region)


@pytest.fixture
def told(case, council, by, region):
    """One of every row."""
    direction = record_instrument(
        council, kind="direction", issued_on=date(2026, 6, 1), expires_on=date(2026, 9, 1), **by
    )
    record_clauses(
        direction, items=[ClauseGiven("3(b)", "Send a plan.", date(2026, 12, 1), recommend=True)], **by
    )
    commissioner = record_appointment(
        council, role="commissioner", name="Wren Dale", body="Dunlin Council", from_on=date(2026, 7, 1), **by
    )
    decision = record_decision(
        council, kind="keeps-control", decided_on=date(2026, 9, 1), reasons="It can.", **by
    )
    record_report(commissioner, sent_on=date(2026, 8, 1), decision=decision, **by)
    record_decision(
        council, kind="not-decided", decided_on=date(2026, 10, 1), reasons="Too early to say.", **by
    )
    record_trigger(case, kind="court", on_day=date(2026, 6, 20), **by)
    record_arrangement(council, name="Tern Trust", kind="trust", from_on=date(2026, 5, 20), **by)
    return case


def address(name, case, *rest):
    return reverse(name, args=[case.reference, *rest])


def sent(**fields):
    """Return the fields of a form as they are posted: a date as its three boxes."""
    posted = {}
    for name, value in fields.items():
        if isinstance(value, date):
            posted |= {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year}
        else:
            posted[name] = value
    return posted


def text(response):
    return " ".join(response.content.decode().split())


class TestThePage:
    def test_its_heading_is_the_stage_and_every_row_is_there(self, client, told, adviser):
        client.force_login(adviser)
        page = text(client.get(address("intervention", told)))
        council = told.council.name
        # A review held later than the minister's decision decides.
        assert f"{council}: progress reviews since 1 October 2026" in page
        for words in [
            "Inadequate overall published",
            "Court judgment",
            "In force; its stated expiry has passed",
            "1 September 2026; it ends nothing by itself",
            "3(b)",
            "Send a plan.",
            "Wren Dale",
            "Dunlin Council",
            "Council keeps control, 1 September 2026",
            "Not decided",
            "Too early to say.",
            "Tern Trust",
            "Check, 6 months after the council kept control",
            "Check, 12 months after the council kept control",
            "Recommendation 1 of this source",
        ]:
            assert words in page, words

    def test_two_strands_have_a_stage_each_in_the_heading(self, client, case, council, by, adviser):
        record_instrument(council, kind="notice", strand="send", issued_on=date(2026, 6, 1), **by)
        client.force_login(adviser)
        page = text(client.get(address("intervention", case)))
        assert "Social care, plan due since 13 May 2026; SEND, plan due since 1 June 2026" in page

    @pytest.mark.parametrize("role", [Role.COUNCIL_CONTRIBUTOR, Role.DFE_ADVISER, Role.COUNCIL_LEADERSHIP])
    def test_the_council_and_the_dfe_read_it_and_record_nothing(self, client, told, role):
        client.force_login(person_with(role, council=told.council))
        page = text(client.get(address("intervention", told)))
        assert "Too early to say." in page
        assert "/record/" not in page and "/end/" not in page and "/lift/" not in page
        assert client.get(address("decision_record", told)).status_code == 403
        assert client.post(address("decision_record", told)).status_code == 403

    def test_a_stranger_gets_404_on_every_page_of_it(self, client, told):
        client.force_login(person_with(Role.LGA_ADVISER, region=RegionFactory()))
        for url in _addresses(told):
            assert client.get(url).status_code == 404, url

    def test_what_awaits_the_dfe_is_shown_to_the_lga_alone(self, client, case, council, by, adviser):
        record_decision(council, kind="insufficient", decided_on=date(2026, 10, 20), reasons="Drift.", **by)
        client.force_login(adviser)
        page = text(client.get(address("intervention", case)))
        assert "Insufficient: DfE decision awaited." in page and "Record its decision" in page
        client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
        assert "decision awaited" not in text(client.get(address("intervention", case)))

    def test_a_conflict_is_shown_while_it_lasts(self, client, case, council, region, by, adviser):
        holme = CouncilFactory(region=region, name="Holme")
        PostHolderFactory(council=holme, name="Calla Reed")
        record_appointment(council, role="dfe-adviser", name="calla  reed", from_on=date(2026, 6, 1), **by)
        client.force_login(adviser)
        page = text(client.get(address("intervention", case)))
        assert "Has the name of the serving director of children’s services of Holme." in page
        Appointment.objects.update(until_on=date(2026, 10, 1))
        assert "serving director" not in text(client.get(address("intervention", case)))

    def test_one_to_confirm_is_answered_first(self, client, council, published_notice, by, adviser, today):
        published_notice(council, date(2026, 1, 5))
        open_interventions(by=by["by"], on=today)
        case = Case.objects.get(council=council)
        client.force_login(adviser)
        page = text(client.get(address("intervention", case)))
        assert "Say whether it is open" in page and "Record what the DfE decided" not in page
        assert client.get(address("decision_record", case)).status_code == 403

    def test_it_costs_the_same_for_one_row_and_for_many(
        self, client, told, by, adviser, django_assert_max_num_queries
    ):
        client.force_login(adviser)
        url = address("intervention", told)
        client.get(url)
        with django_assert_max_num_queries(24) as few:
            client.get(url)
        council, direction = told.council, Instrument.objects.get()
        record_clauses(
            direction, items=[ClauseGiven(f"9.{n}", "Do", date(2026, 12, 1)) for n in range(30)], **by
        )
        for day in range(1, 15):
            record_appointment(
                council, role="board-chair", name=f"Chair {day}", from_on=date(2026, 7, day), **by
            )
            record_decision(council, kind="sufficient", decided_on=date(2026, 8, day), **by)
        with django_assert_max_num_queries(24) as many:
            client.get(url)
        assert len(many) == len(few)


def _addresses(case):
    direction, commissioner = Instrument.objects.get(), Appointment.objects.get()
    of_case = ["intervention", "trigger_record", "instrument_record", "appointment_record", "review_record"]
    return [
        *(address(name, case) for name in [*of_case, "decision_record", "arrangement_record"]),
        address("instrument_lift", case, direction.pk),
        address("clauses_record", case, direction.pk),
        address("clause_change", case, Clause.objects.get().pk),
        address("appointment_end", case, commissioner.pk),
        address("report_record", case, commissioner.pk),
        address("report_change", case, CommissionerReport.objects.get().pk),
        address("arrangement_end", case, case.council.arrangements.get().pk),
        address("instrument_correct", case, direction.pk),
        address("appointment_correct", case, commissioner.pk),
        address("decision_correct", case, Decision.objects.filter(case=case).first().pk),
    ]


class TestTheForms:
    def test_each_says_that_the_decision_is_not_upstreams(self, client, told, adviser):
        client.force_login(adviser)
        for url in _addresses(told):
            response = client.get(url)
            assert response.status_code == 200, url
            if url != address("instrument_lift", told, Instrument.objects.get().pk):
                assert "Upstream decides nothing." in text(response), url

    def test_rows_of_another_case_are_not_found_under_this_one(self, client, told, region, by, adviser):
        other = open_by_hand(CouncilFactory(region=region), kind="notice", on_day=date(2026, 6, 1), **by)
        client.force_login(adviser)
        theirs = Instrument.objects.get(case=other)
        assert client.get(address("instrument_lift", told, theirs.pk)).status_code == 404
        assert client.get(address("clauses_record", told, theirs.pk)).status_code == 404

    def test_nothing_is_recorded_without_its_letter_and_what_was_typed_is_kept(self, client, case, adviser):
        client.force_login(adviser)
        given = sent(
            kind="insufficient", decided_on=date(2026, 10, 1), strand="social-care", reasons="Drift & delay."
        )
        response = client.post(address("review_record", case), given)
        assert "Enter the title of the letter, or its address" in text(response)
        assert "Drift &amp; delay." in text(response)
        assert not Decision.objects.exists()
        response = client.post(address("review_record", case), given | LETTER)
        assert response.status_code == 302 and response.url == address("intervention", case)
        made = Decision.objects.get()
        assert (made.kind, made.reasons, made.source.title, made.case) == (
            "insufficient",
            "Drift & delay.",
            "Letter to the leader",
            case,
        )

    def test_a_notice_is_recorded_with_what_it_states(self, client, case, adviser):
        client.force_login(adviser)
        given = sent(
            kind="notice",
            issued_on=date(2026, 6, 1),
            strand="social-care",
            expires_on=date(2027, 6, 1),
            plan_due_on=date(2026, 11, 16),
            **LETTER,
        )
        assert client.post(address("instrument_record", case), given).status_code == 302
        notice = Instrument.objects.get()
        plan = case.milestones.get(rule__slug="improvement-plan-notice")
        assert (notice.expires_on, plan.stated_due) == (date(2027, 6, 1), date(2026, 11, 16))
        wrong = given | {"kind": "direction", "replaces": notice.pk} | sent(issued_on=date(2026, 9, 1))
        response = client.post(address("instrument_record", case), wrong)
        assert "with the clause of the direction that states it" in text(response)
        right = {**wrong, "plan_due_on_day": "", "plan_due_on_month": "", "plan_due_on_year": ""}
        assert client.post(address("instrument_record", case), right).status_code == 302
        notice.refresh_from_db()
        assert (notice.lifted_on, notice.replaced_by.kind) == (date(2026, 9, 1), "direction")
        assert "Replaced" in text(client.get(address("intervention", case)))

    def test_replace_chooses_the_one_that_is_replaced(self, client, told, adviser):
        client.force_login(adviser)
        direction = Instrument.objects.get()
        page = text(client.get(address("instrument_record", told) + f"?replaces={direction.pk}"))
        assert f'<option value="{direction.pk}" selected>' in page

    def test_lifting_the_last_closes_the_case_and_says_so_first(self, client, told, adviser):
        client.force_login(adviser)
        url = address("instrument_lift", told, Instrument.objects.get().pk)
        assert "lifting the last one closes the case" in text(client.get(url))
        assert client.post(url, sent(lifted_on=date(2026, 11, 1), **LETTER)).status_code == 302
        told.refresh_from_db()
        assert told.closed_on == date(2026, 11, 1)
        page = text(client.get(address("intervention", told)))
        assert "ended since 1 November 2026" in page and "Closed on 1 November 2026." in page
        given = sent(kind="support-agreed", decided_on=date(2026, 11, 2), strand="social-care", **LETTER)
        assert client.post(address("decision_record", told), given).status_code == 302
        assert "support after intervention since 2 November 2026" in text(
            client.get(address("intervention", told))
        )

    def test_clauses_are_typed_one_after_another(self, client, told, adviser):
        client.force_login(adviser)
        url = address("clauses_record", told, Instrument.objects.get().pk)
        response = client.post(url, {"number": "4", "text": "Keep a board.", "owes": "council"})
        assert response.status_code == 302 and response.url == url
        page = text(client.get(url))
        assert "2 clauses recorded" in page and "Keep a board." in page
        response = client.post(url, {"number": "4", "text": "Twice.", "owes": "council"})
        assert "Clause 4 is recorded already" in text(response) and "Twice." in text(response)

    def test_two_who_correct_one_clause_see_both_texts(self, client, told, adviser, by):
        clause = Clause.objects.get()
        change_clause(clause, number="3(b)", text="Send a good plan.", **by, revision=1)
        client.force_login(adviser)
        typed = {"number": "3(b)", "text": "Send my plan.", "owes": "council", "revision": 1}
        response = client.post(address("clause_change", told, clause.pk), typed)
        assert response.status_code == 409
        assert "Send a good plan." in text(response) and "Send my plan." in text(response)
        response = client.post(address("clause_change", told, clause.pk), typed | {"revision": 2})
        assert response.status_code == 302

    def test_a_conflict_is_shown_before_it_is_recorded(self, client, case, adviser):
        client.force_login(adviser)
        given = sent(
            role="board-chair",
            from_on=date(2026, 6, 1),
            strand="social-care",
            name="Linnet Moor",
            runs_improvement_partner="on",
            **LETTER,
        )
        response = client.post(address("appointment_record", case), given)
        assert "Runs the improvement partner." in text(response) and "Record it all the same" in text(
            response
        )
        assert "Linnet Moor" in text(response) and not Appointment.objects.exists()
        given["conflict_seen"] = "Runs the improvement partner."
        assert client.post(address("appointment_record", case), given).status_code == 302
        assert Appointment.objects.get().runs_improvement_partner
        assert "Runs the improvement partner." in text(client.get(address("intervention", case)))

    def test_a_report_is_added_to_and_two_who_do_see_both(self, client, told, adviser):
        report = CommissionerReport.objects.get()
        client.force_login(adviser)
        url = address("report_change", told, report.pk)
        given = sent(
            sent_on=date(2026, 8, 1), published_on=date(2026, 9, 1), decision=report.decision_id, revision=1
        )
        assert client.post(url, given).status_code == 302
        response = client.post(url, given | {"note": "Seen."})
        assert response.status_code == 409 and "Seen." in text(response)

    def test_a_report_of_a_commissioner_is_recorded_with_one_date_or_more(self, client, told, adviser):
        client.force_login(adviser)
        url = address("report_record", told, Appointment.objects.get().pk)
        assert "Enter at least one date" in text(client.post(url, {"note": "x"}))
        given = sent(stated_due_on=date(2027, 2, 1), stated_in="the direction")
        assert client.post(url, given).status_code == 302
        assert "Commissioner’s report to the Secretary of State" in text(
            client.get(address("intervention", told))
        )

    def test_an_arrangement_is_of_one_body_and_ends(self, client, case, adviser, region):
        client.force_login(adviser)
        partner = CouncilFactory(region=region)
        url = address("arrangement_record", case)
        both = sent(from_on=date(2026, 6, 1), partner=partner.pk, name="Tern Trust", **LETTER)
        assert "Give one of the three alone" in text(client.post(url, both))
        assert "Choose a body or a council" in text(
            client.post(url, sent(from_on=date(2026, 6, 1), **LETTER))
        )
        assert client.post(url, both | {"name": ""}).status_code == 302
        made = case.council.arrangements.get()
        assert made.body.council == partner
        end = address("arrangement_end", case, made.pk)
        assert client.post(end, sent(until_on=date(2026, 9, 1), **LETTER)).status_code == 302
        assert "until 1 September 2026" in text(client.get(address("intervention", case)))

    def test_an_appointment_ends_with_its_letter(self, client, told, adviser):
        client.force_login(adviser)
        url = address("appointment_end", told, Appointment.objects.get().pk)
        assert client.post(url, sent(until_on=date(2026, 10, 5), **LETTER)).status_code == 302
        assert "until 5 October 2026" in text(client.get(address("intervention", told)))
        assert "ended already" in text(client.post(url, sent(until_on=date(2026, 10, 6), **LETTER)))


class TestCorrecting:
    def test_what_was_written_wrongly_is_corrected_and_two_who_do_see_both(self, client, told, adviser):
        client.force_login(adviser)
        direction = Instrument.objects.get()
        url = address("instrument_correct", told, direction.pk)
        page = text(client.get(url))
        assert 'value="2026"' in page and "letter" not in client.get(url).context["form"].fields
        given = sent(issued_on=date(2026, 6, 8), strand="social-care", detail="Corrected.", revision=1)
        assert client.post(url, given).status_code == 302
        assert "Issued 8 June 2026" in text(client.get(address("intervention", told)))
        response = client.post(url, given | {"detail": "Mine."})
        assert response.status_code == 409
        assert "Corrected." in text(response) and "Mine." in text(response)

    def test_a_decision_and_an_appointment_too(self, client, told, adviser):
        client.force_login(adviser)
        review = Decision.objects.get(kind="not-decided")
        url = address("decision_correct", told, review.pk)
        given = sent(decided_on=date(2026, 10, 2), strand="social-care", reasons="Not yet.", revision=1)
        assert client.post(url, given).status_code == 302
        url = address("appointment_correct", told, Appointment.objects.get().pk)
        given = sent(from_on=date(2026, 7, 2), strand="social-care", name="Wren Dale Moss", revision=1)
        assert client.post(url, given).status_code == 302
        page = text(client.get(address("intervention", told)))
        assert "Not yet." in page and "Wren Dale Moss" in page and "since 2 October 2026" in page


class TestOpening:
    def test_an_adviser_opens_one_from_a_notice(self, client, council, adviser):
        client.force_login(adviser)
        url = reverse("intervention_open", args=[council.slug])
        given = sent(kind="notice", on_day=date(2026, 8, 31), strand="social-care", **LETTER)
        assert "Select improvement notice or direction" in text(client.post(url, given))
        response = client.post(url, given | {"instrument": "direction"})
        case = Case.objects.get()
        assert response.url == address("intervention", case)
        assert Instrument.objects.get().kind == "direction"
        page = text(client.get(response.url))
        assert "opened by hand" in page
        response = client.post(url, given | {"instrument": "notice"})
        assert "is open already" in text(response)

    def test_a_visit_on_record_can_be_chosen(self, client, council, adviser, inspect):
        visit = inspect(council, date(2026, 9, 14), kind="focused-visit")
        client.force_login(adviser)
        url = reverse("intervention_open", args=[council.slug])
        assert "Focused visit, 5 August 2026" in text(client.get(url))
        given = sent(
            kind="visit", on_day=date(2026, 9, 14), strand="social-care", inspection=visit.pk, **LETTER
        )
        assert client.post(url, given).status_code == 302
        assert Case.objects.get().triggers.get().inspection == visit

    @pytest.mark.parametrize("role", [Role.COUNCIL_APPROVER, Role.DFE_ADVISER])
    def test_nobody_else_does(self, client, council, role):
        client.force_login(person_with(role, council=council))
        assert client.get(reverse("intervention_open", args=[council.slug])).status_code == 403

    def test_from_a_decision_that_is_awaited_one_comes_to_the_form_for_it(
        self, client, told, region, adviser
    ):
        client.force_login(adviser)
        record = reverse("intervention_record", args=[told.council.slug])
        assert client.get(record).url == address("decision_record", told)
        without = CouncilFactory(region=region)
        assert client.get(reverse("intervention_record", args=[without.slug])).url == reverse(
            "intervention_open", args=[without.slug]
        )


class TestTheCouncilsPage:
    def test_leads_to_the_intervention_and_an_awaited_decision_to_its_form(
        self, client, case, council, by, adviser
    ):
        record_decision(council, kind="insufficient", decided_on=date(2026, 10, 20), **by)
        client.force_login(adviser)
        page = text(client.get(council.get_absolute_url()))
        assert f'href="{address("intervention", case)}"' in page
        assert f'href="{reverse("intervention_record", args=[council.slug])}"' in page
        assert reverse("intervention_open", args=[council.slug]) not in page

    def test_offers_to_open_one_where_none_runs_to_those_who_may(self, client, council, adviser, region):
        url = reverse("intervention_open", args=[council.slug])
        client.force_login(adviser)
        assert url in text(client.get(council.get_absolute_url()))
        client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
        assert url not in text(client.get(council.get_absolute_url()))
