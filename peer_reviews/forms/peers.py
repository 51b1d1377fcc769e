"""What is asked about the pool of peers."""

from datetime import timedelta

from django import forms

from councils.models import Council, DeliveryBody, Region
from look.forms import DateField
from peer_reviews.models import DaysLent, Peer, PeerRole, PeerWord, Tie

ONE_DAY = timedelta(days=1)
NO_CHILD = "Nothing that could identify a child."
LARGEST_POOL_FILE = 2_000_000
NUMBER = {"inputmode": "numeric", "class": "govuk-input--width-3"}


def _day_after(day):
    """The first day on which what held on `day` for the last time no longer holds."""
    return day + ONE_DAY if day else None


class SearchForm(forms.Form):
    """The search of the pool; `wanted` tells the query what was asked, as far as it can be understood."""

    q = forms.CharField(label="Name, post or words", required=False, max_length=100)
    role = forms.ChoiceField(
        label="Role", required=False, choices=[("", "Any role"), *PeerRole._meta.get_field("role").choices]
    )
    expertise = forms.TypedChoiceField(label="Expertise", required=False, coerce=int, empty_value=None)
    sector = forms.TypedChoiceField(label="Sector", required=False, coerce=int, empty_value=None)
    language = forms.TypedChoiceField(label="Language", required=False, coerce=int, empty_value=None)
    region = forms.TypedChoiceField(label="Goes to", required=False, coerce=int, empty_value=None)
    group = forms.ChoiceField(
        label="Political group",
        required=False,
        choices=[("", "Any group"), *Peer._meta.get_field("political_group").choices],
    )
    free_from = forms.DateField(
        label="Free from", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    free_until = forms.DateField(
        label="to", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    within_days = forms.BooleanField(label="With days left this year", required=False)
    left = forms.BooleanField(label="Who have left", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        words = list(PeerWord.objects.order_by("kind", "name").values_list("kind", "pk", "name"))
        for kind, any_words in (
            ("expertise", "Any expertise"),
            ("sector", "Any sector"),
            ("language", "Any language"),
        ):
            known = [(pk, name) for of, pk, name in words if of == kind]
            self.fields[kind].choices = [("", any_words), *known]
        regions = Region.objects.order_by("order", "name").values_list("pk", "name")
        self.fields["region"].choices = [("", "Any region"), *regions]

    def wanted(self):
        """Return what was asked as keywords of `queries.peers.Wanted`."""
        asked = self.cleaned_data
        words = tuple(filter(None, (asked.get(kind) for kind in ("expertise", "sector", "language"))))
        return {
            "q": asked.get("q", ""),
            "role": asked.get("role", ""),
            "words": words,
            "region": asked.get("region"),
            "political_group": asked.get("group", ""),
            "free_from": asked.get("free_from") or asked.get("free_until"),
            "free_until": asked.get("free_until"),
            "within_days": bool(asked.get("within_days")),
            "left": bool(asked.get("left")),
        }


class PeerForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        help_text="By it they are known when they sign in.",
    )
    roles = forms.MultipleChoiceField(
        label="Roles that they take",
        choices=PeerRole._meta.get_field("role").choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select the roles that they take"},
    )
    political_group = forms.ChoiceField(
        label="Political group",
        required=False,
        help_text="Of a member peer.",
        choices=[("", "None"), *Peer._meta.get_field("political_group").choices],
    )
    expertise = forms.ModelMultipleChoiceField(
        label="Expertise",
        queryset=PeerWord.objects.filter(kind="expertise"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sectors = forms.ModelMultipleChoiceField(
        label="Sectors",
        queryset=PeerWord.objects.filter(kind="sector"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    languages = forms.ModelMultipleChoiceField(
        label="Languages besides English",
        queryset=PeerWord.objects.filter(kind="language"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    regions = forms.ModelMultipleChoiceField(
        label="Regions to which they go",
        queryset=Region.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: anywhere.",
    )
    days_a_year = forms.IntegerField(
        label="Days a year for which they may be asked",
        error_messages={"required": "Enter for how many days a year they may be asked"},
        min_value=0,
        max_value=99,
        initial=5,
        widget=forms.TextInput(attrs=NUMBER),
    )
    about = forms.CharField(
        label="About them, in their own words",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=NO_CHILD,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, peer=None, **kwargs):
        super().__init__(*args, **kwargs)
        if peer is None:
            del self.fields["revision"]
            return
        words = list(peer.words.all())
        self.initial = {
            "name": peer.name,
            "email": peer.email,
            "roles": [one.role for one in peer.roles.all()],
            "political_group": peer.political_group,
            "expertise": [one.pk for one in words if one.kind == "expertise"],
            "sectors": [one.pk for one in words if one.kind == "sector"],
            "languages": [one.pk for one in words if one.kind == "language"],
            "regions": [one.pk for one in peer.regions.all()],
            "days_a_year": peer.days_a_year,
            "about": peer.about,
            "revision": peer.revision,
        }

    def given(self):
        """Return what was entered, as the action takes it."""
        asked = dict(self.cleaned_data)
        words = [*asked.pop("expertise"), *asked.pop("sectors"), *asked.pop("languages")]
        return asked | {"words": words}


class EmployerFields(forms.Form):
    """Where somebody works: a council, a body that delivers for councils, or anybody else."""

    council = forms.ModelChoiceField(
        label="Council", queryset=Council.objects.all(), required=False, empty_label="No council"
    )
    body = forms.ModelChoiceField(
        label="Or a trust or other delivery body",
        queryset=DeliveryBody.objects.order_by("name"),
        required=False,
        empty_label="No body",
    )
    employer = forms.CharField(
        label="Or another employer", required=False, max_length=120, help_text="Such as an NHS trust."
    )
    title = forms.CharField(
        label="Post", required=False, max_length=120, help_text="Such as “Head of quality”."
    )


class AddPeerForm(PeerForm, EmployerFields):
    joined_on = DateField(
        label="In the pool from", error_messages={"required": "Enter the day from which they are in the pool"}
    )
    post_from_on = DateField(label="In this post from", required=False)

    field_order = ("name", "email", "council", "body", "employer", "title", "post_from_on", "roles")

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["joined_on"].initial = today
        self.order_fields([*self.field_order, "political_group"])


class ImportForm(forms.Form):
    upload = forms.FileField(
        label="CSV file, in UTF-8",
        help_text="The first row names the columns. Several roles, words or regions: separated by semicolons.",
        error_messages={"required": "Choose a file", "empty": "The file is empty"},
    )

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if upload.size > LARGEST_POOL_FILE:
            raise forms.ValidationError("The file must be smaller than 2 MB")
        return upload


class PostForm(EmployerFields):
    from_on = DateField(label="First day", required=False, help_text="Blank: not known.")
    last_on = DateField(label="Last day", required=False, help_text="Blank: held today.")

    def given(self):
        asked = dict(self.cleaned_data)
        return asked | {"until_on": _day_after(asked.pop("last_on"))}


class EndForm(forms.Form):
    last_on = DateField(label="Last day")

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["last_on"].initial = today

    def until_on(self):
        return _day_after(self.cleaned_data["last_on"])


class TieForm(forms.Form):
    council = forms.ModelChoiceField(
        label="Council", queryset=Council.objects.all(), empty_label="Select a council"
    )
    kind = forms.ChoiceField(
        label="What keeps them from it", choices=Tie.Kind.choices, widget=forms.RadioSelect
    )
    from_on = DateField(label="From", required=False, help_text="Blank: since ever.")
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=300,
        help_text="Why, in a few words. Never about a child or a family.",
    )

    def __init__(self, *args, own=False, **kwargs):
        super().__init__(*args, **kwargs)
        if own:
            del self.fields["kind"]


class UnavailableForm(forms.Form):
    from_on = DateField(label="First day away")
    last_on = DateField(label="Last day away")
    note = forms.CharField(label="Note", required=False, max_length=120)

    def given(self):
        asked = dict(self.cleaned_data)
        return asked | {"until_on": _day_after(asked.pop("last_on"))}


class TrainingForm(forms.Form):
    name = forms.CharField(label="Training or accreditation", max_length=120)
    accreditation = forms.BooleanField(label="It accredits them as a peer", required=False)
    trained_on = DateField(label="Day of the training or accreditation")
    counts_until = DateField(label="Last day on which it counts", required=False, help_text="Blank: no end.")

    def given(self):
        asked = dict(self.cleaned_data)
        return asked | {"expires_on": _day_after(asked.pop("counts_until"))}


class LeftForm(forms.Form):
    left_on = DateField(label="First day no longer in the pool")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, peer, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"left_on": today, "revision": peer.revision}


class RevisionForm(forms.Form):
    """Nothing to enter: only what was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"revision": row.revision}


class SureForm(forms.Form):
    """Nothing to enter."""


class FeedbackForm(forms.Form):
    review = forms.ModelChoiceField(
        label="On the review",
        queryset=None,
        empty_label="Select a review",
        error_messages={"required": "Select the review that they were on"},
    )
    rating = forms.TypedChoiceField(
        label="Ask them again?",
        coerce=int,
        widget=forms.RadioSelect,
        choices=[
            (4, "Yes, soon"),
            (3, "Yes"),
            (2, "With some support"),
            (1, "Not again"),
        ],
        error_messages={"required": "Select whether they are asked again"},
    )
    text = forms.CharField(
        label="Why",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"Seen by the LGA alone. Written as if they will read it. {NO_CHILD}",
    )

    def __init__(self, *args, reviews, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["review"].queryset = reviews


class DaysLentForm(forms.Form):
    work = forms.ChoiceField(
        label="For",
        choices=DaysLent.Work.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what the days were for"},
    )
    review = forms.ModelChoiceField(
        label="Which review", queryset=None, required=False, empty_label="No review"
    )
    host = forms.ModelChoiceField(
        label="At which council",
        queryset=Council.objects.all(),
        required=False,
        empty_label="None in particular",
        help_text="Of mentoring and audit: a review has its own.",
    )
    council = forms.ModelChoiceField(
        label="Lent by",
        queryset=Council.objects.all(),
        empty_label="Select the council that lends",
        error_messages={"required": "Select the council that lent them"},
    )
    lent_on = DateField(label="Last of the days", error_messages={"required": "Enter the last of the days"})
    days = forms.DecimalField(
        label="Days",
        max_digits=4,
        decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-3"}),
        help_text="Whole or half days, such as 4 or 2.5.",
        error_messages={
            "required": "Enter how many days",
            "invalid": "Days must be a number, such as 4 or 2.5",
        },
    )
    note = forms.CharField(label="Note", required=False, max_length=200)

    def __init__(self, *args, reviews, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["review"].queryset = reviews
        self.initial = offered
