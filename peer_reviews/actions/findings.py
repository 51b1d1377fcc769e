"""What a team makes of its notes: gathered, worded, agreed, put in order, and what it says of risk.

The words of findings stand in their rows alone: events say that there is one, and never what or of which kind.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Q

from cases.actions.clocks import change_date
from cases.actions.milestones import withdraw_milestones
from cases.identifiers import refuse_identifiers
from cases.models import DateChange, Force, Milestone, Owes
from cases.refusals import Refused, Stale
from history.actions import record_event
from peer_reviews.actions.review import locked
from peer_reviews.models import (
    ENDED,
    Dissent,
    Finding,
    Gathered,
    LineOfEnquiry,
    Note,
    PeerReview,
    Stage,
    TeamMember,
    Wording,
)
from peer_reviews.queries.findings import sources_of

SUPPORT = "Offer enhanced support"
MOVED = "The peer review asks for it by another day"
SUPPORT_DAYS = 10
MOST_SUPPORT_DAYS = 90
MOST_AT_ONCE = 500


@transaction.atomic
def add_finding(review, *, kind, wording, line=None, severity="", notes=(), rests_on=(), by, on, now):
    """Write a finding that rests on `notes` (their numbers) or on other findings, and return it.

    `line` is the number of one of the review's lines of enquiry; `rests_on` numbers of its findings, of a
    recommendation alone. It stands last in its line. Raises PermissionDenied and Refused.
    """
    review = _of_team(review, by)
    last = review.findings.aggregate(last=Max("place"))["last"] or 0
    finding = Finding(review=review, place=last + 1)
    _say(finding, kind, wording, line, severity)
    finding.save()
    _word(finding, by, now)
    _rest_on(finding, rests_on)
    _gather(finding, notes, by)
    _tell("review-finding-made", review, by=by, on=on, subject=finding, notes=finding.gathered_set.count())
    return finding


@transaction.atomic
def change_finding(finding, *, kind, wording, line=None, severity="", rests_on=(), by, on, now, revision):
    """Change what a finding says, or how. New words stand beside the old, and are no longer agreed.

    Takes what `add_finding` takes. Raises PermissionDenied, Refused and Stale.
    """
    finding = _locked(finding, by, revision)
    before = finding.kind, finding.wording
    _say(finding, kind, wording, line, severity)
    if (finding.kind, finding.wording) != before:
        finding.agreed_on = None
    if finding.wording != before[1]:
        _word(finding, by, now)
    _rest_on(finding, rests_on)
    _save(finding)
    _tell("review-finding-changed", finding.review, by=by, on=on, subject=finding)
    return finding


@transaction.atomic
def gather(finding, *, add=(), remove=(), by, on):
    """Let a finding rest on more notes, or no longer on some; both are numbers of notes. Return it.

    Only what is shared with the team can be gathered. Gathering twice is gathering once, so no revision is asked.
    Raises PermissionDenied and Refused.
    """
    finding = _locked(finding, by)
    # A note merged into another is shown, and so taken away, as that other.
    away = Q(note__in=list(remove)) | Q(note__merged_into__in=list(remove))
    Gathered.objects.filter(away, finding=finding).delete()
    _gather(finding, add, by)
    if finding.sources is not None:
        _count(finding, sources_of([finding.pk]))
    _save(finding)
    _tell(
        "review-finding-gathered",
        finding.review,
        by=by,
        on=on,
        subject=finding,
        notes=finding.gathered_set.count(),
    )
    return finding


@transaction.atomic
def agree_wording(finding, *, by, on, revision):
    """Record that the team agrees the wording as it stands. Raises PermissionDenied, Refused and Stale."""
    finding = _locked(finding, by, revision)
    if finding.agreed_on is not None:
        raise Refused("The team has agreed this wording already")
    finding.agreed_on = on
    _save(finding)
    _tell("review-finding-agreed", finding.review, by=by, on=on, subject=finding)
    return finding


@transaction.atomic
def dissent(finding, *, text, by, on):
    """Keep that the viewer sees it otherwise, and why; return the Dissent. What is agreed stays so."""
    finding = _locked(finding, by)
    text = _written(text, "Enter how you see it", text_of="text")
    made = Dissent.objects.create(finding=finding, text=text, made_by=_member(finding.review, by), made_on=on)
    _tell("review-finding-dissent", finding.review, by=by, on=on, subject=finding)
    return made


@transaction.atomic
def withdraw_dissent(dissent, *, by, on):
    """Record that who dissented no longer does; what they said stays with the finding. Theirs alone to do."""
    finding = _locked(dissent.finding, by)
    dissent = Dissent.objects.select_for_update().get(pk=dissent.pk)
    if dissent.made_by.person_id != by.person_id:
        raise PermissionDenied
    if dissent.withdrawn_on is not None:
        raise Refused("This has been withdrawn already")
    dissent.withdrawn_on = on
    dissent.save()
    _tell("review-finding-dissent-withdrawn", finding.review, by=by, on=on, subject=finding)
    return dissent


@transaction.atomic
def move_finding(finding, *, up, by, on):
    """Put a finding before or after the one beside it in its line of enquiry; where it is first or last, nothing."""
    finding = _locked(finding, by)
    beside = Finding.objects.standing().filter(review=finding.review, line=finding.line_id)
    beside = list(beside.order_by("place", "pk").select_for_update())
    at = beside.index(finding)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(beside):
        return finding
    places = sorted(one.place for one in beside)
    beside.insert(to, beside.pop(at))
    for one, place in zip(beside, places, strict=True):
        if one.place != place:
            Finding.objects.filter(pk=one.pk).update(place=place)
    _tell("review-finding-moved", finding.review, by=by, on=on, subject=finding)
    return finding


@transaction.atomic
def drop_finding(finding, *, by, on, revision):
    """Leave a finding out. Its words and dissent stay readable; an offer of support that it raised is withdrawn."""
    finding = _locked(finding, by, revision)
    _withdraw_support(finding, by, on)
    finding.at_risk = False
    finding.agreed_on = None
    finding.dropped_on = on
    _save(finding)
    _tell("review-finding-dropped", finding.review, by=by, on=on, subject=finding)
    return finding


@transaction.atomic
def take_up_again(finding, *, by, on, revision):
    """Let a finding stand again that was dropped, its wording to be agreed anew."""
    finding = _locked(finding, by, revision, standing=False)
    if finding.dropped_on is None:
        raise Refused("It stands already")
    finding.dropped_on = None
    _save(finding)
    _tell("review-finding-made", finding.review, by=by, on=on, subject=finding)
    return finding


@transaction.atomic
def mark_risk(finding, *, days=SUPPORT_DAYS, by, on, revision):
    """Mark that it puts the council at risk at its next inspection: enhanced support is to be offered within `days`.

    The offer is a milestone of the review's case, owed by the LGA, seen by the LGA and the council, in words that
    say nothing of the finding. Marked already, the day of the offer moves. Raises PermissionDenied, Refused and
    Stale. Rule: section 6, point 6.
    """
    finding = _locked(finding, by, revision)
    if not 1 <= days <= MOST_SUPPORT_DAYS:
        raise Refused(f"Days must be between 1 and {MOST_SUPPORT_DAYS}", "days")
    if finding.kind == Finding.Kind.STRENGTH:
        raise Refused("A strength puts nothing at risk")
    due_on = on + timedelta(days=days)
    if finding.support is None:
        finding.support = _support(finding.review, due_on, on)
    elif finding.support.closed_on is not None:
        raise Refused("Support has been offered already", "days")
    else:
        change_date(finding.support, due_on, reason=DateChange.Reason.OTHER, note=MOVED, by=by, on=on)
        finding.support.revision += 1
        finding.support.save()
    finding.at_risk = True
    _save(finding)
    told = {"subject": finding.support, "due_on": due_on.isoformat()}
    _tell("review-support-to-offer", finding.review, by=by, on=on, **told)
    return finding


@transaction.atomic
def unmark_risk(finding, *, by, on, revision):
    """Say that it puts nothing at risk after all: the offer of support is withdrawn, unless it has been made."""
    finding = _locked(finding, by, revision)
    if not finding.at_risk:
        raise Refused("It is not marked")
    _withdraw_support(finding, by, on)
    finding.at_risk = False
    _save(finding)
    _tell("review-support-withdrawn", finding.review, by=by, on=on)
    return finding


@transaction.atomic
def count_sources(review):
    """Keep on each finding of a review how many independent sources and notes it rests on now; return how many.

    A part of the action that locks the notes or deletes them, which asks whether it may. Called again once notes
    are gone it changes nothing, for there is nothing left to count.
    """
    if review.notes_deleted_on is not None:
        return 0
    findings = list(Finding.objects.filter(review=review).select_for_update())
    counted = sources_of([finding.pk for finding in findings])
    for finding in findings:
        _count(finding, counted)
    Finding.objects.bulk_update(findings, ["sources", "notes_gathered"], batch_size=500)
    return len(findings)


def _count(finding, counted):
    finding.sources, finding.notes_gathered = counted.get(finding.pk, (0, 0))


def _tell(kind, review, *, by, on, subject=None, **data):
    # Without the council's code: its history is read by the council and others, who learn nothing of the team's work.
    record_event(
        kind, by=by, on=on, subject=subject or review, case_reference=review.case.reference, data=data
    )


def _of_team(review, by):
    """Return the review, locked, for one of its team while its findings may still change."""
    review = locked(review, among=PeerReview.objects.of_team(by))
    if review.stage in ENDED or review.final_on is not None:
        raise Refused("The review’s findings are as its final report gives them")
    if review.stage == Stage.POSTPONED:
        raise Refused("The review is postponed: its findings change once it goes on")
    return review


def _locked(finding, by, revision=None, *, standing=True):
    review = _of_team(finding.review, by)
    found = Finding.objects.filter(review=review, pk=finding.pk).select_for_update(of=("self",))
    current = found.select_related("support").get()
    current.review = review
    if revision is not None and current.revision != revision:
        raise Stale(current)
    if standing and current.dropped_on is not None:
        raise Refused("This finding was dropped: take it up again first")
    return current


def _save(finding):
    finding.revision += 1
    finding.save()


def _say(finding, kind, wording, line, severity):
    if kind not in Finding.Kind.values:
        raise Refused("Select what kind of finding it is", "kind")
    if severity and severity not in Finding.Severity.values:
        raise Refused("Select how severe it is", "severity")
    if severity and kind == Finding.Kind.STRENGTH:
        raise Refused("A strength has no severity", "severity")
    if finding.at_risk and kind == Finding.Kind.STRENGTH:
        raise Refused("It is marked as putting the council at risk: a strength doesn’t", "kind")
    if line and not LineOfEnquiry.objects.filter(review=finding.review, pk=line).exists():
        raise Refused("Select a line of enquiry of this review", "line")
    finding.kind, finding.severity, finding.line_id = kind, severity, line or None
    finding.wording = _written(wording, "Enter what the team found", text_of="wording")


def _written(text, missing, *, text_of):
    text = text.strip()
    if not text:
        raise Refused(missing, text_of)
    longest = {"wording": 4000, "text": 2000}[text_of]
    if len(text) > longest:
        raise Refused(f"This must be {longest:,} characters or fewer", text_of)
    refuse_identifiers(**{text_of: text})
    return text


def _word(finding, by, now):
    member = TeamMember.objects.serving(by).filter(review=finding.review).first()
    Wording.objects.create(finding=finding, text=finding.wording, made_by=member, made_at=now)


def _member(review, by):
    member = TeamMember.objects.serving(by).filter(review=review).first()
    if member is None:
        raise PermissionDenied
    return member


def _rest_on(finding, rests_on):
    """Set the findings that a recommendation rests on: others of the same review, and no recommendations."""
    wanted = {int(number) for number in rests_on}
    if wanted and finding.kind != Finding.Kind.RECOMMENDATION:
        raise Refused("Only a recommendation rests on other findings", "rests_on")
    among = Finding.objects.standing().filter(review=finding.review).exclude(kind=Finding.Kind.RECOMMENDATION)
    if among.filter(pk__in=wanted).count() != len(wanted):
        raise Refused("Select findings of this review that still stand", "rests_on")
    finding.rests_on.set(wanted)


def _gather(finding, notes, by):
    wanted = {int(number) for number in notes}
    if len(wanted) > MOST_AT_ONCE:
        raise Refused(f"Gather at most {MOST_AT_ONCE} notes at once", "notes")
    seen = Note.objects.visible_to(by).filter(review=finding.review, pk__in=wanted)
    found = dict(seen.values_list("pk", "shared_at"))
    if len(found) != len(wanted):
        raise Refused("A note that you chose is no longer there", "notes")
    if None in found.values():
        raise Refused("A note that you chose is still private: share it with the team first", "notes")
    Gathered.objects.bulk_create(
        [Gathered(finding=finding, note_id=number) for number in sorted(found)], ignore_conflicts=True
    )


def _support(review, due_on, on):
    """Make the milestone of the offer. Its words reach the council before the feedback, so they tell no finding."""
    return Milestone.objects.create(
        council=review.case.council,
        case=review.case,
        label=SUPPORT,
        owes=Owes.LGA,
        force=Force.AGREED,
        started_on=on,
        started_by="the peer review asks for it",
        computed_due=due_on,
        due_on=due_on,
        entered_on=on,
        assignee_id=review.manager_id,
        of_review=True,
    )


def _withdraw_support(finding, by, on):
    if finding.support_id is None:
        return
    withdraw_milestones(Milestone.objects.filter(pk=finding.support_id), by=by, on=on)
    finding.support = None
