"""Every write about cases and their milestones. One transaction each, its events inside."""

from cases.actions.calendars import add_bank_holiday, add_bank_holidays
from cases.actions.clocks import make_next_of_series, start_clocks
from cases.actions.milestones import (
    Confirmation,
    NotConfirmed,
    Refused,
    Stale,
    answer,
    assign,
    confirm,
    confirm_all,
    mark_met,
    move_date,
    pause,
    reopen,
    resume,
    withdraw_milestones,
)
from cases.actions.opening import open_case, open_cases
from cases.actions.sweep import SweepResult, flag_overdue

__all__ = [
    "Confirmation",
    "NotConfirmed",
    "Refused",
    "Stale",
    "SweepResult",
    "add_bank_holiday",
    "add_bank_holidays",
    "answer",
    "assign",
    "confirm",
    "confirm_all",
    "flag_overdue",
    "make_next_of_series",
    "mark_met",
    "move_date",
    "open_case",
    "open_cases",
    "pause",
    "reopen",
    "resume",
    "start_clocks",
    "withdraw_milestones",
]
