"""A council ends: what a person decides of each thing it leaves, and what becomes of it on the day."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actions import end_roles_at
from accounts.models import Grant
from accounts.permissions import Ability, Role
from accounts.viewer import Viewer
from cases.actions import Refused, Stale, allocate, flag_overdue
from cases.models import Allocation, Case, Flag, Milestone, Recommendation
from councils.models import Council, RegionMembership, Succession
from history.models import Event
from improvement.actions import record_instrument
from improvement.actions.abolition import (
    Decided,
    NotDecided,
    abolish,
    abolish_ended,
    decide_fate,
    decide_fates,
)
from improvement.models import Intervention, Plan, PlannedAction, Succeeding, Trigger
from improvement.queries.stages import council_stage
from improvement.queries.succession import legacy_of, successors_of
from tests.factories import (
    CaseFactory,
    CouncilFactory,
    MilestoneFactory,
    RecommendationFactory,
    RegionFactory,
    SourceFactory,
    viewer_with,
)
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

ENDS = date(2027, 4, 1)
BEFORE = date(2027, 2, 1)


@pytest.fixture
def today():
    return BEFORE


@pytest.fixture
def old(region):
    council = CouncilFactory(name="Oldshire", la_code="9A1", region=region, until_on=ENDS)
    RegionMembership.objects.filter(council=council).update(until_on=ENDS)
    return council


@pytest.fixture
def successors(old, region):
    made = [
        CouncilFactory(name=name, region=region, from_on=ENDS) for name in ("East Oldshire", "West Oldshire")
    ]
    for one in made:
        Succession.objects.create(predecessor=old, successor=one, on=ENDS)
    return made


@pytest.fixture
def case(old):
    case = CaseFactory(council=old, entered_on=date(2026, 5, 1))
    Intervention.objects.create(
        case=case, opened_from="hand", began_on=date(2026, 5, 1), recorded_on=date(2026, 5, 1)
    )
    Trigger.objects.create(case=case, kind="court", on=date(2026, 5, 1))
    return case


@pytest.fixture
def adviser(region, successors):
    return viewer_with(Role.PRINCIPAL_ADVISER, region=region, today=BEFORE)


@pytest.fixture
def on_the_day(adviser):
    return {"by": Viewer.of(adviser.person, ENDS), "on": ENDS}


@pytest.fixture
def ahead(adviser):
    return {"by": adviser, "on": BEFORE}


def key(kind, thing):
    return f"{kind}-{thing.pk}"


def test_a_case_is_passed_to_several_successors_with_new_references_that_name_their_origin(
    old, successors, case, ahead, on_the_day
):
    decide_fate(old, key=key("case", case), fate="passed-on", successors=successors, **ahead)
    assert not Case.objects.filter(council__in=successors).exists()
    assert abolish(old, **on_the_day) is True
    case.refresh_from_db()
    assert (case.standing, case.closed_on) == ("closed", ENDS)
    for one in successors:
        made = Case.objects.get(council=one)
        assert made.standing == "open" and made.reference != case.reference
        trigger = made.triggers.get()
        assert trigger.detail == f"Passed on from Oldshire, {case.reference}"
        assert council_stage(one, ENDS, on_the_day["by"]).slug == "plan_due"
        assert council_stage(one, ENDS - timedelta(days=1), on_the_day["by"]).slug == "none"
    assert council_stage(old, ENDS - timedelta(days=1), on_the_day["by"]).slug == "plan_due"
    assert council_stage(old, ENDS, on_the_day["by"]).slug == "none"


def test_a_successor_with_a_case_of_its_own_has_what_is_passed_on_joined_to_it(
    old, successors, case, ahead, on_the_day
):
    own = CaseFactory(council=successors[0], entered_on=BEFORE)
    Intervention.objects.create(case=own, opened_from="hand", began_on=BEFORE, recorded_on=BEFORE)
    decide_fate(old, key=key("case", case), fate="copied", successors=successors[:1], **ahead)
    abolish(old, **on_the_day)
    assert Case.objects.get(council=successors[0]) == own
    assert own.triggers.get().detail.startswith("Copied from Oldshire")


def test_open_milestones_close_as_passed_on_and_are_never_overdue(
    old, successors, case, ahead, on_the_day, system
):
    late = MilestoneFactory(case=case, council=old, due_on=date(2027, 1, 1))
    later = MilestoneFactory(case=case, council=old, due_on=date(2027, 6, 1), force="instrument")
    flag_overdue(by=system, on=BEFORE)
    assert Flag.objects.filter(milestone=late, cleared_on=None).exists()
    decide_fate(old, key=key("case", case), fate="passed-on", successors=successors[:1], **ahead)
    decide_fate(old, key=key("milestone", later), fate="passed-on", successors=successors[:1], **ahead)
    abolish(old, **on_the_day)
    for one in (late, later):
        one.refresh_from_db()
        assert (one.outcome, one.closed_on) == ("passed-on", ENDS)
    after = ENDS + timedelta(days=200)
    assert not Milestone.objects.filter(council=old).overdue(after).exists()
    flag_overdue(by=system, on=after)
    assert not Flag.objects.filter(milestone__council=old, cleared_on=None).exists()
    made = Milestone.objects.get(council=successors[0], label=later.label, due_on=later.due_on)
    assert (made.due_on, made.force, made.case.council) == (later.due_on, "instrument", successors[0])
    assert made.started_by == "passed on from Oldshire"


def test_what_fell_due_before_is_to_confirm_with_the_successor(old, successors, ahead, on_the_day):
    late = MilestoneFactory(case=None, council=old, due_on=date(2027, 1, 1))
    decide_fate(old, key=key("milestone", late), fate="passed-on", successors=successors[:1], **ahead)
    abolish(old, **on_the_day)
    assert Milestone.objects.get(council=successors[0]).to_confirm


def test_recommendations_are_copied_with_a_source_that_names_the_predecessor(
    old, successors, ahead, on_the_day
):
    source = SourceFactory(council=old, title="Inspection of Oldshire", dated_on=date(2026, 3, 1))
    first, second, third = (
        RecommendationFactory(source=source, number=n, paragraph=str(n), framework_reference=f"Outcome {n}")
        for n in (1, 2, 3)
    )
    decide_fates(
        old,
        [
            Decided(key("recommendation", first), "passed-on", tuple(successors)),
            Decided(key("recommendation", second), "copied", tuple(successors[:1])),
            Decided(key("recommendation", third), "ended", note="Done"),
        ],
        **ahead,
    )
    abolish(old, **on_the_day)
    east, west = (Recommendation.objects.filter(council=one) for one in successors)
    assert [(one.text, one.framework_reference) for one in east] == [
        (first.text, "Outcome 1"),
        (second.text, "Outcome 2"),
    ]
    assert {one.source.title for one in east} == {"Oldshire: Inspection of Oldshire"}
    assert west.get().text == first.text
    notes = [Recommendation.objects.get(pk=one.pk).outcome_note for one in (first, second, third)]
    assert notes == [
        "Passed on to East Oldshire and West Oldshire: Oldshire ended",
        "Copied to East Oldshire: Oldshire ended",
        "Ended: Oldshire ended",
    ]


def test_actions_become_a_draft_of_the_successors_with_their_priorities_measures_and_recommendations(
    old, successors, adviser, ahead, on_the_day
):
    version = make_plan(old, standing="shared", on=BEFORE, actions=6, recommendations=2)
    planned = list(version.actions.all())
    told = list(version.plan.recommendations.all())
    decide_fates(
        old,
        [Decided(key("recommendation", one), "passed-on", tuple(successors)) for one in told]
        + [Decided(key("action", one.action), "passed-on", tuple(successors[:1])) for one in planned[:4]],
        **ahead,
    )
    abolish(old, **on_the_day)
    plan = Plan.objects.get(council=successors[0])
    draft = plan.versions.get()
    assert (plan.title, draft.standing) == ("Improvement plan, from Oldshire", "drafting")
    assert draft.change_note == f"From {version.plan.reference} of Oldshire, which ended"
    copied = PlannedAction.objects.filter(version=draft)
    assert [one.text for one in copied] == [one.text for one in planned[:4]]
    assert {one.recommendations.get().council for one in copied} == {successors[0]}
    assert {one.action.plan for one in copied} == {plan}
    assert [one.name for one in draft.measures.all()] and not Plan.objects.filter(
        council=successors[1]
    ).exists()
    version.plan.refresh_from_db()
    assert version.plan.closed_on == ENDS


def test_what_awaits_the_dfe_waits_and_can_be_decided_after_the_council_has_ended(
    old, successors, case, ahead, on_the_day
):
    decide_fate(old, key=key("case", case), fate="awaiting", **ahead)
    abolish(old, **on_the_day)
    legacy = legacy_of(old, on_the_day["by"])
    (left,) = legacy.awaiting
    assert not Case.objects.filter(council__in=successors).exists()
    decide_fate(
        old,
        key=left.key,
        fate="passed-on",
        successors=successors[:1],
        seen=left.decided.pk,
        **on_the_day,
    )
    assert Case.objects.get(council=successors[0]).triggers.get().kind == "succession"
    assert not legacy_of(old, on_the_day["by"]).awaiting


def test_what_nobody_decided_stays_to_decide_and_is_done_at_once_afterwards(
    old, successors, case, on_the_day
):
    recommendation = RecommendationFactory(source=SourceFactory(council=old))
    abolish(old, **on_the_day)
    # The case has closed with the council, and somebody still says what becomes of it.
    assert [one.key for one in legacy_of(old, on_the_day["by"]).undecided] == [
        key("case", case),
        key("recommendation", recommendation),
    ]
    decide_fate(
        old,
        key=key("recommendation", recommendation),
        fate="passed-on",
        successors=successors[1:],
        **on_the_day,
    )
    assert Recommendation.objects.filter(council=successors[1]).count() == 1


def test_minds_change_until_the_day_and_what_is_done_is_done_once(old, successors, case, ahead, on_the_day):
    first = decide_fate(old, key=key("case", case), fate="ended", **ahead)
    second = decide_fate(
        old, key=key("case", case), fate="passed-on", successors=successors[:1], seen=first.pk, **ahead
    )
    abolish(old, **on_the_day)
    assert abolish(old, **on_the_day) is False
    assert Case.objects.filter(council__in=successors).count() == 1
    with pytest.raises(Refused, match="done already"):
        decide_fate(old, key=key("case", case), fate="ended", seen=second.pk, **on_the_day)


def test_a_choice_made_meanwhile_by_somebody_else_is_stale_and_nothing_of_the_page_is_saved(
    old, successors, case, ahead
):
    recommendation = RecommendationFactory(source=SourceFactory(council=old))
    decide_fate(old, key=key("case", case), fate="ended", **ahead)
    with pytest.raises(NotDecided) as refused:
        decide_fates(
            old,
            [
                Decided(key("case", case), "awaiting"),
                Decided(key("recommendation", recommendation), "ended"),
            ],
            **ahead,
        )
    assert isinstance(refused.value.problems[key("case", case)], Stale)
    assert Succeeding.objects.count() == 1


@pytest.mark.parametrize(
    ("fate", "to", "said"),
    [
        ("passed-on", 0, "which successor"),
        ("ended", 1, "successors empty"),
        ("sold", 0, "what becomes"),
        ("passed-on", "stranger", "among the successors"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(old, successors, case, ahead, fate, to, said):
    chosen = [CouncilFactory()] if to == "stranger" else successors[:to]
    with pytest.raises(Refused, match=said):
        decide_fate(old, key=key("case", case), fate=fate, successors=chosen, **ahead)


def test_its_peoples_roles_end_on_the_day_and_the_lgas_do_not(old, successors, case, region, on_the_day):
    approver = viewer_with(Role.COUNCIL_APPROVER, council=old, today=BEFORE)
    of_the_lga = viewer_with(Role.LGA_ADVISER, council=old, today=BEFORE)
    leaves = viewer_with(Role.DFE_ADVISER, council=old, today=BEFORE)
    elsewhere = viewer_with(Role.COUNCIL_APPROVER, council=successors[0], today=BEFORE)
    abolish(old, **on_the_day)

    def sees(viewer, council, day):
        return Viewer.of(viewer.person, day).may_at(Ability.SEE_CASES, council)

    day_before = ENDS - timedelta(days=1)
    assert sees(approver, old, day_before) and sees(leaves, old, day_before)
    assert not sees(approver, old, ENDS) and not sees(leaves, old, ENDS)
    assert sees(of_the_lga, old, ENDS) and sees(elsewhere, successors[0], ENDS)


def test_a_role_that_was_to_begin_later_is_taken_back(old, successors, on_the_day):
    viewer_with(Role.COUNCIL_APPROVER, council=old, from_on=ENDS + timedelta(days=30), today=BEFORE)
    abolish(old, **on_the_day)
    assert not Grant.objects.filter(council=old).exists()


def test_roles_that_should_have_ended_end_today_where_the_work_is_late(old, system):
    viewer_with(Role.COUNCIL_APPROVER, council=old, today=BEFORE)
    late = ENDS + timedelta(days=3)
    assert end_roles_at(old, until_on=ENDS, by=system, on=late) == 1
    assert Grant.objects.get(council=old).until_on == late


def test_its_adviser_looks_after_it_no_longer(old, successors, adviser, ahead, on_the_day):
    allocate(council=old, person=adviser.person, **ahead)
    abolish(old, **on_the_day)
    assert Allocation.objects.get(council=old).until_on == ENDS


def test_an_episode_that_nobody_confirmed_is_withdrawn(old, successors, on_the_day):
    case = CaseFactory(council=old, standing="unconfirmed", entered_on=BEFORE)
    Intervention.objects.create(case=case, opened_from="record", began_on=BEFORE, recorded_on=BEFORE)
    abolish(old, **on_the_day)
    case.refresh_from_db()
    assert (case.standing, case.closed_on) == ("withdrawn", ENDS)


def test_the_night_does_it_once_on_the_day_and_not_before(old, successors, case, system):
    MilestoneFactory(case=case, council=old, due_on=date(2027, 1, 1))
    assert abolish_ended(by=system, on=ENDS - timedelta(days=1)) == 0
    assert abolish_ended(by=system, on=ENDS) == 1
    assert abolish_ended(by=system, on=ENDS + timedelta(days=1)) == 0
    event = Event.objects.get(kind="council-abolished")
    assert (event.council_code, event.data["cases"], event.data["milestones"]) == ("9A1", 1, 1)


def test_a_council_that_goes_on_or_has_no_successor_is_refused(old, successors, region, ahead, on_the_day):
    with pytest.raises(Refused, match="has not ended"):
        abolish(old, **ahead)
    Succession.objects.all().delete()
    with pytest.raises(Refused, match="No successor"):
        abolish(old, **on_the_day)
    assert legacy_of(old, on_the_day["by"]) is None


@pytest.mark.parametrize("role", [Role.COUNCIL_APPROVER, Role.DFE_ADVISER, Role.SHADOW_TEAM])
def test_the_council_and_the_dfe_do_not_decide(old, successors, case, role):
    viewer = viewer_with(role, council=old, today=BEFORE)
    with pytest.raises(PermissionDenied):
        decide_fate(old, key=key("case", case), fate="ended", by=viewer, on=BEFORE)
    with pytest.raises(PermissionDenied):
        abolish(old, by=viewer, on=ENDS)


def test_an_adviser_of_another_region_does_not_decide(old, successors, case):
    viewer = viewer_with(Role.PRINCIPAL_ADVISER, region=RegionFactory(), today=BEFORE)
    with pytest.raises(PermissionDenied):
        decide_fate(old, key=key("case", case), fate="ended", by=viewer, on=BEFORE)


def test_cumbria_leaves_its_direction_to_cumberland_and_westmorland_and_furness(reference, system):
    cumbria = Council.objects.get(slug="cumbria")
    day = date(2023, 4, 1)
    ends_on, successors = successors_of(cumbria)
    assert ends_on == day
    assert [one.name for one in successors] == ["Cumberland", "Westmorland and Furness"]
    opened = date(2015, 11, 9)
    case = CaseFactory(council=cumbria, entered_on=opened)
    Intervention.objects.create(case=case, opened_from="hand", began_on=opened, recorded_on=opened)
    record_instrument(cumbria, kind="direction", issued_on=opened, by=system, on=opened)
    # Loaded with the record, whatever else it holds that is open.
    decide_fate(
        cumbria,
        key=key("case", case),
        fate="passed-on",
        successors=successors,
        by=system,
        on=date(2023, 3, 1),
    )
    abolish(cumbria, by=system, on=day)
    references = set()
    for one in successors:
        made = Case.objects.get(council=one)
        references.add(made.reference)
        days = {date(2023, 3, 31): "none", day: "plan_due"}
        assert {each: str(council_stage(one, each, system).slug) for each in days} == days
    assert len(references) == 2 and case.reference not in references
    assert not Milestone.objects.filter(council=cumbria, closed_on=None).exists()


def test_dorset_has_two_successors(reference):
    _day, successors = successors_of(Council.objects.get(slug="dorset-county-council"))
    assert [one.name for one in successors] == ["Bournemouth, Christchurch and Poole", "Dorset"]
