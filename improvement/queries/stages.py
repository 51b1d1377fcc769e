"""Stages, counts of interventions, and the public record of one council, as at a day.

As at a day means what was effective on that day, corrections included; who may see it is always today's
viewer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, OuterRef, Q, Subquery

from accounts.permissions import Ability
from cases.models import Assignment, Case
from councils.models import Council, DeliveryBody, RegionMembership
from councils.statements import put_together_once
from improvement.models import Appointment, Decision, Intervention, Strand, Trigger
from improvement.presenters.dates import when
from improvement.rules import stages as rules
from inspections.models import HEADLINE_AREAS, Inspection

OPEN, UNCONFIRMED, CLOSED, NO_CASE = "open", "to-confirm", "closed", "none"
NOT_RECORDED = None
NOT_THE_DFES = "Not the DfE’s list."
_NOTHING_TOLD = "No row of the record tells of an intervention on that day"
# What a milestone says of the stage once it is met, by its clock rule.
_MILESTONES = {
    "action-plan": rules.Fact.PLAN_SENT,
    "action-plan-visit": rules.Fact.PLAN_SENT,
    "improvement-plan": rules.Fact.PLAN_SENT,
    "improvement-plan-notice": rules.Fact.PLAN_SENT,
    "progress-review": rules.Fact.REVIEW_HELD,
    "progress-review-instrument": rules.Fact.REVIEW_HELD,
}
_DECISIONS = {
    Decision.Kind.PLAN_ACCEPTED: rules.Fact.PLAN_ACCEPTED,
    Decision.Kind.SUFFICIENT: rules.Fact.REVIEW_HELD,
    Decision.Kind.INSUFFICIENT: rules.Fact.REVIEW_HELD,
    Decision.Kind.NOT_DECIDED: rules.Fact.REVIEW_HELD,
    Decision.Kind.KEEPS_CONTROL: rules.Fact.KEEPS_CONTROL,
    Decision.Kind.PARTNER_COUNCIL: rules.Fact.PARTNER_COUNCIL,
    Decision.Kind.ALTERNATIVE_DELIVERY: rules.Fact.ALTERNATIVE_DELIVERY,
    Decision.Kind.CLOSING_LETTER: rules.Fact.CLOSING_LETTER,
    Decision.Kind.SUPPORT_AGREED: rules.Fact.SUPPORT_AGREED,
}
_TRIGGERS = {Trigger.Kind.JUDGEMENT: rules.Fact.INADEQUATE}
_ON_CONTROL = (Decision.Kind.KEEPS_CONTROL, Decision.Kind.PARTNER_COUNCIL, Decision.Kind.ALTERNATIVE_DELIVERY)
_ARRANGEMENTS = {
    DeliveryBody.Kind.PARTNER_COUNCIL: rules.Fact.PARTNER_COUNCIL,
    DeliveryBody.Kind.TRUST: rules.Fact.ALTERNATIVE_DELIVERY,
}


@dataclass(frozen=True)
class Stage:
    """Where a council's intervention stands. `also` holds its other strands, each with its own stage.

    `standing` is "open", "to-confirm" (built from published notices and directions, no person has said
    that it is open; it counts as none), "closed" or "none". `since` None: start unknown.
    """

    slug: str = rules.Stage.NONE
    label: str = rules.LABELS[rules.Stage.NONE]
    since: date | None = None
    since_precision: str = "day"
    case_reference: str = ""
    strand: str = ""
    note: str = ""
    standing: str = NO_CASE
    opened_from: str = ""
    because: str = ""
    also: tuple[Stage, ...] = ()

    @property
    def in_intervention(self):
        return self.standing == OPEN

    @property
    def strand_label(self):
        return Strand(self.strand).label if self.strand else ""


@dataclass(frozen=True)
class InterventionCounts:
    """How many councils are in intervention as the record has it. It is not the DfE's list, and says so."""

    from_judgement: int
    otherwise: int
    to_confirm: int

    @property
    def open(self):
        return self.from_judgement + self.otherwise

    @property
    def parts(self):
        """What the counts are, each in words: open from a judgement, open otherwise, to confirm."""
        parts = [f"{self.from_judgement} opened from an inadequate judgement"]
        if self.otherwise:
            parts.append(f"{self.otherwise} opened otherwise")
        return [*parts, f"{self.to_confirm} more with a notice or direction to confirm"]

    @property
    def sentence(self):
        return "; ".join(self.parts) + f". {NOT_THE_DFES}"


def stages_on(on, viewer, councils=None) -> dict[int, Stage | None]:
    """Return the stage of each council that existed on `on` and lies within the viewer's scope, by its id.

    None for a day before the council's region began its record ("not recorded"). A council out of scope
    is not in the answer at all. `councils` (ids) narrows it. Three queries, whatever the number of
    councils.
    """
    return stages_of(_record_began(on, viewer, councils), on, viewer)


def stages_of(record_began, on, viewer) -> dict[int, Stage | None]:
    """Return the stage of each council in the viewer's scope, given the first day of its region's record, by its id.

    `record_began` holds, by their ids, the councils in scope and no other. Two queries.
    """
    cases = _cases_on(on, viewer, list(record_began))
    rows = _rows_of(cases)
    stages = {pk: None if began is None or on < began else Stage() for pk, began in record_began.items()}
    for case in cases:
        if stages.get(case["council"]) is not NOT_RECORDED:
            stages[case["council"]] = _stage_of(case, rows[case["pk"]], on)
    return stages


@dataclass(frozen=True)
class Episode:
    """One case of intervention as at a day. `stage` is None for a day before its region's record began."""

    reference: str
    council: Council
    standing: str
    opened_from: str
    began_on: date
    closed_on: date | None
    stage: Stage | None


def episodes_on(on, viewer) -> list[Episode]:
    """Return every intervention in the record on `on` that the viewer may see, closed ones too. Four queries."""
    cases = _cases_on(on, viewer, None)
    rows = _rows_of(cases)
    began = RegionMembership.objects.on_or_last(on).filter(
        council=OuterRef("pk"), scheme=RegionMembership.LGA
    )
    councils = Council.objects.annotate(record_began=Subquery(began.values("region__record_began_on")[:1]))
    by_pk = councils.in_bulk({case["council"] for case in cases})
    return [_episode(case, by_pk[case["council"]], rows[case["pk"]], on) for case in cases]


def _episode(case, council, rows, on):
    recorded = council.record_began is not None and council.record_began <= on
    return Episode(
        reference=case["reference"],
        council=council,
        standing=case["standing_then"],
        opened_from=case["opened_from"],
        began_on=case["began_on"],
        closed_on=case["closed_on"] if case["standing_then"] == CLOSED else None,
        stage=_stage_of(case, rows, on) if recorded else NOT_RECORDED,
    )


def tally(stages: Mapping[int, Stage | None]) -> InterventionCounts | None:
    """Count the interventions among stages; None where one is not recorded, or there is nothing to count."""
    if not stages or any(stage is NOT_RECORDED for stage in stages.values()):
        return None
    opened = [stage for stage in stages.values() if stage.standing == OPEN]
    from_judgement = sum(stage.opened_from == Intervention.Opened.JUDGEMENT for stage in opened)
    return InterventionCounts(
        from_judgement=from_judgement,
        otherwise=len(opened) - from_judgement,
        to_confirm=sum(stage.standing == UNCONFIRMED for stage in stages.values()),
    )


def decisions_awaited(on, viewer, councils=None) -> dict[int, str]:
    """Return, for the LGA alone, the councils for which a decision of the DfE is awaited, and why, by id.

    Awaited after an inadequate area in an inspection without an overall grade, and after a review with insufficient
    progress, until the DfE's next appointment (commissioner or adviser), instrument, or decision of that strand, as
    dated. A review that it has not decided is no decision. One query.
    """
    if not viewer.may(Ability.SEE_LGA_ONLY):
        return {}
    try:
        scope, given = _advised(on, viewer, councils if councils is None else tuple(councils))
    except EmptyResultSet:
        return {}
    day = connection.ops.adapt_datefield_value(on)
    with connection.cursor() as cursor:
        cursor.execute(
            _AWAITED.format(scope=scope, **_AWAITED_WORDS), [day] * _AWAITED.count("%s") + list(given)
        )
        return {
            pk: "insufficient: DfE decision awaited" if insufficient else "DfE decision awaited"
            for pk, insufficient in cursor.fetchall()
        }


@lru_cache(maxsize=256)
def _advised(on, viewer, councils):
    reached = _narrowed(Council.objects.on(on), councils)
    reached = reached.filter(viewer.council_filter(Ability.SEE_LGA_ONLY, "pk"))
    return reached.order_by().values("pk").query.sql_with_params()


# By hand: written by the ORM anew each time, so many conditions within conditions took an eighth of a page (measured).
_AWAITED = """
SELECT shown.id, shown.insufficient
  FROM (SELECT c.id,
               EXISTS (SELECT 1 FROM improvement_decision d
                        WHERE d.council_id = c.id AND d."on" <= %s AND d.kind = 'insufficient'
                          AND NOT EXISTS (SELECT 1 FROM improvement_decision e
                                           WHERE e.council_id = c.id AND e."on" BETWEEN d."on" AND %s
                                             AND e.kind NOT IN ('insufficient', 'not-decided')
                                             AND {shared_with_e})
                          AND NOT EXISTS (SELECT 1 FROM improvement_instrument n
                                           WHERE n.council_id = c.id AND {shared_with_n}
                                             AND (n.issued_on BETWEEN d."on" AND %s
                                                  OR n.lifted_on BETWEEN d."on" AND %s))
                          AND NOT EXISTS (SELECT 1 FROM improvement_appointment a
                                           WHERE a.council_id = c.id AND a.role IN ({roles}) AND {shared_with_a}
                                             AND a.from_on BETWEEN d."on" AND %s)) AS insufficient,
               EXISTS (SELECT 1 FROM inspections_inspection i JOIN inspections_framework f ON f.id = i.framework_id
                        WHERE i.id = (SELECT l.id FROM inspections_inspection l
                                       WHERE l.council_id = c.id AND l.known_on <= %s
                                         AND l.kind IN ('full', 'standard', 'short', 'reinspection')
                                       ORDER BY l.known_on DESC, l.begun_on DESC, l.id DESC LIMIT 1)
                          -- SLAC has no overall of that name either, but two that are; they decide there.
                          AND NOT f.has_overall
                          AND NOT EXISTS (SELECT 1 FROM inspections_judgementarea a
                                           WHERE a.framework_id = f.id AND a.is_overall)
                          AND EXISTS (SELECT 1 FROM inspections_judgement j
                                       WHERE j.inspection_id = i.id AND j.grade = 'inadequate')
                          AND NOT EXISTS (SELECT 1 FROM improvement_decision d
                                           WHERE d.council_id = c.id AND d."on" BETWEEN i.known_on AND %s
                                             AND d.kind <> 'not-decided')
                          AND NOT EXISTS (SELECT 1 FROM improvement_instrument n
                                           WHERE n.council_id = c.id AND n.issued_on BETWEEN i.known_on AND %s)
                          AND NOT EXISTS (SELECT 1 FROM improvement_appointment a
                                           WHERE a.council_id = c.id AND a.role IN ({roles})
                                             AND a.from_on BETWEEN i.known_on AND %s)) AS ungraded
          FROM councils_council c WHERE c.id IN ({scope})) AS shown
 WHERE shown.insufficient OR shown.ungraded
"""
# Whose appointment is what the DfE decided. A strand answers another unless they are known to differ.
_ANSWERING = ("commissioner", "dfe-adviser", "improvement-adviser")
_ONE = "('social-care', 'send')"
_SHARED = f"NOT (d.strand <> {{0}}.strand AND d.strand IN {_ONE} AND {{0}}.strand IN {_ONE})"
_AWAITED_WORDS = {
    "roles": ", ".join(f"'{role}'" for role in _ANSWERING),
    **{f"shared_with_{each}": _SHARED.format(each) for each in "ena"},
}


@dataclass(frozen=True)
class TimelineRow:
    """A dated row of a council's record of intervention. `when` is its date in words."""

    on: date
    when: str
    words: str
    detail: str = ""
    strand: str = ""
    until: date | None = None
    partial: bool = False
    source: str = ""
    url: str = ""
    case_reference: str = ""


def timeline(council, viewer, on) -> list[TimelineRow]:
    """Return the dated rows of a council's record of intervention up to `on`, latest first.

    Notices, directions, appointments and who delivers its services are public; a case, its opening and
    the DfE's decisions on it stand only for a viewer who may see the case. Five queries.
    """
    return _timeline(council, viewer, on, _cases_on(on, viewer, [council.pk]))


def record_of(council, viewer, on) -> tuple[Stage, list[TimelineRow]]:
    """Return the stage and the timeline of one council as at `on`, its cases read once. Seven queries.

    The stage is that of the cases that the viewer may see; whether the record had begun is for the caller.
    """
    cases = _all_cases(on, viewer, (council.pk,))
    told = [case for case in cases if case["recorded_on"] <= on]
    return _stage_of_council(council, cases, on, viewer), _timeline(council, viewer, on, told)


def council_stage(council, on, viewer) -> Stage:
    """Return the stage of one council as its dated rows have it on `on`, whenever they were recorded. Two queries.

    A day before the region's record began has no *count* of interventions; what was effective then, corrections
    included, is in the rows all the same: those of its cases, and before there was a case published notices,
    directions and inadequate judgements. `standing` is "none" where the record had no case on that day. None for a
    council that did not exist then. Rule: section 2, point 7; section 4, point 3.
    """
    return _stage_of_council(council, _all_cases(on, viewer, (council.pk,)), on, viewer)


def stage_of_case(case, on, viewer) -> Stage:
    """Return the stage of one case as at `on`; none where the viewer doesn't see it. Two queries."""
    cases = [each for each in _cases_on(on, viewer, [case.council_id]) if each["pk"] == case.pk]
    return _stage_of(cases[0], _rows_of(cases)[case.pk], on) if cases else Stage()


def _stage_of_council(council, cases, on, viewer):
    if not council.existed_on(on):
        return Stage(because=_not_there(council, on))
    told = _tell(cases, [council.pk])
    dated = [(case, _rows_of_case(case, told)) for case in cases]
    begun = [(case, rows) for case, rows in dated if any(row.on <= on for row in rows)]
    if begun:
        # A running case comes last.
        return _stage_of(*begun[-1], on)
    in_scope = cases or viewer.may_at(Ability.SEE_CASES, council)
    rows = _rows_without_case(told.of_council[council.pk], cases, on) if in_scope else []
    return _stage_of(_NO_CASE, rows, on) if rows else Stage(because=_NOTHING_TOLD)


def _not_there(council, on):
    if council.until_on is not None and on >= council.until_on:
        return f"{council.name} ended on {when(council.until_on, 'day')}"
    return f"{council.name} began on {when(council.from_on, 'day')}"


def _timeline(council, viewer, on, cases):
    cases = {case["pk"]: case for case in cases}
    rows = [
        *_instruments_told(council, cases, on),
        *_appointments_told(council, cases, on),
        *_arrangements_told(council, on),
        *_case_told(cases, on),
        *_decisions_told(council, cases, viewer, on),
    ]
    return sorted(rows, key=lambda row: row.on, reverse=True)


def _published(row, cases):
    """Return what the timeline says of any row of the record beside its date and words."""
    return {
        "detail": row.detail,
        "strand": row.get_strand_display(),
        "partial": row.partial,
        "source": row.source_text,
        "url": row.source.url if row.source else "",
        "case_reference": cases[row.case_id]["reference"] if row.case_id in cases else "",
    }


def _instruments_told(council, cases, on):
    for one in council.instruments.select_related("source", "replaced_by"):
        shared = _published(one, cases)
        name = one.get_kind_display()
        if one.issued_on and one.issued_on <= on:
            words = (
                f"{name} issued" if one.replaces_id is None else f"{name} issued, replacing the one before"
            )
            yield TimelineRow(
                one.issued_on, when(one.issued_on, one.issued_precision), words, until=one.lifted_on, **shared
            )
        if one.lifted_on and one.lifted_on <= on and not hasattr(one, "replaced_by"):
            yield TimelineRow(
                one.lifted_on, when(one.lifted_on, one.lifted_precision), f"{name} ended", **shared
            )


def _appointments_told(council, cases, on):
    for one in council.appointments.select_related("source"):
        shared = _published(one, cases)
        name = one.get_role_display()
        if one.from_on <= on:
            yield TimelineRow(
                one.from_on,
                when(one.from_on, one.from_precision),
                f"{name} appointed",
                until=one.until_on,
                **shared,
            )
        if one.until_on and one.until_on <= on:
            yield TimelineRow(one.until_on, when(one.until_on, "day"), f"{name} ended", **shared)


def _arrangements_told(council, on):
    for one in council.arrangements.select_related("body"):
        began = one.from_on or one.recorded_on
        if began and began <= on:
            words = f"Services delivered by {one.body.name}"
            precision = one.from_precision if one.from_on else rules.AS_AT
            yield TimelineRow(
                began, when(began, precision), words, one.note, until=one.until_on, source=one.source_text
            )
        if one.until_on and one.until_on <= on:
            yield TimelineRow(
                one.until_on,
                when(one.until_on, one.until_precision),
                f"Services no longer delivered by {one.body.name}",
                one.note,
                source=one.source_text,
            )


def _case_told(cases, on):
    triggers = Trigger.objects.filter(case__in=cases, withdrawn_on=None, on__lte=on)
    for one in triggers.select_related("inspection__framework"):
        yield TimelineRow(
            one.on,
            when(one.on, "day"),
            _trigger_words(one),
            one.detail,
            strand=one.get_strand_display(),
            case_reference=cases[one.case_id]["reference"],
        )
    for case in cases.values():
        if case["standing_then"] == CLOSED:
            yield TimelineRow(
                case["closed_on"],
                when(case["closed_on"], "day"),
                "Case closed",
                case_reference=case["reference"],
            )


def _trigger_words(trigger):
    if trigger.kind != Trigger.Kind.JUDGEMENT:
        return f"Case opened or joined: {trigger.get_kind_display().lower()}"
    framework = f" ({trigger.inspection.framework.short_name})" if trigger.inspection else ""
    return f"Inadequate overall published{framework}"


def _decisions_told(council, cases, viewer, on):
    in_scope = Q(case__in=cases) | Q(case=None) & viewer.council_filter(Ability.SEE_CASES)
    for one in council.decisions.filter(in_scope, on__lte=on).select_related("source"):
        words = f"DfE: {one.get_kind_display()}"
        yield TimelineRow(one.on, when(one.on, one.precision), words, **_published(one, cases))


def _narrowed(councils, ids):
    return councils if ids is None else councils.filter(pk__in=ids)


def _record_began(on, viewer, councils):
    """Council id → first day of its region's record, for councils of that day in the viewer's scope."""
    membership = RegionMembership.objects.on(on).filter(council=OuterRef("pk"), scheme="lga")
    return dict(
        _narrowed(Council.objects.on(on), councils)
        .filter(seen_by(viewer))
        .order_by()
        .values_list("pk", Subquery(membership.values("region__record_began_on")[:1]))
    )


def seen_by(viewer):
    """Return the Q for councils of which the viewer sees cases: by a grant, or one by an assignment."""
    assigned = Assignment.objects.on(viewer.today).filter(person=viewer.person_id)
    return viewer.council_filter(Ability.SEE_CASES, "pk") | Q(pk__in=assigned.values("case__council"))


def _cases_on(on, viewer, councils):
    """The interventions in the record on `on` that the viewer may see, each as a dict, a running one last."""
    found = _all_cases(on, viewer, councils if councils is None else tuple(councils))
    return [case for case in found if case["recorded_on"] <= on]


def _all_cases(on, viewer, councils):
    """Those, and the ones that came into the record after `on`."""
    found = list(_interventions(viewer, councils))
    for case in found:
        case["standing_then"] = _standing_on(case, on)
    return sorted(found, key=lambda case: (case["standing_then"] != CLOSED, case["began_on"], case["pk"]))


@put_together_once
def _interventions(viewer, councils):
    cases = (
        Case.objects.visible_to(viewer)
        .filter(kind=Case.Kind.INTERVENTION, intervention__isnull=False)
        .exclude(standing=Case.Standing.WITHDRAWN)
    )
    if councils is not None:
        cases = cases.filter(council__in=councils)
    return cases.values(
        "pk",
        "reference",
        "council",
        "standing",
        "closed_on",
        opened_from=F("intervention__opened_from"),
        began_on=F("intervention__began_on"),
        recorded_on=F("intervention__recorded_on"),
        confirmed_on=F("intervention__confirmed_on"),
    )


def _standing_on(case, on):
    if case["recorded_on"] > on:
        return NO_CASE
    if case["closed_on"] is not None and case["closed_on"] <= on:
        return CLOSED
    confirmed_later = case["confirmed_on"] is not None and case["confirmed_on"] > on
    return UNCONFIRMED if case["standing"] == Case.Standing.UNCONFIRMED or confirmed_later else OPEN


def _stage_of(case, rows, on):
    strands = []
    for strand, dated in rules.by_strand(rows).items():
        now = rules.stage(dated, on)
        if now.slug != rules.Stage.NONE:
            strands.append(_stage(case, strand, now))
    if not strands:
        return _stage(case, "", rules.NO_STAGE)
    # The strand shown first is one that still runs; the others stand beside it.
    strands.sort(key=lambda stage: stage.slug in (rules.Stage.ENDED, rules.Stage.SUPPORT_AFTER))
    return replace(strands[0], also=tuple(strands[1:]))


def _stage(case, strand, now):
    to_confirm = case["standing_then"] == UNCONFIRMED
    return Stage(
        slug=str(now.slug),
        label=rules.LABELS[now.slug],
        since=now.since,
        since_precision=now.since_precision,
        case_reference=case["reference"],
        strand=strand,
        note="To confirm: from published notices and directions alone" if to_confirm else "",
        standing=case["standing_then"],
        opened_from=case["opened_from"],
        because=_because(now),
    )


def _because(now):
    """Return the row that decided, in words: what it says, and when."""
    row = now.row
    words = rules.WORDS[row.fact]
    if rules.GIVES.get(row.fact) is not now.slug:
        words = f"The first row: {words[0].lower()}{words[1:]}"
    return f"{words}, {when(row.on, row.precision)}"


# What stands in for a case where the rows are older than any.
_NO_CASE = {"reference": "", "standing_then": NO_CASE, "opened_from": ""}


class _Told(NamedTuple):
    """A dated row of any table of the record, in the columns in which one query reads them all."""

    table: str
    of_case: int | None
    of_council: int | None
    key: int | None
    before: int | None
    told: str | None
    began: date | None
    ended: date | None
    began_precision: str | None
    ended_precision: str | None
    row_strand: str


# By hand: the ORM took longer to write it than the database to answer (measured). The first says the columns' kinds.
_ROWS = """
SELECT 'trigger', case_id, CAST(NULL AS bigint), inspection_id, CAST(NULL AS bigint), CAST(kind AS varchar(60)),
       "on", CAST(NULL AS date), CAST(NULL AS varchar(20)), CAST(NULL AS varchar(20)), strand
  FROM improvement_trigger WHERE withdrawn_on IS NULL AND case_id IN ({cases})
 UNION ALL
SELECT 'instrument', case_id, council_id, id, replaces_id, kind, issued_on, lifted_on, issued_precision,
       lifted_precision, strand
  FROM improvement_instrument WHERE case_id IN ({cases}) OR council_id IN ({alone})
 UNION ALL
SELECT 'appointment', case_id, council_id, id, NULL, role, from_on, until_on, from_precision, NULL, strand
  FROM improvement_appointment WHERE case_id IN ({cases}) OR council_id IN ({alone})
 UNION ALL
SELECT 'decision', case_id, council_id, id, NULL, kind, "on", NULL, precision, NULL, strand
  FROM improvement_decision WHERE case_id IN ({cases}) OR council_id IN ({alone})
 UNION ALL
SELECT 'judged', NULL, i.council_id, i.id, NULL,
       CASE WHEN EXISTS (SELECT 1 FROM inspections_judgement j JOIN inspections_judgementarea a ON a.id = j.area_id
                          WHERE j.inspection_id = i.id AND j.grade = 'inadequate' AND a.code IN ({overalls}))
            THEN 'inadequate' ELSE 'better' END,
       i.known_on, NULL, 'day', NULL, 'social-care'
  FROM inspections_inspection i
 WHERE i.council_id IN ({councils}) AND i.kind IN ({full}) AND i.area <> 'looked-after'
 UNION ALL
SELECT 'milestone', m.case_id, NULL, NULL, NULL, r.slug, m.met_on, NULL, NULL, NULL, 'social-care'
  FROM cases_milestone m JOIN cases_clockrule r ON r.id = m.rule_id
 WHERE m.met_on IS NOT NULL AND r.slug IN ({rules}) AND m.case_id IN ({cases})
 UNION ALL
-- Start unknown: it is known only to have been so already.
SELECT 'arrangement', NULL, a.council_id, NULL, NULL, b.kind, coalesce(a.from_on, a.recorded_on), NULL,
       CASE WHEN a.from_on IS NULL THEN 'as_at' ELSE a.from_precision END, NULL, 'social-care'
  FROM councils_deliveryarrangement a JOIN councils_deliverybody b ON b.id = a.body_id
 WHERE a.council_id IN ({councils})
"""


class _TheTold(NamedTuple):
    """What the tables tell, by the case that holds a row, and of the rest by council."""

    of_case: dict
    of_council: dict


def _rows_of(cases):
    """Case id → its dated rows, past and future, in one query for all cases."""
    if not cases:
        return {}
    told = _tell(cases, [])
    return {case["pk"]: _rows_of_case(case, told) for case in cases}


def _tell(cases, alone):
    """Read the rows of `cases`, and of the councils `alone` (ids) those that no case of theirs holds, in one query."""
    # Numbers of ours and words of this file: nothing that anybody typed.
    sql = _ROWS.format(
        cases=_listed(case["pk"] for case in cases),
        councils=_listed([*(case["council"] for case in cases), *alone]),
        alone=_listed(alone),
        rules=", ".join(f"'{slug}'" for slug in _MILESTONES),
        overalls=", ".join(f"'{code}'" for code in HEADLINE_AREAS),
        full=", ".join(f"'{kind}'" for kind in Inspection.FULL),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        told = [_Told(*row[:6], _day(row[6]), _day(row[7]), *row[8:]) for row in cursor.fetchall()]
    known = {case["pk"] for case in cases}
    found = _TheTold(defaultdict(list), defaultdict(list))
    for row in told:
        if row.of_case in known:
            found.of_case[row.of_case].append(row)
        elif row.of_case is None:
            found.of_council[row.of_council].append(row)
    return found


def _listed(numbers):
    return ", ".join(str(number) for number in numbers) or "NULL"


def _rows_of_case(case, told):
    return _dated_rows(case, told.of_case[case["pk"]], told.of_council[case["council"]])


def _rows_without_case(loose, cases, on):
    """Return the rows that stand for an episode which no case holds, as the record has it on `on`; often none."""
    tables = _by_table(loose)
    first_case = min((case["began_on"] for case in cases), default=date.max)
    judged = [one for one in _judged(tables["judged"]) if one.on < first_case]
    issued = [_issued(row) for row in tables["instrument"]]
    begun = [one for one in rules.episodes(issued) if one.began_on <= on]
    episode = begun[-1] if begun else None
    alone = rules.judged_alone(judged, on, episode and (episode.ended_on or date.max))
    if alone:
        episode = rules.Episode(alone[0].on, None, ())
        standing = alone
    elif episode is None:
        return []
    else:
        standing = rules.judged_within(judged, episode.began_on, episode.ended_on, with_before=True)
    commissioners = [row for row in tables["appointment"] if episode.holds(row.began)]
    decisions = [row for row in tables["decision"] if row.began >= episode.began_on]
    return [
        *(rules.Row(rules.Fact.INADEQUATE, one.on, strand=Strand.SOCIAL_CARE) for one in standing),
        *rules.instrument_rows(one for one in issued if one.key in episode.instruments),
        *_appointment_rows(commissioners, decisions),
        *(_row(_DECISIONS[row.told], row) for row in decisions),
        *_arrangement_rows(tables["arrangement"], episode.began_on, episode.ended_on),
    ]


def _by_table(told):
    tables = defaultdict(list)
    for row in told:
        tables[row.table].append(row)
    return tables


def _judged(told):
    return [rules.Judged(row.began, row.told == "inadequate", row.key) for row in told]


def _arrangement_rows(told, began_on, ended_on):
    """An arrangement older than the case is how services were delivered before it, not what became of it."""
    return [
        _row(_ARRANGEMENTS[row.told], row)
        for row in told
        if row.began and row.began >= began_on and (ended_on is None or row.began <= ended_on)
    ]


def _day(value):
    """Return a day as the database gives it: SQLite knows none, only its text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _dated_rows(case, told, of_council):
    """Turn what the tables tell of one case, and of its council alone, into the rows that `rules.stage` reads."""
    tables, others = _by_table(told), _by_table(of_council)
    judged = [row.key for row in tables["trigger"]]
    joining = rules.judged_within(
        _judged(row for row in others["judged"] if row.key not in judged),
        case["began_on"],
        case["closed_on"],
        # A case that a judgement opened began with that one, though an earlier one had not been answered.
        with_before=case["opened_from"] != Intervention.Opened.JUDGEMENT,
    )
    rows = [_row(_TRIGGERS.get(row.told, rules.Fact.TRIGGERED), row) for row in tables["trigger"]]
    rows += [rules.Row(rules.Fact.INADEQUATE, one.on, strand=Strand.SOCIAL_CARE) for one in joining]
    rows += rules.instrument_rows(_issued(row) for row in tables["instrument"])
    rows += _appointment_rows(tables["appointment"], tables["decision"])
    rows += [_row(_DECISIONS[row.told], row) for row in tables["decision"]]
    rows += [_row(_MILESTONES[row.told], row) for row in tables["milestone"]]
    rows += _arrangement_rows(others["arrangement"], case["began_on"], case["closed_on"])
    return rows or [rules.Row(rules.Fact.CASE_OPENED, case["began_on"])]


def _row(fact, row):
    return rules.Row(fact, row.began, row.began_precision or "day", row.row_strand, row.told or "")


def _issued(row):
    return rules.Issued(
        key=row.key,
        kind=row.told,
        issued_on=row.began,
        lifted_on=row.ended,
        issued_precision=row.began_precision,
        lifted_precision=row.ended_precision,
        strand=row.row_strand,
        replaces=row.before,
    )


def _appointment_rows(appointments, decisions):
    commissioners = [row for row in appointments if row.told == Appointment.Role.COMMISSIONER]
    spans = [rules.Span(row.began, row.ended, row.began_precision, row.row_strand) for row in commissioners]
    others = [row for row in appointments if row.told != Appointment.Role.COMMISSIONER]
    return rules.commissioner_rows(spans, [row.began for row in decisions if row.told in _ON_CONTROL]) + [
        _row(rules.Fact.OTHER_APPOINTMENT, row) for row in others
    ]
