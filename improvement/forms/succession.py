"""Forms about a council that ends: what becomes of each thing it leaves, and who may read beforehand."""

from django import forms

from cases.refusals import Refused
from improvement.actions.abolition import NOTE_AT_MOST, TO_SUCCESSORS, Decided
from improvement.models import Succeeding
from look.forms import DateField

KINDS = {
    "case": "interventions",
    "recommendation": "recommendations",
    "action": "plan actions",
    "milestone": "milestones",
}
LEAVE = ("", "Leave for now")
STALE = "Somebody else decided this while you were writing; check it and save again"


class FateForm(forms.Form):
    """What becomes of one thing; with nothing chosen it is left. Its errors name the thing."""

    fate = forms.ChoiceField(
        label="What becomes of it", choices=[LEAVE, *Succeeding.Fate.choices], required=False
    )
    successors = forms.MultipleChoiceField(label="To", widget=forms.CheckboxSelectMultiple, required=False)
    note = forms.CharField(label="Note, if any", max_length=NOTE_AT_MOST, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, left, successors, **kwargs):
        self.left = left
        super().__init__(*args, **kwargs)
        self.successors = {str(one.pk): one for one in successors}
        self.fields["successors"].choices = [(key, one.name) for key, one in self.successors.items()]
        self.fields["seen"].initial = str(left.revision)
        # Sending it again after it was told to be stale is a decision about what is decided now.
        self.sent_seen = self.data.get(self.add_prefix("seen")) if self.is_bound else None

    @property
    def is_answered(self):
        return self.is_bound and bool(self["fate"].data or self["successors"].data)

    @property
    def is_stale(self):
        return self.is_answered and self.sent_seen != str(self.left.revision)

    @property
    def may_change(self):
        return not self.left.is_done

    @property
    def now(self):
        """What was decided of it last, in words."""
        return fate_words(self.left.decided)

    def clean(self):
        given = super().clean()
        if self.is_stale:
            self.add_error("fate", STALE)
        elif given.get("successors") and not given.get("fate"):
            self.add_error("fate", "Choose whether it is passed on or copied")
        elif given.get("fate") in TO_SUCCESSORS and not given.get("successors"):
            self.add_error("successors", "Choose to which successor")
        return given

    def add_error(self, field, error):
        messages = error.messages if isinstance(error, forms.ValidationError) else [error]
        named = self.left.title if len(self.left.title) < 60 else f"{self.left.title[:57]}…"
        for message in messages:
            super().add_error(field, f"{message}: {named}")

    def decided(self):
        given = self.cleaned_data
        return Decided(
            self.left.key,
            given["fate"],
            tuple(self.successors[key] for key in given["successors"]),
            given["note"],
            self.left.decided.pk if self.left.decided else None,
        )


class SameForm(forms.Form):
    """One choice for all things of a kind that nobody has decided of, and for which the page chooses nothing else."""

    fate = forms.ChoiceField(
        label="The same for all still to decide",
        choices=[("", "Choose one by one"), *Succeeding.Fate.choices],
        required=False,
    )
    successors = forms.MultipleChoiceField(label="To", widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args, words, successors, **kwargs):
        self.words = words
        super().__init__(*args, **kwargs)
        self.fields["successors"].choices = [(str(one.pk), one.name) for one in successors]

    @property
    def is_answered(self):
        return self.is_bound and bool(self["fate"].data)

    def clean(self):
        given = super().clean()
        if given.get("successors") and not given.get("fate"):
            self.add_error("fate", f"Choose whether all {self.words} are passed on or copied")
        if given.get("fate") in TO_SUCCESSORS and not given.get("successors"):
            self.add_error("successors", f"Choose to which successor: all {self.words} still to decide")
        return given


class FatesForm:
    """All that a council leaves, a `FateForm` a row, asked and sent as one, in whole or in part.

    Drawn like a form: it has errors, and fields by iteration. A row is read as sent where its key was sent.
    """

    def __init__(self, legacy, data=None):
        sent = set(data.getlist("thing")) if data is not None else set()
        self.rows = [
            FateForm(
                data if left.key in sent else None,
                prefix=left.key,
                left=left,
                successors=legacy.successors,
            )
            for left in legacy.left
        ]
        self.same = {
            kind: SameForm(data, prefix=f"all-{kind}", words=words, successors=legacy.successors)
            for kind, words in KINDS.items()
            if sum(row.left.kind == kind and row.left.decided is None for row in self.rows) > 1
        }
        self.is_stale = any(row.is_stale for row in self.rows)
        self.non_field_errors = []
        if data is not None:
            known = {row.left.key for row in self.rows}
            if sent - known:
                self.non_field_errors.append("Something that you decided is not left by the council any more")
            if not any(row.is_answered for row in [*self.rows, *self.same.values()]):
                self.non_field_errors.append("Decide of at least one thing, or go back")
        for row in self.rows:
            if row.is_stale:
                row.is_valid()
                # What is sent again is about what is decided now.
                row.data = row.data.copy()
                row.data[row.add_prefix("seen")] = str(row.left.revision)

    def __iter__(self):
        return (field for form in [*self.same.values(), *self.rows] for field in form.visible_fields())

    @property
    def errors(self):
        wrong = [row.errors for row in self.rows if row.is_answered and row.errors]
        return self.non_field_errors + wrong + [each.errors for each in self.same.values() if each.errors]

    def is_valid(self):
        return not self.errors

    def decisions(self):
        """Return each choice made, those made for all of a kind among them."""
        one_by_one = [row.decided() for row in self.rows if row.is_answered]
        return one_by_one + [
            Decided(
                row.left.key,
                same["fate"],
                tuple(row.successors[key] for key in same["successors"]),
            )
            for row in self.rows
            if not row.is_answered and row.left.decided is None and (same := self._same_for(row))
        ]

    def _same_for(self, row):
        """What was chosen for all of the row's kind, where the page that was sent had shown the row."""
        form = self.same.get(row.left.kind)
        return form.cleaned_data if form is not None and form.is_answered and row.is_bound else None

    def add_refusals(self, problems):
        for row in self.rows:
            problem = problems.get(row.left.key)
            if isinstance(problem, Refused):
                row.add_error(problem.field or "fate", problem.message)
            elif problem is not None:
                row.add_error("fate", STALE)


def fate_words(decided):
    """Say what was decided of a thing: "Passed to a successor: Cumberland (3 March 2023)"."""
    if decided is None:
        return "To decide"
    to = " and ".join(each.name for each in decided.successors.all())
    note = f". {decided.note}" if decided.note else ""
    done = "" if decided.applied_on or decided.fate == Succeeding.Fate.AWAITING else ", to be done"
    return f"{decided.get_fate_display()}{f': {to}' if to else ''} (decided {decided.decided_on:%-d %B %Y}{done}){note}"


class AdmitForm(forms.Form):
    """Who of a successor may read from when until when."""

    person = forms.ModelChoiceField(
        label="Who",
        queryset=None,
        empty_label="Choose a person",
        help_text="People who hold a role at a successor. Somebody who does not is added by an administrator.",
    )
    from_on = DateField(label="From", help_text="Their first day.")
    until_on = DateField(
        label="Until", help_text="The first day they no longer read; at the latest the council’s end."
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


class EndAccessForm(forms.Form):
    until_on = DateField(label="Their access ends on", help_text="The first day they no longer read.")
