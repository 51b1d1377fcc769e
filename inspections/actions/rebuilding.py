"""Inspections rebuilt from the rows that tell of them, written over what is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from cases.models import Source
from councils.models import Council
from history.actions import event_of, record_events
from inspections.models import Framework, Inspection, Judgement, JudgementArea, SourceRow
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
def rebuild_inspections(councils: Iterable[int], *, by, on: date) -> Rebuilt:
    """Rebuild the inspections of these councils (ids) from every source row about them.

    Set-based and safe to repeat. An inspection keeps its identity through its rows; where two turn out to be
    one, the older is kept.
    """
    councils = set(councils)
    one_at_a_time(councils)
    rows = {_key(row): row for row in SourceRow.objects.filter(council__in=councils).select_related("file")}
    by_council = defaultdict(list)
    for key, row in rows.items():
        by_council[row.council_id].append(_as_rule_row(key, row))
    forms = forms_in_use()
    merged = [(council, one) for council, told in by_council.items() for one in reconcile(told, forms=forms)]
    return _Rebuilding(rows, merged).write(by=by, on=on)


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


class _Rebuilding:
    """One writing of merged inspections over what is stored."""

    def __init__(self, rows: Mapping[tuple, SourceRow], merged: list[tuple[int, Merged]]):
        self.rows = rows
        self.merged = merged
        self.result = Rebuilt()
        self.frameworks = {one.slug: one.pk for one in Framework.objects.all()}
        self.areas = {(area.framework_id, area.code): area.pk for area in JudgementArea.objects.all()}
        stored = {row.inspection_id for row in rows.values() if row.inspection_id}
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
        new, changed = self._inspections(placed)
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

    def _inspections(self, placed) -> tuple[set[int], set[int]]:
        """Write the inspections with their sources; the places in `placed` that are new, and that changed."""
        new, changed = set(), set()
        for at, (inspection, merged) in enumerate(placed):
            differs = alter(inspection, self._facts(inspection, merged))
            if inspection.pk is None:
                new.add(at)
            elif differs:
                changed.add(at)
        changed |= self._sources(placed)
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

    def _sources(self, placed) -> set[int]:
        """The report of each full inspection, on which milestones rest; the places whose report changed."""
        new, old, changed = [], [], set()
        for at, (inspection, merged) in enumerate(placed):
            if merged.kind not in Inspection.FULL:
                continue
            source = inspection.source or Source(
                council_id=inspection.council_id, kind=Source.Kind.INSPECTION_REPORT
            )
            differs = alter(source, _report(inspection, merged))
            if source.pk is None:
                new.append(source)
                inspection.source = source
                if inspection.pk:
                    changed.add(at)
            elif differs:
                old.append(source)
                changed.add(at)
        Source.objects.bulk_create(new, batch_size=BATCH)
        Source.objects.bulk_update(old, REPORT_FACTS, batch_size=BATCH)
        for inspection, _ in placed:
            inspection.source_id = inspection.source.pk if inspection.source else None
        return changed

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
                rests_on = {"row_id": self.rows[judged.row].pk}
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
        SourceRow.objects.bulk_update(moved, ["inspection"], batch_size=BATCH)

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


def _report(inspection: Inspection, merged: Merged) -> dict:
    """What is known of an inspection's report."""
    kind = Inspection.Kind(merged.kind).label.lower()
    url = merged.url if merged.url.startswith("https://") and len(merged.url) <= 500 else ""
    return {
        "title": f"{merged.family.upper()} {kind} report",
        "dated_on": merged.begun_on,
        "published_on": merged.published_on,
        "url": url,
    }
