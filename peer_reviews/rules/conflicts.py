"""Who may not go on a review of a council, and why. Pure: plain rows in, reasons out.

Rule: section 6, point 3, and the team builder of peer reviews. Councils, bodies, peers and people are numbers. Every
dated row holds from `from_on` (None: since ever) until `until_on`, exclusive (None: still).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

# Somebody who worked there so lately is of there.
YEARS_SINCE_EMPLOYED = 3

EVER = ("inspected", "dfe-adviser", "commissioner")
TIE_WORDS = {
    "conflict": "declared a conflict of interest there",
    "inspected": "inspected it for Ofsted",
    "dfe-adviser": "is or was the DfE’s adviser there",
    "commissioner": "is or was a commissioner there",
}


@dataclass(frozen=True)
class Stretch:
    """The days of a review: from today or the first day on site, whichever comes first, to the last of both."""

    first_on_site: date
    begins: date
    ends: date

    @classmethod
    def of(cls, first_day, last_day, today):
        """`first_day` and `last_day` on site may be None: then it is as if the team went today."""
        first, last = first_day or today, last_day or today
        return cls(first, min(first, today), max(last, today))

    @property
    def employed_since(self):
        """The first day of the years before the first day on site in which nobody may have worked there."""
        year = self.first_on_site.year - YEARS_SINCE_EMPLOYED
        try:
            return self.first_on_site.replace(year=year)
        except ValueError:
            return self.first_on_site.replace(year=year, day=28)


@dataclass(frozen=True)
class Arrangement:
    """A body delivers a council's services; `body_council` is the council that the body is, if it is one."""

    council: int
    body: int
    body_council: int | None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class Post:
    """A peer works or worked at a council or a body; `body_council` as above."""

    peer: int
    council: int | None
    body: int | None = None
    body_council: int | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class Tied:
    """What a peer did at a council, or declared about it: a kind of `TIE_WORDS`."""

    peer: int
    council: int
    kind: str
    from_on: date | None = None
    until_on: date | None = None


@dataclass
class Around:
    """What stands around the councils that a review looks at, as far as it keeps peers away."""

    hosts: frozenset[int]
    predecessors: frozenset[int] = frozenset()
    delivering_bodies: frozenset[int] = frozenset()
    partners: frozenset[int] = frozenset()
    objected: frozenset[int] = frozenset()
    bodies_that_are: dict[int, int] = field(default_factory=dict)

    @property
    def reviewed(self):
        """The councils where what somebody did for Ofsted or the DfE, or declared, counts."""
        return self.hosts | self.predecessors

    @property
    def employers(self):
        """(councils, bodies) whose people don't go, and those to whom the council objected."""
        councils = self.hosts | self.predecessors | self.partners
        bodies = {body for body, council in self.bodies_that_are.items() if council in councils}
        return councils, self.delivering_bodies | bodies

    def council_of(self, post):
        """Return the council at which a post is, where it is at one or at a body that is one."""
        return post.council or post.body_council


def around(hosts, *, successions=(), arrangements=(), bodies=(), objected=(), stretch):
    """Return the `Around` of the councils `hosts`.

    `successions`: (predecessor, successor) pairs; `arrangements`: `Arrangement`s; `bodies`: (body, council that it
    is); `objected`: the neighbours that the council would rather not see.
    """
    hosts = frozenset(hosts)
    live = [one for one in arrangements if overlaps(one, stretch)]
    ours = [one for one in live if one.council in hosts]
    partners = {one.body_council for one in ours if one.body_council}
    partners |= {one.council for one in live if one.body_council in hosts}
    return Around(
        hosts=hosts,
        predecessors=predecessors_of(hosts, successions) - hosts,
        delivering_bodies=frozenset(one.body for one in ours),
        partners=frozenset(partners - hosts),
        objected=frozenset(objected) - hosts,
        bodies_that_are=dict(bodies),
    )


def predecessors_of(councils, successions):
    """Return the councils that those took over from, and whom these took over from, and so on."""
    before = defaultdict(set)
    for predecessor, successor in successions:
        before[successor].add(predecessor)
    found, waiting = set(), list(councils)
    while waiting:
        new = before[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return frozenset(found)


def overlaps(row, stretch):
    """Say whether a dated row holds on a day of the stretch, its last included."""
    return (row.from_on is None or row.from_on <= stretch.ends) and (
        row.until_on is None or row.until_on > stretch.begins
    )


def reasons_of(about, *, posts=(), ties=(), stretch):
    """Return {peer: [reason, …]} of everybody whom their posts or ties keep away, each reason in words, once."""
    found = defaultdict(list)
    for post in posts:
        words = _why_not_from(about, post, stretch)
        if words and words not in found[post.peer]:
            found[post.peer].append(words)
    for tie in ties:
        if tie.council not in about.reviewed or tie.kind not in TIE_WORDS:
            continue
        words = TIE_WORDS[tie.kind]
        if (tie.kind in EVER or overlaps(tie, stretch)) and words not in found[tie.peer]:
            found[tie.peer].append(words)
    return {peer: reasons for peer, reasons in found.items() if reasons}


def _why_not_from(about, post, stretch):
    """Say why somebody with this post doesn't go, or "". Where it begins later than the review counts too."""
    council = about.council_of(post)
    if post.until_on is not None and post.until_on <= stretch.employed_since and not overlaps(post, stretch):
        return ""
    if council in about.hosts:
        return _employed(post, stretch, "the council")
    if council in about.predecessors:
        return _employed(post, stretch, "a council that it took over from")
    if council in about.partners:
        return _employed(post, stretch, "its partner council")
    if post.body in about.delivering_bodies:
        return _employed(post, stretch, "the body that delivers its services")
    if council in about.objected and overlaps(post, stretch):
        return "works for a statistical neighbour to which the council objected"
    return ""


def _employed(post, stretch, whom):
    if post.from_on is not None and post.from_on > stretch.ends:
        return f"will work for {whom}"
    if overlaps(post, stretch):
        return f"works for {whom}"
    return f"worked for {whom} less than {YEARS_SINCE_EMPLOYED} years before the first day on site"


def folded(name):
    """Return a name as two records of one person would both give it: without case or surplus space."""
    return " ".join(name.casefold().split())
