"""Readers of files from outside: the compiled record of notices and directions, and the plan's spreadsheet."""

from improvement.readers.record import TIDY, NotTheRecord, plain_address, read_compiled

__all__ = ["TIDY", "NotTheRecord", "plain_address", "read_compiled"]
