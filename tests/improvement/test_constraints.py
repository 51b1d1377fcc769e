"""What the database refuses of interventions, whoever asks."""

from datetime import date, timedelta

import pytest

from cases.models import Case
from improvement.models import Appointment, Decision, Instrument, Intervention, Trigger
from tests.constraints import broken
from tests.factories import CaseFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 13)


@pytest.fixture
def case(council):
    return CaseFactory(council=council)


def test_two_running_interventions_of_one_council(case):
    with broken("one_running_intervention_per_council", columns=["council_id", "kind"]):
        CaseFactory(council=case.council, standing=Case.Standing.UNCONFIRMED)


def test_two_interventions_of_one_case(case):
    values = {"case": case, "opened_from": "hand", "began_on": DAY, "recorded_on": DAY}
    Intervention.objects.create(**values)
    with broken("improvement_intervention_case_id", columns=["case_id"]):
        Intervention.objects.create(**values)


def test_an_episode_confirmed_before_it_was_recorded(case):
    with broken("episode_confirmed_once_recorded"):
        Intervention.objects.create(
            case=case,
            opened_from="record",
            began_on=DAY,
            recorded_on=DAY,
            confirmed_on=DAY - timedelta(days=1),
        )


def test_one_inspection_that_triggers_two_cases(case, council, inspect):
    inspection = inspect(council, DAY, "inadequate")
    withdrawn = Trigger.objects.create(case=case, inspection=inspection, on=DAY, withdrawn_on=DAY)
    Trigger.objects.create(case=case, inspection=inspection, on=DAY)
    withdrawn.withdrawn_on = None
    with broken("an_inspection_triggers_one_case", columns=["inspection_id"]):
        withdrawn.save()


@pytest.mark.parametrize(
    "dates", [{"issued_on": DAY}, {"lifted_on": DAY}], ids=["issued", "known by its end"]
)
def test_one_instrument_twice(council, dates):
    values = {"council": council, "kind": "notice", "recorded_on": DAY, **dates}
    Instrument.objects.create(**values)
    with broken("instrument_once"):
        Instrument.objects.create(**values)


def test_an_instrument_without_a_date(council):
    with broken("instrument_has_a_date"):
        Instrument.objects.create(council=council, kind="notice", recorded_on=DAY)


def test_an_instrument_lifted_before_it_was_issued(council):
    with broken("instrument_dates_in_order"):
        Instrument.objects.create(
            council=council, kind="notice", issued_on=DAY, lifted_on=DAY - timedelta(days=1), recorded_on=DAY
        )


def test_an_instrument_replaced_by_two(council):
    first = Instrument.objects.create(council=council, kind="notice", issued_on=DAY, recorded_on=DAY)
    values = {"council": council, "kind": "direction", "recorded_on": DAY, "replaces": first}
    Instrument.objects.create(issued_on=DAY, **values)
    with broken("improvement_instrument_replaces_id", columns=["replaces_id"]):
        Instrument.objects.create(issued_on=DAY + timedelta(days=1), **values)


def test_one_appointment_twice(council):
    values = {"council": council, "role": "commissioner", "from_on": DAY, "recorded_on": DAY}
    Appointment.objects.create(**values)
    with broken("appointment_once", columns=["council_id", "role", "from_on"]):
        Appointment.objects.create(**values)


def test_an_appointment_that_ends_before_it_begins(council):
    with broken("appointment_dates_in_order"):
        Appointment.objects.create(
            council=council, role="commissioner", from_on=DAY, until_on=DAY, recorded_on=DAY
        )


def test_one_decision_twice(council):
    values = {"council": council, "kind": "sufficient", "on": DAY, "recorded_on": DAY}
    Decision.objects.create(**values)
    with broken("decision_once", columns=["council_id", "kind", "strand", "on"]):
        Decision.objects.create(**values)
