"""Reading the files in which the outcomes of inspections are published.

`read_file` opens an Ofsted workbook (ODS, Excel) or a derived table (CSV), finds its tables by their headings and
returns what they say, row by row, with what could not be read. Nothing here knows the database, and nothing
here decides which of two files is right: that is `inspections.rules.reconcile`.
"""

from inspections.readers.reading import read_file
from inspections.readers.told import (
    FileRead,
    Grade,
    NotReadable,
    NotYetInspected,
    Problem,
    ReadRow,
    SkippedSheet,
)

__all__ = [
    "FileRead",
    "Grade",
    "NotReadable",
    "NotYetInspected",
    "Problem",
    "ReadRow",
    "SkippedSheet",
    "read_file",
]
