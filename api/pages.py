"""A list in pages: by number, each page beginning after the last row of the one before, whatever changes meanwhile."""

import re

from django.http.request import QueryDict

from api.problems import in_fields

SIZE, AT_MOST = 100, 200
PARAMETERS = ("after", "before", "page_size")
# What a row's key looks like in a link: a number that a database takes, or a slug.
KEYS = {int: re.compile(r"[0-9]{1,18}"), str: re.compile(r"[A-Za-z0-9_-]{1,200}")}


class Page:
    """The part of a list that an address asks for: `page_size` rows after, or before, the row of a key."""

    def __init__(self, query: QueryDict, *, key="pk", of=int):
        self.query, self.key, self.of = query, key, of
        self.size = self._size()
        self.after, self.before = self._bound("after"), self._bound("before")
        if self.after is not None and self.before is not None:
            raise in_fields(
                [{"field": "before", "detail": "Ask for what is after a row or before one, not both."}]
            )

    def rows_of(self, queryset):
        """Return the queryset of this page and one row more, which says whether the list goes on."""
        if self.before is not None:
            kept = queryset.filter(**{f"{self.key}__lt": self.before}).order_by(f"-{self.key}")
        else:
            kept = queryset if self.after is None else queryset.filter(**{f"{self.key}__gt": self.after})
            kept = kept.order_by(self.key)
        return kept[: self.size + 1]

    def part_of(self, rows):
        """Return the same of rows that are in memory, ordered by their key."""
        if self.before is not None:
            return [row for row in reversed(rows) if row[self.key] < self.before][: self.size + 1]
        return [row for row in rows if self.after is None or row[self.key] > self.after][: self.size + 1]

    def answer(self, rows, key_of, address):
        """Return {next, previous, results} of the rows that `rows_of` gave."""
        more = len(rows) > self.size
        rows = rows[: self.size]
        if self.before is not None:
            rows.reverse()
        backwards = self.before is not None
        goes_on = backwards or more
        came_from = more if backwards else self.after is not None
        return {
            "next": self._link(address, "after", key_of(rows[-1])) if rows and goes_on else None,
            "previous": self._link(address, "before", key_of(rows[0])) if rows and came_from else None,
            "results": rows,
        }

    def _link(self, address, name, key):
        query = self.query.copy()
        for other in ("after", "before"):
            query.pop(other, None)
        query[name] = key
        return f"{address}?{query.urlencode()}"

    def _size(self):
        text = self.query.get("page_size", "")
        if not text:
            return SIZE
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and 1 <= int(text) <= AT_MOST):
            raise in_fields([{"field": "page_size", "detail": f"Choose a number from 1 to {AT_MOST}."}])
        return int(text)

    def _bound(self, name):
        text = self.query.get(name, "")
        if not text:
            return None
        if not KEYS[self.of].fullmatch(text):
            raise in_fields(
                [{"field": name, "detail": "Use the link “next” or “previous” of a page as it is."}]
            )
        return self.of(text)
