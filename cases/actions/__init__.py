"""Every write about cases and their milestones. One transaction each, its events inside."""

from cases.actions.allocation import (
    NotAllocated,
    Reallocated,
    Wanted,
    allocate,
    allocate_all,
    assign_case,
)
from cases.actions.calendars import add_bank_holiday, add_bank_holidays
from cases.actions.clocks import make_next_of_series, start_clocks
from cases.actions.contacts import (
    change_contact,
    delete_contact,
    delete_expired_contacts,
    followed_up,
    log_contact,
)
from cases.actions.embargo import log_view, name_reader, strike_reader
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
    meet,
    move_date,
    pause,
    reopen,
    restore_milestones,
    resume,
    withdraw_milestones,
)
from cases.actions.opening import open_case, open_cases
from cases.actions.posts import appoint, correct_control, correct_post, end_post, set_control
from cases.actions.recommendations import (
    add_recommendations,
    change_recommendation,
    close_recommendation,
    reopen_recommendation,
)
from cases.actions.sweep import SweepResult, flag_overdue

__all__ = [
    "Confirmation",
    "NotAllocated",
    "NotConfirmed",
    "Reallocated",
    "Refused",
    "Stale",
    "SweepResult",
    "Wanted",
    "add_bank_holiday",
    "add_bank_holidays",
    "add_recommendations",
    "allocate",
    "allocate_all",
    "answer",
    "appoint",
    "assign",
    "assign_case",
    "change_contact",
    "change_recommendation",
    "close_recommendation",
    "confirm",
    "confirm_all",
    "correct_control",
    "correct_post",
    "delete_contact",
    "delete_expired_contacts",
    "end_post",
    "flag_overdue",
    "followed_up",
    "log_contact",
    "log_view",
    "make_next_of_series",
    "mark_met",
    "meet",
    "move_date",
    "name_reader",
    "open_case",
    "open_cases",
    "pause",
    "reopen",
    "reopen_recommendation",
    "restore_milestones",
    "resume",
    "set_control",
    "start_clocks",
    "strike_reader",
    "withdraw_milestones",
]
