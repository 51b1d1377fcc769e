"""Find the council that a published file means by a name or a code."""

from collections import defaultdict

from councils.models import Council, CouncilCode, CouncilName


def fold(name):
    """Return a name without case and without spare space, to be compared."""
    return " ".join(str(name).split()).casefold()


class CouncilMatcher:
    """Every name and code of the real councils, read once by `load`; then `match` asks no database."""

    def __init__(self, councils, names, urns):
        """`councils`: Council objects; `names`: (folded name, pk) pairs; `urns`: (Ofsted URN, pk) pairs."""
        by_pk = {council.pk: council for council in councils}
        self._by_la_code = {council.la_code: council for council in councils}
        self._by_urn = {urn: by_pk[pk] for urn, pk in urns}
        self._by_name = defaultdict(list)
        for folded, pk in names:
            self._by_name[folded].append(by_pk[pk])

    @classmethod
    def load(cls):
        """Read councils, names and Ofsted URNs in three queries; invented councils are never matched."""
        return cls(
            councils=list(Council.objects.real()),
            names=CouncilName.objects.filter(council__demonstration=False).values_list(
                "folded", "council_id"
            ),
            urns=CouncilCode.objects.filter(
                scheme=CouncilCode.Scheme.OFSTED, council__demonstration=False
            ).values_list("code", "council_id"),
        )

    def match(self, name=None, la_code=None, urn=None, on=None):
        """Return the Council meant, or None where none is, or where two could be and `on` doesn't tell.

        The DfE code decides, then the Ofsted URN, then the name. "Dorset" is two councils: it is the one that
        existed on the day `on`.
        """
        return (
            self._by_la_code.get(_code(la_code))
            or self._by_urn.get(_code(urn))
            or self._named(fold(name or ""), on)
        )

    def _named(self, folded, on):
        candidates = self._by_name.get(folded, [])
        if len(candidates) > 1 and on is not None:
            candidates = [council for council in candidates if council.existed_on(on)]
        return candidates[0] if len(candidates) == 1 else None


def _code(value):
    """Return a code as text; spreadsheets give whole numbers as 301.0."""
    return str(value).strip().removesuffix(".0") if value is not None else ""
