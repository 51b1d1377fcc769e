"""People with roles, and viewers, for tests."""

from datetime import date
from itertools import count

from accounts.models import Grant, Person
from accounts.permissions import SCOPES, Role, Scope
from accounts.viewer import HeldGrant, Viewer

LONG_AGO = date(2000, 1, 1)
_numbers = count(1)


def make_person(email=None, *, name="Ada Example", password=None):
    """Return a saved person; without a password they can't sign in by one (use `client.force_login`)."""
    return Person.objects.create_user(email or f"person{next(_numbers)}@example.org", password, name=name)


def make_grant(person, role, *, council=None, region=None, from_on=LONG_AGO, until_on=None):
    """Give `person` a role at once, without the action and its event. The scope follows from what is given."""
    return Grant.objects.create(
        person=person,
        role=role,
        scope=_scope(role, council, region),
        council=council,
        region=region,
        from_on=from_on,
        until_on=until_on,
    )


def person_with(role, *, council=None, region=None, email=None):
    """Return a saved person who has held `role` for long."""
    person = make_person(email, name=f"A {role.value.replace('-', ' ')}")
    make_grant(person, role, council=council, region=region)
    return person


def viewer_with(role, *, today, council=None, region=None, person=None):
    """Return a viewer holding `role` today, without touching the database unless given saved objects."""
    held = HeldGrant(
        Role(role),
        _scope(role, council, region),
        region_id=region.pk if region else None,
        council_id=council.pk if council else None,
    )
    return Viewer(person=person, today=today, grants=(held,))


def _scope(role, council, region):
    if council is not None:
        return Scope.COUNCIL
    if region is not None:
        return Scope.REGION
    return next(iter(SCOPES[role] & {Scope.ENGLAND, Scope.SYSTEM}))
