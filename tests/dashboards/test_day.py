"""The day that a page shows, as its address asks for it."""

from datetime import date

import pytest

from dashboards.day import AsAt, day_written
from dashboards.forms import DayForm

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize("text", ["2026-06-29", "29/6/2026", "29 June 2026", "29 Jun 2026"])
def test_a_day_is_read_as_people_write_it(text):
    assert day_written(text, TODAY) == date(2026, 6, 29)


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "29-06-2026", "", "2026-06-29T10:00", "0"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError, match="real date"):
        day_written(text, TODAY)


def test_there_is_no_record_of_the_future():
    assert day_written("2026-11-20", TODAY) == TODAY
    with pytest.raises(ValueError, match="no record of the future"):
        day_written("2026-11-21", TODAY)


def test_a_day_before_any_record_is_refused():
    with pytest.raises(ValueError, match="2000 or later"):
        day_written("0001-01-01", TODAY)


def test_nothing_asked_means_today_as_published_and_carries_nothing_on():
    as_at = DayForm({}, today=TODAY).as_at
    assert (as_at.on, as_at.by, as_at.suffix) == (TODAY, "published", "")


def test_a_day_and_reading_asked_are_carried_on_by_links():
    as_at = DayForm({"on": "29 June 2026", "by": "inspected"}, today=TODAY).as_at
    assert as_at == AsAt(date(2026, 6, 29), "inspected", TODAY)
    assert as_at.suffix == "?on=2026-06-29&by=inspected"


def test_what_cannot_be_read_shows_today_and_keeps_what_was_typed():
    form = DayForm({"on": "soon", "by": "rumour"}, today=TODAY)
    assert form.as_at == AsAt(TODAY, "published", TODAY)
    assert set(form.errors) == {"on", "by"}
    assert form["on"].value() == "soon"
