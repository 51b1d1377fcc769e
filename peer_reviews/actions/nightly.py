"""What the night clears away, each by its own action."""

# Each takes `by` and `on`, is a transaction of its own and safe to repeat.
CLEARED = []


def clear_away(*, by, on):
    """Run each action of the night in turn; return {its name: what it returned}."""
    return {action.__name__: action(by=by, on=on) for action in CLEARED}
