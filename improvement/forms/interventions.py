"""Forms about interventions."""

from django import forms


class EpisodeForm(forms.Form):
    OPEN, NOT_OPEN = "open", "not-open"

    answer = forms.ChoiceField(
        label="Is this intervention open?",
        choices=[
            (OPEN, "Yes, it is open: count it from today"),
            (NOT_OPEN, "No: leave what was published on the council’s timeline"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is open", "invalid_choice": "Say whether it is open"},
    )
