"""Papers as tagged PDF, typeset from data by templates: what is written reaches them as data, never as markup."""

import json
import re
import unicodedata

import typst

# What is embedded as PDF/UA-1, for screen readers; a text without glyphs for a letter is tagged and no more.
ACCESSIBLE = "ua-1"
UNBROKEN = re.compile(r"\S{30}(?=\S)")
ZERO_WIDTH_SPACE = "\u200b"


def typeset(template, inputs):
    """Return a PDF of the template at a path. `inputs`: plain values by name, which reach it as data alone."""
    given = {name: json.dumps(_printable(value)) for name, value in inputs.items()}
    made = {"root": template.parent, "format": "pdf", "sys_inputs": given}
    try:
        return typst.compile(template, **made, pdf_standards=ACCESSIBLE)
    except typst.TypstError as refused:
        if "could not be displayed" not in str(refused):
            raise
        return typst.compile(template, **made)


def _printable(value):
    """Return plain values whose texts hold nothing that can't be printed, and break where a word would be too wide."""
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    if isinstance(value, str):
        return _printable_text(value)
    return value


def _printable_text(text):
    kept = "".join(letter for letter in text if letter == "\n" or not _is_control(letter))
    return UNBROKEN.sub(lambda run: run[0] + ZERO_WIDTH_SPACE, kept)


def _is_control(letter):
    """Controls, marks that turn what follows around, and what no letter stands for."""
    joins = letter in "\u200c\u200d"
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn"} and not joins
