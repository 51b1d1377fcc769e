"""Which recommendation which action serves, what is uncovered, what leans on one action and what is late. Pure.

Rule: section 5, point 3: what is uncovered shows, and stops nobody.
"""

from dataclasses import dataclass

from improvement.rules.plans import ActionPlanned, Told


@dataclass(frozen=True)
class Row:
    """A recommendation, and the keys of the actions that serve it. `late`: every one still to be done is past due."""

    told: Told
    actions: tuple[int, ...]
    late: bool

    @property
    def is_uncovered(self):
        return not self.actions and not self.told.closed

    @property
    def leans_on_one(self):
        return len(self.actions) == 1 and not self.told.closed


@dataclass(frozen=True)
class Coverage:
    """The matrix. `late` and `complete` are keys of its actions."""

    rows: tuple[Row, ...]
    actions: tuple[ActionPlanned, ...]
    late: frozenset[int]
    complete: frozenset[int]

    @property
    def open_rows(self):
        """Return the rows of recommendations that are still open."""
        return tuple(row for row in self.rows if not row.told.closed)

    @property
    def uncovered(self):
        return tuple(row for row in self.rows if row.is_uncovered)

    @property
    def leaning(self):
        return tuple(row for row in self.rows if row.leans_on_one)

    @property
    def late_rows(self):
        return tuple(row for row in self.rows if row.late)

    @property
    def late_actions(self):
        return tuple(action for action in self.actions if action.key in self.late)

    @property
    def unasked(self):
        """Return the actions that serve no recommendation: for an aim of the plan's own, or for nothing stated."""
        told = {row.told.key for row in self.rows}
        return tuple(action for action in self.actions if not told.intersection(action.recommendations))


def coverage(document, *, late=frozenset(), complete=frozenset()):
    """Return the `Coverage` of a `PlanDocument`.

    `late`: keys of actions past due and not complete; `complete`: of those done. A recommendation is late where no
    action that serves it is on time: at least one is late, and every other late too or complete.
    """
    serving = {told.key: [] for told in document.recommendations}
    for action in document.actions:
        for key in action.recommendations:
            if key in serving:
                serving[key].append(action.key)
    keys = {action.key for action in document.actions}
    late, complete = frozenset(late) & keys, frozenset(complete) & keys
    rows = (
        Row(told, tuple(serving[told.key]), not told.closed and _is_late(serving[told.key], late, complete))
        for told in document.recommendations
    )
    return Coverage(tuple(rows), document.actions, late - complete, complete)


def _is_late(actions, late, complete):
    waited_for = [key for key in actions if key not in complete]
    return bool(waited_for) and all(key in late for key in waited_for)
