"""Whom the DfE appointed to a council, asked of the room that keeps appointments by a room that may not know it."""

from dataclasses import dataclass

# By name, what returns the appointments at councils: see `appointed_through`.
_APPOINTED = {}


@dataclass(frozen=True)
class Appointed:
    """Somebody whom the DfE appointed to a council: who signs in, or only a name. `role` is in words."""

    council_id: int
    role: str
    person_id: int | None = None
    name: str = ""


def appointed_through(name, appointed):
    """Let `appointed` say whom the DfE ever appointed: a function of council numbers that returns `Appointed`s.

    The room that keeps them registers it when it is ready; the same `name` again replaces the first.
    """
    _APPOINTED[name] = appointed


def appointed_at(councils):
    """Return everybody whom the DfE ever appointed to one of the councils (numbers), now or in the past."""
    return [one for appointed in _APPOINTED.values() for one in appointed(councils)]
