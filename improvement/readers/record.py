"""Read the compiled record of notices, directions, commissioners and trusts into the project's own layout.

The compiled file has one event a row: council, event, date, precision, detail and where it was found.
"""

import csv
import re
from pathlib import Path

WANTED = (
    "la_code",
    "council",
    "event",
    "event_date",
    "date_precision",
    "detail",
    "source_url",
    "source_kind",
)
TIDY = (
    "la_code",
    "council",
    "fact",
    "on",
    "precision",
    "strand",
    "body",
    "detail",
    "url",
    "source",
    "source_kind",
)
FACTS = {
    "improvement_notice_issued": "notice-issued",
    "improvement_notice_closed": "notice-lifted",
    "direction_issued": "direction-issued",
    "direction_replaced": "direction-replaced",
    "direction_replaced_by_improvement_notice": "direction-replaced-by-notice",
    "direction_revoked": "direction-lifted",
    "commissioner_appointed": "commissioner-appointed",
    "trust_started": "arrangement-started",
    "trust_in_operation": "arrangement-in-operation",
    "trust_ended": "arrangement-ended",
    "partner_in_practice": "partner-in-practice",
}
# Addresses that are a page alone can be linked; a mirror, a blog or two addresses in one cell are kept as text.
_PLAIN_ADDRESS = re.compile(r"https?://[^\s;,()]+\Z")
_ABOUT_SEND = re.compile(r"\bSEND? services\b")


class NotTheRecord(ValueError):
    """The file is not the compiled record: its headings are not there."""


def read_compiled(path, bodies):
    """Return the file's events as dicts in the `TIDY` layout, in its order.

    `bodies`: {name of a delivery body: (slug, la_codes it serves)}. Raises NotTheRecord for another file and
    ValueError, with its line, for an event that is none of the eleven.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = set(WANTED) - set(reader.fieldnames or ())
        if missing:
            raise NotTheRecord(f"no column {', '.join(sorted(missing))}: this is not the compiled record")
        return [_tidy(row, reader.line_num, bodies) for row in reader]


def _tidy(row, line, bodies):
    if row["event"] not in FACTS:
        raise ValueError(f"line {line}: {row['event']!r} is not an event of this record")
    fact = _fact(row)
    return {
        "la_code": row["la_code"],
        "council": row["council"],
        "fact": fact,
        "on": row["event_date"],
        "precision": row["date_precision"],
        "strand": "send" if _ABOUT_SEND.search(row["detail"]) else "to-confirm",
        "body": _body(row, bodies) if fact.startswith("arrangement") else "",
        "detail": row["detail"],
        "url": row["source_url"] if plain_address(row["source_url"]) else "",
        "source": "" if plain_address(row["source_url"]) else row["source_url"],
        "source_kind": row["source_kind"],
    }


def plain_address(text):
    """Say whether `text` is one web address and nothing else."""
    return bool(_PLAIN_ADDRESS.match(text))


def _fact(row):
    """What the row says; twice the detail alone tells that one instrument took the place of another."""
    detail = row["detail"].lower()
    if row["event"] == "improvement_notice_issued" and detail == "new notice":
        return "notice-replaced"
    if row["event"] == "direction_issued" and "notice closed and replaced with direction" in detail:
        return "notice-replaced-by-direction"
    return FACTS[row["event"]]


def _body(row, bodies):
    """The body that the row names; where it names none, the only one known to serve its council."""
    named = [slug for name, (slug, _) in bodies.items() if name in row["detail"]]
    serving = [slug for slug, councils in bodies.values() if row["la_code"] in councils]
    return (named or serving)[0]
