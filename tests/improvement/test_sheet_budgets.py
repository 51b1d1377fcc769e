"""A spreadsheet costs the same number of queries for 12 actions and for 120, and a preview writes nothing."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Recommendation
from cases.uploads import read_workbook
from history.models import Event
from improvement.actions.sheets import load_sheet, preview_sheet
from improvement.models import PlannedAction
from improvement.queries.plans import read_version
from improvement.readers.plan_sheets import PlanSheet, SheetRow, read_plan_sheet
from improvement.rules.plans import as_json
from improvement.writers.plan_sheets import plan_workbook
from tests.factories import person_with
from tests.plans import make_plan

MOST_QUERIES = 45


@pytest.fixture(autouse=True)
def one_statement_a_set(monkeypatch):
    """Let SQLite take as many values in a statement as it can: Django splits a set at 999."""
    if connection.vendor == "sqlite":
        monkeypatch.setattr(connection.features, "max_query_params", 30_000)


@pytest.fixture
def by(council, today):
    return Viewer.of(person_with(Role.COUNCIL_CONTRIBUTOR, council=council), today)


@pytest.fixture
def asked(by, today):
    """Return a function that previews and loads a sheet: the statements of each, and what was loaded."""

    def ask(version, sheet):
        with CaptureQueriesContext(connection) as looked:
            preview = preview_sheet(version, sheet, by=by, on=today)
        with CaptureQueriesContext(connection) as wrote:
            loaded = load_sheet(version, sheet, digest=preview.digest, by=by, on=today)
        assert loaded == preview
        return SimpleNamespace(
            looked=[one["sql"] for one in looked], wrote=[one["sql"] for one in wrote], loaded=loaded
        )

    return ask


def out_of(version, today):
    upload = SimpleUploadedFile("plan.xlsx", plan_workbook(read_version(version, today)))
    return read_plan_sheet(read_workbook(upload))


def changed(sheet):
    """Return the sheet with every row changed and every action under the next priority."""
    titles = list(dict.fromkeys(row.values["priority"] for row in sheet.actions))
    rows = []
    for row in sheet.actions:
        values = row.values | {"due_on": date(2027, 3, 1), "recommendations": ["1", "2"]}
        values["priority"] = titles[(titles.index(values["priority"]) + 1) % len(titles)]
        values["measures"] = ["M2"]
        values.pop("outcome", None)
        rows.append(SheetRow(row.sheet, row.row, values))
    measures = [SheetRow(row.sheet, row.row, row.values | {"target": Decimal(75)}) for row in sheet.measures]
    return PlanSheet(tuple(rows), tuple(measures))


def test_new_rows_cost_the_same_for_120_actions_as_for_12(council, asked, today):
    told = []
    for actions, priorities, measures in ((12, 3, 3), (120, 7, 30)):
        sheet = out_of(make_plan(council, actions=actions, priorities=priorities, measures=measures), today)
        for row in (*sheet.actions, *sheet.measures):
            row.values["key"] = None
        empty = make_plan(council, priorities=0, actions=0, measures=0)
        told.append(asked(empty, sheet))
        assert (
            told[-1].loaded.count("added")
            == actions + priorities + measures
            == empty.actions.count() + (empty.priorities.count() + empty.measures.count())
        )
    few, many = told
    assert len(few.looked) == len(many.looked) <= MOST_QUERIES
    assert len(few.wrote) == len(many.wrote) <= MOST_QUERIES
    assert all(one.startswith("SELECT") for one in many.looked)


def test_changed_and_moved_rows_cost_the_same_for_120_actions_as_for_12(council, asked, today):
    told = []
    for actions, priorities, measures in ((12, 3, 3), (120, 7, 30)):
        version = make_plan(council, actions=actions, priorities=priorities, measures=measures)
        told.append(asked(version, changed(out_of(version, today))))
        assert told[-1].loaded.count("changed") == actions + measures
        assert {one.due_on for one in version.actions.all()} == {date(2027, 3, 1)}
        assert {one.revision for one in version.actions.all()} == {2}
        for planned in version.priorities.all():
            places = [one.place for one in planned.actions.order_by("place")]
            assert places == list(range(1, len(places) + 1))
        one = version.actions.first()
        assert [told.number for told in one.recommendations.order_by("number")] == [1, 2]
        assert one.measures.get() == version.measures.get(place=2).measure
    few, many = told
    assert len(few.looked) == len(many.looked) <= MOST_QUERIES
    assert len(few.wrote) == len(many.wrote) <= MOST_QUERIES


def test_each_row_keeps_its_event_and_the_load_one_with_counts(council, asked, by, today):
    version = make_plan(council)
    asked(version, changed(out_of(version, today)))
    kinds = list(Event.objects.filter(kind__startswith="draft-").values_list("kind", flat=True))
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "draft-action-saved": 12,
        "draft-action-moved": 12,
        "draft-measure-saved": 3,
        "draft-sheet-loaded": 1,
    }
    one = version.actions.first()
    saved = Event.objects.get(kind="draft-action-saved", subject_id=one.pk)
    assert saved.data["action"] == one.action_id and "due_on" in saved.data["fields"]
    assert saved.council_code == council.la_code and saved.by_id == by.person_id


def test_what_is_under_embargo_again_stays_where_it_was(council, asked, today):
    version = make_plan(council)
    one = version.actions.order_by("pk").first()
    hidden = one.recommendations.get()
    sheet = out_of(version, today)
    type(hidden.source).objects.filter(pk=hidden.source_id).update(access="embargoed")
    assert not read_version(version, today).recommendations
    rows = [SheetRow(row.sheet, row.row, row.values | {"recommendations": []}) for row in sheet.actions]
    asked(version, PlanSheet(tuple(rows)))
    assert list(Recommendation.objects.filter(planned_actions=one)) == [hidden]


def test_a_row_refused_leaves_nothing_behind_and_the_rest_unloaded(council, by, today):
    version = make_plan(council)
    before = as_json(read_version(version, today))
    sheet = out_of(version, today)
    rows = [
        SheetRow(row.sheet, row.row, row.values | {"start_on": date(2030, 1, 1)}) for row in sheet.actions
    ]
    preview = preview_sheet(version, PlanSheet(tuple(rows)), by=by, on=today)
    assert len(preview.problems) == 12 and not preview.lines
    assert as_json(read_version(version, today)) == before
    assert PlannedAction.objects.filter(version=version, revision=1).count() == 12
