"""`visible_to` over random people, grants, councils, assignments and cases, against an answer worked out by hand.

The answer is written in plain Python from the rule alone: it shares no code and no table with what it checks.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Grant
from accounts.viewer import Viewer
from cases.models import Answer, Assignment, Case, Contact, DateChange, Flag, Milestone, Pause
from councils.models import RegionMembership
from improvement.models import Intervention, Trigger
from tests.factories import ContactFactory, CouncilFactory, PersonFactory, RegionFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 29)
DAYS = {name: TODAY + timedelta(days=days) for name, days in {"past": -400, "before": -1, "after": 1}.items()}
REGIONS, COUNCILS, PEOPLE = 3, 4, 2

READERS = {
    "council-contributor",
    "council-approver",
    "council-leadership",
    "lga-adviser",
    "principal-adviser",
    "national-lead",
    "dfe-adviser",
}
ANSWERERS = {"lga-adviser", "principal-adviser"}
# A peer review is between the council and the LGA: its case is not the DfE's.
REVIEW_READERS = READERS - {"dfe-adviser"}
OF_THE_LGA = ANSWERERS | {"national-lead"}
REACHES = {
    "lga-adviser": ["region", "council"],
    "principal-adviser": ["region"],
    "national-lead": ["england"],
    "administrator": ["system"],
}
ROLES = sorted(
    READERS
    | ANSWERERS
    | {"action-owner", "scrutiny-member", "board-chair", "improvement-partner", "peer", "administrator"}
)


@dataclass(frozen=True)
class Held:
    """Something held from a day until a day (exclusive)."""

    from_on: date
    until_on: date | None

    @property
    def today(self):
        return self.from_on <= TODAY and (self.until_on is None or self.until_on > TODAY)


@dataclass(frozen=True)
class Place:
    """A council: its region, the one it moves to and when, and whether it has ended."""

    region: int
    next_region: int | None
    moves_on: date
    ended: bool

    @property
    def region_today(self):
        moved = self.next_region is not None and self.moves_on <= TODAY
        return self.next_region if moved else self.region


held = st.sampled_from(
    [
        Held(DAYS["past"], None),
        Held(DAYS["past"], DAYS["before"]),
        Held(DAYS["past"], TODAY),
        Held(DAYS["past"], DAYS["after"]),
        Held(TODAY, None),
        Held(DAYS["after"], None),
    ]
)
region = st.integers(0, REGIONS - 1)
council = st.integers(0, COUNCILS - 1)
who = st.integers(0, PEOPLE - 1)
places = st.lists(
    st.builds(
        Place,
        region=region,
        next_region=st.none() | region,
        moves_on=st.sampled_from([DAYS["before"], TODAY, DAYS["after"]]),
        ended=st.booleans(),
    ).map(lambda place: Place(place.region, None, place.moves_on, True) if place.ended else place),
    min_size=COUNCILS,
    max_size=COUNCILS,
)


@st.composite
def grants(draw):
    role = draw(st.sampled_from(ROLES))
    scope = draw(st.sampled_from(REACHES.get(role, ["council"])))
    where = draw({"region": region, "council": council}.get(scope, st.just(0)))
    return draw(who), role, scope, where, draw(held)


assignments = st.tuples(who, st.sampled_from(ROLES), st.integers(0, 5), held)


@settings(max_examples=80, deadline=None)
@given(
    places=places,
    grants=st.lists(grants(), max_size=5, unique_by=lambda g: (*g[:4], g[4].from_on)),
    cases=st.lists(council, max_size=6),
    loose=st.lists(council, max_size=3),
    assignments=st.lists(assignments, max_size=4, unique_by=lambda a: (a[0], a[2], a[3].from_on)),
    active=st.lists(st.booleans(), min_size=PEOPLE, max_size=PEOPLE),
)
def test_everybody_sees_exactly_what_their_grants_and_assignments_of_today_reach(
    places, grants, cases, loose, assignments, active
):
    assignments = [assigned for assigned in assignments if assigned[2] < len(cases)]
    with transaction.atomic():
        world = World(places, grants, cases, loose, assignments, active)
        for number in range(PEOPLE):
            world.compare(number, Viewer.of(world.people[number], TODAY))
        transaction.set_rollback(True)


class World:
    """The drawn facts in the database, and what each person ought to see of them."""

    def __init__(self, places, grants, cases, loose, assignments, active):
        self.facts = (places, grants, cases, assignments, active)
        self.loose = loose
        self.regions = [RegionFactory() for _ in range(REGIONS)]
        self.councils = [self._council(place) for place in places]
        self.people = [PersonFactory(is_active=is_active) for is_active in active]
        for person, role, scope, where, dates in grants:
            self._grant(person, role, scope, where, dates)
        self.cases = [self._case(number, where) for number, where in enumerate(cases)]
        self.milestones = [self._milestone(case.council, case) for case in self.cases]
        self.loose_milestones = [self._milestone(self.councils[where], None) for where in loose]
        self.contacts = [ContactFactory(council=each, on=DAYS["past"]) for each in self.councils]
        ContactFactory(council=self.councils[0], on=DAYS["past"], retain_until=TODAY)
        for person, role, case, dates in assignments:
            Assignment.objects.create(
                person=self.people[person],
                case=self.cases[case],
                role=role,
                from_on=dates.from_on,
                until_on=dates.until_on,
            )

    def compare(self, number, viewer):
        seen = [case for position, case in enumerate(self.cases) if self.sees_case(number, position)]
        milestones = {m.pk for m in self.milestones if m.case in seen}
        milestones |= {
            m.pk
            for m, where in zip(self.loose_milestones, self.loose, strict=True)
            if self.reaches(number, where, READERS)
        }
        assert set(Case.objects.visible_to(viewer)) == set(seen)
        assert set(Milestone.objects.visible_to(viewer).values_list("pk", flat=True)) == milestones
        for model in (DateChange, Pause, Answer, Flag):
            shown = model.objects.visible_to(viewer).values_list("milestone", flat=True)
            assert set(shown) == milestones, model
        for model in (Intervention, Trigger):
            shown = model.objects.visible_to(viewer).values_list("case", flat=True)
            assert set(shown) == {case.pk for case in seen if case.kind == "intervention"}, model
        contacts = Contact.objects.visible_to(viewer)
        assert set(contacts) == self.contacts_of(number, OF_THE_LGA)
        assert set(contacts.changeable_by(viewer)) == self.contacts_of(number, ANSWERERS)
        answerable = Milestone.objects.visible_to(viewer).answerable_by(viewer)
        assert set(answerable.values_list("pk", flat=True)) == self.answerable(number)

    def answerable(self, number):
        found = {
            m.pk
            for position, m in enumerate(self.milestones)
            if self.reaches(number, self.facts[2][position], ANSWERERS)
            or self.is_assigned(number, position, ANSWERERS)
        }
        return found | {
            m.pk
            for m, where in zip(self.loose_milestones, self.loose, strict=True)
            if self.reaches(number, where, ANSWERERS)
        }

    def contacts_of(self, number, roles):
        """The contacts with councils where the person holds one of `roles`: a case assigned brings none."""
        return {contact for where, contact in enumerate(self.contacts) if self.reaches(number, where, roles)}

    def sees_case(self, number, position):
        readers = REVIEW_READERS if self.is_review(position) else READERS
        return self.reaches(number, self.facts[2][position], readers) or self.is_assigned(
            number, position, ROLES
        )

    def is_review(self, position):
        """Every other case is a peer review's."""
        return position % 2 == 1

    def reaches(self, number, where, roles):
        """Say, in plain Python, whether a person holds one of `roles` today over the council at `where`."""
        places, grants, _, _, active = self.facts
        if not active[number]:
            return False
        for person, role, scope, target, dates in grants:
            if person != number or role not in roles or not dates.today:
                continue
            if scope == "england" or (scope == "council" and target == where):
                return True
            if scope == "region" and target == places[where].region_today:
                return True
        return False

    def is_assigned(self, number, position, roles):
        _, _, _, assignments, active = self.facts
        return active[number] and any(
            person == number and case == position and role in roles and dates.today
            for person, role, case, dates in assignments
        )

    def _council(self, place):
        until = DAYS["before"] if place.ended else None
        made = CouncilFactory(until_on=until)
        moves = place.moves_on if place.next_region is not None else None
        RegionMembership.objects.create(
            council=made, region=self.regions[place.region], until_on=moves or until
        )
        if moves:
            RegionMembership.objects.create(
                council=made, region=self.regions[place.next_region], from_on=moves
            )
        return made

    def _grant(self, person, role, scope, where, dates):
        fields = {
            "region": self.regions[where] if scope == "region" else None,
            "council": self.councils[where] if scope == "council" else None,
        }
        Grant.objects.create(
            person=self.people[person],
            role=role,
            scope=scope,
            from_on=dates.from_on,
            until_on=dates.until_on,
            **fields,
        )

    def _case(self, number, where):
        is_review = self.is_review(number)
        case = Case.objects.create(
            kind=Case.Kind.PEER_REVIEW if is_review else Case.Kind.INTERVENTION,
            reference=f"INT-1999-{number:04}",
            council=self.councils[where],
            standing=Case.Standing.CLOSED,
            entered_on=DAYS["past"],
            closed_on=DAYS["before"],
        )
        if is_review:
            return case
        Intervention.objects.create(
            case=case, opened_from="hand", began_on=DAYS["past"], recorded_on=DAYS["past"]
        )
        Trigger.objects.create(case=case, on=DAYS["past"])
        return case

    def _milestone(self, council, case):
        made = Milestone.objects.create(
            council=council,
            case=case,
            label="Improvement plan sent to the DfE",
            owes="council",
            force="agreed",
            due_on=TODAY,
            entered_on=DAYS["past"],
        )
        DateChange.objects.create(
            milestone=made, new_due_on=TODAY, made_on=DAYS["past"], reason=DateChange.Reason.CORRECTION
        )
        Pause.objects.create(milestone=made, from_on=DAYS["past"], reason="An election")
        Answer.objects.create(milestone=made, kind="not-known", made_on=DAYS["past"])
        Flag.objects.create(milestone=made, level="overdue", due_on=TODAY, raised_on=TODAY, raised_in=uuid4())
        return made


def test_nobody_sees_nothing_and_the_system_everything():
    world_before = Case.objects.count(), Milestone.objects.count()
    nobody, system = Viewer.of(None, TODAY), Viewer.system(TODAY)
    with transaction.atomic():
        World([Place(0, None, TODAY, False)] * COUNCILS, [], [0, 1], [2], [], [True] * PEOPLE)
        assert (
            not Case.objects.visible_to(nobody).exists() and not Milestone.objects.visible_to(nobody).exists()
        )
        assert Case.objects.visible_to(system).count() == world_before[0] + 2
        assert Milestone.objects.visible_to(system).count() == world_before[1] + 3
