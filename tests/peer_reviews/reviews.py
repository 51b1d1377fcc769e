"""A peer review for tests, with its council, team and lines of enquiry, at any stage. All of it invented."""

from dataclasses import dataclass, field
from datetime import timedelta

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions.opening import open_case
from cases.models import Case
from peer_reviews.models import LineOfEnquiry, Peer, PeerPost, PeerReview, ReviewKind, Stage, TeamMember
from peer_reviews.rules.stages import has_reached
from tests.factories import TODAY, CouncilFactory, RegionFactory, person_with


@dataclass
class Made:
    """A review and the people about it. A viewer is built anew from a person, as an edge does."""

    review: PeerReview
    council: object
    region: object
    manager: object
    approver: object
    contributor: object
    principal: object
    members: list[TeamMember] = field(default_factory=list)
    today: object = TODAY

    def viewer(self, person):
        return Viewer.of(person, self.today)

    @property
    def peers(self):
        """The people of the team's peers, in their order."""
        return [member.person for member in self.members if member.role != "manager"]


def make_kind(slug="made-for-tests", **fields):
    """Return a kind of four days, made once."""
    given = {"name": "Children’s services peer challenge", "days_on_site": 4, **fields}
    return ReviewKind.objects.get_or_create(slug=slug, defaults=given)[0]


def make_peer(name="A Peer", *, council=None, person=None, **fields):
    """Return a peer of the pool who works at `council`, another one where none is given."""
    peer = Peer.objects.create(name=name, person=person, joined_on=TODAY - timedelta(days=900), **fields)
    PeerPost.objects.create(peer=peer, council=council or CouncilFactory(), title="Assistant director")
    return peer


def make_review(council=None, *, stage=Stage.ON_SITE, peers=3, today=TODAY, lines=3, region=None, **fields):
    """Return a `Made` review at `stage`, on site from yesterday, whose team serves where the stage has come so far."""
    region = region or RegionFactory()
    council = council or CouncilFactory(region=region)
    manager = person_with(Role.LGA_ADVISER, council=council, name="Review Manager")
    made = Made(
        review=None,
        council=council,
        region=region,
        manager=manager,
        approver=person_with(Role.COUNCIL_APPROVER, council=council, name="Director"),
        contributor=person_with(Role.COUNCIL_CONTRIBUTOR, council=council, name="Organiser"),
        principal=person_with(Role.PRINCIPAL_ADVISER, region=region, name="Principal Adviser"),
        today=today,
    )
    case = open_case(Case.Kind.PEER_REVIEW, council, by=Viewer.system(today), on=today - timedelta(days=90))
    stage_before = fields.pop("stage_before", "")
    made.review = PeerReview.objects.create(
        case=case,
        kind=fields.pop("kind", None) or make_kind(),
        stage=stage,
        stage_before=stage_before,
        manager=manager,
        organiser=made.contributor,
        offered_on=today - timedelta(days=90),
        first_day=today - timedelta(days=1),
        last_day=today + timedelta(days=2),
        **fields,
    )
    for place in range(1, lines + 1):
        LineOfEnquiry.objects.create(
            review=made.review, place=place, title=f"Line {place}", question="How well?"
        )
    serves = has_reached(stage, "team-confirmed", stage_before=stage_before)
    over = has_reached(stage, "final", stage_before=stage_before)
    from_on = today - timedelta(days=30) if serves else None
    until_on = today if over else None
    dates = {"put_forward_on": today - timedelta(days=60), "from_on": from_on, "until_on": until_on}
    made.members.append(
        TeamMember.objects.create(review=made.review, role="manager", person=manager, **dates)
    )
    for number in range(peers):
        elsewhere = CouncilFactory()
        person = person_with(Role.PEER, council=elsewhere, name=f"Peer {number + 1}")
        peer = make_peer(person.name, council=elsewhere, person=person)
        made.members.append(
            TeamMember.objects.create(
                review=made.review,
                role="lead" if number == 0 else "operational",
                peer=peer,
                person=person,
                lent_by=elsewhere,
                **dates,
            )
        )
    return made
