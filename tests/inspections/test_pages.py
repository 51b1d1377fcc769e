"""The pages of inspections entered by hand: who is shown what, what is kept, logged and refused."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases import actions as case_actions
from cases.models import EmbargoView, Milestone, Recommendation, Source
from inspections import actions
from inspections.models import EnteredInspection, Framework, Inspection, Judgement
from tests.factories import CouncilFactory, RegionFactory, person_with
from tests.inspections.files import write_ods

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TODAY = date(2026, 11, 20)
RECEIVED = date(2026, 10, 16)
GRADES = {"leaders": "inadequate", "help_and_protection": "requires-improvement", "in_care": "good"}
NO_SUCH = 987654321


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        yield


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def council(region):
    return CouncilFactory(name="Saltmarsh", slug="saltmarsh", region=region)


@pytest.fixture
def approver(council):
    return person_with(Role.COUNCIL_APPROVER, council=council, name="Corin Sandpiper", post="Director")


@pytest.fixture
def leader(council):
    return person_with(Role.COUNCIL_LEADERSHIP, council=council, name="Leander Marsh", post="Lead member")


@pytest.fixture
def principal(region):
    return person_with(Role.PRINCIPAL_ADVISER, region=region, name="Peregrine Ash")


def viewer(person):
    return Viewer.of(person, TODAY)


def enter(council, by, **facts):
    told = {
        "kind": "standard",
        "notified_on": date(2026, 8, 24),
        "inspected_on": date(2026, 9, 1),
        "received_on": RECEIVED,
        "expected_on": date(2026, 11, 27),
        "judgements": GRADES,
        **facts,
    }
    return actions.enter_inspection(council=council, facts=told, by=viewer(by), on=TODAY)


@pytest.fixture
def entry(council, approver):
    return enter(council, approver)


@pytest.fixture
def read_by_the_principal(entry, approver, principal):
    case_actions.name_reader(entry.source, person=principal, by=viewer(approver), on=TODAY)


def publish(entry, by):
    return actions.confirm_publication(
        entry,
        published_on=date(2026, 11, 18),
        url="https://files.example.org/report",
        by=viewer(by),
        on=TODAY,
        revision=entry.revision,
    )


def add(source, by, *texts):
    items = [("12", text) for text in texts]
    return case_actions.add_recommendations(source, items=items, by=viewer(by), on=TODAY)


def path(name, entry, *more):
    return reverse(name, args=[entry.source_id, *more])


def day(name, value):
    return {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year}


def text(response):
    return response.content.decode()


def without_token(response):
    """The page without what differs from one answer to the next."""
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text(response))


def typed(**facts):
    """What the form of an inspection sends, as a person of November 2026 is shown it."""
    sent = {"kind": "standard", "graded_under": "ilacs-2026"}
    for name, value in facts.items():
        sent |= day(name, value) if isinstance(value, date) else {name: value}
    return sent


OF_AN_ENTRY = [
    "inspection",
    "inspection_change",
    "inspection_publication",
    "inspection_readers",
    "inspection_withdraw",
    "recommendations_add",
]


# Who is shown what


@pytest.mark.parametrize("name", OF_AN_ENTRY)
@pytest.mark.parametrize("who", ["leader", "principal"])
def test_whoever_is_not_named_finds_nothing_under_embargo_as_for_a_number_that_is_not_there(
    client, entry, name, who, request
):
    client.force_login(request.getfixturevalue(who))
    for method in (client.get, client.post):
        hidden = method(path(name, entry))
        missing = method(reverse(name, args=[NO_SUCH]))
        assert hidden.status_code == missing.status_code == 404
        assert without_token(hidden) == without_token(missing)
        assert hidden.headers.get("Cache-Control") == missing.headers.get("Cache-Control")


def test_neither_the_national_lead_nor_another_council_is_shown_it(client, entry):
    for person in (
        person_with(Role.NATIONAL_LEAD),
        person_with(Role.ADMINISTRATOR),
        person_with(Role.COUNCIL_APPROVER, council=CouncilFactory()),
    ):
        client.force_login(person)
        assert client.get(path("inspection", entry)).status_code == 404


def test_a_named_reader_who_may_only_read_is_shown_it_and_refused_every_form(client, entry, approver, leader):
    case_actions.name_reader(entry.source, person=leader, by=viewer(approver), on=TODAY)
    client.force_login(leader)
    page = client.get(path("inspection", entry))
    assert page.status_code == 200
    for name in OF_AN_ENTRY[1:]:
        assert path(name, entry) not in text(page)
        assert client.get(path(name, entry)).status_code == 403
        assert client.post(path(name, entry)).status_code == 403


def test_its_page_says_that_it_is_under_embargo_and_tells_its_readers_all_of_it(
    client, entry, principal, read_by_the_principal
):
    client.force_login(principal)
    response = client.get(path("inspection", entry))
    page = text(response)
    assert response.headers["Cache-Control"] == "no-store"
    for words in (
        "Under embargo: named readers only.",
        "Upstream shows it on this page alone",
        f"http://testserver{path('inspection', entry)}",
        "Standard inspection of Saltmarsh: not graded overall, lowest: inadequate (leaders)",
        "Expected on 27 November 2026.",
        "The clocks run from 16 October 2026",
        "Council publishes the report",
        "Requires improvement to be good",
        "2 named readers",
        "Corin Sandpiper (Director)",
    ):
        assert words in page, words


def test_an_expected_day_that_passes_changes_nothing_and_the_page_says_so(client, council, approver):
    entry = enter(council, approver, expected_on=date(2026, 11, 3))
    client.force_login(approver)
    assert "Expected on 3 November 2026, not confirmed: still under embargo." in text(
        client.get(path("inspection", entry))
    )


def test_milestones_stand_with_their_flags_in_words_and_only_who_answers_them_may_mark_them_met(
    client, entry, approver, principal, read_by_the_principal
):
    milestone = entry.source.milestones.get(rule__slug="report-published")
    Milestone.objects.filter(pk=milestone.pk).update(due_on=TODAY - timedelta(days=5))
    case_actions.flag_overdue(by=Viewer.system(TODAY), on=TODAY)
    met = path("inspection_milestone_met", entry, milestone.pk)
    client.force_login(approver)
    page = text(client.get(path("inspection", entry)))
    assert "5 days overdue" in page and "Overdue, flagged 20 November 2026" in page
    assert met not in page
    assert client.get(met).status_code == 403
    client.force_login(principal)
    assert met in text(client.get(path("inspection", entry)))
    assert client.get(met).headers["Cache-Control"] == "no-store"
    response = client.post(met, {"revision": milestone.revision, **day("met_on", TODAY), "note": ""})
    assert response.url == f"{path('inspection', entry)}#milestones"
    milestone.refresh_from_db()
    assert milestone.met_on == TODAY
    assert "Met 5 days late" in text(client.get(path("inspection", entry)))


def test_a_milestone_under_embargo_has_no_page_but_its_inspections(client, entry, approver, principal):
    milestone = entry.source.milestones.first()
    client.force_login(approver)
    assert client.get(reverse("milestone", args=[milestone.pk])).status_code == 404
    client.force_login(principal)
    assert client.get(path("inspection_milestone_met", entry, milestone.pk)).status_code == 404


def test_a_milestone_of_another_report_is_not_met_through_this_one(
    client, entry, council, approver, principal
):
    other = enter(
        council, approver, kind="focused-visit", judgements={}, priority_action=True, inspected_on=RECEIVED
    )
    for each in (entry, other):
        case_actions.name_reader(each.source, person=principal, by=viewer(approver), on=TODAY)
    client.force_login(principal)
    milestone = other.source.milestones.first()
    assert client.get(path("inspection_milestone_met", other, milestone.pk)).status_code == 200
    assert client.get(path("inspection_milestone_met", entry, milestone.pk)).status_code == 404


def test_what_is_done_under_embargo_is_told_in_no_words_that_another_page_could_show(
    client, entry, principal, read_by_the_principal
):
    milestone = entry.source.milestones.first()
    client.force_login(principal)
    sent = {"revision": milestone.revision, **day("met_on", TODAY), "note": ""}
    client.post(path("inspection_milestone_met", entry, milestone.pk), sent)
    elsewhere = text(client.get("/"))
    assert "Saved." in elsewhere
    assert milestone.label not in elsewhere and "Saltmarsh" not in elsewhere


# The log of looks


def test_every_look_of_a_named_reader_is_written_down_and_shown_to_those_who_keep_readers(
    client, entry, approver, leader
):
    case_actions.name_reader(entry.source, person=leader, by=viewer(approver), on=TODAY)
    client.force_login(leader)
    page = text(client.get(path("inspection", entry)))
    assert "Who looked at it" not in page
    client.get(path("inspection", entry))
    client.force_login(approver)
    client.get(path("inspection_change", entry))
    page = text(client.get(path("inspection", entry)))
    assert "Who looked at it: 3 looks, latest first" in page
    assert list(EmbargoView.objects.order_by("pk").values_list("person__name", flat=True)) == [
        "Leander Marsh",
        "Leander Marsh",
        "Corin Sandpiper",
        "Corin Sandpiper",
    ]


def test_a_look_that_is_refused_or_finds_nothing_is_none(client, entry, principal):
    client.force_login(principal)
    client.get(path("inspection", entry))
    assert not EmbargoView.objects.exists()


# Published


@pytest.fixture
def imported(council):
    """An inspection that a file told of."""
    form = Framework.objects.get(slug="ilacs-2023")
    source = Source.objects.create(
        council=council,
        kind=Source.Kind.INSPECTION_REPORT,
        title="ILACS standard inspection report",
        published_on=date(2025, 3, 3),
        received_on=date(2025, 3, 3),
        url="https://files.example.org/2025",
    )
    inspection = Inspection.objects.create(
        council=council,
        framework=form,
        kind="standard",
        inspected_on=date(2025, 1, 13),
        begun_on=date(2025, 1, 13),
        published_on=date(2025, 3, 3),
        known_on=date(2025, 3, 3),
        source=source,
    )
    for area in form.areas.all():
        Judgement.objects.create(inspection=inspection, area=area, grade="good", word="Good")
    return inspection


def test_a_published_one_shows_everybody_its_facts_and_nobody_out_of_scope_more(client, imported, council):
    Milestone.objects.create(
        council=council,
        source=imported.source,
        label="Next full inspection",
        owes="ofsted",
        force="window",
        due_on=date(2028, 7, 13),
        entered_on=TODAY,
    )
    Recommendation.objects.create(
        council=council, source=imported.source, number=1, text="See children sooner.", entered_on=TODAY
    )
    client.force_login(person_with(Role.PEER, council=CouncilFactory()))
    response = client.get(path("inspection", imported))
    assert "Cache-Control" not in response.headers
    page = text(response)
    for words in (
        "Standard inspection of Saltmarsh: good",
        "13 January 2025",
        "3 March 2025",
        "children in care",
    ):
        assert words in page
    assert "https://files.example.org/2025" in page
    for words in (
        "Next full inspection",
        "See children sooner",
        "Milestones",
        "Under embargo",
        "named reader",
    ):
        assert words not in page
    client.force_login(person_with(Role.COUNCIL_LEADERSHIP, council=council))
    page = text(client.get(path("inspection", imported)))
    assert "Next full inspection" in page and "See children sooner" in page
    assert not EmbargoView.objects.exists()


def test_what_only_a_file_tells_is_not_changed_by_hand_but_takes_recommendations(client, imported, approver):
    client.force_login(approver)
    for name in ("inspection_change", "inspection_publication", "inspection_withdraw", "inspection_readers"):
        assert path(name, imported) not in text(client.get(path("inspection", imported)))
        assert client.get(path(name, imported)).status_code == 404
    assert client.get(path("recommendations_add", imported)).status_code == 200


def test_everybody_reads_a_published_one_and_is_refused_what_they_may_not_write(
    client, imported, entry, approver
):
    publish(entry, approver)
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=CouncilFactory()))
    for name in ("inspection_change", "inspection_publication", "inspection_withdraw", "recommendations_add"):
        assert client.get(path(name, entry)).status_code == 403
        assert client.post(path(name, entry)).status_code == 403
    assert client.get(path("inspection_readers", entry)).status_code == 404


def test_a_source_that_is_no_inspection_has_no_page(client, council, approver):
    direction = Source.objects.create(council=council, kind=Source.Kind.DIRECTION, title="Direction")
    client.force_login(approver)
    assert client.get(reverse("inspection", args=[direction.pk])).status_code == 404


# Entering


def test_a_kind_and_one_date_are_enough_to_begin(client, council, approver):
    client.force_login(approver)
    response = client.post(reverse("inspection_enter"), typed(notified_on=date(2026, 11, 16)))
    entry = EnteredInspection.objects.get()
    assert response.url == path("inspection", entry)
    assert (entry.council, entry.kind, entry.source.access) == (council, "standard", "embargoed")
    page = text(client.get(response.url))
    assert "Standard inspection of Saltmarsh: notified on 16 November 2026" in page
    assert "No final report yet. Only the day it is received starts the clocks." in page


def test_without_a_kind_or_a_date_it_says_what_to_enter_and_keeps_what_was_typed(client, approver):
    client.force_login(approver)
    page = text(client.post(reverse("inspection_enter"), {"never_published": "on"}))
    assert "<title>Error: " in page
    assert "Select what kind of inspection or visit it is" in page
    page = text(client.post(reverse("inspection_enter"), typed()))
    assert "Enter one date at least, such as that of the call" in page
    page = text(client.post(reverse("inspection_enter"), typed(notified_on_day="31", notified_on_month="2")))
    assert "Notified must include a year" in page and 'value="31"' in page
    assert not EnteredInspection.objects.exists()


def test_what_the_action_refuses_stands_beside_its_field(client, approver):
    client.force_login(approver)
    sent = typed(inspected_on=date(2026, 9, 1), received_on=TODAY + timedelta(days=1), grade_leaders="good")
    page = text(client.post(reverse("inspection_enter"), sent))
    assert page.count("The day the final report was received must be today or earlier") == 2
    assert "id_received_on_error" in page
    sent = typed(kind="focused-visit", inspected_on=date(2026, 9, 1), grade_leaders="good")
    page = text(client.post(reverse("inspection_enter"), sent))
    assert "id_grade_leaders_error" in page
    assert '<option value="good" selected>' in page


def test_where_the_day_asks_for_other_areas_they_are_offered_with_what_was_typed(client, approver):
    client.force_login(approver)
    page = text(client.get(reverse("inspection_enter")))
    assert 'name="grade_overall"' not in page and "ILACS 2026, which gives no overall grade." in page
    sent = typed(inspected_on=date(2026, 1, 13), grade_leaders="inadequate")
    page = text(client.post(reverse("inspection_enter"), sent))
    assert (
        "An inspection of 13 January 2026 is graded under ILACS 2023: check the grades and save again" in page
    )
    assert 'name="grade_overall"' in page and 'name="graded_under" value="ilacs-2023"' in page
    assert '<option value="inadequate" selected>' in page
    assert not EnteredInspection.objects.exists()
    client.post(
        reverse("inspection_enter"), sent | {"graded_under": "ilacs-2023", "grade_overall": "inadequate"}
    )
    entry = EnteredInspection.objects.get()
    assert {area: told[0] for area, told in entry.judgements.items()} == {
        "overall": "inadequate",
        "leaders": "inadequate",
    }


def test_an_overall_typed_for_a_form_that_has_none_is_left_out_and_that_is_said(client, approver):
    client.force_login(approver)
    sent = typed(inspected_on=date(2026, 5, 12), graded_under="ilacs-2023", grade_overall="inadequate")
    page = text(client.post(reverse("inspection_enter"), sent))
    assert "It has no overall grade, so the one you chose is left out" in page


def test_a_day_before_there_was_such_an_inspection_is_refused(client, approver):
    client.force_login(approver)
    page = text(client.post(reverse("inspection_enter"), typed(inspected_on=date(2016, 9, 1))))
    assert "On this day there was no such inspection: check the year" in page


def test_of_several_councils_one_is_chosen_and_no_other(client, council, region, principal):
    neighbour = CouncilFactory(region=region)
    client.force_login(principal)
    address = reverse("inspection_enter")
    assert "Whose inspection is it?" in text(client.get(address))
    assert "Enter an inspection of Saltmarsh" in text(client.get(address, {"council": council.slug}))
    assert client.get(address, {"council": CouncilFactory().slug}).status_code == 403
    assert client.get(address, {"council": "atlantis"}).status_code == 404
    client.post(f"{address}?council={neighbour.slug}", typed(notified_on=TODAY))
    assert EnteredInspection.objects.get().council == neighbour


def test_whoever_enters_none_is_refused_and_is_not_led_there(client, council, leader):
    client.force_login(leader)
    assert client.get(reverse("inspection_enter")).status_code == 403
    home = reverse("inspections")
    assert f'href="{home}"' not in text(client.get("/"))
    page = text(client.get(home))
    assert "Enter an inspection" not in page and "Open one under embargo" in page


def test_whoever_may_enter_is_led_there_without_a_query_more(client, approver):
    client.force_login(approver)
    assert f'href="{reverse("inspections")}"' in text(client.get("/"))


# Finding one again


def find(client, council, on):
    sent = {"find-council": council.slug, **day("find-day", on)}
    return client.get(reverse("inspections"), sent)


def test_a_named_reader_finds_it_by_council_and_day_and_nobody_else_learns_that_it_is_there(
    client, entry, council, approver, leader
):
    client.force_login(approver)
    for known in (date(2026, 8, 24), date(2026, 9, 1)):
        assert find(client, council, known).url == path("inspection", entry)
    none = "There is none that you may open for this council and this day."
    assert none in text(find(client, council, date(2026, 9, 2)))
    client.force_login(leader)
    there = without_token(find(client, council, date(2026, 9, 1)))
    not_there = without_token(find(client, council, date(2025, 9, 1)))
    assert none in there
    assert there.replace("2026", "2025") == not_there.replace("2026", "2025")
    assert "Enter the day" not in text(client.get(reverse("inspections")))


def test_it_is_listed_nowhere_not_even_where_one_finds_it(client, entry, approver):
    client.force_login(approver)
    page = text(client.get(reverse("inspections")))
    assert path("inspection", entry) not in page and "1 September" not in page


# Changing, withdrawing, publishing


def facts_of(entry, **changed):
    """What the form of `entry` sends back, with what is changed."""
    told = {
        "kind": entry.kind,
        "notified_on": entry.notified_on,
        "inspected_on": entry.inspected_on,
        "received_on": entry.source.received_on,
        "expected_on": entry.expected_on,
        "revision": entry.revision,
        **{f"grade_{area}": told[0] for area, told in entry.judgements.items()},
    }
    return typed(**{name: value for name, value in (told | changed).items() if value not in (None, "")})


def test_what_happened_since_is_added_to_what_is_known(client, entry, approver):
    client.force_login(approver)
    page = text(client.get(path("inspection_change", entry)))
    assert 'value="16"' in page and '<option value="inadequate" selected>' in page
    sent = facts_of(entry, expected_on=date(2026, 12, 4), grade_care_leavers="good")
    assert client.post(path("inspection_change", entry), sent).url == path("inspection", entry)
    entry.refresh_from_db()
    assert entry.expected_on == date(2026, 12, 4)
    assert entry.judgements["care_leavers"] == ["good", "Good", False]


def test_a_stale_change_is_refused_with_both_texts_and_can_be_sent_again(client, entry, approver):
    client.force_login(approver)
    sent = facts_of(entry, expected_on=date(2026, 12, 4))
    client.post(path("inspection_change", entry), facts_of(entry, expected_on=date(2027, 1, 15)))
    response = client.post(path("inspection_change", entry), sent)
    page = text(response)
    assert response.status_code == 409
    assert response.headers["Cache-Control"] == "no-store"
    assert (
        "15 January 2027" in page
        and 'name="expected_on_month" type="text" inputmode="numeric" value="12"' in page
    )
    assert 'name="revision" value="2"' in page
    entry.refresh_from_db()
    assert entry.expected_on == date(2027, 1, 15)
    assert (
        client.post(path("inspection_change", entry), {**sent, "revision": entry.revision}).status_code == 302
    )


def test_withdrawn_with_a_reason_it_counts_for_nothing(client, entry, approver):
    client.force_login(approver)
    sent = {"revision": entry.revision}
    assert "Enter why it is withdrawn" in text(client.post(path("inspection_withdraw", entry), sent))
    client.post(path("inspection_withdraw", entry), sent | {"note": "The call was for another council"})
    page = text(client.get(path("inspection", entry)))
    assert "Withdrawn on 20 November 2026: it counts for nothing." in page
    assert path("inspection_change", entry) not in page
    late = client.post(path("inspection_change", entry), facts_of(entry, expected_on=date(2026, 12, 4)))
    assert late.status_code == 409
    assert "so this can’t be saved" in text(late) and "4 12 2026" in text(late)


def test_confirming_publication_says_what_will_happen_and_opens_it_to_everybody(client, council, approver):
    entry = enter(
        council,
        approver,
        inspected_on=date(2026, 3, 9),
        notified_on=date(2026, 3, 2),
        judgements={"overall": "inadequate", "leaders": "inadequate"},
    )
    client.force_login(approver)
    page = text(client.get(path("inspection_publication", entry)))
    assert "everybody signed in will see its dates, its outcome and the link" in page
    assert "An intervention opens for Saltmarsh" in page and "they count from 16 October 2026" in page
    sent = {"revision": entry.revision, **day("published_on", TODAY + timedelta(days=1)), "url": "ofsted"}
    page = text(client.post(path("inspection_publication", entry), sent))
    assert "Enter a whole address" in page
    sent["url"] = "https://files.example.org/report"
    page = text(client.post(path("inspection_publication", entry), sent))
    assert "The day it was published must be today or earlier" in page and "example.org/report" in page
    sent |= day("published_on", TODAY)
    assert client.post(path("inspection_publication", entry), sent).status_code == 302
    client.force_login(person_with(Role.PEER, council=CouncilFactory()))
    page = text(client.get(path("inspection", entry)))
    assert "Standard inspection of Saltmarsh: inadequate" in page and "Under embargo" not in page
    # On site and published are everybody's; the call and the day of receipt are not.
    assert "9 March 2026" in page and "20 November 2026" in page
    assert "2 March 2026" not in page and "16 October 2026" not in page
    assert "Corin Sandpiper" not in page
    client.force_login(person_with(Role.COUNCIL_LEADERSHIP, council=council))
    page = text(client.get(path("inspection", entry)))
    assert "2 March 2026" in page and "16 October 2026" in page and "Corin Sandpiper" not in page


def test_a_letter_that_will_not_be_published_stays_with_its_readers(client, council, approver, leader):
    client.force_login(approver)
    sent = typed(kind="monitoring-visit", inspected_on=date(2026, 10, 6), never_published="on")
    address = client.post(reverse("inspection_enter"), sent).url
    entry = EnteredInspection.objects.get()
    page = text(client.get(address))
    assert "Not for publication: named readers only." in page
    assert path("inspection_publication", entry) not in page
    client.force_login(leader)
    assert client.get(address).status_code == 404


# Readers


def test_readers_are_named_from_those_who_may_be_and_struck_by_who_keeps_them(
    client, entry, approver, leader, principal
):
    person_with(Role.LGA_ADVISER, region=RegionFactory(), name="Stella Stranger")
    client.force_login(approver)
    page = text(client.get(path("inspection_readers", entry)))
    assert "Leander Marsh, Lead member" in page and "Peregrine Ash" in page
    assert "Stella Stranger" not in page
    for person in (leader, principal):
        client.post(path("inspection_readers", entry), {"person": person.pk})
    page = text(client.get(path("inspection_readers", entry)))
    assert "3 named readers" in page
    struck = entry.source.readers.get(person=leader)
    not_theirs = entry.source.readers.get(person=principal)
    assert f'value="{struck.pk}"' in page and f'name="strike" value="{not_theirs.pk}"' not in page
    client.post(path("inspection_readers", entry), {"strike": struck.pk})
    assert "2 named readers" in text(client.get(path("inspection_readers", entry)))
    client.force_login(leader)
    assert client.get(path("inspection", entry)).status_code == 404


def test_the_last_who_could_name_readers_stays_and_the_page_says_why(client, entry, approver):
    client.force_login(approver)
    alone = entry.source.readers.get()
    page = text(client.post(path("inspection_readers", entry), {"strike": alone.pk, "sure": "yes"}))
    assert "is the last reader who can name others" in page
    assert "Select who is to read it" in text(client.post(path("inspection_readers", entry), {}))


def test_whoever_strikes_themselves_off_goes_back_to_where_one_finds_them(client, entry, approver, council):
    colleague = person_with(Role.COUNCIL_APPROVER, council=council)
    client.force_login(approver)
    client.post(path("inspection_readers", entry), {"person": colleague.pk})
    page = text(client.get(path("inspection_readers", entry)))
    assert "Everybody whom you may name reads it already." in page
    own = entry.source.readers.get(person=approver)
    asked = text(client.post(path("inspection_readers", entry), {"strike": own.pk}))
    own.refresh_from_db()
    assert "Strike myself off" in asked and own.until_on is None, "asked first: there is no way back"
    struck = client.post(path("inspection_readers", entry), {"strike": own.pk, "sure": "yes"})
    assert struck.url == reverse("inspections")
    assert client.get(path("inspection", entry)).status_code == 404


# Recommendations


PASTED = "1. See children sooner. (paragraph 12)\n2. Keep records of supervision. (paragraph 20)\n"


def test_one_is_typed(client, entry, approver):
    client.force_login(approver)
    address = path("recommendations_add", entry)
    page = text(client.post(address, {"way": "one", "paragraph": "12", "text": ""}))
    assert "Enter the recommendation" in page and 'value="12"' in page
    client.post(address, {"way": "one", "paragraph": "12", "text": "See children sooner."})
    assert [(one.number, one.paragraph, one.text) for one in entry.source.recommendations.all()] == [
        (1, "12", "See children sooner.")
    ]


def test_a_pasted_list_is_shown_as_it_was_read_and_corrected_before_it_is_saved(client, entry, approver):
    client.force_login(approver)
    address = path("recommendations_add", entry)
    page = text(client.post(address, {"way": "list", "pasted": PASTED}))
    assert "2 recommendations read: check them" in page
    assert "See children sooner." in page and 'name="row-1-paragraph" value="20"' in page
    assert not Recommendation.objects.exists()
    sent = {
        "way": "checked",
        "rows": "2",
        "row-0-paragraph": "12",
        "row-0-text": "",
        "row-1-text": "Corrected.",
    }
    page = text(client.post(address, sent))
    assert "Enter recommendation 1, or clear its paragraph to leave it out" in page and "Corrected." in page
    client.post(address, sent | {"row-0-paragraph": ""})
    assert [one.text for one in Recommendation.objects.all()] == ["Corrected."]
    page = text(client.post(address, {"way": "checked", "rows": "2"}))
    assert "Enter one recommendation at least" in page
    assert "Enter the list" in text(client.post(address, {"way": "list", "pasted": " "}))


@pytest.fixture
def spreadsheet(tmp_path):
    """Return a function that makes an upload of these rows."""

    def upload(*rows):
        return write_ods(tmp_path / "list.ods", {"Sheet1": rows}).open("rb")

    return upload


def test_a_spreadsheet_is_read_row_by_row_and_what_is_wrong_is_said_with_its_row(
    client, entry, approver, spreadsheet
):
    client.force_login(approver)
    address = path("recommendations_add", entry)
    heading = ("Paragraph", "Recommendation")
    good = spreadsheet(heading, (12, "See children sooner."), (20, "Keep records."))
    page = text(client.post(address, {"way": "spreadsheet", "spreadsheet": good}))
    assert "2 recommendations read: check them" in page and 'value="12"' in page
    bad = spreadsheet(heading, (12, "See children sooner."), (20, None))
    page = text(client.post(address, {"way": "spreadsheet", "spreadsheet": bad}))
    assert "row 3: It has a paragraph and no words" in page
    report = SimpleUploadedFile("report.pdf", b"%PDF")
    page = text(client.post(address, {"way": "spreadsheet", "spreadsheet": report}))
    assert "Choose a file that ends in .xlsx, .ods or .csv" in page
    assert "Choose the file" in text(client.post(address, {"way": "spreadsheet"}))
    assert not Recommendation.objects.exists()


def test_one_is_changed_closed_and_opened_again(client, entry, approver):
    (one,) = add(entry.source, approver, "See children sooner.")
    client.force_login(approver)
    change, close = (reverse(f"recommendation_{name}", args=[one.pk]) for name in ("change", "close"))
    assert "See children sooner." in text(client.get(change))
    client.post(change, {"revision": 1, "paragraph": "13", "text": "See every child sooner."})
    stale = client.post(change, {"revision": 1, "paragraph": "14", "text": "Typed with care."})
    assert stale.status_code == 409
    assert "See every child sooner." in text(stale) and "Typed with care." in text(stale)
    assert "Select what became of it" in text(client.post(close, {"revision": 2, "note": "Seen"}))
    client.post(close, {"revision": 2, "outcome": "met", "note": "Ofsted’s letter"})
    page = text(client.get(path("inspection", entry)))
    assert "1 recommendation, 0 open" in page and "Ofsted’s letter" in page and "Reopen" in page
    assert "Let it stand again" in text(client.get(close))
    client.post(close, {"revision": 3, "note": "The wrong one"})
    one.refresh_from_db()
    assert one.closed_on is None


def test_those_under_embargo_are_found_by_no_stranger_and_changed_by_no_reader(
    client, entry, approver, leader, principal
):
    (one,) = add(entry.source, approver, "See children sooner.")
    addresses = [reverse(f"recommendation_{name}", args=[one.pk]) for name in ("change", "close")]
    client.force_login(principal)
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    case_actions.name_reader(entry.source, person=leader, by=viewer(approver), on=TODAY)
    client.force_login(leader)
    assert [client.post(address).status_code for address in addresses] == [403, 403]
    client.force_login(approver)
    assert [client.get(address).headers["Cache-Control"] for address in addresses] == ["no-store"] * 2


# How much it asks


@pytest.mark.parametrize("published", [False, True])
def test_the_page_takes_as_many_queries_for_thirty_recommendations_as_for_three(
    client, entry, approver, principal, read_by_the_principal, published
):
    if published:
        publish(entry, approver)
        entry.refresh_from_db()

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path("inspection", entry)).status_code == 200
        return len(asked)

    client.force_login(principal)
    add(entry.source, approver, *(f"Recommendation {at}." for at in range(3)))
    few = queries()
    add(entry.source, approver, *(f"Recommendation {at}." for at in range(27)))
    for _ in range(10):
        client.get(path("inspection", entry))
    assert queries() == few
    assert few <= 24


def test_nobody_signed_in_is_asked_to_sign_in(client, entry):
    for name in OF_AN_ENTRY:
        assert reverse("account_login") in client.get(path(name, entry)).url
