"""Obvious identifiers of a child in free text: found, and refused without being repeated. Pure but for the refusal.

Three kinds alone, each by a rule that meets few other words: an NHS number (ten digits in a range that is issued,
with a check digit that holds), a unique pupil number (with a check letter that holds) and a date of birth (a whole
date that is called one, or a name said to be born on one). It helps people to notice; it promises nothing.
"""

import re

from cases.refusals import Refused

REMEDY = "Refer to the case by its reference only."

# Ten digits, as the NHS prints them (3-3-4) or in one; not part of a longer number, a reference or a sum of money.
_TEN_DIGITS = re.compile(r"(?<![\d/£+])(?<!\d[.,-])\d{3}([ \u00a0.–-]?)\d{3}\1\d{4}(?![\d/])(?![.,-]\d)")
# Issued: Northern Ireland 32 to 39, England, Wales and Man 4 and 60 to 70, and what tests and examples use, 9.
_ISSUED = re.compile(r"3[2-9]|4|6|70[0-8]|9")

# A check letter, local authority, school, year, serial number; a temporary one ends in a letter.
_PUPIL = re.compile(
    r"(?<![^\W_])[A-HJ-NP-RT-Z](?:[ \u00a0]?\d){11}[ \u00a0]?[\dA-HJ-NP-RT-Z](?![^\W_])", re.IGNORECASE
)
_CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"

_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = (
    r"(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})(?!\d)|\d{4}-\d{2}-\d{2}(?!\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?[\s-]+{_MONTH}\.?,?[\s-]+\d{{2,4}}(?!\d)"
    rf"|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}(?!\d))"
)
# Bounded, so that no text takes long: a word of a name, and how many.
_WORD = r"[A-Z][\w’'-]{0,40}\.?"
_NAME = rf"(?-i:{_WORD}(?:\s{{1,3}}{_WORD}){{0,3}})"
_CALLED = r"(?:\bd\.?\s?o\.?\s?b\b\.?|\b(?:date\s+of\s+birth|birth\s?date)\b)"
# "DOB 12.03.14", "date of birth of Ann Other: 12 March 2014", "12/3/2014 (DOB)".
_BIRTH = re.compile(
    rf"{_CALLED}(?:\s+(?:of|for)\s+{_NAME})?(?:\s|[:=(,–—-]|\bis\b|\bwas\b)*{_DATE}"
    rf"|{_DATE.replace(chr(92) + '1', chr(92) + '2')}\s*[(,–—-]?\s*{_CALLED}",
    re.IGNORECASE,
)
# "Ann Other, born 12/3/2014", "Ann (b. 12 March 2014)": first the birth, then who stands before it.
_BORN = re.compile(r"(?:\bborn\b|\bb\.)(?:\s+on)?[\s:,]*" + _DATE, re.IGNORECASE)
_BEFORE = 80
_WHO = re.compile(rf"(?<![\w’'-])(?P<name>{_NAME})[\s,(:–—-]*(?:(?:who\s+)?(?:was|is)\s+)?\Z", re.IGNORECASE)
# Words with a capital that begin a sentence about many, and name nobody.
_MANY = """
    a after all an any babies baby boys care cared child children cohort each eldest every everyone families for
    girls group if in infants learners looked mothers no of oldest one ones parents people person pupils siblings
    students the their these they those twins unborn were who young youngest
"""
_NOBODY = frozenset(_MANY.split())


def identifiers_in(text):
    """Return the kinds of identifier that the text holds, in words, each once: [] where it holds none."""
    found = []
    if any(_is_nhs_number(match[0]) for match in _TEN_DIGITS.finditer(text)):
        found.append("an NHS number")
    if any(_is_pupil_number(match[0]) for match in _PUPIL.finditer(text)):
        found.append("a unique pupil number")
    if _BIRTH.search(text) or any(_is_of_somebody(text, match.start()) for match in _BORN.finditer(text)):
        found.append("a date of birth")
    return found


def refuse_identifiers(**texts):
    """Raise Refused, naming the field, where one of the texts holds an obvious identifier of a child.

    Takes each text by the name of its field; None and "" hold nothing. The message says what kind was found and the
    remedy, and never repeats it.
    """
    for field, text in texts.items():
        found = identifiers_in(str(text)) if text else []
        if found:
            raise Refused(f"This holds what looks like {' and '.join(found)}. {REMEDY}", field)


def _is_nhs_number(written):
    digits = re.sub(r"\D", "", written)
    if not _ISSUED.match(digits) or len(set(digits)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return (11 - total % 11) % 11 == int(digits[9])


def _is_pupil_number(written):
    letter, *rest = re.sub(r"\s", "", written).upper()
    values = [int(one) if one.isdigit() else _CHECK_LETTERS.index(one) for one in rest]
    total = sum(value * weight for value, weight in zip(values, range(2, 14), strict=True))
    return _CHECK_LETTERS[total % 23] == letter


def _is_of_somebody(text, place):
    """Say whether a name stands right before the place in the text."""
    who = _WHO.search(text[max(0, place - _BEFORE) : place])
    return bool(who) and any(word.strip(".").lower() not in _NOBODY for word in who["name"].split())
