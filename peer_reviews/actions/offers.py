"""The offer of a peer review, what the council answers, who endorses it, and who runs and prepares it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions.milestones import meet as meet_milestone
from cases.actions.opening import open_case
from cases.identifiers import refuse_identifiers
from cases.models import Case, Milestone, Owes
from cases.presenters import day_words
from cases.refusals import Refused
from councils.models import Council, Office
from peer_reviews.actions.days import put_days, refuse_days
from peer_reviews.actions.review import go_to, locked, save, tell
from peer_reviews.actions.steps import assign_steps
from peer_reviews.models import (
    ENDED,
    Endorsement,
    LineOfEnquiry,
    PeerReview,
    ReviewKind,
    Stage,
    StageChange,
    TeamMember,
    TeamRole,
)
from peer_reviews.queries.people import possible_managers, possible_organisers

OFFER_RULE = "peer-review-offer"
ENDORSING = (Office.CHIEF_EXECUTIVE, Office.LEADER)


@transaction.atomic
def offer(
    council,
    *,
    kind,
    reason,
    manager,
    organiser=None,
    first_day=None,
    last_day=None,
    subsidy="",
    subsidy_basis="",
    confirmed=False,
    by,
    on,
):
    """Offer `council` a review of `kind`, with its reason in words for the council; return the PeerReview.

    `manager`: the LGA's adviser who is to run it. `first_day`, `last_day`: the days on site proposed, both included.
    `confirmed`: although another runs for the council, or is on site on those days. Its themes become the first lines
    of enquiry. Raises Refused and PermissionDenied. Rule: section 6, point 1.
    """
    if not by.may_at(Ability.RUN_REVIEWS, council):
        raise PermissionDenied
    # Two who offer at once queue on the council, so that each sees the other's.
    council = Council.objects.select_for_update(no_key=True).get(pk=council.pk)
    if not council.existed_on(on):
        raise Refused(f"{council} does not exist today: offer its successor a review")
    if not ReviewKind.objects.on(on).filter(pk=kind.pk).exists():
        raise Refused("This kind of review is no longer offered", "kind")
    if not reason.strip():
        raise Refused("Enter why you offer it now, in words for the council", "reason")
    refuse_identifiers(reason=reason, subsidy_basis=subsidy_basis)
    _refuse_manager(manager, council, on)
    _refuse_organiser(organiser, council, on)
    _refuse_second(council, confirmed)
    if (first_day is None) != (last_day is None):
        raise Refused("Enter both days on site, or neither", "last_day" if first_day else "first_day")
    if first_day:
        refuse_days(council, first_day, last_day, confirmed=confirmed, on=on)
    review = PeerReview.objects.create(
        case=open_case(Case.Kind.PEER_REVIEW, council, by=by, on=on),
        kind=kind,
        offered_on=on,
        offered_by_id=by.person_id,
        offer_reason=reason.strip(),
        manager=manager,
        organiser=organiser,
        first_day=first_day,
        last_day=last_day,
        subsidy=subsidy,
        subsidy_basis=subsidy_basis.strip(),
    )
    LineOfEnquiry.objects.bulk_create(
        LineOfEnquiry(review=review, place=place, title=theme.title, question=theme.question, theme=theme)
        for place, theme in enumerate(kind.themes.all(), 1)
    )
    StageChange.objects.create(review=review, after=Stage.OFFERED, on=on, made_by_id=by.person_id)
    tell("review-offered", review, by=by, on=on, kind=kind.slug)
    if kind.counts_for_offer:
        _meet_aim(council, by=by, on=on)
    return review


def _refuse_second(council, confirmed):
    running = (
        PeerReview.objects.running().filter(case__council=council).select_related("kind", "case").first()
    )
    if running and not confirmed:
        stage = running.get_stage_display().lower()
        raise Refused(f"{council} has a review already: {running.kind}, {stage}", "confirmed")


def _refuse_manager(person, council, on, case=None):
    if person is None or person not in possible_managers(council, on, case):
        raise Refused("Choose an adviser whose role reaches the council, or who is on the case", "manager")


def _refuse_organiser(person, council, on):
    if person is not None and not possible_organisers(council, on).filter(pk=person.pk).exists():
        raise Refused("Choose somebody of the council who prepares its reviews", "organiser")


def _meet_aim(council, *, by, on):
    """Meet the council's aim to be offered a review, once it has been."""
    due = Milestone.objects.filter(council=council, rule__slug=OFFER_RULE, closed_on=None)
    due = due.select_related("council", "case", "rule", "source").select_for_update(of=("self",))
    for milestone in due:
        meet_milestone(milestone, met_on=on, by=by, on=on)


@transaction.atomic
def answer_offer(review, *, accept, reason="", organiser=None, by, on, revision):
    """Record the council's answer to an offer: accepted, or declined with a reason. Its approver alone answers.

    `organiser`: who of the council will prepare it, where they name somebody. An accepted one puts its manager on the
    team and makes what falls due. Raises Refused, Stale and PermissionDenied.
    """
    review = locked(review, among=PeerReview.objects.answered_by(by), revision=revision)
    if review.stage != Stage.OFFERED:
        raise Refused("This offer has been answered already")
    if not accept and not reason.strip():
        raise Refused("Enter why the council declines", "reason")
    refuse_identifiers(reason=reason)
    review.answered_on, review.answered_by_id, review.answer_reason = on, by.person_id, reason.strip()
    if not accept:
        # Why stands with the review, for the council and the LGA; not in the stages, which its page tells.
        go_to(review, Stage.DECLINED, by=by, on=on)
        return review
    if organiser is not None:
        _refuse_organiser(organiser, review.council, on)
        review.organiser = organiser
    _put_manager_on_team(review, by, on)
    if review.first_day:
        put_days(review, review.first_day, review.last_day, by=by, on=on)
    go_to(review, Stage.ACCEPTED, by=by, on=on)
    return review


def _put_manager_on_team(review, by, on):
    """Make the manager's place on the team; it holds from the team's confirmation, as its peers' do."""
    if review.manager_id and not review.team.filter(role=TeamRole.MANAGER, left_on=None).exists():
        TeamMember.objects.create(
            review=review,
            role=TeamRole.MANAGER,
            person_id=review.manager_id,
            put_forward_on=on,
            put_forward_by_id=review.offered_by_id,
        )


@transaction.atomic
def endorse(review, *, office, endorsed_on, by, on):
    """Record that the chief executive or the leader endorses the review, or correct the day; return it.

    Whoever runs it, or answers for the council, records it. Raises Refused and PermissionDenied.
    """
    review = locked(review, among=PeerReview.objects.run_by(by) | PeerReview.objects.answered_by(by))
    _refuse_ended(review)
    if office not in ENDORSING:
        raise Refused("Select who endorses it", "office")
    if endorsed_on > on:
        raise Refused("The day must be today or earlier", "endorsed_on")
    if review.offered_on and endorsed_on < review.offered_on:
        raise Refused(f"It was offered on {day_words(review.offered_on)}: enter a day since", "endorsed_on")
    endorsement, _ = Endorsement.objects.update_or_create(
        review=review, office=office, defaults={"on": endorsed_on, "recorded_by_id": by.person_id}
    )
    tell("review-endorsed", review, by=by, on=on, office=str(office), endorsed_on=endorsed_on.isoformat())
    return endorsement


@transaction.atomic
def name_organiser(review, *, organiser, by, on, revision):
    """Name who of the council prepares the review, or nobody (None). Whoever runs it or answers for the council may.

    What the council owes becomes theirs, unless it was given to somebody else. Raises Refused, Stale, PermissionDenied.
    """
    among = PeerReview.objects.run_by(by) | PeerReview.objects.answered_by(by)
    review = locked(review, among=among, revision=revision)
    _refuse_ended(review)
    _refuse_organiser(organiser, review.council, on)
    before, review.organiser = review.organiser, organiser
    save(review)
    assign_steps(review, owes=Owes.COUNCIL, before=before, person=organiser)
    tell("review-organiser-named", review, by=by, on=on, person=organiser.pk if organiser else None)
    return review


@transaction.atomic
def set_subsidy(review, *, subsidy, subsidy_basis="", by, on, revision):
    """Record how far the review is paid for, and on what basis. Raises Refused, Stale and PermissionDenied."""
    review = locked(review, among=PeerReview.objects.run_by(by), revision=revision)
    _refuse_ended(review)
    if subsidy not in PeerReview.Subsidy.values:
        raise Refused("Select who pays", "subsidy")
    refuse_identifiers(subsidy_basis=subsidy_basis)
    review.subsidy, review.subsidy_basis = subsidy, subsidy_basis.strip()
    save(review)
    tell("review-subsidy-set", review, by=by, on=on, subsidy=str(subsidy))
    return review


def _refuse_ended(review):
    if review.stage in ENDED:
        raise Refused(f"This review is over: {review.get_stage_display().lower()}")
