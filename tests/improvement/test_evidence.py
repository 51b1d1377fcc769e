"""Evidence: attached by who reports on an action, read by who may, without a word about a child, removed for good."""

from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused
from cases.models import Document
from history.models import Event
from improvement.actions.drafting.copying import copy_content
from improvement.actions.evidence import attach, remove
from improvement.models import Evidence, PlannedAction, PlanVersion, Release, Update
from improvement.queries.update_content import content_of
from improvement.queries.updates import read_asked
from tests.factories import CouncilFactory, person_with
from tests.plans import make_plan

PDF = b"%PDF-1.7\nan audit\n%%EOF\n"
APPROVED = PlanVersion.Standing.APPROVED


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda: [path for path in Path(tmp_path).rglob("*") if path.is_file()]


@pytest.fixture
def version(council):
    return make_plan(council, standing=APPROVED)


@pytest.fixture
def planned(version):
    return version.actions.first()


@pytest.fixture
def contributor(council):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def owner(council, planned):
    person = person_with(Role.ACTION_OWNER, council=council)
    PlannedAction.objects.filter(pk=planned.pk).update(owner=person)
    return person


@pytest.fixture
def update(version):
    return Update.objects.create(
        plan=version.plan,
        version=version,
        period_on=date(2026, 10, 1),
        due_on=date(2026, 11, 9),
        opened_on=date(2026, 11, 1),
    )


def submit(update):
    Update.objects.filter(pk=update.pk).update(
        standing="submitted", submitted_on=date(2026, 11, 2), content={}, digest="0" * 64
    )


def pdf(content=PDF, name="audit.pdf"):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def give(planned, today):
    def give_evidence(person, **given):
        given = {"kind": Evidence.Kind.AUDIT, **given}
        if not {"url", "upload", "document"} & given.keys():
            given["upload"] = pdf()
        return attach(planned.action, by=Viewer.of(person, today), on=today, **given)

    return give_evidence


class TestAttaching:
    @pytest.mark.parametrize("role", [Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_APPROVER])
    def test_the_councils_own_attach_files_and_links(self, council, give, files, role, planned, today):
        person = person_with(role, council=council)
        one = give(person, title="Audit of 20 cases", note=" Practice is better ")
        two = give(person, url="https://example.org/survey", kind=Evidence.Kind.VOICE)
        assert list(planned.action.evidence.all()) == [one, two] and len(files()) == 1
        assert (one.note, one.attached_by, one.attached_on) == ("Practice is better", person, today)
        event = Event.objects.filter(kind="evidence-attached").latest("pk")
        assert event.council_code == council.la_code
        assert event.data == {
            "plan": planned.version.plan.reference,
            "action": planned.action_id,
            "kind": "voice",
        }

    def test_an_actions_owner_attaches_to_their_own_alone(self, owner, give, version, today, files):
        assert give(owner).attached_by == owner
        other = version.actions.last()
        with pytest.raises(PermissionDenied):
            attach(other.action, upload=pdf(b"%PDF-2"), kind="audit", by=Viewer.of(owner, today), on=today)
        assert len(files()) == 1

    @pytest.mark.parametrize(
        "role",
        [Role.COUNCIL_LEADERSHIP, Role.LGA_ADVISER, Role.DFE_ADVISER, Role.BOARD_CHAIR, Role.SCRUTINY_MEMBER],
    )
    def test_others_don_t(self, council, give, files, role):
        with pytest.raises(PermissionDenied):
            give(person_with(role, council=council))
        assert files() == [] and not Document.objects.exists()

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"kind": "opinion"}, "kind"),
            ({"note": "Seen with NHS 943 476 5919"}, "note"),
            ({"title": "Ann Other, born 12/3/2014"}, "title"),
            ({"note": "x" * 501}, "note"),
            ({"url": "not a link"}, "url"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_kept(self, contributor, give, files, given, field):
        with pytest.raises(Refused) as refused:
            give(contributor, **given)
        assert refused.value.field == field
        assert files() == [] and not Document.objects.exists() and not Evidence.objects.exists()

    def test_a_second_press_or_the_same_file_again_adds_nothing(self, contributor, give, files):
        give(contributor, title="Audit")
        with pytest.raises(Refused, match="attached to the action already, as “Audit”"):
            give(contributor, upload=pdf(name="other.pdf"))
        give(contributor, url="https://example.org/a")
        with pytest.raises(Refused, match="This link is attached"):
            give(contributor, url="https://example.org/a")
        assert len(files()) == 1 and Document.objects.count() == 2

    def test_it_goes_with_an_update_until_that_is_submitted(self, contributor, give, update, files):
        assert give(contributor, update=update).update == update
        submit(update)
        with pytest.raises(Refused, match="submitted and no longer changes"):
            give(contributor, update=update, upload=pdf(b"%PDF-2"))
        assert len(files()) == 1

    def test_an_update_of_another_plan_is_refused(self, council, contributor, give, update, files):
        other = make_plan(council, standing=APPROVED, title="Another")
        Update.objects.filter(pk=update.pk).update(plan=other.plan, version=other)
        with pytest.raises(PermissionDenied):
            give(contributor, update=update)

    def test_a_document_of_another_council_can_t_be_attached(self, contributor, give, region, today, files):
        stranger = CouncilFactory(region=region)
        theirs = make_plan(stranger, standing=APPROVED).actions.first().action
        them = Viewer.of(person_with(Role.COUNCIL_CONTRIBUTOR, council=stranger), today)
        document = attach(theirs, upload=pdf(), kind="audit", by=them, on=today).document
        with pytest.raises(PermissionDenied):
            give(contributor, document=document)


class TestRemoving:
    def test_the_file_goes_and_that_it_was_there_stays(
        self, contributor, give, files, today, client, django_capture_on_commit_callbacks
    ):
        evidence = give(contributor)
        with django_capture_on_commit_callbacks(execute=True):
            remove(evidence, by=Viewer.of(contributor, today), on=today)
        evidence.refresh_from_db()
        assert evidence.removed_on == today and files() == []
        assert Event.objects.filter(kind="evidence-removed").count() == 1
        client.force_login(contributor)
        assert client.get(reverse("document", args=[evidence.document_id])).status_code == 404
        with pytest.raises(Refused):
            remove(evidence, by=Viewer.of(contributor, today), on=today)

    def test_what_another_action_holds_too_stays(
        self, contributor, give, version, files, today, django_capture_on_commit_callbacks
    ):
        evidence = give(contributor)
        by = Viewer.of(contributor, today)
        attach(version.actions.last().action, document=evidence.document, kind="voice", by=by, on=today)
        with django_capture_on_commit_callbacks(execute=True):
            remove(evidence, by=by, on=today)
        assert len(files()) == 1

    def test_an_owner_removes_what_they_attached_alone(self, contributor, owner, give, files, today):
        theirs, ours = give(owner), give(contributor, upload=pdf(b"%PDF-2"))
        remove(theirs, by=Viewer.of(owner, today), on=today)
        with pytest.raises(PermissionDenied):
            remove(ours, by=Viewer.of(owner, today), on=today)

    def test_a_reader_removes_nothing(self, council, contributor, give, files, today):
        reader = person_with(Role.COUNCIL_LEADERSHIP, council=council)
        with pytest.raises(PermissionDenied):
            remove(give(contributor), by=Viewer.of(reader, today), on=today)


class TestReading:
    @pytest.mark.parametrize(
        ("role", "standing", "reads"),
        [
            (Role.COUNCIL_LEADERSHIP, "approved", True),
            (Role.COUNCIL_CONTRIBUTOR, "drafting", True),
            (Role.LGA_ADVISER, "approved", False),
            (Role.LGA_ADVISER, "shared", True),
            (Role.DFE_ADVISER, "shared", False),
            (Role.SCRUTINY_MEMBER, "sent", False),
            (Role.ADMINISTRATOR, "sent", False),
        ],
    )
    def test_a_file_is_read_by_who_reads_its_plan(self, council, files, today, client, role, standing, reads):
        version = make_plan(council, standing=standing)
        writer = Viewer.of(person_with(Role.COUNCIL_APPROVER, council=council), today)
        action = version.actions.first().action
        evidence = attach(action, upload=pdf(), kind="audit", by=writer, on=today)
        scope = {} if role == Role.ADMINISTRATOR else {"council": council}
        client.force_login(person_with(role, **scope))
        page = reverse("action_evidence", args=[version.plan.reference, action.pk])
        for address in (reverse("document", args=[evidence.document_id]), page):
            assert client.get(address).status_code == (200 if reads else 404), address

    def test_the_plan_as_sent_takes_no_evidence_with_it_and_a_released_update_what_was_there(
        self, council, files, today, client, update, version, give, contributor, planned
    ):
        PlanVersion.objects.filter(pk=version.pk).update(standing="sent")
        before = give(contributor)
        client.force_login(person_with(Role.DFE_ADVISER, council=council))
        page = reverse("action_evidence", args=[version.plan.reference, planned.action_id])
        document = reverse("document", args=[before.document_id])
        assert client.get(document).status_code == 404
        assert "has no evidence yet" in client.get(page).content.decode()
        submit(update)
        Release.objects.create(council=council, audience="dfe", update=update, released_on=today)
        assert client.get(document).status_code == 200
        later = give(contributor, upload=pdf(b"%PDF-2"))
        Evidence.objects.filter(pk=later.pk).update(attached_on=date(2999, 1, 1))
        assert client.get(reverse("document", args=[later.document_id])).status_code == 404

    def test_an_owner_whom_a_later_version_names_no_more_reads_no_more(
        self, council, files, today, client, owner, give, version, planned
    ):
        evidence = give(owner)
        PlanVersion.objects.filter(pk=version.pk).update(standing="shared")
        later = PlanVersion.objects.create(plan=version.plan, number=2, begun_on=today)
        copy_content(version, later, on=today)
        document = reverse("document", args=[evidence.document_id])
        client.force_login(owner)
        later.actions.update(owner=None)
        assert client.get(document).status_code == 200
        PlanVersion.objects.filter(pk=later.pk).update(standing="approved", approved_on=today)
        assert client.get(document).status_code == 404
        with pytest.raises(PermissionDenied):
            give(owner, upload=pdf(b"%PDF-2"))

    def test_what_is_attached_for_the_next_update_is_not_told_in_this_one(
        self, contributor, files, give, update, version, today
    ):
        give(contributor, title="Audit of now", update=update)
        following = Update.objects.create(
            plan=version.plan, version=version, period_on=date(2026, 11, 1), due_on=today, opened_on=today
        )
        give(contributor, title="Audit of then", upload=pdf(b"%PDF-2"), update=following)
        told = str(content_of(update, read_asked(update, today)))
        assert "Audit of now" in told and "Audit of then" not in told

    def test_what_goes_with_an_update_waits_for_its_submission(
        self, council, version, files, today, client, update
    ):
        PlanVersion.objects.filter(pk=version.pk).update(standing="shared")
        writer = Viewer.of(person_with(Role.COUNCIL_APPROVER, council=council), today)
        action = version.actions.first().action
        evidence = attach(action, upload=pdf(), kind="audit", update=update, by=writer, on=today)
        client.force_login(person_with(Role.LGA_ADVISER, council=council))
        address = reverse("document", args=[evidence.document_id])
        assert client.get(address).status_code == 404
        submit(update)
        assert client.get(address).status_code == 200


class TestPages:
    def address(self, planned):
        return reverse("action_evidence", args=[planned.version.plan.reference, planned.action_id])

    def test_a_person_attaches_sees_and_removes(self, client, contributor, planned, files, update):
        client.force_login(contributor)
        address = self.address(planned)
        page = client.get(address).content.decode()
        assert "Action 1.1 has no evidence yet" in page and "Never upload anything about a child" in page
        sent = {"kind": "audit", "upload": pdf(), "title": "Audit", "note": "Better", "update": "2026-10"}
        done = client.post(address, sent, follow=True)
        text = done.content.decode()
        assert done.redirect_chain[-1][0] == f"{address}?update=2026-10"
        assert "1 piece of evidence for action 1.1" in text and "Not scanned" in text
        assert "with the update for October 2026" in text
        [evidence] = Evidence.objects.all()
        away = reverse(
            "evidence_remove", args=[planned.version.plan.reference, planned.action_id, evidence.pk]
        )
        assert "Its file is deleted for good" in client.get(away).content.decode()
        assert "“Audit” was removed" in client.post(away, follow=True).content.decode()
        assert client.get(away).status_code == 404

    def test_what_is_refused_stands_beside_its_field_and_what_was_typed_stays(
        self, client, contributor, planned, files
    ):
        client.force_login(contributor)
        sent = {"kind": "voice", "upload": pdf(b"<html>"), "title": "Survey of families", "note": "Heard"}
        page = client.post(self.address(planned), sent).content.decode()
        assert "“audit.pdf” is not a PDF, whatever its name says: its content is that of a web page" in page
        assert (
            "Survey of families" in page and "Heard" in page and 'id="id_upload-error"' in page
        ) or "id_upload" in page
        assert files() == []

    def test_a_file_that_must_be_chosen_again_is_said_to(self, client, contributor, planned, files):
        client.force_login(contributor)
        page = client.post(self.address(planned), {"kind": "", "upload": pdf()}).content.decode()
        assert "Select what it shows" in page and "Choose the file again" in page and files() == []

    def test_a_reader_who_may_not_write_gets_403_and_no_form(self, client, council, planned, files):
        client.force_login(person_with(Role.COUNCIL_LEADERSHIP, council=council))
        assert "Attach it" not in client.get(self.address(planned)).content.decode()
        assert client.post(self.address(planned), {"kind": "audit", "upload": pdf()}).status_code == 403
        assert client.get(self.address(planned) + "?update=2020-01").status_code == 404
        assert client.get(self.address(planned) + "?update=soon").status_code == 404

    def test_an_owner_reads_and_attaches_by_the_page(self, client, owner, planned, files):
        client.force_login(owner)
        sent = {"kind": "audit", "upload": pdf(), "title": "Audit"}
        assert "“Audit” is attached" in client.post(self.address(planned), sent, follow=True).content.decode()

    def test_it_costs_the_same_for_one_piece_and_for_thirty(self, client, contributor, planned, give):
        client.force_login(contributor)

        def cost():
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(self.address(planned))
            return len(asked)

        give(contributor, url="https://example.org/0")
        client.get(self.address(planned))
        one = cost()
        for n in range(1, 30):
            give(contributor, url=f"https://example.org/{n}")
        assert cost() == one


def test_the_plans_pages_lead_to_an_actions_evidence_where_the_viewer_may(client, council, today):
    version = make_plan(council, actions=3, standing=PlanVersion.Standing.SENT)
    one, two, _ = version.actions.order_by("pk")
    contributor = person_with(Role.COUNCIL_CONTRIBUTOR, council=council)
    for title in ("First", "Second"):
        attach(
            one.action,
            url=f"https://example.org/{title}",
            kind="audit",
            title=title,
            by=Viewer.of(contributor, today),
            on=today,
        )
    page = reverse("plan_version", args=[version.plan.reference, 1])
    ways = {
        each.pk: reverse("action_evidence", args=[version.plan.reference, each.action_id])
        for each in (one, two)
    }

    client.force_login(contributor)
    drafter = client.get(page).content.decode()
    assert f'href="{ways[one.pk]}">2 pieces of evidence' in drafter
    assert f'href="{ways[two.pk]}">Attach evidence' in drafter
    client.force_login(person_with(Role.COUNCIL_LEADERSHIP, council=council))
    reader = client.get(page).content.decode()
    assert "2 pieces of evidence" in reader and ways[two.pk] not in reader

    draft = make_plan(council, actions=1)
    client.force_login(contributor)
    drafted = client.get(reverse("plan_version", args=[draft.plan.reference, 1])).content.decode()
    assert "Attach evidence" not in drafted
    key = draft.actions.get().action_id
    own = client.get(reverse("plan_action", args=[draft.plan.reference, 1, key])).content.decode()
    assert f'href="{reverse("action_evidence", args=[draft.plan.reference, key])}">Attach evidence' in own
