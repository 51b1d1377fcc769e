"""The document room and requests: what the council gives, who reads it, and that nothing is left after closing."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Document, Milestone
from cases.refusals import Refused, Stale
from history.models import Event
from peer_reviews.actions.nightly import clear_away
from peer_reviews.actions.requests import answer, ask_for, withdraw
from peer_reviews.actions.review import go_to, locked
from peer_reviews.actions.room import empty_room, put_in_room, take_from_room
from peer_reviews.models import PeerReview, Request, RoomDocument, Stage, Step, TeamMember
from peer_reviews.queries.requests import open_requests
from tests.factories import TODAY, CouncilFactory, MilestoneFactory, person_with
from tests.peer_reviews.reviews import make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
NHS_NUMBER = "943 476 5919"


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda: [path for path in Path(tmp_path).rglob("*") if path.is_file()]


@pytest.fixture
def made(files):
    return make_review(stage=Stage.PREPARING)


def pdf(content=b"a policy", name="policy.pdf"):
    return SimpleUploadedFile(name, b"%PDF-1.7\n" + content + b"\n%%EOF\n")


def give(made, person=None, **given):
    given = given if {"upload", "url"} & given.keys() else {"upload": pdf(), **given}
    return put_in_room(made.review, **given, by=made.viewer(person or made.contributor), on=TODAY)


def close(made, stage=Stage.CLOSED):
    PeerReview.objects.filter(pk=made.review.pk).update(stage=stage)


class TestGiving:
    def test_contributor_and_approver_put_files_and_links_there(self, made, files):
        give(made)
        give(made, made.approver, url="https://example.org/data", title="Our data")
        assert [one.document.title for one in made.review.room.order_by("pk")] == ["policy.pdf", "Our data"]
        assert len(files()) == 1
        event = Event.objects.filter(kind="review-room-document-added").latest("pk")
        assert event.case_reference == made.review.reference and "Our data" not in str(event.data)

    @pytest.mark.parametrize("who", ["manager", "principal", "peer"])
    def test_nobody_else_does(self, made, files, who):
        person = made.peers[0] if who == "peer" else getattr(made, who)
        with pytest.raises(PermissionDenied):
            give(made, person)
        assert files() == [] and not Document.objects.exists()

    @pytest.mark.parametrize("stage", [Stage.OFFERED, Stage.DECLINED, Stage.CLOSED, Stage.CANCELLED])
    def test_the_room_is_shut_before_acceptance_and_after_closing(self, files, stage):
        reason = {"answer_reason": "Not now", "answered_on": TODAY} if stage == Stage.DECLINED else {}
        made = make_review(stage=stage, peers=0, **reason)
        with pytest.raises(Refused):
            give(made)
        assert files() == []

    def test_the_same_file_is_not_kept_twice(self, made, files):
        give(made)
        with pytest.raises(Refused, match="in the room already"):
            give(made, upload=pdf(name="other-name.pdf"))
        assert len(files()) == 1 and made.review.room.count() == 1

    def test_an_identifier_in_the_title_is_refused(self, made, files):
        with pytest.raises(Refused) as refused:
            give(made, upload=pdf(), title=f"Case of {NHS_NUMBER}")
        assert refused.value.field == "title" and files() == []


class TestPositionStatement:
    @pytest.fixture
    def milestone(self, made):
        milestone = MilestoneFactory(case=made.review.case, label="Position statement", of_review=True)
        Step.objects.create(review=made.review, step="position-statement", milestone=milestone)
        return milestone

    def test_its_last_part_meets_the_steps_milestone_and_a_part_before_it_does_not(self, made, milestone):
        give(made, upload=pdf(b"one"), position_statement=True)
        milestone.refresh_from_db()
        assert milestone.met_on is None
        give(made, upload=pdf(b"two"), position_statement=True, complete=True)
        milestone.refresh_from_db()
        assert (milestone.met_on, milestone.outcome) == (TODAY, Milestone.Outcome.MET)
        give(made, upload=pdf(b"three"), position_statement=True, complete=True)
        assert made.review.room.filter(position_statement=True).count() == 3

    def test_a_review_without_that_step_takes_it_too(self, made):
        assert give(made, position_statement=True, complete=True).position_statement


class TestReading:
    def test_team_manager_and_council_read_a_stranger_does_not(self, made):
        document = give(made).document
        readers = [made.peers[0], made.manager, made.contributor, made.approver]
        leader = person_with(Role.COUNCIL_LEADERSHIP, council=made.council)
        elsewhere = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
        dfe = person_with(Role.DFE_ADVISER, council=made.council)
        stranger = person_with(Role.PEER, council=CouncilFactory())
        PeerReview.objects.filter(pk=made.review.pk).update(final_on=TODAY, published_on=TODAY)
        for person in [*readers, leader]:
            assert list(Document.objects.visible_to(made.viewer(person))) == [document], person
        for person in (elsewhere, dfe, stranger):
            assert not Document.objects.visible_to(made.viewer(person)).exists(), person

    def test_a_peer_whose_service_has_ended_no_longer_reads(self, made):
        give(made)
        TeamMember.objects.filter(person=made.peers[0]).update(until_on=TODAY)
        assert not Document.objects.visible_to(made.viewer(made.peers[0])).exists()

    def test_a_file_that_waits_for_its_scan_is_listed_and_not_opened(self, made, client):
        document = give(made).document
        Document.objects.filter(pk=document.pk).update(scan=Document.Scan.WAITING)
        client.force_login(made.peers[0])
        # The client's own day is today's: the member serves still.
        page = client.get(reverse("room", kwargs={"reference": made.review.reference}))
        assert "Being scanned" in page.content.decode()
        assert reverse("document", args=[document.pk]) not in page.content.decode()
        assert client.get(reverse("document", args=[document.pk])).status_code == 409


class TestTakingOut:
    def test_the_council_takes_its_own_out_row_and_file(
        self, made, files, django_capture_on_commit_callbacks
    ):
        kept = give(made)
        with django_capture_on_commit_callbacks(execute=True):
            take_from_room(kept, by=made.viewer(made.contributor), on=TODAY)
        assert files() == [] and not Document.objects.exists() and not RoomDocument.objects.exists()
        with pytest.raises(Refused):
            take_from_room(kept, by=made.viewer(made.contributor), on=TODAY)

    def test_the_manager_may_and_a_peer_may_not(self, made):
        kept = give(made)
        with pytest.raises(PermissionDenied):
            take_from_room(kept, by=made.viewer(made.peers[0]), on=TODAY)
        take_from_room(kept, by=made.viewer(made.manager), on=TODAY)
        assert not RoomDocument.objects.exists()


class TestEmptying:
    def test_closing_deletes_files_and_rows_and_says_how_many(
        self, made, files, django_capture_on_commit_callbacks
    ):
        give(made, upload=pdf(b"one"))
        give(made, upload=pdf(b"two"), position_statement=True)
        give(made, url="https://example.org/three")
        close(made)
        with django_capture_on_commit_callbacks(execute=True):
            assert empty_room(made.review, by=made.viewer(made.manager), on=TODAY) == 3
        assert files() == [] and not Document.objects.exists() and not RoomDocument.objects.exists()
        made.review.refresh_from_db()
        assert made.review.room_emptied_on == TODAY
        event = Event.objects.get(kind="review-room-emptied")
        assert event.data == {"documents": 3, "files": 2, "links": 1}

    @pytest.mark.parametrize(
        ("stage", "to"), [(Stage.FOLLOW_UP, Stage.CLOSED), (Stage.PREPARING, Stage.CANCELLED)]
    )
    def test_it_goes_with_the_stage_that_ends_the_review(
        self, files, stage, to, django_capture_on_commit_callbacks
    ):
        made = make_review(stage=stage)
        give(made)
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            by = made.viewer(made.manager)
            review = locked(made.review, among=PeerReview.objects.run_by(by))
            go_to(review, to, by=by, on=TODAY, reason="It is over")
        assert files() == [] and not Document.objects.exists()
        made.review.refresh_from_db()
        assert (made.review.stage, made.review.room_emptied_on) == (to, TODAY)

    def test_again_is_nothing_more(self, made):
        give(made)
        close(made)
        by = made.viewer(made.manager)
        assert [empty_room(made.review, by=by, on=TODAY) for _ in range(2)] == [1, 0]
        assert Event.objects.filter(kind="review-room-emptied").count() == 1

    def test_a_review_that_goes_on_keeps_its_room(self, made, files):
        give(made)
        with pytest.raises(Refused):
            empty_room(made.review, by=made.viewer(made.manager), on=TODAY)
        assert len(files()) == 1

    def test_the_council_does_not_empty_it(self, made):
        give(made)
        close(made)
        with pytest.raises(PermissionDenied):
            empty_room(made.review, by=made.viewer(made.approver), on=TODAY)

    @pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.CANCELLED])
    def test_the_night_empties_what_was_left(self, made, files, stage, django_capture_on_commit_callbacks):
        give(made)
        close(made, stage)
        other = make_review(stage=Stage.PREPARING)
        give(other, upload=pdf(b"another"))
        with django_capture_on_commit_callbacks(execute=True):
            first = clear_away(by=Viewer.system(TODAY), on=TODAY)
        assert first["empty_closed_rooms"] == 1 and len(files()) == 1
        assert clear_away(by=Viewer.system(TODAY), on=TODAY)["empty_closed_rooms"] == 0

    def test_a_file_that_waits_for_its_scan_is_deleted_too(
        self, made, files, django_capture_on_commit_callbacks
    ):
        kept = give(made)
        Document.objects.filter(pk=kept.document_id).update(scan=Document.Scan.WAITING)
        close(made)
        with django_capture_on_commit_callbacks(execute=True):
            empty_room(made.review, by=Viewer.system(TODAY), on=TODAY)
        assert files() == [] and not Document.objects.to_scan().exists()

    def test_what_is_evidence_of_a_plan_too_stays_the_plans(
        self, made, files, django_capture_on_commit_callbacks
    ):
        from improvement.models import Evidence
        from tests.plans import make_plan

        kept = give(made)
        action = make_plan(made.council).actions.first().action
        Evidence.objects.create(
            action=action, document=kept.document, kind=Evidence.Kind.AUDIT, attached_on=TODAY
        )
        close(made)
        with django_capture_on_commit_callbacks(execute=True):
            empty_room(made.review, by=Viewer.system(TODAY), on=TODAY)
        assert len(files()) == 1 and not RoomDocument.objects.exists()
        assert Event.objects.get(kind="review-room-emptied").data["kept_as_evidence"] == 1


def ask(made, person=None, **given):
    given = {"kind": Request.Kind.DOCUMENT, "text": "The last audit report", **given}
    return ask_for(made.review, **given, by=made.viewer(person or made.manager), on=TODAY)


def reply(made, request, person=None, **given):
    given = {"outcome": "given", "revision": request.revision, **given}
    return answer(request, **given, by=made.viewer(person or made.contributor), on=TODAY)


class TestRequests:
    def test_team_and_manager_ask_and_the_council_does_not(self, made):
        assert ask(made, made.peers[0]).asked_by == made.peers[0]
        ask(made)
        for person in (made.contributor, made.approver):
            with pytest.raises(PermissionDenied):
                ask(made, person)

    def test_an_identifier_is_refused_and_not_in_any_event(self, made):
        with pytest.raises(Refused) as refused:
            ask(made, text=f"The file of {NHS_NUMBER}")
        assert refused.value.field == "text"
        ask(made, text="Something to remember")
        assert "remember" not in str(list(Event.objects.values("data")))

    def test_what_is_overdue_comes_first_and_what_has_no_day_last(self, made):
        later = ask(made, text="later", due_on=TODAY + timedelta(days=3))
        never = ask(made, text="no day")
        late = ask(made, text="late", due_on=TODAY)
        Request.objects.filter(pk=late.pk).update(due_on=TODAY - timedelta(days=2))
        viewer = made.viewer(made.contributor)
        assert list(open_requests(made.review, viewer)) == [late, later, never]
        assert not open_requests(made.review, made.viewer(person_with(Role.PEER, council=CouncilFactory())))

    def test_a_document_answers_and_goes_into_the_room(self, made, files):
        request = reply(made, ask(made), upload=pdf())
        (kept,) = made.review.room.all()
        assert kept.request == request and request.outcome == "given" and len(files()) == 1

    def test_where_the_document_is_refused_the_request_stays_open(self, made, files):
        request = ask(made)
        with pytest.raises(Refused):
            reply(made, request, upload=SimpleUploadedFile("run.exe", b"MZ"))
        request.refresh_from_db()
        assert request.outcome == "" and files() == []

    def test_given_needs_words_or_a_document_and_cannot_needs_a_reason(self, made):
        request = ask(made)
        with pytest.raises(Refused, match="Enter an answer, or add a document"):
            reply(made, request)
        with pytest.raises(Refused, match="Enter why"):
            reply(made, request, outcome="cannot", answer=" ")
        assert reply(made, request, outcome="cannot", answer="The audit is not finished").outcome == "cannot"

    def test_the_second_of_two_who_answer_is_told(self, made):
        request = ask(made)
        reply(made, request, answer="Tomorrow at ten")
        with pytest.raises(Stale):
            reply(made, request, made.approver, answer="No")
        with pytest.raises(Refused, match="answered already"):
            reply(made, request, made.approver, answer="No", revision=2)

    def test_the_team_withdraws_and_the_council_does_not(self, made):
        request = ask(made)
        with pytest.raises(PermissionDenied):
            withdraw(request, revision=1, by=made.viewer(made.contributor), on=TODAY)
        withdraw(request, revision=1, by=made.viewer(made.peers[1]), on=TODAY)
        assert not open_requests(made.review, made.viewer(made.manager)).exists()

    def test_the_team_does_not_answer_for_the_council(self, made):
        with pytest.raises(PermissionDenied):
            reply(made, ask(made), made.peers[0], answer="We know it")
