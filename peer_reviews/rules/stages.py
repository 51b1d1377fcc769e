"""From which stage of a review to which it may go. Pure. Rule: section 6, point 1."""

IN_ORDER = (
    "offered",
    "accepted",
    "scoped",
    "team-confirmed",
    "preparing",
    "on-site",
    "feedback-given",
    "draft-report",
    "factual-accuracy",
    "final",
    "action-plan",
    "follow-up",
    "closed",
)
ENDED = ("declined", "cancelled", "closed")
# A council may want neither an action plan nor a follow-up; a small review has no factual accuracy round.
MAY_BE_LEFT_OUT = ("factual-accuracy", "action-plan", "follow-up")


def may_go(before, after, *, stage_before=""):
    """Say whether a review may go from `before` to `after`; `stage_before` is where a postponed one was."""
    if before in ENDED or before == after:
        return False
    if after in ("postponed", "cancelled"):
        return True
    if before == "postponed":
        return after == stage_before
    if after == "declined":
        return before == "offered"
    if before not in IN_ORDER or after not in IN_ORDER:
        return False
    between = IN_ORDER[IN_ORDER.index(before) + 1 : IN_ORDER.index(after)]
    forward = IN_ORDER.index(after) > IN_ORDER.index(before)
    return forward and all(stage in MAY_BE_LEFT_OUT for stage in between)


def has_reached(stage, wanted, *, stage_before=""):
    """Say whether a review at `stage` has come as far as `wanted`, of `IN_ORDER`. One that was declined has not."""
    reached = stage_before if stage == "postponed" else stage
    return reached in IN_ORDER and IN_ORDER.index(reached) >= IN_ORDER.index(wanted)
