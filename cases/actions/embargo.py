"""Who may read an outcome under embargo: named by those who keep each side's readers, and every look written down.

Nobody reads one by role. At the council its approver keeps the readers, at the LGA the region's principal adviser;
each must be a named reader first. Rule: section 2, point 5.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from accounts.models import Grant, Person
from accounts.permissions import ABILITIES, OF_THE_COUNCIL, Ability, Scope
from accounts.viewer import Viewer
from cases.actions.milestones import Refused
from cases.models import EmbargoAccess, EmbargoView, Source
from councils.models import RegionMembership
from history.actions import record_event

Side = EmbargoAccess.Side
# Whoever holds it keeps the readers of that side.
KEEPS = {Side.COUNCIL: Ability.NAME_COUNCIL_READERS, Side.LGA: Ability.NAME_LGA_READERS}


def sides_of(viewer, council):
    """Return the sides on which a viewer may be named a reader of an outcome of `council`, the council's first."""
    of_council = {
        grant.role
        for grant in viewer.grants
        if grant.council_id == council.pk and grant.role in OF_THE_COUNCIL
    }
    sides = [Side.COUNCIL] if any(Ability.SEE_CASES in ABILITIES[role] for role in of_council) else []
    return [*sides, Side.LGA] if viewer.may_at(Ability.SEE_LGA_ONLY, council) else sides


def keeps(viewer, side, council):
    """Say whether the viewer's role keeps the readers of `side` for `council`; they must be a reader besides."""
    return viewer.may_at(KEEPS[side], council)


@transaction.atomic
def make_first_reader(source, *, by, on):
    """Name whoever enters an outcome as the first reader, of their own side; None where Upstream itself enters it.

    A part of the action that makes the source, which asks whether `by` may.
    """
    if by.person is None:
        return None
    return _name(source, by.person, sides_of(by, source.council)[0], by=by, on=on)


@transaction.atomic
def name_reader(source, *, person, by, on):
    """Let `person` read a restricted source from `on`, and return their EmbargoAccess.

    `by` must be a named reader. Who keeps a side names anybody of it who has to do with the council; whoever may
    enter inspections there tells those who keep either side. Raises PermissionDenied or Refused.
    """
    source = _locked(source, by)
    reader = Viewer.of(person, by.today)
    sides = sides_of(reader, source.council)
    if not sides:
        raise Refused(
            f"{person} has no role at {source.council} or for it at the LGA, so can't be a reader", "person"
        )
    if EmbargoAccess.objects.filter(source=source, person=person, until_on=None).exists():
        raise Refused(f"{person} is a named reader already", "person")
    allowed = [side for side in sides if _may_name(by, reader, side, source.council)]
    if not allowed:
        if not by.may_at(Ability.ENTER_INSPECTIONS, source.council):
            raise PermissionDenied
        raise Refused(_whose_to_name(person, sides[0]), "person")
    return _name(source, person, allowed[0], by=by, on=on)


def _may_name(by, reader, side, council):
    if keeps(by, side, council):
        return True
    return by.may_at(Ability.ENTER_INSPECTIONS, council) and keeps(reader, side, council)


def _whose_to_name(person, side):
    if side == Side.COUNCIL:
        return f"The council’s approver names the council’s readers. Name the approver, who can name {person}"
    return f"The region’s principal adviser names the LGA’s readers. Name them, and they can name {person}"


def people_to_name(source, *, by):
    """Return the people whom `by` may name as readers of `source` today, by name: for a form to offer.

    Two queries and a few for each person with a role for the council. Nobody where `by` is no reader.
    """
    if not Source.objects.read_in_confidence_by(by).filter(pk=source.pk).exists():
        return []
    named = EmbargoAccess.objects.filter(source=source, until_on=None).values("person")
    people = Person.objects.filter(is_active=True).exclude(pk__in=named)
    return [
        person
        for person in people.filter(grants__in=_grants_that_reach(source.council, by.today)).distinct()
        if any(
            _may_name(by, reader, side, source.council)
            for reader in [Viewer.of(person, by.today)]
            for side in sides_of(reader, source.council)
        )
    ]


def _grants_that_reach(council, today):
    regions = RegionMembership.objects.on_or_last(today).filter(council=council).values("region")
    return Grant.objects.in_force(today).filter(
        Q(scope=Scope.ENGLAND) | Q(council=council) | Q(region__in=regions)
    )


@transaction.atomic
def strike_reader(source, *, person, by, on):
    """End that `person` reads a restricted source. By a reader who keeps that person's side.

    Refused for the last reader who keeps a side: nobody could name readers, and soon nobody open it.
    """
    source = _locked(source, by)
    access = EmbargoAccess.objects.filter(source=source, person=person, until_on=None).first()
    if access is None:
        raise Refused(f"{person} is not a named reader", "person")
    if not keeps(by, access.side, source.council):
        raise PermissionDenied
    if not _others_keep(source, person, by.today):
        raise Refused(
            f"{person} is the last reader who can name others. Name another such reader first: without one "
            "nobody could open it",
            "person",
        )
    access.until_on = on
    access.save(update_fields=["until_on"])
    _record("reader-struck", access, by=by, on=on)
    return access


def _others_keep(source, person, today):
    others = EmbargoAccess.objects.filter(source=source, until_on=None).exclude(person=person)
    readers = [Viewer.of(access.person, today) for access in others.select_related("person")]
    return any(keeps(reader, side, source.council) for reader in readers for side in Side)


def log_view(source, *, by):
    """Write down that a named reader looked at a restricted source. It has no event: the log is its own."""
    if by.person is None or not source.is_restricted:
        return None
    _refuse_others(source, by)
    return EmbargoView.objects.create(source=source, person=by.person)


def may_write_of(source, by):
    """Say whether `by` may change what rests on `source`: who enters inspections there, and, of a restricted one,
    is a named reader besides."""
    if not by.may_at(Ability.ENTER_INSPECTIONS, source.council_id):
        return False
    return not source.is_restricted or Source.objects.read_in_confidence_by(by).filter(pk=source.pk).exists()


def _locked(source, by):
    source = Source.objects.select_related("council").select_for_update(of=("self",)).get(pk=source.pk)
    if not source.is_restricted:
        raise Refused("It is published, so everybody may read it")
    _refuse_others(source, by)
    return source


def _refuse_others(source, by):
    if not Source.objects.read_in_confidence_by(by).filter(pk=source.pk).exists():
        raise PermissionDenied


def _name(source, person, side, *, by, on):
    access = EmbargoAccess.objects.create(
        source=source, person=person, side=side, named_by_id=by.person_id, from_on=on
    )
    _record("reader-named", access, by=by, on=on)
    return access


def _record(kind, access, *, by, on):
    record_event(
        kind,
        by=by,
        on=on,
        subject=access,
        council_code=access.source.council.la_code,
        source_id=access.source_id,
        data={"person": access.person_id, "side": str(access.side)},
    )
