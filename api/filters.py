"""What a list can be narrowed by: filters that refuse what they don't know, rather than pass over it."""

from datetime import date

import django_filters as filters
from django import forms

from api.problems import in_fields

YES_NO = [("yes", "Yes"), ("no", "No")]
# Nothing on record is older or will be later, and sums of days stay within the calendar.
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
NOT_A_DAY = "Write a real day from 2000 to 2099 as 2026-11-03."


class ListFilters(filters.FilterSet):
    """The filters of one list. Used by pages and by the API alike; `request` brings the viewer."""

    @property
    def viewer(self):
        return self.request.viewer

    @property
    def on(self):
        """The day of `?on=`, or today."""
        return self.form.cleaned_data.get("on") or self.viewer.today

    def narrowed(self):
        """Return the rows asked for. Raises Problem (400) naming each value that can't be read."""
        if not self.form.is_valid():
            raise in_fields(
                {"field": name, "detail": message}
                for name, messages in self.form.errors.items()
                for message in messages
            )
        if self.on > self.viewer.today:
            raise in_fields(
                [{"field": "on", "detail": "There is no record of the future: ask for today or earlier."}]
            )
        return self.qs


class _DayField(forms.DateField):
    def to_python(self, value):
        day = super().to_python(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(NOT_A_DAY)
        return day


class Day(filters.DateFilter):
    """A day as 2026-11-03."""

    field_class = _DayField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs, input_formats=["%Y-%m-%d"], error_messages={"invalid": NOT_A_DAY})


class YesNo(filters.ChoiceFilter):
    """Asked as `yes` or `no`, as on the pages."""

    def __init__(self, **kwargs):
        super().__init__(choices=YES_NO, **kwargs)
