"""The stage of an intervention, and which dated rows make one episode. Pure: rows and a day in, answers out.

Dates are days, inclusive; an end is the first day on which a thing no longer held. A row whose date is not
exact is dated with the last day it can mean (`last_day`), and takes effect on that day.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class Stage(StrEnum):
    """Where an intervention stands, in the order in which the stages usually come."""

    NONE = "none"
    PLAN_DUE = "plan_due"
    PLAN_WITH_GOVERNMENT = "plan_with_government"
    PROGRESS_REVIEWS = "progress_reviews"
    COMMISSIONER_REVIEW = "commissioner_review"
    COUNCIL_KEEPS_CONTROL = "council_keeps_control"
    PARTNER_COUNCIL = "partner_council"
    ALTERNATIVE_DELIVERY = "alternative_delivery"
    STEPPED_DOWN = "stepped_down"
    ENDED = "ended"
    SUPPORT_AFTER = "support_after"


LABELS = {
    Stage.NONE: "None",
    Stage.PLAN_DUE: "Plan due",
    Stage.PLAN_WITH_GOVERNMENT: "Plan with Ofsted and DfE",
    Stage.PROGRESS_REVIEWS: "Progress reviews",
    Stage.COMMISSIONER_REVIEW: "Commissioner review",
    Stage.COUNCIL_KEEPS_CONTROL: "Council keeps control, with checks",
    Stage.PARTNER_COUNCIL: "Partner council",
    Stage.ALTERNATIVE_DELIVERY: "Trust or other delivery model",
    Stage.STEPPED_DOWN: "Stepped down",
    Stage.ENDED: "Ended",
    Stage.SUPPORT_AFTER: "Support after intervention",
}
ORDER = {stage: place for place, stage in enumerate(Stage)}


class Fact(StrEnum):
    """What a dated row of an intervention says."""

    CASE_OPENED = "case-opened"
    TRIGGERED = "triggered"
    INADEQUATE = "inadequate"
    INSTRUMENT_ISSUED = "instrument-issued"
    INSTRUMENT_REVISED = "instrument-revised"
    DIRECTION_REPLACED_BY_NOTICE = "direction-replaced-by-notice"
    DIRECTION_LIFTED = "direction-lifted"
    LAST_INSTRUMENT_LIFTED = "last-instrument-lifted"
    PLAN_SENT = "plan-sent"
    PLAN_ACCEPTED = "plan-accepted"
    REVIEW_HELD = "review-held"
    COMMISSIONER_APPOINTED = "commissioner-appointed"
    COMMISSIONER_ENDED = "commissioner-ended"
    OTHER_APPOINTMENT = "other-appointment"
    KEEPS_CONTROL = "keeps-control"
    PARTNER_COUNCIL = "partner-council"
    ALTERNATIVE_DELIVERY = "alternative-delivery"
    CLOSING_LETTER = "closing-letter"
    SUPPORT_AGREED = "support-agreed"


# What each says of itself, where it is named as the row that decided.
WORDS = {
    Fact.CASE_OPENED: "Case opened",
    Fact.TRIGGERED: "Brought to the DfE’s attention",
    Fact.INADEQUATE: "Inadequate overall published",
    Fact.INSTRUMENT_ISSUED: "Notice or direction issued",
    Fact.INSTRUMENT_REVISED: "Notice or direction revised",
    Fact.DIRECTION_REPLACED_BY_NOTICE: "Direction replaced by an improvement notice",
    Fact.DIRECTION_LIFTED: "Direction lifted, the case still open",
    Fact.LAST_INSTRUMENT_LIFTED: "Last notice or direction lifted",
    Fact.PLAN_SENT: "Plan sent",
    Fact.PLAN_ACCEPTED: "Plan accepted",
    Fact.REVIEW_HELD: "Progress review held",
    Fact.COMMISSIONER_APPOINTED: "Commissioner appointed",
    Fact.COMMISSIONER_ENDED: "Commissioner ended without a decision",
    Fact.OTHER_APPOINTMENT: "Appointment",
    Fact.KEEPS_CONTROL: "Minister’s decision: the council keeps control",
    Fact.PARTNER_COUNCIL: "Partner council",
    Fact.ALTERNATIVE_DELIVERY: "Trust or other delivery model",
    Fact.CLOSING_LETTER: "DfE’s closing letter",
    Fact.SUPPORT_AGREED: "Support after intervention agreed",
}

# Which row gives which stage. A row that is not here changes none: a first or revised instrument, a visit or
# judgment that joins an open case, an adviser, a chair.
GIVES = {
    Fact.CASE_OPENED: Stage.PLAN_DUE,
    Fact.INADEQUATE: Stage.PLAN_DUE,
    Fact.PLAN_SENT: Stage.PLAN_WITH_GOVERNMENT,
    Fact.PLAN_ACCEPTED: Stage.PROGRESS_REVIEWS,
    Fact.REVIEW_HELD: Stage.PROGRESS_REVIEWS,
    Fact.COMMISSIONER_ENDED: Stage.PROGRESS_REVIEWS,
    Fact.COMMISSIONER_APPOINTED: Stage.COMMISSIONER_REVIEW,
    Fact.KEEPS_CONTROL: Stage.COUNCIL_KEEPS_CONTROL,
    Fact.PARTNER_COUNCIL: Stage.PARTNER_COUNCIL,
    Fact.ALTERNATIVE_DELIVERY: Stage.ALTERNATIVE_DELIVERY,
    Fact.DIRECTION_REPLACED_BY_NOTICE: Stage.STEPPED_DOWN,
    Fact.DIRECTION_LIFTED: Stage.STEPPED_DOWN,
    Fact.LAST_INSTRUMENT_LIFTED: Stage.ENDED,
    Fact.CLOSING_LETTER: Stage.ENDED,
    Fact.SUPPORT_AGREED: Stage.SUPPORT_AFTER,
}

SOCIAL_CARE, SEND, BOTH, TO_CONFIRM = "social-care", "send", "both", "to-confirm"
AS_AT = "as_at"


@dataclass(frozen=True)
class Row:
    """One dated fact of a case. `on` is the last day it can mean; `precision` says how exact it was."""

    fact: Fact
    on: date
    precision: str = "day"
    strand: str = TO_CONFIRM
    words: str = ""


@dataclass(frozen=True)
class StageNow:
    """A stage, the day since which it has held unbroken (None: start unknown) and the row that decided.

    `since_precision` says how exactly that day is known.
    """

    slug: Stage
    since: date | None
    row: Row | None
    since_precision: str = "day"


NO_STAGE = StageNow(Stage.NONE, None, None)


def stage(rows: Iterable[Row], on: date) -> StageNow:
    """Return the stage of one strand of one case on the day `on`, from all its rows.

    The latest row in effect decides; on one day the later stage in the list wins. The strand's first
    row gives `plan_due`. `as_at` means already so, since a day unknown. Rule: an intervention's stages
    are derived from its dated rows, never typed; any may be skipped, repeated or reversed.
    """
    known = sorted((row for row in rows if row.on <= on), key=lambda row: row.on)
    if not known:
        return NO_STAGE
    steps = [(known[0], Stage.PLAN_DUE)] + [(row, GIVES[row.fact]) for row in known if row.fact in GIVES]
    ended_on = min((row.on for row, given in steps if given is Stage.ENDED), default=date.max)
    steps = [(row, given) for row, given in steps if given is not Stage.SUPPORT_AFTER or row.on >= ended_on]
    steps.sort(key=lambda step: (step[0].on, ORDER[step[1]]))
    row, slug = steps[-1]
    first = _first_of_run(steps)
    return StageNow(slug, None if first.precision == AS_AT else first.on, row, first.precision)


def _first_of_run(steps: Sequence[tuple[Row, Stage]]) -> Row:
    """The row that began the unbroken run of the last stage."""
    slug = steps[-1][1]
    first = steps[-1][0]
    decided_by_day = {row.on: (row, given) for row, given in steps}
    for row, given in reversed(decided_by_day.values()):
        if given is not slug:
            break
        first = row
    return first


def by_strand(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Split the rows of a case by strand: social care, to confirm, SEND, in that order.

    A row of both strands stands in each. One whose strand is to confirm is read with social care where
    the case is known to be about that, and otherwise stands apart.
    """
    rows = list(rows)
    strands = {row.strand for row in rows}
    unknown = SOCIAL_CARE if strands & {SOCIAL_CARE, BOTH} else TO_CONFIRM
    split: dict[str, list[Row]] = {SOCIAL_CARE: [], TO_CONFIRM: [], SEND: []}
    for row in rows:
        if row.strand == BOTH:
            split[SOCIAL_CARE].append(row)
            split[SEND].append(row)
        else:
            split[unknown if row.strand == TO_CONFIRM else row.strand].append(row)
    return {strand: found for strand, found in split.items() if found}


NOTICE, DIRECTION = "notice", "direction"


@dataclass(frozen=True)
class Issued:
    """A notice or direction. `issued_on` None: known by its end alone. `replaces`: key of the one before.

    `event` is whatever told of it.
    """

    key: object
    kind: str
    issued_on: date | None
    lifted_on: date | None = None
    issued_precision: str = "day"
    lifted_precision: str = "day"
    strand: str = TO_CONFIRM
    replaces: object = None
    event: object = None

    def in_force(self, day: date) -> bool:
        return (self.issued_on is None or self.issued_on <= day) and (
            self.lifted_on is None or self.lifted_on > day
        )


def instrument_rows(instruments: Iterable[Issued]) -> list[Row]:
    """Return the rows that a case's instruments give, their ends judged against each other.

    A direction replaced by a notice, or lifted while another instrument is in force, steps down; the last one
    lifted with none in its place ends. An instrument that replaces another is a revision.
    """
    instruments = list(instruments)
    held = {one.key: one for one in instruments}
    followed_by = {one.replaces: one for one in instruments if one.replaces is not None}
    rows = []
    for one in instruments:
        if one.issued_on is not None:
            before = held.get(one.replaces)
            fact = Fact.INSTRUMENT_ISSUED if before is None else _replacement(before, one)
            rows.append(Row(fact, one.issued_on, one.issued_precision, one.strand, one.kind))
        if one.lifted_on is not None and one.key not in followed_by:
            fact = _lifting(
                one, [other for other in instruments if other is not one and _shares_strand(one, other)]
            )
            if fact is not None:
                rows.append(Row(fact, one.lifted_on, one.lifted_precision, one.strand, one.kind))
    return rows


def _replacement(before: Issued, after: Issued) -> Fact:
    if (before.kind, after.kind) == (DIRECTION, NOTICE):
        return Fact.DIRECTION_REPLACED_BY_NOTICE
    return Fact.INSTRUMENT_REVISED


def _lifting(one: Issued, others: list[Issued]) -> Fact | None:
    in_place = [other for other in others if other.in_force(one.lifted_on)]
    if not in_place:
        return Fact.LAST_INSTRUMENT_LIFTED
    taken_over = any(other.kind == DIRECTION and other.issued_on == one.lifted_on for other in in_place)
    return Fact.DIRECTION_LIFTED if one.kind == DIRECTION and not taken_over else None


def _shares_strand(one: Issued | Span, other: Issued | Span) -> bool:
    """Two strands are known to differ only where one is SEND alone and the other social care alone."""
    return {one.strand, other.strand} != {SOCIAL_CARE, SEND}


@dataclass(frozen=True)
class Span:
    """A commissioner's appointment, from its first day until its end (exclusive; None: still)."""

    from_on: date
    until_on: date | None = None
    from_precision: str = "day"
    strand: str = TO_CONFIRM

    def holds(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or self.until_on > day)


def commissioner_rows(commissioners: Iterable[Span], decided_on: Iterable[date]) -> list[Row]:
    """Return the rows of commissioners; the last to end without a decision returns it to progress reviews.

    `decided_on` are the days of the minister's decisions on who keeps control.
    """
    commissioners, decided_on = list(commissioners), list(decided_on)
    rows = []
    for one in commissioners:
        rows.append(Row(Fact.COMMISSIONER_APPOINTED, one.from_on, one.from_precision, one.strand))
        if one.until_on is None or any(one.from_on <= day <= one.until_on for day in decided_on):
            continue
        others = [other for other in commissioners if other is not one and _shares_strand(one, other)]
        if not any(other.holds(one.until_on) for other in others):
            rows.append(Row(Fact.COMMISSIONER_ENDED, one.until_on, "day", one.strand))
    return rows


@dataclass(frozen=True)
class Told:
    """An event of the published record about one council. `on` is the last day it can mean."""

    fact: str
    on: date
    precision: str = "day"
    strand: str = TO_CONFIRM
    event: object = None


# Which kind of instrument an event ends, and which it begins.
_ENDS_AND_BEGINS = {
    "notice-issued": (None, NOTICE),
    "notice-lifted": (NOTICE, None),
    "notice-replaced": (NOTICE, NOTICE),
    "notice-replaced-by-direction": (NOTICE, DIRECTION),
    "direction-issued": (None, DIRECTION),
    "direction-replaced": (DIRECTION, DIRECTION),
    "direction-replaced-by-notice": (DIRECTION, NOTICE),
    "direction-lifted": (DIRECTION, None),
}


def instruments_of(told: Iterable[Told]) -> list[Issued]:
    """Return the notices and directions that one council's events tell of, in the order they began.

    An end, or a replacement, ends every one of its kind then in force that may be of its strand; where none is
    known, the one that ended is known by its end alone. Events that are no instrument's are passed over.
    """
    instruments: list[Issued] = []
    for one in sorted(told, key=lambda one: one.on):
        ends, begins = _ENDS_AND_BEGINS.get(one.fact, (None, None))
        before = _end(instruments, ends, one) if ends else None
        if begins:
            instruments.append(
                Issued(
                    key=(begins, one.strand, one.on),
                    kind=begins,
                    issued_on=one.on,
                    issued_precision=one.precision,
                    strand=one.strand,
                    replaces=before,
                    event=one.event,
                )
            )
    return instruments


def _end(instruments: list[Issued], kind: str, told: Told) -> object:
    """End what is in force of `kind`, in place, and return the key of the latest that ended."""
    ending = Issued((kind, told.strand, told.on), kind, None, strand=told.strand, event=told.event)
    running = [
        one
        for one in instruments
        if one.kind == kind and one.lifted_on is None and _shares_strand(one, ending)
    ]
    if not running:
        instruments.append(ending)
        running = [ending]
    for one in running:
        at = instruments.index(one)
        instruments[at] = replace(one, lifted_on=told.on, lifted_precision=told.precision)
    return running[-1].key


@dataclass(frozen=True)
class Episode:
    """Instruments that overlap or follow on from each other. `ended_on` None: the record gives no end."""

    began_on: date
    ended_on: date | None
    instruments: tuple[object, ...]

    def holds(self, day: date) -> bool:
        """Say whether a row of that day belongs to the episode."""
        return self.began_on <= day and (self.ended_on is None or day <= self.ended_on)


def episodes(instruments: Iterable[Issued]) -> list[Episode]:
    """Return a council's episodes, oldest first, from its instruments alone.

    Only a notice or a direction makes one: a commissioner, a trust or a council that helps others does
    not. An instrument begins a new episode where none of those before it was still in force on its
    first day.
    """
    found: list[list[Issued]] = []
    for one in sorted(instruments, key=lambda one: (one.issued_on or one.lifted_on, str(one.key))):
        began = one.issued_on or one.lifted_on
        if found and any(before.lifted_on is None or before.lifted_on >= began for before in found[-1]):
            found[-1].append(one)
        else:
            found.append([one])
    return [_episode(group) for group in found]


def _episode(group: list[Issued]) -> Episode:
    ends = [one.lifted_on for one in group]
    return Episode(
        began_on=min(one.issued_on or one.lifted_on for one in group),
        ended_on=None if None in ends else max(ends),
        instruments=tuple(one.key for one in group),
    )


@dataclass(frozen=True)
class Judged:
    """A full inspection, by the day it was known, and whether its overall grade is inadequate."""

    on: date
    inadequate: bool
    key: object = None


def judged_within(
    judged: Iterable[Judged], began_on: date, ended_on: date | None, *, with_before: bool
) -> list[Judged]:
    """Return the inadequate judgements of an episode: those published within it, `ended_on` exclusive.

    `with_before`: and the one that stood when it began, for a notice or direction follows its judgement.
    """
    judged = sorted(judged, key=lambda one: one.on)
    within = [one for one in judged if began_on <= one.on and (ended_on is None or one.on < ended_on)]
    before = [one for one in judged if one.on < began_on]
    standing = before[-1:] if with_before else []
    return [one for one in [*standing, *within] if one.inadequate]


def judged_alone(judged: Iterable[Judged], on: date, since: date | None) -> list[Judged]:
    """Return the unbroken run of inadequate judgements that stood on `on`, those after `since` alone; often none.

    For days of which the record has neither a case nor a notice: what was published then is known all the same.
    """
    known = sorted((one for one in judged if one.on <= on), key=lambda one: one.on)
    run: list[Judged] = []
    for one in reversed(known):
        if not one.inadequate or (since is not None and one.on <= since):
            break
        run.insert(0, one)
    return run


def belongs(instrument: Issued, *, since: date) -> bool:
    """Say whether an instrument belongs to a case that began on `since`: issued from then on, or in force then."""
    issued_since = instrument.issued_on is not None and instrument.issued_on >= since
    return issued_since or instrument.lifted_on is None or instrument.lifted_on > since


_WRITTEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")

# How much of a date each precision must give, and whether a fuller one is read no further:
# 1 the year, 2 the month, 3 the day.
_PARTS = {
    "day": (3, 3),
    "announced": (3, 3),
    "press_date": (3, 3),
    "page_update": (3, 3),
    "as_at": (3, 3),
    "month": (2, 2),
    "after": (2, 2),
    "year": (1, 1),
    "on_or_before": (1, 3),
    "planned_by": (1, 3),
}


def last_day(written: str, precision: str) -> date:
    """Return the last day that a date of the record can mean: "2013-04" is 30 April 2013, "2021" 31 December.

    `announced`, `press_date` and `page_update` mean that day, `as_at` that it was already so then;
    `on_or_before` and `planned_by` the latest day of what is written; `after` the last day of its
    month. Raises ValueError where the date can't be read, is less full than its precision asks, or the
    precision is none of the ten.
    """
    found = _WRITTEN.match(written)
    if found is None or precision not in _PARTS:
        raise ValueError(f"not a date with a known precision: {written!r}, {precision!r}")
    parts = [int(part) for part in found.groups() if part is not None]
    least, most = _PARTS[precision]
    if len(parts) < least:
        raise ValueError(f"{precision!r} asks for a fuller date than {written!r}")
    match parts[:most]:
        case [year]:
            return date(year, 12, 31)
        case [year, month] if 1 <= month <= 12:
            return date(year, month, calendar.monthrange(year, month)[1])
        case [year, month, day]:
            return date(year, month, day)
    raise ValueError(f"no such month: {written!r}")
