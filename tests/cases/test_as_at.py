"""What stood in the record on a day, and what never counts."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import BINDING, Case, DateChange, Milestone, Pause
from tests.factories import (
    RECORD_BEGAN,
    TODAY,
    CaseFactory,
    CouncilFactory,
    GrantFactory,
    MilestoneFactory,
    RegionFactory,
    person_with,
)

DAY = timedelta(days=1)


@pytest.mark.django_db
def test_due_on_the_day_is_not_overdue_and_the_day_after_is():
    MilestoneFactory(due_on=TODAY)
    assert not Milestone.objects.overdue(TODAY).exists()
    assert Milestone.objects.overdue(TODAY + DAY).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("force", ["window", "aim"])
def test_windows_and_aims_are_never_overdue(force):
    MilestoneFactory(due_on=TODAY - 90 * DAY, force=force)
    assert not Milestone.objects.overdue(TODAY).exists()
    assert Milestone.objects.open(TODAY).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("force", BINDING)
def test_every_binding_force_can_be_overdue(force):
    MilestoneFactory(due_on=TODAY - DAY, force=force)
    assert Milestone.objects.overdue(TODAY).exists()


@pytest.mark.django_db
def test_cases_unconfirmed_or_withdrawn_never_count_on_any_day():
    for case in (
        CaseFactory(standing=Case.Standing.UNCONFIRMED),
        CaseFactory(standing=Case.Standing.WITHDRAWN, closed_on=TODAY),
    ):
        MilestoneFactory(case=case, due_on=TODAY - 30 * DAY)
    for on in (TODAY, TODAY - 10 * DAY):
        assert not Case.objects.open(on).exists()
        assert not Milestone.objects.overdue(on).exists()


@pytest.mark.django_db
def test_a_closed_case_counts_until_the_day_it_closed():
    MilestoneFactory(
        case=CaseFactory(standing=Case.Standing.CLOSED, closed_on=TODAY), due_on=TODAY - 30 * DAY
    )
    assert Milestone.objects.overdue(TODAY - DAY).exists()
    assert not Milestone.objects.overdue(TODAY).exists()


@pytest.mark.django_db
def test_a_council_that_ceased_counts_until_the_day_it_ceased_with_a_case_or_without():
    council = CouncilFactory(until_on=TODAY)
    MilestoneFactory(case=CaseFactory(council=council), due_on=TODAY - 30 * DAY)
    MilestoneFactory(case=None, council=council, due_on=TODAY - 30 * DAY)
    assert Milestone.objects.overdue(TODAY - DAY).count() == 2
    assert not Milestone.objects.overdue(TODAY).exists()
    assert not Case.objects.open(TODAY).exists()


@pytest.mark.django_db
def test_nothing_counts_before_it_was_entered():
    MilestoneFactory(due_on=RECORD_BEGAN - 30 * DAY)
    assert not Milestone.objects.overdue(RECORD_BEGAN - DAY).exists()
    assert Milestone.objects.overdue(RECORD_BEGAN).exists()


@pytest.mark.django_db
def test_what_is_overdue_comes_in_one_query(django_assert_num_queries):
    for days in range(5):
        MilestoneFactory(due_on=TODAY - days * DAY)
    with django_assert_num_queries(1):
        assert len(Milestone.objects.overdue(TODAY)) == 4


@pytest.mark.django_db
def test_milestones_are_seen_by_whoever_sees_the_case_or_the_council():
    region = RegionFactory()
    council = CouncilFactory(region=region)
    MilestoneFactory(case=CaseFactory(council=council))
    MilestoneFactory(case=None, council=council)
    MilestoneFactory()
    seen = {
        role: Milestone.objects.visible_to(Viewer.of(person, TODAY)).count()
        for role, person in {
            "region": person_with(Role.PRINCIPAL_ADVISER, region=region),
            "council": person_with(Role.COUNCIL_LEADERSHIP, council=council),
            "england": person_with(Role.NATIONAL_LEAD),
            "no cases": person_with(Role.ACTION_OWNER, council=council),
            "administrator": person_with(Role.ADMINISTRATOR),
        }.items()
    }
    assert seen == {"region": 2, "council": 2, "england": 3, "no cases": 0, "administrator": 0}
    assert not Milestone.objects.visible_to(Viewer.of(None, TODAY)).exists()


def naively_overdue(milestone, on):
    """Say from the stored rows, one by one, whether a milestone was overdue on a day."""
    due = milestone.due_on
    for change in sorted(milestone.changes.all(), key=lambda each: (each.made_on, each.pk), reverse=True):
        if change.made_on > on:
            due = change.old_due_on
    paused = any(p.from_on <= on and (p.until_on is None or p.until_on > on) for p in milestone.pauses.all())
    standing = milestone.entered_on <= on and (milestone.closed_on is None or milestone.closed_on > on)
    binding = milestone.force in BINDING and not milestone.to_confirm
    return standing and binding and not paused and due is not None and due < on


offsets = st.integers(-20, 20)
histories = st.fixed_dictionaries(
    {
        "due": st.none() | offsets,
        "force": st.sampled_from(["statutory", "agreed", "window", "aim"]),
        "closed": st.none() | offsets,
        "entered": st.integers(-20, 0),
        "to_confirm": st.booleans(),
        "changes": st.lists(st.tuples(offsets, st.none() | offsets, offsets), max_size=3),
        "pause": st.none() | st.tuples(offsets, st.integers(0, 10)),
    }
)


class AsAtAnyDay(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(histories=st.lists(histories, min_size=1, max_size=4), on=offsets)
    def test_overdue_agrees_with_reading_the_history_row_by_row(self, histories, on):
        for history in histories:
            _remember(history)
        on = TODAY + on * DAY
        naive = {m.pk for m in Milestone.objects.all() if naively_overdue(m, on)}
        self.assertEqual(set(Milestone.objects.overdue(on).values_list("pk", flat=True)), naive)


def _day(offset):
    return None if offset is None else TODAY + offset * DAY


def _remember(history):
    closed = _day(history["closed"])
    milestone = MilestoneFactory(
        due_on=_day(history["due"]),
        computed_due=None,
        force=history["force"],
        entered_on=_day(history["entered"]),
        closed_on=closed,
        outcome="superseded" if closed else "",
        to_confirm=history["to_confirm"],
    )
    for made, old, new in history["changes"]:
        DateChange.objects.create(
            milestone=milestone,
            made_on=_day(made),
            old_due_on=_day(old),
            new_due_on=_day(new),
            reason="agreed-dfe",
        )
    if history["pause"]:
        start, length = history["pause"]
        Pause.objects.create(
            milestone=milestone, from_on=_day(start), until_on=_day(start + length), reason="x"
        )


class NothingLeaks(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(
        grants=st.lists(
            st.tuples(st.sampled_from(list(Role)), st.integers(0, 2), st.integers(-3, 1), st.integers(0, 3)),
            max_size=4,
        )
    )
    def test_nobody_sees_a_milestone_outside_the_grants_of_today(self, grants):
        councils = [CouncilFactory() for _ in range(3)]
        for council in councils:
            MilestoneFactory(case=CaseFactory(council=council))
            MilestoneFactory(case=None, council=council)
        person = person_with(Role.ACTION_OWNER, council=councils[0])
        reach = set()
        for place, (role, which, begins, lasts) in enumerate(grants):
            if role in (Role.NATIONAL_LEAD, Role.PRINCIPAL_ADVISER, Role.ADMINISTRATOR):
                continue
            from_on = TODAY + begins * DAY - place * 100 * DAY
            until_on = TODAY + (begins + lasts + 1) * DAY
            GrantFactory(
                person=person,
                role=role,
                scope="council",
                council=councils[which],
                from_on=from_on,
                until_on=until_on,
            )
            viewer_sees = role in {
                Role.COUNCIL_CONTRIBUTOR,
                Role.COUNCIL_APPROVER,
                Role.COUNCIL_LEADERSHIP,
                Role.LGA_ADVISER,
                Role.DFE_ADVISER,
                Role.SHADOW_TEAM,
            }
            if from_on <= TODAY < until_on and viewer_sees:
                reach.add(councils[which].pk)
        seen = Milestone.objects.visible_to(Viewer.of(person, TODAY))
        self.assertEqual(set(seen.values_list("council", flat=True)), reach)
        self.assertEqual(seen.count(), 2 * len(reach))


@pytest.mark.django_db
def test_overdue_reads_the_index_of_due_dates_and_not_the_whole_table():
    plan = Milestone.objects.overdue(TODAY).explain()
    if connection.vendor == "sqlite":
        assert "SCAN cases_milestone" not in plan
