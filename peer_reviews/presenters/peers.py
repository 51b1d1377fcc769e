"""Words for the pool of peers and the days that councils lend."""

from dataclasses import dataclass, field
from datetime import timedelta

from cases.presenters import count_of, day_words, held_words
from peer_reviews.rules.fit import financial_year

ONE_DAY = timedelta(days=1)
RATINGS = {1: "Not again", 2: "With some support", 3: "Ask again", 4: "Ask again soon"}
RATING_TAGS = {1: "overdue", 2: "due", 3: "done", 4: "done"}


def search_heading(page, wanted):
    """Return the answer of a search: "12 peers take the role of lead peer …" in few words."""
    number = f"{page.total:,} peer{'' if page.total == 1 else 's'}"
    if wanted.left:
        return f"{number} who left the pool"
    if wanted == type(wanted)():
        return f"{number} in the pool"
    return f"{number} fit{'s' if page.total == 1 else ''}" if page.total else "No peer in the pool fits"


@dataclass
class PeerRow:
    """A peer in a list."""

    peer: object
    post: str
    roles: str
    words: str
    lent: str


def peer_row(peer):
    words = [one.name for one in peer.words.all()]
    more = len(words) - 4
    return PeerRow(
        peer,
        ", ".join(filter(None, [peer.post_title, peer.employer_name])) or "No post recorded",
        ", ".join(one.get_role_display() for one in peer.roles.all()),
        ", ".join(words[:4]) + (f" and {more} more" if more > 0 else ""),
        f"{peer.lent:g} of {peer.days_a_year}",
    )


@dataclass
class PeerShown:
    """The page of one peer in words."""

    heading: str
    lede: str
    facts: list = field(default_factory=list)
    posts: list = field(default_factory=list)
    ties: list = field(default_factory=list)
    away: list = field(default_factory=list)
    training: list = field(default_factory=list)
    feedback: list = field(default_factory=list)


def peer_page(of, today):
    """Return the `PeerShown` of a `queries.peers.OnePeer`."""
    peer = of.peer
    now = [one for one in of.posts if _holds(one, today)]
    post = now[0] if now else None
    return PeerShown(
        heading=f"{peer}, {_where(post)}" if post else f"{peer}",
        lede=_lede(of, today),
        facts=_facts(of),
        posts=[(one, _where(one), _held(one), _holds(one, today)) for one in of.posts],
        ties=[
            (
                one,
                one.get_kind_display(),
                _held(one) if one.from_on or one.until_on else "",
                one.kind == "conflict",
            )
            for one in of.ties
        ],
        away=[(one, away_words(one)) for one in of.unavailable],
        training=[(one, *_counts(one, today)) for one in of.training],
        feedback=[
            (
                one,
                RATINGS[one.rating],
                RATING_TAGS[one.rating],
                review_words(one.review) if one.may_open else "",
            )
            for one in of.feedback
        ],
    )


def _lede(of, today):
    peer = of.peer
    if peer.left_on and peer.left_on <= today:
        return f"Left the pool on {day_words(peer.left_on)}."
    roles = ", ".join(one.get_role_display() for one in peer.roles.all())
    return (
        f"{roles}. {of.lent:g} of {peer.days_a_year} days lent this financial year."
        if of.days or of.lent
        else roles
    )


def _facts(of):
    peer = of.peer
    words = list(peer.words.all())
    named = {
        kind: ", ".join(one.name for one in words if one.kind == kind)
        for kind in ("expertise", "sector", "language")
    }
    regions = ", ".join(one.name for one in peer.regions.all())
    facts = [
        ("Expertise", named["expertise"] or "None recorded"),
        ("Sectors", named["sector"] or "None recorded"),
        ("Languages", named["language"] or "None recorded besides English"),
        ("Regions", regions or "Anywhere"),
        ("Political group", peer.get_political_group_display()),
        ("Days a year", str(peer.days_a_year)),
        ("E-mail address", peer.email),
        ("Signs in", "Yes" if peer.person_id else "Not yet: an administrator invites them by e-mail"),
        ("In the pool from", day_words(peer.joined_on)),
        ("About", peer.about),
    ]
    return [(name, value) for name, value in facts if value]


def peer_facts(peer):
    """Return what a peer's row says now, for whoever would have changed it."""
    return [
        ("Name", peer.name),
        ("E-mail address", peer.email or "None"),
        ("Political group", peer.get_political_group_display() or "None"),
        ("Days a year", str(peer.days_a_year)),
        ("About", peer.about or "Nothing"),
        ("In the pool", f"Until {day_words(peer.left_on)}" if peer.left_on else "Yes"),
    ]


def _holds(row, day):
    return (row.from_on is None or row.from_on <= day) and (row.until_on is None or row.until_on > day)


def _where(post):
    return ", ".join(filter(None, [post.title, str(post.council or post.body or post.employer)]))


def _held(row):
    if row.from_on is None:
        return f"until {day_words(row.until_on - ONE_DAY)}" if row.until_on else "first day not known"
    return held_words(row)


def away_words(away):
    """Return "12 to 15 March 2027" at full length."""
    first, last = away.from_on, away.until_on - ONE_DAY
    words = day_words(first) if first == last else f"{day_words(first)} to {day_words(last)}"
    return f"{words}: {away.note}" if away.note else words


def _counts(training, today):
    """Return (words, tag's words, tag) of how long training counts."""
    words = f"{day_words(training.on)}"
    if training.expires_on is None:
        return words, "", ""
    last = training.expires_on - ONE_DAY
    if training.expires_on <= today:
        return words, f"lapsed on {day_words(training.expires_on)}", "overdue"
    if training.expires_on <= today + timedelta(days=90):
        return words, f"lapses after {day_words(last)}", "due"
    return words, f"until {day_words(last)}", "quiet"


def review_words(review):
    """Return "Eastmere: children’s services peer challenge, November 2026"."""
    when = f", {review.first_day:%B %Y}" if review.first_day else ""
    return f"{review.case.council}: {review.kind}{when}"


def days_on_site(review):
    """Return how many days to offer for a review: its weekdays on site, or the kind's days where it has none."""
    if review.first_day is None:
        return review.kind.days_on_site
    span = (review.last_day - review.first_day).days + 1
    return sum((review.first_day + timedelta(days=number)).weekday() < 5 for number in range(span)) or span


def year_words(first):
    """Return "2026-27" of the financial year that begins on `first`."""
    return f"{first.year}-{(first.year + 1) % 100:02}"


def days_heading(totals, first):
    """Return the answer: how many days how many councils lent in the year."""
    if not totals:
        return f"No council lent days in {year_words(first)}"
    days = sum(row["total"] for row in totals)
    councils = count_of(len(totals), "council")
    return f"{councils} lent {count_of(f'{days:g}', 'day')} in {year_words(first)}"


def years_offered(earliest, latest, today):
    """Return (year, words) of each financial year from the earliest day lent to this one, latest first."""
    last = financial_year(max(latest or today, today))[0].year
    first = financial_year(min(earliest or today, today))[0].year
    return [(year, f"{year}-{(year + 1) % 100:02}") for year in range(last, first - 1, -1)]
