"""Statements that are put together once: Django's longest part of a page that asks much is to write its queries."""

from functools import lru_cache, wraps


def put_together_once(build):
    """Keep the queryset that `build` returns for each set of arguments; ask the database anew each time.

    Its arguments are the whole of what it rests on: days, numbers in tuples, the viewer with today's grants. A page
    is filtered, sorted and come back to by one reader within a day, and asks the same each time. Nothing that the
    database answers is kept: what a call returns has not been evaluated, and is a copy.
    """
    kept = lru_cache(maxsize=256)(build)

    @wraps(build)
    def unevaluated(*args):
        return kept(*args).all()

    return unevaluated
