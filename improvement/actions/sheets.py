"""Loading a plan's spreadsheet into a draft: first as a preview that changes nothing, then as previewed.

A row changes the action or measure of its Id, or the one that says word for word the same; any other is added. What
the sheet leaves out stays. All of it is loaded or none.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from cases.refusals import Refused
from improvement.actions.drafting.editing import draft_to_look_at, lock_draft, record
from improvement.actions.held_drafts import HeldDraft
from improvement.models import PlannedMeasure, PlannedPriority
from improvement.queries.plans import read_version
from improvement.readers.plan_sheets import ACTIONS, EVIDENCE_WORDS, MEASURES, PlanSheet, Problem
from improvement.readers.plan_sheets import _plain as plain
from improvement.writers.plan_sheets import references_of

ADDED, CHANGED, SAME = "added", "changed", "same"
_HEADINGS = {
    id(columns): {column.name: column.heading for column in columns} for columns in (ACTIONS, MEASURES)
}
_KINDS = dict(zip(EVIDENCE_WORDS, ("measures", "audit", "voice"), strict=True))


@dataclass(frozen=True)
class Line:
    """What became of a row, or would: `changes` are (heading, before, after) in words."""

    sheet: str
    row: int
    outcome: str
    about: str
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Preview:
    """What a spreadsheet would do. With `problems` nothing may be loaded; `digest` names exactly these lines."""

    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]

    @property
    def digest(self):
        told = [(one.sheet, one.row, one.outcome, one.about, one.changes) for one in self.lines]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def count(self, outcome):
        return sum(one.outcome == outcome for one in self.lines)


class NotLoaded(Exception):
    """Nothing was loaded: there are problems, or it would do something else than what was looked at."""

    def __init__(self, preview):
        super().__init__(f"{len(preview.problems)} problems")
        self.preview = preview


def preview_sheet(version, sheet: PlanSheet, *, by, on) -> Preview:
    """Say what loading the sheet would do; write nothing. Raises PermissionDenied, and Refused where it is no draft."""
    return _Loading(draft_to_look_at(version, by), sheet, on).read()


@transaction.atomic
def load_sheet(version, sheet: PlanSheet, *, digest=None, by, on) -> Preview:
    """Load the sheet into the draft, whole, and return what it did.

    `digest`: that of the preview which the person looked at. Raises NotLoaded where anything is wrong with a row, or
    where somebody has changed the draft so that it would do something else; PermissionDenied and Refused.
    """
    draft = lock_draft(version, by)
    loading = _Loading(draft, sheet, on)
    preview = loading.read()
    if preview.problems or (digest is not None and digest != preview.digest):
        raise NotLoaded(preview)
    counts = {outcome: preview.count(outcome) for outcome in (ADDED, CHANGED)}
    if any(counts.values()):
        loading.held.save(by=by, on=on)
        record("draft-sheet-loaded", draft, draft, by, on, **counts)
    return preview


class _Loading:
    """One spreadsheet tried on one draft, in memory: nothing is written before `held` is saved."""

    def __init__(self, version, sheet, on):
        self.sheet, self.on = sheet, on
        self.problems, self.lines, self.named = list(sheet.problems), [], set()
        document = read_version(version, on)
        self.references = references_of(document.recommendations)
        self.told = {one.key: one for one in document.recommendations}
        self.held = HeldDraft(version, self.references)
        self.priorities = {plain(one.title): one for one in self.held.priorities}
        self.places = {key: f"M{place}" for place, key in enumerate(self.held.measures, 1)}
        self.by_number = {plain(place): key for key, place in self.places.items()}

    def read(self):
        """Try every row, and return the `Preview`."""
        self._load_priorities()
        self._load_rows(self.sheet.measures, MEASURES, self._load_measure, self.held.measures, "name")
        self._load_rows(self.sheet.actions, ACTIONS, self._load_action, self.held.actions, "text")
        return Preview(tuple(self.lines), tuple(self.problems))

    def _wrong(self, row, columns, message, name=""):
        heading = _HEADINGS[id(columns)].get("evidence" if name in EVIDENCE_WORDS else name, "")
        message = message if message.endswith((".", "!", "?")) else f"{message}."
        self.problems.append(Problem(row.sheet, row.row, heading, message))

    def _load_rows(self, rows, columns, load, held, name):
        seen = {}
        self.named = {row.values.get("key") for row in rows}
        for row in rows:
            key = row.values.get("key")
            if key is not None and key in seen:
                self._wrong(row, columns, f"Row {seen[key]} has the same Id. Empty it in one of them.", "key")
            elif key is not None and key not in held:
                message = (
                    "No row of this draft has this Id. Empty the cell to add the row as a new one, or put the row back "
                    "into the draft first."
                )
                self._wrong(row, columns, message, "key")
            elif name == "text" and not row.values.get(name):
                self._refuse_half_a_row(row)
            else:
                seen.setdefault(key, row.row)
                try:
                    load(row, key if key in held else self._same(row, held, name, seen))
                except Refused as refused:
                    self._wrong(row, columns, refused.message, refused.field)

    def _same(self, row, held, name, seen):
        """Return the key of what says word for word the same and no other row has: so a row is loaded once."""
        wanted = plain(row.values.get(name, ""))
        for key, one in held.items():
            if key in seen or key in self.named or plain(getattr(one, name)) != wanted:
                continue
            if name == "name" or plain(one.priority.title) == plain(row.values.get("priority", "")):
                seen[key] = row.row
                return key
        return None

    def _refuse_half_a_row(self, row):
        """A row without an action may describe its priority; with anything else it lacks its action."""
        rest = {name for name, value in row.values.items() if value not in ("", None, [])}
        if not row.values.get("priority") or rest - {"priority", "outcome"}:
            self._wrong(row, ACTIONS, "Enter what is to be done, or empty the row.", "text")

    # Priorities

    def _load_priorities(self):
        """Add, rename and describe the priorities that the rows of actions name."""
        rows = {}
        for row in self.sheet.actions:
            if row.values.get("priority"):
                rows.setdefault(plain(row.values["priority"]), []).append(row)
        for title, ones in rows.items():
            try:
                self._load_priority(title, ones, rows)
            except Refused as refused:
                name = "priority" if refused.field == "title" else refused.field
                self._wrong(ones[0], ACTIONS, refused.message, name)

    def _load_priority(self, title, rows, all_rows):
        first = rows[0]
        written = first.values["priority"]
        outcomes = list(dict.fromkeys(one.values["outcome"] for one in rows if one.values.get("outcome")))
        if len(outcomes) > 1:
            other = next(one for one in rows if one.values.get("outcome") == outcomes[1])
            self._wrong(other, ACTIONS, f"Priority “{_short(written)}” has another outcome above.", "outcome")
        planned = self.priorities.get(title) or self._renamed(rows, all_rows)
        given = {"title": written} | ({"outcome": outcomes[0]} if outcomes else {})
        if planned is None:
            planned = self.held.add_priority(**given)
            after = (("Outcome", "", _short(outcomes[0])),) if outcomes else ()
            self.lines.append(Line(first.sheet, first.row, ADDED, f"Priority: {_short(written)}", after))
        else:
            changes = self._changes(planned, given, {"title": "Priority", "outcome": "Outcome"})
            if changes:
                self.held.save_priority(planned, **given)
                about = f"Priority: {_short(planned.title)}"
                self.lines.append(Line(first.sheet, first.row, CHANGED, about, changes))
        self.priorities[title] = planned

    def _renamed(self, rows, all_rows):
        """Return the priority whose rows all have this new title now, where there is one."""
        keys = [row.values.get("key") for row in rows]
        homes = {
            one.pk: one
            for one in (self.held.actions[key].priority for key in keys if key in self.held.actions)
        }
        if len(homes) != 1:
            return None
        [home] = homes.values()
        return None if plain(home.title) in all_rows else home

    # Measures and actions

    def _load_measure(self, row, key):
        values = dict(row.values)
        number = plain(values.pop("number", ""))
        values.pop("key", None)
        if not values.get("frequency"):
            values.pop("frequency", None)
        if "priority" in values:
            values["priority"] = self._priority_of(values["priority"], needed=False)
        if key is None:
            key, planned = self.held.add_measure(**values)
            self._line(
                row, ADDED, f"Measure: {planned.name}", self._changes(PlannedMeasure(), values, MEASURES)
            )
        else:
            planned = self.held.measures[key]
            changes = self._changes(planned, values, MEASURES)
            if changes:
                self.held.save_measure(planned, **values)
            self._line(row, CHANGED if changes else SAME, f"Measure: {planned.name}", changes)
        if number:
            self.by_number[number] = key
        self.by_number.setdefault(plain(planned.name), key)
        self.places.setdefault(key, number.upper() or planned.name)

    def _load_action(self, row, key):
        values = dict(row.values)
        for name in ("key", "outcome"):
            values.pop(name, None)
        priority = self._priority_of(values.pop("priority", ""), needed=True)
        if "evidence" in values:
            kinds = values.pop("evidence") or []
            values |= {name: name in kinds for name in EVIDENCE_WORDS}
        many = {"recommendations": self.held.told.get(key, ()), "measures": self.held.measured.get(key, ())}
        for name, find in (("recommendations", self._recommendation), ("measures", self._measure)):
            if name in values:
                many[name] = [find(one) for one in values.pop(name) or []]
        linked = [set(many["recommendations"]), set(many["measures"])]
        if key is None:
            _, planned = self.held.add_action(priority, *linked, self.on, **values)
            told = (("Priority", "", _short(priority.title)), *self._described(values | many))
            self._line(row, ADDED, planned.text, told)
            return
        planned = self.held.actions[key]
        changes = self._action_changes(key, planned, values, many)
        moved = ()
        if planned.priority is not priority:
            moved = (("Priority", _short(planned.priority.title), _short(priority.title)),)
        if changes:
            self.held.save_action(key, *linked, self.on, **values)
        if moved:
            self.held.move_action(planned, priority)
        self._line(row, CHANGED if changes or moved else SAME, values["text"], moved + changes)

    def _line(self, row, outcome, about, changes):
        self.lines.append(Line(row.sheet, row.row, outcome, _short(about), tuple(changes)))

    def _priority_of(self, title, *, needed):
        planned = self.priorities.get(plain(title)) if title else None
        if planned is None and title:
            raise Refused(
                "No action has this priority. Write the title as the sheet of actions has it.", "priority"
            )
        if planned is None and needed:
            raise Refused("Enter the priority: its title, in every row.", "priority")
        return planned

    def _recommendation(self, written):
        name = plain(written)
        paragraph = name.removeprefix("paragraph ").removeprefix("para ").removeprefix("p ")
        found = []
        # Where no source's paragraphs are known, a column of paragraphs can only mean numbers.
        if paragraph == name or not any(one.paragraph for one in self.told.values()):
            found = [key for key, reference in self.references.items() if plain(reference) == paragraph]
            found = found or [key for key, one in self.told.items() if str(one.number) == paragraph]
        found = found or [key for key, one in self.told.items() if plain(one.paragraph) == paragraph]
        if len(found) == 1:
            return found[0]
        answered = ", ".join(self.references.values()) or "none yet"
        if found:
            both = " or ".join(self.references[one] for one in found)
            raise Refused(f"“{written[:40]}” may be {both}: write which.", "recommendations")
        raise Refused(
            f"The plan answers no recommendation “{written[:40]}”. Write one of those that it answers ({answered}), or "
            "choose it into the plan first.",
            "recommendations",
        )

    def _measure(self, written):
        found = self.by_number.get(plain(written))
        if found is None:
            raise Refused(f"There is no measure “{written[:40]}”. Write its number, such as M1.", "measures")
        return found

    # In words

    def _changes(self, planned, given, columns):
        headings = columns if isinstance(columns, dict) else _HEADINGS[id(columns)]
        return tuple(
            (headings[name], _words(getattr(planned, name)), _words(value))
            for name, value in given.items()
            if _normal(getattr(planned, name)) != _normal(value)
        )

    def _action_changes(self, key, planned, values, many):
        before = {
            "recommendations": self.held.told[key],
            "measures": self.held.measured[key],
            **{name: getattr(planned, name) for name in EVIDENCE_WORDS},
        }
        written = {name: value for name, value in values.items() if name not in EVIDENCE_WORDS}
        was, now = self._described_many(before), self._described_many(before | values | many)
        more = [(name, was[name], now[name]) for name in was if was[name] != now[name]]
        return self._changes(planned, written, ACTIONS) + tuple(more)

    def _described_many(self, values):
        kinds = [word for name, word in _KINDS.items() if values.get(name)]
        told = sorted(self.references[one] for one in set(values.get("recommendations", ())))
        measured = sorted(self.places.get(one, "") for one in set(values.get("measures", ())))
        return {
            "Recommendations": "; ".join(told),
            "Evidence": "; ".join(kinds),
            "Measures": "; ".join(measured),
        }

    def _described(self, values):
        """Return what a new action says, but for its text, as changes from nothing."""
        many = {"recommendations", "measures", "text", *EVIDENCE_WORDS}
        headings = _HEADINGS[id(ACTIONS)]
        plain_ones = [
            (headings[name], "", _words(value))
            for name, value in values.items()
            if name not in many and value
        ]
        more = [(name, "", words) for name, words in self._described_many(values).items() if words]
        return tuple(plain_ones + more)


def _normal(value):
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    # A priority is one object throughout, and a new one has no key yet.
    return id(value) if isinstance(value, PlannedPriority) else value


def _words(value):
    if value in (None, ""):
        return ""
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return _short(str(value))


def _short(text):
    text = " ".join(str(text).split())
    return text if len(text) <= 160 else f"{text[:157]}…"
