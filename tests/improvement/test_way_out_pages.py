"""The pages of a version's way out: who reads them, what they say, what they refuse."""

import hashlib
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from improvement.actions.releases import release
from improvement.actions.way_out import comment, plan_route, record_reply, send, share
from improvement.models import (
    ApprovalStep,
    Comment,
    Handover,
    PlanVersion,
    Release,
    Reply,
    Snapshot,
    Update,
)
from tests.factories import CaseFactory, CouncilFactory, RegionFactory, person_with
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

Standing = PlanVersion.Standing
INSIDE = {
    Role.COUNCIL_CONTRIBUTOR,
    Role.COUNCIL_APPROVER,
    Role.COUNCIL_LEADERSHIP,
    Role.SHADOW_TEAM,
    Role.NATIONAL_LEAD,
}
THE_LGA = {Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER}
EVERYBODY = set(Role) - {Role.ADMINISTRATOR}


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def region(reference):
    return RegionFactory(record_began_on=date(2025, 1, 1))


@pytest.fixture
def council(region):
    return CouncilFactory(region=region)


@pytest.fixture
def case(council):
    return CaseFactory(council=council, entered_on=date(2026, 1, 5))


@pytest.fixture
def people(council, region):
    held = {}

    def person(role):
        if role not in held:
            reach = {"region": region} if role in THE_LGA else {"council": council}
            held[role] = person_with(role, **({} if role == Role.NATIONAL_LEAD else reach))
        return held[role]

    return person


@pytest.fixture
def by(people, today):
    def named(role=Role.COUNCIL_APPROVER):
        return {"by": Viewer.of(people(role), today), "on": today}

    return named


@pytest.fixture
def signed_in(client, people):
    def as_a(role):
        client.force_login(people(role))
        return client

    return as_a


@pytest.fixture
def at(council, case):
    def made(standing, **rest):
        rest.setdefault("case", case)
        return make_plan(council, standing=standing, **rest)

    return made


def address(name, version, *more):
    return reverse(name, args=[version.plan.reference, version.number, *more])


def day(name, on):
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


def text_of(response):
    import re

    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def standing(version):
    return PlanVersion.objects.get(pk=version.pk).standing


def readers(signed_in, url):
    return {role for role in EVERYBODY if signed_in(role).get(url).status_code == 200}


class TestWhoReadsWhat:
    def test_a_draft_on_its_way_is_read_by_the_council_and_the_national_lead(self, at, signed_in):
        assert readers(signed_in, address("plan_approval", at(Standing.DRAFTING))) == INSIDE

    def test_once_shared_the_lga_follows_it_too_and_nobody_outside(self, at, signed_in):
        version = at(Standing.SENT)
        for page in ("plan_approval", "plan_comments"):
            assert readers(signed_in, address(page, version)) == INSIDE | THE_LGA

    def test_letters_are_read_by_whoever_reads_the_version(self, at, signed_in):
        assert readers(signed_in, address("plan_letter", at(Standing.SENT))) == INSIDE | THE_LGA | {
            Role.DFE_ADVISER
        }

    def test_the_dfe_reads_the_snapshot_that_was_sent_and_not_the_one_that_was_shared(
        self, at, by, signed_in, today
    ):
        version = at(Standing.APPROVED)
        shared = share(version, **by())
        sent = send(version, handovers=[("dfe", today, "", "")], **by())
        for name in ("snapshot", "snapshot_file"):
            assert readers(signed_in, reverse(name, args=[shared.reference])) == INSIDE | THE_LGA
            assert readers(signed_in, reverse(name, args=[sent.reference])) == INSIDE | THE_LGA | {
                Role.DFE_ADVISER
            }

    @pytest.mark.parametrize(
        ("page", "standing", "writers"),
        [
            ("plan_for_approval", Standing.DRAFTING, {Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_APPROVER}),
            ("plan_route", Standing.DRAFTING, {Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_APPROVER}),
            ("plan_approve", Standing.FOR_APPROVAL, {Role.COUNCIL_APPROVER}),
            ("plan_send_back", Standing.FOR_APPROVAL, {Role.COUNCIL_APPROVER}),
            ("plan_share", Standing.APPROVED, {Role.COUNCIL_APPROVER}),
            ("plan_send", Standing.SHARED, {Role.COUNCIL_APPROVER}),
            ("plan_ready", Standing.SHARED, THE_LGA),
            ("plan_letter_add", Standing.SENT, THE_LGA | {Role.COUNCIL_APPROVER}),
        ],
    )
    def test_strangers_get_404_and_readers_who_may_not_write_403(
        self, at, signed_in, page, standing, writers
    ):
        version = at(standing)
        read = readers(
            signed_in, address("plan_letter" if page == "plan_letter_add" else "plan_approval", version)
        )
        for role in EVERYBODY:
            client = signed_in(role)
            expected = 200 if role in writers else 403 if role in read else 404
            assert client.get(address(page, version)).status_code == expected, role
            posted = client.post(address(page, version)).status_code
            assert posted == expected or (role in writers and posted == 302), role

    def test_the_releases_are_the_councils_own(self, at, signed_in):
        version = at(Standing.APPROVED)
        url = reverse("plan_releases", args=[version.plan.reference])
        assert readers(signed_in, url) == INSIDE
        for role in INSIDE - {Role.COUNCIL_APPROVER}:
            assert signed_in(role).post(url, {}).status_code == 403


class TestApproval:
    def test_the_whole_of_it_by_button(self, at, signed_in, today):
        version = at(Standing.DRAFTING)
        contributor = signed_in(Role.COUNCIL_CONTRIBUTOR)
        asked = {"revision": version.revision}
        contributor.post(address("plan_for_approval", version), asked)
        assert standing(version) == Standing.FOR_APPROVAL
        page = signed_in(Role.COUNCIL_APPROVER).get(address("plan_approve", version))
        assert "It does not send it to Ofsted or the DfE" in text_of(page)
        assert "12 actions with a due date become milestones" in text_of(page)
        signed_in(Role.COUNCIL_APPROVER).post(
            address("plan_approve", version), {"revision": version.revision + 1, **day("approved_on", today)}
        )
        assert standing(version) == Standing.APPROVED
        page = signed_in(Role.COUNCIL_APPROVER).get(address("plan_approval", version))
        assert "Version 1 was approved by the council on" in text_of(page)

    def test_what_somebody_changed_meanwhile_is_shown_beside_what_was_typed(self, at, signed_in, today):
        version = at(Standing.FOR_APPROVAL)
        PlanVersion.objects.filter(pk=version.pk).update(revision=7)
        page = signed_in(Role.COUNCIL_APPROVER).post(
            address("plan_send_back", version), {"revision": 1, "note": "Say who leads priority 2"}
        )
        assert page.status_code == 409
        assert "Say who leads priority 2" in page.content.decode()
        assert "Sent for approval" in text_of(page)
        assert 'name="revision" value="7"' in page.content.decode()

    def test_the_route_says_in_words_what_can_not_be_met(self, at, by, signed_in, today):
        version = at(Standing.DRAFTING)
        plan_route(version, statutory_on=today + timedelta(days=3), **by())
        page = text_of(signed_in(Role.COUNCIL_CONTRIBUTOR).get(address("plan_approval", version)))
        assert "it can’t be met in time any more" in page
        assert "can’t be met as planned if it is to be sent by" in page

    def test_a_route_is_planned_and_its_steps_recorded_by_page(self, at, signed_in, today):
        version = at(Standing.DRAFTING)
        client = signed_in(Role.COUNCIL_CONTRIBUTOR)
        far = today + timedelta(days=120)
        typed = {"revision": version.revision, "steps": ["dcs", "board"], "other": "Full council"}
        client.post(address("plan_route", version), {**typed, **day("statutory_on", far)})
        steps = list(ApprovalStep.objects.order_by("planned_on", "pk"))
        assert [step.kind for step in steps] == ["dcs", "board", "other"]
        client.post(
            address("plan_step", version, steps[0].pk),
            {"revision": 1, "note": "Agreed", **day("done_on", today)},
        )
        steps[0].refresh_from_db()
        assert steps[0].done_on == today
        again = client.get(address("plan_route", version))
        assert "Full council" in again.content.decode()

    def test_a_date_for_a_step_that_is_not_ticked_is_asked_about(self, at, signed_in, today):
        version = at(Standing.DRAFTING)
        typed = {
            "revision": version.revision,
            "steps": ["dcs"],
            **day("statutory_on", today),
            **day("board_on", today),
        }
        page = signed_in(Role.COUNCIL_CONTRIBUTOR).post(address("plan_route", version), typed)
        assert "Improvement board has a date: tick it, or clear the date" in text_of(page)
        assert not ApprovalStep.objects.exists()


class TestSharingAndSending:
    def test_the_page_and_the_button_say_that_sharing_sends_it_to_nobody_else(self, at, signed_in):
        version = at(Standing.APPROVED)
        client = signed_in(Role.COUNCIL_APPROVER)
        page = client.get(address("plan_share", version))
        assert "This does not send it to Ofsted or the DfE." in text_of(page)
        assert "Share with the LGA adviser</button>" in page.content.decode()
        done = client.post(
            address("plan_share", version), {"revision": version.revision, "note": ""}, follow=True
        )
        assert "It has not been sent to Ofsted or the DfE." in text_of(done)
        assert standing(version) == Standing.SHARED
        assert "It has been shared or sent already." in text_of(client.get(address("plan_share", version)))

    def test_what_was_sent_is_recorded_with_whom_and_under_which_reference(self, at, signed_in, today):
        version = at(Standing.SHARED)
        client = signed_in(Role.COUNCIL_APPROVER)
        wrong = client.post(address("plan_send", version), {"revision": version.revision, "dfe_whom": "Unit"})
        assert "Enter the day on which it was sent" in text_of(wrong)
        typed = {"dfe_whom": "Improvement unit", "dfe_reference": "D-7", **day("dfe_on", today)}
        client.post(address("plan_send", version), {"revision": version.revision, **typed})
        [handover] = Handover.objects.all()
        assert (handover.to, handover.to_whom, handover.their_reference) == ("dfe", "Improvement unit", "D-7")
        left = client.get(address("plan_send", version))
        assert "The day it was sent to Ofsted" in text_of(left)
        assert "The day it was sent to the DfE" not in text_of(left)

    def test_a_plan_without_an_intervention_offers_nothing_to_send(self, council, signed_in):
        version = make_plan(council, standing=Standing.SHARED)
        client = signed_in(Role.COUNCIL_APPROVER)
        page = client.get(address("plan_send", version))
        assert "There is nothing to send." in text_of(page)
        assert "Record that it was sent</button>" not in page.content.decode()
        assert (
            "nobody outside the council waits"
            in text_of(client.get(address("plan_approval", version))).lower()
        )

    def test_a_letter_is_recorded_with_its_file_and_read_by_the_dfe(self, at, by, signed_in, today):
        version = at(Standing.SHARED)
        send(version, handovers=[("dfe", today, "", "")], **by())
        version.refresh_from_db()
        letter = SimpleUploadedFile("letter.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
        typed = {
            "revision": version.revision,
            "kind": "returned",
            "upload": letter,
            **day("dated_on", today),
            **day("resubmit_by", today + timedelta(days=30)),
        }
        done = signed_in(Role.LGA_ADVISER).post(address("plan_letter_add", version), typed, follow=True)
        assert "The DfE returns the plan" in text_of(done)
        reply = Reply.objects.get()
        assert reply.document.upload
        assert standing(version) == Standing.RETURNED
        page = signed_in(Role.DFE_ADVISER).get(address("plan_letter", version))
        assert reverse("document", args=[reply.document.pk]) in page.content.decode()
        assert (
            signed_in(Role.DFE_ADVISER).get(reverse("document", args=[reply.document.pk])).status_code == 200
        )
        assert (
            signed_in(Role.SCRUTINY_MEMBER).get(reverse("document", args=[reply.document.pk])).status_code
            == 404
        )

    def test_a_letter_typed_wrongly_keeps_what_was_typed(self, at, by, signed_in, today):
        version = at(Standing.SHARED)
        send(version, handovers=[("dfe", today, "", "")], **by())
        version.refresh_from_db()
        typed = {"revision": version.revision, "kind": "accepted", "note": "As we hoped"}
        page = signed_in(Role.LGA_ADVISER).post(address("plan_letter_add", version), typed)
        assert "Enter the date of the letter" in text_of(page)
        assert "As we hoped" in page.content.decode()
        assert not Reply.objects.exists()


class TestComments:
    def test_they_are_made_answered_and_settled_by_page(self, at, signed_in):
        version = at(Standing.SHARED)
        action = version.actions.first()
        adviser = signed_in(Role.LGA_ADVISER)
        adviser.post(
            address("plan_comments", version), {"action": action.action_id, "text": "Who chairs it?"}
        )
        asked = Comment.objects.get()
        assert asked.action_id == action.action_id
        council = signed_in(Role.COUNCIL_CONTRIBUTOR)
        page = council.get(address("plan_comments", version))
        assert "1 comment, not settled" in text_of(page)
        assert "Add a comment" not in text_of(page)
        assert council.post(address("plan_comments", version), {"text": "Mine"}).status_code == 403
        council.post(address("plan_comment_answer", version, asked.pk), {"text": "The director"})
        assert council.post(address("plan_comment_settle", version, asked.pk)).status_code == 403
        adviser = signed_in(Role.LGA_ADVISER)
        adviser.post(address("plan_comment_settle", version, asked.pk))
        page = text_of(adviser.get(address("plan_comments", version)))
        assert "1 comment, settled" in page and "The director" in page

    def test_a_childs_number_is_refused_beside_what_was_typed(self, at, signed_in):
        version = at(Standing.SHARED)
        page = signed_in(Role.LGA_ADVISER).post(
            address("plan_comments", version), {"text": "See DOB 12/03/2014, priority 2"}
        )
        assert "date of birth" in text_of(page)
        assert "priority 2" in page.content.decode()
        assert not Comment.objects.exists()

    def test_the_page_costs_the_same_for_3_comments_and_30(self, at, by, signed_in):
        version = at(Standing.SHARED)
        client = signed_in(Role.COUNCIL_CONTRIBUTOR)

        def queries():
            with CaptureQueriesContext(connection) as run:
                assert client.get(address("plan_comments", version)).status_code == 200
            return len(run)

        for n in range(3):
            comment(version, text=f"Question {n}", **by(Role.LGA_ADVISER))
        queries()  # the first page of a session asks once more
        few = queries()
        for n in range(27):
            comment(
                version, text=f"Another {n}", action=version.actions.first().action, **by(Role.LGA_ADVISER)
            )
        assert queries() == few


class TestSnapshots:
    def test_the_file_is_the_very_text_whose_hash_is_on_the_page(self, at, by, signed_in):
        snapshot = share(at(Standing.APPROVED), note="For Thursday", **by())
        client = signed_in(Role.LGA_ADVISER)
        page = client.get(reverse("snapshot", args=[snapshot.reference]))
        file = client.get(reverse("snapshot_file", args=[snapshot.reference]))
        assert hashlib.sha256(file.content).hexdigest() == snapshot.digest
        assert snapshot.digest in page.content.decode()
        assert file["Content-Disposition"] == f'attachment; filename="{snapshot.reference}.json"'
        assert "check" not in file.json()
        for words in ("Do thing 12", "Measure 3", "Priority 2", "Improve matter 4", "For Thursday"):
            assert words in text_of(page), words

    def test_what_is_between_council_and_lga_is_not_shown_to_the_dfe(self, at, by, signed_in, today):
        version = at(Standing.APPROVED)
        share(version, note="For your eyes", **by())
        sent = send(version, handovers=[("dfe", today, "", "")], **by())
        url = reverse("snapshot", args=[sent.reference])
        assert "Credibility check then" in text_of(signed_in(Role.COUNCIL_APPROVER).get(url))
        page = text_of(signed_in(Role.DFE_ADVISER).get(url))
        assert "redibility" not in page and "For your eyes" not in page

    def test_a_later_draft_changes_nothing_of_it(self, at, by, signed_in):
        version = at(Standing.APPROVED)
        snapshot = share(version, **by())
        PlanVersion.objects.create(plan=version.plan, number=2, begun_on=date(2026, 2, 1))
        type(version.plan).objects.filter(pk=version.plan_id).update(title="Another title")
        page = text_of(signed_in(Role.LGA_ADVISER).get(reverse("snapshot", args=[snapshot.reference])))
        assert "Improvement plan, version 1, as it was shared" in page


class TestReleases:
    @pytest.fixture
    def update(self, at, today):
        version = at(Standing.SHARED)
        return Update.objects.create(
            plan=version.plan,
            version=version,
            period_on=date(2026, 2, 1),
            due_on=today,
            opened_on=today,
            standing="submitted",
            submitted_on=today,
            content={"plan": 1},
            digest="0" * 64,
        )

    def test_scrutiny_reads_what_was_released_to_it_until_it_is_withdrawn(self, at, by, signed_in):
        version = at(Standing.SHARED)
        snapshot = share_again(version, by)
        client = signed_in(Role.COUNCIL_APPROVER)
        url = reverse("plan_releases", args=[version.plan.reference])
        client.post(url, {"thing": f"version-{version.pk}", "audience": "scrutiny"})
        released = Release.objects.get()
        listed = text_of(signed_in(Role.SCRUTINY_MEMBER).get(reverse("plans")))
        assert "1 plan that you may read" in listed and "Version 1" in listed
        assert (
            signed_in(Role.SCRUTINY_MEMBER).get(reverse("snapshot", args=[snapshot.reference])).status_code
            == 200
        )
        assert "No plans to read yet" in text_of(signed_in(Role.IMPROVEMENT_PARTNER).get(reverse("plans")))
        client = signed_in(Role.COUNCIL_APPROVER)
        assert "1 release of this plan in force" in text_of(client.get(url))
        client.post(reverse("plan_release_withdraw", args=[version.plan.reference, released.pk]))
        assert "No plans to read yet" in text_of(signed_in(Role.SCRUTINY_MEMBER).get(reverse("plans")))
        assert "Withdrawn" in text_of(signed_in(Role.COUNCIL_APPROVER).get(url))

    def test_the_same_is_not_released_twice_and_says_so(self, at, by, signed_in):
        version = at(Standing.APPROVED)
        release(version, audience="partner", **by())
        typed = {"thing": f"version-{version.pk}", "audience": "partner"}
        url = reverse("plan_releases", args=[version.plan.reference])
        page = signed_in(Role.COUNCIL_APPROVER).post(url, typed)
        assert "It is released to them already" in text_of(page)
        assert Release.objects.count() == 1

    def test_an_update_is_released_to_the_dfe_alone_when_it_was_submitted(
        self, update, by, signed_in, people, today
    ):
        release(update, audience="dfe", **by())
        assert Update.objects.visible_to(Viewer.of(people(Role.DFE_ADVISER), today)).exists()
        assert not Update.objects.visible_to(Viewer.of(people(Role.SCRUTINY_MEMBER), today)).exists()
        assert "February 2026" in text_of(signed_in(Role.DFE_ADVISER).get(reverse("plans")))

    def test_a_draft_or_what_is_not_submitted_is_not_released(self, at, by, update, today):
        from cases.actions import Refused

        draft = at(Standing.DRAFTING)
        later = Update.objects.create(
            plan=update.plan,
            version=update.version,
            period_on=date(2026, 3, 1),
            due_on=today,
            opened_on=today,
        )
        for thing in (draft, later):
            with pytest.raises(Refused):
                release(thing, audience="scrutiny", **by())

    def test_only_the_approver_releases_and_withdraws(self, at, by, people, signed_in):
        from django.core.exceptions import PermissionDenied

        from improvement.actions.releases import withdraw_release

        version = at(Standing.SENT)
        made = release(version, audience="scrutiny", **by())
        for role in EVERYBODY - {Role.COUNCIL_APPROVER}:
            with pytest.raises(PermissionDenied):
                release(version, audience="partner", **by(role))
            with pytest.raises(PermissionDenied):
                withdraw_release(made, **by(role))
        url = reverse("plan_release_withdraw", args=[version.plan.reference, made.pk])
        assert signed_in(Role.COUNCIL_CONTRIBUTOR).post(url).status_code == 403
        assert signed_in(Role.SCRUTINY_MEMBER).post(url).status_code == 404


def share_again(version, by):
    """Take the snapshot that sharing would have taken of a version made as shared."""
    from improvement.actions.way_out import _take

    viewer = by()
    return _take(version, Snapshot.Reason.SHARED, viewer["by"], viewer["on"])


class TestList:
    def test_each_role_finds_what_it_may_read(self, at, signed_in, by, today):
        drafted = at(Standing.DRAFTING)
        sent = at(Standing.SHARED, title="The second plan")
        send(sent, handovers=[("dfe", today, "", "")], **by())
        seen = {
            role: (
                drafted.plan.reference in text_of(signed_in(role).get(reverse("plans"))),
                sent.plan.reference in text_of(signed_in(role).get(reverse("plans"))),
            )
            for role in EVERYBODY
        }
        assert {role for role in EVERYBODY if seen[role] == (True, True)} == INSIDE
        assert {role for role in EVERYBODY if seen[role] == (False, True)} == THE_LGA | {Role.DFE_ADVISER}

    def test_it_costs_the_same_for_3_plans_and_12(self, council, signed_in):
        client = signed_in(Role.COUNCIL_CONTRIBUTOR)

        def queries(plans):
            for _ in range(plans):
                make_plan(council, actions=1, priorities=1, measures=0, recommendations=0)
            with CaptureQueriesContext(connection) as run:
                assert client.get(reverse("plans")).status_code == 200
            return len(run)

        assert queries(3) == queries(9)


def test_a_version_with_its_letters_and_its_file_is_found_from_the_page_that_says_how_far_it_is(
    at, by, signed_in, today
):
    version = at(Standing.APPROVED)
    shared = share(version, **by())
    sent = send(version, handovers=[("ofsted", today, "", ""), ("dfe", today, "", "")], **by())
    record_reply(version, kind="reflects", dated_on=today, **by(Role.LGA_ADVISER))
    record_reply(version, kind="accepted", dated_on=today, **by(Role.LGA_ADVISER))
    page = signed_in(Role.COUNCIL_LEADERSHIP).get(address("plan_approval", version))
    assert "Version 1 was accepted on" in text_of(page)
    for snapshot in (shared, sent):
        assert reverse("snapshot", args=[snapshot.reference]) in page.content.decode()
    assert "What to do" not in text_of(page)
