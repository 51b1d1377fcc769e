"""Every write about interventions. One transaction each, its events inside."""

from improvement.actions.arrangements import end_arrangement, record_arrangement
from improvement.actions.by_hand import open_by_hand, record_trigger
from improvement.actions.clauses import ClauseGiven, change_clause, record_clauses
from improvement.actions.corrections import correct_appointment, correct_decision, correct_instrument
from improvement.actions.episodes import confirm_episode, reject_episode
from improvement.actions.letters import (
    end_appointment,
    lift_instrument,
    record_appointment,
    record_decision,
    record_instrument,
)
from improvement.actions.opening import Opened, open_interventions
from improvement.actions.reports import change_report, record_report

__all__ = [
    "ClauseGiven",
    "Opened",
    "change_clause",
    "change_report",
    "confirm_episode",
    "correct_appointment",
    "correct_decision",
    "correct_instrument",
    "end_appointment",
    "end_arrangement",
    "lift_instrument",
    "open_by_hand",
    "open_interventions",
    "record_appointment",
    "record_arrangement",
    "record_clauses",
    "record_decision",
    "record_instrument",
    "record_report",
    "record_trigger",
    "reject_episode",
]
