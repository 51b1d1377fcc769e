"""What this room does when a room below says that something happened."""

from improvement.actions import open_interventions


def open_on_publication(sender, *, councils, by, on, **kwargs):
    """Open interventions inside the transaction that published the outcomes; an error rolls it back.

    Return what that did, for whoever imports to read.
    """
    return f"interventions: {open_interventions(councils, by=by, on=on)}"
