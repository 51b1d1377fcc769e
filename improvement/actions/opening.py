"""Opening interventions from published inadequate judgements, and withdrawing those opened by mistake."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.permissions import Ability
from cases.actions import open_cases, withdraw_milestones
from cases.actions.clocks import milestone_event
from cases.models import Assignment, Case, Milestone, Source, not_restricted
from councils.models import Council
from history.actions import event_of, record_events
from history.models import Event
from improvement.actions.clocks import (
    graded_overall,
    keep_case_clocks,
    keep_council_clocks,
    latest_inspections,
)
from improvement.actions.record import ROWS, begin_with_first_row, place_record, release_record
from improvement.models import Intervention, Trigger
from inspections.models import HEADLINE_AREAS, Grade, Judgement

# What Upstream does to a case by itself; whatever else a person's event says, somebody has worked on the case.
ITS_OWN_EVENTS = (
    "case-opened",
    "intervention-opened",
    "intervention-joined",
    "intervention-source-withdrawn",
    "episode-to-confirm",
    "milestone-made",
    "milestone-joined-case",
    "milestone-corrected",
    "milestone-superseded",
    "milestone-stands-again",
    "milestone-withdrawn",
)


@dataclass(frozen=True)
class Opened:
    """What one run did: references of the cases opened, joined by a new source, withdrawn, and to confirm."""

    opened: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    to_confirm: tuple[str, ...] = ()

    def __str__(self):
        return (
            f"opened {len(self.opened)} joined {len(self.joined)} "
            f"withdrawn {len(self.withdrawn)} to confirm {len(self.to_confirm)}"
        )


@transaction.atomic
def open_interventions(councils=None, *, by, on):
    """Bring interventions in line with the merged record, and return what changed (`Opened`).

    For the councils that exist on `on` (`councils`: their ids; None: all). A latest full inspection with a
    published inadequate overall opens a case, or joins the council's open one as another source; an episode to
    confirm becomes that case. A case that nobody has touched is withdrawn where no judgement of it is inadequate
    any more, or one had been followed by another full inspection published before the case was entered; a better
    grade published afterwards never withdraws one. Of several judgements a wrong one is withdrawn alone. Notices
    and directions without an end make an episode to confirm. Set-based and safe to repeat. Rule: grade and
    intervention are two facts.

    Runs within an import, so whoever may import may run it; and within a publication confirmed by hand, so for
    given councils whoever enters inspections there.
    """
    if not _may_publish(councils, by):
        raise PermissionDenied
    existing = Council.objects.on(on)
    if councils is not None:
        existing = existing.filter(pk__in=councils)
    # One run at a time for each council: what is read as missing stays missing.
    list(existing.order_by("pk").select_for_update().values_list("pk"))
    withdrawn = _withdraw_mistaken(councils, by=by, on=on)
    _withdraw_clocks_of_no_inspection(councils, by=by, on=on)
    opened, joined = _open_or_join(existing, by=by, on=on)
    to_confirm = place_record(existing, by=by, on=on)
    take_clocks_into_cases(existing, by=by, on=on)
    keep_council_clocks(existing, by=by, on=on)
    keep_case_clocks(existing, by=by, on=on)
    return Opened(
        *(tuple(case.reference for case in cases) for cases in (opened, joined, withdrawn, to_confirm))
    )


def _may_publish(councils, by):
    if by.may(Ability.IMPORT_OUTCOMES):
        return True
    return bool(councils) and all(by.may_at(Ability.ENTER_INSPECTIONS, council) for council in councils)


def _withdraw_mistaken(councils, *, by, on):
    """Withdraw untouched cases that were opened by mistake, and of the rest what was wrong; return those withdrawn."""
    triggers = Trigger.objects.filter(withdrawn_on=None, case__standing=Case.Standing.OPEN)
    if councils is not None:
        triggers = triggers.filter(case__council__in=councils)
    # What a person recorded, a visit or a judgment, no outcome can show to be wrong; nor the case that it opened.
    by_hand = triggers.exclude(kind=Trigger.Kind.JUDGEMENT)
    triggers = triggers.filter(kind=Trigger.Kind.JUDGEMENT)
    _take_corrected_dates(triggers)
    inadequate = Judgement.objects.filter(
        inspection=OuterRef("inspection"), area__code__in=HEADLINE_AREAS, grade=Grade.INADEQUATE
    )
    followed = graded_overall().filter(
        council=OuterRef("inspection__council"),
        known_on__gt=OuterRef("inspection__known_on"),
        known_on__lt=OuterRef("case__entered_on"),
    )
    wrong = triggers.filter(Q(inspection=None) | ~Exists(inadequate))
    right = triggers.filter(Exists(inadequate))
    none_right = Q(pk__in=wrong.values("case")) & ~Q(pk__in=right.values("case"))
    one_followed = Q(pk__in=right.filter(Exists(followed)).values("case"))
    mistaken = Case.objects.filter(none_right | one_followed).exclude(pk__in=by_hand.values("case"))
    cases = list(mistaken.select_related("council"))
    touched = _touched(cases)
    cases = [case for case in cases if case.pk not in touched]
    _withdraw_cases(cases, by=by, on=on)
    stands_without = Q(case__in=right.values("case")) | Q(case__in=by_hand.values("case"))
    _withdraw_sources(wrong.filter(stands_without), by=by, on=on)
    return cases


def _withdraw_clocks_of_no_inspection(councils, *, by, on):
    """Withdraw what hangs on a report whose inspection turned out to be one with another.

    One under embargo has no inspection yet, and its clocks run.
    """
    left = Milestone.objects.filter(
        not_restricted(), source__kind=Source.Kind.INSPECTION_REPORT, source__inspection=None
    )
    withdraw_milestones(left if councils is None else left.filter(council__in=councils), by=by, on=on)


def _withdraw_cases(cases, *, by, on):
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(
        standing=Case.Standing.WITHDRAWN, closed_on=on, revision=F("revision") + 1
    )
    Trigger.objects.filter(case__in=cases, withdrawn_on=None).update(withdrawn_on=on)
    release_record(cases)
    withdraw_milestones(Milestone.objects.filter(case__in=cases), by=by, on=on)
    _tell_withdrawn("intervention-withdrawn", cases, by=by, on=on)


def _withdraw_sources(triggers, *, by, on):
    """Withdraw wrong judgements of cases that stand on another, with the milestones that hang on their reports."""
    withdrawn = list(triggers.select_related("case__council", "inspection"))
    Trigger.objects.filter(pk__in=[trigger.pk for trigger in withdrawn]).update(withdrawn_on=on)
    cases = {trigger.case_id: trigger.case for trigger in withdrawn}
    others = Trigger.objects.filter(case__in=cases, withdrawn_on=None, inspection__source__isnull=False)
    standing = others.values("inspection__source")
    of_reports = Milestone.objects.filter(case__in=cases, source__kind=Source.Kind.INSPECTION_REPORT)
    withdraw_milestones(of_reports.exclude(source__in=standing), by=by, on=on)
    begin_with_first_row(cases)
    _tell_withdrawn("intervention-source-withdrawn", cases.values(), by=by, on=on)


def _tell_withdrawn(kind, cases, *, by, on):
    record_events(
        event_of(
            kind,
            by=by,
            on=on,
            subject=case,
            council_code=case.council.la_code,
            case_reference=case.reference,
        )
        for case in cases
    )


def _take_corrected_dates(triggers):
    corrected = list(
        triggers.exclude(inspection=None).exclude(on=F("inspection__known_on")).select_related("inspection")
    )
    for trigger in corrected:
        trigger.on = trigger.inspection.known_on
    Trigger.objects.bulk_update(corrected, ["on"])
    begin_with_first_row({trigger.case_id for trigger in corrected})


def take_clocks_into_cases(councils, *, by, on):
    """Let each open case have what its judgement's report started before there was a case, from its receipt.

    They are the same milestones, met or moved as they may be. What the case has by the same rule is not there
    twice: the council's is withdrawn.
    """
    triggers = Trigger.objects.filter(
        withdrawn_on=None, case__in=Case.objects.open(on).filter(council__in=councils)
    )
    cases = {
        trigger.inspection.source_id: trigger.case
        for trigger in triggers.exclude(inspection__source=None).select_related("case", "inspection")
    }
    of_council = list(
        Milestone.objects.filter(case=None, source__in=cases, rule__of_council=False).select_related(
            "council"
        )
    )
    held = set(
        Milestone.objects.filter(
            case__in=list(cases.values()), source__in=[one.source_id for one in of_council]
        ).values_list("source", "rule")
    )
    twice = [one.pk for one in of_council if (one.source_id, one.rule_id) in held]
    withdraw_milestones(Milestone.objects.filter(pk__in=twice), by=by, on=on)
    taken = [one for one in of_council if one.pk not in twice]
    for milestone in taken:
        milestone.case = cases[milestone.source_id]
    Milestone.objects.bulk_update(taken, ["case"], batch_size=1000)
    record_events(milestone_event("milestone-joined-case", one, by=by, on=on) for one in taken)


def _touched(cases):
    """Return the ids of the cases on which a person has done anything, or recorded a row.

    What somebody did to a milestone before it joined the case, under embargo, is work on it too.
    """
    references = {case.reference: case.pk for case in cases}
    worked_on = (
        Event.objects.filter(case_reference__in=references, by_id__isnull=False)
        .exclude(kind__in=ITS_OWN_EVENTS)
        .values_list("case_reference", flat=True)
    )
    on_milestones = Milestone.objects.filter(
        case__in=cases,
        pk__in=Event.objects.filter(subject_kind="milestone", by_id__isnull=False)
        .exclude(kind__in=ITS_OWN_EVENTS)
        .values("subject_id"),
    )
    by_hand = [
        model.objects.filter(case__in=cases, partial=False).order_by().values_list("case") for model in ROWS
    ]
    assigned = Assignment.objects.filter(case__in=cases).values_list("case")
    rows = by_hand[0].union(*by_hand[1:], assigned) if cases else ()
    owned = {case.pk for case in cases if case.owner_id}
    owned |= set(on_milestones.values_list("case", flat=True)) if cases else set()
    return {references[reference] for reference in worked_on} | {pk for (pk,) in rows} | owned


def _open_or_join(councils, *, by, on):
    """Open or join a case for each latest inadequate judgement that no case has yet."""
    judged = {
        inspection.council_id: inspection
        for inspection in latest_inspections(councils, on)
        if inspection.headline == Grade.INADEQUATE
    }
    known = set(
        Trigger.objects.filter(inspection__in=judged.values(), withdrawn_on=None).values_list(
            "inspection__council_id", flat=True
        )
    )
    new = {council_id: inspection for council_id, inspection in judged.items() if council_id not in known}
    running = {
        case.council_id: case
        for case in Case.objects.filter(
            council__in=new,
            kind=Case.Kind.INTERVENTION,
            standing__in=[Case.Standing.OPEN, Case.Standing.UNCONFIRMED],
        ).select_related("council")
    }
    without = [inspection for council_id, inspection in new.items() if council_id not in running]
    opened = open_cases(Case.Kind.INTERVENTION, [inspection.council for inspection in without], by=by, on=on)
    Intervention.objects.bulk_create(
        Intervention(
            case=case,
            opened_from=Intervention.Opened.JUDGEMENT,
            began_on=new[case.council_id].known_on,
            recorded_on=on,
        )
        for case in opened
    )
    recorded = [case for case in running.values() if case.standing == Case.Standing.UNCONFIRMED]
    _open_recorded(recorded, on)
    joined = [case for case in running.values() if case not in recorded]
    _trigger([*opened, *recorded, *joined], new)
    begin_with_first_row({case.pk for case in running.values()})
    _tell("intervention-opened", [*opened, *recorded], new, by=by, on=on)
    _tell("intervention-joined", joined, new, by=by, on=on)
    return [*opened, *recorded], joined


def _open_recorded(cases, on):
    """Turn episodes to confirm into cases opened from a judgement, entered today."""
    ids = [case.pk for case in cases]
    Case.objects.filter(pk__in=ids).update(
        standing=Case.Standing.OPEN, entered_on=on, revision=F("revision") + 1
    )
    Intervention.objects.filter(case__in=ids).update(
        opened_from=Intervention.Opened.JUDGEMENT, confirmed_on=on
    )
    for case in cases:
        case.standing, case.entered_on = Case.Standing.OPEN, on


def _trigger(cases, inspections):
    Trigger.objects.bulk_create(
        Trigger(case=case, inspection=inspections[case.council_id], on=inspections[case.council_id].known_on)
        for case in cases
    )


def _tell(kind, cases, inspections, *, by, on):
    record_events(
        event_of(
            kind,
            by=by,
            on=on,
            subject=case,
            council_code=case.council.la_code,
            case_reference=case.reference,
            data={"judged_on": inspections[case.council_id].known_on.isoformat()},
        )
        for case in cases
    )
