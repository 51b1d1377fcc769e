"""Every write about the pool of peers: who is in it, where they work, what they know, when and where they can't go.

The LGA keeps it. A peer may change their own availability and declare a conflict. Whatever could keep a peer away from
a review takes the peer's row under a lock, as putting them on a team does.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Person
from accounts.permissions import Ability
from cases.identifiers import refuse_identifiers
from cases.presenters import day_words
from cases.refusals import Refused, Stale
from history.actions import record_event
from peer_reviews.models import (
    Peer,
    PeerFeedback,
    PeerPost,
    PeerReview,
    PeerRole,
    TeamMember,
    TeamRole,
    Tie,
    Training,
    Unavailable,
)


@transaction.atomic
def add_peer(
    *,
    name,
    email="",
    roles,
    words=(),
    regions=(),
    political_group="",
    days_a_year=5,
    about="",
    joined_on,
    council=None,
    body=None,
    employer="",
    title="",
    post_from_on=None,
    by,
    on,
):
    """Add a peer to the pool with the post they hold, and return the Peer.

    `roles`: of TeamRole; of `council`, `body` and `employer` exactly one. Whoever signs in by the same e-mail address
    is linked. Raises Refused and PermissionDenied.
    """
    _refuse_unless_keeper(by)
    given = _cleaned(name, email, roles, political_group, about)
    if joined_on > on:
        raise Refused("The day must be today or earlier", "joined_on")
    _refuse_unless_one(council, body, employer)
    peer = Peer.objects.create(**given, days_a_year=days_a_year, joined_on=joined_on)
    _set(peer, roles, words, regions)
    _link(peer)
    PeerPost.objects.create(
        peer=peer,
        council=council,
        body=body,
        employer=employer.strip(),
        title=title.strip(),
        from_on=post_from_on,
    )
    _tell("peer-added", peer, by, on)
    return peer


@transaction.atomic
def change_peer(
    peer,
    *,
    name,
    email="",
    roles,
    words=(),
    regions=(),
    political_group="",
    days_a_year=5,
    about="",
    revision,
    by,
    on,
):
    """Change what is known of a peer. Raises Refused, Stale and PermissionDenied."""
    _refuse_unless_keeper(by)
    peer = _locked(peer, revision)
    for field, value in _cleaned(name, email, roles, political_group, about, peer=peer).items():
        setattr(peer, field, value)
    peer.days_a_year = days_a_year
    _save(peer)
    _set(peer, roles, words, regions)
    _link(peer)
    _tell("peer-changed", peer, by, on)
    return peer


def _cleaned(name, email, roles, political_group, about, peer=None):
    name, email = name.strip(), email.strip().lower()
    if not name:
        raise Refused("Enter the peer’s name", "name")
    if len(name) > 120:
        raise Refused("The name must be 120 characters or fewer", "name")
    if not roles:
        raise Refused("Select at least one role", "roles")
    if TeamRole.MEMBER in roles and not political_group:
        raise Refused("Select the political group of a member peer", "political_group")
    refuse_identifiers(name=name, about=about)
    same = Peer.objects.filter(email=email).exclude(pk=peer.pk if peer else None)
    if email and same.exists():
        raise Refused("A peer with this e-mail address is in the pool", "email")
    return {"name": name, "email": email, "political_group": political_group, "about": about.strip()}


def _set(peer, roles, words, regions):
    wanted = {str(role) for role in roles}
    peer.roles.exclude(role__in=wanted).delete()
    held = set(peer.roles.values_list("role", flat=True))
    PeerRole.objects.bulk_create(PeerRole(peer=peer, role=role) for role in sorted(wanted - held))
    peer.words.set(words)
    peer.regions.set(regions)


def _link(peer):
    """Let the peer be whoever signs in by their e-mail address, where nobody else of the pool is; on teams too."""
    if peer.person_id is None and peer.email:
        person = Person.objects.filter(email=peer.email, peer__isnull=True).first()
        if person is not None:
            peer.person = person
            peer.save(update_fields=["person"])
            places = TeamMember.objects.filter(peer=peer, person__isnull=True, left_on__isnull=True)
            places.exclude(review__team__person=person).update(person=person)


@transaction.atomic
def link_person(peer, *, by, on):
    """Link a peer to whoever signs in by their e-mail address. Raises Refused where nobody does, PermissionDenied."""
    _refuse_unless_keeper(by)
    peer = _locked(peer)
    if peer.person_id is not None:
        raise Refused(f"{peer} is linked to who signs in already")
    _link(peer)
    if peer.person_id is None:
        raise Refused("Nobody signs in by this e-mail address yet: an administrator invites them")
    _tell("peer-linked", peer, by, on)
    return peer


def _refuse_unless_one(council, body, employer):
    if sum(map(bool, (council, body, employer.strip()))) != 1:
        raise Refused(
            "Give the council, the trust or other body, or another employer: one of the three", "council"
        )


@transaction.atomic
def leave_pool(peer, *, left_on, revision, by, on):
    """Record the first day on which a peer was no longer in the pool. Raises Refused, Stale and PermissionDenied."""
    _refuse_unless_keeper(by)
    peer = _locked(peer, revision)
    if peer.left_on is not None:
        raise Refused(f"{peer} left the pool on {day_words(peer.left_on)}")
    if left_on < peer.joined_on:
        raise Refused(f"The day must be {day_words(peer.joined_on)} or later", "left_on")
    peer.left_on = left_on
    _save(peer)
    _tell("peer-left", peer, by, on, left_on=left_on.isoformat())
    return peer


@transaction.atomic
def join_again(peer, *, revision, by, on):
    """Take a peer who left back into the pool. Raises Refused, Stale and PermissionDenied."""
    _refuse_unless_keeper(by)
    peer = _locked(peer, revision)
    if peer.left_on is None:
        raise Refused(f"{peer} is in the pool")
    peer.left_on = None
    _save(peer)
    _tell("peer-joined-again", peer, by, on)
    return peer


@transaction.atomic
def add_post(peer, *, council=None, body=None, employer="", title="", from_on=None, until_on=None, by, on):
    """Record where a peer works or worked: exactly one of council, body and employer. Return the PeerPost.

    `until_on`: the first day it was no longer held. Raises Refused and PermissionDenied.
    """
    _refuse_unless_keeper(by)
    peer = _locked(peer)
    _refuse_unless_one(council, body, employer)
    _refuse_backwards(from_on, until_on)
    post = PeerPost.objects.create(
        peer=peer,
        council=council,
        body=body,
        employer=employer.strip(),
        title=title.strip(),
        from_on=from_on,
        until_on=until_on,
    )
    _tell("peer-post-added", peer, by, on)
    return post


@transaction.atomic
def end_post(post, *, until_on, by, on):
    """Record the first day on which a post was no longer held. Raises Refused and PermissionDenied."""
    _refuse_unless_keeper(by)
    peer = _locked(post.peer)
    post = peer.posts.select_for_update().get(pk=post.pk)
    if post.until_on is not None:
        raise Refused("This post has ended already", "until_on")
    _refuse_backwards(post.from_on, until_on)
    post.until_on = until_on
    post.save(update_fields=["until_on"])
    _tell("peer-post-ended", peer, by, on)
    return post


def _refuse_backwards(from_on, until_on):
    if from_on and until_on and until_on <= from_on:
        raise Refused("The last day must be the first day or later", "until_on")


@transaction.atomic
def add_tie(peer, *, council, kind, from_on=None, note="", by, on):
    """Record what keeps a peer from a council, and return the Tie. A peer may declare a conflict of their own.

    `kind`: of Tie.Kind. Raises Refused and PermissionDenied.
    """
    own = peer.person_id is not None and peer.person_id == by.person_id
    if not (by.may(Ability.KEEP_PEERS) or (own and kind == Tie.Kind.CONFLICT)):
        raise PermissionDenied
    peer = _locked(peer)
    refuse_identifiers(note=note)
    if peer.ties.filter(council=council, kind=kind, until_on__isnull=True).exists():
        raise Refused("This is on record already", "council")
    tie, made = Tie.objects.get_or_create(
        peer=peer, council=council, kind=kind, from_on=from_on, defaults={"note": note.strip()}
    )
    if not made:
        raise Refused("This is on record from that day already", "council")
    _tell("peer-tie-added", peer, by, on, tie=str(kind), council=council.la_code)
    return tie


@transaction.atomic
def end_tie(tie, *, until_on, by, on):
    """Record the first day on which a declared conflict no longer held. The LGA's to say: not the peer's.

    Raises Refused and PermissionDenied.
    """
    _refuse_unless_keeper(by)
    peer = _locked(tie.peer)
    tie = peer.ties.select_for_update().get(pk=tie.pk)
    if tie.kind != Tie.Kind.CONFLICT:
        raise Refused("What somebody did there stays so. Take it back if it was recorded by mistake")
    if tie.until_on is not None:
        raise Refused("This has ended already", "until_on")
    _refuse_backwards(tie.from_on, until_on)
    tie.until_on = until_on
    tie.save(update_fields=["until_on"])
    _tell("peer-tie-ended", peer, by, on, tie=tie.kind, council=tie.council.la_code)
    return tie


@transaction.atomic
def take_back_tie(tie, *, by, on):
    """Delete a tie that was recorded by mistake; that it was is kept. Raises PermissionDenied."""
    _refuse_unless_keeper(by)
    peer = _locked(tie.peer)
    tie = peer.ties.select_related("council").get(pk=tie.pk)
    kind, council = tie.kind, tie.council
    tie.delete()
    _tell("peer-tie-taken-back", peer, by, on, tie=kind, council=council.la_code)


@transaction.atomic
def add_unavailable(peer, *, from_on, until_on, note="", by, on):
    """Record that a peer can't go from `from_on` until `until_on`, exclusive. The LGA may, and the peer themselves.

    Raises Refused and PermissionDenied.
    """
    _refuse_unless_keeper_or_self(peer, by)
    peer = _locked(peer)
    _refuse_backwards(from_on, until_on)
    refuse_identifiers(note=note)
    away = Unavailable.objects.create(peer=peer, from_on=from_on, until_on=until_on, note=note.strip())
    _tell("peer-unavailable", peer, by, on)
    return away


@transaction.atomic
def remove_unavailable(away, *, by, on):
    """A peer can go then after all. The LGA may say so, and the peer themselves. Raises PermissionDenied."""
    _refuse_unless_keeper_or_self(away.peer, by)
    peer = _locked(away.peer)
    peer.unavailable.filter(pk=away.pk).delete()
    _tell("peer-available", peer, by, on)


@transaction.atomic
def add_training(peer, *, name, accreditation=False, trained_on, expires_on=None, by, on):
    """Record training that a peer has had, or an accreditation. `expires_on`: the first day it no longer counts.

    Raises Refused and PermissionDenied.
    """
    _refuse_unless_keeper(by)
    peer = _locked(peer)
    if not name.strip():
        raise Refused("Enter the training", "name")
    if expires_on is not None and expires_on <= trained_on:
        raise Refused("It must count for a day at least", "expires_on")
    had = Training.objects.create(
        peer=peer, name=name.strip(), accreditation=accreditation, on=trained_on, expires_on=expires_on
    )
    _tell("peer-trained", peer, by, on)
    return had


@transaction.atomic
def remove_training(training, *, by, on):
    """Take back training that was recorded by mistake. Raises PermissionDenied."""
    _refuse_unless_keeper(by)
    peer = _locked(training.peer)
    peer.training.filter(pk=training.pk).delete()
    _tell("peer-training-taken-back", peer, by, on)


@transaction.atomic
def give_feedback(peer, *, review, rating, text="", by, on):
    """Say how a peer did on a review that they served on, for the LGA alone; it replaces what was said before.

    `rating`: 1 (not again) to 4 (ask again soon). Who runs the review says so. Raises Refused and PermissionDenied.
    """
    if not PeerReview.objects.run_by(by).filter(pk=review.pk).exists():
        raise PermissionDenied
    peer = _locked(peer)
    if rating not in (1, 2, 3, 4):
        raise Refused("Select from 1 to 4", "rating")
    served = TeamMember.objects.filter(review=review, peer=peer, from_on__lte=on)
    if not served.exists():
        raise Refused(f"{peer} did not serve on that review", "review")
    refuse_identifiers(text=text)
    given, _ = PeerFeedback.objects.update_or_create(
        peer=peer,
        review=review,
        defaults={"rating": rating, "text": text.strip(), "given_by_id": by.person_id, "given_on": on},
    )
    _tell("peer-feedback-given", peer, by, on)
    return given


def _refuse_unless_keeper(by):
    if not by.may(Ability.KEEP_PEERS):
        raise PermissionDenied


def _refuse_unless_keeper_or_self(peer, by):
    own = peer.person_id is not None and peer.person_id == by.person_id
    if not (own or by.may(Ability.KEEP_PEERS)):
        raise PermissionDenied


def _locked(peer, revision=None):
    current = Peer.objects.select_for_update(of=("self",)).get(pk=peer.pk)
    if revision is not None and current.revision != revision:
        raise Stale(current)
    return current


def _save(peer):
    peer.revision += 1
    peer.save()


def _tell(kind, peer, by, on, **data):
    record_event(kind, by=by, on=on, subject=peer, data=data)
