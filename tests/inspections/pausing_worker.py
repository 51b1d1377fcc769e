"""The Celery application as shipped, but for an import that keeps two rows a step and stays at one place of it.

So a test can kill the worker exactly there: after a part's transaction, within one, or within the last of all.
"""

import os
import time
from pathlib import Path

import django

from config.celery import app

django.setup()

from django.conf import settings  # noqa: E402

from inspections.actions import importing, runs  # noqa: E402

__all__ = ["app"]

PLACE = os.environ["TEST_PAUSES"]
importing.ROWS_A_STEP = 2
_carry_on, _keep_part, _bring_in_line = runs.carry_on, runs.keep_part, runs.bring_in_line


def stay():
    Path(settings.VAR_DIR, f"paused-{PLACE}").touch()
    while True:
        time.sleep(1)


def carry_on(run, *, on):
    more = _carry_on(run, on=on)
    if PLACE == "between":
        stay()
    return more


def keep_part(read, start, *, on):
    kept = _keep_part(read, start, on=on)
    if PLACE == "within":
        stay()
    return kept


def bring_in_line(*args, **kwargs):
    result = _bring_in_line(*args, **kwargs)
    if PLACE == "at-the-end":
        stay()
    return result


runs.carry_on, runs.keep_part, runs.bring_in_line = carry_on, keep_part, bring_in_line
