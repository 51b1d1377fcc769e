"""What a council lets scrutiny, its improvement partners and the DfE's adviser read, and what it takes back."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.permissions import Ability
from cases.actions import Refused
from history.actions import record_event
from improvement.models import PlanVersion, Release, Update


@transaction.atomic
def release(thing, *, audience, by, on):
    """Let an audience read an approved version or a submitted update from `on`, and return the `Release`.

    `thing`: a `PlanVersion` or an `Update`; `audience`: a `Release.Audience`. Raises PermissionDenied, or Refused
    where it is neither, or is released to them already.
    """
    council = thing.plan.council
    if not by.may_at(Ability.APPROVE_PLANS, council):
        raise PermissionDenied
    if audience not in Release.Audience.values:
        raise Refused("Choose whom it is released to", "audience")
    is_version = isinstance(thing, PlanVersion)
    # Under its lock, so that nothing is released that is at this moment sent back.
    thing = (
        type(thing)
        .objects.select_for_update(of=("self",))
        .select_related("plan__council", "plan__case")
        .get(pk=thing.pk)
    )
    if is_version and thing.approved_on is None:
        raise Refused("Only a version that the council has approved is released", "thing")
    if not is_version and thing.standing != Update.Standing.SUBMITTED:
        raise Refused("Only an update that has been submitted is released", "thing")
    made = Release(
        council=council,
        audience=audience,
        version=thing if is_version else None,
        update=None if is_version else thing,
        released_on=on,
        released_by_id=by.person_id,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as clash:
        raise Refused("It is released to them already", "audience") from clash
    _record("plan-released", made, by, on)
    return made


@transaction.atomic
def withdraw_release(released, *, by, on):
    """Take a release back: from `on` they may not read it any more. That they could, until then, stays on record."""
    if not by.may_at(Ability.APPROVE_PLANS, released.council_id):
        raise PermissionDenied
    current = (
        Release.objects.select_for_update(of=("self",))
        .select_related(
            "version__plan__council", "version__plan__case", "update__plan__council", "update__plan__case"
        )
        .get(pk=released.pk)
    )
    if current.withdrawn_on is not None:
        raise Refused("It has been withdrawn already")
    current.withdrawn_on = on
    current.save(update_fields=["withdrawn_on"])
    _record("plan-release-withdrawn", current, by, on)
    return current


def _record(kind, released, by, on):
    thing = released.version or released.update
    plan = thing.plan
    told = (
        {"version": thing.number}
        if released.version_id
        else {"update": thing.period_on.isoformat(), "number": thing.number}
    )
    record_event(
        kind,
        by=by,
        on=on,
        subject=thing,
        council_code=plan.council.la_code,
        case_reference=plan.case.reference if plan.case else "",
        data={"plan": plan.reference, "audience": str(released.audience), **told},
    )
