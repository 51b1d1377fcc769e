"""Every write about the team of a review: who is put forward, who agrees, who serves from when until when.

Nobody whom a conflict keeps away comes on a team: asked again here, under the locks of the review and of the peer, when
they are put forward and when the team is confirmed. What changes a peer's posts or ties takes the same lock.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from accounts.models import Person
from cases.identifiers import refuse_identifiers
from cases.refusals import Refused, Stale
from councils.models import Council
from peer_reviews.actions.review import go_to, locked, save, tell
from peer_reviews.models import Objection, Peer, PeerReview, Stage, TeamMember, TeamRole
from peer_reviews.queries.managers import who_may_manage
from peer_reviews.queries.teams import excluded, lends_on, newest_neighbours
from peer_reviews.rules.stages import has_reached

# When somebody can come on a team: late joiners until the final report.
BUILT = (
    Stage.ACCEPTED,
    Stage.SCOPED,
    Stage.TEAM_CONFIRMED,
    Stage.PREPARING,
    Stage.ON_SITE,
    Stage.FEEDBACK_GIVEN,
    Stage.DRAFT_REPORT,
    Stage.FACTUAL_ACCURACY,
)


@transaction.atomic
def put_forward(review, *, peer, role, by, on):
    """Propose a peer for a role on the team, and return the TeamMember. The council then agrees or refuses.

    `role`: of TeamRole, not the manager. Raises Refused (a conflict, with its reasons; on the team already; refused
    before; not in the pool or not for that role), PermissionDenied.
    """
    review = _being_built(review, by)
    peer = locked_peer(peer)
    _refuse_unless_for_role(peer, role, on)
    earlier = TeamMember.objects.filter(review=review, peer=peer)
    if earlier.filter(left_on__isnull=True).exists():
        raise Refused(f"{peer} is on the team already", "peer")
    if peer.person_id and TeamMember.objects.filter(
        review=review, person=peer.person_id, left_on__isnull=True
    ):
        raise Refused(f"{peer} is on the team already", "peer")
    if earlier.filter(refused=True).exists():
        raise Refused(f"The council did not agree to {peer}", "peer")
    _refuse_conflicts(review, [peer], on)
    lends = Peer.objects.filter(pk=peer.pk).annotate(
        lends=lends_on(review.first_day or on).values("council")[:1]
    )
    member = TeamMember.objects.create(
        review=review,
        role=role,
        peer=peer,
        person_id=peer.person_id,
        lent_by_id=lends.values_list("lends", flat=True).get(),
        put_forward_on=on,
        put_forward_by_id=by.person_id,
        political_group=peer.political_group if role == TeamRole.MEMBER else "",
    )
    _tell("review-peer-put-forward", member, by, on, role=str(role))
    return member


def locked_peer(peer):
    """Return the row of `peer` again, locked: whatever could keep them away from a review waits for it."""
    return Peer.objects.select_for_update().get(pk=peer.pk)


def _refuse_unless_for_role(peer, role, on):
    if not Peer.objects.in_pool(on).filter(pk=peer.pk).exists():
        raise Refused(f"{peer} is not in the pool", "peer")
    if not peer.roles.filter(role=role).exists():
        raise Refused(f"{peer} does not take that role", "role")
    if role == TeamRole.MEMBER and not peer.political_group:
        raise Refused(f"Record the political group of {peer} first", "peer")


def _refuse_conflicts(review, peers, on):
    """Raise Refused where one of the peers may not go, saying why."""
    kept_away = excluded(review, on=on, peers=[peer.pk for peer in peers])
    for peer in peers:
        if kept_away.get(peer.pk):
            raise Refused(f"{peer} may not go: {'; '.join(kept_away[peer.pk])}", "peer")


@transaction.atomic
def record_group_office(member, *, agreed_on, agreed_by, revision, by, on):
    """Record that a member peer's group office agreed. Raises Refused, Stale and PermissionDenied."""
    _, member = _member_of(member, PeerReview.objects.run_by(by), revision)
    if member.role != TeamRole.MEMBER:
        raise Refused("Only of a member peer does a group office say so")
    if not agreed_by.strip():
        raise Refused("Enter which office agreed", "agreed_by")
    if agreed_on > on:
        raise Refused("The day must be today or earlier", "agreed_on")
    refuse_identifiers(agreed_by=agreed_by)
    member.group_office_agreed_on, member.group_office_agreed_by = agreed_on, agreed_by.strip()
    _save(member)
    _tell("review-group-office-agreed", member, by, on, agreed_on=agreed_on.isoformat())
    return member


@transaction.atomic
def agree_to(member, *, agrees, reason="", revision, by, on):
    """The council agrees to a proposed member, or refuses with a reason. Return the member.

    Raises Refused, Stale, and PermissionDenied to whoever does not answer for the council.
    """
    _, member = _member_of(member, PeerReview.objects.answered_by(by), revision)
    if member.role == TeamRole.MANAGER:
        raise Refused("The review manager is the LGA’s to name")
    if member.council_agreed_on is not None and agrees:
        raise Refused("The council has agreed already")
    if member.from_on is not None:
        raise Refused(f"{member.name} serves on the team already: ask the review manager to stand them down")
    if agrees:
        member.council_agreed_on, member.council_agreed_by_id = on, by.person_id
        _save(member)
        _tell("review-peer-agreed", member, by, on)
        return member
    if not reason.strip():
        raise Refused("Enter why the council does not agree", "reason")
    refuse_identifiers(reason=reason)
    member.refused, member.left_on, member.left_reason = True, on, reason.strip()
    member.council_agreed_on = member.council_agreed_by_id = None
    _save(member)
    _tell("review-peer-refused", member, by, on)
    return member


@transaction.atomic
def stand_down(member, *, reason, revision, by, on):
    """Take a member off the team, with the reason. They serve no longer from `on`. The manager is replaced instead.

    Raises Refused, Stale and PermissionDenied.
    """
    _, member = _member_of(member, PeerReview.objects.run_by(by), revision)
    if member.role == TeamRole.MANAGER:
        raise Refused("Name another review manager instead")
    if not reason.strip():
        raise Refused("Enter why they stand down", "reason")
    refuse_identifiers(reason=reason)
    _leave(member, reason.strip(), on)
    _tell("review-peer-stood-down", member, by, on)
    return member


def _leave(member, reason, on):
    member.left_on, member.left_reason = on, reason
    if member.from_on is not None and member.until_on is None:
        member.until_on = max(on, member.from_on)
    _save(member)


@transaction.atomic
def name_manager(review, *, person, by, on):
    """Name the review manager, in place of the one before. They serve at once where the team is confirmed.

    Raises Refused, PermissionDenied.
    """
    review = locked(review, among=PeerReview.objects.run_by(by))
    _refuse_ended(review)
    if not who_may_manage(review, on).filter(pk=person.pk).exists():
        raise Refused("Choose an adviser of the LGA who may run this council’s reviews", "person")
    held = TeamMember.objects.filter(review=review, left_on__isnull=True)
    if held.filter(person=person).exclude(role=TeamRole.MANAGER).exists():
        raise Refused(f"{person} is on the team as a peer", "person")
    before = held.filter(role=TeamRole.MANAGER).select_for_update().first()
    if before is not None and before.person_id == person.pk:
        return before
    if before is not None:
        _leave(before, f"{person} manages the review", on)
    serves = has_reached(review.stage, "team-confirmed", stage_before=review.stage_before)
    member = _manager(review, person, by, on, from_on=on if serves and review.final_on is None else None)
    review.manager = person
    save(review)
    _tell("review-manager-named", member, by, on)
    return member


def _manager(review, person, by, on, from_on=None):
    return TeamMember.objects.create(
        review=review,
        role=TeamRole.MANAGER,
        person=person,
        put_forward_on=on,
        put_forward_by_id=by.person_id,
        from_on=from_on,
    )


@transaction.atomic
def object_to(review, *, councils, by, on):
    """Say which statistical neighbours the council would rather see nobody from; it replaces what it said before.

    `councils`: Councils or their numbers, each a statistical neighbour. Raises Refused and PermissionDenied.
    """
    review = locked(review, among=PeerReview.objects.answered_by(by))
    _refuse_ended(review)
    wanted = {getattr(council, "pk", council) for council in councils}
    known = set(neighbours_of(review).values_list("pk", flat=True))
    if not wanted <= known:
        raise Refused("Choose among the council’s statistical neighbours", "councils")
    held = set(Objection.objects.filter(review=review).values_list("council", flat=True))
    Objection.objects.filter(review=review, council__in=held - wanted).delete()
    Objection.objects.bulk_create(
        Objection(review=review, council_id=council, made_on=on, made_by_id=by.person_id)
        for council in sorted(wanted - held)
    )
    if wanted != held:
        save(review)
        tell("review-neighbours-objected", review, by=by, on=on, objections=len(wanted))
    return len(wanted)


def neighbours_of(review):
    """Return the statistical neighbours of the councils that a review looks at, by their newest model."""
    joint = PeerReview.joint_with.through.objects.filter(peerreview=review.pk).values("council")
    hosts = Council.objects.filter(Q(pk=review.case.council_id) | Q(pk__in=joint))
    near = newest_neighbours(hosts.order_by().values("pk")).order_by()
    return Council.objects.filter(pk__in=near.values("neighbour")).exclude(pk__in=hosts.values("pk"))


@transaction.atomic
def confirm_team(review, *, by, on, revision):
    """Confirm the team: all agreed, nobody with a conflict. Each serves from `on`; the review goes on.

    Once it is confirmed, confirms those who joined since. Return the members who now begin to serve. Raises Refused
    (who has not been agreed to, a member peer without their group office, a conflict, no lead, no manager), Stale and
    PermissionDenied.
    """
    review = locked(review, among=PeerReview.objects.run_by(by), revision=revision)
    if review.stage not in BUILT:
        raise Refused(_not_built(review))
    _ensure_manager(review, by, on)
    team = list(
        TeamMember.objects.select_for_update(of=("self",))
        .filter(review=review, left_on__isnull=True)
        .select_related("peer", "person")
        .order_by("pk")
    )
    peers = list(
        Peer.objects.select_for_update()
        .filter(pk__in=[one.peer_id for one in team if one.peer_id])
        .order_by("pk")
    )
    _refuse_unready(review, team, peers, on)
    new = [one for one in team if one.from_on is None]
    confirmed = has_reached(review.stage, "team-confirmed")
    if confirmed and not new:
        raise Refused("Everybody on the team is confirmed already")
    _link_people(peers, team)
    for member in new:
        member.from_on = on
        _save(member)
    if confirmed:
        save(review)
        tell("review-team-joined", review, by=by, on=on, members=len(new))
    else:
        go_to(review, Stage.TEAM_CONFIRMED, by=by, on=on)
        tell("review-team-confirmed", review, by=by, on=on, members=len(new))
    return new


def _refuse_unready(review, team, peers, on):
    served = [one for one in team if one.role != TeamRole.MANAGER]
    if not served:
        raise Refused("Nobody is on the team yet")
    if review.kind.places.filter(role=TeamRole.LEAD).exists() and not any(
        one.role == TeamRole.LEAD for one in served
    ):
        raise Refused("The team has no lead peer yet")
    waiting = [one.name for one in served if one.council_agreed_on is None and one.from_on is None]
    if waiting:
        raise Refused(f"The council has not agreed to {_listed(waiting)} yet")
    unagreed = [
        one.name for one in served if one.role == TeamRole.MEMBER and one.group_office_agreed_on is None
    ]
    if unagreed:
        raise Refused(f"Record the group office’s agreement to {_listed(unagreed)} first")
    _refuse_conflicts(review, peers, on)


def _listed(names):
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _ensure_manager(review, by, on):
    """Put the review's manager on its team, where the offer named one. Raises Refused where there is none."""
    if TeamMember.objects.filter(review=review, role=TeamRole.MANAGER, left_on__isnull=True).exists():
        return
    if review.manager is None:
        raise Refused("Name the review manager first")
    _manager(review, review.manager, by, on)


def _link_people(peers, team):
    """Let peers whose e-mail address is that of somebody who signs in be that person, on this team too."""
    people = {
        one.email: one
        for one in Person.objects.filter(email__in=[peer.email.lower() for peer in peers if peer.email])
    }
    taken = set(
        Peer.objects.filter(person__in=[one.pk for one in people.values()]).values_list("person", flat=True)
    )
    taken |= {one.person_id for one in team}
    for peer in peers:
        person = people.get(peer.email.lower()) if peer.email and peer.person_id is None else None
        if person is not None and person.pk not in taken:
            peer.person = person
            peer.save(update_fields=["person"])
    theirs = {peer.pk: peer.person_id for peer in peers}
    for member in team:
        if member.peer_id and member.person_id is None and theirs.get(member.peer_id):
            member.person_id = theirs[member.peer_id]
            member.save(update_fields=["person"])


@transaction.atomic
def end_service(review, *, on):
    """End the service of everybody on the team on `on`, the day of the final report; return how many.

    A part of the action that makes the report final, or ends the review, which asks whether its doer may.
    """
    serving = TeamMember.objects.filter(review=review, from_on__isnull=False, until_on__isnull=True)
    later = serving.filter(from_on__gt=on)
    for member in later:
        member.until_on = member.from_on
        member.save(update_fields=["until_on"])
    return len(later) + serving.filter(from_on__lte=on).update(until_on=on)


def _being_built(review, by):
    review = locked(review, among=PeerReview.objects.run_by(by))
    if review.stage not in BUILT:
        raise Refused(_not_built(review))
    return review


def _not_built(review):
    return f"The team can’t change while the review is {review.get_stage_display().lower()}"


def _refuse_ended(review):
    if review.stage not in (*BUILT, Stage.OFFERED, Stage.POSTPONED):
        raise Refused(_not_built(review))


def _member_of(member, among, revision):
    """Return (the review, its member), both locked, the member still on the team."""
    review = locked(member.review, among=among)
    if review.stage not in (*BUILT, Stage.POSTPONED):
        raise Refused(_not_built(review))
    member = (
        TeamMember.objects.select_for_update(of=("self",))
        .select_related("peer", "person", "review__case__council")
        .filter(pk=member.pk, review=review)
        .first()
    )
    if member is None:
        raise PermissionDenied
    if revision is not None and member.revision != revision:
        raise Stale(member)
    if member.left_on is not None:
        raise Refused(f"{member.name} is no longer on the team")
    return review, member


def _save(member):
    member.revision += 1
    member.save()


def _tell(kind, member, by, on, **data):
    tell(kind, member.review, by=by, on=on, subject=member, **data)
