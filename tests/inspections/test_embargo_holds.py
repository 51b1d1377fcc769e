"""Where an outcome under embargo could get out beside its pages: a preview, a wrong day, a publication taken back."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Grant
from accounts.permissions import Role, Scope
from accounts.viewer import Viewer
from cases.actions import Refused, add_recommendations, close_recommendation, mark_met, name_reader
from cases.models import Case, ClockRule, EmbargoView, Milestone, Recommendation, Source
from dashboards.queries import history
from inspections.actions import change_inspection, import_ofsted, withdraw_inspection
from inspections.models import Inspection, Judgement
from inspections.queries import inspection_page
from tests.factories import GrantFactory
from tests.inspections import files
from tests.inspections.entered import INSPECTED, RECEIVED, TODAY, around_a_council, enter, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)
PUBLISHED, RELEASED = date(2026, 10, 20), date(2026, 10, 28)


@pytest.fixture
def around():
    return around_a_council()


@pytest.fixture
def imported(around, tmp_path):
    """Import, or preview, a file with one row: an inspection with the grades given, else of one area alone."""

    def imported(name, *, inspected=INSPECTED, published=PUBLISHED, overall=None, areas=None, dry_run=False):
        areas = areas or [overall or "Good", overall, overall, None]
        told = files.history_row(around.council.name, inspected, published, overall=overall, areas=areas)
        sheets = {"Cover": files.cover(RELEASED), "History": [files.HISTORY, told]}
        path = files.write_ods(tmp_path / name, sheets)
        return import_ofsted(path=path, by=Viewer.system(TODAY), on=TODAY, dry_run=dry_run)

    around.council.names.create(alias=around.council.name, folded=around.council.name.lower())
    return imported


def told(result):
    return [
        (result.added, result.changed, result.removed, result.left),
        [(line.outcome, line.message) for line in result.lines],
        [each.words for did in result.consequences for each in did.each],
    ]


def withdraw(entry, around, by="approver"):
    return withdraw_inspection(
        entry, note="x", by=around.viewer(by, TODAY), on=TODAY, revision=entry.revision
    )


class TestAPreview:
    def test_tells_nothing_of_what_is_entered_under_embargo(self, around, imported):
        nothing = told(imported("a.ods", dry_run=True))
        enter(around)
        assert told(imported("b.ods", dry_run=True)) == nothing
        assert Source.objects.get().is_restricted

    def test_goes_by_what_was_published_by_hand(self, around, imported):
        publish(enter(around), around)
        assert told(imported("a.ods", dry_run=True))[0] == (0, 1, 0, 0)

    def test_confirmed_the_import_joins_what_was_under_embargo(self, around, imported):
        enter(around)
        imported("a.ods")
        assert Case.objects.get().standing == "open"


class TestAWrongDay:
    """A first day typed with a wrong year falls beside an inspection of long ago."""

    LONG_AGO, PUBLISHED_THEN = date(2023, 3, 1), date(2023, 5, 9)
    TYPED = {"notified_on": None, "ended_on": None, "draft_received_on": None, "expected_on": None}

    @pytest.mark.parametrize("first", ["file", "entry"])
    def test_publishes_nothing_of_what_was_received_since(self, around, imported, first):
        steps = {
            "file": lambda: imported("a.ods", inspected=self.LONG_AGO, published=self.PUBLISHED_THEN),
            "entry": lambda: enter(around, **self.TYPED, inspected_on=date(2023, 3, 16), on=TODAY),
        }
        for step in [first, *({*steps} - {first})]:
            steps[step]()
        assert Source.objects.get(entry__isnull=False).is_restricted
        assert set(Judgement.objects.values_list("grade", flat=True)) == {"good"}

    def test_never_makes_one_of_two_that_the_world_knows(self, around, imported):
        for name, day in (("a.ods", date(2025, 6, 2)), ("b.ods", date(2026, 5, 4))):
            imported(name, inspected=day, published=day + 30 * DAY)
        known = set(Inspection.objects.values_list("pk", "begun_on"))
        enter(around, **self.TYPED, received_on=None, inspected_on=date(2025, 11, 18), on=TODAY)
        assert len(known) == 2
        assert set(Inspection.objects.values_list("pk", "begun_on")) == known


class TestWhatAFilePublished:
    def test_does_not_become_another_inspection_that_nobody_published(self, around, imported):
        entry = enter(around)
        imported("a.ods", overall="Good")
        entry.refresh_from_db()
        before = list(Inspection.objects.values_list("pk", "begun_on"))
        for facts in (
            {"inspected_on": INSPECTED - 300 * DAY, "notified_on": None},
            {"kind": "focused-visit"},
        ):
            with pytest.raises(Refused) as refused:
                change_inspection(
                    entry,
                    facts={**facts, "judgements": {}},
                    by=around.viewer("approver", TODAY),
                    on=TODAY,
                    revision=entry.revision,
                )
            assert refused.value.field == "inspected_on"
        assert list(Inspection.objects.values_list("pk", "begun_on")) == before

    def test_keeps_what_was_met_before_the_entry_said_when_it_began(self, around, imported):
        unknown = dict.fromkeys(("inspected_on", "ended_on", "draft_received_on", "judgements"))
        entry = enter(around, **unknown)
        report = Milestone.objects.get(source=entry.source, rule__slug="report-published")
        by = {"by": around.viewer("principal"), "on": RECEIVED}
        name_reader(
            entry.source, person=around.people["principal"], by=around.viewer("approver"), on=RECEIVED
        )
        mark_met(report, met_on=RECEIVED, note="Seen", revision=report.revision, **by)
        imported("a.ods", overall="Inadequate")
        change_inspection(
            entry,
            facts={"inspected_on": INSPECTED},
            by=around.viewer("approver", TODAY),
            on=TODAY,
            revision=entry.revision,
        )
        seen = Milestone.objects.visible_to(around.viewer("leader", TODAY))
        report = seen.get(rule__slug="report-published")
        assert (report.outcome, report.met_on, report.outcome_note) == ("met", RECEIVED, "Seen")

    def test_keeps_what_was_met_on_the_entry_of_the_other_side(self, around, imported):
        enter(around)
        theirs = Milestone.objects.get(source=enter(around, by="adviser").source, rule__slug="action-plan")
        mark_met(theirs, met_on=RECEIVED, by=around.viewer("adviser"), on=RECEIVED, revision=theirs.revision)
        imported("a.ods", overall="Inadequate")
        seen = Milestone.objects.visible_to(around.viewer("leader", TODAY))
        assert seen.get(rule__slug="action-plan").met_on == RECEIVED


class TestAPublicationTakenBack:
    def test_is_its_readers_alone_again_with_its_recommendations(self, around):
        entry = enter(around)
        add_recommendations(entry.source, items=[("1", "x")], by=around.viewer("approver"), on=RECEIVED)
        entry = withdraw(publish(entry, around), around)
        for who in ("leader", "dfe", "lead"):
            viewer = around.viewer(who, TODAY)
            assert inspection_page(entry.source_id, viewer) is None
            assert not Recommendation.objects.visible_to(viewer).exists()
        assert inspection_page(entry.source_id, around.viewer("approver", TODAY)).recommendations

    def test_leaves_open_what_a_file_tells(self, around, imported):
        entry = publish(enter(around), around)
        imported("a.ods", overall="Good")
        entry.refresh_from_db()
        withdraw(entry, around)
        assert inspection_page(entry.source_id, around.viewer("leader", TODAY)) is not None

    def test_leads_whoever_was_no_reader_to_where_inspections_are_found(self, around, client):
        entry = publish(enter(around), around, on=RECEIVED)
        client.force_login(around.people["adviser"])
        address = reverse("inspection_withdraw", args=[entry.source_id])
        sent = client.post(address, {"note": "x", "revision": entry.revision}, follow=True)
        assert (sent.redirect_chain[-1][0], sent.status_code) == (reverse("inspections"), 200)


class TestReaders:
    def test_who_they_were_is_in_no_history_after_publication(self, around):
        entry = enter(around)
        by = around.viewer("approver")
        name_reader(entry.source, person=around.people["principal"], by=by, on=RECEIVED)
        publish(entry, around)
        for who in ("leader", "dfe", "approver", "lead"):
            kinds = {e.kind for e in history(around.council, viewer=around.viewer(who, TODAY), limit=100)}
            assert "inspection-entered" in kinds
            assert not {kind for kind in kinds if kind.startswith("reader-")}

    def test_one_who_has_left_the_council_is_told_of_no_reader_once_it_is_published(self, around):
        entry = enter(around)
        name_reader(entry.source, person=around.people["leader"], by=around.viewer("approver"), on=RECEIVED)
        publish(entry, around)
        assert inspection_page(entry.source_id, around.viewer("leader", TODAY)).readers
        Grant.objects.filter(person=around.people["leader"]).update(until_on=TODAY)
        page = inspection_page(entry.source_id, around.viewer("leader", TODAY))
        assert (page.readers, page.views) == ([], [])

    @pytest.mark.parametrize("role", [Role.DFE_ADVISER, Role.LGA_ADVISER])
    def test_another_role_at_the_council_does_not_bring_sight_back(self, around, role):
        entry = enter(around)
        leader = around.people["leader"]
        name_reader(entry.source, person=leader, by=around.viewer("approver"), on=RECEIVED)
        assert inspection_page(entry.source_id, around.viewer("leader", TODAY)) is not None
        Grant.objects.filter(person=leader).update(until_on=TODAY)
        GrantFactory(person=leader, role=role, scope=Scope.COUNCIL, council=around.council)
        assert inspection_page(entry.source_id, around.viewer("leader", TODAY)) is None
        assert not Milestone.objects.in_confidence_to(around.viewer("leader", TODAY)).exists()

    def test_a_form_sent_back_is_a_look_too(self, around, client):
        entry = enter(around)
        client.force_login(around.people["approver"])
        address = reverse("inspection_withdraw", args=[entry.source_id])
        assert client.post(address, {"revision": entry.revision}).status_code == 200
        assert EmbargoView.objects.count() == 1
        assert client.post(address, {"revision": entry.revision, "note": "x"}).status_code == 302
        assert EmbargoView.objects.count() == 1


def test_a_recommendation_closed_meanwhile_is_not_reopened_by_whoever_was_closing_it(around, client):
    source = enter(around).source
    by = {"by": around.viewer("approver"), "on": RECEIVED}
    (one,) = add_recommendations(source, items=[("1", "x")], **by)
    close_recommendation(one, outcome="superseded", note="Theirs", revision=1, **by)
    client.force_login(around.people["approver"])
    address = reverse("recommendation_close", args=[one.pk])
    sent = client.post(address, {"outcome": "met", "note": "Mine", "revision": 1})
    assert sent.status_code == 409
    form = sent.context["form"]
    assert (form["outcome"].value(), form["note"].value()) == ("met", "Mine")
    sent = client.post(address, {"outcome": "met", "note": "Mine", "revision": 2})
    assert "It is closed already: superseded" in sent.content.decode()
    one.refresh_from_db()
    assert (one.outcome, one.outcome_note) == ("superseded", "Theirs")


def test_what_follows_from_one_met_under_embargo_takes_the_place_of_nothing_that_others_see(around):
    shared = {"unit": "months", "length": 3, "owes": "council", "force": "agreed", "only_latest": "statement"}
    rule = ClockRule.objects.create(
        slug="later", label="Later", starts_from="met", applies_when={"rules": ["action-plan"]}, **shared
    )
    standing = Milestone.objects.create(
        council=around.council,
        rule=rule,
        label="Later",
        owes="council",
        force="agreed",
        started_on=date(2026, 1, 5),
        due_on=date(2026, 12, 1),
        entered_on=date(2026, 1, 5),
    )
    entry = enter(around, by="principal")
    plan = Milestone.objects.get(source=entry.source, rule__slug="action-plan")
    mark_met(plan, met_on=RECEIVED, by=around.viewer("principal"), on=RECEIVED, revision=plan.revision)
    standing.refresh_from_db()
    assert standing.outcome == ""
