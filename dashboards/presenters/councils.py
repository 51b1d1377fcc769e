"""One line a council, as the region's table, England's table and their downloads show it."""

from dataclasses import dataclass
from datetime import date

from dashboards.presenters import grades
from dashboards.presenters.milestones import Tag, tag
from dashboards.queries import NOT_INSPECTED, SLUGS
from dashboards.rules import Standing, standing
from improvement.presenters.dates import since_words
from improvement.rules.stages import Stage

NOT_RECORDED = "not recorded"
NEXT_INSPECTION = "next-inspection"


@dataclass
class Line:
    """A council's row, in words."""

    row: object
    grade: grades.GradeShown
    squares: list
    inspected_on: date | None
    ago: str
    window: str
    window_note: str
    window_on: date | None
    stage: str
    stage_note: str
    next: object
    next_tag: Tag | None

    @property
    def council(self):
        return self.row.council

    @property
    def overdue(self):
        return self.row.overdue

    @property
    def counted(self):
        """Whether what is overdue is known to the reader: the council lies in scope and its record had begun."""
        return self.row.in_scope and self.row.stage is not None

    @property
    def overdue_counts(self):
        """Return what is overdue for a download: owed by the council, by others, and actions of plans; out of scope
        nothing."""
        if self.counted:
            return [self.row.overdue, self.row.overdue_of_others, self.row.plan_late]
        return [NOT_RECORDED if self.row.in_scope else None] * 3


def line(row, *, on, show, columns):
    """Return the `Line` of a `CouncilAsAt`."""
    inspection = row.graded.inspection if row.graded else None
    window, window_note, window_on = _window(row, on)
    stage, stage_note = stage_in_words(row, on)
    following = next_milestone(row, on)
    return Line(
        row=row,
        grade=grades.shown(row.graded, show),
        squares=grades.squares(row, columns),
        inspected_on=inspection.begun_on if inspection else None,
        ago=ago(inspection.begun_on, on) if inspection else "",
        window=window,
        window_note=window_note,
        window_on=window_on,
        stage=stage,
        stage_note=stage_note,
        next=following,
        next_tag=tag(following, on) if following else None,
    )


def ago(then, on):
    """Return how long before `on` the day `then` was: "4 years 1 month ago", "9 months ago", "12 days ago"."""
    months = (on.year - then.year) * 12 + on.month - then.month - (on.day < then.day)
    if months < 1:
        return _count((on - then).days, "day") + " ago"
    years, months = divmod(months, 12)
    parts = [_count(number, unit) for number, unit in ((years, "year"), (months, "month")) if number]
    return " ".join(parts) + " ago"


def _count(number, unit):
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _window(row, on):
    """Return the window of the next inspection, what to add, and the day to sort by."""
    if row.graded is None:
        began = row.council.from_on
        return (f"New council, {began:%b %Y}", "", None) if began else ("", "", None)
    if row.slug("overall") == "inadequate":
        return "Monitoring visits first", "", None
    expected = next((each for each in row.milestones if _is_next_inspection(each)), None)
    if expected is None or expected.due_then is None or expected.opens_on is None:
        return "", "", None
    passed = standing(expected, on) is Standing.WINDOW_PASSED
    return (
        f"{expected.opens_on:%b %Y} – {expected.due_then:%b %Y}",
        "window passed" if passed else "",
        expected.due_then,
    )


def _is_next_inspection(milestone):
    return milestone.rule is not None and milestone.rule.slug.startswith(NEXT_INSPECTION)


def stage_in_words(row, on):
    """Return the intervention stage and what to add; nothing where there is none or it is not to be seen."""
    if not row.in_scope:
        return "", row.awaits
    if row.stage is None:
        return NOT_RECORDED, row.awaits
    stage = row.stage
    if stage.standing == "to-confirm":
        return "To confirm", "notice or direction on record"
    if stage.standing == "open":
        return stage.label, row.awaits or since_words(stage)
    if stage.standing == "closed":
        return stage.label if stage.slug in {Stage.ENDED, Stage.SUPPORT_AFTER} else "Ended", row.awaits
    return ("", "") if not row.awaits else (row.awaits, "")


def next_milestone(row, on):
    """Return the first milestone due on `on` or later that is not the next inspection's own window."""
    return next(
        (
            each
            for each in row.milestones
            if each.due_then
            and each.due_then >= on
            and not each.paused_then
            and not _is_next_inspection(each)
        ),
        None,
    )


FAR = date.max
# By what each column sorts; None and what is unknown stand last either way round where it matters least.
SORTS = {
    "name": lambda each: each.council.name,
    "region": lambda each: each.row.region.order if each.row.region else 99,
    "grade": lambda each: (SLUGS.index(each.grade.slug), each.council.name),
    "inspected": lambda each: (each.inspected_on or date.min, each.council.name),
    "window": lambda each: (each.window_on or FAR, each.council.name),
    "stage": lambda each: (not each.row.in_intervention, each.stage or "~", each.council.name),
    "next": lambda each: (each.next.due_then if each.next else FAR, each.council.name),
    "overdue": lambda each: (each.overdue, each.row.overdue_of_others, each.row.plan_late),
}


def ordered(lines, sort):
    """Return the lines by a column, "-" before it for the other way round; unasked, the most pressing first."""
    key = SORTS.get(sort.lstrip("-"))
    if key is None:
        return sorted(lines, key=_pressing)
    return sorted(lines, key=key, reverse=sort.startswith("-"))


def _pressing(each):
    worst_first = {"inadequate": 0, "not-graded": 1, "requires-improvement": 2, NOT_INSPECTED: 3}
    return (
        -each.overdue,
        -each.row.overdue_of_others,
        -each.row.plan_late,
        not each.row.in_intervention,
        not each.row.awaits,
        worst_first.get(each.grade.slug, 4 if each.grade.slug == "good" else 5),
        each.council.name,
    )
