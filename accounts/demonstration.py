"""Invented people with a published password, for trying Upstream on one's own machine: one per role, and a few more
whom a peer review needs."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from accounts.actions import add_person, grant_role
from accounts.models import Person
from accounts.permissions import NAMES, Role, Scope
from councils.models import Council, Region

PASSWORD = "demonstration-only"
OWN_COUNCIL = "Saltmarsh"
COUNCIL_OF_DFE_ADVISER = "Northbridge"


@dataclass(frozen=True)
class SignIn:
    """An invented person: the role, the name, the post, and the regions or the council of the role.

    `address`: what their e-mail address begins with, where the role's own name is taken.
    """

    role: Role
    name: str
    post: str
    regions: tuple[str, ...] = ()
    council: str = ""
    address: str = ""

    @property
    def email(self):
        return f"{self.address or self.role.value}@example.org"

    @property
    def what(self):
        return f"{NAMES[self.role]}, {self.council}" if self.address else NAMES[self.role]


SIGN_INS = (
    SignIn(Role.PRINCIPAL_ADVISER, "Peregrine Ash", "Principal adviser", ("demonstration", "north-west")),
    SignIn(Role.LGA_ADVISER, "Linnet Oakes", "Children's improvement adviser", ("demonstration",)),
    SignIn(Role.NATIONAL_LEAD, "Nuala Heron", "National lead"),
    SignIn(Role.COUNCIL_APPROVER, "Corin Sandpiper", "Director of children's services", council=OWN_COUNCIL),
    SignIn(Role.COUNCIL_CONTRIBUTOR, "Calla Reed", "Head of performance", council=OWN_COUNCIL),
    SignIn(Role.COUNCIL_LEADERSHIP, "Leander Marsh", "Lead member for children", council=OWN_COUNCIL),
    SignIn(Role.SCRUTINY_MEMBER, "Sorrel Finch", "Chair of scrutiny", council=OWN_COUNCIL),
    SignIn(Role.ACTION_OWNER, "Alder Quill", "Service manager", council=OWN_COUNCIL),
    SignIn(Role.BOARD_CHAIR, "Briony Wren", "Independent chair of the board", council=OWN_COUNCIL),
    SignIn(Role.IMPROVEMENT_PARTNER, "Ilex Rowan", "Improvement partner", council=OWN_COUNCIL),
    SignIn(Role.PEER, "Piers Teal", "Assistant director, another council", council=OWN_COUNCIL),
    SignIn(Role.DFE_ADVISER, "Delphine Martin", "DfE adviser", council=COUNCIL_OF_DFE_ADVISER),
    SignIn(Role.ADMINISTRATOR, "Ada Linden", "Administrator"),
    SignIn(Role.SHADOW_TEAM, "Saffron Lake", "Transition lead", council=OWN_COUNCIL),
)
_DCS = "Director of children's services"
# A team has more than one peer, and the councils that it reviews answer for themselves.
FOR_REVIEWS = (
    SignIn(Role.PEER, "Willow Skerry", "Principal social worker", council="Thornley", address="second-peer"),
    SignIn(Role.PEER, "Ruskin Eyot", "Deputy director", council="Eastmere", address="lead-peer"),
    SignIn(Role.COUNCIL_APPROVER, "Beatrix Wold", _DCS, council="Holme", address="holme-approver"),
    SignIn(Role.COUNCIL_APPROVER, "Morwenna Coombe", _DCS, council="Wexcombe", address="wexcombe-approver"),
    SignIn(
        Role.COUNCIL_APPROVER, "Isolde Thwaite", _DCS, council="Calder Vale", address="calder-vale-approver"
    ),
    SignIn(Role.COUNCIL_APPROVER, "Rowena Tarn", _DCS, council="Eastmere", address="eastmere-approver"),
)
EVERYBODY = SIGN_INS + FOR_REVIEWS


@transaction.atomic
def load_people(*, by, on):
    """Make everybody with their grants, where missing; return how many, in words.

    Raises ImproperlyConfigured outside demonstration mode: the password is public.
    """
    if not settings.DEMONSTRATION:
        raise ImproperlyConfigured("Demonstration people are made in demonstration mode alone.")
    made = sum(_load_person(sign_in, by=by, on=on) for sign_in in EVERYBODY)
    return f"added {made} left {len(EVERYBODY) - made}"


def _load_person(sign_in, *, by, on):
    """Make one person where missing, and grants they have never had; say whether a person was made."""
    person = Person.objects.filter(email=sign_in.email).first()
    made = person is None
    if made:
        person = add_person(
            email=sign_in.email, name=sign_in.name, post=sign_in.post, password=PASSWORD, by=by, on=on
        )
    for reach in _reaches(sign_in):
        if not person.grants.filter(role=sign_in.role, **reach).exists():
            grant_role(person=person, role=sign_in.role, **reach, by=by, on=on)
    return made


def _reaches(sign_in):
    """Return what each grant reaches, as fields of a grant; a place that isn't loaded gives none."""
    if sign_in.role == Role.ADMINISTRATOR:
        return [{"scope": Scope.SYSTEM}]
    if sign_in.role == Role.NATIONAL_LEAD:
        return [{"scope": Scope.ENGLAND}]
    if sign_in.regions:
        regions = Region.objects.filter(slug__in=sign_in.regions)
        return [{"scope": Scope.REGION, "region": region} for region in regions]
    councils = Council.objects.filter(demonstration=True, name=sign_in.council)
    return [{"scope": Scope.COUNCIL, "council": council} for council in councils]


def sign_in_table():
    """Return the lines of a small table: role, e-mail address and password."""
    rows = [("Role", "E-mail address", "Password")]
    rows += [(sign_in.what, sign_in.email, PASSWORD) for sign_in in EVERYBODY]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
