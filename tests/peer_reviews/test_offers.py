"""The offer of a review: who makes it, who answers, who hears of it, and what comes of an answer."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Assignment, Case, ClockRule, Milestone
from cases.refusals import Refused, Stale
from councils.models import Office
from history.models import Event
from peer_reviews.actions import offers
from peer_reviews.models import KindStep, KindTheme, PeerReview, Stage, TeamMember
from tests.factories import TODAY, CouncilFactory, MilestoneFactory, RegionFactory, person_with, viewer_with
from tests.peer_reviews.reviews import make_kind, make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

FIRST, LAST = date(2027, 3, 8), date(2027, 3, 11)


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def council(region):
    return CouncilFactory(region=region)


@pytest.fixture
def kind():
    kind = make_kind()
    KindTheme.objects.create(kind=kind, place=1, title="Leadership", question="Who leads?")
    KindTheme.objects.create(kind=kind, place=2, title="Practice")
    steps = [
        ("position-statement", "first-day", -3, "weeks", "council"),
        ("on-site", "first-day", 0, "days", "lga"),
        ("feedback", "last-day", 0, "days", "lga"),
        ("draft", "last-day", 4, "weeks", "lga"),
        ("factual-accuracy", "draft-sent", 10, "working-days", "council"),
        ("action-plan", "last-day", 5, "months", "council"),
    ]
    for step, anchor, length, unit, owes in steps:
        KindStep.objects.create(kind=kind, step=step, anchor=anchor, length=length, unit=unit, owes=owes)
    return kind


@pytest.fixture
def adviser(region):
    return viewer_with(Role.LGA_ADVISER, region=region)


@pytest.fixture
def approver(council):
    return viewer_with(Role.COUNCIL_APPROVER, council=council)


def offered(council, kind, adviser, **fields):
    given = {"kind": kind, "reason": "Four years since the last.", "manager": adviser.person, **fields}
    return offers.offer(council, **given, by=adviser, on=TODAY)


def answered(review, approver, accept=True, **fields):
    return offers.answer_offer(
        review, accept=accept, **fields, by=approver, on=TODAY, revision=review.revision
    )


# --- the offer


def test_an_offer_opens_a_case_with_the_themes_as_lines_and_tells_of_it_once(council, kind, adviser):
    review = offered(council, kind, adviser, first_day=FIRST, last_day=LAST)
    assert review.case.kind == Case.Kind.PEER_REVIEW
    assert review.case.reference.startswith("PR-2026-")
    assert [line.title for line in review.lines.all()] == ["Leadership", "Practice"]
    assert [change.after for change in review.stage_changes.all()] == [Stage.OFFERED]
    assert Event.objects.get(kind="review-offered").council_code == council.la_code
    assert not review.steps.exists()


@pytest.mark.parametrize(
    "role", [Role.COUNCIL_APPROVER, Role.NATIONAL_LEAD, Role.DFE_ADVISER, Role.PEER, Role.ADMINISTRATOR]
)
def test_nobody_but_the_lga_s_advisers_of_the_council_offers(council, kind, adviser, role):
    reach = {} if role in (Role.NATIONAL_LEAD, Role.ADMINISTRATOR) else {"council": council}
    with pytest.raises(PermissionDenied):
        offers.offer(
            council, kind=kind, reason="x", manager=adviser.person, by=viewer_with(role, **reach), on=TODAY
        )
    elsewhere = viewer_with(Role.LGA_ADVISER, region=RegionFactory())
    with pytest.raises(PermissionDenied):
        offered(council, kind, elsewhere)


def test_a_council_that_has_ended_is_offered_nothing(kind, region, adviser):
    ended = CouncilFactory(region=region, until_on=TODAY)
    with pytest.raises(Refused, match="does not exist today"):
        offered(ended, kind, adviser)
    ending = CouncilFactory(region=region, until_on=LAST)
    with pytest.raises(Refused, match="ends on"):
        offered(ending, kind, adviser, first_day=FIRST, last_day=LAST)


def test_a_kind_no_longer_offered_is_refused(council, adviser):
    past = make_kind("past", until_on=TODAY)
    with pytest.raises(Refused) as refused:
        offered(council, past, adviser)
    assert refused.value.field == "kind"


def test_a_second_review_of_a_council_is_made_only_once_confirmed(council, kind, adviser):
    offered(council, kind, adviser)
    with pytest.raises(Refused) as refused:
        offered(council, kind, adviser)
    assert refused.value.field == "confirmed"
    offered(council, kind, adviser, confirmed=True)
    assert PeerReview.objects.filter(case__council=council).count() == 2


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2027, 3, 8), date(2027, 3, 5), "last_day"),
        (date(2027, 3, 6), date(2027, 3, 9), "first_day"),
        (date(2026, 12, 21), date(2026, 12, 25), "last_day"),
        (date(2026, 9, 1), date(2026, 9, 3), "first_day"),
        (date(2027, 3, 8), date(2027, 5, 28), "last_day"),
        (date(2099, 3, 9), date(2099, 3, 10), "first_day"),
        (None, date(2027, 3, 5), "first_day"),
    ],
)
def test_days_on_site_are_working_days_in_order_and_not_long_past(council, kind, adviser, first, last, field):
    with pytest.raises(Refused) as refused:
        offered(council, kind, adviser, first_day=first, last_day=last)
    assert refused.value.field == field


def test_the_manager_is_an_adviser_whose_role_reaches_the_council(council, kind, adviser):
    stranger = person_with(Role.LGA_ADVISER, region=RegionFactory())
    with pytest.raises(Refused) as refused:
        offered(council, kind, adviser, manager=stranger)
    assert refused.value.field == "manager"


def test_the_organiser_is_somebody_of_the_council(council, kind, adviser):
    with pytest.raises(Refused) as refused:
        offered(
            council, kind, adviser, organiser=person_with(Role.COUNCIL_CONTRIBUTOR, council=CouncilFactory())
        )
    assert refused.value.field == "organiser"


def test_no_child_is_identified_in_an_offer(council, kind, adviser):
    with pytest.raises(Refused, match="date of birth"):
        offered(council, kind, adviser, reason="After DOB 12/03/2014")


def test_the_aim_to_offer_is_met_by_an_offer(council, kind, adviser):
    rule = ClockRule.objects.get(slug="peer-review-offer")
    aim = MilestoneFactory(case=None, council=council, rule=rule, force="aim", owes="lga", of_review=True)
    offered(council, kind, adviser)
    aim.refresh_from_db()
    assert (aim.outcome, aim.met_on) == (Milestone.Outcome.MET, TODAY)


# --- the answer


def test_accepting_puts_the_manager_on_the_team_and_makes_what_falls_due(council, kind, adviser, approver):
    organiser = person_with(Role.COUNCIL_CONTRIBUTOR, council=council)
    review = offered(council, kind, adviser, first_day=FIRST, last_day=LAST)
    review = answered(review, approver, organiser=organiser)
    assert review.stage == Stage.ACCEPTED
    member = TeamMember.objects.get(review=review)
    assert (member.role, member.person, member.from_on) == ("manager", adviser.person, None)
    due = {step.step: step.milestone for step in review.steps.select_related("milestone")}
    assert due["position-statement"].due_on == date(2027, 2, 15)
    assert due["draft"].due_on == date(2027, 4, 8)
    assert due["action-plan"].due_on == date(2027, 8, 11)
    assert "factual-accuracy" not in due
    assert due["position-statement"].assignee == organiser
    assert due["draft"].assignee == adviser.person
    assert all(milestone.of_review and milestone.force == "agreed" for milestone in due.values())


def test_declining_needs_a_reason_and_closes_the_case(council, kind, adviser, approver):
    review = offered(council, kind, adviser)
    with pytest.raises(Refused) as refused:
        answered(review, approver, accept=False)
    assert refused.value.field == "reason"
    review = answered(review, approver, accept=False, reason="An inspection is expected.")
    assert (review.stage, review.answer_reason) == (Stage.DECLINED, "An inspection is expected.")
    assert not Case.objects.open(TODAY).filter(pk=review.case_id).exists()
    assert not TeamMember.objects.exists()
    with pytest.raises(Refused, match="answered already"):
        answered(review, approver)


def test_the_council_s_approver_alone_answers(council, kind, adviser):
    review = offered(council, kind, adviser)
    others = [viewer_with(role, council=council) for role in (Role.COUNCIL_CONTRIBUTOR, Role.DFE_ADVISER)]
    elsewhere = viewer_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    for other in [adviser, elsewhere, *others]:
        with pytest.raises(PermissionDenied):
            answered(review, other)


def test_an_answer_to_what_has_changed_is_refused(council, kind, adviser, approver):
    review = offered(council, kind, adviser)
    with pytest.raises(Stale):
        offers.answer_offer(review, accept=True, by=approver, on=TODAY, revision=99)


def test_its_council_and_the_lga_see_a_declined_offer_and_nobody_else(
    council, kind, region, adviser, approver
):
    review = answered(offered(council, kind, adviser), approver, accept=False, reason="Not now.")
    sees = [approver, adviser, viewer_with(Role.PRINCIPAL_ADVISER, region=region)]
    never = [
        viewer_with(Role.COUNCIL_APPROVER, council=CouncilFactory(region=region)),
        viewer_with(Role.DFE_ADVISER, council=council),
        viewer_with(Role.PEER, council=CouncilFactory()),
    ]
    for viewer in sees:
        assert PeerReview.objects.visible_to(viewer).filter(pk=review.pk).exists()
    for viewer in never:
        assert not PeerReview.objects.visible_to(viewer).exists()
        assert not Milestone.objects.visible_to(viewer).filter(of_review=True).exists()


def test_no_event_holds_why_an_offer_was_made_or_declined(council, kind, adviser, approver):
    answered(offered(council, kind, adviser), approver, accept=False, reason="Not this year.")
    told = str(list(Event.objects.values_list("data", flat=True)))
    assert "Not this year." not in told
    assert "Four years" not in told


# --- who endorses, prepares, pays


def test_either_side_records_an_endorsement_with_its_day_and_may_correct_it():
    made = make_review(stage=Stage.ACCEPTED)
    for person, day in ((made.approver, TODAY - timedelta(days=2)), (made.manager, TODAY)):
        offers.endorse(made.review, office=Office.LEADER, endorsed_on=day, by=made.viewer(person), on=TODAY)
    assert [(one.office, one.on) for one in made.review.endorsements.all()] == [("leader", TODAY)]
    with pytest.raises(Refused):
        offers.endorse(
            made.review, office=Office.DCS, endorsed_on=TODAY, by=made.viewer(made.manager), on=TODAY
        )
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(Refused):
        offers.endorse(
            made.review, office=Office.LEADER, endorsed_on=tomorrow, by=made.viewer(made.manager), on=TODAY
        )
    with pytest.raises(PermissionDenied):
        offers.endorse(
            made.review, office=Office.LEADER, endorsed_on=TODAY, by=made.viewer(made.peers[0]), on=TODAY
        )


def test_what_the_council_owes_goes_to_a_new_organiser(council, kind, adviser, approver):
    review = answered(offered(council, kind, adviser, first_day=FIRST, last_day=LAST), approver)
    organiser = person_with(Role.COUNCIL_CONTRIBUTOR, council=council)
    offers.name_organiser(review, organiser=organiser, by=approver, on=TODAY, revision=review.revision)
    assignees = {step.step: step.milestone.assignee for step in review.steps.all()}
    assert assignees["position-statement"] == organiser
    assert assignees["draft"] == adviser.person


def test_an_adviser_put_on_the_case_may_manage_it():
    made = make_review(stage=Stage.ACCEPTED)
    elsewhere = person_with(Role.LGA_ADVISER, region=RegionFactory())
    viewer = Viewer.of(elsewhere, TODAY)
    assert not PeerReview.objects.run_by(viewer).exists()
    Assignment.objects.create(
        case=made.review.case, person=elsewhere, role=Role.LGA_ADVISER, from_on=TODAY - timedelta(days=1)
    )
    asked = {"subsidy": "part", "by": viewer, "on": TODAY, "revision": made.review.revision}
    assert offers.set_subsidy(made.review, **asked).subsidy == "part"
