"""What tests are made of: councils, people with grants, cases and milestones. All of it invented."""

from datetime import date, timedelta

import factory
from factory.django import DjangoModelFactory

from accounts.models import Grant, Person
from accounts.permissions import Role, Scope
from accounts.viewer import Viewer
from cases.models import (
    Case,
    ClockRule,
    Contact,
    Force,
    Milestone,
    Owes,
    Recommendation,
    Source,
    Unit,
)
from councils.models import Council, Office, PoliticalControl, PostHolder, Region, RegionMembership

RECORD_BEGAN = date(2026, 1, 1)
TODAY = date(2026, 11, 2)


class RegionFactory(DjangoModelFactory):
    class Meta:
        model = Region

    slug = factory.Sequence(lambda n: f"region-{n}")
    name = factory.Sequence(lambda n: f"Region {n}")
    order = factory.Sequence(int)
    record_began_on = RECORD_BEGAN


class CouncilFactory(DjangoModelFactory):
    """A council; `region=` makes its membership too, held since ever."""

    class Meta:
        model = Council
        skip_postgeneration_save = True

    la_code = factory.Sequence(lambda n: f"9{n:03}")
    slug = factory.Sequence(lambda n: f"council-{n}")
    name = factory.Sequence(lambda n: f"Council {n}")
    official_name = factory.LazyAttribute(lambda council: f"{council.name} Borough Council")
    kind = Council.Kind.UNITARY

    @factory.post_generation
    def region(self, create, region, **kwargs):
        if region:
            RegionMembership.objects.create(council=self, region=region)


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")


class GrantFactory(DjangoModelFactory):
    """A grant of a role over a region, a council, England or the system: whichever is given."""

    class Meta:
        model = Grant

    person = factory.SubFactory(PersonFactory)
    role = Role.PRINCIPAL_ADVISER
    scope = Scope.ENGLAND
    from_on = RECORD_BEGAN


def person_with(role, *, region=None, council=None, from_on=RECORD_BEGAN, until_on=None, **person):
    """Return a person who holds `role` over a region or council, over England, or over the system."""
    if region:
        scope = Scope.REGION
    elif council:
        scope = Scope.COUNCIL
    else:
        scope = Scope.SYSTEM if role == Role.ADMINISTRATOR else Scope.ENGLAND
    grant = GrantFactory(
        person=PersonFactory(**person),
        role=role,
        scope=scope,
        region=region,
        council=council,
        from_on=from_on,
        until_on=until_on,
    )
    return grant.person


def viewer_with(role, *, today=TODAY, **reach):
    """Return the viewer, on `today`, of a new person who holds `role` over `region=` or `council=`."""
    return Viewer.of(person_with(role, **reach), today)


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = Case

    kind = Case.Kind.INTERVENTION
    reference = factory.Sequence(lambda n: f"INT-2026-{n:04}")
    council = factory.SubFactory(CouncilFactory)
    entered_on = RECORD_BEGAN


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source

    council = factory.SubFactory(CouncilFactory)
    kind = Source.Kind.INSPECTION_REPORT
    title = "Inspection of children's services"
    published_on = date(2026, 8, 3)


class ClockRuleFactory(DjangoModelFactory):
    class Meta:
        model = ClockRule

    slug = factory.Sequence(lambda n: f"rule-{n}")
    label = factory.Sequence(lambda n: f"Something due {n}")
    starts_from = ClockRule.StartsFrom.PUBLICATION
    length = 3
    unit = Unit.MONTHS
    owes = Owes.COUNCIL
    force = Force.AGREED


class MilestoneFactory(DjangoModelFactory):
    """An agreed milestone, owed by the council, due on 2 November 2026; `case=None`: the council's own."""

    class Meta:
        model = Milestone

    case = factory.SubFactory(CaseFactory)
    council = factory.LazyAttribute(lambda made: made.case.council if made.case else CouncilFactory())
    label = "Improvement plan sent to the DfE"
    owes = Owes.COUNCIL
    force = Force.AGREED
    started_on = date(2026, 8, 2)
    started_by = "report published"
    computed_due = factory.SelfAttribute("due_on")
    due_on = TODAY
    entered_on = RECORD_BEGAN


class PostHolderFactory(DjangoModelFactory):
    """The permanent director of children's services since ever."""

    class Meta:
        model = PostHolder

    council = factory.SubFactory(CouncilFactory)
    office = Office.DCS
    name = "Corin Sandpiper"
    terms = PostHolder.Terms.PERMANENT
    from_on = RECORD_BEGAN


class PoliticalControlFactory(DjangoModelFactory):
    class Meta:
        model = PoliticalControl

    council = factory.SubFactory(CouncilFactory)
    control = PoliticalControl.Control.NO_OVERALL_CONTROL
    from_on = RECORD_BEGAN


class ContactFactory(DjangoModelFactory):
    """A call with the director a week before `TODAY`, kept for long."""

    class Meta:
        model = Contact

    council = factory.SubFactory(CouncilFactory)
    on = TODAY - timedelta(days=7)
    made_on = factory.SelfAttribute("on")
    channel = Contact.Channel.CALL
    post = Office.DCS
    said = "The director expects the board to meet in a fortnight."
    nature = Contact.Nature.FACT
    retain_until = date(2999, 1, 1)


class RecommendationFactory(DjangoModelFactory):
    """One open recommendation of a published report."""

    class Meta:
        model = Recommendation

    source = factory.SubFactory(SourceFactory)
    council = factory.LazyAttribute(lambda made: made.source.council)
    number = factory.Sequence(lambda n: n + 1)
    text = factory.Sequence(lambda n: f"Recommendation {n}")
    entered_on = RECORD_BEGAN
