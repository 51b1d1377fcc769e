"""The advice on persistent and systemic failure, of one council as at a day: for the LGA alone."""

from dataclasses import dataclass

from django.db.models import Prefetch, Subquery

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

    Four queries. See `advice_of`.
    """
    if not viewer.may_at(Ability.SEE_LGA_ONLY, council):
        return None
    judgements = Prefetch("judgements", queryset=Judgement.objects.select_related("area"))
    known = Inspection.objects.filter(council=council).known(on).select_related("framework")
    return advice_of(known.prefetch_related(judgements), on)


def advice_of(inspections, on):
    """Return the `Advice` from one council's inspections, with their judgements read; for the LGA's eyes. One query.

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
    areas, months = _key_areas({one.framework_id for one in full}, on)
    judged = _judged(sorted(full, key=lambda one: (one.known_on, one.begun_on, one.pk)), areas)
    if not any(one.inadequate or rules.INADEQUATE in one.areas.values() for one in judged):
        return None
    return Advice(
        persistent=rules.persistent(judged, months) if months else None,
        systemic=rules.systemic(judged[-1]),
    )


def _key_areas(frameworks, on):
    """Return ({framework: its key judgements}, the months within which twice is often on `on`). One query.

    A second one where the forms have no key judgement, for the months are read with them.
    """
    months = (
        AdviceRule.objects.on(on).filter(kind=AdviceRule.Kind.PERSISTENT).values_list("months", flat=True)[:1]
    )
    areas = list(
        JudgementArea.objects.filter(counts_as_key=True, is_overall=False, framework__in=frameworks).annotate(
            often_within=Subquery(months)
        )
    )
    of_form = {}
    for area in areas:
        of_form.setdefault(area.framework_id, []).append(area)
    return of_form, areas[0].often_within if areas else next(iter(months), None)


def _judged(inspections, of_form):
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
