"""My work opens with what changed since the person last looked, and moves that look only when they say so."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import looked
from accounts.models import LastLook
from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import log_contact, mark_met, move_date, reopen
from cases.models import EmbargoAccess, Source
from dashboards.changes import changes
from history.actions import record_event
from tests.dashboards.conftest import in_intervention, judged
from tests.factories import CaseFactory, CouncilFactory, MilestoneFactory, SourceFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    """Events are stamped by the database's clock, so these tests take the day as it is."""


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def adviser(region):
    return person_with(Role.PRINCIPAL_ADVISER, region=region, name="Peregrine Ash")


@pytest.fixture
def colleague(region, today):
    """Another adviser of the region, as the viewer of what they do."""
    return Viewer.of(person_with(Role.LGA_ADVISER, region=region, name="Linnet Oakes"), today)


def due(council, today, **facts):
    return MilestoneFactory(
        case=CaseFactory(council=council), due_on=today, entered_on=date(2026, 1, 1), **facts
    )


def met(milestone, by):
    return mark_met(milestone, met_on=by.today, by=by, on=by.today, revision=milestone.revision)


def seen(person, today):
    """Return the labels of what the person is told of, the latest first."""
    return [one.about.label for one in changes(viewer=Viewer.of(person, today)).changes]


def published(council, today, *, days_ago, **grades):
    """Return an inspection of so many days ago that entered the record just now."""
    inspection = judged(council, published=today - timedelta(days=days_ago), **grades)
    record_event(
        "inspection-added",
        by=Viewer.system(today),
        on=today,
        subject=inspection,
        council_code=council.la_code,
    )
    return inspection


def text_of(response):
    return " ".join(response.content.decode().split())


def test_what_others_did_is_told_with_who_and_when_the_latest_first(
    client, council, neighbour, adviser, colleague, today
):
    plan = due(council, today, label="Plan sent")
    met(due(neighbour, today, label="Report published"), colleague)
    move_date(plan, to=today + timedelta(days=9), reason="board-moved", by=colleague, on=today, revision=1)
    assert seen(adviser, today) == ["Plan sent", "Report published"]
    client.force_login(adviser)
    page = text_of(client.get("/"))
    assert "1 date moved, 1 milestone met since" in page
    assert "the improvement board moved" in page.lower() and "Linnet Oakes" in page
    assert page.index("Saltmarsh</a></h3>") < page.index("Eastmere</a></h3>")


def test_ones_own_doings_and_what_is_out_of_reach_are_left_out(council, adviser, today):
    met(due(council, today), Viewer.of(adviser, today))
    elsewhere = due(CouncilFactory(), today)
    mark_met(elsewhere, met_on=today, by=Viewer.system(today), on=today, revision=1)
    assert seen(adviser, today) == []


def test_what_was_undone_since_is_no_news(council, adviser, colleague, today):
    milestone = met(due(council, today), colleague)
    reopen(milestone, note="A mistake", by=colleague, on=today, revision=milestone.revision)
    assert seen(adviser, today) == []


def test_a_report_is_told_with_its_grade_in_its_frameworks_words_and_only_while_it_is_news(
    client, council, neighbour, adviser, today
):
    published(council, today, days_ago=20, overall="requires-improvement")
    published(neighbour, today, days_ago=200)
    client.force_login(adviser)
    page = text_of(client.get("/"))
    assert "Requires improvement to be good, published" in page
    assert "1 report or letter published since" in page


def test_a_report_without_an_overall_names_its_lowest_area(client, council, adviser, today):
    published(council, today, days_ago=20, overall=None, leaders="inadequate", form="ilacs-2026")
    client.force_login(adviser)
    assert "Not graded overall (lowest: inadequate" in text_of(client.get("/"))


def test_a_contact_is_told_to_the_lga_by_post_and_channel_and_never_by_what_was_said(
    client, council, adviser, colleague, today
):
    log_contact(
        council=council,
        contacted_on=today,
        channel="call",
        post="dcs",
        said="The plan will be late",
        nature="fact",
        retain_until=today + timedelta(days=100),
        by=colleague,
        on=today,
    )
    client.force_login(adviser)
    page = text_of(client.get("/"))
    assert "Telephone, director of children’s services" in page
    assert "The plan will be late" not in page
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
    page = text_of(client.get("/"))
    assert "Telephone" not in page and "Linnet Oakes" not in page


def test_a_case_to_confirm_or_opened_is_told_once_as_it_stands(client, council, adviser, today):
    case = CaseFactory(council=council)
    for kind in ("case-opened", "intervention-opened"):
        record_event(kind, by=Viewer.system(today), on=today, subject=case, council_code=council.la_code)
    found = changes(viewer=Viewer.of(adviser, today)).changes
    assert [one.about for one in found] == [case]


def test_an_intervention_of_years_ago_that_enters_the_record_now_is_no_news(council, adviser, today):
    late = in_intervention(council)
    late.case.intervention.began_on = today - timedelta(days=400)
    late.case.intervention.save()
    told = {"by": Viewer.system(today), "on": today, "subject": late.case, "council_code": council.la_code}
    record_event("case-opened", **told)
    assert changes(viewer=Viewer.of(adviser, today)).changes == []
    record_event("episode-confirmed", **told)
    assert len(changes(viewer=Viewer.of(adviser, today)).changes) == 1


def test_nothing_that_rests_on_a_restricted_source_is_told_to_a_named_reader_either(
    council, adviser, colleague, today
):
    source = SourceFactory(council=council)
    met(due(council, today, source=source), colleague)
    inspection = published(council, today, days_ago=1)
    record_event(
        "inspection-added",
        by=colleague,
        on=today,
        subject=inspection,
        council_code=council.la_code,
        source_id=source.pk,
    )
    assert len(changes(viewer=Viewer.of(adviser, today)).changes) == 2
    Source.objects.filter(pk=source.pk).update(access=Source.Access.EMBARGOED)
    EmbargoAccess.objects.create(source=source, person=adviser, side="lga", from_on=today)
    found = changes(viewer=Viewer.of(adviser, today)).changes
    assert [one.event.source_id for one in found] == [None]


def test_without_a_look_the_last_seven_days_are_told_as_they_happened(council, adviser, colleague, today):
    old = due(council, today, label="Long ago")
    record_event(
        "milestone-met", by=colleague, on=today - timedelta(days=8), subject=old, council_code=council.la_code
    )
    type(old).objects.filter(pk=old.pk).update(outcome="met", met_on=today, closed_on=today)
    met(due(CouncilFactory(region=council.memberships.get().region), today, label="New"), colleague)
    assert seen(adviser, today) == ["New"]
    LastLook.objects.create(person=adviser, at=timezone.now() - timedelta(hours=1))
    assert seen(adviser, today) == ["New", "Long ago"]


def test_reading_moves_nothing_and_saying_so_keeps_what_came_in_between(
    client, council, adviser, colleague, today
):
    met(due(council, today, label="First"), colleague)
    client.force_login(adviser)
    page = client.get("/")
    assert client.get("/?format=csv&table=changes").status_code == 200
    assert not LastLook.objects.exists()
    met(due(CouncilFactory(region=council.memberships.get().region), today, label="Between"), colleague)
    until = page.context["page"].changes.until
    assert client.post("/read/", {"until": until}).status_code == 302
    assert seen(adviser, today) == ["Between"]
    assert "Since you last looked" in text_of(client.get("/"))


def test_a_look_never_moves_backwards_nor_beyond_now(adviser, today):
    viewer, now = Viewer.of(adviser, today), timezone.now()
    looked(at=now, now=now, by=viewer)
    assert looked(at=now - timedelta(days=1), now=now, by=viewer).at == now
    later = now + timedelta(minutes=1)
    assert looked(at=now + timedelta(days=9), now=later, by=viewer).at == later


@pytest.mark.parametrize("until", ["", "soon", "2026-13-45T00:00:00Z", "2026-11-20T09:00:00"])
def test_a_moment_that_cannot_be_read_moves_nothing(client, adviser, until):
    client.force_login(adviser)
    assert client.post("/read/", {"until": until}).status_code == 400
    assert client.get("/read/").status_code == 405
    assert not LastLook.objects.exists()


def test_ten_are_shown_and_all_where_asked_and_in_the_download(client, council, adviser, colleague, today):
    case = CaseFactory(council=council)
    for number in range(23):
        met(MilestoneFactory(case=case, due_on=today, label=f"Thing {number}"), colleague)
    client.force_login(adviser)
    page = client.get("/")
    assert len(page.context["page"].changes.shown) == 10
    assert "See all 23" in text_of(page) and "I have read all 23" in text_of(page)
    assert len(client.get("/?changes=all").context["page"].changes.shown) == 23
    download = b"".join(client.get("/?format=csv&table=changes").streaming_content).decode()
    assert download.count("Linnet Oakes") == 23


def test_another_day_has_no_such_section(client, council, adviser, colleague, today):
    met(due(council, today), colleague)
    client.force_login(adviser)
    response = client.get("/", {"on": (today - timedelta(days=1)).isoformat()})
    assert response.context["page"].changes is None
    assert "I have read" not in text_of(response)
    asked = {"on": (today - timedelta(days=1)).isoformat(), "format": "csv", "table": "changes"}
    assert client.get("/", asked).status_code == 400


def everything_changes(council, colleague, today):
    """Let one of each kind happen to a council, by somebody else."""
    late = in_intervention(council)
    late.case.intervention.began_on = today
    late.case.intervention.save()
    milestone = MilestoneFactory(case=late.case, due_on=today)
    met(milestone, colleague)
    move_date(late, to=today + timedelta(days=9), reason="board-moved", by=colleague, on=today, revision=1)
    published(council, today, days_ago=9)
    record_event(
        "intervention-opened",
        by=Viewer.system(today),
        on=today,
        subject=late.case,
        council_code=council.la_code,
    )
    log_contact(
        council=council,
        contacted_on=today,
        channel="call",
        post="dcs",
        said="Words",
        nature="fact",
        follow_up_on=today,
        retain_until=today + timedelta(days=100),
        by=colleague,
        on=today,
    )


def test_three_councils_or_thirty_cost_the_same_queries(client, region, adviser, colleague, today):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/").context["page"]
        return len(asked), len(page.changes)

    client.force_login(adviser)
    for _ in range(3):
        everything_changes(CouncilFactory(region=region), colleague, today)
    few, told = queries()
    assert told == 15
    for _ in range(27):
        everything_changes(CouncilFactory(region=region), colleague, today)
    assert queries() == (few, 150)
    assert few <= 20
