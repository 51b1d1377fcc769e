"""Every change to people and what they may do. Only an administrator, or Upstream itself, makes them.

What is a person's own (their last look, their calendar feed, their tokens) they change themselves. Events name
people by number, never by name or address.
"""

import hashlib
import secrets

from allauth.account import app_settings as allauth_settings
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from knox.settings import knox_settings

from accounts.models import ApiToken, CalendarFeed, Grant, LastLook, Person, RolePolicy
from accounts.permissions import NAMES, OF_THE_COUNCIL, Ability, Role, Scope
from councils.models import Succession
from history.actions import record_event


@transaction.atomic
def invite(*, email, name, grants=(), post="", address, by, on):
    """Make a person, give them roles and mail them a link by which they set their password.

    `grants` are dicts of what `grant_role` takes (role, scope, region, council, from_on, until_on); `address`
    is where this Upstream is reached, as `https://upstream.example.org`. The mail goes once the transaction
    has committed. Returns the Person. Raises ValidationError where the address is taken or a grant can't be,
    and PermissionDenied.
    """
    person = add_person(email=email, name=name, post=post, by=by, on=on)
    for wanted in grants:
        grant_role(person=person, by=by, on=on, **wanted)
    transaction.on_commit(lambda: _send_invitation(person, address))
    return person


@transaction.atomic
def invite_again(person, *, address, by, on):
    """Mail a new link to somebody who has not set a password in time."""
    _must_manage_people(by)
    record_event("person-invited-again", by=by, on=on, subject=person)
    transaction.on_commit(lambda: _send_invitation(person, address))


@transaction.atomic
def add_person(*, email, name, post="", password=None, by, on):
    """Make a person without telling them, with a password or without any that works; return the Person.

    Raises as `invite` does, which is what an administrator uses.
    """
    _must_manage_people(by)
    person = Person(email=email.strip().lower(), name=name, post=post)
    person.set_password(password)
    person.full_clean()
    person.save()
    _let_sign_in_by(person)
    record_event("person-added", by=by, on=on, subject=person)
    return person


@transaction.atomic
def grant_role(
    *, person, role, scope, region=None, council=None, body=None, from_on=None, until_on=None, by, on
):
    """Give a role from `from_on` (`on` where not given) until `until_on` (exclusive); return the Grant.

    `body`: the delivery body they work for, whose staff hold the role while it delivers for the council.
    Raises ValidationError where the role can't reach so far or is held already, and PermissionDenied.
    """
    _must_manage_people(by)
    grant = Grant(
        person=person,
        role=role,
        scope=scope,
        region=region,
        council=council,
        body=body,
        from_on=from_on or on,
        until_on=until_on,
    )
    return _give(grant, by, on)


def _give(grant, by, on):
    grant.full_clean()
    grant.save()
    person = grant.person
    record_event("role-granted", by=by, on=on, subject=person, council_code=_code(grant), data=_facts(grant))
    return grant


@transaction.atomic
def admit_shadow_team(council, *, person, from_on=None, until_on=None, by, on):
    """Let somebody of a successor read what the council holds, from a day until a day; return the Grant.

    The predecessor's approver does it, for a person who holds a role at a successor on `on`, until the council ends at
    the latest, which it is where `until_on` is not given. Raises PermissionDenied, and ValidationError by field.
    Rule: section 4, point 9.
    """
    _must_let_in(by, council)
    successions = Succession.objects.filter(predecessor=council)
    ends_on = council.until_on or min((one.on for one in successions), default=None)
    if ends_on is None:
        raise ValidationError("No successor of this council is on record, so there is no shadow team.")
    from_on = from_on or on
    until_on = until_on or ends_on
    if from_on < on:
        raise ValidationError({"from_on": "Access must begin today or later"})
    if until_on <= from_on:
        raise ValidationError({"until_on": "Access must end after it begins"})
    if until_on > ends_on:
        raise ValidationError({"until_on": f"Access must end by {ends_on:%-d %B %Y}, when the council ends"})
    theirs = Grant.objects.in_force(on).filter(
        person=person, council__in=successions.values("successor"), role__in=OF_THE_COUNCIL
    )
    if not person.is_active or not theirs.exists():
        raise ValidationError({"person": "Choose somebody who holds a role at a successor today"})
    held = Grant.objects.filter(person=person, council=council, role=Role.SHADOW_TEAM)
    if held.filter(from_on__lt=until_on).exclude(until_on__lte=from_on).exists():
        raise ValidationError({"person": f"{person.name} has access in that time already"})
    grant = Grant(
        person=person,
        role=Role.SHADOW_TEAM,
        scope=Scope.COUNCIL,
        council=council,
        from_on=from_on,
        until_on=until_on,
    )
    return _give(grant, by, on)


@transaction.atomic
def end_shadow_team(grant, *, until_on, by, on):
    """End the access of one of the shadow team, today at the earliest. Raises PermissionDenied and ValidationError."""
    grant = (
        Grant.objects.select_related("council", "person", "region")
        .select_for_update(of=("self",))
        .get(pk=grant.pk)
    )
    if grant.role != Role.SHADOW_TEAM:
        raise PermissionDenied("An approver ends the access of the shadow team, and no other role.")
    _must_let_in(by, grant.council)
    if grant.until_on is not None and grant.until_on <= on:
        raise ValidationError("This access has ended already")
    if until_on < on or until_on > grant.until_on:
        raise ValidationError({"until_on": f"Enter a day from today to {grant.until_on:%-d %B %Y}"})
    _end(grant, until_on, by, on)


@transaction.atomic
def end_roles_at(council, *, until_on, by, on):
    """End on `until_on`, or today where that is past, the roles of a council's own people; return how many ended.

    The part of an abolition that concerns people: its action asks whether `by` may. The LGA's advisers keep theirs.
    """
    day = max(until_on, on)
    grants = Grant.objects.filter(council=council, scope=Scope.COUNCIL).exclude(role=Role.LGA_ADVISER)
    ending = list(
        grants.filter(Q(until_on=None) | Q(until_on__gt=day))
        .select_related("council", "person", "region")
        .select_for_update(of=("self",))
    )
    for grant in ending:
        _end(grant, day, by, on)
    return len(ending)


def _must_let_in(by, council):
    if not by.may_at(Ability.APPROVE_PLANS, council):
        raise PermissionDenied("The council’s approver lets the shadow team in.")


@transaction.atomic
def end_grant(grant, *, until_on, by, on):
    """End a grant: `until_on` is the first day it is no longer held, today at the earliest.

    One that would not have been held for a whole day is taken back. Raises PermissionDenied, and ValueError
    for a day that is past: what somebody could see then can't be undone.
    """
    _must_manage_people(by)
    if until_on < on:
        raise ValueError("A role can't be ended on a day that is past.")
    _end(grant, until_on, by, on)


def _end(grant, until_on, by, on):
    grant.until_on = until_on
    data = _facts(grant)
    if until_on <= grant.from_on:
        grant.delete()
    else:
        grant.save(update_fields=["until_on"])
    record_event("role-ended", by=by, on=on, subject=grant.person, council_code=_code(grant), data=data)


@transaction.atomic
def change_person(person, *, email, name, post, is_active, by, on):
    """Correct who a person is, or whether they may sign in; return the Person.

    The event says which facts changed, not their values. Raises ValidationError where the address is taken, and
    PermissionDenied.
    """
    _must_manage_people(by)
    wanted = {"email": email.strip().lower(), "name": name, "post": post, "is_active": is_active}
    held = Person.objects.select_for_update().get(pk=person.pk)
    changed = sorted(field for field, value in wanted.items() if getattr(held, field) != value)
    if not changed:
        return held
    for field in changed:
        setattr(held, field, wanted[field])
    held.full_clean(exclude=["password"])
    held.save(update_fields=changed)
    if "email" in changed:
        _let_sign_in_by(held)
    if not held.is_active:
        ApiToken.objects.filter(user=held).delete()
    record_event("person-changed", by=by, on=on, subject=held, data={"changed": changed})
    return held


@transaction.atomic
def require_second_factor(role, *, required, by, on):
    """Say whether people with `role` must set up an authenticator app; return the RolePolicy."""
    _must_manage_people(by)
    policy, _ = RolePolicy.objects.get_or_create(role=role)
    if policy.second_factor_required != required:
        policy.second_factor_required = required
        policy.save()
        data = {"role": str(role), "second_factor_required": required}
        record_event("role-policy-changed", by=by, on=on, subject=policy, data=data)
    return policy


@transaction.atomic
def remove_second_factor(person, *, by, on):
    """Take away a person's authenticator and recovery codes, when the telephone they were on is lost."""
    _must_manage_people(by)
    removed, _ = Authenticator.objects.filter(user=person).delete()
    if removed:
        record_event("second-factor-removed", by=by, on=on, subject=person)


@transaction.atomic
def looked(*, at, now, by):
    """Record that the person has read what changed up to `at`, a moment; return their LastLook.

    It never moves backwards, nor beyond `now`. It is their own bookmark and no fact of the record: no event.
    Raises PermissionDenied for nobody and for the system.
    """
    person = _somebody(by)
    at = min(at, now)
    look, _ = LastLook.objects.get_or_create(person=person, defaults={"at": at})
    # In one statement, so that of two windows at once the later stays.
    LastLook.objects.filter(pk=look.pk, at__lt=at).update(at=at)
    look.refresh_from_db()
    return look


@transaction.atomic
def make_calendar_feed(*, now, by, on):
    """Make the person's calendar feed and return its secret, which is kept nowhere. One they had is revoked."""
    person = _somebody(by)
    # Made twice at once, the second waits here, and the first is the one it revokes.
    Person.objects.select_for_update().get(pk=person.pk)
    revoke_calendar_feed(now=now, by=by, on=on)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(person=person, digest=digest_of(secret))
    record_event("calendar-feed-made", by=by, on=on, subject=feed)
    return secret


@transaction.atomic
def revoke_calendar_feed(*, now, by, on):
    """End the person's calendar feed, if they have one; return whether they had."""
    feeds = CalendarFeed.objects.filter(person=_somebody(by), revoked_at=None)
    live = list(feeds.select_for_update())
    feeds.update(revoked_at=now)
    for feed in live:
        record_event("calendar-feed-revoked", by=by, on=on, subject=feed)
    return bool(live)


@transaction.atomic
def make_token(*, name, by, on):
    """Make a token by which a program asks the API as the viewer; return (ApiToken, the secret to show once).

    Raises ValidationError where the person has as many as anybody may.
    """
    person = Person.objects.select_for_update().get(pk=_somebody(by).pk)
    if live_tokens(person).count() >= knox_settings.TOKEN_LIMIT_PER_USER:
        raise ValidationError(
            f"You have {knox_settings.TOKEN_LIMIT_PER_USER} tokens, the most there may be: revoke one first"
        )
    token, secret = ApiToken.objects.create(person, name=name)
    record_event("token-made", by=by, on=on, subject=by.person)
    return token, secret


@transaction.atomic
def revoke_token(token, *, by, on):
    """End one of the viewer's own tokens, at once. Raises PermissionDenied for another's."""
    if token.user_id != _somebody(by).pk:
        raise PermissionDenied("A token is its owner's to revoke.")
    token.delete()
    record_event("token-revoked", by=by, on=on, subject=by.person)


def live_tokens(person):
    """Return the tokens of `person` that have not ended, the newest first."""
    return ApiToken.objects.filter(user=person, expiry__gt=timezone.now()).order_by("-created")


def note_use_of_token(token, *, on):
    """Keep the last day on which a token was used; written once a day, and no event."""
    if token.last_used_on != on:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=on)


def digest_of(secret):
    """Return the SHA-256 by which the secret of a calendar feed is known."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _somebody(by):
    if by.person is None:
        raise PermissionDenied("Only a person has a bookmark or a calendar of their own.")
    return by.person


def _must_manage_people(by):
    if not by.may(Ability.MANAGE_PEOPLE):
        raise PermissionDenied("Only an administrator changes people and roles.")


def _let_sign_in_by(person):
    """Make the person's address the only one that signs them in; a mailed link shows it is theirs."""
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)


def _send_invitation(person, address):
    token = allauth_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), token])
    context = {"person": person, "link": address.rstrip("/") + path, "address": address}
    send_mail(
        subject="You are invited to Upstream",
        message=render_to_string("accounts/invitation.txt", context),
        from_email=None,
        recipient_list=[person.email],
    )


def _code(grant):
    return grant.council.la_code if grant.council else ""


def _facts(grant):
    return {
        "role": str(grant.role),
        "name": NAMES[Role(grant.role)],
        "scope": str(grant.scope),
        "region": grant.region.slug if grant.region else None,
        **({"body": grant.body.slug} if grant.body else {}),
        "from_on": grant.from_on.isoformat(),
        "until_on": grant.until_on.isoformat() if grant.until_on else None,
    }
