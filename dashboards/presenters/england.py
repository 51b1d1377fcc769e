"""England's page: the councils by grade, and within the reader's scope who is in intervention and what is late."""

from collections import Counter
from dataclasses import dataclass

from cases.presenters import day_words
from dashboards.filters import CouncilFilters
from dashboards.presenters import councils, grades
from dashboards.presenters.maps import council_map
from dashboards.queries import NOT_GRADED, SLUGS
from improvement.rules.stages import LABELS, Stage
from look.templatetags.look import WORDS


@dataclass
class RegionRow:
    """One region: its councils by grade, and what the reader may see of their cases."""

    region: object
    councils: int
    grades: list
    in_scope: int
    in_intervention: int
    overdue: int
    overdue_of_others: int
    plan_late: int


class EnglandPage:
    """What England's page says, from the figures and the rows that they count."""

    def __init__(self, england, *, as_at, form):
        self.england, self.as_at, self.form = england, as_at, form
        self.figures, self.rows = england.figures, england.rows
        self.all_lines = [councils.line(row, on=as_at.on, show=form.shown, columns=[]) for row in self.rows]
        chosen = CouncilFilters.chosen(self.all_lines, form.filters)
        self.lines = councils.ordered(chosen, form.asked("sort") or "name")
        self.map = council_map(self.all_lines, as_at.suffix)
        self.legend = grades.legend([line.grade.letter for line in self.all_lines])

    @property
    def heading(self):
        inadequate = self.figures.grades["inadequate"]
        if self.form.shown == "lowest":
            return f"{self.figures.councils} councils, {inadequate} inadequate in at least one area"
        return f"{self.figures.councils} councils, {inadequate} inadequate overall"

    @property
    def how_counted(self):
        """Say what the grades are counted by: the framework, the reading and whose grade."""
        whose = "lowest area" if self.form.shown == "lowest" else "latest overall grade"
        return f"{self.form.framework_words}, {whose}, {self.form.reading_words}"

    @property
    def by_grade(self):
        """Return (slug, word, how many) for each grade, best first; the figures' own counts."""
        words = WORDS if self.form.shown == "overall" else {**WORDS, NOT_GRADED: "No area graded"}
        return [(slug, words[slug], self.figures.grades[slug]) for slug in SLUGS]

    @property
    def frameworks(self):
        """Return (framework, [(grade, how many)], all) for each form that a latest inspection was of."""
        found = {}
        for line in self.all_lines:
            if line.row.graded:
                framework = line.row.graded.inspection.framework
                found.setdefault(framework, Counter())[line.grade.slug] += 1
        return [
            (framework, [(slug, counts[slug]) for slug in SLUGS[:-1]], counts.total())
            for framework, counts in sorted(found.items(), key=lambda item: item[0].order)
        ]

    @property
    def grade_words(self):
        return [word for _, word, _ in self.by_grade]

    @property
    def sees_cases(self):
        return any(row.in_scope for row in self.rows)

    @property
    def scope_in_words(self):
        """Name what the reader's counts of interventions and milestones reach: England, regions, councils."""
        inside = [row for row in self.rows if row.in_scope]
        if len(inside) == len(self.rows):
            return "England"
        whole = [each.region for each in self.regions if each.in_scope == each.councils]
        loose = [row.council.name for row in inside if row.region not in whole]
        names = [region.name for region in whole] + loose
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

    @property
    def recorded(self):
        return self.figures.in_intervention is not None

    @property
    def not_recorded(self):
        """Say from when interventions and milestones are on record; before that there is no count, never 0."""
        began = [region.record_began_on for region in self.england.regions if region.record_began_on]
        return f"not recorded before {day_words(max(began))}" if began else "not recorded"

    @property
    def stages(self):
        """Return (slug, label, how many) for each stage that a council in intervention is at, and those to confirm."""
        open_at = Counter(row.stage.slug for row in self.rows if row.in_intervention)
        stages = [(str(stage), LABELS[stage], open_at[stage]) for stage in Stage if open_at[stage]]
        return [*stages, ("to-confirm", "To confirm: a notice or direction on record", self.to_confirm)]

    @property
    def to_confirm(self):
        return self.england.interventions.to_confirm if self.england.interventions else 0

    @property
    def overdue_of_others(self):
        return sum(row.overdue_of_others for row in self.rows)

    @property
    def plan_late(self):
        return sum(row.plan_late for row in self.rows)

    @property
    def regions(self):
        return [self._region(region) for region in self.england.regions]

    def _region(self, region):
        lines = [line for line in self.all_lines if line.row.region == region]
        counts = Counter(line.grade.slug for line in lines)
        return RegionRow(
            region=region,
            councils=len(lines),
            grades=[(slug, counts[slug]) for slug in SLUGS],
            in_scope=sum(line.row.in_scope for line in lines),
            in_intervention=sum(line.row.in_intervention for line in lines),
            overdue=sum(line.row.overdue for line in lines),
            overdue_of_others=sum(line.row.overdue_of_others for line in lines),
            plan_late=sum(line.row.plan_late for line in lines),
        )

    @property
    def map_label(self):
        return f"Map of {self.figures.councils} councils by {self.how_counted}; the table of councils says the same"

    @property
    def filters(self):
        return self.form.filter_fields if self.sees_cases else self.form.filter_fields[:2]

    @property
    def grade_heading(self):
        return "Lowest area" if self.form.shown == "lowest" else "Overall"

    def tables(self):
        """Return the downloads by name, each a function that gives headings and rows."""
        return {
            "councils": self._councils_table,
            "regions": self._regions_table,
            "grades": self._grades_table,
            "frameworks": self._frameworks_table,
            "stages": self._stages_table,
        }

    def _councils_table(self):
        headings = ["Council", "LA code", "Region", self.grade_heading, "Beside it", "Inspected", "Published"]
        headings += ["Framework", "Intervention", "Overdue, owed by the council", "Overdue, owed by others"]
        headings += ["Plan actions late"]
        return headings, (self._cells(line) for line in self.lines)

    def _cells(self, line):
        inspection = line.row.graded.inspection if line.row.graded else None
        return [
            line.council.name,
            line.council.la_code,
            line.row.region.name if line.row.region else "",
            line.grade.word,
            line.grade.note,
            inspection.inspected_on if inspection else None,
            inspection.published_on if inspection else None,
            inspection.framework.short_name if inspection else "",
            line.stage,
            *line.overdue_counts,
        ]

    def _regions_table(self):
        headings = ["Region", "Councils", *self.grade_words, "In your scope", "In intervention", "Overdue"]
        headings += ["Plan actions late"]
        return headings, (
            [
                row.region.name,
                row.councils,
                *(count for _, count in row.grades),
                row.in_scope,
                *self._counts(row),
            ]
            for row in self.regions
        )

    def _counts(self, row):
        if not row.in_scope:
            return [None] * 3
        told = [row.in_intervention, row.overdue, row.plan_late]
        return told if self.recorded else [councils.NOT_RECORDED] * 3

    def _grades_table(self):
        return ["Grade", "Councils"], ([word, count] for _, word, count in self.by_grade)

    def _frameworks_table(self):
        headings = ["Framework", *self.grade_words[:-1], "Councils"]
        return headings, (
            [framework.short_name, *(count for _, count in counts), total]
            for framework, counts, total in self.frameworks
        )

    def _stages_table(self):
        stages = self.stages if self.sees_cases and self.recorded else []
        return ["Stage", "Councils"], ([label, count] for _, label, count in stages)
