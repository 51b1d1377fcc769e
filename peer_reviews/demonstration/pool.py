"""The demonstration's pool of peers: nobody in it is anybody, and their councils and trusts are invented too."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from accounts.models import Person
from accounts.viewer import Viewer
from cases.rules import add_months
from councils.models import Council, PoliticalControl, Region
from peer_reviews.actions import days_lent, peers
from peer_reviews.models import DaysLent, Peer, PeerWord, TeamRole, Tie

KEEPER = "lga-adviser@example.org"
LEAD, MEMBER, OPERATIONAL = TeamRole.LEAD, TeamRole.MEMBER, TeamRole.OPERATIONAL
AUDITOR, HEALTH, SPECIALIST = TeamRole.AUDITOR, TeamRole.HEALTH, TeamRole.SPECIALIST
Group = PoliticalControl.Control


@dataclass(frozen=True)
class Told:
    """A peer as the pool has them. `at`: a demonstration council's name, or another employer's; `words`: slugs."""

    name: str
    at: str
    title: str
    roles: tuple
    words: str
    group: str = ""
    email: str = ""
    days: int = 5


POOL = (
    Told(
        "Piers Teal",
        "Saltmarsh",
        "Assistant director",
        (OPERATIONAL,),
        "front-door assessment child-protection local-government",
        email="peer@example.org",
        days=8,
    ),
    Told(
        "Willow Skerry",
        "Thornley",
        "Principal social worker",
        (OPERATIONAL, AUDITOR),
        "practice-quality case-audit workforce local-government bengali",
        email="second-peer@example.org",
        days=10,
    ),
    Told(
        "Ruskin Eyot",
        "Eastmere",
        "Deputy director",
        (LEAD, OPERATIONAL),
        "leadership improvement quality-assurance local-government",
        email="lead-peer@example.org",
        days=10,
    ),
    Told("Aurelia Garth", "Northbridge", "Director", (LEAD,), "leadership finance partnership", days=6),
    Told("Corwin Leam", "Calder Vale", "Director", (LEAD,), "leadership send inclusion local-government"),
    Told(
        "Thea Marl",
        "Marl and Leam Associates",
        "Former director",
        (LEAD,),
        "leadership improvement inspectorate independent",
        days=20,
    ),
    Told(
        "Osric Fenwick-Dune",
        "Wexcombe",
        "Assistant director, care",
        (OPERATIONAL,),
        "children-in-care care-leavers corporate-parenting",
    ),
    Told(
        "Hesper Lyne",
        "Eastmere",
        "Head of front door",
        (OPERATIONAL,),
        "front-door exploitation domestic-abuse polish",
    ),
    Told(
        "Jolyon Brack",
        "Northbridge",
        "Head of quality assurance",
        (AUDITOR,),
        "case-audit quality-assurance data",
        days=8,
    ),
    Told(
        "Merrily Oxbow",
        "Calder Vale",
        "Advanced practitioner",
        (AUDITOR,),
        "case-audit practice-quality neglect welsh",
        days=8,
    ),
    Told("Tobit Sallow", "Thornley", "Team manager, audit", (AUDITOR,), "case-audit assessment edge-of-care"),
    Told(
        "Ginevra Holt",
        "Saltmarsh",
        "Head of fostering",
        (OPERATIONAL, SPECIALIST),
        "fostering-adoption kinship-care sufficiency",
    ),
    Told(
        "Ambrose Kell", "Holme", "Head of early help", (OPERATIONAL,), "early-help edge-of-care early-years"
    ),
    Told(
        "Philippa Rill",
        "Holme",
        "Independent reviewing manager",
        (AUDITOR,),
        "independent-reviewing participation case-audit",
    ),
    Told(
        "Lowen Tarrant",
        "Wexcombe",
        "Head of leaving care",
        (OPERATIONAL, SPECIALIST),
        "care-leavers participation urdu",
    ),
    Told(
        "Councillor Edith Rook",
        "Thornley",
        "Lead member",
        (MEMBER,),
        "member-oversight corporate-parenting",
        group=Group.LABOUR,
        days=4,
    ),
    Told(
        "Councillor Hal Sedge",
        "Northbridge",
        "Lead member",
        (MEMBER,),
        "member-oversight send",
        group=Group.CONSERVATIVE,
        days=4,
    ),
    Told(
        "Councillor Nell Fairlight",
        "Calder Vale",
        "Lead member",
        (MEMBER,),
        "member-oversight finance",
        group=Group.LIBERAL_DEMOCRAT,
        days=4,
    ),
    Told(
        "Councillor Ivor Quince",
        "Saltmarsh",
        "Chair of scrutiny",
        (MEMBER,),
        "member-oversight partnership",
        group=Group.INDEPENDENT,
        days=3,
    ),
    Told(
        "Councillor Bryony Ash-Weir",
        "Eastmere",
        "Lead member",
        (MEMBER,),
        "member-oversight early-years punjabi",
        group=Group.LABOUR,
        days=4,
    ),
    Told(
        "Sidony Wharf",
        "Marram Coast Health Trust",
        "Designated nurse",
        (HEALTH,),
        "partnership neglect health",
    ),
    Told(
        "Ignatius Poole",
        "Calder Moors Health Trust",
        "Named doctor",
        (HEALTH,),
        "disabled-children send health",
    ),
    Told(
        "Rosamund Ghyll",
        "Northbridge Health Partnership",
        "Head of safeguarding",
        (HEALTH,),
        "partnership domestic-abuse health gujarati",
    ),
    Told(
        "Crispin Yarrow",
        "Saltmarsh Constabulary",
        "Detective superintendent",
        (SPECIALIST,),
        "exploitation partnership police",
    ),
    Told(
        "Delphi Marsden-Holm",
        "Wold Schools Partnership",
        "Executive head",
        (SPECIALIST,),
        "inclusion send schools british-sign-language",
    ),
    Told("Evander Slate", "Northbridge", "Head of finance, children", (SPECIALIST,), "finance sufficiency"),
    Told(
        "Petronel Gale",
        "Tidewrack Children’s Charity",
        "Head of practice",
        (SPECIALIST,),
        "participation early-help voluntary somali",
    ),
    Told(
        "Barnaby Fosse", "Calder Vale", "Head of youth justice", (OPERATIONAL,), "youth-justice exploitation"
    ),
    Told("Clemency Strand", "Eastmere", "Head of data", (SPECIALIST,), "data quality-assurance"),
    Told(
        "Wilfred Hythe",
        "Wexcombe",
        "Head of SEND",
        (OPERATIONAL, SPECIALIST),
        "send disabled-children makaton",
    ),
    Told(
        "Marguerite Dell",
        "Marl and Leam Associates",
        "Former chief inspector’s analyst",
        (AUDITOR, SPECIALIST),
        "case-audit inspectorate independent",
        days=15,
    ),
)


@transaction.atomic
def load_pool(*, by, on):
    """Make the demonstration's pool of peers, where there is none of it; return how many.

    Done once, by the adviser who keeps the pool, and only where they and the invented councils are there.
    """
    keeper = Person.objects.filter(email=KEEPER).first()
    councils = {council.name: council for council in Council.objects.filter(demonstration=True)}
    if keeper is None or len(councils) < 7 or Peer.objects.filter(name=POOL[0].name).exists():
        return 0
    by = Viewer.of(keeper, on)
    words = {word.slug: word for word in PeerWord.objects.all()}
    region = Region.objects.get(demonstration=True)
    pool = {told.name: _add(told, place, councils, words, region, by, on) for place, told in enumerate(POOL)}
    _say_more(pool, councils, by, on)
    return len(pool)


def _add(told, place, councils, words, region, by, on):
    council = councils.get(told.at)
    return peers.add_peer(
        name=told.name,
        email=told.email,
        roles=told.roles,
        words=[words[slug] for slug in told.words.split() if slug in words],
        # Some go anywhere, and some near home alone.
        regions=[region] if place % 4 == 3 else [],
        political_group=told.group,
        days_a_year=told.days,
        joined_on=add_months(on, -14 - place % 30),
        council=council,
        employer="" if council else told.at,
        title=told.title,
        post_from_on=add_months(on, -20 - 3 * place % 40),
        by=by,
        on=on,
    )


def _say_more(pool, councils, by, on):
    """Where some worked before, what keeps some away, when some can't go, what some were trained in."""
    peers.add_post(
        pool["Aurelia Garth"],
        council=councils["Holme"],
        title="Assistant director",
        from_on=add_months(on, -90),
        until_on=add_months(on, -25),
        by=by,
        on=on,
    )
    for name, where, kind, note in (
        ("Thea Marl", "Saltmarsh", Tie.Kind.INSPECTED, "Led the inspection before last."),
        ("Corwin Leam", "Eastmere", Tie.Kind.DFE_ADVISER, ""),
        ("Hesper Lyne", "Northbridge", Tie.Kind.CONFLICT, "A close relative is employed there."),
        ("Marguerite Dell", "Wexcombe", Tie.Kind.COMMISSIONER, ""),
    ):
        peers.add_tie(pool[name], council=councils[where], kind=kind, note=note, by=by, on=on)
    for name, begins, weeks, note in (
        ("Jolyon Brack", 10, 3, "Annual leave"),
        ("Councillor Hal Sedge", 40, 8, "Elections"),
        ("Merrily Oxbow", -20, 30, "On secondment"),
    ):
        from_on = on + timedelta(days=begins)
        until_on = from_on + timedelta(weeks=weeks)
        peers.add_unavailable(pool[name], from_on=from_on, until_on=until_on, note=note, by=by, on=on)
    for number, name in enumerate(list(pool)[:18]):
        peers.add_training(
            pool[name],
            name="Peer reviewer’s two days",
            accreditation=number % 5 == 0,
            trained_on=add_months(on, -10 - number),
            # The accreditation of one has run out, and that of others will.
            expires_on=add_months(on, 26 - 2 * number) if number % 5 == 0 else None,
            by=by,
            on=on,
        )
    for name, work, host, ago, days in (
        ("Jolyon Brack", DaysLent.Work.AUDIT, "Eastmere", 70, "2"),
        ("Aurelia Garth", DaysLent.Work.MENTORING, "Saltmarsh", 45, "1.5"),
        ("Lowen Tarrant", DaysLent.Work.MENTORING, "Holme", 20, "1"),
    ):
        days_lent.record_days(
            pool[name],
            council=councils[next(told.at for told in POOL if told.name == name)],
            work=work,
            host=councils[host],
            lent_on=on - timedelta(days=ago),
            days=Decimal(days),
            by=by,
            on=on,
        )
