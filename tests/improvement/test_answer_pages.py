"""The adviser's answer on its pages: reading, a view of each priority, questions and the council's replies."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from improvement.actions.answers import answer_question, ask, give_status
from improvement.models import AdviserStatus, Board, BoardMember, PlanVersion, Question, Release, UpdateRead
from improvement.presenters.answers import LEVELS, view_shown
from improvement.queries.answers import PrioritySeen, Seen
from tests.factories import CouncilFactory, person_with
from tests.improvement.conftest import TODAY
from tests.improvement.updates import make_update
from tests.plans import make_plan

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
OFF = {"delivery": "off-track", "reason": "Two managers left", "recovery": "Interim cover"}


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(f"{TODAY.isoformat()}T12:00:00+00:00", tick=False):
        yield


@pytest.fixture
def version(council):
    return make_plan(council, priorities=3, actions=6, standing=PlanVersion.Standing.SENT)


@pytest.fixture
def update(version):
    return make_update(
        version,
        OCTOBER,
        submitted_on=TODAY,
        priorities=[{"delivery": "on-track", "text": "Supervision is weekly"}, {"delivery": "slipping"}],
        actions=[OFF, {"delivery": "on-track", "done": "Thresholds agreed"}],
    )


@pytest.fixture
def adviser(region):
    return person_with(Role.LGA_ADVISER, region=region, name="Peregrine Ash")


@pytest.fixture
def contributor(council):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def keys(version):
    return [planned.priority_id for planned in version.priorities.all()]


def of(version, name, *more):
    return reverse(name, args=[version.plan.reference, OCTOBER, *more])


def body_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_the_adviser_finds_what_is_late_first_and_marks_the_update_read_by_a_button(
    client, version, update, adviser
):
    client.force_login(adviser)
    where = of(version, "update_answer")
    body = body_of(client.get(where))
    assert "October 2026: 6 actions late" in body and "Two managers left" in body
    assert "3 of 3 priorities want your view" in body
    assert not UpdateRead.objects.exists(), "looking alone marks nothing"
    assert "Read by Peregrine Ash on 2 November 2026" in body_of(client.post(where, follow=True))


def test_a_view_is_given_with_a_question_and_leads_to_the_next_priority(
    client, version, update, adviser, keys
):
    client.force_login(adviser)
    where = of(version, "update_answer_priority", keys[0])
    body = body_of(client.get(where))
    assert "The council says: <strong>on track</strong>" in body and "Supervision is weekly" in body
    sent = {"delivery": "slipping", "note": "Too early", "question": "What do children say?"}
    response = client.post(where, sent)
    assert response["Location"] == of(version, "update_answer_priority", keys[1])
    status, question = AdviserStatus.objects.get(), Question.objects.get()
    assert (status.delivery, status.note, status.by) == ("slipping", "Too early", adviser)
    assert (question.text, question.priority_id) == ("What do children say?", keys[0])
    body = body_of(client.get(of(version, "update_answer")))
    assert "<strong>Some slippage</strong> (differs)" in body and "2 of 3 priorities want your view" in body


def test_after_the_last_priority_the_answer_follows(client, version, update, adviser, keys):
    client.force_login(adviser)
    for key in keys[:2]:
        client.post(of(version, "update_answer_priority", key), {"delivery": "on-track"})
    response = client.post(of(version, "update_answer_priority", keys[2]), {"delivery": "on-track"})
    assert response["Location"] == of(version, "update_answer")


def test_a_question_that_is_refused_keeps_the_view_from_being_saved_by_halves(
    client, version, update, adviser, keys
):
    client.force_login(adviser)
    sent = {"delivery": "slipping", "question": "About NHS number 943 476 5919?"}
    body = body_of(client.post(of(version, "update_answer_priority", keys[0]), sent))
    assert "what looks like an NHS number" in body and "943 476 5919" in body
    assert not AdviserStatus.objects.exists() and not Question.objects.exists()


def test_of_two_advisers_the_second_sees_both_views(client, version, update, adviser, keys, region):
    client.force_login(adviser)
    where = of(version, "update_answer_priority", keys[0])
    client.get(where)
    other = Viewer.of(person_with(Role.PRINCIPAL_ADVISER, region=region), TODAY)
    priority = version.priorities.first().priority
    give_status(update, priority=priority, delivery="off-track", note="Theirs", by=other, on=TODAY)
    response = client.post(where, {"delivery": "on-track", "note": "Mine", "revision": ""})
    body = response.content.decode()
    assert response.status_code == 409 and "Theirs" in body and "Mine" in body and "Off track" in body
    client.post(where, {"delivery": "on-track", "note": "Mine", "revision": "1"})
    assert AdviserStatus.objects.get().note == "Mine"


def test_a_question_is_asked_about_the_action_that_was_chosen(client, version, update, adviser):
    client.force_login(adviser)
    action = version.actions.order_by("pk").first()
    where = of(version, "update_ask")
    body = body_of(client.get(f"{where}?about=a-{action.action_id}"))
    assert f'value="a-{action.action_id}" selected' in body
    assert "Enter your question" in body_of(client.post(where, {"about": f"a-{action.action_id}"}))
    client.post(where, {"about": f"a-{action.action_id}", "text": "Why so late?"})
    assert Question.objects.get().action == action.action
    assert "Select a valid choice" in body_of(client.post(where, {"about": "a-999999", "text": "Why?"}))


def test_the_council_answers_and_a_second_answer_is_shown_both(client, version, update, adviser, contributor):
    question = ask(update, text="What do children say?", by=Viewer.of(adviser, TODAY), on=TODAY)
    client.force_login(contributor)
    body = body_of(client.get(of(version, "update_answer")))
    assert "1 question to answer" in body and "Mark as read" not in body and "Ask a question" not in body
    where = reverse("update_question", args=[version.plan.reference, question.pk])
    assert "What do children say?" in body_of(client.get(where))
    first = {"text": "That they are heard", "revision": "1"}
    assert "That they are heard" in body_of(client.post(where, first, follow=True))
    response = client.post(where, {"text": "Typed second", "revision": "1"})
    assert response.status_code == 409
    assert "That they are heard" in response.content.decode() and "Typed second" in response.content.decode()


def test_who_may_read_the_update_alone_finds_no_answer(client, version, update, adviser, council):
    chair = person_with(Role.BOARD_CHAIR, council=council)
    board = Board.objects.create(plan=version.plan)
    BoardMember.objects.create(board=board, post="Chair", person=chair, chairs=True, from_on=date(2026, 1, 1))
    for audience in Release.Audience.values:
        Release.objects.create(council=council, audience=audience, update=update, released_on=TODAY)
    others = [
        person_with(role, council=council)
        for role in (Role.DFE_ADVISER, Role.SCRUTINY_MEMBER, Role.IMPROVEMENT_PARTNER)
    ]
    question = ask(update, text="Why?", by=Viewer.of(adviser, TODAY), on=TODAY)
    plan = version.plan.reference
    for person in (chair, *others):
        client.force_login(person)
        assert client.get(of(version, "highlight_report")).status_code == 200, "they read the update"
        for where in (
            of(version, "update_answer"),
            of(version, "update_ask"),
            reverse("update_question", args=[plan, question.pk]),
            reverse("plan_views", args=[plan]),
        ):
            assert client.get(where).status_code == 404, (person, where)
            assert client.post(where).status_code in (404, 405), (person, where)


def test_who_reads_the_answer_and_may_not_write_is_refused(
    client, version, update, contributor, adviser, keys
):
    question = ask(update, text="Why?", by=Viewer.of(adviser, TODAY), on=TODAY)
    client.force_login(contributor)
    assert client.post(of(version, "update_answer")).status_code == 403
    assert client.get(of(version, "update_ask")).status_code == 403
    assert client.get(of(version, "update_answer_priority", keys[0])).status_code == 403
    client.force_login(adviser)
    assert (
        client.get(reverse("update_question", args=[version.plan.reference, question.pk])).status_code == 403
    )


def test_a_council_of_another_place_finds_nothing(client, version, update, region, keys):
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=CouncilFactory(region=region)))
    for where in (
        of(version, "update_answer"),
        of(version, "update_answer_priority", keys[0]),
        reverse("plan_views", args=[version.plan.reference]),
    ):
        assert client.get(where).status_code == 404


def test_what_was_said_of_a_corrected_update_stands_beside_the_correction(
    client, version, update, adviser, keys
):
    viewer = Viewer.of(adviser, TODAY)
    priority = version.priorities.first().priority
    give_status(update, priority=priority, delivery="off-track", by=viewer, on=TODAY)
    question = ask(update, text="What do children say?", by=viewer, on=TODAY)
    make_update(
        version,
        OCTOBER,
        number=2,
        corrects=update,
        submitted_on=TODAY,
        priorities=[{"delivery": "off-track"}],
    )
    client.force_login(adviser)
    body = body_of(client.get(of(version, "update_answer")))
    assert "said before the correction" in body and question.text in body
    assert "3 of 3 priorities want your view" in body
    assert client.get(f"{of(version, 'update_ask')}?number=1").status_code == 403


# --- Both views over time.


def test_both_views_are_drawn_by_shape_with_a_bar_where_they_differ():
    seen = (
        Seen(SEPTEMBER, "on-track", "on-track"),
        Seen(OCTOBER, "on-track", "off-track", "No evidence of impact"),
        Seen(date(2026, 11, 1), "slipping", ""),
    )
    view = view_shown(PrioritySeen(1, "Leadership", seen), 1)
    same, differs, unsaid = view.points
    assert (same.differ, differs.differ, unsaid.differ) == (False, True, False)
    assert (differs.top, differs.bottom) == (LEVELS["on-track"], LEVELS["off-track"])
    assert same.x < differs.x < unsaid.x
    assert view.adviser_line.count(",") == 2
    assert [row.adviser for row in view.rows] == ["No view given", "Off track", "On track"]
    assert "differ in 1" in view.said and not view.differ_now


def test_a_chart_draws_the_last_twelve_periods_and_the_table_holds_all():
    seen = tuple(Seen(date(2025 + n // 12, n % 12 + 1, 1), "on-track") for n in range(20))
    view = view_shown(PrioritySeen(1, "Leadership", seen), 1)
    assert (len(view.points), len(view.rows)) == (12, 20)


def test_the_page_of_both_views_says_where_they_differ(client, version, update, adviser, contributor, keys):
    viewer = Viewer.of(adviser, TODAY)
    earlier = make_update(
        version, SEPTEMBER, submitted_on=date(2026, 10, 5), priorities=[{"delivery": "on-track"}]
    )
    priority = version.priorities.first().priority
    give_status(earlier, priority=priority, delivery="on-track", by=viewer, on=TODAY)
    client.force_login(contributor)
    where = reverse("plan_views", args=[version.plan.reference])
    assert "the adviser has given no view yet" in body_of(client.get(where))
    give_status(update, priority=priority, delivery="slipping", note="Too early", by=viewer, on=TODAY)
    body = body_of(client.get(where))
    assert "October 2026: council and adviser differ on 1 of 3 priorities" in body
    assert "<strong>Some slippage</strong> (differs)" in body and "Too early" in body
    assert body.count('class="up-views__gap"') == 2, "one in the key, one in the chart"


def test_without_an_update_the_page_says_so(client, version, contributor):
    client.force_login(contributor)
    body = body_of(client.get(reverse("plan_views", args=[version.plan.reference])))
    assert "No update has been submitted yet" in body


@pytest.mark.parametrize("size", [3, 30])
def test_pages_cost_the_same_queries_whatever_the_size(client, council, region, size):
    version = make_plan(council, priorities=size, actions=size * 2, standing=PlanVersion.Standing.SENT)
    adviser = person_with(Role.LGA_ADVISER, region=region)
    viewer = Viewer.of(adviser, TODAY)
    for month in range(3, 11):
        update = make_update(
            version,
            date(2026, month, 1),
            submitted_on=TODAY,
            priorities=[{"delivery": "on-track"}] * size,
            actions=[OFF] * size,
        )
    for planned in version.priorities.all():
        give_status(update, priority=planned.priority, delivery="slipping", by=viewer, on=TODAY)
        answer_question(
            ask(update, text="Why?", priority=planned.priority, by=viewer, on=TODAY),
            text="So",
            by=Viewer.system(TODAY),
            on=TODAY,
            revision=1,
        )
    client.force_login(adviser)
    for where, most in (
        (of(version, "update_answer"), 26),
        (reverse("plan_views", args=[version.plan.reference]), 14),
        (of(version, "update_answer_priority", version.priorities.first().priority_id), 24),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(where).status_code == 200
        assert len(asked) <= most, (where, len(asked))
