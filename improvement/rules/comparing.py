"""What one version of a plan says that another doesn't: by identity, field by field, word by word. Pure.

Takes two `PlanDocument`s, of versions or of stored snapshots. Work grows with what changed, not with the plan.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from cases.comparing import Kept, words

# Two risks with fewer words in common than this are two risks; a risk has no identity of its own.
SAME_RISK = 0.5


class Became(StrEnum):
    ADDED = "added"
    DROPPED = "dropped"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True)
class FieldChange:
    """A field that differs, with both values; `words` where both are text: (Kept, words) in reading order."""

    name: str
    before: object
    after: object
    words: tuple[tuple[Kept, str], ...] = ()


@dataclass(frozen=True)
class Change:
    """Something added, dropped, moved or changed; `before` and `after` are its two forms, None where there is none.

    What moved may have changed too: `fields` then says how.
    """

    what: str
    became: Became
    before: object = None
    after: object = None
    fields: tuple[FieldChange, ...] = ()
    moved: bool = False


@dataclass(frozen=True)
class Comparison:
    """All that differs between two versions: of the plan itself, and of each kind of thing in it."""

    plan: tuple[FieldChange, ...]
    changes: tuple[Change, ...] = field(default=())

    def of(self, what):
        return tuple(change for change in self.changes if change.what == what)

    def count(self, what, became):
        """Return how many of a kind became so; what moved and changed counts for both."""
        return sum(
            change.became == became
            or (became == Became.MOVED and change.moved)
            or (became == Became.CHANGED and bool(change.fields))
            for change in self.of(what)
        )

    @property
    def is_empty(self):
        return not self.plan and not self.changes


PLAN = ("title", "introduction", "change_note", "scale", "sign_off_by", "statutory_on", "board")
RECOMMENDATION = ("text", "paragraph", "framework_reference")
PRIORITY = ("title", "enabler", "outcome", "lead")
ACTION = (
    "text",
    "owner_post",
    "owner_body",
    "start_on",
    "due_on",
    "success",
    "resources",
    "aim",
    "by_measures",
    "by_audit",
    "by_voice",
    "recommendations",
    "measures",
)
MEASURE = (
    "name",
    "unit",
    "priority",
    "baseline",
    "baseline_on",
    "target",
    "target_on",
    "tolerance",
    "polarity",
    "frequency",
    "benchmark",
)
RISK = ("text", "likelihood", "impact", "mitigation", "owner_post")


def compare(before, after):
    """Return the `Comparison` of two documents. Order within each kind: as in `after`, then what was dropped."""
    return Comparison(
        plan=_fields(before, after, PLAN),
        changes=(
            *_changes("recommendation", before.recommendations, after.recommendations, RECOMMENDATION),
            *_changes("priority", before.priorities, after.priorities, PRIORITY, ordered=True),
            *_action_changes(before, after),
            *_changes("measure", before.measures, after.measures, MEASURE),
            *_risk_changes(before.risks, after.risks),
        ),
    )


def _fields(before, after, names):
    found = []
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            both = isinstance(old, str) and isinstance(new, str) and old and new
            found.append(FieldChange(name, old, new, words(old, new) if both else ()))
    return tuple(found)


def _changes(what, before, after, names, *, ordered=False):
    was = {one.key: one for one in before}
    now = {one.key: one for one in after}
    in_both = [key for key in now if key in was]
    moved = out_of_order([key for key in was if key in now], in_both) if ordered else set()
    return _told(what, was, now, names, moved)


def _action_changes(before, after):
    was_in, now_in = _priority_of(before), _priority_of(after)
    was = {action.key: action for action in before.actions}
    now = {action.key: action for action in after.actions}
    moved = {key for key in now if key in was and was_in[key] != now_in[key]}
    for priority in after.priorities:
        stayed = [action.key for action in priority.actions if action.key in was and action.key not in moved]
        there = set(stayed)
        moved |= out_of_order([key for key in was if key in there], stayed)
    return _told("action", was, now, ACTION, moved)


def _priority_of(document):
    return {action.key: priority.key for priority in document.priorities for action in priority.actions}


def _told(what, was, now, names, moved):
    for key, one in now.items():
        if key not in was:
            yield Change(what, Became.ADDED, after=one)
            continue
        fields = _fields(was[key], one, names)
        if fields or key in moved:
            became = Became.MOVED if key in moved else Became.CHANGED
            yield Change(what, became, was[key], one, fields, moved=key in moved)
    for key, one in was.items():
        if key not in now:
            yield Change(what, Became.DROPPED, before=one)


def out_of_order(before, after):
    """Return the fewest keys that must have moved for `before` to become `after`: the same keys in another order."""
    place = {key: n for n, key in enumerate(before)}
    tails, ends, link = [], [], {}
    for key in after:
        at = bisect_left(tails, place[key])
        tails[at : at + 1] = [place[key]]
        ends[at : at + 1] = [key]
        link[key] = ends[at - 1] if at else None
    stayed, key = set(), ends[-1] if ends else None
    while key is not None:
        stayed.add(key)
        key = link[key]
    return set(after) - stayed


def _risk_changes(before, after):
    pairs, old, new = _same_risks(list(before), list(after))
    for was, now in pairs:
        if fields := _fields(was, now, RISK):
            yield Change("risk", Became.CHANGED, was, now, fields)
    yield from (Change("risk", Became.ADDED, after=one) for one in new)
    yield from (Change("risk", Became.DROPPED, before=one) for one in old)


def _same_risks(old, new):
    """Pair risks by their text, then what is left with the most alike; return (pairs, left of old, left of new)."""
    by_text = {risk.text: risk for risk in old}
    pairs, unmatched = [], []
    for risk in new:
        was = by_text.pop(risk.text, None)
        if was is not None:
            pairs.append((was, risk))
            old.remove(was)
        else:
            unmatched.append(risk)
    left = []
    for risk in unmatched:
        alike = max(old, key=lambda one: _alike(one.text, risk.text), default=None)
        if alike is not None and _alike(alike.text, risk.text) >= SAME_RISK:
            pairs.append((alike, risk))
            old.remove(alike)
        else:
            left.append(risk)
    return pairs, old, left


def _alike(one, other):
    """Return the part of all their words that two texts share, from 0 to 1."""
    left, right = Counter(one.lower().split()), Counter(other.lower().split())
    return 2 * (left & right).total() / max(left.total() + right.total(), 1)
