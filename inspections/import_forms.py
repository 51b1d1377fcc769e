"""What is asked about imports: a file, and whether what was previewed is to be done."""

from django import forms

from inspections.actions.runs import FILE_ENDINGS


class UploadForm(forms.Form):
    upload = forms.FileField(
        label="The file",
        help_text="An Ofsted workbook (.ods or .xlsx), or Data to Insight’s table of latest outcomes (.csv). "
        "Nothing is changed until you have seen what it would change.",
        # What is wrong with a file the action says, for whoever sends one.
        allow_empty_file=True,
        error_messages={"required": "Choose a file"},
        widget=forms.FileInput(attrs={"accept": ",".join(FILE_ENDINGS)}),
    )


class DecisionForm(forms.Form):
    """Confirm or cancel, about the revision that the person has looked at."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
