"""Of plans, updates and all that hangs on them everybody sees exactly what section 7 of the rules gives them.

Councils, grants, versions, updates, releases, boards and owners are drawn; what each person ought to see is worked out
again in plain Python, from the rules and not from the table of abilities.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Grant
from accounts.viewer import Viewer
from cases.models import Assignment, Document
from councils.models import DeliveryArrangement, DeliveryBody, RegionMembership
from improvement.models import (
    Action,
    ActionReport,
    AdviserStatus,
    Board,
    BoardMember,
    Comment,
    Evidence,
    Measure,
    Plan,
    PlannedAction,
    PlannedPriority,
    PlanVersion,
    Priority,
    Question,
    Reading,
    Release,
    Reply,
    Snapshot,
    Update,
)
from tests.factories import CaseFactory, CouncilFactory, PersonFactory, RegionFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 29)
PAST, BEFORE, AFTER = TODAY - timedelta(days=400), TODAY - timedelta(days=1), TODAY + timedelta(days=1)
COUNCILS, PEOPLE = 3, 2

COUNCIL = {"council-contributor", "council-approver", "council-leadership", "shadow-team"}
ADVISERS = {"lga-adviser", "principal-adviser"}
REPORTS = {"action-owner", "council-contributor", "council-approver"}
AUDIENCES = {"scrutiny": "scrutiny-member", "partner": "improvement-partner", "dfe": "dfe-adviser"}
ROLES = sorted(COUNCIL | ADVISERS | REPORTS | set(AUDIENCES.values()) | {"board-chair", "peer"})
SHARED, SENT = {"shared", "sent", "accepted", "returned"}, {"sent", "accepted", "returned"}
DAYS = [(PAST, None), (PAST, BEFORE), (PAST, TODAY), (PAST, AFTER), (TODAY, None), (AFTER, None)]


def holds(dates):
    """Say whether what is held from a day until another (exclusive) is held today."""
    from_on, until_on = dates
    return from_on <= TODAY and (until_on is None or until_on > TODAY)


@dataclass(frozen=True)
class Held:
    """A role over a council (its number), its region or England; of a body's staff while `arrangement` holds."""

    person: int
    role: str
    scope: str
    council: int
    dates: tuple
    arrangement: tuple | None


@dataclass(frozen=True)
class Drawn:
    """A plan of a council: its versions by standing, its updates, who is released what, its chair and owner."""

    council: int
    assigned: tuple | None
    versions: tuple
    updates: tuple
    releases: tuple
    chair: tuple | None
    owners: tuple


who, council, dates = st.integers(0, PEOPLE - 1), st.integers(0, COUNCILS - 1), st.sampled_from(DAYS)


@st.composite
def grants(draw):
    role = draw(st.sampled_from([*ROLES, "national-lead", "administrator"]))
    scope = {"national-lead": "england", "administrator": "system", "principal-adviser": "region"}.get(role)
    scope = scope or ("region" if role == "lga-adviser" and draw(st.booleans()) else "council")
    of_body = scope == "council" and role in ("council-contributor", "action-owner") and draw(st.booleans())
    return Held(draw(who), role, scope, draw(council), draw(dates), draw(dates) if of_body else None)


@st.composite
def plans(draw):
    finished = st.sampled_from(["approved", "shared", "sent", "accepted", "returned"])
    last = st.sampled_from(["drafting", "for-approval", "approved", "shared", "sent"])
    versions = (*draw(st.lists(finished, max_size=2)), draw(last))
    updates = tuple(draw(st.lists(st.sampled_from(["draft", "for-approval", "submitted"]), max_size=3)))
    released = st.tuples(
        st.sampled_from(sorted(AUDIENCES)),
        st.sampled_from(["version", "update"]),
        st.integers(0, 2),
        st.sampled_from([PAST, TODAY, AFTER]),
        st.booleans(),
    )
    return Drawn(
        council=draw(council),
        assigned=draw(st.none() | st.tuples(who, st.sampled_from(["lga-adviser", "peer"]), dates)),
        versions=versions,
        updates=updates,
        releases=tuple(draw(st.lists(released, max_size=4, unique_by=lambda one: one[:3]))),
        chair=draw(st.none() | st.tuples(who, st.booleans(), dates)),
        owners=tuple(draw(st.none() | who) for _ in versions),
    )


@settings(max_examples=25, deadline=None)
@given(
    held=st.lists(
        grants(), max_size=5, unique_by=lambda one: (one.person, one.role, one.council, one.dates[0])
    ),
    drawn=st.lists(plans(), min_size=1, max_size=2),
    active=st.lists(st.sampled_from([True, True, True, False]), min_size=PEOPLE, max_size=PEOPLE),
)
def test_everybody_sees_exactly_what_the_rules_give_them(held, drawn, active):
    with transaction.atomic():
        world = World(held, drawn, active)
        for number, person in enumerate(world.people):
            world.compare(number, Viewer.of(person, TODAY))
        world.compare_nobody()
        transaction.set_rollback(True)


class World:
    """The drawn facts in the database, each row with what is known of it."""

    def __init__(self, held, drawn, active):
        self.held, self.active = held, active
        self.people = [PersonFactory(is_active=is_active) for is_active in active]
        self.regions = [RegionFactory(), RegionFactory()]
        # The last two councils are neighbours in one region.
        self.councils = [CouncilFactory() for _ in range(COUNCILS)]
        for number, one in enumerate(self.councils):
            RegionMembership.objects.create(council=one, region=self.regions[min(number, 1)])
        for grant in held:
            self._grant(grant)
        self.plans = [Made(self, number, one) for number, one in enumerate(drawn)]

    def _grant(self, held):
        place = self.councils[held.council]
        body = None
        if held.arrangement:
            body = DeliveryBody.objects.create(
                slug=f"body-{Grant.objects.count()}", name="A trust", kind="trust"
            )
            from_on, until_on = held.arrangement
            DeliveryArrangement.objects.create(council=place, body=body, from_on=from_on, until_on=until_on)
        Grant.objects.get_or_create(
            person=self.people[held.person],
            role=held.role,
            scope=held.scope,
            council=place if held.scope == "council" else None,
            region=self.regions[min(held.council, 1)] if held.scope == "region" else None,
            from_on=held.dates[0],
            defaults={"until_on": held.dates[1], "body": body},
        )

    def holds(self, number, council, roles):
        """Say whether a person holds one of `roles` today where it reaches a council."""
        if not self.active[number]:
            return False
        return any(
            one.person == number
            and one.role in roles
            and holds(one.dates)
            and (one.arrangement is None or holds(one.arrangement))
            and {
                "england": True,
                "system": False,
                "region": min(one.council, 1) == min(council, 1),
                "council": one.council == council,
            }[one.scope]
            for one in self._distinct()
        )

    def _distinct(self):
        """The grants that there are: over one region or over England the same is given once, as it was drawn first."""
        kept = {}
        for one in self.held:
            reach = {"council": one.council, "region": min(one.council, 1)}.get(one.scope)
            kept.setdefault((one.person, one.role, one.scope, reach, one.dates[0]), one)
        return kept.values()

    def compare(self, number, viewer):
        for model, name in MODELS.items():
            ought = {pk for made in self.plans for pk in made.ought(number)[name]}
            found = set(model.objects.visible_to(viewer).values_list("pk", flat=True))
            assert found == ought, model

    def compare_nobody(self):
        for model in MODELS:
            assert not model.objects.visible_to(Viewer.of(None, TODAY)).exists(), model


MODELS = {
    PlanVersion: "versions",
    Plan: "plans",
    Update: "updates",
    Evidence: "evidence",
    Document: "documents",
    Comment: "comments",
    Question: "questions",
    AdviserStatus: "statuses",
    Snapshot: "snapshots",
    Reading: "readings",
    Reply: "replies",
    ActionReport: "reports",
    Board: "boards",
}


class Made:
    """A drawn plan in the tables, and what a person ought to see of it."""

    def __init__(self, world, number, drawn):
        self.world, self.drawn = world, drawn
        self.council = world.councils[drawn.council]
        case = CaseFactory(council=self.council, standing="closed", closed_on=BEFORE)
        if drawn.assigned:
            person, role, (from_on, until_on) = drawn.assigned
            Assignment.objects.create(
                case=case, person=world.people[person], role=role, from_on=from_on, until_on=until_on
            )
        self.plan = Plan.objects.create(
            council=self.council, case=case, reference=f"PLAN-1999-{number:04}", title="A plan", begun_on=PAST
        )
        self.priority = Priority.objects.create(plan=self.plan)
        self.action = Action.objects.create(plan=self.plan)
        self.measure = Measure.objects.create(plan=self.plan)
        self.reports = []
        self.versions = [self._version(place) for place in range(len(drawn.versions))]
        self.updates = [self._update(place) for place in range(len(drawn.updates))]
        self.releases = [made for one in drawn.releases if (made := self._release(one))]
        self.board = Board.objects.create(plan=self.plan)
        if drawn.chair:
            person, chairs, (from_on, until_on) = drawn.chair
            BoardMember.objects.create(
                board=self.board,
                post="Chair",
                person=world.people[person],
                chairs=chairs,
                from_on=from_on,
                until_on=until_on,
            )
        self.comments = [Comment.objects.create(version=one, text="?", made_on=PAST) for one in self.versions]
        self.questions = [
            Question.objects.create(update=one, text="?", asked_on=PAST) for one in self.updates
        ]
        self.statuses = [
            AdviserStatus.objects.create(update=one, priority=self.priority, delivery="on-track", on=PAST)
            for one in self.updates
        ]
        self.snapshots = [self._snapshot(one, why) for one in self.versions for why in ("shared", "sent")]
        self.readings = [self._reading(one) for one in (*self.updates, None)]
        self.letters = [self._letter(one) for one in self.versions]
        self.evidence = [self._evidence(one) for one in (*self.updates, None)]

    def _version(self, place):
        standing = self.drawn.versions[place]
        in_work = standing in ("drafting", "for-approval")
        made = PlanVersion.objects.create(plan=self.plan, number=place + 1, begun_on=PAST)
        priority = PlannedPriority.objects.create(version=made, priority=self.priority, place=1, title="One")
        owner = self.drawn.owners[place]
        PlannedAction.objects.create(
            version=made,
            action=self.action,
            priority=priority,
            place=1,
            text="Do it",
            owner=None if owner is None else self.world.people[owner],
        )
        PlanVersion.objects.filter(pk=made.pk).update(
            standing=standing, approved_on=None if in_work else PAST
        )
        made.refresh_from_db()
        return made

    def _update(self, place):
        standing = self.drawn.updates[place]
        made = Update.objects.create(
            plan=self.plan,
            version=self.versions[0],
            period_on=date(2026, place + 1, 1),
            due_on=TODAY,
            opened_on=PAST,
        )
        self.reports.append(ActionReport.objects.create(update=made, action=self.action))
        submitted = {"submitted_on": BEFORE, "content": {}, "digest": "x"} if standing == "submitted" else {}
        Update.objects.filter(pk=made.pk).update(standing=standing, **submitted)
        made.refresh_from_db()
        return made

    def _release(self, one):
        audience, what, place, released_on, withdrawn = one
        things = self.versions if what == "version" else self.updates
        if place >= len(things):
            return None
        thing = things[place]
        # Nothing else is ever released: see improvement.actions.releases.
        if (what == "version" and thing.approved_on is None) or (
            what == "update" and thing.standing != "submitted"
        ):
            return None
        Release.objects.create(
            council=self.council,
            audience=audience,
            released_on=released_on,
            withdrawn_on=TODAY if withdrawn else None,
            **{what: thing},
        )
        return audience, thing, released_on <= TODAY and not withdrawn

    def _snapshot(self, version, why):
        made = Snapshot.objects.create(
            version=version,
            reason=why,
            reference=f"{version.pk}-{why}",
            content={},
            digest="x",
            taken_on=PAST,
        )
        return made, version

    def _reading(self, update):
        later = update is None or update.standing == "submitted"
        made = Reading.objects.create(
            measure=self.measure,
            on=update.period_on if update else PAST,
            value=1,
            update=update,
            recorded_on=TODAY if later else PAST,
        )
        return made, update

    def _document(self):
        return Document.objects.create(
            council=self.council, title="A link", url="https://example.org/", given_on=PAST
        )

    def _letter(self, version):
        made = Reply.objects.create(
            version=version, kind="returned", dated_on=PAST, document=self._document(), recorded_on=PAST
        )
        ready = Reply.objects.create(version=version, kind="ready", dated_on=PAST, recorded_on=PAST)
        return made, ready, version

    def _evidence(self, update):
        made = Evidence.objects.create(
            action=self.action, document=self._document(), update=update, kind="audit", attached_on=TODAY
        )
        return made, update

    # What the rules give.

    def ought(self, number):
        """Return {name: the numbers of the rows that a person ought to see}."""
        insider = self._is(number, COUNCIL | {"national-lead"})
        near = insider or self._advises(number)
        chairs = self._chairs(number)
        versions = [one for one in self.versions if self._reads_version(number, one)]
        updates = [one for one in self.updates if self._reads_update(number, one)]
        owns = self._owns(number)
        told = [one for one in updates if near]
        evidence = [
            made
            for made, update in self.evidence
            if owns or insider or update in updates or (update is None and (near or chairs) and versions)
        ]
        letters = [letter for letter in self.letters if letter[2] in versions]
        replies = [made for made, _, _ in letters] + [ready for _, ready, _ in letters if near]
        rows = {
            "versions": versions,
            "plans": [self.plan] if versions or insider else [],
            "updates": updates,
            "evidence": evidence,
            "comments": [one for one in self.comments if near and one.version in versions],
            "questions": [one for one in self.questions if one.update in told],
            "statuses": [one for one in self.statuses if one.update in told],
            "snapshots": [
                made
                for made, version in self.snapshots
                if version in versions
                and (made.reason == "sent" or near or chairs or self._released(number, version, but="dfe"))
            ],
            "readings": [
                made
                for made, update in self.readings
                if insider
                or update in [one for one in updates if one.standing == "submitted"]
                # Held on the day that an update they read was submitted.
                or (made.recorded_on <= BEFORE and any(one.standing == "submitted" for one in updates))
            ],
            "replies": replies,
            "reports": [one for one in self.reports if owns or one.update in updates],
            "boards": [self.board] if (near or chairs) and (versions or insider) else [],
        }
        found = {name: {one.pk for one in kept} for name, kept in rows.items()}
        found["documents"] = {one.document_id for one in evidence} | {
            one.document_id for one, _, _ in letters
        }
        return found

    def _is(self, number, roles):
        return self.world.holds(number, self.drawn.council, roles)

    def _advises(self, number):
        return self._is(number, ADVISERS) or self._assigned(number)

    def _assigned(self, number):
        if not self.drawn.assigned or not self.world.active[number]:
            return False
        person, role, dates = self.drawn.assigned
        return person == number and role in ADVISERS and holds(dates)

    def _chairs(self, number):
        if not self.drawn.chair:
            return False
        person, chairs, dates = self.drawn.chair
        return person == number and chairs and holds(dates) and self._is(number, {"board-chair"})

    def _owns(self, number):
        """Whether the latest version that the council approved names them, and they hold a role that reports."""
        approved = [place for place, one in enumerate(self.versions) if one.approved_on]
        return bool(approved) and self.drawn.owners[approved[-1]] == number and self._is(number, REPORTS)

    def _released(self, number, thing, but=""):
        return any(
            of == thing and in_force and audience != but and self._is(number, {AUDIENCES[audience]})
            for audience, of, in_force in self.releases
        )

    def _reads_version(self, number, version):
        return (
            self._is(number, COUNCIL | {"national-lead"})
            or (version.standing in SHARED and self._advises(number))
            or (version.standing in SENT and self._is(number, {"dfe-adviser"}))
            or (version.standing != "drafting" and self._chairs(number))
            or self._released(number, version)
        )

    def _reads_update(self, number, update):
        if self._is(number, COUNCIL | {"national-lead"}):
            return True
        others = self._advises(number) or self._chairs(number) or self._released(number, update)
        return update.standing == "submitted" and others
