"""Obvious identifiers of a child are refused; what only looks like one passes."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.actions import Refused
from cases.identifiers import _CHECK_LETTERS, identifiers_in, refuse_identifiers

NHS = "an NHS number"
UPN = "a unique pupil number"
BIRTH = "a date of birth"


def nhs_number(nine):
    """Return the number with its check digit, or None where the nine have none."""
    check = (11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11
    return None if check == 10 else f"{nine}{check}"


def pupil_number(rest):
    values = [int(one) if one.isdigit() else _CHECK_LETTERS.index(one) for one in rest]
    return _CHECK_LETTERS[sum(v * w for v, w in zip(values, range(2, 14), strict=True)) % 23] + rest


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("NHS 943 476 5919", [NHS]),
        ("see 9434765919.", [NHS]),
        ("NHS9434765919", [NHS]),
        ("943-476-5919 again", [NHS]),
        (f"pupil {pupil_number('801200112001')}", [UPN]),
        (f"pupil {pupil_number('80120011200A').lower()}", [UPN]),
        ("John Smith, born 12/3/2014", [BIRTH]),
        ("John Smith (born 12 March 2014)", [BIRTH]),
        ("Ann was born on 12th March 2014", [BIRTH]),
        ("A. Other (b. 12.3.14)", [BIRTH]),
        ("DOB 12.03.14", [BIRTH]),
        ("d.o.b: 12/03/2014", [BIRTH]),
        ("D.O.B. 2014-03-12", [BIRTH]),
        ("Date of birth of Ann Other is 12 Mar 2014", [BIRTH]),
        ("date of birth – March 12, 2014", [BIRTH]),
        ("Ann Other 12/3/2014 (DOB)", [BIRTH]),
        ("NHS 943 476 5919, DOB 12.03.14", [NHS, BIRTH]),
    ],
)
def test_an_obvious_identifier_is_found(text, kinds):
    assert identifiers_in(text) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The board meets on 12/03/2026 and 9 April 2026.",
        "Jane Doe chaired the Improvement Board (12/3/2026)",
        "Ring 01234 567890 or 020 7946 0958 or 07700 900123 or +44 7700 900123 or 7700900123",
        "SH/2026/014, PLAN-2026-0003 and CS-943-476",
        "URN 80512, OR/2026/9434765919",
        "943 476 5918 has the wrong check digit",
        "£4 343 476 591 and 94347659190",
        "1234567890",
        "0000000000",
        "Children born on 1 April 2024 or later",
        "Babies born 01/04/2024 to 31/03/2025 were seen",
        "All Children born on 1 April 2024",
        "Audit of records where the date of birth is missing, by 12/03/2026",
        "Record every date of birth by 12/03/2026",
        "Sarah was born to lead; the plan is due 12/03/2026",
        "The trust was born of the review of 12 March 2014",
        "A801200112001X is longer, ABC8012001120 has letters",
        "98% of 1,234 visits in time, 3.5 per 10,000, from 2025-26",
        "dobson 12/03/2014 visited",
        "Reborn 12/03/2014",
    ],
)
def test_what_only_looks_like_one_passes(text):
    assert identifiers_in(text) == []


@given(
    st.from_regex(r"(3[2-9]|4[0-9]|6[0-9]|70)[0-9]{7}", fullmatch=True),
    st.sampled_from(["", " ", "-", "\u00a0"]),
)
def test_every_issued_nhs_number_is_found_however_spaced_and_no_other_check_digit(nine, gap):
    number = nhs_number(nine)
    if nine.startswith("70") and int(nine[2]) > 8:
        return
    for check in "0123456789":
        whole = nine + check
        found = identifiers_in(f"Child {whole[:3]}{gap}{whole[3:6]}{gap}{whole[6:]} moved")
        assert found == ([NHS] if whole == number and len(set(whole)) > 1 else [])


@given(st.from_regex(r"[0-9]{11}[0-9A-HJ-NP-RT-Z]", fullmatch=True))
def test_every_pupil_number_is_found_and_no_other_check_letter(rest):
    right = pupil_number(rest)
    for letter in _CHECK_LETTERS:
        found = UPN in identifiers_in(f"({letter}{rest})")
        assert found == (letter == right[0])


@given(st.text(max_size=200))
def test_any_text_at_all_is_read_and_only_with_digits_refused(text):
    assert identifiers_in(text) == [] or re.search(r"\d", text)


@pytest.mark.parametrize(
    "text",
    [
        "A" * 20_000,
        "A-" * 10_000,
        "Ann born " * 2500,
        "DOB" + " " * 20_000,
        "Ann " * 5000,
        ("1" + " " * 200) * 100,
    ],
)
def test_no_text_takes_long(text):
    begun = time.perf_counter()
    assert identifiers_in(text) == []
    assert time.perf_counter() - begun < 2


def test_the_message_says_what_and_where_and_never_repeats_it():
    with pytest.raises(Refused) as refused:
        refuse_identifiers(title="Audit", note="Seen: NHS 943 476 5919, DOB 12.03.14", reason=None)
    assert refused.value.field == "note"
    assert refused.value.message == (
        "This holds what looks like an NHS number and a date of birth. Refer to the case by its reference only."
    )
    assert not re.search(r"\d", refused.value.message)
    refuse_identifiers(title="Audit", note="", reason=None)
