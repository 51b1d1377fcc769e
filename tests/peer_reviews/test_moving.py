"""How a review goes from stage to stage: every way allowed and refused, its days, its steps, putting it off."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from cases.actions.milestones import mark_met, move_date
from cases.models import Case, DateChange, Milestone, Pause
from cases.queries import working_calendars
from cases.refusals import Refused, Stale
from councils.models import Office
from peer_reviews.actions import calls, moving, offers, scope, steps
from peer_reviews.actions.review import go_to, locked
from peer_reviews.models import ENDED, Endorsement, KindStep, PeerReview, Stage
from peer_reviews.rules import readiness
from peer_reviews.rules import steps as rules
from peer_reviews.rules.days import day_of
from peer_reviews.rules.stages import IN_ORDER, MAY_BE_LEFT_OUT, has_reached, may_go
from tests.factories import TODAY
from tests.peer_reviews.reviews import make_kind, make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

STAGES = [str(stage) for stage in Stage]
FIRST, LAST = date(2027, 3, 8), date(2027, 3, 11)


@pytest.fixture
def kind():
    kind = make_kind("with-steps")
    for step, anchor, length, unit, owes in (
        ("position-statement", "first-day", -3, "weeks", "council"),
        ("on-site", "first-day", 0, "days", "lga"),
        ("feedback", "last-day", 0, "days", "lga"),
        ("draft", "last-day", 20, "working-days", "lga"),
        ("factual-accuracy", "draft-sent", 10, "working-days", "council"),
        ("final", "last-day", 8, "weeks", "lga"),
        ("action-plan", "last-day", 5, "months", "council"),
        ("follow-up", "last-day", 10, "months", "lga"),
    ):
        KindStep.objects.create(kind=kind, step=step, anchor=anchor, length=length, unit=unit, owes=owes)
    return kind


def at(stage, kind=None, **fields):
    """Return a `Made` review at a stage, of a kind."""
    if stage == Stage.DECLINED:
        fields |= {"answer_reason": "Not now.", "answered_on": TODAY}
    return make_review(stage=stage, **({"kind": kind} if kind else {}), **fields)


def manages(made, action, /, **asked):
    """Do `action` on the review as its manager, and return the review as it is now."""
    review = made.review
    review.refresh_from_db()
    action(review, **asked, by=made.viewer(made.manager), on=made.today, revision=review.revision)
    return PeerReview.objects.get(pk=review.pk)


def make_ready(made):
    """Give a review all that being scoped asks for."""
    review = made.review
    review.scope = "Early help and the front door."
    review.scope_agreed_by_lga, review.scope_agreed_by_lga_on = made.manager, TODAY
    review.scope_agreed_by_council, review.scope_agreed_by_council_on = made.approver, TODAY
    review.save()
    for office in (Office.CHIEF_EXECUTIVE, Office.LEADER):
        Endorsement.objects.create(review=review, office=office, on=TODAY)


# --- which stage follows which


@pytest.mark.parametrize("before", STAGES)
def test_where_a_review_may_go_from_each_stage(before):
    allowed = {after for after in STAGES if may_go(before, after, stage_before="preparing")}
    if before in ("declined", "closed", "cancelled"):
        assert allowed == set()
    elif before == "postponed":
        assert allowed == {"preparing", "cancelled"}
    else:
        rest = IN_ORDER[IN_ORDER.index(before) + 1 :]
        forward = {
            after
            for place, after in enumerate(rest)
            if all(stage in MAY_BE_LEFT_OUT for stage in rest[:place])
        }
        offered = {"declined"} if before == "offered" else set()
        assert allowed == forward | offered | {"postponed", "cancelled"}


@given(st.lists(st.sampled_from(STAGES), max_size=25))
def test_however_it_goes_a_review_never_goes_back_and_never_comes_back_from_its_end(asked):
    stage, stage_before, furthest = "offered", "", 0
    for after in asked:
        if not may_go(stage, after, stage_before=stage_before):
            continue
        assert stage not in ENDED
        stage_before = stage if after == "postponed" else ""
        stage = after
        if stage in IN_ORDER:
            assert IN_ORDER.index(stage) >= furthest
            furthest = IN_ORDER.index(stage)
    assert has_reached(stage, "offered", stage_before=stage_before) or stage in ("declined", "cancelled")


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "postponed"])
def test_go_on_goes_only_where_it_is_gone_by_hand(stage):
    made = at(stage)
    make_ready(made)
    reached = set()
    for to in STAGES:
        review = PeerReview.objects.get(pk=made.review.pk)
        try:
            with_reason = {"to": to, "reason": "Agreed with the council.", "revision": review.revision}
            moving.go_on(review, **with_reason, by=made.viewer(made.manager), on=made.today)
        except Refused:
            continue
        reached.add(to)
        PeerReview.objects.filter(pk=review.pk).update(stage=stage)
        Case.objects.filter(pk=review.case_id).update(standing="open", closed_on=None)
    assert reached == set(readiness.next_stages(stage))


def test_nobody_but_who_runs_it_takes_it_on():
    made = at(Stage.TEAM_CONFIRMED)
    for person in (made.approver, made.contributor, *made.peers):
        with pytest.raises(PermissionDenied):
            moving.go_on(
                made.review, "preparing", by=made.viewer(person), on=TODAY, revision=made.review.revision
            )
    with pytest.raises(Stale):
        moving.go_on(made.review, "preparing", by=made.viewer(made.manager), on=TODAY, revision=99)


# --- what is missing


def test_a_review_is_scoped_once_nothing_is_missing():
    made = at(Stage.ACCEPTED)
    with pytest.raises(Refused) as refused:
        manages(made, moving.go_on, to="scoped")
    assert "the scope" in refused.value.message
    assert "the council’s agreement to the scope" in refused.value.message
    make_ready(made)
    assert manages(made, moving.go_on, to="scoped").stage == Stage.SCOPED


def test_without_an_endorsement_a_reason_is_asked_and_kept():
    made = at(Stage.ACCEPTED)
    make_ready(made)
    made.review.endorsements.filter(office=Office.LEADER).delete()
    with pytest.raises(Refused) as refused:
        manages(made, moving.go_on, to="scoped")
    assert (refused.value.field, "leader’s endorsement" in refused.value.message) == ("reason", True)
    manages(made, moving.go_on, to="scoped", reason="The leader’s office is vacant.")
    assert made.review.stage_changes.last().reason == "The leader’s office is vacant."


def test_a_review_is_not_on_site_before_its_first_day():
    made = at(Stage.PREPARING)
    make_ready(made)
    PeerReview.objects.filter(pk=made.review.pk).update(first_day=TODAY + timedelta(days=1))
    with pytest.raises(Refused, match="first day on site"):
        manages(made, moving.go_on, to="on-site")
    PeerReview.objects.filter(pk=made.review.pk).update(first_day=TODAY)
    assert manages(made, moving.go_on, to="on-site").stage == Stage.ON_SITE


def test_closing_without_a_follow_up_asks_why():
    made = at(Stage.FINAL)
    with pytest.raises(Refused) as refused:
        manages(made, moving.go_on, to="closed")
    assert refused.value.field == "reason"
    review = manages(made, moving.go_on, to="closed", reason="The council wants none.")
    assert (review.stage, review.case.closed_on) == (Stage.CLOSED, TODAY)


# --- when steps fall due


@pytest.mark.parametrize(
    ("length", "unit", "due"),
    [
        (-3, "weeks", date(2027, 2, 15)),
        (0, "days", date(2027, 3, 8)),
        (-1, "working-days", date(2027, 3, 5)),
        (15, "working-days", date(2027, 3, 31)),
        (5, "months", date(2027, 8, 8)),
        (-3, "days", date(2027, 3, 5)),
    ],
)
def test_a_step_is_counted_from_its_day_either_way(length, unit, due):
    assert rules.due(FIRST, length, unit, working_calendars()["england-and-wales"]) == due


@given(st.integers(-60, 60), st.dates(date(2016, 1, 1), date(2026, 12, 31)))
def test_working_days_forward_and_back_again_end_no_later_and_never_on_a_holiday(length, day):
    calendar = _calendar()
    there = rules.due(day, length, "working-days", calendar)
    assert length == 0 or calendar.is_working_day(there)
    assert (there > day) == (length > 0)
    counted = rules.working_days(min(day, there), max(day, there), calendar)
    assert len([one for one in counted if one != day]) == abs(length)


_CALENDARS = []


def _calendar():
    if not _CALENDARS:
        _CALENDARS.append(working_calendars()["england-and-wales"])
    return _CALENDARS[0]


def test_the_day_of_a_review_is_counted_in_working_days():
    calendar = working_calendars()["england-and-wales"]
    assert day_of(date(2027, 3, 15), date(2027, 3, 11), date(2027, 3, 16), calendar) == (3, 4)
    assert day_of(date(2027, 3, 13), date(2027, 3, 11), date(2027, 3, 16), calendar) is None


def test_setting_steps_twice_makes_each_once(kind):
    made = at(Stage.ACCEPTED, kind)
    viewer = made.viewer(made.manager)
    assert len(steps.set_steps(made.review, by=viewer, on=TODAY)) == 7
    assert steps.set_steps(made.review, by=viewer, on=TODAY) == []
    assert made.review.steps.count() == 7
    assert not DateChange.objects.exists()


def test_moving_the_days_moves_what_is_open_and_keeps_what_was_promised(kind):
    made = at(Stage.ACCEPTED, kind)
    viewer = made.viewer(made.manager)
    review = manages(made, moving.set_days, first_day=FIRST, last_day=LAST)
    assert review.notes_lock_at == datetime(2027, 3, 15, 23, 59, tzinfo=ZoneInfo("Europe/London"))
    by_step = {step.step: step.milestone for step in review.steps.all()}
    mark_met(by_step["position-statement"], met_on=TODAY, by=viewer, on=TODAY, revision=1)
    stated = {"reason": "letter", "stated_in": "The agreement", "by": viewer, "on": TODAY, "revision": 1}
    move_date(by_step["final"], to=date(2027, 6, 1), **stated)
    review = manages(made, moving.set_days, first_day=date(2027, 4, 12), last_day=date(2027, 4, 15))
    now = {step.step: step.milestone for step in review.steps.all()}
    assert now["position-statement"].due_on == date(2027, 2, 15)
    assert now["final"].due_on == date(2027, 6, 1)
    assert now["final"].computed_due == date(2027, 6, 10)
    assert now["on-site"].due_on == date(2027, 4, 12)
    changes = [(one.old_due_on, one.new_due_on) for one in now["on-site"].changes.all()]
    assert changes == [(date(2027, 3, 8), date(2027, 4, 12))]
    assert review.notes_lock_at.date() == date(2027, 4, 19)


def test_a_lock_that_the_manager_set_stands_when_the_days_move(kind):
    made = at(Stage.ACCEPTED, kind)
    moment = datetime(2027, 3, 30, 12, tzinfo=ZoneInfo("Europe/London"))
    PeerReview.objects.filter(pk=made.review.pk).update(notes_lock_at=moment)
    assert manages(made, moving.set_days, first_day=FIRST, last_day=LAST).notes_lock_at == moment


def test_stages_meet_their_steps_and_leaving_one_out_withdraws_its_own(kind):
    made = at(Stage.PREPARING, kind)
    make_ready(made)
    steps.set_steps(made.review, by=made.viewer(made.manager), on=TODAY)
    manages(made, moving.go_on, to="on-site")
    for stage in (Stage.FEEDBACK_GIVEN, Stage.DRAFT_REPORT, Stage.FINAL):
        review = locked(made.review, among=PeerReview.objects.all())
        go_to(review, stage, by=made.viewer(made.manager), on=TODAY)
    manages(made, moving.go_on, to="follow-up")
    manages(made, moving.go_on, to="closed")
    outcomes = {step.step: step.milestone.outcome for step in made.review.steps.all()}
    assert outcomes == {
        "position-statement": "withdrawn",
        "on-site": "met",
        "feedback": "met",
        "draft": "met",
        "final": "met",
        "action-plan": "withdrawn",
        "follow-up": "met",
    }
    review = PeerReview.objects.get(pk=made.review.pk)
    assert review.notes_delete_on == TODAY + timedelta(weeks=6)
    offer = Milestone.objects.get(council=made.council, rule__slug="peer-review-offer")
    assert offer.started_on == made.review.last_day


# --- its days


def test_days_that_clash_with_another_review_are_taken_only_once_confirmed():
    first = make_review(stage=Stage.PREPARING)
    second = make_review(first.council, region=first.region, stage=Stage.ACCEPTED)
    days = {"first_day": first.review.last_day, "last_day": first.review.last_day + timedelta(days=1)}
    with pytest.raises(Refused) as refused:
        manages(second, moving.set_days, **days)
    assert refused.value.field == "confirmed"
    assert manages(second, moving.set_days, **days, confirmed=True).first_day == days["first_day"]


def test_once_on_site_the_first_day_stands_and_after_feedback_both_do():
    made = at(Stage.ON_SITE)
    with pytest.raises(Refused) as refused:
        manages(made, moving.set_days, first_day=TODAY, last_day=made.review.last_day)
    assert refused.value.field == "first_day"
    PeerReview.objects.update(first_day=TODAY)
    review = manages(made, moving.set_days, first_day=TODAY, last_day=TODAY + timedelta(days=3))
    assert review.last_day == TODAY + timedelta(days=3)
    given = at(Stage.FEEDBACK_GIVEN)
    with pytest.raises(Refused, match="stand once feedback"):
        manages(given, moving.set_days, first_day=FIRST, last_day=LAST)


# --- put off, taken up again, cancelled


def test_putting_off_pauses_what_is_owed_and_resuming_moves_it_with_the_change_kept(kind):
    made = at(Stage.SCOPED, kind)
    manages(made, moving.set_days, first_day=FIRST, last_day=LAST)
    review = manages(made, moving.postpone, reason="An election is called.")
    assert (review.stage, review.stage_before) == (Stage.POSTPONED, Stage.SCOPED)
    assert Pause.objects.filter(until_on=None).count() == review.steps.count()
    with pytest.raises(Refused, match="resume it"):
        manages(made, moving.set_days, first_day=FIRST, last_day=LAST)
    with pytest.raises(Refused) as refused:
        manages(made, moving.resume)
    assert refused.value.field == "first_day"
    assert PeerReview.objects.get(pk=review.pk).stage == Stage.POSTPONED
    review = manages(made, moving.resume, first_day=date(2027, 6, 7), last_day=date(2027, 6, 10))
    assert (review.stage, review.stage_before) == (Stage.SCOPED, "")
    assert not Pause.objects.filter(until_on=None).exists()
    change = DateChange.objects.get(milestone__review_step__step="on-site")
    assert (change.old_due_on, change.new_due_on, change.reason) == (FIRST, date(2027, 6, 7), "resumed")


def test_a_report_that_was_put_off_resumes_without_new_days(kind):
    made = at(Stage.DRAFT_REPORT, kind)
    steps.set_steps(made.review, by=made.viewer(made.manager), on=TODAY)
    due = list(Milestone.objects.values_list("pk", "due_on"))
    manages(made, moving.postpone, reason="The lead peer is ill.")
    review = manages(made, moving.resume)
    assert review.stage == Stage.DRAFT_REPORT
    assert list(Milestone.objects.values_list("pk", "due_on")) == due


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in (*ENDED, "postponed")])
def test_from_any_stage_it_is_cancelled_for_a_reason_and_its_team_s_time_ends(stage, kind):
    made = at(stage, kind)
    steps.set_steps(made.review, by=made.viewer(made.manager), on=TODAY)
    with pytest.raises(Refused) as refused:
        manages(made, moving.cancel, reason=" ")
    assert refused.value.field == "reason"
    review = manages(made, moving.cancel, reason="The council asked.")
    assert review.stage == Stage.CANCELLED
    assert not Milestone.objects.filter(review_step__review=review, closed_on=None).exists()
    assert review.case.standing == "closed"
    for person in made.peers:
        assert not PeerReview.objects.of_team(made.viewer(person)).exists()
    with pytest.raises(Refused):
        manages(made, moving.postpone, reason="Again.")


# --- Ofsted calls


@pytest.mark.parametrize(
    ("answer", "then", "stage"),
    [
        ("continue", "", Stage.ON_SITE),
        ("stop", "postpone", Stage.POSTPONED),
        ("stop", "cancel", Stage.CANCELLED),
        ("hand-over", "postpone", Stage.POSTPONED),
    ],
)
def test_a_call_on_site_is_kept_with_what_was_agreed_and_by_which_posts(answer, then, stage):
    made = at(Stage.ON_SITE)
    asked = {"called_on": TODAY, "answer": answer, "agreed_by": "DCS and lead peer", "then": then}
    review = manages(made, calls.record_ofsted_call, **asked)
    call = review.ofsted_calls.get()
    assert (call.answer, call.agreed_by, review.stage) == (answer, "DCS and lead peer", stage)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"agreed_by": ""}, "agreed_by"),
        ({"answer": "stop"}, "then"),
        ({"answer": "perhaps"}, "answer"),
        ({"called_on": TODAY + timedelta(days=1)}, "called_on"),
        ({"called_on": TODAY - timedelta(days=9)}, "called_on"),
    ],
)
def test_a_call_is_recorded_whole_and_on_a_day_of_that_week(change, field):
    made = at(Stage.ON_SITE)
    asked = {"called_on": TODAY, "answer": "continue", "agreed_by": "DCS", **change}
    with pytest.raises(Refused) as refused:
        manages(made, calls.record_ofsted_call, **asked)
    assert refused.value.field == field


# --- scope and lines


def write(made, person=None, **change):
    review = PeerReview.objects.get(pk=made.review.pk)
    lines = [scope.Line(one.title, one.question, one.pk) for one in review.lines.all()]
    asked = {"scope": review.scope, "lines": lines, **change}
    viewer = made.viewer(person or made.manager)
    return scope.set_scope(review, **asked, by=viewer, on=TODAY, revision=review.revision)


def test_lines_are_added_reworded_reordered_and_removed_at_once():
    made = at(Stage.ACCEPTED)
    one, two, _ = made.review.lines.all()
    write(
        made,
        lines=[
            scope.Line("Line 2, new words", "Why?", two.pk),
            scope.Line("New"),
            scope.Line("Line 1", "", one.pk),
        ],
    )
    now = [(line.place, line.title, line.question) for line in made.review.lines.all()]
    assert now == [(1, "Line 2, new words", "Why?"), (2, "New", ""), (3, "Line 1", "")]
    assert made.review.lines.get(place=1).pk == two.pk


def test_both_sides_agree_and_any_change_clears_both():
    made = at(Stage.ACCEPTED)
    write(made, scope="The front door.")
    for person, side in ((made.manager, "lga"), (made.approver, "council")):
        review = PeerReview.objects.get(pk=made.review.pk)
        viewer = made.viewer(person)
        assert scope.agree_scope(review, by=viewer, on=TODAY, revision=review.revision) == side
    assert write(made) is False
    assert PeerReview.objects.get(pk=made.review.pk).scope_agreed_by_council_on == TODAY
    assert write(made, made.contributor, scope="The front door and early help.") is True
    review = PeerReview.objects.get(pk=made.review.pk)
    assert review.scope_agreed_by_council_on is None
    assert review.scope_agreed_by_lga_on is None
    with pytest.raises(PermissionDenied):
        scope.agree_scope(review, by=made.viewer(made.contributor), on=TODAY, revision=review.revision)


def test_a_line_with_activities_is_not_removed():
    made = at(Stage.ON_SITE)
    line = made.review.lines.first()
    activity = made.review.activities.create(on=TODAY, starts_at="09:00", ends_at="10:00", title="Meeting")
    activity.lines.add(line)
    kept = [scope.Line(one.title, one.question, one.pk) for one in made.review.lines.exclude(pk=line.pk)]
    with pytest.raises(Refused, match="can’t be removed"):
        write(made, lines=kept)


def test_the_scope_is_settled_once_feedback_is_given():
    with pytest.raises(Refused, match="settled"):
        write(at(Stage.FEEDBACK_GIVEN), scope="More.")
    with pytest.raises(Refused, match="postponed"):
        write(at(Stage.POSTPONED, stage_before="scoped"), scope="More.")


def test_a_line_of_another_review_can_t_be_taken():
    made, other = at(Stage.ACCEPTED), at(Stage.ACCEPTED)
    with pytest.raises(Refused):
        write(made, lines=[scope.Line("Mine", "", other.review.lines.first().pk)])


def test_neither_peers_nor_other_councils_write_or_agree_the_scope():
    made, other = at(Stage.ON_SITE), at(Stage.ON_SITE)
    for person in (made.peers[0], other.approver, other.manager):
        with pytest.raises(PermissionDenied):
            write(made, person, scope="Mine.")
        with pytest.raises(PermissionDenied):
            offers.endorse(
                made.review, office=Office.LEADER, endorsed_on=TODAY, by=made.viewer(person), on=TODAY
            )
