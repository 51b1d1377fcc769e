"""The grid in which a plan's actions are drafted, a row for each."""

from dataclasses import dataclass, field

from improvement.forms.grid import ANSWERS, CELLS, NAMES, TICKS, cells_of, empty_cells, fingerprint

MOST_OF_A_TEXT = 140


@dataclass
class Row:
    """An action's row. `wrong`: {cell: message}; `both`: what somebody else wrote where this person did."""

    key: str
    number: str
    revision: int
    cells: dict[str, str]
    was: str
    is_new: bool = False
    wrong: dict[str, str] = field(default_factory=dict)
    both: list = field(default_factory=list)

    @property
    def problems(self):
        return [(self.number, f"{self.key}-{name}", message) for name, message in self.wrong.items()]


@dataclass(frozen=True)
class Both:
    """A cell that two people wrote in: what this person typed, and what stands."""

    name: str
    label: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Group:
    """A priority with its rows; the last is empty, for the next action."""

    priority: object
    number: int
    rows: list[Row]


@dataclass(frozen=True)
class ToAnswer:
    """A recommendation in the list beside the grid."""

    label: str
    text: str
    source: str


def row_of(planned, number, labels):
    """Return the row of an action read with `with_answers`."""
    cells = cells_of(planned, labels)
    return Row(str(planned.action_id), number, planned.revision, cells, fingerprint(cells))


def new_row(priority):
    cells = empty_cells()
    return Row(f"new-{priority.pk}", "New", 0, cells, fingerprint(cells), is_new=True)


def groups_of(draft, labels, *, can_change=True):
    """Return the `Group` of each priority of a draft, numbered."""
    groups = []
    for number, (priority, actions) in enumerate(draft.priorities, 1):
        rows = [row_of(planned, f"{number}.{place}", labels) for place, planned in enumerate(actions, 1)]
        groups.append(Group(priority, number, [*rows, new_row(priority)] if can_change else rows))
    return groups


def to_answer(recommendations, labels):
    return [ToAnswer(labels[one.pk], _shortened(one.text), one.source.title) for one in recommendations]


def _shortened(text):
    return text if len(text) <= MOST_OF_A_TEXT else text[:MOST_OF_A_TEXT].rsplit(" ", 1)[0] + " …"


def both_of(typed, now):
    """Return a `Both` for each cell typed in that now says something else."""
    return [
        Both(name, NAMES[name], _words(name, typed[name]), _words(name, now[name]))
        for name in CELLS
        if name in typed and typed[name] != now[name]
    ]


def _words(name, text):
    if name in TICKS:
        return "ticked" if text else "not ticked"
    return text or ("none" if name == ANSWERS else "nothing")


def heading(groups, version):
    """Return the answer: how much there is, and what is still missing of it."""
    rows = [row for group in groups for row in group.rows if not row.is_new]
    if not groups:
        return "Add a priority, then its actions"
    if not rows:
        return "No actions yet: type the first below"
    undated = sum(not row.cells["due_on"] for row in rows)
    unowned = sum(not row.cells["owner_post"] for row in rows)
    said = f"{len(rows)} action{'s' if len(rows) != 1 else ''} in {len(groups)} priorit"
    said += "y" if len(groups) == 1 else "ies"
    missing = [
        f"{count} without {what}" for count, what in ((unowned, "an owner"), (undated, "a due date")) if count
    ]
    return f"{said}: {' and '.join(missing)}" if missing else f"{said}, each with an owner and a due date"
