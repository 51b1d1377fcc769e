"""Inspections rebuilt from the rows that tell of them, written over what is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import F, Max, QuerySet

from cases.actions import withdraw_milestones
from cases.actions.clocks import milestone_event
from cases.models import Milestone, Source
from councils.models import Council
from history.actions import event_of, record_events
from inspections.models import (
    EnteredInspection,
    Framework,
    Inspection,
    Judgement,
    JudgementArea,
    SourceRow,
)
from inspections.rules import LAYOUT_RANK, Form, Judged, Matching, Merged, NotOfTheForm, Row, reconcile

BATCH = 1000
ADDED, CHANGED, LEFT = "added", "changed", "left"
INSPECTION_FACTS = (
    "framework",
    "kind",
    "area",
    "inspected_on",
    "ended_on",
    "published_on",
    "known_on",
    "begun_on",
    "source",
)
REPORT_FACTS = ("title", "dated_on", "published_on", "url")


@dataclass
class Rebuilt:
    """What rebuilding the inspections of some councils changed."""

    outcomes: dict[int, str] = field(default_factory=dict)
    removed: int = 0
    councils: set[int] = field(default_factory=set)
    not_of_the_form: list[NotOfTheForm] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        """How many inspections came out so."""
        return sum(one == outcome for one in self.outcomes.values())

    def __str__(self):
        return (
            f"added {self.count(ADDED)} changed {self.count(CHANGED)} "
            f"removed {self.removed} left {self.count(LEFT)}"
        )


def alter(thing, values: Mapping[str, object]) -> bool:
    """Set the values that differ, and say whether any did."""
    differing = {name: value for name, value in values.items() if getattr(thing, name) != value}
    for name, value in differing.items():
        setattr(thing, name, value)
    return bool(differing)


def forms_in_use() -> list[Form]:
    """The frameworks and their forms, with the areas each grades, as the rules take them."""
    areas = defaultdict(set)
    for framework_id, code in JudgementArea.objects.values_list("framework_id", "code"):
        areas[framework_id].add(code)
    return [
        Form(one.slug, one.family, frozenset(areas[one.pk]), one.from_on, one.until_on, _matching(one))
        for one in Framework.objects.order_by("order")
    ]


def _matching(framework: Framework) -> Matching | None:
    if framework.inspected_within is None:
        return None
    return Matching(
        framework.inspected_within, framework.published_within, framework.published_after_inspection
    )


@transaction.atomic
def rebuild_inspections(councils: Iterable[int], *, by, on: date, preview: bool = False) -> Rebuilt:
    """Rebuild the inspections of these councils (ids) from every source row about them, and what people entered.

    Set-based and safe to repeat. An inspection keeps its identity through its rows; where two turn out to be
    one, the older is kept. An entry under embargo that a published row joins is thereby published; a `preview`,
    which publishes nothing, goes by what is published alone and so tells nothing of such an entry.
    """
    councils = set(councils)
    one_at_a_time(councils)
    rows = {_key(row): row for row in SourceRow.objects.filter(council__in=councils).select_related("file")}
    entered = list(EnteredInspection.objects.filter(council__in=councils).select_related("source"))
    if preview:
        entered = [entry for entry in entered if not entry.source.is_restricted]
    rows |= {_key_of_entry(entry): entry for entry in entered if _takes_part(entry)}
    by_council = defaultdict(list)
    for key, row in rows.items():
        as_row = _entry_as_rule_row if isinstance(row, EnteredInspection) else _as_rule_row
        by_council[row.council_id].append(as_row(key, row))
    forms = forms_in_use()
    merged = [(council, one) for council, told in by_council.items() for one in reconcile(told, forms=forms)]
    return _Rebuilding(rows, entered, merged).write(by=by, on=on)


def one_at_a_time(councils: Iterable[int]) -> None:
    """Make whoever else rebuilds these councils (ids) wait, on a database that has more than one writer.

    Taken before any row that refers to a council is written, so that two imports can't wait for each other.
    """
    list(Council.objects.filter(pk__in=councils).order_by("pk").select_for_update().values_list("pk"))


def _key(row: SourceRow) -> tuple:
    return (row.file.sha256, row.sheet, row.row, row.part)


def _as_rule_row(key: tuple, row: SourceRow) -> Row:
    return Row(
        key=key,
        family=row.family,
        kind=row.kind,
        area=row.area,
        released_on=row.file.released_on,
        is_ofsted=row.file.is_ofsted,
        rank=LAYOUT_RANK[row.layout],
        inspected_on=row.inspected_on,
        ended_on=row.ended_on,
        published_on=row.published_on,
        url=row.url,
        judgements={area: Judged(*told) for area, told in row.judgements.items()},
    )


def _takes_part(entry: EnteredInspection) -> bool:
    """Whether an entry can be a row: it says when and what, stands, and isn't one that nobody is to publish.

    A file that lists a visit does not publish its letter.
    """
    known = entry.kind and entry.inspected_on and entry.withdrawn_on is None
    return bool(known) and entry.source.access != Source.Access.NEVER


def _key_of_entry(entry: EnteredInspection) -> tuple:
    # Of the shape of a file's row, so that the two sort together.
    return ("by hand", "", entry.pk, "")


def _entry_as_rule_row(key: tuple, entry: EnteredInspection) -> Row:
    return Row(
        key=key,
        family=entry.family,
        kind=entry.kind,
        released_on=entry.confirmed_on or entry.entered_on,
        is_ofsted=False,
        by_hand=True,
        unpublished=entry.source.is_restricted,
        happened_by=_last_day_of(entry),
        inspected_on=entry.inspected_on,
        ended_on=entry.ended_on,
        published_on=entry.published_on,
        url=entry.url,
        judgements={area: Judged(*told) for area, told in entry.judgements.items()},
    )


def _last_day_of(entry: EnteredInspection) -> date | None:
    days = (entry.notified_on, entry.inspected_on, entry.ended_on, entry.draft_received_on)
    return max(filter(None, [*days, entry.source.received_on]), default=None)


class _Rebuilding:
    """One writing of merged inspections over what is stored."""

    def __init__(
        self,
        rows: Mapping[tuple, SourceRow | EnteredInspection],
        entered: list[EnteredInspection],
        merged: list[tuple[int, Merged]],
    ):
        self.rows = rows
        self.merged = merged
        self.result = Rebuilt()
        self.frameworks = {one.slug: one.pk for one in Framework.objects.all()}
        self.areas = {(area.framework_id, area.code): area.pk for area in JudgementArea.objects.all()}
        # One withdrawn is no row any more, and what it alone told of is to go.
        stored = {row.inspection_id for row in (*rows.values(), *entered) if row.inspection_id}
        self.stored = {
            one.pk: one
            for one in Inspection.objects.filter(pk__in=stored)
            .select_related("source")
            .prefetch_related("judgements")
        }

    def write(self, *, by, on: date) -> Rebuilt:
        """Remove what is no longer told, then change, then add; then judgements, sources and rows."""
        placed = self._claim()
        claimed = {one.pk for one, _ in placed if one.pk}
        gone = [one for pk, one in self.stored.items() if pk not in claimed]
        self._remove(gone)
        self._publish(placed, by=by, on=on)
        new, changed = self._inspections(placed, by=by, on=on)
        self._judgements(placed, changed)
        self._rows(placed)
        self._conclude(placed, new, changed, gone, by=by, on=on)
        return self.result

    def _claim(self) -> list[tuple[Inspection, Merged]]:
        """Each merged inspection with the stored one that its rows belong to, or with a new one."""
        placed, taken = [], set()
        for council, merged in self.merged:
            belonging = {self.rows[key].inspection_id for key in merged.rows} - {None} - taken
            if belonging:
                inspection = self.stored[min(belonging)]
                taken.add(inspection.pk)
            else:
                inspection = Inspection(council_id=council)
            placed.append((inspection, merged))
        return placed

    def _remove(self, gone: list[Inspection]) -> None:
        Inspection.objects.filter(pk__in=[one.pk for one in gone]).delete()
        self.result.removed = len(gone)

    def _publish(self, placed, *, by, on: date) -> None:
        """End the embargo of what a file has published, and drop what was entered a second time."""
        published, again = [], []
        for inspection, merged in placed:
            again += [(self.rows[key], inspection, merged) for key in merged.entered_again]
            entry = self.rows.get(merged.by_hand)
            if entry is not None and entry.source.is_restricted:
                entry.source.access, entry.confirmed_on = Source.Access.PUBLIC, on
                published.append(entry)
        Source.objects.bulk_update([entry.source for entry in published], ["access"], batch_size=BATCH)
        EnteredInspection.objects.filter(pk__in=[entry.pk for entry in published]).update(
            confirmed_on=on, revision=F("revision") + 1
        )
        self._tell("publication-imported", published, by=by, on=on)
        self._drop_second_entries(again, by=by, on=on)

    def _drop_second_entries(self, again, *, by, on: date) -> None:
        """Withdraw entries of an inspection of which another entry stands: both sides may enter it, unseen.

        Its letter stays in confidence with what hangs on it; only the day of receipt is handed on, and what was met.
        """
        dropped = []
        for entry, _, merged in again:
            first = self.rows[merged.by_hand].source
            _hand_on_receipt(entry.source, first)
            first.save(update_fields=["received_on", "received_assumed"])
            _hand_on_what_was_met(entry.source.milestones.all(), first, by=by, on=on)
            dropped.append(entry)
        EnteredInspection.objects.filter(pk__in=[entry.pk for entry in dropped]).update(
            withdrawn_on=on, inspection=None, revision=F("revision") + 1
        )
        of_theirs = Milestone.objects.filter(source__in=[entry.source_id for entry in dropped])
        withdraw_milestones(of_theirs, by=by, on=on)
        self._tell("inspection-entered-twice", dropped, by=by, on=on)

    def _tell(self, kind: str, entries, *, by, on: date) -> None:
        codes = dict(
            Council.objects.filter(pk__in={entry.council_id for entry in entries}).values_list(
                "pk", "la_code"
            )
        )
        record_events(
            event_of(
                kind,
                by=by,
                on=on,
                subject=entry,
                council_code=codes[entry.council_id],
                source_id=entry.source_id,
            )
            for entry in entries
        )

    def _inspections(self, placed, *, by, on: date) -> tuple[set[int], set[int]]:
        """Write the inspections with their sources; the places in `placed` that are new, and that changed."""
        new, changed = set(), set()
        for at, (inspection, merged) in enumerate(placed):
            differs = alter(inspection, self._facts(inspection, merged))
            if inspection.pk is None:
                new.add(at)
            elif differs:
                changed.add(at)
        changed |= self._sources(placed, by=by, on=on) - new
        Inspection.objects.bulk_update(
            [placed[at][0] for at in sorted(changed)], INSPECTION_FACTS, batch_size=BATCH
        )
        Inspection.objects.bulk_create([placed[at][0] for at in sorted(new)], batch_size=BATCH)
        return new, changed

    def _facts(self, inspection: Inspection, merged: Merged) -> dict:
        return {
            "framework_id": self.frameworks[merged.form],
            "kind": merged.kind,
            "area": merged.area,
            "inspected_on": merged.inspected_on,
            "ended_on": merged.ended_on,
            "published_on": merged.published_on,
            "known_on": merged.known_on,
            "begun_on": merged.begun_on,
        }

    def _sources(self, placed, *, by, on: date) -> set[int]:
        """The report of each full inspection, on which milestones rest, and of each visit that people entered.

        Returns the places in `placed` whose report changed.
        """
        new, old, changed = [], [], set()
        for at, (inspection, merged) in enumerate(placed):
            entry = self.rows.get(merged.by_hand)
            if merged.kind not in Inspection.FULL and entry is None and inspection.source is None:
                continue
            joined = entry is not None and self._join_source(inspection, entry, by=by, on=on)
            source = inspection.source or Source(
                council_id=inspection.council_id, kind=Source.Kind.INSPECTION_REPORT
            )
            differs = alter(source, _report(inspection, merged, entry))
            if source.pk is None:
                new.append(source)
                inspection.source = source
                changed.add(at)
            elif differs or joined:
                old.append(source)
                changed.add(at)
        Source.objects.bulk_create(new, batch_size=BATCH)
        Source.objects.bulk_update(old, REPORT_FACTS, batch_size=BATCH)
        for inspection, _ in placed:
            inspection.source_id = inspection.source.pk if inspection.source else None
        return changed

    def _join_source(self, inspection: Inspection, entry: EnteredInspection, *, by, on: date) -> bool:
        """Give inspection and entry one report, and say whether they had none in common before.

        It is the entry's, so that what runs from its receipt runs on. An inspection that was imported before it
        was entered keeps the report that its milestones rest on, and takes the day of receipt over.
        """
        if inspection.source is None:
            inspection.source = entry.source
            return True
        if inspection.source == entry.source:
            # One object, so that what is set on the one is set on the other.
            inspection.source = entry.source
            return False
        left = entry.source
        _hand_on_receipt(left, inspection.source)
        inspection.source.save(update_fields=["received_on", "received_assumed"])
        _hand_on_what_rests(left, inspection.source, by=by, on=on)
        # Nobody entered the letter that is left any more: its readers, its views and its events stay with it.
        Source.objects.filter(pk=left.pk).update(access=Source.Access.EMBARGOED)
        EnteredInspection.objects.filter(pk=entry.pk).update(source=inspection.source)
        entry.source = inspection.source
        return True

    def _judgements(self, placed, changed: set[int]) -> None:
        new, old, gone = [], [], []
        for at, (inspection, merged) in enumerate(placed):
            kept = (
                {one.area_id: one for one in inspection.judgements.all()}
                if inspection.pk in self.stored
                else {}
            )
            for code, judged in merged.judgements.items():
                area = self.areas[(inspection.framework_id, code)]
                facts = {"grade": judged.grade, "word": judged.word, "restated": judged.restated}
                row = self.rows[judged.row]
                rests_on = {"row_id": row.pk if isinstance(row, SourceRow) else None}
                judgement = kept.pop(area, None)
                if judgement is None:
                    new.append(Judgement(inspection=inspection, area_id=area, **facts, **rests_on))
                    changed.add(at)
                    continue
                differs = alter(judgement, facts)
                if alter(judgement, rests_on) or differs:
                    old.append(judgement)
                if differs:
                    changed.add(at)
            gone.extend(kept.values())
            if kept:
                changed.add(at)
        Judgement.objects.filter(pk__in=[one.pk for one in gone]).delete()
        Judgement.objects.bulk_update(old, ["grade", "word", "restated", "row"], batch_size=BATCH)
        Judgement.objects.bulk_create(new, batch_size=BATCH)

    def _rows(self, placed) -> None:
        moved = []
        for inspection, merged in placed:
            for key in merged.rows:
                if alter(self.rows[key], {"inspection_id": inspection.pk}):
                    moved.append(self.rows[key])
        for model in (SourceRow, EnteredInspection):
            of_model = [row for row in moved if isinstance(row, model)]
            model.objects.bulk_update(of_model, ["inspection"], batch_size=BATCH)

    def _conclude(
        self, placed, new: set[int], changed: set[int], gone: list[Inspection], *, by, on: date
    ) -> None:
        for at, (inspection, merged) in enumerate(placed):
            outcome = ADDED if at in new else CHANGED if at in changed else LEFT
            self.result.outcomes[inspection.pk] = outcome
            self.result.not_of_the_form.extend(merged.not_of_the_form)
            if outcome != LEFT:
                self.result.councils.add(inspection.council_id)
        self.result.councils |= {one.council_id for one in gone}
        told = [(inspection, self.result.outcomes[inspection.pk]) for inspection, _ in placed]
        told += [(inspection, "removed") for inspection in gone]
        codes = dict(Council.objects.filter(pk__in=self.result.councils).values_list("pk", "la_code"))
        record_events(
            [
                event_of(
                    f"inspection-{outcome}",
                    by=by,
                    on=on,
                    subject=inspection,
                    council_code=codes[inspection.council_id],
                    data={"begun_on": inspection.begun_on.isoformat(), "kind": inspection.kind},
                )
                for inspection, outcome in told
                if outcome != LEFT
            ]
        )


def _report(inspection: Inspection, merged: Merged, entry: EnteredInspection | None) -> dict:
    """What is known of an inspection's report. One that people entered keeps the title that they gave it."""
    kind = Inspection.Kind(merged.kind).label.lower()
    url = merged.url if merged.url.startswith("https://") and len(merged.url) <= 500 else ""
    ours = entry is None and merged.kind in Inspection.FULL
    return {
        **({"title": f"{merged.family.upper()} {kind} report"} if ours else {}),
        "dated_on": merged.begun_on,
        "published_on": merged.published_on,
        "url": url,
    }


def _hand_on_receipt(from_source: Source, to_source: Source) -> None:
    """Let a report take the day of receipt that was entered for another of the same inspection. Unsaved."""
    if from_source.received_on and (to_source.received_on is None or to_source.received_assumed):
        to_source.received_on = from_source.received_on
        to_source.received_assumed = from_source.received_assumed


def _hand_on_what_rests(from_source: Source, to_source: Source, *, by, on: date) -> None:
    """Let the milestones and recommendations of one report rest on another of the same inspection.

    What the other has by the same rule is not made twice: here it is withdrawn. Where it was met, so is the other's.
    """
    known = set(to_source.milestones.values_list("rule", flat=True))
    milestones = from_source.milestones.all()
    _hand_on_what_was_met(milestones.filter(rule__in=known), to_source, by=by, on=on)
    withdraw_milestones(milestones.filter(rule__in=known), by=by, on=on)
    milestones.exclude(rule__in=known).update(source=to_source)
    last = to_source.recommendations.aggregate(last=Max("number"))["last"] or 0
    for number, one in enumerate(from_source.recommendations.order_by("number"), last + 1):
        one.source, one.number = to_source, number
        one.save(update_fields=["source", "number"])


def _hand_on_what_was_met(milestones: QuerySet[Milestone], to_source: Source, *, by, on: date) -> None:
    for met in milestones.filter(outcome=Milestone.Outcome.MET):
        same = to_source.milestones.select_related("council", "case").filter(
            rule=met.rule_id, series_no=met.series_no, closed_on=None
        )
        for milestone in same:
            told = {name: getattr(met, name) for name in ("outcome", "met_on", "closed_on", "outcome_note")}
            alter(milestone, {**told, "to_confirm": False, "revision": milestone.revision + 1})
            milestone.save()
            day = {"met_on": met.met_on.isoformat()}
            record_events([milestone_event("milestone-met", milestone, by=by, on=on, data=day)])
