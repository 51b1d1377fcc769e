"""An inspection entered by hand, and the people who have to do with it. All invented."""

from dataclasses import dataclass
from datetime import date

from accounts.models import Person
from accounts.permissions import Role, Scope
from accounts.viewer import Viewer
from councils.models import Council, Region
from inspections.actions import confirm_publication, enter_inspection
from tests.factories import CouncilFactory, GrantFactory, PersonFactory, RegionFactory, person_with

# On site in the last days of the form that still has an overall grade.
INSPECTED, ENDED = date(2026, 3, 16), date(2026, 3, 27)
RECEIVED, EXPECTED, TODAY = date(2026, 8, 3), date(2026, 10, 5), date(2026, 11, 2)
# 30, 20 and 70 working days after 3 August, past the bank holiday of 31 August.
PUBLISHED_BY, DRAFT_BY, PLAN_BY = date(2026, 9, 15), date(2026, 9, 1), date(2026, 11, 10)
URL = "https://reports.example.org/50000001"
INADEQUATE = {
    "overall": "inadequate",
    "leaders": "inadequate",
    "help_and_protection": "inadequate",
    "in_care": "requires-improvement",
    "care_leavers": "requires-improvement",
}
FACTS = {
    "kind": "standard",
    "notified_on": date(2026, 3, 9),
    "inspected_on": INSPECTED,
    "ended_on": ENDED,
    "draft_received_on": date(2026, 7, 13),
    "received_on": RECEIVED,
    "expected_on": EXPECTED,
    "judgements": INADEQUATE,
}
VISIT = {
    "kind": "focused-visit",
    "inspected_on": date(2026, 7, 7),
    "received_on": RECEIVED,
    "priority_action": True,
}


@dataclass
class Around:
    """A council and those around it; `viewer(name)` is how one of them looks on a day."""

    region: Region
    council: Council
    people: dict[str, Person]

    def viewer(self, name, today=RECEIVED):
        return Viewer.of(self.people[name], today)

    def join(self, name, role, **reach):
        """Add a person with a role at the council, or wherever `reach` says."""
        self.people[name] = person_with(role, **(reach or {"council": self.council}))
        return self.people[name]


def around_a_council():
    """Return a council with its approver, colleagues, advisers and a national lead."""
    region = RegionFactory(record_began_on=date(2025, 1, 1))
    around = Around(region, CouncilFactory(region=region), {})
    around.join("approver", Role.COUNCIL_APPROVER)
    around.join("leader", Role.COUNCIL_LEADERSHIP)
    around.join("contributor", Role.COUNCIL_CONTRIBUTOR)
    around.join("dfe", Role.DFE_ADVISER)
    around.join("principal", Role.PRINCIPAL_ADVISER, region=region)
    around.join("adviser", Role.LGA_ADVISER, region=region)
    around.people["lead"] = PersonFactory()
    GrantFactory(person=around.people["lead"], role=Role.NATIONAL_LEAD, scope=Scope.ENGLAND)
    return around


def enter(around, *, by="approver", on=RECEIVED, **facts):
    """Enter an inadequate inspection, or another, as one of those around the council."""
    return enter_inspection(council=around.council, facts={**FACTS, **facts}, by=around.viewer(by, on), on=on)


def publish(entry, around, *, by="approver", on=TODAY, published_on=None):
    """Confirm its publication by hand."""
    return confirm_publication(
        entry,
        published_on=published_on or on,
        url=URL,
        by=around.viewer(by, on),
        on=on,
        revision=entry.revision,
    )
