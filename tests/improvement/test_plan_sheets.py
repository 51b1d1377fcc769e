"""A plan by spreadsheet: what goes out comes back as it was; what comes in is looked at, then loaded whole or not."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused
from cases.models import Recommendation, Source
from cases.uploads import read_workbook
from history.models import Event
from improvement.actions import drafting
from improvement.actions.sheets import NotLoaded, load_sheet, preview_sheet
from improvement.models import Action, PlannedAction, PlannedPriority, PlanVersion
from improvement.queries.plans import read_version
from improvement.readers.plan_sheets import (
    ACTIONS,
    MEASURES,
    MOST_ACTIONS,
    MOST_MEASURES,
    as_plain,
    from_plain,
    read_plan_sheet,
)
from improvement.rules.plans import as_json
from improvement.writers.plan_sheets import plan_workbook
from tests.factories import RecommendationFactory, SourceFactory, person_with
from tests.improvement.sheets import HEADINGS, table, workbook
from tests.plans import make_plan

ROW = (
    "Leadership",
    "Leaders know",
    "1; 2",
    "Hold a weekly meeting",
    "Head of service",
    date(2026, 1, 12),
    date(2026, 6, 30),
    "Decisions are timely",
    "measures; audit",
    "",
)


@pytest.fixture
def version(council):
    return make_plan(council)


@pytest.fixture
def empty(council):
    return make_plan(council, priorities=0, actions=0, measures=0)


@pytest.fixture
def person(council):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def by(person, today):
    return Viewer.of(person, today)


def sheet_of(*rows, headings=HEADINGS):
    return read_plan_sheet(read_workbook(workbook([headings, *rows])))


def problems(preview):
    return [f"{one.where}: {one.message}" for one in preview.problems]


@pytest.fixture
def load(by, today):
    return lambda version, *rows, **rest: load_sheet(version, sheet_of(*rows, **rest), by=by, on=today)


@pytest.fixture
def look(by, today):
    return lambda version, *rows, **rest: preview_sheet(version, sheet_of(*rows, **rest), by=by, on=today)


class TestOutAndIn:
    def test_a_version_that_went_out_comes_back_without_a_change(self, version, by, today):
        before = as_json(read_version(version, today))
        out = SimpleUploadedFile("plan.xlsx", plan_workbook(read_version(version, today)))
        sheet = read_plan_sheet(read_workbook(out))
        assert (len(sheet.actions), len(sheet.measures), sheet.problems, sheet.notes) == (12, 3, (), ())
        loaded = load_sheet(version, sheet, by=by, on=today)
        assert (loaded.count("added"), loaded.count("changed"), loaded.count("same")) == (0, 0, 15)
        assert as_json(read_version(version, today)) == before
        assert not Event.objects.filter(kind="draft-sheet-loaded").exists()

    def test_it_comes_back_into_an_empty_plan_with_everything_it_says(
        self, council, version, empty, by, today
    ):
        empty.plan.recommendations.set(version.plan.recommendations.all())
        document = read_version(version, today)
        out = SimpleUploadedFile("plan.xlsx", plan_workbook(document))
        sheet = read_plan_sheet(read_workbook(out))
        for row in (*sheet.actions, *sheet.measures):
            row.values["key"] = None
        load_sheet(empty, sheet, by=by, on=today)
        made = read_version(empty, today)
        said = [
            (
                a.number,
                a.text,
                a.owner_post,
                a.start_on,
                a.due_on,
                a.success,
                a.by_measures,
                a.recommendations,
            )
            for a in made.actions
        ]
        assert said == [
            (
                a.number,
                a.text,
                a.owner_post,
                a.start_on,
                a.due_on,
                a.success,
                a.by_measures,
                a.recommendations,
            )
            for a in document.actions
        ]
        assert [(p.title, p.outcome) for p in made.priorities] == [
            (p.title, p.outcome) for p in document.priorities
        ]
        kept = (
            "name",
            "unit",
            "baseline",
            "baseline_on",
            "target",
            "target_on",
            "tolerance",
            "polarity",
            "frequency",
        )
        assert [[getattr(m, k) for k in kept] for m in made.measures] == [
            [getattr(m, k) for k in kept] for m in document.measures
        ]
        assert [len(a.measures) for a in made.actions] == [len(a.measures) for a in document.actions]

    def test_text_that_begins_like_a_formula_stays_text(self, version, today):
        row = version.actions.first()
        PlannedAction.objects.filter(pk=row.pk).update(text="=1+1", success="@SUM(A1)", resources="-2 posts")
        out = SimpleUploadedFile("plan.xlsx", plan_workbook(read_version(version, today)))
        [actions] = [one for one in read_workbook(out) if one.name == "Actions"]
        assert actions.formulas == ()
        cells = actions.rows[1]
        assert {"=1+1", "@SUM(A1)", "-2 posts"} <= set(cells)

    def test_the_empty_one_has_instructions_and_can_be_filled_in(self, client, person):
        client.force_login(person)
        response = client.get(reverse("plan_sheet_empty"))
        assert response["Content-Disposition"] == 'attachment; filename="upstream-plan-empty.xlsx"'
        sheets = read_workbook(SimpleUploadedFile("empty.xlsx", response.content))
        assert [one.name for one in sheets] == ["Instructions", "Actions", "Measures"]
        assert sheets[1].rows[0][:5] == ["No", "Priority", "Outcome", "Recommendations", "Action"]
        with pytest.raises(Refused, match="headings and no rows"):
            read_plan_sheet(sheets)


class TestLoading:
    def test_a_row_becomes_an_action_with_its_priority(self, empty, load, today):
        load(empty, ROW)
        [planned] = empty.actions.all()
        assert (planned.priority.title, planned.priority.outcome) == ("Leadership", "Leaders know")
        assert (planned.text, planned.owner_post) == ("Hold a weekly meeting", "Head of service")
        assert (planned.start_on, planned.due_on) == (date(2026, 1, 12), date(2026, 6, 30))
        assert (planned.by_measures, planned.by_audit, planned.by_voice) == (True, True, False)
        assert [one.number for one in planned.recommendations.all()] == [1, 2]
        event = Event.objects.get(kind="draft-sheet-loaded")
        assert event.data["added"] == 2 and event.council_code == empty.plan.council.la_code

    def test_the_same_twice_adds_nothing(self, empty, load):
        load(empty, ROW)
        again = load(empty, ROW)
        assert again.count("added") == 0 and empty.actions.count() == 1
        assert PlannedPriority.objects.filter(version=empty).count() == 1

    def test_headings_of_a_real_plan_are_understood_and_the_others_named(self, empty, load, by, today):
        headings = ("No", "Ofsted para no", "Theme", "Action", "Lead", "By when", "Progress", "R/A/G")
        sheet = sheet_of(
            (
                "1.1",
                "2",
                "Practice",
                "Audit ten cases",
                "Principal social worker",
                "30 June 2026",
                "Begun",
                "A",
            ),
            headings=headings,
        )
        load_sheet(empty, sheet, by=by, on=today)
        [planned] = empty.actions.all()
        assert (planned.owner_post, planned.due_on) == ("Principal social worker", date(2026, 6, 30))
        assert [one.number for one in planned.recommendations.all()] == [2]
        assert sheet.notes == ("Not read in the sheet “Actions”: the columns “Progress” and “R/A/G”.",)

    def test_under_a_heading_of_paragraphs_a_number_is_a_paragraph(self, empty, load, look):
        one, two = empty.plan.recommendations.all()[:2]
        Recommendation.objects.filter(pk=one.pk).update(paragraph="2")
        Recommendation.objects.filter(pk=two.pk).update(paragraph="14")
        rows = [("Practice", "2", "Audit"), ("Practice", "para 14", "Visit")]
        load(empty, *rows, headings=("Priority", "Ofsted para no", "Action"))
        assert [action.recommendations.get() for action in empty.actions.all()] == [one, two]
        [problem] = problems(
            look(empty, ("Practice", "1", "Meet"), headings=("Priority", "Paragraph", "Action"))
        )
        assert "answers no recommendation “para 1”" in problem

    def test_a_changed_row_changes_that_action_alone_and_a_missing_column_nothing(self, version, load):
        first, second = version.actions.order_by("priority__place", "place")[:2]
        headings = ("Priority", "Action", "Owner", "Due", "Id")
        done = load(
            version,
            (first.priority.title, "Do it better", "", date(2026, 12, 1), first.action_id),
            headings=headings,
        )
        first.refresh_from_db()
        assert (first.text, first.owner_post, first.due_on) == ("Do it better", "", date(2026, 12, 1))
        assert first.success and first.revision == 2 and first.recommendations.count() == 1
        [line] = done.lines
        assert line.outcome == "changed" and ("Owner", "Assistant director", "") in line.changes
        second.refresh_from_db()
        assert second.revision == 1 and version.actions.count() == 12

    def test_a_row_under_another_priority_moves(self, version, load):
        one = version.actions.order_by("priority__place", "place").first()
        load(version, ("Priority 3", one.text, one.action_id), headings=("Priority", "Action", "Id"))
        one.refresh_from_db()
        assert one.priority.title == "Priority 3" and one.place == 5

    def test_a_priority_renamed_in_all_its_rows_stays_the_same_priority(self, version, load):
        home = version.priorities.first()
        rows = [("A new name", one.text, one.action_id) for one in home.actions.all()]
        load(version, *rows, headings=("Priority", "Action", "Id"))
        home.refresh_from_db()
        assert home.title == "A new name" and version.priorities.count() == 3

    def test_measures_come_with_their_numbers_and_actions_refer_to_them(self, empty, by, today):
        def more(book, sheet):
            measures = book.add_worksheet("Measures")
            for row, cells in enumerate(
                [
                    ("No", "Measure", "Priority", "Baseline", "Target", "Better", "Frequency", "Target date"),
                    ("M7", "Visits in time", "Practice", 61.5, "90%", "Higher", "monthly", "31/3/27"),
                ]
            ):
                measures.write_row(row, 0, cells)

        upload = workbook(
            [("Priority", "Action", "Measures"), ("Practice", "Visit in time", "M7")], more=more
        )
        load_sheet(empty, read_plan_sheet(read_workbook(upload)), by=by, on=today)
        [measure] = empty.measures.all()
        assert (measure.baseline, measure.target, measure.polarity) == (
            Decimal("61.5"),
            Decimal("90"),
            "higher",
        )
        assert measure.target_on == date(2027, 3, 31) and measure.priority.title == "Practice"
        assert list(empty.actions.get().measures.all()) == [measure.measure]

    def test_with_two_sources_a_number_that_both_have_must_say_which(self, empty, council, look, load):
        source = SourceFactory(
            council=council, kind=Source.Kind.PEER_REVIEW, title="Review", dated_on=date(2026, 2, 1)
        )
        other = RecommendationFactory(council=council, source=source, number=1, paragraph="31", text="Meet")
        empty.plan.recommendations.add(other)
        row = lambda said: ("P", "", said, "Do", "", None, None, "", "", "")  # noqa: E731
        assert problems(look(empty, row("1"))) == [
            "Actions, row 2, Recommendations: “1” may be A1 or B1: write which."
        ]
        for said in ("B1", "para 31", "31"):
            assert problems(look(empty, row(said))) == []
        load(empty, row("A1; B1"))
        assert empty.actions.get().recommendations.count() == 2

    def test_a_csv_with_semicolons_in_windows_1252_is_read(self, empty, by, today):
        text = "Priority;Action;Due\nEarly help;Open the café – “today”;1.3.2026\n"
        sheet = read_plan_sheet(read_workbook(table(text, encoding="cp1252")))
        load_sheet(empty, sheet, by=by, on=today)
        planned = empty.actions.get()
        assert (planned.text, planned.due_on) == ("Open the café – “today”", date(2026, 3, 1))


class TestProblems:
    def test_each_is_named_by_row_and_column_with_a_remedy_and_nothing_is_loaded(
        self, empty, look, by, today
    ):
        rows = [
            ("Practice", "", "", "Fine", "", None, None, "", "", ""),
            ("Practice", "", "9", "No such recommendation", "", None, None, "", "", ""),
            ("Practice", "", "", "Bad date", "", None, "Ongoing", "", "", ""),
            ("Practice", "", "", "Bad order", "", date(2026, 5, 1), date(2026, 4, 1), "", "", ""),
            ("Practice", "", "", "Bad kind", "", None, None, "", "minutes", ""),
            ("", "", "", "No priority", "", None, None, "", "", ""),
            ("Practice", "", "", "", "An owner alone", None, None, "", "", ""),
            ("Practice", "", "", "x" * 4001, "", None, None, "", "", ""),
            ("Practice", "", "", "About Ann Other, born 12/3/2014", "", None, None, "", "", ""),
        ]
        found = look(empty, *rows)
        assert sorted(problems(found)) == sorted(
            [
                "Actions, row 3, Recommendations: The plan answers no recommendation “9”. Write one of those that it "
                "answers (1, 2, 3, 4), or choose it into the plan first.",
                "Actions, row 4, column G (Due): “Ongoing” is not a date: write a day such as 12/01/2026, or leave it "
                "empty.",
                "Actions, row 5, Due: The due date must not be before the start.",
                "Actions, row 6, column I (Evidence): “minutes” is not a kind of evidence: write measures, audit or "
                "voice.",
                "Actions, row 7, Priority: Enter the priority: its title, in every row.",
                "Actions, row 8, Action: Enter what is to be done, or empty the row.",
                "Actions, row 9, Action: Shorten what is to be done to 4,000 characters or fewer.",
                "Actions, row 10, Action: This holds what looks like a date of birth. Refer to the case by its "
                "reference only.",
            ]
        )
        with pytest.raises(NotLoaded):
            load_sheet(empty, sheet_of(*rows), by=by, on=today)
        assert not empty.actions.exists() and not empty.priorities.exists() and not Action.objects.exists()

    def test_a_preview_changes_nothing(self, empty, look):
        assert look(empty, ROW).count("added") == 2
        assert not empty.actions.exists() and not Event.objects.filter(kind__startswith="draft-").exists()

    def test_an_id_of_elsewhere_or_twice_is_named(self, version, look):
        one = version.actions.first()
        headings = ("Priority", "Action", "Id")
        said = problems(
            look(
                version,
                ("Priority 1", "A", one.action_id),
                ("Priority 1", "B", one.action_id),
                ("Priority 1", "C", 999999),
                ("Priority 1", "D", "see above"),
                headings=headings,
            )
        )
        assert any("row 3, Id: Row 2 has the same Id" in each for each in said)
        assert any("row 4, Id: No row of this draft has this Id" in each for each in said)
        assert any("“see above” is not an Id" in each for each in said)

    def test_two_outcomes_of_one_priority_are_a_problem(self, empty, look):
        rows = [("P", "One", "", "A"), ("P", "Two", "", "B")]
        assert problems(look(empty, *rows, headings=HEADINGS[:4])) == [
            "Actions, row 3, Outcome: Priority “P” has another outcome above."
        ]

    def test_what_changed_meanwhile_is_shown_again_and_not_loaded(self, version, by, today):
        one = version.actions.first()
        sheet = sheet_of(("Priority 1", "Better", one.action_id), headings=("Priority", "Action", "Id"))
        digest = preview_sheet(version, sheet, by=by, on=today).digest
        drafting.save_action(one, revision=1, text="Changed by somebody", by=by, on=today)
        with pytest.raises(NotLoaded):
            load_sheet(version, sheet, digest=digest, by=by, on=today)
        one.refresh_from_db()
        assert one.text == "Changed by somebody"

    def test_only_a_draft_takes_one_and_only_from_who_drafts(self, version, council, today, by):
        with pytest.raises(PermissionDenied):
            reader = Viewer.of(person_with(Role.COUNCIL_LEADERSHIP, council=council), today)
            preview_sheet(version, sheet_of(ROW), by=reader, on=today)
        PlanVersion.objects.filter(pk=version.pk).update(standing="approved", approved_on=today)
        with pytest.raises(Refused, match="can’t change"):
            load_sheet(version, sheet_of(ROW), by=by, on=today)

    def test_what_is_carried_from_preview_to_confirmation_is_what_was_read(self, version, today):
        out = SimpleUploadedFile("plan.xlsx", plan_workbook(read_version(version, today)))
        sheet = read_plan_sheet(read_workbook(out))
        carried = from_plain(as_plain(sheet))
        assert (carried.actions, carried.measures) == (sheet.actions, sheet.measures)


class TestPages:
    def address(self, version, name="plan_sheet"):
        return reverse(name, args=[version.plan.reference, version.number])

    def test_a_person_uploads_looks_and_loads(self, client, person, empty):
        client.force_login(person)
        page = client.post(self.address(empty), {"upload": workbook([HEADINGS, ROW])})
        text = page.content.decode()
        assert "It would add 2 rows and change 0 rows" in text and not empty.actions.exists()
        assert "Hold a weekly meeting" in text and "Decisions are timely" in text
        token = page.context["token"]
        done = client.post(self.address(empty), {"preview": token}, follow=True)
        assert "The spreadsheet was loaded: 2 rows added, 0 rows changed." in done.content.decode()
        assert empty.actions.count() == 1
        # Sent again: it would do something else now, so nothing is done twice.
        again = client.post(self.address(empty), {"preview": token})
        assert again.status_code == 409 and "The draft says all of this already" in again.content.decode()
        assert empty.actions.count() == 1

    def test_what_was_not_signed_here_or_for_somebody_else_is_not_loaded(
        self, client, person, empty, council
    ):
        client.force_login(person)
        token = client.post(self.address(empty), {"upload": workbook([HEADINGS, ROW])}).context["token"]
        for forged in ("x", token[:-2]):
            page = client.post(self.address(empty), {"preview": forged})
            assert "Upload the spreadsheet again" in page.content.decode()
        client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
        assert "no longer known" in client.post(self.address(empty), {"preview": token}).content.decode()
        assert not empty.actions.exists()

    def test_problems_are_listed_and_cannot_be_confirmed(self, client, person, empty):
        client.force_login(person)
        row = (*ROW[:6], "Ongoing", *ROW[7:])
        page = client.post(self.address(empty), {"upload": workbook([HEADINGS, row])})
        text = page.content.decode()
        assert (
            "1 thing to put right before it can be loaded" in text
            and "Actions, row 2, column G (Due)" in text
        )
        assert "Load it into the draft" not in text

    def test_a_file_that_is_none_is_refused_beside_its_field(self, client, person, empty):
        client.force_login(person)
        page = client.post(
            self.address(empty), {"upload": SimpleUploadedFile("plan.xlsx", b"<html>")}
        ).content.decode()
        assert "“plan.xlsx” is not an Excel workbook, whatever its name says" in page
        assert "Choose a file" in client.post(self.address(empty), {}).content.decode()

    @pytest.mark.parametrize(
        ("role", "page", "out"),
        [
            (Role.COUNCIL_APPROVER, 200, 200),
            (Role.COUNCIL_LEADERSHIP, 403, 200),
            (Role.LGA_ADVISER, 404, 404),
            (Role.SCRUTINY_MEMBER, 404, 404),
        ],
    )
    def test_who_may_see_it(self, client, council, version, role, page, out):
        client.force_login(person_with(role, council=council))
        assert client.get(self.address(version)).status_code == page
        assert client.get(self.address(version, "plan_sheet_out")).status_code == out

    def test_a_versions_own_is_a_workbook(self, client, person, version):
        client.force_login(person)
        response = client.get(self.address(version, "plan_sheet_out"))
        assert io.BytesIO(response.content).read(2) == b"PK"
        assert f"{version.plan.reference}-version-1.xlsx" in response["Content-Disposition"]

    def test_a_version_that_no_longer_changes_says_so(self, client, person, version, today):
        PlanVersion.objects.filter(pk=version.pk).update(standing="approved", approved_on=today)
        client.force_login(person)
        page = client.get(self.address(version)).content.decode()
        assert "can’t change any more" in page and "See what it would change" not in page

    def test_a_plan_is_started_from_a_spreadsheet_and_leads_straight_to_its_page(
        self, client, person, council
    ):
        client.force_login(person)
        start = reverse("plan_start", args=[council.slug])
        assert "A spreadsheet: a plan that you have written already" in client.get(start).content.decode()
        page = client.post(start, {"title": "Ours", "start": "sheet"}, follow=True)
        made = PlanVersion.objects.get(plan__title="Ours")
        assert page.redirect_chain == [(self.address(made), 302)]
        text = page.content.decode()
        assert "The plan answers no recommendation yet" in text
        assert reverse("plan_recommendations", args=[made.plan.reference]) in text
        version_page = client.get(self.address(made, "plan_version")).content.decode()
        assert f'href="{self.address(made)}">Load a spreadsheet' in version_page
        client.force_login(person_with(Role.COUNCIL_LEADERSHIP, council=council))
        assert self.address(made) not in client.get(self.address(made, "plan_version")).content.decode()

    def test_a_plan_that_answers_something_is_not_asked_to_choose(self, client, person, version):
        client.force_login(person)
        assert "answers no recommendation yet" not in client.get(self.address(version)).content.decode()


def test_the_page_about_the_layout_has_every_column_and_what_is_taken_for_it():
    page = (Path(__file__).resolve().parent.parent.parent / "docs/plan-spreadsheet.md").read_text()
    for column in (*ACTIONS, *MEASURES):
        needed = "**Needed.** " if column.needed else ""
        assert f"| {column.heading} | {needed}{column.hint} | {', '.join(column.also)} |" in page
    assert f"At most** {MOST_ACTIONS} rows of actions and {MOST_MEASURES} of measures" in page
