"""Every write about interventions. One transaction each, its events inside."""

from improvement.actions.episodes import confirm_episode, reject_episode
from improvement.actions.letters import (
    end_appointment,
    lift_instrument,
    record_appointment,
    record_decision,
    record_instrument,
)
from improvement.actions.opening import Opened, open_interventions

__all__ = [
    "Opened",
    "confirm_episode",
    "end_appointment",
    "lift_instrument",
    "open_interventions",
    "record_appointment",
    "record_decision",
    "record_instrument",
    "reject_episode",
]
