"""What the adviser is asked about an update, and the council about a question."""

from django import forms

from improvement.models import Delivery

NO_CHILD = "Nothing about a child or a family: refer to a case by its reference only."


class StatusForm(forms.Form):
    delivery = forms.ChoiceField(
        label="How do you see this priority?",
        choices=Delivery.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select how you see this priority"},
    )
    note = forms.CharField(
        label="Why",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"The council reads this, and the LGA. {NO_CHILD}",
    )
    question = forms.CharField(
        label="Ask the council something about it",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, status):
        initial = {}
        if status is not None:
            initial = {"delivery": status.delivery, "note": status.note, "revision": status.revision}
        super().__init__(data, initial=initial)


class QuestionForm(forms.Form):
    """A question about the update as a whole, or about one of `subjects`: (value, words) of priorities and actions."""

    about = forms.ChoiceField(label="What is it about?", required=False)
    text = forms.CharField(
        label="Your question",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=f"The council reads this, and the LGA. {NO_CHILD}",
    )

    def __init__(self, data=None, *, subjects, about=""):
        super().__init__(data, initial={"about": about})
        self.fields["about"].choices = [("", "The update as a whole"), *subjects]
        self.fields["about"].optional_is_said = True


class AnswerForm(forms.Form):
    text = forms.CharField(
        label="Your answer",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"Your LGA adviser reads this. {NO_CHILD}",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, question):
        super().__init__(data, initial={"text": question.answer, "revision": question.revision})
