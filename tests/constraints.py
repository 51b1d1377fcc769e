"""Trying to break what the database promises."""

from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction


@contextmanager
def broken(constraint, *, columns=()):
    """Expect the database to refuse what is done within, by the constraint of that name.

    SQLite names the columns of a plain unique constraint instead: give them where it is one.
    """
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
        # Foreign keys and deferred constraints are looked at only now.
        connection.check_constraints()
    said = str(refusal.value)
    assert constraint in said or (columns and all(f".{column}" in said for column in columns)), said
