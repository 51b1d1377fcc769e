"""The adviser's answer to an update: who gives it, who reads it, and two who write at once."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused, Stale
from cases.models import Assignment
from history.models import Event
from improvement.actions.answers import answer_question, ask, give_status, read_update
from improvement.models import (
    AdviserStatus,
    Board,
    BoardMember,
    PlanVersion,
    Question,
    Release,
    Update,
    UpdateRead,
)
from tests.factories import CaseFactory, CouncilFactory, person_with, viewer_with
from tests.improvement.conftest import TODAY
from tests.improvement.test_measures import submitted
from tests.plans import make_plan


@pytest.fixture
def version(council):
    return make_plan(council, case=CaseFactory(council=council), standing=PlanVersion.Standing.ACCEPTED)


@pytest.fixture
def update(version):
    return submitted(version)


@pytest.fixture
def priority(version):
    return version.priorities.first().priority


@pytest.fixture
def adviser(region):
    return viewer_with(Role.LGA_ADVISER, region=region)


@pytest.fixture
def contributor(council):
    return viewer_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def question(update, adviser):
    return ask(update, text="What has changed for children?", by=adviser, on=TODAY)


def test_an_update_is_read_once_by_whoever_reads_it_first(update, adviser, region):
    first = read_update(update, by=adviser, on=TODAY)
    again = read_update(update, by=viewer_with(Role.PRINCIPAL_ADVISER, region=region), on=date(2026, 11, 9))
    assert (again, again.by, again.on) == (first, adviser.person, TODAY)
    assert Event.objects.filter(kind="update-read").count() == 1


def test_an_adviser_assigned_to_the_case_alone_answers_too(update, priority, version):
    person = person_with(Role.LGA_ADVISER, council=CouncilFactory())
    Assignment.objects.create(
        case=version.plan.case, person=person, role=Role.LGA_ADVISER, from_on=date(2026, 1, 1)
    )
    assigned = Viewer.of(person, TODAY)
    given = give_status(update, priority=priority, delivery="on-track", by=assigned, on=TODAY)
    assert list(AdviserStatus.objects.visible_to(assigned)) == [given]


@pytest.mark.parametrize(
    "role",
    [
        Role.COUNCIL_APPROVER,
        Role.COUNCIL_LEADERSHIP,
        Role.DFE_ADVISER,
        Role.SCRUTINY_MEMBER,
        Role.BOARD_CHAIR,
    ],
)
def test_none_but_the_lga_s_advisers_answer(update, priority, council, role):
    viewer = viewer_with(role, council=council)
    for answer in (
        lambda: read_update(update, by=viewer, on=TODAY),
        lambda: ask(update, text="Why?", by=viewer, on=TODAY),
        lambda: give_status(update, priority=priority, delivery="on-track", by=viewer, on=TODAY),
    ):
        with pytest.raises(PermissionDenied):
            answer()
    assert not (UpdateRead.objects.exists() or Question.objects.exists() or AdviserStatus.objects.exists())


def test_an_adviser_of_another_region_and_the_national_lead_answer_nothing(update):
    for stranger in (
        viewer_with(Role.LGA_ADVISER, council=CouncilFactory()),
        viewer_with(Role.NATIONAL_LEAD),
    ):
        with pytest.raises(PermissionDenied):
            ask(update, text="Why?", by=stranger, on=TODAY)


def test_a_draft_is_not_answered(version, adviser):
    draft = Update.objects.create(
        plan=version.plan, version=version, period_on=date(2026, 9, 1), due_on=TODAY, opened_on=TODAY
    )
    with pytest.raises(PermissionDenied):
        read_update(draft, by=adviser, on=TODAY)


def test_a_corrected_update_is_answered_in_its_correction(update, priority, adviser, version):
    correction = submitted(version, number=2, corrects=update)
    with pytest.raises(Refused, match="answer the correction"):
        ask(update, text="Why?", by=adviser, on=TODAY)
    assert ask(correction, text="Why?", by=adviser, on=TODAY).update == correction


def test_what_is_asked_and_said_is_read_by_the_council_and_the_lga_alone(
    update, priority, question, adviser, contributor, council, version
):
    status = give_status(
        update, priority=priority, delivery="slipping", note="Too early to say", by=adviser, on=TODAY
    )
    chair = person_with(Role.BOARD_CHAIR, council=council)
    board = Board.objects.create(plan=version.plan)
    BoardMember.objects.create(board=board, post="Chair", person=chair, chairs=True, from_on=date(2026, 1, 1))
    for audience in Release.Audience.values:
        Release.objects.create(council=council, audience=audience, update=update, released_on=TODAY)
    readers = [
        contributor,
        adviser,
        viewer_with(Role.COUNCIL_LEADERSHIP, council=council),
        viewer_with(Role.NATIONAL_LEAD),
    ]
    others = [
        Viewer.of(chair, TODAY),
        *(
            viewer_with(role, council=council)
            for role in (Role.DFE_ADVISER, Role.SCRUTINY_MEMBER, Role.IMPROVEMENT_PARTNER)
        ),
    ]
    for viewer in readers + others:
        assert Update.objects.visible_to(viewer).filter(pk=update.pk).exists()
        expected = viewer in readers
        assert Question.objects.visible_to(viewer).filter(pk=question.pk).exists() is expected
        assert AdviserStatus.objects.visible_to(viewer).filter(pk=status.pk).exists() is expected


def test_a_question_is_about_an_action_or_priority_of_this_plan_alone(update, adviser, region):
    other = make_plan(CouncilFactory(region=region))
    with pytest.raises(Refused, match="an action of this plan"):
        ask(update, text="Why?", action=other.actions.first().action, by=adviser, on=TODAY)
    with pytest.raises(Refused, match="a priority of this plan"):
        ask(update, text="Why?", priority=other.priorities.first().priority, by=adviser, on=TODAY)
    with pytest.raises(Refused, match="a priority of this plan"):
        give_status(
            update,
            priority=other.priorities.first().priority,
            delivery="on-track",
            by=adviser,
            on=TODAY,
        )


def test_the_council_answers_and_the_second_of_two_sees_what_it_has_become(question, contributor):
    answered = answer_question(
        question, text="Waits are shorter", by=contributor, on=TODAY, revision=question.revision
    )
    assert (answered.answer, answered.answered_on) == ("Waits are shorter", TODAY)
    with pytest.raises(Stale) as stale:
        answer_question(question, text="Other words", by=contributor, on=TODAY, revision=question.revision)
    assert stale.value.current.answer == "Waits are shorter"
    again = answer_question(
        answered, text="Much shorter", by=contributor, on=TODAY, revision=answered.revision
    )
    assert again.answer == "Much shorter"


def test_an_adviser_does_not_answer_for_the_council(question, adviser):
    with pytest.raises(PermissionDenied):
        answer_question(question, text="Yes", by=adviser, on=TODAY, revision=1)


def test_a_status_is_changed_by_whoever_saw_it_and_refused_to_whoever_did_not(update, priority, adviser):
    first = give_status(update, priority=priority, delivery="on-track", by=adviser, on=TODAY)
    with pytest.raises(Stale):
        give_status(update, priority=priority, delivery="off-track", by=adviser, on=TODAY)
    changed = give_status(
        update,
        priority=priority,
        delivery="off-track",
        note="No evidence of impact",
        by=adviser,
        on=TODAY,
        revision=first.revision,
    )
    assert (changed.pk, changed.delivery, changed.revision) == (first.pk, "off-track", 2)


def test_words_that_name_a_child_are_refused_everywhere(update, priority, adviser, question, contributor):
    words = "NHS number 943 476 5919"
    for write in (
        lambda: ask(update, text=words, by=adviser, on=TODAY),
        lambda: give_status(update, priority=priority, delivery="on-track", note=words, by=adviser, on=TODAY),
        lambda: answer_question(question, text=words, by=contributor, on=TODAY, revision=1),
    ):
        with pytest.raises(Refused, match="NHS number"):
            write()


def test_events_hold_none_of_the_words(update, priority, adviser, question, contributor):
    give_status(update, priority=priority, delivery="off-track", note="Weak", by=adviser, on=TODAY)
    answer_question(question, text="Shorter", by=contributor, on=TODAY, revision=1)
    for event in Event.objects.exclude(kind="case-opened"):
        assert not {"Weak", "Shorter", "off-track", question.text} & set(map(str, event.data.values()))
