"""What becomes of a version once it left the house. Pure. Rule: section 5, point 2."""

# The milestones that a plan meets once it is sent, by clock rule, and to whom it must have been sent for that.
PLAN_RULES = {
    "action-plan": ("ofsted", "dfe"),
    "action-plan-visit": ("ofsted", "dfe"),
    "improvement-plan": ("dfe",),
    "improvement-plan-notice": ("dfe",),
}
DECIDES = {"accepted": "accepted", "returned": "returned", "does-not-reflect": "returned"}


def met_by(recipients, sent):
    """Return the day on which a milestone was met: when the last of `recipients` was sent the plan; None before that.

    `sent`: {recipient: day}.
    """
    if not all(one in sent for one in recipients):
        return None
    return max(sent[one] for one in recipients)


def standing_after(replies):
    """Return how a sent version stands after `replies` (kinds, in the order of their dates): the latest decides.

    Ofsted's "reflects the findings" alone accepts nothing: the DfE does.
    """
    deciding = [DECIDES[kind] for kind in replies if kind in DECIDES]
    return deciding[-1] if deciding else "sent"


def left_the_house(content):
    """Return what of a snapshot's content left the house, and is hashed: all but the credibility check.

    The check is advice to the council and the LGA, kept beside the plan as it then stood.
    """
    return {key: value for key, value in content.items() if key != "check"}
