"""A spreadsheet before and after it is loaded, in words."""

from improvement.actions.sheets import ADDED, CHANGED, SAME

MOST_PROBLEMS = 100
MOST_LINES = 400
TAGS = {ADDED: ("Added", "done"), CHANGED: ("Changed", "due")}


class SheetPage:
    """A `Preview` as its page shows it, with the reader's `notes`."""

    def __init__(self, preview, notes):
        self.notes = notes
        self.problems = preview.problems[:MOST_PROBLEMS]
        self.more_problems = max(0, len(preview.problems) - MOST_PROBLEMS)
        self._preview = preview
        self.added, self.changed = preview.count(ADDED), preview.count(CHANGED)
        self.same = preview.count(SAME)
        self.does_something = bool(self.added or self.changed)
        shown = [line for line in preview.lines if line.outcome != SAME]
        self.lines = [(line, *TAGS[line.outcome]) for line in shown[:MOST_LINES]]
        self.more_lines = max(0, len(shown) - MOST_LINES)
        self.has_sheets = any(line.sheet for line in preview.lines)

    @property
    def heading(self):
        if self._preview.problems:
            number = len(self._preview.problems)
            return f"{number} thing{'' if number == 1 else 's'} to put right before it can be loaded"
        if not self.does_something:
            return "The draft says all of this already"
        return f"It would add {_rows(self.added)} and change {_rows(self.changed)}"

    @property
    def done(self):
        if not self.does_something:
            return "Nothing was changed: the draft says all of this already."
        return f"The spreadsheet was loaded: {_rows(self.added)} added, {_rows(self.changed)} changed."


def _rows(number):
    return f"{number} row{'' if number == 1 else 's'}"
