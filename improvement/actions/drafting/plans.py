"""Starting plans and versions, what is said of each as a whole, and which recommendations a plan answers.

Rule: section 5, points 1 to 3.
"""

from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions import Refused, Stale
from cases.models import Case, Force, Milestone, Recommendation, not_restricted
from history.actions import event_of, record_events
from improvement.actions.drafting.copying import copy_content
from improvement.actions.drafting.editing import fitted, lock_draft, record, save, write
from improvement.models import Plan, PlanCounter, PlannedAction, PlannedPriority, PlanVersion, Priority
from improvement.plan_templates import plan_templates
from improvement.queries.way_out import default_statutory_day

PLAN_LABELS = {
    "title": "the plan’s title",
    "scale": "how status is shown",
    "months": "how many months an update covers",
    "sign_off_by": "who signs actions off",
}
VERSION_LABELS = {
    "introduction": "why we are here",
    "change_note": "what this version changes",
    "statutory_on": "the day to send it by",
}


@transaction.atomic
def start_plan(
    council, *, title, case=None, recommendations=(), template=None, from_version=None, by, on
) -> PlanVersion:
    """Start a plan of the council's own, with an intervention (`case`) or without, and return its first version.

    It starts from nothing, from a `template` (its slug), or from a version that `by` may read, whose content is
    copied. Raises PermissionDenied and Refused.
    """
    if not by.may_at(Ability.DRAFT_PLANS, council):
        raise PermissionDenied
    if case is not None and not case_choices(council, by).filter(pk=case.pk).exists():
        raise Refused("Choose an intervention of this council", "case")
    if from_version is not None and not _may_read(from_version, by):
        raise Refused("Choose a version that you may read", "from_version")
    if template is not None and template not in plan_templates():
        raise Refused("Choose a template from the list", "template")
    plan = Plan(council=council, case=case, begun_on=on)
    write(plan, {"title": title}, PLAN_LABELS)
    plan.reference = next_reference(on.year)
    plan.save()
    version = PlanVersion.objects.create(
        plan=plan, number=1, begun_on=on, made_from=from_version, statutory_on=_statutory_day(case)
    )
    record("draft-plan-started", version, version, by, on, template=template or "")
    if from_version is not None:
        copy_content(from_version, version, on=on)
    elif template is not None:
        _fill_from(plan_templates()[template], version)
    _choose(plan, recommendations, by, on)
    return version


@transaction.atomic
def new_version(plan, *, change_note, by, on) -> PlanVersion:
    """Begin the next version, with what the latest says and the same identities. One is in work at a time.

    `change_note`: what it changes. Raises PermissionDenied and Refused.
    """
    plan = _locked_plan(plan, by)
    latest = plan.versions.last()
    if latest.standing in (PlanVersion.Standing.DRAFTING, PlanVersion.Standing.FOR_APPROVAL):
        raise Refused(f"Version {latest.number} is in work already: one at a time")
    version = PlanVersion(
        plan=plan,
        number=latest.number + 1,
        begun_on=on,
        made_from=latest,
        introduction=latest.introduction,
        statutory_on=_day_to_send_again(plan, latest),
    )
    write(version, {"change_note": change_note}, VERSION_LABELS)
    if not version.change_note:
        raise Refused("Enter what this version changes", "change_note")
    version.save()
    copy_content(latest, version, on=on)
    record("draft-version-begun", version, version, by, on, made_from=latest.number)
    return version


@transaction.atomic
def save_plan(plan, *, revision, by, on, **given):
    """Change the plan's title, scale, months of an update or who signs off. Raises Refused and Stale."""
    plan = _locked_plan(plan, by)
    if plan.revision != revision:
        raise Stale(plan)
    changed = write(plan, given, PLAN_LABELS)
    if plan.months not in range(1, 13):
        raise Refused("An update must cover 1 to 12 months", "months")
    if changed:
        save(plan)
        record("draft-plan-saved", plan.versions.last(), plan, by, on, fields=changed)
    return plan


@transaction.atomic
def save_version(version, *, revision, by, on, **given):
    """Change a draft's introduction, change note or statutory date. Raises Refused and Stale."""
    version = lock_draft(version, by)
    if version.revision != revision:
        raise Stale(version)
    changed = write(version, given, VERSION_LABELS)
    if changed:
        save(version)
        record("draft-version-saved", version, version, by, on, fields=changed)
    return version


@transaction.atomic
def choose_recommendations(plan, *, recommendations, by, on, revision=None):
    """Let the plan answer these of the council's open recommendations, from whatever sources, and no others.

    One that an action answers in a version no longer drafted stays; one taken away leaves the draft's actions.
    Raises PermissionDenied, Refused and Stale.
    """
    plan = _locked_plan(plan, by)
    if revision is not None and plan.revision != revision:
        raise Stale(plan)
    if _choose(plan, recommendations, by, on):
        save(plan)
    return plan


def case_choices(council, viewer):
    """Return the interventions of the council that a plan may belong to."""
    running = [Case.Standing.OPEN, Case.Standing.UNCONFIRMED]
    return Case.objects.visible_to(viewer).filter(
        council=council, kind=Case.Kind.INTERVENTION, standing__in=running
    )


def recommendations_to_choose(plan_or_council, viewer, on):
    """Return what a plan of the council may answer: the open recommendations, and those that the plan answers."""
    visible = Recommendation.objects.visible_to(viewer)
    if not isinstance(plan_or_council, Plan):
        return visible.filter(council=plan_or_council).open(on)
    open_ones = visible.filter(council=plan_or_council.council_id).open(on)
    chosen = plan_or_council.recommendations.values("pk")
    return open_ones | visible.filter(council=plan_or_council.council_id, pk__in=chosen)


def _choose(plan, recommendations, by, on):
    """Set what the plan answers, and say whether that changed it."""
    wanted = {one.pk for one in recommendations}
    before = set(plan.recommendations.values_list("pk", flat=True))
    if wanted - set(recommendations_to_choose(plan, by, on).values_list("pk", flat=True)):
        raise Refused("Choose among the council’s open recommendations", "recommendations")
    # What nobody may be shown now was not taken away by anybody.
    hidden = Recommendation.objects.filter(pk__in=before).exclude(not_restricted())
    wanted |= set(hidden.values_list("pk", flat=True))
    gone = before - wanted
    _refuse_answered(plan, gone)
    for planned in PlannedAction.objects.filter(version__plan=plan, recommendations__in=gone).distinct():
        planned.recommendations.remove(*gone)
    plan.recommendations.set(wanted)
    _record_choice(plan, wanted - before, gone, by, on)
    return wanted != before


def _refuse_answered(plan, gone):
    settled = PlannedAction.objects.filter(version__plan=plan).exclude(
        version__standing=PlanVersion.Standing.DRAFTING
    )
    answered = Recommendation.objects.filter(pk__in=gone, planned_actions__in=settled).first()
    if answered is not None:
        raise Refused(
            f"Recommendation {answered.number} stays: an action of a version sent for approval answers it",
            "recommendations",
        )


def _record_choice(plan, added, gone, by, on):
    """Record what the plan answers from now on, an event for each source."""
    told = Recommendation.objects.filter(pk__in=added | gone).order_by("source", "number")
    record_events(
        event_of(
            "draft-recommendations-chosen",
            by=by,
            on=on,
            subject=plan,
            council_code=plan.council.la_code,
            case_reference=plan.case.reference if plan.case else "",
            source_id=source,
            data={
                "plan": plan.reference,
                **_told(list(ones), added),
            },
        )
        for source, ones in groupby(told, lambda one: one.source_id)
    )


def _told(ones, added):
    return {
        "added": [one.number for one in ones if one.pk in added],
        "taken_away": [one.number for one in ones if one.pk not in added],
    }


def _locked_plan(plan, by):
    """Return the plan under its lock. PermissionDenied where `by` doesn't draft for its council."""
    theirs = Plan.objects.filter(by.council_filter(Ability.DRAFT_PLANS), pk=plan.pk)
    locked = theirs.select_related("council", "case").select_for_update(of=("self",), no_key=True).first()
    if locked is None:
        raise PermissionDenied
    return locked


def _may_read(version, by):
    return PlanVersion.objects.visible_to(by).filter(pk=version.pk).exists()


def _statutory_day(case):
    """Return the earliest day by which the law wants the plan of a case: what its approval is worked back from."""
    if case is None:
        return None
    due = Milestone.objects.filter(
        not_restricted(),
        case=case,
        rule__slug__startswith="action-plan",
        force=Force.STATUTORY,
        closed_on=None,
    )
    return due.order_by("due_on").values_list("due_on", flat=True).first()


def _day_to_send_again(plan, latest):
    """Return what the next version's approval is worked back from.

    What was sent has met its day: what still waits then counts, such as the day that a letter of return states.
    """
    if plan.versions.filter(standing__in=PlanVersion.SENT_ON).exists():
        return default_statutory_day(plan)
    return latest.statutory_on


def _fill_from(template, version):
    identities = Priority.objects.bulk_create(Priority(plan=version.plan) for _ in template.priorities)
    PlannedPriority.objects.bulk_create(
        PlannedPriority(
            version=version,
            priority=identity,
            place=place,
            title=fitted(PlannedPriority._meta.get_field("title"), one.title, "the title"),
            enabler=one.enabler,
            outcome=one.outcome,
        )
        for place, (identity, one) in enumerate(zip(identities, template.priorities, strict=True), 1)
    )


def next_reference(year):
    """Take the next number of the year. The counter's row is locked until the transaction ends."""
    PlanCounter.objects.get_or_create(year=year)
    counter = PlanCounter.objects.select_for_update().get(year=year)
    counter.last += 1
    while Plan.objects.filter(reference=f"PLAN-{year}-{counter.last:04}").exists():
        counter.last += 1  # a number that somebody loaded with their own plan
    counter.save(update_fields=["last"])
    return f"PLAN-{year}-{counter.last:04}"
