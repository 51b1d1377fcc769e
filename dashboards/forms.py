"""What a page can be asked for in its address. All of it works by GET, so that every view can be linked to."""

from copy import deepcopy
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from dashboards.day import PUBLISHED, READINGS, AsAt, day_written
from dashboards.filters import FAMILIES, NARROWING, SHOWN, CouncilFilters


class DayForm(forms.Form):
    """The day that a page shows. What can't be read counts as not asked, and the page says so."""

    on = forms.CharField(label="Day", required=False, max_length=40, help_text="For example 2026-06-29")
    by = forms.ChoiceField(label="Inspections", required=False, choices=list(READINGS.items()))

    def __init__(self, data, *, today):
        super().__init__(data)
        self.today = today
        self.fields["on"].widget.attrs["class"] = "govuk-input--width-10"

    def clean_on(self):
        text = self.cleaned_data["on"].strip()
        if not text:
            return None
        try:
            return day_written(text, self.today)
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None

    def asked(self, name):
        """Return what was asked for `name`, or "" where nothing was, or nothing that can be read."""
        self.is_valid()
        return self.cleaned_data.get(name) or ""

    @property
    def as_at(self):
        return AsAt(self.asked("on") or self.today, self.asked("by") or PUBLISHED, self.today)

    @property
    def day_fields(self):
        return [self["on"], self["by"]]


class CouncilsForm(DayForm):
    """A page about many councils: whose grades to show, and which of them to list."""

    framework = forms.ChoiceField(label="Framework", required=False, choices=list(FAMILIES.items()))
    show = forms.ChoiceField(label="Show", required=False, choices=[("overall", "Overall"), *SHOWN.items()])
    sort = forms.SlugField(label="Order", required=False)

    def __init__(self, data, *, today):
        super().__init__(data, today=today)
        for name, narrowing in CouncilFilters.base_filters.items():
            self.fields[name] = deepcopy(narrowing).field
            self.fields[name].help_text = ""  # on a page its label says enough

    @property
    def shown(self):
        return self.asked("show") or "overall"

    @property
    def framework_asked(self):
        return self.asked("framework") or None

    @property
    def framework_words(self):
        return FAMILIES[self.asked("framework")]

    @property
    def reading_words(self):
        return READINGS[self.as_at.by]

    @property
    def filter_fields(self):
        return [self[name] for name in ("q", "grade", "stage", "overdue")]

    @property
    def filters(self):
        """Return what the councils listed are narrowed by, name to value; empty means any."""
        return {name: self.asked(name) for name in NARROWING}

    @property
    def all_counted(self):
        """Return the parameters that a page's figures are counted by: the day and whose grades, no filter or order."""
        asked = {name: self.asked(name) for name in ("framework", "show")}
        return QueryDict(
            urlencode(self.as_at.params | {name: value for name, value in asked.items() if value})
        )

    @property
    def is_filtered(self):
        return any(self.filters.values())


class RegionForm(CouncilsForm):
    """A region's page: besides, whose councils to list, for those who see what is the LGA's."""

    MINE, NOBODY = "me", "nobody"

    adviser = forms.RegexField(
        r"^(me|nobody|\d{1,18})$", label="Adviser", required=False, widget=forms.Select
    )

    def offer_advisers(self, people, *, reader_pk):
        """Offer the reader's own councils, those of each of `people`, and those of nobody."""
        own = [(self.MINE, "My councils")] if any(each.pk == reader_pk for each in people) else []
        others = [(str(each.pk), str(each)) for each in people if each.pk != reader_pk]
        self.fields["adviser"].widget.choices = [("", "Any"), *own, *others, (self.NOBODY, "Nobody")]

    @property
    def is_filtered(self):
        return super().is_filtered or bool(self.asked("adviser"))
