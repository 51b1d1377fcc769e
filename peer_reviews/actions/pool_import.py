"""Adding many peers to the pool from a file: all of it or none."""

from django.core.exceptions import PermissionDenied
from django.core.validators import validate_email
from django.db import transaction
from django.forms import ValidationError

from accounts.permissions import Ability
from cases.refusals import Refused
from councils.models import Council, CouncilName, PoliticalControl, Region
from councils.names import fold
from peer_reviews.actions.peers import add_peer
from peer_reviews.models import Peer, PeerWord, TeamRole
from peer_reviews.rules.pool_file import NotAPool, day, read_pool, several

MOST_SAID = 10


@transaction.atomic
def import_peers(content, *, by, on):
    """Add each peer of a CSV file (bytes) to the pool; return (added, left out because their address is there).

    All of it or none: raises Refused with what is wrong, by line, and PermissionDenied.
    """
    if not by.may(Ability.KEEP_PEERS):
        raise PermissionDenied
    try:
        lines = read_pool(content)
    except NotAPool as wrong:
        raise Refused(str(wrong), "upload") from None
    known = _known(on)
    held = set(Peer.objects.exclude(email="").values_list("email", flat=True))
    added, left, wrong = 0, 0, []
    for line in lines:
        try:
            given = _given(line.says, known, on)
            if given["email"] in held:
                left += 1
                continue
            add_peer(**given, by=by, on=on)
        except Refused as refused:
            wrong.append(f"line {line.number}: {refused.message}")
            if len(wrong) == MOST_SAID:
                break
        else:
            added += 1
            held |= {given["email"]} - {""}
    if wrong:
        raise Refused(f"Nobody was added. {'; '.join(wrong)}", "upload")
    return added, left


def _known(on):
    """Return what the words of a file can mean, by their folded text."""
    names = {}
    for folded, council in CouncilName.objects.filter(council__in=Council.objects.on(on)).values_list(
        "folded", "council"
    ):
        names.setdefault(folded, set()).add(council)
    for council in Council.objects.on(on):
        for name in (council.name, council.official_name, council.la_code):
            names.setdefault(fold(name), set()).add(council.pk)
    words = {}
    for word in PeerWord.objects.all():
        words[fold(word.name)] = words[fold(word.slug)] = word
    return {
        "councils": names,
        "words": words,
        "regions": {fold(one.name): one for one in Region.objects.all()},
        "roles": {
            fold(text): slug
            for slug, label in TeamRole.choices
            if slug != "manager"
            for text in (slug, label)
        },
        "groups": {
            fold(text): slug
            for slug, label in PoliticalControl.Control.choices
            if slug != "no-overall-control"
            for text in (slug, label)
        },
    }


def _given(says, known, on):
    """Return what `add_peer` takes for one row. Raises Refused."""
    councils = known["councils"].get(fold(says["council"]), set()) if says["council"] else set()
    if says["council"] and len(councils) != 1:
        raise Refused(f"“{says['council'][:60]}” is not one council of today")
    return {
        "name": says["name"],
        "email": _email(says["email"]),
        "roles": [_one("role", role, known["roles"]) for role in several(says["roles"])],
        "words": [_one("word", word, known["words"]) for word in several(says["words"])],
        "regions": [_one("region", region, known["regions"]) for region in several(says["regions"])],
        "political_group": _one("political group", says["political_group"], known["groups"])
        if says["political_group"]
        else "",
        "days_a_year": _days(says["days_a_year"]),
        "joined_on": _day(says["joined_on"]) or on,
        "council": Council.objects.get(pk=min(councils)) if councils else None,
        "employer": says["employer"][:120],
        "title": says["post"][:120],
        "post_from_on": _day(says["post_from"]),
    }


def _one(what, text, known):
    found = known.get(fold(text))
    if found is None:
        raise Refused(f"“{text[:60]}” is no {what} that is known")
    return found


def _email(text):
    try:
        if text:
            validate_email(text)
    except ValidationError:
        raise Refused("The e-mail address is not one") from None
    if len(text) > 254:
        raise Refused("The e-mail address is too long")
    return text.lower()


def _days(text):
    if not text:
        return 5
    if not text.isdecimal() or int(text) > 99:
        raise Refused("Days a year must be a whole number up to 99")
    return int(text)


def _day(text):
    try:
        return day(text)
    except ValueError:
        raise Refused(f"“{text[:20]}” is no date such as 2026-11-30") from None
