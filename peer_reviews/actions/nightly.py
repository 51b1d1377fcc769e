"""What the night clears away, each by its own action."""

from peer_reviews.actions.approaches import delete_expired_approaches
from peer_reviews.actions.notes import delete_notes, lock_counts
from peer_reviews.actions.room import empty_closed_rooms
from peer_reviews.actions.timetable import revoke_ended_feeds

# Each takes `by` and `on`, is a transaction of its own and safe to repeat.
CLEARED = [delete_expired_approaches, empty_closed_rooms, revoke_ended_feeds, lock_counts, delete_notes]


def clear_away(*, by, on):
    """Run each action of the night in turn; return {its name: what it returned}."""
    return {action.__name__: action(by=by, on=on) for action in CLEARED}
