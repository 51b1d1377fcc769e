"""Every write about cases and their milestones. One transaction each, its events inside."""

from cases.actions.calendars import add_bank_holiday, add_bank_holidays
from cases.actions.clocks import make_next_of_series, start_clocks
from cases.actions.milestones import (
    Refused,
    Stale,
    answer,
    assign,
    confirm,
    mark_met,
    move_date,
    pause,
    resume,
    withdraw_milestones,
)
from cases.actions.opening import open_case, open_cases
from cases.actions.sweep import SweepResult, flag_overdue

__all__ = [
    "Refused",
    "Stale",
    "SweepResult",
    "add_bank_holiday",
    "add_bank_holidays",
    "answer",
    "assign",
    "confirm",
    "flag_overdue",
    "make_next_of_series",
    "mark_met",
    "move_date",
    "open_case",
    "open_cases",
    "pause",
    "resume",
    "start_clocks",
    "withdraw_milestones",
]
