"""One intervention in words: its stage as the heading, what is awaited, then every dated row."""

from dataclasses import dataclass

from django.urls import reverse

from cases.models import Case
from cases.presenters import Status, day_words, due_words, owed_words, status
from improvement.actions.letters import REVIEWS, appointment_title, decision_title
from improvement.models import Appointment, Intervention, Precision, Strand, Trigger
from improvement.presenters.dates import since_words, when
from improvement.queries.interventions import Life
from improvement.rules.conflicts import conflicts

OPENED = {
    Intervention.Opened.JUDGEMENT: "opened from an inadequate judgement",
    Intervention.Opened.RECORD: "opened from published notices and directions",
    Intervention.Opened.HAND: "opened by hand",
}


@dataclass(frozen=True)
class Row:
    """A dated row as the page shows it: its thing, whether it holds, what is known of it, and what can be done.

    `facts`: (name, words) of each thing known; `links`: (words, hidden words, address) of what may be done to it.
    """

    pk: int
    what: str
    when: str
    status: Status
    strand: str
    facts: tuple[tuple[str, str], ...] = ()
    detail: str = ""
    letters: tuple[tuple[str, str], ...] = ()
    conflicts: tuple[str, ...] = ()
    clauses: tuple = ()
    links: tuple[tuple[str, str, str], ...] = ()

    @property
    def heading_id(self):
        """Of what names an instrument on the page, for the table of its clauses."""
        return f"instrument-{self.pk}-name"


@dataclass(frozen=True)
class Line:
    """A milestone, or a clause with its milestone, as a row of a table."""

    about: object
    status: Status
    due: str
    owed: str
    may_answer: bool = False


class InterventionPage:
    """What the page of one intervention says to one viewer, as at today; of its rows the latest first."""

    def __init__(self, life: Life, today):
        self.life, self.today = life, today
        self.case, self.council = life.case, life.case.council

    @property
    def heading(self):
        """The stage per strand, and since when."""
        strands = (self.life.stage, *self.life.stage.also)
        told = [_stage_words(each, with_strand=len(strands) > 1) for each in strands]
        return f"{self.council.name}: {'; '.join(told)}"

    @property
    def because(self):
        """The row that decided, of each strand."""
        strands = (self.life.stage, *self.life.stage.also)
        return [each.because for each in strands if each.because]

    @property
    def lede(self):
        opened = OPENED[self.life.intervention.opened_from]
        began = day_words(self.life.intervention.began_on)
        words = f"{self.case.reference}, {opened}; its first row is of {began}."
        if self.case.standing == Case.Standing.CLOSED:
            words += f" Closed on {day_words(self.case.closed_on)}."
        return words

    @property
    def is_to_confirm(self):
        return self.case.standing == Case.Standing.UNCONFIRMED

    @property
    def is_closed(self):
        return self.case.standing == Case.Standing.CLOSED

    @property
    def milestones(self):
        return [
            Line(one, status(one, self.today), due_words(one), owed_words(one), _may_answer(one))
            for one in self.life.milestones
        ]

    @property
    def next_words(self):
        """What comes next, in a sentence; "" where no date is on record."""
        to_come = [one for one in self.life.milestones if not one.closed_on and one.due_on]
        first = next((one for one in to_come if one.due_on >= self.today), None)
        return f"Next: {_small(first.label)}, {day_words(first.due_on)}." if first else ""

    @property
    def triggers(self):
        return [
            Row(
                one.pk,
                _trigger_words(one),
                day_words(one.on),
                Status("trigger", "quiet"),
                _strand(one),
                detail=one.detail,
                letters=_letters(("", one.source)),
            )
            for one in reversed(self.life.triggers)
        ]

    @property
    def instruments(self):
        return [self._instrument(one) for one in reversed(self.life.instruments)]

    def _instrument(self, one):
        name = one.get_kind_display()
        facts = []
        if one.replaces_id:
            verb = "Revises" if one.replaces.kind == one.kind else "Replaces"
            before = f"{_small(one.replaces.get_kind_display())} of {_on(one.replaces.issued_on)}"
            facts.append((verb, f"the {before}"))
        if one.expires_on:
            facts.append(
                ("States that it expires", f"{day_words(one.expires_on)}; it ends nothing by itself")
            )
        return Row(
            one.pk,
            name,
            _issued(one),
            _instrument_status(one, self.today),
            _strand(one),
            tuple(facts),
            one.detail,
            _letters((name, one.source), ("", one.end_source)),
            clauses=tuple(self._clause(clause) for clause in one.clauses.all()),
            links=self._instrument_links(one),
        )

    def _instrument_links(self, one):
        if not self.life.may_record:
            return ()
        about = f"{_small(one.get_kind_display())} of {_on(one.issued_on)}"
        links = [self._link("Record clauses", f"of the {about}", "clauses_record", one.pk)]
        links += self._correction(one, f"the {about}", "instrument_correct")
        if one.lifted_on is None:
            replace = reverse("instrument_record", args=[self.case.reference]) + f"?replaces={one.pk}"
            links += [
                ("Revise or replace", f"the {about}", replace),
                self._link("Lift", f"the {about}", "instrument_lift", one.pk),
            ]
        return tuple(links)

    def _clause(self, clause):
        milestone = clause.milestone
        shown = status(milestone, self.today) if milestone else Status("no date", "quiet")
        if clause.due_on and milestone is None:
            shown = Status("not in force", "quiet")
        due = due_words(milestone) if milestone else day_words(clause.due_on)
        return Line(clause, shown, due, owed_words(milestone) if milestone else "")

    @property
    def appointments(self):
        return [self._appointment(one) for one in reversed(self.life.appointments)]

    def _appointment(self, one):
        facts = [("Name", one.name), ("Works for", one.body), ("Terms", one.terms)]
        if one.access_from_on:
            until = f" until {day_words(one.access_until_on)}" if one.access_until_on else ""
            facts.append(("Access here", f"from {day_words(one.access_from_on)}{until}, as written down"))
        facts += _known(one)
        ended = one.until_on is not None and one.until_on <= self.today
        against = () if ended else tuple(conflicts_of(one, self.life.directors))
        return Row(
            one.pk,
            one.get_role_display(),
            _span(one.from_on, one.from_precision, one.until_on),
            Status("ended", "quiet") if ended else Status("in post", "done"),
            _strand(one),
            tuple((name, words) for name, words in facts if words),
            one.detail,
            _letters((appointment_title(one.role), one.source), ("", one.end_source)),
            conflicts=against,
            links=self._appointment_links(one),
        )

    def _appointment_links(self, one):
        if not self.life.may_record:
            return ()
        about = f"{_small(one.get_role_display())} of {_on(one.from_on)}"
        links = []
        if one.role == Appointment.Role.COMMISSIONER:
            links.append(self._link("Record a report", f"of the {about}", "report_record", one.pk))
        links += self._correction(one, f"the appointment of the {about}", "appointment_correct")
        if one.until_on is None:
            links.append(self._link("End", f"the appointment of the {about}", "appointment_end", one.pk))
        return tuple(links)

    @property
    def reports(self):
        return [self._report(one) for one in reversed(self.life.reports)]

    def _report(self, one):
        facts = (
            ("Stated due", day_words(one.stated_due_on) or "Not stated"),
            *(
                (("Awaited by", due_words(one.milestone)),)
                if one.milestone and not one.sent_on and not one.stated_due_on
                else ()
            ),
            ("Sent", day_words(one.sent_on) or "Not sent, as far as is known"),
            ("Published", day_words(one.published_on) or "Not published, as far as is known"),
            (
                "Minister’s decision",
                f"{one.decision.get_kind_display()}, {when(one.decision.on, one.decision.precision)}",
            )
            if one.decision
            else ("Minister’s decision", "Awaited"),
        )
        link = self._link(
            "Change",
            f"what is known of the report of {_on(one.appointment.from_on)}",
            "report_change",
            one.pk,
        )
        return Row(
            one.pk,
            "Commissioner’s report",
            f"appointed {day_words(one.appointment.from_on)}",
            _report_status(one),
            "",
            facts,
            one.note,
            (("Published report", one.url),) if one.url else (),
            links=(link,) if self.life.may_record else (),
        )

    @property
    def arrangements(self):
        return [self._arrangement(one) for one in reversed(self.life.arrangements)]

    def _arrangement(self, one):
        ended = one.until_on is not None and one.until_on <= self.today
        began = one.from_on or one.recorded_on
        precision = one.from_precision if one.from_on else Precision.AS_AT
        link = self._link("End", f"the arrangement with {one.body.name}", "arrangement_end", one.pk)
        return Row(
            one.pk,
            one.body.name,
            _span(began, precision, one.until_on),
            Status("ended", "quiet") if ended else Status("delivers", "done"),
            "",
            (("Kind", one.body.get_kind_display()),),
            one.note,
            ((one.source_text, ""),) if one.source_text else (),
            links=(link,) if self.life.may_record and one.until_on is None else (),
        )

    @property
    def reviews(self):
        return [self._decision(one) for one in reversed(self.life.decisions) if one.kind in REVIEWS]

    @property
    def decisions(self):
        return [self._decision(one) for one in reversed(self.life.decisions) if one.kind not in REVIEWS]

    def _decision(self, one):
        return Row(
            one.pk,
            one.get_kind_display().removeprefix("Review: ").capitalize()
            if one.kind in REVIEWS
            else one.get_kind_display(),
            when(one.on, one.precision),
            Status("recorded", "quiet"),
            _strand(one),
            ((("Reasons", one.reasons),) if one.reasons else ()) + _known(one),
            one.detail,
            _letters((decision_title(one.kind), one.source)),
            links=tuple(
                self._correction(one, f"{_small(one.get_kind_display())}, {_on(one.on)}", "decision_correct")
            ),
        )

    def _correction(self, row, about, name):
        """The link to correct a row, for whoever records; what came with the published record is corrected there."""
        if not self.life.may_record or row.partial:
            return []
        return [self._link("Correct", about, name, row.pk)]

    def _link(self, words, hidden, name, pk):
        return words, hidden, reverse(name, args=[self.case.reference, pk])


def conflicts_of(appointment, directors):
    """Return the conflicts of an appointment, as sentences, from `directors`: (name, council) of those serving."""
    return conflicts(
        name=appointment.name,
        serving_dcs_of=appointment.serving_dcs_of.name if appointment.serving_dcs_of else "",
        runs_improvement_partner=appointment.runs_improvement_partner,
        directors=directors,
    )


def _stage_words(stage, *, with_strand):
    since = since_words(stage)
    words = f"{_small(stage.label)} {since}".strip() if stage.slug != "none" else "no stage yet"
    if stage.slug != "none" and not since:
        words += ", start unknown"
    return f"{stage.strand_label}, {words}" if with_strand and stage.strand_label else words


def _trigger_words(trigger):
    if trigger.kind == Trigger.Kind.JUDGEMENT:
        framework = f" ({trigger.inspection.framework.short_name})" if trigger.inspection else ""
        return f"Inadequate overall published{framework}"
    return trigger.get_kind_display().removeprefix("A ").capitalize().replace("Jtai", "JTAI")


def _instrument_status(one, today):
    if one.lifted_on is not None and one.lifted_on <= today:
        return Status("replaced" if hasattr(one, "replaced_by") else "lifted", "quiet")
    if one.expires_on is not None and one.expires_on <= today:
        return Status("in force; its stated expiry has passed", "due")
    return Status("in force", "done")


def _report_status(one):
    if one.decision_id:
        return Status("decided on", "done")
    if one.published_on:
        return Status("published", "quiet")
    return Status("sent", "quiet") if one.sent_on else Status("awaited", "quiet")


def _issued(one):
    if one.issued_on is None:
        return f"ended {when(one.lifted_on, one.lifted_precision)}, its start unknown"
    words = f"issued {when(one.issued_on, one.issued_precision)}"
    return f"{words}, ended {when(one.lifted_on, one.lifted_precision)}" if one.lifted_on else words


def _span(began, precision, until):
    words = f"from {when(began, precision)}" if began else "start unknown"
    return f"{words} until {day_words(until)}" if until else words


def _letters(*named):
    """Return (title, address) of each source there is, "" for no address; none that says its default name alone."""
    return tuple(
        (source.title, source.url)
        for default, source in named
        if source is not None and (source.url or source.title != default)
    )


def _known(row):
    """What a row of the compiled record says of where it comes from, as facts."""
    if not row.partial:
        return ()
    return (("Known from", row.source_text or "a compiled record that is not complete"),)


def _strand(row):
    return "Strand to confirm" if row.strand == Strand.TO_CONFIRM else row.get_strand_display()


def _may_answer(milestone):
    return milestone.answerable and milestone.closed_on is None


def _on(day):
    return day_words(day) or "an unknown day"


def _small(label):
    """A label within a sentence: a small first letter, unless its first word is a name such as DfE."""
    first = label.partition(" ")[0]
    return label if any(letter.isupper() for letter in first[1:]) else label[:1].lower() + label[1:]
