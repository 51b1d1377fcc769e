"""Fields of what is sent to the API."""

import re

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


class NumberField(serializers.DecimalField):
    """A number as text, such as "12.5", so that nothing of it is lost on the way."""

    FORM = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,3})?")

    def __init__(self, **kwargs):
        super().__init__(max_digits=12, decimal_places=3, **kwargs)

    def to_internal_value(self, data):
        if not isinstance(data, str) or not self.FORM.fullmatch(data):
            raise serializers.ValidationError(
                "Write a number as text, such as “12.5”: at most nine digits and three decimal places."
            )
        return super().to_internal_value(data)


class TruthField(serializers.BooleanField):
    """true or false, and nothing that stands for them."""

    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


MOST = 2**53
NUMBER = {"min_value": 1, "max_value": MOST}


def numbers_field(**how):
    """Return the field of a list of numbers of rows."""
    return serializers.ListField(child=serializers.IntegerField(**NUMBER), max_length=500, **how)


def words(most, **how):
    """Return the field of a text that may be left out or empty."""
    return WordsField(max_length=most, required=False, allow_blank=True, **how)
