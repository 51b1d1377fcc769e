"""Days that councils lend: recorded for a review, mentoring or case audit, and withdrawn where that was a mistake."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.identifiers import refuse_identifiers
from cases.refusals import Refused, Stale
from history.actions import record_event
from peer_reviews.models import DaysLent, Peer, TeamMember

MOST_DAYS = 99


@transaction.atomic
def record_days(peer, *, council, work, lent_on, days, review=None, host=None, note="", by, on):
    """Record days for which `council` lent a peer, the last of them `lent_on`; return the DaysLent.

    `work`: of DaysLent.Work; a review's `review` says the host. Raises Refused and PermissionDenied.
    """
    if not by.may(Ability.KEEP_PEERS):
        raise PermissionDenied
    peer = Peer.objects.select_for_update().get(pk=peer.pk)
    if work == DaysLent.Work.REVIEW:
        host = _host_of(peer, review)
    else:
        review = None
    if council is None:
        raise Refused("Select the council that lends", "council")
    if host is not None and host.pk == council.pk:
        raise Refused("A council lends nobody to itself", "council")
    if not 0 < days <= MOST_DAYS or days * 2 % 1:
        raise Refused("Days must be whole or half days, such as 4 or 2.5", "days")
    if lent_on > on:
        raise Refused("The day must be today or earlier", "lent_on")
    refuse_identifiers(note=note)
    held = DaysLent.objects.filter(peer=peer, review=review, withdrawn_on__isnull=True)
    if review is not None and held.exists():
        raise Refused("Their days on this review are recorded already", "review")
    lent = DaysLent.objects.create(
        peer=peer,
        council=council,
        host=host,
        work=work,
        review=review,
        on=lent_on,
        days=days,
        note=note.strip(),
        recorded_on=on,
        recorded_by_id=by.person_id,
    )
    _tell("days-lent-recorded", lent, by, on)
    return lent


def _host_of(peer, review):
    if review is None:
        raise Refused("Select the review", "review")
    if not TeamMember.objects.filter(review=review, peer=peer, from_on__isnull=False).exists():
        raise Refused(f"{peer} did not serve on that review", "review")
    return review.case.council


@transaction.atomic
def withdraw_days(lent, *, revision, by, on):
    """Withdraw days that were recorded by mistake: they count no longer, and stay readable. Return the row.

    Raises Refused, Stale and PermissionDenied.
    """
    if not by.may(Ability.KEEP_PEERS):
        raise PermissionDenied
    lent = DaysLent.objects.select_for_update(of=("self",)).select_related("council", "host").get(pk=lent.pk)
    if lent.revision != revision:
        raise Stale(lent)
    if lent.withdrawn_on is not None:
        raise Refused("These days are withdrawn already")
    lent.withdrawn_on, lent.revision = on, lent.revision + 1
    lent.save(update_fields=["withdrawn_on", "revision"])
    _tell("days-lent-withdrawn", lent, by, on)
    return lent


def _tell(kind, lent, by, on):
    record_event(
        kind,
        by=by,
        on=on,
        subject=lent,
        case_reference=lent.review.case.reference if lent.review else "",
        data={"days": str(lent.days), "work": str(lent.work), "lent_by": lent.council.la_code},
    )
