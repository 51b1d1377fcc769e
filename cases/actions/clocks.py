"""Starting clocks: from events to milestones, for many councils at once, safe to repeat."""

from dataclasses import replace
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q

from cases.models import Case, ClockRule, DateChange, Milestone
from cases.queries import working_calendars
from cases.rules import (
    BeyondTheTable,
    applies,
    first_of_series_on_or_after,
    reckon,
    window_around,
)
from councils.models import Council
from history.actions import event_of, record_events

Outcome = Milestone.Outcome
STANDS_IN = "the lowest area stands in for an overall grade"


@transaction.atomic
def start_clocks(starts, *, by, on):
    """Make the milestones that follow from `starts` (`cases.rules.Start`), and return those that are new.

    A rule applies by the date of the event. Milestones already made are left alone, unless their start or
    stated date has been corrected: then the date moves, with the change recorded. Where a council has only
    the latest (its next inspection, its series of reviews), the earlier is superseded. With a case, what fell
    due before it was entered is to confirm; so is, of what a person enters in confidence, what fell due before
    `on`, for nobody has asked about it yet (section 3, "Before the record began"). Without either, only what is
    due on `on` or later is made, and what stands with the council.

    A part of the action that records the events, which asks whether `by` may.
    """
    starts = [implied for start in starts for implied in start.with_what_it_implies()]
    _lock_councils({start.council_id for start in starts})
    bench = _Bench(on)
    wanted = {_clock(made): made for start in starts for made in bench.milestones_of(start)}
    existing = _existing(wanted.values())
    _keep_only_the_latest(wanted, existing, bench, by=by, on=on)
    made = Milestone.objects.bulk_create(new for clock, new in wanted.items() if clock not in existing)
    _tell("milestone-made", made, by=by, on=on)
    for clock, milestone in wanted.items():
        if clock in existing:
            take_correction(existing[clock], milestone, reason=DateChange.Reason.CORRECTION, by=by, on=on)
    return made


@transaction.atomic
def make_next_of_series(*, case=None, by, on):
    """Make the next of each repeating series of an open case whose latest has fallen due or been met.

    A date moved later does not hold the next one back. `case` narrows it. Return those made.
    """
    cases = Case.objects.open(on) if case is None else Case.objects.open(on).filter(pk=case.pk)
    _lock_councils(set(_latest_of_series(cases, on).values_list("council_id", flat=True)))
    calendars = working_calendars()
    made = []
    while latest := list(_latest_of_series(cases, on).select_related("rule", "case", "council")):
        made += Milestone.objects.bulk_create(_next_after(milestone, calendars, on) for milestone in latest)
    _tell("milestone-made", made, by=by, on=on)
    return made


def _latest_of_series(cases, on):
    following = Milestone.objects.filter(
        case=OuterRef("case"),
        rule=OuterRef("rule"),
        started_on=OuterRef("started_on"),
        series_no__gt=OuterRef("series_no"),
    )
    return Milestone.objects.filter(
        Q(outcome=Outcome.MET) | Q(due_on__lte=on) | Q(computed_due__lte=on),
        ~Exists(following),
        rule__repeats=True,
        outcome__in=["", Outcome.MET, Outcome.NOT_KNOWN],
        case__in=cases,
    )


def _next_after(milestone, calendars, on):
    rule, number = milestone.rule, milestone.series_no + 1
    due = reckon(milestone.started_on, rule.length, rule.unit, calendars[rule.calendar], times=number)
    return Milestone(
        council=milestone.council,
        case=milestone.case,
        source=milestone.source,
        rule=rule,
        series_no=number,
        label=f"{rule.label} {number}",
        owes=rule.owes,
        force=rule.force,
        started_on=milestone.started_on,
        started_by=milestone.started_by,
        start_assumed=milestone.start_assumed,
        computed_due=due,
        due_on=due,
        entered_on=on,
    )


class _Bench:
    """The rules and calendars of one run, and the milestones that they make of a start."""

    def __init__(self, on):
        self.on = on
        self.rules = list(ClockRule.objects.all())
        self.calendars = working_calendars()

    def milestones_of(self, start):
        """Return the unsaved milestones of `start`, and of what runs from their due dates."""
        made = []
        for rule in self.rules:
            if not applies(rule, start) or (start.in_confidence and rule.only_latest):
                continue
            milestone = self._milestone(rule, start)
            if milestone is not None:
                made.append(milestone)
            due = milestone.due_on if milestone else None
            if due and start.event != ClockRule.StartsFrom.MILESTONE:
                made += self.milestones_of(_running_from_its_date(start, rule, due))
        return made

    def _milestone(self, rule, start):
        case = None if rule.of_council else start.case
        number = self._number(rule, start, case)
        computed = self.due(rule, start.on, number)
        stated, stated_in = start.stated.get(rule.slug, (None, ""))
        by_lowest = start.facts.get("lowest") == "yes" and "grades" in rule.applies_when
        opens, computed = window_around(computed, rule.window_months)
        due = stated or computed
        if not (case or rule.of_council or start.in_confidence or self._still_ahead(due, start, rule)):
            return None
        recorded_from = case.entered_on if case else self.on if start.in_confidence else None
        return Milestone(
            council_id=start.council_id,
            case=case,
            source=start.source,
            rule=rule,
            series_no=number,
            label=f"{rule.label} {number}" if rule.repeats else rule.label,
            owes=rule.owes,
            force=rule.force,
            started_on=start.on,
            started_by=f"{start.words}; {STANDS_IN}" if by_lowest else start.words,
            start_assumed=start.assumed or by_lowest,
            computed_due=computed,
            stated_due=stated,
            stated_in=stated_in,
            opens_on=min(opens, due) if opens else None,
            due_on=due,
            entered_on=self.on,
            of_review=rule.starts_from == ClockRule.StartsFrom.PEER_REVIEW,
            to_confirm=bool(recorded_from and due and due < recorded_from),
        )

    def _number(self, rule, start, case):
        """Of a series only the next is made: the first due on or after the day its case was entered."""
        if not rule.repeats or case is None:
            return 1
        calendar = self.calendars[rule.calendar]
        return first_of_series_on_or_after(case.entered_on, start.on, rule.length, rule.unit, calendar)

    def number_after(self, held, milestone):
        """Number the first of a new series so that it doesn't ask again for the one held on `held`.

        It falls due half a length or more after that one: a start corrected by a week asks for no second review.
        """
        rule, calendar = milestone.rule, self.calendars[milestone.rule.calendar]
        earliest = reckon(held, rule.length // 2, rule.unit, calendar)
        number = first_of_series_on_or_after(earliest, milestone.started_on, rule.length, rule.unit, calendar)
        if number > milestone.series_no:
            due = reckon(milestone.started_on, rule.length, rule.unit, calendar, times=number)
            milestone.series_no, milestone.label = number, f"{rule.label} {number}"
            milestone.computed_due = milestone.due_on = due
            milestone.stated_due, milestone.stated_in, milestone.to_confirm = None, "", False

    def due(self, rule, start_on, number=1):
        """Return the computed date, or None where bank holidays are not known so far ahead or back."""
        try:
            return reckon(start_on, rule.length, rule.unit, self.calendars[rule.calendar], times=number)
        except BeyondTheTable:
            return None

    def _still_ahead(self, due, start, rule):
        """Say whether a date without a case is still to come; one that can't be counted, by its start."""
        if due is not None:
            return due >= self.on
        return start.on.year >= self.on.year or start.event == ClockRule.StartsFrom.MET


def _running_from_its_date(start, rule, due):
    return replace(
        start,
        event=ClockRule.StartsFrom.MILESTONE,
        on=due,
        facts={**start.facts, "rules": rule.slug},
        words=f"{rule.label}, due",
        series_from=None,
    )


def take_correction(known, wanted, *, reason, by, on):
    """Bring an open milestone to a corrected start, calendar or stated date. Return whether anything changed.

    A date that a person moved, or a letter states, stays; a date that follows the computed one moves with it,
    and the change is kept.
    """
    newly_stated = wanted.stated_due is not None and wanted.stated_due != known.stated_due
    if known.rule.repeats and wanted.rule_id:
        # The start of a series is what it is known by; its later numbers are not those first wanted.
        newly_stated = newly_stated and known.series_no == wanted.series_no
        wanted.computed_due = known.computed_due
    counted_anew = (known.started_on, known.computed_due) != (wanted.started_on, wanted.computed_due)
    if known.closed_on is not None or not (newly_stated or counted_anew):
        return False
    follows = known.stated_due is None and known.due_on == known.computed_due
    due = before = known.due_on
    if newly_stated:
        reason, due = DateChange.Reason.LETTER, wanted.stated_due
        known.stated_due, known.stated_in = wanted.stated_due, wanted.stated_in
    elif follows:
        due = wanted.computed_due
    if due is not None and due != known.due_on:
        change_date(known, due, reason=reason, by=by, on=on)
    known.started_on, known.started_by = wanted.started_on, wanted.started_by
    known.computed_due = wanted.computed_due
    known.opens_on = min(wanted.opens_on, known.due_on) if wanted.opens_on and known.due_on else None
    recorded_from = known.case.entered_on if known.case else known.entered_on
    known.to_confirm = known.to_confirm and known.due_on < recorded_from
    known.revision += 1
    known.save()
    told = {"reason": str(reason)} | _moved(before, known.due_on)
    record_events([milestone_event("milestone-corrected", known, by=by, on=on, data=told)])
    return True


def _moved(old, new):
    """Return what an event says of a date that moved; nothing where it did not."""
    if old == new:
        return {}
    return {"old": old.isoformat() if old else None, "new": new.isoformat() if new else None}


def change_date(milestone, to, *, reason, note="", by, on):
    """Set the due date on `milestone`, unsaved, and write the change down. A window closes after it opens."""
    DateChange.objects.create(
        milestone=milestone,
        old_due_on=milestone.due_on,
        new_due_on=to,
        made_on=on,
        made_by_id=by.person_id,
        reason=reason,
        note=note,
    )
    milestone.due_on = to
    if milestone.opens_on:
        milestone.opens_on = min(milestone.opens_on, to)


def _lock_councils(ids):
    """Make runs over the same councils queue, so that what is read as missing stays missing."""
    list(Council.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _clock(milestone):
    """Return what makes two milestones the same: the rule and its source; without a source, the start.

    All of a series are the same clock, known by its start.
    """
    by_its_start = milestone.rule.repeats or milestone.source_id is None
    told_by = ("start", milestone.started_on) if by_its_start else ("source", milestone.source_id)
    return milestone.council_id, milestone.case_id, milestone.rule_id, told_by


def _existing(wanted):
    """Return {clock: milestone} of the councils' milestones by rule; of a series, the latest."""
    councils = {milestone.council_id for milestone in wanted}
    known = (
        Milestone.objects.filter(council__in=councils, rule__isnull=False)
        .select_related("rule", "council", "case", "source")
        .order_by("series_no")
    )
    return {_clock(milestone): milestone for milestone in known}


def _group(milestone):
    return milestone.council_id, milestone.rule.only_latest


def _keep_only_the_latest(wanted, existing, bench, *, by, on):
    """Where a council has only the latest of a group, drop the rest of `wanted` and supersede what stands.

    One that was superseded and is wanted again stands again.
    """
    superseded, revived = [], []
    grouped = sorted((made for made in wanted.values() if made.rule.only_latest), key=_group)
    for group, rivals in groupby(grouped, key=_group):
        *dropped, latest = sorted(rivals, key=lambda milestone: milestone.started_on)
        known = [milestone for milestone in existing.values() if _group(milestone) == group]
        same = existing.get(_clock(latest))
        others = [milestone for milestone in known if milestone is not same]
        if not latest.rule.repeats and _superseded_already(latest, others):
            dropped.append(latest)
        for milestone in dropped:
            del wanted[_clock(milestone)]
        if latest in dropped:
            continue
        if same is None and latest.rule.repeats and (held := _last_held(latest)):
            bench.number_after(held, latest)
        if same is not None and same.outcome == Outcome.SUPERSEDED:
            revived.append(same)
        superseded += [milestone for milestone in others if milestone.closed_on is None]
    _close_as_superseded(superseded, by=by, on=on)
    _stand_again(revived, by=by, on=on)


def _superseded_already(milestone, known):
    return any(
        other.started_on > milestone.started_on
        for other in known
        if other.outcome not in (Outcome.SUPERSEDED, Outcome.WITHDRAWN)
    )


def _last_held(milestone):
    """Return the due date of the latest that the case met in a series like this one, or None."""
    like_it = Milestone.objects.filter(case=milestone.case, rule__only_latest=milestone.rule.only_latest)
    return like_it.filter(outcome=Outcome.MET).aggregate(last=Max("due_on"))["last"]


def _close_as_superseded(milestones, *, by, on):
    Milestone.objects.filter(pk__in=[milestone.pk for milestone in milestones]).update(
        outcome=Outcome.SUPERSEDED, closed_on=on, revision=F("revision") + 1
    )
    _tell("milestone-superseded", milestones, by=by, on=on)


def _stand_again(milestones, *, by, on):
    for milestone in milestones:
        milestone.outcome, milestone.closed_on = "", None
        milestone.revision += 1
        milestone.save()
    _tell("milestone-stands-again", milestones, by=by, on=on)


def milestone_event(kind, milestone, *, by, on, data=None):
    """Return the unsaved event of something that happened to a milestone."""
    return event_of(
        kind,
        by=by,
        on=on,
        subject=milestone,
        council_code=milestone.council.la_code,
        case_reference=milestone.case.reference if milestone.case else "",
        source_id=milestone.source_id,
        data=data,
    )


def _tell(kind, milestones, *, by, on):
    """Write one event for each milestone, reading their councils' codes in one query."""
    councils = Council.objects.in_bulk({milestone.council_id for milestone in milestones})
    for milestone in milestones:
        milestone.council = councils[milestone.council_id]
    record_events(
        milestone_event(
            kind,
            milestone,
            by=by,
            on=on,
            data={
                "label": milestone.label,
                "due": milestone.due_on.isoformat() if milestone.due_on else None,
            },
        )
        for milestone in milestones
    )
