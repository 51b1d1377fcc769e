"""Whether a plan reads as credible: advice to its council and adviser, point by point. Blocks nothing. Pure.

Rule: section 5, points 3 and 4; REFERENCE 4.2, the credible checks.
"""

import re
from dataclasses import asdict, dataclass

# Words that stand where one post should. A comma or "and" is part of many a post's own name.
NOBODY = re.compile(
    r"^\W*(tb[acd]|to be (agreed|confirmed|decided)|n/?a|all|various|everyone|team)\b", re.IGNORECASE
)
SEVERAL = re.compile(r"[/;\n]|\b(jointly|and the|with the)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Failing:
    """What fails a point: an action, recommendation, priority, risk, or the plan. `because` says how, in words.

    `key` is its identity (a risk's: its place from 1; None for the plan); `number` such as "2.3", and `words` its text.
    """

    what: str
    key: int | None = None
    number: str = ""
    words: str = ""
    because: str = ""


@dataclass(frozen=True)
class Point:
    """One point of the check: what it asks, and what fails it."""

    slug: str
    asks: str
    failing: tuple[Failing, ...] = ()

    @property
    def holds(self):
        return not self.failing


def check(document):
    """Return the points of the check of a `PlanDocument`, in the order in which one would mend them."""
    return tuple(Point(slug, asks, tuple(failing(document))) for slug, asks, failing in POINTS)


def as_json(points):
    """Return points as plain values, as a snapshot stores them: how many hold, of how many, and each in full."""
    return {
        "held": sum(point.holds for point in points),
        "of": len(points),
        "points": [asdict(point) | {"holds": point.holds} for point in points],
    }


def from_json(stored):
    """Return the points that `as_json` stored."""
    return tuple(
        Point(point["slug"], point["asks"], tuple(Failing(**failing) for failing in point["failing"]))
        for point in stored["points"]
    )


def _uncovered(document):
    served = {key for action in document.actions for key in action.recommendations}
    for told in document.recommendations:
        if told.key not in served and not told.closed:
            yield Failing(
                "recommendation", told.key, str(told.number), told.text, f"no action serves it ({told.of})"
            )


def _aimless(document):
    return _actions(
        document, lambda one: "" if one.recommendations or one.aim.strip() else "no recommendation and no aim"
    )


def _unowned(document):
    return _actions(document, _owner_lacks)


def _owner_lacks(action):
    post = action.owner_post.strip()
    if not post:
        return "no owner"
    if NOBODY.match(post):
        return f"“{post}” names nobody"
    return f"“{post}” reads as more than one owner" if SEVERAL.search(post) else ""


def _undated(document):
    return _actions(document, _dates_lack)


def _dates_lack(action):
    lacking = [word for word, day in (("start", action.start_on), ("due", action.due_on)) if day is None]
    return f"no {' and no '.join(lacking)} date" if lacking else ""


def _unmeasured(document):
    measures = {measure.key: measure for measure in document.measures}
    return _actions(
        document, lambda action: _measures_lack([measures[key] for key in action.measures if key in measures])
    )


def _measures_lack(measures):
    if not measures:
        return "no measure"
    lacking = {measure.name: _figures_lacking(measure) for measure in measures}
    if not all(lacking.values()):
        return ""
    return "; ".join(f"“{name}” has {words}" for name, words in lacking.items())


def _figures_lacking(measure):
    lacking = [
        word for word, value in (("baseline", measure.baseline), ("target", measure.target)) if value is None
    ]
    return f"no {' and no '.join(lacking)}" if lacking else ""


def _unevidenced(document):
    return _actions(document, lambda action: "" if action.evidence_kinds else "no kind of evidence")


def _unresourced(document):
    return _actions(document, lambda action: "" if action.resources.strip() else "no resources")


def _alone(document):
    if not any(action.owner_body.strip() for action in document.actions):
        yield Failing("plan", because="no action is owned by a partner body")


def _risks_lacking(document):
    if not document.risks:
        yield Failing("plan", because="it states no risk")
    for place, risk in enumerate(document.risks, 1):
        lacking = [
            word
            for word, there in (
                ("score", risk.likelihood and risk.impact),
                ("mitigation", risk.mitigation.strip()),
                ("owner", risk.owner_post.strip()),
            )
            if not there
        ]
        if lacking:
            yield Failing("risk", place, str(place), risk.text, f"no {' and no '.join(lacking)}")


def _unapproved(document):
    if not document.board:
        yield Failing("plan", because="no member of an improvement board is recorded")
    if document.board_approved_on is None:
        yield Failing("plan", because="no approval by the board is recorded")


def _unheard(document):
    if not document.priorities:
        yield Failing("plan", because="it has no priorities yet")
    for priority in document.priorities:
        if not any(action.by_voice for action in priority.actions):
            yield Failing(
                "priority",
                priority.key,
                str(priority.number),
                priority.title,
                "no action is evidenced by the voice of children, families and staff",
            )


def _actions(document, lacks):
    if not document.actions:
        yield Failing("plan", because="it has no actions yet")
    for action in document.actions:
        if because := lacks(action):
            yield Failing("action", action.key, action.number, action.text, because)


POINTS = (
    ("covered", "Every recommendation is covered by an action", _uncovered),
    ("traced", "Every action serves a recommendation or a stated aim", _aimless),
    ("owned", "Every action has one named owner", _unowned),
    ("dated", "Every action has a start date and a due date", _undated),
    ("measured", "Every action has a measure with a baseline and a target", _unmeasured),
    ("evidenced", "Every action states its kind of evidence", _unevidenced),
    ("resourced", "Every action states its resources", _unresourced),
    ("partners", "Partners have actions of their own", _alone),
    ("risks", "Risks are stated, scored, mitigated and owned", _risks_lacking),
    ("board", "The improvement board has approved it", _unapproved),
    ("voice", "Every priority hears children, families and staff", _unheard),
)
