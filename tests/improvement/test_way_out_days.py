"""One plan's whole way, told day by day with time moved: every stage, milestone and flag on each of the days."""

from datetime import date
from functools import partial

import pytest

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import flag_overdue
from cases.models import Case, Flag, Milestone
from improvement.actions import open_interventions
from improvement.actions.clocks import keep_case_clocks
from improvement.actions.way_out import (
    approve,
    comment,
    plan_route,
    record_reply,
    say_ready,
    send,
    send_back,
    send_for_approval,
    share,
)
from improvement.models import Decision, PlannedAction, PlanVersion
from improvement.queries.stages import stages_on
from tests.factories import person_with
from tests.improvement.test_way_out import next_version
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

PUBLISHED = date(2026, 1, 20)
Standing = PlanVersion.Standing


@pytest.fixture
def today():
    return PUBLISHED


class Told:
    """The council's and the LGA's people, and what the record says on a day."""

    def __init__(self, council, region):
        self.council = council
        self.held = {
            Role.COUNCIL_CONTRIBUTOR: person_with(Role.COUNCIL_CONTRIBUTOR, council=council),
            Role.COUNCIL_APPROVER: person_with(Role.COUNCIL_APPROVER, council=council),
            Role.LGA_ADVISER: person_with(Role.LGA_ADVISER, region=region),
        }

    def by(self, role, on):
        return {"by": Viewer.of(self.held[role], on), "on": on}

    def stage(self, on):
        return stages_on(on, Viewer.system(on), [self.council.pk])[self.council.pk].slug

    def flags(self, on):
        """Sweep as the night before would, and return {what is flagged: how}, but for the plan's own actions."""
        flag_overdue(by=Viewer.system(on), on=on)
        raised = Flag.objects.raised().filter(milestone__council=self.council, milestone__of_plan=False)
        return {flag.milestone.label: flag.level for flag in raised.select_related("milestone")}

    def of_rule(self, slug):
        return Milestone.objects.get(council=self.council, rule__slug=slug)


def test_drafted_approved_shared_sent_late_returned_resubmitted_and_accepted(
    council, region, inspect, system
):
    told = Told(council, region)
    contributor, approver, adviser = (
        partial(told.by, role) for role in (Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_APPROVER, Role.LGA_ADVISER)
    )

    # 20 January: inadequate. The plan's clocks run: three months to the DfE, seventy working days by statute.
    inspect(council, PUBLISHED, "inadequate")
    open_interventions(by=system, on=PUBLISHED)
    case = Case.objects.get(council=council)
    assert told.stage(PUBLISHED) == "plan_due"
    assert told.of_rule("improvement-plan").due_on == date(2026, 4, 20)
    assert told.of_rule("action-plan").due_on == date(2026, 4, 30)

    # 2 February: drafted, and its approval worked back from the earlier of the two.
    on = date(2026, 2, 2)
    version = make_plan(council, case=case, on=on)
    steps = plan_route(version, **contributor(on))
    version.refresh_from_db()
    assert version.statutory_on == date(2026, 4, 20)
    assert (steps[0].kind, steps[-1].planned_on) == ("dcs", date(2026, 4, 17))

    # 2 to 10 March: for approval, back, again, approved. Its actions are milestones, counted apart.
    send_for_approval(version, **contributor(date(2026, 3, 2)))
    send_back(version, note="Name the owner of 2.1", **approver(date(2026, 3, 4)))
    send_for_approval(version, **contributor(date(2026, 3, 5)))
    approve(version, **approver(date(2026, 3, 10)))
    assert told.stage(date(2026, 3, 10)) == "plan_due"
    assert Milestone.objects.filter(case=case, of_plan=True, closed_on=None).count() == 12

    # 16 March: shared, commented on and ready. To Ofsted and the DfE it is not sent, so nothing is met.
    on = date(2026, 3, 16)
    share(version, **approver(on))
    comment(version, text="Say how you will know", **adviser(on))
    say_ready(version, **adviser(on))
    assert told.stage(on) == "plan_due"
    assert told.of_rule("improvement-plan").closed_on is None

    # 6 April: two weeks before it is due; 21 April: the day after, it is overdue.
    assert told.flags(date(2026, 4, 6))["Improvement plan sent to the DfE"] == "due-soon"
    assert told.flags(date(2026, 4, 21))["Improvement plan sent to the DfE"] == "overdue"

    # 24 April: sent to both. The agreed date was missed by four days and stays so; the statutory one was kept.
    on = date(2026, 4, 24)
    send(version, handovers=[("ofsted", on, "", "O-1"), ("dfe", on, "", "D-1")], **approver(on))
    assert told.stage(on) == "plan_with_government"
    agreed, statutory = told.of_rule("improvement-plan"), told.of_rule("action-plan")
    assert (agreed.met_on - agreed.due_on).days == 4
    assert (statutory.met_on, statutory.due_on) == (on, date(2026, 4, 30))
    flags = told.flags(date(2026, 4, 25))
    assert not {"Improvement plan sent to the DfE", statutory.label} & set(flags)
    # Nobody accepted it by its due date, so the reviews run from that: a late plan buys no time.
    keep_case_clocks([council.pk], by=system, on=on)
    review = Milestone.objects.get(case=case, rule__slug="progress-review")
    assert (review.started_on, review.due_on) == (date(2026, 4, 20), date(2026, 10, 20))

    # 18 May: the DfE returns it, for 30 June. What was met stays met and the statutory date stays where it was.
    on = date(2026, 5, 18)
    record_reply(version, kind="returned", dated_on=on, resubmit_by=date(2026, 6, 30), **adviser(on))
    assert told.stage(on) == "plan_with_government"
    statutory.refresh_from_db()
    assert (statutory.met_on, statutory.due_on) == (date(2026, 4, 24), date(2026, 4, 30))
    again = Milestone.objects.get(label="Resubmit the improvement plan")
    assert (again.due_on, again.closed_on) == (date(2026, 6, 30), None)
    assert told.flags(date(2026, 6, 16))[again.label] == "due-soon"

    # 1 June: a second version, in which one action's date moves and one is dropped; approved on the 22nd.
    second = next_version(version, on=date(2026, 6, 1))
    moved = second.actions.get(priority__place=1, place=1)
    dropped = second.actions.get(priority__place=3, place=4)
    PlannedAction.objects.filter(pk=moved.pk).update(due_on=date(2026, 9, 1))
    dropped_action = dropped.action
    dropped.delete()
    send_for_approval(second, **contributor(date(2026, 6, 15)))
    approve(second, **approver(date(2026, 6, 22)))
    moved.action.milestone.refresh_from_db()
    dropped_action.milestone.refresh_from_db()
    assert moved.action.milestone.due_on == date(2026, 9, 1)
    assert dropped_action.milestone.outcome == "superseded"

    # 26 June: sent again, in time.
    on = date(2026, 6, 26)
    share(second, **approver(date(2026, 6, 24)))
    send(second, handovers=[("ofsted", on, "", ""), ("dfe", on, "", "")], **approver(on))
    again.refresh_from_db()
    assert again.met_on == on
    assert again.label not in told.flags(date(2026, 6, 27))

    # 8 July: Ofsted says that it reflects the findings; 20 July: the DfE accepts it.
    record_reply(second, kind="reflects", dated_on=date(2026, 7, 8), **approver(date(2026, 7, 8)))
    assert told.stage(date(2026, 7, 8)) == "plan_with_government"
    accepted = date(2026, 7, 20)
    record_reply(second, kind="accepted", dated_on=accepted, **adviser(accepted))
    assert told.stage(accepted) == "progress_reviews"
    assert Decision.objects.get().on == accepted
    review.refresh_from_db()
    assert review.due_on == date(2026, 10, 20)

    # And the days before are told as they were.
    assert [
        told.stage(day)
        for day in (date(2026, 4, 23), date(2026, 4, 24), date(2026, 5, 18), date(2026, 7, 19), accepted)
    ] == [
        "plan_due",
        "plan_with_government",
        "plan_with_government",
        "plan_with_government",
        "progress_reviews",
    ]
    assert [version.standing for version in PlanVersion.objects.filter(plan=version.plan)] == [
        Standing.RETURNED,
        Standing.ACCEPTED,
    ]


def test_a_plan_without_an_intervention_is_approved_and_shared_and_no_dfe_clock_runs(council, region, system):
    told = Told(council, region)
    version = make_plan(council, on=date(2026, 2, 2))
    send_for_approval(version, **told.by(Role.COUNCIL_CONTRIBUTOR, date(2026, 3, 2)))
    approve(version, **told.by(Role.COUNCIL_APPROVER, date(2026, 3, 3)))
    share(version, **told.by(Role.COUNCIL_APPROVER, date(2026, 3, 4)))
    assert told.stage(date(2026, 3, 4)) == "none"
    assert not Milestone.objects.filter(council=council, of_plan=False).exists()
    # An action that is late is flagged as every agreed date, and counted apart.
    flag_overdue(by=system, on=date(2026, 8, 3))
    late = Flag.objects.raised().filter(milestone__of_plan=True)
    assert [flag.level for flag in late] == ["long-overdue"] * 12
