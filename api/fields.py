"""Fields of what is sent to the API."""

from rest_framework import serializers

from api.filters import EARLIEST, LATEST, NOT_A_DAY


class DayField(serializers.DateField):
    """A day as 2026-11-03, within the years that the record can hold."""

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m-%d"], error_messages={"invalid": NOT_A_DAY}, **kwargs)

    def to_internal_value(self, value):
        day = super().to_internal_value(value)
        if not EARLIEST <= day <= LATEST:
            self.fail("invalid")
        return day


class WordsField(serializers.CharField):
    """Text, as text: a number or a truth value is a mistake in the program that sends it."""

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)
