"""Words for imports: where one stands, what it did or would do, and what became of each row."""

from datetime import timedelta

from cases.presenters import DONE, DUE, OVERDUE, QUIET, count_of, day_words
from inspections.models import ImportRun

State = ImportRun.State

# A minute for the schedule to notice, and one for a long step.
SILENT_FOR = timedelta(minutes=3)

TAGS = {State.PREVIEWED: DUE, State.DONE: DONE, State.REFUSED: OVERDUE}
OUTCOMES = {
    "added": "Added",
    "changed": "Changed",
    "left": "Left as it was",
    "not stored": "Not stored",
    "not read": "Not read",
    "skipped": "Skipped",
}


def result_words(run):
    """Say what a run came to in a few words; "" while that is not known."""
    if run.state == State.DONE:
        return _changes(run)
    if run.state == State.PREVIEWED:
        return f"would be: {_changes(run)}"
    return ""


def _changes(run):
    numbers = ((run.added, "added"), (run.changed, "changed"), (run.removed, "removed"))
    return ", ".join(f"{number} {words}" for number, words in numbers if number) or "nothing changed"


class RunLine:
    """One run among all."""

    def __init__(self, run):
        self.run = run
        self.tag = TAGS.get(run.state, QUIET)
        self.words = run.get_state_display()
        self.result = result_words(run)
        self.by = run.by or "Upstream"


class ImportsPage:
    """All runs, and what waits for somebody."""

    def __init__(self, runs, waiting):
        self.runs = runs
        self.lines = [RunLine(run) for run in runs]
        self.waiting = waiting

    @property
    def heading(self):
        if self.waiting:
            return (
                f"{count_of(self.waiting, 'file')} {'waits' if self.waiting == 1 else 'wait'} to be confirmed"
            )
        return "Import published outcomes"


class RunPage:
    """One run, by its state. `now` is the moment it is looked at; `known_since` the day it was in the record."""

    def __init__(self, run, counts, lines, *, outcome, now, known_since=None):
        self.run, self.counts, self.lines, self.outcome = run, counts, lines, outcome
        self.known_since = day_words(known_since)
        self.by = run.by or "Upstream"
        self.released = day_words(run.released_on)
        self.is_working = run.state in ImportRun.WAITING
        self.is_preview = run.state == State.PREVIEWED
        self.is_done = run.state == State.DONE
        self.is_refused = run.state == State.REFUSED
        self.may_be_cancelled = run.state in (State.UPLOADED, State.PREVIEWED)
        self.is_silent = self.is_working and (run.alive_at or run.made_at) < now - SILENT_FOR

    @property
    def heading(self):
        return {
            State.UPLOADED: "Reading the file",
            State.PREVIEWED: self._would_do,
            State.DONE: self._did,
            State.REFUSED: "The file was not imported",
            State.CANCELLED: "The file was left alone",
        }.get(self.run.state, "Importing the file")

    @property
    def _would_do(self):
        if not self._changes_anything:
            return "It would change nothing"
        return f"It would {self._deeds('add', 'change', 'remove')}"

    @property
    def _did(self):
        if not self._changes_anything:
            return "Imported, and nothing changed"
        return f"Imported: {self._deeds('added', 'changed', 'removed')}"

    @property
    def _changes_anything(self):
        return self.run.added or self.run.changed or self.run.removed

    def _deeds(self, *verbs):
        numbers = zip(verbs, (self.run.added, self.run.changed, self.run.removed), strict=True)
        deeds = [(verb, number) for verb, number in numbers if number]
        first, *rest = [f"{verb} {number}" for verb, number in deeds]
        verb, number = deeds[0]
        first = f"{verb} {count_of(number, 'inspection')}"
        return " and ".join(filter(None, [", ".join([first, *rest[:-1]]), *rest[-1:]]))

    @property
    def progress(self):
        """The words for how far it is, and the part done of the whole; None where that is not known."""
        run = self.run
        if run.state == State.READING:
            return (
                f"{run.rows_kept} of {count_of(run.rows_in_all, 'row')} kept",
                run.rows_kept,
                run.rows_in_all,
            )
        words = {
            State.UPLOADED: "Its rows are read, and what they would change is worked out.",
            State.CONFIRMED: "It waits for its turn.",
            State.REBUILDING: f"All {run.rows_in_all} rows are kept. Inspections and cases are brought in line.",
        }
        return words.get(run.state, ""), None, None

    @property
    def consequences(self):
        """What followed for whom; a case that has not been opened has no reference yet."""
        return [
            {**one, "reference": one["reference"] if self.is_done else ""} for one in self.run.consequences
        ]

    @property
    def numbers(self):
        """How many inspections came out how, with the outcome of the rows that tell of them; "" for none."""
        run = self.run
        numbers = (
            ("added", run.added, "added"),
            ("changed", run.changed, "changed"),
            ("removed: one with another", run.removed, ""),
            ("as they were", run.left, "left"),
        )
        return [(words, number, slug if slug in self.counts else "") for words, number, slug in numbers]

    @property
    def fate(self):
        """The heading over what became, or would become, of a row."""
        return "What became of it" if self.is_done else "What would become of it"

    @property
    def outcomes(self):
        """The filter: each outcome with its words and how many rows had it; first all of them."""
        found = [(slug, words, self.counts[slug]) for slug, words in OUTCOMES.items() if slug in self.counts]
        return [("", "All", sum(self.counts.values())), *found]

    @property
    def rows(self):
        return [(line, OUTCOMES[line.outcome]) for line in self.lines]


def table(lines):
    """Return the headings and rows of the download."""
    headings = ["Sheet", "Row", "What became of it", "What it tells"]
    return headings, ([line.sheet, line.row, OUTCOMES[line.outcome], line.message] for line in lines)
