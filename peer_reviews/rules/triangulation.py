"""Whether a finding rests on enough. Pure. Rule: section 6, point 5. The sources are counted in `rules.coverage`."""

NEEDED = 2


def is_triangulated(sources):
    """Say whether so many independent sources are enough."""
    return sources >= NEEDED
