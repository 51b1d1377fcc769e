"""Reference data of the clocks: bank holidays, clock rules, flag rules, and how long notes are kept. Safe to run again.

A row that is already there is left as people have edited it; only what is missing is added.
"""

import csv
from datetime import date
from pathlib import Path

from django.db import transaction
from govuk_bank_holidays.bank_holidays import BankHolidays

from cases.actions import add_bank_holidays
from cases.models import ClockRule, FlagRule, RetentionRule
from history.actions import record_event

DATA = Path(__file__).parent / "data"
ENGLAND_AND_WALES = "england-and-wales"


def load_bank_holidays(*, by, on):
    """Add England and Wales's bank holidays of the package's own table, and return how many were new."""
    table = BankHolidays(use_cached_holidays=True).get_holidays(division=ENGLAND_AND_WALES)
    days = {holiday["date"]: holiday["title"] for holiday in table}
    return len(add_bank_holidays(days, calendar=ENGLAND_AND_WALES, by=by, on=on))


@transaction.atomic
def load_rules(*, by, on):
    """Add the clock, flag and retention rules that are missing, and return how many were new."""
    clock = _add_missing(
        ClockRule, [_clock_rule(row, n) for n, row in enumerate(_rows("clock_rules.csv"))], "slug"
    )
    flag = _add_missing(FlagRule, [_flag_rule(row) for row in _rows("flag_rules.csv")], "level")
    kept = _add_missing(RetentionRule, [_retention_rule(row) for row in _rows("retention_rules.csv")], "kind")
    if clock or flag or kept:
        data = {
            "clock": [rule.slug for rule in clock],
            "flag": [rule.level for rule in flag],
            "retention": [rule.kind for rule in kept],
        }
        record_event("rules-loaded", by=by, on=on, data=data)
    return len(clock) + len(flag) + len(kept)


def _rows(name):
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _add_missing(model, rules, key):
    present = set(model.objects.values_list(key, "from_on"))
    missing = [rule for rule in rules if (getattr(rule, key), rule.from_on) not in present]
    return model.objects.bulk_create(missing)


def _clock_rule(row, place):
    return ClockRule(
        slug=row["slug"],
        label=row["label"],
        starts_from=ClockRule.StartsFrom(row["starts_from"]),
        applies_when=_conditions(row["applies_when"]),
        length=int(row["length"]) if row["length"] else None,
        unit=row["unit"],
        window_months=int(row["window_months"]),
        repeats=row["repeats"] == "yes",
        only_latest=row["only_latest"],
        of_council=row["of_council"] == "yes",
        owes=row["owes"],
        force=row["force"],
        authority=row["authority"],
        order=place,
        from_on=_day(row["from_on"]),
        until_on=_day(row["until_on"]),
    )


def _flag_rule(row):
    return FlagRule(
        level=FlagRule.Level(row["level"]),
        rank=int(row["rank"]),
        days=int(row["days"]),
        tells=row["tells"],
        tells_after_working_days=int(row["tells_after_working_days"]),
        from_on=_day(row["from_on"]),
        until_on=_day(row["until_on"]),
    )


def _retention_rule(row):
    return RetentionRule(
        kind=row["kind"],
        months=int(row["months"]),
        from_on=_day(row["from_on"]),
        until_on=_day(row["until_on"]),
    )


def _conditions(text):
    """Read "grades=inadequate|good; lowest=" as {"grades": ["inadequate", "good"], "lowest": [""]}."""
    pairs = (part.strip().split("=") for part in text.split(";") if part.strip())
    return {fact: accepted.split("|") for fact, accepted in pairs}


def _day(text):
    return date.fromisoformat(text) if text else None
