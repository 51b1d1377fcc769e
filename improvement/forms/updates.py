"""The forms of an update: one page holds several, and is saved and shown again as one."""

from dataclasses import asdict
from itertools import chain

from django import forms

from improvement.models import Delivery, Impact
from improvement.rules.plans import digest
from improvement.rules.updates import ActionAnswer
from look.forms import DateField

NOTHING_ABOUT_A_CHILD = "Nothing about a child or a family: refer to cases by their reference only."


class Written(forms.CharField):
    """What somebody writes, kept with its lines, however the browser ends them."""

    def __init__(self, label, length, *, rows=3, **options):
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(label=label, max_length=length, required=False, widget=widget, **options)
        self.optional_is_said = True

    def clean(self, value):
        return super().clean((value or "").replace("\r\n", "\n"))


class AnswerForm(forms.Form):
    """One answer of a page. `was` is the digest of the answer as it was shown: who typed nothing changes nothing."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    was = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, about, shown, revision, **options):
        self.about = about
        values = {**shown, "revision": revision, "was": digest_of(shown)}
        super().__init__(data, initial=values, **options)
        for field in self.fields.values():
            field.optional_is_said = True

    @property
    def answer(self):
        """Return what was typed, without what the form itself needs."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("revision", "was")}

    @property
    def is_touched(self):
        return digest_of(self.answer) != self.cleaned_data["was"]


def digest_of(answer):
    return digest({name: "" if value is None else str(value).strip() for name, value in answer.items()})


class PriorityForm(AnswerForm):
    delivery = forms.ChoiceField(
        label="How the priority stands as a whole",
        choices=Delivery.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    text = Written("What the board should know", 4000, help_text=NOTHING_ABOUT_A_CHILD)


class ActionForm(AnswerForm):
    delivery = forms.ChoiceField(
        label="Status", choices=Delivery.choices, widget=forms.RadioSelect, required=False
    )
    percent = forms.IntegerField(
        label="How much is done, in per cent",
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
        error_messages={
            "invalid": "The percentage must be a whole number, such as 40",
            "min_value": "The percentage must be from 0 to 100",
            "max_value": "The percentage must be from 0 to 100",
        },
    )
    impact = forms.ChoiceField(
        label="What it has changed", choices=Impact.choices, widget=forms.RadioSelect, required=False
    )
    done = Written("What was done", 4000)
    difference = Written("What difference it has made", 4000)
    reason = Written("Why it is not on track", 2000, rows=2)
    recovery = Written("What brings it back on track", 2000, rows=2)
    new_due_on = DateField(label="New date", required=False)
    date_reason = Written("Why the date moves", 2000, rows=2)

    def __init__(self, data=None, *, action, **options):
        super().__init__(
            data,
            about=action,
            shown=shown_of(action.answer or ActionAnswer(), leave_out=("unchanged",)),
            revision=action.revision,
            prefix=f"a{action.key}",
            **options,
        )
        for name, field in self.fields.items():
            field.error_messages = {
                key: f"Action {action.number}: {words[:1].lower()}{words[1:]}" if name == "percent" else words
                for key, words in field.error_messages.items()
            }


class MeasureForm(AnswerForm):
    value = forms.DecimalField(
        label="Figure",
        required=False,
        max_digits=12,
        decimal_places=3,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal"}),
        error_messages={"invalid": "The figure must be a number, such as 72.5"},
    )
    reading_on = DateField(label="The day that it describes", required=False)
    expected_on = DateField(label="Not yet available: expected on", required=False)
    note = forms.CharField(label="Note", max_length=500, required=False)

    def __init__(self, data=None, *, measure, period_end, **options):
        shown = shown_of(measure.answer)
        if shown["reading_on"] is None and shown["expected_on"] is None:
            shown["reading_on"] = period_end
        if shown["value"] is not None:
            shown["value"] = f"{shown['value'].normalize():f}"
        super().__init__(
            data, about=measure, shown=shown, revision=measure.revision, prefix=f"m{measure.key}", **options
        )
        for error in ("invalid", "max_digits", "max_decimal_places", "max_whole_digits"):
            self.fields["value"].error_messages[error] = (
                f"{measure.name}: the figure must be a number, such as 72.5, with at most 3 decimal places"
            )

    def clean(self):
        cleaned = super().clean()
        # The day stands ready for a figure: without one it says nothing.
        if cleaned.get("value") is None and "value" not in self.errors:
            cleaned["reading_on"] = None
        return cleaned

    @property
    def is_touched(self):
        empty = all(value in (None, "") for value in self.answer.values())
        return super().is_touched and not (empty and not self.cleaned_data["revision"])

    @property
    def answer(self):
        answer = super().answer
        if answer.get("value") is not None:
            answer["value"] = answer["value"].normalize() + 0
        return answer


def shown_of(answer, leave_out=()):
    return {name: value for name, value in asdict(answer).items() if name not in leave_out}


class OverallForm(AnswerForm):
    overall = Written("The update as a whole", 8000, rows=8, help_text=NOTHING_ABOUT_A_CHILD)
    decisions_needed = Written(
        "Decisions that the board is asked for",
        4000,
        rows=4,
        help_text="Leave it empty where there are none.",
    )


class SendBackForm(forms.Form):
    note = forms.CharField(
        label="What is to be mended",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class Page:
    """Several forms shown, checked and reported on as one: what the error summary and the views ask of a form."""

    def __init__(self, *, priority=None, overall=None, actions=(), measures=()):
        self.priority = priority
        self.overall = overall
        self.actions = list(actions)
        self.measures = list(measures)

    @property
    def forms(self):
        return [form for form in (*self.actions, *self.measures, self.priority, self.overall) if form]

    def is_valid(self):
        # Every form is looked at, so that the page names all that is wrong.
        return not [form for form in self.forms if not form.is_valid()]

    @property
    def errors(self):
        return [form.errors for form in self.forms if form.errors]

    @property
    def non_field_errors(self):
        return list(chain.from_iterable(form.non_field_errors() for form in self.forms))

    def __iter__(self):
        return chain.from_iterable(self.forms)


class SheetForm(forms.Form):
    """A return sheet that came back."""

    sheet = forms.FileField(
        label="The return sheet",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="An .xlsx file made from the sheet of this update.",
        error_messages={
            "required": "Choose the return sheet",
            "empty": "The file is empty: save the sheet again and choose it once more",
        },
    )
