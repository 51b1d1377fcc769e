"""`manage.py stage`: the derived stage, for any day of which there are rows."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.permissions import Role
from councils.models import Council
from improvement.actions import open_interventions, record_instrument
from improvement.models import Decision
from improvement.queries.stages import council_stage, record_of, stages_on
from tests.factories import CouncilFactory, RegionFactory, viewer_with

pytestmark = pytest.mark.django_db

JUDGED = date(2026, 5, 13)


def told(council, on=None, **options):
    out = StringIO()
    call_command("stage", council, on=on and on.isoformat(), stdout=out, **options)
    return out.getvalue()


def as_json(council, on):
    return json.loads(told(council, on, format="json"))


@pytest.fixture
def opened(council, inspect, system):
    inspect(council, JUDGED, "inadequate")
    open_interventions([council.pk], by=system, on=JUDGED)
    return council


def test_json_has_one_entry_for_each_strand(opened, system, today):
    record_instrument(
        opened, kind="direction", strand="send", issued_on=date(2026, 9, 1), by=system, on=today
    )
    shared = {"council": opened.slug, "on": "2026-11-02", "stage": "plan_due"}
    assert as_json(opened.la_code, today) == [
        shared
        | {
            "strand": "social-care",
            "since": "2026-05-13",
            "because": "Inadequate overall published, 13 May 2026",
        },
        shared
        | {
            "strand": "send",
            "since": "2026-09-01",
            "because": "The first row: notice or direction issued, 1 September 2026",
        },
    ]


def test_where_there_is_none_it_says_so_in_one_entry(council, today):
    assert as_json(council.slug, today) == [
        {
            "council": council.slug,
            "on": "2026-11-02",
            "strand": None,
            "stage": "none",
            "since": None,
            "because": "No row of the record tells of an intervention on that day",
        }
    ]


def test_a_start_that_is_not_known_is_null(opened, system, today):
    Decision.objects.create(
        council=opened,
        case=opened.cases.get(),
        kind="partner-council",
        on=date(2026, 9, 1),
        precision="as_at",
        strand="social-care",
        recorded_on=today,
    )
    assert as_json(opened.slug, today)[0]["since"] is None
    assert "since a day unknown" in told(opened.slug, today)


def test_text_says_the_stage_since_when_and_why(opened, today):
    words = told(opened.slug, today)
    assert "Social care: Plan due since 13 May 2026" in words
    assert "because: Inadequate overall published, 13 May 2026" in words


def test_it_is_the_stage_of_the_pages(opened, system, today):
    for on in (JUDGED - timedelta(days=1), JUDGED, today):
        slug = as_json(opened.slug, on)[0]["stage"]
        assert slug == stages_on(on, system)[opened.pk].slug == record_of(opened, system, on)[0].slug


@pytest.mark.parametrize(
    ("council", "on", "said"),
    [
        ("atlantis", None, "No council has"),
        ("halton", "2026-02-30", "not a date"),
        ("halton", "1/2/2026", "not a date"),
    ],
)
def test_what_it_cannot_read_it_says_in_one_line(reference, council, on, said):
    with pytest.raises(CommandError, match=said) as error:
        call_command("stage", council, on=on)
    assert "\n" not in str(error.value)


def test_days_before_the_record_began_have_their_stage_from_published_rows_alone(
    council, inspect, published_notice, system
):
    inspect(council, date(2019, 5, 8), "inadequate")
    notice = published_notice(council, date(2019, 5, 23), date(2020, 6, 1))
    inspect(council, date(2020, 9, 1), "good")
    days = {
        date(2019, 5, 7): "none",
        date(2019, 5, 8): "plan_due",
        date(2020, 5, 31): "plan_due",
        date(2020, 6, 1): "ended",
        date(2024, 1, 1): "ended",
    }
    assert {day: str(council_stage(council, day, system).slug) for day in days} == days
    assert council_stage(council, date(2019, 6, 1), system).standing == "none"
    notice.delete()
    # Without the notice: inadequate alone, and nothing known of how it ended once the grade was better.
    assert council_stage(council, date(2020, 8, 31), system).slug == "plan_due"
    assert council_stage(council, date(2020, 9, 1), system).slug == "none"


def test_an_episode_to_confirm_began_with_the_judgement_that_stood_when_its_notice_was_issued(
    council, inspect, published_notice, system, today
):
    inspect(council, date(2019, 5, 8), "inadequate")
    published_notice(council, date(2019, 5, 23))
    inspect(council, date(2020, 9, 1), "good")
    inspect(council, date(2021, 9, 1), "inadequate")
    inspect(council, date(2023, 9, 1), "good")
    open_interventions([council.pk], by=system, on=today)
    assert council_stage(council, date(2019, 5, 8), system).slug == "plan_due"
    now = council_stage(council, today, system)
    assert (now.standing, now.since, now.because) == (
        "to-confirm",
        date(2019, 5, 8),
        "Inadequate overall published, 1 September 2021",
    )
    assert stages_on(today, system)[council.pk].since == now.since


def test_what_stood_before_a_case_is_not_told_out_of_scope(council, inspect, today):
    inspect(council, date(2019, 5, 8), "inadequate")
    on = date(2019, 6, 1)
    stranger = viewer_with(Role.PRINCIPAL_ADVISER, region=RegionFactory(), today=today)
    assert council_stage(council, on, stranger).slug == "none"


def test_a_council_that_is_gone_or_still_to_come_has_none(reference, system):
    cumbria = Council.objects.get(slug="cumbria")
    gone = council_stage(cumbria, cumbria.until_on, system)
    assert (gone.slug, gone.because) == ("none", "Cumbria ended on 1 April 2023")
    coming = council_stage(
        CouncilFactory(name="Newham Vale", from_on=date(2026, 4, 1)), date(2026, 3, 31), system
    )
    assert coming.because == "Newham Vale began on 1 April 2026"
