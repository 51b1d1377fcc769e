"""Words and marks for the coverage matrix, the credibility check and two versions compared."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.urls import NoReverseMatch, reverse

from cases.presenters import DONE, DUE, OVERDUE, QUIET, count_of, day_words
from improvement.models import ENABLERS, Plan, PlannedMeasure
from improvement.rules.comparing import Became, Kept

# More words than this left alone between two changes are told by their first and last.
MOST_WORDS_BETWEEN, WORDS_AT_EACH_END = 40, 14


def address(name, *args):
    """Return the address of a page, or "" where there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


# The coverage matrix


@dataclass(frozen=True)
class Mark:
    """A cell in which an action serves a recommendation: what is seen, what is heard, how it is tinted."""

    letter: str
    words: str
    tint: str


SERVES = Mark("●", "serves", "")
LATE = Mark("L", "serves, late", "late")
COMPLETE = Mark("C", "serves, complete", "complete")


def coverage_heading(found):
    """Return the answer: how many open recommendations no action serves."""
    all_of_them = len(found.open_rows)
    if not all_of_them:
        return "The plan has no open recommendations to cover"
    missing = len(found.uncovered)
    if not missing:
        return "Every recommendation is covered" if all_of_them > 1 else "The one recommendation is covered"
    verb = "is" if missing == 1 else "are"
    return f"{missing} of {count_of(all_of_them, 'recommendation')} {verb} not covered"


def coverage_lede(found):
    """Return what follows from it, in a sentence or two."""
    parts = []
    if leaning := len(found.leaning):
        parts.append(f"{leaning} {'leans' if leaning == 1 else 'lean'} on one action.")
    late, actions = len(found.late_rows), len(found.late_actions)
    if actions:
        said = f"{count_of(actions, 'action')} {'is' if actions == 1 else 'are'} late"
        said += (
            f", and {late} {'recommendation has' if late == 1 else 'recommendations have'} nothing on time"
        )
        parts.append(f"{said if late else said.split(',')[0]}.")
    return " ".join(parts)


def action_mark(found, key):
    if key in found.complete:
        return COMPLETE
    return LATE if key in found.late else SERVES


@dataclass(frozen=True)
class MatrixRow:
    key: int
    number: int
    text: str
    of: str
    tags: tuple[tuple[str, str], ...]
    cells: tuple[Mark | None, ...]
    served_by: tuple[tuple[object, Mark], ...]


def matrix_rows(found):
    """Return the rows of the matrix, a cell for every action, in the order of the plan."""
    actions = {action.key: action for action in found.actions}
    marks = {key: action_mark(found, key) for key in actions}
    rows = []
    for row in found.rows:
        serving = set(row.actions)
        rows.append(
            MatrixRow(
                key=row.told.key,
                number=row.told.number,
                text=row.told.text,
                of=f"{row.told.of}, paragraph {row.told.paragraph}" if row.told.paragraph else row.told.of,
                tags=_row_tags(row),
                cells=tuple(marks[key] if key in serving else None for key in actions),
                served_by=tuple((actions[key], marks[key]) for key in row.actions),
            )
        )
    return rows


def _row_tags(row):
    tags = []
    if row.told.closed:
        tags.append(("closed", QUIET))
    if row.is_uncovered:
        tags.append(("not covered", OVERDUE))
    if row.leans_on_one:
        tags.append(("leans on one", DUE))
    if row.late:
        tags.append(("late", OVERDUE))
    return tuple(tags)


def matrix_actions(document, found):
    """Return [(priority, [(action, mark, how many open recommendations it serves)])]."""
    still_open = {row.told.key for row in found.open_rows}
    return [
        (
            priority,
            [
                (action, action_mark(found, action.key), len(still_open.intersection(action.recommendations)))
                for action in priority.actions
            ],
        )
        for priority in document.priorities
        if priority.actions
    ]


# The credibility check


@dataclass(frozen=True)
class FailingShown:
    name: str
    words: str
    because: str
    mend: str


@dataclass(frozen=True)
class PointShown:
    slug: str
    asks: str
    count: str
    failing: tuple[FailingShown, ...]
    is_long: bool


LONG = 8


def points_shown(points, version):
    """Return the points that fail, as the page shows them, each thing with where to mend it for whoever may."""
    return [
        PointShown(
            slug=point.slug,
            asks=point.asks,
            count=_count_failing(point),
            failing=tuple(_failing_shown(point, failing, version) for failing in point.failing),
            is_long=len(point.failing) > LONG,
        )
        for point in points
        if not point.holds
    ]


def _count_failing(point):
    kinds = {failing.what for failing in point.failing}
    if kinds == {"plan"}:
        return ""
    names = {"priority": "priorities"}
    kind = kinds.pop() if len(kinds) == 1 else "thing"
    return count_of(len(point.failing), kind, names.get(kind))


def _failing_shown(point, failing, version):
    name = {
        "action": f"Action {failing.number}",
        "recommendation": f"Recommendation {failing.number}",
        "priority": f"Priority {failing.number}",
        "risk": f"Risk {failing.number}",
    }.get(failing.what, "The plan")
    return FailingShown(name, failing.words, failing.because, _mend(point, failing, version))


def _mend(point, failing, version):
    if not version.may_draft:
        return ""
    here = (version.plan.reference, version.number)
    if failing.what == "action":
        return reverse("plan_action", args=[*here, failing.key])
    if point.slug == "risks":
        return reverse("plan_risks", args=here)
    if point.slug == "board":
        is_step = "approval" in failing.because
        return reverse("plan_approval", args=here) if is_step else reverse("plan_board", args=here[:1])
    grid = reverse("plan_grid", args=here)
    return f"{grid}#priority-{failing.key}" if failing.what == "priority" else grid


def check_heading(points):
    """Return the answer: how many points of the check hold."""
    held = sum(point.holds for point in points)
    if held == len(points):
        return f"All {len(points)} points of the credibility check hold"
    return f"{held} of {len(points)} points of the credibility check {'holds' if held == 1 else 'hold'}"


# Two versions compared

FIELDS = {
    "title": "Title",
    "introduction": "Why we are here",
    "change_note": "What the version changes",
    "scale": "Scale",
    "sign_off_by": "Signed off by",
    "statutory_on": "To be sent by",
    "board": "Board",
    "text": "Text",
    "paragraph": "Paragraph",
    "framework_reference": "National framework",
    "enabler": "Theme",
    "outcome": "What good looks like",
    "lead": "Lead",
    "owner_post": "Owner",
    "owner_body": "Owner’s body",
    "start_on": "Start",
    "due_on": "Due",
    "success": "How we shall know",
    "resources": "Resources",
    "aim": "Aim",
    "by_measures": "Evidenced by measures",
    "by_audit": "Evidenced by case audit",
    "by_voice": "Evidenced by voice",
    "recommendations": "Recommendations",
    "measures": "Measures",
    "name": "Name",
    "unit": "Unit",
    "priority": "Priority",
    "baseline": "Baseline",
    "baseline_on": "Baseline’s date",
    "target": "Target",
    "target_on": "Target’s date",
    "tolerance": "Tolerance",
    "polarity": "Polarity",
    "frequency": "Frequency",
    "benchmark": "Compared with",
    "likelihood": "Likelihood",
    "impact": "Impact",
    "mitigation": "Mitigation",
}
CHOICES = {
    "enabler": dict(ENABLERS),
    "scale": dict(Plan.Scale.choices),
    "polarity": dict(PlannedMeasure.Polarity.choices),
    "frequency": dict(PlannedMeasure.Frequency.choices),
}
NAMES = {
    "recommendation": ("Recommendation", "Recommendations"),
    "priority": ("Priority", "Priorities"),
    "action": ("Action", "Actions"),
    "measure": ("Measure", "Measures"),
    "risk": ("Risk", "Risks"),
}
TAGS = {
    Became.ADDED: ("added", DONE),
    Became.DROPPED: ("dropped", OVERDUE),
    Became.MOVED: ("moved", DUE),
    Became.CHANGED: ("changed", QUIET),
}


@dataclass(frozen=True)
class FieldShown:
    """A field's change as (kept, words, the space after them) in reading order.

    `kept` is "same", "deleted", "inserted", or "left-out".
    """

    name: str
    parts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ChangeShown:
    name: str
    words: str
    tags: tuple[tuple[str, str], ...]
    fields: tuple[FieldShown, ...]


def comparison_heading(comparison):
    """Return the answer: what became of the actions, or that nothing differs."""
    if comparison.is_empty:
        return "Nothing differs between the two"
    parts = [
        f"{number} {became}"
        for became in (Became.ADDED, Became.DROPPED, Became.MOVED, Became.CHANGED)
        if (number := comparison.count("action", became))
    ]
    if not parts:
        return "No action differs, but other parts do"
    first = parts[0].split()
    said = [f"{count_of(int(first[0]), 'action')} {first[1]}", *parts[1:]]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def comparison_shown(comparison, before, after):
    """Return (of the plan itself: [FieldShown], [(plural name, [ChangeShown]) of each kind that differs])."""
    sides = (_Names(before), _Names(after))
    groups = [
        (plural, [_change_shown(change, name, sides) for change in comparison.of(what)])
        for what, (name, plural) in NAMES.items()
        if comparison.of(what)
    ]
    return [_field_shown(field, sides) for field in comparison.plan], groups


class _Names:
    """What the keys of a document's rows are called in it."""

    def __init__(self, document):
        self.of = {
            "recommendations": {told.key: str(told.number) for told in document.recommendations},
            "measures": {measure.key: measure.name for measure in document.measures},
            "priority": {one.key: f"{one.number}. {one.title}" for one in document.priorities},
        }

    def words(self, name, value):
        if value in (None, "", ()):
            return ""
        if name in self.of:
            keys = value if isinstance(value, tuple) else (value,)
            return ", ".join(self.of[name].get(key, "another") for key in keys)
        return _plain(name, value)


def _plain(name, value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return ", ".join(value)
    if name in CHOICES:
        return CHOICES[name].get(value, value)
    return value if isinstance(value, str) else day_words(value) if hasattr(value, "year") else str(value)


def _change_shown(change, name, sides):
    row = change.after or change.before
    number = getattr(row, "number", "")
    tags = [TAGS[change.became]]
    if change.moved and change.fields:
        tags.append(TAGS[Became.CHANGED])
    if change.moved and change.before.number != change.after.number:
        tags[0] = (f"moved: was {change.before.number}", DUE)
    fields = [_field_shown(field, sides) for field in change.fields]
    if change.became in (Became.ADDED, Became.DROPPED):
        fields = _whole(change, sides)
    return ChangeShown(
        f"{name} {number}".strip(),
        getattr(row, "text", "") or getattr(row, "title", "") or getattr(row, "name", ""),
        tuple(tags),
        tuple(fields),
    )


WHOLE = {
    "action": ("owner_post", "owner_body", "start_on", "due_on", "success", "recommendations"),
    "measure": ("baseline", "target", "target_on"),
    "priority": ("outcome", "lead"),
    "risk": ("mitigation", "owner_post"),
    "recommendation": (),
}


def _whole(change, sides):
    """Return what a row says that is there on one side alone."""
    row, side, kept = (
        (change.before, sides[0], "deleted") if change.after is None else (change.after, sides[1], "inserted")
    )
    told = ((name, side.words(name, getattr(row, name))) for name in WHOLE[change.what])
    return [FieldShown(FIELDS[name], ((kept, words, ""),)) for name, words in told if words]


def _field_shown(field, sides):
    if field.words and field.name not in CHOICES:
        return FieldShown(FIELDS[field.name], tuple(_shortened(field.words)))
    was, now = sides[0].words(field.name, field.before), sides[1].words(field.name, field.after)
    parts = (("deleted", was or "nothing", " "), ("inserted", now or "nothing", ""))
    return FieldShown(FIELDS[field.name], parts)


def _shortened(parts):
    """Leave out the middle of what is the same for long."""
    for place, (kept, text) in enumerate(parts):
        said = re.findall(r"\S+\s*", text)
        if kept != Kept.SAME or len(said) <= MOST_WORDS_BETWEEN:
            words = text.rstrip()
            yield str(kept), words, text[len(words) :] or " "
            continue
        if place:
            yield "same", "".join(said[:WORDS_AT_EACH_END]), ""
        yield "left-out", f"{len(said)} words the same", " "
        if place < len(parts) - 1:
            yield "same", "".join(said[-WORDS_AT_EACH_END:]), ""
