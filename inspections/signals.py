"""Facts that rooms above may act on. Sent inside the transaction, by `send`: an error rolls it back."""

from dataclasses import dataclass

from django.dispatch import Signal

# Arguments: councils (set of council ids), by (Viewer), on (date). A receiver may return `Consequences`: what it did,
# which whoever imports gets to read.
outcomes_published = Signal()


@dataclass(frozen=True)
class Consequence:
    """One thing that followed for one council: "opens a case". `reference`, of the case, is "" where there is none."""

    council: str
    address: str
    words: str
    reference: str = ""


@dataclass(frozen=True)
class Consequences:
    """All that one receiver did: in one line, and one by one."""

    summary: str
    each: tuple[Consequence, ...] = ()

    def __str__(self):
        return self.summary
