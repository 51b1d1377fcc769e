"""Words for the dates of the record of intervention, as exact as they are known."""

from django.utils.formats import date_format

from improvement.models import Precision

_WORDS = {
    Precision.MONTH: "{month}",
    Precision.YEAR: "{day:%Y}",
    Precision.ON_OR_BEFORE: "by {date}",
    Precision.PLANNED_BY: "planned by {date}",
    Precision.ANNOUNCED: "{date} (announced)",
    Precision.PRESS_DATE: "{date} (reported)",
    Precision.PAGE_UPDATE: "{date} (page updated)",
    Precision.AS_AT: "already so on {date}, start unknown",
    Precision.AFTER: "{month} or after",
}


def when(day, precision):
    """Say a day as exactly as it is known: "November 2023", "by 5 January 2016", "already so on …"."""
    words = _WORDS.get(precision, "{date}")
    return words.format(day=day, date=date_format(day, "j F Y"), month=date_format(day, "F Y"))


def since_words(stage):
    """Say since when a stage has held, as exactly as its first row's date is known; "" where it is unknown."""
    return f"since {when(stage.since, stage.since_precision)}" if stage.since else ""
