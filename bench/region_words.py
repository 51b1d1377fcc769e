"""The facts of a region's page in its own words: read from the page, and written from the rows by hand."""

import re
from datetime import date
from html.parser import HTMLParser

from cases.presenters import count_of, day_words
from dashboards.presenters.milestones import within_a_sentence
from dashboards.queries import STEPS
from improvement.rules.stages import LABELS, Stage


class _Reading(HTMLParser):
    """Reads from a region's page the cells of its table, a dict a council, and what needs the reader."""

    def __init__(self):
        super().__init__()
        self.councils, self.needs, self.into = {}, [], None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "tr" and "id" in attrs:
            self.cells = self.councils[attrs["id"]] = {}
        elif attrs.get("scope") == "row":
            self.into = self.cells["Council"] = []
        elif "data-heading" in attrs:
            self.into = self.cells[attrs["data-heading"]] = []
        elif attrs.get("class") == "up-needs__item":
            self.into = []
            self.needs.append(self.into)
        elif tag == "a" and "up-needs__action" in attrs.get("class", ""):
            self.into = None

    def handle_endtag(self, tag):
        if tag in {"td", "th", "li"} and not (tag == "li" and "Areas" in getattr(self, "cells", {})):
            self.into = None

    def handle_data(self, data):
        if self.into is not None and data.strip():
            self.into.append(" ".join(data.split()))


def told(response):
    """Return the facts that the region's page shows: of each council, and what needs the reader."""
    reading = _Reading()
    reading.feed(response.content.decode())
    councils = {
        slug: {
            "adviser": cells["Council"][1],
            "grade": cells["Overall"],
            "areas": [each for each in cells["Areas"] if ": " in each],
            "inspected": cells["Inspected"][:1],
            "window": [each for each in cells["Next window"] if each != "window passed"],
            "stage": cells["Intervention"],
            "next": cells["Next milestone"],
            "overdue": [int(re.match(r"\d+", each)[0]) for each in cells["Overdue"]],
        }
        for slug, cells in reading.councils.items()
    }
    needs = sorted((council, what.removeprefix(": "), tag) for tag, council, what, *_ in reading.needs)
    return {"councils": councils, "needs": needs}


def in_words(rows, on):
    """Return the same of the facts by hand, in the page's words."""
    return {
        "councils": {row[1]: _council_in_words(row) for row in rows},
        "needs": sorted(need for row in rows for need in _needs_in_words(row, on)),
    }


def _council_in_words(row):
    begun_on, _, grades, stage, since, insufficient, ungraded, late, others, following, window, adviser, _ = (
        row[5:]
    )
    awaited = (
        "insufficient: DfE decision awaited" if insufficient else "DfE decision awaited" if ungraded else ""
    )
    overall = next((word for code, _, _, word in grades if code == "overall"), None)
    areas = [(name, grade, word) for code, name, grade, word in grades if code != "overall"]
    return {
        "adviser": adviser or "no adviser",
        "grade": [overall] if overall else ["Not graded overall", _lowest(areas)],
        "areas": [f"{name}: {word.lower()}" for name, _, word in areas],
        "inspected": [_short(begun_on)],
        "window": [_window(overall, window)],
        "stage": _stage(stage, since, awaited),
        "next": [following[0], _short(date.fromisoformat(following[1]))] if following else ["—"],
        "overdue": [late] + ([others] if others else []),
    }


def _lowest(areas):
    worst = max(STEPS.index(grade) for _, grade, _ in areas)
    lowest = [(name, word) for name, grade, word in areas if STEPS.index(grade) == worst]
    return f"lowest: {lowest[0][1].lower()} ({', '.join(name for name, _ in lowest).lower()})"


def _window(overall, window):
    if overall == "Inadequate":
        return "Monitoring visits first"
    opens, closes = (date.fromisoformat(day) for day in window)
    return f"{opens:%b %Y} – {closes:%b %Y}"


def _stage(stage, since, awaited):
    if stage is None:
        return [awaited or "—"]
    return [LABELS[list(Stage)[stage]], awaited or f"since {day_words(since)}"]


def _short(day):
    return f"{day.day} {day:%b %Y}"


def _needs_in_words(row, on):
    if row[10] or row[11]:
        yield row[0], "has the DfE written?", "Decision awaited"
    for presses, due, _, label, *_ in row[-1] or []:
        days = (date.fromisoformat(due) - on).days
        tag = (
            f"{count_of(-days, 'day')} overdue" if presses == "overdue" else f"Due in {count_of(days, 'day')}"
        )
        yield row[0], within_a_sentence(label), "Offer due" if presses == "offer-due" else tag
