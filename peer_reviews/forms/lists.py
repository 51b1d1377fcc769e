"""What the list of reviews is narrowed by, and the form of a review that is over."""

from django import forms

from look.forms import DateField
from peer_reviews.models import ReviewKind, Stage

RUNNING = ("running", "Under way: not declined, cancelled or closed")


class ReviewsShown(forms.Form):
    """The filters of the list: a value that is not one is passed over, and the list says what it shows."""

    region = forms.ChoiceField(required=False)
    stage = forms.ChoiceField(choices=[("", "Any"), RUNNING, *Stage.choices], required=False)
    kind = forms.ChoiceField(required=False)
    year = forms.TypedChoiceField(label="On site in", required=False, coerce=int, empty_value=None)

    def __init__(self, *args, regions, years, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", "Any"), *regions]
        self.fields["kind"].choices = [("", "Any"), *ReviewKind.objects.values_list("slug", "name")]
        self.fields["year"].choices = [("", "Any"), *((year, str(year)) for year in years)]

    def chosen(self):
        """Return the filters that hold, as `queries.lists.listed` takes them."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class PastReviewForm(forms.Form):
    council = forms.ModelChoiceField(queryset=None, empty_label="Choose the council")
    kind = forms.ModelChoiceField(label="Kind of review", queryset=None, empty_label="Choose the kind")
    first_day = DateField(label="First day on site")
    last_day = DateField(label="Last day on site")

    def __init__(self, *args, councils, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils
        self.fields["kind"].queryset = ReviewKind.objects.all()
