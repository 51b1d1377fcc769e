"""Councils and inspections for tests of interventions. All invented."""

from datetime import date, timedelta

import pytest

from accounts.viewer import Viewer
from cases.models import Case, Source
from improvement.models import Instrument
from inspections.models import Framework, Inspection, Judgement
from tests.factories import CouncilFactory, RegionFactory

TODAY = date(2026, 11, 2)


@pytest.fixture
def today():
    return TODAY


@pytest.fixture
def system(today):
    return Viewer.system(today)


@pytest.fixture
def region(reference):
    return RegionFactory(record_began_on=date(2025, 1, 1))


@pytest.fixture
def council(region):
    return CouncilFactory(region=region)


@pytest.fixture
def inspect(reference):
    """Publish an inspection: `inspect(council, day, "inadequate")`; `areas` by code for those graded apart."""

    def publish(council, published_on, overall=None, *, areas=None, kind="standard", family="ilacs", area=""):
        inspected_on = published_on - timedelta(days=40)
        framework = Framework.objects.filter(family=family).on(inspected_on).get()
        if overall and not framework.areas.filter(is_overall=True).exists():
            # An overall grade that the form of that day no longer has: inspected in the last days of the one before.
            framework = Framework.objects.get(slug="ilacs-2023")
        inspection = Inspection.objects.create(
            council=council,
            framework=framework,
            kind=kind,
            area=area,
            inspected_on=inspected_on,
            published_on=published_on,
            known_on=published_on,
            begun_on=inspected_on,
            source=Source.objects.create(
                council=council, kind="inspection-report", title="Report", published_on=published_on
            ),
        )
        grades = {"overall": overall, **(areas or {})}
        for judged in framework.areas.filter(code__in=[code for code, grade in grades.items() if grade]):
            Judgement.objects.create(
                inspection=inspection, area=judged, grade=grades[judged.code], word=grades[judged.code]
            )
        return inspection

    return publish


@pytest.fixture
def published_notice(today):
    """A notice of the published record, that no case holds."""

    def issue(council, issued_on, lifted_on=None, kind="notice", **rest):
        return Instrument.objects.create(
            council=council,
            kind=kind,
            issued_on=issued_on,
            lifted_on=lifted_on,
            partial=True,
            recorded_on=today,
            source=Source.objects.create(council=council, kind=kind, title="Notice", dated_on=issued_on),
            **rest,
        )

    return issue


@pytest.fixture
def intervention_of():
    """The one intervention of a council that runs, as its case."""

    def of(council):
        return Case.objects.get(council=council, standing__in=["open", "unconfirmed"])

    return of
