"""What is asked about a measure's figure."""

from django import forms

from cases.presenters import day_words
from improvement.actions.measures import plain
from look.forms import DateField


class FigureField(forms.DecimalField):
    """A figure as people type it: 82, 82.5, 82.5% or 1,204."""

    default_error_messages = {"invalid": "Enter the figure as a number, such as 82 or 82.5"}

    def __init__(self, **options):
        widget = forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal"})
        super().__init__(max_digits=12, decimal_places=3, widget=widget, **options)

    def to_python(self, value):
        if isinstance(value, str):
            value = value.strip().removesuffix("%").replace(",", "").strip()
        return super().to_python(value)


class ReadingForm(forms.Form):
    reading_on = DateField(
        label="Day that the figure describes",
        help_text="Such as the last day of the month it counts.",
        error_messages={"required": "Enter the day that the figure describes"},
    )
    value = FigureField(label="Figure", error_messages={"required": "Enter the figure"})
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=500,
        help_text="What a reader should know of it. Nothing about a child.",
    )

    def __init__(self, data=None, *, planned):
        super().__init__(data)
        if planned.unit:
            self.fields["value"].label = f"Figure ({planned.unit})"


class RestateForm(forms.Form):
    value = FigureField(
        label="The figure is now", error_messages={"required": "Enter what the figure is now"}
    )
    note = forms.CharField(
        label="Why it has changed", max_length=500, help_text="Such as late returns. Nothing about a child."
    )

    def __init__(self, data=None, *, reading):
        super().__init__(data)
        self.fields[
            "value"
        ].help_text = f"It was {plain(reading.value)}, for {day_words(reading.on)}. Both stay on record."
