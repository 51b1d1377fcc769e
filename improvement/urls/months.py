"""How a month stands in an address."""

from datetime import date

from django.urls import register_converter


class MonthConverter:
    """A month as YYYY-MM; in the view its first day."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value):
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value):
        return value if isinstance(value, str) else f"{value:%Y-%m}"


register_converter(MonthConverter, "month")

# Of the period of an update, in an address. Naming it is what makes Django know months.
PERIOD = "<month:period>"
