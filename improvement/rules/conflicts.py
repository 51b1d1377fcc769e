"""What stands against somebody's appointment, as words for whoever reads it. Pure: it advises and forbids nothing."""

from collections.abc import Collection


def conflicts(
    *, name: str = "", serving_dcs_of: str = "", runs_improvement_partner: bool = False, directors=()
) -> list[str]:
    """Return the conflicts of interest of one appointment, each as a sentence; [] where none is known.

    `serving_dcs_of`: the council whose director they are said to be, "" where none. `directors`: (name of the
    director of children's services, name of the council) of the day, to be compared with `name`.
    """
    found = []
    if serving_dcs_of:
        found.append(f"Is the serving director of children’s services of {serving_dcs_of}.")
    else:
        found += [
            f"Has the name of the serving director of children’s services of {council}."
            for council in _councils_of(name, directors)
        ]
    if runs_improvement_partner:
        found.append("Runs the improvement partner.")
    return found


def _councils_of(name: str, directors: Collection[tuple[str, str]]) -> list[str]:
    wanted = same_name(name)
    return [council for director, council in directors if wanted and same_name(director) == wanted]


def same_name(name: str) -> str:
    """Return a name as it is compared: without case and runs of spaces."""
    return " ".join(name.split()).casefold()
