"""The cells of the grid in which a plan's actions are drafted: what is typed in them, and how an action fills them."""

import hashlib
import re
from datetime import date

TEXTS = ("text", "success", "owner_post", "owner_body")
DATES = ("start_on", "due_on")
TICKS = ("by_measures", "by_audit", "by_voice")
ANSWERS = "answers"
CELLS = (*TEXTS, *DATES, ANSWERS, *TICKS)
NAMES = {
    "text": "Action",
    "success": "How we shall know",
    "owner_post": "Owner’s post",
    "owner_body": "Owner’s body",
    "start_on": "Start",
    "due_on": "Due",
    ANSWERS: "Answers",
    "by_measures": "Evidence by measures",
    "by_audit": "Evidence by case audit",
    "by_voice": "Evidence by voice",
}
TICKED = "on"


def label_recommendations(recommendations):
    """Return {key: label} of what a plan answers: "3"; "A3", "B1" where there are several sources."""
    return label_sources([(one.pk, one.source_id, one.number) for one in recommendations])


def label_sources(told):
    """Return {key: label} for (key, source, number), in their order. See `label_recommendations`."""
    sources = list(dict.fromkeys(source for _, source, _ in told))
    if len(sources) < 2:
        return {key: str(number) for key, _, number in told}
    return {key: f"{_letter(sources.index(source))}{number}" for key, source, number in told}


def _letter(place):
    return chr(ord("A") + place) if place < 26 else f"{_letter(place // 26 - 1)}{_letter(place % 26)}"


def cells_of(planned, labels):
    """Return {cell: text} of an action read with `with_answers`, as its row shows it."""
    answered = {one.pk for one in planned.answered}
    return {
        **{name: getattr(planned, name) for name in TEXTS},
        **{name: day.isoformat() if (day := getattr(planned, name)) else "" for name in DATES},
        ANSWERS: ", ".join(label for key, label in labels.items() if key in answered),
        **{name: TICKED if getattr(planned, name) else "" for name in TICKS},
    }


def empty_cells():
    return dict.fromkeys(CELLS, "")


def typed_in(data, key):
    """Return {cell: text} of the row `key` of a whole grid that was sent; None where it has no such row."""
    if f"{key}-revision" not in data:
        return None
    return {name: _one_line_ending(data.get(f"{key}-{name}", "")) for name in CELLS}


def typed_alone(data):
    """Return {cell: text} of what was sent of one row: the cells that were changed and no others."""
    return {name: _one_line_ending(data[name]) for name in CELLS if name in data}


def _one_line_ending(text):
    return text.replace("\r\n", "\n").strip()


def fingerprint(cells):
    """Return a short digest of a row's cells: by it a row that somebody left as it was is known when it is sent."""
    written = "\x1f".join(cells[name].strip() for name in CELLS)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def read_cells(typed, labels, recommendations):
    """Return (what `save_action` takes, {cell: what is wrong}) of what was typed in some cells of a row."""
    given, wrong = {}, {}
    for name, text in typed.items():
        if name in DATES:
            try:
                given[name] = date.fromisoformat(text) if text else None
            except ValueError:
                wrong[name] = f"{NAMES[name]} must be a real date, such as 2026-11-03"
        elif name in TICKS:
            given[name] = text == TICKED
        elif name == ANSWERS:
            given["recommendations"], strange = _answered(text, labels, recommendations)
            if strange:
                wrong[name] = f"The plan answers no recommendation {', '.join(strange)}: see the list above"
        else:
            given[name] = text
    return given, wrong


def _answered(text, labels, recommendations):
    by_label = {label.upper(): key for key, label in labels.items()}
    asked = [label for label in re.split(r"[\s,;]+", text) if label]
    strange = [label for label in asked if label.upper() not in by_label]
    keys = {by_label[label.upper()] for label in asked if label.upper() in by_label}
    return [one for one in recommendations if one.pk in keys], strange
