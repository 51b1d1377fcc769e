"""Drafting a plan: from nothing, a template or a version; its rows kept in order, each save to what was read."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused, Stale
from cases.models import Force, Source
from history.models import Event
from improvement.actions import drafting
from improvement.models import Action, Measure, Plan, PlannedAction, PlanVersion
from improvement.queries.plans import read_version
from tests.factories import (
    CaseFactory,
    ClockRuleFactory,
    CouncilFactory,
    MilestoneFactory,
    RecommendationFactory,
    SourceFactory,
    person_with,
    viewer_with,
)
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

DRAFTING, APPROVED, SHARED = (PlanVersion.Standing(one) for one in ("drafting", "approved", "shared"))


@pytest.fixture
def contributor(council):
    return viewer_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def doing(contributor, today):
    return {"by": contributor, "on": today}


@pytest.fixture
def version(council):
    return make_plan(council)


def texts(version):
    return [[one.text for one in each.actions.all()] for each in version.priorities.all()]


def numbers(version, on):
    return {one.text: one.number for one in read_version(version, on).actions}


def test_a_plan_starts_from_nothing_without_an_intervention_under_the_next_reference(council, doing):
    first = drafting.start_plan(council, title="Our own plan", **doing)
    second = drafting.start_plan(council, title="A second one", **doing)
    assert [one.plan.reference for one in (first, second)] == ["PLAN-2026-0001", "PLAN-2026-0002"]
    assert (first.number, first.standing, first.plan.case, first.plan.begun_on) == (
        1,
        DRAFTING,
        None,
        doing["on"],
    )
    assert Event.objects.filter(kind="draft-plan-started", council_code=council.la_code).count() == 2


def test_a_plan_of_an_intervention_takes_its_statutory_day_and_recommendations_of_several_sources(
    council, doing
):
    case = CaseFactory(council=council)
    rule = ClockRuleFactory(slug="action-plan-test", force=Force.STATUTORY)
    MilestoneFactory(case=case, rule=rule, force=Force.STATUTORY, due_on=date(2026, 12, 1))
    told = [RecommendationFactory(source=SourceFactory(council=council)) for _ in range(2)]
    version = drafting.start_plan(council, title="Plan", case=case, recommendations=told, **doing)
    assert version.statutory_on == date(2026, 12, 1)
    assert set(version.plan.recommendations.all()) == set(told)
    event = Event.objects.filter(kind="draft-recommendations-chosen").first()
    assert event.case_reference == case.reference and event.source_id in {one.source_id for one in told}
    with pytest.raises(Refused) as refusal:
        drafting.start_plan(council, title="Plan", case=CaseFactory(), **doing)
    assert refusal.value.field == "case"


def test_the_template_of_the_seven_enablers_gives_a_priority_for_each_with_its_outcome(council, doing):
    version = drafting.start_plan(council, title="Plan", template="seven-enablers", **doing)
    priorities = list(version.priorities.all())
    assert len({one.enabler for one in priorities}) == 7 and all(one.outcome for one in priorities)
    with pytest.raises(Refused) as refusal:
        drafting.start_plan(council, title="Plan", template="of-our-own", **doing)
    assert refusal.value.field == "template"


def test_a_plan_started_from_a_version_has_its_content_under_identities_of_its_own(council, version, doing):
    started = drafting.start_plan(council, title="Next", from_version=version, **doing)
    assert texts(started) == texts(version)
    theirs = set(version.actions.values_list("action", flat=True))
    assert not theirs & set(started.actions.values_list("action", flat=True))
    assert {one.plan for one in Action.objects.filter(planned__version=started)} == {started.plan}
    measured = Measure.objects.filter(planned_actions__version=started)
    assert measured and {one.plan for one in measured} == {started.plan}
    strange = make_plan(CouncilFactory())
    with pytest.raises(Refused) as refusal:
        drafting.start_plan(council, title="Theirs", from_version=strange, **doing)
    assert refusal.value.field == "from_version"


@pytest.mark.parametrize("role", [Role.COUNCIL_LEADERSHIP, Role.LGA_ADVISER, Role.ACTION_OWNER])
def test_whoever_does_not_draft_for_the_council_starts_and_saves_nothing(role, council, version, today):
    by = viewer_with(role, council=council)
    with pytest.raises(PermissionDenied):
        drafting.start_plan(council, title="Plan", by=by, on=today)
    with pytest.raises(PermissionDenied):
        drafting.save_action(version.actions.first(), text="Mine", revision=1, by=by, on=today)
    elsewhere = viewer_with(Role.COUNCIL_CONTRIBUTOR, council=CouncilFactory())
    with pytest.raises(PermissionDenied):
        drafting.add_priority(version, title="Theirs", by=elsewhere, on=today)


def test_a_new_version_says_what_the_latest_says_under_the_same_identities_and_numbers(council, doing):
    latest = make_plan(council, standing=SHARED)
    made = drafting.new_version(latest.plan, change_note="Dates after the visit", **doing)
    assert (made.number, made.standing, made.made_from) == (2, DRAFTING, latest)
    assert numbers(made, doing["on"]) == numbers(latest, doing["on"])
    before, after = read_version(latest, doing["on"]), read_version(made, doing["on"])
    assert (before.priorities, before.measures, before.risks) == (
        after.priorities,
        after.measures,
        after.risks,
    )
    with pytest.raises(Refused, match="one at a time"):
        drafting.new_version(latest.plan, change_note="Another", **doing)


def test_a_new_version_says_what_it_changes(council, doing):
    latest = make_plan(council, standing=APPROVED)
    with pytest.raises(Refused) as refusal:
        drafting.new_version(latest.plan, change_note="  ", **doing)
    assert refusal.value.field == "change_note"


@pytest.mark.parametrize("standing", ["for-approval", "approved", "shared"])
def test_a_version_that_is_no_longer_drafted_takes_no_edit(standing, council, doing):
    version = make_plan(council, standing=standing)
    action = version.actions.first()
    for edit in (
        lambda: drafting.save_action(action, text="Other", revision=1, **doing),
        lambda: drafting.add_action(version, priority=action.priority, text="More", **doing),
        lambda: drafting.remove_action(action, revision=1, note="Not needed", **doing),
        lambda: drafting.add_risk(version, text="Late", **doing),
    ):
        with pytest.raises(Refused, match="can’t change"):
            edit()


def test_a_save_changes_what_is_given_alone_and_counts_its_revision_on(version, doing):
    action = version.actions.first()
    saved = drafting.save_action(action, text=" Do it\r\nwell ", revision=1, **doing)
    assert (saved.text, saved.success, saved.revision) == ("Do it\nwell", action.success, 2)
    assert drafting.save_action(saved, text="Do it\nwell", revision=2, **doing).revision == 2
    events = Event.objects.filter(kind="draft-action-saved")
    assert [event.data["fields"] for event in events] == [["text"]]
    with pytest.raises(Stale) as stale:
        drafting.save_action(action, text="From before", revision=1, **doing)
    assert stale.value.current.text == "Do it\nwell"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"due_on": date(2026, 1, 11)}, "due_on"),
        ({"start_on": date(2030, 1, 1)}, "start_on"),
        ({"owner_post": "p" * 121}, "owner_post"),
        ({"success": "Ann Other, born 12/3/2014, is safe"}, "success"),
    ],
)
def test_what_can_not_be_saved_of_an_action_names_its_field(given, field, version, doing):
    with pytest.raises(Refused) as refusal:
        drafting.save_action(version.actions.first(), revision=1, **given, **doing)
    assert refusal.value.field == field
    assert version.actions.first().revision == 1


def test_an_owner_is_somebody_who_may_report_or_draft_for_the_council(version, council, doing):
    action = version.actions.first()
    owner = person_with(Role.ACTION_OWNER, council=council)
    assert drafting.save_action(action, owner=owner, revision=1, **doing).owner == owner
    for stranger in (
        person_with(Role.COUNCIL_LEADERSHIP, council=council),
        person_with(Role.ACTION_OWNER, council=CouncilFactory()),
    ):
        with pytest.raises(Refused) as refusal:
            drafting.save_action(action, owner=stranger, revision=2, **doing)
        assert refusal.value.field == "owner"


def test_an_action_answers_recommendations_of_its_plan_alone_and_keeps_one_under_embargo(version, doing):
    action = version.actions.first()
    _first, second = version.plan.recommendations.order_by("number")[:2]
    saved = drafting.save_action(action, recommendations=[second], revision=1, **doing)
    assert list(saved.recommendations.all()) == [second]
    with pytest.raises(Refused) as refusal:
        drafting.save_action(action, recommendations=[RecommendationFactory()], revision=2, **doing)
    assert refusal.value.field == "recommendations"
    Source.objects.filter(pk=second.source_id).update(access=Source.Access.EMBARGOED)
    drafting.save_action(action, recommendations=[], revision=2, **doing)
    assert list(saved.recommendations.all()) == [second]


def test_recommendations_come_from_several_sources_and_none_under_embargo(version, council, doing):
    other = RecommendationFactory(source=SourceFactory(council=council, kind=Source.Kind.PEER_REVIEW))
    secret = RecommendationFactory(source=SourceFactory(council=council, access=Source.Access.EMBARGOED))
    closed = RecommendationFactory(
        source=SourceFactory(council=council), closed_on=date(2026, 10, 1), outcome="met"
    )
    kept = version.plan.recommendations.first()
    plan = drafting.choose_recommendations(version.plan, recommendations=[kept, other], **doing)
    assert set(plan.recommendations.all()) == {kept, other}
    assert not version.actions.filter(recommendations__number=2).exists()
    for wrong in (secret, closed, RecommendationFactory()):
        with pytest.raises(Refused):
            drafting.choose_recommendations(plan, recommendations=[kept, wrong], **doing)


def test_what_an_approved_action_answers_can_not_be_taken_from_the_plan(council, doing):
    plan = make_plan(council, standing=APPROVED).plan
    with pytest.raises(Refused) as refusal:
        drafting.choose_recommendations(plan, recommendations=[], **doing)
    assert refusal.value.field == "recommendations"


def test_actions_are_reordered_and_moved_between_priorities_without_a_gap(version, doing):
    first, second = version.priorities.all()[:2]
    last = first.actions.last()
    drafting.move_action(last, place=1, **doing)
    assert list(first.actions.values_list("text", flat=True)) == [
        "Do thing 10",
        "Do thing 1",
        "Do thing 4",
        "Do thing 7",
    ]
    drafting.move_action(last, place=2, priority=second, **doing)
    assert list(second.actions.values_list("place", flat=True)) == [1, 2, 3, 4, 5]
    assert list(first.actions.values_list("place", flat=True)) == [1, 2, 3]
    assert PlannedAction.objects.get(pk=last.pk).revision == 1


def test_an_action_that_no_approved_version_has_goes_with_its_identity(version, doing):
    action = version.actions.first()
    drafting.remove_action(action, revision=1, **doing)
    assert not Action.objects.filter(pk=action.action_id).exists()
    assert list(action.priority.actions.values_list("place", flat=True)) == [1, 2, 3]


def test_an_action_that_was_approved_is_dropped_with_a_reason_and_can_be_put_back(council, doing):
    live = make_plan(council, standing=APPROVED)
    draft = drafting.new_version(live.plan, change_note="Fewer actions", **doing)
    planned = draft.actions.first()
    action = planned.action
    with pytest.raises(Refused) as refusal:
        drafting.remove_action(planned, revision=1, **doing)
    assert refusal.value.field == "note"
    drafting.remove_action(planned, revision=1, note="The front door has moved", **doing)
    action.refresh_from_db()
    assert (action.closed_on, action.closed_because) == (doing["on"], "dropped")
    assert live.actions.filter(action=action).exists()
    back = drafting.put_back_action(draft, action, **doing)
    action.refresh_from_db()
    assert action.closed_on is None and back.recommendations.count() == 1
    with pytest.raises(Refused):
        drafting.put_back_action(draft, action, **doing)


def test_a_merged_action_gives_what_it_answers_to_the_other(council, doing):
    live = make_plan(council, standing=APPROVED)
    draft = drafting.new_version(live.plan, change_note="Fewer actions", **doing)
    one, other = draft.actions.all()[:2]
    drafting.save_action(one, by_voice=True, revision=1, **doing)
    answered = set(one.recommendations.all()) | set(other.recommendations.all())
    into = drafting.merge_action(one, into=other, revision=2, text="Do both", **doing)
    assert set(into.recommendations.all()) == answered
    assert (into.text, into.by_voice, into.by_measures) == ("Do both", True, True)
    closed = Action.objects.get(pk=one.action_id)
    assert (closed.closed_because, closed.merged_into) == ("merged", other.action)
    with pytest.raises(Refused):
        drafting.merge_action(into, into=into, revision=into.revision, **doing)


def test_a_priority_goes_once_it_is_empty(version, doing):
    first = version.priorities.first()
    with pytest.raises(Refused, match="Move or remove its actions"):
        drafting.remove_priority(first, revision=1, **doing)
    added = drafting.add_priority(version, title="Data", enabler="supporting-apparatus", **doing)
    drafting.move_priority(added, place=1, **doing)
    assert list(version.priorities.values_list("title", flat=True))[:2] == ["Data", "Priority 1"]
    drafting.remove_priority(added, revision=1, **doing)
    assert list(version.priorities.values_list("place", flat=True)) == [1, 2, 3]
    with pytest.raises(Refused) as refusal:
        drafting.add_priority(version, title="Data", enabler="luck", **doing)
    assert refusal.value.field == "enabler"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"tolerance": Decimal("-1")}, "tolerance"),
        ({"target": Decimal("1234567890123")}, "target"),
        ({"target_on": date(2020, 1, 1)}, "target_on"),
        ({"polarity": "sideways"}, "polarity"),
    ],
)
def test_what_can_not_be_saved_of_a_measure_names_its_field(given, field, version, doing):
    with pytest.raises(Refused) as refusal:
        drafting.save_measure(version.measures.first(), revision=1, **given, **doing)
    assert refusal.value.field == field


def test_a_measure_is_added_saved_and_taken_off_the_actions_that_it_measures(version, doing):
    added = drafting.add_measure(
        version, name="Re-referrals", target=Decimal("20"), priority=version.priorities.first(), **doing
    )
    action = version.actions.first()
    drafting.save_action(action, measures=[added.measure], revision=1, **doing)
    saved = drafting.save_measure(added, name="Re-referrals in a year", polarity="lower", revision=1, **doing)
    assert (saved.place, saved.revision, saved.polarity) == (4, 2, "lower")
    drafting.remove_measure(saved, revision=2, **doing)
    assert not action.measures.exists() and not Measure.objects.filter(pk=added.measure_id).exists()


def test_a_risk_is_scored_from_1_to_5(version, doing):
    risk = drafting.add_risk(version, text="Nobody applies", likelihood=4, impact=5, **doing)
    assert (risk.place, risk.score) == (2, 20)
    with pytest.raises(Refused) as refusal:
        drafting.save_risk(risk, likelihood=6, revision=1, **doing)
    assert refusal.value.field == "likelihood"
    drafting.remove_risk(risk, revision=1, **doing)
    assert version.risks.count() == 1


def test_what_is_said_of_the_plan_and_the_version_as_a_whole_is_saved_to_what_was_read(version, doing):
    saved = drafting.save_version(version, introduction="Why we are here", revision=1, **doing)
    assert saved.introduction == "Why we are here"
    with pytest.raises(Stale):
        drafting.save_version(version, introduction="From before", revision=1, **doing)
    plan = drafting.save_plan(version.plan, title="Another title", months=3, revision=1, **doing)
    assert Plan.objects.get(pk=plan.pk).title == "Another title"
    with pytest.raises(Refused) as refusal:
        drafting.save_plan(plan, months=0, revision=2, **doing)
    assert refusal.value.field == "months"


def test_no_event_of_a_draft_holds_what_was_written(version, doing):
    drafting.save_action(
        version.actions.first(),
        text="Unmistakable",
        start_on=doing["on"] - timedelta(days=400),
        revision=1,
        **doing,
    )
    drafting.add_risk(version, text="Unmistakable", **doing)
    assert not any("Unmistakable" in str(event.data) for event in Event.objects.all())


def test_the_system_itself_may_draft(version, today):
    by = Viewer.system(today)
    assert (
        drafting.save_action(version.actions.first(), text="New", revision=1, by=by, on=today).revision == 2
    )
