"""What an action raises where it won't do what was asked; apart from the actions, so that whatever they call can."""


class Stale(Exception):
    """Somebody else changed the row since it was read. `current` is the row as it is now."""

    def __init__(self, current):
        super().__init__(f"{type(current).__name__} {current.pk} is at revision {current.revision}.")
        self.current = current


class Refused(Exception):
    """What was asked can't be. `message` is for the person; `field`, where not "", is what to correct."""

    def __init__(self, message, field=""):
        super().__init__(message)
        self.message = message
        self.field = field
