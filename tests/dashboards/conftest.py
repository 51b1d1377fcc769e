"""Councils with judgements and cases, to show on pages. All invented; today is Friday 20 November 2026."""

from datetime import date, timedelta

import pytest
import time_machine

from cases.models import Owes
from improvement.models import Intervention, Trigger
from inspections.models import Framework, Inspection, Judgement
from tests.factories import CaseFactory, CouncilFactory, MilestoneFactory, RegionFactory

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        yield


def judged(
    council, *, overall="inadequate", leaders="inadequate", form="ilacs-2023", published=date(2026, 6, 1)
):
    """Return a published inspection of `council` with an overall (None: none) and a grade for leaders."""
    framework = Framework.objects.get(slug=form)
    inspection = Inspection.objects.create(
        council=council,
        framework=framework,
        kind=Inspection.Kind.STANDARD,
        inspected_on=published - timedelta(days=40),
        begun_on=published - timedelta(days=40),
        published_on=published,
        known_on=published,
    )
    for code, grade in {"overall": overall, "leaders": leaders, "in_care": "good"}.items():
        area = framework.areas.filter(code=code).first()
        if grade and area:
            Judgement.objects.create(inspection=inspection, area=area, grade=grade, word=grade)
    return inspection


def in_intervention(council, *, days_late=9, owes=Owes.COUNCIL, label="Written statement published"):
    """Open an intervention of `council` from a judgement, with one milestone that many days late; return it."""
    inspection = judged(council)
    case = CaseFactory(council=council, entered_on=date(2026, 6, 1))
    Intervention.objects.create(
        case=case,
        opened_from=Intervention.Opened.JUDGEMENT,
        began_on=date(2026, 6, 1),
        recorded_on=date(2026, 6, 1),
    )
    Trigger.objects.create(case=case, inspection=inspection, on=inspection.published_on)
    return MilestoneFactory(
        case=case,
        label=label,
        owes=owes,
        due_on=TODAY - timedelta(days=days_late),
        entered_on=date(2026, 6, 1),
    )


@pytest.fixture
def region(reference):
    return RegionFactory(slug="wolds", name="Wolds", record_began_on=date(2026, 1, 1))


@pytest.fixture
def council(region):
    return CouncilFactory(slug="saltmarsh", name="Saltmarsh", region=region)


@pytest.fixture
def neighbour(region):
    return CouncilFactory(slug="eastmere", name="Eastmere", region=region)
