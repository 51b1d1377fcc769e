"""Text as an office file can hold it, and the words that lead a finding."""

import re

# What XML has no place for, what stands alone of a pair, and what turns around the letters that follow it.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202d\u202e\ud800-\udfff\ufffe\uffff]")
LEADS = {
    "strength": "Strength",
    "consideration": "Area for further consideration",
    "recommendation": "Recommendation",
}


def fit(text):
    """Return the text with lines ended alike and nothing that XML can't hold; every letter else as it is."""
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def fitted(value):
    """Return plain content with every text of it `fit`."""
    if isinstance(value, dict):
        return {key: fitted(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [fitted(each) for each in value]
    return fit(value) if isinstance(value, str) else value
