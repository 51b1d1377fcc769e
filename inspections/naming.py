"""Which council a published file means: by code where it is given, else by name, with the day to help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class KnownCouncil:
    """A council to recognise. It existed from `from_on` (inclusive) until `until_on` (exclusive)."""

    la_code: str
    names: tuple[str, ...]
    from_on: date | None = None
    until_on: date | None = None

    def existed_on(self, day: date) -> bool:
        """Whether the council existed on that day."""
        return (self.from_on is None or self.from_on <= day) and (
            self.until_on is None or day < self.until_on
        )


class CouncilNames:
    """Finds councils by the codes and names that files use.

    Built once from all councils; called with what a row gives, it returns the DfE code or None. Names are
    compared without case, space, full stops and commas, with "&" as "and". A name of two councils (Dorset)
    means the one that existed on `on`. A DfE code beats the name: the file that gives one has names of its own.
    GSS codes are not looked at, because one file gives three councils their predecessors' codes.
    """

    def __init__(self, councils: Iterable[KnownCouncil]):
        self._by_code: dict[str, KnownCouncil] = {}
        self._by_name: dict[str, list[KnownCouncil]] = {}
        for council in councils:
            self._by_code[council.la_code] = council
            for name in {folded(name) for name in council.names}:
                self._by_name.setdefault(name, []).append(council)

    def __call__(self, *, name: str, la_code: str = "", on: date) -> str | None:
        """The DfE code of the council meant, or None where it is not known or can't be told apart."""
        if la_code:
            return la_code if la_code in self._by_code else None
        named = self._by_name.get(folded(name), [])
        if len(named) > 1:
            named = [council for council in named if council.existed_on(on)]
        return named[0].la_code if len(named) == 1 else None


def folded(name: str) -> str:
    """A name for comparing."""
    plain = name.casefold().replace("&", " and ").replace(".", " ").replace(",", " ").replace("’", "'")
    return " ".join(plain.split())
