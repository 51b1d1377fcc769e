"""What is asked about a plan's spreadsheet."""

from django import forms

from cases.uploads import SHEETS


class SheetForm(forms.Form):
    upload = forms.FileField(
        label="The spreadsheet",
        help_text="xlsx or csv. Nothing is changed until you have seen what it would change.",
        # What is wrong with a file the action says, for whoever sends one.
        allow_empty_file=True,
        error_messages={"required": "Choose a file"},
        widget=forms.FileInput(attrs={"accept": ",".join(SHEETS)}),
    )
