"""Rows as the API tells them: a serializer says what each field is and where it is read from, the database reads it.

Nothing is made into objects on the way: a list of a hundred rows is one query and a hundred dicts.
"""

from rest_framework import serializers

# Fields that another query fills in.
NESTED = (serializers.BaseSerializer, serializers.ListField, serializers.DictField)


class Row(serializers.Serializer):
    """The fields of one row. `source` names the column or annotation, over relations with dots."""

    @classmethod
    def columns(cls):
        """Return {field: path of the query} in the order of the fields; nested fields are filled in by the list."""
        return {
            name: (field.source or name).replace(".", "__")
            for name, field in cls._declared_fields.items()
            if not isinstance(field, NESTED)
        }

    @classmethod
    def nested(cls):
        """Return the names of the fields that hold rows or numbers of their own."""
        return [name for name in cls._declared_fields if name not in cls.columns()]


def as_dicts(names, tuples):
    """Return each tuple of values as a dict."""
    return [dict(zip(names, values, strict=True)) for values in tuples]
