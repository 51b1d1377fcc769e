"""The advice on persistent and systemic failure, of one council as at a day: for the LGA alone."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q

from accounts.permissions import Ability
from improvement.models import AdviceRule
from improvement.rules import advice as rules
from inspections.models import HEADLINE_AREAS, Inspection, Judgement, JudgementArea


@dataclass(frozen=True)
class Advice:
    persistent: rules.Persistent | None
    systemic: rules.Systemic


def advice_on(council, on, viewer):
    """Return the `Advice` on a council as at `on`, or None for who is not the LGA's there or where it has no point.

    Five queries. See `advice_of`.
    """
    if not viewer.may_at(Ability.SEE_LGA_ONLY, council):
        return None
    judgements = Prefetch("judgements", queryset=Judgement.objects.select_related("area"))
    known = Inspection.objects.filter(council=council).known(on).select_related("framework")
    return advice_of(known.prefetch_related(judgements), on)


def advice_of(inspections, on):
    """Return the `Advice` from one council's inspections, with their judgements read; for the LGA's eyes. Two queries.

    None where no overall and no key judgement has been inadequate. `persistent` is None where no rule of that day
    says what counts as often.
    """
    full = [
        one
        for one in inspections
        if one.kind in Inspection.FULL and one.area != "looked-after" and one.known_on <= on
    ]
    if not full:
        return None
    judged = _judged(sorted(full, key=lambda one: (one.known_on, one.begun_on, one.pk)))
    if not any(one.inadequate or rules.INADEQUATE in one.areas.values() for one in judged):
        return None
    rule = AdviceRule.objects.on(on).filter(kind=AdviceRule.Kind.PERSISTENT).first()
    return Advice(
        persistent=rules.persistent(judged, rule.months) if rule else None,
        systemic=rules.systemic(judged[-1]),
    )


def _judged(inspections):
    of_form = {}
    areas = JudgementArea.objects.filter(
        Q(counts_as_key=True, is_overall=False), framework__in={one.framework_id for one in inspections}
    )
    for area in areas:
        of_form.setdefault(area.framework_id, []).append(area)
    judged = []
    for one in inspections:
        grades = {each.area_id: each.grade for each in one.judgements.all()}
        overall = [each.grade for each in one.judgements.all() if each.area.code in HEADLINE_AREAS]
        judged.append(
            rules.Judged(
                published_on=one.published_on,
                inspected_on=one.inspected_on,
                overall=overall[0] if overall else None,
                areas={area.short_name: grades.get(area.pk) for area in of_form.get(one.framework_id, [])},
                framework=one.framework.short_name,
            )
        )
    return judged
