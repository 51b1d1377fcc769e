"""The pages of an update: its task list, a page per priority, check answers, sheets out and in, an owner's own."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.permissions import Role
from accounts.viewer import Viewer
from improvement.actions import updates as actions
from improvement.models import ActionReport, PlannedAction, PlanVersion, PriorityReport, Update
from improvement.queries.updates import read_asked
from tests.factories import CouncilFactory, person_with
from tests.improvement.test_updates import fill_in, opened
from tests.plans import make_plan

TODAY = date(2026, 2, 3)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(TODAY.isoformat() + "T10:00:00Z", tick=False):
        yield


@pytest.fixture
def council():
    return CouncilFactory(name="Saltmarsh")


@pytest.fixture
def version(council):
    return make_plan(council, priorities=2, actions=4, measures=2, standing=PlanVersion.Standing.APPROVED)


@pytest.fixture
def update(version):
    return opened(version, TODAY)


@pytest.fixture
def contributor(council):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def approver(council):
    return person_with(Role.COUNCIL_APPROVER, council=council)


@pytest.fixture
def signed_in(client, contributor):
    client.force_login(contributor)
    return client


def at(name, update, *more, **query):
    address = reverse(name, args=[update.plan.reference, f"{update.period_on:%Y-%m}", *more])
    return address + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def typed(page, **changes):
    """Return what a browser sends of the forms of a page, with what was typed."""
    data = {}
    for form in page.context["form"].forms:
        for field in form:
            value = field.value()
            if field.name in ("reading_on", "expected_on", "new_due_on"):
                parts = value or ("", "", "")
                if isinstance(value, date):
                    parts = (value.day, value.month, value.year)
                names = ("day", "month", "year")
                data |= {f"{field.html_name}_{part}": one for part, one in zip(names, parts, strict=True)}
            else:
                data[field.html_name] = "" if value is None else value
    return data | changes


def first(update):
    return read_asked(update, TODAY).priorities[0]


def test_the_task_list_says_how_far_it_is_and_what_is_still_needed(signed_in, update):
    page = signed_in.get(at("update", update))
    body = page.content.decode()
    assert "Your January update: 0 of 2 sections filled in" in body
    assert "2 actions without a status" in body
    assert "Cannot start yet" in body
    assert "update for January 2026 · due Friday 13 February" in body


def test_a_page_is_saved_incomplete_and_shows_what_is_missing(signed_in, update):
    priority = first(update)
    address = at("update_priority", update, priority.key)
    one, two = priority.actions
    data = typed(
        signed_in.get(address), **{f"a{one.key}-delivery": "slipping", f"a{one.key}-done": "Line\r\nline"}
    )
    page = signed_in.post(address, data, follow=True)
    report = ActionReport.objects.get(update=update)
    assert (report.action_id, report.delivery, report.done) == (one.key, "slipping", "Line\nline")
    said = "1 action without a status; 1 not on track: say why, and what brings it back"
    assert said in page.content.decode()
    assert not ActionReport.objects.filter(action=two.key).exists()


def test_who_typed_nothing_changes_nothing_even_after_somebody_else_did(signed_in, update, approver):
    priority = first(update)
    address = at("update_priority", update, priority.key)
    data = typed(signed_in.get(address), **{"whole-text": "All well"})
    other = {"delivery": "off-track", "revision": 0, "by": Viewer.of(approver, TODAY), "on": TODAY}
    actions.report_action(update, priority.actions[0].key, **other)
    assert signed_in.post(address, data).status_code == 302
    assert ActionReport.objects.get().delivery == "off-track"
    assert PriorityReport.objects.get().text == "All well"


def test_two_who_change_one_answer_get_both_texts_and_nothing_is_lost(signed_in, update, approver):
    priority = first(update)
    one, two = priority.actions
    address = at("update_priority", update, priority.key)
    mine = {f"a{one.key}-done": "What I typed", f"a{two.key}-done": "And this too"}
    data = typed(signed_in.get(address), **mine)
    other = {"done": "What they wrote", "revision": 0, "by": Viewer.of(approver, TODAY), "on": TODAY}
    actions.report_action(update, one.key, **other)
    page = signed_in.post(address, data)
    body = page.content.decode()
    assert page.status_code == 409
    for words in ("What they wrote", "What I typed", "And this too", "Nothing has been saved"):
        assert words in body
    assert ActionReport.objects.get().done == "What they wrote"
    again = typed(page)
    assert signed_in.post(address, again).status_code == 302
    assert set(ActionReport.objects.values_list("done", flat=True)) == {"What I typed", "And this too"}


def test_what_was_typed_before_it_was_sent_for_approval_is_refused_and_kept(
    client, update, contributor, council
):
    by = Viewer.of(contributor, TODAY)
    owner = person_with(Role.ACTION_OWNER, council=council)
    PlannedAction.objects.filter(version=update.version).update(owner=owner)
    priority = first(update)
    key = priority.actions[0].key
    pages = [
        (contributor, at("update_priority", update, priority.key)),
        (owner, at("update_action", update, key)),
    ]
    sent = []
    for person, address in pages:
        client.force_login(person)
        sent.append(typed(client.get(address), **{f"a{key}-done": "Typed before"}))
    fill_in(update, by)
    actions.send_update_for_approval(update, by=by, on=TODAY)
    for (person, address), data in zip(pages, sent, strict=True):
        client.force_login(person)
        page = client.post(address, data)
        body = page.content.decode()
        assert page.status_code == 200 and "It has been sent for approval" in body and "Typed before" in body
        assert client.get(address).status_code == (302 if person == contributor else 404)


def test_on_track_past_its_date_is_refused_with_the_action_named_and_what_was_typed(signed_in, update):
    planned = PlannedAction.objects.filter(version=update.version).order_by("priority__place", "place")[0]
    PlannedAction.objects.filter(pk=planned.pk).update(due_on=date(2026, 2, 1))
    priority = first(update)
    address = at("update_priority", update, priority.key)
    key = priority.actions[0].key
    mine = {f"a{key}-delivery": "on-track", f"a{key}-done": "Kept"}
    page = signed_in.post(address, typed(signed_in.get(address), **mine))
    body = page.content.decode()
    assert "Action 1.1 is past its date and not complete, so it can’t be on track" in body
    assert "Kept" in body and not ActionReport.objects.exists()


def test_no_change_is_said_with_one_press(client, update, approver):
    by = Viewer.of(approver, TODAY)
    actions.submit_update(fill_in(update, by), by=by, on=TODAY)
    with time_machine.travel("2026-03-03T10:00:00Z", tick=False):
        march = opened(update.version, date(2026, 3, 3))
        for each in read_asked(march, date(2026, 3, 3)).priorities:
            for measure in each.measures:
                given = {"value": Decimal(71), "revision": 0, "by": by, "on": date(2026, 3, 3)}
                actions.report_measure(march, measure.key, **given)
        client.force_login(approver)
        body = client.get(at("update", march)).content.decode()
        assert "Say “no change” for the 4" in body
        assert client.post(at("update", march), follow=True).status_code == 200
    assert ActionReport.objects.filter(update=march, unchanged=True).count() == 4


def test_from_contributor_to_approver_and_submitted(client, contributor, approver, update):
    fill_in(update, Viewer.of(contributor, TODAY))
    client.force_login(contributor)
    check = at("update_check", update)
    assert "Send for approval" in client.get(check).content.decode()
    assert "submit" not in client.get(check).content.decode().split("<form", 1)[1].split("</form>")[0].lower()
    client.post(check, {"do": "send"})
    assert "waits for approval" in client.get(at("update", update), follow=True).content.decode()
    client.force_login(approver)
    page = client.post(check, {"do": "back", "note": ""})
    assert "Enter what is to be mended" in page.content.decode()
    client.post(check, {"do": "back", "note": "Say more of the audit"})
    assert "Say more of the audit" in client.get(at("update", update)).content.decode()
    update.refresh_from_db()
    client.post(check, {"do": "submit", "revision": update.revision})
    body = client.get(at("update", update)).content.decode()
    assert "January 2026 update, submitted 3 February 2026" in body and "A steady month" in body
    assert client.post(at("update_correct", update)).status_code == 302
    assert Update.objects.get(number=2).standing == "draft"
    assert "correction 1" in client.get(at("update", update)).content.decode()


def test_strangers_get_404_and_readers_who_may_not_write_403(client, update, council):
    pages = [
        at("update", update),
        at("update_priority", update, first(update).key),
        at("update_check", update),
        at("update_sheet", update),
        at("update_sheet_out", update),
        reverse("plan_updates", args=[update.plan.reference]),
    ]
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=CouncilFactory()))
    assert {client.get(page).status_code for page in pages} == {404}
    client.force_login(person_with(Role.LGA_ADVISER, council=council))
    assert {client.get(page).status_code for page in pages[:5]} == {404}, "a draft is the council's own"
    client.force_login(person_with(Role.COUNCIL_LEADERSHIP, council=council))
    assert [client.get(page).status_code for page in pages] == [302, 403, 200, 403, 403, 200]
    assert client.post(pages[0]).status_code == client.post(pages[2]).status_code == 403


def test_an_owner_answers_for_their_own_action_and_sees_nothing_else(client, update, council):
    owner = person_with(Role.ACTION_OWNER, council=council)
    mine, other = PlannedAction.objects.filter(version=update.version).order_by("pk")[:2]
    PlannedAction.objects.filter(pk=mine.pk).update(owner=owner)
    client.force_login(owner)
    body = client.get(reverse("owned_actions")).content.decode()
    assert mine.text in body and other.text not in body
    assert "Your action is to be reported on" in body
    address = at("update_action", update, mine.action_id)
    page = client.get(address)
    assert other.text not in page.content.decode()
    key = f"a{mine.action_id}"
    assert client.post(address, typed(page, **{f"{key}-delivery": "on-track"})).status_code == 302
    assert ActionReport.objects.get().reported_by == owner
    assert client.get(at("update_action", update, other.action_id)).status_code == 404
    assert client.get(at("update", update)).status_code == 404
    assert "Nothing to report on your 1 action today" in client.get(reverse("owned_actions")).content.decode()


@pytest.mark.parametrize("name", ["update", "update_priority", "update_check"])
def test_a_page_costs_the_same_queries_for_12_and_120_actions(client, council, contributor, name):
    costs = []
    client.force_login(contributor)
    for size in (12, 120):
        version = make_plan(council, actions=size, measures=size // 4, standing=PlanVersion.Standing.APPROVED)
        update = opened(version, TODAY)
        more = [read_asked(update, TODAY).priorities[0].key] if name == "update_priority" else []
        address = at(name, update, *more)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 15, "\n".join(query["sql"][:150] for query in queries)


def test_a_sheet_goes_out_and_what_comes_back_is_shown_before_it_is_taken(signed_in, update):
    content = signed_in.get(at("update_sheet_out", update)).content
    rows = {}
    for place, action in enumerate(read_asked(update, TODAY).actions, 5):
        rows[place] = action
    back = filled(content, {"B3": "Head of service", "F5": "On track", "G5": 40, "I5": "Hired four people"})
    address = at("update_sheet", update)
    page = signed_in.post(address, {"sheet": back})
    body = page.content.decode()
    assert "1 answer from Head of service" in body and "Hired four people" in body
    assert not ActionReport.objects.exists()
    signed_in.post(address, {"taken": page.context["taken"]})
    report = ActionReport.objects.get()
    assert (report.delivery, report.percent, report.by_sheet) == ("on-track", 40, "Head of service")
    assert report.action_id == rows[5].key


def test_a_sheet_has_lists_locked_cells_and_says_nothing_about_a_child(signed_in, update):
    with ZipFile(BytesIO(signed_in.get(at("update_sheet_out", update)).content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        words = parts.read("xl/sharedStrings.xml").decode()
    assert "<sheetProtection" in sheet
    assert "Not started,On track,Some slippage,Off track,Reported complete" in sheet
    assert "Nothing about a child or a family" in words


def test_a_sheet_of_one_owner_asks_about_theirs_alone(signed_in, update):
    PlannedAction.objects.filter(version=update.version, place=1).update(owner_post="Head of service")
    content = signed_in.get(at("update_sheet_out", update, owner="Head of service")).content
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name("Actions").to_python()
    assert [row[3] for row in rows[4:]] == ["Head of service", "Head of service"]


def test_what_was_changed_after_a_sheet_was_read_is_not_replaced(signed_in, update, approver):
    content = signed_in.get(at("update_sheet_out", update)).content
    address = at("update_sheet", update)
    page = signed_in.post(address, {"sheet": filled(content, {"B3": "Head", "I5": "By sheet"})})
    key = read_asked(update, TODAY).actions[0].key
    other = {"done": "By hand", "revision": 0, "by": Viewer.of(approver, TODAY), "on": TODAY}
    actions.report_action(update, key, **other)
    answer = signed_in.post(address, {"taken": page.context["taken"]})
    assert answer.status_code == 409
    assert "Row 5: somebody changed this answer since the sheet was read" in answer.content.decode()
    assert ActionReport.objects.get().done == "By hand"
    assert signed_in.post(address, {"taken": "forged"}).status_code == 302


BAD = [
    ({"I5": "Jo, NHS 943 476 5919", "B3": "Head"}, None),
    ({"F5": "Splendid", "B3": "Head"}, "Row 5, column Status: “Splendid” is none of the list"),
    ({"G6": 140, "B3": "Head"}, "Row 6, column Per cent done: enter a whole number from 0 to 100"),
    ({"M5": "soon", "B3": "Head"}, "Row 5, column New date: “soon” is not a date"),
    ({"F5": "On track"}, "Row 3: beside “Filled in by” nobody’s post is written"),
    ({"A5": 999999, "B3": "Head"}, "Row 5, column Key: this line is about no action of the update"),
    ({"B1": "PLAN-1999-0001 2026-01"}, "The sheet is for PLAN-1999-0001 2026-01, not for"),
    ({"F4": "Colour"}, "Row 4, column 6: the heading should be “Status”"),
    ({"B3": "Head"}, "The sheet has no answers yet"),
    ({"G5": "=20+20", "B3": "Head"}, "hold formulas (G5)"),
]


@pytest.mark.parametrize(("cells", "said"), BAD)
def test_a_bad_sheet_is_refused_naming_row_and_column_and_changes_nothing(signed_in, update, cells, said):
    content = signed_in.get(at("update_sheet_out", update)).content
    address = at("update_sheet", update)
    page = signed_in.post(address, {"sheet": filled(content, cells)})
    if said is None:  # read well, and refused when it is to be taken
        page, said = (
            signed_in.post(address, {"taken": page.context["taken"]}),
            "what looks like an NHS number",
        )
    assert said in page.content.decode()
    assert not ActionReport.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("sheet.xlsx", b"", "The file is empty"),
        ("sheet.xlsx", b"%PDF-1.7 not a workbook", "sheet.xlsx"),
        ("sheet.exe", b"MZ", "is not a kind of file"),
        ("sheet.xlsm", b"PK\x03\x04", "is not a kind of file"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_words(signed_in, update, name, content, said):
    page = signed_in.post(at("update_sheet", update), {"sheet": SimpleUploadedFile(name, content)})
    assert page.status_code == 200 and said in page.content.decode()


def filled(content, cells):
    """Return the workbook with some of its cells filled in, as an upload: written anew from what stands in it."""
    rows = (
        CalamineWorkbook.from_filelike(BytesIO(content))
        .get_sheet_by_name("Actions")
        .to_python(skip_empty_area=False)
    )
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "d mmm yyyy"})
    sheet = book.add_worksheet("Actions")
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value != "":
                sheet.write(row, column, value)
    for place, value in cells.items():
        sheet.write(place, value)
    book.close()
    return SimpleUploadedFile("return.xlsx", out.getvalue())


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.COUNCIL_LEADERSHIP, 200),
        (Role.LGA_ADVISER, 200),
        (Role.NATIONAL_LEAD, 200),
        (Role.DFE_ADVISER, 404),
        (Role.SCRUTINY_MEMBER, 404),
        (Role.BOARD_CHAIR, 404),
        (Role.ACTION_OWNER, 404),
    ],
)
def test_who_reads_a_submitted_update_that_is_released_to_nobody(
    client, council, approver, update, role, status
):
    by = Viewer.of(approver, TODAY)
    actions.submit_update(fill_in(update, by), by=by, on=TODAY)
    reach = {} if role == Role.NATIONAL_LEAD else {"council": council}
    client.force_login(person_with(role, **reach))
    assert client.get(at("update", update)).status_code == status
    assert client.post(at("update_correct", update)).status_code == (403 if status == 200 else 404)
