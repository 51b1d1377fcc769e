"""The viewer: one person, today's date and the grants in force today. Built once at each edge."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from accounts.models import Grant, RolePolicy
from accounts.permissions import ABILITIES, Ability, Role, Scope
from councils.models import Council, RegionMembership


@dataclass(frozen=True)
class HeldGrant:
    """A grant in force: a role and the one thing that its scope names."""

    role: Role
    scope: Scope
    region_id: int | None = None
    council_id: int | None = None
    second_factor_required: bool = False
    has_authenticator_app: bool = False


@dataclass(frozen=True)
class Viewer:
    """Who is looking or doing, and on which day. `person` is None for nobody and for the system."""

    person: object | None
    today: date
    grants: tuple[HeldGrant, ...] = field(default=())
    is_system: bool = False

    @classmethod
    def of(cls, person, today):
        """Build the viewer of a signed-in person from the grants in force on `today`."""
        if person is None or not person.is_authenticated or not person.is_active:
            return cls(person=None, today=today)
        return cls(person=person, today=today, grants=_grants_held(person, today))

    @classmethod
    def system(cls, today):
        """Upstream itself: scheduled work and loaders. Sees and may do everything."""
        return cls(person=None, today=today, is_system=True)

    @property
    def person_id(self):
        return self.person.pk if self.person is not None else None

    @property
    def roles(self):
        return frozenset(grant.role for grant in self.grants)

    @property
    def second_factor_required(self):
        """Whether a role held today requires a second factor."""
        return any(grant.second_factor_required for grant in self.grants)

    @property
    def second_factor_missing(self):
        """Whether a role held today requires a second factor and the person has set none up."""
        return any(grant.second_factor_required and not grant.has_authenticator_app for grant in self.grants)

    def may(self, ability: Ability):
        """Say whether any grant brings `ability`, wherever it reaches. Pure."""
        return self.is_system or any(ability in ABILITIES[grant.role] for grant in self.grants)

    def may_at(self, ability: Ability, council):
        """Say whether a grant that reaches `council` (a Council or its number) brings `ability`.

        Somebody may read in one place and write in another: a write asks this, never `may` alone.
        """
        if not self.may(ability):
            return False
        return Council.objects.filter(
            self.council_filter(ability, "pk"), pk=getattr(council, "pk", council)
        ).exists()

    def council_filter(self, ability: Ability, path="council"):
        """Return the Q that keeps rows whose council (at `path`) lies where `ability` is held today.

        `path` is "pk" for councils themselves. A region keeps the councils that ended in it.
        """
        key = "pk" if path == "pk" else f"{path}_id"
        # Never an empty Q: `Q() | narrower` is `narrower`, and the widest reach would become the smallest.
        everywhere = Q(**{f"{key}__isnull": False})
        if self.is_system:
            return everywhere
        held = [grant for grant in self.grants if ability in ABILITIES[grant.role]]
        if any(grant.scope == Scope.ENGLAND for grant in held):
            return everywhere
        councils = {grant.council_id for grant in held if grant.scope == Scope.COUNCIL}
        regions = {grant.region_id for grant in held if grant.scope == Scope.REGION}
        reach = Q(**{f"{key}__in": councils})
        if regions:
            reach |= Q(**{f"{key}__in": _councils_of(frozenset(regions), self.today)})
        return reach


# Stands for the person in SQL that is made for everybody: no row has this number.
ANYBODY = -1


def _grants_held(person, today):
    """Return the grants of a person in force on `today`."""
    sql, parameters = _sql_of_grants_held(today)
    with connection.cursor() as cursor:
        cursor.execute(sql, [person.pk if each == ANYBODY else each for each in parameters])
        return tuple(
            HeldGrant(Role(role), Scope(scope), region, council, bool(required), bool(has_app))
            for role, scope, region, council, required, has_app in cursor.fetchall()
        )


@lru_cache(maxsize=256)
def _sql_of_grants_held(today):
    """Return the SQL and the parameters for the grants in force on `today` of `ANYBODY`.

    Made once a day: every request asks it, and building it anew was a fifth of a page's time (measured).
    """
    required = RolePolicy.objects.filter(role=OuterRef("role"), second_factor_required=True)
    # Asked with the grants, so that a required second factor costs no page a query of its own.
    held = Grant.objects.in_force(today).annotate(
        second_factor_required=Exists(required),
        has_authenticator_app=Exists(authenticator_apps(OuterRef("person"))),
    )
    of_anybody = held.filter(person=ANYBODY).values_list(
        "role", "scope", "region_id", "council_id", "second_factor_required", "has_authenticator_app"
    )
    return of_anybody.query.sql_with_params()


@lru_cache(maxsize=256)
def _councils_of(regions, today):
    """Return the subquery for the councils of regions on `today`, and those that ended in them.

    As SQL, made once: a page asks it in every query, and building it anew was a seventh of its time (measured).
    """
    members = RegionMembership.objects.on_or_last(today).filter(
        region__in=sorted(regions), scheme=RegionMembership.LGA
    )
    return RawSQL(*members.values("council").query.sql_with_params())


def authenticator_apps(person):
    """Return the authenticator apps of `person`, or of each by an outer reference; recovery codes are no factor."""
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP)
