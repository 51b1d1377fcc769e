"""What is asked about who holds a council's posts and who runs it."""

from datetime import timedelta

from django import forms

from cases.actions.posts import mark
from councils.models import PoliticalControl, PostHolder
from look.forms import DateField

ONE_DAY = timedelta(days=1)


class PostForm(forms.Form):
    """Who holds a post, on what terms, from when."""

    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="Leave it blank where the post is vacant."
    )
    terms = forms.ChoiceField(
        label="Terms",
        choices=PostHolder.Terms.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select permanent, interim or vacant"},
    )
    from_on = DateField(
        label="From",
        help_text="The first day on these terms.",
        error_messages={"required": "Enter the first day on these terms"},
    )


class AppointForm(PostForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, latest, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = mark(latest)
        self.fields["from_on"].initial = today


class CorrectPostForm(PostForm):
    """One entry as it stands; the last day is asked as people say it, the day before the first it no longer held."""

    last_on = DateField(label="Last day", required=False, help_text="Blank while it still holds.")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, holder, **kwargs):
        super().__init__(*args, **kwargs)
        last_on = holder.until_on - ONE_DAY if holder.until_on else None
        self.initial = {
            "name": holder.name,
            "terms": holder.terms,
            "from_on": holder.from_on,
            "last_on": last_on,
            "revision": holder.revision,
        }

    def answers(self):
        """Return what `correct_post` takes."""
        given = dict(self.cleaned_data)
        last_on = given.pop("last_on")
        return given | {"until_on": last_on + ONE_DAY if last_on else None}


CHANGED, CORRECTED = "changed", "corrected"


class ControlForm(forms.Form):
    """Who runs a council. Where somebody is recorded already it asks first whether that has changed."""

    doing = forms.ChoiceField(
        label="What do you want to record?",
        choices=[
            (CORRECTED, "A correction, or the next election, of what stands"),
            (CHANGED, "Control has changed"),
        ],
        widget=forms.RadioSelect,
        initial=CORRECTED,
    )
    control = forms.ChoiceField(
        label="Control",
        choices=PoliticalControl.Control.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select who runs the council"},
    )
    detail = forms.CharField(
        label="Detail", max_length=160, required=False, help_text="Such as who leads a joint administration."
    )
    from_on = DateField(
        label="From",
        help_text="The first day of this control.",
        error_messages={"required": "Enter the first day of this control"},
    )
    next_election_on = DateField(label="Next election", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, latest, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = mark(latest)
        if latest is None:
            del self.fields["doing"]
            return
        for name in ("control", "detail", "from_on", "next_election_on"):
            self.fields[name].initial = getattr(latest, name)
