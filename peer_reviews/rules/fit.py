"""How well a peer fits a place on a team, and in which words that is said. Pure.

What speaks for and against is told with every suggestion; nobody sees a bare number.
"""

from dataclasses import dataclass
from datetime import date

# What each fact is worth in the ranking. The query and `fit_of` both take it from here.
WORTH = {
    "away": -30,
    "busy": -30,
    "political": 12,
    "match": 6,
    "accredited": 4,
    "lapsing": -6,
    "none_lent": 4,
    "few_lent": 2,
    "over": -12,
    "liked": 3,
    "not_liked": -8,
    "region": 3,
    "anywhere": 1,
    "elsewhere": -4,
    "rested": 2,
    "twice": -5,
}
LIKED, NOT_LIKED = 3.0, 2.0
RESTED_DAYS = 365


@dataclass(frozen=True)
class Facts:
    """What is known of a peer for one place. `region`: named, anywhere or elsewhere. `rating`: None: never rated."""

    matches: int = 0
    political: bool = False
    region: str = "anywhere"
    away: bool = False
    busy: bool = False
    days_lent: float = 0
    days_a_year: int = 5
    accredited: bool = False
    lapsing: bool = False
    rating: float | None = None
    lately: bool = False
    twice: bool = False


def fit_of(facts):
    """Return what the facts are worth together, as the query ranks by."""
    rating = facts.rating
    held = {
        "away": facts.away,
        "busy": facts.busy,
        "political": facts.political,
        "match": facts.matches,
        "accredited": facts.accredited,
        "lapsing": facts.lapsing,
        "none_lent": facts.days_lent == 0,
        "few_lent": 0 < facts.days_lent * 2 <= facts.days_a_year,
        "over": facts.days_lent >= facts.days_a_year,
        "liked": rating is not None and rating >= LIKED,
        "not_liked": rating is not None and rating < NOT_LIKED,
        "region": facts.region == "named",
        "anywhere": facts.region == "anywhere",
        "elsewhere": facts.region == "elsewhere",
        "rested": not facts.lately,
        "twice": facts.twice,
    }
    return sum(WORTH[name] * int(value) for name, value in held.items())


def reasons(facts, *, words=(), control="", dated=True):
    """Return what speaks for the peer, in words. `words`: those of theirs that were asked for."""
    found = [*words]
    if facts.political:
        found.append(f"{control}, as the council is run")
    if dated and not (facts.away or facts.busy):
        found.append("Free on the days on site")
    if facts.region == "named":
        found.append("Goes to this region")
    if facts.accredited:
        found.append("Accreditation in date")
    if facts.days_lent == 0:
        found.append("No days lent this year")
    elif facts.days_lent * 2 <= facts.days_a_year:
        found.append(f"{_days(facts.days_lent)} of {facts.days_a_year} lent this year")
    if facts.rating is not None and facts.rating >= LIKED:
        found.append("Good feedback")
    if not facts.lately:
        found.append("No review in the year before")
    return found


def warnings(facts, *, lends=""):
    """Return what speaks against the peer, in words. `lends`: the council that would lend them."""
    found = []
    if facts.away:
        found.append("Not available on the days on site")
    if facts.busy:
        found.append("On another review on those days")
    if facts.twice:
        found.append(f"{lends or 'Their council'} lends somebody else in the same quarter")
    if facts.lapsing:
        found.append("Accreditation will have lapsed by the last day on site")
    if facts.days_lent >= facts.days_a_year:
        found.append(f"{_days(facts.days_lent)} lent this year already, of {facts.days_a_year}")
    if facts.rating is not None and facts.rating < NOT_LIKED:
        found.append("Read the feedback first")
    if facts.region == "elsewhere":
        found.append("Has asked for other regions")
    return found


def _days(number):
    number = float(number)
    return f"{number:g} day{'' if number == 1 else 's'}"


def financial_year(on):
    """Return (first day, first day of the next) of the financial year in which `on` falls: from 1 April."""
    year = on.year if (on.month, on.day) >= (4, 1) else on.year - 1
    return date(year, 4, 1), date(year + 1, 4, 1)


def quarter(on):
    """Return (first day, first day of the next) of the calendar quarter in which `on` falls."""
    first = date(on.year, 3 * ((on.month - 1) // 3) + 1, 1)
    return first, date(on.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
