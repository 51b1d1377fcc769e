"""What a case's reference may look like: nothing that could be a name, a number of a child's or a date. Pure."""

import re

LONGEST_REFERENCE = 30
REFERENCE_HINT = (
    "Letters and digits, such as A12 or AUD-0042. Never a name, a date of birth or an NHS number."
)
_SHAPE = re.compile(r"[A-Z0-9]+(?:[/-][A-Z0-9]+)*")
# A reference counts; a name doesn't. More letters in a run than this read as a name.
_MOST_LETTERS = re.compile(r"[A-Z]{6}")
_MONTH, _DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_DATE = re.compile(
    r"\d{1,2}[/-](?:\d{1,2}|[A-Z]{3})[/-]\d{2,4}|\d{4}[/-]\d{1,2}[/-]\d{1,2}"
    rf"|(?:19|20)\d\d{_MONTH}{_DAY}|{_DAY}{_MONTH}(?:19|20)\d\d"
)


def reference_of(typed):
    """Return what was typed as a reference is kept: in capitals, without spaces at its ends."""
    return typed.strip().upper()


def is_case_reference(reference):
    """Say whether this may be a case's reference: short, with a digit, and neither a word nor a date. Rule: 6.8."""
    return (
        len(reference) <= LONGEST_REFERENCE
        and bool(_SHAPE.fullmatch(reference))
        and any(letter.isdigit() for letter in reference)
        and not _MOST_LETTERS.search(reference)
        and not _DATE.fullmatch(reference)
    )
