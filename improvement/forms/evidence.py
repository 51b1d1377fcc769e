"""What is asked about a piece of evidence."""

from django import forms

from cases.uploads import ACCEPTED, EVIDENCE, LARGEST_FILE
from improvement.models import Evidence


class EvidenceForm(forms.Form):
    kind = forms.ChoiceField(
        label="What does it show?",
        choices=[
            (Evidence.Kind.MEASURES, "Measures: figures that changed"),
            (Evidence.Kind.AUDIT, "Case audit: what an audit of practice found"),
            (Evidence.Kind.VOICE, "Voice: what children, families or staff say"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select what it shows", "invalid_choice": "Select what it shows"},
    )
    upload = forms.FileField(
        label="A file",
        required=False,
        help_text=f"{ACCEPTED}, {LARGEST_FILE // 1_000_000} MB at most.",
        # What is wrong with a file the action says, for whoever sends one.
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(EVIDENCE)}),
    )
    url = forms.CharField(
        label="Or a link to it",
        required=False,
        strip=True,
        help_text="The whole address, such as https://www.example.org/audit.",
    )
    title = forms.CharField(
        label="Title",
        required=False,
        help_text="What the board would call it. Without one it has the file’s name.",
    )
    note = forms.CharField(
        label="What it shows, in a sentence",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    update = forms.CharField(required=False, widget=forms.HiddenInput)
