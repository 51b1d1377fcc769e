"""What is asked about a lesson."""

from django import forms

from cases.models import Enabler, Journey
from peer_reviews.actions.lessons import LONGEST, MOST_THEMES
from peer_reviews.models import PeerWord
from peer_reviews.rules.anonymity import still_given_away

NOBODY = "Name no council, place, post holder, child or family: say what was done and what came of it."


def themes():
    """Return the words by which lessons are tagged: those of expertise."""
    return PeerWord.objects.filter(kind=PeerWord.Kind.EXPERTISE)


class SearchForm(forms.Form):
    """Which lessons to find."""

    q = forms.CharField(label="Words", required=False, max_length=200)
    theme = forms.ModelChoiceField(label="Theme", queryset=None, required=False, empty_label="Any")
    enabler = forms.ChoiceField(label="Enabler", choices=[("", "Any"), *Enabler.choices], required=False)
    journey = forms.ChoiceField(
        label="Stage of improvement", choices=[("", "Any"), *Journey.choices], required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["theme"].queryset = themes()
        for field in self.fields.values():
            field.optional_is_said = True

    def asked(self):
        """Return what to narrow by; what makes no sense narrows nothing."""
        self.is_valid()
        asked = self.cleaned_data
        return {
            "words": asked.get("q", "").replace("\x00", ""),
            "theme": asked.get("theme"),
            "enabler": asked.get("enabler", ""),
            "journey": asked.get("journey", ""),
        }


class LessonForm(forms.Form):
    council = forms.ModelChoiceField(
        label="Whose practice it is",
        queryset=None,
        help_text="Between the LGA and the council alone: nobody else is told.",
    )
    title = forms.CharField(label="Title", max_length=LONGEST["title"])
    text = forms.CharField(
        label="What others can learn",
        max_length=LONGEST["text"],
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=NOBODY,
    )
    enabler = forms.ChoiceField(
        label="Enabler", choices=[("", "None in particular"), *Enabler.choices], required=False
    )
    journey = forms.ChoiceField(
        label="Stage of improvement", choices=[("", "None in particular"), *Journey.choices], required=False
    )
    themes = forms.ModelMultipleChoiceField(
        label="Themes",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=f"{MOST_THEMES} at most.",
    )
    finding = forms.IntegerField(widget=forms.HiddenInput, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, councils=None, lesson=None, council=None, finding=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["themes"].queryset = themes()
        if lesson is None:
            del self.fields["revision"]
            self.fields["council"].queryset = councils
            self.initial = {"council": council, "finding": finding and finding.pk}
            if finding is not None:
                self.initial["text"] = finding.wording
            return
        del self.fields["council"], self.fields["finding"]
        self.initial = {
            "title": lesson.title,
            "text": lesson.text,
            "enabler": lesson.enabler,
            "journey": lesson.journey,
            "themes": [theme.pk for theme in lesson.themes.all()],
            "revision": lesson.revision,
        }


class LessonRevisionForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, lesson, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"revision": lesson.revision}

    def clean_revision(self):
        return self.cleaned_data["revision"] or 0


class SendForm(LessonRevisionForm):
    """Each word that would give the council away, to be confirmed as harmless."""

    harmless = forms.MultipleChoiceField(
        label="Which of these tell nobody whose it is?", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, lesson, given_away, **kwargs):
        super().__init__(*args, lesson=lesson, **kwargs)
        self.given_away = given_away
        self.fields["harmless"].choices = [(words, f"“{words}” is harmless here") for words in given_away]
        self.fields["harmless"].optional_is_said = True
        if not given_away:
            del self.fields["harmless"]

    def clean_harmless(self):
        confirmed = self.cleaned_data["harmless"]
        left = still_given_away(self.given_away, confirmed)
        if left:
            named = ", ".join(f"“{one}”" for one in left)
            raise forms.ValidationError(f"Change the text, or confirm as harmless: {named}")
        return confirmed


class AnswerForm(LessonRevisionForm):
    AGREES, REFUSES = "agrees", "refuses"

    answer = forms.ChoiceField(
        label="Does the council agree that the sector is told this?",
        choices=[(AGREES, "Yes, tell the sector"), (REFUSES, "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether the council agrees"},
    )
    reason = forms.CharField(
        label="If not, why",
        max_length=LONGEST["reason"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Read by the LGA’s advisers.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].optional_is_said = True
