"""The scope and lines of enquiry of a review in one form: add, reword, reorder, remove; without a script."""

from django import forms

from peer_reviews.actions.scope import MOST_LINES, Line
from peer_reviews.forms.offers import NO_CHILD, RevisionForm

SPARE = 2
LAST = 99


class ScopeForm(RevisionForm):
    """The scope, and a row for each line with some to spare: `rows` says how many. Cleans `lines` in their order."""

    scope = forms.CharField(
        label="Scope",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"What the review looks at, and what it doesn’t. {NO_CHILD}",
        error_messages={"required": "Enter the scope"},
    )
    rows = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=40)

    def __init__(self, data=None, *, review, lines, typed=None):
        super().__init__(data, review=review)
        said = data if data is not None else typed
        count = _number(said.get("rows")) if said is not None else len(lines) + SPARE
        for row in range(min(count, MOST_LINES + SPARE)):
            self._add_row(row)
        self.initial = {"scope": review.scope, "rows": count, "revision": review.revision}
        for row, line in enumerate(lines):
            self.initial |= {
                f"line-{row}-pk": line.pk,
                f"line-{row}-place": row + 1,
                f"line-{row}-title": line.title,
                f"line-{row}-question": line.question,
            }
        if typed is not None:
            self.initial = {name: typed.get(name) for name in self.fields} | {"rows": count}
        self.count = min(count, MOST_LINES + SPARE)

    def _add_row(self, row):
        number = row + 1
        place = forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-2"})
        self.fields |= {
            f"line-{row}-pk": forms.IntegerField(required=False, widget=forms.HiddenInput),
            f"line-{row}-place": _said(
                forms.IntegerField(
                    label="Place",
                    required=False,
                    min_value=1,
                    max_value=LAST,
                    widget=place,
                    error_messages={"invalid": f"The place of line {number} must be a number"},
                )
            ),
            f"line-{row}-title": _said(
                forms.CharField(
                    label="Line of enquiry",
                    required=False,
                    max_length=120,
                    error_messages={"max_length": f"Line {number} must be 120 characters or fewer"},
                )
            ),
            f"line-{row}-question": _said(
                forms.CharField(
                    label="What it asks",
                    required=False,
                    max_length=1000,
                    widget=forms.Textarea(attrs={"rows": 2}),
                )
            ),
            f"line-{row}-remove": forms.BooleanField(label="Remove it", required=False),
        }

    def row_fields(self):
        """Return, of each row, its number from 1 and its fields by name."""
        names = ("pk", "place", "title", "question", "remove")
        return [
            {"number": row + 1, **{name: self[f"line-{row}-{name}"] for name in names}}
            for row in range(self.count)
        ]

    def clean(self):
        asked = super().clean()
        lines = []
        for row in range(self.count):
            pk, place, title, question, remove = (
                asked.get(f"line-{row}-{name}") for name in ("pk", "place", "title", "question", "remove")
            )
            if remove or not (pk or title or question):
                continue
            if not title and f"line-{row}-title" not in self.errors:
                self.add_error(f"line-{row}-title", f"Enter line {row + 1} in words, or remove it")
            lines.append((place or LAST, row, Line(title or "", question or "", pk)))
        asked["lines"] = [line for _, _, line in sorted(lines, key=lambda each: each[:2])]
        return asked


def _said(field):
    field.optional_is_said = True
    return field


def _number(said):
    return int(said) if str(said or "").isdecimal() and len(str(said)) < 4 else 0
