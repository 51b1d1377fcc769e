"""Approaches to a council about a peer review, for the LGA alone: logged, changed, deleted when their time is over.

The words of an approach stand in its row and nowhere else: events name the day, the network and, of one that is
deleted, the reason.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.identifiers import refuse_identifiers
from cases.models import RetentionRule
from cases.refusals import Refused, Stale
from cases.rules import add_months
from councils.models import Office
from history.actions import event_of, record_event, record_events
from peer_reviews.models import Approach

KIND = "approach"
AT_RETENTION_DATE = "retention date"


def kept_until(approached_on):
    """Return the first day on which an approach of that day is no longer kept, and after how many months.

    None where no rule says so.
    """
    rule = RetentionRule.objects.on(approached_on).filter(kind=KIND).order_by("-from_on").first()
    return (add_months(approached_on, rule.months), rule.months) if rule else None


@transaction.atomic
def log_approach(*, council, approached_on, network, office, said, retain_until=None, by, on):
    """Write down an approach to a council and return it.

    `network` is one of `Approach`, `office` an `Office`. Without `retain_until` (exclusive) it is kept as long as the
    rule says. Raises Refused and PermissionDenied.
    """
    if not by.may_at(Ability.RUN_REVIEWS, council):
        raise PermissionDenied
    approach = Approach(council=council, made_on=on, made_by_id=by.person_id)
    _write(approach, on, approached_on, network, office, said, retain_until)
    approach.save()
    record_event("approach-logged", by=by, on=on, subject=approach, **_told(approach))
    return approach


@transaction.atomic
def change_approach(approach, *, approached_on, network, office, said, retain_until=None, by, on, revision):
    """Change what was written down, or how long it is kept. Raises Refused, Stale and PermissionDenied."""
    approach = _locked(approach, by, revision)
    _write(approach, on, approached_on, network, office, said, retain_until)
    approach.revision += 1
    approach.save()
    record_event("approach-changed", by=by, on=on, subject=approach, **_told(approach))
    return approach


@transaction.atomic
def delete_approach(approach, *, reason, by, on, revision):
    """Delete it before its time. The day, the network and the reason stay in the history, its words don't."""
    approach = _locked(approach, by, revision)
    reason = reason.strip()
    if not reason:
        raise Refused("Enter why it is deleted", "reason")
    refuse_identifiers(reason=reason)
    record_event("approach-deleted", by=by, on=on, subject=approach, **_told(approach, reason=reason))
    approach.delete()


@transaction.atomic
def delete_expired_approaches(*, by, on):
    """Delete the approaches that are no longer kept on `on`, and return how many. Upstream itself does it."""
    if not by.is_system:
        raise PermissionDenied
    expired = Approach.objects.filter(retain_until__lte=on).select_related("council")
    approaches = list(expired.select_for_update(of=("self",)))
    record_events(
        event_of(
            "approach-deleted", by=by, on=on, subject=approach, **_told(approach, reason=AT_RETENTION_DATE)
        )
        for approach in approaches
    )
    Approach.objects.filter(pk__in=[approach.pk for approach in approaches]).delete()
    return len(approaches)


def _locked(approach, by, revision):
    """Fetch the row again under its lock. PermissionDenied where `by` may not act; Stale when changed."""
    theirs = Approach.objects.visible_to(by).changeable_by(by).filter(pk=approach.pk)
    current = theirs.select_related("council").select_for_update(of=("self",)).first()
    if current is None:
        raise PermissionDenied
    if current.revision != revision:
        raise Stale(current)
    return current


def _write(approach, on, approached_on, network, office, said, retain_until):
    """Set what was given on `approach`, where it can be so."""
    if network not in Approach.Network.values:
        raise Refused("Select the network", "network")
    if office not in Office.values:
        raise Refused("Select the post that was approached", "office")
    if not said.strip():
        raise Refused("Enter what was said", "said")
    refuse_identifiers(said=said)
    if approached_on > on:
        raise Refused("The date must be today or earlier", "approached_on")
    approach.on, approach.network, approach.office = approached_on, network, office
    approach.said = said.strip()
    approach.retain_until = _retention(approached_on, retain_until, on)


def _retention(approached_on, retain_until, on):
    """Return until when it is kept: as asked, else as the rule says, and never a day that has come already."""
    by_rule = kept_until(approached_on) if retain_until is None else None
    if retain_until is None and by_rule is None:
        raise Refused("Enter until when it is kept: no rule says so", "retain_until")
    until = retain_until or by_rule[0]
    if until <= on:
        raise Refused("Keep it until a day after today, or do not write it down", "retain_until")
    return until


def _told(approach, **data):
    told = {"approached_on": approach.on.isoformat(), "network": str(approach.network), **data}
    return {"council_code": approach.council.la_code, "data": told}
