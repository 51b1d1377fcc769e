"""The advisers of a region's councils and cases, a row a council, asked and sent as one."""

from django import forms

from cases.actions import Reallocated, Wanted

NOBODY = "Nobody"


class RowForm(forms.Form):
    """One council: who looks after it and, where it has a case, who is on that.

    Of each it sends along who it was when the page was made.
    """

    adviser = forms.ChoiceField(required=False)
    adviser_was = forms.CharField(required=False, widget=forms.HiddenInput)
    case_adviser = forms.ChoiceField(required=False)
    case_adviser_was = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, row, problems):
        self.row = row
        self.of = {"adviser": row.council, "case_adviser": row.case}
        self.now = {"adviser": row.adviser, "case_adviser": row.case_adviser}
        self.stale = []
        prefix = f"council-{row.council.pk}"
        super().__init__(self._as_it_stands(data, prefix) if data is not None else None, prefix=prefix)
        self._ask("adviser", f"Adviser for {row.council.name}", row.may_look_after)
        if row.case is None:
            del self.fields["case_adviser"], self.fields["case_adviser_was"]
        else:
            self._ask(
                "case_adviser", f"Adviser on {row.case.reference}, {row.council.name}", row.may_be_on_case
            )
        self._say(problems)

    @property
    def parts(self):
        return [name for name in ("adviser", "case_adviser") if name in self.fields]

    @property
    def asked(self):
        """Return each part with its field and who it was when the page was made, for the page."""
        return [(self[name], self[f"{name}_was"]) for name in self.parts]

    def wanted(self):
        """Return a `Wanted` for each part that was chosen anew. Of a valid form."""
        people = {str(person.pk): person for person in self.row.may_look_after + self.row.may_be_on_case}
        return [
            Wanted(self.of[name], people.get(self.cleaned_data[name]), self.now[name])
            for name in self.parts
            if self.cleaned_data[name] != _key(self.now[name])
        ]

    def _as_it_stands(self, data, prefix):
        """Bring what was sent up to who it is now: what was left alone follows, what was chosen stays chosen.

        Sent again, a choice beside somebody's other choice is then a decision.
        """
        data = data.copy()
        for name, person in self.now.items():
            field, was, now = f"{prefix}-{name}", f"{prefix}-{name}_was", _key(person)
            chosen, read = data.get(field, ""), data.get(was, "")
            if read != now:
                data[was] = now
                if chosen == read:
                    data[field] = now
                elif chosen != now:
                    self.stale.append(name)
        return data

    def _ask(self, name, label, people):
        field, now = self.fields[name], self.now[name]
        choices = [("", NOBODY), *((str(person.pk), str(person)) for person in people)]
        if now is not None and now not in people:
            choices.append((_key(now), f"{now} (advises here no more)"))
        field.choices, field.label = choices, label
        field.error_messages["invalid_choice"] = f"Select an adviser from the list: {label}"
        field.initial = self.fields[f"{name}_was"].initial = _key(now)

    def _say(self, problems):
        """Put beside its field what somebody else has changed, and what the action refused."""
        for name in self.stale:
            now = self.now[name] or NOBODY
            self.add_error(
                name,
                f"Changed by somebody else while you were choosing: {self.fields[name].label}. "
                f"It is {now if self.now[name] else NOBODY.lower()} now. Save again to replace that with your choice",
            )
        for name in self.parts if self.is_bound else ():
            problem = problems.get(self.of[name])
            if problem is not None and not isinstance(problem, Reallocated):
                self.add_error(name, f"{problem.message}: {self.fields[name].label}")


class AllocationForm:
    """All councils of a region, a `RowForm` each. Drawn like a form: it has errors, and fields by iteration.

    `problems` is what the action found (`NotAllocated`). What somebody else changed meanwhile makes it stale.
    """

    def __init__(self, rows, data=None, problems=None):
        self.rows = [RowForm(data, row=row, problems=problems or {}) for row in rows]
        self.non_field_errors = []
        if data is not None and not any(name.endswith("_was") for name in data):
            self.non_field_errors.append("Select an adviser, or go back")

    def __iter__(self):
        return (field for row in self.rows for field in row.visible_fields())

    @property
    def is_stale(self):
        return any(row.stale for row in self.rows)

    @property
    def errors(self):
        return self.non_field_errors + [row.errors for row in self.rows if row.errors]

    def is_valid(self):
        return not self.errors

    def wanted(self):
        return [each for row in self.rows for each in row.wanted()]


def _key(person):
    return str(person.pk) if person else ""
