"""The viewer: what the grants in force today bring, and how far they reach."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.permissions import ABILITIES, ABILITY_WORDS, DESCRIPTIONS, NAMES, SCOPES, Ability, Role, Scope
from accounts.viewer import Viewer
from councils.models import Council, RegionMembership
from tests.factories import TODAY, CouncilFactory, GrantFactory, PersonFactory, RegionFactory, viewer_with

DAY = timedelta(days=1)


def test_every_role_has_a_name_a_description_abilities_and_a_reach():
    for table in (NAMES, DESCRIPTIONS, ABILITIES, SCOPES):
        assert set(table) == set(Role)
    assert set(ABILITY_WORDS) == set(Ability)
    assert all(SCOPES.values())


def test_an_administrator_sees_no_case_by_that_role():
    assert ABILITIES[Role.ADMINISTRATOR] == {Ability.MANAGE_PEOPLE}


def test_a_national_lead_reads_everything_and_writes_no_case():
    held = ABILITIES[Role.NATIONAL_LEAD]
    assert Ability.SEE_CASES in held and Ability.SEE_LGA_ONLY in held and Ability.IMPORT_OUTCOMES in held
    assert Ability.ANSWER_MILESTONES not in held and Ability.CONFIRM_EPISODES not in held


def test_what_is_the_lgas_alone_is_seen_by_the_lga_alone():
    see = {role for role in Role if Ability.SEE_LGA_ONLY in ABILITIES[role]}
    assert see == {Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER, Role.NATIONAL_LEAD}


def test_only_advisers_answer_milestones():
    answer = {role for role in Role if Ability.ANSWER_MILESTONES in ABILITIES[role]}
    assert answer == {Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER}


@pytest.mark.django_db
class TestDates:
    def test_a_grant_counts_from_its_first_day(self):
        grant = GrantFactory(role=Role.NATIONAL_LEAD, from_on=TODAY)
        assert not Viewer.of(grant.person, TODAY - DAY).grants
        assert Viewer.of(grant.person, TODAY).may(Ability.SEE_CASES)

    def test_a_grant_counts_until_the_day_before_it_ends(self):
        grant = GrantFactory(role=Role.NATIONAL_LEAD, until_on=TODAY)
        assert Viewer.of(grant.person, TODAY - DAY).may(Ability.SEE_CASES)
        assert not Viewer.of(grant.person, TODAY).grants

    def test_nobody_has_no_grants(self):
        assert Viewer.of(AnonymousUser(), TODAY).person is None
        assert Viewer.of(None, TODAY).grants == ()

    def test_somebody_who_may_no_longer_sign_in_has_no_grants(self):
        person = PersonFactory(is_active=False)
        GrantFactory(person=person, role=Role.NATIONAL_LEAD)
        assert not Viewer.of(person, TODAY).may(Ability.SEE_CASES)

    def test_building_a_viewer_takes_one_query(self, django_assert_num_queries):
        person = PersonFactory()
        for _ in range(5):
            GrantFactory(person=person, role=Role.PEER, scope=Scope.COUNCIL, council=CouncilFactory())
        with django_assert_num_queries(1):
            assert len(Viewer.of(person, TODAY).grants) == 5


def reached(viewer, ability=Ability.SEE_CASES):
    return set(Council.objects.filter(viewer.council_filter(ability, "pk")))


@pytest.mark.django_db
class TestReach:
    @pytest.fixture
    def region(self):
        return RegionFactory()

    @pytest.fixture
    def own(self, region):
        return CouncilFactory(region=region)

    @pytest.fixture
    def other(self):
        return CouncilFactory(region=RegionFactory())

    def test_nobody_reaches_nothing(self, own):
        assert reached(Viewer.of(None, TODAY)) == set()

    def test_the_system_reaches_everything(self, own, other):
        assert {own, other} <= reached(Viewer.system(TODAY))

    def test_england_reaches_the_demonstration_too(self, own, other):
        demonstration = CouncilFactory(demonstration=True)
        assert {own, other, demonstration} <= reached(viewer_with(Role.NATIONAL_LEAD))

    def test_a_council_role_reaches_its_council_alone(self, own, other):
        assert reached(viewer_with(Role.COUNCIL_APPROVER, council=own)) == {own}

    def test_a_region_role_reaches_its_councils_alone(self, region, own, other):
        second = CouncilFactory(region=region)
        assert reached(viewer_with(Role.PRINCIPAL_ADVISER, region=region)) == {own, second}

    def test_a_role_without_the_ability_reaches_nothing(self, own):
        assert reached(viewer_with(Role.PEER, council=own)) == set()

    def test_two_grants_reach_both(self, region, own, other):
        person = PersonFactory()
        GrantFactory(person=person, role=Role.PRINCIPAL_ADVISER, scope=Scope.REGION, region=region)
        GrantFactory(person=person, role=Role.DFE_ADVISER, scope=Scope.COUNCIL, council=other)
        assert reached(Viewer.of(person, TODAY)) == {own, other}

    def test_reading_in_one_place_and_writing_in_another_are_kept_apart(self, region, own, other):
        person = PersonFactory()
        GrantFactory(person=person, role=Role.PRINCIPAL_ADVISER, scope=Scope.REGION, region=region)
        GrantFactory(person=person, role=Role.DFE_ADVISER, scope=Scope.COUNCIL, council=other)
        viewer = Viewer.of(person, TODAY)
        assert viewer.may(Ability.ANSWER_MILESTONES)
        assert viewer.may_at(Ability.ANSWER_MILESTONES, own)
        assert viewer.may_at(Ability.SEE_CASES, other.pk)
        assert not viewer.may_at(Ability.ANSWER_MILESTONES, other)

    def test_a_council_that_has_left_a_region_is_out_of_its_reach(self, region, own):
        RegionMembership.objects.filter(council=own).update(until_on=TODAY)
        RegionMembership.objects.create(council=own, region=RegionFactory(), from_on=TODAY)
        assert reached(viewer_with(Role.PRINCIPAL_ADVISER, region=region)) == set()
        assert reached(viewer_with(Role.PRINCIPAL_ADVISER, region=region, today=TODAY - DAY)) == {own}

    def test_a_region_keeps_the_councils_that_ended_in_it(self, region, own):
        ended = date(2023, 4, 1)
        Council.objects.filter(pk=own.pk).update(until_on=ended)
        RegionMembership.objects.filter(council=own).update(until_on=ended)
        assert reached(viewer_with(Role.PRINCIPAL_ADVISER, region=region)) == {own}

    def test_a_membership_by_another_bodys_regions_brings_nothing(self, region, other):
        RegionMembership.objects.create(council=other, region=region, scheme="ofsted")
        assert other not in reached(viewer_with(Role.PRINCIPAL_ADVISER, region=region))
