"""The published record of notices, directions, commissioners and delivery bodies that ships with the project.

It is compiled from public pages and partial: what is not in it may have happened all the same. Episodes are made
of it by `improvement.actions.open_interventions`, never here.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from cases.models import Source
from councils.models import Council, DeliveryArrangement, DeliveryBody
from history.actions import event_of, record_event, record_events
from history.models import Event
from improvement.models import AdviceRule, Appointment, Instrument, Precision
from improvement.rules.stages import Told, instruments_of, last_day

DATA = Path(__file__).parent / "data"
PARTNER_IN_PRACTICE = "partner-in-practice"
# The more exact of two dates for one start or end wins; "already so" only where there is no other.
_EXACTNESS = (Precision.DAY, Precision.MONTH, Precision.YEAR, Precision.PLANNED_BY)


@dataclass(frozen=True)
class Loaded:
    """How many rows a load added, changed and left; `no_episode` tell of councils that helped others."""

    added: int = 0
    changed: int = 0
    left: int = 0
    no_episode: int = 0

    def __add__(self, other):
        return Loaded(
            self.added + other.added,
            self.changed + other.changed,
            self.left + other.left,
            self.no_episode + other.no_episode,
        )

    def __str__(self):
        helped = f", {self.no_episode} of councils helping others" if self.no_episode else ""
        return f"added {self.added} changed {self.changed} left {self.left}{helped}"


@transaction.atomic
def load_events(*, by, on):
    """Bring instruments, appointments and delivery arrangements in line with `improvement/data`.

    Safe to repeat: rows are found by council, kind, strand and date, and only those marked partial are changed;
    what a person has recorded stays. Returns `Loaded`.
    """
    councils = dict(Council.objects.real().values_list("la_code", "pk"))
    events = [row | {"council_id": councils[row["la_code"]]} for row in _rows("events")]
    helped = sum(row["fact"] == PARTNER_IN_PRACTICE for row in events)
    return (
        _load_instruments(events, by=by, on=on)
        + _load_appointments(events, by=by, on=on)
        + _load_arrangements(events, councils, by=by, on=on)
        + Loaded(no_episode=helped)
    )


@transaction.atomic
def load_advice_rules(*, by, on):
    """Add the rules of advice that are missing, and return how many were new; what people edited stays."""
    held = set(AdviceRule.objects.values_list("kind", "from_on"))
    rules = [
        AdviceRule(
            kind=AdviceRule.Kind(row["kind"]),
            months=int(row["months"]),
            authority=row["authority"],
            from_on=last_day(row["from_on"], Precision.DAY) if row["from_on"] else None,
            until_on=last_day(row["until_on"], Precision.DAY) if row["until_on"] else None,
        )
        for row in _rows("advice_rules")
    ]
    new = AdviceRule.objects.bulk_create(rule for rule in rules if (rule.kind, rule.from_on) not in held)
    if new:
        record_event("rules-loaded", by=by, on=on, data={"advice": [rule.kind for rule in new]})
    return len(new)


def bodies_by_name():
    """Return {name: (slug, set of la_codes it serves)} of the delivery bodies in the project's own file."""
    serves = defaultdict(set)
    for row in _rows("arrangements"):
        serves[row["body"]].add(row["la_code"])
    return {row["name"]: (row["slug"], serves[row["slug"]]) for row in _rows("bodies")}


def _load_instruments(events, *, by, on):
    held = {
        _key(one): one for one in Instrument.objects.filter(council__in={row["council_id"] for row in events})
    }
    wanted = [(council, one) for council, told in _told(events).items() for one in instruments_of(told)]
    new, changed, by_key = [], [], {}
    for council_id, one in wanted:
        key = (council_id, one.kind, one.strand, one.issued_on or one.lifted_on)
        instrument = held.get(key)
        if instrument is None:
            instrument = _instrument(council_id, one, on)
            new.append(instrument)
        # One that a person has ended since has another revision, and stays as they have it.
        elif instrument.partial and instrument.revision == 1 and instrument.lifted_on != one.lifted_on:
            instrument.lifted_on, instrument.lifted_precision = one.lifted_on, one.lifted_precision
            changed.append(instrument)
        by_key[council_id, one.key] = instrument
    _add_with_sources(Instrument, new, on)
    Instrument.objects.bulk_update(changed, ["lifted_on", "lifted_precision"])
    _link_replacements(wanted, by_key, new)
    _tell("instrument-loaded", new, by=by, on=on)
    _tell("instrument-ended", changed, by=by, on=on)
    return Loaded(len(new), len(changed), len(wanted) - len(new) - len(changed))


def _key(instrument):
    return (
        instrument.council_id,
        instrument.kind,
        instrument.strand,
        instrument.issued_on or instrument.lifted_on,
    )


def _told(events):
    """Council id → what the events tell of it, in the file's order."""
    told = defaultdict(list)
    for row in events:
        told[row["council_id"]].append(
            Told(row["fact"], last_day(row["on"], row["precision"]), row["precision"], row["strand"], row)
        )
    return told


def _instrument(council_id, one, on):
    return Instrument(
        council_id=council_id,
        kind=one.kind,
        strand=one.strand,
        issued_on=one.issued_on,
        issued_precision=one.issued_precision,
        lifted_on=one.lifted_on,
        lifted_precision=one.lifted_precision,
        source=Source(
            council_id=council_id,
            kind=one.kind,
            title=Instrument.Kind(one.kind).label,
            dated_on=one.issued_on,
            url=one.event["url"],
        ),
        **_public(one.event, on),
    )


def _link_replacements(wanted, by_key, new):
    """Point each new instrument at the one it replaces; an instrument is replaced by one other at most."""
    linked = []
    for council_id, one in wanted:
        instrument = by_key[council_id, one.key]
        if one.replaces is not None and instrument in new:
            instrument.replaces = by_key[council_id, one.replaces]
            linked.append(instrument)
    Instrument.objects.bulk_update(linked, ["replaces"])


def _load_appointments(events, *, by, on):
    rows = [row for row in events if row["fact"] == "commissioner-appointed"]
    held = set(
        Appointment.objects.filter(role=Appointment.Role.COMMISSIONER).values_list("council_id", "from_on")
    )
    new = []
    for row in rows:
        from_on = last_day(row["on"], row["precision"])
        if (row["council_id"], from_on) not in held:
            new.append(_commissioner(row, from_on, on))
    _add_with_sources(Appointment, new, on)
    _tell("appointment-loaded", new, by=by, on=on)
    return Loaded(added=len(new), left=len(rows) - len(new))


def _commissioner(row, from_on, on):
    return Appointment(
        council_id=row["council_id"],
        role=Appointment.Role.COMMISSIONER,
        from_on=from_on,
        from_precision=row["precision"],
        strand=row["strand"],
        source=Source(
            council_id=row["council_id"],
            kind=Source.Kind.LETTER,
            title="Commissioner’s appointment",
            dated_on=from_on,
            url=row["url"],
        ),
        **_public(row, on),
    )


def _public(row, on):
    return {
        "partial": True,
        "detail": row["detail"],
        "source_text": row["source"] or row["url"],
        "recorded_on": on,
    }


def _add_with_sources(model, rows, on):
    Source.objects.bulk_create([row.source for row in rows])
    for row in rows:
        row.source = row.source  # takes the number that the source has now
    model.objects.bulk_create(rows)


def _load_arrangements(events, councils, *, by, on):
    bodies = _load_bodies(councils)
    facts = defaultdict(list)
    for row in _arrangement_facts(events):
        facts[councils[row["la_code"]], bodies[row["body"]]].append(row)
    held = {
        (one.council_id, one.body_id): one
        for one in DeliveryArrangement.objects.filter(body__in=bodies.values())
    }
    by_hand = _arrangements_by_hand()
    new, changed = [], []
    for (council_id, body_id), rows in facts.items():
        wanted = _arrangement(rows)
        one = held.get((council_id, body_id))
        if one is None:
            new.append(DeliveryArrangement(council_id=council_id, body_id=body_id, **wanted))
        elif one.pk not in by_hand and any(getattr(one, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(one, name, value)
            changed.append(one)
    DeliveryArrangement.objects.bulk_create(new)
    for one in changed:
        one.save()
    _tell("arrangement-loaded", new, by=by, on=on)
    _tell("arrangement-changed", changed, by=by, on=on)
    return Loaded(len(new), len(changed), len(facts) - len(new) - len(changed))


def _arrangements_by_hand():
    """The numbers of arrangements that a person has recorded or ended: they stay as they have them."""
    told = Event.objects.filter(kind__in=("arrangement-recorded", "arrangement-ended"))
    return set(told.filter(subject_kind="deliveryarrangement").values_list("subject_id", flat=True))


def _load_bodies(councils):
    bodies = {}
    for row in _rows("bodies"):
        body, _ = DeliveryBody.objects.update_or_create(
            slug=row["slug"],
            defaults={"name": row["name"], "kind": row["kind"], "council_id": councils.get(row["la_code"])},
        )
        bodies[row["slug"]] = body.pk
    return bodies


def _arrangement_facts(events):
    """Return what both files say of who delivers for whom, in one layout."""
    of_events = [
        row
        | {
            "fact": row["fact"].removeprefix("arrangement-"),
            "note": row["detail"],
            "source": row["source"] or row["url"],
        }
        for row in events
        if row["body"]
    ]
    return _rows("arrangements") + of_events


def _arrangement(rows):
    """One council's time with one body, from every row about it; the most exact date of each end counts."""
    began = _most_exact(row for row in rows if row["fact"] == "started")
    ended = _most_exact(row for row in rows if row["fact"] == "ended")
    held = _most_exact(row for row in rows if row["fact"] == "in-operation")
    told = began or held
    return {
        "from_on": _day(began),
        "from_precision": told["precision"],
        "until_on": _day(ended),
        "until_precision": ended["precision"] if ended else Precision.DAY,
        "recorded_on": _day(held),
        "note": "; ".join(dict.fromkeys(row["note"] for row in (told, ended) if row and row["note"])),
        "source_text": "; ".join(dict.fromkeys(row["source"] for row in (told, ended) if row)),
    }


def _most_exact(rows):
    def exactness(row):
        return _EXACTNESS.index(row["precision"]) if row["precision"] in _EXACTNESS else len(_EXACTNESS)

    return min(rows, key=exactness, default=None)


def _day(row):
    return last_day(row["on"], row["precision"]) if row else None


def _tell(kind, rows, *, by, on):
    codes = dict(Council.objects.values_list("pk", "la_code"))
    record_events(
        event_of(kind, by=by, on=on, subject=row, council_code=codes[row.council_id]) for row in rows
    )


def _rows(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
