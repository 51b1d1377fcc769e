"""An outcome under embargo: seen by its named readers on its own page and by nobody anywhere else, until it is
published by a person's word or by an import of the same inspection."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.viewer import Viewer
from cases.actions import add_recommendations, flag_overdue, log_view, mark_met, name_reader
from cases.models import Case, Flag, Milestone, Recommendation, Source
from dashboards.queries import council_record, england, history, region_as_at, work
from history.models import Event
from improvement.actions import open_interventions
from improvement.queries.stages import decisions_awaited, stages_on, tally
from inspections.actions import (
    change_inspection,
    import_ofsted,
    rebuild_inspections,
    withdraw_inspection,
)
from inspections.models import EnteredInspection, Inspection, Judgement, OfstedFile, SourceRow
from inspections.queries import findable, inspection_page
from tests.inspections import files
from tests.inspections.entered import (
    EXPECTED,
    FACTS,
    INADEQUATE,
    INSPECTED,
    PUBLISHED_BY,
    RECEIVED,
    TODAY,
    VISIT,
    around_a_council,
    enter,
    publish,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)
PUBLISHED = date(2026, 10, 20)
IN_YEAR_RELEASE, LATER_RELEASE = date(2026, 10, 28), date(2026, 11, 1)
BEFORE, AFTER = EXPECTED - 5 * DAY, EXPECTED + 5 * DAY
VISIT_ALONE = {**VISIT, "judgements": None, "notified_on": None, "ended_on": None, "draft_received_on": None}


@pytest.fixture
def around():
    return around_a_council()


@pytest.fixture
def embargoed(around):
    """An inadequate outcome received in August, read on both sides, with recommendations and late milestones."""
    entry = enter(around)
    by = {"by": around.viewer("approver"), "on": RECEIVED}
    name_reader(entry.source, person=around.people["principal"], **by)
    add_recommendations(entry.source, items=[("12", "Improve")], **by)
    return entry


def night(on):
    open_interventions(by=Viewer.system(on), on=on)
    flag_overdue(by=Viewer.system(on), on=on)


def all_that_pages_read(around, viewer, on):
    """Everything that a screen, a list, a count or an export is made of, in words to compare."""
    shared = {"on": on, "by": "published", "framework": None, "viewer": viewer}
    country = england(**shared)
    record = council_record(around.council.slug, on=on, by="published", viewer=viewer)
    theirs = work(on=on, viewer=viewer)
    council = {around.council.pk}
    return {
        "milestones": list(Milestone.objects.visible_to(viewer).values_list("pk")),
        "flags": list(Flag.objects.visible_to(viewer).values_list("pk")),
        "recommendations": list(Recommendation.objects.visible_to(viewer).values_list("pk")),
        "inspections": Inspection.objects.count(),
        "england": [repr(country.figures), repr(country.interventions), repr(country.rows)],
        "region": repr(region_as_at(around.region, **shared)),
        "council": repr(
            [getattr(record, name) for name in ("inspections", "stage", "timeline", "milestones")]
        ),
        "awaits": [record.awaits, decisions_awaited(on, viewer, council)],
        "work": repr([theirs.milestones, theirs.to_confirm, theirs.episodes, theirs.awaited]),
        "history": [event.kind for event in history(around.council, viewer=viewer, limit=100)],
        "stages": [stages_on(on, viewer, council), tally(stages_on(on, viewer, council))],
    }


@pytest.mark.parametrize("on", [BEFORE, AFTER], ids=["before it was expected", "after"])
@pytest.mark.parametrize("who", ["approver", "principal", "leader", "adviser", "lead", "dfe", "system"])
def test_nobody_finds_anything_of_it_anywhere(around, who, on):
    def seen():
        viewer = Viewer.system(on) if who == "system" else around.viewer(who, on)
        return all_that_pages_read(around, viewer, on)

    night(RECEIVED)
    nothing = seen()
    entry = enter(around)
    name_reader(entry.source, person=around.people["principal"], by=around.viewer("approver"), on=RECEIVED)
    add_recommendations(entry.source, items=[("1", "x")], by=around.viewer("approver"), on=RECEIVED)
    night(PUBLISHED_BY + DAY)
    night(on)

    assert Flag.objects.raised().filter(milestone__source=entry.source, level="overdue").exists()
    assert seen() == nothing


def test_its_readers_see_it_on_its_own_page_with_milestones_flags_recommendations_and_the_log(
    around, embargoed
):
    night(AFTER)
    log_view(embargoed.source, by=around.viewer("principal", AFTER))
    for who in ("approver", "principal"):
        page = inspection_page(embargoed.source_id, around.viewer(who, AFTER))
        assert (page.entry, page.inspection, page.council) == (embargoed, None, around.council)
        assert [told.area.code for told in page.judgements] == list(INADEQUATE)
        assert page.form.slug == "ilacs-2023"
        levels = {one.rule.slug: [flag.level for flag in one.raised] for one in page.milestones}
        assert levels == {"draft-plan": [], "report-published": ["overdue"], "action-plan": []}
        assert [one.paragraph for one in page.recommendations] == ["12"]
        assert {reader.person for reader in page.readers} == {
            around.people["approver"],
            around.people["principal"],
        }
        assert [view.person for view in page.views] == [around.people["principal"]]
        assert page.may_change
    for who in ("leader", "adviser", "lead", "dfe"):
        assert inspection_page(embargoed.source_id, around.viewer(who, AFTER)) is None


def test_a_reader_finds_it_by_council_and_a_day_of_it_and_others_find_nothing(around, embargoed):
    for day in (INSPECTED, RECEIVED, EXPECTED, FACTS["notified_on"]):
        assert findable(around.viewer("approver"), around.council, day) == [embargoed.source]
        assert findable(around.viewer("leader"), around.council, day) == []
    assert findable(around.viewer("approver"), around.council, TODAY) == []
    assert findable(around.viewer("approver"), around_a_council().council, INSPECTED) == []


def test_its_page_takes_the_same_queries_however_much_is_on_it(around, embargoed):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            inspection_page(embargoed.source_id, around.viewer("approver"))
        return len(captured)

    before = queries()
    by = around.viewer("approver")
    add_recommendations(embargoed.source, items=[("", "x")] * 30, by=by, on=RECEIVED)
    name_reader(embargoed.source, person=around.people["leader"], by=by, on=RECEIVED)
    for _ in range(30):
        log_view(embargoed.source, by=by)
    assert queries() == before <= 20


def test_once_published_its_page_is_everybodys_but_for_its_readers_and_the_log(around, embargoed):
    entry = publish(embargoed, around)
    night(TODAY)
    page = inspection_page(entry.source_id, around.viewer("dfe", TODAY))
    assert page.inspection == entry.inspection
    assert [told.grade for told in page.judgements] == list(INADEQUATE.values())
    assert (page.readers, page.views, page.may_change) == ([], [], False)
    assert page.milestones
    stranger = around_a_council().viewer("approver", TODAY)
    page = inspection_page(entry.source_id, stranger)
    assert (len(page.judgements), page.milestones, page.recommendations) == (5, [], [])
    assert inspection_page(entry.source_id, around.viewer("principal", TODAY)).readers


def test_a_day_that_passes_publishes_nothing(around, embargoed):
    for on in (EXPECTED, EXPECTED + 200 * DAY):
        night(on)
        assert str(rebuild_inspections({around.council.pk}, by=Viewer.system(on), on=on)).startswith(
            "added 0"
        )
    assert Source.objects.get().access == "embargoed"


def test_after_publication_what_happened_may_be_known(around, embargoed):
    assert (
        "inspection-entered"
        not in all_that_pages_read(around, around.viewer("leader", TODAY), TODAY)["history"]
    )
    publish(embargoed, around)
    told = all_that_pages_read(around, around.viewer("leader", TODAY), TODAY)["history"]
    assert {"inspection-entered", "publication-confirmed", "milestone-made"} <= set(told)


class TestImports:
    """Ofsted's file publishes an embargoed entry of the same inspection, and joins it whichever came first."""

    @pytest.fixture
    def ofsted(self, around, tmp_path):
        def ofsted(name, *, released_on=IN_YEAR_RELEASE, published=PUBLISHED, **row):
            told = files.history_row(
                around.council.name, row.pop("inspected", INSPECTED), published, overall="Inadequate", **row
            )
            sheets = {"Cover": files.cover(released_on), "History": [files.HISTORY, told]}
            path = tmp_path / name
            if not path.exists():  # written again, its bytes would tell the time
                files.write_ods(path, sheets)
            return import_ofsted(path=path, by=Viewer.system(TODAY), on=TODAY)

        around.council.names.create(alias=around.council.name, folded=around.council.name.lower())
        return ofsted

    def tables(self):
        """What the record says, without the numbers of its rows."""
        return [
            sorted(
                Inspection.objects.values_list(
                    "kind", "begun_on", "known_on", "published_on", "source__access"
                )
            ),
            sorted(Judgement.objects.values_list("area__code", "grade", "word")),
            sorted(
                Inspection.objects.values_list(
                    "source__received_on", "source__received_assumed", "source__published_on", "source__url"
                )
            ),
            sorted(
                Milestone.objects.exclude(outcome="withdrawn").values_list(
                    "rule__slug", "started_on", "due_on", "case__standing", "closed_on"
                )
            ),
            list(EnteredInspection.objects.values_list("confirmed_on", "withdrawn_on", "published_on")),
        ]

    def test_it_publishes_the_entry_and_the_clocks_run_on_from_receipt(self, around, embargoed, ofsted):
        before = set(Milestone.objects.values_list("pk", "due_on"))
        result = ofsted("a.ods")

        assert result.added == 1
        embargoed.refresh_from_db()
        inspection = Inspection.objects.get()
        assert inspection.source == embargoed.source
        assert set(inspection.source_rows.all()) == set(SourceRow.objects.all())
        assert (embargoed.inspection, embargoed.confirmed_on) == (inspection, TODAY)
        source = Source.objects.get(kind="inspection-report")
        assert (source.access, source.published_on, source.received_on) == ("public", PUBLISHED, RECEIVED)
        assert before <= set(Milestone.objects.values_list("pk", "due_on"))
        assert Event.objects.filter(kind="publication-imported", source_id=source.pk).count() == 1
        assert Case.objects.get(council=around.council).standing == "open"

    def test_the_same_file_twice_changes_nothing(self, around, embargoed, ofsted):
        ofsted("a.ods")
        before = [self.tables(), Event.objects.count()]
        assert str(ofsted("a.ods").left) == "1"
        assert [self.tables(), Event.objects.count()] == before

    @pytest.mark.parametrize("order", ["eab", "eba", "aeb", "abe", "bea"])
    def test_in_any_order_the_tables_are_the_same(self, around, ofsted, order):
        steps = {
            "e": lambda: enter(around, on=TODAY),
            "a": lambda: ofsted("a.ods", published=PUBLISHED - DAY),
            "b": lambda: ofsted("b.ods", released_on=LATER_RELEASE, inspected=INSPECTED + DAY),
        }
        for step in order:
            steps[step]()
        night(TODAY)

        inspections, _judgements, sources, milestones, entries = self.tables()
        assert inspections == [("standard", INSPECTED + DAY, PUBLISHED, PUBLISHED, "public")]
        assert sources == [(RECEIVED, False, PUBLISHED, "")]
        assert entries == [(TODAY, None, None)]
        rules = [slug for slug, *_ in milestones]
        assert len(rules) == len(set(rules))
        runs = {slug: (started_on, due_on) for slug, started_on, due_on, *_ in milestones}
        assert runs["report-published"] == (RECEIVED, PUBLISHED_BY)

    @pytest.mark.parametrize("order", [(20, 21), (21, 20)])
    def test_a_day_that_a_derived_file_gave_gives_way_to_a_later_one_in_any_order(
        self, around, embargoed, tmp_path, order
    ):
        for day in order:
            row = files.latest_row(
                around.council.la_code, around.council.name, f"{INSPECTED:%d/%m/%Y}", f"{day}/10/26"
            )
            path = files.write_csv(tmp_path / f"{day}.csv", [files.LATEST, row])
            import_ofsted(path=path, by=Viewer.system(TODAY), on=TODAY)
        assert Inspection.objects.get().published_on == date(2026, 10, 21)

    def test_published_by_hand_and_then_imported_it_is_one(self, around, embargoed, ofsted):
        publish(embargoed, around, on=PUBLISHED + DAY, published_on=PUBLISHED + DAY)
        result = ofsted("a.ods")
        assert (result.added, result.changed) == (0, 1)
        assert Inspection.objects.get().published_on == PUBLISHED, "Ofsted’s own day counts before a person’s"
        assert Source.objects.get(kind="inspection-report").published_on == PUBLISHED

    def test_without_the_files_row_what_a_person_confirmed_stands(self, around, embargoed, ofsted):
        publish(embargoed, around)
        ofsted("a.ods")
        SourceRow.objects.all().delete()
        rebuild_inspections({around.council.pk}, by=Viewer.system(TODAY), on=TODAY)
        inspection = Inspection.objects.get()
        assert (inspection.published_on, inspection.source) == (TODAY, embargoed.source)
        assert inspection.judgements.count() == len(INADEQUATE)

    def test_without_the_row_of_the_file_that_published_it_it_stays_published(
        self, around, embargoed, ofsted
    ):
        ofsted("a.ods")
        SourceRow.objects.all().delete()
        rebuild_inspections({around.council.pk}, by=Viewer.system(TODAY), on=TODAY)
        assert (Inspection.objects.get().known_on, Source.objects.get(kind="inspection-report").access) == (
            TODAY,
            "public",
        )

    def test_a_withdrawn_entry_takes_no_part(self, around, embargoed, ofsted):
        withdraw_inspection(embargoed, note="x", by=around.viewer("approver"), on=RECEIVED, revision=1)
        ofsted("a.ods")
        assert Inspection.objects.get().source != embargoed.source
        assert Source.objects.get(pk=embargoed.source_id).is_restricted

    def test_another_inspection_publishes_nothing(self, around, embargoed, ofsted):
        ofsted("a.ods", inspected=date(2023, 3, 6), published=date(2023, 5, 9))
        assert Source.objects.get(pk=embargoed.source_id).is_restricted

    def test_what_was_typed_under_embargo_never_takes_the_place_of_what_is_published(self, around, ofsted):
        ofsted("a.ods")
        Source.objects.update(url="https://reports.example.org/1")
        entry = enter(around, on=TODAY, title="Draft, in confidence", url="https://drafts.example.org/secret")
        entry.refresh_from_db()
        assert entry.source.title == "ILACS standard inspection report"
        assert "secret" not in entry.source.url

    def test_imported_first_a_milestone_met_stays_met_and_none_is_made_twice(self, around, ofsted):
        ofsted("a.ods")
        draft = Milestone.objects.get(rule__slug="report-published")
        by = around.viewer("principal", TODAY)
        mark_met(draft, met_on=PUBLISHED, by=by, on=TODAY, revision=draft.revision)
        entry = enter(around, on=TODAY)
        assert entry.source.received_on == RECEIVED
        (report,) = Milestone.objects.filter(rule__slug="report-published")
        assert (report.outcome, report.case.standing) == ("met", "open")

    def test_both_sides_may_enter_it_unseen_and_one_stands(self, around, ofsted):
        enter(around)
        enter(around, by="adviser")
        ofsted("a.ods")
        assert Inspection.objects.count() == 1
        assert sorted(
            EnteredInspection.objects.values_list("withdrawn_on", "source__access"), key=str
        ) == sorted([(None, "public"), (TODAY, "embargoed")], key=str)
        standing = Milestone.objects.filter(rule__slug="action-plan", closed_on=None)
        assert standing.get().source.access == "public"

    def test_a_file_that_lists_a_visit_does_not_publish_a_letter_that_is_not_for_publication(
        self, around, tmp_path
    ):
        never = {**VISIT_ALONE, "kind": "monitoring-visit", "priority_action": False, "never_published": True}
        entry = enter(around, **never)
        self.import_visit(around, tmp_path, "ILACS Monitoring Visit")
        assert Inspection.objects.get().source is None
        assert Source.objects.get(pk=entry.source_id).access == "not-for-publication"

    def test_a_visit_joins_its_entry_and_its_plan_runs_on(self, around, tmp_path):
        entry = enter(around, **VISIT_ALONE)
        before = list(Milestone.objects.order_by("pk").values_list("pk", "due_on", "case"))
        self.import_visit(around, tmp_path, "ILACS Focused Visit")
        assert Inspection.objects.get().source == entry.source
        assert Source.objects.get().access == "public"
        assert list(Milestone.objects.order_by("pk").values_list("pk", "due_on", "case")) == before

    def import_visit(self, around, tmp_path, kind):
        row = files.history_row(
            around.council.name, VISIT["inspected_on"], PUBLISHED, kind=kind, overall=None
        )
        around.council.names.get_or_create(alias=around.council.name, folded=around.council.name.lower())
        sheets = {"Cover": files.cover(IN_YEAR_RELEASE), "History": [files.HISTORY, row]}
        import_ofsted(
            path=files.write_ods(tmp_path / "visits.ods", sheets), by=Viewer.system(TODAY), on=TODAY
        )
        assert OfstedFile.objects.count() == 1


def test_an_entry_corrected_under_embargo_is_published_as_corrected(around, embargoed):
    entry = change_inspection(
        embargoed,
        facts={"judgements": dict.fromkeys(INADEQUATE, "good")},
        by=around.viewer("approver"),
        on=RECEIVED,
        revision=embargoed.revision,
    )
    publish(entry, around)
    assert set(Judgement.objects.values_list("grade", flat=True)) == {"good"}
    assert not Case.objects.exists()
