"""Drafting a plan: its versions, and the priorities, actions, measures and risks of the one in work.

Every edit takes the version under its lock, so that what is numbered stays in order and nothing is written into a
version while somebody sends it for approval; and each save takes the `revision` that was read.
"""

from improvement.actions.drafting.lines import (
    add_action,
    merge_action,
    move_action,
    put_back_action,
    remove_action,
    save_action,
)
from improvement.actions.drafting.measures import add_measure, move_measure, remove_measure, save_measure
from improvement.actions.drafting.plans import (
    choose_recommendations,
    new_version,
    save_plan,
    save_version,
    start_plan,
)
from improvement.actions.drafting.priorities import (
    add_priority,
    move_priority,
    remove_priority,
    save_priority,
)
from improvement.actions.drafting.risks import add_risk, move_risk, remove_risk, save_risk

__all__ = [
    "add_action",
    "add_measure",
    "add_priority",
    "add_risk",
    "choose_recommendations",
    "merge_action",
    "move_action",
    "move_measure",
    "move_priority",
    "move_risk",
    "new_version",
    "put_back_action",
    "remove_action",
    "remove_measure",
    "remove_priority",
    "remove_risk",
    "save_action",
    "save_measure",
    "save_plan",
    "save_priority",
    "save_risk",
    "save_version",
    "start_plan",
]
