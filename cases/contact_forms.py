"""What is asked about a contact with a council: to be answered in ten seconds."""

from django import forms

from cases.models import Contact
from cases.presenters import day_words
from councils.models import Office
from look.forms import DateField

PROMPT = (
    "Write it as if its subject will read it: posts, not names. Nothing about a child or a family, "
    "who are never identified here."
)


class ContactForm(forms.Form):
    """A contact: when, how, with which post, fact or judgement, what was said, and how long it is kept.

    What was said comes last, so that the button follows at once by Tab.
    """

    contacted_on = DateField(label="Date", error_messages={"required": "Enter the day of the contact"})
    channel = forms.ChoiceField(label="How", choices=Contact.Channel.choices)
    post = forms.ChoiceField(label="With", choices=Office.choices)
    nature = forms.ChoiceField(
        label="Fact or judgement",
        choices=Contact.Nature.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select fact or judgement"},
    )
    follow_up_on = DateField(label="Follow up on", required=False)
    retain_until = DateField(
        label="Keep until",
        required=False,
        error_messages={"required": "Enter the day until which it is kept"},
    )
    said = forms.CharField(
        label="What was said",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=PROMPT,
        error_messages={"required": "Enter what was said"},
    )


class LogContactForm(ContactForm):
    """A new contact, of today, by telephone with the director, unless told otherwise; ready to be typed."""

    def __init__(self, *args, today, kept, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["contacted_on"].initial = today
        self.fields["channel"].initial = Contact.Channel.CALL
        self.fields["post"].initial = Office.DCS
        self.fields["nature"].initial = Contact.Nature.FACT
        if kept is not None:
            until, months = kept
            self.fields[
                "retain_until"
            ].help_text = f"Blank: {months} months. A contact of today is kept until {day_words(until)}."
        else:
            self.fields["retain_until"].required = True
        if not self.is_bound:
            self.fields["said"].widget.attrs["autofocus"] = True


class ChangeContactForm(ContactForm):
    """A contact as it stands."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, contact, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["retain_until"].required = True
        self.initial = {
            "contacted_on": contact.on,
            "channel": contact.channel,
            "post": contact.post,
            "nature": contact.nature,
            "follow_up_on": contact.follow_up_on,
            "retain_until": contact.retain_until,
            "said": contact.said,
            "revision": contact.revision,
        }


class RevisionForm(forms.Form):
    """Nothing but a button, about a row as it was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, contact, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = contact.revision


class DeleteContactForm(RevisionForm):
    reason = forms.CharField(
        label="Why it is deleted",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The reason stays, with the date and how you were in contact. What was said goes for good.",
    )
