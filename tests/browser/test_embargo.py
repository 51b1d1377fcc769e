"""An outcome under embargo is read by its named readers on its own page, and shows nowhere else at all.

Every page, download, API answer and calendar of every role is read before it is entered, after, and after the day on
which it was expected: not a letter of them differs.
"""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.actions import make_calendar_feed
from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import add_recommendations, flag_overdue
from cases.actions import name_reader as name_reader_of
from cases.models import Case
from cases.queries import working_calendars
from councils.models import Council, CouncilName
from inspections.actions import enter_inspection, import_ofsted
from inspections.models import EnteredInspection, Inspection
from tests.factories import person_with
from tests.inspections import files
from tests.test_permission_matrix import ADDRESSES, addresses

TODAY = date(2026, 7, 15)
# On site while the form still had an overall grade.
NOTIFIED, INSPECTED, ENDED = date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 27)
GRADES = {
    "Overall effectiveness": "Inadequate",
    "The impact of leaders on social work practice with children and families": "Inadequate",
    "The experiences and progress of children in care": "Requires improvement to be good",
}
OF_A_REGION = {Role.PRINCIPAL_ADVISER, Role.LGA_ADVISER}
OF_NO_COUNCIL = {Role.NATIONAL_LEAD, Role.ADMINISTRATOR}
TABLES = {
    "my-work": [""],
    "england": ["", "regions", "stages"],
    "regions": [""],
    "region": [""],
    "council": ["judgements", "visits", "intervention", "milestones"],
    "council-history": [""],
}
# Three named readers and two who see the council's cases: their downloads too, and all of it a third time.
NAMED = (Role.COUNCIL_APPROVER, Role.COUNCIL_LEADERSHIP, Role.PRINCIPAL_ADVISER)
SOME = (*NAMED, Role.LGA_ADVISER, Role.NATIONAL_LEAD)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(f"{TODAY} 09:00"):
        yield


@pytest.fixture
def holme(demonstration):
    """A council of the demonstration that is in no intervention, made one that a file can name."""
    council = Council.objects.get(slug="holme")
    Council.objects.filter(pk=council.pk).update(demonstration=False)
    CouncilName.objects.create(council=council, alias="Holme", folded="holme")
    return council


@pytest.fixture
def people(holme, demonstration):
    """A person of each role, who has to do with the council as far as the role can reach."""

    def reach(role):
        if role in OF_NO_COUNCIL:
            return {}
        return {"region": demonstration} if role in OF_A_REGION else {"council": holme}

    return {role: person_with(role, **reach(role), name=f"The {role.value}") for role in Role}


@pytest.fixture
def received():
    """The day 25 working days ago."""
    calendar = working_calendars()["england-and-wales"]
    day = TODAY - timedelta(days=35)
    while calendar.add_working_days(day, 25) < TODAY:
        day += timedelta(days=1)
    return day


def pages_of(region, council):
    """Yield the address of every page and API answer that needs no more than a region or a council."""
    for name, address in ADDRESSES.items():
        # What documents the API is the same for everybody but for a token.
        if address.argument in ("", "region", "council") and "docs" not in name:
            yield reverse(name, args=_arguments(address, region, council))
    yield "/inspections/?find-council=holme&find-day_day=9&find-day_month=9&find-day_year=2025"
    yield from (path for name in addresses() if (path := _api(name, council)))


def downloads_of(region, council):
    """Yield the address of every table of theirs, and some of their filters."""
    for name, tables in TABLES.items():
        path = reverse(name, args=_arguments(ADDRESSES[name], region, council))
        yield from (f"{path}?format=csv&table={table}".removesuffix("&table=") for table in tables)
    yield f"/regions/{region.slug}/?overdue=yes"
    yield "/england/?show=lowest&by=inspected"
    yield from (f"{path}?format=csv" for name in addresses() if (path := _api(name, council)))


def _arguments(address, region, council):
    return {"": [], "region": [region.slug], "council": [council.slug]}[address.argument]


def _api(name, council):
    if not name.startswith("api:") or "schema" in name:
        return None
    for arguments in ({}, {"slug": council.slug}):
        try:
            return reverse(name, kwargs=arguments)
        except NoReverseMatch:
            continue
    return None


# By whom and when a page is asked for: a moment at which changes were read is the moment of the request.
DIFFERS = re.compile(
    r'csrfmiddlewaretoken" value="\w+"|name="until" value="[^"]+"|nonce="[^"]+"|"request_id":"[^"]+"'
)


def read(client, path):
    response = client.get(path)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, DIFFERS.sub("", content.decode())


@pytest.fixture
def everything(people, demonstration, holme):
    """Return a function that reads all that the people of these roles can read: {(role, address): answer}."""
    clients = {role: visitor(person) for role, person in people.items()}
    paths = {role: list(pages_of(demonstration, holme)) for role in Role}
    for role in SOME:
        paths[role] += downloads_of(demonstration, holme)
        viewer = Viewer.of(people[role], TODAY)
        paths[role].append(f"/calendar/{make_calendar_feed(now=timezone.now(), by=viewer, on=TODAY)}.ics")

    def read_all(roles=tuple(Role)):
        return {(role, path): read(clients[role], path) for role in roles for path in paths[role]}

    return read_all


def differing(before, after):
    return [place for place, answer in after.items() if answer != before[place]]


def sweep():
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)


def fill_day(page, legend, day):
    group = page.get_by_role("group", name=legend)
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        group.get_by_label(part).fill(str(value))


def enter(page, received):
    """Enter the inspection as the approver does, and return the path of its page."""
    page.goto("/")
    page.get_by_role("link", name="Inspections", exact=True).click()
    page.get_by_role("button", name="Enter an inspection").click()
    page.get_by_label("Standard inspection").check()
    days = {
        "Notified": NOTIFIED,
        "First day on site": INSPECTED,
        "Last day on site": ENDED,
        "Final report or letter received": received,
        "Publication expected": TODAY + timedelta(days=3),
    }
    for legend, day in days.items():
        fill_day(page, legend, day)
    page.get_by_label("The impact of leaders").select_option("Inadequate")
    page.get_by_role("button", name="Save under embargo").click()
    # In March there still was an overall: the page asks again, and keeps what was typed.
    assert "graded under ILACS 2023" in page.locator(".govuk-error-summary").inner_text()
    for area, grade in GRADES.items():
        page.get_by_label(area).select_option(grade)
    page.get_by_role("button", name="Save under embargo").click()
    page.wait_for_url(re.compile(r"/inspections/\d+/$"))
    return page.url.removeprefix(page.evaluate("location.origin"))


def name_reader(page, name):
    page.get_by_label("Person").select_option(label=name)
    page.get_by_role("button", name="Name as a reader").click()


def due_dates(source):
    return {each.rule.slug: each.due_on for each in source.milestones.select_related("rule")}


def text_of(page):
    return page.locator("main").inner_text()


def test_an_outcome_under_embargo_is_seen_by_its_readers_on_its_own_page_and_by_nobody_anywhere_else(
    visit, people, everything, holme, received, tmp_path
):
    sweep()
    before = everything()

    window = visit(people[Role.COUNCIL_APPROVER])
    path = enter(window, received)
    assert "Under embargo: named readers only." in text_of(window)
    window.get_by_role("link", name="Name or strike readers").click()
    for role in (Role.COUNCIL_LEADERSHIP, Role.PRINCIPAL_ADVISER):
        name_reader(window, people[role].name)
    assert window.locator("h1").inner_text() == "3 named readers"
    sweep()

    adviser = visit(people[Role.PRINCIPAL_ADVISER])
    adviser.goto(path)
    assert adviser.locator("h1").inner_text() == "Standard inspection of Holme: inadequate"
    stands = adviser.get_by_role("row", name="Council publishes the report")
    assert "Due in 7 days" in stands.inner_text()
    assert "Due soon, flagged 15 July 2026" in stands.inner_text()
    assert stands.get_by_role("link", name="Mark as met").count() == 1

    entry = EnteredInspection.objects.get()
    source = entry.source
    due = due_dates(source)
    assert due["report-published"] == TODAY + timedelta(days=7)

    # Not a letter of any other page tells of it, to whomever.
    assert differing(before, everything()) == []
    window.goto(f"{path}change/")
    fill_day(window, "Publication expected", TODAY - timedelta(days=1))
    window.get_by_role("button", name="Save").click()
    assert "Expected on 14 July 2026, not confirmed: still under embargo." in text_of(window)
    sweep()
    assert differing(before, everything(SOME)) == []
    assert mail.outbox == []
    found = [
        (role, address)
        for role, person in people.items()
        for address in addresses_of(source)
        if (answer := visitor(person).get(address).status_code) != 404
        and not (answer == 200 and address == path and role in NAMED)
    ]
    assert found == []

    # Published by hand, it is everybody's, and its clocks run on.
    window.goto(path)
    window.get_by_role("link", name="Confirm publication").click()
    assert "An intervention opens for Holme" in text_of(window)
    fill_day(window, "The day it was published", TODAY - timedelta(days=1))
    window.get_by_label("Where it is published").fill("https://reports.example.org/50000001")
    window.get_by_role("button", name="Confirm publication").click()
    assert "Published on 14 July 2026." in text_of(window)
    stranger = visit(people[Role.PEER])
    stranger.goto("/councils/holme/")
    assert stranger.locator("h1").inner_text() == "Holme: inadequate"
    stranger.get_by_role("link", name=f"{INSPECTED.day} Mar 2026").click()
    assert stranger.url.endswith(path)
    assert "Milestones" not in text_of(stranger)
    case = Case.objects.get(council=holme)
    assert case.standing == Case.Standing.OPEN
    assert due_dates(source).items() >= due.items()
    assert set(source.milestones.filter(rule__slug__in=due).values_list("case", flat=True)) == {case.pk}

    # The file that tells of it later joins it.
    count = Inspection.objects.filter(council=holme).count()
    dated = due_dates(source)
    row = files.history_row("Holme", INSPECTED, TODAY - timedelta(days=1), overall="Inadequate")
    sheets = {"Cover": files.cover(TODAY), "History": [files.HISTORY, row]}
    file = files.write_ods(tmp_path / "outcomes.ods", sheets)
    result = import_ofsted(path=file, by=Viewer.of(people[Role.NATIONAL_LEAD], TODAY), on=TODAY)
    assert result.added == 0
    inspection = Inspection.objects.get(source=source)
    assert Inspection.objects.filter(council=holme).count() == count
    assert (inspection.source_rows.count(), inspection.entries.get()) == (1, entry)
    assert due_dates(source) == dated
    assert Case.objects.get(council=holme) == case
    # What was compared above does tell of what is published.
    changed = {role for role, _ in differing(before, everything((Role.NATIONAL_LEAD, Role.PEER)))}
    assert changed == {Role.NATIONAL_LEAD, Role.PEER}


def visitor(person):
    client = Client()
    client.force_login(person)
    return client


def addresses_of(source):
    """Return where it, and what rests on it, could be looked for: its own page, its milestones', the API's."""
    milestone = source.milestones.first()
    return [
        reverse("inspection", args=[source.pk]),
        reverse("milestone", args=[milestone.pk]),
        reverse("api:milestone", args=[milestone.pk]),
        reverse("api:inspection", args=[source.pk]),
        reverse("api:flag", args=[milestone.flags.first().pk if milestone.flags.exists() else 0]),
    ]


# The pages themselves: by axe, on a narrow screen, by keyboard and without a script.


@pytest.fixture
def entry(people, holme, received):
    """The inspection as its approver enters it, read by the principal adviser too, with two recommendations."""
    approver = Viewer.of(people[Role.COUNCIL_APPROVER], TODAY)
    facts = {
        "kind": "standard",
        "notified_on": NOTIFIED,
        "inspected_on": INSPECTED,
        "received_on": received,
        "expected_on": TODAY - timedelta(days=1),
        "judgements": {"overall": "inadequate", "leaders": "inadequate", "in_care": "requires-improvement"},
    }
    entry = enter_inspection(council=holme, facts=facts, by=approver, on=TODAY)
    name_reader_of(entry.source, person=people[Role.PRINCIPAL_ADVISER], by=approver, on=TODAY)
    items = [("12", "See children sooner."), ("", "Keep records of supervision.")]
    add_recommendations(entry.source, items=items, by=approver, on=TODAY)
    sweep()
    return entry


def test_axe_finds_nothing_wrong_with_any_page_of_an_inspection_nor_is_one_wider_than_a_narrow_screen(
    visit, violations, people, entry
):
    page = visit(people[Role.PRINCIPAL_ADVISER], width=320)
    own = f"/inspections/{entry.source_id}/"
    met = f"{own}milestones/{entry.source.milestones.first().pk}/met/"
    recommendation = entry.source.recommendations.first()
    forms = {
        "/inspections/?find-council=": "",
        "/inspections/?find-council=holme&find-day_day=1&find-day_month=1&find-day_year=2026": "",
        "/inspections/enter/?council=holme": "Save under embargo",
        own: "",
        f"{own}change/": "",
        f"{own}publication/": "Confirm publication",
        f"{own}readers/": "Name as a reader",
        f"{own}withdraw/": "Withdraw it",
        f"{own}recommendations/add/": "Check the list",
        met: "",
        f"/recommendations/{recommendation.pk}/change/": "",
        f"/recommendations/{recommendation.pk}/close/": "Close it",
        inspected_before(entry): "",
    }
    wrong = {}

    def look(state):
        found = violations(page)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            found.append("wider than the screen")
        if found:
            wrong[state] = found

    for address, button in forms.items():
        page.goto(address)
        look(address)
        if button:
            page.get_by_role("button", name=button).click()
            assert page.locator(".govuk-error-summary").count() == 1, address
            look(f"{address} in error")
    page.goto(f"{own}recommendations/add/")
    page.get_by_label("The list").fill("1. See children sooner. (paragraph 12)\n2. Keep records.")
    page.get_by_role("button", name="Check the list").click()
    look("a list as it was read")
    page.get_by_label("Recommendation", exact=True).first.fill("")
    page.get_by_role("button", name="Save them").click()
    assert page.get_by_role("link", name="Enter recommendation 1").count() == 1
    look("a list as it was read, in error")
    page.goto(f"{own}change/")
    fill_day(page, "Last day on site", INSPECTED - timedelta(days=1))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="The last day on site can’t be before").click()
    assert page.evaluate("document.activeElement.name") == "ended_on_day"
    look("what has happened, in error")
    page.goto(f"{own}publication/")
    page.get_by_label("Where it is published").fill("on-the-site-of-ofsted")
    page.get_by_role("button", name="Confirm publication").click()
    assert page.get_by_role("link", name="Enter a whole address").count() == 1
    look("an address that is none")
    # Somebody else has changed it since.
    for address, button in (
        (f"{own}change/", "Save"),
        (f"/recommendations/{recommendation.pk}/change/", "Save"),
    ):
        page.goto(address)
        page.locator("[name=revision]").evaluate("field => field.value = 0")
        page.get_by_role("button", name=button).click()
        assert page.locator("h1").inner_text() == "Somebody changed this while you were writing"
        look(f"{address} stale")
    assert wrong == {}


def inspected_before(entry):
    """The page of the council's published inspection."""
    published = (
        Inspection.objects.filter(council=entry.council).exclude(source=None).order_by("begun_on").last()
    )
    return reverse("inspection", args=[published.source_id])


def test_without_a_script_and_by_keyboard_a_list_is_pasted_corrected_and_saved(visit, people, entry):
    page = visit(people[Role.COUNCIL_APPROVER], scripts=False)
    page.goto(f"/inspections/{entry.source_id}/")
    page.get_by_role("link", name="Add recommendations").focus()
    page.keyboard.press("Enter")
    page.get_by_label("The list").focus()
    page.keyboard.type("See children sooner. (paragraph 12)")
    page.keyboard.press("Enter")
    page.keyboard.type("Keep records of supervision.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="2 recommendations read: check them").wait_for()
    page.get_by_label("Paragraph").nth(1).focus()
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/inspections/{entry.source_id}/")
    assert list(entry.source.recommendations.filter(number__gt=2).values_list("paragraph", "text")) == [
        ("12", "See children sooner."),
        ("20", "Keep records of supervision."),
    ]
