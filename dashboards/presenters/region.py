"""The region's page: its heading is the answer, then what to do, then one row a council."""

from collections import Counter
from functools import cached_property

from accounts.permissions import ABILITIES, Ability
from cases.presenters import day_words
from dashboards import queries
from dashboards.filters import CouncilFilters
from dashboards.presenters import councils, grades, milestones
from dashboards.presenters.maps import council_map
from dashboards.rules import Standing, standing
from improvement.queries.succession import ended_this_year
from look.templatetags.look import WORDS

PRESSING = (Standing.OVERDUE, Standing.DUE_SOON, Standing.OFFER_DUE)


class RegionPage:
    """What the region's page says, from its councils as at a day."""

    def __init__(self, region, rows, *, as_at, form, viewer):
        self.region, self.as_at, self.form, self.viewer = region, as_at, form, viewer
        self.rows = rows
        self.columns = grades.area_columns(rows)
        self.all_lines = [
            councils.line(row, on=as_at.on, show=form.shown, columns=self.columns) for row in rows
        ]
        if self.sees_advisers:
            form.offer_advisers(_advisers(rows), reader_pk=viewer.person_id)
        chosen = [
            line
            for line in CouncilFilters.chosen(self.all_lines, form.filters)
            if not self.sees_advisers or self._looked_after(line.row.adviser)
        ]
        self.lines = councils.ordered(chosen, form.asked("sort"))
        self.map = council_map(self.all_lines, as_at.suffix)
        self.legend = grades.legend([line.grade.letter for line in self.all_lines] + ["·"])

    @cached_property
    def sees_advisers(self):
        """Whether the reader is of the LGA, which alone sees who looks after which council."""
        return self.viewer.may(Ability.SEE_LGA_ONLY) and any(row.in_scope for row in self.rows)

    @property
    def may_allocate(self):
        """Whether the reader leads this region; the page of allocation itself asks of each council."""
        return self.as_at.is_today and any(
            Ability.ALLOCATE in ABILITIES[grant.role] and grant.region_id == self.region.pk
            for grant in self.viewer.grants
        )

    @property
    def without_adviser(self):
        return sum(row.adviser is None for row in self.rows)

    def _looked_after(self, adviser):
        """Say whether a council of that adviser (None: nobody) is among those asked for."""
        asked = self.form.asked("adviser")
        if not asked:
            return True
        if asked == self.form.NOBODY:
            return adviser is None
        wanted = self.viewer.person_id if asked == self.form.MINE else int(asked)
        return adviser is not None and adviser.pk == wanted

    @cached_property
    def recorded(self):
        return queries.began_by(self.region, self.as_at.on)

    @cached_property
    def in_scope(self):
        return [row for row in self.rows if row.in_scope]

    @cached_property
    def sees_all(self):
        return bool(self.rows) and len(self.in_scope) == len(self.rows)

    @property
    def heading(self):
        """The answer: how many councils, how many in intervention where the reader may know it of all of them."""
        councils_here = _count(len(self.rows), "council")
        gone = f"; {_listed([each.name for each in self.ended])} ended" if self.ended else ""
        if self.sees_all and self.recorded:
            return f"{councils_here}, {self.in_intervention} in intervention{gone}"
        by_grade = Counter(line.grade.slug for line in self.all_lines)
        in_an_area = " in an area" if self.form.shown == "lowest" else ""
        return f"{councils_here}, {by_grade['inadequate']} inadequate{in_an_area}{gone}"

    @cached_property
    def ended(self):
        """The councils of the region that ended this year, of which the heading tells."""
        return ended_this_year(self.region, self.as_at.on)

    @property
    def ended_in_words(self):
        """Say of each when it ended and who took over."""
        return [
            f"{each.name} ended on {day_words(each.until_on)}: "
            f"{_listed(sorted(one.successor.name for one in each.successions.all()))} took over."
            for each in self.ended
        ]

    @property
    def in_intervention(self):
        return sum(row.in_intervention for row in self.rows)

    @cached_property
    def to_confirm(self):
        return sum(row.stage is not None and row.stage.standing == "to-confirm" for row in self.rows)

    @cached_property
    def dates_to_confirm(self):
        """How many dates from before the record began the reader may answer for here."""
        return sum(row.to_confirm for row in self.rows)

    @cached_property
    def overdue(self):
        return sum(row.overdue for row in self.rows)

    @cached_property
    def plan_late(self):
        """How many actions of plans are late: counted apart. Rule: section 3, overdue."""
        return sum(row.plan_late for row in self.rows)

    @cached_property
    def overdue_of_others(self):
        """Return (count, who owes it) of what is overdue and owed by others than the council."""
        owed = Counter(
            each.owes
            for row in self.rows
            for each in row.milestones
            if each.owes != "council" and standing(each, self.as_at.on) is Standing.OVERDUE
        )
        return [(count, milestones.OWED_BY[owes]) for owes, count in owed.items()]

    @cached_property
    def due_soon(self):
        return sum(
            standing(each, self.as_at.on) is Standing.DUE_SOON for row in self.rows for each in row.milestones
        )

    @cached_property
    def soon_days(self):
        return next((each.soon_days for row in self.rows for each in row.milestones), None)

    @cached_property
    def awaited(self):
        return sum(bool(row.awaits) for row in self.rows)

    @cached_property
    def needs(self):
        """What is overdue, what awaits a decision and what falls due soon, the most urgent first."""
        on = self.as_at.on
        pressing = [
            (
                PRESSING.index(stands),
                each.due_then,
                each.pk,
                milestones.need(each, on, reader_pk=self.viewer.person_id),
            )
            for row in self.rows
            for each in row.milestones
            if (stands := standing(each, on)) in PRESSING
        ]
        pressing.sort(key=lambda one: one[:3])
        late = [need for place, *_, need in pressing if PRESSING[place] is Standing.OVERDUE]
        awaited = [decision_awaited(line) for line in self.all_lines if line.row.awaits]
        return (
            late + awaited + [need for place, *_, need in pressing if PRESSING[place] is not Standing.OVERDUE]
        )

    @property
    def where(self):
        return self.region.name if self.region.demonstration is False else f"{self.region.name} region"

    @property
    def needs_heading(self):
        return "Needs you this week" if self.may_answer else "Late or due soon"

    @property
    def may_answer(self):
        return any(each.answerable for row in self.rows for each in row.milestones)

    @property
    def nothing(self):
        days = f" in the next {self.soon_days} days" if self.soon_days else ""
        return f"Nothing is overdue and nothing falls due{days}."

    @property
    def not_recorded(self):
        """Say why there is no count for a day before the record began; never 0."""
        began = self.region.record_began_on
        return f"not recorded before {day_words(began)}" if began else "not recorded"

    @property
    def scope_in_words(self):
        return _listed([row.council.name for row in self.in_scope])

    @property
    def by_grade(self):
        """Return (slug, word, how many) for each grade that a council here has, best first."""
        counts = Counter(line.grade.slug for line in self.all_lines)
        return [(slug, WORDS[slug].lower(), counts[slug]) for slug in queries.SLUGS if counts[slug]]

    @property
    def grade_heading(self):
        return "Lowest area" if self.form.shown == "lowest" else "Overall"

    @property
    def map_label(self):
        by = self.grade_heading.lower()
        return f"Map of the councils of {self.region.name} by {by}; the table of councils says the same"

    @property
    def filters(self):
        """The filters that the reader has something to choose in."""
        fields = self.form.filter_fields if self.in_scope else self.form.filter_fields[:2]
        return [*fields, self.form["adviser"]] if self.sees_advisers else fields

    def table(self):
        """Return the headings and rows of the download."""
        headings = [
            "Council",
            "LA code",
            "Grade" if self.form.shown == "overall" else "Lowest area",
            "Beside it",
            *(name for _, name in self.columns),
            "Inspected",
            "Published",
            "Framework",
            "Next inspection",
            "Intervention",
            "Next milestone",
            "Next due",
            "Overdue, owed by the council",
            "Overdue, owed by others",
            "Plan actions late",
            *(["Adviser"] if self.sees_advisers else []),
        ]
        return headings, (self._cells(line) for line in self.lines)

    def _cells(self, line):
        inspection = line.row.graded.inspection if line.row.graded else None
        return [
            line.council.name,
            line.council.la_code,
            line.grade.word,
            line.grade.note,
            *(square.word for square in line.squares),
            inspection.inspected_on if inspection else None,
            inspection.published_on if inspection else None,
            inspection.framework.short_name if inspection else "",
            " ".join(filter(None, [line.window, line.window_note])),
            " ".join(filter(None, [line.stage, line.stage_note])),
            line.next.label if line.next else "",
            line.next.due_then if line.next else None,
            *line.overdue_counts,
            *([line.row.adviser.name if line.row.adviser else ""] if self.sees_advisers else []),
        ]


def _advisers(rows):
    """Return the people who look after any of the councils, by name."""
    people = {row.adviser.pk: row.adviser for row in rows if row.adviser}
    return sorted(people.values(), key=lambda each: (each.name, each.pk))


def decision_awaited(line):
    """Return the `Need` of a council for which the DfE's decision is awaited, with what it rests on."""
    why = f"{line.row.awaits[:1].upper()}{line.row.awaits[1:]}."
    if line.row.graded and line.row.slug("overall") == queries.NOT_GRADED and line.row.graded.lowest:
        begun = line.row.graded.inspection.begun_on
        areas = ", ".join(judgement.area.short_name for judgement in line.row.graded.lowest)
        lowest = WORDS[line.row.slug("lowest")].lower()
        why = f"{areas}: {lowest}, inspected {day_words(begun)}. This framework gives no overall grade."
    return milestones.decision_awaited(line.council, why)


def _listed(names):
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _count(number, word):
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
