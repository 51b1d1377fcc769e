"""A draft held in memory while a spreadsheet is tried on it, and then written in sets.

Reading it, trying rows on it and writing it each cost the same number of queries for 12 actions and for 300.
"""

from django.db.models import Prefetch

from cases.models import Recommendation
from cases.refusals import Refused
from history.actions import record_events
from improvement.actions.drafting import lines, measures, priorities
from improvement.actions.drafting.editing import draft_event, write
from improvement.models import (
    Action,
    Measure,
    PlannedAction,
    PlannedMeasure,
    PlannedPriority,
    Priority,
)

TOLD, MEASURED = PlannedAction.recommendations.through, PlannedAction.measures.through


class HeldDraft:
    """The rows of a version by key, as they are and as they would be; `save` writes what became of them.

    Actions and measures go by the key of their identity, new ones by a number below 0. `told` and `measured` are the
    keys of what each action answers (of the recommendations `shown`) and of what measures it.
    """

    def __init__(self, version, shown):
        self.version, self.shown = version, set(shown)
        self.priorities = list(version.priorities.all())
        by_pk = {one.pk: one for one in self.priorities}
        self.measures = {one.measure_id: one for one in version.measures.select_related("measure")}
        answered = Prefetch("recommendations", Recommendation.objects.only("pk"))
        actions = version.actions.prefetch_related(answered, Prefetch("measures", Measure.objects.only("pk")))
        self.actions = {one.action_id: one for one in actions}
        # One object for each priority: what is renamed or new is so for all that belongs to it.
        for row in (*self.measures.values(), *self.actions.values()):
            row.priority = by_pk.get(row.priority_id)
        self.told = {
            key: {told.pk for told in one.recommendations.all()} & self.shown
            for key, one in self.actions.items()
        }
        self.measured = {key: {one.pk for one in row.measures.all()} for key, row in self.actions.items()}
        self._homes = {id(one): [] for one in self.priorities}
        for row in self.actions.values():
            self._homes[id(row.priority)].append(row)
        self._added, self._changed, self._moved = [], {}, []
        self._new_links, self._new_key = {"recommendations": set(), "measures": set()}, 0

    # Each raises Refused, and then has changed nothing.

    def add_priority(self, **given):
        row = PlannedPriority(version=self.version, place=_after(self.priorities))
        write(row, given, priorities.LABELS)
        row.priority = Priority(plan=self.version.plan)
        self.priorities.append(row)
        self._homes[id(row)] = []
        self._added.append(row)
        return row

    def save_priority(self, row, **given):
        self._save(row, given, lambda: write(row, given, priorities.LABELS))

    def add_measure(self, **given):
        """Return the new measure's key and its row."""
        row = PlannedMeasure(version=self.version, place=_after(self.measures.values()))
        measures.write_measure(row, given, self.version)
        row.measure = Measure(plan=self.version.plan)
        return self._add(row, self.measures), row

    def save_measure(self, row, **given):
        self._save(row, given, lambda: measures.write_measure(row, given, self.version))

    def add_action(self, priority, told, measured, on, **given):
        """Return the new action's key and its row."""
        row = PlannedAction(version=self.version, priority=priority, place=_after(self._homes[id(priority)]))
        lines.write_action(row, given, self.version, on)
        row.action = Action(plan=self.version.plan)
        key = self._add(row, self.actions)
        self._homes[id(priority)].append(row)
        self.told[key], self.measured[key] = set(told), set(measured)
        return key, row

    def save_action(self, key, told, measured, on, **given):
        row = self.actions[key]
        many = {"recommendations"} if told != self.told[key] else set()
        many |= {"measures"} if measured != self.measured[key] else set()
        self._save(row, given, lambda: lines.write_action(row, given, self.version, on), many)
        self.told[key], self.measured[key] = set(told), set(measured)
        for name in many:
            self._new_links[name].add(key)

    def move_action(self, row, priority):
        """Put it at the end of another priority."""
        before, after = self._homes[id(row.priority)], self._homes[id(priority)]
        before.remove(row)
        after.append(row)
        row.priority = priority
        self._moved.append(row)
        for home in (before, after):
            for place, one in enumerate(home, 1):
                one.place = place

    def _add(self, row, held):
        self._new_key -= 1
        held[self._new_key] = row
        self._added.append(row)
        return self._new_key

    def _save(self, row, given, write_it, many=frozenset()):
        before = {name: getattr(row, name) for name in given}
        try:
            changed = write_it()
        except Refused:
            for name, value in before.items():
                setattr(row, name, value)
            raise
        if (changed or many) and row.pk is not None:
            self._changed.setdefault(id(row), (row, set()))[1].update(changed, many)

    # Writing

    def save(self, *, by, on):
        """Write everything, with the events of each row, in a number of queries that doesn't grow with the rows."""
        before = dict(PlannedAction.objects.filter(version=self.version).values_list("pk", "place"))
        for model, identity in (
            (PlannedPriority, Priority),
            (PlannedMeasure, Measure),
            (PlannedAction, Action),
        ):
            name = identity._meta.model_name
            new = [row for row in self._added if isinstance(row, model)]
            identity.objects.bulk_create(getattr(row, name) for row in new)
            model.objects.bulk_create(new)
            self._update(model, before)
        self._link()
        record_events(self._events(by, on))

    def _update(self, model, places):
        """Write the changed rows of one kind: those fields that something changed in."""
        changed = [(row, fields) for row, fields in self._changed.values() if isinstance(row, model)]
        for row, _ in changed:
            row.revision += 1
        rows = {row.pk: row for row, _ in changed}
        fields = set().union(*(names for _, names in changed)) - set(lines.MANY)
        fields |= {"revision"} if changed else set()
        if model is PlannedAction and self._moved:
            rows |= {row.pk: row for row in self._moved if row.pk is not None}
            rows |= {
                row.pk: row
                for row in self.actions.values()
                if row.pk in places and row.place != places[row.pk]
            }
            fields |= {"priority", "place"}
        if rows:
            model.objects.bulk_update(rows.values(), sorted(fields))

    def _link(self):
        """Write what the new actions answer and what measures them, and what of that changed for others."""
        for through, name, column, linked in (
            (TOLD, "recommendations", "recommendation_id", self.told),
            (MEASURED, "measures", "measure_id", {key: self._identities(key) for key in self.measured}),
        ):
            changed = {self.actions[key].pk for key in self._new_links[name]}
            if changed:
                old = through.objects.filter(plannedaction__in=changed)
                # What nobody may be shown now is taken away by nobody.
                (old.filter(recommendation__in=self.shown) if through is TOLD else old).delete()
            keys = [key for key in self.actions if key < 0 or key in self._new_links[name]]
            through.objects.bulk_create(
                through(plannedaction_id=self.actions[key].pk, **{column: one})
                for key in keys
                for one in sorted(linked[key])
            )

    def _identities(self, key):
        return {self.measures[one].measure_id for one in self.measured[key] if one in self.measures}

    def _events(self, by, on):
        for row in self._added:
            yield draft_event(f"draft-{_kind(row)}-added", self.version, row, by, on, **_identity(row))
        for row in self._moved:
            told = _identity(row) | {"place": row.place}
            yield draft_event("draft-action-moved", self.version, row, by, on, **told)
        for row, fields in self._changed.values():
            told = _identity(row) | {"fields": sorted(fields)}
            yield draft_event(f"draft-{_kind(row)}-saved", self.version, row, by, on, **told)


def _after(rows):
    return max((row.place for row in rows), default=0) + 1


def _kind(row):
    return row._meta.model_name.removeprefix("planned")


def _identity(row):
    """Return what an event says of a row beside the plan: whose row it is."""
    kind = _kind(row)
    return {} if kind == "priority" else {kind: getattr(row, f"{kind}_id")}
